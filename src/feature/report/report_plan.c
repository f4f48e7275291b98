/* SPDX-License-Identifier: Apache-2.0 */
/* The risk treatment plan (ISO/IEC 27001 6.1.3 e) and what was accepted for a time. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/language.h"
#include "feature/report/report_part.h"
#include "feature/treatment/treatment.h"

#define LATE_MOST 12 /* on the pages for management */
#define SOON_DAYS 30

static const char *percent(struct report *r, i64 part, i64 whole)
{
    return report_printf(r, "%lld %%", whole ? part * 100 / whole : 0);
}

static const char *money(struct report *r, i64 n)
{
    return report_printf(r, "%s%c%02lld", words_number(r->w->arena, n / 100), words_decimal(),
                         n % 100);
}

static const char *version_text(struct report *r, const struct plan_totals *t)
{
    if (!t->version)
        return tr("never frozen");
    return report_printf(r,
                         text_equal(t->version_state, "approved")
                             ? tr("TP-%lld, approved by top management")
                             : tr("TP-%lld, not approved by top management"),
                         t->version);
}

static struct err *draw_head(struct report *r)
{
    struct plan_totals t;

    TRY(plan_totals_load(r->w, &t));
    /* clang-format off */
    const char *const pairs[][2] = {
        {tr("Version"), version_text(r, &t)},
        {tr("Plans approved by owners"), report_printf(r, tr("%lld of %lld"), t.approved, t.risks)},
        {tr("Actions"), report_printf(r, "%lld", t.actions)},
        {tr("Done"), report_printf(r, "%lld (%s)", t.done, percent(r, t.done, t.actions))},
        {tr("Verified by somebody else"), report_printf(r, "%lld", t.verified)},
        {tr("Overdue"), report_printf(r, "%lld", t.late)},
        {tr("Budget"), money(r, t.budget)},
        {tr("Spent"), report_printf(r, "%s (%s)", money(r, t.spent), percent(r, t.spent, t.budget))},
        {tr("Without a budget"), report_printf(r, "%lld", t.without_budget)},
    };
    /* clang-format on */
    paper_facts(r->paper, pairs, COUNT_OF(pairs));
    return NULL;
}

/* --- money --- */

static void draw_sums(struct report *r, const char *name, const char *what, struct rows *rows,
                      const struct choice *(*label)(const char *code))
{
    const struct paper_column columns[] = {
        {what,          20, PAPER_TEXT  },
        {tr("Actions"), 8,  PAPER_NUMBER},
        {tr("Done"),    8,  PAPER_NUMBER},
        {tr("Overdue"), 8,  PAPER_NUMBER},
        {tr("Budget"),  12, PAPER_MONEY },
        {tr("Spent"),   12, PAPER_MONEY }
    };

    paper_table(r->paper, name, columns, COUNT_OF(columns));
    while (row_next(rows)) {
        const struct choice *c = label ? label(row_text(rows, 0)) : NULL;

        if (c)
            paper_badge(r->paper, c->tone, tr(c->label));
        else
            paper_cell(r->paper, *row_text(rows, 0) ? row_text(rows, 0) : tr("nobody yet"));
        for (size_t i = 1; i < COUNT_OF(columns); i++)
            paper_number(r->paper, row_num(rows, i));
        paper_end_row(r->paper);
    }
    paper_end_table(r->paper);
}

static struct err *draw_money(struct report *r)
{
    struct rows *rows;

    TRY(db_query(r->w->db, &rows,
                 "select priority, count(*), sum(case when status = 'done' then 1 else 0 end),"
                 " sum(case when due < $2 and status <> 'done' then 1 else 0 end),"
                 " sum(coalesce(budget, 0)), sum(coalesce(spent, 0)) from action"
                 " where org_id = $1 and status <> 'cancelled' group by priority"
                 " order by case priority when 'high' then 0 when 'medium' then 1 else 2 end",
                 num(r->w->org), str(r->w->today)));
    paper_heading(r->paper, 2, tr("Work and money by priority"));
    draw_sums(r, tr("By priority"), tr("Priority"), rows, action_priority);
    TRY(db_query(r->w->db, &rows,
                 "select coalesce(p.name, ''), count(*),"
                 " sum(case when a.status = 'done' then 1 else 0 end),"
                 " sum(case when a.due < $2 and a.status <> 'done' then 1 else 0 end),"
                 " sum(coalesce(a.budget, 0)), sum(coalesce(a.spent, 0)) from action a"
                 " left join person p on p.org_id = a.org_id and p.id = a.owner"
                 " where a.org_id = $1 and a.status <> 'cancelled' group by p.id, p.name"
                 " order by 4 desc, 2 desc, 1 limit $3",
                 num(r->w->org), str(r->w->today), num(r->auditor ? r->limit : 10)));
    paper_heading(r->paper, 2, tr("Work and money by person"));
    draw_sums(r, tr("By person"), tr("Who"), rows, NULL);
    return NULL;
}

/* The risk of its own treatment, and the numbers of the others that the action treats. */
static struct err *draw_risks(struct report *r, i64 action, i64 number, const char *title)
{
    const char *also;

    TRY(plan_also(r->w, action, &also));
    report_record(r, "R", number,
                  *also ? report_printf(r, tr("%s (also %s)"), title, also) : title);
    return NULL;
}

/* --- late --- */

static struct err *draw_late(struct report *r)
{
    const struct paper_column columns[] = {
        {tr("Action"), 30, PAPER_TEXT},
        {tr("Risk"),   24, PAPER_TEXT},
        {tr("Who"),    13, PAPER_TEXT},
        {tr("Due"),    10, PAPER_DATE},
        {tr("Done"),   7,  PAPER_TEXT}
    };
    struct rows *rows;

    TRY(db_query(r->w->db, &rows,
                 "select a.number, a.title, k.number, k.title, p.name, a.due, a.progress, a.id"
                 " from action a join treatment t on t.org_id = a.org_id and t.id = a.treatment"
                 " join risk k on k.org_id = t.org_id and k.id = t.risk"
                 " left join person p on p.org_id = a.org_id and p.id = a.owner"
                 " where a.org_id = $1 and a.status in ('planned', 'in-progress') and a.due < $2"
                 " order by a.due, a.number limit $3",
                 num(r->w->org), str(r->w->today), num(r->auditor ? r->limit : LATE_MOST)));
    paper_heading(r->paper, 2, tr("What is late"));
    if (!row_count(rows)) {
        paper_text(r->paper, tr("Nothing is late."));
        return NULL;
    }
    paper_table(r->paper, tr("Late"), columns, COUNT_OF(columns));
    while (row_next(rows)) {
        report_record(r, "AC", row_num(rows, 0), row_text(rows, 1));
        TRY(draw_risks(r, row_num(rows, 7), row_num(rows, 2), row_text(rows, 3)));
        paper_cell(r->paper, report_text_of(r, row_str(rows, 4)));
        paper_cell(r->paper, row_text(rows, 5));
        paper_cell(r->paper, report_printf(r, "%lld %%", row_num(rows, 6)));
        paper_end_row(r->paper);
    }
    paper_end_table(r->paper);
    return NULL;
}

/* --- every action --- */

static struct err *action_rows(struct report *r, struct rows **out)
{
    return db_query(
        r->w->db, out,
        "select a.number, a.title, k.number, k.title, t.option, c.code, p.name, a.start, a.due,"
        " a.resources, a.budget, a.spent, a.priority, a.status, a.progress, a.evidence, v.name,"
        " a.verified_on, k.residual_score, b.label, b.tone, count(*) over (), a.id"
        " from action a"
        " join treatment t on t.org_id = a.org_id and t.id = a.treatment"
        " join risk k on k.org_id = t.org_id and k.id = t.risk"
        " left join method_band b on b.org_id = k.org_id and b.method = k.method"
        " and b.band = k.residual_band"
        " left join control c on c.org_id = a.org_id and c.id = a.control"
        " left join person p on p.org_id = a.org_id and p.id = a.owner"
        " left join person v on v.org_id = a.org_id and v.id = a.verifier"
        " where a.org_id = $1 and a.status <> 'cancelled'"
        " order by case a.priority when 'high' then 0 when 'medium' then 1 else 2 end, a.due,"
        " a.number limit $2",
        num(r->w->org), num(r->limit));
}

static void draw_choice(struct report *r, const struct choice *c, const char *code)
{
    if (c)
        paper_badge(r->paper, c->tone, tr(c->label));
    else
        paper_cell(r->paper, code);
}

static const char *option_of(struct report *r, const char *code)
{
    const struct choice *c = choice_find(entity_field(&treatment_entity, "option")->choices, code);
    const char *label = c ? tr(c->label) : code;

    return arena_strn(r->w->arena, label, strcspn(label, ":"));
}

/* On paper the two days share a column; in a workbook each is a date of its own. */
static void draw_days(struct report *r, const char *start, const char *due)
{
    struct arena *m = r->w->arena;

    if (r->format == REPORT_XLSX) {
        paper_cell(r->paper, start);
        paper_cell(r->paper, due);
    } else {
        paper_cell(r->paper, report_printf(r, "%s%s%s", *start ? words_date(m, start) : "",
                                           *start ? " –\n" : "", *due ? words_date(m, due) : "–"));
    }
}

static void draw_money_cell(struct report *r, const struct rows *a, size_t column)
{
    if (row_null(a, column))
        paper_cell(r->paper, "");
    else
        paper_number(r->paper, row_num(a, column));
}

static struct err *draw_action(struct report *r, const struct rows *a)
{
    const struct choice *status = action_status(row_text(a, 13));
    struct paper *p = r->paper;

    report_record(r, "AC", row_num(a, 0), row_text(a, 1));
    TRY(draw_risks(r, row_num(a, 22), row_num(a, 2), row_text(a, 3)));
    paper_cell(p, report_printf(r, "%s %s", option_of(r, row_text(a, 4)), row_text(a, 5)));
    paper_cell(p, report_text_of(r, row_str(a, 6)));
    draw_days(r, row_text(a, 7), row_text(a, 8));
    paper_cell(p, report_text_of(r, row_str(a, 9)));
    draw_money_cell(r, a, 10);
    draw_money_cell(r, a, 11);
    draw_choice(r, action_priority(row_text(a, 12)), row_text(a, 12));
    paper_badge(p, status ? status->tone : NULL,
                report_printf(r, "%s\n%lld %%", status ? tr(status->label) : row_text(a, 13),
                              row_num(a, 14)));
    paper_cell(p, report_printf(r, "%s%s%s", row_text(a, 15), row_str(a, 17) ? "\n" : "",
                                row_str(a, 17)
                                    ? report_printf(r, tr("verified by %s"), row_text(a, 16))
                                    : ""));
    report_level(r, row_num(a, 18), row_text(a, 19), row_text(a, 20));
    paper_end_row(p);
    return NULL;
}

static void begin_actions(struct report *r)
{
    struct paper_column columns[] = {
        {tr("Action"),    20, PAPER_TEXT },
        {tr("Risk"),      16, PAPER_TEXT },
        {tr("Option"),    10, PAPER_TEXT },
        {tr("Who"),       11, PAPER_TEXT },
        {tr("Start"),     13, PAPER_DATE },
        {tr("Due"),       13, PAPER_DATE },
        {tr("With what"), 13, PAPER_TEXT },
        {tr("Budget"),    11, PAPER_MONEY},
        {tr("Spent"),     11, PAPER_MONEY},
        {tr("Priority"),  10, PAPER_TEXT },
        {tr("Status"),    13, PAPER_TEXT },
        {tr("Evidence"),  17, PAPER_TEXT },
        {tr("Expected"),  12, PAPER_TEXT }
    };
    size_t n = COUNT_OF(columns);

    if (r->format != REPORT_XLSX) {
        columns[4] = (struct paper_column){tr("When"), 13, PAPER_TEXT};
        memmove(&columns[5], &columns[6], (n - 6) * sizeof(*columns));
        n--;
    }
    paper_table(r->paper, tr("Actions"), columns, n);
}

static struct err *draw_actions(struct report *r)
{
    struct rows *rows;

    TRY(action_rows(r, &rows));
    paper_heading(r->paper, 1, tr("All actions"));
    begin_actions(r);
    while (row_next(rows))
        TRY(draw_action(r, rows));
    paper_end_table(r->paper);
    report_cut_rows(r, rows, 21);
    return NULL;
}

/* --- approvals of owners --- */

static struct err *draw_approvals(struct report *r)
{
    const struct paper_column columns[] = {
        {tr("Risk"),       26, PAPER_TEXT},
        {tr("Owner"),      14, PAPER_TEXT},
        {tr("Decision"),   14, PAPER_TEXT},
        {tr("Decided by"), 14, PAPER_TEXT},
        {tr("On"),         14, PAPER_TEXT},
        {tr("Until"),      10, PAPER_DATE}
    };
    struct rows *rows;

    TRY(db_query(r->w->db, &rows,
                 "select k.number, k.title, o.name, d.outcome, p.name, d.decided_at, d.expires,"
                 " case when d.decided_at >= (select max(h.valid_from) from risk_history h"
                 " where h.org_id = k.org_id and h.id = k.id) and d.decided_at >="
                 " (select max(h.valid_from) from treatment_history h where h.org_id = k.org_id"
                 " and h.risk = k.id) and d.decided_at >= " ACTIONS_CHANGED_OF_K
                 " then 1 else 0 end, count(*) over () from risk k"
                 " left join person o on o.org_id = k.org_id and o.id = k.owner"
                 " left join decision d on d.org_id = k.org_id and d.subject = k.id"
                 " and d.kind in ('risk.treatment', 'risk.acceptance') and d.decided_at ="
                 " (select max(e.decided_at) from decision e where e.org_id = k.org_id"
                 " and e.subject = k.id and e.kind in ('risk.treatment', 'risk.acceptance'))"
                 " left join person p on p.org_id = k.org_id and p.id = d.decided_by"
                 " where k.org_id = $1 and k.state = 'open' and k.treated > 0"
                 " order by k.number limit $2",
                 num(r->w->org), num(r->limit)));
    paper_heading(r->paper, 1, tr("Approvals by the owners of risks"));
    paper_table(r->paper, tr("Approvals"), columns, COUNT_OF(columns));
    while (row_next(rows)) {
        report_record(r, "R", row_num(rows, 0), row_text(rows, 1));
        paper_cell(r->paper, report_text_of(r, row_str(rows, 2)));
        if (!row_str(rows, 3))
            paper_badge(r->paper, "grey", tr("not decided"));
        else if (!row_num(rows, 7))
            paper_badge(r->paper, "orange", tr("changed since"));
        else
            paper_badge(r->paper, text_equal(row_str(rows, 3), "approved") ? "green" : "red",
                        tr(row_text(rows, 3)));
        paper_cell(r->paper, report_text_of(r, row_str(rows, 4)));
        paper_cell(r->paper, row_str(rows, 3) ? web_time(r->w, row_num(rows, 5)) : "");
        paper_cell(r->paper, row_text(rows, 6));
        paper_end_row(r->paper);
    }
    paper_end_table(r->paper);
    report_cut_rows(r, rows, 8);
    return NULL;
}

struct err *report_plan(struct report *r)
{
    paper_heading(r->paper, r->auditor ? 1 : 2, tr("Where the plan stands"));
    TRY(draw_head(r));
    TRY(draw_late(r));
    TRY(draw_money(r));
    if (!r->auditor)
        return NULL;
    TRY(draw_approvals(r));
    return draw_actions(r);
}

/* --- accepted for a time --- */

static void draw_until(struct report *r, const char *until)
{
    const char *today = r->w->today;

    paper_cell(r->paper, until);
    if (!*until)
        paper_badge(r->paper, "orange", tr("no end"));
    else if (strcmp(until, today) < 0)
        paper_badge(r->paper, "red", tr("over"));
    else if (date_days(today, until) <= SOON_DAYS)
        paper_badge(r->paper, "orange", tr("ends soon"));
    else
        paper_badge(r->paper, "green", tr("holds"));
}

static void draw_accepted(struct report *r, const char *name, struct rows *rows, const char *prefix,
                          const char *why)
{
    const struct paper_column columns[] = {
        {tr("What"),  28, PAPER_TEXT},
        {tr("Level"), 10, PAPER_TEXT},
        {tr("Who"),   14, PAPER_TEXT},
        {why,         30, PAPER_TEXT},
        {tr("Until"), 10, PAPER_DATE},
        {tr("State"), 10, PAPER_TEXT}
    };

    paper_heading(r->paper, 1, name);
    if (!row_count(rows)) {
        paper_text(r->paper, tr("None."));
        return;
    }
    paper_table(r->paper, name, columns, COUNT_OF(columns));
    while (row_next(rows)) {
        report_record(r, prefix, row_num(rows, 0), row_text(rows, 1));
        report_level(r, row_num(rows, 2), row_text(rows, 3), row_text(rows, 4));
        paper_cell(r->paper, report_text_of(r, row_str(rows, 5)));
        paper_cell(r->paper, report_text_of(r, row_str(rows, 6)));
        draw_until(r, row_text(rows, 7));
        paper_end_row(r->paper);
    }
    paper_end_table(r->paper);
    report_cut_rows(r, rows, 8);
}

static struct err *accepted_risks(struct report *r, struct rows **rows)
{
    return db_query(r->w->db, rows,
                    "select k.number, k.title, coalesce(k.residual_score, k.score), b.label,"
                    " b.tone, p.name, d.comment, d.expires, count(*) over () from decision d"
                    " join risk k on k.org_id = d.org_id and k.id = d.subject"
                    " left join method_band b on b.org_id = k.org_id and b.method = k.method"
                    " and b.band = coalesce(k.residual_band, k.band)"
                    " left join person p on p.org_id = d.org_id and p.id = d.decided_by"
                    " where d.org_id = $1 and d.kind = 'risk.acceptance'"
                    " and d.outcome = 'approved' and k.state = 'open' and d.decided_at ="
                    " (select max(e.decided_at) from decision e where e.org_id = d.org_id"
                    " and e.subject = d.subject and e.kind = d.kind)"
                    " order by d.expires, k.number limit $2",
                    num(r->w->org), num(r->limit));
}

static struct err *retained_risks(struct report *r, struct rows **rows)
{
    return db_query(
        r->w->db, rows,
        "select k.number, k.title, k.score, b.label, b.tone, p.name, t.justification,"
        " t.expires, count(*) over () from treatment t join risk k on k.org_id = t.org_id"
        " and k.id = t.risk left join method_band b on b.org_id = k.org_id"
        " and b.method = k.method and b.band = k.band"
        " left join person p on p.org_id = k.org_id and p.id = k.owner"
        " where t.org_id = $1 and t.option = 'retain' and t.state <> 'cancelled'"
        " and k.state = 'open' order by t.expires, k.number limit $2",
        num(r->w->org), num(r->limit));
}

struct err *report_acceptances(struct report *r)
{
    struct rows *rows;

    TRY(accepted_risks(r, &rows));
    draw_accepted(r, tr("Accepted above the level"), rows, "R", tr("Comment"));
    TRY(retained_risks(r, &rows));
    draw_accepted(r, tr("Retained risks"), rows, "R", tr("Why this is acceptable"));
    TRY(db_query(r->w->db, &rows,
                 "select x.number, x.title, k.score, b.label, b.tone, p.name, x.instead, x.until,"
                 " count(*) over () from exemption x left join risk k on k.org_id = x.org_id and "
                 "k.id = x.risk"
                 " left join method_band b on b.org_id = k.org_id and b.method = k.method"
                 " and b.band = k.band left join person p on p.org_id = x.org_id"
                 " and p.id = x.owner where x.org_id = $1 and x.state = 'approved'"
                 " order by x.until, x.number limit $2",
                 num(r->w->org), num(r->limit)));
    draw_accepted(r, tr("Exceptions"), rows, "EX", tr("What protects meanwhile"));
    return NULL;
}
