/* SPDX-License-Identifier: Apache-2.0 */
/* A workbook: which sheets it has, which styles show dates, the shared texts; then one sheet. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/convert_part.h"

#define STYLES_MOST 70000

/* --- relations: "rId3" -> name of a part --- */

struct relation {
    const char *id, *type, *target;
};
struct relations {
    struct relation list[CONVERT_SHEETS * 2];
    size_t count;
};

/* "../x" and "/xl/x" as a name in the archive, seen from the folder `base` ("xl/"). */
static const char *resolve(struct arena *a, const char *base, const char *target)
{
    if (target[0] == '/')
        return target + 1;
    while (strncmp(target, "./", 2) == 0)
        target += 2;
    return arena_printf(a, "%s%s", base, target);
}

static enum convert_why read_relations(struct workbook *b, const char *part, const char *base,
                                       struct relations *out)
{
    struct part *p = part_open(&b->zip, part);

    out->count = 0;
    if (!p)
        return b->zip.why ? b->zip.why : WHY_NOT_XLSX;
    while (part_next(p)) {
        const char *id, *target, *type;

        if (!part_starts(p, "Relationship") || out->count == COUNT_OF(out->list))
            continue;
        id = part_attribute(p, b->arena, "Id");
        type = part_attribute(p, b->arena, "Type");
        target = part_attribute(p, b->arena, "Target");
        if (id && type && target)
            out->list[out->count++] = (struct relation){id, type, resolve(b->arena, base, target)};
    }
    return part_close(p);
}

static const char *related(const struct relations *r, const char *type)
{
    for (size_t i = 0; i < r->count; i++) {
        const char *end = strrchr(r->list[i].type, '/');

        if (end && strcmp(end + 1, type) == 0)
            return r->list[i].target;
    }
    return NULL;
}

/* --- the list of sheets --- */

/* At most 31 characters on one line: what the pipe may carry. */
static const char *sheet_name(struct arena *a, const char *name)
{
    char *copy = arena_str(a, name ? name : "");
    size_t n = strlen(copy);

    if (n > CONVERT_NAME) {
        n = CONVERT_NAME;
        while (n && ((unsigned char)copy[n] & 0xC0) == 0x80)
            n--;
        copy[n] = '\0';
    }
    for (char *p = copy; *p; p++)
        if ((unsigned char)*p < 0x20)
            *p = ' ';
    return text_valid(copy, strlen(copy)) ? copy : "";
}

static void add_sheet(struct workbook *b, struct part *p, const struct relations *r)
{
    const char *id = part_attribute(p, b->arena, "id"), *state;
    struct convert_sheet *s;

    if (b->nsheets == CONVERT_SHEETS || !id)
        return;
    s = &b->sheets[b->nsheets];
    s->name = sheet_name(b->arena, part_attribute(p, b->arena, "name"));
    state = part_attribute(p, b->arena, "state");
    s->hidden = state && strcmp(state, "visible") != 0;
    for (size_t i = 0; i < r->count; i++) {
        const char *type = strrchr(r->list[i].type, '/');

        if (strcmp(r->list[i].id, id) == 0 && type && strcmp(type, "/worksheet") == 0) {
            b->part[b->nsheets++] = r->list[i].target;
            return;
        }
    }
}

static enum convert_why read_sheets(struct workbook *b, const char *part, const struct relations *r)
{
    struct part *p = part_open(&b->zip, part);
    enum convert_why why;

    if (!p)
        return b->zip.why ? b->zip.why : WHY_NOT_XLSX;
    while (part_next(p)) {
        if (part_starts(p, "workbookPr"))
            b->epoch1904 = part_flag(p, "date1904");
        else if (part_starts(p, "sheet"))
            add_sheet(b, p, r);
    }
    why = part_close(p);
    return why ? why : b->nsheets ? 0 : WHY_NOT_XLSX;
}

/* --- styles --- */

struct formats {
    i64 id[2000];
    bool date[2000];
    size_t count;
};

static void add_format(struct workbook *b, struct part *p, struct formats *f)
{
    const char *id = part_attribute(p, b->arena, "numFmtId"),
               *code = part_attribute(p, b->arena, "formatCode");

    if (f->count < COUNT_OF(f->id) && id && code && text_i64(id, &f->id[f->count]))
        f->date[f->count++] = format_is_date(code);
}

static bool is_date(const struct formats *f, i64 id)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->id[i] == id)
            return f->date[i];
    return format_number_is_date(id);
}

static void add_style(struct workbook *b, struct part *p, const struct formats *f)
{
    const char *id = part_attribute(p, b->arena, "numFmtId");
    i64 n;

    if (b->ndates < STYLES_MOST)
        b->dates[b->ndates++] = id && text_i64(id, &n) && is_date(f, n);
}

static enum convert_why read_styles(struct workbook *b, const char *part)
{
    struct formats *f = NEW(b->arena, struct formats);
    struct part *p = part ? part_open(&b->zip, part) : NULL;
    bool in_cells = false;

    if (!p)
        return b->zip.why;
    b->dates = NEW_ARRAY(b->arena, bool, STYLES_MOST);
    while (part_next(p)) {
        if (part_starts(p, "numFmt"))
            add_format(b, p, f);
        else if (part_starts(p, "cellXfs"))
            in_cells = !xmlTextReaderIsEmptyElement(part_reader(p));
        else if (part_ends(p, "cellXfs"))
            in_cells = false;
        else if (in_cells && part_starts(p, "xf"))
            add_style(b, p, f);
    }
    return part_close(p);
}

/* --- shared texts --- */

static void begin_string(struct strings *s, struct arena *a)
{
    if (s->count + 2 > s->room) {
        size_t room = s->room ? s->room * 2 : 1024;
        size_t *more = NEW_ARRAY(a, size_t, room);

        if (s->count)
            memcpy(more, s->start, (s->count + 1) * sizeof(*more));
        s->start = more;
        s->room = room;
    }
    s->start[s->count++] = s->text.size;
    s->start[s->count] = s->text.size;
}

static enum convert_why read_strings(struct workbook *b, const char *part)
{
    struct strings *s = &b->strings;
    struct part *p = part ? part_open(&b->zip, part) : NULL;
    bool in_text = false, phonetic = false;
    enum convert_why why = 0, closed;

    if (!p)
        return b->zip.why;
    buf_init(&s->text, b->arena, 65536);
    while (!why && part_next(p)) {
        int type = xmlTextReaderNodeType(part_reader(p));
        bool empty = type == XML_READER_TYPE_ELEMENT && xmlTextReaderIsEmptyElement(part_reader(p));

        if (part_starts(p, "si"))
            begin_string(s, b->arena);
        else if (part_starts(p, "rPh"))
            phonetic = !empty;
        else if (part_ends(p, "rPh"))
            phonetic = false;
        else if (part_starts(p, "t"))
            in_text = !empty && !phonetic;
        else if (part_ends(p, "t"))
            in_text = false;
        else if (in_text && s->count && xmlTextReaderHasValue(part_reader(p)) == 1)
            buf_str(&s->text, (const char *)xmlTextReaderConstValue(part_reader(p)));
        if (s->count)
            s->start[s->count] = s->text.size;
        if (s->text.size + s->count * sizeof(size_t) > STRINGS_MOST)
            why = WHY_STRINGS;
    }
    closed = part_close(p);
    return why ? why : closed;
}

/* --- all of it --- */

static void send_buf(struct workbook *b, struct buf *frame)
{
    b->send(b->ctx, frame->data, frame->size);
}

static void send_sheets(struct workbook *b, size_t chosen)
{
    struct buf f;

    buf_init(&f, b->arena, 200);
    pipe_begin(&f, FRAME_SHEETS);
    pipe_u16(&f, (unsigned)chosen);
    pipe_u16(&f, (unsigned)b->nsheets);
    for (size_t i = 0; i < b->nsheets; i++) {
        pipe_u8(&f, b->sheets[i].hidden);
        pipe_bytes16(&f, b->sheets[i].name, strlen(b->sheets[i].name));
    }
    pipe_end(&f, 0);
    send_buf(b, &f);
}

static void send_end(struct workbook *b, const struct convert_end *end)
{
    struct buf f;

    buf_init(&f, b->arena, 32);
    pipe_begin(&f, FRAME_END);
    pipe_u32(&f, end->formulas);
    pipe_u32(&f, end->without_value);
    pipe_u32(&f, end->merges);
    pipe_u8(&f, end->epoch1904);
    pipe_end(&f, 0);
    send_buf(b, &f);
}

/* The sheet that is asked for by number or name; nsheets when there is none. */
static size_t find_sheet(const struct workbook *b, const char *asked)
{
    i64 n;

    for (size_t i = 0; i < b->nsheets; i++)
        if (text_equal(b->sheets[i].name, asked))
            return i;
    if (text_i64(asked, &n) && n >= 1 && (u64)n <= b->nsheets)
        return (size_t)n - 1;
    for (size_t i = 0; i < b->nsheets; i++)
        if (strcasecmp(b->sheets[i].name, asked) == 0)
            return i;
    return b->nsheets;
}

/* True when the part has a cell with something in it; reads no further than that. */
static bool has_rows(struct workbook *b, const char *part)
{
    struct part *p = part_open(&b->zip, part);
    bool found = false;

    if (!p)
        return false;
    while (!found && part_next(p))
        found = part_starts(p, "v") || part_starts(p, "is");
    return part_close(p) == 0 && found;
}

static size_t first_sheet(struct workbook *b)
{
    size_t first = b->nsheets;

    for (size_t i = 0; i < b->nsheets; i++) {
        if (b->sheets[i].hidden)
            continue;
        if (first == b->nsheets)
            first = i;
        if (has_rows(b, b->part[i]))
            return i;
    }
    return first < b->nsheets ? first : 0;
}

static enum convert_why what_is_it(const struct unzip *z)
{
    if (unzip_has(z, "xl/workbook.bin"))
        return WHY_BINARY;
    if (unzip_has(z, "content.xml") && unzip_has(z, "mimetype"))
        return WHY_OPEN_DOCUMENT;
    return unzip_has(z, "_rels/.rels") ? 0 : WHY_NOT_XLSX;
}

/* Everything but the rows. */
static enum convert_why read_book(struct workbook *b)
{
    struct relations *r = NEW(b->arena, struct relations);
    const char *main, *folder, *slash, *rels;
    enum convert_why why = what_is_it(&b->zip);

    if (!why)
        why = read_relations(b, "_rels/.rels", "", r);
    if (why)
        return why;
    main = related(r, "officeDocument");
    if (!main)
        return WHY_NOT_XLSX;
    slash = strrchr(main, '/');
    folder = slash ? arena_strn(b->arena, main, (size_t)(slash - main) + 1) : "";
    rels = arena_printf(b->arena, "%s_rels/%s.rels", folder, slash ? slash + 1 : main);
    why = read_relations(b, rels, folder, r);
    if (!why)
        why = read_sheets(b, main, r);
    if (!why)
        why = read_styles(b, related(r, "styles"));
    return why ? why : read_strings(b, related(r, "sharedStrings"));
}

static enum convert_why read_and_send(struct workbook *b, struct bytes data, const char *sheet,
                                      u64 *number)
{
    struct sheet_told told;
    size_t chosen;
    enum convert_why why = unzip_open(b->arena, data.data, data.size, &b->zip);

    if (why)
        return why;
    why = read_book(b);
    if (why)
        return why;
    chosen = text_empty(sheet) ? first_sheet(b) : find_sheet(b, sheet);
    if (chosen == b->nsheets) {
        *number = b->nsheets;
        return WHY_NO_SHEET;
    }
    send_sheets(b, chosen);
    why = sheet_send(b, b->part[chosen], &told, number);
    if (!why)
        send_end(b, &told.end);
    return why;
}

void convert_workbook(struct arena *a, struct bytes data, const char *sheet,
                      void (*send)(void *ctx, const char *data, size_t size), void *ctx)
{
    struct workbook *b = NEW(a, struct workbook);
    u64 number = 0;
    struct buf f;
    enum convert_why why;

    b->arena = a;
    b->send = send;
    b->ctx = ctx;
    why = read_and_send(b, data, sheet, &number);
    unzip_close(&b->zip);
    if (!why)
        return;
    buf_init(&f, a, 16);
    pipe_begin(&f, FRAME_REFUSE);
    pipe_u8(&f, why);
    pipe_u32(&f, number);
    pipe_end(&f, 0);
    send_buf(b, &f);
}
