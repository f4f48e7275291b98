/* SPDX-License-Identifier: Apache-2.0 */
/* Scales as a struct, as JSON and out of the rows of versions that were made before there was JSON.
 */
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "base/words.h"
#include "feature/method/method_part.h"

const char *const scale_bands[METHOD_BANDS] = {"low", "medium", "high", "critical"};
const char *const scale_tones[METHOD_BANDS] = {"green", "yellow", "orange", "red"};
const struct choice scale_units[] = {
    {"words",           N_("Words only"), NULL},
    {"percent_revenue",             N_("Percent of yearly revenue"), NULL},
    {"amount", N_("Amount of money"), NULL},
    {0            }
};

/* --- looking things up --- */

static size_t last_band(const struct scales *s)
{
    size_t last = 0;

    for (size_t b = 0; b < METHOD_BANDS; b++)
        if (s->bands[b].label)
            last = b;
    return last;
}

size_t scales_band(const struct scales *s, i64 score)
{
    size_t last = last_band(s);

    for (size_t b = 0; b < last; b++)
        if (s->bands[b].label && score <= s->bands[b].upto)
            return b;
    return last;
}

i64 scales_highest(const struct scales *s)
{
    return s->cells[s->likelihoods - 1][s->impacts - 1];
}

const char *scales_impact_text(struct arena *a, const struct scales *s, i64 level)
{
    struct buf b;

    buf_init(&b, a, 1024);
    for (size_t k = 0; k < s->naxes; k++) {
        const struct scale_axis *x = &s->axes[k];
        const char *text = x->text[level - 1];

        if (!text_empty(text))
            buf_printf(&b, "%s%s: %s", b.size ? "\n" : "", x->label, text);
    }
    return b.data;
}

static const char *between(struct arena *a, const char *low, const char *high, const char *unit)
{
    if (text_empty(low) && text_empty(high))
        return "";
    if (text_empty(low))
        return arena_printf(a, tr("up to %s %s"), high, unit);
    if (text_empty(high))
        return arena_printf(a, tr("more than %s %s"), low, unit);
    return arena_printf(a, tr("more than %s, up to %s %s"), low, high, unit);
}

const char *scales_bounds(struct arena *a, const struct scale_axis *axis, i64 levels, i64 level)
{
    const char *unit =
        text_equal(axis->unit, "percent_revenue") ? tr("percent of yearly revenue") : "";

    if (text_equal(axis->unit, "words"))
        return "";
    return between(a, level > 1 ? axis->upto[level - 2] : NULL,
                   level < levels ? axis->upto[level - 1] : NULL, unit);
}

const char *scales_times(struct arena *a, const struct scales *s, i64 level)
{
    return between(a, level > 1 ? s->likelihood_upto[level - 2] : NULL,
                   level < s->likelihoods ? s->likelihood_upto[level - 1] : NULL,
                   tr("times a year"));
}

void scales_even_map(struct scales *s, i64 likelihoods, i64 impacts)
{
    s->before_likelihoods = likelihoods;
    s->before_impacts = impacts;
    for (i64 l = 0; l < likelihoods; l++)
        s->map_likelihood[l] =
            likelihoods < 2
                ? 1
                : (2 * l * (s->likelihoods - 1) + likelihoods - 1) / (2 * (likelihoods - 1)) + 1;
    for (i64 i = 0; i < impacts; i++)
        s->map_impact[i] =
            impacts < 2 ? 1 : (2 * i * (s->impacts - 1) + impacts - 1) / (2 * (impacts - 1)) + 1;
}

/* --- JSON out --- */

static json_t *text_json(const char *text)
{
    return json_string(text ? text : "");
}

static json_t *axis_json(const struct scales *s, const struct scale_axis *x)
{
    json_t *o = json_object(), *texts = json_array(), *upto = json_array();

    json_object_set_new(o, "code", text_json(x->code));
    json_object_set_new(o, "label", text_json(x->label));
    json_object_set_new(o, "unit", text_json(x->unit));
    json_object_set_new(o, "weight", json_integer(x->weight));
    json_object_set_new(o, "never_from", json_integer(x->never));
    for (i64 i = 0; i < s->impacts; i++) {
        json_array_append_new(texts, text_json(x->text[i]));
        json_array_append_new(upto, text_json(x->upto[i]));
    }
    json_object_set_new(o, "levels", texts);
    json_object_set_new(o, "upto", upto);
    return o;
}

static json_t *likelihood_json(const struct scales *s)
{
    json_t *list = json_array();

    for (i64 l = 0; l < s->likelihoods; l++) {
        json_t *o = json_object();

        json_object_set_new(o, "label", text_json(s->likelihood[l]));
        json_object_set_new(o, "text", text_json(s->likelihood_text[l]));
        json_object_set_new(o, "upto", text_json(s->likelihood_upto[l]));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *bands_json(const struct scales *s)
{
    json_t *list = json_array();

    for (size_t b = 0; b < METHOD_BANDS; b++) {
        json_t *o;

        if (!s->bands[b].label)
            continue;
        o = json_object();
        json_object_set_new(o, "code", json_string(scale_bands[b]));
        json_object_set_new(o, "label", text_json(s->bands[b].label));
        json_object_set_new(o, "upto", json_integer(s->bands[b].upto));
        json_object_set_new(o, "meaning", text_json(s->bands[b].meaning));
        json_object_set_new(o, "action", text_json(s->bands[b].action));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *numbers_json(const i64 *list, i64 count)
{
    json_t *out = json_array();

    for (i64 i = 0; i < count; i++)
        json_array_append_new(out, json_integer(list[i]));
    return out;
}

json_t *scales_json(const struct scales *s)
{
    json_t *o = json_object(), *impact = json_array(), *axes = json_array(), *cells = json_array();

    for (i64 i = 0; i < s->impacts; i++)
        json_array_append_new(impact, text_json(s->impact[i]));
    for (size_t k = 0; k < s->naxes; k++)
        json_array_append_new(axes, axis_json(s, &s->axes[k]));
    for (i64 l = 0; l < s->likelihoods; l++)
        json_array_append_new(cells, numbers_json(s->cells[l], s->impacts));
    json_object_set_new(o, "likelihood", likelihood_json(s));
    json_object_set_new(o, "impact", impact);
    json_object_set_new(o, "axes", axes);
    json_object_set_new(o, "bands", bands_json(s));
    json_object_set_new(o, "matrix", cells);
    if (s->before_likelihoods) {
        json_t *map = json_object();

        json_object_set_new(map, "likelihood",
                            numbers_json(s->map_likelihood, s->before_likelihoods));
        json_object_set_new(map, "impact", numbers_json(s->map_impact, s->before_impacts));
        json_object_set_new(o, "map", map);
    }
    return o;
}

const char *scales_text(struct arena *a, const struct scales *s)
{
    return json_sorted(a, json_own(a, scales_json(s)));
}

/* --- JSON in --- */

struct reading {
    struct arena *a;
    struct issues *out;
};

static const char *read_text(struct reading *r, const json_t *o, const char *name,
                             const char *where)
{
    const json_t *value = json_object_get(o, name);

    if (!value || json_is_null(value))
        return "";
    if (!json_is_string(value) ||
        !text_valid(json_string_value(value), strlen(json_string_value(value)))) {
        issue(r->out, where, "“%s” must be a text.", name);
        return "";
    }
    return text_trim(r->a, json_string_value(value));
}

static i64 read_num(struct reading *r, const json_t *value, const char *where, i64 otherwise)
{
    if (!value || json_is_null(value))
        return otherwise;
    if (!json_is_integer(value) || json_integer_value(value) < 0 ||
        json_integer_value(value) > 1000000) {
        issue(r->out, where, "This must be a whole number from 0 to 1,000,000.");
        return otherwise;
    }
    return json_integer_value(value);
}

/* The number of entries of a list, at most `most`; an issue when it is no list or longer. */
static size_t list_size(struct reading *r, const json_t *list, const char *where, size_t most)
{
    size_t n = json_array_size(list);

    if (json_is_array(list) && n <= most)
        return n;
    issue(r->out, where, "“%s” must be a list of at most %zu entries.", where, most);
    return 0;
}

static void read_likelihood(struct reading *r, const json_t *root, struct scales *s)
{
    const json_t *list = json_object_get(root, "likelihood");

    s->likelihoods = (i64)list_size(r, list, "likelihood", METHOD_LEVELS_MOST);
    for (i64 l = 0; l < s->likelihoods; l++) {
        const json_t *o = json_array_get(list, (size_t)l);

        s->likelihood[l] = read_text(r, o, "label", "likelihood");
        s->likelihood_text[l] = read_text(r, o, "text", "likelihood");
        s->likelihood_upto[l] = read_text(r, o, "upto", "likelihood");
    }
}

static const char *entry_text(struct reading *r, const json_t *list, i64 i)
{
    const char *text = json_string_value(json_array_get(list, (size_t)i));

    return text && text_valid(text, strlen(text)) ? text_trim(r->a, text) : "";
}

static void read_axes(struct reading *r, const json_t *root, struct scales *s)
{
    const json_t *list = json_object_get(root, "impact"), *axes = json_object_get(root, "axes");

    s->impacts = (i64)list_size(r, list, "impact", METHOD_LEVELS_MOST);
    for (i64 i = 0; i < s->impacts; i++)
        s->impact[i] = entry_text(r, list, i);
    s->naxes = list_size(r, axes, "axes", METHOD_AXES_MOST);
    for (size_t k = 0; k < s->naxes; k++) {
        const json_t *o = json_array_get(axes, k);
        struct scale_axis *x = &s->axes[k];

        x->label = read_text(r, o, "label", "axes");
        x->code = read_text(r, o, "code", "axes");
        if (!*x->code)
            x->code = text_slug(r->a, x->label);
        x->unit = read_text(r, o, "unit", "axes");
        if (!*x->unit)
            x->unit = "words";
        x->weight = read_num(r, json_object_get(o, "weight"), "axes", 1);
        x->never = read_num(r, json_object_get(o, "never_from"), "axes", 0);
        for (i64 i = 0; i < s->impacts; i++) {
            x->text[i] = entry_text(r, json_object_get(o, "levels"), i);
            x->upto[i] = entry_text(r, json_object_get(o, "upto"), i);
        }
    }
}

static void read_bands(struct reading *r, const json_t *root, struct scales *s)
{
    const json_t *list = json_object_get(root, "bands");
    size_t n = list_size(r, list, "bands", METHOD_BANDS);

    for (size_t k = 0; k < n; k++) {
        const json_t *o = json_array_get(list, k);
        const char *code = read_text(r, o, "code", "bands");
        size_t b = 0;

        while (b < METHOD_BANDS && !text_equal(code, scale_bands[b]))
            b++;
        if (b == METHOD_BANDS) {
            issue(r->out, "bands",
                  "The code of a band is “low”, “medium”, “high” or “critical”; its label is "
                  "free.");
            continue;
        }
        s->bands[b] = (struct scale_band){
            .label = read_text(r, o, "label", "bands"),
            .upto = read_num(r, json_object_get(o, "upto"), "bands", METHOD_SCORE_MOST),
            .meaning = read_text(r, o, "meaning", "bands"),
            .action = read_text(r, o, "action", "bands")};
    }
}

static void read_matrix(struct reading *r, const json_t *root, struct scales *s)
{
    const json_t *rows = json_object_get(root, "matrix");

    if (json_array_size(rows) != (size_t)s->likelihoods) {
        issue(r->out, "matrix", "“matrix” must have one row for each level of likelihood.");
        return;
    }
    for (i64 l = 0; l < s->likelihoods; l++) {
        const json_t *row = json_array_get(rows, (size_t)l);

        if (json_array_size(row) != (size_t)s->impacts) {
            issue(r->out, "matrix",
                  "Row %lld of “matrix” must have one score for each level of "
                  "impact.",
                  l + 1);
            return;
        }
        for (i64 i = 0; i < s->impacts; i++)
            s->cells[l][i] = read_num(r, json_array_get(row, (size_t)i), "matrix", 0);
    }
}

static i64 read_map(struct reading *r, const json_t *list, i64 *map)
{
    i64 n = (i64)list_size(r, list, "map", METHOD_LEVELS_MOST);

    for (i64 i = 0; i < n; i++)
        map[i] = read_num(r, json_array_get(list, (size_t)i), "map", 0);
    return n;
}

void scales_read(struct arena *a, const json_t *value, struct scales *out, struct issues *issues)
{
    struct reading r = {a, issues};
    const json_t *map = json_object_get(value, "map");

    memset(out, 0, sizeof(*out));
    if (!json_is_object(value)) {
        issue(issues, "", "The scales must be a JSON object.");
        return;
    }
    read_likelihood(&r, value, out);
    read_axes(&r, value, out);
    read_bands(&r, value, out);
    if (out->likelihoods && out->impacts)
        read_matrix(&r, value, out);
    if (json_is_object(map)) {
        out->before_likelihoods =
            read_map(&r, json_object_get(map, "likelihood"), out->map_likelihood);
        out->before_impacts = read_map(&r, json_object_get(map, "impact"), out->map_impact);
    }
}

/* --- out of rows --- */

/* "Finance: 0.5 to 2 %" at `line` of a descriptor gives an axis and its text. */
static void split_impact(struct arena *a, struct scales *s, i64 level, const char *descriptor)
{
    char **lines;
    size_t n = text_split(a, descriptor, '\n', &lines);

    for (size_t k = 0; k < n && k < METHOD_AXES_MOST; k++) {
        const char *colon = strstr(lines[k], ": ");
        struct scale_axis *x = &s->axes[k];

        if (!x->label) {
            x->label = colon ? arena_strn(a, lines[k], (size_t)(colon - lines[k])) : "Impact";
            x->code = text_slug(a, x->label);
            x->unit = "words";
            x->weight = 1;
            s->naxes = k + 1;
        }
        x->text[level - 1] = colon ? colon + 2 : lines[k];
    }
}

static struct err *rows_of_levels(struct web *w, const struct method *m, struct scales *s)
{
    struct method_level *list;
    size_t n;

    TRY(method_levels(w, m->id, "likelihood", &list, &n));
    s->likelihoods = (i64)(n > METHOD_LEVELS_MOST ? METHOD_LEVELS_MOST : n);
    for (i64 l = 0; l < s->likelihoods; l++) {
        s->likelihood[l] = list[l].label;
        s->likelihood_text[l] = list[l].descriptor;
        s->likelihood_upto[l] = "";
    }
    TRY(method_levels(w, m->id, "impact", &list, &n));
    s->impacts = (i64)(n > METHOD_LEVELS_MOST ? METHOD_LEVELS_MOST : n);
    for (i64 i = 0; i < s->impacts; i++) {
        s->impact[i] = list[i].label;
        split_impact(w->arena, s, i + 1, list[i].descriptor);
    }
    for (size_t k = 0; k < s->naxes; k++)
        for (i64 i = 0; i < s->impacts; i++) {
            s->axes[k].upto[i] = "";
            if (!s->axes[k].text[i])
                s->axes[k].text[i] = "";
        }
    return NULL;
}

static struct err *scales_from_rows(struct web *w, const struct method *m, struct scales *s)
{
    struct method_band *bands;
    struct rows *r;
    size_t n;

    memset(s, 0, sizeof(*s));
    TRY(rows_of_levels(w, m, s));
    TRY(method_bands(w, m->id, &bands, &n));
    for (size_t k = 0; k < n; k++)
        for (size_t b = 0; b < METHOD_BANDS; b++)
            if (text_equal(bands[k].band, scale_bands[b]))
                s->bands[b] = (struct scale_band){.label = bands[k].label,
                                                  .meaning = bands[k].meaning,
                                                  .action = bands[k].action,
                                                  .upto = bands[k].highest};
    TRY(db_query(w->db, &r,
                 "select likelihood, impact, score from method_cell where org_id = $1"
                 " and method = $2",
                 num(w->org), num(m->id)));
    while (row_next(r))
        if (row_num(r, 0) >= 1 && row_num(r, 0) <= s->likelihoods && row_num(r, 1) >= 1 &&
            row_num(r, 1) <= s->impacts)
            s->cells[row_num(r, 0) - 1][row_num(r, 1) - 1] = row_num(r, 2);
    return NULL;
}

struct err *scales_load(struct web *w, const struct method *m, struct scales *out)
{
    struct issues issues = {.arena = w->arena};
    json_t *value;

    if (text_empty(m->scales))
        return scales_from_rows(w, m, out);
    TRY(json_parse(w->arena, m->scales, strlen(m->scales), &value));
    scales_read(w->arena, value, out, &issues);
    if (issues.count || out->likelihoods < 1 || out->impacts < 1)
        return err_detail(err_new(ERR_FAULT, "The scales of M-%lld cannot be read.", m->number),
                          "%s", issues.count ? issues.list[0].text : "no levels");
    return NULL;
}

/* --- readers --- */

/* The lines of a descriptor as content/ has it, in the reader's language, back to the axes. */
static void translate_impact(struct arena *a, struct scales *s, i64 level)
{
    const char *english = scales_impact_text(a, s, level), *own = tr(english);
    char **lines;
    size_t n;

    if (own == english)
        return;
    n = text_split(a, own, '\n', &lines);
    for (size_t k = 0; k < n && k < s->naxes; k++) {
        const char *colon = strstr(lines[k], ": ");

        if (colon)
            s->axes[k].text[level - 1] = colon + 2;
    }
}

static const char *own(const char *text)
{
    return text_empty(text) ? text : tr(text);
}

void scales_translate(struct arena *a, struct scales *s)
{
    for (i64 i = 1; i <= s->impacts; i++)
        translate_impact(a, s, i);
    for (i64 i = 0; i < s->impacts; i++)
        s->impact[i] = own(s->impact[i]);
    for (i64 l = 0; l < s->likelihoods; l++) {
        s->likelihood[l] = own(s->likelihood[l]);
        s->likelihood_text[l] = own(s->likelihood_text[l]);
    }
    for (size_t k = 0; k < s->naxes; k++)
        s->axes[k].label = own(s->axes[k].label);
    for (size_t b = 0; b < METHOD_BANDS; b++) {
        s->bands[b].label = own(s->bands[b].label);
        s->bands[b].meaning = own(s->bands[b].meaning);
        s->bands[b].action = own(s->bands[b].action);
    }
}

/* --- for people --- */

/* The first sentence of a descriptor, "" when it is a list of axes (one line each). */
static const char *short_words(struct arena *a, const char *descriptor)
{
    const char *end = descriptor;

    if (strchr(descriptor, '\n'))
        return "";
    while (*end && !(*end == '.' && (end[1] == ' ' || !end[1])))
        end++;
    return arena_strn(a, descriptor, (size_t)(end - descriptor));
}

const char *method_level_words(struct arena *a, const struct method_level *l)
{
    const char *more = short_words(a, tr(l->descriptor));

    return arena_printf(a, "%lld — %s%s%s", l->level, tr(l->label), *more ? ": " : "", more);
}
