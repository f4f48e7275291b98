/* SPDX-License-Identifier: Apache-2.0 */
/* What is left of each risk of a treatment for several: one wish for all ("one lower than now") or
 * one of its own, for likelihood and impact or axis by axis of the risk method. */
#include "base/text.h"
#include "base/words.h"
#include "feature/treatment/many.h"

static const char *sent(const struct many *m, const char *name)
{
    const char *text = m->wishes ? pairs_get(m->wishes, name) : NULL;

    return text ? text : "";
}

static const char *axes_now(const struct risk *r)
{
    return r->current_score && !text_empty(r->current_axes) ? r->current_axes : r->inherent_axes;
}

struct err *many_axes(struct web *w, struct many *m)
{
    struct method now;

    m->likelihood = sent(m, "all_likelihood");
    m->impact = sent(m, "all_impact");
    TRY(method_current(w, &now));
    TRY(method_ruler_load(w, now.id, &m->ruler));
    m->axes = NEW_ARRAY(w->arena, const char *, m->ruler.count + 1);
    for (size_t k = 0; k < m->ruler.count; k++)
        m->axes[k] = sent(m, arena_printf(w->arena, "all_axis.%s", m->ruler.axes[k].code));
    return NULL;
}

/* Risks that wait to be moved were judged by an older version. */
static struct err *ruler_of(struct web *w, struct many *m, i64 method,
                            const struct method_ruler **out)
{
    struct method_ruler *other;

    *out = &m->ruler;
    if (method == m->ruler.method)
        return NULL;
    other = NEW(w->arena, struct method_ruler);
    *out = other;
    return method_ruler_load(w, method, other);
}

struct err *many_row_fill(struct web *w, struct many *m, struct many_row *row)
{
    const struct method_ruler *ruler;

    row->likelihood = sent(m, arena_printf(w->arena, "likelihood.%lld", row->risk.id));
    row->impact = sent(m, arena_printf(w->arena, "impact.%lld", row->risk.id));
    TRY(ruler_of(w, m, row->risk.method, &ruler));
    method_judge(w->arena, ruler, axes_now(&row->risk), &row->now);
    row->axes = NEW_ARRAY(w->arena, const char *, ruler->count + 1);
    for (size_t k = 0; k < ruler->count; k++)
        row->axes[k] =
            sent(m, arena_printf(w->arena, "axis.%lld.%s", row->risk.id, ruler->axes[k].code));
    m->judged = m->judged || row->now.text;
    return NULL;
}

/* "3" is level 3, "-1" one lower than now but at least 1, "0" what it is now, "" as for all; 0 =
 * nothing said. */
static i64 level(const char *own, const char *all, i64 now)
{
    const char *text = text_empty(own) ? all : own;
    i64 n;

    if (text_empty(text) || !text_i64(text, &n))
        return 0;
    if (n > 0)
        return n;
    if (!now)
        return 0;
    return now + n < 1 ? 1 : now + n;
}

static const char *wish_for_all(const struct many *m, const char *code)
{
    for (size_t k = 0; k < m->ruler.count; k++)
        if (text_equal(m->ruler.axes[k].code, code))
            return m->axes[k];
    return "";
}

/* Axes on which the risk is judged now; those that no wish names stay as they are. NULL when none
 * is named, so that likelihood and impact are what is asked. */
static const char *axes_then(struct web *w, const struct many *m, struct many_row *row)
{
    const struct method_ruler *ruler = row->now.ruler;
    bool wished = false;
    struct buf b;

    buf_init(&b, w->arena, 120);
    for (size_t k = 0; k < ruler->count; k++) {
        i64 now = row->now.levels[k];
        i64 then = level(row->axes[k], wish_for_all(m, ruler->axes[k].code), now);

        if (!now && !text_empty(row->axes[k]))
            row->refused = arena_printf(w->arena,
                                        tr("It is not judged on “%s” today, so nothing can be "
                                           "expected there. Judge it first."),
                                        tr(ruler->axes[k].label));
        if (!now)
            continue;
        wished = wished || then;
        buf_printf(&b, "%s%s=%lld", b.size ? "," : "", ruler->axes[k].code, then ? then : now);
    }
    return wished && b.size ? b.data : NULL;
}

static bool as_now(const struct many *m, const struct many_row *row)
{
    return text_equal(text_empty(row->impact) ? m->impact : row->impact, "0");
}

void many_levels(struct web *w, const struct many *m, struct many_row *row)
{
    const struct risk *r = &row->risk;
    bool current = r->current_score != 0;

    row->to_likelihood = level(row->likelihood, m->likelihood,
                               current ? r->current_likelihood : r->inherent_likelihood);
    row->to_impact =
        level(row->impact, m->impact, current ? r->current_impact : r->inherent_impact);
    row->to_axes = axes_then(w, m, row);
    if (!row->to_axes && as_now(m, row))
        row->to_axes = row->now.text;
    if (row->to_axes && text_empty(row->impact))
        row->to_impact = 0; /* it follows from them */
}
