/* SPDX-License-Identifier: Apache-2.0 */
/* The tab "Links" of every record: free links in both directions, and what fields say. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/content.h"
#include "core/entity_page.h"
#include "feature/link/link_part.h"

#define LINKS_MOST 200
#define NEAR_MOST 50 /* of one field, in the tab */
#define BRIEF_EACH 3 /* of one field, above the details */
#define BRIEF_MOST 6 /* in all, there */

static void draw_record(struct web *w, const struct record_head *h)
{
    const char *address = record_head_url(w, h);

    if (address)
        html(w->html, "<a href='%s'><span class='record-number'>%s</span> %s</a>", address,
             h->label, h->title);
    else
        html(w->html, "%s", record_head_text(w, h));
}

static bool may_link(const struct web *w)
{
    return !w->asof && web_may(w, &link_write);
}

/* --- free links --- */

static void draw_drop(struct web *w, const char *address, const struct link_end *l)
{
    form_begin(w, arena_printf(w->arena, "%s/unlink", address), l->version);
    html(w->html,
         "<input type='hidden' name='link' value='L-%lld'><button class='btn btn-sm' "
         "type='submit' aria-label='{Remove the link with %s}'>{Remove}</button></form>",
         l->number, l->other.label);
}

static struct err *draw_link(struct web *w, const char *address, const struct link_end *l)
{
    struct html *h = w->html;

    html(h, "<tr><td data-label='%s'>%s</td><th scope='row'>", tr("How"), l->label);
    draw_record(w, &l->other);
    html(h, "</th><td data-label='%s'>", tr("Why"));
    /* Why may tell what the hidden record is about. */
    if (l->other.hidden || text_empty(l->why))
        html(h, "<span class='mute'>—</span>");
    else
        TRY(html_record_text(w, l->why));
    html(h, "</td><td class='text-end'>");
    if (may_link(w))
        draw_drop(w, address, l);
    html(h, "</td></tr>");
    return NULL;
}

static struct err *draw_links(struct web *w, const char *address, i64 record)
{
    struct html *h = w->html;
    struct link_end *list;
    size_t n;

    TRY(link_ends(w, record, LINKS_MOST + 1, &list, &n));
    if (!n) {
        html(h, "<p class='mute mb-0'>{Nothing is linked with this record yet. Say what it has to "
                "do with another one: what caused it, what it depends on, what it is evidence "
                "for.}</p>");
        return NULL;
    }
    html(h, "<div class='table-responsive'><table class='table'><caption class='visually-hidden'>"
            "{Links of this record}</caption><thead><tr><th scope='col'>{How}</th>"
            "<th scope='col'>{Record}</th><th scope='col'>{Why}</th><th scope='col'>"
            "<span class='visually-hidden'>{Remove}</span></th></tr></thead><tbody>");
    for (size_t i = 0; i < n && i < LINKS_MOST; i++)
        TRY(draw_link(w, address, &list[i]));
    html(h, "</tbody></table></div>");
    if (n > LINKS_MOST)
        html(h, "<p class='mute'>{The first %lld are shown.}</p>", (i64)LINKS_MOST);
    return NULL;
}

/* --- a new one --- */

/* "-depends" is the other direction of "depends". */
static void draw_types(struct web *w, const char *chosen)
{
    const struct content_table *t = content_table(w->app->content, "link_types");
    struct html *h = w->html;

    html(h, "<select class='form-select' id='f-type' name='type'>");
    for (size_t i = 0; t && i < content_rows(t); i++) {
        const char *code = content_cell(t, i, "code"), *label = content_cell(t, i, "label");
        const char *reverse = content_cell(t, i, "reverse");
        const char *back = arena_printf(w->arena, "-%s", code);

        html(h, "<option value='%s' title='%s'%s>%s</option>", code, content_cell(t, i, "help"),
             text_equal(code, chosen) ? " selected" : "", tr(label));
        if (!text_equal(label, reverse))
            html(h, "<option value='%s'%s>%s</option>", back,
                 text_equal(back, chosen) ? " selected" : "", tr(reverse));
    }
    html(h, "</select>");
}

static void draw_error(struct web *w, const char *name, const struct issues *issues)
{
    const char *text = issue_of(issues, name);

    if (text)
        html(w->html, "<div class='field-error' id='f-%s-error'>%s</div>", name, text);
}

static void draw_form(struct web *w, const char *address, const char *label,
                      const struct issues *issues)
{
    struct html *h = w->html;
    const char *target = web_form(w, "target"), *why = web_form(w, "why");

    form_begin(w, arena_printf(w->arena, "%s/links", address), 0);
    html(h,
         "<div class='form-grid mb-3'><div class='field'><label class='form-label' "
         "for='f-type'>{%s …}</label>",
         label);
    draw_types(w, web_form(w, "type"));
    draw_error(w, "type", issues);
    html(h,
         "</div><div class='field'><label class='form-label required' for='f-target'>{Record}"
         "</label><input class='form-control%s' id='f-target' name='target' value='%s' required "
         "maxlength='40' list='f-target-list' data-find='*' autocomplete='off' "
         "aria-describedby='f-target-hint%s'><datalist id='f-target-list'></datalist>"
         "<div class='form-hint' id='f-target-hint'>{Type a word of its title, or its number like "
         "R-7.}</div>",
         issue_of(issues, "target") ? " is-invalid" : "", target,
         issue_of(issues, "target") ? " f-target-error" : "");
    draw_error(w, "target", issues);
    html(h,
         "</div><div class='field wide'><label class='form-label' for='f-why'>{Why}</label>"
         "<input class='form-control' id='f-why' name='why' value='%s' maxlength='500' "
         "aria-describedby='f-why-hint'><div class='form-hint' id='f-why-hint'>{What somebody "
         "should know who finds this link in a year.}</div>",
         why);
    draw_error(w, "why", issues);
    html(h, "</div></div>");
    form_end(w, "Add link", NULL);
}

/* --- what fields say --- */

struct group {
    const char *title, *more; /* the list with all of them, or NULL */
    const struct record_head *heads;
    size_t count;
    bool capped;
};

static void draw_group(struct web *w, const struct group *g)
{
    struct html *h = w->html;

    html(h, "<dt>%s</dt><dd><ul class='list-unstyled mb-0'>", g->title);
    for (size_t i = 0; i < g->count; i++) {
        html(h, "<li>");
        draw_record(w, &g->heads[i]);
        html(h, "</li>");
    }
    if (g->capped && g->more)
        html(h, "<li><a href='%s'>{All of them}</a></li>", g->more);
    else if (g->capped)
        html(h, "<li class='mute'>{and more}</li>");
    html(h, "</ul></dd>");
}

static struct err *draw_outgoing(struct web *w, const struct entity *e, const void *record,
                                 size_t *drawn)
{
    for (size_t i = 0; i < e->nfields; i++) {
        const struct field *f = &e->fields[i];
        struct group g = {.title = tr(f->label)};
        struct record_head *heads;
        struct ids ids;

        if (f->secret || (f->kind != FIELD_REF && f->kind != FIELD_REFS))
            continue;
        ids = field_targets(f, record);
        if (!ids.count)
            continue;
        TRY(record_heads(w, ids, &heads));
        g.heads = heads;
        g.count = ids.count;
        draw_group(w, &g);
        ++*drawn;
    }
    return NULL;
}

static const struct record_head *head_of(struct web *w, const struct near *n)
{
    struct record_head *h = NEW(w->arena, struct record_head);

    *h = (struct record_head){
        .entity = n->entity, .id = n->id, .number = n->number, .title = n->title};
    record_label(w->arena, n->entity, n->number, &h->label);
    return h;
}

static struct err *draw_incoming(struct web *w, const struct entity *e, const struct record *r,
                                 size_t *drawn)
{
    struct near *list;
    size_t n;

    TRY(entity_pointing(w, e, r->id, NEAR_MOST + 1, &list, &n));
    for (size_t i = 0, next; i < n; i = next) {
        const struct field *f = list[i].field;
        struct record_head *heads = NEW_ARRAY(w->arena, struct record_head, NEAR_MOST);
        struct group g = {
            .heads = heads,
            .title = arena_printf(w->arena, "%s · %s", tr(list[i].entity->labels), tr(f->label))};

        for (next = i; next < n && list[next].field == f; next++)
            if (g.count < NEAR_MOST)
                heads[g.count++] = *head_of(w, &list[next]);
        g.capped = next - i > NEAR_MOST;
        if (f->filtered && !list[i].entity->no_pages)
            g.more =
                web_url(w, "/%s?%s=%s-%lld", list[i].entity->plural, f->name, e->prefix, r->number);
        draw_group(w, &g);
        ++*drawn;
    }
    return NULL;
}

/* --- pages --- */

struct err *link_tab(struct web *w, const struct entity *e, const void *record)
{
    const struct record *r = record;
    const char *address = web_record_url(w, e, r->number), *label;
    struct html *h = w->html;
    size_t drawn = 0;

    record_label(w->arena, e, r->number, &label);
    html(h, "<div class='stack'>");
    card_begin(w, "Links", NULL);
    TRY(draw_links(w, address, r->id));
    if (may_link(w)) {
        html(h, "<details class='mt-3'><summary>{Link with another record}</summary>");
        draw_form(w, address, label, NULL);
        html(h, "</details>");
    }
    card_end(w);
    card_begin(w, "What its fields say", NULL);
    html(h, "<dl class='facts'>");
    TRY(draw_outgoing(w, e, record, &drawn));
    html(h, "</dl>");
    if (!drawn)
        html(h, "<p class='mute mb-0'>{No field of this record names another one.}</p>");
    card_end(w);
    drawn = 0;
    card_begin(w, "What refers to it", NULL);
    html(h, "<dl class='facts'>");
    TRY(draw_incoming(w, e, r, &drawn));
    html(h, "</dl>");
    if (!drawn)
        html(h, "<p class='mute mb-0'>{No other record names this one. It can be removed without "
                "leaving a gap.}</p>");
    card_end(w);
    if (web_may(w, &link_read))
        html(h, "<p class='mb-0'><a href='%s'>{All links of the organisation}</a></p>",
             web_url(w, "/links"));
    html(h, "</div>");
    return NULL;
}

static void draw_waiting(struct web *w, const struct record_head *h, size_t i)
{
    if (i)
        html(w->html, ",");
    html(w->html, " ");
    draw_record(w, h);
}

struct err *link_brief(struct web *w, const struct entity *e, const void *record)
{
    const struct record *r = record;
    struct link_end *ends;
    struct near *near;
    size_t n, nends, drawn = 0, waits = 0;

    TRY(entity_pointing(w, e, r->id, BRIEF_EACH + 1, &near, &n));
    TRY(link_ends(w, r->id, LINKS_MOST, &ends, &nends));
    for (size_t i = 0; i < nends; i++)
        waits += ends[i].waits && !ends[i].other.removed;
    if (!n && !waits)
        return NULL;
    html(w->html, "<p class='waiting'><span class='mute'>{Depends on this:}</span>");
    for (size_t i = 0; i < nends && drawn < BRIEF_MOST; i++)
        if (ends[i].waits && !ends[i].other.removed)
            draw_waiting(w, &ends[i].other, drawn++);
    for (size_t i = 0; i < n && drawn < BRIEF_MOST; i++)
        draw_waiting(w, head_of(w, &near[i]), drawn++);
    if (drawn < n + waits)
        html(w->html, " <a class='mute' href='%s%stab=links'>{and more}</a>",
             web_record_url(w, e, r->number), w->asof_date ? "&" : "?");
    html(w->html, "</p>");
    return NULL;
}

/* --- changes --- */

static struct err *refused(struct web *w, const struct entity *e, const struct record *r,
                           const struct issues *issues)
{
    const char *label;

    record_label(w->arena, e, r->number, &label);
    web_status(w, 422);
    page_begin(w, arena_printf(w->arena, "%s · %s", tr(e->label), label), "%s",
               tr("Link with another record"));
    page_body(w);
    form_issues(w, issues);
    card_begin(w, NULL, NULL);
    draw_form(w, web_record_url(w, e, r->number), label, issues);
    card_end(w);
    page_end(w);
    return NULL;
}

/* Saying the same twice helps nobody; two reasons for one relation are two links. */
static struct err *refuse_twin(struct web *w, const struct link *l, struct issues *out)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select number from link where org_id = $1 and source = $2 and target = $3"
                 " and type = $4 and coalesce(why, '') = $5",
                 num(w->org), num(l->source), num(l->target), str(l->type),
                 str(l->why ? l->why : "")));
    if (row_next(r))
        issue(out, "target", "These two are linked in this way already (L-%lld).", row_num(r, 0));
    return NULL;
}

struct err *link_add_post(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    const char *type = web_form(w, "type");
    struct link l = {.source = 0};
    const struct entity *e;
    struct record *r;
    struct input in[3];
    bool back;

    TRY(entity_asked_record(w, &e, &r));
    type = type ? type : "";
    back = *type == '-';
    in[0] = (struct input){"type", type + back};
    in[1] = (struct input){back ? "source" : "target", web_form(w, "target")};
    in[2] = (struct input){"why", web_form(w, "why")};
    TRY(entity_apply(w, &link_entity, &l, (struct inputs){in, 3}, true, &issues));
    for (size_t i = 0; i < issues.count; i++)
        if (text_equal(issues.list[i].field, "source"))
            issues.list[i].field = "target";
    if (back)
        l.target = r->id;
    else
        l.source = r->id;
    if (!issues.count)
        TRY(refuse_twin(w, &l, &issues));
    if (!issues.count)
        TRY(entity_write(w, &link_entity, &l, w->reason, &issues));
    if (issues.count)
        return refused(w, e, r, &issues);
    web_redirect(w,
                 arena_printf(w->arena, "%s?tab=links&m=added", web_record_url(w, e, r->number)));
    return NULL;
}

struct err *link_drop_post(struct web *w)
{
    const char *version = web_form(w, "_version");
    const struct entity *e;
    struct record *r;
    struct link l;
    i64 id, n;

    TRY(entity_asked_record(w, &e, &r));
    TRY(entity_find(w, &link_entity, web_form(w, "link"), &id));
    TRY(entity_load(w, &link_entity, id, &l));
    if (l.source != r->id && l.target != r->id)
        return err_new(ERR_MISSING, "There is no such link on this record.");
    if (!version || !text_i64(version, &n))
        return err_new(ERR_BAD, "The form does not say which version it removes. Open the page "
                                "again.");
    TRY(entity_remove(w, &link_entity, id, n, w->reason));
    web_redirect(
        w, arena_printf(w->arena, "%s?tab=links&m=unlinked", web_record_url(w, e, r->number)));
    return NULL;
}
