/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* One line fits a pipe's atomic write, so lines of several threads never mix. */
#define LINE 4096
#define VALUE 1024

struct line {
    char data[LINE];
    size_t size;
};

static _Atomic int lowest = LOG_INFO;

void log_set_level(enum log_level level)
{
    atomic_store(&lowest, (int)level);
}

static const char *level_name(enum log_level level)
{
    switch (level) {
    case LOG_DEBUG:
        return "debug";
    case LOG_INFO:
        return "info";
    case LOG_WARN:
        return "warn";
    case LOG_ERROR:
        return "error";
    }
    return "info";
}

/* What does not fit is left out as a whole, so no escape is cut in two. */
static void put(struct line *l, const char *text, size_t n)
{
    if (l->size + n < LINE - 1) {
        memcpy(l->data + l->size, text, n);
        l->size += n;
    }
}

/* Length of the well-formed, harmless UTF-8 sequence at `s`, or 0: then the byte is escaped. */
static size_t plain_sequence(const unsigned char *s)
{
    if (s[0] < 0x80)
        return s[0] >= 0x20 && s[0] != 0x7F ? 1 : 0;
    size_t n = s[0] >= 0xF0 && s[0] <= 0xF4 ? 4 : s[0] >= 0xE0 ? 3 : s[0] >= 0xC2 ? 2 : 0;
    if (n == 0 || s[0] > 0xF4)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    if (s[0] == 0xC2 && s[1] < 0xA0) /* C1 controls, the next-line character among them */
        return 0;
    if (s[0] == 0xE2 && s[1] == 0x80 && s[2] >= 0xA8 && s[2] <= 0xAE) /* separators, bidi */
        return 0;
    if (s[0] == 0xE2 && s[1] == 0x81 && s[2] >= 0xA6 && s[2] <= 0xA9) /* bidi isolates */
        return 0;
    return n;
}

static void put_escaped(struct line *l, const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    while (*s) {
        size_t n = plain_sequence(s);
        char escape[8];
        if (n == 0) {
            int size = *s == '\n'   ? snprintf(escape, sizeof escape, "\\n")
                       : *s == '\r' ? snprintf(escape, sizeof escape, "\\r")
                       : *s == '\t' ? snprintf(escape, sizeof escape, "\\t")
                                    : snprintf(escape, sizeof escape, "\\x%02x", *s);
            put(l, escape, (size_t)size);
            s++;
            continue;
        }
        if (*s == '"' || *s == '\\')
            put(l, "\\", 1);
        put(l, (const char *)s, n);
        s += n;
    }
}

/* A value is quoted when it could be read as something else than one value. */
static void put_value(struct line *l, const char *text)
{
    bool quote = !*text || strpbrk(text, " \"=\\\n\r\t");
    if (quote)
        put(l, "\"", 1);
    put_escaped(l, text);
    if (quote)
        put(l, "\"", 1);
}

/* One conversion of the format: what the log needs of printf, nothing more. */
struct spec {
    int precision; /* -1 = none */
    int longs;     /* l = 1, ll = 2, z = 3 */
    char kind;
};

static const char *read_spec(const char *f, struct spec *s, va_list *args)
{
    *s = (struct spec){.precision = -1};
    while (*f && strchr("-+ #0123456789", *f))
        f++;
    if (*f == '.') {
        f++;
        s->precision = 0;
        if (*f == '*') {
            s->precision = va_arg(*args, int);
            f++;
        }
        while (*f >= '0' && *f <= '9')
            s->precision = s->precision * 10 + (*f++ - '0');
    }
    while (*f == 'l' || *f == 'z' || *f == 'h') {
        s->longs = *f == 'z' ? 3 : *f == 'l' ? s->longs + 1 : s->longs;
        f++;
    }
    s->kind = *f;
    return *f ? f + 1 : f;
}

static i64 take_signed(const struct spec *s, va_list *args)
{
    switch (s->longs) {
    case 1:
        return va_arg(*args, long);
    case 2:
        return va_arg(*args, i64);
    case 3:
        return va_arg(*args, ssize_t);
    default:
        return va_arg(*args, int);
    }
}

static u64 take_unsigned(const struct spec *s, va_list *args)
{
    switch (s->longs) {
    case 1:
        return va_arg(*args, unsigned long);
    case 2:
        return va_arg(*args, u64);
    case 3:
        return va_arg(*args, size_t);
    default:
        return va_arg(*args, unsigned);
    }
}

/* Returns false for a conversion the log does not know: the rest cannot be read safely then. */
static bool format_value(char *out, const struct spec *s, va_list *args)
{
    const char *text;
    switch (s->kind) {
    case 'd':
    case 'i':
        snprintf(out, VALUE, "%lld", take_signed(s, args));
        return true;
    case 'u':
        snprintf(out, VALUE, "%llu", take_unsigned(s, args));
        return true;
    case 'x':
        snprintf(out, VALUE, "%llx", take_unsigned(s, args));
        return true;
    case 'c':
        snprintf(out, VALUE, "%c", va_arg(*args, int));
        return true;
    case 'f':
    case 'g':
        snprintf(out, VALUE, "%.*f", s->precision < 0 ? 6 : s->precision, va_arg(*args, double));
        return true;
    case 'p':
        snprintf(out, VALUE, "%p", va_arg(*args, void *));
        return true;
    case 's':
        text = va_arg(*args, const char *);
        snprintf(out, VALUE, "%.*s", s->precision < 0 ? VALUE : s->precision, text ? text : "-");
        return true;
    default:
        return false;
    }
}

static void put_formatted(struct line *l, const char *format, va_list *args)
{
    while (*format) {
        size_t literal = strcspn(format, "%");
        put(l, format, literal);
        format += literal;
        if (!*format)
            return;
        if (format[1] == '%') {
            put(l, "%", 1);
            format += 2;
            continue;
        }
        struct spec s;
        char value[VALUE];
        format = read_spec(format + 1, &s, args);
        if (!format_value(value, &s, args)) {
            put(l, "(format?)", 9);
            return;
        }
        put_value(l, value);
    }
}

void log_event(enum log_level level, const char *event, const char *format, ...)
{
    if ((int)level < atomic_load(&lowest))
        return;
    struct line l = {.size = 0};
    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    int n = snprintf(l.data, sizeof l.data, "%04d-%02d-%02dT%02d:%02d:%02d.%06ldZ %s ",
                     utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min,
                     utc.tm_sec, now.tv_nsec / 1000, level_name(level));
    l.size = n > 0 && (size_t)n < sizeof l.data ? (size_t)n : 0;
    put_escaped(&l, event);
    if (*format)
        put(&l, " ", 1);
    va_list args;
    va_start(args, format);
    put_formatted(&l, format, &args);
    va_end(args);
    l.data[l.size++] = '\n';
    /* Nothing can be done about a log that cannot be written; the variable silences the warning. */
    ssize_t written = write(STDERR_FILENO, l.data, l.size);
    (void)written;
}
