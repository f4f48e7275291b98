/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of a file to import. They are copied first: a file that its owner cuts short while it
 * is mapped would end the program. Then they are made UTF-8. */
#include <errno.h>
#include <iconv.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypt.h"
#include "base/text.h"
#include "base/words.h"
#include "core/import_source.h"

#define CHUNK ((size_t)64 * 1024)
#define REPLACEMENT "\xEF\xBF\xBD"

void source_note(struct source *s, const char *format, ...)
{
    va_list args;

    if (s->nnotes == IMPORT_NOTES)
        return;
    va_start(args, format);
    s->notes[s->nnotes++] = arena_vprintf(s->arena, format, args);
    va_end(args);
}

/* --- copying and mapping --- */

static void close_file(void *file)
{
    fclose(file);
}

struct err *source_temporary(struct arena *a, FILE **out)
{
    *out = tmpfile();
    if (!*out)
        return err_detail(err_new(ERR_BUSY, "A temporary file could not be made."), "%s",
                          strerror(errno));
    arena_defer(a, close_file, *out);
    return NULL;
}

struct mapping {
    void *data;
    size_t size;
};

static void unmap(void *ctx)
{
    struct mapping *m = ctx;

    munmap(m->data, m->size);
}

struct err *source_map(struct source *s, FILE *file)
{
    struct mapping *m = NEW(s->arena, struct mapping);
    struct stat st;

    if (fflush(file) || fstat(fileno(file), &st))
        return err_detail(err_new(ERR_BUSY, "The file could not be kept: the disk is full."), "%s",
                          strerror(errno));
    s->data = "";
    s->size = (size_t)st.st_size;
    if (!s->size)
        return NULL;
    m->size = s->size;
    m->data = mmap(NULL, s->size, PROT_READ, MAP_PRIVATE, fileno(file), 0);
    if (m->data == MAP_FAILED)
        return err_detail(err_new(ERR_BUSY, "The server is short of memory. Try again later."),
                          "mmap: %s", strerror(errno));
    arena_defer(s->arena, unmap, m);
    s->data = m->data;
    return NULL;
}

struct err *source_take(struct source *s, FILE *file, FILE **copy)
{
    struct digest *d = digest_new(s->arena);
    unsigned char hash[DIGEST_SIZE];
    char room[CHUNK];
    size_t n;

    TRY(source_temporary(s->arena, copy));
    while ((n = fread(room, 1, sizeof(room), file)) > 0) {
        digest_add(d, room, n);
        s->file_size += n;
        if (s->file_size > IMPORT_FILE_MOST)
            return err_new(ERR_LIMIT, "“%.100s” is larger than %zu MB. Split it.", s->name,
                           IMPORT_FILE_MOST >> 20);
        fwrite(room, 1, n, *copy);
    }
    if (ferror(file))
        return err_new(ERR_BAD, "“%.100s” could not be read to its end.", s->name);
    if (!s->file_size)
        return err_new(ERR_BAD, "“%.100s” is empty.", s->name);
    digest_end(d, hash);
    s->sha256 = crypt_hex(s->arena, hash, sizeof(hash));
    return source_map(s, *copy);
}

/* --- which encoding --- */

static const char *const encodings[] = {"UTF-8",      "UTF-16LE",    "UTF-16BE", "Windows-1252",
                                        "ISO-8859-1", "ISO-8859-15", NULL};

const char *const *source_encodings(void)
{
    return encodings;
}

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

/* What the bytes above 0x7F look like. */
struct looks {
    i64 whole, broken; /* UTF-8 characters of several bytes; bytes that belong to none */
    i64 c1, undefined; /* 0x80-0x9F; those that Windows-1252 does not have */
    i64 euro;          /* 0xA4 where an amount is: a euro of ISO-8859-15 */
};

static bool beside_number(const struct source *s, size_t i)
{
    size_t before = i, after = i + 1;

    while (before > 0 && s->data[before - 1] == ' ')
        before--;
    while (after < s->size && s->data[after] == ' ')
        after++;
    return (before > 0 && s->data[before - 1] >= '0' && s->data[before - 1] <= '9') ||
           (after < s->size && s->data[after] >= '0' && s->data[after] <= '9');
}

static struct looks look(const struct source *s)
{
    struct looks l = {0};
    size_t n;

    for (size_t i = 0; i < s->size; i += n) {
        unsigned char c = (unsigned char)s->data[i];

        n = utf8_size((const unsigned char *)s->data + i, s->size - i);
        l.whole += n > 1;
        l.broken += n == 0;
        n = n ? n : 1;
        if (n > 1 || c < 0x80)
            continue;
        l.c1 += c < 0xA0;
        l.undefined += c == 0x81 || c == 0x8D || c == 0x8F || c == 0x90 || c == 0x9D;
        l.euro += c == 0xA4 && beside_number(s, i);
    }
    return l;
}

/* UTF-16 without a mark: text in Latin letters has every other byte zero. */
static const char *utf16_without_mark(const struct source *s)
{
    size_t n = s->size < 4096 ? s->size & ~(size_t)1 : 4096, even = 0, odd = 0;

    for (size_t i = 0; i < n; i += 2) {
        even += s->data[i] == 0;
        odd += s->data[i + 1] == 0;
    }
    if (n < 4)
        return NULL;
    if (odd > n / 4 && even * 8 < odd)
        return "UTF-16LE";
    return even > n / 4 && odd * 8 < even ? "UTF-16BE" : NULL;
}

static size_t mark_of(const struct source *s, const char **encoding)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *encoding;
    } marks[] = {
        {"\xEF\xBB\xBF", 3, "UTF-8"   },
        {"\xFF\xFE",     2, "UTF-16LE"},
        {"\xFE\xFF",     2, "UTF-16BE"},
    };

    for (size_t i = 0; i < COUNT_OF(marks); i++) {
        if (s->size >= marks[i].size && memcmp(s->data, marks[i].bytes, marks[i].size) == 0) {
            *encoding = marks[i].encoding;
            return marks[i].size;
        }
    }
    return 0;
}

/* A file that is partly UTF-8 and partly not is told as UTF-8 with characters that are wrong: read
 * as anything else, the good part would be spoilt in silence. */
static void detect(struct source *s)
{
    const char *wide = utf16_without_mark(s);
    struct looks l;

    s->encoding_sure = true;
    if (wide) {
        s->encoding = wide;
        return;
    }
    l = look(s);
    s->encoding_sure = l.broken == 0;
    if (l.broken == 0 || l.whole > 0)
        s->encoding = "UTF-8";
    else if (l.c1 > l.undefined || !l.euro)
        s->encoding = l.c1 && l.c1 == l.undefined ? "ISO-8859-1" : "Windows-1252";
    else
        s->encoding = "ISO-8859-15";
}

static const char *known_encoding(const char *asked)
{
    for (size_t i = 0; encodings[i]; i++)
        if (strcasecmp(encodings[i], asked) == 0)
            return encodings[i];
    if (strcasecmp(asked, "UTF8") == 0)
        return "UTF-8";
    if (strcasecmp(asked, "latin1") == 0)
        return "ISO-8859-1";
    return strcasecmp(asked, "cp1252") == 0 ? "Windows-1252" : NULL;
}

/* --- conversion --- */

struct decoding {
    struct source *s;
    FILE *out;
};

/* Writes UTF-8 text without what no text may hold. */
static void write_clean(struct decoding *d, const char *text, size_t size)
{
    size_t from = 0, n;

    if (text_valid(text, size)) {
        fwrite(text, 1, size, d->out);
        return;
    }
    for (size_t i = 0; i < size; i += n) {
        n = utf8_size((const unsigned char *)text + i, size - i);
        if (n && text_valid(text + i, n))
            continue;
        fwrite(text + from, 1, i - from, d->out);
        fputs(REPLACEMENT, d->out);
        d->s->unreadable++;
        n = n ? n : 1;
        from = i + n;
    }
    fwrite(text + from, 1, size - from, d->out);
}

/* Converts the next bytes; what is left over at the end of `size` is a broken character. */
static void convert_some(struct decoding *d, iconv_t c, const char *data, size_t size)
{
    char room[CHUNK], *in, *to;
    size_t left = size, space;
    size_t step = text_starts(d->s->encoding, "UTF-16") ? 2 : 1;

    in = (char *)(uintptr_t)data; /* iconv does not write there */
    while (left > 0) {
        size_t got;

        to = room;
        space = sizeof(room);
        got = iconv(c, &in, &left, &to, &space);
        write_clean(d, room, (size_t)(to - room));
        if (got != (size_t)-1 || errno == E2BIG)
            continue;
        fputs(REPLACEMENT, d->out);
        d->s->unreadable++;
        step = step < left ? step : left;
        in += step;
        left -= step;
    }
}

static struct err *decode_to(struct source *s, FILE *out, size_t mark)
{
    struct decoding d = {.s = s, .out = out};
    iconv_t c;

    if (text_equal(s->encoding, "UTF-8")) {
        write_clean(&d, s->data + mark, s->size - mark);
        return NULL;
    }
    c = iconv_open("UTF-8", text_equal(s->encoding, "Windows-1252") ? "CP1252" : s->encoding);
    if (c == (iconv_t)-1)
        return err_new(ERR_BAD,
                       "The encoding %s cannot be read on this server. Save the file as "
                       "CSV UTF-8.",
                       s->encoding);
    convert_some(&d, c, s->data + mark, s->size - mark);
    iconv_close(c);
    return NULL;
}

static const char *encoding_names(struct arena *a)
{
    struct buf b;

    buf_init(&b, a, 100);
    for (size_t i = 0; encodings[i]; i++)
        buf_printf(&b, "%s%s", i ? ", " : "", encodings[i]);
    return b.data;
}

struct err *source_decode(struct source *s, const char *asked)
{
    size_t mark = mark_of(s, &s->encoding);
    FILE *out;

    s->encoding_sure = true;
    if (!mark)
        detect(s);
    if (!text_empty(asked)) {
        const char *known = known_encoding(asked);

        if (!known)
            return err_new(ERR_BAD, "The encoding “%.40s” is not known. Use one of: %s.", asked,
                           encoding_names(s->arena));
        s->encoding = known;
        s->encoding_sure = true;
    }
    if (text_equal(s->encoding, "UTF-8") && text_valid(s->data + mark, s->size - mark)) {
        s->data += mark;
        s->size -= mark;
        return NULL;
    }
    if (!text_starts(s->encoding, "UTF-16") && memchr(s->data, 0, s->size < 4096 ? s->size : 4096))
        return err_new(ERR_BAD, "“%.100s” is no text file: it contains zero bytes.", s->name);
    TRY(source_temporary(s->arena, &out));
    TRY(decode_to(s, out, mark));
    if (ferror(out))
        return err_new(ERR_BUSY, "The file could not be kept: the disk is full.");
    TRY(source_map(s, out));
    if (s->unreadable)
        source_note(s,
                    tr_n("%lld character is not %s and is shown as �.",
                         "%lld characters are not %s and are shown as �.", s->unreadable),
                    s->unreadable, s->encoding);
    return NULL;
}

const char *source_bad_text(const char *text)
{
    return strstr(text, REPLACEMENT)
               ? tr("The cell has characters that are not of the file's encoding, shown as �. "
                    "Choose another encoding, or mend the cell.")
               : NULL;
}
