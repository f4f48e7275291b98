/* SPDX-License-Identifier: Apache-2.0 */
/* The page of every list, asked in every way that its fields allow. Features draw beside their
 * lists (a heat map, a board), so the query alone is not enough to test. */
#include "base/text.h"
#include "core/list_part.h"
#include "maker.h"
#include "test.h"

extern const struct test_case list_pages_tests[];

struct asking {
    struct test *t;
    const struct entity *e;
    int good, bad;
};

static void asks(struct asking *x, const char *query)
{
    struct test *t = x->t;
    const char *page = arena_printf(t->arena, "/o/acme/%s?%s", x->e->plural, query);

    visit(t, METHOD_GET, page, NULL);
    if (status(t) == 200)
        x->good++;
    else if (status(t) == 400)
        x->bad++; /* not every way suits every field; then it is told */
    else
        fail_msg("%s answers %d: %.300s", page, status(t), body(t));
}

/* A value of the field's kind. */
static const char *sample(const struct field *f)
{
    switch (f->kind) {
    case FIELD_CHOICE:
    case FIELD_SET:
        return f->choices ? f->choices[0].code : "any";
    case FIELD_DATE:
    case FIELD_TIME:
        return "last-30-days";
    case FIELD_INT:
    case FIELD_MONEY:
    case FIELD_LEVEL:
    case FIELD_BOOL:
        return "1";
    default:
        return "any";
    }
}

static void asks_field(struct asking *x, const struct field *f)
{
    struct arena *a = x->t->arena;
    const char *value = sample(f);

    if (f->sortable) {
        asks(x, arena_printf(a, "sort=%s", f->name));
        asks(x, arena_printf(a, "sort=-%s&q=a", f->name));
    }
    if (!list_can_filter(f))
        return;
    asks(x, arena_printf(a, "%s=%s", f->name, value));
    asks(x, arena_printf(a, "%s=none", f->name));
    asks(x, arena_printf(a, "group=%s", f->name));
    if (f->kind == FIELD_CHOICE || f->kind == FIELD_SET)
        asks(x, arena_printf(a, "%s.not=%s&mine=0", f->name, value));
    if (list_is_range(f))
        asks(x, f->kind == FIELD_DATE || f->kind == FIELD_TIME
                    ? arena_printf(a, "%s.min=2026-01-01&%s.max=2027-01-01", f->name, f->name)
                    : arena_printf(a, "%s.min=1&%s.max=3", f->name, f->name));
    if (list_is_words(f))
        asks(x, arena_printf(a, "%s.has=a&%s.empty=no", f->name, f->name));
}

static void every_way_of_asking(void **state)
{
    struct test *t = test_begin();
    const struct entity *list[ENTITIES_MAX];
    size_t n = tenant_entities(list, ENTITIES_MAX);
    struct asking x = {.t = t};
    int kinds = 0;

    (void)state;
    for (size_t i = 0; i < n; i++) {
        const struct field *mine[LIST_COLUMNS];

        x.e = list[i];
        if (!route_exists(METHOD_GET, arena_printf(t->arena, "/o/:slug/%s", x.e->plural)) ||
            !some_record(t, t->org, x.e, NULL))
            continue;
        login(t, role_with(t, x.e->read, x.e->write));
        asks(&x, "q=a&limit=10");
        if (list_mine(x.e, mine)) {
            asks(&x, "mine=1");
            assert_int_equal(status(t), 200);
        }
        for (size_t k = 0; k < x.e->nfields; k++)
            asks_field(&x, &x.e->fields[k]);
        kinds++;
    }
    assert_true(kinds > 8);
    if (x.good < 3 * x.bad)
        fail_msg("%d answers, but %d refusals", x.good, x.bad);
    test_end(t);
}

const struct test_case list_pages_tests[] = {
    TEST("the page of every list answers each filter, each order and each group that its fields "
         "have, or says why not",
         every_way_of_asking),
    TEST_END,
};
