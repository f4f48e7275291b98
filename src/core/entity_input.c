/* SPDX-License-Identifier: Apache-2.0 */
/* Where values come from: posted forms and JSON objects, as pairs of name and text for
 * entity_apply. */
#include <string.h>

#include "base/words.h"
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

/* In a merge the other side's value was chosen: what is stored stays. */
static bool stays(struct web *w, const struct field *f)
{
    const char *take = web_form(w, arena_printf(w->arena, "_take.%s", f->name));

    return take && strcmp(take, "theirs") == 0;
}

struct inputs entity_form_inputs(struct web *w, const struct entity *e)
{
    struct inputs in = {.list = NEW_ARRAY(w->arena, struct input, e->nfields + 1)};

    for (size_t i = 0; w->req && i < e->nfields; i++) {
        const struct field *f = &e->fields[i];
        const char *value = f->internal || f->derived || stays(w, f) ? NULL : form_value(w, f);

        if (value)
            in.list[in.count++] = (struct input){f->name, value};
    }
    return in;
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
        bool good = json_is_array(value) ? json_list_text(w->arena, value, &text)
                                         : json_scalar_text(w->arena, value, &text);

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
