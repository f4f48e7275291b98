/* SPDX-License-Identifier: Apache-2.0 */
/* An organisation's own threats, weaknesses, and the chains that suggest risks of them, beside the
 * supplied catalogue; and what of assets and threats no risk touches yet. */
#pragma once

#include "core/entity.h"

struct threat {
    RECORD;
    const char *title;
    const char *code; /* "own-drones": what risks keep */
    const char *family, *source;
    i64 properties; /* bits C, I, A */
    const char *plain, *reference, *state;
};
struct weakness {
    RECORD;
    const char *title;
    const char *code;
    const char *area;
    const char *plain, *reference, *state;
};
/* Asset type -> threat -> weakness, with what helps and why. */
struct chain {
    RECORD;
    const char *title; /* made of the other fields */
    const char *asset_type, *threat, *weakness;
    struct ids controls;
    i64 weight;             /* 1 to 5: how early it is suggested */
    i64 likelihood, impact; /* proposals: a level, and steps from the asset's value; 0 = none */
    const char *reason, *state;
};
extern const struct entity threat_entity, weakness_entity, chain_entity;
extern const struct feature catalogue_feature;
extern const struct permission catalogue_read, catalogue_write;
