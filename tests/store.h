/* SPDX-License-Identifier: Apache-2.0 */
/* Fresh, empty stores for tests, on the engine that CAIRN_TEST_DB names (sqlite, the default, or
 * postgresql). SQLite files live in a folder of this process under CAIRN_TEST_DIR, /dev/shm or
 * /tmp. PostgreSQL databases are made on the server of CAIRN_TEST_URL (or CAIRN_TEST_PG_URL);
 * without one, a private server is started on first use and removed at exit. */
#pragma once

#include "base/arena.h"
#include "base/err.h"

/* A new empty store, removed with the arena; `*url` goes to db_open. */
struct err *store_new(struct arena *a, const char **url) MUST_CHECK;
/* The same with this program's schema: copied from one that is migrated once per process, which
 * is much faster than migrating each. */
struct err *store_ready(struct arena *a, const char **url) MUST_CHECK;
/* A new PostgreSQL database made with other options of CREATE DATABASE. */
struct err *store_odd(struct arena *a, const char *options, const char **url) MUST_CHECK;
/* True when tests run on PostgreSQL. */
bool store_is_postgres(void);
/* A scratch folder of this process, removed at exit. */
const char *store_folder(void);
