/* SPDX-License-Identifier: Apache-2.0 */
/* The one way into record tables: rules, version, row, links, header, search text, log entry. The
 * row in the store is compared with the record, so that only what changed is written: naming all
 * columns in an UPDATE would rewrite every index. Removing and restoring is in entity_remove.c. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/entity_page.h"
#include "core/entity_write.h"
#include "core/search.h"
#include "core/trail.h"

#define SPREAD_DEPTH 64

/* A rederive inside a spread inside a rederive ...: links in a circle must end some time. */
static _Thread_local int depth;

struct err *entity_must_write(struct web *w, const struct entity *e)
{
    if (!w->writable || w->asof)
        return err_detail(err_new(ERR_FAULT, "This page cannot change anything."),
                          "write of %s outside the writing phase", e->name);
    if (!e->write)
        BUG("the entity %s names no permission to write", e->name);
    return web_need(w, e->write);
}

static void check_required(const struct entity *e, const void *record, struct issues *out)
{
    for (size_t i = 0; i < e->nfields; i++) {
        const struct field *f = &e->fields[i];
        bool pick = f->kind == FIELD_REF || f->kind == FIELD_REFS || f->kind == FIELD_CHOICE ||
                    f->kind == FIELD_CODE || f->kind == FIELD_SET || f->kind == FIELD_LEVEL ||
                    f->kind == FIELD_RECORD;
        bool empty = field_null(f, record);

        if (f->kind == FIELD_SET)
            empty = field_num(f, record) == 0;
        if (f->kind == FIELD_INT || f->kind == FIELD_MONEY)
            empty = field_num(f, record) == 0 && f->most > f->least && f->least > 0;
        if (!f->required || f->derived || !empty || issue_of(out, f->name))
            continue;
        issue(out, f->name, pick ? "%s is missing. Choose a value." : "%s is missing. Fill it in.",
              tr(f->label));
    }
}

/* All rules; what they find is in `out`. */
struct err *entity_check(struct web *w, const struct entity *e, void *record, struct issues *out)
{
    bool clean = out->count == 0;

    check_required(e, record, out);
    if (clean && e->check)
        e->check(record, out);
    if (out->count == 0 && e->derive)
        TRY(e->derive(w, record, out));
    return NULL;
}

/* The first of `n` new numbers. */
static struct err *new_numbers(struct web *w, const struct entity *e, i64 n, i64 *first)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "insert into counter (org_id, kind, next) values ($1, $2, 1 + $3)"
                 " on conflict (org_id, kind) do update set next = counter.next + $3"
                 " returning next",
                 num(entity_org(w, e)), str(e->name), num(n)));
    if (!row_next(r))
        BUG("the counter gave no row");
    *first = row_num(r, 0) - n;
    return NULL;
}

static struct err *next_number(struct web *w, const struct entity *e, i64 *number)
{
    if (w->numbers.entity != e || !w->numbers.left)
        return new_numbers(w, e, 1, number);
    w->numbers.left--;
    *number = w->numbers.next++;
    return NULL;
}

struct err *entity_numbers_take(struct web *w, const struct entity *e, i64 n)
{
    i64 first;

    entity_numbers_forget(w);
    TRY(new_numbers(w, e, n, &first));
    w->numbers.entity = e;
    w->numbers.next = first;
    w->numbers.left = n;
    return NULL;
}

void entity_numbers_forget(struct web *w)
{
    w->numbers.entity = NULL;
    w->numbers.left = 0;
}

struct err *entity_numbers_return(struct web *w)
{
    const struct entity *e = w->numbers.entity;
    i64 left = w->numbers.left;

    entity_numbers_forget(w);
    if (!left)
        return NULL;
    return db_exec(w->db, "update counter set next = next - $3 where org_id = $1 and kind = $2",
                   num(entity_org(w, e)), str(e->name), num(left));
}

/* Errors of constraints in the words of the record; the transaction is lost anyway. */
static struct err *explain(struct web *w, const struct entity *e, struct err *failed)
{
    if (failed && failed->code == ERR_CLASH)
        return err_wrap(failed,
                        "This %s could not be saved: either another one already has a value that "
                        "must be its own, or something it refers to was removed. Load the page "
                        "again and check.",
                        entity_noun(w, e->label));
    return failed;
}

struct err *entity_row_insert(struct web *w, const struct entity *e, const void *record)
{
    const struct entity_sql *s = entity_sql(e);
    const struct record *head = record;
    struct val *v = NEW_ARRAY(w->arena, struct val, s->ncolumns + 1);
    size_t n = 0;

    v[n++] = num(entity_org(w, e));
    v[n++] = num(head->id);
    v[n++] = num(head->number);
    v[n++] = num(head->version);
    for (size_t i = 0; i < e->nfields; i++)
        if (e->fields[i].kind != FIELD_REFS)
            v[n++] = field_val(&e->fields[i], record);
    TRY(explain(w, e, db_exec_text(w->db, NULL, s->insert, v, n)));
    for (size_t i = 0; i < e->nfields; i++) {
        const struct ids *ids =
            e->fields[i].kind == FIELD_REFS ? field_ids(&e->fields[i], record) : NULL;

        for (size_t k = 0; ids && k < ids->count; k++)
            TRY(explain(w, e,
                        db_exec_text(w->db, NULL, s->links[i].insert,
                                     DB_VALS(v[0], num(head->id), num(ids->id[k])), 3)));
    }
    return NULL;
}

static bool has(const struct ids *ids, i64 id)
{
    for (size_t i = 0; i < ids->count; i++)
        if (ids->id[i] == id)
            return true;
    return false;
}

static struct err *change_links(struct web *w, const struct entity *e, size_t field,
                                const void *before, const void *after)
{
    const struct field *f = &e->fields[field];
    const struct link_sql *l = &entity_sql(e)->links[field];
    const struct ids *old = field_ids(f, before), *new = field_ids(f, after);
    struct val org = num(entity_org(w, e)), id = num(((const struct record *)after)->id);

    for (size_t i = 0; i < old->count; i++)
        if (!has(new, old->id[i]))
            TRY(db_exec_text(w->db, NULL, l->remove, DB_VALS(org, id, num(old->id[i])), 3));
    for (size_t i = 0; i < new->count; i++)
        if (!has(old, new->id[i]))
            TRY(explain(
                w, e, db_exec_text(w->db, NULL, l->insert, DB_VALS(org, id, num(new->id[i])), 3)));
    return NULL;
}

/* Sets the columns that differ, and the version when it does; `*hit` = false when the row has
 * another version by now. */
static struct err *update_columns(struct web *w, const struct entity *e, const void *before,
                                  const void *after, bool *hit)
{
    const struct record *old = before, *new = after;
    struct val *v = NEW_ARRAY(w->arena, struct val, e->nfields + 4);
    struct buf sql;
    size_t n = 0;
    i64 changed;

    v[n++] = num(entity_org(w, e));
    v[n++] = num(old->id);
    v[n++] = num(old->version);
    buf_init(&sql, w->arena, 256);
    buf_printf(&sql, "update %s set ", e->name);
    if (new->version != old->version) {
        v[n++] = num(new->version);
        buf_str(&sql, "version = $4");
    }
    for (size_t i = 0; i < e->nfields; i++) {
        const struct field *f = &e->fields[i];

        if (f->kind == FIELD_REFS || field_equal(f, before, after))
            continue;
        v[n++] = field_val(f, after);
        buf_printf(&sql, "%s%s = $%zu", n > 4 ? ", " : "", f->name, n);
    }
    *hit = true;
    if (n == 3)
        return NULL;
    buf_str(&sql, " where org_id = $1 and id = $2 and version = $3");
    TRY(explain(w, e, db_exec_text(w->db, &changed, sql.data, v, n)));
    *hit = changed == 1;
    return NULL;
}

struct err *entity_header(struct web *w, const struct entity *e, const void *record)
{
    const struct record *head = record;
    const struct field *title = entity_field(e, e->title), *state = entity_field(e, e->state);
    const char *text = title && field_is_text(title) ? field_str(title, record) : NULL;

    return db_exec(w->db,
                   "insert into record (org_id, id, kind, number, title, state, version)"
                   " values ($1, $2, $3, $4, $5, $6, $7) on conflict (org_id, id) do update set"
                   " title = excluded.title, state = excluded.state, version = excluded.version",
                   num(entity_org(w, e)), num(head->id), str(e->name), num(head->number),
                   str(text ? text : ""), str_or_null(state ? field_str(state, record) : NULL),
                   num(head->version));
}

struct err *entity_written(struct web *w, const struct entity *e, const void *record,
                           struct written how)
{
    void *kept = arena_alloc(w->arena, e->size);

    memcpy(kept, record, e->size); /* the caller may go on using its own */
    TRY(entity_header(w, e, record));
    TRY(search_store(w, e, record));
    trail_record(w, e, kept,
                 &(struct trail_change){how.action, how.before,
                                        ((const struct record *)record)->version, how.reason});
    if (e->spreads_later && text_equal(how.action, "create"))
        return NULL;
    return e->spread ? e->spread(w, kept) : NULL;
}

static struct err *create(struct web *w, const struct entity *e, void *record, const char *reason)
{
    struct record *head = record;

    head->id = web_id();
    head->version = 1;
    TRY(next_number(w, e, &head->number));
    TRY(entity_row_insert(w, e, record));
    return entity_written(w, e, record, (struct written){"create", 0, reason});
}

struct err *entity_stale(struct web *w, const struct entity *e)
{
    return err_new(
        ERR_CLASH,
        "Somebody else saved this %s since you opened it. Look at the newest version and "
        "make your change again there.",
        entity_noun(w, e->label));
}

/* What differs between the stored row and the record. */
static void differences(const struct entity *e, const void *a, const void *b, bool *own,
                        bool *derived)
{
    *own = *derived = false;
    for (size_t i = 0; i < e->nfields; i++)
        if (!field_equal(&e->fields[i], a, b))
            *(e->fields[i].derived ? derived : own) = true;
}

static struct err *change(struct web *w, const struct entity *e, void *record, const char *reason,
                          struct issues *out)
{
    struct record *head = record, *old = arena_alloc(w->arena, e->size);
    struct reason_asked asked = {0};
    bool own, derived, hit;

    TRY(entity_load_any(w, e, head->id, old));
    if (old->version != head->version)
        return entity_stale(w, e);
    head->number = old->number;
    differences(e, old, record, &own, &derived);
    if (own && text_empty(reason))
        TRY(entity_reason_asked(w, e, old, record, &asked));
    if (asked.text) {
        issue(out, "_reason", "%s", asked.text);
        return NULL;
    }
    if (!own && !derived)
        return NULL;
    if (own)
        head->version++;
    TRY(update_columns(w, e, old, record, &hit));
    if (!hit) {
        head->version = old->version;
        return entity_stale(w, e);
    }
    if (!own)
        return e->spread ? e->spread(w, record) : NULL;
    for (size_t i = 0; i < e->nfields; i++)
        if (e->fields[i].kind == FIELD_REFS)
            TRY(change_links(w, e, i, old, record));
    return entity_written(w, e, record, (struct written){"change", old->version, reason});
}

/* Features may set REFS by hand: the rest of the kernel relies on ascending, distinct ids. */
static void order_links(struct web *w, const struct entity *e, void *record)
{
    for (size_t i = 0; i < e->nfields; i++) {
        struct ids ordered = {0};
        const struct ids *given;

        if (e->fields[i].kind != FIELD_REFS)
            continue;
        given = field_ids(&e->fields[i], record);
        for (size_t k = 0; k < given->count; k++)
            ids_add(w->arena, &ordered, given->id[k]);
        field_set_ids(&e->fields[i], record, ordered);
    }
}

struct err *entity_write(struct web *w, const struct entity *e, void *record, const char *reason,
                         struct issues *out)
{
    struct record *head = record;
    bool fresh = head->id == 0;

    TRY(entity_must_write(w, e));
    order_links(w, e, record);
    TRY(entity_check(w, e, record, out));
    if (out->count)
        return NULL;
    if (head->id)
        TRY(change(w, e, record, reason, out));
    else
        TRY(create(w, e, record, reason));
    return out->count ? NULL : entity_draft_saved(w, e, head->id, fresh);
}

struct err *entity_write_lent(struct web *w, const struct entity *e, void *record,
                              const char *reason, struct issues *out)
{
    int bit = feature_permission_index(e->write);
    u64 kept = w->rights[bit / 64];
    struct err *failed;

    w->rights[bit / 64] |= 1ULL << (bit % 64);
    failed = entity_write(w, e, record, reason, out);
    w->rights[bit / 64] = kept;
    return failed;
}

struct err *entity_rederive(struct web *w, const struct entity *e, i64 id)
{
    void *before = arena_alloc(w->arena, e->size), *after = arena_alloc(w->arena, e->size);
    struct issues unused = {.arena = w->arena};
    bool own, derived, hit;
    struct err *failed;

    if (!e->derive)
        return NULL;
    TRY(entity_load_any(w, e, id, before));
    memcpy(after, before, e->size);
    TRY(e->derive(w, after, &unused));
    differences(e, before, after, &own, &derived);
    if (!derived)
        return NULL;
    if (own)
        BUG("derive of %s changed a field that is not derived", e->name);
    TRY(update_columns(w, e, before, after, &hit));
    if (!hit)
        return entity_stale(w, e);
    if (!e->spread)
        return NULL;
    if (depth >= SPREAD_DEPTH)
        return err_new(ERR_INVALID,
                       "The chain of records that depend on this %s is too long or "
                       "runs in a circle.",
                       entity_noun(w, e->label));
    depth++;
    failed = e->spread(w, after);
    depth--;
    return failed;
}
