/* SPDX-License-Identifier: Apache-2.0 */
/* What treatments make of their risk. A treatment is refused when the rules of its risk do not
 * allow what it expects, whoever writes it: a form, a script, an import. */
#include "base/text.h"
#include "feature/method/method.h"
#include "feature/risk/risk.h"
#include "feature/treatment/treatment_web.h"

static i64 lower(i64 a, i64 b)
{
    return !a ? b : !b || a < b ? a : b;
}

/* What open treatments expect together. */
struct together {
    i64 likelihood, impact;
    i64 *levels; /* of each axis, the lowest that any expects */
    bool whole;  /* all that expect an impact say it per axis */
};

static void take(struct web *w, const struct method_ruler *ruler, const struct treatment *t,
                 struct together *sum)
{
    struct method_judged j;

    sum->likelihood = lower(sum->likelihood, t->expected_likelihood);
    sum->impact = lower(sum->impact, t->expected_impact);
    if (t->expected_impact && text_empty(t->expected_axes))
        sum->whole = false;
    method_judge(w->arena, ruler, t->expected_axes, &j);
    for (size_t k = 0; k < ruler->count; k++)
        sum->levels[k] = lower(sum->levels[k], j.levels[k]);
}

/* Axes that all treatments speak of give the impact; one impact that is another than that of the
 * risk's own axes takes their place. */
static void set_impact(struct web *w, const struct method_ruler *ruler, const struct together *sum,
                       struct risk *risk)
{
    struct method_settled said;
    struct buf b;

    if (!sum->whole) {
        if (risk->residual_impact != sum->impact)
            risk->residual_axes = NULL;
        risk->residual_impact = sum->impact;
        return;
    }
    buf_init(&b, w->arena, 120);
    for (size_t k = 0; k < ruler->count; k++)
        if (sum->levels[k])
            buf_printf(&b, "%s%s=%lld", b.size ? "," : "", ruler->axes[k].code, sum->levels[k]);
    risk->residual_axes = b.data;
    risk->residual_impact = 0;
    method_settle(w->arena, ruler, 0, &risk->residual_axes, &risk->residual_impact, &said);
}

static bool counts(const struct treatment *t)
{
    return t && !text_equal(t->option, "retain") && !text_equal(t->state, "cancelled");
}

/* The expected levels of the risk's open treatments, taken together, are its residual: the lowest
 * likelihood and the lowest impact, on each axis where they say so, that any of them reaches. Who
 * retains a risk changes nothing about it. `t`, which may be NULL, stands for what is stored of
 * `id`. `*any` = false: no treatment expects a level, and the risk stays as it is. */
static struct err *expected(struct web *w, i64 id, const struct treatment *t, struct risk *risk,
                            bool *any)
{
    struct together sum = {.whole = true};
    struct method_ruler ruler;
    struct rows *r;

    TRY(method_ruler_load(w, risk->method, &ruler));
    sum.levels = NEW_ARRAY(w->arena, i64, ruler.count + 1);
    TRY(db_query(w->db, &r,
                 "select expected_likelihood, expected_impact, expected_axes from treatment"
                 " where org_id = $1 and risk = $2 and id <> $3 and state <> 'cancelled'"
                 " and option <> 'retain'",
                 num(w->org), num(risk->id), num(id)));
    while (row_next(r)) {
        struct treatment other = {.expected_likelihood = row_num(r, 0),
                                  .expected_impact = row_num(r, 1),
                                  .expected_axes = row_str(r, 2)};

        take(w, &ruler, &other, &sum);
    }
    if (counts(t))
        take(w, &ruler, t, &sum);
    *any = sum.likelihood && sum.impact;
    if (!*any)
        return NULL;
    risk->residual_likelihood = sum.likelihood;
    set_impact(w, &ruler, &sum, risk);
    return NULL;
}

/* What the rules of the risk say against it, at the fields of the treatment. */
static void tell(const struct issues *found, struct issues *out)
{
    for (size_t i = 0; i < found->count; i++) {
        const struct issue *one = &found->list[i];

        if (text_equal(one->field, "residual_impact"))
            issue(out, "expected_impact", "%s", one->text);
        else if (text_equal(one->field, "residual_axes"))
            issue(out, "expected_axes", "%s", one->text);
        else if (text_equal(one->field, "residual_reason"))
            issue(out, "expected_likelihood",
                  "With this the risk stays as high as it is without any control. Expect a lower "
                  "level, or write on the risk why nothing lowers it.");
        else
            issue(out, "expected_likelihood", "%s", one->text);
    }
}

static bool same_residual(const struct risk *a, const struct risk *b)
{
    return a->residual_likelihood == b->residual_likelihood &&
           a->residual_impact == b->residual_impact &&
           text_equal(a->residual_axes ? a->residual_axes : "",
                      b->residual_axes ? b->residual_axes : "");
}

struct err *treatment_outlook(struct web *w, const struct treatment *t, struct risk *risk,
                              bool *changed, struct issues *out)
{
    struct issues found = {.arena = w->arena};
    struct risk before;
    bool any;

    TRY(entity_load_any(w, &risk_entity, t->risk, risk));
    before = *risk;
    TRY(expected(w, t->id, t, risk, &any));
    *changed = !same_residual(&before, risk);
    if (!*changed)
        return NULL;
    TRY(risk_entity.derive(w, risk, &found));
    tell(&found, out);
    return NULL;
}

/* What the treatment expected before this change: the last version in its history, which is written
 * at the end of the transaction. False when it is new, or was removed until now. */
static struct err *load_before(struct web *w, i64 id, struct treatment *out, bool *found)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select option, state, expected_likelihood, expected_impact, expected_axes"
                 " from treatment_history where org_id = $1 and id = $2"
                 " and valid_to = 9223372036854775807 order by version desc limit 1",
                 num(w->org), num(id)));
    *found = row_next(r);
    if (*found)
        *out = (struct treatment){.id = id,
                                  .option = row_str(r, 0),
                                  .state = row_str(r, 1),
                                  .expected_likelihood = row_num(r, 2),
                                  .expected_impact = row_num(r, 3),
                                  .expected_axes = row_str(r, 4)};
    return NULL;
}

static bool same_share(const struct treatment *a, const struct treatment *b)
{
    if (counts(a) != counts(b))
        return false;
    return !counts(a) || (a->expected_likelihood == b->expected_likelihood &&
                          a->expected_impact == b->expected_impact &&
                          text_equal(a->expected_axes ? a->expected_axes : "",
                                     b->expected_axes ? b->expected_axes : ""));
}

struct err *treatment_check_risk(struct web *w, const struct treatment *t, struct issues *out)
{
    struct treatment before;
    struct risk after;
    bool known, changed;

    if (!counts(t))
        return NULL;
    TRY(load_before(w, t->id, &before, &known));
    if (known && same_share(&before, t))
        return NULL;
    return treatment_outlook(w, t, &after, &changed, out);
}

/* Takes the residual level away that `t` alone had given the risk; one that somebody scored by hand
 * stays. `*gone` = it was taken away. */
static struct err *take_back(struct web *w, const struct treatment *t, struct risk *risk,
                             bool *gone)
{
    struct risk carried = *risk;
    struct treatment before;
    bool known, any;

    *gone = false;
    TRY(load_before(w, t->id, &before, &known));
    if (!known || !counts(&before))
        return NULL;
    TRY(expected(w, t->id, &before, &carried, &any));
    if (!any || !same_residual(&carried, risk))
        return NULL;
    risk->residual_likelihood = risk->residual_impact = 0;
    risk->residual_axes = NULL;
    *gone = true;
    return NULL;
}

static struct err *write_residual(struct web *w, struct risk *risk, const char *reason)
{
    struct issues refused = {.arena = w->arena};

    TRY(entity_write_lent(w, &risk_entity, risk, reason, &refused));
    if (refused.count) /* not seen before: nothing may stay */
        return err_new(ERR_INVALID, "%s", refused.list[0].text);
    return NULL;
}

struct err *treatment_carry(struct web *w, const struct treatment *t)
{
    struct issues refused = {.arena = w->arena};
    struct risk before, risk;
    bool any, gone = false;

    TRY(entity_load_any(w, &risk_entity, t->risk, &risk));
    before = risk;
    TRY(expected(w, 0, NULL, &risk, &any));
    if (!any)
        TRY(take_back(w, t, &risk, &gone));
    if (same_residual(&before, &risk))
        return NULL;
    if (gone)
        return write_residual(w, &risk, "no treatment expects it any more");
    TRY(risk_entity.derive(w, &risk, &refused));
    if (refused.count) /* told where a treatment was to change it; this one changes nothing here */
        return NULL;
    return write_residual(w, &risk, "expected after treatment");
}
