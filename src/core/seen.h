/* SPDX-License-Identifier: Apache-2.0 */
/* When sessions were last used: kept in memory and stored once a minute by housekeeping, so that a
 * page view writes nothing (decisions.md 4). Losing a minute of it is harmless. */
#pragma once

#include "core/app.h"

void seen_init(struct app *app);
void seen_free(struct app *app);
i64 seen_get(struct app *app, i64 session); /* 0 = not seen by this process */
void seen_set(struct app *app, i64 session, i64 now);
/* Stores what changed since the last call; in a write transaction. */
struct err *seen_store(struct web *w) MUST_CHECK;
