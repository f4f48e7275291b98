/* SPDX-License-Identifier: Apache-2.0 */
/* Migrations, what their texts mean, and as-of, the same sentences on both engines. */
#include "test.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "db_fixture.h"
#include "store.h"

extern const struct test_case migrate_tests[];

static void add_version(struct db *db, i64 id, const char *name, i64 from, i64 to)
{
    assert_ok(db_exec(db,
                      "insert into thing_history (org_id, id, name, valid_from, valid_to,"
                      " log_idx) values ($1, $2, $3, $4, $5, 0)",
                      num(1), num(id), str(name), num(from), num(to)));
}

static const char *name_of(struct db *db, i64 id)
{
    struct rows *r;

    assert_ok(db_query(db, &r, "select t.name from thing t where t.org_id = $1 and t.id = $2",
                       num(1), num(id)));
    return row_next(r) ? row_str(r, 0) : "-";
}

static void migrates_once(void **state)
{
    struct fixture f = thing_store();
    struct migration list[] = {
        {1, "0001_things", thing_schema   },
        {2, "0002_more",
         "alter table thing add column extra text;\n"
         "update thing set extra = 'x';\n"}
    };
    struct rows *r;

    (void)state;
    assert_ok(add_thing(f.db, 1, "a"));
    assert_ok(db_migrate_list(f.db, list, 1));
    assert_ok(db_schema_check_list(f.db, list, 1));
    assert_err(db_schema_check_list(f.db, list, 2), ERR_CLASH);
    assert_ok(db_migrate_list(f.db, list, 2));
    assert_ok(db_migrate_list(f.db, list, 2));
    assert_ok(db_schema_check_list(f.db, list, 2));
    assert_ok(db_query(f.db, &r,
                       "select n, name, length(checksum), at from schema_migration"
                       " order by n"));
    assert_int_equal(row_count(r), 2);
    assert_true(row_next(r) && row_next(r));
    assert_string_equal(row_str(r, 1), "0002_more");
    assert_int_equal(row_num(r, 2), 64);
    assert_true(row_num(r, 3) > 1600000000LL * SECOND);
    assert_ok(db_query(f.db, &r, "select extra from thing where org_id = $1", num(1)));
    assert_true(row_next(r));
    assert_string_equal(row_str(r, 0), "x");
    store_finish(&f);
}

static void changed_file_is_refused(void **state)
{
    struct fixture f = thing_store();
    struct migration list[] = {
        {1, "0001_things", arena_printf(f.a, "%s\n", thing_schema)}
    };
    struct err *e;

    (void)state;
    e = assert_err(db_migrate_list(f.db, list, 1), ERR_CLASH);
    assert_contains(e->text, "0001_things");
    assert_err(db_schema_check_list(f.db, list, 1), ERR_CLASH);
    e = assert_err(db_migrate_list(f.db, list, 0), ERR_CLASH);
    assert_contains(e->text, "newer");
    store_finish(&f);
}

static void failing_step_leaves_nothing(void **state)
{
    struct fixture f = thing_store();
    struct migration list[] = {
        {1, "0001_things", thing_schema                              },
        {2, "0002_bad",
         "create table fresh (a @int) @strict;\n"
         "insert into thing (org_id, id, name) values (1, 1, 'a');\n"
         "insert into thing (org_id, id, name) values (1, 1, 'b');\n"}
    };
    struct rows *r;
    struct err *e;

    (void)state;
    e = assert_err(db_migrate_list(f.db, list, 2), ERR_CLASH);
    assert_contains(e->text, "0002_bad");
    assert_int_equal(count_things(f.db), 0);
    assert_ok(db_columns(f.db, "fresh", &r));
    assert_int_equal(row_count(r), 0);
    assert_ok(db_schema_check_list(f.db, list, 1));
    assert_ok(add_thing(f.db, 1, "a"));
    assert_err(db_exec(f.db, "insert into part (org_id, id, thing) values ($1, 1, 2)", num(1)),
               ERR_CLASH);
    store_finish(&f);
}

static void empty_store_is_not_ready(void **state)
{
    struct fixture f = empty_store();
    struct migration list[] = {
        {1, "0001_things", thing_schema}
    };

    (void)state;
    assert_err(db_schema_check_list(f.db, list, 1), ERR_CLASH);
    store_finish(&f);
}

static void tokens_expand(void **state)
{
    struct arena *a = arena_new(0);
    char **list;
    size_t n = migration_split(a, DB_SQLITE, thing_schema, &list);

    (void)state;
    assert_int_equal(n, 5);
    assert_contains(list[0], "size INTEGER");
    assert_contains(list[0], ") STRICT, WITHOUT ROWID");
    assert_contains(list[1], ") STRICT");
    assert_null(strstr(list[1], "ROWID"));
    assert_contains(
        list[3],
        "note TEXT CHECK (json_valid(note)) not null default '{\"a\": \"x;y -- z @int\"}'");
    n = migration_split(a, DB_POSTGRES, thing_schema, &list);
    assert_int_equal(n, 5);
    assert_contains(list[0], "size BIGINT");
    assert_contains(list[0], "body BYTEA");
    assert_contains(list[3], "note JSONB not null");
    assert_null(strstr(list[0], "STRICT"));
    assert_contains(list[4], "only_pg");
    arena_free(a);
}

static void tables_have_classes(void **state)
{
    struct arena *a = arena_new(0);
    struct migration list[] = {
        {1, "0001_things", thing_schema                       },
        {2, "0002",
         "drop table thing_history;\n-- class: reference\n"
         "create table if not exists kind (a @int) @strict;\n"}
    };
    struct db_table *t;

    (void)state;
    assert_int_equal(tables_parse(a, list, 2, &t), 4);
    assert_string_equal(t[0].name, "kind");
    assert_string_equal(t[0].class, "reference");
    assert_string_equal(t[1].name, "part");
    assert_string_equal(t[1].class, "fact");
    assert_string_equal(t[2].name, "schema_migration");
    assert_string_equal(t[3].name, "thing");
    assert_string_equal(t[3].class, "record");
    arena_free(a);
}

static void columns_are_listed(void **state)
{
    struct fixture f = thing_store();
    static const char *const want[][2] = {
        {"org_id", "int" },
        {"id",     "int" },
        {"name",   "text"},
        {"size",   "int" },
        {"body",   "blob"}
    };
    struct rows *r;

    (void)state;
    assert_ok(db_columns(f.db, "thing", &r));
    assert_int_equal(row_count(r), COUNT_OF(want));
    for (size_t i = 0; row_next(r); i++) {
        assert_string_equal(row_str(r, 0), want[i][0]);
        assert_string_equal(row_str(r, 1), want[i][1]);
        assert_int_equal(row_num(r, 2), i < 3);
    }
    store_finish(&f);
}

static void asof_sees_the_past(void **state)
{
    struct fixture f = thing_store();
    struct db *reader;

    (void)state;
    assert_ok(add_thing(f.db, 1, "new"));
    add_version(f.db, 1, "old", 100, 200);
    add_version(f.db, 1, "new", 200, INT64_MAX);
    reader = store_open(&f, DB_READ, 0);
    assert_string_equal(name_of(reader, 1), "new");
    assert_ok(db_asof(reader, 150));
    assert_string_equal(name_of(reader, 1), "old");
    assert_ok(db_asof(reader, 199));
    assert_string_equal(name_of(reader, 1), "old");
    assert_ok(db_asof(reader, 200));
    assert_string_equal(name_of(reader, 1), "new");
    assert_ok(db_asof(reader, 99));
    assert_string_equal(name_of(reader, 1), "-");
    assert_ok(db_asof(reader, 0));
    assert_string_equal(name_of(reader, 1), "new");
    assert_ok(
        db_exec(f.db, "update thing set name = 'newest' where org_id = $1 and id = 1", num(1)));
    assert_string_equal(name_of(reader, 1), "newest");
    assert_ok(db_asof(reader, 150));
    assert_ok(db_begin(reader, DB_BEGIN_READ));
    assert_string_equal(name_of(reader, 1), "old");
    assert_ok(db_commit(reader));
    assert_err(add_thing(reader, 5, "x"), ERR_FAULT);
    db_close(reader);
    store_finish(&f);
}

static void asof_uses_the_index(void **state)
{
    struct fixture f = thing_store();
    struct rows *r;
    static const char *const question = "select name from thing where org_id = $1 and id = $2";

    (void)state;
    for (int i = 0; i < 2000; i++)
        add_version(f.db, i, "x", 100, INT64_MAX);
    if (db_engine(f.db) == DB_POSTGRES)
        assert_ok(db_exec(f.db, "analyze thing_history"));
    assert_ok(db_asof(f.db, 150));
    assert_ok(db_query_text(
        f.db, &r,
        arena_printf(f.a, "%s %s", db_engine(f.db) == DB_SQLITE ? "explain query plan" : "explain",
                     question),
        (const struct val[]){num(1), num(7)}, 2));
    assert_true(row_next(r));
    assert_contains(row_str(r, db_engine(f.db) == DB_SQLITE ? 3 : 0), "thing_history_key");
    store_finish(&f);
}

static void asof_follows_migrations(void **state)
{
    struct fixture f = thing_store();
    struct migration list[] = {
        {1, "0001_things", thing_schema                       },
        {2, "0002",
         "alter table thing drop column size;\nalter table thing_history drop column size;\n"
         "alter table thing add column colour text;\n"
         "alter table thing_history add column colour text;\n"}
    };
    struct rows *r;

    (void)state;
    add_version(f.db, 1, "old", 100, 200);
    assert_ok(db_migrate_list(f.db, list, 2));
    assert_ok(db_asof(f.db, 150));
    assert_ok(db_query(f.db, &r, "select colour, name from thing where org_id = $1", num(1)));
    assert_true(row_next(r));
    assert_string_equal(row_str(r, 1), "old");
    store_finish(&f);
}

/* Runs in a process of its own, which the test kills in the middle. */
static void slow_migration(struct fixture *f, const struct migration *list)
{
    struct db_config config = {.url = f->url, .mode = DB_WRITE};
    struct db *db;

    if (db_open(&config, &db) || db_migrate_list(db, list, 2))
        _exit(1);
    _exit(0);
}

static void killed_step_leaves_nothing(void **state)
{
    struct fixture f = thing_store();
    const char *text = arena_printf(f.a,
                                    "create table fresh (a @int) @strict;\n"
                                    "update thing set name = 'z' where name = 'a';\n"
                                    "insert into fresh %s;\n",
                                    slow_statement);
    struct migration list[] = {
        {1, THING_STEP,  thing_schema},
        {2, "0002_slow", text        }
    };
    struct rows *r;
    pid_t child;
    int status;

    (void)state;
    /* The rest of WITH comes after INSERT INTO on both engines. */
    assert_ok(add_thing(f.db, 1, "a"));
    child = fork();
    if (child == 0)
        slow_migration(&f, list);
    usleep(400000);
    assert_int_equal(waitpid(child, &status, WNOHANG), 0);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    /* PostgreSQL notices the dead client when its statement ends: end it. */
    if (db_engine(f.db) == DB_POSTGRES)
        assert_ok(db_query(f.db, &r,
                           "select pg_terminate_backend(pid) from pg_stat_activity where"
                           " pid <> pg_backend_pid() and datname = current_database()"));
    usleep(100000);
    assert_ok(db_schema_check_list(f.db, list, 1));
    assert_ok(db_columns(f.db, "fresh", &r));
    assert_int_equal(row_count(r), 0);
    assert_ok(db_query(f.db, &r, "select id from thing where org_id = $1 and name = 'a'", num(1)));
    assert_int_equal(row_count(r), 1);
    list[1].text = "create table fresh (a @int) @strict;\n";
    assert_ok(db_migrate_list(f.db, list, 2));
    store_finish(&f);
}

struct racer {
    struct fixture *f;
    char text[900];
};

static void *race(void *arg)
{
    struct migration mine[] = {
        {1, THING_STEP,  thing_schema                                             },
        {2, "0002_kind",
         "create table kind (a @int) @strict;\ninsert into kind (a) values (1);\n"}
    };
    struct racer *racer = arg;
    struct db_config config = {.url = racer->f->url, .mode = DB_WRITE};
    struct db *db;
    struct err *e;

    e = db_open(&config, &db);
    if (!e) {
        e = db_migrate_list(db, mine, 2);
        db_close(db);
    }
    if (e)
        snprintf(racer->text, sizeof(racer->text), "%s %s", e->text,
                 e->cause ? e->cause->detail : e->detail);
    return NULL;
}

static void two_migrate_at_once(void **state)
{
    struct fixture f = empty_store();
    struct racer racers[4] = {0};
    pthread_t threads[4];
    struct rows *r;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        racers[i].f = &f;
        assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    }
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        assert_string_equal(racers[i].text, "");
    assert_ok(db_query(f.db, &r, "select count(*) from kind"));
    assert_true(row_next(r));
    assert_int_equal(row_num(r, 0), 1);
    store_finish(&f);
}

/* Columns of a table as one text, " a b c ". */
static char *columns_of(struct db *db, struct arena *a, const char *table)
{
    char *text = arena_str(a, " ");
    struct rows *r;

    assert_ok(db_columns(db, table, &r));
    while (row_next(r))
        text = arena_printf(a, "%s%s:%s ", text, row_text(r, 0), row_text(r, 1));
    return text;
}

static void own_tables_exist(void **state)
{
    struct fixture f = {.a = arena_new(0)};
    const struct db_table *tables;
    size_t n = db_tables(&tables);

    (void)state;
    assert_ok(store_ready(f.a, &f.url));
    f.db = store_open(&f, DB_WRITE, 0);
    assert_ok(db_schema_check(f.db));
    assert_true(n > 10);
    for (size_t i = 0; i < n; i++) {
        const char *name = tables[i].name;

        if (strlen(columns_of(f.db, f.a, name)) < 4)
            fail_msg("there is no table %s", name);
        assert_non_null(strstr(" record fact scratch reference system ",
                               arena_printf(f.a, " %s ", tables[i].class)));
        for (int past = 0; past < 2; past++) {
            struct rows *r;

            assert_ok(db_asof(f.db, past * 1000));
            assert_ok(db_query_text(f.db, &r, arena_printf(f.a, "select count(*) from %s", name),
                                    NULL, 0));
        }
        assert_ok(db_asof(f.db, 0));
    }
    store_finish(&f);
}

static void twins_match(void **state)
{
    struct fixture f = {.a = arena_new(0)};
    const struct db_table *tables;
    size_t n = db_tables(&tables), twins = 0;

    (void)state;
    assert_ok(store_ready(f.a, &f.url));
    f.db = store_open(&f, DB_WRITE, 0);
    for (size_t i = 0; i < n; i++) {
        const char *name = tables[i].name;
        char *live, *past = columns_of(f.db, f.a, arena_printf(f.a, "%s_history", name));
        struct rows *r;

        if (strlen(past) < 2)
            continue;
        twins++;
        live = columns_of(f.db, f.a, name);
        assert_contains(past, " valid_from:int ");
        assert_contains(past, " valid_to:int ");
        assert_contains(past, " log_idx:int ");
        assert_ok(db_columns(f.db, arena_printf(f.a, "%s_history", name), &r));
        while (row_next(r))
            if (!strstr(" valid_from valid_to log_idx salt ",
                        arena_printf(f.a, " %s ", row_str(r, 0))) &&
                !strstr(live, arena_printf(f.a, " %s:%s ", row_str(r, 0), row_str(r, 1))))
                fail_msg("%s_history.%s is not like a column of %s", name, row_str(r, 0), name);
    }
    assert_true(twins > 3);
    store_finish(&f);
}

const struct test_case migrate_tests[] = {
    TEST("a migration is applied once", migrates_once),
    TEST("a changed migration and a newer store are refused", changed_file_is_refused),
    TEST("a failing migration leaves nothing behind", failing_step_leaves_nothing),
    TEST("every table of the program is there, live and as of a time", own_tables_exist),
    TEST("every twin has only columns of its table, with the same types", twins_match),
    TEST("a step killed in the middle leaves the old schema, and the next start goes on",
         killed_step_leaves_nothing),
    TEST("several programs that migrate at once apply each step once", two_migrate_at_once),
    TEST("an empty store fails the schema check", empty_store_is_not_ready),
    TEST("the five tokens and engine lines expand for each engine", tokens_expand),
    TEST("tables have the classes of the migrations", tables_have_classes),
    TEST("the columns of a table are listed in order", columns_are_listed),
    TEST("as-of sees the old row and live the new, with the same text", asof_sees_the_past),
    TEST("as-of uses the index of the twin", asof_uses_the_index),
    TEST("as-of follows a migration that changes a table and its twin", asof_follows_migrations),
    TEST_END,
};
