/* SPDX-License-Identifier: Apache-2.0 */
/* Saved views: the parameters of a list's address under a name. A person's own, or shared with the
 * organisation; one of them may be what the list opens with, for a person or for everybody. They
 * are no records and no evidence (class scratch): whoever opens a view sees in it what their rights
 * show them. */
#pragma once

#include "core/list.h"

#define VIEW_TITLE 80 /* characters */

/* To share views with the organisation, and to say which one a list opens with: "view.share". */
extern const struct permission view_share_right;

struct view {
    i64 id, person;
    const struct entity *entity;
    const char *title, *query; /* "state=open&sort=-score" */
    bool shared, mine;
    bool own_default, all_default; /* opens the list for this person, for everybody */
};

/* The views that this person may use, of a kind or (NULL) of all: own ones first, by title. */
struct err *view_list(struct web *w, const struct entity *e, struct view **out, size_t *count)
    MUST_CHECK;
/* ERR_MISSING for views of others that are not shared, and unknown ones. */
struct err *view_load(struct web *w, i64 id, struct view *out) MUST_CHECK;
/* Its list: "/o/acme/risks?view=12". */
const char *view_url(struct web *w, const struct view *v);

/* --- changing; wrong input adds issues and nothing is written --- */
/* Creates (id = 0) or changes `v`: entity, title, query, shared. A query that the list does not
 * understand is refused. Shared ones need view.share; one's own may be changed by oneself only,
 * shared ones also by who holds view.share. */
struct err *view_save(struct web *w, struct view *v, struct issues *out) MUST_CHECK;
struct err *view_remove(struct web *w, i64 id) MUST_CHECK;
/* Lets the list open with the view (`on`) or no longer; for everybody it has to be a shared one. */
struct err *view_default(struct web *w, const struct view *v, bool everybody, bool on,
                         struct issues *out) MUST_CHECK;

/* --- inside core/list* --- */
/* Puts the parameters of a saved view in the place of the request's: of `view=` when nothing else
 * is said, or the default one when a list page is asked for without any parameter. An unknown view
 * counts as none. */
struct err *view_apply(struct web *w, const struct entity *e) MUST_CHECK;
/* The panel of views: links, and the form that keeps the list as it is now. */
struct err *view_draw(struct web *w, const struct list_query *q) MUST_CHECK;
