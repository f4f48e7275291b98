/* SPDX-License-Identifier: Apache-2.0 */
/* What can go wrong. A function that can fail returns `struct err *`; NULL is success and values
 * come back through out-parameters. Errors live in a small ring per thread (the last 32 stay
 * valid), so making one never allocates and never fails. Only the dispatcher (core/dispatch) turns
 * an error into an answer; wrong user input is not an error but a list of `struct issue`. */
#pragma once

#include "base/types.h"

enum err_code {
    ERR_BAD = 1, /* the request or the input cannot be understood: 400, exit 2 */
    ERR_LOGIN,   /* nobody is signed in: 401 */
    ERR_DENIED,  /* signed in, but may not: 403 */
    ERR_MISSING, /* not there, or not visible to this person: 404 */
    ERR_CLASH,   /* somebody else was first, or the state forbids it: 409 */
    ERR_INVALID, /* understood but refused by a rule: 422 */
    ERR_LIMIT,   /* too large, too many, too often: 413 or 429 */
    ERR_BUSY,    /* try again: 503 with Retry-After */
    ERR_RETRY,   /* serialisation failure: the dispatcher runs the handler again; else as BUSY */
    ERR_FAULT,   /* our fault or the machine's: 500 */
};

struct err {
    enum err_code code;
    char text[400];   /* a sentence for the user: what, where, how to mend; never a secret */
    char detail[400]; /* for the log only: engine message, path, number */
    const char *file;
    int line;
    int status; /* an HTTP status that is more exact than the code's own; 0 = the code's */
    struct err *cause;
};

/* Makes an error with a formatted sentence for the user. Never fails. */
struct err *err_make(enum err_code code, const char *file, int line, const char *format, ...)
    PRINTF(4, 5);
/* Adds what only the log may see; returns `e`, so that it can be chained. */
struct err *err_detail(struct err *e, const char *format, ...) PRINTF(2, 3);
/* Wraps `cause` in a new error of the same code with a clearer sentence. */
struct err *err_because(struct err *cause, const char *file, int line, const char *format, ...)
    PRINTF(4, 5);
/* The HTTP status of the error's code (500 for an unknown one). */
int err_status(const struct err *e);

#define err_new(code, ...) err_make((code), __FILE__, __LINE__, __VA_ARGS__)
#define err_wrap(cause, ...) err_because((cause), __FILE__, __LINE__, __VA_ARGS__)

/* Returns the error of `call` upward, if there is one. */
#define TRY(call)                      \
    do {                               \
        struct err *try_err_ = (call); \
        if (try_err_)                  \
            return try_err_;           \
    } while (0)

/* A broken invariant: prints and aborts. Not for bad input, not for a failing machine. */
void bug_at(const char *file, int line, const char *format, ...) PRINTF(3, 4)
    __attribute__((noreturn));
#define BUG(...) bug_at(__FILE__, __LINE__, __VA_ARGS__)
