/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the small texts of a request: path, query, urlencoded form, cookies. Strict on purpose:
 * what two programs could read in two ways is refused, not repaired. Bodies of many parts:
 * multipart.c; the head as a whole: head.c. */
#include "net/parse.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "base/words.h"
#include "net/server.h"

#define FEW 16 /* up to here comparing all with all is cheaper than sorting */

const char *pairs_get(const struct pairs *p, const char *name)
{
    for (size_t i = 0; i < p->count; i++)
        if (strcmp(p->list[i].name, name) == 0)
            return p->list[i].value;
    return NULL;
}

const char *request_header(const struct request *r, const char *name)
{
    for (size_t i = 0; i < r->headers.count; i++)
        if (strcasecmp(r->headers.list[i].name, name) == 0)
            return r->headers.list[i].value;
    return NULL;
}

void response_header(struct request *r, const char *name, const char *value)
{
    struct pairs *p = &r->response.headers;
    bool good = token_valid(name, strlen(name)) && !strpbrk(value, "\r\n");
    if (!good) {
#ifndef NDEBUG
        BUG("a response header %s with a line break", name);
#endif
        return;
    }
    /* Room grows in powers of two: the count alone tells when it is full. */
    if (p->count >= 8 ? (p->count & (p->count - 1)) == 0 : p->count == 0) {
        struct pair *list = NEW_ARRAY(r->arena, struct pair, p->count ? p->count * 2 : 8);
        if (p->count)
            memcpy(list, p->list, p->count * sizeof *list);
        p->list = list;
    }
    p->list[p->count].name = arena_str(r->arena, name);
    p->list[p->count++].value = arena_str(r->arena, value);
}

bool ascii_plain(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)(text[i] - 0x20) >= 0x5F)
            return false;
    return true;
}

bool name_valid(const char *text, size_t size)
{
    if (size == 0)
        return false;
    if (ascii_plain(text, size))
        return true;
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)text[i] < 0x20)
            return false;
    return text_valid(text, size);
}

bool token_valid(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && (c == 0 || !strchr("!#$%&'*+-.^_`|~", c)))
            return false;
    }
    return size > 0;
}

size_t normalize_lines(char *text, size_t size)
{
    char *cr = memchr(text, '\r', size);
    if (!cr)
        return size;
    size_t to = (size_t)(cr - text);
    for (size_t from = to; from < size; from++) {
        if (text[from] != '\r') {
            text[to++] = text[from];
            continue;
        }
        text[to++] = '\n';
        if (from + 1 < size && text[from + 1] == '\n')
            from++;
    }
    text[to] = '\0';
    return to;
}

static bool may_repeat(const char *name)
{
    size_t n = strlen(name);
    return n > 2 && strcmp(name + n - 2, "[]") == 0;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static struct err *twice(const char *what, const char *name)
{
    return err_new(ERR_BAD, "The %s has \"%.60s\" twice.", what, name);
}

struct err *pairs_unique(struct arena *a, const struct pairs *p, const char *what)
{
    if (p->count <= FEW) {
        for (size_t i = 1; i < p->count; i++)
            for (size_t k = 0; k < i; k++)
                if (strcmp(p->list[i].name, p->list[k].name) == 0 && !may_repeat(p->list[i].name))
                    return twice(what, p->list[i].name);
        return NULL;
    }
    const char **names = NEW_ARRAY(a, const char *, p->count);
    for (size_t i = 0; i < p->count; i++)
        names[i] = p->list[i].name;
    qsort(names, p->count, sizeof *names, compare_names);
    for (size_t i = 1; i < p->count; i++)
        if (strcmp(names[i], names[i - 1]) == 0 && !may_repeat(names[i]))
            return twice(what, names[i]);
    return NULL;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Decodes "%41" into `out`, which has room for `size` bytes and a NUL; NUL bytes are malformed. */
static bool percent_decode(const char *text, size_t size, bool plus, char *out, size_t *length)
{
    size_t to = 0;
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        if (c == '+' && plus) {
            c = ' ';
        } else if (c == '%') {
            int high = i + 2 < size ? hex_digit(text[i + 1]) : -1;
            int low = i + 2 < size ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        }
        if (c == '\0')
            return false;
        out[to++] = c;
    }
    out[to] = '\0';
    *length = to;
    return true;
}

/* One "name=value" of `size` bytes, decoded to `out` as name NUL value NUL; `*used` grows. */
static struct err *parse_pair(const char *text, size_t size, char *out, size_t *used,
                              struct pair *pair)
{
    const char *equals = memchr(text, '=', size);
    size_t name_size = equals ? (size_t)(equals - text) : size;
    size_t length = 0;
    char *name = out + *used;
    if (!percent_decode(text, name_size, true, name, &length) || !name_valid(name, length))
        return err_new(ERR_BAD, "A field name of the request is malformed.");
    *used += length + 1;
    pair->name = name;
    pair->value = "";
    if (!equals)
        return NULL;
    char *value = out + *used;
    if (!percent_decode(equals + 1, size - name_size - 1, true, value, &length) ||
        !(ascii_plain(value, length) || text_valid(value, length)))
        return err_new(ERR_BAD, "The value of the field \"%.60s\" is malformed.", name);
    *used += normalize_lines(value, length) + 1;
    pair->value = value;
    return NULL;
}

struct err *parse_pairs(struct arena *a, const char *text, size_t size, struct pairs *out)
{
    *out = (struct pairs){0};
    if (size == 0)
        return NULL;
    size_t most = 1;
    for (size_t i = 0; i < size; i++)
        most += text[i] == '&';
    if (most > FIELDS_MAX)
        return err_new(ERR_LIMIT, "The request has more than %d fields.", FIELDS_MAX);
    out->list = NEW_ARRAY(a, struct pair, most);
    /* Decoding never makes text longer; each pair needs one byte more than "name=value&". */
    char *decoded = arena_alloc(a, size + most + 1);
    size_t used = 0;
    for (size_t at = 0; at < size;) {
        const char *end = memchr(text + at, '&', size - at);
        size_t length = end ? (size_t)(end - text) - at : size - at;
        if (length > 0)
            TRY(parse_pair(text + at, length, decoded, &used, &out->list[out->count++]));
        at += length + 1;
    }
    return pairs_unique(a, out, "request");
}

/* Cuts white space off both ends. */
static const char *trim(const char *text, size_t *size)
{
    while (*size > 0 && (*text == ' ' || *text == '\t')) {
        text++;
        (*size)--;
    }
    while (*size > 0 && (text[*size - 1] == ' ' || text[*size - 1] == '\t'))
        (*size)--;
    return text;
}

struct err *parse_cookies(struct arena *a, const char *text, struct pairs *out)
{
    *out = (struct pairs){0};
    if (!text || !*text)
        return NULL;
    size_t most = 1;
    for (const char *s = text; *s; s++)
        most += *s == ';';
    if (most > FIELDS_MAX)
        return err_new(ERR_LIMIT, "The request has too many cookies.");
    out->list = NEW_ARRAY(a, struct pair, most);
    for (const char *s = text; s;) {
        const char *end = strchr(s, ';');
        size_t size = end ? (size_t)(end - s) : strlen(s);
        const char *part = trim(s, &size);
        const char *equals = memchr(part, '=', size);
        s = end ? end + 1 : NULL;
        /* Other programs on the same host may set nameless or odd cookies: not ours, not read. */
        size_t name_size = equals ? (size_t)(equals - part) : 0;
        if (!token_valid(part, name_size))
            continue;
        size_t value_size = size - name_size - 1;
        if (!ascii_plain(equals + 1, value_size) && !text_valid(equals + 1, value_size))
            return err_new(ERR_BAD, "A cookie is not valid text.");
        struct pair *pair = &out->list[out->count++];
        pair->name = arena_strn(a, part, name_size);
        pair->value = arena_strn(a, equals + 1, value_size);
    }
    return pairs_unique(a, out, "cookie header");
}

/* "." and ".." as a segment, an empty segment in the middle, or a slash in disguise. */
static bool path_strays(const char *raw, const char *path)
{
    if (strstr(path, "//"))
        return true;
    for (const char *s = path; s; s = strchr(s + 1, '/')) {
        size_t n = strcspn(s + 1, "/");
        if ((n == 1 && s[1] == '.') || (n == 2 && s[1] == '.' && s[2] == '.'))
            return true;
    }
    for (const char *s = strchr(raw, '%'); s; s = strchr(s + 1, '%'))
        if (s[1] == '2' && (s[2] == 'f' || s[2] == 'F'))
            return true;
    return false;
}

struct err *parse_path(struct arena *a, const char *text, const char **out)
{
    size_t size = strlen(text);
    size_t length = 0;
    char *path = arena_alloc(a, size + 1);
    if (*text != '/' || strpbrk(text, " #") || !percent_decode(text, size, false, path, &length) ||
        !name_valid(path, length))
        return err_new(ERR_BAD, "The address of the request is malformed.");
    if (path_strays(text, path))
        return err_new(ERR_MISSING, "There is no such page.");
    *out = path;
    return NULL;
}
