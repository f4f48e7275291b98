/* SPDX-License-Identifier: Apache-2.0 */
/* The risk method: scales, matrix, bands and acceptance level, in versions. A version that was
 * submitted or approved is never changed: the next one is a draft made from it, and its approval
 * moves the risks by the map that was approved with it. The same inputs always give the same level
 * (ISO/IEC 27001 6.1.2 b). */
#pragma once

#include "core/entity.h"

#define METHOD_LEVELS_MOST 10

struct method {
    RECORD;
    const char *title;
    const char *state;
    i64 acceptance;
    i64 levels;        /* of likelihood */
    i64 impact_levels; /* of impact; method_load fills it for old versions too */
    const char *impact_rule;
    i64 review_months;
    i64 never_above;   /* above this score nobody may accept a risk; 0 = no such level */
    i64 accept_months; /* above the acceptance level one accepts for so long at the most */
    const char *existing_rule;
    const char *ranking;
    i64 triggers;
    const char *acceptance_rule;
    i64 base; /* the version that it was made from */
    i64 author;
    const char *note;
    const char *scales; /* JSON (method_part.h); NULL in versions of before there was an editor */
};
extern const struct entity method_entity;
extern const struct feature method_feature;
extern const struct permission method_read, method_write, method_approve;

/* What its order of risks (`ranking`) puts first: risks that nobody may accept; of two risks of one
 * level the likelier one, else the one with more impact. */
bool method_vetoes_first(const struct method *m);
bool method_likelihood_first(const struct method *m);

/* The method in use: the newest approved version; without one the oldest draft; ERR_MISSING without
 * any. */
struct err *method_current(struct web *w, struct method *out) MUST_CHECK;
/* Any version by id, whoever asks (levels are no secret). */
struct err *method_load(struct web *w, i64 id, struct method *out) MUST_CHECK;
/* Score and band of a cell: looked up, never multiplied. ERR_INVALID when a level is outside the
 * scale; 0 and NULL when one of them is 0 (not scored). */
struct err *method_cell(struct web *w, i64 method, i64 likelihood, i64 impact, i64 *score,
                        const char **band) MUST_CHECK;
/* The same for a risk that was scored with `method`: when that version was replaced, what the cell
 * is in the version in use by the map that was approved with it. */
struct err *method_worth(struct web *w, i64 method, i64 likelihood, i64 impact, i64 *score,
                         const char **band) MUST_CHECK;

struct method_level {
    i64 level;
    const char *label, *descriptor;
};
struct method_band {
    const char *band, *label, *tone, *meaning, *action;
    i64 lowest, highest; /* scores that the matrix has in this band */
};
/* Levels 1..n of an axis: "likelihood", "impact" (all axes of impact together, a line each), or
 * "impact:CODE" of one of method_axes. */
struct err *method_levels(struct web *w, i64 method, const char *axis, struct method_level **out,
                          size_t *count) MUST_CHECK;
/* "2 — Unlikely: once in 3 to 10 years": number, name and the first sentence of what it means. */
const char *method_level_words(struct arena *a, const struct method_level *l);
/* Bands from low to high. */
struct err *method_bands(struct web *w, i64 method, struct method_band **out, size_t *count)
    MUST_CHECK;
/* The label and tone of a band; "not scored" and "grey" for NULL. */
struct err *method_band_of(struct web *w, i64 method, const char *band, const char **label,
                           const char **tone) MUST_CHECK;

/* The axes along which an impact is judged. */
struct method_axis {
    const char *code, *label; /* "legal", "Legal" */
    i64 weight;               /* in a weighted mean */
    i64 never;                /* from this level on nobody may accept the risk; 0 = no such level */
};
struct err *method_axes(struct web *w, i64 method, struct method_axis **out, size_t *count)
    MUST_CHECK;
/* The impact of a risk out of its levels per axis (0 = not judged, left out): the highest, or the
 * weighted mean rounded half up. 0 when none is judged. A pure function. */
i64 method_impact(bool weighted, const struct method_axis *axes, const i64 *levels, size_t count);

/* --- an impact judged along the axes --- */
/* What a version judges impacts by. */
struct method_ruler {
    i64 method, number, levels;
    bool weighted; /* the impact is the weighted mean of the axes, not the highest */
    struct method_axis *axes;
    size_t count;
};
struct err *method_ruler_load(struct web *w, i64 method, struct method_ruler *out) MUST_CHECK;

/* Levels of axes; their text is "c=2,a=4", codes and levels in the order of the axes. */
struct method_judged {
    const struct method_ruler *ruler;
    i64 *levels;       /* of each axis, 0 = not judged */
    const char *text;  /* in the one way it is stored; NULL when nothing was judged */
    const char *wrong; /* a sentence; then there is no text and no impact */
    i64 impact;        /* what follows from the levels, 0 = nothing was judged */
};
/* Reads a text as people and programs write it ("A=4; c:2"). */
void method_judge(struct arena *a, const struct method_ruler *ruler, const char *text,
                  struct method_judged *out);
/* Brings an impact in line with its axes: `*axes` becomes the stored text, `*impact` what follows.
 * An impact that was given anew (it is not `before`) and is another one is refused. Without axes
 * the impact stays. Sentences for the two fields, NULL when all is well. */
struct method_settled {
    const char *axes, *impact;
};
void method_settle(struct arena *a, const struct method_ruler *ruler, i64 before, const char **axes,
                   i64 *impact, struct method_settled *out);
/* Axes in words, "Availability 4, Legal 2", of a text as it is stored; the text itself where this
 * version of the method does not know them. */
struct err *method_axes_told(struct web *w, i64 method, const char *text, const char **out)
    MUST_CHECK;
/* "Availability 4, Legal 2" and "4, because of Availability". */
const char *method_judged_text(struct arena *a, const struct method_judged *j);
const char *method_judged_why(struct arena *a, const struct method_judged *j);
/* True when one of the axes is at a level that nobody may accept. `impact` is the impact that it
 * is asked of: when that has no axes of its own, those of an earlier kind of level stand for it,
 * and it says only that no axis is higher. */
bool method_vetoed(const struct method_judged *j, i64 impact);
/* "Legal is 5, never acceptable from 5"; "" when none is. */
const char *method_veto_text(struct arena *a, const struct method_judged *j, i64 impact);
/* The same for statements: a JSON list of "05,legal=5,", where the first two digits are the least
 * impact and the rest is to be found in ',' || axes || ','. */
const char *method_veto_marks(struct arena *a, const struct method_ruler *ruler);

/* Seeds the default method of content/ as a draft: a step of founding an organisation. */
struct err *method_seed(struct web *w);
/* The canonical text of a version: what its approver is shown and signs. */
struct err *method_freeze(struct web *w, const struct method *m, const char **body) MUST_CHECK;
/* Approves a version as w->person: freezes and signs it, retires the one before, and moves the
 * risks that were scored with that. */
struct decision;
struct err *method_put_in_force(struct web *w, struct method *m, const struct decision *given)
    MUST_CHECK;

/* --- moving what was scored with an earlier version --- */
/* What features that keep levels of the scales do, filled by src/app. */
struct method_mover {
    /* Recomputes derived levels of all records that were scored with `target` or with a version
     * that has cells in method_moved for it: one statement, no history, no versions. */
    struct err *(*reevaluate)(struct web *w, i64 target);
    /* Moves up to `most` records to `target`, each as a change with a reason; `*moved` = how many
     * were looked at, from after the id `*after` on, which is set to the last one. */
    struct err *(*move)(struct web *w, i64 target, i64 *after, i64 most, size_t *moved);
};
extern const struct method_mover *const method_movers[];
/* What levels of `from` are in `target`, by the map that was approved with it; [0] stays 0, and so
 * does a level that the map does not know. */
struct method_map {
    i64 from, target;
    i64 likelihood[METHOD_LEVELS_MOST + 1], impact[METHOD_LEVELS_MOST + 1];
    struct method_ruler old, new;
};
static inline i64 method_map_level(const i64 *map, i64 level)
{
    return level >= 0 && level <= METHOD_LEVELS_MOST ? map[level] : level;
}
struct err *method_map_load(struct web *w, i64 from, i64 target, struct method_map *out) MUST_CHECK;
/* Axes in the new version. NULL when they are to be given anew, because the new version does not
 * have them all or makes another impact of them than the map: the impact stays as it was mapped. */
const char *method_map_axes(struct arena *a, const struct method_map *map, const char *text,
                            i64 impact);
/* What goes with a risk that moves, filled by src/app; NULL-terminated. */
typedef struct err *method_follower(struct web *w, i64 risk, const struct method_map *map);
extern method_follower *const method_followers[];
