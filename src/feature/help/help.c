/* SPDX-License-Identifier: Apache-2.0 */
#include "feature/help/help.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/help.h"
#include "core/page.h"

/* --- one text --- */

/* What the script puts into its dialog. */
static void draw_part(struct web *w, const struct help *h)
{
    html(w->html, "<h2 class='h3' id='help-title'>%s</h2>", h->title);
    help_draw(w, h, 3);
    html(w->html,
         "<div class='form-actions'><form method='dialog'><button class='btn btn-primary'>{Close}"
         "</button></form><a class='btn' href='%s'>{All help}</a>"
         "<button class='btn' type='button' data-keys>{Keys}</button></div>",
         help_url(w, ""));
}

static struct err *show(struct web *w)
{
    struct help h;

    if (!help_find(w, web_param(w, 0), &h))
        return err_new(ERR_MISSING,
                       "There is no help called “%.40s”. All of it is on the page "
                       "Help.",
                       web_param(w, 0));
    if (text_equal(web_query(w, "part"), "1")) {
        draw_part(w, &h);
        return NULL;
    }
    page_begin(w, "Help", "%s", h.title);
    page_body(w);
    html(w->html, "<section class='card'><div class='card-body'>");
    help_draw(w, &h, 2);
    html(w->html, "</div></section><p class='mt-3'><a href='%s'>{All help}</a></p>",
         help_url(w, ""));
    page_end(w);
    return NULL;
}

/* --- all texts --- */

static bool holds(struct web *w, const struct help *h, const char *folded)
{
    return strstr(text_fold(w->arena, h->title), folded) ||
           strstr(text_fold(w->arena, h->clause), folded) ||
           strstr(text_fold(w->arena, h->lead), folded) ||
           strstr(text_fold(w->arena, h->text), folded);
}

static int by_title(const void *a, const void *b)
{
    const struct help *x = a, *y = b;

    return strcmp(x->title, y->title);
}

static void draw_search(struct web *w, const char *q)
{
    html(w->html,
         "<form class='mb-3 d-flex gap-2' method='get' action='%s'>"
         "<label class='visually-hidden' for='help-q'>{Search the help}</label>"
         "<input class='form-control' id='help-q' type='search' name='q' value='%s' "
         "maxlength='100' placeholder='{A word or a clause, as in 6.1.3}'>"
         "<button class='btn' type='submit'>{Search}</button></form>",
         help_url(w, ""), q);
}

static void draw_all(struct web *w, const struct help *list, size_t count)
{
    html(w->html, "<div class='list-group'>");
    for (size_t i = 0; i < count; i++) {
        html(w->html,
             "<a class='list-group-item list-group-item-action' href='%s'><strong>%s"
             "</strong>",
             help_url(w, list[i].name), list[i].title);
        if (*list[i].clause)
            html(w->html, " <span class='mute'>%s</span>", list[i].clause);
        html(w->html, "<br><span class='text-secondary'>%s</span></a>",
             markdown_excerpt(w->arena, list[i].lead, 200));
    }
    html(w->html, "</div>");
}

static struct err *list(struct web *w)
{
    const char *q = web_query(w, "q"), *folded = text_fold(w->arena, q ? q : "");
    const char *const *names;
    size_t n = help_names(w, &names), count = 0;
    struct help *found = NEW_ARRAY(w->arena, struct help, n + 1);

    for (size_t i = 0; i < n; i++)
        if (help_find(w, names[i], &found[count]) && (!*folded || holds(w, &found[count], folded)))
            count++;
    qsort(found, count, sizeof(*found), by_title);
    page_begin(w, "", "%s", tr("Help"));
    page_body(w);
    draw_search(w, q);
    if (count)
        draw_all(w, found, count);
    else
        page_empty(w, "No help holds these words. Try a single word, or the number of a clause.",
                   help_url(w, ""), "All help");
    html(w->html, "<p class='mt-3 mute'>{On every page “?” opens the help for that page.}</p>");
    page_end(w);
    return NULL;
}

static const struct route routes[] = {
    {METHOD_GET, "/help", list, &member, 0, NULL, NULL},
    {METHOD_GET,      "/help/:help", show, &member, 0, NULL, NULL},
    {METHOD_GET,         "/help", list, &anyone, ROUTE_SITE, NULL, NULL},
    {METHOD_GET,      "/help/:help", show, &anyone, ROUTE_SITE, NULL, NULL},
    {0},
};

static const struct nav nav[] = {
    {"System", 90, "Help", "/help", "help", &member, NULL},
    {0 },
};

const struct feature help_feature = {.name = "help", .routes = routes, .nav = nav};
