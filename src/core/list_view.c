/* SPDX-License-Identifier: Apache-2.0 */
/* Drawing of lists: filter bar, table, pager. Everything works as links and GET forms. */
#include "core/list.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/app.h"
#include "core/content.h"
#include "core/entity_sql.h"
#include "core/list_sql.h"
#include "core/page.h"

#define COLUMNS_MOST 24
#define SHORT_TEXT 140 /* characters of a long text in a list */
#define SHORT_REFS 3   /* references of a record in a list */

/* --- addresses --- */

/* Parameters that say where one is in the list, or that were said once: they are not kept. */
static bool is_place(const char *name)
{
    return text_equal(name, "after") || text_equal(name, "m") || text_equal(name, "undo") ||
           text_equal(name, "facet") || text_equal(name, "format");
}

static void add_parameter(struct buf *b, char *separator, const char *name, const char *value)
{
    buf_char(b, *separator);
    *separator = '&';
    buf_str(b, text_url(b->arena, name));
    buf_char(b, '=');
    buf_str(b, text_url(b->arena, value));
}

/* The parameters of the request with one changed. */
static void add_parameters(struct web *w, struct buf *b, const char *name, const char *value)
{
    char separator = '?';

    for (size_t i = 0; w->req && i < w->req->query.count; i++) {
        const struct pair *p = &w->req->query.list[i];
        if (!is_place(p->name) && !text_equal(p->name, name) && *p->value)
            add_parameter(b, &separator, p->name, p->value);
    }
    if (name && value)
        add_parameter(b, &separator, name, value);
}

static const char *list_path(struct web *w, const struct entity *e)
{
    if (w->req)
        return w->req->path;
    return arena_printf(w->arena, "%s%s/%s", w->slug ? "/o/" : "", w->slug ? w->slug : "",
                        e->plural);
}

const char *list_url(struct web *w, const struct list_query *q, const char *name, const char *value)
{
    struct buf b;

    buf_init(&b, w->arena, 128);
    buf_str(&b, list_path(w, q->entity));
    add_parameters(w, &b, name, value);
    return b.data;
}

static const char *export_url(struct web *w, const struct entity *e, const char *format)
{
    struct buf b;

    buf_init(&b, w->arena, 128);
    buf_printf(&b, "%s%s/%s/export", w->slug ? "/o/" : "", w->slug ? w->slug : "", e->plural);
    add_parameters(w, &b, "format", format);
    return b.data;
}

void list_hidden(struct web *w, const char *name)
{
    for (size_t i = 0; w->req && i < w->req->query.count; i++) {
        const struct pair *p = &w->req->query.list[i];
        size_t size = strlen(name);
        /* "due" stands for due, due.min and due.max. */
        bool same = text_starts(p->name, name) && (p->name[size] == '\0' || p->name[size] == '.');
        if (!is_place(p->name) && !same && *p->value)
            html(w->html, "<input type='hidden' name='%s' value='%s'>", p->name, p->value);
    }
}

/* --- values --- */

static void draw_dash(struct web *w)
{
    html(w->html, "<span class='mute'>—</span>");
}

static void draw_reference(struct web *w, const struct entity *e, const struct list_title *t)
{
    if (!t) {
        html(w->html, "<span class='mute'>unknown %s</span>", e->label);
        return;
    }
    if (e->no_pages || e->site || !web_may(w, e->read))
        html(w->html, "%s", t->title);
    else
        html(w->html, "<a href='%s'>%s</a>", web_record_url(w, e, t->number), t->title);
}

static void draw_references(struct web *w, const struct field *f, const void *record,
                            const struct list_titles *titles, bool full)
{
    const struct ids *ids = (const struct ids *)(const void *)((const char *)record + f->offset);
    size_t shown = full || ids->count <= SHORT_REFS ? ids->count : SHORT_REFS;

    if (ids->count == 0)
        draw_dash(w);
    for (size_t i = 0; i < shown; i++) {
        if (i > 0 && full)
            html(w->html, "<br>");
        else if (i > 0)
            html(w->html, ", ");
        draw_reference(w, f->ref, list_title_of(titles, f->ref, ids->id[i]));
    }
    if (shown < ids->count)
        html(w->html, " <span class='mute'>+%zu</span>", ids->count - shown);
}

static void draw_text(struct web *w, const char *text, bool full)
{
    size_t end = 0;
    size_t length = 0;

    if (full) {
        html_lines(w->html, text);
        return;
    }
    while (text[end] && length < SHORT_TEXT) {
        end++;
        while ((text[end] & 0xc0) == 0x80)
            end++;
        length++;
    }
    html(w->html, "%.*s%s", (int)end, text, text[end] ? "…" : "");
}

static struct err *draw_plain(struct web *w, const struct field *f, const void *record, bool full)
{
    const char *text;

    TRY(field_show(w, f, record, &text));
    if (!text || !*text)
        draw_dash(w);
    else
        draw_text(w, text, full);
    return NULL;
}

struct err *list_draw_value(struct web *w, const struct field *f, const void *record,
                            const struct list_titles *titles, bool full)
{
    const struct choice *c;

    if (f->kind == FIELD_REFS) {
        draw_references(w, f, record, titles, full);
    } else if (f->kind == FIELD_REF) {
        i64 id = field_num(f, record);
        if (id)
            draw_reference(w, f->ref, list_title_of(titles, f->ref, id));
        else
            draw_dash(w);
    } else if (f->kind == FIELD_CHOICE &&
               (c = choice_find(f->choices, field_str(f, record))) != NULL && c->tone) {
        badge(w, c->tone, c->label);
    } else {
        return draw_plain(w, f, record, full);
    }
    return NULL;
}

/* --- filter bar --- */

static const struct list_filter *active(const struct list_query *q, const struct field *f)
{
    for (size_t i = 0; i < q->nfilters; i++)
        if (q->filters[i].field == f)
            return &q->filters[i];
    return NULL;
}

static struct err *filter_text(struct web *w, const struct list_filter *f, const char **out)
{
    const struct field *d = f->field;
    const struct choice *c = d->choices ? choice_find(d->choices, f->text) : NULL;

    *out = f->text;
    if (f->how == LIST_EMPTY)
        *out = "none";
    else if (d->kind == FIELD_REF || d->kind == FIELD_REFS)
        return entity_title(w, d->ref, f->num, out, NULL);
    else if (d->kind == FIELD_BOOL)
        *out = f->num ? "yes" : "no";
    else if (c)
        *out = c->label;
    else if (d->kind == FIELD_CODE && w->app && w->app->content)
        *out = content_label(w->app->content, d->catalogue, f->text);
    return NULL;
}

/* What is set: a click takes it out. */
static struct err *draw_active(struct web *w, const struct list_query *q,
                               const struct list_filter *f)
{
    static const char *const sign[] = {
        [LIST_IS] = ":", [LIST_EMPTY] = ":", [LIST_MIN] = " ≥", [LIST_MAX] = " ≤"};
    static const char *const suffix[] = {
        [LIST_IS] = "", [LIST_EMPTY] = "", [LIST_MIN] = ".min", [LIST_MAX] = ".max"};
    const char *name = arena_printf(w->arena, "%s%s", f->field->name, suffix[f->how]);
    const char *text;

    TRY(filter_text(w, f, &text));
    html(w->html,
         "<a class='filter' aria-current='true' href='%s'>%s%s %s "
         "<span aria-hidden='true'>×</span><span class='visually-hidden'>, take this filter "
         "out</span></a>",
         list_url(w, q, name, NULL), f->field->label, sign[f->how], text);
    return NULL;
}

static void menu_begin(struct web *w, const char *label, bool open)
{
    html(w->html, "<details class='menu'");
    if (open)
        html(w->html, " open");
    html(w->html, "><summary class='filter'>%s</summary><div class='menu-items'>", label);
}

static void menu_end(struct web *w)
{
    html(w->html, "</div></details>");
}

static void menu_item(struct web *w, const struct list_query *q, const struct field *f,
                      const char *value, const char *label)
{
    html(w->html, "<a class='menu-item' href='%s'>%s</a>", list_url(w, q, f->name, value), label);
}

static void draw_choices(struct web *w, const struct list_query *q, const struct field *f)
{
    menu_begin(w, f->label, false);
    for (size_t i = 0; f->choices && f->choices[i].code; i++)
        menu_item(w, q, f, f->choices[i].code, f->choices[i].label);
    if (f->kind == FIELD_BOOL) {
        menu_item(w, q, f, "1", "Yes");
        menu_item(w, q, f, "0", "No");
    } else if (!f->required) {
        menu_item(w, q, f, "none", "None");
    }
    menu_end(w);
}

static void draw_range(struct web *w, const struct list_query *q, const struct field *f)
{
    const char *type = f->kind == FIELD_DATE || f->kind == FIELD_TIME ? "date" : "text";
    struct html *h = w->html;

    menu_begin(w, f->label, false);
    html(h, "<form method='get' action='%s' class='p-2'>", list_path(w, q->entity));
    list_hidden(w, f->name);
    html(h,
         "<label class='form-label' for='f-%s-min'>From</label>"
         "<input class='form-control mb-2' id='f-%s-min' type='%s' name='%s.min'>",
         f->name, f->name, type, f->name);
    html(h,
         "<label class='form-label' for='f-%s-max'>To</label>"
         "<input class='form-control mb-2' id='f-%s-max' type='%s' name='%s.max'>"
         "<button class='btn btn-sm btn-primary' type='submit'>Apply</button></form>",
         f->name, f->name, type, f->name);
    menu_end(w);
}

/* References and codes are counted only when somebody opens the menu (?facet=name). */
static struct err *draw_facet(struct web *w, const struct list_query *q, const struct field *f)
{
    struct facet *list;
    size_t count;
    struct html *h = w->html;

    if (!text_equal(web_query(w, "facet"), f->name)) {
        html(h, "<a class='filter' href='%s'>%s…</a>", list_url(w, q, "facet", f->name), f->label);
        return NULL;
    }
    TRY(list_facet(w, q, f, &list, &count));
    menu_begin(w, f->label, true);
    for (size_t i = 0; i < count; i++)
        html(h, "<a class='menu-item' href='%s'>%s <span class='mute'>%lld</span></a>",
             list_url(w, q, f->name, list[i].value), list[i].label, list[i].count);
    if (count == 0)
        html(h, "<span class='menu-item mute'>No values here</span>");
    menu_end(w);
    return NULL;
}

static struct err *draw_filter(struct web *w, const struct list_query *q, const struct field *f)
{
    switch (f->kind) {
    case FIELD_CHOICE:
    case FIELD_SET:
    case FIELD_BOOL:
        draw_choices(w, q, f);
        return NULL;
    case FIELD_REF:
    case FIELD_REFS:
    case FIELD_CODE:
        return draw_facet(w, q, f);
    case FIELD_INT:
    case FIELD_MONEY:
    case FIELD_LEVEL:
    case FIELD_DATE:
    case FIELD_TIME:
        draw_range(w, q, f);
        return NULL;
    case FIELD_TEXT:
    case FIELD_LONG:
    case FIELD_EMAIL:
        break;
    }
    return NULL;
}

/* All orders in one menu: on a phone the table has no header. */
static void draw_sorts(struct web *w, const struct list_query *q)
{
    const struct entity *e = q->entity;
    struct html *h = w->html;

    menu_begin(w, "Sort", false);
    for (size_t i = 0; i <= e->nfields; i++) {
        const struct field *f = i ? &e->fields[i - 1] : NULL;
        const char *name = f ? f->name : "number";
        if (f && !f->sortable)
            continue;
        for (int down = 0; down < 2; down++)
            html(h, "<a class='menu-item' href='%s'>%s %s</a>",
                 list_url(w, q, "sort", arena_printf(w->arena, "%s%s", down ? "-" : "", name)),
                 f ? f->label : "Number", down ? "↓" : "↑");
    }
    menu_end(w);
}

static void draw_count(struct web *w, const struct list_result *r)
{
    struct html *h = w->html;

    html(h, "<span class='filter-count'>");
    if (r->capped)
        html(h, "more than 1,000");
    else if (r->total == 1000)
        html(h, "1,000");
    else
        html(h, "%lld", r->total);
    if (w->asof_date)
        html(h, " · as of %s", w->asof_date);
    html(h, "</span>");
}

struct err *list_draw_bar(struct web *w, const struct list_query *q, const struct list_result *r)
{
    const struct entity *e = q->entity;
    struct html *h = w->html;

    html(h, "<div class='filter-bar'><form id='list-form' method='get' action='%s' hidden>",
         list_path(w, e));
    list_hidden(w, "q");
    html(h,
         "</form><label class='visually-hidden' for='list-q'>Filter %s by text</label>"
         "<input class='form-control' form='list-form' id='list-q' type='search' name='q' "
         "value='%s' placeholder='Filter %s…' maxlength='200' autocomplete='off'>",
         page_lower(w, e->labels), q->q, page_lower(w, e->labels));
    for (size_t i = 0; i < q->nfilters; i++)
        TRY(draw_active(w, q, &q->filters[i]));
    for (size_t i = 0; i < e->nfields; i++)
        if (e->fields[i].filtered && !e->fields[i].quiet && !active(q, &e->fields[i]))
            TRY(draw_filter(w, q, &e->fields[i]));
    draw_sorts(w, q);
    draw_count(w, r);
    html(h, "</div>");
    return NULL;
}

/* --- table --- */

struct table {
    struct web *w;
    const struct list_query *q;
    const struct field *title;
    const struct field *columns[COLUMNS_MOST]; /* without the title */
    size_t count;
    struct list_titles titles;
    bool (*cell)(struct web *w, const struct field *f, const void *record);
};

static bool is_figure(const struct field *f)
{
    return f->kind == FIELD_INT || f->kind == FIELD_MONEY;
}

static const char *cell_class(const struct field *f)
{
    if (is_figure(f))
        return "num";
    return f->kind == FIELD_DATE || f->kind == FIELD_TIME ? "text-nowrap" : "";
}

static void table_columns(struct table *t)
{
    const struct entity *e = t->q->entity;

    t->title = e->title ? entity_field(e, e->title) : NULL;
    for (size_t i = 0; i < e->nfields && t->count < COLUMNS_MOST; i++)
        if (e->fields[i].listed && !e->fields[i].secret && &e->fields[i] != t->title)
            t->columns[t->count++] = &e->fields[i];
}

static void draw_head(struct table *t, const struct field *f, const char *label)
{
    bool sorted = f && f->sortable && t->q->sort == f;
    const char *name = f ? f->name : "number";
    struct html *h = t->w->html;

    html(h, "<th scope='col'");
    if (f && is_figure(f))
        html(h, " class='num'");
    if (sorted)
        html(h, " aria-sort='%s'", t->q->descending ? "descending" : "ascending");
    html(h, ">");
    if (f && f->sortable) {
        bool down = sorted && !t->q->descending;
        html(h, "<a class='sort' href='%s'>%s</a>",
             list_url(t->w, t->q, "sort", arena_printf(t->w->arena, "%s%s", down ? "-" : "", name)),
             label);
    } else {
        html(h, "%s", label);
    }
    html(h, "</th>");
}

static struct err *draw_row(struct table *t, const void *record)
{
    const struct entity *e = t->q->entity;
    const struct record *one = record;
    struct html *h = t->w->html;
    const char *title = t->title ? field_str(t->title, record) : NULL;

    html(h,
         "<tr><td class='list-main'><a href='%s'><span class='record-number'>%s-%lld</span> "
         "%s</a>",
         web_record_url(t->w, e, one->number), e->prefix, one->number, title);
    if (t->cell && t->title)
        (void)t->cell(t->w, t->title, record);
    html(h, "</td>");
    for (size_t i = 0; i < t->count; i++) {
        const struct field *f = t->columns[i];
        html(h, "<td class='%s' data-label='%s'>", cell_class(f), f->label);
        if (!t->cell || !t->cell(t->w, f, record))
            TRY(list_draw_value(t->w, f, record, &t->titles, false));
        html(h, "</td>");
    }
    html(h, "</tr>\n");
    return NULL;
}

struct err *list_draw_table(struct web *w, const struct list_query *q, const struct list_result *r,
                            bool (*cell)(struct web *w, const struct field *f, const void *record))
{
    const struct entity *e = q->entity;
    struct table t = {.w = w, .q = q, .cell = cell};
    struct html *h = w->html;

    table_columns(&t);
    TRY(list_titles(w, t.columns, t.count, r, e->size, &t.titles));
    html(h,
         "<div class='table-responsive'><table class='table list'>"
         "<caption class='visually-hidden'>%s</caption><thead><tr>",
         e->labels);
    draw_head(&t, t.title, e->label);
    for (size_t i = 0; i < t.count; i++)
        draw_head(&t, t.columns[i], t.columns[i]->label);
    html(h, "</tr></thead><tbody>\n");
    for (size_t i = 0; i < r->count; i++)
        TRY(draw_row(&t, (const char *)r->records + i * e->size));
    html(h, "</tbody></table></div>");
    return NULL;
}

/* --- pager --- */

static bool has_export(struct web *w, const struct entity *e)
{
    return w->slug && page_offers(w, arena_printf(w->arena, "/o/%s/%s/export", w->slug, e->plural));
}

void list_draw_pager(struct web *w, const struct list_query *q, const struct list_result *r)
{
    bool export = r->count > 0 && !q->extra && has_export(w, q->entity);
    struct html *h = w->html;

    if (!q->after && !r->next && !export)
        return;
    html(h, "<div class='pager'><nav class='btn-list' aria-label='Pages'>");
    if (q->after)
        html(h, "<a class='btn btn-sm' href='%s'>First page</a>", list_url(w, q, "after", NULL));
    if (r->next)
        html(h, "<a class='btn btn-sm' rel='next' href='%s'>Next %zu</a>",
             list_url(w, q, "after", r->next), r->count);
    html(h, "</nav>");
    if (export)
        html(h,
             "<span class='mute'>Export: <a href='%s' download>CSV</a> · "
             "<a href='%s' download>Excel</a> · <a href='%s' download>JSON</a></span>",
             export_url(w, q->entity, "csv"), export_url(w, q->entity, "xlsx"),
             export_url(w, q->entity, "json"));
    html(h, "</div>");
}

static void draw_nothing(struct web *w, const struct list_query *q)
{
    const struct entity *e = q->entity;

    if (q->q || q->nfilters > 0 || q->after)
        page_empty(w, "Nothing fits these filters.", list_path(w, e), "Show all");
    else if (!e->no_create && !e->no_pages && !w->asof && web_may(w, e->write))
        page_empty(w, e->empty ? e->empty : "There is nothing here yet.",
                   web_url(w, "/%s/new", e->plural),
                   arena_printf(w->arena, "New %s", page_lower(w, e->label)));
    else
        page_empty(w, e->empty ? e->empty : "There is nothing here yet.", NULL, NULL);
}

struct err *list_draw(struct web *w, const struct list_query *q, const struct list_result *r,
                      bool (*cell)(struct web *w, const struct field *f, const void *record))
{
    bool bare = r->count == 0 && !q->q && q->nfilters == 0 && !q->after;

    html(w->html, "<section class='card' aria-label='%s'>", q->entity->labels);
    if (!bare)
        TRY(list_draw_bar(w, q, r));
    if (r->count > 0)
        TRY(list_draw_table(w, q, r, cell));
    else
        draw_nothing(w, q);
    list_draw_pager(w, q, r);
    html(w->html, "</section>");
    return NULL;
}
