/* SPDX-License-Identifier: Apache-2.0 */
/* JSON through jansson, bound to an arena: values are released with it. */
#pragma once

#include <jansson.h>

#include "base/arena.h"
#include "base/err.h"

/* Parses one document: UTF-8, no duplicate keys, nothing after it, depth and size bounded by the
 * caller's body limit. ERR_BAD names line and column. `*out` lives as long as the arena. */
struct err *json_parse(struct arena *a, const char *text, size_t size, json_t **out) MUST_CHECK;
/* Hands a value made with json_object() etc. to the arena and returns it. */
json_t *json_own(struct arena *a, json_t *value);
/* Compact text, keys in insertion order; `json_sorted` sorts keys (canonical form). */
char *json_text(struct arena *a, const json_t *value);
char *json_sorted(struct arena *a, const json_t *value);
/* A scalar as text: numbers as short as they can be without losing anything, "true" and "false";
 * *out = NULL for null. False for objects and arrays. */
bool json_scalar_text(struct arena *a, const json_t *value, const char **out);
/* A list of scalars, joined by commas; false when it holds lists or objects. */
bool json_list_text(struct arena *a, const json_t *list, const char **out);
