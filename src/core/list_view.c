/* SPDX-License-Identifier: Apache-2.0 */
/* Drawing of lists: the table with its groups, ticks and links, the pager, and what to do when
 * there is nothing to show. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/entity_page.h"
#include "core/entity_sql.h"
#include "core/list_part.h"

/* --- table --- */

struct table {
    struct web *w;
    const struct list_query *q;
    const struct field *title;
    const struct field *columns[LIST_COLUMNS]; /* without the title */
    size_t count;
    struct list_titles titles;
    list_cell_fn *cell;
    bool pick; /* rows can be ticked */
};

/* Numbers that are derived are drawn by their page as words or levels; amounts stay figures. */
static bool is_figure(const struct field *f)
{
    return (f->kind == FIELD_INT && !f->derived) || f->kind == FIELD_MONEY;
}

static const char *cell_class(const struct field *f)
{
    if (is_figure(f))
        return "num";
    return f->kind == FIELD_DATE || f->kind == FIELD_TIME ? "text-nowrap" : "";
}

static void draw_head(struct table *t, const struct field *f, const char *label)
{
    bool sorts = f && list_sorts(t->q->entity, f), sorted = sorts && t->q->sort == f;
    struct html *h = t->w->html;

    html(h, "<th scope='col'");
    if (f && is_figure(f))
        html(h, " class='num'");
    if (sorted)
        html(h, " aria-sort='%s'", t->q->descending ? "descending" : "ascending");
    html(h, ">");
    if (sorts) {
        bool down = sorted && !t->q->descending;

        html(h, "<a class='sort' href='%s'>%s</a>",
             list_url(t->w, t->q, "sort",
                      arena_printf(t->w->arena, "%s%s", down ? "-" : "", f->name)),
             tr(label));
    } else {
        html(h, "%s", tr(label));
    }
    html(h, "</th>");
}

static void draw_pick(struct table *t, const struct record *r)
{
    html(t->w->html,
         "<td class='pick'><input class='form-check-input' type='checkbox' name='id[]' "
         "value='%lld' data-pick aria-label='{Tick %s}'></td>",
         r->id, arena_printf(t->w->arena, "%s-%lld", t->q->entity->prefix, r->number));
}

static struct err *draw_row(struct table *t, const void *record)
{
    const struct entity *e = t->q->entity;
    const struct record *one = record;
    struct html *h = t->w->html;
    const char *title = t->title ? field_str(t->title, record) : NULL;

    html(h, "<tr>");
    if (t->pick)
        draw_pick(t, one);
    html(h, "<td class='list-main'><a href='%s'><span class='record-number'>%s-%lld</span> %s</a>",
         web_record_url(t->w, e, one->number), e->prefix, one->number,
         title ? entity_title_shown(t->w, e, title) : NULL);
    if (t->cell && t->title)
        (void)t->cell(t->w, t->title, record);
    html(h, "</td>");
    for (size_t i = 0; i < t->count; i++) {
        const struct field *f = t->columns[i];

        html(h, "<td class='%s' data-label='%s'>", cell_class(f), tr(f->label));
        if (!t->cell || !t->cell(t->w, f, record))
            TRY(list_draw_value(t->w, e, f, record, &t->titles, false));
        html(h, "</td>");
    }
    html(h, "</tr>\n");
    return NULL;
}

/* --- groups --- */

/* The values of folded groups with one more, or one less; NULL = none. */
static const char *fold_with(struct web *w, const char *value)
{
    const char *now = web_query(w, "fold");
    struct buf b;
    char **parts;
    bool was = false;
    size_t n = now ? text_split(w->arena, now, ',', &parts) : 0;

    buf_init(&b, w->arena, 64);
    for (size_t i = 0; i < n; i++) {
        if (text_equal(parts[i], value))
            was = true;
        else
            buf_printf(&b, "%s%s", b.size ? "," : "", parts[i]);
    }
    if (!was)
        buf_printf(&b, "%s%s", b.size ? "," : "", value);
    return b.size ? b.data : NULL;
}

static void draw_group_head(struct table *t, const struct list_group *g)
{
    struct html *h = t->w->html;

    html(h,
         "<tr class='group-head'><th scope='rowgroup' colspan='%zu'><a href='%s' "
         "aria-expanded='%s' data-fold>%s</a> <span class='mute'>% lld</span>",
         t->count + 1 + t->pick, list_url(t->w, t->q, "fold", fold_with(t->w, g->value)),
         g->folded ? "false" : "true", g->label, g->count);
    if (g->goes_on)
        html(h, " <span class='mute'>{goes on}</span>");
    html(h, " <a class='small' href='%s'>{only these}<span class='visually-hidden'>: %s</span></a>",
         list_url(t->w, t->q, t->q->group->name, g->value), g->label);
    html(h, "</th></tr>\n");
}

static struct err *draw_rows(struct table *t, const struct list_result *r, size_t first, size_t n)
{
    for (size_t i = first; i < first + n; i++)
        TRY(draw_row(t, (const char *)r->records + i * t->q->entity->size));
    return NULL;
}

static struct err *draw_groups(struct table *t, const struct list_result *r)
{
    for (size_t i = 0; i < r->ngroups; i++) {
        const struct list_group *g = &r->groups[i];

        html(t->w->html, "<tbody class='grouped'>\n");
        draw_group_head(t, g);
        TRY(draw_rows(t, r, g->first, g->rows));
        html(t->w->html, "</tbody>");
    }
    return NULL;
}

static void draw_heads(struct table *t)
{
    const struct entity *e = t->q->entity;
    struct html *h = t->w->html;

    html(h,
         "<div class='table-responsive'><table class='table list'%s>"
         "<caption class='visually-hidden'>%s</caption><thead><tr>",
         t->pick ? " data-edit" : "", tr(e->labels));
    if (t->pick)
        html(h, "<th class='pick' scope='col'><input class='form-check-input js-only' "
                "type='checkbox' data-pick-all aria-label='{Tick all rows of this page}'></th>");
    draw_head(t, t->title, tr(e->label));
    for (size_t i = 0; i < t->count; i++)
        draw_head(t, t->columns[i], t->columns[i]->label);
    html(h, "</tr></thead>");
}

static struct err *draw_table(struct web *w, const struct list_query *q,
                              const struct list_result *r, list_cell_fn *cell, bool pick)
{
    const struct entity *e = q->entity;
    struct table t = {.w = w, .q = q, .cell = cell, .pick = pick};

    t.title = e->title ? entity_field(e, e->title) : NULL;
    t.count = list_columns(q, t.columns);
    TRY(list_titles(w, t.columns, t.count, r, e->size, &t.titles));
    draw_heads(&t);
    if (q->group) {
        TRY(draw_groups(&t, r));
    } else {
        html(w->html, "<tbody>\n");
        TRY(draw_rows(&t, r, 0, r->count));
        html(w->html, "</tbody>");
    }
    html(w->html, "</table></div>");
    return NULL;
}

struct err *list_draw_table(struct web *w, const struct list_query *q, const struct list_result *r,
                            list_cell_fn *cell)
{
    return draw_table(w, q, r, cell, false);
}

/* --- pager --- */

static bool has_export(struct web *w, const struct entity *e)
{
    return w->slug && page_offers(w, arena_printf(w->arena, "/o/%s/%s/export", w->slug, e->plural));
}

struct format {
    const char *code, *label;
};

static void draw_formats(struct web *w, const char *path, const struct format *list, bool shown)
{
    for (; list->code; list++)
        html(w->html, "<a class='menu-item' href='%s%s' download>%s</a>",
             list_url_at(w, path, "format", list->code), shown ? "&fields=shown" : "", list->label);
}

static void draw_exports(struct web *w, const struct entity *e)
{
    static const struct format formats[] = {
        {"pdf",  "PDF"  },
        {"xlsx", "Excel"},
        {"csv",  "CSV"  },
        {"json", "JSON" },
        {NULL,   NULL   }
    };
    const char *path = arena_printf(w->arena, "/o/%s/%s/export", w->slug, e->plural);
    struct html *h = w->html;

    html(h, "<details class='menu menu-end'><summary class='btn btn-sm'>{Export}</summary>"
            "<div class='menu-items'><span class='menu-item mute'>{What is shown}</span>");
    draw_formats(w, path, formats, true);
    html(h, "<span class='menu-item mute'>{All fields}</span>");
    draw_formats(w, path, formats + 1, false);
    html(h, "</div></details>");
}

/* Rows that no index finds are looked for piece by piece, and the list says so. */
static void draw_partial(struct web *w, const struct list_query *q, const struct list_result *r)
{
    if (!r->partial || q->group)
        return;
    html(w->html,
         "<p class='list-partial'>{% lld records were looked at for this page.} "
         "<a href='%s'>{Look further}</a></p>",
         (i64)LIST_SCAN, list_url(w, q, "after", r->next));
}

void list_draw_pager(struct web *w, const struct list_query *q, const struct list_result *r)
{
    bool export = (r->count > 0 || r->ngroups > 0) && !q->extra && has_export(w, q->entity);
    bool removed = !q->extra && entity_lists_removed(w, q->entity);
    struct html *h = w->html;

    draw_partial(w, q, r);
    if (!q->after && !r->next && !export && !removed)
        return;
    html(h, "<div class='pager'><nav class='btn-list' aria-label='{Pages}'>");
    if (q->after)
        html(h, "<a class='btn btn-sm' href='%s'>{First page}</a>", list_url(w, q, "after", NULL));
    if (r->next)
        html(h, "<a class='btn btn-sm' rel='next' href='%s'>{Next %d}</a>",
             list_url(w, q, "after", r->next), q->limit);
    html(h, "</nav>");
    if (removed)
        html(h, "<a class='btn btn-sm' href='%s'>{Removed}</a>",
             web_url(w, "/%s/removed", q->entity->plural));
    if (export)
        draw_exports(w, q->entity);
    html(h, "</div>");
}

/* --- all of it --- */

static void draw_nothing(struct web *w, const struct list_query *q, const struct list_result *r)
{
    const struct entity *e = q->entity;

    if (r->partial)
        page_empty(w, "Nothing was found so far.", list_url(w, q, "after", r->next),
                   "Look further");
    else if (q->q || q->nfilters > 0 || q->after)
        page_empty(w, "Nothing fits these filters.", list_all_url(w, q), "Show all");
    else if (!e->no_create && !e->no_pages && !w->asof && web_may(w, e->write))
        page_empty(w, e->empty ? e->empty : "There is nothing here yet.",
                   web_url(w, "/%s/new", e->plural),
                   arena_printf(w->arena, tr("New %s"), page_lower(w, tr(e->label))));
    else
        page_empty(w, e->empty ? e->empty : "There is nothing here yet.", NULL, NULL);
}

/* Computed columns are not kept for the past: whoever filters by one is told why nothing fits. */
static void draw_unknown(struct web *w, const struct list_query *q)
{
    for (size_t i = 0; w->asof && i < q->nfilters; i++)
        if (q->filters[i].field && q->filters[i].field->derived)
            html(
                w->html,
                "<p class='list-partial'>{“%s” is computed and not kept for past days: a filter by "
                "it finds nothing here.}</p>",
                tr(q->filters[i].field->label));
}

static void draw_unranked(struct web *w, const struct list_query *q, const struct list_result *r)
{
    if (r->unranked && q->sort->kind == FIELD_TEXT)
        html(w->html,
             "<p class='list-partial'>{These are more than % lld: “%s” stands in the order of its "
             "characters, capital letters before small ones and those with accents last. A filter "
             "leaves fewer.}</p>",
             (i64)LIST_RANKED_ROWS, tr(q->sort->label));
    else if (r->unranked)
        html(w->html,
             "<p class='list-partial'>{“%s” has more than % lld different values here: they stand "
             "in the order of their numbers, not of their names. A filter leaves fewer.}</p>",
             tr(q->sort->label), (i64)LIST_RANKS);
}

struct err *list_draw(struct web *w, const struct list_query *q, const struct list_result *r,
                      list_cell_fn *cell)
{
    bool bare = r->count == 0 && r->ngroups == 0 && !q->q && q->nfilters == 0 && !q->after;
    bool pick = list_can_pick(w, q);

    html(w->html, "<section class='card' aria-label='%s'>", tr(q->entity->labels));
    if (!bare || web_query(w, "panel"))
        TRY(list_draw_bar(w, q, r));
    draw_unknown(w, q);
    draw_unranked(w, q, r);
    if (r->count > 0 || r->ngroups > 0) {
        if (pick)
            list_pick_begin(w, q);
        TRY(draw_table(w, q, r, cell, pick));
        if (pick)
            list_pick_end(w, q, r);
    } else {
        draw_nothing(w, q, r);
    }
    list_draw_pager(w, q, r);
    html(w->html, "</section>");
    return NULL;
}
