/* SPDX-License-Identifier: Apache-2.0 */
/* The small store of the tests of src/db. */
#include "db_fixture.h"

#include "store.h"
#include "test.h"

const char *const thing_schema =
    "-- things and their parts; with 'quotes' in a comment\n"
    "-- class: record\n"
    "create table thing (\n"
    "    org_id @int not null,\n"
    "    id @int not null,\n"
    "    name text not null,  -- a comment; with a semicolon\n"
    "    size @int,\n"
    "    body @blob,\n"
    "    primary key (org_id, id),\n"
    "    unique (org_id, name)\n"
    ") @strict @norowid;\n"
    "\n"
    "-- class: record\n"
    "create table thing_history (\n"
    "    org_id @int not null,\n"
    "    id @int not null,\n"
    "    name text not null,\n"
    "    size @int,\n"
    "    body @blob,\n"
    "    valid_from @int not null, valid_to @int not null, log_idx @int not null, salt @blob\n"
    ") @strict;\n"
    "create unique index thing_history_key on thing_history (org_id, id, valid_from);\n"
    "-- class: fact\n"
    "create table part (\n"
    "    org_id @int not null,\n"
    "    id @int not null,\n"
    "    thing @int not null,\n"
    "    note @json not null default '{\"a\": \"x;y -- z @int\"}',\n"
    "    primary key (org_id, id),\n"
    "    foreign key (org_id, thing) references thing (org_id, id)\n"
    ") @strict;\n"
    "-- only: sqlite\n"
    "create table only_lite (a @int) @strict;\n"
    "-- only: postgresql\n"
    "create table only_pg (a @int) @strict;\n";

const char *const slow_statement =
    "with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000000000)"
    " select count(*) from n";

struct db *store_open(struct fixture *f, enum db_mode mode, int timeout_ms)
{
    struct db_config config = {.url = f->url, .mode = mode, .timeout_ms = timeout_ms};
    struct db *db = NULL;

    assert_ok(db_open(&config, &db));
    db_use_arena(db, f->a);
    return db;
}

struct fixture empty_store(void)
{
    struct fixture f = {.a = arena_new(0)};

    assert_ok(store_new(f.a, &f.url));
    f.db = store_open(&f, DB_WRITE, 0);
    return f;
}

struct fixture thing_store(void)
{
    struct fixture f = empty_store();
    struct migration list = {1, THING_STEP, thing_schema};

    assert_ok(db_migrate_list(f.db, &list, 1));
    return f;
}

void store_finish(struct fixture *f)
{
    db_close(f->db);
    arena_free(f->a);
}

struct err *add_thing(struct db *db, i64 id, const char *name)
{
    return db_exec(db, "insert into thing (org_id, id, name) values ($1, $2, $3)", num(1), num(id),
                   str(name));
}

i64 count_things(struct db *db)
{
    struct rows *r;

    assert_ok(db_query(db, &r, "select count(*) from thing where org_id = $1", num(1)));
    assert_true(row_next(r));
    return row_num(r, 0);
}
