/* SPDX-License-Identifier: Apache-2.0 */
/* Inside feature/report only. */
#pragma once

#include "core/entity.h"
#include "feature/method/method.h"
#include "feature/report/report.h"
#include "out/paper.h"

enum report_format { REPORT_PDF, REPORT_DOCX, REPORT_XLSX };

/* One report in the making. */
struct report {
    struct web *w;
    const struct report_kind *kind;
    const struct entity *entity; /* of a register; else NULL */
    enum report_format format;
    bool auditor; /* complete; else two pages for management */
    i64 limit;    /* rows of one table */
    struct paper *paper;
    struct method method;      /* in use; id 0 when there is none */
    struct method_ruler ruler; /* its axes */
    struct method_band *bands;
    size_t nbands;
    int pages; /* of a PDF, once made */
};

struct report_kind {
    const char *name, *title, *text, *clause;
    struct err *(*build)(struct report *r);
    bool wide;      /* landscape when complete */
    bool register_; /* of the records of one kind: "register-risks" */
};
extern const struct report_kind report_kinds[]; /* ended by {.name = NULL} */

/* "treatment-plan", "register-risks"; ERR_MISSING lists what there is, ERR_DENIED when this person
 * may not read what it shows. */
struct err *report_find(struct web *w, const char *name, struct report *out) MUST_CHECK;
/* "pdf", "docx", "xlsx" and "management", "auditor"; NULL or "" = the first. ERR_BAD otherwise. */
struct err *report_asked(struct report *r, const char *format, const char *reader) MUST_CHECK;
/* Makes the file: PDF and DOCX in `*out`, a workbook at a temporary path of its own. Reads only. */
struct report_file {
    struct bytes bytes;
    const char *path; /* of a workbook; the caller removes it */
    const char *name; /* "treatment-plan-2026-11-29.pdf" */
    const char *type;
};
struct err *report_make(struct report *r, struct report_file *out) MUST_CHECK;
/* True when it takes longer than somebody waits for a page. */
struct err *report_long(struct report *r, bool *out) MUST_CHECK;
/* The kinds of records that can be a register, for this person. */
size_t report_registers(struct web *w, const struct entity **out, size_t room);

/* --- parts that several reports have (report_part.c) --- */
/* "12 High" with the tone of the band; a dash when not scored. */
void report_level(struct report *r, i64 score, const char *label, const char *tone);
/* "R-12 Title". */
void report_record(struct report *r, const char *prefix, i64 number, const char *title);
/* A note how many rows of the table above were left out and where they are, when there are more. */
void report_cut(struct report *r, i64 shown, i64 all);
/* The same for a result whose given column is `count(*) over ()`. Rewinds it. */
void report_cut_rows(struct report *r, struct rows *rows, size_t column);
const char *report_text_of(struct report *r, const char *text); /* a dash for none */
#define report_printf(r, ...) arena_printf((r)->w->arena, __VA_ARGS__)
/* Heat maps of open risks: inherent, current and residual, or the last two. */
struct err *report_heats(struct report *r, bool all) MUST_CHECK;
/* Number of risks in each band at each level. */
struct err *report_bands(struct report *r) MUST_CHECK;
/* The controls of a treatment, "8.5, 8.13". */
struct err *report_controls(struct report *r, i64 treatment, const char **out) MUST_CHECK;

/* --- reports --- */
struct err *report_assessment(struct report *r);
struct err *report_maps(struct report *r);
struct err *report_top(struct report *r);
struct err *report_by_owner(struct report *r);
struct err *report_by_unit(struct report *r);
struct err *report_by_asset(struct report *r);
struct err *report_plan(struct report *r);
struct err *report_acceptances(struct report *r);
struct err *report_register(struct report *r);

/* --- pages --- */
struct err *report_page(struct web *w);
struct err *report_get(struct web *w);
struct err *report_start(struct web *w);
struct err *report_api(struct web *w);
struct err *report_api_get(struct web *w);
struct err *report_api_start(struct web *w);
struct err *report_job(struct web *w, const char *body);
struct cli;
int report_command(struct cli *c);
