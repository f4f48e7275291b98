/* SPDX-License-Identifier: Apache-2.0 */
#include "base/csv.h"

#include <csv.h>
#include <string.h>

#include "base/text.h"

struct reader {
    struct arena *row_arena; /* one row; emptied before the next */
    const char **cell;
    size_t count;
    size_t room;
    i64 row_line;
    bool in_row;
    struct err *err;
    struct err *(*row)(void *ctx, const struct csv_row *row);
    void *ctx;
};

static void on_cell(void *data, size_t size, void *reader)
{
    struct reader *r = reader;
    if (r->err)
        return;
    if (r->count == r->room) {
        size_t room = r->room ? r->room * 2 : 32;
        const char **more = NEW_ARRAY(r->row_arena, const char *, room);
        if (r->count)
            memcpy(more, r->cell, r->count * sizeof *more);
        r->cell = more;
        r->room = room;
    }
    r->cell[r->count++] = arena_strn(r->row_arena, data ? data : "", data ? size : 0);
}

static void on_row(int end, void *reader)
{
    (void)end;
    struct reader *r = reader;
    r->in_row = false;
    if (r->err)
        return;
    struct csv_row row = {.line = r->row_line, .count = r->count, .cell = r->cell};
    r->err = r->row(r->ctx, &row);
    arena_reset(r->row_arena);
    r->cell = NULL;
    r->count = 0;
    r->room = 0;
}

/* Bytes of the first line, its end included (\n, \r\n or a lone \r). */
static size_t line_size(const char *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (data[i] == '\n')
            return i + 1;
        if (data[i] == '\r')
            return i + 1 < size && data[i + 1] == '\n' ? i + 2 : i + 1;
    }
    return size;
}

static bool blank(const char *data, size_t size, char delimiter)
{
    for (size_t i = 0; i < size; i++)
        if (data[i] == delimiter || !strchr(" \t\r\n", data[i]) || data[i] == '\0')
            return false;
    return true;
}

/* "sep=;" and its end; 0 when the first line is none. */
static size_t separator_line(const char *data, size_t size, char *delimiter)
{
    size_t n = size < 8 ? line_size(data, size) : line_size(data, 8);
    if (n < 5 || size < n || strncasecmp(data, "sep=", 4) != 0)
        return 0;
    if (n > 5 && !strchr("\r\n", data[5]))
        return 0;
    *delimiter = data[4];
    return n;
}

#define GUESS_BYTES ((size_t)64 * 1024)
#define GUESS_ROWS 50

struct counting {
    size_t cells, rows, count[GUESS_ROWS];
};

static void count_cell(void *data, size_t size, void *counting)
{
    (void)data;
    (void)size;
    ((struct counting *)counting)->cells++;
}

static void count_row(int end, void *counting)
{
    struct counting *c = counting;
    (void)end;
    if (c->rows < GUESS_ROWS)
        c->count[c->rows++] = c->cells;
    c->cells = 0;
}

/* How many rows have the commonest width above one (titles and notes have one), and then how wide
 * that is. */
static size_t evenness(const struct counting *c)
{
    size_t best = 0;
    for (size_t i = 0; i < c->rows; i++) {
        size_t same = 0;
        for (size_t k = 0; k < c->rows; k++)
            same += c->count[k] == c->count[i];
        if (c->count[i] > 1 && same * 100000 + c->count[i] > best)
            best = same * 100000 + c->count[i];
    }
    return best;
}

static size_t try_delimiter(const char *data, size_t size, char delimiter)
{
    struct counting c = {0};
    struct csv_parser p;
    if (csv_init(&p, 0) != 0)
        return 0;
    csv_set_delim(&p, (unsigned char)delimiter);
    csv_parse(&p, data, size, count_cell, count_row, &c);
    csv_fini(&p, count_cell, count_row, &c);
    csv_free(&p);
    return evenness(&c);
}

char csv_guess(const char *data, size_t size)
{
    static const char candidates[] = ",;\t|";
    char best = candidates[0];
    size_t most = 0;
    if (size >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0) {
        data += 3;
        size -= 3;
    }
    if (separator_line(data, size, &best))
        return best;
    size = size < GUESS_BYTES ? size : GUESS_BYTES;
    for (size_t i = 0; candidates[i]; i++) {
        size_t even = try_delimiter(data, size, candidates[i]);
        if (even > most) {
            most = even;
            best = candidates[i];
        }
    }
    return best;
}

static struct err *parse_failed(struct csv_parser *p, const struct reader *r, i64 line)
{
    if (csv_error(p) != CSV_EPARSE)
        return err_detail(err_new(ERR_BUSY, "The server is short of memory. Try again later."),
                          "libcsv: %s", csv_strerror(csv_error(p)));
    if (r->row_line != line)
        return err_new(ERR_BAD,
                       "The row that starts on line %lld has a quote in the wrong place on line "
                       "%lld. Write a quote inside a cell twice and close every quoted cell.",
                       r->row_line, line);
    return err_new(ERR_BAD,
                   "Line %lld has a quote in the wrong place. Put the whole cell in quotes and "
                   "write a quote inside it twice.",
                   line);
}

/* Line by line, because libcsv does not count lines and errors must name one. */
static struct err *read_lines(struct csv_parser *p, struct reader *r, const char *data, size_t size)
{
    char delimiter = (char)csv_get_delim(p);
    i64 line = 0;
    size_t skipped = separator_line(data, size, &delimiter), row = 0;
    data += skipped;
    size -= skipped;
    line += skipped > 0;
    while (size > 0) {
        size_t n = line_size(data, size);
        line++;
        if (!text_valid(data, n))
            return err_new(ERR_BAD,
                           "Line %lld is not valid UTF-8 text. Save the file as CSV UTF-8.", line);
        if (r->in_row || !blank(data, n, delimiter)) {
            if (!r->in_row) {
                r->row_line = line;
                row = 0;
            }
            r->in_row = true;
            row += n;
            if (row > CSV_ROW_MOST)
                return err_new(
                    ERR_BAD,
                    "The row that starts on line %lld is larger than 4 MB. A quote in it "
                    "is probably never closed.",
                    r->row_line);
            if (csv_parse(p, data, n, on_cell, on_row, r) != n)
                return parse_failed(p, r, line);
            if (r->err)
                return r->err;
        }
        data += n;
        size -= n;
    }
    if (csv_fini(p, on_cell, on_row, r) != 0)
        return err_new(ERR_BAD,
                       "A quoted cell in the row that starts on line %lld is never closed. Add the "
                       "missing quote.",
                       r->row_line);
    return r->err;
}

struct err *csv_read(struct arena *a, const char *data, size_t size, char delimiter,
                     struct err *(*row)(void *ctx, const struct csv_row *row), void *ctx)
{
    (void)a; /* rows come and go in an arena of their own */
    if (size >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0) {
        data += 3;
        size -= 3;
    }
    struct csv_parser parser;
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
        return err_new(ERR_FAULT, "The CSV reader did not start.");
    /* Its buffer grows by 128 bytes otherwise, which takes a long cell quadratic time. */
    csv_set_blk_size(&parser, 256 * 1024);
    csv_set_delim(&parser, (unsigned char)(delimiter ? delimiter : csv_guess(data, size)));
    struct reader r = {.row_arena = arena_new(0), .row = row, .ctx = ctx};
    struct err *err = read_lines(&parser, &r, data, size);
    csv_free(&parser);
    arena_free(r.row_arena);
    return err;
}

/* A number as spreadsheets write it: optional sign, digits, one decimal point or comma. */
static bool plain_number(const char *s)
{
    if (*s == '-' || *s == '+')
        s++;
    size_t digits = strspn(s, "0123456789");
    s += digits;
    if (*s == '.' || *s == ',') {
        size_t after = strspn(s + 1, "0123456789");
        digits += after;
        s += 1 + after;
    }
    return digits > 0 && *s == '\0';
}

/* Spaces, quotes and separators before the sign do not stop every spreadsheet from seeing it. */
static const char *skip_harmless(const char *s)
{
    for (;;) {
        if (*s && strchr(" \n\",;|", *s))
            s++;
        else if (strncmp(s, "\xC2\xA0", 2) == 0)
            s += 2;
        else
            return s;
    }
}

static bool formula(const char *text)
{
    static const char *const wide[] = {
        "\xEF\xBC\x9D", /* = */
        "\xEF\xBC\x8B", /* + */
        "\xEF\xBC\x8D", /* - */
        "\xEF\xBC\xA0", /* @ */
    };
    const char *s = skip_harmless(text);
    if (*s && strchr("=+-@\t\r", *s))
        return !plain_number(text);
    for (size_t i = 0; i < COUNT_OF(wide); i++)
        if (text_starts(s, wide[i]))
            return true;
    return false;
}

void csv_cell(struct buf *b, const char *text, bool first)
{
    if (!text)
        text = "";
    if (!first)
        buf_char(b, ',');
    bool defuse = formula(text);
    size_t length = strlen(text);
    bool quote =
        strpbrk(text, ",;|\t\r\n\"") || text[0] == ' ' || (length > 0 && text[length - 1] == ' ');
    if (quote)
        buf_char(b, '"');
    if (defuse)
        buf_char(b, '\'');
    for (const char *s = text; *s; s++) {
        if (*s == '"')
            buf_char(b, '"');
        buf_char(b, *s);
    }
    if (quote)
        buf_char(b, '"');
}

void csv_end_row(struct buf *b)
{
    buf_add(b, "\r\n", 2);
}
