/* SPDX-License-Identifier: Apache-2.0 */
/* The job queue. A job that fails is tried again after 1, 2, 4 ... minutes, eight times; then it
 * stays as "dead" with its last sentence for the administrator. */
#include "core/job.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "core/permit.h"

#define BATCH 20
#define LEASE (5 * MINUTE)
#define TRIES 8

struct err *job_add(struct web *w, const char *kind, const char *key, i64 run_at, const char *body)
{
    return db_exec(w->db,
                   "insert into job (org_id, id, kind, key, state, run_at, lease_until, attempts,"
                   " body) values ($1, $2, $3, $4, 'ready', $5, 0, 0, $6)"
                   " on conflict (org_id, kind, key) do nothing",
                   num(w->org), num(web_id()), str(kind), str(key), num(run_at),
                   str(body ? body : ""));
}

static const struct job_kind *find_kind(const char *name)
{
    for (size_t f = 0; features[f]; f++)
        for (const struct job_kind *k = features[f]->jobs; k && k->name; k++)
            if (text_equal(k->name, name))
                return k;
    return NULL;
}

/* Marks up to BATCH due jobs as running until the lease ends and returns them. */
static struct err *claim(struct web *w, void *ctx)
{
    struct rows **out = ctx;

    /* every organisation */
    return db_query(w->db, out,
                    "update job set state = 'running', lease_until = $2, attempts = attempts + 1"
                    " where org_id >= $1 and id in (select j.id from job j where j.org_id >= $1"
                    " and ((j.state = 'ready' and j.run_at <= $3) or"
                    " (j.state = 'running' and j.lease_until < $3)) order by j.run_at limit $4)"
                    " returning org_id, id, kind, body, attempts",
                    num(0), num(w->now + LEASE), num(w->now), num(BATCH));
}

struct running {
    const struct job_kind *kind;
    i64 org, id, attempts;
    const char *body;
};

static struct err *run_one(struct web *w, void *ctx)
{
    struct running *j = ctx;

    if (j->org)
        TRY(web_enter_org(w, j->org));
    TRY(j->kind->run(w, j->body));
    return db_exec(w->db, "delete from job where org_id = $1 and id = $2", num(j->org), num(j->id));
}

struct failure {
    struct running *job;
    const char *text;
};

static struct err *put_back(struct web *w, void *ctx)
{
    struct failure *f = ctx;
    i64 wait = MINUTE << (f->job->attempts > 10 ? 10 : f->job->attempts - 1);

    return db_exec(w->db,
                   "update job set state = $3, run_at = $4, lease_until = 0, result = $5"
                   " where org_id = $1 and id = $2",
                   num(f->job->org), num(f->job->id),
                   str(f->job->attempts >= TRIES ? "dead" : "ready"), num(w->now + wait),
                   str(f->text));
}

static struct err *run_claimed(struct web *base, struct rows *r)
{
    struct running j = {.kind = find_kind(row_text(r, 2)),
                        .org = row_num(r, 0),
                        .id = row_num(r, 1),
                        .body = row_text(r, 3),
                        .attempts = row_num(r, 4)};
    struct web w = *base;
    struct failure f = {.job = &j};
    struct err *failed;

    permit_all(w.rights);
    failed = j.kind ? app_write(&w, run_one, &j) : err_new(ERR_BAD, "There is no such job kind.");
    if (!failed)
        return NULL;
    log_event(LOG_WARN, "job", "kind=%s attempt=%lld %s %s", row_text(r, 2), j.attempts,
              failed->text, failed->detail);
    f.text = arena_str(base->arena, failed->text);
    w = *base;
    return app_write(&w, put_back, &f);
}

static i64 ran_at[64];

static struct err *run_periodic(struct web *base)
{
    size_t n = 0;
    i64 now = clock_ticks();

    for (size_t f = 0; features[f]; f++) {
        for (const struct job_kind *k = features[f]->jobs; k && k->name && n < 64; k++, n++) {
            struct web w = *base;

            if (!k->every || now - ran_at[n] < k->every)
                continue;
            ran_at[n] = now;
            TRY(k->run(&w, ""));
        }
    }
    return NULL;
}

struct err *job_run_due(struct web *w)
{
    struct rows *r;
    struct web claiming = *w;

    TRY(run_periodic(w));
    TRY(app_write(&claiming, claim, &r));
    while (row_next(r))
        TRY(run_claimed(w, r));
    return NULL;
}
