/* SPDX-License-Identifier: Apache-2.0 */
/* Parts that several reports have. */
#include "feature/report/report_part.h"
#include "feature/risk/risk.h"

#include <string.h>

#include "base/text.h"
#include "base/words.h"

const char *report_text_of(struct report *r, const char *text)
{
    (void)r;
    return text_empty(text) ? "–" : text;
}

void report_level(struct report *r, i64 score, const char *label, const char *tone)
{
    if (score)
        paper_badge(r->paper, tone, report_printf(r, "%lld %s", score, label ? tr(label) : ""));
    else
        paper_cell(r->paper, "–");
}

void report_record(struct report *r, const char *prefix, i64 number, const char *title)
{
    paper_cell(r->paper, report_printf(r, "%s-%lld %s", prefix, number, title));
}

void report_cut(struct report *r, i64 shown, i64 all)
{
    if (all <= shown)
        return;
    paper_note(r->paper,
               report_printf(r,
                             r->format == REPORT_XLSX
                                 ? tr("The first %s of %s rows are shown; %s are left out. Export "
                                      "the list as CSV: it has all of them.")
                                 : tr("The first %s of %s rows are shown; %s are left out. The "
                                      "workbook (XLSX) has more, the export of the list as CSV all "
                                      "of them."),
                             words_number(r->w->arena, shown), words_number(r->w->arena, all),
                             words_number(r->w->arena, all - shown)));
}

void report_cut_rows(struct report *r, struct rows *rows, size_t column)
{
    row_rewind(rows);
    if (row_next(rows))
        report_cut(r, (i64)row_count(rows), row_num(rows, column));
}

/* --- heat maps --- */

/* What is not treated, or where nobody judged what remains, stays as it is. */
static struct err *count_cells(struct report *r, int kind, struct rows **out)
{
    return db_query(
        r->w->db, out,
        "select case when $2 = 2 and residual_score is not null then residual_likelihood"
        " when $2 = 0 or current_score is null then inherent_likelihood"
        " else current_likelihood end as l,"
        " case when $2 = 2 and residual_score is not null then residual_impact"
        " when $2 = 0 or current_score is null then inherent_impact"
        " else current_impact end as i, count(*) from risk"
        " where org_id = $1 and state = 'open' group by l, i",
        num(r->w->org), num(kind));
}

static struct err *fill_map(struct report *r, int kind, struct paper_heat_cell *cells)
{
    i64 n = r->method.levels, m = r->method.impact_levels;
    struct rows *rows;

    TRY(db_query(r->w->db, &rows,
                 "select c.likelihood, c.impact, b.tone from method_cell c join method_band b"
                 " on b.org_id = c.org_id and b.method = c.method and b.band = c.band"
                 " where c.org_id = $1 and c.method = $2",
                 num(r->w->org), num(r->method.id)));
    while (row_next(rows)) {
        i64 l = row_num(rows, 0), i = row_num(rows, 1);

        if (l >= 1 && l <= n && i >= 1 && i <= m)
            cells[(l - 1) * m + i - 1].tone = arena_str(r->w->arena, row_text(rows, 2));
    }
    TRY(count_cells(r, kind, &rows));
    while (row_next(rows)) {
        i64 l = row_num(rows, 0), i = row_num(rows, 1);

        if (l >= 1 && l <= n && i >= 1 && i <= m)
            cells[(l - 1) * m + i - 1].count += row_num(rows, 2);
    }
    return NULL;
}

/* Right after the approval of a new version not every risk has its scale yet. */
static struct err *note_moving(struct report *r)
{
    i64 left, open;

    TRY(risk_moving(r->w, &r->method, &left, &open));
    if (left)
        paper_note(r->paper,
                   report_printf(r,
                                 tr("A new version of the risk method was put in force: %lld of "
                                    "%lld open risks are moved to its scales. Levels of the "
                                    "others are still those of the version before."),
                                 open - left, open));
    return NULL;
}

struct err *report_heats(struct report *r, bool all)
{
    static const char *const titles[] = {N_("Without controls"), N_("Now"),
                                         N_("When the plan is done")};
    struct paper_heat maps[3];
    size_t n = (size_t)r->method.levels, m = (size_t)r->method.impact_levels;
    size_t first = all ? 0 : 1;

    if (!r->method.id || n < 1 || n > 20 || m < 1 || m > 20)
        return NULL;
    for (size_t k = first; k < 3; k++) {
        struct paper_heat_cell *cells = NEW_ARRAY(r->w->arena, struct paper_heat_cell, n * m);

        TRY(fill_map(r, (int)k, cells));
        maps[k] = (struct paper_heat){.title = tr(titles[k]),
                                      .row_axis = tr("Likelihood"),
                                      .column_axis = tr("Impact"),
                                      .rows = n,
                                      .columns = m,
                                      .cells = cells};
    }
    paper_heats(r->paper, maps + first, 3 - first);
    return note_moving(r);
}

/* --- bands --- */

struct err *report_bands(struct report *r)
{
    const struct paper_column columns[] = {
        {tr("Band"),                  8, PAPER_TEXT  },
        {tr("Without controls"),      5, PAPER_NUMBER},
        {tr("Now"),                   5, PAPER_NUMBER},
        {tr("When the plan is done"), 6, PAPER_NUMBER}
    };
    struct rows *rows;

    paper_table(r->paper, tr("Bands"), columns, COUNT_OF(columns));
    for (size_t b = r->nbands; b-- > 0;) {
        TRY(db_query(r->w->db, &rows,
                     "select sum(case when inherent_band = $2 then 1 else 0 end),"
                     " sum(case when band = $2 then 1 else 0 end),"
                     " sum(case when coalesce(residual_band, band) = $2 then 1 else 0 end)"
                     " from risk where org_id = $1 and state = 'open'",
                     num(r->w->org), str(r->bands[b].band)));
        row_next(rows);
        paper_badge(r->paper, r->bands[b].tone, tr(r->bands[b].label));
        for (size_t i = 0; i < 3; i++)
            paper_number(r->paper, row_num(rows, i));
        paper_end_row(r->paper);
    }
    paper_end_table(r->paper);
    return NULL;
}

struct err *report_controls(struct report *r, i64 treatment, const char **out)
{
    struct rows *rows;
    struct buf b;

    buf_init(&b, r->w->arena, 40);
    TRY(db_query(r->w->db, &rows,
                 "select c.code from treatment_controls k join control c on c.org_id = k.org_id"
                 " and c.id = k.target where k.org_id = $1 and k.record = $2"
                 " order by c.position, c.code",
                 num(r->w->org), num(treatment)));
    while (row_next(rows))
        buf_printf(&b, "%s%s", b.size ? ", " : "", row_text(rows, 0));
    *out = b.data;
    return NULL;
}
