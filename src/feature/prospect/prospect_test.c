/* SPDX-License-Identifier: Apache-2.0 */
/* Risks and opportunities of the ISMS: what is asked for before one of them is done. */
#include "feature/prospect/prospect.h"

#include "visit.h"

static void done_is_looked_at(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/prospects", "title=One+knows+it&kind=risk&state=done");
    expect_status(t, 422);
    expect_text(t, "Say what came of it");
    visit(t, METHOD_POST, "/o/acme/prospects", "title=One+knows+it&kind=risk&state=acting");
    expect_status(t, 422);
    expect_text(t, "Say what is being done");
    visit(t, METHOD_POST, "/o/acme/prospects",
          "title=One+knows+it&kind=risk&state=done&action=Deputy&evaluated=2026-03-01"
          "&evaluation=It+helped");
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/prospects/RO-1", NULL);
    expect_status(t, 200);
    expect_text(t, "It helped");
    login(t, "employee");
    visit(t, METHOD_GET, "/o/acme/prospects", NULL);
    expect_status(t, 403);
    test_end(t);
}

const struct test_case prospect_tests[] = {
    TEST("a risk or opportunity of the ISMS is done when somebody looked at what came of it",
         done_is_looked_at),
    TEST_END,
};
