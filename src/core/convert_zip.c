/* SPDX-License-Identifier: Apache-2.0 */
/* The archive of a workbook: what it may be, and its parts as XML. Refused before a byte is
 * unpacked: too many entries, names that leave the archive or are there twice, entries that lie
 * over each other (their packed sizes add up to more than the file), encryption, links, sizes above
 * the caps. While unpacking, bytes are counted, because a header may lie. */
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "core/convert_part.h"

#define PROLOG 4096 /* bytes in which the root element must begin */

/* --- entries --- */

/* Names are compared without case, as spreadsheet programs do. */
static int by_name(const void *a, const void *b)
{
    return strcasecmp(*(const char *const *)a, *(const char *const *)b);
}

static bool bad_name(const char *name)
{
    size_t n = strlen(name);

    if (n == 0 || n > 512 || name[0] == '/' || strpbrk(name, "\\:"))
        return true;
    for (const char *p = name; p; p = strchr(p, '/')) {
        p += *p == '/';
        if (strncmp(p, "..", 2) == 0 && (p[2] == '/' || p[2] == '\0'))
            return true;
    }
    return false;
}

static bool is_link(zip_t *zip, zip_uint64_t i)
{
    zip_uint8_t system = 0;
    zip_uint32_t attributes = 0;

    return zip_file_get_external_attributes(zip, i, 0, &system, &attributes) == 0 &&
           system == ZIP_OPSYS_UNIX && (attributes >> 16 & 0170000) == 0120000;
}

static enum convert_why check_entry(struct unzip *z, zip_uint64_t i, u64 *packed, const char **name)
{
    zip_stat_t st;

    zip_stat_init(&st);
    if (zip_stat_index(z->zip, i, 0, &st) || !(st.valid & ZIP_STAT_NAME) ||
        !(st.valid & ZIP_STAT_SIZE) || !(st.valid & ZIP_STAT_COMP_SIZE))
        return WHY_DAMAGED;
    *name = st.name;
    if (bad_name(st.name) || is_link(z->zip, i))
        return WHY_NAME;
    if (st.valid & ZIP_STAT_ENCRYPTION_METHOD && st.encryption_method != ZIP_EM_NONE)
        return WHY_ENCRYPTED;
    if (st.valid & ZIP_STAT_COMP_METHOD && st.comp_method != ZIP_CM_STORE &&
        st.comp_method != ZIP_CM_DEFLATE)
        return WHY_DAMAGED;
    if (st.comp_size > z->size)
        return WHY_OVERLAP;
    *packed += st.comp_size + 30 + strlen(st.name);
    if (*packed > z->size)
        return WHY_OVERLAP;
    if (st.comp_method == ZIP_CM_STORE && st.size != st.comp_size)
        return WHY_OVERLAP;
    return 0;
}

static enum convert_why check_entries(struct unzip *z)
{
    zip_int64_t n = zip_get_num_entries(z->zip, 0);
    const char **names;
    u64 packed = 0;

    if (n > PARTS_MOST)
        return WHY_ENTRIES;
    names = NEW_ARRAY(z->arena, const char *, (size_t)n + 1);
    for (zip_int64_t i = 0; i < n; i++) {
        enum convert_why why = check_entry(z, (zip_uint64_t)i, &packed, &names[i]);

        if (why)
            return why;
    }
    qsort(names, (size_t)n, sizeof(names[0]), by_name);
    for (zip_int64_t i = 1; i < n; i++)
        if (by_name(&names[i - 1], &names[i]) == 0)
            return WHY_NAME;
    return 0;
}

/* The count at the end of the directory, so that a huge one is refused before it is read. */
static u64 entries_told(const unsigned char *data, size_t size)
{
    size_t least = 22, most = size < 65557 ? size : 65557;

    for (size_t back = least; back <= most; back++) {
        const unsigned char *p = data + size - back;

        if (memcmp(p, "PK\5\6", 4) == 0)
            return (u64)p[10] | (u64)p[11] << 8;
    }
    return 0;
}

enum convert_why unzip_open(struct arena *a, const unsigned char *data, size_t size,
                            struct unzip *out)
{
    zip_error_t failed;
    zip_source_t *source;
    enum convert_why why;

    *out = (struct unzip){.arena = a, .size = size};
    if (size < 22 || memcmp(data, "PK\3\4", 4) != 0)
        return WHY_NOT_ZIP;
    if (entries_told(data, size) > PARTS_MOST)
        return WHY_ENTRIES;
    zip_error_init(&failed);
    source = zip_source_buffer_create(data, size, 0, &failed);
    if (source)
        out->zip = zip_open_from_source(source, ZIP_RDONLY, &failed);
    if (source && !out->zip)
        zip_source_free(source);
    zip_error_fini(&failed);
    if (!out->zip)
        return WHY_DAMAGED;
    why = check_entries(out);
    if (why)
        unzip_close(out);
    return why;
}

void unzip_close(struct unzip *z)
{
    if (z->zip)
        zip_discard(z->zip);
    z->zip = NULL;
}

static zip_int64_t find(const struct unzip *z, const char *name)
{
    return zip_name_locate(z->zip, name, ZIP_FL_NOCASE);
}

bool unzip_has(const struct unzip *z, const char *name)
{
    return find(z, name) >= 0;
}

/* --- parts --- */

struct part {
    struct unzip *archive;
    zip_file_t *file;
    xmlTextReaderPtr reader;
    u64 declared, packed, got;
    char prolog[PROLOG];
    size_t nprolog;
    bool begun; /* the root element was seen */
    enum convert_why why;
};

/* Before the root element there may be a declaration, comments and instructions, and nothing else:
 * no DOCTYPE, so no entities. Only UTF-8, so that nothing is hidden from this look. */
static enum convert_why look_at_prolog(struct part *p)
{
    const char *s = p->prolog, *end = s + p->nprolog, *from;

    if (p->nprolog >= 2 && (memchr(s, 0, p->nprolog) || memcmp(s, "\xFE\xFF", 2) == 0 ||
                            memcmp(s, "\xFF\xFE", 2) == 0))
        return WHY_ENCODING;
    for (from = s; (from = memchr(from, '<', (size_t)(end - from))); from++) {
        if (end - from < 2)
            return 0;
        if (from[1] == '!' && (end - from < 4 || memcmp(from, "<!--", 4) != 0))
            return end - from < 4 ? 0 : WHY_DOCTYPE;
        if (from[1] != '!' && from[1] != '?') {
            p->begun = true;
            return 0;
        }
        if (from[1] == '?' && end - from > 6 && memcmp(from, "<?xml ", 6) == 0) {
            const char *close = memchr(from, '>', (size_t)(end - from));
            const char *told = close ? memmem(from, (size_t)(close - from), "encoding=", 9) : NULL;

            if (told && strncasecmp(told + 10, "utf-8", 5) != 0)
                return WHY_ENCODING;
        }
    }
    return p->nprolog == PROLOG ? WHY_XML : 0;
}

static enum convert_why guard(struct part *p, const char *data, size_t size)
{
    p->got += size;
    p->archive->total += size;
    if (p->got > p->declared)
        return WHY_OVERLAP;
    if (p->got > PART_MOST || p->archive->total > TOTAL_MOST)
        return WHY_TOO_LARGE;
    if (!p->begun) {
        size_t room = PROLOG - p->nprolog, n = size < room ? size : room;

        memcpy(p->prolog + p->nprolog, data, n);
        p->nprolog += n;
        return look_at_prolog(p);
    }
    return 0;
}

static int read_part(void *ctx, char *buffer, int size)
{
    struct part *p = ctx;
    zip_int64_t n;

    if (p->why || size < 0)
        return -1;
    n = zip_fread(p->file, buffer, (zip_uint64_t)size);
    if (n < 0)
        p->why = WHY_DAMAGED;
    else
        p->why = guard(p, buffer, (size_t)n);
    return p->why ? -1 : (int)n;
}

static void silent(void *ctx, const char *message, xmlParserSeverities severity,
                   xmlTextReaderLocatorPtr where)
{
    (void)ctx;
    (void)message;
    (void)severity;
    (void)where;
}

static enum convert_why open_file(struct unzip *z, struct part *p, zip_int64_t i)
{
    zip_stat_t st;

    zip_stat_init(&st);
    if (zip_stat_index(z->zip, (zip_uint64_t)i, 0, &st))
        return WHY_DAMAGED;
    p->declared = st.size;
    p->packed = st.comp_size;
    if (st.size > PART_MOST || z->total + st.size > TOTAL_MOST)
        return WHY_TOO_LARGE;
    if (st.size > RATIO_FROM && st.size / (st.comp_size ? st.comp_size : 1) > RATIO_MOST)
        return WHY_RATIO;
    p->file = zip_fopen_index(z->zip, (zip_uint64_t)i, 0);
    return p->file ? 0 : WHY_DAMAGED;
}

struct part *part_open(struct unzip *z, const char *name)
{
    zip_int64_t i = find(z, name);
    struct part *p = NEW(z->arena, struct part);

    p->archive = z;
    if (i < 0)
        return NULL;
    z->why = open_file(z, p, i);
    if (z->why)
        return NULL;
    p->reader = xmlReaderForIO(read_part, NULL, p, NULL, NULL, XML_PARSE_NONET | XML_PARSE_COMPACT);
    if (!p->reader) {
        zip_fclose(p->file);
        z->why = WHY_MEMORY;
        return NULL;
    }
    xmlTextReaderSetErrorHandler(p->reader, silent, NULL);
    return p;
}

bool part_next(struct part *p)
{
    int got;

    if (p->why)
        return false;
    got = xmlTextReaderRead(p->reader);
    if (got < 0 && !p->why) {
        xmlErrorPtr e = xmlGetLastError();

        p->why = e && e->code == XML_ERR_NO_MEMORY ? WHY_MEMORY : WHY_XML;
    }
    if (got == 1 && xmlTextReaderNodeType(p->reader) == XML_READER_TYPE_DOCUMENT_TYPE)
        p->why = WHY_DOCTYPE;
    return got == 1 && !p->why;
}

xmlTextReaderPtr part_reader(struct part *p)
{
    return p->reader;
}

enum convert_why part_close(struct part *p)
{
    enum convert_why why = p->why;

    xmlFreeTextReader(p->reader);
    zip_fclose(p->file);
    return why;
}

static bool is_named(struct part *p, int type, const char *name)
{
    const xmlChar *local;

    if (xmlTextReaderNodeType(p->reader) != type)
        return false;
    local = xmlTextReaderConstLocalName(p->reader);
    return local && strcmp((const char *)local, name) == 0;
}

bool part_starts(struct part *p, const char *name)
{
    return is_named(p, XML_READER_TYPE_ELEMENT, name);
}

bool part_ends(struct part *p, const char *name)
{
    return is_named(p, XML_READER_TYPE_END_ELEMENT, name);
}

const char *part_attribute(struct part *p, struct arena *a, const char *name)
{
    const char *found = NULL;

    while (xmlTextReaderMoveToNextAttribute(p->reader) == 1) {
        const xmlChar *local = xmlTextReaderConstLocalName(p->reader);

        if (local && strcmp((const char *)local, name) == 0 && !found)
            found = arena_str(a, (const char *)xmlTextReaderConstValue(p->reader));
    }
    xmlTextReaderMoveToElement(p->reader);
    return found;
}

bool part_flag(struct part *p, const char *name)
{
    bool yes = false;

    while (xmlTextReaderMoveToNextAttribute(p->reader) == 1) {
        const xmlChar *local = xmlTextReaderConstLocalName(p->reader);
        const xmlChar *value = xmlTextReaderConstValue(p->reader);

        if (local && value && strcmp((const char *)local, name) == 0)
            yes = strcmp((const char *)value, "1") == 0 || strcmp((const char *)value, "true") == 0;
    }
    xmlTextReaderMoveToElement(p->reader);
    return yes;
}
