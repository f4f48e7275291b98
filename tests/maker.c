/* SPDX-License-Identifier: Apache-2.0 */
/* Records of any entity, actors of any role, digests of the whole store. */
#include "maker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/crypt.h"
#include "base/embedded.h"
#include "base/text.h"
#include "core/content.h"

#define TRIES 12
#define FRESH "@fresh" /* a new record of the kind that the field refers to */

/* Values that no rule of a field's kind would lead to. */
static const struct special {
    const char *entity, *field, *value; /* NULL = leave it empty */
} specials[] = {
    {"treatment",   "option",         "modify"                      },
    {"role_holder", "until",          NULL                          },
    {"role_holder", "role",           "employee"                    }, /* nobody gives more than they have */
    {"role_holder", "from_date",      "2026-01-01"                  },
    {"person",      "left_on",        NULL                          },
    {"person",      "state",          "active"                      },
    {"unit",        "parent",         NULL                          },
    {"evidence",    "kind",           "link"                        }, /* a file is no text */
    {"evidence",    "url",            "https://example.com/evidence"},
    {"evidence",    "reason",         NULL                          },
    {"evidence",    "about",          NULL                          }, /* who sees that would see the evidence */
    {"evidence",    "retention",      NULL                          }, /* it could not be removed */
    {"webhook",     "url",            "https://hooks.example.com/a" },
    {"asset",       "carries",        NULL                          },
    {"asset",       "own_media",      NULL                          },
    {"asset",       "classification", NULL                          },
    {"marking",     "own_medium",     NULL                          },
    {"marking",     "scheme",         FRESH                         }, /* one rule for each form */
    {"handling",    "own_medium",     NULL                          },
    {"handling",    "level",          FRESH                         }, /* the same */
    {"risk",        "inherent_axes",  NULL                          }, /* "c=3,a=2": no free text */
    {"risk",        "current_axes",   NULL                          },
    {"risk",        "residual_axes",  NULL                          },
    {"treatment",   "expected_axes",  NULL                          },
    {"erasure",     "subject",        "C-1"                         }, /* people who work here are not erased */
    {"dismissal",   "subject",        "risk"                        }, /* the keys of assets are those of a catalogue */
};

size_t tenant_entities(const struct entity **out, size_t room)
{
    size_t n = 0;

    for (size_t i = 0; features[i]; i++)
        for (size_t k = 0; features[i]->entities && features[i]->entities[k]; k++)
            if (!features[i]->entities[k]->site) {
                assert_true(n < room);
                out[n++] = features[i]->entities[k];
            }
    return n;
}

bool field_open(const struct field *f)
{
    return !f->internal && !f->derived && f->kind != FIELD_TIME;
}

bool field_free(const struct field *f)
{
    return field_open(f) && (f->kind == FIELD_TEXT || f->kind == FIELD_LONG);
}

/* --- one record --- */

static size_t text_room(const struct field *f)
{
    return f->max ? (size_t)f->max : f->kind == FIELD_LONG ? 10000 : 200;
}

static const char *first_code(struct test *t, const char *catalogue)
{
    const struct content_table *c = content_table(t->app->content, catalogue);

    return c && content_rows(c) ? content_cell(c, 0, "code") : NULL;
}

static const char *some_id(struct test *t, i64 org, const struct entity *e)
{
    i64 id = some_record(t, org, e, NULL);

    return id ? arena_printf(t->arena, "%lld", id) : NULL;
}

static const char *fresh_id(struct test *t, i64 org, const struct entity *e)
{
    struct making m = {.org = org, .entity = e};

    make_record(t, &m);
    return arena_printf(t->arena, "%lld", m.id);
}

/* Two ends of a relation are two records. */
static const struct field *first_record(const struct entity *e)
{
    const struct field *f = e->fields;

    while (f->kind != FIELD_RECORD)
        f++;
    return f;
}

const char *plausible_value(struct test *t, i64 org, const struct entity *e, const struct field *f)
{
    static int count;

    for (size_t i = 0; i < COUNT_OF(specials); i++)
        if (text_equal(specials[i].entity, e->name) && text_equal(specials[i].field, f->name))
            return text_equal(specials[i].value, FRESH) ? fresh_id(t, org, f->ref)
                                                        : specials[i].value;
    switch (f->kind) {
    case FIELD_TEXT:
    case FIELD_LONG:
        return arena_printf(t->arena, "Made-%d-%.*s", ++count, text_room(f) > 30 ? 40 : 10,
                            f->name);
    case FIELD_EMAIL:
        return arena_printf(t->arena, "made%d@maker.test", ++count);
    case FIELD_INT:
        return arena_printf(t->arena, "%lld", f->most > f->least ? f->least : 1LL);
    case FIELD_LEVEL:
        return "3";
    case FIELD_MONEY:
        return "100";
    case FIELD_DATE:
        return "2026-06-15";
    case FIELD_BOOL:
        return "0";
    case FIELD_CHOICE:
    case FIELD_SET:
        return f->choices[0].code;
    case FIELD_CODE:
        return first_code(t, f->catalogue);
    case FIELD_REF:
    case FIELD_REFS:
        if (f->ref == e && !f->required)
            return NULL;
        return some_id(t, org, f->ref ? f->ref : feature_entity("person"));
    case FIELD_RECORD:
        return some_id(t, org, feature_entity(f == first_record(e) ? "person" : "unit"));
    case FIELD_TIME:
        return NULL;
    }
    return NULL;
}

static const char *given_value(const struct making *m, const char *name, bool *given)
{
    *given = false;
    for (size_t i = 0; i < m->set.count; i++)
        if (text_equal(m->set.list[i].name, name)) {
            *given = true;
            return m->set.list[i].value;
        }
    return NULL;
}

/* Texts of fixed fields get a number: they often have to be distinct. */
static struct inputs fill(struct test *t, const struct making *m)
{
    static int texts;
    const struct entity *e = m->entity;
    struct inputs in = {.list = NEW_ARRAY(t->arena, struct input, e->nfields + 1)};

    for (size_t i = 0; i < e->nfields; i++) {
        const struct field *f = &e->fields[i];
        bool given;
        const char *value = given_value(m, f->name, &given);

        if (!field_open(f))
            continue;
        if (!given && m->text && field_free(f) && text_length(m->text) + 10 <= text_room(f))
            value = f->fixed ? arena_printf(t->arena, "%s %d", m->text, ++texts) : m->text;
        else if (!given)
            value = plausible_value(t, m->org, e, f);
        if (value)
            in.list[in.count++] = (struct input){f->name, value};
    }
    return in;
}

/* A text that the rules of a field refuse gives way to a plausible one, any other value to none.
 * False when there is nothing to mend. */
static bool mend(struct test *t, struct making *m, struct input *in, bool *drop)
{
    const struct field *f = entity_field(m->entity, in->name);
    const char *other = plausible_value(t, m->org, m->entity, f);
    bool given;

    given_value(m, in->name, &given);
    *drop = false;
    if (given)
        return false;
    if (m->text && field_free(f) && other && text_starts(in->value, m->text)) {
        in->value = other;
        return true;
    }
    *drop = !f->required;
    return *drop;
}

static bool heal(struct test *t, struct making *m, struct inputs *in, const struct issues *issues)
{
    bool healed = false, drop;

    for (size_t i = 0; i < issues->count; i++) {
        size_t n = 0;

        for (size_t k = 0; k < in->count; k++) {
            drop = false;
            if (text_equal(in->list[k].name, issues->list[i].field))
                healed |= mend(t, m, &in->list[k], &drop);
            if (!drop)
                in->list[n++] = in->list[k];
        }
        in->count = n;
    }
    return healed;
}

struct attempt {
    struct making *m;
    struct inputs in;
    struct issues issues;
};

static struct err *write_attempt(struct web *w, void *ctx)
{
    struct attempt *at = ctx;
    const struct entity *e = at->m->entity;
    struct record *r = arena_alloc(w->arena, e->size);

    TRY(entity_apply(w, e, r, at->in, true, &at->issues));
    if (at->issues.count)
        return NULL;
    TRY(entity_write(w, e, r, NULL, &at->issues));
    at->m->id = r->id;
    at->m->number = r->number;
    return NULL;
}

/* A context with all rights in the organisation. */
static struct web *enter(struct test *t, struct arena *a, i64 org)
{
    struct web *w;

    assert_ok(app_web(t->app, a, FACE_JOB, "job:test", &w));
    assert_ok(web_enter_org(w, org));
    return w;
}

void make_record(struct test *t, struct making *m)
{
    struct attempt at = {.m = m, .in = fill(t, m)};
    struct arena *a = arena_new(0);
    struct web *w = enter(t, a, m->org);

    for (int i = 0; i < TRIES; i++) {
        at.issues = (struct issues){.arena = t->arena};
        m->id = 0;
        assert_ok(app_write(w, write_attempt, &at));
        if (!at.issues.count || !heal(t, m, &at.in, &at.issues))
            break;
    }
    app_web_end(w);
    arena_free(a);
    m->used = at.in;
    if (at.issues.count)
        fail_msg("no %s could be made: %s: %s (give tests/maker.c a special value)",
                 m->entity->name, at.issues.list[0].field, at.issues.list[0].text);
}

struct inputs record_inputs(struct test *t, const struct making *m)
{
    struct inputs all = fill(t, m), in = {.list = NEW_ARRAY(t->arena, struct input, all.count + 1)};

    for (size_t i = 0; i < all.count; i++)
        for (size_t k = 0; k < m->used.count; k++)
            if (text_equal(m->used.list[k].name, all.list[i].name))
                in.list[in.count++] = all.list[i];
    return in;
}

struct inputs inputs_with(struct test *t, struct inputs in, const char *name, const char *value)
{
    struct inputs out = {.list = NEW_ARRAY(t->arena, struct input, in.count + 1)};

    for (size_t i = 0; i < in.count; i++)
        if (!text_equal(in.list[i].name, name))
            out.list[out.count++] = in.list[i];
    out.list[out.count++] = (struct input){name, value};
    return out;
}

const char *inputs_form(struct test *t, struct inputs in)
{
    struct buf b;

    buf_init(&b, t->arena, 200);
    for (size_t i = 0; i < in.count; i++)
        buf_printf(&b, "%s%s=%s", i ? "&" : "", in.list[i].name,
                   text_url(t->arena, in.list[i].value));
    return b.data;
}

const char *inputs_json(struct test *t, struct inputs in)
{
    json_t *object = json_own(t->arena, json_object());

    for (size_t i = 0; i < in.count; i++)
        json_object_set_new(object, in.list[i].name, json_string(in.list[i].value));
    return json_text(t->arena, object);
}

const char *role_with(struct test *t, const struct permission *p, const struct permission *q)
{
    const char *const *roles;
    size_t n = rights_roles(t, &roles);

    if (rights_of(t, "isms-manager", p->name) && rights_of(t, "isms-manager", q->name))
        return "isms-manager";
    for (size_t i = 0; i < n; i++)
        if (rights_of(t, roles[i], p->name) && rights_of(t, roles[i], q->name))
            return roles[i];
    fail_msg("no role holds %s and %s", p->name, q->name);
    return NULL;
}

bool route_exists(enum http_method method, const char *pattern)
{
    const struct route_entry *routes;
    size_t n = route_list(&routes);

    for (size_t i = 0; i < n; i++)
        if (routes[i].route->method == method && text_equal(routes[i].pattern, pattern))
            return true;
    return false;
}

static const struct entity *pattern_kind(struct test *t, const char *pattern)
{
    const char *start = text_starts(pattern, "/o/:slug/")  ? pattern + 9
                        : text_starts(pattern, "/api/v1/") ? pattern + 8
                                                           : NULL;

    return start ? feature_entity_plural(arena_strn(t->arena, start, strcspn(start, "/"))) : NULL;
}

const char *other_parameter(const char *at, size_t size)
{
    static const char *const known[][2] = {
        {"/:step", "1"   },
        {"/:idx",  "1"   },
        {"/:id",   "R006"}
    };

    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (strlen(known[i][0]) == size && !strncmp(at, known[i][0], size))
            return known[i][1];
    return "aaaaaaaaaaaaaaaaaaaaaaaa";
}

const char *route_example(struct test *t, const struct route_entry *e, const struct entity *kind)
{
    struct buf b;

    if (!kind)
        kind = pattern_kind(t, e->pattern);
    buf_init(&b, t->arena, 100);
    for (const char *p = e->pattern; *p;) {
        size_t n = strcspn(p + 1, "/") + 1;

        if (n == 6 && !strncmp(p, "/:slug", n))
            buf_str(&b, "/acme");
        else if (n == 8 && !strncmp(p, "/:plural", n))
            buf_printf(&b, "/%s", kind->plural);
        else if (n == 4 && !strncmp(p, "/:no", n))
            buf_printf(&b, "/%lld", kind ? some_record(t, t->org, kind, NULL) : 1LL);
        else if (p[1] == ':')
            buf_printf(&b, "/%s", other_parameter(p, n));
        else
            buf_printf(&b, "%.*s", (int)n, p);
        p += n;
    }
    return b.data;
}

void each_route(struct test *t,
                void (*fn)(struct test *t, const struct route_entry *e, const char *address,
                           void *ctx),
                void *ctx)
{
    const struct entity *kinds[ENTITIES_MAX];
    size_t nkinds = tenant_entities(kinds, ENTITIES_MAX);
    const struct route_entry *routes;
    size_t n = route_list(&routes);

    for (size_t i = 0; i < n; i++) {
        bool generic = strstr(routes[i].pattern, "/:plural") != NULL;

        for (size_t k = 0; k < (generic ? nkinds : 1); k++)
            fn(t, &routes[i], route_example(t, &routes[i], generic ? kinds[k] : NULL), ctx);
    }
}

static void mask(char *text, const char *from, char end)
{
    for (char *at = text; (at = strstr(at, from));) {
        at += strlen(from);
        for (; *at && *at != end; at++)
            *at = '*';
    }
}

const char *body_masked(struct test *t, const char *id)
{
    char *text = arena_str(t->arena, body(t));

    mask(text, "name='_op' value='", '\'');
    mask(text, "name='_csrf' value='", '\'');
    for (char *at = text; id && (at = strstr(at, id));)
        memset(at, '#', strlen(id));
    return text;
}

static struct rows *query(struct test *t, const char *sql, const struct val *v, size_t n)
{
    struct rows *r;

    db_use_arena(t->w->db, t->arena);
    assert_ok(db_query_text(t->w->db, &r, sql, v, n));
    return r;
}

i64 some_record(struct test *t, i64 org, const struct entity *e, i64 *number)
{
    struct making m = {.org = org, .entity = e};
    struct rows *r = query(t,
                           arena_printf(t->arena,
                                        "select id, number from %s where org_id = $1 order by id"
                                        " limit 1",
                                        e->name),
                           DB_VALS(num(org)), 1);

    if (row_next(r)) {
        m.id = row_num(r, 0);
        m.number = row_num(r, 1);
    } else if (!e->no_create) {
        make_record(t, &m);
    }
    if (number)
        *number = m.number;
    return m.id;
}

struct removing {
    const struct making *m;
    bool kept;
};

static struct err *remove_made(struct web *w, void *ctx)
{
    struct removing *k = ctx;
    struct err *failed = entity_remove(w, k->m->entity, k->m->id, 1, "made to be removed");

    k->kept = failed && failed->code == ERR_CLASH;
    return k->kept ? NULL : failed;
}

i64 removed_record(struct test *t, i64 org, const struct entity *e)
{
    struct making m = {.org = org, .entity = e};
    struct removing k = {&m, false};
    struct arena *a;
    struct web *w;

    if (e->no_create)
        return 0;
    make_record(t, &m);
    a = arena_new(0);
    w = enter(t, a, org);
    assert_ok(app_write(w, remove_made, &k));
    app_web_end(w);
    arena_free(a);
    return k.kept ? 0 : m.id;
}

/* --- the whole store --- */

static bool left_out(const char *table)
{
    static const char *const names[] = {"session",      "throttle",         "job",
                                        "search_doc",   "schema_migration", "catalogue",
                                        "content_state"};

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (text_equal(table, names[i]))
            return true;
    return text_starts(table, "audit_");
}

static void digest_row(struct digest *d, struct rows *kinds, const struct rows *r)
{
    row_rewind(kinds);
    for (size_t c = 0; row_next(kinds); c++) {
        const char *kind = row_text(kinds, 1);

        digest_add(d, row_null(r, c) ? "0" : "1", 1);
        if (row_null(r, c))
            continue;
        if (text_equal(kind, "int")) {
            i64 n = row_num(r, c);

            digest_add(d, &n, sizeof(n));
        } else if (text_equal(kind, "blob")) {
            digest_add(d, row_blob(r, c).data, row_blob(r, c).size);
        } else {
            digest_add(d, row_str(r, c), strlen(row_str(r, c)) + 1);
        }
    }
}

static void digest_table(struct test *t, struct arena *a, struct digest *d, const char *table)
{
    struct rows *columns, *r;
    struct buf sql, order;

    db_use_arena(t->w->db, a);
    assert_ok(db_columns(t->w->db, table, &columns));
    if (!row_count(columns))
        return;
    buf_init(&sql, a, 400);
    buf_init(&order, a, 100);
    buf_str(&sql, "select ");
    for (int i = 1; row_next(columns); i++) {
        buf_printf(&sql, "%s%s", i > 1 ? ", " : "", row_text(columns, 0));
        buf_printf(&order, "%s%d", i > 1 ? ", " : "", i);
    }
    buf_printf(&sql, " from %s order by %s", table, order.data);
    assert_ok(db_query_text(t->w->db, &r, sql.data, NULL, 0));
    digest_add(d, table, strlen(table) + 1);
    while (row_next(r))
        digest_row(d, columns, r);
}

const char *store_digest(struct test *t)
{
    struct arena *a = arena_new((size_t)1 << 30);
    struct digest *d = digest_new(a);
    unsigned char hash[DIGEST_SIZE];
    const struct db_table *tables;
    size_t n = db_tables(&tables);
    const char *hex;

    for (size_t i = 0; i < n; i++)
        if (!left_out(tables[i].name))
            digest_table(t, a, d, tables[i].name);
    digest_end(d, hash);
    hex = crypt_hex(t->arena, hash, sizeof(hash));
    db_use_arena(t->w->db, t->arena);
    arena_free(a);
    return hex;
}

i64 log_changes(struct test *t)
{
    /* every organisation */
    return value(t, "select count(*) from audit_event where action not in ('denied', 'throttled',"
                    " 'login.refused')");
}

i64 log_count(struct test *t, i64 log, const char *action)
{
    return value(t, "select count(*) from audit_event where org_id = $1 and action = $2", num(log),
                 str(action));
}

static struct err *nothing(struct web *w, void *ctx)
{
    (void)w;
    (void)ctx;
    return NULL;
}

/* On SQLite the writer works in order: when an empty change is done, all before it are. On
 * PostgreSQL the worker writes the entry before it answers. */
void log_settle(struct test *t)
{
    change(t, nothing, NULL);
}

/* --- rights, read again --- */

static char **rights_line(struct test *t, const char *text, size_t *n)
{
    char *copy = arena_strn(t->arena, text, strcspn(text, "\n"));
    char **cells = NEW_ARRAY(t->arena, char *, 40);

    *n = 0;
    for (char *at = copy; at; (*n)++) {
        char *tab = strchr(at, '\t');

        assert_true(*n < 40);
        cells[*n] = at;
        if (tab)
            *tab = '\0';
        at = tab ? tab + 1 : NULL;
    }
    return cells;
}

static const char *rights_file(void)
{
    const struct embedded_file *f = embedded_find("content/rights.tsv");

    assert_non_null(f);
    return (const char *)f->data;
}

size_t rights_roles(struct test *t, const char *const **out)
{
    size_t n;
    char **cells = rights_line(t, rights_file(), &n);

    assert_string_equal(cells[0], "permission");
    *out = (const char *const *)(cells + 2);
    return n - 2;
}

bool rights_of(struct test *t, const char *role, const char *permission)
{
    const char *const *roles;
    size_t nroles = rights_roles(t, &roles), column = 0, n;

    while (column < nroles && strcmp(roles[column], role) != 0)
        column++;
    assert_true(column < nroles);
    for (const char *line = rights_file(); line && *line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (text_starts(line, permission) && line[strlen(permission)] == '\t') {
            char **cells = rights_line(t, line, &n);

            return column + 2 < n && text_equal(cells[column + 2], "x");
        }
    }
    fail_msg("content/rights.tsv has no row for %s", permission);
    return false;
}

/* --- actors --- */

size_t all_actors(struct test *t, struct actor **out)
{
    const char *const *roles;
    size_t n = rights_roles(t, &roles);
    struct actor *list = NEW_ARRAY(t->arena, struct actor, n + 2);

    for (size_t i = 0; i < n; i++)
        list[i].role = roles[i];
    list[n].role = "other-admin";
    list[n + 1].role = NULL;
    *out = list;
    return n + 2;
}

static void actor_token(struct test *t, struct actor *a)
{
    t->token_role = NULL;
    api(t, a->role, METHOD_GET, "/api/v1/openapi.json", NULL);
    a->token = t->token;
}

void act_as(struct test *t, struct actor *a)
{
    if (!a->role) {
        logout(t);
        t->token = t->token_role = NULL;
        return;
    }
    if (!a->token)
        actor_token(t, a);
    if (!a->cookie) {
        login(t, a->role);
        a->cookie = t->cookie;
        a->csrf = t->csrf;
    }
    t->cookie = a->cookie;
    t->csrf = a->csrf;
    t->token = a->token;
    t->token_role = a->role;
}

bool actor_may(struct test *t, const struct actor *a, const char *permission)
{
    if (!a->role)
        return false;
    if (strcmp(a->role, "other-admin") != 0)
        return rights_of(t, a->role, permission);
    return rights_of(t, "admin", permission) || rights_of(t, "isms-manager", permission) ||
           rights_of(t, "top-management", permission);
}

i64 actor_org(const struct test *t, const struct actor *a)
{
    return !a->role ? 0 : text_equal(a->role, "other-admin") ? t->other : t->org;
}

/* --- small things --- */

u64 seeded(u64 *state)
{
    u64 z = *state += 0x9e3779b97f4a7c15ULL;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

bool test_full(void)
{
    const char *full = getenv("CAIRN_TEST_FULL");

    return full && *full;
}

void tell(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
}

const char *form_text_value(struct test *t, const char *text)
{
    return text_url(t->arena, text);
}
