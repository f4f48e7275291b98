/* SPDX-License-Identifier: Apache-2.0 */
/* The REST API through the whole program: every refusal, versions, and the document about it. */
#include "core/api.h"

#include <string.h>

#include "base/text.h"
#include "core/route.h"
#include "visit.h"

extern const struct test_case api_tests[];

#define ASSETS "/api/v1/assets"

static const char *text_of(json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

/* The first type of asset that the catalogue knows. */
static const char *some_type(struct test *t)
{
    struct rows *r;

    db_use_arena(t->w->db, t->arena);
    assert_ok(db_query(t->w->db, &r,
                       "select code from catalogue where kind = $1 order by position, code limit 1",
                       str("asset_types")));
    assert_true(row_next(r));
    return arena_str(t->arena, row_text(r, 0));
}

static const char *asset_json(struct test *t, const char *name)
{
    return arena_printf(t->arena, "{\"name\":\"%s\",\"type\":\"%s\",\"state\":\"in-use\"}", name,
                        some_type(t));
}

/* Creates an asset; gives its address. */
static const char *new_asset(struct test *t, const char *name)
{
    api(t, "isms-manager", METHOD_POST, ASSETS, asset_json(t, name));
    expect_status(t, 201);
    return arena_str(t->arena, header(t, "Location"));
}

static void reads_what_it_wrote(void **state)
{
    struct test *t = test_begin();
    const char *address = new_asset(t, "Wiki <b>"), *etag;
    json_t *o = answer_json(t);

    (void)state;
    assert_string_equal(text_of(o, "name"), "Wiki <b>");
    assert_string_equal(address, arena_printf(t->arena, ASSETS "/%s", text_of(o, "number")));
    etag = arena_str(t->arena, header(t, "ETag"));
    assert_contains(etag, "\"1.");
    api(t, "isms-manager", METHOD_GET, address, NULL);
    expect_status(t, 200);
    assert_string_equal(header(t, "ETag"), etag);
    api_header(t, "If-None-Match", etag);
    api(t, "isms-manager", METHOD_GET, address, NULL);
    expect_status(t, 304);
    assert_int_equal(t->r->response.body.size, 0);
    api(t, "isms-manager", METHOD_GET, ASSETS "?q=wiki&limit=5", NULL);
    expect_status(t, 200);
    assert_int_equal(json_array_size(json_object_get(answer_json(t), "items")), 1);
    assert_true(json_is_null(json_object_get(answer_json(t), "next")));
    test_end(t);
}

static void pages_with_a_cursor(void **state)
{
    struct test *t = test_begin();
    size_t seen = 0;
    const char *next = NULL;

    (void)state;
    for (int i = 0; i < 5; i++)
        new_asset(t, arena_printf(t->arena, "Asset %d", i));
    do {
        api(t, "isms-manager", METHOD_GET,
            next ? arena_printf(t->arena, ASSETS "?limit=2&after=%s", text_url(t->arena, next))
                 : ASSETS "?limit=2",
            NULL);
        expect_status(t, 200);
        seen += json_array_size(json_object_get(answer_json(t), "items"));
        next = arena_str(t->arena, json_string_value(json_object_get(answer_json(t), "next")));
    } while (next && seen < 20);
    assert_int_equal(seen, 5);
    test_end(t);
}

static void changes_need_the_version(void **state)
{
    struct test *t = test_begin();
    const char *address = new_asset(t, "Laptop"), *etag = arena_str(t->arena, header(t, "ETag"));

    (void)state;
    api(t, "isms-manager", METHOD_PATCH, address, "{\"name\":\"Laptops\"}");
    expect_status(t, 428);
    expect_text(t, "Say which version you change");
    api_header(t, "If-Match", etag);
    api(t, "isms-manager", METHOD_PATCH, address, "{\"name\":\"Laptops\",\"location\":null}");
    expect_status(t, 200);
    assert_contains(header(t, "ETag"), "\"2.");
    api_header(t, "If-Match", etag);
    api(t, "isms-manager", METHOD_PATCH, address, "{\"name\":\"Notebooks\"}");
    expect_status(t, 412);
    expect_text(t, "You have version 1, but version 2 was saved meanwhile");
    api(t, "isms-manager", METHOD_PATCH, address, "{\"name\":\"Notebooks\",\"version\":1}");
    expect_status(t, 409);
    api_header(t, "If-Match", "2");
    api(t, "isms-manager", METHOD_PATCH, address, "{\"name\":\"Notebooks\"}");
    expect_status(t, 400);
    expect_text(t, "with its quotes");
    api(t, "isms-manager", METHOD_PATCH, address, "{\"name\":\"Notebooks\",\"version\":2}");
    expect_status(t, 200);
    api_header(t, "If-Match", "\"2\"");
    api(t, "isms-manager", METHOD_DELETE, address, NULL);
    expect_status(t, 412);
    api_header(t, "If-Match", "*");
    api(t, "isms-manager", METHOD_DELETE, address, NULL);
    expect_status(t, 204);
    api(t, "isms-manager", METHOD_GET, address, NULL);
    expect_status(t, 404);
    test_end(t);
}

/* A body that is refused, and a part of the sentence. */
struct refusal {
    const char *json;
    int status;
    const char *sentence;
};

static void bodies_are_refused_in_words(void **state)
{
    static const struct refusal list[] = {
        {NULL,                              400, "The request has no body"               },
        {"[]",                              400, "must be a JSON object"                 },
        {"\"x\"",                           400, "must be a JSON object"                 },
        {"{\"name\":",                      400, "The JSON is not valid at line 1"       },
        {"{\"name\":\"a\",\"name\":\"b\"}", 400, "duplicate"                             },
        {"{\"name\":\"a\"} x",              400, "The JSON is not valid"                 },
        {"{\"nome\":\"a\"}",                422, "There is no field “nome” here"     },
        {"{\"name\":{\"a\":1}}",            422, "The value of “name” must be a text"},
        {"{\"name\":[[1]]}",                422, "The value of “name” must be a text"},
        {"{\"name\":\"\"}",                 422, "Name may not be empty"                 },
        {"{\"name\":\"two\\nlines\"}",      422, "must be one line"                      },
        {"{\"value\":5}",                   422, "is set by the program"                 },
        {"{\"id\":\"5\"}",                  422, "There is no field “id” here"       },
        {"{\"c\":9}",                       422, "must be a whole number from 1 to 5"    },
        {"{\"c\":1.5}",                     422, "must be a whole number from 1 to 5"    },
        {"{\"c\":true}",                    422, "must be a whole number from 1 to 5"    },
        {"{\"owner\":\"Nobody\"}",          422, "there is no"                           },
        {"{\"owner\":999999}",              422, "there is no"                           },
        {"{\"state\":\"odd\"}",             422, "State cannot be “odd”"             },
        {"{\"type\":\"odd\"}",              422, "the catalogue has no such entry"       },
        {"{\"name\":\"a\"}",                422, "Type is missing"                       },
        {"{\"_reason\":5}",                 400, "must be a text"                        },
    };
    struct test *t = test_begin();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(list); i++) {
        api(t, "isms-manager", METHOD_POST, ASSETS, list[i].json);
        expect_status(t, list[i].status);
        expect_text(t, list[i].sentence);
        assert_contains(t->r->response.type, "application/problem+json");
    }
    expect_count(t, 0, "select count(*) from asset where org_id = $1", num(t->org));
    test_end(t);
}

static void errors_name_each_field(void **state)
{
    struct test *t = test_begin();
    json_t *errors;

    (void)state;
    api(t, "isms-manager", METHOD_POST, ASSETS, "{\"name\":\"\",\"c\":7}");
    expect_status(t, 422);
    errors = json_object_get(answer_json(t), "errors");
    assert_int_equal(json_array_size(errors), 2);
    assert_string_equal(text_of(json_array_get(errors, 0), "field"), "name");
    assert_string_equal(text_of(json_array_get(errors, 1), "field"), "c");
    test_end(t);
}

static void deep_json_is_refused(void **state)
{
    struct test *t = test_begin();
    size_t n = 100000;
    char *json = arena_alloc(t->arena, n * 2 + 20);

    (void)state;
    memcpy(json, "{\"name\":", 8);
    memset(json + 8, '[', n);
    memset(json + 8 + n, ']', n);
    json[8 + 2 * n] = '}';
    api(t, "isms-manager", METHOD_POST, ASSETS, json);
    expect_status(t, 400);
    expect_text(t, "maximum parsing depth");
    test_end(t);
}

static void other_media_types_are_refused(void **state)
{
    struct test *t = test_begin();

    (void)state;
    api(t, "isms-manager", METHOD_POST, ASSETS, NULL);
    expect_status(t, 400);
    test_end(t);
}

static void foreign_and_unknown_look_alike(void **state)
{
    struct test *t = test_begin();
    const char *address = new_asset(t, "Ours");
    const char *number = strrchr(address, '/') + 1, *foreign;
    i64 id = value(t, "select id from asset where org_id = $1", num(t->org));

    (void)state;
    api(t, "other-admin", METHOD_GET, address, NULL);
    expect_status(t, 404);
    foreign = body(t);
    foreign = arena_str(t->arena, foreign);
    assert_contains(foreign, arena_printf(t->arena, "There is no Asset “%s” here", number));
    api(t, "other-admin", METHOD_GET, arena_printf(t->arena, ASSETS "/%lld", id), NULL);
    expect_status(t, 404);
    api(t, "other-admin", METHOD_GET, ASSETS "/A-4711", NULL);
    expect_status(t, 404);
    expect_text(t, "There is no Asset “A-4711” here, or you may not see it.");
    api(t, "other-admin", METHOD_DELETE, address, NULL);
    expect_status(t, 404);
    api(t, "isms-manager", METHOD_GET, address, NULL);
    expect_status(t, 200);
    test_end(t);
}

static void rights_are_asked(void **state)
{
    struct test *t = test_begin();
    const char *address = new_asset(t, "Secret");

    (void)state;
    api(t, NULL, METHOD_GET, ASSETS, NULL);
    expect_status(t, 401);
    api(t, "internal-auditor", METHOD_POST, ASSETS, asset_json(t, "X"));
    expect_status(t, 403);
    expect_text(t, "Create and change assets");
    api(t, "internal-auditor", METHOD_GET, address, NULL);
    expect_status(t, 200);
    api_header(t, "If-Match", "*");
    api(t, "internal-auditor", METHOD_PATCH, address, "{\"name\":\"Y\"}");
    expect_status(t, 403);
    api(t, "employee", METHOD_GET, ASSETS, NULL);
    expect_status(t, 200);
    assert_int_equal(json_array_size(json_object_get(answer_json(t), "items")), 0);
    api(t, "employee", METHOD_GET, address, NULL);
    expect_status(t, 404);
    api(t, "employee", METHOD_GET, "/api/v1/events", NULL);
    expect_status(t, 403);
    test_end(t);
}

static void unknown_addresses_and_parameters(void **state)
{
    struct test *t = test_begin();

    (void)state;
    api(t, "isms-manager", METHOD_GET, "/api/v1/dragons", NULL);
    expect_status(t, 404);
    expect_text(t, "There is no kind of record “dragons”");
    api(t, "isms-manager", METHOD_GET, "/api/v1/accounts", NULL);
    expect_status(t, 404);
    api(t, "isms-manager", METHOD_GET, ASSETS "?colour=red", NULL);
    expect_status(t, 400);
    expect_text(t, "does not know the parameter “colour”");
    api(t, "isms-manager", METHOD_GET, ASSETS "?limit=201", NULL);
    expect_status(t, 400);
    api(t, "isms-manager", METHOD_GET, ASSETS "?after=garbage", NULL);
    expect_status(t, 400);
    api(t, "isms-manager", METHOD_DELETE, ASSETS, NULL);
    expect_status(t, 405);
    for (size_t i = 0; features[i]; i++) {
        for (const struct entity *const *e = features[i]->entities; e && *e; e++) {
            if ((*e)->no_api || !(*e)->no_create)
                continue;
            api(t, "isms-manager", METHOD_POST, arena_printf(t->arena, "/api/v1/%s", (*e)->plural),
                "{}");
            expect_status(t, 405);
            expect_text(t, "cannot be made by the API");
        }
    }
    test_end(t);
}

static void a_repeated_key_gets_the_same_answer(void **state)
{
    struct test *t = test_begin();
    const char *first;

    (void)state;
    api_header(t, "Idempotency-Key", "order-1");
    api(t, "isms-manager", METHOD_POST, ASSETS, asset_json(t, "Once"));
    expect_status(t, 201);
    first = arena_str(t->arena, body(t));
    api_header(t, "Idempotency-Key", "order-1");
    api(t, "isms-manager", METHOD_POST, ASSETS, asset_json(t, "Once"));
    expect_status(t, 201);
    assert_string_equal(body(t), first);
    expect_count(t, 1, "select count(*) from asset where org_id = $1", num(t->org));
    api_header(t, "Idempotency-Key", "order-1");
    api(t, "isms-manager", METHOD_POST, ASSETS, asset_json(t, "Twice"));
    expect_status(t, 422);
    test_end(t);
}

static void versions_tell_the_history(void **state)
{
    struct test *t = test_begin();
    const char *address = new_asset(t, "Before");
    json_t *items, *one;

    (void)state;
    api_header(t, "If-Match", "*");
    api(t, "isms-manager", METHOD_PATCH, address, "{\"name\":\"After\",\"_reason\":\"renamed\"}");
    expect_status(t, 200);
    api(t, "isms-manager", METHOD_GET, arena_printf(t->arena, "%s/versions", address), NULL);
    expect_status(t, 200);
    items = json_object_get(answer_json(t), "items");
    assert_int_equal(json_array_size(items), 2);
    one = json_array_get(items, 0);
    assert_string_equal(text_of(one, "reason"), "renamed");
    assert_string_equal(text_of(one, "action"), "change");
    one = json_array_get(json_object_get(one, "changes"), 0);
    assert_string_equal(text_of(one, "before"), "Before");
    assert_string_equal(text_of(one, "after"), "After");
    test_end(t);
}

static void events_are_paged(void **state)
{
    struct test *t = test_begin();
    const char *next;
    i64 last;

    (void)state;
    new_asset(t, "One");
    new_asset(t, "Two");
    api(t, "admin", METHOD_GET, "/api/v1/events?kind=asset&action=create&limit=1", NULL);
    expect_status(t, 200);
    assert_int_equal(json_array_size(json_object_get(answer_json(t), "items")), 1);
    last = json_integer_value(
        json_object_get(json_array_get(json_object_get(answer_json(t), "items"), 0), "index"));
    next = arena_str(t->arena, text_of(answer_json(t), "next"));
    api(t, "admin", METHOD_GET,
        arena_printf(t->arena, "/api/v1/events?kind=asset&action=create&after=%s", next), NULL);
    expect_status(t, 200);
    assert_int_equal(json_array_size(json_object_get(answer_json(t), "items")), 1);
    assert_true(json_integer_value(json_object_get(
                    json_array_get(json_object_get(answer_json(t), "items"), 0), "index")) < last);
    api(t, "admin", METHOD_GET, "/api/v1/events?colour=red", NULL);
    expect_status(t, 400);
    api(t, "other-admin", METHOD_GET, "/api/v1/events?kind=asset", NULL);
    expect_status(t, 200);
    assert_int_equal(json_array_size(json_object_get(answer_json(t), "items")), 0);
    test_end(t);
}

static void a_token_sees_its_organisation(void **state)
{
    struct test *t = test_begin();

    (void)state;
    api(t, "isms-manager", METHOD_GET, "/api/v1/organisations", NULL);
    expect_status(t, 200);
    expect_text(t, "\"slug\":\"acme\"");
    expect_no_text(t, "\"slug\":\"other\"");
    test_end(t);
}

/* --- the document --- */

/* Every "$ref" leads somewhere. */
static void check_refs(json_t *root, json_t *at)
{
    const char *key, *target;
    json_t *value, *found = root;
    size_t i;

    if (json_is_array(at)) {
        json_array_foreach(at, i, value) check_refs(root, value);
        return;
    }
    if (!json_is_object(at))
        return;
    target = json_string_value(json_object_get(at, "$ref"));
    if (target) {
        struct arena *a = arena_new(0);
        char **parts;
        size_t n;

        assert_true(text_starts(target, "#/"));
        n = text_split(a, target + 2, '/', &parts);
        for (i = 0; i < n; i++)
            found = json_object_get(found, parts[i]);
        if (!found)
            fail_msg("“%s” leads nowhere", target);
        arena_free(a);
    }
    json_object_foreach(at, key, value) check_refs(root, value);
}

static void check_operation(const char *path, const char *method, json_t *o, json_t *ids)
{
    const char *id = json_string_value(json_object_get(o, "operationId"));
    json_t *all = json_object_get(o, "responses"), *one;
    const char *status;

    if (!id || json_object_get(ids, id))
        fail_msg("%s %s has no operationId of its own", method, path);
    json_object_set_new(ids, id, json_true());
    assert_true(json_object_size(all) > 0);
    json_object_foreach(all, status, one)
        assert_true(json_object_get(one, "$ref") || json_object_get(one, "description"));
    if (text_equal(method, "patch"))
        assert_non_null(json_object_get(o, "requestBody"));
}

static void the_document_is_sound(void **state)
{
    struct test *t = test_begin();
    json_t *doc, *item, *o, *ids = json_own(t->arena, json_object());
    const char *path, *method;
    size_t operations = 0;

    (void)state;
    api(t, NULL, METHOD_GET, "/api/v1/openapi.json", NULL);
    expect_status(t, 200);
    doc = answer_json(t);
    assert_string_equal(text_of(doc, "openapi"), "3.1.0");
    check_refs(doc, doc);
    json_object_foreach(json_object_get(doc, "paths"), path, item)
    {
        assert_int_equal(path[0], '/');
        json_object_foreach(item, method, o)
        {
            if (text_equal(method, "parameters"))
                continue;
            check_operation(path, method, o, ids);
            operations++;
        }
        if (strstr(path, "{no}") && !json_object_get(item, "parameters"))
            json_object_foreach(item, method, o) assert_non_null(json_object_get(o, "parameters"));
    }
    assert_true(operations > 30);
    assert_null(strstr(body(t), "password"));
    test_end(t);
}

static void the_document_knows_all_kinds(void **state)
{
    struct test *t = test_begin();
    json_t *doc = openapi_document(t->arena);
    json_t *paths = json_object_get(doc, "paths");
    json_t *s = json_object_get(json_object_get(doc, "components"), "schemas");

    (void)state;
    for (size_t i = 0; features[i]; i++) {
        for (const struct entity *const *e = features[i]->entities; e && *e; e++) {
            json_t *path = json_object_get(paths, arena_printf(t->arena, "/%s", (*e)->plural));
            json_t *schema = json_object_get(s, openapi_schema_name(t->arena, *e));

            if (!(*e)->no_api)
                assert_non_null(path);
            assert_int_equal(schema != NULL, !(*e)->no_api);
            for (size_t k = 0; schema && k < (*e)->nfields; k++)
                assert_int_equal(json_object_get(json_object_get(schema, "properties"),
                                                 (*e)->fields[k].name) != NULL,
                                 !(*e)->fields[k].secret);
        }
    }
    test_end(t);
}

const struct test_case api_tests[] = {
    TEST("a record is created, read, found and not sent again when unchanged", reads_what_it_wrote),
    TEST("a list is read page by page with its cursor", pages_with_a_cursor),
    TEST("a change names the version it was made from, and a stale one is refused",
         changes_need_the_version),
    TEST("a body that cannot be used is refused with a sentence, and nothing is stored",
         bodies_are_refused_in_words),
    TEST("every wrong field has its own error", errors_name_each_field),
    TEST("very deep JSON is refused", deep_json_is_refused),
    TEST("a body that is no JSON is refused", other_media_types_are_refused),
    TEST("records of others answer exactly like records that are not there",
         foreign_and_unknown_look_alike),
    TEST("reading and writing ask for the rights of the roles", rights_are_asked),
    TEST("unknown kinds, parameters and methods are refused", unknown_addresses_and_parameters),
    TEST("a repeated Idempotency-Key gets the first answer, and another body is refused",
         a_repeated_key_gets_the_same_answer),
    TEST("versions tell who changed what and why", versions_tell_the_history),
    TEST("events are paged, filtered and kept apart by organisation", events_are_paged),
    TEST("a token lists only its own organisation", a_token_sees_its_organisation),
    TEST("the OpenAPI document is sound: references lead somewhere, operations are named once",
         the_document_is_sound),
    TEST("the OpenAPI document holds every kind with all its fields and no secrets",
         the_document_knows_all_kinds),
    TEST_END,
};
