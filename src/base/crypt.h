/* SPDX-License-Identifier: Apache-2.0 */
/* Randomness, digests, passwords and signatures: thin names over libsodium and OpenSSL. */
#pragma once

#include "base/arena.h"
#include "base/err.h"

#define DIGEST_SIZE 32

/* A secret that neither logger nor JSON writer accepts: it has no text form but through here. */
struct secret {
    char *text;
};

/* Once per process, before any other call. Ends the process when the libraries do not start. */
void crypt_init(void);
void crypt_random(void *out, size_t size);
i64 crypt_random_i63(void); /* positive, never 0 */
void crypt_sha256(const void *data, size_t size, unsigned char out[DIGEST_SIZE]);
/* HMAC-SHA256 (RFC 2104) with a key of any length. */
void crypt_hmac(struct bytes key, const void *data, size_t size, unsigned char out[DIGEST_SIZE]);
/* A digest in pieces. */
struct digest;
struct digest *digest_new(struct arena *a);
void digest_add(struct digest *d, const void *data, size_t size);
void digest_end(struct digest *d, unsigned char out[DIGEST_SIZE]);
/* Lower-case hex of `size` bytes. */
char *crypt_hex(struct arena *a, const void *data, size_t size);
/* Canonical base64 (standard alphabet, padded). Decoding is strict: re-encode equals the input. */
char *crypt_base64(struct arena *a, const void *data, size_t size);
bool crypt_unbase64(struct arena *a, const char *text, struct bytes *out);
/* `bytes` of randomness as base64url without padding: session ids, tokens, links. */
char *crypt_token(struct arena *a, size_t bytes);
bool crypt_equal(const void *a, const void *b, size_t size); /* constant time */
/* Argon2id (t=2, m=64 MiB; CAIRN_TEST_CHEAP_HASH=1 lowers it for tests). Slow: never on the writer.
 */
struct err *password_hash(struct arena *a, const char *password, char **out) MUST_CHECK;
bool password_verify(const char *hash, const char *password);
bool password_stale(const char *hash); /* parameters below today's */
/* Ed25519. Seed and keys are 32 bytes, signatures 64. */
void sign_keypair(unsigned char public_key[32], unsigned char secret_key[64]);
/* The key pair that grows from a stored seed. */
void sign_seed(const unsigned char seed[32], unsigned char public_key[32],
               unsigned char secret_key[64]);
void sign_message(const unsigned char secret_key[64], const void *m, size_t n,
                  unsigned char signature[64]);
bool sign_verify(const unsigned char public_key[32], const void *m, size_t n,
                 const unsigned char signature[64]);
