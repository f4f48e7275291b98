/* SPDX-License-Identifier: Apache-2.0 */
/* Interested parties and the requirements (laws, contracts, expectations) they have. */
#pragma once

#include "core/entity.h"

struct party {
    RECORD;
    const char *name;
    const char *type;
    i64 external;
    const char *state;
    const char *why_not;
    const char *note;
};
extern const struct entity party_entity;

struct requirement {
    RECORD;
    const char *title;
    const char *kind;
    i64 party;
    const char *source;
    const char *jurisdiction;
    const char *summary;
    const char *addressed;
    const char *why_not;
    i64 needs_document;
    const char *how_met;
    const char *status;
    i64 owner;
    const char *reviewed;
    const char *seed;
    struct ids controls;
};
extern const struct entity requirement_entity;

extern const struct feature context_feature;
extern const struct permission party_read, party_write, requirement_read, requirement_write;
/* Kinds of requirements with their tones, ended by {.code = NULL}. */
extern const struct choice requirement_kinds[];

/* --- suggestions: kinds of parties and laws of the catalogue that fit the profile --- */
struct context_suggestion {
    const char *code, *title, *why;
    const char *kind;         /* of a requirement; NULL for a party */
    const char *jurisdiction; /* of a requirement */
    const char *source;       /* articles */
    const char *controls;     /* codes joined by ";" */
    const char *needs;        /* typical requirements of a party, joined by ";" */
    bool core;                /* a party that is present or dismissed in every organisation */
};
struct context_suggestions {
    struct context_suggestion *list;
    size_t count;
    bool open; /* an unanswered question of the profile could bring more */
};
/* What is proposed now: neither in the register nor dismissed. Read only. */
struct err *party_suggest(struct web *w, struct context_suggestions *out) MUST_CHECK;
struct err *requirement_suggest(struct web *w, struct context_suggestions *out) MUST_CHECK;
/* Takes a kind of party into the register, with its typical requirements when `with` is set; or as
 * not relevant, with the reason. A kind that is there already is left alone. */
struct err *party_accept(struct web *w, const char *code, bool with, struct issues *out) MUST_CHECK;
struct err *party_dismiss(struct web *w, const char *code, const char *reason, struct issues *out)
    MUST_CHECK;
/* Takes a law into the register, linked to the controls that usually answer it; or puts it aside
 * with the reason. Issues are about the field "reason.CODE". */
struct err *requirement_accept(struct web *w, const char *code, struct issues *out) MUST_CHECK;
struct err *requirement_dismiss(struct web *w, const char *code, const char *reason,
                                struct issues *out) MUST_CHECK;
