/* SPDX-License-Identifier: Apache-2.0 */
/* cairn restore: everything happens in a directory beside the store, and only a store that passed
 * all checks is moved to its place. What was there is moved aside, never deleted. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypt.h"
#include "base/text.h"
#include "core/blob.h"
#include "core/trail.h"
#include "feature/erasure/erasure.h"
#include "feature/log/log_part.h"

#define PATIENCE (3600 * 1000)
#define MOVES 16

struct move {
    const char *from, *to;
};

struct restore {
    struct cli *c;
    struct arena *a;
    const char *dir, *stage, *aside; /* aside: NULL until something was moved there */
    const char *file;                /* target database file, NULL on PostgreSQL */
    json_t *manifest;
    struct restoring inside;
    struct move moves[MOVES]; /* done so far, to be undone */
    size_t nmoves;
};

static const char *below(struct arena *a, const char *dir, const char *name)
{
    return arena_printf(a, "%s/%s", dir, name);
}

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

struct err *file_copy(struct arena *a, const char *from, const char *to)
{
    FILE *in = fopen(from, "re"), *out;
    char chunk[65536];
    bool good = true;
    size_t n;

    (void)a;
    if (!in)
        return err_new(ERR_BAD, "“%.200s” cannot be read: %s.", from, strerror(errno));
    out = fopen(to, "wxe");
    while (out && good && (n = fread(chunk, 1, sizeof(chunk), in)) > 0)
        good = fwrite(chunk, 1, n, out) == n;
    good = good && out && !ferror(in) && !fflush(out) && !fsync(fileno(out)) &&
           !fchmod(fileno(out), 0600);
    fclose(in);
    if (out)
        fclose(out);
    explicit_bzero(chunk, sizeof(chunk));
    return good ? NULL : err_new(ERR_BAD, "“%.200s” cannot be written: %s.", to, strerror(errno));
}

/* --- may it be done here --- */

static struct err *check_postgres(struct restore *x, const char *url)
{
    struct db_config config = {.url = url, .mode = DB_READ};
    struct db *db;
    struct rows *r;
    struct err *failed;

    TRY(db_open(&config, &db));
    db_use_arena(db, x->a);
    failed = db_columns(db, "audit_frontier", &r);
    if (!failed && row_count(r)) {
        /* every organisation */
        failed = db_query(db, &r, "select count(*) from audit_frontier");
        if (!failed && row_next(r) && row_num(r, 0))
            failed =
                err_new(ERR_CLASH, "This database holds a Cairn store already. Create an empty "
                                   "one and name it with --database; nothing here is deleted.");
    }
    db_close(db);
    return failed;
}

static struct err *check_target(struct restore *x)
{
    struct cli *c = x->c;
    const char *url = c->config.database;

    if (!text_empty(url) && !text_starts(url, "sqlite:"))
        return check_postgres(x, url);
    x->file = text_empty(url) ? below(x->a, x->dir, "cairn.db") : url + strlen("sqlite:");
    if (exists(x->file) && !cli_flag(c, "force"))
        return err_new(ERR_CLASH,
                       "There is a Cairn store in “%.200s” already. Choose another directory, or "
                       "say --force: then it is moved aside, not deleted.",
                       x->dir);
    return NULL;
}

/* --- the stage --- */

/* The sealed keys of the backup, unless they are not wanted. */
static struct err *open_keys(struct restore *x)
{
    const char *sealed = below(x->a, x->stage, KEYS_SEALED), *passphrase;
    const char *keys = below(x->a, x->stage, "keys");

    if (!exists(sealed) || cli_flag(x->c, "without-keys"))
        return NULL;
    if (mkdir(keys, 0700))
        return err_new(ERR_FAULT, "“%.200s” cannot be made: %s.", keys, strerror(errno));
    TRY(keys_ask(x->c, false, &passphrase));
    return keys_open(x->a, sealed, passphrase, keys);
}

/* The installation's own key stays; else the one from the backup; else a new one is made. */
static struct err *stage_keys(struct restore *x)
{
    static const char *const names[] = {"signer.key", "signer.state", "csrf.key"};
    bool own = exists(below(x->a, x->dir, "signer.key"));
    const char *from = own ? x->dir : below(x->a, x->stage, "keys");

    if (!own)
        TRY(open_keys(x));
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (exists(below(x->a, from, names[i])))
            TRY(file_copy(x->a, below(x->a, from, names[i]), below(x->a, x->stage, names[i])));
    return NULL;
}

/* The store that is there may know of erasures that the list does not have yet. One that cannot be
 * opened any more does not stop the restore. */
static void sync_present(struct restore *x)
{
    struct app_config config = x->c->config;
    struct err *failed;
    struct app *app;
    struct web *w;

    if (!x->file || !exists(x->file))
        return;
    config.read_only = true;
    failed = app_open(&config, &app);
    if (!failed) {
        failed = app_web(app, x->a, FACE_COMMAND, "cli", &w);
        if (!failed) {
            failed = erasure_sync(w);
            app_web_end(w);
        }
        app_close(app);
    }
    if (failed)
        fprintf(x->c->err,
                "The store that is there could not be read, so erasures of the last "
                "minute may be missing in the list: %s\n",
                failed->text);
}

/* What was erased here since the backup was made joins the list that came with it. */
static struct err *stage_erasures(struct restore *x)
{
    sync_present(x);
    x->inside.erasures = below(x->a, x->stage, ERASURE_FILE);
    return erasure_merge(x->a, below(x->a, x->dir, ERASURE_FILE), x->inside.erasures);
}

static struct err *check_file(struct restore *x, const char *file)
{
    struct db_config config = {
        .url = arena_printf(x->a, "sqlite:%s", file), .mode = DB_READ, .timeout_ms = PATIENCE};
    const char *wrong = NULL;
    struct err *failed;
    struct db *db;

    TRY(db_open(&config, &db));
    db_use_arena(db, x->a);
    failed = db_check(db, &wrong);
    if (!failed && wrong)
        failed = err_new(ERR_INVALID, "The database in the backup is damaged: %.200s", wrong);
    db_close(db);
    return failed;
}

static struct err *extract(struct restore *x, struct archive *z)
{
    char *stage = arena_printf(x->a, "%s/restore-XXXXXX", x->dir);

    if (!mkdtemp(stage))
        return err_new(ERR_BAD, "The data directory “%.200s” cannot be written: %s.", x->dir,
                       strerror(errno));
    x->stage = stage;
    TRY(archive_extract(z, x->manifest, stage));
    if (!exists(below(x->a, stage, "cairn.db")))
        return err_new(ERR_BAD, "The backup holds no database.");
    TRY(check_file(x, below(x->a, stage, "cairn.db")));
    TRY(stage_erasures(x));
    return stage_keys(x);
}

/* --- PostgreSQL: the checked file is copied, and checked again before it counts --- */

static struct err *verify_copy(struct web *w, struct db *to)
{
    struct verify_result v;
    struct web x = *w;

    x.db = to;
    db_use_arena(to, w->arena);
    TRY(trail_verify(&x, -1, &v));
    if (!v.count)
        return NULL;
    return err_new(ERR_FAULT, "The copy in PostgreSQL is not whole, so it was undone: %.200s",
                   v.findings[0].text);
}

static struct err *copy_over(struct restore *x, struct web *w)
{
    struct db_config config = {
        .url = x->c->config.database, .mode = DB_WRITE, .timeout_ms = PATIENCE};
    struct err *failed;
    struct db *to;

    TRY(db_open(&config, &to));
    db_use_arena(to, x->a);
    failed = db_migrate(to);
    if (!failed)
        failed = db_begin(to, DB_BEGIN_WRITE);
    if (!failed)
        failed = db_begin(w->db, DB_BEGIN_READ);
    if (!failed)
        failed = db_copy(w->db, to);
    db_rollback(w->db);
    if (!failed)
        failed = verify_copy(w, to);
    if (!failed)
        failed = db_commit(to);
    else
        db_rollback(to);
    db_close(to);
    return failed;
}

/* Opens the staged store (which brings an older schema up to date) and works in it. */
static struct err *work_inside(struct restore *x)
{
    struct app_config config = {.dir = x->stage, .content_dir = x->c->config.content_dir};
    struct err *failed;
    struct app *app;
    struct web *w;

    TRY(app_open(&config, &app));
    failed = app_web(app, x->a, FACE_COMMAND, arena_printf(x->a, "cli:%s", x->c->os_user), &w);
    if (!failed) {
        failed = restore_store(w, &x->inside);
        if (!failed && !x->file)
            failed = copy_over(x, w);
        app_web_end(w);
    }
    app_close(app);
    return failed;
}

/* --- files that are kept elsewhere than in the data directory --- */

static struct err *bring_folder(struct web *w, const char *folder)
{
    struct arena *kept = w->arena, *own = arena_new(0);
    const char **names;
    size_t n = names_in(kept, folder, &names);
    struct err *failed = NULL;
    struct blob b;

    for (size_t i = 0; i < n && !failed; i++) {
        w->arena = own;
        db_use_arena(w->db, own);
        failed = blob_put(w, arena_printf(own, "%s/%s", folder, names[i]), &b);
        w->arena = kept;
        db_use_arena(w->db, kept);
        arena_reset(own);
    }
    arena_free(own);
    return failed;
}

static struct err *bring_all(struct web *w, const char *root)
{
    const char **orgs, **parts;
    size_t n = names_in(w->arena, root, &orgs);

    for (size_t i = 0; i < n; i++) {
        const char *org = below(w->arena, root, orgs[i]);
        size_t m = names_in(w->arena, org, &parts);

        if (!text_i64(orgs[i], &w->org))
            continue;
        for (size_t k = 0; k < m; k++)
            TRY(bring_folder(w, below(w->arena, org, parts[k])));
    }
    w->org = 0;
    return NULL;
}

/* Takes the files of `dir` to where --files says, through a store that is open there. */
static struct err *bring_files(struct restore *x, const struct app_config *config)
{
    const char *root = below(x->a, config->dir, "blobs");
    struct err *failed;
    struct app *app;
    struct web *w;

    if (text_empty(config->files) || !exists(root))
        return NULL;
    TRY(app_open(config, &app));
    failed = app_web(app, x->a, FACE_COMMAND, arena_printf(x->a, "cli:%s", x->c->os_user), &w);
    if (!failed) {
        failed = bring_all(w, root);
        app_web_end(w);
    }
    app_close(app);
    if (!failed)
        remove_tree(root);
    return failed;
}

/* SQLite: before the store is put in place, while nobody else has it. */
static struct err *bring_staged(struct restore *x)
{
    struct app_config config = {
        .dir = x->stage, .content_dir = x->c->config.content_dir, .files = x->c->config.files};

    return x->file ? bring_files(x, &config) : NULL;
}

/* PostgreSQL: the database is there, so what goes wrong now is told, and not undone. */
static struct err *bring_placed(struct restore *x)
{
    struct err *failed = x->file ? NULL : bring_files(x, &x->c->config);

    if (!failed)
        return NULL;
    return err_wrap(failed,
                    "The database is restored, but its files could not be brought to their place "
                    "and lie in “%.100s/blobs”: %.200s",
                    x->dir, failed->text);
}

/* --- putting it in place --- */

static struct err *move(struct restore *x, const char *from, const char *to)
{
    if (!exists(from))
        return NULL;
    if (exists(to) || x->nmoves == MOVES || rename(from, to))
        return err_new(ERR_FAULT, "“%.150s” cannot be moved to “%.150s”: %s.", from, to,
                       strerror(errno));
    x->moves[x->nmoves++] = (struct move){from, to};
    return NULL;
}

static struct err *move_aside(struct restore *x)
{
    static const char *const names[] = {"signer.key", "signer.state", "csrf.key", "blobs",
                                        ERASURE_FILE};
    static const char *const ends[] = {"", "-wal", "-shm"};
    const char *old;

    x->aside = arena_printf(x->a, "%s/before-restore-%lld", x->dir, clock_now() / SECOND);
    if (mkdir(x->aside, 0700))
        return err_new(ERR_FAULT, "“%.200s” cannot be made: %s.", x->aside, strerror(errno));
    for (size_t i = 0; x->file && i < COUNT_OF(ends); i++) {
        old = arena_printf(x->a, "%s%s", x->file, ends[i]);
        TRY(move(x, old, arena_printf(x->a, "%s/cairn.db%s", x->aside, ends[i])));
    }
    for (size_t i = 0; i < COUNT_OF(names); i++)
        TRY(move(x, below(x->a, x->dir, names[i]), below(x->a, x->aside, names[i])));
    return NULL;
}

static struct err *move_in(struct restore *x)
{
    static const char *const names[] = {"blobs", "signer.key", "signer.state", "csrf.key",
                                        ERASURE_FILE};

    for (size_t i = 0; i < COUNT_OF(names); i++)
        TRY(move(x, below(x->a, x->stage, names[i]), below(x->a, x->dir, names[i])));
    /* Last: without the database nothing starts, so a crash before here is noticed. */
    if (x->file)
        TRY(move(x, below(x->a, x->stage, "cairn.db"), x->file));
    return NULL;
}

static void sync_dir(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0) {
        (void)!fsync(fd);
        close(fd);
    }
}

static struct err *put_in_place(struct restore *x)
{
    struct err *failed = move_aside(x);

    if (!failed)
        failed = move_in(x);
    while (failed && x->nmoves) {
        const struct move *m = &x->moves[--x->nmoves];

        (void)!rename(m->to, m->from);
    }
    if (rmdir(x->aside) == 0) /* nothing was there before */
        x->aside = NULL;
    sync_dir(x->dir);
    return failed;
}

static struct err *restore(struct restore *x, const char *path)
{
    struct archive *z;

    TRY(archive_open(x->a, path, &z, &x->manifest));
    TRY(app_create_dir(x->dir));
    TRY(cli_lock(x->c));
    TRY(check_target(x));
    TRY(extract(x, z));
    x->inside.manifest = x->manifest;
    TRY(work_inside(x));
    TRY(bring_staged(x));
    TRY(put_in_place(x));
    return bring_placed(x);
}

static void report(struct restore *x)
{
    const char *created = json_string_value(json_object_get(x->manifest, "created"));
    FILE *out = x->c->out;

    fprintf(out, "Restored the backup of %s: %zu %s, checked.\n",
            created ? created : "unknown time", x->inside.logs,
            x->inside.logs == 1 ? "log" : "logs");
    if (x->inside.files)
        fprintf(out, "%lld %s checked, %zu of them missing since before the backup.\n",
                x->inside.files, x->inside.files == 1 ? "file" : "files", x->inside.lost);
    if (x->inside.forks)
        fprintf(out, "%zu %s newer than the backup: a new epoch began, and the logs say so.\n",
                x->inside.forks, x->inside.forks == 1 ? "log was" : "logs were");
    if (x->inside.erased)
        fprintf(out, "%zu %s erased again, as the list of erasures says.\n", x->inside.erased,
                x->inside.erased == 1 ? "record was" : "records were");
    fprintf(out, "Everybody has to sign in again; API tokens and links have ended.\n");
    if (x->aside)
        fprintf(out, "What was there before is in %s\n", x->aside);
    fprintf(out, "Start it with: cairn serve --data %s%s\n", x->dir,
            x->file ? "" : " --database URL, as given here");
}

int restore_run(struct cli *c)
{
    struct restore x = {.c = c,
                        .a = c->arena,
                        .dir = c->config.dir,
                        .inside = {.accept_rollback = cli_flag(c, "accept-rollback")}};
    struct err *failed, kept;

    crypt_init();
    umask(077);
    failed = restore(&x, cli_path(c, cli_argument(c, 0)));
    if (failed)
        kept = *failed;
    if (x.stage)
        remove_tree(x.stage);
    if (failed)
        return cli_fail(c, &kept);
    report(&x);
    return 0;
}
