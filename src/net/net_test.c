/* SPDX-License-Identifier: Apache-2.0 */
/* The readers of net on their own: pairs, cookies, paths, forms of many parts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/multipart.h"
#include "net/parse.h"
#include "net/server.h"
#include "test.h"

extern const struct test_case net_tests[];

static struct err *pairs_of(struct arena *a, const char *text, struct pairs *out)
{
    return parse_pairs(a, text, strlen(text), out);
}

static void pairs_are_decoded(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    struct pairs p;
    assert_ok(pairs_of(a, "name=J%C3%BCrgen+M&&empty=&flag&b=x%26y%3Dz%2B&t=a%0D%0Ab%0Dc", &p));
    assert_int_equal(p.count, 5);
    assert_string_equal(pairs_get(&p, "name"), "J\xC3\xBCrgen M");
    assert_string_equal(pairs_get(&p, "empty"), "");
    assert_string_equal(pairs_get(&p, "flag"), "");
    assert_string_equal(pairs_get(&p, "b"), "x&y=z+");
    assert_string_equal(pairs_get(&p, "t"), "a\nb\nc");
    assert_null(pairs_get(&p, "missing"));
    assert_ok(pairs_of(a, "", &p));
    assert_int_equal(p.count, 0);
    arena_free(a);
}

static void pairs_refuse_malformed(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "a=%",         "a=%4",        "a=%zz",    "a=%4g",          "%=1",         "a=b%",
        "a=%00",       "%00=1",       "a=%01",    "a=%7F",          "=1",          "a=%C0%AF",
        "a=%E0%80%AF", "a=%ED%A0%80", "a=%FF",    "a=%F4%90%80%80", "a=%C3",       "%C0%80=1",
        "a%0Ab=1",     "a=\x01",      "a=%u0041", "a=% 41",         "a=%EF%BF%BF",
    };
    struct arena *a = arena_new(0);
    struct pairs p;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct err *e = pairs_of(a, texts[i], &p);
        if (!e || e->code != ERR_BAD)
            print_error("accepted: %s\n", texts[i]);
        assert_non_null(e);
        assert_int_equal(e->code, ERR_BAD);
    }
    assert_err(parse_pairs(a, "a=b\0c", 5, &p), ERR_BAD);
    arena_free(a);
}

static void pairs_refuse_duplicates(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    struct pairs p;
    assert_err(pairs_of(a, "a=1&b=2&a=3", &p), ERR_BAD);
    assert_err(pairs_of(a, "a=1&%61=3", &p), ERR_BAD);
    assert_err(pairs_of(a, "[]=1&[]=3", &p), ERR_BAD);
    assert_ok(pairs_of(a, "a=1&A=2", &p));
    assert_ok(pairs_of(a, "x[]=1&x[]=2&x%5B%5D=2", &p));
    assert_int_equal(p.count, 3);
    assert_string_equal(p.list[2].value, "2");
    arena_free(a);
}

static void pairs_many(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    struct buf b;
    struct pairs p;
    buf_init(&b, a, 0);
    for (int i = 0; i < 19998; i++)
        buf_printf(&b, "f%d=%d&", i, i);
    buf_str(&b, "id[]=1&id[]=2");
    assert_ok(parse_pairs(a, b.data, b.size, &p));
    assert_int_equal(p.count, 20000);
    assert_string_equal(p.list[12345].name, "f12345");
    buf_str(&b, "&one=more");
    assert_err(parse_pairs(a, b.data, b.size, &p), ERR_LIMIT);
    b.size -= strlen("&id[]=2&one=more");
    buf_str(&b, "&f77=again");
    assert_contains(assert_err(parse_pairs(a, b.data, b.size, &p), ERR_BAD)->text, "f77");
    arena_free(a);
}

static void cookies(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    struct pairs p;
    assert_ok(parse_cookies(a, "__Host-s=abc=; b=\"q\";c= ; nameless; =x; d d=1;e=f g", &p));
    assert_int_equal(p.count, 4);
    assert_string_equal(pairs_get(&p, "__Host-s"), "abc=");
    assert_string_equal(pairs_get(&p, "b"), "\"q\"");
    assert_string_equal(pairs_get(&p, "c"), "");
    assert_string_equal(pairs_get(&p, "e"), "f g");
    assert_ok(parse_cookies(a, NULL, &p));
    assert_int_equal(p.count, 0);
    assert_err(parse_cookies(a, "s=1; t=2; s=3", &p), ERR_BAD);
    assert_err(parse_cookies(a, "s=\xC0\xAF", &p), ERR_BAD);
    arena_free(a);
}

static void paths(void **state)
{
    (void)state;
    static const char *const missing[] = {
        "/../etc", "/a/..",     "/a/../b",     "/./a",   "/a/.",   "//a",
        "/a//b",   "/..%2fetc", "/%2e%2e/etc", "/%2E/a", "/a%2Fb", "/static/%2e%2e/x",
        "/..",     "//",
    };
    static const char *const bad[] = {
        "",       "a",       "*",    "/%",     "/%4",  "/%zz", "/%00",
        "/a%00b", "/%C0%AF", "/%FF", "/a%0Ab", "/a b", "/a#b", "/%ED%A0%80",
    };
    struct arena *a = arena_new(0);
    const char *path;
    assert_ok(parse_path(a, "/", &path));
    assert_string_equal(path, "/");
    assert_ok(parse_path(a, "/o/J%C3%BCrgen/..a/.b/c.+/", &path));
    assert_string_equal(path, "/o/J\xC3\xBCrgen/..a/.b/c.+/");
    assert_ok(parse_path(a, "/%252e%252e/x", &path)); /* one decoding, not two */
    assert_string_equal(path, "/%2e%2e/x");
    for (size_t i = 0; i < COUNT_OF(missing); i++)
        assert_err(parse_path(a, missing[i], &path), ERR_MISSING);
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_err(parse_path(a, bad[i], &path), ERR_BAD);
    arena_free(a);
}

static void response_headers(void **state)
{
    (void)state;
    struct request r = {.arena = arena_new(0)};
    char name[16];
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "X-%d", i);
        response_header(&r, name, name + 2);
    }
    assert_int_equal(r.response.headers.count, 100);
    assert_string_equal(pairs_get(&r.response.headers, "X-0"), "0");
    assert_string_equal(pairs_get(&r.response.headers, "X-99"), "99");
    arena_free(r.arena);
}

#define FORM_TYPE "multipart/form-data; boundary=XyZ"

/* Reads `body` in pieces of `piece` bytes. */
static struct err *read_form(struct arena *a, const char *body, size_t piece, struct request *r)
{
    struct multipart *m = multipart_new(a, FORM_TYPE, "/tmp", 1000);
    assert_non_null(m);
    size_t size = strlen(body);
    for (size_t at = 0; at < size; at += piece)
        TRY(multipart_feed(m, body + at, size - at < piece ? size - at : piece));
    return multipart_end(m, r);
}

static const char good_form[] =
    "--XyZ\r\n"
    "Content-Disposition: form-data; name=\"title\"\r\n\r\n"
    "two\r\nlines\r\n--XyZ\r\n"
    "Content-Disposition: form-data; name=\"empty\"\r\n\r\n\r\n--XyZ\r\n"
    "content-disposition: form-data; name=\"x[]\"\r\n\r\n1\r\n--XyZ\r\n"
    "Content-Disposition: form-data; name=\"x[]\"\r\n\r\n2\r\n--XyZ\r\n"
    "Content-Disposition: form-data; name=\"none\"; filename=\"\"\r\n"
    "Content-Type: application/octet-stream\r\n\r\n\r\n--XyZ\r\n"
    "Content-Disposition: form-data; name=\"file\"; "
    "filename=\"a%22; b=\xC3\xBC.csv\"\r\n"
    "Content-Type: text/csv\r\n\r\n"
    "a,b\r\n--XyY\r\n--Xy\r\n\r\n--XyZ--\r\n";

static void form_of_many_parts(void **state)
{
    (void)state;
    for (size_t piece = 1; piece < 80; piece++) {
        struct arena *a = arena_new(0);
        struct request r = {.arena = a};
        assert_ok(read_form(a, good_form, piece, &r));
        assert_int_equal(r.form.count, 4);
        assert_string_equal(pairs_get(&r.form, "title"), "two\nlines");
        assert_string_equal(pairs_get(&r.form, "empty"), "");
        assert_string_equal(r.form.list[3].value, "2");
        assert_int_equal(r.nuploads, 1);
        const struct upload *u = r.uploads;
        assert_string_equal(u->name, "file");
        assert_string_equal(u->filename, "a\"; b=\xC3\xBC.csv");
        char content[100] = "", path[100];
        struct stat st;
        assert_int_equal(stat(u->path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
        assert_int_equal(u->size, st.st_size);
        FILE *f = fopen(u->path, "re");
        assert_non_null(f);
        assert_int_equal(fread(content, 1, sizeof content, f), u->size);
        fclose(f);
        assert_string_equal(content, "a,b\r\n--XyY\r\n--Xy\r\n");
        strcpy(path, u->path);
        arena_free(a);
        assert_int_not_equal(access(path, F_OK), 0);
    }
}

#define PART(disposition, data) "--XyZ\r\nContent-Disposition: " disposition "\r\n\r\n" data "\r\n"

static void forms_refused(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "",
        "--XyZ",
        "x--XyZ--",
        "\r\n--XyZ--",
        "--XyZx--",
        "--XyZ--more",
        PART("form-data; name=\"a\"", "1"),
        PART("form-data; name=\"a\"", "1") PART("form-data; name=\"a\"", "2") "--XyZ--",
        PART("form-data; name=\"a\"", "1")
            PART("form-data; name=\"a\"; filename=\"f\"", "2") "--XyZ--",
        PART("form-data; name=\"\"", "1") "--XyZ--",
        PART("form-data; filename=\"f\"", "1") "--XyZ--",
        PART("form-data; name=\"a\"; name=\"b\"", "1") "--XyZ--",
        PART("form-data; name=\"a\"; filename*=UTF-8''x", "1") "--XyZ--",
        PART("form-data; name=\"a\"; filename=\"\"", "data") "--XyZ--",
        PART("form-data; name=\"a%0Ab\"", "1") "--XyZ--",
        PART("form-data; name=\"a\xC0\xAF\"", "1") "--XyZ--",
        PART("form-data; name=\"a", "1") "--XyZ--",
        PART("attachment; name=\"a\"", "1") "--XyZ--",
        PART("form-data; name=\"a\"", "\xFF") "--XyZ--",
        PART("form-data; name=\"a\"", "\x01") "--XyZ--",
        PART("form-data; name=\"a\"\r\nContent-Transfer-Encoding: base64", "MQ==") "--XyZ--",
        PART("form-data; name=\"a\"\nX: y", "1") "--XyZ--",
        PART("form-data; name=\"a\"\r\n folded: y", "1") "--XyZ--",
        PART("form-data; name=\"a\"\r\nno colon", "1") "--XyZ--",
        "--XyZ\r\nContent-Type: text/plain\r\n\r\n1\r\n--XyZ--",
        "--XyZ\r\n\r\n1\r\n--XyZ--",
    };
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        struct arena *a = arena_new(0);
        struct request r = {.arena = a};
        struct err *e = read_form(a, bodies[i], 7, &r);
        if (!e || e->code != ERR_BAD)
            print_error("accepted: %s\n", bodies[i]);
        assert_non_null(e);
        assert_int_equal(e->code, ERR_BAD);
        arena_free(a);
    }
}

static void form_limits(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    struct request r = {.arena = a};
    struct buf b;
    buf_init(&b, a, 0);
    for (int i = 0; i < 21; i++)
        buf_printf(&b, PART("form-data; name=\"f%d\"; filename=\"f\"", "x"), i);
    buf_str(&b, "--XyZ--");
    assert_err(read_form(a, b.data, 100, &r), ERR_LIMIT);
    b.size = 0;
    buf_str(&b, "--XyZ\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n");
    for (int i = 0; i < 1001; i++)
        buf_char(&b, 'x');
    assert_err(read_form(a, b.data, 100, &r), ERR_LIMIT);
    b.size = 0;
    buf_str(&b, "--XyZ\r\n");
    for (int i = 0; i < 9000; i++)
        buf_char(&b, 'h');
    assert_err(read_form(a, b.data, 100, &r), ERR_BAD);
    arena_free(a);
}

static void form_boundaries(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"a b ",
        "multipart/form-data; boundary=a; boundary=b",
        "multipart/form-data; boundary=\"a \"",
        "multipart/form-data; boundary=a*b",
        "multipart/form-data; boundary="
        "01234567890123456789012345678901234567890123456789012345678901234567890",
    };
    struct arena *a = arena_new(0);
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_null(multipart_new(a, bad[i], "/tmp", 1));
    assert_non_null(
        multipart_new(a, "multipart/form-data; charset=utf-8; boundary=\"a b\"", "/tmp", 1));
    assert_non_null(multipart_new(a, "multipart/form-data; BOUNDARY=----WebKit1", "/tmp", 1));
    arena_free(a);
}

static void form_without_disk(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    struct multipart *m = multipart_new(a, FORM_TYPE, "/nonexistent", 1000);
    struct err *e = multipart_feed(m, good_form, strlen(good_form));
    assert_non_null(e);
    assert_int_equal(e->code, ERR_FAULT);
    arena_free(a);
}

const struct test_case net_tests[] = {
    TEST("pairs are decoded, line ends become one line feed", pairs_are_decoded),
    TEST("malformed percent encoding, bad UTF-8, NUL and control characters are refused",
         pairs_refuse_malformed),
    TEST("a name twice is refused, \"x[]\" may repeat", pairs_refuse_duplicates),
    TEST("20,000 fields are read, one more is too many", pairs_many),
    TEST("cookies are split, foreign oddities skipped, duplicates refused", cookies),
    TEST("dot segments and double slashes are not found, malformed paths refused", paths),
    TEST("a hundred response headers keep their values", response_headers),
    TEST("a form of many parts is read in pieces of any size", form_of_many_parts),
    TEST("malformed and ambiguous forms are refused", forms_refused),
    TEST("a form is bounded in files, field bytes and part heads", form_limits),
    TEST("only an unambiguous boundary is taken", form_boundaries),
    TEST("an upload that cannot be stored is the server's fault", form_without_disk),
    TEST_END,
};
