/* SPDX-License-Identifier: Apache-2.0 */
/* Inside core/openapi* only: parts of which the document is made. What is returned belongs to the
 * caller. */
#pragma once

#include "core/api.h"

json_t *openapi_text(const char *value);
/* {"$ref": "#/components/KIND/NAME"} */
json_t *openapi_ref(struct arena *a, const char *kind, const char *name);
/* The schema of an array; takes `items` over. */
json_t *openapi_array(json_t *items);
/* All schemas: of every kind as it is read, made and changed, and those of errors and bulk steps.
 */
json_t *openapi_schemas(struct arena *a);
