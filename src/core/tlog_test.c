/* SPDX-License-Identifier: Apache-2.0 */
/* The tree against the published vectors and against a second, naive way to compute it; every proof
 * for every size up to SIZES; forged proofs and notes. */
#include "core/tlog.h"

#include <string.h>

#include "base/crypt.h"
#include "test.h"

#define SIZES 130
#define LEVELS 9

/* All complete nodes of a tree of SIZES leaves. */
struct nodes {
    unsigned char hash[LEVELS][SIZES][TLOG_HASH];
    unsigned char root[SIZES + 1][TLOG_HASH];
    i64 reads, refuse_after;
};

static void keep(void *ctx, int level, i64 index, const unsigned char *hash)
{
    struct nodes *n = ctx;
    memcpy(n->hash[level][index], hash, TLOG_HASH);
}

static bool reader(void *ctx, int level, i64 index, unsigned char out[TLOG_HASH])
{
    struct nodes *n = ctx;
    n->reads++;
    if (n->refuse_after && n->reads > n->refuse_after)
        return false;
    memcpy(out, n->hash[level][index], TLOG_HASH);
    return true;
}

static struct nodes *grow(struct arena *a)
{
    struct nodes *n = NEW(a, struct nodes);
    struct frontier f = {0};
    frontier_root(&f, n->root[0]);
    for (i64 i = 0; i < SIZES; i++) {
        unsigned char leaf[TLOG_HASH];
        char *text = arena_printf(a, "entry %lld", i);
        tlog_leaf(text, strlen(text), leaf);
        frontier_add(&f, leaf, keep, n);
        frontier_root(&f, n->root[f.n]);
    }
    return n;
}

/* MTH of RFC 6962 2.1, word for word. */
static void naive_root(struct nodes *n, i64 from, i64 size, unsigned char out[TLOG_HASH])
{
    unsigned char left[TLOG_HASH], right[TLOG_HASH];
    i64 half = 1;
    if (size == 1) {
        memcpy(out, n->hash[0][from], TLOG_HASH);
        return;
    }
    while (half * 2 < size)
        half *= 2;
    naive_root(n, from, half, left);
    naive_root(n, from + half, size - half, right);
    tlog_node(left, right, out);
}

static void matches_the_vectors(void **state)
{
    static const struct {
        const char *leaf;
        size_t size;
        const char *root;
    } rows[] = {
  /* clang-format off */
        {"", 0,
         "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
        {"\0", 1,
         "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
        {"\x10", 1,
         "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
        {"\x20\x21", 2,
         "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
        {"\x30\x31", 2,
         "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
        {"@ABC", 4,
         "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"},
        {"PQRSTUVW", 8,
         "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
        {"`abcdefghijklmno", 16,
         "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},
  /* clang-format on */
    };
    struct arena *a = arena_new(0);
    struct frontier f = {0};
    unsigned char hash[TLOG_HASH];
    (void)state;
    frontier_root(&f, hash);
    assert_string_equal(crypt_hex(a, hash, TLOG_HASH),
                        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        tlog_leaf(rows[i].leaf, rows[i].size, hash);
        frontier_add(&f, hash, NULL, NULL);
        frontier_root(&f, hash);
        assert_string_equal(crypt_hex(a, hash, TLOG_HASH), rows[i].root);
    }
    arena_free(a);
}

static void large_leaves_hash_like_small_ones(void **state)
{
    struct arena *a = arena_new(0);
    (void)state;
    for (size_t size = 1990; size < 2010; size++) {
        unsigned char *data = arena_alloc(a, size + 1), hash[TLOG_HASH], expected[TLOG_HASH];
        memset(data + 1, 'x', size);
        crypt_sha256(data, size + 1, expected);
        tlog_leaf(data + 1, size, hash);
        assert_memory_equal(hash, expected, TLOG_HASH);
    }
    arena_free(a);
}

static void frontier_gives_the_naive_root(void **state)
{
    struct arena *a = arena_new(0);
    struct nodes *n = grow(a);
    unsigned char hash[TLOG_HASH];
    (void)state;
    for (i64 size = 1; size <= SIZES; size++) {
        naive_root(n, 0, size, hash);
        assert_memory_equal(hash, n->root[size], TLOG_HASH);
    }
    arena_free(a);
}

static void frontier_survives_storing(void **state)
{
    struct arena *a = arena_new(0);
    struct nodes *n = grow(a);
    struct frontier f = {0}, g;
    unsigned char hash[TLOG_HASH];
    (void)state;
    for (i64 i = 0; i < SIZES; i++) {
        struct bytes stored = frontier_store(a, &f);
        assert_true(frontier_load(&g, i, stored));
        assert_false(frontier_load(&f, i, (struct bytes){stored.data, stored.size + 1}));
        assert_false(frontier_load(&f, i + 1024, stored));
        f = g;
        frontier_root(&f, hash);
        assert_memory_equal(hash, n->root[i], TLOG_HASH);
        frontier_add(&f, n->hash[0][i], NULL, NULL);
    }
    assert_false(frontier_load(&f, -1, frontier_store(a, &g)));
    arena_free(a);
}

/* Counts forgeries of one proof that are taken for true: each bit of it (or one bit of each node
 * when `quick`), one node less, one more. */
static int forged(struct arena *a, struct bytes proof, bool quick,
                  bool (*check)(void *ctx, struct bytes proof), void *ctx)
{
    unsigned char *copy = arena_alloc(a, proof.size + TLOG_HASH);
    int taken = 0;
    if (proof.size)
        memcpy(copy, proof.data, proof.size);
    for (size_t bit = 0; bit < proof.size * 8; bit += quick ? 251 : 1) {
        copy[bit / 8] ^= (unsigned char)(1 << bit % 8);
        taken += check(ctx, (struct bytes){copy, proof.size});
        copy[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    taken += check(ctx, (struct bytes){copy, proof.size + TLOG_HASH});
    taken += check(ctx, (struct bytes){copy, proof.size + 1});
    if (proof.size)
        taken += check(ctx, (struct bytes){copy, proof.size - TLOG_HASH});
    return taken;
}

struct claim {
    struct nodes *n;
    i64 a, b; /* index and size, or old size and size */
};

static bool check_inclusion(void *ctx, struct bytes proof)
{
    struct claim *c = ctx;
    return tlog_check_inclusion(c->n->hash[0][c->a], c->a, c->b, c->n->root[c->b], proof);
}

static bool check_consistency(void *ctx, struct bytes proof)
{
    struct claim *c = ctx;
    return tlog_check_consistency(c->a, c->n->root[c->a], c->b, c->n->root[c->b], proof);
}

static void inclusion_is_proved_and_nothing_else(void **state)
{
    struct arena *a = arena_new(0), *scratch = arena_new(0);
    struct nodes *n = grow(a);
    struct bytes proof;
    (void)state;
    for (i64 size = 1; size <= SIZES; size++)
        for (i64 index = 0; index < size; index++) {
            struct claim c = {n, index, size};
            i64 other = (index + 1) % size;
            assert_true(
                tlog_inclusion(&(struct tlog_nodes){reader, n}, index, size, scratch, &proof));
            assert_true(check_inclusion(&c, proof));
            assert_int_equal(forged(scratch, proof, size > 17, check_inclusion, &c), 0);
            if (size > 1) {
                assert_false(
                    tlog_check_inclusion(n->hash[0][other], index, size, n->root[size], proof));
                assert_false(
                    tlog_check_inclusion(n->hash[0][index], other, size, n->root[size], proof));
            }
            assert_false(
                tlog_check_inclusion(n->hash[0][index], index, size, n->root[size - 1], proof));
            arena_reset(scratch);
        }
    assert_false(tlog_inclusion(&(struct tlog_nodes){reader, n}, 5, 5, a, &proof));
    assert_false(tlog_inclusion(&(struct tlog_nodes){reader, n}, -1, 5, a, &proof));
    arena_free(scratch);
    arena_free(a);
}

static void consistency_is_proved_and_nothing_else(void **state)
{
    struct arena *a = arena_new(0), *scratch = arena_new(0);
    struct nodes *n = grow(a);
    struct bytes proof;
    (void)state;
    for (i64 size = 0; size <= SIZES; size++)
        for (i64 old = 0; old <= size; old++) {
            struct claim c = {n, old, size};
            assert_true(
                tlog_consistency(&(struct tlog_nodes){reader, n}, old, size, scratch, &proof));
            assert_true(check_consistency(&c, proof));
            assert_int_equal(forged(scratch, proof, size > 17, check_consistency, &c), 0);
            if (old > 0) {
                assert_false(
                    tlog_check_consistency(old, n->root[old - 1], size, n->root[size], proof));
                assert_false(
                    tlog_check_consistency(old, n->root[old], size, n->root[old - 1], proof));
            }
            arena_reset(scratch);
        }
    assert_false(tlog_consistency(&(struct tlog_nodes){reader, n}, 6, 5, a, &proof));
    assert_false(tlog_check_consistency(6, n->root[6], 5, n->root[5], proof));
    arena_free(scratch);
    arena_free(a);
}

static void proofs_end_when_a_node_is_missing(void **state)
{
    struct arena *a = arena_new(0);
    struct nodes *n = grow(a);
    struct bytes proof;
    (void)state;
    n->refuse_after = 3;
    assert_false(tlog_inclusion(&(struct tlog_nodes){reader, n}, 77, 129, a, &proof));
    assert_null(proof.data);
    n->reads = 0;
    assert_false(tlog_consistency(&(struct tlog_nodes){reader, n}, 77, 129, a, &proof));
    arena_free(a);
}

struct note {
    unsigned char public_key[32], secret_key[64];
    const char *text;
};

static struct note sign_one(struct arena *a)
{
    struct note n;
    struct checkpoint c = {.origin = "cairn-0123abcd/4711", .size = 123456};
    sign_keypair(n.public_key, n.secret_key);
    crypt_sha256("root", 4, c.root);
    n.text = checkpoint_sign(a, &c, "cairn-0123abcd", n.public_key, n.secret_key);
    return n;
}

static void checkpoint_comes_back(void **state)
{
    struct arena *a = arena_new(0);
    struct note n = sign_one(a);
    struct checkpoint c;
    unsigned char root[TLOG_HASH];
    (void)state;
    crypt_sha256("root", 4, root);
    assert_ok(checkpoint_open(a, n.text, "cairn-0123abcd", n.public_key, &c));
    assert_string_equal(c.origin, "cairn-0123abcd/4711");
    assert_int_equal(c.size, 123456);
    assert_memory_equal(c.root, root, TLOG_HASH);
    assert_contains(n.text, "cairn-0123abcd/4711\n123456\n");
    assert_contains(n.text, "\n\n\xe2\x80\x94 cairn-0123abcd ");
    arena_free(a);
}

static void every_changed_bit_of_a_note_is_refused(void **state)
{
    struct arena *a = arena_new(0), *scratch = arena_new(0);
    struct note n = sign_one(a);
    size_t size = strlen(n.text);
    char *copy = arena_str(a, n.text);
    struct checkpoint c;
    int taken = 0;
    (void)state;
    for (size_t bit = 0; bit < size * 8; bit++) {
        copy[bit / 8] ^= (char)(1 << bit % 8);
        taken += !checkpoint_open(scratch, copy, "cairn-0123abcd", n.public_key, &c);
        copy[bit / 8] ^= (char)(1 << bit % 8);
        arena_reset(scratch);
    }
    for (size_t cut = 0; cut < size; cut++)
        taken += !checkpoint_open(scratch, arena_strn(scratch, copy, cut), "cairn-0123abcd",
                                  n.public_key, &c);
    assert_int_equal(taken, 0);
    assert_ok(checkpoint_open(scratch, copy, "cairn-0123abcd", n.public_key, &c));
    arena_free(scratch);
    arena_free(a);
}

static void other_spellings_and_keys_are_refused(void **state)
{
    struct arena *a = arena_new(0);
    struct note n = sign_one(a), other = sign_one(a);
    struct checkpoint c;
    (void)state;
    assert_err(checkpoint_open(a, n.text, "cairn-0123abcd", other.public_key, &c), ERR_BAD);
    assert_err(checkpoint_open(a, n.text, "cairn-ffffffff", n.public_key, &c), ERR_BAD);
    assert_err(
        checkpoint_open(a, arena_printf(a, "%s\n", n.text), "cairn-0123abcd", n.public_key, &c),
        ERR_BAD);
    const char *rest = strchr(n.text, '\n') + 1;
    assert_err(checkpoint_open(a, arena_printf(a, "cairn-0123abcd/4711\n0%s", rest),
                               "cairn-0123abcd", n.public_key, &c),
               ERR_BAD);
    assert_err(checkpoint_open(a, arena_printf(a, "cairn-0123abcd/4711\n+%s", rest),
                               "cairn-0123abcd", n.public_key, &c),
               ERR_BAD);
    assert_err(checkpoint_open(a, "", "cairn-0123abcd", n.public_key, &c), ERR_BAD);
    arena_free(a);
}

/* clang-format off */
const struct test_case tlog_tests[] = {
    TEST("roots match the published vectors of RFC 6962 logs", matches_the_vectors),
    TEST("a long entry hashes like a short one", large_leaves_hash_like_small_ones),
    TEST("the frontier gives the root that the definition gives, for every size",
         frontier_gives_the_naive_root),
    TEST("a stored frontier goes on as if it had not been stored", frontier_survives_storing),
    TEST("every entry is proved to be in the log, and no forged proof is taken",
         inclusion_is_proved_and_nothing_else),
    TEST("every older log is proved to be a prefix, and no forged proof is taken",
         consistency_is_proved_and_nothing_else),
    TEST("a proof is not made when a node cannot be read", proofs_end_when_a_node_is_missing),
    TEST("a signed checkpoint is read back", checkpoint_comes_back),
    TEST("a checkpoint with any changed bit or cut short is refused",
         every_changed_bit_of_a_note_is_refused),
    TEST("a checkpoint in another spelling or by another key is refused",
         other_spellings_and_keys_are_refused),
    TEST_END,
};
/* clang-format on */
