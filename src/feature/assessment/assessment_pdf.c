/* SPDX-License-Identifier: Apache-2.0 */
/* The report of a closed round as PDF: what the page shows, with the fingerprint that was approved
 * and size and root of the log at printing. */
#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/decision.h"
#include "core/language.h"
#include "core/trail.h"
#include "feature/assessment/assessment_part.h"
#include "feature/organisation/organisation.h"
#include "feature/risk/risk.h"
#include "out/pdf.h"

static const char *or_dash(const char *text)
{
    return text_empty(text) ? "-" : text;
}

static const char *people_of(const struct report *r)
{
    const json_t *list = json_object_get(r->whole, "participants");
    struct buf b;

    buf_init(&b, r->w->arena, 200);
    for (size_t i = 0; i < json_array_size(list); i++)
        buf_printf(&b, "%s%s", i ? ", " : "",
                   report_person(r, json_integer_value(json_array_get(list, i))));
    return b.data;
}

static const char *level_of(const struct report *r, const json_t *level, const char **tone)
{
    const char *label;

    report_band(r, report_text(level, "band"), &label, tone);
    label = tr(label);
    if (!report_num(level, "score"))
        return NULL;
    return arena_printf(r->w->arena, "%lld %s", report_num(level, "score"), label);
}

/* --- parts --- */

static void draw_head(struct pdf *p, const struct report *r, const struct assessment *a)
{
    struct arena *m = r->w->arena;
    const json_t *method = json_object_get(r->whole, "method");
    /* clang-format off */
    const char *const pairs[][2] = {
        {tr("Organisation"), r->w->org_name},
        {tr("Round"), arena_printf(m, "AS-%lld %s", a->number, report_text(r->whole, "title"))},
        {tr("Started"), words_date(m, report_text(r->whole, "started"))},
        {tr("Closed"), words_date(m, report_text(r->whole, "closed"))},
        {tr("Standard"), tr("ISO/IEC 27001:2022, 6.1.2 and 8.2")},
        {tr("Risk method"), arena_printf(m, tr("M-%lld %s, version %lld"), report_num(method, "number"),
                                     report_text(method, "title"), report_num(method, "version"))},
        {tr("Acceptance level"), arena_printf(m, "%lld", report_num(method, "acceptance"))},
        {tr("Took part"), or_dash(people_of(r))},
        {tr("What was looked at"), or_dash(report_text(r->whole, "scope"))},
    };
    /* clang-format on */

    pdf_key_values(p, pairs, COUNT_OF(pairs));
}

static void draw_found(struct pdf *p, const struct report *r)
{
    const struct pdf_column columns[] = {
        {tr("Band"),  20, PDF_LEFT },
        {tr("Risks"), 10, PDF_RIGHT}
    };

    pdf_heading(p, 2, tr("What was found"));
    if (*report_text(r->whole, "summary"))
        pdf_paragraph(p, report_text(r->whole, "summary"));
    pdf_table(p, columns, COUNT_OF(columns));
    for (size_t b = json_array_size(r->bands); b-- > 0;) {
        const json_t *band = json_array_get(r->bands, b);

        pdf_badge(p, report_text(band, "tone"), tr(report_text(band, "label")));
        pdf_cell(p, arena_printf(r->w->arena, "%zu", report_count(r, report_text(band, "band"))));
        pdf_end_row(p);
    }
    pdf_end_table(p);
}

static void add_treatments(struct buf *b, const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *t = json_array_get(list, i);

        buf_printf(b, "%sT-%lld %s (%s, %s)", b->size ? "\n" : "", report_num(t, "number"),
                   report_text(t, "title"), report_option(t), report_state(t));
    }
}

static void add_decisions(struct buf *b, const struct report *r, const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *d = json_array_get(list, i);

        buf_printf(b, "%s%s", b->size ? "\n" : "", report_decision(r, d));
    }
}

static const char *assets_of(const struct report *r, const json_t *list)
{
    struct buf b;

    buf_init(&b, r->w->arena, 100);
    for (size_t i = 0; i < json_array_size(list); i++)
        buf_printf(&b, "%sA-%lld %s", i ? "\n" : "", report_num(json_array_get(list, i), "number"),
                   report_text(json_array_get(list, i), "name"));
    return b.data;
}

static void draw_level(struct pdf *p, const struct report *r, const json_t *level)
{
    const char *tone, *text = level_of(r, level, &tone);

    if (text)
        pdf_badge(p, tone, text);
    else
        pdf_cell(p, "-");
}

static void draw_risk(struct pdf *p, const struct report *r, const json_t *risk)
{
    struct buf b;

    buf_init(&b, r->w->arena, 200);
    add_treatments(&b, json_object_get(risk, "treatments"));
    add_decisions(&b, r, json_object_get(risk, "decisions"));
    pdf_cell(p, arena_printf(r->w->arena, "R-%lld %s", report_num(risk, "number"),
                             report_text(risk, "title")));
    pdf_cell(p, or_dash(assets_of(r, json_object_get(risk, "assets"))));
    draw_level(p, r, risk);
    draw_level(p, r, json_object_get(risk, "residual"));
    pdf_cell(p, report_person(r, report_num(risk, "owner")));
    pdf_cell(p, or_dash(b.data));
    pdf_end_row(p);
}

static void draw_risks(struct pdf *p, const struct report *r, const char *title, size_t count)
{
    const struct pdf_column columns[] = {
        {tr("Risk"),      24, PDF_LEFT},
        {tr("Assets"),    18, PDF_LEFT},
        {tr("Level"),     10, PDF_LEFT},
        {tr("Expected"),  10, PDF_LEFT},
        {tr("Owner"),     12, PDF_LEFT},
        {tr("Treatment"), 26, PDF_LEFT}
    };

    pdf_heading(p, 2, title);
    pdf_table(p, columns, COUNT_OF(columns));
    for (size_t i = 0; i < count; i++)
        draw_risk(p, r, r->risks[i]);
    pdf_end_table(p);
}

struct mark {
    const char *origin, *root; /* of the log at printing */
    i64 size;
};

static struct err *read_mark(struct web *w, struct mark *m)
{
    unsigned char root[TLOG_HASH];

    TRY(trail_head(w, w->org, &m->size, root));
    m->origin = signer_origin(w->app->signer, w->arena, w->org);
    m->root = crypt_base64(w->arena, root, TLOG_HASH);
    return NULL;
}

static struct err *draw_approval(struct pdf *p, const struct report *r, const struct assessment *a,
                                 const struct mark *m)
{
    struct web *w = r->w;
    const char *who = "-", *when = "-";
    struct decision d;
    bool approved;

    TRY(decision_last(w, "assessment", a->id, &d));
    approved =
        d.id && text_equal(d.outcome, "approved") && text_equal(d.subject_hash, a->body_hash);
    if (approved) {
        TRY(entity_title(w, &person_entity, d.by, &who, NULL));
        when = web_org_time(w, d.at);
    }
    pdf_heading(p, 2, tr("Approval"));
    pdf_paragraph(p, approved ? tr("Top management approved this report.")
                              : tr("This report is not approved by top management."));
    /* clang-format off */
    const char *const pairs[][2] = {
        {tr("Approved by"), who},
        {tr("Approved on"), when},
        {tr("Fingerprint of the register"), a->body_hash},
        {tr("Log"), m->origin},
        {tr("Entries in the log"), arena_printf(w->arena, "%lld", m->size)},
        {tr("Root of the log"), m->root},
        {tr("Printed"), web_org_time(w, w->now)},
    };
    /* clang-format on */
    pdf_key_values(p, pairs, COUNT_OF(pairs));
    return NULL;
}

static struct err *make(struct web *w, const struct assessment *a, struct bytes *out)
{
    struct mark m;
    struct report r;
    struct pdf *p;
    const char *label;

    TRY(classification_label(w, &label));
    TRY(read_mark(w, &m));
    TRY(report_open(w, a->body, &r));
    TRY(pdf_begin(w->arena,
                  &(struct pdf_options){
                      .title = tr("Risk assessment report"),
                      .author = w->org_name,
                      .header = arena_printf(w->arena, tr("%s · Risk assessment · AS-%lld %s"),
                                             w->org_name, a->number, a->title),
                      .footer = arena_printf(w->arena, tr("Log %s, %lld entries, root %s"),
                                             m.origin, m.size, m.root),
                      .label = label,
                      .landscape = true,
                      .created = w->now,
                  },
                  &p));
    draw_head(p, &r, a);
    draw_found(p, &r);
    draw_risks(p, &r, tr("The ten highest risks"), r.count < TOP ? r.count : TOP);
    if (r.count > TOP)
        draw_risks(p, &r, tr("All open risks"), r.count);
    if (report_all(&r) > r.count)
        pdf_note(p, arena_printf(w->arena,
                                 tr("These are the %zu highest of %zu risks; the whole register "
                                    "is exported from the page of the round."),
                                 r.count, report_all(&r)));
    TRY(draw_approval(p, &r, a, &m));
    return pdf_end(p, out);
}

struct err *assessment_pdf(struct web *w)
{
    struct assessment a;
    struct bytes out;
    i64 id;

    TRY(risk_refuse_blind_whole(w));
    TRY(web_record(w, &assessment_entity, &id));
    TRY(entity_load(w, &assessment_entity, id, &a));
    if (!a.body)
        return err_new(ERR_CLASH, "This round is still open. Close it first, then there is a "
                                  "report.");
    TRY(make(w, &a, &out));
    web_answer_bytes(w, "application/pdf", out,
                     arena_printf(w->arena, "risk-assessment-AS-%lld.pdf", a.number));
    return NULL;
}
