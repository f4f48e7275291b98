/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#define SLUG_MAX 60
#define EMAIL_MAX 254

static bool byte_allowed(unsigned char c)
{
    return (c >= 0x20 && c != 0x7F) || c == '\n' || c == '\t' || c == '\r';
}

static bool noncharacter(utf8proc_int32_t c)
{
    return (c >= 0xFDD0 && c <= 0xFDEF) || (c & 0xFFFE) == 0xFFFE;
}

bool text_valid(const char *text, size_t size)
{
    const utf8proc_uint8_t *s = (const utf8proc_uint8_t *)text;
    size_t i = 0;
    while (i < size) {
        if (s[i] < 0x80) {
            if (!byte_allowed(s[i++]))
                return false;
            continue;
        }
        utf8proc_int32_t c;
        size_t left = size - i < 4 ? size - i : 4;
        utf8proc_ssize_t n = utf8proc_iterate(s + i, (utf8proc_ssize_t)left, &c);
        if (n <= 0 || noncharacter(c))
            return false;
        i += (size_t)n;
    }
    return true;
}

/* Letters that Unicode does not decompose, as they are after case folding. */
static const struct {
    char from[3];
    char to[3];
} plain_letters[] = {
    {"\xC3\xB8", "o" }, /* o with stroke */
    {"\xC5\x82", "l" }, /* l with stroke */
    {"\xC4\x91", "d" }, /* d with stroke */
    {"\xC3\xA6", "ae"}, /* ae ligature */
    {"\xC5\x93", "oe"}, /* oe ligature */
};

static const char *plain_letter(const char *s)
{
    for (size_t i = 0; i < COUNT_OF(plain_letters); i++)
        if (s[0] == plain_letters[i].from[0] && s[1] == plain_letters[i].from[1])
            return plain_letters[i].to;
    return NULL;
}

/* Plain letters for stroked ones, single spaces, none at the ends. */
static char *squeeze(struct arena *a, const char *text)
{
    struct buf b;
    buf_init(&b, a, strlen(text) + 1);
    for (const char *s = text; *s; s++) {
        const char *plain;
        if (*s == ' ') {
            if (b.size > 0 && b.data[b.size - 1] != ' ')
                buf_char(&b, ' ');
        } else if ((unsigned char)*s >= 0x80 && (plain = plain_letter(s)) != NULL) {
            buf_str(&b, plain);
            s++;
        } else {
            buf_char(&b, *s);
        }
    }
    if (b.size > 0 && b.data[b.size - 1] == ' ')
        b.data[--b.size] = '\0';
    return b.data;
}

static char *lower_ascii(struct arena *a, const char *text)
{
    char *copy = arena_str(a, text);
    for (char *s = copy; *s; s++)
        if (*s >= 'A' && *s <= 'Z')
            *s = (char)(*s - 'A' + 'a');
        else if (*s == '\n' || *s == '\t' || *s == '\r')
            *s = ' ';
    return copy;
}

static bool all_ascii(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text >= 0x80 || !byte_allowed((unsigned char)*text))
            return false;
    return true;
}

char *text_fold(struct arena *a, const char *text)
{
    if (!text)
        return arena_str(a, "");
    if (all_ascii(text))
        return squeeze(a, lower_ascii(a, text));
    utf8proc_uint8_t *folded = NULL;
    utf8proc_ssize_t n = utf8proc_map((const utf8proc_uint8_t *)text, 0, &folded,
                                      UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_DECOMPOSE |
                                          UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK |
                                          UTF8PROC_STRIPCC | UTF8PROC_IGNORE);
    if (n < 0) /* not UTF-8; the edges refuse that, so this only keeps the promise of a result */
        return squeeze(a, lower_ascii(a, text));
    char *out = squeeze(a, (const char *)folded);
    free(folded);
    return out;
}

/* Length of the white space character at `s`, or 0: ASCII, no-break space, ideographic space, byte
 * order mark, and the typographic spaces U+2000-200B. */
static size_t space_at(const char *s)
{
    const unsigned char *u = (const unsigned char *)s;
    if (u[0] == ' ' || (u[0] >= '\t' && u[0] <= '\r'))
        return 1;
    if (u[0] == 0xC2 && u[1] == 0xA0)
        return 2;
    if (u[0] == 0xE2 && u[1] == 0x80 && u[2] >= 0x80 && u[2] <= 0x8B)
        return 3;
    if (u[0] == 0xE3 && u[1] == 0x80 && u[2] == 0x80)
        return 3;
    return u[0] == 0xEF && u[1] == 0xBB && u[2] == 0xBF ? 3 : 0;
}

static const char *skip_space(const char *s)
{
    size_t n;
    while ((n = space_at(s)) > 0)
        s += n;
    return s;
}

char *text_trim(struct arena *a, const char *text)
{
    if (!text)
        return arena_str(a, "");
    const char *s = skip_space(text);
    char *out = arena_alloc(a, strlen(s) + 1);
    size_t size = 0;
    size_t end = 0; /* after the last character that is not white space */
    while (*s) {
        size_t n = space_at(s);
        if (*s == '\r') {
            out[size++] = '\n';
            s += s[1] == '\n' ? 2 : 1;
            continue;
        }
        size_t step = n ? n : 1;
        memcpy(out + size, s, step);
        size += step;
        s += step;
        if (n == 0)
            end = size;
    }
    out[end] = '\0';
    return out;
}

size_t text_length(const char *text)
{
    size_t n = 0;
    for (; text && *text; text++)
        if (((unsigned char)*text & 0xC0) != 0x80)
            n++;
    return n;
}

bool text_i64(const char *text, i64 *out)
{
    if (!text)
        return false;
    bool minus = *text == '-';
    if (*text == '-' || *text == '+')
        text++;
    if (!*text)
        return false;
    i64 n = 0;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return false;
        int digit = *text - '0';
        /* Counted downwards: the smallest number has no positive twin. */
        if (__builtin_mul_overflow(n, 10, &n) || __builtin_sub_overflow(n, digit, &n))
            return false;
    }
    if (!minus && n == LLONG_MIN)
        return false;
    *out = minus ? n : -n;
    return true;
}

bool text_equal(const char *a, const char *b)
{
    if (!a || !b)
        return a == b;
    return strcmp(a, b) == 0;
}

bool text_empty(const char *text)
{
    return !text || !*skip_space(text);
}

bool text_word_in(const char *word, const char *list)
{
    size_t n = word ? strlen(word) : 0;

    for (const char *p = list; n && p && *p; p += strcspn(p, " "), p += *p == ' ')
        if (strcspn(p, " ") == n && !strncmp(p, word, n))
            return true;
    return false;
}

bool text_starts(const char *text, const char *prefix)
{
    return text && strncmp(text, prefix, strlen(prefix)) == 0;
}

size_t text_split(struct arena *a, const char *text, char separator, char ***parts)
{
    if (!text)
        text = "";
    size_t most = 1;
    for (const char *s = text; *s; s++)
        if (*s == separator)
            most++;
    *parts = NEW_ARRAY(a, char *, most + 1); /* one more: NULL closes the list */
    size_t count = 0;
    const char *start = text;
    for (const char *s = text;; s++) {
        if (*s != separator && *s != '\0')
            continue;
        char *part = text_trim(a, arena_strn(a, start, (size_t)(s - start)));
        if (*part)
            (*parts)[count++] = part;
        if (*s == '\0')
            return count;
        start = s + 1;
    }
}

bool text_email(const char *text)
{
    if (!text || strlen(text) > EMAIL_MAX || !text_valid(text, strlen(text)))
        return false;
    const char *at = strchr(text, '@');
    if (!at || at == text || strchr(at + 1, '@'))
        return false;
    for (const char *s = text; *s; s++)
        if (space_at(s) || strchr("<>()[],;:\"\\", *s))
            return false;
    const char *domain = at + 1;
    size_t length = strlen(domain);
    return length > 0 && domain[0] != '.' && domain[length - 1] != '.' && !strstr(domain, "..");
}

char *text_slug(struct arena *a, const char *text)
{
    const char *folded = text_fold(a, text);
    char *out = arena_alloc(a, SLUG_MAX + 1);
    size_t size = 0;
    for (const char *s = folded; *s && size < SLUG_MAX; s++) {
        bool keep = (*s >= 'a' && *s <= 'z') || (*s >= '0' && *s <= '9');
        if (keep)
            out[size++] = *s;
        else if (size > 0 && out[size - 1] != '-')
            out[size++] = '-';
    }
    while (size > 0 && out[size - 1] == '-')
        out[--size] = '\0';
    return size > 0 ? out : arena_str(a, "x");
}

char *text_url(struct arena *a, const char *text)
{
    static const char hex[] = "0123456789ABCDEF";
    struct buf b;
    buf_init(&b, a, text ? strlen(text) + 1 : 1);
    for (const char *s = text; s && *s; s++) {
        unsigned char c = (unsigned char)*s;
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '.' || c == '_' || c == '~';
        if (plain) {
            buf_char(&b, *s);
        } else {
            char code[3] = {'%', hex[c >> 4], hex[c & 15]};
            buf_add(&b, code, sizeof code);
        }
    }
    return b.data;
}

char *text_lower(struct arena *a, const char *text)
{
    char *copy = arena_str(a, text);

    for (char *p = copy; *p; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p - 'A' + 'a');
    return copy;
}

u64 text_hash(const char *text, size_t size)
{
    u64 h = 14695981039346656037ULL;

    for (size_t i = 0; i < size; i++)
        h = (h ^ (unsigned char)text[i]) * 1099511628211ULL;
    return h ^ h >> 32;
}

char *text_money(struct arena *a, i64 hundredths)
{
    u64 size = hundredths < 0 ? 0 - (u64)hundredths : (u64)hundredths;

    return arena_printf(a, "%s%llu.%02llu", hundredths < 0 ? "-" : "", size / 100, size % 100);
}
