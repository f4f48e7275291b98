/* SPDX-License-Identifier: Apache-2.0 */
/* Inside core only: the register of past imports, its undo, and what whole lists did not name. */
#pragma once

#include "core/entity.h"

struct err *import_list_page(struct web *w) MUST_CHECK;
struct err *import_show_page(struct web *w) MUST_CHECK;
/* The card of what a whole list did not name, with what can be done about it (import_missing.c). */
struct err *import_draw_missing(struct web *w, i64 import, i64 number, const struct entity *e)
    MUST_CHECK;
/* What that import did not name, of the kind, and is not settled yet, by number; at most BULK_MOST
 * behind the number `after`. None for whom not all records of the kind are to be seen. */
struct err *import_missing_open(struct web *w, i64 import, i64 after, const struct entity *e,
                                struct ids *out) MUST_CHECK;
/* prepare and handler of POST /imports/:no/undo. */
struct err *import_undo_prepare(struct web *w) MUST_CHECK;
struct err *import_undone(struct web *w) MUST_CHECK;
struct err *import_undo_job(struct web *w, const char *body) MUST_CHECK;
