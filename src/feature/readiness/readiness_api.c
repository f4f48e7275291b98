/* SPDX-License-Identifier: Apache-2.0 */
/* The report for scripts: GET /api/v1/readiness and `cairn check`. */
#include <stdio.h>

#include "base/text.h"
#include "core/command.h"
#include "core/entity.h"
#include "feature/readiness/readiness_part.h"

static json_t *percent(const struct readiness_score *s)
{
    return s->any ? json_real(s->tenths / 10.0) : json_null();
}

static json_t *record_json(struct web *w, const struct offender *o)
{
    const struct entity *e = feature_entity(o->kind);
    json_t *x = json_object();
    const char *label;

    if (e && o->number) {
        record_label(w->arena, e, o->number, &label);
        json_object_set_new(x, "kind", json_string(o->kind));
        json_object_set_new(x, "id", json_string(arena_printf(w->arena, "%lld", o->id)));
        json_object_set_new(x, "number", json_string(label));
        if (web_may(w, e->read))
            json_object_set_new(x, "title", json_string(o->title));
        json_object_set_new(x, "url", json_string(web_record_url(w, e, o->number)));
    }
    json_object_set_new(x, "because", json_string(o->because));
    return x;
}

const char *readiness_here(const struct readiness *r, size_t i)
{
    return r->due[i] ? rule_status_code(r->results[i].status) : "not-yet";
}

static json_t *rule_json(struct web *w, const struct readiness *r, size_t i)
{
    const struct rule_result *x = &r->results[i];
    json_t *o = json_object(), *records = json_array();

    json_object_set_new(o, "id", json_string(x->rule->id));
    json_object_set_new(o, "clause", json_string(x->rule->clause));
    json_object_set_new(o, "severity", json_string(severity_code(x->severity)));
    json_object_set_new(o, "status", json_string(rule_status_code(x->status)));
    json_object_set_new(o, "here", json_string(readiness_here(r, i)));
    json_object_set_new(o, "from", json_integer(x->rule->from));
    json_object_set_new(o, "title", json_string(x->rule->title));
    json_object_set_new(o, "fix", json_string(x->rule->fix));
    json_object_set_new(o, "population", json_integer(x->population));
    json_object_set_new(o, "count", json_integer(x->failing));
    for (size_t k = 0; k < x->listed; k++)
        json_array_append_new(records, record_json(w, &x->offenders[k]));
    json_object_set_new(o, "records", records);
    return o;
}

json_t *readiness_json(struct web *w, const struct readiness *r)
{
    json_t *o = json_object(), *rules = json_array(), *reached = json_array();
    json_t *scores = json_object();

    json_object_set_new(o, "date", json_string(r->today));
    json_object_set_new(o, "score", percent(&r->today_score));
    json_object_set_new(scores, "today", percent(&r->today_score));
    json_object_set_new(scores, "here", percent(&r->here_score));
    json_object_set_new(o, "scores", scores);
    json_object_set_new(o, "majors", json_integer(r->today_score.majors));
    json_object_set_new(o, "minors", json_integer(r->today_score.minors));
    json_object_set_new(o, "improvements", json_integer(r->today_score.improvements));
    json_object_set_new(o, "passed", json_integer(r->today_score.passed));
    for (int s = 1; s <= RULE_STEPS; s++)
        if (r->steps.reached & 1u << s)
            json_array_append_new(reached, json_integer(s));
    json_object_set_new(o, "reached", reached);
    json_object_set_new(o, "step", json_integer(r->steps.now));
    for (size_t i = 0; i < r->count; i++)
        json_array_append_new(rules, rule_json(w, r, i));
    json_object_set_new(o, "rules", rules);
    return o;
}

struct err *readiness_api(struct web *w)
{
    const struct readiness *r;

    TRY(readiness_get(w, false, &r));
    web_answer_json(w, 200, readiness_json(w, r));
    return NULL;
}

/* --- cairn check --- */

static void print_score(struct cli *c, const char *label, const struct readiness_score *s)
{
    if (s->any)
        fprintf(c->out, "%s: %d.%d %%%s (%d of %d rules hold)\n", label, s->tenths / 10,
                s->tenths % 10, s->capped ? ", held down by a major" : "", s->passed, s->due);
    else
        fprintf(c->out, "%s: nothing is due yet\n", label);
}

static void print_offender(struct cli *c, const struct offender *o)
{
    const struct entity *e = feature_entity(o->kind);
    const char *label;

    if (!e || !o->number) {
        fprintf(c->out, "      %s\n", o->because);
        return;
    }
    record_label(c->arena, e, o->number, &label);
    fprintf(c->out, "      %s %s: %s\n", label, o->title, o->because);
}

static void print_rule(struct cli *c, const struct rule_result *x)
{
    fprintf(c->out, "%s %s %s (%s)", severity_code(x->severity), x->rule->id, x->rule->title,
            x->rule->clause);
    if (x->failing)
        fprintf(c->out, ": %lld", x->failing);
    fprintf(c->out, "\n");
    for (size_t k = 0; k < x->listed && k < 5; k++)
        print_offender(c, &x->offenders[k]);
    if (x->failing > 5)
        fprintf(c->out, "      and %lld more\n", x->failing - 5);
}

static void print_text(struct cli *c, const struct readiness *r)
{
    print_score(c, "If the auditor came today", &r->today_score);
    print_score(c, "For where you are", &r->here_score);
    fprintf(c->out, "%d major, %d minor, %d to improve, %d pass\n\n", r->today_score.majors,
            r->today_score.minors, r->today_score.improvements, r->today_score.passed);
    for (int s = SEVERITY_MAJ; s >= SEVERITY_OFI; s--)
        for (size_t i = 0; i < r->count; i++)
            if (r->results[i].status == RULE_FAIL && (int)r->results[i].severity == s)
                print_rule(c, &r->results[i]);
    for (size_t i = 0; i < r->count; i++)
        if (r->results[i].status == RULE_BROKEN)
            fprintf(c->err, "cairn: rule %s does not run: %s\n", r->results[i].rule->file,
                    r->results[i].error);
}

int check_run(struct cli *c)
{
    const struct readiness *r;
    struct web *w;
    struct err *failed = cli_open(c, false, true, &w);

    if (!failed)
        failed = readiness_get(w, false, &r);
    if (failed)
        return cli_fail(c, failed);
    if (text_equal(cli_option(c, "format"), "json"))
        fprintf(c->out, "%s\n", json_text(c->arena, json_own(c->arena, readiness_json(w, r))));
    else
        print_text(c, r);
    return r->broken ? 2 : r->today_score.majors ? 1 : 0;
}
