/* SPDX-License-Identifier: Apache-2.0 */
/* What a request may set: references only to records of the own organisation, only the fields that
 * are open to input, and no role above the own. For every entity, by form and by API. */
#include <string.h>

#include "base/text.h"
#include "feature/organisation/organisation.h"
#include "maker.h"

struct subject {
    struct test *t;
    const struct entity *entity;
    struct making m;  /* a record made with all rights, and what its rules accept */
    const char *role; /* who may write it */
    const char *form; /* address of the form's POST, or NULL */
    size_t tried;
};

/* Each entity that people may make. */
static void each_entity(struct test *t, void (*fn)(struct subject *s), size_t *tried)
{
    const struct entity *list[ENTITIES_MAX];
    size_t n = tenant_entities(list, ENTITIES_MAX);

    for (size_t i = 0; i < n; i++) {
        const char *pattern = arena_printf(t->arena, "/o/:slug/%s", list[i]->plural);
        struct subject s = {
            .t = t, .entity = list[i], .m = {.org = t->org, .entity = list[i]}
        };

        if (list[i]->no_create || !list[i]->write)
            continue;
        make_record(t, &s.m);
        s.role = role_with(t, list[i]->write, list[i]->read);
        if (route_exists(METHOD_POST, pattern))
            s.form = arena_printf(t->arena, "/o/acme/%s", list[i]->plural);
        login(t, s.role);
        api(t, s.role, METHOD_GET, "/api/v1/openapi.json", NULL); /* its token is made now */
        fn(&s);
        *tried += s.tried;
    }
}

static i64 rows_of(const struct subject *s)
{
    return value_of(
        s->t,
        arena_printf(s->t->arena, "select count(*) from %s where org_id = $1", s->entity->name),
        DB_VALS(num(s->t->org)), 1);
}

static const char *api_list(const struct subject *s)
{
    return arena_printf(s->t->arena, "/api/v1/%s", s->entity->plural);
}

/* --- references to records of somebody else (42, 43) --- */

struct seen {
    int status;
    const char *text;
};

static struct seen seen(const struct subject *s, const char *id)
{
    return (struct seen){status(s->t), body_masked(s->t, id)};
}

static void same(const struct subject *s, struct seen a, struct seen b, const char *how)
{
    size_t n = 0;

    if (a.status == b.status && !strcmp(a.text, b.text))
        return;
    while (a.text[n] && a.text[n] == b.text[n])
        n++;
    n -= n > 80 ? 80 : n;
    fail_msg("%s: %s tells a foreign record from an unknown one: %d ...%.300s / %d ...%.300s",
             s->entity->name, how, a.status, a.text + n, b.status, b.text + n);
}

static void refused(const struct subject *s, struct seen a, i64 rows, const char *how)
{
    if (a.status < 400 || a.status >= 500 || rows_of(s) != rows)
        fail_msg("%s: %s with a foreign record answered %d: %.300s", s->entity->name, how, a.status,
                 a.text);
}

/* What the form is sent with, made once: making may add records that the form offers. */
static struct inputs form_inputs(const struct subject *s, const char *field)
{
    struct inputs in = record_inputs(s->t, &s->m);

    for (size_t i = 0; i < s->m.used.count; i++) /* the same texts in both forms */
        if (!text_equal(s->m.used.list[i].name, field))
            in = inputs_with(s->t, in, s->m.used.list[i].name, s->m.used.list[i].value);
    return in;
}

static struct seen post_form(const struct subject *s, struct inputs in, const char *field,
                             const char *id)
{
    visit(s->t, METHOD_POST, s->form, inputs_form(s->t, inputs_with(s->t, in, field, id)));
    return seen(s, id);
}

static struct seen post_api(const struct subject *s, const char *field, const char *id)
{
    struct inputs in = inputs_with(s->t, s->m.used, field, id);

    api(s->t, s->role, METHOD_POST, api_list(s), inputs_json(s->t, in));
    return seen(s, id);
}

static struct seen patch_api(const struct subject *s, const char *field, const char *id)
{
    api_header(s->t, "If-Match", "*");
    api(s->t, s->role, METHOD_PATCH, arena_printf(s->t->arena, "%s/%lld", api_list(s), s->m.id),
        arena_printf(s->t->arena, "{\"%s\": \"%s\"}", field, id));
    return seen(s, id);
}

static struct seen get_page(const struct subject *s, const char *target, const char *id)
{
    visit(s->t, METHOD_GET, target, NULL);
    return seen(s, id);
}

/* Fields of the form's names, filters of lists and prefilled forms. */
static void foreign_queries(struct subject *s, const struct field *f, const char *id,
                            const char *unknown)
{
    struct test *t = s->t;
    const char *const patterns[] = {"/o/acme/%s?%s=%s", "/o/acme/%s/new?%s=%s"};

    for (size_t i = 0; s->form && i < COUNT_OF(patterns); i++) {
        const char *end = i ? "/new" : "";

        same(s,
             get_page(
                 s,
                 arena_printf(t->arena, "/o/acme/%s%s?%s=%s", s->entity->plural, end, f->name, id),
                 id),
             get_page(s,
                      arena_printf(t->arena, "/o/acme/%s%s?%s=%s", s->entity->plural, end, f->name,
                                   unknown),
                      unknown),
             end[0] ? "a prefilled form" : "a filter");
    }
    s->tried += 2;
}

static void foreign_field(struct subject *s, const struct field *f, struct inputs in, i64 target)
{
    struct test *t = s->t;
    const char *id = arena_printf(t->arena, "%lld", target);
    const char *unknown = arena_printf(t->arena, "%lld", target + 4096);
    i64 rows = rows_of(s);
    struct seen a;

    if (s->form) {
        a = post_form(s, in, f->name, id);
        refused(s, a, rows, "a form");
        same(s, a, post_form(s, in, f->name, unknown), "a form");
    }
    if (!s->entity->no_api) {
        a = post_api(s, f->name, id);
        refused(s, a, rows, "a POST");
        same(s, a, post_api(s, f->name, unknown), "a POST");
        a = patch_api(s, f->name, id);
        refused(s, a, rows, "a PATCH");
        same(s, a, patch_api(s, f->name, unknown), "a PATCH");
    }
    foreign_queries(s, f, id, unknown);
    s->tried += 3;
}

static void foreign_entity(struct subject *s)
{
    i64 before = log_changes(s->t);

    for (size_t i = 0; i < s->entity->nfields; i++) {
        const struct field *f = &s->entity->fields[i];
        struct inputs in;
        i64 target;

        if (!field_open(f) ||
            (f->kind != FIELD_REF && f->kind != FIELD_REFS && f->kind != FIELD_RECORD))
            continue;
        target = some_record(s->t, s->t->other, f->ref ? f->ref : feature_entity("person"), NULL);
        in = s->form ? form_inputs(s, f->name) : (struct inputs){NULL, 0};
        before = log_changes(s->t);
        foreign_field(s, f, in, target);
        assert_int_equal(log_changes(s->t), before);
    }
}

static void foreign_references(void **state)
{
    struct test *t = test_begin();
    size_t tried = 0;

    (void)state;
    each_entity(t, foreign_entity, &tried);
    tell("foreign references: %zu pairs compared\n", tried);
    assert_true(tried > 40);
    test_end(t);
}

/* --- names that are not for input (45) --- */

static const char *const columns[] = {"id",       "org_id",  "number", "valid_from",
                                      "valid_to", "log_idx", "salt"};

/* A value that differs from the stored one. */
static const char *other_value(struct subject *s, const struct field *f, const char *stored)
{
    struct test *t = s->t;

    if (f->kind == FIELD_CHOICE) {
        for (size_t i = 0; f->choices[i].code; i++)
            if (!text_equal(f->choices[i].code, stored))
                return f->choices[i].code;
    } else if (f->kind == FIELD_TEXT || f->kind == FIELD_LONG || f->kind == FIELD_CODE) {
        return "INJECTED";
    } else if (f->kind == FIELD_REF && field_open(f)) {
        struct making m = {
            .org = t->org, .entity = f->ref, .id = some_record(t, t->org, f->ref, NULL)};

        if (!f->ref->no_create && text_equal(arena_printf(t->arena, "%lld", m.id), stored))
            make_record(t, &m);
        return arena_printf(t->arena, "%lld", m.id);
    } else if (f->kind == FIELD_DATE) {
        return "2020-02-02";
    }
    return f->kind == FIELD_BOOL ? text_equal(stored, "0") ? "1" : "0" : "424242";
}

static const char *stored_value(struct subject *s, const struct field *f, i64 id)
{
    struct test *t = s->t;
    struct rows *r;
    const char *sql = arena_printf(t->arena, "select %s from %s where org_id = $1 and id = $2",
                                   f->name, s->entity->name);

    db_use_arena(t->w->db, t->arena);
    assert_ok(db_query_text(t->w->db, &r, sql, DB_VALS(num(t->org), num(id)), 2));
    assert_true(row_next(r));
    if (row_null(r, 0))
        return "";
    if (f->kind == FIELD_INT || f->kind == FIELD_MONEY || f->kind == FIELD_TIME ||
        f->kind == FIELD_BOOL || f->kind == FIELD_SET || f->kind == FIELD_REF ||
        f->kind == FIELD_LEVEL || f->kind == FIELD_RECORD)
        return arena_printf(t->arena, "%lld", row_num(r, 0));
    return row_str(r, 0);
}

static i64 newest(struct subject *s)
{
    return value_of(
        s->t,
        arena_printf(s->t->arena, "select max(id) from %s where org_id = $1", s->entity->name),
        DB_VALS(num(s->t->org)), 1);
}

static void must_differ(struct subject *s, const struct field *f, i64 id, const char *given)
{
    if (text_equal(stored_value(s, f, id), given))
        fail_msg("%s.%s was set by input to %s", s->entity->name, f->name, given);
    s->tried++;
}

/* The form ignores what is not its own: the record is made, with its own values. */
static void bind_by_form(struct subject *s)
{
    struct test *t = s->t;
    struct inputs in = record_inputs(t, &s->m);
    const char *given[100] = {0};
    i64 rows = rows_of(s), id;

    for (size_t i = 0; i < COUNT_OF(columns); i++)
        in = inputs_with(t, in, columns[i], "424242");
    in = inputs_with(t, in, "version", "77");
    for (size_t i = 0; i < s->entity->nfields; i++) {
        const struct field *f = &s->entity->fields[i];

        if (!field_open(f) && f->kind != FIELD_REFS) {
            given[i] = other_value(s, f, stored_value(s, f, s->m.id));
            in = inputs_with(t, in, f->name, given[i]);
        }
    }
    visit(t, METHOD_POST, s->form, inputs_form(t, in));
    if (status(t) != 303 || rows_of(s) != rows + 1)
        fail_msg("%s could not be made by form: %d %.900s", s->entity->name, status(t),
                 strstr(body(t), "role='alert'") ? strstr(body(t), "role='alert'") : body(t));
    id = newest(s);
    assert_int_not_equal(id, 424242);
    assert_int_equal(value_of(t,
                              arena_printf(t->arena,
                                           "select count(*) from %s where id = 424242 or"
                                           " org_id = 424242 or number = 424242 or"
                                           " version = 77",
                                           s->entity->name),
                              NULL, 0),
                     0);
    for (size_t i = 0; i < s->entity->nfields; i++)
        if (given[i])
            must_differ(s, &s->entity->fields[i], id, given[i]);
}

static void refuse_by_api(struct subject *s, enum http_method m, const char *name,
                          const char *given)
{
    struct test *t = s->t;
    const char *target =
        m == METHOD_POST ? api_list(s) : arena_printf(t->arena, "%s/%lld", api_list(s), s->m.id);
    struct inputs in = m == METHOD_POST ? record_inputs(t, &s->m) : (struct inputs){0};
    i64 entries = log_changes(t);

    if (m == METHOD_PATCH)
        api_header(t, "If-Match", "*");
    api(t, s->role, m, target, inputs_json(t, inputs_with(t, in, name, given)));
    if (status(t) != 422 || log_changes(t) != entries)
        fail_msg("%s of %s with “%s” answered %d: %.300s", method_name(m), s->entity->name, name,
                 status(t), body(t));
    s->tried++;
}

static void bind_by_api(struct subject *s)
{
    static const enum http_method methods[] = {METHOD_POST, METHOD_PATCH};

    for (size_t k = 0; k < COUNT_OF(methods); k++) {
        for (size_t i = 0; i < COUNT_OF(columns); i++)
            refuse_by_api(s, methods[k], columns[i], "424242");
        for (size_t i = 0; i < s->entity->nfields; i++) {
            const struct field *f = &s->entity->fields[i];

            if (!field_open(f))
                refuse_by_api(s, methods[k], f->name, "424242");
            else if (f->fixed && methods[k] == METHOD_PATCH)
                refuse_by_api(s, methods[k], f->name,
                              other_value(s, f, stored_value(s, f, s->m.id)));
        }
    }
}

/* The form of a change: what is fixed or not open stays. */
static void keep_by_form(struct subject *s)
{
    struct test *t = s->t;
    const char *before, *given[100] = {0};
    struct inputs in = {.list = NEW_ARRAY(t->arena, struct input, 1)};

    in = inputs_with(t, in, "_version",
                     arena_printf(t->arena, "%lld",
                                  value_of(t,
                                           arena_printf(t->arena,
                                                        "select version from %s where"
                                                        " org_id = $1 and id = $2",
                                                        s->entity->name),
                                           DB_VALS(num(t->org), num(s->m.id)), 2)));
    for (size_t i = 0; i < s->entity->nfields; i++) {
        const struct field *f = &s->entity->fields[i];

        if (f->kind == FIELD_REFS || (field_open(f) && !f->fixed))
            continue;
        before = stored_value(s, f, s->m.id);
        given[i] = other_value(s, f, before);
        in = inputs_with(t, in, f->name, given[i]);
    }
    visit(t, METHOD_POST, arena_printf(t->arena, "%s/%lld", s->form, s->m.id), inputs_form(t, in));
    for (size_t i = 0; i < s->entity->nfields; i++)
        if (given[i])
            must_differ(s, &s->entity->fields[i], s->m.id, given[i]);
}

static void bind_entity(struct subject *s)
{
    assert_true(s->entity->nfields < 100);
    if (s->form) {
        bind_by_form(s);
        keep_by_form(s);
    }
    if (!s->entity->no_api)
        bind_by_api(s);
}

static void closed_fields(void **state)
{
    struct test *t = test_begin();
    size_t tried = 0;

    (void)state;
    each_entity(t, bind_entity, &tried);
    tell("fields closed to input: %zu attempts\n", tried);
    assert_true(tried > 200);
    test_end(t);
}

/* --- roles (46) --- */

static bool covers(struct test *t, const char *mine, const char *given)
{
    const struct permission *const *all;
    size_t n = feature_permissions(&all);

    for (size_t i = 0; i < n; i++)
        if (rights_of(t, given, all[i]->name) && !rights_of(t, mine, all[i]->name))
            return false;
    return rights_of(t, mine, "role.grant");
}

static void grant(struct test *t, const char *mine, const char *given, bool by_api)
{
    i64 person = person_of(t, "founder"); /* nobody of the table */
    i64 before = value(t, "select count(*) from role_holder where org_id = $1", num(t->org));
    bool may = covers(t, mine, given), done;

    if (by_api)
        api(t, mine, METHOD_POST, "/api/v1/roles",
            arena_printf(t->arena,
                         "{\"person\":\"%lld\",\"role\":\"%s\",\"from_date\":\"2026-01-01\"}",
                         person, given));
    else
        visit(t, METHOD_POST, "/o/acme/roles",
              arena_printf(t->arena, "person=%lld&role=%s&from_date=2026-01-01", person, given));
    done = value(t, "select count(*) from role_holder where org_id = $1", num(t->org)) > before;
    if (done != may || (!may && status(t) != 403 && status(t) != 422))
        fail_msg("%s %s the role %s%s: %d", mine, done ? "gave" : "could not give", given,
                 by_api ? " by the API" : "", status(t));
}

static void role_ladder(void **state)
{
    struct test *t = test_begin();
    const char *const *roles;
    size_t n = rights_roles(t, &roles);

    (void)state;
    for (size_t i = 0; i < n; i++) {
        login(t, roles[i]);
        for (size_t k = 0; k < n; k++) {
            grant(t, roles[i], roles[k], false);
            grant(t, roles[i], roles[k], true);
        }
    }
    test_end(t);
}

/* Whoever may not give a role may not take it over from its holder or bring it back either. */
static void role_takeover(void **state)
{
    static const char *const mine[] = {"isms-manager", "top-management", "admin"};
    struct test *t = test_begin();
    const char *const *roles;
    size_t n = rights_roles(t, &roles);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(mine); i++)
        for (size_t k = 0; k < n; k++) {
            struct input given[] = {
                {"role",       roles[k]            },
                { "person", arena_printf(t->arena, "%lld", person_of(t, "supplier-contact"))},
            };
            struct inputs set = {given, COUNT_OF(given)};
            struct making m = {.org = t->org, .entity = &role_holder_entity, .set = set};

            make_record(t, &m);
            api_header(t, "If-Match", "*");
            api(t, mine[i], METHOD_PATCH, arena_printf(t->arena, "/api/v1/roles/%lld", m.id),
                arena_printf(t->arena, "{\"person\":\"%lld\"}", person_of(t, mine[i])));
            if ((status(t) == 200) != covers(t, mine[i], roles[k]))
                fail_msg("%s taking over the role %s answered %d", mine[i], roles[k], status(t));
        }
    test_end(t);
}

struct ending {
    i64 id;
};

static struct err *end_role(struct web *w, void *ctx)
{
    struct ending *e = ctx;

    return entity_remove(w, &role_holder_entity, e->id, 1, NULL);
}

static void role_restored(void **state)
{
    static const char *const mine[] = {"isms-manager", "top-management"};
    struct test *t = test_begin();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(mine); i++) {
        struct inputs set = {
            (struct input[]){{"role", "admin"},
                             {"person", arena_printf(t->arena, "%lld", person_of(t, mine[i]))}},
            2
        };
        struct making m = {.org = t->org, .entity = &role_holder_entity, .set = set};
        struct ending e;

        make_record(t, &m);
        e.id = m.id;
        change(t, end_role, &e);
        login(t, mine[i]);
        visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/roles/%lld/restore", m.id), NULL);
        if (value(t, "select count(*) from role_holder where org_id = $1 and id = $2", num(t->org),
                  num(m.id)))
            fail_msg("%s brought the role admin back to themselves: %d", mine[i], status(t));
    }
    test_end(t);
}

const struct test_case binding_tests[] = {
    TEST("a record of another organisation is like one that does not exist, in every reference "
         "field, by form, API, filter and link",
         foreign_references),
    TEST("no input sets id, organisation, number, version, or a field that is internal, derived or "
         "fixed",
         closed_fields),
    TEST("each role gives exactly the roles that may do no more than itself, by page and API",
         role_ladder),
    TEST("a role above the own cannot be taken over from its holder", role_takeover),
    TEST("a removed role above the own cannot be brought back", role_restored),
    TEST_END,
};
