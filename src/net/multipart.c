/* SPDX-License-Identifier: Apache-2.0 */
/* The reader keeps a window over the body and works on contiguous bytes: it looks for
 * CR LF "--" boundary, hands out everything before it that cannot be part of it, and moves on. */
#include "net/multipart.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/text.h"
#include "net/parse.h"

#define WINDOW ((size_t)64 * 1024)
#define PART_HEAD_MAX ((size_t)8 * 1024)
#define BOUNDARY_MAX ((size_t)70)
#define FILES_MAX ((size_t)20)

enum state { AT_START, IN_DATA, AFTER_DELIMITER, IN_HEAD, AT_END };

struct multipart {
    struct arena *arena;
    const char *temp_dir;
    size_t field_limit, field_bytes;
    char delimiter[BOUNDARY_MAX + 5]; /* CR LF "--" boundary */
    size_t delimiter_size;
    enum state state;
    char *window;
    size_t start, filled; /* unread bytes: window[start .. start + filled] */
    struct pairs fields;
    size_t field_room;
    struct upload *uploads;
    size_t nuploads;
    /* the part being read */
    const char *name, *filename; /* filename NULL: a plain field */
    struct buf value;
    struct temp_file *file;
    size_t file_size;
};

struct temp_file {
    int fd;
    char *path;
};

static void temp_file_remove(void *arg)
{
    struct temp_file *f = arg;
    if (f->fd >= 0)
        close(f->fd);
    unlink(f->path);
}

static bool boundary_valid(const char *text, size_t size)
{
    if (size == 0 || size > BOUNDARY_MAX || text[size - 1] == ' ')
        return false;
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && (c == '\0' || !strchr("'()+_,-./:=? ", c)))
            return false;
    }
    return true;
}

/* A parameter `name` of a header value, as it stands (without quotes). Returns where the value
 * starts and its size; NULL when it is missing, twice, or the list of parameters is malformed. */
static const char *parameter(const char *header, const char *name, size_t *size)
{
    const char *found = NULL;
    const char *s = header + strcspn(header, ";");
    while (*s) {
        s += 1 + strspn(s + 1, " \t");
        size_t name_size = strcspn(s, "=;");
        if (s[name_size] != '=' || !token_valid(s, name_size))
            return NULL;
        bool wanted = name_size == strlen(name) && strncasecmp(s, name, name_size) == 0;
        s += name_size + 1;
        bool quoted = *s == '"';
        s += quoted;
        size_t length = strcspn(s, quoted ? "\"" : "; \t");
        if ((quoted && s[length] != '"') || (wanted && found))
            return NULL;
        if (wanted) {
            found = s;
            *size = length;
        }
        s += length + quoted;
        s += strspn(s, " \t");
        if (*s && *s != ';')
            return NULL;
    }
    return found;
}

struct multipart *multipart_new(struct arena *a, const char *content_type, const char *temp_dir,
                                size_t field_limit)
{
    size_t size = 0;
    const char *boundary = parameter(content_type, "boundary", &size);
    if (!boundary || !boundary_valid(boundary, size))
        return NULL;
    struct multipart *m = NEW(a, struct multipart);
    m->arena = a;
    m->temp_dir = temp_dir;
    m->field_limit = field_limit;
    memcpy(m->delimiter, "\r\n--", 4);
    memcpy(m->delimiter + 4, boundary, size);
    m->delimiter_size = size + 4;
    m->window = arena_alloc(a, WINDOW);
    /* The first delimiter has no line before it: pretend there was one. */
    memcpy(m->window, "\r\n", 2);
    m->filled = 2;
    return m;
}

struct err *disk_err(const char *what)
{
    int e = errno;
    struct err *err = err_new(ERR_FAULT, "The file could not be stored. %s",
                              e == ENOSPC ? "The server's disk is full." : "Please try again.");
    if (e == ENOSPC)
        err->status = 507;
    return err_detail(err, "%s: %s", what, strerror(e));
}

static struct err *open_file(struct multipart *m)
{
    if (m->nuploads >= FILES_MAX)
        return err_new(ERR_LIMIT, "A form can carry at most %zu files.", FILES_MAX);
    struct temp_file *f = NEW(m->arena, struct temp_file);
    f->path = arena_printf(m->arena, "%s/upload-XXXXXX", m->temp_dir);
    f->fd = mkostemp(f->path, O_CLOEXEC); /* mode 0600 */
    if (f->fd < 0)
        return disk_err("mkostemp");
    arena_defer(m->arena, temp_file_remove, f);
    m->file = f;
    m->file_size = 0;
    return NULL;
}

static struct err *emit_file(struct multipart *m, const char *data, size_t size)
{
    /* An empty file input is sent as a part without name and bytes: no upload at all. */
    if (!m->file && size == 0)
        return NULL;
    if (!m->file)
        TRY(open_file(m));
    m->file_size += size;
    while (size > 0) {
        ssize_t n = write(m->file->fd, data, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return disk_err("write");
        data += n;
        size -= (size_t)n;
    }
    return NULL;
}

static struct err *count_field_bytes(struct multipart *m, size_t size)
{
    m->field_bytes += size;
    if (m->field_bytes > m->field_limit)
        return err_new(ERR_LIMIT, "The fields of the form are larger than %zu bytes.",
                       m->field_limit);
    return NULL;
}

static struct err *emit(struct multipart *m, const char *data, size_t size)
{
    if (m->filename)
        return emit_file(m, data, size);
    TRY(count_field_bytes(m, size));
    buf_add(&m->value, data, size);
    return NULL;
}

static struct err *finish_file(struct multipart *m)
{
    if (!*m->filename && !m->file)
        return NULL;
    if (!*m->filename)
        return err_new(ERR_BAD, "A file of the form has no name.");
    if (!m->file)
        TRY(open_file(m));
    int fd = m->file->fd;
    m->file->fd = -1;
    if (close(fd) != 0)
        return disk_err("close");
    if (!m->uploads)
        m->uploads = NEW_ARRAY(m->arena, struct upload, FILES_MAX);
    m->uploads[m->nuploads++] = (struct upload){
        .name = m->name, .filename = m->filename, .path = m->file->path, .size = m->file_size};
    m->file = NULL;
    return NULL;
}

static struct err *finish_field(struct multipart *m)
{
    m->value.size = normalize_lines(m->value.data, m->value.size);
    if (memchr(m->value.data, '\0', m->value.size) || !text_valid(m->value.data, m->value.size))
        return err_new(ERR_BAD, "The value of the field \"%.60s\" is malformed.", m->name);
    if (m->fields.count >= FIELDS_MAX)
        return err_new(ERR_LIMIT, "The form has more than %d fields.", FIELDS_MAX);
    if (m->fields.count == m->field_room) {
        m->field_room = m->field_room ? m->field_room * 2 : 16;
        struct pair *list = NEW_ARRAY(m->arena, struct pair, m->field_room);
        if (m->fields.count)
            memcpy(list, m->fields.list, m->fields.count * sizeof *list);
        m->fields.list = list;
    }
    m->fields.list[m->fields.count++] = (struct pair){m->name, m->value.data};
    return NULL;
}

/* Browsers write a quote and line breaks of a name as %22, %0D, %0A, and nothing else so. */
static char *unescape_name(struct arena *a, const char *text, size_t size)
{
    static const struct {
        char code[4];
        char is;
    } codes[] = {
        {"%22", '"' },
        {"%0D", '\r'},
        {"%0A", '\n'}
    };
    char *out = arena_strn(a, text, size);
    for (size_t i = 0; i < COUNT_OF(codes); i++)
        for (char *s = strstr(out, codes[i].code); s; s = strstr(s + 1, codes[i].code)) {
            *s = codes[i].is;
            memmove(s + 1, s + 3, strlen(s + 3) + 1);
        }
    return out;
}

static struct err *read_disposition(struct multipart *m, const char *value)
{
    size_t name_size = 0, filename_size = 0, other = 0;
    const char *name = parameter(value, "name", &name_size);
    const char *filename = parameter(value, "filename", &filename_size);
    if (strncasecmp(value, "form-data;", 10) != 0 || !name || m->name ||
        parameter(value, "filename*", &other))
        return err_new(ERR_BAD, "A part of the form is malformed.");
    m->name = unescape_name(m->arena, name, name_size);
    m->filename = filename ? unescape_name(m->arena, filename, filename_size) : NULL;
    if (!name_valid(m->name, strlen(m->name)) ||
        (m->filename && *m->filename && !name_valid(m->filename, strlen(m->filename))))
        return err_new(ERR_BAD, "A name in the form is malformed.");
    return count_field_bytes(m, name_size + filename_size);
}

/* One header line of a part. The type of a file is not read: it is the sender's guess. */
static struct err *read_part_header(struct multipart *m, char *line)
{
    char *colon = strchr(line, ':');
    if (!colon || !token_valid(line, (size_t)(colon - line)))
        return err_new(ERR_BAD, "A part of the form is malformed.");
    *colon = '\0';
    char *value = colon + 1 + strspn(colon + 1, " \t");
    if (strcasecmp(line, "Content-Disposition") == 0)
        return read_disposition(m, value);
    if (strcasecmp(line, "Content-Transfer-Encoding") == 0 && strcasecmp(value, "binary") != 0 &&
        strcasecmp(value, "8bit") != 0 && strcasecmp(value, "7bit") != 0)
        return err_new(ERR_BAD, "The form uses an encoding that is not supported.");
    return NULL;
}

/* The lines of a part's head, `size` bytes without the empty line that ends it. */
static struct err *read_part_head(struct multipart *m, const char *text, size_t size)
{
    m->name = m->filename = NULL;
    m->file = NULL;
    if (memchr(text, '\0', size))
        return err_new(ERR_BAD, "A part of the form is malformed.");
    char *head = arena_strn(m->arena, text, size);
    for (char *line = head; line;) {
        char *end = strstr(line, "\r\n");
        if (end)
            *end = '\0';
        if (strpbrk(line, "\r\n"))
            return err_new(ERR_BAD, "A part of the form is malformed.");
        TRY(read_part_header(m, line));
        line = end ? end + 2 : NULL;
    }
    if (!m->name)
        return err_new(ERR_BAD, "A part of the form has no name.");
    if (!m->filename)
        buf_init(&m->value, m->arena, 0);
    return NULL;
}

static char *unread(const struct multipart *m)
{
    return m->window + m->start;
}

static void consume(struct multipart *m, size_t size)
{
    m->filled -= size;
    m->start += size;
}

/* Data up to the next delimiter. */
static struct err *step_data(struct multipart *m, bool *more)
{
    char *data = unread(m);
    char *found = memmem(data, m->filled, m->delimiter, m->delimiter_size);
    size_t keep = m->delimiter_size - 1;
    size_t size = found ? (size_t)(found - data) : m->filled > keep ? m->filled - keep : 0;
    if (m->state == AT_START && size > 0)
        return err_new(ERR_BAD, "The form does not start with its boundary.");
    if (m->state == IN_DATA)
        TRY(emit(m, data, size));
    *more = found != NULL;
    if (!found) {
        consume(m, size);
        return NULL;
    }
    if (m->state == IN_DATA)
        TRY(m->filename ? finish_file(m) : finish_field(m));
    consume(m, size + m->delimiter_size);
    m->state = AFTER_DELIMITER;
    return NULL;
}

/* After a delimiter: a line end opens a part, two dashes end the form. */
static struct err *step_delimiter(struct multipart *m, bool *more)
{
    *more = m->filled >= 2;
    if (!*more)
        return NULL;
    if (memcmp(unread(m), "--", 2) == 0)
        m->state = AT_END;
    else if (memcmp(unread(m), "\r\n", 2) == 0)
        m->state = IN_HEAD;
    else
        return err_new(ERR_BAD, "A boundary of the form is malformed.");
    consume(m, 2);
    return NULL;
}

static struct err *step_head(struct multipart *m, bool *more)
{
    char *end = memmem(unread(m), m->filled, "\r\n\r\n", 4);
    *more = end != NULL;
    if (!end && m->filled < PART_HEAD_MAX)
        return NULL;
    size_t size = end ? (size_t)(end - unread(m)) : m->filled;
    if (!end || size > PART_HEAD_MAX)
        return err_new(ERR_BAD, "The head of a part of the form is too long.");
    TRY(read_part_head(m, unread(m), size));
    consume(m, size + 4);
    m->state = IN_DATA;
    return NULL;
}

/* Nothing but a line end may follow the form. */
static struct err *step_end(struct multipart *m, bool *more)
{
    *more = false;
    if (m->filled > 2 || memcmp(unread(m), "\r\n", m->filled) != 0)
        return err_new(ERR_BAD, "Something follows the end of the form.");
    return NULL;
}

static struct err *step(struct multipart *m, bool *more)
{
    switch (m->state) {
    case AT_START:
    case IN_DATA:
        return step_data(m, more);
    case AFTER_DELIMITER:
        return step_delimiter(m, more);
    case IN_HEAD:
        return step_head(m, more);
    case AT_END:
        break;
    }
    return step_end(m, more);
}

struct err *multipart_feed(struct multipart *m, const void *data, size_t size)
{
    const char *from = data;
    while (size > 0) {
        memmove(m->window, unread(m), m->filled);
        m->start = 0;
        size_t n = WINDOW - m->filled < size ? WINDOW - m->filled : size;
        memcpy(m->window + m->filled, from, n);
        m->filled += n;
        from += n;
        size -= n;
        for (bool more = true; more;)
            TRY(step(m, &more));
    }
    return NULL;
}

struct err *multipart_end(struct multipart *m, struct request *r)
{
    if (m->state != AT_END)
        return err_new(ERR_BAD, "The form is not complete.");
    struct pairs names = {NEW_ARRAY(m->arena, struct pair, m->fields.count + m->nuploads), 0};
    for (size_t i = 0; i < m->fields.count; i++)
        names.list[names.count++] = m->fields.list[i];
    for (size_t i = 0; i < m->nuploads; i++)
        names.list[names.count++].name = m->uploads[i].name;
    TRY(pairs_unique(m->arena, &names, "form"));
    r->form = m->fields;
    r->uploads = m->uploads;
    r->nuploads = m->nuploads;
    return NULL;
}
