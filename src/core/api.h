/* SPDX-License-Identifier: Apache-2.0 */
/* The REST API, derived from the tables of entities: list, create, read, change, remove and
 * versions of every kind of record under /api/v1/<plural>, the log's events, the organisations, and
 * the OpenAPI document. Routes of features that name their path exactly win over these. Also the
 * pages and commands of core/export and core/import, which serve every entity likewise. */
#pragma once

#include "core/entity.h"

extern const struct feature api_feature;

/* The whole API as an OpenAPI 3.1 document, made from the tables. Lives in the arena. */
json_t *openapi_document(struct arena *a);
/* The name of the entity's schema in it: "RoleHolder". */
const char *openapi_schema_name(struct arena *a, const struct entity *e);
