/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP server: libmicrohttpd's epoll threads move bytes, nothing else. It parses and bounds a
 * request, then hands it to core and suspends the connection until core answers from any thread.
 * Requests with a body are shown twice: at the headers (so that core can refuse before a byte of
 * the body is read) and when the body is complete. */
#pragma once

#include "net/request.h"

struct server;

struct server_config {
    const char *address;            /* "127.0.0.1" or "::1" or "0.0.0.0" */
    int port;                       /* 0 = any free one */
    int threads;                    /* 0 = number of cores */
    const char *tls_cert, *tls_key; /* PEM texts, or NULL */
    const char *temp_dir;           /* uploads */
    const char **trusted_proxies;   /* addresses whose X-Forwarded-* count; NULL-terminated */
    size_t body_limit;              /* bytes of a form or JSON body (default 1 MiB) */
    size_t upload_limit;            /* bytes of one multipart body (default 1 GiB) */
    int header_seconds;             /* deadline for a complete head (default 10) */
    int idle_seconds;               /* keep-alive (default 60) */
    int connections;                /* limit (default 5,000) */
};

struct server_calls {
    void *ctx;
    /* Only the head is known (method, path, query, headers, cookies). Called for requests with a
     * body. Core calls server_continue or server_answer, now or later, from any thread. */
    void (*headers)(void *ctx, struct request *r);
    /* The whole request is there. Core calls server_answer, now or later, from any thread. */
    void (*request)(void *ctx, struct request *r);
    /* Adds the headers every answer carries, also net's own 400s. */
    void (*finish)(void *ctx, struct request *r);
};

struct err *server_start(const struct server_config *config, const struct server_calls *calls,
                         struct server **out) MUST_CHECK;
int server_port(const struct server *s);
/* Go on reading the body of a request shown by `headers`. */
void server_continue(struct request *r);
/* Sends r->response. The request and its arena are gone once it is sent. */
void server_answer(struct request *r);
/* True when nobody waits for the answer any more: the client has closed its connection, or the
 * server has given it up. For work that takes long; from any thread, before the answer. False for a
 * request that came from no server. */
bool server_gone(const struct request *r);
/* Stops accepting, lets running requests finish for up to `seconds`, closes. */
void server_stop(struct server *s, int seconds);
/* Parses the head-independent parts for tests and fuzzing: query or urlencoded text into pairs.
 * ERR_BAD on malformed percent encoding, invalid UTF-8, NUL, duplicate names (but "x[]"). */
struct err *parse_pairs(struct arena *a, const char *text, size_t size, struct pairs *out)
    MUST_CHECK;
struct err *parse_cookies(struct arena *a, const char *text, struct pairs *out) MUST_CHECK;
/* Decodes and checks a request path: ERR_BAD, or ERR_MISSING for dot segments and "//". */
struct err *parse_path(struct arena *a, const char *text, const char **out) MUST_CHECK;
