/* SPDX-License-Identifier: Apache-2.0 */
/* The running program: configuration, store, writer thread, worker pool, content. One per process
 * (tests may open several, one after another). */
#pragma once

#include "core/blob.h"
#include "core/feature.h"
#include "net/outbound.h"
#include "net/server.h"

struct signer;
struct content;

struct app_config {
    const char *dir;         /* data directory; created by app_create */
    const char *database;    /* "sqlite:DIR/cairn.db" by default, or postgresql://... */
    const char *base_url;    /* "https://isms.example.com", or NULL: loopback http */
    const char *content_dir; /* operator's overrides of content/, or NULL */
    const char *files;       /* where bytes lie: NULL = DIR/blobs, "database", "s3:https://..." */
    struct blob_limits limits;
    const char *scanner;     /* clamd: "unix:/path" or "HOST:PORT", or NULL */
    bool scanner_optional;   /* a scanner that does not answer refuses nothing */
    struct smtp_config smtp; /* url NULL: no mail, all stays in the inbox */
    bool private_webhooks;   /* webhooks may go to addresses that are not public */
    const char *webhook_ca;  /* PEM file of authorities for webhooks, or NULL: the system's */
    int workers;             /* 0 = 2 x cores, at least 2 */
    bool unsafe;             /* tests only: no fsync, and answers before COMMIT */
    bool read_only;          /* commands that only read: no writer, no lock */
};

struct app {
    struct app_config config;
    struct arena *arena; /* lives as long as the app */
    struct content *content;
    struct signer *signer;
    struct writer *writer; /* SQLite: the one writing thread; NULL on PostgreSQL */
    struct pool *pool;     /* workers */
    struct server *server;
    void (*answer)(struct request *r);  /* server_answer; tests put their own here */
    void (*proceed)(struct request *r); /* server_continue */
    unsigned char csrf_key[32];         /* random per installation, in DIR/keys */
    int lock;                           /* descriptor of DIR/lock, or -1 */
    bool secure_cookies;                /* __Host- cookies and HSTS: base_url is https */
    const char *host; /* allowed Host value from base_url, or NULL: loopback names only */
    const struct blob_store *blobs;
    struct permits *permits;
    const struct rules *rules; /* of content/rules (core/rules.h) */
    struct ticker *ticker;     /* housekeeping thread */
    struct jobs *jobs;         /* threads of the job queue (core/job.h) */
    struct control *control;   /* control socket of the command line (core/control.c) */
    struct seen *seen;         /* last use of sessions, flushed once a minute */
};

/* Opens the store (migrating it), the signer, content; takes DIR/lock exclusively unless
 * read_only (ERR_BUSY "a server is running" when it is taken). */
struct err *app_open(const struct app_config *config, struct app **out) MUST_CHECK;
void app_close(struct app *app);
/* First start: creates DIR (0700), store, system log, keys. ERR_CLASH when DIR already holds one.
 */
struct err *app_create(const struct app_config *config) MUST_CHECK;

/* Makes the data directory (0700) if it is not there. */
struct err *app_create_dir(const char *dir) MUST_CHECK;

/* A context outside a request: commands, jobs, tests. Its arena is `a`; org 0 unless set by
 * web_enter_org. Reads through w->db, a connection of the caller's thread. */
struct err *app_web(struct app *app, struct arena *a, enum web_face face, const char *actor,
                    struct web **out) MUST_CHECK;
/* Gives the context's connection back. */
void app_web_end(struct web *w);
/* Sets organisation, zone, today; commands act with all rights of the installation's operator. */
struct err *web_enter_org(struct web *w, i64 org) MUST_CHECK;
/* By slug or name; ERR_BAD lists the organisations when `text` is NULL and there are several. */
struct err *web_enter_org_named(struct web *w, const char *text) MUST_CHECK;

/* Runs `fn` in a write transaction with the trail's tail at the end, and returns when it is
 * committed: on the writer thread (SQLite, group commit) or on this thread with retries
 * (PostgreSQL). w->db is the writing connection inside `fn`. */
struct err *app_write(struct web *w, struct err *(*fn)(struct web *w, void *ctx), void *ctx)
    MUST_CHECK;
/* Runs `fn` in a read transaction on w->db. */
struct err *app_read(struct web *w, struct err *(*fn)(struct web *w, void *ctx), void *ctx)
    MUST_CHECK;

/* Starts workers, jobs, control socket and the HTTP server; returns at once. */
struct err *app_start(struct app *app, const struct server_config *config) MUST_CHECK;
/* Stops accepting, finishes what runs, signs a last checkpoint. */
void app_stop(struct app *app);
