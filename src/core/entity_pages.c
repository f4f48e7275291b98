/* SPDX-License-Identifier: Apache-2.0 */
/* The default pages of an entity: list, record, form, save, merge, remove, restore. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/entity_page.h"
#include "core/import.h"
#include "core/list_sql.h"
#include "core/page.h"

/* The section of the side bar that leads to the entity, as overline of its pages. */
const char *entity_section(const struct entity *e)
{
    for (size_t i = 0; features[i]; i++)
        for (const struct nav *n = features[i]->nav; n && n->title; n++)
            if (n->count == e || (n->path[0] == '/' && text_equal(n->path + 1, e->plural)))
                return n->section;
    return "";
}

static bool may_change(struct web *w, const struct entity *e)
{
    return !w->asof && web_may(w, e->write);
}

/* --- list --- */

static void list_actions(struct web *w, const struct entity *e)
{
    page_help(w, e->help, e->clause);
    if (!may_change(w, e))
        return;
    if (import_possible(e) &&
        page_offers(w, arena_printf(w->arena, "/o/%s/%s/import", w->slug, e->plural)))
        page_action(w, "default", web_url(w, "/%s/import", e->plural), "Import");
    if (!e->no_create)
        page_action(w, "primary", web_url(w, "/%s/new", e->plural),
                    arena_printf(w->arena, tr("New %s"), page_lower(w, e->label)));
}

struct err *entity_pick_page(struct web *w, const struct entity *e, const char *address,
                             const char *label)
{
    struct list_query q;
    struct list_result r;

    TRY(list_parse(w, e, &q));
    q.pick_address = address;
    q.pick_label = label;
    list_needs(&q, NULL);
    TRY(list_run(w, &q, true, &r));
    page_begin(w, entity_section(e), "%s", tr(e->labels));
    list_actions(w, e);
    page_body(w);
    TRY(list_draw(w, &q, &r, NULL));
    page_end(w);
    return NULL;
}

struct err *entity_list_page(struct web *w, const struct entity *e)
{
    return entity_pick_page(w, e, NULL, NULL);
}

/* --- record --- */

const char *entity_title_of(const struct entity *e, const void *record)
{
    const struct field *f = e->title ? entity_field(e, e->title) : NULL;
    const char *title = f ? field_str(f, record) : NULL;

    return title ? title : "";
}

static struct err *load_asked(struct web *w, const struct entity *e, struct record **out)
{
    i64 id;

    TRY(web_record(w, e, &id));
    *out = arena_alloc(w->arena, e->size);
    return entity_load(w, e, id, *out);
}

struct err *entity_show_page(struct web *w, const struct entity *e)
{
    struct record *r;
    bool drawn;

    TRY(load_asked(w, e, &r));
    page_begin(w, arena_printf(w->arena, "%s · %s-%lld", tr(e->label), e->prefix, r->number), "%s",
               entity_title_shown(w, e, entity_title_of(e, r)));
    page_help(w, e->help, e->clause);
    if (may_change(w, e)) {
        const char *address = web_record_url(w, e, r->number);
        page_action(w, "default", arena_printf(w->arena, "%s/remove", address), "Remove");
        page_action(w, "primary", arena_printf(w->arena, "%s/edit", address), "Edit");
    }
    page_body(w);
    TRY(entity_tab(w, e, r, &drawn));
    if (drawn) {
        page_end(w);
        return NULL;
    }
    html(w->html, "<div class='split'>");
    card_begin(w, "Details", NULL);
    TRY(entity_details(w, e, r));
    card_end(w);
    card_begin(w, "History", arena_printf(w->arena, tr("version %lld"), r->version));
    TRY(entity_history(w, e, r->id));
    card_end(w);
    html(w->html, "</div>");
    page_end(w);
    return NULL;
}

/* --- form --- */

static struct err *draw_form(struct web *w, const struct entity *e, const struct record *r,
                             const struct issues *issues)
{
    const char *list = web_url(w, "/%s", e->plural);
    const char *address = r->id ? web_record_url(w, e, r->number) : list;

    form_issues(w, issues);
    html(w->html, "<section class='card'><div class='card-body'>");
    form_begin(w, address, r->version);
    TRY(form_fields(w, e, r, issues));
    if (r->id)
        entity_reason_field(w, e, entity_reason_always(e, r), issues);
    form_end(w, r->id ? "Save" : arena_printf(w->arena, tr("Create %s"), page_lower(w, e->label)),
             address);
    html(w->html, "</div></section>");
    return NULL;
}

struct err *entity_form_page(struct web *w, const struct entity *e, const struct record *r,
                             const struct issues *issues)
{
    if (r->id)
        page_begin(w, arena_printf(w->arena, "%s · %s-%lld", tr(e->label), e->prefix, r->number),
                   "Edit “%s”", entity_title_shown(w, e, entity_title_of(e, r)));
    else
        page_begin(w, entity_section(e), "New %s", page_lower(w, e->label));
    page_help(w, e->help, e->clause);
    page_body(w);
    TRY(draw_form(w, e, r, issues));
    page_end(w);
    return NULL;
}

struct err *entity_new_page(struct web *w, const struct entity *e)
{
    struct record *r = arena_alloc(w->arena, e->size);
    struct issues none = {.arena = w->arena};

    TRY(web_need(w, e->write));
    TRY(entity_initial(w, e, r, (struct inputs){0}, &none));
    /* ?owner=P-3 starts the form with values: links from other records. */
    for (size_t i = 0; w->req && i < w->req->query.count; i++) {
        struct input one = {w->req->query.list[i].name, w->req->query.list[i].value};
        struct issues ignored = {.arena = w->arena};
        TRY(entity_apply(w, e, r, (struct inputs){&one, 1}, false, &ignored));
    }
    return entity_form_page(w, e, r, NULL);
}

struct err *entity_edit_page(struct web *w, const struct entity *e)
{
    struct record *r;

    TRY(web_need(w, e->write));
    TRY(load_asked(w, e, &r));
    return entity_form_page(w, e, r, NULL);
}

/* --- save --- */

static struct err *posted_version(struct web *w, i64 *out)
{
    const char *text = web_form(w, "_version");

    if (!text || !text_i64(text, out) || *out < 1)
        return err_new(ERR_BAD, "The form does not say which version it changes. Open the record "
                                "again and save from there.");
    return NULL;
}

static struct err *refused(struct web *w, const struct entity *e, struct record *r,
                           const struct issues *issues)
{
    web_status(w, 422);
    return entity_form_page(w, e, r, issues);
}

static struct err *save(struct web *w, const struct entity *e, struct record *r)
{
    struct record *old = arena_alloc(w->arena, e->size);
    struct issues issues = {.arena = w->arena};
    i64 before = r->version;
    bool fresh = r->id == 0;
    struct reason_asked asked = {0};

    memcpy(old, r, e->size);
    TRY(entity_apply(w, e, r, entity_form_inputs(w, e), false, &issues));
    if (!fresh && text_empty(w->reason))
        TRY(entity_reason_asked(w, e, old, r, &asked));
    if (asked.text)
        issue(&issues, "_reason", "%s", asked.text);
    if (issues.count > 0)
        return refused(w, e, r, &issues);
    TRY(entity_write(w, e, r, w->reason, &issues));
    if (issues.count > 0) {
        /* entity_write may have prepared the new record: the form is for a new one again. */
        if (fresh)
            r->id = r->version = 0;
        return refused(w, e, r, &issues);
    }
    web_redirect(w, arena_printf(w->arena, "%s?m=%s", web_record_url(w, e, r->number),
                                 fresh                  ? "created"
                                 : r->version == before ? "unchanged"
                                                        : "saved"));
    return NULL;
}

struct err *entity_save_page(struct web *w, const struct entity *e)
{
    struct record *r;
    i64 version;

    TRY(web_need(w, e->write));
    if (!*web_param(w, 0))
        return save(w, e, arena_alloc(w->arena, e->size));
    TRY(posted_version(w, &version));
    TRY(load_asked(w, e, &r));
    if (r->version != version)
        return entity_merge_page(w, e, r, version);
    return save(w, e, r);
}

/* --- remove and restore --- */

static void confirm_form(struct web *w, const struct entity *e, const struct record *r,
                         const struct issues *issues)
{
    const char *address = web_record_url(w, e, r->number);

    html(w->html, "<p>{The record leaves all lists. Its history is kept, and you can undo this "
                  "right after.}</p>");
    form_begin(w, arena_printf(w->arena, "%s/remove", address), r->version);
    entity_reason_field(w, e, entity_reason_always(e, r), issues);
    html(w->html,
         "<div class='form-actions'><button class='btn btn-danger' type='submit'>{Remove "
         "%s}</button><a class='btn' href='%s'>{Keep it}</a></div></form>",
         page_lower(w, e->label), address);
}

/* What stands against it is told before anybody tries, with links to what has to go first. */
static struct err *confirm_page(struct web *w, const struct entity *e, const struct record *r,
                                const struct issues *issues)
{
    const char *why;

    TRY(entity_kept_by(w, e, r->id, &why));
    if (why && w->req && w->req->method == METHOD_POST)
        web_status(w, 409);
    page_begin(w, arena_printf(w->arena, "%s · %s-%lld", tr(e->label), e->prefix, r->number),
               "Remove “%s”?", entity_title_shown(w, e, entity_title_of(e, r)));
    page_body(w);
    form_issues(w, issues);
    html(w->html, "<section class='card'><div class='card-body'>");
    if (why) {
        html(w->html, "<div class='notice warning mb-3' role='alert'>");
        page_markdown(w, why, NULL);
        html(w->html, "</div><a class='btn btn-primary' href='%s'>{Back to the record}</a>",
             web_record_url(w, e, r->number));
    } else {
        confirm_form(w, e, r, issues);
    }
    html(w->html, "</div></section>");
    page_end(w);
    return NULL;
}

static struct err *remove_posted(struct web *w, const struct entity *e, const struct record *r)
{
    struct issues issues = {.arena = w->arena};
    const char *why;
    i64 version;

    TRY(posted_version(w, &version));
    TRY(entity_kept_by(w, e, r->id, &why));
    if (why)
        return confirm_page(w, e, r, NULL);
    if (entity_reason_always(e, r) && text_empty(w->reason)) {
        issue(&issues, "_reason", "Say in a few words why this %s is removed.",
              page_lower(w, e->label));
        web_status(w, 422);
        return confirm_page(w, e, r, &issues);
    }
    TRY(entity_remove(w, e, r->id, version, w->reason));
    web_redirect(w, web_url(w, "/%s?m=removed&undo=%lld", e->plural, r->id));
    return NULL;
}

struct err *entity_remove_page(struct web *w, const struct entity *e)
{
    struct record *r;

    TRY(web_need(w, e->write));
    TRY(load_asked(w, e, &r));
    if (w->req && w->req->method == METHOD_POST)
        return remove_posted(w, e, r);
    return confirm_page(w, e, r, NULL);
}

struct err *entity_restore_page(struct web *w, const struct entity *e)
{
    struct record *r = arena_alloc(w->arena, e->size);
    i64 id;

    TRY(web_need(w, e->write));
    TRY(list_removed_id(w, e, web_param(w, 0), &id));
    if (!id)
        return err_new(ERR_MISSING, "There is no removed %s “%.60s”.", tr(e->label),
                       web_param(w, 0));
    TRY(entity_restore(w, e, id));
    TRY(entity_load(w, e, id, r));
    web_redirect(w, arena_printf(w->arena, "%s?m=restored", web_record_url(w, e, r->number)));
    return NULL;
}
