/* SPDX-License-Identifier: Apache-2.0 */
/* Inside net only: the server, its connections, and one exchange (a request on its way to its
 * answer). Who owns what: libmicrohttpd's thread owns a connection; an exchange is held by that
 * thread until the request is completed, and by core between the call and its answer. The last of
 * the two to let go frees it, so a late answer after a stop touches nothing that is gone. */
#pragma once

#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>

#include "net/multipart.h"
#include "net/server.h"

#define KIB ((size_t)1024)
#define MIB (1024 * KIB)
#define REQUEST_MEMORY (16 * MIB) /* soft limit of a request's arena */
#define SPARE_ARENAS 64
#define LINGER_MAX 64

/* An open connection. The reaper closes what is past its deadline. */
struct conn {
    struct conn *prev, *next;
    int fd;
    bool linger;          /* close gently: the peer may still be sending and must get the answer */
    _Atomic i64 deadline; /* clock_ticks; 0 = none, core is at work */
    _Atomic bool busy;    /* a whole head was received and not yet answered */
    struct exchange *exchange; /* under the server's lock; the one that may be suspended */
    char peer[INET6_ADDRSTRLEN];
};

/* A closed connection whose last bytes are read and dropped, so that no reset kills the answer. */
struct lingering {
    int fd;
    i64 until, latest; /* clock_ticks; each arrival moves `until`, but not past `latest` */
};

struct server {
    struct server_config config;
    struct server_calls calls;
    struct MHD_Daemon *daemon;
    int listen_fd, port;
    int wake[2]; /* pipe: something for the reaper */
    pthread_t reaper;
    pthread_mutex_t lock; /* conns, incoming, spare */
    struct conn *conns;
    struct lingering incoming[LINGER_MAX]; /* for the reaper to take over */
    size_t nincoming;
    struct lingering lingers[LINGER_MAX]; /* the reaper's own */
    _Atomic size_t nlingers;
    struct arena *spare[SPARE_ARENAS];
    size_t nspare;
    _Atomic int stopping;   /* 1: close after the next answer; 2: nothing more may start */
    _Atomic int resuming;   /* threads between "answered" and "resumed" */
    _Atomic size_t holders; /* exchanges, and the owner; the last one frees the server */
    struct arena *arena;
};

/* Where core's answer stands. */
enum hand { WITH_NET, WITH_CORE, SUSPENDED, CONTINUED, ANSWERED, ABANDONED };
/* How far the reading is. */
enum stage { STAGE_HEAD, STAGE_ASK, STAGE_BODY, STAGE_READY, STAGE_SENT };

struct exchange {
    struct request r; /* first: r.net is the way back */
    struct server *server;
    struct conn *conn;
    int fd; /* of the connection, which may be gone already when core still works */
    struct MHD_Connection *http;
    _Atomic int hand;
    _Atomic int holders;
    enum stage stage;
    size_t target_size;
    bool chunked, sized;    /* the body's framing; neither: no body */
    bool close;             /* this connection must not carry another request */
    bool raw;               /* the body is bytes for the sink */
    u64 declared, received; /* bytes of the body */
    i64 body_started;
    size_t limit; /* bytes of the body at most */
    struct multipart *multipart;
    struct buf body;
    struct MHD_Response *answer;
    i64 answer_size;
};

/* exchange.c: what the server gives to libmicrohttpd. */
void *exchange_open(void *server, const char *target, struct MHD_Connection *http);
enum MHD_Result exchange_step(void *server, struct MHD_Connection *http, const char *url,
                              const char *method, const char *version, const char *data,
                              size_t *size, void **exchange);
void exchange_done(void *server, struct MHD_Connection *http, void **exchange,
                   enum MHD_RequestTerminationCode why);
/* Takes a suspended exchange away from core and closes it. */
void exchange_abandon(struct exchange *x);

/* head.c: checks the received head and fills the request. An error refuses it; `x->close` then says
 * that the connection cannot be trusted any more. */
struct err *head_read(struct exchange *x, const char *url, const char *method, const char *version)
    MUST_CHECK;

/* answer.c: the answer with all headers, made in the calling thread; NULL when that fails. */
struct MHD_Response *answer_make(struct exchange *x);
/* Puts a short plain text about `e` into the response. */
void answer_refuse(struct exchange *x, const struct err *e);

/* server.c */
void server_hold(struct server *s);
void server_release(struct server *s);
struct arena *server_arena(struct server *s);
void server_arena_back(struct server *s, struct arena *a);
