/* SPDX-License-Identifier: Apache-2.0 */
/* What a list shows, in words: on the page, in a workbook, on a printed report. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/catalogue.h"
#include "core/content.h"
#include "core/entity_sql.h"
#include "core/list_dates.h"
#include "core/list_part.h"

static struct err *record_text(struct web *w, i64 id, const char **out)
{
    struct record_head head;

    TRY(record_head(w, id, &head));
    *out = record_head_text(w, &head);
    return NULL;
}

struct err *list_value_told(struct web *w, const struct field *f, const struct list_value *v,
                            const char **out)
{
    const struct choice *c = f->choices ? choice_find(f->choices, v->text) : NULL;

    *out = v->text;
    if ((f->kind == FIELD_REF || f->kind == FIELD_REFS) && f->ref)
        return entity_title(w, f->ref, v->num, out, NULL);
    if (f->kind == FIELD_RECORD || f->kind == FIELD_REFS)
        return record_text(w, v->num, out);
    if (f->kind == FIELD_BOOL)
        *out = v->num ? tr("yes") : tr("no");
    else if (c)
        *out = tr(c->label);
    else if (f->kind == FIELD_CODE && w->app && w->app->content)
        *out = catalogue_label(w, f->catalogue, v->text);
    else if (f->kind == FIELD_DATE || f->kind == FIELD_TIME)
        *out = list_when(w->arena, v->text);
    return NULL;
}

static struct err *values_told(struct web *w, const struct list_filter *f, const char **out)
{
    const struct list_value single = {f->text, f->num};
    const struct list_value *values = f->values ? f->values : &single;
    size_t n = f->values ? f->nvalues : 1;
    struct buf b;

    buf_init(&b, w->arena, 64);
    for (size_t i = 0; i < n; i++) {
        const char *text;

        TRY(list_value_told(w, f->field, &values[i], &text));
        buf_printf(&b, "%s%s", i ? ", " : "", text);
    }
    if (f->or_empty)
        buf_printf(&b, ", %s", tr("none"));
    *out = b.data;
    return NULL;
}

/* Dates say "from" and "until", figures have signs. */
static const char *end_told(struct web *w, const struct list_filter *f, const char *label)
{
    const char *when = list_when(w->arena, f->text);

    if (f->field->kind == FIELD_DATE || f->field->kind == FIELD_TIME)
        return arena_printf(w->arena, f->how == LIST_MIN ? tr("%s: from %s") : tr("%s: until %s"),
                            label, when);
    return arena_printf(w->arena, "%s %s %s", label, f->how == LIST_MIN ? "≥" : "≤", f->text);
}

struct err *list_told(struct web *w, const struct list_filter *f, const char **out)
{
    struct arena *a = w->arena;
    const char *label = f->field ? tr(f->field->label) : "", *text;

    if (!f->field) {
        *out = tr("Mine");
        return NULL;
    }
    switch (f->how) {
    case LIST_EMPTY:
        *out = arena_printf(a, tr("%s: none"), label);
        return NULL;
    case LIST_FILLED:
        *out = arena_printf(a, tr("%s: any"), label);
        return NULL;
    case LIST_HAS:
        *out = arena_printf(a, tr("%s contains “%s”"), label, f->text);
        return NULL;
    case LIST_RANGE:
        *out = arena_printf(a, "%s: %s", label, list_when(a, f->text));
        return NULL;
    case LIST_MIN:
    case LIST_MAX:
        *out = end_told(w, f, label);
        return NULL;
    case LIST_IS:
    case LIST_NOT:
    case LIST_ALL:
        break;
    }
    TRY(values_told(w, f, &text));
    if (f->how == LIST_NOT)
        *out = arena_printf(a, tr("%s: not %s"), label, text);
    else if (f->how == LIST_ALL)
        *out = arena_printf(a, tr("%s: all of %s"), label, text);
    else
        *out = arena_printf(a, "%s: %s", label, text);
    return NULL;
}

struct err *list_told_whole(struct web *w, const struct list_query *q, const char **out)
{
    struct buf b;
    const char *text;

    buf_init(&b, w->arena, 200);
    if (q->q)
        buf_printf(&b, tr("contains “%s”"), q->q);
    for (size_t i = 0; i < q->nfilters; i++) {
        TRY(list_told(w, &q->filters[i], &text));
        buf_printf(&b, "%s%s", b.size ? "; " : "", text);
    }
    *out = b.data;
    return NULL;
}

const char *list_order_told(struct web *w, const struct list_query *q)
{
    const char *label = q->sort ? tr(q->sort->label) : tr("Number");

    return q->descending ? arena_printf(w->arena, tr("%s, descending"), label) : label;
}
