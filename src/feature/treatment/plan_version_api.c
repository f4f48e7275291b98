/* SPDX-License-Identifier: Apache-2.0 */
/* Versions of the treatment plan for the API: the list, one with its text and decision, and a new
 * one. Deciding stays with people on the page, where the text is shown. */
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "core/app.h"
#include "core/decision.h"
#include "core/list.h"
#include "feature/treatment/treatment_web.h"

struct err *plan_api_list(struct web *w)
{
    json_t *answer = json_own(w->arena, json_object()), *items = json_array(), *one;
    struct list_query q;
    struct list_result r;

    json_object_set_new(answer, "items", items);
    TRY(list_parse(w, &plan_version_entity, &q));
    TRY(list_run(w, &q, false, &r));
    for (size_t i = 0; i < r.count; i++) {
        TRY(entity_json(w, &plan_version_entity, (const struct plan_version *)r.records + i, &one));
        json_object_del(one, "body"); /* long: it comes with the single version */
        json_array_append(items, one);
    }
    json_object_set_new(answer, "next", r.next ? json_string(r.next) : json_null());
    web_answer_json(w, 200, json_incref(answer));
    return NULL;
}

/* What was decided about a version; JSON null while nothing was. */
static struct err *decision_json(struct web *w, i64 version, json_t **out)
{
    struct decision d;

    TRY(decision_last(w, "plan", version, &d));
    *out = json_null();
    if (!d.id)
        return NULL;
    *out = json_object();
    json_object_set_new(*out, "outcome", json_string(d.outcome));
    json_object_set_new(*out, "by", json_string(arena_printf(w->arena, "%lld", d.by)));
    json_object_set_new(*out, "at", json_string(clock_iso(w->arena, d.at)));
    json_object_set_new(*out, "comment", d.comment ? json_string(d.comment) : json_null());
    return NULL;
}

static struct err *answer_version(struct web *w, const struct plan_version *v, int status)
{
    json_t *object, *decision;

    TRY(entity_json(w, &plan_version_entity, v, &object));
    TRY(decision_json(w, v->id, &decision));
    json_object_set_new(object, "decision", decision);
    web_answer_json(w, status, json_incref(object));
    return NULL;
}

struct err *plan_api_get(struct web *w)
{
    struct plan_version v;
    i64 id;

    TRY(risk_refuse_blind_whole(w));
    TRY(web_record(w, &plan_version_entity, &id));
    TRY(entity_load(w, &plan_version_entity, id, &v));
    return answer_version(w, &v, 200);
}

struct err *plan_api_freeze(struct web *w)
{
    struct plan_version v;

    TRY(risk_refuse_blind_whole(w));
    TRY(plan_freeze(w, &v));
    web_header(w, "Location", arena_printf(w->arena, "/api/v1/plan-versions/TP-%lld", v.number));
    return answer_version(w, &v, 201);
}
