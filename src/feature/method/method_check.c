/* SPDX-License-Identifier: Apache-2.0 */
/* What must hold before scales are kept: descriptors for a second assessor, a matrix that never
 * falls, bands that follow one another, and a map that keeps the order. */
#include <string.h>

#include "base/text.h"
#include "feature/method/method_part.h"

#define LABEL_MOST 60
#define TEXT_MOST 1000
#define BAND_TEXT_MOST 500

static const char *at(struct issues *out, const char *format, i64 level)
{
    struct buf b;

    buf_init(&b, out->arena, 32);
    for (const char *p = format; *p; p++) {
        if (*p == '#')
            buf_printf(&b, "%lld", level);
        else
            buf_char(&b, *p);
    }
    return b.data;
}

static void check_label(struct issues *out, const char *field, const char *label)
{
    if (text_empty(label))
        issue(out, field, "The name is missing. Fill it in.");
    else if (text_length(label) > LABEL_MOST)
        issue(out, field, "The name is longer than %d characters. Shorten it.", LABEL_MOST);
}

/* R037: a second person must be able to use it. */
static void check_descriptor(struct issues *out, const char *field, const char *const *texts,
                             i64 level, const char *label)
{
    const char *text = texts[level - 1];

    if (text_empty(text)) {
        issue(out, field, "Level %lld has no description. Say how a second person recognises it.",
              level);
        return;
    }
    if (text_length(text) > TEXT_MOST)
        issue(out, field, "The description is longer than %d characters. Shorten it.", TEXT_MOST);
    else if (text_equal(text, label))
        issue(out, field,
              "The description of level %lld only repeats its name. Say how a second person "
              "recognises it.",
              level);
    else
        for (i64 i = 0; i < level - 1; i++)
            if (text_equal(texts[i], text)) {
                issue(out, field, "Levels %lld and %lld have the same description.", i + 1, level);
                return;
            }
}

/* A number like 0.25, in millionths; -1 when it is none. */
static i64 millionths(const char *text)
{
    i64 whole = 0, part = 0, scale = 1000000;
    const char *p = text;

    if (*p < '0' || *p > '9')
        return -1;
    for (; *p >= '0' && *p <= '9' && whole < 1000000000000LL; p++)
        whole = whole * 10 + (*p - '0');
    if (*p == '.' || *p == ',')
        for (p++; *p >= '0' && *p <= '9' && scale > 1; p++) {
            scale /= 10;
            part += (*p - '0') * scale;
        }
    return *p || whole >= 1000000000000LL ? -1 : whole * 1000000 + part;
}

static void check_rising(struct issues *out, const char *format, const char *const *upto,
                         i64 levels)
{
    i64 before = -1;

    for (i64 i = 0; i < levels - 1; i++) {
        const char *field = at(out, format, i + 1);
        i64 n;

        if (text_empty(upto[i]))
            continue;
        n = millionths(upto[i]);
        if (n < 0)
            issue(out, field, "“%.30s” is not a number. Write it like 0.5 or 250000.", upto[i]);
        else if (n <= before)
            issue(out, field, "The upper end must be above that of the level before.");
        else
            before = n;
    }
}

static void check_count(struct issues *out, const char *field, i64 n)
{
    if (n < 2 || n > METHOD_LEVELS_MOST)
        issue(out, field, "A scale has 2 to %d levels; this one has %lld.", METHOD_LEVELS_MOST, n);
}

static void check_likelihood(const struct scales *s, struct issues *out)
{
    check_count(out, "likelihoods", s->likelihoods);
    for (i64 l = 1; l <= s->likelihoods; l++) {
        check_label(out, at(out, "l.#.label", l), s->likelihood[l - 1]);
        check_descriptor(out, at(out, "l.#.text", l), s->likelihood_text, l, s->likelihood[l - 1]);
    }
    check_rising(out, "l.#.upto", s->likelihood_upto, s->likelihoods);
}

/* Risks name the axis by it: "a=4,people=2". */
static bool code_valid(const char *code)
{
    size_t n = strspn(code, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

    return n && n <= 40 && !code[n];
}

static void check_axis(const struct scales *s, size_t k, struct issues *out)
{
    const struct scale_axis *x = &s->axes[k];
    const char *prefix = at(out, "a.#", (i64)k);

    check_label(out, arena_printf(out->arena, "%s.label", prefix), x->label);
    if (strchr(x->label, ':'))
        issue(out, arena_printf(out->arena, "%s.label", prefix), "Leave the colon out.");
    if (!code_valid(x->code))
        issue(out, arena_printf(out->arena, "%s.label", prefix),
              "The code of an axis is 1 to 40 letters, digits and hyphens; “%.60s” is none.",
              x->code);
    if (x->weight < 0 || x->weight > 100)
        issue(out, arena_printf(out->arena, "%s.weight", prefix), "A weight is 0 to 100.");
    if (x->never < 0 || x->never > s->impacts)
        issue(out, arena_printf(out->arena, "%s.never", prefix), "There is no such level.");
    if (!choice_find(scale_units, x->unit))
        issue(out, arena_printf(out->arena, "%s.unit", prefix),
              "The unit is “words”, “percent_revenue” or “amount”.");
    for (size_t o = 0; o < k; o++)
        if (text_equal(s->axes[o].code, x->code) || text_equal(s->axes[o].label, x->label))
            issue(out, arena_printf(out->arena, "%s.label", prefix), "Two axes are called “%.60s”.",
                  x->label);
    for (i64 i = 1; i <= s->impacts; i++)
        check_descriptor(out, arena_printf(out->arena, "%s.%lld.text", prefix, i), x->text, i,
                         s->impact[i - 1]);
    if (!text_equal(x->unit, "words"))
        check_rising(out, arena_printf(out->arena, "%s.#.upto", prefix), x->upto, s->impacts);
}

static void check_impact(const struct scales *s, struct issues *out)
{
    i64 weights = 0;

    check_count(out, "impacts", s->impacts);
    for (i64 i = 1; i <= s->impacts; i++)
        check_label(out, at(out, "i.#.label", i), s->impact[i - 1]);
    if (!s->naxes)
        issue(out, "axes", "At least one axis is needed along which an impact is judged.");
    for (size_t k = 0; k < s->naxes; k++) {
        check_axis(s, k, out);
        weights += s->axes[k].weight;
    }
    if (s->naxes && !weights)
        issue(out, "a.0.weight", "At least one axis needs a weight above 0.");
}

static void check_cells(const struct scales *s, struct issues *out)
{
    for (i64 l = 0; l < s->likelihoods; l++)
        for (i64 i = 0; i < s->impacts; i++) {
            const char *field = arena_printf(out->arena, "c.%lld.%lld", l + 1, i + 1);
            i64 score = s->cells[l][i];

            if (score < 1 || score > METHOD_SCORE_MOST)
                issue(out, field, "Likelihood %lld, impact %lld: a score is 1 to %d.", l + 1, i + 1,
                      METHOD_SCORE_MOST);
            else if ((l && score < s->cells[l - 1][i]) || (i && score < s->cells[l][i - 1]))
                issue(out, field,
                      "Likelihood %lld, impact %lld: the score %lld is lower than that of a "
                      "smaller risk. What is likelier or worse may not count less.",
                      l + 1, i + 1, score);
        }
}

static bool band_used(const struct scales *s, size_t band)
{
    for (i64 l = 0; l < s->likelihoods; l++)
        for (i64 i = 0; i < s->impacts; i++)
            if (scales_band(s, s->cells[l][i]) == band)
                return true;
    return false;
}

static void check_band(const struct scales *s, size_t b, struct issues *out)
{
    const struct scale_band *x = &s->bands[b];
    const char *name = arena_printf(out->arena, "b.%s.label", scale_bands[b]);

    check_label(out, name, x->label);
    if (text_empty(x->meaning) || text_empty(x->action))
        issue(out,
              arena_printf(out->arena, "b.%s.%s", scale_bands[b],
                           text_empty(x->meaning) ? "meaning" : "action"),
              "Say what “%.60s” means and what is done about such a risk.", x->label);
    if (text_length(x->meaning ? x->meaning : "") > BAND_TEXT_MOST ||
        text_length(x->action ? x->action : "") > BAND_TEXT_MOST)
        issue(out, name, "A text of this band is longer than %d characters. Shorten it.",
              BAND_TEXT_MOST);
    if (!issue_of(out, "matrix") && !band_used(s, b))
        issue(out, arena_printf(out->arena, "b.%s.upto", scale_bands[b]),
              "No cell of the matrix is in the band “%.60s”. Change its limit, or leave the band "
              "out.",
              x->label);
}

static void check_bands(const struct scales *s, struct issues *out)
{
    size_t used = 0, before = METHOD_BANDS;

    for (size_t b = 0; b < METHOD_BANDS; b++) {
        if (!s->bands[b].label)
            continue;
        used++;
        check_band(s, b, out);
        if (before < METHOD_BANDS && s->bands[b].upto <= s->bands[before].upto)
            issue(out, arena_printf(out->arena, "b.%s.upto", scale_bands[b]),
                  "The highest score of “%.60s” must be above that of “%.60s”.", s->bands[b].label,
                  s->bands[before].label);
        before = b;
    }
    if (used < 2)
        issue(out, "bands", "At least two bands are needed.");
}

static void check_map(const char *axis, const i64 *map, i64 before, i64 levels, struct issues *out)
{
    for (i64 i = 0; i < before; i++) {
        const char *field = arena_printf(out->arena, "m.%s.%lld", axis, i + 1);

        if (map[i] < 1 || map[i] > levels)
            issue(out, field, "Level %lld must become a level from 1 to %lld.", i + 1, levels);
        else if (i && map[i] < map[i - 1])
            issue(out, field,
                  "Level %lld may not become lower than what level %lld becomes: the order of "
                  "risks would turn round.",
                  i + 1, i);
    }
}

void scales_check(const struct scales *s, struct issues *out)
{
    check_likelihood(s, out);
    check_impact(s, out);
    if (s->likelihoods >= 1 && s->impacts >= 1) {
        check_cells(s, out);
        check_bands(s, out);
    }
    check_map("likelihood", s->map_likelihood, s->before_likelihoods, s->likelihoods, out);
    check_map("impact", s->map_impact, s->before_impacts, s->impacts, out);
}
