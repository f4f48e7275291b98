/* SPDX-License-Identifier: Apache-2.0 */
#include "feature/quantify/loss.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/chance.h"
#include "base/words.h"

/* The width of a 90 % interval of the normal distribution, in standard deviations. */
#define WIDTH90 (2 * 1.6448536269514722)
#define THREADS_MOST 64
#define CERTAIN 64 /* entries of the table of a fixed frequency */

const char *loss_wrong(const struct loss_model *m)
{
    if (!(m->tries[0] >= 0 && m->tries[0] <= m->tries[1] && m->tries[1] <= m->tries[2]))
        return tr("The tries a year must be least, likely, most in this order.");
    if (m->tries[2] > 10000)
        return tr("More than 10,000 tries a year cannot be simulated event by event. Count the "
                  "ones that get past the first defence.");
    if (!(m->success[0] >= 0 && m->success[0] <= m->success[1] && m->success[1] <= m->success[2] &&
          m->success[2] <= 1))
        return tr("The part that succeeds must be least, likely, most in this order, up to 100 %.");
    if (m->range ? !(m->primary[0] > 0 && m->primary[2] >= m->primary[0])
                 : !(m->primary[0] >= 0 && m->primary[0] <= m->primary[1] &&
                     m->primary[1] <= m->primary[2]))
        return m->range
                   ? tr("The loss needs a low end above 0 and a high end that is not below it.")
                   : tr("The loss must be least, likely, most in this order.");
    if (m->secondary_chance > 0 && !(m->secondary[0] > 0 && m->secondary[1] >= m->secondary[0]))
        return tr("What may follow needs a low end above 0 and a high end that is not below it.");
    return NULL;
}

/* What does not change from year to year. */
struct prepared {
    const struct loss_model *m;
    bool fixed; /* the frequency is the same each year: its distribution is a table */
    double table[CERTAIN];
    size_t entries;
    double mu, sigma, mu2, sigma2;
};

static void lognormal(double low, double high, double *mu, double *sigma)
{
    double a = chance_log(low), b = chance_log(high);

    *mu = (a + b) / 2;
    *sigma = (b - a) / WIDTH90;
}

static void prepare(const struct loss_model *m, struct prepared *p)
{
    double mean = m->tries[0] * m->success[0], one;

    *p = (struct prepared){.m = m};
    if (m->range)
        lognormal(m->primary[0], m->primary[2], &p->mu, &p->sigma);
    if (m->secondary_chance > 0)
        lognormal(m->secondary[0], m->secondary[1], &p->mu2, &p->sigma2);
    p->fixed = m->tries[0] >= m->tries[2] && m->success[0] >= m->success[2] && mean < 20;
    one = chance_exp(-mean);
    for (size_t n = 0; p->fixed && n < CERTAIN; n++) {
        p->table[n] = n ? p->table[n - 1] + one : one;
        one *= mean / (double)(n + 1);
        p->entries = n + 1;
    }
}

static i64 events(const struct prepared *p, struct chance *c)
{
    const struct loss_model *m = p->m;
    double tries, success;

    if (p->fixed) {
        double u = chance_unit(c);
        size_t n = 0;
        while (n < p->entries && u > p->table[n])
            n++;
        return (i64)n;
    }
    tries = chance_pert(c, m->tries[0], m->tries[1], m->tries[2]);
    success = chance_pert(c, m->success[0], m->success[1], m->success[2]);
    return chance_poisson(c, tries * success);
}

static double one_event(const struct prepared *p, struct chance *c)
{
    const struct loss_model *m = p->m;
    double loss = m->range ? chance_exp(p->mu + p->sigma * chance_normal(c))
                           : chance_pert(c, m->primary[0], m->primary[1], m->primary[2]);

    if (m->secondary_chance > 0 && chance_unit(c) < m->secondary_chance)
        loss += chance_exp(p->mu2 + p->sigma2 * chance_normal(c));
    return loss;
}

struct share {
    const struct prepared *p;
    u64 seed, subject;
    double *annual;
    size_t trials, first, step; /* blocks first, first + step, ... */
};

static void run_block(const struct share *s, size_t block)
{
    size_t end = (block + 1) * LOSS_BLOCK;
    u64 key = chance_subject(s->seed, s->subject);

    if (end > s->trials)
        end = s->trials;
    for (size_t t = block * LOSS_BLOCK; t < end; t++) {
        struct chance c = chance_stream(key, t);
        double loss = 0;
        for (i64 n = events(s->p, &c); n > 0; n--)
            loss += one_event(s->p, &c);
        s->annual[t] += loss;
    }
}

static void *run_share(void *arg)
{
    const struct share *s = arg;

    for (size_t b = s->first; b * LOSS_BLOCK < s->trials; b += s->step)
        run_block(s, b);
    return NULL;
}

void loss_simulate_on(const struct loss_model *m, u64 seed, u64 subject, double *annual,
                      size_t trials, int threads)
{
    struct prepared p;
    struct share shares[THREADS_MOST];
    pthread_t thread[THREADS_MOST];
    bool started[THREADS_MOST] = {false};
    size_t n = threads < 1 ? 1 : threads > THREADS_MOST ? THREADS_MOST : (size_t)threads;

    prepare(m, &p);
    for (size_t i = 0; i < n; i++) {
        shares[i] = (struct share){&p, seed, subject, annual, trials, i, n};
        started[i] = i > 0 && pthread_create(&thread[i], NULL, run_share, &shares[i]) == 0;
    }
    for (size_t i = 0; i < n; i++)
        if (!started[i])
            run_share(&shares[i]);
    for (size_t i = 0; i < n; i++)
        if (started[i])
            pthread_join(thread[i], NULL);
}

void loss_simulate(const struct loss_model *m, u64 seed, u64 subject, double *annual, size_t trials)
{
    loss_simulate_on(m, seed, subject, annual, trials, 1);
}

/* --- what came out --- */

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double percentile(const double *sorted, size_t trials, size_t percent)
{
    size_t rank = (trials * percent + 99) / 100; /* the smallest count that is at least q */

    return sorted[rank ? rank - 1 : 0];
}

void loss_summarise(double *annual, size_t trials, struct loss_summary *out)
{
    double total = 0;
    size_t none = 0;

    for (size_t b = 0; b < trials; b += LOSS_BLOCK) {
        double sum = 0;
        for (size_t t = b; t < trials && t < b + LOSS_BLOCK; t++)
            sum += annual[t];
        total += sum;
    }
    qsort(annual, trials, sizeof annual[0], ascending);
    while (none < trials && !(annual[none] > 0))
        none++;
    *out = (struct loss_summary){.mean = total / (double)trials,
                                 .median = percentile(annual, trials, 50),
                                 .p90 = percentile(annual, trials, 90),
                                 .p95 = percentile(annual, trials, 95),
                                 .p99 = percentile(annual, trials, 99),
                                 .most = annual[trials - 1],
                                 .any = (double)(trials - none) / (double)trials};
}

double loss_beyond(const double *sorted, size_t trials, double loss)
{
    size_t low = 0, high = trials;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sorted[middle] > loss)
            high = middle;
        else
            low = middle + 1;
    }
    return (double)(trials - low) / (double)trials;
}

size_t loss_curve(const double *sorted, size_t trials, struct loss_point out[LOSS_POINTS])
{
    size_t first = 0;
    double low, step;

    while (first < trials && !(sorted[first] > 0))
        first++;
    if (first == trials)
        return 0;
    low = chance_log(sorted[first]);
    step = (chance_log(sorted[trials - 1]) - low) / (LOSS_POINTS - 1);
    for (size_t i = 0; i < LOSS_POINTS; i++) {
        double loss =
            i + 1 == LOSS_POINTS ? sorted[trials - 1] : chance_exp(low + (double)i * step);
        out[i] = (struct loss_point){loss, loss_beyond(sorted, trials, loss)};
    }
    return LOSS_POINTS;
}
