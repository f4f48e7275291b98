/* SPDX-License-Identifier: Apache-2.0 */
/* The plan as a board: a column for each status. A card moves by its buttons, by the arrow keys or
 * by dragging (assets/parts/plan.js); the buttons are all that is needed. */
#include "base/text.h"
#include "base/words.h"
#include "core/page.h"
#include "feature/risk/risk.h"
#include "feature/treatment/treatment_web.h"

static const char *const columns[] = {"planned", "in-progress", "done"};

static bool may_move(const struct web *w, const struct action *a)
{
    return !w->asof && (web_may(w, &action_write) || (w->person && a->owner == w->person));
}

/* What a card may be moved to, in the order of the columns. */
static void draw_moves(struct web *w, const struct action *a)
{
    static const char *const words[] = {N_("Back to planned"), N_("Begin"), N_("Done")};

    form_begin(w, web_url(w, "/actions/AC-%lld/report", a->number), 0);
    html(w->html, "<input type='hidden' name='back' value='%s'><div class='plan-moves'>",
         web_url(w, "/plan?tab=board"));
    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        if (text_equal(columns[i], a->status))
            continue;
        html(w->html,
             "<button class='btn btn-sm' name='status' value='%s' aria-label='%s: AC-%lld'>%s"
             "</button>",
             columns[i], tr(words[i]), a->number,
             i == 1 && text_equal(a->status, "done") ? tr("Reopen") : tr(words[i]));
    }
    html(w->html, "</div></form>");
}

static void draw_card(struct web *w, const struct plan_row *row)
{
    const struct action *a = row->action;
    const struct choice *p = action_priority(a->priority);
    bool moves = may_move(w, a);

    html(w->html,
         "<li class='plan-card%s'%s><a href='%s'><span class='record-number'>AC-%lld"
         "</span> %s</a>",
         row->late ? " late" : "", moves ? " data-card" : "",
         web_record_url(w, &action_entity, a->number), a->number, a->title);
    html(w->html, "<div class='list-sub'>%s · ", *row->owner ? row->owner : tr("nobody yet"));
    page_day(w, a->due ? words_date(w->arena, a->due) : tr("no date"), DATED_DUE, row->late);
    html(w->html, "</div><div>");
    badge(w, p ? p->tone : NULL, p ? p->label : a->priority);
    if (row->waits)
        badge(w, "grey", "waits for others");
    if (a->verified_on)
        badge(w, "green", "verified");
    html(w->html, "</div>");
    if (a->progress && !text_equal(a->status, "done"))
        html(w->html,
             "<progress class='bar' max='100' value='%lld' aria-label='{Done}'>%lld %%"
             "</progress>",
             a->progress, a->progress);
    if (moves)
        draw_moves(w, a);
    html(w->html, "</li>");
}

void plan_board_draw(struct web *w, const struct plan_rows *rows)
{
    html(w->html, "<p class='mute js-only'>{Drag a card to another column, or put the cursor on a "
                  "card and press Alt with the left or right arrow.}</p><div class='plan-board' "
                  "data-board>");
    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        const struct choice *c = action_status(columns[i]);
        size_t n = 0;

        for (size_t k = 0; k < rows->count; k++)
            n += text_equal(rows->list[k].action->status, columns[i]);
        html(w->html,
             "<section class='plan-column' data-column='%s' aria-labelledby='column-%s'><h2 "
             "id='column-%s'>%s <span class='mute'>%zu</span></h2><ul>",
             columns[i], columns[i], columns[i], tr(c->label), n);
        for (size_t k = 0; k < rows->count; k++)
            if (text_equal(rows->list[k].action->status, columns[i]))
                draw_card(w, &rows->list[k]);
        html(w->html, "</ul>");
        if (n >= 40)
            html(w->html, "<p><a href='%s'>{All of this column}</a></p>",
                 web_url(w, "/plan?status=%s", columns[i]));
        html(w->html, "</section>");
    }
    html(w->html, "</div>");
}
