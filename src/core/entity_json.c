/* SPDX-License-Identifier: Apache-2.0 */
/* Records as JSON for the API and exports, and the canonical text that the log commits to. The
 * canonical form never changes for a stored row: names of fields are its keys. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/entity_sql.h"

static struct err *put_title(struct web *w, const struct field *f, const void *record, json_t *into)
{
    const char *name = arena_printf(w->arena, "%s_title", f->name), *title;

    if (field_null(f, record)) {
        json_object_set_new(into, name, json_null());
        return NULL;
    }
    TRY(entity_title(w, f->ref, field_num(f, record), &title, NULL));
    json_object_set_new(into, name, json_string(title));
    return NULL;
}

/* "R-42" instead of the id, and the title. */
static struct err *put_record(struct web *w, const struct field *f, const void *record,
                              json_t *into)
{
    const char *name = arena_printf(w->arena, "%s_title", f->name);
    struct record_head head;

    if (field_null(f, record)) {
        json_object_set_new(into, name, json_null());
        return NULL;
    }
    TRY(record_head(w, field_num(f, record), &head));
    if (head.entity)
        json_object_set_new(into, f->name, json_string(head.label));
    json_object_set_new(into, name, json_string(head.title));
    return NULL;
}

/* The same for several. */
static struct err *put_records(struct web *w, const struct field *f, const void *record,
                               json_t *into)
{
    const struct ids *ids = field_ids(f, record);
    json_t *list = json_array();
    struct record_head *heads;

    json_object_set_new(into, f->name, list);
    TRY(record_heads(w, *ids, &heads));
    for (size_t i = 0; i < ids->count; i++)
        json_array_append_new(list, json_string(heads[i].entity
                                                    ? heads[i].label
                                                    : arena_printf(w->arena, "%lld", ids->id[i])));
    return NULL;
}

/* Says that these are not empty but hidden from the reader. */
static json_t *hidden_names(const struct entity *e)
{
    json_t *list = json_array();

    for (size_t i = 0; i < e->nfields; i++)
        if (e->fields[i].veil)
            json_array_append_new(list, json_string(e->fields[i].name));
    return list;
}

struct err *entity_json(struct web *w, const struct entity *e, const void *record, json_t **out)
{
    const struct record *head = record;
    json_t *object = json_own(w->arena, json_object());
    const char *label;
    bool hidden;

    TRY(entity_veil(w, e, &record, &hidden));
    record_label(w->arena, e, head->number, &label);
    json_object_set_new(object, "id", json_string(arena_printf(w->arena, "%lld", head->id)));
    json_object_set_new(object, "number", json_string(label));
    json_object_set_new(object, "version", json_integer(head->version));
    for (size_t i = 0; i < e->nfields; i++) {
        const struct field *f = &e->fields[i];

        if (f->secret)
            continue;
        json_object_set_new(object, f->name, field_json(w, f, record));
        if (f->kind == FIELD_REF)
            TRY(put_title(w, f, record, object));
        if (f->kind == FIELD_RECORD)
            TRY(put_record(w, f, record, object));
        if (f->kind == FIELD_REFS && !f->ref)
            TRY(put_records(w, f, record, object));
    }
    if (hidden)
        json_object_set_new(object, "hidden", hidden_names(e));
    *out = object;
    return NULL;
}

/* One line; the value escaped so that no value can look like two lines. */
static void add_line(struct buf *b, const char *name, const char *value)
{
    buf_printf(b, "%s=", name);
    for (; *value; value++) {
        if (*value == '\n')
            buf_str(b, "\\n");
        else if (*value == '\\')
            buf_str(b, "\\\\");
        else
            buf_char(b, *value);
    }
    buf_char(b, '\n');
}

static const char *canonical_value(struct arena *a, const struct field *f, const void *record)
{
    const struct ids *ids;
    struct buf b;

    if (field_is_text(f))
        return field_str(f, record);
    if (f->kind != FIELD_REFS)
        return arena_printf(a, "%lld", field_num(f, record));
    ids = field_ids(f, record);
    buf_init(&b, a, 64);
    for (size_t i = 0; i < ids->count; i++)
        buf_printf(&b, "%s%lld", i ? "," : "", ids->id[i]);
    return b.data;
}

static int compare_fields(const void *a, const void *b)
{
    return strcmp((*(const struct field *const *)a)->name, (*(const struct field *const *)b)->name);
}

/* Which part of the canonical text is asked for, and in which form. */
struct part {
    bool personal, before;
};

static bool belongs(const struct field *f, const void *record, struct part part)
{
    bool personal = f->personal && !(part.before && f->was_open);

    return !f->derived && personal == part.personal && !field_null(f, record) &&
           !(f->late && field_num(f, record) == 0);
}

static const char *canonical(struct arena *a, const struct entity *e, const void *record,
                             struct part part)
{
    static const struct field number = {.name = "number",
                                        .kind = FIELD_INT,
                                        .offset = offsetof(struct record, number),
                                        .required = true};
    const struct field **list = NEW_ARRAY(a, const struct field *, e->nfields + 1);
    size_t n = 0;
    struct buf b;

    if (!part.personal)
        list[n++] = &number;
    for (size_t i = 0; i < e->nfields; i++)
        if (belongs(&e->fields[i], record, part))
            list[n++] = &e->fields[i];
    qsort(list, n, sizeof(list[0]), compare_fields);
    buf_init(&b, a, 512);
    for (size_t i = 0; i < n; i++)
        add_line(&b, list[i]->name, canonical_value(a, list[i], record));
    return b.data;
}

const char *entity_canonical(struct arena *a, const struct entity *e, const void *record,
                             bool personal)
{
    return canonical(a, e, record, (struct part){personal, false});
}

const char *entity_canonical_before(struct arena *a, const struct entity *e, const void *record,
                                    bool personal)
{
    for (size_t i = 0; i < e->nfields; i++)
        if (e->fields[i].was_open)
            return canonical(a, e, record, (struct part){personal, true});
    return NULL;
}
