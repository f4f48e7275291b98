/* SPDX-License-Identifier: Apache-2.0 */
/* Records and requests made from the tables of the program, for tests that hold for every entity
 * and every route: one made tomorrow is tested without a line here. */
#pragma once

#include "core/entity.h"
#include "core/route.h"
#include "visit.h"

#define ENTITIES_MAX 64

/* All entities of the features that live in an organisation; returns how many. */
size_t tenant_entities(const struct entity **out, size_t room);
/* True when people may write the field by form or API. */
bool field_open(const struct field *f);
/* True for fields whose text is free. */
bool field_free(const struct field *f);

/* How a record is made: every field gets a plausible value of its kind, references are made as
 * needed; what the entity's rules refuse is left out and tried again. */
struct making {
    i64 org;
    const struct entity *entity;
    const char *text;   /* for each free text field instead of a plausible one, or NULL */
    struct inputs set;  /* values that are given */
    i64 id, number;     /* out */
    struct inputs used; /* out: what the rules accepted */
};
/* Makes the record with all rights; fails the test when the entity's rules cannot be met. */
void make_record(struct test *t, struct making *m);
/* Values that make another such record: those of m->used, fresh where they have to be distinct. */
struct inputs record_inputs(struct test *t, const struct making *m);
/* The same with one value put in or replaced. */
struct inputs inputs_with(struct test *t, struct inputs in, const char *name, const char *value);
const char *inputs_form(struct test *t, struct inputs in); /* urlencoded */
const char *inputs_json(struct test *t, struct inputs in); /* an object of texts */
/* The first role of Acme that holds both rights by the table, the security manager if possible. */
const char *role_with(struct test *t, const struct permission *p, const struct permission *q);
/* True when the program has this route. */
bool route_exists(enum http_method method, const char *pattern);
/* An address that fits the route in the organisation "acme": the first record of its kind, and
 * `kind` for ":plural" (NULL when the route has none). */
const char *route_example(struct test *t, const struct route_entry *e, const struct entity *kind);
/* What stands for a parameter that is no record: a value that exists ("/:step"), or a token that
 * nobody has. `at` is at the slash, `size` its length. */
const char *other_parameter(const char *at, size_t size);
/* Calls fn for every route; for those with ":plural" once for each entity. */
void each_route(struct test *t,
                void (*fn)(struct test *t, const struct route_entry *e, const char *address,
                           void *ctx),
                void *ctx);
/* The answer without what differs from one answer to the next: tokens of forms, and `id`. */
const char *body_masked(struct test *t, const char *id);
/* A live record of the entity: the organisation's first, or a new one; 0 when it is made by code
 * only and there is none. `number` may be NULL. */
i64 some_record(struct test *t, i64 org, const struct entity *e, i64 *number);
/* A record that was removed; 0 when the entity's records cannot be. */
i64 removed_record(struct test *t, i64 org, const struct entity *e);
/* The plausible value of one field; NULL = leave it empty. */
const char *plausible_value(struct test *t, i64 org, const struct entity *e, const struct field *f);

/* A digest of all rows of all tables but the log, sessions, throttling and jobs. */
const char *store_digest(struct test *t);
/* The number of log entries of all organisations that are not refusals. */
i64 log_changes(struct test *t);
/* Entries of one log with an action. */
i64 log_count(struct test *t, i64 log, const char *action);
/* Waits until the late entries of refused requests are written. */
void log_settle(struct test *t);

/* What content/rights.tsv says, read here again and without core/permit. */
size_t rights_roles(struct test *t, const char *const **out);
bool rights_of(struct test *t, const char *role, const char *permission);

/* Someone who asks: a role of Acme, "other-admin" or NULL for nobody; signed in once. */
struct actor {
    const char *role, *cookie, *csrf, *token;
};
/* The roles, the other organisation's administrator and nobody. */
size_t all_actors(struct test *t, struct actor **out);
void act_as(struct test *t, struct actor *a);
/* What the actor may by the table: other-admin founded its organisation, so has three roles. */
bool actor_may(struct test *t, const struct actor *a, const char *permission);
i64 actor_org(const struct test *t, const struct actor *a); /* 0 for nobody */

/* A small generator that gives the same numbers for the same seed. */
u64 seeded(u64 *state);
/* True when CAIRN_TEST_FULL asks for everything. */
bool test_full(void);
/* A line on standard error: figures of a run. */
void tell(const char *format, ...) PRINTF(1, 2);
/* The urlencoded form of a text. */
const char *form_text_value(struct test *t, const char *text);
