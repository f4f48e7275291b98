/* SPDX-License-Identifier: Apache-2.0 */
/* Composes the SQL of an entity from its field table: only literals of our own tables go in, values
 * are binds. Each entity's texts are made once and never change, so the statement caches find them
 * by address. */
#include "core/entity_sql.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/words.h"
#define SLOTS 512

static _Atomic(struct entity_sql *) slots[SLOTS];
static pthread_mutex_t composing = PTHREAD_MUTEX_INITIALIZER;
static struct arena *kept;

static const char *columns(const struct entity *e, const char *alias, bool history, size_t *n)
{
    struct buf b;

    buf_init(&b, kept, 256);
    buf_printf(&b, "%sid, %snumber, %sversion", alias, alias, alias);
    *n = 3;
    for (size_t i = 0; i < e->nfields; i++) {
        const struct field *f = &e->fields[i];

        if (f->kind == FIELD_REFS || (history && f->derived))
            continue;
        buf_printf(&b, ", %s%s", alias, f->name);
        ++*n;
    }
    return b.data;
}

static const char *binds(size_t from, size_t n)
{
    struct buf b;

    buf_init(&b, kept, 128);
    for (size_t i = 0; i < n; i++)
        buf_printf(&b, "%s$%zu", i ? ", " : "", from + i);
    return b.data;
}

static const char *first_of(const struct entity *e, enum field_kind kind)
{
    for (size_t i = 0; i < e->nfields; i++)
        if (e->fields[i].kind == kind)
            return e->fields[i].name;
    return NULL;
}

/* Who it concerns: by the row itself, or by the row of today when `t` is one of the past. */
static void concerns_sql(struct buf *b, const struct entity *e, const struct visible *v)
{
    bool any = false;

    for (size_t i = 0; i < e->nfields; i++) {
        if (!e->fields[i].concerns)
            continue;
        if (v->past && !any)
            buf_printf(b,
                       " or exists (select 1 from now_%s n where n.org_id = $%d and n.id = t.id"
                       " and (",
                       e->name, v->org);
        else
            buf_str(b, " or ");
        if (e->fields[i].kind == FIELD_REFS)
            buf_printf(b,
                       "exists (select 1 from %s%s_%s l where l.org_id = $%d and l.record = t.id"
                       " and l.target = $%d)",
                       v->past ? "now_" : "", e->name, e->fields[i].name, v->org, v->person);
        else
            buf_printf(b, "%s.%s = $%d", v->past ? "n" : "t", e->fields[i].name, v->person);
        any = true;
    }
    if (v->past && any)
        buf_str(b, "))");
}

void entity_visible_sql(struct buf *b, const struct entity *e, const struct visible *v)
{
    const char *now = v->past ? "now_" : "";

    buf_printf(b, "(t.id = $%d", v->person);
    concerns_sql(b, e, v);
    buf_printf(b,
               " or exists (select 1 from %saccess_grant g where g.org_id = $%d and g.record = t.id"
               " and (g.until is null or g.until >= $%d) and (g.person = $%d or exists"
               " (select 1 from %srole_holder h where h.org_id = $%d and h.person = $%d"
               " and h.role = g.role and h.from_date <= $%d"
               " and (h.until is null or h.until >= $%d)))))",
               now, v->org, v->today, v->person, now, v->org, v->person, v->today, v->today);
}

static const char *compose_visible(const struct entity *e, bool past)
{
    struct visible v = {.org = 1, .person = 3, .today = 4, .past = past};
    struct buf b;

    buf_init(&b, kept, 512);
    buf_printf(&b, "select 1 from %s t where t.org_id = $1 and t.id = $2 and ", e->name);
    entity_visible_sql(&b, e, &v);
    return b.data;
}

const char *entity_visible(const struct web *w, const struct entity *e)
{
    return w->asof ? entity_sql(e)->visible_past : entity_sql(e)->visible;
}

static void compose_links(struct link_sql *l, const struct entity *e, const struct field *f)
{
    const char *t = arena_printf(kept, "%s_%s", e->name, f->name);

    l->load = arena_printf(kept,
                           "select target from %s where org_id = $1 and record = $2"
                           " order by target",
                           t);
    l->insert =
        arena_printf(kept, "insert into %s (org_id, record, target) values ($1, $2, $3)", t);
    l->remove = arena_printf(kept,
                             "delete from %s where org_id = $1 and record = $2"
                             " and target = $3",
                             t);
    l->open = arena_printf(kept,
                           "select target from %s_history where org_id = $1 and record = $2"
                           " and valid_to = %lld order by target",
                           t, HISTORY_OPEN);
    l->begin = arena_printf(kept,
                            "insert into %s_history (org_id, record, target, valid_from,"
                            " valid_to, log_idx) values ($1, $2, $3, $4, %lld, $5)",
                            t, HISTORY_OPEN);
    l->close = arena_printf(kept,
                            "update %s_history set valid_to = $4 where org_id = $1"
                            " and record = $2 and target = $3 and valid_to = %lld",
                            t, HISTORY_OPEN);
}

static void compose_finds(struct entity_sql *s, const struct entity *e)
{
    const char *title = e->title ? e->title : "number";
    const char *email = first_of(e, FIELD_EMAIL);
    const struct field *code = entity_field(e, "code"), *named = entity_field(e, e->title);

    s->title = arena_printf(kept, "select %s, number from %s where org_id = $1 and id = $2", title,
                            e->name);
    s->last_title = arena_printf(kept,
                                 "select %s, number from %s_history where org_id = $1"
                                 " and id = $2 order by version desc limit 1",
                                 named && named->derived ? "''" : title, e->name);
    s->titles = arena_printf(kept,
                             "select id, %s from %s where org_id = $1 and id in (select"
                             " cast(value as bigint) from json_each($2)) order by %s, id",
                             title, e->name, title);
#define FIND "select id from %s where org_id = $1 and %s = $2 order by id limit 2"
    s->by_number = arena_printf(kept, FIND, e->name, "number");
    if (e->title)
        s->by_title = arena_printf(kept, FIND, e->name, title);
    if (email)
        s->by_email = arena_printf(kept, FIND, e->name, email);
    if (code && code->kind == FIELD_TEXT)
        s->by_code = arena_printf(kept, FIND, e->name, "code");
#undef FIND
}

static void compose_history(struct entity_sql *s, const struct entity *e)
{
    size_t n;
    const char *plain = columns(e, "", true, &n);
    const char *all;

    s->history_columns = columns(e, "t.", true, &s->nhistory);
    s->history_insert = arena_printf(
        kept,
        "insert into %s_history (org_id, %s, valid_from, valid_to, log_idx, salt) values (%s)",
        e->name, plain, binds(1, n + 5));
    s->history_close = arena_printf(kept,
                                    "update %s_history set valid_to = $4 where org_id = $1"
                                    " and id = $2 and version = $3 and valid_to = %lld",
                                    e->name, HISTORY_OPEN);
    all = arena_printf(kept,
                       "select %s, t.valid_from, t.valid_to, t.log_idx, t.salt"
                       " from %s_history t where t.org_id = $1",
                       s->history_columns, e->name);
    s->history_page = arena_printf(kept,
                                   "%s and (t.id, t.version) > ($2, $3)"
                                   " order by t.id, t.version limit $4",
                                   all);
    s->history_of = arena_printf(kept,
                                 "%s and t.id = $2 and t.version < $4 and t.valid_from <= $5"
                                 " order by t.version desc limit $3",
                                 all);
}

/* " set name = null, email = null" over personal fields, or all texts. */
static const char *emptied(const struct entity *e, bool whole, size_t *n)
{
    struct buf b;

    *n = 0;
    buf_init(&b, kept, 100);
    for (size_t i = 0; i < e->nfields; i++) {
        const struct field *f = &e->fields[i];
        bool text = f->kind == FIELD_TEXT || f->kind == FIELD_LONG || f->kind == FIELD_EMAIL;

        if (f->derived || f->kind == FIELD_REFS || !(whole ? text : f->personal))
            continue;
        buf_printf(&b, "%s = null, ", f->name);
        ++*n;
    }
    return b.data;
}

static void compose_redact(struct entity_sql *s, const struct entity *e)
{
#define OF " where org_id = $1 and id = $2 and version <> $3"
    size_t personal, all;
    const char *some = emptied(e, false, &personal), *texts = emptied(e, true, &all);

    s->redact_found = arena_printf(kept,
                                   "select log_idx from %s_history" OF " and salt is not null"
                                   " order by log_idx",
                                   e->name);
    s->redact_whole = arena_printf(
        kept, "update %s_history set %ssalt = null" OF " and salt is not null", e->name, texts);
    if (!personal)
        return;
    s->redact_found_personal =
        arena_printf(kept,
                     "select log_idx from %s_history" OF " and octet_length(salt) = 64"
                     " order by log_idx",
                     e->name);
    s->redact_personal = arena_printf(kept,
                                      "update %s_history set %ssalt = substr(salt, 1, 32)" OF
                                      " and octet_length(salt) = 64",
                                      e->name, some);
#undef OF
}

static struct entity_sql *compose(const struct entity *e)
{
    struct entity_sql *s = NEW(kept, struct entity_sql);
    struct link_sql *links = NEW_ARRAY(kept, struct link_sql, e->nfields);
    size_t n;

    s->entity = e;
    s->columns = columns(e, "t.", false, &s->ncolumns);
    s->load = arena_printf(kept, "select %s from %s t where t.org_id = $1 and t.id = $2",
                           s->columns, e->name);
    s->live_page = arena_printf(kept,
                                "select %s from %s t where t.org_id = $1 and t.id > $2"
                                " order by t.id limit $3",
                                s->columns, e->name);
    s->insert = arena_printf(kept, "insert into %s (org_id, %s) values (%s)", e->name,
                             columns(e, "", false, &n), binds(1, s->ncolumns + 1));
    s->remove = arena_printf(kept, "delete from %s where org_id = $1 and id = $2 and version = $3",
                             e->name);
    s->visible = compose_visible(e, false);
    s->visible_past = compose_visible(e, true);
    compose_finds(s, e);
    compose_history(s, e);
    compose_redact(s, e);
    for (size_t i = 0; i < e->nfields; i++)
        if (e->fields[i].kind == FIELD_REFS)
            compose_links(&links[i], e, &e->fields[i]);
    s->links = links;
    return s;
}

static struct entity_sql *look_up(const struct entity *e, size_t *slot)
{
    size_t i = ((uintptr_t)e >> 4) % SLOTS;

    for (size_t tries = 0; tries < SLOTS; tries++, i = (i + 1) % SLOTS) {
        struct entity_sql *s = atomic_load_explicit(&slots[i], memory_order_acquire);

        if (!s || s->entity == e) {
            *slot = i;
            return s;
        }
    }
    BUG("more than %d entities", SLOTS);
}

const struct entity_sql *entity_sql(const struct entity *e)
{
    size_t slot;
    struct entity_sql *s = look_up(e, &slot);

    if (s)
        return s;
    pthread_mutex_lock(&composing);
    s = look_up(e, &slot); /* another thread may have been faster */
    if (!s) {
        if (!kept)
            kept = arena_new(0);
        s = compose(e);
        atomic_store_explicit(&slots[slot], s, memory_order_release);
    }
    pthread_mutex_unlock(&composing);
    return s;
}

i64 entity_org(const struct web *w, const struct entity *e)
{
    return e->site ? 0 : w->org;
}

void entity_from_row(const struct entity *e, const struct rows *r, size_t first, bool history,
                     void *record)
{
    struct record *head = record;

    memset(record, 0, e->size);
    head->id = row_num(r, first++);
    head->number = row_num(r, first++);
    head->version = row_num(r, first++);
    for (size_t i = 0; i < e->nfields; i++) {
        const struct field *f = &e->fields[i];

        if (f->kind == FIELD_REFS || (history && f->derived))
            continue;
        if (field_is_text(f))
            field_set_str(f, record, row_str(r, first++));
        else
            field_set_num(f, record, row_num(r, first++));
    }
}
