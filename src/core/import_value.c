/* SPDX-License-Identifier: Apache-2.0 */
/* Values of a file and values of a field: other words for choices, dates and numbers as people
 * write them. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/content.h"
#include "core/entity_sql.h"
#include "core/import_rows.h"

/* --- dates --- */

struct date_parts {
    i64 number[3];
    size_t digits[3];
    int month; /* position of a month's name, or -1 */
    i64 named;
    char separator;
};

static i64 month_number(struct arena *a, const char *text, size_t size)
{
    static const char *const names[][3] = {
        {"jan", "jan", "jan"},
        {"feb", "feb", "feb"},
        {"mar", "mar", "mrz"},
        {"apr", "apr", "apr"},
        {"may", "mai", "mai"},
        {"jun", "jun", "jun"},
        {"jul", "jul", "jul"},
        {"aug", "aug", "aug"},
        {"sep", "sep", "sep"},
        {"oct", "okt", "oct"},
        {"nov", "nov", "nov"},
        {"dec", "dez", "dec"},
    };
    const char *folded = text_fold(a, arena_strn(a, text, size));

    if (strlen(folded) < 3)
        return 0;
    for (i64 m = 0; m < 12; m++)
        for (size_t k = 0; k < 3; k++)
            if (strncmp(folded, names[m][k], 3) == 0)
                return m + 1;
    return 0;
}

/* Up to three parts of digits or letters; what follows a third is a time and left out. */
static bool split_date(struct arena *a, const char *text, struct date_parts *d)
{
    size_t n = 0;

    *d = (struct date_parts){.month = -1};
    while (*text && n < 3) {
        size_t digits = strspn(text, "0123456789"), letters;

        if (digits > 4)
            return false;
        if (digits) {
            d->digits[n] = digits;
            for (size_t i = 0; i < digits; i++)
                d->number[n] = d->number[n] * 10 + (text[i] - '0');
            text += digits;
        } else {
            letters = strcspn(text, "0123456789 .,/-");
            if (!letters || d->month >= 0)
                return false;
            d->named = month_number(a, text, letters);
            if (!d->named)
                return false;
            d->month = (int)n;
            text += letters;
        }
        n++;
        if (n < 3 && *text)
            d->separator = *text;
        if (n < 3)
            text += strspn(text, " .,/-");
    }
    return n == 3 && (!*text || strchr("T ,", *text));
}

static const char *date_of(struct arena *a, i64 year, size_t digits, i64 month, i64 day)
{
    const char *text;

    if (digits == 2)
        year += year < 70 ? 2000 : 1900;
    else if (digits != 4)
        return NULL;
    text = arena_printf(a, "%04lld-%02lld-%02lld", year, month, day);
    return date_valid(text) ? text : NULL;
}

static const char *with_month_name(struct arena *a, const struct date_parts *d)
{
    if (d->month == 1 && d->digits[0] == 4) /* 2026 March 1 */
        return date_of(a, d->number[0], 4, d->named, d->number[2]);
    if (d->month == 1) /* 1 March 2026 */
        return date_of(a, d->number[2], d->digits[2], d->named, d->number[0]);
    if (d->month == 0) /* March 1, 2026 */
        return date_of(a, d->number[2], d->digits[2], d->named, d->number[1]);
    return NULL;
}

const char *import_date(struct arena *a, const char *text, enum date_order order)
{
    struct date_parts d;

    if (!split_date(a, text, &d))
        return NULL;
    if (d.month >= 0)
        return with_month_name(a, &d);
    if (d.digits[0] == 4)
        return date_of(a, d.number[0], 4, d.number[1], d.number[2]);
    if (order == DATES_MONTH_FIRST)
        return date_of(a, d.number[2], d.digits[2], d.number[0], d.number[1]);
    return date_of(a, d.number[2], d.digits[2], d.number[1], d.number[0]);
}

/* Day or month first, by what the column holds: a number above 12 tells, and so does a dot. */
static void find_date_order(struct importing *im, struct column *c, const struct column_facts *f)
{
    bool day = false, month = false, open = false;

    for (size_t i = 0; i < f->nvalues; i++) {
        struct date_parts d;

        if (!split_date(im->arena, f->value[i], &d) || d.month >= 0 || d.digits[0] == 4)
            continue;
        if (d.number[0] > 12 || d.separator == '.')
            day = true;
        else if (d.number[1] > 12)
            month = true;
        else
            open = true;
    }
    c->dates = im->dates ? im->dates : month && !day ? DATES_MONTH_FIRST : DATES_DAY_FIRST;
    c->dates_open = open && !day && !month && !im->dates;
}

/* --- numbers --- */

/* "1.234,50" and "12,5", and nothing like "12.5". */
static bool has_decimal_comma(const struct column_facts *f)
{
    bool comma = false;

    for (size_t i = 0; i < f->nvalues; i++) {
        const char *text = f->value[i], *last = strrchr(text, ','), *dot = strrchr(text, '.');

        if (!last) {
            if (dot && strspn(dot + 1, "0123456789") != 3)
                return false;
            continue;
        }
        if (dot && dot > last)
            return false;
        comma = comma || strspn(last + 1, "0123456789") != 3 || (dot && dot < last);
    }
    return comma;
}

static bool is_currency(const char *p)
{
    return strncasecmp(p, "EUR", 3) == 0 || strncasecmp(p, "CHF", 3) == 0 ||
           strncasecmp(p, "USD", 3) == 0;
}

/* Digits with a point at most: no thousands, blanks, currency. What is anything else comes back as
 * it is, because the field's own sentence about it is better. */
static const char *plain_number(struct arena *a, const char *text, bool comma)
{
    struct buf b;

    buf_init(&b, a, 32);
    for (const char *p = text; *p; p++) {
        if ((*p >= '0' && *p <= '9') || *p == '-' || *p == '+')
            buf_char(&b, *p);
        else if (*p == (comma ? ',' : '.'))
            buf_char(&b, '.');
        else if (*p == ',' || *p == '.' || *p == '\'') {
            if (strspn(p + 1, "0123456789") != 3)
                return text;
        } else if (is_currency(p))
            p += 2;
        else if (*p != ' ' && *p != '$' && (unsigned char)*p < 0x80)
            return text;
    }
    return b.size ? b.data : text;
}

static const char *whole_number(struct arena *a, const char *text)
{
    size_t sign = *text == '-' || *text == '+', digits = strspn(text + sign, "0123456789");
    const char *after = text + sign + digits;

    if (digits && *after == '.' && strspn(after + 1, "0") == strlen(after + 1))
        return arena_strn(a, text, sign + digits);
    return text;
}

/* "4 - high" and "4 (high)": the level stands first. */
static const char *leading_level(struct arena *a, const char *text)
{
    size_t digits = strspn(text, "0123456789");

    if (digits == 1 && text[1] && strchr(" -:(=", text[1]) && !strpbrk(text + 1, "0123456789"))
        return arena_strn(a, text, 1);
    return text;
}

static const char *number_value(const struct importing *im, const struct column *c,
                                const char *text)
{
    struct arena *a = im->state->row_arena;

    if (c->field->kind == FIELD_LEVEL)
        text = leading_level(a, text);
    text = plain_number(a, text, c->decimal_comma);
    return c->field->kind == FIELD_MONEY ? text : whole_number(a, text);
}

/* --- other words for choices --- */

struct meaning {
    const char *code, *label;
    const char *words[3]; /* of code, label, label in the reader's language */
};

static void add_meaning(struct importing *im, struct meaning *m, const char *code,
                        const char *label)
{
    *m = (struct meaning){code, label, {NULL}};
    m->words[0] = import_words(im->arena, code);
    m->words[1] = import_words(im->arena, label);
    m->words[2] = *label ? import_words(im->arena, tr(label)) : "";
}

static const char *code_column(const struct content_table *t)
{
    return content_has_column(t, "code") ? "code" : content_has_column(t, "key") ? "key" : "id";
}

/* What a field can hold, for choices, truth values, levels and catalogues. */
static size_t meanings_of(struct importing *im, const struct field *f, struct meaning **out)
{
    const struct content *content = im->w->app ? im->w->app->content : NULL;
    const struct content_table *t =
        f->kind == FIELD_CODE && content ? content_table(content, f->catalogue) : NULL;
    size_t n = 0, rows = t ? content_rows(t) : 0;

    *out = NEW_ARRAY(im->arena, struct meaning, rows + 80);
    if (f->kind == FIELD_BOOL) {
        add_meaning(im, &(*out)[n++], "yes", "Yes");
        add_meaning(im, &(*out)[n++], "no", "No");
    }
    for (size_t i = 0; f->choices && f->choices[i].code && n < 70; i++)
        add_meaning(im, &(*out)[n++], f->choices[i].code, f->choices[i].label);
    for (size_t i = 0; i < rows; i++) {
        const char *code = content_cell(t, i, code_column(t));

        add_meaning(im, &(*out)[n++], code, content_label(content, f->catalogue, code));
    }
    for (i64 k = 1; f->kind == FIELD_LEVEL && k <= 5; k++)
        add_meaning(im, &(*out)[n++], arena_printf(im->arena, "%lld", k), "");
    return n;
}

/* True when `words` is another word for `what`. */
static bool means(const struct importing *im, const char *use, const char *what, const char *words)
{
    const struct import_state *s = im->state;

    for (size_t i = 0; *what && i < s->nsynonyms; i++)
        if (text_equal(s->synonyms[i].word, words) && text_equal(s->synonyms[i].means, what) &&
            text_equal(s->synonyms[i].use, use))
            return true;
    return false;
}

static bool nearly(const char *words, const char *other)
{
    size_t n = strlen(words);

    return n >= 5 && import_distance(words, other, n / 5) <= n / 5;
}

/* How sure it is that `words` mean `m`: 3 the same, 2 another word, 1 nearly the same, 0 not. */
static int sure(const struct importing *im, const struct field *f, const struct meaning *m,
                const char *words)
{
    for (size_t i = 0; i < 3; i++)
        if (text_equal(words, m->words[i]))
            return 3;
    if (f->kind == FIELD_LEVEL)
        return means(im, "level", m->code, words) ? 2 : 0;
    if (means(im, "value", m->words[0], words) || means(im, "value", m->words[1], words))
        return 2;
    return nearly(words, m->words[0]) || nearly(words, m->words[1]) ? 1 : 0;
}

/* What entity_apply understands by itself. */
static bool understood(struct importing *im, const struct field *f, const struct meaning *m,
                       size_t n, const char *value)
{
    static const char *const truths[] = {"1", "on", "true", "yes", "0", "off", "false", "no"};
    const char *folded = text_fold(im->arena, value);
    i64 number;

    for (size_t i = 0; f->kind == FIELD_BOOL && i < COUNT_OF(truths); i++)
        if (text_equal(folded, truths[i]))
            return true;
    if (f->kind == FIELD_LEVEL)
        return text_i64(value, &number) || !text_equal(leading_level(im->arena, value), value);
    for (size_t i = 0; i < n; i++) {
        if (text_equal(m[i].code, value) || text_equal(m[i].label, value))
            return true;
        if (f->kind != FIELD_CODE && (text_equal(text_fold(im->arena, m[i].code), folded) ||
                                      text_equal(text_fold(im->arena, m[i].label), folded)))
            return true;
    }
    return false;
}

static const struct value_map *find_map(const struct column *c, const char *text)
{
    for (size_t i = 0; i < c->nvalues; i++)
        if (text_equal(c->values[i].from, text))
            return &c->values[i];
    return NULL;
}

void import_map_value(struct importing *im, struct column *c, struct value_map map)
{
    struct value_map *there = (struct value_map *)(uintptr_t)find_map(c, map.from);

    if (there) {
        if (map.told || !there->told)
            *there = map;
        return;
    }
    if (c->nvalues == c->value_room) {
        size_t room = c->value_room ? c->value_room * 2 : 16;
        struct value_map *more = NEW_ARRAY(im->arena, struct value_map, room);

        if (c->nvalues)
            memcpy(more, c->values, c->nvalues * sizeof(*more));
        c->values = more;
        c->value_room = room;
    }
    c->values[c->nvalues++] = map;
}

static void guess_value(struct importing *im, struct column *c, const struct meaning *m, size_t n,
                        const char *value)
{
    const struct meaning *best = NULL;
    const char *words = import_words(im->arena, value);
    int most = 0;

    if (!*value || find_map(c, value) || understood(im, c->field, m, n, value))
        return;
    for (size_t i = 0; i < n; i++) {
        int k = sure(im, c->field, &m[i], words);

        if (k > most) {
            most = k;
            best = &m[i];
        }
    }
    if (best)
        import_map_value(im, c, (struct value_map){value, best->code, false});
}

static void guess_choices(struct importing *im, struct column *c, const struct column_facts *f)
{
    struct meaning *m;
    size_t n = meanings_of(im, c->field, &m);

    for (size_t i = 0; i < f->nvalues; i++) {
        char **parts, *list = arena_str(im->arena, f->value[i]);
        size_t k;

        if (c->field->kind != FIELD_SET) {
            guess_value(im, c, m, n, text_trim(im->arena, f->value[i]));
            continue;
        }
        for (char *p = list; *p; p++)
            if (*p == ';' || *p == '\n')
                *p = ',';
        k = text_split(im->arena, list, ',', &parts);
        for (size_t j = 0; j < k; j++)
            guess_value(im, c, m, n, parts[j]);
    }
}

struct err *import_guess_values(struct importing *im)
{
    for (size_t i = 0; i < im->source->ncolumns; i++) {
        struct column *c = &im->columns[i];
        const struct column_facts *f = &im->source->facts[i];

        if (c->use != COLUMN_FIELD)
            continue;
        switch (c->field->kind) {
        case FIELD_DATE:
            find_date_order(im, c, f);
            break;
        case FIELD_LEVEL:
            guess_choices(im, c, f);
            c->decimal_comma = has_decimal_comma(f);
            break;
        case FIELD_INT:
        case FIELD_MONEY:
            c->decimal_comma = has_decimal_comma(f);
            break;
        case FIELD_CHOICE:
        case FIELD_SET:
        case FIELD_BOOL:
        case FIELD_CODE:
            guess_choices(im, c, f);
            break;
        default:
            break;
        }
    }
    return NULL;
}

/* --- a cell --- */

/* The other word for it; for lists, for each part. */
static const char *mapped(const struct importing *im, const struct column *c, const char *text)
{
    const struct value_map *m = find_map(c, text);
    char **parts, *list;
    struct buf b;
    size_t n;

    if (m)
        return m->to;
    if ((c->field->kind != FIELD_SET && c->field->kind != FIELD_REFS) || !strpbrk(text, ",;\n"))
        return text;
    list = arena_str(im->state->row_arena, text);
    for (char *p = list; *p; p++)
        if (*p == ';' || *p == '\n')
            *p = ',';
    n = text_split(im->state->row_arena, list, ',', &parts);
    buf_init(&b, im->state->row_arena, 64);
    for (size_t i = 0; i < n; i++) {
        m = find_map(c, parts[i]);
        if (!m || *m->to)
            buf_printf(&b, "%s%s", b.size ? "," : "", m ? m->to : parts[i]);
    }
    return b.data;
}

const char *import_value(struct importing *im, const struct column *c, const char *text)
{
    const char *date;

    if (!*text)
        return text;
    if (c->nvalues)
        text = mapped(im, c, text);
    switch (c->field->kind) {
    case FIELD_DATE:
        date = import_date(im->state->row_arena, text, c->dates);
        return date ? date : text;
    case FIELD_INT:
    case FIELD_MONEY:
    case FIELD_LEVEL:
        return number_value(im, c, text);
    case FIELD_SET:
        if (strpbrk(text, ";\n")) {
            char *list = arena_str(im->state->row_arena, text);

            for (char *p = list; *p; p++)
                if (*p == ';' || *p == '\n')
                    *p = ',';
            return list;
        }
        return text;
    default:
        return text;
    }
}

/* --- people --- */

void import_name_and_mail(struct arena *a, const char *text, const char **name, const char **mail)
{
    const char *open = strchr(text, '<'), *close = open ? strchr(open, '>') : NULL;
    size_t n;

    *name = *mail = NULL;
    if (close)
        *mail = text_trim(a, arena_strn(a, open + 1, (size_t)(close - open - 1)));
    else if (text_email(text))
        *mail = text;
    if (*mail && !text_email(*mail))
        *mail = NULL;
    n = strcspn(text, "<(");
    if (n)
        *name = text_trim(a, arena_strn(a, text, n));
    if (*name && (!**name || text_email(*name)))
        *name = NULL;
}
