/* SPDX-License-Identifier: Apache-2.0 */
#include "core/convert_library.h"

#include <string.h>

#include "base/text.h"
#include "core/convert_part.h"

/* --- parts that both kinds use --- */

enum convert_why library_add(struct library *l, const struct library_row *row)
{
    if (l->count == LIBRARY_ROWS)
        return WHY_TOO_LARGE;
    if (l->count == l->room) {
        size_t room = l->room ? l->room * 2 : 256;
        struct library_row *bigger = NEW_ARRAY(l->arena, struct library_row, room);

        if (l->count)
            memcpy(bigger, l->rows, l->count * sizeof(*bigger));
        l->rows = bigger;
        l->room = room;
    }
    l->rows[l->count++] = *row;
    return 0;
}

const char *library_tail(const char *urn)
{
    const char *colon = strrchr(urn, ':');

    return colon ? colon + 1 : urn;
}

const char *library_code(struct arena *a, const char *text, size_t most)
{
    char *code = arena_strn(a, text, strlen(text) > most ? most : strlen(text)), *out = code;

    for (const char *p = code; *p; p++) {
        char c = *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p;
        bool good = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr(".-_()", c));

        if (good)
            *out++ = c;
        else if (out > code && out[-1] != '-' && (unsigned char)c < 0x80)
            *out++ = '-';
    }
    while (out > code && out[-1] == '-')
        out--;
    *out = '\0';
    return code;
}

const char *library_cut(struct arena *a, const char *text, size_t most)
{
    size_t end = strlen(text), word;

    if (end <= most)
        return text;
    end = most;
    while (end > 0 && ((unsigned char)text[end] & 0xC0) == 0x80)
        end--;
    for (word = end; word > most / 2 && text[word] != ' ';)
        word--;
    if (text[word] == ' ')
        end = word;
    return arena_printf(a, "%.*s…", (int)end, text);
}

/* --- as sheets --- */

struct sending {
    struct arena *arena;
    struct buf out;
    void (*send)(void *ctx, const char *data, size_t size);
    void *ctx;
    i64 last; /* row that was sent last */
};

#define CELLS 7

static void flush(struct sending *s)
{
    if (s->out.size)
        s->send(s->ctx, s->out.data, s->out.size);
    buf_init(&s->out, s->arena, 65536);
}

static void send_row(struct sending *s, u64 line, const char *const text[CELLS])
{
    struct convert_cell cells[CELLS];
    struct convert_row row = {.row = (i64)line > s->last ? (i64)line : s->last + 1, .cell = cells};

    for (unsigned i = 0; i < CELLS; i++)
        if (!text_empty(text[i]))
            cells[row.count++] = (struct convert_cell){i, CELL_TEXT, 0, text[i], strlen(text[i])};
    if (!row.count || row.row > CONVERT_ROWS)
        return;
    s->last = row.row;
    pipe_row(&s->out, &row);
    if (s->out.size > 60000)
        flush(s);
}

static void send_head(struct sending *s, unsigned chosen)
{
    static const char *const names[] = {"Controls", "Set"};

    pipe_begin(&s->out, FRAME_SHEETS);
    pipe_u16(&s->out, chosen);
    pipe_u16(&s->out, 2);
    for (size_t i = 0; i < 2; i++) {
        pipe_u8(&s->out, 0);
        pipe_bytes16(&s->out, names[i], strlen(names[i]));
    }
    pipe_end(&s->out, 0);
    flush(s);
}

static void send_set(struct sending *s, const struct library *l)
{
    static const char *const heads[CELLS] = {"title",     "source",      "edition", "language",
                                             "reference", "description", "terms"};
    struct arena *a = s->arena;
    const char *const cells[CELLS] = {
        library_cut(a, l->title, 180),     library_cut(a, l->source, 180),
        library_cut(a, l->edition, 50),    library_cut(a, l->language, 30),
        library_cut(a, l->reference, 380), library_cut(a, l->description, 9000),
        library_cut(a, l->terms, 9000)};

    const char *used[CELLS] = {0};

    for (size_t i = 0; i < CELLS; i++)
        if (!text_empty(cells[i]))
            used[i] = heads[i];
    send_row(s, 1, used);
    send_row(s, 2, cells);
}

static void cells_of(const struct library *l, const struct library_row *r, const char *cells[CELLS])
{
    cells[0] = r->code;
    cells[1] = library_cut(l->arena, r->title, 180);
    cells[2] = library_cut(l->arena, r->chapter, 180);
    cells[3] = library_cut(l->arena, r->asks, 9000);
    cells[4] = l->only_maps ? "" : library_cut(l->arena, l->title, 180);
    cells[5] = library_cut(l->arena, r->maps_to, 7000);
    cells[6] = "";
}

/* Columns in which nothing stands are not named: they say nothing about controls that are here. */
static void send_controls(struct sending *s, const struct library *l)
{
    static const char *const heads[CELLS] = {"code",       "title",   "chapter", "asks",
                                             "controlset", "maps_to", ""};
    const char *used[CELLS] = {0}, *cells[CELLS];

    for (size_t i = 0; i < l->count; i++) {
        cells_of(l, &l->rows[i], cells);
        for (size_t k = 0; k < CELLS; k++)
            if (!text_empty(cells[k]))
                used[k] = heads[k];
    }
    send_row(s, 1, used);
    for (size_t i = 0; i < l->count; i++) {
        cells_of(l, &l->rows[i], cells);
        send_row(s, l->rows[i].line, cells);
    }
}

static void send_last(struct sending *s, enum convert_why why, u64 number)
{
    size_t start = s->out.size;

    pipe_begin(&s->out, why ? FRAME_REFUSE : FRAME_END);
    if (why) {
        pipe_u8(&s->out, why);
        pipe_u32(&s->out, number);
    } else {
        for (int i = 0; i < 3; i++)
            pipe_u32(&s->out, 0);
        pipe_u8(&s->out, 0);
    }
    pipe_end(&s->out, start);
    flush(s);
}

/* --- what JSON has and YAML 1.1 has not --- */

static int hex4(const unsigned char *p, unsigned *out)
{
    *out = 0;
    for (int i = 0; i < 4; i++) {
        unsigned char c = p[i] | 0x20;

        if (p[i] >= '0' && p[i] <= '9')
            *out = *out * 16 + (p[i] - '0');
        else if (c >= 'a' && c <= 'f')
            *out = *out * 16 + (c - 'a') + 10;
        else
            return 0;
    }
    return 1;
}

/* A pair of halves as the one character it means; 0 when `p` is no such pair. */
static size_t join_pair(const unsigned char *p, size_t left, unsigned char *out)
{
    unsigned high, low, code;

    if (left < 12 || p[1] != 'u' || p[6] != '\\' || p[7] != 'u' || !hex4(p + 2, &high) ||
        !hex4(p + 8, &low) || high < 0xD800 || high > 0xDBFF || low < 0xDC00 || low > 0xDFFF)
        return 0;
    code = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
    out[0] = (unsigned char)(0xF0 | code >> 18);
    out[1] = (unsigned char)(0x80 | (code >> 12 & 0x3F));
    out[2] = (unsigned char)(0x80 | (code >> 6 & 0x3F));
    out[3] = (unsigned char)(0x80 | (code & 0x3F));
    return 4;
}

/* Pairs of halves become characters, "\/" a slash. Other files stay as they are. */
static struct bytes from_json(struct arena *a, struct bytes data)
{
    unsigned char *out;
    size_t at = 0, n = 0;

    while (at < data.size && strchr(" \t\r\n", data.data[at]) && data.data[at])
        at++;
    if (at == data.size || data.data[at] != '{')
        return data;
    out = arena_alloc(a, data.size + 1);
    while (at < data.size) {
        const unsigned char *p = data.data + at;
        size_t left = data.size - at, made;

        if (*p != '\\' || left < 2) {
            out[n++] = *p;
            at++;
        } else if (p[1] == '/') {
            out[n++] = '/';
            at += 2;
        } else if ((made = join_pair(p, left, out + n))) {
            n += made;
            at += 12;
        } else {
            out[n++] = p[0];
            out[n++] = p[1];
            at += 2;
        }
    }
    return (struct bytes){out, n};
}

/* --- all of it --- */

static enum convert_why read_library(struct library *l, struct bytes data, u64 *line)
{
    struct node *root = NULL;
    enum convert_why why;

    data = from_json(l->arena, data);
    why = yaml_tree(l->arena, data.data, data.size, &root, line);
    if (!why)
        why = library_ciso(root, l);
    if (why == WHY_NOT_LIBRARY)
        why = library_oscal(root, l);
    if (text_empty(l->title))
        l->title = *l->reference ? library_tail(l->reference) : "Library without a name";
    return why;
}

/* 0 or 1; 2 when there is no such sheet. */
static unsigned sheet_index(const char *sheet)
{
    if (text_empty(sheet) || text_equal(sheet, "1") || text_equal(sheet, "Controls"))
        return 0;
    return text_equal(sheet, "2") || text_equal(sheet, "Set") ? 1 : 2;
}

void convert_library(struct arena *a, struct bytes data, const char *sheet,
                     void (*send)(void *ctx, const char *data, size_t size), void *ctx)
{
    struct library l = {.arena = a,
                        .title = "",
                        .source = "",
                        .edition = "",
                        .language = "",
                        .reference = "",
                        .description = "",
                        .terms = ""};
    struct sending s = {.arena = a, .send = send, .ctx = ctx};
    unsigned chosen = sheet_index(sheet);
    u64 line = 0;
    enum convert_why why = read_library(&l, data, &line);

    flush(&s);
    if (!why && chosen > 1) {
        why = WHY_NO_SHEET;
        line = 2;
    }
    if (!why && !l.count)
        why = WHY_NO_CONTROLS;
    if (why) {
        send_last(&s, why, line);
        return;
    }
    send_head(&s, chosen);
    if (chosen)
        send_set(&s, &l);
    else
        send_controls(&s, &l);
    send_last(&s, 0, 0);
}
