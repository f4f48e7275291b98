/* SPDX-License-Identifier: Apache-2.0 */
/* Information and what carries it, with values that supporting assets inherit. */
#pragma once

#include "core/entity.h"

struct asset {
    RECORD;
    const char *name;
    const char *type;
    const char *description;
    i64 owner;
    i64 unit;
    i64 media;
    const char *location;
    i64 c;
    i64 i;
    i64 a;
    const char *override_reason;
    i64 in_scope;
    i64 personal_data;
    const char *no_risk_reason;
    const char *state;
    const char *external_id;
    const char *seed;
    struct ids carries;
    i64 classification; /* a level, feature/classification */
    i64 classified_by;  /* who confirmed it; 0 = proposed only */
    const char *classified_on;
    const char *classification_reason; /* why it is lower than suggested */
    struct ids own_media;
    struct ids suppliers; /* feature/supplier */
    i64 place;            /* a location, feature/supplier */
    /* personal data */
    const char *purpose, *legal_basis, *data_subjects, *data_kinds, *data_class, *kept_for;
    /* life */
    const char *in_use_from, *end_planned, *retired_on;
    const char *disposed_on, *disposal, *disposed_by, *disposal_proof;
    /* confirmation of the entry */
    i64 review_months; /* own interval; 0 = as the method says */
    const char *review_due;
    i64 reviewed_by;
    const char *reviewed_on;
    bool confirms; /* no field: the write that comes confirms the level */
    bool reviews;  /* no field: the write that comes confirms the entry */
    /* derived */
    const char *kind;
    i64 value_c;
    i64 value_i;
    i64 value_a;
    i64 value;
};
extern const struct entity asset_entity;

/* States in which an asset is out of use, for statements: it counts nowhere but in the register. */
#define ASSET_OUT "('retired', 'disposed')"
bool asset_is_out(const char *state); /* the same of one; NULL = no */

/* A suggestion that somebody decided not to take. The key of an asset is the code of the starter
 * asset; that of a risk is up to feature/risk. */
struct dismissal {
    RECORD;
    const char *title;
    const char *subject;
    const char *key;
    const char *reason;
};
extern const struct entity dismissal_entity;

extern const struct feature asset_feature;
extern const struct permission asset_read, asset_write, asset_classify;
extern const struct permission dismissal_read, dismissal_write;

/* A value of 1 to 5 as a coloured chip with its word; a dash for 0. */
void asset_value_chip(struct web *w, i64 value);
/* "primary" or "supporting" of an asset type; "supporting" for a type that is not known any more.
 */
const char *asset_kind(const struct web *w, const char *type);

/* --- suggestions: starter assets (content/catalogue/starter_assets.tsv) that fit the profile ---
 */
struct asset_suggestion {
    const char *code, *name, *type, *media, *carries, *why;
    i64 c, i, a;
};
/* A question of the profile whose answer could bring more suggestions. */
struct asset_question {
    const char *key, *text;
};
struct asset_suggestions {
    struct asset_suggestion *list; /* in order; those from `shown` on are beyond what is sensible */
    size_t count, shown;
    struct asset_question *questions;
    size_t nquestions;
    const char *band; /* code of content/sizes.tsv; "" while the headcount is unknown */
    i64 most;         /* sensible number of assets for the band; 0 = no limit */
    i64 assets;       /* live assets of the organisation */
};
/* What is proposed now: neither taken (asset.seed, or a twin of the same name and type) nor
 * dismissed. Reads only. */
struct err *asset_suggest(struct web *w, struct asset_suggestions *out) MUST_CHECK;

/* One suggestion to accept. NULL texts keep what the catalogue proposes. */
struct asset_pick {
    const char *code, *name, *type, *c, *i, *a;
};
struct asset_accepted {
    i64 *ids; /* of the new assets, in the order of the picks; 0 = was there already */
    size_t created, linked; /* new assets; existing ones that now carry a new one */
};
/* Creates the picked assets, primary ones first, with `owner` (as people write it; NULL = nobody),
 * and links them, and assets accepted earlier, as the catalogue says what carries what. A code that
 * was accepted already is left alone. Issues have fields like "name.laptops"; nothing is written
 * when there are any. In the writing phase. */
struct err *asset_accept(struct web *w, const struct asset_pick *picks, size_t n, const char *owner,
                         struct issues *out, struct asset_accepted *done) MUST_CHECK;
/* Puts a suggestion aside with a reason. A code that is dismissed already is left alone, with its
 * reason. In the writing phase. */
struct err *asset_dismiss(struct web *w, const char *code, const char *reason, struct issues *out)
    MUST_CHECK;
