/* SPDX-License-Identifier: Apache-2.0 */
/* The panel of views over a list. */
#include "base/text.h"
#include "base/words.h"
#include "core/list_part.h"
#include "core/page.h"
#include "core/view.h"

static void draw_link(struct web *w, const struct view *v, i64 current)
{
    struct html *h = w->html;

    html(h, "<li><a class='filter'%s href='%s'>%s</a>",
         v->id == current ? " aria-current=true" : "", view_url(w, v), v->title);
    if (v->shared)
        html(h, " <span class='mute'>{shared}</span>");
    if (v->own_default)
        html(h, " <span class='mute'>{opens this list for you}</span>");
    if (v->all_default)
        html(h, " <span class='mute'>{opens this list for everybody}</span>");
    html(h, "</li>");
}

static void draw_box(struct web *w, const char *name, const char *label)
{
    html(w->html,
         "<label class='form-check'><input class='form-check-input' type='checkbox' name='%s' "
         "value='1'><span class='form-check-label'>%s</span></label>",
         name, tr(label));
}

static void draw_form(struct web *w, const struct list_query *q)
{
    struct html *h = w->html;

    html(h, "<h2 class='panel-group'>{Keep this list as a view}</h2>");
    form_begin(w, web_url(w, "/views"), 0);
    html(h,
         "<input type='hidden' name='kind' value='%s'><input type='hidden' name='query' "
         "value='%s'><div class='panel-field'><label class='form-label required' "
         "for='view-title'>{Name}</label><input class='form-control' id='view-title' "
         "name='title' required maxlength='%d'></div><div class='panel-field'>",
         q->entity->name, list_address(w), VIEW_TITLE);
    draw_box(w, "own_default", tr("The list opens with it for me"));
    if (web_may(w, &view_share_right)) {
        draw_box(w, "shared", tr("Share it with the organisation"));
        draw_box(w, "all_default", tr("The list opens with it for everybody"));
    }
    html(h, "</div><button class='btn btn-primary' type='submit'>{Save view}</button></form>");
}

struct err *view_draw(struct web *w, const struct list_query *q)
{
    struct html *h = w->html;
    struct view *list;
    size_t count;

    TRY(view_list(w, q->entity, &list, &count));
    html(h, "<ul class='panel-views'><li><a class='filter'%s href='%s?view=all'>{All}</a></li>",
         q->view ? "" : " aria-current=true", list_path(w, q->entity));
    for (size_t i = 0; i < count; i++)
        draw_link(w, &list[i], q->view);
    html(h, "</ul>");
    if (count > 0)
        html(h, "<p><a href='%s'>{Rename, share or remove views}</a></p>",
             web_url(w, "/views?kind=%s", q->entity->name));
    if (w->person && !w->asof)
        draw_form(w, q);
    return NULL;
}
