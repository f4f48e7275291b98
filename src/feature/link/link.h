/* SPDX-License-Identifier: Apache-2.0 */
/* Free links between any two records: what they are to each other (content/link_types.tsv), in both
 * directions, and why. On every record's page as the tabs "Links", with the relations that fields
 * make by themselves, and "Graph". */
#pragma once

#include "core/entity.h"

struct link {
    RECORD;
    i64 source, target;
    const char *type, *why, *title;
};
extern const struct entity link_entity;
extern const struct permission link_read, link_write;
extern const struct feature link_feature;
