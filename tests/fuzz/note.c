/* SPDX-License-Identifier: Apache-2.0 */
/* Checkpoints, under a key that is the same each time. The first byte says what the rest is:
 * 'n' a signed note as it arrives: taken only when it is, byte for byte, what signing makes of it;
 * 's' 8 bytes size, 32 bytes root, then the origin: what is signed opens to the same. */
#include "base/crypt.h"
#include "core/tlog.h"
#include "fuzz.h"

#define NOTE_KEY "cairn-fuzz"

struct note_key {
    unsigned char public[32], secret[64];
};

static bool note_open(struct arena *a, const struct note_key *key, const char *text)
{
    struct checkpoint c;

    if (checkpoint_open(a, text, NOTE_KEY, key->public, &c))
        return false;
    CHECK(strcmp(checkpoint_sign(a, &c, NOTE_KEY, key->public, key->secret), text) == 0);
    return true;
}

static bool note_sign(struct arena *a, const struct note_key *key, const char *data, size_t size)
{
    struct checkpoint c = {0}, opened;
    const char *text;

    if (size <= 8 + TLOG_HASH)
        return false;
    for (size_t i = 0; i < 8; i++)
        c.size = (i64)((u64)c.size << 8 | (unsigned char)data[i]);
    memcpy(c.root, data + 8, TLOG_HASH);
    c.origin = arena_strn(a, data + 8 + TLOG_HASH, size - 8 - TLOG_HASH);
    text = checkpoint_sign(a, &c, NOTE_KEY, key->public, key->secret);
    if (c.size < 0 || !*c.origin || strchr(c.origin, '\n')) {
        CHECK(checkpoint_open(a, text, NOTE_KEY, key->public, &opened));
        return false;
    }
    CHECK(!checkpoint_open(a, text, NOTE_KEY, key->public, &opened));
    CHECK(opened.size == c.size && strcmp(opened.origin, c.origin) == 0);
    CHECK(memcmp(opened.root, c.root, TLOG_HASH) == 0);
    return true;
}

static bool fuzz_note(struct arena *a, const char *data, size_t size)
{
    static const unsigned char seed[32] = "the same key whenever this runs";
    struct note_key key;

    crypt_init();
    sign_seed(seed, key.public, key.secret);
    if (size > 0 && data[0] == 's')
        return note_sign(a, &key, data + 1, size - 1);
    return size > 0 && data[0] == 'n' && note_open(a, &key, arena_strn(a, data + 1, size - 1));
}

FUZZ_TARGET(note);
