/* SPDX-License-Identifier: Apache-2.0 */
/* Second scores: a risk scored again by somebody who does not see the first score until theirs is
 * submitted. Drawn at random with a stored seed, then compared and agreed on. */
#pragma once

#include "core/entity.h"

struct rating {
    RECORD;
    const char *title;
    i64 assessment, risk, assessor;
    const char *state; /* open, submitted, agreed */
    i64 method;
    i64 likelihood, impact;
    const char *rationale;
    i64 first_likelihood, first_impact; /* as they were when the second score was submitted */
    const char *first_rationale;
    i64 first_analyst;
    i64 apart; /* levels between the two, the larger of both axes */
    i64 agreed_likelihood, agreed_impact;
    const char *agreed_note;
    const char *seed;
    i64 percent;
};
extern const struct entity rating_entity;
extern const struct permission rating_read, rating_write;

/* Which of `n` numbers a draw takes: `*count` of them (percent of n, rounded up), ascending. A pure
 * function of seed, percent and the set of numbers. */
struct err *rating_pick(struct arena *a, const char *seed, i64 percent, const i64 *numbers,
                        size_t n, const i64 **out, size_t *count) MUST_CHECK;
/* Levels between two scores: the larger difference of likelihood and impact. */
i64 rating_apart(i64 likelihood, i64 impact, i64 first_likelihood, i64 first_impact);

/* Pages. */
struct assessment;
struct err *rating_list(struct web *w);
struct err *rating_show(struct web *w);
struct err *rating_submit(struct web *w);
struct err *rating_agree(struct web *w);
struct err *rating_draw(struct web *w);
struct err *calibration_page(struct web *w);
struct err *calibration_api(struct web *w);
/* The card of a round: who scores a second time, and how far that is. */
struct err *rating_card(struct web *w, const struct assessment *a) MUST_CHECK;
