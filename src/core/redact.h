/* SPDX-License-Identifier: Apache-2.0 */
/* Erasing what the log committed to, and saying so in the log (trust.md 4): the commitments stay,
 * values and salts go, and an entry "redact" names the entries whose part is gone. Without such an
 * entry a missing part is a finding of `cairn verify`. Parts: "personal" (the personal fields of a
 * version), "row" (all texts of a version), "context" (address and browser of an entry). */
#pragma once

#include "base/buf.h"
#include "core/entity.h"

/* What was erased in one log: collected, then told by one entry. */
struct redacting {
    struct web *w;
    i64 log; /* organisation, or 0 for the system */
    struct buf parts;
    size_t count;
};
void redact_begin(struct web *w, i64 log, struct redacting *r);
/* Erases the personal fields of all versions of a record of this log, or all its texts when
 * `whole`; version `keep` stays (0 = none). Versions that have lost them already are left out. The
 * live row is not touched: write it anew first, so that it commits to something else. */
struct err *redact_versions(struct redacting *r, const struct entity *e, i64 id, bool whole,
                            i64 keep) MUST_CHECK;
/* Erases address and browser of all entries of an actor ("person:17"). Entries that also have a
 * reason or a body keep theirs: those are records of the organisation. */
struct err *redact_contexts(struct redacting *r, const char *actor) MUST_CHECK;
/* The name under which the log lists an actor. */
struct err *redact_actor(struct redacting *r, const char *actor, const char *name) MUST_CHECK;
/* Queues the entry, when anything was erased: `why` is the legal basis, `by` the record that asked
 * for it. */
void redact_end(struct redacting *r, const char *kind, i64 record, const char *why, const char *by);
