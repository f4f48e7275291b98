/* SPDX-License-Identifier: Apache-2.0 */
/* Log entries: bytes that decode encode to themselves, so no entry has two spellings. */
#include "core/trail.h"
#include "fuzz.h"

static bool fuzz_entry(struct arena *a, const char *data, size_t size)
{
    struct trail_entry entry;
    struct bytes again;

    if (!trail_decode(a, (struct bytes){(const unsigned char *)data, size}, &entry))
        return false;
    again = trail_encode(a, &entry);
    CHECK(again.size == size && memcmp(again.data, data, size) == 0);
    return true;
}

FUZZ_TARGET(entry);
