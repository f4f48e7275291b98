/* SPDX-License-Identifier: Apache-2.0 */
#include "core/list.h"

#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "core/app.h"
#include "core/content.h"
#include "core/entity_sql.h"
#include "core/kept.h"
#include "core/list_sql.h"

#define LIMIT_DEFAULT 50
#define LIMIT_MOST 200
#define Q_MOST 200
#define STREAM_CHUNK 500
#define FACET_MOST 100

/* --- the query of a request --- */

/* Parameters that are for somebody else: flash message, date, export, open menu, undo. */
static const char *const foreign[] = {"m", "asof", "format", "facet", "undo", "tab"};

static bool one_of(const char *name, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count && list[i]; i++)
        if (text_equal(name, list[i]))
            return true;
    return false;
}

static bool can_filter(const struct entity *e, const struct field *f)
{
    if (f->secret || f->kind == FIELD_LONG)
        return false;
    return f->filtered || (e->state && text_equal(f->name, e->state));
}

static bool is_range(const struct field *f)
{
    return f->kind == FIELD_INT || f->kind == FIELD_MONEY || f->kind == FIELD_LEVEL ||
           f->kind == FIELD_DATE || f->kind == FIELD_TIME;
}

static const char *allowed_names(struct web *w, const struct entity *e, const char *const *own)
{
    struct buf b;

    buf_init(&b, w->arena, 256);
    buf_str(&b, "q, sort, after, limit");
    for (size_t i = 0; i < e->nfields; i++) {
        if (!can_filter(e, &e->fields[i]))
            continue;
        buf_printf(&b, ", %s", e->fields[i].name);
        if (is_range(&e->fields[i]))
            buf_printf(&b, ", %s.min, %s.max", e->fields[i].name, e->fields[i].name);
    }
    for (size_t i = 0; own && own[i]; i++)
        buf_printf(&b, ", %s", own[i]);
    return b.data;
}

static const char *sortable_names(struct web *w, const struct entity *e)
{
    struct buf b;

    buf_init(&b, w->arena, 256);
    buf_str(&b, "number");
    for (size_t i = 0; i < e->nfields; i++)
        if (e->fields[i].sortable)
            buf_printf(&b, ", %s", e->fields[i].name);
    return b.data;
}

static const char *choice_codes(struct web *w, const struct choice *list)
{
    struct buf b;

    buf_init(&b, w->arena, 128);
    for (size_t i = 0; list[i].code; i++)
        buf_printf(&b, "%s%s", i ? ", " : "", list[i].code);
    return b.data;
}

static struct err *parse_sort(struct web *w, const char *text, struct list_query *out)
{
    const struct field *f;

    out->descending = text[0] == '-';
    text += out->descending;
    out->sort = NULL;
    if (text_equal(text, "number"))
        return NULL;
    f = entity_field(out->entity, text);
    if (!f || !f->sortable)
        return err_new(ERR_BAD, "The list of %s cannot be sorted by “%.40s”. Use one of: %s.",
                       out->entity->labels, text, sortable_names(w, out->entity));
    out->sort = f;
    return NULL;
}

/* "12", "12.5" or "-3.05" as hundredths. */
static bool parse_money(const char *text, i64 *out)
{
    const char *dot = strchr(text, '.');
    size_t decimals = dot ? strlen(dot + 1) : 0;
    char digits[24];
    size_t whole = dot ? (size_t)(dot - text) : strlen(text);

    if (whole == 0 || whole > 16 || decimals > 2 || (dot && decimals == 0))
        return false;
    memcpy(digits, text, whole);
    memset(digits + whole, '0', 2);
    if (dot)
        memcpy(digits + whole, dot + 1, decimals);
    digits[whole + 2] = '\0';
    return text_i64(digits, out);
}

static struct err *bad_value(struct web *w, const struct field *f, const char *text,
                             const char *hint)
{
    (void)w;
    return err_new(ERR_BAD, "“%.60s” is no value of the filter “%s”. %s", text, f->name, hint);
}

static struct err *parse_choice(struct web *w, struct list_filter *f)
{
    const struct choice *c = choice_find(f->field->choices, f->text);

    if (!c)
        return bad_value(
            w, f->field, f->text,
            arena_printf(w->arena, "Use one of: %s, none.", choice_codes(w, f->field->choices)));
    f->num = 1LL << (c - f->field->choices);
    return NULL;
}

static struct err *parse_reference(struct web *w, struct list_filter *f)
{
    struct err *e;

    if (text_equal(f->text, "me") && text_equal(f->field->ref->name, "person") && w->person) {
        f->num = w->person;
        return NULL;
    }
    e = entity_find(w, f->field->ref, f->text, &f->num);
    if (e && (e->code == ERR_MISSING || e->code == ERR_CLASH))
        return bad_value(
            w, f->field, f->text,
            arena_printf(w->arena, "There is no %s with this number.", f->field->ref->label));
    return e;
}

/* A date in the organisation's zone; for instants the whole day counts. */
static struct err *parse_date(struct web *w, struct list_filter *f)
{
    const char *date = text_equal(f->text, "today") && w->today ? w->today : f->text;

    if (!date_valid(date))
        return bad_value(w, f->field, f->text, "Give a date like 2026-03-01, or today.");
    f->text = date;
    if (f->field->kind != FIELD_TIME)
        return NULL;
    if (f->how == LIST_IS)
        return bad_value(w, f->field, f->text, "Use .min and .max with a date.");
    if (f->how == LIST_MIN)
        date = date_add(w->arena, date, 0, -1);
    if (!date_end(date, w->zone, &f->num))
        return bad_value(w, f->field, f->text, "Give a date like 2026-03-01.");
    f->num += f->how == LIST_MIN;
    return NULL;
}

static struct err *parse_value(struct web *w, struct list_filter *f)
{
    switch (f->field->kind) {
    case FIELD_CHOICE:
    case FIELD_SET:
        return parse_choice(w, f);
    case FIELD_REF:
    case FIELD_REFS:
        return parse_reference(w, f);
    case FIELD_DATE:
    case FIELD_TIME:
        return parse_date(w, f);
    case FIELD_BOOL:
        if (!text_equal(f->text, "0") && !text_equal(f->text, "1"))
            return bad_value(w, f->field, f->text, "Use 1 for yes or 0 for no.");
        f->num = f->text[0] == '1';
        return NULL;
    case FIELD_INT:
    case FIELD_LEVEL:
        return text_i64(f->text, &f->num) ? NULL
                                          : bad_value(w, f->field, f->text, "Give a number.");
    case FIELD_MONEY:
        return parse_money(f->text, &f->num)
                   ? NULL
                   : bad_value(w, f->field, f->text, "Give an amount like 1200 or 1200.50.");
    case FIELD_TEXT:
    case FIELD_LONG:
    case FIELD_EMAIL:
    case FIELD_CODE:
        break;
    }
    return text_length(f->text) <= Q_MOST
               ? NULL
               : bad_value(w, f->field, f->text, "The text is too long.");
}

static struct err *parse_filter(struct web *w, const struct pair *p, const char *const *own,
                                struct list_query *out)
{
    const char *dot = strchr(p->name, '.');
    const char *name = dot ? arena_strn(w->arena, p->name, (size_t)(dot - p->name)) : p->name;
    struct list_filter f = {.field = entity_field(out->entity, name), .how = LIST_IS};
    bool none;

    if (!f.field || !can_filter(out->entity, f.field) ||
        (dot && (!is_range(f.field) || (!text_equal(dot, ".min") && !text_equal(dot, ".max")))))
        return err_new(ERR_BAD, "The list of %s does not know the parameter “%.40s”. Allowed: %s.",
                       out->entity->labels, p->name, allowed_names(w, out->entity, own));
    f.text = text_trim(w->arena, p->value);
    if (!*f.text)
        return NULL;
    if (out->nfilters == COUNT_OF(out->filters))
        return err_new(ERR_BAD, "At most %zu filters can be used at once. Take some out.",
                       COUNT_OF(out->filters));
    if (dot)
        f.how = text_equal(dot, ".min") ? LIST_MIN : LIST_MAX;
    none =
        text_equal(f.text, "none") && !(f.field->choices && choice_find(f.field->choices, "none"));
    if (none && !dot)
        f.how = LIST_EMPTY;
    else
        TRY(parse_value(w, &f));
    out->filters[out->nfilters++] = f;
    return NULL;
}

static struct err *parse_pair(struct web *w, const struct pair *p, const char *const *own,
                              struct list_query *out)
{
    if (one_of(p->name, foreign, COUNT_OF(foreign)) || (own && one_of(p->name, own, SIZE_MAX)))
        return NULL;
    if (text_equal(p->name, "q")) {
        const char *text = text_trim(w->arena, p->value);
        if (text_length(text) > Q_MOST)
            return err_new(ERR_BAD, "The text to look for is too long: at most %d characters.",
                           Q_MOST);
        out->q = *text ? text : NULL;
        return NULL;
    }
    if (text_equal(p->name, "sort"))
        return *p->value ? parse_sort(w, p->value, out) : NULL;
    if (text_equal(p->name, "after")) {
        out->after = *p->value ? p->value : NULL;
        return NULL;
    }
    if (text_equal(p->name, "limit")) {
        i64 n;
        if (!text_i64(p->value, &n) || n < 1 || n > LIMIT_MOST)
            return err_new(ERR_BAD, "The parameter “limit” is a number from 1 to %d.", LIMIT_MOST);
        out->limit = (int)n;
        return NULL;
    }
    return parse_filter(w, p, own, out);
}

struct err *list_parse_own(struct web *w, const struct entity *e, const char *const *own,
                           struct list_query *out)
{
    struct list_cursor cursor;

    *out = (struct list_query){.entity = e, .limit = LIMIT_DEFAULT};
    if (e->order && parse_sort(w, e->order, out))
        BUG("%s is ordered by %s, which is not sortable", e->name, e->order);
    for (size_t i = 0; w->req && i < w->req->query.count; i++)
        TRY(parse_pair(w, &w->req->query.list[i], own, out));
    return list_cursor_read(w->arena, out, &cursor);
}

struct err *list_parse(struct web *w, const struct entity *e, struct list_query *out)
{
    return list_parse_own(w, e, NULL, out);
}

/* --- one page --- */

/* A list sorted by a field that may be empty is two runs, so that both engines walk the index:
 * empty values first when ascending, last when descending. */
enum run { RUN_ALL, RUN_EMPTY, RUN_VALUES };

/* With known ids the order is an expression that no index has: else PostgreSQL walks the whole list
 * in the hope of a full page. */
static void add_order(struct list_sql *s, const struct list_query *q)
{
    const char *direction = q->descending ? " desc" : "";
    const char *hide = !q->ids ? "" : q->sort && field_is_text(q->sort) ? " || ''" : " + 0";

    if (q->sort)
        buf_printf(&s->text, " order by t.%s%s%s, t.id%s", q->sort->name, hide, direction,
                   direction);
    else
        buf_printf(&s->text, " order by t.number%s%s", hide, direction);
}

static void add_start(struct list_sql *s, const struct list_query *q, enum run run,
                      const struct list_cursor *c)
{
    const char *past = q->descending ? " < " : " > ";

    if (run == RUN_EMPTY)
        buf_printf(&s->text, " and t.%s is null", q->sort->name);
    if (run == RUN_VALUES && !c)
        buf_printf(&s->text, " and t.%s is not null", q->sort->name);
    if (!c)
        return;
    if (run == RUN_EMPTY) {
        buf_printf(&s->text, " and t.id%s", past);
        list_bind(s, num(c->id));
    } else if (!q->sort) {
        buf_printf(&s->text, " and t.number%s", past);
        list_bind(s, c->value);
    } else {
        buf_printf(&s->text, " and (t.%s, t.id)%s(", q->sort->name, past);
        list_bind(s, c->value);
        buf_str(&s->text, ", ");
        list_bind(s, num(c->id));
        buf_char(&s->text, ')');
    }
}

/* Adds at most `want` rows of one run to `records`. */
static struct err *fetch(struct web *w, const struct list_query *q, enum run run,
                         const struct list_cursor *c, struct list_result *into, size_t want)
{
    const struct entity *e = q->entity;
    struct list_sql s;
    struct rows *r;

    list_sql_init(&s, w);
    buf_printf(&s.text, "select %s", entity_sql(e)->columns);
    list_from(&s, q, NULL);
    add_start(&s, q, run, c);
    add_order(&s, q);
    buf_str(&s.text, " limit ");
    list_bind(&s, num((i64)want));
    TRY(list_sql_run(&s, &r));
    while (row_next(r) && into->count < want)
        entity_from_row(e, r, 0, false, (char *)into->records + into->count++ * e->size);
    return NULL;
}

static bool may_be_empty(const struct field *f)
{
    return f && f->kind != FIELD_BOOL && f->kind != FIELD_SET;
}

static struct err *fetch_page(struct web *w, const struct list_query *q,
                              const struct list_cursor *c, size_t want, struct list_result *out)
{
    enum run first = q->descending ? RUN_VALUES : RUN_EMPTY;
    enum run second = q->descending ? RUN_EMPTY : RUN_VALUES;
    size_t have;

    if (!may_be_empty(q->sort))
        return fetch(w, q, RUN_ALL, c->set ? c : NULL, out, want);
    if (!c->set || (c->value.null ? RUN_EMPTY : RUN_VALUES) == first) {
        TRY(fetch(w, q, first, c->set ? c : NULL, out, want));
        c = NULL;
    }
    have = out->count;
    if (have == want)
        return NULL;
    struct list_result rest = {.records = (char *)out->records + have * q->entity->size};
    TRY(fetch(w, q, second, c, &rest, want - have));
    out->count += rest.count;
    return NULL;
}

/* `size` rows after the cursor, and the cursor of the last one when there are more. */
static struct err *page(struct web *w, const struct list_query *q, size_t size,
                        struct list_result *out)
{
    struct list_cursor c;

    TRY(list_cursor_read(w->arena, q, &c));
    out->records = arena_array(w->arena, size + 1, q->entity->size);
    TRY(fetch_page(w, q, &c, size + 1, out));
    if (out->count > size) {
        out->count = size;
        out->next =
            list_cursor_write(w->arena, q, (char *)out->records + (size - 1) * q->entity->size);
    }
    return list_load_links(w, q->entity, out->records, out->count);
}

struct err *list_count_capped(struct web *w, const struct list_query *asked, i64 most, i64 *out)
{
    struct list_query copy = *asked;
    const struct list_query *q = &copy;
    struct list_sql s;
    struct rows *r;

    TRY(list_plan(w, &copy));
    list_sql_init(&s, w);
    buf_str(&s.text, "select count(*) from (select 1 as one");
    list_from(&s, q, NULL);
    buf_str(&s.text, " limit ");
    list_bind(&s, num(most + 1));
    buf_str(&s.text, ") as found");
    if (q->entity->site)
        TRY(list_sql_run(&s, &r));
    else
        TRY(kept_query(w, &r, s.text.data, s.vals, s.count));
    *out = row_next(r) ? row_num(r, 0) : 0;
    return NULL;
}

/* Reads in pieces, each in an arena that the next but one reuses. */
static struct err *stream(struct web *w, struct list_query *q, struct arena *arenas[2],
                          struct err *(*each)(void *ctx, const void *record), void *ctx)
{
    for (size_t turn = 0;; turn++) {
        struct list_result r = {0};

        w->arena = arenas[turn % 2];
        arena_reset(w->arena);
        db_use_arena(w->db, w->arena);
        TRY(page(w, q, STREAM_CHUNK, &r));
        for (size_t i = 0; i < r.count; i++)
            TRY(each(ctx, (const char *)r.records + i * q->entity->size));
        if (!r.next)
            return NULL;
        q->after = r.next;
    }
}

struct err *list_stream(struct web *w, const struct list_query *q,
                        struct err *(*each)(void *ctx, const void *record), void *ctx)
{
    struct arena *own = w->arena;
    struct arena *arenas[2] = {arena_new(0), arena_new(0)};
    struct list_query copy = *q;
    struct err *e = list_plan(w, &copy);

    if (!e)
        e = stream(w, &copy, arenas, each, ctx);
    w->arena = own;
    db_use_arena(w->db, own);
    arena_free(arenas[0]);
    arena_free(arenas[1]);
    return e;
}

/* --- counts --- */

/* Counts of whole lists, valid while the organisation's log has the same length (decisions.md 36):
 * a value read in a snapshot is stored under the log's length in that snapshot, so it can never be
 * wrong for a reader of that length. */
struct counted {
    i64 org, changes, most, count;
    i64 person; /* 0 = somebody who sees all */
    i64 day;    /* grants end by date: what a person sees holds for that day */
    const struct entity *entity;
};
static struct counted counted[2048];
static pthread_mutex_t counted_lock = PTHREAD_MUTEX_INITIALIZER;

static struct counted *counted_slot(const struct counted *key)
{
    u64 h = (u64)key->org * 0x9e3779b97f4a7c15ULL ^ (u64)key->person * 0xc2b2ae3d27d4eb4fULL ^
            (uintptr_t)key->entity ^ (u64)key->most;

    return &counted[(h * 0xff51afd7ed558ccdULL) >> 53];
}

static bool cached_count(const struct counted *key, i64 *out)
{
    struct counted *c = counted_slot(key);
    bool hit;

    pthread_mutex_lock(&counted_lock);
    hit = c->org == key->org && c->entity == key->entity && c->person == key->person &&
          c->changes == key->changes && c->most == key->most && c->day == key->day;
    if (hit)
        *out = c->count;
    pthread_mutex_unlock(&counted_lock);
    return hit;
}

static void keep_count(const struct counted *value)
{
    pthread_mutex_lock(&counted_lock);
    *counted_slot(value) = *value;
    pthread_mutex_unlock(&counted_lock);
}

/* The length of the organisation's log; -1 = counts may not be cached here: outside a transaction
 * or in one that writes, figure and length need not belong together. */
static struct err *changes_of(struct web *w, i64 org, i64 *out)
{
    struct rows *r;

    *out = -1;
    if (w->writable || w->asof || !db_in_transaction(w->db))
        return NULL;
    if (w->changes && org == w->org) {
        *out = w->changes - 1;
        return NULL;
    }
    TRY(db_query(w->db, &r, "select n from audit_frontier where org_id = $1", num(org)));
    if (row_next(r))
        *out = row_num(r, 0);
    return NULL;
}

static i64 day_number(const struct web *w)
{
    i64 day = 0;

    for (const char *p = w->today ? w->today : ""; *p; p++)
        if (*p >= '0' && *p <= '9')
            day = day * 10 + (*p - '0');
    return day;
}

static struct err *count_one(struct web *w, const struct entity *e, i64 most, i64 changes, i64 *out)
{
    struct list_query q = {.entity = e};
    struct counted key = {.org = entity_org(w, e), .entity = e, .changes = changes, .most = most};

    if (!entity_sees_all(w, e)) {
        key.person = w->person ? w->person : -1;
        key.day = day_number(w);
    }
    if (changes >= 0 && cached_count(&key, out))
        return NULL;
    TRY(list_count_capped(w, &q, most, out));
    key.count = *out;
    if (changes >= 0)
        keep_count(&key);
    return NULL;
}

struct err *list_count(struct web *w, const struct entity *e, i64 *out)
{
    i64 changes;

    TRY(changes_of(w, entity_org(w, e), &changes));
    return count_one(w, e, INT64_MAX - 1, changes, out);
}

struct err *list_counts(struct web *w, const struct entity *const *entities, size_t n, i64 most,
                        i64 *out)
{
    i64 changes;

    TRY(changes_of(w, w->org, &changes));
    for (size_t i = 0; i < n; i++)
        if (entities[i])
            TRY(count_one(w, entities[i], most, entities[i]->site ? -1 : changes, &out[i]));
    return NULL;
}

/* Every page of a whole list asks for the same figure as the side bar. */
static struct err *total_of(struct web *w, const struct list_query *q, i64 *out)
{
    if (q->q || q->nfilters || q->extra || q->entity->site)
        return list_count_capped(w, q, LIST_MOST, out);
    return list_counts(w, &q->entity, 1, LIST_MOST, out);
}

struct err *list_run(struct web *w, const struct list_query *asked, bool total,
                     struct list_result *out)
{
    struct list_query copy = *asked;
    const struct list_query *q = &copy;
    size_t size = q->limit > 0 && q->limit <= LIMIT_MOST ? (size_t)q->limit : LIMIT_DEFAULT;

    *out = (struct list_result){0};
    TRY(list_plan(w, &copy));
    TRY(page(w, q, size, out));
    if (!total)
        return NULL;
    if (!q->after && !out->next) {
        out->total = (i64)out->count;
        return NULL;
    }
    TRY(total_of(w, q, &out->total));
    out->capped = out->total > LIST_MOST;
    return NULL;
}

static struct err *facet_sql(struct web *w, const struct list_query *asked, const struct field *f,
                             struct rows **out)
{
    struct list_query copy = *asked;
    const struct list_query *q = &copy;
    struct list_sql s;

    TRY(list_plan(w, &copy));
    list_sql_init(&s, w);
    if (f->kind == FIELD_REFS) {
        buf_printf(&s.text,
                   "select k.target, count(*) from %s_%s k where k.org_id = ", q->entity->name,
                   f->name);
        list_bind(&s, num(entity_org(w, q->entity)));
        buf_str(&s.text, " and k.record in (select t.id");
        s.count = 0; /* list_from starts with the organisation: the same $1 */
        list_from(&s, q, f);
        buf_str(&s.text, ") group by k.target order by 2 desc, 1 limit ");
    } else {
        buf_printf(&s.text, "select t.%s, count(*)", f->name);
        list_from(&s, q, f);
        buf_printf(&s.text, " group by t.%s order by 2 desc, 1 limit ", f->name);
    }
    list_bind(&s, num(FACET_MOST));
    return list_sql_run(&s, out);
}

static const char *facet_label(struct web *w, const struct field *f, const char *value)
{
    const struct choice *c = f->choices ? choice_find(f->choices, value) : NULL;

    if (c)
        return c->label;
    if (f->kind == FIELD_CODE && w->app && w->app->content)
        return content_label(w->app->content, f->catalogue, value);
    if (f->kind == FIELD_BOOL)
        return value[0] == '1' ? "Yes" : "No";
    return value;
}

/* Values of references are numbers as people write them, "R-12". */
static struct err *facet_refs(struct web *w, const struct field *f, struct facet *list,
                              size_t count)
{
    struct ids all = {.count = 0};
    i64 *ids = NEW_ARRAY(w->arena, i64, count + 1);
    struct field fake = {.kind = FIELD_REFS, .ref = f->ref, .offset = 0};
    const struct field *fields[] = {&fake};
    struct list_result r = {.records = &all, .count = 1};
    struct list_titles titles;

    for (size_t i = 0; i < count; i++) {
        i64 id = 0;
        if (text_i64(list[i].value, &id))
            ids[all.count++] = id;
    }
    all.id = ids;
    TRY(list_titles(w, fields, 1, &r, sizeof all, &titles));
    for (size_t i = 0; i < count; i++) {
        const struct list_title *t;
        i64 id = 0;
        text_i64(list[i].value, &id);
        t = list_title_of(&titles, f->ref, id);
        if (!t)
            continue;
        list[i].label = t->title;
        list[i].value = arena_printf(w->arena, "%s-%lld", f->ref->prefix, t->number);
    }
    return NULL;
}

struct err *list_facet(struct web *w, const struct list_query *q, const struct field *f,
                       struct facet **out, size_t *count)
{
    struct rows *r;
    struct facet *list;

    if (f->kind == FIELD_SET || f->kind == FIELD_LONG)
        return err_new(ERR_BAD, "The values of “%s” cannot be counted.", f->name);
    TRY(facet_sql(w, q, f, &r));
    list = NEW_ARRAY(w->arena, struct facet, row_count(r) + 1);
    *count = 0;
    while (row_next(r)) {
        struct facet *one = &list[(*count)++];
        one->count = row_num(r, 1);
        if (row_null(r, 0)) {
            one->value = "none";
            one->label = "None";
        } else {
            one->value =
                field_is_text(f) ? row_text(r, 0) : arena_printf(w->arena, "%lld", row_num(r, 0));
            one->label = facet_label(w, f, one->value);
        }
    }
    *out = list;
    return f->kind == FIELD_REF || f->kind == FIELD_REFS ? facet_refs(w, f, list, *count) : NULL;
}
