/* SPDX-License-Identifier: Apache-2.0 */
/* A list on paper: what it is and who took it at its head, then the table as it is shown. The rows
 * go to a file first, so that the pages can be counted before they are drawn without asking the
 * database twice; neither step keeps more than a page in memory. */
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypt.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/entity_sql.h"
#include "core/export_part.h"
#include "core/language.h"
#include "core/list_part.h"
#include "core/trail.h"
#include "out/pdf.h"

#define COLUMNS_MOST 14 /* more cannot be read on a sheet of A4 */
#define UPRIGHT_MOST 5
#define TEXT_MOST (1 << 20) /* bytes of a cell: above what any field holds */

enum part { PART_ROW = 'r', PART_GROUP = 'g' };

struct paper {
    struct export *x;
    const struct list_query *q;
    FILE *rows;
    const char *group; /* of the last row; in `own` */
    struct arena *own;
    const char *log; /* its state when the list was taken: whoever keeps the file is a witness */
};

/* --- rows into the file --- */

static void put_text(FILE *f, const char *text)
{
    unsigned size = (unsigned)strlen(text);

    if (size > TEXT_MOST)
        size = TEXT_MOST;
    fwrite(&size, sizeof(size), 1, f);
    fwrite(text, 1, size, f);
}

static const char *tone_of(const struct field *f, const void *record)
{
    const struct choice *c;

    if (!f->choices || !field_is_text(f) || field_null(f, record))
        return "";
    c = choice_find(f->choices, field_str(f, record));
    return c && c->tone ? c->tone : "";
}

static struct err *cell_text(struct export *x, const struct field *f, const void *record,
                             const char **out)
{
    if (export_refers(f))
        return export_references(x, f, record, true, out);
    TRY(field_told(x->w, f, record, out));
    *out = *out ? *out : "";
    return NULL;
}

/* A heading above the first row of each group. */
static struct err *put_group(struct paper *p, const void *record)
{
    const char *text;

    TRY(cell_text(p->x, p->q->group, record, &text));
    if (p->group && text_equal(p->group, text))
        return NULL;
    arena_reset(p->own);
    p->group = arena_str(p->own, text);
    fputc(PART_GROUP, p->rows);
    put_text(p->rows, *text ? text : tr("None"));
    return NULL;
}

static struct err *put_record(void *ctx, const void *record)
{
    struct paper *p = ctx;
    struct export *x = p->x;
    const char *text;
    bool hidden;

    if (x->rows % 100 == 0)
        TRY(export_wanted(x));
    TRY(entity_veil(x->w, x->e, &record, &hidden));
    if (p->q->group)
        TRY(put_group(p, record));
    record_label(x->w->arena, x->e, ((const struct record *)record)->number, &text);
    fputc(PART_ROW, p->rows);
    put_text(p->rows, text);
    for (size_t i = 0; i < x->nfields; i++) {
        TRY(cell_text(x, x->fields[i], record, &text));
        put_text(p->rows, tone_of(x->fields[i], record));
        put_text(p->rows, text);
    }
    x->rows++;
    return NULL;
}

/* --- the head of the document --- */

static const char *taken_by(const struct web *w)
{
    return w->person_name ? w->person_name : w->actor;
}

static struct err *draw_head(struct paper *p, struct pdf *pdf)
{
    struct web *w = p->x->w;
    const char *pairs[8][2], *told;
    size_t n = 0;

    TRY(list_told_whole(w, p->q, &told));
    pairs[n][0] = tr("Organisation");
    pairs[n++][1] = w->org_name;
    pairs[n][0] = tr("Only where");
    pairs[n++][1] = *told ? told : tr("No filter: the whole list");
    pairs[n][0] = tr("Sorted by");
    pairs[n++][1] = list_order_told(w, p->q);
    if (p->q->group) {
        pairs[n][0] = tr("Grouped by");
        pairs[n++][1] = tr(p->q->group->label);
    }
    if (w->asof_date) {
        pairs[n][0] = tr("As it was on");
        pairs[n++][1] = words_date(w->arena, w->asof_date);
    }
    pairs[n][0] = tr("Rows");
    pairs[n++][1] = words_number(w->arena, p->x->rows);
    pairs[n][0] = tr("Taken by");
    pairs[n++][1] = arena_printf(w->arena, "%s, %s", taken_by(w), web_org_time(w, w->now));
    pdf_key_values(pdf, (const char *const(*)[2])pairs, n);
    return NULL;
}

/* --- the table --- */

static double width_of(const struct field *f)
{
    switch (f->kind) {
    case FIELD_LONG:
        return 5;
    case FIELD_REF:
    case FIELD_REFS:
    case FIELD_RECORD:
        return 2.6;
    case FIELD_INT:
    case FIELD_LEVEL:
    case FIELD_BOOL:
        return 1.1;
    case FIELD_DATE:
    case FIELD_MONEY:
        return 1.6;
    case FIELD_TIME:
        return 2;
    default:
        return 2.2;
    }
}

static void begin_table(struct paper *p, struct pdf *pdf)
{
    struct export *x = p->x;
    struct pdf_column c[COLUMNS_MOST + 1] = {
        {tr("Number"), 1.3, PDF_LEFT}
    };

    for (size_t i = 0; i < x->nfields; i++) {
        const struct field *f = x->fields[i];
        bool figure = f->kind == FIELD_INT || f->kind == FIELD_LEVEL || f->kind == FIELD_MONEY;
        bool title = text_equal(f->name, x->e->title);

        c[i + 1] = (struct pdf_column){tr(f->label), title ? 4.5 : width_of(f),
                                       figure ? PDF_RIGHT : PDF_LEFT};
    }
    pdf_table(pdf, c, x->nfields + 1);
}

static struct err *get_text(struct paper *p, struct arena *a, const char **out)
{
    unsigned size = 0;
    char *text;

    *out = "";
    if (fread(&size, sizeof(size), 1, p->rows) != 1 || size > TEXT_MOST)
        return err_new(ERR_FAULT, "The rows of the export could not be read back.");
    text = arena_alloc(a, size + 1);
    if (fread(text, 1, size, p->rows) != size)
        return err_new(ERR_FAULT, "The rows of the export could not be read back.");
    *out = text;
    return NULL;
}

static struct err *draw_row(struct paper *p, struct pdf *pdf, struct arena *a)
{
    const char *tone, *text;

    TRY(get_text(p, a, &text));
    pdf_cell(pdf, text);
    for (size_t i = 0; i < p->x->nfields; i++) {
        TRY(get_text(p, a, &tone));
        TRY(get_text(p, a, &text));
        if (*tone)
            pdf_badge(pdf, tone, text);
        else
            pdf_cell(pdf, text);
    }
    pdf_end_row(pdf);
    return NULL;
}

static struct err *draw_group(struct paper *p, struct pdf *pdf, struct arena *a, bool open)
{
    const char *text;

    TRY(get_text(p, a, &text));
    if (open)
        pdf_end_table(pdf);
    pdf_heading(pdf, 2, text);
    begin_table(p, pdf);
    return NULL;
}

static struct err *draw_rows(struct paper *p, struct pdf *pdf)
{
    struct arena *a = p->own;
    bool open = !p->q->group;
    size_t n = 0;
    int part;

    rewind(p->rows);
    if (open)
        begin_table(p, pdf);
    while ((part = fgetc(p->rows)) != EOF) {
        arena_reset(a);
        if (n++ % 100 == 0)
            TRY(export_wanted(p->x));
        if (part == PART_GROUP) {
            TRY(draw_group(p, pdf, a, open));
            open = true;
        } else {
            TRY(draw_row(p, pdf, a));
        }
    }
    if (!p->x->rows)
        pdf_note(pdf, tr("Nothing fits these filters."));
    return NULL;
}

/* Makes the document; with `pages` 0 only to count them. */
static struct err *make(struct paper *p, int pages, FILE *out, int *counted)
{
    struct web *w = p->x->w;
    const char *title = tr(p->x->e->labels);
    struct pdf_options options = {
        .title = title,
        .author = taken_by(w),
        .header = arena_printf(w->arena, "%s · %s", w->org_name, title),
        .footer = p->log,
        .landscape = p->x->nfields + 1 > UPRIGHT_MOST,
        .translated = true,
        .created = w->now,
    };
    struct arena *a = arena_new(0);
    struct pdf *pdf;
    struct err *failed = classification_label(w, &options.label);

    if (!failed)
        failed = pdf_begin_pages(a, &options, out, pages, &pdf);
    if (!failed)
        failed = draw_head(p, pdf);
    if (!failed)
        failed = draw_rows(p, pdf);
    if (!failed) {
        failed = pdf_end_pages(pdf);
        *counted = pdf_pages(pdf);
    }
    arena_free(a);
    return failed;
}

static struct err *read_log(struct paper *p)
{
    struct web *w = p->x->w;
    unsigned char root[TLOG_HASH];
    const char *origin = w->org_name;
    i64 size;

    TRY(trail_head(w, w->org, &size, root));
    if (w->app->signer) /* a command that only reads has none */
        origin = signer_origin(w->app->signer, w->arena, w->org);
    p->log =
        arena_printf(w->arena, tr("%s · log %s, %lld entries, root %s"), web_org_time(w, w->now),
                     origin, size, crypt_base64(w->arena, root, TLOG_HASH));
    return NULL;
}

static struct err *write_rows(struct paper *p)
{
    TRY(list_stream(p->x->w, p->q, put_record, p));
    if (ferror(p->rows) || fflush(p->rows))
        return err_new(ERR_FAULT, "The rows of the export could not be kept while it is made. "
                                  "Perhaps the disk is full.");
    return NULL;
}

struct err *export_pdf(struct export *x, const struct list_query *q)
{
    struct paper p = {.x = x, .q = q};
    struct err *failed;
    const char *path;
    int pages = 0;

    if (x->nfields >= COLUMNS_MOST)
        return err_new(ERR_BAD,
                       "A page has room for %d columns, and this list shows %zu. Choose fewer "
                       "columns, or take a spreadsheet.",
                       COLUMNS_MOST, x->nfields + 1);
    TRY(transfer_file(x->w, "exports", &path, &p.rows));
    unlink(path);
    p.own = arena_new(0);
    failed = read_log(&p);
    if (!failed)
        failed = write_rows(&p);
    if (!failed)
        failed = make(&p, 0, NULL, &pages);
    if (!failed)
        failed = make(&p, pages, x->out, &pages);
    arena_free(p.own);
    fclose(p.rows);
    return failed;
}
