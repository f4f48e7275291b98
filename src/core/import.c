/* SPDX-License-Identifier: Apache-2.0 */
/* Imports as pages and as a command. Between preview and run the file lies in DIR/imports, under a
 * name that contains organisation, account and kind, so that a token is of no use to anybody else.
 */
#include "core/import.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypt.h"
#include "base/csv.h"
#include "base/text.h"
#include "core/app.h"
#include "core/command.h"
#include "core/export.h"
#include "core/import_part.h"
#include "core/session.h"

#define INLINE_ROWS 2000

const struct permission import_run_right = {"import.run", "Import records"};

/* --- the file between preview and run --- */

static const char *kept_path(struct web *w, const struct entity *e, const char *token)
{
    return arena_printf(w->arena, "%s/imports/%lld-%lld-%s-%s", w->app->config.dir, w->org,
                        w->account, e->plural, token);
}

static bool token_valid(const char *token)
{
    size_t n = token ? strlen(token) : 0;

    return n >= 16 && n <= 64 &&
           strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == n;
}

static void close_file(void *file)
{
    fclose(file);
}

static struct err *keep_upload(struct web *w, const struct entity *e, const struct upload *u,
                               const char **token)
{
    const char *path, *kept;
    char room[65536];
    FILE *from, *to;
    bool bad;
    size_t n;

    transfer_clean(w->arena, w->app->config.dir, "imports");
    from = fopen(u->path, "re");
    if (!from)
        return err_detail(err_new(ERR_FAULT, "The file could not be read."), "%s: %s", u->path,
                          strerror(errno));
    arena_defer(w->arena, close_file, from);
    TRY(transfer_file(w, "imports", &path, &to));
    while ((n = fread(room, 1, sizeof(room), from)) > 0)
        fwrite(room, 1, n, to);
    bad = ferror(from) || ferror(to);
    bad = fclose(to) || bad;
    *token = crypt_token(w->arena, 18);
    kept = kept_path(w, e, *token);
    if (!bad && !rename(path, kept))
        return NULL;
    unlink(path);
    return err_detail(err_new(ERR_FAULT, "The file could not be kept on the server."), "%s: %s",
                      kept, strerror(errno));
}

/* Opens what the token stands for. Locked while a run uses it. */
static struct err *open_kept(struct web *w, const struct entity *e, const char *token, bool lock,
                             FILE **out)
{
    int fd = -1;

    if (token_valid(token))
        fd = open(kept_path(w, e, token), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    *out = fd >= 0 ? fdopen(fd, "r+") : NULL;
    if (!*out) {
        if (fd >= 0)
            close(fd);
        return err_new(ERR_MISSING, "The file of this import is not kept any more. Files are kept "
                                    "for a day. Please upload it again.");
    }
    arena_defer(w->arena, close_file, *out);
    if (lock && flock(fd, LOCK_EX | LOCK_NB))
        return err_new(ERR_CLASH, "This import is running already. Look at the list in a moment.");
    return NULL;
}

static const struct upload *uploaded(const struct web *w)
{
    for (size_t i = 0; i < w->req->nuploads; i++)
        if (text_equal(w->req->uploads[i].name, "file") && w->req->uploads[i].size > 0)
            return &w->req->uploads[i];
    return NULL;
}

/* --- the posted form --- */

/* The selects of the preview: "map.0", "map.1" ... in the order of the columns. */
static struct err *read_mapping(struct web *w, struct import *im)
{
    size_t n = im->source->ncolumns;

    if (!web_form(w, "map.0"))
        return NULL;
    for (size_t i = 0; i < n; i++)
        im->columns[i] = (struct column){.name = im->columns[i].name};
    for (size_t i = 0; i < n; i++) {
        const char *value = web_form(w, arena_printf(w->arena, "map.%zu", i));
        struct pair map = {im->columns[i].name, value};

        if (!text_empty(value))
            TRY(import_assign(w->arena, im->e, im->columns, n, &map));
    }
    return NULL;
}

/* "set.state": a value for all new rows. In a preview w is in its read transaction already. */
static struct err *read_defaults(struct web *w, struct import *im)
{
    for (size_t i = 0; i < im->e->nfields; i++) {
        const struct field *f = &im->e->fields[i];
        const char *value = web_form(w, arena_printf(w->arena, "set.%s", f->name));

        if (import_may_fill(f) && !text_empty(value))
            TRY(import_default(im, f->name, value));
    }
    return NULL;
}

static struct err *open_import(struct web *w, const struct entity *e, FILE *file, const char *name,
                               struct import **out)
{
    struct source *s;

    TRY(source_open(w->arena, file, name, &s));
    TRY(import_new(w, e, s, out));
    (*out)->good_rows = text_equal(web_form(w, "good_rows"), "1");
    TRY(read_mapping(w, *out));
    return read_defaults(w, *out);
}

/* --- pages --- */

static struct err *template_file(struct web *w, const struct entity *e)
{
    struct buf b;

    buf_init(&b, w->arena, 512);
    csv_cell(&b, "number", true);
    for (size_t i = 0; i < e->nfields; i++)
        if (import_may_fill(&e->fields[i]))
            csv_cell(&b, e->fields[i].name, false);
    csv_end_row(&b);
    web_answer_bytes(w, "text/csv; charset=utf-8",
                     (struct bytes){(const unsigned char *)b.data, b.size},
                     arena_printf(w->arena, "%s-template.csv", e->plural));
    return NULL;
}

struct err *import_page(struct web *w, const struct entity *e)
{
    TRY(web_need(w, &import_run_right));
    TRY(web_need(w, e->write));
    if (text_equal(web_query(w, "template"), "1"))
        return template_file(w, e);
    return import_draw_upload(w, e);
}

struct err *import_preview(struct web *w, const struct entity *e)
{
    const struct upload *u = uploaded(w);
    const char *token = web_form(w, "token"), *name = web_form(w, "file_name");
    struct import *im;
    FILE *file;

    TRY(web_need(w, &import_run_right));
    TRY(web_need(w, e->write));
    if (!session_csrf_valid(w, web_form(w, "_csrf")))
        return err_new(ERR_DENIED, "The form has expired or did not come from this browser "
                                   "session. Go back, reload the page and send it again.");
    if (!u && !token)
        return err_new(ERR_INVALID, "Choose a file that is not empty, then send the form again.");
    if (u) {
        TRY(keep_upload(w, e, u, &token));
        name = u->filename;
    }
    TRY(open_kept(w, e, token, false, &file));
    TRY(open_import(w, e, file, name, &im));
    TRY(import_check(w, im));
    return import_draw_preview(w, im, token);
}

/* What import_prepare hands to import_run. */
struct prepared {
    struct import *im; /* NULL: it was done before, by an earlier sending of the form */
    bool refused;      /* rows are wrong or columns undecided: nothing was written */
};

/* A finished file holds one line instead of its rows, so that a form that is sent twice is told
 * what became of it instead of running again. */
#define DONE "cairn-import-done\n"

static struct err *already_done(FILE *file, bool *done)
{
    char room[sizeof(DONE)] = "";
    size_t n = fread(room, 1, sizeof(DONE) - 1, file);

    *done = n == sizeof(DONE) - 1 && memcmp(room, DONE, n) == 0;
    rewind(file);
    return NULL;
}

static void mark_done(FILE *file)
{
    rewind(file);
    if (!ftruncate(fileno(file), 0)) {
        fputs(DONE, file);
        fflush(file);
    }
}

static struct err *run_kept(struct web *w, const struct entity *e, struct prepared *p)
{
    FILE *file;
    bool done;

    TRY(web_need(w, &import_run_right));
    TRY(web_need(w, e->write));
    TRY(open_kept(w, e, web_form(w, "token"), true, &file));
    TRY(already_done(file, &done));
    if (done)
        return NULL;
    TRY(open_import(w, e, file, web_form(w, "file_name"), &p->im));
    TRY(app_read(w, import_check, p->im));
    if (import_undecided(p->im) || (p->im->counts.wrong && !p->im->good_rows)) {
        p->refused = true;
        return NULL;
    }
    if (w->writable && p->im->counts.rows > INLINE_ROWS)
        return err_new(ERR_LIMIT, "At most %d rows can be imported here at once.", INLINE_ROWS);
    TRY(import_write(p->im));
    mark_done(file);
    return NULL;
}

/* "/o/acme/risks/import" -> the entity of "risks". */
static const struct entity *entity_of_path(struct web *w)
{
    char **parts;
    size_t n = text_split(w->arena, w->req->path, '/', &parts);

    return n >= 3 ? feature_entity_plural(parts[2]) : NULL;
}

struct err *import_prepare(struct web *w)
{
    const struct entity *e = entity_of_path(w);
    struct prepared *p = NEW(w->arena, struct prepared);

    if (!e || !w->org)
        return err_new(ERR_MISSING, "There is no page at this address.");
    TRY(run_kept(w, e, p));
    w->prepared = p;
    return NULL;
}

struct err *import_run(struct web *w, const struct entity *e)
{
    struct prepared *p = w->prepared;

    if (!p) {
        p = NEW(w->arena, struct prepared);
        TRY(run_kept(w, e, p));
    }
    if (p->refused) {
        web_status(w, 422);
        p->im->w = w;
        return import_draw_preview(w, p->im, web_form(w, "token"));
    }
    web_redirect(w, web_url(w, "/%s?m=imported", e->plural));
    return NULL;
}

/* --- command --- */

static const struct entity *kind_of(const char *name)
{
    const struct entity *e = feature_entity_typed(name);

    return e && !e->no_api && e->write ? e : NULL;
}

static struct err *map_columns(struct cli *c, struct import *im)
{
    const char *text;

    for (size_t i = 0; (text = cli_option_nth(c, "map", i)); i++) {
        const char *equals = strrchr(text, '=');
        struct pair map;

        if (!equals || equals == text || !equals[1])
            return err_new(ERR_BAD, "“--map %.60s” is not COLUMN=FIELD.", text);
        map = (struct pair){arena_strn(c->arena, text, (size_t)(equals - text)), equals + 1};
        TRY(import_assign(c->arena, im->e, im->columns, im->source->ncolumns, &map));
    }
    return NULL;
}

static struct err *set_defaults(struct cli *c, struct import *im)
{
    const char *text;

    for (size_t i = 0; (text = cli_option_nth(c, "set", i)); i++) {
        const char *equals = strchr(text, '=');

        if (!equals || equals == text)
            return err_new(ERR_BAD, "“--set %.60s” is not FIELD=VALUE.", text);
        TRY(import_default(im, arena_strn(c->arena, text, (size_t)(equals - text)), equals + 1));
    }
    return NULL;
}

/* Columns that nobody reads are told, and then left out. */
static void tell_columns(struct cli *c, struct import *im)
{
    if (im->source->converted)
        fprintf(c->err, "warning: the file is not UTF-8; it was read as Windows-1252\n");
    for (size_t i = 0; i < im->source->ncolumns; i++) {
        struct column *one = &im->columns[i];

        if (one->use == COLUMN_UNKNOWN) {
            fprintf(c->err,
                    "warning: column \"%s\" fits no field and is left out (--map \"%s=FIELD\" to "
                    "use it)\n",
                    one->name, one->name);
            one->use = COLUMN_IGNORED;
        } else if (one->use == COLUMN_SET) {
            fprintf(c->err, "note: column \"%s\" %s and is left out\n", one->name, one->note);
        }
    }
}

static void tell_problems(struct cli *c, const struct import *im)
{
    for (size_t i = 0; i < im->nproblems; i++) {
        const struct problem *p = &im->problems[i];

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

static int summary(struct cli *c, const struct import *im, bool would)
{
    const struct import_counts *n = &im->counts;

    fprintf(c->out, "%s %lld, %s %lld, unchanged %lld, errors %lld\n",
            would ? "would create" : "created", n->created, would ? "would change" : "changed",
            n->changed, n->same, n->wrong);
    return n->wrong ? 1 : 0;
}

static struct err *prepare_command(struct cli *c, const struct entity *e, bool dry,
                                   struct import **out)
{
    const char *path = cli_argument(c, 1);
    struct source *s;
    struct web *w;
    FILE *file;

    TRY(cli_open(c, !dry, true, &w));
    TRY(cli_file(c, path, false, &file));
    TRY(source_open(c->arena, file, text_equal(path, "-") ? "standard input" : path, &s));
    TRY(import_new(w, e, s, out));
    (*out)->good_rows = cli_flag(c, "good-rows");
    TRY(map_columns(c, *out));
    TRY(set_defaults(c, *out));
    tell_columns(c, *out);
    return app_read(w, import_check, *out);
}

int import_command(struct cli *c)
{
    const struct entity *e = kind_of(cli_argument(c, 0));
    bool dry = cli_flag(c, "dry-run");
    struct import *im;
    struct err *failed;

    if (!e)
        return cli_usage(c,
                         "“%s” is no kind of record that can be imported. Try units, people, "
                         "assets or risks.",
                         cli_argument(c, 0));
    failed = prepare_command(c, e, dry, &im);
    if (failed)
        return cli_fail(c, failed);
    tell_problems(c, im);
    if (dry)
        return summary(c, im, true);
    if (im->counts.wrong && !im->good_rows) {
        fprintf(c->err,
                "Nothing was written. Mend the rows, or leave them out with --good-rows.\n");
        im->counts.created = im->counts.changed = 0;
        return summary(c, im, false);
    }
    failed = import_write(im);
    return failed ? cli_fail(c, failed) : summary(c, im, false);
}
