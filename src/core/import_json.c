/* SPDX-License-Identifier: Apache-2.0 */
/* JSON to import: a list of objects, a list inside an object ({"issues": [...]}), or one object a
 * line. Objects are read one by one, so a large file needs the memory of one. Depth and size of an
 * object are looked at before it is parsed. Objects inside objects become columns "owner.name". */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/import_source.h"

#define DEPTH_MOST 40
#define ELEMENT_MOST ((size_t)1 << 20)
#define FLAT_DEPTH 4

static const char *skip_space(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
        p++;
    return p;
}

static i64 line_at(const struct source *s, const char *at)
{
    i64 line = 1;

    for (const char *p = s->data; p < at; p++)
        line += *p == '\n';
    return line;
}

static struct err *json_wrong(const struct source *s, const char *at, const char *what)
{
    return err_new(ERR_BAD, "Line %lld of “%.100s”: %s", line_at(s, at), s->name, what);
}

/* --- where values end --- */

/* Behind the string that starts at `p`; `end` when it is not closed. */
static const char *string_end(const char *p, const char *end)
{
    for (p++; p < end; p++) {
        if (*p == '\\')
            p++;
        else if (*p == '"')
            return p + 1;
    }
    return end;
}

/* Behind the value at `p`, by its brackets only: whether it is JSON is found out when it is parsed.
 * ERR_BAD when it is nested too deeply or never closed. */
static struct err *value_end(const struct source *s, const char *p, const char **out)
{
    const char *end = s->data + s->size, *start = p;
    int depth = 0;

    while (p < end) {
        if (*p == '"') {
            p = string_end(p, end);
        } else {
            depth += *p == '{' || *p == '[';
            depth -= *p == '}' || *p == ']';
            if (depth > DEPTH_MOST)
                return json_wrong(s, p, tr("The JSON is nested more than 40 levels deep."));
            if (depth == 0 && (*p == ',' || *p == ']' || *p == '}')) {
                *out = *p == ',' ? p : p + 1;
                return NULL;
            }
            if (depth < 0) {
                *out = p;
                return NULL;
            }
            p++;
        }
        if (depth == 0 && p > start && (*start == '"'))
            break;
    }
    if (depth > 0)
        return json_wrong(s, start, tr("What begins here is never closed."));
    *out = p < end ? p : end;
    return NULL;
}

/* --- what kind of list it is --- */

enum shape { SHAPE_LIST, SHAPE_MEMBER, SHAPE_LINES };
struct walk {
    struct source *source;
    enum shape shape;
    const char *first; /* behind the opening bracket of the list, or the first object */
};

bool source_looks_like_json(const struct source *s)
{
    const char *end = s->data + s->size, *p = skip_space(s->data, end), *next;

    if (p < end && *p == '{')
        return true;
    if (p >= end || *p != '[')
        return false;
    next = skip_space(p + 1, end);
    return next >= end || strchr("{]\"[-0123456789tfn", *next);
}

/* The first member of the object at `p` that is a list of objects. */
static const char *find_list(const struct source *s, const char *p)
{
    const char *end = s->data + s->size, *next;

    for (p = skip_space(p + 1, end); p < end && *p == '"';) {
        p = skip_space(string_end(p, end), end);
        if (p >= end || *p != ':')
            return NULL;
        p = skip_space(p + 1, end);
        if (p < end && *p == '[') {
            const char *inside = skip_space(p + 1, end);

            if (inside < end && (*inside == '{' || *inside == ']'))
                return p;
        }
        if (value_end(s, p, &next))
            return NULL;
        p = skip_space(next, end);
        if (p < end && *p == ',')
            p = skip_space(p + 1, end);
    }
    return NULL;
}

static struct err *find_shape(struct source *s, struct walk *w)
{
    const char *end = s->data + s->size, *p = skip_space(s->data, end), *close, *list;

    *w = (struct walk){.source = s, .shape = SHAPE_LIST, .first = p + 1};
    if (*p == '[')
        return NULL;
    w->shape = SHAPE_LINES;
    w->first = p;
    TRY(value_end(s, p, &close));
    list = skip_space(close, end) == end ? find_list(s, p) : NULL;
    if (list) {
        w->shape = SHAPE_MEMBER;
        w->first = list + 1;
    }
    return NULL;
}

/* --- one object after the other --- */

static struct err *parse_element(struct arena *a, const struct source *s, const char *p,
                                 const char **next, json_t **out)
{
    json_error_t problem;
    json_t *value;

    if (*p != '{')
        return json_wrong(s, p, tr("Each element of the list must be an object: {\"name\": ...}."));
    TRY(value_end(s, p, next));
    if ((size_t)(*next - p) > ELEMENT_MOST)
        return json_wrong(s, p, tr("The object that begins here is larger than 1 MB."));
    value = json_loadb(p, (size_t)(*next - p), JSON_REJECT_DUPLICATES, &problem);
    if (!value)
        return err_new(ERR_BAD, "Line %lld of “%.100s”: the JSON is not valid: %.150s.",
                       line_at(s, p) + (problem.line > 0 ? problem.line - 1 : 0), s->name,
                       problem.text);
    *out = json_own(a, value);
    return NULL;
}

/* What follows an object of a list: a comma and another one, or the end. */
static struct err *after_element(const struct walk *w, const char **p)
{
    const struct source *s = w->source;
    const char *end = s->data + s->size;

    *p = skip_space(*p, end);
    if (w->shape == SHAPE_LINES) {
        if (*p < end && **p == ',')
            return json_wrong(s, *p,
                              tr("Objects that stand line by line need no comma between "
                                 "them. Put the list in brackets: [ ... ]."));
        return NULL;
    }
    if (*p >= end || (**p != ',' && **p != ']'))
        return json_wrong(s, *p, tr("A comma or the end of the list is missing here."));
    if (**p == ']')
        return NULL;
    *p = skip_space(*p + 1, end);
    if (*p >= end || **p != '{')
        return json_wrong(s, *p, tr("After a comma another object must follow."));
    return NULL;
}

static struct err *list_end(const struct walk *w, const char *p)
{
    const struct source *s = w->source;
    const char *end = s->data + s->size;

    if (w->shape == SHAPE_LINES)
        return NULL;
    if (p >= end)
        return json_wrong(s, p, tr("The list is not closed."));
    if (w->shape == SHAPE_LIST && skip_space(p + 1, end) != end)
        return json_wrong(s, p, tr("There is something after the end of the list."));
    return NULL;
}

static struct err *walk_objects(struct source *s,
                                struct err *(*each)(void *ctx, struct arena *a, json_t *object),
                                void *ctx)
{
    struct arena *own = arena_new((size_t)64 << 20);
    const char *end = s->data + s->size, *p = NULL;
    struct err *failed;
    struct walk w;
    i64 n = 0;

    failed = find_shape(s, &w);
    if (!failed)
        p = skip_space(w.first, end);
    while (!failed && p < end && (w.shape == SHAPE_LINES || *p != ']')) {
        json_t *object = NULL;

        failed = parse_element(own, s, p, &p, &object);
        if (!failed && ++n > IMPORT_ROWS)
            failed = err_new(ERR_LIMIT,
                             "“%.100s” has more than %lld objects, which is the most that one "
                             "import takes. Split it.",
                             s->name, IMPORT_ROWS);
        if (!failed)
            failed = each(ctx, own, object);
        if (!failed)
            failed = after_element(&w, &p);
        arena_reset(own);
    }
    if (!failed)
        failed = list_end(&w, p);
    arena_free(own);
    return failed;
}

/* --- objects as columns --- */

/* A cell as a person would write it; NULL for what is no cell. */
static const char *cell_text(struct arena *a, const json_t *value)
{
    const char *text;

    if (json_is_boolean(value))
        return json_is_true(value) ? "yes" : "no";
    if (json_is_array(value) ? !json_list_text(a, value, &text)
                             : !json_scalar_text(a, value, &text))
        return NULL;
    return text ? text : "";
}

struct flattening {
    struct arena *arena;
    /* `text` is NULL for what is nested too deeply. */
    struct err *(*each)(struct flattening *f, const char *name, const char *text, bool quoted);
    void *ctx;
};

struct level {
    const char *prefix;
    int depth;
};

/* JSON can hold control characters, other text here cannot. */
static const char *clean(struct arena *a, const char *text)
{
    char *copy;
    struct buf b;

    if (text_valid(text, strlen(text)))
        return text;
    copy = arena_str(a, text);
    buf_init(&b, a, strlen(text) + 16);
    for (char *p = copy; *p; p++) {
        if (((unsigned char)*p < 0x20 && !strchr("\n\t\r", *p)) || *p == 0x7F)
            buf_str(&b, "\xEF\xBF\xBD");
        else
            buf_char(&b, *p);
    }
    return text_valid(b.data, b.size) ? b.data : "\xEF\xBF\xBD";
}

static struct err *flatten(struct flattening *f, json_t *object, struct level at)
{
    const char *key;
    json_t *value;

    json_object_foreach(object, key, value)
    {
        const char *name = clean(f->arena, key), *text;

        if (*at.prefix)
            name = arena_printf(f->arena, "%s.%s", at.prefix, name);
        if (json_is_object(value) && at.depth < FLAT_DEPTH) {
            TRY(flatten(f, value, (struct level){name, at.depth + 1}));
            continue;
        }
        text = cell_text(f->arena, value);
        TRY(f->each(f, name, text ? clean(f->arena, text) : NULL, json_is_string(value)));
    }
    return NULL;
}

static size_t column_of(const struct source *s, const char *name)
{
    size_t i = 0;

    while (i < s->ncolumns && !text_equal(s->columns[i], name))
        i++;
    return i;
}

static struct err *learn_member(struct flattening *f, const char *name, const char *text,
                                bool quoted)
{
    struct source *s = f->ctx;
    size_t i = column_of(s, name);

    (void)quoted;
    if (i == s->ncolumns) {
        if (i == IMPORT_COLUMNS)
            return err_new(ERR_LIMIT,
                           "The objects of “%.100s” have more than %d members, and at most that "
                           "many are read. Leave out what is not needed.",
                           s->name, IMPORT_COLUMNS);
        s->columns[s->ncolumns++] = arena_str(s->arena, name);
        if (strchr(name, '.'))
            source_note(s, tr("“%s” stands inside another object and is read as a column."), name);
        if (!text)
            source_note(s, tr("“%s” holds objects or lists within a list, which cannot be read."),
                        name);
    }
    if (!text_empty(text))
        source_profile(s, i, text);
    return NULL;
}

static struct err *learn_object(void *ctx, struct arena *a, json_t *object)
{
    struct source *s = ctx;
    struct flattening f = {a, learn_member, s};

    s->rows++;
    return flatten(&f, object, (struct level){"", 0});
}

struct err *source_json_columns(struct source *s)
{
    TRY(walk_objects(s, learn_object, s));
    if (!s->ncolumns)
        return err_new(ERR_BAD, "There are no rows in “%.100s”.", s->name);
    return NULL;
}

/* --- rows --- */

struct cells {
    struct source *source;
    const char *cell[IMPORT_COLUMNS], *bad[IMPORT_COLUMNS];
    bool text[IMPORT_COLUMNS];
    i64 count;
    struct err *(*each)(void *ctx, const struct source_row *r);
    void *ctx;
};

static struct err *set_member(struct flattening *f, const char *name, const char *text, bool quoted)
{
    struct cells *c = f->ctx;
    size_t i = column_of(c->source, name);

    if (i == c->source->ncolumns)
        return NULL;
    c->cell[i] = text ? text : "";
    c->text[i] = quoted;
    c->bad[i] = text ? source_bad_text(text)
                     : tr("The value must be a text, a number, true, false, null or a list of "
                          "those.");
    return NULL;
}

static struct err *one_object(void *ctx, struct arena *a, json_t *object)
{
    struct cells *c = ctx;
    struct flattening f = {a, set_member, c};
    struct source_row row = {.row = ++c->count, .cell = c->cell, .bad = c->bad, .text = c->text};

    memset(c->cell, 0, c->source->ncolumns * sizeof(c->cell[0]));
    memset(c->bad, 0, c->source->ncolumns * sizeof(c->bad[0]));
    TRY(flatten(&f, object, (struct level){"", 0}));
    return c->each(c->ctx, &row);
}

struct err *source_json_each(struct source *s,
                             struct err *(*each)(void *ctx, const struct source_row *r), void *ctx)
{
    struct arena *own = arena_new(0);
    struct cells *c = NEW(own, struct cells);
    struct err *failed;

    c->source = s;
    c->each = each;
    c->ctx = ctx;
    failed = walk_objects(s, one_object, c);
    arena_free(own);
    return failed;
}
