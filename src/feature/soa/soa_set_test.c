/* SPDX-License-Identifier: Apache-2.0 */
/* Deciding about controls of sets from elsewhere, through the whole program. */
#include "feature/soa/soa.h"
#include "visit.h"

extern const struct test_case soa_set_tests[];

static i64 version_of(struct test *t, const char *code)
{
    return value(t, "select version from control where org_id = $1 and code = $2", num(t->org),
                 str(code));
}

static void decide(struct test *t, const char *code, const char *form)
{
    visit(t, METHOD_POST, "/o/acme/soa/decide",
          arena_printf(t->arena, "control=%s&_version=%lld&%s", code, version_of(t, code), form));
}

static void bring_set(struct test *t, const char *title, const char *purpose, const char *code)
{
    visit(t, METHOD_POST, "/o/acme/control-sets",
          arena_printf(t->arena, "title=%s&purpose=%s", title, purpose));
    expect_status(t, 303);
    visit(t, METHOD_POST, "/o/acme/controls",
          arena_printf(t->arena, "code=%s-1&title=Gate+of+%s&controlset=%s&asks=Shut+the+gate",
                       code, code, title));
    expect_status(t, 303);
    visit(t, METHOD_POST, "/o/acme/controls",
          arena_printf(t->arena, "code=%s-2&title=Lock+of+%s&controlset=%s", code, code, title));
    expect_status(t, 303);
}

static void sets_are_decided(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    bring_set(t, "Houserules", "whole", "H");
    visit(t, METHOD_GET, "/o/acme/soa/decide?after=8.34", NULL); /* they follow Annex A */
    expect_text(t, "H-1 Gate of H");
    expect_text(t, "Shut the gate");
    expect_text(t, "From the set");
    expect_text(t, "Houserules");
    expect_no_text(t, "You added this control yourself.");
    expect_text(t, "95 of 95");
    visit(t, METHOD_GET, "/o/acme/soa/decide?control=H-2", NULL);
    expect_text(t, "Lock of H");
    test_end(t);
}

static void libraries_are_decided(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    bring_set(t, "Millrules", "library", "L");
    visit(t, METHOD_GET, "/o/acme/soa/decide", NULL);
    expect_text(t, "Undecided in libraries");
    expect_text(t, "/o/acme/soa/decide?set=CS-1");
    expect_text(t, "Millrules");
    expect_no_text(t, "Gate of L"); /* a library is there to pick from */
    visit(t, METHOD_GET, "/o/acme/soa/decide?set=CS-1", NULL);
    expect_text(t, "L-1 Gate of L");
    expect_text(t, "2 of 2");
    visit(t, METHOD_POST, "/o/acme/soa/decide",
          arena_printf(t->arena, "control=L-1&_version=%lld&set=CS-1&decide=no",
                       version_of(t, "L-1")));
    expect_status(t, 422); /* the reason is missing, the walk goes on */
    expect_text(t, "name='set' value='CS-1'");
    decide(t, "L-1", "set=CS-1&decide=yes&business_reason=Our+customers+expect+it");
    expect_status(t, 303);
    assert_contains(header(t, "Location"), "&set=CS-1");
    visit(t, METHOD_GET, arena_str(t->arena, header(t, "Location")), NULL);
    expect_text(t, "L-2 Lock of L");
    expect_text(t, "1 of 2");
    visit(t, METHOD_GET, "/o/acme/soa/decide?control=L-2", NULL); /* by its code alone */
    expect_text(t, "L-2 Lock of L");
    visit(t, METHOD_GET, "/o/acme/soa/decide?set=CS-9", NULL);
    expect_status(t, 404);
    test_end(t);
}

const struct test_case soa_set_tests[] = {
    TEST(
        "undecided controls of a set of which each is decided are gone through with the statement, "
        "with the name of their set",
        sets_are_decided),
    TEST("undecided controls of a library are gone through for themselves, set by set",
         libraries_are_decided),
    TEST_END,
};
