/* SPDX-License-Identifier: Apache-2.0 */
/* Files to import: what they are, their columns, their rows one by one. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypt.h"
#include "base/csv.h"
#include "base/text.h"
#include "core/import_part.h"

/* --- bytes --- */

struct mapping {
    void *data;
    size_t size;
};

static void unmap(void *ctx)
{
    struct mapping *m = ctx;

    munmap(m->data, m->size);
}

/* Pipes have no pages: they are copied to a file without a name first. */
static struct err *whole_file(struct arena *a, FILE *file, int *fd)
{
    char room[65536];
    struct stat st;
    FILE *copy;
    size_t n;

    *fd = fileno(file);
    if (*fd >= 0 && !fstat(*fd, &st) && S_ISREG(st.st_mode))
        return NULL;
    copy = tmpfile();
    if (!copy)
        return err_detail(err_new(ERR_FAULT, "A temporary file could not be made."), "%s",
                          strerror(errno));
    arena_defer(a, (void (*)(void *))(uintptr_t)fclose, copy);
    while ((n = fread(room, 1, sizeof(room), file)) > 0)
        fwrite(room, 1, n, copy);
    if (ferror(file) || fflush(copy) || ferror(copy))
        return err_new(ERR_BAD, "The input could not be read to its end.");
    *fd = fileno(copy);
    return NULL;
}

static struct err *map_file(struct arena *a, FILE *file, struct source *s)
{
    struct mapping *m = NEW(a, struct mapping);
    struct stat st;
    int fd;

    TRY(whole_file(a, file, &fd));
    if (fstat(fd, &st))
        return err_new(ERR_BAD, "The file “%.100s” cannot be read.", s->name);
    s->data = "";
    s->size = (size_t)st.st_size;
    if (s->size == 0)
        return err_new(ERR_BAD, "The file “%.100s” is empty.", s->name);
    m->size = s->size;
    m->data = mmap(NULL, s->size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (m->data == MAP_FAILED)
        return err_detail(err_new(ERR_BAD, "The file “%.100s” cannot be read.", s->name),
                          "mmap: %s", strerror(errno));
    arena_defer(a, unmap, m);
    s->data = m->data;
    return NULL;
}

/* --- encodings --- */

/* Bytes of the UTF-8 character at `p`, 0 when it is none. */
static size_t utf8_size(const unsigned char *p, size_t left)
{
    size_t n = p[0] < 0x80                   ? 1
               : p[0] >= 0xC2 && p[0] < 0xE0 ? 2
               : (p[0] & 0xF0) == 0xE0       ? 3
               : p[0] >= 0xF0 && p[0] < 0xF5 ? 4
                                             : 0;

    if (n == 0 || n > left)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    return n;
}

static bool is_utf8(const char *data, size_t size)
{
    for (size_t i = 0, n; i < size; i += n) {
        n = utf8_size((const unsigned char *)data + i, size - i);
        if (n == 0)
            return false;
    }
    return true;
}

/* What Windows-1252 has in 0x80-0x9F; 0 = nothing. */
static const unsigned short windows[32] = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

static void put_utf8(struct buf *b, unsigned c)
{
    if (c < 0x80) {
        buf_char(b, (char)c);
    } else if (c < 0x800) {
        buf_char(b, (char)(0xC0 | c >> 6));
        buf_char(b, (char)(0x80 | (c & 0x3F)));
    } else {
        buf_char(b, (char)(0xE0 | c >> 12));
        buf_char(b, (char)(0x80 | (c >> 6 & 0x3F)));
        buf_char(b, (char)(0x80 | (c & 0x3F)));
    }
}

static void free_arena(void *arena)
{
    arena_free(arena);
}

static struct err *convert(struct arena *a, struct source *s)
{
    struct arena *own = arena_new((size_t)1 << 30);
    struct buf b;
    i64 line = 1;

    arena_defer(a, free_arena, own);
    buf_init(&b, own, s->size + s->size / 8 + 16);
    for (size_t i = 0; i < s->size; i++) {
        unsigned c = (unsigned char)s->data[i];

        if (c >= 0x80 && c < 0xA0)
            c = windows[c - 0x80];
        if (c == 0)
            return err_new(ERR_BAD,
                           "Line %lld of “%.100s” is neither UTF-8 nor Windows-1252 text. Save the "
                           "file as CSV UTF-8.",
                           line, s->name);
        line += c == '\n';
        put_utf8(&b, c);
    }
    s->data = b.data;
    s->size = b.size;
    s->converted = true;
    return NULL;
}

static struct err *check_encoding(struct arena *a, struct source *s)
{
    const unsigned char *p = (const unsigned char *)s->data;

    if (s->size >= 4 && memcmp(p, "PK\3\4", 4) == 0)
        return err_new(ERR_BAD,
                       "“%.100s” is a workbook, not a text file. Open it and save the sheet as "
                       "CSV UTF-8, then import that.",
                       s->name);
    if (s->size >= 2 && ((p[0] == 0xFF && p[1] == 0xFE) || (p[0] == 0xFE && p[1] == 0xFF)))
        return err_new(ERR_BAD, "“%.100s” is UTF-16 text. Save it as CSV UTF-8.", s->name);
    if (memchr(s->data, 0, s->size))
        return err_new(ERR_BAD, "“%.100s” is no text file: it contains zero bytes.", s->name);
    if (is_utf8(s->data, s->size))
        return NULL;
    return convert(a, s);
}

/* --- CSV --- */

static struct err *bad_columns(const char *name, const char *why)
{
    return err_new(ERR_BAD, "The column “%.60s” %s.", name, why);
}

static struct err *add_column(struct arena *a, struct source *s, const char *name)
{
    for (size_t i = 0; i < s->ncolumns; i++)
        if (text_equal(s->columns[i], name))
            return s->kind == SOURCE_JSON
                       ? NULL
                       : bad_columns(name, "is there twice. Rename or remove one of them");
    if (s->ncolumns == IMPORT_COLUMNS)
        return err_new(ERR_LIMIT, "The file has more than %d columns.", IMPORT_COLUMNS);
    s->columns[s->ncolumns++] = arena_str(a, name);
    return NULL;
}

struct header {
    struct arena *arena;
    struct source *source;
    bool found;
    struct err *failed;
};

/* Ends the reading after the first row: any error does, and only this one is meant. */
static struct err *read_header(void *ctx, const struct csv_row *row)
{
    struct header *h = ctx;
    size_t n = row->count;

    while (n > 0 && text_empty(row->cell[n - 1]))
        n--; /* spreadsheets leave empty columns at the end */
    for (size_t i = 0; i < n && !h->failed; i++) {
        const char *name = text_trim(h->arena, row->cell[i]);

        if (!*name)
            name = arena_printf(h->arena, "column %zu", i + 1);
        h->failed = add_column(h->arena, h->source, name);
    }
    h->found = n > 0;
    return err_new(ERR_LIMIT, "The header was read.");
}

static struct err *csv_columns(struct arena *a, struct source *s)
{
    struct header h = {.arena = a, .source = s};
    struct err *ended = csv_read(a, s->data, s->size, 0, read_header, &h);

    if (h.failed)
        return h.failed;
    if (h.found)
        return NULL;
    if (ended && ended->code != ERR_LIMIT)
        return ended;
    return err_new(ERR_BAD, "“%.100s” has no row with the names of the columns.", s->name);
}

struct reading {
    struct source *source;
    struct arena *row; /* JSON: emptied after each row */
    i64 count;
    const char **cell;
    struct err *(*each)(void *ctx, const struct source_row *r);
    void *ctx;
};

static struct err *csv_one(void *ctx, const struct csv_row *row)
{
    struct reading *r = ctx;
    size_t columns = r->source->ncolumns, n = row->count;
    struct source_row out = {.row = ++r->count, .line = row->line, .cell = r->cell};
    bool any = false;

    if (r->count == 1)
        return NULL; /* the header */
    while (n > columns && text_empty(row->cell[n - 1]))
        n--;
    for (size_t i = 0; i < n; i++)
        any = any || !text_empty(row->cell[i]);
    if (!any)
        return NULL;
    for (size_t i = 0; i < columns; i++)
        r->cell[i] = i < n ? row->cell[i] : NULL;
    if (n > columns)
        out.wrong = "The row has more cells than the first row. Put cells that contain the "
                    "separator in quotes.";
    return r->each(r->ctx, &out);
}

/* --- JSON: one element after the other, so that a large file needs one row of memory --- */

static const char *skip_space(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
        p++;
    return p;
}

static i64 line_at(const struct source *s, const char *at)
{
    i64 line = 1;

    for (const char *p = s->data; p < at; p++)
        line += *p == '\n';
    return line;
}

static struct err *json_wrong(const struct source *s, const char *at, const char *what)
{
    return err_new(ERR_BAD, "Line %lld of “%.100s”: %s", line_at(s, at), s->name, what);
}

/* The first character inside the list; `*object` when it stands in {"items": [...]}. */
static struct err *json_start(const struct source *s, const char **out, bool *object)
{
    static const char *const wanted = "A list of objects is needed: [{...}, {...}], or an object "
                                      "whose first member is \"items\".";
    const char *end = s->data + s->size, *p = s->data;

    if (s->size >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0)
        p += 3;
    p = skip_space(p, end);
    *object = p < end && *p == '{';
    if (*object) {
        p = skip_space(p + 1, end);
        if (end - p < 7 || memcmp(p, "\"items\"", 7) != 0)
            return json_wrong(s, p, wanted);
        p = skip_space(p + 7, end);
        if (p >= end || *p != ':')
            return json_wrong(s, p, wanted);
        p = skip_space(p + 1, end);
    }
    if (p >= end || *p != '[')
        return json_wrong(s, p, wanted);
    *out = skip_space(p + 1, end);
    return NULL;
}

static struct err *json_end(struct arena *a, const struct source *s, const char *p, bool object)
{
    const char *end = s->data + s->size;
    json_t *ignored;

    p = skip_space(p, end);
    if (!object)
        return p == end ? NULL : json_wrong(s, p, "There is something after the end of the list.");
    if (json_parse(
            a, arena_printf(a, "{\"items\":[]%.*s", (int)(end - p > 65536 ? 65536 : end - p), p),
            strlen("{\"items\":[]") + (size_t)(end - p > 65536 ? 65536 : end - p), &ignored))
        return json_wrong(s, p, "The JSON does not end as it should.");
    return NULL;
}

/* Parses the element at `p`; `*next` is what follows it. */
static struct err *json_element(struct arena *a, const struct source *s, const char *p,
                                const char **next, json_t **out)
{
    const char *end = s->data + s->size;
    json_error_t problem;
    json_t *value =
        json_loadb(p, (size_t)(end - p), JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK, &problem);

    if (!value)
        return err_new(ERR_BAD, "Line %lld of “%.100s”: the JSON is not valid: %.150s.",
                       line_at(s, p) + (problem.line > 0 ? problem.line - 1 : 0), s->name,
                       problem.text);
    *out = json_own(a, value);
    if (!json_is_object(value))
        return json_wrong(s, p, "Each element of the list must be an object.");
    p = skip_space(p + problem.position, end);
    if (p < end && *p == ',') {
        p = skip_space(p + 1, end);
        if (p >= end || *p != '{')
            return json_wrong(s, p, "After a comma another object must follow.");
    } else if (p >= end || *p != ']') {
        return json_wrong(s, p, "A comma or the end of the list is missing here.");
    }
    *next = p;
    return NULL;
}

static struct err *json_walk(struct source *s, struct reading *r,
                             struct err *(*each)(struct reading *r, json_t *object))
{
    const char *p, *end = s->data + s->size;
    bool object;
    json_t *one;

    TRY(json_start(s, &p, &object));
    while (p < end && *p != ']') {
        TRY(json_element(r->row, s, p, &p, &one));
        TRY(each(r, one));
        arena_reset(r->row);
    }
    if (p >= end)
        return json_wrong(s, p, "The list is not closed.");
    return json_end(r->row, s, p + 1, object);
}

static struct err *json_names(struct reading *r, json_t *object)
{
    const char *key;
    json_t *value;

    json_object_foreach(object, key, value)
    {
        (void)value;
        TRY(add_column(r->ctx, r->source, key));
    }
    return NULL;
}

static struct err *json_one(struct reading *r, json_t *object)
{
    struct web w = {.arena = r->row};
    struct issues issues = {.arena = r->row};
    struct inputs in = entity_json_inputs(&w, object, &issues);
    struct source_row out = {.row = ++r->count, .cell = r->cell};

    for (size_t c = 0; c < r->source->ncolumns; c++) {
        r->cell[c] = NULL;
        for (size_t i = 0; i < in.count; i++)
            if (text_equal(in.list[i].name, r->source->columns[c]))
                r->cell[c] = in.list[i].value ? in.list[i].value : "";
    }
    if (issues.count)
        out.wrong = issues.list[0].text;
    return r->each(r->ctx, &out);
}

/* --- both --- */

static bool looks_like_json(const struct source *s)
{
    const char *p = s->data, *end = s->data + s->size;

    if (s->size >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0)
        p += 3;
    p = skip_space(p, end);
    return p < end && (*p == '[' || *p == '{');
}

static const char *digest_of(struct arena *a, const struct source *s)
{
    unsigned char hash[DIGEST_SIZE];

    crypt_sha256(s->data, s->size, hash);
    return crypt_hex(a, hash, sizeof(hash));
}

struct err *source_open(struct arena *a, FILE *file, const char *name, struct source **out)
{
    struct source *s = NEW(a, struct source);
    struct reading r = {.source = s, .ctx = a};
    struct err *failed;

    s->name = text_empty(name) ? "the file" : arena_str(a, name);
    s->columns = NEW_ARRAY(a, const char *, IMPORT_COLUMNS);
    TRY(map_file(a, file, s));
    s->sha256 = digest_of(a, s);
    TRY(check_encoding(a, s));
    s->kind = looks_like_json(s) ? SOURCE_JSON : SOURCE_CSV;
    *out = s;
    if (s->kind == SOURCE_CSV)
        return csv_columns(a, s);
    r.row = arena_new(0);
    failed = json_walk(s, &r, json_names);
    arena_free(r.row);
    if (!failed && s->ncolumns == 0)
        return err_new(ERR_BAD, "There are no rows in “%.100s”.", s->name);
    return failed;
}

struct err *source_each(struct source *s,
                        struct err *(*each)(void *ctx, const struct source_row *r), void *ctx)
{
    const char *cells[IMPORT_COLUMNS];
    struct reading r = {.source = s, .cell = cells, .each = each, .ctx = ctx};
    struct err *failed;

    r.row = arena_new(0);
    failed = s->kind == SOURCE_CSV ? csv_read(r.row, s->data, s->size, 0, csv_one, &r)
                                   : json_walk(s, &r, json_one);
    arena_free(r.row);
    return failed;
}
