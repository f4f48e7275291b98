/* SPDX-License-Identifier: Apache-2.0 */
/* The context of one piece of work: a page request, an API call, a command, a job or a test. It
 * carries who asks, for which organisation, at what time, with which database connection and arena.
 * A handler reads and writes only through it. Everything reachable from it lives until the end of
 * the request. */
#pragma once

#include "base/json.h"
#include "db/db.h"
#include "net/request.h"
#include "out/html.h"

struct app;
struct entity;
struct job;
struct permission;
struct route;
struct trail_item;

#define RIGHTS_WORDS 4 /* 256 permissions at most */
#define PARAM_MAX 4

/* A sentence about one field of the input; "" as field = about the whole. */
struct issue {
    const char *field;
    const char *text;
};
struct issues {
    struct arena *arena;
    struct issue *list;
    size_t count, room;
};
/* Adds an issue with a formatted sentence: what is wrong and how to mend it. */
void issue(struct issues *list, const char *field, const char *format, ...) PRINTF(3, 4);
/* The first sentence about `field`, or NULL. */
const char *issue_of(const struct issues *list, const char *field);

/* How the work came in: decides how answers and refusals look. */
enum web_face { FACE_PAGE, FACE_API, FACE_COMMAND, FACE_JOB };

struct web {
    struct app *app;
    struct arena *arena;
    struct db *db;       /* the connection of this phase: read-only in GET and prepare */
    struct html *html;   /* the page being drawn */
    bool more;           /* inside the actions that a phone shows behind a button (page.c) */
    struct request *req; /* NULL for commands and jobs */
    const struct route *route;
    enum web_face face;
    const char *params[PARAM_MAX]; /* values of ":name" parts of the pattern, in order */
    i64 now;                       /* one clock reading for the whole request */
    i64 asof;                      /* end of ?asof= day, or 0: live */
    const char *asof_date;
    /* who */
    i64 account; /* 0 = nobody signed in */
    const char *account_email;
    i64 session;      /* row of the session or token; 0 = none */
    i64 epoch;        /* of the account when it was read: compared again on the writer */
    const char *csrf; /* this session's token for forms; NULL without a session */
    i64 person;       /* the account's person in this organisation; 0 = none */
    const char *person_name;
    const char *actor; /* for the log: "person:ID", "account:ID", "cli:root", "job:search" */
    u64 rights[RIGHTS_WORDS];
    bool operator_token; /* may create and list organisations */
    /* where */
    i64 org; /* 0 = the system organisation (site pages) */
    const char *slug, *org_name, *zone, *language;
    const char *currency; /* of the organisation, "EUR"; NULL outside of one */
    const char *own_zone; /* the person's, for showing instants; NULL = the organisation's */
    i64 changes;          /* 1 + length of its log in this read transaction; 0 = not known */
    const char *today;    /* ISO date of `now` in the organisation's zone */
    /* writing */
    const char *op;     /* operation token of the form, or the Idempotency-Key */
    const char *reason; /* reason for change given with the form (`_reason`), or NULL */
    bool writable;      /* true in the writing phase */
    struct {            /* numbers taken in advance (entity_numbers_take) */
        const struct entity *entity;
        i64 next, left;
    } numbers;
    struct trail_item *trail; /* queued log entries, written by the tail before COMMIT */
    struct job *job;          /* in a handler of the job queue (core/job.h), else NULL */
    void *prepared;           /* what route->prepare hands to the handler */
    struct veil *veils;       /* what is hidden from this person (core/entity_veil.c) */
    /* The draft of the form that is being drawn (core/page.h: form_draft), or NULL. */
    struct form_draft {
        const char *url;    /* where it is kept */
        bool offered, open; /* there is one; the form shows it */
    } * draft;
};

/* --- input --- */
const char *web_query(const struct web *w, const char *name); /* ?name=, or NULL */
const char *web_form(const struct web *w, const char *name);  /* posted field, or NULL */
const char *web_param(const struct web *w, size_t i);         /* i-th ":x" of the route */
/* The id for the ":no" part: "R-42", "42" or the id itself; ERR_MISSING when there is none such. */
struct err *web_record(struct web *w, const struct entity *e, i64 *id) MUST_CHECK;

/* --- right --- */
bool web_may(const struct web *w, const struct permission *p);
/* ERR_LOGIN or ERR_DENIED with a sentence that names the right and who can give it. */
struct err *web_need(const struct web *w, const struct permission *p) MUST_CHECK;

/* --- addresses (arena) --- */
/* Where this server is reached, without a slash at the end: as it was told (--base-url), else as
 * this request called it. For links that leave the page; not for mail, which has no request. */
const char *web_base(const struct web *w);
/* "/o/<slug>" + formatted path; site pages give the path itself. Keeps ?asof= if it is set. */
const char *web_url(struct web *w, const char *format, ...) PRINTF(2, 3);
/* "/o/acme/risks/R-42" of a record. */
const char *web_record_url(struct web *w, const struct entity *e, i64 number);

/* --- answers --- */
void web_status(struct web *w, int status);
void web_redirect(struct web *w, const char *address);          /* 303 to a local path */
void web_answer_json(struct web *w, int status, json_t *value); /* takes ownership */
/* Bytes with a type; `filename` non-NULL makes it a download (encoded as RFC 6266). */
void web_answer_bytes(struct web *w, const char *type, struct bytes body, const char *filename);
void web_header(struct web *w, const char *name, const char *value);

/* --- ids --- */
/* A new 63-bit time-ordered id: milliseconds since 2024, node, counter. A repeated request does not
 * make new ones: its stored answer is found under its operation token (decisions.md 25). */
i64 web_id(void);
/* The node's part of ids: 0..1023, from the node lease (several servers on one PostgreSQL). */
void web_set_node(i64 node);
