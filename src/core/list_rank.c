/* SPDX-License-Identifier: Apache-2.0 */
/* The order that people see: references by the name that is shown, choices as they are listed,
 * codes by their label, words as a dictionary has them ("apple, Ärger, Zebra"). The store keeps ids
 * and codes and compares bytes, so the values that occur are counted and put in order here; a page
 * is then read value by value, each by its index, as a group is. Words differ from row to row: they
 * are put in order only where the rows are few. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/entity_sql.h"
#include "core/list_part.h"

#define LUMP_MOST 100 /* values of one statement */

struct rank {
    struct facet facet;
    int place;       /* of a choice in its list */
    const char *key; /* folded label */
};

struct list_ranks {
    struct rank *list; /* ascending, "none" first */
    size_t count;
};

bool list_ranked(const struct web *w, const struct list_query *q)
{
    const struct field *f = q->sort;

    if (!f || q->one_value || (w->asof && f->derived) || q->nfilters == LIST_FILTERS)
        return false;
    return f->kind == FIELD_REF || f->kind == FIELD_CHOICE || f->kind == FIELD_CODE ||
           f->kind == FIELD_TEXT;
}

/* The count of the whole list is kept, so most lists ask nothing here. */
static struct err *few_rows(struct web *w, const struct list_query *q, bool *out)
{
    i64 n = LIST_RANKED_ROWS + 1;

    if (!q->entity->site)
        TRY(list_counts(w, &q->entity, 1, LIST_RANKED_ROWS, &n));
    if (n > LIST_RANKED_ROWS && (q->q || q->nfilters || q->extra || q->entity->site))
        TRY(list_count_capped(w, q, LIST_RANKED_ROWS, &n));
    *out = n <= LIST_RANKED_ROWS;
    return NULL;
}

static struct rank rank_of(struct arena *a, const struct field *f, struct facet facet)
{
    const struct choice *c = f->choices ? choice_find(f->choices, facet.value) : NULL;
    struct rank r = {facet, c ? (int)(c - f->choices) : INT32_MAX, text_fold(a, facet.label)};

    if (facet.none)
        r.place = -1;
    else if (!f->choices)
        r.place = 0;
    return r;
}

static int by_rank(const void *a, const void *b)
{
    const struct rank *x = a, *y = b;
    int n;

    if (x->place != y->place)
        return (x->place > y->place) - (x->place < y->place);
    n = strcmp(x->key, y->key);
    if (!n)
        n = strcmp(x->facet.label, y->facet.label);
    if (n)
        return n;
    if (x->facet.id != y->facet.id)
        return (x->facet.id > y->facet.id) - (x->facet.id < y->facet.id);
    return strcmp(x->facet.value, y->facet.value);
}

struct err *list_rank(struct web *w, struct list_query *q)
{
    struct list_query whole = *q;
    struct list_ranks *ranks;
    struct facet *facets;
    bool few;
    size_t n;

    q->ranks = NULL;
    if (!list_ranked(w, q))
        return NULL;
    if (q->sort->kind == FIELD_TEXT) {
        TRY(few_rows(w, q, &few));
        if (!few)
            return NULL;
    }
    whole.after = NULL;
    whole.group = NULL;
    TRY(list_values(w, &whole, q->sort, LIST_RANKS + 1, &facets, &n));
    if (n > LIST_RANKS)
        return NULL;
    ranks = NEW(w->arena, struct list_ranks);
    ranks->list = NEW_ARRAY(w->arena, struct rank, n + 1);
    ranks->count = n;
    for (size_t i = 0; i < n; i++)
        ranks->list[i] = rank_of(w->arena, q->sort, facets[i]);
    qsort(ranks->list, n, sizeof(ranks->list[0]), by_rank);
    q->ranks = ranks;
    return NULL;
}

/* --- where a page starts --- */

/* The value of a cursor as a rank: it may be gone from the list by now. */
static struct err *rank_at(struct web *w, const struct field *f, const struct val *v,
                           struct rank *out)
{
    struct facet facet = {.none = v->null, .value = "none", .label = ""};
    struct list_value value;

    if (!v->null) {
        bool text = v->kind == VAL_STR;

        facet.id = text ? 0 : v->num;
        facet.value = text ? v->data : arena_printf(w->arena, "%lld", v->num);
        value = (struct list_value){facet.value, facet.id};
        TRY(list_value_told(w, f, &value, &facet.label));
    }
    *out = rank_of(w->arena, f, facet);
    return NULL;
}

static bool same_value(const struct field *f, const struct rank *a, const struct rank *b)
{
    if (a->facet.none || b->facet.none)
        return a->facet.none == b->facet.none;
    return field_is_text(f) ? text_equal(a->facet.value, b->facet.value)
                            : a->facet.id == b->facet.id;
}

/* In the direction of the list. */
static const struct rank *turn(const struct list_query *q, size_t i)
{
    return &q->ranks->list[q->descending ? q->ranks->count - 1 - i : i];
}

/* The first value that is not before the cursor; `*same`: it is the cursor's own. */
static size_t start_of(const struct list_query *q, const struct rank *at, bool *same)
{
    size_t i = 0;

    *same = false;
    for (; i < q->ranks->count && !*same; i++) {
        const struct rank *r = turn(q, i);
        int n = by_rank(r, at);

        *same = same_value(q->sort, r, at);
        if (*same || (q->descending ? n < 0 : n > 0))
            return i;
    }
    return i;
}

/* --- rows --- */

struct ranking {
    struct web *w;
    const struct list_query *q;
    struct list_result *out;
    size_t want;
};

/* The list of `n` values from place `i` on. */
static void query_of(const struct ranking *k, size_t i, size_t n, struct list_query *out)
{
    struct list_value *values = NEW_ARRAY(k->w->arena, struct list_value, n);
    struct list_filter *f;

    *out = *k->q;
    out->ranks = NULL;
    out->after = NULL;
    out->one_value = true;
    out->planned = out->ids != NULL;
    f = &out->filters[out->nfilters++];
    for (size_t v = 0; v < n; v++)
        values[v] =
            (struct list_value){turn(k->q, i + v)->facet.value, turn(k->q, i + v)->facet.id};
    *f = (struct list_filter){.field = k->q->sort,
                              .name = k->q->sort->name,
                              .how = turn(k->q, i)->facet.none ? LIST_EMPTY : LIST_IS,
                              .text = values[0].text,
                              .num = values[0].num,
                              .values = values,
                              .nvalues = n};
}

static struct err *run(struct ranking *k, struct list_query *q, const char *after,
                       struct list_result *r)
{
    size_t size = k->q->entity->size;

    q->after = after;
    TRY(list_plan(k->w, q));
    *r = (struct list_result){0};
    TRY(list_page(k->w, q, k->want - k->out->count, r));
    memcpy((char *)k->out->records + k->out->count * size, r->records, r->count * size);
    k->out->count += r->count;
    if (r->partial) {
        k->out->partial = true;
        k->out->next = r->next;
    }
    return NULL;
}

/* Which of the values from `from` on a record has: their count when it has none of them. */
static size_t place_of(const struct ranking *k, const void *record, size_t from, size_t n)
{
    const struct field *f = k->q->sort;
    size_t i = 0;

    for (; i < n; i++) {
        const struct facet *v = &turn(k->q, from + i)->facet;

        if (field_is_text(f) ? text_equal(v->value, field_str(f, record))
                             : v->id == field_num(f, record))
            break;
    }
    return i;
}

/* Rows of a few values, in the order of these: within one they come as the list has them. */
static void arrange(const struct ranking *k, size_t first, size_t from, size_t n)
{
    size_t size = k->q->entity->size, count = k->out->count - first, at = 0;
    char *rows = (char *)k->out->records + first * size;
    char *copy = arena_array(k->w->arena, count + 1, size);

    memcpy(copy, rows, count * size);
    for (size_t v = 0; v <= n; v++)
        for (size_t i = 0; i < count; i++)
            if (place_of(k, copy + i * size, from, n) == v)
                memcpy(rows + at++ * size, copy + i * size, size);
}

/* How many values from `i` on fit whole into what is left of the page. */
static size_t lump_of(const struct ranking *k, size_t i)
{
    i64 room = (i64)(k->want - k->out->count);
    size_t n = 0;

    while (i + n < k->q->ranks->count && n < LUMP_MOST) {
        const struct facet *f = &turn(k->q, i + n)->facet;

        if (f->none || f->count > room)
            break;
        room -= f->count;
        n++;
    }
    return n;
}

static struct err *fill(struct ranking *k, size_t i, const char *after)
{
    while (i < k->q->ranks->count && k->out->count < k->want && !k->out->partial) {
        size_t n = after ? 0 : lump_of(k, i), first = k->out->count;
        struct list_query q;
        struct list_result r;

        query_of(k, i, n ? n : 1, &q);
        TRY(run(k, &q, after, &r));
        if (n > 1)
            arrange(k, first, i, n);
        after = NULL;
        i += n ? n : 1;
    }
    return NULL;
}

struct err *list_rank_page(struct web *w, const struct list_query *q, size_t size,
                           struct list_result *out)
{
    struct ranking k = {w, q, out, size + 1};
    struct list_cursor c;
    struct rank at;
    bool same = false;
    size_t i = 0;

    TRY(list_cursor_read(w->arena, q, &c));
    out->records = arena_array(w->arena, size + 2, q->entity->size);
    if (c.set) {
        TRY(rank_at(w, q->sort, &c.value, &at));
        i = start_of(q, &at, &same);
    }
    TRY(fill(&k, i, same ? q->after : NULL));
    if (out->count <= size)
        return NULL;
    out->count = size;
    out->partial = false;
    out->next = list_cursor_write(w->arena, q, (char *)out->records + (size - 1) * q->entity->size);
    return NULL;
}
