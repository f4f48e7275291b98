/* SPDX-License-Identifier: Apache-2.0 */
/* Who we are: the organisation, its profile, units, people and roles. */
#pragma once

#include "core/entity.h"

struct organisation {
    RECORD;
    const char *name;
    const char *slug;
    const char *legal_name;
    const char *zone;
    const char *language;
    const char *currency;
    const char *sector;
    const char *note;
};
extern const struct entity organisation_entity;

struct unit {
    RECORD;
    const char *name;
    i64 parent;
    i64 head;
    const char *note;
};
extern const struct entity unit_entity;

struct person {
    RECORD;
    const char *name;
    const char *email;
    const char *job;
    i64 unit;
    i64 external;
    const char *state;
    const char *joined;
    const char *left_on;
    i64 account;
    const char *note;
};
extern const struct entity person_entity;
/* A frozen text for readers: where a line ends with the number of a person ("owner: P-3"), their
 * name stands before it. What is signed keeps numbers, so that a name can change or be erased. */
struct err *people_named(struct web *w, const char *text, const char **out) MUST_CHECK;

struct role_holder {
    RECORD;
    const char *title;
    i64 person;
    const char *role;
    i64 unit;
    i64 duties;
    const char *from_date;
    const char *until;
    const char *acknowledged;
    const char *note;
};
extern const struct entity role_holder_entity;

struct profile {
    RECORD;
    i64 headcount;
    i64 revenue;
    const char *sites;
    const char *remote_work;
    const char *own_devices;
    const char *cloud;
    const char *own_servers;
    const char *own_network;
    const char *develops;
    const char *outsourced_development;
    const char *personal_data;
    const char *card_payment;
    const char *government;
    const char *critical_suppliers;
    const char *downtime;
    const char *countries;
    const char *sector;
    const char *certificate_demand;
    const char *deadline;
    const char *ot;
    i64 practice;
    const char *experienced;
    const char *budget;
    const char *title;
};
extern const struct entity profile_entity;

extern const struct feature organisation_feature;
extern const struct permission organisation_read, organisation_write, profile_read, profile_write;
extern const struct permission person_read, person_write, unit_read, unit_write;
extern const struct permission role_read, role_grant;

/* Creates an organisation with its log, address, profile, the creator as person with the roles
 * admin, isms-manager and top-management (nobody else could name the others: no one gives a role
 * above their own), and what the features seed. `account` may be 0 (demo, imports): then the person
 * has no account. In a write transaction of a context that may do anything; on return the context
 * is as it was. ERR_CLASH when the short name is taken, ERR_INVALID with the sentence otherwise. */
struct err *organisation_create(struct web *w, const struct organisation *given, i64 account,
                                const char *person_name, const char *email, i64 *org) MUST_CHECK;

/* What other features add to a new organisation, and derive anew when its profile changes; both
 * tables end with NULL and are defined in src/app/seeds.c. */
typedef struct err *organisation_step(struct web *w);
extern organisation_step *const organisation_seeds[];
extern organisation_step *const organisation_profile_changed[];

/* The profile's answers for content_holds: pass profile_answer and the loaded answers as ctx. */
struct profile_answers;
struct err *profile_load(struct web *w, struct profile_answers **out) MUST_CHECK;
const char *profile_answer(void *ctx, const char *key);
/* The size band (row of content/sizes.tsv) of a headcount: "s20", "s50", "s200", "more"; bands are
 * inclusive at the top (domain.md 8). NULL when the headcount is not given. */
const char *profile_band(const struct profile_answers *answers);
/* Questions that are still open, of those that are required. */
int profile_open(const struct profile_answers *answers);
