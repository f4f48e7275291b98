/* SPDX-License-Identifier: Apache-2.0 */
/* Test support: a small organisation in which every rule holds, made with plain SQL, because tests
 * of rules need states that the program refuses. */
#pragma once

#include "core/rules.h"
#include "visit.h"

/* Runs statements, separated by ";", in a write transaction; $1 is the organisation. */
void run_sql(struct test *t, const char *statements);
/* Fills Acme: people 901 (owner), 902 (has left), 903 (approver), party 911, requirement 921, asset
 * 931, risks 951 (within the level) and 952 (above it, accepted), treatments, action, decisions. */
void sound_world(struct test *t);
/* The result of a rule now, without anything kept. */
struct rule_result run_rule(struct test *t, const char *id);
