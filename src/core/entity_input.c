/* SPDX-License-Identifier: Apache-2.0 */
/* Where values come from: posted forms and JSON objects, as pairs of name and text for
 * entity_apply. */
#include <string.h>

#include "core/entity_sql.h"

/* All values of a field of the form, joined; NULL when the form does not have it. */
static const char *form_value(struct web *w, const struct field *f)
{
    const struct pairs *form = &w->req->form;
    const char *list = arena_printf(w->arena, "%s[]", f->name);
    struct buf b;
    bool found = false;

    buf_init(&b, w->arena, 64);
    for (size_t i = 0; i < form->count; i++) {
        if (strcmp(form->list[i].name, f->name) != 0 && strcmp(form->list[i].name, list) != 0)
            continue;
        found = true;
        if (*form->list[i].value)
            buf_printf(&b, "%s%s", b.size ? "," : "", form->list[i].value);
    }
    return found ? b.data : NULL;
}

struct inputs entity_form_inputs(struct web *w, const struct entity *e)
{
    struct inputs in = {.list = NEW_ARRAY(w->arena, struct input, e->nfields + 1)};

    for (size_t i = 0; w->req && i < e->nfields; i++) {
        const struct field *f = &e->fields[i];
        const char *value = f->internal || f->derived ? NULL : form_value(w, f);

        if (value)
            in.list[in.count++] = (struct input){f->name, value};
    }
    return in;
}

/* A scalar as text; false for objects and arrays. */
static bool scalar(struct arena *a, const json_t *value, const char **out)
{
    switch (json_typeof(value)) {
    case JSON_STRING:
        *out = json_string_value(value);
        return true;
    case JSON_INTEGER:
        *out = arena_printf(a, "%lld", (i64)json_integer_value(value));
        return true;
    case JSON_REAL:
        *out = arena_printf(a, "%.17g", json_real_value(value));
        return true;
    case JSON_TRUE:
    case JSON_FALSE:
        *out = json_is_true(value) ? "true" : "false";
        return true;
    case JSON_NULL:
        *out = NULL;
        return true;
    default:
        return false;
    }
}

static bool list_text(struct arena *a, const json_t *list, const char **out)
{
    struct buf b;
    size_t i;
    json_t *item;

    buf_init(&b, a, 64);
    json_array_foreach(list, i, item)
    {
        const char *text;

        if (!scalar(a, item, &text))
            return false;
        buf_printf(&b, "%s%s", i ? "," : "", text ? text : "");
    }
    *out = b.data;
    return true;
}

struct inputs entity_json_inputs(struct web *w, const json_t *object, struct issues *out)
{
    size_t room = json_object_size(object);
    struct inputs in = {.list = NEW_ARRAY(w->arena, struct input, room + 1)};
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        const char *text;
        bool good = json_is_array(value) ? list_text(w->arena, value, &text)
                                         : scalar(w->arena, value, &text);

        if (good)
            in.list[in.count++] = (struct input){arena_str(w->arena, key), text};
        else
            issue(out, key,
                  "The value of “%.40s” must be a text, a number, true, false, null or a "
                  "list of those.",
                  key);
    }
    return in;
}
