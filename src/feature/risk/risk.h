/* SPDX-License-Identifier: Apache-2.0 */
/* Risks: what could go wrong, how bad, who watches it. Treatments are in feature/treatment. */
#pragma once

#include "core/entity.h"

struct risk {
    RECORD;
    const char *title;
    const char *description;
    const char *threat;
    const char *vulnerability;
    i64 properties;
    i64 owner;
    i64 analyst;
    i64 method;
    const char *state;
    i64 inherent_likelihood;
    i64 inherent_impact;
    i64 current_likelihood;
    i64 current_impact;
    i64 residual_likelihood;
    i64 residual_impact;
    const char *rationale;
    const char *existing_controls;
    const char *residual_reason;
    const char *review_on;
    const char *origin;
    const char *seed;
    struct ids assets;
    /* derived */
    i64 inherent_score;
    const char *inherent_band;
    i64 current_score;
    const char *current_band;
    i64 residual_score;
    const char *residual_band;
    i64 score;
    const char *band;
    i64 treated;
};
extern const struct entity risk_entity;

extern const struct feature risk_feature;
