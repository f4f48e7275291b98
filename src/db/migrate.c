/* SPDX-License-Identifier: Apache-2.0 */
/* Bringing a store to the schema of this program, one transaction per migration, and saying in
 * words when that is not possible. What a migration text means is in schema.c. */
#include "db/db.h"

#include <string.h>

#include "base/clock.h"
#include "base/crypt.h"
#include "base/text.h"
#include "db/engine.h"

static const char *const schema_migration = "create table if not exists schema_migration ("
                                            "n @int primary key, name text not null,"
                                            " checksum text not null, at @int not null) @strict;\n";

static const char *checksum_of(struct arena *a, const struct migration *m)
{
    unsigned char digest[DIGEST_SIZE];

    crypt_sha256(m->text, strlen(m->text), digest);
    return crypt_hex(a, digest, sizeof(digest));
}

static struct err *newer_store(i64 store, size_t known)
{
    return err_new(ERR_CLASH,
                   "This store was written by a newer Cairn (schema %lld, this program "
                   "knows %zu). Install the newer version, or restore a backup.",
                   store, known);
}

static struct err *changed_migration(const char *name)
{
    return err_new(ERR_CLASH,
                   "The schema of this store does not come from this program: upgrade "
                   "step %s differs. Use the program that made the store.",
                   name);
}

/* How many of the list are applied; every applied one must be exactly ours. */
static struct err *applied(struct db *db, const struct migration *list, size_t n, size_t *count)
{
    struct rows *r;

    *count = 0;
    TRY(db_columns(db, "schema_migration", &r));
    if (row_count(r) == 0)
        return NULL;
    TRY(db_query(db, &r, "select n, name, checksum from schema_migration order by n"));
    for (; row_next(r); ++*count) {
        const struct migration *m = &list[*count];

        if (*count >= n)
            return newer_store(row_num(r, 0), n);
        if (row_num(r, 0) != m->n || !text_equal(row_str(r, 1), m->name) ||
            !text_equal(row_str(r, 2), checksum_of(db->arena, m)))
            return changed_migration(row_text(r, 1));
    }
    return NULL;
}

static struct err *run_statements(struct db *db, const char *text)
{
    char **statements;
    size_t n = migration_split(db->arena, db_engine(db), text, &statements);

    for (size_t i = 0; i < n; i++)
        TRY(db_exec_text(db, NULL, statements[i], NULL, 0));
    return NULL;
}

/* Inside the transaction. Another process may have been first: then there is nothing to do. */
static struct err *apply_inside(struct db *db, const struct migration *list, size_t n, size_t i)
{
    const struct migration *m = &list[i];
    size_t done;

    TRY(db->ops->before(db));
    TRY(applied(db, list, n, &done));
    if (done > i)
        return db->ops->after(db);
    TRY(run_statements(db, schema_migration));
    TRY(run_statements(db, m->text));
    TRY(db_exec(db, "insert into schema_migration (n, name, checksum, at) values ($1, $2, $3, $4)",
                num(m->n), str(m->name), str(checksum_of(db->arena, m)), num(clock_now())));
    return db->ops->after(db);
}

static struct err *apply(struct db *db, const struct migration *list, size_t n, size_t i)
{
    struct err *e;

    TRY(db->ops->pause(db));
    e = db_begin(db, DB_BEGIN_WRITE);
    if (!e)
        e = apply_inside(db, list, n, i);
    if (!e)
        e = db_commit(db);
    if (e) {
        db_rollback(db);
        e = err_wrap(e, "Upgrade step %s failed and was undone: %s", list[i].name, e->text);
    }
    if (!e)
        return db->ops->resume(db);
    (void)!db->ops->resume(db);
    return e;
}

static struct err *migrate(struct db *db, const struct migration *list, size_t n)
{
    size_t done;

    TRY(db->ops->prepare(db));
    TRY(applied(db, list, n, &done));
    for (size_t i = done; i < n; i++)
        TRY(apply(db, list, n, i));
    return done < n && db->ops->finish ? db->ops->finish(db) : NULL;
}

struct err *db_migrate_list(struct db *db, const struct migration *list, size_t n)
{
    struct arena *before = db->arena;
    struct err *e;

    db->arena = arena_new(0);
    db->ops->patience(db->live, 0);
    e = migrate(db, list, n);
    db->ops->patience(db->live, db->config.timeout_ms);
    arena_free(db->arena);
    db->arena = before;
    return e;
}

struct err *db_schema_check_list(struct db *db, const struct migration *list, size_t n)
{
    struct arena *before = db->arena;
    size_t done = 0;
    struct err *e;

    db->arena = arena_new(0);
    e = applied(db, list, n, &done);
    arena_free(db->arena);
    db->arena = before;
    if (!e && done < n)
        e = err_new(ERR_CLASH,
                    "This store is older than this program (step %zu of %zu). Start the "
                    "server once: it brings the store up to date.",
                    done, n);
    return e;
}

struct err *db_migrate(struct db *db)
{
    const struct migration *list;
    size_t n = migrations_embedded(&list);

    return db_migrate_list(db, list, n);
}

struct err *db_schema_check(struct db *db)
{
    const struct migration *list;
    size_t n = migrations_embedded(&list);

    return db_schema_check_list(db, list, n);
}
