/* SPDX-License-Identifier: Apache-2.0 */
/* Suppliers and locations as registers, through the whole program. */
#include <string.h>

#include "base/text.h"
#include "core/app.h"
#include "core/rules.h"
#include "feature/supplier/supplier_part.h"
#include "visit.h"

extern const struct test_case supplier_tests[];

#define SUPPLIERS "/o/acme/suppliers"
#define CLOUD                                                                             \
    "name=Cloud+Ltd&kind=cloud&service=Servers&state=active&data=3&access=4&dependence=2" \
    "&contact=Rosa+Hotline&contact_email=rosa@cloud.example&personal_data=processor"

static void rated_by_three_figures(void **state)
{
    (void)state;
    assert_int_equal(supplier_criticality(3, 4, 2), 3); /* it could spill what is confidential */
    assert_int_equal(supplier_criticality(4, 1, 2), 2); /* it reaches nothing */
    assert_int_equal(supplier_criticality(1, 1, 4), 4); /* we stand still without it */
    assert_int_equal(supplier_criticality(0, 4, 4), 0);
    assert_int_equal(supplier_criticality(4, 0, 4), 0);
    assert_int_equal(supplier_criticality(4, 4, 0), 0);
}

static void a_register(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, SUPPLIERS, CLOUD);
    expect_status(t, 303);
    expect_count(t, 3, "select criticality from supplier where org_id = $1", num(t->org));
    visit(t, METHOD_GET, SUPPLIERS "?criticality.min=3", NULL);
    expect_text(t, "Cloud Ltd");
    visit(t, METHOD_GET, SUPPLIERS "/SU-1", NULL);
    expect_text(t, "It is critical, and nobody has assessed its security yet.");
    expect_text(t, "there is no agreement about it");
    expect_text(t, "No asset names this supplier yet.");
    visit(t, METHOD_POST, "/o/acme/assets",
          "name=Platform&type=cloud-platform&state=in-use&suppliers[]=SU-1");
    expect_status(t, 303);
    visit(t, METHOD_GET, SUPPLIERS "/SU-1", NULL);
    expect_text(t, "Platform");
    visit(t, METHOD_POST, SUPPLIERS "/SU-1/remove", "_version=1");
    expect_status(t, 409);
    api(t, "isms-manager", METHOD_GET, "/api/v1/suppliers", NULL);
    expect_text(t, "\"criticality\":3");
    api(t, "employee", METHOD_GET, "/api/v1/suppliers", NULL);
    expect_no_text(t, "Cloud Ltd");
    test_end(t);
}

static void impossible_days(void **state)
{
    static const struct {
        const char *form, *sentence;
    } cases[] = {
        {"&contract_from=2026-05-01&contract_until=2026-04-01", "would end before it begins"},
        {"&contract_until=2026-04-01&notice_by=2026-04-02",     "Notice would come after"   },
        {"&assessed=2026-04-01&next_review=2026-03-01",         "lies before the last one"  },
        {"&access=5",                                           "How far it reaches"        },
    };
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        visit(t, METHOD_POST, SUPPLIERS,
              arena_printf(t->arena, "name=X&kind=other&service=Y&state=active%s", cases[i].form));
        expect_status(t, 422);
        expect_text(t, cases[i].sentence);
    }
    expect_count(t, 0, "select count(*) from supplier where org_id = $1", num(t->org));
    test_end(t);
}

static void work_of_the_owner(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "risk-owner");
    visit(t, METHOD_POST, SUPPLIERS,
          arena_printf(t->arena,
                       "name=Archive+Ltd&kind=other&service=Boxes&state=active&owner=%lld"
                       "&next_review=2020-01-01",
                       person_of(t, "risk-owner")));
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/work", NULL);
    expect_text(t, "Archive Ltd");
    visit(t, METHOD_POST, SUPPLIERS "/SU-1",
          "_version=1&name=Archive+Ltd&kind=other&service=Boxes&state=ended");
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/work", NULL);
    expect_no_text(t, "Archive Ltd");
    test_end(t);
}

static void a_list_comes_in(void **state)
{
    struct test *t = test_begin();

    (void)state;
    api(t, "isms-manager", METHOD_POST, "/api/v1/suppliers/import",
        "[{\"name\":\"Post Ltd\",\"kind\":\"logistics\",\"service\":\"Letters\","
        "\"country\":\"Germany\",\"data\":2,\"access\":2,\"dependence\":1}]");
    expect_status(t, 200);
    expect_text(t, "\"created\":1");
    expect_count(t, 2, "select criticality from supplier where org_id = $1", num(t->org));
    api(t, "isms-manager", METHOD_POST, "/api/v1/locations/import",
        "[{\"name\":\"Depot\",\"kind\":\"store\",\"provider\":\"Post Ltd\"}]");
    expect_status(t, 200);
    login(t, "isms-manager");
    visit(t, METHOD_GET, SUPPLIERS "/export?format=csv", NULL);
    expect_status(t, 200);
    visit(t, METHOD_GET, "/o/acme/locations/LO-1", NULL);
    expect_text(t, "Post Ltd");
    visit(t, METHOD_POST, "/o/acme/assets", "name=Boxes&type=paper&state=in-use&place=LO-1");
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/locations/LO-1", NULL);
    expect_text(t, "Boxes");
    visit(t, METHOD_GET, SUPPLIERS "/SU-1", NULL);
    expect_text(t, "Depot");
    test_end(t);
}

static void rule_knows_all_terms(void **state)
{
    struct test *t = test_begin();
    const struct rule *r = rule_find(t->app->rules, "R136");

    (void)state;
    assert_non_null(strstr(r->offenders, arena_printf(t->arena, "<> %lld ", supplier_all_terms())));
    test_end(t);
}

const struct test_case supplier_tests[] = {
    TEST("how critical a supplier is follows from three figures, and is open while one is missing",
         rated_by_three_figures),
    TEST("suppliers are a register: listed by criticality, with what rests on them, kept from who "
         "may "
         "not see them, not removed while an asset names them",
         a_register),
    TEST("days and figures that cannot be are refused with the field that is wrong",
         impossible_days),
    TEST("an overdue review of a supplier is work of its owner until the supplier has ended",
         work_of_the_owner),
    TEST("suppliers and locations are imported and exported, and show what is there",
         a_list_comes_in),
    TEST("the rule about contracts asks for every term that the register has",
         rule_knows_all_terms),
    TEST_END,
};
