/* SPDX-License-Identifier: Apache-2.0 */
/* The method as a document, out of the record: a page to print and a PDF, always of one version. */
#include "base/clock.h"
#include "base/crypt.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/decision.h"
#include "core/language.h"
#include "core/page.h"
#include "core/trail.h"
#include "feature/method/method_part.h"
#include "feature/organisation/organisation.h"
#include "out/pdf.h"

struct document {
    struct method m;
    struct scales s;
    struct method_rule *rules;
    size_t nrules;
    const char *state, *approver, *approved, *hash; /* "" when it is not approved */
    const char *origin, *root;
    i64 size;
};

static struct err *load(struct web *w, struct document *d)
{
    const struct choice *state;
    unsigned char root[TLOG_HASH];
    struct decision last;
    const char *body;

    TRY(method_asked(w, &d->m));
    TRY(scales_load(w, &d->m, &d->s));
    scales_translate(w->arena, &d->s);
    TRY(method_rules(w, &d->m, &d->s, &d->rules, &d->nrules));
    TRY(method_freeze(w, &d->m, &body));
    state = choice_find(entity_field(&method_entity, "state")->choices, d->m.state);
    d->state = state ? tr(state->label) : d->m.state;
    d->approver = d->approved = "";
    d->hash = decision_hash(w->arena, body);
    TRY(decision_last(w, "method", d->m.id, &last));
    if (last.id && text_equal(last.outcome, "approved")) {
        TRY(entity_title(w, &person_entity, last.by, &d->approver, NULL));
        d->approved = web_time(w, last.at);
        d->hash = last.subject_hash;
    }
    TRY(trail_head(w, w->org, &d->size, root));
    d->root = crypt_base64(w->arena, root, sizeof(root));
    d->origin = arena_printf(w->arena, "%s/%lld", signer_name(w->app->signer), w->org);
    return NULL;
}

/* --- the page --- */

static void draw_text(struct web *w, const struct document *d)
{
    const struct scales *s = &d->s;
    struct html *h = w->html;

    html(h, "<h2>{1. Purpose}</h2><p>{This method says how risks to information are measured, so "
            "that two people come to the same result and results can be compared over time "
            "(ISO/IEC 27001, 6.1.2).}</p><h2>{2. Likelihood}</h2><dl class='facts'>");
    for (i64 l = 1; l <= s->likelihoods; l++) {
        const char *times = scales_times(w->arena, s, l);

        html(h, "<dt>%lld %s</dt><dd>%s", l, s->likelihood[l - 1], s->likelihood_text[l - 1]);
        if (*times)
            html(h, "<div class='mute'>%s</div>", times);
        html(h, "</dd>");
    }
    html(h, "</dl><h2>{3. Impact}</h2>");
    for (i64 i = 1; i <= s->impacts; i++) {
        html(h, "<h3>%lld %s</h3><dl class='facts'>", i, s->impact[i - 1]);
        for (size_t k = 0; k < s->naxes; k++) {
            const char *bounds = scales_bounds(w->arena, &s->axes[k], s->impacts, i);

            html(h, "<dt>%s</dt><dd>%s", s->axes[k].label, s->axes[k].text[i - 1]);
            if (*bounds)
                html(h, "<div class='mute'>%s</div>", bounds);
            html(h, "</dd>");
        }
        html(h, "</dl>");
    }
}

static void draw_matrix(struct web *w, const struct document *d)
{
    const struct scales *s = &d->s;
    struct html *h = w->html;

    html(h, "<h2>{4. Matrix and bands}</h2><table class='heat'><caption "
            "class='visually-hidden'>{Score of each likelihood and impact}</caption><tbody>");
    for (i64 l = s->likelihoods; l >= 1; l--) {
        html(h, "<tr><th scope='row'>%lld</th>", l);
        for (i64 i = 1; i <= s->impacts; i++)
            html(h, "<td class='heat-%s'><span>%lld</span></td>",
                 scale_bands[scales_band(s, s->cells[l - 1][i - 1])], s->cells[l - 1][i - 1]);
        html(h, "</tr>");
    }
    html(h, "</tbody><tfoot><tr><td></td>");
    for (i64 i = 1; i <= s->impacts; i++)
        html(h, "<th scope='col'>%lld</th>", i);
    html(h, "</tr></tfoot></table><p class='mute'>{Likelihood up, impact to the right.}</p><dl "
            "class='facts'>");
    for (size_t b = 0; b < METHOD_BANDS; b++)
        if (s->bands[b].label)
            html(h, "<dt>%s</dt><dd>%s<div>%s</div></dd>", s->bands[b].label, s->bands[b].meaning,
                 s->bands[b].action);
    html(h, "</dl>");
}

static void draw_end(struct web *w, const struct document *d)
{
    struct html *h = w->html;

    html(h, "<h2>{5. Rules}</h2><dl class='facts'>");
    for (size_t i = 0; i < d->nrules; i++) {
        html(h, "<dt>%s</dt><dd>", d->rules[i].label);
        html_lines(h, d->rules[i].text);
        html(h, "</dd>");
    }
    html(h, "</dl><h2>{6. Approval}</h2>");
    if (*d->approver)
        html(h, "<p>{Approved by %s on %s.}</p>", d->approver, d->approved);
    else
        html(h, "<p>{This version was not approved.}</p>");
    html(h, "<p class='mute text-break'>{Fingerprint} <code>%s</code></p>", d->hash);
}

struct err *method_document(struct web *w)
{
    struct document d;

    TRY(load(w, &d));
    page_begin(w, arena_printf(w->arena, "%s · M-%lld", tr("Risk method"), d.m.number), "%s",
               d.m.title);
    page_action(w, "default", web_url(w, "/methods/M-%lld", d.m.number), "Back to the version");
    page_action(w, "primary", web_url(w, "/methods/M-%lld/document.pdf", d.m.number), "PDF");
    page_body(w);
    html(w->html,
         "<article class='card document'><div class='card-body'><p class='mute'>{%s, "
         "version %lld, %s}</p>",
         w->org_name, d.m.number, d.state);
    draw_text(w, &d);
    draw_matrix(w, &d);
    draw_end(w, &d);
    html(w->html, "</div></article>");
    page_end(w);
    return NULL;
}

/* --- PDF --- */

static const char *or_dash(const char *text)
{
    return text_empty(text) ? "-" : text;
}

static void pdf_head(struct web *w, struct pdf *p, const struct document *d)
{
    /* clang-format off */
    const char *const pairs[][2] = {
        {tr("Organisation"), w->org_name},
        {tr("Version"), arena_printf(w->arena, "M-%lld, %s", d->m.number, d->state)},
        {tr("Standard"), "ISO/IEC 27001:2022, 6.1.2"},
        {tr("Approved by"), or_dash(d->approver)},
        {tr("Approved on"), or_dash(d->approved)},
    };
    /* clang-format on */

    pdf_key_values(p, pairs, COUNT_OF(pairs));
    pdf_heading(p, 2, tr("1. Purpose"));
    pdf_paragraph(p,
                  tr("This method says how risks to information are measured, so that two people "
                     "come to the same result and results can be compared over time (ISO/IEC "
                     "27001, 6.1.2)."));
}

static void pdf_levels(struct web *w, struct pdf *p, const struct scales *s)
{
    const struct pdf_column often[] = {
        {tr("Level"),                 18, PDF_LEFT},
        {tr("How often"),             22, PDF_LEFT},
        {tr("How one recognises it"), 60, PDF_LEFT},
    };
    const struct pdf_column bad[] = {
        {tr("Axis"),                  20, PDF_LEFT},
        {tr("How one recognises it"), 80, PDF_LEFT},
    };

    pdf_heading(p, 2, tr("2. Likelihood"));
    pdf_table(p, often, COUNT_OF(often));
    for (i64 l = 1; l <= s->likelihoods; l++) {
        pdf_cell(p, arena_printf(w->arena, "%lld %s", l, s->likelihood[l - 1]));
        pdf_cell(p, or_dash(scales_times(w->arena, s, l)));
        pdf_cell(p, s->likelihood_text[l - 1]);
        pdf_end_row(p);
    }
    pdf_end_table(p);
    pdf_heading(p, 2, tr("3. Impact"));
    for (i64 i = 1; i <= s->impacts; i++) {
        pdf_heading(p, 3, arena_printf(w->arena, "%lld %s", i, s->impact[i - 1]));
        pdf_table(p, bad, COUNT_OF(bad));
        for (size_t k = 0; k < s->naxes; k++) {
            const char *bounds = scales_bounds(w->arena, &s->axes[k], s->impacts, i);

            pdf_cell(p, s->axes[k].label);
            pdf_cell(p, *bounds ? arena_printf(w->arena, "%s\n%s", s->axes[k].text[i - 1], bounds)
                                : s->axes[k].text[i - 1]);
            pdf_end_row(p);
        }
        pdf_end_table(p);
    }
}

static void pdf_matrix(struct web *w, struct pdf *p, const struct scales *s)
{
    struct pdf_column *columns = NEW_ARRAY(w->arena, struct pdf_column, (size_t)s->impacts + 1);

    columns[0] = (struct pdf_column){tr("Likelihood"), 24, PDF_LEFT};
    for (i64 i = 1; i <= s->impacts; i++)
        columns[i] =
            (struct pdf_column){arena_printf(w->arena, "%s %lld", tr("Impact"), i), 14, PDF_LEFT};
    pdf_heading(p, 2, tr("4. Matrix and bands"));
    pdf_table(p, columns, (size_t)s->impacts + 1);
    for (i64 l = s->likelihoods; l >= 1; l--) {
        pdf_cell(p, arena_printf(w->arena, "%lld %s", l, s->likelihood[l - 1]));
        for (i64 i = 1; i <= s->impacts; i++) {
            i64 score = s->cells[l - 1][i - 1];

            pdf_badge(p, scale_tones[scales_band(s, score)], arena_printf(w->arena, "%lld", score));
        }
        pdf_end_row(p);
    }
    pdf_end_table(p);
}

static void pdf_bands(struct web *w, struct pdf *p, const struct scales *s)
{
    const struct pdf_column columns[] = {
        {tr("Band"),       14, PDF_LEFT},
        {tr("Scores"),     12, PDF_LEFT},
        {tr("Meaning"),    37, PDF_LEFT},
        {tr("What to do"), 37, PDF_LEFT},
    };
    i64 low = s->cells[0][0], most = scales_highest(s);

    pdf_space(p, 8);
    pdf_table(p, columns, COUNT_OF(columns));
    for (size_t b = 0; b < METHOD_BANDS; b++) {
        i64 high = s->bands[b].upto < most ? s->bands[b].upto : most;

        if (!s->bands[b].label)
            continue;
        pdf_badge(p, scale_tones[b], s->bands[b].label);
        pdf_cell(p, arena_printf(w->arena, tr("%lld to %lld"), low, high));
        pdf_cell(p, s->bands[b].meaning);
        pdf_cell(p, s->bands[b].action);
        pdf_end_row(p);
        low = high + 1;
    }
    pdf_end_table(p);
}

static void pdf_rules(struct web *w, struct pdf *p, const struct document *d)
{
    const char *(*pairs)[2] = arena_array(w->arena, d->nrules + 1, sizeof(*pairs));
    /* clang-format off */
    const char *const proof[][2] = {
        {tr("Approved by"), or_dash(d->approver)},
        {tr("Approved on"), or_dash(d->approved)},
        {tr("Fingerprint"), d->hash},
        {tr("Log"), d->origin},
        {tr("Entries in the log"), arena_printf(w->arena, "%lld", d->size)},
        {tr("Root of the log"), d->root},
        {tr("Printed"), clock_text(w->arena, w->now, w->zone)},
    };
    /* clang-format on */

    for (size_t i = 0; i < d->nrules; i++) {
        pairs[i][0] = d->rules[i].label;
        pairs[i][1] = d->rules[i].text;
    }
    pdf_heading(p, 2, tr("5. Rules"));
    pdf_key_values(p, (const char *const(*)[2])pairs, d->nrules);
    pdf_heading(p, 2, tr("6. Approval"));
    if (!*d->approver)
        pdf_paragraph(p, tr("This version was not approved."));
    pdf_key_values(p, proof, COUNT_OF(proof));
    if (!*d->approver)
        pdf_paragraph(p, tr("Place, date, signature: ______________________________"));
}

struct err *method_document_pdf(struct web *w)
{
    struct document d;
    struct pdf_options options;
    struct bytes bytes;
    struct pdf *p;

    TRY(load(w, &d));
    options = (struct pdf_options){
        .title = d.m.title,
        .author = w->org_name,
        .header = arena_printf(w->arena, "%s · %s · M-%lld, %s", w->org_name, tr("Risk method"),
                               d.m.number, d.state),
        .footer =
            arena_printf(w->arena, tr("Log %s, %lld entries, root %s"), d.origin, d.size, d.root),
        .translated = true,
        .created = w->now,
    };
    TRY(classification_label(w, &options.label));
    TRY(pdf_begin(w->arena, &options, &p));
    pdf_head(w, p, &d);
    pdf_levels(w, p, &d.s);
    pdf_matrix(w, p, &d.s);
    pdf_bands(w, p, &d.s);
    pdf_rules(w, p, &d);
    TRY(pdf_end(p, &bytes));
    web_answer_bytes(w, "application/pdf", bytes,
                     arena_printf(w->arena, "risk-method-M-%lld.pdf", d.m.number));
    return NULL;
}
