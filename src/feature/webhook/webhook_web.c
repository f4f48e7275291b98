/* SPDX-License-Identifier: Apache-2.0 */
/* The page of a webhook: what it does, its secret (once), and what was sent and answered. */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/language.h"
#include "core/page.h"
#include "feature/webhook/webhook_part.h"

#define SHOWN 50

static const struct choice delivery_states[] = {
    {"waiting", "Waiting", "orange"},
    {"sent", "Delivered", "green"},
    {"failed",    "Given up", "red"},
    {"skipped",  "Not sent: off", "grey"},
    {0 }
};

/* --- the page --- */

static void draw_how(struct web *w)
{
    struct html *h = w->html;

    html(h, "<p>{Each request carries the header Cairn-Signature: t=TIME,v1=HEX. HEX is the "
            "HMAC-SHA256, with the secret as key, of TIME, a full stop and the body as it came.} "
            "{Refuse requests whose TIME is older than five minutes, and whose Cairn-Delivery you "
            "have seen already: what is not answered with 2xx comes again.}</p>");
}

static void draw_secret(struct web *w, const struct webhook *k, const char *secret)
{
    struct html *h = w->html;
    const char *url = web_record_url(w, &webhook_entity, k->number);

    card_begin(w, "Signing secret", NULL);
    if (secret)
        html(h,
             "<p>{Copy the secret now. It is not shown again.}</p><p><code class='text-break' "
             "id='secret'>%s</code></p>",
             secret);
    else if (!k->generation)
        html(h, "<p>{Nothing is sent before the webhook has a secret.}</p>");
    else if (!webhook_secret_holds(w, k))
        page_notice(w, "warning",
                    "The address or the key of this installation has changed since the secret was "
                    "made, so nothing is sent. Make a new secret.");
    draw_how(w);
    if (!secret)
        form_button(
            w, arena_printf(w->arena, "%s/secret", url), k->generation ? "default" : "primary",
            k->generation ? "Make a new secret" : "Make the secret and switch on", NULL, NULL);
    card_end(w);
}

static void draw_switch(struct web *w, const struct webhook *k)
{
    const char *url = web_record_url(w, &webhook_entity, k->number);

    if (text_equal(k->state, "off") && webhook_secret_holds(w, k))
        form_button(w, arena_printf(w->arena, "%s/on", url), "primary", "Switch on", NULL, NULL);
    if (!text_equal(k->state, "on"))
        return;
    form_button(w, arena_printf(w->arena, "%s/test", url), "default", "Send a test", NULL, NULL);
    form_button(w, arena_printf(w->arena, "%s/off", url), "default", "Switch off", NULL, NULL);
}

static struct err *draw_attempts(struct web *w, i64 delivery)
{
    struct html *h = w->html;
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select at, status, took, answer from webhook_attempt where org_id = $1"
                 " and delivery = $2 order by id",
                 num(w->org), num(delivery)));
    html(h, "<ol class='mb-0'>");
    while (row_next(r)) {
        html(h, "<li>%s · ", web_time(w, row_num(r, 0)));
        if (row_num(r, 1))
            html(h, "{status %lld after %lld ms}", row_num(r, 1), row_num(r, 2) / 1000);
        else
            html(h, "{no answer}");
        if (*row_text(r, 3))
            html(h, "<div class='list-sub'><code class='text-break'>%s</code></div>",
                 row_text(r, 3));
        html(h, "</li>");
    }
    html(h, "</ol>");
    return NULL;
}

static struct err *draw_delivery(struct web *w, const struct webhook *k, const struct rows *r)
{
    const struct choice *state = choice_find(delivery_states, row_text(r, 2));
    struct html *h = w->html;
    i64 id = row_num(r, 0), attempts = row_num(r, 3);

    html(h,
         "<tr><td class='list-main'><code>%s</code><div class='list-sub'>%s · %lld</div></td>"
         "<td data-label='{State}'>",
         row_text(r, 1), web_time(w, row_num(r, 4)), id);
    badge(w, state ? state->tone : "grey", state ? state->label : row_text(r, 2));
    html(h, "</td><td data-label='{Tries}'>");
    if (attempts) {
        html(h, "<details><summary>{%lld try|%lld tries}</summary>", attempts, attempts);
        TRY(draw_attempts(w, id));
        html(h, "</details>");
    }
    if (text_equal(row_text(r, 2), "waiting") && attempts)
        html(h, "<div class='list-sub'>{Next try: %s}</div>", web_time(w, row_num(r, 5)));
    html(h, "</td><td data-label='{What to do}'>");
    if (text_equal(k->state, "on"))
        form_button(w, web_url(w, "/webhooks/WH-%lld/deliveries/%lld/again", k->number, id),
                    "default", "Send again", NULL, NULL);
    html(h, "</td></tr>\n");
    return NULL;
}

static struct err *load_deliveries(struct web *w, i64 hook, struct rows **out)
{
    return db_query(w->db, out,
                    "select id, event, state, attempts, at, next_at, body from webhook_delivery"
                    " where org_id = $1 and webhook = $2 order by id desc limit $3",
                    num(w->org), num(hook), num(SHOWN));
}

static struct err *draw_deliveries(struct web *w, const struct webhook *k)
{
    struct html *h = w->html;
    struct rows *r;

    TRY(load_deliveries(w, k->id, &r));
    html(h, "<section class='card mt-3'><div class='card-header'><h2 class='card-title'>"
            "{Deliveries}</h2></div>");
    if (!row_count(r))
        page_empty(w, "Nothing was sent yet. Change a record, or send a test.", NULL, NULL);
    else
        html(h, "<div class='table-responsive'><table class='table list'><caption "
                "class='visually-hidden'>{Deliveries}</caption><thead><tr><th scope='col'>"
                "{Event}</th><th scope='col'>{State}</th><th scope='col'>{Tries}</th>"
                "<th scope='col'>{What to do}</th></tr></thead><tbody>\n");
    while (row_next(r))
        TRY(draw_delivery(w, k, r));
    if (row_count(r))
        html(h, "</tbody></table></div>");
    html(h, "</section>");
    return NULL;
}

static struct err *draw_page(struct web *w, const struct webhook *k, const char *secret)
{
    const char *url = web_record_url(w, &webhook_entity, k->number);
    bool drawn;

    page_begin(w, arena_printf(w->arena, "%s · WH-%lld", tr(webhook_entity.label), k->number), "%s",
               k->title);
    page_help(w, tr(webhook_entity.help), NULL);
    if (!w->asof) {
        draw_switch(w, k);
        page_action(w, "default", arena_printf(w->arena, "%s/remove", url), "Remove");
        page_action(w, "default", arena_printf(w->arena, "%s/edit", url), "Edit");
    }
    page_body(w);
    TRY(entity_tab(w, &webhook_entity, k, &drawn));
    if (!drawn) {
        html(w->html, "<div class='split'>");
        card_begin(w, "Details", NULL);
        TRY(entity_details(w, &webhook_entity, k));
        card_end(w);
        draw_secret(w, k, secret);
        html(w->html, "</div>");
        TRY(draw_deliveries(w, k));
    }
    page_end(w);
    return NULL;
}

static struct err *load_asked(struct web *w, struct webhook *out)
{
    i64 id;

    TRY(web_record(w, &webhook_entity, &id));
    return entity_load(w, &webhook_entity, id, out);
}

struct err *webhook_show(struct web *w)
{
    struct webhook k;

    TRY(load_asked(w, &k));
    return draw_page(w, &k, NULL);
}

/* --- on and off --- */

static struct err *change(struct web *w, struct webhook *k)
{
    struct issues issues = {.arena = w->arena};

    TRY(entity_write(w, &webhook_entity, k, NULL, &issues));
    return issues.count ? err_new(ERR_INVALID, "%s", issues.list[0].text) : NULL;
}

/* A webhook hears of what happens from now on, not of what the organisation did before. */
static struct err *begin_now(struct web *w)
{
    struct rows *r;

    TRY(db_query(w->db, &r, "select count(*) from webhook where org_id = $1 and state = 'on'",
                 num(w->org)));
    if (row_next(r) && row_num(r, 0) > 0)
        return NULL;
    return db_exec(w->db,
                   "insert into notice_state (org_id, name, value) select $1, 'webhook',"
                   " cast(f.n - 1 as text) from audit_frontier f where f.org_id = $1"
                   " on conflict (org_id, name) do update set value = excluded.value",
                   num(w->org));
}

static struct err *clear_health(struct web *w, i64 hook)
{
    return db_exec(w->db, "delete from webhook_health where org_id = $1 and webhook = $2",
                   num(w->org), num(hook));
}

static struct err *make_secret(struct web *w, struct webhook *k)
{
    TRY(load_asked(w, k));
    TRY(begin_now(w));
    k->generation++;
    k->owner = w->person;
    k->state = "on";
    k->off_reason = NULL;
    k->fingerprint = webhook_fingerprint(w, k);
    TRY(clear_health(w, k->id));
    return change(w, k);
}

struct err *webhook_new_secret(struct web *w)
{
    struct webhook k;

    TRY(make_secret(w, &k));
    return draw_page(w, &k, webhook_secret(w, &k));
}

struct err *webhook_on(struct web *w)
{
    struct webhook k;

    TRY(load_asked(w, &k));
    if (!webhook_secret_holds(w, &k))
        return err_new(ERR_CLASH, "The webhook needs a new secret before it can be switched on.");
    TRY(begin_now(w));
    k.state = "on";
    k.off_reason = NULL;
    TRY(clear_health(w, k.id));
    TRY(change(w, &k));
    web_redirect(w, web_record_url(w, &webhook_entity, k.number));
    return NULL;
}

struct err *webhook_off(struct web *w)
{
    struct webhook k;

    TRY(load_asked(w, &k));
    k.state = text_equal(k.state, "new") ? "new" : "off";
    TRY(change(w, &k));
    web_redirect(w, web_record_url(w, &webhook_entity, k.number));
    return NULL;
}

/* --- deliveries --- */

struct err *webhook_test(struct web *w)
{
    struct webhook k;
    i64 id = web_id();
    const char *body;

    TRY(load_asked(w, &k));
    if (!text_equal(k.state, "on"))
        return err_new(ERR_CLASH, "The webhook is off. Switch it on first.");
    body = arena_printf(
        w->arena, "{\"id\":\"%lld\",\"event\":\"ping\",\"organisation\":\"%s\",\"at\":\"%s\"}", id,
        w->slug, clock_iso(w->arena, w->now));
    TRY(db_exec(w->db,
                "insert into webhook_delivery (org_id, id, webhook, event, cause, body, state,"
                " attempts, at, next_at, set_at) values ($1, $2, $3, 'ping', $4, $5, 'waiting', 0,"
                " $6, $6, $6)",
                num(w->org), num(id), num(k.id), str(arena_printf(w->arena, "ping:%lld", id)),
                str(body), num(w->now)));
    web_redirect(w, web_record_url(w, &webhook_entity, k.number));
    return NULL;
}

struct err *webhook_again(struct web *w)
{
    struct webhook k;
    i64 id, n = 0;

    TRY(load_asked(w, &k));
    if (text_i64(web_param(w, 1), &id))
        TRY(db_change(w->db, &n,
                      "update webhook_delivery set state = 'waiting', attempts = 0, next_at = $4,"
                      " set_at = $4 where org_id = $1 and webhook = $2 and id = $3",
                      num(w->org), num(k.id), num(id), num(w->now)));
    if (!n)
        return err_new(ERR_MISSING, "There is no such delivery of this webhook.");
    if (!text_equal(k.state, "on"))
        return err_new(ERR_CLASH, "The webhook is off. Switch it on first.");
    web_redirect(w, web_record_url(w, &webhook_entity, k.number));
    return NULL;
}

/* --- API --- */

static struct err *attempts_json(struct web *w, i64 delivery, json_t *out)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select at, status, took, answer from webhook_attempt where org_id = $1"
                 " and delivery = $2 order by id",
                 num(w->org), num(delivery)));
    while (row_next(r))
        json_array_append_new(
            out, json_pack("{s:s, s:I, s:I, s:s}", "at", clock_iso(w->arena, row_num(r, 0)),
                           "status", (json_int_t)row_num(r, 1), "milliseconds",
                           (json_int_t)(row_num(r, 2) / 1000), "answer", row_text(r, 3)));
    return NULL;
}

struct err *webhook_api_deliveries(struct web *w)
{
    json_t *items = json_own(w->arena, json_array()), *o, *attempts;
    struct webhook k;
    struct rows *r;

    TRY(load_asked(w, &k));
    TRY(load_deliveries(w, k.id, &r));
    while (row_next(r)) {
        attempts = json_array();
        o = json_pack("{s:s, s:s, s:s, s:s, s:s}", "id",
                      arena_printf(w->arena, "%lld", row_num(r, 0)), "event", row_text(r, 1),
                      "state", row_text(r, 2), "at", clock_iso(w->arena, row_num(r, 4)), "body",
                      row_text(r, 6));
        json_object_set_new(o, "attempts", attempts);
        json_array_append_new(items, o);
        TRY(attempts_json(w, row_num(r, 0), attempts));
    }
    web_answer_json(w, 200, json_pack("{s:O}", "items", items));
    return NULL;
}

struct err *webhook_api_secret(struct web *w)
{
    struct webhook k;

    TRY(make_secret(w, &k));
    web_answer_json(w, 200, json_pack("{s:s}", "secret", webhook_secret(w, &k)));
    return NULL;
}
