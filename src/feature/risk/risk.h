/* SPDX-License-Identifier: Apache-2.0 */
/* Risks: what could go wrong, how bad, who watches it. Treatments are in feature/treatment. */
#pragma once

#include "core/entity.h"

/* Levels are looked up in the matrix of `method`; 0 = not scored, which is not low. `score` and
 * `band` are what the risk weighs now: the current level, inherent where current is not scored,
 * nothing once it is closed. `analyst` and `method` follow whoever changes a likelihood or impact.
 */
struct risk {
    RECORD;
    const char *title;
    const char *description;
    const char *threat;
    const char *vulnerability;
    i64 properties;
    i64 owner;
    i64 analyst;
    i64 method;
    const char *state;
    i64 inherent_likelihood;
    i64 inherent_impact;
    i64 current_likelihood;
    i64 current_impact;
    i64 residual_likelihood;
    i64 residual_impact;
    /* Impacts per axis, "c=2,a=4" (method_judge), or NULL; the impact above then follows from them,
     * whoever writes the risk and by which way. */
    const char *inherent_axes;
    const char *current_axes;
    const char *residual_axes;
    const char *rationale;
    const char *existing_controls;
    const char *residual_reason;
    const char *review_on;
    const char *origin;
    const char *seed;
    struct ids assets;
    /* derived */
    i64 inherent_score;
    const char *inherent_band;
    i64 current_score;
    const char *current_band;
    i64 residual_score;
    const char *residual_band;
    i64 score;
    const char *band;
    /* An axis of what weighs now, and of what remains (the residual level, what weighs now where
     * that is not scored), is at a level that nobody may accept, says the method. */
    i64 vetoed;
    i64 residual_vetoed;
    i64 treated; /* treatments that are not cancelled: feature/treatment rederives after changes */
    /* Not a field: the levels are those of a new version of the method now, by its map; so nobody
     * scored the risk, and nobody is asked for reasons. */
    bool moved;
};
extern const struct entity risk_entity;

extern const struct feature risk_feature;
struct method_mover;
extern const struct method_mover risk_mover; /* for method_movers (feature/method) */
extern const struct permission risk_read, risk_write;
/* The owner approves the treatment plan and accepts the residual level; top management accepts
 * above the acceptance level. Used by feature/treatment. */
extern const struct permission risk_approve, risk_accept;

/* The canonical text of what an owner approves: the risk, its method version, its treatments that
 * are not cancelled with their controls, and their actions with owner, date and budget. One "key:
 * value" a line, further lines of a text indented by four blanks. People stand as numbers (P-3),
 * and progress is left out, so that work on an approved plan does not ask for a new decision. */
struct err *risk_freeze(struct web *w, i64 risk, const char **body) MUST_CHECK;
struct method;
/* Open risks that wait to be moved to the version in force `m` (feature/method), and all open ones
 * (0 while none waits). */
struct err *risk_moving(struct web *w, const struct method *m, i64 *left, i64 *open) MUST_CHECK;

/* Why nobody may accept what remains ("Legal is 5, never acceptable from 5"), or what weighs now
 * when `now`; "" when somebody may. */
struct err *risk_veto(struct web *w, const struct risk *r, bool now, const char **out) MUST_CHECK;
/* The inputs of a field of levels per axis: a select for each axis of the method in use, named
 * "<field>[]", with values like "a=4". For `input` of a field. */
struct err *risk_axes_input(struct web *w, const struct field *f, const void *record) MUST_CHECK;

/* Annex A controls ("8.13;8.7", most effective first) that the catalogue knows against the threat
 * and weakness of a risk; "" when it knows none. For proposals in a treatment. */
const char *risk_suggested_controls(struct web *w, const struct risk *r);

/* The ids of the risks that this person is to score a second time, as a JSON list for statements;
 * "[]" without any. What tells levels of them is hidden until then (`veiled` of an entity). */
struct err *risk_blind_list(struct web *w, const char **out) MUST_CHECK;
/* Ids of a query, for `veiled`. */
struct err *risk_blind_ids(struct web *w, struct rows *r, struct ids *out) MUST_CHECK;
/* ERR_DENIED with what to do first when this person is to score the risk a second time. */
struct err *risk_refuse_blind(struct web *w, i64 id) MUST_CHECK;
/* ERR_DENIED with what to do first while this person owes a second score of any risk: for what
 * counts or lists levels of many risks, such as reports and frozen registers. */
struct err *risk_refuse_blind_whole(struct web *w) MUST_CHECK;

/* --- suggestions: chains of content/catalogue/links.tsv that fit an asset and the profile --- */
struct risk_candidate {
    i64 asset, asset_number, asset_owner, asset_value;
    const char *asset_name, *asset_type;
    const char *threat, *vulnerability;
    const char *controls;   /* "8.13;8.7" */
    const char *reason;     /* how it could happen */
    i64 likelihood, impact; /* proposed, without credit for controls; 0 = no proposal */
    i64 properties;         /* bits of risk.properties */
    const char *key;        /* "<asset id>/<asset type>/<threat>/<vulnerability>" */
    i64 weight;   /* of the catalogue, one more when an answer of the profile asks for it */
    bool first;   /* the best one of an asset of value 3 or more without a risk */
    size_t order; /* in the catalogue */
    size_t group; /* for grouping on the page */
};
struct risk_candidates {
    struct risk_candidate *list; /* best first; those from `shown` on are beyond what is sensible */
    size_t count, shown;
    i64 most;    /* sensible number of risks for the size of the organisation; 0 = no limit */
    i64 risks;   /* live risks */
    size_t open; /* chains left out because a question of the profile is not answered */
};
/* What is proposed now for assets in scope: neither a risk already nor dismissed. `asset` = 0 means
 * all. Reads only. */
struct err *risk_suggest(struct web *w, i64 asset, struct risk_candidates *out) MUST_CHECK;
/* "Fire: Main office". */
const char *risk_candidate_title(struct web *w, const struct risk_candidate *c);

struct risk_acceptance {
    const char *const *keys;
    size_t count;
    const char *owner; /* as people write it; NULL = the owner of the asset */
    bool scores;       /* take over the proposed inherent levels */
    bool combine;      /* same threat and weakness on several assets become one risk */
};
struct risk_accepted {
    i64 *ids, *numbers;     /* of the new risks */
    size_t created, merged; /* merged = suggestions that went into a risk with others */
    size_t skipped;         /* keys that are no suggestion (any more) */
};
/* Creates risks out of suggestions: origin "suggested", levels only when asked for. A key that is
 * no suggestion any more is skipped. Nothing is written when there are issues. */
struct err *risk_accept_suggestions(struct web *w, const struct risk_acceptance *given,
                                    struct issues *out, struct risk_accepted *done) MUST_CHECK;
/* Puts suggestions aside with a reason; `*done` = how many. */
struct err *risk_dismiss(struct web *w, const char *const *keys, size_t n, const char *reason,
                         struct issues *out, size_t *done) MUST_CHECK;
/* Offers a dismissed suggestion again. ERR_MISSING when it was not dismissed. */
struct err *risk_take_back(struct web *w, const char *key) MUST_CHECK;
