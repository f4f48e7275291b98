/* SPDX-License-Identifier: Apache-2.0 */
/* The Merkle tree of RFC 6962 section 2.1 (leaf 0x00, node 0x01) and C2SP signed notes, as pure
 * functions: no database, no clock. A frontier is the compact range of a tree of n leaves: the
 * roots of its full subtrees, largest first, 32 bytes each. */
#pragma once

#include "base/arena.h"
#include "base/err.h"

#define TLOG_HASH 32
#define TLOG_LEVELS 63

struct frontier {
    i64 n;
    int count; /* number of one-bits in n */
    unsigned char hash[TLOG_LEVELS][TLOG_HASH];
};

void tlog_leaf(const void *entry, size_t size, unsigned char out[TLOG_HASH]);
void tlog_node(const unsigned char left[TLOG_HASH], const unsigned char right[TLOG_HASH],
               unsigned char out[TLOG_HASH]);
/* Appends a leaf hash. `done(ctx, level, index, hash)` (may be NULL) is called for every node that
 * becomes complete, leaf first: level 0 = leaves. */
void frontier_add(struct frontier *f, const unsigned char leaf[TLOG_HASH],
                  void (*done)(void *ctx, int level, i64 index, const unsigned char *hash),
                  void *ctx);
void frontier_root(const struct frontier *f, unsigned char out[TLOG_HASH]); /* n = 0: SHA-256("") */
/* Bytes of a frontier as stored, and back; false when the size does not fit n. */
struct bytes frontier_store(struct arena *a, const struct frontier *f);
bool frontier_load(struct frontier *f, i64 n, struct bytes stored);

/* Where proofs take complete nodes from: `hash_at(ctx, level, index, out)` returns false when it
 * cannot tell. */
typedef bool tlog_reader(void *ctx, int level, i64 index, unsigned char out[TLOG_HASH]);
struct tlog_nodes {
    tlog_reader *hash_at;
    void *ctx;
};
/* Proofs of RFC 6962: node hashes in order, in the arena. False when the sizes make no sense or a
 * node cannot be read. */
bool tlog_inclusion(const struct tlog_nodes *nodes, i64 index, i64 size, struct arena *a,
                    struct bytes *proof);
bool tlog_consistency(const struct tlog_nodes *nodes, i64 old_size, i64 size, struct arena *a,
                      struct bytes *proof);
bool tlog_check_inclusion(const unsigned char leaf[TLOG_HASH], i64 index, i64 size,
                          const unsigned char root[TLOG_HASH], struct bytes proof);
bool tlog_check_consistency(i64 old_size, const unsigned char old_root[TLOG_HASH], i64 size,
                            const unsigned char root[TLOG_HASH], struct bytes proof);

/* A checkpoint: C2SP signed note "origin\nsize\nbase64(root)\n\n— name base64(keyid||signature)\n".
 * Parsing is strict: what is accepted re-encodes to the same bytes. */
struct checkpoint {
    const char *origin;
    i64 size;
    unsigned char root[TLOG_HASH];
};
char *checkpoint_sign(struct arena *a, const struct checkpoint *c, const char *key_name,
                      const unsigned char public_key[32], const unsigned char secret_key[64]);
/* ERR_BAD with the reason when the note is malformed or not signed by the key. */
struct err *checkpoint_open(struct arena *a, const char *note, const char *key_name,
                            const unsigned char public_key[32], struct checkpoint *out) MUST_CHECK;
