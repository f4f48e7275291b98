/* SPDX-License-Identifier: Apache-2.0 */
/* The matrix of rights: every route x every actor x own or other organisation x own, foreign,
 * unknown or removed record. What must come out is computed from the routes' permissions and from
 * content/rights.tsv, read here again. A new route is in it from the day it is added; one that asks
 * for more inside, or that any member may open, has to be named in the tables below. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/export.h"
#include "core/import.h"
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
    {"GET", "/api/v1/events", "log.read"},
};

/* Pages that any member may open: what they show is each person's own. */
static const struct open_page {
    const char *method, *pattern;
    enum { OWN_LIST, OWN_RECORD, DECISION } kind;
    const char *permission; /* of DECISION: without it the answer is never a success */
} open_pages[] = {
    {"GET",  "/o/:slug",                    OWN_LIST,   NULL          },
    {"GET",  "/o/:slug/guide",              OWN_LIST,   NULL          },
    {"GET",  "/o/:slug/guide/:step",        OWN_LIST,   NULL          },
    {"GET",  "/o/:slug/risks",              OWN_LIST,   NULL          },
    {"GET",  "/o/:slug/risks/:no",          OWN_RECORD, NULL          },
    {"GET",  "/o/:slug/risks/:no/approval", OWN_RECORD, NULL          },
    {"POST", "/o/:slug/risks/:no/approval", DECISION,   "risk.approve"},
    {"GET",  "/o/:slug/approvals",          OWN_LIST,   NULL          },
    {"GET",  "/o/:slug/actions",            OWN_LIST,   NULL          },
    {"GET",  "/o/:slug/actions/:no",        OWN_RECORD, NULL          },
};

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
    return strstr(pattern, "/import") ? import_run_right.name : NULL;
}

/* The routes /:plural/export and /:plural/import need the right of the kind too. */
static bool kind_right(struct matrix *x, const struct cell *c)
{
    const struct permission *p;

    if (!strstr(x->entry->pattern, "/:plural/"))
        return true;
    p = ends(x->entry->pattern, "/export") ? c->entity->read : c->entity->write;
    return p && actor_may(x->t, c->actor, p->name);
}

static enum want want_open(struct matrix *x, const struct cell *c)
{
    for (size_t i = 0; i < COUNT_OF(open_pages); i++) {
        const struct open_page *o = &open_pages[i];
        bool sees = !c->entity || actor_may(x->t, c->actor, c->entity->read->name);

        if (!is_route(x->entry, o->method, o->pattern))
            continue;
        if (o->kind == OWN_LIST)
            return WANT_GIVEN;
        if (!sees || !object_there(c, c->other))
            return WANT_REFUSED;
        if (o->kind == DECISION)
            return actor_may(x->t, c->actor, o->permission) ? WANT_ANY : WANT_REFUSED;
        return WANT_GIVEN;
    }
    fail_msg("any member may open %s %s: say in tests/matrix.c (open_pages) what it shows to whom",
             method_name(x->entry->route->method), x->entry->pattern);
    return WANT_ANY;
}

/* Addresses whose form says which record or file is meant: an empty one finds none. */
static bool named_by_form(const char *pattern)
{
    return strstr(pattern, "/import") || ends(pattern, "/suggestions/back") ||
           ends(pattern, "/decide");
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
    if (strstr(x->entry->pattern, "/:plural/") && c->entity->no_api)
        return WANT_MISSING;
    if ((more && !actor_may(x->t, c->actor, more)) || !kind_right(x, c))
        return WANT_DENIED;
    if (ends(x->entry->pattern, "/restore"))
        return object_there(c, c->other) || (c->object == REMOVED && !c->other) ? WANT_TRIED
                                                                                : WANT_MISSING;
    if (x->entry->route->method == METHOD_POST && named_by_form(x->entry->pattern))
        return WANT_TRIED;
    return object_there(c, c->other) ? WANT_GIVEN : WANT_MISSING;
}

/* The generic routes of the API: a record that one may not see is missing, before all else. */
static enum want want_kind(struct matrix *x, const struct cell *c)
{
    const struct entity *e = c->entity;
    enum http_method m = x->entry->route->method;
    bool there = object_there(c, actor_org(x->t, c->actor) == x->t->other);

    if (e->no_api)
        return WANT_MISSING;
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

static enum want want_api(struct matrix *x, const struct cell *c)
{
    const struct permission *p = x->entry->route->permission;
    const char *more = inside_right(x, c);

    if (p == &anyone)
        return WANT_GIVEN;
    if (!c->actor->role)
        return WANT_LOGIN;
    if (strstr(x->entry->pattern, "/:plural"))
        return want_kind(x, c);
    if (p != &member && p != &signed_in && !actor_may(x->t, c->actor, p->name))
        return WANT_DENIED;
    /* A right that no feature of this program declares is nobody's. */
    if (more && (!feature_permission(more) || !actor_may(x->t, c->actor, more)))
        return WANT_DENIED;
    return WANT_GIVEN;
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

/* Cells beyond the own record in the own organisation are sampled unless everything is asked for.
 */
static bool sampled(struct matrix *x, const struct cell *c)
{
    bool core = object_there(c, c->other) && (actor_org(x->t, c->actor) == x->t->other) == c->other;

    return seeded(&x->seed) % 4 == 0 || core || test_full();
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
    c->has_object = strstr(x->entry->pattern, "/:no") != NULL;
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
            if (!x.entity && strstr(routes[i].pattern, "/:no"))
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
