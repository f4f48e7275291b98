/* SPDX-License-Identifier: Apache-2.0 */
/* What a record says (search_store), and what a person gets for their words (search_run). The
 * engines' index is in search_index.c. */
#include "core/search.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/catalogue.h"
#include "core/content.h"
#include "core/entity_sql.h"
#include "core/search_index.h"

#define KINDS_MAX 128
#define DIRTY_MOST 500 /* texts that a contains looks through because the index lags */

/* --- what a record says --- */

static const char *field_text(struct web *w, const struct field *f, const void *record)
{
    const char *value = field_str(f, record);

    if (f->kind == FIELD_CODE && !text_empty(value) && w->app && w->app->content) {
        const struct words *reader = words_use(NULL); /* one index for all readers */
        value = catalogue_label(w, f->catalogue, value);
        words_use(reader);
    }
    return value;
}

static const char *record_text(struct web *w, const struct entity *e, const void *record)
{
    const struct field *title = e->title ? entity_field(e, e->title) : NULL;
    const char *label;
    struct buf head, body;

    buf_init(&head, w->arena, 200);
    buf_init(&body, w->arena, 1000);
    record_label(w->arena, e, ((const struct record *)record)->number, &label);
    buf_str(&head, label);
    for (size_t i = 0; i < e->nfields; i++) {
        const struct field *f = &e->fields[i];
        const char *text = search_field(f) ? field_text(w, f, record) : NULL;

        if (text_empty(text))
            continue;
        buf_char(f == title ? &head : &body, ' ');
        buf_str(f == title ? &head : &body, text);
    }
    return arena_printf(w->arena, "%s\n%s", text_fold(w->arena, head.data),
                        text_fold(w->arena, body.data));
}

struct err *search_store(struct web *w, const struct entity *e, const void *record)
{
    if (e->site)
        return NULL;
    return db_exec(w->db,
                   "insert into search_doc (org_id, id, kind, text, dirty)"
                   " values ($1, $2, $3, $4, 1)"
                   " on conflict (org_id, id) do update set kind = excluded.kind,"
                   " text = excluded.text, dirty = 1 where search_doc.text <> excluded.text",
                   num(w->org), num(((const struct record *)record)->id), str(e->name),
                   str(record_text(w, e, record)));
}

/* The row stays, empty, until the index has let go of the record. */
struct err *search_forget(struct web *w, const struct entity *e, i64 id)
{
    if (e->site)
        return NULL;
    return db_exec(w->db,
                   "update search_doc set text = '', dirty = 1 where org_id = $1 and id = $2",
                   num(w->org), num(id));
}

/* --- what a person gets --- */

enum class { BY_NUMBER, BY_TITLE, BY_TEXT };

struct found {
    enum class class;
    struct hit hit;
};

struct search {
    struct web *w;
    const struct entity *const *kinds;
    struct words words;
    struct found *list;
    size_t count, room;
    int limit;
};

static void add_hit(struct search *s, enum class class, struct hit hit)
{
    if (s->count == s->room) {
        size_t room = s->room ? s->room * 2 : 64;
        struct found *bigger = NEW_ARRAY(s->w->arena, struct found, room);

        if (s->count)
            memcpy(bigger, s->list, s->count * sizeof(*bigger));
        s->list = bigger;
        s->room = room;
    }
    s->list[s->count++] = (struct found){.class = class, .hit = hit};
}

static void add_found(struct search *s, enum class class, const struct entity *e, struct rows *r)
{
    add_hit(s, class,
            (struct hit){.entity = e,
                         .id = row_num(r, 0),
                         .number = row_num(r, 2),
                         .title = entity_title_shown(s->w, e, row_text(r, 3)),
                         .excerpt = ""});
}

static const struct entity *kind_named(const struct search *s, const char *name)
{
    for (size_t i = 0; s->kinds[i]; i++)
        if (strcmp(s->kinds[i]->name, name) == 0)
            return s->kinds[i];
    return NULL;
}

/* "R-42", "r42", "42": the letters in capitals and the number; false for anything else. */
static bool is_number(struct arena *a, const char *text, const char **prefix, i64 *number)
{
    char *copy = text_trim(a, text), *p = copy;

    while (isalpha((unsigned char)*p)) {
        *p = (char)toupper((unsigned char)*p);
        p++;
    }
    if (!isdigit((unsigned char)*p) && !(*p == '-' && p > copy && isdigit((unsigned char)p[1])))
        return false;
    *prefix = arena_strn(a, copy, (size_t)(p - copy));
    return text_i64(*p == '-' ? p + 1 : p, number);
}

static struct err *may_see(struct web *w, const struct entity *e, i64 id, bool *yes)
{
    struct rows *r;

    *yes = entity_sees_all(w, e);
    if (*yes || !w->person)
        return NULL;
    TRY(db_query_text(w->db, &r, entity_visible(w, e),
                      DB_VALS(num(entity_org(w, e)), num(id), num(w->person), str(w->today)), 4));
    *yes = row_next(r);
    return NULL;
}

static struct err *find_number(struct search *s, const char *text)
{
    const char *prefix;
    i64 number;

    if (!is_number(s->w->arena, text, &prefix, &number))
        return NULL;
    for (size_t i = 0; s->kinds[i]; i++) {
        const struct entity *e = s->kinds[i];
        struct rows *r;
        bool visible;

        if (*prefix && strcmp(prefix, e->prefix) != 0)
            continue;
        TRY(db_query(s->w->db, &r,
                     "select id, kind, number, title from record"
                     " where org_id = $1 and kind = $2 and number = $3",
                     num(s->w->org), str(e->name), num(number)));
        if (!row_next(r))
            continue;
        TRY(may_see(s->w, e, row_num(r, 0), &visible));
        if (visible)
            add_found(s, BY_NUMBER, e, r);
    }
    return NULL;
}

static struct err *find_words(struct search *s, const char *kinds, const struct entity *limited,
                              bool in_title)
{
    struct search_query q = {.words = &s->words,
                             .in_title = in_title,
                             .kinds = kinds,
                             .limited = limited,
                             .past = s->w->asof != 0,
                             .limit = s->limit + (int)SEARCH_WORDS};
    struct rows *r;

    TRY(search_find(s->w, &q, &r));
    while (row_next(r)) {
        const struct entity *e = kind_named(s, row_text(r, 1));

        if (e && !row_null(r, 2))
            add_found(s, in_title ? BY_TITLE : BY_TEXT, e, r);
    }
    return NULL;
}

/* Kinds that this person sees wholly in one query, the others one by one under the formula. */
static struct err *find_text(struct search *s)
{
    json_t *whole = json_own(s->w->arena, json_array());
    const char *kinds;

    for (size_t i = 0; s->kinds[i]; i++) {
        const struct entity *e = s->kinds[i];

        if (entity_sees_all(s->w, e)) {
            json_array_append_new(whole, json_string(e->name));
        } else if (s->w->person) {
            TRY(find_words(s, NULL, e, true));
            TRY(find_words(s, NULL, e, false));
        }
    }
    if (json_array_size(whole) == 0)
        return NULL;
    kinds = json_text(s->w->arena, whole);
    TRY(find_words(s, kinds, NULL, true));
    return find_words(s, kinds, NULL, false);
}

/* People by name. */
static struct err *find_people(struct search *s)
{
    for (size_t i = 0; s->kinds[i]; i++) {
        struct hits found;

        TRY(search_people(s->w, s->kinds[i], &s->words, &found));
        for (size_t k = 0, n = 0; k < found.count && n < (size_t)s->limit; k++) {
            bool visible;

            TRY(may_see(s->w, s->kinds[i], found.list[k].id, &visible));
            if (!visible)
                continue;
            add_hit(s, BY_TITLE, found.list[k]);
            n++;
        }
    }
    return NULL;
}

static int by_class(const void *a, const void *b)
{
    const struct found *left = a, *right = b;

    if (left->class != right->class)
        return left->class < right->class ? -1 : 1;
    return left->hit.id > right->hit.id ? -1 : left->hit.id < right->hit.id;
}

static bool is_listed(const struct hit *hits, size_t n, i64 id)
{
    for (size_t i = 0; i < n; i++)
        if (hits[i].id == id)
            return true;
    return false;
}

/* Fills in the excerpt; `*there` is false when the record is not (as of an earlier day). */
static struct err *add_excerpt(struct search *s, struct hit *hit, bool *there)
{
    void *record = arena_alloc(s->w->arena, hit->entity->size);
    struct err *e = entity_load_any(s->w, hit->entity, hit->id, record);
    const void *shown = record;
    bool hidden;

    *there = !e;
    if (e)
        return e->code == ERR_MISSING ? NULL : e;
    TRY(entity_veil(s->w, hit->entity, &shown, &hidden));
    hit->excerpt = search_excerpt(s->w->arena, hit->entity, shown, &s->words);
    return NULL;
}

static struct err *best(struct search *s, struct hits *out)
{
    struct hit *hits = NEW_ARRAY(s->w->arena, struct hit, (size_t)s->limit + 1);
    size_t n = 0;

    if (s->count)
        qsort(s->list, s->count, sizeof(*s->list), by_class);
    for (size_t i = 0; i < s->count && n < (size_t)s->limit; i++) {
        bool there = false;

        if (is_listed(hits, n, s->list[i].hit.id))
            continue;
        hits[n] = s->list[i].hit;
        TRY(add_excerpt(s, &hits[n], &there));
        n += there;
    }
    *out = (struct hits){hits, n};
    return NULL;
}

struct err *search_among(struct web *w, const struct entity *const *kinds, const char *text,
                         int limit, struct hits *out)
{
    const char *plain = search_plain(w->arena, text_fold(w->arena, text));
    struct search s = {.w = w,
                       .kinds = kinds,
                       .words = search_words(w->arena, plain, SEARCH_WORDS),
                       .limit = limit < 1 ? 1 : limit};
    bool ready;

    *out = (struct hits){NULL, 0};
    TRY(search_ready(w->db, &ready));
    if (!ready || !w->org || s.words.count == 0)
        return NULL;
    TRY(find_number(&s, text));
    TRY(find_text(&s));
    TRY(find_people(&s));
    return best(&s, out);
}

/* "Mueller" as people write who have no "ü" at hand: "Muller", which finds it; NULL when the words
 * hold nothing of the kind. */
static const char *without_umlauts(struct web *w, const char *text)
{
    char *out = arena_str(w->arena, text), *to = out;
    bool changed = false;

    for (const char *p = text; *p; p++) {
        *to++ = *p;
        if (strchr("aouAOU", *p) && (p[1] == 'e' || p[1] == 'E')) {
            changed = true;
            p++;
        }
    }
    *to = '\0';
    return changed ? out : NULL;
}

struct err *search_run(struct web *w, const char *text, int limit, struct hit **out, size_t *count)
{
    const struct entity *kinds[KINDS_MAX + 1];
    struct hits hits;
    size_t n = 0;

    for (size_t i = 0; features[i]; i++)
        for (size_t k = 0; features[i]->entities && features[i]->entities[k]; k++)
            if (!features[i]->entities[k]->site && n < KINDS_MAX)
                kinds[n++] = features[i]->entities[k];
    kinds[n] = NULL;
    TRY(search_among(w, kinds, text, limit, &hits));
    if (!hits.count && without_umlauts(w, text))
        TRY(search_among(w, kinds, without_umlauts(w, text), limit, &hits));
    *out = hits.list;
    *count = hits.count;
    return NULL;
}

/* --- contains, for lists --- */

static int by_id(const void *a, const void *b)
{
    i64 left = *(const i64 *)a, right = *(const i64 *)b;

    return left < right ? -1 : left > right;
}

/* Records whose text the index does not know yet; `*few` is false when there are too many. */
static struct err *search_waiting(struct web *w, const struct entity *e, const char *folded,
                                  struct ids *found, bool *few)
{
    i64 *ids = NEW_ARRAY(w->arena, i64, DIRTY_MOST);
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select id, text from search_doc where dirty = 1 and org_id = $1 and kind = $2"
                 " limit $3",
                 num(w->org), str(e->name), num(DIRTY_MOST + 1)));
    *few = row_count(r) <= DIRTY_MOST;
    found->id = ids;
    while (*few && row_next(r))
        if (strstr(row_text(r, 1), folded))
            ids[found->count++] = row_num(r, 0);
    return NULL;
}

struct err *search_ids(struct web *w, const struct entity *e, const char *text, int limit,
                       i64 **ids, size_t *count, bool *complete)
{
    const char *folded = text_fold(w->arena, text);
    struct ids waiting = {NULL, 0};
    struct rows *r;
    bool few, ready;

    *ids = NULL;
    *count = 0;
    *complete = false;
    TRY(search_ready(w->db, &ready));
    if (!ready || e->site || text_length(folded) < 3 || limit < 1)
        return NULL;
    TRY(search_waiting(w, e, folded, &waiting, &few));
    if (!few)
        return NULL;
    TRY(search_contains(w, e, folded, limit + 1, &r));
    if (row_count(r) + waiting.count > (size_t)limit)
        return NULL;
    *ids = NEW_ARRAY(w->arena, i64, row_count(r) + waiting.count + 1);
    while (row_next(r))
        (*ids)[(*count)++] = row_num(r, 0);
    for (size_t i = 0; i < waiting.count; i++)
        (*ids)[(*count)++] = waiting.id[i];
    qsort(*ids, *count, sizeof(**ids), by_id);
    *complete = true;
    return NULL;
}
