/* SPDX-License-Identifier: Apache-2.0 */
/* Imports by script: `cairn import` and POST /api/v1/:plural/import. Both read options into the
 * settings that the pages use too, tell what was found, and leave out what nobody decided about. */
#include "core/import_cli.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/entity_sql.h"
#include "core/import_part.h"
#include "core/import_record.h"

static const char *const plain[] = {"encoding", "delimiter", "sheet",  "header",  "match",
                                    "origin",   "dates",     "reason", "complete"};

/* "COLUMN=FIELD": the last "=" divides, since a heading may have one. */
static struct err *add_map(struct arena *a, json_t *settings, const char *text)
{
    const char *equals = strrchr(text, '=');

    if (!equals || equals == text || !equals[1])
        return err_new(
            ERR_BAD, "“map %.60s” is not COLUMN=FIELD (or COLUMN=- to leave a column out).", text);
    json_object_set_new(json_object_get(settings, "columns"),
                        arena_strn(a, text, (size_t)(equals - text)), json_string(equals + 1));
    return NULL;
}

static struct err *add_default(struct arena *a, json_t *settings, const char *text)
{
    const char *equals = strchr(text, '=');

    if (!equals || equals == text)
        return err_new(ERR_BAD, "“set %.60s” is not FIELD=VALUE.", text);
    json_object_set_new(json_object_get(settings, "defaults"),
                        arena_strn(a, text, (size_t)(equals - text)), json_string(equals + 1));
    return NULL;
}

/* "COLUMN:VALUE=OTHER". */
static struct err *add_value(struct arena *a, json_t *settings, const char *text)
{
    const char *colon = strchr(text, ':'), *equals = strrchr(text, '='), *column;
    json_t *values = json_object_get(settings, "values");

    if (!colon || colon == text || !equals || equals < colon + 2 || !equals[1])
        return err_new(ERR_BAD, "“value %.60s” is not COLUMN:VALUE=OTHER.", text);
    column = arena_strn(a, text, (size_t)(colon - text));
    if (!json_object_get(values, column))
        json_object_set_new(values, column, json_object());
    json_object_set_new(json_object_get(values, column),
                        arena_strn(a, colon + 1, (size_t)(equals - colon - 1)),
                        json_string(equals + 1));
    return NULL;
}

static json_t *new_settings(struct arena *a)
{
    json_t *s = json_own(a, json_object());

    json_object_set_new(s, "columns", json_object());
    json_object_set_new(s, "values", json_object());
    json_object_set_new(s, "defaults", json_object());
    return s;
}

/* Without a word about columns, those of the last such import hold. */
static void drop_empty(json_t *settings)
{
    if (!json_object_size(json_object_get(settings, "columns")))
        json_object_del(settings, "columns");
}

/* Columns that nobody decided about are left out; `tell` hears which. */
static void leave_out(struct importing *im, void (*tell)(void *ctx, const struct column *c),
                      void *ctx)
{
    for (size_t i = 0; i < im->source->ncolumns; i++) {
        struct column *c = &im->columns[i];

        if (c->use == COLUMN_UNKNOWN || c->use == COLUMN_SET)
            tell(ctx, c);
        if (c->use == COLUMN_UNKNOWN) {
            c->use = COLUMN_IGNORED;
            c->told = true; /* remembered: who said nothing now is not asked next time */
        }
    }
}

/* --- command --- */

static const struct entity *kind_of(const char *name)
{
    const struct entity *e = feature_entity_typed(name);

    return e && import_possible(e) ? e : NULL;
}

static struct err *command_settings(struct cli *c, json_t **out)
{
    const char *text;

    *out = new_settings(c->arena);
    if (cli_flag(c, "complete"))
        json_object_set_new(*out, "complete", json_string("yes"));
    for (size_t i = 0; i + 1 < COUNT_OF(plain); i++)
        if (cli_option(c, plain[i]))
            json_object_set_new(*out, plain[i], json_string(cli_option(c, plain[i])));
    for (size_t i = 0; (text = cli_option_nth(c, "map", i)); i++)
        TRY(add_map(c->arena, *out, text));
    for (size_t i = 0; (text = cli_option_nth(c, "value", i)); i++)
        TRY(add_value(c->arena, *out, text));
    for (size_t i = 0; (text = cli_option_nth(c, "set", i)); i++)
        TRY(add_default(c->arena, *out, text));
    if (cli_flag(c, "good-rows"))
        json_object_set_new(*out, "mode", json_string("good"));
    drop_empty(*out);
    return NULL;
}

static void tell_column(void *ctx, const struct column *c)
{
    struct cli *cli = ctx;

    if (c->use == COLUMN_SET)
        fprintf(cli->err, "note: column \"%s\" %s and is left out\n", c->name, c->note);
    else if (c->field)
        fprintf(cli->err,
                "warning: column \"%s\" fits no field for sure and is left out (is it --map "
                "\"%s=%s\"?)\n",
                c->name, c->name, c->field->name);
}

/* In one line: exports of ticket systems have dozens of them. */
static void tell_unknown(struct cli *c, const struct importing *im)
{
    size_t n = 0;

    for (size_t i = 0; i < im->source->ncolumns; i++) {
        const struct column *one = &im->columns[i];

        if (one->use != COLUMN_UNKNOWN || one->field)
            continue;
        fprintf(c->err, "%s\"%s\"",
                n++ ? ", " : "warning: these columns fit no field and are left out: ", one->name);
    }
    if (n)
        fprintf(c->err, " (--map \"COLUMN=FIELD\" to use one)\n");
}

static void tell_reading(struct cli *c, const struct importing *im)
{
    const struct source *s = im->source;

    if (s->encoding && (!s->encoding_sure || s->unreadable))
        fprintf(c->err, "warning: the file was read as %s; --encoding says otherwise\n",
                s->encoding);
    for (size_t i = 0; i < s->nnotes; i++)
        fprintf(c->err, "note: %s\n", s->notes[i]);
    for (size_t i = 0; i < s->ncolumns; i++)
        for (size_t k = 0; im->columns[i].use == COLUMN_FIELD && k < im->columns[i].nvalues; k++)
            if (!im->columns[i].values[k].told)
                fprintf(c->err, "note: column \"%s\": \"%s\" is taken for \"%s\"\n",
                        im->columns[i].name, im->columns[i].values[k].from,
                        im->columns[i].values[k].to);
}

/* Of all rows alike, with the two ways to mend it. */
static void tell_lacking(struct cli *c, const struct problem *p)
{
    fprintf(c->err, "all new rows: %s Use --map \"COLUMN=%s\", or --set \"%s=VALUE\" for all.\n",
            p->text, p->field, p->field);
}

static void tell_problems(struct cli *c, const struct importing *im)
{
    for (size_t i = 0; i < im->nproblems; i++) {
        const struct problem *p = &im->problems[i];

        if (!p->row) {
            tell_lacking(c, p);
            continue;
        }
        fprintf(c->err, "row %lld", p->row);
        if (p->line && p->line != p->row)
            fprintf(c->err, " (line %lld)", p->line);
        if (*p->column)
            fprintf(c->err, ", column %s", p->column);
        fprintf(c->err, ": %s\n", p->text);
    }
    if (im->nproblems == IMPORT_PROBLEMS)
        fprintf(c->err, "... only the first %d problems are shown\n", IMPORT_PROBLEMS);
}

static void tell_missing(struct cli *c, const struct importing *im)
{
    fprintf(c->out, "missing in the file %lld\n", im->missing);
    for (size_t i = 0; i < json_array_size(im->missing_first); i++) {
        const json_t *one = json_array_get(im->missing_first, i);

        fprintf(c->out, "  %s-%lld %s\n", im->e->prefix, json_integer_value(json_array_get(one, 0)),
                json_string_value(json_array_get(one, 1)));
    }
    if (im->missing > (i64)json_array_size(im->missing_first))
        fprintf(c->out, "  ... and others: see the page of the import\n");
}

static int summary(struct cli *c, const struct importing *im, bool would)
{
    const struct import_counts *n = &im->counts;

    fprintf(c->out, "%s %lld, %s %lld, unchanged %lld, errors %lld\n",
            would ? "would create" : "created", n->created, would ? "would change" : "changed",
            n->changed, n->same, n->wrong);
    if (n->wrong && !would)
        fprintf(c->out,
                "left out %lld row%s: they are named above; mend them and import the file "
                "again, the others are then unchanged\n",
                n->wrong, n->wrong == 1 ? "" : "s");
    if (im->complete)
        tell_missing(c, im);
    return n->wrong ? 1 : 0;
}

static struct err *prepare_command(struct cli *c, const struct entity *e, bool dry,
                                   struct importing **out)
{
    const char *path = cli_argument(c, 1);
    struct import_input in;
    json_t *settings;
    struct web *w;
    FILE *file;

    TRY(command_settings(c, &settings));
    TRY(cli_open(c, !dry, true, &w));
    TRY(cli_file(c, path, false, &file));
    in = (struct import_input){file, text_equal(path, "-") ? "standard input" : path, settings,
                               true};
    TRY(import_open(w, e, &in, out));
    tell_reading(c, *out);
    tell_unknown(c, *out);
    leave_out(*out, tell_column, c);
    return import_check(*out, NULL);
}

int import_command(struct cli *c)
{
    const struct entity *e = kind_of(cli_argument(c, 0));
    bool dry = cli_flag(c, "dry-run");
    struct importing *im;
    struct err *failed;

    if (!e)
        return cli_usage(c,
                         "“%s” is no kind of record that can be imported. Try units, people, "
                         "assets or risks.",
                         cli_argument(c, 0));
    failed = prepare_command(c, e, dry, &im);
    if (failed)
        return cli_fail(c, failed);
    if (dry || (im->counts.wrong && !im->good_rows))
        tell_problems(c, im);
    if (dry)
        return summary(c, im, true);
    if (im->counts.wrong && !im->good_rows) {
        fprintf(c->err,
                "Nothing was written: %lld of %lld rows %s wrong. Mend %s, or leave %s out with "
                "--good-rows.\n",
                im->counts.wrong, im->counts.rows, im->counts.wrong == 1 ? "is" : "are",
                im->counts.wrong == 1 ? "it" : "them", im->counts.wrong == 1 ? "it" : "them");
        return 2;
    }
    failed = import_write(im);
    tell_problems(c, im);
    return failed ? cli_fail(c, failed) : summary(c, im, false);
}

struct finding {
    const char *text;
    i64 id;
    struct import r;
};

static struct err *find_import(struct web *w, void *ctx)
{
    struct finding *f = ctx;

    TRY(entity_find(w, &import_entity, f->text, &f->id));
    return entity_load(w, &import_entity, f->id, &f->r);
}

int import_undo_command(struct cli *c)
{
    struct finding f = {.text = cli_argument(c, 0)};
    struct err *failed;
    struct web *w;

    failed = cli_open(c, true, true, &w);
    if (!failed)
        failed = app_read(w, find_import, &f);
    if (!failed)
        failed = import_undo(w, f.id, "undone");
    if (!failed)
        failed = app_read(w, find_import, &f);
    if (failed)
        return cli_fail(c, failed);
    fprintf(c->out, "%s\n", f.r.note ? f.r.note : "");
    return 0;
}

/* --- API --- */

struct api_import {
    struct importing *im; /* NULL: the answer is stored already */
    bool dry, written, refused;
    json_t *left_out;
};

static const char *parameter(const struct web *w, const char *name)
{
    const char *text = web_query(w, name);

    return text ? text : web_form(w, name);
}

static bool is_yes(const char *text)
{
    return text_equal(text, "1") || text_equal(text, "true") || text_equal(text, "yes");
}

static struct err *api_list(struct web *w, json_t *settings, const struct pairs *from)
{
    for (size_t i = 0; i < from->count; i++) {
        const struct pair *p = &from->list[i];

        if (text_equal(p->name, "map[]"))
            TRY(add_map(w->arena, settings, p->value));
        else if (text_equal(p->name, "value[]"))
            TRY(add_value(w->arena, settings, p->value));
        else if (text_equal(p->name, "set[]"))
            TRY(add_default(w->arena, settings, p->value));
    }
    return NULL;
}

static struct err *api_settings(struct web *w, struct api_import *x, json_t **out)
{
    const char *mode = parameter(w, "mode");

    *out = new_settings(w->arena);
    for (size_t i = 0; i < COUNT_OF(plain); i++)
        if (parameter(w, plain[i]))
            json_object_set_new(*out, plain[i], json_string(parameter(w, plain[i])));
    TRY(api_list(w, *out, &w->req->query));
    TRY(api_list(w, *out, &w->req->form));
    if (mode && !text_equal(mode, "all") && !text_equal(mode, "good"))
        return err_new(ERR_BAD, "The parameter “mode” is all (nothing is written when a row is "
                                "wrong) or good (wrong rows are left out).");
    if (mode)
        json_object_set_new(*out, "mode", json_string(mode));
    x->dry = is_yes(parameter(w, "dry_run"));
    drop_empty(*out);
    return NULL;
}

static void close_file(void *file)
{
    fclose(file);
}

/* The file of the form, or the body itself. */
static struct err *api_file(struct web *w, FILE **out, const char **name)
{
    *out = NULL;
    *name = "the body";
    for (size_t i = 0; i < w->req->nuploads && !*out; i++) {
        if (!text_starts(w->req->uploads[i].name, "file"))
            continue;
        *out = fopen(w->req->uploads[i].path, "re");
        *name = w->req->uploads[i].filename;
        if (!*out)
            return err_detail(err_new(ERR_FAULT, "The file could not be read."), "%s",
                              strerror(errno));
        arena_defer(w->arena, close_file, *out);
    }
    if (*out)
        return NULL;
    if (!w->req->body.size)
        return err_new(ERR_BAD, "Send the file as multipart/form-data in a field called “file”, or "
                                "CSV or JSON as the body.");
    TRY(source_temporary(w->arena, out));
    if (fwrite(w->req->body.data, 1, w->req->body.size, *out) != w->req->body.size)
        return err_new(ERR_BUSY, "The file could not be kept: the disk is full.");
    rewind(*out);
    return NULL;
}

static void note_column(void *ctx, const struct column *c)
{
    json_array_append_new(ctx, json_string(c->name));
}

static struct err *run_api(struct web *w, const struct entity *e, struct api_import *x)
{
    struct import_input in;
    json_t *settings;
    const char *name;
    FILE *file;

    TRY(api_settings(w, x, &settings));
    TRY(api_file(w, &file, &name));
    in = (struct import_input){file, name, settings, true};
    x->left_out = json_own(w->arena, json_array());
    TRY(import_library_look(w, e, &in, x->dry, &x->im));
    if (!x->im) {
        TRY(import_open(w, e, &in, &x->im));
        leave_out(x->im, note_column, x->left_out);
        TRY(import_check(x->im, NULL));
    }
    x->refused = x->im->counts.wrong && !x->im->good_rows;
    if (x->dry || x->refused)
        return NULL;
    TRY(import_write(x->im));
    x->written = true;
    return NULL;
}

struct err *import_api_prepare(struct web *w)
{
    const struct entity *e = feature_entity_plural(web_param(w, 0));
    struct api_import *x = NEW(w->arena, struct api_import);
    bool done;

    if (!e || e->no_api)
        return err_new(ERR_MISSING,
                       "There is no kind of record “%.40s”. All kinds are in "
                       "/api/v1/openapi.json.",
                       web_param(w, 0));
    TRY(web_need(w, &import_run_right));
    TRY(web_need(w, e->write));
    TRY(app_read(w, import_was_done, &done));
    if (!done)
        TRY(run_api(w, e, x));
    w->prepared = x;
    return NULL;
}

static json_t *problems_json(const struct importing *im)
{
    json_t *list = json_array();

    for (size_t i = 0; i < im->nproblems; i++) {
        const struct problem *p = &im->problems[i];
        json_t *one = json_object();

        json_object_set_new(one, "row", p->row ? json_integer(p->row) : json_null());
        if (p->line)
            json_object_set_new(one, "line", json_integer(p->line));
        json_object_set_new(one, "column", json_string(p->column));
        json_object_set_new(one, "field", json_string(p->field));
        json_object_set_new(one, "text", json_string(p->text));
        json_array_append_new(list, one);
    }
    return list;
}

static json_t *columns_json(const struct importing *im)
{
    json_t *o = json_object();

    for (size_t i = 0; i < im->source->ncolumns; i++) {
        const struct column *c = &im->columns[i];

        json_object_set_new(o, c->name,
                            c->use == COLUMN_FIELD    ? json_string(c->field->name)
                            : c->use == COLUMN_NUMBER ? json_string("number")
                            : c->use == COLUMN_KEY    ? json_string("key")
                                                      : json_null());
    }
    return o;
}

static json_t *answer(struct web *w, const struct api_import *x)
{
    const struct import_counts *n = &x->im->counts;
    json_t *o = json_object(), *notes = json_array();

    for (size_t i = 0; i < x->im->source->nnotes; i++)
        json_array_append_new(notes, json_string(x->im->source->notes[i]));
    json_object_set_new(o, "rows", json_integer(n->rows));
    json_object_set_new(o, "created", json_integer(n->created));
    json_object_set_new(o, "changed", json_integer(n->changed));
    json_object_set_new(o, "unchanged", json_integer(n->same));
    json_object_set_new(o, "wrong", json_integer(n->wrong));
    json_object_set_new(o, "missing", x->im->complete ? json_integer(x->im->missing) : json_null());
    json_object_set_new(o, "written", json_boolean(x->written));
    json_object_set_new(o, "import",
                        x->written ? json_string(arena_printf(w->arena, "IM-%lld", x->im->number))
                                   : json_null());
    json_object_set_new(o, "columns", columns_json(x->im));
    json_object_set(o, "left_out", x->left_out);
    json_object_set_new(o, "notes", notes);
    json_object_set_new(o, "problems", problems_json(x->im));
    return o;
}

struct err *import_api_done(struct web *w)
{
    struct api_import *x = w->prepared;
    json_t *o;

    if (!x || !x->im)
        return err_new(ERR_BUSY, "The server is busy. Please try again in a moment.");
    o = answer(w, x);
    if (!x->refused || x->dry) {
        web_answer_json(w, 200, o);
        return NULL;
    }
    json_object_set_new(o, "type", json_string("about:blank"));
    json_object_set_new(o, "title", json_string("Not accepted"));
    json_object_set_new(o, "status", json_integer(422));
    json_object_set_new(
        o, "detail",
        json_string("Some rows are wrong, so nothing was written. Mend them, or ask "
                    "for mode=good."));
    json_object_set_new(o, "request", json_string(w->req->id));
    web_answer_json(w, 422, o);
    w->req->response.type = "application/problem+json; charset=utf-8";
    return NULL;
}
