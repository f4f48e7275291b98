/* SPDX-License-Identifier: Apache-2.0 */
/* The risk treatment plan (ISO/IEC 27001 6.1.3 e): all actions with who, when, money and progress.
 */
#include <string.h>

#include "base/text.h"
#include "core/page.h"
#include "feature/control/control.h"
#include "feature/organisation/organisation.h"
#include "feature/risk/risk.h"
#include "feature/treatment/treatment_web.h"

static struct err *draw_totals(struct web *w)
{
    struct rows *r;
    i64 all, done, late;

    TRY(db_query(w->db, &r,
                 "select count(*), sum(case when status = 'done' then 1 else 0 end),"
                 " sum(case when due < $2 and status in ('planned', 'in-progress') then 1 else 0"
                 " end), sum(budget) from action where org_id = $1 and status <> 'cancelled'",
                 num(w->org), str(w->today)));
    if (!row_next(r))
        return NULL;
    all = row_num(r, 0);
    done = row_num(r, 1);
    late = row_num(r, 2);
    card_begin(w, NULL, NULL);
    html(w->html, "<p>%lld actions · %lld done · %lld overdue · budget %s</p>", all, done, late,
         arena_printf(w->arena, "%lld.%02lld", row_num(r, 3) / 100, row_num(r, 3) % 100));
    html(w->html, "<progress class='progress' max='%lld' value='%lld'>%lld of %lld</progress>",
         all ? all : 1, done, done, all);
    card_end(w);
    return NULL;
}

static void draw_row(struct web *w, const struct rows *r)
{
    const char *due = row_str(r, 3), *status = row_text(r, 5);
    bool open = strcmp(status, "done") != 0;
    const struct choice *c = choice_find(entity_field(&action_entity, "status")->choices, status);

    html(w->html,
         "<tr><td class='list-main'><a href='%s'><span class='record-number'>AC-%lld</span>"
         " %s</a><div class='list-sub'><a href='%s'>R-%lld</a> %s</div></td>",
         web_record_url(w, &action_entity, row_num(r, 0)), row_num(r, 0), row_text(r, 1),
         web_record_url(w, &risk_entity, row_num(r, 8)), row_num(r, 8), row_text(r, 9));
    html(w->html, "<td data-label='Control'>%s</td><td data-label='Who'>%s</td>",
         row_null(r, 7) ? "—" : row_str(r, 7), row_null(r, 2) ? "—" : row_str(r, 2));
    html(w->html,
         "<td class='text-nowrap%s' data-label='Due'>%s</td><td data-label='Budget'>%s</td>",
         due && open && strcmp(due, w->today) < 0 ? " late" : "", due ? due : "—",
         row_null(r, 4)
             ? "—"
             : arena_printf(w->arena, "%lld.%02lld", row_num(r, 4) / 100, row_num(r, 4) % 100));
    html(w->html, "<td data-label='Status'>");
    badge(w, c ? c->tone : NULL, c ? c->label : status);
    html(w->html, "</td><td data-label='Done'>%lld %%</td></tr>", row_num(r, 6));
}

struct err *plan_page(struct web *w)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select a.number, a.title, p.name, a.due, a.budget, a.status, a.progress, c.code,"
                 " k.number, k.title from action a"
                 " join treatment t on t.org_id = a.org_id and t.id = a.treatment"
                 " join risk k on k.org_id = t.org_id and k.id = t.risk"
                 " left join person p on p.org_id = a.org_id and p.id = a.owner"
                 " left join control c on c.org_id = a.org_id and c.id = a.control"
                 " where a.org_id = $1 and a.status <> 'cancelled'"
                 " order by case when a.status = 'done' then 1 else 0 end, a.due nulls last, a.id"
                 " limit 500",
                 num(w->org)));
    page_begin(w, "Do", "Treatment plan");
    page_action(w, "default", web_url(w, "/actions"), "All actions");
    page_help(w,
              "Everything that will be done about your risks: who, by when, with what, and how "
              "far it is.",
              "6.1.3 e");
    page_body(w);
    TRY(draw_totals(w));
    card_begin(w, NULL, NULL);
    html(w->html, "<div class='table-responsive'><table class='table list'><caption "
                  "class='visually-hidden'>Actions of the risk treatment plan</caption><thead><tr>"
                  "<th scope='col'>Action</th><th scope='col'>Control</th><th scope='col'>Who</th>"
                  "<th scope='col'>Due</th><th scope='col'>Budget</th><th scope='col'>Status</th>"
                  "<th scope='col'>Done</th></tr></thead><tbody>");
    while (row_next(r))
        draw_row(w, r);
    html(w->html, "</tbody></table></div>");
    if (!row_count(r))
        page_empty(w, "No actions yet. Open a treatment and plan who does what.",
                   web_url(w, "/treatments"), "Go to the treatments");
    card_end(w);
    page_end(w);
    return NULL;
}
