/* SPDX-License-Identifier: Apache-2.0 */
/* The simulation against formulas: what has a closed form, and a curve computed without chance. */
#include "feature/quantify/loss.h"

#include <math.h>

#include "base/arena.h"
#include "base/chance.h"
#include "test.h"

#define Z90 1.6448536269514722

struct lognormal {
    double mu, sigma;
};
static struct lognormal of_interval(double low, double high)
{
    return (struct lognormal){(log(low) + log(high)) / 2, (log(high) - log(low)) / (2 * Z90)};
}
static double first_moment(struct lognormal x)
{
    return exp(x.mu + x.sigma * x.sigma / 2);
}
static double second_moment(struct lognormal x)
{
    return exp(2 * x.mu + 2 * x.sigma * x.sigma);
}
static double lognormal_cdf(struct lognormal x, double at)
{
    return at > 0 ? 0.5 * erfc(-(log(at) - x.mu) / (x.sigma * sqrt(2))) : 0;
}

static bool near(double value, double wanted, double part)
{
    bool so = fabs(value - wanted) <= part * fabs(wanted);

    if (!so)
        print_message("%.9g is not within %g of %.9g\n", value, part, wanted);
    return so;
}

static struct loss_model certain(double a_year, double low, double high)
{
    return (struct loss_model){
        .tries = {a_year, a_year, a_year},
        .success = {1,      1,      1     },
        .range = true,
        .primary = {low,    0,      high  }
    };
}

struct shape {
    double mean, variance, any;
};
static struct shape simulated(const struct loss_model *m, u64 seed, size_t years)
{
    struct arena *a = arena_new(0);
    double *x = NEW_ARRAY(a, double, years), sum = 0, squares = 0;
    size_t any = 0;

    loss_simulate(m, seed, 0, x, years);
    for (size_t i = 0; i < years; i++) {
        sum += x[i];
        any += x[i] > 0;
    }
    for (size_t i = 0; i < years; i++)
        squares += (x[i] - sum / (double)years) * (x[i] - sum / (double)years);
    arena_free(a);
    return (struct shape){sum / (double)years, squares / (double)years,
                          (double)any / (double)years};
}

/* --- the vectors of the method --- */

static void parameters(void **state)
{
    struct lognormal x = of_interval(10000, 1000000);
    struct loss_model m = certain(0.5, 10000, 1000000);
    struct shape s;

    (void)state;
    assert_true(near(x.mu, 11.512925, 1e-7) && near(x.sigma, 1.399872, 1e-6));
    assert_true(near(exp(x.mu), 100000, 1e-9) && near(first_moment(x), 266398, 1e-5));
    assert_true(near(0.5 * first_moment(x), 133199, 1e-5));
    s = simulated(&m, 11, 200000);
    assert_true(near(s.mean, 133199, 0.02));
    assert_true(near(s.any, 0.393469, 0.02));
}

/* A year has at most one event as good as always when there is one in a hundred years. */
static void ends_of_the_interval(void **state)
{
    enum { N = 8000000 };
    struct loss_model m = certain(0.01, 10000, 1000000);
    struct arena *a = arena_new(0);
    double *years = NEW_ARRAY(a, double, N);
    struct loss_summary s;
    size_t none = 0, some;

    (void)state;
    loss_simulate(&m, 5, 1, years, N);
    loss_summarise(years, N, &s);
    while (!(years[none] > 0))
        none++;
    some = N - none;
    assert_true(near(years[none + some / 20], 10000, 0.02));
    assert_true(near(years[none + some / 2], 100000, 0.02));
    assert_true(near(years[none + some * 19 / 20], 1000000, 0.02));
    arena_free(a);
}

/* PERT(0, 1, 4) is 4 Beta(2, 4), whose distribution is a polynomial. */
static double beta24(double x)
{
    double y = 1 - x;

    return 1 - y * y * y * y * y - 5 * x * y * y * y * y;
}

static void pert_distribution(void **state)
{
    enum { N = 200000 };
    u64 key = chance_subject(27001, 4);
    size_t below[41] = {0};
    double sum = 0;

    (void)state;
    for (u64 t = 0; t < N; t++) {
        struct chance c = chance_stream(key, t);
        double x = chance_pert(&c, 0, 1, 4);
        assert_true(x >= 0 && x <= 4);
        sum += x;
        for (size_t k = (size_t)ceil(x * 10); k <= 40; k++)
            below[k]++;
    }
    assert_true(near(sum / N, 8.0 / 6, 0.01));
    for (size_t k = 0; k <= 40; k++) /* Kolmogorov: 1.95 / sqrt(N) is passed once in a thousand */
        assert_true(fabs((double)below[k] / N - beta24((double)k / 40)) < 1.95 / sqrt(N));
}

/* --- convergence --- */

/* The mean of n years is off by its standard error at most four times, at every n. */
static void converges(void **state)
{
    static const struct {
        double a_year, low, high;
    } cases[] = {
        {0.5,  10000, 1000000},
        {3,    10,    20     },
        {40,   1,     50     },
        {0.02, 500,   500    }
    };

    (void)state;
    for (size_t k = 0; k < COUNT_OF(cases); k++) {
        struct loss_model m = certain(cases[k].a_year, cases[k].low, cases[k].high);
        struct lognormal x = of_interval(cases[k].low, cases[k].high);
        double mean = cases[k].a_year * first_moment(x);
        double spread = sqrt(cases[k].a_year * second_moment(x));

        for (size_t n = 1000; n <= 1000000; n *= 10) {
            struct shape s = simulated(&m, 20261129, n);
            double any = 1 - exp(-cases[k].a_year);
            assert_true(fabs(s.mean - mean) <= 4 * spread / sqrt((double)n));
            assert_true(fabs(s.any - any) <= 4 * sqrt(any * (1 - any) / (double)n) + 1e-12);
        }
    }
}

/* Sums of a Poisson number of events: mean f E(X), variance f E(X^2), X with what follows. */
static void compound_moments(void **state)
{
    struct loss_model m = certain(3, 100, 300);
    struct lognormal x = of_interval(100, 300), y = of_interval(50, 90);
    double both;
    struct shape s;

    (void)state;
    s = simulated(&m, 3, 1000000);
    assert_true(near(s.mean, 3 * first_moment(x), 0.005));
    assert_true(near(s.variance, 3 * second_moment(x), 0.02));
    m.secondary_chance = 0.2;
    m.secondary[0] = 50;
    m.secondary[1] = 90;
    both = second_moment(x) + 2 * 0.2 * first_moment(x) * first_moment(y) + 0.2 * second_moment(y);
    s = simulated(&m, 3, 1000000);
    assert_true(near(s.mean, 3 * (first_moment(x) + 0.2 * first_moment(y)), 0.005));
    assert_true(near(s.variance, 3 * both, 0.02));
    assert_true(near(s.any, 1 - exp(-3.0), 0.005));
}

/* E(exp(-4 B)) of B ~ Beta(2, 4): Kummer's function M(2, 6, -4) by its series. */
static double kummer264(void)
{
    double term = 1, sum = 1;

    for (int k = 0; k < 80; k++) {
        term *= (2.0 + k) / (6.0 + k) * -4 / (k + 1);
        sum += term;
    }
    return sum;
}

/* One draw of the frequency for each year, not one for each event, and none for all years. */
static void uncertain_frequency(void **state)
{
    struct loss_model m = certain(0, 100, 300);
    struct shape s;

    (void)state;
    m.tries[1] = 1;
    m.tries[2] = 4;
    s = simulated(&m, 8, 1000000);
    assert_true(near(s.any, 1 - kummer264(), 0.005));
    assert_true(near(s.mean, 8.0 / 6 * first_moment(of_interval(100, 300)), 0.005));
    m.success[0] = 0;
    m.success[1] = 0.25;
    s = simulated(&m, 8, 1000000);
    assert_true(
        near(s.mean, 8.0 / 6 * (0 + 1 + 1) / 6 * first_moment(of_interval(100, 300)), 0.01));
    assert_true(near(loss_events(&m), 8.0 / 6 / 3, 1e-12));
}

/* --- the curve, computed by Panjer's recursion on a fine grid --- */

#define STEPS 6000

static void panjer(double a_year, struct lognormal x, double step, double *tail)
{
    static double f[STEPS + 1], g[STEPS + 1];
    double sum;

    for (size_t k = 0; k <= STEPS; k++) /* the loss rounded to the grid */
        f[k] = lognormal_cdf(x, ((double)k + 0.5) * step) -
               (k ? lognormal_cdf(x, ((double)k - 0.5) * step) : 0);
    g[0] = exp(-a_year * (1 - f[0]));
    sum = g[0];
    tail[0] = 1 - sum;
    for (size_t k = 1; k <= STEPS; k++) {
        double part = 0;
        for (size_t j = 1; j <= k; j++)
            part += (double)j * f[j] * g[k - j];
        g[k] = a_year / (double)k * part;
        sum += g[k];
        tail[k] = 1 - sum;
    }
}

static void curve_is_right(void **state)
{
    enum { N = 1000000 };
    static double tail[STEPS + 1];
    struct loss_model m = certain(2.5, 1000, 9000);
    struct arena *a = arena_new(0);
    double *years = NEW_ARRAY(a, double, N), step = 25;
    struct loss_summary s;

    (void)state;
    panjer(2.5, of_interval(1000, 9000), step, tail);
    loss_simulate(&m, 77, 0, years, N);
    loss_summarise(years, N, &s);
    for (size_t k = 40; k <= STEPS; k += 40) { /* between two points of the grid */
        double wanted = tail[k], got = loss_beyond(years, N, ((double)k + 0.5) * step);
        assert_true(fabs(got - wanted) <= 4 * sqrt(wanted * (1 - wanted) / N) + 1e-5);
    }
    assert_true(near(tail[(size_t)(s.p90 / step)], 0.10, 0.02));
    assert_true(near(tail[(size_t)(s.p95 / step)], 0.05, 0.02));
    assert_true(near(tail[(size_t)(s.p99 / step)], 0.01, 0.04));
    arena_free(a);
}

/* --- what is read off --- */

static void percentiles(void **state)
{
    double years[] = {5, 0, 3, 0, 0, 1, 4, 2, 0, 0}, one[] = {7};
    struct loss_summary s;

    (void)state;
    loss_summarise(years, 10, &s);
    assert_true(s.median == 0); /* five of ten years are 0 */
    assert_true(s.p90 == 4 && s.p95 == 5 && s.p99 == 5 && s.most == 5);
    assert_true(s.mean == 1.5 && s.any == 0.5);
    assert_true(loss_beyond(years, 10, 0) == 0.5 && loss_beyond(years, 10, 3) == 0.2);
    assert_true(loss_beyond(years, 10, 2.9) == 0.3 && loss_beyond(years, 10, 5) == 0);
    loss_summarise(one, 1, &s);
    assert_true(s.median == 7 && s.p99 == 7 && s.any == 1);
}

/* Sorted by a method of our own: every kind of order, with many equal ones. */
static void sorted(void **state)
{
    enum { N = 5000 };
    static double x[N];
    struct loss_summary s;

    (void)state;
    for (unsigned kind = 0; kind < 6; kind++) {
        struct chance c = chance_stream(chance_subject(1, kind), 0);
        double sum = 0;
        for (size_t i = 0; i < N; i++) {
            x[i] = kind == 0   ? (double)i
                   : kind == 1 ? (double)(N - i)
                   : kind == 2 ? 3
                   : kind == 3 ? (double)(i % 7)
                   : kind == 4 ? (double)(i < N / 2 ? i : N - i)
                               : chance_unit(&c);
            sum += x[i];
        }
        loss_summarise(x, N, &s);
        for (size_t i = 0; i < N; i++) {
            assert_true(!i || x[i - 1] <= x[i]);
            sum -= x[i];
        }
        assert_true(fabs(sum) < 1e-6);
    }
}

/* --- the same everywhere --- */

static u64 digest(const struct loss_model *m, size_t years)
{
    struct arena *a = arena_new(0);
    double *x = NEW_ARRAY(a, double, years);
    union {
        double number;
        u64 bits;
    } one;
    u64 sum = 1;

    loss_simulate(m, 20261128, 3, x, years);
    for (size_t i = 0; i < years; i++) {
        one.number = x[i];
        sum = chance_mix(sum ^ one.bits);
    }
    arena_free(a);
    return sum;
}

#define GOLDEN_FIXED 0xd4cb97ffe65eca44ULL
#define GOLDEN_MANY 0x20ba9aa0016ba2bdULL
#define GOLDEN_UNCERTAIN 0x2e6e31498623cfd8ULL
#define GOLDEN_FOLLOWED 0xba49282b166a2eb5ULL
#define GOLDEN_POINTS 0xcee7e055f71a80e0ULL

static void golden(void **state)
{
    struct loss_model m = certain(0.5, 10000, 1000000), many = certain(900, 1, 1e12);

    (void)state;
    assert_true(digest(&m, 10001) == GOLDEN_FIXED);
    assert_true(digest(&many, 501) == GOLDEN_MANY);
    m.tries[2] = 3;
    m.success[0] = 0.1;
    assert_true(digest(&m, 10001) == GOLDEN_UNCERTAIN);
    m.secondary_chance = 0.3;
    m.secondary[0] = 5;
    m.secondary[1] = 50000;
    assert_true(digest(&m, 10001) == GOLDEN_FOLLOWED);
    m.range = false;
    m.primary[1] = 20000;
    assert_true(digest(&m, 10001) == GOLDEN_POINTS);
}

const struct test_case loss_tests[] = {
    TEST("the vectors of the method: mu, sigma, median, mean, yearly mean and chance of a loss",
         parameters),
    TEST("simulated events have the 5th, 50th and 95th percentile of the interval within 2 %",
         ends_of_the_interval),
    TEST("PERT draws follow the beta distribution all along, not only in their mean",
         pert_distribution),
    TEST("means and chances of a loss converge to the closed forms as the root of the years",
         converges),
    TEST("mean and variance of a year are those of a compound Poisson sum, with and without what "
         "follows",
         compound_moments),
    TEST("an uncertain frequency is drawn once for each year", uncertain_frequency),
    TEST("the loss exceedance curve and its percentiles are those of Panjer's recursion",
         curve_is_right),
    TEST("a percentile is the smallest loss that enough years do not pass", percentiles),
    TEST("years are sorted whatever their order, and none is lost", sorted),
    TEST("five models give the same bytes on every machine and with every compiler", golden),
    TEST_END};
