/* SPDX-License-Identifier: Apache-2.0 */
/* Inside feature/comment only. */
#pragma once

#include "core/grant.h"
#include "core/list.h"
#include "core/page.h"
#include "feature/comment/comment.h"

#define COMMENT_MOST 10000 /* characters of a text */

struct named {
    i64 id, number;
    const char *name, *job;
};
struct named_list {
    struct named *list;
    size_t count;
};

/* --- comment_store.c: reading and writing --- */
/* A comment with the names that its page shows. */
struct said {
    struct comment c;
    const char *author, *asked, *resolved_by, *removed_by;
    struct named_list names; /* of c.mentioned */
};
/* One comment by the ":no" of the address or by id, whoever asks; ERR_MISSING. */
struct err *comment_asked(struct web *w, struct said *out) MUST_CHECK;
struct err *comment_load(struct web *w, i64 id, struct said *out) MUST_CHECK;
/* The thread of a comment: what began it and the replies, oldest first. */
struct err *comment_thread(struct web *w, i64 root, struct said **out, size_t *count) MUST_CHECK;
/* Threads about a record: the newest `limit` before `before` (0 = all), oldest first, each followed
 * by its replies; `*more` when there are older ones. */
struct comment_page {
    i64 about, before;
    int limit;
    struct said *list;
    size_t count;
    bool more;
};
struct err *comment_about(struct web *w, struct comment_page *page) MUST_CHECK;
/* NULL when the person of `w` may see the thread that begins with `root`, else ERR_MISSING. The
 * record that it is about goes to `head`, hidden or not. */
struct err *comment_must_see(struct web *w, const struct comment *root, struct record_head *head)
    MUST_CHECK;
/* Loads the comment of the address, what began its thread and the record; ERR_MISSING unless the
 * person may see them. */
struct comment_place {
    struct said said, root;
    struct record_head head;
};
struct err *comment_place(struct web *w, struct comment_place *out) MUST_CHECK;
/* Stores a text: new when c->id is 0. Sets title, times, author, mentions. */
struct err *comment_store(struct web *w, struct comment *c, struct issues *issues) MUST_CHECK;
/* Sets c->mentioned from the text. */
struct err *comment_find_mentions(struct web *w, struct comment *c, struct issues *issues)
    MUST_CHECK;
/* Stores a change that is not of the text. */
struct err *comment_change(struct web *w, struct comment *c, const char *reason) MUST_CHECK;

bool comment_removed(const struct comment *c);
/* May close, open again or accept: the author of the thread, or who may write the record. */
bool comment_may_settle(struct web *w, const struct comment *root, const struct record_head *head);
bool comment_may_edit(struct web *w, const struct comment *c);
bool comment_may_remove(struct web *w, const struct comment *c);

/* --- comment_tell.c: who is told what --- */
enum comment_event {
    TOLD_COMMENT,
    TOLD_MENTION,
    TOLD_REPLY,
    TOLD_QUESTION,
    TOLD_ANSWER,
    TOLD_ACCEPTED,
    TOLD_RESOLVED
};
/* Tells the people whom `c` concerns. In the transaction that stores it. */
struct err *comment_tell(struct web *w, const struct comment *c, const struct comment *root,
                         enum comment_event event) MUST_CHECK;

/* --- comment_people.c: whom one may name --- */
/* People whose name begins with `text` (or any word of it), whom this person may name here; for an
 * empty text the likely ones first. At most `limit`. */
struct naming {
    const char *text;
    i64 about, root; /* the place: 0 = none */
    int limit;
};
struct err *comment_names(struct web *w, const struct naming *n, struct named_list *out) MUST_CHECK;
/* The people whom the text mentions, as "@Anna Berg", "@Anna" when only one fits, or "@P-12".
 * A name that fits several people is an issue of "body". */
struct err *comment_mentions(struct web *w, const struct comment *c, struct named_list *out,
                             struct issues *issues) MUST_CHECK;
/* GET: people for the picker, as options of a list. */
struct err *comment_people_page(struct web *w) MUST_CHECK;

/* --- comment_view.c: drawing --- */
/* The text as HTML, with links of record numbers and marked names. */
void comment_draw_body(struct web *w, const char *body, const struct named_list *names);
/* A thread: what began it first. `open`: a resolved one is unfolded too. */
struct thread {
    const struct said *list;
    size_t count;
    const struct record_head *head;
    bool open;
};
struct err *comment_draw_thread(struct web *w, const struct thread *t) MUST_CHECK;
/* A form for a text: field, preview, button. */
struct comment_form {
    const char *id, *to;        /* of the field; address it is sent to, below the organisation */
    const char *label, *submit; /* words of the field and the button */
    const char *value;
    i64 version;                 /* of what is changed, 0 = new */
    i64 about, root;             /* the place, for the picker of names */
    const struct issues *issues; /* or NULL */
};
void comment_draw_form(struct web *w, const struct comment_form *f);
/* The field and the hint alone, inside a form that is open. */
void comment_draw_field(struct web *w, const struct comment_form *f);
/* The tab on the page of a record, and its figure. */
struct err *comment_panel(struct web *w, const struct entity *e, const void *record) MUST_CHECK;
struct err *comment_panel_count(struct web *w, const struct entity *e, i64 record, i64 *out)
    MUST_CHECK;
/* The tab that tells who sees the record and why (comment_access.c). */
struct err *access_panel(struct web *w, const struct entity *e, const void *record) MUST_CHECK;
struct err *access_panel_count(struct web *w, const struct entity *e, i64 record, i64 *out)
    MUST_CHECK;
struct err *access_end(struct web *w) MUST_CHECK;
/* Where a comment stands: on the tab of its record, or on the page of its thread. */
const char *comment_url(struct web *w, const struct comment *c, const struct record_head *head);
/* The line that leads to the record. */
void comment_draw_about(struct web *w, const struct comment *root, const struct record_head *head);

/* --- handlers: comment_web.c, comment_state.c, comment_question.c, comment_api.c --- */
struct err *comment_list(struct web *w) MUST_CHECK;
struct err *comment_show(struct web *w) MUST_CHECK;
struct err *comment_history(struct web *w) MUST_CHECK;
struct err *comment_edit(struct web *w) MUST_CHECK;
struct err *comment_save(struct web *w) MUST_CHECK;
struct err *comment_add(struct web *w) MUST_CHECK;
struct err *comment_reply(struct web *w) MUST_CHECK;
struct err *comment_preview(struct web *w) MUST_CHECK;
/* The same for any Markdown field of a form: "_preview" names it. */
struct err *comment_preview_any(struct web *w) MUST_CHECK;

struct err *comment_resolve(struct web *w) MUST_CHECK;
struct err *comment_reopen(struct web *w) MUST_CHECK;
struct err *comment_accept(struct web *w) MUST_CHECK;
struct err *comment_remove(struct web *w) MUST_CHECK;
struct err *comment_put_back(struct web *w) MUST_CHECK;
struct err *comment_share(struct web *w) MUST_CHECK;
struct err *comment_unshare(struct web *w) MUST_CHECK;

struct err *question_list(struct web *w) MUST_CHECK;
struct err *question_new(struct web *w) MUST_CHECK;
struct err *question_add(struct web *w) MUST_CHECK;

struct err *comment_api_list(struct web *w) MUST_CHECK;
struct err *comment_api_add(struct web *w) MUST_CHECK;
