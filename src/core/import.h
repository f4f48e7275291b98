/* SPDX-License-Identifier: Apache-2.0 */
/* Imports of CSV and JSON into any entity: columns are matched to fields, rows to existing records,
 * references by what people write; every row is checked before the first one is written. The routes
 *     GET  /:plural/import            import_page      (upload form)
 *     POST /:plural/import/preview    import_preview   (ROUTE_READ | ROUTE_UPLOAD | ROUTE_SLOW)
 *     POST /:plural/import            import_run       (with import_prepare before it)
 * of core/api serve every entity; a feature need not add its own. */
#pragma once

#include "core/entity.h"

/* Bringing lists in: "import.run", needed besides the right to write. */
extern const struct permission import_run_right;

/* GET: the form that takes a file; `?template=1` gives an empty CSV with the right columns. */
struct err *import_page(struct web *w, const struct entity *e) MUST_CHECK;
/* POST, read-only: keeps the file for a day, shows how columns are matched, what would happen to
 * each row and what is wrong, and offers to run it. */
struct err *import_preview(struct web *w, const struct entity *e) MUST_CHECK;
/* The slow part of import_run, for every entity: checks all rows, then writes them in pieces, so
 * that others can save in between. As `prepare` of the route; the entity is that of the address. */
struct err *import_prepare(struct web *w) MUST_CHECK;
/* POST: after import_prepare, 303 to the list; 422 with the preview when a row is wrong: nothing is
 * written then. Without import_prepare before it, it does the work itself, up to 2,000 rows. */
struct err *import_run(struct web *w, const struct entity *e) MUST_CHECK;

struct cli;
/* `cairn import KIND FILE [--dry-run] [--good-rows] [--map COLUMN=FIELD]...` */
int import_command(struct cli *c);
