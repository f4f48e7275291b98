/* SPDX-License-Identifier: Apache-2.0 */
/* Inside feature/soa only. */
#pragma once

#include "feature/soa/soa.h"

/* --- soa_rows.c --- */
/* A reason of this kind among those of the row. */
bool soa_has(const struct soa_row *r, const char *kind);
/* Counts the rows into the totals of the table. */
void soa_count(struct soa_table *t);
/* Reasons as text: "R-12, R-7, Baseline". */
const char *soa_reasons_text(struct web *w, const struct soa_row *r);
const char *soa_theme_label(const char *theme);
const char *soa_status_label(const char *status);

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

/* --- soa_export.c, soa_pdf.c --- */
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
