/* SPDX-License-Identifier: Apache-2.0 */
/* Content: the files under content/, embedded in the binary and overridable by the operator's
 * directory. Tables (TSV) are held in memory, indexed by code, and loaded into the reference tables
 * of the store at start (for rules and joins) when their hash changed. Everything is constant after
 * content_load, lives as long as its arena, and may be read from any thread. */
#pragma once

#include "base/arena.h"
#include "base/err.h"

struct content;
struct web;

/* Loads and checks all content. A file of `override_dir` (NULL = none) replaces the embedded one of
 * the same path below content/, or adds one. ERR_BAD names file and line, and how to mend it. */
struct err *content_load(struct arena *a, const char *override_dir, struct content **out)
    MUST_CHECK;
const char *content_version(const struct content *c); /* short hash over everything */

/* A table by the name of its file without folder and ending: "controls", "threats", ... NULL when
 * there is none. */
struct content_table;
const struct content_table *content_table(const struct content *c, const char *name);
size_t content_rows(const struct content_table *t);
/* Cell by row number and column name; "" when empty; BUG when there is no such column. */
const char *content_cell(const struct content_table *t, size_t row, const char *column);
/* The cell in the reader's language: for columns of text. */
const char *content_words(const struct content_table *t, size_t row, const char *column);
bool content_has_column(const struct content_table *t, const char *column);
/* Row of a code, or -1. The code is the first column; where that alone names no row, the first
 * columns joined by "/": "likelihood/3" in method_5x5, "3/4" in method_cells_5x5,
 * "server/ransomware/no-backup" in links. */
i64 content_row(const struct content_table *t, const char *code);
/* The label of a code in the reader's language: its "name", "title", "label" or "question"; the
 * code itself when unknown. */
const char *content_label(const struct content *c, const char *table, const char *code);
/* Any file by its path below content/ ("rules/R001.sql"), NUL-terminated: NULL when absent. `size`
 * may be NULL. */
const char *content_text(const struct content *c, const char *name, size_t *size);
/* Names of files below a prefix ("rules/"), sorted. */
size_t content_list(const struct content *c, const char *prefix, const char *const **out);

/* The condition language of content/README.md against profile answers. `answer(ctx, key)` gives the
 * answer's text: codes of a set joined by "," or ";", NULL or "" when unanswered. A term about an
 * unanswered question does not hold; `*open` (may be NULL) becomes true when only such terms are in
 * the way, so that answering could make the condition hold. */
bool content_holds(const char *condition, const char *(*answer)(void *ctx, const char *key),
                   void *ctx, bool *open);
/* NULL when the condition is well formed and its keys and choices are those of the table `profile`
 * (NULL = form only), else a sentence in `a`. content_load asks it for each `if` and `used_if`. */
const char *content_condition_wrong(struct arena *a, const char *condition,
                                    const struct content_table *profile);

/* Writes all tables to the reference table `catalogue` (kind = table, code, position = row, label,
 * data = JSON object of all columns) when the version differs from content_state('catalogue'). A
 * code that is gone stays with retired = 1. Inside a write transaction on w->db. */
struct err *content_store(struct web *w, const struct content *c) MUST_CHECK;
