/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses of lists: every state of a list has one, so it can be kept, shared and gone back to. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/list_part.h"

/* Parameters that say where one is in the list, or that were said once: they are not kept. */
static bool is_place(const char *name)
{
    static const char *const names[] = {"after", "m", "undo", "facet", "format", "panel", "fields"};

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (text_equal(name, names[i]))
            return true;
    return false;
}

static bool same_name(const char *name, const char *other)
{
    size_t size = strlen(other);

    return text_starts(name, other) && (name[size] == '\0' || text_equal(name + size, "[]"));
}

static void add_parameter(struct buf *b, char *separator, const char *name, const char *value)
{
    if (*separator)
        buf_char(b, *separator);
    *separator = '&';
    buf_str(b, text_url(b->arena, name));
    buf_char(b, '=');
    buf_str(b, text_url(b->arena, value));
}

/* The parameters of the request with one changed. What is left of a saved view when everything else
 * was taken out is the whole list, not the view again. */
static void add_parameters(struct web *w, struct buf *b, char separator, const struct pair *change)
{
    const char *view = NULL;
    size_t others = 0;

    for (size_t i = 0; w->req && i < w->req->query.count; i++) {
        const struct pair *p = &w->req->query.list[i];

        if (is_place(p->name) || (change && same_name(p->name, change->name)) || !*p->value)
            continue;
        if (text_equal(p->name, "view")) {
            view = p->value;
            continue;
        }
        others += !text_equal(p->name, "asof");
        add_parameter(b, &separator, p->name, p->value);
    }
    if (change && change->value) {
        others += !is_place(change->name);
        add_parameter(b, &separator, change->name, change->value);
    }
    if (view)
        add_parameter(b, &separator, "view", others ? view : "all");
}

const char *list_path(struct web *w, const struct entity *e)
{
    if (w->req)
        return w->req->path;
    return arena_printf(w->arena, "%s%s/%s", w->slug ? "/o/" : "", w->slug ? w->slug : "",
                        e->plural);
}

const char *list_url_at(struct web *w, const char *path, const char *name, const char *value)
{
    const struct pair change = {name, value};
    struct buf b;

    buf_init(&b, w->arena, 128);
    buf_str(&b, path);
    add_parameters(w, &b, '?', name ? &change : NULL);
    return b.data;
}

const char *list_url(struct web *w, const struct list_query *q, const char *name, const char *value)
{
    return list_url_at(w, list_path(w, q->entity), name, value);
}

const char *list_address(struct web *w)
{
    const struct pair change = {"view", NULL};
    struct buf b;

    buf_init(&b, w->arena, 128);
    add_parameters(w, &b, '\0', &change);
    return b.data;
}

const char *list_all_url(struct web *w, const struct list_query *q)
{
    const char *path = list_path(w, q->entity);

    if (w->asof_date)
        return arena_printf(w->arena, "%s?%sasof=%s", path, q->view ? "view=all&" : "",
                            w->asof_date);
    return q->view ? arena_printf(w->arena, "%s?view=all", path) : path;
}

void list_hidden(struct web *w, const char *name)
{
    size_t size = strlen(name);

    for (size_t i = 0; w->req && i < w->req->query.count; i++) {
        const struct pair *p = &w->req->query.list[i];
        /* "due" stands for due, due.min and due.max. */
        bool same =
            size && text_starts(p->name, name) && (p->name[size] == '\0' || p->name[size] == '.');

        if (!is_place(p->name) && !same && *p->value)
            html(w->html, "<input type='hidden' name='%s' value='%s'>", p->name, p->value);
    }
}

bool list_names_value(const char *list, const char *value)
{
    size_t size = strlen(value);

    for (const char *p = list; size && (p = strstr(p, value)); p++)
        if ((p == list || p[-1] == ',') && (p[size] == ',' || p[size] == '\0'))
            return true;
    return false;
}
