/* SPDX-License-Identifier: Apache-2.0 */
/* Statements that may wait, the same sentences on both engines: only the moment of an error may
 * differ, never what is stored. */
#include <stdio.h>

#include "db_fixture.h"
#include "store.h"
#include "test.h"

extern const struct test_case lazy_tests[];

static void reads_see_them(void **state)
{
    struct fixture f = thing_store();
    char name[20];
    i64 changed;

    (void)state;
    assert_ok(db_begin(f.db, DB_BEGIN_WRITE));
    db_lazy(f.db);
    for (int i = 1; i <= 600; i++) {            /* more than one trip takes */
        snprintf(name, sizeof(name), "n%d", i); /* what waits keeps its own values */
        assert_ok(add_thing(f.db, i, name));
    }
    assert_int_equal(count_things(f.db), 600);
    assert_ok(add_thing(f.db, 601, "y"));
    assert_ok(db_change(f.db, &changed, "update thing set size = 7 where org_id = $1 and id > $2",
                        num(1), num(600)));
    assert_int_equal(changed, 1);
    assert_ok(add_thing(f.db, 602, "z"));
    assert_ok(db_commit(f.db));
    assert_int_equal(count_things(f.db), 602);
    store_finish(&f);
}

static void savepoints_hold(void **state)
{
    struct fixture f = thing_store();

    (void)state;
    assert_ok(db_begin(f.db, DB_BEGIN_WRITE));
    db_lazy(f.db);
    assert_ok(add_thing(f.db, 1, "a"));
    assert_ok(db_savepoint(f.db));
    assert_ok(add_thing(f.db, 2, "b"));
    db_rollback_to(f.db);
    assert_ok(db_savepoint(f.db));
    assert_ok(add_thing(f.db, 3, "c"));
    assert_ok(db_release(f.db));
    assert_ok(db_commit(f.db));
    assert_int_equal(count_things(f.db), 2);
    assert_ok(db_begin(f.db, DB_BEGIN_WRITE));
    db_lazy(f.db);
    assert_ok(add_thing(f.db, 4, "d"));
    db_rollback(f.db);
    assert_int_equal(count_things(f.db), 2);
    store_finish(&f);
}

/* Two of one id. Here it is told at once or at the next reading, or with the COMMIT. */
static void nothing_of_a_refused_one(void **state)
{
    struct fixture f = thing_store();
    struct err *first;
    struct rows *r;

    (void)state;
    for (int ends = 0; ends < 2; ends++) {
        assert_ok(db_begin(f.db, DB_BEGIN_WRITE));
        db_lazy(f.db);
        assert_ok(add_thing(f.db, 1, "a"));
        first = add_thing(f.db, 1, "b");
        if (!first && ends)
            first = db_query(f.db, &r, "select id from thing where org_id = $1", num(1));
        else if (!first)
            first = db_commit(f.db);
        assert_err(first, ERR_CLASH);
        if (db_in_transaction(f.db))
            db_rollback(f.db);
        assert_int_equal(count_things(f.db), 0);
    }
    assert_ok(add_thing(f.db, 1, "a")); /* outside of a transaction nothing waits */
    assert_err(add_thing(f.db, 1, "b"), ERR_CLASH);
    store_finish(&f);
}

const struct test_case lazy_tests[] = {
    TEST("readings see every statement before them, and the COMMIT takes the last ones along",
         reads_see_them),
    TEST("savepoints and rollbacks take back exactly what was written since", savepoints_hold),
    TEST("nothing is stored of a transaction in which one was refused", nothing_of_a_refused_one),
    TEST_END,
};
