/* SPDX-License-Identifier: Apache-2.0 */
/* Erasing personal data (GDPR article 17): asked for with a legal basis, agreed to by a second
 * person, done in live row, history, search and log, told by an entry "redact", and done again when
 * an older backup is restored. */
#pragma once

#include "core/entity.h"

struct erasure {
    RECORD;
    const char *title;
    i64 subject;
    const char *basis;
    const char *reason;
    const char *state;
    i64 author;
    i64 decider;
    const char *comment;
    const char *exception;
    const char *parts;
};
extern const struct entity erasure_entity;
extern const struct feature erasure_feature;
extern const struct permission erasure_read, erasure_write;

/* The append-only list of what was erased, DIR/redactions.jsonl: ids only, one erasure a line. It
 * outlives the database, and each backup carries it. */
#define ERASURE_FILE "redactions.jsonl"
/* Adds what the store says was erased and the file does not have yet. Reads only the store. */
struct err *erasure_sync(struct web *w) MUST_CHECK;
/* Adds the lines of `from` that `into` has not; no file is no line. */
struct err *erasure_merge(struct arena *a, const char *from, const char *into) MUST_CHECK;
/* Erases again what `file` lists and this store (a restored backup) still has. Outside a
 * transaction; `*done` = how many lines had something left to erase. */
struct err *erasure_again(struct web *w, const char *file, size_t *done) MUST_CHECK;
