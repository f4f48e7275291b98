/* SPDX-License-Identifier: Apache-2.0 */
/* Inside feature/soa only. */
#pragma once

#include "core/work.h"
#include "feature/soa/soa.h"

/* --- soa_rows.c --- */
/* The statement, and with it all controls of one set that is only a library (0 = of none). */
struct err *soa_rows_with(struct web *w, i64 library, struct soa_table *out) MUST_CHECK;
/* A reason of this kind among those of the row. */
bool soa_has(const struct soa_row *r, const char *kind);
/* Counts the rows into the totals of the table. */
void soa_count(struct soa_table *t);
/* Reasons as text: "R-12, R-7, Baseline". */
const char *soa_reasons_text(struct web *w, const struct soa_row *r);
/* "EV-1, EV-7; Restore reports in the IT folder". */
const char *soa_evidence_text(struct web *w, const struct soa_row *r);
const char *soa_theme_label(const char *theme);
const char *soa_status_label(const char *status);

/* --- soa_grounds.c: decisions and what they rest on --- */
/* Sets grounds, changed and rejustify of a row that has its reasons. */
void soa_find_changed(struct web *w, struct soa_row *r);
/* Sets `doubt` of the rows, which are still in the order of their ids. */
struct err *soa_find_doubts(struct web *w, struct soa_table *t) MUST_CHECK;
/* POST: the decision about a control stands, with the reasons of today; of all when the form says
 * so and only new reasons came. */
struct err *soa_confirm_post(struct web *w);

/* --- soa_body.c --- */
/* The same as JSON for the API, with what only the live table has. */
json_t *soa_json(struct web *w, const struct soa_table *t, bool live);

/* --- soa_view.c: the table on a page --- */
struct soa_filter {
    const char *q, *theme, *applicable, *status, *show;
};
bool soa_matches(struct web *w, const struct soa_filter *f, const struct soa_row *r);
void soa_draw_reasons(struct web *w, const struct soa_row *r, size_t most);
/* Returns how many rows were drawn. */
size_t soa_draw_table(struct web *w, const struct soa_table *t, const struct soa_filter *f,
                      bool live);

/* --- soa_web.c --- */
struct err *soa_page(struct web *w);
/* The statement with a refusal above it (status 422). */
struct err *soa_refuse_submit(struct web *w, const struct soa_table *t,
                              const struct issues *blockers);

/* --- soa_decide.c --- */
struct err *soa_decide_page(struct web *w);
struct err *soa_decide_post(struct web *w);
struct err *soa_decide_all(struct web *w);

/* --- soa_version.c --- */
struct err *soa_submit_prepare(struct web *w);
struct err *soa_submit(struct web *w);
struct err *soa_version_page(struct web *w);
struct err *soa_approve_post(struct web *w);
struct err *soa_refuse_post(struct web *w);

/* --- soa_compare.c: two versions side by side, or one and today's statement --- */
struct err *soa_compare_page(struct web *w);
struct err *soa_compare_api(struct web *w);

/* --- soa_work.c --- */
/* Tasks for what an approved version wants done and nobody is at: `*made` of them. */
struct err *soa_make_tasks(struct web *w, const struct soa *s, i64 *made) MUST_CHECK;
/* How many there would be. */
struct err *soa_count_tasks(struct web *w, const struct soa_table *t, i64 *count) MUST_CHECK;

extern const struct work_source soa_work[];

/* --- soa_words.c: in the reader's language --- */
const char *soa_reason_told(struct web *w, const struct soa_reason *r);
/* Scope, method and assessment as they are frozen or read become what the reader is shown. */
void soa_facts_told(struct web *w, struct soa_table *t);
const char *soa_state_told(const struct soa *s);

/* --- soa_export.c, soa_pdf.c --- */
/* A spreadsheet as the answer: `fill` writes it. */
struct xlsx;
struct err *soa_answer_workbook(struct web *w, const char *name,
                                void (*fill)(struct web *w, void *ctx, struct xlsx *x), void *ctx);
/* Where a statement comes from, for the head of a file. */
struct soa_source {
    struct soa_table table;
    struct soa version;              /* id 0 = the live draft */
    i64 draft;                       /* number of the draft */
    const char *approver, *approved; /* "" until approved */
    const char *origin, *root;       /* of the log */
    i64 size;
};
struct err *soa_export(struct web *w);
struct err *soa_api(struct web *w);
struct err *soa_api_versions(struct web *w);
struct err *soa_pdf(struct web *w, const struct soa_source *s, struct bytes *out);
/* The version that "3" or "SOA-3" names. */
struct err *soa_find_version(struct web *w, const char *text, struct soa *out) MUST_CHECK;
/* The version that waits for approval; out->id = 0 when there is none. */
struct err *soa_waiting(struct web *w, struct soa *out) MUST_CHECK;
struct err *soa_next_number(struct web *w, i64 *out) MUST_CHECK;
