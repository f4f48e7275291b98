/* SPDX-License-Identifier: Apache-2.0 */
/* What is done about a risk, and the actions of the risk treatment plan. */
#pragma once

#include "core/entity.h"

struct treatment {
    RECORD;
    const char *title;
    i64 risk;
    const char *option;
    const char *description;
    i64 expected_likelihood;
    i64 expected_impact;
    const char *expected_axes; /* "c=2,a=4", or NULL; the impact then follows (method_judge) */
    const char *counterparty;
    const char *contract;
    const char *share_covered;
    const char *remaining;
    const char *activity;
    const char *ended_on;
    const char *justification;
    const char *expires;
    const char *monitoring;
    const char *state;
    struct ids controls;
    bool moved; /* not a field: the levels are those of a new version of the method, by its map */
};
extern const struct entity treatment_entity;

struct action {
    RECORD;
    const char *title;
    i64 treatment;
    i64 control;
    i64 owner;
    const char *start;
    const char *due;
    const char *resources;
    i64 budget;
    const char *priority;
    const char *status;
    i64 progress;
    const char *evidence;
    i64 verifier;
    const char *note;
    i64 spent;
    const char *verified_on; /* the day on which the verifier saw that it works */
    struct ids needs;        /* actions that have to be done before */
    struct ids also;         /* further treatments that it carries out */
};
extern const struct entity action_entity;

/* The whole plan as it was on a day, frozen for approval. */
struct plan_version {
    RECORD;
    const char *title;
    const char *state;
    const char *body, *body_hash;
    i64 author;
    i64 actions, done, late, budget;
    const char *note;
};
extern const struct entity plan_version_entity;

/* A control or rule that somebody need not follow for a time. */
struct exemption {
    RECORD;
    const char *title;
    i64 control;
    i64 risk;
    const char *reason;
    const char *instead;
    i64 owner;
    const char *start;
    const char *until;
    const char *state;
    i64 author;
    const char *agreed; /* hash of the text that was approved */
};
extern const struct entity exemption_entity;

/* Figures of the plan: actions that are not cancelled, money in hundredths. */
struct plan_totals {
    i64 actions, done, verified, late, progress; /* progress: mean of all, in percent */
    i64 budget, spent, without_budget;
    i64 risks, approved; /* open risks with a treatment; those whose decision still holds */
    i64 version;         /* number of the newest frozen version, 0 = none */
    const char *version_state;
};
struct err *plan_totals_load(struct web *w, struct plan_totals *out) MUST_CHECK;
/* The numbers of the risks that an action treats besides that of its own treatment, "R-4, R-7"; ""
 * without any. */
struct err *plan_also(struct web *w, i64 action, const char **out) MUST_CHECK;
/* "Planned" and its tone for a code of an action's status; the priority's label. */
const struct choice *action_status(const char *code);
const struct choice *action_priority(const char *code);

/* SQL: when the approved part of the actions of a risk last changed (what, who, due, budget; one
 * more, one cancelled, one removed; one that other treatments have too), 0 = never. Reports of
 * progress are no change of the plan. `K` is the name of the risk's row in the query around it, as
 * text. */
#define ACTIONS_CHANGED_AT(K)                                                                  \
    "coalesce((select max(y.at) from (select " ACTION_MOMENT " as at from treatment z"         \
    " join action_history h on h.org_id = z.org_id and h.treatment = z.id" ACTION_AROUND       \
    " where z.org_id = " K ".org_id and z.risk = " K ".id union all select " ACTION_MOMENT     \
    " from treatment z join action_also_history l on l.org_id = z.org_id and l.target = z.id"  \
    " join action_history h on h.org_id = l.org_id and h.id = l.record"                        \
    " and h.valid_from >= l.valid_from and h.valid_from < l.valid_to" ACTION_AROUND            \
    " where z.org_id = " K ".org_id and z.risk = " K ".id union all"                           \
    " select case when l.valid_to < 9223372036854775807 then l.valid_to else l.valid_from end" \
    " from treatment z join action_also_history l on l.org_id = z.org_id and l.target = z.id"  \
    " where z.org_id = " K ".org_id and z.risk = " K ".id) y), 0)"
#define ACTION_MOMENT                                                              \
    "case when n.id is null and h.valid_to < 9223372036854775807 then h.valid_to " \
    "when " ACTION_DIFFERS " then h.valid_from else 0 end"
#define ACTION_AROUND                                                                  \
    " left join action_history p on p.org_id = h.org_id and p.id = h.id"               \
    " and p.version = h.version - 1 left join action_history n on n.org_id = h.org_id" \
    " and n.id = h.id and n.version = h.version + 1"
#define ACTIONS_CHANGED_OF_K ACTIONS_CHANGED_AT("k")
#define ACTIONS_CHANGED_OF_R ACTIONS_CHANGED_AT("r")
/* The row h of an action's history is no mere report about the one before, p. */
#define ACTION_DIFFERS                                                                     \
    "p.id is null or p.title is distinct from h.title or p.owner is distinct from h.owner" \
    " or p.due is distinct from h.due or p.budget is distinct from h.budget"               \
    " or case when p.status = 'cancelled' then 1 else 0 end"                               \
    " <> case when h.status = 'cancelled' then 1 else 0 end"

extern const struct feature treatment_feature;
/* For method_followers (feature/method). */
struct method_map;
struct err *treatment_follow(struct web *w, i64 risk, const struct method_map *map) MUST_CHECK;
extern const struct permission treatment_read, treatment_write, action_read, action_write;
extern const struct permission exemption_read, exemption_write;
