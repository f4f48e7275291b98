/* SPDX-License-Identifier: Apache-2.0 */
/* The record of an import: who brought which file, what came of it, how it is taken back. */
#pragma once

#include "core/entity.h"

/* "running", "done", "stopped" (broke off, what was written stays), "taken-back" (broke off, all of
 * it was wanted, so what was written went back), "undone" (by a person, later). */
struct import {
    RECORD;
    const char *file_name, *kind, *state, *mode, *source;
    i64 rows_read, created, changed, same, wrong;
    const char *who;
    i64 started, ended;
    const char *file_hash;
    i64 file_size;
    const char *note;
};
extern const struct permission import_read;
extern const struct entity import_entity;

/* Takes an import back: records that it changed get their values of before, unless somebody changed
 * them since; those it made go, unless something refers to them. What cannot be taken back is told
 * on the import's page. Outside a transaction; in pieces. `state` is what the import is then. */
struct err *import_undo(struct web *w, i64 import, const char *state) MUST_CHECK;
/* Part of it (core/import_library.c): removes the sets of controls that an import brought in with
 * their controls, when nobody changed them since and nothing is left in them. */
struct err *import_library_undo(struct web *w, i64 import, const char *reason, i64 *removed)
    MUST_CHECK;
/* Records that the import wrote and that still stand as it left them, and the others. */
struct import_standing {
    i64 untouched, since, gone;
};
struct err *import_standing_of(struct web *w, const struct import *r, struct import_standing *out)
    MUST_CHECK;
