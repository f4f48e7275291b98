/* SPDX-License-Identifier: Apache-2.0 */
/* Readiness: what an auditor would find, computed from the records by the rules of content/rules.
 * A result is read in one snapshot and kept in memory under the length of the log, so that asking
 * again costs nothing until something changes. */
#pragma once

#include "core/rules.h"

/* One of the two figures. Weights: MAJ 5, MIN 2, OFI 1; a failing MAJ caps it at 59. */
struct readiness_score {
    bool any;    /* false: nothing is due, so there is no figure */
    bool capped; /* a failing MAJ pulled it down to 59 */
    int tenths;  /* 875 = 87.5 percent, after the cap */
    int raw;     /* the same before the cap */
    int due;     /* rules that counted */
    int majors, minors, improvements, passed;
};
/* A pure function of the results; `counts[i]` says whether the i-th rule is due (NULL = all). */
void readiness_score(const struct rule_result *results, const bool *counts, size_t n,
                     struct readiness_score *out);

/* Steps of the guide as bits 1 << step. */
struct readiness_steps {
    unsigned kept;    /* steps whose records this version keeps (content/reach) */
    unsigned reached; /* work exists, or all earlier ones are done, or it was so once */
    unsigned done;    /* reached, no MAJ or MIN rule of the step fails, and there is something: work
                       * or a rule that passes. Where nothing was done nothing fails. */
    int now;          /* the first step not reached or with a major; else the first not done */
};
/* `work` = steps with work, `stored` = reached before. A pure function. */
void readiness_steps(const struct rule_result *results, size_t n, unsigned work, unsigned stored,
                     struct readiness_steps *steps);
/* True when all kept steps up to `from` are reached, so that a rule of it counts. */
bool readiness_due(const struct readiness_steps *steps, int from);

#define READINESS_LEVELS 10
#define READINESS_COMING 8

/* What waits for a decision: of an owner, or of whoever holds `right`. */
struct readiness_waiting {
    i64 owner;                /* person; 0 = by right */
    const char *right;        /* name of the permission, or NULL */
    const char *kind;         /* entity */
    i64 number, place, count; /* place 1..5 in its group of `count` */
    const char *title;
};
struct readiness_coming {
    const char *date, *what, *kind, *title;
    i64 number;
};

struct readiness {
    i64 changes;       /* length of the log in the snapshot */
    i64 at, took;      /* when it was computed and how long that took, microseconds */
    const char *today; /* the day it speaks of */
    struct rule_result *results;
    size_t count;
    bool *due; /* for "where you are" */
    size_t broken;
    struct readiness_steps steps;
    struct readiness_score today_score, here_score;
    /* for the home page */
    i64 heat[READINESS_LEVELS + 1][READINESS_LEVELS + 1]; /* [likelihood][impact], open risks */
    const char *tones[READINESS_LEVELS + 1][READINESS_LEVELS + 1]; /* of the method in use */
    int levels, impact_levels;                                     /* of that method; 0 = none */
    bool heat_current; /* false: no current level yet, the map shows inherent levels */
    i64 heat_count, open_risks;
    i64 hidden; /* open risks that this person is to score blindly: not counted, not listed */
    struct readiness_waiting *waiting;
    size_t nwaiting;
    struct readiness_coming *coming;
    size_t ncoming;
};

/* The state of w's organisation, at w->asof if set; lives as long as the request. In a `hurry` a
 * result that is a moment old will do when a new one would take long. */
struct err *readiness_get(struct web *w, bool hurry, const struct readiness **out) MUST_CHECK;
/* Result of a rule by id, or NULL. */
const struct rule_result *readiness_result(const struct readiness *r, const char *id);
/* Percent of a step's rules that pass, by weight; 0 before it is reached. */
int readiness_step_percent(const struct readiness *r, int step);
/* The most severe failing rule that counts where the organisation is; NULL when all is well. */
const struct rule_result *readiness_next(const struct readiness *r);
/* Stores reached steps of every organisation whose log grew: the periodic job. */
struct err *readiness_remember(struct web *w) MUST_CHECK;

/* The label of an offender as a link, or as text where the person may not open it. */
void readiness_offender(struct web *w, const struct offender *o);
/* "87 %" as whole percent, rounded down: nobody is told more than there is. */
int readiness_percent(const struct readiness_score *s);

extern const struct feature readiness_feature;
extern const struct permission readiness_read;
