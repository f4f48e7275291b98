/* SPDX-License-Identifier: Apache-2.0 */
#include "base/crypt.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define HASH_PASSES 2ULL
#define HASH_MEMORY ((size_t)64 * 1024 * 1024)

static pthread_once_t once = PTHREAD_ONCE_INIT;
static EVP_MD *sha256; /* fetched once: looking it up costs more than hashing a short text */
static bool cheap_hash;

static void start(void)
{
    if (sodium_init() < 0)
        BUG("libsodium did not start");
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    if (!sha256)
        BUG("OpenSSL has no SHA-256");
    const char *cheap = getenv("CAIRN_TEST_CHEAP_HASH");
    cheap_hash = cheap && strcmp(cheap, "1") == 0;
}

void crypt_init(void)
{
    pthread_once(&once, start);
}

void crypt_random(void *out, size_t size)
{
    randombytes_buf(out, size);
}

i64 crypt_random_i63(void)
{
    u64 n;
    do {
        randombytes_buf(&n, sizeof n);
        n &= 0x7FFFFFFFFFFFFFFFULL;
    } while (n == 0);
    return (i64)n;
}

void crypt_sha256(const void *data, size_t size, unsigned char out[DIGEST_SIZE])
{
    if (EVP_Digest(data, size, out, NULL, sha256, NULL) != 1)
        BUG("SHA-256 failed; was crypt_init called?");
}

void crypt_hmac(struct bytes key, const void *data, size_t size, unsigned char out[DIGEST_SIZE])
{
    crypto_auth_hmacsha256_state state;

    crypto_auth_hmacsha256_init(&state, key.data, key.size);
    crypto_auth_hmacsha256_update(&state, data, size);
    crypto_auth_hmacsha256_final(&state, out);
}

struct digest {
    EVP_MD_CTX *context;
};

static void release_context(void *context)
{
    EVP_MD_CTX_free(context);
}

struct digest *digest_new(struct arena *a)
{
    struct digest *d = NEW(a, struct digest);
    d->context = EVP_MD_CTX_new();
    if (!d->context || EVP_DigestInit_ex(d->context, sha256, NULL) != 1)
        BUG("SHA-256 did not start; was crypt_init called?");
    arena_defer(a, release_context, d->context);
    return d;
}

void digest_add(struct digest *d, const void *data, size_t size)
{
    if (EVP_DigestUpdate(d->context, data, size) != 1)
        BUG("SHA-256 took no more data; was the digest already ended?");
}

void digest_end(struct digest *d, unsigned char out[DIGEST_SIZE])
{
    if (EVP_DigestFinal_ex(d->context, out, NULL) != 1)
        BUG("SHA-256 did not end");
}

char *crypt_hex(struct arena *a, const void *data, size_t size)
{
    char *out = arena_array(a, size + 1, 2);
    sodium_bin2hex(out, size * 2 + 1, data, size);
    return out;
}

static char *encode(struct arena *a, const void *data, size_t size, int variant)
{
    size_t room = sodium_base64_encoded_len(size, variant);
    char *out = arena_alloc(a, room);
    sodium_bin2base64(out, room, data, size, variant);
    return out;
}

char *crypt_base64(struct arena *a, const void *data, size_t size)
{
    return encode(a, data, size, sodium_base64_VARIANT_ORIGINAL);
}

bool crypt_unbase64(struct arena *a, const char *text, struct bytes *out)
{
    *out = (struct bytes){NULL, 0};
    size_t length = strlen(text);
    unsigned char *data = arena_alloc(a, length / 4 * 3 + 3);
    size_t size = 0;
    if (sodium_base642bin(data, length / 4 * 3 + 3, text, length, NULL, &size, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0)
        return false;
    if (strcmp(crypt_base64(a, data, size), text) != 0)
        return false;
    *out = (struct bytes){data, size};
    return true;
}

char *crypt_token(struct arena *a, size_t bytes)
{
    unsigned char *raw = arena_alloc(a, bytes);
    randombytes_buf(raw, bytes);
    char *token = encode(a, raw, bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(raw, bytes);
    return token;
}

bool crypt_equal(const void *a, const void *b, size_t size)
{
    return sodium_memcmp(a, b, size) == 0;
}

static u64 hash_passes(void)
{
    return cheap_hash ? crypto_pwhash_argon2id_OPSLIMIT_MIN : HASH_PASSES;
}

static size_t hash_memory(void)
{
    return cheap_hash ? crypto_pwhash_argon2id_MEMLIMIT_MIN : HASH_MEMORY;
}

struct err *password_hash(struct arena *a, const char *password, char **out)
{
    char *hash = arena_alloc(a, crypto_pwhash_STRBYTES);
    *out = NULL;
    if (crypto_pwhash_str_alg(hash, password, strlen(password), hash_passes(), hash_memory(),
                              crypto_pwhash_ALG_ARGON2ID13) != 0)
        return err_detail(
            err_new(ERR_BUSY, "The server is short of memory. Try again in a minute."),
            "Argon2id could not get %zu bytes", hash_memory());
    *out = hash;
    return NULL;
}

bool password_verify(const char *hash, const char *password)
{
    return hash && password && crypto_pwhash_str_verify(hash, password, strlen(password)) == 0;
}

bool password_stale(const char *hash)
{
    return !hash || crypto_pwhash_str_needs_rehash(hash, hash_passes(), hash_memory()) != 0;
}

void sign_keypair(unsigned char public_key[32], unsigned char secret_key[64])
{
    crypto_sign_keypair(public_key, secret_key);
}

void sign_seed(const unsigned char seed[32], unsigned char public_key[32],
               unsigned char secret_key[64])
{
    crypto_sign_seed_keypair(public_key, secret_key, seed);
}

void sign_message(const unsigned char secret_key[64], const void *m, size_t n,
                  unsigned char signature[64])
{
    crypto_sign_detached(signature, NULL, m, n, secret_key);
}

bool sign_verify(const unsigned char public_key[32], const void *m, size_t n,
                 const unsigned char signature[64])
{
    return crypto_sign_verify_detached(signature, m, n, public_key) == 0;
}
