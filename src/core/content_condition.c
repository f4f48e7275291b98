/* SPDX-License-Identifier: Apache-2.0 */
/* The conditions of content files (content/README.md): "develops=yes,cloud=some|all". Content is
 * checked when it is loaded, so a malformed term simply does not hold here. */
#include <string.h>

#include "base/text.h"
#include "core/content_table.h"

enum how { OP_NONE, OP_IS, OP_IS_NOT, OP_LEAST, OP_MOST };

/* A stretch of the condition's text. */
struct part {
    const char *text;
    size_t size;
};

struct term {
    struct part key, value;
    enum how how;
};

static struct part trimmed(const char *text, size_t size)
{
    while (size && *text == ' ') {
        text++;
        size--;
    }
    while (size && text[size - 1] == ' ')
        size--;
    return (struct part){text, size};
}

static bool same(struct part a, struct part b)
{
    return a.size == b.size && memcmp(a.text, b.text, a.size) == 0;
}

/* The next piece of *rest up to one of `separators`; false at the end. */
static bool next_part(const char **rest, const char *end, const char *separators, struct part *out)
{
    const char *p = *rest;

    if (!p)
        return false;
    while (p < end && !strchr(separators, *p))
        p++;
    *out = trimmed(*rest, (size_t)(p - *rest));
    *rest = p < end ? p + 1 : NULL;
    return true;
}

static struct term parse_term(struct part text)
{
    struct term t = {.how = OP_NONE};
    size_t i = 0, skip = 2;

    while (i < text.size && !strchr("=!<>", text.text[i]))
        i++;
    if (i == text.size)
        return t;
    if (text.text[i] == '=') {
        t.how = OP_IS;
        skip = 1;
    } else if (i + 1 < text.size && text.text[i + 1] == '=') {
        t.how = text.text[i] == '!' ? OP_IS_NOT : text.text[i] == '>' ? OP_LEAST : OP_MOST;
    } else {
        return t;
    }
    t.key = trimmed(text.text, i);
    t.value = trimmed(text.text + i + skip, text.size - i - skip);
    if (!t.key.size || !t.value.size)
        t.how = OP_NONE;
    return t;
}

static bool part_i64(struct part p, i64 *out)
{
    char digits[24];

    if (p.size >= sizeof(digits))
        return false;
    memcpy(digits, p.text, p.size);
    digits[p.size] = '\0';
    return text_i64(digits, out);
}

/* True when one of the wanted values ("a|b") is the answer, or a member of the answered set. */
static bool is_one_of(const char *answer, struct part values)
{
    const char *rest = values.text;
    struct part value;

    while (next_part(&rest, values.text + values.size, "|", &value)) {
        const char *members = answer;
        struct part member;

        if (same(trimmed(answer, strlen(answer)), value))
            return true;
        while (next_part(&members, answer + strlen(answer), ",;", &member))
            if (same(member, value))
                return true;
    }
    return false;
}

static bool term_holds(const struct term *t, const char *answer)
{
    i64 given, limit;

    switch (t->how) {
    case OP_IS:
        return is_one_of(answer, t->value);
    case OP_IS_NOT:
        return !is_one_of(answer, t->value);
    case OP_LEAST:
    case OP_MOST:
        if (!part_i64(trimmed(answer, strlen(answer)), &given) || !part_i64(t->value, &limit))
            return false;
        return t->how == OP_LEAST ? given >= limit : given <= limit;
    default:
        return false;
    }
}

bool content_holds(const char *condition, const char *(*answer)(void *ctx, const char *key),
                   void *ctx, bool *open)
{
    const char *rest = condition;
    bool unanswered = false, holds = true;
    struct part text;

    if (open)
        *open = false;
    if (text_empty(condition))
        return true;
    while (holds && next_part(&rest, condition + strlen(condition), ",", &text)) {
        struct term t = parse_term(text);
        char key[64];
        const char *given;

        if (t.how == OP_NONE || t.key.size >= sizeof(key))
            return false;
        memcpy(key, t.key.text, t.key.size);
        key[t.key.size] = '\0';
        given = answer(ctx, key);
        if (text_empty(given))
            unanswered = true;
        else
            holds = term_holds(&t, given);
    }
    if (open)
        *open = holds && unanswered;
    return holds && !unanswered;
}

/* --- checks when content is loaded --- */

static bool has_choice(const char *kind, const char *choices, struct part code)
{
    const char *rest = choices;
    struct part choice;

    if (strcmp(kind, "yesno") == 0)
        return same(code, (struct part){"yes", 3}) || same(code, (struct part){"no", 2});
    while (next_part(&rest, choices + strlen(choices), ";", &choice)) {
        const char *equals = memchr(choice.text, '=', choice.size);

        if (equals && same(trimmed(choice.text, (size_t)(equals - choice.text)), code))
            return true;
    }
    return false;
}

static const char *wrong_values(struct arena *a, const struct term *t,
                                const struct content_table *profile, size_t row)
{
    const char *kind = content_cell(profile, row, "kind"), *rest = t->value.text;
    bool chosen =
        strcmp(kind, "choice") == 0 || strcmp(kind, "set") == 0 || strcmp(kind, "yesno") == 0;
    bool number = strcmp(kind, "int") == 0 || strcmp(kind, "money") == 0;
    bool range = t->how == OP_LEAST || t->how == OP_MOST;
    struct part value;
    i64 n;

    if (range && !number)
        return arena_printf(a, "\"%.*s\" is not a number, so use = or != for it.", (int)t->key.size,
                            t->key.text);
    while (next_part(&rest, t->value.text + t->value.size, "|", &value)) {
        if (number && !part_i64(value, &n))
            return arena_printf(a, "\"%.*s\" is not a whole number.", (int)value.size, value.text);
        if (chosen && !has_choice(kind, content_cell(profile, row, "choices"), value))
            return arena_printf(a, "\"%.*s\" is not an answer to \"%.*s\".", (int)value.size,
                                value.text, (int)t->key.size, t->key.text);
    }
    return NULL;
}

const char *content_condition_wrong(struct arena *a, const char *condition,
                                    const struct content_table *profile)
{
    const char *rest = condition, *wrong = NULL;
    struct part text;

    if (text_empty(condition))
        return NULL;
    while (!wrong && next_part(&rest, condition + strlen(condition), ",", &text)) {
        struct term t = parse_term(text);
        i64 row;

        if (t.how == OP_NONE)
            return arena_printf(a, "\"%.*s\" is not a term like key=value.", (int)text.size,
                                text.text);
        if (!profile)
            continue;
        row = content_row(profile, arena_strn(a, t.key.text, t.key.size));
        if (row < 0)
            return arena_printf(a, "there is no question \"%.*s\" in profile.tsv.", (int)t.key.size,
                                t.key.text);
        wrong = wrong_values(a, &t, profile, (size_t)row);
    }
    return wrong;
}
