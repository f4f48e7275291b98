/* SPDX-License-Identifier: Apache-2.0 */
/* The tables by which a feature declares itself: entities, routes, permissions, commands, jobs.
 * src/app/features.c lists the features; nothing registers itself. */
#pragma once

#include "core/web.h"

/* A right, named by address so that a typo does not link. content/roles/rights.tsv says which roles
 * hold it. */
struct permission {
    const char *name;  /* "risk.write" */
    const char *title; /* "Create and change risks" */
};
extern const struct permission anyone;        /* no session needed */
extern const struct permission signed_in;     /* any account with a session (site pages) */
extern const struct permission member;        /* any person of the organisation */
extern const struct permission operator_only; /* operator tokens and the local command line */

enum route_flags {
    ROUTE_SITE = 1,   /* not under /o/<slug>: login, organisations, health */
    ROUTE_API = 2,    /* under /api/v1, bearer token, JSON answers and errors */
    ROUTE_SLOW = 4,   /* reports, exports, searches: runs in the slow lane with a time limit */
    ROUTE_UPLOAD = 8, /* may carry files; others refuse multipart with files */
    ROUTE_READ = 16,  /* a POST that changes nothing (previews): read transaction, CSRF checked */
    ROUTE_NO_OP = 32, /* a changing route without operation token: login, logout */
    ROUTE_FILES = 64, /* stores files: room for them is asked for before the body (core/blob.h) */
    ROUTE_RAW = 128,  /* the body is bytes of the upload ":id" (core/upload.h) */
};

typedef struct err *web_handler(struct web *w);

struct route {
    enum http_method method;
    const char *pattern; /* "/risks/:no/edit" */
    web_handler *handler;
    const struct permission *permission; /* never NULL */
    unsigned flags;
    web_handler *prepare; /* slow part before the write transaction, or NULL */
    const char *title;    /* for documentation of special API routes; may be NULL */
};

struct cli;
struct command {
    const char *name;          /* "token create" */
    const char *usage;         /* "--user EMAIL [--org NAME]" */
    const char *help;          /* one paragraph for `cairn help` and the man page */
    int (*run)(struct cli *c); /* exit status: 0, 1 = finding, 2 = bad input or failure */
};

/* A kind of job (core/job.h). Handlers run outside a transaction, on threads of the queue. */
struct job_kind {
    const char *name;
    i64 every; /* microseconds between runs in each server; 0 = only when queued */
    struct err *(*run)(struct web *w, const char *body);
    bool slow; /* may take longer than a few seconds: imports, exports, reports */
    int tries; /* failed attempts until it is dead; 0 = 8, which takes about an hour */
};

/* An entry of the side bar. */
struct nav {
    const char *section; /* "Plan", "Do", "Check", "Act" or "" for the top */
    int order;
    const char *title, *path, *icon; /* path below /o/<slug>; icon name of the sprite */
    const struct permission *permission;
    const struct entity *count; /* shows the number of live records, or NULL */
};

/* A tab on the page of every record, offered by a feature: its evidence, tasks, comments, links. It
 * is `<record's address>?tab=<name>` and drawn only for who may see the record (core/entity.h:
 * entity_tab). What it changes is posted to routes of the feature ("/:plural/:no/comments"). */
struct panel {
    const char *name, *title; /* "tasks", "Tasks" */
    int order;
    const struct permission *permission; /* `member`: everybody who sees the record */
    /* The figure on the tab, 0 = none shown; may be NULL. Must be one indexed look-up. */
    struct err *(*count)(struct web *w, const struct entity *e, i64 record, i64 *out);
    struct err *(*draw)(struct web *w, const struct entity *e, const void *record);
};

/* Takes a finding of a verification: a whole sentence. */
typedef void feature_tell(void *ctx, const char *sentence);

struct work_source;
struct feature {
    const char *name;
    const struct entity *const *entities; /* NULL-terminated, or NULL */
    const struct permission *const *permissions;
    const struct route *routes;     /* ended by {.pattern = NULL} */
    const struct command *commands; /* ended by {.name = NULL}, or NULL */
    const struct job_kind *jobs;    /* ended by {.name = NULL}, or NULL */
    const struct nav *nav;          /* ended by {.title = NULL}, or NULL */
    const struct panel *panels;     /* ended by {.name = NULL}, or NULL */
    /* Draws something small into the head of every page of an organisation (the bell); or NULL. */
    struct err *(*bar)(struct web *w);
    const struct work_source *work; /* ended by {.name = NULL}, or NULL (core/work.h) */
    /* A line above the details of every record, where people must see it without opening a tab. */
    struct err *(*brief)(struct web *w, const struct entity *e, const void *record);
    /* What `cairn verify` looks at in w->org besides log and records; or NULL. Reads only. */
    struct err *(*verify)(struct web *w, feature_tell *tell, void *ctx);
    /* Sentences in which texts and titles of this feature are stored, around a name, NULL-terminated
     * (words_compose); or NULL. */
    const char *const *sentences;
    /* The level that documents which this program makes carry (feature/classification); "" = none.
     */
    struct err *(*label)(struct web *w, const char **out);
};

/* The features in use, NULL-terminated; defined in src/app/features.c. */
extern const struct feature *const features[];

/* Look-ups over all features (core/feature.c). */
const struct entity *feature_entity(const char *name);        /* "risk" */
const struct entity *feature_entity_plural(const char *name); /* "risks" */
/* By what people type on a command line: "risks", "risk", or as pages call it ("Departments"). */
const struct entity *feature_entity_typed(const char *name);
const struct permission *feature_permission(const char *name);
int feature_permission_index(const struct permission *p);         /* bit in web.rights; -1 = none */
size_t feature_permissions(const struct permission *const **out); /* all, sorted by name */
const struct entity *feature_entity_prefix(const char *prefix);   /* "R" */
/* What every document, export and report carries as its classification: the name of a level, ""
 * while none is chosen. Give it to struct pdf_options as `label`. */
struct err *classification_label(struct web *w, const char **out) MUST_CHECK;
