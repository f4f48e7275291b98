/* SPDX-License-Identifier: Apache-2.0 */
/* Inside feature/readiness only. */
#pragma once

#include "feature/readiness/readiness.h"

/* Computes the state of an organisation into `a`, on a connection of its own. */
struct err *readiness_compute(struct app *app, const struct rules_scope *scope, struct arena *a,
                              struct readiness **out) MUST_CHECK;
/* Fills in the lists of the scope that only the program can compute, in the same snapshot. */
struct err *readiness_lists(struct app *app, struct db *db, struct arena *a,
                            struct rules_scope *scope) MUST_CHECK;
/* The part for the home page, in the same snapshot. */
struct err *readiness_facts(struct db *db, const struct rules_scope *scope, struct arena *a,
                            struct readiness *out) MUST_CHECK;
struct rules_scope readiness_scope(const struct web *w);

/* The machine-readable report of the API and `cairn check`. */
json_t *readiness_json(struct web *w, const struct readiness *r);
/* "pass", "fail", "not-yet", "not-applicable", "error" for where the organisation is. */
const char *readiness_here(const struct readiness *r, size_t i);

struct err *readiness_page(struct web *w);
struct err *readiness_rule_page(struct web *w);
struct err *readiness_api(struct web *w);
int check_run(struct cli *c);

/* --- readiness_veil.c --- */
/* Takes out of `*r` what would tell this person levels of risks that they are to score without
 * seeing the first score: `*r` becomes a copy then. */
struct err *readiness_veil(struct web *w, const struct readiness **r) MUST_CHECK;

/* --- readiness_because.c --- */
/* The reason of an offender in the reader's language, also one that the rule composed. */
const char *readiness_because(struct arena *a, const char *text);
