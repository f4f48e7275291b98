/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the route of an address. Tenant pages live under /o/<slug>, the API under /api/v1, the rest
 * are site pages. The table is built once from the features' route tables. */
#pragma once

#include "core/feature.h"

struct route_match {
    const struct route *route; /* NULL = no such address, or not with this method */
    const char *slug;          /* NULL outside /o/<slug> */
    const char *params[PARAM_MAX];
    unsigned allowed; /* bits 1 << method of the methods that exist here */
};

/* Builds the table; BUG when two routes are the same or one lacks a permission. */
void route_init(void);
/* Adds the routes of a feature that is not in the table of features, until the next `route_init`:
 * for tests that need a handler of their own. No request may be under way. */
void route_add(const struct feature *f);
void route_find(struct arena *a, enum http_method method, const char *path,
                struct route_match *out);
/* All routes with their full pattern ("/o/:slug/risks/:no"), sorted: for `cairn routes`, docs and
 * the generated tests. */
struct route_entry {
    const struct route *route;
    const struct feature *feature;
    const char *pattern;
};
size_t route_list(const struct route_entry **out);
const char *method_name(enum http_method m); /* "GET" */
