/* SPDX-License-Identifier: Apache-2.0 */
/* Tasks: fields and rules. Verbs are in task_verbs.c, pages in task_web.c, My work in work.c,
 * giving somebody's work to others in handover.c. */
#include "feature/task/task.h"

#include <string.h>

#include "base/clock.h"
#include "base/rrule.h"
#include "base/text.h"
#include "base/words.h"
#include "feature/organisation/organisation.h"
#include "feature/task/handover.h"
#include "feature/task/task_part.h"

#define NEEDS_MOST 50
#define STEPS_MOST 200
#define STEPS_ROOM 10000 /* characters */

const struct permission task_read = {"task.read", "See all tasks"};
const struct permission task_write = {"task.write", "Give tasks and change one's own"};

const struct choice task_priorities[] = {
    {"urgent",  "Urgent", "red"},
    {"high",    "High", "orange"},
    {"medium",    "Medium", "blue"},
    {"low", "Low", "grey"},
    {0 },
};
const struct choice task_statuses[] = {
    {"open",    "Open", "blue"},
    {"waiting",   "Waiting", "yellow"},
    {"done", "Done", "green"},
    {"cancelled", "Cancelled", "grey"},
    {0   },
};
static const struct choice repeat_froms[] = {
    {"due",  "From the due date, whether it was done or not", NULL},
    {"done",  "From the day on which it was done", NULL},
    {0},
};

#define DAYS "When"
#define AGAIN "Again and again"
#define EFFORT "Effort"
#define STATE "Where it stands"
#define OTHERS "Others"

static const struct field fields[] = {
    TEXT(task, title, "What is to be done", .required = true, .listed = true, .sortable = true,
         .supplied = true, .help = "Begin with a verb, so that everybody can see when it is done.",
         .example = "Restore last night's backup to the test machine"),
    RECORD_REF(task, about, "About", .listed = true, .filtered = true,
               .help = "The record that it belongs to, or nothing. Who has the task sees the name "
                       "of that record."),
    REF(task, assignee, "Who", person_entity, .listed = true, .sortable = true, .filtered = true,
        .concerns = true, .help = "One person who sees to it. They always see the task."),
    REF(task, given_by, "Given by", person_entity, .internal = true, .filtered = true,
        .concerns = true),
    DATE(task, due, "Due", .group = DAYS, .listed = true, .sortable = true, .filtered = true,
         .dated = DATED_DUE, .help = "The last day that is still in time."),
    CHOICE(task, priority, "Priority", task_priorities, .initial = "medium", .required = true,
           .listed = true, .sortable = true, .filtered = true),
    LONG(task, description, "Description", .markdown = true,
         .help =
             "Why it matters and how to see that it is done well. **bold**, - list, > quote and "
             "R-42 for a record work."),
    LONG(task, steps, "Checklist", .max = STEPS_ROOM,
         .help = "One step a line. They can be ticked one by one on the page of the task.",
         .example = "Ask the provider for the key"),
    DATE(task, start, "Not before", .group = DAYS, .sortable = true,
         .help = "Empty means that it can be begun at once."),
    TEXT(task, repeat, "Repeats", .group = AGAIN, .max = 300, .unfolded = true,
         .input = repeat_input,
         .help = "The next one comes when this one is done, and on its day at the latest."),
    CHOICE(task, repeat_from, "The next day counts", repeat_froms, .initial = "due",
           .required = true, .group = AGAIN),
    INT(task, estimate, "Estimated effort in minutes", .group = EFFORT, .least = 0, .most = 600000),
    INT(task, spent, "Time spent in minutes", .group = EFFORT, .least = 0, .most = 600000),
    REFS(task, watchers, "Watchers", person_entity, .group = OTHERS, .concerns = true,
         .filtered = true, .help = "They see the task and how it goes."),
    REFS(task, needs, "Waits for these tasks", task_entity, .group = OTHERS, .filtered = true,
         .quiet = true, .help = "Tasks that have to be done before this one."),
    CHOICE(task, status, "Status", task_statuses, .initial = "open", .required = true,
           .listed = true, .sortable = true, .filtered = true, .group = STATE),
    TEXT(task, waiting_for, "Waiting for", .group = STATE, .help = "Who or what, while it waits.",
         .example = "The landlord's answer"),
    TEXT(task, cancel_reason, "Why it was cancelled", .group = STATE, .max = 500),
    REF(task, closed_by, "Closed by", person_entity, .internal = true, .group = STATE),
    DATE(task, closed_on, "Closed on", .internal = true, .group = STATE),
    DATE(task, repeat_start, "First day of the series", .internal = true, .group = AGAIN),
    DATE(task, occurs_on, "Planned day", .internal = true, .group = AGAIN),
    INT(task, previous, "Previous of the series", .internal = true, .group = AGAIN, .least = 1,
        .most = INT64_MAX),
    INT(task, series, "First of the series", .internal = true, .group = AGAIN, .least = 1,
        .most = INT64_MAX),
    INT(task, turn, "Number in the series", .internal = true, .group = AGAIN, .least = 1,
        .most = INT64_MAX),
    DATE(task, next_on, "Next one on", .derived = true, .group = AGAIN),
    INT(task, steps_total, "Steps", .derived = true, .most = 1000, .group = STATE),
    INT(task, steps_done, "Steps done", .derived = true, .most = 1000, .group = STATE),
    INT(task, blocked, "Open tasks before this one", .derived = true, .most = 1000, .group = STATE),
};

bool task_is_open(const struct task *t)
{
    return text_equal(t->status, "open") || text_equal(t->status, "waiting");
}

/* --- rules --- */

static void check_states(const struct task *t, struct issues *out)
{
    if (text_equal(t->status, "waiting") && text_empty(t->waiting_for))
        issue(out, "waiting_for", "Say for whom or for what it waits.");
    if (text_equal(t->status, "cancelled") && text_empty(t->cancel_reason))
        issue(out, "cancel_reason", "Say in a few words why it will not be done.");
}

static void check(const void *record, struct issues *out)
{
    const struct task *t = record;

    check_states(t, out);
    if (t->start && t->due && strcmp(t->due, t->start) < 0)
        issue(out, "due", "It is due before it can be begun (%s).", t->start);
    if (!text_empty(t->repeat) && !t->due && !t->occurs_on)
        issue(out, "due", "A repeating task needs the day on which it is due first.");
    if (t->needs.count > NEEDS_MOST)
        issue(out, "needs", "A task may wait for %d others at most.", NEEDS_MOST);
    for (size_t i = 0; i < t->needs.count; i++)
        if (t->id && t->needs.id[i] == t->id)
            issue(out, "needs", "A task cannot wait for itself.");
}

/* One spelling of what is stored, whichever way it came in. */
static void tidy(struct web *w, struct task *t, struct issues *out)
{
    struct task_step *list;
    size_t n = steps_read(w->arena, t->steps ? t->steps : "", &list);
    const char *rule, *wrong;

    t->steps = steps_write(w->arena, list, n);
    if (n > STEPS_MOST || (t->steps && text_length(t->steps) > STEPS_ROOM))
        issue(
            out, "steps",
            "The checklist is too long: at most %d steps with %d characters in all. Make a second "
            "task of it.",
            STEPS_MOST, STEPS_ROOM);
    if (text_empty(t->repeat)) {
        t->repeat = NULL;
        return;
    }
    rule = rrule_read(w->arena, t->repeat, &wrong);
    if (rule)
        t->repeat = rule;
    else
        issue(out, "repeat", "This task cannot repeat like that. %s", wrong);
}

/* Who closed it and when: every way of writing a task (page, API, import) comes through derive, and
 * the kernel compares with the stored row only afterwards. */
static void stamp(struct web *w, struct task *t)
{
    if (!t->id && !t->given_by)
        t->given_by = w->person;
    if (!text_equal(t->status, "waiting"))
        t->waiting_for = NULL;
    if (!text_equal(t->status, "cancelled"))
        t->cancel_reason = NULL;
    if (task_is_open(t)) {
        t->closed_on = NULL;
        t->closed_by = 0;
    } else if (!t->closed_on) {
        t->closed_on = w->today;
        t->closed_by = w->person;
    }
}

/* Whoever may not see all tasks may change those that they have or gave. */
static struct err *check_own(struct web *w, const struct task *t, struct issues *out)
{
    struct rows *r;

    if (!t->id || !w->person || web_may(w, &task_read))
        return NULL;
    TRY(db_query(w->db, &r, "select assignee, given_by from task where org_id = $1 and id = $2",
                 num(w->org), num(t->id)));
    if (row_next(r) && row_num(r, 0) != w->person && row_num(r, 1) != w->person)
        issue(out, "", "Only who has a task, who gave it or who sees to all tasks may change it.");
    return NULL;
}

/* A circle of tasks that wait for each other would never end. */
static struct err *check_circle(struct web *w, const struct task *t, struct issues *out)
{
    struct rows *r;

    for (size_t i = 0; t->id && i < t->needs.count; i++) {
        TRY(db_query(
            w->db, &r,
            "with recursive up(id) as (select l.target from task_needs l"
            " where l.org_id = $1 and l.record = $2 union select l.target from task_needs l"
            " join up on l.record = up.id where l.org_id = $1)"
            " select b.number from up join task b on b.id = $2 and b.org_id = $1"
            " where up.id = $3",
            num(w->org), num(t->needs.id[i]), num(t->id)));
        if (row_next(r))
            issue(out, "needs",
                  "TA-%lld already waits for this task, directly or through others, so they would "
                  "wait for each other for ever.",
                  row_num(r, 0));
    }
    return NULL;
}

static struct err *count_blocked(struct web *w, struct task *t)
{
    struct rows *r;
    struct buf b;

    t->blocked = 0;
    if (!t->needs.count)
        return NULL;
    buf_init(&b, w->arena, 100);
    for (size_t i = 0; i < t->needs.count; i++)
        buf_printf(&b, "%c%lld", i ? ',' : '[', t->needs.id[i]);
    buf_char(&b, ']');
    TRY(db_query(w->db, &r,
                 "select count(*) from task where org_id = $1 and status in ('open', 'waiting')"
                 " and id in (select cast(value as bigint) from json_each($2))",
                 num(w->org), str(b.data)));
    t->blocked = row_next(r) ? row_num(r, 0) : 0;
    return NULL;
}

/* Whether the series went on from here: also when somebody removed the next one again. */
static struct err *has_next(struct web *w, const struct task *t, bool *out)
{
    struct rows *r;

    *out = false;
    if (!t->id)
        return NULL;
    TRY(db_query(w->db, &r,
                 "select 1 where exists (select 1 from task t where t.org_id = $1"
                 " and t.previous = $2) or exists (select 1 from task_history h"
                 " where h.org_id = $1 and h.previous = $2)",
                 num(w->org), num(t->id)));
    *out = row_next(r);
    return NULL;
}

static const char *next_day(struct web *w, const struct task *t)
{
    const char *planned = t->occurs_on ? t->occurs_on : t->due;
    int most = rrule_count(t->repeat);

    if (text_equal(t->repeat_from, "done")) {
        if (!t->closed_on || (most && (t->turn ? t->turn : 1) >= most))
            return NULL;
        return rrule_next(w->arena, t->repeat, t->closed_on, t->closed_on);
    }
    return rrule_next(w->arena, t->repeat, t->repeat_start ? t->repeat_start : planned, planned);
}

static struct err *derive(struct web *w, void *record, struct issues *out)
{
    struct task *t = record;
    struct task_step *list;
    bool followed;

    if (w->writable) {
        tidy(w, t, out);
        stamp(w, t);
        TRY(check_own(w, t, out));
        TRY(check_circle(w, t, out));
        if (out->count)
            return NULL;
    }
    t->steps_total = (i64)steps_read(w->arena, t->steps ? t->steps : "", &list);
    t->steps_done = 0;
    for (i64 i = 0; i < t->steps_total; i++)
        t->steps_done += list[i].done;
    t->next_on = NULL;
    if (t->repeat && (t->occurs_on || t->due)) {
        TRY(has_next(w, t, &followed));
        if (!followed)
            t->next_on = next_day(w, t);
    }
    return count_blocked(w, t);
}

/* Who only has a task cannot make it disappear. */
static struct err *depends(struct web *w, i64 id, struct issues *out)
{
    struct rows *r;

    if (!w->person || web_may(w, &task_read))
        return NULL;
    TRY(db_query(w->db, &r, "select given_by from task where org_id = $1 and id = $2", num(w->org),
                 num(id)));
    if (row_next(r) && row_num(r, 0) != w->person)
        issue(out, "", "Only who gave it may take it away. You can say that it is cancelled.");
    return NULL;
}

/* Tasks that wait for this one, and the one before it in its series. */
static struct err *spread(struct web *w, const void *record)
{
    const struct task *t = record;
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select l.record from task_needs l where l.org_id = $1 and l.target = $2"
                 " union select t.id from task t where t.org_id = $1 and t.id = $3",
                 num(w->org), num(t->id), num(t->previous)));
    while (row_next(r))
        TRY(entity_rederive(w, &task_entity, row_num(r, 0)));
    return NULL;
}

const struct entity task_entity = ENTITY(
    task, fields, .plural = "tasks", .label = "Task", .labels = "Tasks", .prefix = "TA",
    .title = "title", .state = "status", .closed = "done cancelled", .order = "due",
    .read = &task_read, .write = &task_write, .check = check, .derive = derive, .depends = depends,
    .spread = spread,
    .help = "What somebody is asked to do, by when, about which record. A good task names one "
            "person, one day and a result that can be seen.",
    .clause = "7.5.3, 8.1",
    .empty = "No tasks yet. Give the first one: who does what, by when? You can also give tasks on "
             "the page of any record.");

/* --- routes --- */

static struct err *task_remove(struct web *w)
{
    return entity_remove_page(w, &task_entity);
}
static struct err *task_restore(struct web *w)
{
    return entity_restore_page(w, &task_entity);
}
static struct err *handovers(struct web *w)
{
    return entity_list_page(w, &handover_entity);
}

/* clang-format off */
static const struct route routes[] = {
    {METHOD_GET, "/tasks", task_list, &member, 0, NULL, NULL},
    {METHOD_GET, "/tasks/new", task_new, &task_write, 0, NULL, NULL},
    {METHOD_POST, "/tasks", task_save, &task_write, 0, NULL, NULL},
    {METHOD_GET, "/tasks/:no", task_show, &member, 0, NULL, NULL},
    {METHOD_GET, "/tasks/:no/edit", task_edit, &member, 0, NULL, NULL},
    {METHOD_POST, "/tasks/:no", task_save, &member, 0, NULL, NULL},
    {METHOD_GET, "/tasks/:no/remove", task_remove, &member, 0, NULL, NULL},
    {METHOD_POST, "/tasks/:no/remove", task_remove, &member, 0, NULL, NULL},
    {METHOD_POST, "/tasks/:no/restore", task_restore, &task_write, 0, NULL, NULL},
    {METHOD_POST, "/tasks/:no/done", task_done_post, &member, 0, NULL, NULL},
    {METHOD_POST, "/tasks/:no/reopen", task_reopen_post, &member, 0, NULL, NULL},
    {METHOD_POST, "/tasks/:no/wait", task_wait_post, &member, 0, NULL, NULL},
    {METHOD_POST, "/tasks/:no/cancel", task_cancel_post, &member, 0, NULL, NULL},
    {METHOD_POST, "/tasks/:no/give", task_give_post, &member, 0, NULL, NULL},
    {METHOD_POST, "/tasks/:no/step", task_step_post, &member, 0, NULL, NULL},
    {METHOD_POST, "/tasks/:no/steps", task_step_add_post, &member, 0, NULL, NULL},
    {METHOD_POST, "/:plural/:no/tasks", panel_add_post, &task_write, 0, NULL, NULL},
    {METHOD_GET, "/work", work_page, &member, 0, NULL, NULL},
    {METHOD_POST, "/work", work_post, &member, 0, NULL, NULL},
    {METHOD_GET, "/people/:no/handover", handover_page, &person_write, 0, NULL, NULL},
    {METHOD_POST, "/people/:no/handover/preview", handover_preview, &person_write, ROUTE_READ, NULL,
     NULL},
    {METHOD_POST, "/people/:no/handover", handover_post, &person_write, 0, NULL, NULL},
    {METHOD_GET, "/handovers", handovers, &person_read, 0, NULL, NULL},
    {METHOD_GET, "/handovers/:no", handover_show, &person_read, 0, NULL, NULL},
    {METHOD_POST, "/handovers/:no/undo", handover_undo, &person_write, 0, NULL, NULL},
    {0},
};
/* clang-format on */

static const struct nav nav[] = {
    {"",           3, "My work", "/work", "checklist", &member, NULL},
    {"Do",   5, "Tasks", "/tasks", "list-check", &member, &task_entity},
    {0},
};

static const struct job_kind jobs[] = {
    {.name = "task.repeat",   .every = MINUTE, .run = task_repeat_job},
    {.name = "task.handover", .run = handover_job, .slow = true},
    {.name = "task.handback", .run = handover_back_job, .slow = true},
    {0          },
};

static const struct entity *const entities[] = {&task_entity, &handover_entity, NULL};
static const struct permission *const permissions[] = {&task_read, &task_write, NULL};

const struct feature task_feature = {.name = "task",
                                     .entities = entities,
                                     .permissions = permissions,
                                     .routes = routes,
                                     .nav = nav,
                                     .jobs = jobs,
                                     .panels = task_panels,
                                     .work = task_work};
