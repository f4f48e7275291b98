/* SPDX-License-Identifier: Apache-2.0 */
/* The consumer of the log that writes deliveries, and the periodic look for what is due. */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "core/app.h"
#include "core/entity_sql.h"
#include "core/job.h"
#include "core/session.h"
#include "feature/notice/notice.h"
#include "feature/webhook/webhook_part.h"

#define BATCH 100
#define ROUNDS 50
#define KEEP (90 * DAY)

/* --- what is sent --- */

static i64 number_in_history(struct web *w, const struct entity *e, i64 id)
{
    struct history_row *rows;
    size_t n;

    if (entity_history_page(w, e, id, 0, 1, &rows, &n) || !n)
        return 0;
    return ((const struct record *)rows[0].record)->id == id
               ? ((const struct record *)rows[0].record)->number
               : 0;
}

/* The title, as far as the person who answers for the webhook sees the record. */
static const char *title_for(struct web *owner, const struct entity *e, i64 id)
{
    void *record = arena_alloc(owner->arena, e->size);

    if (!owner->person || entity_load(owner, e, id, record))
        return NULL;
    return field_str(entity_field(e, e->title), record);
}

static const char *make_body(struct web *owner, const struct entity *e, const struct log_entry *x,
                             i64 delivery)
{
    const char *base = owner->app->config.base_url;
    i64 number = number_in_history(owner, e, x->record);
    const char *label, *title = title_for(owner, e, x->record);
    json_t *o = json_own(owner->arena, json_object()), *r = json_object();

    record_label(owner->arena, e, number, &label);
    json_object_set_new(o, "id", json_string(arena_printf(owner->arena, "%lld", delivery)));
    json_object_set_new(o, "event",
                        json_string(arena_printf(owner->arena, "%s.%s", e->name, x->action)));
    json_object_set_new(o, "organisation", json_string(owner->slug));
    json_object_set_new(o, "at", json_string(clock_iso(owner->arena, x->at)));
    json_object_set_new(o, "log", json_integer(x->idx));
    json_object_set_new(r, "kind", json_string(e->name));
    json_object_set_new(r, "id", json_string(arena_printf(owner->arena, "%lld", x->record)));
    json_object_set_new(r, "number", json_string(label));
    json_object_set_new(r, "version", json_integer(x->version));
    if (title)
        json_object_set_new(r, "title", json_string(title));
    json_object_set_new(r, "url",
                        json_string(arena_printf(owner->arena, "%s%s", base ? base : "",
                                                 web_record_url(owner, e, number))));
    json_object_set_new(o, "record", r);
    return json_text(owner->arena, o);
}

/* --- reading the log --- */

struct delivery {
    i64 id, webhook;
    const char *event, *cause, *body;
};

struct news {
    struct delivery *list;
    size_t count;
    i64 from, to;
};

static struct err *hooks_on(struct web *w, struct webhook **out, size_t *count)
{
    struct rows *r;

    *count = 0;
    TRY(db_query(w->db, &r, "select id from webhook where org_id = $1 and state = 'on' order by id",
                 num(w->org)));
    *out = NEW_ARRAY(w->arena, struct webhook, row_count(r) + 1);
    while (row_next(r))
        TRY(entity_load(w, &webhook_entity, row_num(r, 0), &(*out)[(*count)++]));
    return NULL;
}

/* The deliveries of one webhook, made with the rights of the person who answers for it. */
static void collect_hook(struct web *w, const struct webhook *h, const struct log_entry *list,
                         size_t n, struct news *out)
{
    struct web owner = *w;

    if (!h->owner || session_as_person(&owner, w->org, h->owner))
        owner.person = 0;
    for (size_t i = 0; i < n; i++) {
        const struct log_entry *x = &list[i];
        const struct entity *e = x->kind[0] ? feature_entity(x->kind) : NULL;
        struct delivery *d = &out->list[out->count];

        if (!e || e->site || !webhook_wants(h, x->action, x->kind))
            continue;
        *d = (struct delivery){.id = web_id(), .webhook = h->id};
        d->event = arena_printf(w->arena, "%s.%s", e->name, x->action);
        d->cause = arena_printf(w->arena, "log:%lld", x->idx);
        d->body = make_body(&owner, e, x, d->id);
        out->count++;
    }
}

static struct err *collect(struct web *w, void *ctx)
{
    struct news *out = ctx;
    struct log_entry *list;
    struct webhook *hooks;
    size_t n, nhooks;

    out->count = 0;
    TRY(log_news(w, "webhook", BATCH, &list, &n, &out->from));
    out->to = n ? list[n - 1].idx : out->from;
    TRY(hooks_on(w, &hooks, &nhooks));
    out->list = NEW_ARRAY(w->arena, struct delivery, n * nhooks + 1);
    for (size_t i = 0; i < nhooks; i++)
        collect_hook(w, &hooks[i], list, n, out);
    return NULL;
}

static struct err *store(struct web *w, void *ctx)
{
    const struct news *x = ctx;

    for (size_t i = 0; i < x->count; i++)
        TRY(db_exec(w->db,
                    "insert into webhook_delivery (org_id, id, webhook, event, cause, body, state,"
                    " attempts, at, next_at, set_at) values ($1, $2, $3, $4, $5, $6, 'waiting', 0,"
                    " $7, $7, $7) on conflict (org_id, webhook, cause) do nothing",
                    num(w->org), num(x->list[i].id), num(x->list[i].webhook), str(x->list[i].event),
                    str(x->list[i].cause), str(x->list[i].body), num(w->now)));
    return log_seen(w, "webhook", x->from, x->to);
}

/* One organisation, each round with an arena of its own. */
static struct err *watch_round(struct web *base, i64 org, bool *more)
{
    struct arena *a = arena_new(0);
    struct web w = *base;
    struct news news = {0};
    struct err *failed;

    w.arena = a;
    w.now = clock_now();
    db_use_arena(base->db, a);
    failed = web_enter_org(&w, org);
    if (!failed)
        failed = app_read(&w, collect, &news);
    *more = !failed && news.to > news.from;
    if (*more)
        failed = app_write(&w, store, &news);
    db_use_arena(base->db, base->arena);
    arena_free(a);
    if (failed && failed->code == ERR_CLASH)
        failed = NULL;
    return failed;
}

static bool has_hook(struct rows *on, i64 org)
{
    row_rewind(on);
    while (row_next(on))
        if (row_num(on, 0) == org)
            return true;
    return false;
}

struct err *webhook_watch(struct web *w, const char *body)
{
    struct ids behind;
    struct rows *on;

    (void)body;
    /* every organisation */
    TRY(db_query(w->db, &on,
                 "select distinct org_id from webhook where org_id >= $1 and state = 'on'",
                 num(0)));
    if (!row_count(on))
        return NULL;
    TRY(log_behind(w, "webhook", &behind));
    for (size_t i = 0; i < behind.count; i++) {
        struct err *failed = NULL;
        bool more = has_hook(on, behind.id[i]);

        for (int k = 0; more && !failed && k < ROUNDS; k++)
            failed = watch_round(w, behind.id[i], &more);
        if (failed)
            log_event(LOG_ERROR, "webhook", "org=%lld %s %s", behind.id[i], failed->text,
                      failed->detail);
    }
    return NULL;
}

/* --- what is due --- */

static struct err *queue(struct web *w, void *ctx)
{
    return job_add(w, "webhook.send", ctx, 0, ctx);
}

struct err *webhook_due(struct web *base, const char *body)
{
    struct rows *r;

    (void)body;
    /* every organisation: one job for each webhook, so that its deliveries stay in order and no two
     * servers send the same; what is queued already is left alone */
    TRY(db_query(base->db, &r,
                 "select distinct d.org_id, d.webhook from webhook_delivery d left join job j"
                 " on j.org_id = d.org_id and j.kind = 'webhook.send'"
                 " and j.key = cast(d.webhook as text) and j.state in ('ready', 'running')"
                 " where d.org_id >= $1 and d.state = 'waiting' and d.next_at <= $2"
                 " and j.id is null limit 200",
                 num(0), num(clock_now())));
    while (row_next(r)) {
        struct web w = *base;

        w.org = row_num(r, 0);
        w.now = clock_now();
        TRY(app_write(&w, queue, arena_printf(base->arena, "%lld", row_num(r, 1))));
    }
    return NULL;
}

/* --- housekeeping --- */

static struct err *forget(struct web *w, void *ctx)
{
    (void)ctx;
    /* every organisation */
    TRY(db_exec(w->db,
                "delete from webhook_attempt where org_id >= $1 and (org_id, delivery) in"
                " (select d.org_id, d.id from webhook_delivery d where d.org_id >= $1"
                " and d.at < $2)",
                num(0), num(w->now - KEEP)));
    /* every organisation */
    TRY(db_exec(w->db,
                "delete from webhook_delivery where org_id >= $1 and at < $2"
                " and state <> 'waiting'",
                num(0), num(w->now - KEEP)));
    /* every organisation: a clock that was set back keeps nothing waiting longer than its own delay
     */
    return db_exec(w->db,
                   "update webhook_delivery set next_at = next_at - set_at + $2, set_at = $2"
                   " where org_id >= $1 and state = 'waiting' and set_at > $3",
                   num(0), num(w->now), num(w->now + MINUTE));
}

struct err *webhook_tidy(struct web *w, const char *body)
{
    (void)body;
    return app_write(w, forget, NULL);
}
