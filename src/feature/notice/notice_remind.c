/* SPDX-License-Identifier: Apache-2.0 */
/* Reminders before and after dates, with escalation: content/reminders.tsv says which date of which
 * kind, how many days before (-) or after (+), and whom. Once a day for each organisation, in the
 * morning of its time zone. A rule holds until the next one of the same date takes over, so a
 * server that was down for a while sends what is right now and not all that it has missed; the
 * cause (rule, record, date) keeps anything from being told twice, whatever clock or server does.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "core/content_table.h"
#include "core/job.h"
#include "core/list.h"
#include "feature/notice/notice_part.h"
#include "feature/organisation/organisation.h"

#define MORNING "06" /* hour from which on the day's reminders are made */
#define LAST_DAYS 60 /* for how long the last rule of a date is still told */
#define BATCH 100
#define WHOM_MOST 6

struct rule {
    const char *code, *text, *unless;
    const struct entity *entity;
    const struct field *date;
    i64 days, until; /* days since the date: from..until */
    char **whom;
    size_t nwhom;
};

struct due {
    i64 record, number;
    const char *title, *date, *state;
    i64 people[WHOM_MOST]; /* as far as fields say; 0 = nobody */
};

/* --- rules --- */

static bool read_rule(struct web *w, const struct content_table *t, size_t row, struct rule *out)
{
    const char *kind = content_cell(t, row, "kind");

    out->entity = feature_entity(kind);
    out->date = out->entity ? entity_field(out->entity, content_cell(t, row, "date")) : NULL;
    if (!out->date || out->date->kind != FIELD_DATE ||
        !text_i64(content_cell(t, row, "days"), &out->days))
        return false; /* a kind of a later version, or a slip that check_content.py tells */
    out->code = t->codes[row];
    out->text = content_cell(t, row, "text");
    out->unless = arena_printf(w->arena, ";%s;", content_cell(t, row, "unless"));
    out->nwhom = text_split(w->arena, content_cell(t, row, "whom"), ';', &out->whom);
    if (out->nwhom > WHOM_MOST)
        out->nwhom = WHOM_MOST;
    out->until = out->days + LAST_DAYS;
    return true;
}

/* A rule ends where the next one of the same date begins. */
static void set_ends(struct rule *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++)
            if (list[k].date == list[i].date && list[k].days > list[i].days &&
                list[k].days <= list[i].until)
                list[i].until = list[k].days - 1;
}

static size_t read_rules(struct web *w, struct rule **out)
{
    const struct content_table *t = content_table(w->app->content, "reminders");
    size_t rows = t ? content_rows(t) : 0, n = 0;

    *out = NEW_ARRAY(w->arena, struct rule, rows + 1);
    for (size_t i = 0; i < rows; i++)
        n += read_rule(w, t, i, &(*out)[n]);
    set_ends(*out, n);
    return n;
}

/* --- what is due --- */

struct finding {
    struct web *w;
    const struct rule *rule;
    struct arena *arena; /* of what is kept; the list's own is emptied while it runs */
    struct due *list;
    size_t count, room;
};

static i64 person_in(const struct entity *e, const char *name, const void *record)
{
    const struct field *f = entity_field(e, name);

    return f && f->kind == FIELD_REF && f->ref == &person_entity ? field_num(f, record) : 0;
}

static bool is_over(const struct rule *rule, const struct entity *e, const void *record)
{
    const struct field *f = e->state ? entity_field(e, e->state) : NULL;
    const char *state = f ? field_str(f, record) : NULL;
    size_t n = state ? strlen(state) : 0;

    for (const char *p = rule->unless; n && (p = strstr(p, state)); p++)
        if (p[-1] == ';' && p[n] == ';')
            return true;
    return false;
}

static struct err *keep(void *ctx, const void *record)
{
    struct finding *x = ctx;
    const struct entity *e = x->rule->entity;
    const struct record *head = record;
    struct due *d;

    if (is_over(x->rule, e, record))
        return NULL;
    if (x->count == x->room) {
        struct due *more = NEW_ARRAY(x->arena, struct due, x->room * 2 + 64);

        if (x->count)
            memcpy(more, x->list, x->count * sizeof(*more));
        x->list = more;
        x->room = x->room * 2 + 64;
    }
    d = &x->list[x->count++];
    *d = (struct due){.record = head->id, .number = head->number};
    d->title = arena_str(x->arena, field_str(entity_field(e, e->title), record));
    d->date = arena_str(x->arena, field_str(x->rule->date, record));
    for (size_t i = 0; i < x->rule->nwhom; i++)
        d->people[i] = person_in(e, x->rule->whom[i], record);
    return NULL;
}

static struct err *find(struct web *w, void *ctx)
{
    struct finding *x = ctx;
    const struct rule *r = x->rule;
    const char *from = date_add(x->arena, w->today, 0, (int)-r->until);
    const char *to = date_add(x->arena, w->today, 0, (int)-r->days);
    struct list_query q = {.entity = r->entity, .limit = 200, .nfilters = 1};

    x->count = 0;
    q.filters[0] = (struct list_filter){
        .field = r->date, .how = LIST_RANGE, .from = {.text = from}, .to = {.text = to}};
    return list_stream(w, &q, keep, x);
}

/* --- whom --- */

/* "risk.owner": the person in a field of the record that a field points to. */
static struct err *person_behind(struct web *w, const struct entity *e, i64 id, const char *path,
                                 i64 *out)
{
    const char *dot = strchr(path, '.');
    const struct field *f = entity_field(e, arena_strn(w->arena, path, (size_t)(dot - path)));
    void *record = arena_alloc(w->arena, e->size), *other;

    *out = 0;
    if (!f || f->kind != FIELD_REF)
        return NULL;
    TRY(entity_load(w, e, id, record));
    if (!field_num(f, record))
        return NULL;
    other = arena_alloc(w->arena, f->ref->size);
    TRY(entity_load(w, f->ref, field_num(f, record), other));
    *out = person_in(f->ref, dot + 1, other);
    return NULL;
}

/* The head of the person's department, who is somebody else. */
static struct err *manager_of(struct web *w, i64 person, i64 *out)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select u.head from person p join unit u on u.org_id = p.org_id and u.id = p.unit"
                 " where p.org_id = $1 and p.id = $2",
                 num(w->org), num(person)));
    *out = row_next(r) ? row_num(r, 0) : 0;
    if (*out == person)
        *out = 0;
    return NULL;
}

static struct err *is_active(struct web *w, i64 person, bool *out)
{
    struct rows *r;

    TRY(db_query(w->db, &r, "select state from person where org_id = $1 and id = $2", num(w->org),
                 num(person)));
    *out = row_next(r) && text_equal(row_str(r, 0), "active");
    return NULL;
}

static struct err *tell(struct web *w, const struct rule *r, const struct due *d, i64 person,
                        const char *role)
{
    const char *label;
    bool active = person == 0;
    struct notice n = {
        .person = person,
        .kind = role ? "escalation" : "reminder",
        .record = d->record,
        .cause = arena_printf(w->arena, "remind:%s:%lld:%s", r->code, d->record, d->date)};

    record_label(w->arena, r->entity, d->number, &label);
    if (person)
        TRY(is_active(w, person, &active));
    /* Nobody is there any more, so who runs the ISMS has to know. */
    if (role || !active)
        return notice_add_text(w, role ? role : "isms-manager", &n, r->text,
                               (const char *[]){label, d->title, d->date, NULL});
    return notice_add_text(w, NULL, &n, r->text, (const char *[]){label, d->title, d->date, NULL});
}

static struct err *tell_manager(struct web *w, const struct rule *r, const struct due *d, i64 of)
{
    const char *label;
    i64 manager;
    struct notice n = {
        .kind = "escalation",
        .record = d->record,
        .cause = arena_printf(w->arena, "remind:%s:%lld:%s", r->code, d->record, d->date)};

    record_label(w->arena, r->entity, d->number, &label);
    TRY(manager_of(w, of, &manager));
    n.person = manager;
    return manager ? notice_add_text(w, NULL, &n, r->text,
                                     (const char *[]){label, d->title, d->date, NULL})
                   : NULL;
}

static struct err *tell_all(struct web *w, const struct rule *r, const struct due *d)
{
    i64 first = 0, person;

    for (size_t i = 0; i < r->nwhom; i++) {
        const char *whom = r->whom[i];

        if (text_equal(whom, "@manager")) {
            if (first)
                TRY(tell_manager(w, r, d, first));
            continue;
        }
        if (whom[0] == '@') {
            TRY(tell(w, r, d, 0, whom + 1));
            continue;
        }
        person = d->people[i];
        if (strchr(whom, '.'))
            TRY(person_behind(w, r->entity, d->record, whom, &person));
        first = first ? first : person;
        if (person)
            TRY(tell(w, r, d, person, NULL));
    }
    return NULL;
}

/* --- what is told already --- */

bool notice_reminder_over(struct web *w, const char *cause, const struct entity *e,
                          const void *record)
{
    const struct content_table *t = content_table(w->app->content, "reminders");
    const char *code = text_starts(cause, "remind:") ? cause + strlen("remind:") : "";
    const char *day = strrchr(cause, ':'), *now;
    struct rule rule;
    i64 row;

    code = arena_strn(w->arena, code, strcspn(code, ":"));
    row = t && *code ? content_row(t, code) : -1;
    if (row < 0 || !day || !read_rule(w, t, (size_t)row, &rule) || rule.entity != e)
        return false;
    now = field_str(rule.date, record);
    return is_over(&rule, e, record) || !text_equal(now ? now : "", day + 1);
}

/* --- the job --- */

struct part {
    const struct rule *rule;
    const struct due *list;
    size_t count;
};

static struct err *tell_part(struct web *w, void *ctx)
{
    const struct part *p = ctx;

    TRY(job_fence(w));
    for (size_t i = 0; i < p->count; i++)
        TRY(tell_all(w, p->rule, &p->list[i]));
    return NULL;
}

/* One rule, with an arena of its own. */
static struct err *run_rule(struct web *base, const struct rule *rule)
{
    struct arena *a = arena_new(0);
    struct web w = *base;
    struct finding x = {.w = &w, .rule = rule, .arena = a};
    struct err *failed;

    w.arena = a;
    db_use_arena(base->db, a);
    failed = app_read(&w, find, &x);
    for (size_t i = 0; !failed && i < x.count; i += BATCH) {
        struct part p = {rule, x.list + i, x.count - i < BATCH ? x.count - i : BATCH};

        failed = job_cancelled(&w) ? job_stopped() : app_write(&w, tell_part, &p);
    }
    db_use_arena(base->db, base->arena);
    arena_free(a);
    return failed;
}

static struct err *store_day(struct web *w, void *ctx)
{
    const char *day = ctx;

    return db_exec(w->db,
                   "insert into notice_state (org_id, name, value) values ($1, 'reminders', $2)"
                   " on conflict (org_id, name) do update set value = $2",
                   num(w->org), str(day));
}

struct err *notice_remind(struct web *w, const char *body)
{
    char *day = arena_str(w->arena, w->today);
    struct rule *rules;
    size_t n = read_rules(w, &rules);

    (void)body;
    for (size_t i = 0; i < n; i++) {
        TRY(job_progress(w, (i64)i, (i64)n, "Rule %s", rules[i].code));
        TRY(run_rule(w, &rules[i]));
    }
    return app_write(w, store_day, day);
}

/* --- once a day --- */

static struct err *queue_day(struct web *w, void *ctx)
{
    return job_add(w, "notice.remind", ctx, 0, "");
}

struct err *notice_remind_days(struct web *base, const char *body)
{
    struct rows *r;

    (void)body;
    /* every organisation */
    TRY(db_query(base->db, &r,
                 "select o.org_id, o.zone, s.value from organisation o left join notice_state s"
                 " on s.org_id = o.org_id and s.name = 'reminders' where o.org_id >= $1",
                 num(0)));
    while (row_next(r)) {
        const char *now = clock_text(base->arena, base->now, row_text(r, 1));
        char *today = arena_strn(base->arena, now, 10);
        struct web w = *base;

        if (strcmp(now + 11, MORNING) < 0 || text_equal(row_str(r, 2), today))
            continue;
        w.org = row_num(r, 0);
        TRY(app_write(&w, queue_day, today));
    }
    return NULL;
}
