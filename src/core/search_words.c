/* SPDX-License-Identifier: Apache-2.0 */
/* Words and trigrams are made here and not by the engines, so that both find the same. */
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/text.h"
#include "base/words.h"
#include "core/search_index.h"

#define WORD_BYTES 64
#define MARKS 0xE000 /* private use: never a letter */
#define EXCERPT_BEFORE 40
#define EXCERPT_BYTES 130

static bool is_ascii_word(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_word_byte(unsigned char c)
{
    return c >= 0x80 || is_ascii_word(c);
}

static bool is_letter(utf8proc_int32_t c)
{
    utf8proc_category_t k = utf8proc_category(c);

    return (k >= UTF8PROC_CATEGORY_LU && k <= UTF8PROC_CATEGORY_NO);
}

/* Length of the character at `s`, which is valid UTF-8. */
static size_t step(const char *s)
{
    unsigned char c = (unsigned char)*s;
    size_t n = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;

    for (size_t i = 1; i < n; i++)
        if (!s[i])
            return i;
    return n;
}

char *search_plain(struct arena *a, const char *folded)
{
    char *out = arena_alloc(a, strlen(folded) + 1), *to = out;

    for (const char *s = folded; *s;) {
        size_t n = step(s);
        utf8proc_int32_t c;

        if (n == 1) {
            *to++ = *s == '\n' ? ' ' : *s;
        } else if (utf8proc_iterate((const utf8proc_uint8_t *)s, (utf8proc_ssize_t)n, &c) > 0 &&
                   is_letter(c)) {
            memcpy(to, s, n);
            to += n;
        } else {
            *to++ = ' ';
        }
        s += n;
    }
    *to = '\0';
    return out;
}

/* A set of short texts that keeps their order. */
struct set {
    struct arena *arena;
    struct words words;
    size_t most, nslots;
    size_t *slots;
};

static void set_init(struct set *s, struct arena *a, size_t most)
{
    *s = (struct set){.arena = a, .most = most, .nslots = 16};
    while (s->nslots < most * 2)
        s->nslots *= 2;
    s->slots = NEW_ARRAY(a, size_t, s->nslots);
    s->words.word = NEW_ARRAY(a, const char *, most + 1);
}

static void set_add(struct set *s, const char *text, size_t n)
{
    size_t i;

    for (i = (size_t)text_hash(text, n) & (s->nslots - 1); s->slots[i];
         i = (i + 1) & (s->nslots - 1)) {
        const char *there = s->words.word[s->slots[i] - 1];

        if (strncmp(there, text, n) == 0 && !there[n])
            return;
    }
    if (s->words.count == s->most)
        return;
    s->words.word[s->words.count++] = arena_strn(s->arena, text, n);
    s->slots[i] = s->words.count;
}

struct words search_words(struct arena *a, const char *plain, size_t most)
{
    size_t possible = strlen(plain) / 2 + 1;
    struct set s;

    set_init(&s, a, most < possible ? most : possible);
    for (const char *p = plain; *p && s.words.count < s.most;) {
        const char *start;
        size_t n = 0;

        while (*p && !is_word_byte((unsigned char)*p))
            p++;
        for (start = p; *p && is_word_byte((unsigned char)*p); p += step(p))
            if ((size_t)(p - start) + step(p) <= WORD_BYTES)
                n = (size_t)(p - start) + step(p);
        if (n)
            set_add(&s, start, n);
    }
    return s.words;
}

/* Writes the character at `p` as part of a trigram; returns how many bytes. */
static size_t put_character(char *to, const char *p)
{
    size_t n = step(p);

    if (n == 1 && !is_word_byte((unsigned char)*p))
        return (size_t)utf8proc_encode_char(MARKS + (unsigned char)*p, (utf8proc_uint8_t *)to);
    memcpy(to, p, n);
    return n;
}

struct words search_trigrams(struct arena *a, const char *plain, size_t most)
{
    size_t possible = strlen(plain);
    struct set s;

    set_init(&s, a, most < possible ? most : possible);
    for (const char *p = plain; *p && s.words.count < s.most; p += step(p)) {
        const char *second = p + step(p), *third = *second ? second + step(second) : second;
        char run[3 * 4];
        size_t n;

        if (!*third)
            break;
        n = put_character(run, p);
        n += put_character(run + n, second);
        n += put_character(run + n, third);
        set_add(&s, run, n);
    }
    return s.words;
}

char *search_mark(struct arena *a, i64 org)
{
    u64 h = (u64)org * 0x9E3779B97F4A7C15ULL;
    char *out = arena_alloc(a, 2 * 4 + 1);
    size_t n = (size_t)utf8proc_encode_char(MARKS + (utf8proc_int32_t)(h >> 40 & 0xFFF),
                                            (utf8proc_uint8_t *)out);

    utf8proc_encode_char(MARKS + (utf8proc_int32_t)(h >> 52), (utf8proc_uint8_t *)out + n);
    return out;
}

/* --- excerpts --- */

bool search_field(const struct field *f)
{
    bool text = f->kind == FIELD_TEXT || f->kind == FIELD_LONG || f->kind == FIELD_EMAIL ||
                f->kind == FIELD_CODE;

    return text && !f->personal && !f->secret && !f->unfolded && !f->derived;
}

static bool starts_with_one(struct arena *a, const char *word, size_t n, const struct words *words)
{
    const char *plain = search_plain(a, text_fold(a, arena_strn(a, word, n)));

    for (size_t i = 0; i < words->count; i++)
        if (text_starts(plain, words->word[i]))
            return true;
    return false;
}

/* Where the first word of the text starts that has one of `words` as its beginning, or NULL. */
static const char *find_word(struct arena *a, const char *text, const struct words *words)
{
    for (const char *p = text; *p;) {
        const char *start;

        while (*p && !is_word_byte((unsigned char)*p))
            p++;
        for (start = p; *p && is_word_byte((unsigned char)*p);)
            p++;
        if (p > start && starts_with_one(a, start, (size_t)(p - start), words))
            return start;
    }
    return NULL;
}

static const char *cut_out(struct arena *a, const char *text, const char *at)
{
    const char *start = at - text > EXCERPT_BEFORE ? at - EXCERPT_BEFORE : text;
    const char *end;
    char *out;

    /* To the start of a word. */
    while (start > text && start < at && start[-1] != ' ' && start[-1] != '\n')
        start++;
    end = strlen(start) > EXCERPT_BYTES ? start + EXCERPT_BYTES : start + strlen(start);
    for (const char *p = end; *end && p > start + EXCERPT_BYTES / 2; p--) {
        if (*p == ' ' || *p == '\n') {
            end = p;
            break;
        }
    }
    while ((*end & 0xC0) == 0x80)
        end--;
    out = arena_printf(a, "%s%.*s%s", start > text ? "… " : "", (int)(end - start), start,
                       *end ? " …" : "");
    for (char *p = out; *p; p++)
        if (*p == '\n' || *p == '\t')
            *p = ' ';
    return out;
}

const char *search_excerpt(struct arena *a, const struct entity *e, const void *record,
                           const struct words *words)
{
    const char *first = NULL;

    for (size_t i = 0; i < e->nfields; i++) {
        const struct field *f = &e->fields[i];
        const char *text, *at;

        if (!search_field(f) || f->kind == FIELD_CODE || text_equal(f->name, e->title))
            continue;
        text = field_str(f, record);
        if (text_empty(text))
            continue;
        at = find_word(a, text, words);
        if (at)
            return cut_out(a, text, at);
        if (!first && f->kind == FIELD_LONG)
            first = text;
    }
    return first ? cut_out(a, first, first) : "";
}
