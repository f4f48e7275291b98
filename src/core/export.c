/* SPDX-License-Identifier: Apache-2.0 */
#include "core/export_part.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/csv.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/command.h"
#include "core/content.h"
#include "core/entity_sql.h"
#include "net/server.h"

#define ASKED 100 /* records between two looks whether somebody waits for the file */
#define TITLE_SLOTS 4096
#define TITLE_MEMORY ((size_t)4 << 20)

const struct permission export_run_right = {"export.run", "Export records"};

/* --- files on their way in or out --- */

static struct err *open_new(const char *path, FILE **out)
{
    char *name = (char *)(uintptr_t)path;
    int fd = mkostemp(name, 0); /* 0600 */

    *out = fd >= 0 ? fdopen(fd, "w+") : NULL;
    if (*out)
        return NULL;
    if (fd >= 0)
        close(fd);
    return err_detail(err_new(ERR_FAULT, "A temporary file could not be made."), "%s: %s", path,
                      strerror(errno));
}

struct err *transfer_file(struct web *w, const char *name, const char **path, FILE **out)
{
    const char *dir = arena_printf(w->arena, "%s/%s", w->app->config.dir, name);
    const char *place = mkdir(dir, 0700) && errno != EEXIST ? "/tmp" : dir;

    *path = arena_printf(w->arena, "%s/cairn-XXXXXX", place);
    return open_new(*path, out);
}

void transfer_clean(struct arena *a, const char *dir, const char *name)
{
    const char *folder = arena_printf(a, "%s/%s", dir, name);
    DIR *d = opendir(folder);
    time_t old = time(NULL) - 24 * 60 * 60;
    struct dirent *one;
    struct stat st;

    if (!d)
        return;
    while ((one = readdir(d))) {
        const char *path = arena_printf(a, "%s/%s", folder, one->d_name);

        if (one->d_name[0] != '.' && !lstat(path, &st) && S_ISREG(st.st_mode) && st.st_mtime < old)
            unlink(path);
    }
    closedir(d);
}

/* --- one export --- */

/* Number and title of a record that others refer to, kept because lists name the same ones again
 * and again. A slot is simply overwritten by the next that falls on it. */
struct title {
    const struct entity *entity;
    i64 id;
    const char *label, *title;
};

/* `e` NULL: a record of any kind. */
static struct err *find_title(struct export *x, const struct entity *e, i64 id,
                              const struct title **out)
{
    struct title *t = &x->titles[(((u64)id ^ (uintptr_t)e) * 0x9e3779b97f4a7c15ULL) >> 52];
    const char *title, *label;
    struct record_head head;
    i64 number;

    *out = t;
    if (t->id == id && t->entity == e)
        return NULL;
    if (arena_used(x->titles_arena) > TITLE_MEMORY) {
        arena_reset(x->titles_arena);
        memset(x->titles, 0, TITLE_SLOTS * sizeof(x->titles[0]));
    }
    if (e) {
        TRY(entity_title(x->w, e, id, &title, &number));
        record_label(x->titles_arena, e, number, &label);
    } else {
        TRY(record_head(x->w, id, &head));
        label = arena_str(x->titles_arena, head.label);
        title = head.title;
    }
    *t = (struct title){e, id, label, arena_str(x->titles_arena, title)};
    return NULL;
}

bool export_refers(const struct field *f)
{
    return f->kind == FIELD_REF || f->kind == FIELD_REFS || f->kind == FIELD_RECORD;
}

struct err *export_references(struct export *x, const struct field *f, const void *record,
                              bool titles, const char **out)
{
    struct ids ids = field_targets(f, record);
    const struct title *t;
    struct buf b;

    buf_init(&b, x->w->arena, 32);
    for (size_t i = 0; i < ids.count; i++) {
        TRY(find_title(x, f->ref, ids.id[i], &t));
        buf_printf(&b, "%s%s", i ? ", " : "", titles ? t->title : t->label);
    }
    *out = b.data;
    return NULL;
}

static const char *set_codes(struct arena *a, const struct field *f, i64 bits)
{
    struct buf b;

    buf_init(&b, a, 32);
    for (size_t i = 0; f->choices[i].code; i++)
        if ((u64)bits >> i & 1)
            buf_printf(&b, "%s%s", b.size ? "," : "", f->choices[i].code);
    return b.data;
}

/* The value as an import reads it back: codes, numbers of records, ISO dates. */
static struct err *plain_text(struct export *x, const struct field *f, const void *record,
                              const char **out)
{
    struct arena *a = x->w->arena;

    *out = "";
    if (export_refers(f))
        return export_references(x, f, record, false, out);
    if (field_null(f, record))
        return NULL;
    if (field_is_text(f)) {
        *out = field_str(f, record);
        return NULL;
    }
    switch (f->kind) {
    case FIELD_MONEY:
        *out = text_money(a, field_num(f, record));
        return NULL;
    case FIELD_BOOL:
        *out = field_num(f, record) ? "yes" : "no";
        return NULL;
    case FIELD_SET:
        *out = set_codes(a, f, field_num(f, record));
        return NULL;
    case FIELD_TIME:
        *out = clock_iso(a, field_num(f, record));
        return NULL;
    default:
        *out = arena_printf(a, "%lld", field_num(f, record));
        return NULL;
    }
}

/* --- CSV --- */

static void write_buf(struct export *x, struct buf *b)
{
    fwrite(b->data, 1, b->size, x->out);
}

static void csv_header(struct export *x)
{
    struct buf b;

    buf_init(&b, x->w->arena, 512);
    csv_cell(&b, "number", true);
    for (size_t i = 0; i < x->nfields; i++) {
        const struct field *f = x->fields[i];

        csv_cell(&b, f->name, false);
        if (export_refers(f))
            csv_cell(&b, arena_printf(x->w->arena, "%s_title", f->name), false);
    }
    csv_end_row(&b);
    write_buf(x, &b);
}

static struct err *csv_record(struct export *x, const void *record)
{
    const char *text;
    struct buf b;

    buf_init(&b, x->w->arena, 512);
    record_label(x->w->arena, x->e, ((const struct record *)record)->number, &text);
    csv_cell(&b, text, true);
    for (size_t i = 0; i < x->nfields; i++) {
        const struct field *f = x->fields[i];

        TRY(plain_text(x, f, record, &text));
        csv_cell(&b, text, false);
        if (export_refers(f)) {
            TRY(export_references(x, f, record, true, &text));
            csv_cell(&b, text, false);
        }
    }
    csv_end_row(&b);
    write_buf(x, &b);
    return NULL;
}

/* --- JSON --- */

static bool is_column(const struct export *x, const struct field *f)
{
    for (size_t i = 0; i < x->nfields; i++)
        if (x->fields[i] == f)
            return true;
    return f->secret; /* those are in no answer anyway */
}

static struct err *json_record(struct export *x, const void *record)
{
    json_t *object;

    TRY(entity_json(x->w, x->e, record, &object));
    for (size_t i = 0; i < x->e->nfields; i++)
        if (!is_column(x, &x->e->fields[i]))
            json_object_del(object, x->e->fields[i].name);
    fprintf(x->out, "%s\n%s", x->rows ? "," : "", json_text(x->w->arena, object));
    return NULL;
}

/* --- all of them --- */

struct err *export_wanted(const struct export *x)
{
    if (x->w->req && server_gone(x->w->req))
        return err_new(ERR_BUSY, "The export was stopped: nobody waits for it any more.");
    return NULL;
}

struct err *export_each(void *ctx, const void *record)
{
    struct export *x = ctx;
    bool hidden;

    if (x->rows % ASKED == 0)
        TRY(export_wanted(x));
    if (x->format != EXPORT_JSON) /* entity_json does it by itself */
        TRY(entity_veil(x->w, x->e, &record, &hidden));
    if (x->format == EXPORT_CSV)
        TRY(csv_record(x, record));
    else if (x->format == EXPORT_JSON)
        TRY(json_record(x, record));
    else
        TRY(export_sheet_record(x, record));
    x->rows++;
    return NULL;
}

static struct err *stream_plain(struct export *x, const struct list_query *q)
{
    const char *label;

    if (x->format == EXPORT_CSV) {
        csv_header(x);
        return list_stream(x->w, q, export_each, x);
    }
    TRY(classification_label(x->w, &label));
    fputc('{', x->out);
    if (*label)
        fprintf(x->out, "\"classification\":%s,",
                json_text(x->w->arena, json_own(x->w->arena, json_string(label))));
    fprintf(x->out, "\"items\":[");
    TRY(list_stream(x->w, q, export_each, x));
    fprintf(x->out, "\n],\"next\":null}\n");
    return NULL;
}

/* All fields, or (fields=shown, and always on paper) what the list shows, in its order. */
static void choose_columns(struct export *x, const struct list_query *q)
{
    const struct field *columns[LIST_COLUMNS];
    const struct field *title = entity_field(x->e, x->e->title);
    size_t n = list_columns(q, columns);

    x->fields = NEW_ARRAY(x->w->arena, const struct field *, x->e->nfields + LIST_COLUMNS + 1);
    if (x->format != EXPORT_PDF &&
        (!x->w->req || !text_equal(web_query(x->w, "fields"), "shown"))) {
        for (size_t i = 0; i < x->e->nfields; i++)
            if (!x->e->fields[i].secret)
                x->fields[x->nfields++] = &x->e->fields[i];
        return;
    }
    if (title && !title->secret)
        x->fields[x->nfields++] = title;
    for (size_t i = 0; i < n; i++)
        x->fields[x->nfields++] = columns[i];
}

struct err *export_write(struct web *w, const struct list_query *q, enum export_format format,
                         FILE *out)
{
    struct export x = {.w = w, .e = q->entity, .format = format, .out = out};
    struct list_query all = *q;
    struct err *failed;

    TRY(web_need(w, &export_run_right));
    TRY(web_need(w, q->entity->read));
    all.after = NULL;
    choose_columns(&x, q);
    x.titles_arena = arena_new(0);
    x.titles = NEW_ARRAY(w->arena, struct title, TITLE_SLOTS);
    failed = format == EXPORT_XLSX  ? export_sheet(&x, &all)
             : format == EXPORT_PDF ? export_pdf(&x, &all)
                                    : stream_plain(&x, &all);
    arena_free(x.titles_arena);
    return failed;
}

/* --- page --- */

/* Text as the value of a structured header field (RFC 9651): a string, or a display string when it
 * has other letters than those of ASCII. */
static const char *header_text(struct arena *a, const char *text)
{
    bool ascii = true;
    struct buf b;

    for (const char *p = text; *p; p++)
        ascii = ascii && *p >= ' ' && *p <= '~';
    buf_init(&b, a, strlen(text) * 3 + 4);
    buf_str(&b, ascii ? "\"" : "%\"");
    for (const char *p = text; *p; p++) {
        bool plain = *p >= ' ' && *p <= '~';

        if (ascii && (*p == '"' || *p == '\\'))
            buf_char(&b, '\\');
        if (ascii || (plain && *p != '"' && *p != '%'))
            buf_char(&b, *p);
        else
            buf_printf(&b, "%%%02x", (unsigned char)*p);
    }
    buf_char(&b, '"');
    return b.data;
}

struct err *export_name(struct web *w, const char *stem, const char *extension, const char **out)
{
    const char *label;

    TRY(classification_label(w, &label));
    if (*label)
        web_header(w, "Classification", header_text(w->arena, label));
    *out = *label ? arena_printf(w->arena, "%s-%s.%s", stem, text_slug(w->arena, label), extension)
                  : arena_printf(w->arena, "%s.%s", stem, extension);
    return NULL;
}

static const char *const format_names[] = {"csv", "json", "xlsx", "pdf"};

bool export_format_find(const char *name, enum export_format *out)
{
    for (size_t i = 0; i < COUNT_OF(format_names); i++) {
        if (text_equal(name, format_names[i])) {
            *out = (enum export_format)i;
            return true;
        }
    }
    return false;
}

struct err *export_page(struct web *w, const struct entity *e)
{
    static const char *const types[] = {
        "text/csv; charset=utf-8", "application/json; charset=utf-8",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/pdf"};
    const char *name = web_query(w, "format"), *path;
    enum export_format format = EXPORT_CSV;
    struct list_query q;
    struct err *failed;
    FILE *out;
    bool bad;

    if (name && *name && !export_format_find(name, &format))
        return err_new(ERR_BAD, "There is no export as “%.20s”. Use csv, json, xlsx or pdf.", name);
    TRY(list_parse(w, e, &q));
    TRY(transfer_file(w, "exports", &path, &out));
    failed = export_write(w, &q, format, out);
    bad = ferror(out) != 0;
    bad = fclose(out) || bad;
    if (!failed && bad)
        failed = err_detail(err_new(ERR_FAULT, "The export could not be written."), "%s: %s", path,
                            strerror(errno));
    if (failed) {
        unlink(path);
        return failed;
    }
    TRY(export_name(
        w, arena_printf(w->arena, "%s-%s", e->plural, w->asof_date ? w->asof_date : w->today),
        format_names[format], &name));
    web_answer_bytes(w, types[format], (struct bytes){0}, name);
    w->req->response.file = path;
    w->req->response.file_temporary = true;
    return NULL;
}

/* --- command --- */

/* "state=open" arguments as the parameters of a request, because lists are asked for that way. */
static struct err *command_query(struct cli *c, struct web *w, const struct entity *e,
                                 struct list_query *q)
{
    struct request r = {.arena = w->arena, .path = "/", .target = "/"};
    struct err *failed;
    const char *word;

    r.query.list = NEW_ARRAY(w->arena, struct pair, (size_t)c->argc + 1);
    for (size_t i = 1; (word = cli_argument(c, i)); i++) {
        const char *equals = strchr(word, '=');

        if (!equals)
            return err_new(ERR_BAD, "“%.60s” is no filter. Write it like state=open.", word);
        r.query.list[r.query.count++] =
            (struct pair){arena_strn(w->arena, word, (size_t)(equals - word)), equals + 1};
    }
    w->req = &r;
    failed = list_parse(w, e, q);
    w->req = NULL;
    return failed;
}

struct command_export {
    const struct list_query *query;
    enum export_format format;
    FILE *out;
};

static struct err *run_command(struct web *w, void *ctx)
{
    struct command_export *x = ctx;

    return export_write(w, x->query, x->format, x->out);
}

static const struct entity *kind_of(const char *name)
{
    const struct entity *e = feature_entity_typed(name);

    return e && !e->no_api ? e : NULL;
}

static const char *kind_names(struct arena *a)
{
    struct buf b;

    buf_init(&b, a, 200);
    for (size_t i = 0; features[i]; i++)
        for (const struct entity *const *e = features[i]->entities; e && *e; e++)
            if (!(*e)->no_api)
                buf_printf(&b, "%s%s", b.size ? ", " : "", (*e)->plural);
    return b.data;
}

int export_command(struct cli *c)
{
    const char *output = cli_option(c, "output"), *name = cli_option(c, "format");
    const struct entity *e = kind_of(cli_argument(c, 0));
    struct command_export x = {.format = EXPORT_CSV};
    struct list_query q;
    struct err *failed;
    struct web *w;

    if (!e)
        return cli_usage(c, "There is no kind of record “%s”. There are: %s.", cli_argument(c, 0),
                         kind_names(c->arena));
    if (name && !export_format_find(name, &x.format))
        return cli_usage(c, "There is no export as “%s”. Use csv, json, xlsx or pdf.", name);
    if ((x.format == EXPORT_XLSX || x.format == EXPORT_PDF) && !output && isatty(fileno(c->out)))
        return cli_usage(c,
                         "This file is no text for a terminal. Say where it goes: --output %s.%s",
                         e->plural, name);
    failed = cli_open(c, false, true, &w);
    if (!failed)
        failed = command_query(c, w, e, &q);
    if (!failed)
        failed = cli_file(c, output ? output : "-", true, &x.out);
    x.query = &q;
    if (!failed)
        failed = app_read(w, run_command, &x);
    return failed ? cli_fail(c, failed) : 0;
}
