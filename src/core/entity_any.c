/* SPDX-License-Identifier: Apache-2.0 */
/* Records whatever their kind: by the number that people write, and what is known of an id. */
#include <ctype.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "base/words.h"
#include "core/entity_sql.h"

#define PREFIX_MOST 8

/* "R-42" gives the kind R, "r-0042" too; NULL when the text is no such number. */
static const struct entity *kind_of(const char *text)
{
    char prefix[PREFIX_MOST + 1];
    const char *dash = strchr(text, '-');
    size_t n = dash ? (size_t)(dash - text) : 0;
    const struct entity *e;

    if (n < 1 || n > PREFIX_MOST || !isdigit((unsigned char)dash[1]))
        return NULL;
    for (size_t i = 0; i < n; i++)
        prefix[i] = (char)toupper((unsigned char)text[i]);
    prefix[n] = '\0';
    for (const char *p = dash + 1; *p; p++)
        if (!isdigit((unsigned char)*p))
            return NULL;
    e = feature_entity_prefix(prefix);
    return e && !e->site ? e : NULL;
}

/* By the id as text, the way in which programs name records. */
static struct err *kind_by_id(struct web *w, const char *text, const struct entity **e)
{
    struct rows *r;
    i64 id;

    *e = NULL;
    if (!isdigit((unsigned char)*text) || !text_i64(text, &id))
        return NULL;
    TRY(db_query(w->db, &r, "select kind from record where org_id = $1 and id = $2", num(w->org),
                 num(id)));
    if (row_next(r))
        *e = feature_entity(row_text(r, 0));
    return NULL;
}

struct err *record_find(struct web *w, const char *text, const struct entity **e, i64 *id)
{
    const char *wanted = text_trim(w->arena, text ? text : "");
    struct err *failed;

    *id = 0;
    *e = kind_of(wanted);
    if (!*e)
        TRY(kind_by_id(w, wanted, e));
    failed = *e ? entity_find(w, *e, wanted, id) : NULL;
    if (failed && failed->code != ERR_MISSING && failed->code != ERR_CLASH)
        return failed;
    if (*e && !failed)
        return NULL;
    *e = NULL;
    *id = 0;
    return err_new(ERR_MISSING, "There is no record “%.60s” here, or you may not see it.", wanted);
}

/* A derived title is in no version: it is computed again. */
static struct err *derived_title(struct web *w, const struct entity *e, i64 id, const char **title)
{
    struct issues unused = {.arena = w->arena};
    struct history_row *list;
    struct rows *r;
    size_t n;

    TRY(db_query_text(
        w->db, &r, entity_sql(e)->history_of,
        DB_VALS(num(entity_org(w, e)), num(id), num(1), num(INT64_MAX), num(INT64_MAX)), 5));
    TRY(entity_history_rows(w, e, r, &list, &n));
    if (!n)
        return NULL;
    TRY(e->derive(w, list[0].record, &unused));
    *title = field_str(entity_field(e, e->title), list[0].record);
    *title = *title ? *title : "";
    return NULL;
}

struct err *entity_last_title(struct web *w, const struct entity *e, i64 id, const char **title,
                              i64 *number)
{
    const struct field *f = entity_field(e, e->title);
    struct rows *r;

    *title = "";
    *number = 0;
    TRY(db_query_text(w->db, &r, entity_sql(e)->last_title, DB_VALS(num(entity_org(w, e)), num(id)),
                      2));
    if (!row_next(r))
        return NULL;
    *title = row_text(r, 0);
    *number = row_num(r, 1);
    return f && f->derived && e->derive ? derived_title(w, e, id, title) : NULL;
}

/* What the last version of a removed record says; `entity` stays NULL when nothing is known. */
static struct err *head_of_removed(struct web *w, struct record_head *h)
{
    const struct entity *e;
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select kind from audit_event where org_id = $1 and record = $2"
                 " order by idx desc limit 1",
                 num(w->org), num(h->id)));
    e = row_next(r) ? feature_entity(row_text(r, 0)) : NULL;
    if (!e || e->site)
        return NULL;
    TRY(entity_last_title(w, e, h->id, &h->title, &h->number));
    if (!h->number)
        return NULL;
    h->entity = e;
    h->removed = true;
    return NULL;
}

/* Whether this person may see it; the titles of the day that is looked at. */
static struct err *finish_head(struct web *w, struct record_head *h)
{
    struct rows *r;

    if (!h->entity)
        TRY(head_of_removed(w, h));
    if (!h->entity) {
        h->label = h->title = "";
        h->hidden = true;
        return NULL;
    }
    record_label(w->arena, h->entity, h->number, &h->label);
    if (w->asof && !h->removed)
        TRY(entity_title(w, h->entity, h->id, &h->title, NULL));
    else
        h->title = entity_title_shown(w, h->entity, h->title);
    if (entity_sees_all(w, h->entity))
        return NULL;
    TRY(db_query_text(w->db, &r, entity_visible(w, h->entity),
                      DB_VALS(num(w->org), num(h->id), num(w->person), str(w->today)), 4));
    h->hidden = h->removed || !w->person || !row_next(r);
    if (h->hidden)
        h->title = "";
    return NULL;
}

static struct record_head *head_at(struct record_head *list, size_t n, i64 id)
{
    size_t low = 0, high = n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (list[middle].id == id)
            return &list[middle];
        if (list[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

struct err *record_heads(struct web *w, struct ids ids, struct record_head **out)
{
    struct record_head *list = NEW_ARRAY(w->arena, struct record_head, ids.count + 1);
    struct rows *r;
    struct buf b;

    *out = list;
    if (!ids.count)
        return NULL;
    buf_init(&b, w->arena, 32);
    for (size_t i = 0; i < ids.count; i++) {
        list[i] = (struct record_head){.id = ids.id[i], .title = ""};
        buf_printf(&b, "%s%lld", i ? "," : "[", ids.id[i]);
    }
    buf_char(&b, ']');
    TRY(db_query(w->db, &r,
                 "select id, kind, number, title from record where org_id = $1 and id in"
                 " (select cast(value as bigint) from json_each($2))",
                 num(w->org), str(b.data)));
    while (row_next(r)) {
        struct record_head *h = head_at(list, ids.count, row_num(r, 0));

        if (!h)
            continue;
        h->entity = feature_entity(row_text(r, 1));
        h->number = row_num(r, 2);
        h->title = row_text(r, 3);
    }
    for (size_t i = 0; i < ids.count; i++)
        TRY(finish_head(w, &list[i]));
    return NULL;
}

struct err *record_head(struct web *w, i64 id, struct record_head *out)
{
    struct record_head *list;

    TRY(record_heads(w, (struct ids){&id, 1}, &list));
    *out = list[0];
    return NULL;
}

const char *record_head_url(struct web *w, const struct record_head *h)
{
    if (!h->entity || h->hidden || h->removed || h->entity->no_pages || h->entity->site)
        return NULL;
    return web_record_url(w, h->entity, h->number);
}

const char *record_head_text(struct web *w, const struct record_head *h)
{
    if (!h->entity)
        return tr("a record that is gone");
    if (h->removed)
        return arena_printf(w->arena, tr("%s %s (removed)"), h->label, h->title);
    return *h->title ? arena_printf(w->arena, "%s %s", h->label, h->title) : h->label;
}
