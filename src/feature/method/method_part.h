/* SPDX-License-Identifier: Apache-2.0 */
/* Inside feature/method only: scales as a struct, their JSON, and handlers of the pages. */
#pragma once

#include "core/work.h"
#include "feature/method/method.h"

#define METHOD_AXES_MOST 12
#define METHOD_BANDS 4
#define METHOD_SCORE_MOST 1000
#define METHOD_TRIGGERS_ALL 255 /* bits of method.triggers */

/* Everything of a version that is more than a field: levels, axes, bands, matrix, and the map from
 * the levels of the version that it was made from. Levels stand at their number less one. */
struct scale_axis {
    const char *code, *label, *unit; /* unit: "words", "percent_revenue" or "amount" */
    i64 weight, never;
    const char *text[METHOD_LEVELS_MOST];
    const char *upto[METHOD_LEVELS_MOST]; /* a number as text, of units with numbers; or "" */
};
struct scales {
    i64 likelihoods, impacts;
    const char *likelihood[METHOD_LEVELS_MOST], *likelihood_text[METHOD_LEVELS_MOST];
    const char *likelihood_upto[METHOD_LEVELS_MOST]; /* times a year */
    const char *impact[METHOD_LEVELS_MOST];
    struct scale_axis axes[METHOD_AXES_MOST];
    size_t naxes;
    struct scale_band {
        const char *label, *meaning, *action; /* label NULL = the band is not used */
        i64 upto;                             /* its highest score; of the last band: any */
    } bands[METHOD_BANDS];
    i64 cells[METHOD_LEVELS_MOST][METHOD_LEVELS_MOST]; /* [likelihood][impact] */
    /* What levels of the version before become; the counts are 0 when there is none. */
    i64 before_likelihoods, before_impacts;
    i64 map_likelihood[METHOD_LEVELS_MOST], map_impact[METHOD_LEVELS_MOST];
};
extern const char *const scale_bands[METHOD_BANDS]; /* "low" ... "critical" */
extern const char *const scale_tones[METHOD_BANDS];
extern const struct choice scale_units[];

/* --- method_scale.c --- */
/* The scales of a version, from its JSON, or from its rows when it has none. */
struct err *scales_load(struct web *w, const struct method *m, struct scales *out) MUST_CHECK;
const char *scales_text(struct arena *a, const struct scales *s);
json_t *scales_json(const struct scales *s);
/* From JSON that somebody gives; what does not fit becomes an issue. */
void scales_read(struct arena *a, const json_t *value, struct scales *out, struct issues *issues);
/* Everything that must hold before scales are kept. Fields are named like those of the forms. */
void scales_check(const struct scales *s, struct issues *out);
/* Band (index) of a score. */
size_t scales_band(const struct scales *s, i64 score);
i64 scales_highest(const struct scales *s);
/* The descriptor of an impact level: a line for each axis. */
const char *scales_impact_text(struct arena *a, const struct scales *s, i64 level);
/* For readers: texts that are still those of content/ in their language. */
void scales_translate(struct arena *a, struct scales *s);
/* Sets the map to the even one: the lowest to the lowest, the highest to the highest. */
void scales_even_map(struct scales *s, i64 likelihoods, i64 impacts);
/* "more than 0.1 up to 0.5 % of yearly revenue", or "" when the level has no numbers. */
const char *scales_bounds(struct arena *a, const struct scale_axis *axis, i64 levels, i64 level);
const char *scales_times(struct arena *a, const struct scales *s, i64 level);

/* --- method_seed.c --- */
struct err *scales_preset(struct web *w, const char *code, struct method *m, struct scales *s)
    MUST_CHECK;
/* Fills the matrix: "product", "impact" (impact counts more), "sum", "mirror" (symmetrical). False
 * when there is no such way. */
bool scales_fill(struct scales *s, const char *way);

/* --- method_derive.c --- */
/* Writes the rows of levels, cells and bands out of the scales. */
struct err *method_rows(struct web *w, const struct method *m, const struct scales *s) MUST_CHECK;
/* Writes scales and record: entity_write, rows, and what was scored with this draft. */
struct err *method_store(struct web *w, struct method *m, const struct scales *s,
                         const char *reason, struct issues *out) MUST_CHECK;
/* Writes method_moved for the approval of `m`. */
struct err *method_moved_rows(struct web *w, const struct method *m, const struct scales *s)
    MUST_CHECK;

/* --- method_axis.c --- */
/* An issue when a draft takes away axes, weights or the rule that risks were judged with. */
struct err *method_keeps_axes(struct web *w, const struct method *old, const struct method *now,
                              struct issues *out) MUST_CHECK;

/* --- method_version.c: life of a version --- */
struct err *method_new_version(struct web *w, const struct method *from, struct method *out)
    MUST_CHECK;
struct err *method_version_post(struct web *w);
struct err *method_preset_post(struct web *w);
struct err *method_submit_post(struct web *w);
struct err *method_withdraw_post(struct web *w);
struct err *method_approve_post(struct web *w);
struct err *method_discard_post(struct web *w);
extern const struct job_kind method_jobs[];
extern const struct work_source method_work[];
/* ERR_CLASH when the version may not be changed any more. */
struct err *method_must_be_draft(const struct method *m) MUST_CHECK;
/* What must be mended before a version can be submitted or approved. */
struct err *method_ready(struct web *w, const struct method *m, struct issues *out) MUST_CHECK;

/* --- method_edit.c, method_matrix.c: scales and matrix --- */
struct err *method_scales_form(struct web *w);
struct err *method_scales_post(struct web *w);
struct err *method_matrix_form(struct web *w);
struct err *method_matrix_post(struct web *w);
/* A label with its input, hint and error. */
struct scale_input {
    const char *name, *label, *value, *hint;
    bool lines, number, focus;
};
void scale_input(struct web *w, const struct scale_input *in, const struct issues *issues);
/* The form's value, trimmed; `otherwise` when the form does not have it. */
const char *scale_sent(struct web *w, const char *otherwise, const char *format, ...) PRINTF(3, 4);

/* --- method_move.c: what a new version moves --- */
struct err *method_move_page(struct web *w);
struct err *method_move_post(struct web *w);
struct method_moves {
    i64 risks, scored;     /* open or closed risks of the version before; with any level */
    i64 band, over, under; /* whose band moves; that come above, below the acceptance level */
    i64 from_to[METHOD_BANDS + 1][METHOD_BANDS + 1]; /* the last one: not scored */
};
struct err *method_count_moves(struct web *w, const struct method *m, struct method_moves *out)
    MUST_CHECK;

/* --- pages --- */
struct err *method_asked(struct web *w, struct method *m) MUST_CHECK; /* that the address names */
struct err *method_show(struct web *w);
struct err *method_save(struct web *w);
struct err *method_document(struct web *w);
struct err *method_document_pdf(struct web *w);
struct err *method_document_docx(struct web *w);
/* What the document says about rules, as sentences: label and text. */
struct method_rule {
    const char *label, *text;
};
struct err *method_rules(struct web *w, const struct method *m, const struct scales *s,
                         struct method_rule **out, size_t *count) MUST_CHECK;

/* --- method_api.c --- */
struct err *method_api_get(struct web *w);
struct err *method_api_moves(struct web *w);
struct err *method_api_post(struct web *w);
extern const struct command method_commands[];
