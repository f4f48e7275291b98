/* SPDX-License-Identifier: Apache-2.0 */
/* What an address asks a list for: filters, sort, columns, place. Every value is checked here, so
 * that what follows can trust it. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/entity_sql.h"
#include "core/list_dates.h"
#include "core/list_part.h"
#include "core/view.h"

#define LIMIT_DEFAULT 50
#define Q_MOST 200
#define VALUES_MOST 30 /* of one filter */
#define ALL_VALUES 150

/* Parameters that are for somebody else: flash message, date, export, open menu, undo. */
static const char *const foreign[] = {"m",    "asof",   "format", "facet", "undo", "panel",
                                      "fold", "fields", "tab",    "draft", "by"};

static bool one_of(const char *name, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count && list[i]; i++)
        if (text_equal(name, list[i]))
            return true;
    return false;
}

bool list_can_filter(const struct field *f)
{
    return !f->secret;
}

bool list_is_range(const struct field *f)
{
    return f->kind == FIELD_INT || f->kind == FIELD_MONEY || f->kind == FIELD_LEVEL ||
           f->kind == FIELD_DATE || f->kind == FIELD_TIME;
}

bool list_is_words(const struct field *f)
{
    return f->kind == FIELD_TEXT || f->kind == FIELD_LONG || f->kind == FIELD_EMAIL;
}

bool list_can_group(const struct field *f)
{
    return !f->secret &&
           (f->kind == FIELD_CHOICE || f->kind == FIELD_CODE || f->kind == FIELD_REF ||
            f->kind == FIELD_BOOL || f->kind == FIELD_LEVEL || f->kind == FIELD_RECORD);
}

bool list_is_person(const struct field *f)
{
    return (f->kind == FIELD_REF || f->kind == FIELD_REFS) && f->ref &&
           text_equal(f->ref->name, "person");
}

size_t list_mine(const struct entity *e, const struct field *out[LIST_COLUMNS])
{
    size_t n = 0;

    for (size_t i = 0; i < e->nfields && n < LIST_COLUMNS; i++)
        if (e->fields[i].concerns && e->fields[i].kind == FIELD_REF)
            out[n++] = &e->fields[i];
    for (size_t i = 0; n == 0 && i < e->nfields; i++)
        if (list_is_person(&e->fields[i]) && e->fields[i].kind == FIELD_REF)
            out[n++] = &e->fields[i];
    return n;
}

static const char *allowed_names(struct web *w, const struct entity *e, const char *const *own)
{
    struct buf b;

    buf_init(&b, w->arena, 256);
    buf_str(&b, "q, mine, sort, group, cols, view, after, limit");
    for (size_t i = 0; own && own[i]; i++)
        buf_printf(&b, ", %s", own[i]);
    for (size_t i = 0; i < e->nfields; i++)
        if (list_can_filter(&e->fields[i]))
            buf_printf(&b, ", %s", e->fields[i].name);
    return b.data;
}

static const char *names_of(struct web *w, const struct entity *e,
                            bool (*fits)(const struct field *))
{
    struct buf b;

    buf_init(&b, w->arena, 256);
    for (size_t i = 0; i < e->nfields; i++)
        if (fits(&e->fields[i]))
            buf_printf(&b, "%s%s", b.size ? ", " : "", e->fields[i].name);
    return b.data;
}

bool list_sorts(const struct entity *e, const struct field *f)
{
    bool one_value = f->kind != FIELD_LONG && f->kind != FIELD_SET && f->kind != FIELD_REFS &&
                     f->kind != FIELD_RECORD;

    return f->sortable || (e->few && one_value && !f->secret);
}

/* The names that may stand after "sort=". */
static const char *sort_names(struct web *w, const struct entity *e)
{
    struct buf b;

    buf_init(&b, w->arena, 256);
    buf_str(&b, "number");
    for (size_t i = 0; i < e->nfields; i++)
        if (list_sorts(e, &e->fields[i]))
            buf_printf(&b, ", %s", e->fields[i].name);
    return b.data;
}

static struct err *parse_sort(struct web *w, const char *text, struct list_query *out)
{
    const struct field *f;

    out->descending = text[0] == '-';
    text += out->descending;
    out->sort = NULL;
    if (text_equal(text, "number"))
        return NULL;
    f = entity_field(out->entity, text);
    if (!f || !list_sorts(out->entity, f))
        return err_new(ERR_BAD, "The list of %s cannot be sorted by “%.40s”. Use one of: %s.",
                       out->entity->labels, text, sort_names(w, out->entity));
    out->sort = f;
    return NULL;
}

/* --- one value --- */

static struct err *bad_value(const struct field *f, const char *text, const char *hint)
{
    return err_new(ERR_BAD, "“%.60s” is no value of the filter “%s”. %s", text, f->name, hint);
}

static struct err *parse_choice(struct web *w, const struct field *f, struct list_value *v)
{
    const struct choice *c = choice_find(f->choices, v->text);
    struct buf b;

    if (c) {
        v->num = 1LL << (c - f->choices);
        return NULL;
    }
    buf_init(&b, w->arena, 128);
    for (size_t i = 0; f->choices[i].code; i++)
        buf_printf(&b, "%s, ", f->choices[i].code);
    return bad_value(f, v->text, arena_printf(w->arena, tr("Use one of: %snone."), b.data));
}

static struct err *parse_reference(struct web *w, const struct field *f, struct list_value *v)
{
    struct err *e;

    if (text_equal(v->text, "me") && list_is_person(f) && w->person) {
        v->num = w->person;
        return NULL;
    }
    e = entity_find(w, f->ref, v->text, &v->num);
    if (e && (e->code == ERR_MISSING || e->code == ERR_CLASH))
        return bad_value(
            f, v->text,
            arena_printf(w->arena, tr("There is no %s with this number."), f->ref->label));
    return e;
}

static struct err *parse_record(struct web *w, const struct field *f, struct list_value *v)
{
    const struct entity *e;
    struct err *failed = record_find(w, v->text, &e, &v->num);

    if (failed && failed->code == ERR_MISSING)
        return bad_value(f, v->text, tr("There is no record with this number."));
    return failed;
}

static struct err *parse_bool(const struct field *f, struct list_value *v)
{
    bool yes = text_equal(v->text, "1") || text_equal(v->text, "yes");

    if (!yes && !text_equal(v->text, "0") && !text_equal(v->text, "no"))
        return bad_value(f, v->text, "Use 1 for yes or 0 for no.");
    v->num = yes;
    return NULL;
}

static struct err *parse_one(struct web *w, const struct field *f, struct list_value *v)
{
    switch (f->kind) {
    case FIELD_CHOICE:
    case FIELD_SET:
        return parse_choice(w, f, v);
    case FIELD_REF:
    case FIELD_REFS:
        return f->ref ? parse_reference(w, f, v) : parse_record(w, f, v);
    case FIELD_RECORD:
        return parse_record(w, f, v);
    case FIELD_BOOL:
        return parse_bool(f, v);
    case FIELD_INT:
    case FIELD_LEVEL:
        return text_i64(v->text, &v->num) ? NULL : bad_value(f, v->text, tr("Give a number."));
    case FIELD_MONEY:
        return money_read(v->text, &v->num)
                   ? NULL
                   : bad_value(f, v->text, tr("Give an amount like 1200 or 1200.50."));
    case FIELD_TEXT:
    case FIELD_LONG:
    case FIELD_EMAIL:
    case FIELD_CODE:
    case FIELD_DATE:
    case FIELD_TIME:
        break;
    }
    return text_length(v->text) <= Q_MOST ? NULL
                                          : bad_value(f, v->text, tr("The text is too long."));
}

/* --- several values --- */

/* Only what cannot hold a comma itself is split. */
static bool is_listed(const struct field *f)
{
    return f->kind != FIELD_MONEY && !list_is_words(f);
}

static bool word_is(const struct field *f, const char *text, const char *word)
{
    return text_equal(text, word) && !(f->choices && choice_find(f->choices, word));
}

static struct err *split_values(struct web *w, const struct list_filter *f, char ***parts,
                                size_t *count)
{
    struct list_value whole = {.text = f->text};

    /* "Smith, John" is one person, if there is one. */
    if (!is_listed(f->field) || !strchr(f->text, ',') ||
        (f->field->ref && !parse_reference(w, f->field, &whole))) {
        *parts = NEW_ARRAY(w->arena, char *, 1);
        **parts = arena_str(w->arena, f->text);
        *count = 1;
        return NULL;
    }
    *count = text_split(w->arena, f->text, ',', parts);
    if (*count > VALUES_MOST)
        return err_new(ERR_BAD, "At most %d values of “%s” can be asked for at once.", VALUES_MOST,
                       f->field->name);
    return NULL;
}

static struct err *parse_values(struct web *w, struct list_filter *f)
{
    struct list_value *list;
    bool without = false; /* "not,closed": all but these */
    size_t count;
    char **parts;

    TRY(split_values(w, f, &parts, &count));
    list = NEW_ARRAY(w->arena, struct list_value, count + 1);
    for (size_t i = 0; i < count; i++) {
        struct list_value *v = &list[f->nvalues];

        if (f->how == LIST_IS && word_is(f->field, parts[i], "none")) {
            f->or_empty = true;
            continue;
        }
        if (count > 1 && word_is(f->field, parts[i], "not")) {
            without = true;
            continue;
        }
        v->text = parts[i];
        TRY(parse_one(w, f->field, v));
        f->num = f->field->kind == FIELD_SET ? f->num | v->num : f->nvalues ? f->num : v->num;
        f->nvalues++;
    }
    if (!f->nvalues && !f->or_empty)
        return bad_value(f->field, f->text, tr("Name at least one value."));
    f->values = list;
    if (f->nvalues > 0)
        f->text = list[0].text;
    else if (f->or_empty)
        f->how = without ? LIST_FILLED : LIST_EMPTY;
    if (without && f->nvalues > 0 && f->how == LIST_IS)
        f->how = LIST_NOT;
    return NULL;
}

/* --- days --- */

static const char *today_of(const struct web *w)
{
    return w->asof_date ? w->asof_date : w->today;
}

/* The instant at which a day begins or ends. */
static bool instant(struct web *w, const char *date, bool begin, i64 *out)
{
    if (begin)
        date = date_add(w->arena, date, 0, -1);
    if (!date_end(date, w->zone, out))
        return false;
    *out += begin;
    return true;
}

static struct err *bad_date(const struct list_filter *f)
{
    return bad_value(
        f->field, f->text,
        tr("Give a date like 2026-03-01, or today, in-7-days, last-30-days, next-month, "
           "overdue."));
}

/* One day, as one end of a range or as the whole of it. */
static struct err *parse_day(struct web *w, struct list_filter *f, const char *date)
{
    bool time = f->field->kind == FIELD_TIME;

    if (f->how == LIST_IS && !time) {
        struct list_value *one = NEW(w->arena, struct list_value);

        *one = (struct list_value){.text = date};
        f->values = one;
        f->nvalues = 1;
        f->text = date;
        return NULL;
    }
    f->from.text = f->how == LIST_MAX ? NULL : date;
    f->to.text = f->how == LIST_MIN ? NULL : date;
    if (time && ((f->from.text && !instant(w, date, true, &f->from.num)) ||
                 (f->to.text && !instant(w, date, false, &f->to.num))))
        return bad_date(f);
    f->num = f->how == LIST_MAX ? f->to.num : f->from.num;
    return NULL;
}

static struct err *parse_date(struct web *w, struct list_filter *f)
{
    const char *today = today_of(w);
    struct list_span span;
    const char *day = today ? list_day(w->arena, today, f->text) : NULL;

    if (!day && date_valid(f->text))
        day = f->text;
    if (day) {
        TRY(parse_day(w, f, day));
        if (f->how == LIST_IS && f->field->kind == FIELD_TIME)
            f->how = LIST_RANGE;
        return NULL;
    }
    if (f->how != LIST_IS || !today || !list_span(w->arena, today, f->text, &span))
        return bad_date(f);
    f->how = LIST_RANGE;
    f->from.text = span.from;
    f->to.text = span.to;
    if (f->field->kind == FIELD_TIME &&
        ((span.from && !instant(w, span.from, true, &f->from.num)) ||
         (span.to && !instant(w, span.to, false, &f->to.num))))
        return bad_date(f);
    return NULL;
}

/* --- filters --- */

static const struct {
    const char *suffix;
    enum list_how how;
} suffixes[] = {
    {".min",   LIST_MIN  },
    {".max",   LIST_MAX  },
    {".has",   LIST_HAS  },
    {".not",   LIST_NOT  },
    {".all",   LIST_ALL  },
    {".empty", LIST_EMPTY}
};

/* What "name.suffix" asks of the field; false when the field cannot be asked so. */
static bool suffix_of(const char *dot, const struct field *f, enum list_how *how)
{
    size_t i = 0;

    while (i < COUNT_OF(suffixes) && !text_equal(dot, suffixes[i].suffix))
        i++;
    if (i == COUNT_OF(suffixes))
        return false;
    *how = suffixes[i].how;
    switch (*how) {
    case LIST_MIN:
    case LIST_MAX:
        return list_is_range(f);
    case LIST_HAS:
        return list_is_words(f);
    case LIST_ALL:
        return f->kind == FIELD_SET || f->kind == FIELD_REFS;
    case LIST_NOT:
        return is_listed(f) && f->kind != FIELD_DATE && f->kind != FIELD_TIME;
    default:
        return f->kind != FIELD_BOOL;
    }
}

static struct err *parse_empty(struct list_filter *f)
{
    struct list_value v = {.text = f->text};

    if (parse_bool(f->field, &v))
        return bad_value(f->field, f->text, tr("Use yes for empty ones or no for the others."));
    f->how = v.num ? LIST_EMPTY : LIST_FILLED;
    return NULL;
}

static struct err *parse_value(struct web *w, struct list_filter *f)
{
    bool range = f->how == LIST_MIN || f->how == LIST_MAX;
    struct list_value one = {.text = f->text};

    if (f->how == LIST_EMPTY)
        return parse_empty(f);
    if (f->how == LIST_IS && word_is(f->field, f->text, "any") && f->field->kind != FIELD_BOOL) {
        f->how = LIST_FILLED;
        return NULL;
    }
    if (f->how == LIST_IS && word_is(f->field, f->text, "none")) {
        f->how = LIST_EMPTY;
        return NULL;
    }
    if (f->field->kind == FIELD_DATE || f->field->kind == FIELD_TIME)
        return parse_date(w, f);
    if (!range && f->how != LIST_HAS)
        return parse_values(w, f);
    TRY(parse_one(w, f->field, &one));
    f->num = one.num;
    if (f->how == LIST_MIN)
        f->from = one;
    else
        f->to = one;
    return NULL;
}

static struct err *add_filter(struct list_query *q, const struct list_filter *f)
{
    size_t values = f->nvalues;

    for (size_t i = 0; i < q->nfilters; i++)
        values += q->filters[i].nvalues;
    if (values > ALL_VALUES)
        return err_new(ERR_BAD, "At most %d values can be asked for at once.", ALL_VALUES);
    if (q->nfilters == LIST_FILTERS)
        return err_new(ERR_BAD, "At most %d filters can be used at once. Take some out.",
                       LIST_FILTERS);
    q->filters[q->nfilters++] = *f;
    return NULL;
}

static struct err *parse_filter(struct web *w, const struct pair *p, const char *const *own,
                                struct list_query *out)
{
    const char *dot = strchr(p->name, '.');
    const char *name = dot ? arena_strn(w->arena, p->name, (size_t)(dot - p->name)) : p->name;
    struct list_filter f = {
        .field = entity_field(out->entity, name), .name = p->name, .how = LIST_IS};

    if (!f.field || !list_can_filter(f.field) || (dot && !suffix_of(dot, f.field, &f.how)))
        return err_new(ERR_BAD, "The list of %s does not know the parameter “%.40s”. Allowed: %s.",
                       out->entity->labels, p->name, allowed_names(w, out->entity, own));
    f.text = text_trim(w->arena, p->value);
    if (!*f.text || (f.how == LIST_IS && word_is(f.field, f.text, "not")))
        return NULL;
    TRY(parse_value(w, &f));
    return add_filter(out, &f);
}

static struct err *parse_mine(struct web *w, const char *value, struct list_query *out)
{
    const struct field *fields[LIST_COLUMNS];
    struct list_filter f = {.name = "mine", .how = LIST_IS, .text = "me", .num = w->person};

    if (text_equal(value, "0") || !*value)
        return NULL;
    if (!text_equal(value, "1"))
        return err_new(ERR_BAD, "The parameter “mine” is 1 or 0.");
    if (!list_mine(out->entity, fields))
        return err_new(ERR_BAD, "%s belong to nobody, so there are none of yours.",
                       out->entity->labels);
    return add_filter(out, &f);
}

/* --- columns, groups --- */

static struct err *parse_columns(struct web *w, const char *text, struct list_query *out)
{
    char **names;
    size_t n = text_split(w->arena, text, ',', &names);

    out->chosen = true;
    for (size_t i = 0; i < n; i++) {
        const struct field *f = entity_field(out->entity, names[i]);
        bool again = false;

        if (!f || f->secret)
            return err_new(ERR_BAD, "The list of %s has no column “%.40s”. There are: %s.",
                           out->entity->labels, names[i],
                           names_of(w, out->entity, list_can_filter));
        for (size_t k = 0; k < out->ncolumns; k++)
            again |= out->columns[k] == f;
        if (out->ncolumns == LIST_COLUMNS)
            return err_new(ERR_BAD, "At most %d columns can be shown.", LIST_COLUMNS);
        if (!again && !text_equal(f->name, out->entity->title))
            out->columns[out->ncolumns++] = f;
    }
    return NULL;
}

static struct err *parse_group(struct web *w, const char *text, struct list_query *out)
{
    const struct field *f = entity_field(out->entity, text);

    if (!f || !list_can_group(f))
        return err_new(ERR_BAD, "The list of %s cannot be grouped by “%.40s”. Use one of: %s.",
                       out->entity->labels, text, names_of(w, out->entity, list_can_group));
    out->group = f;
    return NULL;
}

static struct err *parse_limit(const char *text, struct list_query *out)
{
    i64 n;

    if (!text_i64(text, &n) || n < 1 || n > LIST_LIMIT)
        return err_new(ERR_BAD, "The parameter “limit” is a number from 1 to %d.", LIST_LIMIT);
    out->limit = (int)n;
    return NULL;
}

static struct err *parse_text(struct web *w, const char *value, struct list_query *out)
{
    const char *text = text_trim(w->arena, value);

    if (text_length(text) > Q_MOST)
        return err_new(ERR_BAD, "The text to look for is too long: at most %d characters.", Q_MOST);
    out->q = *text ? text : NULL;
    return NULL;
}

static struct err *parse_pair(struct web *w, const struct pair *p, const char *const *own,
                              struct list_query *out)
{
    if (one_of(p->name, foreign, COUNT_OF(foreign)) || (own && one_of(p->name, own, SIZE_MAX)))
        return NULL;
    if (text_equal(p->name, "q"))
        return parse_text(w, p->value, out);
    if (text_equal(p->name, "sort"))
        return *p->value ? parse_sort(w, p->value, out) : NULL;
    if (text_equal(p->name, "mine"))
        return parse_mine(w, p->value, out);
    if (text_equal(p->name, "cols"))
        return *p->value ? parse_columns(w, p->value, out) : NULL;
    if (text_equal(p->name, "group"))
        return *p->value ? parse_group(w, p->value, out) : NULL;
    if (text_equal(p->name, "limit"))
        return parse_limit(p->value, out);
    if (text_equal(p->name, "after")) {
        out->after = *p->value ? p->value : NULL;
        return NULL;
    }
    if (text_equal(p->name, "view")) {
        if (!text_i64(p->value, &out->view))
            out->view = 0;
        return NULL;
    }
    return parse_filter(w, p, own, out);
}

/* --- the parameters as such --- */

/* "state[]" of check boxes counts as "state"; its values are joined. Empty ones go, so that what is
 * shown as an address is as short as can be. */
static void clean(struct web *w, struct pairs *query)
{
    struct pair *list = NEW_ARRAY(w->arena, struct pair, query->count + 1);
    size_t count = 0;

    for (size_t i = 0; i < query->count; i++) {
        struct pair p = query->list[i];
        size_t size = strlen(p.name), k = 0;

        if (!*p.value)
            continue;
        if (size > 2 && text_equal(p.name + size - 2, "[]"))
            p.name = arena_strn(w->arena, p.name, size - 2);
        while (k < count && !text_equal(list[k].name, p.name))
            k++;
        if (k < count)
            list[k].value = arena_printf(w->arena, "%s,%s", list[k].value, p.value);
        else
            list[count++] = p;
    }
    *query = (struct pairs){list, count};
}

struct err *list_parse_own(struct web *w, const struct entity *e, const char *const *own,
                           struct list_query *out)
{
    struct list_cursor cursor;

    *out = (struct list_query){.entity = e, .limit = LIMIT_DEFAULT};
    if (e->order && parse_sort(w, e->order, out))
        BUG("%s is ordered by %s, which is not sortable", e->name, e->order);
    if (!w->req)
        return NULL;
    clean(w, &w->req->query);
    TRY(view_apply(w, e));
    for (size_t i = 0; i < w->req->query.count; i++)
        TRY(parse_pair(w, &w->req->query.list[i], own, out));
    return list_cursor_read(w->arena, out, &cursor);
}

struct err *list_parse(struct web *w, const struct entity *e, struct list_query *out)
{
    return list_parse_own(w, e, NULL, out);
}

/* --- columns --- */

size_t list_columns(const struct list_query *q, const struct field *out[LIST_COLUMNS])
{
    const struct entity *e = q->entity;
    size_t n = 0;

    if (q->chosen) {
        memcpy(out, q->columns, q->ncolumns * sizeof(out[0]));
        return q->ncolumns;
    }
    for (size_t i = 0; i < e->nfields && n < LIST_COLUMNS; i++)
        if (e->fields[i].listed && !e->fields[i].secret && !text_equal(e->fields[i].name, e->title))
            out[n++] = &e->fields[i];
    return n;
}

static void need(struct list_query *q, const struct field *f)
{
    size_t i = f ? (size_t)(f - q->entity->fields) : SIZE_MAX;

    if (i < 128)
        q->load[i / 64] |= 1ULL << i % 64;
}

void list_needs(struct list_query *q, const char *const *names)
{
    const struct field *columns[LIST_COLUMNS];
    size_t n = list_columns(q, columns);

    if (q->entity->nfields > 128)
        return;
    q->partial = true;
    need(q, entity_field(q->entity, q->entity->title));
    need(q, q->sort);
    need(q, q->group);
    for (size_t i = 0; i < n; i++) {
        need(q, columns[i]);
        if (columns[i]->dated && q->entity->state) /* what is closed is not overdue */
            need(q, entity_field(q->entity, q->entity->state));
    }
    for (size_t i = 0; names && names[i]; i++) {
        const struct field *f = entity_field(q->entity, names[i]);

        if (!f)
            BUG("%s has no field %s", q->entity->name, names[i]);
        need(q, f);
    }
}
