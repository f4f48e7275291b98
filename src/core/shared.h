/* SPDX-License-Identifier: Apache-2.0 */
/* Single records for people whose roles do not open their kind. */
#pragma once

#include "core/feature.h"

/* Called when the right of a route was refused with `denied`: NULL and the kind when the route is
 * the page of one record that this person may see all the same (entity_visible_sql);
 * entity_show_page draws it then. Else the refusal, which does not tell whether there is such a
 * record. */
struct err *shared_page(struct web *w, const struct route *r, struct err *denied,
                        const struct entity **out) MUST_CHECK;
