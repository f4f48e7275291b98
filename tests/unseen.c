/* SPDX-License-Identifier: Apache-2.0 */
/* What somebody may not see leaves no trace in what they do see: lists, counts, filters, searches,
 * orders, exports and home pages are the same bytes with it and without it. */
#include <string.h>

#include "base/text.h"
#include "maker.h"

struct outputs {
    struct test *t;
    struct actor *actor;
    const char *slug;
    const char *texts[4000];
    const char *targets[4000];
    size_t count;
};

static void keep(struct outputs *o, const char *target)
{
    struct test *t = o->t;
    const struct response *a = &t->r->response;
    const char *etag = header(t, "ETag");

    assert_true(o->count < COUNT_OF(o->texts));
    assert_true(a->status < 500);
    o->targets[o->count] = target;
    o->texts[o->count++] =
        arena_printf(t->arena, "%d %s %s", a->status, etag ? etag : "", body_masked(t, NULL));
}

static void page(struct outputs *o, const char *target)
{
    act_as(o->t, o->actor);
    visit(o->t, METHOD_GET, target, NULL);
    keep(o, target);
}

static void call(struct outputs *o, const char *target)
{
    act_as(o->t, o->actor);
    api(o->t, o->actor->role, METHOD_GET, target, NULL);
    keep(o, target);
}

static void list_outputs(struct outputs *o, const struct entity *e)
{
    static const char *const queries[] = {"", "?q=zebra", "?sort=-number", "?limit=1",
                                          "?asof=2026-11-01"};
    struct arena *a = o->t->arena;

    for (size_t i = 0; i < COUNT_OF(queries); i++) {
        if (route_exists(METHOD_GET, arena_printf(a, "/o/:slug/%s", e->plural)))
            page(o, arena_printf(a, "/o/%s/%s%s", o->slug, e->plural, queries[i]));
        if (!e->no_api)
            call(o, arena_printf(a, "/api/v1/%s%s", e->plural, queries[i]));
    }
    page(o, arena_printf(a, "/o/%s/%s/export?format=csv", o->slug, e->plural));
    page(o, arena_printf(a, "/o/%s/%s/export?format=json", o->slug, e->plural));
    for (size_t i = 0; i < e->nfields; i++)
        if (e->fields[i].sortable && !e->no_api)
            call(o, arena_printf(a, "/api/v1/%s?sort=-%s", e->plural, e->fields[i].name));
}

/* Other pages without a record in their address: home, plan, approvals, search, readiness. */
static void other_outputs(struct outputs *o)
{
    const struct route_entry *routes;
    size_t n = route_list(&routes);

    for (size_t i = 0; i < n; i++) {
        const struct route *r = routes[i].route;
        const char *rest = routes[i].pattern + strlen("/o/:slug");
        const char *target;

        if (r->method != METHOD_GET || r->flags & (ROUTE_API | ROUTE_SITE) || strchr(rest, ':') ||
            strstr(rest, "export") || strstr(rest, "/log"))
            continue;
        target = arena_printf(o->t->arena, "/o/%s%s", o->slug, rest);
        page(o, target);
        page(o, arena_printf(o->t->arena, "%s?q=zebra", target));
    }
}

static void take_outputs(struct outputs *o, const struct entity *const *kinds, size_t n)
{
    o->count = 0;
    for (size_t i = 0; i < n; i++)
        list_outputs(o, kinds[i]);
    other_outputs(o);
}

static struct outputs *outputs_of(struct test *t, struct actor *actor, const char *slug,
                                  const struct entity *const *kinds, size_t n)
{
    struct outputs *o = NEW(t->arena, struct outputs);

    o->t = t;
    o->actor = actor;
    o->slug = slug;
    take_outputs(o, kinds, n);
    return o;
}

static void must_be_same(const struct outputs *a, const struct outputs *b)
{
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        const char *x = a->texts[i], *y = b->texts[i];
        size_t k = 0;

        if (!strcmp(x, y))
            continue;
        while (x[k] == y[k])
            k++;
        k = k > 80 ? k - 80 : 0;
        fail_msg("%s shows to %s what they may not see:\n%.250s\n--- with it:\n%.250s",
                 a->targets[i], a->actor->role, x + k, y + k);
    }
}

/* Records about a zebra, two of each kind. */
static void make_secrets(struct test *t, const struct entity *const *kinds, size_t n, i64 org)
{
    for (size_t i = 0; i < n; i++)
        for (int k = 0; k < 2 && !kinds[i]->no_create; k++) {
            struct making m = {.org = org, .entity = kinds[i], .text = "Secret zebra"};

            make_record(t, &m);
        }
    tick(t);
}

static void unseen_records(void **state)
{
    static const char *const roles[] = {"employee", "adviser", "supplier-contact",
                                        "external-auditor", "admin"};
    struct test *t = test_begin();
    const struct entity *all[ENTITIES_MAX], *secret[ENTITIES_MAX];
    size_t n = tenant_entities(all, ENTITIES_MAX), nsecret = 0, compared = 0;

    (void)state;
    /* What none of these roles may read. */
    for (size_t i = 0; i < n; i++) {
        bool seen = false;

        some_record(t, t->org, all[i], NULL);
        for (size_t k = 0; k < 3; k++)
            seen |= rights_of(t, roles[k], all[i]->read->name);
        if (!seen)
            secret[nsecret++] = all[i];
    }
    assert_true(nsecret >= 5);
    for (size_t k = 0; k < 3; k++) {
        struct actor actor = {.role = roles[k]};
        struct outputs *before, *after;

        outputs_of(t, &actor, "acme", all, n); /* the person is there, and told what is theirs */
        tick(t);
        before = outputs_of(t, &actor, "acme", all, n);
        make_secrets(t, secret, nsecret, t->org);
        after = outputs_of(t, &actor, "acme", all, n);
        must_be_same(before, after);
        compared += after->count;
    }
    tell("unseen: %zu answers compared over %zu kinds\n", compared, nsecret);
    test_end(t);
}

static void unseen_organisation(void **state)
{
    struct test *t = test_begin();
    const struct entity *all[ENTITIES_MAX];
    size_t n = tenant_entities(all, ENTITIES_MAX);
    struct actor actor = {.role = "other-admin"};
    struct outputs *before, *after;

    (void)state;
    for (size_t i = 0; i < n; i++)
        some_record(t, t->other, all[i], NULL);
    tick(t);
    outputs_of(t, &actor, "other", all, n);
    before = outputs_of(t, &actor, "other", all, n);
    make_secrets(t, all, n, t->org);
    after = outputs_of(t, &actor, "other", all, n);
    must_be_same(before, after);
    for (size_t i = 0; i < after->count; i++)
        if (strstr(after->texts[i], "Secret zebra"))
            fail_msg("%s shows a record of another organisation", after->targets[i]);
    test_end(t);
}

const struct test_case unseen_tests[] = {
    TEST(
        "records that a role may not see change nothing in its lists, counts, searches and exports",
        unseen_records),
    TEST("records of one organisation change nothing in the pages of another", unseen_organisation),
    TEST_END,
};
