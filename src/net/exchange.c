/* SPDX-License-Identifier: Apache-2.0 */
/* One request from its first line to its answer. libmicrohttpd calls exchange_step several times:
 * at the head, for each piece of the body, at the end, and after each resume. An answer given in
 * the first of these calls closes the connection, which is right for a refusal and wrong for a
 * page, so requests without a body wait for the second call.
 *
 * `hand` settles the race between this thread and core's: core may answer before its function has
 * returned here (then nothing is suspended), or between our last look and the suspension (then we
 * resume ourselves), or later (then the answering thread resumes). */
#include "net/exchange.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypt.h"
#include "base/log.h"
#include "base/text.h"
#include "net/parse.h"

#define BODY_SECONDS 30 /* without progress; also the start of the slowest allowed transfer */
#define SEND_SECONDS 60
#define SLOWEST 1024          /* bytes per second, over the whole body or answer */
#define DISCARD_MAX (1 * MIB) /* read past a refused body, so that the refusal can be sent */

/* Ids only tell requests apart; seeding once per thread keeps the system call off the hot path. */
static const char *request_id(struct arena *a)
{
    static _Thread_local u64 state;
    static const char digits[] = "0123456789abcdef";
    if (!state)
        crypt_random(&state, sizeof state);
    state += 0x9E3779B97F4A7C15ULL;
    u64 z = state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    z ^= z >> 31;
    char *id = arena_alloc(a, 17);
    for (int i = 0; i < 16; i++, z >>= 4)
        id[i] = digits[z & 15];
    return id;
}

static void exchange_drop(struct exchange *x)
{
    if (atomic_fetch_sub(&x->holders, 1) != 1)
        return;
    struct server *s = x->server;
    if (x->answer)
        MHD_destroy_response(x->answer);
    server_arena_back(s, x->r.arena);
    server_release(s);
}

void *exchange_open(void *server, const char *target, struct MHD_Connection *http)
{
    struct server *s = server;
    struct conn *c =
        MHD_get_connection_info(http, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
    struct arena *a = server_arena(s);
    struct exchange *x = NEW(a, struct exchange);
    server_hold(s);
    x->server = s;
    x->conn = c;
    x->http = http;
    atomic_init(&x->holders, 1);
    x->target_size = target ? strlen(target) : 0;
    x->r.arena = a;
    x->r.id = request_id(a);
    x->r.target = arena_strn(a, target ? target : "", x->target_size);
    x->r.net = x;
    x->fd = c->fd;
    x->r.started = clock_ticks();
    atomic_store(&c->deadline, x->r.started + s->config.header_seconds * SECOND);
    pthread_mutex_lock(&s->lock);
    c->exchange = x;
    pthread_mutex_unlock(&s->lock);
    return x;
}

void exchange_done(void *server, struct MHD_Connection *http, void **exchange,
                   enum MHD_RequestTerminationCode why)
{
    (void)http;
    struct server *s = server;
    struct exchange *x = *exchange;
    if (!x)
        return;
    *exchange = NULL;
    struct conn *c = x->conn;
    pthread_mutex_lock(&s->lock);
    c->exchange = NULL;
    pthread_mutex_unlock(&s->lock);
    c->linger = c->linger || why == MHD_REQUEST_TERMINATED_WITH_ERROR;
    atomic_store(&c->busy, false);
    atomic_store(&c->deadline, clock_ticks() + s->config.idle_seconds * SECOND);
    exchange_drop(x);
}

static enum MHD_Result send_answer(struct exchange *x)
{
    bool early = x->stage < STAGE_BODY;
    x->stage = STAGE_SENT;
    if (!x->answer)
        return MHD_NO;
    /* The peer may still be sending what we did not read. */
    x->conn->linger = early || x->close;
    atomic_store(&x->conn->deadline,
                 clock_ticks() + SEND_SECONDS * SECOND + x->answer_size * SECOND / SLOWEST);
    enum MHD_Result result = MHD_queue_response(x->http, (unsigned)x->r.response.status, x->answer);
    MHD_destroy_response(x->answer);
    x->answer = NULL;
    return result;
}

/* The refusal that is already in the response becomes the answer. */
static enum MHD_Result send_refusal(struct exchange *x)
{
    x->answer = answer_make(x);
    return send_answer(x);
}

/* A declared length is a claim: only a small one is given room before it has arrived. */
static size_t first_room(const struct exchange *x)
{
    return x->sized && x->declared < 16 * KIB ? (size_t)x->declared + 1 : 16 * KIB;
}

static struct err *no_sink(void)
{
    struct err *e = err_new(ERR_BAD, "This address does not take a body of this type.");
    e->status = 415;
    return e;
}

/* What core decided: go on reading, or send. */
static enum MHD_Result proceed(struct exchange *x)
{
    switch (atomic_load(&x->hand)) {
    case ANSWERED:
        return send_answer(x);
    case CONTINUED:
        if (x->raw && !x->r.sink) {
            answer_refuse(x, no_sink());
            x->close = true;
            return send_refusal(x);
        }
        atomic_store(&x->hand, WITH_NET);
        x->stage = STAGE_BODY;
        x->body_started = clock_ticks();
        atomic_store(&x->conn->deadline, x->body_started + BODY_SECONDS * SECOND);
        if (!x->multipart && !x->raw)
            buf_init(&x->body, x->r.arena, first_room(x));
        return MHD_YES;
    case SUSPENDED:
        return MHD_YES;
    default:
        return MHD_NO;
    }
}

void exchange_abandon(struct exchange *x)
{
    int hand = SUSPENDED;
    if (atomic_compare_exchange_strong(&x->hand, &hand, ABANDONED))
        MHD_resume_connection(x->http);
}

/* Hands the exchange to core, and parks the connection unless core has answered at once. */
static enum MHD_Result ask_core(struct exchange *x, void (*call)(void *, struct request *))
{
    atomic_store(&x->conn->deadline, 0);
    atomic_fetch_add(&x->holders, 1);
    atomic_store(&x->hand, WITH_CORE);
    call(x->server->calls.ctx, &x->r);
    if (atomic_load(&x->hand) != WITH_CORE)
        return proceed(x);
    MHD_suspend_connection(x->http);
    int hand = WITH_CORE;
    if (!atomic_compare_exchange_strong(&x->hand, &hand, SUSPENDED))
        MHD_resume_connection(x->http);
    else if (atomic_load(&x->server->stopping) == 2)
        exchange_abandon(x);
    return MHD_YES;
}

/* A client that closes only its own direction is taken for gone, too: none that waits for a file
 * does so. A request that no server made is itself no exchange. */
bool server_gone(const struct request *r)
{
    const struct exchange *x = r->net;
    struct pollfd p = {.events = POLLRDHUP};

    if ((const void *)x != r)
        return false;
    p.fd = x->fd;
    return atomic_load(&x->hand) == ABANDONED || poll(&p, 1, 0) > 0;
}

static void settle(struct exchange *x, int outcome)
{
    struct server *s = x->server;
    atomic_fetch_add(&s->resuming, 1);
    int hand = WITH_CORE;
    while (!atomic_compare_exchange_strong(&x->hand, &hand, outcome))
        if (hand != WITH_CORE && hand != SUSPENDED)
            break;
    if (hand == SUSPENDED)
        MHD_resume_connection(x->http);
    else if (hand != WITH_CORE && hand != ABANDONED)
        BUG("a request was answered twice");
    atomic_fetch_sub(&s->resuming, 1);
    exchange_drop(x);
}

void server_continue(struct request *r)
{
    settle(r->net, CONTINUED);
}

void server_answer(struct request *r)
{
    struct exchange *x = r->net;
    if (atomic_load(&x->hand) != ABANDONED)
        x->answer = answer_make(x);
    settle(x, ANSWERED);
}

static enum MHD_Result step_head(struct exchange *x, const char *url, const char *method,
                                 const char *version)
{
    atomic_store(&x->conn->busy, true);
    struct err *e = head_read(x, url, method, version);
    bool body = x->sized || x->chunked;
    if (e) {
        answer_refuse(x, e);
        if (body || x->close)
            return send_refusal(x);
    }
    if (!body) {
        x->stage = STAGE_READY;
        return MHD_YES;
    }
    x->stage = STAGE_ASK;
    const struct server_calls *calls = &x->server->calls;
    return ask_core(x, x->r.method == METHOD_OTHER ? calls->request : calls->headers);
}

static struct err *take_raw(struct sink *to, const char *data, size_t size)
{
    if (size > to->room)
        return err_new(ERR_LIMIT, "More bytes came than were announced for this file.");
    while (size > 0) {
        ssize_t n = pwrite(to->fd, data, size, (off_t)to->offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return disk_err("pwrite");
        data += n;
        size -= (size_t)n;
        to->offset += (u64)n;
        to->room -= (u64)n;
    }
    return NULL;
}

/* The next piece of the body goes to its place. */
static struct err *take_body(struct exchange *x, const char *data, size_t size)
{
    if (x->received > x->limit)
        return err_new(ERR_LIMIT, "The request is larger than %zu bytes.", x->limit);
    if (x->multipart)
        return multipart_feed(x->multipart, data, size);
    if (x->raw)
        return take_raw(x->r.sink, data, size);
    buf_add(&x->body, data, size);
    return NULL;
}

static enum MHD_Result step_body(struct exchange *x, const char *data, size_t *size)
{
    size_t n = *size;
    *size = 0;
    if (x->stage != STAGE_BODY)
        return MHD_NO;
    x->received += n;
    i64 stalled = clock_ticks() + BODY_SECONDS * SECOND;
    i64 slow = x->body_started + BODY_SECONDS * SECOND + (i64)x->received * SECOND / SLOWEST;
    atomic_store(&x->conn->deadline, stalled < slow ? stalled : slow);
    if (x->received > x->limit + DISCARD_MAX)
        return MHD_NO;
    if (x->r.response
            .status) /* refused: the rest is read and dropped, so that the answer arrives */
        return MHD_YES;
    struct err *e = take_body(x, data, n);
    if (e)
        answer_refuse(x, e);
    return MHD_YES;
}

static struct err *finish_body(struct exchange *x)
{
    struct request *r = &x->r;
    if (x->multipart)
        return multipart_end(x->multipart, r);
    if (strcmp(r->body_type, "application/x-www-form-urlencoded") == 0)
        return parse_pairs(r->arena, x->body.data, x->body.size, &r->form);
    if (x->raw)
        return NULL;
    r->body = (struct bytes){(const unsigned char *)x->body.data, x->body.size};
    return NULL;
}

static enum MHD_Result step_ready(struct exchange *x)
{
    if (atomic_load(&x->hand) != WITH_NET)
        return proceed(x);
    if (x->r.response.status)
        return send_refusal(x);
    return ask_core(x, x->server->calls.request);
}

static enum MHD_Result step_whole(struct exchange *x)
{
    if (x->sized && x->received != x->declared)
        return MHD_NO;
    x->stage = STAGE_READY;
    struct err *e = x->r.response.status ? NULL : finish_body(x);
    if (e)
        answer_refuse(x, e);
    return step_ready(x);
}

enum MHD_Result exchange_step(void *server, struct MHD_Connection *http, const char *url,
                              const char *method, const char *version, const char *data,
                              size_t *size, void **exchange)
{
    (void)http;
    struct server *s = server;
    struct exchange *x = *exchange;
    if (!x || atomic_load(&s->stopping) == 2)
        return MHD_NO;
    if (*size > 0)
        return step_body(x, data, size);
    switch (x->stage) {
    case STAGE_HEAD:
        return step_head(x, url, method, version);
    case STAGE_ASK:
        return proceed(x);
    case STAGE_BODY:
        return step_whole(x);
    case STAGE_READY:
        return step_ready(x);
    case STAGE_SENT:
        break;
    }
    return MHD_YES;
}
