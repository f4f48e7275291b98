/* SPDX-License-Identifier: Apache-2.0 */
/* Impacts of a risk along the axes of its method: one impact follows from them, some are accepted
 * by nobody; how they are asked for and shown. */
#include "base/text.h"
#include "base/words.h"
#include "core/page.h"
#include "feature/risk/risk_part.h"

/* --- rules --- */

static bool has_axes(const struct risk *r)
{
    return !text_empty(r->inherent_axes) || !text_empty(r->current_axes) ||
           !text_empty(r->residual_axes);
}

static i64 *impact_at(struct risk *r, enum risk_kind kind)
{
    return kind == RISK_INHERENT  ? &r->inherent_impact
           : kind == RISK_CURRENT ? &r->current_impact
                                  : &r->residual_impact;
}

static const char **axes_at(struct risk *r, enum risk_kind kind)
{
    return kind == RISK_INHERENT  ? &r->inherent_axes
           : kind == RISK_CURRENT ? &r->current_axes
                                  : &r->residual_axes;
}

struct err *risk_judge(struct web *w, struct risk *r, struct method_ruler *ruler,
                       const struct risk_before *before, struct issues *out)
{
    *ruler = (struct method_ruler){.count = 0};
    if (!has_axes(r)) {
        r->inherent_axes = r->current_axes = r->residual_axes = NULL;
        return NULL;
    }
    TRY(method_ruler_load(w, r->method, ruler));
    for (enum risk_kind k = RISK_INHERENT; k < RISK_KINDS; k++) {
        const struct risk_level *l = &risk_levels[k];
        i64 *impact = impact_at(r, k);
        struct method_settled said;

        method_settle(w->arena, ruler, before ? before->impact[k] : *impact, axes_at(r, k), impact,
                      &said);
        if (said.axes)
            issue(out, l->axes, "%s", said.axes);
        if (said.impact)
            issue(out, l->impact, "%s", said.impact);
        if (!said.axes && risk_likelihood(r, k) && !*impact)
            issue(out, l->impact,
                  "%s level: a likelihood without an impact gives no level. Choose the impact "
                  "too, or leave both empty.",
                  l->label);
    }
    return NULL;
}

/* The axes that stand for a kind of level: its own, or those of the one before it. */
static const char *axes_for(const struct risk *r, enum risk_kind kind)
{
    for (enum risk_kind k = kind;; k--) {
        if (!text_empty(risk_axes(r, k)) || k == RISK_INHERENT)
            return risk_axes(r, k);
    }
}

/* What weighs now, or what remains. */
static enum risk_kind weighing(const struct risk *r, bool now)
{
    if (!now && r->residual_score)
        return RISK_RESIDUAL;
    return r->current_score ? RISK_CURRENT : RISK_INHERENT;
}

static bool vetoed(struct web *w, const struct risk *r, const struct method_ruler *ruler, bool now)
{
    enum risk_kind k = weighing(r, now);
    struct method_judged j;

    method_judge(w->arena, ruler, axes_for(r, k), &j);
    return method_vetoed(&j, risk_impact(r, k));
}

void risk_set_vetoes(struct web *w, struct risk *r, const struct method_ruler *ruler)
{
    r->vetoed = r->residual_vetoed = 0;
    if (!ruler->count || text_equal(r->state, "closed"))
        return;
    r->vetoed = vetoed(w, r, ruler, true);
    r->residual_vetoed = vetoed(w, r, ruler, false);
}

struct err *risk_veto(struct web *w, const struct risk *r, bool now, const char **out)
{
    enum risk_kind k = weighing(r, now);
    struct method_ruler ruler;
    struct method_judged j;

    *out = "";
    if (!has_axes(r) || text_equal(r->state, "closed"))
        return NULL;
    TRY(method_ruler_load(w, r->method, &ruler));
    method_judge(w->arena, &ruler, axes_for(r, k), &j);
    *out = method_veto_text(w->arena, &j, risk_impact(r, k));
    return NULL;
}

/* --- showing --- */

struct err *risk_draw_axes(struct web *w, const struct risk *r, enum risk_kind kind)
{
    struct method_ruler ruler;
    struct method_judged j;

    if (text_empty(risk_axes(r, kind)))
        return NULL;
    TRY(method_ruler_load(w, r->method, &ruler));
    method_judge(w->arena, &ruler, risk_axes(r, kind), &j);
    if (!j.wrong)
        html(w->html, "<div class='list-sub'>{Impact %s}<br>%s</div>",
             method_judged_why(w->arena, &j), method_judged_text(w->arena, &j));
    return NULL;
}

/* --- asking --- */

/* What the form sent for the field, else what the record has. */
static const char *chosen_text(struct web *w, const struct field *f, const void *record)
{
    const char *list = arena_printf(w->arena, "%s[]", f->name);
    const struct issues some = {.count = 1};
    bool sent = w->req && form_sent(w, w->req->form.count ? &some : NULL, list);
    const char *text = field_str(f, record);
    struct buf b;

    if (!sent)
        return text ? text : "";
    buf_init(&b, w->arena, 120);
    for (size_t i = 0; i < w->req->form.count; i++)
        if (text_equal(w->req->form.list[i].name, list))
            buf_printf(&b, "%s,", w->req->form.list[i].value);
    return b.data;
}

static struct err *draw_axis(struct web *w, const struct field *f,
                             const struct method_judged *chosen, size_t k)
{
    const struct method_axis *x = &chosen->ruler->axes[k];
    struct html *h = w->html;
    struct method_level *levels;
    size_t n;

    TRY(method_levels(w, chosen->ruler->method, arena_printf(w->arena, "impact:%s", x->code),
                      &levels, &n));
    html(h,
         "<div class='field'><label class='form-label' for='f-%s-%s'>%s</label><select "
         "class='form-select' id='f-%s-%s' name='%s[]' data-weight='%lld'><option value=''>{Not "
         "judged}</option>",
         f->name, x->code, tr(x->label), f->name, x->code, f->name, x->weight);
    for (size_t i = 0; i < n; i++)
        html(h, "<option value='%s=%lld'%s>%lld — %s: %s</option>", x->code, levels[i].level,
             levels[i].level == chosen->levels[k] ? " selected" : "", levels[i].level,
             tr(levels[i].label), risk_cut(w, tr(levels[i].descriptor), 110));
    html(h, "</select>");
    if (x->never)
        html(h, "<div class='form-hint'>{Never acceptable from %lld}</div>", x->never);
    html(h, "</div>");
    return NULL;
}

struct err *risk_axes_input(struct web *w, const struct field *f, const void *record)
{
    struct method_ruler ruler;
    struct method_judged chosen;
    struct method m;

    TRY(method_current(w, &m));
    TRY(method_ruler_load(w, m.id, &ruler));
    method_judge(w->arena, &ruler, chosen_text(w, f, record), &chosen);
    html(w->html,
         "<input type='hidden' name='%s[]' value=''><div class='form-grid' id='f-%s' data-axes "
         "data-rule='%s'>",
         f->name, f->name, ruler.weighted ? "weighted" : "max");
    for (size_t k = 0; k < ruler.count; k++)
        TRY(draw_axis(w, f, &chosen, k));
    html(w->html, "</div>");
    return NULL;
}
