/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/crypt.h"
#include "base/csv.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"

extern const struct test_case base_tests[];

/* Errors */

static void error_keeps_text_and_place(void **state)
{
    (void)state;
    struct err *e = err_detail(err_new(ERR_CLASH, "Line %d is taken.", 7), "path=%s", "/tmp/x");
    assert_string_equal(e->text, "Line 7 is taken.");
    assert_string_equal(e->detail, "path=/tmp/x");
    assert_contains(e->file, "base_test.c");
    assert_int_equal(err_status(e), 409);
    e->status = 412;
    assert_int_equal(err_status(e), 412);
}

static void wrapping_keeps_code_and_cause(void **state)
{
    (void)state;
    struct err *inner = err_new(ERR_MISSING, "No row.");
    struct err *outer = err_wrap(inner, "The risk is not there: %s", inner->text);
    assert_int_equal(outer->code, ERR_MISSING);
    assert_string_equal(outer->text, "The risk is not there: No row.");
    assert_ptr_equal(outer->cause, inner);
}

static void error_ring_never_loops(void **state)
{
    (void)state;
    struct err *e = err_new(ERR_FAULT, "first");
    for (int i = 0; i < 200; i++)
        e = err_wrap(e, "again %d", i);
    int depth = 0;
    for (const struct err *c = e; c; c = c->cause)
        assert_true(++depth <= 32);
    assert_string_equal(e->text, "again 199");
}

static void long_error_ends_at_a_code_point(void **state)
{
    (void)state;
    char text[600];
    for (int shift = 0; shift < 4; shift++) {
        memset(text, 'x', sizeof text);
        for (size_t i = (size_t)shift; i + 3 < sizeof text; i += 3)
            memcpy(text + i, "\xE2\x82\xAC", 3);
        text[sizeof text - 1] = '\0';
        struct err *e = err_new(ERR_BAD, "%s", text);
        assert_true(strlen(e->text) >= 396);
        assert_true(text_valid(e->text, strlen(e->text)));
    }
}

static void *make_errors(void *unused)
{
    (void)unused;
    for (int i = 0; i < 100; i++)
        err_new(ERR_FAULT, "of the other thread");
    return NULL;
}

static void threads_keep_their_errors(void **state)
{
    (void)state;
    struct err *mine = err_new(ERR_BAD, "mine");
    pthread_t other;
    assert_int_equal(pthread_create(&other, NULL, make_errors, NULL), 0);
    pthread_join(other, NULL);
    assert_string_equal(mine->text, "mine");
}

/* Arena and buffer */

static void arena_gives_zeroed_aligned_pieces(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    for (int round = 0; round < 2; round++) {
        for (size_t size = 0; size < 3000; size += 7) {
            unsigned char *p = arena_alloc(a, size);
            assert_int_equal((uintptr_t)p % 16, 0);
            for (size_t i = 0; i < size; i++)
                assert_int_equal(p[i], 0);
            memset(p, 0xAB, size);
        }
        arena_reset(a);
        assert_int_equal(arena_used(a), 0);
    }
    arena_free(a);
}

static void arena_takes_big_pieces(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    char *small = arena_str(a, "small");
    char *big = arena_alloc(a, 5 * 1024 * 1024);
    char *after = arena_str(a, "after");
    memset(big, 'x', 5 * 1024 * 1024);
    assert_string_equal(small, "small");
    assert_string_equal(after, "after");
    assert_true(after - small > 0 && after - small < 64 * 1024); /* same block as before */
    arena_free(a);
}

static void arena_says_when_it_is_over(void **state)
{
    (void)state;
    struct arena *a = arena_new(1000);
    arena_alloc(a, 500);
    assert_false(arena_over(a));
    arena_alloc(a, 501);
    assert_true(arena_over(a));
    arena_reset(a);
    assert_false(arena_over(a));
    arena_free(a);
}

static char order[8];

static void note_call(void *letter)
{
    strncat(order, letter, 1);
}

static void deferred_calls_run_last_first(void **state)
{
    (void)state;
    static char one[] = "1";
    static char two[] = "2";
    static char three[] = "3";
    order[0] = '\0';
    struct arena *a = arena_new(0);
    arena_defer(a, note_call, one);
    arena_defer(a, note_call, two);
    arena_reset(a);
    assert_string_equal(order, "21");
    arena_defer(a, note_call, three);
    arena_free(a);
    assert_string_equal(order, "213");
}

static void ask_too_much(void *arena)
{
    arena_array(arena, SIZE_MAX / 2, 3);
}

static void ask_modestly(void *arena)
{
    arena_array(arena, 2, 3);
}

static void overflowing_product_ends_the_process(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    assert_true(test_dies(ask_too_much, a));
    assert_false(test_dies(ask_modestly, a));
    arena_free(a);
}

#if defined(__SANITIZE_ADDRESS__)
static void touch_behind(void *piece)
{
    ((volatile char *)piece)[16] = 'x';
}

static void bytes_not_handed_out_are_poisoned(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    assert_true(test_dies(touch_behind, arena_alloc(a, 16)));
    assert_false(test_dies(touch_behind, arena_alloc(a, 17)));
    arena_free(a);
}
#endif

static void formatted_text_of_any_length(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    char *wide = arena_printf(a, "%0300d|%s", 5, "end");
    assert_int_equal(strlen(wide), 304);
    assert_string_equal(wide + 299, "5|end");
    assert_null(arena_str(a, NULL));
    assert_string_equal(arena_strn(a, "abcdef", 3), "abc");
    arena_free(a);
}

static void buffer_grows_and_stays_closed(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    struct buf b;
    buf_init(&b, a, 0);
    assert_string_equal(b.data, "");
    for (int i = 0; i < 1000; i++) {
        buf_printf(&b, "%d,", i);
        assert_int_equal(strlen(b.data), b.size);
    }
    buf_str(&b, NULL);
    buf_char(&b, '!');
    memcpy(buf_room(&b, 5), "tail", 4);
    b.size += 4;
    assert_int_equal(b.size, 10 * 2 + 90 * 3 + 900 * 4 + 5);
    assert_int_equal(strlen(b.data), b.size);
    assert_string_equal(b.data + b.size - 9, "999,!tail");
    arena_free(a);
}

/* Text */

static bool valid(const char *text)
{
    return text_valid(text, strlen(text));
}

static void refuses_bytes_that_are_not_utf8(void **state)
{
    (void)state;
    assert_true(valid("Größe \xF0\x9F\x94\x92 \xE2\x82\xAC\r\n\tend"));
    assert_true(text_valid("", 0));
    assert_false(valid("Gr\xF6\xDF"
                       "e"));                    /* Latin-1 */
    assert_false(valid("\xC0\xAF"));             /* overlong */
    assert_false(valid("\xED\xA0\x80"));         /* lone surrogate */
    assert_false(valid("\xF4\x90\x80\x80"));     /* past the last code point */
    assert_false(valid("\xE2\x82"));             /* cut */
    assert_false(text_valid("\xE2\x82\xAC", 2)); /* cut by the size */
}

static void refuses_control_characters(void **state)
{
    (void)state;
    assert_false(text_valid("a\0b", 3));
    assert_false(valid("bell \x07"));
    assert_false(valid("escape \x1B[2J"));
    assert_false(valid("delete \x7F"));
    assert_false(valid("\xEF\xBF\xBE")); /* U+FFFE */
    assert_false(valid("\xEF\xB7\x90")); /* U+FDD0 */
}

static void assert_folds(const char *text, const char *expected)
{
    struct arena *a = arena_new(0);
    char *folded = text_fold(a, text);
    assert_string_equal(folded, expected);
    assert_string_equal(text_fold(a, folded), expected); /* folding twice changes nothing */
    arena_free(a);
}

static void folds_umlauts_and_accents(void **state)
{
    (void)state;
    assert_folds("Ärzte  GmbH", "arzte gmbh");
    assert_folds("Straße STRASSE \xE1\xBA\x9E", "strasse strasse ss");
    assert_folds("Café Ça n\xCC\x83", "cafe ca n");
    assert_folds("İstanbul", "istanbul");
}

static void folds_stroked_letters_and_ligatures(void **state)
{
    (void)state;
    assert_folds("Øresund ŁÓDŹ Đakovo Æsop Œuvre", "oresund lodz dakovo aesop oeuvre");
    assert_folds("ﬁle Ⅳ ＡＢＣ ①", "file iv abc 1");
}

static void folding_squeezes_spaces(void **state)
{
    (void)state;
    assert_folds(" \t a \n\n b\xC2\xA0\xC2\xA0ü ", "a b u");
    assert_folds("soft\xC2\xADhyphen", "softhyphen");
    assert_folds("", "");
    assert_folds("   ", "");
}

static void trims_and_joins_line_ends(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    assert_string_equal(text_trim(a, " \xC2\xA0 a\r\nb\rc  d\n\t"), "a\nb\nc  d");
    assert_string_equal(text_trim(a, "\xE3\x80\x80"), "");
    assert_true(text_empty(NULL));
    assert_true(text_empty(" \r\n\xC2\xA0"));
    assert_false(text_empty(" . "));
    arena_free(a);
}

static void numbers_are_whole(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",         "-",
        "+",        " 1",
        "1 ",       "12a",
        "0x10",     "1.0",
        "--1",      "9223372036854775808",
        "1e3",      "1,0",
        "\xD9\xA1", "-9223372036854775809",
    };
    i64 n = 77;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(text_i64(bad[i], &n));
    assert_false(text_i64(NULL, &n));
    assert_int_equal(n, 77);
    assert_true(text_i64("+0042", &n));
    assert_int_equal(n, 42);
    assert_true(text_i64("-9223372036854775808", &n) && n == LLONG_MIN);
    assert_true(text_i64("9223372036854775807", &n) && n == LLONG_MAX);
}

static void splits_and_drops_empty_parts(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    char **parts;
    assert_int_equal(text_split(a, " a ,, b c ,", ',', &parts), 2);
    assert_string_equal(parts[0], "a");
    assert_string_equal(parts[1], "b c");
    assert_int_equal(text_split(a, NULL, ',', &parts), 0);
    arena_free(a);
}

static void knows_what_looks_like_an_email(void **state)
{
    (void)state;
    static const char *const good[] = {"a@b.example", "a.b+c@sub.example.org", "root@localhost",
                                       "jörg@müller.example"};
    static const char *const bad[] = {"a",       "@b.c",    "a@",           "a@b@c",
                                      "a b@c.d", "a@b.c\n", "a@.b",         "a@b.",
                                      "a@b..c",  "<a@b.c>", "a@b.c,d",      "a@b.c\r\nBcc:x",
                                      "",        "a\t@b.c", "a\xC2\xA0@b.c"};
    for (size_t i = 0; i < COUNT_OF(good); i++)
        assert_true(text_email(good[i]));
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(text_email(bad[i]));
}

static void slugs_and_urls_are_plain_ascii(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    assert_string_equal(text_slug(a, "  How to: Größe & Maß?"), "how-to-grosse-mass");
    assert_string_equal(text_slug(a, "日本"), "x");
    char *slug = text_slug(a, "word word word word word word word word word word word word word");
    assert_true(strlen(slug) <= 60);
    assert_true(slug[strlen(slug) - 1] != '-');
    assert_string_equal(text_url(a, "a b/ü?&=~"), "a%20b%2F%C3%BC%3F%26%3D~");
    assert_int_equal(text_length("a\xC3\xBC\xF0\x9F\x94\x92"), 3);
    arena_free(a);
}

/* Crypt */

static void digests_match_the_standard(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    unsigned char whole[DIGEST_SIZE];
    unsigned char pieces[DIGEST_SIZE];
    crypt_sha256("abc", 3, whole);
    assert_string_equal(crypt_hex(a, whole, sizeof whole),
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    struct digest *d = digest_new(a);
    digest_add(d, "a", 1);
    digest_add(d, "", 0);
    digest_add(d, "bc", 2);
    digest_end(d, pieces);
    assert_true(crypt_equal(whole, pieces, sizeof whole));
    crypt_sha256(NULL, 0, pieces);
    assert_string_equal(crypt_hex(a, pieces, 4), "e3b0c442");
    assert_false(crypt_equal(whole, pieces, sizeof whole));
    arena_free(a);
}

static void base64_comes_back(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    unsigned char data[70];
    crypt_random(data, sizeof data);
    for (size_t n = 0; n <= sizeof data; n++) {
        struct bytes back;
        assert_true(crypt_unbase64(a, crypt_base64(a, data, n), &back));
        assert_int_equal(back.size, n);
        assert_memory_equal(back.data, data, n);
    }
    assert_string_equal(crypt_base64(a, "\xFB\xFF", 2), "+/8=");
    arena_free(a);
}

static void base64_is_strict(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    struct bytes out;
    assert_true(crypt_unbase64(a, "QUI=", &out)); /* "AB" */
    static const char *const bad[] = {"QUJ=",
                                      "QUI",
                                      "QUI==",
                                      "Q UI=",
                                      "QUI=\n",
                                      "=",
                                      "QU-_",
                                      "Q",
                                      "QR==",
                                      "QUI=QUI=",
                                      "QUI=x",
                                      "QQ=="
                                      "="};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_false(crypt_unbase64(a, bad[i], &out));
        assert_null(out.data);
    }
    arena_free(a);
}

static void passwords_verify(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    char *hash;
    char *again;
    assert_ok(password_hash(a, "correct horse", &hash));
    assert_ok(password_hash(a, "correct horse", &again));
    assert_true(text_starts(hash, "$argon2id$"));
    assert_string_not_equal(hash, again);
    assert_true(password_verify(hash, "correct horse"));
    assert_false(password_verify(hash, "correct hors"));
    assert_false(password_verify("", "correct horse"));
    assert_false(password_verify("not a hash", "correct horse"));
    assert_false(password_stale(hash));
    assert_true(password_stale("$argon2id$v=19$m=16,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
                               "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
    arena_free(a);
}

static void signatures_notice_a_change(void **state)
{
    (void)state;
    unsigned char public_key[32];
    unsigned char secret_key[64];
    unsigned char signature[64];
    sign_keypair(public_key, secret_key);
    sign_message(secret_key, "the plan", 8, signature);
    assert_true(sign_verify(public_key, "the plan", 8, signature));
    assert_false(sign_verify(public_key, "the plan", 7, signature));
    signature[10] ^= 1;
    assert_false(sign_verify(public_key, "the plan", 8, signature));
}

static void tokens_are_url_safe_and_new(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    const char *alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    char *one = crypt_token(a, 32);
    assert_int_equal(strlen(one), 43);
    assert_int_equal(strspn(one, alphabet), 43);
    assert_string_not_equal(one, crypt_token(a, 32));
    for (int i = 0; i < 100; i++)
        assert_true(crypt_random_i63() > 0);
    arena_free(a);
}

/* JSON */

static void json_round_trip_keeps_order(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    json_t *value;
    const char *text = "{\"b\": 1, \"a\": [true, null, \"\xC3\xBC\"]}";
    assert_ok(json_parse(a, text, strlen(text), &value));
    assert_string_equal(json_text(a, value), "{\"b\":1,\"a\":[true,null,\"\xC3\xBC\"]}");
    assert_string_equal(json_sorted(a, value), "{\"a\":[true,null,\"\xC3\xBC\"],\"b\":1}");
    json_t *own = json_own(a, json_object());
    json_object_set_new(own, "n", json_integer(5));
    assert_string_equal(json_text(a, own), "{\"n\":5}");
    arena_free(a);
}

static void json_is_strict(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",        "{",       "{\"a\":1,\"a\":2}", "{} x", "{\"a\":1,}", "\"\xFF\"",
        "[1] [2]", "{'a':1}", "[\"\\ud800\"]",     "[01]", "[NaN]",      "\"\\u0000\""};
    struct arena *a = arena_new(0);
    json_t *value;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_err(json_parse(a, bad[i], strlen(bad[i]), &value), ERR_BAD);
        assert_null(value);
    }
    const char *second_line = "{\n  \"a\": x}";
    struct err *e = assert_err(json_parse(a, second_line, strlen(second_line), &value), ERR_BAD);
    assert_contains(e->text, "line 2");
    arena_free(a);
}

static void json_depth_is_bounded(void **state)
{
    (void)state;
    static char deep[100000];
    struct arena *a = arena_new(0);
    json_t *value;
    memset(deep, '[', sizeof deep);
    assert_err(json_parse(a, deep, sizeof deep, &value), ERR_BAD);
    arena_free(a);
}

/* CSV */

/* Rows as one text: "line:cell|cell;". */
static struct err *write_row(void *ctx, const struct csv_row *row)
{
    struct buf *b = ctx;
    buf_printf(b, "%lld:", row->line);
    for (size_t i = 0; i < row->count; i++)
        buf_printf(b, "%s%s", i > 0 ? "|" : "", row->cell[i]);
    buf_char(b, ';');
    return NULL;
}

static void assert_rows(const char *csv, const char *expected)
{
    struct arena *a = arena_new(0);
    struct buf b;
    buf_init(&b, a, 0);
    assert_ok(csv_read(a, csv, strlen(csv), 0, write_row, &b));
    assert_string_equal(b.data, expected);
    arena_free(a);
}

static void csv_rows_know_their_line(void **state)
{
    (void)state;
    assert_rows("\xEF\xBB\xBFname,note\r\n\r\n\"a \"\"b\"\"\",\"two\nlines\"\r\nc,\r\nlast,row",
                "1:name|note;3:a \"b\"|two\nlines;5:c|;6:last|row;");
    assert_rows("a,b\rc,d\r", "1:a|b;2:c|d;");
    assert_rows("\"x\n\n\ny\",1\nz,2\n", "1:x\n\n\ny|1;5:z|2;");
    assert_rows("", "");
    assert_rows("\n \n", "");
}

static void csv_delimiter_is_guessed(void **state)
{
    (void)state;
    assert_rows("a;b,c;d\n1;2;3\n", "1:a|b,c|d;2:1|2|3;");
    assert_rows("a\tb\n\t2\n", "1:a|b;2:|2;");
    assert_rows("\n\"a,b,c\"|d\n", "2:a,b,c|d;");
    assert_rows("single\nvalue\n", "1:single;2:value;");
}

static void csv_faults_name_the_line(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    struct buf b;
    buf_init(&b, a, 0);
    const char *open = "a,b\nc,\"never closed\nmore\n";
    struct err *e = assert_err(csv_read(a, open, strlen(open), 0, write_row, &b), ERR_BAD);
    assert_contains(e->text, "line 2");
    const char *stray = "a,b\nc,d\ne,f \"x\" g\n";
    e = assert_err(csv_read(a, stray, strlen(stray), 0, write_row, &b), ERR_BAD);
    assert_contains(e->text, "Line 3");
    const char *latin = "a,b\nGr\xF6\xDF"
                        "e,1\n";
    e = assert_err(csv_read(a, latin, strlen(latin), 0, write_row, &b), ERR_BAD);
    assert_contains(e->text, "Line 2");
    arena_free(a);
}

static struct err *refuse_second(void *count, const struct csv_row *row)
{
    ++*(int *)count;
    return row->line == 2 ? err_new(ERR_INVALID, "No.") : NULL;
}

static void csv_stops_at_the_callers_error(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    int count = 0;
    const char *csv = "a\nb\nc\nd\n";
    assert_err(csv_read(a, csv, strlen(csv), ',', refuse_second, &count), ERR_INVALID);
    assert_int_equal(count, 2);
    arena_free(a);
}

static void assert_cell(const char *text, const char *expected)
{
    struct arena *a = arena_new(0);
    struct buf b;
    buf_init(&b, a, 0);
    csv_cell(&b, text, true);
    assert_string_equal(b.data, expected);
    arena_free(a);
}

static void csv_defuses_formulas(void **state)
{
    (void)state;
    assert_cell("=1+1", "'=1+1");
    assert_cell("  @SUM(A1)", "\"'  @SUM(A1)\"");
    assert_cell("-2+3", "'-2+3");
    assert_cell("+49 30 123", "'+49 30 123");
    assert_cell("\t=1", "\"'\t=1\"");
    assert_cell("\xEF\xBC\x9D"
                "1",
                "'\xEF\xBC\x9D"
                "1");
    assert_cell("\";=1", "\"'\"\";=1\"");
    assert_cell("-", "'-");
    assert_cell("-12.5", "-12.5");
    assert_cell("+7", "+7");
    assert_cell("-0,5", "\"-0,5\"");
    assert_cell("a=b", "a=b");
}

static void csv_written_is_read_back(void **state)
{
    (void)state;
    static const char *const cells[] = {"plain", "a,b",    "say \"hi\"", "two\nlines",
                                        "",      " edge ", "Größe",      "a;b"};
    struct arena *a = arena_new(0);
    struct buf csv;
    struct buf rows;
    buf_init(&csv, a, 0);
    buf_init(&rows, a, 0);
    for (size_t i = 0; i < COUNT_OF(cells); i++)
        csv_cell(&csv, cells[i], i == 0);
    csv_end_row(&csv);
    assert_ok(csv_read(a, csv.data, csv.size, ',', write_row, &rows));
    assert_string_equal(rows.data, "1:plain|a,b|say \"hi\"|two\nlines|| edge |Größe|a;b;");
    arena_free(a);
}

/* Log */

static void capture_log(const char *value, char *out, size_t size)
{
    int ends[2];
    int saved = dup(STDERR_FILENO);
    assert_int_equal(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    log_event(LOG_DEBUG, "quiet", "never=%s", "shown");
    log_event(LOG_ERROR, "request", "status=%d path=%s bytes=%lld share=%.1f%%", 200, value,
              9000000000LL, 12.5);
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(ends[1]);
    ssize_t n = read(ends[0], out, size - 1);
    close(ends[0]);
    out[n > 0 ? n : 0] = '\0';
}

static void log_is_one_line_per_event(void **state)
{
    (void)state;
    char line[8192];
    capture_log("/risks", line, sizeof line);
    assert_int_equal(line[10], 'T');
    assert_int_equal(line[26], 'Z');
    assert_string_equal(line + 27,
                        " error request status=200 path=/risks bytes=9000000000 share=12.5%\n");
}

static void log_values_cannot_forge_a_line(void **state)
{
    (void)state;
    char line[8192];
    capture_log("/a\n2026-01-01T00:00:00Z info login user=\"root\" \xE2\x80\xA8 \xC2\x85 \xFF",
                line, sizeof line);
    assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
    assert_contains(line, " path=\"/a\\n2026-01-01T00:00:00Z info login user=\\\"root\\\" "
                          "\\xe2\\x80\\xa8 \\xc2\\x85 \\xff\" bytes=");
    capture_log("x status=500", line, sizeof line);
    assert_contains(line, " path=\"x status=500\" ");
}

static void long_log_values_are_cut(void **state)
{
    (void)state;
    static char value[20000];
    char line[8192];
    memset(value, 1, sizeof value - 1);
    capture_log(value, line, sizeof line);
    assert_true(strlen(line) <= 4096);
    assert_int_equal(line[strlen(line) - 1], '\n');
    assert_contains(line, "path=");
}

/* clang-format off */
const struct test_case base_tests[] = {
    TEST("an error keeps its sentence, its detail and its place", error_keeps_text_and_place),
    TEST("a wrapped error keeps code and cause", wrapping_keeps_code_and_cause),
    TEST("a chain of causes never becomes a ring", error_ring_never_loops),
    TEST("a sentence that is too long ends at a whole character", long_error_ends_at_a_code_point),
    TEST("a thread does not touch another thread's errors", threads_keep_their_errors),
    TEST("an arena gives zeroed, aligned pieces, also after a reset", arena_gives_zeroed_aligned_pieces),
    TEST("a big piece does not waste the current block of an arena", arena_takes_big_pieces),
    TEST("an arena past its soft limit says so", arena_says_when_it_is_over),
    TEST("deferred calls run last first, on reset and on free", deferred_calls_run_last_first),
    TEST("an array whose size overflows ends the process", overflowing_product_ends_the_process),
#if defined(__SANITIZE_ADDRESS__)
    TEST("bytes that an arena did not hand out are poisoned", bytes_not_handed_out_are_poisoned),
#endif
    TEST("formatted text may have any length", formatted_text_of_any_length),
    TEST("a buffer grows and always ends with NUL", buffer_grows_and_stays_closed),
    TEST("bytes that are not UTF-8 are refused", refuses_bytes_that_are_not_utf8),
    TEST("NUL, control characters and non-characters are refused", refuses_control_characters),
    TEST("folding makes umlauts, sharp s and accents plain", folds_umlauts_and_accents),
    TEST("folding makes stroked letters, ligatures and wide forms plain", folds_stroked_letters_and_ligatures),
    TEST("folding squeezes spaces and drops soft hyphens", folding_squeezes_spaces),
    TEST("trimming removes white space at the ends and joins line ends", trims_and_joins_line_ends),
    TEST("a number with trailing letters, spaces or too many digits is refused", numbers_are_whole),
    TEST("splitting trims the parts and leaves out empty ones", splits_and_drops_empty_parts),
    TEST("an e-mail address has one @, no spaces and no header characters", knows_what_looks_like_an_email),
    TEST("slugs and encoded values are plain ASCII", slugs_and_urls_are_plain_ascii),
    TEST("digests match the standard, whole and in pieces", digests_match_the_standard),
    TEST("base64 of any length comes back", base64_comes_back),
    TEST("strict base64 refuses a changed padding bit", base64_is_strict),
    TEST("a password verifies only with its own hash, and old parameters are stale", passwords_verify),
    TEST("a signature notices a changed byte", signatures_notice_a_change),
    TEST("tokens are new each time and fit into a URL", tokens_are_url_safe_and_new),
    TEST("JSON keeps the order of keys, the canonical form sorts them", json_round_trip_keeps_order),
    TEST("JSON with duplicate keys, rests or broken text is refused with its line", json_is_strict),
    TEST("JSON nested without end is refused", json_depth_is_bounded),
    TEST("CSV rows know the line on which they start", csv_rows_know_their_line),
    TEST("the delimiter of a CSV file is guessed from its first line", csv_delimiter_is_guessed),
    TEST("a fault in a CSV file is told with its line", csv_faults_name_the_line),
    TEST("CSV reading stops at the caller's error", csv_stops_at_the_callers_error),
    TEST("a formula cell gets an apostrophe on export, a negative number does not", csv_defuses_formulas),
    TEST("CSV that was written is read back unchanged", csv_written_is_read_back),
    TEST("a log event is one line with UTC time, level and values", log_is_one_line_per_event),
    TEST("a logged value can forge neither a line nor another value", log_values_cannot_forge_a_line),
    TEST("a log line stays below the size of an atomic write", long_log_values_are_cut),
    TEST_END,
};
/* clang-format on */
