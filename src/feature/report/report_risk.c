/* SPDX-License-Identifier: Apache-2.0 */
/* The risk assessment report (ISO/IEC 27001 6.1.2, 8.2), heat maps and the ten highest risks. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/content.h"
#include "core/language.h"
#include "feature/report/report_part.h"
#include "feature/risk/risk.h"
#include "feature/treatment/treatment.h"

#define TOP 10
/* Risks with all their texts in a PDF or DOCX: a third of a page each, and all of them at once in
 * memory (90 MB for 1,000). The tables before have every risk. */
#define DETAILS_PAPER 3000
#define DECIDE 8 /* risks to decide on, on the page for management */

/* --- figures --- */

static struct err *last_round(struct report *r, const char **out)
{
    struct rows *rows;

    *out = "";
    TRY(db_query(
        r->w->db, &rows,
        "select number, title, closed, case when exists (select 1 from decision d"
        " where d.org_id = a.org_id and d.subject = a.id and d.kind = 'assessment'"
        " and d.outcome = 'approved') then 1 else 0 end from assessment a"
        " where org_id = $1 and state = 'closed' order by closed desc, number desc limit 1",
        num(r->w->org)));
    if (row_next(rows))
        *out = report_printf(r, tr("AS-%lld %s, closed on %s, %s"), row_num(rows, 0),
                             row_text(rows, 1), words_date(r->w->arena, row_text(rows, 2)),
                             row_num(rows, 3) ? tr("approved") : tr("not approved"));
    return NULL;
}

static struct err *draw_facts(struct report *r)
{
    struct plan_totals t;
    struct rows *rows;
    const char *round;

    TRY(last_round(r, &round));
    TRY(plan_totals_load(r->w, &t));
    TRY(db_query(
        r->w->db, &rows,
        "select count(*), sum(case when score > $2 then 1 else 0 end),"
        " sum(case when score is null then 1 else 0 end),"
        " sum(case when treated = 0 and score > $2 then 1 else 0 end),"
        " sum(case when coalesce(residual_score, score) > $2 then 1 else 0 end),"
        " sum(case when owner is null then 1 else 0 end),"
        " sum(case when review_on < $3 then 1 else 0 end), sum(vetoed), sum(residual_vetoed)"
        " from risk where org_id = $1 and state = 'open'",
        num(r->w->org), num(r->method.acceptance), str(r->w->today)));
    row_next(rows);
    /* clang-format off */
    const char *const pairs[][2] = {
        {tr("Last round of assessment"), round},
        {tr("Risk method"), report_printf(r, "M-%lld %s", r->method.number, r->method.title)},
        {tr("Acceptance level"), report_printf(r, "%lld", r->method.acceptance)},
        {tr("Open risks"), report_printf(r, "%lld", row_num(rows, 0))},
        {tr("Above the acceptance level now"), report_printf(r, "%lld", row_num(rows, 1))},
        {tr("Above it when the plan is done"), report_printf(r, "%lld", row_num(rows, 4))},
        {tr("At a level that nobody may accept"), row_num(rows, 7) ? report_printf(r, "%lld", row_num(rows, 7)) : ""},
        {tr("At such a level when the plan is done"), row_num(rows, 8) ? report_printf(r, "%lld", row_num(rows, 8)) : ""},
        {tr("Above it and without a treatment"), report_printf(r, "%lld", row_num(rows, 3))},
        {tr("Not scored yet"), report_printf(r, "%lld", row_num(rows, 2))},
        {tr("Without an owner"), report_printf(r, "%lld", row_num(rows, 5))},
        {tr("Review overdue"), report_printf(r, "%lld", row_num(rows, 6))},
        {tr("Plans approved by owners"), report_printf(r, tr("%lld of %lld"), t.approved, t.risks)},
    };
    /* clang-format on */
    const char *said[COUNT_OF(pairs)][2];
    size_t n = 0;

    for (size_t i = 0; i < COUNT_OF(pairs); i++) /* nothing is said of vetoes that there are not */
        if (!text_empty(pairs[i][1]) || i == 0) {
            said[n][0] = pairs[i][0];
            said[n++][1] = pairs[i][1];
        }
    paper_facts(r->paper, (const char *const(*)[2])said, n);
    return NULL;
}

/* --- tables of risks --- */

/* What is done, in a few words: "Modify 8.5, 8.13; Share". */
static struct err *treatments_of(struct report *r, i64 risk, const char **out)
{
    const struct field *f = entity_field(&treatment_entity, "option");
    struct rows *rows;
    struct buf b;

    buf_init(&b, r->w->arena, 80);
    TRY(db_query(r->w->db, &rows,
                 "select id, number, title, option from treatment where org_id = $1 and risk = $2"
                 " and state <> 'cancelled' order by number",
                 num(r->w->org), num(risk)));
    while (row_next(rows)) {
        const struct choice *c = choice_find(f->choices, row_text(rows, 3));
        const char *label = c ? tr(c->label) : row_text(rows, 3), *controls;

        TRY(report_controls(r, row_num(rows, 0), &controls));
        buf_printf(&b, "%sT-%lld %.*s: %s", b.size ? "\n" : "", row_num(rows, 1),
                   (int)strcspn(label, ":"), label, row_text(rows, 2));
        if (*controls)
            buf_printf(&b, " (%s)", controls);
    }
    *out = b.data;
    return NULL;
}

static struct err *risk_rows(struct report *r, i64 most, struct rows **out)
{
    return db_query(
        r->w->db, out,
        "select k.id, k.number, k.title, k.score, b.label, b.tone, k.residual_score, e.label,"
        " e.tone, p.name, k.inherent_score, i.label, i.tone, k.review_on, k.threat,"
        " k.vulnerability, k.description, k.existing_controls, k.rationale, k.residual_reason,"
        " k.current_likelihood, k.current_impact, k.inherent_likelihood, k.inherent_impact,"
        " k.vetoed, k.residual_vetoed, k.inherent_axes, k.current_axes, k.residual_axes,"
        " count(*) over () from risk k"
        " left join method_band b on b.org_id = k.org_id and b.method = k.method and b.band = "
        "k.band"
        " left join method_band e on e.org_id = k.org_id and e.method = k.method"
        " and e.band = k.residual_band"
        " left join method_band i on i.org_id = k.org_id and i.method = k.method"
        " and i.band = k.inherent_band"
        " left join person p on p.org_id = k.org_id and p.id = k.owner"
        " where k.org_id = $1 and k.state = 'open'"
        " order by case when k.score is null then 1 else 0 end,"
        " case when $3 = 1 then k.vetoed else 0 end desc, k.score desc,"
        " case when $4 = 1 then coalesce(k.current_likelihood, k.inherent_likelihood)"
        " else coalesce(k.current_impact, k.inherent_impact) end desc,"
        " case when $4 = 1 then coalesce(k.current_impact, k.inherent_impact)"
        " else coalesce(k.current_likelihood, k.inherent_likelihood) end desc, k.id limit $2",
        num(r->w->org), num(most), num(method_vetoes_first(&r->method)),
        num(method_likelihood_first(&r->method)));
}

static struct err *draw_risks(struct report *r, const char *name, i64 most)
{
    const struct paper_column columns[] = {
        {tr("Risk"),      26, PAPER_TEXT},
        {tr("Now"),       9,  PAPER_TEXT},
        {tr("Expected"),  9,  PAPER_TEXT},
        {tr("Owner"),     13, PAPER_TEXT},
        {tr("Treatment"), 30, PAPER_TEXT}
    };
    struct rows *rows;
    const char *done;

    TRY(risk_rows(r, most, &rows));
    paper_table(r->paper, name, columns, COUNT_OF(columns));
    while (row_next(rows)) {
        TRY(treatments_of(r, row_num(rows, 0), &done));
        report_record(r, "R", row_num(rows, 1), row_text(rows, 2));
        report_level(r, row_num(rows, 3), row_text(rows, 4), row_text(rows, 5));
        report_level(r, row_num(rows, 6), row_text(rows, 7), row_text(rows, 8));
        paper_cell(r->paper, report_text_of(r, row_str(rows, 9)));
        paper_cell(r->paper, *done ? done : tr("not decided"));
        paper_end_row(r->paper);
    }
    paper_end_table(r->paper);
    if (most == r->limit)
        report_cut_rows(r, rows, 29);
    return NULL;
}

/* --- to decide --- */

static struct err *draw_to_decide(struct report *r)
{
    const struct paper_column columns[] = {
        {tr("Risk"),           30, PAPER_TEXT},
        {tr("What remains"),   12, PAPER_TEXT},
        {tr("What is needed"), 30, PAPER_TEXT}
    };
    struct rows *rows;

    TRY(db_query(
        r->w->db, &rows,
        "select k.number, k.title, coalesce(k.residual_score, k.score), b.label, b.tone, k.treated,"
        " k.residual_vetoed from risk k left join method_band b on b.org_id = k.org_id"
        " and b.method = k.method and b.band = coalesce(k.residual_band, k.band)"
        " where k.org_id = $1 and k.state = 'open' and (k.residual_vetoed = 1"
        " or (coalesce(k.residual_score, k.score) > $2"
        " and not exists (select 1 from decision d where d.org_id = k.org_id and d.subject = k.id"
        " and d.kind = 'risk.acceptance' and d.outcome = 'approved' and d.expires >= $3)))"
        " order by k.residual_vetoed desc, coalesce(k.residual_score, k.score) desc, k.id limit $4",
        num(r->w->org), num(r->method.acceptance), str(r->w->today), num(DECIDE)));
    paper_heading(r->paper, 2, tr("What top management has to decide"));
    if (!row_count(rows)) {
        paper_text(r->paper, tr("Nothing: no risk remains above the acceptance level without an "
                                "acceptance that holds."));
        return NULL;
    }
    paper_table(r->paper, tr("To decide"), columns, COUNT_OF(columns));
    while (row_next(rows)) {
        report_record(r, "R", row_num(rows, 0), row_text(rows, 1));
        report_level(r, row_num(rows, 2), row_text(rows, 3), row_text(rows, 4));
        paper_cell(r->paper, row_num(rows, 6)
                                 ? tr("More than is planned, or an end of the activity: nobody may "
                                      "accept this")
                             : row_num(rows, 5)
                                 ? tr("Accept what remains for a time, or ask for more")
                                 : tr("A treatment: nothing is planned yet"));
        paper_end_row(r->paper);
    }
    paper_end_table(r->paper);
    return NULL;
}

/* --- for auditors: method, rounds, every risk --- */

static struct err *draw_scale(struct report *r, const char *axis, const char *title)
{
    const struct paper_column columns[] = {
        {tr("Level"),              3,  PAPER_NUMBER},
        {tr("Name"),               8,  PAPER_TEXT  },
        {tr("What it stands for"), 30, PAPER_TEXT  }
    };
    struct method_level *levels;
    size_t n;

    TRY(method_levels(r->w, r->method.id, axis, &levels, &n));
    paper_heading(r->paper, 2, title);
    paper_table(r->paper, title, columns, COUNT_OF(columns));
    for (size_t i = 0; i < n; i++) {
        paper_number(r->paper, levels[i].level);
        paper_cell(r->paper, tr(levels[i].label));
        paper_cell(r->paper, tr(levels[i].descriptor));
        paper_end_row(r->paper);
    }
    paper_end_table(r->paper);
    return NULL;
}

static void draw_bands(struct report *r)
{
    const struct paper_column columns[] = {
        {tr("Band"),       7,  PAPER_TEXT},
        {tr("Scores"),     6,  PAPER_TEXT},
        {tr("Meaning"),    18, PAPER_TEXT},
        {tr("What to do"), 18, PAPER_TEXT}
    };

    paper_heading(r->paper, 2, tr("Bands and what follows from them"));
    paper_table(r->paper, tr("Meaning of bands"), columns, COUNT_OF(columns));
    for (size_t i = 0; i < r->nbands; i++) {
        const struct method_band *b = &r->bands[i];

        paper_badge(r->paper, b->tone, tr(b->label));
        paper_cell(r->paper, report_printf(r, "%lld–%lld", b->lowest, b->highest));
        paper_cell(r->paper, tr(b->meaning));
        paper_cell(r->paper, tr(b->action));
        paper_end_row(r->paper);
    }
    paper_end_table(r->paper);
}

static struct err *draw_method(struct report *r)
{
    paper_heading(r->paper, 1, tr("How risks are assessed"));
    paper_text(r->paper,
               report_printf(r,
                             tr("Method M-%lld “%s”, version %lld. A risk is scored by likelihood "
                                "and impact; the score is looked up in the matrix of the method. "
                                "Up to %lld the owner of a risk may accept what remains, above "
                                "that top management does, for a time."),
                             r->method.number, r->method.title, r->method.version,
                             r->method.acceptance));
    TRY(draw_scale(r, "likelihood", tr("Likelihood")));
    TRY(draw_scale(r, "impact", tr("Impact")));
    draw_bands(r);
    return NULL;
}

static struct err *draw_rounds(struct report *r)
{
    const struct paper_column columns[] = {
        {tr("Round"),       24, PAPER_TEXT},
        {tr("State"),       8,  PAPER_TEXT},
        {tr("Started"),     8,  PAPER_DATE},
        {tr("Closed"),      8,  PAPER_DATE},
        {tr("Fingerprint"), 26, PAPER_TEXT}
    };
    struct rows *rows;

    TRY(db_query(r->w->db, &rows,
                 "select number, title, state, started, closed, body_hash from assessment"
                 " where org_id = $1 order by number desc limit 50",
                 num(r->w->org)));
    paper_heading(r->paper, 1, tr("Rounds of assessment"));
    paper_table(r->paper, tr("Rounds"), columns, COUNT_OF(columns));
    while (row_next(rows)) {
        report_record(r, "AS", row_num(rows, 0), row_text(rows, 1));
        paper_cell(r->paper, text_equal(row_str(rows, 2), "closed") ? tr("Closed") : tr("Open"));
        for (size_t i = 3; i < 6; i++)
            paper_cell(r->paper, report_text_of(r, row_str(rows, i)));
        paper_end_row(r->paper);
    }
    paper_end_table(r->paper);
    return NULL;
}

static struct err *assets_of(struct report *r, i64 risk, const char **out)
{
    struct rows *rows;
    struct buf b;

    buf_init(&b, r->w->arena, 80);
    TRY(db_query(r->w->db, &rows,
                 "select a.number, a.name from risk_assets l join asset a on a.org_id = l.org_id"
                 " and a.id = l.target where l.org_id = $1 and l.record = $2 order by a.number",
                 num(r->w->org), num(risk)));
    while (row_next(rows))
        buf_printf(&b, "%sA-%lld %s", b.size ? ", " : "", row_num(rows, 0), row_text(rows, 1));
    *out = b.data;
    return NULL;
}

static struct err *decisions_of(struct report *r, i64 risk, const char **out)
{
    struct rows *rows;
    struct buf b;

    buf_init(&b, r->w->arena, 80);
    TRY(db_query(r->w->db, &rows,
                 "select d.kind, d.outcome, p.name, d.decided_at, d.expires from decision d"
                 " left join person p on p.org_id = d.org_id and p.id = d.decided_by"
                 " where d.org_id = $1 and d.subject = $2 and d.kind in ('risk.treatment',"
                 " 'risk.acceptance') order by d.decided_at desc limit 6",
                 num(r->w->org), num(risk)));
    while (row_next(rows)) {
        bool acceptance = text_equal(row_str(rows, 0), "risk.acceptance");

        buf_printf(&b, "%s%s: %s, %s, %s", b.size ? "\n" : "",
                   acceptance ? tr("Acceptance") : tr("Plan"), tr(row_text(rows, 1)),
                   row_text(rows, 2), web_time(r->w, row_num(rows, 3)));
        if (row_str(rows, 4))
            buf_printf(&b, ", %s",
                       report_printf(r, tr("until %s"), words_date(r->w->arena, row_str(rows, 4))));
    }
    *out = b.data;
    return NULL;
}

static const char *level_text(struct report *r, i64 score, const char *label, i64 likelihood,
                              i64 impact)
{
    if (!score)
        return tr("not scored");
    return report_printf(r, tr("%lld %s (likelihood %lld, impact %lld)"), score, tr(label),
                         likelihood, impact);
}

/* A level with the axes that its impact follows from. */
static const char *with_axes(struct report *r, const char *level, const char *axes)
{
    struct method_judged j;

    if (!axes)
        return level;
    method_judge(r->w->arena, &r->ruler, axes, &j);
    return j.wrong ? level : report_printf(r, "%s\n%s", level, method_judged_text(r->w->arena, &j));
}

static const char *code_text(struct report *r, const char *catalogue, const char *code)
{
    return code ? tr(content_label(r->w->app->content, catalogue, code)) : "";
}

/* The three levels of a risk, as text. */
static void levels_of(struct report *r, const struct rows *k, const char *out[3])
{
    out[0] = level_text(r, row_num(k, 10), row_text(k, 11), row_num(k, 22), row_num(k, 23));
    out[1] = tr("not scored");
    if (row_num(k, 20))
        out[1] = level_text(r, row_num(k, 3), row_text(k, 4), row_num(k, 20), row_num(k, 21));
    out[2] = tr("not scored");
    if (row_num(k, 6))
        out[2] = report_printf(r, "%lld %s", row_num(k, 6), tr(row_text(k, 7)));
    for (size_t i = 0; i < 3; i++)
        out[i] = with_axes(r, out[i], row_str(k, 26 + i));
}

/* Why nobody may accept it. */
static struct err *veto_of(struct report *r, const struct rows *k, const char **out)
{
    const char *now;
    struct risk risk;

    *out = "";
    if (!row_num(k, 24) && !row_num(k, 25))
        return NULL;
    TRY(entity_load_any(r->w, &risk_entity, row_num(k, 0), &risk));
    TRY(risk_veto(r->w, &risk, false, out));
    if (**out)
        return NULL;
    TRY(risk_veto(r->w, &risk, true, &now));
    *out = report_printf(r, tr("now, and not when the plan is done: %s"), now);
    return NULL;
}

static struct err *draw_one(struct report *r, const struct rows *k)
{
    const char *assets, *treated, *decided, *levels[3], *veto;

    TRY(veto_of(r, k, &veto));
    TRY(assets_of(r, row_num(k, 0), &assets));
    TRY(treatments_of(r, row_num(k, 0), &treated));
    TRY(decisions_of(r, row_num(k, 0), &decided));
    levels_of(r, k, levels);
    /* clang-format off */
    const char *const pairs[][2] = {
        {tr("How it could happen"), row_str(k, 16)},
        {tr("Assets"), assets},
        {tr("Threat"), code_text(r, "threats", row_str(k, 14))},
        {tr("Weakness"), code_text(r, "vulnerabilities", row_str(k, 15))},
        {tr("Owner"), row_str(k, 9)},
        {tr("Existing controls"), row_str(k, 17)},
        {tr("Without controls"), levels[0]},
        {tr("Now"), levels[1]},
        {tr("When the plan is done"), levels[2]},
        {tr("Never acceptable"), veto},
        {tr("Why these levels"), row_str(k, 18)},
        {tr("Why what remains is not lower"), row_str(k, 19)},
        {tr("Treatment"), treated},
        {tr("Decisions"), decided},
        {tr("Next review"), row_str(k, 13) ? words_date(r->w->arena, row_str(k, 13)) : ""},
    };
    /* clang-format on */
    paper_heading(r->paper, 3, report_printf(r, "R-%lld %s", row_num(k, 1), row_text(k, 2)));
    paper_facts(r->paper, pairs, COUNT_OF(pairs));
    return NULL;
}

static struct err *draw_each(struct report *r)
{
    struct rows *rows;

    TRY(risk_rows(
        r, r->format == REPORT_XLSX || r->limit < DETAILS_PAPER ? r->limit : DETAILS_PAPER, &rows));
    paper_heading(r->paper, 1, tr("Every risk with its reasons"));
    while (row_next(rows))
        TRY(draw_one(r, rows));
    report_cut_rows(r, rows, 29);
    return NULL;
}

/* --- reports --- */

struct err *report_assessment(struct report *r)
{
    paper_heading(r->paper, r->auditor ? 1 : 2, tr("Where we stand"));
    TRY(draw_facts(r));
    TRY(report_heats(r, r->auditor));
    TRY(report_bands(r));
    TRY(draw_to_decide(r));
    paper_heading(r->paper, r->auditor ? 1 : 2, tr("The ten highest risks"));
    TRY(draw_risks(r, tr("Ten highest"), TOP));
    if (!r->auditor)
        return NULL;
    TRY(draw_method(r));
    TRY(draw_rounds(r));
    paper_heading(r->paper, 1, tr("All open risks"));
    TRY(draw_risks(r, tr("Open risks"), r->limit));
    return draw_each(r);
}

struct err *report_maps(struct report *r)
{
    paper_heading(r->paper, 1, tr("Open risks by likelihood and impact"));
    TRY(report_heats(r, true));
    TRY(report_bands(r));
    if (!r->auditor)
        return NULL;
    paper_heading(r->paper, 1, tr("All open risks"));
    return draw_risks(r, tr("Open risks"), r->limit);
}

struct err *report_top(struct report *r)
{
    struct rows *rows;

    paper_heading(r->paper, 1, tr("The ten highest risks"));
    TRY(draw_risks(r, tr("Ten highest"), TOP));
    if (!r->auditor)
        return NULL;
    TRY(risk_rows(r, TOP, &rows));
    paper_heading(r->paper, 1, tr("With their reasons"));
    while (row_next(rows))
        TRY(draw_one(r, rows));
    return NULL;
}
