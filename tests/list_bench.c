/* SPDX-License-Identifier: Apache-2.0 */
#include "list_bench.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "core/entity_sql.h"
#include "core/list_sql.h"
#include "core/search.h"
#include "store.h"
#include "test.h"

#define MANY 1000 /* rows of one statement */

static const struct permission nobody = {"test.nobody", "Nobody holds it"};
static const struct entity owner_entity, thing_entity;

struct person {
    RECORD;
    const char *name;
};
static const struct field owner_fields[] = {TEXT(person, name, "Name", .required = true)};
static const struct entity owner_entity =
    ENTITY(person, owner_fields, .plural = "people", .label = "Person", .labels = "People",
           .prefix = "P", .title = "name", .read = &member, .write = &member);

struct asset {
    RECORD;
    const char *name;
};
static const struct field thing_fields[] = {TEXT(asset, name, "Name", .required = true)};
static const struct entity thing_entity =
    ENTITY(asset, thing_fields, .plural = "assets", .label = "Asset", .labels = "Assets",
           .prefix = "A", .title = "name", .read = &member, .write = &member);

static const struct choice states[] = {
    {"open",    "Open", "red"},
    {"treated",    "In treatment", NULL},
    {"closed", "Closed <done>", "green"},
    {.code = NULL    }
};
static const struct choice properties[] = {
    {"c",   "Confidentiality", NULL},
    {"i", "Integrity", NULL},
    {"a",   "Availability", NULL},
    {.code = NULL}
};

static const struct field risk_fields[] = {
    TEXT(risk, title, "Title", .required = true, .sortable = true),
    LONG(risk, description, "Description", .listed = true),
    CODE(risk, threat, "Threat", "threats", .sortable = true, .filtered = true),
    SET(risk, properties, "Properties", properties, .filtered = true),
    REF(risk, owner, "Owner", owner_entity, .listed = true, .sortable = true, .filtered = true,
        .concerns = true),
    CHOICE(risk, state, "State", states, .listed = true, .sortable = true),
    DATE(risk, review_on, "Review", .listed = true, .sortable = true, .filtered = true),
    LEVEL(risk, current_likelihood, "Likelihood", .sortable = true, .filtered = true),
    LEVEL(risk, current_impact, "Impact", .sortable = true),
    LEVEL(risk, score, "Score", .listed = true, .derived = true, .sortable = true,
          .filtered = true),
    BOOL(risk, treated, "Treated", .derived = true, .filtered = true),
    REFS(risk, assets, "Assets", thing_entity, .listed = true, .filtered = true),
};
const struct entity bench_risk_entity = ENTITY(
    risk, risk_fields, .plural = "risks", .label = "Risk", .labels = "Risks", .prefix = "R",
    .title = "title", .state = "state", .order = "-score", .read = &member, .write = &member);
const struct entity own_risk_entity = ENTITY(
    risk, risk_fields, .plural = "risks", .label = "Risk", .labels = "Risks", .prefix = "R",
    .title = "title", .state = "state", .order = "-score", .read = &nobody, .write = &nobody);

/* --- the bench --- */

static const char *optional(const char *text, bool there)
{
    return there ? text : NULL;
}

/* Row `i` of the sample; ids are not in the order of numbers. */
static void make_row(struct bench *t, int i)
{
    static const char *const threats[] = {"fire", "theft", "flood"};
    static const char *const dates[] = {"2026-01-31", "2026-02-28", "2026-03-31"};
    struct risk *r = &t->all[i];

    *r = (struct risk){.id = 1000 + (i * 37) % 101, .number = i + 1, .version = 1};
    r->title =
        arena_printf(t->a, "%s %d", i % 4 == 1 ? "\xC3\x84rger im B\xC3\xBCro" : "Trouble", i % 9);
    r->threat = optional(threats[i % 3], i % 5 != 0);
    r->state = states[i % 3].code;
    r->review_on = optional(dates[i % 3], i % 4 != 0);
    r->properties = i % 8;
    r->owner = i % 3 == 0 ? 0 : i % 3;
    r->current_likelihood = i % 6;
    r->current_impact = (i / 6) % 6;
    r->score = r->current_likelihood * r->current_impact;
    r->treated = i % 2;
}

void insert_row(struct bench *t, const struct risk *r)
{
    const char *text = text_fold(t->a, r->title);

    assert_ok(
        db_exec(t->w.db,
                "insert into risk (org_id, id, number, version, title, threat, properties, "
                "owner, method, state, current_likelihood, current_impact, review_on, origin, "
                "score, treated) values ($1, $2, $3, 1, $4, $5, $6, $7, 1, $8, $9, $10, $11, "
                "'manual', $12, $13)",
                num(t->w.org), num(r->id), num(r->number), str(r->title), str(r->threat),
                num(r->properties), num_or_null(r->owner), str(r->state),
                num_or_null(r->current_likelihood), num_or_null(r->current_impact),
                str(r->review_on), num_or_null(r->score), num(r->treated)));
    assert_ok(db_exec(t->w.db,
                      "insert into search_doc (org_id, id, kind, text, dirty) values ($1, $2, "
                      "'risk', $3, 1)",
                      num(t->w.org), num(r->id), str(text)));
    if (r->number % 2 == 0)
        assert_ok(db_exec(t->w.db,
                          "insert into risk_assets (org_id, record, target) values ($1, $2, 1)",
                          num(t->w.org), num(r->id)));
    if (r->number % 4 == 0)
        assert_ok(db_exec(t->w.db,
                          "insert into risk_assets (org_id, record, target) values ($1, $2, 2)",
                          num(t->w.org), num(r->id)));
}

/* What rows refer to, in the organisation of `w`. */
static void insert_ground(struct bench *t)
{
    for (i64 i = 1; i <= 2; i++) {
        assert_ok(db_exec(t->w.db,
                          "insert into person (org_id, id, number, version, name, external, state) "
                          "values ($1, $2, $2, 1, $3, 0, 'active')",
                          num(t->w.org), num(i), str(i == 1 ? "Anna <b>" : "Bert")));
        assert_ok(db_exec(t->w.db,
                          "insert into asset (org_id, id, number, version, name, type, media, "
                          "in_scope, personal_data, state) values ($1, $2, $2, 1, $3, 'server', 0, "
                          "1, 0, 'active')",
                          num(t->w.org), num(i), str(i == 1 ? "Mail" : "Disk")));
    }
    assert_ok(db_exec(t->w.db,
                      "insert into method (org_id, id, number, version, title, state, acceptance, "
                      "levels, impact_rule, review_months) values ($1, 1, 1, 1, 'm', 'active', 9, "
                      "5, 'max', 12)",
                      num(t->w.org)));
    assert_ok(db_exec(t->w.db,
                      "insert into audit_frontier (org_id, n, at, hashes) values ($1, 1, 0, $2)",
                      num(t->w.org), blob("", 0)));
}

void list_bench_open(struct bench *t)
{
    const char *url;

    memset(t, 0, sizeof(*t));
    t->a = arena_new(0);
    assert_ok(store_ready(t->a, &url));
    assert_ok(db_open(&(struct db_config){.url = url, .mode = DB_WRITE}, &t->w.db));
    db_use_arena(t->w.db, t->a);
    t->w.arena = t->a;
    t->w.face = FACE_COMMAND;
    t->w.actor = "cli:test";
    t->w.today = "2026-03-01";
    t->w.slug = "acme";
    t->w.org_name = "Acme";
    t->w.org = ORG;
    t->w.req = &t->req;
    t->req.arena = t->a;
    t->req.path = "/o/acme/risks";
    t->req.query.list = t->query;
    t->w.html = &t->html;
    html_init(&t->html, t->a);
    assert_ok(db_begin(t->w.db, DB_BEGIN_WRITE));
    assert_ok(search_setup(t->w.db));
    insert_ground(t);
    for (int i = 0; i < ROWS; i++) {
        make_row(t, i);
        insert_row(t, &t->all[i]);
    }
    assert_ok(db_commit(t->w.db));
    assert_ok(db_begin(t->w.db, DB_BEGIN_READ));
}

void list_bench_close(struct bench *t)
{
    db_rollback(t->w.db);
    db_close(t->w.db);
    arena_free(t->a);
}

void ask(struct bench *t, const char *name, const char *value)
{
    /* What was parsed before has been cleaned into a list of its own. */
    if (t->req.query.list != t->query)
        memcpy(t->query, t->req.query.list, t->req.query.count * sizeof(t->query[0]));
    t->req.query.list = t->query;
    t->query[t->req.query.count++] = (struct pair){name, value};
}

void ask_again(struct bench *t)
{
    t->req.query.count = 0;
}

size_t run(struct bench *t, const struct entity *e, struct list_result *r)
{
    struct list_query q;

    assert_ok(list_parse(&t->w, e, &q));
    assert_ok(list_run(&t->w, &q, true, r));
    return r->count;
}

/* Not so many at once that a slow machine takes it for a statement that hangs. */
static void insert_some(struct bench *t, i64 from, i64 to)
{
    assert_ok(
        db_exec(t->w.db,
                "insert into risk (org_id, id, number, version, title, threat, properties, "
                "owner, method, state, current_likelihood, current_impact, review_on, origin, "
                "score, treated) with recursive n(i) as (select cast($2 as bigint) union all "
                "select i + 1 from n where i < $3) select $1, i, i, 1, 'Trouble number ' || "
                "cast(i * 7919 % 100003 as text), case when i % 5 = 0 then null else 'fire' "
                "end, i % 8, case when i % 3 = 0 then null else i % 3 end, 1, case when i % 2 "
                "= 0 then 'open' else 'closed' end, i % 6, i / 6 % 6, case when i % 4 = 0 "
                "then null else '2026-02-28' end, 'manual', nullif((i % 6) * (i / 6 % 6), 0), "
                "i % 2 from n",
                num(ORG), num(from), num(to)));
    assert_ok(db_exec(t->w.db,
                      "insert into search_doc (org_id, id, kind, text, dirty) select org_id, id, "
                      "'risk', lower(title) || case when number % 211 = 0 then ' rarity' else '' "
                      "end, 1 from risk where org_id = $1 and id >= $2 and id <= $3",
                      num(ORG), num(from), num(to)));
}

void insert_many(struct bench *t, i64 n)
{
    assert_ok(db_commit(t->w.db));
    assert_ok(db_begin(t->w.db, DB_BEGIN_WRITE));
    for (i64 from = 0; from < n; from += MANY)
        insert_some(t, 100000 + from, 99999 + (from + MANY < n ? from + MANY : n));
    assert_ok(db_commit(t->w.db));
    assert_ok(db_begin(t->w.db, DB_BEGIN_READ));
}

static int compare_values(struct val a, struct val b)
{
    if (a.null || b.null)
        return b.null - a.null;
    if (a.kind == VAL_NUM)
        return (a.num > b.num) - (a.num < b.num);
    return strcmp(a.data, b.data);
}

/* Choices stand as they are listed; the names of references here are in the order of their ids. */
static struct val shown_value(const struct field *f, const struct risk *r)
{
    struct val v = field_val(f, r);

    if (v.null || !f->choices)
        return v;
    return num(choice_find(f->choices, v.data) - f->choices);
}

/* Words as a dictionary has them, as long as the list is short. */
static int compare_words(struct val a, struct val b)
{
    struct arena *own = arena_new(0);
    int d = 0;

    if (!a.null && !b.null)
        d = strcmp(text_fold(own, a.data), text_fold(own, b.data));
    arena_free(own);
    return d;
}

static int compare_records(const struct field *f, const struct risk *a, const struct risk *b)
{
    int d;

    if (!f)
        return (a->number > b->number) - (a->number < b->number);
    d = f->kind == FIELD_TEXT ? compare_words(field_val(f, a), field_val(f, b)) : 0;
    if (!d)
        d = compare_values(shown_value(f, a), shown_value(f, b));
    return d ? d : (a->id > b->id) - (a->id < b->id);
}

size_t walk(struct bench *t, struct list_query *q, int limit)
{
    struct list_result r;
    struct risk last = {0};
    size_t seen = 0;

    q->limit = limit;
    q->after = NULL;
    do {
        assert_ok(list_run(&t->w, q, false, &r));
        for (size_t i = 0; i < r.count; i++) {
            const struct risk *one = &((const struct risk *)r.records)[i];
            int order = compare_records(q->sort, &last, one);

            if (seen++ > 0 && (q->descending ? order <= 0 : order >= 0))
                fail_msg("%s%s: R-%lld comes after R-%lld", q->descending ? "-" : "",
                         q->sort ? q->sort->name : "number", one->number, last.number);
            last = *one;
        }
        q->after = r.next;
    } while (r.next);
    return seen;
}
