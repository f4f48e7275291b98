/* SPDX-License-Identifier: Apache-2.0 */
/* Reasons to assess again: fields, pages, and the job that finds them and makes their tasks. */
#include "feature/assessment/cause.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/job.h"
#include "feature/assessment/assessment.h"
#include "feature/method/method.h"
#include "feature/task/task.h"

#define DUE_DAYS 30
#define FOUND_MOST 50 /* at once; the next run finds the others */

static const struct choice kinds[] = {
    {"change",   "Significant change", NULL},
    {"incident",      "Incident", NULL},
    {"asset", "New or changed asset of high value", NULL},
    {"supplier",      "New supplier", NULL},
    {"law",    "New law or regulation", NULL},
    {"finding",      "Audit finding on the risk process", NULL},
    {"scope", "Change of scope or profile", NULL},
    {"threat",      "Relevant new threat", NULL},
    {"interval",      "The interval has passed", NULL},
    {0     }
};
static const struct choice states[] = {
    {"open",    "Open", "orange"},
    {"done", "Covered", "green"},
    {0   }
};

static const struct field fields[] = {
    TEXT(cause, title, "What happened", .required = true, .listed = true, .sortable = true,
         .example = "The booking system moves to another data centre"),
    CHOICE(cause, kind, "Kind", kinds, .required = true, .listed = true, .filtered = true,
           .initial = "change"),
    CHOICE(cause, state, "State", states, .internal = true, .listed = true, .filtered = true),
    DATE(cause, since, "Since", .internal = true, .listed = true, .sortable = true),
    RECORD_REF(cause, about, "About", .listed = true, .filtered = true,
               .help = "The record that it is about, or nothing."),
    LONG(cause, note, "What may change", .max = 4000,
         .help = "Which risks may be new, higher or lower because of it.",
         .example = "Backups, access of the operator, the contract with the old provider."),
    TEXT(cause, key, "Found by", .internal = true, .unfolded = true),
    REF(cause, task, "Task", task_entity, .internal = true),
    REF(cause, assessment, "Covered by", assessment_entity, .internal = true),
};

static struct err *derive(struct web *w, void *record, struct issues *out)
{
    struct cause *c = record;

    (void)out;
    if (!w->writable)
        return NULL;
    if (!c->state)
        c->state = "open";
    if (!c->since)
        c->since = w->today;
    return NULL;
}

const struct entity cause_entity = ENTITY(
    cause, fields, .plural = "causes", .label = "Reason to assess again",
    .labels = "Reasons to assess again", .few = true, .prefix = "RA", .title = "title",
    .state = "state", .closed = "done", .read = &assessment_read, .write = &assessment_write,
    .derive = derive, .clause = "8.2",
    .help = "Risks are assessed again at planned intervals and whenever something big "
            "changes. The program finds what it can see: the interval has passed, a new or "
            "changed asset of high value, a new supplier or law, another profile. Incidents, "
            "findings and other changes you report here. Each becomes a task, and the next "
            "closed round covers it.",
    .empty = "Nothing happened since the last round. Report here what asks for a new look "
             "at your risks.");

/* --- pages --- */

struct err *cause_list(struct web *w)
{
    return entity_list_page(w, &cause_entity);
}
struct err *cause_show(struct web *w)
{
    return entity_show_page(w, &cause_entity);
}
struct err *cause_new(struct web *w)
{
    return entity_new_page(w, &cause_entity);
}
struct err *cause_edit(struct web *w)
{
    return entity_edit_page(w, &cause_entity);
}
struct err *cause_save(struct web *w)
{
    return entity_save_page(w, &cause_entity);
}
struct err *cause_remove(struct web *w)
{
    return entity_remove_page(w, &cause_entity);
}
struct err *cause_restore(struct web *w)
{
    return entity_restore_page(w, &cause_entity);
}

/* --- the job --- */

/* The last closed round: what happened after its entry in the log counts. */
struct last {
    i64 id, number, author, idx, months;
    const char *closed;
};

static struct err *last_round(struct web *w, struct last *l)
{
    struct rows *r;

    *l = (struct last){.id = 0};
    TRY(db_query(w->db, &r,
                 "select a.id, a.number, a.author, a.closed, m.review_months,"
                 " (select min(h.log_idx) from assessment_history h where h.org_id = a.org_id"
                 " and h.id = a.id and h.state = 'closed') from assessment a"
                 " join method m on m.org_id = a.org_id and m.id = a.method"
                 " where a.org_id = $1 and a.state = 'closed' order by a.number desc limit 1",
                 num(w->org)));
    if (row_next(r))
        *l = (struct last){row_num(r, 0), row_num(r, 1), row_num(r, 2),
                           row_num(r, 5), row_num(r, 4), row_text(r, 3)};
    return NULL;
}

static struct err *save(struct web *w, const struct entity *e, void *record, const char *reason)
{
    struct issues issues = {.arena = w->arena};

    TRY(entity_write(w, e, record, reason, &issues));
    return issues.count ? err_new(ERR_FAULT, "A reason to assess again: %s", issues.list[0].text)
                        : NULL;
}

/* Once per cause: the cause knows its task. */
static struct err *make_task(struct web *w, const struct last *l, struct cause *c)
{
    struct task t = {.title = arena_printf(w->arena, N_("Look at the risks again: %s"),
                                           arena_printf(w->arena, "%.150s", c->title)),
                     .about = c->id,
                     .assignee = l->author,
                     .due = date_add(w->arena, w->today, 0, DUE_DAYS),
                     .priority = "high",
                     .status = "open",
                     .repeat_from = "due",
                     .description = c->note};

    TRY(save(w, &task_entity, &t, NULL));
    c->task = t.id;
    return save(w, &cause_entity, c, NULL);
}

static struct err *add_cause(struct web *w, const struct last *l, const struct rows *r)
{
    struct cause c = {.kind = row_text(r, 0),
                      .key = row_text(r, 1),
                      .about = row_num(r, 2),
                      .title = arena_printf(w->arena, "%.190s", row_text(r, 3))};

    TRY(save(w, &cause_entity, &c, NULL));
    return make_task(w, l, &c);
}

/* Criticality of 3 or more of a version of a supplier (supplier_criticality): the history keeps
 * only what it follows from. */
#define CRITICAL(h)                                                                  \
    "(coalesce(" h ".data, 0) > 0 and coalesce(" h ".access, 0) > 0 and coalesce(" h \
    ".dependence, 0) > 0 and (" h ".dependence >= 3 or (" h ".data >= 3 and " h ".access >= 3)))"

/* What the records say happened since, and is not known yet. */
static struct err *find_causes(struct web *w, const struct last *l)
{
    const char *due = date_add(w->arena, l->closed, (int)l->months, 0);
    bool late = strcmp(due, w->today) < 0;
    struct rows *r;

    TRY(db_query(
        w->db, &r,
        "select f.kind, f.key, f.about, f.title from ("
        " select 'asset' as kind, 'asset:' || h.id || ':' || $3 as key, h.id as about,"
        " max('A-' || a.number || ' ' || a.name || ': new or of another value') as title"
        " from asset_history h join asset a on a.org_id = h.org_id and a.id = h.id"
        " left join asset_history p on p.org_id = h.org_id and p.id = h.id"
        " and p.version = h.version - 1 where h.org_id = $1 and h.log_idx > $2"
        " and a.state not in ('retired', 'disposed') and (h.c >= 4 or h.i >= 4 or h.a >= 4)"
        " and (p.id is null or p.c is distinct from h.c or p.i is distinct from h.i"
        " or p.a is distinct from h.a) group by h.id"
        " union all select 'supplier', max(case when h.version = 1 then 'supplier:' || y.id"
        " else 'supplier:' || y.id || ':' || $3 end), y.id, 'IP-' || y.number || ' ' || y.name"
        " from party y join party_history h on h.org_id = y.org_id and h.id = y.id"
        " left join party_history p on p.org_id = h.org_id and p.id = h.id"
        " and p.version = h.version - 1 where y.org_id = $1 and h.log_idx > $2"
        " and y.type in ('suppliers', 'critical-suppliers') and h.type = y.type"
        " and (p.id is null or p.type not in ('suppliers', 'critical-suppliers')"
        " or (p.type = 'suppliers' and h.type = 'critical-suppliers'))"
        " group by y.id, y.number, y.name"
        " union all select 'supplier', max(case when h.version = 1 then 'supplier:' || u.id"
        " else 'supplier:' || u.id || ':' || $3 end), u.id, 'SU-' || u.number || ' ' || u.name"
        " from supplier u join supplier_history h on h.org_id = u.org_id and h.id = u.id"
        " left join supplier_history p on p.org_id = h.org_id and p.id = h.id"
        " and p.version = h.version - 1 where u.org_id = $1 and h.log_idx > $2"
        " and u.criticality >= 3 and " CRITICAL("h") " and (p.id is null or not " CRITICAL(
            "p") ")"
                 " group by u.id, u.number, u.name"
                 " union all select 'law', 'law:' || q.id, q.id, 'RQ-' || q.number || ' ' || "
                 "q.title"
                 " from requirement q join requirement_history h on h.org_id = q.org_id and h.id = "
                 "q.id"
                 " and h.version = 1 where q.org_id = $1 and h.log_idx > $2"
                 " and q.kind in ('law', 'regulation')"
                 " union all select 'scope', 'scope:' || $3, h.id, 'The profile of the "
                 "organisation changed'"
                 " from profile_history h where h.org_id = $1 and h.log_idx > $2 and h.version > 1"
                 " group by h.id"
                 " union all select 'interval', 'interval:' || $3, a.id,"
                 " 'The last round, AS-' || a.number || ', was closed on ' || a.closed"
                 " from assessment a where a.org_id = $1 and a.id = $4 and $5 = 1) f"
                 " where not exists (select 1 from cause c where c.org_id = $1 and c.key = f.key)"
                 " order by f.key limit $6",
        num(w->org), num(l->idx), str(arena_printf(w->arena, "AS-%lld", l->number)), num(l->id),
        num(late), num(FOUND_MOST)));
    while (row_next(r))
        TRY(add_cause(w, l, r));
    return NULL;
}

/* What people reported gets its task too. */
static struct err *give_tasks(struct web *w, const struct last *l)
{
    struct cause c;
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select id from cause where org_id = $1 and state = 'open' and task is null"
                 " order by id limit 50",
                 num(w->org)));
    while (row_next(r)) {
        TRY(entity_load_any(w, &cause_entity, row_num(r, 0), &c));
        TRY(make_task(w, l, &c));
    }
    return NULL;
}

static struct err *cover(struct web *w, const struct last *l, i64 id)
{
    struct issues issues = {.arena = w->arena};
    struct cause c;
    struct task t;

    TRY(entity_load_any(w, &cause_entity, id, &c));
    c.state = "done";
    c.assessment = l->id;
    TRY(save(w, &cause_entity, &c, NULL));
    if (!c.task)
        return NULL;
    TRY(entity_load_any(w, &task_entity, c.task, &t));
    return task_is_open(&t) ? task_finish(w, &t, &issues) : NULL;
}

/* Those that were there before the last round was closed are covered by it. */
static struct err *cover_all(struct web *w, const struct last *l)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select c.id from cause c join cause_history h on h.org_id = c.org_id"
                 " and h.id = c.id and h.version = 1 where c.org_id = $1 and c.state = 'open'"
                 " and h.log_idx < $2 order by c.id limit 50",
                 num(w->org), num(l->idx)));
    while (row_next(r))
        TRY(cover(w, l, row_num(r, 0)));
    return NULL;
}

static struct err *look_after(struct web *w, void *ctx)
{
    struct last l;

    TRY(web_enter_org(w, *(const i64 *)ctx));
    TRY(last_round(w, &l));
    if (l.id)
        TRY(cover_all(w, &l));
    TRY(give_tasks(w, &l));
    return l.id ? find_causes(w, &l) : NULL;
}

struct err *cause_job(struct web *base, const char *body)
{
    struct rows *r;

    (void)body;
    /* every organisation that assessed already, or reported something */
    TRY(db_query(base->db, &r,
                 "select o.org_id from organisation o where o.org_id > $1 and (exists (select 1"
                 " from assessment a where a.org_id = o.org_id and a.state = 'closed') or exists"
                 " (select 1 from cause c where c.org_id = o.org_id and c.task is null))",
                 num(0)));
    while (row_next(r)) {
        i64 org = row_num(r, 0);
        struct web w = *base;
        struct err *failed = app_write(&w, look_after, &org);

        if (failed && failed->code != ERR_CLASH && failed->code != ERR_MISSING)
            return failed;
    }
    return NULL;
}
