/* SPDX-License-Identifier: Apache-2.0 */
/* What has to be done, by whom and by when, over all kinds of records: for My work and the
 * calendar. A register takes part by its field table alone: a DATE field that is `dated`, an entity
 * that says which states are `closed`, and a person field that `concerns` (the first one is the
 * person who has to act). What is not a dated record of its own (decisions that wait) is offered by
 * a feature as a source. Everything is read with the eyes of the person of `w`. */
#pragma once

#include "core/entity.h"

/* One thing to do, or one day of the calendar. */
struct work_item {
    const struct entity *entity; /* of the record that it is about; NULL = none */
    i64 id, number;
    const char *kind, *kind_label; /* for filters: "task", "Task"; "risk", "Risk" */
    const char *title;
    const char *what;       /* what the day means: "Due", "Next review", "To decide" */
    const char *address;    /* of the page where it is done */
    const char *date;       /* ISO, or NULL: no day is set */
    enum field_dated dated; /* of that day */
    const char *waiting;    /* what it waits for, or NULL */
    i64 person, giver;      /* who has to act; who asked for it; 0 = nobody */
    const char *person_name, *giver_name; /* filled by work_names; "" = nobody */
    const char *about, *about_label;      /* title and number ("R-42") of what it belongs to */
    const char *about_address;            /* NULL when this person cannot open it */
    const char *rule, *uid; /* days that come again (base/rrule.h), or NULL; stable name */
    i64 version;
    int weight;   /* 0 = most urgent among those of a day */
    bool over;    /* done already: the calendar shows it faintly */
    bool planned; /* by its rule it comes on that day; it is not there yet */
    bool task;    /* can be ticked off and handed over in bulk */
};

struct work_list {
    struct web *w;
    struct work_item *list;
    size_t count, room;
    bool more; /* there was more than WORK_MOST of some kind */
};
#define WORK_MOST 600 /* items of one kind */

void work_add(struct work_list *out, const struct work_item *item);
/* Adds each row (id, number, title, who prepared it) as a decision of this person who holds
 * `right`, on the page of the record; not what they prepared when somebody else may decide. */
struct err *work_add_decisions(struct work_list *out, const struct entity *e,
                               const struct permission *right, struct rows *rows) MUST_CHECK;

/* Somebody is asked to decide about a record: a person, or all who hold a right. */
struct work_ask {
    i64 record; /* 0 = nobody is asked */
    i64 person;
    const struct permission *right; /* when there is no person */
    const char *label, *title;      /* of the record */
    const char *path;               /* added to its address: "/approval" */
    const char *cause;              /* told once to each for the same cause */
};

/* What a feature adds. */
struct work_source {
    const char *name, *title; /* "approval", "Approvals" */
    /* Open work of `person`; with `given` what `person` asked of others. May be NULL. */
    struct err *(*open)(struct web *w, i64 person, bool given, struct work_list *out);
    /* What has a day from `from` to `to`; `person` = 0 means everybody's. May be NULL. */
    struct err *(*days)(struct web *w, i64 person, const char *const range[2],
                        struct work_list *out);
    /* The entity whose dated fields the source answers for, so that they are not walked; or NULL.
     */
    const struct entity *instead;
    /* Whether a record that was created or changed (`before` NULL: created) lets a decision wait.
     * Run for every change, so it looks at the kind first. May be NULL. */
    struct err *(*asks)(struct web *w, const struct entity *e, const void *before,
                        const void *after, struct work_ask *out);
};

/* All open work of a person: sources, then dated records that they have to act on. Reviews and
 * expiries count from WORK_AHEAD days before their day. Sorted: by day (none last), weight, title.
 */
#define WORK_AHEAD 30
struct err *work_open(struct web *w, i64 person, bool given, struct work_list *out) MUST_CHECK;
/* Everything with a day from `from` to `to` (ISO, both included) that this person may see; with
 * `mine` only what is theirs. Sorted by day. */
struct err *work_days(struct web *w, const char *from, const char *to, bool mine,
                      struct work_list *out) MUST_CHECK;
/* The person field by which somebody has to act on the record; NULL when the kind has none. */
const struct field *work_doer(const struct entity *e);
/* True when the state means that nothing has to be done any more. */
bool work_closed(const struct entity *e, const char *state);
/* True when the day of a `dated` field is over and the record is still open: as of the day that the
 * page shows. An event that has passed asks for nothing. */
bool work_over(const struct web *w, const struct entity *e, const struct field *f,
               const void *record);
/* Fills the names of all people of the list: one query. */
struct err *work_names(struct work_list *list) MUST_CHECK;
