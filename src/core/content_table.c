/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of content: strict reading of TSV, because a silently shifted column would turn into wrong
 * advice. The first mistake is told with file, line and how to mend it. */
#include "core/content_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "base/words.h"

#define COLUMNS_MAX 64
#define ROWS_MAX 100000

/* Tables whose first column alone does not name a row, by the name of that column. */
static const struct {
    const char *first;
    size_t nkey;
} compound[] = {
    {"asset_type", 3}, /* links: asset type, threat, vulnerability */
    {"axis",       2}, /* levels of a method: axis, level */
    {"likelihood", 2}, /* cells of a matrix: likelihood, impact */
    {"use",        2}, /* other words in imports: use, what they mean */
    {"scheme",     2}, /* levels of a classification scheme: scheme, level */
    {"tier",       2}, /* handling rules: strictness, medium */
};

size_t content_line(size_t row)
{
    return row + 2;
}

static struct err *at_line(const struct content_table *t, size_t line, const char *sentence)
{
    return err_new(ERR_BAD, "%s:%zu: %s", t->path, line, sentence);
}

static struct err *check_bytes(const struct content_table *t, const char *data, size_t size)
{
    size_t line = 1;

    if (size >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0)
        return at_line(t, 1,
                       "The file starts with a byte order mark. Save it as UTF-8 without one.");
    if (size == 0 || data[size - 1] != '\n')
        return err_new(ERR_BAD,
                       "%s: The last line does not end with a line feed. Save the file as "
                       "tab separated text.",
                       t->path);
    for (const char *p = data, *end = data + size; p < end; line++) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));

        if (memchr(p, '\r', (size_t)(stop - p)))
            return at_line(t, line,
                           "The line ends with a carriage return. Save the file with LF "
                           "line ends.");
        if (!text_valid(p, (size_t)(stop - p)))
            return at_line(t, line, "The line is not valid UTF-8 or holds a control character.");
        p = stop + 1;
    }
    if (line - 2 > ROWS_MAX)
        return err_new(ERR_BAD, "%s: The file has more than %d lines.", t->path, ROWS_MAX);
    return NULL;
}

/* "\n" as two characters becomes a line end. */
static void unescape(char *cell)
{
    char *out = cell;

    for (const char *p = cell; *p; p++) {
        if (p[0] == '\\' && p[1] == 'n') {
            *out++ = '\n';
            p++;
        } else {
            *out++ = *p;
        }
    }
    *out = '\0';
}

/* Cuts a line at its tabs, in place. Returns how many cells there are; `cell` gets the first
 * `room`. */
static size_t cut(char *line, char **cell, size_t room)
{
    size_t n = 0;

    for (char *p = line;;) {
        char *tab = strchr(p, '\t');

        if (tab)
            *tab = '\0';
        if (n < room)
            cell[n] = p;
        n++;
        if (!tab)
            return n;
        p = tab + 1;
    }
}

static bool good_name(const char *name)
{
    if (*name < 'a' || *name > 'z')
        return false;
    return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") == strlen(name);
}

static struct err *read_header(struct arena *a, struct content_table *t, char *line)
{
    char *names[COLUMNS_MAX];
    size_t n = cut(line, names, COLUMNS_MAX);

    if (n > COLUMNS_MAX)
        return err_new(ERR_BAD, "%s:1: There are %zu columns; at most %d are possible.", t->path, n,
                       COLUMNS_MAX);
    for (size_t i = 0; i < n; i++) {
        if (!good_name(names[i]))
            return err_new(ERR_BAD,
                           "%s:1: \"%.40s\" is not a column name. Names are lower-case "
                           "letters, digits, _ and -.",
                           t->path, names[i]);
        for (size_t k = 0; k < i; k++)
            if (strcmp(names[i], names[k]) == 0)
                return err_new(ERR_BAD, "%s:1: Two columns are called \"%.40s\".", t->path,
                               names[i]);
    }
    t->columns = NEW_ARRAY(a, const char *, n);
    for (size_t i = 0; i < n; i++)
        t->columns[i] = names[i];
    t->ncolumns = n;
    t->nkey = 1;
    for (size_t i = 0; i < COUNT_OF(compound); i++)
        if (strcmp(names[0], compound[i].first) == 0 && compound[i].nkey <= n)
            t->nkey = compound[i].nkey;
    return NULL;
}

static struct err *read_row(struct content_table *t, size_t row, char *line)
{
    char *cells[COLUMNS_MAX];
    size_t n;

    if (!*line)
        return at_line(t, content_line(row), "The line is empty. Take it out.");
    n = cut(line, cells, t->ncolumns);
    if (n != t->ncolumns)
        return err_new(ERR_BAD, "%s:%zu: The line has %zu cells, but the header has %zu columns.",
                       t->path, content_line(row), n, t->ncolumns);
    for (size_t i = 0; i < n; i++) {
        char *cell = cells[i];
        size_t size = strlen(cell);

        if (size && (cell[0] == ' ' || cell[size - 1] == ' '))
            return err_new(ERR_BAD, "%s:%zu: Take out the blank at the %s of column \"%s\".",
                           t->path, content_line(row), cell[0] == ' ' ? "start" : "end",
                           t->columns[i]);
        unescape(cell);
        t->cells[row * t->ncolumns + i] = cell;
    }
    return NULL;
}

static size_t hash(const char *code)
{
    u64 h = 14695981039346656037ULL; /* FNV-1a */

    for (; *code; code++)
        h = (h ^ (unsigned char)*code) * 1099511628211ULL;
    return (size_t)(h ^ (h >> 32));
}

/* The slot of a code: where it is, or where it would go. */
static size_t *slot_of(const struct content_table *t, const char *code)
{
    size_t i = hash(code) & (t->nslots - 1);

    while (t->slots[i] && strcmp(t->codes[t->slots[i] - 1], code) != 0)
        i = (i + 1) & (t->nslots - 1);
    return &t->slots[i];
}

static const char *row_code(struct arena *a, const struct content_table *t, size_t row)
{
    const char *const *cells = t->cells + row * t->ncolumns;

    if (t->nkey == 1)
        return cells[0];
    if (t->nkey == 2)
        return arena_printf(a, "%s/%s", cells[0], cells[1]);
    return arena_printf(a, "%s/%s/%s", cells[0], cells[1], cells[2]);
}

static struct err *index_codes(struct arena *a, struct content_table *t)
{
    t->nslots = 8;
    while (t->nslots < 2 * t->nrows)
        t->nslots *= 2;
    t->slots = NEW_ARRAY(a, size_t, t->nslots);
    t->codes = NEW_ARRAY(a, const char *, t->nrows + 1);
    for (size_t row = 0; row < t->nrows; row++) {
        size_t *slot;

        for (size_t i = 0; i < t->nkey; i++) {
            const char *cell = t->cells[row * t->ncolumns + i];

            if (!*cell || strpbrk(cell, " /\n"))
                return err_new(ERR_BAD,
                               "%s:%zu: \"%.60s\" is not a code for column \"%s\". Codes are "
                               "not empty and have no blank and no /.",
                               t->path, content_line(row), cell, t->columns[i]);
        }
        t->codes[row] = row_code(a, t, row);
        slot = slot_of(t, t->codes[row]);
        if (*slot)
            return err_new(ERR_BAD, "%s:%zu: The code \"%.80s\" is already on line %zu.", t->path,
                           content_line(row), t->codes[row], content_line(*slot - 1));
        *slot = row + 1;
    }
    return NULL;
}

struct err *content_table_read(struct arena *a, const char *path, const char *data, size_t size,
                               struct content_table **out)
{
    struct content_table *t = NEW(a, struct content_table);
    char *text, *line;
    size_t lines = 0, next;

    t->path = arena_str(a, path);
    TRY(check_bytes(t, data, size));
    text = arena_strn(a, data, size);
    for (char *p = text; (p = strchr(p, '\n')); lines++)
        *p++ = '\0';
    next = strlen(text) + 1; /* before the header is cut */
    TRY(read_header(a, t, text));
    t->nrows = lines - 1;
    t->cells = NEW_ARRAY(a, const char *, t->nrows * t->ncolumns + 1);
    line = text;
    for (size_t row = 0, n = next; row < t->nrows; row++) {
        line += n;
        n = strlen(line) + 1; /* before it is cut */
        TRY(read_row(t, row, line));
    }
    TRY(index_codes(a, t));
    *out = t;
    return NULL;
}

/* --- questions --- */

static size_t column_of(const struct content_table *t, const char *name)
{
    for (size_t i = 0; i < t->ncolumns; i++)
        if (t->columns[i][0] == name[0] && strcmp(t->columns[i], name) == 0)
            return i;
    return t->ncolumns;
}

size_t content_rows(const struct content_table *t)
{
    return t ? t->nrows : 0;
}

bool content_has_column(const struct content_table *t, const char *column)
{
    return column_of(t, column) < t->ncolumns;
}

const char *content_cell(const struct content_table *t, size_t row, const char *column)
{
    size_t i = column_of(t, column);

    if (i == t->ncolumns)
        BUG("the table %s has no column %s", t->name, column);
    if (row >= t->nrows)
        BUG("the table %s has no row %zu", t->name, row);
    return t->cells[row * t->ncolumns + i];
}

i64 content_row(const struct content_table *t, const char *code)
{
    size_t slot = t && code ? *slot_of(t, code) : 0;

    return (i64)slot - 1;
}

const char *content_row_label(const struct content_table *t, size_t row)
{
    static const char *const columns[] = {"name", "title", "label", "question"};

    for (size_t i = 0; i < COUNT_OF(columns); i++)
        if (content_has_column(t, columns[i]))
            return content_cell(t, row, columns[i]);
    return NULL;
}
