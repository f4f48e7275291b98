/* SPDX-License-Identifier: Apache-2.0 */
/* Inside feature/task only: the hand-over of a person's work. */
#pragma once

#include "base/json.h"
#include "core/list.h"
#include "feature/organisation/organisation.h"
#include "feature/task/task_part.h"

#define HANDOVER_KINDS 64

struct handover_item {
    i64 id, number, version;
    const char *title;
    bool locked; /* a role that may do more than this person, so that they can neither end nor give
                    it */
    i64 to;      /* who gets it; 0 = it stays; the person itself: a role that only ends */
};
/* The records that point to the person by one field. */
struct handover_kind {
    const struct entity *entity;
    const struct field *field;
    struct handover_item *items;
    size_t count;
    i64 all;   /* to whom all of them go that have no `to` of their own */
    bool more; /* than are looked at on a page: the rest goes where `all` says */
    bool may;  /* this person may change the kind */
};
struct handover_list {
    struct handover_kind kinds[HANDOVER_KINDS];
    size_t count, records;
};

/* What the person owns or has to do and this person may see: open records only. Reads. */
struct err *handover_find(struct web *w, i64 person, struct handover_list *out) MUST_CHECK;
/* Gives every item with `to` to that person, ends and begins roles, and keeps a record: all or
 * nothing. ERR_INVALID names the record that could not be changed. In the writing phase. */
struct err *handover_run(struct web *w, const struct person *p, const struct handover_list *list,
                         const char *reason, i64 *number) MUST_CHECK;
/* Takes back what is still as the hand-over left it; `*undone` = how many records. */
struct err *handover_back(struct web *w, struct handover *h, i64 *undone) MUST_CHECK;

/* --- one record at a time, for the above and for the job (handover_job.c) --- */
/* What became of a record. */
struct handed {
    const char *kind, *field, *title;
    i64 id, number;
    i64 to;            /* who has it; for a role: the one that began, 0 = none */
    const char *until; /* the end that a role had before, or NULL */
};
struct handing {
    i64 person;
    const char *reason;
    i64 handover; /* 0 = what becomes of records is kept in `body` */
    json_t *body;
    i64 moved, seq;
};
/* True for fields by which a person answers for a record. */
bool handover_field(const struct field *f);
/* Restricts the list to open records of the person. */
void handover_query(struct web *w, const struct handover_kind *k, i64 person, struct list_query *q);
void handover_add(const struct web *w, struct handover_kind *k, const struct record *r);
/* Gives the item to item->to. What the rules refuse goes to `out` and leaves it as it is. */
struct err *handover_move(struct web *w, struct handing *m, const struct handover_kind *k,
                          const struct handover_item *item, i64 *version, struct issues *out)
    MUST_CHECK;
struct err *handover_back_one(struct web *w, i64 person, const struct handed *x, bool *done)
    MUST_CHECK;

/* --- very many records (handover_job.c) --- */
#define HANDOVER_AT_ONCE 100 /* records that are handed over while the person waits */
/* Keeps the record of the hand-over and queues the job; `*job` is for job_url. In the writing
 * phase.
 */
struct err *handover_start(struct web *w, const struct person *p, const struct handover_list *list,
                           const char *reason, i64 *job) MUST_CHECK;
/* Queues the job that takes it back. */
struct err *handover_start_back(struct web *w, struct handover *h, i64 *job) MUST_CHECK;
/* The first rows of what a job has handed over; `*count` = how many there are in all, 0 for a small
 * hand-over. */
struct err *handover_items(struct web *w, i64 handover, int limit, struct rows **out, i64 *count)
    MUST_CHECK;
struct err *handover_job(struct web *w, const char *body) MUST_CHECK;
struct err *handover_back_job(struct web *w, const char *body) MUST_CHECK;
