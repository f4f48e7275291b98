/* SPDX-License-Identifier: Apache-2.0 */
/* SQLite: checkpoint, backup, size, the authorizer for rule files, added functions, and the views
 * of an as-of connection. */
#include "db/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/crypt.h"
#include "base/text.h"

#define BACKUP_PAGES 100
#define CHECKPOINT_BUSY_MS 200
#define BACKUP_WAITS 3000 /* of 10 ms */

struct err *lite_checkpoint(struct conn *c, bool truncate)
{
    struct lite *l = (struct lite *)c;
    int mode = truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
    int in_wal = 0, moved = 0, rc;

    /* Readers are short: whoever holds the WAL longer must not hold the writer. */
    sqlite3_busy_timeout(l->db, CHECKPOINT_BUSY_MS);
    rc = sqlite3_wal_checkpoint_v2(l->db, "main", mode, &in_wal, &moved);
    sqlite3_busy_timeout(l->db, lite_busy_ms(l));
    if ((rc & 0xff) == SQLITE_BUSY && !truncate)
        return NULL;
    if (rc)
        return lite_err(l, rc, "checkpoint");
    if (in_wal == moved)
        l->wal_pages = 0;
    return NULL;
}

struct err *lite_size(struct conn *c, struct arena *a, i64 *bytes, i64 *wal)
{
    struct lite *l = (struct lite *)c;
    struct rows *r;

    if (bytes) {
        TRY(lite_run(c, &(struct call){.sql = "SELECT p.page_count * s.page_size FROM"
                                              " pragma_page_count p, pragma_page_size s",
                                       .arena = a,
                                       .out = &r}));
        *bytes = row_next(r) ? row_num(r, 0) : 0;
    }
    if (wal && l->write) {
        /* What is not in the database yet; the file itself keeps its size for reuse. */
        *wal = l->wal_pages * 4096LL;
    } else if (wal) {
        struct stat st;

        *wal = stat(arena_printf(a, "%s-wal", l->path), &st) == 0 ? st.st_size : 0;
    }
    return NULL;
}

/* One read transaction holds the snapshot, so a busy writer cannot make the copy start again. */
static int copy_pages(struct lite *l, sqlite3 *to)
{
    sqlite3_backup *b = sqlite3_backup_init(to, "main", l->db, "main");
    int rc, waits = 0;

    if (!b)
        return sqlite3_extended_errcode(to);
    do {
        rc = sqlite3_backup_step(b, BACKUP_PAGES);
        if (rc == SQLITE_BUSY || rc == SQLITE_LOCKED) {
            sqlite3_sleep(10);
            waits++;
        }
    } while (rc == SQLITE_OK ||
             ((rc == SQLITE_BUSY || rc == SQLITE_LOCKED) && waits < BACKUP_WAITS));
    if (rc == SQLITE_DONE)
        return sqlite3_backup_finish(b);
    sqlite3_backup_finish(b);
    return rc;
}

/* The copy stands on its own: one file, without a WAL beside it until it is opened for use. */
static int backup_into(struct lite *l, const char *path)
{
    sqlite3 *to = NULL;
    int rc = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);

    if (!rc)
        rc = copy_pages(l, to);
    if (!rc)
        rc = sqlite3_exec(to, "PRAGMA synchronous=FULL; PRAGMA journal_mode=DELETE", NULL, NULL,
                          NULL);
    sqlite3_close(to);
    return rc;
}

static struct err *file_err(const char *path)
{
    return err_detail(err_new(ERR_FAULT, "The backup file %s cannot be written.", path), "%s",
                      strerror(errno));
}

static struct err *sync_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int bad = fd < 0 || fsync(fd) != 0;

    if (fd >= 0)
        close(fd);
    return bad ? file_err(path) : NULL;
}

struct err *lite_backup(struct conn *c, const char *path)
{
    struct lite *l = (struct lite *)c;
    bool inside = !sqlite3_get_autocommit(l->db);
    char part[4096];
    struct err *e = NULL;
    int fd, rc;

    if (snprintf(part, sizeof(part), "%s.part", path) >= (int)sizeof(part))
        return err_new(ERR_BAD, "The name of the backup file is too long.");
    fd = open(part, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return file_err(part);
    close(fd);
    if (!inside) {
        TRY(lite_do(l, "BEGIN"));
        TRY(lite_do(l, "SELECT count(*) FROM sqlite_schema"));
    }
    rc = backup_into(l, part);
    if (rc)
        e = err_detail(err_new((rc & 0xff) == SQLITE_FULL ? ERR_BUSY : ERR_FAULT,
                               "The backup could not be written. Check the free space."),
                       "sqlite %d", rc);
    if (!inside)
        c->ops->rollback(c);
    if (!e)
        e = sync_file(part);
    if (!e && rename(part, path) != 0)
        e = file_err(path);
    if (e)
        unlink(part);
    return e;
}

static bool own_table(const char *name)
{
    return name && !text_starts(name, "sqlite_") && !text_starts(name, "pragma_");
}

static int authorise(void *ctx, int action, const char *first, const char *second,
                     const char *schema, const char *view)
{
    (void)ctx;
    (void)schema;
    (void)view;
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_RECURSIVE:
        return SQLITE_OK;
    case SQLITE_READ:
        return own_table(first) ? SQLITE_OK : SQLITE_DENY;
    case SQLITE_FUNCTION:
        return second && strcmp(second, "load_extension") != 0 ? SQLITE_OK : SQLITE_DENY;
    case SQLITE_TRANSACTION: /* begin and end of the caller's snapshot; restricted_text stops rules
                              */
        return SQLITE_OK;
    case SQLITE_SAVEPOINT:
        return SQLITE_OK;
    default:
        return SQLITE_DENY;
    }
}

struct err *lite_restrict(struct conn *c, int timeout_ms)
{
    struct lite *l = (struct lite *)c;
    int rc;

    cache_clear(&l->cache);
    if (timeout_ms > 0)
        l->timeout_ms = timeout_ms;
    /* json_each is a virtual table: its first use declares itself, which the authorizer sees as
     * creating one. */
    TRY(lite_do(l, "SELECT count(*) FROM json_each('[]')"));
    sqlite3_limit(l->db, SQLITE_LIMIT_LENGTH, 16 << 20);
    rc = sqlite3_set_authorizer(l->db, authorise, l);
    return rc ? lite_err(l, rc, NULL) : NULL;
}

struct joined {
    char *data;
    size_t size, room;
    bool any;
};

static bool join(struct joined *j, const unsigned char *text, int size)
{
    if (!text || size <= 0)
        return true;
    if (j->size + (size_t)size > j->room) {
        size_t room = (j->size + (size_t)size) * 2;
        char *data = sqlite3_realloc64(j->data, room);

        if (!data)
            return false;
        j->data = data;
        j->room = room;
    }
    memcpy(j->data + j->size, text, (size_t)size);
    j->size += (size_t)size;
    return true;
}

static void string_agg_step(sqlite3_context *ctx, int n, sqlite3_value **v)
{
    struct joined *j = sqlite3_aggregate_context(ctx, sizeof(*j));
    const unsigned char *separator, *text;

    (void)n;
    if (!j || sqlite3_value_type(v[0]) == SQLITE_NULL)
        return;
    separator = sqlite3_value_text(v[1]);
    text = sqlite3_value_text(v[0]);
    if ((j->any && !join(j, separator, sqlite3_value_bytes(v[1]))) ||
        !join(j, text, sqlite3_value_bytes(v[0])))
        sqlite3_result_error_nomem(ctx);
    j->any = true;
}

static void string_agg_final(sqlite3_context *ctx)
{
    struct joined *j = sqlite3_aggregate_context(ctx, 0);

    if (!j || !j->any)
        return;
    sqlite3_result_text64(ctx, j->data ? j->data : "", j->size, SQLITE_TRANSIENT, SQLITE_UTF8);
    sqlite3_free(j->data);
}

static void octet_length(sqlite3_context *ctx, int n, sqlite3_value **v)
{
    (void)n;
    if (sqlite3_value_type(v[0]) == SQLITE_NULL)
        return;
    if (sqlite3_value_type(v[0]) != SQLITE_BLOB)
        (void)sqlite3_value_text(v[0]);
    sqlite3_result_int(ctx, sqlite3_value_bytes(v[0]));
}

/* SQLite 3.40 forgot to mark its own as harmless, and CHECK (json_valid(x)) is refused without the
 * mark when the schema is not trusted. */
static void json_valid(sqlite3_context *ctx, int n, sqlite3_value **v)
{
    const char *text = (const char *)sqlite3_value_text(v[0]);
    json_t *json;

    (void)n;
    if (!text)
        return;
    json = json_loadb(text, (size_t)sqlite3_value_bytes(v[0]), JSON_DECODE_ANY, NULL);
    sqlite3_result_int(ctx, json != NULL);
    json_decref(json);
}

/* text_has(text, part): 1 when the bytes of `part` occur in `text`. */
static void text_has(sqlite3_context *ctx, int n, sqlite3_value **v)
{
    const unsigned char *text = sqlite3_value_text(v[0]);
    const unsigned char *part = sqlite3_value_text(v[1]);

    (void)n;
    if (text && part)
        sqlite3_result_int(ctx, memmem(text, (size_t)sqlite3_value_bytes(v[0]), part,
                                       (size_t)sqlite3_value_bytes(v[1])) != NULL);
}

/* text_fold(text): as base/text.h folds it, "" for NULL. */
static void text_folded(sqlite3_context *ctx, int n, sqlite3_value **v)
{
    const char *text = (const char *)sqlite3_value_text(v[0]);
    struct arena *a;

    (void)n;
    if (!text || !*text) {
        sqlite3_result_text(ctx, "", 0, SQLITE_STATIC);
        return;
    }
    a = arena_new(0);
    sqlite3_result_text(ctx, text_fold(a, text), -1, SQLITE_TRANSIENT);
    arena_free(a);
}

/* text_sha256(text): the digest of the bytes of the text, in lower-case hex. */
static void text_sha256(sqlite3_context *ctx, int n, sqlite3_value **v)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *text = sqlite3_value_text(v[0]);
    unsigned char digest[DIGEST_SIZE];
    char hex[DIGEST_SIZE * 2];

    (void)n;
    if (!text)
        return;
    crypt_sha256(text, (size_t)sqlite3_value_bytes(v[0]), digest);
    for (size_t i = 0; i < DIGEST_SIZE; i++) {
        hex[i * 2] = digits[digest[i] >> 4];
        hex[i * 2 + 1] = digits[digest[i] & 15];
    }
    sqlite3_result_text(ctx, hex, (int)sizeof(hex), SQLITE_TRANSIENT);
}

static void asof_at(sqlite3_context *ctx, int n, sqlite3_value **v)
{
    const struct lite *l = sqlite3_user_data(ctx);

    (void)n;
    (void)v;
    sqlite3_result_int64(ctx, l->at);
}

int lite_functions(struct lite *l)
{
    int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
    int rc = sqlite3_create_function(l->db, "string_agg", 2, flags, NULL, NULL, string_agg_step,
                                     string_agg_final);

    if (!rc)
        rc = sqlite3_create_function(l->db, "octet_length", 1, flags, NULL, octet_length, NULL,
                                     NULL);
    if (!rc)
        rc = sqlite3_create_function(l->db, "json_valid", 1, flags, NULL, json_valid, NULL, NULL);
    if (!rc)
        rc = sqlite3_create_function(l->db, "text_has", 2, flags, NULL, text_has, NULL, NULL);
    if (!rc)
        rc = sqlite3_create_function(l->db, "text_fold", 1, flags, NULL, text_folded, NULL, NULL);
    if (!rc)
        rc = sqlite3_create_function(l->db, "text_sha256", 1, flags, NULL, text_sha256, NULL, NULL);
    /* "Deterministic" promises one value per run of a statement, which holds, and lets SQLite ask
     * once instead of per row; nothing is folded at prepare time. */
    if (!rc)
        rc = sqlite3_create_function(l->db, "asof_at", 0, flags, l, asof_at, NULL, NULL);
    return rc;
}

static struct err *twin_view(struct lite *l, struct arena *a, const char *table)
{
    struct rows *columns;
    struct buf sql;
    bool first = true;

    TRY(lite_run(
        &l->base,
        &(struct call){
            .sql = "SELECT c.name, CASE WHEN h.name IS NULL THEN 0 ELSE 1 END"
                   " FROM pragma_table_info($1) c LEFT JOIN"
                   " pragma_table_info($2) h ON h.name = c.name ORDER BY c.cid",
            .vals = (const struct val[]){str(table), str(arena_printf(a, "%s_history", table))},
            .nvals = 2,
            .arena = a,
            .out = &columns
    }));
    buf_init(&sql, a, 1024);
    buf_printf(&sql, "CREATE TEMP VIEW \"%s\" AS SELECT ", table);
    for (; row_next(columns); first = false)
        buf_printf(&sql, "%s%s\"%s\"", first ? "" : ", ", row_num(columns, 1) ? "" : "NULL AS ",
                   row_text(columns, 0));
    buf_printf(&sql,
               " FROM main.\"%s_history\" WHERE valid_from <= asof_at()"
               " AND valid_to > asof_at()",
               table);
    return lite_do(l, sql.data);
}

/* The live table beside it, as now_<table>: rights are those of today. */
static struct err *now_views(struct lite *l, struct arena *a)
{
    struct rows *tables;

    TRY(lite_run(&l->base,
                 &(struct call){.sql = "SELECT name FROM main.sqlite_schema WHERE type = 'table'"
                                       " AND name NOT LIKE '%\\_history' ESCAPE '\\'"
                                       " AND name NOT LIKE 'sqlite%' AND sql NOT LIKE 'CREATE V%'",
                                .arena = a,
                                .out = &tables}));
    while (row_next(tables))
        TRY(lite_do(l, arena_printf(a, "CREATE TEMP VIEW \"now_%s\" AS SELECT * FROM main.\"%s\"",
                                    row_text(tables, 0), row_text(tables, 0))));
    return NULL;
}

struct err *lite_views(struct lite *l)
{
    struct arena *a = arena_new(0);
    struct rows *twins = NULL;
    struct err *e = lite_run(
        &l->base, &(struct call){.sql = "SELECT t.name FROM main.sqlite_schema t JOIN"
                                        " main.sqlite_schema h ON h.name = t.name || '_history'"
                                        " WHERE t.type = 'table' AND h.type = 'table'",
                                 .arena = a,
                                 .out = &twins});

    while (!e && row_next(twins))
        e = twin_view(l, a, row_text(twins, 0));
    if (!e)
        e = now_views(l, a);
    cache_clear(&l->cache);
    arena_free(a);
    return e;
}
