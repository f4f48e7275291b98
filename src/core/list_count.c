/* SPDX-License-Identifier: Apache-2.0 */
/* How many records there are: whole lists, filtered ones, and by the values of a field. */
#include <pthread.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/catalogue.h"
#include "core/content.h"
#include "core/entity_sql.h"
#include "core/kept.h"
#include "core/list_part.h"

#define FACET_MOST 100

struct err *list_count_capped(struct web *w, const struct list_query *asked, i64 most, i64 *out)
{
    struct list_query copy = *asked;
    const struct list_query *q = &copy;
    struct list_sql s;
    struct rows *r;

    TRY(list_plan(w, &copy));
    list_sql_init(&s, w);
    buf_str(&s.text, "select count(*) from (select 1 as one");
    if (list_scans(w, q) && most <= LIST_SCAN) {
        list_scan_begin(&s, q, NULL, 0);
        list_scan_end(&s, q);
    } else {
        list_from(&s, q);
    }
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

static struct counted counted_key(const struct web *w, const struct entity *e, i64 most,
                                  i64 changes)
{
    struct counted key = {.org = entity_org(w, e), .entity = e, .changes = changes, .most = most};

    if (!entity_sees_all(w, e)) {
        key.person = w->person ? w->person : -1;
        key.day = day_number(w);
    }
    return key;
}

static struct err *count_new(struct web *w, struct counted *key, i64 *out)
{
    struct list_query q = {.entity = key->entity};

    TRY(list_count_capped(w, &q, key->most, out));
    key->count = *out;
    if (key->changes >= 0)
        keep_count(key);
    return NULL;
}

struct err *list_count(struct web *w, const struct entity *e, i64 *out)
{
    struct counted key;
    i64 changes;

    TRY(changes_of(w, entity_org(w, e), &changes));
    key = counted_key(w, e, INT64_MAX - 1, changes);
    if (changes >= 0 && cached_count(&key, out))
        return NULL;
    return count_new(w, &key, out);
}

/* The figures that are not at hand, behind a savepoint: when one fails (a list that takes too
 * long), the caller's transaction goes on, which PostgreSQL would otherwise have ended. */
static struct err *count_behind(struct web *w, struct counted *keys, size_t n, i64 *out)
{
    bool guarded = db_in_transaction(w->db);
    struct err *failed = NULL;

    if (guarded)
        TRY(db_savepoint(w->db));
    for (size_t i = 0; i < n && !failed; i++)
        if (keys[i].entity)
            failed = count_new(w, &keys[i], &out[i]);
    if (!guarded)
        return failed;
    if (!failed)
        return db_release(w->db);
    db_rollback_to(w->db);
    return failed;
}

struct err *list_counts(struct web *w, const struct entity *const *entities, size_t n, i64 most,
                        i64 *out)
{
    struct counted *keys = NEW_ARRAY(w->arena, struct counted, n + 1);
    size_t missing = 0;
    i64 changes;

    TRY(changes_of(w, w->org, &changes));
    for (size_t i = 0; i < n; i++) {
        if (!entities[i])
            continue;
        keys[i] = counted_key(w, entities[i], most, entities[i]->site ? -1 : changes);
        if (keys[i].changes >= 0 && cached_count(&keys[i], &out[i]))
            keys[i].entity = NULL;
        else
            missing++;
    }
    return missing ? count_behind(w, keys, n, out) : NULL;
}

/* Values and how many records have each, the most frequent first. */
static struct err *count_values(struct web *w, const struct list_query *asked,
                                const struct field *f, int most, struct rows **out)
{
    struct list_query copy = *asked;
    const struct list_query *q = &copy;
    struct list_sql s;

    copy.veiled = f->veil;
    copy.planned = copy.planned && !f->veil;
    TRY(list_plan(w, &copy));
    list_sql_init(&s, w);
    if (f->kind == FIELD_REFS) {
        buf_printf(&s.text,
                   "select k.target, count(*) from %s_%s k where k.org_id = $1 and k.record in "
                   "(select t.id",
                   q->entity->name, f->name);
        list_from(&s, q);
        buf_str(&s.text, ") group by k.target order by 2 desc, 1 limit ");
    } else {
        buf_printf(&s.text, "select t.%s, count(*)", f->name);
        list_from(&s, q);
        buf_printf(&s.text, " group by t.%s order by 2 desc, 1 limit ", f->name);
    }
    list_bind(&s, num(most));
    if (q->entity->site)
        return list_sql_run(&s, out);
    return kept_query(w, out, s.text.data, s.vals, s.count);
}

static const char *facet_label(struct web *w, const struct field *f, const char *value)
{
    const struct choice *c = f->choices ? choice_find(f->choices, value) : NULL;

    if (c)
        return tr(c->label);
    if (f->kind == FIELD_CODE && w->app && w->app->content)
        return catalogue_label(w, f->catalogue, value);
    if (f->kind == FIELD_BOOL)
        return value[0] == '1' ? tr("Yes") : tr("No");
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

/* The same for records of any kind. */
static struct err *facet_records(struct web *w, struct facet *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct record_head head;
        i64 id;

        if (!text_i64(list[i].value, &id))
            continue;
        TRY(record_head(w, id, &head));
        list[i].label = record_head_text(w, &head);
        if (head.entity)
            list[i].value = head.label;
    }
    return NULL;
}

static bool can_count(const struct field *f)
{
    return f->kind != FIELD_SET && f->kind != FIELD_LONG && !f->secret;
}

struct err *list_values(struct web *w, const struct list_query *q, const struct field *f, int most,
                        struct facet **out, size_t *count)
{
    struct rows *r;
    struct facet *list;

    if (!can_count(f))
        return err_new(ERR_BAD, "The values of “%s” cannot be counted.", f->name);
    TRY(count_values(w, q, f, most, &r));
    list = NEW_ARRAY(w->arena, struct facet, row_count(r) + 1);
    *count = 0;
    while (row_next(r)) {
        struct facet *one = &list[(*count)++];

        one->count = row_num(r, 1);
        one->none = row_null(r, 0);
        if (one->none) {
            one->value = "none";
            one->label = tr("None");
            continue;
        }
        one->id = field_is_text(f) ? 0 : row_num(r, 0);
        one->value = field_is_text(f) ? row_text(r, 0) : arena_printf(w->arena, "%lld", one->id);
        one->label = facet_label(w, f, one->value);
    }
    *out = list;
    if (f->kind == FIELD_RECORD || (f->kind == FIELD_REFS && !f->ref))
        return facet_records(w, list, *count);
    return f->kind == FIELD_REF || f->kind == FIELD_REFS ? facet_refs(w, f, list, *count) : NULL;
}

struct err *list_facet(struct web *w, const struct list_query *q, const struct field *f,
                       struct facet **out, size_t *count)
{
    struct list_query others = *q;

    others.nfilters = 0;
    others.planned = false;
    for (size_t i = 0; i < q->nfilters; i++)
        if (q->filters[i].field != f)
            others.filters[others.nfilters++] = q->filters[i];
    return list_values(w, &others, f, FACET_MOST, out, count);
}
