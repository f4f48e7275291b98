/* SPDX-License-Identifier: Apache-2.0 */
#include "core/export.h"

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
#include "core/app.h"
#include "core/command.h"
#include "core/content.h"
#include "core/entity_sql.h"
#include "out/xlsx.h"

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

struct export
{
    struct web *w;
    const struct entity *e;
    enum export_format format;
    FILE *out;
    struct xlsx *xlsx;
    i64 rows;
    struct arena *titles_arena;
    struct title *titles;
};

static struct err *find_title(struct export *x, const struct entity *e, i64 id,
                              const struct title **out)
{
    struct title *t = &x->titles[(((u64)id ^ (uintptr_t)e) * 0x9e3779b97f4a7c15ULL) >> 52];
    const char *title, *label;
    i64 number;

    *out = t;
    if (t->entity == e && t->id == id)
        return NULL;
    if (arena_used(x->titles_arena) > TITLE_MEMORY) {
        arena_reset(x->titles_arena);
        memset(x->titles, 0, TITLE_SLOTS * sizeof(x->titles[0]));
    }
    TRY(entity_title(x->w, e, id, &title, &number));
    record_label(x->titles_arena, e, number, &label);
    *t = (struct title){e, id, label, arena_str(x->titles_arena, title)};
    return NULL;
}

static bool is_reference(const struct field *f)
{
    return f->kind == FIELD_REF || f->kind == FIELD_REFS;
}

/* Numbers, or titles, of what the field refers to, joined by ", ". */
static struct err *reference_text(struct export *x, const struct field *f, const void *record,
                                  bool titles, const char **out)
{
    struct ids one = {.count = 0}, *ids = &one;
    const struct title *t;
    struct buf b;
    i64 id;

    if (f->kind == FIELD_REF) {
        id = field_num(f, record);
        one = (struct ids){&id, id != 0};
    } else {
        one = *field_ids(f, record);
    }
    buf_init(&b, x->w->arena, 32);
    for (size_t i = 0; i < ids->count; i++) {
        TRY(find_title(x, f->ref, ids->id[i], &t));
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

static const char *money(struct arena *a, i64 n)
{
    u64 size = n < 0 ? 0 - (u64)n : (u64)n;

    return arena_printf(a, "%s%llu.%02llu", n < 0 ? "-" : "", size / 100, size % 100);
}

/* The value as an import reads it back: codes, numbers of records, ISO dates. */
static struct err *plain_text(struct export *x, const struct field *f, const void *record,
                              const char **out)
{
    struct arena *a = x->w->arena;

    *out = "";
    if (is_reference(f))
        return reference_text(x, f, record, false, out);
    if (field_null(f, record))
        return NULL;
    if (field_is_text(f)) {
        *out = field_str(f, record);
        return NULL;
    }
    switch (f->kind) {
    case FIELD_MONEY:
        *out = money(a, field_num(f, record));
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
    for (size_t i = 0; i < x->e->nfields; i++) {
        const struct field *f = &x->e->fields[i];

        if (f->secret)
            continue;
        csv_cell(&b, f->name, false);
        if (is_reference(f))
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
    for (size_t i = 0; i < x->e->nfields; i++) {
        const struct field *f = &x->e->fields[i];

        if (f->secret)
            continue;
        TRY(plain_text(x, f, record, &text));
        csv_cell(&b, text, false);
        if (is_reference(f)) {
            TRY(reference_text(x, f, record, true, &text));
            csv_cell(&b, text, false);
        }
    }
    csv_end_row(&b);
    write_buf(x, &b);
    return NULL;
}

/* --- JSON --- */

static struct err *json_record(struct export *x, const void *record)
{
    json_t *object;

    TRY(entity_json(x->w, x->e, record, &object));
    fprintf(x->out, "%s\n%s", x->rows ? "," : "", json_text(x->w->arena, object));
    return NULL;
}

/* --- XLSX --- */

static enum xlsx_kind sheet_kind(const struct field *f)
{
    switch (f->kind) {
    case FIELD_LONG:
        return XLSX_LONG;
    case FIELD_INT:
    case FIELD_LEVEL:
        return XLSX_NUMBER;
    case FIELD_MONEY:
        return XLSX_MONEY;
    case FIELD_DATE:
        return XLSX_DATE;
    case FIELD_TIME:
        return XLSX_TIME;
    default:
        return XLSX_TEXT;
    }
}

static void sheet_header(struct export *x)
{
    struct xlsx_column *c = NEW_ARRAY(x->w->arena, struct xlsx_column, x->e->nfields * 2 + 1);
    size_t n = 0;

    c[n++] = (struct xlsx_column){"Number", XLSX_TEXT};
    for (size_t i = 0; i < x->e->nfields; i++) {
        const struct field *f = &x->e->fields[i];

        if (f->secret)
            continue;
        c[n++] = (struct xlsx_column){f->label, sheet_kind(f)};
        if (is_reference(f))
            c[n++] =
                (struct xlsx_column){arena_printf(x->w->arena, "%s (title)", f->label), XLSX_TEXT};
    }
    xlsx_sheet(x->xlsx, x->e->labels, c, n);
}

static struct err *sheet_value(struct export *x, const struct field *f, const void *record)
{
    const char *text;

    if (is_reference(f)) {
        TRY(reference_text(x, f, record, false, &text));
        xlsx_text(x->xlsx, text);
        TRY(reference_text(x, f, record, true, &text));
        xlsx_text(x->xlsx, text);
        return NULL;
    }
    if (field_null(f, record)) {
        xlsx_blank(x->xlsx);
        return NULL;
    }
    switch (sheet_kind(f)) {
    case XLSX_NUMBER:
        xlsx_number(x->xlsx, field_num(f, record));
        return NULL;
    case XLSX_MONEY:
        xlsx_money(x->xlsx, field_num(f, record));
        return NULL;
    case XLSX_DATE:
        xlsx_date(x->xlsx, field_str(f, record));
        return NULL;
    case XLSX_TIME:
        xlsx_time(x->xlsx, clock_text(x->w->arena, field_num(f, record), x->w->zone));
        return NULL;
    default:
        TRY(field_show(x->w, f, record, &text));
        xlsx_text(x->xlsx, text);
        return NULL;
    }
}

static struct err *sheet_record(struct export *x, const void *record)
{
    const char *label;

    record_label(x->w->arena, x->e, ((const struct record *)record)->number, &label);
    xlsx_text(x->xlsx, label);
    for (size_t i = 0; i < x->e->nfields; i++)
        if (!x->e->fields[i].secret)
            TRY(sheet_value(x, &x->e->fields[i], record));
    xlsx_end_row(x->xlsx);
    return NULL;
}

static void about_line(struct export *x, const char *name, const char *text)
{
    if (text_empty(text))
        return;
    xlsx_text(x->xlsx, name);
    xlsx_text(x->xlsx, text);
    xlsx_end_row(x->xlsx);
}

static const char *filter_text(struct arena *a, const struct list_filter *f)
{
    static const char *const how[] = {
        [LIST_IS] = "is", [LIST_MIN] = "at least", [LIST_MAX] = "at most", [LIST_EMPTY] = "is"};
    const struct choice *c = f->field->choices ? choice_find(f->field->choices, f->text) : NULL;

    return arena_printf(a, "%s %s %s", f->field->label, how[f->how],
                        f->how == LIST_EMPTY ? "empty"
                        : c                  ? c->label
                                             : f->text);
}

/* What the list is: who took it, when, and what was left out. */
static void about_sheet(struct export *x, const struct list_query *q)
{
    static const struct xlsx_column columns[] = {
        {"About this list", XLSX_TEXT},
        {"",                XLSX_LONG}
    };
    struct web *w = x->w;
    struct arena *a = w->arena;

    xlsx_sheet(x->xlsx, "About", columns, COUNT_OF(columns));
    about_line(x, "Organisation", w->org_name);
    about_line(x, "List", x->e->labels);
    about_line(x, "Taken at", clock_text(a, w->now, w->zone));
    about_line(x, "Taken by", w->person_name ? w->person_name : w->actor);
    about_line(x, "As it was on", w->asof_date);
    about_line(x, "Rows", arena_printf(a, "%lld", x->rows));
    about_line(x, "Sorted by",
               arena_printf(a, "%s%s", q->sort ? q->sort->label : "Number",
                            q->descending ? ", descending" : ""));
    about_line(x, "Contains", q->q);
    for (size_t i = 0; i < q->nfilters; i++)
        about_line(x, "Only where", filter_text(a, &q->filters[i]));
    if (!q->q && !q->nfilters)
        about_line(x, "Filter", "none: the whole list");
}

/* --- all of them --- */

static struct err *each(void *ctx, const void *record)
{
    struct export *x = ctx;

    if (x->format == EXPORT_CSV)
        TRY(csv_record(x, record));
    else if (x->format == EXPORT_JSON)
        TRY(json_record(x, record));
    else
        TRY(sheet_record(x, record));
    x->rows++;
    return NULL;
}

static struct err *stream_plain(struct export *x, const struct list_query *q)
{
    if (x->format == EXPORT_CSV) {
        csv_header(x);
        return list_stream(x->w, q, each, x);
    }
    fprintf(x->out, "{\"items\":[");
    TRY(list_stream(x->w, q, each, x));
    fprintf(x->out, "\n],\"next\":null}\n");
    return NULL;
}

static void copy_file(FILE *from, FILE *to)
{
    char room[65536];
    size_t n;

    while ((n = fread(room, 1, sizeof(room), from)) > 0)
        fwrite(room, 1, n, to);
}

/* A workbook is made in a file of its own, because it is written out of order. */
static struct err *stream_sheet(struct export *x, const struct list_query *q)
{
    struct err *failed, *ended;
    const char *path;
    FILE *own, *made;

    TRY(transfer_file(x->w, "exports", &path, &own));
    fclose(own);
    failed = xlsx_begin(x->w->arena, path, &x->xlsx);
    if (!failed) {
        sheet_header(x);
        failed = list_stream(x->w, q, each, x);
        if (!failed) {
            xlsx_filter(x->xlsx);
            about_sheet(x, q);
        }
        ended = xlsx_end(x->xlsx);
        failed = failed ? failed : ended;
    }
    made = failed ? NULL : fopen(path, "re");
    if (made) {
        copy_file(made, x->out);
        fclose(made);
    }
    unlink(path);
    if (!failed && !made)
        return err_new(ERR_FAULT, "The spreadsheet could not be read back.");
    return failed;
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
    x.titles_arena = arena_new(0);
    x.titles = NEW_ARRAY(w->arena, struct title, TITLE_SLOTS);
    failed = format == EXPORT_XLSX ? stream_sheet(&x, &all) : stream_plain(&x, &all);
    arena_free(x.titles_arena);
    return failed;
}

/* --- page --- */

static const char *const format_names[] = {"csv", "json", "xlsx"};

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
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"};
    const char *name = web_query(w, "format"), *path;
    enum export_format format = EXPORT_CSV;
    struct list_query q;
    struct err *failed;
    FILE *out;
    bool bad;

    if (name && *name && !export_format_find(name, &format))
        return err_new(ERR_BAD, "There is no export as “%.20s”. Use csv, json or xlsx.", name);
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
    web_answer_bytes(w, types[format], (struct bytes){0},
                     arena_printf(w->arena, "%s-%s.%s", e->plural,
                                  w->asof_date ? w->asof_date : w->today, format_names[format]));
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
        return cli_usage(c, "There is no export as “%s”. Use csv, json or xlsx.", name);
    if (x.format == EXPORT_XLSX && !output && isatty(fileno(c->out)))
        return cli_usage(c,
                         "A spreadsheet is no text for a terminal. Say where it goes: --output "
                         "%s.xlsx",
                         e->plural);
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
