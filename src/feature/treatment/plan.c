/* SPDX-License-Identifier: Apache-2.0 */
/* The risk treatment plan (ISO/IEC 27001 6.1.3 e): all actions with who, when, money and progress,
 * as a table, as a board by status and along the calendar. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/list.h"
#include "core/page.h"
#include "feature/control/control.h"
#include "feature/organisation/organisation.h"
#include "feature/risk/risk.h"
#include "feature/treatment/treatment_web.h"

#define GANTT_ROWS 60
#define COLUMN_ROWS 40

enum plan_view { VIEW_TABLE, VIEW_BOARD, VIEW_GANTT };
static const char *const view_codes[] = {NULL, "board", "gantt"};

/* --- head of the plan: figures of all of it --- */

static void figure(struct web *w, const char *label, const char *value, const char *note)
{
    html(w->html,
         "<div class='plan-figure'><dt>%s</dt><dd><strong>%s</strong>"
         "<span class='mute'>%s</span></dd></div>",
         tr(label), value, note);
}

static const char *version_note(const char *state)
{
    return text_equal(state, "approved")    ? tr("approved")
           : text_equal(state, "submitted") ? tr("waits for approval")
           : text_equal(state, "refused")   ? tr("refused")
                                            : tr("replaced");
}

static const char *money(struct web *w, i64 n)
{
    return n ? words_money(w->arena, n) : "–";
}

static const char *with_currency(struct web *w, i64 n)
{
    return n ? arena_printf(w->arena, "%s %s", money(w, n), w->currency) : money(w, n);
}

static void draw_figures(struct web *w, const struct plan_totals *t)
{
    struct arena *a = w->arena;

    html(w->html, "<dl class='plan-figures'>");
    figure(w, N_("Done"), arena_printf(a, "%lld %%", t->actions ? t->done * 100 / t->actions : 0),
           arena_printf(a, tr("%lld of %lld actions, %lld verified"), t->done, t->actions,
                        t->verified));
    figure(w, N_("Overdue"), arena_printf(a, "%lld", t->late),
           t->late ? tr("days that have passed") : tr("nothing is late"));
    figure(w, N_("Budget"), with_currency(w, t->budget),
           arena_printf(a, tr("%lld without a budget"), t->without_budget));
    figure(w, N_("Spent"), with_currency(w, t->spent),
           t->budget ? arena_printf(a, tr("%lld %% of the budget"),
                                    t->spent / (t->budget / 100 ? t->budget / 100 : 1))
                     : "");
    figure(w, N_("Approved by owners"), arena_printf(a, tr("%lld of %lld"), t->approved, t->risks),
           tr("risks with a treatment"));
    figure(w, N_("Version"), t->version ? arena_printf(a, "%lld", t->version) : "–",
           t->version ? version_note(t->version_state) : tr("never frozen"));
    html(w->html, "</dl>");
}

static void draw_head(struct web *w, const struct plan_totals *t)
{
    card_begin(w, NULL, NULL);
    draw_figures(w, t);
    html(w->html,
         "<progress class='progress' max='%lld' value='%lld' aria-label='{Done}'>{%lld of "
         "%lld}</progress>",
         t->actions ? t->actions : 1, t->done, t->done, t->actions);
    if (!w->asof && web_may(w, &treatment_write) && t->actions) {
        html(w->html, "<div class='mt-3'>");
        form_button(w, web_url(w, "/plan-versions"), "default",
                    arena_printf(w->arena, tr("Freeze as version %lld"), t->version + 1), NULL,
                    NULL);
        html(w->html, "</div>");
    }
    card_end(w);
}

/* --- as a table --- */

static void draw_what(struct web *w, const struct plan_row *row)
{
    html(w->html,
         "<td class='list-main'><a href='%s'><span class='record-number'>AC-%lld</span> %s</a>"
         "<div class='list-sub'><a href='%s'>R-%lld</a> %s",
         web_record_url(w, &action_entity, row->action->number), row->action->number,
         row->action->title, web_record_url(w, &risk_entity, row->risk_number), row->risk_number,
         row->risk_title);
    if (row->more)
        html(w->html, " · {%lld more risk|%lld more risks}", row->more, row->more);
    html(w->html, "</div></td>");
}

static const char *option_label(const char *option)
{
    const struct choice *c =
        choice_find(entity_field(&treatment_entity, "option")->choices, option);
    const char *label = c ? tr(c->label) : option;

    return label;
}

/* "Modify" of "Modify: add or improve controls". */
static const char *option_short(struct web *w, const char *option)
{
    const char *label = option_label(option), *colon = strchr(label, ':');

    return colon ? arena_strn(w->arena, label, (size_t)(colon - label)) : label;
}

static void draw_when(struct web *w, const struct plan_row *row)
{
    const struct action *a = row->action;

    html(w->html, "<td data-label='{Due}'><div>");
    page_day(w, a->due ? words_date(w->arena, a->due) : "—", DATED_DUE, row->late);
    if (a->start)
        html(w->html, "<div class='list-sub'>{from %s}</div>", words_date(w->arena, a->start));
    if (row->waits)
        html(w->html, "<div class='list-sub'>{waits for others}</div>");
    html(w->html, "</div></td>");
}

static void draw_state(struct web *w, const struct plan_row *row)
{
    const struct choice *c = action_status(row->action->status);

    html(w->html, "<td data-label='{Status}'><div>");
    badge(w, c ? c->tone : NULL, c ? c->label : row->action->status);
    if (!text_equal(row->action->status, "planned") || row->action->progress)
        html(w->html, "<div class='list-sub'>%lld %%</div>", row->action->progress);
    html(w->html, "</div></td><td data-label='{Evidence}'><div>%s",
         text_empty(row->action->evidence) ? "—" : tr("yes"));
    if (row->action->verified_on)
        html(w->html, "<div class='list-sub'>{verified by %s}</div>", row->verifier);
    else if (*row->verifier)
        html(w->html, "<div class='list-sub'>{to be verified by %s}</div>", row->verifier);
    html(w->html, "</div></td>");
}

static void draw_row(struct web *w, const struct plan_row *row)
{
    const struct action *a = row->action;
    const struct choice *p = action_priority(a->priority);

    html(w->html, "<tr>");
    draw_what(w, row);
    html(w->html, "<td data-label='{Option}'><div>%s%s%s</div></td><td data-label='{Who}'>%s</td>",
         option_short(w, row->option), *row->control ? " · " : "", row->control,
         *row->owner ? row->owner : "—");
    draw_when(w, row);
    html(w->html,
         "<td data-label='{With what}'><div>%s</div></td><td class='num' data-label='{Budget}'>"
         "<div>%s",
         a->resources ? a->resources : "—", money(w, a->budget));
    if (a->spent)
        html(w->html, "<div class='list-sub'>{spent %s}</div>", money(w, a->spent));
    html(w->html, "</div></td><td data-label='{Priority}'>");
    badge(w, p ? p->tone : NULL, p ? p->label : a->priority);
    html(w->html, "</td>");
    draw_state(w, row);
    html(w->html, "<td data-label='{Expected}'>");
    if (row->hidden)
        html(w->html, "<span class='mute'>{hidden}</span>");
    else if (row->expected)
        level_chip(w, row->expected, NULL, row->expected_tone);
    else
        html(w->html, "—");
    html(w->html, "</td><td data-label='{Approved}'>%s</td></tr>\n",
         row->approved ? tr("yes") : tr("no"));
}

static void draw_table(struct web *w, const struct plan_rows *rows)
{
    html(w->html,
         "<div class='table-responsive'><table class='table list plan-table'><caption "
         "class='visually-hidden'>{Actions of the risk treatment plan}</caption><thead><tr><th "
         "scope='col'>{Action}</th><th scope='col'>{Option}</th><th scope='col'>{Who}</th><th "
         "scope='col'>{Due}</th><th scope='col'>{With what}</th><th scope='col' "
         "class='num'>{Budget}</th><th scope='col'>{Priority}</th><th scope='col'>{Status}</th><th "
         "scope='col'>{Evidence}</th><th scope='col'>{Expected}</th><th scope='col'>{Approved}</th>"
         "</tr></thead><tbody>");
    for (size_t i = 0; i < rows->count; i++)
        draw_row(w, &rows->list[i]);
    html(w->html, "</tbody></table></div>");
}

/* --- the page --- */

static enum plan_view view_asked(const struct web *w)
{
    const char *asked = web_query(w, "tab");

    for (enum plan_view v = VIEW_BOARD; v <= VIEW_GANTT; v++)
        if (text_equal(asked, view_codes[v]))
            return v;
    return VIEW_TABLE;
}

static void draw_tabs(struct web *w, const struct list_query *q, enum plan_view view)
{
    static const char *const labels[] = {N_("Table"), N_("Board"), N_("Calendar")};
    const char *pairs[7];

    for (int i = 0; i < 3; i++) {
        pairs[2 * i] = list_url(w, q, "tab", view_codes[i]);
        pairs[2 * i + 1] = tr(labels[i]);
    }
    pairs[6] = NULL;
    tabs(w, (int)view, pairs);
}

static bool filters_status(const struct list_query *q)
{
    for (size_t i = 0; i < q->nfilters; i++)
        if (q->filters[i].field && text_equal(q->filters[i].field->name, "status"))
            return true;
    return false;
}

/* The questions that people come with, as links. */
static void draw_often(struct web *w)
{
    const char *const views[][2] = {
        {"",                                             N_("Open")          },
        {"status=planned,in-progress&due.max=yesterday", N_("Late")          },
        {"status=planned,in-progress&owner=me",          N_("Mine")          },
        {"status=planned,in-progress&owner=none",        N_("Nobody yet")    },
        {"status=done&verified_on.empty=yes",            N_("To be verified")},
        {"status=done",                                  N_("Done")          },
        {"status.not=cancelled",                         N_("All")           },
    };

    html(w->html, "<nav class='btn-list mb-3' aria-label='{Often used filters}'>");
    for (size_t i = 0; i < COUNT_OF(views); i++) {
        const char *address = web_url(w, "/plan%s%s", *views[i][0] ? "?" : "", views[i][0]);
        bool now = text_equal(w->req->target, address);

        if (!w->person && strstr(views[i][0], "=me"))
            continue;
        html(w->html, "<a class='filter'%s href='%s'>%s</a>", now ? " aria-current=true" : "",
             address, tr(views[i][1]));
    }
    html(w->html, "</nav>");
}

/* Without a filter on the status, the table shows what is open and the calendar all of the plan. */
static struct err *load(struct web *w, struct list_query *q, bool total, struct list_result *r,
                        struct plan_rows *rows)
{
    if (!q->extra && !filters_status(q))
        q->extra = view_asked(w) == VIEW_TABLE ? "t.status in ('planned', 'in-progress')"
                                               : "t.status <> 'cancelled'";
    TRY(list_run(w, q, total, r));
    return plan_rows_load(w, r->records, r->count, rows);
}

/* One list for each column, so that a long column hides no other. */
static struct err *load_board(struct web *w, const struct list_query *asked, struct plan_rows *rows)
{
    static const char *const columns[] = {"planned", "in-progress", "done"};
    struct plan_rows part;

    rows->list = NEW_ARRAY(w->arena, struct plan_row, COUNT_OF(columns) * COLUMN_ROWS + 1);
    rows->count = 0;
    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        struct list_query q = *asked;
        struct list_result r;

        q.extra = "t.status = @1";
        q.extra_vals[0] = str(columns[i]);
        q.nextra = 1;
        q.limit = COLUMN_ROWS;
        q.group = NULL;
        q.after = NULL;
        q.descending = i == 2; /* what was done last comes first */
        TRY(load(w, &q, false, &r, &part));
        if (part.count)
            memcpy(rows->list + rows->count, part.list, part.count * sizeof(*part.list));
        rows->count += part.count;
    }
    return NULL;
}

static struct err *draw_view(struct web *w, struct list_query *q, enum plan_view view)
{
    struct plan_rows rows;
    struct list_result r;

    q->group = NULL;
    if (view == VIEW_GANTT)
        q->limit = GANTT_ROWS;
    TRY(load(w, q, true, &r, &rows));
    if (view == VIEW_TABLE)
        draw_often(w);
    card_begin(w, NULL, NULL);
    TRY(list_draw_bar(w, q, &r));
    if (view == VIEW_BOARD) {
        TRY(load_board(w, q, &rows));
        plan_board_draw(w, &rows);
    } else if (view == VIEW_GANTT) {
        plan_gantt_draw(w, &rows);
    } else {
        draw_table(w, &rows);
    }
    if (!r.count && (q->nfilters || q->q || q->after))
        page_empty(w, "Nothing fits these filters.", web_url(w, "/plan"), "Show all");
    else if (!r.count)
        page_empty(w, "Nothing is open here. Open a treatment and plan who does what.",
                   web_url(w, "/treatments"), "Go to the treatments");
    if (view != VIEW_BOARD)
        list_draw_pager(w, q, &r);
    card_end(w);
    return NULL;
}

struct err *plan_page(struct web *w)
{
    enum plan_view view = view_asked(w);
    struct plan_totals totals;
    struct list_query q;

    TRY(list_parse(w, &action_entity, &q));
    TRY(plan_totals_load(w, &totals));
    page_begin(w, "Do", "Treatment plan");
    page_action(w, "default", web_url(w, "/plan-versions"), "Versions");
    page_action(w, "default", web_url(w, "/actions"), "All actions");
    page_help(w,
              "Everything that will be done about your risks: who, by when, with what, and how "
              "far it is.",
              "6.1.3 e");
    page_body(w);
    html(w->html, "<div class='stack'>");
    draw_head(w, &totals);
    draw_tabs(w, &q, view);
    TRY(draw_view(w, &q, view));
    html(w->html, "</div>");
    page_end(w);
    return NULL;
}
