/* SPDX-License-Identifier: Apache-2.0 */
/* The schemas of the OpenAPI document, from the fields of each kind. */
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "core/import_part.h"
#include "core/list.h"
#include "core/openapi_part.h"

json_t *openapi_text(const char *value)
{
    return json_string(value);
}

json_t *openapi_ref(struct arena *a, const char *kind, const char *name)
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

static json_t *codes(const struct field *f)
{
    json_t *list = json_array();

    for (size_t i = 0; f->choices[i].code; i++)
        json_array_append_new(list, openapi_text(f->choices[i].code));
    return list;
}

json_t *openapi_array(json_t *items)
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
        return openapi_array(json_pack("{s:s, s:o}", "type", "string", "enum", codes(f)));
    case FIELD_REFS:
        return openapi_array(json_pack("{s:s}", "type", "string"));
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
    json_object_set_new(t, "description", openapi_text(describe(a, f)));
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
            json_array_append_new(required, openapi_text(f->name));
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
                     "items", "next", "properties", "items", openapi_array(items), "next", "type",
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
        openapi_array(json_pack("{s:s, s:[s,s], s:{s:{s:s}, s:{s:s}}}", "type", "object",
                                "required", "field", "text", "properties", "field", "type",
                                "string", "text", "type", "string")));
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
        "integer", "changes", openapi_array(change));
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
    json_object_set_new(all, "items",
                        openapi_array(json_pack(
                            "{s:s, s:s}", "type", "object", "description",
                            "record, number, outcome, why, and changes (field, before, after): the "
                            "first hundred that are refused, kept, and before the run planned")));
    return json_pack("{s:s, s:o}", "type", "object", "properties", all);
}

json_t *openapi_schemas(struct arena *a)
{
    json_t *all = json_object();

    for (size_t i = 0; features[i]; i++) {
        for (const struct entity *const *e = features[i]->entities; e && *e; e++) {
            const char *name = openapi_schema_name(a, *e);

            if ((*e)->no_api)
                continue;
            json_object_set_new(all, name, record_schema(a, *e));
            json_object_set_new(all, arena_printf(a, "%sPage", name),
                                page_schema(openapi_ref(a, "schemas", name)));
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
