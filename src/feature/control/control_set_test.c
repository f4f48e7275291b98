/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of controls: what their controls answer of Annex A, and libraries brought in as files. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "feature/control/control.h"
#include "visit.h"

extern const struct test_case control_set_tests[];

#define LIBRARY                                                                               \
    "urn: urn:x:risk:library:mill\nlocale: en\nname: Mill rules\nversion: 2\nprovider: Mill"  \
    " office\nobjects:\n  framework:\n    urn: urn:x:risk:framework:mill\n    name: Mill"     \
    " rules\n    requirement_nodes:\n"                                                        \
    "    - {urn: 'urn:x:risk:req_node:mill:1', assessable: true, ref_id: '1', name: Stop the" \
    " wheel}\n"                                                                               \
    "    - {urn: 'urn:x:risk:req_node:mill:2', assessable: true, ref_id: '2', name: Grease"   \
    " it}\n"
#define MAPPED                                                                         \
    LIBRARY "  requirement_mapping_set:\n"                                             \
            "    source_framework_urn: urn:x:risk:framework:mill\n"                    \
            "    target_framework_urn: urn:x:risk:framework:iso27001-2022\n"           \
            "    requirement_mappings:\n"                                              \
            "    - source_requirement_urn: urn:x:risk:req_node:mill:1\n"               \
            "      target_requirement_urn: urn:x:risk:req_node:iso27001-2022:a.7.13\n" \
            "      relationship: subset\n"

static const char *maps_to(struct test *t, const char *code)
{
    struct rows *r;

    db_use_arena(t->w->db, t->arena);
    assert_ok(db_query(t->w->db, &r,
                       "select coalesce(maps_to, '') from control where org_id = $1 and code = $2",
                       num(t->org), str(code)));
    assert_true(row_next(r));
    return row_text(r, 0);
}

static void mapping_texts(void **state)
{
    static const struct {
        const char *form, *kept;
    } good[] = {
        {"5.16%2C+A.5.18",                  "5.16, 5.18"                        },
        {"5.16%3D",                         ""                                  },
        {"A.5.16+equal",                    "5.16 equal"                        },
        {"5.16+%3D%3A+one+list%0A5.18+%3C", "5.16 equal: one list\n5.18 partial"},
        {"5.16%2C+5.18+superset%3A+wider",  "5.16 more: wider\n5.18 more: wider"},
        {"unmatched",                       "unmatched"                         },
    };
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        visit(t, METHOD_POST, "/o/acme/controls",
              arena_printf(t->arena, "code=X-1.%zu&title=Own&maps_to=%s", i, good[i].form));
        if (!*good[i].kept) {
            expect_status(t, 422);
            expect_text(t, "is no control of Annex A");
            continue;
        }
        expect_status(t, 303);
        assert_string_equal(maps_to(t, arena_printf(t->arena, "X-1.%zu", i)), good[i].kept);
    }
    test_end(t);
}

static void mapping_form(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/controls", "code=X-1&title=Own&asks=Keep+a+list");
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/controls/C-94", NULL);
    expect_text(t, "Not compared with Annex A yet.");
    visit(t, METHOD_GET, "/o/acme/controls/C-94/mapping", NULL);
    expect_text(t, "Keep a list");
    visit(t, METHOD_POST, "/o/acme/controls/C-94/mapping",
          "_version=1&code.0=5.16&relation.0=equal&why.0=One+list%3B+of+all&code.1=&code.2=5.18"
          "&relation.2=partial");
    expect_status(t, 303);
    assert_string_equal(maps_to(t, "X-1"), "5.16 equal: One list, of all\n5.18 partial");
    visit(t, METHOD_GET, "/o/acme/controls/C-94", NULL);
    expect_text(t, "Asks the same: One list, of all");
    visit(t, METHOD_POST, "/o/acme/controls/C-94/mapping", "_version=1&code.0=5.16");
    expect_status(t, 409);
    visit(t, METHOD_POST, "/o/acme/controls/C-94/mapping", "_version=2&code.0=9.99");
    expect_status(t, 422);
    visit(t, METHOD_POST, "/o/acme/controls/C-94/mapping", "_version=2&why.0=Because");
    expect_status(t, 422);
    visit(t, METHOD_POST, "/o/acme/controls/C-94/mapping", "_version=2&code.0=5.1&unmatched=1");
    expect_status(t, 422);
    visit(t, METHOD_POST, "/o/acme/controls/5.1/mapping", "_version=1&code.0=5.2");
    expect_status(t, 409);
    visit(t, METHOD_POST, "/o/acme/controls/C-94/mapping", "_version=2&unmatched=1");
    expect_status(t, 303);
    assert_string_equal(maps_to(t, "X-1"), "unmatched");
    test_end(t);
}

static void sets(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/control-sets", "title=House+rules&edition=7&purpose=whole");
    expect_status(t, 303);
    visit(t, METHOD_POST, "/o/acme/controls",
          "code=H-1.1&title=Doors&chapter=Gates&controlset=CS-1&maps_to=7.2+more");
    expect_status(t, 303);
    expect_count(t, 1, "select count(*) from control where org_id = $1 and framework = $2",
                 num(t->org), str("House rules 7"));
    visit(t, METHOD_GET, "/o/acme/control-sets/CS-1", NULL);
    expect_text(t, "It answers 1 of the 93 controls of Annex A.");
    expect_text(t, "Gates");
    visit(t, METHOD_POST, "/o/acme/control-sets/CS-1/remove", "_version=1");
    expect_status(t, 409);
    visit(t, METHOD_POST, "/o/acme/controls/5.1", "_version=1&controlset=CS-1");
    expect_status(t, 422);
    visit(t, METHOD_GET, "/o/acme/controls?controlset=CS-1", NULL);
    expect_text(t, "H-1.1");
    expect_no_text(t, "Policies for information security");
    test_end(t);
}

/* Sends the library; returns the address of the preview. */
static const char *send(struct test *t, const char *name, const char *text)
{
    attach(t, name, text, strlen(text));
    visit(t, METHOD_POST, "/o/acme/control-sets/import", NULL);
    expect_status(t, 303);
    return arena_str(t->arena, header(t, "Location"));
}

static void brought_in(void **state)
{
    struct test *t = test_begin();
    const char *page;

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/control-sets/import", NULL);
    expect_text(t, "multipart/form-data");
    page = send(t, "mill.yaml", LIBRARY);
    visit(t, METHOD_GET, page, NULL);
    expect_text(t, "Stop the wheel");
    expect_text(t, "Rows are counted as lines of the file.");
    expect_text(t, "Import 2 rows");
    expect_count(t, 93, "select count(*) from control where org_id = $1", num(t->org));
    expect_count(t, 1,
                 "select count(*) from controlset where org_id = $1 and title = 'Mill rules'"
                 " and edition = '2' and source = 'Mill office' and purpose = 'library'",
                 num(t->org));
    visit(t, METHOD_POST, arena_printf(t->arena, "%s/run", page), "mode=all");
    expect_status(t, 303);
    expect_count(t, 2,
                 "select count(*) from control c join controlset s on s.org_id = c.org_id"
                 " and s.id = c.controlset where c.org_id = $1 and c.framework = 'Mill rules 2'",
                 num(t->org));
    page = send(t, "mill.yaml", LIBRARY);
    visit(t, METHOD_GET, page, NULL);
    expect_status(t, 200);
    expect_count(t, 95, "select count(*) from control where org_id = $1", num(t->org));
    visit(t, METHOD_POST, "/o/acme/imports/IM-2/undo", NULL);
    expect_status(t, 303);
    expect_count(t, 93, "select count(*) from control where org_id = $1", num(t->org));
    expect_count(t, 0, "select count(*) from controlset where org_id = $1", num(t->org));
    /* Again, with mappings: the set is there once more, once. */
    page = send(t, "mill.yaml", MAPPED);
    visit(t, METHOD_POST, arena_printf(t->arena, "%s/run", page), "mode=all");
    expect_status(t, 303);
    expect_count(t, 1, "select count(*) from controlset where org_id = $1", num(t->org));
    assert_string_equal(maps_to(t, "MILL-1"), "7.13 partial");
    test_end(t);
}

static void run_import(struct test *t, const char *page)
{
    visit(t, METHOD_POST, arena_printf(t->arena, "%s/run", page), "mode=all");
    expect_status(t, 303);
}

static void set_that_stays(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    run_import(t, send(t, "mill.yaml", LIBRARY)); /* IM-1 the set, IM-2 its controls */
    visit(t, METHOD_POST, "/o/acme/controls",
          "code=MILL-OWN&title=Our+addition&controlset=CS-1&maps_to=7.2");
    expect_status(t, 303);
    visit(t, METHOD_POST, "/o/acme/imports/IM-2/undo", NULL);
    expect_count(t, 94, "select count(*) from control where org_id = $1", num(t->org));
    expect_count(t, 1, "select count(*) from controlset where org_id = $1", num(t->org));
    test_end(t);
}

static void set_that_was_changed(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    run_import(t, send(t, "mill.yaml", LIBRARY));
    visit(t, METHOD_POST, "/o/acme/control-sets/CS-1",
          "_version=1&title=Mill+rules&edition=2&purpose=library&description=Ours+now");
    expect_status(t, 303);
    visit(t, METHOD_POST, "/o/acme/imports/IM-2/undo", NULL);
    expect_count(t, 93, "select count(*) from control where org_id = $1", num(t->org));
    expect_count(t, 1, "select count(*) from controlset where org_id = $1", num(t->org));
    test_end(t);
}

static void set_made_by_hand(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/control-sets", "title=House+rules&purpose=whole");
    attach(t, "list.csv", "code,title,controlset\nOWN-1,Lock,House rules\n", 45);
    api(t, "isms-manager", METHOD_POST, "/api/v1/controls/import", NULL);
    expect_status(t, 200);
    expect_count(t, 94, "select count(*) from control where org_id = $1", num(t->org));
    visit(t, METHOD_POST, "/o/acme/imports/IM-1/undo", NULL);
    expect_count(t, 93, "select count(*) from control where org_id = $1", num(t->org));
    expect_count(t, 1, "select count(*) from controlset where org_id = $1", num(t->org));
    test_end(t);
}

static void errors_have_lines(void **state)
{
    struct test *t = test_begin();
    const char *page;

    (void)state;
    login(t, "isms-manager");
    page = send(t, "bad.yaml",
                "objects:\n  reference_controls:\n  - ref_id: C-1\n    name: One\n"
                "  - ref_id: GOOD\n    name: Two\n");
    visit(t, METHOD_GET, page, NULL);
    expect_text(t, "could be taken for a number");
    attach(t, "broken.yaml", "objects: {}\nx: [\n", 17);
    visit(t, METHOD_POST, "/o/acme/control-sets/import", NULL);
    expect_status(t, 400);
    expect_text(t, "line 3 is no YAML or JSON");
    expect_count(t, 1, "select count(*) from controlset where org_id = $1", num(t->org));
    test_end(t);
}

static void over_the_api(void **state)
{
    struct test *t = test_begin();

    (void)state;
    attach(t, "mill.yaml", LIBRARY, strlen(LIBRARY));
    api(t, "isms-manager", METHOD_POST, "/api/v1/control-sets/import", NULL);
    expect_status(t, 200);
    attach(t, "mill.yaml", MAPPED, strlen(MAPPED));
    api(t, "isms-manager", METHOD_POST, "/api/v1/controls/import", NULL);
    expect_status(t, 200);
    assert_int_equal(json_integer_value(json_object_get(answer_json(t), "created")), 2);
    assert_string_equal(maps_to(t, "MILL-1"), "7.13 partial");
    attach(t, "list.csv", "code,title,maps_to\nOWN-1,Lock,7.2 equal: both lock\n", 51);
    api(t, "isms-manager", METHOD_POST, "/api/v1/controls/import", NULL);
    expect_status(t, 200);
    assert_string_equal(maps_to(t, "OWN-1"), "7.2 equal: both lock");
    test_end(t);
}

const struct test_case control_set_tests[] = {
    TEST("what a control answers is one line each, in the words of people and frameworks",
         mapping_texts),
    TEST("the mapping has a form with relation and reason", mapping_form),
    TEST("a set lays its controls beside Annex A and cannot go while they are there", sets),
    TEST("a library is shown before it is stored, comes again without doubles, and can be undone",
         brought_in),
    TEST("undoing the import of a library leaves the set while another control stands in it",
         set_that_stays),
    TEST("undoing the import of a library leaves a set that somebody changed since",
         set_that_was_changed),
    TEST("undoing an import of controls leaves the set that somebody had written down before",
         set_made_by_hand),
    TEST("what is wrong in a library is told with its line", errors_have_lines),
    TEST("libraries and lists with mappings come over the API", over_the_api),
    TEST_END,
};
