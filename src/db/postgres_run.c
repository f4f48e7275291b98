/* SPDX-License-Identifier: Apache-2.0 */
/* PostgreSQL: one exchange is what is pending, the statements, and one sync: a single round trip,
 * in which an error ends everything up to the sync. Statements are prepared in the exchange that
 * first uses them; their parameter types come from the binds. */
#include "db/postgres.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

#define BINDS_MAX 30000

/* Room for parameters, kept with the connection. */
struct pg_binds {
    size_t room;
    char *kinds;
    Oid *types;
    const char **values;
    int *lengths;
    int *formats;
    uint64_t *numbers;
};

size_t pg_entry_size(void)
{
    return sizeof(struct pg_stmt);
}

/* The server forgets its side with the connection; an evicted one is closed by the exchange. */
void pg_drop(void *ctx, struct entry *e)
{
    (void)ctx;
    (void)e;
}

void pg_binds_free(struct pg_binds *b)
{
    if (!b)
        return;
    free(b->kinds);
    free(b->types);
    free(b->values);
    free(b->lengths);
    free(b->formats);
    free(b->numbers);
    free(b);
}

static void *grown(void *old, size_t n, size_t size)
{
    void *p = reallocarray(old, n, size);

    if (!p)
        BUG("out of memory");
    return p;
}

static struct pg_binds *binds_for(struct pg *p, size_t n)
{
    struct pg_binds *b = p->binds;

    if (!b && !(b = p->binds = calloc(1, sizeof(*b))))
        BUG("out of memory");
    if (n + 1 > b->room) {
        b->room = n + 32;
        b->kinds = grown(b->kinds, b->room, sizeof(*b->kinds));
        b->types = grown(b->types, b->room, sizeof(*b->types));
        b->values = grown(b->values, b->room, sizeof(*b->values));
        b->lengths = grown(b->lengths, b->room, sizeof(*b->lengths));
        b->formats = grown(b->formats, b->room, sizeof(*b->formats));
        b->numbers = grown(b->numbers, b->room, sizeof(*b->numbers));
    }
    return b;
}

/* Numbers and bytes travel in binary, text as it is. */
static struct err *fill_binds(struct pg *p, const struct call *call)
{
    struct pg_binds *b;

    if (call->nvals > BINDS_MAX)
        return err_new(ERR_LIMIT, "Too many values for one statement.");
    b = binds_for(p, call->nvals);
    for (size_t i = 0; i < call->nvals; i++) {
        const struct val *v = &call->vals[i];

        b->kinds[i] = v->kind == VAL_NUM ? 'i' : v->kind == VAL_STR ? 't' : 'b';
        b->types[i] = v->kind == VAL_NUM ? OID_INT8 : v->kind == VAL_STR ? OID_TEXT : OID_BYTEA;
        b->formats[i] = v->kind != VAL_STR;
        b->numbers[i] = htobe64((uint64_t)v->num);
        b->lengths[i] = v->kind == VAL_NUM ? 8 : (int)v->size;
        if (v->null)
            b->values[i] = NULL;
        else if (v->kind == VAL_NUM)
            b->values[i] = (const char *)&b->numbers[i];
        else
            b->values[i] = v->size || v->kind == VAL_STR ? v->data : "";
    }
    b->kinds[call->nvals] = '\0';
    return NULL;
}

static void add_step(struct exchange *x, struct step step)
{
    if (x->count == x->room) {
        x->room = x->room * 2 + 16;
        x->steps = grown(x->steps, x->room, sizeof(*x->steps));
    }
    x->steps[x->count++] = step;
}

static struct err *send_command(struct exchange *x, const char *text)
{
    if (!PQsendQueryParams(x->pg->conn, text, 0, NULL, NULL, NULL, NULL, 0))
        return pg_lost_err(x->pg, "send");
    add_step(x, (struct step){.kind = STEP_COMMAND, .text = text});
    return NULL;
}

/* Statements that leave the cache are closed on the server in the same trip. */
static struct err *make_room(struct exchange *x)
{
    struct cache *c = &x->pg->cache;
    struct entry *e = c->oldest;
    char sql[60];

    while (e && e->pins)
        e = e->newer;
    if (c->count < c->max || !e)
        return NULL;
    if (((struct pg_stmt *)e)->prepared) {
        snprintf(sql, sizeof(sql), "DEALLOCATE s%llu", ((struct pg_stmt *)e)->number);
        TRY(send_command(x, sql));
        x->steps[x->count - 1].text = "DEALLOCATE";
    }
    cache_drop(c, e);
    return NULL;
}

static struct err *send_call(struct exchange *x, const struct call *call)
{
    struct pg *p = x->pg;
    struct pg_stmt *s;
    struct pg_binds *b;
    char name[30];

    TRY(fill_binds(p, call));
    b = p->binds;
    s = (struct pg_stmt *)cache_find(&p->cache, call->sql, b->kinds);
    if (!s) {
        TRY(make_room(x));
        s = (struct pg_stmt *)cache_add(&p->cache, call->sql, b->kinds);
        s->number = ++p->names;
    }
    snprintf(name, sizeof(name), "s%llu", s->number);
    if (!s->prepared) {
        if (!PQsendPrepare(p->conn, name, call->sql, (int)call->nvals, b->types))
            return pg_lost_err(p, "prepare");
        s->prepared = true;
        s->entry.pins++;
        add_step(x, (struct step){.kind = STEP_PREPARE, .stmt = s, .text = call->sql});
    }
    if (!PQsendQueryPrepared(p->conn, name, (int)call->nvals, b->values, b->lengths, b->formats, 0))
        return pg_lost_err(p, "send");
    s->entry.pins++;
    add_step(x, (struct step){.kind = STEP_CALL, .stmt = s, .text = call->sql, .call = call});
    return NULL;
}

/* A rollback takes settings of its transaction back: then they are sent again. */
static struct err *send_settings(struct exchange *x)
{
    struct pg *p = x->pg;
    int timeout = x->streams ? 0 : p->timeout_ms;

    if (p->timeout_sent != timeout) {
        snprintf(p->timeout_text, sizeof(p->timeout_text), "SET statement_timeout = %d", timeout);
        TRY(send_command(x, p->timeout_text));
        p->timeout_sent = timeout;
    }
    if (p->past && !p->at_sent) {
        snprintf(p->at_text, sizeof(p->at_text), "SET cairn.asof = '%lld'", p->at);
        TRY(send_command(x, p->at_text));
        p->at_sent = true;
    }
    return NULL;
}

static void unpin(struct exchange *x)
{
    for (size_t i = 0; i < x->count; i++)
        if (x->steps[i].stmt)
            x->steps[i].stmt->entry.pins--;
    free(x->steps);
}

static struct err *send_all(struct exchange *x, const struct call *calls, size_t n)
{
    struct pg *p = x->pg;
    bool fenced = p->restricted && p->state == PG_IDLE && n > 0;

    /* In a failed transaction only its end is accepted. */
    if (n > 0 && PQtransactionStatus(p->conn) != PQTRANS_INERROR)
        TRY(send_settings(x));
    for (size_t i = 0; i < p->pending_count; i++)
        TRY(send_command(x, p->pending[i]));
    if (fenced)
        TRY(send_command(x, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
    for (size_t i = 0; i < n; i++)
        TRY(send_call(x, &calls[i]));
    if (fenced)
        TRY(send_command(x, "COMMIT"));
    return NULL;
}

/* After an error in a transaction that the exchange itself began. */
static void leave_fence(struct pg *p)
{
    if (p->state == PG_IDLE && p->conn && PQtransactionStatus(p->conn) != PQTRANS_IDLE &&
        pg_do(p, "ROLLBACK"))
        pg_disconnect(p);
}

static struct err *exchange(struct pg *p, const struct call *calls, size_t n, const char *command)
{
    struct exchange x = {.pg = p, .streams = n == 1 && calls[0].row};
    struct err *e;

    if (p->busy)
        BUG("a statement was run from within the rows of a stream");
    if (p->state == PG_LOST)
        return pg_lost_err(p, "lost earlier");
    if (p->state == PG_IDLE || p->begin_pending)
        TRY(pg_connect(p));
    p->busy = true;
    x.deadline = pg_deadline(p);
    e = send_all(&x, calls, n);
    if (!e && command)
        e = send_command(&x, command);
    if (!e && !PQpipelineSync(p->conn))
        e = pg_lost_err(p, "sync");
    x.lost = e != NULL;
    if (!e)
        e = pg_flush(&x);
    if (!e)
        e = pg_read(&x);
    if (!x.err)
        x.err = e;
    unpin(&x);
    p->busy = false;
    p->pending_count = 0;
    p->begin_pending = false;
    if (x.lost || PQstatus(p->conn) != CONNECTION_OK)
        pg_disconnect(p);
    /* Ended by the server alone: what follows must not be saved on its own. */
    if (p->state == PG_OPEN && PQtransactionStatus(p->conn) == PQTRANS_IDLE)
        p->state = PG_LOST;
    if (x.err) {
        pg_unset(p);
        leave_fence(p);
    }
    return x.err;
}

struct err *pg_part(struct pg *p)
{
    struct exchange x = {.pg = p, .deadline = pg_deadline(p)};
    struct err *e = send_command(&x, "COMMIT");

    if (!e && !PQpipelineSync(p->conn))
        e = pg_lost_err(p, "sync");
    if (!e)
        e = pg_flush(&x);
    free(x.steps);
    p->unread = !e;
    if (e)
        pg_disconnect(p);
    return e;
}

struct err *pg_do(struct pg *p, const char *sql)
{
    return exchange(p, NULL, 0, sql);
}

struct err *pg_run(struct conn *c, const struct call *call)
{
    return exchange((struct pg *)c, call, 1, NULL);
}

struct err *pg_many(struct conn *c, const struct call *calls, size_t n)
{
    return exchange((struct pg *)c, calls, n, NULL);
}

struct err *pg_batch(struct conn *c, struct arena *a, const struct batch_item *items, size_t n)
{
    struct call *calls = NEW_ARRAY(a, struct call, n);
    struct err *e;

    for (size_t i = 0; i < n; i++)
        calls[i] = (struct call){.sql = items[i].sql,
                                 .vals = items[i].vals,
                                 .nvals = items[i].nvals,
                                 .arena = a,
                                 .out = items[i].out};
    e = exchange((struct pg *)c, calls, n, NULL);
    for (size_t i = 0; e && i < n; i++)
        if (items[i].out)
            *items[i].out = NULL;
    return e;
}
