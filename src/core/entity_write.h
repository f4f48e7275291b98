/* SPDX-License-Identifier: Apache-2.0 */
/* Inside core/entity_write.c and core/entity_remove.c only: the steps of a write. */
#pragma once

#include "core/entity_sql.h"

/* The context is in its writing phase and the person may write this kind of record. */
struct err *entity_must_write(struct web *w, const struct entity *e) MUST_CHECK;
/* Required fields, `check` and `derive`, as before a write; imports ask this without writing. */
struct err *entity_check(struct web *w, const struct entity *e, void *record, struct issues *out)
    MUST_CHECK;
/* Another version is in the store by now. */
struct err *entity_stale(struct web *w, const struct entity *e);
/* The live row and its links. */
struct err *entity_row_insert(struct web *w, const struct entity *e, const void *record) MUST_CHECK;
/* The row of the table `record`. */
struct err *entity_header(struct web *w, const struct entity *e, const void *record) MUST_CHECK;
/* Takes `n` numbers for records of the kind that this transaction makes, in one statement instead
 * of one each, and gives back those that were not needed: the counter's row is locked meanwhile, so
 * none is lost. To be forgotten when the transaction fails. */
struct err *entity_numbers_take(struct web *w, const struct entity *e, i64 n) MUST_CHECK;
struct err *entity_numbers_return(struct web *w) MUST_CHECK;
void entity_numbers_forget(struct web *w);
/* What follows every written row: header, search text, log entry, columns of dependent records. */
struct written {
    const char *action; /* create, change, restore */
    i64 before;         /* version */
    const char *reason;
};
struct err *entity_written(struct web *w, const struct entity *e, const void *record,
                           struct written how) MUST_CHECK;
