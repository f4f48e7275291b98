/* SPDX-License-Identifier: Apache-2.0 */
/* Open risks by owner, by department and by asset: figures of each group, and for auditors its
 * risks. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "feature/report/report_part.h"

/* Rows: group, number, title, score, label, tone, residual score, its label and tone, treated;
 * those of a group together, the highest first. */
static struct err *draw_groups(struct report *r, const char *what, struct rows *rows)
{
    const struct paper_column sums[] = {
        {what,                             26, PAPER_TEXT  },
        {tr("Open risks"),                 8,  PAPER_NUMBER},
        {tr("Above the acceptance level"), 10, PAPER_NUMBER},
        {tr("Without a treatment"),        10, PAPER_NUMBER},
        {tr("Highest"),                    9,  PAPER_NUMBER}
    };
    bool more = row_next(rows);

    paper_heading(r->paper, 1, what);
    paper_table(r->paper, what, sums, COUNT_OF(sums));
    while (more) {
        const char *group = arena_str(r->w->arena, row_text(rows, 0));
        i64 n = 0, above = 0, untreated = 0, highest = 0;

        for (; more && text_equal(row_text(rows, 0), group); more = row_next(rows)) {
            i64 score = row_num(rows, 3);

            n++;
            above += score > r->method.acceptance;
            untreated += !row_num(rows, 9) && score > r->method.acceptance;
            highest = score > highest ? score : highest;
        }
        paper_cell(r->paper, *group ? group : tr("nobody"));
        paper_number(r->paper, n);
        paper_number(r->paper, above);
        paper_number(r->paper, untreated);
        paper_number(r->paper, highest);
        paper_end_row(r->paper);
    }
    paper_end_table(r->paper);
    report_cut_rows(r, rows, 10);
    return NULL;
}

static struct err *draw_members(struct report *r, struct rows *rows)
{
    const struct paper_column columns[] = {
        {tr("Risk"),     34, PAPER_TEXT},
        {tr("Now"),      10, PAPER_TEXT},
        {tr("Expected"), 10, PAPER_TEXT}
    };
    bool more;

    row_rewind(rows);
    more = row_next(rows);
    while (more) {
        const char *group = arena_str(r->w->arena, row_text(rows, 0));

        paper_heading(r->paper, 2, *group ? group : tr("nobody"));
        paper_table(r->paper, *group ? group : tr("nobody"), columns, COUNT_OF(columns));
        for (; more && text_equal(row_text(rows, 0), group); more = row_next(rows)) {
            report_record(r, "R", row_num(rows, 1), row_text(rows, 2));
            report_level(r, row_num(rows, 3), row_text(rows, 4), row_text(rows, 5));
            report_level(r, row_num(rows, 6), row_text(rows, 7), row_text(rows, 8));
            paper_end_row(r->paper);
        }
        paper_end_table(r->paper);
    }
    return NULL;
}

/* In a workbook one sheet with all is more use than a sheet for each group. */
static struct err *draw_all(struct report *r, const char *what, struct rows *rows)
{
    const struct paper_column columns[] = {
        {what,           20, PAPER_TEXT},
        {tr("Risk"),     34, PAPER_TEXT},
        {tr("Now"),      10, PAPER_TEXT},
        {tr("Expected"), 10, PAPER_TEXT}
    };

    row_rewind(rows);
    paper_table(r->paper, tr("Open risks"), columns, COUNT_OF(columns));
    while (row_next(rows)) {
        paper_cell(r->paper, row_text(rows, 0));
        report_record(r, "R", row_num(rows, 1), row_text(rows, 2));
        report_level(r, row_num(rows, 3), row_text(rows, 4), row_text(rows, 5));
        report_level(r, row_num(rows, 6), row_text(rows, 7), row_text(rows, 8));
        paper_end_row(r->paper);
    }
    paper_end_table(r->paper);
    return NULL;
}

static struct err *draw(struct report *r, const char *what, struct rows *rows)
{
    TRY(draw_groups(r, what, rows));
    if (r->format == REPORT_XLSX)
        return draw_all(r, what, rows);
    return r->auditor ? draw_members(r, rows) : NULL;
}

struct err *report_by_owner(struct report *r)
{
    struct rows *rows;

    TRY(db_query(r->w->db, &rows,
                 "select coalesce(p.name, ''), k.number, k.title, k.score, b.label, b.tone,"
                 " k.residual_score, e.label, e.tone, k.treated, count(*) over () from risk k"
                 " left join person p on p.org_id = k.org_id and p.id = k.owner"
                 " left join method_band b on b.org_id = k.org_id and b.method = k.method"
                 " and b.band = k.band left join method_band e on e.org_id = k.org_id"
                 " and e.method = k.method and e.band = k.residual_band"
                 " where k.org_id = $1 and k.state = 'open'"
                 " order by 1, coalesce(k.score, 0) desc, k.number limit $2",
                 num(r->w->org), num(r->limit)));
    return draw(r, tr("Owner"), rows);
}

struct err *report_by_unit(struct report *r)
{
    struct rows *rows;

    TRY(db_query(r->w->db, &rows,
                 "select coalesce(u.name, ''), k.number, k.title, k.score, b.label, b.tone,"
                 " k.residual_score, e.label, e.tone, k.treated, count(*) over () from risk k"
                 " left join person p on p.org_id = k.org_id and p.id = k.owner"
                 " left join unit u on u.org_id = k.org_id and u.id = p.unit"
                 " left join method_band b on b.org_id = k.org_id and b.method = k.method"
                 " and b.band = k.band left join method_band e on e.org_id = k.org_id"
                 " and e.method = k.method and e.band = k.residual_band"
                 " where k.org_id = $1 and k.state = 'open'"
                 " order by 1, coalesce(k.score, 0) desc, k.number limit $2",
                 num(r->w->org), num(r->limit)));
    return draw(r, tr("Department"), rows);
}

struct err *report_by_asset(struct report *r)
{
    struct rows *rows;

    TRY(db_query(r->w->db, &rows,
                 "select coalesce(a.name, ''), k.number, k.title, k.score, b.label, b.tone,"
                 " k.residual_score, e.label, e.tone, k.treated, count(*) over () from risk k"
                 " left join risk_assets l on l.org_id = k.org_id and l.record = k.id"
                 " left join asset a on a.org_id = l.org_id and a.id = l.target"
                 " left join method_band b on b.org_id = k.org_id and b.method = k.method"
                 " and b.band = k.band left join method_band e on e.org_id = k.org_id"
                 " and e.method = k.method and e.band = k.residual_band"
                 " where k.org_id = $1 and k.state = 'open'"
                 " order by 1, coalesce(k.score, 0) desc, k.number limit $2",
                 num(r->w->org), num(r->limit)));
    return draw(r, tr("Asset"), rows);
}
