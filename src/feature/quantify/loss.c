/* SPDX-License-Identifier: Apache-2.0 */
#include "feature/quantify/loss.h"

#include <pthread.h>

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

static double pert_mean(const double x[3])
{
    return (x[0] + 4 * x[1] + x[2]) / 6;
}

double loss_events(const struct loss_model *m)
{
    return pert_mean(m->tries) * pert_mean(m->success);
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

    if (p->fixed) { /* most years have few events: four comparisons that nothing has to guess */
        const double *table = p->table, u = chance_unit(c);
        size_t n = (size_t)(u > table[0]) + (size_t)(u > table[1]) + (size_t)(u > table[2]) +
                   (size_t)(u > table[3]);
        while (n >= 4 && n < p->entries && u > table[n])
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

#define BATCH 512        /* years, and */
#define ROOM (2 * BATCH) /* events that are drawn together */

/* The random numbers of all events of some years in a row, and whose they are. What is done with
 * them is what one_event does, for many at once and with the same bits. */
struct batch {
    double loss[ROOM + 1], year[BATCH];
    unsigned short owner[ROOM + 1];
    size_t years, used;
};

/* Without a branch on how many events a year has: a processor guesses that wrong too often. */
static void settle(const struct prepared *p, struct batch *b, double *annual)
{
    chance_quantiles(b->loss, b->used);
    for (size_t i = 0; i < b->used; i++)
        b->loss[i] = p->mu + p->sigma * b->loss[i];
    chance_exps(b->loss, b->used);
    for (size_t t = 0; t < b->years; t++)
        b->year[t] = 0;
    for (size_t i = 0; i < b->used; i++)
        b->year[b->owner[i]] += b->loss[i];
    for (size_t t = 0; t < b->years; t++)
        annual[t] += b->year[t];
    b->years = b->used = 0;
}

static double one_year(const struct prepared *p, struct chance *c, i64 count)
{
    double loss = 0;

    for (; count > 0; count--)
        loss += one_event(p, c);
    return loss;
}

/* Losses from an interval and nothing that may follow: one random number for each event. */
static void run_together(const struct share *s, struct batch *b, size_t first, size_t end)
{
    u64 key = chance_subject(s->seed, s->subject);

    for (size_t t = first; t < end; t++) {
        struct chance c = chance_stream(key, t);
        size_t n = (size_t)events(s->p, &c);
        if (n > ROOM) {
            settle(s->p, b, s->annual + t - b->years);
            s->annual[t] += one_year(s->p, &c, (i64)n);
            continue;
        }
        if (b->years == BATCH || b->used + n > ROOM)
            settle(s->p, b, s->annual + t - b->years);
        b->loss[b->used] = chance_unit(&c); /* needed or not: cheaper than to guess wrong */
        b->owner[b->used] = (unsigned short)b->years;
        for (size_t k = 1; k < n; k++) {
            b->loss[b->used + k] = chance_unit(&c);
            b->owner[b->used + k] = (unsigned short)b->years;
        }
        b->used += n;
        b->years++;
    }
    settle(s->p, b, s->annual + end - b->years);
}

static void run_block(const struct share *s, struct batch *b, size_t block)
{
    size_t first = block * LOSS_BLOCK, end = first + LOSS_BLOCK;
    u64 key = chance_subject(s->seed, s->subject);

    if (end > s->trials)
        end = s->trials;
    if (s->p->m->range && !(s->p->m->secondary_chance > 0)) {
        run_together(s, b, first, end);
        return;
    }
    for (size_t t = first; t < end; t++) {
        struct chance c = chance_stream(key, t);
        i64 n = events(s->p, &c);
        s->annual[t] += one_year(s->p, &c, n);
    }
}

static void *run_share(void *arg)
{
    const struct share *s = arg;
    struct batch b;

    b.years = b.used = 0;
    for (size_t k = s->first; k * LOSS_BLOCK < s->trials; k += s->step)
        run_block(s, &b, k);
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

static void sort_few(double *x, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        double one = x[i];
        size_t at = i;
        for (; at > 0 && x[at - 1] > one; at--)
            x[at] = x[at - 1];
        x[at] = one;
    }
}

static void swap(double *a, double *b)
{
    double x = *a;

    *a = *b;
    *b = x;
}

/* Quicksort with the median of three, the longer part in the loop: three times as fast as the C
 * library, which has to call back for each comparison. */
static void sort(double *x, size_t n)
{
    while (n > 24) {
        size_t left = 0, right = n - 1, middle = n / 2;
        double pivot;

        if (x[middle] < x[0])
            swap(&x[middle], &x[0]);
        if (x[n - 1] < x[0])
            swap(&x[n - 1], &x[0]);
        if (x[n - 1] < x[middle])
            swap(&x[n - 1], &x[middle]);
        pivot = x[middle];
        for (;; left++, right--) {
            while (x[left] < pivot)
                left++;
            while (x[right] > pivot)
                right--;
            if (left >= right)
                break;
            swap(&x[left], &x[right]);
        }
        right++; /* x[0 .. right) are not above the pivot, the others not below */
        if (right < n - right) {
            sort(x, right);
            x += right;
            n -= right;
        } else {
            sort(x + right, n - right);
            n = right;
        }
    }
    sort_few(x, n);
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
    for (size_t t = 0; t < trials; t++) /* years without a loss first, and out of the way */
        if (!(annual[t] > 0))
            swap(&annual[t], &annual[none++]);
    sort(annual + none, trials - none);
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
