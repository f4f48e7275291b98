/* SPDX-License-Identifier: Apache-2.0 */
/* What people do with a task without opening its form: done, waiting, cancelled, given on, one step
 * ticked. Who has a task may do all that without the right to change tasks. */
#include <string.h>

#include "base/clock.h"
#include "base/rrule.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/page.h"
#include "feature/organisation/organisation.h"
#include "feature/task/task_part.h"

#define OPEN_MOST 12 /* open tasks of one series that the calendar may pile up */

bool task_may_work(const struct web *w, const struct task *t)
{
    if (w->person && (t->assignee == w->person || t->given_by == w->person))
        return true;
    return web_may(w, &task_read) && web_may(w, &task_write);
}

static struct err *must_work(const struct web *w, const struct task *t)
{
    if (task_may_work(w, t))
        return NULL;
    return err_new(ERR_DENIED,
                   "TA-%lld is not yours. Who has it, who gave it and who sees to all "
                   "tasks may report on it.",
                   t->number);
}

struct err *task_store(struct web *w, struct task *t, const char *reason, struct issues *out)
{
    return entity_write_lent(w, &task_entity, t, reason, out);
}

struct err *task_load_asked(struct web *w, struct task *t)
{
    i64 id;

    TRY(web_record(w, &task_entity, &id));
    return entity_load(w, &task_entity, id, t);
}

const char *task_back(struct web *w, const char *other)
{
    const char *back = web_form(w, "back");
    const char *home = arena_printf(w->arena, "/o/%s/", w->slug);

    return back && text_starts(back, home) && !strpbrk(back, "\r\n\\") ? back : other;
}

struct err *person_named(struct web *w, const char *text, i64 known, i64 *out)
{
    if (known && text_i64(text, out) && *out == known)
        return NULL;
    return entity_find(w, &person_entity, text, out);
}

static struct err *first_issue(const struct issues *found)
{
    return found->count ? err_new(ERR_INVALID, "%s", found->list[0].text) : NULL;
}

/* --- the series --- */

static struct err *is_active(struct web *w, i64 person, bool *out)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select 1 from person where org_id = $1 and id = $2 and state = 'active'",
                 num(w->org), num(person)));
    *out = row_next(r);
    return NULL;
}

/* People who left get nothing new. */
static struct err *active_or_none(struct web *w, i64 *person)
{
    bool active;

    TRY(is_active(w, *person, &active));
    if (!active)
        *person = 0;
    return NULL;
}

/* The day of the next one: after a standstill the newest one that is due already, not all that were
 * missed. */
static const char *next_of(struct web *w, const struct task *t)
{
    const char *day = t->next_on, *start = t->repeat_start ? t->repeat_start
                                           : t->occurs_on  ? t->occurs_on
                                                           : t->due;

    if (text_equal(t->repeat_from, "done"))
        return day;
    for (const char *later = day; later && strcmp(later, w->today) <= 0;) {
        day = later;
        later = rrule_next(w->arena, t->repeat, start, later);
    }
    return day;
}

static void unticked(struct web *w, struct task *t)
{
    struct task_step *list;
    size_t n = steps_read(w->arena, t->steps ? t->steps : "", &list);

    for (size_t i = 0; i < n; i++)
        list[i].done = false;
    t->steps = steps_write(w->arena, list, n);
}

/* The number of tasks of the series of `t` that are still open. */
static struct err *open_of_series(struct web *w, const struct task *t, i64 *out)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select count(*) from task where org_id = $1 and series = $2"
                 " and status in ('open', 'waiting')",
                 num(w->org), num(t->series ? t->series : t->id)));
    *out = row_next(r) ? row_num(r, 0) : 0;
    return NULL;
}

struct err *task_follow(struct web *w, const struct task *t)
{
    struct issues found = {.arena = w->arena};
    struct task next = *t;
    const char *planned = t->occurs_on ? t->occurs_on : t->due;
    i64 open;

    if (!t->next_on)
        return NULL;
    TRY(open_of_series(w, t, &open));
    if (open >= OPEN_MOST)
        return NULL;
    next.id = next.number = next.version = 0;
    next.status = "open";
    next.waiting_for = next.cancel_reason = next.closed_on = NULL;
    next.closed_by = next.spent = 0;
    next.needs = (struct ids){0};
    next.previous = t->id;
    next.series = t->series ? t->series : t->id;
    next.turn = (t->turn ? t->turn : 1) + 1;
    next.repeat_start = t->repeat_start ? t->repeat_start : planned;
    next.due = next.occurs_on = next_of(w, t);
    if (t->start && t->due)
        next.start = date_add(w->arena, next.due, 0, (int)date_days(t->due, t->start));
    unticked(w, &next);
    TRY(active_or_none(w, &next.assignee));
    if (t->assignee && !next.assignee) {
        next.assignee = t->given_by;
        TRY(active_or_none(w, &next.assignee));
    }
    TRY(task_store(w, &next, tr("The next one of its series"), &found));
    return first_issue(&found);
}

/* --- verbs --- */

struct err *task_finish(struct web *w, struct task *t, struct issues *out)
{
    TRY(must_work(w, t));
    if (!task_is_open(t))
        return NULL;
    t->status = "done";
    TRY(task_store(w, t, w->reason, out));
    return out->count ? NULL : task_follow(w, t);
}

struct err *task_give(struct web *w, struct task *t, i64 person, const char *note,
                      struct issues *out)
{
    bool active;

    TRY(must_work(w, t));
    TRY(is_active(w, person, &active));
    if (!active) {
        issue(out, "assignee", "Choose somebody who is here: people who left get no tasks.");
        return NULL;
    }
    t->assignee = person;
    return task_store(w, t, text_empty(note) ? NULL : text_trim(w->arena, note), out);
}

/* The answer after a verb: back to where it was pressed. */
static void answer(struct web *w, const struct task *t, const char *message)
{
    const char *own = web_url(w, "/tasks/TA-%lld", t->number);
    const char *back = task_back(w, own);

    web_redirect(w,
                 arena_printf(w->arena, "%s%cm=%s", back, strchr(back, '?') ? '&' : '?', message));
}

struct err *task_done_post(struct web *w)
{
    struct issues found = {.arena = w->arena};
    struct task t;

    TRY(task_load_asked(w, &t));
    TRY(task_finish(w, &t, &found));
    TRY(first_issue(&found));
    answer(w, &t, "saved");
    return NULL;
}

static struct err *set_status(struct web *w, struct task *t, const char *status)
{
    struct issues found = {.arena = w->arena};

    t->status = status;
    TRY(task_store(w, t, w->reason, &found));
    TRY(first_issue(&found));
    answer(w, t, "saved");
    return NULL;
}

struct err *task_reopen_post(struct web *w)
{
    struct task t;

    TRY(task_load_asked(w, &t));
    TRY(must_work(w, &t));
    return set_status(w, &t, "open");
}

struct err *task_wait_post(struct web *w)
{
    struct task t;
    const char *what = web_form(w, "waiting_for");

    TRY(task_load_asked(w, &t));
    TRY(must_work(w, &t));
    if (!task_is_open(&t))
        return err_new(ERR_CLASH, "TA-%lld is closed. Open it again first.", t.number);
    if (text_length(what ? what : "") > 200)
        return err_new(ERR_INVALID, "Say in 200 characters at most what it waits for.");
    t.waiting_for = text_trim(w->arena, what ? what : "");
    return set_status(w, &t, "waiting");
}

struct err *task_cancel_post(struct web *w)
{
    struct issues found = {.arena = w->arena};
    const char *why = web_form(w, "cancel_reason");
    struct task t;

    TRY(task_load_asked(w, &t));
    TRY(must_work(w, &t));
    if (!task_is_open(&t))
        return err_new(ERR_CLASH, "TA-%lld is closed already.", t.number);
    if (text_length(why ? why : "") > 500)
        return err_new(ERR_INVALID, "Give the reason in 500 characters at most.");
    t.status = "cancelled";
    t.cancel_reason = text_trim(w->arena, why ? why : "");
    if (web_form(w, "series"))
        t.repeat = NULL;
    TRY(task_store(w, &t, NULL, &found));
    TRY(first_issue(&found));
    TRY(task_follow(w, &t));
    answer(w, &t, "saved");
    return NULL;
}

struct err *task_give_post(struct web *w)
{
    struct issues found = {.arena = w->arena};
    const char *who = web_form(w, "assignee");
    struct task t;
    i64 person;

    TRY(task_load_asked(w, &t));
    TRY(must_work(w, &t));
    if (text_empty(who))
        return err_new(ERR_INVALID, "Choose who gets the task.");
    TRY(person_named(w, who, t.given_by, &person));
    TRY(task_give(w, &t, person, web_form(w, "note"), &found));
    TRY(first_issue(&found));
    /* who gave it away may not see it any more */
    web_redirect(w, task_back(w, web_url(w, "/work?m=saved")));
    return NULL;
}

/* --- steps --- */

/* A page that is a moment old may have other steps: the text says which one was meant. */
struct err *task_step_post(struct web *w)
{
    const char *text = web_form(w, "step"), *done = web_form(w, "done");
    struct issues found = {.arena = w->arena};
    struct task_step *list;
    struct task t;
    size_t n, i = 0;

    TRY(task_load_asked(w, &t));
    TRY(must_work(w, &t));
    n = steps_read(w->arena, t.steps ? t.steps : "", &list);
    while (i < n && !text_equal(list[i].text, text))
        i++;
    if (i == n)
        return err_new(ERR_CLASH, "This step is not in the checklist any more. Load the page again "
                                  "and tick there.");
    list[i].done = text_equal(done, "1");
    t.steps = steps_write(w->arena, list, n);
    TRY(task_store(w, &t, NULL, &found));
    TRY(first_issue(&found));
    answer(w, &t, "saved");
    return NULL;
}

struct err *task_step_add_post(struct web *w)
{
    struct issues found = {.arena = w->arena};
    const char *text = web_form(w, "step");
    struct task t;

    TRY(task_load_asked(w, &t));
    TRY(must_work(w, &t));
    if (text_empty(text) || text_length(text) > 300)
        return err_new(ERR_INVALID, "Write the step in 300 characters at most.");
    t.steps = arena_printf(w->arena, "%s\n%s", t.steps ? t.steps : "", text_trim(w->arena, text));
    TRY(task_store(w, &t, NULL, &found));
    TRY(first_issue(&found));
    answer(w, &t, "saved");
    return NULL;
}

/* --- the job: what repeats by the calendar comes on its day even when the last one is open --- */

static struct err *follow_one(struct web *w, void *ctx)
{
    const i64 *key = ctx;
    struct task t;

    TRY(web_enter_org(w, key[0]));
    TRY(entity_load(w, &task_entity, key[1], &t));
    if (!t.next_on || (task_is_open(&t) &&
                       (!text_equal(t.repeat_from, "due") || strcmp(t.next_on, w->today) > 0)))
        return NULL;
    return task_follow(w, &t);
}

struct err *task_repeat_job(struct web *base, const char *body)
{
    struct rows *r;

    (void)body;
    /* every organisation; somewhere it is tomorrow already */
    TRY(db_query(base->db, &r,
                 "select org_id, id from task where org_id >= $1 and next_on is not null"
                 " and (status in ('done', 'cancelled') or (repeat_from = 'due' and next_on <= $2))"
                 " order by next_on desc, id limit 1000",
                 num(0), str(clock_date(base->arena, base->now + 14 * HOUR, NULL))));
    while (row_next(r)) {
        i64 key[2] = {row_num(r, 0), row_num(r, 1)};
        struct web w = *base;
        struct err *failed = app_write(&w, follow_one, key);

        if (failed && failed->code != ERR_CLASH && failed->code != ERR_MISSING)
            return failed;
    }
    return NULL;
}
