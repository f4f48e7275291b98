/* SPDX-License-Identifier: Apache-2.0 */
/* Computing the state, and keeping it. A result belongs to the length of the log in its snapshot:
 * it is right for every reader of that length. One thread computes for an organisation at a time.
 */
#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "base/words.h"
#include "feature/readiness/readiness_part.h"

#define SLOTS 64
#define SLOW (20 * 1000) /* from here on a page in a hurry takes what is there */
#define PATIENCE 10      /* times the cost of computing: how old that may be */
#define REST 50          /* the job spends at most a fiftieth of its time on one organisation */

struct kept {
    struct arena *arena;
    struct readiness state;
    int users; /* under the lock */
};
struct slot {
    i64 org, used;
    char day[16]; /* "" = live */
    struct kept *kept;
    bool busy;
};
static struct slot slots[SLOTS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ready = PTHREAD_COND_INITIALIZER;

struct rules_scope readiness_scope(const struct web *w)
{
    bool asof = w->asof && w->asof_date;

    /* Live means all there is: entries of a large change are stamped a little ahead of the clock.
     */
    return (struct rules_scope){.org = w->org,
                                .today = asof ? w->asof_date : w->today,
                                .at = asof ? w->asof : INT64_MAX - 1,
                                .asof = asof};
}

/* --- computing --- */

static struct err *read_stored(struct db *db, const struct rules_scope *scope, unsigned *out)
{
    struct rows *r;

    *out = 0;
    TRY(db_query(db, &r, "select step from step_reached where org_id = $1 and at <= $2",
                 num(scope->org), num(scope->at)));
    while (row_next(r))
        if (row_num(r, 0) >= 1 && row_num(r, 0) <= RULE_STEPS)
            *out |= 1u << row_num(r, 0);
    return NULL;
}

static struct err *read_changes(struct db *db, i64 org, i64 *out)
{
    struct rows *r;

    TRY(db_query(db, &r, "select n from audit_frontier where org_id = $1", num(org)));
    *out = row_next(r) ? row_num(r, 0) : 0;
    return NULL;
}

static struct err *compute_on(struct db *db, const struct rules *rules,
                              const struct rules_scope *scope, struct arena *a,
                              struct readiness *out)
{
    unsigned work, stored;

    TRY(read_changes(db, scope->org, &out->changes));
    TRY(rules_run(db, rules, scope, a, &out->results));
    out->count = rules->count;
    TRY(rules_reach(db, rules, scope, &work));
    TRY(read_stored(db, scope, &stored));
    for (int s = 1; s <= RULE_STEPS; s++)
        if (rules->reach[s])
            out->steps.kept |= 1u << s;
    readiness_steps(out->results, out->count, work, stored, &out->steps);
    out->due = NEW_ARRAY(a, bool, out->count + 1);
    for (size_t i = 0; i < out->count; i++) {
        out->due[i] = readiness_due(&out->steps, out->results[i].rule->from);
        out->broken += out->results[i].status == RULE_BROKEN;
    }
    readiness_score(out->results, NULL, out->count, &out->today_score);
    readiness_score(out->results, out->due, out->count, &out->here_score);
    return readiness_facts(db, scope, a, out);
}

struct err *readiness_compute(struct app *app, const struct rules_scope *scope, struct arena *a,
                              struct readiness **out)
{
    struct arena *rows = arena_new(0); /* what is kept is copied to `a` */
    i64 started = clock_ticks();
    struct rules_scope full = *scope;
    struct db *db = NULL;
    struct err *failed;

    *out = NEW(a, struct readiness);
    (*out)->today = arena_str(a, scope->today);
    failed = rules_open(app, scope, rows, &db);
    if (!failed)
        failed = readiness_lists(app, db, rows, &full);
    if (!failed)
        failed = compute_on(db, app->rules, &full, a, *out);
    rules_close(db);
    arena_free(rows);
    (*out)->at = clock_ticks();
    (*out)->took = (*out)->at - started;
    return failed;
}

/* --- keeping --- */

static void let_go(struct kept *k)
{
    if (k && --k->users == 0)
        arena_free(k->arena);
}

static void release(void *arg)
{
    pthread_mutex_lock(&lock);
    let_go(arg);
    pthread_mutex_unlock(&lock);
}

static const struct readiness *take(struct arena *a, struct kept *k)
{
    k->users++;
    arena_defer(a, release, k);
    return &k->state;
}

/* The slot of the scope, or the one unused for longest; NULL when all are being filled. */
static struct slot *slot_of(const struct rules_scope *scope)
{
    const char *day = scope->asof ? scope->today : "";
    struct slot *oldest = NULL;

    for (size_t i = 0; i < SLOTS; i++) {
        struct slot *s = &slots[i];

        if (s->org == scope->org && text_equal(s->day, day))
            return s;
        if (!s->busy && (!oldest || s->used < oldest->used))
            oldest = s;
    }
    if (!oldest)
        return NULL;
    let_go(oldest->kept);
    *oldest = (struct slot){.org = scope->org};
    strncpy(oldest->day, day, sizeof(oldest->day) - 1);
    return oldest;
}

static bool fits(const struct slot *s, const struct rules_scope *scope, i64 changes, bool hurry)
{
    const struct readiness *r = s->kept ? &s->kept->state : NULL;

    if (!r || !text_equal(r->today, scope->today))
        return false;
    if (r->changes >= changes)
        return true;
    return hurry && r->took > SLOW && (s->busy || clock_ticks() - r->at < r->took * PATIENCE);
}

static struct err *fill(struct app *app, const struct rules_scope *scope, struct kept **out)
{
    struct arena *a = arena_new(0);
    struct readiness *state;
    struct err *failed = readiness_compute(app, scope, a, &state);

    if (failed) {
        arena_free(a);
        return failed;
    }
    *out = NEW(a, struct kept);
    (*out)->arena = a;
    (*out)->state = *state;
    return NULL;
}

/* Called with the lock; the slot is marked busy meanwhile, so nobody takes it away. */
static struct err *fill_slot(struct app *app, const struct rules_scope *scope, struct slot *s)
{
    struct kept *k = NULL;
    struct err *failed;

    s->busy = true;
    pthread_mutex_unlock(&lock);
    failed = fill(app, scope, &k);
    pthread_mutex_lock(&lock);
    s->busy = false;
    if (!failed) {
        let_go(s->kept);
        s->kept = k;
        k->users++;
    }
    pthread_cond_broadcast(&ready);
    return failed;
}

static struct err *get(struct app *app, const struct rules_scope *scope, i64 changes, bool hurry,
                       struct slot **out)
{
    for (;;) {
        struct slot *s = slot_of(scope);

        if (s && fits(s, scope, changes, hurry)) {
            s->used = clock_ticks();
            *out = s;
            return NULL;
        }
        if (s && !s->busy) {
            TRY(fill_slot(app, scope, s));
            s->used = clock_ticks();
            *out = s;
            return NULL;
        }
        pthread_cond_wait(&ready, &lock);
    }
}

static struct err *find(struct web *w, const struct rules_scope *scope, i64 changes, bool hurry,
                        const struct readiness **out)
{
    struct slot *s;
    struct err *failed;

    pthread_mutex_lock(&lock);
    failed = get(w->app, scope, changes, hurry, &s);
    if (!failed)
        *out = take(w->arena, s->kept);
    pthread_mutex_unlock(&lock);
    return failed;
}

struct err *readiness_get(struct web *w, bool hurry, const struct readiness **out)
{
    struct rules_scope scope = readiness_scope(w);
    i64 changes;

    TRY(read_changes(w->db, w->org, &changes));
    TRY(find(w, &scope, changes, hurry, out));
    return readiness_veil(w, out);
}

/* --- what was reached is remembered --- */

struct seen {
    i64 org, changes, until; /* not before this tick */
};
static struct seen seen[256];

static struct err *store_steps(struct web *w, void *ctx)
{
    const unsigned *reached = ctx;

    for (int s = 1; s <= RULE_STEPS; s++)
        if (*reached & 1u << s)
            TRY(db_exec(w->db,
                        "insert into step_reached (org_id, step, at) values ($1, $2, $3)"
                        " on conflict (org_id, step) do nothing",
                        num(w->org), num(s), num(w->now)));
    return NULL;
}

static struct err *missing_steps(struct web *w, unsigned reached, bool *missing)
{
    struct rules_scope scope = readiness_scope(w);
    unsigned stored;

    TRY(read_stored(w->db, &scope, &stored));
    *missing = (reached & ~stored) != 0;
    return NULL;
}

static struct err *remember_one(struct web *base, i64 org, i64 changes, i64 *took)
{
    struct web w = *base;
    const struct readiness *r;
    struct rules_scope scope;
    unsigned reached;
    bool missing;

    TRY(web_enter_org(&w, org));
    scope = readiness_scope(&w);
    TRY(find(&w, &scope, changes, true, &r));
    *took = r->took;
    TRY(missing_steps(&w, r->steps.reached, &missing));
    reached = r->steps.reached;
    return missing ? app_write(&w, store_steps, &reached) : NULL;
}

struct err *readiness_remember(struct web *w)
{
    struct rows *r;

    /* every organisation */
    TRY(db_query(w->db, &r, "select org_id, n from audit_frontier where org_id > $1", num(0)));
    while (row_next(r)) {
        i64 org = row_num(r, 0), changes = row_num(r, 1), took = 0;
        struct seen *s = &seen[(u64)org % COUNT_OF(seen)];
        struct err *failed;

        if (s->org == org && (s->changes == changes || clock_ticks() < s->until))
            continue;
        failed = remember_one(w, org, changes, &took);
        if (failed)
            log_event(LOG_WARN, "readiness", "org=%lld %s %s", org, failed->text, failed->detail);
        *s = (struct seen){
            .org = org, .changes = failed ? 0 : changes, .until = clock_ticks() + took * REST};
    }
    return NULL;
}
