/* SPDX-License-Identifier: Apache-2.0 */
/* A whole program in the test's process: real store, real dispatcher, real threads, no network.
 * `test_begin` opens an app on a fresh store and creates the organisation "Acme" with one person
 * and account per role ("admin@acme.test" ...), and the organisation "Other" with its own admin. */
#pragma once

#include "core/app.h"
#include "test.h"

struct test {
    struct app *app;
    struct arena *arena;       /* of the test */
    struct arena *request;     /* of the last visit */
    struct request *r;         /* the last visit: r->response is the answer */
    struct web *w;             /* a context for direct queries, in "Acme" */
    i64 org, other;            /* ids of Acme and Other */
    const char *cookie, *csrf; /* of the person who is signed in */
    const char *pre;           /* pre-login cookie to send, or NULL */
    const char *peer;          /* client address, or NULL for the usual one */
    const char *token;         /* bearer token of the last role used by `api` */
    const char *token_role;
    const char *host;     /* Host to send, or NULL for "localhost" */
    bool no_host;         /* send none */
    const char *extra[8]; /* headers for the next request */
    int nextra;
    int ops;
    struct upload files[8]; /* files of the next form */
    size_t nfiles;
    struct bytes raw; /* body of the next request, for an upload */
};

struct test *test_begin(void);
void test_end(struct test *t);

/* Signs in as the person of a role of Acme ("risk-owner"), or as "other-admin" of Other. */
void login(struct test *t, const char *role);
void logout(struct test *t);
/* A page request with the session's cookie; POST forms get _csrf and a fresh _op. `form` is
 * urlencoded text or NULL. The answer's body is NUL-terminated: body(t). */
void visit(struct test *t, enum http_method method, const char *target, const char *form);
/* The same without CSRF and operation tokens. */
void visit_raw(struct test *t, enum http_method method, const char *target, const char *form);
/* A file for the next form (field "file[]"), as net would have put it on disk. */
void attach(struct test *t, const char *filename, const void *data, size_t size);
/* Bytes for an upload with the next request, written to where the dispatcher wants them. */
void attach_raw(struct test *t, i64 offset, const void *data, size_t size);
/* What the answer's body or file holds, with a NUL behind it. */
struct bytes answer_bytes(struct test *t);
/* The text of the document in a DOCX that was answered, with its markup. */
const char *docx_answer(struct test *t);
/* An API request as the person of a role; `json` may be NULL. Further headers: name, value pairs.
 */
void api(struct test *t, const char *role, enum http_method method, const char *target,
         const char *json);
void api_header(struct test *t, const char *name, const char *value); /* for the next request */
const char *body(struct test *t);
int status(struct test *t);
const char *header(struct test *t, const char *name);
json_t *answer_json(struct test *t);

void expect_status(struct test *t, int wanted);
void expect_text(struct test *t, const char *text);
void expect_no_text(struct test *t, const char *text);
/* The only number of a query's only row. */
i64 value_of(struct test *t, const char *sql, const struct val *v, size_t n);
#define value(t, sql, ...) value_of((t), "" sql, DB_VALS(__VA_ARGS__), DB_NVALS(__VA_ARGS__))
#define expect_count(t, wanted, sql, ...) assert_int_equal(value((t), sql, ##__VA_ARGS__), (wanted))
/* The person of Acme who holds a role. */
i64 person_of(struct test *t, const char *role);
/* Runs housekeeping once: search index, checkpoints. */
void tick(struct test *t);
/* Changes records directly in a write transaction with all rights. */
void change(struct test *t, struct err *(*fn)(struct web *w, void *ctx), void *ctx);
