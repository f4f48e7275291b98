/* SPDX-License-Identifier: Apache-2.0 */
/* For the tests of the trail: the bench of the entity kernel with a signer of its own, and a log
 * that grows by a fixed sequence of creations, changes, removals, restores and events. */
#pragma once

#include "core/app.h"
#include "core/trail_part.h"
#include "entity_bench.h"

struct trial {
    struct bench b;
    struct app app;
    const char *dir;
    u64 random;
    i64 people[64], assets[64]; /* ids; negative = removed */
    size_t npeople, nassets;
};

void trial_open(struct trial *t);
void trial_close(struct trial *t);
/* The next number below `limit` of a fixed sequence. */
i64 trial_random(struct trial *t, i64 limit);
/* `n` changes, each committed on its own. */
void trial_grow(struct trial *t, int n);
/* Signs and stores a checkpoint of organisation 5's log. */
void trial_sign(struct trial *t);
/* Verifies all logs in the open transaction; gives the number of findings. */
size_t trial_findings(struct trial *t, struct verify_result *r);
/* Fails the test and shows the findings unless there are none. */
void trial_clean(struct trial *t);
/* Exports organisation 5's log with the trial's entities. */
void trial_export(struct trial *t, FILE *out);
/* Entries of organisation 5. */
i64 trial_size(struct trial *t);
