/* SPDX-License-Identifier: Apache-2.0 */
/* Own threats, weaknesses and chains, and what no risk touches. */
#include "feature/catalogue/catalogue.h"

#include <string.h>

#include "base/text.h"
#include "core/catalogue.h"
#include "visit.h"

extern const struct test_case catalogue_tests[];

static void post(struct test *t, const char *path, const char *form)
{
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/%s", path), form);
}

static void own_entries(struct test *t)
{
    login(t, "isms-manager");
    post(t, "threats", "title=Drones+over+the+yard&family=crime&properties=c");
    expect_status(t, 303);
    post(t, "weaknesses", "title=Yard+open+to+view&area=physical");
    expect_status(t, 303);
}

static void beside_supplied(void **state)
{
    struct test *t = test_begin();

    (void)state;
    own_entries(t);
    expect_count(t, 1, "select count(*) from threat where org_id = $1 and code = $2", num(t->org),
                 str("own-drones-over-the-yard"));
    visit(t, METHOD_GET, "/o/acme/catalogue", NULL);
    expect_text(t, "Drones over the yard");
    expect_text(t, "Extortion by encryption");
    visit(t, METHOD_GET, "/o/acme/catalogue?show=weaknesses&q=yard", NULL);
    expect_text(t, "Yard open to view");
    expect_no_text(t, "Shared accounts");
    visit(t, METHOD_GET, "/o/acme/risks/new", NULL);
    expect_text(t, "<option value='own-drones-over-the-yard'");
    post(t, "risks",
         arena_printf(t->arena,
                      "title=Filmed&threat=own-drones-over-the-yard&vulnerability=Yard+open+to+view"
                      "&owner=%lld&properties=c",
                      person_of(t, "risk-owner")));
    expect_status(t, 303);
    expect_count(t, 1, "select count(*) from risk where org_id = $1 and vulnerability = $2",
                 num(t->org), str("own-yard-open-to-view"));
    visit(t, METHOD_GET, "/o/acme/risks/R-1", NULL);
    expect_text(t, "Drones over the yard");
    visit(t, METHOD_GET, "/o/acme/risks?threat=own-drones-over-the-yard", NULL);
    expect_text(t, "Filmed");
    test_end(t);
}

static void codes_stay(void **state)
{
    struct test *t = test_begin();

    (void)state;
    own_entries(t);
    post(t, "threats", "title=Drones+over+the+yard&family=crime");
    expect_status(t, 303);
    expect_count(t, 1, "select count(*) from threat where org_id = $1 and code = $2", num(t->org),
                 str("own-drones-over-the-yard-2"));
    post(t, "threats/TH-1", "_version=1&title=Balloons");
    expect_status(t, 303);
    expect_count(t, 1,
                 "select count(*) from threat where org_id = $1 and title = 'Balloons'"
                 " and code = 'own-drones-over-the-yard'",
                 num(t->org));
    post(t, "risks",
         arena_printf(t->arena, "title=Filmed&threat=Balloons&owner=%lld&properties=c",
                      person_of(t, "risk-owner")));
    expect_status(t, 303);
    post(t, "threats/TH-1/remove", "_version=2");
    expect_status(t, 409);
    post(t, "threats/TH-1", "_version=2&state=retired");
    expect_status(t, 303);
    post(t, "risks", "title=Again&threat=Balloons");
    expect_status(t, 422);
    expect_text(t, "the catalogue has no such entry");
    visit(t, METHOD_GET, "/o/acme/risks/R-1/edit", NULL);
    expect_text(t, ">Balloons</option>");
    login(t, "employee");
    visit(t, METHOD_GET, "/o/acme/threats", NULL);
    expect_status(t, 403);
    login(t, "internal-auditor");
    post(t, "threats", "title=No&family=crime");
    expect_status(t, 403);
    test_end(t);
}

static void others_have_their_own(void **state)
{
    struct test *t = test_begin();

    (void)state;
    own_entries(t);
    login(t, "other-admin");
    assert_string_equal(catalogue_label(t->w, "threats", "own-drones-over-the-yard"),
                        "Drones over the yard");
    t->w->org = t->other;
    assert_string_equal(catalogue_label(t->w, "threats", "own-drones-over-the-yard"),
                        "own-drones-over-the-yard");
    t->w->org = t->org;
    test_end(t);
}

/* "own-office" is a supplied type of asset, though its code begins like those of own entries. */
static void supplied_codes_may_begin_like_own_ones(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    post(t, "assets", "name=Attic&type=own-office&state=in-use");
    expect_status(t, 303);
    assert_string_equal(catalogue_label(t->w, "asset_types", "own-office"),
                        "Own or rented offices");
    visit(t, METHOD_GET, "/o/acme/assets?q=attic", NULL);
    expect_text(t, "Own or rented offices");
    expect_no_text(t, ">own-office<");
    test_end(t);
}

static void chains_suggest(void **state)
{
    struct test *t = test_begin();

    (void)state;
    own_entries(t);
    post(t, "assets",
         arena_printf(t->arena, "name=Vans&type=server&state=in-use&c=4&i=4&a=4&owner=%lld",
                      person_of(t, "risk-owner")));
    expect_status(t, 303);
    post(t, "chains",
         "asset_type=server&threat=own-drones-over-the-yard&weakness=own-yard-open-to-view&weight=5"
         "&likelihood=3&impact=1&controls=7.2&reason=Vans+are+watched+from+above");
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/risks/suggestions?asset=A-1", NULL);
    expect_text(t, "Vans are watched from above");
    expect_text(t, "Drones over the yard");
    expect_text(t, "7.2");
    post(t, "chains",
         "asset_type=server&threat=own-drones-over-the-yard&weakness=own-yard-open-to-view&weight=5"
         "&reason=Twice");
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/risks/suggestions?asset=A-1", NULL);
    expect_no_text(t, "Twice");
    post(t, "chains/CH-2", "_version=1&state=retired");
    post(t, "chains/CH-1", "_version=1&state=retired");
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/risks/suggestions?asset=A-1", NULL);
    expect_no_text(t, "Vans are watched from above");
    test_end(t);
}

static void untouched(void **state)
{
    struct test *t = test_begin();
    json_t *first;

    (void)state;
    own_entries(t);
    post(t, "assets",
         arena_printf(t->arena, "name=Vans&type=server&state=in-use&c=4&i=4&a=4&owner=%lld",
                      person_of(t, "risk-owner")));
    post(t, "assets", "name=Sheds&type=server&state=in-use&c=1&i=1&a=1");
    visit(t, METHOD_GET, "/o/acme/coverage", NULL);
    expect_text(t, "1 asset worth 3 or more has no open risk.");
    expect_text(t, "2 of 2");
    expect_text(t, "8 of 8 threats untouched");
    post(t, "risks",
         arena_printf(t->arena,
                      "title=Filmed&threat=own-drones-over-the-yard&vulnerability=own-yard-open-to-"
                      "view&assets%%5B%%5D=A-1&owner=%lld&properties=c",
                      person_of(t, "risk-owner")));
    expect_status(t, 303);
    post(t, "risks",
         arena_printf(t->arena, "title=Event&threat=fire&owner=%lld&properties=c",
                      person_of(t, "risk-owner")));
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/coverage", NULL);
    expect_text(t, "1 of 2");
    expect_no_text(t, "worth 3 or more");
    expect_text(t, "7 of 8 threats untouched");
    api(t, "isms-manager", METHOD_GET, "/api/v1/coverage", NULL);
    expect_status(t, 200);
    first = json_array_get(json_object_get(answer_json(t), "families"), 0);
    assert_string_equal(json_string_value(json_object_get(first, "family")), "nature");
    assert_int_equal(json_integer_value(json_object_get(first, "from_events")), 1);
    assert_int_equal(json_integer_value(json_object_get(first, "from_assets")), 0);
    test_end(t);
}

static void come_as_lists(void **state)
{
    static const char csv[] = "title,family,plain\nFloating docks,supply,They come loose.\n"
                              "Wrong,nowhere,x\n";
    struct test *t = test_begin();

    (void)state;
    attach(t, "threats.csv", csv, sizeof(csv) - 1);
    api(t, "isms-manager", METHOD_POST, "/api/v1/threats/import?mode=good", NULL);
    expect_status(t, 200);
    assert_int_equal(json_integer_value(json_object_get(answer_json(t), "created")), 1);
    assert_int_equal(json_integer_value(json_object_get(answer_json(t), "wrong")), 1);
    expect_count(t, 1, "select count(*) from threat where org_id = $1 and code = $2", num(t->org),
                 str("own-floating-docks"));
    test_end(t);
}

const struct test_case catalogue_tests[] = {
    TEST("own threats and weaknesses stand beside the supplied ones, at risks and in lists",
         beside_supplied),
    TEST("an own code stays when its title changes, and while a risk has it", codes_stay),
    TEST("own entries of one organisation are none of another", others_have_their_own),
    TEST("a supplied code that begins like an own one keeps its label",
         supplied_codes_may_begin_like_own_ones),
    TEST("an own chain suggests risks with its weight, reason and controls", chains_suggest),
    TEST("families and assets that no risk touches are shown, by both ways", untouched),
    TEST("own threats come as a list, wrong ones are told", come_as_lists),
    TEST_END,
};
