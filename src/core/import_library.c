/* SPDX-License-Identifier: Apache-2.0 */
/* A library of controls as one step: its set is written first, then its controls are looked at as
 * any list to import. The page, and `cairn import-controls`. */
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/command.h"
#include "core/import_draft.h"
#include "core/import_part.h"
#include "core/import_record.h"
#include "core/page.h"

struct kinds {
    const struct entity *set, *control;
};

static struct kinds kinds(void)
{
    return (struct kinds){feature_entity("controlset"), feature_entity("control")};
}

static void close_file(void *file)
{
    fclose(file);
}

/* Writes the record of the set that a library names; `*is` is false for files that are none. */
static struct err *write_set(struct web *w, FILE *file, const char *name, bool dry, bool *is)
{
    json_t *settings = json_own(w->arena, json_object());
    struct import_input in = {file, name, settings, false};
    struct importing *im;

    rewind(file);
    TRY(import_open(w, kinds().set, &in, &im));
    *is = im->source->library;
    if (!*is || dry)
        return NULL;
    TRY(import_check(im, NULL));
    if (im->counts.wrong)
        return err_new(ERR_INVALID, "The set of “%.100s” cannot be kept: %s", name,
                       im->nproblems ? im->problems[0].text : "");
    /* A file of mappings alone names a set of its own, which has no controls. */
    return im->counts.created + im->counts.changed ? import_write(im) : NULL;
}

/* The set is not there in a dry run: then it is not looked for. */
static void leave_out(struct importing *im, bool set_too)
{
    for (size_t i = 0; i < im->source->ncolumns; i++) {
        struct column *col = &im->columns[i];

        if (col->use == COLUMN_UNKNOWN ||
            (set_too && col->field && text_equal(col->field->name, "controlset")))
            col->use = COLUMN_IGNORED;
    }
}

struct err *import_library_look(struct web *w, const struct entity *e,
                                const struct import_input *in, bool dry, struct importing **out)
{
    struct import_input first = *in;
    bool is;

    *out = NULL;
    if (e != kinds().control)
        return NULL;
    TRY(write_set(w, in->file, in->name, true, &is));
    rewind(in->file);
    if (!is)
        return NULL;
    first.settings = json_own(w->arena, json_deep_copy(in->settings));
    TRY(import_open(w, e, &first, out));
    leave_out(*out, true);
    TRY(import_check(*out, NULL));
    if (dry || ((*out)->counts.wrong && !(*out)->good_rows))
        return NULL;
    *out = NULL;
    TRY(write_set(w, in->file, in->name, false, &is));
    rewind(in->file);
    return NULL;
}

/* --- page --- */

static struct err *may_import(struct web *w)
{
    TRY(web_need(w, &import_run_right));
    return web_need(w, kinds().control->write);
}

struct err *import_library_page(struct web *w)
{
    struct html *h = w->html;

    TRY(may_import(w));
    page_begin(w, tr("Control sets"), "Bring in a framework");
    page_help(w,
              "Reads a library of CISO Assistant (YAML) or an OSCAL catalogue (JSON) with its set, "
              "its controls and, where the file has them, the mappings to Annex A. Nothing is "
              "decided by that: a library is there to pick from.",
              kinds().set->clause);
    page_body(w);
    card_begin(w, "Choose a file", NULL);
    html(h, "<form method='post' action='%s' enctype='multipart/form-data'>",
         web_url(w, "/control-sets/import"));
    import_hidden_tokens(w);
    html(h,
         "<div class='field mb-3'><label class='form-label required' for='f-file'>{File}</label>"
         "<input class='form-control' type='file' id='f-file' name='file' required "
         "accept='.yaml,.yml,.json,.csv,.xlsx,text/csv,application/json'><div "
         "class='form-hint'>{A library of CISO Assistant (.yaml), an OSCAL catalogue (.json), or "
         "a list of controls as CSV or workbook with the columns code, title, asks, controlset "
         "and maps_to.}</div></div><p class='mute'>{The set is kept at once; each control is "
         "shown to you before it is stored, and the import can be undone. Mind the terms of use "
         "of the publisher.}</p>");
    form_end(w, "Look at it", web_url(w, "/control-sets"));
    card_end(w);
    page_end(w);
    return NULL;
}

static const struct upload *uploaded(const struct web *w)
{
    for (size_t i = 0; i < w->req->nuploads; i++)
        if (text_starts(w->req->uploads[i].name, "file") && w->req->uploads[i].size > 0)
            return &w->req->uploads[i];
    return NULL;
}

struct err *import_library_prepare(struct web *w)
{
    struct import_draft *d = NEW(w->arena, struct import_draft);
    const struct upload *u = uploaded(w);
    bool done, is;
    FILE *file;

    TRY(may_import(w));
    TRY(app_read(w, import_was_done, &done));
    if (done)
        return NULL;
    if (!u)
        return err_new(ERR_INVALID, "Choose a file that is not empty, then send the form again.");
    file = fopen(u->path, "re");
    if (!file)
        return err_detail(err_new(ERR_FAULT, "The file could not be read."), "%s", strerror(errno));
    arena_defer(w->arena, close_file, file);
    TRY(write_set(w, file, u->filename, false, &is));
    TRY(draft_new(w, kinds().control, u, d));
    TRY(draft_study(w, d));
    w->prepared = d;
    return NULL;
}

struct err *import_library_done(struct web *w)
{
    const struct import_draft *d = w->prepared;

    if (!d)
        return err_new(ERR_BUSY, "The server is busy. Please try again in a moment.");
    web_redirect(w, web_url(w, "/controls/import/%s", d->token));
    return NULL;
}

/* --- undo --- */

/* The sets that the controls of an import stood in, as far as an import made the set, nobody has
 * changed it since and none of its controls is left. */
static struct err *empty_sets(struct web *w, i64 import, struct rows **out)
{
    return db_query(w->db, out,
                    "select s.id, s.version from controlset s where s.org_id = $1 and s.id in"
                    " (select h.controlset from import_effect x join control_history h on"
                    " h.org_id = x.org_id and h.id = x.record and h.version = x.version"
                    " where x.org_id = $1 and x.import = $2)"
                    " and exists (select 1 from import i join import_effect m on"
                    " m.org_id = i.org_id and m.import = i.id where i.org_id = s.org_id"
                    " and i.kind = 'controlset' and m.record = s.id and m.was = 0)"
                    " and s.version = (select max(v.version) from import j join import_effect v on"
                    " v.org_id = j.org_id and v.import = j.id where j.org_id = s.org_id"
                    " and j.kind = 'controlset' and v.record = s.id)"
                    " and not exists (select 1 from control c where c.org_id = s.org_id"
                    " and c.controlset = s.id) order by s.id",
                    num(w->org), num(import));
}

struct err *import_library_undo(struct web *w, i64 import, const char *reason, i64 *removed)
{
    struct rows *r;

    *removed = 0;
    TRY(empty_sets(w, import, &r));
    while (row_next(r)) {
        i64 id = row_num(r, 0);
        struct err *failed = entity_remove(w, kinds().set, id, row_num(r, 1), reason);

        if (failed && failed->code != ERR_CLASH && failed->code != ERR_INVALID &&
            failed->code != ERR_DENIED)
            return failed;
        if (failed) /* something else holds it: it stays */
            continue;
        TRY(db_exec(w->db, "delete from import_key where org_id = $1 and record = $2", num(w->org),
                    num(id)));
        ++*removed;
    }
    return NULL;
}

/* --- command --- */

static void tell_problems(struct cli *c, const struct importing *im)
{
    for (size_t i = 0; i < im->nproblems; i++) {
        const struct problem *p = &im->problems[i];

        fprintf(c->err, "line %lld", p->line ? p->line : p->row);
        if (*p->column)
            fprintf(c->err, ", %s", p->column);
        fprintf(c->err, ": %s\n", p->text);
    }
}

/* A copy that can be read twice, of standard input too. */
static struct err *copy_of(struct cli *c, FILE **out)
{
    char bytes[65536];
    FILE *file;
    size_t n;

    TRY(cli_file(c, cli_argument(c, 0), false, &file));
    TRY(source_temporary(c->arena, out));
    while ((n = fread(bytes, 1, sizeof(bytes), file)) > 0)
        if (fwrite(bytes, 1, n, *out) != n)
            return err_new(ERR_BUSY, "The file could not be kept: the disk is full.");
    return NULL;
}

static struct err *read_controls(struct cli *c, bool dry, struct importing **out)
{
    const char *path = cli_argument(c, 0), *set = cli_option(c, "set");
    json_t *settings = json_own(c->arena, json_object());
    struct import_input in = {NULL, path, settings, false};
    struct web *w;

    if (cli_flag(c, "good-rows"))
        json_object_set_new(settings, "mode", json_string("good"));
    TRY(cli_open(c, !dry, true, &w));
    TRY(copy_of(c, &in.file));
    TRY(import_library_look(w, kinds().control, &in, dry, out));
    if (*out)
        return NULL;
    TRY(import_open(w, kinds().control, &in, out));
    leave_out(*out, false);
    if (set)
        TRY(import_default(*out, "controlset", set));
    for (size_t i = 0; i < (*out)->source->nnotes; i++)
        fprintf(c->err, "note: %s\n", (*out)->source->notes[i]);
    return import_check(*out, NULL);
}

int import_library_command(struct cli *c)
{
    bool dry = cli_flag(c, "dry-run"), refused;
    const struct import_counts *n;
    struct importing *im;
    struct err *failed = read_controls(c, dry, &im);

    if (failed)
        return cli_fail(c, failed);
    n = &im->counts;
    refused = n->wrong && !im->good_rows;
    if (!dry && !refused)
        failed = import_write(im);
    tell_problems(c, im);
    if (failed)
        return cli_fail(c, failed);
    if (refused && !dry)
        fprintf(c->err, "No control was written. Mend the file, or leave wrong ones out with "
                        "--good-rows.\n");
    fprintf(
        c->out, "%s %lld, %s %lld, unchanged %lld, errors %lld%s\n",
        dry || refused ? "would create" : "created", n->created,
        dry || refused ? "would change" : "changed", n->changed, n->same, n->wrong,
        dry || refused || !im->number
            ? ""
            : arena_printf(c->arena, "; take it back with: cairn import undo IM-%lld", im->number));
    return n->wrong ? 1 : 0;
}
