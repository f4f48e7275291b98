/* SPDX-License-Identifier: Apache-2.0 */
/* The history twins: what the tail writes in the transaction of a change, and what verify reads
 * back. What people see of it is in entity_versions.c. */
#include <string.h>

#include "core/entity_sql.h"

struct err *entity_history_close(struct web *w, const struct entity *e, i64 id, i64 before, i64 at)
{
    i64 changed;

    TRY(db_exec_text(w->db, &changed, entity_sql(e)->history_close,
                     DB_VALS(num(entity_org(w, e)), num(id), num(before), num(at)), 4));
    if (changed != 1)
        return err_detail(err_new(ERR_FAULT,
                                  "The history of this %s is not complete. Run the check "
                                  "of the log and tell the administrator.",
                                  entity_noun(w, e->label)),
                          "%s %lld has no open version %lld", e->name, id, before);
    return NULL;
}

static bool contains(const struct ids *ids, i64 id)
{
    size_t low = 0, high = ids->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (ids->id[middle] == id)
            return true;
        if (ids->id[middle] < id)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* The targets that the history still shows as linked. */
static struct err *open_links(struct web *w, const struct entity *e, size_t field, i64 id,
                              struct ids *out)
{
    struct rows *r;
    i64 *list;

    *out = (struct ids){0};
    TRY(db_query_text(w->db, &r, entity_sql(e)->links[field].open,
                      DB_VALS(num(entity_org(w, e)), num(id)), 2));
    list = NEW_ARRAY(w->arena, i64, row_count(r) + 1);
    while (row_next(r))
        list[out->count++] = row_num(r, 0);
    out->id = list;
    return NULL;
}

/* Which field of which record, and the log entry that changes it. */
struct link_change {
    size_t field;
    i64 id, at, log_idx;
    bool fresh; /* the first version: there is nothing yet */
};

/* Brings the open link rows of one field to `now`. */
static struct err *write_links(struct web *w, const struct entity *e, struct link_change c,
                               const struct ids *now)
{
    const struct link_sql *l = &entity_sql(e)->links[c.field];
    i64 org = entity_org(w, e);
    struct ids open = {0};

    if (!c.fresh)
        TRY(open_links(w, e, c.field, c.id, &open));
    for (size_t i = 0; i < open.count; i++)
        if (!contains(now, open.id[i]))
            TRY(db_exec_text(w->db, NULL, l->close,
                             DB_VALS(num(org), num(c.id), num(open.id[i]), num(c.at)), 4));
    for (size_t i = 0; i < now->count; i++)
        if (!contains(&open, now->id[i]))
            TRY(db_exec_text(
                w->db, NULL, l->begin,
                DB_VALS(num(org), num(c.id), num(now->id[i]), num(c.at), num(c.log_idx)), 5));
    return NULL;
}

struct err *entity_history_insert(struct web *w, const struct entity *e, const void *record, i64 at,
                                  i64 log_idx, struct bytes salt)
{
    const struct entity_sql *s = entity_sql(e);
    const struct record *head = record;
    struct val *v = NEW_ARRAY(w->arena, struct val, s->nhistory + 5);
    size_t n = 0;

    v[n++] = num(entity_org(w, e));
    v[n++] = num(head->id);
    v[n++] = num(head->number);
    v[n++] = num(head->version);
    for (size_t i = 0; i < e->nfields; i++)
        if (e->fields[i].kind != FIELD_REFS && !e->fields[i].derived)
            v[n++] = field_val(&e->fields[i], record);
    v[n++] = num(at);
    v[n++] = num(HISTORY_OPEN);
    v[n++] = num(log_idx);
    v[n++] = blob(salt.data, salt.size);
    TRY(db_exec_text(w->db, NULL, s->history_insert, v, n));
    for (size_t i = 0; i < e->nfields; i++)
        if (e->fields[i].kind == FIELD_REFS)
            TRY(write_links(w, e,
                            (struct link_change){i, head->id, at, log_idx, head->version == 1},
                            field_ids(&e->fields[i], record)));
    return NULL;
}

struct err *entity_history_end(struct web *w, const struct entity *e, i64 id, i64 before, i64 at)
{
    struct ids none = {0};

    TRY(entity_history_close(w, e, id, before, at));
    for (size_t i = 0; i < e->nfields; i++)
        if (e->fields[i].kind == FIELD_REFS)
            TRY(write_links(w, e, (struct link_change){i, id, at, 0, false}, &none));
    return NULL;
}

/* The links of one field of many versions at once: rows come by record, then target; each version
 * takes those that held when it began. */
static struct err *history_links(struct web *w, const struct entity *e, const struct field *f,
                                 struct history_row *rows, size_t n)
{
    const char *sql = arena_printf(w->arena,
                                   "select record, target, valid_from, valid_to from %s_%s_history"
                                   " where org_id = $1 and record >= $2 and record <= $3"
                                   " order by record, target, valid_from",
                                   e->name, f->name);
    const struct record *first = rows[0].record, *last = rows[n - 1].record;
    struct rows *r;
    size_t start = 0;

    TRY(db_query_text(w->db, &r, sql, DB_VALS(num(entity_org(w, e)), num(first->id), num(last->id)),
                      3));
    while (row_next(r)) {
        while (start < n && ((struct record *)rows[start].record)->id < row_num(r, 0))
            start++;
        for (size_t i = start; i < n; i++) {
            struct record *head = rows[i].record;
            struct ids ids = *field_ids(f, head);

            if (head->id != row_num(r, 0))
                break;
            if (row_num(r, 2) > rows[i].valid_from || row_num(r, 3) <= rows[i].valid_from)
                continue;
            ids_add(w->arena, &ids, row_num(r, 1));
            field_set_ids(f, head, ids);
        }
    }
    return NULL;
}

struct err *entity_history_rows(struct web *w, const struct entity *e, struct rows *r,
                                struct history_row **out, size_t *count)
{
    const struct entity_sql *s = entity_sql(e);
    size_t at = s->nhistory;

    *count = 0;
    *out = NEW_ARRAY(w->arena, struct history_row, row_count(r) + 1);
    while (row_next(r)) {
        struct history_row *h = &(*out)[(*count)++];

        h->record = arena_alloc(w->arena, e->size);
        entity_from_row(e, r, 0, true, h->record);
        h->valid_from = row_num(r, at);
        h->valid_to = row_num(r, at + 1);
        h->log_idx = row_num(r, at + 2);
        h->salt = row_blob(r, at + 3);
    }
    for (size_t i = 0; *count && i < e->nfields; i++)
        if (e->fields[i].kind == FIELD_REFS)
            TRY(history_links(w, e, &e->fields[i], *out, *count));
    return NULL;
}

struct err *entity_history_page(struct web *w, const struct entity *e, i64 id, i64 version,
                                int limit, struct history_row **out, size_t *count)
{
    struct rows *r;

    TRY(db_query_text(w->db, &r, entity_sql(e)->history_page,
                      DB_VALS(num(entity_org(w, e)), num(id), num(version), num(limit)), 4));
    return entity_history_rows(w, e, r, out, count);
}

struct err *entity_live_page(struct web *w, const struct entity *e, i64 id, int limit, void **out,
                             size_t *count)
{
    struct rows *r;
    char *list;

    TRY(db_query_text(w->db, &r, entity_sql(e)->live_page,
                      DB_VALS(num(entity_org(w, e)), num(id), num(limit)), 3));
    *count = 0;
    *out = list = arena_array(w->arena, row_count(r) + 1, e->size);
    while (row_next(r)) {
        void *record = list + (*count)++ * e->size;

        entity_from_row(e, r, 0, false, record);
        TRY(entity_load_links(w, e, record));
    }
    return NULL;
}

struct err *entity_derived_wrong(struct web *w, const struct entity *e, const void *record,
                                 const struct field **wrong)
{
    void *again = arena_alloc(w->arena, e->size);
    struct issues unused = {.arena = w->arena};

    *wrong = NULL;
    if (!e->derive)
        return NULL;
    memcpy(again, record, e->size);
    TRY(e->derive(w, again, &unused));
    for (size_t i = 0; !*wrong && i < e->nfields; i++)
        if (e->fields[i].derived && !field_equal(&e->fields[i], record, again))
            *wrong = &e->fields[i];
    return NULL;
}
