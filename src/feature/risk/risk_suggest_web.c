/* SPDX-License-Identifier: Apache-2.0 */
/* The page of suggested risks: look, choose, accept or dismiss; and what was dismissed. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/catalogue.h"
#include "core/content.h"
#include "core/page.h"
#include "feature/asset/asset.h"
#include "feature/risk/risk_part.h"

#define PAGE 50
#define DISMISSED_MOST 200

/* What the address asks for. */
struct asked {
    i64 asset;
    const char *asset_text;
    bool all;
    i64 page;
};

static struct err *read_asked(struct web *w, struct asked *out)
{
    const char *page = web_query(w, "page");

    *out = (struct asked){.page = 1,
                          .asset_text = web_query(w, "asset"),
                          .all = text_equal(web_query(w, "all"), "1")};
    if (page && (!text_i64(page, &out->page) || out->page < 1 || out->page > 100000))
        return err_new(ERR_BAD, "The parameter “page” is a number from 1.");
    if (text_empty(out->asset_text))
        return NULL;
    out->all = true;
    return entity_find(w, &asset_entity, out->asset_text, &out->asset);
}

static const char *page_url(struct web *w, const struct asked *a, i64 page)
{
    if (!text_empty(a->asset_text))
        return web_url(w, "/risks/suggestions?asset=%s&page=%lld",
                       text_url(w->arena, a->asset_text), page);
    return web_url(w, "/risks/suggestions?%spage=%lld", a->all ? "all=1&" : "", page);
}

/* --- rows --- */

static bool ticked(struct web *w, const char *key)
{
    for (size_t i = 0; w->req && i < w->req->form.count; i++)
        if (text_equal(w->req->form.list[i].name, "pick[]") &&
            text_equal(w->req->form.list[i].value, key))
            return true;
    return false;
}

static void draw_controls(struct web *w, const char *list)
{
    const struct content *c = w->app->content;
    char **codes;
    size_t n = text_split(w->arena, list, ';', &codes);

    html(w->html, "<div>"); /* one part: on a phone the cell is a grid */
    for (size_t i = 0; i < n; i++)
        html(w->html, "%s<abbr title='%s'>%s</abbr>", i ? ", " : "",
             content_label(c, "controls", codes[i]), codes[i]);
    html(w->html, "</div>");
}

static void draw_levels(struct web *w, const struct risk_candidate *c)
{
    if (c->likelihood && c->impact)
        html(w->html, "<div>%lld × %lld<div class='list-sub'>{likelihood × impact}</div></div>",
             c->likelihood, c->impact);
    else
        html(w->html, "<div><span class='mute'>{none}</span><div class='list-sub'>{value the asset "
                      "first}</div></div>");
}

static void draw_row(struct web *w, const struct risk_candidate *c, bool may)
{
    const char *title = risk_candidate_title(w, c);
    struct html *h = w->html;

    html(h, "<tr>");
    if (may)
        html(h,
             "<td class='pick'><input class='form-check-input' type='checkbox' name='pick[]' "
             "value='%s' data-pick aria-label='{Choose %s}'%s></td>",
             c->key, title, ticked(w, c->key) ? " checked" : "");
    html(h, "<td class='list-main'>%s<div class='list-sub'>%s</div></td>", title, c->reason);
    html(h, "<td data-label='{Weakness}'>%s</td><td data-label='{Controls against it}'>",
         catalogue_label(w, "vulnerabilities", c->vulnerability));
    draw_controls(w, c->controls);
    html(h, "</td><td data-label='{Proposed scores}'>");
    draw_levels(w, c);
    html(h, "</td>");
    if (may)
        html(h,
             "<td><button class='btn btn-sm' type='submit' name='one' value='%s' "
             "aria-label='{Accept %s}'>{Accept}</button></td>",
             c->key, title);
    html(h, "</tr>");
}

static void table_begin(struct web *w, bool may)
{
    struct html *h = w->html;

    html(h,
         "<section class='card'><div class='table-responsive'><table class='table list'><caption "
         "class='visually-hidden'>{Suggested risks by asset}</caption><thead><tr>");
    if (may)
        html(h, "<th scope='col' class='pick'><input class='form-check-input js-only' "
                "type='checkbox' data-pick-all aria-label='{Choose all on this page}'></th>");
    html(h, "<th scope='col'>{Risk and how it could happen}</th><th scope='col'>{Weakness}</th><th "
            "scope='col'>{Controls against it}</th><th scope='col'>{Proposed scores}</th>");
    if (may)
        html(h, "<th scope='col'><span class='visually-hidden'>{Accept}</span></th>");
    html(h, "</tr></thead>");
}

static void group_begin(struct web *w, const struct risk_candidate *c, bool may)
{
    const char *type = content_label(w->app->content, "asset_types", c->asset_type);
    struct html *h = w->html;

    html(h, "<tbody><tr><td class='list-main' colspan='%d'><a href='%s'><strong>%s</strong></a> ",
         may ? 6 : 4, web_record_url(w, &asset_entity, c->asset_number), c->asset_name);
    if (!text_equal(type, c->asset_name))
        html(h, "<span class='mute'>%s</span> ", type);
    if (c->asset_value)
        asset_value_chip(w, c->asset_value);
    html(h, "</td></tr>");
}

/* --- what to do with them --- */

static bool box_was_on(struct web *w, const char *name)
{
    return text_equal(web_form(w, name), "1");
}

static void draw_check(struct web *w, const char *name, const char *label, const char *help)
{
    html(w->html,
         "<label class='form-check'><input class='form-check-input' type='checkbox' "
         "name='%s' value='1'%s><span class='form-check-label'>%s</span>"
         "<span class='form-hint d-block'>%s</span></label>",
         name, box_was_on(w, name) ? " checked" : "", label, help);
}

static struct err *draw_choices(struct web *w, const struct issues *issues)
{
    struct field owner = *entity_field(&risk_entity, "owner");
    struct risk none = {.state = NULL};

    owner.label = "Owner of accepted risks";
    owner.help = "Left empty, the owner of each asset becomes the owner of its risk.";
    html(w->html, "<section class='card mb-3'><div class='card-body'><div class='form-grid'>");
    TRY(form_field(w, &owner, &none, issues));
    html(w->html, "<div class='field'>");
    draw_check(
        w, "scores", tr("Take over the proposed scores"),
        tr("Only as inherent levels, and only where the asset has a value. Otherwise the risks "
           "stay unscored until you score them."));
    draw_check(w, "combine", tr("One risk for all ticked assets of the same scenario"),
               tr("Same threat and same weakness become one risk with several assets."));
    html(w->html, "</div></div></div></section>");
    return NULL;
}

static void draw_bulk(struct web *w)
{
    struct html *h = w->html;

    html(h, "<div class='bulk-bar' data-bulk><span class='js-only'><span data-picked>0</span> "
            "{ticked}</span><button class='btn btn-primary' type='submit' name='do' "
            "value='accept'>{Accept ticked}</button>");
    if (web_may(w, &dismissal_write))
        html(h,
             "<label class='visually-hidden' for='f-reason'>{Why they do not fit}</label><input "
             "class='form-control w-auto' id='f-reason' name='reason' maxlength='500' "
             "placeholder='{Why they do not fit}' value='%s'><button class='btn' type='submit' "
             "name='do' value='dismiss'>{Dismiss ticked}</button>",
             web_form(w, "reason"));
    html(h, "</div>");
}

/* --- the list --- */

/* Ranked list to list by asset: an asset stands where its best suggestion stands. */
static int by_group(const void *a, const void *b)
{
    const struct risk_candidate *x = a, *y = b;

    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static int by_asset_number(const void *a, const void *b)
{
    const struct risk_candidate *x = a, *y = b;

    if (x->asset_number != y->asset_number)
        return x->asset_number < y->asset_number ? -1 : 1;
    return x->group < y->group ? -1 : x->group > y->group;
}

static void group_by_asset(struct risk_candidate *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        list[i].group = list[i].order = i;
    if (n == 0)
        return;
    qsort(list, n, sizeof(*list), by_asset_number);
    for (size_t i = 1; i < n; i++)
        if (list[i].asset_number == list[i - 1].asset_number)
            list[i].group = list[i - 1].group;
    qsort(list, n, sizeof(*list), by_group);
}

static void draw_summary(struct web *w, const struct risk_candidates *c, const struct asked *a,
                         size_t shown)
{
    struct html *h = w->html;

    html(h, "<p>");
    if (a->asset)
        html(h,
             "{%zu suggestion fits this asset.|%zu suggestions fit this asset.} <a href='%s'>{All "
             "assets}</a>",
             c->count, c->count, web_url(w, "/risks/suggestions"));
    else if (shown < c->count)
        html(h,
             "{%zu of %zu suggestions. Risks so far: %lld; for your size about %lld risks are "
             "enough "
             "to begin with, so the most useful come first.} <a href='%s'>{Show all}</a>",
             shown, c->count, c->risks, c->most, web_url(w, "/risks/suggestions?all=1"));
    else
        html(h, "{%zu suggestion.|%zu suggestions.}", c->count, c->count);
    html(h, " {Each says how it could happen: a question to you, not a finding. Nothing becomes a "
            "risk before you accept it.}</p>");
    if (c->open)
        html(h,
             "<p class='mute'>{%zu more depend on open questions of your profile.} <a "
             "href='%s'>{Answer them}</a></p>",
             c->open, web_url(w, "/profile"));
}

static void draw_pages(struct web *w, const struct asked *a, size_t shown)
{
    i64 last = ((i64)shown + PAGE - 1) / PAGE;

    if (last <= 1)
        return;
    html(w->html, "<nav class='pager' aria-label='{Pages}'><span class='btn-list'>");
    if (a->page > 1)
        html(w->html, "<a class='btn btn-sm' rel='prev' href='%s'>{Back}</a>",
             page_url(w, a, a->page - 1));
    if (a->page < last)
        html(w->html, "<a class='btn btn-sm' rel='next' href='%s'>{Next}</a>",
             page_url(w, a, a->page + 1));
    html(w->html, "</span><span class='mute'>{Page %lld of %lld}</span></nav>", a->page, last);
}

static void draw_groups(struct web *w, const struct risk_candidates *c, const struct asked *a,
                        size_t shown, bool may)
{
    size_t first = (size_t)(a->page - 1) * PAGE;
    i64 open = 0;

    table_begin(w, may);
    for (size_t i = first; i < shown && i < first + PAGE; i++) {
        if (open != c->list[i].asset && open)
            html(w->html, "</tbody>");
        if (open != c->list[i].asset)
            group_begin(w, &c->list[i], may);
        open = c->list[i].asset;
        draw_row(w, &c->list[i], may);
    }
    if (open)
        html(w->html, "</tbody>");
    html(w->html, "</table></div>");
    if (may)
        draw_bulk(w);
    html(w->html, "</section>");
}

/* --- dismissed ones --- */

static struct err *draw_dismissed(struct web *w)
{
    struct html *h = w->html;
    struct rows *r;

    if (!web_may(w, &dismissal_read))
        return NULL;
    TRY(db_query(w->db, &r,
                 "select title, reason, key from dismissal where org_id = $1 and subject = 'risk'"
                 " order by number desc limit $2",
                 num(w->org), num(DISMISSED_MOST)));
    if (row_count(r) == 0)
        return NULL;
    html(h,
         "<details class='mt-3'><summary>{%zu dismissed}</summary><section class='card mt-2'><div "
         "class='table-responsive'><table class='table list'><caption "
         "class='visually-hidden'>{Dismissed suggestions}</caption><thead><tr><th "
         "scope='col'>{Suggestion}</th><th scope='col'>{Why not}</th><th scope='col'><span "
         "class='visually-hidden'>{Take back}</span></th></tr></thead><tbody>",
         row_count(r));
    while (row_next(r)) {
        html(h, "<tr><td class='list-main'>%s</td><td data-label='{Why not}'>%s</td><td>",
             row_text(r, 0), row_text(r, 1));
        if (web_may(w, &dismissal_write) && !w->asof)
            form_button(w, web_url(w, "/risks/suggestions/back"), "default", "Take back", "key",
                        row_text(r, 2));
        html(h, "</td></tr>");
    }
    html(h, "</tbody></table></div></section></details>");
    return NULL;
}

/* --- the page --- */

static i64 count_query(struct web *w, const char *name)
{
    const char *text = web_query(w, name);
    i64 n;

    return text && text_i64(text, &n) && n > 0 && n < 100000 ? n : 0;
}

/* Figures of what was just done come with the address, as numbers only. */
static void draw_done(struct web *w)
{
    i64 created = count_query(w, "created"), skipped = count_query(w, "skipped");
    i64 merged = count_query(w, "merged");

    if (created && merged)
        page_notice(
            w, "success",
            tr_n("%lld risk created from %lld suggestions. Next: score it and choose a treatment.",
                 "%lld risks created from %lld suggestions. Next: score them and choose a "
                 "treatment.",
                 created),
            created, created + merged);
    else if (created)
        page_notice(w, "success",
                    tr_n("%lld risk created. Next: score it and choose a treatment.",
                         "%lld risks created. Next: score them and choose a treatment.", created),
                    created);
    if (skipped)
        page_notice(
            w, "info",
            tr_n("%lld suggestion was skipped: somebody had accepted or dismissed it already.",
                 "%lld suggestions were skipped: somebody had accepted or dismissed them already.",
                 skipped),
            skipped);
}

static void draw_nothing(struct web *w, const struct risk_candidates *c)
{
    if (c->count)
        page_empty(w,
                   "You have as many risks as are sensible for your size. More suggestions are "
                   "there if you want them.",
                   web_url(w, "/risks/suggestions?all=1"), "Show all suggestions");
    else
        page_empty(w,
                   "Nothing to suggest. Suggestions come from assets in scope: accept or add "
                   "some, or answer more of your profile.",
                   web_url(w, "/assets"), "To the assets");
}

static struct err *draw_page(struct web *w, const struct issues *issues)
{
    bool may = web_may(w, &risk_write) && !w->asof;
    struct risk_candidates c;
    struct asked a;
    size_t shown;

    TRY(read_asked(w, &a));
    TRY(risk_suggest(w, a.asset, &c));
    shown = a.all ? c.count : c.shown;
    group_by_asset(c.list, shown);
    page_begin(w, "Plan · Risks", "Suggested risks");
    page_help(w,
              "From the kind of each asset follow threats, from those the weaknesses that let them "
              "happen, and the controls against them. Take what could really happen here, and "
              "dismiss the rest with a reason, so that nobody asks again.",
              "6.1.2 c");
    page_body(w);
    draw_done(w);
    form_issues(w, issues);
    draw_summary(w, &c, &a, shown);
    if (shown == 0) {
        draw_nothing(w, &c);
    } else if (may) {
        form_begin(w, page_url(w, &a, a.page), 0);
        /* Enter in a text field would press the first button and accept something. */
        html(w->html, "<button type='submit' disabled hidden>{Send}</button>");
        TRY(draw_choices(w, issues));
        draw_groups(w, &c, &a, shown, true);
        html(w->html, "</form>");
    } else {
        draw_groups(w, &c, &a, shown, false);
    }
    draw_pages(w, &a, shown);
    TRY(draw_dismissed(w));
    page_end(w);
    return NULL;
}

struct err *risk_suggestions_page(struct web *w)
{
    return draw_page(w, NULL);
}

/* --- posting --- */

static size_t picks(struct web *w, const char ***out)
{
    const char *one = web_form(w, "one");
    size_t n = 0;

    *out = NEW_ARRAY(w->arena, const char *, w->req->form.count + 1);
    if (one) {
        (*out)[0] = one;
        return 1;
    }
    for (size_t i = 0; i < w->req->form.count; i++)
        if (text_equal(w->req->form.list[i].name, "pick[]") && *w->req->form.list[i].value)
            (*out)[n++] = w->req->form.list[i].value;
    return n;
}

static struct err *refused(struct web *w, const struct issues *issues)
{
    web_status(w, 422);
    return draw_page(w, issues);
}

static struct err *dismiss(struct web *w, const char *const *keys, size_t n)
{
    struct issues issues = {.arena = w->arena};
    size_t done;

    TRY(risk_dismiss(w, keys, n, web_form(w, "reason"), &issues, &done));
    if (issues.count)
        return refused(w, &issues);
    web_redirect(w, web_url(w, "/risks/suggestions?m=%s", done ? "dismissed" : "unchanged"));
    return NULL;
}

static struct err *accept(struct web *w, const char *const *keys, size_t n)
{
    struct issues issues = {.arena = w->arena};
    struct risk_acceptance given = {.keys = keys,
                                    .count = n,
                                    .owner = web_form(w, "owner"),
                                    .scores = box_was_on(w, "scores"),
                                    .combine = box_was_on(w, "combine")};
    struct risk_accepted done;

    TRY(risk_accept_suggestions(w, &given, &issues, &done));
    if (issues.count)
        return refused(w, &issues);
    web_redirect(w, web_url(w, "/risks/suggestions?created=%zu&merged=%zu&skipped=%zu",
                            done.created, done.merged, done.skipped));
    return NULL;
}

struct err *risk_suggestions_post(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    bool away = text_equal(web_form(w, "do"), "dismiss") && !web_form(w, "one");
    const char **keys;
    size_t n = picks(w, &keys);

    if (n == 0) {
        issue(&issues, "", "Nothing is ticked. Tick the suggestions first.");
        return refused(w, &issues);
    }
    return away ? dismiss(w, keys, n) : accept(w, keys, n);
}

struct err *risk_suggestions_back(struct web *w)
{
    TRY(risk_take_back(w, web_form(w, "key")));
    web_redirect(w, web_url(w, "/risks/suggestions?m=restored"));
    return NULL;
}
