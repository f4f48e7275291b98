/* SPDX-License-Identifier: Apache-2.0 */
/* cairn backup: one file of the same form on both engines. The copy is a snapshot: of SQLite page
 * by page while the server writes, of PostgreSQL row by row inside one read transaction. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/version.h"
#include "base/words.h"
#include "core/blob.h"
#include "core/trail.h"
#include "feature/erasure/erasure.h"
#include "feature/log/log_part.h"

#define PATIENCE (3600 * 1000) /* milliseconds for one statement over a whole table */

static const char *below(struct arena *a, const char *dir, const char *name)
{
    return arena_printf(a, "%s/%s", dir, name);
}

/* Row by row: only for PostgreSQL. */
static struct err *copy_rows(struct arena *a, struct db *from, const char *file)
{
    struct db_config config = {
        .url = arena_printf(a, "sqlite:%s", file), .mode = DB_WRITE, .timeout_ms = PATIENCE};
    struct err *failed;
    struct db *to;

    TRY(db_open(&config, &to));
    failed = db_migrate(to);
    if (!failed)
        failed = db_begin(to, DB_BEGIN_WRITE);
    if (!failed)
        failed = db_begin(from, DB_BEGIN_READ);
    if (!failed)
        failed = db_copy(from, to);
    db_rollback(from);
    if (!failed)
        failed = db_commit(to);
    if (!failed)
        failed = db_checkpoint(to, true);
    db_close(to);
    return failed;
}

static struct err *copy_store(struct web *w, const char *file)
{
    const char *url = w->app->config.database;
    struct db_config config = {.url = url, .mode = DB_READ, .timeout_ms = PATIENCE};
    struct err *failed;
    struct db *from;

    TRY(db_open(&config, &from));
    if (text_starts(url, "sqlite:"))
        failed = db_backup(from, file);
    else
        failed = copy_rows(w->arena, from, file);
    db_close(from);
    return failed;
}

/* Size and root of every log in the copy. */
static struct err *list_logs(struct web *x, json_t *logs)
{
    unsigned char root[TLOG_HASH];
    struct rows *r;
    i64 size;

    /* every organisation */
    TRY(db_query(x->db, &r, "select org_id from audit_frontier order by org_id"));
    while (row_next(r)) {
        TRY(trail_head(x, row_num(r, 0), &size, root));
        json_array_append_new(
            logs, json_pack("{s:s,s:I,s:s}", "org", arena_printf(x->arena, "%lld", row_num(r, 0)),
                            "size", size, "root", crypt_base64(x->arena, root, TLOG_HASH)));
    }
    return NULL;
}

static struct err *describe_copy(struct web *w, const char *file, json_t *manifest)
{
    struct db_config config = {.url = arena_printf(w->arena, "sqlite:%s", file), .mode = DB_READ};
    json_t *logs = json_array();
    struct web x = *w;
    struct rows *r;
    struct err *failed;

    json_object_set_new(manifest, "logs", logs);
    TRY(db_open(&config, &x.db));
    db_use_arena(x.db, w->arena);
    failed = db_query(x.db, &r, "select max(n) from schema_migration");
    if (!failed && row_next(r))
        json_object_set_new(manifest, "schema", json_integer(row_num(r, 0)));
    if (!failed)
        failed = list_logs(&x, logs);
    db_close(x.db);
    return failed;
}

static struct err *describe(struct web *w, const char *file, json_t *manifest)
{
    struct signer *s = w->app->signer;

    if (!s)
        TRY(signer_load(w->arena, w->app->config.dir, &s));
    json_object_set_new(manifest, "format", json_string(BACKUP_FORMAT));
    json_object_set_new(manifest, "version", json_integer(BACKUP_VERSION));
    json_object_set_new(manifest, "program", json_string(CAIRN_VERSION));
    json_object_set_new(manifest, "created", json_string(clock_iso(w->arena, w->now)));
    json_object_set_new(manifest, "key",
                        json_pack("{s:s,s:s}", "name", signer_name(s), "public",
                                  crypt_hex(w->arena, signer_public(s), 32)));
    return describe_copy(w, file, manifest);
}

/* The keys are taken before the store: what the signer remembers must not be ahead of it. */
static struct err *take_keys(struct cli *c, struct web *w, const char *stage, struct members *m)
{
    const char *file = below(w->arena, stage, KEYS_SEALED), *passphrase;

    TRY(keys_ask(c, true, &passphrase));
    TRY(keys_seal(w->arena, w->app->config.dir, passphrase, file));
    return members_add(w->arena, m, KEYS_SEALED, file);
}

/* What was erased is erased again when an older backup comes back, so each backup has the list. */
static struct err *take_erasures(struct web *w, const char *stage, struct members *m)
{
    const char *from = below(w->arena, w->app->config.dir, ERASURE_FILE);
    const char *file = below(w->arena, stage, ERASURE_FILE);

    TRY(erasure_sync(w));
    TRY(erasure_merge(w->arena, from, file));
    return access(file, F_OK) == 0 ? members_add(w->arena, m, ERASURE_FILE, file) : NULL;
}

/* --- files: those that the copy of the database names --- */

struct gathering {
    struct web *w;
    struct members *members;
    json_t *missing;
};

/* A file that is gone or altered is listed, not put in: the rest of the backup is good all the
 * same.
 */
static struct err *add_blob(struct gathering *g, const struct blob *b)
{
    struct arena *a = g->w->arena;
    struct member one = {.name = arena_printf(a, "blobs/%lld/%.2s/%s", g->w->org, b->hash, b->hash),
                         .size = b->size,
                         .sha256 = b->hash};
    struct blob_file f;
    struct err *failed = blob_read(g->w, b, 0, b->size, &f);
    const char *hex = "";
    i64 size = 0;

    if (!failed)
        failed = file_digest(a, f.path, &hex, &size);
    if (failed && failed->code == ERR_BUSY)
        return failed;
    if (failed || size != b->size || !text_equal(hex, b->hash)) {
        json_array_append_new(g->missing, json_string(one.name));
        return NULL;
    }
    one.path = f.path;
    members_put(a, g->members, &one);
    return NULL;
}

static struct err *add_blobs(struct web *w, const char *file, struct members *m, json_t *manifest)
{
    struct db_config config = {.url = arena_printf(w->arena, "sqlite:%s", file), .mode = DB_READ};
    struct gathering g = {.w = w, .members = m, .missing = json_array()};
    struct err *failed;
    struct rows *r;
    struct db *db;

    json_object_set_new(manifest, "missing", g.missing);
    TRY(db_open(&config, &db));
    db_use_arena(db, w->arena);
    /* every organisation */
    failed = db_query(db, &r,
                      "select org_id, hash, size from stored_file where org_id > $1"
                      " and erased_at = 0 order by org_id, hash",
                      num(0));
    while (!failed && row_next(r)) {
        w->org = row_num(r, 0);
        failed = add_blob(&g, &(struct blob){row_str(r, 1), row_num(r, 2)});
    }
    w->org = 0;
    db_close(db);
    return failed;
}

static struct err *make(struct cli *c, struct web *w, const char *stage, const char *path,
                        size_t *missing)
{
    const char *file = below(w->arena, stage, "cairn.db");
    json_t *manifest = json_own(w->arena, json_object());
    struct members m = {0};

    if (cli_flag(c, "with-keys"))
        TRY(take_keys(c, w, stage, &m));
    TRY(copy_store(w, file));
    TRY(describe(w, file, manifest));
    TRY(take_erasures(w, stage, &m));
    TRY(members_add(w->arena, &m, "cairn.db", file));
    TRY(add_blobs(w, file, &m, manifest));
    *missing = json_array_size(json_object_get(manifest, "missing"));
    return archive_write(w->arena, path, manifest, &m);
}

static void report(struct cli *c, const char *path)
{
    struct stat st;

    if (stat(path, &st))
        return;
    fprintf(c->out, "Wrote %s (%lld bytes).\n", path, (i64)st.st_size);
    if (cli_flag(c, "with-keys"))
        fprintf(c->out, "The keys in it are sealed with your passphrase: keep the two apart.\n");
    else
        fprintf(c->out, "The signing key is not in it: keep a copy of signer.key elsewhere.\n");
}

int backup_run(struct cli *c)
{
    const char *path = cli_path(c, cli_argument(c, 0));
    struct err *failed;
    struct web *w;
    size_t missing = 0;
    char *stage;

    failed = cli_open(c, false, false, &w);
    if (failed)
        return cli_fail(c, failed);
    if (access(path, F_OK) == 0)
        return cli_fail(c, err_new(ERR_CLASH,
                                   "“%.200s” is there already and is not overwritten. Choose "
                                   "another name, for example with the date in it.",
                                   path));
    /* Beside the file: the same disk, and the directory must be writable anyway. */
    stage = arena_printf(c->arena, "%s.tmp-XXXXXX", path);
    if (!mkdtemp(stage))
        return cli_fail(c,
                        err_new(ERR_BAD, "“%.200s” cannot be written: %s.", path, strerror(errno)));
    failed = make(c, w, stage, path, &missing);
    remove_tree(stage);
    if (failed)
        return cli_fail(c, failed);
    report(c, path);
    if (missing)
        fprintf(c->err,
                "cairn: %zu %s missing or altered and not in it; “cairn verify” says which.\n",
                missing, missing == 1 ? "file is" : "files are");
    return missing ? 1 : 0;
}
