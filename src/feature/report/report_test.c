/* SPDX-License-Identifier: Apache-2.0 */
/* Reports: each in each format and for each reader, refusals, in the background, by API and command
 * line. Through the whole program. */
#include "feature/report/report.h"

#include <string.h>
#include <zip.h>

#include "base/text.h"
#include "core/job.h"
#include "feature/report/report_part.h"
#include "visit.h"

static void make_risk(struct test *t, const char *title, i64 level)
{
    api(t, "isms-manager", METHOD_POST, "/api/v1/risks",
        arena_printf(t->arena,
                     "{\"title\":\"%s\",\"owner\":\"%lld\",\"properties\":\"c\","
                     "\"inherent_likelihood\":%lld,\"inherent_impact\":%lld}",
                     title, person_of(t, "risk-owner"), level, level));
    expect_status(t, 201);
}

/* A risk with a treatment and an action that is late. */
static void make_world(struct test *t)
{
    make_risk(t, "Tablet <is> stolen & sold", 4);
    api(t, "isms-manager", METHOD_POST, "/api/v1/treatments",
        "{\"title\":\"Encrypt\",\"risk\":\"R-1\",\"option\":\"avoid\",\"activity\":\"Tablets\","
        "\"ended_on\":\"2027-01-01\",\"description\":\"No tablets any more\"}");
    expect_status(t, 201);
    api(t, "isms-manager", METHOD_POST, "/api/v1/actions",
        "{\"title\":\"Sell them\",\"treatment\":\"T-1\",\"due\":\"2026-01-05\","
        "\"budget\":\"1250.50\"}");
    expect_status(t, 201);
}

static void get(struct test *t, const char *name, const char *format, const char *reader)
{
    visit(t, METHOD_GET,
          arena_printf(t->arena, "/o/acme/reports/make?report=%s&format=%s&for=%s", name, format,
                       reader),
          NULL);
}

static void expect_file(struct test *t, const char *format)
{
    struct bytes b = answer_bytes(t);

    expect_status(t, 200);
    assert_true(b.size > 1000);
    assert_memory_equal(b.data, text_equal(format, "pdf") ? "%PDF" : "PK\3\4", 4);
    assert_contains(header(t, "Content-Disposition"), format);
}

static void every_report(void **state)
{
    static const char *const formats[] = {"pdf", "docx", "xlsx"};
    static const char *const readers[] = {"management", "auditor"};
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    for (int full = 0; full < 2; full++) {
        for (const struct report_kind *k = report_kinds; k->name; k++)
            for (size_t f = 0; f < COUNT_OF(formats); f++)
                for (size_t i = full ? 0 : 1; i < COUNT_OF(readers); i++) {
                    get(t, k->register_ ? "register-risks" : k->name, formats[f], readers[i]);
                    expect_file(t, formats[f]);
                }
        if (!full)
            make_world(t);
        login(t, "isms-manager");
    }
    test_end(t);
}

/* The text of a packed document. */
static const char *document_of(struct test *t, struct bytes b)
{
    zip_error_t failed;
    zip_source_t *source;
    zip_file_t *file;
    zip_stat_t st;
    zip_t *zip;
    char *text;

    zip_error_init(&failed);
    source = zip_source_buffer_create(b.data, b.size, 0, &failed);
    assert_non_null(source);
    zip = zip_open_from_source(source, ZIP_RDONLY, &failed);
    assert_non_null(zip);
    zip_stat_init(&st);
    assert_int_equal(zip_stat(zip, "word/document.xml", 0, &st), 0);
    text = arena_alloc(t->arena, st.size + 1);
    file = zip_fopen(zip, "word/document.xml", 0);
    assert_int_equal(zip_fread(file, text, st.size), st.size);
    text[st.size] = '\0';
    zip_fclose(file);
    zip_discard(zip);
    zip_error_fini(&failed);
    return text;
}

/* What a report says, as text. */
static bool paper_says(struct test *t, const char *name, const char *text)
{
    get(t, name, "docx", "auditor");
    expect_file(t, "docx");
    return strstr(document_of(t, answer_bytes(t)), text) != NULL;
}

static void what_it_says(void **state)
{
    struct test *t = test_begin();

    (void)state;
    make_world(t);
    login(t, "isms-manager");
    assert_true(paper_says(t, "risk-assessment", "Tablet &lt;is&gt; stolen &amp; sold"));
    assert_true(paper_says(t, "treatment-plan", "AC-1 Sell them"));
    assert_true(paper_says(t, "treatment-plan", "1,250.50"));
    assert_true(paper_says(t, "register-actions", "Sell them"));
    assert_true(paper_says(t, "risks-by-owner", "Tablet"));
    test_end(t);
}

static void two_pages(void **state)
{
    struct test *t = test_begin();
    struct report_file file;
    struct report r;

    (void)state;
    for (int i = 0; i < 14; i++)
        make_risk(t, arena_printf(t->arena, "Risk with a title that needs some room, %d", i), 4);
    assert_ok(report_find(t->w, "risk-assessment", &r));
    assert_ok(report_asked(&r, "pdf", "management"));
    assert_ok(report_make(&r, &file));
    assert_int_equal(r.pages, 2);
    assert_ok(report_find(t->w, "risk-assessment", &r));
    assert_ok(report_asked(&r, "pdf", "auditor"));
    assert_ok(report_make(&r, &file));
    assert_true(r.pages > 5);
    test_end(t);
}

static void refusals(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    get(t, "horoscope", "pdf", "management");
    expect_status(t, 404);
    expect_text(t, "risk-assessment");
    get(t, "top-ten", "odt", "management");
    expect_status(t, 400);
    get(t, "top-ten", "pdf", "competitors");
    expect_status(t, 400);
    visit(t, METHOD_GET, "/o/acme/reports/make?report=top-ten&asof=2026-01-01", NULL);
    expect_status(t, 400);
    expect_text(t, "A report shows today");
    login(t, "employee");
    get(t, "top-ten", "pdf", "management");
    expect_status(t, 403);
    visit(t, METHOD_GET, "/o/acme/reports", NULL);
    expect_status(t, 403);
    test_end(t);
}

static void in_background(void **state)
{
    struct test *t = test_begin();
    const char *address;

    (void)state;
    make_world(t);
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/reports/make", "report=treatment-plan&format=docx&for=auditor");
    expect_status(t, 303);
    address = arena_str(t->arena, header(t, "Location"));
    tick(t);
    visit(t, METHOD_GET, address, NULL);
    expect_text(t, "The report is ready");
    visit(t, METHOD_GET, arena_printf(t->arena, "%s/file", address), NULL);
    expect_file(t, "docx");
    test_end(t);
}

static void by_api(void **state)
{
    struct test *t = test_begin();

    (void)state;
    make_world(t);
    api(t, "isms-manager", METHOD_GET, "/api/v1/reports", NULL);
    expect_status(t, 200);
    expect_text(t, "register-risks");
    api(t, "isms-manager", METHOD_GET, "/api/v1/reports/top-ten?format=pdf", NULL);
    expect_file(t, "pdf");
    api(t, "isms-manager", METHOD_GET, "/api/v1/reports/nothing", NULL);
    expect_status(t, 404);
    api(t, "employee", METHOD_GET, "/api/v1/reports/top-ten", NULL);
    expect_status(t, 403);
    api(t, "isms-manager", METHOD_POST, "/api/v1/reports/top-ten?format=xlsx", NULL);
    expect_status(t, 202);
    assert_non_null(json_object_get(answer_json(t), "job"));
    test_end(t);
}

/* A report whose tables are cut after some rows, as DOCX text. */
static const char *cut_report(struct test *t, const char *name, const char *format, i64 limit)
{
    struct report_file file;
    struct report r;

    db_use_arena(t->w->db, t->arena);
    assert_ok(report_find(t->w, name, &r));
    assert_ok(report_asked(&r, format, "auditor"));
    assert_true(r.limit >= 20000); /* complete up to there */
    r.limit = limit;
    assert_ok(report_make(&r, &file));
    return document_of(t, file.bytes);
}

/* The cells of a table row after its name. */
static const char *row_after(struct test *t, const char *text, const char *name)
{
    const char *at = strstr(text, name);
    struct buf b;

    buf_init(&b, t->arena, 64);
    for (bool tag = false; at && *at && strncmp(at, "</w:tr>", 7) != 0; at++) {
        tag = *at == '<' ? true : tag;
        if (!tag)
            buf_printf(&b, "%c", *at);
        else if (!strncmp(at, "</w:tc>", 7))
            buf_str(&b, "|");
        tag = *at == '>' ? false : tag;
    }
    return b.data;
}

static void counts_what_remains(void **state)
{
    struct test *t = test_begin();

    (void)state;
    make_risk(t, "Untreated", 4);
    api(t, "isms-manager", METHOD_POST, "/api/v1/risks",
        "{\"title\":\"Treated\",\"properties\":\"c\",\"inherent_likelihood\":4,"
        "\"inherent_impact\":4,\"residual_likelihood\":2,\"residual_impact\":2}");
    expect_status(t, 201);
    login(t, "isms-manager");
    get(t, "risk-assessment", "docx", "management");
    expect_file(t, "docx");
    /* without controls, now, when the plan is done */
    assert_string_equal(row_after(t, document_of(t, answer_bytes(t)), "High"), "High|2|2|1|");
    test_end(t);
}

static void says_what_is_left_out(void **state)
{
    static const char *const names[] = {"register-risks", "risk-assessment", "heat-maps",
                                        "risks-by-owner"};
    struct test *t = test_begin();
    const char *text;

    (void)state;
    make_risk(t, "First", 4);
    make_risk(t, "Second", 3);
    make_risk(t, "Third", 2);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        text = cut_report(t, names[i], "docx", 2);
        assert_contains(text, "The first 2 of 3 rows are shown; 1 are left out.");
        assert_contains(text, "the export of the list as CSV all of them");
        text = cut_report(t, names[i], "docx", 3); /* as many as there are: nothing is missing */
        assert_null(strstr(text, "left out"));
    }
    test_end(t);
}

const struct test_case report_tests[] = {
    TEST("every report comes as PDF, DOCX and XLSX for both readers, also when there is nothing",
         every_report),
    TEST("a report says what is in the records, as text", what_it_says),
    TEST("the risk report has two pages for management and more for auditors", two_pages),
    TEST("unknown reports, formats, readers and past days are refused, and so is who may not",
         refusals),
    TEST("a report is made in the background and waits as a file", in_background),
    TEST("reports are listed, taken and started over the API", by_api),
    TEST("when the plan is done, a risk that nobody treats stays where it is", counts_what_remains),
    TEST("a report whose tables are cut says how many rows are left out and where they are",
         says_what_is_left_out),
    TEST_END,
};
