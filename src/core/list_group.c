/* SPDX-License-Identifier: Apache-2.0 */
/* A list by the values of a field: first the values are counted, then each group is an ordinary
 * list with one more filter. So a group is found as quickly as that filter, and a page goes on in
 * the middle of a group as any list does. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/entity_sql.h"
#include "core/list_part.h"

/* --- place: "<value in base64url>.<cursor within the group, or nothing>" --- */

static const char *place_write(struct arena *a, const char *value, const char *inner)
{
    return arena_printf(a, "%s.%s", list_url64(a, value), inner ? inner : "");
}

bool list_group_place(struct arena *a, const struct list_query *q, struct list_place *out)
{
    const char *dot = q->after ? strchr(q->after, '.') : NULL;
    struct bytes raw;

    *out = (struct list_place){0};
    if (!q->after)
        return true;
    if (!dot || !list_unurl64(a, arena_strn(a, q->after, (size_t)(dot - q->after)), &raw) ||
        !text_valid((const char *)raw.data, raw.size))
        return false;
    out->value = arena_strn(a, (const char *)raw.data, raw.size);
    out->after = dot[1] ? dot + 1 : NULL;
    return true;
}

/* --- order of the groups --- */

static int choice_place(const struct field *f, const char *value)
{
    const struct choice *c = f->choices ? choice_find(f->choices, value) : NULL;

    return c ? (int)(c - f->choices) : 1000;
}

static _Thread_local const struct field *ordering;

/* Choices as they are listed, figures from the highest, names by the alphabet; none at the end. */
static int by_place(const void *a, const void *b)
{
    const struct facet *x = a;
    const struct facet *y = b;
    bool none = text_equal(x->value, "none"), other = text_equal(y->value, "none");
    i64 m = 0, n = 0;

    if (none != other)
        return none - other;
    if (ordering->choices)
        return choice_place(ordering, x->value) - choice_place(ordering, y->value);
    if (ordering->kind == FIELD_LEVEL || ordering->kind == FIELD_BOOL) {
        text_i64(x->value, &m);
        text_i64(y->value, &n);
        return (m < n) - (m > n);
    }
    m = strcmp(x->label, y->label);
    return m ? (int)m : strcmp(x->value, y->value);
}

static struct err *read_groups(struct web *w, const struct list_query *q, struct facet **out,
                               size_t *count)
{
    struct list_query whole = *q;

    whole.group = NULL;
    whole.after = NULL;
    TRY(list_values(w, &whole, q->group, LIST_GROUPS, out, count));
    ordering = q->group;
    qsort(*out, *count, sizeof **out, by_place);
    return NULL;
}

/* The list of one group. */
static struct err *group_query(const struct list_query *q, const struct facet *group,
                               struct list_query *out)
{
    struct list_filter *f;

    *out = *q;
    out->group = NULL;
    out->after = NULL;
    out->planned = false;
    if (out->nfilters == LIST_FILTERS)
        return err_new(ERR_BAD, "Take out a filter to group this list.");
    f = &out->filters[out->nfilters++];
    *f = (struct list_filter){.field = q->group, .name = q->group->name, .how = LIST_IS};
    f->text = group->value;
    f->num = group->id;
    if (group->none)
        f->how = LIST_EMPTY;
    return NULL;
}

/* --- a page --- */

struct grouping {
    struct web *w;
    const struct list_query *q;
    struct list_result *out;
    size_t size;
    const char *fold; /* values of folded groups, joined */
};

static bool is_folded(const struct grouping *g, const char *value)
{
    return g->fold && list_names_value(g->fold, value);
}

/* The rows of one group as far as there is room; `*next` when there are more. */
static struct err *group_rows(struct grouping *g, const struct facet *group, const char *after,
                              struct list_group *into, const char **next)
{
    size_t room = g->size - g->out->count, size = g->q->entity->size;
    struct list_query q;
    struct list_result r = {0};

    *next = NULL;
    into->first = g->out->count;
    if (into->folded)
        return NULL;
    TRY(group_query(g->q, group, &q));
    q.after = after;
    TRY(list_plan(g->w, &q));
    TRY(list_rank(g->w, &q));
    TRY(list_page(g->w, &q, room, &r));
    memcpy((char *)g->out->records + g->out->count * size, r.records, r.count * size);
    g->out->count += r.count;
    g->out->partial = g->out->partial || r.partial;
    g->out->unranked = g->out->unranked || r.unranked;
    into->rows = r.count;
    *next = r.next;
    return NULL;
}

static size_t start_of(const struct facet *list, size_t count, const struct list_place *place)
{
    size_t i = 0;

    while (place->value && i < count && !text_equal(list[i].value, place->value))
        i++;
    return i;
}

struct err *list_group_page(struct web *w, const struct list_query *q, size_t size,
                            struct list_result *out)
{
    struct grouping g = {w, q, out, size, web_query(w, "fold")};
    struct list_place place;
    struct facet *list;
    const char *next = NULL;
    size_t count, i;

    if (!list_group_place(w->arena, q, &place))
        return err_new(ERR_BAD, "The place in the list (after=) cannot be read or belongs to "
                                "another order. Start again at the first page.");
    TRY(read_groups(w, q, &list, &count));
    out->records = arena_array(w->arena, size + 1, q->entity->size);
    out->groups = NEW_ARRAY(w->arena, struct list_group, count + 1);
    for (i = start_of(list, count, &place); i < count && out->count < size && !next; i++) {
        struct list_group *one = &out->groups[out->ngroups++];
        bool first = place.value && text_equal(list[i].value, place.value);

        *one = (struct list_group){.value = list[i].value,
                                   .label = list[i].label,
                                   .count = list[i].count,
                                   .folded = is_folded(&g, list[i].value),
                                   .goes_on = first && place.after};
        TRY(group_rows(&g, &list[i], first ? place.after : NULL, one, &next));
    }
    if (next)
        out->next = place_write(w->arena, list[i - 1].value, next);
    else if (i < count)
        out->next = place_write(w->arena, list[i].value, NULL);
    for (i = 0; i < count; i++)
        out->total += list[i].count;
    return NULL;
}

struct err *list_group_stream(struct web *w, const struct list_query *q, list_each *each, void *ctx)
{
    struct facet *list;
    size_t count;

    TRY(read_groups(w, q, &list, &count));
    for (size_t i = 0; i < count; i++) {
        struct list_query one;

        TRY(group_query(q, &list[i], &one));
        TRY(list_stream(w, &one, each, ctx));
    }
    return NULL;
}
