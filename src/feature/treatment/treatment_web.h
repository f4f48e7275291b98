/* SPDX-License-Identifier: Apache-2.0 */
/* Inside feature/treatment only: handlers of its own pages and what they share. */
#pragma once

#include "core/decision.h"
#include "core/work.h"
#include "feature/method/method.h"
#include "feature/risk/risk.h"
#include "feature/treatment/treatment.h"

struct err *treatment_new(struct web *w); /* ?risk=R-1&option=modify */
struct err *treatment_edit(struct web *w);
struct err *treatment_save(struct web *w); /* creates or changes; carries expected levels over */
struct err *treatment_show(struct web *w);
struct err *treatment_action(struct web *w); /* the form of one action for ticked treatments */
/* --- action.c, action_web.c --- */
struct err *action_show(struct web *w);
struct err *action_report(struct web *w); /* how far it is, by who has it or may change it */
struct err *action_verify(struct web *w); /* somebody else saw that it works, or not */

/* --- plan*.c: the risk treatment plan --- */
struct err *plan_page(struct web *w);
/* What stands beside the actions of one page, by the action's id. */
struct plan_row {
    const struct action *action;
    i64 risk_number, treatment_number; /* of its own treatment */
    i64 more;                          /* further risks that it treats */
    const char *risk_title, *option, *control, *owner, *verifier;
    const char *expected_band, *expected_tone; /* of the risk's residual level; "" = not scored */
    i64 expected;
    bool hidden;      /* this person is to score the risk without the first score */
    bool approved;    /* the decision of each risk's owner holds */
    bool late, waits; /* an action before it is not done */
};
struct plan_rows {
    struct plan_row *list;
    size_t count;
};
struct err *plan_rows_load(struct web *w, const struct action *list, size_t n,
                           struct plan_rows *out) MUST_CHECK;
void plan_board_draw(struct web *w, const struct plan_rows *rows);
void plan_gantt_draw(struct web *w, const struct plan_rows *rows);

/* --- plan_version.c --- */
struct err *plan_freeze_prepare(struct web *w);
struct err *plan_freeze_post(struct web *w);
/* Freezes the plan of today as a new version that waits for approval; replaces one that waits. */
struct err *plan_freeze(struct web *w, struct plan_version *v) MUST_CHECK;
struct err *plan_version_page(struct web *w);
struct err *plan_version_decide(struct web *w);

/* --- plan_version_api.c --- */
struct err *plan_api_list(struct web *w);
struct err *plan_api_get(struct web *w);
struct err *plan_api_freeze(struct web *w);

/* --- exemption.c --- */
struct err *exemption_show(struct web *w);
struct err *exemption_decide(struct web *w);

/* --- treatment_store.c --- */
/* The risk as the treatment would make it, and whether its residual level changes; what speaks
 * against it goes to `out`, at fields of the treatment. Writes nothing. */
struct err *treatment_outlook(struct web *w, const struct treatment *t, struct risk *risk,
                              bool *changed, struct issues *out) MUST_CHECK;
/* Refuses, at fields of the treatment, what its risk does not allow. Says nothing when the
 * treatment adds to the risk what it added before. For `derive`. */
struct err *treatment_check_risk(struct web *w, const struct treatment *t, struct issues *out)
    MUST_CHECK;
/* After `t` was written or removed: gives its risk the residual level that the stored treatments
 * expect together. When none expects one any more, the residual that came from `t` goes, so that
 * what remains is what is there now; a level that somebody scored by hand stays. */
struct err *treatment_carry(struct web *w, const struct treatment *t) MUST_CHECK;

/* --- treatment_pick.c --- */
/* The controls that the catalogue names for the risk's threat and weakness, as ";5.1;8.13;". */
const char *treatment_suggested(struct web *w, const struct risk *r);
/* "modify" of the group "If you modify the risk"; "outcome" of the group of the expected levels,
 * which are asked for every option but retaining. */
const char *treatment_group_option(const char *group);
/* The version of the risk method that its risk is scored with; 0 = there is no such risk. */
struct err *treatment_method(struct web *w, const struct treatment *t, i64 *out) MUST_CHECK;
/* A select of the levels of that version in words: `input` of a field. */
struct err *treatment_level_input(struct web *w, const struct field *f, const void *record)
    MUST_CHECK;
/* All inputs but the risk. `suggested` as above, for one risk or several. */
struct err *treatment_fields_draw(struct web *w, const struct treatment *t, const char *suggested,
                                  const struct issues *issues) MUST_CHECK;

/* The same without state and expected levels: what several risks have in common. */
struct err *treatment_plan_draw(struct web *w, const struct treatment *t, const char *suggested,
                                const struct issues *issues) MUST_CHECK;

/* --- several risks at once (many*.c) --- */
struct err *treatment_many(struct web *w);         /* /risks/treat?<filters of the list> */
struct err *treatment_many_ticked(struct web *w);  /* the same for rows ticked in the list */
struct err *treatment_many_preview(struct web *w); /* shows what would be written */
struct err *treatment_many_save(struct web *w);    /* all that were ticked, or none */
struct err *many_api_post(struct web *w);
struct err *treatment_many_done(struct web *w); /* ?from=5&to=16 */

/* --- approval.c, approval_many.c --- */
struct approval {
    struct risk risk;
    struct method method;
    const char *body, *hash;
    bool above;       /* what remains is above the acceptance level */
    const char *veto; /* why nobody may accept what remains; "" when somebody may */
    const char *kind; /* what this person may do: "risk.treatment", "risk.acceptance" or NULL */
};
/* What somebody is asked to decide on. ERR_MISSING when this person does not see the risk. */
struct err *approval_load(struct web *w, i64 risk, struct approval *out) MUST_CHECK;
/* What a person answered. */
struct approval_answer {
    const char *hash; /* of the text that they were shown */
    bool refused;
    const char *comment, *exception, *expires; /* may be NULL */
};
/* Records the decision. Refusals are ERR_DENIED, ERR_CLASH or ERR_INVALID; nothing is written then.
 */
struct err *approval_decide(struct web *w, const struct approval *a,
                            const struct approval_answer *given) MUST_CHECK;
/* Asks until when what is above the acceptance level is accepted: by itself the last day that
 * `months` allow. */
void approval_until_draw(struct web *w, i64 months, bool required);
/* Numbers and titles of what waits for this person, the most pressing first. */
struct err *approvals_waiting(struct web *w, struct rows **out) MUST_CHECK;
/* One row when the plan of this risk waits for a decision, whoever's: number, title, the level that
 * remains, the acceptance level, owner, when the last decision was taken (0 = never). */
struct err *approval_wanted(struct web *w, i64 risk, struct rows **out) MUST_CHECK;

/* The page in a past day: nothing waits there. */
struct err *approvals_past(struct web *w);
struct err *approval_page(struct web *w); /* /risks/:no/approval: what the owner signs */
struct err *approval_post(struct web *w);
struct err *approvals_page(struct web *w);    /* what waits for this person's decision */
struct err *approvals_several(struct web *w); /* several on one page, each with its own text */
struct err *approvals_several_post(struct web *w);
/* Exceptions that wait for a decision (core/work.h). */
struct work_list;
struct work_ask;
struct err *exemption_to_decide(struct web *w, i64 person, bool given, struct work_list *out);
struct err *exemption_asks(struct web *w, const struct entity *e, const void *before,
                           const void *after, struct work_ask *out);
/* approval_work.c: decisions for My work and the calendar. */
extern const struct work_source treatment_work[];
