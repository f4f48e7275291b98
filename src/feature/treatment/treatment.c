/* SPDX-License-Identifier: Apache-2.0 */
/* Treatments of risks and the actions of the treatment plan: fields and rules (ISO/IEC 27001 6.1.3,
 * mandatory fields per option: docs/domain 4.5). */
#include "feature/treatment/treatment.h"

#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "feature/control/control.h"
#include "feature/organisation/organisation.h"
#include "feature/risk/risk.h"
#include "feature/treatment/treatment_web.h"

const struct permission treatment_read = {"treatment.read", "See treatments"};
const struct permission treatment_write = {"treatment.write", "Plan treatments"};

static const struct choice options[] = {
    {"modify",  "Modify: add or improve controls", "blue"},
    {"share",   "Share: insurance or contract", "purple"},
    {"avoid",   "Avoid: end or change the activity", "orange"},
    {"retain", "Retain: accept it knowingly", "grey"},
    {0  }
};
static const struct choice states[] = {
    {"planned",     "Planned", "grey"},
    {"in-progress",       "In progress", "blue"},
    {"done", "Done", "green"},
    {"cancelled",       "Cancelled", "red"},
    {0       }
};

/* By the method that its risk is scored with today. */
static struct err *axes_told(struct web *w, const struct field *f, const void *record,
                             const char **out)
{
    i64 method;

    TRY(treatment_method(w, record, &method));
    return method_axes_told(w, method, field_str(f, record), out);
}

static struct err *highest(struct web *w, const struct field *f, const void *record, i64 *out)
{
    struct method m;
    i64 method;

    TRY(treatment_method(w, record, &method));
    if (!method)
        return NULL; /* told by the reference */
    TRY(method_load(w, method, &m));
    *out = text_equal(f->name, "expected_impact") ? m.impact_levels : m.levels;
    return NULL;
}

static const struct field treatment_fields[] = {
    TEXT(treatment, title, "What is done", .required = true, .listed = true, .sortable = true,
         .example = "Encrypt all clinic tablets and set up remote wiping"),
    REF(treatment, risk, "Risk", risk_entity, .required = true, .fixed = true, .listed = true,
        .sortable = true, .filtered = true),
    CHOICE(treatment, option, "Option", options, .required = true, .listed = true, .sortable = true,
           .filtered = true, .reasoned = true,
           .help = "Several treatments of one risk may use different options."),
    CHOICE(treatment, state, "State", states, .initial = "planned", .required = true,
           .listed = true, .sortable = true, .filtered = true),
    LONG(treatment, description, "How", .help = "Enough for somebody who was not in the meeting."),
    REFS(treatment, controls, "Controls", control_entity, .listed = true, .filtered = true,
         .group = "If you modify the risk",
         .help = "At least one, from Annex A or your own. The Statement of Applicability fills "
                 "itself from here."),
    TEXT(treatment, counterparty, "Counterparty", .group = "If you share the risk",
         .example = "Insurer or supplier"),
    TEXT(treatment, contract, "Contract or policy", .group = "If you share the risk"),
    TEXT(treatment, share_covered, "What it covers", .group = "If you share the risk",
         .example = "Losses up to 500,000 EUR a year"),
    TEXT(treatment, remaining, "What remains with us", .group = "If you share the risk"),
    TEXT(treatment, activity, "Activity that ends or changes", .group = "If you avoid the risk"),
    DATE(treatment, ended_on, "By", .group = "If you avoid the risk"),
    LEVEL(treatment, expected_likelihood, "Expected likelihood", .veil = true,
          .group = "When it is done", .least = 1, .most = METHOD_LEVELS_MOST, .highest = highest,
          .input = treatment_level_input, .help = "When all of this is done."),
    LEVEL(treatment, expected_impact, "Expected impact", .veil = true, .group = "When it is done",
          .least = 1, .most = METHOD_LEVELS_MOST, .highest = highest,
          .input = treatment_level_input),
    TEXT(treatment, expected_axes, "Expected impact per axis", .max = 300, .unfolded = true,
         .veil = true, .group = "When it is done", .input = risk_axes_input, .told = axes_told,
         .example = "c=2,a=4",
         .help = "How bad it will be on each axis of the risk method; the impact follows from it."),
    LONG(treatment, justification, "Why this is acceptable", .group = "If you retain the risk",
         .help = "Retaining is a decision, not an omission: say what makes it bearable."),
    DATE(treatment, expires, "Until", .group = "If you retain the risk", .dated = DATED_EXPIRY,
         .reasoned = true, .help = "Then the decision is due again."),
    TEXT(treatment, monitoring, "What would make you decide again",
         .group = "If you retain the risk",
         .example = "A loss at a competitor, or more than 100 such letters a month"),
};

static void need(const char *text, const char *field, const char *sentence, struct issues *out)
{
    if (text_empty(text))
        issue(out, field, "%s", sentence);
}

static void check_modify(const struct treatment *t, struct issues *out)
{
    if (!t->controls.count)
        issue(out, "controls", "Choose at least one control that changes the risk.");
    if (!t->expected_likelihood)
        issue(out, "expected_likelihood", "Say how likely it will be when the controls work.");
    if (!t->expected_impact && text_empty(t->expected_axes))
        issue(out, "expected_impact", "Say how bad it will be when the controls work.");
}

/* Sharing and avoiding may say what remains; half of it says nothing. */
static void check_outcome(const struct treatment *t, struct issues *out)
{
    bool impact = t->expected_impact || !text_empty(t->expected_axes);

    if (t->expected_likelihood && !impact)
        issue(out, "expected_impact", "Give the expected impact too, or leave both open.");
    if (impact && !t->expected_likelihood)
        issue(out, "expected_likelihood", "Give the expected likelihood too, or leave both open.");
}

static void check_retain(const struct treatment *t, struct issues *out)
{
    if (text_empty(t->justification) || text_length(t->justification) < 20)
        issue(out, "justification",
              "Say in a sentence why the risk is acceptable as it is; an "
              "auditor will ask.");
    need(t->expires, "expires", "Say until when this decision holds.", out);
    need(t->monitoring, "monitoring", "Say what would make you decide again.", out);
}

/* Mandatory fields per option (domain.md 4.5, R049). */
static void treatment_check(const void *record, struct issues *out)
{
    const struct treatment *t = record;

    if (text_equal(t->option, "modify")) {
        check_modify(t, out);
    } else if (text_equal(t->option, "share")) {
        need(t->counterparty, "counterparty", "Name who carries a part of the risk.", out);
        need(t->contract, "contract", "Name the contract or policy.", out);
        need(t->share_covered, "share_covered", "Say what is covered.", out);
        need(t->remaining, "remaining", "Say what remains with you; it always does.", out);
        check_outcome(t, out);
    } else if (text_equal(t->option, "avoid")) {
        need(t->activity, "activity", "Name the activity that ends or changes.", out);
        need(t->ended_on, "ended_on", "Give the date by which it has ended or changed.", out);
        need(t->description, "description", "Say what was decided.", out);
        check_outcome(t, out);
    } else if (text_equal(t->option, "retain")) {
        check_retain(t, out);
    }
}

/* The expected impact follows from its axes, by the method that the risk is scored with. */
static struct err *settle_axes(struct web *w, struct treatment *t, struct issues *out)
{
    struct method_settled said;
    struct method_ruler ruler;
    struct rows *r;
    i64 before = t->expected_impact, method;

    if (text_empty(t->expected_axes)) {
        t->expected_axes = NULL;
        return NULL;
    }
    TRY(db_query(w->db, &r,
                 "select r.method, (select t.expected_impact from treatment t where t.org_id ="
                 " r.org_id and t.id = $3) from risk r where r.org_id = $1 and r.id = $2",
                 num(w->org), num(t->risk), num(t->id)));
    if (!row_next(r))
        return NULL; /* told by the reference */
    method = row_num(r, 0);
    if (w->writable && !t->moved)
        before = row_num(r, 1);
    TRY(method_ruler_load(w, method, &ruler));
    method_settle(w->arena, &ruler, before, &t->expected_axes, &t->expected_impact, &said);
    if (said.axes)
        issue(out, "expected_axes", "%s", said.axes);
    if (said.impact)
        issue(out, "expected_impact", "%s", said.impact);
    return NULL;
}

/* The owner approved the plan, or what remains was accepted, since the treatment was written. */
static struct err *treatment_settled(struct web *w, const void *record, bool *out)
{
    const struct treatment *t = record;
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select 1 from decision d where d.org_id = $1 and d.subject = $2"
                 " and d.kind in ('risk.treatment', 'risk.acceptance') and d.outcome = 'approved'"
                 " and d.decided_at >= (select min(h.valid_from) from treatment_history h"
                 " where h.org_id = $1 and h.id = $3) limit 1",
                 num(w->org), num(t->risk), num(t->id)));
    *out = row_next(r);
    return NULL;
}

static struct err *treatment_derive(struct web *w, void *record, struct issues *out)
{
    struct treatment *t = record;
    struct rows *r;

    TRY(settle_axes(w, t, out));
    if (!w->writable || t->moved || out->count)
        return NULL;
    TRY(db_query(w->db, &r, "select 1 from risk where org_id = $1 and id = $2", num(w->org),
                 num(t->risk)));
    return row_next(r) ? treatment_check_risk(w, t, out) : NULL; /* told by the reference */
}

/* What is expected to remain of a risk that this person is to score without the first score. */
static struct err *veiled(struct web *w, struct ids *out)
{
    const char *blind;
    struct rows *r;

    TRY(risk_blind_list(w, &blind));
    TRY(db_query(w->db, &r,
                 "select id from treatment where org_id = $1 and risk in"
                 " (select cast(value as bigint) from json_each($2)) order by id",
                 num(w->org), str(blind)));
    return risk_blind_ids(w, r, out);
}

/* The risk counts its treatments. */
static struct err *treatment_spread(struct web *w, const void *record)
{
    const struct treatment *t = record;

    TRY(entity_rederive(w, &risk_entity, t->risk));
    return treatment_carry(w, t);
}

const struct entity treatment_entity = ENTITY(
    treatment, treatment_fields, .plural = "treatments", .label = "Treatment",
    .labels = "Treatments", .prefix = "T", .title = "title", .state = "state",
    .closed = "cancelled", .order = "title", .read = &treatment_read, .write = &treatment_write,
    .check = treatment_check, .derive = treatment_derive, .spread = treatment_spread,
    .settled = treatment_settled, .veiled = veiled, .clause = "6.1.3",
    .help = "What you decided to do about a risk: change it, share it, avoid it or keep it. "
            "The owner of the risk approves the plan and what remains.",
    .empty = "No treatment yet. Open a risk above your acceptance level and decide what to "
             "do.");

/* --- routes --- */

static struct err *list(struct web *w)
{
    bool plans = !w->asof && web_may(w, &action_write);

    return entity_pick_page(w, &treatment_entity, plans ? web_url(w, "/treatments/action") : NULL,
                            N_("One action for these"));
}
static struct err *remove_page(struct web *w)
{
    return entity_remove_page(w, &treatment_entity);
}
static struct err *restore(struct web *w)
{
    return entity_restore_page(w, &treatment_entity);
}
static struct err *actions(struct web *w)
{
    return entity_list_page(w, &action_entity);
}
static struct err *action_new(struct web *w)
{
    return entity_new_page(w, &action_entity);
}
static struct err *action_edit(struct web *w)
{
    return entity_edit_page(w, &action_entity);
}
static struct err *action_save(struct web *w)
{
    return entity_save_page(w, &action_entity);
}
static struct err *action_remove(struct web *w)
{
    return entity_remove_page(w, &action_entity);
}
static struct err *action_restore(struct web *w)
{
    return entity_restore_page(w, &action_entity);
}
static struct err *plan_versions(struct web *w)
{
    return entity_list_page(w, &plan_version_entity);
}
static struct err *exemptions(struct web *w)
{
    return entity_list_page(w, &exemption_entity);
}
static struct err *exemption_new(struct web *w)
{
    return entity_new_page(w, &exemption_entity);
}
static struct err *exemption_edit(struct web *w)
{
    return entity_edit_page(w, &exemption_entity);
}
static struct err *exemption_save(struct web *w)
{
    return entity_save_page(w, &exemption_entity);
}
static struct err *exemption_remove(struct web *w)
{
    return entity_remove_page(w, &exemption_entity);
}
static struct err *exemption_restore(struct web *w)
{
    return entity_restore_page(w, &exemption_entity);
}
static const struct route routes[] = {
    {METHOD_GET,        "/treatments", list, &treatment_read, 0, NULL, NULL},
    {METHOD_GET,             "/treatments/new", treatment_new, &treatment_write, 0, NULL, NULL},
    {METHOD_POST,                "/treatments", treatment_save, &treatment_write, 0, NULL, NULL},
    {METHOD_POST,             "/treatments/action", treatment_action, &action_write, ROUTE_READ, NULL, NULL},
    {METHOD_GET,        "/treatments/:no", treatment_show, &treatment_read, 0, NULL, NULL},
    {METHOD_GET,    "/treatments/:no/edit", treatment_edit, &treatment_write, 0, NULL, NULL},
    {METHOD_POST,                "/treatments/:no", treatment_save, &treatment_write, 0, NULL, NULL},
    {METHOD_GET,             "/treatments/:no/remove", remove_page, &treatment_write, 0, NULL, NULL},
    {METHOD_POST,       "/treatments/:no/remove", remove_page, &treatment_write, 0, NULL, NULL},
    {METHOD_POST,   "/treatments/:no/restore", restore, &treatment_write, 0, NULL, NULL},
    {METHOD_GET,                "/risks/:no/approval", approval_page, &member, 0, NULL, NULL},
    {METHOD_POST,             "/risks/:no/approval", approval_post, &member, 0, NULL, NULL},
    {METHOD_GET,       "/approvals", approvals_page, &member, 0, NULL, NULL},
    {METHOD_GET, "/risks/treat", treatment_many, &treatment_write, 0, NULL, NULL},
    {METHOD_POST,       "/risks/treat/ticked", treatment_many_ticked, &treatment_write, ROUTE_READ, NULL,
     NULL},
    {METHOD_POST,             "/risks/treat/preview", treatment_many_preview, &treatment_write, ROUTE_READ,
     NULL, NULL},
    {METHOD_POST,        "/risks/treat", treatment_many_save, &treatment_write, 0, NULL, NULL},
    {METHOD_GET,   "/risks/treat/done", treatment_many_done, &treatment_read, 0, NULL, NULL},
    {METHOD_POST,                "/treatments/several", many_api_post, &treatment_write, ROUTE_API, NULL,
     "Plans one treatment for several risks, with one action for all or one for each"},
    {METHOD_GET,             "/approvals/several", approvals_several, &member, 0, NULL, NULL},
    {METHOD_POST,        "/approvals/several", approvals_several_post, &member, 0, NULL, NULL},
    {METHOD_GET,   "/plan", plan_page, &action_read, 0, NULL, NULL},
    {METHOD_GET,                "/actions", actions, &member, 0, NULL, NULL},
    {METHOD_GET,             "/actions/new", action_new, &action_write, 0, NULL, NULL},
    {METHOD_POST,       "/actions", action_save, &action_write, 0, NULL, NULL},
    {METHOD_GET,   "/actions/:no", action_show, &member, 0, NULL, NULL},
    {METHOD_GET,                "/actions/:no/edit", action_edit, &action_write, 0, NULL, NULL},
    {METHOD_POST,             "/actions/:no", action_save, &action_write, 0, NULL, NULL},
    {METHOD_GET,        "/actions/:no/remove", action_remove, &action_write, 0, NULL, NULL},
    {METHOD_POST,      "/actions/:no/remove", action_remove, &action_write, 0, NULL, NULL},
    {METHOD_POST,                "/actions/:no/restore", action_restore, &action_write, 0, NULL, NULL},
    {METHOD_POST,             "/actions/:no/report", action_report, &member, 0, NULL, NULL},
    {METHOD_POST,       "/actions/:no/verify", action_verify, &member, 0, NULL, NULL},
    {METHOD_GET,      "/plan-versions", plan_versions, &action_read, 0, NULL, NULL},
    {METHOD_POST,                "/plan-versions", plan_freeze_post, &treatment_write, 0, plan_freeze_prepare,
     NULL},
    {METHOD_GET,             "/plan-versions/:no", plan_version_page, &action_read, 0, NULL, NULL},
    {METHOD_POST,       "/plan-versions/:no/decide", plan_version_decide, &risk_accept, 0, NULL, NULL},
    {METHOD_GET,          "/plan-versions", plan_api_list, &action_read, ROUTE_API, NULL,
     "Frozen versions of the treatment plan, without their text"},
    {METHOD_GET,                "/plan-versions/:no", plan_api_get, &action_read, ROUTE_API, NULL,
     "A version of the treatment plan with its text and the decision about it"},
    {METHOD_POST,             "/plan-versions", plan_api_freeze, &treatment_write, ROUTE_API,
     plan_freeze_prepare, "Freezes the plan of today as a version that waits for approval"},
    {METHOD_GET,        "/exceptions", exemptions, &member, 0, NULL, NULL},
    {METHOD_GET,    "/exceptions/new", exemption_new, &exemption_write, 0, NULL, NULL},
    {METHOD_POST,                "/exceptions", exemption_save, &exemption_write, 0, NULL, NULL},
    {METHOD_GET,             "/exceptions/:no", exemption_show, &member, 0, NULL, NULL},
    {METHOD_GET,       "/exceptions/:no/edit", exemption_edit, &exemption_write, 0, NULL, NULL},
    {METHOD_POST,    "/exceptions/:no", exemption_save, &exemption_write, 0, NULL, NULL},
    {METHOD_GET,                "/exceptions/:no/remove", exemption_remove, &exemption_write, 0, NULL, NULL},
    {METHOD_POST,             "/exceptions/:no/remove", exemption_remove, &exemption_write, 0, NULL, NULL},
    {METHOD_POST,        "/exceptions/:no/restore", exemption_restore, &exemption_write, 0, NULL, NULL},
    {METHOD_POST,   "/exceptions/:no/decide", exemption_decide, &member, 0, NULL, NULL},
    {0               },
};

static const struct nav nav[] = {
    {"",           5, "To decide", "/approvals", "gavel", &member, NULL},
    {"Plan", 35, "Treatments", "/treatments", "shield-check", &treatment_read, &treatment_entity},
    {"Do",     10, "Treatment plan", "/plan", "calendar-due", &action_read, &action_entity},
    {"Do",        12, "Exceptions", "/exceptions", "hourglass", &exemption_read, &exemption_entity},
    {0      },
};

static const struct entity *const entities[] = {&treatment_entity, &action_entity,
                                                &plan_version_entity, &exemption_entity, NULL};
static const struct permission *const permissions[] = {
    &treatment_read, &treatment_write, &action_read, &action_write,
    &exemption_read, &exemption_write, NULL};

const struct feature treatment_feature = {.name = "treatment",
                                          .entities = entities,
                                          .permissions = permissions,
                                          .routes = routes,
                                          .nav = nav,
                                          .work = treatment_work};
