/* SPDX-License-Identifier: Apache-2.0 */
/* Single records opened to single people who could not see them otherwise (table access_grant). It
 * never widens a kind, never allows a change, ends by itself when a date is given, and is in the
 * log. Who gives it must see the record and hold the right to share. */
#pragma once

#include "core/entity.h"

extern const struct permission grant_right; /* "access.grant" */

/* Opens the record to the person, up to and with the day `until` (NULL = no end). Does nothing when
 * they see it anyway. `why` is kept in the log. Needs grant_right; ERR_MISSING when the person of
 * `w` does not see the record. In a write transaction. */
struct grant {
    const struct entity *entity;
    i64 record, person;
    const char *until, *why;
};
struct err *grant_give(struct web *w, const struct grant *g) MUST_CHECK;
/* Ends what was opened to that person on the record. Needs grant_right. In a write transaction. */
struct err *grant_end(struct web *w, const struct entity *e, i64 id, i64 person) MUST_CHECK;
