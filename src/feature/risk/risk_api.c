/* SPDX-License-Identifier: Apache-2.0 */
/* Suggested risks over the API: GET lists them with their reasons, POST decides. */
#include <string.h>

#include "base/text.h"
#include "core/app.h"
#include "core/content.h"
#include "feature/asset/asset.h"
#include "feature/risk/risk_part.h"

#define PAGE 200

static json_t *controls_json(struct web *w, const char *list)
{
    json_t *out = json_array();
    char **codes;
    size_t n = text_split(w->arena, list, ';', &codes);

    for (size_t i = 0; i < n; i++)
        json_array_append_new(out, json_string(codes[i]));
    return out;
}

static json_t *level_json(i64 level)
{
    return level ? json_integer(level) : json_null();
}

static json_t *candidate_json(struct web *w, const struct risk_candidate *c, bool sensible)
{
    const char *number = arena_printf(w->arena, "A-%lld", c->asset_number);
    json_t *o = json_object();

    json_object_set_new(o, "key", json_string(c->key));
    json_object_set_new(o, "title", json_string(risk_candidate_title(w, c)));
    json_object_set_new(o, "reason", json_string(c->reason));
    json_object_set_new(o, "asset", json_string(number));
    json_object_set_new(o, "asset_value", level_json(c->asset_value));
    json_object_set_new(o, "threat", json_string(c->threat));
    json_object_set_new(o, "vulnerability", json_string(c->vulnerability));
    json_object_set_new(o, "controls", controls_json(w, c->controls));
    json_object_set_new(o, "proposed_likelihood", level_json(c->likelihood));
    json_object_set_new(o, "proposed_impact", level_json(c->impact));
    json_object_set_new(o, "within_size", json_boolean(sensible));
    return o;
}

struct err *risk_api_list(struct web *w)
{
    const char *asset = web_query(w, "asset"), *page_text = web_query(w, "page");
    json_t *list = json_own(w->arena, json_array());
    struct risk_candidates c;
    i64 id = 0, page = 1;
    json_t *answer;

    if (page_text && (!text_i64(page_text, &page) || page < 1 || page > 100000))
        return err_new(ERR_BAD, "The parameter “page” is a number from 1.");
    if (!text_empty(asset))
        TRY(entity_find(w, &asset_entity, asset, &id));
    TRY(risk_suggest(w, id, &c));
    for (size_t i = (size_t)(page - 1) * PAGE; i < c.count && i < (size_t)page * PAGE; i++)
        json_array_append_new(list, candidate_json(w, &c.list[i], i < c.shown));
    answer = json_object();
    json_object_set(answer, "suggestions", list);
    json_object_set_new(answer, "total", json_integer((json_int_t)c.count));
    json_object_set_new(answer, "within_size", json_integer((json_int_t)c.shown));
    json_object_set_new(answer, "risks_max", json_integer(c.most));
    json_object_set_new(answer, "risks", json_integer(c.risks));
    json_object_set_new(answer, "next_page",
                        c.count > (size_t)page * PAGE ? json_integer(page + 1) : json_null());
    web_answer_json(w, 200, answer);
    return NULL;
}

/* --- POST --- */

static struct err *read_body(struct web *w, json_t **out)
{
    if (!text_equal(w->req->body_type, "application/json"))
        return err_new(ERR_BAD, "Send a JSON object as application/json.");
    TRY(json_parse(w->arena, (const char *)w->req->body.data, w->req->body.size, out));
    if (!json_is_object(*out))
        return err_new(ERR_BAD, "The body must be a JSON object with “accept”, “dismiss” or "
                                "“take_back”.");
    return NULL;
}

static bool member_fits(const char *name, const json_t *value)
{
    if (text_equal(name, "owner"))
        return json_is_string(value) || json_is_null(value);
    if (text_equal(name, "scores") || text_equal(name, "combine"))
        return json_is_boolean(value);
    return (text_equal(name, "accept") || text_equal(name, "dismiss") ||
            text_equal(name, "take_back")) &&
           json_is_array(value);
}

static struct err *check_members(json_t *body)
{
    const char *name;
    json_t *value;

    json_object_foreach(body, name, value)
    {
        if (!member_fits(name, value))
            return err_new(ERR_BAD,
                           "The member “%.60s” cannot be used. Give “accept” and “take_back” "
                           "(lists of keys), “dismiss” (list of objects with key and reason), "
                           "“owner” (person), “scores” and “combine” (true or false).",
                           name);
    }
    return NULL;
}

static struct err *keys_of(struct web *w, json_t *list, const char *name, const char ***out,
                           size_t *n)
{
    *n = json_array_size(list);
    *out = NEW_ARRAY(w->arena, const char *, *n + 1);
    for (size_t i = 0; i < *n; i++) {
        (*out)[i] = json_string_value(json_array_get(list, i));
        if (!(*out)[i])
            return err_new(ERR_BAD, "“%s” is a list of keys as the suggestions give them.", name);
    }
    return NULL;
}

static struct err *dismiss_all(struct web *w, json_t *list, struct issues *issues, size_t *done)
{
    *done = 0;
    for (size_t i = 0; i < json_array_size(list) && !issues->count; i++) {
        json_t *one = json_array_get(list, i);
        const char *key = json_string_value(json_object_get(one, "key"));
        const char *reason = json_string_value(json_object_get(one, "reason"));
        size_t n;

        if (!key)
            return err_new(ERR_BAD, "“dismiss” is a list of objects with “key” and “reason”.");
        TRY(risk_dismiss(w, &key, 1, reason, issues, &n));
        *done += n;
    }
    return NULL;
}

static struct err *accept_all(struct web *w, json_t *body, struct issues *issues,
                              struct risk_accepted *done)
{
    const char **keys;
    struct risk_acceptance given = {
        .owner = json_string_value(json_object_get(body, "owner")),
        .scores = json_is_true(json_object_get(body, "scores")),
        .combine = json_is_true(json_object_get(body, "combine")),
    };

    TRY(keys_of(w, json_object_get(body, "accept"), "accept", &keys, &given.count));
    given.keys = keys;
    return given.count ? risk_accept_suggestions(w, &given, issues, done) : NULL;
}

static json_t *created_json(struct web *w, const struct risk_accepted *done)
{
    json_t *list = json_array();

    for (size_t i = 0; i < done->created; i++)
        json_array_append_new(
            list, json_pack("{s:s, s:s}", "id", arena_printf(w->arena, "%lld", done->ids[i]),
                            "number", arena_printf(w->arena, "R-%lld", done->numbers[i])));
    return list;
}

/* All or nothing: an error undoes what was written before it. */
struct err *risk_api_post(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    struct risk_accepted done = {0};
    const char **back;
    size_t nback, dismissed = 0;
    json_t *body;

    TRY(read_body(w, &body));
    TRY(check_members(body));
    TRY(keys_of(w, json_object_get(body, "take_back"), "take_back", &back, &nback));
    if (nback)
        TRY(web_need(w, &dismissal_write));
    for (size_t i = 0; i < nback; i++)
        TRY(risk_take_back(w, back[i]));
    TRY(accept_all(w, body, &issues, &done));
    if (!issues.count)
        TRY(dismiss_all(w, json_object_get(body, "dismiss"), &issues, &dismissed));
    if (issues.count)
        return err_new(ERR_INVALID, "%s", issues.list[0].text);
    web_answer_json(w, 200,
                    json_pack("{s:o, s:I, s:I, s:I}", "created", created_json(w, &done), "skipped",
                              (json_int_t)done.skipped, "dismissed", (json_int_t)dismissed,
                              "taken_back", (json_int_t)nback));
    return NULL;
}
