/* SPDX-License-Identifier: Apache-2.0 */
/* Saving a treatment together with what it makes of its risk: first everything is checked, then
 * both are written, so that a refusal leaves nothing behind. */
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

/* The expected levels of the risk's open treatments, taken together, are its residual: the lowest
 * likelihood and the lowest impact, on each axis where they say so, that any of them reaches. Who
 * retains a risk changes nothing about it. `t` stands for what is stored of it; NULL: all as it is
 * stored. */
static struct err *expected(struct web *w, const struct treatment *t, struct risk *risk)
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
                 num(w->org), num(risk->id), num(t ? t->id : 0)));
    while (row_next(r)) {
        struct treatment other = {.expected_likelihood = row_num(r, 0),
                                  .expected_impact = row_num(r, 1),
                                  .expected_axes = row_str(r, 2)};

        take(w, &ruler, &other, &sum);
    }
    if (t && !text_equal(t->option, "retain") && !text_equal(t->state, "cancelled"))
        take(w, &ruler, t, &sum);
    if (!sum.likelihood || !sum.impact)
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

    TRY(entity_load(w, &risk_entity, t->risk, risk));
    before = *risk;
    TRY(expected(w, t, risk));
    *changed = !same_residual(&before, risk);
    if (!*changed)
        return NULL;
    TRY(risk_entity.derive(w, risk, &found));
    tell(&found, out);
    return NULL;
}

struct err *treatment_carry(struct web *w, i64 id)
{
    struct issues refused = {.arena = w->arena};
    struct risk before, risk;

    TRY(entity_load_any(w, &risk_entity, id, &risk));
    before = risk;
    TRY(expected(w, NULL, &risk));
    if (same_residual(&before, &risk))
        return NULL;
    TRY(risk_entity.derive(w, &risk, &refused));
    if (refused.count) /* a form has told it at its fields; elsewhere the risk stays as it was */
        return NULL;
    TRY(entity_write_lent(w, &risk_entity, &risk, "expected after treatment", &refused));
    if (refused.count) /* not seen above: nothing may stay */
        return err_new(ERR_INVALID, "%s", refused.list[0].text);
    return NULL;
}

struct err *treatment_store(struct web *w, struct treatment *t, const char *reason,
                            struct issues *out)
{
    struct risk risk;
    bool changed;

    TRY(treatment_entity.derive(w, t, out)); /* the impact of its axes */
    if (out->count)
        return NULL;
    TRY(treatment_outlook(w, t, &risk, &changed, out));
    if (out->count)
        return NULL;
    return entity_write(w, &treatment_entity, t, reason, out);
}
