/* SPDX-License-Identifier: Apache-2.0 */
/* The Statement of Applicability: its rows with all their reasons, frozen versions with approval,
 * and its exports. The rows come from one function, for pages, files, API and freezing alike. */
#pragma once

#include "core/entity.h"

struct soa {
    RECORD;
    const char *title;
    const char *state;
    const char *body;
    const char *body_hash;
    i64 author;
    i64 applicable;
    i64 excluded;
    i64 implemented;
    const char *note;
};
extern const struct entity soa_entity;
extern const struct feature soa_feature;
extern const struct permission soa_read, soa_write, soa_approve;

/* --- the statement as a table --- */

/* Why a control is included. Kind: risk, law, regulation, contract, standard, expectation,
 * own (a control of the organisation that answers it), baseline, business, profile. */
struct soa_reason {
    const char *kind;
    const char *label; /* "R-12", the title of a requirement, "Baseline", ... */
    i64 number;        /* of the risk, requirement or own control, else 0 */
};
/* A piece of evidence about a control. */
struct soa_proof {
    i64 number;
    const char *title; /* "" in a frozen table */
};
struct soa_row {
    i64 control, number, version; /* the record; 0 in a frozen table */
    const char *code, *title, *theme, *framework, *maps_to;
    const char *applicable; /* what holds: yes, no, open */
    bool automatic;         /* yes since a treatment or requirement uses it; nobody decided */
    const struct soa_reason *reasons;
    size_t nreasons;
    const char *justification, *business, *status, *how, *evidence, *reviewed; /* "" when empty */
    i64 owner; /* number of the person, 0 = none */
    const char *owner_name;
    i64 set; /* number of the set it came with, 0 = none; not in a frozen table */
    const char *set_name, *asks;
    const struct soa_proof *proofs;
    size_t nproofs;
    /* only in the live table: */
    const char *proposed, *proposed_because; /* yes, no or NULL */
    bool reasoned;                           /* the proposal rests on an answer or the baseline */
    const char *conflict;    /* sentence: excluded, but used (rules R055 and R056); or NULL */
    const char *unjustified; /* sentence: the exclusion has no reason that holds (R053); or NULL */
    const char *grounds;     /* what speaks for it, as control.decided_for keeps it */
    const char *decided_for, *decided_on; /* "" when nobody decided, or it is not known */
    const char *changed; /* sentence: what speaks for it is not what it was decided for; or NULL */
    bool rejustify;      /* ... so that somebody has to look at the decision again (R151) */
    const char *doubt;   /* sentence: its status contradicts the treatment plan (R152); or NULL */
};
#define SOA_THEMES 5
struct soa_table {
    struct soa_row *rows; /* 5.1 to 8.34, then own ones */
    size_t count;
    i64 applicable, excluded, open, implemented, conflicts, unjustified, rejustify, doubts;
    i64 themes[SOA_THEMES]; /* as in control_themes */
    const char *organisation, *legal_name, *scope, *method, *assessment;
};
/* The live statement (as of w->asof when set): some queries, whatever the number of records. */
struct err *soa_rows(struct web *w, struct soa_table *out) MUST_CHECK;
/* What stands in the way of approval, as one sentence each; none = it may be submitted. */
void soa_blockers(struct web *w, const struct soa_table *t, struct issues *out);

/* --- frozen versions --- */
/* The canonical text of a statement: sorted JSON. Owners are numbers of people, no names. */
const char *soa_freeze(struct web *w, const struct soa_table *t);
/* The table of a frozen text. ERR_FAULT when it cannot be read. */
struct err *soa_thaw(struct web *w, const char *body, struct soa_table *out) MUST_CHECK;
/* What differs between two tables, by control. */
struct soa_change {
    const char *code, *title;
    const char *text;                 /* "now applicable; reasons changed" */
    bool material;                    /* applicability or reasons, not only progress */
    const struct soa_row *then, *now; /* NULL: it was not there, it is not there any more */
};
/* One field of a control that differs, as people read it. */
struct soa_difference {
    const char *field; /* label, translated where it is drawn */
    const char *then, *now;
};
struct soa_changes {
    struct soa_change *list;
    size_t count, material;
};
struct err *soa_compare(struct web *w, const struct soa_table *then, const struct soa_table *now,
                        struct soa_changes *out) MUST_CHECK;
/* Field by field; at most SOA_FIELDS of them. */
#define SOA_FIELDS 12
size_t soa_differences(struct web *w, const struct soa_change *c, struct soa_difference *out);
/* The approved version in force; out->id = 0 when there is none. */
struct err *soa_in_force(struct web *w, struct soa *out) MUST_CHECK;
/* The version in force as a JSON array of its id when its decisions or reasons are no longer those
 * of the records (what soa_compare calls material) or when it cannot be read; else "[]". */
struct err *soa_stale(struct web *w, const char **json) MUST_CHECK;
/* The controls whose decision has to be looked at again (soa_row.rejustify), as a JSON array of
 * ids.
 */
struct err *soa_unsettled(struct web *w, const char **json) MUST_CHECK;
