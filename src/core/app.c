/* SPDX-License-Identifier: Apache-2.0 */
/* Opening and closing the program's state, and contexts outside requests. */
#include "core/app.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypt.h"
#include "base/log.h"
#include "base/text.h"
#include "base/words.h"
#include "core/content.h"
#include "core/dispatch.h"
#include "core/job.h"
#include "core/language.h"
#include "core/permit.h"
#include "core/pool.h"
#include "core/route.h"
#include "core/rules.h"
#include "core/search.h"
#include "core/seen.h"
#include "core/ticker.h"
#include "core/trail.h"

static bool is_sqlite(const struct app *app)
{
    return text_starts(app->config.database, "sqlite:");
}

static const char *in_dir(struct arena *a, const char *dir, const char *name)
{
    return arena_printf(a, "%s/%s", dir, name);
}

struct err *app_create_dir(const char *dir)
{
    if (mkdir(dir, 0700) && errno != EEXIST)
        return err_detail(err_new(ERR_BAD, "The data directory “%.200s” cannot be created: %s.",
                                  dir, strerror(errno)),
                          "mkdir %s", dir);
    return NULL;
}

/* The lock tells other processes that somebody writes here; it goes with the process. */
static struct err *take_lock(struct app *app)
{
    const char *path = in_dir(app->arena, app->config.dir, "lock");
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0)
        return err_new(ERR_BAD, "The data directory “%.200s” cannot be written: %s.",
                       app->config.dir, strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB)) {
        close(fd);
        return err_new(ERR_BUSY, "Another Cairn is using the data directory “%.200s”.",
                       app->config.dir);
    }
    app->lock = fd;
    return NULL;
}

/* The key of CSRF tokens before login: random, made once. */
static struct err *load_csrf_key(struct app *app)
{
    const char *path = in_dir(app->arena, app->config.dir, "csrf.key");
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n;

    if (fd >= 0) {
        n = read(fd, app->csrf_key, sizeof(app->csrf_key));
        close(fd);
        if (n == (ssize_t)sizeof(app->csrf_key))
            return NULL;
    }
    crypt_random(app->csrf_key, sizeof(app->csrf_key));
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    n = fd < 0 ? -1 : write(fd, app->csrf_key, sizeof(app->csrf_key));
    if (fd >= 0)
        close(fd);
    if (n != (ssize_t)sizeof(app->csrf_key))
        return err_new(ERR_FAULT, "The key file %s cannot be written.", path);
    return NULL;
}

static void read_base_url(struct app *app)
{
    const char *url = app->config.base_url, *rest;

    if (!url || !*url)
        return;
    app->secure_cookies = text_starts(url, "https://");
    rest = strstr(url, "://");
    if (rest)
        app->host = arena_strn(app->arena, rest + 3, strcspn(rest + 3, "/"));
}

static void copy_config(struct app *app, const struct app_config *config)
{
    struct arena *a = app->arena;

    app->config = *config;
    app->config.dir = arena_str(a, config->dir);
    app->config.database = config->database && *config->database
                               ? arena_str(a, config->database)
                               : arena_printf(a, "sqlite:%s", in_dir(a, config->dir, "cairn.db"));
    app->config.base_url = arena_str(a, config->base_url);
    app->config.content_dir = arena_str(a, config->content_dir);
    app->config.files = arena_str(a, config->files);
    app->config.scanner = arena_str(a, config->scanner);
    app->config.webhook_ca = arena_str(a, config->webhook_ca);
    app->config.smtp.url = arena_str(a, config->smtp.url);
    app->config.smtp.password = arena_str(a, config->smtp.password);
    app->config.smtp.from = arena_str(a, config->smtp.from);
    app->config.smtp.ca_file = arena_str(a, config->smtp.ca_file);
}

static struct err *store_content(struct web *w, void *ctx)
{
    (void)ctx;
    TRY(search_setup(w->db));
    return content_store(w, w->app->content);
}

static struct err *prepare_store(struct app *app)
{
    struct db *db;
    struct err *failed;

    TRY(pool_connect(app, DB_WRITE, &db));
    db_use_arena(db, app->arena);
    failed = db_migrate(db);
    db_close(db);
    return failed;
}

static struct err *check_store(struct app *app)
{
    struct db *db;
    struct err *failed;

    TRY(pool_connect(app, DB_READ, &db));
    db_use_arena(db, app->arena);
    failed = db_schema_check(db);
    db_close(db);
    return failed;
}

/* The node's part of ids is new at every start: two servers on one store never make the same id,
 * nor does one whose clock was set back while it was down. */
static struct err *take_node(struct web *w, void *ctx)
{
    struct rows *r;

    (void)ctx;
    TRY(db_query(w->db, &r,
                 "insert into counter (org_id, kind, next) values ($1, 'node', 1)"
                 " on conflict (org_id, kind) do update set next = counter.next + 1 returning next",
                 num(0)));
    if (row_next(r))
        web_set_node(row_num(r, 0));
    return NULL;
}

static struct err *load_content_into_store(struct app *app)
{
    struct arena *a = arena_new(0);
    struct web *w;
    struct err *failed = app_web(app, a, FACE_JOB, "job:content", &w);

    if (!failed) {
        failed = app_write(w, take_node, NULL);
        if (!failed)
            failed = app_write(w, store_content, NULL);
        app_web_end(w);
    }
    arena_free(a);
    return failed;
}

static struct err *open_parts(struct app *app, const struct app_config *config)
{
    copy_config(app, config);
    read_base_url(app);
    route_init();
    TRY(language_load(app->arena, app->config.content_dir));
    TRY(blob_open_store(app));
    TRY(content_load(app->arena, app->config.content_dir, &app->content));
    TRY(permit_load(app));
    TRY(rules_load(app));
    if (config->read_only)
        return check_store(app);
    if (is_sqlite(app))
        TRY(take_lock(app));
    TRY(load_csrf_key(app));
    TRY(prepare_store(app));
    TRY(signer_open(app->arena, app->config.dir, &app->signer));
    if (is_sqlite(app))
        TRY(writer_start(app));
    return load_content_into_store(app);
}

struct err *app_open(const struct app_config *config, struct app **out)
{
    struct arena *a = arena_new((size_t)1 << 32);
    struct app *app = NEW(a, struct app);
    struct err *failed;

    crypt_init();
    app->arena = a;
    app->lock = -1;
    app->answer = server_answer;
    app->proceed = server_continue;
    seen_init(app);
    failed = open_parts(app, config);
    if (failed) {
        app_close(app);
        return failed;
    }
    *out = app;
    return NULL;
}

void app_close(struct app *app)
{
    if (!app)
        return;
    writer_stop(app);
    seen_free(app);
    if (app->lock >= 0)
        close(app->lock);
    arena_free(app->arena);
}

static struct err *create_system_log(struct web *w, void *ctx)
{
    (void)ctx;
    TRY(trail_create(w, 0));
    trail_event(w, "installed", NULL, 0, NULL);
    return NULL;
}

struct err *app_create(const struct app_config *config)
{
    struct app *app;
    struct arena *a = arena_new(0);
    const char *file = in_dir(a, config->dir, "cairn.db");
    struct stat st;
    struct web *w;
    struct err *failed;

    if (!stat(file, &st) || !stat(in_dir(a, config->dir, "signer.key"), &st)) {
        arena_free(a);
        return err_new(ERR_CLASH, "The directory “%.200s” already holds a Cairn store.",
                       config->dir);
    }
    failed = app_create_dir(config->dir);
    if (!failed)
        failed = app_open(config, &app);
    if (!failed) {
        failed = app_web(app, a, FACE_JOB, "job:install", &w);
        if (!failed) {
            failed = app_write(w, create_system_log, NULL);
            app_web_end(w);
        }
        app_close(app);
    }
    arena_free(a);
    return failed;
}

/* --- contexts outside requests --- */

struct err *app_web(struct app *app, struct arena *a, enum web_face face, const char *actor,
                    struct web **out)
{
    struct web *w = NEW(a, struct web);

    w->app = app;
    w->arena = a;
    w->face = face;
    w->now = clock_now();
    w->today = clock_date(a, w->now, NULL);
    w->actor = arena_str(a, actor);
    w->operator_token = true;
    w->html = NEW(a, struct html);
    html_init(w->html, a);
    permit_all(w->rights);
    TRY(pool_connect(app, is_sqlite(app) || app->config.read_only ? DB_READ : DB_WRITE, &w->db));
    db_use_arena(w->db, a);
    *out = w;
    return NULL;
}

void app_web_end(struct web *w)
{
    if (w)
        db_close(w->db);
}

struct err *web_enter_org(struct web *w, i64 org)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select name, slug, zone, language, currency from organisation"
                 " where org_id = $1",
                 num(org)));
    if (!row_next(r))
        return err_new(ERR_MISSING, "There is no organisation with the id %lld.", org);
    w->org = org;
    w->org_name = row_str(r, 0);
    w->slug = row_str(r, 1);
    w->zone = row_str(r, 2);
    w->language = row_str(r, 3);
    w->currency = row_str(r, 4);
    w->today = clock_date(w->arena, w->now, w->zone);
    return NULL;
}

static struct err *which_org(struct rows *r, const char *text)
{
    struct buf b;
    char room[2000];
    struct arena *a = arena_new(0);
    struct err *e;

    buf_init(&b, a, 200);
    row_rewind(r);
    while (row_next(r))
        buf_printf(&b, "%s%s (%s)", b.size ? ", " : "", row_text(r, 2), row_text(r, 1));
    snprintf(room, sizeof(room), "%s", b.size ? b.data : "none yet");
    arena_free(a);
    if (text)
        e = err_new(ERR_BAD, "There is no organisation “%.60s”. There are: %.250s.", text, room);
    else
        e = err_new(ERR_BAD, "Say which organisation with --org NAME. There are: %.300s.", room);
    return e;
}

struct err *web_enter_org_named(struct web *w, const char *text)
{
    struct rows *r;
    i64 found = 0;

    TRY(db_query(w->db, &r,
                 "select organisation, slug, name from directory where org_id = $1 order by slug",
                 num(0)));
    while (row_next(r)) {
        bool same = text && (text_equal(text, row_str(r, 1)) || text_equal(text, row_str(r, 2)));

        if (same || (!text && row_count(r) == 1))
            found = row_num(r, 0);
    }
    return found ? web_enter_org(w, found) : which_org(r, text);
}

/* --- writing and reading outside requests --- */

struct waiting {
    struct err *(*fn)(struct web *w, void *ctx);
    void *ctx;
    struct err failed; /* copied: errors live in the ring of the thread that made them */
    bool has_failed;
    sem_t done;
};

static struct err *wait_run(struct write_job *job)
{
    struct waiting *x = job->ctx;

    TRY(x->fn(job->w, x->ctx));
    return trail_tail(job->w);
}

static bool wait_refused(struct write_job *job, struct err *e)
{
    struct waiting *x = job->ctx;

    x->failed = *e;
    x->failed.cause = NULL;
    x->has_failed = true;
    return false;
}

static void wait_lost(struct write_job *job, struct err *e)
{
    wait_refused(job, e);
}

static void wait_done(struct write_job *job)
{
    struct waiting *x = job->ctx;

    sem_post(&x->done);
}

struct err *app_write(struct web *w, struct err *(*fn)(struct web *w, void *ctx), void *ctx)
{
    struct db *db = w->db;
    struct waiting x = {.fn = fn, .ctx = ctx};
    struct write_job job = {.w = w,
                            .run = wait_run,
                            .refused = wait_refused,
                            .lost = wait_lost,
                            .done = wait_done,
                            .ctx = &x};
    struct err *copy;

    if (w->writable)
        return fn(w, ctx);
    sem_init(&x.done, 0, 0);
    if (!w->app->writer)
        change_run_alone(db, &job);
    else if (!writer_submit(w->app, &job))
        return err_new(ERR_BUSY, "The server is busy. Please try again in a moment.");
    while (sem_wait(&x.done))
        continue;
    sem_destroy(&x.done);
    w->db = db;
    db_use_arena(db, w->arena);
    if (!x.has_failed)
        return NULL;
    copy = err_make(x.failed.code, x.failed.file, x.failed.line, "%s", x.failed.text);
    copy->status = x.failed.status;
    return err_detail(copy, "%s", x.failed.detail);
}

struct err *app_read(struct web *w, struct err *(*fn)(struct web *w, void *ctx), void *ctx)
{
    struct err *failed;

    if (w->writable)
        return fn(w, ctx);
    TRY(db_begin(w->db, DB_BEGIN_READ));
    failed = fn(w, ctx);
    db_rollback(w->db);
    return failed;
}

/* --- running --- */

struct err *app_start(struct app *app, const struct server_config *config)
{
    struct server_calls calls = {.ctx = app,
                                 .headers = dispatch_headers,
                                 .request = dispatch_request,
                                 .finish = dispatch_finish};

    TRY(pool_start(app, app->config.workers));
    TRY(ticker_start(app));
    TRY(jobs_start(app));
    return server_start(config, &calls, &app->server);
}

void app_stop(struct app *app)
{
    if (app->server)
        server_stop(app->server, 10);
    app->server = NULL;
    jobs_stop(app);
    pool_stop(app);
    ticker_stop(app);
}
