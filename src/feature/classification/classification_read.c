/* SPDX-License-Identifier: Apache-2.0 */
/* The policy drawn from a scheme, for everybody to read and to print: the approved version as it
 * was signed, or the draft of now; as a page and as PDF. */
#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/language.h"
#include "core/page.h"
#include "core/trail.h"
#include "feature/classification/classification_part.h"
#include "out/paper.h"

struct reading {
    struct scheme scheme;
    struct policy policy;
    struct approved approved;
    bool draft;          /* what is read was not approved */
    const char *version; /* "Version 2, approved by ... on ..." */
    const char *label;
};

/* What came with the program, in the reader's language; only for drawing, never for a hash. */
static void tell_in_words(struct web *w, struct policy *p)
{
    const char **texts[] = {&p->purpose, &p->duty, &p->release};

    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (*texts[i])
            *texts[i] = words_supplied(w->arena, *texts[i]);
    for (size_t i = 0; i < p->nlevels; i++) {
        p->levels[i].meaning = words_supplied(w->arena, p->levels[i].meaning);
        if (p->levels[i].access)
            p->levels[i].access = words_supplied(w->arena, p->levels[i].access);
    }
    for (size_t i = 0; i < p->nforms; i++) {
        const char **form[] = {&p->forms[i].place, &p->forms[i].rule, &p->forms[i].who};

        for (size_t k = 0; k < COUNT_OF(form); k++)
            if (*form[k])
                *form[k] = words_supplied(w->arena, *form[k]);
    }
    for (size_t i = 0; i < p->nlevels * p->nforms; i++)
        for (size_t k = 0; k < HANDLING_ACTIONS; k++)
            if (p->cells[i].text[k])
                p->cells[i].text[k] = words_supplied(w->arena, p->cells[i].text[k]);
}

static struct err *read_asked(struct web *w, struct reading *r)
{
    const char *of = web_query(w, "of");

    *r = (struct reading){.version = ""};
    if (of && *of && !text_equal(of, "draft") && !text_equal(of, "approved"))
        return err_new(ERR_BAD, "“of” is draft or approved.");
    TRY(scheme_asked(w, &r->scheme));
    TRY(classification_approved(w, r->scheme.id, &r->approved));
    TRY(classification_label(w, &r->label));
    r->draft = !r->approved.last.id || text_equal(of, "draft");
    if (!r->approved.last.id && text_equal(of, "approved"))
        return err_new(ERR_MISSING, "This scheme was not approved yet.");
    if (r->draft) {
        r->version = tr("Draft, not approved");
        TRY(policy_load(w, &r->scheme, &r->policy));
        tell_in_words(w, &r->policy);
        return NULL;
    }
    r->version = arena_printf(w->arena, tr("Version %lld, approved by %s on %s"), r->approved.count,
                              r->approved.who, web_time(w, r->approved.last.at));
    TRY(policy_thaw(w, r->approved.last.body, &r->policy));
    tell_in_words(w, &r->policy);
    return NULL;
}

static bool any_rule(const struct policy *p, size_t form, size_t action)
{
    for (size_t l = 0; l < p->nlevels; l++)
        if (!text_empty(policy_cell(p, l, form)->text[action]))
            return true;
    return false;
}

static bool has_rules(const struct policy *p, size_t form)
{
    for (size_t a = 0; a < HANDLING_ACTIONS; a++)
        if (any_rule(p, form, a))
            return true;
    return false;
}

/* --- page --- */

static void draw_section(struct web *w, const char *title, const char *text)
{
    if (text_empty(text))
        return;
    html(w->html, "<h2>%s</h2><p>", tr(title));
    html_lines(w->html, text);
    html(w->html, "</p>");
}

static void draw_levels(struct web *w, const struct policy *p)
{
    html(w->html, "<h2>{Levels}</h2><table class='table list'><thead><tr><th scope='col'>{Level}"
                  "</th><th scope='col'>{What belongs there}</th><th scope='col'>{Who may know it}"
                  "</th><th scope='col'>{Equal to}</th></tr></thead><tbody>");
    for (size_t i = p->nlevels; i-- > 0;) {
        const struct policy_level *l = &p->levels[i];

        html(w->html, "<tr><td class='list-main'>");
        badge(w, l->tone, l->name);
        html(w->html,
             "</td><td data-label='{What belongs there}'>%s</td><td data-label='{Who may know it}'>"
             "%s</td><td data-label='{Equal to}'>%s</td></tr>",
             l->meaning, text_empty(l->access) ? "—" : l->access,
             text_empty(l->equal) ? "—" : l->equal);
    }
    html(w->html, "</tbody></table>");
}

static void draw_labelling(struct web *w, const struct policy *p)
{
    html(w->html, "<h2>{Labelling}</h2><p>%s</p>",
         p->labelling ? tr("Whoever makes or passes on information labels it with its level.")
                      : tr("Information need not be labelled; these rules help where it is."));
    html(w->html,
         "<table class='table list'><thead><tr><th scope='col'>{Form}</th><th scope='col'>"
         "{Where the label stands}</th><th scope='col'>{How}</th><th scope='col'>{Who}</th>"
         "</tr></thead><tbody>");
    for (size_t i = 0; i < p->nforms; i++) {
        const struct policy_form *f = &p->forms[i];

        if (!f->place)
            continue;
        html(w->html,
             "<tr><td class='list-main'>%s</td><td data-label='{Where the label stands}'>%s</td>"
             "<td data-label='{How}'>%s</td><td data-label='{Who}'>%s</td></tr>",
             f->label, f->place, text_empty(f->rule) ? "—" : f->rule,
             text_empty(f->who) ? "—" : f->who);
    }
    html(w->html, "</tbody></table>");
}

/* One table for each form: actions down, levels across. */
static void draw_form(struct web *w, const struct policy *p, size_t f)
{
    html(w->html, "<h3>%s</h3><table class='table list'><thead><tr><th scope='col'>{What}</th>",
         p->forms[f].label);
    for (size_t l = p->nlevels; l-- > 0;)
        html(w->html, "<th scope='col'>%s</th>", p->levels[l].name);
    html(w->html, "</tr></thead><tbody>");
    for (size_t a = 0; a < HANDLING_ACTIONS; a++) {
        if (!any_rule(p, f, a))
            continue;
        html(w->html, "<tr><th scope='row' class='list-main'>%s</th>", tr(class_actions[a].label));
        for (size_t l = p->nlevels; l-- > 0;) {
            const char *text = policy_cell(p, l, f)->text[a];

            html(w->html, "<td data-label='%s'>", p->levels[l].name);
            html_lines(w->html, text_empty(text) ? "—" : text);
            html(w->html, "</td>");
        }
        html(w->html, "</tr>");
    }
    html(w->html, "</tbody></table>");
}

static const char *review_text(struct web *w, const struct policy *p)
{
    return arena_printf(w->arena,
                        tr("Owners look at the level of their information at least every %lld "
                           "months, and whenever its use changes."),
                        p->review_months);
}

static void draw_policy(struct web *w, const struct reading *r)
{
    const struct policy *p = &r->policy;

    html(w->html, "<article class='card policy'><div class='card-body'>");
    html(w->html, "<p class='mute'>%s · %s</p>", w->org_name, r->version);
    draw_section(w, "Purpose", p->purpose);
    draw_section(w, "Who classifies", p->duty);
    draw_section(w, "Who lowers or lifts a level", p->release);
    draw_levels(w, p);
    draw_labelling(w, p);
    html(w->html, "<h2>{Handling}</h2>");
    for (size_t f = 0; f < p->nforms; f++)
        if (has_rules(p, f))
            draw_form(w, p, f);
    html(w->html, "<h2>{Review}</h2><p>%s</p></div></article>", review_text(w, p));
}

struct err *policy_page(struct web *w)
{
    struct reading r;

    TRY(read_asked(w, &r));
    page_begin(w, r.scheme.title, "Policy on classification");
    page_help(w,
              "Drawn from the scheme: levels, labelling and handling as they are recorded. The "
              "approved version stays as it was signed.",
              "A.5.12");
    if (r.approved.last.id)
        page_action(w, "default",
                    web_url(w, "/schemes/SC-%lld/policy?of=%s", r.scheme.number,
                            r.draft ? "approved" : "draft"),
                    r.draft ? "Approved version" : "As it stands now");
    page_action(w, "default", web_record_url(w, &scheme_entity, r.scheme.number), "The scheme");
    page_action(
        w, "default",
        web_url(w, "/schemes/SC-%lld/docx?of=%s", r.scheme.number, r.draft ? "draft" : "approved"),
        "Word (DOCX)");
    page_action(
        w, "primary",
        web_url(w, "/schemes/SC-%lld/pdf?of=%s", r.scheme.number, r.draft ? "draft" : "approved"),
        "As PDF");
    page_body(w);
    if (*r.label)
        html(w->html, "<div class='print-label'>%s</div>", r.label);
    if (r.draft)
        page_notice(w, "warning", "This is a draft. It was not approved.");
    draw_policy(w, &r);
    page_end(w);
    return NULL;
}

/* --- the file --- */

static const char *or_dash(const char *text)
{
    return text_empty(text) ? "-" : text;
}

static void write_section(struct paper *p, const char *title, const char *text)
{
    if (text_empty(text))
        return;
    paper_heading(p, 2, tr(title));
    paper_text(p, text);
}

static void write_levels(struct web *w, struct paper *d, const struct policy *p)
{
    const struct paper_column columns[] = {
        {tr("Level"),              14, PAPER_TEXT},
        {tr("What belongs there"), 40, PAPER_TEXT},
        {tr("Who may know it"),    26, PAPER_TEXT},
        {tr("Equal to"),           20, PAPER_TEXT}
    };

    (void)w;
    paper_heading(d, 2, tr("Levels"));
    paper_table(d, tr("Levels"), columns, COUNT_OF(columns));
    for (size_t i = p->nlevels; i-- > 0;) {
        paper_badge(d, p->levels[i].tone, p->levels[i].name);
        paper_cell(d, p->levels[i].meaning);
        paper_cell(d, or_dash(p->levels[i].access));
        paper_cell(d, or_dash(p->levels[i].equal));
        paper_end_row(d);
    }
    paper_end_table(d);
}

static void write_labelling(struct paper *d, const struct policy *p)
{
    const struct paper_column columns[] = {
        {tr("Form"),                   16, PAPER_TEXT},
        {tr("Where the label stands"), 26, PAPER_TEXT},
        {tr("How"),                    40, PAPER_TEXT},
        {tr("Who"),                    18, PAPER_TEXT}
    };

    paper_heading(d, 2, tr("Labelling"));
    paper_text(d, p->labelling
                      ? tr("Whoever makes or passes on information labels it with its level.")
                      : tr("Information need not be labelled; these rules help where it is."));
    paper_table(d, tr("Labelling"), columns, COUNT_OF(columns));
    for (size_t i = 0; i < p->nforms; i++) {
        if (!p->forms[i].place)
            continue;
        paper_cell(d, p->forms[i].label);
        paper_cell(d, p->forms[i].place);
        paper_cell(d, or_dash(p->forms[i].rule));
        paper_cell(d, or_dash(p->forms[i].who));
        paper_end_row(d);
    }
    paper_end_table(d);
}

static void write_form(struct web *w, struct paper *d, const struct policy *p, size_t f)
{
    struct paper_column *columns = NEW_ARRAY(w->arena, struct paper_column, p->nlevels + 1);
    size_t n = 0;

    columns[n++] = (struct paper_column){tr("What"), 0.7, PAPER_TEXT};
    for (size_t l = p->nlevels; l-- > 0;)
        columns[n++] = (struct paper_column){p->levels[l].name, 1, PAPER_TEXT};
    paper_heading(d, 3, p->forms[f].label);
    paper_table(d, p->forms[f].label, columns, n);
    for (size_t a = 0; a < HANDLING_ACTIONS; a++) {
        if (!any_rule(p, f, a))
            continue;
        paper_cell(d, tr(class_actions[a].label));
        for (size_t l = p->nlevels; l-- > 0;)
            paper_cell(d, or_dash(policy_cell(p, l, f)->text[a]));
        paper_end_row(d);
    }
    paper_end_table(d);
}

static void write_body(struct web *w, struct paper *d, const struct reading *r)
{
    const struct policy *p = &r->policy;
    const char *const facts[][2] = {
        {tr("Organisation"), w->org_name                                 },
        {tr("Scheme"),       r->scheme.title                             },
        {tr("Version"),      r->version                                  },
        {tr("Standard"),     "ISO/IEC 27001:2022, A.5.10, A.5.12, A.5.13"}
    };

    paper_facts(d, facts, COUNT_OF(facts));
    write_section(d, "Purpose", p->purpose);
    write_section(d, "Who classifies", p->duty);
    write_section(d, "Who lowers or lifts a level", p->release);
    write_levels(w, d, p);
    write_labelling(d, p);
    paper_heading(d, 2, tr("Handling"));
    for (size_t f = 0; f < p->nforms; f++)
        if (has_rules(p, f))
            write_form(w, d, p, f);
    write_section(d, "Review", review_text(w, p));
    if (r->approved.last.id && !r->draft)
        paper_note(d, arena_printf(w->arena, tr("Fingerprint of the approved text: %s"),
                                   r->approved.last.subject_hash));
}

static struct err *write_paper(struct web *w, struct reading *r, struct paper **out)
{
    unsigned char root[TLOG_HASH];
    struct paper_options options = {
        .title = tr("Policy on classification"),
        .author = w->org_name,
        .label = r->label,
        .page = tr("Page %d of %d"),
        .language = words_used() ? w->language : "en",
        .landscape = true,
        .created = w->now,
    };
    i64 size;

    TRY(trail_head(w, w->org, &size, root));
    options.header = arena_printf(w->arena, "%s · %s · %s", w->org_name, options.title, r->version);
    options.footer = arena_printf(w->arena, tr("Log %s/%lld, %lld entries, root %s"),
                                  signer_name(w->app->signer), w->org, size,
                                  crypt_base64(w->arena, root, sizeof(root)));
    *out = paper_new(w->arena, &options);
    write_body(w, *out, r);
    return NULL;
}

static struct err *answer(struct web *w, bool docx)
{
    struct reading r;
    struct bytes out;
    struct paper *d;

    TRY(read_asked(w, &r));
    TRY(write_paper(w, &r, &d));
    TRY(docx ? paper_docx(d, &out) : paper_pdf(d, &out, NULL));
    web_answer_bytes(w, docx ? PAPER_DOCX_TYPE : "application/pdf", out,
                     arena_printf(w->arena, "classification-policy-SC-%lld.%s", r.scheme.number,
                                  docx ? "docx" : "pdf"));
    return NULL;
}

struct err *policy_pdf(struct web *w)
{
    return answer(w, false);
}

struct err *policy_docx(struct web *w)
{
    return answer(w, true);
}
