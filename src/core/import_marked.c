/* SPDX-License-Identifier: Apache-2.0 */
/* The file back with what is wrong in it: a last column "Problem", and in a workbook the cells
 * coloured, with the reason as a comment. Whoever has mended it sends the same file again: rows
 * that are in the store already are then unchanged. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/csv.h"
#include "base/text.h"
#include "base/words.h"
#include "core/export.h"
#include "core/import_draft.h"
#include "core/import_rows.h"
#include "out/xlsx.h"

#define AHEAD 500          /* findings that are read at once */
#define COMMENTS_MOST 5000 /* a workbook with more comments does not open well */

struct marking {
    struct web *w;
    const struct import_draft *d;
    struct source *source;
    bool wrong_only;
    FILE *out;         /* CSV */
    struct xlsx *xlsx; /* or a workbook */
    struct arena *piece;
    struct draft_row *rows; /* findings about wrong rows, in order */
    size_t count, at;
    i64 last;
    bool more;
    i64 comments;
};

/* What is known about the row, or NULL. */
static struct err *find_row(struct marking *m, i64 row, const struct draft_row **out)
{
    *out = NULL;
    while (m->at < m->count && m->rows[m->at].row < row)
        m->at++;
    if (m->at == m->count && m->more) {
        arena_reset(m->piece);
        import_use_arena(m->w, m->piece);
        TRY(draft_rows(m->w, m->d, "wrong", row - 1, AHEAD, &m->rows, &m->count));
        m->at = 0;
        m->more = m->count == AHEAD;
    }
    if (m->at < m->count && m->rows[m->at].row == row)
        *out = &m->rows[m->at];
    return NULL;
}

static const char *text_at(const json_t *list, size_t i)
{
    const char *s = json_string_value(json_array_get(list, i));

    return s ? s : "";
}

/* Why the cell of a column is wrong, or NULL. */
static const char *why(const struct draft_row *r, const char *column)
{
    for (size_t i = 0; r && i < json_array_size(r->problems); i++) {
        const json_t *p = json_array_get(r->problems, i);

        if (text_equal(text_at(p, 0), column))
            return text_at(p, 2);
    }
    return NULL;
}

static const char *all_problems(struct arena *a, const struct draft_row *r)
{
    struct buf b;

    buf_init(&b, a, 100);
    for (size_t i = 0; r && i < json_array_size(r->problems); i++) {
        const json_t *p = json_array_get(r->problems, i);

        buf_printf(&b, "%s%s", i ? " / " : "", text_at(p, 2));
    }
    return b.data;
}

static struct err *csv_row(struct marking *m, const struct source_row *row,
                           const struct draft_row *found)
{
    struct buf b;

    buf_init(&b, m->w->arena, 512);
    for (size_t i = 0; i < m->source->ncolumns; i++)
        csv_cell(&b, row->cell[i], i == 0);
    csv_cell(&b, all_problems(m->w->arena, found), false);
    csv_end_row(&b);
    fwrite(b.data, 1, b.size, m->out);
    return NULL;
}

static struct err *sheet_row(struct marking *m, const struct source_row *row,
                             const struct draft_row *found)
{
    for (size_t i = 0; i < m->source->ncolumns; i++) {
        const char *reason = why(found, m->source->columns[i]);

        if (reason)
            xlsx_marked(m->xlsx, row->cell[i], m->comments++ < COMMENTS_MOST ? reason : NULL);
        else
            xlsx_text(m->xlsx, row->cell[i]);
    }
    if (found)
        xlsx_marked(m->xlsx, all_problems(m->w->arena, found), NULL);
    xlsx_end_row(m->xlsx);
    return NULL;
}

static struct err *mark_row(void *ctx, const struct source_row *row)
{
    struct marking *m = ctx;
    const struct draft_row *found;

    TRY(find_row(m, row->row, &found));
    if (!found && m->wrong_only)
        return NULL;
    return m->xlsx ? sheet_row(m, row, found) : csv_row(m, row, found);
}

static struct err *mark_csv(struct marking *m)
{
    struct buf b;

    buf_init(&b, m->w->arena, 512);
    buf_str(&b, "\xEF\xBB\xBF"); /* so that a spreadsheet program takes it for UTF-8 */
    for (size_t i = 0; i < m->source->ncolumns; i++)
        csv_cell(&b, m->source->columns[i], i == 0);
    csv_cell(&b, tr("Problem"), false);
    csv_end_row(&b);
    fwrite(b.data, 1, b.size, m->out);
    TRY(source_each(m->source, mark_row, m));
    return ferror(m->out) ? err_new(ERR_BUSY, "The copy could not be written: the disk is full.")
                          : NULL;
}

static struct err *mark_sheet(struct marking *m, const char *path)
{
    size_t n = m->source->ncolumns;
    struct xlsx_column *columns = NEW_ARRAY(m->w->arena, struct xlsx_column, n + 1);
    struct err *failed, *ended;

    for (size_t i = 0; i < n; i++)
        columns[i] = (struct xlsx_column){m->source->columns[i], XLSX_TEXT};
    columns[n] = (struct xlsx_column){tr("Problem"), XLSX_LONG};
    TRY(xlsx_begin(m->w->arena, path, &m->xlsx));
    xlsx_sheet(m->xlsx, tr(m->d->e->labels), columns, n + 1);
    failed = source_each(m->source, mark_row, m);
    xlsx_filter(m->xlsx);
    ended = xlsx_end(m->xlsx);
    return failed ? failed : ended;
}

static struct err *mark(struct marking *m, const char *path, bool xlsx)
{
    struct arena *own = m->w->arena;
    struct err *failed;

    m->piece = arena_new(0);
    m->more = true;
    failed = xlsx ? mark_sheet(m, path) : mark_csv(m);
    import_use_arena(m->w, own);
    arena_free(m->piece);
    return failed;
}

/* "list.csv" -> "list". */
static const char *stem(struct arena *a, const char *name)
{
    const char *dot = strrchr(name, '.'), *slash = strrchr(name, '/');

    name = slash ? slash + 1 : name;
    return dot && dot > name ? arena_strn(a, name, (size_t)(dot - name)) : name;
}

struct err *import_marked(struct web *w, const struct import_draft *d, bool xlsx, bool wrong_only)
{
    struct marking m = {.w = w, .d = d, .wrong_only = wrong_only};
    struct importing *im;
    struct err *failed;
    const char *path;
    FILE *file;

    TRY(draft_file(w, d, &file));
    TRY(import_open(w, d->e, &(struct import_input){file, d->name, d->settings, false}, &im));
    m.source = im->source;
    TRY(transfer_file(w, "exports", &path, &m.out));
    failed = mark(&m, path, xlsx);
    if (fclose(m.out) && !failed)
        failed =
            err_detail(err_new(ERR_BUSY, "The copy could not be written."), "%s", strerror(errno));
    if (failed) {
        unlink(path);
        return failed;
    }
    web_answer_bytes(w,
                     xlsx ? "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
                          : "text/csv; charset=utf-8",
                     (struct bytes){0},
                     arena_printf(w->arena, "%s-%s.%s", stem(w->arena, d->name), tr("marked"),
                                  xlsx ? "xlsx" : "csv"));
    w->req->response.file = path;
    w->req->response.file_temporary = true;
    return NULL;
}
