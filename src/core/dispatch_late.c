/* SPDX-License-Identifier: Apache-2.0 */
/* A refusal that is a security event is logged after the fact, in a job of its own. */
#include "base/log.h"
#include "base/text.h"
#include "core/dispatch_part.h"
#include "core/trail.h"

/* The closed list of refusals that are security events. */
const char *exchange_event(const struct err *e)
{
    switch (e->code) {
    case ERR_DENIED:
        return "denied";
    case ERR_LOGIN:
        return "login.refused";
    default:
        return e->status == 429 ? "throttled" : NULL;
    }
}

struct late_event {
    struct arena *arena;
    struct web w;
    struct write_job job;
    const char *action, *body;
};

static struct err *late_run(struct write_job *job)
{
    struct late_event *l = job->ctx;

    trail_event(&l->w, l->action, NULL, 0, l->body);
    return trail_tail(&l->w);
}

static bool late_refused(struct write_job *job, struct err *e)
{
    (void)job;
    log_event(LOG_ERROR, "event-lost", "%s %s", e->text, e->detail);
    return false;
}

static void late_lost(struct write_job *job, struct err *e)
{
    late_refused(job, e);
}

static void late_done(struct write_job *job)
{
    struct late_event *l = job->ctx;

    arena_free(l->arena);
}

/* What an entry says about the sender: the request itself is gone when it is written. */
static struct request *sender_of(struct arena *a, const struct request *r)
{
    const char *agent = request_header(r, "User-Agent");
    struct request *copy = NEW(a, struct request);

    copy->arena = a;
    copy->id = arena_str(a, r->id);
    copy->peer = arena_str(a, r->peer);
    if (agent) {
        copy->headers.list = NEW(a, struct pair);
        copy->headers.list[0] = (struct pair){"User-Agent", arena_str(a, agent)};
        copy->headers.count = 1;
    }
    return copy;
}

void exchange_denied(struct exchange *x, const struct err *e)
{
    struct arena *a;
    struct late_event *l;
    const char *action = x->w->account ? exchange_event(e) : NULL;
    struct db *db = x->w->db;

    if (!action)
        return;
    a = arena_new(1 << 20);
    l = NEW(a, struct late_event);
    l->arena = a;
    l->w = (struct web){.app = x->app,
                        .arena = a,
                        .face = FACE_JOB,
                        .now = x->w->now,
                        .org = x->w->org,
                        .account = x->w->account,
                        .session = x->w->session,
                        .actor = arena_str(a, x->w->actor)};
    l->w.req = sender_of(a, x->r);
    l->action = action;
    l->body = arena_printf(a, "%s %s", x->r->method_text, exchange_path(x));
    l->job = (struct write_job){.w = &l->w,
                                .run = late_run,
                                .refused = late_refused,
                                .lost = late_lost,
                                .done = late_done,
                                .ctx = l};
    if (!x->app->writer) {
        change_run_alone(db, &l->job);
        db_use_arena(db, x->r->arena);
    } else if (!writer_submit(x->app, &l->job)) {
        arena_free(a);
    }
}
