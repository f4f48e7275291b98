/* SPDX-License-Identifier: Apache-2.0 */
/* Views over REST. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "feature/view/view_part.h"

static struct err *load_asked(struct web *w, struct view *out)
{
    i64 id;

    if (!text_i64(web_param(w, 0), &id))
        return err_new(ERR_MISSING, "There is no such view here, or it is not shared with you.");
    return view_load(w, id, out);
}

static json_t *view_json(struct web *w, const struct view *v)
{
    json_t *o = json_object();

    json_object_set_new(o, "id", json_string(arena_printf(w->arena, "%lld", v->id)));
    json_object_set_new(o, "kind", json_string(v->entity->plural));
    json_object_set_new(o, "title", json_string(v->title));
    json_object_set_new(o, "query", json_string(v->query));
    json_object_set_new(o, "shared", json_boolean(v->shared));
    json_object_set_new(o, "own", json_boolean(v->mine));
    json_object_set_new(o, "own_default", json_boolean(v->own_default));
    json_object_set_new(o, "all_default", json_boolean(v->all_default));
    json_object_set_new(o, "address", json_string(view_url(w, v)));
    return o;
}

struct err *views_api(struct web *w)
{
    const char *kind = web_query(w, "kind");
    const struct entity *e = kind ? feature_entity_plural(kind) : NULL;
    json_t *answer = json_own(w->arena, json_object()), *items = json_array();
    struct view *list;
    size_t count;

    json_object_set_new(answer, "items", items);
    json_object_set_new(answer, "next", json_null());
    if (kind && !e)
        return err_new(ERR_BAD, "There is no kind of record “%.40s”.", kind);
    TRY(view_list(w, e, &list, &count));
    for (size_t i = 0; i < count; i++)
        json_array_append_new(items, view_json(w, &list[i]));
    web_answer_json(w, 200, json_incref(answer));
    return NULL;
}

/* What the body says of a view; unknown members are refused. */
struct wish {
    struct view v;
    int own_default, all_default; /* -1 = not said */
};

static bool take_bool(const json_t *value, const char *name, struct issues *out)
{
    if (!json_is_boolean(value))
        issue(out, name, "The value of “%s” is true or false.", name);
    return json_is_true(value);
}

static void take_member(struct web *w, const char *name, const json_t *value, struct wish *wish,
                        struct issues *out)
{
    const char *text = json_is_string(value) ? arena_str(w->arena, json_string_value(value)) : NULL;
    bool texts = !strcmp(name, "kind") || !strcmp(name, "title") || !strcmp(name, "query");

    if (texts && !text)
        issue(out, name, "The value of “%s” must be a text.", name);
    else if (!strcmp(name, "kind") && wish->v.id)
        issue(out, name, "The kind of a view cannot be changed.");
    else if (!strcmp(name, "kind"))
        wish->v.entity = feature_entity_plural(text);
    else if (!strcmp(name, "title"))
        wish->v.title = text;
    else if (!strcmp(name, "query"))
        wish->v.query = text;
    else if (!strcmp(name, "shared"))
        wish->v.shared = take_bool(value, name, out);
    else if (!strcmp(name, "own_default"))
        wish->own_default = take_bool(value, name, out);
    else if (!strcmp(name, "all_default"))
        wish->all_default = take_bool(value, name, out);
    else
        issue(out, name, "A view has no “%.40s”.", name);
}

static struct err *read_wish(struct web *w, struct wish *wish, struct issues *out)
{
    const char *name;
    json_t *object, *value;

    wish->own_default = wish->all_default = -1;
    if (!w->req->body.size)
        return err_new(ERR_BAD, "The request has no body. Send a JSON object.");
    TRY(json_parse(w->arena, (const char *)w->req->body.data, w->req->body.size, &object));
    if (!json_is_object(object))
        return err_new(ERR_BAD, "The body must be a JSON object, like {\"title\": \"...\"}.");
    json_object_foreach(object, name, value) take_member(w, name, value, wish, out);
    if (!wish->v.entity)
        issue(out, "kind", "Say which list it is: risks, assets, ...");
    return NULL;
}

static void refuse(struct web *w, const struct issues *issues)
{
    json_t *p = json_object(), *list = json_array();

    for (size_t i = 0; i < issues->count; i++)
        json_array_append_new(list, json_pack("{s:s,s:s}", "field", issues->list[i].field, "text",
                                              issues->list[i].text));
    json_object_set_new(p, "type", json_string("about:blank"));
    json_object_set_new(p, "title", json_string("Not accepted"));
    json_object_set_new(p, "status", json_integer(422));
    json_object_set_new(p, "detail", json_string(issues->list[0].text));
    json_object_set_new(p, "request", json_string(w->req->id));
    json_object_set_new(p, "errors", list);
    web_answer_json(w, 422, p);
    w->req->response.type = "application/problem+json; charset=utf-8";
}

static struct err *save(struct web *w, struct wish *wish, struct issues *issues, int status)
{
    struct view *v = &wish->v;

    if (!issues->count)
        TRY(view_save(w, v, issues));
    if (!issues->count && wish->own_default >= 0)
        TRY(view_default(w, v, false, wish->own_default, issues));
    if (!issues->count && wish->all_default >= 0)
        TRY(view_default(w, v, true, wish->all_default, issues));
    if (issues->count)
        return err_new(ERR_INVALID, "%s", issues->list[0].text);
    TRY(view_load(w, v->id, v));
    web_answer_json(w, status, view_json(w, v));
    return NULL;
}

struct err *view_api_create(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    struct wish wish = {.v = {.query = ""}};

    TRY(read_wish(w, &wish, &issues));
    if (issues.count) {
        refuse(w, &issues);
        return NULL;
    }
    return save(w, &wish, &issues, 201);
}

struct err *view_api_change(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    struct wish wish = {.own_default = -1};

    TRY(load_asked(w, &wish.v));
    TRY(read_wish(w, &wish, &issues));
    if (issues.count) {
        refuse(w, &issues);
        return NULL;
    }
    return save(w, &wish, &issues, 200);
}

struct err *view_api_drop(struct web *w)
{
    struct view v;

    TRY(load_asked(w, &v));
    TRY(view_remove(w, v.id));
    web_status(w, 204);
    w->req->response.body = (struct bytes){(const unsigned char *)"", 0};
    return NULL;
}
