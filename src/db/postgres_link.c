/* SPDX-License-Identifier: Apache-2.0 */
/* PostgreSQL: the connection. It is always in pipeline mode and never blocks: every wait is a poll
 * with a deadline of our own, because a server that went silent must not hold a worker for ever. */
#include "db/postgres.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

#define CONNECT_MS 10000
#define READ_GRACE_MS 1000 /* over the server's own timeout */
#define WRITE_GRACE_MS 5000

static void no_notice(void *arg, const PGresult *r)
{
    (void)arg;
    (void)r;
}

bool pg_wait(struct pg *p, bool for_writing, i64 deadline)
{
    struct pollfd fd = {.fd = PQsocket(p->conn), .events = POLLIN};
    int n;

    if (for_writing)
        fd.events |= POLLOUT;
    do {
        i64 left = deadline ? (deadline - clock_ticks()) / 1000 : -1;

        if (deadline && left <= 0)
            return false;
        n = poll(&fd, 1, (int)left);
    } while (n < 0 && errno == EINTR);
    return n > 0;
}

i64 pg_deadline(const struct pg *p)
{
    if (!p->timeout_ms)
        return 0;
    return clock_ticks() + (p->timeout_ms + (p->write ? WRITE_GRACE_MS : READ_GRACE_MS)) * 1000LL;
}

void pg_cancel(struct pg *p)
{
    char message[256];

    pthread_mutex_lock(&p->lock);
    if (p->cancel)
        PQcancel(p->cancel, message, sizeof(message));
    pthread_mutex_unlock(&p->lock);
}

static void set_cancel(struct pg *p, PGcancel *cancel)
{
    pthread_mutex_lock(&p->lock);
    PQfreeCancel(p->cancel);
    p->cancel = cancel;
    pthread_mutex_unlock(&p->lock);
}

void pg_unset(struct pg *p)
{
    p->timeout_sent = -1;
    p->at_sent = false;
}

void pg_disconnect(struct pg *p)
{
    PGconn *conn = p->conn;

    set_cancel(p, NULL);
    p->conn = NULL;
    cache_clear(&p->cache);
    PQfinish(conn);
    p->pending_count = 0;
    p->unread = false;
    pg_unset(p);
    if (p->state == PG_OPEN)
        p->state = PG_LOST;
}

/* The message of libpq names host and user, and could repeat a part of the address. */
static struct err *connect_err(struct pg *p)
{
    char masked[300];
    /* At the start it is a wrong setting, later a server that is away for a while. */
    struct err *e = err_new(p->schema ? ERR_BUSY : ERR_FAULT,
                            "The database server %s cannot be reached. Check that it runs "
                            "and that the address is right.",
                            url_masked(p->url, masked, sizeof(masked)));

    return err_detail(e, "%s", p->conn ? PQerrorMessage(p->conn) : "out of memory");
}

static struct err *start(struct pg *p)
{
    /* What comes before the address may be overruled in it, what comes after may not. */
    static const char *const keys[] = {
        "connect_timeout", "tcp_user_timeout", "keepalives_idle",  "target_session_attrs",
        "dbname",          "client_encoding",  "application_name", NULL};
    const char *values[] = {"10", "15000", "30", "read-write", p->url, "UTF8", "cairn", NULL};
    i64 deadline = clock_ticks() + CONNECT_MS * 1000LL;
    PostgresPollingStatusType step = PGRES_POLLING_WRITING;

    p->conn = PQconnectStartParams(keys, values, 1);
    if (!p->conn || PQstatus(p->conn) == CONNECTION_BAD)
        return connect_err(p);
    PQsetNoticeReceiver(p->conn, no_notice, NULL);
    while (step != PGRES_POLLING_OK) {
        if (step == PGRES_POLLING_FAILED || !pg_wait(p, step == PGRES_POLLING_WRITING, deadline))
            return connect_err(p);
        step = PQconnectPoll(p->conn);
    }
    return NULL;
}

/* The last result of plain text, before pipeline mode; NULL when the server is silent. */
static PGresult *ask_result(struct pg *p, const char *sql)
{
    i64 deadline = clock_ticks() + CONNECT_MS * 1000LL;
    PGresult *last = NULL, *r;

    if (!PQsendQuery(p->conn, sql))
        return NULL;
    for (;;) {
        while (PQisBusy(p->conn))
            if (!pg_wait(p, false, deadline) || !PQconsumeInput(p->conn)) {
                PQclear(last);
                return NULL;
            }
        r = PQgetResult(p->conn);
        if (!r)
            return last;
        PQclear(last);
        last = r;
    }
}

static struct err *ask(struct pg *p, const char *sql, PGresult **out)
{
    PGresult *r = ask_result(p, sql);
    struct err *e = NULL;

    if (PQresultStatus(r) != PGRES_TUPLES_OK && PQresultStatus(r) != PGRES_COMMAND_OK)
        e = err_detail(err_new(ERR_FAULT, "The database server refused the settings of a session."),
                       "%s", PQerrorMessage(p->conn));
    if (e || !out)
        PQclear(r);
    else
        *out = r;
    return e;
}

static struct err *check_server(struct pg *p, const PGresult *r)
{
    i64 version;

    if (PQgetisnull(r, 0, 0))
        return err_new(ERR_FAULT,
                       "The database has no schema that this user may use. Create one, or "
                       "name it in the address with options=-csearch_path%%3DNAME.");
    if (!text_i64(PQgetvalue(r, 0, 1), &version) || version < 140000)
        return err_new(ERR_FAULT,
                       "The database server is too old: PostgreSQL 14 or newer is needed.");
    if (strcmp(PQgetvalue(r, 0, 2), "off") == 0 && !p->config.unsafe && !getenv("CAIRN_TEST_PG"))
        return err_new(ERR_FAULT,
                       "The database server runs with fsync=off, so it can lose what was "
                       "saved. Set fsync=on and start it again.");
    return NULL;
}

static char *quoted_name(struct pg *p, const char *name)
{
    char *quoted = PQescapeIdentifier(p->conn, name, strlen(name)), *copy;

    if (!quoted || !(copy = strdup(quoted)))
        BUG("out of memory");
    PQfreemem(quoted);
    return copy;
}

/* The schemas beside ours: one store per schema, so several may share a database. */
static void name_schemas(struct pg *p, const char *schema)
{
    bool plain = strcmp(schema, "public") == 0;
    char name[200];

    free(p->schema);
    free(p->compat);
    free(p->asof);
    p->schema = quoted_name(p, schema);
    snprintf(name, sizeof(name), "%s%scompat", plain ? "" : schema, plain ? "" : "_");
    p->compat = quoted_name(p, name);
    snprintf(name, sizeof(name), "%s%sasof", plain ? "" : schema, plain ? "" : "_");
    p->asof = quoted_name(p, name);
}

static struct err *session(struct pg *p)
{
    char sql[1500], *literal;
    PGresult *r = NULL;
    struct err *e;

    TRY(ask(p,
            "SELECT current_schema(), current_setting('server_version_num'),"
            " current_setting('fsync'), current_setting('synchronous_commit')",
            &r));
    e = check_server(p, r);
    if (e) {
        PQclear(r);
        return e;
    }
    name_schemas(p, PQgetvalue(r, 0, 0));
    literal = PQescapeLiteral(p->conn, PQgetvalue(r, 0, 0), (size_t)PQgetlength(r, 0, 0));
    snprintf(sql, sizeof(sql),
             "SET search_path = %s%s%s, %s; SET cairn.schema = %s; SET bytea_output = hex;"
             " SET default_transaction_read_only = %s; SET default_transaction_isolation ="
             " 'read committed'; SET standard_conforming_strings = on;"
             " SET idle_in_transaction_session_timeout = 60000;%s",
             p->past ? p->asof : "", p->past ? ", " : "", p->schema, p->compat, literal,
             p->write ? "off" : "on",
             p->config.unsafe                          ? " SET synchronous_commit = off"
             : strcmp(PQgetvalue(r, 0, 3), "off") == 0 ? " SET synchronous_commit = on"
                                                       : "");
    PQfreemem(literal);
    PQclear(r);
    return ask(p, sql, NULL);
}

struct err *pg_connect(struct pg *p)
{
    struct err *e;

    if (p->conn && PQstatus(p->conn) == CONNECTION_OK)
        return NULL;
    if (p->conn)
        pg_disconnect(p);
    e = start(p);
    if (!e)
        e = session(p);
    if (!e && (PQsetnonblocking(p->conn, 1) != 0 || !PQenterPipelineMode(p->conn)))
        e = connect_err(p);
    pg_unset(p);
    if (e) {
        pg_disconnect(p);
        return e;
    }
    set_cancel(p, PQgetCancel(p->conn));
    return NULL;
}
