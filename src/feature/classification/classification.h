/* SPDX-License-Identifier: Apache-2.0 */
/* Classification of information (ISO/IEC 27001 A.5.12, A.5.13, A.5.10): schemes side by side, each
 * with levels, how each form of information is labelled, and what may be done with each level in
 * each form over its life. A policy is drawn from these records; its approval freezes the text. The
 * levels of assets are fields of assets (feature/asset). */
#pragma once

#include "core/entity.h"

struct scheme {
    RECORD;
    const char *title;
    const char *state; /* draft, active (approved at least once), retired */
    const char *kind;  /* own, partner */
    const char *partner;
    const char *purpose;
    const char *duty;    /* who classifies */
    const char *release; /* who may lower or lift a level */
    i64 labelling;       /* labelling is a duty */
    i64 review_months;
    i64 author;
    const char *preset;
};
extern const struct entity scheme_entity;

struct classification {
    RECORD;
    const char *name;
    i64 scheme, rank; /* 1 = the least sensitive */
    const char *tone;
    const char *tier; /* public, internal, restricted, confidential, secret: whose texts fit */
    i64 confidential;
    i64 printed; /* documents that the program makes carry it */
    const char *meaning, *access;
    i64 lowest, highest; /* confidentiality of an asset that suggests it; 0 = none */
    struct ids equal;    /* levels of other schemes */
};
extern const struct entity classification_entity;

struct medium {
    RECORD;
    const char *name, *description;
};
extern const struct entity medium_entity;

struct marking {
    RECORD;
    const char *title;
    i64 scheme;
    const char *medium; /* a code of asset.media, or "own" */
    i64 own_medium;
    const char *place, *rule, *who;
};
extern const struct entity marking_entity;

#define HANDLING_ACTIONS 8
struct handling {
    RECORD;
    const char *title;
    i64 level;
    const char *medium;
    i64 own_medium;
    const char *making, *storing, *inside, *outside, *copying, *printing, *carrying, *disposing;
};
extern const struct entity handling_entity;

extern const struct permission classification_read, classification_write, classification_approve;
extern const struct feature classification_feature;

/* --- levels, for whoever classifies --- */
struct class_level {
    i64 id, number, scheme, rank, lowest, highest;
    const char *name, *tone, *scheme_title;
    bool own, active; /* of a scheme of our own; of one that is approved */
};
struct class_levels {
    struct class_level *list; /* own active schemes first; in a scheme from the lowest rank up */
    size_t count;
    i64 main; /* the scheme that suggestions come from, 0 = none */
};
/* The levels of all schemes that are not retired, whoever asks (everybody must know them). */
struct err *classification_levels(struct web *w, struct class_levels *out) MUST_CHECK;
/* NULL when there is none such. */
const struct class_level *classification_level(const struct class_levels *l, i64 id);
/* The level that a confidentiality (1 to 5; 0 = not known: none) suggests in a scheme (0 = the main
 * one): the one whose range holds it; of several the highest; in a scheme of one level that. */
const struct class_level *classification_suggested(const struct class_levels *l, i64 scheme,
                                                   i64 confidentiality);
/* The coloured name of a level; a dash for NULL. */
void classification_chip(struct web *w, const struct class_level *level);

/* Creates a scheme of content/classification/ with its levels, labelling and handling rules, in the
 * reader's language. `title` may be NULL. Needs the right to write. In the writing phase. */
struct err *classification_take(struct web *w, const char *preset, const char *title, i64 *scheme)
    MUST_CHECK;
/* The canonical text of the scheme as it stands now: what its approver is shown and signs. */
struct err *classification_freeze(struct web *w, i64 scheme, const char **body) MUST_CHECK;
