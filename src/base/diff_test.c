/* SPDX-License-Identifier: Apache-2.0 */
#include "base/diff.h"

#include <string.h>

#include "base/buf.h"
#include "test.h"

extern const struct test_case diff_tests[];

/* "same [-gone-]{+new+}" */
static const char *told(struct arena *a, const char *before, const char *after)
{
    static const char *const signs[][2] = {
        {"",   ""  },
        {"[-", "-]"},
        {"{+", "+}"}
    };
    size_t n;
    struct diff_piece *list = diff_words(a, before, after, &n);
    struct buf b;

    buf_init(&b, a, 64);
    for (size_t i = 0; i < n; i++)
        buf_printf(&b, "%s%.*s%s", signs[list[i].kind][0], (int)list[i].size, list[i].text,
                   signs[list[i].kind][1]);
    return b.data;
}

static void tells_words(void **state)
{
    struct arena *a = arena_new(0);

    (void)state;
    assert_string_equal(told(a, "", ""), "");
    assert_string_equal(told(a, "the same", "the same"), "the same");
    assert_string_equal(told(a, "", "all new"), "{+all new+}");
    assert_string_equal(told(a, "all gone", ""), "[-all gone-]");
    assert_string_equal(told(a, "Backups run at night", "Backups run at noon"),
                        "Backups run at [-night-]{+noon+}");
    assert_string_equal(told(a, "one two three", "one three"), "one [-two -]three");
    assert_string_equal(told(a, "a b c d", "a x c y d"), "a [-b-]{+x+} c{+ y+} d");
    assert_string_equal(told(a, "first\nsecond", "first\n\nsecond"), "first\n{+\n+}second");
    arena_free(a);
}

/* Whatever the texts are: without the new pieces it is the old one, and the other way round. */
static void gives_both_back(void **state)
{
    static const char *const words[] = {"risk ", "backup ", "fire\n", "x", " ", "key "};
    unsigned long long seed = 1;

    (void)state;
    for (int round = 0; round < 400; round++) {
        struct arena *a = arena_new(0);
        struct buf text[2], back[2];
        size_t n;
        struct diff_piece *list;

        for (int side = 0; side < 2; side++) {
            buf_init(&text[side], a, 64);
            buf_init(&back[side], a, 64);
            for (int i = round < 390 ? 12 : 900; i; i--) {
                seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
                buf_str(&text[side], words[(seed >> 33) % COUNT_OF(words)]);
            }
        }
        list = diff_words(a, text[0].data, text[1].data, &n);
        for (size_t i = 0; i < n; i++) {
            if (list[i].kind != DIFF_NEW)
                buf_add(&back[0], list[i].text, list[i].size);
            if (list[i].kind != DIFF_GONE)
                buf_add(&back[1], list[i].text, list[i].size);
        }
        assert_string_equal(back[0].data, text[0].data);
        assert_string_equal(back[1].data, text[1].data);
        arena_free(a);
    }
}

const struct test_case diff_tests[] = {
    TEST("two texts are compared word by word: what is gone stands before what is new",
         tells_words),
    TEST("the pieces of a comparison give both texts back, whatever they are", gives_both_back),
    TEST_END,
};
