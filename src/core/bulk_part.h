/* SPDX-License-Identifier: Apache-2.0 */
/* Inside core/bulk* only. */
#pragma once

#include "core/bulk.h"

/* The context works with another arena, that of a piece; returns the one it had. */
struct arena *bulk_use(struct web *w, struct arena *a);
/* The values of a step as they are stored, and back. */
const char *bulk_values_write(struct arena *a, const struct bulk_wish *wish);
struct err *bulk_values_read(struct arena *a, const struct entity *e, const char *text,
                             struct bulk_wish *out) MUST_CHECK;
/* The next piece of a step: one write transaction of at most BULK_PIECE statements and those of one
 * record. `*left`: how many records wait. */
struct err *bulk_piece(struct web *w, const struct entity *e, i64 id, i64 *left) MUST_CHECK;
