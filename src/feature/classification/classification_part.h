/* SPDX-License-Identifier: Apache-2.0 */
/* Inside feature/classification only. */
#pragma once

#include "base/json.h"
#include "core/decision.h"
#include "core/work.h"
#include "feature/classification/classification.h"

extern const struct choice class_media[]; /* the six of every asset, and "own" */
extern const struct choice class_tones[];
/* Names of the columns of `handling`, with their labels. */
struct class_action {
    const char *name, *label, *help;
};
extern const struct class_action class_actions[HANDLING_ACTIONS];
#define CLASS_MEDIA 6

/* --- a whole scheme, live or as it was approved (classification_policy.c) --- */
struct policy_level {
    i64 id, number, rank;
    const char *name, *tone, *tier, *meaning, *access, *equal;
    bool confidential, printed;
    i64 lowest, highest;
};
struct policy_form { /* a form of information: one of the six, or an own one */
    const char *code;
    i64 own;
    const char *label;
    const char *place, *rule, *who; /* its labelling rule; NULL place = none */
    i64 marking;                    /* number of the record */
};
struct policy_cell {
    const char *text[HANDLING_ACTIONS]; /* NULL = not said */
    i64 id, number, version;            /* of the record; 0 = none */
};
struct policy {
    i64 id, number;
    const char *title, *kind, *partner, *purpose, *duty, *release;
    bool labelling;
    i64 review_months;
    struct policy_level *levels; /* from the lowest rank up */
    size_t nlevels;
    struct policy_form *forms;
    size_t nforms;
    struct policy_cell *cells; /* nlevels x nforms */
};
struct err *policy_load(struct web *w, const struct scheme *s, struct policy *out) MUST_CHECK;
/* Canonical JSON, and back. */
const char *policy_freeze(struct web *w, const struct policy *p);
struct err *policy_thaw(struct web *w, const char *body, struct policy *out) MUST_CHECK;
struct policy_cell *policy_cell(const struct policy *p, size_t level, size_t form);
/* Cells with a rule, and all: a cell counts as said when it says how to store and how to dispose,
 * or, of the spoken word, how to begin. */
void policy_complete(const struct policy *p, size_t *said, size_t *all);
bool policy_said(const struct policy *p, size_t level, size_t form);
/* What the catalogue suggests for a cell; "" = nothing. In the reader's language. */
const char *policy_suggested(struct web *w, const char *tier, const char *medium, size_t action);

/* --- approvals --- */
struct approved {
    struct decision last; /* id 0: never approved */
    i64 count;            /* approvals so far: the version of the policy */
    const char *who;
};
struct err *classification_approved(struct web *w, i64 scheme, struct approved *out) MUST_CHECK;

/* A record by the address, or by a field of it. */
struct err *scheme_asked(struct web *w, struct scheme *out) MUST_CHECK;

extern const struct work_source classification_work[];

/* --- pages --- */
struct err *scheme_list(struct web *w);
struct err *scheme_presets(struct web *w);
struct err *scheme_take(struct web *w);
struct err *scheme_show(struct web *w);
struct err *scheme_approve(struct web *w);
struct err *scheme_retire(struct web *w);
struct err *handling_matrix(struct web *w);
struct err *handling_matrix_save(struct web *w);
struct err *policy_page(struct web *w);
struct err *policy_pdf(struct web *w);
struct err *policy_docx(struct web *w);
struct err *classification_printed(struct web *w, const char **out);
