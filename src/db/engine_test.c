/* SPDX-License-Identifier: Apache-2.0 */
/* What only one of the engines can get into: full disks and failed syncs of a file, lost
 * connections and silent servers. On the other engine the sentence holds in its own way, or the
 * test says why there is nothing to check. */
#include "test.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "db_fixture.h"
#include "store.h"

extern const struct test_case engine_tests[];

static i64 one_number(struct db *db, const char *sql)
{
    struct rows *r;

    assert_ok(db_query_text(db, &r, sql, NULL, 0));
    assert_true(row_next(r));
    return row_num(r, 0);
}

static void full_disk(void **state)
{
    struct fixture f = thing_store();
    struct err *e = NULL;

    (void)state;
    if (db_engine(f.db) == DB_SQLITE) {
        i64 kept;

        assert_ok(add_thing(f.db, 1, "a"));
        assert_ok(db_exec_text(f.db, NULL,
                               arena_printf(f.a, "pragma max_page_count = %lld",
                                            one_number(f.db, "pragma page_count") + 4),
                               NULL, 0));
        kept = count_things(f.db);
        for (int i = 2; !e && i < 5000; i++) {
            assert_ok(db_begin(f.db, DB_BEGIN_WRITE));
            e = add_thing(f.db, i, arena_printf(f.a, "a long name for a thing %d", i));
            if (!e)
                e = db_commit(f.db);
            kept += !e;
        }
        assert_err(e, ERR_BUSY);
        assert_int_equal(err_status(e), 507);
        db_rollback(f.db);
        assert_false(db_in_transaction(f.db));
        assert_int_equal(count_things(f.db), kept);
    }
    store_finish(&f);
}

/* 20 MB of pages that a savepoint has to be able to put back: more than SQLite keeps in memory. */
static void much_to_undo(void **state)
{
    enum { ROWS = 2500, LONG = 2000 };
    struct fixture f = thing_store();
    char *name = NEW_ARRAY(f.a, char, LONG + 1);

    (void)state;
    memset(name, 'n', LONG);
    assert_ok(db_begin(f.db, DB_BEGIN_WRITE));
    for (int i = 0; i < ROWS; i++) {
        snprintf(name, LONG, "%0*d", LONG - 1, i);
        assert_ok(add_thing(f.db, i + 1, name));
    }
    assert_ok(db_commit(f.db));
    assert_ok(db_begin(f.db, DB_BEGIN_WRITE));
    assert_ok(db_savepoint(f.db));
    assert_ok(
        db_exec(f.db, "update thing set name = name || 'x', size = 7 where org_id = $1", num(1)));
    db_rollback_to(f.db);
    assert_int_equal(one_number(f.db, "select count(*) from thing where size = 7"), 0);
    assert_ok(db_savepoint(f.db));
    assert_ok(
        db_exec(f.db, "update thing set name = name || 'y', size = 8 where org_id = $1", num(1)));
    assert_ok(db_release(f.db));
    assert_ok(db_commit(f.db));
    assert_int_equal(one_number(f.db, "select count(*) from thing where size = 8"), ROWS);
    assert_int_equal(one_number(f.db, "select count(*) from thing where name like '%0y'"),
                     ROWS / 10);
    store_finish(&f);
}

/* A file system whose fsync fails once `broken` is set. */
static sqlite3_vfs broken_vfs;
static bool broken;

static int broken_sync(sqlite3_file *file, int flags)
{
    (void)file;
    (void)flags;
    return broken ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

static int broken_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags,
                       int *out)
{
    sqlite3_vfs *real = vfs->pAppData;
    int rc = real->xOpen(real, name, file, flags, out);
    sqlite3_io_methods *methods;

    if (!file->pMethods)
        return rc;
    methods = malloc(sizeof(*methods));
    *methods = *file->pMethods;
    methods->xSync = broken_sync;
    file->pMethods = methods;
    return rc;
}

static void commit_without_disk(void *url)
{
    struct db_config config = {.url = url, .mode = DB_WRITE};
    struct db *db;

    broken_vfs = *sqlite3_vfs_find(NULL);
    broken_vfs.pAppData = sqlite3_vfs_find(NULL);
    broken_vfs.zName = "broken";
    broken_vfs.xOpen = broken_open;
    sqlite3_vfs_register(&broken_vfs, 1);
    if (db_open(&config, &db) || add_thing(db, 1, "a"))
        _exit(0);
    broken = true;
    if (add_thing(db, 2, "b"))
        _exit(0);
    _exit(0);
}

static void failed_sync_ends_the_process(void **state)
{
    struct fixture f = thing_store();

    (void)state;
    if (db_engine(f.db) == DB_SQLITE) {
        char url[300];

        snprintf(url, sizeof(url), "%s", f.url);
        db_close(f.db);
        assert_true(test_dies(commit_without_disk, url));
        f.db = store_open(&f, DB_WRITE, 0);
        assert_in_range(count_things(f.db), 1, 2);
    }
    store_finish(&f);
}

static void second_writer_retries(void **state)
{
    struct fixture f = thing_store();
    struct db *other = store_open(&f, DB_WRITE, 200);

    (void)state;
    assert_ok(add_thing(f.db, 1, "a"));
    assert_ok(db_begin(f.db, DB_BEGIN_WRITE));
    assert_ok(db_exec(f.db, "update thing set size = 1 where org_id = $1 and id = 1", num(1)));
    if (db_engine(f.db) == DB_SQLITE) {
        assert_err(db_begin(other, DB_BEGIN_WRITE), ERR_RETRY);
    } else {
        assert_ok(db_begin(other, DB_BEGIN_WRITE));
        assert_err(db_exec(other, "update thing set size = 2 where org_id = $1 and id = 1", num(1)),
                   ERR_LIMIT);
        db_rollback(other);
    }
    assert_ok(db_commit(f.db));
    assert_ok(db_exec(other, "update thing set size = 2 where org_id = $1 and id = 1", num(1)));
    db_close(other);
    store_finish(&f);
}

static void serialisation_failure_retries(void **state)
{
    struct fixture f = thing_store();
    struct db *other = store_open(&f, DB_WRITE, 0);

    (void)state;
    if (db_engine(f.db) == DB_POSTGRES) {
        assert_ok(add_thing(f.db, 1, "a"));
        assert_ok(db_begin(other, DB_BEGIN_WRITE));
        assert_ok(db_exec(other, "set transaction isolation level serializable"));
        assert_int_equal(count_things(other), 1);
        assert_ok(db_exec(f.db, "update thing set size = 1 where org_id = $1 and id = 1", num(1)));
        assert_err(db_exec(other, "update thing set size = 2 where org_id = $1 and id = 1", num(1)),
                   ERR_RETRY);
        db_rollback(other);
        assert_int_equal(count_things(other), 1);
    }
    db_close(other);
    store_finish(&f);
}

static void kill_backend(struct fixture *f, i64 pid)
{
    assert_ok(db_exec(f->db, "select pg_terminate_backend(cast($1 as int))", num(pid)));
    usleep(100000);
}

static void lost_connection_retries(void **state)
{
    struct fixture f = thing_store();
    struct db *other = store_open(&f, DB_WRITE, 0);

    (void)state;
    if (db_engine(f.db) == DB_POSTGRES) {
        assert_ok(db_begin(other, DB_BEGIN_WRITE));
        assert_ok(add_thing(other, 1, "a"));
        kill_backend(&f, one_number(other, "select pg_backend_pid()"));
        assert_err(add_thing(other, 2, "b"), ERR_RETRY);
        assert_err(add_thing(other, 3, "c"), ERR_RETRY);
        assert_err(db_savepoint(other), ERR_RETRY);
        assert_err(db_commit(other), ERR_RETRY);
        db_rollback(other);
        assert_ok(db_begin(other, DB_BEGIN_WRITE));
        assert_ok(add_thing(other, 4, "d"));
        assert_ok(db_commit(other));
        assert_int_equal(count_things(f.db), 1);
        kill_backend(&f, one_number(other, "select pg_backend_pid()"));
        assert_err(add_thing(other, 5, "e"), ERR_RETRY);
        assert_ok(add_thing(other, 5, "e"));
        assert_int_equal(count_things(f.db), 2);
    }
    db_close(other);
    store_finish(&f);
}

static void unknown_commit_is_said(void **state)
{
    struct fixture f = thing_store();
    struct db *other = store_open(&f, DB_WRITE, 0);

    (void)state;
    if (db_engine(f.db) == DB_POSTGRES) {
        struct err *e;

        assert_ok(db_begin(other, DB_BEGIN_WRITE));
        assert_ok(add_thing(other, 1, "a"));
        kill_backend(&f, one_number(other, "select pg_backend_pid()"));
        e = assert_err(db_commit(other), ERR_RETRY);
        assert_contains(e->detail, "unknown");
        assert_false(db_in_transaction(other));
    }
    db_close(other);
    store_finish(&f);
}

static void silent_server_is_left(void **state)
{
    struct fixture f = thing_store();
    struct db *other = store_open(&f, DB_READ, 200);

    (void)state;
    if (db_engine(f.db) == DB_POSTGRES) {
        pid_t pid = (pid_t)one_number(other, "select pg_backend_pid()");
        i64 start = clock_ticks();
        struct rows *r;

        assert_int_equal(kill(pid, SIGSTOP), 0);
        assert_err(db_query(other, &r, "select count(*) from thing where org_id = $1", num(1)),
                   ERR_LIMIT);
        assert_in_range(clock_ticks() - start, 500 * 1000, 4 * SECOND);
        assert_int_equal(kill(pid, SIGCONT), 0);
        assert_int_equal(count_things(other), 0);
        assert_true(one_number(other, "select pg_backend_pid()") != pid);
    }
    db_close(other);
    store_finish(&f);
}

static void unsafe_server_is_refused(void **state)
{
    struct fixture f = empty_store();

    (void)state;
    if (db_engine(f.db) == DB_POSTGRES) {
        struct db_config config = {.url = f.url, .mode = DB_READ};
        struct rows *r;
        struct db *db;
        bool off;

        assert_ok(db_query(f.db, &r, "select current_setting('fsync')"));
        assert_true(row_next(r));
        off = strcmp(row_str(r, 0), "off") == 0;
        unsetenv("CAIRN_TEST_PG");
        if (off) {
            assert_contains(assert_err(db_open(&config, &db), ERR_FAULT)->text, "fsync");
            config.unsafe = true;
        }
        assert_ok(db_open(&config, &db));
        db_close(db);
        setenv("CAIRN_TEST_PG", "1", 1);
    }
    store_finish(&f);
}

static void wrong_sorting_is_refused(void **state)
{
    struct fixture f = empty_store();

    (void)state;
    if (db_engine(f.db) == DB_POSTGRES) {
        struct db_config config = {.mode = DB_WRITE};
        struct migration list = {1, THING_STEP, thing_schema};
        struct db *db;

        assert_ok(store_odd(f.a,
                            "TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu"
                            " ICU_LOCALE 'en' LOCALE 'C.UTF-8'",
                            &config.url));
        assert_ok(db_open(&config, &db));
        assert_contains(assert_err(db_migrate_list(db, &list, 1), ERR_FAULT)->text, "byte order");
        db_close(db);
    }
    store_finish(&f);
}

static void store_in_a_schema(void **state)
{
    struct fixture f = thing_store(), other = {.a = f.a};

    (void)state;
    if (db_engine(f.db) == DB_POSTGRES) {
        struct migration list = {1, THING_STEP, thing_schema};

        assert_ok(add_thing(f.db, 1, "a"));
        assert_ok(db_exec(f.db, "create schema second"));
        other.url = arena_printf(f.a, "%s%coptions=-csearch_path%%3Dsecond", f.url,
                                 strchr(f.url, '?') ? '&' : '?');
        other.db = store_open(&other, DB_WRITE, 0);
        assert_err(db_schema_check_list(other.db, &list, 1), ERR_CLASH);
        assert_ok(db_migrate_list(other.db, &list, 1));
        assert_int_equal(count_things(other.db), 0);
        assert_ok(add_thing(other.db, 1, "b"));
        assert_ok(add_thing(other.db, 2, "c"));
        assert_ok(db_asof(other.db, 5));
        assert_int_equal(count_things(other.db), 0);
        db_close(other.db);
        assert_int_equal(count_things(f.db), 1);
    }
    store_finish(&f);
}

static void planner_knows(void **state)
{
    struct fixture f = thing_store();

    (void)state;
    assert_ok(db_begin(f.db, DB_BEGIN_WRITE));
    for (int i = 1; i <= 500; i++)
        assert_ok(add_thing(f.db, i, arena_printf(f.a, "thing %d", i)));
    assert_ok(db_analyze(f.db, "thing"));
    assert_ok(db_commit(f.db));
    if (db_engine(f.db) == DB_POSTGRES)
        assert_int_equal(one_number(f.db, "select cast(reltuples as bigint) from pg_class where"
                                          " oid = cast('thing' as regclass)"),
                         500);
    assert_int_equal(count_things(f.db), 500);
    store_finish(&f);
}

static void settings_survive_rollback(void **state)
{
    struct fixture f = thing_store();
    struct db *db = store_open(&f, DB_READ, 300);
    struct rows *r;

    (void)state;
    assert_ok(db_begin(db, DB_BEGIN_READ));
    assert_int_equal(count_things(db), 0);
    db_rollback(db);
    assert_err(db_query_text(db, &r, slow_statement, NULL, 0), ERR_LIMIT);
    assert_ok(db_asof(db, 7));
    assert_ok(db_begin(db, DB_BEGIN_READ));
    assert_int_equal(count_things(db), 0);
    db_rollback(db);
    assert_int_equal(count_things(db), 0);
    assert_ok(db_asof(db, 8));
    assert_int_equal(count_things(db), 0);
    assert_err(db_query_text(db, &r, slow_statement, NULL, 0), ERR_LIMIT);
    db_close(db);
    store_finish(&f);
}

static void ended_transaction_takes_nothing(void **state)
{
    struct fixture f = thing_store();

    (void)state;
    assert_ok(db_begin(f.db, DB_BEGIN_WRITE));
    assert_ok(add_thing(f.db, 1, "a"));
    assert_ok(db_exec(f.db, "rollback"));
    assert_false(db_in_transaction(f.db));
    assert_non_null(add_thing(f.db, 2, "b"));
    assert_non_null(db_savepoint(f.db));
    assert_non_null(db_commit(f.db));
    db_rollback(f.db);
    assert_int_equal(count_things(f.db), 0);
    assert_ok(add_thing(f.db, 3, "c"));
    store_finish(&f);
}

const struct test_case engine_tests[] = {
    TEST("a full disk answers 507 and what was saved stays", full_disk),
    TEST("a change of 20 MB in one savepoint is stored, or undone as a whole", much_to_undo),
    TEST("a failed fsync ends the process", failed_sync_ends_the_process),
    TEST("a second writer is told to try again, not blocked for ever", second_writer_retries),
    TEST("a serialisation failure is a retry", serialisation_failure_retries),
    TEST("a lost connection is a retry until the rollback, then opened again",
         lost_connection_retries),
    TEST("a commit whose fate is unknown says so", unknown_commit_is_said),
    TEST("a server that falls silent is left by our own deadline", silent_server_is_left),
    TEST("a server without fsync is refused", unsafe_server_is_refused),
    TEST("a database that does not sort by bytes is refused", wrong_sorting_is_refused),
    TEST("a schema named in the address is a store of its own", store_in_a_schema),
    TEST("a transaction that the engine ended itself takes nothing more",
         ended_transaction_takes_nothing),
    TEST("the planner knows of many new rows when it is told, inside a transaction too",
         planner_knows),
    TEST("timeouts and as-of hold after a rollback", settings_survive_rollback),
    TEST_END,
};
