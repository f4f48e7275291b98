/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes sealed with a passphrase: Argon2id makes the key, XChaCha20-Poly1305 (secretstream of
 * libsodium) hides and protects the bytes in pieces. The head tells how dear the key is to make. */
#pragma once

#include "base/arena.h"
#include "base/err.h"

#define SEAL_SHORTEST 12 /* characters of a passphrase */

/* ERR_INVALID when the passphrase is too short, ERR_BUSY when there is not enough memory. Slow. */
struct err *seal(struct arena *a, const char *passphrase, struct bytes plain, struct bytes *out)
    MUST_CHECK;
/* ERR_BAD when the bytes are no seal or were changed, ERR_DENIED when the passphrase does not fit.
 * Slow. */
struct err *seal_open(struct arena *a, const char *passphrase, struct bytes sealed,
                      struct bytes *out) MUST_CHECK;
