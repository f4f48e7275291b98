/* SPDX-License-Identifier: Apache-2.0 */
/* Running rules: all statements in one batch (one round trip on PostgreSQL); only when the batch
 * fails, one by one, to find the broken rule. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "base/words.h"
#include "core/pool.h"
#include "core/rules.h"

#define TIMEOUT_MS 8000

/* --- the connection --- */

static struct err *prepare(struct db *db, const struct rules_scope *scope)
{
    TRY(db_restrict(db, TIMEOUT_MS));
    if (scope->asof)
        TRY(db_asof(db, scope->at));
    return db_begin(db, DB_BEGIN_READ);
}

struct err *rules_open(struct app *app, const struct rules_scope *scope, struct arena *a,
                       struct db **out)
{
    struct db *db;
    struct err *failed;

    TRY(pool_connect(app, DB_READ, &db));
    db_use_arena(db, a);
    failed = prepare(db, scope);
    if (failed) {
        db_close(db);
        return failed;
    }
    *out = db;
    return NULL;
}

void rules_close(struct db *db)
{
    if (!db)
        return;
    if (db_in_transaction(db))
        db_rollback(db);
    db_close(db);
}

/* --- binds --- */

static struct val param_value(struct arena *a, const struct rules_scope *scope,
                              const struct rule_param *p)
{
    if (p->kind == RULE_MONTHS)
        return str(date_add(a, scope->today, (int)-p->value, 0));
    if (p->kind == RULE_DAYS)
        return str(date_add(a, scope->today, 0, (int)-p->value));
    if (p->kind == RULE_LIST)
        return str(scope->lists[p->value] ? scope->lists[p->value] : "[]");
    return num(p->value);
}

static const struct val *binds(struct arena *a, const struct rules_scope *scope,
                               const struct rule *rule, size_t *n)
{
    struct val *v = NEW_ARRAY(a, struct val, 3 + RULE_PARAMS);

    v[0] = num(scope->org);
    v[1] = str(scope->today);
    v[2] = num(scope->at);
    *n = 3 + (rule ? rule->nparams : 0);
    for (size_t i = 0; rule && i < rule->nparams; i++)
        v[3 + i] = param_value(a, scope, &rule->params[i]);
    return v;
}

/* --- one rule --- */

static void take_offenders(struct arena *a, struct rows *r, struct rule_result *out)
{
    out->offenders = NEW_ARRAY(a, struct offender, row_count(r) + 1);
    while (row_next(r)) {
        out->failing = row_num(r, 3);
        out->offenders[out->listed++] = (struct offender){
            .kind = arena_str(a, row_text(r, 0)),
            .id = row_num(r, 1),
            .because = arena_str(a, row_text(r, 2)),
            .title = "",
        };
    }
}

static void judge(struct arena *a, struct rows *population, struct rows *offenders,
                  struct rule_result *out)
{
    const struct rule *rule = out->rule;

    out->population = row_next(population) ? row_num(population, 0) : 0;
    take_offenders(a, offenders, out);
    if (out->population < rule->minimum || out->failing)
        out->status = RULE_FAIL;
    else
        out->status = out->population ? RULE_PASS : RULE_IDLE;
    if (rule->escalate_at && out->failing * 100 > rule->escalate_at * out->population)
        out->severity = SEVERITY_MAJ;
}

struct answers {
    struct rows *population, *offenders;
};

static void fill_items(struct arena *a, const struct rules_scope *scope, const struct rule *rule,
                       struct batch_item items[2], struct answers *rows)
{
    size_t n;
    const struct val *v = binds(a, scope, rule, &n);

    items[0] = (struct batch_item){rule->population, v, n, &rows->population};
    items[1] = (struct batch_item){rule->counted, v, n, &rows->offenders};
}

/* After a failed statement the snapshot may be gone: a new one is taken. */
static struct err *again(struct db *db)
{
    if (db_in_transaction(db))
        db_rollback(db);
    return db_begin(db, DB_BEGIN_READ);
}

static struct err *run_singly(struct db *db, struct batch_item *items, struct rule_result *results,
                              struct arena *a, size_t count)
{
    TRY(again(db));
    for (size_t i = 0; i < count; i++) {
        struct err *failed = db_batch(db, &items[i * 2], 2);

        if (!failed)
            continue;
        log_event(LOG_ERROR, "rule", "file=%s %s %s", results[i].rule->file, failed->text,
                  failed->detail);
        results[i].status = RULE_BROKEN;
        results[i].error = arena_str(a, failed->text);
        TRY(again(db));
    }
    return NULL;
}

/* --- names of the records --- */

static int by_record(const void *x, const void *y)
{
    const struct offender *a = x, *b = y;

    return (a->id > b->id) - (a->id < b->id);
}

static const char *id_list(struct arena *a, const struct rule_result *results, size_t count)
{
    struct buf ids;

    buf_init(&ids, a, 1024);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < results[i].listed; k++)
            if (results[i].offenders[k].id)
                buf_printf(&ids, "%c%lld", ids.size ? ',' : '[', results[i].offenders[k].id);
    buf_str(&ids, ids.size ? "]" : "[]");
    return ids.data;
}

/* The titles of all listed records in one query; those that are gone keep "". */
static struct err *name_offenders(struct db *db, const struct rules_scope *scope, struct arena *a,
                                  struct rule_result *results, size_t count)
{
    struct offender *known;
    struct rows *r;
    size_t n = 0;

    TRY(db_query(db, &r,
                 "select id, kind, number, title from record where org_id = $1 and id in"
                 " (select cast(value as bigint) from json_each($2)) order by id",
                 num(scope->org), str(id_list(a, results, count))));
    known = NEW_ARRAY(a, struct offender, row_count(r) + 1);
    while (row_next(r))
        known[n++] = (struct offender){.id = row_num(r, 0),
                                       .kind = row_text(r, 1),
                                       .number = row_num(r, 2),
                                       .title = row_text(r, 3)};
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < results[i].listed; k++) {
            struct offender *o = &results[i].offenders[k];
            const struct offender *found = bsearch(o, known, n, sizeof(*known), by_record);

            if (found && text_equal(found->kind, o->kind)) {
                o->number = found->number;
                o->title = arena_str(a, found->title);
            }
        }
    }
    return NULL;
}

struct err *rules_run(struct db *db, const struct rules *rules, const struct rules_scope *scope,
                      struct arena *a, struct rule_result **out)
{
    size_t n = rules->count;
    struct rule_result *results = NEW_ARRAY(a, struct rule_result, n + 1);
    struct batch_item *items = NEW_ARRAY(a, struct batch_item, n * 2 + 1);
    struct answers *rows = NEW_ARRAY(a, struct answers, n + 1);
    struct err *failed;

    for (size_t i = 0; i < n; i++) {
        results[i].rule = &rules->list[i];
        results[i].severity = rules->list[i].severity;
        fill_items(a, scope, &rules->list[i], &items[i * 2], &rows[i]);
    }
    failed = db_batch(db, items, n * 2);
    if (failed)
        TRY(run_singly(db, items, results, a, n));
    for (size_t i = 0; i < n; i++)
        if (results[i].status != RULE_BROKEN)
            judge(a, rows[i].population, rows[i].offenders, &results[i]);
    *out = results;
    return name_offenders(db, scope, a, results, n);
}

struct err *rules_among(struct db *db, const struct rule *rule, const struct rules_scope *scope,
                        const char *kind, const char *ids, i64 *out)
{
    struct arena *a = arena_new(0);
    struct val *v = NEW_ARRAY(a, struct val, 3 + RULE_PARAMS + 2);
    struct batch_item item;
    struct rows *r;
    struct err *failed;
    size_t n;

    memcpy(v, binds(a, scope, rule, &n), (3 + RULE_PARAMS) * sizeof *v);
    v[n] = str(kind);
    v[n + 1] = str(ids);
    item = (struct batch_item){rule->among, v, n + 2, &r};
    failed = db_batch(db, &item, 1);
    *out = !failed && row_next(r) ? row_num(r, 0) : 0;
    arena_free(a);
    return failed;
}

struct err *rules_reach(struct db *db, const struct rules *rules, const struct rules_scope *scope,
                        unsigned *out)
{
    struct arena *a = arena_new(0);
    struct batch_item items[RULE_STEPS];
    struct rows *rows[RULE_STEPS];
    int step[RULE_STEPS];
    size_t n = 0, nbinds;
    const struct val *v = binds(a, scope, NULL, &nbinds);
    struct err *failed;

    *out = 0;
    for (int s = 1; s <= RULE_STEPS; s++)
        if (rules->reach[s]) {
            items[n] = (struct batch_item){rules->reach[s], v, nbinds, &rows[n]};
            step[n++] = s;
        }
    failed = db_batch(db, items, n);
    for (size_t i = 0; !failed && i < n; i++)
        if (row_next(rows[i]) && row_num(rows[i], 0) > 0)
            *out |= 1u << step[i];
    arena_free(a);
    return failed;
}
