/* SPDX-License-Identifier: Apache-2.0 */
/* Treating several risks at once: choosing, previewing, writing. Each risk gets a treatment of its
 * own, so that its owner approves it and its history tells it; either all that are ticked or none.
 */
#include "feature/treatment/many.h"

#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/list.h"
#include "core/page.h"

/* --- what was sent --- */

static bool ticked(struct web *w, i64 id)
{
    const char *text = arena_printf(w->arena, "%lld", id);

    for (size_t i = 0; i < w->req->form.count; i++)
        if (text_equal(w->req->form.list[i].name, "pick[]") &&
            text_equal(w->req->form.list[i].value, text))
            return true;
    return false;
}

static bool known(const struct many *m, i64 id)
{
    for (size_t i = 0; i < m->count; i++)
        if (m->rows[i].risk.id == id)
            return true;
    return false;
}

struct err *many_add(struct web *w, struct many *m, i64 id, bool ticked)
{
    struct many_row row = {.ticked = ticked};

    if (known(m, id))
        return NULL;
    if (m->count == MANY_MOST)
        return err_new(ERR_BAD, "At most %d risks can be treated at once.", MANY_MOST);
    TRY(risk_refuse_blind(w, id));
    TRY(entity_load(w, &risk_entity, id, &row.risk));
    TRY(many_row_fill(w, m, &row));
    m->ticked += row.ticked;
    m->rows[m->count++] = row;
    return NULL;
}

static struct err *add_sent(struct web *w, struct many *m, const char *text)
{
    i64 id;

    if (!text_i64(text, &id))
        return err_new(ERR_BAD, "The form is not complete. Open the page again.");
    return many_add(w, m, id, ticked(w, id));
}

static const char *filled(struct web *w, const char *name)
{
    const char *text = web_form(w, name);

    return text ? text : "";
}

struct err *many_read(struct web *w, struct many *m)
{
    *m = (struct many){.plan = {.state = "planned"}, .issues = {.arena = w->arena}};
    m->rows = NEW_ARRAY(w->arena, struct many_row, MANY_MOST + 1);
    m->wishes = &w->req->form;
    m->each = text_equal(filled(w, "each"), "1");
    TRY(many_axes(w, m));
    TRY(entity_apply(w, &treatment_entity, &m->plan, entity_form_inputs(w, &treatment_entity),
                     false, &m->issues));
    TRY(entity_apply(w, &action_entity, &m->action, entity_form_inputs(w, &action_entity), false,
                     &m->issues));
    m->wants_action = m->action.owner || m->action.start || m->action.due || m->action.budget ||
                      !text_empty(m->action.resources);
    for (size_t i = 0; i < w->req->form.count; i++)
        if (text_equal(w->req->form.list[i].name, "row[]"))
            TRY(add_sent(w, m, w->req->form.list[i].value));
    return NULL;
}

/* --- what would come of it --- */

static struct err *same_plan(struct web *w, const struct many *m, const struct risk *r, i64 *number)
{
    struct rows *rows;

    *number = 0;
    TRY(db_query(w->db, &rows,
                 "select min(number) from treatment where org_id = $1 and risk = $2 and title = $3"
                 " and state <> 'cancelled'",
                 num(w->org), num(r->id), str(m->plan.title)));
    if (row_next(rows))
        *number = row_num(rows, 0);
    return NULL;
}

/* The plan for one risk. */
static struct treatment plan_of(const struct many *m, const struct many_row *row)
{
    struct treatment t = m->plan;

    t.risk = row->risk.id;
    t.expected_likelihood = row->to_likelihood;
    t.expected_impact = row->to_impact;
    t.expected_axes = row->to_axes;
    return t;
}

static void refuse(struct web *w, struct many_row *row, const char *sentence)
{
    if (!row->refused)
        row->refused = arena_str(w->arena, sentence);
}

/* The rules of treatments and of the risk, without writing. */
static struct err *check_rules(struct web *w, const struct many *m, struct many_row *row)
{
    struct issues found = {.arena = w->arena};
    struct treatment t = plan_of(m, row);
    struct risk after;
    bool changed;

    if (text_empty(t.title) || text_empty(t.option))
        return NULL; /* said about the plan */
    treatment_entity.check(&t, &found);
    if (!found.count)
        TRY(treatment_entity.derive(w, &t, &found)); /* the impact of its axes */
    for (size_t i = 0; i < found.count; i++)
        if (text_starts(found.list[i].field, "expected"))
            refuse(w, row, found.list[i].text);
    if (row->refused)
        return NULL;
    found.count = 0;
    TRY(treatment_outlook(w, &t, &after, &changed, &found));
    if (found.count)
        refuse(w, row, found.list[0].text);
    row->to_score = after.residual_score;
    row->to_band = after.residual_band;
    return NULL;
}

static struct err *check_row(struct web *w, const struct many *m, struct many_row *row)
{
    i64 same;

    many_levels(w, m, row);
    if (!text_equal(row->risk.state, "open"))
        refuse(w, row, tr("The risk is closed. Open it again first."));
    TRY(same_plan(w, m, &row->risk, &same));
    if (same)
        refuse(
            w, row,
            arena_printf(w->arena, tr("It has a treatment of this name already: T-%lld."), same));
    if (!row->refused)
        TRY(check_rules(w, m, row));
    if (!row->risk.owner)
        row->hint = tr("It has no owner: nobody can approve the plan.");
    else if (row->to_score && row->to_score >= row->risk.score && row->risk.score)
        row->hint = tr("This does not lower the level.");
    return NULL;
}

/* What the plan itself lacks, whatever the risk: the rules of treatments but for the levels. */
static void check_plan(struct many *m)
{
    struct issues found = {.arena = m->issues.arena};
    struct treatment t = m->plan;

    if (text_empty(t.title) && !issue_of(&m->issues, "title"))
        issue(&m->issues, "title", "Say what is done.");
    if (text_empty(t.option) && !issue_of(&m->issues, "option"))
        issue(&m->issues, "option", "Choose what you do about these risks.");
    t.expected_likelihood = t.expected_impact = 1;
    treatment_entity.check(&t, &found);
    for (size_t i = 0; i < found.count; i++)
        issue(&m->issues, found.list[i].field, "%s", found.list[i].text);
    if (m->wants_action && !m->action.owner && !issue_of(&m->issues, "owner"))
        issue(&m->issues, "owner", "Choose who sees to it, or leave date and means empty too.");
}

struct err *many_check(struct web *w, struct many *m)
{
    check_plan(m);
    m->checked = true;
    m->refused = 0;
    for (size_t i = 0; i < m->count; i++) {
        if (!m->rows[i].ticked)
            continue;
        TRY(check_row(w, m, &m->rows[i]));
        m->refused += m->rows[i].refused != NULL;
    }
    if (!m->ticked)
        issue(&m->issues, "", "Nothing is ticked. Tick the risks that get this treatment.");
    return NULL;
}

/* --- pages --- */

/* Without any wish: what waits for a treatment. */
static struct err *start(struct web *w)
{
    struct method m;

    TRY(method_current(w, &m));
    web_redirect(w,
                 web_url(w, "/risks/treat?score.min=%lld&treated=0&state=open", m.acceptance + 1));
    return NULL;
}

struct err *treatment_many(struct web *w)
{
    struct many m = {
        .plan = {.state = "planned", .option = "modify"},
        .issues = {.arena = w->arena                 },
    };
    struct list_result r;
    struct list_query q;

    if (!w->req->query.count)
        return start(w);
    TRY(list_parse(w, &risk_entity, &q));
    q.limit = MANY_MOST;
    TRY(list_run(w, &q, true, &r));
    TRY(many_axes(w, &m));
    m.rows = NEW_ARRAY(w->arena, struct many_row, r.count + 1);
    for (size_t i = 0; i < r.count; i++) {
        struct many_row *row = &m.rows[m.count];
        bool hidden;

        *row = (struct many_row){.risk = ((struct risk *)r.records)[i], .ticked = true};
        TRY(entity_hidden(w, &risk_entity, row->risk.id, &hidden));
        if (hidden) /* they are to be scored a second time first */
            continue;
        TRY(many_row_fill(w, &m, row));
        m.count++;
    }
    m.ticked = m.count;
    return many_draw(w, &m);
}

/* The form for the rows that were ticked in the list of risks. */
struct err *treatment_many_ticked(struct web *w)
{
    struct many m;

    TRY(many_read(w, &m));
    for (size_t i = 0; i < w->req->form.count; i++)
        if (text_equal(w->req->form.list[i].name, "id[]"))
            TRY(add_sent(w, &m, w->req->form.list[i].value));
    if (!m.count)
        return err_new(ERR_INVALID, "Nothing is ticked. Tick the risks that get this treatment.");
    for (size_t i = 0; i < m.count; i++)
        m.rows[i].ticked = true;
    m.ticked = m.count;
    m.plan.option = "modify";
    return many_draw(w, &m);
}

struct err *treatment_many_preview(struct web *w)
{
    struct many m;

    TRY(many_read(w, &m));
    TRY(many_check(w, &m));
    if (m.issues.count)
        web_status(w, 422);
    return many_draw(w, &m);
}

/* --- writing --- */

/* One action for these treatments, the first of which is its own. */
static struct err *write_action(struct web *w, const struct many *m, const i64 *treatments,
                                size_t n)
{
    struct issues issues = {.arena = w->arena};
    struct action a = m->action;

    a.treatment = treatments[0];
    a.also = (struct ids){treatments + 1, n - 1};
    TRY(entity_write(w, &action_entity, &a, w->reason, &issues));
    return issues.count ? err_new(ERR_INVALID, "%s", issues.list[0].text) : NULL;
}

static struct err *write_row(struct web *w, const struct many *m, const struct many_row *row,
                             struct treatment *out)
{
    struct treatment t = plan_of(m, row);
    struct issues issues = {.arena = w->arena};

    TRY(entity_write(w, &treatment_entity, &t, w->reason, &issues));
    if (issues.count) /* the check did not see it: all of it is undone */
        return err_new(ERR_INVALID, "R-%lld: %s", row->risk.number, issues.list[0].text);
    *out = t;
    return NULL;
}

struct err *many_write(struct web *w, const struct many *m, i64 *first, i64 *last)
{
    i64 *ids = NEW_ARRAY(w->arena, i64, m->count + 1);
    struct treatment t = {.id = 0};
    size_t n = 0;

    *first = *last = 0;
    for (size_t i = 0; i < m->count; i++) {
        if (!m->rows[i].ticked)
            continue;
        TRY(write_row(w, m, &m->rows[i], &t));
        *first = *first ? *first : t.number;
        *last = t.number;
        ids[n++] = t.id;
    }
    if (!m->wants_action)
        return NULL;
    for (size_t i = 0; m->each && i < n; i++)
        TRY(write_action(w, m, &ids[i], 1));
    return m->each ? NULL : write_action(w, m, ids, n);
}

/* Those that cannot be are unticked, so that the next try has what can be. */
static struct err *stop(struct web *w, struct many *m)
{
    for (size_t i = 0; i < m->count; i++)
        if (m->rows[i].refused)
            m->rows[i].ticked = false;
    web_status(w, 422);
    return many_draw(w, m);
}

struct err *treatment_many_save(struct web *w)
{
    struct many m;
    i64 first, last;

    TRY(many_read(w, &m));
    TRY(many_check(w, &m));
    if (m.issues.count || m.refused)
        return stop(w, &m);
    TRY(many_write(w, &m, &first, &last));
    web_redirect(w, web_url(w, "/risks/treat/done?from=%lld&to=%lld", first, last));
    return NULL;
}

/* --- what came of it --- */

static struct err *asked_number(struct web *w, const char *name, i64 *out)
{
    const char *text = web_query(w, name);

    if (text && text_i64(text, out) && *out > 0)
        return NULL;
    return err_new(ERR_BAD, "The parameter “%s” is the number of a treatment.", name);
}

struct err *treatment_many_done(struct web *w)
{
    i64 first, last;
    struct rows *r;

    TRY(asked_number(w, "from", &first));
    TRY(asked_number(w, "to", &last));
    TRY(db_query(w->db, &r,
                 "select t.number, t.title, k.number, k.title, p.name from treatment t"
                 " join risk k on k.org_id = t.org_id and k.id = t.risk"
                 " left join person p on p.org_id = k.org_id and p.id = k.owner"
                 " where t.org_id = $1 and t.number between $2 and $3 order by t.number limit $4",
                 num(w->org), num(first), num(last), num(MANY_MOST)));
    page_begin(w, "Treatments", "Treatments planned");
    page_action(w, "default", web_url(w, "/risks"), "Risks");
    page_action(w, "primary", web_url(w, "/plan"), "Treatment plan");
    page_body(w);
    page_notice(w, "success",
                "Each risk has its treatment. Now its owner decides: it waits under “To decide”.");
    html(w->html, "<section class='card'><table class='table list'><thead><tr>"
                  "<th scope='col'>{Treatment}</th><th scope='col'>{Risk}</th>"
                  "<th scope='col'>{Who decides}</th></tr></thead><tbody>");
    while (row_next(r))
        html(w->html,
             "<tr><td class='list-main'><a href='%s'><span class='record-number'>T-%lld</span> %s"
             "</a></td><td data-label='{Risk}'><a href='%s'>R-%lld</a> %s</td>"
             "<td data-label='{Who decides}'>%s</td></tr>",
             web_record_url(w, &treatment_entity, row_num(r, 0)), row_num(r, 0), row_text(r, 1),
             web_record_url(w, &risk_entity, row_num(r, 2)), row_num(r, 2), row_text(r, 3),
             row_null(r, 4) ? tr("nobody yet") : row_str(r, 4));
    html(w->html, "</tbody></table></section>");
    page_end(w);
    return NULL;
}
