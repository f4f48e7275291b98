/* SPDX-License-Identifier: Apache-2.0 */
/* What stands over a list: text, filters that are on, those that are used most, the panels. All of
 * it is links and GET forms, so that every state of the list is an address. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/entity_sql.h"
#include "core/list_dates.h"
#include "core/list_part.h"
#include "core/page.h"

static bool is_active(const struct list_query *q, const struct field *f)
{
    for (size_t i = 0; i < q->nfilters; i++)
        if (q->filters[i].field == f)
            return true;
    return false;
}

/* What is set: a click takes it out. */
static struct err *draw_active(struct web *w, const struct list_query *q,
                               const struct list_filter *f)
{
    const char *text;

    TRY(list_told(w, f, &text));
    html(w->html,
         "<a class='filter' aria-current='true' href='%s'>%s <span aria-hidden='true'>×</span>"
         "<span class='visually-hidden'>{, take this filter out}</span></a>",
         list_url(w, q, f->name, NULL), text);
    return NULL;
}

static void menu_begin(struct web *w, const char *label, bool open)
{
    html(w->html,
         "<details class='menu'%s><summary class='filter'>%s</summary>"
         "<div class='menu-items'>",
         open ? " open" : "", tr(label));
}

static void menu_end(struct web *w)
{
    html(w->html, "</div></details>");
}

static void menu_item(struct web *w, const struct list_query *q, const struct field *f,
                      const struct choice *c)
{
    html(w->html, "<a class='menu-item' href='%s'>%s</a>", list_url(w, q, f->name, c->code),
         tr(c->label));
}

static void draw_choices(struct web *w, const struct list_query *q, const struct field *f)
{
    static const struct choice yes_no[] = {
        {"1",  "Yes", NULL},
        {"0",  "No",  NULL},
        {NULL, NULL,  NULL}
    };
    static const struct choice none = {"none", "None", NULL};
    const struct choice *list = f->kind == FIELD_BOOL ? yes_no : f->choices;

    menu_begin(w, tr(f->label), false);
    for (size_t i = 0; list && list[i].code; i++)
        menu_item(w, q, f, &list[i]);
    if (!f->required && f->kind != FIELD_BOOL)
        menu_item(w, q, f, &none);
    menu_end(w);
}

static void draw_days(struct web *w, const struct list_query *q, const struct field *f)
{
    for (size_t i = 0; i < 6 && list_spans[i].code; i++)
        menu_item(w, q, f, &list_spans[i]);
    if (!f->required)
        html(w->html, "<a class='menu-item' href='%s'>{None}</a>", list_url(w, q, f->name, "none"));
}

static void draw_range(struct web *w, const struct list_query *q, const struct field *f)
{
    bool days = f->kind == FIELD_DATE || f->kind == FIELD_TIME;
    const char *type = days ? "date" : "text";
    struct html *h = w->html;

    menu_begin(w, tr(f->label), false);
    if (days)
        draw_days(w, q, f);
    html(h, "<form method='get' action='%s' class='p-2'>", list_path(w, q->entity));
    list_hidden(w, f->name);
    html(h,
         "<label class='form-label' for='f-%s-min'>{From}</label>"
         "<input class='form-control mb-2' id='f-%s-min' type='%s' name='%s.min'>"
         "<label class='form-label' for='f-%s-max'>{To}</label>"
         "<input class='form-control mb-2' id='f-%s-max' type='%s' name='%s.max'>"
         "<button class='btn btn-sm btn-primary' type='submit'>{Apply}</button></form>",
         f->name, f->name, type, f->name, f->name, f->name, type, f->name);
    menu_end(w);
}

/* References and codes are counted only when somebody opens the menu (?facet=name). */
static struct err *draw_facet(struct web *w, const struct list_query *q, const struct field *f)
{
    struct facet *list;
    size_t count;
    struct html *h = w->html;

    if (!text_equal(web_query(w, "facet"), f->name) || web_query(w, "panel")) {
        html(h, "<a class='filter' href='%s'>%s…</a>", list_url(w, q, "facet", f->name),
             tr(f->label));
        return NULL;
    }
    TRY(list_facet(w, q, f, &list, &count));
    menu_begin(w, tr(f->label), true);
    for (size_t i = 0; i < count; i++)
        html(h, "<a class='menu-item' href='%s'>%s <span class='mute'>% lld</span></a>",
             list_url(w, q, f->name, list[i].value), list[i].label, list[i].count);
    if (count == 0)
        html(h, "<span class='menu-item mute'>{No values here}</span>");
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
    case FIELD_RECORD:
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

static void draw_panel_link(struct web *w, const struct list_query *q, const char *panel,
                            const char *label)
{
    bool open = text_equal(web_query(w, "panel"), panel);

    html(w->html, "<a class='filter' href='%s%s' aria-expanded='%s'%s>%s</a>",
         list_url(w, q, "panel", open ? NULL : panel), open ? "" : "#list-panel",
         open ? "true" : "false", text_equal(panel, "filters") ? " data-key=f" : "", tr(label));
}

static void draw_count(struct web *w, const struct list_result *r)
{
    struct html *h = w->html;

    html(h, "<span class='filter-count'>");
    if (r->capped && r->total <= LIST_MOST)
        html(h, "{at least % lld}", r->total);
    else if (r->capped)
        html(h, "{more than % lld}", (i64)LIST_MOST);
    else
        html(h, "% lld", r->total);
    if (w->asof_date)
        html(h, " · {as of %s}", words_date(w->arena, w->asof_date));
    html(h, "</span>");
}

static void draw_text(struct web *w, const struct list_query *q)
{
    const struct entity *e = q->entity;
    const char *labels = page_lower(w, tr(e->labels));
    struct html *h = w->html;

    html(h, "<form id='list-form' method='get' action='%s' hidden>", list_path(w, e));
    list_hidden(w, "q");
    html(h,
         "</form><label class='visually-hidden' for='list-q'>{Filter %s by text}</label>"
         "<input class='form-control' form='list-form' id='list-q' type='search' name='q' "
         "value='%s' placeholder='{Filter %s…}' maxlength='200' autocomplete='off'>",
         labels, q->q, labels);
}

struct err *list_draw_bar(struct web *w, const struct list_query *q, const struct list_result *r)
{
    const struct entity *e = q->entity;
    const struct field *mine[LIST_COLUMNS];
    struct html *h = w->html;

    html(h, "<div class='filter-bar'>");
    draw_text(w, q);
    for (size_t i = 0; i < q->nfilters; i++)
        TRY(draw_active(w, q, &q->filters[i]));
    if (q->nfilters + (q->q != NULL) > 1)
        html(h, "<a class='filter' href='%s'>{Clear all}</a>", list_all_url(w, q));
    if (w->person && !is_active(q, NULL) && list_mine(e, mine))
        html(h, "<a class='filter' href='%s'>{Mine}</a>", list_url(w, q, "mine", "1"));
    /* A phone has no room for these; all of them are behind the next button too. */
    html(h, "<div class='filter-quick'>");
    for (size_t i = 0; i < e->nfields; i++)
        if (e->fields[i].filtered && !e->fields[i].quiet && !is_active(q, &e->fields[i]))
            TRY(draw_filter(w, q, &e->fields[i]));
    html(h, "</div>");
    draw_panel_link(w, q, "filters", tr("All filters"));
    draw_panel_link(w, q, "display", "Columns and order");
    draw_panel_link(w, q, "views", "Views");
    draw_count(w, r);
    html(h, "</div>");
    return list_draw_panel(w, q, r);
}
