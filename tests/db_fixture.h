/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of src/db share: a store with a small schema in which a thing has a twin and a
 * part that refers to it. */
#pragma once

#include "db/engine.h"

#define THING_STEP "0001_things"

extern const char *const thing_schema;

struct fixture {
    struct arena *a;
    const char *url;
    struct db *db; /* the writer */
};

/* An empty store, and one with the schema. */
struct fixture empty_store(void);
struct fixture thing_store(void);
void store_finish(struct fixture *f);
/* Another connection to it. */
struct db *store_open(struct fixture *f, enum db_mode mode, int timeout_ms);
struct err *add_thing(struct db *db, i64 id, const char *name) MUST_CHECK;
i64 count_things(struct db *db);
/* A statement that runs for minutes. */
extern const char *const slow_statement;
