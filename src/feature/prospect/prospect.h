/* SPDX-License-Identifier: Apache-2.0 */
/* Risks and opportunities of the ISMS itself (6.1.1): not of information, but of the undertaking to
 * protect it. Each has what is done about it, by whom, and what came of that. */
#pragma once

#include "core/entity.h"

struct prospect {
    RECORD;
    const char *title;
    const char *kind;  /* risk, opportunity */
    const char *state; /* open, acting, done, dropped */
    const char *effect;
    const char *action;
    i64 owner;
    const char *due;
    const char *measure; /* how one sees whether it worked */
    const char *evaluated, *evaluation;
};
extern const struct entity prospect_entity;
extern const struct feature prospect_feature;
extern const struct permission prospect_read, prospect_write;
