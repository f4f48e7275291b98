/* SPDX-License-Identifier: Apache-2.0 */
/* Which record a row means: by number, key of another program, external number, e-mail, code or
 * title; and what of that was in the file before. */
#include <sodium.h>
#include <string.h>

#include "base/text.h"
#include "core/entity_sql.h"
#include "core/import_rows.h"
#include "core/list_sql.h"
#include "core/page.h"

/* --- what is in the file: keyed hashes, so that nobody can make two names look the same --- */

static u64 hash_of(struct import_state *s, char tag, const char *text)
{
    unsigned char out[crypto_shorthash_BYTES];
    size_t n = strlen(text);
    char *room = arena_alloc(s->row_arena, n + 1);
    u64 h;

    room[0] = tag;
    memcpy(room + 1, text, n);
    crypto_shorthash(out, (const unsigned char *)room, n + 1, s->hash_key);
    memcpy(&h, out, sizeof(h));
    return h ? h : 1;
}

static struct seen *seen_slot(struct import_state *s, u64 hash)
{
    size_t i = (size_t)hash & (s->nslots - 1);

    while (s->seen[i].hash && s->seen[i].hash != hash)
        i = (i + 1) & (s->nslots - 1);
    return &s->seen[i];
}

static void seen_grow(struct import_state *s)
{
    struct arena *old = s->seen_arena;
    struct seen *list = s->seen;
    size_t n = s->nslots;

    s->nslots = n ? n * 2 : 1024;
    s->seen_arena = arena_new((size_t)1 << 30);
    s->seen = NEW_ARRAY(s->seen_arena, struct seen, s->nslots);
    for (size_t i = 0; i < n; i++)
        if (list[i].hash)
            *seen_slot(s, list[i].hash) = list[i];
    arena_free(old);
}

/* The row where this was seen first; `row` itself when it is new. */
static i64 seen_first(struct import_state *s, char tag, const char *text, i64 row)
{
    struct seen *slot;

    if ((s->nseen + 1) * 4 > s->nslots * 3)
        seen_grow(s);
    slot = seen_slot(s, hash_of(s, tag, text));
    if (slot->hash)
        return slot->row;
    *slot = (struct seen){hash_of(s, tag, text), row};
    s->nseen++;
    return row;
}

bool import_seen(struct import_state *s, char tag, const char *text)
{
    return s->nslots && seen_slot(s, hash_of(s, tag, text))->hash;
}

/* --- what a row is known by --- */

static const struct field *email_of(const struct entity *e)
{
    for (size_t i = 0; i < e->nfields; i++)
        if (e->fields[i].kind == FIELD_EMAIL)
            return &e->fields[i];
    return NULL;
}

static void name_sql(struct list_sql *s, const struct entity *e, const struct field *f,
                     const char *text)
{
    buf_printf(&s->text, "select t.id from %s t where t.org_id = ", e->name);
    list_bind(s, num(entity_org(s->w, e)));
    buf_printf(&s->text, " and t.%s = ", f->name);
    list_bind(s, str(f->kind == FIELD_EMAIL ? text_lower(s->w->arena, text) : text));
    list_visibility(s, e);
    buf_str(&s->text, " order by t.id limit 2");
}

/* Records that this person sees and whose field has this value: 0, 1, or 2 for several. */
static struct err *find_by(struct web *w, const struct entity *e, const struct field *f,
                           const char *text, i64 *id, size_t *count)
{
    struct list_sql s;
    struct rows *r;

    list_sql_init(&s, w);
    name_sql(&s, e, f, text);
    TRY(list_sql_run(&s, &r));
    *count = row_count(r);
    *id = row_next(r) ? row_num(r, 0) : 0;
    return NULL;
}

/* The key by which a row without number is known: its tag, text and field. */
struct key {
    char tag;
    const char *text;
    const struct field *field;
};

static const struct field *key_field(struct importing *im, char tag)
{
    switch (tag) {
    case 'x':
        return entity_field(im->e, "external_id");
    case 'e':
        return im->match == MATCH_EMAIL || text_equal(im->e->name, "person") ? email_of(im->e)
                                                                             : NULL;
    case 'c':
        return entity_field(im->e, "code");
    default:
        return im->e->title ? entity_field(im->e, im->e->title) : NULL;
    }
}

static struct key key_of(struct importing *im, const struct source_row *row)
{
    static const char *const tags[MATCHES] = {
        [MATCH_AUTO] = "xect", [MATCH_TITLE] = "t", [MATCH_EMAIL] = "e", [MATCH_EXTERNAL] = "x"};

    for (const char *tag = tags[im->match]; tag && *tag; tag++) {
        const struct field *f = key_field(im, *tag);
        const char *text = f && field_is_text(f) ? import_cell(im, row, f, COLUMN_FIELD) : NULL;

        if (text)
            return (struct key){
                *tag, f->kind == FIELD_EMAIL ? text_lower(im->state->row_arena, text) : text, f};
    }
    return (struct key){0};
}

/* --- many rows at once --- */

struct ahead {
    char tag; /* 'k' for keys of another program, else as in key_of */
    const char *text;
    i64 id;
    size_t count;
};

static int by_text(const void *a, const void *b)
{
    const struct ahead *x = a, *y = b;

    return x->tag != y->tag ? x->tag - y->tag : strcmp(x->text, y->text);
}

static struct ahead *ahead_of(const struct import_state *s, char tag, const char *text)
{
    struct ahead key = {.tag = tag, .text = text};

    return s->nahead ? bsearch(&key, s->ahead, s->nahead, sizeof key, by_text) : NULL;
}

/* The statement of find_by or import_key_find for one text. */
static void ask_for(struct importing *im, const struct ahead *a, struct list_sql *s)
{
    const struct field *f = a->tag == 'k' ? NULL : key_field(im, a->tag);

    list_sql_init(s, im->w);
    if (f) {
        name_sql(s, im->e, f, a->text);
        return;
    }
    import_key_sql(s, im->e, im->origin, a->text);
}

/* All of them in one round trip, each by its own index. */
static struct err *find_all(struct importing *im)
{
    struct import_state *s = im->state;
    struct arena *a = im->w->arena;
    struct batch_item *items = NEW_ARRAY(a, struct batch_item, s->nahead + 1);
    struct rows **found = NEW_ARRAY(a, struct rows *, s->nahead + 1);
    struct list_sql *sql = NEW(a, struct list_sql);

    for (size_t i = 0; i < s->nahead; i++) {
        struct val *vals;

        ask_for(im, &s->ahead[i], sql);
        vals = NEW_ARRAY(a, struct val, sql->count);
        memcpy(vals, sql->vals, sql->count * sizeof(*vals));
        items[i] = (struct batch_item){
            .sql = sql->text.data, .vals = vals, .nvals = sql->count, .out = &found[i]};
    }
    TRY(db_batch(im->w->db, items, s->nahead));
    for (size_t i = 0; i < s->nahead; i++) {
        s->ahead[i].count = row_count(found[i]);
        s->ahead[i].id = row_next(found[i]) ? row_num(found[i], 0) : 0;
    }
    return NULL;
}

static bool by_numbers(const struct importing *im)
{
    return im->match == MATCH_AUTO || im->match == MATCH_NUMBER;
}

static bool by_keys(const struct importing *im)
{
    return im->match == MATCH_AUTO || im->match == MATCH_KEY;
}

static void ask_ahead(struct import_state *s, char tag, const char *text)
{
    s->ahead[s->nahead++] = (struct ahead){.tag = tag, .text = text};
}

static size_t distinct(struct ahead *list, size_t n)
{
    size_t kept = 0;

    qsort(list, n, sizeof list[0], by_text);
    for (size_t i = 0; i < n; i++)
        if (!kept || by_text(&list[kept - 1], &list[i]) != 0)
            list[kept++] = list[i];
    return kept;
}

struct err *import_find_ahead(struct importing *im, const struct source_row *rows, size_t n)
{
    struct import_state *s = im->state;

    s->nahead = 0;
    s->ahead = NULL;
    s->row_arena = im->w->arena;
    if (!entity_sees_all(im->w, im->e))
        return NULL;
    s->ahead = NEW_ARRAY(im->w->arena, struct ahead, n * 2 + 1);
    for (size_t i = 0; i < n; i++) {
        const char *key = import_cell(im, &rows[i], NULL, COLUMN_KEY);
        struct key k = key_of(im, &rows[i]);

        if (by_numbers(im) && import_cell(im, &rows[i], NULL, COLUMN_NUMBER))
            continue;
        if (key && by_keys(im))
            ask_ahead(s, 'k', key);
        if (k.tag)
            ask_ahead(s, k.tag, k.text);
    }
    s->nahead = distinct(s->ahead, s->nahead);
    return find_all(im);
}

/* --- which record --- */

static struct err *by_number(struct importing *im, const char *text, i64 *id, struct issues *out)
{
    const struct entity *e = im->e;
    const char *digits = text;
    struct err *failed;
    size_t n = strlen(e->prefix);
    i64 number;

    if (strncasecmp(text, e->prefix, n) == 0 && text[n] == '-')
        digits += n + 1;
    if (!text_i64(digits, &number) || number < 1) {
        issue(out, "number",
              "“%.40s” is no number of a record. Write it like %s-7, or leave it "
              "empty to create one.",
              text, e->prefix);
        return NULL;
    }
    failed = entity_find(im->w, e, digits, id);
    if (failed && failed->code != ERR_MISSING)
        return failed;
    if (failed)
        issue(out, "number", "There is no %.40s here. Leave the number empty to create a record.",
              text);
    return NULL;
}

static void refuse_twice(struct issues *out, const char *field, const char *text, i64 first)
{
    issue(out, field, "“%.60s” is already in row %lld of this file. Each record may be there once.",
          text, first);
}

/* Only when checking: remembers what the row is called, and refuses what was there before. Rows
 * with keys of another program, and rows that are all new, may share a name. */
static void remember(struct importing *im, const struct source_row *row, const struct key *k,
                     i64 id, struct row_result *out)
{
    struct import_state *s = im->state;
    const struct field *title = im->e->title ? entity_field(im->e, im->e->title) : NULL;
    const char *name = title ? import_cell(im, row, title, COLUMN_FIELD) : NULL;
    i64 first;

    if (s->writing)
        return;
    if (id) {
        const char *text = arena_printf(s->row_arena, "%lld", id);
        const char *shown = k->tag ? k->text : import_cell(im, row, NULL, COLUMN_NUMBER);

        first = seen_first(s, '#', text, row->row);
        if (first != row->row)
            refuse_twice(&out->issues,
                         k->tag     ? k->field->name
                         : out->key ? "key"
                                    : "number",
                         shown ? shown : out->key, first);
    } else if (k->tag && !(out->key && k->tag == 't')) {
        first = seen_first(s, k->tag, k->text, row->row);
        if (first != row->row)
            refuse_twice(&out->issues, k->field->name, k->text, first);
    }
    if (name && !(k->tag == 't' && !id && !out->key))
        seen_first(s, 't', name, row->row);
}

/* The record that stands for the row's key in the other program. */
static struct err *by_key(struct importing *im, const struct source_row *row, const char *key,
                          i64 *id, struct issues *out)
{
    const struct ahead *known = ahead_of(im->state, 'k', key);
    i64 first;

    if (!im->state->writing) {
        first = seen_first(im->state, 'k', key, row->row);
        if (first != row->row)
            refuse_twice(out, "key", key, first);
    }
    if (known) {
        *id = known->id;
        return NULL;
    }
    return import_key_find(im->w, im->e, im->origin, key, id);
}

/* A record that another key stands for is not this row's, however alike they are called. */
static struct err *leave_claimed(struct importing *im, i64 *id)
{
    bool claimed;

    TRY(import_key_claims(im->w, im->e, im->origin, *id, &claimed));
    if (!im->state->writing && import_seen(im->state, '#', arena_printf(im->w->arena, "%lld", *id)))
        claimed = true;
    *id = claimed ? 0 : *id;
    return NULL;
}

static struct err *find_record(struct importing *im, const struct source_row *row,
                               struct row_result *out, struct key *k, i64 *id)
{
    const char *number = by_numbers(im) ? import_cell(im, row, NULL, COLUMN_NUMBER) : NULL;
    const struct ahead *known;
    size_t found = 0;

    out->key = import_cell(im, row, NULL, COLUMN_KEY);
    if (number)
        return by_number(im, number, id, &out->issues);
    if (out->key && by_keys(im))
        TRY(by_key(im, row, out->key, id, &out->issues));
    if (*id || out->issues.count)
        return NULL;
    *k = key_of(im, row);
    known = k->tag ? ahead_of(im->state, k->tag, k->text) : NULL;
    if (known) {
        *id = known->id;
        found = known->count;
    } else if (k->tag) {
        TRY(find_by(im->w, im->e, k->field, k->text, id, &found));
    }
    if (found == 1 && out->key)
        TRY(leave_claimed(im, id));
    if (found > 1)
        issue(&out->issues, k->field->name,
              "Several %s are called “%.60s”. Add a column number to say which one is meant.",
              page_lower(im->w, im->e->labels), k->text);
    return NULL;
}

struct err *import_find(struct importing *im, const struct source_row *row, struct row_result *out,
                        i64 *id)
{
    struct key k = {0};

    *id = 0;
    TRY(find_record(im, row, out, &k, id));
    if (out->issues.count == 0)
        remember(im, row, &k, *id, out);
    if (out->issues.count == 0 && !*id && im->e->no_create)
        issue(&out->issues, k.tag ? k.field->name : "number",
              "There is no such %s, and none can be created. Only existing ones can be changed.",
              page_lower(im->w, im->e->label));
    return NULL;
}
