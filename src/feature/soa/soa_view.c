/* SPDX-License-Identifier: Apache-2.0 */
/* The statement as a table on a page. */
#include <string.h>

#include "base/text.h"
#include "core/page.h"
#include "feature/control/control.h"
#include "feature/soa/soa_part.h"

#define REASONS_SHOWN 6
#define LABEL_MOST 42 /* characters of a requirement's title on a chip */

/* --- filter --- */

static bool contains(struct web *w, const char *text, const char *folded)
{
    return strstr(text_fold(w->arena, text), folded) != NULL;
}

static bool shows(const struct soa_filter *f, const struct soa_row *r)
{
    bool open = text_equal(r->applicable, "open");

    if (text_empty(f->show))
        return true;
    if (text_equal(f->show, "contradictions"))
        return r->conflict != NULL;
    if (text_equal(f->show, "undecided"))
        return open;
    if (text_equal(f->show, "unjustified"))
        return r->unjustified != NULL;
    return open || r->conflict || r->unjustified; /* issues */
}

bool soa_matches(struct web *w, const struct soa_filter *f, const struct soa_row *r)
{
    const char *folded;

    if (!text_empty(f->theme) && !text_equal(f->theme, "all") && !text_equal(f->theme, r->theme))
        return false;
    if (!text_empty(f->applicable) && !text_equal(f->applicable, r->applicable))
        return false;
    if (!text_empty(f->status) &&
        (!text_equal(f->status, r->status) || text_equal(r->applicable, "no")))
        return false;
    if (!shows(f, r))
        return false;
    if (text_empty(f->q))
        return true;
    folded = text_fold(w->arena, f->q);
    return contains(w, r->code, folded) || contains(w, r->title, folded) ||
           contains(w, r->how, folded) || contains(w, r->justification, folded) ||
           contains(w, r->owner_name, folded) || contains(w, soa_reasons_text(w, r), folded);
}

/* --- reasons --- */

static const char *tone_of(const char *kind)
{
    static const char *const tones[][2] = {
        {"risk",       "red"   },
        {"law",        "blue"  },
        {"regulation", "blue"  },
        {"contract",   "purple"},
        {"standard",   "teal"  },
        {"baseline",   "teal"  },
        {"business",   "yellow"}
    };

    for (size_t i = 0; i < COUNT_OF(tones); i++)
        if (text_equal(tones[i][0], kind))
            return tones[i][1];
    return "";
}

/* The first words of a long title. */
static const char *shortened(struct web *w, const char *text)
{
    size_t end = 0, length = 0;

    while (text[end] && length < LABEL_MOST) {
        end++;
        while ((text[end] & 0xc0) == 0x80)
            end++;
        length++;
    }
    return text[end] ? arena_printf(w->arena, "%.*s…", (int)end, text) : text;
}

static void draw_reason(struct web *w, const struct soa_reason *r)
{
    bool risk = text_equal(r->kind, "risk");
    const struct permission *right = feature_permission(risk ? "risk.read" : "requirement.read");

    if (r->number && right && web_may(w, right))
        html(w->html, "<a class='chip long %s' href='%s' title='%s'>%s</a> ", tone_of(r->kind),
             web_url(w, risk ? "/risks/R-%lld" : "/requirements/RQ-%lld", r->number), r->label,
             shortened(w, r->label));
    else
        html(w->html, "<span class='chip long %s' title='%s'>%s</span> ", tone_of(r->kind),
             r->label, shortened(w, r->label));
}

void soa_draw_reasons(struct web *w, const struct soa_row *r, size_t most)
{
    size_t n = r->nreasons > most ? most : r->nreasons;

    for (size_t i = 0; i < n; i++)
        draw_reason(w, &r->reasons[i]);
    if (n < r->nreasons)
        html(w->html, "<span class='mute'>+%zu</span>", r->nreasons - n);
}

/* --- rows --- */

static void draw_dash(struct web *w)
{
    html(w->html, "<span class='mute'>—</span>");
}

static void draw_control(struct web *w, const struct soa_row *r)
{
    html(w->html, "<td class='list-main'>");
    if (r->number)
        html(w->html, "<a href='%s'><strong>%s</strong> %s</a>",
             web_url(w, "/controls/C-%lld", r->number), r->code, r->title);
    else
        html(w->html, "<strong>%s</strong> %s", r->code, r->title);
    if (!text_empty(r->framework) || !text_empty(r->maps_to))
        html(w->html, "<div class='list-sub'>%s%s%s%s</div>", r->framework,
             text_empty(r->framework) || text_empty(r->maps_to) ? "" : " · ",
             text_empty(r->maps_to) ? "" : "Annex A: ", r->maps_to);
    html(w->html, "</td>");
}

static void draw_applicable(struct web *w, const struct soa_row *r)
{
    html(w->html, "<td data-label='Applicable'><div>");
    if (text_equal(r->applicable, "yes"))
        html(w->html, "Yes <span class='list-sub'>%s</span>", r->automatic ? "by its reasons" : "");
    else if (text_equal(r->applicable, "no"))
        html(w->html, "No");
    else
        badge(w, "orange", "open");
    html(w->html, "</div></td>");
}

static void draw_proposal(struct web *w, const struct soa_row *r)
{
    html(w->html, "<div class='list-sub'>%s%s",
         text_equal(r->proposed, "no")    ? "Proposed: leave it out. "
         : text_equal(r->proposed, "yes") ? "Proposed: applicable. "
                                          : "",
         r->proposed_because);
    if (!w->asof && web_may(w, &control_write))
        html(w->html,
             " <a class='text-decoration-underline' href='%s'>Decide<span class='visually-hidden'> "
             "%s</span></a>",
             web_url(w, "/soa/decide?control=%s", text_url(w->arena, r->code)), r->code);
    html(w->html, "</div>");
}

static void draw_because(struct web *w, const struct soa_row *r)
{
    html(w->html, "<td data-label='Because'><div>");
    if (r->conflict)
        html(w->html, "<div class='late'>%s</div>", r->conflict);
    if (r->unjustified)
        html(w->html, "<div class='late'>%s</div>", r->unjustified);
    if (text_equal(r->applicable, "no") && !text_empty(r->justification))
        html(w->html, "“%s”", r->justification);
    else if (!text_equal(r->applicable, "no"))
        soa_draw_reasons(w, r, REASONS_SHOWN);
    if (text_equal(r->applicable, "open"))
        draw_proposal(w, r);
    if (text_equal(r->applicable, "yes") && !r->nreasons)
        html(w->html, "<span class='late'>No reason yet</span>");
    html(w->html, "</div></td>");
}

static void draw_how(struct web *w, const struct soa_row *r)
{
    bool no = text_equal(r->applicable, "no");

    html(w->html, "<td data-label='How it is done'><div>");
    if (no || text_empty(r->how))
        draw_dash(w);
    else
        html(w->html, "%s", r->how);
    if (!no && !text_empty(r->evidence))
        html(w->html, "<div class='list-sub'>%s</div>", r->evidence);
    html(w->html, "</div></td><td data-label='Status'><div>");
    if (no) {
        draw_dash(w);
    } else {
        const struct choice *c =
            choice_find(entity_field(&control_entity, "status")->choices, r->status);

        badge(w, c ? c->tone : NULL, page_lower(w, c ? c->label : r->status));
    }
    html(w->html, "</div></td><td data-label='Owner'><div>");
    if (text_empty(r->owner_name))
        draw_dash(w);
    else
        html(w->html, "%s", r->owner_name);
    html(w->html, "</div></td>");
}

static void draw_row(struct web *w, const struct soa_row *r)
{
    html(w->html, "<tr class='%s'>", r->conflict || r->unjustified ? "warn" : "");
    draw_control(w, r);
    draw_applicable(w, r);
    draw_because(w, r);
    draw_how(w, r);
    html(w->html, "</tr>");
}

size_t soa_draw_table(struct web *w, const struct soa_table *t, const struct soa_filter *f,
                      bool live)
{
    size_t drawn = 0;

    html(w->html,
         "<table class='table list'><caption class='visually-hidden'>%s</caption><thead><tr>"
         "<th scope='col'>Control</th><th scope='col'>Applicable</th><th scope='col'>Because</th>"
         "<th scope='col'>How it is done</th><th scope='col'>Status</th><th scope='col'>Owner</th>"
         "</tr></thead><tbody>",
         live ? "Controls of the statement" : "Controls of this version");
    for (size_t i = 0; i < t->count; i++) {
        if (!soa_matches(w, f, &t->rows[i]))
            continue;
        draw_row(w, &t->rows[i]);
        drawn++;
    }
    html(w->html, "</tbody></table>");
    return drawn;
}
