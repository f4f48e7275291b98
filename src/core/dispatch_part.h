/* SPDX-License-Identifier: Apache-2.0 */
/* Inside core/dispatch* only: a request on its way through the dispatcher. */
#pragma once

#include "base/crypt.h"
#include "core/app.h"
#include "core/pool.h"
#include "core/route.h"

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

/* --- dispatch.c --- */

/* True when the request wants to change something. */
bool exchange_changes(const struct exchange *x);
/* The path as a log may hold it: a one-time link is a secret. */
const char *exchange_path(const struct exchange *x);
/* Writes the line of the request and hands the answer over; `x` is not touched afterwards. */
void exchange_finished(struct exchange *x);
/* Makes the answer out of a refusal. */
void exchange_refuse(struct exchange *x, const struct err *e);
/* The language that the browser asks for, NULL when it is none of ours. */
const char *exchange_language(const struct exchange *x);
/* Sentences and pages from here on are in this language; the API speaks English. */
void exchange_speak(struct exchange *x, const char *code);
/* Who sends it, and whether the route is open to them. Inside a transaction. */
struct err *exchange_authorise(struct exchange *x);
/* ERR_DENIED unless the form carries the token of its session; scripts need none. */
struct err *exchange_csrf(struct exchange *x);
/* A page that a handler drew, or one that forgot to answer. */
void exchange_page(struct web *w);
/* The request's arena goes with the answer: the connection must not hold it any longer. */
void exchange_let_go(struct worker *worker);

/* --- dispatch_head.c --- */

/* Answers with a file of the program itself; false when the address is none. */
bool exchange_static(struct request *r);
/* Refuses, or leads on, what its headers already decide; true when it is answered. */
bool exchange_refused_head(struct exchange *x);

/* --- dispatch_change.c --- */

/* Method, path and all that was sent, for the token of the operation. */
void exchange_hash(struct exchange *x);
/* Hands the change to the writer, or runs it here where each worker writes (`worker` NULL: from
 * the thread of the connections, with a writer only). */
void exchange_change(struct exchange *x, struct worker *worker);

/* --- dispatch_late.c --- */

/* The action of a refusal that is a security event; NULL for the others. */
const char *exchange_event(const struct err *e);
/* Writes a refused request of a known account to the log, after its own transaction. */
void exchange_denied(struct exchange *x, const struct err *e);
