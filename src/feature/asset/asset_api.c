/* SPDX-License-Identifier: Apache-2.0 */
/* Suggested assets over the API: GET lists them with their reasons, POST decides. */
#include <string.h>

#include "base/text.h"
#include "core/app.h"
#include "feature/asset/asset_part.h"

static json_t *suggestion_json(struct web *w, const struct asset_suggestion *s, bool sensible)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:s, s:s, s:s, s:b}", "code", s->code,
                     "name", s->name, "type", s->type, "kind", asset_kind(w, s->type), "c",
                     (json_int_t)s->c, "i", (json_int_t)s->i, "a", (json_int_t)s->a, "media",
                     s->media, "carries", s->carries, "why", s->why, "within_size", sensible);
}

struct err *asset_api_list(struct web *w)
{
    json_t *list = json_array(), *questions = json_array();
    struct asset_suggestions s;

    json_own(w->arena, list);
    json_own(w->arena, questions);
    TRY(asset_suggest(w, &s));
    for (size_t i = 0; i < s.count; i++)
        json_array_append_new(list, suggestion_json(w, &s.list[i], i < s.shown));
    for (size_t i = 0; i < s.nquestions; i++)
        json_array_append_new(questions, json_pack("{s:s, s:s}", "key", s.questions[i].key,
                                                   "question", s.questions[i].text));
    web_answer_json(w, 200,
                    json_pack("{s:O, s:O, s:s, s:I, s:I}", "suggestions", list, "open_questions",
                              questions, "band", s.band, "assets_max", (json_int_t)s.most, "assets",
                              (json_int_t)s.assets));
    return NULL;
}

/* --- POST --- */

static struct err *read_body(struct web *w, json_t **out)
{
    if (!text_equal(w->req->body_type, "application/json"))
        return err_new(ERR_BAD, "Send a JSON object as application/json.");
    TRY(json_parse(w->arena, (const char *)w->req->body.data, w->req->body.size, out));
    if (!json_is_object(*out))
        return err_new(ERR_BAD, "The body must be a JSON object with “accept” or “dismiss”.");
    return NULL;
}

static struct err *check_members(json_t *body)
{
    const char *name;
    json_t *value;

    json_object_foreach(body, name, value)
    {
        if (text_equal(name, "owner") ? !json_is_string(value) && !json_is_null(value)
            : text_equal(name, "accept") || text_equal(name, "dismiss") ? !json_is_array(value)
                                                                        : true)
            return err_new(ERR_BAD,
                           "The member “%.60s” cannot be used. Give “accept” (list of codes), "
                           "“dismiss” (list of objects with key and reason), “owner” (person).",
                           name);
    }
    return NULL;
}

static struct err *read_picks(struct web *w, json_t *codes, struct asset_pick **out, size_t *count)
{
    size_t n = json_array_size(codes);
    struct asset_pick *picks = NEW_ARRAY(w->arena, struct asset_pick, n + 1);

    for (size_t i = 0; i < n; i++) {
        picks[i].code = json_string_value(json_array_get(codes, i));
        if (!picks[i].code)
            return err_new(ERR_BAD, "“accept” is a list of codes, like [\"laptops\"].");
    }
    *out = picks;
    *count = n;
    return NULL;
}

static struct err *dismiss_all(struct web *w, json_t *list, struct issues *issues)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *one = json_array_get(list, i);
        const char *key = json_string_value(json_object_get(one, "key"));
        const char *reason = json_string_value(json_object_get(one, "reason"));

        if (!key)
            return err_new(ERR_BAD, "“dismiss” is a list of objects with “key” and “reason”.");
        TRY(asset_dismiss(w, key, reason, issues));
    }
    return NULL;
}

static json_t *accepted_json(const struct asset_pick *picks, size_t n,
                             const struct asset_accepted *done, struct arena *a)
{
    json_t *list = json_array();

    for (size_t i = 0; i < n; i++)
        if (done->ids[i])
            json_array_append_new(list, json_pack("{s:s, s:s}", "code", picks[i].code, "id",
                                                  arena_printf(a, "%lld", done->ids[i])));
    return list;
}

struct err *asset_api_post(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    struct asset_accepted done = {0};
    struct asset_pick *picks = NULL;
    json_t *body, *dismissed;
    size_t n = 0;

    TRY(read_body(w, &body));
    TRY(check_members(body));
    TRY(read_picks(w, json_object_get(body, "accept"), &picks, &n));
    dismissed = json_object_get(body, "dismiss");
    if (!n && !json_array_size(dismissed))
        return err_new(ERR_INVALID, "Give at least one code under “accept” or “dismiss”.");
    if (n)
        TRY(asset_accept(w, picks, n, json_string_value(json_object_get(body, "owner")), &issues,
                         &done));
    if (!issues.count && json_array_size(dismissed))
        TRY(dismiss_all(w, dismissed, &issues));
    if (issues.count) /* all or nothing: the error undoes what was written before it */
        return err_new(ERR_INVALID, "%s", issues.list[0].text);
    web_answer_json(
        w, 200,
        json_pack("{s:o, s:I, s:I}", "accepted", accepted_json(picks, n, &done, w->arena), "linked",
                  (json_int_t)done.linked, "dismissed", (json_int_t)json_array_size(dismissed)));
    return NULL;
}
