/* SPDX-License-Identifier: Apache-2.0 */
/* Sending what waits for one webhook, in order. An answer of 2xx is a success; another answer puts
 * off that one delivery; when the other side cannot be reached at all, everything waits. After ten
 * tries a delivery is given up; after twenty failed tries in a row within an hour or more, the
 * webhook is switched off and people are told. */
#include <string.h>

#include "base/clock.h"
#include "base/crypt.h"
#include "base/log.h"
#include "base/text.h"
#include "core/job.h"
#include "feature/webhook/webhook_part.h"

#define TRIES 10
#define ROUND 50
#define FIRST_WAIT (30 * SECOND)
#define MOST_WAIT (6 * HOUR)
#define OFF_TRIES 20
#define OFF_TIME HOUR
#define GONE 410
#define SNIPPET 300

struct sending {
    const struct webhook *hook;
    i64 delivery, attempts;
    const char *event, *body;
    /* what came of it */
    bool reached, good, final;
    i64 status, took;
    const char *answer;
    i64 failures, since; /* of the webhook, after this try */
};

static i64 wait_after(i64 attempts)
{
    i64 wait = attempts > 12 ? MOST_WAIT : FIRST_WAIT << (attempts - 1);

    wait = wait > MOST_WAIT ? MOST_WAIT : wait;
    return wait + crypt_random_i63() % (wait / 10);
}

/* --- the request --- */

static bool stop(void *ctx)
{
    return job_cancelled(ctx);
}

static void post(struct web *w, struct sending *s)
{
    i64 now = clock_now();
    const char *headers[] = {
        "Content-Type: application/json", arena_printf(w->arena, "Cairn-Event: %s", s->event),
        arena_printf(w->arena, "Cairn-Delivery: %lld", s->delivery),
        arena_printf(w->arena, "Cairn-Signature: %s",
                     webhook_signature(w->arena, webhook_secret(w, s->hook), now, s->body)),
        NULL};
    struct outbound o = {
        .url = s->hook->url,
        .headers = headers,
        .body = {(const unsigned char *)s->body, strlen(s->body)},
        .inside = w->app->config.private_webhooks,
        .ca_file = w->app->config.webhook_ca,
        .stop = stop,
        .ctx = w
    };
    struct outbound_answer answer;
    struct err *failed = outbound_post(w->arena, &o, &answer);

    s->status = answer.status;
    s->took = answer.took;
    s->reached = !failed;
    s->good = !failed && answer.status >= 200 && answer.status < 300;
    s->final = !failed && answer.status == GONE;
    s->answer = arena_printf(w->arena, "%.*s", SNIPPET, failed ? failed->text : answer.text);
}

/* --- what is stored --- */

static struct err *store_health(struct web *w, struct sending *s)
{
    struct rows *r;

    if (s->good)
        return db_exec(w->db, "delete from webhook_health where org_id = $1 and webhook = $2",
                       num(w->org), num(s->hook->id));
    TRY(db_query(w->db, &r,
                 "insert into webhook_health (org_id, webhook, failures, since) values ($1, $2, 1,"
                 " $3) on conflict (org_id, webhook) do update set"
                 " failures = webhook_health.failures + 1 returning failures, since",
                 num(w->org), num(s->hook->id), num(w->now)));
    if (row_next(r)) {
        s->failures = row_num(r, 0);
        s->since = row_num(r, 1);
    }
    return NULL;
}

static struct err *switch_off(struct web *w, const struct sending *s)
{
    if (s->final)
        return webhook_switch_off(w, s->hook->id, "The other side says that this address is gone.");
    if (s->failures < OFF_TRIES || w->now - s->since < OFF_TIME)
        return NULL;
    return webhook_switch_off(w, s->hook->id,
                              arena_printf(w->arena,
                                           "%lld tries in a row failed, the last with: %s",
                                           s->failures, s->answer));
}

static struct err *store(struct web *w, void *ctx)
{
    struct sending *s = ctx;
    i64 attempts = s->attempts + 1;
    const char *state = s->good ? "sent" : attempts >= TRIES || s->final ? "failed" : "waiting";

    TRY(job_fence(w));
    TRY(db_exec(w->db,
                "insert into webhook_attempt (org_id, id, webhook, delivery, at, took, status,"
                " answer) values ($1, $2, $3, $4, $5, $6, $7, $8)",
                num(w->org), num(web_id()), num(s->hook->id), num(s->delivery), num(w->now),
                num(s->took), num(s->status), str(s->answer)));
    TRY(db_exec(w->db,
                "update webhook_delivery set state = $3, attempts = $4, next_at = $5, set_at = $6"
                " where org_id = $1 and id = $2",
                num(w->org), num(s->delivery), str(state), num(attempts),
                num(w->now + wait_after(attempts)), num(w->now)));
    TRY(store_health(w, s));
    return s->good ? NULL : switch_off(w, s);
}

/* When the other side is not there, the rest of the queue need not find out one by one. */
static struct err *put_off(struct web *w, void *ctx)
{
    const struct sending *s = ctx;

    TRY(job_fence(w));
    return db_exec(w->db,
                   "update webhook_delivery set next_at = $3, set_at = $4 where org_id = $1"
                   " and webhook = $2 and state = 'waiting' and next_at < $3",
                   num(w->org), num(s->hook->id), num(w->now + wait_after(s->attempts + 1)),
                   num(w->now));
}

static struct err *skip(struct web *w, void *ctx)
{
    const i64 *hook = ctx;

    return db_exec(w->db,
                   "update webhook_delivery set state = 'skipped' where org_id = $1"
                   " and webhook = $2 and state = 'waiting'",
                   num(w->org), num(*hook));
}

static struct err *no_secret(struct web *w, void *ctx)
{
    const i64 *hook = ctx;

    return webhook_switch_off(w, *hook,
                              "The secret no longer belongs to this address or this installation. "
                              "Make a new one.");
}

/* --- the job --- */

/* One delivery, with an arena of its own. `*go_on` is false when the other side is not there. */
static struct err *send_one(struct web *base, struct sending *s, bool *go_on)
{
    struct arena *a = arena_new(0);
    struct web w = *base;
    struct err *failed;

    w.arena = a;
    db_use_arena(base->db, a);
    post(&w, s);
    w.now = clock_now();
    *go_on = s->reached;
    failed = job_cancelled(&w) && !s->reached ? job_stopped() : app_write(&w, store, s);
    if (!failed && !s->reached)
        failed = app_write(&w, put_off, s);
    db_use_arena(base->db, base->arena);
    arena_free(a);
    return failed;
}

static struct err *send_due(struct web *w, const struct webhook *h)
{
    struct rows *r;
    bool go_on = true;

    TRY(db_query(w->db, &r,
                 "select id, event, body, attempts from webhook_delivery where org_id = $1"
                 " and webhook = $2 and state = 'waiting' and next_at <= $3 order by id limit $4",
                 num(w->org), num(h->id), num(clock_now()), num(ROUND)));
    while (go_on && row_next(r)) {
        struct sending s = {.hook = h,
                            .delivery = row_num(r, 0),
                            .event = row_text(r, 1),
                            .body = row_text(r, 2),
                            .attempts = row_num(r, 3)};

        if (job_cancelled(w))
            return job_stopped();
        TRY(send_one(w, &s, &go_on));
    }
    return NULL;
}

struct err *webhook_send(struct web *w, const char *body)
{
    struct webhook h;
    struct err *failed;
    i64 id;

    if (!text_i64(body, &id))
        return err_new(ERR_BAD, "The job does not say which webhook is meant.");
    failed = entity_load(w, &webhook_entity, id, &h);
    if (failed && failed->code != ERR_MISSING)
        return failed;
    if (failed || !text_equal(h.state, "on"))
        return app_write(w, skip, &id);
    if (!webhook_secret_holds(w, &h))
        return app_write(w, no_secret, &id);
    return send_due(w, &h);
}
