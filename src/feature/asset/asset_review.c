/* SPDX-License-Identifier: Apache-2.0 */
/* Confirming that entries of the inventory are still right (A.5.9): by the owner, who needs no
 * other right for it, one or many at once. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/list.h"
#include "core/page.h"
#include "core/work.h"
#include "feature/asset/asset_part.h"

#define AT_ONCE 100

struct sheet {
    struct asset *assets;
    size_t count;
    const char *next;
    bool others, all; /* may confirm for everybody; also what is not due yet */
    const char *wrong;
};

/* Assets in use whose entry is to be confirmed by now or soon, the longest overdue first. */
static struct err *read_sheet(struct web *w, struct sheet *s)
{
    struct list_query q = {.entity = &asset_entity, .limit = AT_ONCE};
    struct list_result r;
    const char *soon = date_add(w->arena, w->today, 0, WORK_AHEAD);

    s->others = web_may(w, &asset_write);
    s->all = text_equal(web_query(w, "all"), "1");
    q.after = web_query(w, "after");
    q.sort = entity_field(&asset_entity, "name");
    q.extra = s->others ? "t.state not in " ASSET_OUT
                          " and (t.review_due is null or t.review_due <= @1)"
                        : "t.state not in " ASSET_OUT
                          " and (t.review_due is null or t.review_due <= @1) and t.owner = @2";
    q.extra_vals[0] = str(s->all ? "9999-12-31" : soon);
    q.extra_vals[1] = num(w->person);
    q.nextra = s->others ? 1 : 2;
    TRY(list_run(w, &q, false, &r));
    s->assets = r.records;
    s->count = r.count;
    s->next = r.next;
    return NULL;
}

/* --- the page --- */

static bool is_late(const struct web *w, const struct asset *a)
{
    return work_over(w, &asset_entity, entity_field(&asset_entity, "review_due"), a);
}

static struct err *draw_row(struct web *w, const struct asset *a)
{
    const struct field *owner = entity_field(&asset_entity, "owner");
    const struct choice *state =
        choice_find(entity_field(&asset_entity, "state")->choices, a->state);
    const char *name;

    TRY(field_show(w, owner, a, &name));
    html(w->html,
         "<tr><td class='pick'><input class='form-check-input' type='checkbox' name='pick[]' "
         "value='%lld' aria-label='A-%lld'%s></td><td class='list-main'><a href='%s'>"
         "<span class='record-number'>A-%lld</span> %s</a></td><td data-label='{Owner}'>%s</td>"
         "<td data-label='{State}'>",
         a->id, a->number, a->owner && a->owner == w->person ? " checked" : "",
         web_record_url(w, &asset_entity, a->number), a->number, a->name,
         text_empty(name) ? "—" : name);
    if (state)
        badge(w, state->tone, tr(state->label));
    html(w->html, "</td><td data-label='{Value}'>");
    asset_value_chip(w, a->value);
    html(w->html, "</td><td data-label='{Confirmed on}'>%s</td><td data-label='{Due}'>",
         a->reviewed_on ? words_date(w->arena, a->reviewed_on) : "—");
    page_day(w, a->review_due ? words_date(w->arena, a->review_due) : "—", DATED_REVIEW,
             is_late(w, a));
    html(w->html, "</td></tr>");
    return NULL;
}

static struct err *draw_table(struct web *w, const struct sheet *s)
{
    form_begin(w, web_url(w, "/assets/reviews"), 0);
    html(w->html,
         "<section class='card'><table class='table list'><caption "
         "class='visually-hidden'>{Entries to confirm}</caption><thead><tr><th scope='col'>"
         "<span class='visually-hidden'>{Chosen}</span></th><th scope='col'>{Asset}</th>"
         "<th scope='col'>{Owner}</th><th scope='col'>{State}</th><th scope='col'>{Value}</th>"
         "<th scope='col'>{Confirmed on}</th><th scope='col'>{Due}</th></tr></thead><tbody>");
    for (size_t i = 0; i < s->count; i++)
        TRY(draw_row(w, &s->assets[i]));
    html(w->html, "</tbody></table></section><div class='form-actions mt-3'><button class='btn "
                  "btn-primary'>{Confirm the ticked ones}</button>");
    if (s->next)
        html(w->html, "<a class='btn' href='%s'>{Next}</a>",
             web_url(w, "/assets/reviews?after=%s%s", text_url(w->arena, s->next),
                     s->all ? "&all=1" : ""));
    html(w->html, "</div></form>");
    return NULL;
}

static struct err *draw_sheet(struct web *w, const struct sheet *s)
{
    page_begin(w, "Assets", "Confirm entries");
    page_help(
        w,
        "An inventory is right on the day on which somebody looked. The owner looks at each "
        "entry: is it still there, still used like this, still worth as much? What is wrong is "
        "changed; what is right is confirmed, with name and day.",
        "A.5.9");
    if (!s->all)
        page_action(w, "default", web_url(w, "/assets/reviews?all=1"), "Also those not due yet");
    page_body(w);
    if (s->wrong)
        page_notice(w, "danger", "%s", s->wrong);
    if (!s->count)
        page_empty(w,
                   s->others ? "No entry has to be confirmed in the next 30 days."
                             : "Nothing waits for you: the entries of the assets that you own are "
                               "confirmed.",
                   NULL, NULL);
    else
        TRY(draw_table(w, s));
    page_end(w);
    return NULL;
}

struct err *asset_reviews_page(struct web *w)
{
    struct sheet s = {0};

    if (w->asof)
        return err_new(ERR_BAD, "What waits for a confirmation is a question of today.");
    TRY(read_sheet(w, &s));
    return draw_sheet(w, &s);
}

/* --- confirming --- */

static struct err *confirm(struct web *w, i64 id, struct asset *a)
{
    TRY(entity_load(w, &asset_entity, id, a));
    if (!web_may(w, &asset_write) && (!a->owner || a->owner != w->person))
        return err_new(ERR_DENIED, "A-%lld is not yours. Its owner confirms its entry.", a->number);
    if (asset_is_out(a->state))
        return err_new(ERR_CLASH, "A-%lld is out of use: there is nothing to confirm any more.",
                       a->number);
    a->reviews = true;
    return asset_write_lent(w, a);
}

struct err *asset_reviews_post(struct web *w)
{
    struct sheet s = {0};
    size_t n = 0;

    for (size_t i = 0; i < w->req->form.count; i++) {
        const struct pair *p = &w->req->form.list[i];
        struct asset a;
        i64 id;

        if (!text_equal(p->name, "pick[]") || !text_i64(p->value, &id))
            continue;
        if (n++ == AT_ONCE)
            return err_new(ERR_INVALID, "Confirm %d assets at once at most.", AT_ONCE);
        TRY(confirm(w, id, &a));
    }
    if (!n) {
        s.wrong = tr("Tick the assets whose entry you confirm.");
        TRY(read_sheet(w, &s));
        web_status(w, 422);
        return draw_sheet(w, &s);
    }
    web_redirect(w, web_url(w, "/assets/reviews?m=saved"));
    return NULL;
}

struct err *asset_confirm(struct web *w)
{
    struct asset a;
    i64 id;

    TRY(web_record(w, &asset_entity, &id));
    TRY(confirm(w, id, &a));
    web_redirect(w,
                 arena_printf(w->arena, "%s?m=saved", web_record_url(w, &asset_entity, a.number)));
    return NULL;
}

void asset_draw_review(struct web *w, const struct asset *a)
{
    const char *address = web_record_url(w, &asset_entity, a->number);
    bool mine = a->owner && a->owner == w->person;

    if (asset_is_out(a->state))
        return;
    card_begin(w, "Is this entry right?", NULL);
    if (a->reviewed_on && a->review_due)
        html(w->html, "<p>{Confirmed on %s; the next time by %s.}</p>",
             words_date(w->arena, a->reviewed_on), words_date(w->arena, a->review_due));
    else if (a->review_due)
        html(w->html, "<p>{Nobody has confirmed it yet. It is to be done by %s.}</p>",
             words_date(w->arena, a->review_due));
    else
        html(w->html, "<p>{Nobody has confirmed it yet.}</p>");
    if (is_late(w, a))
        html(w->html, "<p class='late'>{This is overdue.}</p>");
    if (!w->asof && (mine || web_may(w, &asset_write)))
        form_button(w, arena_printf(w->arena, "%s/confirm", address), "default", "It is right",
                    NULL, NULL);
    card_end(w);
}

/* --- API --- */

struct err *asset_api_reviews(struct web *w)
{
    json_t *list = json_own(w->arena, json_array());
    struct sheet s = {0};

    TRY(read_sheet(w, &s));
    for (size_t i = 0; i < s.count; i++) {
        json_t *one;

        TRY(entity_json(w, &asset_entity, &s.assets[i], &one));
        json_array_append(list, one);
    }
    web_answer_json(w, 200, json_pack("{s:O, s:s?}", "items", list, "next", s.next));
    return NULL;
}

struct err *asset_api_confirm(struct web *w)
{
    json_t *body, *list;
    size_t n;

    if (!text_equal(w->req->body_type, "application/json"))
        return err_new(ERR_BAD, "Send a JSON object as application/json.");
    TRY(json_parse(w->arena, (const char *)w->req->body.data, w->req->body.size, &body));
    list = json_object_get(body, "confirm");
    n = json_array_size(list);
    if (!n || json_object_size(body) != 1)
        return err_new(ERR_BAD,
                       "The body is an object with “confirm”: a list of assets, like [\"A-1\"].");
    if (n > AT_ONCE)
        return err_new(ERR_INVALID, "Confirm %d assets at once at most.", AT_ONCE);
    for (size_t i = 0; i < n; i++) {
        const char *text = json_string_value(json_array_get(list, i));
        struct asset a;
        i64 id;

        if (!text)
            return err_new(ERR_BAD, "“confirm” is a list of numbers, like [\"A-1\"].");
        TRY(entity_find(w, &asset_entity, text, &id));
        TRY(confirm(w, id, &a));
    }
    web_answer_json(w, 200, json_pack("{s:I}", "confirmed", (json_int_t)n));
    return NULL;
}
