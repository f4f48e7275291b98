/* SPDX-License-Identifier: Apache-2.0 */
/* All loss estimates together, year by year. */
#include <unistd.h>

#include "base/chance.h"
#include "core/list.h"
#include "feature/quantify/quantify_part.h"

int quantify_processors(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);

    return n > 1 ? (int)n : 1;
}

/* A permutation of 0..n-1 that belongs to `key` (Fisher and Yates). */
static void shuffled(u64 key, unsigned *order, size_t n)
{
    struct chance c = chance_stream(chance_subject(key, n), 0);

    for (size_t i = 0; i < n; i++)
        order[i] = (unsigned)i;
    for (size_t i = n - 1; i > 0; i--) {
        size_t k = (size_t)(chance_unit(&c) * (double)(i + 1));
        unsigned one = order[i];
        if (k > i)
            k = i;
        order[i] = order[k];
        order[k] = one;
    }
}

/* What each estimate needs on the way to the sum; nothing when there is only one. */
struct adding {
    double *own;
    unsigned *order;
};

/* An estimate with fewer years than the portfolio has each of them as often as it takes. */
static void add(const struct portfolio *p, const struct adding *s, const struct estimate *e,
                bool after)
{
    size_t trials = p->asked ? p->asked : estimate_trials(e);
    double *sum = after ? p->after : p->today;
    int processors = p->processors ? p->processors : quantify_processors();
    struct loss_model m;

    estimate_model(e, after && e->compared, &m);
    if (!s->own) { /* alone: in the order in which it was simulated */
        loss_simulate_on(&m, (u64)e->seed, 0, sum, trials, processors);
        return;
    }
    for (size_t i = 0; i < trials; i++)
        s->own[i] = 0;
    loss_simulate_on(&m, (u64)e->seed, 0, s->own, trials, processors);
    for (size_t i = 0; i < p->years; i++)
        sum[i] += s->own[s->order[i] % trials];
}

/* Estimates of risks that this person is to score without the first score are left out. */
static struct err *leave_hidden(struct web *w, struct portfolio *p, struct list_result *all)
{
    struct estimate *list = all->records;
    size_t n = 0;

    for (size_t i = 0; i < all->count; i++) {
        bool blind;

        TRY(entity_hidden(w, &estimate_entity, list[i].id, &blind));
        if (!blind)
            list[n++] = list[i];
    }
    p->hidden = all->count - n;
    p->list = list;
    p->n = n;
    return NULL;
}

struct err *portfolio_load(struct web *w, struct portfolio *p)
{
    struct list_query q = {.entity = &estimate_entity,
                           .sort = entity_field(&estimate_entity, "mean"),
                           .descending = true,
                           .limit = (int)p->most};
    struct list_result all;
    struct rows *r;

    if (p->risk)
        q.filters[q.nfilters++] =
            (struct list_filter){.field = entity_field(&estimate_entity, "risk"),
                                 .name = "risk",
                                 .how = LIST_IS,
                                 .num = p->risk};
    TRY(list_run(w, &q, false, &all));
    TRY(leave_hidden(w, p, &all));
    p->left = 0;
    if (all.count < p->most)
        return NULL;
    TRY(db_query(w->db, &r,
                 "select count(*) from estimate where org_id = $1 and ($2 = 0 or risk = $2)",
                 num(w->org), num(p->risk)));
    if (row_next(r) && (size_t)row_num(r, 0) > all.count)
        p->left = (size_t)row_num(r, 0) - all.count;
    return NULL;
}

static size_t years_of(const struct portfolio *p)
{
    size_t most = p->n == 1 ? estimate_trials(&p->list[0]) : PORTFOLIO_YEARS;

    for (size_t i = 0; !p->asked && i < p->n; i++)
        if (estimate_trials(&p->list[i]) > most)
            most = estimate_trials(&p->list[i]);
    return p->asked ? p->asked : most;
}

void portfolio_run(struct arena *a, struct portfolio *p)
{
    struct adding s = {NULL, NULL};

    p->years = years_of(p);
    p->today = NEW_ARRAY(a, double, p->years);
    p->after = p->with_after ? NEW_ARRAY(a, double, p->years) : NULL;
    if (p->n > 1) {
        s.own = NEW_ARRAY(a, double, p->years);
        s.order = NEW_ARRAY(a, unsigned, p->years);
    }
    for (size_t i = 0; i < p->n; i++) {
        const struct estimate *e = &p->list[i];
        if (s.order)
            shuffled((u64)e->number, s.order, p->years);
        add(p, &s, e, false);
        if (p->with_after)
            add(p, &s, e, true);
        if (p->told)
            p->told(p->ctx, i + 1, p->n);
    }
}
