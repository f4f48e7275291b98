/* SPDX-License-Identifier: Apache-2.0 */
/* "cairn-seal 1\n", passes and memory as 8 bytes each (little endian), 16 bytes of salt, the head
 * of the stream, then pieces of at most 64 KiB, each 17 bytes longer than what it hides; the last
 * one says that it is the last. */
#include "base/seal.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

#define MAGIC "cairn-seal 1\n"
#define PIECE ((size_t)64 * 1024)
#define EXTRA crypto_secretstream_xchacha20poly1305_ABYTES
#define HEAD crypto_secretstream_xchacha20poly1305_HEADERBYTES
#define SALT crypto_pwhash_SALTBYTES
#define START (sizeof(MAGIC) - 1)
#define BEGIN (START + 16 + SALT + HEAD)
#define PASSES 4
#define MEMORY ((u64)128 * 1024 * 1024)
#define PASSES_MOST 16
#define MEMORY_MOST ((u64)1024 * 1024 * 1024)

typedef unsigned char key_bytes[crypto_secretstream_xchacha20poly1305_KEYBYTES];

static bool cheap(void)
{
    const char *said = getenv("CAIRN_TEST_CHEAP_HASH");

    return said && strcmp(said, "1") == 0;
}

static void put_number(struct buf *b, u64 n)
{
    unsigned char bytes[8];

    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(n >> 8 * i);
    buf_add(b, bytes, sizeof(bytes));
}

static u64 get_number(const unsigned char *bytes)
{
    u64 n = 0;

    for (int i = 7; i >= 0; i--)
        n = n << 8 | bytes[i];
    return n;
}

static struct err *make_key(const char *passphrase, const unsigned char *head, key_bytes key)
{
    u64 passes = get_number(head), memory = get_number(head + 8);

    if (passes < crypto_pwhash_OPSLIMIT_MIN || passes > PASSES_MOST ||
        memory < crypto_pwhash_MEMLIMIT_MIN || memory > MEMORY_MOST)
        return err_new(ERR_BAD, "The sealed part is damaged.");
    if (crypto_pwhash(key, sizeof(key_bytes), passphrase, strlen(passphrase), head + 16, passes,
                      (size_t)memory, crypto_pwhash_ALG_ARGON2ID13))
        return err_new(ERR_BUSY, "There is not enough memory to make the key (%llu MB). Try again.",
                       (unsigned long long)(memory >> 20));
    return NULL;
}

static void seal_pieces(struct buf *b, struct bytes plain,
                        crypto_secretstream_xchacha20poly1305_state *state)
{
    unsigned char piece[PIECE + EXTRA];
    size_t at = 0;

    do {
        size_t n = plain.size - at < PIECE ? plain.size - at : PIECE;
        bool last = at + n == plain.size;
        unsigned long long size;

        crypto_secretstream_xchacha20poly1305_push(
            state, piece, &size, n ? plain.data + at : piece, n, (unsigned char *)b->data,
            START + 16, last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0);
        buf_add(b, piece, (size_t)size);
        at += n;
    } while (at < plain.size);
}

struct err *seal(struct arena *a, const char *passphrase, struct bytes plain, struct bytes *out)
{
    crypto_secretstream_xchacha20poly1305_state state;
    unsigned char salt[SALT], head[HEAD];
    struct err *failed;
    key_bytes key;
    struct buf b;

    if (sodium_init() < 0)
        BUG("libsodium did not start");
    if (text_length(passphrase) < SEAL_SHORTEST)
        return err_new(ERR_INVALID, "The passphrase needs at least %d characters.", SEAL_SHORTEST);
    buf_init(&b, a, plain.size + BEGIN + EXTRA);
    buf_str(&b, MAGIC);
    put_number(&b, cheap() ? crypto_pwhash_OPSLIMIT_MIN : PASSES);
    put_number(&b, cheap() ? crypto_pwhash_MEMLIMIT_MIN : MEMORY);
    randombytes_buf(salt, sizeof(salt));
    buf_add(&b, salt, sizeof(salt));
    failed = make_key(passphrase, (const unsigned char *)b.data + START, key);
    if (failed)
        return failed;
    crypto_secretstream_xchacha20poly1305_init_push(&state, head, key);
    buf_add(&b, head, sizeof(head));
    seal_pieces(&b, plain, &state);
    sodium_memzero(key, sizeof(key));
    sodium_memzero(&state, sizeof(state));
    *out = (struct bytes){(const unsigned char *)b.data, b.size};
    return NULL;
}

/* The pieces from `at` on; false when one does not fit, or there is no last one. */
static bool open_pieces(struct buf *b, struct bytes sealed, key_bytes key)
{
    crypto_secretstream_xchacha20poly1305_state state;
    const unsigned char *head = sealed.data + BEGIN - HEAD;
    unsigned char piece[PIECE], tag = 0;
    size_t at = BEGIN;
    bool good = crypto_secretstream_xchacha20poly1305_init_pull(&state, head, key) == 0;

    while (good && at < sealed.size && tag == 0) {
        size_t n = sealed.size - at < PIECE + EXTRA ? sealed.size - at : PIECE + EXTRA;
        unsigned long long size;

        good = n >= EXTRA &&
               crypto_secretstream_xchacha20poly1305_pull(
                   &state, piece, &size, &tag, sealed.data + at, n, sealed.data, START + 16) == 0;
        if (good)
            buf_add(b, piece, (size_t)size);
        at += n;
    }
    sodium_memzero(piece, sizeof(piece));
    sodium_memzero(&state, sizeof(state));
    return good && at == sealed.size && tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
}

struct err *seal_open(struct arena *a, const char *passphrase, struct bytes sealed,
                      struct bytes *out)
{
    struct err *failed;
    key_bytes key;
    struct buf b;
    bool good;

    if (sodium_init() < 0)
        BUG("libsodium did not start");
    if (sealed.size < BEGIN + EXTRA || memcmp(sealed.data, MAGIC, START) != 0)
        return err_new(ERR_BAD, "The sealed part is damaged.");
    failed = make_key(passphrase, sealed.data + START, key);
    if (failed)
        return failed;
    buf_init(&b, a, sealed.size);
    good = open_pieces(&b, sealed, key);
    sodium_memzero(key, sizeof(key));
    if (!good)
        return err_new(ERR_DENIED, "The passphrase does not fit, or the sealed part was changed.");
    *out = (struct bytes){(const unsigned char *)b.data, b.size};
    return NULL;
}
