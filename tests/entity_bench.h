/* SPDX-License-Identifier: Apache-2.0 */
/* For the tests of the entity kernel: entities of their own over existing tables, and a context
 * with a fresh store for organisations 5 and 6, inside a transaction. */
#pragma once

#include "core/entity.h"
#include "core/entity_sql.h"
#include "core/trail.h"
#include "test.h"

struct unit {
    RECORD;
    const char *name, *note;
    i64 parent, head;
};

struct person {
    RECORD;
    const char *name, *email, *job, *state, *joined, *left_on, *note;
    i64 unit, external, account;
};

struct asset {
    RECORD;
    const char *name, *type, *state, *description, *kind;
    i64 owner, media, c, i, a, in_scope, personal_data, value;
    struct ids carries;
};

struct profile {
    RECORD;
    const char *title, *deadline;
    i64 headcount, revenue, practice;
};

/* Asset: all kinds but the next two, derived value from what it carries. Hidden: the same table for
 * somebody without the right to see all. Profile: numbers, a reason for changes, never removable.
 */
extern const struct entity test_unit, test_person, test_asset, test_hidden_asset, test_profile;
/* A person whose `account` is a record of any kind. */
extern const struct entity test_pointer;

struct bench {
    struct arena *a;
    struct web w;
    struct issues out;
};
void bench_open(struct bench *t);
void bench_close(struct bench *t);
/* The end of a change as the dispatcher does it; the next begins at once. */
void bench_commit(struct bench *t);
void bench_undo(struct bench *t);
/* The number that a query with $1 organisation and $2 id gives. */
i64 bench_count(struct bench *t, const char *sql, i64 id);
/* Applies one value, strictly, and gives the sentence about it, or NULL. */
const char *apply(struct bench *t, const struct entity *e, void *record, const char *name,
                  const char *value);
/* Writes with the reason "because"; fails the test when there is an issue. */
void write_ok(struct bench *t, const struct entity *e, void *record);
i64 new_person(struct bench *t, const char *name);
void new_asset(struct bench *t, const char *name, struct asset *a);
/* A row of the catalogue of asset types. */
void add_type(struct bench *t, const char *code, const char *label, i64 retired);
