/* SPDX-License-Identifier: Apache-2.0 */
/* The REST API, derived from the tables of entities: list, create, read, change, remove and
 * versions of every kind of record under /api/v1/<plural>, the log's events, the organisations, and
 * the OpenAPI document. Routes of features that name their path exactly win over these. Also the
 * pages and commands of core/export and core/import, which serve every entity likewise. */
#pragma once

#include "core/entity.h"

extern const struct feature api_feature;

/* --- for a feature's own routes that take a record's JSON with something more in it --- */
/* The body as an object; its “_reason” is taken out and is the reason of the change. */
struct err *api_body(struct web *w, json_t **object) MUST_CHECK;
/* The answer 422 with what is wrong, member by member. */
void api_refuse(struct web *w, const struct issues *issues);
/* ERR_CLASH (409, 412) or 428 unless If-Match or “version” says that the newest one is changed. */
struct err *api_newest(struct web *w, const struct record *r, json_t *object) MUST_CHECK;
/* Applies the object and writes; the answer is made: 200, 201 with Location, or 422 with what is
 * wrong, and then nothing was written. */
struct err *api_write(struct web *w, const struct entity *e, struct record *r, json_t *object)
    MUST_CHECK;

/* The whole API as an OpenAPI 3.1 document, made from the tables. Lives in the arena. */
json_t *openapi_document(struct arena *a);
/* The name of the entity's schema in it: "RoleHolder". */
const char *openapi_schema_name(struct arena *a, const struct entity *e);
