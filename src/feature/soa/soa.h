/* SPDX-License-Identifier: Apache-2.0 */
/* Frozen versions of the Statement of Applicability and its exports. */
#pragma once

#include "core/entity.h"

struct soa {
    RECORD;
    const char *title;
    const char *state;
    const char *body;
    const char *body_hash;
    i64 author;
    i64 applicable;
    i64 excluded;
    i64 implemented;
    const char *note;
};
extern const struct entity soa_entity;

extern const struct feature soa_feature;
