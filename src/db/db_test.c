/* SPDX-License-Identifier: Apache-2.0 */
/* The door to the database, the same sentences on both engines (CAIRN_TEST_DB). */
#include "test.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "db_fixture.h"
#include "store.h"

extern const struct test_case db_tests[];

#define BIG (1LL << 62)

static void values_return(void **state)
{
    struct fixture f = thing_store();
    static const unsigned char bytes[] = {0, 1, 255, '\'', '\\', 0};
    struct rows *r;
    struct bytes b;

    (void)state;
    assert_ok(db_exec(f.db,
                      "insert into thing (org_id, id, name, size, body) values"
                      " ($1, $2, $3, $4, $5), ($1, 2, $6, $7, $8), ($1, 3, '', $9, $10)",
                      num(1), num(BIG), str("Ärzte 'n' \"x\" \\"), num(-BIG), blob(bytes, 6),
                      str("second"), num_null(), blob(NULL, 0), num_or_null(0), blob("", 0)));
    assert_ok(db_query(f.db, &r,
                       "select id, name, size, body from thing where org_id = $1"
                       " order by id desc",
                       num(1)));
    assert_int_equal(row_count(r), 3);
    assert_int_equal(row_columns(r), 4);
    assert_true(row_next(r));
    assert_true(row_num(r, 0) == BIG);
    assert_string_equal(row_str(r, 1), "Ärzte 'n' \"x\" \\");
    assert_true(row_num(r, 2) == -BIG);
    assert_string_equal(row_str(r, 0), "4611686018427387904");
    assert_true(row_num(r, 0) == BIG);
    b = row_blob(r, 3);
    assert_int_equal(b.size, 6);
    assert_memory_equal(b.data, bytes, 6);
    assert_true(row_next(r));
    assert_int_equal(row_num(r, 0), 3);
    assert_string_equal(row_str(r, 1), "");
    assert_true(row_null(r, 2));
    assert_false(row_null(r, 3));
    assert_int_equal(row_blob(r, 3).size, 0);
    assert_true(row_next(r));
    assert_true(row_null(r, 2) && row_null(r, 3));
    assert_null(row_str(r, 2));
    assert_string_equal(row_text(r, 2), "");
    assert_int_equal(row_num(r, 2), 0);
    assert_false(row_next(r));
    row_rewind(r);
    assert_true(row_next(r));
    assert_true(row_num(r, 0) == BIG);
    store_finish(&f);
}

static void binds_by_number(void **state)
{
    struct fixture f = empty_store();
    struct rows *r;

    (void)state;
    assert_ok(db_query(f.db, &r, "select $2, $1, $2, $11, $10", num(1), str("two"), num(3), num(4),
                       num(5), num(6), num(7), num(8), num(9), str("ten"), num(11)));
    assert_true(row_next(r));
    assert_string_equal(row_str(r, 0), "two");
    assert_int_equal(row_num(r, 1), 1);
    assert_string_equal(row_str(r, 2), "two");
    assert_int_equal(row_num(r, 3), 11);
    assert_string_equal(row_str(r, 4), "ten");
    assert_err(db_query(f.db, &r, "select $1, $2", num(1)), ERR_FAULT);
    store_finish(&f);
}

static void kinds_may_change(void **state)
{
    struct fixture f = empty_store();
    struct rows *r;

    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_ok(db_query(f.db, &r, "select $1", num(7)));
        assert_true(row_next(r));
        assert_int_equal(row_num(r, 0), 7);
        assert_ok(db_query(f.db, &r, "select $1", str("7a")));
        assert_true(row_next(r));
        assert_string_equal(row_str(r, 0), "7a");
        assert_ok(db_query(f.db, &r, "select $1", str_null()));
        assert_true(row_next(r));
        assert_true(row_null(r, 0));
        assert_ok(db_query(f.db, &r, "select $1", blob("\1\2", 2)));
        assert_true(row_next(r));
        assert_int_equal(row_blob(r, 0).size, 2);
    }
    store_finish(&f);
}

static void sums_are_numbers(void **state)
{
    struct fixture f = thing_store();
    struct rows *r;

    (void)state;
    assert_ok(db_exec(f.db,
                      "insert into thing (org_id, id, name, size) values ($1, 1, 'a', 5),"
                      " ($1, 2, 'b', 7)",
                      num(1)));
    assert_ok(db_query(f.db, &r,
                       "select count(*), sum(size), avg(size), max(name),"
                       " string_agg(name, $2), octet_length('äb') from thing"
                       " where org_id = $1",
                       num(1), str(", ")));
    assert_true(row_next(r));
    assert_int_equal(row_num(r, 0), 2);
    assert_int_equal(row_num(r, 1), 12);
    assert_string_equal(row_str(r, 1), "12");
    assert_int_equal(row_num(r, 2), 6);
    assert_string_equal(row_str(r, 3), "b");
    assert_string_equal(row_str(r, 4), "a, b");
    assert_int_equal(row_num(r, 5), 3);
    store_finish(&f);
}

static void lists_by_json(void **state)
{
    struct fixture f = thing_store();
    struct rows *r;

    (void)state;
    assert_ok(add_thing(f.db, 1, "a"));
    assert_ok(add_thing(f.db, 2, "b"));
    assert_ok(add_thing(f.db, 3, "c"));
    assert_ok(db_query(f.db, &r,
                       "select name from thing where org_id = $1 and id in"
                       " (select cast(value as bigint) from json_each($2)) order by name",
                       num(1), str("[3, 1, 99]")));
    assert_int_equal(row_count(r), 2);
    assert_true(row_next(r));
    assert_string_equal(row_str(r, 0), "a");
    assert_ok(db_query(f.db, &r,
                       "select name from thing where org_id = $1 and name in"
                       " (select value from json_each($2)) order by name limit $3",
                       num(1), str("[\"b\", \"c\"]"), num(1)));
    assert_int_equal(row_count(r), 1);
    assert_ok(db_exec(f.db,
                      "insert into part (org_id, id, thing, note) values ($1, 1, 1, json($2))",
                      num(1), str("{\"k\": \"v\"}")));
    assert_ok(db_query(f.db, &r, "select note ->> 'k' from part where org_id = $1", num(1)));
    assert_true(row_next(r));
    assert_string_equal(row_str(r, 0), "v");
    store_finish(&f);
}

static void counts_changes(void **state)
{
    struct fixture f = thing_store();
    struct rows *r;
    i64 changed = -1;

    (void)state;
    for (int i = 1; i <= 5; i++)
        assert_ok(add_thing(f.db, i, (const char[]){(char)('a' + i), 0}));
    assert_ok(db_change(f.db, &changed, "update thing set size = $2 where org_id = $1 and id > 2",
                        num(1), num(9)));
    assert_int_equal(changed, 3);
    assert_ok(db_change(f.db, &changed, "delete from thing where org_id = $1 and id = 77", num(1)));
    assert_int_equal(changed, 0);
    assert_ok(db_query(f.db, &r,
                       "update thing set size = size + 1 where org_id = $1 and id = $2"
                       " returning size",
                       num(1), num(4)));
    assert_true(row_next(r));
    assert_int_equal(row_num(r, 0), 10);
    store_finish(&f);
}

static void reader_cannot_write(void **state)
{
    struct fixture f = thing_store();
    struct db *reader;

    (void)state;
    assert_ok(add_thing(f.db, 1, "a"));
    reader = store_open(&f, DB_READ, 0);
    assert_err(add_thing(reader, 2, "b"), ERR_FAULT);
    assert_err(db_exec(reader, "create table x (a int)"), ERR_FAULT);
    assert_int_equal(count_things(reader), 1);
    assert_ok(db_begin(reader, DB_BEGIN_READ));
    assert_err(add_thing(reader, 2, "b"), ERR_FAULT);
    db_rollback(reader);
    assert_int_equal(count_things(reader), 1);
    db_close(reader);
    store_finish(&f);
}

static void reader_sees_one_snapshot(void **state)
{
    struct fixture f = thing_store();
    struct db *reader = store_open(&f, DB_READ, 0);

    (void)state;
    assert_ok(db_begin(reader, DB_BEGIN_READ));
    assert_int_equal(count_things(reader), 0);
    assert_ok(add_thing(f.db, 1, "a"));
    assert_int_equal(count_things(reader), 0);
    assert_ok(db_commit(reader));
    assert_int_equal(count_things(reader), 1);
    db_close(reader);
    store_finish(&f);
}

static void rollback_undoes(void **state)
{
    struct fixture f = thing_store();

    (void)state;
    assert_ok(db_begin(f.db, DB_BEGIN_WRITE));
    assert_true(db_in_transaction(f.db));
    assert_ok(add_thing(f.db, 1, "a"));
    db_rollback(f.db);
    assert_false(db_in_transaction(f.db));
    db_rollback(f.db);
    assert_int_equal(count_things(f.db), 0);
    assert_ok(db_begin(f.db, DB_BEGIN_WRITE));
    assert_ok(db_commit(f.db));
    store_finish(&f);
}

static void savepoint_keeps_the_rest(void **state)
{
    struct fixture f = thing_store();

    (void)state;
    assert_ok(db_begin(f.db, DB_BEGIN_WRITE));
    assert_ok(db_savepoint(f.db));
    assert_ok(add_thing(f.db, 1, "a"));
    assert_ok(db_release(f.db));
    assert_ok(db_savepoint(f.db));
    assert_ok(add_thing(f.db, 2, "b"));
    assert_err(add_thing(f.db, 3, "a"), ERR_CLASH);
    db_rollback_to(f.db);
    assert_true(db_in_transaction(f.db));
    assert_ok(db_savepoint(f.db));
    assert_ok(db_savepoint(f.db));
    assert_ok(add_thing(f.db, 4, "d"));
    db_rollback_to(f.db);
    assert_ok(add_thing(f.db, 5, "e"));
    assert_ok(db_release(f.db));
    assert_ok(db_commit(f.db));
    assert_int_equal(count_things(f.db), 2);
    store_finish(&f);
}

static void clashes_are_said(void **state)
{
    struct fixture f = thing_store();
    struct err *e;

    (void)state;
    assert_ok(add_thing(f.db, 1, "secret-name"));
    e = assert_err(add_thing(f.db, 2, "secret-name"), ERR_CLASH);
    assert_contains(e->detail, "thing");
    assert_null(strstr(e->text, "thing"));
    assert_null(strstr(e->detail, "secret-name"));
    e = assert_err(
        db_exec(f.db, "insert into part (org_id, id, thing) values ($1, 1, 777888)", num(1)),
        ERR_CLASH);
    assert_null(strstr(e->text, "insert"));
    assert_ok(db_exec(f.db, "insert into part (org_id, id, thing) values ($1, 1, 1)", num(1)));
    assert_err(db_exec(f.db, "delete from thing where org_id = $1 and id = 1", num(1)), ERR_CLASH);
    assert_err(db_exec(f.db, "insert into thing (org_id, id, name) values ($1, 9, $2)", num(1),
                       str_null()),
               ERR_INVALID);
    e = assert_err(db_exec(f.db, "insert into nowhere (a) values ($1)", num(1)), ERR_FAULT);
    assert_contains(e->detail, "nowhere");
    assert_null(strstr(e->text, "nowhere"));
    store_finish(&f);
}

static void slow_statement_ends(void **state)
{
    struct fixture f = thing_store();
    struct db *hasty = store_open(&f, DB_READ, 200);
    struct rows *r;
    i64 start = clock_ticks();

    (void)state;
    assert_err(db_query_text(hasty, &r, slow_statement, NULL, 0), ERR_LIMIT);
    assert_in_range(clock_ticks() - start, 100000, 3000000);
    assert_int_equal(count_things(hasty), 0);
    db_close(hasty);
    store_finish(&f);
}

static void *interrupt_soon(void *db)
{
    usleep(200000);
    db_interrupt(db);
    return NULL;
}

static void other_thread_interrupts(void **state)
{
    struct fixture f = thing_store();
    struct rows *r;
    pthread_t thread;
    i64 start = clock_ticks();

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, interrupt_soon, f.db), 0);
    assert_err(db_query_text(f.db, &r, slow_statement, NULL, 0), ERR_LIMIT);
    pthread_join(thread, NULL);
    assert_in_range(clock_ticks() - start, 100000, 3000000);
    assert_int_equal(count_things(f.db), 0);
    store_finish(&f);
}

static void answer_has_a_limit(void **state)
{
    struct fixture f = thing_store();
    struct arena *small = arena_new(200000);
    struct rows *r;

    (void)state;
    db_use_arena(f.db, small);
    assert_err(db_query(f.db, &r,
                        "with recursive n(i) as (select 1 union all select i + 1 from n"
                        " where i < 100000) select i, 'some text' from n"),
               ERR_LIMIT);
    arena_reset(small);
    assert_int_equal(count_things(f.db), 0);
    arena_free(small);
    db_use_arena(f.db, f.a);
    store_finish(&f);
}

struct seen {
    i64 rows, sum;
    i64 stop;
    const char *place;
};

static struct err *see(void *ctx, struct rows *r)
{
    struct seen *s = ctx;

    s->rows++;
    s->sum += row_num(r, 0);
    assert_string_equal(row_str(r, 1), "text");
    if (s->rows == s->stop)
        return err_new(ERR_INVALID, "enough");
    return NULL;
}

static void streams_rows(void **state)
{
    struct fixture f = thing_store();
    struct seen s = {0};
    size_t before = arena_used(f.a);
    static const char *const text = "with recursive n(i) as (select 1 union all select i + 1 from n"
                                    " where i < 20000) select i, 'text' from n";

    (void)state;
    assert_ok(db_stream_text(f.db, see, &s, text, NULL, 0));
    assert_int_equal(s.rows, 20000);
    assert_int_equal(s.sum, 20000LL * 20001 / 2);
    assert_true(arena_used(f.a) - before < 1000);
    s = (struct seen){.stop = 7};
    assert_err(db_stream_text(f.db, see, &s, text, NULL, 0), ERR_INVALID);
    assert_int_equal(s.rows, 7);
    assert_int_equal(count_things(f.db), 0);
    store_finish(&f);
}

static void batch_is_whole(void **state)
{
    struct fixture f = thing_store();
    struct rows *r = NULL;
    const struct val one[] = {num(1), num(1), str("a")}, two[] = {num(1), num(2), str("b")};
    const struct val twin[] = {num(1), num(3), str("b")}, org[] = {num(1)};
    static const char *const add = "insert into thing (org_id, id, name) values ($1, $2, $3)";
    static const char *const list = "select name from thing where org_id = $1 order by name";
    const struct batch_item good[] = {
        {add,  one, 3, NULL},
        {add,  two, 3, NULL},
        {list, org, 1, &r  }
    };
    const struct batch_item bad[] = {
        {"delete from thing where org_id = $1", org,  1, NULL},
        {add,                                   two,  3, NULL},
        {add,                                   twin, 3, NULL},
        {list,                                  org,  1, &r  }
    };

    (void)state;
    assert_ok(db_batch(f.db, good, 3));
    assert_int_equal(row_count(r), 2);
    assert_err(db_batch(f.db, bad, 4), ERR_CLASH);
    assert_int_equal(count_things(f.db), 2);
    assert_ok(db_batch(f.db, &good[2], 1));
    assert_int_equal(row_count(r), 2);
    assert_ok(db_begin(f.db, DB_BEGIN_WRITE));
    assert_err(db_batch(f.db, bad, 4), ERR_CLASH);
    db_rollback(f.db);
    assert_int_equal(count_things(f.db), 2);
    store_finish(&f);
}

static void many_statements(void **state)
{
    struct fixture f = thing_store();
    struct rows *r;
    char sql[100];

    (void)state;
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < CACHE_MAX * 2; i++) {
            snprintf(sql, sizeof(sql), "select %d + $1", i);
            assert_ok(db_query_text(f.db, &r, sql, (const struct val[]){num(1)}, 1));
            assert_true(row_next(r));
            assert_int_equal(row_num(r, 0), i + 1);
        }
    assert_err(db_query(f.db, &r, "select 1; select 2"), ERR_FAULT);
    assert_err(db_query(f.db, &r, ""), ERR_FAULT);
    store_finish(&f);
}

static void bytes_order(void **state)
{
    struct fixture f = thing_store();
    static const char *const names[] = {"ä",   "a", "B",  "_", "Z", "é", "a b",
                                        "a-b", "",  "10", "9", "😀", "ﬀ"};
    static const char *const sorted[] = {"",    "10",  "9", "B", "Z", "_", "a",
                                         "a b", "a-b", "ä", "é", "ﬀ", "😀"};
    struct rows *r;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_ok(add_thing(f.db, (i64)i + 1, names[i]));
    assert_ok(db_query(f.db, &r, "select name from thing where org_id = $1 order by name", num(1)));
    for (size_t i = 0; i < COUNT_OF(sorted); i++) {
        assert_true(row_next(r));
        assert_string_equal(row_str(r, 0), sorted[i]);
    }
    store_finish(&f);
}

static void restricted_only_reads(void **state)
{
    struct fixture f = thing_store();
    struct db *rules = store_open(&f, DB_READ, 0);
    static const char *const refused[] = {
        "insert into thing (org_id, id, name) values (1, 5, 'x')",
        "delete from thing",
        "update thing set name = 'x'",
        "create table y (a int)",
        "create temp table y (a int)",
        "pragma table_info(thing)",
        "attach 'x.db' as x",
        "detach main",
        "vacuum",
        "begin",
        "set statement_timeout = 0",
        "select * from sqlite_schema",
        "select name from pragma_database_list",
        "select * from pg_class",
        "select pg_sleep(1)",
        "select set_config('statement_timeout', '0', false)",
        "select * from \"pg_class\"",
        "with x as (select 1) delete from thing",
        "-- select\ndrop table thing",
        "select 1; drop table thing",
        "select 1 /* ' */, pg_sleep(1) /* ' */",
        "select e'a\\'', pg_sleep(1), ''",
        "select $$'$$, pg_sleep(1), $$'$$",
        "select U&\"\\0070g_sleep\"(1)",
    };
    struct rows *r;

    (void)state;
    assert_ok(add_thing(f.db, 1, "a"));
    assert_ok(db_restrict(rules, 300));
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        struct err *e = db_query_text(rules, &r, refused[i], NULL, 0);

        if (!e || (e->code != ERR_DENIED && e->code != ERR_FAULT))
            fail_msg("not refused: %s", refused[i]);
    }
    assert_int_equal(count_things(rules), 1);
    assert_ok(db_query(rules, &r,
                       "-- a rule\nselect t.name, 'pg_class' from thing t where t.org_id = $1"
                       " and t.id in (select cast(value as bigint) from json_each($2))",
                       num(1), str("[1]")));
    assert_int_equal(row_count(r), 1);
    assert_ok(db_begin(rules, DB_BEGIN_READ));
    assert_int_equal(count_things(rules), 1);
    assert_ok(db_commit(rules));
    assert_err(db_query_text(rules, &r, slow_statement, NULL, 0), ERR_LIMIT);
    assert_ok(db_asof(rules, 5));
    assert_int_equal(count_things(rules), 0);
    assert_err(db_exec_text(rules, NULL, refused[0], NULL, 0), ERR_DENIED);
    db_close(rules);
    assert_err(db_restrict(f.db, 0), ERR_FAULT);
    store_finish(&f);
}

struct writing {
    struct fixture *f;
    _Atomic bool stop;
    i64 written;
};

static void *write_on(void *arg)
{
    struct writing *w = arg;

    while (!w->stop) {
        char name[30];

        snprintf(name, sizeof(name), "n%lld", w->written + 1);
        if (add_thing(w->f->db, w->written + 1, name))
            break;
        w->written++;
    }
    return NULL;
}

static void backup_while_writing(void **state)
{
    struct fixture f = thing_store(), copy = {.a = f.a};
    struct db *reader = store_open(&f, DB_READ, 0);
    struct writing w = {.f = &f};
    const char *path = arena_printf(f.a, "%s/backup.db", store_folder());
    struct arena *other = arena_new(0);
    pthread_t thread;
    struct rows *r;
    i64 copied;

    (void)state;
    if (db_engine(f.db) == DB_POSTGRES) {
        struct err *e = assert_err(db_backup(f.db, path), ERR_BAD);

        assert_contains(e->text, "pg_dump");
    } else {
        db_use_arena(f.db, other);
        assert_int_equal(pthread_create(&thread, NULL, write_on, &w), 0);
        usleep(50000);
        assert_ok(db_backup(reader, path));
        w.stop = true;
        pthread_join(thread, NULL);
        copy.url = arena_printf(f.a, "sqlite:%s", path);
        copy.db = store_open(&copy, DB_WRITE, 0);
        copied = count_things(copy.db);
        assert_in_range(copied, 1, w.written);
        assert_ok(db_query(copy.db, &r, "select max(id) from thing where org_id = $1", num(1)));
        assert_true(row_next(r));
        assert_int_equal(row_num(r, 0), copied);
        assert_ok(db_query(copy.db, &r, "select integrity_check from pragma_integrity_check"));
        assert_true(row_next(r));
        assert_string_equal(row_str(r, 0), "ok");
        db_close(copy.db);
        unlink(path);
    }
    db_close(reader);
    store_finish(&f);
    arena_free(other);
}

static void sizes_are_told(void **state)
{
    struct fixture f = thing_store();
    i64 bytes = 0, wal = -1;

    (void)state;
    assert_ok(add_thing(f.db, 1, "a"));
    assert_ok(db_size(f.db, &bytes, &wal));
    assert_true(bytes > 4096);
    if (db_engine(f.db) == DB_SQLITE)
        assert_true(wal > 0);
    else
        assert_int_equal(wal, 0);
    assert_ok(db_checkpoint(f.db, false));
    assert_ok(db_size(f.db, NULL, &wal));
    assert_int_equal(wal, 0);
    assert_ok(db_checkpoint(f.db, true));
    store_finish(&f);
}

static void bad_addresses(void **state)
{
    struct db_config config = {.url = "mysql://u:geheim@h/x"};
    struct db *db;
    struct err *e;

    (void)state;
    e = assert_err(db_open(&config, &db), ERR_BAD);
    assert_null(strstr(e->text, "geheim"));
    config.url = "sqlite:/nowhere/at/all.db";
    assert_err(db_open(&config, &db), ERR_MISSING);
    config.mode = DB_WRITE;
    assert_err(db_open(&config, &db), ERR_FAULT);
    config.url = "postgresql://u:geheim@127.0.0.1:1/x";
    e = assert_err(db_open(&config, &db), ERR_FAULT);
    assert_contains(e->text, "u:***@127.0.0.1");
    assert_null(strstr(e->detail, "geheim"));
}

static void store_is_private(void **state)
{
    struct fixture f = thing_store();

    (void)state;
    if (db_engine(f.db) == DB_SQLITE) {
        assert_int_equal(access(f.url + strlen("sqlite:"), R_OK), 0);
        int fd = open(f.url + strlen("sqlite:"), O_RDONLY | O_CLOEXEC);
        char head[20];

        assert_int_equal(read(fd, head, 16), 16);
        assert_memory_equal(head, "SQLite format 3", 16);
        close(fd);
    }
    store_finish(&f);
}

const struct test_case db_tests[] = {
    TEST("values come back as they were given: numbers to 2^62, text, bytes, NULL", values_return),
    TEST("parameters are bound by their number, in any order and more than once", binds_by_number),
    TEST("one text works with binds of different kinds, one after the other", kinds_may_change),
    TEST("counts, sums and averages are read as numbers", sums_are_numbers),
    TEST("a JSON list is a parameter on both engines", lists_by_json),
    TEST("a change tells how many rows it touched, and RETURNING gives rows", counts_changes),
    TEST("a read connection cannot write", reader_cannot_write),
    TEST("a read transaction sees one snapshot", reader_sees_one_snapshot),
    TEST("a rollback undoes everything and may be repeated", rollback_undoes),
    TEST("a failed statement inside a savepoint leaves the rest of the transaction",
         savepoint_keeps_the_rest),
    TEST("unique and foreign key errors are clashes, without values in any text", clashes_are_said),
    TEST("a slow statement is ended by the timeout, and the connection goes on",
         slow_statement_ends),
    TEST("another thread can end a running statement", other_thread_interrupts),
    TEST("an answer larger than the arena is refused", answer_has_a_limit),
    TEST("a stream needs constant memory and ends on an error of its reader", streams_rows),
    TEST("an error ends the whole batch", batch_is_whole),
    TEST("more statements than the cache holds still work", many_statements),
    TEST("text is sorted by its bytes", bytes_order),
    TEST("a restricted connection refuses everything but reading", restricted_only_reads),
    TEST("a backup while somebody writes is whole; PostgreSQL names pg_dump", backup_while_writing),
    TEST("the size of the store and of the WAL are told", sizes_are_told),
    TEST("a wrong address is refused without showing the password", bad_addresses),
    TEST("a SQLite store is one ordinary SQLite file", store_is_private),
    TEST_END,
};
