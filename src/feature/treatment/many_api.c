/* SPDX-License-Identifier: Apache-2.0 */
/* One treatment for several risks over the API: the plan and what is left of each risk in one JSON
 * object; all of it is written, or nothing. */
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "core/api.h"
#include "core/app.h"
#include "feature/treatment/many.h"

#define WISHES_MOST (MANY_MOST * 16)

struct reading {
    struct web *w;
    struct many *m;
    struct pairs wishes;
    const char *all, *of; /* of the names of wishes: "all_" and "", or "" and ".<risk>" */
};

/* --- levels --- */

/* 3 (a level), 0 (as now), -1 (one lower) of a JSON value; NULL = it is none. */
static const char *wish_text(struct web *w, const json_t *value)
{
    if (!json_is_integer(value))
        return NULL;
    return arena_printf(w->arena, "%lld", (long long)json_integer_value(value));
}

static struct err *add_wish(struct reading *in, const char *name, const json_t *value,
                            const char *key)
{
    const char *text = wish_text(in->w, value);

    if (json_is_null(value))
        return NULL;
    if (!text)
        return err_new(ERR_BAD,
                       "“%.60s” is a level of the scale, 0 for as it is now, or -1 for one lower.",
                       key);
    if (in->wishes.count == WISHES_MOST)
        return err_new(ERR_LIMIT, "There are too many levels in one request.");
    in->wishes.list[in->wishes.count++] = (struct pair){name, text};
    return NULL;
}

/* A member that says what is left; `*known` = it was one. */
static struct err *read_levels(struct reading *in, const char *key, json_t *value, bool *known)
{
    const char *all = in->all, *of = in->of;
    struct arena *a = in->w->arena;
    const char *axis;
    json_t *level;

    *known = true;
    if (text_equal(key, "expected_likelihood"))
        return add_wish(in, arena_printf(a, "%slikelihood%s", all, of), value, key);
    if (text_equal(key, "expected_impact"))
        return add_wish(in, arena_printf(a, "%simpact%s", all, of), value, key);
    *known = text_equal(key, "expected_axes");
    if (!*known)
        return NULL;
    if (!json_is_object(value))
        return err_new(ERR_BAD, "“expected_axes” is an object with the levels of axes, like "
                                "{\"a\": 2, \"c\": -1}.");
    json_object_foreach(value, axis, level)
    {
        TRY(add_wish(in, arena_printf(a, "%saxis%s.%s", all, of, axis), level, axis));
    }
    return NULL;
}

/* --- risks --- */

static struct err *read_risk(struct reading *in, json_t *one)
{
    const json_t *said = json_is_object(one) ? json_object_get(one, "risk") : one;
    const char *key;
    json_t *value;
    bool known;
    i64 id;

    if (!json_is_string(said))
        return err_new(ERR_BAD, "“risks” is a list of numbers like \"R-3\", or of objects with "
                                "“risk” and expected levels.");
    TRY(entity_find(in->w, &risk_entity, json_string_value(said), &id));
    in->all = "";
    in->of = arena_printf(in->w->arena, ".%lld", id);
    if (json_is_object(one))
        json_object_foreach(one, key, value)
        {
            if (text_equal(key, "risk"))
                continue;
            TRY(read_levels(in, key, value, &known));
            if (!known)
                return err_new(ERR_BAD,
                               "The member “%.60s” of a risk cannot be used. Give "
                               "“expected_likelihood”, “expected_impact” or "
                               "“expected_axes” (an object).",
                               key);
        }
    return many_add(in->w, in->m, id, true);
}

static struct err *read_risks(struct reading *in, const json_t *list)
{
    if (!json_is_array(list) || !json_array_size(list))
        return err_new(ERR_BAD, "“risks” is a list of the risks that get the treatment, like "
                                "[\"R-3\", \"R-4\"].");
    for (size_t i = 0; i < json_array_size(list); i++)
        TRY(read_risk(in, json_array_get(list, i)));
    return NULL;
}

/* --- all of it --- */

static struct err *take_flag(json_t *body, const char *name, bool *out)
{
    json_t *value = json_object_get(body, name);

    if (value && !json_is_boolean(value))
        return err_new(ERR_BAD, "“%s” is true or false.", name);
    *out = json_is_true(value);
    json_object_del(body, name);
    return NULL;
}

static struct err *take_action(struct reading *in, json_t *body)
{
    struct many *m = in->m;
    json_t *given = json_object_get(body, "action");

    m->wants_action = json_is_object(given);
    if (given && !m->wants_action)
        return err_new(ERR_BAD, "“action” is an object with who, when and by what means.");
    if (m->wants_action) {
        struct inputs what = entity_json_inputs(in->w, given, &m->issues);

        TRY(entity_apply(in->w, &action_entity, &m->action, what, true, &m->issues));
    }
    json_object_del(body, "action");
    return NULL;
}

/* Levels for all are taken out of the body; what is left is the plan. */
static struct err *take_levels(struct reading *in, json_t *body)
{
    const char *key;
    json_t *value;
    void *next;
    bool known;

    in->all = "all_";
    in->of = "";
    json_object_foreach_safe(body, next, key, value)
    {
        TRY(read_levels(in, key, value, &known));
        if (known)
            json_object_del(body, key);
    }
    return NULL;
}

static struct err *read_all(struct reading *in, json_t *body, bool *preview)
{
    json_t *risks = json_own(in->w->arena, json_incref(json_object_get(body, "risks")));
    struct many *m = in->m;
    struct inputs plan;

    json_object_del(body, "risks");
    TRY(take_flag(body, "preview", preview));
    TRY(take_flag(body, "each", &m->each));
    TRY(take_action(in, body));
    TRY(take_levels(in, body));
    plan = entity_json_inputs(in->w, body, &m->issues);
    TRY(entity_apply(in->w, &treatment_entity, &m->plan, plan, true, &m->issues));
    if (text_empty(m->action.title))
        m->action.title = m->plan.title;
    m->wishes = &in->wishes;
    TRY(many_axes(in->w, m));
    return read_risks(in, risks);
}

/* An axis that is misspelt would be left as it is without a word. */
static void check_codes(struct reading *in)
{
    struct many *m = in->m;

    for (size_t i = 0; i < in->wishes.count; i++) {
        const char *name = in->wishes.list[i].name, *code = strrchr(name, '.');
        bool known = strstr(name, "axis") == NULL;

        for (size_t k = 0; !known && k < m->ruler.count; k++)
            known = text_equal(m->ruler.axes[k].code, code + 1);
        if (!known)
            issue(&m->issues, "expected_axes", "The risk method has no axis “%.40s”.", code + 1);
    }
}

static void refuse_rows(struct web *w, struct many *m)
{
    for (size_t i = 0; i < m->count; i++)
        if (m->rows[i].refused)
            issue(&m->issues, arena_printf(w->arena, "R-%lld", m->rows[i].risk.number), "%s",
                  m->rows[i].refused);
    api_refuse(w, &m->issues);
}

static json_t *row_json(struct web *w, const struct many_row *row, i64 treatment)
{
    json_t *o = json_object();

    json_object_set_new(o, "risk", json_string(arena_printf(w->arena, "R-%lld", row->risk.number)));
    json_object_set_new(o, "treatment",
                        treatment ? json_string(arena_printf(w->arena, "T-%lld", treatment))
                                  : json_null());
    json_object_set_new(o, "expected_score",
                        row->to_score ? json_integer(row->to_score) : json_null());
    json_object_set_new(o, "expected_band", row->to_band ? json_string(row->to_band) : json_null());
    json_object_set_new(o, "hint", row->hint ? json_string(row->hint) : json_null());
    return o;
}

struct err *many_api_post(struct web *w)
{
    struct many m = {.plan = {.state = "planned"}, .issues = {.arena = w->arena}};
    struct reading in = {.w = w, .m = &m};
    json_t *body, *answer = json_own(w->arena, json_object()), *list = json_array();
    i64 first = 0, last = 0;
    bool preview;

    json_object_set_new(answer, "treatments", list);
    m.rows = NEW_ARRAY(w->arena, struct many_row, MANY_MOST + 1);
    in.wishes.list = NEW_ARRAY(w->arena, struct pair, WISHES_MOST + 1);
    TRY(api_body(w, &body));
    TRY(read_all(&in, body, &preview));
    check_codes(&in);
    TRY(many_check(w, &m));
    if (m.issues.count || m.refused) {
        refuse_rows(w, &m);
        return NULL;
    }
    if (!preview)
        TRY(many_write(w, &m, &first, &last));
    for (size_t i = 0; i < m.count; i++)
        json_array_append_new(list, row_json(w, &m.rows[i], first ? first + (i64)i : 0));
    web_answer_json(w, preview ? 200 : 201, json_incref(answer));
    return NULL;
}
