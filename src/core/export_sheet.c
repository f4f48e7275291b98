/* SPDX-License-Identifier: Apache-2.0 */
/* The list as a workbook: typed cells, a sheet that says what the list is. */
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/entity_sql.h"
#include "core/export_part.h"
#include "core/language.h"
#include "out/xlsx.h"

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
    case FIELD_BOOL:
        return XLSX_BOOL;
    default:
        return XLSX_TEXT;
    }
}

static void sheet_header(struct export *x)
{
    struct xlsx_column *c = NEW_ARRAY(x->w->arena, struct xlsx_column, x->e->nfields * 2 + 1);
    size_t n = 0;

    c[n++] = (struct xlsx_column){tr("Number"), XLSX_TEXT};
    for (size_t i = 0; i < x->nfields; i++) {
        const struct field *f = x->fields[i];

        c[n++] = (struct xlsx_column){tr(f->label), sheet_kind(f)};
        if (export_refers(f))
            c[n++] = (struct xlsx_column){arena_printf(x->w->arena, tr("%s (title)"), tr(f->label)),
                                          XLSX_TEXT};
    }
    xlsx_sheet(x->xlsx, tr(x->e->labels), c, n);
}

static struct err *sheet_value(struct export *x, const struct field *f, const void *record)
{
    const char *text;

    if (export_refers(f)) {
        TRY(export_references(x, f, record, false, &text));
        xlsx_text(x->xlsx, text);
        TRY(export_references(x, f, record, true, &text));
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
    case XLSX_BOOL:
        xlsx_bool(x->xlsx, field_num(f, record) != 0);
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

struct err *export_sheet_record(struct export *x, const void *record)
{
    const char *label;

    record_label(x->w->arena, x->e, ((const struct record *)record)->number, &label);
    xlsx_text(x->xlsx, label);
    for (size_t i = 0; i < x->nfields; i++)
        TRY(sheet_value(x, x->fields[i], record));
    xlsx_end_row(x->xlsx);
    return NULL;
}

static void about_line(struct export *x, const char *name, const char *text)
{
    if (text_empty(text))
        return;
    xlsx_text(x->xlsx, tr(name));
    xlsx_text(x->xlsx, text);
    xlsx_end_row(x->xlsx);
}

/* What the list is: who took it, when, and what was left out. */
static struct err *about_sheet(struct export *x, const struct list_query *q)
{
    const struct xlsx_column columns[] = {
        {tr("About this list"), XLSX_TEXT},
        {"",                    XLSX_LONG}
    };
    struct web *w = x->w;
    struct arena *a = w->arena;
    const char *label;

    xlsx_sheet(x->xlsx, tr("About"), columns, COUNT_OF(columns));
    TRY(classification_label(w, &label));
    about_line(x, N_("Classification"), label);
    about_line(x, N_("Organisation"), w->org_name);
    about_line(x, N_("List"), tr(x->e->labels));
    about_line(x, N_("Taken at"), web_org_time(w, w->now));
    about_line(x, N_("Taken by"), w->person_name ? w->person_name : w->actor);
    about_line(x, N_("As it was on"), w->asof_date);
    about_line(x, N_("Rows"), arena_printf(a, "%lld", x->rows));
    about_line(x, N_("Sorted by"),
               arena_printf(a, q->descending ? tr("%s, descending") : "%s",
                            tr(q->sort ? q->sort->label : "Number")));
    about_line(x, N_("Contains"), q->q);
    for (size_t i = 0; i < q->nfilters; i++) {
        const char *told;

        TRY(list_told(w, &q->filters[i], &told));
        about_line(x, N_("Only where"), told);
    }
    if (!q->q && !q->nfilters)
        about_line(x, N_("Filter"), tr("none: the whole list"));
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
struct err *export_sheet(struct export *x, const struct list_query *q)
{
    struct err *failed, *ended;
    const char *path;
    FILE *own, *made;

    TRY(transfer_file(x->w, "exports", &path, &own));
    fclose(own);
    failed = xlsx_begin(x->w->arena, path, &x->xlsx);
    if (!failed) {
        sheet_header(x);
        failed = list_stream(x->w, q, export_each, x);
        if (!failed) {
            xlsx_filter(x->xlsx);
            failed = about_sheet(x, q);
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
