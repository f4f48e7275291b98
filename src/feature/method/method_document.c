/* SPDX-License-Identifier: Apache-2.0 */
/* The method as a document, out of the record: a page to print, a PDF and a DOCX, always of one
 * version. */
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
#include "out/paper.h"

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
               words_supplied(w->arena, d.m.title));
    page_action(w, "default", web_url(w, "/methods/M-%lld", d.m.number), "Back to the version");
    page_action(w, "default", web_url(w, "/methods/M-%lld/document.docx", d.m.number),
                "Word (DOCX)");
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

/* --- the file --- */

static const char *or_dash(const char *text)
{
    return text_empty(text) ? "-" : text;
}

static void write_head(struct web *w, struct paper *p, const struct document *d)
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

    paper_facts(p, pairs, COUNT_OF(pairs));
    paper_heading(p, 2, tr("1. Purpose"));
    paper_text(p, tr("This method says how risks to information are measured, so that two people "
                     "come to the same result and results can be compared over time (ISO/IEC "
                     "27001, 6.1.2)."));
}

static void write_levels(struct web *w, struct paper *p, const struct scales *s)
{
    const struct paper_column often[] = {
        {tr("Level"),                 18, PAPER_TEXT},
        {tr("How often"),             22, PAPER_TEXT},
        {tr("How one recognises it"), 60, PAPER_TEXT},
    };
    const struct paper_column bad[] = {
        {tr("Axis"),                  20, PAPER_TEXT},
        {tr("How one recognises it"), 80, PAPER_TEXT},
    };

    paper_heading(p, 2, tr("2. Likelihood"));
    paper_table(p, tr("Likelihood"), often, COUNT_OF(often));
    for (i64 l = 1; l <= s->likelihoods; l++) {
        paper_cell(p, arena_printf(w->arena, "%lld %s", l, s->likelihood[l - 1]));
        paper_cell(p, or_dash(scales_times(w->arena, s, l)));
        paper_cell(p, s->likelihood_text[l - 1]);
        paper_end_row(p);
    }
    paper_end_table(p);
    paper_heading(p, 2, tr("3. Impact"));
    for (i64 i = 1; i <= s->impacts; i++) {
        paper_heading(p, 3, arena_printf(w->arena, "%lld %s", i, s->impact[i - 1]));
        paper_table(p, tr("Impact"), bad, COUNT_OF(bad));
        for (size_t k = 0; k < s->naxes; k++) {
            const char *bounds = scales_bounds(w->arena, &s->axes[k], s->impacts, i);

            paper_cell(p, s->axes[k].label);
            paper_cell(p, *bounds ? arena_printf(w->arena, "%s\n%s", s->axes[k].text[i - 1], bounds)
                                  : s->axes[k].text[i - 1]);
            paper_end_row(p);
        }
        paper_end_table(p);
    }
}

static void write_matrix(struct web *w, struct paper *p, const struct scales *s)
{
    struct paper_column *columns = NEW_ARRAY(w->arena, struct paper_column, (size_t)s->impacts + 1);

    columns[0] = (struct paper_column){tr("Likelihood"), 24, PAPER_TEXT};
    for (i64 i = 1; i <= s->impacts; i++)
        columns[i] = (struct paper_column){arena_printf(w->arena, "%s %lld", tr("Impact"), i), 14,
                                           PAPER_TEXT};
    paper_heading(p, 2, tr("4. Matrix and bands"));
    paper_table(p, tr("Matrix"), columns, (size_t)s->impacts + 1);
    for (i64 l = s->likelihoods; l >= 1; l--) {
        paper_cell(p, arena_printf(w->arena, "%lld %s", l, s->likelihood[l - 1]));
        for (i64 i = 1; i <= s->impacts; i++) {
            i64 score = s->cells[l - 1][i - 1];

            paper_badge(p, scale_tones[scales_band(s, score)],
                        arena_printf(w->arena, "%lld", score));
        }
        paper_end_row(p);
    }
    paper_end_table(p);
}

static void write_bands(struct web *w, struct paper *p, const struct scales *s)
{
    const struct paper_column columns[] = {
        {tr("Band"),       14, PAPER_TEXT},
        {tr("Scores"),     12, PAPER_TEXT},
        {tr("Meaning"),    37, PAPER_TEXT},
        {tr("What to do"), 37, PAPER_TEXT},
    };
    i64 low = s->cells[0][0], most = scales_highest(s);

    paper_note(p, tr("Likelihood up, impact to the right."));
    paper_table(p, tr("Bands"), columns, COUNT_OF(columns));
    for (size_t b = 0; b < METHOD_BANDS; b++) {
        i64 high = s->bands[b].upto < most ? s->bands[b].upto : most;

        if (!s->bands[b].label)
            continue;
        paper_badge(p, scale_tones[b], s->bands[b].label);
        paper_cell(p, arena_printf(w->arena, tr("%lld to %lld"), low, high));
        paper_cell(p, s->bands[b].meaning);
        paper_cell(p, s->bands[b].action);
        paper_end_row(p);
        low = high + 1;
    }
    paper_end_table(p);
}

static void write_rules(struct web *w, struct paper *p, const struct document *d)
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
        {tr("Printed"), web_org_time(w, w->now)},
    };
    /* clang-format on */

    for (size_t i = 0; i < d->nrules; i++) {
        pairs[i][0] = d->rules[i].label;
        pairs[i][1] = d->rules[i].text;
    }
    paper_heading(p, 2, tr("5. Rules"));
    paper_facts(p, (const char *const(*)[2])pairs, d->nrules);
    paper_heading(p, 2, tr("6. Approval"));
    if (!*d->approver)
        paper_text(p, tr("This version was not approved."));
    paper_facts(p, proof, COUNT_OF(proof));
    if (!*d->approver)
        paper_text(p, tr("Place, date, signature: ______________________________"));
}

static struct err *write_paper(struct web *w, struct document *d, struct paper **out)
{
    struct paper_options options = {
        .title = words_supplied(w->arena, d->m.title),
        .author = w->org_name,
        .header = arena_printf(w->arena, "%s · %s · M-%lld, %s", w->org_name, tr("Risk method"),
                               d->m.number, d->state),
        .footer = arena_printf(w->arena, tr("Log %s, %lld entries, root %s"), d->origin, d->size,
                               d->root),
        .page = tr("Page %d of %d"),
        .language = words_used() ? w->language : "en",
        .created = w->now,
    };

    TRY(classification_label(w, &options.label));
    *out = paper_new(w->arena, &options);
    write_head(w, *out, d);
    write_levels(w, *out, &d->s);
    write_matrix(w, *out, &d->s);
    write_bands(w, *out, &d->s);
    write_rules(w, *out, d);
    return NULL;
}

static struct err *answer(struct web *w, bool docx)
{
    struct document d;
    struct bytes bytes;
    struct paper *p;

    TRY(load(w, &d));
    TRY(write_paper(w, &d, &p));
    TRY(docx ? paper_docx(p, &bytes) : paper_pdf(p, &bytes, NULL));
    web_answer_bytes(
        w, docx ? PAPER_DOCX_TYPE : "application/pdf", bytes,
        arena_printf(w->arena, "risk-method-M-%lld.%s", d.m.number, docx ? "docx" : "pdf"));
    return NULL;
}

struct err *method_document_pdf(struct web *w)
{
    return answer(w, false);
}

struct err *method_document_docx(struct web *w)
{
    return answer(w, true);
}
