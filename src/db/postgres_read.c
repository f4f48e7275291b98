/* SPDX-License-Identifier: Apache-2.0 */
/* PostgreSQL: the answers of an exchange, in the order in which its steps were sent, and what an
 * error of the server means. */
#include "db/postgres.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/text.h"

#define ANSWER_MAX (96LL << 20) /* bytes of one exchange that are read into memory */

struct err *pg_lost_err(struct pg *p, const char *why)
{
    struct err *e = err_new(ERR_RETRY, "The connection to the database was lost. Try again.");

    return err_detail(e, "%s: %s", why, p->conn ? PQerrorMessage(p->conn) : "closed");
}

static struct err *state_err(const char *state)
{
    struct err *e;

    /* 08P01 is our own mistake in the protocol, the rest of 08 is a broken line. */
    if ((text_starts(state, "08") && strcmp(state, "08P01") != 0) || text_starts(state, "40") ||
        text_starts(state, "57P") || strcmp(state, "55P03") == 0)
        return err_new(ERR_RETRY, "The database is busy. Try again.");
    if (strcmp(state, "23505") == 0)
        return err_new(ERR_CLASH, "There is already a record with this value.");
    if (strcmp(state, "23503") == 0)
        return err_new(ERR_CLASH, "It refers to something that is not there, or something else "
                                  "still refers to it.");
    if (text_starts(state, "23"))
        return err_new(ERR_INVALID, "The database refused a value.");
    if (strcmp(state, "57014") == 0)
        return err_new(ERR_LIMIT, "This took too long and was stopped. Narrow it with a filter.");
    if (text_starts(state, "53")) {
        e = err_new(ERR_BUSY, "The database server has no room left, so nothing was saved.");
        e->status = strcmp(state, "53100") == 0 ? 507 : 0;
        return e;
    }
    return err_new(ERR_FAULT, "The database could not do this.");
}

static const char *field(const PGresult *r, int code)
{
    const char *text = PQresultErrorField(r, code);

    return text ? text : "";
}

static struct err *result_err(const PGresult *r, const char *sql)
{
    const char *state = field(r, PG_DIAG_SQLSTATE);
    struct err *e = state_err(state);
    /* Messages about data repeat the value; about integrity the names say enough. */
    bool names_only = text_starts(state, "22") || text_starts(state, "23");

    return err_detail(e, "postgresql %s: %s %s %s %s [%.200s]", state,
                      names_only ? "" : field(r, PG_DIAG_MESSAGE_PRIMARY),
                      field(r, PG_DIAG_TABLE_NAME), field(r, PG_DIAG_COLUMN_NAME),
                      field(r, PG_DIAG_CONSTRAINT_NAME), sql ? sql : "");
}

/* Reads what is there; notes the amount, since libpq keeps an answer whole in memory. */
static bool consume(struct exchange *x)
{
    int ready = 0;

    if (ioctl(PQsocket(x->pg->conn), FIONREAD, &ready) == 0)
        x->bytes += ready;
    return PQconsumeInput(x->pg->conn);
}

static struct err *deadline_err(struct exchange *x)
{
    x->lost = true;
    return err_detail(err_new(ERR_LIMIT, "The database server did not answer in time."),
                      "own deadline; the connection is closed");
}

struct err *pg_flush(struct exchange *x)
{
    int left;

    while ((left = PQflush(x->pg->conn)) == 1) {
        if (!pg_wait(x->pg, true, x->deadline))
            return deadline_err(x);
        if (!consume(x))
            break;
    }
    if (left == 0)
        return NULL;
    x->lost = true;
    return pg_lost_err(x->pg, "write");
}

/* The next result of the current step; NULL in `*out` ends the step. */
static struct err *next_result(struct exchange *x, PGresult **out)
{
    PGconn *conn = x->pg->conn;

    while (PQisBusy(conn)) {
        if (x->bytes > ANSWER_MAX && !x->streams) {
            x->lost = true;
            return rows_too_large();
        }
        if (!pg_wait(x->pg, false, x->deadline))
            return deadline_err(x);
        if (!consume(x)) {
            x->lost = true;
            return pg_lost_err(x->pg, "read");
        }
    }
    *out = PQgetResult(conn);
    return NULL;
}

static unsigned nibble(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a') + 10;
}

static void bytes_cell(struct arena *a, struct cell *c, const char *hex, size_t size)
{
    size_t n = size >= 2 ? (size - 2) / 2 : 0;
    char *out = arena_alloc(a, n + 1);

    for (size_t i = 0; i < n; i++)
        out[i] = (char)(nibble(hex[2 + 2 * i]) << 4 | nibble(hex[3 + 2 * i]));
    c->kind = CELL_BLOB;
    c->data = out;
    c->size = (unsigned)n;
}

static void value_cell(struct arena *a, struct cell *c, Oid type, const char *text, size_t size)
{
    switch ((enum oid)type) {
    case OID_INT8:
    case OID_INT4:
    case OID_INT2:
        c->kind = CELL_NUM;
        c->num = strtoll(text, NULL, 10);
        return;
    case OID_NUMERIC:
        /* A sum of numbers is numeric here; it reads as a number when it is one. */
        if (text_i64(text, &c->num)) {
            c->kind = CELL_NUM;
            return;
        }
        break;
    case OID_BOOL:
        c->kind = CELL_NUM;
        c->num = text[0] == 't';
        return;
    case OID_BYTEA:
        bytes_cell(a, c, text, size);
        return;
    default:
        break;
    }
    c->kind = CELL_STR;
    c->data = arena_strn(a, text, size);
    c->size = (unsigned)size;
}

static void copy_row(struct arena *a, const PGresult *r, int row, struct rows *out, int columns)
{
    struct cell *cells = rows_add(out);

    for (int i = 0; i < columns; i++)
        if (!PQgetisnull(r, row, i))
            value_cell(a, &cells[i], PQftype(r, i), PQgetvalue(r, row, i),
                       (size_t)PQgetlength(r, row, i));
}

static struct err *take_rows(const struct call *call, PGresult *r)
{
    int columns = PQnfields(r), count = PQntuples(r);

    if (call->changed)
        *call->changed = strtoll(PQcmdTuples(r), NULL, 10);
    if (!call->out)
        return NULL;
    *call->out = rows_new(call->arena, (size_t)columns);
    for (int i = 0; i < count; i++) {
        copy_row(call->arena, r, i, *call->out, columns);
        if (arena_over(call->arena)) {
            *call->out = NULL;
            return rows_too_large();
        }
    }
    return NULL;
}

/* One row of a stream, in memory that is reused. */
static struct err *give_row(struct exchange *x, const struct call *call, const PGresult *r,
                            struct arena *a)
{
    int columns = PQnfields(r);
    struct rows *rows = rows_new(a, (size_t)columns);
    struct err *e;

    copy_row(a, r, 0, rows, columns);
    row_next(rows);
    e = call->row(call->ctx, rows);
    arena_reset(a);
    x->deadline = pg_deadline(x->pg);
    return e;
}

static void note(struct exchange *x, struct err *e)
{
    if (!x->err)
        x->err = e;
}

/* An answer of the server to one step. */
static void take_result(struct exchange *x, struct step *s, PGresult *r, struct arena *stream)
{
    bool failed_before = x->err != NULL;

    switch (PQresultStatus(r)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
        if (s->kind == STEP_CALL && !s->call->row && !failed_before)
            note(x, take_rows(s->call, r));
        return;
    case PGRES_SINGLE_TUPLE:
        if (failed_before)
            return;
        note(x, give_row(x, s->call, r, stream));
        if (x->err)
            pg_cancel(x->pg);
        return;
    case PGRES_PIPELINE_ABORTED:
        break;
    default:
        note(x, result_err(r, s->text));
    }
    if (s->kind == STEP_PREPARE)
        s->stmt->prepared = false;
    /* A plan that no longer fits its tables, or a name the server does not know: prepare anew. */
    if (s->kind == STEP_CALL && (strcmp(field(r, PG_DIAG_SQLSTATE), "0A000") == 0 ||
                                 strcmp(field(r, PG_DIAG_SQLSTATE), "26000") == 0)) {
        s->stmt->number = ++x->pg->names;
        s->stmt->prepared = false;
        x->err->code = ERR_RETRY;
    }
}

static struct err *read_step(struct exchange *x, struct step *s)
{
    bool streams = s->kind == STEP_CALL && s->call->row;
    struct arena *a = streams ? arena_new(0) : NULL;
    struct err *e = NULL;
    PGresult *r = NULL;

    if (streams && !PQsetSingleRowMode(x->pg->conn))
        BUG("a stream would be read whole");
    while (!(e = next_result(x, &r)) && r) {
        take_result(x, s, r, a);
        PQclear(r);
    }
    arena_free(a);
    return e;
}

static struct err *read_sync(struct exchange *x)
{
    PGresult *r = NULL;
    bool done = false;

    while (!done) {
        TRY(next_result(x, &r));
        done = PQresultStatus(r) == PGRES_PIPELINE_SYNC;
        if (!done && r)
            note(x, result_err(r, NULL));
        if (!r && PQstatus(x->pg->conn) == CONNECTION_BAD) {
            x->lost = true;
            return pg_lost_err(x->pg, "sync");
        }
        PQclear(r);
    }
    return NULL;
}

/* What the COMMIT of the last read transaction said does not matter to anybody. */
static struct err *read_parting(struct exchange *x)
{
    struct err *before = x->err;

    if (x->pg->unread)
        TRY(read_sync(x));
    x->pg->unread = false;
    x->err = before;
    return NULL;
}

struct err *pg_read(struct exchange *x)
{
    TRY(read_parting(x));
    for (size_t i = 0; i < x->count; i++)
        TRY(read_step(x, &x->steps[i]));
    return read_sync(x);
}
