/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the trail only (trail*.c, signer.c and their tests): commitments, stored tiles, what the
 * signer remembers, and the two halves of the verification. */
#pragma once

#include "base/buf.h"
#include "core/trail.h"

#define SALT_SIZE 32
#define TILE_HASHES 256
#define TILE_SIZE (TILE_HASHES * TLOG_HASH)
#define TILE_LEVELS 8 /* tree levels 0, 8, .. 56 */

/* --- trail_entry.c --- */
/* c = SHA-256(0x02 || salt || body). */
void trail_commit(struct arena *a, const unsigned char salt[SALT_SIZE], const char *body,
                  unsigned char out[DIGEST_SIZE]);
bool trail_is_zero(const void *data, size_t size);

/* --- trail_reconcile.c --- */
struct history_row;
/* Whether the entry commits to the version as programs wrote it before some of its fields were
 * personal (entity_canonical_before). */
bool trail_is_of_before(struct arena *a, const struct entity *e, const struct history_row *h,
                        const struct trail_entry *entry);

/* --- trail_tree.c --- */
/* The origin of a log now: signer_origin. */
const char *trail_origin(struct arena *a, struct signer *s, i64 org);
/* The organisation of an origin; -1 when it has none. */
i64 trail_origin_org(struct arena *a, const char *origin);
/* Reads complete nodes of a log from full tiles, and from entries where no tile is full yet. */
struct tree {
    struct web *w;
    i64 org;
    struct arena *scratch; /* of the tiles read; reset by tree_end */
    struct tree_tile {
        int level;
        i64 n;
        int count; /* hashes */
        const unsigned char *hashes;
    } tiles[16]; /* the last ones used */
    int ntiles;
    struct err *failed; /* why a read failed */
};
void tree_begin(struct tree *t, struct web *w, i64 org);
void tree_end(struct tree *t);
tlog_reader tree_hash_at; /* ctx is the struct tree */
/* Stores the tiles that new leaves fill. `leaves` are the leaf hashes from index `first` on,
 * `count` of them; older ones are read. */
struct err *tree_store_tiles(struct web *w, i64 org, i64 first, const unsigned char *leaves,
                             i64 count) MUST_CHECK;
/* Reads the log, recomputes its root and lets the signer sign: everything of trail_checkpoint but
 * the storing. `*note` is NULL when there is nothing new to sign. Outside a writing transaction. */
struct err *trail_sign(struct web *w, i64 org, struct checkpoint *out, const char **note)
    MUST_CHECK;
/* Inserts a signed checkpoint. */
struct err *trail_store(struct web *w, i64 org, i64 size, const char *note) MUST_CHECK;

/* --- signer.c --- */
/* The i-th log that the signer remembers and signs: origin, size and root, copied into `a`. */
bool signer_known(struct signer *s, struct arena *a, size_t i, struct checkpoint *out);

/* --- verification: trail_verify.c is about the log, trail_reconcile.c about the rows, what both
 * use is in trail_facts.c --- */
#define FINDINGS_MAX 200

struct redaction {
    i64 idx, by;      /* entry whose part is gone; entry that says so */
    const char *part; /* "context", "personal" or "row" */
};
/* A key of before a restore, named by the entry of the restore. */
struct former_key {
    const char *name;
    unsigned char public[32];
    i64 until; /* signs sizes up to this one */
};
struct verify {
    struct web *w;
    const struct feature *const *features;
    struct arena *out; /* of the findings */
    struct verify_result *result;
    struct signer *signer;
    i64 org; /* the log at hand */
    struct redaction *redactions;
    size_t nredactions, redaction_room;
    struct former_key *keys;
    size_t nkeys;
    /* A bit per entry whose row or removal was not met in the history yet. */
    struct arena *bits;
    unsigned char *open;
    size_t open_size;
};
/* trail_verify with other features than the program's own (tests). */
struct err *verify_with(struct web *w, i64 org, const struct feature *const *list,
                        struct verify_result *out) MUST_CHECK;
/* trail_export likewise. */
struct err *export_with(struct web *w, i64 org, const struct feature *const *list, FILE *out)
    MUST_CHECK;
/* Reads what entries of the log at hand say of others: redactions, and keys of before a restore. */
struct err *verify_load(struct verify *v) MUST_CHECK;
void verify_finding(struct verify *v, i64 idx, const char *format, ...) PRINTF(3, 4);
/* Whether an entry says that the part of entry `idx` was erased; then it is counted and told. */
bool verify_redacted(struct verify *v, i64 idx, const char *part);
/* Gives results of queries another arena; w->arena and that of the connection go together. */
void verify_use(struct verify *v, struct arena *a);
/* All records of the organisation at hand against the log. */
struct err *verify_records(struct verify *v) MUST_CHECK;

/* --- entity_links.c --- */
struct link_row {
    i64 record, target, valid_from, valid_to, log_idx;
};
/* Up to 500 rows of "<entity>_<field>_history" after that key: record, target, valid_from,
 * valid_to, log_idx. */
struct err *entity_link_page(struct web *w, const struct entity *e, const struct field *f,
                             const struct link_row *after, struct rows **out) MUST_CHECK;
