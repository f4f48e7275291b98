/* SPDX-License-Identifier: Apache-2.0 */
/* Comments of a record by the API: reading all, adding one. Reading the kind as a whole and single
 * ones is generic (core/api). */
#include "base/clock.h"
#include "base/text.h"
#include "feature/comment/comment_part.h"

#define MOST 200

static struct err *record_asked(struct web *w, struct record_head *head)
{
    const struct entity *e = feature_entity_plural(web_param(w, 0));
    i64 id;

    if (!e || e->site || e == &comment_entity)
        return err_new(ERR_MISSING, "There is nothing at this address that could be commented.");
    TRY(entity_find(w, e, web_param(w, 1), &id));
    TRY(entity_load(w, e, id, arena_alloc(w->arena, e->size)));
    return record_head(w, id, head);
}

static json_t *label(struct web *w, i64 number)
{
    return number ? json_string(arena_printf(w->arena, "CM-%lld", number)) : json_null();
}

static json_t *time_or_null(struct web *w, i64 at)
{
    return at ? json_string(clock_iso(w->arena, at)) : json_null();
}

static json_t *said_json(struct web *w, const struct said *s, i64 thread)
{
    const struct comment *c = &s->c;
    json_t *o = json_object(), *names = json_array();

    for (size_t i = 0; i < s->names.count; i++)
        json_array_append_new(
            names, json_string(arena_printf(w->arena, "P-%lld", s->names.list[i].number)));
    json_object_set_new(o, "number", label(w, c->number));
    json_object_set_new(o, "version", json_integer(c->version));
    json_object_set_new(o, "thread", label(w, thread));
    json_object_set_new(o, "kind", json_string(c->kind));
    json_object_set_new(o, "state", c->state ? json_string(c->state) : json_null());
    json_object_set_new(o, "title", json_string(c->title));
    json_object_set_new(o, "body", c->body ? json_string(c->body) : json_null());
    json_object_set_new(o, "author", json_string(s->author));
    json_object_set_new(o, "mentioned", names);
    json_object_set_new(o, "written", time_or_null(w, c->written));
    json_object_set_new(o, "edited", time_or_null(w, c->edited));
    json_object_set_new(o, "removed", time_or_null(w, c->removed_at));
    return o;
}

struct err *comment_api_list(struct web *w)
{
    struct comment_page page = {.limit = MOST};
    const char *before = web_query(w, "before");
    json_t *answer = json_own(w->arena, json_object()), *items = json_array();
    struct record_head head;
    i64 thread = 0;

    json_object_set_new(answer, "items", items);
    TRY(record_asked(w, &head));
    page.about = head.id;
    if (before && (!text_starts(before, "CM-") || !text_i64(before + 3, &page.before)))
        return err_new(ERR_BAD, "The parameter “before” is the “next” of the page before.");
    TRY(comment_about(w, &page));
    for (size_t i = 0; i < page.count; i++) {
        if (!page.list[i].c.parent)
            thread = page.list[i].c.number;
        json_array_append_new(items, said_json(w, &page.list[i], thread));
    }
    json_object_set_new(answer, "next", label(w, page.more ? page.list[0].c.number : 0));
    web_answer_json(w, 200, json_incref(answer));
    return NULL;
}

static struct err *read_body(struct web *w, json_t **out)
{
    if (!w->req->body.size || !text_equal(w->req->body_type, "application/json"))
        return err_new(ERR_BAD, "Send a JSON object like {\"body\": \"...\"}.");
    TRY(json_parse(w->arena, (const char *)w->req->body.data, w->req->body.size, out));
    if (!json_is_object(*out) || !json_is_string(json_object_get(*out, "body")))
        return err_new(ERR_BAD, "Send a JSON object like {\"body\": \"...\"}.");
    return NULL;
}

/* "reply_to": the thread that the text belongs to. */
static struct err *find_thread(struct web *w, const json_t *object, const struct record_head *head,
                               struct comment *c, struct comment *begins)
{
    const char *text = json_string_value(json_object_get(object, "reply_to"));
    struct said root;
    struct rows *r;
    i64 number = 0;

    if (!text)
        return NULL;
    if (text_starts(text, "CM-"))
        text_i64(text + 3, &number);
    TRY(db_query(w->db, &r,
                 "select id from comment where org_id = $1 and number = $2 and about = $3"
                 " and parent is null",
                 num(w->org), num(number), num(head->id)));
    if (!row_next(r))
        return err_new(ERR_INVALID, "No thread “%.20s” is about %s.", text, head->label);
    TRY(comment_load(w, row_num(r, 0), &root));
    *begins = root.c;
    c->parent = root.c.id;
    c->state = NULL;
    if (text_equal(root.c.kind, "question") && root.c.author != w->person) {
        c->kind = "answer";
        c->asked = root.c.author;
    }
    return NULL;
}

struct err *comment_api_add(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    struct comment c = {.kind = "comment", .state = "open"}, root;
    struct record_head head;
    struct said said;
    json_t *object;

    TRY(record_asked(w, &head));
    TRY(read_body(w, &object));
    c.about = head.id;
    c.body = arena_str(w->arena, json_string_value(json_object_get(object, "body")));
    TRY(find_thread(w, object, &head, &c, &root));
    TRY(comment_store(w, &c, &issues));
    if (issues.count)
        return err_new(ERR_INVALID, "%s", issues.list[0].text);
    TRY(comment_load(w, c.id, &said));
    if (!c.parent)
        root = c;
    TRY(comment_tell(w, &c, &root, text_equal(c.kind, "answer") ? TOLD_ANSWER : TOLD_COMMENT));
    web_header(w, "Location", arena_printf(w->arena, "/api/v1/comments/CM-%lld", c.number));
    web_answer_json(w, 201, said_json(w, &said, root.number));
    return NULL;
}
