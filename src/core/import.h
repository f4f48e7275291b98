/* SPDX-License-Identifier: Apache-2.0 */
/* Imports of CSV, workbooks and JSON into any entity: columns are matched to fields, values to
 * choices, rows to existing records; every row is checked before the first one is written; a whole
 * import can be undone. The feature brings pages under /:plural/import, the register of past
 * imports, `cairn import` and POST /api/v1/:plural/import for every entity; a feature need not add
 * anything. How it is built, from the file to the record:
 *
 *     convert*          workbooks, in a sandboxed child
 *     import_source.h   any file as columns and rows: import_bytes, import_read, import_json
 *     import_map, import_value, import_settings   what columns and values mean
 *     import_match, import_rows, import_key       what a row means
 *     import_run, import_write, import_record, import_undo   checking, writing, taking back
 *     import_draft, import_facts, import_view, import_steps, import_marked, import_past   pages */
#pragma once

#include "core/entity.h"

/* Bringing lists in: "import.run", needed besides the right to write. */
extern const struct permission import_run_right;
extern const struct feature import_feature;

/* A library of controls, its set and its controls (core/import_library.c): for the feature that
 * keeps them. */
struct cli;
struct err *import_library_page(struct web *w) MUST_CHECK;
struct err *import_library_prepare(struct web *w) MUST_CHECK;
struct err *import_library_done(struct web *w) MUST_CHECK;
int import_library_command(struct cli *c);

/* True when a list of such records can be imported at all. */
bool import_possible(const struct entity *e);
