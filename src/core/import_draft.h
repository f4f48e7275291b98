/* SPDX-License-Identifier: Apache-2.0 */
/* Inside core/import_{draft,facts,web,view,marked}.c only: a file between upload and import. It
 * lies in the store, in parts, so that any server of an installation can go on with it; it belongs
 * to the account that sent it; nothing of it is evidence. */
#pragma once

#include "core/import_part.h"

#define DRAFT_DAYS 7
#define DRAFTS_MOST 5 /* of one account in an organisation; the oldest goes */
#define DRAFT_PAGE 50 /* rows on a page of the preview */

struct import_draft {
    i64 id, at, size, rows_done, rows_all, import, job;
    const char *token, *kind, *state, *name, *hash, *problem;
    json_t *settings, *facts;
    const struct entity *e;
};

/* Keeps a file: outside a transaction. */
struct err *draft_new(struct web *w, const struct entity *e, const struct upload *u,
                      struct import_draft *out) MUST_CHECK;
/* The draft of the address, of this account only: ERR_MISSING else. In a transaction. */
struct err *draft_load(struct web *w, const struct entity *e, const char *token,
                       struct import_draft *out) MUST_CHECK;
/* For jobs, which know its token: whoever's it is. */
struct err *draft_load_any(struct web *w, const char *token, struct import_draft *out) MUST_CHECK;
/* Its file. */
struct err *draft_file(struct web *w, const struct import_draft *d, FILE **out) MUST_CHECK;
/* Reads the file under d->settings and checks all rows, here or in a job when there are many; what
 * was found is kept. A file that cannot be read is no error: d->problem says why. */
struct err *draft_study(struct web *w, struct import_draft *d) MUST_CHECK;
/* Imports it, here or in a job. Rows that became wrong meanwhile: it is as after draft_study. */
struct err *draft_run(struct web *w, struct import_draft *d, bool good_rows) MUST_CHECK;
/* The same in the job that was started for it. */
struct err *draft_job_check(struct web *w, const char *token) MUST_CHECK;
struct err *draft_job_run(struct web *w, const char *token) MUST_CHECK;
struct err *draft_drop(struct web *w, const struct import_draft *d) MUST_CHECK;
/* Removes what nobody wants any more; a periodic job. */
struct err *draft_clean(struct web *w, const char *body) MUST_CHECK;
/* What is known after a check, for the page: see import_facts.c. */
json_t *import_facts(struct importing *im);

/* A row of the preview. */
struct draft_row {
    i64 row, record;
    const char *fate, *title;
    json_t *changes, *problems; /* [[field, before, after]], [[column, field, text]] */
};
/* Up to `limit` rows after row `after` of one fate (NULL or "" = all). In a transaction. */
struct err *draft_rows(struct web *w, const struct import_draft *d, const char *fate, i64 after,
                       int limit, struct draft_row **out, size_t *count) MUST_CHECK;

/* --- pages (import_view.c, import_steps.c) --- */
struct err *import_draw_upload(struct web *w, const struct entity *e) MUST_CHECK;
struct err *import_draw_draft(struct web *w, const struct import_draft *d) MUST_CHECK;
/* The cards above the preview: file, columns, values, what is missing, who is unknown. */
void import_draw_steps(struct web *w, const struct import_draft *d);
/* How many new rows are wrong because no column gives them the field. */
i64 import_draft_lacking(const struct import_draft *d, const struct field *f);
/* The settings that the posted form of these cards says. */
struct err *import_form_settings(struct web *w, const struct import_draft *d, json_t **out)
    MUST_CHECK;
void import_hidden_tokens(struct web *w);
/* The file with what is wrong beside it, as an answer. In a read transaction. */
struct err *import_marked(struct web *w, const struct import_draft *d, bool xlsx, bool wrong_only)
    MUST_CHECK;
