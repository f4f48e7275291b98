/* SPDX-License-Identifier: Apache-2.0 */
/* What a row of an import means: which record, which values, what is wrong. The same code runs when
 * rows are checked (nothing is written) and when they are written; between the two, others may have
 * changed the store, so everything is looked up again. */
#include "core/import_rows.h"

#include <string.h>

#include "base/csv.h"
#include "base/text.h"
#include "base/words.h"
#include "core/entity_sql.h"
#include "core/entity_write.h"

const char *const row_fate_names[ROW_FATES] = {"create", "change", "same", "wrong"};
const char *const import_match_names[MATCHES] = {"auto",  "number",   "key", "title",
                                                 "email", "external", "none"};

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

/* --- cells --- */

/* Takes off the apostrophe that an export puts before what looks like a formula. */
static const char *plain_cell(struct arena *a, struct importing *im, const char *text)
{
    struct buf b;

    if (!text || text[0] != '\'' || im->source->kind != SOURCE_CSV)
        return text;
    buf_init(&b, a, 64);
    csv_cell(&b, text + 1, true);
    return b.data[0] == '\'' || (b.data[0] == '"' && b.data[1] == '\'') ? text + 1 : text;
}

static const char *cell_text(struct importing *im, const struct source_row *row, size_t column)
{
    const struct column *c = &im->columns[column];
    const char *text = row->cell[column];

    if (!text || !*text)
        return text;
    text = text_trim(im->state->row_arena, plain_cell(im->state->row_arena, im, text));
    return c->use == COLUMN_FIELD ? import_value(im, c, text) : text;
}

/* The cell of the field, NULL when there is no such column or nothing in it. */
const char *import_cell(struct importing *im, const struct source_row *row, const struct field *f,
                        enum column_use use)
{
    for (size_t i = 0; i < im->source->ncolumns; i++) {
        const struct column *c = &im->columns[i];

        if (c->use == use && (use != COLUMN_FIELD || c->field == f)) {
            const char *text = cell_text(im, row, i);
            return text_empty(text) ? NULL : text;
        }
    }
    return NULL;
}

/* --- values --- */

/* One value out of the store, as entity_apply understands it. */
static struct err *apply_one(struct importing *im, const struct field *f, const char *text,
                             struct cached *out, struct issues *issues)
{
    void *scratch = arena_alloc(im->w->arena, im->e->size);
    struct field one = *f;
    struct entity fake = *im->e;
    size_t before = issues->count;
    struct input in = {f->name, text};

    if (f->kind == FIELD_REFS)
        one.kind = f->ref ? FIELD_REF : FIELD_RECORD; /* one of the list */
    one.offset = 0;
    fake.fields = &one;
    fake.nfields = 1;
    TRY(entity_apply(im->w, &fake, scratch, (struct inputs){&in, 1}, true, issues));
    if (issues->count > before)
        return NULL;
    if (f->kind == FIELD_CODE)
        out->code = field_str(&one, scratch);
    else
        out->num = field_num(&one, scratch);
    return NULL;
}

/* "Ann Lee (IT) <ann@example.com>", or the key that the other program knows the record by. */
static struct err *other_ways(struct importing *im, const struct field *f, const char *text,
                              struct cached *out)
{
    struct issues unused = {.arena = im->w->arena};
    const char *name, *mail;

    if (!f->ref) /* records of any kind have numbers only */
        return NULL;
    import_name_and_mail(im->w->arena, text, &name, &mail);
    if (mail && !text_equal(mail, text))
        TRY(apply_one(im, f, mail, out, &unused));
    if (!out->num && name && !text_equal(name, text))
        TRY(apply_one(im, f, name, out, &unused));
    if (!out->num && im->origin)
        TRY(import_key_find(im->w, f->ref, im->origin, text, &out->num));
    return NULL;
}

/* The one value of a reference or code out of the store, by the cache. Not found: 0 and an issue.
 */
static struct err *look_up(struct importing *im, const struct field *f, const char *text,
                           struct cached *out, struct issues *issues)
{
    const struct cached *known = cache_find(im->state, f, text);
    size_t before = issues->count;

    *out = (struct cached){.field = f, .text = text};
    if (known) {
        *out = *known;
        return NULL;
    }
    TRY(apply_one(im, f, text, out, issues));
    if (issues->count > before && f->kind != FIELD_CODE)
        TRY(other_ways(im, f, text, out));
    if (out->num)
        issues->count = before;
    if (issues->count == before)
        cache_keep(im->state, *out);
    return NULL;
}

/* --- values that found nothing --- */

static void remember_unmatched(struct importing *im, const struct column *c, const char *text)
{
    if (im->state->writing || !*text || strlen(text) > 200)
        return;
    for (size_t i = 0; i < im->nunmatched; i++) {
        if (im->unmatched[i].column == c && text_equal(im->unmatched[i].text, text)) {
            im->unmatched[i].times++;
            return;
        }
    }
    if (im->nunmatched < IMPORT_UNMATCHED)
        im->unmatched[im->nunmatched++] = (struct unmatched){c, arena_str(im->arena, text), 1};
}

static bool has_words_for_values(const struct field *f)
{
    return f->kind == FIELD_CHOICE || f->kind == FIELD_BOOL || f->kind == FIELD_LEVEL ||
           f->kind == FIELD_CODE || f->kind == FIELD_SET;
}

static bool is_choice(struct arena *a, const struct field *f, const char *text)
{
    const char *folded = text_fold(a, text);

    for (size_t i = 0; f->choices && f->choices[i].code; i++)
        if (text_equal(text_fold(a, f->choices[i].code), folded) ||
            text_equal(text_fold(a, f->choices[i].label), folded))
            return true;
    return false;
}

/* Which values of the row were refused for what they are called. */
static void keep_unmatched(struct importing *im, const struct source_row *row,
                           const struct issues *issues)
{
    for (size_t i = 0; issues->count && i < im->source->ncolumns; i++) {
        const struct column *c = &im->columns[i];
        char **parts;
        size_t n = 0;

        if (c->use != COLUMN_FIELD || !has_words_for_values(c->field) ||
            !issue_of(issues, c->field->name) || text_empty(row->cell[i]))
            continue;
        if (c->field->kind != FIELD_SET) {
            remember_unmatched(im, c, text_trim(im->w->arena, row->cell[i]));
            continue;
        }
        n = text_split(im->w->arena, import_cell(im, row, c->field, COLUMN_FIELD), ',', &parts);
        for (size_t k = 0; k < n; k++)
            if (!is_choice(im->w->arena, c->field, parts[k]))
                remember_unmatched(im, c, parts[k]);
    }
}

static void defer(struct importing *im, const struct source_row *row, const struct column *c,
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

/* REF takes the record, REFS takes it in addition. */
static void refer(struct importing *im, const struct field *f, void *record, i64 id)
{
    struct ids ids;

    if (f->kind == FIELD_REF) {
        field_set_num(f, record, id);
        return;
    }
    ids = *field_ids(f, record);
    ids_add(im->w->arena, &ids, id);
    field_set_ids(f, record, ids);
}

/* A record that the same file makes may be named before it is there: when checking, the name is
 * looked for at the end; when writing, the reference is set when all rows are. */
static struct err *set_reference(struct importing *im, const struct source_row *row,
                                 const struct column *c, const char *text, struct row_result *out)
{
    void *record = out->record;
    const struct field *f = c->field;
    struct issues own = {.arena = im->w->arena};
    struct cached found;

    TRY(look_up(im, f, text, &found, &own));
    if (own.count && f->ref == im->e &&
        (!im->state->writing || import_seen(im->state, 't', text))) {
        defer(im, row, c, text);
        return NULL;
    }
    if (own.count) {
        issue(&out->issues, f->name, "%s", own.list[0].text);
        remember_unmatched(im, c, text);
        return NULL;
    }
    refer(im, f, record, found.num);
    return NULL;
}

static struct err *set_references(struct importing *im, const struct source_row *row,
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

static struct err *set_looked_up(struct importing *im, const struct source_row *row,
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

static bool names(struct importing *im, const struct source_row *row, const char *field)
{
    const struct field *f = entity_field(im->e, field);

    return f && import_cell(im, row, f, COLUMN_FIELD);
}

/* An empty cell empties the field of a record; for a new one it says nothing, so that what a new
 * record has by itself holds. */
static struct err *set_values(struct importing *im, const struct source_row *row,
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

/* What the file itself does not give: a row that cannot be read, a cell with an error. */
static bool refuse_bad(struct importing *im, const struct source_row *row, struct issues *out)
{
    if (row->wrong)
        issue(out, "", "%s", row->wrong);
    for (size_t i = 0; i < im->source->ncolumns; i++) {
        const struct column *c = &im->columns[i];

        if (row->bad[i] && c->use == COLUMN_FIELD)
            issue(out, c->field->name, "%s", row->bad[i]);
        else if (row->bad[i] && (c->use == COLUMN_NUMBER || c->use == COLUMN_KEY))
            issue(out, c->use == COLUMN_KEY ? "key" : "number", "%s", row->bad[i]);
    }
    return out->count > 0;
}

/* One reason for the whole file; the row that needs it says so at the cell. */
static struct err *ask_why(struct importing *im, struct row_result *out)
{
    struct reason_asked asked;

    if (!text_empty(im->reason))
        return NULL;
    TRY(entity_reason_asked(im->w, im->e, out->before, out->record, &asked));
    if (asked.cause)
        issue(&out->issues, asked.cause->name, "%s %s", asked.text,
              tr("It is told once for all rows of the file."));
    return NULL;
}

static struct err *fill_row(struct importing *im, const struct source_row *row,
                            struct row_result *out, i64 id)
{
    const struct record *head = out->record;

    if (id) {
        void *before = arena_alloc(im->w->arena, im->e->size);

        TRY(entity_load(im->w, im->e, id, out->record));
        memcpy(before, out->record, im->e->size);
        out->before = before;
    }
    TRY(set_values(im, row, out));
    keep_unmatched(im, row, &out->issues);
    if (out->before && !differs(im->e, out->before, out->record) &&
        im->state->npending == out->pending) {
        out->fate = out->issues.count ? ROW_WRONG : ROW_SAME;
        return NULL;
    }
    if (!im->state->writing)
        TRY(entity_check(im->w, im->e, out->record, &out->issues));
    if (out->before && !out->issues.count)
        TRY(ask_why(im, out));
    if (!out->issues.count)
        out->fate = head->id ? ROW_CHANGE : ROW_CREATE;
    return NULL;
}

struct err *import_row(struct importing *im, const struct source_row *row, struct row_result *out)
{
    i64 id;

    *out = (struct row_result){.fate = ROW_WRONG, .issues = {.arena = im->w->arena}};
    out->record = arena_alloc(im->w->arena, im->e->size);
    im->state->row_arena = im->w->arena;
    out->pending = im->state->npending;
    if (refuse_bad(im, row, &out->issues))
        return NULL;
    TRY(import_find(im, row, out, &id));
    return out->issues.count ? NULL : fill_row(im, row, out, id);
}

/* --- the reference that waited --- */

struct err *import_defer_all(struct importing *im, const struct source_row *row, i64 record)
{
    im->state->row_arena = im->w->arena;
    for (size_t i = 0; i < im->source->ncolumns; i++) {
        const struct column *c = &im->columns[i];
        const char *text =
            c->use == COLUMN_FIELD && c->field->ref == im->e ? cell_text(im, row, i) : NULL;
        char **parts;
        size_t n;

        if (text_empty(text))
            continue;
        n = text_split(im->w->arena, text, c->field->kind == FIELD_REFS ? ',' : '\x01', &parts);
        for (size_t k = 0; k < n; k++) {
            defer(im, row, c, parts[k]);
            im->state->pending[im->state->npending - 1].record = record;
        }
    }
    return NULL;
}

bool import_pending_known(struct importing *im, const struct pending *p)
{
    im->state->row_arena = im->w->arena;
    return import_seen(im->state, 't', p->text);
}

struct err *import_set_pending(struct importing *im, const struct pending *p, void *record,
                               struct issues *issues)
{
    struct cached found;

    im->state->row_arena = im->w->arena;
    TRY(look_up(im, p->column->field, p->text, &found, issues));
    if (issues->count)
        return NULL;
    refer(im, p->column->field, record, found.num);
    return NULL;
}
