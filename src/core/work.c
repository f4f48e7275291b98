/* SPDX-License-Identifier: Apache-2.0 */
/* Walks the dated fields of all entities through core/list, so that visibility and organisation are
 * those of every list, and asks the sources of the features. */
#include "core/work.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/decision.h"
#include "core/list.h"

#define PAGE 200
#define CLOSED_MOST 4
#define PAGES_MOST 10 /* a list may answer with less than a page when no index helps */

void work_add(struct work_list *out, const struct work_item *item)
{
    if (out->count == out->room) {
        size_t room = out->room ? out->room * 2 : 64;
        struct work_item *bigger = NEW_ARRAY(out->w->arena, struct work_item, room);

        if (out->count)
            memcpy(bigger, out->list, out->count * sizeof(*bigger));
        out->list = bigger;
        out->room = room;
    }
    out->list[out->count] = *item;
    if (item->entity && item->title)
        out->list[out->count].title = entity_title_shown(out->w, item->entity, item->title);
    out->count++;
}

struct err *work_add_decisions(struct work_list *out, const struct entity *e,
                               const struct permission *right, struct rows *rows)
{
    struct web *w = out->w;
    bool open;

    while (row_next(rows)) {
        struct work_item item = {.entity = e,
                                 .id = row_num(rows, 0),
                                 .number = row_num(rows, 1),
                                 .kind = "approval",
                                 .kind_label = "Decision",
                                 .title = row_text(rows, 2),
                                 .what = "To decide",
                                 .person = w->person};

        TRY(decision_open_to(w, row_num(rows, 3), right, &open));
        if (!open)
            continue;
        item.address = web_record_url(w, e, item.number);
        item.uid = arena_printf(w->arena, "%s-%lld", e->name, item.id);
        work_add(out, &item);
    }
    return NULL;
}

const struct field *work_doer(const struct entity *e)
{
    for (size_t i = 0; i < e->nfields; i++)
        if (e->fields[i].kind == FIELD_REF && e->fields[i].concerns && e->fields[i].ref &&
            text_equal(e->fields[i].ref->name, "person"))
            return &e->fields[i];
    return NULL;
}

/* The codes of `closed`; returns how many. */
static size_t closed_codes(struct arena *a, const struct entity *e, char ***out)
{
    size_t n = e->closed && e->state ? text_split(a, e->closed, ' ', out) : 0;

    if (n > CLOSED_MOST)
        BUG("%s has more than %d closed states", e->name, CLOSED_MOST);
    return n;
}

bool work_closed(const struct entity *e, const char *state)
{
    return text_word_in(state, e->closed);
}

bool work_over(const struct web *w, const struct entity *e, const struct field *f,
               const void *record)
{
    const struct field *state = e->state ? entity_field(e, e->state) : NULL;
    const char *day = f->kind == FIELD_DATE ? field_str(f, record) : NULL;
    const char *today = w->asof ? w->asof_date : w->today;

    if (f->dated == DATED_NOT || f->dated == DATED_EVENT || text_empty(day) || text_empty(today))
        return false;
    return strcmp(day, today) < 0 && !(state && work_closed(e, field_str(state, record)));
}

/* --- dated records --- */

struct walk {
    struct web *w;
    const struct entity *entity;
    const struct field *date, *doer;
    i64 person;            /* 0 = everybody's */
    const char *from, *to; /* NULL = no bound */
    bool open;             /* only what is not closed; else closed ones are `over` */
    bool undated;          /* only those without a day */
};

static struct list_filter *add_filter(struct list_query *q, const struct field *f,
                                      enum list_how how)
{
    struct list_filter *one = &q->filters[q->nfilters++];

    *one = (struct list_filter){.field = f, .name = f->name, .how = how};
    return one;
}

static void only_open(const struct walk *k, struct list_query *q)
{
    static const char *const texts[CLOSED_MOST] = {"@1", "@1, @2", "@1, @2, @3", "@1, @2, @3, @4"};
    struct arena *a = k->w->arena;
    char **codes;
    size_t n = closed_codes(a, k->entity, &codes);

    if (!n)
        return;
    q->extra = arena_printf(a, "t.%s is null or t.%s not in (%s)", k->entity->state,
                            k->entity->state, texts[n - 1]);
    for (size_t i = 0; i < n; i++)
        q->extra_vals[q->nextra++] = str(codes[i]);
}

static void query_of(const struct walk *k, struct list_query *q)
{
    *q = (struct list_query){.entity = k->entity, .limit = PAGE};
    if (k->date->sortable)
        q->sort = k->date;
    if (k->person)
        add_filter(q, k->doer, LIST_IS)->num = k->person;
    if (k->undated) {
        add_filter(q, k->date, LIST_EMPTY);
    } else {
        struct list_filter *days = add_filter(q, k->date, LIST_RANGE);

        /* also leaves out what has no day */
        days->from.text = k->from ? k->from : "0001-01-01";
        days->to.text = k->to;
    }
    if (k->open)
        only_open(k, q);
}

static void add_record(const struct walk *k, const void *record, struct work_list *out)
{
    const struct entity *e = k->entity;
    const struct record *r = record;
    const struct field *title = entity_field(e, e->title), *state = entity_field(e, e->state);
    const char *name = title && title->kind == FIELD_TEXT ? field_str(title, record) : NULL;
    struct work_item item = {.entity = e,
                             .id = r->id,
                             .number = r->number,
                             .version = r->version,
                             .kind = e->name,
                             .kind_label = tr(e->label),
                             .title = name ? name : tr(e->label),
                             .what = k->date->label,
                             .date = field_str(k->date, record),
                             .dated = k->date->dated,
                             .weight = 5};

    item.address = e->no_pages ? NULL : web_record_url(k->w, e, r->number);
    item.uid = arena_printf(k->w->arena, "%s-%lld-%s", e->name, r->id, k->date->name);
    item.person = k->doer ? field_num(k->doer, record) : 0;
    item.over = state && work_closed(e, field_str(state, record));
    work_add(out, &item);
}

static struct err *walk(const struct walk *k, struct work_list *out)
{
    struct list_query q;
    struct list_result r;
    size_t n = 0;
    int pages = 0;

    query_of(k, &q);
    do {
        TRY(list_run(k->w, &q, false, &r));
        for (size_t i = 0; i < r.count; i++)
            add_record(k, (const char *)r.records + i * k->entity->size, out);
        n += r.count;
        q.after = r.next;
    } while (r.next && n < WORK_MOST && ++pages < PAGES_MOST);
    out->more |= r.next != NULL;
    return NULL;
}

static bool has_source(const struct entity *e)
{
    for (size_t i = 0; features[i]; i++)
        for (const struct work_source *s = features[i]->work; s && s->name; s++)
            if (s->instead == e)
                return true;
    return false;
}

/* Calls `each` for every dated field that no source answers for. */
static struct err *each_dated(struct work_list *out, void *ctx,
                              struct err *(*each)(struct walk *k, void *ctx, struct work_list *out))
{
    for (size_t i = 0; features[i]; i++) {
        const struct entity *const *list = features[i]->entities;

        for (size_t k = 0; list && list[k]; k++)
            for (size_t f = 0; f < list[k]->nfields && !list[k]->site; f++) {
                struct walk one = {.w = out->w,
                                   .entity = list[k],
                                   .date = &list[k]->fields[f],
                                   .doer = work_doer(list[k])};

                if (one.date->dated && !has_source(list[k]))
                    TRY(each(&one, ctx, out));
            }
    }
    return NULL;
}

/* --- open work --- */

struct open_ask {
    i64 person;
};

static struct err *open_records(struct walk *k, void *ctx, struct work_list *out)
{
    const struct open_ask *ask = ctx;
    struct web *w = k->w;

    if (!k->doer || k->date->dated == DATED_EVENT)
        return NULL;
    k->person = ask->person;
    k->open = true;
    if (k->date->dated != DATED_DUE)
        k->to = date_add(w->arena, w->today, 0, WORK_AHEAD);
    TRY(walk(k, out));
    if (k->date->dated != DATED_DUE)
        return NULL;
    k->undated = true;
    return walk(k, out);
}

static int by_urgency(const void *a, const void *b)
{
    const struct work_item *x = a;
    const struct work_item *y = b;
    int order;

    if (!x->date || !y->date) {
        if (x->date || y->date)
            return x->date ? -1 : 1;
    } else if ((order = strcmp(x->date, y->date)) != 0) {
        return order;
    }
    if (x->weight != y->weight)
        return x->weight - y->weight;
    order = strcmp(x->title, y->title);
    return order ? order : (x->id > y->id) - (x->id < y->id);
}

static void sort_list(struct work_list *out)
{
    if (out->count)
        qsort(out->list, out->count, sizeof(*out->list), by_urgency);
}

struct err *work_open(struct web *w, i64 person, bool given, struct work_list *out)
{
    struct open_ask ask = {person};

    *out = (struct work_list){.w = w};
    for (size_t i = 0; features[i]; i++)
        for (const struct work_source *s = features[i]->work; s && s->name; s++)
            if (s->open)
                TRY(s->open(w, person, given, out));
    if (!given)
        TRY(each_dated(out, &ask, open_records));
    sort_list(out);
    return NULL;
}

/* --- days --- */

struct days_ask {
    const char *from, *to;
    bool mine;
};

static struct err *day_records(struct walk *k, void *ctx, struct work_list *out)
{
    const struct days_ask *ask = ctx;

    if (ask->mine && !k->doer)
        return NULL;
    k->person = ask->mine ? k->w->person : 0;
    k->from = ask->from;
    k->to = ask->to;
    return walk(k, out);
}

struct err *work_days(struct web *w, const char *from, const char *to, bool mine,
                      struct work_list *out)
{
    struct days_ask ask = {from, to, mine};
    const char *const range[2] = {from, to};

    *out = (struct work_list){.w = w};
    for (size_t i = 0; features[i]; i++)
        for (const struct work_source *s = features[i]->work; s && s->name; s++)
            if (s->days)
                TRY(s->days(w, mine ? w->person : 0, range, out));
    TRY(each_dated(out, &ask, day_records));
    sort_list(out);
    return NULL;
}

/* --- names --- */

struct named {
    i64 id;
    const char *name;
};

static int by_id(const void *a, const void *b)
{
    const struct named *x = a;
    const struct named *y = b;

    return (x->id > y->id) - (x->id < y->id);
}

static const char *name_of(const struct named *list, size_t n, i64 id)
{
    struct named key = {.id = id};
    const struct named *found = id && n ? bsearch(&key, list, n, sizeof(*list), by_id) : NULL;

    return found ? found->name : "";
}

struct err *work_names(struct work_list *list)
{
    struct named *names;
    struct rows *r;
    struct buf b;
    size_t n = 0;

    buf_init(&b, list->w->arena, 256);
    buf_str(&b, "[0");
    for (size_t i = 0; i < list->count; i++)
        buf_printf(&b, ",%lld,%lld", list->list[i].person, list->list[i].giver);
    buf_char(&b, ']');
    TRY(db_query(list->w->db, &r,
                 "select id, name from person where org_id = $1 and id in"
                 " (select cast(value as bigint) from json_each($2)) order by id",
                 num(list->w->org), str(b.data)));
    names = NEW_ARRAY(list->w->arena, struct named, row_count(r) + 1);
    while (row_next(r))
        names[n++] = (struct named){row_num(r, 0), row_text(r, 1)};
    for (size_t i = 0; i < list->count; i++) {
        list->list[i].person_name = name_of(names, n, list->list[i].person);
        list->list[i].giver_name = name_of(names, n, list->list[i].giver);
    }
    return NULL;
}
