/* SPDX-License-Identifier: Apache-2.0 */
#include "base/chance.h"

#include <math.h>
#include <string.h>

/* ln 2 in two parts: the first has so few digits that its product with a small integer is exact. */
static const double LN2_HIGH = 0x1.62e42feep-1, LN2_LOW = 0x1.a39ef35793c76p-33;

static u64 bits_of(double x)
{
    u64 b;

    memcpy(&b, &x, sizeof b);
    return b;
}

static double double_of(u64 bits)
{
    double x;

    memcpy(&x, &bits, sizeof x);
    return x;
}

/* x = m 2^k with m around 1; ln m = 2 artanh((m - 1) / (m + 1)) by its series. */
double chance_log(double x)
{
    i64 k = 0;
    u64 b = bits_of(x);
    /* 1/21, 1/19 .. 1/3 */
    static const double part[] = {1.0 / 21, 1.0 / 19, 1.0 / 17, 1.0 / 15, 1.0 / 13,
                                  1.0 / 11, 1.0 / 9,  1.0 / 7,  1.0 / 5,  1.0 / 3};
    double m, s, z, sum = 0;

    if (!(b >> 52)) { /* denormal */
        b = bits_of(x * 0x1p54);
        k = -54;
    }
    k += (i64)(b >> 52) - 1023;
    m = double_of((b & 0xfffffffffffffULL) | 0x3ff0000000000000ULL);
    if (m > 1.4142135623730951) {
        m *= 0.5;
        k++;
    }
    s = (m - 1) / (m + 1);
    z = s * s;
    for (size_t i = 0; i < COUNT_OF(part); i++)
        sum = (sum + part[i]) * z;
    return (double)k * LN2_HIGH + (2 * s + (2 * s * sum + (double)k * LN2_LOW));
}

/* 2^(j/32) */
static const double root32[32] = {
    0x1.0000000000000p+0, 0x1.059b0d3158574p+0, 0x1.0b5586cf9890fp+0, 0x1.11301d0125b51p+0,
    0x1.172b83c7d517bp+0, 0x1.1d4873168b9aap+0, 0x1.2387a6e756238p+0, 0x1.29e9df51fdee1p+0,
    0x1.306fe0a31b715p+0, 0x1.371a7373aa9cbp+0, 0x1.3dea64c123422p+0, 0x1.44e086061892dp+0,
    0x1.4bfdad5362a27p+0, 0x1.5342b569d4f82p+0, 0x1.5ab07dd485429p+0, 0x1.6247eb03a5585p+0,
    0x1.6a09e667f3bcdp+0, 0x1.71f75e8ec5f74p+0, 0x1.7a11473eb0187p+0, 0x1.82589994cce13p+0,
    0x1.8ace5422aa0dbp+0, 0x1.93737b0cdc5e5p+0, 0x1.9c49182a3f090p+0, 0x1.a5503b23e255dp+0,
    0x1.ae89f995ad3adp+0, 0x1.b7f76f2fb5e47p+0, 0x1.c199bdd85529cp+0, 0x1.cb720dcef9069p+0,
    0x1.d5818dcfba487p+0, 0x1.dfc97337b9b5fp+0, 0x1.ea4afa2a490dap+0, 0x1.f50765b6e4540p+0};

/* x = (32 k + j) ln 2 / 32 + r: the table for 2^(j/32), a short series for the rest; x between -700
 * and 709. */
static inline double exp_within(double x)
{
    int k = (int)(x * 46.16624130844683 + (x < 0 ? -0.5 : 0.5));
    double n = (double)k, root = root32[k & 31];
    double r = (x - n * 0x1.62e42f8000000p-6) - n * 0x1.be8e7bcd5e4f2p-32;
    double z = r * r;
    double sum =
        r + z * ((0.5 + r * (1.0 / 6)) + z * ((1.0 / 24 + r * (1.0 / 120)) + z * (1.0 / 720)));

    return (root + root * sum) * double_of((u64)(1023 + (k >> 5)) << 52);
}

double chance_exp(double x)
{
    if (x < -700)
        return 0;
    if (x > 709)
        return (double)INFINITY;
    return exp_within(x);
}

void chance_exps(double *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] = x[i] >= -700 && x[i] <= 709 ? exp_within(x[i]) : chance_exp(x[i]);
}

/* --- the normal distribution --- */

static inline double ratio(double x, const double up[8], const double down[8])
{
    double a = up[7], b = down[7];

    for (int i = 6; i >= 0; i--) {
        a = a * x + up[i];
        b = b * x + down[i];
    }
    return a / b;
}

static const double mid_up[] = {3.3871328727963666080e0, 1.3314166789178437745e2,
                                1.9715909503065514427e3, 1.3731693765509461125e4,
                                4.5921953931549871457e4, 6.7265770927008700853e4,
                                3.3430575583588128105e4, 2.5090809287301226727e3};
static const double mid_down[] = {1,
                                  4.2313330701600911252e1,
                                  6.8718700749205790830e2,
                                  5.3941960214247511077e3,
                                  2.1213794301586595867e4,
                                  3.9307895800092710610e4,
                                  2.8729085735721942674e4,
                                  5.2264952788528545610e3};
#define MIDDLE 0.425 /* so far from one half a single ratio of polynomials does */

static inline double middle(double q)
{
    return q * ratio(0.180625 - q * q, mid_up, mid_down);
}

double chance_quantile(double p)
{
    static const double near_up[] = {1.42343711074968357734e0,  4.63033784615654529590e0,
                                     5.76949722146069140550e0,  3.64784832476320460504e0,
                                     1.27045825245236838258e0,  2.41780725177450611770e-1,
                                     2.27238449892691845833e-2, 7.74545014278341407640e-4};
    static const double near_down[] = {1,
                                       2.05319162663775882187e0,
                                       1.67638483018380384940e0,
                                       6.89767334985100004550e-1,
                                       1.48103976427480074590e-1,
                                       1.51986665636164571966e-2,
                                       5.47593808499534494600e-4,
                                       1.05075007164441684324e-9};
    static const double far_up[] = {6.65790464350110377720e0,  5.46378491116411436990e0,
                                    1.78482653991729133580e0,  2.96560571828504891230e-1,
                                    2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                    2.71155556874348757815e-5, 2.01033439929228813265e-7};
    static const double far_down[] = {1,
                                      5.99832206555887937690e-1,
                                      1.36929880922735805310e-1,
                                      1.48753612908506148525e-2,
                                      7.86869131145613259100e-4,
                                      1.84631831751005468180e-5,
                                      1.42151175831644588870e-7,
                                      2.04426310338993978564e-15};
    double q = p - 0.5, r, x;

    if (q >= -MIDDLE && q <= MIDDLE)
        return middle(q);
    r = sqrt(-chance_log(q < 0 ? p : 1 - p));
    x = r <= 5 ? ratio(r - 1.6, near_up, near_down) : ratio(r - 5, far_up, far_down);
    return q < 0 ? -x : x;
}

#define AT_ONCE 256

void chance_quantiles(double *p, size_t n)
{
    double q[AT_ONCE];

    for (size_t from = 0; from < n; from += AT_ONCE) {
        size_t count = n - from < AT_ONCE ? n - from : AT_ONCE;
        for (size_t i = 0; i < count; i++)
            q[i] = middle(p[from + i] - 0.5);
        for (size_t i = 0; i < count; i++) {
            double far = p[from + i] - 0.5;
            p[from + i] = far >= -MIDDLE && far <= MIDDLE ? q[i] : chance_quantile(p[from + i]);
        }
    }
}

/* --- streams --- */

u64 chance_subject(u64 seed, u64 subject)
{
    return chance_mix(chance_mix(seed + CHANCE_GOLDEN) ^ (subject * CHANCE_GOLDEN + 1));
}

double chance_normal(struct chance *c)
{
    return chance_quantile(chance_unit(c));
}

double chance_gamma(struct chance *c, double shape)
{
    double d = shape - 1.0 / 3, k = 1 / sqrt(9 * d);

    for (;;) {
        double x = chance_normal(c), u = chance_unit(c), v = 1 + k * x;
        if (v <= 0)
            continue;
        v = v * v * v;
        if (u < 1 - 0.0331 * x * x * x * x ||
            chance_log(u) < 0.5 * x * x + d * (1 - v + chance_log(v)))
            return d * v;
    }
}

double chance_pert(struct chance *c, double low, double likely, double high)
{
    double a, b;

    if (!(high > low))
        return low;
    a = chance_gamma(c, 1 + 4 * (likely - low) / (high - low));
    b = chance_gamma(c, 1 + 4 * (high - likely) / (high - low));
    return low + (high - low) * (a / (a + b));
}

/* By adding up probabilities until they pass a random one; a large mean in parts, since the sum of
 * Poisson numbers is Poisson. */
static i64 poisson_part(struct chance *c, double mean)
{
    double u = chance_unit(c), p = chance_exp(-mean), sum = p;
    i64 n = 0;

    while (u > sum && n < 1000) {
        n++;
        p *= mean / (double)n;
        sum += p;
    }
    return n;
}

i64 chance_poisson(struct chance *c, double mean)
{
    i64 n = 0;

    for (; mean > 30; mean -= 30)
        n += poisson_part(c, 30);
    return mean > 0 ? n + poisson_part(c, mean) : n;
}
