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
    const char *maps_to;
    const char *applicable;
    const char *justification;
    const char *business_reason;
    i64 baseline;
    const char *status;
    const char *how;
    const char *evidence;
    i64 owner;
    const char *reviewed;
    /* derived */
    i64 position;
    const char *proposed;
    const char *proposed_because;
    i64 in_use;
    const char *in_use_because;
};
extern const struct entity control_entity;
extern const struct feature control_feature;
extern const struct permission control_read, control_write;

/* Seeds the 93 controls of Annex A, undecided and not started: a step of founding an organisation.
 */
struct err *control_seed(struct web *w) MUST_CHECK;
/* Derives proposals and "in use" of all controls anew from the profile: after its change. */
struct err *control_refresh(struct web *w) MUST_CHECK;

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
/* Why a text does not justify an exclusion, as a sentence; NULL when it does. `hint` is the draft
 * of the catalogue, which may not be used as it is (NULL = not compared). */
const char *control_unjustified(struct arena *a, const char *text, const char *hint);
/* The catalogue's draft of a justification for a code; "" when there is none. */
const char *control_hint(const struct web *w, const char *code);
/* The choices of the field `theme`, in the order of the tabs, ended by {.code = NULL}. */
extern const struct choice control_themes[];
