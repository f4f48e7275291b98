/* SPDX-License-Identifier: Apache-2.0 */
/* The risk method: scales, matrix, bands and acceptance level, in versions. A version's levels,
 * cells and bands are written with it and never changed; risks keep the version they were scored
 * with, so the same inputs always give the same level (ISO/IEC 27001 6.1.2 b). */
#pragma once

#include "core/entity.h"

struct method {
    RECORD;
    const char *title;
    const char *state;
    i64 acceptance;
    i64 levels;
    const char *impact_rule;
    i64 review_months;
    const char *acceptance_rule;
    i64 author;
    const char *note;
};
extern const struct entity method_entity;
extern const struct feature method_feature;
extern const struct permission method_read, method_write, method_approve;

/* The method in use: the newest approved version, else the newest draft; ERR_MISSING without any.
 */
struct err *method_current(struct web *w, struct method *out) MUST_CHECK;
/* Any version by id, whoever asks (levels are no secret). */
struct err *method_load(struct web *w, i64 id, struct method *out) MUST_CHECK;
/* Score and band of a cell: looked up, never multiplied. ERR_INVALID when a level is outside
 * 1..levels; 0 and NULL when one of them is 0 (not scored). */
struct err *method_cell(struct web *w, i64 method, i64 likelihood, i64 impact, i64 *score,
                        const char **band) MUST_CHECK;

struct method_level {
    i64 level;
    const char *label, *descriptor;
};
struct method_band {
    const char *band, *label, *tone, *meaning, *action;
    i64 lowest, highest; /* scores that the matrix has in this band */
};
/* Levels 1..n of an axis ("likelihood", "impact"). */
struct err *method_levels(struct web *w, i64 method, const char *axis, struct method_level **out,
                          size_t *count) MUST_CHECK;
/* Bands from low to high. */
struct err *method_bands(struct web *w, i64 method, struct method_band **out, size_t *count)
    MUST_CHECK;
/* The label and tone of a band; "not scored" and "grey" for NULL. */
struct err *method_band_of(struct web *w, i64 method, const char *band, const char **label,
                           const char **tone) MUST_CHECK;
/* Seeds the default method of content/ as a draft: a step of founding an organisation. */
struct err *method_seed(struct web *w);
/* The canonical text of a version: what its approver is shown and signs. */
struct err *method_freeze(struct web *w, const struct method *m, const char **body) MUST_CHECK;
