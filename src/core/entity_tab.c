/* SPDX-License-Identifier: Apache-2.0 */
/* Tabs on the pages of records: the record itself, then what the features offer. */
#include <stdlib.h>

#include "base/text.h"
#include "base/words.h"
#include "core/entity_page.h"
#include "core/route.h"

#define PANELS_MOST 24

static int by_order(const void *a, const void *b)
{
    const struct panel *const *x = a;
    const struct panel *const *y = b;

    return ((*x)->order > (*y)->order) - ((*x)->order < (*y)->order);
}

/* The panels that this person may open, in order. */
static size_t offered(struct web *w, const struct panel **out)
{
    size_t n = 0;

    for (size_t f = 0; features[f]; f++)
        for (const struct panel *p = features[f]->panels; p && p->name && n < PANELS_MOST; p++)
            if (web_may(w, p->permission))
                out[n++] = p;
    qsort(out, n, sizeof(*out), by_order);
    return n;
}

/* What features say above the details. */
static struct err *draw_briefs(struct web *w, const struct entity *e, const void *record)
{
    for (size_t i = 0; features[i]; i++)
        if (features[i]->brief)
            TRY(features[i]->brief(w, e, record));
    return NULL;
}

static void draw_one(struct web *w, const char *address, const char *title, i64 count, bool current)
{
    html(w->html, "<li class='nav-item'><a class='nav-link%s' href='%s'", current ? " active" : "",
         address);
    if (current)
        html(w->html, " aria-current='page'");
    html(w->html, ">%s", tr(title));
    if (count > 0)
        html(w->html, " <span class='badge ms-1'>%lld</span>", count);
    html(w->html, "</a></li>");
}

/* The number, and what can be done with every kind of record. A feature with a copy of its own
 * offers it itself. */
static void draw_tools(struct web *w, const struct entity *e, const char *address)
{
    const char *copy = arena_printf(w->arena, "%s/copy", address);
    struct route_match m;

    if (!entity_copies(w, e))
        return;
    route_find(w->arena, METHOD_GET, copy, &m);
    if (m.route && text_starts(m.route->pattern, "/:plural"))
        html(w->html, "<a class='btn btn-sm' href='%s'>{Copy}</a>", copy);
}

struct err *entity_tab(struct web *w, const struct entity *e, const void *record, bool *drawn)
{
    const struct record *r = record;
    const struct panel *list[PANELS_MOST];
    const struct panel *open = NULL;
    const char *asked = web_query(w, "tab");
    const char *address = web_record_url(w, e, r->number);
    size_t n = offered(w, list);

    *drawn = false;
    if (!n)
        return NULL;
    for (size_t i = 0; asked && i < n; i++)
        if (text_equal(asked, list[i]->name))
            open = list[i];
    html(w->html, "<nav class='mb-3 record-tabs' aria-label='{Parts of this record}'>"
                  "<ul class='nav nav-tabs'>");
    draw_one(w, address, "Details", 0, !open);
    for (size_t i = 0; i < n; i++) {
        const char *joint = w->asof_date ? "&" : "?";
        i64 count = 0;
        if (list[i]->count)
            TRY(list[i]->count(w, e, r->id, &count));
        draw_one(w, arena_printf(w->arena, "%s%stab=%s", address, joint, list[i]->name),
                 list[i]->title, count, list[i] == open);
    }
    html(w->html, "</ul>");
    draw_tools(w, e, address);
    html(w->html, "</nav>");
    if (!open)
        return draw_briefs(w, e, record);
    *drawn = true;
    return open->draw(w, e, record);
}
