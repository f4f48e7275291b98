/* SPDX-License-Identifier: Apache-2.0 */
/* Saved views: whose they are, what they open, what is refused. */
#include "core/view.h"

#include <string.h>

#include "base/text.h"
#include "feature/asset/asset.h"
#include "maker.h"

extern const struct test_case view_tests[];

static i64 last_view(struct test *t)
{
    return value(t, "select max(id) from saved_view where org_id = $1", num(t->org));
}

/* A view made by the panel's form; its address. */
static const char *save_view(struct test *t, const char *title, const char *query, const char *more)
{
    visit(t, METHOD_POST, "/o/acme/views",
          arena_printf(t->arena, "kind=asset&title=%s&query=%s%s", form_text_value(t, title),
                       form_text_value(t, query), more));
    expect_status(t, 303);
    return arena_printf(t->arena, "/o/acme/assets?view=%lld", last_view(t));
}

static void two_assets(struct test *t)
{
    struct making used = {.org = t->org, .entity = &asset_entity};
    struct making gone = {.org = t->org, .entity = &asset_entity};

    used.set = inputs_with(t, used.set, "name", "Laptop in use");
    used.set = inputs_with(t, used.set, "state", "in-use");
    gone.set = inputs_with(t, gone.set, "name", "Laptop retired");
    gone.set = inputs_with(t, gone.set, "state", "retired");
    make_record(t, &used);
    make_record(t, &gone);
}

static void opens_as_it_was_kept(void **state)
{
    struct test *t = test_begin();
    const char *address;

    (void)state;
    login(t, "isms-manager");
    two_assets(t);
    address = save_view(t, "Retired ones", "state=retired&sort=-name&cols=owner&limit=25", "");
    visit(t, METHOD_GET, address, NULL);
    expect_status(t, 200);
    expect_text(t, "Laptop retired");
    expect_no_text(t, "Laptop in use");
    expect_text(t, "State: Retired");
    expect_text(t, "aria-sort='descending'");
    expect_no_text(t, "data-label='State'");
    visit(t, METHOD_GET, "/o/acme/assets", NULL);
    expect_text(t, "Laptop in use");
    visit(t, METHOD_GET, "/o/acme/assets?panel=views", NULL);
    expect_text(t, "Retired ones");
    test_end(t);
}

static void taking_out_the_last_filter_shows_all(void **state)
{
    struct test *t = test_begin();
    const char *address;

    (void)state;
    login(t, "isms-manager");
    two_assets(t);
    address = save_view(t, "Retired ones", "state=retired", "&own_default=1");
    visit(t, METHOD_GET, address, NULL);
    expect_text(t, "aria-current='true' href='/o/acme/assets?view=all'");
    visit(t, METHOD_GET, "/o/acme/assets?view=all", NULL);
    expect_text(t, "Laptop in use");
    visit(t, METHOD_GET, "/o/acme/assets", NULL); /* the default view */
    expect_no_text(t, "Laptop in use");
    visit(t, METHOD_GET, "/o/acme/assets?view=999999", NULL); /* of nobody: the list as it is */
    expect_status(t, 200);
    expect_text(t, "Laptop in use");
    test_end(t);
}

static void own_views_are_nobody_elses(void **state)
{
    struct test *t = test_begin();
    i64 id;

    (void)state;
    login(t, "isms-manager");
    two_assets(t);
    save_view(t, "Mine alone", "state=retired", "");
    id = last_view(t);
    login(t, "risk-owner");
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/assets?view=%lld", id), NULL);
    expect_text(t, "Laptop in use");
    visit(t, METHOD_GET, "/o/acme/views", NULL);
    expect_no_text(t, "Mine alone");
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/views/%lld/remove", id), "");
    expect_status(t, 404);
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/views/%lld", id), "title=Taken");
    expect_status(t, 404);
    expect_count(t, 1, "select count(*) from saved_view where org_id = $1 and title = 'Mine alone'",
                 num(t->org));
    test_end(t);
}

static void sharing_needs_its_right(void **state)
{
    struct test *t = test_begin();
    i64 id;

    (void)state;
    two_assets(t);
    login(t, "risk-owner");
    visit(t, METHOD_POST, "/o/acme/views", "kind=asset&title=For+all&query=&shared=1");
    expect_status(t, 403);
    login(t, "isms-manager");
    save_view(t, "Retired", "state=retired", "&shared=1&all_default=1");
    id = last_view(t);
    login(t, "risk-owner");
    visit(t, METHOD_GET, "/o/acme/assets", NULL); /* opens with it for everybody */
    expect_no_text(t, "Laptop in use");
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/views/%lld", id), "title=Taken");
    expect_status(t, 403);
    save_view(t, "In use", "state=in-use", "&own_default=1"); /* the own choice comes first */
    visit(t, METHOD_GET, "/o/acme/assets", NULL);
    expect_text(t, "Laptop in use");
    expect_no_text(t, "Laptop retired");
    login(t, "isms-manager");
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/views/%lld", id), "title=Retired");
    expect_status(t, 303); /* no longer shared: it opens nobody's list but its maker's */
    login(t, "top-management");
    visit(t, METHOD_GET, "/o/acme/assets", NULL);
    expect_text(t, "Laptop in use");
    test_end(t);
}

static void refuses_what_no_list_understands(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/views", "kind=asset&title=X&query=colour%3Dred");
    expect_status(t, 422);
    expect_text(t, "does not know");
    visit(t, METHOD_POST, "/o/acme/views", "kind=asset&title=&query=");
    expect_status(t, 422);
    visit(t, METHOD_POST, "/o/acme/views", "kind=dragon&title=X&query=");
    expect_status(t, 422);
    save_view(t, "Once", "state=retired&after=zzz&m=saved", "");
    expect_count(t, 1,
                 "select count(*) from saved_view where org_id = $1 and query = 'state=retired'",
                 num(t->org));
    visit(t, METHOD_POST, "/o/acme/views", "kind=asset&title=Once&query=");
    expect_status(t, 422);
    expect_text(t, "already have a view");
    test_end(t);
}

static void the_api_keeps_views_too(void **state)
{
    struct test *t = test_begin();
    const char *id;

    (void)state;
    api(t, "isms-manager", METHOD_POST, "/api/v1/views",
        "{\"kind\":\"assets\",\"title\":\"By API\",\"query\":\"state[]=retired&state[]=in-use\","
        "\"own_default\":true}");
    expect_status(t, 201);
    expect_text(t, "state=retired%2Cin-use");
    expect_text(t, "\"own_default\":true");
    id = arena_printf(t->arena, "/api/v1/views/%lld", last_view(t));
    api(t, "isms-manager", METHOD_PATCH, id, "{\"title\":\"Renamed\",\"own_default\":false}");
    expect_status(t, 200);
    expect_text(t, "Renamed");
    api(t, "isms-manager", METHOD_PATCH, id, "{\"person\":\"1\"}");
    expect_status(t, 422);
    api(t, "risk-owner", METHOD_PATCH, id, "{\"title\":\"Taken\"}");
    expect_status(t, 404);
    api(t, "isms-manager", METHOD_GET, "/api/v1/views?kind=assets", NULL);
    expect_text(t, "Renamed");
    api(t, "isms-manager", METHOD_DELETE, id, NULL);
    expect_status(t, 204);
    expect_count(t, 0, "select count(*) from saved_view where org_id = $1", num(t->org));
    test_end(t);
}

const struct test_case view_tests[] = {
    TEST("a view opens the list with its filters, order and columns", opens_as_it_was_kept),
    TEST("a list opens with the default view, and without it when everything is taken out",
         taking_out_the_last_filter_shows_all),
    TEST("a view that is not shared is nobody else's", own_views_are_nobody_elses),
    TEST("sharing a view needs its right; the own default comes before that for everybody",
         sharing_needs_its_right),
    TEST("a view that no list understands is refused", refuses_what_no_list_understands),
    TEST("the API keeps, changes and removes views", the_api_keeps_views_too),
    TEST_END,
};
