/* SPDX-License-Identifier: Apache-2.0 */
/* Interested parties and the requirements (laws, contracts, expectations) they have. */
#pragma once

#include "core/entity.h"

struct party {
    RECORD;
    const char *name;
    const char *type;
    i64 external;
    const char *state;
    const char *why_not;
    const char *note;
};
extern const struct entity party_entity;

struct requirement {
    RECORD;
    const char *title;
    const char *kind;
    i64 party;
    const char *source;
    const char *jurisdiction;
    const char *summary;
    const char *addressed;
    const char *why_not;
    i64 needs_document;
    const char *how_met;
    const char *status;
    i64 owner;
    const char *reviewed;
    const char *seed;
    struct ids controls;
};
extern const struct entity requirement_entity;

extern const struct feature context_feature;
