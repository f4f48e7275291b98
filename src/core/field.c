/* SPDX-License-Identifier: Apache-2.0 */
/* One value of a record: reading and setting it by its description, and writing it for people and
 * for programs. Parsing is in entity_apply.c. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/catalogue.h"
#include "core/content.h"
#include "core/entity_sql.h"
#include "core/language.h"

const struct field *entity_field(const struct entity *e, const char *name)
{
    for (size_t i = 0; name && i < e->nfields; i++)
        if (strcmp(e->fields[i].name, name) == 0)
            return &e->fields[i];
    return NULL;
}

bool field_is_text(const struct field *f)
{
    return f->kind == FIELD_TEXT || f->kind == FIELD_LONG || f->kind == FIELD_EMAIL ||
           f->kind == FIELD_DATE || f->kind == FIELD_CHOICE || f->kind == FIELD_CODE;
}

static const void *place(const struct field *f, const void *record)
{
    return (const char *)record + f->offset;
}

const char *field_str(const struct field *f, const void *record)
{
    if (!field_is_text(f))
        BUG("the field %s is not text", f->name);
    return *(const char *const *)place(f, record);
}

i64 field_num(const struct field *f, const void *record)
{
    if (field_is_text(f) || f->kind == FIELD_REFS)
        BUG("the field %s is not a number", f->name);
    return *(const i64 *)place(f, record);
}

void field_set_str(const struct field *f, void *record, const char *text)
{
    if (!field_is_text(f))
        BUG("the field %s is not text", f->name);
    *(const char **)((char *)record + f->offset) = text;
}

void field_set_num(const struct field *f, void *record, i64 n)
{
    if (field_is_text(f) || f->kind == FIELD_REFS)
        BUG("the field %s is not a number", f->name);
    *(i64 *)((char *)record + f->offset) = n;
}

struct ids field_targets(const struct field *f, const void *record)
{
    if (f->kind == FIELD_REFS)
        return *field_ids(f, record);
    return (struct ids){(i64 *)((char *)(uintptr_t)record + f->offset), field_num(f, record) != 0};
}

const struct ids *field_ids(const struct field *f, const void *record)
{
    if (f->kind != FIELD_REFS)
        BUG("the field %s is not a list of references", f->name);
    return place(f, record);
}

void field_set_ids(const struct field *f, void *record, struct ids ids)
{
    if (f->kind != FIELD_REFS)
        BUG("the field %s is not a list of references", f->name);
    *(struct ids *)((char *)record + f->offset) = ids;
}

const struct choice *choice_find(const struct choice *list, const char *code)
{
    for (; code && list && list->code; list++)
        if (strcmp(list->code, code) == 0)
            return list;
    return NULL;
}

bool field_null(const struct field *f, const void *record)
{
    if (field_is_text(f)) {
        const char *text = field_str(f, record);

        return !text || !*text;
    }
    switch (f->kind) {
    case FIELD_REFS:
        return field_ids(f, record)->count == 0;
    case FIELD_BOOL:
    case FIELD_SET:
        return false;
    case FIELD_MONEY:
        return field_num(f, record) == 0 && !f->required;
    case FIELD_INT:
        return field_num(f, record) == 0 && !f->required && f->most > f->least && f->least > 0;
    default:
        return field_num(f, record) == 0;
    }
}

struct val field_val(const struct field *f, const void *record)
{
    if (field_is_text(f))
        return str_or_null(field_str(f, record));
    return field_null(f, record) ? num_null() : num(field_num(f, record));
}

bool field_equal(const struct field *f, const void *a, const void *b)
{
    if (field_is_text(f)) {
        const char *left = field_str(f, a), *right = field_str(f, b);

        return strcmp(left ? left : "", right ? right : "") == 0;
    }
    if (f->kind == FIELD_REFS) {
        const struct ids *left = field_ids(f, a), *right = field_ids(f, b);

        return left->count == right->count &&
               (!left->count || memcmp(left->id, right->id, left->count * sizeof(i64)) == 0);
    }
    return field_num(f, a) == field_num(f, b);
}

void field_copy(const struct field *f, void *to, const void *from)
{
    if (f->kind == FIELD_REFS)
        field_set_ids(f, to, *field_ids(f, from));
    else if (field_is_text(f))
        field_set_str(f, to, field_str(f, from));
    else
        field_set_num(f, to, field_num(f, from));
}

/* "1,234.50" */
static const char *set_text(struct arena *a, const struct field *f, i64 bits)
{
    struct buf b;

    buf_init(&b, a, 64);
    for (size_t i = 0; f->choices && f->choices[i].code; i++)
        if ((u64)bits >> i & 1)
            buf_printf(&b, "%s%s", b.size ? ", " : "", tr(f->choices[i].label));
    return b.data;
}

static struct err *code_text(struct web *w, const struct field *f, const char *code,
                             const char **out)
{
    const struct content_table *t =
        w->app && w->app->content ? content_table(w->app->content, f->catalogue) : NULL;
    struct rows *r;

    if ((t && content_row(t, code) >= 0) || text_starts(code, CATALOGUE_OWN)) {
        *out = catalogue_label(w, f->catalogue, code);
        return NULL;
    }
    /* Retired codes are only in the store. */
    TRY(db_query(w->db, &r, "select label from catalogue where kind = $1 and code = $2",
                 str(f->catalogue), str(code)));
    *out = row_next(r) ? row_text(r, 0) : code;
    return NULL;
}

static struct err *text_show(struct web *w, const struct field *f, const char *text,
                             const char **out)
{
    const struct choice *choice;

    *out = f->supplied ? words_supplied(w->arena, text) : text;
    if (f->kind == FIELD_CODE)
        return code_text(w, f, text, out);
    if (f->kind == FIELD_DATE)
        *out = words_date(w->arena, text);
    if (f->kind == FIELD_CHOICE && (choice = choice_find(f->choices, text)))
        *out = tr(choice->label);
    return NULL;
}

static struct err *heads_show(struct web *w, struct ids ids, const char **out)
{
    struct record_head *heads;
    struct buf b;

    buf_init(&b, w->arena, 64);
    TRY(record_heads(w, ids, &heads));
    for (size_t i = 0; i < ids.count; i++)
        buf_printf(&b, "%s%s", i ? ", " : "", record_head_text(w, &heads[i]));
    *out = b.data;
    return NULL;
}

struct err *field_show(struct web *w, const struct field *f, const void *record, const char **out)
{
    struct record_head head;

    *out = "";
    if (f->secret || field_null(f, record))
        return NULL;
    if (field_is_text(f))
        return text_show(w, f, field_str(f, record), out);
    switch (f->kind) {
    case FIELD_MONEY:
        *out = words_money(w->arena, field_num(f, record));
        if (!text_empty(w->currency))
            *out = arena_printf(w->arena, "%s %s", *out, w->currency);
        return NULL;
    case FIELD_TIME:
        *out = web_time(w, field_num(f, record));
        return NULL;
    case FIELD_BOOL:
        *out = field_num(f, record) ? tr("Yes") : tr("No");
        return NULL;
    case FIELD_SET:
        *out = set_text(w->arena, f, field_num(f, record));
        return NULL;
    case FIELD_REF:
        return entity_title(w, f->ref, field_num(f, record), out, NULL);
    case FIELD_REFS:
        return f->ref ? entity_titles(w, f->ref, field_ids(f, record), out)
                      : heads_show(w, *field_ids(f, record), out);
    case FIELD_RECORD:
        TRY(record_head(w, field_num(f, record), &head));
        *out = record_head_text(w, &head);
        return NULL;
    default:
        *out = arena_printf(w->arena, "%lld", field_num(f, record));
        return NULL;
    }
}

struct err *field_told(struct web *w, const struct field *f, const void *record, const char **out)
{
    return f->told && !f->secret && !field_null(f, record) ? f->told(w, f, record, out)
                                                           : field_show(w, f, record, out);
}

static json_t *refs_json(struct web *w, const struct ids *ids)
{
    json_t *list = json_array();

    for (size_t i = 0; i < ids->count; i++)
        json_array_append_new(list, json_string(arena_printf(w->arena, "%lld", ids->id[i])));
    return list;
}

static json_t *set_json(const struct field *f, i64 bits)
{
    json_t *list = json_array();

    for (size_t i = 0; f->choices && f->choices[i].code; i++)
        if ((u64)bits >> i & 1)
            json_array_append_new(list, json_string(f->choices[i].code));
    return list;
}

json_t *field_json(struct web *w, const struct field *f, const void *record)
{
    if (f->kind == FIELD_REFS)
        return refs_json(w, field_ids(f, record));
    if (f->secret || field_null(f, record))
        return json_null();
    if (field_is_text(f))
        return json_string(field_str(f, record));
    switch (f->kind) {
    case FIELD_MONEY:
        return json_string(text_money(w->arena, field_num(f, record)));
    case FIELD_TIME:
        return json_string(clock_iso(w->arena, field_num(f, record)));
    case FIELD_BOOL:
        return json_boolean(field_num(f, record) != 0);
    case FIELD_SET:
        return set_json(f, field_num(f, record));
    case FIELD_REF:
    case FIELD_RECORD:
        return json_string(arena_printf(w->arena, "%lld", field_num(f, record)));
    default:
        return json_integer(field_num(f, record));
    }
}

void ids_add(struct arena *a, struct ids *ids, i64 id)
{
    size_t at = ids->count;
    i64 *list;

    while (at > 0 && ids->id[at - 1] > id)
        at--;
    if (at > 0 && ids->id[at - 1] == id)
        return;
    /* Room grows at powers of two: only then is the list copied. */
    if ((ids->count & (ids->count - 1)) == 0) {
        list = NEW_ARRAY(a, i64, ids->count ? ids->count * 2 : 1);
        if (ids->count)
            memcpy(list, ids->id, ids->count * sizeof(i64));
    } else {
        list = (i64 *)(uintptr_t)ids->id;
    }
    memmove(list + at + 1, list + at, (ids->count - at) * sizeof(i64));
    list[at] = id;
    ids->id = list;
    ids->count++;
}

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "1234", "1,234.5", "-1,234.50": thousands in groups of three, at most two decimals. */
bool money_read(const char *text, i64 *out)
{
    bool minus = *text == '-';
    size_t group = 0, decimals = 0;
    bool grouped = false;
    i64 n = 0;

    text += *text == '-' || *text == '+';
    if (!digit(*text))
        return false;
    for (; digit(*text) || *text == ','; text++) {
        if (*text == ',') {
            if (grouped ? group != 3 : group > 3)
                return false;
            grouped = true;
            group = 0;
            continue;
        }
        group++;
        if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, *text - '0', &n))
            return false;
    }
    if (grouped && group != 3)
        return false;
    if (*text == '.' && !digit(*++text))
        return false;
    for (; decimals < 2; decimals++) {
        int next = digit(*text) ? *text++ - '0' : 0;

        if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, next, &n))
            return false;
    }
    *out = minus ? -n : n;
    return *text == '\0';
}
