/* SPDX-License-Identifier: Apache-2.0 */
/* Work that the statement makes: decisions to look at again, and what an approved version wants
 * done. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/page.h"
#include "core/work.h"
#include "feature/control/control.h"
#include "feature/organisation/organisation.h"
#include "feature/soa/soa_part.h"
#include "feature/task/task.h"

#define DAYS_TO_DO 90

/* --- decisions to look at again --- */

/* Ids of controls that are this person's: the owner's, else who decided. Ascending. */
static struct err *mine(struct web *w, i64 person, struct rows **out)
{
    return db_query(w->db, out,
                    "select id from control where org_id = $1 and decided_for is not null"
                    " and (owner = $2 or (owner is null and decided_by = $2)) order by id",
                    num(w->org), num(person));
}

static struct err *to_decide(struct web *w, i64 person, bool given, struct work_list *out)
{
    struct soa_table t;
    struct rows *r;

    if (given || !web_may(w, &soa_read))
        return NULL;
    TRY(mine(w, person, &r));
    if (!row_count(r))
        return NULL;
    TRY(soa_rows(w, &t));
    while (row_next(r)) {
        const struct soa_row *row = NULL;

        for (size_t i = 0; i < t.count && !row; i++)
            if (t.rows[i].control == row_num(r, 0))
                row = &t.rows[i];
        if (!row || !row->rejustify)
            continue;
        work_add(out,
                 &(struct work_item){
                     .entity = &control_entity,
                     .id = row->control,
                     .number = row->number,
                     .kind = "rejustify",
                     .kind_label = tr("Decision about a control"),
                     .title = arena_printf(w->arena, "%s %s", row->code, row->title),
                     .what = row->changed,
                     .address = web_url(w, "/soa/decide?control=%s", text_url(w->arena, row->code)),
                     .person = person,
                     .weight = 2,
                 });
    }
    return NULL;
}

/* A version that waits for top management. */
static struct err *to_approve(struct web *w, i64 person, bool given, struct work_list *out)
{
    struct rows *r;

    if (given || person != w->person || w->asof || !web_may(w, &soa_approve))
        return NULL;
    TRY(db_query(w->db, &r,
                 "select id, number, title, author from soa where org_id = $1"
                 " and state = 'submitted' order by number",
                 num(w->org)));
    return work_add_decisions(out, &soa_entity, &soa_approve, r);
}

const struct work_source soa_work[] = {
    {.name = "soa",       .title = N_("Versions of the statement"), .open = to_approve},
    {.name = "rejustify", .title = N_("Decisions about controls"), .open = to_decide},
    {.name = NULL},
};

/* --- what an approved version wants done --- */

static bool wants_work(const struct soa_row *r)
{
    return text_equal(r->applicable, "yes") &&
           (text_equal(r->status, "not-started") || text_equal(r->status, "planned"));
}

/* True when an action of the plan or a task is about the control and still open. */
static struct err *somebody_is_at(struct web *w, i64 control, bool *out)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select 1 from action a where a.org_id = $1 and a.control = $2"
                 " and a.status not in ('done', 'cancelled') union all"
                 " select 1 from task t where t.org_id = $1 and t.about = $2"
                 " and t.status not in ('done', 'cancelled') limit 1",
                 num(w->org), num(control)));
    *out = row_next(r);
    return NULL;
}

/* The live control of a row, 0 when it needs no task: it is gone, further on, or in hand. */
static struct err *control_to_do(struct web *w, const struct soa_row *row, struct control *c,
                                 bool *needed)
{
    struct rows *r;
    bool busy;

    *needed = false;
    if (!wants_work(row))
        return NULL;
    TRY(db_query(w->db, &r, "select id from control where org_id = $1 and code = $2", num(w->org),
                 str(row->code)));
    if (!row_next(r))
        return NULL;
    TRY(entity_load_any(w, &control_entity, row_num(r, 0), c));
    if (!text_equal(c->applicable, "yes") ||
        (!text_equal(c->status, "not-started") && !text_equal(c->status, "planned")))
        return NULL;
    TRY(somebody_is_at(w, c->id, &busy));
    *needed = !busy;
    return NULL;
}

struct err *soa_count_tasks(struct web *w, const struct soa_table *t, i64 *count)
{
    struct control c;
    bool needed;

    *count = 0;
    for (size_t i = 0; i < t->count; i++) {
        TRY(control_to_do(w, &t->rows[i], &c, &needed));
        *count += needed;
    }
    return NULL;
}

/* The owner, or who prepared the statement when there is none, or the owner has left. */
static struct err *doer_of(struct web *w, const struct control *c, const struct soa *s, i64 *out)
{
    struct rows *r;

    *out = s->author;
    if (!c->owner)
        return NULL;
    TRY(db_query(w->db, &r, "select state from person where org_id = $1 and id = $2", num(w->org),
                 num(c->owner)));
    if (row_next(r) && !text_equal(row_text(r, 0), "leaver"))
        *out = c->owner;
    return NULL;
}

static struct err *make_task(struct web *w, const struct control *c, const struct soa *s)
{
    struct issues issues = {.arena = w->arena};
    struct task t = {.priority = "normal", .status = "open", .repeat_from = "due"};

    TRY(doer_of(w, c, s, &t.assignee));
    t.title = arena_printf(w->arena, N_("Put into practice: %s"), c->name);
    if (text_length(t.title) > 200)
        t.title = arena_printf(w->arena, N_("Put into practice: %s"), c->code);
    t.about = c->id;
    t.due = date_add(w->arena, w->today, 0, DAYS_TO_DO);
    t.description = arena_printf(
        w->arena,
        tr("Version %lld of the Statement of Applicability was approved and authorises this. Say "
           "on the page of the control how it is done, and where the proof is."),
        s->number);
    TRY(entity_write(w, &task_entity, &t, NULL, &issues));
    return issues.count ? err_new(ERR_INVALID, "%s: %s", c->name, issues.list[0].text) : NULL;
}

struct err *soa_make_tasks(struct web *w, const struct soa *s, i64 *made)
{
    struct soa_table t;
    struct control c;
    bool needed;

    *made = 0;
    TRY(soa_thaw(w, s->body, &t));
    for (size_t i = 0; i < t.count; i++) {
        TRY(control_to_do(w, &t.rows[i], &c, &needed));
        if (!needed)
            continue;
        TRY(make_task(w, &c, s));
        ++*made;
    }
    return NULL;
}
