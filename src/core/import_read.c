/* SPDX-License-Identifier: Apache-2.0 */
/* Files to import: what they are, where their column names stand, their rows one by one. */
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/text.h"
#include "base/words.h"
#include "core/import_source.h"

#define HEAD_ROWS 30 /* rows among which the column names are looked for */

const char *source_letters(struct arena *a, size_t column)
{
    char text[8], *p = text + sizeof(text) - 1;

    *p = '\0';
    for (size_t n = column + 1; n && p > text; n = (n - 1) / 26)
        *--p = (char)('A' + (n - 1) % 26);
    return arena_str(a, p);
}

/* --- rows of cells by position, of CSV and workbooks alike --- */

struct raw_row {
    i64 row, line;
    bool hidden;
    size_t count; /* positions up to the last cell */
    const char **cell;
    const enum convert_cell_kind *kind; /* of a workbook, else NULL */
};

struct raw_reading {
    struct source *source;
    struct err *(*each)(void *ctx, const struct raw_row *row);
    void *ctx;
    i64 count;
};

static struct err *raw_csv(void *ctx, const struct csv_row *row)
{
    struct raw_reading *r = ctx;
    struct raw_row raw = {
        .row = ++r->count, .line = row->line, .count = row->count, .cell = row->cell};

    if (r->count > IMPORT_ROWS + HEAD_ROWS)
        return err_new(ERR_LIMIT,
                       "“%.100s” has more than %lld rows, which is the most that one import takes. "
                       "Split it.",
                       r->source->name, IMPORT_ROWS);
    return r->each(r->ctx, &raw);
}

/* The frames were checked when they came; they are checked again rather than trusted. */
static struct err *raw_workbook(struct raw_reading *r, struct arena *own)
{
    const unsigned char *p = (const unsigned char *)r->source->data, *end = p + r->source->size;

    while ((size_t)(end - p) >= PIPE_HEAD) {
        enum convert_frame kind;
        struct convert_row row;
        struct raw_row raw = {0};
        enum convert_cell_kind *kinds;
        size_t size;

        arena_reset(own);
        if (!pipe_head(p, &kind, &size) || kind != FRAME_ROW ||
            size > (size_t)(end - p) - PIPE_HEAD ||
            !pipe_read_row(own, (struct bytes){p + PIPE_HEAD, size}, &row))
            return err_new(ERR_FAULT, "The rows of the workbook were kept wrongly.");
        p += PIPE_HEAD + size;
        raw.count = row.cell[row.count - 1].column + 1;
        raw.cell = NEW_ARRAY(own, const char *, raw.count);
        raw.kind = kinds = NEW_ARRAY(own, enum convert_cell_kind, raw.count);
        for (size_t i = 0; i < row.count; i++) {
            raw.cell[row.cell[i].column] = row.cell[i].text;
            kinds[row.cell[i].column] = row.cell[i].kind;
        }
        raw.row = row.row;
        raw.hidden = row.hidden;
        TRY(r->each(r->ctx, &raw));
    }
    return NULL;
}

static struct err *raw_each(struct source *s,
                            struct err *(*each)(void *ctx, const struct raw_row *row), void *ctx)
{
    struct raw_reading r = {.source = s, .each = each, .ctx = ctx};
    struct arena *own = arena_new(CONVERT_ROW * 16);
    struct err *failed = s->kind == SOURCE_CSV
                             ? csv_read(own, s->data, s->size, s->delimiter, raw_csv, &r)
                             : raw_workbook(&r, own);

    arena_free(own);
    return failed;
}

/* --- which row has the names --- */

struct head {
    struct source *source;
    const struct source_ask *ask;
    i64 row[HEAD_ROWS];
    size_t filled[HEAD_ROWS], headings[HEAD_ROWS], fits[HEAD_ROWS];
    size_t n;
};

/* A short text on one line that is no number: what a heading looks like. */
static bool like_heading(const char *text)
{
    size_t n = strlen(text);

    return n <= 120 && !strchr(text, '\n') && strspn(text, "0123456789.,:+-/ %") < n;
}

static bool seen_before(const struct raw_row *row, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (row->cell[k] && text_equal(row->cell[k], row->cell[i]))
            return true;
    return false;
}

static struct err *head_row(void *ctx, const struct raw_row *row)
{
    struct head *h = ctx;
    size_t n = h->n;

    if (n == HEAD_ROWS)
        return err_new(ERR_LIMIT, "The first rows were read.");
    h->row[n] = row->row;
    for (size_t i = 0; i < row->count && i < IMPORT_COLUMNS; i++) {
        bool again;

        if (text_empty(row->cell[i]))
            continue;
        again = seen_before(row, i); /* names are there once; "No" may be in every other cell */
        h->filled[n]++;
        h->headings[n] += like_heading(row->cell[i]) && !again;
        h->fits[n] += !again && h->ask->known && h->ask->known(h->ask->ctx, row->cell[i]);
    }
    h->n += h->filled[n] > 0;
    if (h->n == n) /* an empty row is none */
        h->row[n] = 0;
    return NULL;
}

/* The row with most known headings; else the first that is nearly as wide as the widest and looks
 * like headings; else the first. */
static i64 choose_head(const struct head *h)
{
    size_t best = 0, widest = 0;

    for (size_t i = 0; i < h->n; i++) {
        if (h->fits[i] > h->fits[best])
            best = i;
        if (h->filled[i] > widest)
            widest = h->filled[i];
    }
    if (h->n && h->fits[best] * 2 > h->filled[best])
        return h->row[best];
    if (h->n && h->fits[best] > 1)
        return h->row[best];
    for (size_t i = 0; i < h->n; i++)
        if (h->filled[i] * 10 >= widest * 6 && h->headings[i] == h->filled[i])
            return h->row[i];
    for (size_t i = 0; i < h->n; i++)
        if (h->filled[i] * 10 >= widest * 6)
            return h->row[i];
    return h->n ? h->row[0] : 0;
}

static struct err *find_head(struct source *s, const struct source_ask *ask)
{
    struct head *h = NEW(s->arena, struct head);
    struct err *ended;

    h->source = s;
    h->ask = ask;
    if (ask->header > 0) {
        s->header = ask->header;
        return NULL;
    }
    ended = raw_each(s, head_row, h);
    if (ended && h->n < HEAD_ROWS)
        return ended;
    s->header = choose_head(h);
    if (!s->header)
        return err_new(ERR_BAD, "“%.100s” has no row with the names of the columns.", s->name);
    if (s->header > h->row[0])
        source_note(s,
                    tr("The names of the columns were found in row %lld; what stands above was "
                       "left out."),
                    s->header);
    return NULL;
}

/* --- the columns --- */

struct survey {
    struct source *source;
    bool found;                        /* the row of names was met */
    const char *name[CONVERT_COLUMNS]; /* by position */
    bool *used;                        /* by position: a row has something there */
    size_t width, named;               /* positions; up to the last name */
};

static struct err *survey_row(void *ctx, const struct raw_row *row)
{
    struct survey *v = ctx;
    struct source *s = v->source;

    if (row->row < s->header || row->count > CONVERT_COLUMNS)
        return NULL;
    if (row->row == s->header) {
        v->found = true;
        for (size_t i = 0; i < row->count; i++) {
            const char *name = row->cell[i] ? text_trim(s->arena, row->cell[i]) : "";

            v->name[i] = *name ? name : NULL;
            if (*name)
                v->named = i + 1;
        }
        return NULL;
    }
    for (size_t i = 0; i < row->count; i++) {
        if (text_empty(row->cell[i]))
            continue;
        v->used[i] = true;
        if (i >= v->width)
            v->width = i + 1;
    }
    return NULL;
}

static bool taken(const struct source *s, const char *name)
{
    for (size_t i = 0; i < s->ncolumns; i++)
        if (text_equal(s->columns[i], name))
            return true;
    return false;
}

/* Headings on several lines become one; a name that is there twice gets a number. */
static const char *column_name(struct source *s, const char *name, size_t position)
{
    char *one;
    const char *distinct;

    if (!name)
        name = arena_printf(s->arena, tr("Column %s"), source_letters(s->arena, position));
    one = arena_strn(s->arena, name, strlen(name) > 200 ? 200 : strlen(name));
    while (!text_valid(one, strlen(one)))
        one[strlen(one) - 1] = '\0';
    for (char *p = one; *p; p++)
        if (*p == '\n' || *p == '\t')
            *p = ' ';
    distinct = one;
    for (int n = 2; taken(s, distinct); n++)
        distinct = arena_printf(s->arena, "%s (%d)", one, n);
    if (distinct != one)
        source_note(s, tr("The column “%s” is there several times; this one is called “%s”."), one,
                    distinct);
    return distinct;
}

static struct err *add_columns(struct source *s, const struct survey *v)
{
    /* CSV: cells beyond the last name are a row that is put wrongly; in a workbook they are told.
     */
    size_t width = s->kind == SOURCE_CSV || v->width < v->named ? v->named : v->width;

    s->at = NEW_ARRAY(s->arena, int, width + 1);
    s->nat = width;
    for (size_t i = 0; i < width; i++) {
        s->at[i] = -1;
        if (!v->name[i] && !v->used[i])
            continue;
        if (s->ncolumns == IMPORT_COLUMNS)
            return err_new(ERR_LIMIT,
                           "“%.100s” has more than %d columns, and at most that many are read. "
                           "Leave out what is not needed.",
                           s->name, IMPORT_COLUMNS);
        s->columns[s->ncolumns] = column_name(s, v->name[i], i);
        if (s->told && s->told->hidden[i])
            source_note(s,
                        tr("The column “%s” is hidden in the workbook, and is read like the "
                           "others."),
                        s->columns[s->ncolumns]);
        s->at[i] = (int)s->ncolumns++;
    }
    return NULL;
}

static struct err *find_columns(struct source *s)
{
    struct survey *v = NEW(s->arena, struct survey);

    v->source = s;
    v->used = NEW_ARRAY(s->arena, bool, CONVERT_COLUMNS);
    TRY(raw_each(s, survey_row, v));
    if (!v->found || !v->named)
        return err_new(ERR_BAD, "Row %lld of “%.100s” does not hold the names of the columns.",
                       s->header, s->name);
    return add_columns(s, v);
}

/* --- facts --- */

void source_profile(struct source *s, size_t column, const char *text)
{
    struct column_facts *p = &s->facts[column];

    p->filled++;
    if (strlen(text) > 100) {
        p->more = true;
        return;
    }
    for (size_t i = 0; i < p->nvalues; i++) {
        if (text_equal(p->value[i], text)) {
            p->times[i]++;
            return;
        }
    }
    if (p->nvalues == IMPORT_VALUES) {
        p->more = true;
        return;
    }
    p->value[p->nvalues] = arena_str(s->arena, text);
    p->times[p->nvalues++] = 1;
}

static struct err *profile_row(void *ctx, const struct source_row *row)
{
    struct source *s = ctx;

    s->rows++;
    for (size_t i = 0; i < s->ncolumns; i++)
        if (!text_empty(row->cell[i]))
            source_profile(s, i, row->cell[i]);
    return NULL;
}

/* --- rows --- */

struct cells {
    struct source *source;
    const char *cell[IMPORT_COLUMNS], *bad[IMPORT_COLUMNS];
    bool text[IMPORT_COLUMNS];
    struct err *(*each)(void *ctx, const struct source_row *r);
    void *ctx;
};

static const char *error_text(const char *shown)
{
    if (text_equal(shown, "#DATE!"))
        return tr("The number in this cell is no day of the calendar. Mend it in the workbook.");
    if (text_equal(shown, "#TEXT!"))
        return tr("The text of this cell cannot be read. Type it again in the workbook.");
    return tr("The workbook shows an error in this cell. Mend the formula there.");
}

static void set_cell(struct cells *c, size_t column, const struct raw_row *row, size_t i)
{
    enum convert_cell_kind kind = row->kind ? row->kind[i] : CELL_TEXT;

    c->cell[column] = row->cell[i] ? row->cell[i] : "";
    c->text[column] = kind == CELL_TEXT;
    c->bad[column] = source_bad_text(c->cell[column]);
    if (kind == CELL_ERROR)
        c->bad[column] = error_text(c->cell[column]);
    else if (kind == CELL_BOOL)
        c->cell[column] = row->cell[i][0] == '1' ? "yes" : "no";
}

static struct err *take_row(void *ctx, const struct raw_row *row)
{
    struct cells *c = ctx;
    struct source *s = c->source;
    struct source_row out = {.row = row->row,
                             .line = row->line,
                             .hidden = row->hidden,
                             .cell = c->cell,
                             .bad = c->bad,
                             .text = c->text};
    bool any = false;

    if (row->row <= s->header)
        return NULL;
    memset(c->cell, 0, s->ncolumns * sizeof(c->cell[0]));
    memset(c->bad, 0, s->ncolumns * sizeof(c->bad[0]));
    for (size_t i = 0; i < row->count; i++) {
        if (text_empty(row->cell[i]) && (i >= s->nat || s->kind == SOURCE_XLSX))
            continue;
        any = any || !text_empty(row->cell[i]);
        if (i >= s->nat)
            out.wrong =
                tr("The row has more cells than the row of the column names. Put cells that "
                   "contain the separator in quotes.");
        else if (s->at[i] >= 0)
            set_cell(c, (size_t)s->at[i], row, i);
    }
    for (size_t i = 0; s->kind == SOURCE_XLSX && i < s->ncolumns; i++)
        if (!c->cell[i])
            c->cell[i] = ""; /* a workbook has no missing cells, only empty ones */
    return any ? c->each(c->ctx, &out) : NULL;
}

struct err *source_each(struct source *s,
                        struct err *(*each)(void *ctx, const struct source_row *r), void *ctx)
{
    struct arena *own;
    struct cells *c;
    struct err *failed;

    if (s->kind == SOURCE_JSON)
        return source_json_each(s, each, ctx);
    own = arena_new(0);
    c = NEW(own, struct cells);
    c->source = s;
    c->each = each;
    c->ctx = ctx;
    failed = raw_each(s, take_row, c);
    arena_free(own);
    return failed;
}

/* --- workbooks --- */

static void tell_merges(struct source *s)
{
    const struct convert_told *t = s->told;
    struct arena *a = s->arena;

    for (size_t i = 0; i < t->nmerges && i < 5; i++) {
        const struct convert_range *m = &t->merges[i];

        source_note(s,
                    tr("%s%lld to %s%lld are one merged cell: its value counts for the first of "
                       "them, the others are empty."),
                    source_letters(a, m->first_column), m->first_row,
                    source_letters(a, m->last_column), m->last_row);
    }
    if (t->end.merges > 5)
        source_note(s,
                    tr("%lld cells are merged. The value of each counts for its first row and "
                       "column only."),
                    (i64)t->end.merges);
}

static void tell_workbook(struct source *s)
{
    const struct convert_told *t = s->told;
    i64 formulas = (i64)t->end.formulas, empty = (i64)t->end.without_value;

    if (formulas)
        source_note(s,
                    tr_n("%lld cell is a formula. What the workbook showed last is taken.",
                         "%lld cells are formulas. What the workbook showed last is taken.",
                         formulas),
                    formulas);
    if (empty)
        source_note(s,
                    tr_n("%lld formula has no stored value. Open the workbook in a spreadsheet "
                         "program and save it, so that it has one.",
                         "%lld formulas have no stored value. Open the workbook in a spreadsheet "
                         "program and save it, so that they have one.",
                         empty),
                    empty);
    if (t->hidden_rows)
        source_note(s,
                    tr_n("%lld row is hidden in the workbook, and is read like the others.",
                         "%lld rows are hidden in the workbook, and are read like the others.",
                         t->hidden_rows),
                    t->hidden_rows);
    if (t->end.epoch1904)
        source_note(s, "%s", tr("The workbook counts days from 1904; the dates were read so."));
    tell_merges(s);
}

static struct err *open_workbook(struct source *s, FILE *copy, const struct source_ask *ask)
{
    struct convert_ask how = {
        .name = s->name, .sheet = ask->sheet, .most = IMPORT_ROWS + HEAD_ROWS};
    FILE *rows;

    s->kind = SOURCE_XLSX;
    s->told = NEW(s->arena, struct convert_told);
    TRY(source_temporary(s->arena, &rows));
    TRY(convert_xlsx(s->arena, copy, &how, rows, s->told));
    if (!s->told->rows)
        return err_new(ERR_BAD, "The sheet “%.60s” of “%.100s” is empty.",
                       s->told->sheets[s->told->chosen].name, s->name);
    tell_workbook(s);
    return source_map(s, rows);
}

static bool starts_with(const struct source *s, const char *bytes, size_t size)
{
    return s->size >= size && memcmp(s->data, bytes, size) == 0;
}

/* --- libraries of controls (core/convert_library.h) --- */

static bool name_ends(const struct source *s, const char *ending)
{
    size_t n = strlen(s->name), m = strlen(ending);

    return n > m && strcasecmp(s->name + n - m, ending) == 0;
}

static const char *skip_blank(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
        p++;
    return p;
}

/* The first member of a JSON object is that of an OSCAL document. */
static bool begins_oscal(const char *p, const char *end)
{
    static const char *const firsts[] = {"\"catalog\"",
                                         "\"profile\"",
                                         "\"component-definition\"",
                                         "\"system-security-plan\"",
                                         "\"assessment-plan\"",
                                         "\"assessment-results\"",
                                         "\"plan-of-action-and-milestones\"",
                                         "\"mapping-collection\""};

    p = skip_blank(p + 1, end);
    if (end - p > 12 && strncmp(p, "\"$schema\"", 9) == 0) {
        p = memchr(p, ',', (size_t)(end - p));
        p = p ? skip_blank(p + 1, end) : end;
    }
    for (size_t i = 0; i < COUNT_OF(firsts); i++) {
        size_t n = strlen(firsts[i]);

        if ((size_t)(end - p) > n && strncmp(p, firsts[i], n) == 0) {
            p = skip_blank(p + n, end);
            p = p < end && *p == ':' ? skip_blank(p + 1, end) : end;
            return p < end && *p == '{';
        }
    }
    return false;
}

/* YAML by its name, or since it begins like a library; OSCAL by its first member. */
static bool is_library(const struct source *s)
{
    const char *p = s->data, *end = s->data + s->size;

    if (name_ends(s, ".yaml") || name_ends(s, ".yml"))
        return true;
    p = skip_blank(p, end);
    if (p < end && *p == '{')
        return begins_oscal(p, end);
    if (end - p > 2000)
        end = p + 2000;
    for (; p && end - p > 9; p = (p = memchr(p, '\n', (size_t)(end - p))) ? p + 1 : NULL)
        if (strncmp(p, "urn: urn:", 9) == 0)
            return true;
    return false;
}

static struct err *open_library(struct source *s, FILE *copy, const struct source_ask *ask)
{
    struct convert_ask how = {
        .name = s->name, .sheet = ask->sheet, .most = IMPORT_ROWS + HEAD_ROWS, .library = true};
    FILE *rows;

    if (text_empty(how.sheet) && text_equal(ask->wanted, "control-sets"))
        how.sheet = "Set";
    s->kind = SOURCE_XLSX;
    s->library = true;
    s->told = NEW(s->arena, struct convert_told);
    TRY(source_temporary(s->arena, &rows));
    TRY(convert_xlsx(s->arena, copy, &how, rows, s->told));
    source_note(s, "%s", tr("It is a library of controls. Rows are counted as lines of the file."));
    return source_map(s, rows);
}

/* --- all of them --- */

static struct err *open_text(struct source *s, const struct source_ask *ask)
{
    if (starts_with(s, "\xD0\xCF\x11\xE0", 4))
        return err_new(
            ERR_BAD,
            "“%.100s” is an old workbook (.xls), or one that is protected by a password. "
            "Save it as .xlsx without a password.",
            s->name);
    TRY(source_decode(s, ask->encoding));
    s->kind = source_looks_like_json(s) ? SOURCE_JSON : SOURCE_CSV;
    if (s->kind == SOURCE_CSV)
        s->delimiter = ask->delimiter ? ask->delimiter : csv_guess(s->data, s->size);
    return NULL;
}

struct err *source_open(struct arena *a, FILE *file, const char *name, const struct source_ask *ask,
                        struct source **out)
{
    static const struct source_ask nothing;
    struct source *s = NEW(a, struct source);
    FILE *copy;

    ask = ask ? ask : &nothing;
    s->arena = a;
    s->name = text_empty(name) ? tr("the file") : arena_str(a, name);
    s->columns = NEW_ARRAY(a, const char *, IMPORT_COLUMNS);
    s->facts = NEW_ARRAY(a, struct column_facts, IMPORT_COLUMNS);
    TRY(source_take(s, file, &copy));
    if (starts_with(s, "PK\3\4", 4))
        TRY(open_workbook(s, copy, ask));
    else if (is_library(s))
        TRY(open_library(s, copy, ask));
    else
        TRY(open_text(s, ask));
    *out = s;
    if (s->kind == SOURCE_JSON)
        return source_json_columns(s);
    TRY(find_head(s, ask));
    TRY(find_columns(s));
    return source_each(s, profile_row, s);
}
