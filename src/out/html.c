/* SPDX-License-Identifier: Apache-2.0 */
#include "out/html.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/words.h"

/* Room taken at once: most pages then never move their bytes. */
#define PAGE_ROOM ((size_t)72 * 1024)

/* What replaces a byte, by its index in this table; 0 = the byte stands for itself. */
static const unsigned char special[256] = {
    ['<'] = 1, ['>'] = 2, ['&'] = 3, ['"'] = 4, ['\''] = 5, ['\n'] = 6,
};
static const char *const replacement[] = {"", "&lt;", "&gt;", "&amp;", "&quot;", "&#39;", "<br>\n"};
#define LINE_BREAK 6

void html_init(struct html *h, struct arena *a)
{
    buf_init(&h->buf, a, PAGE_ROOM);
}

/* `breaks` turns new lines into <br>; otherwise they stay. */
static void add_escaped(struct html *h, const char *text, size_t size, bool breaks)
{
    const unsigned char *at = (const unsigned char *)text;
    const unsigned char *end = at + size;
    while (at < end) {
        const unsigned char *start = at;
        while (at < end && (!special[*at] || (special[*at] == LINE_BREAK && !breaks)))
            at++;
        buf_add(&h->buf, start, (size_t)(at - start));
        if (at < end)
            buf_str(&h->buf, replacement[special[*at++]]);
    }
}

static void add_unsigned(struct html *h, u64 n, bool minus)
{
    char digits[24];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    if (minus)
        digits[--at] = '-';
    buf_add(&h->buf, digits + at, sizeof digits - at);
}

static void add_signed(struct html *h, i64 n)
{
    add_unsigned(h, n < 0 ? 0 - (u64)n : (u64)n, n < 0);
}

static void add_double(struct html *h, double n, int precision, bool worded)
{
    char text[64];
    int size = snprintf(text, sizeof text, "%.*f", precision > 20 ? 20 : precision, n);
    char *point = strchr(text, '.');
    if (worded && point)
        *point = words_decimal();
    if (size > 0 && (size_t)size < sizeof text)
        buf_add(&h->buf, text, (size_t)size);
}

/* One conversion as parsed: "%.3f", "%lld", "%.*s". */
struct conversion {
    enum { SIZE_INT, SIZE_LONG, SIZE_LONG_LONG, SIZE_SIZE } size;
    bool grouped;  /* "% lld", "% .1f": as the reader's language writes numbers */
    int precision; /* -1 = none */
    char letter;
};

static const char *parse_number(const char *at, int *out)
{
    *out = 0;
    while (*at >= '0' && *at <= '9' && *out < 1000)
        *out = *out * 10 + (*at++ - '0');
    return at;
}

/* Reads what follows "%"; "*" is left to the caller as precision -2. */
static const char *parse_conversion(const char *at, struct conversion *c)
{
    *c = (struct conversion){.size = SIZE_INT, .precision = -1};
    if (*at == ' ') {
        c->grouped = true;
        at++;
    }
    if (*at == '.' && at[1] == '*') {
        c->precision = -2;
        at += 2;
    } else if (*at == '.') {
        at = parse_number(at + 1, &c->precision);
    }
    if (at[0] == 'l' && at[1] == 'l') {
        c->size = SIZE_LONG_LONG;
        at += 2;
    } else if (*at == 'l') {
        c->size = SIZE_LONG;
        at++;
    } else if (*at == 'z') {
        c->size = SIZE_SIZE;
        at++;
    }
    c->letter = *at;
    return *at ? at + 1 : at;
}

static i64 take_signed(const struct conversion *c, va_list *args)
{
    switch (c->size) {
    case SIZE_LONG:
        return va_arg(*args, long);
    case SIZE_LONG_LONG:
        return va_arg(*args, i64);
    case SIZE_SIZE:
        return (i64)va_arg(*args, ptrdiff_t);
    case SIZE_INT:
        break;
    }
    return va_arg(*args, int);
}

static u64 take_unsigned(const struct conversion *c, va_list *args)
{
    switch (c->size) {
    case SIZE_LONG:
        return va_arg(*args, unsigned long);
    case SIZE_LONG_LONG:
        return va_arg(*args, u64);
    case SIZE_SIZE:
        return va_arg(*args, size_t);
    case SIZE_INT:
        break;
    }
    return va_arg(*args, unsigned);
}

static void add_text(struct html *h, const char *text, int precision)
{
    if (!text)
        return;
    size_t size = precision >= 0 ? strnlen(text, (size_t)precision) : strlen(text);
    add_escaped(h, text, size, false);
}

static void add_conversion(struct html *h, const struct conversion *c, va_list *args)
{
    char one;
    switch (c->letter) {
    case 's':
        add_text(h, va_arg(*args, const char *), c->precision);
        break;
    case 'd':
    case 'i':
        if (c->grouped)
            buf_str(&h->buf, words_number(h->buf.arena, take_signed(c, args)));
        else
            add_signed(h, take_signed(c, args));
        break;
    case 'u':
        add_unsigned(h, take_unsigned(c, args), false);
        break;
    case 'c':
        one = (char)va_arg(*args, int);
        add_escaped(h, &one, 1, false);
        break;
    case 'f':
        add_double(h, va_arg(*args, double), c->precision < 0 ? 6 : c->precision, c->grouped);
        break;
    case '%':
        buf_char(&h->buf, '%');
        break;
    default:
        BUG("html_printf does not know the conversion '%c'", c->letter);
    }
}

/* --- words in braces --- */

/* Takes the arguments of the conversions up to `end`; returns the first whole number among them,
 * which chooses the plural form. */
static i64 take_all(const char *at, const char *end, va_list *args)
{
    bool found = false;
    i64 n = 0;

    while (at < end) {
        struct conversion c;
        if (*at++ != '%')
            continue;
        at = parse_conversion(at, &c);
        if (c.precision == -2)
            (void)va_arg(*args, int);
        if (c.letter == 's') {
            (void)va_arg(*args, const char *);
        } else if (c.letter == 'f') {
            (void)va_arg(*args, double);
        } else if (c.letter != '%') {
            i64 value = take_signed(&c, args);
            n = found ? n : value;
            found = true;
        }
    }
    return n;
}

/* Literal text and conversions up to `end`; the text is escaped when it may be a translation. */
static void add_run(struct html *h, const char *at, const char *end, va_list *args, bool words)
{
    while (at < end) {
        const char *percent = memchr(at, '%', (size_t)(end - at));
        const char *stop = percent ? percent : end;
        struct conversion c;
        if (words)
            add_escaped(h, at, (size_t)(stop - at), false);
        else
            buf_add(&h->buf, at, (size_t)(stop - at));
        if (!percent)
            break;
        at = parse_conversion(percent + 1, &c);
        if (c.precision == -2)
            c.precision = va_arg(*args, int);
        add_conversion(h, &c, args);
    }
}

/* "%lld task|%lld tasks": one form is shown, the arguments of both are taken. */
static void add_plural(struct html *h, const char *at, const char *bar, const char *end,
                       va_list *args)
{
    const char *one = arena_printf(h->buf.arena, "%.*s", (int)(bar - at), at);
    const char *many = arena_printf(h->buf.arena, "%.*s", (int)(end - bar - 1), bar + 1);
    const char *chosen;
    va_list shown;

    va_copy(shown, *args);
    chosen = tr_n(one, many, take_all(at, end, args));
    add_run(h, chosen, chosen + strlen(chosen), &shown, true);
    va_end(shown);
}

/* "{Open tasks}" without the braces. */
static void add_words(struct html *h, const char *at, const char *end, va_list *args)
{
    const char *bar = memchr(at, '|', (size_t)(end - at));
    const char *found;

    if (bar) {
        add_plural(h, at, bar, end, args);
        return;
    }
    found = tr_find(at, (size_t)(end - at));
    if (found)
        add_run(h, found, found + strlen(found), args, true);
    else
        add_run(h, at, end, args, true);
}

void html_printf(struct html *h, const char *format, ...)
{
    va_list args;

    /* A page past the arena's limit is cut off here and refused by the dispatcher. */
    if (arena_over(h->buf.arena))
        return;
    va_start(args, format);
    for (const char *at = format; *at;) {
        const char *brace = strchrnul(at, '{');
        const char *close;
        add_run(h, at, brace, &args, false);
        if (!*brace)
            break;
        close = strchr(brace, '}');
        if (!close)
            BUG("html_printf: a brace is not closed in \"%s\"", format);
        add_words(h, brace + 1, close, &args);
        at = close + 1;
    }
    va_end(args);
}

void html_lines(struct html *h, const char *text)
{
    if (text && !arena_over(h->buf.arena))
        add_escaped(h, text, strlen(text), true);
}

void html_trusted(struct html *h, const char *markup)
{
    if (!arena_over(h->buf.arena))
        buf_str(&h->buf, markup);
}
