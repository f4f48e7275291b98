/* SPDX-License-Identifier: Apache-2.0 */
/* Information and what carries it, with values that supporting assets inherit. */
#pragma once

#include "core/entity.h"

struct asset {
    RECORD;
    const char *name;
    const char *type;
    const char *description;
    i64 owner;
    i64 unit;
    i64 media;
    const char *location;
    i64 c;
    i64 i;
    i64 a;
    const char *override_reason;
    i64 in_scope;
    i64 personal_data;
    const char *no_risk_reason;
    const char *state;
    const char *external_id;
    const char *seed;
    struct ids carries;
    /* derived */
    const char *kind;
    i64 value_c;
    i64 value_i;
    i64 value_a;
    i64 value;
};
extern const struct entity asset_entity;

struct dismissal {
    RECORD;
    const char *title;
    const char *subject;
    const char *key;
    const char *reason;
};
extern const struct entity dismissal_entity;

extern const struct feature asset_feature;
