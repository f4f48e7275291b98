/* SPDX-License-Identifier: Apache-2.0 */
/* Impacts per axis: their text, the one impact that follows from them, what nobody may accept, and
 * what becomes of them in a new version. */
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "base/words.h"
#include "core/kept.h"
#include "feature/method/method_part.h"

/* --- axes --- */

/* Of versions whose rows were written before there were rows of axes. */
static struct err *axes_of_scales(struct web *w, i64 method, struct method_axis **out,
                                  size_t *count)
{
    struct scales s;
    struct method m;

    TRY(method_load(w, method, &m));
    TRY(scales_load(w, &m, &s));
    *out = NEW_ARRAY(w->arena, struct method_axis, s.naxes + 1);
    *count = s.naxes;
    for (size_t k = 0; k < s.naxes; k++)
        (*out)[k] = (struct method_axis){s.axes[k].code, s.axes[k].label, s.axes[k].weight,
                                         s.axes[k].never};
    return NULL;
}

struct err *method_axes(struct web *w, i64 method, struct method_axis **out, size_t *count)
{
    struct rows *r;
    size_t n = 0;

    TRY(kept_query(w, &r,
                   "select axis, label, weight, never from method_axis where org_id = $1"
                   " and method = $2 order by position",
                   DB_VALS(num(w->org), num(method)), 2));
    if (!row_count(r))
        return axes_of_scales(w, method, out, count);
    *out = NEW_ARRAY(w->arena, struct method_axis, row_count(r) + 1);
    while (row_next(r))
        (*out)[n++] =
            (struct method_axis){row_str(r, 0), row_str(r, 1), row_num(r, 2), row_num(r, 3)};
    *count = n;
    return NULL;
}

i64 method_impact(bool weighted, const struct method_axis *axes, const i64 *levels, size_t count)
{
    i64 most = 0, sum = 0, weights = 0;

    for (size_t k = 0; k < count; k++) {
        if (!levels[k])
            continue;
        if (levels[k] > most)
            most = levels[k];
        sum += axes[k].weight * levels[k];
        weights += axes[k].weight;
    }
    if (!weighted || !weights)
        return most;
    return (2 * sum + weights) / (2 * weights);
}

/* --- reading a text --- */

static size_t axis_at(const struct method_ruler *ruler, const char *code, size_t size)
{
    for (size_t k = 0; k < ruler->count; k++)
        if (strlen(ruler->axes[k].code) == size &&
            strncasecmp(ruler->axes[k].code, code, size) == 0)
            return k;
    return ruler->count;
}

static const char *all_codes(struct arena *a, const struct method_ruler *ruler)
{
    struct buf b;

    buf_init(&b, a, 120);
    for (size_t k = 0; k < ruler->count; k++)
        buf_printf(&b, "%s%s", k ? ", " : "", ruler->axes[k].code);
    return b.data;
}

/* One "code=level" of `size` bytes. */
static void read_one(struct arena *a, struct method_judged *j, const char *text, size_t size)
{
    const struct method_ruler *ruler = j->ruler;
    size_t code = strcspn(text, "=:"), k;
    const char *number;
    i64 level;

    if (code >= size) {
        j->wrong = arena_printf(a, tr("“%.*s” is no level of an axis. Write it like %s=3."),
                                (int)(size < 40 ? size : 40), text, ruler->axes[0].code);
        return;
    }
    k = axis_at(ruler, text, code);
    if (k == ruler->count) {
        j->wrong =
            arena_printf(a, tr("The risk method M-%lld has no axis “%.*s”. Its axes are %s."),
                         ruler->number, (int)(code < 40 ? code : 40), text, all_codes(a, ruler));
        return;
    }
    number = arena_strn(a, text + code + 1, size - code - 1);
    if (!text_i64(number, &level) || level < 1 || level > ruler->levels)
        j->wrong =
            arena_printf(a, tr("“%s”: the level is a number from 1 to %lld, and “%.20s” is none."),
                         tr(ruler->axes[k].label), ruler->levels, number);
    else if (j->levels[k] && j->levels[k] != level)
        j->wrong = arena_printf(a, tr("“%s” is given twice, with different levels."),
                                tr(ruler->axes[k].label));
    else
        j->levels[k] = level;
}

static const char *canonical(struct arena *a, const struct method_judged *j)
{
    struct buf b;

    buf_init(&b, a, 120);
    for (size_t k = 0; k < j->ruler->count; k++)
        if (j->levels[k])
            buf_printf(&b, "%s%s=%lld", b.size ? "," : "", j->ruler->axes[k].code, j->levels[k]);
    return b.size ? b.data : NULL;
}

struct err *method_ruler_load(struct web *w, i64 method, struct method_ruler *out)
{
    struct method m;

    TRY(method_load(w, method, &m));
    *out = (struct method_ruler){.method = method,
                                 .number = m.number,
                                 .levels = m.impact_levels,
                                 .weighted = text_equal(m.impact_rule, "weighted")};
    return method_axes(w, method, &out->axes, &out->count);
}

void method_judge(struct arena *a, const struct method_ruler *ruler, const char *text,
                  struct method_judged *out)
{
    static const char *const between = ",; \t\r\n";

    *out = (struct method_judged){.ruler = ruler};
    out->levels = NEW_ARRAY(a, i64, ruler->count + 1);
    for (const char *p = text ? text : ""; ruler->count && *p && !out->wrong;) {
        size_t size = strcspn(p, between);

        if (size)
            read_one(a, out, p, size);
        p += size;
        p += strspn(p, between);
    }
    if (out->wrong)
        return;
    out->text = canonical(a, out);
    out->impact = method_impact(ruler->weighted, ruler->axes, out->levels, ruler->count);
}

void method_settle(struct arena *a, const struct method_ruler *ruler, i64 before, const char **axes,
                   i64 *impact, struct method_settled *out)
{
    struct method_judged j;

    *out = (struct method_settled){.axes = NULL};
    method_judge(a, ruler, *axes, &j);
    out->axes = j.wrong;
    if (j.wrong)
        return;
    *axes = j.text;
    if (j.impact && *impact && *impact != j.impact && *impact != before)
        out->impact = arena_printf(a,
                                   tr("The impact follows from its axes and is %s. Change those, "
                                      "or empty them to give one impact."),
                                   method_judged_why(a, &j));
    else if (j.impact)
        *impact = j.impact;
}

/* --- words --- */

/* "Availability 4, Legal 2"; with `only`, those of that level. */
static const char *list_levels(struct arena *a, const struct method_judged *j, i64 only)
{
    struct buf b;

    buf_init(&b, a, 120);
    for (size_t k = 0; k < j->ruler->count; k++) {
        if (!j->levels[k] || (only && j->levels[k] != only))
            continue;
        buf_printf(&b, "%s%s", b.size ? ", " : "", tr(j->ruler->axes[k].label));
        if (!only)
            buf_printf(&b, " %lld", j->levels[k]);
    }
    return b.data;
}

const char *method_judged_text(struct arena *a, const struct method_judged *j)
{
    return list_levels(a, j, 0);
}

struct err *method_axes_told(struct web *w, i64 method, const char *text, const char **out)
{
    struct method_ruler ruler;
    struct method_judged j;

    *out = text ? text : "";
    if (text_empty(text) || !method)
        return NULL;
    TRY(method_ruler_load(w, method, &ruler));
    method_judge(w->arena, &ruler, text, &j);
    if (!j.wrong && j.text)
        *out = method_judged_text(w->arena, &j);
    return NULL;
}

const char *method_judged_why(struct arena *a, const struct method_judged *j)
{
    if (!j->impact)
        return "";
    if (j->ruler->weighted)
        return arena_printf(a, tr("%lld, the weighted mean of %s"), j->impact,
                            list_levels(a, j, 0));
    return arena_printf(a, tr("%lld, because of %s"), j->impact, list_levels(a, j, j->impact));
}

/* --- what nobody may accept --- */

/* One number for the impact says of an axis only that it is not above it; of a mean not even that.
 */
static bool is_veto(const struct method_judged *j, size_t k, i64 impact)
{
    i64 never = j->ruler->axes[k].never;

    return never && j->levels[k] >= never && (j->ruler->weighted || impact >= never);
}

bool method_vetoed(const struct method_judged *j, i64 impact)
{
    for (size_t k = 0; k < j->ruler->count; k++)
        if (is_veto(j, k, impact))
            return true;
    return false;
}

const char *method_veto_text(struct arena *a, const struct method_judged *j, i64 impact)
{
    struct buf b;

    buf_init(&b, a, 120);
    for (size_t k = 0; k < j->ruler->count; k++)
        if (is_veto(j, k, impact))
            buf_printf(
                &b, "%s%s", b.size ? "; " : "",
                arena_printf(a, tr("%s is %lld, never acceptable from %lld"),
                             tr(j->ruler->axes[k].label),
                             j->ruler->weighted || j->levels[k] < impact ? j->levels[k] : impact,
                             j->ruler->axes[k].never));
    return b.data;
}

/* "05,legal=5,": an impact from which it counts, and what to find in a text between commas. */
const char *method_veto_marks(struct arena *a, const struct method_ruler *ruler)
{
    struct buf b;

    buf_init(&b, a, 400);
    buf_char(&b, '[');
    for (size_t k = 0; k < ruler->count; k++) {
        const struct method_axis *x = &ruler->axes[k];

        for (i64 level = x->never; x->never && level <= ruler->levels; level++)
            buf_printf(&b, "%s\"%02lld,%s=%lld,\"", b.size > 1 ? "," : "",
                       ruler->weighted ? 0 : x->never, x->code, level);
    }
    buf_char(&b, ']');
    return b.data;
}

/* --- a new version --- */

const char *method_map_axes(struct arena *a, const struct method_map *map, const char *text,
                            i64 impact)
{
    struct method_judged old, new;
    struct buf b;

    if (text_empty(text))
        return NULL;
    method_judge(a, &map->old, text, &old);
    buf_init(&b, a, 120);
    for (size_t k = 0; k < map->old.count; k++)
        if (old.levels[k])
            buf_printf(&b, "%s%s=%lld", b.size ? "," : "", map->old.axes[k].code,
                       method_map_level(map->impact, old.levels[k]));
    method_judge(a, &map->new, b.data, &new);
    return !old.wrong && !new.wrong &&new.impact == impact ? new.text : NULL;
}

/* --- a draft in use --- */

static const struct scale_axis *axis_of(const struct scales *s, const char *code)
{
    for (size_t k = 0; k < s->naxes; k++)
        if (text_equal(s->axes[k].code, code))
            return &s->axes[k];
    return NULL;
}

/* What was judged keeps its axes, and the rule that made one impact out of them. */
static struct err *check_axes(struct web *w, const struct method *old, const struct method *now,
                              struct issues *out)
{
    bool weighted = text_equal(now->impact_rule, "weighted");
    struct scales before, after;

    if (!text_equal(old->impact_rule, now->impact_rule))
        issue(out, "impact_rule",
              "Risks were judged along the axes of this draft, so the rule for their impact stays. "
              "Make a new version instead.");
    if (text_equal(old->scales, now->scales) || text_empty(now->scales))
        return NULL;
    TRY(scales_load(w, old, &before));
    TRY(scales_load(w, now, &after));
    for (size_t k = 0; k < before.naxes; k++) {
        const struct scale_axis *x = axis_of(&after, before.axes[k].code);

        if (!x || (weighted && x->weight != before.axes[k].weight))
            issue(out, "axes",
                  "Risks were judged along the axes of this draft, so “%.60s” keeps its code and "
                  "weight and is not taken away. Make a new version instead.",
                  before.axes[k].label);
    }
    return NULL;
}

struct err *method_keeps_axes(struct web *w, const struct method *old, const struct method *now,
                              struct issues *out)
{
    struct rows *r;

    if (text_equal(old->impact_rule, now->impact_rule) && text_equal(old->scales, now->scales))
        return NULL;
    TRY(db_query(w->db, &r,
                 "select 1 from risk where org_id = $1 and method = $2 and (inherent_axes is not"
                 " null or current_axes is not null or residual_axes is not null) limit 1",
                 num(w->org), num(old->id)));
    return row_count(r) ? check_axes(w, old, now, out) : NULL;
}
