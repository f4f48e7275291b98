/* SPDX-License-Identifier: Apache-2.0 */
/* The risk method: scales, matrix, bands and acceptance level, in versions. */
#pragma once

#include "core/entity.h"

struct method {
    RECORD;
    const char *title;
    const char *state;
    i64 acceptance;
    i64 levels;
    const char *impact_rule;
    i64 review_months;
    const char *acceptance_rule;
    i64 author;
    const char *note;
};
extern const struct entity method_entity;

extern const struct feature method_feature;
