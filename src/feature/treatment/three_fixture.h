/* SPDX-License-Identifier: Apache-2.0 */
/* Three risks of one owner, for tests of what is done to several at once. */
#pragma once

#include "visit.h"

struct three {
    i64 id[3];
};

/* A risk of the risk owner, scored by the ISMS manager; its id. */
i64 three_risk(struct test *t, const char *title, i64 likelihood, i64 impact);
/* The control that treats them. */
i64 three_control(struct test *t);
/* How many treatments the organisation has. */
i64 three_treatments(struct test *t);
/* Makes them, and signs the ISMS manager in. */
struct three three_make(struct test *t);
/* The form of one treatment for them, the first `ticked` of them ticked; `more` begins with "&". */
const char *three_form(struct test *t, const struct three *r, int ticked, const char *more);
/* Goes where the last answer leads. */
void three_follow(struct test *t);
