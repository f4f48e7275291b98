/* SPDX-License-Identifier: Apache-2.0 */
/* A round of risk assessment: who took part, what was found, approved as a report. Closing it
 * freezes the register of all open risks as text; top management approves exactly that text. */
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
    const char *body;      /* the frozen register, JSON; NULL while the round is open */
    const char *body_hash; /* its hex SHA-256 */
    struct ids participants;
};
extern const struct entity assessment_entity;
extern const struct feature assessment_feature;
extern const struct permission assessment_read, assessment_write, assessment_approve;
