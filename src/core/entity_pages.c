/* SPDX-License-Identifier: Apache-2.0 */
/* The default pages of an entity: list, record, form, save, merge, remove, restore. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "core/entity_sql.h"
#include "core/list_sql.h"
#include "core/page.h"

#define VERSIONS_SHOWN 20

/* The section of the side bar that leads to the entity, as overline of its pages. */
static const char *section_of(const struct entity *e)
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
    if (page_offers(w, arena_printf(w->arena, "/o/%s/%s/import", w->slug, e->plural)))
        page_action(w, "default", web_url(w, "/%s/import", e->plural), "Import");
    if (!e->no_create)
        page_action(w, "primary", web_url(w, "/%s/new", e->plural),
                    arena_printf(w->arena, "New %s", page_lower(w, e->label)));
}

struct err *entity_list_page(struct web *w, const struct entity *e)
{
    struct list_query q;
    struct list_result r;

    TRY(list_parse(w, e, &q));
    TRY(list_run(w, &q, true, &r));
    page_begin(w, section_of(e), "%s", e->labels);
    list_actions(w, e);
    page_body(w);
    TRY(list_draw(w, &q, &r, NULL));
    page_end(w);
    return NULL;
}

/* --- record --- */

static const char *record_title(const struct entity *e, const void *record)
{
    const struct field *f = e->title ? entity_field(e, e->title) : NULL;
    const char *title = f ? field_str(f, record) : NULL;

    return title ? title : "";
}

static const char *action_word(const char *action)
{
    static const char *const words[][2] = {
        {"create",  "created" },
        {"change",  "changed" },
        {"remove",  "removed" },
        {"restore", "restored"}
    };

    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (text_equal(action, words[i][0]))
            return words[i][1];
    return action;
}

static void draw_change(struct web *w, const struct change *c)
{
    struct html *h = w->html;

    html(h, "<div><span class='mute'>%s:</span> ", c->field->label);
    if (!text_empty(c->before))
        html(h, "<del class='was'>%.200s</del> ", c->before);
    if (!text_empty(c->after))
        html(h, "<ins class='now'>%.200s</ins>", c->after);
    html(h, "</div>");
}

static void draw_version(struct web *w, const struct version *v)
{
    struct html *h = w->html;
    bool first = text_equal(v->action, "create");

    html(h,
         "<li><div class='timeline-when'>Version %lld · %s</div>"
         "<div><span class='timeline-who'>%s</span> %s it</div>",
         v->version, clock_text(w->arena, v->at, w->zone), v->who, action_word(v->action));
    if (!text_empty(v->reason))
        html(h, "<div>Reason: %s</div>", v->reason);
    if (v->nchanges > 0) {
        html(h, "<details><summary>%zu %s</summary>", v->nchanges,
             first              ? "values set"
             : v->nchanges == 1 ? "value changed"
                                : "values changed");
        for (size_t i = 0; i < v->nchanges; i++)
            draw_change(w, &v->changes[i]);
        html(h, "</details>");
    }
    html(h, "</li>");
}

struct err *entity_history(struct web *w, const struct entity *e, i64 id)
{
    struct version *list;
    size_t count;

    TRY(entity_versions(w, e, id, &list, &count));
    html(w->html, "<ol class='timeline'>");
    for (size_t i = 0; i < count && i < VERSIONS_SHOWN; i++)
        draw_version(w, &list[i]);
    html(w->html, "</ol>");
    if (count > VERSIONS_SHOWN)
        html(w->html, "<p class='mute'>%zu older versions are kept.</p>", count - VERSIONS_SHOWN);
    return NULL;
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

    TRY(load_asked(w, e, &r));
    page_begin(w, arena_printf(w->arena, "%s · %s-%lld", e->label, e->prefix, r->number), "%s",
               record_title(e, r));
    page_help(w, e->help, e->clause);
    if (may_change(w, e)) {
        const char *address = web_record_url(w, e, r->number);
        page_action(w, "default", arena_printf(w->arena, "%s/remove", address), "Remove");
        page_action(w, "primary", arena_printf(w->arena, "%s/edit", address), "Edit");
    }
    page_body(w);
    html(w->html, "<div class='split'>");
    card_begin(w, "Details", NULL);
    TRY(entity_details(w, e, r));
    card_end(w);
    card_begin(w, "History", arena_printf(w->arena, "version %lld", r->version));
    TRY(entity_history(w, e, r->id));
    card_end(w);
    html(w->html, "</div>");
    page_end(w);
    return NULL;
}

/* --- form --- */

static void reason_field(struct web *w, const struct entity *e)
{
    const char *sent = web_form(w, "_reason");

    html(w->html,
         "<div class='field mb-3'><label class='form-label%s' for='f-_reason'>Reason for "
         "the change</label><input class='form-control' id='f-_reason' name='_reason' "
         "maxlength='500' value='%s'",
         e->reason ? " required" : "", sent);
    if (e->reason)
        html(w->html, " required");
    html(w->html, "><div class='form-hint'>Kept with the history of the record.%s</div></div>",
         e->reason ? "" : " You may leave it empty.");
}

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
        reason_field(w, e);
    form_end(w, r->id ? "Save" : arena_printf(w->arena, "Create %s", page_lower(w, e->label)),
             address);
    html(w->html, "</div></section>");
    return NULL;
}

static struct err *form_page(struct web *w, const struct entity *e, const struct record *r,
                             const struct issues *issues)
{
    if (r->id)
        page_begin(w, arena_printf(w->arena, "%s · %s-%lld", e->label, e->prefix, r->number),
                   "Edit “%s”", record_title(e, r));
    else
        page_begin(w, section_of(e), "New %s", page_lower(w, e->label));
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
    return form_page(w, e, r, NULL);
}

struct err *entity_edit_page(struct web *w, const struct entity *e)
{
    struct record *r;

    TRY(web_need(w, e->write));
    TRY(load_asked(w, e, &r));
    return form_page(w, e, r, NULL);
}

/* --- two people saved the same record --- */

static void copy_value(const struct field *f, void *to, const void *from)
{
    if (f->kind == FIELD_REFS)
        field_set_ids(f, to, *field_ids(f, from));
    else if (field_is_text(f))
        field_set_str(f, to, field_str(f, from));
    else
        field_set_num(f, to, field_num(f, from));
}

static struct err *draw_clash(struct web *w, const struct field *f, const void *theirs,
                              const void *mine)
{
    const char *left;
    const char *right;

    TRY(field_show(w, f, theirs, &left));
    TRY(field_show(w, f, mine, &right));
    html(w->html,
         "<tr><th scope='row'>%s</th><td data-label='Saved meanwhile'>%s</td>"
         "<td data-label='Yours'>%s</td></tr>",
         f->label, text_empty(left) ? "—" : left, text_empty(right) ? "—" : right);
    return NULL;
}

/* Three states of a record: as this person opened it, as it is now, and as this person wants it. */
struct three {
    const struct record *base, *theirs, *mine;
};

/* `merged` starts as theirs and gets what this person changed; the table shows each such value
 * beside the newest one. */
static struct err *merge(struct web *w, const struct entity *e, const struct three *t,
                         struct record *merged)
{
    for (size_t i = 0; i < e->nfields; i++) {
        const struct field *f = &e->fields[i];
        if (f->derived || f->internal || f->fixed || f->secret ||
            field_equal(f, t->mine, t->theirs) || field_equal(f, t->mine, t->base))
            continue;
        copy_value(f, merged, t->mine);
        TRY(draw_clash(w, f, t->theirs, t->mine));
    }
    return NULL;
}

static struct err *merge_page(struct web *w, const struct entity *e, const struct record *theirs,
                              i64 version)
{
    struct record *base = arena_alloc(w->arena, e->size);
    struct record *mine = arena_alloc(w->arena, e->size);
    struct record *merged = arena_alloc(w->arena, e->size);
    struct issues issues = {.arena = w->arena};

    TRY(list_old_version(w, e, theirs->id, version, base));
    memcpy(mine, base, e->size);
    memcpy(merged, theirs, e->size);
    TRY(entity_apply(w, e, mine, entity_form_inputs(w, e), false, &issues));
    web_status(w, 409);
    page_begin(w, arena_printf(w->arena, "%s · %s-%lld", e->label, e->prefix, theirs->number),
               "Somebody else saved this too");
    page_body(w);
    page_notice(w, "warning",
                "You opened version %lld, but version %lld was saved meanwhile. Nothing is lost: "
                "the form holds the newest version with your changes in it. Compare, correct, and "
                "save again.",
                version, theirs->version);
    html(w->html, "<section class='card my-3'><div class='card-header'><h2 class='card-title'>Your "
                  "changes</h2></div><div class='table-responsive'><table class='table'>"
                  "<caption class='visually-hidden'>What was saved meanwhile and what you sent"
                  "</caption><thead><tr><th scope='col'>Field</th><th scope='col'>Saved meanwhile"
                  "</th><th scope='col'>Yours</th></tr></thead><tbody>");
    TRY(merge(w, e, &(struct three){base, theirs, mine}, merged));
    html(w->html, "</tbody></table></div></section>");
    TRY(draw_form(w, e, merged, NULL));
    page_end(w);
    return NULL;
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
    return form_page(w, e, r, issues);
}

static struct err *save(struct web *w, const struct entity *e, struct record *r)
{
    struct issues issues = {.arena = w->arena};
    i64 before = r->version;
    bool fresh = r->id == 0;

    TRY(entity_apply(w, e, r, entity_form_inputs(w, e), false, &issues));
    if (!fresh && e->reason && text_empty(w->reason))
        issue(&issues, "_reason", "Say in a few words why this %s is changed.",
              page_lower(w, e->label));
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
        return merge_page(w, e, r, version);
    return save(w, e, r);
}

/* --- remove and restore --- */

static struct err *confirm_page(struct web *w, const struct entity *e, const struct record *r)
{
    const char *address = web_record_url(w, e, r->number);

    page_begin(w, arena_printf(w->arena, "%s · %s-%lld", e->label, e->prefix, r->number),
               "Remove “%s”?", record_title(e, r));
    page_body(w);
    html(w->html,
         "<section class='card'><div class='card-body'><p>The record leaves all lists. Its "
         "history is kept, and you can undo this right after.</p>");
    form_begin(w, arena_printf(w->arena, "%s/remove", address), r->version);
    reason_field(w, e);
    html(w->html,
         "<div class='form-actions'><button class='btn btn-danger' type='submit'>Remove %s"
         "</button><a class='btn' href='%s'>Keep it</a></div></form></div></section>",
         page_lower(w, e->label), address);
    page_end(w);
    return NULL;
}

struct err *entity_remove_page(struct web *w, const struct entity *e)
{
    struct record *r;
    i64 version;

    TRY(web_need(w, e->write));
    TRY(load_asked(w, e, &r));
    if (!w->req || w->req->method != METHOD_POST)
        return confirm_page(w, e, r);
    TRY(posted_version(w, &version));
    TRY(entity_remove(w, e, r->id, version, w->reason));
    web_redirect(w, web_url(w, "/%s?m=removed&undo=%lld", e->plural, r->id));
    return NULL;
}

struct err *entity_restore_page(struct web *w, const struct entity *e)
{
    struct record *r = arena_alloc(w->arena, e->size);
    i64 id;

    TRY(web_need(w, e->write));
    TRY(list_removed_id(w, e, web_param(w, 0), &id));
    if (!id)
        return err_new(ERR_MISSING, "There is no removed %s “%.60s”.", e->label, web_param(w, 0));
    TRY(entity_restore(w, e, id));
    TRY(entity_load(w, e, id, r));
    web_redirect(w, arena_printf(w->arena, "%s?m=restored", web_record_url(w, e, r->number)));
    return NULL;
}
