/* SPDX-License-Identifier: Apache-2.0 */
/* The statement as a table on a page. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
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
    bool open = text_equal(r->applicable, "open"), yes = text_equal(r->applicable, "yes");

    if (text_empty(f->show))
        return true;
    if (text_equal(f->show, "contradictions"))
        return r->conflict != NULL;
    if (text_equal(f->show, "undecided"))
        return open;
    if (text_equal(f->show, "unjustified"))
        return r->unjustified != NULL;
    if (text_equal(f->show, "reasonless"))
        return yes && !r->nreasons;
    if (text_equal(f->show, "undescribed"))
        return yes && text_empty(r->how);
    if (text_equal(f->show, "ownerless"))
        return yes && !r->owner;
    if (text_equal(f->show, "changed"))
        return r->changed != NULL;
    if (text_equal(f->show, "doubts"))
        return r->doubt != NULL;
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
        {"own",        "teal"  },
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
    bool risk = text_equal(r->kind, "risk"), own = text_equal(r->kind, "own");
    const struct permission *right = feature_permission(risk  ? "risk.read"
                                                        : own ? "control.read"
                                                              : "requirement.read");

    if (r->number && right && web_may(w, right))
        html(w->html, "<a class='chip long %s' href='%s' title='%s'>%s</a> ", tone_of(r->kind),
             web_url(w, "/%s-%lld",
                     risk  ? "risks/R"
                     : own ? "controls/C"
                           : "requirements/RQ",
                     r->number),
             soa_reason_told(w, r), shortened(w, soa_reason_told(w, r)));
    else
        html(w->html, "<span class='chip long %s' title='%s'>%s</span> ", tone_of(r->kind),
             soa_reason_told(w, r), shortened(w, soa_reason_told(w, r)));
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

/* What an own control answers of Annex A. */
static void draw_mapping(struct web *w, const struct soa_row *r)
{
    struct control_mappings m;

    control_map_read(w, r->maps_to, &m, NULL);
    if (m.unmatched)
        html(w->html, "<div class='list-sub'>{Annex A: none is like it}</div>");
    else if (!m.count)
        html(w->html, "<div class='list-sub late'>{Annex A: not compared yet}</div>");
    else
        html(w->html, "<div class='list-sub'>{Annex A:} ");
    for (size_t i = 0; i < m.count; i++) {
        const struct control_mapping *one = &m.list[i];

        html(w->html, "%s<a href='%s' title='%s'>%s</a>%s%s%s", i ? ", " : "",
             web_url(w, "/controls/%s", one->code), one->why, one->code, *one->relation ? " (" : "",
             *one->relation ? page_lower(w, control_relation_label(one->relation)) : "",
             *one->relation ? ")" : "");
    }
    if (m.count)
        html(w->html, "</div>");
}

static void draw_control(struct web *w, const struct soa_row *r)
{
    html(w->html, "<td class='list-main'>");
    if (r->number)
        html(w->html, "<a href='%s'><strong>%s</strong> %s</a>",
             web_url(w, "/controls/C-%lld", r->number), r->code, tr(r->title));
    else
        html(w->html, "<strong>%s</strong> %s", r->code, tr(r->title));
    if (text_equal(r->theme, "own"))
        draw_mapping(w, r);
    html(w->html, "</td>");
}

static void draw_applicable(struct web *w, const struct soa_row *r)
{
    html(w->html, "<td data-label='{Applicable}'><div>");
    if (text_equal(r->applicable, "yes"))
        html(w->html, "{Yes} <span class='list-sub'>%s</span>",
             r->automatic ? tr("by its reasons") : "");
    else if (text_equal(r->applicable, "no"))
        html(w->html, "{No}");
    else
        badge(w, "orange", "open");
    html(w->html, "</div></td>");
}

static void draw_proposal(struct web *w, const struct soa_row *r)
{
    html(w->html, "<div class='list-sub'>%s %s",
         text_equal(r->proposed, "no")    ? tr("Proposed: leave it out.")
         : text_equal(r->proposed, "yes") ? tr("Proposed: applicable.")
                                          : "",
         r->proposed_because);
    if (!w->asof && web_may(w, &control_write))
        html(w->html,
             " <a class='text-decoration-underline' href='%s'>{Decide}<span "
             "class='visually-hidden'> %s</span></a>",
             web_url(w, "/soa/decide?control=%s", text_url(w->arena, r->code)), r->code);
    html(w->html, "</div>");
}

static void draw_changed(struct web *w, const struct soa_row *r)
{
    html(w->html, "<div class='list-sub%s'>%s%s", r->rejustify ? " late" : "",
         r->rejustify ? tr("Reason changed since decided. ") : "", r->changed);
    if (!w->asof && web_may(w, &control_write))
        html(w->html,
             " <a class='text-decoration-underline' href='%s'>{Look at it again}<span "
             "class='visually-hidden'> %s</span></a>",
             web_url(w, "/soa/decide?control=%s", text_url(w->arena, r->code)), r->code);
    html(w->html, "</div>");
}

static void draw_because(struct web *w, const struct soa_row *r)
{
    html(w->html, "<td data-label='{Because}'><div>");
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
        html(w->html, "<span class='late'>{No reason yet}</span>");
    if (r->changed)
        draw_changed(w, r);
    html(w->html, "</div></td>");
}

#define PROOFS_SHOWN 4

static void draw_proofs(struct web *w, const struct soa_row *r)
{
    const struct permission *right = feature_permission("evidence.read");
    bool may = right && web_may(w, right);

    html(w->html, "<div class='list-sub'>");
    for (size_t i = 0; i < r->nproofs && i < PROOFS_SHOWN; i++)
        if (may)
            html(w->html, "<a class='chip' href='%s' title='%s'>EV-%lld</a> ",
                 web_url(w, "/evidence/EV-%lld", r->proofs[i].number), r->proofs[i].title,
                 r->proofs[i].number);
        else
            html(w->html, "<span class='chip'>EV-%lld</span> ", r->proofs[i].number);
    if (r->nproofs > PROOFS_SHOWN)
        html(w->html, "+%zu", r->nproofs - PROOFS_SHOWN);
    html(w->html, "</div>");
}

static void draw_how(struct web *w, const struct soa_row *r)
{
    bool no = text_equal(r->applicable, "no");

    html(w->html, "<td data-label='{How it is done}'><div>");
    if (no || text_empty(r->how))
        draw_dash(w);
    else
        html(w->html, "%s", r->how);
    if (!no && !text_empty(r->evidence))
        html(w->html, "<div class='list-sub'>%s</div>", r->evidence);
    if (!no && r->nproofs)
        draw_proofs(w, r);
    html(w->html, "</div></td><td data-label='{Status}'><div>");
    if (no) {
        draw_dash(w);
    } else {
        const struct choice *c =
            choice_find(entity_field(&control_entity, "status")->choices, r->status);

        badge(w, c ? c->tone : NULL, page_lower(w, c ? c->label : r->status));
        if (r->doubt)
            html(w->html, "<div class='list-sub late'>%s.</div>", r->doubt);
    }
    html(w->html, "</div></td><td data-label='{Owner}'><div>");
    if (text_empty(r->owner_name))
        draw_dash(w);
    else
        html(w->html, "%s", r->owner_name);
    html(w->html, "</div></td>");
}

static void draw_row(struct web *w, const struct soa_row *r)
{
    html(w->html, "<tr class='%s'>", r->conflict || r->unjustified || r->rejustify ? "warn" : "");
    draw_control(w, r);
    draw_applicable(w, r);
    draw_because(w, r);
    draw_how(w, r);
    html(w->html, "</tr>");
}

size_t soa_draw_table(struct web *w, const struct soa_table *t, const struct soa_filter *f,
                      bool live)
{
    const char *part = NULL;
    size_t drawn = 0;

    html(w->html,
         "<table class='table list'><caption class='visually-hidden'>%s</caption><thead><tr><th "
         "scope='col'>{Control}</th><th scope='col'>{Applicable}</th><th "
         "scope='col'>{Because}</th><th scope='col'>{How it is done}</th><th "
         "scope='col'>{Status}</th><th scope='col'>{Owner}</th></tr></thead><tbody>",
         live ? tr("Controls of the statement") : tr("Controls of this version"));
    for (size_t i = 0; i < t->count; i++) {
        if (!soa_matches(w, f, &t->rows[i]))
            continue;
        if (text_equal(t->rows[i].theme, "own") && !text_equal(part, t->rows[i].framework))
            html(w->html,
                 "<tr class='group-head'><th scope='rowgroup' colspan='6'>{Own controls}%s%s</th>"
                 "</tr>",
                 text_empty(t->rows[i].framework) ? "" : " · ", part = t->rows[i].framework);
        draw_row(w, &t->rows[i]);
        drawn++;
    }
    html(w->html, "</tbody></table>");
    return drawn;
}
