/* SPDX-License-Identifier: Apache-2.0 */
/* What a row of an import means: which record, which values, what is wrong. The same code runs when
 * rows are checked (nothing is written) and when they are written; between the two, others may have
 * changed the store, so everything is looked up again. */
#include "core/import_rows.h"

#include <sodium.h>
#include <string.h>

#include "base/csv.h"
#include "base/text.h"
#include "core/entity_write.h"
#include "core/list_sql.h"

#define CACHE_SLOTS 4096
#define CACHE_MEMORY ((size_t)6 << 20)

/* --- names that were met before: a register names few people and many rows --- */

struct cached {
    const struct field *field;
    const char *text;
    i64 num;
    const char *code;
};

static size_t cache_slot(const struct field *f, const char *text)
{
    u64 h = 0xcbf29ce484222325ULL ^ (uintptr_t)f;

    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * 0x100000001b3ULL;
    return (size_t)((h * 0x9e3779b97f4a7c15ULL) >> 52);
}

static const struct cached *cache_find(struct import_state *s, const struct field *f,
                                       const char *text)
{
    const struct cached *c = &s->cache[cache_slot(f, text)];

    return c->field == f && text_equal(c->text, text) ? c : NULL;
}

static void cache_keep(struct import_state *s, struct cached one)
{
    if (arena_used(s->cache_arena) > CACHE_MEMORY) {
        arena_reset(s->cache_arena);
        memset(s->cache, 0, CACHE_SLOTS * sizeof(s->cache[0]));
    }
    one.text = arena_str(s->cache_arena, one.text);
    one.code = arena_str(s->cache_arena, one.code);
    s->cache[cache_slot(one.field, one.text)] = one;
}

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

static bool seen_anywhere(struct import_state *s, char tag, const char *text)
{
    return s->nslots && seen_slot(s, hash_of(s, tag, text))->hash;
}

/* --- which record --- */

/* Takes off the apostrophe that an export puts before what looks like a formula. */
static const char *plain_cell(struct arena *a, const struct import *im, const char *text)
{
    struct buf b;

    if (!text || text[0] != '\'' || im->source->kind != SOURCE_CSV)
        return text;
    buf_init(&b, a, 64);
    csv_cell(&b, text + 1, true);
    return b.data[0] == '\'' || (b.data[0] == '"' && b.data[1] == '\'') ? text + 1 : text;
}

static const char *cell_text(const struct import *im, const struct source_row *row, size_t column)
{
    const char *text = row->cell[column];

    if (!text || !*text)
        return text;
    return text_trim(im->state->row_arena, plain_cell(im->state->row_arena, im, text));
}

/* The cell of the field, NULL when there is no such column or nothing in it. */
static const char *cell_of(const struct import *im, const struct source_row *row,
                           const struct field *f, enum column_use use)
{
    for (size_t i = 0; i < im->source->ncolumns; i++) {
        const struct column *c = &im->columns[i];

        if (c->use == use && (use == COLUMN_NUMBER || c->field == f)) {
            const char *text = cell_text(im, row, i);
            return text_empty(text) ? NULL : text;
        }
    }
    return NULL;
}

static const struct field *email_of(const struct entity *e)
{
    for (size_t i = 0; i < e->nfields; i++)
        if (e->fields[i].kind == FIELD_EMAIL)
            return &e->fields[i];
    return NULL;
}

static const char *lower(struct arena *a, const char *text)
{
    char *copy = arena_str(a, text);

    for (char *p = copy; *p; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p - 'A' + 'a');
    return copy;
}

/* Records that this person sees and whose field has this value: 0, 1, or 2 for several. */
static struct err *find_by(struct web *w, const struct entity *e, const struct field *f,
                           const char *text, i64 *id, size_t *count)
{
    struct list_sql s;
    struct rows *r;

    list_sql_init(&s, w);
    buf_printf(&s.text, "select t.id from %s t where t.org_id = ", e->name);
    list_bind(&s, num(entity_org(w, e)));
    buf_printf(&s.text, " and t.%s = ", f->name);
    list_bind(&s, str(f->kind == FIELD_EMAIL ? lower(w->arena, text) : text));
    list_visibility(&s, e);
    buf_str(&s.text, " order by t.id limit 2");
    TRY(list_sql_run(&s, &r));
    *count = row_count(r);
    *id = row_next(r) ? row_num(r, 0) : 0;
    return NULL;
}

static struct err *by_number(const struct import *im, const char *text, i64 *id, struct issues *out)
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

/* The key by which a row without number is known: its tag, text and field. */
struct key {
    char tag;
    const char *text;
    const struct field *field;
};

static struct key key_of(const struct import *im, const struct source_row *row)
{
    const struct field *fields[] = {
        entity_field(im->e, "external_id"),
        im->e->name && text_equal(im->e->name, "person") ? email_of(im->e) : NULL,
        entity_field(im->e, "code"), entity_field(im->e, im->e->title)};
    static const char tags[] = "xect";

    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        const struct field *f = fields[i];
        const char *text = f && field_is_text(f) ? cell_of(im, row, f, COLUMN_FIELD) : NULL;

        if (text)
            return (struct key){
                tags[i], f->kind == FIELD_EMAIL ? lower(im->state->row_arena, text) : text, f};
    }
    return (struct key){0};
}

static void refuse_twice(struct issues *out, const char *field, const char *text, i64 first)
{
    issue(out, field, "“%.60s” is already in row %lld of this file. Each record may be there once.",
          text, first);
}

/* Only when checking: remembers what the row is called, and refuses what was there before. */
static void remember(const struct import *im, const struct source_row *row, const struct key *k,
                     i64 id, struct issues *out)
{
    struct import_state *s = im->state;
    const struct field *title = entity_field(im->e, im->e->title);
    const char *name = title ? cell_of(im, row, title, COLUMN_FIELD) : NULL;
    i64 first;

    if (s->writing)
        return;
    if (id) {
        const char *text = arena_printf(s->row_arena, "%lld", id);
        first = seen_first(s, '#', text, row->row);
        if (first != row->row)
            refuse_twice(out, k->tag ? k->field->name : "number",
                         k->tag ? k->text : cell_of(im, row, NULL, COLUMN_NUMBER), first);
    } else if (k->tag) {
        first = seen_first(s, k->tag, k->text, row->row);
        if (first != row->row)
            refuse_twice(out, k->field->name, k->text, first);
    }
    if (name && !(k->tag == 't' && !id))
        seen_first(s, 't', name, row->row);
}

static struct err *which_record(const struct import *im, const struct source_row *row, i64 *id,
                                struct issues *out)
{
    const char *number = cell_of(im, row, NULL, COLUMN_NUMBER);
    struct key k = {0};
    size_t found = 0;

    *id = 0;
    if (number) {
        TRY(by_number(im, number, id, out));
    } else {
        k = key_of(im, row);
        if (k.tag)
            TRY(find_by(im->w, im->e, k.field, k.text, id, &found));
        if (found > 1)
            issue(out, k.field->name,
                  "Several %s are called “%.60s”. Add a column number to say which one is meant.",
                  im->e->labels, k.text);
    }
    if (out->count == 0)
        remember(im, row, &k, *id, out);
    if (out->count == 0 && !*id && im->e->no_create)
        issue(out, k.tag ? k.field->name : "number",
              "There is no such %s, and none can be created. Only existing ones can be changed.",
              im->e->label);
    return NULL;
}

/* --- values --- */

/* The one value of a reference or code out of the store, by the cache. Not found: 0 and an issue.
 */
static struct err *look_up(const struct import *im, const struct field *f, const char *text,
                           struct cached *out, struct issues *issues)
{
    const struct cached *known = cache_find(im->state, f, text);
    void *scratch;
    struct field one = *f;
    struct entity fake = *im->e;
    size_t before = issues->count;
    struct input in = {f->name, text};

    *out = (struct cached){.field = f, .text = text};
    if (known) {
        *out = *known;
        return NULL;
    }
    if (f->kind == FIELD_REFS)
        one.kind = FIELD_REF; /* one of the list */
    one.offset = 0;
    fake.fields = &one;
    fake.nfields = 1;
    scratch = arena_alloc(im->w->arena, im->e->size);
    TRY(entity_apply(im->w, &fake, scratch, (struct inputs){&in, 1}, true, issues));
    if (issues->count > before)
        return NULL;
    if (f->kind == FIELD_CODE)
        out->code = field_str(&one, scratch);
    else
        out->num = field_num(&one, scratch);
    cache_keep(im->state, *out);
    return NULL;
}

static void defer(const struct import *im, const struct source_row *row, const struct column *c,
                  const char *text)
{
    struct import_state *s = im->state;

    if (s->npending == s->pending_room) {
        size_t room = s->pending_room ? s->pending_room * 2 : 64;
        struct pending *list = NEW_ARRAY(s->pending_arena, struct pending, room);

        if (s->npending)
            memcpy(list, s->pending, s->npending * sizeof(*list));
        s->pending = list;
        s->pending_room = room;
    }
    s->pending[s->npending++] = (struct pending){
        .row = row->row, .line = row->line, .column = c, .text = arena_str(s->pending_arena, text)};
}

/* A record that the same file makes may be named before it is there: when checking, the name is
 * looked for at the end; when writing, the reference is set when all rows are. */
static struct err *set_reference(const struct import *im, const struct source_row *row,
                                 const struct column *c, const char *text, struct row_result *out)
{
    void *record = out->record;
    const struct field *f = c->field;
    struct issues own = {.arena = im->w->arena};
    struct ids ids;
    struct cached found;

    TRY(look_up(im, f, text, &found, &own));
    if (own.count && f->ref == im->e &&
        (!im->state->writing || seen_anywhere(im->state, 't', text))) {
        defer(im, row, c, text);
        return NULL;
    }
    if (own.count) {
        issue(&out->issues, f->name, "%s", own.list[0].text);
        return NULL;
    }
    if (f->kind == FIELD_REF) {
        field_set_num(f, record, found.num);
        return NULL;
    }
    ids = *field_ids(f, record);
    ids_add(im->w->arena, &ids, found.num);
    field_set_ids(f, record, ids);
    return NULL;
}

static struct err *set_references(const struct import *im, const struct source_row *row,
                                  const struct column *c, const char *text, struct row_result *out)
{
    void *record = out->record;
    char *list = arena_str(im->w->arena, text), **parts;
    struct issues unused = {.arena = im->w->arena};
    struct cached whole;
    size_t n;

    field_set_ids(c->field, record, (struct ids){0});
    /* A name may contain a comma itself. */
    if (strpbrk(text, ",;")) {
        TRY(look_up(im, c->field, text, &whole, &unused));
        if (!unused.count)
            return set_reference(im, row, c, text, out);
    }
    for (char *p = list; *p; p++)
        if (*p == ';' || *p == '\n')
            *p = ',';
    n = text_split(im->w->arena, list, ',', &parts);
    for (size_t i = 0; i < n; i++)
        TRY(set_reference(im, row, c, parts[i], out));
    return NULL;
}

/* Values that are looked up: their texts come again and again. */
static bool is_looked_up(const struct field *f, const struct record *head, const char *text)
{
    bool kind = f->kind == FIELD_REF || f->kind == FIELD_REFS || f->kind == FIELD_CODE;

    return kind && *text && !(f->fixed && head->id);
}

static struct err *set_looked_up(const struct import *im, const struct source_row *row,
                                 const struct column *c, const char *text, struct row_result *out)
{
    struct cached found;
    size_t before = out->issues.count;

    if (c->field->kind == FIELD_REF)
        return set_reference(im, row, c, text, out);
    if (c->field->kind == FIELD_REFS)
        return set_references(im, row, c, text, out);
    if (text_equal(text, field_str(c->field, out->record)))
        return NULL; /* what a record has may be retired by now */
    TRY(look_up(im, c->field, text, &found, &out->issues));
    if (out->issues.count == before)
        field_set_str(c->field, out->record, arena_str(im->w->arena, found.code));
    return NULL;
}

static bool names(const struct import *im, const struct source_row *row, const char *field)
{
    const struct field *f = entity_field(im->e, field);

    return f && cell_of(im, row, f, COLUMN_FIELD);
}

/* An empty cell empties the field of a record; for a new one it says nothing, so that what a new
 * record has by itself holds. */
static struct err *set_values(const struct import *im, const struct source_row *row,
                              struct row_result *out)
{
    const struct record *head = out->record;
    struct inputs in = {.list = NEW_ARRAY(im->w->arena, struct input,
                                          im->source->ncolumns + im->defaults.count + 1)};

    for (size_t i = 0; i < im->source->ncolumns; i++) {
        const struct column *c = &im->columns[i];
        const char *text = c->use == COLUMN_FIELD ? cell_text(im, row, i) : NULL;

        if (text && (*text || head->id) && !is_looked_up(c->field, head, text))
            in.list[in.count++] = (struct input){c->field->name, text};
    }
    for (size_t i = 0; !head->id && i < im->defaults.count; i++)
        if (!names(im, row, im->defaults.list[i].name))
            in.list[in.count++] = im->defaults.list[i];
    TRY(entity_apply(im->w, im->e, out->record, in, true, &out->issues));
    for (size_t i = 0; i < im->source->ncolumns; i++) {
        const struct column *c = &im->columns[i];
        const char *text = c->use == COLUMN_FIELD ? cell_text(im, row, i) : NULL;

        if (text && is_looked_up(c->field, head, text))
            TRY(set_looked_up(im, row, c, text, out));
    }
    return NULL;
}

/* --- the row --- */

static bool differs(const struct entity *e, const void *a, const void *b)
{
    for (size_t i = 0; i < e->nfields; i++)
        if (!e->fields[i].derived && !field_equal(&e->fields[i], a, b))
            return true;
    return false;
}

static const char *what_changes(const struct import *im, const void *a, const void *b)
{
    struct buf text;

    buf_init(&text, im->w->arena, 64);
    for (size_t i = 0; i < im->e->nfields; i++)
        if (!im->e->fields[i].derived && !field_equal(&im->e->fields[i], a, b))
            buf_printf(&text, "%s%s", text.size ? ", " : "", im->e->fields[i].label);
    return text.data;
}

struct err *import_row(const struct import *im, const struct source_row *row,
                       struct row_result *out)
{
    struct import_state *s = im->state;
    const struct record *head;
    i64 id;

    *out = (struct row_result){.fate = ROW_WRONG, .issues = {.arena = im->w->arena}, .what = ""};
    out->record = arena_alloc(im->w->arena, im->e->size);
    s->row_arena = im->w->arena;
    out->pending = s->npending;
    if (row->wrong) {
        issue(&out->issues, "", "%s", row->wrong);
        return NULL;
    }
    TRY(which_record(im, row, &id, &out->issues));
    if (out->issues.count)
        return NULL;
    if (id) {
        void *before = arena_alloc(im->w->arena, im->e->size);

        TRY(entity_load(im->w, im->e, id, out->record));
        memcpy(before, out->record, im->e->size);
        out->before = before;
    }
    TRY(set_values(im, row, out));
    if (out->before && !differs(im->e, out->before, out->record) && s->npending == out->pending) {
        out->fate = out->issues.count ? ROW_WRONG : ROW_SAME;
        return NULL;
    }
    if (!s->writing)
        TRY(entity_check(im->w, im->e, out->record, &out->issues));
    if (out->issues.count)
        return NULL;
    head = out->record;
    out->fate = head->id ? ROW_CHANGE : ROW_CREATE;
    if (out->before)
        out->what = what_changes(im, out->before, out->record);
    return NULL;
}

/* --- the reference that waited --- */

bool import_pending_known(const struct import *im, const struct pending *p)
{
    im->state->row_arena = im->w->arena;
    return seen_anywhere(im->state, 't', p->text);
}

struct err *import_set_pending(const struct import *im, const struct pending *p, void *record,
                               struct issues *issues)
{
    struct cached found;
    struct ids ids;

    im->state->row_arena = im->w->arena;
    TRY(look_up(im, p->column->field, p->text, &found, issues));
    if (issues->count)
        return NULL;
    if (p->column->field->kind == FIELD_REF) {
        field_set_num(p->column->field, record, found.num);
        return NULL;
    }
    ids = *field_ids(p->column->field, record);
    ids_add(im->w->arena, &ids, found.num);
    field_set_ids(p->column->field, record, ids);
    return NULL;
}
