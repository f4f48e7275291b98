/* SPDX-License-Identifier: Apache-2.0 */
/* Inside feature/assessment only. */
#pragma once

#include "feature/assessment/assessment.h"

/* A frozen register, read back. */
struct report {
    struct web *w;
    const json_t *whole, *bands;
    const json_t **risks; /* highest first */
    size_t count;
    struct rows *people; /* number, name */
};
#define TOP 10
#define BODY_MOST 500 /* risks that the text itself holds, the highest ones */
struct err *report_open(struct web *w, const char *body, struct report *out) MUST_CHECK;
/* A member of an object; "" or 0 when it is not there. */
const char *report_text(const json_t *o, const char *name);
i64 report_num(const json_t *o, const char *name);
/* The name of a person today, by number. */
const char *report_person(const struct report *p, i64 number);
/* Label and tone of a band, as they were. */
void report_band(const struct report *p, const char *code, const char **label, const char **tone);
/* Option and state of a frozen treatment, and "Plan: approved by A on D", in the reader's words. */
const char *report_option(const json_t *treatment);
const char *report_state(const json_t *treatment);
const char *report_decision(const struct report *p, const json_t *decision);
size_t report_count(const struct report *p, const char *band); /* risks in a band */
size_t report_all(const struct report *p); /* risks in all: the text may hold fewer */

/* Draws a frozen register: figures per band, the ten highest risks, and those that the text holds.
 */
struct err *assessment_report(struct web *w, const struct assessment *a) MUST_CHECK;

/* --- the frozen register as rows (assessment_snapshot.c) --- */
/* Copies all open risks and counts them; `*risks` = how many. In the writing phase, once a round.
 */
struct err *snapshot_write(struct web *w, i64 id, i64 *risks) MUST_CHECK;
/* The SHA-256 over all rows in the order of their numbers, in hex. Memory does not grow with them.
 */
struct err *snapshot_hash(struct web *w, i64 id, i64 *risks, const char **hex) MUST_CHECK;
/* Computes all levels of a frozen register again from its inputs and method versions. */
struct rerun {
    i64 risks, differ;
};
struct err *snapshot_rerun(struct web *w, i64 id, struct rerun *out) MUST_CHECK;
/* `*wrong` = what does not fit the body any more, the middle of a sentence, or NULL. */
struct err *snapshot_check(struct web *w, i64 id, const char *body, const char **wrong) MUST_CHECK;
struct err *assessment_verify(struct web *w, feature_tell *tell, void *ctx) MUST_CHECK;

/* One frozen risk. */
enum { FROZEN_INHERENT, FROZEN_CURRENT, FROZEN_RESIDUAL, FROZEN_LEVELS };
enum {
    FROZEN_DESCRIPTION,
    FROZEN_THREAT,
    FROZEN_WEAKNESS,
    FROZEN_RATIONALE,
    FROZEN_CONTROLS,
    FROZEN_REASON,
    FROZEN_REVIEW,
    FROZEN_ASSETS,
    FROZEN_TREATMENTS,
    FROZEN_TEXTS
};
struct frozen {
    i64 number, risk, properties, owner, method;
    struct frozen_level {
        i64 likelihood, impact, score; /* 0 = not scored */
        const char *band;
        const char *axes; /* of the impact; NULL where it is one number */
    } level[FROZEN_LEVELS];
    const char *title, *text[FROZEN_TEXTS]; /* "" when empty */
};
/* The frozen risks whose numbers are in the JSON array, by number. */
struct err *frozen_load(struct web *w, i64 assessment, const char *numbers, struct frozen **out,
                        size_t *count) MUST_CHECK;

/* --- comparing two of them (assessment_compare.c) --- */
enum change_what { CHANGE_GONE = 1, CHANGE_NEW, CHANGE_BOTH };
struct change_row {
    i64 number;
    unsigned char what;
    signed char way;     /* of what the risk weighs: 1 higher, -1 lower */
    unsigned short mask; /* of change_fields; 0 with CHANGE_BOTH = unchanged */
};
struct change_field {
    const char *code, *label;
};
#define CHANGE_FIELDS 13
extern const struct change_field change_fields[CHANGE_FIELDS];
struct comparison {
    struct assessment older, newer;
    bool none;               /* there are no two closed rounds: nothing else is set */
    struct change_row *rows; /* of both, by number */
    size_t count, gone, fresh, changed, same, higher, lower, by_field[CHANGE_FIELDS];
    /* what is asked for */
    const char
        *show; /* "all" (what differs), "new", "gone", "changed", "same", "higher", "lower" */
    int field; /* index, -1 = any */
};
/* Reads what to compare from the address (older, newer, show, field) and compares: one query.
 * ERR_BAD, ERR_MISSING with a sentence. Rounds that the address does not name are the last two. */
struct err *comparison_asked(struct web *w, struct comparison *c) MUST_CHECK;
/* The same for given rounds ("AS-1"; NULL = the last ones). */
struct err *comparison_make(struct web *w, const char *older, const char *newer,
                            struct comparison *c) MUST_CHECK;
bool comparison_shows(const struct comparison *c, const struct change_row *r);
/* At most `most` rows that are shown, after row `*at`, which moves on; what differs in each. */
struct told_field {
    const char *label, *before, *after;
};
struct told_change {
    const struct change_row *row;
    i64 risk;
    const char *title, *reasons;         /* why, as the log has it; one a line, "" = none given */
    const struct frozen *before, *after; /* NULL where there is none */
    struct told_field fields[CHANGE_FIELDS + 4];
    size_t count;
};
struct err *comparison_told(struct web *w, const struct comparison *c, size_t *at, size_t most,
                            struct told_change **out, size_t *count) MUST_CHECK;
const char *comparison_word(const struct change_row *r); /* "New", "Gone", "Changed", "Unchanged" */
/* Name of a frozen level's band, by method version. */
struct err *frozen_bands(struct web *w, struct rows **out) MUST_CHECK;
const char *frozen_text(struct web *w, struct rows *bands, i64 method, const struct frozen_level *l,
                        const char **tone);

/* Pages. */
struct err *compare_page(struct web *w);
struct err *compare_export(struct web *w);
struct err *compare_api(struct web *w);
struct err *trend_page(struct web *w);
struct err *trend_api(struct web *w);
struct err *register_page(struct web *w);
struct err *register_api(struct web *w);
struct cli;
int compare_command(struct cli *c);
int rerun_command(struct cli *c);
struct err *assessment_list(struct web *w);
struct err *assessment_show(struct web *w);
struct err *assessment_close_prepare(struct web *w);
struct err *assessment_close(struct web *w);
struct err *assessment_decide(struct web *w);
struct err *assessment_pdf(struct web *w); /* the report as a file */
