/* SPDX-License-Identifier: Apache-2.0 */
/* Reading records: one by id, the id of what people write, titles, and who may see what. Lists are
 * in list.c. */
#include "core/entity.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "base/words.h"
#include "core/entity_sql.h"

const char *entity_noun(struct web *w, const char *label)
{
    char *copy = arena_str(w->arena, tr(label));

    /* A first word with more capitals is a name. */
    if (!words_used() && *copy &&
        strcspn(copy, " ") == strcspn(copy + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ ") + 1)
        copy[0] = (char)tolower((unsigned char)copy[0]);
    return copy;
}

struct err *entity_missing(struct web *w, const struct entity *e)
{
    return err_new(ERR_MISSING, "There is no such %s here, or you may not see it.",
                   entity_noun(w, e->label));
}

static void take_links(struct web *w, const struct field *f, struct rows *r, void *record)
{
    struct ids ids = {0};
    i64 *list;

    if (row_count(r)) {
        list = NEW_ARRAY(w->arena, i64, row_count(r));
        while (row_next(r))
            list[ids.count++] = row_num(r, 0);
        ids.id = list;
    }
    field_set_ids(f, record, ids);
}

/* Adds what asks for the links of a record; the number of statements. */
static size_t ask_links(const struct entity *e, const struct val vals[2], struct batch_item *items,
                        struct rows **found)
{
    size_t n = 0;

    for (size_t i = 0; i < e->nfields; i++) {
        if (e->fields[i].kind != FIELD_REFS)
            continue;
        items[n] = (struct batch_item){
            .sql = entity_sql(e)->links[i].load, .vals = vals, .nvals = 2, .out = &found[n]};
        n++;
    }
    return n;
}

static void take_all_links(struct web *w, const struct entity *e, struct rows *const *found,
                           void *record)
{
    for (size_t i = 0; i < e->nfields; i++)
        if (e->fields[i].kind == FIELD_REFS)
            take_links(w, &e->fields[i], *found++, record);
}

struct err *entity_load_links(struct web *w, const struct entity *e, void *record)
{
    const struct val vals[] = {num(entity_org(w, e)), num(((const struct record *)record)->id)};
    struct batch_item *items = NEW_ARRAY(w->arena, struct batch_item, e->nfields + 1);
    struct rows **found = NEW_ARRAY(w->arena, struct rows *, e->nfields + 1);

    TRY(db_batch(w->db, items, ask_links(e, vals, items, found)));
    take_all_links(w, e, found, record);
    return NULL;
}

/* The row and its links in one round trip. */
struct err *entity_load_any(struct web *w, const struct entity *e, i64 id, void *record)
{
    const struct val vals[] = {num(entity_org(w, e)), num(id)};
    struct batch_item *items = NEW_ARRAY(w->arena, struct batch_item, e->nfields + 1);
    struct rows **found = NEW_ARRAY(w->arena, struct rows *, e->nfields + 1);

    items[0] =
        (struct batch_item){.sql = entity_sql(e)->load, .vals = vals, .nvals = 2, .out = &found[0]};
    TRY(db_batch(w->db, items, 1 + ask_links(e, vals, items + 1, found + 1)));
    if (!row_next(found[0]))
        return entity_missing(w, e);
    entity_from_row(e, found[0], 0, false, record);
    take_all_links(w, e, found + 1, record);
    return NULL;
}

bool entity_reads_kind(const struct web *w, const struct entity *e)
{
    return e->read && web_may(w, e->read);
}

/* What is about other records is seen in full only by who may read all their kinds. */
bool entity_sees_all(const struct web *w, const struct entity *e)
{
    bool all = entity_reads_kind(w, e);

    for (size_t f = 0; all && e->about && features[f]; f++)
        for (const struct entity *const *k = features[f]->entities; all && k && *k; k++)
            all = (*k)->site || entity_reads_kind(w, *k);
    return all;
}

/* By the right to its own kind and to the kind of the record that it is about. */
static struct err *sees_through(struct web *w, const struct entity *e, i64 id, bool *sees)
{
    struct record_head head;
    void *record;
    i64 about;

    *sees = false;
    if (!e->about || !entity_reads_kind(w, e))
        return NULL;
    record = arena_alloc(w->arena, e->size);
    TRY(entity_load_any(w, e, id, record));
    about = field_num(entity_field(e, e->about), record);
    if (about)
        TRY(record_head(w, about, &head));
    *sees = !about || (head.entity && entity_reads_kind(w, head.entity));
    return NULL;
}

static struct err *must_see(struct web *w, const struct entity *e, i64 id)
{
    struct rows *r;
    bool sees;

    if (entity_sees_all(w, e))
        return NULL;
    TRY(sees_through(w, e, id, &sees));
    if (sees)
        return NULL;
    if (!w->person)
        return entity_missing(w, e);
    TRY(db_query_text(w->db, &r, entity_visible(w, e),
                      DB_VALS(num(entity_org(w, e)), num(id), num(w->person), str(w->today)), 4));
    return row_next(r) ? NULL : entity_missing(w, e);
}

struct err *entity_load(struct web *w, const struct entity *e, i64 id, void *record)
{
    struct issues unused = {.arena = w->arena};

    TRY(must_see(w, e, id));
    TRY(entity_load_any(w, e, id, record));
    /* The history has no derived columns: what held then is computed from what was known then. */
    if (w->asof && e->derive)
        return e->derive(w, record, &unused);
    return NULL;
}

/* "R-42" or "r-42" gives "42"; anything else itself. */
static const char *without_prefix(const struct entity *e, const char *text)
{
    size_t n = e->prefix ? strlen(e->prefix) : 0;

    if (n && strncasecmp(text, e->prefix, n) == 0 && text[n] == '-' &&
        isdigit((unsigned char)text[n + 1]))
        return text + n + 1;
    return text;
}

/* The id for which `sql` holds; 0 when there is none. */
static struct err *find_by(struct web *w, const struct entity *e, const char *sql, struct val value,
                           i64 *id)
{
    struct rows *r;

    *id = 0;
    if (!sql)
        return NULL;
    TRY(db_query_text(w->db, &r, sql, DB_VALS(num(entity_org(w, e)), value), 2));
    if (row_count(r) > 1)
        return err_new(ERR_CLASH, "There are several %s called “%.60s”. Give the number instead.",
                       entity_noun(w, e->labels), (const char *)value.data);
    if (row_next(r))
        *id = row_num(r, 0);
    return NULL;
}

static struct err *find_number(struct web *w, const struct entity *e, const char *text, i64 *id)
{
    i64 n;
    struct rows *r;

    *id = 0;
    if (!isdigit((unsigned char)*text) || !text_i64(text, &n))
        return NULL;
    TRY(find_by(w, e, entity_sql(e)->by_number, num(n), id));
    if (*id)
        return NULL;
    TRY(db_query_text(w->db, &r, entity_sql(e)->title, DB_VALS(num(entity_org(w, e)), num(n)), 2));
    *id = row_next(r) ? n : 0;
    return NULL;
}

static struct err *find_any(struct web *w, const struct entity *e, const char *text, i64 *id)
{
    const struct entity_sql *s = entity_sql(e);

    TRY(find_number(w, e, without_prefix(e, text), id));
    if (!*id)
        TRY(find_by(w, e, s->by_code, str(text), id));
    if (!*id && strchr(text, '@'))
        TRY(find_by(w, e, s->by_email, str(text_lower(w->arena, text)), id));
    if (!*id)
        TRY(find_by(w, e, s->by_title, str(text), id));
    return NULL;
}

struct err *entity_find(struct web *w, const struct entity *e, const char *text, i64 *id)
{
    const char *wanted = text_trim(w->arena, text ? text : "");
    struct err *hidden = NULL;

    *id = 0;
    if (*wanted)
        TRY(find_any(w, e, wanted, id));
    if (*id)
        hidden = must_see(w, e, *id);
    if (hidden && hidden->code != ERR_MISSING)
        return hidden;
    if (*id && !hidden)
        return NULL;
    *id = 0;
    return err_new(ERR_MISSING, "There is no %s “%.60s” here, or you may not see it.",
                   entity_noun(w, e->label), wanted);
}

const char *entity_title_shown(struct web *w, const struct entity *e, const char *title)
{
    const struct field *f = e->title ? entity_field(e, e->title) : NULL;

    return f && f->supplied ? words_supplied(w->arena, title) : title;
}

struct err *entity_title(struct web *w, const struct entity *e, i64 id, const char **title,
                         i64 *number)
{
    struct rows *r;
    bool found;

    TRY(db_query_text(w->db, &r, entity_sql(e)->title, DB_VALS(num(entity_org(w, e)), num(id)), 2));
    found = row_next(r);
    *title = found ? entity_title_shown(w, e, row_text(r, 0)) : "";
    if (number)
        *number = found ? row_num(r, 1) : 0;
    return NULL;
}

struct err *entity_titles(struct web *w, const struct entity *e, const struct ids *ids,
                          const char **out)
{
    struct buf list, text;
    struct rows *r;

    buf_init(&list, w->arena, 64);
    for (size_t i = 0; i < ids->count; i++)
        buf_printf(&list, "%s%lld", i ? "," : "[", ids->id[i]);
    buf_char(&list, ']');
    buf_init(&text, w->arena, 64);
    TRY(db_query_text(w->db, &r, entity_sql(e)->titles,
                      DB_VALS(num(entity_org(w, e)), str(ids->count ? list.data : "[]")), 2));
    while (row_next(r))
        buf_printf(&text, "%s%s", text.size ? ", " : "", entity_title_shown(w, e, row_text(r, 1)));
    *out = text.data;
    return NULL;
}

void record_label(struct arena *a, const struct entity *e, i64 number, const char **out)
{
    *out = arena_printf(a, "%s-%lld", e->prefix, number);
}
