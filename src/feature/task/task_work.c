/* SPDX-License-Identifier: Apache-2.0 */
/* Tasks as a source of work and of days: richer than the generic walk over dated records, since a
 * task knows who gave it, what it waits for and which record it is about. */
#include <string.h>

#include "base/rrule.h"
#include "base/text.h"
#include "base/words.h"
#include "feature/task/task_part.h"

/* How a row of the statements below becomes an item. */
enum column {
    ID,
    NUMBER,
    VERSION,
    TITLE,
    DUE,
    PRIORITY,
    STATUS,
    WAITING,
    ASSIGNEE,
    GIVEN_BY,
    BLOCKED,
    REPEAT,
    FROM,
    OCCURS,
    NEXT,
    ABOUT,
    KIND,
    ABOUT_NUMBER,
    ABOUT_TITLE,
    START
};

/* In the order of the columns above. */
#define TASK_ROWS                                                                            \
    "select t.id, t.number, t.version, t.title, t.due, t.priority, t.status, t.waiting_for," \
    " t.assignee, t.given_by, t.blocked, t.repeat, t.repeat_from, t.occurs_on, t.next_on,"   \
    " t.about, a.kind, a.number, a.title, t.repeat_start from task t"                        \
    " left join record a on a.org_id = t.org_id and a.id = t.about"

#define PLANNED_MOST 100 /* days of one series */

static int weight_of(const char *priority)
{
    for (int i = 0; task_priorities[i].code; i++)
        if (text_equal(task_priorities[i].code, priority))
            return i;
    return 2;
}

static const char *waiting_of(struct web *w, const struct rows *r)
{
    i64 blocked = row_num(r, BLOCKED);

    if (text_equal(row_str(r, STATUS), "waiting"))
        return row_text(r, WAITING);
    if (!blocked)
        return NULL;
    return arena_printf(w->arena, tr_n("%lld other task", "%lld other tasks", blocked), blocked);
}

static void set_about(struct web *w, const struct rows *r, struct work_item *item)
{
    const struct entity *e = row_null(r, KIND) ? NULL : feature_entity(row_text(r, KIND));

    if (!e)
        return;
    record_label(w->arena, e, row_num(r, ABOUT_NUMBER), &item->about_label);
    item->about = entity_title_shown(w, e, row_text(r, ABOUT_TITLE));
    if (entity_sees_all(w, e) && !e->no_pages)
        item->about_address = web_record_url(w, e, row_num(r, ABOUT_NUMBER));
}

static void add_row(struct web *w, const struct rows *r, struct work_list *out)
{
    struct work_item item = {.entity = &task_entity,
                             .id = row_num(r, ID),
                             .number = row_num(r, NUMBER),
                             .version = row_num(r, VERSION),
                             .kind = "task",
                             .kind_label = "Task",
                             .title = row_text(r, TITLE),
                             .what = "Due",
                             .date = row_str(r, DUE),
                             .dated = DATED_DUE,
                             .person = row_num(r, ASSIGNEE),
                             .giver = row_num(r, GIVEN_BY),
                             .weight = weight_of(row_str(r, PRIORITY)),
                             .over = work_closed(&task_entity, row_str(r, STATUS)),
                             .task = true};

    item.address = web_record_url(w, &task_entity, item.number);
    item.uid = arena_printf(w->arena, "task-%lld-due", item.id);
    item.waiting = item.over ? NULL : waiting_of(w, r);
    /* A calendar can go on by itself only from the day that the rule gave, and only the last one of
     * a series does. */
    if (!row_null(r, REPEAT) && !row_null(r, NEXT) && text_equal(row_str(r, FROM), "due") &&
        (row_null(r, OCCURS) || text_equal(row_str(r, OCCURS), item.date)))
        item.rule = row_str(r, REPEAT);
    set_about(w, r, &item);
    work_add(out, &item);
}

static struct err *add_rows(struct web *w, struct rows *r, struct work_list *out)
{
    out->more |= row_count(r) > WORK_MOST;
    for (int i = 0; i < WORK_MOST && row_next(r); i++)
        add_row(w, r, out);
    return NULL;
}

static struct err *open_tasks(struct web *w, i64 person, bool given, struct work_list *out)
{
    struct rows *r;

    if (given)
        TRY(db_query(w->db, &r,
                     TASK_ROWS
                     " where t.org_id = $1 and t.given_by = $2 and t.status in ('open', 'waiting')"
                     " and (t.assignee is null or t.assignee <> $2)"
                     " order by t.due nulls last, t.id limit $3",
                     num(w->org), num(person), num(WORK_MOST + 1)));
    else
        TRY(db_query(w->db, &r,
                     TASK_ROWS
                     " where t.org_id = $1 and t.assignee = $2 and t.status in ('open', 'waiting')"
                     " order by t.due nulls last, t.id limit $3",
                     num(w->org), num(person), num(WORK_MOST + 1)));
    return add_rows(w, r, out);
}

/* The days to come of a series, as far as the calendar looks. */
static void add_planned(struct web *w, const struct rows *r, const char *const range[2],
                        struct work_list *out)
{
    const char *day = row_str(r, NEXT);
    const char *start = row_null(r, START) ? row_str(r, DUE) : row_str(r, START);

    for (int i = 0; i < PLANNED_MOST && day && strcmp(day, range[1]) <= 0; i++) {
        if (strcmp(day, range[0]) >= 0) {
            add_row(w, r, out);
            struct work_item *item = &out->list[out->count - 1];
            item->date = day;
            item->planned = true;
            item->task = false;
            item->rule = item->uid = item->waiting = NULL;
        }
        day = rrule_next(w->arena, row_str(r, REPEAT), start, day);
    }
}

static struct err *planned_tasks(struct web *w, i64 person, const char *const range[2],
                                 struct work_list *out)
{
    bool all = !person && web_may(w, &task_read);
    struct rows *r;

    TRY(db_query(w->db, &r,
                 TASK_ROWS " where t.org_id = $1 and t.next_on <= $2 and t.repeat_from = 'due'"
                           " and t.status in ('open', 'waiting')"
                           " and ($3 = 1 or t.assignee = $4 or ($5 = 0 and t.given_by = $4))"
                           " order by t.next_on, t.id limit 200",
                 num(w->org), str(range[1]), num(all), num(w->person), num(person != 0)));
    while (row_next(r))
        add_planned(w, r, range, out);
    return NULL;
}

/* The tasks of the days that this person may see: all, or those that they have, gave or watch. */
static struct err *days_of_tasks(struct web *w, i64 person, const char *const range[2],
                                 struct work_list *out)
{
    bool all = !person && web_may(w, &task_read);
    struct rows *r;

    TRY(db_query(w->db, &r,
                 TASK_ROWS
                 " where t.org_id = $1 and t.due >= $2 and t.due <= $3"
                 " and ($4 = 1 or t.assignee = $5 or ($6 = 0 and (t.given_by = $5 or exists"
                 " (select 1 from task_watchers l where l.org_id = $1 and l.record = t.id"
                 " and l.target = $5))))"
                 " order by t.due, t.id limit $7",
                 num(w->org), str(range[0]), str(range[1]), num(all), num(w->person),
                 num(person != 0), num(WORK_MOST + 1)));
    TRY(add_rows(w, r, out));
    return planned_tasks(w, person, range, out);
}

const struct work_source task_work[] = {
    {"task",      "Tasks", open_tasks, days_of_tasks, &task_entity, NULL},
    {0},
};
