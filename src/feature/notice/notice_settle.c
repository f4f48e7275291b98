/* SPDX-License-Identifier: Apache-2.0 */
/* What is not asked any more leaves the list of what is not read: a decision that was withdrawn or
 * made by somebody else, a date that has moved, work that is done or with another person, a record
 * that is gone. "To decide" and the fields of the record are the truth (core/work.h); no feature
 * has to take a notice back. It runs behind the consumer of the log, for what was changed since. */
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "core/app.h"
#include "core/session.h"
#include "core/work.h"
#include "feature/notice/notice_part.h"
#include "feature/organisation/organisation.h"

#define PIECE 500         /* notices that are looked at in one go */
#define DECISIONS_ALL 200 /* a person with so many may have more: nothing is settled then */

struct settling {
    i64 from, to; /* of the log */
    i64 after;    /* the last notice that was looked at */
    i64 *over;    /* notices */
    size_t count;
    bool more;
};

static void add_over(struct settling *x, i64 id)
{
    x->over[x->count++] = id;
}

/* --- decisions --- */

static bool still_open(const struct work_list *list, i64 record)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->list[i].id == record && text_equal(list->list[i].kind, "approval"))
            return true;
    return false;
}

/* What waits for this person now, with their eyes; false when that cannot be told. */
static struct err *open_of(struct web *w, i64 person, struct work_list *out, bool *known)
{
    struct web *eyes = NEW(w->arena, struct web);
    size_t decisions = 0;

    *eyes = *w;
    *out = (struct work_list){.w = eyes};
    *known = session_as_person(eyes, w->org, person) == NULL;
    if (!*known)
        return NULL;
    TRY(work_open(eyes, person, false, out));
    for (size_t i = 0; i < out->count; i++)
        decisions += text_equal(out->list[i].kind, "approval");
    *known = !out->more && decisions < DECISIONS_ALL;
    return NULL;
}

static struct err *look_at_decisions(struct web *w, struct settling *x)
{
    struct work_list open = {0};
    bool known = false;
    i64 person = 0;
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select id, person, record from notice where org_id = $1 and kind = 'approval'"
                 " and read_at = 0 and record <> 0 order by person, id limit $2",
                 num(w->org), num(PIECE)));
    x->over = NEW_ARRAY(w->arena, i64, row_count(r) + 1);
    x->count = 0;
    while (row_next(r)) {
        if (row_num(r, 1) != person) {
            person = row_num(r, 1);
            TRY(open_of(w, person, &open, &known));
        }
        if (known && !still_open(&open, row_num(r, 2)))
            add_over(x, row_num(r, 0));
    }
    return NULL;
}

/* --- dates and work --- */

static bool concerns(const struct entity *e, const void *record, i64 person)
{
    for (size_t i = 0; i < e->nfields; i++) {
        const struct field *f = &e->fields[i];
        struct ids people;

        if (!f->concerns || f->ref != &person_entity)
            continue;
        people = field_targets(f, record);
        for (size_t k = 0; k < people.count; k++)
            if (people.id[k] == person)
                return true;
    }
    return false;
}

static bool is_closed(const struct entity *e, const void *record)
{
    const struct field *f = e->state ? entity_field(e, e->state) : NULL;

    return f && work_closed(e, field_str(f, record));
}

static struct err *is_over(struct web *w, const struct rows *r, bool *out)
{
    const struct entity *e = row_null(r, 4) ? NULL : feature_entity(row_text(r, 4));
    void *record;

    *out = row_null(r, 4);
    if (!e)
        return NULL;
    record = arena_alloc(w->arena, e->size);
    TRY(entity_load(w, e, row_num(r, 2), record));
    if (text_equal(row_text(r, 3), "assigned"))
        *out = is_closed(e, record) || !concerns(e, record, row_num(r, 1));
    else
        *out = notice_reminder_over(w, row_text(r, 5), e, record);
    return NULL;
}

static struct err *look_at_records(struct web *w, struct settling *x)
{
    struct rows *r;
    bool over;

    TRY(db_query(w->db, &r,
                 "select n.id, n.person, n.record, n.kind, r.kind, n.cause from notice n"
                 " left join record r on r.org_id = n.org_id and r.id = n.record"
                 " where n.org_id = $1 and n.kind in ('assigned', 'reminder', 'escalation')"
                 " and n.read_at = 0 and n.record <> 0 and n.id > $2 and n.record in (select"
                 " e.record from audit_event e where e.org_id = $1 and e.idx > $3 and e.idx <= $4)"
                 " order by n.id limit $5",
                 num(w->org), num(x->after), num(x->from), num(x->to), num(PIECE)));
    x->over = NEW_ARRAY(w->arena, i64, row_count(r) + 1);
    x->count = 0;
    x->more = row_count(r) == PIECE;
    while (row_next(r)) {
        x->after = row_num(r, 0);
        TRY(is_over(w, r, &over));
        if (over)
            add_over(x, x->after);
    }
    return NULL;
}

static struct err *read_decisions(struct web *w, void *ctx)
{
    return look_at_decisions(w, ctx);
}

static struct err *read_records(struct web *w, void *ctx)
{
    return look_at_records(w, ctx);
}

/* --- settling --- */

/* The cause is free again: what is asked anew is told anew. */
static struct err *settle(struct web *w, void *ctx)
{
    const struct settling *x = ctx;

    for (size_t i = 0; i < x->count; i++)
        TRY(db_exec(w->db,
                    "update notice set settled = $3, read_at = $3, cause = cause || ':over:' ||"
                    " cast(id as text) where org_id = $1 and id = $2 and read_at = 0",
                    num(w->org), num(x->over[i]), num(w->now)));
    return NULL;
}

static struct err *store(struct web *w, void *ctx)
{
    const struct settling *x = ctx;

    return db_exec(w->db,
                   "insert into notice_state (org_id, name, value) values ($1, 'settled', $2)"
                   " on conflict (org_id, name) do update set value = $2",
                   num(w->org), str(arena_printf(w->arena, "%lld", x->to)));
}

static struct err *settle_one(struct web *base, i64 org, i64 from, i64 to)
{
    struct settling x = {.from = from, .to = to};
    struct web w = *base;

    TRY(web_enter_org(&w, org));
    TRY(app_read(&w, read_decisions, &x));
    if (x.count)
        TRY(app_write(&w, settle, &x));
    do {
        TRY(app_read(&w, read_records, &x));
        if (x.count)
            TRY(app_write(&w, settle, &x));
    } while (x.more);
    return app_write(&w, store, &x);
}

/* Never past the consumer of the log: what it has yet to tell would stay. */
struct err *notice_settle(struct web *w, const char *body)
{
    struct rows *r;

    (void)body;
    /* every organisation */
    TRY(db_query(w->db, &r,
                 "select s.org_id, s.value, d.value from notice_state s left join notice_state d"
                 " on d.org_id = s.org_id and d.name = 'settled' where s.org_id > $1"
                 " and s.name = 'assigned' and s.value is distinct from d.value order by s.org_id",
                 num(0)));
    while (row_next(r)) {
        i64 from = -1, to = -1;
        struct err *failed = NULL;

        (void)text_i64(row_text(r, 2), &from);
        if (text_i64(row_text(r, 1), &to))
            failed = settle_one(w, row_num(r, 0), from, to);
        if (failed) /* one organisation's trouble is not the others' */
            log_event(LOG_ERROR, "notice", "org=%lld %s %s", row_num(r, 0), failed->text,
                      failed->detail);
    }
    return NULL;
}
