/* SPDX-License-Identifier: Apache-2.0 */
/* The page of saved views, and the forms of the panel over a list. */
#include "base/text.h"
#include "base/words.h"
#include "core/page.h"
#include "feature/view/view_part.h"

static struct err *load_asked(struct web *w, struct view *out)
{
    i64 id;

    if (!text_i64(web_param(w, 0), &id))
        return err_new(ERR_MISSING, "There is no such view here, or it is not shared with you.");
    return view_load(w, id, out);
}

static bool ticked(const struct web *w, const char *name)
{
    return text_equal(web_form(w, name), "1");
}

/* --- the page --- */

static void draw_hidden(struct web *w, const struct view *v)
{
    struct html *h = w->html;

    form_begin(w, web_url(w, "/views/%lld", v->id), 0);
    html(h,
         "<div class='d-flex flex-wrap gap-2 align-items-end'><div><label class='form-label' "
         "for='v-%lld'>{Name}</label><input class='form-control' id='v-%lld' name='title' "
         "value='%s' required maxlength='%d'></div>",
         v->id, v->id, v->title, VIEW_TITLE);
    if (web_may(w, &view_share_right))
        html(h,
             "<label class='form-check'><input class='form-check-input' type='checkbox' "
             "name='shared' value='1'%s><span class='form-check-label'>{Shared with the "
             "organisation}</span></label>",
             v->shared ? " checked" : "");
    else if (v->shared)
        html(h, "<input type='hidden' name='shared' value='1'>");
    html(h, "<button class='btn' type='submit'>{Save}</button></div></form>");
}

static void draw_default(struct web *w, const struct view *v, bool everybody)
{
    bool on = everybody ? v->all_default : v->own_default;
    struct html *h = w->html;

    html(h, "<form class='d-inline-block' method='post' action='%s'>",
         web_url(w, "/views/%lld/default", v->id));
    html(h, "<input type='hidden' name='_csrf' value='%s'>", w->csrf);
    html(h,
         "<input type='hidden' name='everybody' value='%d'><input type='hidden' name='on' "
         "value='%d'>",
         everybody, !on);
    if (everybody && on)
        html(h, "<button class='btn'>{No longer open with it for everybody}</button>");
    else if (everybody)
        html(h, "<button class='btn'>{Open the list with it for everybody}</button>");
    else if (on)
        html(h, "<button class='btn'>{No longer open with it for me}</button>");
    else
        html(h, "<button class='btn'>{Open the list with it for me}</button>");
    html(h, "</form>");
}

static void draw_view(struct web *w, const struct view *v)
{
    bool share = web_may(w, &view_share_right);
    struct html *h = w->html;

    html(h,
         "<li class='list-group-item'><p class='mb-2'><a href='%s'>%s</a> "
         "<span class='mute'>%s · ",
         view_url(w, v), v->title, tr(v->entity->labels));
    if (v->mine)
        html(h, "{yours}");
    else
        html(h, "{shared by somebody else}");
    html(h, "</span></p>");
    if (v->mine || (v->shared && share))
        draw_hidden(w, v);
    html(h, "<div class='btn-list mt-2'>");
    if (w->person)
        draw_default(w, v, false);
    if (share && v->shared)
        draw_default(w, v, true);
    if (v->mine || (v->shared && share))
        form_button(w, web_url(w, "/views/%lld/remove", v->id), "danger", "Remove", NULL, NULL);
    html(h, "</div></li>");
}

static struct err *draw_page(struct web *w, const struct issues *issues)
{
    const struct entity *e = feature_entity(web_query(w, "kind"));
    struct view *list;
    size_t count;

    TRY(view_list(w, e, &list, &count));
    page_begin(w, e ? tr(e->labels) : "", "Views");
    page_help(w,
              "A view is a list as somebody wants to see it again: its filters, columns and "
              "order under a name. Yours are for you alone until you share them; what others "
              "see in a shared view is what their own rights show them.",
              NULL);
    page_body(w);
    form_issues(w, issues);
    if (count == 0)
        page_empty(w,
                   "No views yet. Set filters, columns and order of a list as you need them, then "
                   "open “Views” over the list and keep it under a name.",
                   e ? web_url(w, "/%s", e->plural) : NULL, e ? "To the list" : NULL);
    else
        html(w->html, "<section class='card' aria-label='{Views}'><ul class='list-group "
                      "list-group-flush'>");
    for (size_t i = 0; i < count; i++)
        draw_view(w, &list[i]);
    if (count > 0)
        html(w->html, "</ul></section>");
    page_end(w);
    return NULL;
}

struct err *views_page(struct web *w)
{
    return draw_page(w, NULL);
}

static struct err *refuse(struct web *w, const struct issues *issues)
{
    web_status(w, 422);
    return draw_page(w, issues);
}

/* --- forms --- */

struct err *view_create(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    struct view v = {.entity = feature_entity(web_form(w, "kind")),
                     .title = web_form(w, "title"),
                     .query = web_form(w, "query"),
                     .shared = ticked(w, "shared") || ticked(w, "all_default")};

    if (!v.entity)
        issue(&issues, "kind", "The form does not say which list is to be kept.");
    v.query = v.query ? v.query : "";
    if (!issues.count)
        TRY(view_save(w, &v, &issues));
    if (!issues.count && ticked(w, "own_default"))
        TRY(view_default(w, &v, false, true, &issues));
    if (!issues.count && ticked(w, "all_default"))
        TRY(view_default(w, &v, true, true, &issues));
    if (issues.count)
        return refuse(w, &issues);
    web_redirect(w, arena_printf(w->arena, "%s&m=saved", view_url(w, &v)));
    return NULL;
}

static void back(struct web *w, const struct view *v, const char *message)
{
    web_redirect(w, web_url(w, "/views?kind=%s&m=%s", v->entity->name, message));
}

struct err *view_change(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    struct view v;

    TRY(load_asked(w, &v));
    v.title = web_form(w, "title") ? web_form(w, "title") : v.title;
    v.shared = ticked(w, "shared");
    TRY(view_save(w, &v, &issues));
    if (issues.count)
        return refuse(w, &issues);
    back(w, &v, "saved");
    return NULL;
}

struct err *view_drop(struct web *w)
{
    struct view v;

    TRY(load_asked(w, &v));
    TRY(view_remove(w, v.id));
    back(w, &v, "gone");
    return NULL;
}

struct err *view_set_default(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    struct view v;

    TRY(load_asked(w, &v));
    TRY(view_default(w, &v, ticked(w, "everybody"), ticked(w, "on"), &issues));
    if (issues.count)
        return refuse(w, &issues);
    back(w, &v, "saved");
    return NULL;
}
