/* SPDX-License-Identifier: Apache-2.0 */
/* Inside feature/demo only. */
#pragma once

#include "core/content.h"
#include "core/entity.h"
#include "feature/demo/demo.h"

/* A record that a row of the story made, by the row's key. */
struct demo_record {
    const struct entity *entity;
    const char *key;
    i64 id;
};

/* What is known while the story is told; lives as long as the caller's arena. */
struct demo_story {
    struct arena *arena;
    struct app *app;
    i64 org;
    const char *today; /* the real one: dates of the story are relative to it */
    struct demo_record *records;
    size_t nrecords, room;
};

/* One row of a table of content/demo/. */
struct demo_row {
    const struct content_table *table;
    const char *name; /* of the table */
    size_t row;
};
/* A cell; "" when it is empty or the table has no such column. */
const char *demo_cell(const struct demo_row *r, const char *column);
/* An error that names the row. */
struct err *demo_wrong(const struct demo_row *r, const char *sentence);
/* A date of the story: "+30" and "-30" are days from the real today. */
const char *demo_date(const struct demo_story *s, const char *text);

/* The id that a key stands for, 0 = not made yet. Controls go by their code. */
struct err *demo_find(struct web *w, const struct demo_story *s, const struct entity *e,
                      const char *key, i64 *id) MUST_CHECK;
void demo_remember(struct demo_story *s, const struct entity *e, const char *key, i64 id);

/* Creates or changes the record of a row as w->person. */
struct err *demo_write(struct web *w, struct demo_story *s, const struct entity *e,
                       const struct demo_row *r) MUST_CHECK;
/* The id of a record of any kind, "risk/phish-mail"; 0 = not made yet (demo_talk.c). */
struct err *demo_any(struct web *w, const struct demo_story *s, const char *text, i64 *id)
    MUST_CHECK;
/* Says something, or settles what was said, as w->person. */
struct err *demo_say(struct web *w, struct demo_story *s, const struct demo_row *r) MUST_CHECK;
/* Something half written by the operator, who has an account. */
struct err *demo_draft(struct web *w, i64 account) MUST_CHECK;
/* Takes a decision, closes a round or submits a statement as w->person (demo_decide.c). */
struct err *demo_decide(struct web *w, const struct demo_story *s, const struct demo_row *r)
    MUST_CHECK;
