/* SPDX-License-Identifier: Apache-2.0 */
#include "base/chance.h"

#include <math.h>

#include "test.h"

static void functions(void **state)
{
    (void)state;
    for (double x = 1e-300; x < 1e300; x *= 1.37)
        assert_true(fabs(chance_log(x) - log(x)) <= 4e-16 * fmax(1, fabs(log(x))));
    for (double x = -690; x < 700; x += 0.137)
        assert_true(fabs(chance_exp(x) / exp(x) - 1) <= 1e-15);
    assert_true(chance_exp(-800) == 0);
    assert_true(isinf(chance_exp(710)));
    assert_true(fabs(chance_quantile(0.975) - 1.959963984540054) < 1e-14);
    assert_true(fabs(chance_quantile(0.05) + 1.6448536269514722) < 1e-14);
    assert_true(fabs(chance_quantile(1e-10) + 6.361340902404056) < 1e-13);
    assert_true(chance_quantile(0.5) == 0);
}

/* Mean and variance over many streams of one draw each. */
struct moments {
    double mean, variance;
};
static struct moments moments(double (*draw)(struct chance *c))
{
    enum { N = 200000 };
    double sum = 0, squares = 0;
    u64 key = chance_subject(7, 9);

    for (u64 t = 0; t < N; t++) {
        struct chance c = chance_stream(key, t);
        double x = draw(&c);
        sum += x;
        squares += x * x;
    }
    return (struct moments){sum / N, squares / N - (sum / N) * (sum / N)};
}

static double pert(struct chance *c)
{
    return chance_pert(c, 1, 2, 6);
}
static double poisson(struct chance *c)
{
    return (double)chance_poisson(c, 75.5);
}
static double gamma_draw(struct chance *c)
{
    return chance_gamma(c, 2.5);
}

static void moments_fit(void **state)
{
    struct moments m = moments(chance_unit);

    (void)state;
    assert_true(fabs(m.mean - 0.5) < 0.005 && fabs(m.variance - 1.0 / 12) < 0.002);
    m = moments(chance_normal);
    assert_true(fabs(m.mean) < 0.01 && fabs(m.variance - 1) < 0.02);
    m = moments(gamma_draw);
    assert_true(fabs(m.mean - 2.5) < 0.025 && fabs(m.variance - 2.5) < 0.06);
    m = moments(pert); /* alpha 1.8, beta 4.2: variance 25 * 1.8 * 4.2 / (36 * 7) */
    assert_true(fabs(m.mean - 2.5) < 0.025 && fabs(m.variance - 0.75) < 0.02);
    m = moments(poisson);
    assert_true(fabs(m.mean - 75.5) < 0.3 && fabs(m.variance - 75.5) < 1.5);
}

/* The first draw of the stream (1, 2, 3), on every machine and with every compiler. */
#define UNIT_1_2_3 0x1.354fbc1e629f9p-2

static void same_everywhere(void **state)
{
    struct chance a = chance_stream(chance_subject(1, 2), 3);
    struct chance b = chance_stream(chance_subject(1, 2), 4);

    (void)state;
    assert_true(chance_unit(&a) == UNIT_1_2_3);
    assert_true(chance_unit(&a) != chance_unit(&b));
    assert_true(chance_poisson(&a, 0) == 0);
    assert_true(chance_pert(&a, 5, 5, 5) == 5);
}

static void many_at_once(void **state)
{
    enum { N = 1001 };
    double p[N], x[N];
    u64 key = chance_subject(3, 3);

    (void)state;
    for (size_t n = 0; n <= N; n = n ? n * 10 + 1 : 1) {
        for (size_t i = 0; i < n; i++) {
            struct chance c = chance_stream(key, i);
            p[i] = i % 9 ? chance_unit(&c) : chance_unit(&c) * 1e-9;
            x[i] = (double)((i64)i - 500) * 1.6;
        }
        chance_quantiles(p, n);
        chance_exps(x, n);
        for (size_t i = 0; i < n; i++) {
            struct chance c = chance_stream(key, i);
            assert_true(p[i] == chance_quantile(i % 9 ? chance_unit(&c) : chance_unit(&c) * 1e-9));
            assert_true(x[i] == chance_exp((double)((i64)i - 500) * 1.6));
        }
    }
}

const struct test_case chance_tests[] = {
    TEST("logarithm, exponential and normal quantile agree with the C library to the last digits",
         functions),
    TEST("means and variances of 200,000 draws are those of the distributions", moments_fit),
    TEST("a stream is named by seed, subject and trial; degenerate distributions are constants",
         same_everywhere),
    TEST("quantiles and exponentials of many at once have the bits of one after the other",
         many_at_once),
    TEST_END};
