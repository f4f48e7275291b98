/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence, through the whole program. */
#include "feature/evidence/evidence.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypt.h"
#include "base/text.h"
#include "core/blob.h"
#include "core/convert.h"
#include "feature/organisation/organisation.h"
#include "feature/risk/risk.h"
#include "maker.h"

#define TEXT_FILE "Restored on 3 March.\nAll tables whole.\n"

static const char png[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x10\x08\2\0\0\0\x90\x91h6";

static i64 newest(struct test *t)
{
    return value(t, "select coalesce(max(id), 0) from evidence where org_id = $1", num(t->org));
}

static i64 number_of(struct test *t, i64 id)
{
    return value(t, "select number from evidence where org_id = $1 and id = $2", num(t->org),
                 num(id));
}

/* A risk of Acme that the risk owner owns. */
static i64 make_risk(struct test *t)
{
    struct inputs set = {.list = NEW(t->arena, struct input)};
    struct making m = {.org = t->org, .entity = &risk_entity};

    set.list[0] =
        (struct input){"owner", arena_printf(t->arena, "%lld", person_of(t, "risk-owner"))};
    set.count = 1;
    m.set = set;
    make_record(t, &m);
    return m.id;
}

/* A text file as evidence about a record. */
static i64 add_file(struct test *t, i64 record, const char *plural, const char *content)
{
    attach(t, "restore_test.txt", content, strlen(content));
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/%s/%lld/evidence", plural, record),
          "kind=file");
    expect_status(t, 303);
    return newest(t);
}

static const char *page_of(struct test *t, i64 id)
{
    return arena_printf(t->arena, "/o/acme/evidence/EV-%lld", number_of(t, id));
}

static const char *hash_of(struct test *t, const char *content)
{
    unsigned char hash[DIGEST_SIZE];

    crypt_sha256(content, strlen(content), hash);
    return crypt_hex(t->arena, hash, sizeof(hash));
}

static const char *stored_path(struct test *t, i64 org, const char *hash)
{
    return arena_printf(t->arena, "%s/blobs/%lld/%.2s/%s", t->app->config.dir, org, hash, hash);
}

static bool is_stored(struct test *t, i64 org, const char *hash)
{
    struct stat st;

    return stat(stored_path(t, org, hash), &st) == 0;
}

/* --- adding --- */

static void files_on_a_record(void **state)
{
    struct test *t = test_begin();
    i64 risk = make_risk(t), id;

    (void)state;
    login(t, "risk-owner");
    attach(t, "Restore_test.txt", TEXT_FILE, strlen(TEXT_FILE));
    attach(t, "C:\\pictures\\door.png", png, sizeof(png));
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/risks/%lld/evidence", risk), "kind=file");
    expect_status(t, 303);
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/risks/%lld?tab=evidence", risk), NULL);
    expect_text(t, "Restore test");
    expect_text(t, "door.png");
    expect_no_text(t, "pictures");
    expect_count(t, 2, "select count(*) from evidence_about where org_id = $1 and target = $2",
                 num(t->org), num(risk));
    id = newest(t);
    expect_count(t, 1,
                 "select count(*) from evidence where org_id = $1 and id = $2"
                 " and file_type = 'image/png' and owner = $3 and collected = $4",
                 num(t->org), num(id), num(person_of(t, "risk-owner")), str(t->w->today));
    assert_true(is_stored(t, t->org, hash_of(t, TEXT_FILE)));
    test_end(t);
}

static void expiry_is_work(void **state)
{
    struct test *t = test_begin();
    i64 risk = make_risk(t);
    const char *soon = date_add(t->arena, t->w->today, 0, 10),
               *later = date_add(t->arena, t->w->today, 0, 90);
    const char *address = arena_printf(t->arena, "/o/acme/risks/%lld/evidence", risk);

    (void)state;
    login(t, "risk-owner");
    visit(t, METHOD_POST, address,
          arena_printf(t->arena,
                       "kind=link&title=Restore+report&url=https%%3A%%2F%%2Fexample.com%%2Fa"
                       "&valid_until=%s",
                       soon));
    expect_status(t, 303);
    visit(t, METHOD_POST, address,
          arena_printf(t->arena,
                       "kind=link&title=Far+away&url=https%%3A%%2F%%2Fexample.com%%2Fb"
                       "&valid_until=%s",
                       later));
    visit(t, METHOD_GET, "/o/acme/work", NULL);
    expect_text(t, "Restore report");
    expect_no_text(t, "Far away");
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/calendar?view=agenda&month=%.7s", later),
          NULL);
    expect_text(t, "Far away");
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/work", NULL);
    expect_no_text(t, "Restore report");
    test_end(t);
}

static void links_and_notes(void **state)
{
    struct test *t = test_begin();
    i64 risk = make_risk(t);
    const char *address = arena_printf(t->arena, "/o/acme/risks/%lld/evidence", risk);

    (void)state;
    login(t, "risk-owner");
    visit(t, METHOD_POST, address, "kind=link&title=Wiki&url=javascript:alert(1)");
    expect_status(t, 422);
    expect_text(t, "beginning with https://");
    visit(t, METHOD_POST, address, "kind=note&title=Lock&reason=");
    expect_status(t, 422);
    expect_text(t, "Say why no document is needed");
    visit(t, METHOD_POST, address, "kind=file&title=Nothing");
    expect_status(t, 422);
    expect_text(t, "Choose the file");
    expect_count(t, 0, "select count(*) from evidence where org_id = $1", num(t->org));
    visit(t, METHOD_POST, address, "kind=link&title=Wiki&url=https://wiki.example.com/a");
    expect_status(t, 303);
    visit(t, METHOD_POST, address, "kind=note&title=Lock&reason=Anybody+sees+it");
    expect_status(t, 303);
    visit(t, METHOD_GET, page_of(t, newest(t)), NULL);
    expect_text(t, "Anybody sees it");
    test_end(t);
}

static void used_for_several(void **state)
{
    struct test *t = test_begin();
    i64 first = make_risk(t), second = make_risk(t), id;

    (void)state;
    login(t, "risk-owner");
    id = add_file(t, first, "risks", TEXT_FILE);
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/risks/%lld/evidence", second),
          arena_printf(t->arena, "existing=EV-%lld", number_of(t, id)));
    expect_status(t, 303);
    expect_count(t, 1, "select count(*) from evidence where org_id = $1", num(t->org));
    expect_count(t, 2, "select count(*) from evidence_about where org_id = $1 and record = $2",
                 num(t->org), num(id));
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/risks/%lld/evidence/detach", first),
          arena_printf(t->arena, "evidence=EV-%lld", number_of(t, id)));
    expect_status(t, 303);
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/risks/%lld?tab=evidence", first), NULL);
    expect_text(t, "No evidence here yet");
    visit(t, METHOD_GET, page_of(t, id), NULL);
    expect_text(t, arena_printf(t->arena, "R-%lld",
                                value(t, "select number from risk where org_id = $1 and id = $2",
                                      num(t->org), num(second))));
    test_end(t);
}

/* --- versions --- */

static void versions_stay(void **state)
{
    struct test *t = test_begin();
    i64 id;

    (void)state;
    login(t, "isms-manager");
    id = add_file(t, make_risk(t), "risks", "first");
    attach(t, "second.txt", "second", 6);
    visit(t, METHOD_POST, arena_printf(t->arena, "%s/file", page_of(t, id)),
          "_version=1&_reason=renewed");
    expect_status(t, 303);
    visit(t, METHOD_GET, page_of(t, id), NULL);
    expect_text(t, hash_of(t, "first"));
    expect_text(t, hash_of(t, "second"));
    visit(t, METHOD_GET, arena_printf(t->arena, "%s/file", page_of(t, id)), NULL);
    assert_string_equal((const char *)answer_bytes(t).data, "second");
    visit(t, METHOD_GET, arena_printf(t->arena, "%s/file?version=1", page_of(t, id)), NULL);
    assert_string_equal((const char *)answer_bytes(t).data, "first");
    visit(t, METHOD_GET, arena_printf(t->arena, "%s/file?version=3", page_of(t, id)), NULL);
    expect_status(t, 404);
    attach(t, "third.txt", "third", 5);
    visit(t, METHOD_POST, arena_printf(t->arena, "%s/file", page_of(t, id)), "_version=1");
    expect_status(t, 409);
    expect_text(t, "Somebody else changed this evidence");
    test_end(t);
}

/* --- who sees it --- */

static void seen_with_its_record(void **state)
{
    static const char *const ends[] = {"", "/file", "/file?version=1"};
    struct test *t = test_begin();
    struct making m = {.org = t->org, .entity = &unit_entity};
    i64 id, hidden;

    (void)state;
    make_record(t, &m);
    login(t, "isms-manager");
    id = add_file(t, m.id, "units", TEXT_FILE); /* employees see units */
    hidden = add_file(t, make_risk(t), "risks", "another");
    login(t, "employee");
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        visit(t, METHOD_GET, arena_printf(t->arena, "%s%s", page_of(t, id), ends[i]), NULL);
        expect_status(t, 200);
        visit(t, METHOD_GET, arena_printf(t->arena, "%s%s", page_of(t, hidden), ends[i]), NULL);
        expect_status(t, 404);
    }
    api(t, "employee", METHOD_GET, arena_printf(t->arena, "/api/v1/evidence/%lld/content", hidden),
        NULL);
    expect_status(t, 404);
    api(t, "employee", METHOD_GET, arena_printf(t->arena, "/api/v1/evidence/%lld/content", id),
        NULL);
    expect_status(t, 200);
    /* who only sees it does not change it */
    visit(t, METHOD_GET, arena_printf(t->arena, "%s/edit", page_of(t, id)), NULL);
    expect_status(t, 404);
    login(t, "other-admin");
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/other/evidence/%lld/file", id), NULL);
    expect_status(t, 404);
    login(t, "external-auditor");
    visit(t, METHOD_GET, arena_printf(t->arena, "%s/file", page_of(t, hidden)), NULL);
    expect_status(t, 200);
    test_end(t);
}

static void employees_add(void **state)
{
    struct test *t = test_begin();
    struct making m = {.org = t->org, .entity = &unit_entity};
    i64 risk = make_risk(t), id;

    (void)state;
    make_record(t, &m);
    login(t, "employee");
    attach(t, "a.txt", "a", 1);
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/risks/%lld/evidence", risk), "kind=file");
    expect_status(t, 404);
    id = add_file(t, m.id, "units", TEXT_FILE);
    visit(t, METHOD_GET, arena_printf(t->arena, "%s/edit", page_of(t, id)), NULL);
    expect_status(t, 200);
    login(t, "external-auditor");
    attach(t, "a.txt", "a", 1);
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/units/%lld/evidence", m.id), "kind=file");
    expect_status(t, 403);
    test_end(t);
}

/* --- delivery --- */

static void nothing_runs(void **state)
{
    static const struct {
        const char *name, *content;
        size_t size;
    } hostile[] = {
        {"page.html",   "<html><script>alert(1)</script></html>",                      38},
        {"picture.svg", "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", 59},
        {"picture.png", "<html><script>alert(1)</script></html>",                      38},
        {"gif.html",    "GIF89a/*\1\0\1\0\0*/=1;alert(1)",                             26},
        {"doc.pdf",     "%PDF-1.4 <script>alert(1)</script>",                          34},
    };
    struct test *t = test_begin();
    i64 risk = make_risk(t);

    (void)state;
    login(t, "isms-manager");
    for (size_t i = 0; i < COUNT_OF(hostile); i++) {
        attach(t, hostile[i].name, hostile[i].content, hostile[i].size);
        visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/risks/%lld/evidence", risk),
              "kind=file");
        expect_status(t, 303);
        visit(t, METHOD_GET, page_of(t, newest(t)), NULL);
        expect_status(t, 200);
        expect_no_text(t, "<script>alert");
        expect_no_text(t, "<svg xmlns='http://www.w3.org/2000/svg' onload");
        visit(t, METHOD_GET, arena_printf(t->arena, "%s/file", page_of(t, newest(t))), NULL);
        expect_status(t, 200);
        assert_contains(header(t, "Content-Disposition"), "attachment");
        assert_contains(header(t, "Content-Security-Policy"), "sandbox");
        assert_string_equal(header(t, "X-Content-Type-Options"), "nosniff");
        assert_null(strstr(t->r->response.type, "html"));
        assert_null(strstr(t->r->response.type, "svg"));
        visit(t, METHOD_GET, arena_printf(t->arena, "%s/view", page_of(t, newest(t))), NULL);
        if (text_equal(hostile[i].name, "gif.html")) {
            assert_string_equal(t->r->response.type, "image/gif");
            assert_contains(header(t, "Content-Security-Policy"), "sandbox");
        } else {
            expect_status(t, 404);
        }
    }
    test_end(t);
}

static void previews(void **state)
{
    struct test *t = test_begin();
    i64 risk = make_risk(t);
    struct buf b;

    (void)state;
    login(t, "isms-manager");
    add_file(t, risk, "risks", "a < b & \"c\"\n");
    visit(t, METHOD_GET, page_of(t, newest(t)), NULL);
    expect_text(t, "a &lt; b &amp; &quot;c&quot;");
    buf_init(&b, t->arena, 100);
    buf_str(&b, "Name;Value\n");
    for (int i = 0; i < 500; i++)
        buf_printf(&b, "<b>row %d</b>;%d\n", i, i);
    attach(t, "list.csv", b.data, b.size);
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/risks/%lld/evidence", risk), "kind=file");
    visit(t, METHOD_GET, page_of(t, newest(t)), NULL);
    expect_text(t, "<td>&lt;b&gt;row 199&lt;/b&gt;</td>");
    expect_no_text(t, "row 200&lt;");
    attach(t, "door.png", png, sizeof(png));
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/risks/%lld/evidence", risk), "kind=file");
    visit(t, METHOD_GET, page_of(t, newest(t)), NULL);
    expect_text(t, "<img class='file-picture'");
    test_end(t);
}

static void odd_names(void **state)
{
    static const char *const names[] = {"../../etc/passwd", "a\"b';<x>.txt", "=cmd|' /C calc'!A0",
                                        "\xe2\x80\xaegpj.exe"};
    struct test *t = test_begin();
    i64 risk = make_risk(t);

    (void)state;
    login(t, "isms-manager");
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        attach(t, names[i], "text", 4);
        visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/risks/%lld/evidence", risk),
              "kind=file");
        expect_status(t, 303);
        visit(t, METHOD_GET, page_of(t, newest(t)), NULL);
        expect_status(t, 200);
        expect_no_text(t, "<x>");
        expect_no_text(t, "../");
        visit(t, METHOD_GET, arena_printf(t->arena, "%s/file", page_of(t, newest(t))), NULL);
        expect_status(t, 200);
        assert_null(strstr(header(t, "Content-Disposition"), "../"));
    }
    attach(t, "empty.txt", "", 0);
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/risks/%lld/evidence", risk), "kind=file");
    expect_status(t, 422);
    expect_text(t, "The file is empty");
    test_end(t);
}

static void ranges(void **state)
{
    static const struct {
        const char *range, *part, *says;
        int status;
    } cases[] = {
        {"bytes=0-3",     "0123",       "bytes 0-3/10", 206},
        {"bytes=7-",      "789",        "bytes 7-9/10", 206},
        {"bytes=-2",      "89",         "bytes 8-9/10", 206},
        {"bytes=5-99",    "56789",      "bytes 5-9/10", 206},
        {"bytes=10-",     "",           "bytes */10",   416},
        {"bytes=-0",      "",           "bytes */10",   416},
        {"bytes=3-1",     "0123456789", NULL,           200},
        {"bytes=0-1,3-4", "0123456789", NULL,           200},
        {"pages=1-2",     "0123456789", NULL,           200},
        {"bytes=x-y",     "0123456789", NULL,           200},
        {"bytes=1-2-3",   "0123456789", NULL,           200},
    };
    struct test *t = test_begin();
    const char *file, *etag;
    i64 id;

    (void)state;
    login(t, "isms-manager");
    id = add_file(t, make_risk(t), "risks", "0123456789");
    file = arena_printf(t->arena, "%s/file", page_of(t, id));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        api_header(t, "Range", cases[i].range);
        visit(t, METHOD_GET, file, NULL);
        expect_status(t, cases[i].status);
        assert_string_equal((const char *)answer_bytes(t).data, cases[i].part);
        if (cases[i].says)
            assert_string_equal(header(t, "Content-Range"), cases[i].says);
    }
    etag = arena_str(t->arena, header(t, "ETag"));
    api_header(t, "If-None-Match", etag);
    visit(t, METHOD_GET, file, NULL);
    expect_status(t, 304);
    api_header(t, "Range", "bytes=0-3");
    api_header(t, "If-Range", "\"another\"");
    visit(t, METHOD_GET, file, NULL);
    expect_status(t, 200);
    test_end(t);
}

/* A document of one page, whose script would run when it is opened. */
static const char pdf[] =
    "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 "
    "R/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n"
    "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R>>endobj\n"
    "4 0 obj<</Length 30>>stream\n0.2 0.4 0.8 rg 20 20 60 40 re f\nendstream endobj\n"
    "trailer<</Root 1 0 R>>\n%%EOF\n";

static void pages_of_documents(void **state)
{
    struct test *t = test_begin();
    const char *page;

    (void)state;
    login(t, "isms-manager");
    attach(t, "report.pdf", pdf, sizeof(pdf) - 1);
    visit(t, METHOD_POST, "/o/acme/evidence", "kind=file");
    expect_status(t, 303);
    page = page_of(t, newest(t));
    visit(t, METHOD_GET, page, NULL);
    expect_status(t, 200);
    expect_no_text(t, "<object");
    expect_no_text(t, "<iframe");
    expect_no_text(t, "<embed");
    visit(t, METHOD_GET, arena_printf(t->arena, "%s/page?n=1", page), NULL);
    if (convert_pdf_there()) {
        expect_status(t, 200);
        assert_string_equal(t->r->response.type, "image/png");
        assert_memory_equal(answer_bytes(t).data, "\x89PNG", 4);
    } else {
        expect_status(t, 404);
    }
    visit(t, METHOD_GET, arena_printf(t->arena, "%s/page?n=2", page), NULL);
    expect_status(t, 404);
    attach(t, "broken.pdf", "%PDF-1.7 and nothing more", 25);
    visit(t, METHOD_POST, "/o/acme/evidence", "kind=file");
    visit(t, METHOD_GET, arena_printf(t->arena, "%s/page?n=1", page_of(t, newest(t))), NULL);
    assert_true(status(t) == 422 || status(t) == 404);
    test_end(t);
}

/* --- keeping it --- */

static void held_back(void **state)
{
    struct test *t = test_begin();
    const char *page;
    i64 id;

    (void)state;
    login(t, "isms-manager");
    id = add_file(t, make_risk(t), "risks", TEXT_FILE);
    page = page_of(t, id);
    login(t, "risk-owner");
    visit(t, METHOD_POST, arena_printf(t->arena, "%s/hold", page), "_version=1&hold=Claim");
    expect_status(t, 403);
    login(t, "isms-manager");
    visit(t, METHOD_POST, arena_printf(t->arena, "%s/hold", page),
          "_version=1&hold=Claim+of+Miller+Ltd");
    expect_status(t, 303);
    visit(t, METHOD_POST, arena_printf(t->arena, "%s/remove", page), "_version=2");
    expect_status(t, 409);
    expect_text(t, "Claim of Miller Ltd");
    api(t, "isms-manager", METHOD_DELETE, arena_printf(t->arena, "/api/v1/evidence/%lld", id),
        NULL);
    expect_status(t, 409);
    visit(t, METHOD_POST, arena_printf(t->arena, "%s/erase", page), "_version=2&_reason=x");
    expect_status(t, 409);
    visit(t, METHOD_POST, arena_printf(t->arena, "%s/hold", page), "_version=2&lifted=+");
    expect_status(t, 422);
    expect_text(t, "id='f-lifted-error'");
    visit(t, METHOD_POST, arena_printf(t->arena, "%s/hold", page), "_version=2&lifted=settled");
    expect_status(t, 303);
    visit(t, METHOD_POST, page, "_version=3&retention=2099-12-31");
    expect_status(t, 303);
    visit(t, METHOD_POST, arena_printf(t->arena, "%s/remove", page), "_version=4");
    expect_status(t, 409);
    expect_text(t, "2099-12-31");
    visit(t, METHOD_POST, page, "_version=4&retention=2020-01-01");
    expect_status(t, 422); /* shortening it has to say why */
    expect_text(t, "id='f-_reason-error'");
    visit(t, METHOD_POST, page, "_version=4&retention=2020-01-01&_reason=The+claim+is+settled");
    expect_status(t, 303);
    visit(t, METHOD_POST, arena_printf(t->arena, "%s/remove", page), "_version=5");
    expect_status(t, 303);
    expect_count(t, 0, "select count(*) from evidence where org_id = $1", num(t->org));
    test_end(t);
}

static void erased(void **state)
{
    struct test *t = test_begin();
    const char *page, *hash = hash_of(t, TEXT_FILE);
    i64 id;

    (void)state;
    login(t, "isms-manager");
    id = add_file(t, make_risk(t), "risks", TEXT_FILE);
    page = page_of(t, id);
    visit(t, METHOD_GET, arena_printf(t->arena, "%s/erase", page), NULL);
    expect_text(t, "cannot be undone");
    visit(t, METHOD_POST, arena_printf(t->arena, "%s/erase", page), "_version=1");
    expect_status(t, 422);
    visit(t, METHOD_POST, arena_printf(t->arena, "%s/erase", page), "_version=1&_reason=asked");
    expect_status(t, 303);
    visit(t, METHOD_GET, arena_printf(t->arena, "%s/file", page), NULL);
    expect_status(t, 410);
    visit(t, METHOD_GET, page, NULL);
    expect_text(t, "erased on purpose");
    expect_text(t, hash);
    assert_ok(blob_drop_erased(t->w));
    assert_false(is_stored(t, t->org, hash));
    assert_int_equal(log_count(t, t->org, "file.erased"), 1);
    attach(t, "again.txt", TEXT_FILE, strlen(TEXT_FILE));
    visit(t, METHOD_POST, "/o/acme/evidence", "kind=file");
    expect_status(t, 409);
    test_end(t);
}

/* --- the list, dates --- */

static void out_of_date(void **state)
{
    struct test *t = test_begin();
    i64 risk = make_risk(t);
    struct evidence_due *due;
    size_t n;

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/risks/%lld/evidence", risk),
          "kind=link&title=Old&url=https://a.example/&collected=2020-01-01&valid_until=2020-06-01");
    expect_status(t, 303);
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/risks/%lld/evidence", risk),
          "kind=link&title=Contract&url=https://b.example/&valid_until=2199-06-01");
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/evidence", NULL);
    expect_text(t, "<span class='late'><span class='text-nowrap'>2020-06-01</span> expired</span>");
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/evidence?valid_until.max=%s", t->w->today),
          NULL);
    expect_text(t, "Old");
    expect_no_text(t, "Contract");
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/evidence?about=%lld", risk), NULL);
    expect_text(t, "Contract");
    assert_ok(evidence_due(t->w, NULL, t->w->today, &due, &n));
    assert_int_equal(n, 1);
    assert_string_equal(due[0].title, "Old");
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/risks/%lld/evidence", risk),
          "kind=link&title=X&url=https://a.example/&collected=2026-01-02&valid_until=2026-01-01");
    expect_status(t, 422);
    test_end(t);
}

/* --- the API --- */

static const char *begin_upload(struct test *t, const char *role, const char *name, size_t size)
{
    api(t, role, METHOD_POST, "/api/v1/uploads",
        arena_printf(t->arena, "{\"filename\": \"%s\", \"size\": %zu}", name, size));
    expect_status(t, 201);
    return arena_str(t->arena, json_string_value(json_object_get(answer_json(t), "id")));
}

static void by_api(void **state)
{
    struct test *t = test_begin();
    i64 risk = make_risk(t);
    const char *id, *upload;
    json_t *made;

    (void)state;
    upload = begin_upload(t, "isms-manager", "report.txt", 10);
    attach_raw(t, 0, "01234", 5);
    api(t, "isms-manager", METHOD_PATCH, arena_printf(t->arena, "/api/v1/uploads/%s", upload),
        NULL);
    expect_status(t, 204);
    assert_string_equal(header(t, "Upload-Offset"), "5");
    api(t, "isms-manager", METHOD_POST, "/api/v1/evidence",
        arena_printf(t->arena, "{\"upload\": \"%s\"}", upload));
    expect_status(t, 422);
    expect_text(t, "5 of 10 bytes");
    attach_raw(t, 5, "56789", 5);
    api(t, "isms-manager", METHOD_PATCH, arena_printf(t->arena, "/api/v1/uploads/%s", upload),
        NULL);
    expect_status(t, 204);
    api(t, "isms-manager", METHOD_POST, "/api/v1/evidence",
        arena_printf(t->arena, "{\"upload\": \"%s\", \"about\": [\"%lld\"], \"nonsense\": 1}",
                     upload, risk));
    expect_status(t, 422);
    api(t, "isms-manager", METHOD_POST, "/api/v1/evidence",
        arena_printf(t->arena, "{\"upload\": \"%s\", \"about\": [\"%lld\"]}", upload, risk));
    expect_status(t, 201);
    made = answer_json(t);
    assert_string_equal(json_string_value(json_object_get(made, "file_hash")),
                        hash_of(t, "0123456789"));
    assert_string_equal(json_string_value(json_object_get(made, "title")), "report");
    assert_true(
        text_starts(json_string_value(json_array_get(json_object_get(made, "about"), 0)), "R-"));
    id = arena_str(t->arena, json_string_value(json_object_get(made, "id")));
    api(t, "isms-manager", METHOD_GET, arena_printf(t->arena, "/api/v1/evidence/%s/content", id),
        NULL);
    assert_string_equal((const char *)answer_bytes(t).data, "0123456789");
    upload = begin_upload(t, "isms-manager", "report 2.txt", 1);
    attach_raw(t, 0, "x", 1);
    api(t, "isms-manager", METHOD_PATCH, arena_printf(t->arena, "/api/v1/uploads/%s", upload),
        NULL);
    api_header(t, "If-Match", "\"1\"");
    api(t, "isms-manager", METHOD_PATCH, arena_printf(t->arena, "/api/v1/evidence/%s", id),
        arena_printf(t->arena, "{\"upload\": \"%s\"}", upload));
    expect_status(t, 200);
    api(t, "isms-manager", METHOD_GET, arena_printf(t->arena, "/api/v1/evidence/%s/files", id),
        NULL);
    assert_int_equal(json_array_size(json_object_get(answer_json(t), "items")), 2);
    expect_count(t, 0, "select count(*) from upload where org_id = $1", num(t->org));
    test_end(t);
}

const struct test_case evidence_tests[] = {
    TEST("evidence that runs out soon is work of its owner, and its day stands in the calendar",
         expiry_is_work),
    TEST("files are added to a record, several at once, with the type that their content has",
         files_on_a_record),
    TEST("a link needs an address, a note a reason, a file a file", links_and_notes),
    TEST("one piece of evidence shows something about several records", used_for_several),
    TEST("a new upload is a new version, and the old ones are kept and can be downloaded",
         versions_stay),
    TEST("evidence is seen by who may read it or sees one of its records, on every route",
         seen_with_its_record),
    TEST("employees add evidence to what they see, auditors add none", employees_add),
    TEST("whatever a file holds, it is delivered so that nothing in it runs", nothing_runs),
    TEST("text, tables and pictures are shown, escaped and in part", previews),
    TEST("pages of a PDF are drawn as pictures; no document is opened inside a page",
         pages_of_documents),
    TEST("names are data: paths, markup and formulas in them do nothing; empty files are refused",
         odd_names),
    TEST("parts of a file are delivered as RFC 9110 says", ranges),
    TEST("legal hold and retention keep evidence from being removed, with the reason", held_back),
    TEST("an erased file is gone for good, and its hash and the reason stay", erased),
    TEST("evidence that is out of date is shown as late and found for reminders", out_of_date),
    TEST("the API takes files piece by piece and gives them back with their versions", by_api),
    TEST_END,
};
