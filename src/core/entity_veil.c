/* SPDX-License-Identifier: Apache-2.0 */
/* Fields that somebody who may see a record may not see yet: a second assessor does not see the
 * first score. Which records, the feature says (`veiled`); which fields, the field table. Whatever
 * draws, exports or sends a record goes through here. */
#include <string.h>

#include "core/entity_sql.h"

/* What a request has asked already. */
struct veil {
    const struct entity *entity;
    struct ids ids;
    struct veil *next;
};

/* The request's arena outlives pieces of it; jobs and commands, which have none, ask each time. */
static struct err *veil_of(struct web *w, const struct entity *e, const struct ids **out)
{
    struct arena *own = w->arena, *a = w->req ? w->req->arena : w->arena;
    struct err *failed;
    struct veil *v;

    for (v = w->veils; v; v = v->next)
        if (v->entity == e) {
            *out = &v->ids;
            return NULL;
        }
    v = NEW(a, struct veil);
    w->arena = a;
    failed = e->veiled(w, &v->ids);
    w->arena = own;
    TRY(failed);
    v->entity = e;
    *out = &v->ids;
    if (w->req && w->face != FACE_JOB) {
        v->next = w->veils;
        w->veils = v;
    }
    return NULL;
}

struct err *entity_hidden(struct web *w, const struct entity *e, i64 id, bool *hidden)
{
    const struct ids *ids;

    *hidden = false;
    if (!e->veiled || !w->person)
        return NULL;
    TRY(veil_of(w, e, &ids));
    for (size_t i = 0; i < ids->count && !*hidden; i++)
        *hidden = ids->id[i] == id;
    return NULL;
}

struct err *entity_veil(struct web *w, const struct entity *e, const void **record, bool *hidden)
{
    void *copy;

    TRY(entity_hidden(w, e, ((const struct record *)*record)->id, hidden));
    if (!*hidden)
        return NULL;
    copy = arena_alloc(w->arena, e->size);
    memcpy(copy, *record, e->size);
    for (size_t i = 0; i < e->nfields; i++) {
        const struct field *f = &e->fields[i];

        if (f->veil && f->kind == FIELD_REFS)
            field_set_ids(f, copy, (struct ids){0});
        else if (f->veil && field_is_text(f))
            field_set_str(f, copy, NULL);
        else if (f->veil)
            field_set_num(f, copy, 0);
    }
    *record = copy;
    return NULL;
}

struct err *entity_veiled_ids(struct web *w, const struct entity *e, const struct ids **out)
{
    *out = NULL;
    return e->veiled && w->person ? veil_of(w, e, out) : NULL;
}
