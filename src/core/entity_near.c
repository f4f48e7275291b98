/* SPDX-License-Identifier: Apache-2.0 */
/* What points to a record: the references of all kinds, asked in one statement. */
#include <string.h>

#include "base/words.h"
#include "core/entity_sql.h"
#include "core/kept.h"

#define KINDS_MOST 64

struct pointer {
    const struct entity *entity;
    const struct field *field;
};

/* Who wrote something does not wait on it: references that code sets count only where lists offer
 * them as a filter. */
static bool counts(const struct entity *from, const struct field *f, const struct entity *to)
{
    if ((f->kind != FIELD_REF && f->kind != FIELD_REFS) || f->derived || f->secret)
        return false;
    return f->ref == to && from->site == to->site && (!f->internal || f->filtered || f->sortable);
}

static size_t pointers_to(const struct entity *e, struct pointer *out)
{
    size_t n = 0;

    for (size_t i = 0; features[i]; i++)
        for (const struct entity *const *one = features[i]->entities; one && *one; one++)
            for (size_t k = 0; k < (*one)->nfields && n < KINDS_MOST; k++)
                if (counts(*one, &(*one)->fields[k], e))
                    out[n++] = (struct pointer){*one, &(*one)->fields[k]};
    return n;
}

/* One branch; $1 organisation, $2 the record, $3 the person, $4 today, $5 how many. */
static void add_branch(struct web *w, struct buf *b, const struct pointer *p, size_t i)
{
    const struct entity *e = p->entity;

    buf_printf(b,
               "%sselect n%zu.i, n%zu.id, n%zu.number, n%zu.title from (select %zu as i, t.id,"
               " t.number, %s%s as title from ",
               b->size ? " union all " : "", i, i, i, i, i, e->title ? "t." : "",
               e->title ? e->title : "''");
    if (p->field->kind == FIELD_REF)
        buf_printf(b, "%s t where t.org_id = $1 and t.%s = $2", e->name, p->field->name);
    else
        buf_printf(b,
                   "%s_%s l join %s t on t.org_id = l.org_id and t.id = l.record"
                   " where l.org_id = $1 and l.target = $2",
                   e->name, p->field->name, e->name);
    if (!entity_sees_all(w, e)) {
        buf_str(b, " and ");
        entity_visible_sql(b, e,
                           &(struct visible){.org = 1, .person = 3, .today = 4, .past = w->asof});
    }
    buf_printf(b, " limit $5) as n%zu", i);
}

struct err *entity_pointing(struct web *w, const struct entity *e, i64 id, int most,
                            struct near **out, size_t *count)
{
    struct pointer list[KINDS_MOST];
    size_t n = pointers_to(e, list);
    struct rows *r;
    struct buf b;

    *count = 0;
    *out = NULL;
    if (!n)
        return NULL;
    buf_init(&b, w->arena, 2048);
    for (size_t i = 0; i < n; i++)
        add_branch(w, &b, &list[i], i);
    TRY(kept_query(w, &r, b.data,
                   DB_VALS(num(entity_org(w, e)), num(id), num(w->person),
                           str(w->today ? w->today : ""), num(most)),
                   5));
    *out = NEW_ARRAY(w->arena, struct near, row_count(r) + 1);
    while (row_next(r)) {
        const struct pointer *p = &list[row_num(r, 0)];

        (*out)[(*count)++] =
            (struct near){.entity = p->entity,
                          .field = p->field,
                          .id = row_num(r, 1),
                          .number = row_num(r, 2),
                          .title = entity_title_shown(w, p->entity, row_text(r, 3))};
    }
    return NULL;
}
