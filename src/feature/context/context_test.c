/* SPDX-License-Identifier: Apache-2.0 */
/* Parties and requirements: rules, suggestions, registers. */
#include "feature/context/context.h"

#include <string.h>

#include "base/text.h"
#include "visit.h"

static void parties(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/parties", "name=Owners&type=owners&state=not-relevant");
    expect_status(t, 422);
    expect_text(t, "Say in a sentence why this party does not matter");
    visit(t, METHOD_POST, "/o/acme/parties", "name=Nobody&type=nonesuch&state=active");
    expect_status(t, 422);
    visit(t, METHOD_POST, "/o/acme/parties", "name=St.+Anna&type=customers&state=active");
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/parties", NULL);
    expect_text(t, "no requirement yet");
    visit(t, METHOD_POST, "/o/acme/requirements",
          "title=Encrypt&kind=contract&party=St.+Anna&addressed=open&status=open");
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/parties", NULL);
    expect_no_text(t, "no requirement yet");
    expect_text(t, "1 requirement");
    visit(t, METHOD_POST, "/o/acme/parties/IP-1/remove", "_version=1");
    expect_status(t, 409);
    expect_text(t, "RQ-1");
    test_end(t);
}

static void requirements(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/requirements", "title=Law&kind=law&addressed=no&status=open");
    expect_status(t, 422);
    expect_text(t, "why the ISMS does not address this");
    visit(t, METHOD_POST, "/o/acme/requirements",
          "title=Law&kind=law&addressed=no&status=open&why_not=Handled+by+quality+management");
    expect_status(t, 303);
    visit(t, METHOD_POST, "/o/acme/requirements",
          "title=Keys&kind=contract&addressed=yes&status=open&controls%5B%5D=8.24");
    expect_status(t, 303);
    expect_count(t, 1,
                 "select count(*) from requirement_controls l join control c on"
                 " c.org_id = l.org_id and c.id = l.target where l.org_id = $1 and c.code = '8.24'",
                 num(t->org));
    visit(t, METHOD_GET, "/o/acme/requirements/RQ-2", NULL);
    expect_text(t, "8.24 Use of cryptography");
    test_end(t);
}

static void party_suggestions(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/parties/suggestions", NULL);
    expect_text(t, "Customers");
    expect_no_text(t, "Patients and residents");
    visit(t, METHOD_POST, "/o/acme/profile", "sector=health");
    visit(t, METHOD_GET, "/o/acme/parties/suggestions", NULL);
    expect_text(t, "Patients and residents");
    visit(t, METHOD_POST, "/o/acme/parties/suggestions",
          "do=accept&pick%5B%5D=customers&pick%5B%5D=patients&with=1");
    expect_status(t, 303);
    expect_count(t, 2, "select count(*) from party where org_id = $1 and state = 'active'",
                 num(t->org));
    expect_count(t, 7,
                 "select count(*) from requirement where org_id = $1 and kind = 'expectation'",
                 num(t->org));
    visit(t, METHOD_POST, "/o/acme/parties/suggestions", "dismiss=owners&reason.owners=no");
    expect_status(t, 422);
    expect_text(t, "why this party does not matter");
    visit(t, METHOD_POST, "/o/acme/parties/suggestions",
          "dismiss=owners&reason.owners=A+foundation+without+owners");
    expect_status(t, 303);
    expect_count(t, 1,
                 "select count(*) from party where org_id = $1 and type = 'owners'"
                 " and state = 'not-relevant' and why_not = 'A foundation without owners'",
                 num(t->org));
    visit(t, METHOD_GET, "/o/acme/parties/suggestions", NULL);
    expect_no_text(t, "value='customers'");
    expect_no_text(t, "value='owners'");
    expect_text(t, "value='employees'");
    visit(t, METHOD_POST, "/o/acme/parties/suggestions", "accept=customers");
    expect_count(t, 3, "select count(*) from party where org_id = $1", num(t->org));
    test_end(t);
}

static void law_suggestions(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/profile", "personal_data=ordinary&develops=no");
    visit(t, METHOD_GET, "/o/acme/requirements/suggestions", NULL);
    expect_text(t, "value='gdpr'");
    expect_no_text(t, "value='gdpr-special'");
    expect_no_text(t, "value='cra'");
    visit(t, METHOD_POST, "/o/acme/requirements/suggestions", "do=accept&pick%5B%5D=gdpr");
    expect_status(t, 303);
    expect_count(t, 9,
                 "select count(*) from requirement_controls l join requirement q on"
                 " q.org_id = l.org_id and q.id = l.record where l.org_id = $1 and q.seed = 'gdpr'",
                 num(t->org));
    visit(t, METHOD_POST, "/o/acme/requirements/suggestions", "dismiss=copyright");
    expect_status(t, 422);
    visit(t, METHOD_POST, "/o/acme/requirements/suggestions",
          "dismiss=copyright&reason.copyright=Covered+by+our+lawyers");
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/requirements/suggestions", NULL);
    expect_no_text(t, "value='gdpr'");
    expect_text(t, "Covered by our lawyers");
    visit(t, METHOD_POST, "/o/acme/requirements/suggestions/back", "code=copyright");
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/requirements/suggestions", NULL);
    expect_no_text(t, "Covered by our lawyers");
    visit(t, METHOD_POST, "/o/acme/requirements/suggestions", "accept=nonesuch");
    expect_status(t, 400);
    test_end(t);
}

static void strangers(void **state)
{
    static const char *const pages[] = {"/o/acme/parties", "/o/acme/requirements",
                                        "/o/acme/parties/suggestions",
                                        "/o/acme/requirements/suggestions"};
    struct test *t = test_begin();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(pages); i++) {
        login(t, "other-admin");
        visit(t, METHOD_GET, pages[i], NULL);
        expect_status(t, 404);
        login(t, "employee");
        visit(t, METHOD_GET, pages[i], NULL);
        expect_status(t, 403);
        login(t, "external-auditor");
        visit(t, METHOD_GET, pages[i], NULL);
        expect_status(t, 200);
    }
    visit(t, METHOD_POST, "/o/acme/parties/suggestions", "accept=customers");
    expect_status(t, 403);
    test_end(t);
}

const struct test_case context_tests[] = {
    TEST("a party that is not relevant needs a reason; one without requirements is flagged and one "
         "with them stays",
         parties),
    TEST("a requirement that is not addressed needs a reason; controls are linked by their codes",
         requirements),
    TEST("kinds of parties are suggested by the profile, taken with their expectations, or put "
         "aside "
         "with a reason",
         party_suggestions),
    TEST("laws are suggested by the profile, taken with their controls, dismissed and taken back",
         law_suggestions),
    TEST(
        "parties and requirements are closed to other organisations and to those without the right",
        strangers),
    TEST_END,
};
