/* SPDX-License-Identifier: Apache-2.0 */
/* What somebody said about an import, as JSON: from the page, from a command, from the API, or from
 * the last import of a file with the same headings. One way in for all of them. */
#include <stdlib.h>
#include <string.h>

#include "base/crypt.h"
#include "base/text.h"
#include "core/app.h"
#include "core/entity_sql.h"
#include "core/import_rows.h"

static const char *text_of(const json_t *settings, const char *name)
{
    const char *text = json_string_value(json_object_get(settings, name));

    return text && *text ? text : NULL;
}

struct err *import_settings_ask(json_t *settings, struct source_ask *ask)
{
    const char *delimiter = text_of(settings, "delimiter"), *header = text_of(settings, "header");

    ask->encoding = text_of(settings, "encoding");
    ask->sheet = text_of(settings, "sheet");
    if (delimiter && (text_equal(delimiter, "tab") || text_equal(delimiter, "\\t")))
        delimiter = "\t";
    if (delimiter && (strlen(delimiter) != 1 || strchr("\"\n\r", *delimiter)))
        return err_new(ERR_BAD, "The separator is one character, like “;”, or “tab”.");
    if (delimiter)
        ask->delimiter = *delimiter;
    if (header && (!text_i64(header, &ask->header) || ask->header < 1))
        return err_new(ERR_BAD, "The row of the column names is a number from 1, not “%.40s”.",
                       header);
    return NULL;
}

/* --- applying --- */

static struct err *apply_columns(struct importing *im, json_t *columns, bool strict)
{
    const char *heading;
    json_t *field;

    json_object_foreach(columns, heading, field)
    {
        struct pair map = {heading, json_string_value(field)};
        struct err *failed;

        if (text_empty(map.value))
            continue;
        failed = import_assign(im->arena, im->e, im->columns, im->source->ncolumns, &map);
        if (failed && strict)
            return failed;
    }
    return NULL;
}

/* A heading that was shown and got no field is undecided, whatever the guess says. */
static void leave_undecided(struct importing *im, json_t *columns)
{
    for (size_t i = 0; i < im->source->ncolumns; i++) {
        struct column *c = &im->columns[i];
        json_t *field = json_object_get(columns, c->name);

        if (field && text_empty(json_string_value(field)) && c->use != COLUMN_IGNORED)
            *c = (struct column){.name = c->name};
    }
}

static struct err *apply_values(struct importing *im, json_t *values, bool strict)
{
    const char *heading, *from;
    json_t *list, *to;

    json_object_foreach(values, heading, list)
    {
        struct column *c = NULL;

        for (size_t i = 0; i < im->source->ncolumns && !c; i++)
            if (text_equal(im->columns[i].name, heading) ||
                import_same_words(im->arena, im->columns[i].name, heading))
                c = &im->columns[i];
        if (!c && strict)
            return err_new(ERR_BAD, "The file has no column “%.60s”, so its values cannot be told.",
                           heading);
        if (!c)
            continue;
        json_object_foreach(list, from, to)
        {
            const char *text = json_string_value(to);

            if (text)
                import_map_value(
                    im, c,
                    (struct value_map){arena_str(im->arena, from),
                                       text_equal(text, "-") ? "" : arena_str(im->arena, text),
                                       true});
        }
    }
    return NULL;
}

static struct err *apply_defaults(struct importing *im, json_t *defaults, bool strict)
{
    const char *field;
    json_t *value;

    json_object_foreach(defaults, field, value)
    {
        const char *text = json_string_value(value);
        struct err *failed = text_empty(text) ? NULL : import_default(im, field, text);

        if (failed && strict)
            return failed;
        if (failed)
            im->defaults.count--;
    }
    return NULL;
}

static struct err *apply_choices(struct importing *im, json_t *settings)
{
    const char *match = text_of(settings, "match"), *dates = text_of(settings, "dates");

    if (match) {
        size_t i = 0;

        while (i < MATCHES && !text_equal(import_match_names[i], match))
            i++;
        if (i == MATCHES)
            return err_new(ERR_BAD,
                           "Records cannot be matched by “%.40s”. Use auto, number, key, title, "
                           "email, external or none.",
                           match);
        im->match = (enum import_match)i;
    }
    if (dates && !text_equal(dates, "dmy") && !text_equal(dates, "mdy"))
        return err_new(ERR_BAD,
                       "Dates are read as dmy (day first) or mdy (month first), not as "
                       "“%.40s”.",
                       dates);
    if (dates)
        im->dates = text_equal(dates, "mdy") ? DATES_MONTH_FIRST : DATES_DAY_FIRST;
    if (text_of(settings, "origin"))
        im->origin = arena_str(im->arena, text_of(settings, "origin"));
    if (text_of(settings, "complete") && !text_equal(text_of(settings, "complete"), "yes") &&
        !text_equal(text_of(settings, "complete"), "no"))
        return err_new(ERR_BAD, "A file is the complete list or not: yes or no, not “%.40s”.",
                       text_of(settings, "complete"));
    if (text_of(settings, "complete"))
        im->complete = text_equal(text_of(settings, "complete"), "yes");
    if (text_of(settings, "reason") && text_length(text_of(settings, "reason")) > 500)
        return err_new(ERR_BAD, "Say the reason in at most 500 characters.");
    if (text_of(settings, "reason"))
        im->reason = arena_str(im->arena, text_of(settings, "reason"));
    im->good_rows = im->good_rows || text_equal(text_of(settings, "mode"), "good");
    return NULL;
}

struct err *import_settings_apply(struct importing *im, json_t *settings, bool strict)
{
    json_t *columns = json_object_get(settings, "columns");

    TRY(apply_columns(im, columns, strict));
    leave_undecided(im, columns);
    TRY(apply_values(im, json_object_get(settings, "values"), strict));
    TRY(apply_choices(im, settings));
    return apply_defaults(im, json_object_get(settings, "defaults"), strict);
}

/* --- what is remembered --- */

static const char *use_name(const struct column *c)
{
    switch (c->use) {
    case COLUMN_FIELD:
        return c->field->name;
    case COLUMN_NUMBER:
        return "number";
    case COLUMN_KEY:
        return "key";
    case COLUMN_IGNORED:
        return c->told ? "-" : NULL; /* it was empty in this file, and may not be in the next */
    default:
        return NULL;
    }
}

json_t *import_settings_of(const struct importing *im)
{
    json_t *all = json_own(im->arena, json_object()), *columns = json_object(),
           *values = json_object(), *defaults = json_object();

    for (size_t i = 0; i < im->source->ncolumns; i++) {
        const struct column *c = &im->columns[i];
        json_t *list = json_object();

        if (use_name(c))
            json_object_set_new(columns, c->name, json_string(use_name(c)));
        for (size_t k = 0; k < c->nvalues; k++)
            if (c->values[k].told)
                json_object_set_new(list, c->values[k].from,
                                    json_string(*c->values[k].to ? c->values[k].to : "-"));
        if (json_object_size(list))
            json_object_set(values, c->name, list);
        json_decref(list);
    }
    for (size_t i = 0; i < im->defaults.count; i++)
        json_object_set_new(defaults, im->defaults.list[i].name,
                            json_string(im->defaults.list[i].value));
    json_object_set_new(all, "match", json_string(import_match_names[im->match]));
    if (im->origin)
        json_object_set_new(all, "origin", json_string(im->origin));
    if (im->dates)
        json_object_set_new(all, "dates",
                            json_string(im->dates == DATES_MONTH_FIRST ? "mdy" : "dmy"));
    if (im->complete)
        json_object_set_new(all, "complete", json_string("yes"));
    json_object_set_new(all, "columns", columns);
    json_object_set_new(all, "values", values);
    json_object_set_new(all, "defaults", defaults);
    return all;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char *import_headings(struct arena *a, const struct source *s)
{
    const char **list = NEW_ARRAY(a, const char *, s->ncolumns + 1);
    struct digest *d = digest_new(a);
    unsigned char hash[DIGEST_SIZE];

    for (size_t i = 0; i < s->ncolumns; i++)
        list[i] = import_words(a, s->columns[i]);
    qsort(list, s->ncolumns, sizeof(list[0]), by_text);
    for (size_t i = 0; i < s->ncolumns; i++)
        digest_add(d, list[i], strlen(list[i]) + 1);
    digest_end(d, hash);
    return crypt_hex(a, hash, sizeof(hash));
}

struct err *import_remembered(struct web *w, const struct entity *e, const struct source *s,
                              json_t **out, i64 *at)
{
    struct rows *r;

    *out = NULL;
    TRY(db_query(w->db, &r,
                 "select settings, at from import_mapping where org_id = $1 and kind = $2"
                 " and headings = $3",
                 num(w->org), str(e->name), str(import_headings(w->arena, s))));
    if (!row_next(r))
        return NULL;
    *at = row_num(r, 1);
    if (json_parse(w->arena, row_text(r, 0), strlen(row_text(r, 0)), out))
        *out = NULL; /* of another version of the program: guesses will do */
    return NULL;
}

struct err *import_remember(struct importing *im)
{
    struct web *w = im->w;

    return db_exec(w->db,
                   "insert into import_mapping (org_id, kind, headings, settings, at)"
                   " values ($1, $2, $3, $4, $5) on conflict (org_id, kind, headings)"
                   " do update set settings = excluded.settings, at = excluded.at",
                   num(w->org), str(im->e->name), str(import_headings(w->arena, im->source)),
                   str(json_text(w->arena, import_settings_of(im))), num(w->now));
}

/* --- opening --- */

/* The program that a file comes from, by headings that only one has. */
static const char *guess_origin(const struct importing *im)
{
    static const char *const known[][2] = {
        {"issue key",    "Jira"        },
        {"sys id",       "ServiceNow"  },
        {"sys_id",       "ServiceNow"  },
        {"Work Item Id", "Azure DevOps"},
    };

    for (size_t i = 0; i < im->source->ncolumns; i++)
        for (size_t k = 0; k < COUNT_OF(known); k++)
            if (import_same_words(im->arena, im->source->columns[i], known[k][0]))
                return known[k][1];
    for (size_t i = 0; i < im->source->ncolumns; i++)
        if (im->columns[i].use == COLUMN_KEY)
            return im->columns[i].name;
    return NULL;
}

struct opening {
    struct importing *im;
    json_t *settings;
    bool strict;
};

static struct err *apply_all(struct web *w, void *ctx)
{
    struct opening *o = ctx;
    struct importing *im = o->im;
    json_t *old;

    TRY(import_remembered(w, im->e, im->source, &old, &im->remembered));
    if (old && !json_object_get(o->settings, "columns"))
        TRY(import_settings_apply(im, old, false));
    else
        im->remembered = 0;
    TRY(import_settings_apply(im, o->settings, o->strict));
    if (!im->origin)
        im->origin = guess_origin(im);
    return import_guess_values(im);
}

struct err *import_open(struct web *w, const struct entity *e, const struct import_input *in,
                        struct importing **out)
{
    struct source_ask ask = {.known = import_known, .ctx = import_knows(w, e), .wanted = e->plural};
    struct opening o = {.settings = in->settings, .strict = in->strict};
    struct source *s;

    TRY(import_settings_ask(in->settings, &ask));
    TRY(source_open(w->arena, in->file, in->name, &ask, &s));
    TRY(import_new(w, e, s, out));
    o.im = *out;
    return db_in_transaction(w->db) ? apply_all(w, &o) : app_read(w, apply_all, &o);
}
