/* SPDX-License-Identifier: Apache-2.0 */
/* The matrix of rights: every route x every actor x own or other organisation x own, foreign,
 * unknown or removed record. What must come out is computed from the routes' permissions and from
 * content/rights.tsv, read here again. A new route is in it from the day it is added; one that asks
 * for more inside, or that any member may open, has to be named in the tables below. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/bulk.h"
#include "core/export.h"
#include "core/import.h"
#include "feature/comment/comment.h"
#include "maker.h"

enum object { OWN, FOREIGN, UNKNOWN, REMOVED, OBJECTS };

enum want {
    WANT_LOGIN,   /* 303 to /login, or 401 */
    WANT_DENIED,  /* 403 */
    WANT_MISSING, /* 404 */
    WANT_REFUSED, /* 403 or 404 */
    WANT_GIVEN,   /* anything but 401, 403, 404 and faults */
    WANT_TRIED,   /* the same or 404: what the form names besides the address is not there */
    WANT_ANY,     /* anything but a fault */
};
static const char *const want_names[] = {"login", "denied", "missing", "refused",
                                         "given", "tried",  "any"};

/* Rights that a handler asks for besides its route's permission. */
static const struct inside {
    const char *method, *pattern, *permission;
} inside[] = {
    {"GET",  "/api/v1/events",               "log.read"     },
    {"GET",  "/o/:slug/control-sets/import", "control.write"},
    {"POST", "/o/:slug/control-sets/import", "control.write"},
};

/* Pages that any member may open: what they show is each person's own. */
static const struct open_page {
    const char *method, *pattern;
    /* OWN_FILE: not every record has one. OF_KIND_*: who holds that right for the kind of the
     * address, and sees the record that it may name. */
    enum { OWN_LIST, OWN_RECORD, OWN_FILE, BY_NAME, DECISION, OF_KIND_READ, OF_KIND_WRITE } kind;
    const char *permission; /* of DECISION: without it the answer is never a success */
} open_pages[] = {
    {"GET",  "/o/:slug",                             OWN_LIST,   NULL          },
    {"GET",  "/o/:slug/guide",                       OWN_LIST,   NULL          },
    {"GET",  "/o/:slug/guide/:step",                 OWN_LIST,   NULL          },
    {"GET",  "/o/:slug/risks",                       OWN_LIST,   NULL          },
    {"GET",  "/o/:slug/risks/:no",                   OWN_RECORD, NULL          },
    {"GET",  "/o/:slug/risks/:no/approval",          OWN_RECORD, NULL          },
    {"POST", "/o/:slug/risks/:no/approval",          DECISION,   "risk.approve"},
    {"GET",  "/o/:slug/approvals",                   OWN_LIST,   NULL          },
    {"GET",  "/o/:slug/assets/classify",             OWN_LIST,   NULL          },
    {"POST", "/o/:slug/assets/classify",             OWN_LIST,   NULL          },
    {"GET",  "/o/:slug/assets/reviews",              OWN_LIST,   NULL          },
    {"POST", "/o/:slug/assets/reviews",              OWN_LIST,   NULL          },
    {"POST", "/o/:slug/assets/:no/confirm",          DECISION,   "asset.write" },
    {"POST", "/o/:slug/roles/:no/accept",            DECISION,   "role.read"   },
    {"GET",  "/o/:slug/approvals/several",           OWN_LIST,   NULL          },
    {"POST", "/o/:slug/approvals/several",           OWN_LIST,   NULL          },
    {"GET",  "/o/:slug/questions",                   OWN_LIST,   NULL          },
    {"GET",  "/o/:slug/help",                        OWN_LIST,   NULL          },
    {"GET",  "/o/:slug/help/:help",                  BY_NAME,    NULL          },
    {"GET",  "/o/:slug/comments/:no",                OWN_RECORD, NULL          },
    {"GET",  "/o/:slug/comments/:no/history",        OWN_RECORD, NULL          },
    {"GET",  "/o/:slug/actions",                     OWN_LIST,   NULL          },
    {"GET",  "/o/:slug/actions/:no",                 OWN_RECORD, NULL          },
    {"POST", "/o/:slug/actions/:no/report",          DECISION,   "action.write"},
    {"POST", "/o/:slug/actions/:no/verify",          DECISION,   "action.write"},
    {"GET",  "/o/:slug/exceptions",                  OWN_LIST,   NULL          },
    {"GET",  "/o/:slug/exceptions/:no",              OWN_RECORD, NULL          },
    {"POST", "/o/:slug/exceptions/:no/decide",       DECISION,   "risk.approve"},
    {"GET",  "/o/:slug/jobs",                        OWN_LIST,   NULL          },
    {"GET",  "/o/:slug/jobs/:job",                   BY_NAME,    NULL          },
    {"GET",  "/o/:slug/jobs/:job/file",              BY_NAME,    NULL          },
    {"POST", "/o/:slug/jobs/:job/cancel",            BY_NAME,    NULL          },
    {"POST", "/o/:slug/jobs/:job/discard",           BY_NAME,    NULL          },
    {"GET",  "/o/:slug/evidence",                    OWN_LIST,   NULL          },
    {"GET",  "/o/:slug/evidence/:no",                OWN_RECORD, NULL          },
    {"GET",  "/o/:slug/evidence/:no/file",           OWN_FILE,   NULL          },
    {"GET",  "/o/:slug/evidence/:no/view",           OWN_FILE,   NULL          },
    {"GET",  "/o/:slug/evidence/:no/page",           OWN_FILE,   NULL          },
    {"GET",  "/o/:slug/notices",                     OWN_LIST,   NULL          },
    {"POST", "/o/:slug/notices",                     OWN_LIST,   NULL          },
    {"POST", "/o/:slug/notices/mute",                OWN_LIST,   NULL          },
    {"POST", "/o/:slug/notices/unmute",              OWN_LIST,   NULL          },
    {"POST", "/o/:slug/notices/watch",               OWN_LIST,   NULL          },
    {"POST", "/o/:slug/notices/unwatch",             OWN_LIST,   NULL          },
    {"POST", "/o/:slug/preview",                     OWN_LIST,   NULL          },
    {"GET",  "/o/:slug/notices/settings",            OWN_LIST,   NULL          },
    {"POST", "/o/:slug/notices/settings",            OWN_LIST,   NULL          },
    {"POST", "/o/:slug/notices/:notice/open",        BY_NAME,    NULL          },
    {"GET",  "/o/:slug/views",                       OWN_LIST,   NULL          },
    {"POST", "/o/:slug/views",                       OWN_LIST,   NULL          },
    {"POST", "/o/:slug/views/:view",                 BY_NAME,    NULL          },
    {"POST", "/o/:slug/views/:view/remove",          BY_NAME,    NULL          },
    {"POST", "/o/:slug/views/:view/default",         BY_NAME,    NULL          },
    {"GET",  "/o/:slug/calendar",                    OWN_LIST,   NULL          },
    {"GET",  "/o/:slug/calendar/feeds",              OWN_LIST,   NULL          },
    {"POST", "/o/:slug/calendar/feeds",              OWN_LIST,   NULL          },
    {"POST", "/o/:slug/calendar/feeds/:feed/remove", BY_NAME,    NULL          },
    {"GET",  "/o/:slug/work",                        OWN_LIST,   NULL          },
    {"POST", "/o/:slug/work",                        OWN_LIST,   NULL          },
    {"GET",  "/o/:slug/tasks",                       OWN_LIST,   NULL          },
    {"GET",  "/o/:slug/tasks/:no",                   OWN_RECORD, NULL          },
    {"GET",  "/o/:slug/tasks/:no/edit",              DECISION,   "task.write"  },
    {"POST", "/o/:slug/tasks/:no",                   DECISION,   "task.write"  },
    {"GET",  "/o/:slug/tasks/:no/remove",            DECISION,   "task.write"  },
    {"POST", "/o/:slug/tasks/:no/remove",            DECISION,   "task.write"  },
    {"POST", "/o/:slug/tasks/:no/done",              DECISION,   "task.write"  },
    {"POST", "/o/:slug/tasks/:no/reopen",            DECISION,   "task.write"  },
    {"POST", "/o/:slug/tasks/:no/wait",              DECISION,   "task.write"  },
    {"POST", "/o/:slug/tasks/:no/cancel",            DECISION,   "task.write"  },
    {"POST", "/o/:slug/tasks/:no/give",              DECISION,   "task.write"  },
    {"POST", "/o/:slug/tasks/:no/step",              DECISION,   "task.write"  },
    {"POST", "/o/:slug/tasks/:no/steps",             DECISION,   "task.write"  },
};

/* Of the API: who sees the record is asked for this right, unless the record is theirs. */
static const struct inside api_decisions[] = {
    {"POST", "/api/v1/assets/:no/classification", "asset.classify"},
};

/* The same for pages that serve every kind of record. */
static const struct open_page kind_pages[] = {
    {"GET",  "/o/:slug/drafts",                 OWN_LIST,      NULL},
    {"GET",  "/o/:slug/pick",                   OWN_LIST,      NULL},
    {"GET",  "/o/:slug/r/:record",              BY_NAME,       NULL},
    {"GET",  "/o/:slug/:plural/removed",        OF_KIND_READ,  NULL},
    {"GET",  "/o/:slug/:plural/:no/copy",       OF_KIND_WRITE, NULL},
    {"POST", "/o/:slug/:plural/draft",          OF_KIND_WRITE, NULL},
    {"POST", "/o/:slug/:plural/draft/drop",     OF_KIND_WRITE, NULL},
    {"POST", "/o/:slug/:plural/:no/draft",      OF_KIND_WRITE, NULL},
    {"POST", "/o/:slug/:plural/:no/draft/drop", OF_KIND_WRITE, NULL},
};

/* Parameters that name what is no record: the tests ask with names that nobody has. */
static const char *const names[] = {"/:job",    "/:feed", "/:upload", "/:notice",   "/:view",
                                    "/:record", "/:bulk", "/:help",   "/:delivery", "/:report"};

struct records {
    i64 id[OBJECTS]; /* OWN = Acme's, FOREIGN = Other's */
};

struct cell {
    struct actor *actor;
    const struct entity *entity; /* of the address, or NULL */
    bool other;                  /* the address is the other organisation's */
    bool has_object;
    enum object object;
};

struct matrix {
    struct test *t;
    struct actor *actors;
    size_t nactors;
    const struct entity *entities[ENTITIES_MAX];
    struct records records[ENTITIES_MAX];
    size_t nentities;
    const struct route_entry *entry;
    const struct entity *entity; /* of the route under test */
    size_t cells, visited, denied;
    u64 seed;
    struct buf wrong;
    size_t nwrong;
};

static const struct records *records_of(const struct matrix *x, const struct entity *e)
{
    for (size_t i = 0; i < x->nentities; i++)
        if (x->entities[i] == e)
            return &x->records[i];
    return NULL;
}

/* --- addresses --- */

/* The entity that a pattern is about: the segment before ":no", or the first one. */
static const struct entity *entity_of(struct test *t, const char *pattern)
{
    const char *start = text_starts(pattern, "/o/:slug/")  ? pattern + 9
                        : text_starts(pattern, "/api/v1/") ? pattern + 8
                                                           : NULL;

    return start ? feature_entity_plural(arena_strn(t->arena, start, strcspn(start, "/"))) : NULL;
}

static const char *address(struct matrix *x, const struct cell *c)
{
    const struct records *r = c->entity ? records_of(x, c->entity) : NULL;
    struct buf b;

    buf_init(&b, x->t->arena, 100);
    for (const char *p = x->entry->pattern; *p;) {
        size_t n = strcspn(p + 1, "/") + 1;

        if (n == 6 && !strncmp(p, "/:slug", n))
            buf_str(&b, c->other ? "/other" : "/acme");
        else if (n == 8 && !strncmp(p, "/:plural", n))
            buf_printf(&b, "/%s", c->entity->plural);
        else if (n == 4 && !strncmp(p, "/:no", n))
            buf_printf(&b, "/%lld", r ? r->id[c->object] : 1LL);
        else if (p[1] == ':')
            buf_printf(&b, "/%s", other_parameter(p, n));
        else
            buf_printf(&b, "%.*s", (int)n, p);
        p += n;
    }
    return b.size ? b.data : "/";
}

/* True when a feature's own route takes the place of a generic one for this kind of record. */
static bool has_own_route(struct matrix *x)
{
    const char *at = strstr(x->entry->pattern, "/:plural");
    const struct route_entry *routes;
    size_t n = route_list(&routes);
    const char *exact;

    if (!at)
        return false;
    exact = arena_printf(x->t->arena, "%.*s/%s%s", (int)(at - x->entry->pattern), x->entry->pattern,
                         x->entity->plural, at + strlen("/:plural"));
    for (size_t i = 0; i < n; i++)
        if (!strcmp(routes[i].pattern, exact) && routes[i].route->method == x->entry->route->method)
            return true;
    return false;
}

/* --- what must come out --- */

static bool ends(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);

    return n >= m && !strcmp(text + n - m, end);
}

static bool is_route(const struct route_entry *e, const char *method, const char *pattern)
{
    return !strcmp(method_name(e->route->method), method) && !strcmp(e->pattern, pattern);
}

/* ":no" as a whole part of the address; ":notice" is none. */
static bool names_record(const char *pattern)
{
    return ends(pattern, "/:no") || strstr(pattern, "/:no/");
}

/* True when the record of the address is there for this actor's organisation. */
static bool object_there(const struct cell *c, bool other)
{
    return !c->has_object || (other ? c->object == FOREIGN : c->object == OWN);
}

static const char *inside_right(const struct matrix *x, const struct cell *c)
{
    const char *pattern = x->entry->pattern;

    for (size_t i = 0; i < COUNT_OF(inside); i++)
        if (is_route(x->entry, inside[i].method, inside[i].pattern))
            return inside[i].permission;
    if (!c->entity || x->entry->route->flags & ROUTE_API)
        return NULL;
    if (ends(pattern, "/export"))
        return export_run_right.name;
    if (strstr(pattern, "/:plural/bulk"))
        return bulk_run_right.name;
    return strstr(pattern, "/:plural/import") ? import_run_right.name : NULL;
}

static bool moves_lists(const char *pattern)
{
    return strstr(pattern, "/:plural/export") || strstr(pattern, "/:plural/import") ||
           strstr(pattern, "/:plural/bulk");
}

/* Whoever sees a record may talk about it; what may not be seen is missing. */
static bool is_talk(const char *pattern)
{
    return ends(pattern, "/:plural/:no/comments");
}

static enum want want_talk(struct matrix *x, const struct cell *c)
{
    bool other =
        x->entry->route->flags & ROUTE_API ? actor_org(x->t, c->actor) == x->t->other : c->other;

    if (c->entity == &comment_entity || !object_there(c, other) ||
        !actor_may(x->t, c->actor, c->entity->read->name))
        return WANT_MISSING;
    return WANT_GIVEN;
}

/* The routes /:plural/export and /:plural/import need the right of the kind too. */
static bool kind_right(struct matrix *x, const struct cell *c)
{
    const struct permission *p;

    if (!moves_lists(x->entry->pattern))
        return true;
    p = ends(x->entry->pattern, "/export") ? c->entity->read : c->entity->write;
    return p && actor_may(x->t, c->actor, p->name);
}

static bool by_name(const char *pattern)
{
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (strstr(pattern, names[i]))
            return true;
    return false;
}

static const struct open_page *open_page_of(const struct matrix *x)
{
    for (size_t i = 0; i < COUNT_OF(open_pages); i++)
        if (is_route(x->entry, open_pages[i].method, open_pages[i].pattern))
            return &open_pages[i];
    for (size_t i = 0; i < COUNT_OF(kind_pages); i++)
        if (is_route(x->entry, kind_pages[i].method, kind_pages[i].pattern))
            return &kind_pages[i];
    fail_msg("any member may open %s %s: say in tests/matrix.c (open_pages) what it shows to whom",
             method_name(x->entry->route->method), x->entry->pattern);
    return NULL;
}

static enum want want_open(struct matrix *x, const struct cell *c)
{
    const struct open_page *o = open_page_of(x);
    bool sees = !c->entity || actor_may(x->t, c->actor, c->entity->read->name);

    if (o->kind == OWN_LIST)
        return WANT_GIVEN;
    if (o->kind == BY_NAME)
        return WANT_MISSING;
    if (o->kind == OF_KIND_READ)
        return sees ? WANT_GIVEN : WANT_REFUSED;
    /* Some may make what they do not see all of: their new one can be a draft. */
    if (o->kind == OF_KIND_WRITE && !c->has_object)
        sees = true;
    if (!sees || !object_there(c, c->other))
        return WANT_REFUSED;
    if (o->kind == OF_KIND_WRITE)
        return actor_may(x->t, c->actor, c->entity->write->name) ? WANT_TRIED : WANT_REFUSED;
    if (o->kind == DECISION)
        return actor_may(x->t, c->actor, o->permission) ? WANT_ANY : WANT_REFUSED;
    return o->kind == OWN_FILE ? WANT_TRIED : WANT_GIVEN;
}

/* Addresses whose form says which record or file is meant: an empty one finds none. */
static bool named_by_form(const char *pattern)
{
    return strstr(pattern, "/:plural/import") || ends(pattern, "/suggestions/back") ||
           ends(pattern, "/decide") || ends(pattern, "/unlink");
}

/* Who may write a kind but not read it (people add evidence) finds what concerns them only. */
static bool sees_kind(struct matrix *x, const struct cell *c)
{
    return !c->has_object || !c->entity || !c->entity->read ||
           actor_may(x->t, c->actor, c->entity->read->name);
}

static enum want want_page(struct matrix *x, const struct cell *c)
{
    const struct permission *p = x->entry->route->permission;
    const char *more = inside_right(x, c);

    if (!c->actor->role)
        return WANT_LOGIN;
    if ((actor_org(x->t, c->actor) == x->t->other) != c->other)
        return WANT_MISSING;
    if (p == &member)
        return want_open(x, c);
    if (!actor_may(x->t, c->actor, p->name))
        return WANT_DENIED;
    if (is_talk(x->entry->pattern))
        return want_talk(x, c);
    if (moves_lists(x->entry->pattern) && c->entity->no_api)
        return WANT_MISSING;
    if (strstr(x->entry->pattern, "/:plural/:no/") &&
        !actor_may(x->t, c->actor, c->entity->read->name))
        return WANT_MISSING;
    if ((more && !actor_may(x->t, c->actor, more)) || !kind_right(x, c))
        return WANT_DENIED;
    if (ends(x->entry->pattern, "/restore"))
        return object_there(c, c->other) || (c->object == REMOVED && !c->other) ? WANT_TRIED
                                                                                : WANT_MISSING;
    if (x->entry->route->method == METHOD_POST && named_by_form(x->entry->pattern))
        return WANT_TRIED;
    if (x->entry->route->method == METHOD_GET && strstr(x->entry->pattern, "/import/:token"))
        return WANT_TRIED; /* missing, or a kind that is not imported */
    return object_there(c, c->other) && sees_kind(x, c) && !by_name(x->entry->pattern)
               ? WANT_GIVEN
               : WANT_MISSING;
}

/* The generic routes of the API: a record that one may not see is missing, before all else. */
static enum want want_kind(struct matrix *x, const struct cell *c)
{
    const struct entity *e = c->entity;
    enum http_method m = x->entry->route->method;
    bool there = object_there(c, actor_org(x->t, c->actor) == x->t->other);

    if (moves_lists(x->entry->pattern) &&
        !actor_may(x->t, c->actor, x->entry->route->permission->name))
        return WANT_DENIED;
    if (e->no_api)
        return WANT_MISSING;
    if (moves_lists(x->entry->pattern) && !ends(x->entry->pattern, "/import"))
        return !kind_right(x, c)            ? WANT_DENIED
               : by_name(x->entry->pattern) ? WANT_MISSING
               : m == METHOD_GET            ? WANT_GIVEN
                                            : WANT_TRIED;
    if (!c->has_object && m == METHOD_GET)
        return WANT_GIVEN;
    if (c->has_object && (!there || !actor_may(x->t, c->actor, e->read->name)))
        return WANT_MISSING;
    if (m == METHOD_GET)
        return WANT_GIVEN;
    if (m == METHOD_POST && e->no_create)
        return WANT_ANY;
    return actor_may(x->t, c->actor, e->write->name) ? WANT_GIVEN : WANT_DENIED;
}

static bool may_decide(const struct matrix *x, const struct cell *c)
{
    for (size_t i = 0; i < COUNT_OF(api_decisions); i++)
        if (is_route(x->entry, api_decisions[i].method, api_decisions[i].pattern))
            return actor_may(x->t, c->actor, api_decisions[i].permission);
    return true;
}

static enum want want_api(struct matrix *x, const struct cell *c)
{
    const struct permission *p = x->entry->route->permission;
    const char *more = inside_right(x, c);

    if (p == &anyone)
        return WANT_GIVEN;
    if (!c->actor->role)
        return WANT_LOGIN;
    if (is_talk(x->entry->pattern))
        return actor_may(x->t, c->actor, p->name) ? want_talk(x, c) : WANT_DENIED;
    if (strstr(x->entry->pattern, "/:plural"))
        return want_kind(x, c);
    if (p != &member && p != &signed_in && !actor_may(x->t, c->actor, p->name))
        return WANT_DENIED;
    /* A right that no feature of this program declares is nobody's. */
    if (more && (!feature_permission(more) || !actor_may(x->t, c->actor, more)))
        return WANT_DENIED;
    if (c->has_object &&
        (!sees_kind(x, c) || !object_there(c, actor_org(x->t, c->actor) == x->t->other)))
        return WANT_MISSING;
    if (!may_decide(x, c))
        return WANT_DENIED;
    if (ends(x->entry->pattern, "/:no/content"))
        return WANT_TRIED;
    return by_name(x->entry->pattern) ? WANT_MISSING : WANT_GIVEN;
}

static enum want wanted(struct matrix *x, const struct cell *c)
{
    const struct route *r = x->entry->route;

    if (r->flags & ROUTE_API)
        return want_api(x, c);
    if (!(r->flags & ROUTE_SITE))
        return want_page(x, c);
    if (r->permission == &anyone)
        return WANT_ANY;
    if (!c->actor->role)
        return WANT_LOGIN;
    return r->permission == &operator_only ? WANT_DENIED : WANT_ANY;
}

/* --- one cell --- */

static void ask(struct matrix *x, const struct cell *c)
{
    struct test *t = x->t;
    enum http_method m = x->entry->route->method;
    const char *target = address(x, c);

    act_as(t, c->actor);
    if (x->entry->route->flags & ROUTE_API) {
        if (m == METHOD_DELETE)
            api_header(t, "If-Match", "\"99999\"");
        api(t, c->actor->role, m, target, m == METHOD_POST || m == METHOD_PATCH ? "{}" : NULL);
    } else {
        visit(t, m, target,
              m == METHOD_GET                      ? NULL
              : ends(x->entry->pattern, "/remove") ? "_version=99999"
                                                   : "_version=1");
    }
    if (!strcmp(x->entry->pattern, "/logout"))
        c->actor->cookie = NULL;
}

static bool fits(struct test *t, const struct matrix *x, enum want want)
{
    int s = status(t);
    bool page = !(x->entry->route->flags & ROUTE_API);

    if (s >= 500 || s < 200)
        return false;
    switch (want) {
    case WANT_LOGIN:
        if (page && x->entry->route->method == METHOD_GET)
            return s == 303 && text_starts(header(t, "Location"), "/login?next=");
        return s == 401;
    case WANT_DENIED:
        return s == 403;
    case WANT_MISSING:
        return s == 404;
    case WANT_REFUSED:
        return s == 403 || s == 404;
    case WANT_GIVEN:
        return s != 401 && s != 403 && s != 404;
    case WANT_TRIED:
        return s != 401 && s != 403;
    case WANT_ANY:
        break;
    }
    return true;
}

static void note(struct matrix *x, const struct cell *c, enum want want)
{
    struct test *t = x->t;

    if (x->nwrong++ < 40)
        buf_printf(&x->wrong, "%s %s as %s: %d, wanted %s\n", t->r->method_text, t->r->target,
                   c->actor->role ? c->actor->role : "nobody", status(t), want_names[want]);
}

/* Everything is asked only when a full run is wanted: else one cell in eight, of the own record in
 * the own organisation one in four where a route serves every kind, and all where it serves one. */
static bool sampled(struct matrix *x, const struct cell *c)
{
    bool core = object_there(c, c->other) && (actor_org(x->t, c->actor) == x->t->other) == c->other;
    bool generic = strstr(x->entry->pattern, "/:plural") != NULL;

    return test_full() || (core && !generic) || seeded(&x->seed) % (core ? 4 : 8) == 0;
}

static void try_cell(struct matrix *x, const struct cell *c, bool refusals)
{
    enum want want = wanted(x, c);

    if ((want < WANT_GIVEN) != refusals)
        return;
    x->cells++;
    if (!sampled(x, c))
        return;
    ask(x, c);
    x->visited++;
    if (!fits(x->t, x, want))
        note(x, c, want);
}

static void try_objects(struct matrix *x, struct cell *c, bool refusals)
{
    const struct records *r = c->entity ? records_of(x, c->entity) : NULL;

    c->object = OWN;
    c->has_object = names_record(x->entry->pattern);
    if (!c->has_object) {
        try_cell(x, c, refusals);
        return;
    }
    for (int i = 0; i < OBJECTS; i++) {
        c->object = (enum object)i;
        if (r && r->id[i])
            try_cell(x, c, refusals);
    }
}

/* All cells of a route about one kind of record: refusals or the rest. */
static void try_route(struct matrix *x, bool refusals)
{
    unsigned flags = x->entry->route->flags;

    for (size_t i = 0; i < x->nactors; i++) {
        struct cell c = {.actor = &x->actors[i], .entity = x->entity};

        try_objects(x, &c, refusals);
        if (flags & (ROUTE_SITE | ROUTE_API))
            continue;
        c.other = true;
        try_objects(x, &c, refusals);
    }
}

static void test_route(struct matrix *x)
{
    struct test *t = x->t;
    bool changes = x->entry->route->method != METHOD_GET;
    const char *before = changes ? store_digest(t) : NULL;
    i64 entries = changes ? log_changes(t) : 0;

    try_route(x, true);
    if (changes) {
        log_settle(t);
        if (log_changes(t) != entries || strcmp(before, store_digest(t)) != 0) {
            x->nwrong++;
            buf_printf(&x->wrong, "a refused %s %s changed the store\n",
                       method_name(x->entry->route->method), x->entry->pattern);
        }
    }
    try_route(x, false);
}

/* A cell may have restored or closed a record: the next route gets whole ones. */
static void renew(struct matrix *x)
{
    struct test *t = x->t;

    for (size_t i = 0; i < x->nentities; i++) {
        struct records *r = &x->records[i];
        const char *sql =
            arena_printf(t->arena, "select count(*) from %s where org_id = $1 and id = $2",
                         x->entities[i]->name);

        if (r->id[REMOVED] && value_of(t, sql, DB_VALS(num(t->org), num(r->id[REMOVED])), 2))
            r->id[REMOVED] = removed_record(t, t->org, x->entities[i]);
        if (r->id[OWN] && !value_of(t, sql, DB_VALS(num(t->org), num(r->id[OWN])), 2))
            fail_msg("the %s of the matrix was removed by %s", x->entities[i]->name,
                     x->entry->pattern);
    }
}

static void make_records(struct matrix *x)
{
    struct test *t = x->t;

    x->nentities = tenant_entities(x->entities, ENTITIES_MAX);
    for (size_t i = 0; i < x->nentities; i++) {
        struct records *r = &x->records[i];

        r->id[OWN] = some_record(t, t->org, x->entities[i], NULL);
        r->id[FOREIGN] = some_record(t, t->other, x->entities[i], NULL);
        r->id[UNKNOWN] = 4611686018427387904LL;
        r->id[REMOVED] = removed_record(t, t->org, x->entities[i]);
    }
}

static void matrix(void **state)
{
    struct matrix x = {.t = test_begin(), .seed = 20260101};
    const struct route_entry *routes;
    size_t n = route_list(&routes);

    (void)state;
    buf_init(&x.wrong, x.t->arena, 1000);
    x.nactors = all_actors(x.t, &x.actors);
    make_records(&x);
    tick(x.t); /* signs the log */
    for (size_t i = 0; i < n; i++) {
        bool generic = strstr(routes[i].pattern, "/:plural") != NULL;

        x.entry = &routes[i];
        for (size_t k = 0; k < (generic ? x.nentities : 1); k++) {
            x.entity = generic ? x.entities[k] : entity_of(x.t, routes[i].pattern);
            if (!x.entity && names_record(routes[i].pattern))
                fail_msg("which record is the :no of %s?", routes[i].pattern);
            if (!has_own_route(&x))
                test_route(&x);
        }
        if (routes[i].route->method != METHOD_GET)
            renew(&x);
    }
    tell("matrix: %zu cells of %zu routes, %zu visited, seed 20260101\n", x.cells, n, x.visited);
    if (x.nwrong)
        fail_msg("%zu cells are wrong:\n%s", x.nwrong, x.wrong.data);
    assert_true(x.cells >= 10000);
    test_end(x.t);
}

const struct test_case matrix_tests[] = {
    TEST("every route answers every role for own, foreign, unknown and removed records as the "
         "table of rights says, and a refusal changes nothing",
         matrix),
    TEST_END,
};
