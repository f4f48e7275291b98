/* SPDX-License-Identifier: Apache-2.0 */
/* What is done about a risk, and the actions of the risk treatment plan. */
#pragma once

#include "core/entity.h"

struct treatment {
    RECORD;
    const char *title;
    i64 risk;
    const char *option;
    const char *description;
    i64 expected_likelihood;
    i64 expected_impact;
    const char *counterparty;
    const char *contract;
    const char *share_covered;
    const char *remaining;
    const char *activity;
    const char *ended_on;
    const char *justification;
    const char *expires;
    const char *monitoring;
    const char *state;
    struct ids controls;
};
extern const struct entity treatment_entity;

struct action {
    RECORD;
    const char *title;
    i64 treatment;
    i64 control;
    i64 owner;
    const char *start;
    const char *due;
    const char *resources;
    i64 budget;
    const char *priority;
    const char *status;
    i64 progress;
    const char *evidence;
    i64 verifier;
    const char *note;
};
extern const struct entity action_entity;

extern const struct feature treatment_feature;
extern const struct permission treatment_read, treatment_write, action_read, action_write;
