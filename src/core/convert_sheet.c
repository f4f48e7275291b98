/* SPDX-License-Identifier: Apache-2.0 */
/* One sheet of a workbook as a stream: rows go out as they are read, so a sheet of any length needs
 * the memory of one row. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/convert_part.h"

#define SEND_AT ((size_t)60 * 1024)

struct sheet {
    struct workbook *book;
    struct part *part;
    struct arena *row_arena; /* of the row at hand */
    struct buf out;          /* frames that wait */
    struct arena *out_arena;
    struct convert_row row;
    size_t room, bytes;
    /* the cell at hand */
    bool in_row, in_cell, in_value, in_phonetic, has_formula;
    unsigned column;
    i64 style;
    char type[12];
    struct buf value;
    i64 last_row;
    u64 merges_sent;
    struct sheet_told *told;
    enum convert_why why;
};

static void send_waiting(struct sheet *s, size_t at)
{
    if (s->out.size < at || !s->out.size)
        return;
    s->book->send(s->book->ctx, s->out.data, s->out.size);
    arena_reset(s->out_arena);
    buf_init(&s->out, s->out_arena, SEND_AT * 2);
}

/* --- references like "BC42" --- */

static bool read_reference(const char *text, unsigned *column, i64 *row)
{
    unsigned c = 0;
    i64 r = 0;
    const char *p = text;

    for (; *p >= 'A' && *p <= 'Z' && p - text < 4; p++)
        c = c * 26 + (unsigned)(*p - 'A') + 1;
    if (p == text || c > CONVERT_COLUMNS)
        return false;
    for (; *p >= '0' && *p <= '9' && r <= CONVERT_ROWS; p++)
        r = r * 10 + (*p - '0');
    if (*p && *p != ':')
        return false;
    *column = c - 1;
    *row = r;
    return r >= 1 && r <= CONVERT_ROWS;
}

/* --- texts --- */

static void add_character(struct buf *b, unsigned c)
{
    static const char replacement[] = "\xEF\xBF\xBD";

    if (c == '\r')
        return;
    if (c < 0x20 && c != '\n' && c != '\t')
        buf_str(b, replacement);
    else if (c < 0x80)
        buf_char(b, (char)c);
    else if (c >= 0xD800 && c < 0xE000)
        buf_str(b, replacement);
    else if (c < 0x800)
        buf_printf(b, "%c%c", (char)(0xC0 | c >> 6), (char)(0x80 | (c & 0x3F)));
    else
        buf_printf(b, "%c%c%c", (char)(0xE0 | c >> 12), (char)(0x80 | (c >> 6 & 0x3F)),
                   (char)(0x80 | (c & 0x3F)));
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* "_x000D_" is how a workbook writes what XML cannot hold. */
static bool escaped(const char *s, size_t left, unsigned *out)
{
    *out = 0;
    if (left < 7 || s[0] != '_' || s[1] != 'x' || s[6] != '_')
        return false;
    for (int i = 2; i < 6; i++) {
        int digit = hex_digit(s[i]);

        if (digit < 0)
            return false;
        *out = *out * 16 + (unsigned)digit;
    }
    return true;
}

/* The text as the pipe may carry it: no control characters, at most a cell's size. */
static void clean(struct arena *a, const char *text, size_t size, struct convert_cell *out)
{
    struct buf b;
    unsigned c;

    buf_init(&b, a, size + 8);
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '_' && escaped(text + i, size - i, &c)) {
            add_character(&b, c);
            i += 6;
        } else if ((unsigned char)text[i] < 0x20) {
            add_character(&b, (unsigned char)text[i]);
        } else {
            buf_char(&b, text[i]);
        }
    }
    if (b.size > CONVERT_CELL - 4) {
        b.size = CONVERT_CELL - 4;
        while (b.size && ((unsigned char)b.data[b.size] & 0xC0) == 0x80)
            b.size--;
    }
    out->text = b.data;
    out->size = b.size;
    /* The last guard: what is no UTF-8 by now is not sent as text. */
    if (!text_valid(out->text, out->size)) {
        out->text = "#TEXT!";
        out->size = strlen(out->text);
        out->kind = CELL_ERROR;
    }
}

/* --- values --- */

static void set_text(struct convert_cell *c, enum convert_cell_kind kind, const char *text)
{
    c->kind = kind;
    c->text = text;
    c->size = strlen(text);
}

static void set_shared(struct sheet *s, struct convert_cell *c)
{
    const struct strings *list = &s->book->strings;
    i64 i;

    if (!text_i64(s->value.data, &i) || i < 0 || (size_t)i >= list->count) {
        set_text(c, CELL_ERROR, "#TEXT!");
        return;
    }
    clean(s->row_arena, list->text.data + list->start[i], list->start[i + 1] - list->start[i], c);
}

static void set_number(struct sheet *s, struct convert_cell *c)
{
    char *end;
    double n = strtod(s->value.data, &end);
    bool date = s->style >= 0 && (size_t)s->style < s->book->ndates && s->book->dates[s->style];
    const char *text;

    if (end == s->value.data || *end || !isfinite(n)) {
        set_text(c, CELL_ERROR, "#NUM!");
    } else if (!date) {
        set_text(c, CELL_NUMBER, arena_printf(s->row_arena, "%.15g", n));
    } else {
        text = serial_text(s->row_arena, n, s->book->epoch1904);
        set_text(c, text ? CELL_DATE : CELL_ERROR, text ? text : "#DATE!");
    }
}

/* "2026-03-01T14:05:09Z" of a strict workbook. */
static void set_iso_date(struct sheet *s, struct convert_cell *c)
{
    char *text = arena_str(s->row_arena, s->value.data);
    size_t n = strlen(text);

    if (n >= 19 && text[10] == 'T') {
        text[10] = ' ';
        text[19] = '\0';
        if (strcmp(text + 10, " 00:00:00") == 0)
            text[10] = '\0';
    } else if (n > 10) {
        text[10] = '\0';
    }
    set_text(c, CELL_DATE, text);
    for (size_t i = 0; i < c->size; i++) {
        static const char shape[] = "dddd-dd-dd dd:dd:dd";
        bool digit = text[i] >= '0' && text[i] <= '9';

        if (c->size != 10 && c->size != 19)
            break;
        if (shape[i] == 'd' ? !digit : text[i] != shape[i])
            c->size = 1; /* no date after all */
    }
    if (c->size != 10 && c->size != 19)
        clean(s->row_arena, s->value.data, s->value.size, (c->kind = CELL_TEXT, c));
}

static void set_value(struct sheet *s, struct convert_cell *c)
{
    const char *v = s->value.data;

    c->kind = CELL_TEXT;
    if (text_equal(s->type, "s"))
        set_shared(s, c);
    else if (text_equal(s->type, "str") || text_equal(s->type, "inlineStr"))
        clean(s->row_arena, v, s->value.size, c);
    else if (text_equal(s->type, "b"))
        set_text(c, CELL_BOOL, text_equal(v, "1") || text_equal(v, "true") ? "1" : "0");
    else if (text_equal(s->type, "e"))
        set_text(c, CELL_ERROR, s->value.size <= 12 && v[0] == '#' ? v : "#ERROR!");
    else if (text_equal(s->type, "d"))
        set_iso_date(s, c);
    else
        set_number(s, c);
}

/* --- rows --- */

static struct convert_cell *new_cell(struct sheet *s)
{
    if (s->row.count == s->room) {
        size_t room = s->room ? s->room * 2 : 32;
        struct convert_cell *more = NEW_ARRAY(s->row_arena, struct convert_cell, room);

        if (s->row.count)
            memcpy(more, s->row.cell, s->row.count * sizeof(*more));
        s->row.cell = more;
        s->room = room;
    }
    return &s->row.cell[s->row.count++];
}

static void end_cell(struct sheet *s)
{
    struct convert_cell *c;

    s->in_cell = s->in_value = false;
    if (s->has_formula) {
        s->told->end.formulas++;
        s->told->end.without_value += s->value.size == 0 && !text_equal(s->type, "str");
    }
    if (!s->value.size)
        return;
    c = new_cell(s);
    *c = (struct convert_cell){.column = s->column, .flags = s->has_formula ? CELL_FORMULA : 0};
    set_value(s, c);
    if (!c->size) {
        s->row.count--;
        return;
    }
    s->bytes += c->size + 8;
    if (s->bytes > CONVERT_ROW)
        s->why = WHY_ROW;
}

static void begin_row(struct sheet *s)
{
    const char *r;
    i64 n = s->last_row + 1;

    arena_reset(s->row_arena);
    s->room = s->bytes = 0;
    r = part_attribute(s->part, s->row_arena, "r");
    if ((r && !text_i64(r, &n)) || n <= s->last_row || n > CONVERT_ROWS)
        s->why = WHY_ORDER;
    s->row = (struct convert_row){.row = n, .hidden = part_flag(s->part, "hidden")};
    if (!s->why)
        s->last_row = n;
    s->in_row = !xmlTextReaderIsEmptyElement(part_reader(s->part));
    s->column = (unsigned)-1;
}

static void end_row(struct sheet *s)
{
    s->in_row = false;
    if (!s->row.count || s->why)
        return;
    s->told->rows++;
    pipe_row(&s->out, &s->row);
    send_waiting(s, SEND_AT);
}

/* Where the cell stands, its style and type; one walk over the attributes, since there are many
 * cells. */
static void read_cell_attributes(struct sheet *s)
{
    xmlTextReaderPtr r = part_reader(s->part);
    unsigned column = s->column + 1;
    i64 row = s->row.row;

    while (xmlTextReaderMoveToNextAttribute(r) == 1) {
        const char *name = (const char *)xmlTextReaderConstLocalName(r);
        const char *value = (const char *)xmlTextReaderConstValue(r);

        if (!name || !value)
            continue;
        if (strcmp(name, "r") == 0 && !read_reference(value, &column, &row))
            s->why = WHY_ORDER;
        else if (strcmp(name, "s") == 0 && !text_i64(value, &s->style))
            s->style = -1;
        else if (strcmp(name, "t") == 0 && strlen(value) < sizeof(s->type))
            memcpy(s->type, value, strlen(value) + 1);
    }
    xmlTextReaderMoveToElement(r);
    if (row != s->row.row || column >= CONVERT_COLUMNS ||
        (s->column != (unsigned)-1 && column <= s->column))
        s->why = WHY_ORDER;
    s->column = column;
}

static void begin_cell(struct sheet *s)
{
    s->has_formula = s->in_value = s->in_phonetic = false;
    s->style = -1;
    s->type[0] = '\0';
    read_cell_attributes(s);
    buf_init(&s->value, s->row_arena, 32);
    s->in_cell = !xmlTextReaderIsEmptyElement(part_reader(s->part));
}

static void in_cell_start(struct sheet *s)
{
    bool empty = xmlTextReaderIsEmptyElement(part_reader(s->part));

    if (part_starts(s->part, "f"))
        s->has_formula = true;
    else if (part_starts(s->part, "rPh"))
        s->in_phonetic = !empty;
    else if (part_starts(s->part, "v") || part_starts(s->part, "t"))
        s->in_value = !empty && !s->in_phonetic;
}

static void in_cell_end(struct sheet *s)
{
    if (part_ends(s->part, "v") || part_ends(s->part, "t"))
        s->in_value = false;
    else if (part_ends(s->part, "rPh"))
        s->in_phonetic = false;
    else if (part_ends(s->part, "c"))
        end_cell(s);
}

/* --- around the rows --- */

static void send_hidden(struct sheet *s)
{
    struct arena *a = s->row_arena;
    const char *min = part_attribute(s->part, a, "min"), *max = part_attribute(s->part, a, "max");
    i64 from, to;

    if (!part_flag(s->part, "hidden") || !min || !max || !text_i64(min, &from) ||
        !text_i64(max, &to) || from < 1 || to > CONVERT_COLUMNS)
        return;
    for (i64 i = from; i <= to; i++) {
        size_t start = s->out.size;

        pipe_begin(&s->out, FRAME_HIDDEN);
        pipe_u16(&s->out, (unsigned)(i - 1));
        pipe_end(&s->out, start);
    }
    send_waiting(s, SEND_AT);
}

static void send_merge(struct sheet *s)
{
    const char *ref, *second;
    unsigned first_column, last_column;
    i64 first_row, last_row;
    size_t start = s->out.size;

    arena_reset(s->row_arena);
    s->told->end.merges++;
    ref = part_attribute(s->part, s->row_arena, "ref");
    second = ref ? strchr(ref, ':') : NULL;
    if (!second || s->merges_sent == CONVERT_MERGES ||
        !read_reference(ref, &first_column, &first_row) ||
        !read_reference(second + 1, &last_column, &last_row) || first_row > last_row ||
        first_column > last_column)
        return;
    s->merges_sent++;
    pipe_begin(&s->out, FRAME_MERGE);
    pipe_u32(&s->out, (u64)first_row);
    pipe_u16(&s->out, first_column);
    pipe_u32(&s->out, (u64)last_row);
    pipe_u16(&s->out, last_column);
    pipe_end(&s->out, start);
    send_waiting(s, SEND_AT);
}

static void take_text(struct sheet *s)
{
    const xmlChar *text = xmlTextReaderConstValue(part_reader(s->part));

    if (!s->in_value || !text)
        return;
    buf_str(&s->value, (const char *)text);
    s->bytes += strlen((const char *)text);
    if (s->bytes > CONVERT_ROW)
        s->why = WHY_ROW;
}

static void start_element(struct sheet *s)
{
    if (s->in_cell)
        in_cell_start(s);
    else if (s->in_row && part_starts(s->part, "c"))
        begin_cell(s);
    else if (!s->in_row && part_starts(s->part, "row"))
        begin_row(s);
    else if (!s->in_row && part_starts(s->part, "col"))
        send_hidden(s);
    else if (!s->in_row && part_starts(s->part, "mergeCell"))
        send_merge(s);
}

static void one_node(struct sheet *s)
{
    switch (xmlTextReaderNodeType(part_reader(s->part))) {
    case XML_READER_TYPE_ELEMENT:
        start_element(s);
        break;
    case XML_READER_TYPE_TEXT:
    case XML_READER_TYPE_CDATA:
    case XML_READER_TYPE_WHITESPACE:
    case XML_READER_TYPE_SIGNIFICANT_WHITESPACE:
        take_text(s);
        break;
    case XML_READER_TYPE_END_ELEMENT:
        if (s->in_cell)
            in_cell_end(s);
        else if (s->in_row && part_ends(s->part, "row"))
            end_row(s);
        break;
    default:
        break;
    }
}

enum convert_why sheet_send(struct workbook *b, const char *part, struct sheet_told *told,
                            u64 *number)
{
    struct sheet s = {.book = b, .told = told};
    enum convert_why why;

    *told = (struct sheet_told){.end.epoch1904 = b->epoch1904};
    s.part = part_open(&b->zip, part);
    if (!s.part)
        return b->zip.why ? b->zip.why : WHY_NOT_XLSX;
    s.row_arena = arena_new(CONVERT_ROW * 8);
    s.out_arena = arena_new(CONVERT_ROW * 8);
    buf_init(&s.out, s.out_arena, SEND_AT * 2);
    while (!s.why && part_next(s.part))
        one_node(&s);
    why = part_close(s.part);
    if (!s.why)
        send_waiting(&s, 0);
    *number = (u64)s.row.row;
    arena_free(s.row_arena);
    arena_free(s.out_arena);
    return s.why ? s.why : why;
}
