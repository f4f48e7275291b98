/* SPDX-License-Identifier: Apache-2.0 */
/* One change of many records: chosen by ticks or by the filters of a list, checked record by record
 * before anything is written, run in short pieces, and undone as one step.
 *
 * A step is planned (bulk_plan): every record is checked as a save would check it, and what would
 * become of it is kept with the version that was looked at. Then it is run (bulk_run): a record
 * that has another version by then is left alone. All writing goes through entity_write and
 * entity_remove, so rights, rules, history and log are those of any change; the step only remembers
 * what belongs together (class scratch, kept for a month). */
#pragma once

#include "core/list.h"

/* Changing many records at once: "bulk.run", needed besides the right to write them. */
extern const struct permission bulk_run_right;

#define BULK_MOST 20000  /* records of one step */
#define BULK_PIECE 800   /* statements after which the writer is given to others */
#define BULK_AT_ONCE 500 /* so many are written while the person waits; more by a job */

enum bulk_how { BULK_SET, BULK_ADD, BULK_TAKE }; /* ADD and TAKE: values of sets and references */

struct bulk_value {
    const struct field *field;
    enum bulk_how how;
    const char *text; /* as in a form; "" = make it empty */
};

/* What somebody wants to do. */
struct bulk_wish {
    const struct entity *entity;
    bool remove; /* instead of changing values */
    struct bulk_value values[64];
    size_t nvalues;
    const char *reason; /* or NULL */
    struct ids ids;     /* the records; none: those that the list of `query` shows */
    const char *query;  /* "state=open&owner=P-3" */
    i64 missing;        /* instead of both: what this import did not name and is still open, */
    i64 missing_after;  /* behind this number */
};

struct bulk_step {
    i64 id;
    const struct entity *entity;
    const char *state;               /* planned, running, done, undoing, undone */
    const char *action;              /* change, remove */
    const char *who, *reason, *told; /* told: which records, in words */
    struct bulk_wish wish;           /* values only */
    i64 person, total, created, started, finished;
    i64 planned, done, same, refused, undone, kept; /* records by what became of them */
};

/* True when the person may change many records of this kind. */
bool bulk_may(struct web *w, const struct entity *e);
/* True for fields that a step may change. */
bool bulk_field(const struct field *f);

/* Checks every record and keeps the step; `*id` is for bulk_load. Outside of transactions. Wrong
 * values add issues, and nothing is kept. */
struct err *bulk_plan(struct web *w, const struct bulk_wish *wish, struct issues *out, i64 *id)
    MUST_CHECK;
/* ERR_MISSING for steps of another kind, and for kinds that this person may not change. */
struct err *bulk_load(struct web *w, const struct entity *e, i64 id, struct bulk_step *out)
    MUST_CHECK;
/* The newest steps of a kind that were run. */
struct err *bulk_list(struct web *w, const struct entity *e, struct bulk_step **out, size_t *count)
    MUST_CHECK;
/* Rows (record, before, after, outcome, why) of a step by outcome, in order, at most `limit`. */
struct err *bulk_items(struct web *w, i64 step, const char *outcome, int limit, struct rows **out)
    MUST_CHECK;
/* Sets the values of `wish` on a record that was loaded; they were resolved by bulk_resolve. */
struct bulk_resolved {
    const struct bulk_wish *wish;
    void *values; /* a record that holds them */
};
struct err *bulk_resolve(struct web *w, const struct bulk_wish *wish, struct issues *out,
                         struct bulk_resolved *resolved) MUST_CHECK;
void bulk_apply(struct web *w, const struct bulk_resolved *r, void *record);

/* Runs what is planned, or what a killed server left; in pieces of a few milliseconds of the
 * writer. Outside of transactions. */
struct err *bulk_run(struct web *w, const struct entity *e, i64 id) MUST_CHECK;
/* Gives the records that nobody has changed since the values they had, and takes removed ones back.
 */
struct err *bulk_undo(struct web *w, const struct entity *e, i64 id) MUST_CHECK;
/* Forgets a step that was not run. In a write transaction. */
struct err *bulk_drop(struct web *w, const struct entity *e, i64 id) MUST_CHECK;
/* Forgets old steps: periodic job. */
struct err *bulk_clean(struct web *w, const char *body) MUST_CHECK;
