/* SPDX-License-Identifier: Apache-2.0 */
/* Text to values: what comes from a form, a JSON member or a CSV cell is parsed and checked field
 * by field. A bad value leaves the field as it was and gives one sentence that quotes it and says
 * what is wanted. Rules across fields are the entity's own. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/catalogue.h"
#include "core/entity_sql.h"

#define SHOWN 40 /* characters of a bad value that a sentence repeats */
#define EMAIL_MAX 254

/* One value on its way in; `text` is trimmed and not empty. */
struct parse {
    struct web *w;
    const struct field *f;
    void *record;
    const char *text;
    struct issues *out;
};

/* The value as a sentence repeats it: one line, shortened. */
static const char *quoted(struct arena *a, const char *text)
{
    char *copy = arena_str(a, text);
    size_t characters = 0;

    for (char *p = copy; *p; p++) {
        if ((*p & 0xC0) != 0x80 && ++characters > SHOWN) {
            *p = '\0';
            return arena_printf(a, "“%s…”", copy);
        }
        if ((unsigned char)*p < 0x20)
            *p = ' ';
    }
    return arena_printf(a, "“%s”", copy);
}

static const char *bad(const struct parse *p)
{
    return quoted(p->w->arena, p->text);
}

static struct err *parse_text(struct parse *p)
{
    const struct field *f = p->f;
    size_t max = f->max ? (size_t)f->max : f->kind == FIELD_LONG ? 10000 : 200;
    size_t length = text_length(p->text);

    if (!text_valid(p->text, strlen(p->text)))
        issue(p->out, f->name, "%s contains characters that cannot be stored. Type it again.",
              tr(f->label));
    else if (f->kind == FIELD_TEXT && strpbrk(p->text, "\n\t"))
        issue(p->out, f->name, "%s must be one line, not %s.", tr(f->label), bad(p));
    else if (length > max)
        issue(p->out, f->name, "%s is too long: %zu characters, and at most %zu fit. Shorten %s.",
              tr(f->label), length, max, bad(p));
    else
        field_set_str(f, p->record, p->text);
    return NULL;
}

static struct err *parse_email(struct parse *p)
{
    char *folded = arena_str(p->w->arena, p->text);

    if (!text_email(p->text) || strlen(p->text) > EMAIL_MAX) {
        issue(p->out, p->f->name, "%s must be an e-mail address like anna@example.com, not %s.",
              tr(p->f->label), bad(p));
        return NULL;
    }
    for (char *c = folded; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    field_set_str(p->f, p->record, folded);
    return NULL;
}

static struct err *parse_int(struct parse *p)
{
    const struct field *f = p->f;
    bool range = f->most > f->least;
    i64 n, most = f->most;

    if (f->highest)
        TRY(f->highest(p->w, f, p->record, &most));
    if (text_i64(p->text, &n) && (!range || (n >= f->least && n <= most)))
        field_set_num(f, p->record, n);
    else if (range)
        issue(p->out, f->name, "%s must be a whole number from %lld to %lld, not %s.", tr(f->label),
              f->least, most, bad(p));
    else
        issue(p->out, f->name, "%s must be a whole number like 12, not %s.", tr(f->label), bad(p));
    return NULL;
}

static struct err *parse_money(struct parse *p)
{
    const struct field *f = p->f;
    i64 n;

    if (!money_read(p->text, &n))
        issue(p->out, f->name, "%s must be an amount like 1,234.50 or 1234.5, not %s.",
              tr(f->label), bad(p));
    else if (f->most > f->least && (n < f->least || n > f->most))
        issue(p->out, f->name, "%s must be an amount from %lld.%02lld to %lld.%02lld, not %s.",
              tr(f->label), f->least / 100, f->least % 100, f->most / 100, f->most % 100, bad(p));
    else
        field_set_num(f, p->record, n);
    return NULL;
}

static struct err *parse_date(struct parse *p)
{
    if (date_valid(p->text))
        field_set_str(p->f, p->record, p->text);
    else
        issue(p->out, p->f->name, "%s must be a date like 2026-03-01, not %s.", tr(p->f->label),
              bad(p));
    return NULL;
}

static struct err *parse_bool(struct parse *p)
{
    static const char *const yes[] = {"1", "on", "true", "yes"};
    static const char *const no[] = {"0", "off", "false", "no"};
    const char *folded = text_fold(p->w->arena, p->text);

    for (size_t i = 0; i < COUNT_OF(yes); i++) {
        if (strcmp(folded, yes[i]) == 0 || strcmp(folded, no[i]) == 0) {
            field_set_num(p->f, p->record, strcmp(folded, yes[i]) == 0);
            return NULL;
        }
    }
    issue(p->out, p->f->name, "%s must be yes or no, not %s.", tr(p->f->label), bad(p));
    return NULL;
}

/* By code, else by label without regard to case; -1 = neither. */
static i64 choice_index(struct arena *a, const struct field *f, const char *text)
{
    const char *folded = text_fold(a, text);

    for (size_t i = 0; f->choices[i].code; i++)
        if (strcmp(f->choices[i].code, text) == 0)
            return (i64)i;
    for (size_t i = 0; f->choices[i].code; i++)
        if (strcmp(text_fold(a, f->choices[i].label), folded) == 0 ||
            strcmp(text_fold(a, f->choices[i].code), folded) == 0)
            return (i64)i;
    return -1;
}

static void refuse_choice(const struct parse *p, const char *text)
{
    struct buf b;
    size_t i;

    buf_init(&b, p->w->arena, 128);
    for (i = 0; p->f->choices[i].code && i < 12; i++)
        buf_printf(&b, "%s%s", i ? ", " : "", tr(p->f->choices[i].label));
    issue(p->out, p->f->name, "%s cannot be %s. Choose %s: %s%s.", tr(p->f->label),
          quoted(p->w->arena, text), p->f->kind == FIELD_SET ? "among" : "one of", b.data,
          p->f->choices[i].code ? " and others" : "");
}

static struct err *parse_choice(struct parse *p)
{
    i64 i = choice_index(p->w->arena, p->f, p->text);

    if (i < 0)
        refuse_choice(p, p->text);
    else
        field_set_str(p->f, p->record, p->f->choices[i].code);
    return NULL;
}

static struct err *parse_set(struct parse *p)
{
    u64 bits = 0;
    char **parts;
    size_t n = text_split(p->w->arena, p->text, ',', &parts);

    for (size_t k = 0; k < n; k++) {
        i64 i = choice_index(p->w->arena, p->f, parts[k]);

        if (i < 0) {
            refuse_choice(p, parts[k]);
            return NULL;
        }
        bits |= 1ULL << i;
    }
    field_set_num(p->f, p->record, (i64)bits);
    return NULL;
}

static struct err *parse_code(struct parse *p)
{
    const char *now = field_str(p->f, p->record), *own;
    struct rows *r;

    if (text_equal(now, p->text)) /* what a record has may be retired by now */
        return NULL;
    TRY(db_query(p->w->db, &r,
                 "select code from catalogue where kind = $1 and (code = $2 or label = $2)"
                 " and retired = 0 order by case when code = $2 then 0 else 1 end, code limit 1",
                 str(p->f->catalogue), str(p->text)));
    if (row_next(r)) {
        field_set_str(p->f, p->record, row_text(r, 0));
        return NULL;
    }
    TRY(catalogue_find_own(p->w, p->f->catalogue, p->text, &own));
    if (own)
        field_set_str(p->f, p->record, own);
    else
        issue(p->out, p->f->name,
              "%s cannot be %s: the catalogue has no such entry. Choose one of "
              "the list.",
              tr(p->f->label), bad(p));
    return NULL;
}

/* A record of any kind: by its number or id. What the field holds already may stay: it may be
 * removed by now. */
static struct err *find_any(struct parse *p, const char *text, const i64 *now, size_t n, i64 *id)
{
    struct record_head *heads;
    const struct entity *e;
    struct err *failed;
    i64 given = 0;

    text_i64(text, &given);
    TRY(record_heads(p->w, (struct ids){now, n}, &heads));
    for (size_t i = 0; i < n; i++)
        if (now[i] == given || text_equal(text, heads[i].label)) {
            *id = now[i];
            return NULL;
        }
    failed = record_find(p->w, text, &e, id);
    if (failed && failed->code != ERR_MISSING)
        return failed;
    if (failed)
        issue(p->out, p->f->name, "%s: there is no record %s here. Give its number, like R-7.",
              tr(p->f->label), quoted(p->w->arena, text));
    return NULL;
}

/* The record that is meant; 0 and an issue when there is none. What the field holds already may
 * stay even when this person cannot see it. */
static struct err *find_target(struct parse *p, const char *text, const i64 *now, size_t n, i64 *id)
{
    const struct entity *e = p->f->ref;
    struct err *failed;
    const char *example;

    if (!e)
        return find_any(p, text, now, n, id);
    if (text_i64(text, id))
        for (size_t i = 0; i < n; i++)
            if (now[i] == *id)
                return NULL;
    failed = entity_find(p->w, e, text, id);
    if (!failed)
        return NULL;
    if (failed->code != ERR_MISSING && failed->code != ERR_CLASH)
        return failed;
    *id = 0;
    record_label(p->w->arena, e, 7, &example);
    if (failed->code == ERR_CLASH)
        issue(p->out, p->f->name, "%s: there are several %s called %s. Give the number, like %s.",
              tr(p->f->label), entity_noun(p->w, e->labels), quoted(p->w->arena, text), example);
    else
        issue(p->out, p->f->name,
              "%s: there is no %s %s. Give its number, like %s, or its exact "
              "name.",
              tr(p->f->label), entity_noun(p->w, entity_noun(p->w, e->label)),
              quoted(p->w->arena, text), example);
    return NULL;
}

static struct err *parse_ref(struct parse *p)
{
    i64 now = field_num(p->f, p->record), id;

    TRY(find_target(p, p->text, &now, 1, &id));
    if (id)
        field_set_num(p->f, p->record, id);
    return NULL;
}

static struct err *parse_record(struct parse *p)
{
    i64 now = field_num(p->f, p->record), id;

    TRY(find_any(p, p->text, &now, now != 0, &id));
    if (id)
        field_set_num(p->f, p->record, id);
    return NULL;
}

static struct err *parse_refs(struct parse *p)
{
    const struct ids *now = field_ids(p->f, p->record);
    struct ids ids = {0};
    char **parts;
    char *list = arena_str(p->w->arena, p->text);
    size_t n;

    for (char *c = list; *c; c++)
        if (*c == ';' || *c == '\n')
            *c = ',';
    n = text_split(p->w->arena, list, ',', &parts);
    for (size_t i = 0; i < n; i++) {
        i64 id;

        TRY(find_target(p, parts[i], now->id, now->count, &id));
        if (!id)
            return NULL;
        ids_add(p->w->arena, &ids, id);
    }
    field_set_ids(p->f, p->record, ids);
    return NULL;
}

static void make_empty(const struct field *f, void *record)
{
    if (f->kind == FIELD_REFS)
        field_set_ids(f, record, (struct ids){0});
    else if (field_is_text(f))
        field_set_str(f, record, NULL);
    else
        field_set_num(f, record, 0);
}

static struct err *parse_value(struct parse *p, const char *value)
{
    static struct err *(*const parsers[])(struct parse * p) = {
        [FIELD_TEXT] = parse_text, [FIELD_LONG] = parse_text,     [FIELD_EMAIL] = parse_email,
        [FIELD_INT] = parse_int,   [FIELD_MONEY] = parse_money,   [FIELD_DATE] = parse_date,
        [FIELD_BOOL] = parse_bool, [FIELD_CHOICE] = parse_choice, [FIELD_SET] = parse_set,
        [FIELD_CODE] = parse_code, [FIELD_REF] = parse_ref,       [FIELD_REFS] = parse_refs,
        [FIELD_LEVEL] = parse_int, [FIELD_RECORD] = parse_record,
    };

    p->text = text_trim(p->w->arena, value ? value : "");
    if (*p->text)
        return parsers[p->f->kind](p);
    if (p->f->required)
        issue(p->out, p->f->name, "%s may not be empty.", tr(p->f->label));
    else
        make_empty(p->f, p->record);
    return NULL;
}

/* Text must be valid whatever the kind: it is quoted in sentences and bound to queries. */
static bool refuse_bytes(const struct parse *p, const char *value)
{
    if (!value || text_valid(value, strlen(value)))
        return false;
    issue(p->out, p->f->name, "%s contains characters that cannot be stored. Type it again.",
          tr(p->f->label));
    return true;
}

/* Set once: what is the same may be repeated. */
static struct err *apply_fixed(struct parse *p, const struct entity *e, const char *value,
                               bool strict)
{
    void *copy;

    if (!strict)
        return NULL;
    copy = arena_alloc(p->w->arena, e->size);
    memcpy(copy, p->record, e->size);
    TRY(parse_value(&(struct parse){p->w, p->f, copy, NULL, p->out}, value));
    if (!field_equal(p->f, copy, p->record))
        issue(p->out, p->f->name, "%s is set when the %s is created and cannot be changed later.",
              tr(p->f->label), entity_noun(p->w, e->label));
    return NULL;
}

static bool is_named(struct inputs in, const char *name)
{
    for (size_t i = 0; i < in.count; i++)
        if (!strcmp(in.list[i].name, name))
            return true;
    return false;
}

struct err *entity_initial(struct web *w, const struct entity *e, void *record, struct inputs in,
                           struct issues *out)
{
    for (size_t i = 0; i < e->nfields; i++) {
        const struct field *f = &e->fields[i];
        struct parse p = {.w = w, .f = f, .record = record, .out = out};
        bool set = f->kind == FIELD_REFS || (field_is_text(f) ? !text_empty(field_str(f, record))
                                                              : field_num(f, record) != 0);

        if (f->initial && !set && !is_named(in, f->name))
            TRY(parse_value(&p, f->initial));
    }
    return NULL;
}

/* Nobody overwrites what they may not see. */
static struct err *refuse_hidden(const struct parse *p, const struct entity *e)
{
    bool hidden;

    TRY(entity_hidden(p->w, e, ((const struct record *)p->record)->id, &hidden));
    if (hidden)
        issue(p->out, p->f->name,
              "%s is hidden from you until you have given your own judgement, so you cannot change "
              "it. Leave it out.",
              tr(p->f->label));
    return NULL;
}

struct err *entity_apply(struct web *w, const struct entity *e, void *record, struct inputs in,
                         bool strict, struct issues *out)
{
    if (!((const struct record *)record)->id)
        TRY(entity_initial(w, e, record, in, out));
    for (size_t i = 0; i < in.count; i++) {
        const struct field *f = entity_field(e, in.list[i].name);
        struct parse p = {.w = w, .f = f, .record = record, .out = out};

        if (!f) {
            if (strict)
                issue(out, in.list[i].name, "There is no field %s here. Check the spelling.",
                      quoted(w->arena, in.list[i].name));
        } else if (f->internal || f->derived || f->secret || f->kind == FIELD_TIME) {
            if (strict)
                issue(out, f->name, "%s is set by the program and cannot be given.", tr(f->label));
        } else if (!refuse_bytes(&p, in.list[i].value)) {
            if (f->veil)
                TRY(refuse_hidden(&p, e));
            if (f->fixed && ((struct record *)record)->id)
                TRY(apply_fixed(&p, e, in.list[i].value, strict));
            else
                TRY(parse_value(&p, in.list[i].value));
        }
    }
    return NULL;
}
