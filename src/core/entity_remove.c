/* SPDX-License-Identifier: Apache-2.0 */
/* Removing a record and taking it back. What depends on a record is asked before the row is
 * deleted: after a refused DELETE a PostgreSQL transaction answers nothing any more. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/entity_write.h"
#include "core/search.h"
#include "core/trail.h"

#define NAMED 5 /* so many dependents are named */

struct dependents {
    const struct entity *entity;
    i64 id;
    struct buf text;
    size_t count;
};

/* Adds the labels of the records whose field `f` points to the one to be removed. */
static struct err *ask_field(struct web *w, const struct entity *e, const struct field *f,
                             struct dependents *d)
{
    const char *sql;
    struct rows *r;

    if (f->kind == FIELD_REF)
        sql = arena_printf(w->arena,
                           "select t.id, t.number from %s t where t.org_id = $1"
                           " and t.%s = $2 order by t.number limit %d",
                           e->name, f->name, NAMED + 1);
    else
        sql = arena_printf(w->arena,
                           "select t.id, t.number from %s_%s l join %s t"
                           " on t.org_id = l.org_id and t.id = l.record"
                           " where l.org_id = $1 and l.target = $2"
                           " order by t.number limit %d",
                           e->name, f->name, e->name, NAMED + 1);
    TRY(db_query_text(w->db, &r, sql, DB_VALS(num(entity_org(w, e)), num(d->id)), 2));
    while (row_next(r)) {
        const char *label;

        if (row_num(r, 0) == d->id)
            continue;
        record_label(w->arena, e, row_num(r, 1), &label);
        if (strstr(d->text.data, arena_printf(w->arena, "%s,", label)))
            continue;
        if (d->count++ < NAMED)
            buf_printf(&d->text, "%s, ", label);
    }
    return NULL;
}

static struct err *ask_entity(struct web *w, const struct entity *e, struct dependents *d)
{
    for (size_t i = 0; i < e->nfields; i++) {
        const struct field *f = &e->fields[i];

        if ((f->kind == FIELD_REF || f->kind == FIELD_REFS) && f->ref &&
            e->site == d->entity->site && text_equal(f->ref->name, d->entity->name))
            TRY(ask_field(w, e, f, d));
    }
    return NULL;
}

static struct err *told_dependents(struct web *w, const struct entity *e, i64 id, const char **why)
{
    struct dependents d = {.entity = e, .id = id};

    buf_init(&d.text, w->arena, 128);
    for (size_t i = 0; features[i]; i++)
        for (size_t k = 0; features[i]->entities && features[i]->entities[k]; k++)
            TRY(ask_entity(w, features[i]->entities[k], &d));
    if (!d.count)
        return NULL;
    d.text.data[d.text.size - 2] = '\0';
    *why = arena_printf(w->arena,
                        d.count == 1 ? tr("This %s cannot be removed: %s refers to it. Change or "
                                          "remove what refers to it first.")
                        : d.count <= NAMED
                            ? tr("This %s cannot be removed: %s refer to it. Change or remove what "
                                 "refers to it first.")
                            : tr("This %s cannot be removed: %s and others refer to it. Change or "
                                 "remove what refers to it first."),
                        entity_noun(w, e->label), d.text.data);
    return NULL;
}

/* The entity's own rule, as one sentence. */
static struct err *told_rule(struct web *w, const struct entity *e, i64 id, const char **why)
{
    struct issues found = {.arena = w->arena};
    struct buf text;

    if (!e->depends)
        return NULL;
    TRY(e->depends(w, id, &found));
    if (!found.count)
        return NULL;
    buf_init(&text, w->arena, 256);
    for (size_t i = 0; i < found.count; i++)
        buf_printf(&text, " %s", found.list[i].text);
    *why = arena_printf(w->arena, tr("This %s cannot be removed.%s"), entity_noun(w, e->label),
                        text.data);
    return NULL;
}

struct err *entity_kept_by(struct web *w, const struct entity *e, i64 id, const char **why)
{
    *why = NULL;
    if (e->no_create) { /* what people cannot make again, they cannot take away either */
        *why = arena_printf(w->arena, tr("A %s cannot be removed."), entity_noun(w, e->label));
        return NULL;
    }
    TRY(told_rule(w, e, id, why));
    return *why ? NULL : told_dependents(w, e, id, why);
}

/* Deletes the live row with its links and what is derived from it. */
static struct err *delete_row(struct web *w, const struct entity *e, const struct record *head)
{
    struct val org = num(entity_org(w, e)), id = num(head->id);
    struct err *failed;
    i64 changed;

    TRY(search_forget(w, e, head->id));
    failed = db_exec_text(w->db, &changed, entity_sql(e)->remove,
                          DB_VALS(org, id, num(head->version)), 3);
    if (failed && failed->code == ERR_CLASH)
        return err_wrap(failed, "This %s cannot be removed: something else still refers to it.",
                        entity_noun(w, e->label));
    TRY(failed);
    if (changed != 1)
        return entity_stale(w, e);
    return db_exec(w->db, "delete from record where org_id = $1 and id = $2", org, id);
}

struct err *entity_remove(struct web *w, const struct entity *e, i64 id, i64 version,
                          const char *reason)
{
    struct record *head = arena_alloc(w->arena, e->size);
    const char *why;

    TRY(entity_must_write(w, e));
    TRY(entity_load(w, e, id, head));
    if (head->version != version)
        return entity_stale(w, e);
    if (entity_reason_always(e, head) && text_empty(reason))
        return err_new(ERR_INVALID, "Say in a few words why this %s is removed.",
                       entity_noun(w, e->label));
    TRY(entity_kept_by(w, e, id, &why));
    if (why)
        return err_new(ERR_CLASH, "%s", why);
    TRY(delete_row(w, e, head));
    trail_record(w, e, head,
                 &(struct trail_change){.action = "remove", .before = version, .reason = reason});
    return e->spread ? e->spread(w, head) : NULL;
}

/* The last state of a removed record, with the links it had until it was removed. */
static struct err *last_state(struct web *w, const struct entity *e, i64 id, struct record **out)
{
    struct history_row *list;
    struct rows *r;
    size_t count;

    TRY(db_query_text(w->db, &r, entity_sql(e)->load, DB_VALS(num(entity_org(w, e)), num(id)), 2));
    if (row_count(r))
        return err_new(ERR_CLASH, "This %s is there; nothing has to be restored.",
                       entity_noun(w, e->label));
    TRY(db_query_text(
        w->db, &r, entity_sql(e)->history_of,
        DB_VALS(num(entity_org(w, e)), num(id), num(1), num(INT64_MAX), num(INT64_MAX)), 5));
    TRY(entity_history_rows(w, e, r, &list, &count));
    if (!count || !entity_sees_all(w, e))
        return entity_missing(w, e);
    *out = list[0].record;
    return NULL;
}

static struct err *must_exist(struct web *w, const struct entity *e, const struct field *f, i64 id)
{
    struct rows *r;

    if (!id || !f->ref)
        return NULL;
    TRY(db_query_text(w->db, &r, entity_sql(f->ref)->title,
                      DB_VALS(num(entity_org(w, f->ref)), num(id)), 2));
    if (row_count(r))
        return NULL;
    return err_new(ERR_CLASH,
                   "This %s cannot be restored yet: the %s under “%s” was removed too. "
                   "Restore that first.",
                   entity_noun(w, e->label), entity_noun(w, f->ref->label), tr(f->label));
}

static struct err *targets_exist(struct web *w, const struct entity *e, const void *record)
{
    for (size_t i = 0; i < e->nfields; i++) {
        const struct field *f = &e->fields[i];

        if (f->derived)
            continue;
        if (f->kind == FIELD_REF)
            TRY(must_exist(w, e, f, field_num(f, record)));
        for (size_t k = 0; f->kind == FIELD_REFS && k < field_ids(f, record)->count; k++)
            TRY(must_exist(w, e, f, field_ids(f, record)->id[k]));
    }
    return NULL;
}

struct err *entity_restore(struct web *w, const struct entity *e, i64 id)
{
    struct issues found = {.arena = w->arena};
    struct record *head;
    i64 before;

    TRY(entity_must_write(w, e));
    TRY(last_state(w, e, id, &head));
    TRY(targets_exist(w, e, head));
    if (e->derive)
        TRY(e->derive(w, head, &found));
    if (found.count)
        return err_new(ERR_CLASH, "This %s cannot be restored: %s", entity_noun(w, e->label),
                       found.list[0].text);
    before = head->version++;
    TRY(entity_row_insert(w, e, head));
    return entity_written(w, e, head, (struct written){"restore", before, NULL});
}
