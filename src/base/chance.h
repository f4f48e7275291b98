/* SPDX-License-Identifier: Apache-2.0 */
/* Random numbers and the functions they need, with the same bits on every machine: only IEEE 754
 * basic operations and square roots are used, no fused multiply-add (meson.build), no libm. A
 * stream is named by (seed, subject, trial) and counted from there, so a draw depends on nothing
 * that ran before it, and work may be divided among threads at will. */
#pragma once

#include "base/types.h"

/* Natural logarithm of a positive finite number, and exponential; relative error below 1e-15.
 * chance_exp answers 0 below -700 and infinity above 709. */
double chance_log(double x);
double chance_exp(double x);
/* The x with Phi(x) = p, 0 < p < 1, of the standard normal distribution (Wichura 1988, AS 241). */
double chance_quantile(double p);
/* The same for many at once, in place and with the same bits: loops that a compiler can run on
 * several numbers at a time. */
void chance_quantiles(double *p, size_t n);
void chance_exps(double *x, size_t n);

struct chance {
    u64 key, count;
};
#define CHANCE_GOLDEN 0x9e3779b97f4a7c15ULL
/* The finaliser of SplitMix64 (Steele, Lea and Flood 2014). */
static inline u64 chance_mix(u64 x)
{
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
    return x ^ x >> 31;
}
/* The key of a subject under a seed, then the stream of one of its trials. */
u64 chance_subject(u64 seed, u64 subject);
static inline struct chance chance_stream(u64 subject_key, u64 trial)
{
    return (struct chance){chance_mix(subject_key + trial * 0xd1342543de82ef95ULL), 0};
}
/* Equally distributed on (0, 1), never 0 or 1. */
static inline double chance_unit(struct chance *c)
{
    u64 bits = chance_mix(c->key + ++c->count * CHANCE_GOLDEN);

    return ((double)(bits >> 11) + 0.5) * 0x1p-53;
}
double chance_normal(struct chance *c);
/* Gamma with shape >= 1 and scale 1 (Marsaglia and Tsang 2000). */
double chance_gamma(struct chance *c, double shape);
/* PERT on [low, high] with the mode `likely`: low + (high - low) Beta(1 + 4 (likely - low) / (high
 * - low), 1 + 4 (high - likely) / (high - low)); its mean is (low + 4 likely + high) / 6. `low`
 * when the interval is empty. */
double chance_pert(struct chance *c, double low, double likely, double high);
/* Number of events of a Poisson distribution with this mean, 0 <= mean <= 100,000. */
i64 chance_poisson(struct chance *c, double mean);
