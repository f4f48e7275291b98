/* SPDX-License-Identifier: Apache-2.0 */
/* PostgreSQL: what surrounds a migration. The schema `compat` holds the functions that the common
 * subset takes from SQLite, the schema `asof` a view per record table over its twin. */
#include "db/postgres.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"

/* Raised whenever the functions or the views below change. */
#define COMPAT_MARK "cairn compat 4"

static struct pg *pg_of(struct db *db)
{
    return (struct pg *)db->live;
}

static struct err *do_text(struct db *db, const char *sql)
{
    return db_exec_text(db, NULL, sql, NULL, 0);
}

/* ORDER BY and < must be byte order, as in SQLite. */
static struct err *check_collation(struct db *db)
{
    struct rows *r;
    const char *name;

    TRY(db_query(db, &r,
                 "SELECT d.datcollate, pg_catalog.pg_encoding_to_char(d.encoding), d.datname,"
                 " pg_catalog.to_jsonb(d) ->> 'datlocprovider', pg_catalog.to_jsonb(d) ->>"
                 " 'daticulocale' FROM pg_catalog.pg_database d"
                 " WHERE d.datname = pg_catalog.current_database()"));
    if (!row_next(r))
        return err_new(ERR_FAULT, "The database does not know itself.");
    /* With ICU the other locale says nothing. Before PostgreSQL 15 there was no choice. */
    name = strcmp(row_text(r, 3), "i") == 0 ? row_text(r, 4) : row_text(r, 0);
    if (strcmp(row_text(r, 1), "UTF8") != 0)
        return err_new(ERR_FAULT, "The database must store text as UTF-8. Create it with ENCODING "
                                  "'UTF8' TEMPLATE template0.");
    if (strcmp(name, "C") != 0 && strcasecmp(name, "C.UTF-8") != 0 &&
        strcasecmp(name, "C.UTF8") != 0 && strcmp(name, "POSIX") != 0)
        return err_new(ERR_FAULT,
                       "The database sorts by the rules of %s, but this program needs byte "
                       "order. Create it with: CREATE DATABASE \"%s\" TEMPLATE template0 "
                       "ENCODING 'UTF8' LOCALE 'C.UTF-8'.",
                       name, row_text(r, 2));
    return NULL;
}

static const char *const compat_functions[] = {
    /* The elements of a JSON array, or the members of an object, as text. */
    "CREATE OR REPLACE FUNCTION %s.json_each(j text) RETURNS TABLE (key text, value text)"
    " LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 20 AS $f$"
    " SELECT (n - 1)::text, v FROM pg_catalog.jsonb_array_elements_text("
    "CASE WHEN pg_catalog.jsonb_typeof(j::jsonb) = 'array' THEN j::jsonb ELSE '[]' END)"
    " WITH ORDINALITY AS t (v, n)"
    " UNION ALL SELECT e.key, e.value FROM pg_catalog.jsonb_each_text("
    "CASE WHEN pg_catalog.jsonb_typeof(j::jsonb) = 'object' THEN j::jsonb ELSE '{}' END) AS e $f$",
    /* json($1) turns text into a value of a @json column. */
    "CREATE OR REPLACE FUNCTION %s.json(j text) RETURNS jsonb"
    " LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT j::jsonb $f$",
    /* 1 when the bytes of the part occur in the text. */
    "CREATE OR REPLACE FUNCTION %s.text_has(s text, part text) RETURNS bigint"
    " LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$"
    " SELECT CASE WHEN pg_catalog.strpos(s, part) > 0 THEN 1::bigint ELSE 0::bigint END $f$",
    /* Lower case, no accents, single spaces: what base/text.h does, for the letters that people
     * here write. "" for NULL. */
    "CREATE OR REPLACE FUNCTION %s.text_fold(s text) RETURNS text"
    " LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$"
    " SELECT pg_catalog.btrim(pg_catalog.regexp_replace(pg_catalog.regexp_replace("
    "pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(pg_catalog.translate("
    "pg_catalog.lower(pg_catalog.normalize(COALESCE(s, ''), 'NFKD')),"
    " U&'\\00F8\\00D8\\0142\\0141\\0111\\0110', 'oolldd'),"
    " U&'\\00DF', 'ss'), U&'\\00E6', 'ae'), U&'\\0153', 'oe'),"
    " U&'[\\0300-\\036F\\200B-\\200F]+', '', 'g'), '[[:space:]]+', ' ', 'g'), ' ') $f$",
    /* The digest of the bytes of a text, in lower-case hex. */
    "CREATE OR REPLACE FUNCTION %s.text_sha256(s text) RETURNS text"
    " LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$"
    " SELECT pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(s, 'UTF8')), 'hex') $f$",
    "CREATE OR REPLACE FUNCTION %s.substr(s text, n bigint) RETURNS text"
    " LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT pg_catalog.substr(s, n::int) $f$",
    "CREATE OR REPLACE FUNCTION %s.substr(s text, n bigint, l bigint) RETURNS text"
    " LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT pg_catalog.substr(s, n::int, l::int) $f$",
};

/* The mark says which edition of the functions and views is there. */
static struct err *compat_current(struct db *db, bool *current)
{
    const struct pg *p = pg_of(db);
    struct rows *r;

    TRY(db_query(db, &r,
                 "SELECT pg_catalog.obj_description(pg_catalog.to_regnamespace($1),"
                 " 'pg_namespace')",
                 str(p->compat)));
    *current = row_next(r) && text_equal(row_str(r, 0), COMPAT_MARK);
    return NULL;
}

static struct err *make_compat(struct db *db, struct arena *a)
{
    struct pg *p = pg_of(db);
    struct rows *r;

    TRY(pg_before(db));
    TRY(db_query_text(db, &r, "SELECT has_database_privilege(current_database(), 'CREATE')", NULL,
                      0));
    if (!row_next(r) || !row_num(r, 0))
        return err_new(ERR_DENIED,
                       "The database user may not create schemas. As an administrator run: "
                       "GRANT CREATE ON DATABASE ... TO the user of this program.");
    TRY(do_text(db, arena_printf(a, "CREATE SCHEMA IF NOT EXISTS %s", p->compat)));
    for (size_t i = 0; i < COUNT_OF(compat_functions); i++) {
        const char *rest = strstr(compat_functions[i], "%s") + 2;
        size_t head = (size_t)(rest - 2 - compat_functions[i]);

        TRY(do_text(db,
                    arena_printf(a, "%.*s%s%s", (int)head, compat_functions[i], p->compat, rest)));
    }
    TRY(do_text(db, arena_printf(a, "COMMENT ON SCHEMA %s IS '" COMPAT_MARK "'", p->compat)));
    return pg_after(db);
}

struct err *pg_prepare_store(struct db *db)
{
    bool current;
    struct err *e;

    TRY(check_collation(db));
    TRY(compat_current(db, &current));
    if (current)
        return NULL;
    TRY(db_begin(db, DB_BEGIN_WRITE));
    e = make_compat(db, db->arena);
    if (!e)
        return db_commit(db);
    db_rollback(db);
    return e;
}

struct err *pg_pause(struct db *db)
{
    (void)db;
    return NULL;
}

struct err *pg_resume(struct db *db)
{
    /* Plans of the old schema are of no use. */
    pg_disconnect(pg_of(db));
    return NULL;
}

/* One program migrates at a time; the views go, because they would hold the columns fast. */
struct err *pg_before(struct db *db)
{
    struct pg *p = pg_of(db);

    TRY(do_text(db, "SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext("
                    "'cairn ' || pg_catalog.current_setting('cairn.schema')))"));
    return do_text(db, arena_printf(db->arena, "DROP SCHEMA IF EXISTS %s CASCADE", p->asof));
}

static struct err *twin_view(struct db *db, const char *table, const char *columns)
{
    struct pg *p = pg_of(db);

    return do_text(db,
                   arena_printf(db->arena,
                                "CREATE VIEW %s.\"%s\" AS SELECT %s FROM %s.\"%s_history\" WHERE"
                                " valid_from <= pg_catalog.current_setting('cairn.asof')::bigint"
                                " AND valid_to > pg_catalog.current_setting('cairn.asof')::bigint",
                                p->asof, table, columns, p->schema, table));
}

/* The live tables beside them, as now_<table>: rights are those of today. */
static struct err *now_views(struct db *db)
{
    struct pg *p = pg_of(db);
    struct rows *r;

    TRY(db_query(db, &r,
                 "SELECT t.relname::text FROM pg_catalog.pg_class t"
                 " JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace"
                 " WHERE t.relkind IN ('r', 'p') AND n.nspname ="
                 " pg_catalog.current_setting('cairn.schema')"
                 " AND pg_catalog.right(t.relname::text, 8) <> '_history' ORDER BY 1"));
    while (row_next(r))
        TRY(do_text(db,
                    arena_printf(db->arena, "CREATE VIEW %s.\"now_%s\" AS SELECT * FROM %s.\"%s\"",
                                 p->asof, row_text(r, 0), p->schema, row_text(r, 0))));
    return NULL;
}

struct err *pg_after(struct db *db)
{
    struct pg *p = pg_of(db);
    struct rows *r;

    TRY(do_text(db, arena_printf(db->arena, "CREATE SCHEMA %s", p->asof)));
    /* Each table with a twin, and its columns; one that the twin lacks is NULL in the past. */
    TRY(db_query(
        db, &r,
        "SELECT t.relname::text, string_agg(CASE WHEN h.attname IS NULL THEN 'CAST(NULL AS ' ||"
        " pg_catalog.format_type(c.atttypid, c.atttypmod) || ') AS ' ELSE '' END ||"
        " pg_catalog.quote_ident(c.attname), ', ' ORDER BY c.attnum)"
        " FROM pg_catalog.pg_class t"
        " JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace"
        " JOIN pg_catalog.pg_class twin ON twin.relnamespace = n.oid"
        " AND twin.relname = t.relname || '_history' AND twin.relkind IN ('r', 'p')"
        " JOIN pg_catalog.pg_attribute c ON c.attrelid = t.oid AND c.attnum > 0"
        " AND NOT c.attisdropped"
        " LEFT JOIN pg_catalog.pg_attribute h ON h.attrelid = twin.oid AND h.attname = c.attname"
        " AND h.attnum > 0 AND NOT h.attisdropped"
        " WHERE t.relkind IN ('r', 'p') AND n.nspname ="
        " pg_catalog.current_setting('cairn.schema')"
        " GROUP BY t.relname ORDER BY t.relname"));
    while (row_next(r))
        TRY(twin_view(db, row_text(r, 0), row_text(r, 1)));
    return now_views(db);
}

struct err *pg_size(struct conn *c, struct arena *a, i64 *bytes, i64 *wal)
{
    struct rows *r;

    if (wal)
        *wal = 0;
    if (!bytes)
        return NULL;
    TRY(pg_run(c,
               &(struct call){.sql = "SELECT coalesce(sum(pg_total_relation_size(t.oid)), 0) FROM"
                                     " pg_catalog.pg_class t JOIN pg_catalog.pg_namespace n ON"
                                     " n.oid = t.relnamespace WHERE t.relkind = 'r' AND n.nspname ="
                                     " pg_catalog.current_setting('cairn.schema')",
                              .arena = a,
                              .out = &r}));
    *bytes = row_next(r) ? row_num(r, 0) : 0;
    return NULL;
}
