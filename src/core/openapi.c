/* SPDX-License-Identifier: Apache-2.0 */
/* The OpenAPI document, from the tables of entities and routes: what is not in a table is not
 * offered, and what is offered is in the document. */
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "base/version.h"
#include "base/words.h"
#include "core/list.h"
#include "core/openapi_part.h"
#include "core/route.h"

/* --- operations --- */

static json_t *json_content(const char *type, json_t *schema)
{
    return json_pack("{s:{s:o}}", type, "schema", schema);
}

static json_t *answer(const char *description, json_t *schema)
{
    json_t *r = json_pack("{s:s}", "description", description);

    if (schema)
        json_object_set_new(r, "content", json_content("application/json", schema));
    return r;
}

static json_t *with_etag(json_t *r)
{
    json_object_set_new(r, "headers",
                        json_pack("{s:{s:s, s:{s:s}}}", "ETag", "description",
                                  "Version of the record, for If-Match", "schema", "type",
                                  "string"));
    return r;
}

static json_t *responses(struct arena *a, const char *status, json_t *good)
{
    return json_pack("{s:o, s:o}", status, good, "default", openapi_ref(a, "responses", "Problem"));
}

static void add_response(struct arena *a, json_t *responses_, const char *status)
{
    json_object_set_new(responses_, status, openapi_ref(a, "responses", "Problem"));
}

static json_t *operation(const char *id, const char *summary, const char *tag, json_t *responses_)
{
    return json_pack("{s:s, s:s, s:[s], s:o}", "operationId", id, "summary", summary, "tags", tag,
                     "responses", responses_);
}

static json_t *parameter(const char *name, const char *in, const char *description, json_t *schema)
{
    return json_pack("{s:s, s:s, s:s, s:b, s:o}", "name", name, "in", in, "description",
                     description, "required", text_equal(in, "path"), "schema", schema);
}

static json_t *a_string(void)
{
    return json_pack("{s:s}", "type", "string");
}

static void filter_parameters(struct arena *a, const struct entity *e, json_t *list)
{
    for (size_t i = 0; i < e->nfields; i++) {
        const struct field *f = &e->fields[i];
        bool range = f->kind == FIELD_INT || f->kind == FIELD_MONEY || f->kind == FIELD_LEVEL ||
                     f->kind == FIELD_DATE || f->kind == FIELD_TIME;

        if (f->secret || f->kind == FIELD_LONG ||
            (!f->filtered && !(e->state && text_equal(f->name, e->state))))
            continue;
        json_array_append_new(
            list, parameter(f->name, "query",
                            arena_printf(a, "Only where “%s” has this value; “none” for empty.",
                                         f->label),
                            a_string()));
        if (!range)
            continue;
        json_array_append_new(list,
                              parameter(arena_printf(a, "%s.min", f->name), "query",
                                        arena_printf(a, "%s at least.", f->label), a_string()));
        json_array_append_new(list,
                              parameter(arena_printf(a, "%s.max", f->name), "query",
                                        arena_printf(a, "%s at most.", f->label), a_string()));
    }
}

static json_t *sort_schema(struct arena *a, const struct entity *e)
{
    json_t *list = json_pack("[s,s]", "number", "-number");

    for (size_t i = 0; i < e->nfields; i++) {
        if (!list_sorts(e, &e->fields[i]))
            continue;
        json_array_append_new(list, openapi_text(e->fields[i].name));
        json_array_append_new(list, openapi_text(arena_printf(a, "-%s", e->fields[i].name)));
    }
    return json_pack("{s:s, s:o}", "type", "string", "enum", list);
}

static json_t *list_operation(struct arena *a, const struct entity *e, const char *name)
{
    json_t *o = operation(
        arena_printf(a, "list_%s", e->plural), arena_printf(a, "List of %s", e->plural), e->labels,
        responses(a, "200",
                  answer("A page of records",
                         openapi_ref(a, "schemas", arena_printf(a, "%sPage", name)))));
    json_t *list = json_array();

    json_array_append_new(list, openapi_ref(a, "parameters", "after"));
    json_array_append_new(list, openapi_ref(a, "parameters", "limit"));
    json_array_append_new(list, openapi_ref(a, "parameters", "q"));
    json_array_append_new(list, openapi_ref(a, "parameters", "asof"));
    json_array_append_new(
        list, parameter("sort", "query", "Order; “-” turns it round.", sort_schema(a, e)));
    filter_parameters(a, e, list);
    json_object_set_new(o, "parameters", list);
    return o;
}

static json_t *body_of(struct arena *a, const char *schema)
{
    return json_pack("{s:b, s:o}", "required", 1, "content",
                     json_content("application/json", openapi_ref(a, "schemas", schema)));
}

static json_t *create_operation(struct arena *a, const struct entity *e, const char *name)
{
    json_t *good = with_etag(answer("Created", openapi_ref(a, "schemas", name)));
    json_t *all, *o;

    json_object_set_new(json_object_get(good, "headers"), "Location",
                        json_pack("{s:s, s:{s:s}}", "description", "Address of the record",
                                  "schema", "type", "string"));
    all = responses(a, "201", good);
    add_response(a, all, "422");
    o = operation(arena_printf(a, "create_%s", e->name), arena_printf(a, "Create a %s", e->label),
                  e->labels, all);
    json_object_set_new(o, "requestBody", body_of(a, arena_printf(a, "%sNew", name)));
    json_object_set_new(o, "parameters",
                        json_pack("[o]", openapi_ref(a, "parameters", "idempotency_key")));
    return o;
}

static json_t *change_operation(struct arena *a, const struct entity *e, const char *name)
{
    json_t *all =
        responses(a, "200", with_etag(answer("Changed", openapi_ref(a, "schemas", name))));
    json_t *o;

    add_response(a, all, "409");
    add_response(a, all, "412");
    add_response(a, all, "422");
    add_response(a, all, "428");
    o = operation(arena_printf(a, "change_%s", e->name),
                  arena_printf(a, "Change a %s: members that are not sent stay", e->label),
                  e->labels, all);
    json_object_set_new(o, "requestBody", body_of(a, arena_printf(a, "%sChange", name)));
    json_object_set_new(o, "parameters",
                        json_pack("[o,o]", openapi_ref(a, "parameters", "if_match"),
                                  openapi_ref(a, "parameters", "idempotency_key")));
    return o;
}

static json_t *remove_operation(struct arena *a, const struct entity *e)
{
    json_t *all = responses(a, "204", answer("Removed; its history is kept", NULL)), *o;

    add_response(a, all, "409");
    add_response(a, all, "412");
    o = operation(arena_printf(a, "remove_%s", e->name), arena_printf(a, "Remove a %s", e->label),
                  e->labels, all);
    json_object_set_new(o, "parameters",
                        json_pack("[o,o]", openapi_ref(a, "parameters", "if_match"),
                                  parameter("_reason", "query", "Why it is removed.", a_string())));
    return o;
}

static json_t *show_operation(struct arena *a, const struct entity *e, const char *name)
{
    json_t *all = responses(a, "200",
                            with_etag(answer("The record", openapi_ref(a, "schemas", name)))),
           *o;

    json_object_set_new(all, "304", answer("Not changed since the ETag of If-None-Match", NULL));
    o = operation(arena_printf(a, "show_%s", e->name), arena_printf(a, "One %s", e->label),
                  e->labels, all);
    json_object_set_new(o, "parameters", json_pack("[o]", openapi_ref(a, "parameters", "asof")));
    return o;
}

/* Files take what a list takes. */
static json_t *export_operation(struct arena *a, const struct entity *e, const char *name)
{
    static const char *const types[] = {
        "text/csv", "application/json", "application/pdf",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"};
    json_t *like = list_operation(a, e, name), *content = json_object(), *list, *o;
    json_t *good = answer("The whole list as a file", NULL);

    for (size_t i = 0; i < COUNT_OF(types); i++)
        json_object_set_new(
            content, types[i],
            json_pack("{s:{s:s, s:s}}", "schema", "type", "string", "format", "binary"));
    json_object_set_new(good, "content", content);
    o = operation(arena_printf(a, "export_%s", e->plural),
                  arena_printf(a, "List of %s as a file", e->plural), e->labels,
                  responses(a, "200", good));
    list = json_incref(json_object_get(like, "parameters"));
    json_array_append_new(list, parameter("format", "query", "The kind of file; CSV without one.",
                                          json_pack("{s:s, s:[s,s,s,s]}", "type", "string", "enum",
                                                    "csv", "json", "xlsx", "pdf")));
    json_array_append_new(
        list, parameter("fields", "query",
                        "“shown”: only the columns of the list, as a PDF always has.", a_string()));
    json_array_append_new(
        list, parameter("cols", "query", "Columns in their order, separated by “,”.", a_string()));
    json_object_set_new(o, "parameters", list);
    json_decref(like);
    return o;
}

/* --- many records in one step --- */

static json_t *bulk_operation(struct arena *a, const struct entity *e, const char *verb,
                              const char *summary, json_t *good)
{
    json_t *all = good;

    add_response(a, all, "409");
    add_response(a, all, "422");
    return operation(arena_printf(a, "%s_bulk_%s", verb, e->plural), summary, e->labels, all);
}

static json_t *bulk_answer(struct arena *a, const char *status, const char *text)
{
    return responses(a, status, answer(text, openapi_ref(a, "schemas", "BulkStep")));
}

static void bulk_paths(struct arena *a, const struct entity *e, json_t *paths)
{
    const char *base = arena_printf(a, "/%s/bulk", e->plural);
    json_t *number = parameter("step", "path", "Id of the step.", a_string()), *o, *both;

    o = bulk_operation(a, e, "plan", arena_printf(a, "Plan one change of many %s", e->plural),
                       bulk_answer(a, "201", "What would become of each; nothing is changed yet"));
    json_object_set_new(o, "requestBody", body_of(a, "BulkWish"));
    json_object_set_new(o, "parameters",
                        json_pack("[o]", openapi_ref(a, "parameters", "idempotency_key")));
    both = json_pack("{s:o, s:o}", "post", o, "get",
                     bulk_operation(a, e, "list", "The steps of the last month",
                                    bulk_answer(a, "200", "Steps as “items”, newest first")));
    json_object_set_new(paths, base, both);
    both = json_pack("{s:[O], s:o, s:o}", "parameters", number, "get",
                     bulk_operation(a, e, "show", "One step", bulk_answer(a, "200", "The step")),
                     "delete",
                     bulk_operation(a, e, "drop", "Forget a step that was not run",
                                    responses(a, "204", answer("Forgotten", NULL))));
    json_object_set_new(paths, arena_printf(a, "%s/{step}", base), both);
    for (int undo = 0; undo < 2; undo++) {
        json_t *all = bulk_answer(a, "200", "Done");

        json_object_set_new(all, "202",
                            answer("Many records: the job of “job” does it",
                                   openapi_ref(a, "schemas", "BulkStep")));
        o = bulk_operation(a, e, undo ? "undo" : "run",
                           undo ? "Undo a step" : "Do what was planned", all);
        json_object_set_new(paths, arena_printf(a, "%s/{step}/%s", base, undo ? "undo" : "run"),
                            json_pack("{s:[O], s:o}", "parameters", number, "post", o));
    }
    json_decref(number);
}

static void entity_paths(struct arena *a, const struct entity *e, json_t *paths)
{
    const char *name = openapi_schema_name(a, e);
    json_t *list = json_object(), *one = json_object(), *versions = json_object();

    json_object_set_new(list, "get", list_operation(a, e, name));
    if (e->write && !e->no_create)
        json_object_set_new(list, "post", create_operation(a, e, name));
    json_object_set_new(one, "parameters", json_pack("[o]", openapi_ref(a, "parameters", "no")));
    json_object_set_new(one, "get", show_operation(a, e, name));
    if (e->write) {
        json_object_set_new(one, "patch", change_operation(a, e, name));
        json_object_set_new(one, "delete", remove_operation(a, e));
    }
    json_object_set_new(versions, "parameters",
                        json_pack("[o]", openapi_ref(a, "parameters", "no")));
    json_object_set_new(
        versions, "get",
        operation(
            arena_printf(a, "versions_%s", e->name),
            arena_printf(a, "History of a %s, newest first", e->label), e->labels,
            responses(a, "200",
                      answer("All versions",
                             json_pack("{s:s, s:[s], s:{s:o}}", "type", "object", "required",
                                       "items", "properties", "items",
                                       openapi_array(openapi_ref(a, "schemas", "Version")))))));
    json_object_set_new(paths, arena_printf(a, "/%s", e->plural), list);
    if (!e->site)
        json_object_set_new(paths, arena_printf(a, "/%s/export", e->plural),
                            json_pack("{s:o}", "get", export_operation(a, e, name)));
    if (!e->site && e->write)
        bulk_paths(a, e, paths);
    json_object_set_new(paths, arena_printf(a, "/%s/{no}", e->plural), one);
    json_object_set_new(paths, arena_printf(a, "/%s/{no}/versions", e->plural), versions);
}

/* --- routes that features declare themselves --- */

/* "/risks/:no/heat" -> "/risks/{no}/heat"; the names go to `names`. */
static const char *template_of(struct arena *a, const char *pattern, json_t *names)
{
    struct buf b;

    buf_init(&b, a, 64);
    while (*pattern) {
        if (*pattern == ':') {
            size_t n = strcspn(++pattern, "/");
            const char *name = arena_strn(a, pattern, n);

            buf_printf(&b, "{%s}", name);
            json_array_append_new(names, parameter(name, "path", name, a_string()));
            pattern += n;
        } else {
            buf_char(&b, *pattern++);
        }
    }
    return b.data;
}

static const char *operation_id(struct arena *a, const struct route *r)
{
    char *id = arena_printf(a, "%s%s", method_name(r->method), r->pattern);

    for (char *p = id; *p; p++)
        *p = isalnum((unsigned char)*p) ? (char)tolower((unsigned char)*p) : '_';
    return id;
}

/* Bytes instead of JSON. */
static json_t *bytes_content(const char *type)
{
    return json_content(type, json_pack("{s:s, s:s}", "type", "string", "format", "binary"));
}

static json_t *special_body(const struct route *r)
{
    if (r->flags & ROUTE_RAW)
        return json_pack("{s:o}", "content", bytes_content("application/partial-upload"));
    return json_pack("{s:o}", "content",
                     json_content("application/json", json_pack("{s:s}", "type", "object")));
}

static void special_path(struct arena *a, const struct route *r, const char *tag, json_t *paths)
{
    json_t *names = json_array(), *o, *item;
    const char *path = template_of(a, r->pattern, names);
    char *method = arena_str(a, method_name(r->method));

    for (char *p = method; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    o = json_object_get(json_object_get(paths, path), method);
    if (o) { /* takes the place of a derived one, and takes more than that */
        json_object_set_new(o, "description", openapi_text(r->title));
        json_decref(names);
        return;
    }
    o = operation(
        operation_id(a, r), r->title ? r->title : r->pattern, tag,
        responses(a, r->method == METHOD_GET ? "200" : "2XX", answer("Done", json_object())));
    if (json_array_size(names))
        json_object_set(o, "parameters", names);
    json_decref(names);
    if (r->permission == &anyone)
        json_object_set_new(o, "security", json_array());
    if (r->method == METHOD_POST || r->method == METHOD_PATCH)
        json_object_set_new(o, "requestBody", special_body(r));
    else if (r->flags & ROUTE_RAW)
        json_object_set_new(json_object_get(json_object_get(o, "responses"), "200"), "content",
                            bytes_content("application/octet-stream"));
    item = json_object_get(paths, path);
    if (!item) {
        item = json_object();
        json_object_set_new(paths, path, item);
    }
    json_object_set_new(item, method, o);
}

static json_t *paths(struct arena *a)
{
    json_t *all = json_object();
    const struct route_entry *list;
    size_t n = route_list(&list);

    for (size_t i = 0; features[i]; i++)
        for (const struct entity *const *e = features[i]->entities; e && *e; e++)
            if (!(*e)->no_api)
                entity_paths(a, *e, all);
    for (size_t i = 0; i < n; i++)
        if ((list[i].route->flags & ROUTE_API) && !strstr(list[i].pattern, ":plural"))
            special_path(a, list[i].route, list[i].feature->name, all);
    return all;
}

/* --- the whole --- */

static json_t *parameters(void)
{
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "no",
        parameter("no", "path", "Number of the record, like R-7, or its id.", a_string()), "after",
        parameter("after", "query", "Where the page starts: “next” of the page before.",
                  a_string()),
        "limit",
        parameter("limit", "query", "Records on a page.",
                  json_pack("{s:s, s:i, s:i, s:i}", "type", "integer", "minimum", 1, "maximum", 200,
                            "default", 50)),
        "q", parameter("q", "query", "Only records that contain this text.", a_string()), "asof",
        parameter("asof", "query", "The state at the end of this day.",
                  json_pack("{s:s, s:s}", "type", "string", "format", "date")),
        "if_match",
        parameter("If-Match", "header", "ETag of the version that is changed.", a_string()),
        "idempotency_key",
        parameter("Idempotency-Key", "header",
                  "A text of your own; a repeated request gets the same answer for a day.",
                  json_pack("{s:s, s:i}", "type", "string", "maxLength", 200)));
}

json_t *openapi_document(struct arena *a)
{
    json_t *components = json_pack(
        "{s:o, s:o, s:{s:o}, s:{s:{s:s, s:s, s:s}}}", "schemas", openapi_schemas(a), "parameters",
        parameters(), "responses", "Problem",
        json_pack("{s:s, s:o}", "description", "Refused", "content",
                  json_content("application/problem+json", openapi_ref(a, "schemas", "Problem"))),
        "securitySchemes", "token", "type", "http", "scheme", "bearer", "description",
        "A token of a person in an organisation: Account, API tokens.");
    json_t *info =
        json_pack("{s:s, s:s, s:s, s:{s:s, s:s}}", "title", "Cairn", "version", CAIRN_VERSION,
                  "description", "The registers of an information security management system.",
                  "license", "name", "Apache-2.0", "identifier", "Apache-2.0");
    json_t *all = json_pack("{s:s, s:o, s:[{s:s}], s:[{s:[]}], s:o, s:o}", "openapi", "3.1.0",
                            "info", info, "servers", "url", "/api/v1", "security", "token", "paths",
                            paths(a), "components", components);

    if (!all)
        BUG("the API's document could not be made");
    return json_own(a, all);
}
