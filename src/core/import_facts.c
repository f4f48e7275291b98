/* SPDX-License-Identifier: Apache-2.0 */
/* What is known about a file after it was checked, as JSON, so that the page needs not open the
 * file again:
 *
 *     {"counts": {"rows", "create", "change", "same", "wrong"}, "kind", "encoding", "sure",
 *      "delimiter", "header", "sheet", "sheets": [[name, hidden]], "notes": [text],
 *      "complete", "missing": {"count", "first": [[number, title]]}, "match", "origin", "keys",
 * "dates", "dates_open", "remembered", "columns": [{"name", "use", "field", "note", "told",
 * "filled", "samples": [text], "values": [[value, times, other, told]], "more"}], "lacks": [field],
 *      "lacking": {field: rows},
 * "defaults": {field: value}, "unknown": [[field, value, times, name, mail]]}
 *
 * "values" are those that need another word, or have one. "unknown" are names of records that are
 * not there. */
#include <string.h>

#include "base/text.h"
#include "core/entity_sql.h"
#include "core/import_draft.h"
#include "core/import_rows.h"

static json_t *counts_json(const struct import_counts *c)
{
    json_t *o = json_object();

    json_object_set_new(o, "rows", json_integer(c->rows));
    json_object_set_new(o, "create", json_integer(c->created));
    json_object_set_new(o, "change", json_integer(c->changed));
    json_object_set_new(o, "same", json_integer(c->same));
    json_object_set_new(o, "wrong", json_integer(c->wrong));
    return o;
}

static void add_value(json_t *list, const char *value, i64 times, const struct value_map *map)
{
    json_t *one = json_array();

    json_array_append_new(one, json_string(value));
    json_array_append_new(one, json_integer(times));
    json_array_append_new(one, map ? json_string(*map->to ? map->to : "-") : json_null());
    json_array_append_new(one, json_boolean(map && map->told));
    json_array_append_new(list, one);
}

static i64 times_of(const struct column_facts *f, const char *value)
{
    for (size_t i = 0; i < f->nvalues; i++)
        if (text_equal(f->value[i], value))
            return f->times[i];
    return 0;
}

static bool is_reference(const struct field *f)
{
    return f && f->ref && (f->kind == FIELD_REF || f->kind == FIELD_REFS);
}

/* Those with another word, then those that found nothing. References go to "unknown". */
static json_t *values_json(const struct importing *im, size_t column)
{
    const struct column *c = &im->columns[column];
    json_t *list = json_array();

    for (size_t i = 0; c->use == COLUMN_FIELD && i < c->nvalues; i++)
        add_value(list, c->values[i].from, times_of(&im->source->facts[column], c->values[i].from),
                  &c->values[i]);
    for (size_t i = 0; i < im->nunmatched; i++)
        if (im->unmatched[i].column == c && !is_reference(c->field))
            add_value(list, im->unmatched[i].text, im->unmatched[i].times, NULL);
    return list;
}

static const char *use_name(const struct column *c)
{
    static const char *const names[] = {
        [COLUMN_UNKNOWN] = "", [COLUMN_FIELD] = "field", [COLUMN_NUMBER] = "number",
        [COLUMN_KEY] = "key",  [COLUMN_SET] = "set",     [COLUMN_IGNORED] = "-"};

    return names[c->use];
}

static json_t *column_json(const struct importing *im, size_t i)
{
    const struct column *c = &im->columns[i];
    const struct column_facts *f = &im->source->facts[i];
    json_t *o = json_object(), *samples = json_array();

    json_object_set_new(o, "name", json_string(c->name));
    json_object_set_new(o, "use", json_string(use_name(c)));
    json_object_set_new(o, "field", c->field ? json_string(c->field->name) : json_null());
    json_object_set_new(o, "note", c->note ? json_string(c->note) : json_null());
    json_object_set_new(o, "told", json_boolean(c->told));
    json_object_set_new(o, "filled", json_integer(f->filled));
    for (size_t k = 0; k < f->nvalues && k < 3; k++)
        json_array_append_new(samples, json_string(f->value[k]));
    json_object_set_new(o, "samples", samples);
    json_object_set_new(o, "values", values_json(im, i));
    json_object_set_new(o, "more", json_boolean(f->more));
    return o;
}

static json_t *unknown_json(const struct importing *im)
{
    json_t *list = json_array();

    for (size_t i = 0; i < im->nunmatched; i++) {
        const struct unmatched *u = &im->unmatched[i];
        const char *name, *mail;
        json_t *one;

        if (!is_reference(u->column->field))
            continue;
        import_name_and_mail(im->arena, u->text, &name, &mail);
        one = json_array();
        json_array_append_new(one, json_string(u->column->field->name));
        json_array_append_new(one, json_string(u->text));
        json_array_append_new(one, json_integer(u->times));
        json_array_append_new(one, json_string(name ? name : u->text));
        json_array_append_new(one, json_string(mail ? mail : ""));
        json_array_append_new(list, one);
    }
    return list;
}

static void add_file(const struct importing *im, json_t *o)
{
    static const char *const kinds[] = {
        [SOURCE_CSV] = "CSV", [SOURCE_JSON] = "JSON", [SOURCE_XLSX] = "XLSX"};
    const struct source *s = im->source;
    json_t *sheets = json_array(), *notes = json_array();
    char delimiter[2] = {s->delimiter, '\0'};

    json_object_set_new(o, "kind", json_string(kinds[s->kind]));
    json_object_set_new(o, "encoding", s->encoding ? json_string(s->encoding) : json_null());
    json_object_set_new(o, "sure", json_boolean(s->encoding_sure));
    json_object_set_new(o, "delimiter", json_string(delimiter));
    json_object_set_new(o, "header", json_integer(s->header));
    for (size_t i = 0; s->told && i < s->told->nsheets; i++) {
        json_t *one = json_array();

        json_array_append_new(one, json_string(s->told->sheets[i].name));
        json_array_append_new(one, json_boolean(s->told->sheets[i].hidden));
        json_array_append_new(sheets, one);
    }
    json_object_set_new(o, "sheet", json_integer(s->told ? (i64)s->told->chosen : 0));
    json_object_set_new(o, "sheets", sheets);
    for (size_t i = 0; i < s->nnotes; i++)
        json_array_append_new(notes, json_string(s->notes[i]));
    json_object_set_new(o, "notes", notes);
}

static void add_how(const struct importing *im, json_t *o)
{
    bool dates = false, open = false, keys = false;

    for (size_t i = 0; i < im->source->ncolumns; i++) {
        const struct column *c = &im->columns[i];

        keys = keys || c->use == COLUMN_KEY;
        if (c->use != COLUMN_FIELD || c->field->kind != FIELD_DATE)
            continue;
        dates = dates || c->dates == DATES_MONTH_FIRST;
        open = open || c->dates_open;
    }
    json_object_set_new(o, "match", json_string(import_match_names[im->match]));
    json_object_set_new(o, "origin", json_string(im->origin ? im->origin : ""));
    json_object_set_new(o, "keys", json_boolean(keys));
    json_object_set_new(o, "dates", json_string(dates ? "mdy" : "dmy"));
    json_object_set_new(o, "dates_open", json_boolean(open));
    json_object_set_new(o, "dates_told", json_boolean(im->dates != DATES_AS_FOUND));
    json_object_set_new(o, "remembered", json_integer(im->remembered));
}

static void add_missing(const struct importing *im, json_t *o)
{
    json_t *missing = json_object();

    json_object_set_new(o, "complete", json_boolean(im->complete));
    json_object_set_new(missing, "count", json_integer(im->missing));
    json_object_set(missing, "first", im->missing_first);
    json_object_set_new(o, "missing", missing);
}

json_t *import_facts(struct importing *im)
{
    json_t *o = json_own(im->arena, json_object()), *columns = json_array(), *lacks = json_array(),
           *defaults = json_object(), *lacking = json_object();

    json_object_set_new(o, "counts", counts_json(&im->counts));
    add_file(im, o);
    add_how(im, o);
    for (size_t i = 0; i < im->source->ncolumns; i++)
        json_array_append_new(columns, column_json(im, i));
    json_object_set_new(o, "columns", columns);
    for (size_t i = 0; i < im->e->nfields; i++) {
        const struct field *f = &im->e->fields[i];

        if (import_lacks(im, f))
            json_array_append_new(lacks, json_string(f->name));
        if (im->lacking && im->lacking[i])
            json_object_set_new(lacking, f->name, json_integer(im->lacking[i]));
    }
    json_object_set_new(o, "lacks", lacks);
    json_object_set_new(o, "lacking", lacking);
    for (size_t i = 0; i < im->defaults.count; i++)
        json_object_set_new(defaults, im->defaults.list[i].name,
                            json_string(im->defaults.list[i].value));
    json_object_set_new(o, "defaults", defaults);
    add_missing(im, o);
    json_object_set_new(o, "unknown", unknown_json(im));
    return o;
}
