/* SPDX-License-Identifier: Apache-2.0 */
/* The OpenAPI document, from the tables of entities and routes: what is not in a table is not
 * offered, and what is offered is in the document. */
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "base/version.h"
#include "base/words.h"
#include "core/api.h"
#include "core/import_part.h"
#include "core/list.h"
#include "core/route.h"

static json_t *text(const char *value)
{
    return json_string(value);
}

static json_t *ref(struct arena *a, const char *kind, const char *name)
{
    return json_pack("{s:s}", "$ref", arena_printf(a, "#/components/%s/%s", kind, name));
}

const char *openapi_schema_name(struct arena *a, const struct entity *e)
{
    char *out = arena_str(a, e->name), *to = out;
    bool upper = true;

    for (const char *p = e->name; *p; p++) {
        if (*p == '_') {
            upper = true;
        } else {
            *to++ = (char)(upper ? toupper((unsigned char)*p) : *p);
            upper = false;
        }
    }
    *to = '\0';
    return out;
}

/* --- schemas --- */

static json_t *codes(const struct field *f)
{
    json_t *list = json_array();

    for (size_t i = 0; f->choices[i].code; i++)
        json_array_append_new(list, text(f->choices[i].code));
    return list;
}

static json_t *array_of(json_t *items)
{
    return json_pack("{s:s, s:o}", "type", "array", "items", items);
}

/* The type of a value; `in` = as input, where records may be named in other ways. */
static json_t *plain_type(const struct field *f, bool in)
{
    json_t *t;

    switch (f->kind) {
    case FIELD_INT:
    case FIELD_LEVEL:
        t = json_pack("{s:s}", "type", "integer");
        if (f->most > f->least)
            json_object_update_new(t, json_pack("{s:I, s:I}", "minimum", (json_int_t)f->least,
                                                "maximum", (json_int_t)f->most));
        return t;
    case FIELD_MONEY:
        return json_pack("{s:s, s:s}", "type", "string", "pattern", "^-?[0-9]+\\.[0-9]{2}$");
    case FIELD_DATE:
        return json_pack("{s:s, s:s}", "type", "string", "format", "date");
    case FIELD_TIME:
        return json_pack("{s:s, s:s}", "type", "string", "format", "date-time");
    case FIELD_EMAIL:
        return json_pack("{s:s, s:s}", "type", "string", "format", "email");
    case FIELD_BOOL:
        return json_pack("{s:s}", "type", "boolean");
    case FIELD_CHOICE:
        return json_pack("{s:s, s:o}", "type", "string", "enum", codes(f));
    case FIELD_SET:
        return array_of(json_pack("{s:s, s:o}", "type", "string", "enum", codes(f)));
    case FIELD_REFS:
        return array_of(json_pack("{s:s}", "type", "string"));
    case FIELD_TEXT:
    case FIELD_LONG:
        return json_pack("{s:s, s:i}", "type", "string", "maxLength",
                         f->max                  ? f->max
                         : f->kind == FIELD_LONG ? 10000
                                                 : 200);
    case FIELD_REF:
    case FIELD_CODE:
    case FIELD_RECORD:
        break;
    }
    (void)in;
    return json_pack("{s:s}", "type", "string");
}

static bool may_be_null(const struct field *f)
{
    return f->kind != FIELD_BOOL && f->kind != FIELD_SET && f->kind != FIELD_REFS;
}

/* OpenAPI 3.1 is JSON Schema: "null" is a type, and an enum must name it as well. */
static void add_null(json_t *t)
{
    json_t *list = json_object_get(t, "enum");

    json_object_set_new(t, "type",
                        json_pack("[s, s]", json_string_value(json_object_get(t, "type")), "null"));
    if (list)
        json_array_append_new(list, json_null());
}

static const char *describe(struct arena *a, const struct field *f)
{
    struct buf b;

    buf_init(&b, a, 128);
    buf_printf(&b, "%s.", f->label);
    if (!text_empty(f->help))
        buf_printf(&b, " %s", f->help);
    if (f->kind == FIELD_REF)
        buf_printf(&b,
                   " A record of the kind “%s”: its id; as input also its number or exact name.",
                   f->ref->plural);
    if (f->kind == FIELD_REFS && !f->ref)
        buf_str(&b, " Numbers of records of any kind, like R-7.");
    else if (f->kind == FIELD_REFS)
        buf_printf(&b, " Records of the kind “%s”.", f->ref->plural);
    if (f->kind == FIELD_RECORD)
        buf_str(&b, " The number of a record of any kind, like R-7.");
    if (f->kind == FIELD_CODE)
        buf_printf(&b, " A code of the catalogue “%s”.", f->catalogue);
    if (f->kind == FIELD_MONEY)
        buf_str(&b, " An amount with two decimals.");
    if (f->fixed)
        buf_str(&b, " Set when the record is created; cannot be changed later.");
    return b.data;
}

static json_t *field_schema(struct arena *a, const struct field *f, bool in)
{
    json_t *t = plain_type(f, in);

    if (may_be_null(f) && !(in && f->required))
        add_null(t);
    json_object_set_new(t, "description", text(describe(a, f)));
    if (!in && !import_may_fill(f))
        json_object_set_new(t, "readOnly", json_true());
    if (in && !text_empty(f->example) && f->kind == FIELD_TEXT)
        json_object_set_new(t, "examples", json_pack("[s]", f->example));
    return t;
}

static json_t *record_schema(struct arena *a, const struct entity *e)
{
    json_t *p = json_pack("{s:{s:s,s:s,s:b}, s:{s:s,s:s,s:b}, s:{s:s,s:i,s:b}}", "id", "type",
                          "string", "description", "Identifier inside the organisation", "readOnly",
                          1, "number", "type", "string", "description",
                          arena_printf(a, "Number as people write it, like %s-7", e->prefix),
                          "readOnly", 1, "version", "type", "integer", "minimum", 1, "readOnly", 1);

    for (size_t i = 0; i < e->nfields; i++) {
        const struct field *f = &e->fields[i];

        if (f->secret)
            continue;
        json_object_set_new(p, f->name, field_schema(a, f, false));
        if (f->kind == FIELD_REF || f->kind == FIELD_RECORD)
            json_object_set_new(
                p, arena_printf(a, "%s_title", f->name),
                json_pack("{s:[s,s], s:s, s:b}", "type", "string", "null", "description",
                          arena_printf(a, "Title of the record in “%s”.", f->name), "readOnly", 1));
    }
    return json_pack("{s:s, s:s, s:[s,s,s], s:o}", "type", "object", "description",
                     text_empty(e->help) ? e->label : e->help, "required", "id", "number",
                     "version", "properties", p);
}

static json_t *reason_schema(void)
{
    return json_pack("{s:s, s:i, s:s}", "type", "string", "maxLength", 500, "description",
                     "Why this is changed; kept with the history.");
}

static json_t *input_schema(struct arena *a, const struct entity *e, bool fresh)
{
    json_t *p = json_object(), *required = json_array(), *s;

    for (size_t i = 0; i < e->nfields; i++) {
        const struct field *f = &e->fields[i];

        if (!import_may_fill(f) || (!fresh && f->fixed))
            continue;
        json_object_set_new(p, f->name, field_schema(a, f, true));
        if (fresh && f->required)
            json_array_append_new(required, text(f->name));
    }
    json_object_set_new(p, "_reason", reason_schema());
    if (!fresh)
        json_object_set_new(p, "version",
                            json_pack("{s:s, s:i, s:s}", "type", "integer", "minimum", 1,
                                      "description",
                                      "The version you have seen, instead of "
                                      "If-Match."));
    s = json_pack("{s:s, s:b, s:o}", "type", "object", "additionalProperties", 0, "properties", p);
    if (json_array_size(required))
        json_object_set(s, "required", required);
    json_decref(required);
    return s;
}

static json_t *page_schema(json_t *items)
{
    return json_pack("{s:s, s:[s,s], s:{s:o, s:{s:[s,s], s:s}}}", "type", "object", "required",
                     "items", "next", "properties", "items", array_of(items), "next", "type",
                     "string", "null", "description",
                     "Value of the parameter “after” for the next page; null at the end.");
}

static json_t *problem_schema(void)
{
    return json_pack(
        "{s:s, s:s, s:[s,s,s,s], s:{s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s,s:s}, s:{s:s,s:s}, s:o}}",
        "type", "object", "description", "What went wrong (RFC 9457)", "required", "type", "title",
        "status", "detail", "properties", "type", "type", "string", "title", "type", "string",
        "status", "type", "integer", "detail", "type", "string", "description",
        "One sentence: what is wrong and how to mend it.", "request", "type", "string",
        "description", "Number of the request in the server's log.", "errors",
        array_of(json_pack("{s:s, s:[s,s], s:{s:{s:s}, s:{s:s}}}", "type", "object", "required",
                           "field", "text", "properties", "field", "type", "string", "text", "type",
                           "string")));
}

static json_t *version_schema(void)
{
    json_t *change =
        json_pack("{s:s, s:{s:{s:s}, s:{s:s}, s:{s:s}}}", "type", "object", "properties", "field",
                  "type", "string", "before", "type", "string", "after", "type", "string");

    return json_pack(
        "{s:s, s:{s:{s:s}, s:{s:s,s:s}, s:{s:s}, s:{s:s,s:[s,s,s,s]}, s:{s:s}, s:{s:s}, s:o}}",
        "type", "object", "properties", "version", "type", "integer", "at", "type", "string",
        "format", "date-time", "who", "type", "string", "action", "type", "string", "enum",
        "create", "change", "remove", "restore", "reason", "type", "string", "log_index", "type",
        "integer", "changes", array_of(change));
}

static json_t *bulk_wish_schema(void)
{
    return json_pack(
        "{s:s, s:{s:{s:s, s:{s:s}, s:i, s:s}, s:{s:s, s:s}, s:{s:s, s:s}, s:{s:s, s:s},"
        " s:{s:s, s:s}, s:{s:s, s:s}, s:{s:s}}}",
        "type", "object", "properties", "records", "type", "array", "items", "type", "string",
        "maxItems", 5000, "description", "Numbers or ids of the records.", "filter", "type",
        "string", "description",
        "Instead of records: the parameters of a list, like state=open; empty means all.", "set",
        "type", "object", "description", "Fields and the values they get.", "add", "type", "object",
        "description", "Values that sets and references get besides those they have.", "take",
        "type", "object", "description", "Values that are taken out of sets and references.",
        "remove", "type", "boolean", "description", "Remove the records instead.", "_reason",
        "type", "string");
}

static json_t *bulk_step_schema(void)
{
    static const char *const texts[] = {"id",     "kind",    "state",   "action",   "chosen", "by",
                                        "reason", "created", "started", "finished", "job"};
    static const char *const figures[] = {"total",   "ready",  "done", "same",
                                          "refused", "undone", "kept"};
    json_t *all = json_object();

    for (size_t i = 0; i < COUNT_OF(texts); i++)
        json_object_set_new(all, texts[i], json_pack("{s:[s,s]}", "type", "string", "null"));
    for (size_t i = 0; i < COUNT_OF(figures); i++)
        json_object_set_new(all, figures[i], json_pack("{s:s}", "type", "integer"));
    json_object_set_new(
        all, "items",
        array_of(json_pack("{s:s, s:s}", "type", "object", "description",
                           "record, number, outcome, why, and changes (field, before, after): the "
                           "first hundred that are refused, kept, and before the run planned")));
    return json_pack("{s:s, s:o}", "type", "object", "properties", all);
}

static json_t *schemas(struct arena *a)
{
    json_t *all = json_object();

    for (size_t i = 0; features[i]; i++) {
        for (const struct entity *const *e = features[i]->entities; e && *e; e++) {
            const char *name = openapi_schema_name(a, *e);

            if ((*e)->no_api)
                continue;
            json_object_set_new(all, name, record_schema(a, *e));
            json_object_set_new(all, arena_printf(a, "%sPage", name),
                                page_schema(ref(a, "schemas", name)));
            if ((*e)->write && !(*e)->no_create)
                json_object_set_new(all, arena_printf(a, "%sNew", name), input_schema(a, *e, true));
            if ((*e)->write)
                json_object_set_new(all, arena_printf(a, "%sChange", name),
                                    input_schema(a, *e, false));
        }
    }
    json_object_set_new(all, "Problem", problem_schema());
    json_object_set_new(all, "Version", version_schema());
    json_object_set_new(all, "BulkWish", bulk_wish_schema());
    json_object_set_new(all, "BulkStep", bulk_step_schema());
    return all;
}

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
    return json_pack("{s:o, s:o}", status, good, "default", ref(a, "responses", "Problem"));
}

static void add_response(struct arena *a, json_t *responses_, const char *status)
{
    json_object_set_new(responses_, status, ref(a, "responses", "Problem"));
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
        json_array_append_new(list, text(e->fields[i].name));
        json_array_append_new(list, text(arena_printf(a, "-%s", e->fields[i].name)));
    }
    return json_pack("{s:s, s:o}", "type", "string", "enum", list);
}

static json_t *list_operation(struct arena *a, const struct entity *e, const char *name)
{
    json_t *o = operation(
        arena_printf(a, "list_%s", e->plural), arena_printf(a, "List of %s", e->plural), e->labels,
        responses(a, "200",
                  answer("A page of records", ref(a, "schemas", arena_printf(a, "%sPage", name)))));
    json_t *list = json_array();

    json_array_append_new(list, ref(a, "parameters", "after"));
    json_array_append_new(list, ref(a, "parameters", "limit"));
    json_array_append_new(list, ref(a, "parameters", "q"));
    json_array_append_new(list, ref(a, "parameters", "asof"));
    json_array_append_new(
        list, parameter("sort", "query", "Order; “-” turns it round.", sort_schema(a, e)));
    filter_parameters(a, e, list);
    json_object_set_new(o, "parameters", list);
    return o;
}

static json_t *body_of(struct arena *a, const char *schema)
{
    return json_pack("{s:b, s:o}", "required", 1, "content",
                     json_content("application/json", ref(a, "schemas", schema)));
}

static json_t *create_operation(struct arena *a, const struct entity *e, const char *name)
{
    json_t *good = with_etag(answer("Created", ref(a, "schemas", name)));
    json_t *all, *o;

    json_object_set_new(json_object_get(good, "headers"), "Location",
                        json_pack("{s:s, s:{s:s}}", "description", "Address of the record",
                                  "schema", "type", "string"));
    all = responses(a, "201", good);
    add_response(a, all, "422");
    o = operation(arena_printf(a, "create_%s", e->name), arena_printf(a, "Create a %s", e->label),
                  e->labels, all);
    json_object_set_new(o, "requestBody", body_of(a, arena_printf(a, "%sNew", name)));
    json_object_set_new(o, "parameters", json_pack("[o]", ref(a, "parameters", "idempotency_key")));
    return o;
}

static json_t *change_operation(struct arena *a, const struct entity *e, const char *name)
{
    json_t *all = responses(a, "200", with_etag(answer("Changed", ref(a, "schemas", name))));
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
                        json_pack("[o,o]", ref(a, "parameters", "if_match"),
                                  ref(a, "parameters", "idempotency_key")));
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
                        json_pack("[o,o]", ref(a, "parameters", "if_match"),
                                  parameter("_reason", "query", "Why it is removed.", a_string())));
    return o;
}

static json_t *show_operation(struct arena *a, const struct entity *e, const char *name)
{
    json_t *all = responses(a, "200", with_etag(answer("The record", ref(a, "schemas", name)))), *o;

    json_object_set_new(all, "304", answer("Not changed since the ETag of If-None-Match", NULL));
    o = operation(arena_printf(a, "show_%s", e->name), arena_printf(a, "One %s", e->label),
                  e->labels, all);
    json_object_set_new(o, "parameters", json_pack("[o]", ref(a, "parameters", "asof")));
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
    return responses(a, status, answer(text, ref(a, "schemas", "BulkStep")));
}

static void bulk_paths(struct arena *a, const struct entity *e, json_t *paths)
{
    const char *base = arena_printf(a, "/%s/bulk", e->plural);
    json_t *number = parameter("step", "path", "Id of the step.", a_string()), *o, *both;

    o = bulk_operation(a, e, "plan", arena_printf(a, "Plan one change of many %s", e->plural),
                       bulk_answer(a, "201", "What would become of each; nothing is changed yet"));
    json_object_set_new(o, "requestBody", body_of(a, "BulkWish"));
    json_object_set_new(o, "parameters", json_pack("[o]", ref(a, "parameters", "idempotency_key")));
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

        json_object_set_new(
            all, "202",
            answer("Many records: the job of “job” does it", ref(a, "schemas", "BulkStep")));
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
    json_object_set_new(one, "parameters", json_pack("[o]", ref(a, "parameters", "no")));
    json_object_set_new(one, "get", show_operation(a, e, name));
    if (e->write) {
        json_object_set_new(one, "patch", change_operation(a, e, name));
        json_object_set_new(one, "delete", remove_operation(a, e));
    }
    json_object_set_new(versions, "parameters", json_pack("[o]", ref(a, "parameters", "no")));
    json_object_set_new(
        versions, "get",
        operation(
            arena_printf(a, "versions_%s", e->name),
            arena_printf(a, "History of a %s, newest first", e->label), e->labels,
            responses(a, "200",
                      answer("All versions", json_pack("{s:s, s:[s], s:{s:o}}", "type", "object",
                                                       "required", "items", "properties", "items",
                                                       array_of(ref(a, "schemas", "Version")))))));
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
        json_object_set_new(o, "description", text(r->title));
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
    json_t *components =
        json_pack("{s:o, s:o, s:{s:o}, s:{s:{s:s, s:s, s:s}}}", "schemas", schemas(a), "parameters",
                  parameters(), "responses", "Problem",
                  json_pack("{s:s, s:o}", "description", "Refused", "content",
                            json_content("application/problem+json", ref(a, "schemas", "Problem"))),
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
