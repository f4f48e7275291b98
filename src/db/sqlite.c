/* SPDX-License-Identifier: Apache-2.0 */
/* SQLite: opening a store, transactions, and what an error code means. Statements are run in
 * sqlite_run.c, backup and upkeep are in sqlite_file.c. */
#include "db/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

#define BUSY_MS 5000
#define PROGRESS_STEPS 2000
#define SPILL (8 * 1024 * 1024)

/* Before the first handle. Nobody asks SQLite how much memory it uses, and counting costs a lock
 * for each piece. What a savepoint may have to undo is kept in one piece of SPILL bytes (touched as
 * far as it is used), not in a chain of 1 KB that is walked at the end of every statement. */
static void configure(void)
{
    if (sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) ||
        sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, SPILL))
        log_event(LOG_DEBUG, "sqlite-config", "not taken");
    lite_vfs();
}

int lite_busy_ms(const struct lite *l)
{
    return l->timeout_ms && l->timeout_ms < BUSY_MS ? l->timeout_ms : BUSY_MS;
}

/* After a failed write to the disk nobody knows what is there: stop, and let the start recover. */
static _Noreturn void disk_failed(struct lite *l, int rc)
{
    log_event(LOG_ERROR, "disk-failed", "code=%d reason=%s", rc, sqlite3_errmsg(l->db));
    _exit(1);
}

static struct err *constraint_err(int rc)
{
    switch (rc) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
        return err_new(ERR_CLASH, "There is already a record with this value.");
    case SQLITE_CONSTRAINT_FOREIGNKEY:
        return err_new(ERR_CLASH, "It refers to something that is not there, or something else "
                                  "still refers to it.");
    default:
        return err_new(ERR_INVALID, "The database refused a value.");
    }
}

static struct err *interrupt_err(struct lite *l)
{
    if (l->timed_out)
        return err_new(ERR_LIMIT, "This took too long and was stopped. Narrow it with a filter.");
    return err_new(ERR_LIMIT, "This was stopped because it took too long.");
}

static struct err *code_err(struct lite *l, int rc)
{
    switch (rc & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return err_new(ERR_RETRY, "The database is busy. Try again.");
    case SQLITE_CONSTRAINT:
        return constraint_err(rc);
    case SQLITE_INTERRUPT:
        return interrupt_err(l);
    case SQLITE_TOOBIG:
        return err_new(ERR_LIMIT, "A value is too large to be stored.");
    case SQLITE_AUTH:
        return err_new(ERR_DENIED, "A rule may only read the tables of this program.");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return err_new(ERR_FAULT, "The database file is damaged. Restore the last backup.");
    case SQLITE_CANTOPEN:
        return err_new(ERR_FAULT, "The database file cannot be opened. Check that it is there and "
                                  "that this program may write to its folder.");
    default:
        return err_new(ERR_FAULT, "The database could not do this.");
    }
}

struct err *lite_err(struct lite *l, int rc, const char *sql)
{
    int cause = (rc & 0xff) == SQLITE_IOERR ? sqlite3_system_errno(l->db) : 0;
    struct err *e;

    if (rc == SQLITE_IOERR_FSYNC || rc == SQLITE_IOERR_DIR_FSYNC)
        disk_failed(l, rc);
    if ((rc & 0xff) == SQLITE_NOMEM) {
        log_event(LOG_ERROR, "out-of-memory", "in=sqlite");
        _exit(1);
    }
    if ((rc & 0xff) == SQLITE_FULL) {
        e = err_new(ERR_BUSY, "The disk is full, so nothing was saved. Free some space.");
        e->status = 507;
    } else {
        e = code_err(l, rc);
    }
    return err_detail(e, "sqlite %d (%d): %s [%.200s]", rc, cause, sqlite3_errmsg(l->db),
                      sql ? sql : "");
}

static int on_progress(void *ctx)
{
    struct lite *l = ctx;

    if (l->deadline && clock_ticks() > l->deadline) {
        l->timed_out = true;
        return 1;
    }
    return 0;
}

static int on_commit_to_wal(void *ctx, sqlite3 *db, const char *name, int pages)
{
    (void)db;
    (void)name;
    ((struct lite *)ctx)->wal_pages = pages;
    return SQLITE_OK;
}

struct err *lite_do(struct lite *l, const char *sql)
{
    return lite_run(&l->base, &(struct call){.sql = sql});
}

/* The file is made here, so that nobody else can read it from its first moment. */
static struct err *create_file(struct lite *l)
{
    int fd = open(l->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0)
        return err_detail(
            err_new(ERR_FAULT, "The database file %s cannot be opened for writing.", l->path), "%s",
            strerror(errno));
    close(fd);
    return NULL;
}

static struct err *settings(struct lite *l)
{
    static const char *const common[] = {
        "PRAGMA foreign_keys=ON",
        "PRAGMA trusted_schema=OFF",
        "PRAGMA cell_size_check=ON",
        "PRAGMA mmap_size=268435456",
    };
    char *message = NULL;
    int rc = SQLITE_OK;

    if (l->write)
        rc = sqlite3_exec(l->db,
                          "PRAGMA journal_mode=WAL; PRAGMA journal_size_limit=16777216;"
                          "PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-16384",
                          NULL, NULL, &message);
    else
        rc = sqlite3_exec(l->db, "PRAGMA cache_size=-4096; PRAGMA temp_store=memory", NULL, NULL,
                          &message);
    if (!rc)
        rc = sqlite3_exec(l->db, l->unsafe ? "PRAGMA synchronous=OFF" : "PRAGMA synchronous=FULL",
                          NULL, NULL, &message);
    for (size_t i = 0; !rc && i < COUNT_OF(common); i++)
        rc = sqlite3_exec(l->db, common[i], NULL, NULL, &message);
    sqlite3_free(message);
    if (!rc)
        rc = sqlite3_db_config(l->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    if (!rc)
        rc = lite_functions(l);
    return rc ? lite_err(l, rc, NULL) : NULL;
}

struct err *lite_ready(struct lite *l)
{
    struct err *e;

    if (l->ready)
        return NULL;
    TRY(settings(l));
    l->ready = true;
    e = l->past ? lite_views(l) : NULL;
    if (e)
        l->ready = false;
    /* Not earlier: PRAGMA wal_autocheckpoint takes the place of a hook. */
    else if (l->write)
        sqlite3_wal_hook(l->db, on_commit_to_wal, l);
    return e;
}

static void lite_close(struct conn *c)
{
    struct lite *l = (struct lite *)c;

    cache_clear(&l->cache);
    /* A statement of a stream that is still open would keep the handle: v2 lets it linger. */
    sqlite3_close_v2(l->db);
    free(l->path);
    free(l);
}

/* Reading needs a file that is a database: a missing one is said in words. */
static struct err *open_handle(struct lite *l)
{
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                (l->write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
    int rc;

    if (l->write)
        TRY(create_file(l));
    else if (access(l->path, F_OK) != 0)
        return err_new(ERR_MISSING, "There is no database %s. Run \"cairn init\" first.", l->path);
    rc = sqlite3_open_v2(l->path, &l->db, flags, NULL);
    if (rc)
        return lite_err(l, rc, NULL);
    sqlite3_busy_timeout(l->db, lite_busy_ms(l));
    sqlite3_progress_handler(l->db, PROGRESS_STEPS, on_progress, l);
    return NULL;
}

static struct err *lite_open(const struct db_config *config, bool past, struct conn **out)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct lite *l = calloc(1, sizeof(*l));
    struct err *e;

    pthread_once(&once, configure);
    if (!l || !(l->path = strdup(config->url + strlen("sqlite:"))))
        BUG("out of memory");
    l->base.ops = &sqlite_ops;
    l->write = config->mode == DB_WRITE;
    l->past = past;
    l->timeout_ms = config->timeout_ms;
    cache_init(&l->cache, lite_entry_size(), lite_drop, l);
    l->unsafe = config->unsafe;
    e = open_handle(l);
    if (!e && (l->write || past))
        e = lite_ready(l);
    if (e) {
        lite_close(&l->base);
        return e;
    }
    *out = &l->base;
    return NULL;
}

static struct err *lite_begin(struct conn *c, enum db_begin kind)
{
    struct lite *l = (struct lite *)c;

    l->savepoints = 0;
    TRY(lite_do(l, kind == DB_BEGIN_WRITE ? "BEGIN IMMEDIATE" : "BEGIN"));
    l->begun = true;
    return NULL;
}

static void lite_rollback(struct conn *c)
{
    struct lite *l = (struct lite *)c;
    struct err *e;

    l->savepoints = 0;
    l->begun = false;
    if (sqlite3_get_autocommit(l->db))
        return;
    e = lite_do(l, "ROLLBACK");
    if (e && !sqlite3_get_autocommit(l->db))
        BUG("rollback failed: %s", e->detail);
}

static struct err *lite_commit(struct conn *c)
{
    struct lite *l = (struct lite *)c;
    struct err *e;

    l->savepoints = 0;
    if (sqlite3_get_autocommit(l->db)) {
        l->begun = false;
        return err_new(ERR_BUSY, "The change was not saved. Try again.");
    }
    e = lite_do(l, "COMMIT");
    l->begun = e != NULL;
    if (e && (sqlite3_extended_errcode(l->db) & 0xff) == SQLITE_IOERR)
        disk_failed(l, sqlite3_extended_errcode(l->db));
    if (e)
        lite_rollback(c);
    return e;
}

static struct err *lite_savepoint(struct conn *c)
{
    struct lite *l = (struct lite *)c;

    TRY(lite_do(l, "SAVEPOINT s"));
    l->savepoints++;
    return NULL;
}

static struct err *lite_release(struct conn *c)
{
    struct lite *l = (struct lite *)c;

    if (!l->savepoints)
        BUG("a savepoint was released that is not there");
    l->savepoints--;
    return lite_do(l, "RELEASE s");
}

static void lite_rollback_to(struct conn *c)
{
    struct lite *l = (struct lite *)c;
    struct err *e;

    if (!l->savepoints || sqlite3_get_autocommit(l->db)) {
        l->savepoints = 0;
        return;
    }
    l->savepoints--;
    e = lite_do(l, "ROLLBACK TO s");
    if (!e)
        e = lite_do(l, "RELEASE s");
    if (e)
        lite_rollback(c);
}

static bool lite_in_transaction(const struct conn *c)
{
    return !sqlite3_get_autocommit(((const struct lite *)c)->db);
}

static struct err *lite_set_at(struct conn *c, i64 at)
{
    ((struct lite *)c)->at = at;
    return NULL;
}

static void lite_interrupt(struct conn *c)
{
    sqlite3_interrupt(((struct lite *)c)->db);
}

static void lite_patience(struct conn *c, int timeout_ms)
{
    ((struct lite *)c)->timeout_ms = timeout_ms;
}

static struct err *lite_nothing(struct db *db)
{
    (void)db;
    return NULL;
}

/* A table can be rebuilt only while keys are not enforced; `lite_after` checks them all. */
static struct err *lite_pause(struct db *db)
{
    return lite_do((struct lite *)db->live, "PRAGMA foreign_keys=OFF");
}

static struct err *lite_resume(struct db *db)
{
    cache_clear(&((struct lite *)db->live)->cache);
    return lite_do((struct lite *)db->live, "PRAGMA foreign_keys=ON");
}

static struct err *lite_after(struct db *db)
{
    struct rows *broken;

    TRY(db_query(db, &broken, "SELECT \"table\", parent FROM pragma_foreign_key_check"));
    if (row_next(broken))
        return err_detail(err_new(ERR_FAULT, "An upgrade step would break links between records."),
                          "%s -> %s", row_text(broken, 0), row_text(broken, 1));
    return NULL;
}

const struct db_ops sqlite_ops = {
    .engine = DB_SQLITE,
    .open = lite_open,
    .close = lite_close,
    .run = lite_run,
    .batch = lite_batch,
    .begin = lite_begin,
    .commit = lite_commit,
    .rollback = lite_rollback,
    .savepoint = lite_savepoint,
    .release = lite_release,
    .rollback_to = lite_rollback_to,
    .in_transaction = lite_in_transaction,
    .set_at = lite_set_at,
    .interrupt = lite_interrupt,
    .checkpoint = lite_checkpoint,
    .restrict_reads = lite_restrict,
    .patience = lite_patience,
    .backup = lite_backup,
    .size = lite_size,
    .columns_sql = "SELECT name, CASE type WHEN 'INTEGER' THEN 'int' WHEN 'BLOB' THEN 'blob'"
                   " ELSE 'text' END, CASE WHEN \"notnull\" <> 0 OR pk <> 0 THEN 1 ELSE 0 END"
                   " FROM pragma_table_xinfo($1) WHERE hidden <> 1 ORDER BY cid",
    .prepare = lite_nothing,
    .pause = lite_pause,
    .before = lite_nothing,
    .after = lite_after,
    .resume = lite_resume,
    .finish = lite_statistics,
};
