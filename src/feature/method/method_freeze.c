/* SPDX-License-Identifier: Apache-2.0 */
/* The text that is approved, and the rules of a version as sentences. The text is the same for
 * every reader, since its hash is compared. Versions of before there was an editor keep their old
 * text, so that what was approved then still holds. */
#include "base/text.h"
#include "base/words.h"
#include "feature/method/method_part.h"

/* --- the text --- */

static struct err *old_lines(struct web *w, const struct method *m, struct buf *b)
{
    static const char *const axes[] = {"likelihood", "impact"};
    struct method_level *levels;
    size_t n;

    buf_printf(b,
               "method M-%lld version %lld\ntitle: %s\nacceptance: %lld\nimpact: %s\n"
               "repeat every: %lld months\nrules: %s\n",
               m->number, m->version, m->title, m->acceptance, m->impact_rule, m->review_months,
               m->acceptance_rule ? m->acceptance_rule : "");
    for (size_t a = 0; a < 2; a++) {
        TRY(method_levels(w, m->id, axes[a], &levels, &n));
        for (size_t i = 0; i < n; i++)
            buf_printf(b, "%s %lld: %s: %s\n", axes[a], levels[i].level, levels[i].label,
                       levels[i].descriptor);
    }
    return NULL;
}

static struct err *cell_lines(struct web *w, const struct method *m, struct buf *b)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select likelihood, impact, score, band from method_cell where org_id = $1"
                 " and method = $2 order by likelihood, impact",
                 num(w->org), num(m->id)));
    while (row_next(r))
        buf_printf(b, "cell %lld/%lld: %lld %s\n", row_num(r, 0), row_num(r, 1), row_num(r, 2),
                   row_text(r, 3));
    return NULL;
}

static void axis_lines(struct buf *b, const struct scales *s)
{
    for (size_t k = 0; k < s->naxes; k++) {
        const struct scale_axis *x = &s->axes[k];

        buf_printf(b, "axis %s: %s, weight %lld, in %s", x->code, x->label, x->weight, x->unit);
        if (x->never)
            buf_printf(b, ", never acceptable from %lld", x->never);
        buf_char(b, '\n');
        for (i64 i = 0; i < s->impacts && !text_equal(x->unit, "words"); i++)
            if (!text_empty(x->upto[i]))
                buf_printf(b, "    level %lld up to %s\n", i + 1, x->upto[i]);
    }
    for (i64 l = 0; l < s->likelihoods; l++)
        if (!text_empty(s->likelihood_upto[l]))
            buf_printf(b, "likelihood %lld up to %s a year\n", l + 1, s->likelihood_upto[l]);
}

static void map_lines(struct buf *b, const struct scales *s)
{
    for (i64 i = 0; i < s->before_likelihoods; i++)
        buf_printf(b, "likelihood %lld becomes %lld\n", i + 1, s->map_likelihood[i]);
    for (i64 i = 0; i < s->before_impacts; i++)
        buf_printf(b, "impact %lld becomes %lld\n", i + 1, s->map_impact[i]);
}

static struct err *new_lines(struct web *w, const struct method *m, struct buf *b)
{
    struct method old;
    struct scales s;

    TRY(scales_load(w, m, &s));
    buf_printf(b,
               "never above: %lld\nacceptance ends after: %lld months\nexisting controls: %s\n"
               "order: %s\nassess anew: %lld\n",
               m->never_above, m->accept_months, m->existing_rule ? m->existing_rule : "",
               m->ranking ? m->ranking : "", m->triggers);
    for (size_t i = 0; i < METHOD_BANDS; i++)
        if (s.bands[i].label)
            buf_printf(b, "band %s up to %lld: %s: %s: %s\n", scale_bands[i], s.bands[i].upto,
                       s.bands[i].label, s.bands[i].meaning, s.bands[i].action);
    axis_lines(b, &s);
    if (!m->base || !s.before_likelihoods)
        return NULL;
    TRY(method_load(w, m->base, &old));
    buf_printf(b, "made from: M-%lld\n", old.number);
    map_lines(b, &s);
    return NULL;
}

struct err *method_freeze(struct web *w, const struct method *m, const char **body)
{
    struct buf b;

    buf_init(&b, w->arena, 8192);
    TRY(old_lines(w, m, &b));
    TRY(cell_lines(w, m, &b));
    if (!text_empty(m->scales))
        TRY(new_lines(w, m, &b));
    *body = b.data;
    return NULL;
}

/* --- the rules --- */

struct list {
    struct web *w;
    struct method_rule *rules;
    size_t count;
};

static void rule(struct list *l, const char *label, const char *text)
{
    if (!text_empty(text))
        l->rules[l->count++] = (struct method_rule){tr(label), text};
}

static const char *choice_text(const char *field, const char *code)
{
    const struct choice *c = choice_find(entity_field(&method_entity, field)->choices, code);

    return c ? tr(c->label) : NULL;
}

static const char *never_text(struct web *w, const struct scales *s)
{
    struct buf b;

    buf_init(&b, w->arena, 200);
    for (size_t k = 0; k < s->naxes; k++)
        if (s->axes[k].never)
            buf_printf(&b, "%s%s", b.size ? "\n" : "",
                       arena_printf(w->arena, tr("%s: from level %lld (%s)"), s->axes[k].label,
                                    s->axes[k].never, s->impact[s->axes[k].never - 1]));
    return b.data;
}

static const char *weights_text(struct web *w, const struct scales *s)
{
    struct buf b;

    buf_init(&b, w->arena, 200);
    for (size_t k = 0; k < s->naxes; k++)
        buf_printf(&b, "%s%s %lld", b.size ? ", " : "", s->axes[k].label, s->axes[k].weight);
    return b.data;
}

static const char *triggers_text(struct web *w, i64 triggers)
{
    const struct choice *c = entity_field(&method_entity, "triggers")->choices;
    struct buf b;

    buf_init(&b, w->arena, 300);
    for (int i = 0; c[i].code; i++)
        if (triggers >> i & 1)
            buf_printf(&b, "%s%s", b.size ? "\n" : "", tr(c[i].label));
    return b.data;
}

struct err *method_rules(struct web *w, const struct method *m, const struct scales *s,
                         struct method_rule **out, size_t *count)
{
    struct list l = {.w = w, .rules = NEW_ARRAY(w->arena, struct method_rule, 16)};
    struct arena *a = w->arena;

    rule(&l, N_("Impact of a risk"), choice_text("impact_rule", m->impact_rule));
    if (text_equal(m->impact_rule, "weighted"))
        rule(&l, N_("Weights"), weights_text(w, s));
    rule(&l, N_("Acceptance level"),
         arena_printf(a,
                      tr("Up to %lld the owner of the risk may accept it. Above it, top "
                         "management decides."),
                      m->acceptance));
    if (m->accept_months)
        rule(&l, N_("An acceptance ends"),
             arena_printf(a,
                          tr_n("after %lld month at the latest", "after %lld months at the latest",
                               m->accept_months),
                          m->accept_months));
    if (m->never_above)
        rule(&l, N_("Never accepted above"),
             arena_printf(a, tr("%lld: such a risk is treated, or the activity ends."),
                          m->never_above));
    rule(&l, N_("Never acceptable"), never_text(w, s));
    rule(&l, N_("Rules of acceptance"), m->acceptance_rule ? tr(m->acceptance_rule) : NULL);
    rule(&l, N_("Credit for existing controls"), choice_text("existing_rule", m->existing_rule));
    rule(&l, N_("Order of risks"), choice_text("ranking", m->ranking));
    rule(&l, N_("Not scored"),
         tr("A risk without a score stays “not scored”; it never counts as "
            "low."));
    rule(&l, N_("The assessment is repeated"),
         arena_printf(a, tr_n("every %lld month", "every %lld months", m->review_months),
                      m->review_months));
    rule(&l, N_("Assess anew also after"), triggers_text(w, m->triggers));
    rule(&l, N_("Note"), m->note);
    *out = l.rules;
    *count = l.count;
    return NULL;
}
