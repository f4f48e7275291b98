/* SPDX-License-Identifier: Apache-2.0 */
/* What the fuzz targets share. A target is `static bool fuzz_x(struct arena *a, const char *data,
 * size_t size)`: it gives the bytes to one reader of foreign text, CHECKs what must hold whatever
 * the bytes are, and tells whether the reader took them. FUZZ_TARGET(x) makes it a libFuzzer
 * program; tests/fuzz_replay.c includes the same files and runs them on the seeds in
 * tests/fuzz/seeds/x/, where "good-..." must be taken and "bad-..." must be refused. */
#pragma once

#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"

#ifdef FUZZ_REPLAY
#define CHECK(condition) assert_true(condition)
#define FUZZ_TARGET(name) _Static_assert(sizeof(#name) > 1, "a target has a name")
#else
#define CHECK(condition)                          \
    do {                                          \
        if (!(condition))                         \
            BUG("does not hold: %s", #condition); \
    } while (0)
#define FUZZ_TARGET(name)                                         \
    int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size); \
    int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)  \
    {                                                             \
        struct arena *a = arena_new(0);                           \
        (void)fuzz_##name(a, (const char *)data, size);           \
        arena_free(a);                                            \
        return 0;                                                 \
    }                                                             \
    _Static_assert(sizeof(#name) > 1, "a target has a name")
#endif
