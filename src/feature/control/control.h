/* SPDX-License-Identifier: Apache-2.0 */
/* Controls: the 93 of Annex A, seeded for every organisation, and own ones; each record is also the
 * live row of the Statement of Applicability. */
#pragma once

#include "core/entity.h"

struct control {
    RECORD;
    const char *code;
    const char *title;
    const char *theme;
    const char *origin;
    const char *framework;
    const char *maps_to;
    const char *applicable;
    const char *justification;
    const char *business_reason;
    i64 baseline;
    const char *status;
    const char *how;
    const char *evidence;
    i64 owner;
    const char *reviewed;
    /* derived */
    i64 position;
    const char *proposed;
    const char *proposed_because;
    i64 in_use;
    const char *in_use_because;
};
extern const struct entity control_entity;

extern const struct feature control_feature;
