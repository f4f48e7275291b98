/* SPDX-License-Identifier: Apache-2.0 */
/* Pages that serve every kind of record: copy, removed records, the short address, and what a field
 * that refers to a record suggests while somebody types. */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "base/words.h"
#include "core/entity_page.h"
#include "core/entity_sql.h"
#include "core/language.h"
#include "core/list_sql.h"
#include "core/route.h"
#include "core/search.h"

#define PICKS_MOST 20
#define REMOVED_MOST 50

/* --- what is asked for --- */

struct err *entity_asked(struct web *w, const struct entity **out)
{
    *out = feature_entity_plural(web_param(w, 0));
    if (*out && !(*out)->site)
        return NULL;
    return err_new(ERR_MISSING, "There is no kind of record “%.40s” here.", web_param(w, 0));
}

struct err *entity_asked_record(struct web *w, const struct entity **e, struct record **out)
{
    struct err *failed;
    i64 id;

    TRY(entity_asked(w, e));
    *out = arena_alloc(w->arena, (*e)->size);
    failed = entity_find(w, *e, web_param(w, 1), &id);
    if (!failed)
        failed = entity_load(w, *e, id, *out);
    if (failed && (failed->code == ERR_MISSING || failed->code == ERR_CLASH))
        return err_new(ERR_MISSING, "There is no %s “%.60s” here, or you may not see it.",
                       (*e)->label, web_param(w, 1));
    return failed;
}

/* --- copy --- */

bool entity_copies(struct web *w, const struct entity *e)
{
    return !w->asof && !e->no_create && !e->no_pages && web_may(w, e->write) &&
           page_offers(w, arena_printf(w->arena, "/o/%s/%s/new", w->slug, e->plural));
}

/* Values that are one record's own: its state, what the program sets, what must be distinct. */
static bool is_own(const struct entity *e, const struct field *f)
{
    return f->internal || f->derived || f->secret || f->kind == FIELD_TIME ||
           f->kind == FIELD_EMAIL || text_equal(f->name, e->state) ||
           text_equal(f->name, "external_id");
}

static void copy_title(struct web *w, const struct entity *e, void *copy)
{
    const struct field *f = e->title ? entity_field(e, e->title) : NULL;
    const char *title;

    if (!f || f->kind != FIELD_TEXT || is_own(e, f) || text_empty(field_str(f, copy)))
        return;
    title = arena_printf(w->arena, tr("Copy of %s"), field_str(f, copy));
    if (text_length(title) <= (size_t)(f->max ? f->max : 200))
        field_set_str(f, copy, title);
}

struct err *entity_copy_page(struct web *w)
{
    const struct entity *e;
    struct record *r, *copy;
    struct issues none = {.arena = w->arena};

    TRY(entity_asked_record(w, &e, &r));
    TRY(web_need(w, e->write));
    if (!entity_copies(w, e))
        return err_new(ERR_MISSING, "A %s cannot be copied.", page_lower(w, e->label));
    copy = arena_alloc(w->arena, e->size);
    for (size_t i = 0; i < e->nfields; i++)
        if (!is_own(e, &e->fields[i]))
            field_copy(&e->fields[i], copy, r);
    TRY(entity_initial(w, e, copy, (struct inputs){0}, &none));
    copy_title(w, e, copy);
    return entity_form_page(w, e, copy, NULL);
}

/* --- the short address --- */

struct err *entity_short_page(struct web *w)
{
    struct record_head head;
    const struct entity *e;
    const char *address;
    i64 id;

    TRY(record_find(w, web_param(w, 0), &e, &id));
    TRY(record_head(w, id, &head));
    address = record_head_url(w, &head);
    if (!address)
        return err_new(ERR_MISSING, "“%.40s” has no page of its own.", web_param(w, 0));
    web_redirect(w, address);
    return NULL;
}

/* --- suggestions while somebody types --- */

static void add_pick(struct web *w, json_t *list, const struct entity *e, i64 number,
                     const char *title)
{
    json_array_append_new(list, json_pack("{s:s, s:s}", "number",
                                          arena_printf(w->arena, "%s-%lld", e->prefix, number),
                                          "title", title));
}

static struct err *pick_any(struct web *w, const char *text, json_t *list)
{
    struct hit *hits;
    size_t count;

    TRY(search_run(w, text, PICKS_MOST, &hits, &count));
    for (size_t i = 0; i < count; i++)
        add_pick(w, list, hits[i].entity, hits[i].number, hits[i].title);
    return NULL;
}

static struct err *pick_kind(struct web *w, const struct entity *e, const char *text, json_t *list)
{
    struct list_query q = {.entity = e, .q = text, .limit = PICKS_MOST};
    const struct field *title = entity_field(e, e->title);
    struct list_result r;

    if (title && title->sortable)
        q.sort = title;
    TRY(list_run(w, &q, false, &r));
    for (size_t i = 0; i < r.count; i++) {
        const char *one = (const char *)r.records + i * e->size;
        const struct record *head = (const void *)one;

        add_pick(w, list, e, head->number, entity_title_of(e, one));
    }
    return NULL;
}

/* A number is found whatever else contains it. */
static struct err *pick_number(struct web *w, const struct entity *only, const char *text,
                               json_t *list)
{
    const struct entity *e;
    struct record_head head;
    i64 id;
    struct err *failed = record_find(w, text, &e, &id);

    if (failed)
        return failed->code == ERR_MISSING ? NULL : failed;
    if (only && e != only)
        return NULL;
    TRY(record_head(w, id, &head));
    add_pick(w, list, e, head.number, head.title);
    return NULL;
}

struct err *entity_pick(struct web *w)
{
    const char *kind = web_query(w, "kind"), *q = web_query(w, "q");
    const char *text = text_trim(w->arena, q ? q : "");
    const struct entity *e = kind ? feature_entity_plural(kind) : NULL;
    json_t *answer = json_own(w->arena, json_object()), *list = json_array();

    json_object_set_new(answer, "items", list);
    if (kind && (!e || e->site))
        return err_new(ERR_MISSING, "There is no kind of record “%.40s” here.", kind);
    if (text_length(text) > 100)
        return err_new(ERR_BAD, "Look for 100 characters at most.");
    if (*text) {
        TRY(pick_number(w, e, text, list));
        TRY(e ? pick_kind(w, e, text, list) : pick_any(w, text, list));
    }
    web_answer_json(w, 200, json_incref(answer));
    return NULL;
}

/* --- removed records --- */

bool entity_lists_removed(const struct web *w, const struct entity *e)
{
    return w->slug && !w->asof && !e->site && !e->no_create && !e->no_pages && e->read &&
           web_may(w, e->read);
}

static struct err *removed_rows(struct web *w, const struct entity *e, i64 before,
                                struct rows **out)
{
    /* The last entry about the record is its removal. */
    return db_query(w->db, out,
                    "select v.idx, v.record, v.at, coalesce(a.name, v.actor), p.body"
                    " from audit_event v left join audit_actor a on a.org_id = v.org_id"
                    " and a.actor = v.actor left join audit_payload p on p.org_id = v.org_id"
                    " and p.idx = v.idx and p.part = 'context'"
                    " where v.org_id = $1 and v.kind = $2 and v.action = 'remove' and v.idx < $3"
                    " and not exists (select 1 from audit_event l where l.org_id = v.org_id"
                    " and l.record = v.record and l.kind = v.kind and l.idx > v.idx"
                    " and l.action in ('create', 'change', 'remove', 'restore'))"
                    " order by v.idx desc limit $4",
                    num(w->org), str(e->name), num(before), num(REMOVED_MOST + 1));
}

static bool may_restore(struct web *w, const struct entity *e)
{
    struct route_match m;

    if (w->asof || !web_may(w, e->write))
        return false;
    route_find(w->arena, METHOD_POST,
               arena_printf(w->arena, "/o/%s/%s/1/restore", w->slug, e->plural), &m);
    return m.route && web_may(w, m.route->permission);
}

static struct err *draw_removed(struct web *w, const struct entity *e, const struct rows *r,
                                bool restore)
{
    const char *reason = entity_reason_of(w->arena, row_text(r, 4));
    struct html *h = w->html;
    const char *title;
    i64 number;

    TRY(entity_last_title(w, e, row_num(r, 1), &title, &number));
    if (!number)
        return NULL;
    html(h,
         "<tr><td><span class='record-number'>%s-%lld</span> %s</td>"
         "<td data-label='%s'>%s</td><td data-label='%s'>%s</td><td data-label='%s'>%s</td><td>",
         e->prefix, number, title, tr("Removed"), web_time(w, row_num(r, 2)), tr("By"),
         row_text(r, 3), tr("Reason"), *reason ? reason : "—");
    if (restore)
        form_button(
            w, arena_printf(w->arena, "/o/%s/%s/%lld/restore", w->slug, e->plural, row_num(r, 1)),
            "default", "Restore", NULL, NULL);
    html(h, "</td></tr>");
    return NULL;
}

static struct err *draw_all_removed(struct web *w, const struct entity *e, struct rows *r)
{
    bool restore = may_restore(w, e);
    struct html *h = w->html;
    i64 last = 0;
    size_t n = 0;

    html(h,
         "<div class='table-responsive'><table class='table stacked'><caption "
         "class='visually-hidden'>"
         "{Removed records}</caption><thead><tr><th scope='col'>%s</th><th scope='col'>{Removed}"
         "</th><th scope='col'>{By}</th><th scope='col'>{Reason}</th><th scope='col'>"
         "<span class='visually-hidden'>{Restore}</span></th></tr></thead><tbody>",
         tr(e->label));
    while (row_next(r) && n++ < REMOVED_MOST) {
        TRY(draw_removed(w, e, r, restore));
        last = row_num(r, 0);
    }
    html(h, "</tbody></table></div>");
    if (row_count(r) > REMOVED_MOST)
        html(h,
             "<div class='card-body'><a class='btn' rel='next' href='%s'>{Earlier ones}</a></div>",
             web_url(w, "/%s/removed?before=%lld", e->plural, last));
    return NULL;
}

struct err *entity_removed_page(struct web *w)
{
    const char *before = web_query(w, "before");
    const struct entity *e;
    struct rows *r;
    i64 idx = INT64_MAX;

    TRY(entity_asked(w, &e));
    TRY(web_need(w, e->read));
    if (before && (!text_i64(before, &idx) || idx < 1))
        return err_new(ERR_BAD, "The parameter “before” is a number of the log.");
    TRY(removed_rows(w, e, idx, &r));
    page_begin(w, tr(e->labels), "%s", tr("Removed records"));
    page_help(w,
              "A removed record leaves all lists, but its history stays. Restored, it is there "
              "again with its number and its values.",
              NULL);
    page_action(w, "default", web_url(w, "/%s", e->plural), "Back to the list");
    page_body(w);
    html(w->html, "<section class='card'>");
    if (row_count(r))
        TRY(draw_all_removed(w, e, r));
    else
        page_empty(w, "Nothing was removed here.", NULL, NULL);
    html(w->html, "</section>");
    page_end(w);
    return NULL;
}

/* --- tables --- */

/* clang-format off */
static const struct route routes[] = {
    {METHOD_GET, "/r/:record", entity_short_page, &member, 0, NULL, NULL},
    {METHOD_GET, "/pick", entity_pick, &member, ROUTE_SLOW, NULL, NULL},
    {METHOD_GET, "/drafts", entity_drafts_page, &member, 0, NULL, NULL},
    {METHOD_GET, "/:plural/removed", entity_removed_page, &member, 0, NULL, NULL},
    {METHOD_GET, "/:plural/:no/copy", entity_copy_page, &member, 0, NULL, NULL},
    {METHOD_POST, "/:plural/draft", entity_draft_save, &member, ROUTE_NO_OP, NULL, NULL},
    {METHOD_POST, "/:plural/draft/drop", entity_draft_drop, &member, ROUTE_NO_OP, NULL, NULL},
    {METHOD_POST, "/:plural/:no/draft", entity_draft_save, &member, ROUTE_NO_OP, NULL, NULL},
    {METHOD_POST, "/:plural/:no/draft/drop", entity_draft_drop, &member, ROUTE_NO_OP, NULL, NULL},
    {0},
};
/* clang-format on */

static const struct panel panels[] = {
    {"history", "History", 90, &member, NULL, entity_history_tab},
    {0      }
};

const struct feature record_feature = {.name = "record", .routes = routes, .panels = panels};
