/* SPDX-License-Identifier: Apache-2.0 */
/* The Merkle tree is never held in memory: a frontier of at most 63 hashes takes new leaves, and
 * proofs ask a reader for complete nodes. Storage and locking are trail.c's. */
#include "core/tlog.h"

#include <string.h>

#include "base/buf.h"
#include "base/crypt.h"
#include "base/text.h"
#include "base/words.h"

#define LEAF_PREFIX 0
#define NODE_PREFIX 1
#define SMALL_ENTRY 2000
#define ENTRY_LIMIT 65536
#define KEY_ID 4
#define KEY_ED25519 1

/* The dash that C2SP puts before a signature: U+2014 and a space. */
#define SIGNATURE_MARK "\xe2\x80\x94 "

static void large_leaf(const void *entry, size_t size, unsigned char out[TLOG_HASH])
{
    unsigned char data[1 + ENTRY_LIMIT];

    if (size > ENTRY_LIMIT)
        BUG("a log entry of %zu bytes", size);
    data[0] = LEAF_PREFIX;
    memcpy(data + 1, entry, size);
    crypt_sha256(data, size + 1, out);
}

void tlog_leaf(const void *entry, size_t size, unsigned char out[TLOG_HASH])
{
    unsigned char data[1 + SMALL_ENTRY];

    if (size > SMALL_ENTRY) {
        large_leaf(entry, size, out);
        return;
    }
    data[0] = LEAF_PREFIX;
    if (size)
        memcpy(data + 1, entry, size);
    crypt_sha256(data, size + 1, out);
}

void tlog_node(const unsigned char left[TLOG_HASH], const unsigned char right[TLOG_HASH],
               unsigned char out[TLOG_HASH])
{
    unsigned char data[1 + 2 * TLOG_HASH];

    data[0] = NODE_PREFIX;
    memcpy(data + 1, left, TLOG_HASH);
    memcpy(data + 1 + TLOG_HASH, right, TLOG_HASH);
    crypt_sha256(data, sizeof data, out);
}

void frontier_add(struct frontier *f, const unsigned char leaf[TLOG_HASH],
                  void (*done)(void *ctx, int level, i64 index, const unsigned char *hash),
                  void *ctx)
{
    i64 index = f->n++;
    unsigned char *top;
    int level = 0;

    if (f->count == TLOG_LEVELS)
        BUG("a log of %lld entries", f->n);
    top = f->hash[f->count++];
    memcpy(top, leaf, TLOG_HASH);
    if (done)
        done(ctx, 0, index, top);
    while (index & 1) {
        unsigned char *left = f->hash[f->count - 2];

        tlog_node(left, f->hash[f->count - 1], left);
        f->count--;
        level++;
        index >>= 1;
        if (done)
            done(ctx, level, index, left);
    }
}

void frontier_root(const struct frontier *f, unsigned char out[TLOG_HASH])
{
    if (f->count == 0) {
        crypt_sha256("", 0, out);
        return;
    }
    memcpy(out, f->hash[f->count - 1], TLOG_HASH);
    for (int i = f->count - 2; i >= 0; i--)
        tlog_node(f->hash[i], out, out);
}

struct bytes frontier_store(struct arena *a, const struct frontier *f)
{
    size_t size = (size_t)f->count * TLOG_HASH;
    unsigned char *data = arena_alloc(a, size + 1);

    memcpy(data, f->hash, size);
    return (struct bytes){data, size};
}

bool frontier_load(struct frontier *f, i64 n, struct bytes stored)
{
    int count = n < 0 ? -1 : __builtin_popcountll((u64)n);

    if (count < 0 || stored.size != (size_t)count * TLOG_HASH)
        return false;
    f->n = n;
    f->count = count;
    if (stored.size)
        memcpy(f->hash, stored.data, stored.size);
    return true;
}

/* --- proofs --- */

struct proof {
    const struct tlog_nodes *nodes;
    struct buf out;
    bool failed;
};

/* The largest power of two below `size`, as a level; `size` is at least 2. */
static int split_level(i64 size)
{
    return 63 - __builtin_clzll((u64)(size - 1));
}

/* The root of `size` leaves from `start`; in the trees of RFC 6962 `start` is always aligned. */
static void range_root(struct proof *p, i64 start, i64 size, unsigned char out[TLOG_HASH])
{
    unsigned char right[TLOG_HASH];
    int level;

    memset(out, 0, TLOG_HASH);
    if (p->failed)
        return;
    level = size == 1 ? 0 : split_level(size);
    if (size == 1LL << level || size == 2LL << level) {
        level = size == 1LL << level ? level : level + 1;
        p->failed = !p->nodes->hash_at(p->nodes->ctx, level, start >> level, out);
        return;
    }
    p->failed = !p->nodes->hash_at(p->nodes->ctx, level, start >> level, out);
    range_root(p, start + (1LL << level), size - (1LL << level), right);
    tlog_node(out, right, out);
}

static void prove_range(struct proof *p, i64 start, i64 size)
{
    unsigned char hash[TLOG_HASH];

    range_root(p, start, size, hash);
    buf_add(&p->out, hash, TLOG_HASH);
}

static bool proof_done(struct proof *p, struct bytes *proof)
{
    *proof = (struct bytes){NULL, 0};
    if (p->failed)
        return false;
    *proof = (struct bytes){(const unsigned char *)p->out.data, p->out.size};
    return true;
}

/* PATH(m, D[n]) of RFC 6962 2.1.1: the sibling of each step, lowest first. */
static void path(struct proof *p, i64 index, i64 start, i64 size)
{
    i64 half;

    if (size == 1)
        return;
    half = 1LL << split_level(size);
    if (index < half) {
        path(p, index, start, half);
        prove_range(p, start + half, size - half);
    } else {
        path(p, index - half, start + half, size - half);
        prove_range(p, start, half);
    }
}

bool tlog_inclusion(const struct tlog_nodes *nodes, i64 index, i64 size, struct arena *a,
                    struct bytes *proof)
{
    struct proof p = {.nodes = nodes};

    buf_init(&p.out, a, 8 * TLOG_HASH);
    if (index < 0 || index >= size)
        p.failed = true;
    else
        path(&p, index, 0, size);
    return proof_done(&p, proof);
}

/* SUBPROOF(m, D[n], whole) of RFC 6962 2.1.2. */
static void subproof(struct proof *p, i64 old, i64 start, i64 size, bool whole)
{
    i64 half;

    if (old == size) {
        if (!whole)
            prove_range(p, start, size);
        return;
    }
    half = 1LL << split_level(size);
    if (old <= half) {
        subproof(p, old, start, half, whole);
        prove_range(p, start + half, size - half);
    } else {
        subproof(p, old - half, start + half, size - half, false);
        prove_range(p, start, half);
    }
}

bool tlog_consistency(const struct tlog_nodes *nodes, i64 old_size, i64 size, struct arena *a,
                      struct bytes *proof)
{
    struct proof p = {.nodes = nodes};

    buf_init(&p.out, a, 8 * TLOG_HASH);
    if (old_size < 0 || old_size > size)
        p.failed = true;
    else if (old_size > 0)
        subproof(&p, old_size, 0, size, true);
    return proof_done(&p, proof);
}

bool tlog_check_inclusion(const unsigned char leaf[TLOG_HASH], i64 index, i64 size,
                          const unsigned char root[TLOG_HASH], struct bytes proof)
{
    unsigned char hash[TLOG_HASH];
    i64 last = size - 1;

    if (index < 0 || index >= size || proof.size % TLOG_HASH != 0)
        return false;
    memcpy(hash, leaf, TLOG_HASH);
    for (size_t at = 0; at < proof.size; at += TLOG_HASH) {
        const unsigned char *next = proof.data + at;

        if (last == 0)
            return false;
        if ((index & 1) || index == last) {
            tlog_node(next, hash, hash);
            while (!(index & 1) && index) {
                index >>= 1;
                last >>= 1;
            }
        } else {
            tlog_node(hash, next, hash);
        }
        index >>= 1;
        last >>= 1;
    }
    return last == 0 && memcmp(hash, root, TLOG_HASH) == 0;
}

/* Both roots rebuilt from the proof nodes after `first`; false when there are too many or too few.
 */
static bool rebuild(i64 node, i64 last, struct bytes nodes, unsigned char old[TLOG_HASH],
                    unsigned char all[TLOG_HASH])
{
    for (size_t at = 0; at < nodes.size; at += TLOG_HASH) {
        const unsigned char *next = nodes.data + at;

        if (last == 0)
            return false;
        if ((node & 1) || node == last) {
            tlog_node(next, old, old);
            tlog_node(next, all, all);
            while (!(node & 1) && node) {
                node >>= 1;
                last >>= 1;
            }
        } else {
            tlog_node(all, next, all);
        }
        node >>= 1;
        last >>= 1;
    }
    return last == 0;
}

bool tlog_check_consistency(i64 old_size, const unsigned char old_root[TLOG_HASH], i64 size,
                            const unsigned char root[TLOG_HASH], struct bytes proof)
{
    unsigned char old[TLOG_HASH], all[TLOG_HASH];
    i64 node = old_size - 1, last = size - 1;

    if (old_size < 0 || old_size > size || proof.size % TLOG_HASH != 0)
        return false;
    if (old_size == 0) {
        crypt_sha256("", 0, old);
        return proof.size == 0 && memcmp(old, old_root, TLOG_HASH) == 0 &&
               (size > 0 || memcmp(old, root, TLOG_HASH) == 0);
    }
    if (old_size == size)
        return proof.size == 0 && memcmp(old_root, root, TLOG_HASH) == 0;
    while (node & 1) {
        node >>= 1;
        last >>= 1;
    }
    /* A complete old tree is itself the first node. */
    if (node == 0) {
        memcpy(old, old_root, TLOG_HASH);
    } else if (proof.size >= TLOG_HASH) {
        memcpy(old, proof.data, TLOG_HASH);
        proof.data += TLOG_HASH;
        proof.size -= TLOG_HASH;
    } else {
        return false;
    }
    memcpy(all, old, TLOG_HASH);
    return rebuild(node, last, proof, old, all) && memcmp(old, old_root, TLOG_HASH) == 0 &&
           memcmp(all, root, TLOG_HASH) == 0;
}

/* --- checkpoints --- */

static const char *checkpoint_body(struct arena *a, const struct checkpoint *c)
{
    return arena_printf(a, "%s\n%lld\n%s\n", c->origin, c->size,
                        crypt_base64(a, c->root, TLOG_HASH));
}

/* The first four bytes of SHA-256(name, newline, type, public key). */
static void key_id(struct arena *a, const char *name, const unsigned char public_key[32],
                   unsigned char out[KEY_ID])
{
    unsigned char hash[DIGEST_SIZE];
    struct buf b;

    buf_init(&b, a, 100);
    buf_str(&b, name);
    buf_char(&b, '\n');
    buf_char(&b, KEY_ED25519);
    buf_add(&b, public_key, 32);
    crypt_sha256(b.data, b.size, hash);
    memcpy(out, hash, KEY_ID);
}

static char *note_text(struct arena *a, const char *body, const char *name,
                       const unsigned char signature[KEY_ID + 64])
{
    return arena_printf(a, "%s\n%s%s %s\n", body, SIGNATURE_MARK, name,
                        crypt_base64(a, signature, KEY_ID + 64));
}

char *checkpoint_sign(struct arena *a, const struct checkpoint *c, const char *key_name,
                      const unsigned char public_key[32], const unsigned char secret_key[64])
{
    unsigned char signature[KEY_ID + 64];
    const char *body = checkpoint_body(a, c);

    key_id(a, key_name, public_key, signature);
    sign_message(secret_key, body, strlen(body), signature + KEY_ID);
    return note_text(a, body, key_name, signature);
}

static struct err *bad_note(const char *why)
{
    return err_new(ERR_BAD, "The checkpoint is not valid: %s.", why);
}

/* Cuts the line at *p off; false when there is no newline. */
static bool take_line(struct arena *a, const char **p, const char **line)
{
    const char *end = strchr(*p, '\n');

    if (!end)
        return false;
    *line = arena_strn(a, *p, (size_t)(end - *p));
    *p = end + 1;
    return true;
}

static struct err *parse_body(struct arena *a, const char **p, struct checkpoint *out)
{
    const char *origin, *size, *root, *empty;
    struct bytes hash;

    if (!take_line(a, p, &origin) || !take_line(a, p, &size) || !take_line(a, p, &root) ||
        !take_line(a, p, &empty))
        return bad_note("it has too few lines");
    if (!*origin || *empty)
        return bad_note("it has no origin, or lines that are not known");
    if (!text_i64(size, &out->size) || out->size < 0)
        return bad_note("its size is no number");
    if (!crypt_unbase64(a, root, &hash) || hash.size != TLOG_HASH)
        return bad_note("its root is no hash");
    memcpy(out->root, hash.data, TLOG_HASH);
    out->origin = origin;
    return NULL;
}

struct err *checkpoint_open(struct arena *a, const char *note, const char *key_name,
                            const unsigned char public_key[32], struct checkpoint *out)
{
    struct checkpoint c = {0};
    unsigned char id[KEY_ID];
    const char *p = note, *line, *space, *body;
    struct bytes signature;

    TRY(parse_body(a, &p, &c));
    if (!take_line(a, &p, &line) || *p)
        return bad_note("it must have exactly one signature");
    if (strncmp(line, SIGNATURE_MARK, strlen(SIGNATURE_MARK)) != 0)
        return bad_note("its signature line is malformed");
    space = strrchr(line, ' ');
    if (!crypt_unbase64(a, space + 1, &signature) || signature.size != KEY_ID + 64)
        return bad_note("its signature is malformed");
    body = checkpoint_body(a, &c);
    /* Only the one true spelling is accepted: this catches leading zeros, spaces, other names. */
    if (strcmp(note_text(a, body, key_name, signature.data), note) != 0)
        return bad_note("it is signed by another key, or not written as it should be");
    key_id(a, key_name, public_key, id);
    if (memcmp(id, signature.data, KEY_ID) != 0 ||
        !sign_verify(public_key, body, strlen(body), signature.data + KEY_ID))
        return bad_note("its signature does not fit");
    *out = c;
    return NULL;
}
