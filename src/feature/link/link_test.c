/* SPDX-License-Identifier: Apache-2.0 */
#include "feature/link/link.h"

#include <string.h>

#include "base/text.h"
#include "maker.h"
#include "test.h"

extern const struct test_case link_tests[];

/* Two risks and an asset A-1, as the security manager. */
static struct test *begin(void)
{
    struct test *t = test_begin();
    struct making m = {.org = t->org, .entity = feature_entity("risk"), .text = "Made"};

    make_record(t, &m);
    make_record(t, &m);
    m = (struct making){.org = t->org, .entity = feature_entity("asset"), .text = "Made"};
    make_record(t, &m);
    login(t, "isms-manager");
    return t;
}

static void reads_both_ways(void **state)
{
    struct test *t = begin();

    (void)state;
    visit(t, METHOD_POST, "/o/acme/risks/R-1/links", "type=caused&target=R-2&why=The+same+fire");
    expect_status(t, 303);
    assert_string_equal(header(t, "Location"), "/o/acme/risks/R-1?tab=links&m=added");
    visit(t, METHOD_GET, "/o/acme/risks/R-1?tab=links", NULL);
    expect_text(t, ">is caused by</td>");
    expect_text(t, "The same fire");
    expect_text(t, "href='/o/acme/risks/R-2'");
    visit(t, METHOD_GET, "/o/acme/risks/R-2?tab=links", NULL);
    expect_text(t, ">causes</td>");
    expect_text(t, "href='/o/acme/risks/R-1'");
    /* From the other end: "R-2 is needed by A-1" is "A-1 depends on R-2". */
    visit(t, METHOD_POST, "/o/acme/risks/R-2/links", "type=-depends&target=a-0001");
    expect_status(t, 303);
    expect_count(
        t, 1,
        "select count(*) from link l join asset a on a.org_id = l.org_id and a.id = l.source"
        " where l.org_id = $1 and l.type = 'depends' and l.title = 'A-1 → R-2'",
        num(t->org));
    visit(t, METHOD_GET, "/o/acme/risks/R-2", NULL);
    expect_text(t, "Depends on this:");
    expect_text(t, "href='/o/acme/assets/A-1'");
    visit(t, METHOD_GET, "/o/acme/links", NULL);
    expect_text(t, "R-1 → R-2");
    api(t, "isms-manager", METHOD_GET, "/api/v1/links?target=R-2", NULL);
    expect_text(t, "\"source\":\"R-1\"");
    expect_text(t, "\"target\":\"R-2\"");
    test_end(t);
}

static void refuses(void **state)
{
    static const char *const forms[] = {
        "type=caused&target=R-1",                  /* itself */
        "type=caused&target=R-99",                 /* not there */
        "type=caused&target=Made",                 /* no number */
        "type=caused&target=",                     /* nothing */
        "type=never&target=R-2",                   /* no such type */
        "target=R-2",                              /* none */
        "type=--caused&target=R-2",                /* nonsense */
        "type=caused&target=R-2&why=The+same+fire" /* there already */
    };
    struct test *t = begin();
    i64 before;

    (void)state;
    visit(t, METHOD_POST, "/o/acme/risks/R-1/links", forms[COUNT_OF(forms) - 1]);
    expect_status(t, 303);
    before = log_changes(t);
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        visit(t, METHOD_POST, "/o/acme/risks/R-1/links", forms[i]);
        if (status(t) != 422)
            fail_msg("%s answers %d", forms[i], status(t));
    }
    visit(t, METHOD_POST, "/o/acme/nothings/R-1/links", "type=caused&target=R-2");
    expect_status(t, 404);
    visit(t, METHOD_POST, "/o/acme/risks/R-99/links", "type=caused&target=R-2");
    expect_status(t, 404);
    login(t, "internal-auditor");
    visit(t, METHOD_POST, "/o/acme/risks/R-1/links", "type=caused&target=R-2");
    expect_status(t, 403);
    assert_int_equal(log_changes(t), before);
    test_end(t);
}

static void is_taken_back(void **state)
{
    struct test *t = begin();

    (void)state;
    visit(t, METHOD_POST, "/o/acme/risks/R-1/links", "type=relates&target=A-1");
    visit(t, METHOD_POST, "/o/acme/risks/R-2/unlink", "link=L-1&_version=1");
    expect_status(t, 404); /* not on that record */
    visit(t, METHOD_POST, "/o/acme/assets/A-1/unlink", "link=L-1&_version=1");
    expect_status(t, 303);
    expect_count(t, 0, "select count(*) from link where org_id = $1", num(t->org));
    visit(t, METHOD_GET, "/o/acme/links/removed", NULL);
    expect_text(t, "R-1 → A-1");
    test_end(t);
}

/* A link does not keep a record from being removed: it says so, and works again when the record
 * comes back. */
static void outlives_records(void **state)
{
    struct test *t = begin();
    i64 id;

    (void)state;
    visit(t, METHOD_POST, "/o/acme/risks/R-1/links", "type=duplicates&target=R-2");
    id = value(t, "select id from risk where org_id = $1 and number = 2", num(t->org));
    visit(t, METHOD_POST, "/o/acme/risks/R-2/remove", "_version=1&_reason=Twice");
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/risks/R-1?tab=links", NULL);
    expect_text(t, "(removed)");
    expect_no_text(t, "href='/o/acme/risks/R-2'");
    visit(t, METHOD_GET, "/o/acme/links/L-1", NULL);
    expect_status(t, 200);
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/risks/%lld/restore", id), "");
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/risks/R-1?tab=links", NULL);
    expect_text(t, "href='/o/acme/risks/R-2'");
    test_end(t);
}

static void hides_the_hidden(void **state)
{
    struct test *t = begin();

    (void)state;
    visit(t, METHOD_POST, "/o/acme/risks/R-1/links", "type=relates&target=A-1&why=Very+secret");
    /* An employee sees the one risk that is theirs, not the asset. */
    visit(t, METHOD_POST, "/o/acme/risks/R-1",
          arena_printf(t->arena, "_version=1&owner=%lld", person_of(t, "employee")));
    expect_status(t, 303);
    login(t, "employee");
    visit(t, METHOD_GET, "/o/acme/risks/R-1?tab=links", NULL);
    expect_status(t, 200);
    expect_text(t, "A-1");
    expect_no_text(t, "Very secret");
    expect_no_text(t, "/o/acme/assets/A-1");
    visit(t, METHOD_GET, "/o/acme/risks/R-1?tab=graph", NULL);
    expect_no_text(t, "A-1");
    visit(t, METHOD_GET, "/o/acme/links", NULL);
    expect_status(t, 403);
    test_end(t);
}

static void draws_what_is_near(void **state)
{
    struct test *t = begin();

    (void)state;
    visit(t, METHOD_GET, "/o/acme/risks/R-1?tab=graph", NULL);
    expect_status(t, 200);
    visit(t, METHOD_POST, "/o/acme/risks/R-1/links", "type=caused&target=R-2");
    visit(t, METHOD_POST, "/o/acme/risks/R-2/links", "type=depends&target=A-1");
    visit(t, METHOD_GET, "/o/acme/risks/R-1?tab=graph", NULL);
    expect_text(t, "<svg class='graph'");
    expect_text(t, "<title id='graph-title'>");
    expect_text(t, "<a class='graph-node' href='/o/acme/risks/R-2'>");
    expect_text(t, "<a class='graph-node' href='/o/acme/assets/A-1'>"); /* two steps away */
    expect_text(t, "R-2 depends on A-1");
    visit(t, METHOD_POST, "/o/acme/units", "name=Alone");
    visit(t, METHOD_GET, "/o/acme/units/U-2?tab=graph", NULL);
    expect_status(t, 200);
    expect_no_text(t, "There is more than fits");
    for (int i = 0; i < 70; i++) {
        visit(t, METHOD_POST, "/o/acme/units", arena_printf(t->arena, "name=Unit+%d", i));
        visit(t, METHOD_POST, "/o/acme/risks/R-1/links",
              arena_printf(t->arena, "type=relates&target=U-%d", i + 1));
    }
    visit(t, METHOD_GET, "/o/acme/risks/R-1?tab=graph", NULL);
    expect_status(t, 200);
    expect_text(t, "There is more than fits");
    test_end(t);
}

const struct test_case link_tests[] = {
    TEST("a link reads in both directions, on both records, in the list and in the API",
         reads_both_ways),
    TEST("a link with itself, with what is not there, of no known kind or said twice is refused",
         refuses),
    TEST("a link is removed from either end, and only from there", is_taken_back),
    TEST("a link tells that a record was removed and works again when it is back",
         outlives_records),
    TEST("of a linked record that a person may not see, neither title nor reason is shown",
         hides_the_hidden),
    TEST("the graph shows two steps, and says when more is near than fits", draws_what_is_near),
    TEST_END,
};
