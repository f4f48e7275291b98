/* SPDX-License-Identifier: Apache-2.0 */
/* A change, on the writer or on a worker: who may is asked once more, an operation that came before
 * gets its stored answer, and a refusal takes everything back. */
#include <string.h>

#include "base/crypt.h"
#include "base/log.h"
#include "base/text.h"
#include "base/words.h"
#include "core/dispatch_part.h"
#include "core/trail.h"

void exchange_hash(struct exchange *x)
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
    TRY(exchange_authorise(x));
    TRY(exchange_csrf(x));
    TRY(replay(x, &done));
    if (done)
        return NULL;
    TRY(x->match.route->handler(w));
    exchange_page(w);
    if (draws_refusals(x) && w->req->response.status >= 400)
        return x->drawn = err_new(ERR_INVALID, "The page tells why.");
    TRY(store_operation(x));
    TRY(trail_tail(w));
    if (arena_over(w->arena))
        return err_new(ERR_LIMIT, "This is too much for one request. Send it in smaller parts.");
    return NULL;
}

static bool change_refused(struct write_job *job, struct err *e)
{
    struct exchange *x = job->ctx;

    if (e == x->drawn)
        return false;
    x->event = x->w->account || e->status == 429 ? exchange_event(e) : NULL;
    words_use(x->words);
    exchange_refuse(x, e);
    return x->event != NULL;
}

static struct err *change_event(struct write_job *job)
{
    struct exchange *x = job->ctx;

    trail_event(x->w, x->event, NULL, 0,
                arena_printf(x->w->arena, "%s %s", x->r->method_text, exchange_path(x)));
    return trail_tail(x->w);
}

static void change_lost(struct write_job *job, struct err *e)
{
    struct exchange *x = job->ctx;
    struct err *busy = err_new(ERR_BUSY, "Your change could not be stored just now. Nothing was "
                                         "saved; please send it again.");

    log_event(LOG_ERROR, "change-lost", "id=%s %s %s", x->r->id, e->text, e->detail);
    reset_answer(x->w);
    exchange_refuse(x, busy);
}

static void change_done(struct write_job *job)
{
    exchange_finished(job->ctx);
}

void exchange_change(struct exchange *x, struct worker *worker)
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
        exchange_let_go(worker);
    } else if (!writer_submit(x->app, &x->job)) {
        exchange_refuse(x, err_new(ERR_BUSY, "The server is busy. Please try again in a moment."));
        exchange_finished(x);
    }
}
