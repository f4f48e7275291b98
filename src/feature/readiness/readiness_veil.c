/* SPDX-License-Identifier: Apache-2.0 */
/* Readiness as somebody sees it who is to score risks without the first score: those risks are
 * neither in the map nor among the records of a rule, whose figures are told without them. */
#include <string.h>

#include "base/text.h"
#include "core/entity.h"
#include "feature/readiness/readiness_part.h"

static bool holds(const struct ids *ids, i64 id)
{
    for (size_t i = 0; i < ids->count; i++)
        if (ids->id[i] == id)
            return true;
    return false;
}

static struct err *veil_heat(struct web *w, const struct ids *ids, struct readiness *r)
{
    struct rows *q;

    for (size_t i = 0; i < ids->count; i++) {
        TRY(db_query(w->db, &q,
                     "select case when $3 = 1 then current_likelihood else inherent_likelihood end,"
                     " case when $3 = 1 then current_impact else inherent_impact end from risk"
                     " where org_id = $1 and id = $2 and state = 'open'",
                     num(w->org), num(ids->id[i]), num(r->heat_current)));
        if (!row_next(q))
            continue;
        r->open_risks--;
        r->hidden++;
        if (row_num(q, 0) < 1 || row_num(q, 0) > READINESS_LEVELS || row_num(q, 1) < 1 ||
            row_num(q, 1) > READINESS_LEVELS || !r->heat[row_num(q, 0)][row_num(q, 1)])
            continue;
        r->heat[row_num(q, 0)][row_num(q, 1)]--;
        r->heat_count--;
    }
    return NULL;
}

/* Of a rule with more offenders than it lists, the others are asked for. */
static struct err *count_unlisted(struct web *w, const struct ids *ids, struct db **db,
                                  struct rules_scope *scope, struct rule_result *x, i64 *out)
{
    struct buf b;

    if (!*db) {
        *scope = readiness_scope(w);
        TRY(rules_open(w->app, scope, w->arena, db));
        TRY(readiness_lists(w->app, *db, w->arena, scope));
    }
    buf_init(&b, w->arena, 64);
    for (size_t i = 0; i < ids->count; i++)
        buf_printf(&b, "%s%lld", i ? "," : "[", ids->id[i]);
    buf_char(&b, ']');
    return rules_among(*db, x->rule, scope, "risk", b.data, out);
}

static struct err *veil_rule(struct web *w, const struct ids *ids, struct db **db,
                             struct rules_scope *scope, struct rule_result *x)
{
    struct offender *list = NEW_ARRAY(w->arena, struct offender, x->listed + 1);
    i64 hidden;
    size_t n = 0;

    for (size_t i = 0; i < x->listed; i++)
        if (!text_equal(x->offenders[i].kind, "risk") || !holds(ids, x->offenders[i].id))
            list[n++] = x->offenders[i];
    hidden = (i64)(x->listed - n);
    if (x->failing > (i64)x->listed)
        TRY(count_unlisted(w, ids, db, scope, x, &hidden));
    x->failing -= hidden;
    x->population -= hidden;
    x->offenders = list;
    x->listed = n;
    if (x->status == RULE_FAIL && !x->failing && x->population >= x->rule->minimum)
        x->status = x->population ? RULE_PASS : RULE_IDLE;
    return NULL;
}

static struct err *veil_rules(struct web *w, const struct ids *ids, struct readiness *r)
{
    struct rules_scope scope;
    struct err *failed = NULL;
    struct db *db = NULL;

    for (size_t i = 0; i < r->count && !failed; i++)
        failed = veil_rule(w, ids, &db, &scope, &r->results[i]);
    rules_close(db);
    return failed;
}

static bool hidden_number(struct web *w, const struct ids *ids, i64 number, struct err **failed)
{
    struct rows *q;

    if (!*failed)
        *failed = db_query(w->db, &q, "select id from risk where org_id = $1 and number = $2",
                           num(w->org), num(number));
    return !*failed && row_next(q) && holds(ids, row_num(q, 0));
}

static struct err *veil_waiting(struct web *w, const struct ids *ids, struct readiness *r)
{
    struct readiness_waiting *list = NEW_ARRAY(w->arena, struct readiness_waiting, r->nwaiting + 1);
    struct err *failed = NULL;
    size_t n = 0;

    for (size_t i = 0; i < r->nwaiting; i++)
        if (!text_equal(r->waiting[i].kind, "risk") ||
            !hidden_number(w, ids, r->waiting[i].number, &failed))
            list[n++] = r->waiting[i];
    r->waiting = list;
    r->nwaiting = n;
    return failed;
}

struct err *readiness_veil(struct web *w, const struct readiness **r)
{
    const struct entity *risk = feature_entity("risk");
    const struct ids *ids = NULL;
    struct readiness *own;

    if (risk)
        TRY(entity_veiled_ids(w, risk, &ids));
    if (!ids || !ids->count)
        return NULL;
    own = NEW(w->arena, struct readiness);
    *own = **r;
    own->results = NEW_ARRAY(w->arena, struct rule_result, own->count + 1);
    memcpy(own->results, (*r)->results, own->count * sizeof *own->results);
    TRY(veil_rules(w, ids, own));
    readiness_score(own->results, NULL, own->count, &own->today_score);
    readiness_score(own->results, own->due, own->count, &own->here_score);
    TRY(veil_heat(w, ids, own));
    TRY(veil_waiting(w, ids, own));
    *r = own;
    return NULL;
}
