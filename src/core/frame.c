/* SPDX-License-Identifier: Apache-2.0 */
/* Side bar, search, account menu, list of keys. */
#include "core/frame.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "base/version.h"
#include "base/words.h"
#include "core/list_sql.h"
#include "core/page.h"

#define NAV_MOST 64
#define COUNT_MOST 1000

const char *level_class(const char *tone)
{
    static const char *const pairs[][2] = {
        {"green",  "low"     },
        {"yellow", "medium"  },
        {"orange", "high"    },
        {"red",    "critical"}
    };

    for (size_t i = 0; i < COUNT_OF(pairs); i++)
        if (text_equal(tone, pairs[i][0]))
            return pairs[i][1];
    return "";
}

/* --- entries of the side bar: the features' tables, sorted once --- */

struct entry {
    const struct nav *nav;
    char key[4]; /* "r": activated by "g r" */
};
static struct entry entries[NAV_MOST];
static size_t nentries;
static pthread_once_t entries_once = PTHREAD_ONCE_INIT;

static int section_place(const char *section)
{
    static const char *const order[] = {"", "Plan", "Do", "Check", "Act"};

    for (int i = 0; i < (int)COUNT_OF(order); i++)
        if (text_equal(section, order[i]))
            return i;
    return (int)COUNT_OF(order);
}

static int by_place(const void *a, const void *b)
{
    const struct nav *x = ((const struct entry *)a)->nav;
    const struct nav *y = ((const struct entry *)b)->nav;
    int difference = section_place(x->section) - section_place(y->section);

    if (difference == 0)
        difference = strcmp(x->section, y->section);
    if (difference == 0)
        difference = (x->order > y->order) - (x->order < y->order);
    return difference ? difference : strcmp(x->title, y->title);
}

/* The registers that people go to most keep these, whatever else the side bar holds. */
static const char *const fixed_keys[][2] = {
    {"/",       "h"},
    {"/work",   "w"},
    {"/guide",  "g"},
    {"/assets", "a"},
    {"/risks",  "r"},
    {"/soa",    "s"}
};

static char fixed_key(const struct nav *n)
{
    for (size_t i = 0; i < COUNT_OF(fixed_keys); i++)
        if (text_equal(n->path, fixed_keys[i][0]))
            return fixed_keys[i][1][0];
    return '\0';
}

/* Else the first letter of the title that no other entry has. */
static void choose_keys(void)
{
    bool taken[26] = {0};

    for (size_t i = 0; i < nentries; i++) {
        entries[i].key[0] = fixed_key(entries[i].nav);
        if (entries[i].key[0])
            taken[entries[i].key[0] - 'a'] = true;
    }
    for (size_t i = 0; i < nentries; i++) {
        for (const char *p = entries[i].nav->title; !entries[i].key[0] && *p; p++) {
            char c = (char)(*p | 0x20);
            if (c < 'a' || c > 'z' || taken[c - 'a'])
                continue;
            taken[c - 'a'] = true;
            entries[i].key[0] = c;
        }
    }
}

static void collect_entries(void)
{
    for (size_t i = 0; features[i]; i++)
        for (const struct nav *n = features[i]->nav; n && n->title; n++) {
            if (nentries == NAV_MOST)
                BUG("more than %d entries in the side bar", NAV_MOST);
            entries[nentries++].nav = n;
        }
    qsort(entries, nentries, sizeof entries[0], by_place);
    choose_keys();
}

/* The entry whose path is the longest beginning of this page's path. */
static const struct entry *current_entry(const struct web *w)
{
    const char *path = "";
    const struct entry *best = NULL;
    size_t most = 0;

    if (w->req && text_starts(w->req->path, "/o/"))
        path = w->req->path + 3 + strcspn(w->req->path + 3, "/");
    for (size_t i = 0; i < nentries; i++) {
        const char *own = entries[i].nav->path;
        size_t size = strcspn(own, "?");
        bool fits =
            strncmp(path, own, size) == 0 && (path[size] == '\0' || path[size] == '/' || size <= 1);
        if (size <= 1)
            fits = text_empty(path) || text_equal(path, "/");
        if (fits && (!best || size > most)) {
            best = &entries[i];
            most = size;
        }
    }
    return best;
}

static void draw_entry(struct web *w, const struct entry *e, bool current, i64 count)
{
    struct html *h = w->html;

    html(h, "<a class='side-link' href='%s'", web_url(w, "%s", e->nav->path));
    if (e->key[0])
        html(h, " data-key='g %s'", e->key);
    if (current)
        html(h, " aria-current='page'");
    html(h, "><span>%s</span>", tr(e->nav->title));
    if (e->nav->count && count > COUNT_MOST)
        html(h, "<span class='side-count'>% lld+</span>", 1000LL);
    else if (e->nav->count && count >= 0)
        html(h, "<span class='side-count'>%lld</span>", count);
    html(h, "</a>");
}

static void draw_entries(struct web *w)
{
    const struct entry *current = current_entry(w);
    const struct entity *counted[NAV_MOST] = {NULL};
    i64 counts[NAV_MOST] = {0};
    const char *section = "";
    struct err *e;

    for (size_t i = 0; i < nentries; i++)
        if (web_may(w, entries[i].nav->permission))
            counted[i] = entries[i].nav->count;
    e = list_counts(w, counted, nentries, COUNT_MOST, counts);
    if (e) /* the page is worth more than its figures */
        log_event(LOG_ERROR, "side_counts", "%s %s", e->text, e->detail);
    for (size_t i = 0; i < nentries; i++) {
        const struct nav *n = entries[i].nav;
        if (!web_may(w, n->permission))
            continue;
        if (!text_equal(n->section, section))
            html(w->html, "<div class='side-title'>%s</div>", tr(n->section));
        section = n->section;
        draw_entry(w, &entries[i], &entries[i] == current, e ? -1 : counts[i]);
    }
}

/* --- organisation and account --- */

static void draw_organisations(struct web *w)
{
    struct html *h = w->html;
    struct rows *r;
    struct err *e;

    html(h,
         "<details class='menu side-org'><summary class='btn'>%s</summary>"
         "<div class='menu-items'>",
         w->org_name);
    e = db_query(w->db, &r,
                 "select d.slug, d.name from member m join directory d on d.org_id = m.org_id and "
                 "d.organisation = m.organisation where m.org_id = $1 and m.account = $2 "
                 "order by d.name, d.slug limit 100",
                 num(0), num(w->account));
    if (e)
        log_event(LOG_ERROR, "side_organisations", "%s %s", e->text, e->detail);
    while (!e && row_next(r)) {
        html(h, "<a class='menu-item' href='/o/%s'", row_text(r, 0));
        if (text_equal(row_text(r, 0), w->slug))
            html(h, " aria-current='true'");
        html(h, ">%s</a>", row_text(r, 1));
    }
    if (page_offers(w, "/organisations"))
        html(h, "<a class='menu-item' href='/organisations'>{All organisations}</a>");
    html(h, "</div></details>");
}

static void draw_theme(struct web *w)
{
    html(w->html, "<button class='btn btn-icon js-only' type='button' data-theme-toggle "
                  "aria-label='{Switch between light and dark}'>");
    icon(w, "moon");
    html(w->html, "</button>");
}

static void draw_account(struct web *w)
{
    const char *name = text_empty(w->person_name) ? w->account_email : w->person_name;
    struct html *h = w->html;

    if (page_offers(w, "/account"))
        html(h, "<a class='text-truncate me-auto' href='/account'>%s</a>", name);
    else
        html(h, "<span class='text-truncate me-auto'>%s</span>", name);
    draw_theme(w);
    if (!w->account)
        return;
    html(h,
         "<form method='post' action='/logout'><input type='hidden' name='_csrf' "
         "value='%s'><button class='btn btn-icon' type='submit' aria-label='{Sign out}'>",
         w->csrf);
    icon(w, "logout");
    html(h, "</button></form>");
}

/* --- frames --- */

static void draw_brand(struct web *w, const char *address, const char *class)
{
    html(w->html, "<a class='%s' href='%s'>", class, address);
    icon(w, "cairn");
    html(w->html, " Cairn</a>");
}

void frame_begin(struct web *w)
{
    struct html *h = w->html;

    pthread_once(&entries_once, collect_entries);
    html(h, "<body><a class='skip-link' href='#main'>{Skip to the content}</a><div "
            "class='shell'><header class='side'>");
    draw_brand(w, arena_printf(w->arena, "/o/%s", w->slug), "side-brand");
    draw_organisations(w);
    html(h, "<button class='btn btn-icon side-button' type='button' popovertarget='side-nav' "
            "aria-label='{Menu}'>");
    icon(w, "menu-2");
    html(h, "</button><nav id='side-nav' class='side-nav' popover aria-label='{Main}'>\n");
    draw_entries(w);
    html(h, "<div class='side-foot'>");
    draw_account(w);
    html(h, "</div></nav></header>\n<main id='main' class='main' tabindex='-1'>");
}

void frame_bar(struct web *w)
{
    for (size_t i = 0; features[i]; i++) {
        struct err *e = features[i]->bar ? features[i]->bar(w) : NULL;

        if (e) /* the page is worth more than its head */
            log_event(LOG_ERROR, "bar", "feature=%s %s %s", features[i]->name, e->text, e->detail);
    }
}

void frame_search(struct web *w)
{
    if (page_offers(w, arena_printf(w->arena, "/o/%s/search", w->slug)))
        html(w->html,
             "<form class='search' role='search' method='get' action='/o/%s/search'><label "
             "class='visually-hidden' for='page-search'>{Search all records}</label><input "
             "class='form-control' id='page-search' type='search' name='q' maxlength='200' "
             "placeholder='{Search or jump to… (press /)}' autocomplete='off' data-search></form>",
             w->slug);
}

static void draw_key(struct web *w, const char *keys, const char *text)
{
    html(w->html, "<tr><td><kbd>%s</kbd></td><td>%s</td></tr>", keys, tr(text));
}

void frame_end(struct web *w)
{
    struct html *h = w->html;

    html(h,
         "<footer class='mute small mt-4'>Cairn %s</footer></main></div>\n<dialog id='keys' "
         "class='keys' aria-labelledby='keys-title'><h2 class='h3' "
         "id='keys-title'>{Keys}</h2><table class='table table-sm'><caption "
         "class='visually-hidden'>{Keys and what they do}</caption><tbody>",
         CAIRN_VERSION);
    draw_key(w, "/", N_("search"));
    draw_key(w, "n", N_("new record, in a list"));
    draw_key(w, "e", N_("edit this record"));
    draw_key(w, "j k", N_("next and previous record in a list"));
    draw_key(w, "o x", N_("open and tick the record in a list"));
    draw_key(w, "f", N_("all filters of a list"));
    for (size_t i = 0; i < nentries; i++)
        if (entries[i].key[0] && web_may(w, entries[i].nav->permission))
            draw_key(w, arena_printf(w->arena, "g %s", entries[i].key), entries[i].nav->title);
    draw_key(w, "?", N_("help for this page"));
    html(h, "</tbody></table><form method='dialog'><button "
            "class='btn'>{Close}</button></form></dialog></body></html>\n");
}

void frame_plain_begin(struct web *w)
{
    struct html *h = w->html;

    html(h, "<body><a class='skip-link' href='#main'>{Skip to the content}</a><div class='page "
            "page-center'><div class='container container-tight py-4'><header class='d-flex "
            "align-items-center gap-2 mb-3'>");
    draw_brand(w, "/", "side-brand");
    draw_account(w);
    html(h, "</header><main id='main' tabindex='-1'>");
}

void frame_plain_end(struct web *w)
{
    html(w->html,
         "</main><footer class='mute small mt-3'>Cairn %s</footer></div></div></body></html>\n",
         CAIRN_VERSION);
}
