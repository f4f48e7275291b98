/* SPDX-License-Identifier: Apache-2.0 */
/* Risks in money: the vectors of the method, and estimates through the whole program. */
#include "feature/quantify/quantify.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "feature/quantify/quantify_part.h"
#include "visit.h"

#define YEARS 1000000

static const struct loss_model half = {
    .tries = {0.5,   0.5, 0.5    },
      .success = {1,     1,   1      },
      .range = true, .primary = {10000, 0,   1000000}
};

static bool near(double value, double wanted, double part)
{
    return fabs(value - wanted) <= part * fabs(wanted);
}

/* Lognormal with a 90 % interval of 10,000 to 1,000,000, half an event a year. */
static void vectors(void **state)
{
    struct arena *a = arena_new(0);
    double *years = NEW_ARRAY(a, double, YEARS);
    struct loss_summary s;

    (void)state;
    loss_simulate(&half, 20261128, 1, years, YEARS);
    loss_summarise(years, YEARS, &s);
    assert_true(near(s.mean, 133199, 0.02));
    assert_true(near(s.any, 0.393469, 0.02));
    assert_true(s.median == 0);
    arena_free(a);
}

static void curve_falls(void **state)
{
    struct arena *a = arena_new(0);
    double *years = NEW_ARRAY(a, double, 50000);
    struct loss_point p[LOSS_POINTS];
    struct loss_summary s;

    (void)state;
    loss_simulate(&half, 3, 1, years, 50000);
    loss_summarise(years, 50000, &s);
    assert_int_equal(loss_curve(years, 50000, p), LOSS_POINTS);
    for (size_t i = 1; i < LOSS_POINTS; i++)
        assert_true(p[i].loss > p[i - 1].loss && p[i].probability <= p[i - 1].probability);
    assert_true(p[LOSS_POINTS - 1].probability == 0 && p[LOSS_POINTS - 1].loss == s.most);
    memset(years, 0, 50000 * sizeof years[0]);
    assert_int_equal(loss_curve(years, 50000, p), 0);
    arena_free(a);
}

static void threads_agree(void **state)
{
    static const struct loss_model m = {
        .tries = {0.1,   1,      12},
        .success = {0.1,     0.3,         0.9},
        .primary = {0,  2000,90000},
        .secondary_chance = 0.2,
        .secondary = {1000,400000 }
    };
    struct arena *a = arena_new(0);
    double *one = NEW_ARRAY(a, double, 50001), *many = NEW_ARRAY(a, double, 50001);

    (void)state;
    loss_simulate(&m, 42, 7, one, 50001);
    loss_simulate_on(&m, 42, 7, many, 50001, 5);
    assert_memory_equal(one, many, 50001 * sizeof one[0]);
    loss_simulate(&m, 43, 7, many, 50001);
    assert_memory_not_equal(one, many, 50001 * sizeof one[0]);
    arena_free(a);
}

static void portfolio_adds(void **state)
{
    struct loss_model other = half;
    struct arena *a = arena_new(0);
    double *first = NEW_ARRAY(a, double, 50000), *second = NEW_ARRAY(a, double, 50000);
    double *both = NEW_ARRAY(a, double, 50000);
    struct loss_summary s1, s2, sum;

    (void)state;
    other.tries[0] = other.tries[1] = other.tries[2] = 2;
    loss_simulate(&half, 1, 1, first, 50000);
    loss_simulate(&other, 1, 2, second, 50000);
    loss_simulate(&half, 1, 1, both, 50000);
    loss_simulate(&other, 1, 2, both, 50000);
    loss_summarise(first, 50000, &s1);
    loss_summarise(second, 50000, &s2);
    loss_summarise(both, 50000, &sum);
    assert_true(near(sum.mean, s1.mean + s2.mean, 1e-9));
    assert_true(sum.p95 < s1.p95 + s2.p95);
    arena_free(a);
}

/* --- through the program --- */

#define RISK "title=Ransomware&properties%5B%5D=&owner=P-1"
#define MODEL                                                                                  \
    "title=A+year&risk=R-1&tries_least=0.5&tries_likely=0.5&tries_most=0.5&success_least=100&" \
    "success_likely=100&success_most=100&shape=range&loss_least=10000&loss_most=1000000&"      \
    "rationale=Insurer&seed=1"
#define FIGURES MODEL "&trials=50000"

static void make_risk(struct test *t)
{
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/risks", RISK);
    expect_status(t, 303);
}

static void estimated(void **state)
{
    struct test *t = test_begin();

    (void)state;
    make_risk(t);
    visit(t, METHOD_POST, "/o/acme/estimates", FIGURES);
    expect_status(t, 303);
    assert_true(near((double)value(t, "select mean from estimate where org_id = $1", num(t->org)),
                     13319900, 0.05));
    visit(t, METHOD_GET, "/o/acme/estimates/LE-1", NULL);
    expect_status(t, 200);
    expect_text(t, "<svg class='curve'");
    expect_text(t, "Average year");
    expect_text(t, "50,000 simulated years, seed 1, amounts in EUR");
    visit(t, METHOD_GET, "/o/acme/quantify", NULL);
    expect_text(t, "LE-1");
    test_end(t);
}

static void controls_pay(void **state)
{
    struct test *t = test_begin();
    i64 worth;

    (void)state;
    make_risk(t);
    visit(t, METHOD_POST, "/o/acme/estimates",
          FIGURES "&compared=1&after_tries_least=0.1&after_tries_likely=0.1&after_tries_most=0.1&"
                  "after_success_least=100&after_success_likely=100&after_success_most=100&"
                  "after_loss_least=10000&after_loss_most=1000000&yearly_cost=20000");
    expect_status(t, 303);
    worth = value(t, "select worth from estimate where org_id = $1", num(t->org));
    assert_int_equal(worth, value(t,
                                  "select mean - after_mean - yearly_cost from estimate"
                                  " where org_id = $1",
                                  num(t->org)));
    assert_true(worth > 0);
    visit(t, METHOD_GET, "/o/acme/estimates/LE-1", NULL);
    expect_text(t, "a year more than they cost");
    test_end(t);
}

static void tolerated(void **state)
{
    struct test *t = test_begin();

    (void)state;
    make_risk(t);
    visit(t, METHOD_POST, "/o/acme/estimates", FIGURES);
    visit(t, METHOD_POST, "/o/acme/tolerances", "title=Hurts&loss=50000&chance=5");
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/estimates/LE-1", NULL);
    expect_text(t, "Above");
    expect_text(t, "curve-tolerated");
    test_end(t);
}

static void refused(void **state)
{
    struct test *t = test_begin();

    (void)state;
    make_risk(t);
    visit(t, METHOD_POST, "/o/acme/estimates",
          "title=A&risk=R-1&tries_least=5&tries_likely=1&tries_most=2&shape=range&loss_least=1&"
          "loss_most=2&rationale=x&trials=50000&seed=1");
    expect_status(t, 422);
    expect_text(t, "least, likely, most in this order");
    visit(t, METHOD_POST, "/o/acme/estimates",
          "title=A&risk=R-1&shape=range&loss_least=0&loss_most=2&rationale=x&trials=50000&seed=1");
    expect_status(t, 422);
    expect_text(t, "low end above 0");
    expect_count(t, 0, "select count(*) from estimate where org_id = $1", num(t->org));
    login(t, "employee");
    visit(t, METHOD_GET, "/o/acme/quantify", NULL);
    expect_status(t, 403);
    test_end(t);
}

/* --- all together --- */

static struct err *run_all(struct web *w, void *ctx)
{
    struct portfolio *p = ctx;

    TRY(portfolio_load(w, p));
    portfolio_run(w->arena, p);
    return NULL;
}

static double spread(const double *x, size_t n, double mean)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += (x[i] - mean) * (x[i] - mean);
    return sum / (double)n;
}

/* Three estimates, alike to the seed; one of them with four times the years. */
static void sums_up(void **state)
{
    struct portfolio one = {.most = 1}, all = {.most = 10}, two = {.most = 2};
    struct test *t = test_begin();
    struct loss_summary s;
    double mean;

    (void)state;
    make_risk(t);
    visit(t, METHOD_POST, "/o/acme/estimates", FIGURES);
    visit(t, METHOD_POST, "/o/acme/estimates", FIGURES);
    change(t, run_all, &two);
    assert_int_equal(two.years, 50000);
    loss_summarise(two.today, two.years, &s);
    mean = (double)value(t, "select mean from estimate where org_id = $1 and number = 1",
                         num(t->org)) /
           100;
    assert_true(near(s.mean, 2 * mean, 1e-7));
    /* Bad years do not fall together: chances of a year without a loss multiply. */
    assert_true(near(1 - s.any, exp(-1.0), 0.02));
    visit(t, METHOD_POST, "/o/acme/estimates", MODEL "&trials=200000");
    expect_status(t, 303);
    change(t, run_all, &all);
    assert_int_equal(all.n, 3);
    assert_int_equal(all.years, 200000);
    loss_summarise(all.today, all.years, &s);
    assert_true(near(
        s.mean * 100,
        (double)value(t, "select sum(mean) from estimate where org_id = $1", num(t->org)), 1e-7));
    assert_true(near(1 - s.any, exp(-1.5), 0.02));
    change(t, run_all, &one);
    assert_int_equal(one.n, 1);
    assert_int_equal(one.left, 2);
    assert_true(spread(all.today, all.years, s.mean) < 4.5 * spread(one.today, one.years, mean));
    test_end(t);
}

static void too_much_work(void **state)
{
    struct test *t = test_begin();

    (void)state;
    make_risk(t);
    visit(t, METHOD_POST, "/o/acme/estimates",
          "title=A&risk=R-1&tries_least=1000&tries_likely=1000&tries_most=1000&success_least=100&"
          "success_likely=100&success_most=100&shape=range&loss_least=1&loss_most=2&rationale=x&"
          "trials=50000&seed=1");
    expect_status(t, 422);
    expect_text(t, "about 1000 events a year, and 50 million in all simulated years");
    visit(t, METHOD_POST, "/o/acme/estimates",
          "title=A&risk=R-1&tries_least=1000&tries_likely=1000&tries_most=1000&success_least=1&"
          "success_likely=1&success_most=1&shape=range&loss_least=1&loss_most=2&rationale=x&"
          "trials=50000&seed=1");
    expect_status(t, 303);
    test_end(t);
}

const struct test_case quantify_tests[] = {
    TEST("a 90 % interval of 10,000 to 1,000,000, half an event a year: 133,199 on average, a loss "
         "in 39.3 % of the years",
         vectors),
    TEST("the loss exceedance curve has 50 points and never rises; without losses there is none",
         curve_falls),
    TEST("the same seed gives the same bytes on any number of threads, another seed others",
         threads_agree),
    TEST("the portfolio's mean is the sum of the means, its percentiles are not", portfolio_adds),
    TEST("an estimate is simulated when it is saved and shown with its curve", estimated),
    TEST("planned controls are worth what they save a year less what they cost", controls_pay),
    TEST("a simulated curve above a tolerated point is told", tolerated),
    TEST("estimates with equal seeds add up to the sum of their means, and their bad years do not "
         "fall together",
         sums_up),
    TEST("a simulation that would take minutes is refused with what to do instead", too_much_work),
    TEST("figures that do not fit together are refused, and so are people without the right",
         refused),
    TEST_END};
