/* SPDX-License-Identifier: Apache-2.0 */
/* A fixed table of last-use times, keyed by session id; a full neighbourhood forgets its oldest. */
#include "core/seen.h"

#include <pthread.h>
#include <stdlib.h>

#define SLOTS 8192
#define NEAR 8

struct seen {
    pthread_mutex_t lock;
    struct slot {
        i64 session, at;
        bool dirty;
    } slot[SLOTS];
};

void seen_init(struct app *app)
{
    app->seen = calloc(1, sizeof(*app->seen));
    pthread_mutex_init(&app->seen->lock, NULL);
}

void seen_free(struct app *app)
{
    free(app->seen);
    app->seen = NULL;
}

static size_t first_slot(i64 session)
{
    return (size_t)(((u64)session * 0x9e3779b97f4a7c15ULL) >> 51) % SLOTS;
}

static struct slot *find_slot(struct seen *s, i64 session)
{
    size_t at = first_slot(session);

    for (size_t i = 0; i < NEAR; i++)
        if (s->slot[(at + i) % SLOTS].session == session)
            return &s->slot[(at + i) % SLOTS];
    return NULL;
}

i64 seen_get(struct app *app, i64 session)
{
    struct slot *found;
    i64 at;

    pthread_mutex_lock(&app->seen->lock);
    found = find_slot(app->seen, session);
    at = found ? found->at : 0;
    pthread_mutex_unlock(&app->seen->lock);
    return at;
}

void seen_set(struct app *app, i64 session, i64 now)
{
    struct seen *s = app->seen;
    struct slot *found;

    pthread_mutex_lock(&s->lock);
    found = find_slot(s, session);
    if (!found) {
        size_t at = first_slot(session);

        found = &s->slot[at];
        for (size_t i = 1; i < NEAR; i++)
            if (s->slot[(at + i) % SLOTS].at < found->at)
                found = &s->slot[(at + i) % SLOTS];
    }
    found->session = session;
    found->at = now;
    found->dirty = true;
    pthread_mutex_unlock(&s->lock);
}

/* Takes the next dirty slot from `*at` on; false at the end. */
static bool take_dirty(struct seen *s, size_t *at, struct slot *out)
{
    bool found = false;

    pthread_mutex_lock(&s->lock);
    for (; *at < SLOTS && !found; (*at)++) {
        if (s->slot[*at].dirty) {
            *out = s->slot[*at];
            s->slot[*at].dirty = false;
            found = true;
        }
    }
    pthread_mutex_unlock(&s->lock);
    return found;
}

struct err *seen_store(struct web *w)
{
    struct slot slot;
    size_t at = 0;

    while (take_dirty(w->app->seen, &at, &slot))
        TRY(db_exec(w->db, "update session set seen = $3 where org_id = $1 and id = $2", num(0),
                    num(slot.session), num(slot.at)));
    return NULL;
}
