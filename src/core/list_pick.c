/* SPDX-License-Identifier: Apache-2.0 */
/* Ticking rows of a list, and what can be done with them. The form works without script: then the
 * bar stands below every list, and ticks hold for one page. */
#include "base/words.h"
#include "core/bulk.h"
#include "core/list_part.h"
#include "core/page.h"

bool list_can_pick(struct web *w, const struct list_query *q)
{
    const struct entity *e = q->entity;

    return w->slug && w->csrf && !q->extra && bulk_may(w, e) &&
           page_offers(w, arena_printf(w->arena, "/o/%s/%s/bulk", w->slug, e->plural));
}

void list_pick_begin(struct web *w, const struct list_query *q)
{
    html(w->html,
         "<form method='post' action='%s' data-ticks='%s'><input type='hidden' name='_csrf' "
         "value='%s'><input type='hidden' name='query' value='%s'>",
         web_url(w, "/%s/bulk", q->entity->plural), q->entity->plural, w->csrf, list_address(w));
}

void list_pick_end(struct web *w, const struct list_query *q, const struct list_result *r)
{
    struct html *h = w->html;

    html(h, "<div class='bulk-bar' data-bulk><span class='js-only'><strong data-picked>0</strong> "
            "{ticked}</span><span class='js-only' data-elsewhere hidden>{also on other pages}"
            " <button class='btn btn-sm' type='button' data-untick>{Untick all}</button></span>");
    if (r->next || q->after) {
        html(h, "<label class='form-check mb-0'><input class='form-check-input' type='checkbox' "
                "name='all' value='1' data-all><span class='form-check-label'>");
        if (r->capped)
            html(h, "{all that match}");
        else
            html(h, "{all %lld that match}", r->total);
        html(h, "</span></label>");
    }
    html(h, "<button class='btn btn-sm btn-primary' name='action' value='change'>{Change…}"
            "</button>");
    if (q->pick_address)
        html(h, "<button class='btn btn-sm' formaction='%s'>%s</button>", q->pick_address,
             tr(q->pick_label));
    if (!q->entity->no_create)
        html(h, "<button class='btn btn-sm btn-outline-danger' name='action' value='remove'>"
                "{Remove…}</button>");
    html(h, "<a class='btn btn-sm' href='%s'>{Earlier steps}</a></div></form>",
         web_url(w, "/%s/bulk", q->entity->plural));
}
