/* SPDX-License-Identifier: Apache-2.0 */
/* The dispatcher. A read runs on one worker in one read transaction. A change is authorised on a
 * worker at its headers, prepared on a worker, and then handled on the writer (SQLite) or the same
 * worker (PostgreSQL), where the session is resolved once more: a right that was revoked a moment
 * ago does not get through. */
#include "core/dispatch.h"

#include <string.h>

#include "base/clock.h"
#include "base/crypt.h"
#include "base/embedded.h"
#include "base/log.h"
#include "base/text.h"
#include "base/words.h"
#include "core/entity.h"
#include "core/language.h"
#include "core/pool.h"
#include "core/route.h"
#include "core/session.h"
#include "core/shared.h"
#include "core/trail.h"
#include "core/upload.h"

struct exchange {
    struct app *app;
    struct request *r;
    struct web *w;
    struct route_match match;
    struct work work;
    struct write_job job;
    bool authorised;
    const struct entity *shared; /* its general page instead of the route's (core/shared.h) */
    const struct words *words;   /* the reader's language, NULL = English */
    const char *event;           /* security event to log after the rollback, or NULL */
    struct err *drawn;           /* stands for a refusal that the handler drew itself */
    unsigned char body_hash[DIGEST_SIZE];
};

/* --- small parts --- */

static bool changes(const struct exchange *x)
{
    return x->match.route && x->r->method != METHOD_GET && x->r->method != METHOD_HEAD &&
           !(x->match.route->flags & ROUTE_READ);
}

/* The path as a log may hold it: a one-time link is a secret. */
static const char *logged_path(const struct exchange *x)
{
    const char *pattern = x->match.route ? x->match.route->pattern : "";

    if (strstr(pattern, "/:token"))
        return pattern;
    if (!x->match.route && x->match.allowed)
        return arena_printf(x->r->arena, "%.*s/...", (int)strcspn(x->r->path + 1, "/") + 1,
                            x->r->path);
    return x->r->path;
}

static void finished(struct exchange *x)
{
    struct request *r = x->r;
    i64 took = clock_ticks() - r->started;

    words_use(NULL); /* the thread goes on with something else */

    log_event(r->response.status >= 500 ? LOG_ERROR : LOG_DEBUG, "request",
              "id=%s method=%s path=%s status=%d us=%lld actor=%s org=%lld", r->id, r->method_text,
              logged_path(x), r->response.status, took, x->w && x->w->actor ? x->w->actor : "-",
              x->w ? x->w->org : 0);
    x->app->answer(r);
}

static void refuse(struct exchange *x, const struct err *e)
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

/* --- refusals before anything is looked up --- */

static struct err *check_host(const struct exchange *x)
{
    const char *host = request_header(x->r, "Host");
    size_t n;

    if (!host)
        return err_new(ERR_BAD, "The request does not say which host it is for.");
    if (x->app->host) {
        if (text_equal(host, x->app->host))
            return NULL;
    } else {
        n = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
        if (n <= strlen(host) && host[n] &&
            (host[n] != ':' || host[n + 1 + strspn(host + n + 1, "0123456789")]))
            n = 0;
        if ((n == 9 && !memcmp(host, "localhost", 9)) ||
            (n == 9 && !memcmp(host, "127.0.0.1", 9)) || (n == 5 && !memcmp(host, "[::1]", 5)))
            return NULL;
    }
    return err_new(ERR_BAD, "This server does not answer for that host name.");
}

static struct err *check_route(const struct exchange *x)
{
    struct err *e;

    if (x->match.route)
        return NULL;
    if (!x->match.allowed)
        return err_new(ERR_MISSING, "There is no page at this address.");
    e = err_new(ERR_BAD, "This address does not take %.20s requests.", x->r->method_text);
    e->status = 405;
    return e;
}

static const char *allowed_methods(struct arena *a, unsigned allowed)
{
    struct buf b;

    buf_init(&b, a, 64);
    for (int m = METHOD_GET; m < METHOD_OTHER; m++) {
        bool get = allowed & 1u << METHOD_GET;

        if (allowed & 1u << m || (m == METHOD_HEAD && get))
            buf_printf(&b, "%s%s", b.size ? ", " : "", method_name((enum http_method)m));
    }
    return b.data;
}

/* A browser tells where a form came from; a foreign site is refused before the body. */
static struct err *check_origin(const struct exchange *x)
{
    const char *origin = request_header(x->r, "Origin");
    const char *site = request_header(x->r, "Sec-Fetch-Site");
    const char *host = request_header(x->r, "Host");
    const char *rest;

    if (x->w->face == FACE_API || x->r->method == METHOD_GET || x->r->method == METHOD_HEAD)
        return NULL;
    if (site && !text_equal(site, "same-origin") && !text_equal(site, "none"))
        return err_new(ERR_DENIED, "The form was sent from another site, so it was not accepted.");
    if (!origin)
        return NULL;
    rest = strstr(origin, "://");
    if (!rest || !host || strcmp(rest + 3, host) != 0)
        return err_new(ERR_DENIED, "The form was sent from another site, so it was not accepted.");
    return NULL;
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
    if (changes(x))
        return err_new(ERR_BAD, "The past cannot be changed. Go back to today first.");
    return NULL;
}

/* Sentences and pages from here on are in this language; the API speaks English. */
static void speak(struct exchange *x, const char *code)
{
    if (x->w->face == FACE_PAGE)
        x->words = language_words(code);
    words_use(x->words);
}

static const char *asked_language(const struct exchange *x)
{
    return language_accepted(request_header(x->r, "Accept-Language"));
}

static struct err *authorise(struct exchange *x)
{
    struct web *w = x->w;
    struct err *failed;

    speak(x, asked_language(x));
    failed = session_resolve(w, x->match.slug);

    if (text_empty(w->language) && w->face == FACE_PAGE)
        w->language = asked_language(x);
    speak(x, w->language);
    if (failed)
        return failed;
    if (x->match.route->permission != &anyone && !w->account)
        return err_new(ERR_LOGIN, "Please sign in first.");
    TRY(read_asof(x));
    x->shared = NULL;
    failed = web_need(w, x->match.route->permission);
    return failed ? shared_page(w, x->match.route, failed, &x->shared) : NULL;
}

static struct err *check_csrf(struct exchange *x)
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
    failed = authorise(x);
    if (!failed && x->r->method != METHOD_GET && x->r->method != METHOD_HEAD) /* a preview */
        failed = check_csrf(x);
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
static void take_page(struct web *w)
{
    struct response *a = &w->req->response;

    if (a->body.data || a->file || a->status == 303)
        return;
    if (!a->status)
        a->status = 200;
    a->type = "text/html; charset=utf-8";
    a->body = (struct bytes){(const unsigned char *)w->html->buf.data, w->html->buf.size};
}

static void log_denied(struct exchange *x, const struct err *e);

/* The request's arena goes with the answer: the connection must not hold it any longer. */
static void let_go(struct worker *worker)
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
        log_denied(x, failed);
        refuse(x, failed);
    } else {
        take_page(x->w);
    }
    if (x->w->asof) {
        failed = db_asof(worker->db, 0);
        if (failed)
            log_event(LOG_ERROR, "asof", "%s %s", failed->text, failed->detail);
    }
    let_go(worker);
    finished(x);
}

/* --- changing --- */

static void hash_body(struct exchange *x)
{
    struct request *r = x->r;
    struct digest *d = digest_new(r->arena);

    digest_add(d, r->method_text, strlen(r->method_text) + 1);
    digest_add(d, r->path, strlen(r->path) + 1);
    for (size_t i = 0; i < r->form.count; i++) {
        digest_add(d, r->form.list[i].name, strlen(r->form.list[i].name) + 1);
        digest_add(d, r->form.list[i].value, strlen(r->form.list[i].value) + 1);
    }
    digest_add(d, r->body.data ? (const void *)r->body.data : "", r->body.size);
    for (size_t i = 0; i < r->nuploads; i++)
        digest_add(d, &r->uploads[i].size, sizeof(r->uploads[i].size));
    digest_end(d, x->body_hash);
}

static bool has_op(const struct exchange *x)
{
    return x->w->op && *x->w->op && !(x->match.route->flags & ROUTE_NO_OP);
}

/* A repeated operation gets its stored answer; `*done` then. */
static struct err *replay(struct exchange *x, bool *done)
{
    struct web *w = x->w;
    struct rows *r;
    struct bytes hash;

    *done = false;
    if (!has_op(x))
        return NULL;
    if (strlen(w->op) > 200)
        return err_new(ERR_BAD, "The operation token is longer than 200 characters.");
    TRY(db_query(w->db, &r,
                 "select body_hash, status, location, answer from operation"
                 " where org_id = $1 and op = $2",
                 num(w->org), str(w->op)));
    if (!row_next(r))
        return NULL;
    hash = row_blob(r, 0);
    if (hash.size != DIGEST_SIZE || !crypt_equal(hash.data, x->body_hash, DIGEST_SIZE))
        return err_new(ERR_INVALID, "This operation token was already used for another request. "
                                    "Open the form again and send it once more.");
    *done = true;
    w->req->response.status = (int)row_num(r, 1);
    if (!row_null(r, 2))
        response_header(w->req, "Location", row_str(r, 2));
    if (!row_null(r, 3)) {
        w->req->response.type = "application/json; charset=utf-8";
        w->req->response.body =
            (struct bytes){(const unsigned char *)row_str(r, 3), strlen(row_str(r, 3))};
    }
    return NULL;
}

static struct err *store_operation(struct exchange *x)
{
    struct web *w = x->w;
    struct response *a = &w->req->response;
    bool json = a->type && text_starts(a->type, "application/json");

    if (!has_op(x) || a->status >= 400)
        return NULL;
    return db_exec(w->db,
                   "insert into operation (org_id, op, body_hash, at, status, location, answer)"
                   " values ($1, $2, $3, $4, $5, $6, $7)",
                   num(w->org), str(w->op), blob(x->body_hash, DIGEST_SIZE), num(w->now),
                   num(a->status ? a->status : 200), str(pairs_get(&a->headers, "Location")),
                   json ? str((const char *)a->body.data) : str_null());
}

static void reset_answer(struct web *w)
{
    struct response *a = &w->req->response;

    memset(a, 0, sizeof(*a));
    html_init(w->html, w->arena);
}

/* A handler that answers 4xx with a page of its own (a form with its errors) has changed nothing,
 * also if it wrote before it found out. Outside organisations refusals may be written down (a
 * wrong password counts), and an upload keeps the bytes that came. */
static bool draws_refusals(const struct exchange *x)
{
    return !(x->match.route->flags & (ROUTE_SITE | ROUTE_RAW));
}

static struct err *change_handled(struct write_job *job)
{
    struct exchange *x = job->ctx;
    struct web *w = x->w;
    bool done;

    reset_answer(w);
    TRY(authorise(x));
    TRY(check_csrf(x));
    TRY(replay(x, &done));
    if (done)
        return NULL;
    TRY(x->match.route->handler(w));
    take_page(w);
    if (draws_refusals(x) && w->req->response.status >= 400)
        return x->drawn = err_new(ERR_INVALID, "The page tells why.");
    TRY(store_operation(x));
    TRY(trail_tail(w));
    if (arena_over(w->arena))
        return err_new(ERR_LIMIT, "This is too much for one request. Send it in smaller parts.");
    return NULL;
}

/* The closed list of refusals that are security events. */
static const char *event_of(const struct err *e)
{
    switch (e->code) {
    case ERR_DENIED:
        return "denied";
    case ERR_LOGIN:
        return "login.refused";
    default:
        return e->status == 429 ? "throttled" : NULL;
    }
}

static bool change_refused(struct write_job *job, struct err *e)
{
    struct exchange *x = job->ctx;

    if (e == x->drawn)
        return false;
    x->event = x->w->account || e->status == 429 ? event_of(e) : NULL;
    words_use(x->words);
    refuse(x, e);
    return x->event != NULL;
}

static struct err *change_event(struct write_job *job)
{
    struct exchange *x = job->ctx;

    trail_event(x->w, x->event, NULL, 0,
                arena_printf(x->w->arena, "%s %s", x->r->method_text, logged_path(x)));
    return trail_tail(x->w);
}

static void change_lost(struct write_job *job, struct err *e)
{
    struct exchange *x = job->ctx;
    struct err *busy = err_new(ERR_BUSY, "Your change could not be stored just now. Nothing was "
                                         "saved; please send it again.");

    log_event(LOG_ERROR, "change-lost", "id=%s %s %s", x->r->id, e->text, e->detail);
    reset_answer(x->w);
    refuse(x, busy);
}

static void change_done(struct write_job *job)
{
    finished(job->ctx);
}

static void submit_change(struct exchange *x, struct worker *worker)
{
    x->job = (struct write_job){
        .w = x->w,
        .run = change_handled,
        .refused = change_refused,
        .event = change_event,
        .lost = change_lost,
        .done = change_done,
        .ctx = x,
    };
    if (!x->app->writer) {
        change_run_alone(worker->db, &x->job);
        let_go(worker);
    } else if (!writer_submit(x->app, &x->job)) {
        refuse(x, err_new(ERR_BUSY, "The server is busy. Please try again in a moment."));
        finished(x);
    }
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
        failed = check_csrf(x);
        if (!failed)
            failed = x->match.route->prepare(x->w);
    }
    if (failed) {
        log_denied(x, failed);
        refuse(x, failed);
        let_go(worker);
        finished(x);
        return;
    }
    if (x->app->writer)
        let_go(worker);
    submit_change(x, worker);
}

/* --- a denied read is logged after the fact, in a job of its own --- */

struct late_event {
    struct arena *arena;
    struct web w;
    struct write_job job;
    const char *action, *body;
};

static struct err *late_run(struct write_job *job)
{
    struct late_event *l = job->ctx;

    trail_event(&l->w, l->action, NULL, 0, l->body);
    return trail_tail(&l->w);
}

static bool late_refused(struct write_job *job, struct err *e)
{
    (void)job;
    log_event(LOG_ERROR, "event-lost", "%s %s", e->text, e->detail);
    return false;
}

static void late_lost(struct write_job *job, struct err *e)
{
    late_refused(job, e);
}

static void late_done(struct write_job *job)
{
    struct late_event *l = job->ctx;

    arena_free(l->arena);
}

/* What an entry says about the sender: the request itself is gone when it is written. */
static struct request *sender_of(struct arena *a, const struct request *r)
{
    const char *agent = request_header(r, "User-Agent");
    struct request *copy = NEW(a, struct request);

    copy->arena = a;
    copy->id = arena_str(a, r->id);
    copy->peer = arena_str(a, r->peer);
    if (agent) {
        copy->headers.list = NEW(a, struct pair);
        copy->headers.list[0] = (struct pair){"User-Agent", arena_str(a, agent)};
        copy->headers.count = 1;
    }
    return copy;
}

static void log_denied(struct exchange *x, const struct err *e)
{
    struct arena *a;
    struct late_event *l;
    const char *action = x->w->account ? event_of(e) : NULL;
    struct db *db = x->w->db;

    if (!action)
        return;
    a = arena_new(1 << 20);
    l = NEW(a, struct late_event);
    l->arena = a;
    l->w = (struct web){.app = x->app,
                        .arena = a,
                        .face = FACE_JOB,
                        .now = x->w->now,
                        .org = x->w->org,
                        .account = x->w->account,
                        .session = x->w->session,
                        .actor = arena_str(a, x->w->actor)};
    l->w.req = sender_of(a, x->r);
    l->action = action;
    l->body = arena_printf(a, "%s %s", x->r->method_text, logged_path(x));
    l->job = (struct write_job){.w = &l->w,
                                .run = late_run,
                                .refused = late_refused,
                                .lost = late_lost,
                                .done = late_done,
                                .ctx = l};
    if (!x->app->writer) {
        change_run_alone(db, &l->job);
        db_use_arena(db, x->r->arena);
    } else if (!writer_submit(x->app, &l->job)) {
        arena_free(a);
    }
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
        failed = authorise(x);
    if (!failed && x->match.route->flags & ROUTE_RAW)
        failed = check_csrf(x);
    if (!failed && x->match.route->flags & ROUTE_RAW)
        failed = upload_head(x->w);
    if (!failed && x->match.route->flags & ROUTE_FILES)
        failed = blob_head(x->w);
    db_rollback(worker->db);
    x->w->changes = 0; /* what comes later is another transaction */
    if (!failed) {
        x->authorised = true;
        let_go(worker);
        x->app->proceed(x->r);
        return;
    }
    x->r->response.close = true;
    log_denied(x, failed);
    refuse(x, failed);
    let_go(worker);
    finished(x);
}

static struct err *check_head(struct exchange *x)
{
    TRY(check_route(x));
    return check_origin(x);
}

static void submit(struct exchange *x, void (*run)(struct worker *, struct work *), bool slow)
{
    x->work = (struct work){.run = run, .ctx = x};
    if (pool_submit(x->app, &x->work, slow))
        return;
    refuse(x, err_new(ERR_BUSY, "The server is busy. Please try again in a moment."));
    finished(x);
}

/* Assets carry their hash in the address, so they may be kept for ever. */
static bool served_static(struct request *r)
{
    struct response *a = &r->response;
    const struct embedded_file *f;
    const char *encodings = request_header(r, "Accept-Encoding");
    bool current, gz;

    if (r->method > METHOD_HEAD || !text_starts(r->path, "/static/"))
        return false;
    f = embedded_by_url(r->path, &current);
    if (!f)
        return false;
    gz = f->gz && encodings && strstr(encodings, "gzip");
    a->status = 200;
    a->type = f->type;
    a->body_static = true;
    a->body = gz ? (struct bytes){f->gz, f->gz_size} : (struct bytes){f->data, f->size};
    response_header(r, "Vary", "Accept-Encoding");
    if (gz)
        response_header(r, "Content-Encoding", "gzip");
    response_header(r, "Cache-Control",
                    current ? "public, max-age=31536000, immutable" : "no-cache");
    return true;
}

/* An address with a slash too many at its end leads to the page without it. */
static bool led_on(struct exchange *x)
{
    struct request *r = x->r;
    size_t path = strlen(r->path), sent = strcspn(r->target, "?");
    struct route_match without;

    if (x->match.allowed || r->method > METHOD_HEAD || path < 2 || r->path[path - 1] != '/' ||
        r->target[sent - 1] != '/')
        return false;
    route_find(r->arena, METHOD_GET, arena_strn(r->arena, r->path, path - 1), &without);
    if (!without.route)
        return false;
    r->response.status = 308;
    r->response.type = "text/plain; charset=utf-8";
    response_header(r, "Location",
                    arena_printf(r->arena, "%.*s%s", (int)(sent - 1), r->target, r->target + sent));
    return true;
}

static bool refused_head(struct exchange *x)
{
    struct err *failed = check_host(x);

    if (!failed && led_on(x)) {
        finished(x);
        return true;
    }
    if (!failed)
        failed = check_head(x);
    if (!failed)
        return false;
    if (failed->status == 405)
        response_header(x->r, "Allow", allowed_methods(x->r->arena, x->match.allowed));
    speak(x, asked_language(x));
    refuse(x, failed);
    finished(x);
    return true;
}

void dispatch_headers(void *ctx, struct request *r)
{
    struct exchange *x = exchange_new(ctx, r);

    if (!refused_head(x))
        submit(x, run_headers, false);
}

void dispatch_request(void *ctx, struct request *r)
{
    struct exchange *x = r->core;
    bool slow;

    if (!x && served_static(r)) {
        ((struct app *)ctx)->answer(r);
        return;
    }
    if (!x) {
        x = exchange_new(ctx, r);
        if (refused_head(x))
            return;
    }
    slow = x->match.route->flags & ROUTE_SLOW;
    if (!changes(x)) {
        submit(x, run_read, slow);
        return;
    }
    x->w->op =
        x->w->face == FACE_API ? request_header(r, "Idempotency-Key") : web_form(x->w, "_op");
    x->w->reason = web_form(x->w, "_reason");
    hash_body(x);
    if (x->match.route->prepare || !x->app->writer || !x->authorised)
        submit(x, run_prepare, slow);
    else
        submit_change(x, NULL);
}
