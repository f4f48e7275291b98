/* SPDX-License-Identifier: Apache-2.0 */
/* A round of risk assessment: who took part, what was found, approved as a report. */
#pragma once

#include "core/entity.h"

struct assessment {
    RECORD;
    const char *title;
    i64 method;
    const char *state;
    const char *started;
    const char *closed;
    const char *scope;
    const char *summary;
    i64 author;
    const char *body;
    const char *body_hash;
    struct ids participants;
};
extern const struct entity assessment_entity;

extern const struct feature assessment_feature;
