/* SPDX-License-Identifier: Apache-2.0 */
/* Imports as pages and over the API: what a person sees, decides, and can take back. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/convert_fixture.h"
#include "core/import_record.h"
#include "feature/asset/asset.h"
#include "feature/organisation/organisation.h"
#include "visit.h"

extern const struct test_case import_page_tests[];

#define UNITS "/o/acme/units/import"
#define ASSETS "/o/acme/assets/import"

/* Sends a file and follows to the page of it; gives that page's address. */
static const char *send_bytes(struct test *t, const char *target, const char *name,
                              struct bytes data)
{
    const char *address;

    attach(t, name, data.data, data.size);
    visit(t, METHOD_POST, target, NULL);
    expect_status(t, 303);
    address = arena_str(t->arena, header(t, "Location"));
    visit(t, METHOD_GET, address, NULL);
    expect_status(t, 200);
    return address;
}

static const char *send(struct test *t, const char *target, const char *name, const char *text)
{
    return send_bytes(t, target, name, (struct bytes){(const unsigned char *)text, strlen(text)});
}

static void post(struct test *t, const char *address, const char *more, const char *form)
{
    visit(t, METHOD_POST, arena_printf(t->arena, "%s%s", address, more), form);
}

static i64 units(struct test *t)
{
    return value(t, "select count(*) from unit where org_id = $1", num(t->org));
}

static void shown_before_written(void **state)
{
    struct test *t = test_begin();
    const char *page;

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_GET, UNITS, NULL);
    expect_status(t, 200);
    expect_text(t, "multipart/form-data");
    visit(t, METHOD_GET, UNITS "?template=1", NULL);
    expect_text(t, "number,name,");
    page = send(t, UNITS, "a.csv", "name;colour\n<b>Sales</b>;red\n");
    expect_text(t, "&lt;b&gt;Sales&lt;/b&gt;");
    expect_no_text(t, "<b>Sales");
    expect_text(t, "1 column is not known");
    expect_text(t, "Read as CSV in UTF-8, cells separated by semicolon, column names in row 1.");
    assert_int_equal(units(t), 0);
    post(t, page, "/run", "mode=all");
    expect_status(t, 303);
    assert_int_equal(units(t), 0);
    post(t, page, "", "columns=2&map.0=name&map.1=-");
    expect_status(t, 303);
    visit(t, METHOD_GET, page, NULL);
    expect_text(t, "Import 1 row");
    post(t, page, "/run", "mode=all");
    expect_status(t, 303);
    assert_string_equal(header(t, "Location"), "/o/acme/imports/IM-1");
    assert_int_equal(units(t), 1);
    visit(t, METHOD_GET, page, NULL);
    expect_text(t, "The rows are imported.");
    post(t, page, "/run", "mode=all");
    expect_status(t, 303);
    assert_int_equal(units(t), 1);
    expect_count(t, 1, "select count(*) from import where org_id = $1", num(t->org));
    test_end(t);
}

static void wrong_rows_are_a_choice(void **state)
{
    struct test *t = test_begin();
    const char *page;

    (void)state;
    login(t, "isms-manager");
    page = send(t, UNITS, "a.csv", "name\nSales\nSales\nIT\n");
    expect_text(t, "is already in row 2 of this file");
    expect_text(t, "Not possible: 1 row is wrong.");
    post(t, page, "/run", "mode=all");
    assert_int_equal(units(t), 0);
    post(t, page, "/run", "mode=good");
    expect_status(t, 303);
    assert_int_equal(units(t), 2);
    test_end(t);
}

/* What every row lacks stands above, with the way to mend it; a row tells it once and names no
 * column twice. */
static void lacks_are_said_once(void **state)
{
    struct test *t = test_begin();
    const char *page;

    (void)state;
    login(t, "isms-manager");
    page = send(t, "/o/acme/assets/import", "a.csv", "name;owner\nA;Nobody Here\nB;\nC;\n");
    expect_text(t, "No column of the file gives “Type”, which a new record needs (3 rows).");
    expect_text(t, "href='#f-set-type'>Mend it</a>");
    expect_text(t, "3 rows are wrong without it.");
    expect_text(t, "<div class='field-error'>Type: no column gives it.</div>");
    expect_text(t, "<div class='field-error'>Owner: there is no person “Nobody Here”.");
    expect_no_text(t, "Type is missing");
    post(t, page, "", "columns=2&map.0=name&map.1=-&set.type=laptop");
    visit(t, METHOD_GET, page, NULL);
    expect_no_text(t, "which a new record needs");
    expect_text(t, "Import 3 rows");
    test_end(t);
}

static void rows_are_shown_by_what_happens(void **state)
{
    struct test *t = test_begin();
    const char *page;
    struct buf b;

    (void)state;
    login(t, "isms-manager");
    page = send(t, UNITS, "a.csv", "name,note\nSales,old\nIT,same\n");
    post(t, page, "/run", "mode=all");
    buf_init(&b, t->arena, 4096);
    buf_str(&b, "name,note\nSales,new\nIT,same\n");
    for (int i = 0; i < 60; i++)
        buf_printf(&b, "Unit %d,\n", i);
    page = send(t, UNITS, "b.csv", b.data);
    expect_text(t, "62 rows: 60 would be created, 1 changed, 1 stay as they are, 0 are wrong.");
    visit(t, METHOD_GET, arena_printf(t->arena, "%s?show=change", page), NULL);
    expect_text(t, "<del class='was'>old</del>");
    expect_text(t, "<ins class='now'>new</ins>");
    expect_no_text(t, "Unit 1<");
    visit(t, METHOD_GET, arena_printf(t->arena, "%s?show=create", page), NULL);
    expect_text(t, "Unit 49<");
    expect_no_text(t, "Unit 50<");
    expect_text(t, "after=53&amp;show=create#rows");
    visit(t, METHOD_GET, arena_printf(t->arena, "%s?show=create&after=53", page), NULL);
    expect_text(t, "Unit 50<");
    expect_text(t, "Unit 59<");
    visit(t, METHOD_GET, arena_printf(t->arena, "%s?after=x", page), NULL);
    expect_status(t, 400);
    test_end(t);
}

static void an_import_can_be_undone(void **state)
{
    struct test *t = test_begin();
    const char *page;

    (void)state;
    login(t, "isms-manager");
    page = send(t, UNITS, "a.csv", "name,note\nSales,old\n");
    post(t, page, "/run", "mode=all");
    page = send(t, UNITS, "b.csv", "name,note\nSales,new\nIT,a\nHR,b\n");
    post(t, page, "/run", "mode=all");
    assert_string_equal(header(t, "Location"), "/o/acme/imports/IM-2");
    visit(t, METHOD_GET, "/o/acme/imports/IM-2", NULL);
    expect_status(t, 200);
    expect_text(t, "3 records are as the import left them");
    expect_text(t, "b.csv");
    visit(t, METHOD_POST, "/o/acme/units/U-2", "name=IT&note=mine&_version=1");
    expect_status(t, 303);
    visit(t, METHOD_POST, "/o/acme/imports/IM-2/undo", NULL);
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/imports/IM-2", NULL);
    expect_text(t, "This import was undone.");
    expect_text(t, "1 records removed, 1 changed back. Not taken back: 1.");
    expect_text(t, "It was changed since; those changes would be lost.");
    expect_count(t, 1,
                 "select count(*) from unit where org_id = $1 and name = 'Sales' and note = "
                 "'old'",
                 num(t->org));
    expect_count(t, 1, "select count(*) from unit where org_id = $1 and note = 'mine'",
                 num(t->org));
    assert_int_equal(units(t), 2);
    visit(t, METHOD_POST, "/o/acme/imports/IM-2/undo", NULL);
    expect_status(t, 409);
    visit(t, METHOD_GET, "/o/acme/imports", NULL);
    expect_status(t, 200);
    expect_text(t, "Undone");
    test_end(t);
}

static void what_is_referred_to_stays(void **state)
{
    struct test *t = test_begin();
    const char *page;

    (void)state;
    login(t, "isms-manager");
    page = send(t, UNITS, "a.csv", "name,parent\nSub,Main\nMain,\nOther,\n");
    post(t, page, "/run", "mode=all");
    assert_int_equal(units(t), 3);
    visit(t, METHOD_POST, "/o/acme/units", "name=Mine&parent=U-3");
    expect_status(t, 303);
    visit(t, METHOD_POST, "/o/acme/imports/IM-1/undo", NULL);
    expect_status(t, 303);
    expect_count(t, 2, "select count(*) from unit where org_id = $1", num(t->org));
    visit(t, METHOD_GET, "/o/acme/imports/IM-1", NULL);
    expect_text(t, "2 records removed, 0 changed back. Not taken back: 1.");
    expect_text(t, "U-4 refers to it");
    test_end(t);
}

static void words_get_a_meaning(void **state)
{
    struct test *t = test_begin();
    const char *page;

    (void)state;
    login(t, "isms-manager");
    page = send(t, ASSETS, "a.csv",
                "Bezeichnung;Typ;Status;Vertraulichkeit\nWiki;saas-office;in Betrieb;hoch\n"
                "Mail;saas-office;halb;3 - mittel\n");
    expect_text(t, "in Betrieb");
    expect_text(t, "State cannot be “halb”");
    expect_text(t, "1 would be created");
    post(t, page, "",
         "columns=4&map.0=name&map.1=type&map.2=state&map.3=c&val.2.0=in-use&val.2.1=retired");
    visit(t, METHOD_GET, page, NULL);
    expect_text(t, "2 would be created");
    post(t, page, "/run", "mode=all");
    expect_count(t, 1,
                 "select count(*) from asset where org_id = $1 and name = 'Wiki' and state = "
                 "'in-use' and c = 4",
                 num(t->org));
    expect_count(t, 1,
                 "select count(*) from asset where org_id = $1 and name = 'Mail' and state = "
                 "'retired' and c = 3",
                 num(t->org));
    /* The next file with these headings needs no word. */
    page = send(t, ASSETS, "b.csv",
                "Typ;Status;Vertraulichkeit;Bezeichnung\nsaas-office;halb;hoch;Chat\n");
    expect_text(t, "Matched as in the import of");
    expect_text(t, "1 would be created");
    test_end(t);
}

static void unknown_people_are_offered(void **state)
{
    struct test *t = test_begin();
    const char *page;

    (void)state;
    login(t, "isms-manager");
    page = send(t, ASSETS, "a.csv",
                "name,type,state,owner\n"
                "Wiki,saas-office,in-use,Ann Lee (IT) <ann@acme.test>\n"
                "Mail,saas-office,in-use,Ann Lee (IT) <ann@acme.test>\n"
                "Chat,saas-office,in-use,Bo\n");
    expect_text(t, "People that are not known here");
    expect_text(t, "value='Ann Lee'");
    expect_text(t, "value='ann@acme.test'");
    post(t, page, "/records",
         "kind=person&new.0=1&name.0=Ann+Lee&mail.0=ann%40acme.test"
         "&new.1=1&name.1=Bo+Ek&mail.1=");
    expect_status(t, 303);
    expect_count(t, 2,
                 "select count(*) from person where org_id = $1 and name in ('Ann Lee',"
                 " 'Bo Ek')",
                 num(t->org));
    visit(t, METHOD_GET, page, NULL);
    expect_text(t, "3 would be created");
    post(t, page, "/run", "mode=all");
    expect_count(t, 1,
                 "select count(*) from asset a join person p on p.org_id = a.org_id and p.id ="
                 " a.owner where a.org_id = $1 and a.name = 'Chat' and p.name = 'Bo Ek'",
                 num(t->org));
    test_end(t);
}

static void unknown_names_are_known(void **state)
{
    struct test *t = test_begin();
    const char *page;

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/people", "name=Nadia+Khan&email=nadia%40acme.test&state=active");
    page = send(t, ASSETS, "a.csv",
                "name,type,state,owner\n"
                "Wiki,saas-office,in-use,Nadia.Khan\n"
                "Mail,saas-office,in-use,The boss\n");
    expect_text(t, "Take those that are here");
    assert_contains(strstr(body(t), "name='is.0'"), "value='P-"); /* guessed */
    post(t, page, "/records", "kind=person&known=1&is.0=Nadia+Khan&is.1=Nobody+Known");
    expect_status(t, 422);
    expect_text(t, "there is no person");
    post(t, page, "/records", "kind=person&known=1&is.0=Nadia+Khan&is.1=");
    expect_status(t, 303);
    visit(t, METHOD_GET, page, NULL);
    expect_text(t, "1 would be created");
    post(t, page, "/records", "kind=person&known=1&is.0=Nadia+Khan");
    visit(t, METHOD_GET, page, NULL);
    expect_text(t, "2 would be created");
    post(t, page, "/run", "mode=all");
    expect_count(t, 2,
                 "select count(*) from asset a join person p on p.org_id = a.org_id and p.id ="
                 " a.owner where a.org_id = $1 and a.name in ('Wiki', 'Mail')"
                 " and p.name = 'Nadia Khan'",
                 num(t->org));
    expect_count(t, 1, "select count(*) from person where org_id = $1 and name = 'Nadia Khan'",
                 num(t->org));
    test_end(t);
}

static void unknown_names_are_left_empty(void **state)
{
    struct test *t = test_begin();
    const char *page;

    (void)state;
    login(t, "isms-manager");
    page = send(t, ASSETS, "a.csv",
                "name,type,state,owner\n"
                "Wiki,saas-office,in-use,Nobody At All\n"
                "Mail,saas-office,in-use,Ghost\n");
    expect_text(t, "Leave the ticked ones empty");
    post(t, page, "/records", "kind=person&empty=1&new.0=1");
    expect_status(t, 303);
    visit(t, METHOD_GET, page, NULL);
    expect_text(t, "1 would be created");
    post(t, page, "/records", "kind=person&empty=1&new.0=1");
    visit(t, METHOD_GET, page, NULL);
    expect_text(t, "2 would be created");
    post(t, page, "/run", "mode=all");
    expect_count(t, 2,
                 "select count(*) from asset where org_id = $1 and name in ('Wiki', 'Mail')"
                 " and owner is null",
                 num(t->org));
    expect_count(t, 0, "select count(*) from person where org_id = $1 and name = 'Ghost'",
                 num(t->org));
    test_end(t);
}

static void evidence_in_a_list_has_another_kind(void **state)
{
    struct test *t = test_begin();
    const char *page;

    (void)state;
    login(t, "isms-manager");
    page = send(t, "/o/acme/evidence/import", "e.csv",
                "title,url,owner\nRestore test,https://wiki.example.com/restore,\n");
    expect_text(t, "For what has none choose another kind");
    expect_text(t, "Kind of all new rows");
    post(t, page, "", "columns=3&map.0=title&map.1=url&map.2=owner&set.kind=link");
    visit(t, METHOD_GET, page, NULL);
    expect_text(t, "1 would be created");
    visit(t, METHOD_GET, "/o/acme/imports", NULL);
    expect_no_text(t, "/o/acme/imports/import");
    test_end(t);
}

static void the_copy_says_what_is_wrong(void **state)
{
    struct test *t = test_begin();
    const char *page;

    (void)state;
    login(t, "isms-manager");
    page = send(t, ASSETS, "list.csv", "name,type,state\nWiki,saas-office,in-use\n=1+1,,odd\n");
    visit(t, METHOD_GET, arena_printf(t->arena, "%s/marked?format=csv", page), NULL);
    expect_status(t, 200);
    assert_contains(header(t, "Content-Disposition"), "list-marked.csv");
    assert_non_null(t->r->response.file);
    visit(t, METHOD_GET, arena_printf(t->arena, "%s/marked?format=xlsx&rows=wrong", page), NULL);
    expect_status(t, 200);
    assert_contains(header(t, "Content-Disposition"), "list-marked.xlsx");
    visit(t, METHOD_GET, arena_printf(t->arena, "%s/marked?format=pdf", page), NULL);
    expect_status(t, 400);
    test_end(t);
}

static void a_file_can_be_read_differently(void **state)
{
    struct test *t = test_begin();
    const char *page;

    (void)state;
    login(t, "isms-manager");
    page = send(t, UNITS, "a.csv", "name\nK\xC3\xB6ln\nK\xF6ln\n");
    expect_text(t, "1 character is not UTF-8");
    post(t, page, "", "columns=1&encoding=Windows-1252");
    visit(t, METHOD_GET, page, NULL);
    expect_text(t, "Read as CSV in Windows-1252");
    expect_text(t, "Köln");
    post(t, page, "", "columns=1&encoding=odd");
    visit(t, METHOD_GET, page, NULL);
    expect_text(t, "The encoding “odd” is not known.");
    page = send(t, UNITS, "b.csv", "PK\3\4broken and more of it to read");
    expect_text(t, "damaged and cannot be unpacked");
    page = send_bytes(t, UNITS, "c.xlsx", book_of(t->arena, "name|note\nIT|1"));
    expect_text(t, "Read as a workbook: sheet “One”");
    post(t, page, "/drop", NULL);
    expect_status(t, 303);
    visit(t, METHOD_GET, page, NULL);
    expect_status(t, 404);
    test_end(t);
}

static void files_are_personal(void **state)
{
    struct test *t = test_begin();
    const char *page;

    (void)state;
    login(t, "isms-manager");
    page = send(t, UNITS, "a.csv", "name\nSales\n");
    login(t, "top-management");
    visit(t, METHOD_GET, page, NULL);
    expect_status(t, 404);
    post(t, page, "/run", "mode=all");
    expect_status(t, 404);
    post(t, page, "", "columns=1&map.0=name");
    expect_status(t, 404);
    visit(t, METHOD_GET, arena_printf(t->arena, "%s/marked", page), NULL);
    expect_status(t, 404);
    login(t, "department-head");
    visit(t, METHOD_GET, UNITS, NULL);
    expect_status(t, 403);
    attach(t, "a.csv", "name\nX\n", 7);
    visit(t, METHOD_POST, UNITS, NULL);
    expect_status(t, 403);
    post(t, page, "/run", "mode=all");
    expect_status(t, 403);
    login(t, "isms-manager");
    visit_raw(t, METHOD_POST, arena_printf(t->arena, "%s/run", page), "mode=all");
    expect_status(t, 403);
    visit(t, METHOD_POST, UNITS, NULL);
    expect_status(t, 422);
    visit(t, METHOD_GET, "/o/acme/imports/import", NULL);
    expect_status(t, 409);
    assert_int_equal(units(t), 0);
    test_end(t);
}

static void few_files_are_kept(void **state)
{
    struct test *t = test_begin();
    const char *first = NULL, *page;

    (void)state;
    login(t, "isms-manager");
    for (int i = 0; i < 6; i++) {
        page = send(t, UNITS, "a.csv", "name\nSales\n");
        first = first ? first : page;
    }
    expect_count(t, 5, "select count(*) from import_draft where org_id = $1", num(t->org));
    visit(t, METHOD_GET, first, NULL);
    expect_status(t, 404);
    visit(t, METHOD_GET, UNITS, NULL);
    expect_text(t, "Begun and not finished");
    tick(t);
    expect_count(t, 5, "select count(*) from import_row where org_id = $1", num(t->org));
    test_end(t);
}

static void many_rows_are_a_job(void **state)
{
    struct test *t = test_begin();
    const char *page;
    struct buf b;

    (void)state;
    login(t, "isms-manager");
    buf_init(&b, t->arena, 1 << 16);
    buf_str(&b, "name\n");
    for (int i = 0; i < 1100; i++)
        buf_printf(&b, "Unit %d\n", i);
    page = send(t, UNITS, "a.csv", b.data);
    expect_text(t, "The rows are being checked");
    tick(t);
    visit(t, METHOD_GET, page, NULL);
    expect_text(t, "1100 would be created");
    post(t, page, "/run", "mode=all");
    expect_status(t, 303);
    visit(t, METHOD_GET, page, NULL);
    expect_text(t, "The rows are being imported");
    assert_int_equal(units(t), 0);
    tick(t);
    visit(t, METHOD_GET, page, NULL);
    expect_text(t, "The rows are imported.");
    assert_int_equal(units(t), 1100);
    visit(t, METHOD_POST, "/o/acme/imports/IM-1/undo", NULL);
    expect_status(t, 303);
    tick(t);
    assert_int_equal(units(t), 0);
    visit(t, METHOD_GET, "/o/acme/imports/IM-1", NULL);
    expect_text(t, "This import was undone.");
    test_end(t);
}

/* --- API --- */

static void the_api_imports(void **state)
{
    struct test *t = test_begin();
    json_t *a;

    (void)state;
    api(t, "isms-manager", METHOD_POST, "/api/v1/units/import?dry_run=1",
        "[{\"name\":\"Sales\",\"colour\":\"red\"},{\"name\":\"IT\"}]");
    expect_status(t, 200);
    a = answer_json(t);
    assert_int_equal(json_integer_value(json_object_get(a, "created")), 2);
    assert_true(json_is_false(json_object_get(a, "written")));
    expect_text(t, "\"left_out\":[\"colour\"]");
    assert_int_equal(units(t), 0);
    api(t, "isms-manager", METHOD_POST, "/api/v1/units/import?map[]=colour=note",
        "[{\"name\":\"Sales\",\"colour\":\"red\"},{\"name\":\"IT\"}]");
    expect_status(t, 200);
    expect_text(t, "\"import\":\"IM-1\"");
    expect_count(t, 1, "select count(*) from unit where org_id = $1 and note = 'red'", num(t->org));
    api(t, "isms-manager", METHOD_POST, "/api/v1/units/import",
        "[{\"name\":\"HR\"},{\"name\":\"HR\"}]");
    expect_status(t, 422);
    expect_text(t, "is already in row 1 of this file");
    assert_int_equal(units(t), 2);
    api(t, "isms-manager", METHOD_POST, "/api/v1/units/import?mode=good",
        "[{\"name\":\"HR\"},{\"name\":\"HR\"}]");
    expect_status(t, 200);
    assert_int_equal(units(t), 3);
    api(t, "isms-manager", METHOD_POST, "/api/v1/units/import?mode=some", "[{\"name\":\"HR\"}]");
    expect_status(t, 400);
    api(t, "isms-manager", METHOD_POST, "/api/v1/units/import", NULL);
    expect_status(t, 400);
    api(t, "department-head", METHOD_POST, "/api/v1/units/import", "[{\"name\":\"X\"}]");
    expect_status(t, 403);
    test_end(t);
}

static void a_repeated_request_imports_once(void **state)
{
    struct test *t = test_begin();

    (void)state;
    for (int i = 0; i < 2; i++) {
        api_header(t, "Idempotency-Key", "once");
        api(t, "isms-manager", METHOD_POST, "/api/v1/units/import?match=none",
            "[{\"name\":\"HR\"}]");
        expect_status(t, 200);
        expect_text(t, "\"import\":\"IM-1\"");
    }
    assert_int_equal(units(t), 1);
    test_end(t);
}

const struct test_case import_page_tests[] = {
    TEST("the pages show what would happen, ask about what is not known, and write once",
         shown_before_written),
    TEST("wrong rows stop an import unless they are left out", wrong_rows_are_a_choice),
    TEST("all rows are shown page by page, by what happens to them, field by field",
         rows_are_shown_by_what_happens),
    TEST("an import can be undone; what was changed since stays and is told",
         an_import_can_be_undone),
    TEST("an undo removes rows that refer to each other, and keeps what others refer to",
         what_is_referred_to_stays),
    TEST("words of the file get a meaning, and the next such file needs none", words_get_a_meaning),
    TEST("what no column gives is said once, above, with the way to mend it", lacks_are_said_once),
    TEST("people that the file names and nobody knows are offered to be created",
         unknown_people_are_offered),
    TEST("names that are not known can stand for records that are there, which are guessed",
         unknown_names_are_known),
    TEST("names that are not known can be left empty", unknown_names_are_left_empty),
    TEST("a choice that all new rows share is asked for; past imports cannot be imported",
         evidence_in_a_list_has_another_kind),
    TEST("the file comes back with what is wrong beside it", the_copy_says_what_is_wrong),
    TEST("a file can be read in another encoding, or thrown away", a_file_can_be_read_differently),
    TEST("a file is of use to nobody else, and rights are asked", files_are_personal),
    TEST("few files of a person are kept, and the rows of the others go", few_files_are_kept),
    TEST("many rows are checked, imported and undone by jobs", many_rows_are_a_job),
    TEST("the API imports, dry or not, with a list of problems", the_api_imports),
    TEST("a repeated API request imports once", a_repeated_request_imports_once),
    TEST_END,
};
