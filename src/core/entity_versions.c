/* SPDX-License-Identifier: Apache-2.0 */
/* The versions of one record as people read them: who, when, why, and each field before and after.
 * Rows come from the history twin; who and what from the log's columns. */
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "core/entity_page.h"
#include "core/entity_sql.h"

#define VERSIONS_MAX 200

/* What the log says about one entry. */
struct told {
    i64 idx, at;
    const char *action, *who, *reason;
};

/* The reason out of an entry's context; "" when there is none, or when it was deleted. */
const char *entity_reason_of(struct arena *a, const char *context)
{
    const json_t *reason;
    json_t *object;

    if (!*context || json_parse(a, context, strlen(context), &object))
        return "";
    reason = json_object_get(object, "reason");
    return json_is_string(reason) ? json_string_value(reason) : "";
}

/* What the log says about the record from entry `first` on, and before `end`. */
static struct err *read_log(struct web *w, const struct entity *e, i64 id, const i64 range[2],
                            struct told **out, size_t *count)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select v.idx, v.at, v.action, coalesce(a.name, v.actor), p.body"
                 " from audit_event v left join audit_actor a on a.org_id = v.org_id"
                 " and a.actor = v.actor left join audit_payload p on p.org_id = v.org_id"
                 " and p.idx = v.idx and p.part = 'context'"
                 " where v.org_id = $1 and v.record = $2 and v.kind = $3 and v.idx >= $4"
                 " and v.idx < $5 and v.action in ('create', 'change', 'remove', 'restore')"
                 " order by v.idx desc limit $6",
                 num(entity_org(w, e)), num(id), str(e->name), num(range[0]), num(range[1]),
                 num(2LL * VERSIONS_MAX)));
    *count = 0;
    *out = NEW_ARRAY(w->arena, struct told, row_count(r) + 1);
    while (row_next(r))
        (*out)[(*count)++] =
            (struct told){row_num(r, 0), row_num(r, 1), row_text(r, 2), row_text(r, 3),
                          entity_reason_of(w->arena, row_text(r, 4))};
    return NULL;
}

/* The log's entry of one version: what came before it belongs to the pages below. */
static struct err *entry_of(struct web *w, const struct entity *e, i64 id, i64 version, i64 *idx)
{
    struct rows *r;

    *idx = INT64_MAX;
    if (!version)
        return NULL;
    TRY(db_query_text(
        w->db, &r, entity_sql(e)->history_of,
        DB_VALS(num(entity_org(w, e)), num(id), num(1), num(version + 1), num(INT64_MAX)), 5));
    if (row_next(r) && row_num(r, 2) == version)
        *idx = row_num(r, entity_sql(e)->nhistory + 2);
    return NULL;
}

/* Fills in which fields differ; `before` NULL = everything that is set. */
static struct err *compare(struct web *w, const struct entity *e, const void *before,
                           const void *after, struct version *v)
{
    static const char hidden[] = "(not shown)";
    void *empty = arena_alloc(w->arena, e->size);
    bool veiled;

    v->changes = arena_array(w->arena, e->nfields + 1, sizeof(*v->changes));
    TRY(entity_hidden(w, e, ((const struct record *)after)->id, &veiled));
    for (size_t i = 0; i < e->nfields; i++) {
        const struct field *f = &e->fields[i];
        struct change *c = &v->changes[v->nchanges];

        if (f->derived || field_equal(f, before ? before : empty, after))
            continue;
        c->field = f;
        c->before = c->after = hidden;
        if (!f->secret && !(f->veil && veiled)) {
            c->before = "";
            if (before)
                TRY(field_told(w, f, before, &c->before));
            TRY(field_told(w, f, after, &c->after));
        }
        v->nchanges++;
    }
    return NULL;
}

static int newest_first(const void *a, const void *b)
{
    i64 left = ((const struct version *)a)->log_idx, right = ((const struct version *)b)->log_idx;

    return left > right ? -1 : left < right;
}

/* One version per row; of counts[0] rows counts[1] are shown, a further one is only a "before". */
static struct err *add_rows(struct web *w, const struct entity *e, const struct history_row *h,
                            const size_t counts[2], struct version *out)
{
    for (size_t i = 0; i < counts[1]; i++) {
        struct version *v = &out[i];

        v->version = ((const struct record *)h[i].record)->version;
        v->at = h[i].valid_from;
        v->log_idx = h[i].log_idx;
        v->action = v->version == 1 ? "create" : "change";
        v->who = v->reason = "";
        TRY(compare(w, e, i + 1 < counts[0] ? h[i + 1].record : NULL, h[i].record, v));
    }
    return NULL;
}

/* Who and why; removals have no row of their own and are added. */
static size_t add_told(const struct told *told, size_t ntold, struct version *out, size_t n)
{
    size_t rows = n;

    for (size_t k = 0; k < ntold; k++) {
        struct version *v = NULL;
        i64 last = 0;

        for (size_t i = 0; i < rows; i++) {
            if (out[i].log_idx == told[k].idx)
                v = &out[i];
            if (out[i].log_idx < told[k].idx && out[i].version > last)
                last = out[i].version;
        }
        if (!v && (strcmp(told[k].action, "remove") != 0 || !last))
            continue;
        if (!v) {
            v = &out[n++];
            *v = (struct version){.version = last, .at = told[k].at, .log_idx = told[k].idx};
        }
        v->action = told[k].action;
        v->who = told[k].who;
        v->reason = told[k].reason;
    }
    return n;
}

/* Drops what came after the day that is looked at. */
static void until(i64 asof, struct told **told, size_t *ntold)
{
    while (asof && *ntold && (*told)[0].at > asof)
        ++*told, --*ntold;
}

struct err *entity_versions_below(struct web *w, const struct entity *e, i64 id, i64 below,
                                  int limit, struct version **out, size_t *count)
{
    i64 range[2];
    struct history_row *h;
    struct told *told;
    struct rows *r;
    size_t n, ntold, shown;

    *count = 0;
    if (!entity_sees_all(w, e)) /* who may see all may look at removed records too */
        TRY(entity_load(w, e, id, arena_alloc(w->arena, e->size)));
    TRY(db_query_text(w->db, &r, entity_sql(e)->history_of,
                      DB_VALS(num(entity_org(w, e)), num(id), num(limit + 1),
                              num(below ? below : INT64_MAX), num(w->asof ? w->asof : INT64_MAX)),
                      5));
    TRY(entity_history_rows(w, e, r, &h, &n));
    TRY(entry_of(w, e, id, below, &range[1]));
    range[0] = n ? h[n > (size_t)limit ? (size_t)limit - 1 : n - 1].log_idx : 0;
    TRY(read_log(w, e, id, range, &told, &ntold));
    until(w->asof, &told, &ntold);
    if (!n)
        return below ? NULL : entity_missing(w, e);
    shown = n < (size_t)limit ? n : (size_t)limit;
    *out = NEW_ARRAY(w->arena, struct version, n + ntold);
    TRY(add_rows(w, e, h, (size_t[]){n, shown}, *out));
    *count = add_told(told, ntold, *out, shown);
    qsort(*out, *count, sizeof(**out), newest_first);
    return NULL;
}

struct err *entity_versions(struct web *w, const struct entity *e, i64 id, struct version **out,
                            size_t *count)
{
    TRY(entity_versions_below(w, e, id, 0, VERSIONS_MAX, out, count));
    if (*count > VERSIONS_MAX)
        *count = VERSIONS_MAX;
    return NULL;
}
