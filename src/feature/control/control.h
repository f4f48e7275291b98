/* SPDX-License-Identifier: Apache-2.0 */
/* Controls: the 93 of Annex A, seeded for every organisation, and own ones; each record is also the
 * live row of the Statement of Applicability. */
#pragma once

#include "core/entity.h"

struct control {
    RECORD;
    const char *code;
    const char *title;
    const char *name; /* code and title together, set by derive: how other records name it */
    const char *theme;
    const char *origin;
    const char *framework;
    i64 controlset;      /* of which it is one, 0 = none */
    const char *chapter; /* heading of the set below which it stands */
    const char *asks;    /* in the words of its source */
    const char *maps_to; /* see control_map_read */
    const char *applicable;
    const char *justification;
    const char *business_reason;
    i64 baseline;
    const char *status;
    const char *how;
    const char *evidence;
    i64 owner;
    const char *reviewed;
    /* What spoke for it when somebody decided or confirmed ("R-12 RQ-3 baseline"), who, which day.
     */
    const char *decided_for;
    i64 decided_by;
    const char *decided_on;
    /* derived */
    i64 position;
    const char *proposed;
    const char *proposed_because;
    i64 in_use;
    const char *in_use_because;
};
extern const struct entity control_entity;

/* A set of controls from elsewhere: a framework, a customer's list, house rules. */
struct controlset {
    RECORD;
    const char *title;
    const char *source;  /* who publishes it */
    const char *edition; /* its version, as the source calls it */
    const char *language;
    const char *reference; /* address or name under which the source keeps it */
    const char *purpose;   /* "library": to pick from; "whole": each control is decided */
    const char *description;
    const char *terms; /* of use */
    i64 owner;
};
extern const struct entity controlset_entity;
extern const struct feature control_feature;
extern const struct permission control_read, control_write;

/* Seeds the 93 controls of Annex A, undecided and not started: a step of founding an organisation.
 */
struct err *control_seed(struct web *w) MUST_CHECK;
/* Derives proposals and "in use" of all controls anew from the profile: after its change. */
struct err *control_refresh(struct web *w) MUST_CHECK;

/* Of a control `c` in a statement with the organisation as $1, SQL: whether it is applicable. What
 * nobody decided holds while a treatment of an open risk or a requirement uses it. */
#define CONTROL_HOLDS                                                                  \
    "case when c.applicable = 'open' and (exists (select 1 from treatment_controls tc" \
    " join treatment tt on tt.org_id = tc.org_id and tt.id = tc.record join risk tk"   \
    " on tk.org_id = tt.org_id and tk.id = tt.risk where tc.org_id = $1"               \
    " and tc.target = c.id and tt.state <> 'cancelled' and tk.state = 'open')"         \
    " or exists (select 1 from requirement_controls qc join requirement qq"            \
    " on qq.org_id = qc.org_id and qq.id = qc.record where qc.org_id = $1"             \
    " and qc.target = c.id and qq.addressed <> 'no')) then 'yes' else c.applicable end"

/* What the profile says about a control. */
struct control_proposal {
    i64 position;
    const char *proposed; /* "yes", "no", or NULL while a question is open */
    const char *because;  /* a sentence */
    bool reasoned;        /* an answer, the baseline or the management system speaks for it */
    bool wanted;          /* an answer of the profile asks for it */
    bool in_use;
    const char *in_use_because; /* "Cloud services: All", or NULL */
};
struct profile_answers;
/* Of a control by its code; codes that are not of Annex A are the organisation's own wish. */
void control_propose(struct web *w, struct profile_answers *answers, const char *code,
                     struct control_proposal *out);
/* The codes of the controls that an answer of the profile asks for, and of those that the profile
 * or an own control shows in use, each as a JSON array: for the rules, on a connection of any day.
 */
struct err *control_lists(struct web *w, const char **wanted, const char **used) MUST_CHECK;
/* Why a text does not justify an exclusion, as a sentence; NULL when it does. `hint` is the draft
 * of the catalogue, which may not be used as it is (NULL = not compared). */
const char *control_unjustified(struct arena *a, const char *text, const char *hint);
/* The catalogue's draft of a justification for a code; "" when there is none. */
const char *control_hint(const struct web *w, const char *code);

/* What an own control answers of Annex A. */
struct control_mapping {
    const char *code;     /* 5.16 */
    const char *relation; /* of the own control to it: equal, partial, more; "" = not said */
    const char *why;      /* "" = not said */
};
struct control_mappings {
    struct control_mapping *list; /* in the order written, each code once */
    size_t count;
    bool unmatched; /* compared, and none of Annex A is like it */
};
extern const struct choice control_relations[];
/* Reads the field `maps_to`: lines "5.16, 5.18 partial: why", or "unmatched". What is no code goes
 * to `issues` (may be NULL). */
void control_map_read(struct web *w, const char *text, struct control_mappings *out,
                      struct issues *issues);
/* The same as the field keeps it; NULL for nothing. */
const char *control_map_text(struct web *w, const struct control_mappings *m);
const char *control_relation_label(const char *relation);

/* What speaks for a control today, as `decided_for` keeps it: treatments of open risks,
 * requirements, own controls that answer it, baseline, profile. One look-up each. */
struct err *control_grounds(struct web *w, const struct control *c, const char **out) MUST_CHECK;
/* The choices of the field `theme`, in the order of the tabs, ended by {.code = NULL}. */
extern const struct choice control_themes[];
