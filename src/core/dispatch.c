/* SPDX-License-Identifier: Apache-2.0 */
/* The dispatcher. A read runs on one worker in one read transaction. A change is authorised on a
 * worker at its headers, prepared on a worker, and then handled on the writer (SQLite) or the same
 * worker (PostgreSQL), where the session is resolved once more: a right that was revoked a moment
 * ago does not get through. */
#include "core/dispatch.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "base/words.h"
#include "core/dispatch_part.h"
#include "core/entity.h"
#include "core/language.h"
#include "core/session.h"
#include "core/shared.h"
#include "core/upload.h"

/* --- small parts --- */

bool exchange_changes(const struct exchange *x)
{
    return x->match.route && x->r->method != METHOD_GET && x->r->method != METHOD_HEAD &&
           !(x->match.route->flags & ROUTE_READ);
}

/* The path as a log may hold it: a one-time link is a secret. */
const char *exchange_path(const struct exchange *x)
{
    const char *pattern = x->match.route ? x->match.route->pattern : "";

    if (strstr(pattern, "/:token"))
        return pattern;
    if (!x->match.route && x->match.allowed)
        return arena_printf(x->r->arena, "%.*s/...", (int)strcspn(x->r->path + 1, "/") + 1,
                            x->r->path);
    return x->r->path;
}

void exchange_finished(struct exchange *x)
{
    struct request *r = x->r;
    i64 took = clock_ticks() - r->started;

    words_use(NULL); /* the thread goes on with something else */

    log_event(r->response.status >= 500 ? LOG_ERROR : LOG_DEBUG, "request",
              "id=%s method=%s path=%s status=%d us=%lld actor=%s org=%lld", r->id, r->method_text,
              exchange_path(x), r->response.status, took, x->w && x->w->actor ? x->w->actor : "-",
              x->w ? x->w->org : 0);
    x->app->answer(r);
}

void exchange_refuse(struct exchange *x, const struct err *e)
{
    if (e->code == ERR_FAULT || e->code == ERR_RETRY)
        log_event(LOG_ERROR, "fault", "id=%s at=%s:%d text=%s detail=%s", x->r->id, e->file,
                  e->line, e->text, e->detail);
    refuse_answer(x->w, e);
}

static struct exchange *exchange_new(struct app *app, struct request *r)
{
    struct exchange *x = NEW(r->arena, struct exchange);
    struct web *w = NEW(r->arena, struct web);

    x->app = app;
    x->r = r;
    x->w = w;
    w->app = app;
    w->arena = r->arena;
    w->req = r;
    w->now = clock_now();
    w->actor = "anonymous";
    w->html = NEW(r->arena, struct html);
    html_init(w->html, r->arena);
    route_find(r->arena, r->method, r->path, &x->match);
    w->route = x->match.route;
    w->face = text_starts(r->path, "/api/") ? FACE_API : FACE_PAGE;
    memcpy(w->params, x->match.params, sizeof(w->params));
    r->core = x;
    return x;
}

/* --- who may --- */

static struct err *read_asof(struct exchange *x)
{
    struct web *w = x->w;
    const char *date = web_query(w, "asof");

    if (!date || !*date || !w->org)
        return NULL;
    if (!date_end(date, w->zone, &w->asof))
        return err_new(ERR_BAD, "“%.20s” is not a date. Write it as YYYY-MM-DD.", date);
    if (strcmp(date, w->today) >= 0) {
        w->asof = 0;
        return NULL;
    }
    w->asof_date = date;
    if (exchange_changes(x))
        return err_new(ERR_BAD, "The past cannot be changed. Go back to today first.");
    return NULL;
}

/* Sentences and pages from here on are in this language; the API speaks English. */
void exchange_speak(struct exchange *x, const char *code)
{
    if (x->w->face == FACE_PAGE)
        x->words = language_words(code);
    words_use(x->words);
}

const char *exchange_language(const struct exchange *x)
{
    return language_accepted(request_header(x->r, "Accept-Language"));
}

struct err *exchange_authorise(struct exchange *x)
{
    struct web *w = x->w;
    struct err *failed;

    exchange_speak(x, exchange_language(x));
    failed = session_resolve(w, x->match.slug);

    if (text_empty(w->language) && w->face == FACE_PAGE)
        w->language = exchange_language(x);
    exchange_speak(x, w->language);
    if (failed)
        return failed;
    if (x->match.route->permission != &anyone && !w->account)
        return err_new(ERR_LOGIN, "Please sign in first.");
    TRY(read_asof(x));
    x->shared = NULL;
    failed = web_need(w, x->match.route->permission);
    return failed ? shared_page(w, x->match.route, failed, &x->shared) : NULL;
}

struct err *exchange_csrf(struct exchange *x)
{
    const char *token = web_form(x->w, "_csrf");

    if (x->w->face == FACE_API ||
        session_csrf_valid(x->w, token ? token : request_header(x->r, "X-CSRF-Token")))
        return NULL;
    return err_new(ERR_DENIED, "The form has expired or did not come from this browser session. "
                               "Go back, reload the page and send it again.");
}

/* --- reading --- */

static struct err *read_handled(struct exchange *x, struct db *db)
{
    struct web *w = x->w;
    struct err *failed;

    TRY(db_begin(db, DB_BEGIN_READ));
    failed = exchange_authorise(x);
    if (!failed && x->r->method != METHOD_GET && x->r->method != METHOD_HEAD) /* a preview */
        failed = exchange_csrf(x);
    if (!failed && w->asof) {
        TRY(db_commit(db));
        TRY(db_asof(db, w->asof));
        TRY(db_begin(db, DB_BEGIN_READ));
    }
    if (!failed)
        failed = x->shared ? entity_show_page(w, x->shared) : x->match.route->handler(w);
    if (failed) {
        db_rollback(db);
        return failed;
    }
    return db_commit(db);
}

/* A page that a handler drew, or one that forgot to answer. */
void exchange_page(struct web *w)
{
    struct response *a = &w->req->response;

    if (a->body.data || a->file || a->status == 303)
        return;
    if (!a->status)
        a->status = 200;
    a->type = "text/html; charset=utf-8";
    a->body = (struct bytes){(const unsigned char *)w->html->buf.data, w->html->buf.size};
}

/* The request's arena goes with the answer: the connection must not hold it any longer. */
void exchange_let_go(struct worker *worker)
{
    db_use_arena(worker->db, worker->arena);
}

static void run_read(struct worker *worker, struct work *work)
{
    struct exchange *x = work->ctx;
    struct err *failed;

    x->w->db = worker->db;
    db_use_arena(worker->db, x->r->arena);
    failed = read_handled(x, worker->db);
    if (!failed && arena_over(x->r->arena))
        failed = err_new(ERR_LIMIT, "This page became too large. Narrow it down with a filter.");
    if (failed) {
        db_rollback(worker->db);
        exchange_denied(x, failed);
        exchange_refuse(x, failed);
    } else {
        exchange_page(x->w);
    }
    if (x->w->asof) {
        failed = db_asof(worker->db, 0);
        if (failed)
            log_event(LOG_ERROR, "asof", "%s %s", failed->text, failed->detail);
    }
    exchange_let_go(worker);
    exchange_finished(x);
}

/* Prepares (without a transaction) and hands over to the writer. */
static void run_prepare(struct worker *worker, struct work *work)
{
    struct exchange *x = work->ctx;
    struct err *failed = NULL;

    x->w->db = worker->db;
    db_use_arena(worker->db, x->r->arena);
    words_use(x->words);
    if (x->match.route->prepare) {
        failed = exchange_csrf(x);
        if (!failed)
            failed = x->match.route->prepare(x->w);
    }
    if (failed) {
        exchange_denied(x, failed);
        exchange_refuse(x, failed);
        exchange_let_go(worker);
        exchange_finished(x);
        return;
    }
    if (x->app->writer)
        exchange_let_go(worker);
    exchange_change(x, worker);
}

/* --- entry points --- */

static void run_headers(struct worker *worker, struct work *work)
{
    struct exchange *x = work->ctx;
    struct err *failed;

    x->w->db = worker->db;
    db_use_arena(worker->db, x->r->arena);
    failed = db_begin(worker->db, DB_BEGIN_READ);
    if (!failed)
        failed = exchange_authorise(x);
    if (!failed && x->match.route->flags & ROUTE_RAW)
        failed = exchange_csrf(x);
    if (!failed && x->match.route->flags & ROUTE_RAW)
        failed = upload_head(x->w);
    if (!failed && x->match.route->flags & ROUTE_FILES)
        failed = blob_head(x->w);
    db_rollback(worker->db);
    x->w->changes = 0; /* what comes later is another transaction */
    if (!failed) {
        x->authorised = true;
        exchange_let_go(worker);
        x->app->proceed(x->r);
        return;
    }
    x->r->response.close = true;
    exchange_denied(x, failed);
    exchange_refuse(x, failed);
    exchange_let_go(worker);
    exchange_finished(x);
}

static void submit(struct exchange *x, void (*run)(struct worker *, struct work *), bool slow)
{
    x->work = (struct work){.run = run, .ctx = x};
    if (pool_submit(x->app, &x->work, slow))
        return;
    exchange_refuse(x, err_new(ERR_BUSY, "The server is busy. Please try again in a moment."));
    exchange_finished(x);
}

void dispatch_headers(void *ctx, struct request *r)
{
    struct exchange *x = exchange_new(ctx, r);

    if (!exchange_refused_head(x))
        submit(x, run_headers, false);
}

void dispatch_request(void *ctx, struct request *r)
{
    struct exchange *x = r->core;
    bool slow;

    if (!x && exchange_static(r)) {
        ((struct app *)ctx)->answer(r);
        return;
    }
    if (!x) {
        x = exchange_new(ctx, r);
        if (exchange_refused_head(x))
            return;
    }
    slow = x->match.route->flags & ROUTE_SLOW;
    if (!exchange_changes(x)) {
        submit(x, run_read, slow);
        return;
    }
    x->w->op =
        x->w->face == FACE_API ? request_header(r, "Idempotency-Key") : web_form(x->w, "_op");
    x->w->reason = web_form(x->w, "_reason");
    exchange_hash(x);
    if (x->match.route->prepare || !x->app->writer || !x->authorised)
        submit(x, run_prepare, slow);
    else
        exchange_change(x, NULL);
}
