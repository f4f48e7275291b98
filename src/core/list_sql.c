/* SPDX-License-Identifier: Apache-2.0 */
#include "core/list_sql.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypt.h"
#include "base/text.h"
#include "base/words.h"
#include "core/entity_sql.h"
#include "core/list_part.h"

void list_sql_init(struct list_sql *s, struct web *w)
{
    s->w = w;
    s->count = 0;
    buf_init(&s->text, w->arena, 1024);
}

int list_value_number(struct list_sql *s, struct val v)
{
    if (s->count == LIST_VALS)
        BUG("a list statement with more than %d values", LIST_VALS);
    s->vals[s->count++] = v;
    return (int)s->count;
}

void list_bind(struct list_sql *s, struct val v)
{
    char digits[8];
    size_t at = sizeof digits;

    for (int n = list_value_number(s, v); n > 0; n /= 10)
        digits[--at] = (char)('0' + n % 10);
    digits[--at] = '$';
    buf_add(&s->text, digits + at, sizeof digits - at);
}

struct err *list_sql_run(struct list_sql *s, struct rows **out)
{
    return db_query_text(s->w->db, out, s->text.data, s->vals, s->count);
}

static void add(struct list_sql *s, const char *text)
{
    buf_str(&s->text, text);
}

/* --- cursor --- */

static const char *sort_name(const struct list_query *q)
{
    return q->sort ? q->sort->name : "number";
}

char *list_url64(struct arena *a, const char *text)
{
    char *out = crypt_base64(a, text, strlen(text));

    for (char *p = out; *p; p++) {
        if (*p == '+')
            *p = '-';
        else if (*p == '/')
            *p = '_';
        else if (*p == '=')
            *p = '\0';
    }
    return out;
}

bool list_unurl64(struct arena *a, const char *text, struct bytes *out)
{
    size_t size = strlen(text);
    size_t padded = (size + 3) / 4 * 4;
    char *plain;

    if (size == 0 || size > 8000)
        return false;
    plain = arena_alloc(a, padded + 1);
    for (size_t i = 0; i < padded; i++) {
        plain[i] = i < size ? text[i] : '=';
        if (plain[i] == '-')
            plain[i] = '+';
        else if (plain[i] == '_')
            plain[i] = '/';
    }
    return crypt_unbase64(a, plain, out);
}

/* "<sort> <+|-> <id> <n|i|s><value>" */
const char *list_cursor_at(struct arena *a, const struct list_query *q, struct val v, i64 id)
{
    struct buf b;

    buf_init(&b, a, 128);
    buf_printf(&b, "%s %c %lld ", sort_name(q), q->descending ? '-' : '+', id);
    if (v.null)
        buf_char(&b, 'n');
    else if (v.kind == VAL_NUM)
        buf_printf(&b, "i%lld", v.num);
    else
        buf_printf(&b, "s%s", (const char *)v.data);
    return list_url64(a, b.data);
}

const char *list_cursor_write(struct arena *a, const struct list_query *q, const void *record)
{
    const struct record *r = record;

    return list_cursor_at(a, q, q->sort ? field_val(q->sort, record) : num(r->number), r->id);
}

static bool read_value(struct arena *a, const struct list_query *q, const char *text,
                       struct val *out)
{
    bool texts = q->sort && field_is_text(q->sort);
    i64 n;

    if (text[0] == 'n' && text[1] == '\0' && q->sort) {
        *out = texts ? str_null() : num_null();
        return true;
    }
    if (text[0] == 's' && texts) {
        *out = str(arena_str(a, text + 1));
        return true;
    }
    if (text[0] != 'i' || texts || !text_i64(text + 1, &n))
        return false;
    *out = num(n);
    return true;
}

static bool read_cursor(struct arena *a, const struct list_query *q, struct list_cursor *out)
{
    struct bytes raw;
    const char *start = arena_printf(a, "%s %c ", sort_name(q), q->descending ? '-' : '+');
    char *text;
    char *value;

    if (!list_unurl64(a, q->after, &raw) || !text_valid((const char *)raw.data, raw.size))
        return false;
    text = arena_strn(a, (const char *)raw.data, raw.size);
    if (!text_starts(text, start))
        return false;
    text += strlen(start);
    value = strchr(text, ' ');
    if (!value)
        return false;
    *value++ = '\0';
    return text_i64(text, &out->id) && read_value(a, q, value, &out->value);
}

struct err *list_cursor_read(struct arena *a, const struct list_query *q, struct list_cursor *out)
{
    struct list_query inner = *q;
    struct list_place place;
    bool good = true;

    *out = (struct list_cursor){0};
    if (q->group) {
        good = list_group_place(a, q, &place);
        inner.after = place.after;
        inner.group = NULL;
    }
    if (!inner.after && good)
        return NULL;
    if (!good || !read_cursor(a, &inner, out))
        return err_new(ERR_BAD, "The place in the list (after=) cannot be read or belongs to "
                                "another order. Start again at the first page.");
    out->set = true;
    return NULL;
}

/* --- links and titles --- */

struct slot {
    i64 id;
    size_t index;
};

static int by_id(const void *a, const void *b)
{
    const struct slot *x = a;
    const struct slot *y = b;

    return (x->id > y->id) - (x->id < y->id);
}

static const char *json_ids(struct arena *a, const struct slot *ids, size_t count)
{
    struct buf b;

    buf_init(&b, a, count * 20 + 2);
    for (size_t i = 0; i < count; i++)
        buf_printf(&b, "%c%lld", i == 0 ? '[' : ',', ids[i].id);
    buf_char(&b, ']');
    return b.data;
}

static void *record_at(void *records, size_t size, size_t i)
{
    return (char *)records + i * size;
}

/* Rows (record, target) in order of both: each run becomes the ids of one record. */
static void assign_links(struct arena *a, const struct field *f, struct rows *r, void *records,
                         size_t size, const struct slot *slots, size_t count)
{
    i64 *targets = NEW_ARRAY(a, i64, row_count(r) + 1);
    const struct slot *slot = NULL;
    size_t used = 0;

    while (row_next(r)) {
        struct slot key = {.id = row_num(r, 0)};
        struct ids *ids;

        if (!slot || slot->id != key.id)
            slot = bsearch(&key, slots, count, sizeof *slots, by_id);
        if (!slot)
            continue;
        ids = (struct ids *)(void *)((char *)record_at(records, size, slot->index) + f->offset);
        if (ids->count == 0)
            ids->id = targets + used;
        targets[used++] = row_num(r, 1);
        ids->count++;
    }
}

struct err *list_load_field(struct web *w, const struct entity *e, const struct field *f,
                            const struct list_result *of)
{
    struct slot *slots = NEW_ARRAY(w->arena, struct slot, of->count + 1);
    struct list_sql s;
    struct rows *r;

    if (of->count == 0)
        return NULL;
    for (size_t k = 0; k < of->count; k++) {
        const struct record *one = record_at(of->records, e->size, k);

        slots[k] = (struct slot){one->id, k};
    }
    qsort(slots, of->count, sizeof *slots, by_id);
    list_sql_init(&s, w);
    buf_printf(&s.text, "select l.record, l.target from %s_%s l where l.org_id = ", e->name,
               f->name);
    list_bind(&s, num(entity_org(w, e)));
    add(&s, " and l.record in (select cast(value as bigint) from json_each(");
    list_bind(&s, str(json_ids(w->arena, slots, of->count)));
    add(&s, ")) order by l.record, l.target");
    TRY(list_sql_run(&s, &r));
    assign_links(w->arena, f, r, of->records, e->size, slots, of->count);
    return NULL;
}

struct err *list_load_links(struct web *w, const struct entity *e, void *records, size_t count)
{
    struct list_result of = {.records = records, .count = count};

    for (size_t i = 0; i < e->nfields; i++)
        if (e->fields[i].kind == FIELD_REFS)
            TRY(list_load_field(w, e, &e->fields[i], &of));
    return NULL;
}

static int by_title_key(const void *a, const void *b)
{
    const struct list_title *x = a;
    const struct list_title *y = b;

    if (x->entity != y->entity)
        return (uintptr_t)x->entity < (uintptr_t)y->entity ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

const struct list_title *list_title_of(const struct list_titles *t, const struct entity *e, i64 id)
{
    struct list_title key = {.entity = e, .id = id};

    return t->count ? bsearch(&key, t->list, t->count, sizeof key, by_title_key) : NULL;
}

/* Ids that the field of all records points to are put into `out`; returns how many. */
static size_t collect(const struct field *f, const struct list_result *r, size_t size,
                      struct slot *out)
{
    size_t n = 0;

    for (size_t k = 0; k < r->count; k++) {
        const char *one = (const char *)r->records + k * size;

        if (f->kind == FIELD_REF || f->kind == FIELD_RECORD) {
            i64 id = field_num(f, one);
            if (id && out)
                out[n].id = id;
            n += id != 0;
        } else if (f->kind == FIELD_REFS) {
            const struct ids *ids = (const struct ids *)(const void *)(one + f->offset);
            for (size_t i = 0; i < ids->count && out; i++)
                out[n + i].id = ids->id[i];
            n += ids->count;
        }
    }
    return n;
}

static bool points(const struct field *f)
{
    return f->kind == FIELD_REF || f->kind == FIELD_REFS || f->kind == FIELD_RECORD;
}

static size_t squeeze(struct slot *ids, size_t count)
{
    size_t kept = 0;

    qsort(ids, count, sizeof *ids, by_id);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || ids[kept - 1].id != ids[i].id)
            ids[kept++] = ids[i];
    return kept;
}

static struct err *fetch_titles(struct web *w, const struct entity *e, const struct slot *ids,
                                size_t count, struct list_titles *out)
{
    struct list_sql s;
    struct rows *r;

    list_sql_init(&s, w);
    buf_printf(&s.text, "select t.id, t.number, t.%s from %s t where t.org_id = ", e->title,
               e->name);
    list_bind(&s, num(entity_org(w, e)));
    add(&s, " and t.id in (select cast(value as bigint) from json_each(");
    list_bind(&s, str(json_ids(w->arena, ids, count)));
    add(&s, "))");
    TRY(list_sql_run(&s, &r));
    while (row_next(r))
        out->list[out->count++] = (struct list_title){
            e, row_num(r, 0), row_num(r, 1), entity_title_shown(w, e, row_text(r, 2)), NULL};
    return NULL;
}

/* The same for records of any kind. */
static struct err *fetch_heads(struct web *w, const struct slot *slots, size_t count,
                               struct list_titles *out)
{
    i64 *ids = NEW_ARRAY(w->arena, i64, count);
    struct record_head *heads;

    for (size_t i = 0; i < count; i++)
        ids[i] = slots[i].id;
    TRY(record_heads(w, (struct ids){ids, count}, &heads));
    for (size_t i = 0; i < count; i++)
        out->list[out->count++] = (struct list_title){.id = heads[i].id,
                                                      .number = heads[i].number,
                                                      .title = heads[i].title,
                                                      .head = &heads[i]};
    return NULL;
}

struct err *list_titles(struct web *w, const struct field *const *fields, size_t nfields,
                        const struct list_result *r, size_t size, struct list_titles *out)
{
    size_t room = 0;
    struct slot *ids;

    for (size_t i = 0; i < nfields; i++)
        room += collect(fields[i], r, size, NULL);
    *out = (struct list_titles){NEW_ARRAY(w->arena, struct list_title, room + 1), 0};
    ids = NEW_ARRAY(w->arena, struct slot, room + 1);
    for (size_t i = 0; i < nfields; i++) {
        const struct entity *e = fields[i]->ref;
        size_t count = 0;
        bool again = false;

        for (size_t k = 0; k < i; k++)
            again |= fields[k]->ref == e && points(fields[k]);
        if (!points(fields[i]) || again)
            continue;
        for (size_t k = i; k < nfields; k++)
            if (fields[k]->ref == e && points(fields[k]))
                count += collect(fields[k], r, size, ids + count);
        if (count > 0 && !e)
            TRY(fetch_heads(w, ids, squeeze(ids, count), out));
        else if (count > 0)
            TRY(fetch_titles(w, e, ids, squeeze(ids, count), out));
    }
    qsort(out->list, out->count, sizeof *out->list, by_title_key);
    return NULL;
}

struct err *list_options(struct web *w, const struct entity *e, int limit, struct list_titles *out)
{
    struct list_sql s;
    struct rows *r;

    list_sql_init(&s, w);
    buf_printf(&s.text, "select t.id, t.number, t.%s from %s t where t.org_id = ", e->title,
               e->name);
    list_bind(&s, num(entity_org(w, e)));
    list_visibility(&s, e);
    buf_printf(&s.text, " order by t.%s, t.id limit ", e->title);
    list_bind(&s, num(limit));
    TRY(list_sql_run(&s, &r));
    *out = (struct list_titles){NEW_ARRAY(w->arena, struct list_title, row_count(r) + 1), 0};
    while (row_next(r))
        out->list[out->count++] = (struct list_title){
            e, row_num(r, 0), row_num(r, 1), entity_title_shown(w, e, row_text(r, 2)), NULL};
    return NULL;
}

/* --- old versions --- */

static struct err *old_links(struct web *w, const struct entity *e, const struct field *f, i64 at,
                             void *record)
{
    struct record *one = record;
    struct slot slot = {one->id, 0};
    struct list_sql s;
    struct rows *r;

    list_sql_init(&s, w);
    buf_printf(&s.text,
               "select distinct l.record, l.target from %s_%s_history l where l.org_id = ", e->name,
               f->name);
    list_bind(&s, num(entity_org(w, e)));
    add(&s, " and l.record = ");
    list_bind(&s, num(one->id));
    add(&s, " and l.valid_from <= ");
    list_bind(&s, num(at));
    add(&s, " and l.valid_to > ");
    list_bind(&s, num(at));
    add(&s, " order by l.record, l.target");
    TRY(list_sql_run(&s, &r));
    assign_links(w->arena, f, r, record, e->size, &slot, 1);
    return NULL;
}

struct err *list_old_version(struct web *w, const struct entity *e, i64 id, i64 version,
                             void *record)
{
    const struct entity_sql *sql = entity_sql(e);
    struct list_sql s;
    struct rows *r;
    i64 at;

    list_sql_init(&s, w);
    buf_printf(&s.text,
               "select %s, t.valid_from from %s_history t where t.org_id = ", sql->history_columns,
               e->name);
    list_bind(&s, num(entity_org(w, e)));
    add(&s, " and t.id = ");
    list_bind(&s, num(id));
    add(&s, " and t.version = ");
    list_bind(&s, num(version));
    TRY(list_sql_run(&s, &r));
    if (!row_next(r))
        return err_new(ERR_MISSING, "There is no version %lld of this record.", version);
    entity_from_row(e, r, 0, true, record);
    at = row_num(r, sql->nhistory);
    for (size_t i = 0; i < e->nfields; i++)
        if (e->fields[i].kind == FIELD_REFS)
            TRY(old_links(w, e, &e->fields[i], at, record));
    return NULL;
}

struct err *list_removed_id(struct web *w, const struct entity *e, const char *text, i64 *id)
{
    size_t prefix = strlen(e->prefix);
    bool by_number = text_starts(text, e->prefix) && text[prefix] == '-';
    struct list_sql s;
    struct rows *r;
    i64 n;

    *id = 0;
    if (!text_i64(by_number ? text + prefix + 1 : text, &n))
        return NULL;
    list_sql_init(&s, w);
    buf_printf(&s.text, "select id from %s_history where org_id = ", e->name);
    list_bind(&s, num(entity_org(w, e)));
    add(&s, by_number ? " and number = " : " and id = ");
    list_bind(&s, num(n));
    add(&s, " limit 1");
    TRY(list_sql_run(&s, &r));
    if (row_next(r))
        *id = row_num(r, 0);
    return NULL;
}
