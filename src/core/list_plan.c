/* SPDX-License-Identifier: Apache-2.0 */
/* How the rows of a list are found, so that 100,000 records answer as ten do. There are four ways:
 *   ids    text or rights leave few records: each is looked up, then they are sorted
 *   drive  a filter with an index leaves few: the index finds them, then they are sorted
 *   walk   an index has the filter's column and then the order: it is followed
 *   scan   the list is followed in its order and each record is looked at, LIST_SCAN at most
 * Which one is decided by counting a little, not by the engines' guesses: what is not to be used as
 * an index is hidden behind an expression, and both engines then do the same. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/entity_sql.h"
#include "core/kept.h"
#include "core/list_part.h"
#include "core/search_index.h"

#define RARE_MOST 1000 /* text that more records contain is common */

static void add(struct list_sql *s, const char *text)
{
    buf_str(&s->text, text);
}

/* --- conditions --- */

static void add_column(struct list_sql *s, const struct field *f, bool hide)
{
    const char *form = !hide ? "t.%s" : field_is_text(f) ? "(t.%s || '')" : "(t.%s + 0)";
    const char *at = strstr(form, "%s");

    buf_add(&s->text, form, (size_t)(at - form));
    add(s, f->name);
    add(s, at + 2);
}

static struct val value_of(const struct field *f, const struct list_value *v)
{
    return field_is_text(f) ? str(v->text) : num(v->num);
}

static void add_values(struct list_sql *s, const struct list_filter *f, const char *one,
                       const char *several)
{
    const struct list_value single = {f->text, f->num};
    const struct list_value *values = f->values ? f->values : &single;
    size_t n = f->values ? f->nvalues : 1;

    add(s, n == 1 ? one : several);
    for (size_t i = 0; i < n; i++) {
        add(s, i ? ", " : "");
        list_bind(s, value_of(f->field, &values[i]));
    }
    add(s, n == 1 ? "" : ")");
}

/* Whether the record points to one of the values, or to anything at all. */
static void add_link(struct list_sql *s, const struct entity *e, const struct list_filter *f,
                     const struct list_value *one)
{
    buf_printf(&s->text, "exists (select 1 from %s_%s l where l.org_id = $1 and l.record = t.id",
               e->name, f->field->name);
    if (one) {
        add(s, " and l.target = ");
        list_bind(s, num(one->num));
    } else if (f->how == LIST_IS || f->how == LIST_NOT) {
        add(s, " and l.target");
        add_values(s, f, " = ", " in (");
    }
    add(s, ")");
}

static void add_links(struct list_sql *s, const struct entity *e, const struct list_filter *f,
                      bool drive)
{
    if (drive && f->how == LIST_IS && !f->or_empty) {
        buf_printf(&s->text, "t.id in (select l.record from %s_%s l where l.org_id = $1", e->name,
                   f->field->name);
        add(s, " and l.target");
        add_values(s, f, " = ", " in (");
        add(s, ")");
        return;
    }
    if (f->how == LIST_ALL) {
        for (size_t i = 0; i < f->nvalues; i++) {
            add(s, i ? " and " : "");
            add_link(s, e, f, &f->values[i]);
        }
        return;
    }
    if (f->how == LIST_IS && f->or_empty)
        buf_printf(&s->text,
                   "(not exists (select 1 from %s_%s k where k.org_id = $1 and k.record = t.id) "
                   "or ",
                   e->name, f->field->name);
    add(s, f->how == LIST_EMPTY || f->how == LIST_NOT ? "not " : "");
    add_link(s, e, f, NULL);
    add(s, f->how == LIST_IS && f->or_empty ? ")" : "");
}

static void add_set(struct list_sql *s, const struct list_filter *f)
{
    if (f->how == LIST_EMPTY || f->how == LIST_FILLED) {
        add_column(s, f->field, true);
        add(s, f->how == LIST_EMPTY ? " = 0" : " <> 0");
        return;
    }
    add(s, f->or_empty ? "(t." : "((t.");
    if (f->or_empty)
        buf_printf(&s->text, "%s = 0 or (t.", f->field->name);
    buf_printf(&s->text, "%s & ", f->field->name);
    list_bind(s, num(f->num));
    add(s, f->how == LIST_NOT ? ") = 0)" : f->how == LIST_IS ? ") <> 0)" : ") = ");
    if (f->how == LIST_ALL) {
        list_bind(s, num(f->num));
        add(s, ")");
    }
}

static void add_mine(struct list_sql *s, const struct entity *e, i64 person, bool hide)
{
    const struct field *fields[LIST_COLUMNS];
    size_t n = list_mine(e, fields);

    add(s, "(");
    for (size_t i = 0; i < n; i++) {
        add(s, i ? " or " : "");
        add_column(s, fields[i], hide);
        add(s, " = ");
        list_bind(s, num(person));
    }
    add(s, ")");
}

static void add_range(struct list_sql *s, const struct list_filter *f, bool hide)
{
    bool both = f->from.text && f->to.text;

    if (f->from.text) {
        add_column(s, f->field, hide);
        add(s, " >= ");
        list_bind(s, value_of(f->field, &f->from));
    }
    add(s, both ? " and " : "");
    if (f->to.text) {
        add_column(s, f->field, hide);
        add(s, " <= ");
        list_bind(s, value_of(f->field, &f->to));
    }
}

static void add_equal(struct list_sql *s, const struct list_filter *f, bool hide)
{
    bool null = f->how == LIST_NOT || f->or_empty;

    if (null) {
        add(s, "(");
        add_column(s, f->field, hide);
        add(s, " is null or ");
    }
    add_column(s, f->field, hide);
    if (f->how == LIST_NOT)
        add_values(s, f, " <> ", " not in (");
    else
        add_values(s, f, " = ", " in (");
    add(s, null ? ")" : "");
}

/* " and <condition>"; `use` = an index may be used for it. */
static void add_filter(struct list_sql *s, const struct entity *e, const struct list_filter *f,
                       bool use)
{
    add(s, " and ");
    if (!f->field)
        add_mine(s, e, f->num, !use);
    else if (f->field->kind == FIELD_REFS)
        add_links(s, e, f, use);
    else if (f->field->kind == FIELD_SET)
        add_set(s, f);
    else if (f->how == LIST_EMPTY || f->how == LIST_FILLED) {
        add_column(s, f->field, !use);
        add(s, f->how == LIST_EMPTY ? " is null" : " is not null");
    } else if (f->how == LIST_HAS) {
        buf_printf(&s->text, "text_has(text_fold(t.%s), ", f->field->name);
        list_bind(s, str(text_fold(s->w->arena, f->text)));
        add(s, ") = 1");
    } else if (f->how == LIST_IS || f->how == LIST_NOT) {
        add_equal(s, f, !use);
    } else {
        add_range(s, f, !use);
    }
}

/* The page's own condition: @1 .. @4 stand for its values. */
static void add_extra(struct list_sql *s, const struct list_query *q)
{
    add(s, " and (");
    for (const char *p = q->extra; *p; p++) {
        if (*p == '@' && p[1] >= '1' && (size_t)(p[1] - '0') <= q->nextra)
            list_bind(s, q->extra_vals[*++p - '1']);
        else
            buf_char(&s->text, *p);
    }
    add(s, ")");
}

/* " or ..." for records about others: those about kinds that this person may read. The names are
 * those of our own tables. */
static void add_readable_kinds(struct list_sql *s, const struct entity *e)
{
    const char *separator = "";

    buf_printf(&s->text,
               " or t.%s is null or exists (select 1 from record o where o.org_id = $1"
               " and o.id = t.%s and o.kind in (",
               e->about, e->about);
    for (size_t f = 0; features[f]; f++)
        for (const struct entity *const *k = features[f]->entities; k && *k; k++)
            if (!(*k)->site && entity_reads_kind(s->w, *k)) {
                buf_printf(&s->text, "%s'%s'", separator, (*k)->name);
                separator = ", ";
            }
    add(s, "))");
}

void list_visibility(struct list_sql *s, const struct entity *e)
{
    const struct web *w = s->w;
    bool wider;

    if (entity_sees_all(w, e))
        return;
    wider = e->about && entity_reads_kind(w, e);
    add(s, wider ? " and (" : " and ");
    int person = list_value_number(s, num(w->person));
    int today = list_value_number(s, str(w->today ? w->today : ""));
    entity_visible_sql(&s->text, e, &(struct visible){1, person, today, w->asof != 0});
    if (wider) {
        add_readable_kinds(s, e);
        add(s, ")");
    }
}

/* --- counting a little --- */

/* True when at least one in a hundred of the first thousand records has the text: then a scan in
 * the order of the list meets a page of them sooner than the index could name them all. */
static struct err *is_common(struct web *w, const struct entity *e, const char *folded,
                             bool *common)
{
    struct val vals[] = {num(w->org), str(folded)};
    struct rows *r;
    struct buf b;

    buf_init(&b, w->arena, 400);
    buf_printf(&b,
               "select count(*), sum(text_has(x.text, $2)) from (select d.text from %s t cross join"
               " search_doc d"
               " where t.org_id = $1 and d.org_id = $1 and d.id = t.id order by t.org_id, t.id"
               " limit 1000) x",
               e->name);
    TRY(kept_query(w, &r, b.data, vals, COUNT_OF(vals)));
    *common = row_next(r) && row_num(r, 0) == 1000 && row_num(r, 1) >= 10;
    return NULL;
}

static const char *json_list(struct arena *a, const i64 *ids, size_t count)
{
    struct buf b;

    buf_init(&b, a, count * 20 + 2);
    buf_char(&b, '[');
    for (size_t i = 0; i < count; i++)
        buf_printf(&b, "%s%lld", i ? "," : "", ids[i]);
    buf_char(&b, ']');
    return b.data;
}

static struct err *plan_text(struct web *w, struct list_query *q, const char *text)
{
    const char *folded = text_fold(w->arena, text);
    bool complete, common;
    size_t count;
    i64 *ids;

    if (!*folded)
        return NULL;
    TRY(is_common(w, q->entity, folded, &common));
    if (common)
        return NULL;
    TRY(search_ids(w, q->entity, folded, RARE_MOST, &ids, &count, &complete));
    if (complete)
        q->ids = json_list(w->arena, ids, count);
    return NULL;
}

/* Somebody who does not see all sees few: their own and what was granted. */
static struct err *plan_visible(struct web *w, struct list_query *q)
{
    const struct entity *e = q->entity;
    struct list_sql s;
    struct rows *r;
    size_t count = 0;
    i64 *ids;

    list_sql_init(&s, w);
    list_value_number(&s, num(w->org));
    list_value_number(&s, num(w->person));
    list_value_number(&s, str(w->today ? w->today : ""));
    add(&s, "select x.id from (select g.record as id from access_grant g where g.org_id = $1"
            " and (g.until is null or g.until >= $3) and (g.person = $2 or g.role in (select h.role"
            " from role_holder h where h.org_id = $1 and h.person = $2 and h.from_date <= $3"
            " and (h.until is null or h.until >= $3)))");
    if (text_equal(e->name, "person"))
        add(&s, " union select $2");
    for (size_t i = 0; i < e->nfields; i++) {
        const char *name = e->fields[i].name;

        if (e->fields[i].concerns && e->fields[i].kind == FIELD_REFS)
            buf_printf(&s.text,
                       " union select l.record from %s_%s l where l.org_id = $1 and l.target = $2",
                       e->name, name);
        else if (e->fields[i].concerns)
            buf_printf(&s.text, " union select t.id from %s t where t.org_id = $1 and t.%s = $2",
                       e->name, name);
    }
    buf_printf(&s.text, ") x limit %d", LIST_NARROW + 1);
    TRY(kept_query(w, &r, s.text.data, s.vals, s.count));
    if (row_count(r) > LIST_NARROW)
        return NULL;
    ids = NEW_ARRAY(w->arena, i64, row_count(r) + 1);
    while (row_next(r))
        ids[count++] = row_num(r, 0);
    q->ids = json_list(w->arena, ids, count);
    return NULL;
}

static bool indexed(const struct entity *e, const struct list_filter *f)
{
    const struct field *fields[LIST_COLUMNS];
    bool all = true;

    if (!f->field) {
        for (size_t n = list_mine(e, fields); n > 0; n--)
            all = all && db_indexed(e->name, fields[n - 1]->name, NULL);
        return all;
    }
    if (f->how == LIST_FILLED || f->how == LIST_NOT || f->how == LIST_ALL || f->how == LIST_HAS ||
        f->field->kind == FIELD_SET)
        return false;
    if (f->field->kind == FIELD_REFS)
        return f->how == LIST_IS && !f->or_empty;
    return db_indexed(e->name, f->field->name, NULL);
}

/* How many records fit one filter, LIST_NARROW + 1 at most. */
static struct err *count_filter(struct web *w, const struct list_query *q,
                                const struct list_filter *f, i64 *out)
{
    struct list_sql s;
    struct rows *r;

    list_sql_init(&s, w);
    list_value_number(&s, num(entity_org(w, q->entity)));
    buf_printf(&s.text, "select count(*) from (select 1 as one from %s t where t.org_id = $1",
               q->entity->name);
    add_filter(&s, q->entity, f, true);
    buf_printf(&s.text, " limit %d) as found", LIST_NARROW + 1);
    TRY(kept_query(w, &r, s.text.data, s.vals, s.count));
    *out = row_next(r) ? row_num(r, 0) : 0;
    return NULL;
}

/* A filter for one value whose index goes on with the order of the list. */
static bool has_order(const struct list_query *q, const struct list_filter *f)
{
    const struct field *column = f->field;
    const struct field *mine[LIST_COLUMNS];

    if (q->one_value && f == &q->filters[q->nfilters - 1] && f->nvalues <= 1)
        return db_indexed(q->entity->name, column->name, NULL);
    if (!column && list_mine(q->entity, mine) == 1)
        column = mine[0];
    return column && column->kind != FIELD_SET && column->kind != FIELD_REFS && f->how == LIST_IS &&
           f->nvalues <= 1 && !f->or_empty &&
           db_indexed(q->entity->name, column->name, q->sort ? q->sort->name : "number");
}

static struct err *plan_filters(struct web *w, struct list_query *q)
{
    i64 least = LIST_NARROW + 1;

    for (size_t i = 0; i < q->nfilters; i++) {
        const struct list_filter *f = &q->filters[i];
        i64 count;

        if (!indexed(q->entity, f))
            continue;
        TRY(count_filter(w, q, f, &count));
        if (count < least) {
            least = count;
            q->drive = i + 1;
        }
        if (!q->walk && has_order(q, f))
            q->walk = i + 1;
    }
    if (q->drive)
        q->walk = 0;
    return NULL;
}

static const struct list_filter *first_has(const struct list_query *q)
{
    for (size_t i = 0; i < q->nfilters; i++) {
        const struct field *f = q->filters[i].field;

        if (f && q->filters[i].how == LIST_HAS && !f->personal && !f->unfolded)
            return &q->filters[i];
    }
    return NULL;
}

/* What is hidden from this person orders, groups and finds nothing: the list reads it as empty. */
static struct err *plan_veil(struct web *w, struct list_query *q)
{
    bool asked = (q->sort && q->sort->veil) || (q->group && q->group->veil) || q->veiled;
    const struct ids *ids;

    for (size_t i = 0; i < q->nfilters; i++)
        asked |= q->filters[i].field && q->filters[i].field->veil;
    if (!asked)
        return NULL;
    TRY(entity_veiled_ids(w, q->entity, &ids));
    if (ids && ids->count)
        q->veil = json_list(w->arena, ids->id, ids->count);
    return NULL;
}

struct err *list_plan(struct web *w, struct list_query *q)
{
    const struct list_filter *has = first_has(q);

    if (q->planned)
        return NULL;
    q->planned = true;
    q->ids = NULL;
    q->drive = q->walk = 0;
    q->veil = NULL;
    TRY(plan_veil(w, q));
    if (w->asof || q->entity->site || q->extra)
        return NULL;
    if (q->q && !search_personal(q->entity))
        TRY(plan_text(w, q, q->q));
    if (!q->ids && has)
        TRY(plan_text(w, q, has->text));
    if (!q->ids && !entity_sees_all(w, q->entity))
        TRY(plan_visible(w, q));
    return q->ids ? NULL : plan_filters(w, q);
}

/* --- the statement --- */

static bool has_text(const struct list_sql *s, const struct list_query *q)
{
    return q->q && *text_fold(s->w->arena, q->q);
}

bool list_scans(struct web *w, const struct list_query *q)
{
    if (q->ids || q->drive || q->extra || w->asof || q->entity->site)
        return false;
    if (q->q || !entity_sees_all(w, q->entity))
        return true;
    return q->nfilters > (q->walk ? 1 : 0);
}

static void begin(struct list_sql *s, const struct list_query *q)
{
    if (s->count != 0)
        BUG("the organisation must be the first value of a list statement");
    list_value_number(s, num(entity_org(s->w, q->entity)));
}

/* Text that is looked for in each record. */
static void add_text(struct list_sql *s, const struct list_query *q)
{
    add(s, " and (exists (select 1 from search_doc d where d.org_id = $1 and d.id = t.id and "
           "text_has(d.text, ");
    list_bind(s, str(text_fold(s->w->arena, q->q)));
    add(s, ") = 1)");
    if (search_personal(q->entity)) {
        add(s, " or text_has(");
        search_personal_text(&s->text, q->entity);
        add(s, ", ");
        list_bind(s, str(text_fold(s->w->arena, q->q)));
        add(s, ") = 1");
    }
    add(s, ")");
}

/* Fields that are hidden are empty in the rows that are read: 0 where a column is never empty. */
static void add_veiled(struct list_sql *s, const struct field *f)
{
    const char *none = f->kind == FIELD_BOOL || f->kind == FIELD_SET ? "0" : "null";

    buf_printf(&s->text, ", case when v.value is null then k.%s else %s end as %s", f->name, none,
               f->name);
}

void list_table(struct list_sql *s, const struct list_query *q)
{
    const struct entity *e = q->entity;

    if (!q->veil) {
        buf_printf(&s->text, "%s t", e->name);
        return;
    }
    add(s, "(select k.org_id, k.id, k.number, k.version");
    for (size_t i = 0; i < e->nfields; i++) {
        const struct field *f = &e->fields[i];

        if (f->kind != FIELD_REFS && f->veil)
            add_veiled(s, f);
        else if (f->kind != FIELD_REFS)
            buf_printf(&s->text, ", k.%s", f->name);
    }
    buf_printf(&s->text, " from %s k left join json_each(", e->name);
    list_bind(s, str(q->veil));
    add(s, ") v on cast(v.value as bigint) = k.id where k.org_id = $1) t");
}

void list_from(struct list_sql *s, const struct list_query *q)
{
    const struct entity *e = q->entity;

    if (s->count == 0)
        begin(s, q);
    add(s, " from ");
    /* "cross join" fixes the order of the tables in SQLite: each id is looked up. */
    if (q->ids) {
        add(s, "json_each(");
        list_bind(s, str(q->ids));
        add(s, ") j cross join ");
    }
    list_table(s, q);
    add(s, " where t.org_id = $1");
    if (q->ids)
        add(s, " and t.id = cast(j.value as bigint)");
    else if (has_text(s, q))
        add_text(s, q);
    list_visibility(s, e);
    for (size_t i = 0; i < q->nfilters; i++)
        add_filter(s, e, &q->filters[i], !q->ids && (!q->drive || i + 1 == q->drive));
    if (q->extra)
        add_extra(s, q);
}

/* The columns that the outer half of a scan asks for. */
static void add_inner(struct list_sql *s, const struct list_query *q,
                      const struct field *const *more, size_t nmore)
{
    const struct entity *e = q->entity;
    const struct field *mine[LIST_COLUMNS];
    size_t nmine = list_mine(e, mine);
    bool all = entity_sees_all(s->w, e);

    add(s, "t.id, t.number, t.version");
    for (size_t i = 0; i < e->nfields; i++) {
        const struct field *f = &e->fields[i];
        bool wanted = f == q->sort || (f->concerns && !all) || (q->q && search_personal_field(f));

        if (f->kind == FIELD_REFS)
            continue;
        for (size_t k = 0; k < q->nfilters && !wanted; k++) {
            wanted = q->filters[k].field == f;
            for (size_t m = 0; m < nmine && !q->filters[k].field; m++)
                wanted |= mine[m] == f;
        }
        for (size_t k = 0; k < nmore && !wanted; k++)
            wanted = more[k] == f;
        if (wanted)
            buf_printf(&s->text, ", t.%s", f->name);
    }
}

void list_scan_begin(struct list_sql *s, const struct list_query *q,
                     const struct field *const *more, size_t nmore)
{
    begin(s, q);
    add(s, " from (select ");
    add_inner(s, q, more, nmore);
    list_scan_inner(s, q);
}

void list_scan_inner(struct list_sql *s, const struct list_query *q)
{
    if (s->count == 0)
        begin(s, q);
    add(s, " from ");
    list_table(s, q);
    add(s, " where t.org_id = $1");
    if (q->walk)
        add_filter(s, q->entity, &q->filters[q->walk - 1], true);
}

void list_scan_end(struct list_sql *s, const struct list_query *q)
{
    buf_printf(&s->text, " limit %d) t where t.id <> 0", LIST_SCAN);
    if (has_text(s, q))
        add_text(s, q);
    list_visibility(s, q->entity);
    for (size_t i = 0; i < q->nfilters; i++)
        if (i + 1 != q->walk)
            add_filter(s, q->entity, &q->filters[i], true);
}
