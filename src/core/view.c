/* SPDX-License-Identifier: Apache-2.0 */
#include "core/view.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/list_part.h"
#include "core/page.h"
#include "net/server.h"

#define VIEWS_MOST 200 /* of one person and kind */
#define QUERY_MOST 4000

const struct permission view_share_right = {"view.share", "Share views of lists"};

/* --- reading --- */

/* $3 = the person who asks. */
#define VIEW_ROWS                                                                   \
    "select v.id, v.person, v.title, v.query, v.shared,"                            \
    " (select count(*) from view_default d where d.org_id = $1 and d.kind = v.kind" \
    " and d.person = $3 and d.view = v.id),"                                        \
    " (select count(*) from view_default d where d.org_id = $1 and d.kind = v.kind" \
    " and d.person = 0 and d.view = v.id), v.kind from saved_view v"

static void read_view(struct web *w, const struct rows *r, struct view *out)
{
    *out = (struct view){
        .id = row_num(r, 0),
        .person = row_num(r, 1),
        .title = row_text(r, 2),
        .query = row_text(r, 3),
        .shared = row_num(r, 4) != 0,
        .mine = w->person && row_num(r, 1) == w->person,
        .own_default = row_num(r, 5) != 0,
        .all_default = row_num(r, 6) != 0,
        .entity = feature_entity(row_text(r, 7)),
    };
}

struct err *view_list(struct web *w, const struct entity *e, struct view **out, size_t *count)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 VIEW_ROWS
                 " where v.org_id = $1 and ($2 = '' or v.kind = $2)"
                 " and (v.person = $3 or v.shared = 1)"
                 " order by v.kind, case when v.person = $3 then 0 else 1 end, v.title, v.id"
                 " limit 1000",
                 num(w->org), str(e ? e->name : ""), num(w->person ? w->person : -1)));
    *out = NEW_ARRAY(w->arena, struct view, row_count(r) + 1);
    *count = 0;
    while (row_next(r)) {
        read_view(w, r, &(*out)[*count]);
        *count += (*out)[*count].entity != NULL;
    }
    return NULL;
}

struct err *view_load(struct web *w, i64 id, struct view *out)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 VIEW_ROWS " where v.org_id = $1 and v.id = $2"
                           " and (v.person = $3 or v.shared = 1)",
                 num(w->org), num(id), num(w->person ? w->person : -1)));
    if (!row_next(r))
        return err_new(ERR_MISSING, "There is no such view here, or it is not shared with you.");
    read_view(w, r, out);
    if (!out->entity)
        return err_new(ERR_MISSING, "There is no such view here, or it is not shared with you.");
    return NULL;
}

const char *view_url(struct web *w, const struct view *v)
{
    return web_url(w, "/%s?view=%lld", v->entity->plural, v->id);
}

/* --- taking a view in --- */

/* The default for this person, else for everybody; 0 when the list opens with all. */
static struct err *default_view(struct web *w, const struct entity *e, i64 *out)
{
    struct rows *r;

    *out = 0;
    TRY(db_query(w->db, &r,
                 "select view from view_default where org_id = $1 and kind = $2"
                 " and (person = $3 or person = 0) order by person desc limit 1",
                 num(w->org), str(e->name), num(w->person)));
    if (row_next(r))
        *out = row_num(r, 0);
    return NULL;
}

/* The request says nothing about the list: only messages and the like. */
static bool says_nothing(const struct web *w, const char *but)
{
    static const char *const others[] = {"m", "undo", "asof", "facet", "panel"};

    for (size_t i = 0; i < w->req->query.count; i++) {
        const char *name = w->req->query.list[i].name;
        bool other = but && text_equal(name, but);

        for (size_t k = 0; k < COUNT_OF(others); k++)
            other |= text_equal(name, others[k]);
        if (!other)
            return false;
    }
    return true;
}

static bool is_list_page(struct web *w, const struct entity *e)
{
    return w->face == FACE_PAGE && w->slug && w->req->method == METHOD_GET &&
           text_equal(w->req->path, arena_printf(w->arena, "/o/%s/%s", w->slug, e->plural));
}

/* The view's parameters stand before those of the request. */
static struct err *expand(struct web *w, const struct view *v)
{
    struct pairs *query = &w->req->query, saved;
    struct pair *list;
    size_t n = 0;

    TRY(parse_pairs(w->arena, v->query, strlen(v->query), &saved));
    list = NEW_ARRAY(w->arena, struct pair, saved.count + query->count + 1);
    for (size_t i = 0; i < saved.count; i++)
        list[n++] = saved.list[i];
    for (size_t i = 0; i < query->count; i++)
        if (!text_equal(query->list[i].name, "view"))
            list[n++] = query->list[i];
    list[n++] = (struct pair){"view", arena_printf(w->arena, "%lld", v->id)};
    *query = (struct pairs){list, n};
    return NULL;
}

struct err *view_apply(struct web *w, const struct entity *e)
{
    const char *asked = web_query(w, "view");
    struct err *failed;
    struct view v;
    i64 id = 0;

    if (!w->org || e->site || !says_nothing(w, "view"))
        return NULL;
    if (asked && !text_i64(asked, &id))
        return NULL;
    if (!asked && is_list_page(w, e))
        TRY(default_view(w, e, &id));
    if (!id)
        return NULL;
    failed = view_load(w, id, &v);
    if (failed && failed->code == ERR_MISSING)
        return NULL;
    TRY(failed);
    return v.entity == e ? expand(w, &v) : NULL;
}

/* --- changing --- */

/* Runs the query through the list of its kind, as a request would. */
static struct err *check_query(struct web *w, struct view *v, struct issues *out)
{
    struct request r = {.arena = w->arena, .path = "/", .target = "/"};
    struct request *own = w->req;
    enum web_face face = w->face;
    struct list_query q;
    struct err *failed;

    if (strlen(v->query) > QUERY_MOST) {
        issue(out, "query", "This list has too many filters to be kept.");
        return NULL;
    }
    TRY(parse_pairs(w->arena, v->query, strlen(v->query), &r.query));
    w->req = &r;
    w->face = FACE_JOB;
    v->query = list_address(w); /* without the place in the list */
    failed = parse_pairs(w->arena, v->query, strlen(v->query), &r.query);
    if (!failed)
        failed = list_parse(w, v->entity, &q);
    v->query = list_address(w);
    w->req = own;
    w->face = face;
    if (failed && failed->code == ERR_BAD) {
        issue(out, "query", "This list cannot be kept. %s", failed->text);
        return NULL;
    }
    return failed;
}

static struct err *check_room(struct web *w, const struct view *v, struct issues *out)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select count(*), sum(case when title = $4 and id <> $5 then 1 else 0 end)"
                 " from saved_view where org_id = $1 and kind = $2 and person = $3",
                 num(w->org), str(v->entity->name), num(v->person), str(v->title), num(v->id)));
    if (!row_next(r))
        return NULL;
    if (!v->id && row_num(r, 0) >= VIEWS_MOST)
        issue(out, "title", "You have %d views of this list. Remove one first.", VIEWS_MOST);
    if (row_num(r, 1))
        issue(out, "title", "You already have a view “%s” of this list. Give it another name.",
              v->title);
    return NULL;
}

static struct err *check_view(struct web *w, struct view *v, struct issues *out)
{
    v->title = text_trim(w->arena, v->title ? v->title : "");
    if (!*v->title)
        issue(out, "title", "Give the view a name.");
    else if (text_length(v->title) > VIEW_TITLE)
        issue(out, "title", "The name is too long: at most %d characters.", VIEW_TITLE);
    TRY(check_query(w, v, out));
    return out->count ? NULL : check_room(w, v, out);
}

/* Who made it, or whoever looks after what is shared. */
static struct err *must_own(struct web *w, const struct view *v)
{
    if (v->mine || (v->shared && web_may(w, &view_share_right)))
        return NULL;
    return err_new(ERR_DENIED, "This view belongs to somebody else. Save it under a name of your "
                               "own to change it.");
}

struct err *view_save(struct web *w, struct view *v, struct issues *out)
{
    struct view old = {.shared = false};

    if (!w->person)
        return err_new(ERR_DENIED, "Only people of the organisation keep views.");
    if (v->id) {
        TRY(view_load(w, v->id, &old));
        TRY(must_own(w, &old));
    }
    if (v->shared && !old.shared)
        TRY(web_need(w, &view_share_right));
    v->person = v->id ? old.person : w->person;
    TRY(check_view(w, v, out));
    if (out->count)
        return NULL;
    if (v->id)
        TRY(db_exec(w->db,
                    "update saved_view set title = $3, query = $4, shared = $5, changed = $6"
                    " where org_id = $1 and id = $2",
                    num(w->org), num(v->id), str(v->title), str(v->query), num(v->shared),
                    num(w->now)));
    else
        TRY(db_exec(w->db,
                    "insert into saved_view (org_id, id, kind, person, title, query, shared,"
                    " created, changed) values ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
                    num(w->org), num(v->id = web_id()), str(v->entity->name), num(v->person),
                    str(v->title), str(v->query), num(v->shared), num(w->now)));
    if (old.shared && !v->shared) /* what others cannot see does not open their lists */
        return db_exec(w->db,
                       "delete from view_default where org_id = $1 and view = $2 and person <> $3",
                       num(w->org), num(v->id), num(v->person));
    return NULL;
}

struct err *view_remove(struct web *w, i64 id)
{
    struct view v;

    TRY(view_load(w, id, &v));
    TRY(must_own(w, &v));
    TRY(db_exec(w->db, "delete from view_default where org_id = $1 and view = $2", num(w->org),
                num(id)));
    return db_exec(w->db, "delete from saved_view where org_id = $1 and id = $2", num(w->org),
                   num(id));
}

struct err *view_default(struct web *w, const struct view *v, bool everybody, bool on,
                         struct issues *out)
{
    i64 person = everybody ? 0 : w->person;

    if (everybody)
        TRY(web_need(w, &view_share_right));
    else if (!w->person)
        return err_new(ERR_DENIED, "Only people of the organisation keep views.");
    if (everybody && on && !v->shared) {
        issue(out, "shared", "Share the view first: others cannot see it.");
        return NULL;
    }
    if (!on)
        return db_exec(w->db,
                       "delete from view_default where org_id = $1 and kind = $2 and person = $3"
                       " and view = $4",
                       num(w->org), str(v->entity->name), num(person), num(v->id));
    return db_exec(w->db,
                   "insert into view_default (org_id, kind, person, view) values ($1, $2, $3, $4)"
                   " on conflict (org_id, kind, person) do update set view = excluded.view",
                   num(w->org), str(v->entity->name), num(person), num(v->id));
}
