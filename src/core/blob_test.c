/* SPDX-License-Identifier: Apache-2.0 */
/* Files by content and uploads that go on: the store, its limits, what is cleaned away. */
#include "core/blob.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypt.h"
#include "base/text.h"
#include "core/blob_part.h"
#include "core/scan.h"
#include "core/trail.h"
#include "core/upload.h"
#include "store.h"
#include "visit.h"

static const char *file_of(struct test *t, const void *data, size_t size)
{
    char *path = arena_printf(t->arena, "%s/given-XXXXXX", store_folder());
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, size), (ssize_t)size);
    close(fd);
    return path;
}

static struct blob put_text(struct test *t, const char *text)
{
    struct blob b;

    assert_ok(blob_put(t->w, file_of(t, text, strlen(text)), &b));
    return b;
}

static struct err *keep(struct web *w, void *ctx)
{
    return blob_keep(w, ctx);
}

static const char *path_of(struct test *t, i64 org, const char *hash)
{
    return arena_printf(t->arena, "%s/blobs/%lld/%.2s/%s", t->app->config.dir, org, hash, hash);
}

static bool there(struct test *t, i64 org, const char *hash)
{
    struct stat st;

    return stat(path_of(t, org, hash), &st) == 0;
}

static void by_content(void **state)
{
    struct test *t = test_begin();
    struct blob a = put_text(t, "one"), b = put_text(t, "one"), c;
    unsigned char hash[DIGEST_SIZE];
    struct stat st;

    (void)state;
    crypt_sha256("one", 3, hash);
    assert_string_equal(a.hash, crypt_hex(t->arena, hash, sizeof(hash)));
    assert_string_equal(a.hash, b.hash);
    assert_int_equal(stat(path_of(t, t->org, a.hash), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0400);
    assert_ok(web_enter_org(t->w, t->other));
    assert_false(there(t, t->other, a.hash));
    c = put_text(t, "one");
    assert_true(there(t, t->other, c.hash));
    assert_ok(web_enter_org(t->w, t->org));
    test_end(t);
}

/* Storing the same bytes again puts good ones in the place of damaged ones. */
static void heals(void **state)
{
    struct test *t = test_begin();
    struct blob b = put_text(t, "whole");
    const char *path = path_of(t, t->org, b.hash);
    struct bytes head;

    (void)state;
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink("/etc/passwd", path), 0);
    put_text(t, "whole");
    assert_ok(blob_peek(t->w, &b, 100, &head));
    assert_int_equal(head.size, 5);
    assert_memory_equal(head.data, "whole", 5);
    test_end(t);
}

static void cleans(void **state)
{
    struct test *t = test_begin();
    struct blob kept = put_text(t, "kept"), lost = put_text(t, "lost"), young;

    (void)state;
    change(t, keep, &kept);
    assert_ok(blob_collect(t->w));
    assert_true(there(t, t->org, lost.hash));
    clock_shift(2 * DAY);
    t->w->now = clock_now();
    assert_ok(blob_collect(t->w));
    assert_true(there(t, t->org, kept.hash));
    assert_false(there(t, t->org, lost.hash));
    clock_shift(-2 * DAY);
    young = put_text(t, "young");
    assert_ok(blob_collect(t->w));
    assert_true(there(t, t->org, young.hash));
    clock_shift(0);
    test_end(t);
}

/* --- verify --- */

static size_t findings(struct test *t, const char **first)
{
    struct verify_result v = {0};

    assert_ok(trail_verify_files(t->w, -1, &v));
    *first = v.count ? v.findings[0].text : "";
    return v.count;
}

static void verified(void **state)
{
    struct test *t = test_begin();
    struct blob b = put_text(t, "proof");
    const char *path = path_of(t, t->org, b.hash), *text;
    FILE *f;

    (void)state;
    change(t, keep, &b);
    assert_int_equal(findings(t, &text), 0);
    assert_int_equal(chmod(path, 0600), 0);
    f = fopen(path, "w");
    fputs("Proof", f);
    fclose(f);
    assert_int_equal(findings(t, &text), 1);
    assert_contains(text, "was altered");
    unlink(path);
    assert_int_equal(findings(t, &text), 1);
    assert_contains(text, "is missing");
    assert_contains(text, b.hash);
    test_end(t);
}

/* --- limits --- */

static void limits(void **state)
{
    struct test *t = test_begin();
    struct err *e;

    (void)state;
    t->app->config.limits = (struct blob_limits){
        .upload = 1000, .bytes = 2000, .files = 3, .person_bytes = 1500, .person_files = 2};
    e = assert_err(blob_reserve(t->w, 1001, 1), ERR_LIMIT);
    assert_contains(e->text, "one upload may have");
    t->w->person = person_of(t, "employee");
    assert_ok(blob_reserve(t->w, 900, 1));
    e = assert_err(blob_reserve(t->w, 700, 1), ERR_LIMIT);
    assert_int_equal(e->status, 429);
    assert_contains(e->text, "a day");
    assert_ok(blob_reserve(t->w, 100, 1));
    e = assert_err(blob_reserve(t->w, 1, 1), ERR_LIMIT);
    assert_int_equal(e->status, 429);
    t->w->person = person_of(t, "isms-manager");
    assert_ok(blob_reserve(t->w, 900, 1));
    /* the organisation's */
    for (int i = 0; i < 3; i++) {
        struct blob b = put_text(t, arena_printf(t->arena, "text %d", i));

        change(t, keep, &b);
    }
    e = assert_err(blob_reserve(t->w, 1, 1), ERR_LIMIT);
    assert_contains(e->text, "may have 3 files");
    /* nobody else's */
    assert_ok(web_enter_org(t->w, t->other));
    t->w->person = 0;
    assert_ok(blob_reserve(t->w, 900, 1));
    assert_ok(web_enter_org(t->w, t->org));
    test_end(t);
}

static void refused_early(void **state)
{
    struct test *t = test_begin();

    (void)state;
    t->app->config.limits.upload = 1000;
    login(t, "isms-manager");
    api_header(t, "Content-Length", "1001");
    visit(t, METHOD_POST, "/o/acme/evidence", "kind=file");
    expect_status(t, 413);
    expect_text(t, "one upload may have");
    assert_true(t->r->response.close);
    t->app->config.limits = (struct blob_limits){.person_bytes = 100};
    attach(t, "a.txt", "a", 1);
    api_header(t, "Content-Length", "200");
    visit(t, METHOD_POST, "/o/acme/evidence", "kind=file");
    expect_status(t, 429);
    test_end(t);
}

/* --- kinds --- */

static void kinds(void **state)
{
    static const struct {
        const char *content;
        size_t size;
        const char *type;
    } cases[] = {
        {"\x89PNG\r\n\x1a\n....",                          12, "image/png"               },
        {"\xff\xd8\xff\xe0..JFIF",                         10, "image/jpeg"              },
        {"GIF89a\1\0\1\0",                                 10, "image/gif"               },
        {"RIFF\4\0\0\0WEBPVP8 ",                           16, "image/webp"              },
        {"%PDF-1.7\n",                                     9,  "application/pdf"         },
        {"plain words\n",                                  12, "text/plain"              },
        {"<!doctype html><html><body>x</body>",            35, "text/html"               },
        {"PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",     22, "application/zip"         },
        {"\x7f"
         "ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\x3e\0", 20, NULL                      },
        {"\0\1\2\3\4\5\6\7",                               8,  "application/octet-stream"},
    };
    struct test *t = test_begin();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *type = blob_type(t->arena, file_of(t, cases[i].content, cases[i].size));

        if (cases[i].type)
            assert_string_equal(type, cases[i].type);
        else
            assert_false(text_starts(type, "text/"));
    }
    assert_string_equal(blob_type(t->arena, "/nowhere"), "application/octet-stream");
    assert_non_null(blob_odd_name(t->arena, "a.pdf", "application/x-dosexec"));
    assert_non_null(blob_odd_name(t->arena, "a.PNG", "text/html"));
    assert_null(blob_odd_name(t->arena, "a.pdf", "application/pdf"));
    test_end(t);
}

/* --- uploads --- */

static const char *begin(struct test *t, size_t size)
{
    visit(t, METHOD_POST, "/o/acme/uploads",
          arena_printf(t->arena, "filename=a.bin&size=%zu", size));
    expect_status(t, 201);
    return arena_str(t->arena, header(t, "Location"));
}

static void patch(struct test *t, const char *address, i64 offset, const char *text)
{
    attach_raw(t, offset, text, strlen(text));
    api_header(t, "X-CSRF-Token", t->csrf);
    visit_raw(t, METHOD_PATCH, address, NULL);
}

static void goes_on(void **state)
{
    struct test *t = test_begin();
    struct upload_state u;
    const char *address;

    (void)state;
    login(t, "employee");
    address = begin(t, 10);
    patch(t, address, 0, "0123");
    expect_status(t, 204);
    patch(t, address, 3, "x");
    expect_status(t, 409);
    expect_text(t, "Go on at 4");
    patch(t, address, 4, "456789and more");
    expect_status(t, 413);
    visit(t, METHOD_GET, address, NULL);
    assert_string_equal(header(t, "Upload-Offset"), "4");
    assert_string_equal(header(t, "Upload-Complete"), "?0");
    patch(t, address, 4, "456789");
    expect_status(t, 204);
    assert_string_equal(header(t, "Upload-Complete"), "?1");
    patch(t, address, 10, "x");
    expect_status(t, 409);
    t->w->account = value(t, "select account from upload where org_id = $1", num(t->org));
    assert_ok(upload_take(t->w, strrchr(address, '/') + 1, &u));
    assert_int_equal(u.size, 10);
    test_end(t);
}

static void own_uploads(void **state)
{
    struct test *t = test_begin();
    const char *address;

    (void)state;
    login(t, "employee");
    address = begin(t, 10);
    attach_raw(t, 0, "0123", 4);
    visit_raw(t, METHOD_PATCH, address, NULL); /* without the token of this session */
    expect_status(t, 403);
    login(t, "risk-owner");
    patch(t, address, 0, "0123");
    expect_status(t, 404);
    visit(t, METHOD_GET, address, NULL);
    expect_status(t, 404);
    login(t, "external-auditor");
    visit(t, METHOD_POST, "/o/acme/uploads", "filename=a.bin&size=1");
    expect_status(t, 403);
    login(t, "employee");
    api_header(t, "X-CSRF-Token", t->csrf);
    visit_raw(t, METHOD_DELETE, address, NULL);
    expect_status(t, 204);
    visit(t, METHOD_GET, address, NULL);
    expect_status(t, 404);
    test_end(t);
}

static void ends_after_a_day(void **state)
{
    struct test *t = test_begin();
    const char *address;

    (void)state;
    login(t, "employee");
    address = begin(t, 10);
    assert_ok(upload_clean(t->w));
    visit(t, METHOD_GET, address, NULL);
    expect_status(t, 200);
    t->w->now += 2 * DAY;
    assert_ok(upload_clean(t->w));
    visit(t, METHOD_GET, address, NULL);
    expect_status(t, 404);
    test_end(t);
}

static void odd_wishes(void **state)
{
    static const char *const forms[] = {"filename=a",
                                        "filename=a&size=0",
                                        "filename=a&size=-5",
                                        "filename=&size=5",
                                        "size=5",
                                        "filename=a%0Ab&size=5",
                                        "filename=a&size=999999999999999999999"};
    struct test *t = test_begin();

    (void)state;
    login(t, "employee");
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        visit(t, METHOD_POST, "/o/acme/uploads", forms[i]);
        expect_status(t, 422);
    }
    visit(t, METHOD_POST, "/o/acme/uploads", "filename=a&size=99999999999999");
    expect_status(t, 413);
    expect_count(t, 0, "select count(*) from upload where org_id = $1", num(t->org));
    test_end(t);
}

/* --- in the database --- */

static void in_the_database(void **state)
{
    struct test *t = test_begin();
    struct blob b, lost;
    struct blob_file f;
    struct bytes head;
    char *big;

    (void)state;
    t->app->blobs = &blob_rows;
    b = put_text(t, "0123456789");
    change(t, keep, &b);
    assert_ok(blob_read(t->w, &b, 3, 4, &f));
    assert_true(f.temporary);
    assert_ok(blob_peek(t->w, &b, 100, &head));
    assert_memory_equal(head.data, "0123456789", 10);
    assert_false(there(t, t->org, b.hash));
    lost = put_text(t, "lost");
    t->w->now += 2 * DAY;
    assert_ok(blob_collect(t->w));
    assert_err(blob_read(t->w, &lost, 0, 4, &f), ERR_FAULT);
    assert_ok(blob_peek(t->w, &b, 100, &head));
    big = arena_alloc(t->arena, BLOB_ROW_MOST + 1);
    assert_err(blob_put(t->w, file_of(t, big, BLOB_ROW_MOST + 1), &lost), ERR_LIMIT);
    test_end(t);
}

static void scanner_names(void **state)
{
    (void)state;
    assert_ok(scan_check("unix:/run/clamav/clamd.ctl"));
    assert_ok(scan_check("127.0.0.1:3310"));
    assert_ok(scan_check("[::1]:3310"));
    assert_err(scan_check("unix:relative"), ERR_BAD);
    assert_err(scan_check("host"), ERR_BAD);
    assert_err(scan_check("host:0"), ERR_BAD);
    assert_err(scan_check("host:99999"), ERR_BAD);
}

/* Nothing listens there: what then is said by the configuration. */
static void scanner_down(void **state)
{
    struct test *t = test_begin();
    const char *path = file_of(t, "text", 4), *result;

    (void)state;
    t->app->config.scanner = arena_printf(t->arena, "unix:%s/no-scanner", store_folder());
    assert_err(scan_file(t->w, path, "a.txt", &result), ERR_BUSY);
    login(t, "isms-manager");
    attach(t, "a.txt", "text", 4);
    visit(t, METHOD_POST, "/o/acme/evidence", "kind=file");
    expect_status(t, 503);
    expect_text(t, "virus scanner does not answer");
    t->app->config.scanner_optional = true;
    attach(t, "a.txt", "text", 4);
    visit(t, METHOD_POST, "/o/acme/evidence", "kind=file");
    expect_status(t, 303);
    visit(t, METHOD_GET, arena_str(t->arena, header(t, "Location")), NULL);
    expect_text(t, "not scanned");
    test_end(t);
}

const struct test_case blob_tests[] = {
    TEST("a file is its SHA-256, stored once per organisation and never shared", by_content),
    TEST("storing the same bytes again mends what lay there", heals),
    TEST("bytes that nothing names go after a day, named and young ones stay", cleans),
    TEST("a missing or altered file is found by verify", verified),
    TEST("limits of file, person and organisation refuse with a sentence, others go on", limits),
    TEST("what is too large is refused at its head, before a byte is read", refused_early),
    TEST("the type of a file is told by its content", kinds),
    TEST("an upload goes on where it stopped, and takes no byte too many", goes_on),
    TEST("an upload belongs to the one who began it", own_uploads),
    TEST("an upload ends after a day", ends_after_a_day),
    TEST("an upload without name or size is refused", odd_wishes),
    TEST("files may lie in the database, up to 16 MB", in_the_database),
    TEST("the place of the scanner is checked", scanner_names),
    TEST("while the scanner does not answer no file is taken, unless it is optional", scanner_down),
    TEST_END,
};
