/* SPDX-License-Identifier: Apache-2.0 */
/* The statement as a document to sign and hand out. */
#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/language.h"
#include "feature/control/control.h"
#include "feature/soa/soa_part.h"
#include "out/pdf.h"

static const char *or_dash(const char *text)
{
    return text_empty(text) ? "-" : text;
}

static const char *tone_of(const char *status)
{
    const struct choice *c = choice_find(entity_field(&control_entity, "status")->choices, status);

    return c ? c->tone : NULL;
}

static const char *because(struct web *w, const struct soa_row *r)
{
    if (text_equal(r->applicable, "no"))
        return words_supplied(w->arena, r->justification);
    if (text_equal(r->applicable, "open"))
        return tr("not decided yet");
    if (!text_empty(r->business))
        return arena_printf(w->arena, "%s%s%s", soa_reasons_text(w, r), r->nreasons ? ". " : "",
                            r->business);
    return or_dash(soa_reasons_text(w, r));
}

static const char *done(struct web *w, const struct soa_row *r)
{
    const char *evidence = soa_evidence_text(w, r);

    if (text_empty(evidence))
        return or_dash(r->how);
    return arena_printf(w->arena, "%s%s%s", r->how, text_empty(r->how) ? "" : "\n",
                        arena_printf(w->arena, tr("Evidence: %s"), evidence));
}

static void draw_row(struct web *w, struct pdf *p, const struct soa_row *r)
{
    const char *title = words_supplied(w->arena, r->title);
    bool no = text_equal(r->applicable, "no");

    pdf_cell(p, r->code);
    pdf_cell(p, text_empty(r->maps_to)
                    ? title
                    : arena_printf(w->arena, tr("%s%s%s\nAnnex A: %s"), title,
                                   text_empty(r->framework) ? "" : "\n", r->framework, r->maps_to));
    pdf_cell(p, text_equal(r->applicable, "yes") ? tr("Yes") : no ? tr("No") : tr("Open"));
    pdf_cell(p, because(w, r));
    pdf_cell(p, no ? "-" : done(w, r));
    if (no)
        pdf_cell(p, "-");
    else
        pdf_badge(p, tone_of(r->status), tr(soa_status_label(r->status)));
    pdf_cell(p, or_dash(r->owner_name));
    pdf_end_row(p);
}

static void draw_theme(struct web *w, struct pdf *p, const struct soa_table *t, size_t theme)
{
    const struct pdf_column columns[] = {
        {tr("Control"),        6,  PDF_LEFT},
        {tr("Title"),          20, PDF_LEFT},
        {tr("Applicable"),     9,  PDF_LEFT},
        {tr("Because"),        27, PDF_LEFT},
        {tr("How it is done"), 26, PDF_LEFT},
        {tr("Status"),         10, PDF_LEFT},
        {tr("Owner"),          12, PDF_LEFT}
    };
    const char *code = control_themes[theme].code;

    if (!t->themes[theme])
        return;
    pdf_heading(p, 2,
                arena_printf(w->arena, tr("%s controls (%lld)"), tr(control_themes[theme].label),
                             t->themes[theme]));
    if (text_equal(code, "own"))
        pdf_note(p, tr("Controls from elsewhere, with the controls of Annex A that they answer."));
    pdf_table(p, columns, COUNT_OF(columns));
    for (size_t i = 0; i < t->count; i++)
        if (text_equal(t->rows[i].theme, code))
            draw_row(w, p, &t->rows[i]);
    pdf_end_table(p);
}

static void draw_exclusions(struct web *w, struct pdf *p, const struct soa_table *t)
{
    const struct pdf_column columns[] = {
        {tr("Control"),                   8,  PDF_LEFT},
        {tr("Title"),                     30, PDF_LEFT},
        {tr("Reason for leaving it out"), 62, PDF_LEFT}
    };

    pdf_heading(p, 2, arena_printf(w->arena, tr("Exclusions (%lld)"), t->excluded));
    if (!t->excluded) {
        pdf_paragraph(p, tr("No control of Annex A is left out."));
        return;
    }
    pdf_table(p, columns, COUNT_OF(columns));
    for (size_t i = 0; i < t->count; i++) {
        const struct soa_row *r = &t->rows[i];

        if (!text_equal(r->applicable, "no"))
            continue;
        pdf_cell(p, r->code);
        pdf_cell(p, words_supplied(w->arena, r->title));
        pdf_cell(p, r->conflict ? arena_printf(w->arena, "%s\n%s", because(w, r), r->conflict)
                                : or_dash(because(w, r)));
        pdf_end_row(p);
    }
    pdf_end_table(p);
}

static void draw_head(struct web *w, struct pdf *p, const struct soa_source *s, const char *version)
{
    const struct soa_table *t = &s->table;
    const char *counts = arena_printf(
        w->arena, tr("%lld applicable, %lld excluded, %lld not decided; %lld implemented"),
        t->applicable, t->excluded, t->open, t->implemented);
    const char *themes = arena_printf(
        w->arena,
        tr("organizational %lld, people %lld, physical %lld, technological %lld, own %lld"),
        t->themes[0], t->themes[1], t->themes[2], t->themes[3], t->themes[4]);
    /* clang-format off */
    const char *const pairs[][2] = {
        {tr("Organisation"), text_empty(t->legal_name) ? t->organisation : t->legal_name},
        {tr("Scope"), t->scope},
        {tr("Statement"), version},
        {tr("Standard"), "ISO/IEC 27001:2022 with Amendment 1:2024, 6.1.3 d"},
        {tr("Risk assessment"), t->assessment},
        {tr("Risk method"), t->method},
        {tr("Controls"), counts},
        {tr("By theme"), themes},
        {tr("Approved by"), or_dash(s->approver)},
        {tr("Approved on"), or_dash(s->approved)},
    };
    /* clang-format on */

    pdf_key_values(p, pairs, COUNT_OF(pairs));
    if (!s->version.id)
        pdf_paragraph(p, tr("This is a draft. It was not approved."));
}

static void draw_approval(struct web *w, struct pdf *p, const struct soa_source *s)
{
    const char *size = arena_printf(w->arena, "%lld", s->size);
    /* clang-format off */
    const char *const pairs[][2] = {
        {tr("Approved by"), or_dash(s->approver)},
        {tr("Approved on"), or_dash(s->approved)},
        {tr("Fingerprint"), s->version.id ? s->version.body_hash : "-"},
        {tr("Log"), s->origin},
        {tr("Entries in the log"), size},
        {tr("Root of the log"), s->root},
        {tr("Printed"), web_org_time(w, w->now)},
    };
    /* clang-format on */

    pdf_new_page(p); /* one page to sign */
    pdf_heading(p, 2, tr("Approval"));
    pdf_paragraph(p,
                  *s->approver
                      ? tr("Top management approved this selection of controls and authorised its "
                           "implementation.")
                      : tr("Not approved yet. By approving this statement, top management "
                           "authorises the implementation of the controls."));
    pdf_key_values(p, pairs, COUNT_OF(pairs));
    pdf_note(p, tr("Size and root of the log fix what was recorded up to the printing of this "
                   "document. Who keeps this page can prove later that nothing before it was "
                   "changed."));
    if (!*s->approver)
        pdf_paragraph(p,
                      arena_printf(w->arena, "\n\n%s",
                                   tr("Place, date, signature: ______________________________")));
}

struct err *soa_pdf(struct web *w, const struct soa_source *s, struct bytes *out)
{
    const char *version =
        s->version.id ? arena_printf(w->arena, tr("Version %lld, %s"), s->version.number,
                                     soa_state_told(&s->version))
                      : arena_printf(w->arena, tr("Draft %lld of %s"), s->draft,
                                     words_date(w->arena, w->asof_date ? w->asof_date : w->today));
    struct pdf_options options = {
        .title = tr("Statement of Applicability"),
        .translated = true,
        .author = s->table.organisation,
        .header = arena_printf(w->arena, "%s · %s · %s", s->table.organisation,
                               tr("Statement of Applicability"), version),
        .footer = arena_printf(w->arena, tr("Log %s, %lld entries, root %s"), s->origin, s->size,
                               s->root),
        .landscape = true,
        .created = w->now,
    };
    struct pdf *p;

    TRY(classification_label(w, &options.label));
    TRY(pdf_begin(w->arena, &options, &p));
    draw_head(w, p, s, version);
    for (size_t i = 0; i < SOA_THEMES; i++)
        draw_theme(w, p, &s->table, i);
    draw_exclusions(w, p, &s->table);
    draw_approval(w, p, s);
    return pdf_end(p, out);
}
