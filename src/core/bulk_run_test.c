/* SPDX-License-Identifier: Apache-2.0 */
/* The pieces of a step: how long others wait for the writer. */
#include "core/bulk_part.h"
#include "feature/asset/asset.h"
#include "maker.h"

extern const struct test_case bulk_run_tests[];

#define MANY 120

/* How many records each piece changed; returns the number of pieces. */
static size_t run_step(struct test *t, const char *location, i64 sizes[MANY])
{
    struct issues issues = {.arena = t->arena};
    struct bulk_wish wish = {.entity = &asset_entity, .query = "", .nvalues = 1};
    i64 id, left = MANY, before;
    size_t n = 0;

    wish.values[0] =
        (struct bulk_value){entity_field(&asset_entity, "location"), BULK_SET, location};
    assert_ok(bulk_plan(t->w, &wish, &issues, &id));
    assert_int_equal(issues.count, 0);
    while (left > 0 && n < MANY) {
        before = left;
        assert_ok(bulk_piece(t->w, &asset_entity, id, &left));
        sizes[n++] = before - left;
    }
    assert_int_equal(left, 0);
    return n;
}

static void gives_the_writer_back(void **state)
{
    i64 first[MANY], second[MANY];
    struct test *t = test_begin();
    size_t n;

    (void)state;
    for (int i = 0; i < MANY; i++) {
        struct making m = {.org = t->org, .entity = &asset_entity};

        make_record(t, &m);
    }
    n = run_step(t, "Here", first);
    assert_in_range(n, 2, MANY - 1);
    for (size_t i = 0; i < n; i++)
        assert_in_range(first[i], 1, 100);
    assert_int_equal(run_step(t, "There", second), n);
    assert_memory_equal(first, second, n * sizeof(first[0])); /* work decides, no clock */
    expect_count(t, MANY, "select count(*) from asset where org_id = $1 and location = 'There'",
                 num(t->org));
    test_end(t);
}

const struct test_case bulk_run_tests[] = {
    TEST("a step gives the writer back after a bounded number of statements, the same each time",
         gives_the_writer_back),
    TEST_END,
};
