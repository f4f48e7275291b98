/* SPDX-License-Identifier: Apache-2.0 */
/* The comparison as CSV, workbook or PDF, and on the command line. Rows are read in pieces with
 * memory of their own, so that any number of them fits. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/csv.h"
#include "base/text.h"
#include "base/words.h"
#include "core/command.h"
#include "core/export.h"
#include "feature/assessment/assessment_part.h"
#include "feature/risk/risk.h"
#include "out/pdf.h"
#include "out/xlsx.h"

#define PIECE 500
#define PDF_MOST 1000

struct filing {
    struct web *w;
    const struct comparison *c;
    FILE *out;         /* CSV */
    struct xlsx *xlsx; /* workbook */
    struct pdf *pdf;
    bool more; /* than a PDF holds */
};

static void line_cells(struct filing *s, const char *const cells[6])
{
    struct buf b;

    if (s->xlsx) {
        for (size_t i = 0; i < 6; i++)
            xlsx_text(s->xlsx, cells[i]);
        xlsx_end_row(s->xlsx);
        return;
    }
    buf_init(&b, s->w->arena, 256);
    for (size_t i = 0; i < 6; i++)
        csv_cell(&b, cells[i], i == 0);
    csv_end_row(&b);
    fwrite(b.data, 1, b.size, s->out);
}

/* One line per field that differs; one for a risk that is new, gone or the same. */
static void put_change(struct filing *s, const struct told_change *t)
{
    const char *number = arena_printf(s->w->arena, "R-%lld", t->row->number);
    const char *cells[6] = {number, t->title, comparison_word(t->row), "", "", t->reasons};
    struct buf b;

    if (s->pdf) {
        buf_init(&b, s->w->arena, 256);
        for (size_t i = 0; i < t->count; i++)
            buf_printf(&b, "%s%s: %s → %s", i ? "\n" : "", t->fields[i].label,
                       *t->fields[i].before ? t->fields[i].before : "-",
                       *t->fields[i].after ? t->fields[i].after : "-");
        pdf_cell(s->pdf, arena_printf(s->w->arena, "%s %s", number, t->title));
        pdf_cell(s->pdf, comparison_word(t->row));
        pdf_cell(s->pdf, b.size ? b.data : "-");
        pdf_cell(s->pdf, *t->reasons ? t->reasons : "-");
        pdf_end_row(s->pdf);
        return;
    }
    if (!t->count)
        line_cells(s, cells);
    for (size_t i = 0; i < t->count; i++) {
        const char *one[6] = {number,
                              t->title,
                              arena_printf(s->w->arena, "%s: %s", cells[2], t->fields[i].label),
                              t->fields[i].before,
                              t->fields[i].after,
                              t->reasons};

        line_cells(s, one);
    }
}

static struct err *put_piece(struct filing *s, size_t *at, bool *more)
{
    struct told_change *told;
    size_t n;

    TRY(comparison_told(s->w, s->c, at, PIECE, &told, &n));
    for (size_t i = 0; i < n; i++)
        put_change(s, &told[i]);
    *more = n == PIECE;
    return NULL;
}

/* All rows that are shown; for a PDF, which keeps all it draws, at most PDF_MOST. */
static struct err *put_all(struct filing *s)
{
    struct web *w = s->w;
    struct arena *own = s->pdf ? w->arena : arena_new(0), *kept = w->arena;
    struct err *failed = NULL;
    bool more = true;
    size_t at = 0;

    for (size_t done = 0; more && !failed && (!s->pdf || done < PDF_MOST); done += PIECE) {
        w->arena = own;
        db_use_arena(w->db, own);
        failed = put_piece(s, &at, &more);
        w->arena = kept;
        db_use_arena(w->db, kept);
        if (own != kept)
            arena_reset(own);
    }
    if (own != kept)
        arena_free(own);
    s->more = more;
    return failed;
}

static const char *const heads[6] = {"Risk", "Title", "What", "Before", "After", "Reason"};

static struct err *write_csv(struct web *w, const struct comparison *c, FILE *out)
{
    struct filing s = {.w = w, .c = c, .out = out};

    line_cells(&s, heads);
    return put_all(&s);
}

static struct err *write_xlsx(struct web *w, const struct comparison *c, const char *path)
{
    const struct xlsx_column columns[] = {
        {tr("Risk"),   XLSX_TEXT},
        {tr("Title"),  XLSX_LONG},
        {tr("What"),   XLSX_TEXT},
        {tr("Before"), XLSX_LONG},
        {tr("After"),  XLSX_LONG},
        {tr("Reason"), XLSX_LONG}
    };
    struct filing s = {.w = w, .c = c};
    struct err *failed, *ended;

    TRY(xlsx_begin(w->arena, path, &s.xlsx));
    xlsx_sheet(s.xlsx, tr("Differences"), columns, COUNT_OF(columns));
    failed = put_all(&s);
    if (!failed)
        xlsx_filter(s.xlsx);
    ended = xlsx_end(s.xlsx);
    return failed ? failed : ended;
}

static struct err *make_pdf(struct web *w, const struct comparison *c, struct bytes *out)
{
    const struct pdf_column columns[] = {
        {tr("Risk"),        26, PDF_LEFT},
        {tr("What"),        10, PDF_LEFT},
        {tr("Differences"), 44, PDF_LEFT},
        {tr("Reason"),      20, PDF_LEFT}
    };
    struct filing s = {.w = w, .c = c};
    struct arena *m = w->arena;
    const char *label;

    TRY(classification_label(w, &label));
    TRY(pdf_begin(m,
                  &(struct pdf_options){
                      .title = tr("Risk assessments compared"),
                      .author = w->org_name,
                      .header = arena_printf(m, tr("%s · AS-%lld and AS-%lld"), w->org_name,
                                             c->older.number, c->newer.number),
                      .label = label,
                      .landscape = true,
                      .created = w->now,
                  },
                  &s.pdf));
    /* clang-format off */
    const char *const pairs[][2] = {
        {tr("Earlier round"), arena_printf(m, tr("AS-%lld %s, closed %s"), c->older.number,
                                          c->older.title, words_date(m, c->older.closed))},
        {tr("Later round"), arena_printf(m, tr("AS-%lld %s, closed %s"), c->newer.number,
                                        c->newer.title, words_date(m, c->newer.closed))},
        {tr("Fingerprints"), arena_printf(m, "%s\n%s", c->older.body_hash, c->newer.body_hash)},
        {tr("Figures"), arena_printf(m, tr("%zu new, %zu gone, %zu changed, %zu unchanged"), c->fresh,
                                 c->gone, c->changed, c->same)},
    };
    /* clang-format on */
    if (!c->none)
        pdf_key_values(s.pdf, pairs, COUNT_OF(pairs));
    pdf_heading(s.pdf, 2, tr("Differences"));
    pdf_table(s.pdf, columns, COUNT_OF(columns));
    TRY(put_all(&s));
    pdf_end_table(s.pdf);
    if (s.more)
        pdf_note(s.pdf, tr("There are more; the whole comparison is exported as CSV or workbook."));
    return pdf_end(s.pdf, out);
}

static struct err *answer_file(struct web *w, const struct comparison *c, bool sheet,
                               const char *name)
{
    struct err *failed;
    const char *path;
    FILE *out;
    bool bad;

    TRY(transfer_file(w, "exports", &path, &out));
    failed = sheet ? NULL : write_csv(w, c, out);
    bad = ferror(out) != 0;
    bad = fclose(out) || bad;
    if (sheet)
        failed = write_xlsx(w, c, path);
    if (!failed && bad)
        failed = err_detail(err_new(ERR_FAULT, "The export could not be written."), "%s: %s", path,
                            strerror(errno));
    if (failed) {
        unlink(path);
        return failed;
    }
    web_answer_bytes(w,
                     sheet ? "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
                           : "text/csv; charset=utf-8",
                     (struct bytes){0}, name);
    w->req->response.file = path;
    w->req->response.file_temporary = true;
    return NULL;
}

struct err *compare_export(struct web *w)
{
    const char *format = web_query(w, "format");
    struct comparison c;
    struct bytes pdf;
    const char *name;

    if (text_empty(format))
        format = "csv";
    if (!text_equal(format, "csv") && !text_equal(format, "xlsx") && !text_equal(format, "pdf"))
        return err_new(ERR_BAD, "There is no export as “%.20s”. Use csv, xlsx or pdf.", format);
    TRY(risk_refuse_blind_whole(w));
    TRY(web_need(w, &export_run_right));
    TRY(comparison_asked(w, &c));
    name = arena_printf(w->arena, "assessments-AS-%lld-AS-%lld", c.older.number, c.newer.number);
    TRY(export_name(w, name, format, &name));
    if (!text_equal(format, "pdf"))
        return answer_file(w, &c, text_equal(format, "xlsx"), name);
    TRY(make_pdf(w, &c, &pdf));
    web_answer_bytes(w, "application/pdf", pdf, name);
    return NULL;
}

/* --- command line --- */

struct asked {
    const char *older, *newer;
    FILE *out;
    bool csv;
    struct comparison c;
};

static struct err *run_compare(struct web *w, void *ctx)
{
    struct asked *k = ctx;

    TRY(comparison_make(w, k->older, k->newer, &k->c));
    return k->csv ? write_csv(w, &k->c, k->out) : NULL;
}

int compare_command(struct cli *c)
{
    struct asked k = {.older = cli_argument(c, 0),
                      .newer = cli_argument(c, 1),
                      .out = c->out,
                      .csv = text_equal(cli_option(c, "format"), "csv")};
    struct web *w;
    struct err *failed = cli_open(c, false, true, &w);

    if (!failed)
        failed = app_read(w, run_compare, &k);
    if (!failed && k.c.none)
        failed = err_new(ERR_MISSING, "There are no two closed rounds to compare yet.");
    if (failed)
        return cli_fail(c, failed);
    if (!k.csv)
        fprintf(c->out,
                "AS-%lld and AS-%lld: %zu new, %zu gone, %zu changed (%zu higher, %zu lower), %zu "
                "unchanged\n",
                k.c.older.number, k.c.newer.number, k.c.fresh, k.c.gone, k.c.changed, k.c.higher,
                k.c.lower, k.c.same);
    return 0;
}

struct again {
    FILE *out;
    i64 wrong, rounds;
};

static struct err *run_again(struct web *w, void *ctx)
{
    struct again *k = ctx;
    struct rerun one;
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select id, number from assessment where org_id = $1 and state = 'closed'"
                 " order by number",
                 num(w->org)));
    while (row_next(r)) {
        TRY(snapshot_rerun(w, row_num(r, 0), &one));
        fprintf(k->out, "AS-%lld: %lld risks computed again, %lld differ\n", row_num(r, 1),
                one.risks, one.differ);
        k->wrong += one.differ;
        k->rounds++;
    }
    return NULL;
}

int rerun_command(struct cli *c)
{
    struct again k = {.out = c->out};
    struct web *w;
    struct err *failed = cli_open(c, false, true, &w);

    if (!failed)
        failed = app_read(w, run_again, &k);
    if (failed)
        return cli_fail(c, failed);
    if (!k.rounds)
        fprintf(c->out, "No round of assessment is closed yet.\n");
    return k.wrong ? 1 : 0;
}
