/* SPDX-License-Identifier: Apache-2.0 */
/* The tamper-evident log of every organisation and of the system (org_id 0): RFC 6962 tree, salted
 * payloads that can be deleted, signed checkpoints (trust.md 4, decisions.md 2-4). Changes queue
 * items; trail_tail writes them as the last statements before COMMIT. No log entry, no write.
 *
 * An entry is fixed-order, length-prefixed binary (trail_encode): version 1, log (org_id), idx,
 * at, actor pseudonym (16 bytes), session hash (8 bytes of SHA-256), request id, action, kind,
 * record id, version before, version after, commitment of the row after, of its personal part and
 * of the context payload: c = SHA-256(0x02 || salt || body); 32 zero bytes when there is none. */
#pragma once

#include <stdio.h>

#include "base/crypt.h"
#include "core/entity.h"
#include "core/tlog.h"

struct trail_entry {
    i64 log, idx, at;
    unsigned char actor[16], session[8];
    const char *request, *action, *kind;
    i64 record, before, after;
    unsigned char row[DIGEST_SIZE], personal[DIGEST_SIZE], context[DIGEST_SIZE];
};
struct bytes trail_encode(struct arena *a, const struct trail_entry *e);
bool trail_decode(struct arena *a, struct bytes data, struct trail_entry *out);

/* Queues the change of a record row: called by core/entity only. `record` is the state after (for a
 * removal: the last state); it and what it points to stay as they are until the tail, which writes
 * history row and entry. */
struct trail_change {
    const char *action; /* "create", "change", "remove", "restore" */
    i64 before, after;  /* versions; before = 0 for a creation, after = 0 for a removal */
    const char *reason; /* or NULL */
};
void trail_record(struct web *w, const struct entity *e, const void *record,
                  const struct trail_change *change);
/* Queues an event without a record row or for an append-only fact: "login.failed", "export",
 * "decision". `body` is the payload text the entry commits to (stored in audit_payload with its
 * salt); NULL = none. `kind`/`record` may be NULL/0. */
void trail_event(struct web *w, const char *action, const char *kind, i64 record, const char *body);
/* The last queued item, and back to it: for a change inside a change that is rolled back to a
 * savepoint of its own. */
struct trail_item;
struct trail_item *trail_mark(const struct web *w);
void trail_back(struct web *w, struct trail_item *mark);
/* Writes all queued items: UPDATE audit_frontier .. RETURNING (the only lock), entries, history
 * rows with log_idx, payloads, frontier, full tiles. Sets `at` strictly increasing per log. Called
 * by the dispatcher, jobs and commands just before COMMIT. With nothing queued it does nothing. */
struct err *trail_tail(struct web *w) MUST_CHECK;
/* Creates log 0 or an organisation's log. */
struct err *trail_create(struct web *w, i64 org) MUST_CHECK;

/* Size and root of a log now. */
struct err *trail_head(struct web *w, i64 org, i64 *size, unsigned char root[TLOG_HASH]) MUST_CHECK;
/* Signs a checkpoint of the log through the signer and stores it; nothing when the last one has
 * this size (`*note` is then the stored one; NULL for an empty log). Run by a job once a second at
 * most, at exit and on exports, and NOT inside app_write or another transaction: what a group
 * commit may still lose must never be signed, or the signer would refuse this log for ever. */
struct err *trail_checkpoint(struct web *w, i64 org, const char **note) MUST_CHECK;

/* `cairn verify`: tree, tiles, checkpoints, every history row against its entry, every live row
 * against its newest history row, derived columns recomputed. Findings are sentences; `redacted`
 * ones are not findings. The log with org -1 means all. */
struct finding {
    i64 org, idx;     /* first bad index, or -1 */
    const char *text; /* what is wrong and where */
};
struct verify_result {
    i64 logs, entries, rows, checkpoints, redacted, files;
    struct finding *told; /* what was erased and by which entry: the first ones */
    size_t ntold;
    struct finding *findings;
    size_t count;
};
struct err *trail_verify(struct web *w, i64 org, struct verify_result *out) MUST_CHECK;
/* Adds what is wrong with files: missing, altered, or named by a record and not kept at all. Reads
 * every byte of every file. */
struct err *trail_verify_files(struct web *w, i64 org, struct verify_result *out) MUST_CHECK;

/* Writes a log as JSON lines for tools/verify_log.py: key, entries, payloads, checkpoints, versions
 * of records. As confidential as the store. */
struct err *trail_export(struct web *w, i64 org, FILE *out) MUST_CHECK;

/* The signer holds the key and its own last-signed state, and signs only with a valid consistency
 * proof from there (in this process for now; a process of its own later, behind this interface). */
struct signer;
/* Opens or creates DIR/signer.key (0600, encrypted at rest is for later) and DIR/signer.state. */
struct err *signer_open(struct arena *a, const char *dir, struct signer **out) MUST_CHECK;
/* Opens an existing signer for reading; ERR_MISSING when DIR has none. */
struct err *signer_load(struct arena *a, const char *dir, struct signer **out) MUST_CHECK;
const unsigned char *signer_public(const struct signer *s);
const char *signer_name(const struct signer *s);
/* `proof` proves that the tree of the last signed size is a prefix of this one. ERR_CLASH when it
 * does not or when size shrinks. */
struct err *signer_sign(struct signer *s, struct arena *a, const struct checkpoint *c,
                        struct bytes proof, const char **note) MUST_CHECK;
i64 signer_last(struct signer *s, const char *origin); /* last signed size, 0 = none */
/* The origin under which a log is signed now: "<key name>/<org>", and from the second epoch on
 * "<key name>/<org>/2". A new epoch begins when signer_end has closed the one before. */
const char *signer_origin(struct signer *s, struct arena *a, i64 org);
/* Ends an origin for ever: a restore puts an older state of the log in its place. What was signed
 * stays in the memory. */
struct err *signer_end(struct signer *s, struct arena *a, const char *origin) MUST_CHECK;

/* --- proofs and restores (core/trail_proof.c) --- */
struct trail_proof {
    struct trail_entry entry;
    unsigned char leaf[TLOG_HASH];
    i64 size; /* of the tree that is proved against */
    unsigned char root[TLOG_HASH];
    struct bytes hashes; /* inclusion proof */
    const char *note;    /* signed checkpoint of that size, or NULL when none covers the entry */
};
/* Entry `idx` of a log, its decoded form and the proof that it is in the log: against the newest
 * stored checkpoint when that covers it, else against the head. ERR_MISSING when there is none. */
struct err *trail_prove(struct web *w, i64 org, i64 idx, struct trail_proof *out) MUST_CHECK;
/* The newest stored checkpoint of a log, NULL when none was signed yet. */
struct err *trail_last_note(struct web *w, i64 org, const char **note) MUST_CHECK;

/* What the signer of w->app remembers and the store of `w` does not continue: an older or another
 * state of the log, or a log that is gone. */
struct trail_fork {
    const char *origin;
    i64 org, remembered, size; /* size = -1: the log is gone */
    const char *root;          /* base64 of the remembered root */
};
struct err *trail_forks(struct web *w, struct trail_fork **out, size_t *count) MUST_CHECK;
