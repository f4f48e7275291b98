/* SPDX-License-Identifier: Apache-2.0 */
/* Reading po files and looking words up. The table is open addressing over FNV-1a; it is made once
 * and only read afterwards, so threads share it without a lock. */
#include "base/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"

#define FORMS 6
#define DEPTH 32

struct message {
    const char *key;
    size_t size;
    const char *form[FORMS];
};
struct words {
    struct arena *arena;
    struct message *list;
    size_t count, room; /* room is a power of two */
    const char *plural; /* the expression of Plural-Forms */
    const char *date;   /* pattern of %d %m %Y */
    char thousands, decimal;
};

static _Thread_local const struct words *used;

const struct words *words_use(const struct words *w)
{
    const struct words *before = used;

    used = w;
    return before;
}

const struct words *words_used(void)
{
    return used;
}

size_t words_count(const struct words *w)
{
    return w->count;
}

void words_free(struct words *w)
{
    if (!w)
        return;
    arena_free(w->arena);
    free(w);
}

/* --- the table --- */

/* The slot of a key, or the free one where it belongs. */
static struct message *slot(const struct words *w, const char *text, size_t size)
{
    size_t i = text_hash(text, size) & (w->room - 1);

    while (w->list[i].key && (w->list[i].size != size || memcmp(w->list[i].key, text, size) != 0))
        i = (i + 1) & (w->room - 1);
    return &w->list[i];
}

static void grow(struct words *w)
{
    struct words bigger = *w;

    bigger.room = w->room ? w->room * 2 : 1024;
    bigger.list = NEW_ARRAY(w->arena, struct message, bigger.room);
    for (size_t i = 0; i < w->room; i++)
        if (w->list[i].key)
            *slot(&bigger, w->list[i].key, w->list[i].size) = w->list[i];
    *w = bigger;
}

static void add(struct words *w, const struct message *m)
{
    struct message *place;

    if (w->count * 2 >= w->room)
        grow(w);
    place = slot(w, m->key, m->size);
    if (!place->key)
        w->count++;
    *place = *m;
}

/* --- conversions --- */

/* The letters of the conversions of a format, such as "s" or "lld": what must not differ. */
static void conversions(const char *text, char *out, size_t room)
{
    size_t n = 0;

    for (const char *p = strchr(text, '%'); p && n + 8 < room; p = strchr(p, '%')) {
        p++;
        if (*p == '%') {
            p++;
            continue;
        }
        p += strspn(p, "'0123456789.-+ ");
        if (*p == '*')
            out[n++] = *p++;
        while (*p && strchr("lz", *p) && n + 4 < room)
            out[n++] = *p++;
        if (*p)
            out[n++] = *p;
        out[n++] = ' ';
    }
    out[n] = '\0';
}

static bool same_conversions(const char *a, const char *b)
{
    char left[256], right[256];

    conversions(a, left, sizeof left);
    conversions(b, right, sizeof right);
    return strcmp(left, right) == 0;
}

/* --- plural forms: the C expression of the header over n --- */

struct expression {
    const char *at;
    u64 n;
    int depth;
};

static u64 choice_of(struct expression *x);

static void skip(struct expression *x)
{
    x->at += strspn(x->at, " \t");
}

static bool take(struct expression *x, const char *word)
{
    skip(x);
    if (strncmp(x->at, word, strlen(word)) != 0)
        return false;
    x->at += strlen(word);
    return true;
}

static u64 primary(struct expression *x)
{
    u64 value = 0;

    skip(x);
    if (*x->at == '!' && x->at[1] != '=') {
        x->at++;
        return x->depth++ < DEPTH ? !primary(x) : 0;
    }
    if (take(x, "(")) {
        value = choice_of(x);
        take(x, ")");
        return value;
    }
    if (take(x, "n"))
        return x->n;
    while (*x->at >= '0' && *x->at <= '9')
        value = value * 10 + (u64)(*x->at++ - '0');
    return value;
}

static u64 remainder_of(struct expression *x)
{
    u64 value = primary(x);

    while (take(x, "%")) {
        u64 right = primary(x);
        value = right ? value % right : 0;
    }
    return value;
}

static u64 comparison(struct expression *x)
{
    u64 value = remainder_of(x);

    for (;;) {
        if (take(x, "=="))
            value = value == remainder_of(x);
        else if (take(x, "!="))
            value = value != remainder_of(x);
        else if (take(x, "<="))
            value = value <= remainder_of(x);
        else if (take(x, ">="))
            value = value >= remainder_of(x);
        else if (take(x, "<"))
            value = value < remainder_of(x);
        else if (take(x, ">"))
            value = value > remainder_of(x);
        else
            return value;
    }
}

static u64 conjunction(struct expression *x)
{
    u64 value = comparison(x);

    while (take(x, "&&")) {
        u64 right = comparison(x);
        value = value && right;
    }
    return value;
}

static u64 disjunction(struct expression *x)
{
    u64 value = conjunction(x);

    while (take(x, "||")) {
        u64 right = conjunction(x);
        value = value || right;
    }
    return value;
}

static u64 choice_of(struct expression *x)
{
    u64 value, yes, no;

    if (x->depth++ > DEPTH)
        return 0;
    value = disjunction(x);
    if (!take(x, "?"))
        return value;
    yes = choice_of(x);
    take(x, ":");
    no = choice_of(x);
    return value ? yes : no;
}

static size_t form_for(const struct words *w, i64 n)
{
    struct expression x = {.at = w->plural, .n = (u64)(n < 0 ? -n : n)};
    u64 form = choice_of(&x);

    return form < FORMS ? (size_t)form : 0;
}

/* --- reading --- */

enum part { PART_NONE, PART_CONTEXT, PART_ID, PART_PLURAL, PART_TEXT };

struct reader {
    struct words *words;
    void (*wrong)(int line, const char *why);
    int line, started;
    bool fuzzy, format;
    enum part part;
    size_t form;
    struct buf id, plural, text[FORMS];
};

static void reset(struct reader *r)
{
    buf_init(&r->id, r->words->arena, 64);
    buf_init(&r->plural, r->words->arena, 8);
    for (size_t i = 0; i < FORMS; i++)
        buf_init(&r->text[i], r->words->arena, 8);
    r->part = PART_NONE;
    r->fuzzy = r->format = false;
}

/* The value of a line of the header, up to its end; "" when it has no such line. */
static const char *header(struct words *w, const char *all, const char *name)
{
    const char *at = strstr(all, name);
    size_t size;

    if (!at)
        return "";
    at += strlen(name);
    at += strspn(at, " ");
    size = strcspn(at, "\n");
    return arena_printf(w->arena, "%.*s", (int)size, at);
}

static void read_header(struct words *w, const char *all)
{
    const char *plural = strstr(all, "plural=");
    const char *thousands = header(w, all, "X-Thousands:");
    const char *decimal = header(w, all, "X-Decimal:");
    const char *date = header(w, all, "X-Date:");

    if (plural)
        w->plural = arena_printf(w->arena, "%.*s", (int)strcspn(plural + 7, ";\n"), plural + 7);
    if (*thousands)
        w->thousands = *thousands;
    if (*decimal)
        w->decimal = *decimal;
    if (*date)
        w->date = date;
}

static void refuse(struct reader *r, const char *why)
{
    if (r->wrong)
        r->wrong(r->started, why);
}

/* A text that is no format may hold "90 % of them". */
static bool fits(const struct reader *r, const char *text)
{
    return !r->format || same_conversions(text, r->id.data) ||
           (r->plural.size && same_conversions(text, r->plural.data));
}

static void end_message(struct reader *r)
{
    struct message m = {.key = r->id.data, .size = r->id.size};

    if (r->part == PART_NONE)
        return;
    if (!r->id.size && !r->fuzzy)
        read_header(r->words, r->text[0].data);
    for (size_t i = 0; r->id.size && i < FORMS; i++) {
        if (r->text[i].size && !fits(r, r->text[i].data))
            refuse(r, "the conversions (%s, %lld ...) are not those of the English text");
        else if (r->text[i].size)
            m.form[i] = r->text[i].data;
    }
    if (m.form[0] && !r->fuzzy)
        add(r->words, &m);
    reset(r);
}

static struct buf *target(struct reader *r)
{
    switch (r->part) {
    case PART_ID:
        return &r->id;
    case PART_PLURAL:
        return &r->plural;
    case PART_TEXT:
        return &r->text[r->form];
    case PART_NONE:
    case PART_CONTEXT:
        break;
    }
    return NULL;
}

/* The quoted part of a line, its escapes resolved. */
static void add_quoted(struct reader *r, const char *at, const char *end)
{
    struct buf *to = target(r);

    at = memchr(at, '"', (size_t)(end - at));
    if (!at || !to)
        return;
    for (at++; at < end && *at != '"'; at++) {
        if (*at != '\\' || at + 1 == end) {
            buf_char(to, *at);
            continue;
        }
        at++;
        buf_char(to, *at == 'n' ? '\n' : *at == 't' ? '\t' : *at);
    }
}

static bool begins(const char *line, const char *end, const char *word)
{
    size_t n = strlen(word);

    return (size_t)(end - line) >= n && memcmp(line, word, n) == 0;
}

static void read_line(struct reader *r, const char *line, const char *end)
{
    if (line == end) {
        end_message(r);
    } else if (*line == '#') {
        if (r->part == PART_TEXT)
            end_message(r);
        if (begins(line, end, "#,") && memmem(line, (size_t)(end - line), "fuzzy", 5))
            r->fuzzy = true;
        if (begins(line, end, "#,") && memmem(line, (size_t)(end - line), "c-format", 8))
            r->format = true;
        return;
    } else if (begins(line, end, "msgctxt")) {
        if (r->part == PART_TEXT)
            end_message(r);
        r->part = PART_CONTEXT;
    } else if (begins(line, end, "msgid_plural")) {
        r->part = PART_PLURAL;
    } else if (begins(line, end, "msgid")) {
        if (r->part == PART_TEXT)
            end_message(r);
        r->part = PART_ID;
        r->started = r->line;
    } else if (begins(line, end, "msgstr")) {
        r->part = PART_TEXT;
        r->form = begins(line, end, "msgstr[") && line[7] >= '0' && line[7] < '0' + FORMS
                      ? (size_t)(line[7] - '0')
                      : 0;
    }
    add_quoted(r, line, end);
}

struct words *words_read(const char *po, size_t size, void (*wrong)(int line, const char *why))
{
    struct words *w = calloc(1, sizeof *w);
    struct reader r = {.words = w, .wrong = wrong};
    const char *end = po + size;

    if (!w)
        abort();
    w->arena = arena_new(0);
    w->plural = "n != 1";
    w->date = "%Y-%m-%d";
    w->thousands = ',';
    w->decimal = '.';
    grow(w);
    reset(&r);
    for (const char *at = po; at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        const char *next = stop ? stop + 1 : end;

        stop = stop ? stop : end;
        if (stop > at && stop[-1] == '\r')
            stop--;
        r.line++;
        read_line(&r, at, stop);
        at = next;
    }
    end_message(&r);
    return w;
}

/* --- looking up --- */

const char *tr_find(const char *english, size_t size)
{
    return used ? slot(used, english, size)->form[0] : NULL;
}

const char *tr(const char *english)
{
    const char *found = used && english && *english ? tr_find(english, strlen(english)) : NULL;

    return found ? found : english;
}

const char *tr_n(const char *one, const char *many, i64 n)
{
    const char *found = NULL;

    if (used) {
        const struct message *m = slot(used, one, strlen(one));
        found = m->key ? m->form[form_for(used, n)] : NULL;
        if (m->key && !found)
            found = m->form[0];
    }
    return found ? found : n == 1 ? one : many;
}

/* --- numbers and dates --- */

char words_thousands(void)
{
    return used ? used->thousands : ',';
}

char words_decimal(void)
{
    return used ? used->decimal : '.';
}

const char *words_number(struct arena *a, i64 n)
{
    char plain[24], grouped[32];
    size_t size = (size_t)snprintf(plain, sizeof plain, "%llu", n < 0 ? 0 - (u64)n : (u64)n);
    size_t at = 0;

    if (n < 0)
        grouped[at++] = '-';
    for (size_t i = 0; i < size; i++) {
        if (i > 0 && (size - i) % 3 == 0)
            grouped[at++] = words_thousands();
        grouped[at++] = plain[i];
    }
    grouped[at] = '\0';
    return arena_str(a, grouped);
}

const char *words_money(struct arena *a, i64 hundredths)
{
    u64 size = hundredths < 0 ? 0 - (u64)hundredths : (u64)hundredths;

    return arena_printf(a, "%s%s%c%02llu", hundredths < 0 ? "-" : "",
                        words_number(a, (i64)(size / 100)), words_decimal(), size % 100);
}

const char *words_date(struct arena *a, const char *iso)
{
    struct buf b;

    if (!used || !iso || strlen(iso) != 10 || iso[4] != '-' || iso[7] != '-')
        return iso;
    buf_init(&b, a, 16);
    for (const char *p = used->date; *p; p++) {
        if (*p != '%') {
            buf_char(&b, *p);
            continue;
        }
        p++;
        if (*p == 'Y')
            buf_add(&b, iso, 4);
        else if (*p == 'm')
            buf_add(&b, iso + 5, 2);
        else if (*p == 'd')
            buf_add(&b, iso + 8, 2);
        else
            break;
    }
    return b.data;
}

/* --- sentences that were stored in English --- */

#define GAPS 4
#define COMPOSED 32

/* What stands at the gaps of `sentence` in `text`; false when it does not fit. */
static bool gaps_fit(struct arena *a, const char *sentence, const char *text,
                     const char *gaps[GAPS])
{
    const char *gap = strstr(sentence, "%s"), *end;

    for (size_t n = 0; gap; n++) {
        size_t before = (size_t)(gap - sentence), size;
        const char *rest = gap + 2, *next = strstr(rest, "%s");
        const char *until = arena_strn(a, rest, next ? (size_t)(next - rest) : strlen(rest));

        if (n == GAPS || strncmp(text, sentence, before) != 0)
            return false;
        text += before;
        size = strlen(text);
        if (next)
            end = strstr(text, until);
        else
            end = size >= strlen(until) ? text + size - strlen(until) : NULL;
        if (!end || end == text || (!next && strcmp(end, until) != 0))
            return false;
        gaps[n] = arena_strn(a, text, (size_t)(end - text));
        text = end;
        sentence = rest;
        gap = next;
    }
    return true;
}

/* "Question: answer; question: answer", each part by itself. */
static const char *parts_of(struct arena *a, const char *text)
{
    struct buf b;

    buf_init(&b, a, 80);
    while (*text) {
        size_t size = strcspn(text, ":;");
        const char *part;

        while (text[size] && text[size + 1] != ' ')
            size += 1 + strcspn(text + size + 1, ":;");
        part = tr_find(text, size);
        buf_str(&b, part ? part : arena_strn(a, text, size));
        text += size;
        size = *text ? 2 : 0;
        buf_add(&b, text, size);
        text += size;
    }
    return b.data;
}

static const char *gap_text(struct arena *a, const char *text)
{
    const char *shown = words_supplied(a, text);

    return words_date(a, shown == text ? parts_of(a, text) : shown);
}

static const char *filled(struct arena *a, const char *sentence, const char *const gaps[GAPS])
{
    const char *gap;
    struct buf b;

    buf_init(&b, a, 120);
    for (size_t n = 0; (gap = strstr(sentence, "%s")) && n < GAPS; n++) {
        buf_add(&b, sentence, (size_t)(gap - sentence));
        buf_str(&b, gap_text(a, gaps[n]));
        sentence = gap + 2;
    }
    buf_str(&b, sentence);
    return b.data;
}

const char *words_composed(struct arena *a, const char *text, const char *const *sentences,
                           size_t n)
{
    const char *gaps[GAPS] = {NULL};

    for (size_t i = 0; used && i < n; i++)
        if (gaps_fit(a, sentences[i], text, gaps))
            return filled(a, tr(sentences[i]), gaps);
    return text;
}

static const char *composed[COMPOSED]; /* filled when the program starts, only read afterwards */
static size_t ncomposed;

void words_compose(const char *sentence)
{
    for (size_t i = 0; i < ncomposed; i++)
        if (text_equal(composed[i], sentence))
            return;
    if (ncomposed == COMPOSED)
        BUG("more composed sentences than there is room for");
    composed[ncomposed++] = sentence;
}

const char *words_supplied(struct arena *a, const char *text)
{
    size_t code = strspn(text, "0123456789.");
    const char *found;

    if (!words_used())
        return text;
    found = tr_find(text, strlen(text));
    if (found)
        return found;
    if (!code || text[code] != ' ')
        return words_composed(a, text, composed, ncomposed);
    found = tr_find(text + code + 1, strlen(text + code + 1));
    return found ? arena_printf(a, "%.*s %s", (int)code, text, found) : text;
}
