/* SPDX-License-Identifier: Apache-2.0 */
/* Several decisions on one page, through the whole program. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "feature/treatment/three_fixture.h"
#include "feature/treatment/treatment.h"

extern const struct test_case approval_many_tests[];

/* "&pick[]=ID&hash.ID=..." for each, with the hashes that the page shows. */
static const char *picks(struct test *t, const struct three *r, int n)
{
    struct buf b;

    buf_init(&b, t->arena, 400);
    for (int i = 0; i < n; i++) {
        const char *mark = arena_printf(t->arena, "name='hash.%lld' value='", r->id[i]);
        const char *at = strstr(body(t), mark);

        assert_non_null(at);
        buf_printf(&b, "&pick%%5B%%5D=%lld&hash.%lld=%s", r->id[i], r->id[i],
                   arena_strn(t->arena, at + strlen(mark), 64));
    }
    return b.data;
}

static void decides_each(void **state)
{
    struct test *t = test_begin();
    struct three r = three_make(t);

    (void)state;
    visit(t, METHOD_POST, "/o/acme/risks/treat",
          three_form(t, &r, 3, "&all_likelihood=1&all_impact=2"));
    expect_status(t, 303);
    login(t, "risk-owner");
    visit(t, METHOD_GET, "/o/acme/approvals", NULL);
    expect_text(t, "Decide several");
    visit(t, METHOD_GET, "/o/acme/approvals/several", NULL);
    expect_text(t, ": Phone is lost");
    visit(t, METHOD_POST, "/o/acme/approvals/several",
          arena_printf(t->arena, "outcome=approved&comment=Read%s", picks(t, &r, 2)));
    expect_status(t, 303);
    expect_count(t, 2,
                 "select count(distinct subject_hash) from decision where org_id = $1"
                 " and kind = 'risk.treatment' and outcome = 'approved' and comment = 'Read'",
                 num(t->org));
    visit(t, METHOD_GET, "/o/acme/approvals", NULL);
    expect_text(t, "Disk is sold");
    expect_no_text(t, "Phone is lost");
    test_end(t);
}

static void tells_what_stays_open(void **state)
{
    struct test *t = test_begin();
    struct three r = three_make(t);
    const char *form;

    (void)state;
    visit(t, METHOD_POST, "/o/acme/risks/treat",
          three_form(t, &r, 3, "&all_likelihood=1&all_impact=2"));
    login(t, "risk-owner");
    visit(t, METHOD_GET, "/o/acme/approvals/several", NULL);
    form = picks(t, &r, 2);
    api(t, "isms-manager", METHOD_POST, "/api/v1/treatments",
        arena_printf(t->arena,
                     "{\"risk\":\"%lld\",\"title\":\"More\",\"option\":\"avoid\",\"activity\":"
                     "\"Phones\",\"ended_on\":\"2027-01-01\",\"description\":\"No phones\"}",
                     r.id[1]));
    expect_status(t, 201);
    login(t, "risk-owner");
    visit(t, METHOD_POST, "/o/acme/approvals/several",
          arena_printf(t->arena, "outcome=approved%s", form));
    expect_status(t, 200);
    expect_text(t, "1 decision is recorded");
    expect_text(t, "changed while you were reading");
    expect_count(t, 1, "select count(*) from decision where org_id = $1 and subject = $2",
                 num(t->org), num(r.id[0]));
    expect_count(t, 0, "select count(*) from decision where org_id = $1 and subject = $2",
                 num(t->org), num(r.id[1]));
    login(t, "employee");
    visit(t, METHOD_POST, "/o/acme/approvals/several",
          arena_printf(t->arena, "outcome=approved%s", form));
    assert_true(status(t) == 404 || status(t) == 422);
    visit(t, METHOD_POST, "/o/acme/approvals/several", "outcome=approved");
    expect_status(t, 422);
    expect_text(t, "Nothing is ticked");
    test_end(t);
}

static void decided_is_decided(void **state)
{
    struct test *t = test_begin();
    struct three r = three_make(t);
    const char *form, *page = arena_printf(t->arena, "/o/acme/risks/%lld/approval", r.id[0]);

    (void)state;
    visit(t, METHOD_POST, "/o/acme/risks/treat",
          three_form(t, &r, 1, "&all_likelihood=1&all_impact=2"));
    login(t, "risk-owner");
    visit(t, METHOD_GET, "/o/acme/approvals/several", NULL);
    form = strstr(picks(t, &r, 1), "=") ? strrchr(picks(t, &r, 1), '=') + 1 : "";
    visit(t, METHOD_POST, page, arena_printf(t->arena, "outcome=approved&hash=%s", form));
    expect_status(t, 303);
    visit(t, METHOD_GET, page, NULL);
    expect_text(t, "This is decided");
    expect_no_text(t, "value='approved'");
    visit(t, METHOD_POST, page, arena_printf(t->arena, "outcome=approved&hash=%s", form));
    expect_status(t, 409);
    expect_text(t, "approved already");
    visit(t, METHOD_POST, page, arena_printf(t->arena, "outcome=refused&hash=%s", form));
    expect_status(t, 422);
    expect_text(t, "why you take the approval back");
    visit(t, METHOD_POST, page,
          arena_printf(t->arena, "outcome=refused&comment=Too+soon&hash=%s", form));
    expect_status(t, 303);
    visit(t, METHOD_GET, page, NULL);
    expect_text(t, "This was refused");
    test_end(t);
}

static void acceptance_ends(void **state)
{
    struct test *t = test_begin();
    i64 risk = three_risk(t, "Flood", 5, 5);
    const char *hash, *until = date_add(t->arena, t->w->today, 2, 0);
    const char *page = arena_printf(t->arena, "/o/acme/risks/%lld/approval", risk);
    struct three r = {
        {risk, risk, risk}
    };

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/risks/treat",
          three_form(t, &r, 1, "&all_likelihood=4&all_impact=4"));
    login(t, "top-management");
    visit(t, METHOD_GET, "/o/acme/approvals/several", NULL);
    expect_text(t, "above the acceptance level of 9");
    hash = strrchr(picks(t, &r, 1), '=') + 1;
    visit(t, METHOD_POST, page,
          arena_printf(t->arena, "outcome=approved&expires=%s&hash=%s", until, hash));
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/approvals", NULL);
    expect_no_text(t, "Flood");
    clock_shift(70 * DAY);
    login(t, "top-management");
    visit(t, METHOD_GET, "/o/acme/approvals", NULL);
    expect_text(t, "Flood");
    visit(t, METHOD_GET, page, NULL);
    expect_text(t, "The time of this acceptance is over");
    expect_text(t, "value='approved'");
    clock_shift(-70 * DAY);
    test_end(t);
}

const struct test_case approval_many_tests[] = {
    TEST("several risks are decided on one page, each with the text of its own", decides_each),
    TEST("what changed meanwhile stays open and is told; the others are decided",
         tells_what_stays_open),
    TEST("what is approved is not offered again, and taken back only with a reason",
         decided_is_decided),
    TEST("an acceptance waits again when its time is over", acceptance_ends),
    TEST_END,
};
