/* SPDX-License-Identifier: Apache-2.0 */
/* Records as JSON for the API and exports, and the canonical text that the log commits to. The
 * canonical form never changes for a stored row: names of fields are its keys. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
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

struct err *entity_json(struct web *w, const struct entity *e, const void *record, json_t **out)
{
    const struct record *head = record;
    json_t *object = json_own(w->arena, json_object());
    const char *label;

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
    }
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

const char *entity_canonical(struct arena *a, const struct entity *e, const void *record,
                             bool personal)
{
    static const struct field number = {.name = "number",
                                        .kind = FIELD_INT,
                                        .offset = offsetof(struct record, number),
                                        .required = true};
    const struct field **list = NEW_ARRAY(a, const struct field *, e->nfields + 1);
    size_t n = 0;
    struct buf b;

    if (!personal)
        list[n++] = &number;
    for (size_t i = 0; i < e->nfields; i++) {
        const struct field *f = &e->fields[i];

        if (!f->derived && f->personal == personal && !field_null(f, record))
            list[n++] = f;
    }
    qsort(list, n, sizeof(list[0]), compare_fields);
    buf_init(&b, a, 512);
    for (size_t i = 0; i < n; i++)
        add_line(&b, list[i]->name, canonical_value(a, list[i], record));
    return b.data;
}
