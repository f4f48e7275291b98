/* SPDX-License-Identifier: Apache-2.0 */
/* The search page: hits grouped by kind in the order of relevance; a record number alone leads
 * straight to the record. */
#include "feature/search/search.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "base/words.h"
#include "core/page.h"
#include "core/search.h"

#define HITS 100
#define TEXT_MOST 200

const struct permission search_use = {"search.use", "Search"};

/* True when the text is "R-42" or "r42" and the hit is that record. */
static bool is_number_of(const char *text, const struct hit *hit)
{
    size_t n = strlen(hit->entity->prefix);
    i64 number;

    if (strncasecmp(text, hit->entity->prefix, n) != 0)
        return false;
    text += n;
    text += *text == '-';
    return isdigit((unsigned char)*text) && text_i64(text, &number) && number == hit->number;
}

static struct err *asked(struct web *w, const char **text)
{
    const char *q = web_query(w, "q");

    *text = q ? text_trim(w->arena, q) : "";
    if (text_length(*text) > TEXT_MOST)
        return err_new(ERR_BAD, "Search for %d characters at most.", TEXT_MOST);
    return NULL;
}

/* --- the page --- */

static void draw_hit(struct web *w, const struct hit *hit)
{
    html(w->html,
         "<li class='list-group-item'><a href='%s'><span class='record-number'>%s-%lld</span> %s"
         "</a>",
         web_record_url(w, hit->entity, hit->number), hit->entity->prefix, hit->number, hit->title);
    if (*hit->excerpt)
        html(w->html, "<div class='mute'>%s</div>",
             markdown_excerpt(w->arena, hit->excerpt, strlen(hit->excerpt)));
    html(w->html, "</li>");
}

/* All hits of the kind of hits[i], unless it was drawn already. */
static void draw_kind(struct web *w, const struct hit *hits, size_t count, size_t i)
{
    const struct entity *e = hits[i].entity;
    size_t n = 0;

    for (size_t j = 0; j < i; j++)
        if (hits[j].entity == e)
            return;
    for (size_t j = i; j < count; j++)
        n += hits[j].entity == e;
    html(w->html,
         "<section class='card'><div class='card-header'><h2 class='card-title'>%s</h2><span "
         "class='mute'>%zu</span></div><ul class='list-group list-group-flush'>",
         tr(e->labels), n);
    for (size_t j = i; j < count; j++)
        if (hits[j].entity == e)
            draw_hit(w, &hits[j]);
    html(w->html, "</ul></section>");
}

static void draw_hits(struct web *w, const char *text, const struct hit *hits, size_t count)
{
    if (!count) {
        card_begin(w, NULL, NULL);
        page_empty(w,
                   "Nothing was found. Try fewer or shorter words: the beginning of a word is "
                   "enough, and accents do not matter. A record that was saved a moment ago is "
                   "found after a second.",
                   NULL, NULL);
        card_end(w);
        return;
    }
    html(w->html, "<p class='mute' role='status'>%s</p><div class='stack'>",
         arena_printf(w->arena,
                      count == HITS
                          ? tr("The first %zu records for “%s”")
                          : tr_n("%zu record for “%s”", "%zu records for “%s”", (i64)count),
                      count, text));
    for (size_t i = 0; i < count; i++)
        draw_kind(w, hits, count, i);
    html(w->html, "</div>");
}

static void draw_form(struct web *w, const char *text)
{
    html(w->html,
         "<form method='get' action='%s' role='search' class='mb-3'><div class='field'><label "
         "class='form-label' for='search-q'>{Words or a record number}</label><div class='d-flex "
         "gap-2'><input class='form-control' type='search' id='search-q' name='q' maxlength='%d' "
         "value='%s'><button class='btn btn-primary'>{Search}</button></div></div></form>",
         web_url(w, "/search"), TEXT_MOST, text);
}

static struct err *search_page(struct web *w)
{
    struct hit *hits = NULL;
    size_t count = 0;
    const char *text;

    TRY(asked(w, &text));
    if (*text)
        TRY(search_run(w, text, HITS, &hits, &count));
    if (count && is_number_of(text, &hits[0])) {
        web_redirect(w, web_record_url(w, hits[0].entity, hits[0].number));
        return NULL;
    }
    page_begin(w, "", "Search");
    page_help(
        w,
        "Finds records of all kinds by the beginnings of words. All words must occur. A number "
        "such as R-42 opens that record. You find only what you may see.",
        NULL);
    page_body(w);
    draw_form(w, text);
    if (*text) {
        draw_hits(w, text, hits, count);
    } else {
        card_begin(w, NULL, NULL);
        page_empty(w,
                   "Type the beginning of one or more words: “back fire” finds “Backup” with "
                   "“Firewall”. “A-7” opens that asset. The key / brings you to the search from "
                   "every page.",
                   NULL, NULL);
        card_end(w);
    }
    page_end(w);
    return NULL;
}

/* --- the API --- */

static struct err *search_api(struct web *w)
{
    json_t *answer = json_own(w->arena, json_object()), *items = json_array();
    struct hit *hits = NULL;
    size_t count = 0;
    const char *text;

    json_object_set_new(answer, "items", items);
    json_object_set_new(answer, "next", json_null());
    TRY(asked(w, &text));
    if (!*text)
        return err_new(ERR_BAD, "Say what to search for with the parameter “q”.");
    TRY(search_run(w, text, HITS, &hits, &count));
    for (size_t i = 0; i < count; i++)
        json_array_append_new(
            items,
            json_pack("{s:s,s:s,s:s,s:s,s:s}", "kind", hits[i].entity->name, "id",
                      arena_printf(w->arena, "%lld", hits[i].id), "number",
                      arena_printf(w->arena, "%s-%lld", hits[i].entity->prefix, hits[i].number),
                      "title", hits[i].title, "excerpt", hits[i].excerpt));
    web_answer_json(w, 200, json_incref(answer));
    return NULL;
}

static const struct route routes[] = {
    {METHOD_GET,   "/search", search_page, &search_use, ROUTE_SLOW, NULL, NULL},
    {METHOD_GET, "/search", search_api, &search_use, ROUTE_API | ROUTE_SLOW, NULL,
     "Records of all kinds by the beginnings of words"},
    {0 },
};

static const struct permission *const permissions[] = {&search_use, NULL};

const struct feature search_feature = {
    .name = "search", .permissions = permissions, .routes = routes};
