/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of lists share: an entity of its own over the table of risks, with rows made so
 * that every sort has ties and empty values. */
#pragma once

#include "core/list.h"

#define ROWS 60
#define ORG 5

struct risk {
    RECORD;
    const char *title, *threat, *state, *review_on, *description;
    i64 properties, owner, current_likelihood, current_impact, score, treated;
    struct ids assets;
};
extern const struct entity bench_risk_entity;
/* The same for somebody who holds no right to see all. */
extern const struct entity own_risk_entity;

struct bench {
    struct arena *a;
    struct web w;
    struct request req;
    struct pair query[24];
    struct html html;
    struct risk all[ROWS];
};

/* A store with ROWS risks in organisation ORG, two persons and two assets; a read transaction. */
void list_bench_open(struct bench *t);
void list_bench_close(struct bench *t);
void insert_row(struct bench *t, const struct risk *r);
/* `n` more risks with numbers from 100,000. */
void insert_many(struct bench *t, i64 n);
/* Adds a parameter to the request; forgets all. */
void ask(struct bench *t, const char *name, const char *value);
void ask_again(struct bench *t);
/* Parses the request and runs the list with its total; returns the rows of the page. */
size_t run(struct bench *t, const struct entity *e, struct list_result *r);
/* Walks the whole list in pages of `limit`, checks the order of neighbours, returns all rows. */
size_t walk(struct bench *t, struct list_query *q, int limit);
