/* SPDX-License-Identifier: Apache-2.0 */
/* Whoever looks at a column can sort by it. */
#include <string.h>

#include "base/text.h"
#include "core/list.h"
#include "maker.h"

extern const struct test_case list_sort_tests[];

/* What has no order, or is computed from other records with every change of theirs. */
static bool without(const struct entity *e, const struct field *f)
{
    return f->kind == FIELD_LONG || f->kind == FIELD_SET || f->kind == FIELD_REFS ||
           f->kind == FIELD_RECORD || (text_equal(e->name, "risk") && f->derived) ||
           (text_equal(e->name, "comment") && f->internal);
}

static void every_column(void **state)
{
    size_t walked = 0;

    (void)state;
    for (size_t i = 0; features[i]; i++)
        for (const struct entity *const *e = features[i]->entities; e && *e; e++)
            for (size_t k = 0; k < (*e)->nfields && !(*e)->site; k++) {
                const struct field *f = &(*e)->fields[k];

                if (!f->listed || without(*e, f))
                    continue;
                if (!list_sorts(*e, f))
                    fail_msg("%s cannot be sorted by %s", (*e)->plural, f->name);
                walked++;
            }
    assert_true(walked > 120);
}

static void order_of(struct test *t, const char *address, const char *first, const char *second)
{
    const char *a, *b;

    visit(t, METHOD_GET, address, NULL);
    expect_status(t, 200);
    a = strstr(body(t), first);
    b = strstr(body(t), second);
    assert_non_null(a);
    assert_non_null(b);
    assert_true(a < b);
}

static void few_without_an_index(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/controls", NULL);
    expect_text(t, "sort=reviewed"); /* the head of the column is the link */
    visit(t, METHOD_POST, "/o/acme/controls/8.24", "_version=1&reviewed=2026-02-03");
    visit(t, METHOD_POST, "/o/acme/controls/8.25", "_version=1&reviewed=2026-01-03");
    order_of(t, "/o/acme/controls?sort=reviewed&reviewed=any", "8.25 ", "8.24 ");
    order_of(t, "/o/acme/controls?sort=-reviewed&reviewed=any", "8.24 ", "8.25 ");
    /* Page by page: each control once, those without a day too. */
    {
        const char *next = "/api/v1/controls?sort=-reviewed&limit=20";
        size_t n = 0;

        while (next) {
            json_t *answer;
            const char *after;

            api(t, "isms-manager", METHOD_GET, next, NULL);
            expect_status(t, 200);
            answer = answer_json(t);
            n += json_array_size(json_object_get(answer, "items"));
            after = json_string_value(json_object_get(answer, "next"));
            next = after ? arena_printf(t->arena,
                                        "/api/v1/controls?sort=-reviewed&limit=20&after=%s", after)
                         : NULL;
        }
        assert_int_equal(n, 93);
    }
    visit(t, METHOD_GET, "/o/acme/controls?sort=how", NULL);
    expect_status(t, 400);
    expect_text(t, "Use one of: number, ");
    test_end(t);
}

const struct test_case list_sort_tests[] = {
    TEST("every kind can be sorted by every column of one value that its list shows", every_column),
    TEST("a kind of few records is sorted and paged by a column without an index",
         few_without_an_index),
    TEST_END,
};
