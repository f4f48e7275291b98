/* SPDX-License-Identifier: Apache-2.0 */
#include "base/seal.h"

#include <string.h>

#include "test.h"

#define PHRASE "a sentence that only we know"

static struct bytes long_text(struct arena *a, size_t size)
{
    unsigned char *data = arena_alloc(a, size + 1);

    for (size_t i = 0; i < size; i++)
        data[i] = (unsigned char)(i * 31 + i / 251);
    return (struct bytes){data, size};
}

static void comes_back(void **state)
{
    static const size_t sizes[] = {0, 1, 31, 65535, 65536, 65537, 200000};
    struct arena *a = arena_new(0);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct bytes plain = long_text(a, sizes[i]), sealed, again;

        assert_ok(seal(a, PHRASE, plain, &sealed));
        assert_ok(seal_open(a, PHRASE, sealed, &again));
        assert_int_equal(again.size, plain.size);
        assert_memory_equal(again.data, plain.data, plain.size);
        assert_err(seal_open(a, PHRASE "!", sealed, &again), ERR_DENIED);
    }
    arena_free(a);
}

static void changed(void **state)
{
    struct arena *a = arena_new(0);
    struct bytes sealed, again;
    unsigned char *bytes;

    (void)state;
    assert_ok(seal(a, PHRASE, long_text(a, 70000), &sealed));
    bytes = arena_alloc(a, sealed.size);
    for (size_t at = 0; at < sealed.size; at += at < 100 ? 1 : 997) {
        memcpy(bytes, sealed.data, sealed.size);
        bytes[at] ^= 1;
        if (!seal_open(a, PHRASE, (struct bytes){bytes, sealed.size}, &again))
            fail_msg("a change of byte %zu was not seen", at);
    }
    for (size_t size = 0; size < sealed.size; size += size < 200 ? 7 : 9973)
        assert_non_null(seal_open(a, PHRASE, (struct bytes){sealed.data, size}, &again));
    arena_free(a);
}

static void no_costly_head(void **state)
{
    struct arena *a = arena_new(0);
    struct bytes sealed, again;
    unsigned char *bytes;

    (void)state;
    assert_ok(seal(a, PHRASE, long_text(a, 10), &sealed));
    bytes = arena_alloc(a, sealed.size);
    memcpy(bytes, sealed.data, sealed.size);
    bytes[13 + 8 + 5] = 0xff; /* wants terabytes */
    assert_err(seal_open(a, PHRASE, (struct bytes){bytes, sealed.size}, &again), ERR_BAD);
    arena_free(a);
}

static void short_phrase(void **state)
{
    struct arena *a = arena_new(0);
    struct bytes out;

    (void)state;
    assert_err(seal(a, "short", long_text(a, 10), &out), ERR_INVALID);
    arena_free(a);
}

const struct test_case seal_tests[] = {
    TEST("what was sealed comes back with the passphrase, and with no other", comes_back),
    TEST("a changed byte, or one less, is seen", changed),
    TEST("a seal that asks for terabytes of memory is refused", no_costly_head),
    TEST("a passphrase of a few letters is refused", short_phrase),
    TEST_END,
};
