/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of queries that many pages ask, kept in the process. Every change of an organisation
 * makes its log longer, in the same transaction. So an answer that was read in a snapshot is stored
 * under the log's length in that snapshot, and is right for every later snapshot with that length;
 * nothing has to be thrown away at a change (decisions.md 36, 42). Only for queries over tables of
 * the organisation whose changes are logged. */
#pragma once

#include "core/web.h"

/* Like db_query_text, for reads of w->org with `$1` = w->org; text and values are the key. Outside
 * of a read transaction, for a past day and in the writing phase the query simply runs. */
struct err *kept_query(struct web *w, struct rows **out, const char *sql, const struct val *vals,
                       size_t n) MUST_CHECK;
