/* SPDX-License-Identifier: Apache-2.0 */
/* Offsets of IANA time zones, read from the system's zone database. The C library's own way (TZ in
 * the environment) is not thread-safe. Only clock.c needs this. */
#pragma once

#include "base/types.h"

struct zone;

/* The zone called `name` (NULL, "" and "UTC" give UTC), or NULL when it is unknown. Zones are read
 * once and kept for the life of the process; safe from any thread. */
const struct zone *zone_find(const char *name);
/* Seconds to add to UTC at the instant `at` (seconds since 1970). */
i64 zone_offset(const struct zone *z, i64 at);
