/* SPDX-License-Identifier: Apache-2.0 */
/* The panels of a list, drawn only when they are asked for (?panel=): a form with a filter for
 * every field, and the choice of columns, order and groups as links. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/catalogue.h"
#include "core/content.h"
#include "core/entity_sql.h"
#include "core/list_dates.h"
#include "core/list_part.h"
#include "core/page.h"
#include "core/view.h"

#define BOXES_MOST 40 /* values that are offered as boxes; more are typed */
#define GROUPS_MOST 16

/* --- a filter for every field --- */

struct panel_form {
    struct web *w;
    const struct list_query *q;
    bool counts; /* the list is so short that counting costs nothing */
};

static const struct list_filter *filter_of(const struct list_query *q, const struct field *f,
                                           enum list_how how)
{
    for (size_t i = 0; i < q->nfilters; i++)
        if (q->filters[i].field == f && q->filters[i].how == how)
            return &q->filters[i];
    return NULL;
}

/* What the address says of the parameter, as far as it is one of this form. */
static const char *sent(const struct panel_form *p, const struct field *f, const char *suffix)
{
    const char *value = web_query(p->w, arena_printf(p->w->arena, "%s%s", f->name, suffix));

    return value ? value : "";
}

static void draw_empty(const struct panel_form *p, const struct field *f)
{
    const char *now = filter_of(p->q, f, LIST_EMPTY)    ? "yes"
                      : filter_of(p->q, f, LIST_FILLED) ? "no"
                                                        : "";
    struct html *h = p->w->html;

    if (f->required || f->kind == FIELD_BOOL)
        return;
    html(h, "<select class='form-select' name='%s.empty' aria-label='{%s: empty or not}'>", f->name,
         tr(f->label));
    html(h,
         "<option value=''>{empty or not}</option><option value='yes'%s>{empty}</option>"
         "<option value='no'%s>{not empty}</option></select>",
         text_equal(now, "yes") ? " selected" : "", text_equal(now, "no") ? " selected" : "");
}

static void draw_words(const struct panel_form *p, const struct field *f)
{
    html(p->w->html,
         "<div class='panel-field'><label class='form-label' for='p-%s'>{%s contains}</label>"
         "<input class='form-control' id='p-%s' name='%s.has' value='%s' maxlength='200'>",
         f->name, tr(f->label), f->name, f->name, sent(p, f, ".has"));
    draw_empty(p, f);
    html(p->w->html, "</div>");
}

static void draw_ends(const struct panel_form *p, const struct field *f, const char *type)
{
    static const char *const ends[] = {".min", ".max"};
    struct html *h = p->w->html;

    html(h, "<div class='panel-ends'>");
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        const char *value = sent(p, f, ends[i]);

        /* A day in words cannot stand in a field for a date. */
        html(h, "<input class='form-control' type='%s' name='%s%s' value='%s' aria-label='",
             *value >= 'a' ? "text" : type, f->name, ends[i], value);
        if (i == 0)
            html(h, "{%s from}'>", tr(f->label));
        else
            html(h, "{%s to}'>", tr(f->label));
    }
    html(h, "</div>");
}

static void draw_days(const struct panel_form *p, const struct field *f)
{
    const char *now = sent(p, f, "");
    struct html *h = p->w->html;

    html(h,
         "<fieldset class='panel-field'><legend class='form-label'>%s</legend>"
         "<select class='form-select' name='%s' aria-label='{%s: when}'>"
         "<option value=''>{any time}</option>",
         tr(f->label), f->name, tr(f->label));
    for (size_t i = 0; list_spans[i].code; i++)
        html(h, "<option value='%s'%s>%s</option>", list_spans[i].code,
             text_equal(list_spans[i].code, now) ? " selected" : "", tr(list_spans[i].label));
    if (*now && !choice_find(list_spans, now) && !text_equal(now, "none") &&
        !text_equal(now, "any"))
        html(h, "<option value='%s' selected>%s</option>", now, list_when(p->w->arena, now));
    html(h, "</select>");
    draw_ends(p, f, "date");
    draw_empty(p, f);
    html(h, "</fieldset>");
}

static void draw_figures(const struct panel_form *p, const struct field *f)
{
    html(p->w->html, "<fieldset class='panel-field'><legend class='form-label'>%s</legend>",
         tr(f->label));
    draw_ends(p, f, "text");
    draw_empty(p, f);
    html(p->w->html, "</fieldset>");
}

/* --- values as boxes --- */

struct boxes {
    const struct panel_form *p;
    const struct field *f;
    struct facet *facets; /* NULL: not counted */
    size_t nfacets;
    const char *now; /* what is asked for */
};

static void draw_box(const struct boxes *b, const char *value, const char *label)
{
    struct html *h = b->p->w->html;

    html(h,
         "<label class='form-check'><input class='form-check-input' type='checkbox' "
         "name='%s[]' value='%s'%s><span class='form-check-label'>%s",
         b->f->name, value, list_names_value(b->now, value) ? " checked" : "", label);
    for (size_t i = 0; b->facets && i < b->nfacets; i++)
        if (text_equal(b->facets[i].value, value))
            html(h, " <span class='mute'>% lld</span>", b->facets[i].count);
    html(h, "</span></label>");
}

static bool can_count(const struct field *f)
{
    return f->kind != FIELD_SET && f->kind != FIELD_LONG;
}

static struct err *boxes_begin(struct boxes *b)
{
    const struct panel_form *p = b->p;
    const struct field *f = b->f;
    struct html *h = p->w->html;
    bool asked = p->counts || text_equal(web_query(p->w, "facet"), f->name);

    b->now = sent(p, f, "");
    if (filter_of(p->q, f, LIST_NOT) && !*b->now)
        b->now = arena_printf(p->w->arena, "not,%s", sent(p, f, ".not"));
    html(h, "<fieldset class='panel-field'><legend class='form-label'>%s", tr(f->label));
    if (can_count(f) && asked)
        TRY(list_facet(p->w, p->q, f, &b->facets, &b->nfacets));
    else if (can_count(f))
        html(h,
             " <a class='small' href='%s&amp;facet=%s#list-panel'>{count}"
             "<span class='visually-hidden'> {the records of each value of %s}</span></a>",
             list_url(p->w, p->q, "panel", "filters"), f->name, tr(f->label));
    html(h, "</legend><div class='panel-boxes'>");
    return NULL;
}

static void boxes_end(const struct boxes *b)
{
    const struct field *f = b->f;

    if (!f->required && f->kind != FIELD_BOOL)
        draw_box(b, "none", tr("None"));
    if (f->kind != FIELD_BOOL)
        draw_box(b, "not", tr("all but these"));
    html(b->p->w->html, "</div></fieldset>");
}

static struct err *draw_choices(const struct panel_form *p, const struct field *f)
{
    struct boxes b = {.p = p, .f = f};

    TRY(boxes_begin(&b));
    for (size_t i = 0; f->choices && f->choices[i].code; i++)
        draw_box(&b, f->choices[i].code, tr(f->choices[i].label));
    if (f->kind == FIELD_BOOL) {
        draw_box(&b, "1", tr("Yes"));
        draw_box(&b, "0", tr("No"));
    }
    boxes_end(&b);
    return NULL;
}

/* Numbers are typed: "P-3, P-7". */
static void draw_typed(const struct panel_form *p, const struct field *f)
{
    const char *example =
        !f->ref  ? "R-12, AS-7"
        : f->ref ? arena_printf(p->w->arena, "%s-1, %s-2", f->ref->prefix, f->ref->prefix)
                 : "";
    struct html *h = p->w->html;

    html(h,
         "<div class='panel-field'><label class='form-label' for='p-%s'>%s</label>"
         "<input class='form-control' id='p-%s' name='%s' value='%s' placeholder='%s'>",
         f->name, tr(f->label), f->name, f->name, sent(p, f, ""), example);
    draw_empty(p, f);
    html(h, "</div>");
}

static struct err *draw_references(const struct panel_form *p, const struct field *f)
{
    struct boxes b = {.p = p, .f = f};
    struct list_titles t;

    if (!f->ref) {
        draw_typed(p, f);
        return NULL;
    }
    TRY(list_options(p->w, f->ref, BOXES_MOST + 1, &t));
    if (t.count > BOXES_MOST) {
        draw_typed(p, f);
        return NULL;
    }
    TRY(boxes_begin(&b));
    if (list_is_person(f) && p->w->person)
        draw_box(&b, "me", tr("me"));
    for (size_t i = 0; i < t.count; i++)
        draw_box(&b, arena_printf(p->w->arena, "%s-%lld", f->ref->prefix, t.list[i].number),
                 t.list[i].title);
    boxes_end(&b);
    return NULL;
}

static struct err *draw_codes(const struct panel_form *p, const struct field *f)
{
    const struct content *c = p->w->app ? p->w->app->content : NULL;
    const struct content_table *t = c ? content_table(c, f->catalogue) : NULL;
    struct boxes b = {.p = p, .f = f};
    struct catalogue_entry *own;
    size_t n;

    if (!t || content_rows(t) > BOXES_MOST) {
        struct html *h = p->w->html;

        html(h,
             "<div class='panel-field'><span class='form-label'>%s <a class='small' "
             "href='%s'>{choose}<span class='visually-hidden'> {a value of %s}</span></a>"
             "</span><input class='form-control' name='%s' value='%s' aria-label='%s'>",
             tr(f->label), list_url(p->w, p->q, "facet", f->name), tr(f->label), f->name,
             sent(p, f, ""), tr(f->label));
        draw_empty(p, f);
        html(h, "</div>");
        return NULL;
    }
    TRY(boxes_begin(&b));
    for (size_t i = 0; i < content_rows(t); i++) {
        const char *code = content_cell(t, i, "code");

        draw_box(&b, code, content_label(c, f->catalogue, code));
    }
    TRY(catalogue_own(p->w, f->catalogue, &own, &n));
    for (size_t i = 0; i < n; i++)
        draw_box(&b, own[i].code, own[i].label);
    boxes_end(&b);
    return NULL;
}

static struct err *draw_field(const struct panel_form *p, const struct field *f)
{
    switch (f->kind) {
    case FIELD_TEXT:
    case FIELD_LONG:
    case FIELD_EMAIL:
        draw_words(p, f);
        return NULL;
    case FIELD_DATE:
    case FIELD_TIME:
        draw_days(p, f);
        return NULL;
    case FIELD_INT:
    case FIELD_MONEY:
    case FIELD_LEVEL:
        draw_figures(p, f);
        return NULL;
    case FIELD_CHOICE:
    case FIELD_SET:
    case FIELD_BOOL:
        return draw_choices(p, f);
    case FIELD_CODE:
        return draw_codes(p, f);
    case FIELD_REF:
    case FIELD_REFS:
        return draw_references(p, f);
    case FIELD_RECORD:
        draw_typed(p, f);
        break;
    }
    return NULL;
}

/* What is no filter stays as it is. */
static void keep_others(struct web *w)
{
    static const char *const names[] = {"sort", "group", "cols", "limit", "view", "asof", "tab"};

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (!text_empty(web_query(w, names[i])))
            html(w->html, "<input type='hidden' name='%s' value='%s'>", names[i],
                 web_query(w, names[i]));
}

/* Fields by group, in the order in which the groups first come. */
static struct err *draw_fields(const struct panel_form *p)
{
    const struct entity *e = p->q->entity;
    const char *groups[GROUPS_MOST];
    size_t ngroups = 0;

    for (size_t i = 0; i < e->nfields && ngroups < GROUPS_MOST; i++) {
        const char *group = e->fields[i].group ? e->fields[i].group : "";
        bool known = false;

        for (size_t k = 0; k < ngroups; k++)
            known |= text_equal(groups[k], group);
        if (!known)
            groups[ngroups++] = group;
    }
    for (size_t k = 0; k < ngroups; k++) {
        if (*groups[k])
            html(p->w->html, "<h2 class='panel-group'>%s</h2>", tr(groups[k]));
        html(p->w->html, "<div class='panel-fields'>");
        for (size_t i = 0; i < e->nfields; i++) {
            const struct field *f = &e->fields[i];

            if (list_can_filter(f) && text_equal(f->group ? f->group : "", groups[k]))
                TRY(draw_field(p, f));
        }
        html(p->w->html, "</div>");
    }
    return NULL;
}

static struct err *draw_filters(struct web *w, const struct list_query *q,
                                const struct list_result *r)
{
    struct panel_form p = {.w = w, .q = q, .counts = !r->capped};
    const struct field *mine[LIST_COLUMNS];
    struct html *h = w->html;

    html(h, "<form method='get' action='%s' data-tidy>", list_path(w, q->entity));
    keep_others(w);
    html(h,
         "<div class='panel-fields'><div class='panel-field'><label class='form-label' "
         "for='p-q'>{Text anywhere}</label><input class='form-control' id='p-q' name='q' "
         "value='%s' maxlength='200'></div>",
         q->q);
    if (w->person && list_mine(q->entity, mine))
        html(h,
             "<div class='panel-field'><label class='form-check'><input class='form-check-input' "
             "type='checkbox' name='mine' value='1'%s><span class='form-check-label'>{Only what "
             "is mine}</span></label></div>",
             text_equal(web_query(w, "mine"), "1") ? " checked" : "");
    html(h, "</div>");
    TRY(draw_fields(&p));
    html(h,
         "<div class='form-actions mt-3'><button class='btn btn-primary' type='submit'>{Show}"
         "</button><a class='btn' href='%s'>{Clear all}</a></div></form>",
         list_all_url(w, q));
    return NULL;
}

/* --- columns, order, groups --- */

/* The names of the columns with one moved, or taken out, or added. */
static const char *columns_with(struct web *w, const struct list_query *q, const struct field *f,
                                int step)
{
    const struct field *list[LIST_COLUMNS + 1];
    size_t n = list_columns(q, list), at = 0;
    struct buf b;

    while (at < n && list[at] != f)
        at++;
    if (at == n && n < LIST_COLUMNS)
        list[n++] = f;
    else if (step == 0)
        memmove(list + at, list + at + 1, (--n - at) * sizeof(list[0]));
    else if ((size_t)((ptrdiff_t)at + step) < n) {
        list[at] = list[(size_t)((ptrdiff_t)at + step)];
        list[(size_t)((ptrdiff_t)at + step)] = f;
    }
    buf_init(&b, w->arena, 100);
    for (size_t i = 0; i < n; i++)
        buf_printf(&b, "%s%s", i ? "," : "", list[i]->name);
    /* No column at all is a list of titles. */
    return list_url(w, q, "cols", n ? b.data : q->entity->title);
}

static void draw_move(struct web *w, const char *address, const char *sign, const char *label)
{
    html(w->html,
         "<a class='panel-move' href='%s&amp;panel=display#list-panel' title='%s'>"
         "<span aria-hidden='true'>%s</span><span class='visually-hidden'>%s</span></a>",
         address, label, sign, label);
}

static void draw_columns(struct web *w, const struct list_query *q)
{
    const struct field *list[LIST_COLUMNS];
    size_t n = list_columns(q, list);
    const struct entity *e = q->entity;
    struct arena *a = w->arena;
    struct html *h = w->html;

    html(h, "<div><h2 class='panel-group'>{Columns}</h2><ol class='panel-columns'><li>%s</li>",
         tr(e->label));
    for (size_t i = 0; i < n; i++) {
        const char *label = tr(list[i]->label);

        html(h, "<li>%s ", label);
        if (i > 0)
            draw_move(w, columns_with(w, q, list[i], -1), "↑",
                      arena_printf(a, tr("Move %s to the left"), label));
        if (i + 1 < n)
            draw_move(w, columns_with(w, q, list[i], 1), "↓",
                      arena_printf(a, tr("Move %s to the right"), label));
        draw_move(w, columns_with(w, q, list[i], 0), "×",
                  arena_printf(a, tr("Take %s out"), label));
        html(h, "</li>");
    }
    html(h, "</ol>");
    if (q->chosen)
        html(h, "<p><a href='%s&amp;panel=display#list-panel'>{The usual columns}</a></p>",
             list_url_at(w, list_path(w, e), "cols", ""));
    html(h, "</div><div><h2 class='panel-group'>{More columns}</h2><div class='btn-list'>");
    for (size_t i = 0; i < e->nfields; i++) {
        const struct field *f = &e->fields[i];
        bool shown = f->secret || text_equal(f->name, e->title);

        for (size_t k = 0; k < n; k++)
            shown |= list[k] == f;
        if (!shown && n < LIST_COLUMNS)
            html(h, "<a class='filter' href='%s&amp;panel=display#list-panel'>+ %s</a>",
                 columns_with(w, q, f, 0), tr(f->label));
    }
    html(h, "</div></div>");
}

static void draw_order(struct web *w, const struct list_query *q)
{
    const struct entity *e = q->entity;
    struct html *h = w->html;

    html(h, "<div><h2 class='panel-group'>{Order}</h2><div class='btn-list'>");
    for (size_t i = 0; i <= e->nfields; i++) {
        const struct field *f = i ? &e->fields[i - 1] : NULL;
        const char *name = f ? f->name : "number";

        if (f && !list_sorts(e, f))
            continue;
        for (int down = 0; down < 2; down++)
            html(h, "<a class='filter'%s href='%s'>%s %s</a>",
                 q->sort == f && q->descending == (down == 1) ? " aria-current=true" : "",
                 list_url(w, q, "sort", arena_printf(w->arena, "%s%s", down ? "-" : "", name)),
                 f ? tr(f->label) : tr("Number"), down ? "↓" : "↑");
    }
    html(h, "</div></div>");
}

static void draw_groups(struct web *w, const struct list_query *q)
{
    const struct entity *e = q->entity;
    struct html *h = w->html;

    html(h,
         "<div><h2 class='panel-group'>{Groups}</h2><div class='btn-list'>"
         "<a class='filter'%s href='%s'>{none}</a>",
         q->group ? "" : " aria-current=true", list_url(w, q, "group", NULL));
    for (size_t i = 0; i < e->nfields; i++)
        if (list_can_group(&e->fields[i]))
            html(h, "<a class='filter'%s href='%s'>%s</a>",
                 q->group == &e->fields[i] ? " aria-current=true" : "",
                 list_url(w, q, "group", e->fields[i].name), tr(e->fields[i].label));
    html(h, "</div><h2 class='panel-group'>{Rows of a page}</h2><div class='btn-list'>");
    for (int n = 25; n <= LIST_LIMIT; n *= 2)
        html(h, "<a class='filter'%s href='%s'>%d</a>", q->limit == n ? " aria-current=true" : "",
             list_url(w, q, "limit", arena_printf(w->arena, "%d", n)), n);
    html(h, "</div></div>");
}

struct err *list_draw_panel(struct web *w, const struct list_query *q, const struct list_result *r)
{
    const char *panel = web_query(w, "panel");
    struct html *h = w->html;

    if (text_equal(panel, "filters")) {
        html(h, "<section class='list-panel' id='list-panel' tabindex='-1' "
                "aria-label='{Filters}'>");
        TRY(draw_filters(w, q, r));
        html(h, "</section>");
    } else if (text_equal(panel, "display")) {
        html(h, "<section class='list-panel panel-display' id='list-panel' tabindex='-1' "
                "aria-label='{Columns and order}'>");
        draw_columns(w, q);
        draw_order(w, q);
        draw_groups(w, q);
        html(h, "</section>");
    } else if (text_equal(panel, "views")) {
        html(h, "<section class='list-panel' id='list-panel' tabindex='-1' aria-label='{Views}'>");
        TRY(view_draw(w, q));
        html(h, "</section>");
    }
    return NULL;
}
