/* SPDX-License-Identifier: Apache-2.0 */
/* Suggested risks: what is proposed, accepted, dismissed, and that nothing happens silently. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "core/app.h"
#include "core/content.h"
#include "feature/asset/asset.h"
#include "feature/organisation/organisation.h"
#include "feature/risk/risk.h"
#include "visit.h"

/* The company of 15 in a shared office that lives in the cloud. */
static struct err *answer_golden(struct web *w, void *ctx)
{
    struct issues issues = {.arena = w->arena};
    struct profile p;
    struct rows *r;

    (void)ctx;
    TRY(db_query(w->db, &r, "select id from profile where org_id = $1", num(w->org)));
    assert_true(row_next(r));
    TRY(entity_load(w, &profile_entity, row_num(r, 0), &p));
    p.headcount = 15;
    p.sites = "shared";
    p.remote_work = "mostly";
    p.cloud = "all";
    p.develops = "yes";
    p.personal_data = "ordinary";
    p.critical_suppliers = "yes";
    p.downtime = "day";
    p.sector = "software";
    p.own_devices = p.own_servers = p.own_network = p.outsourced_development = "no";
    p.card_payment = p.government = p.ot = p.experienced = "no";
    TRY(entity_write(w, &profile_entity, &p, NULL, &issues));
    assert_int_equal(issues.count, 0);
    return NULL;
}

static struct err *accept_assets(struct web *w, void *ctx)
{
    struct issues issues = {.arena = w->arena};
    struct asset_accepted done;
    struct asset_suggestions s;
    struct asset_pick *picks;

    (void)ctx;
    TRY(asset_suggest(w, &s));
    picks = NEW_ARRAY(w->arena, struct asset_pick, s.count + 1);
    for (size_t i = 0; i < s.count; i++)
        picks[i].code = s.list[i].code;
    TRY(asset_accept(w, picks, s.count, NULL, &issues, &done));
    assert_int_equal(issues.count, 0);
    return NULL;
}

static void golden(struct test *t)
{
    change(t, answer_golden, NULL);
    change(t, accept_assets, NULL);
}

struct adding {
    const char *name, *type;
    i64 value, owner, id;
};

static struct err *add_asset(struct web *w, void *ctx)
{
    struct adding *x = ctx;
    struct asset a = {.name = x->name,
                      .type = x->type,
                      .state = "in-use",
                      .in_scope = 1,
                      .c = x->value,
                      .i = x->value,
                      .a = x->value,
                      .owner = x->owner};
    struct issues issues = {.arena = w->arena};

    TRY(entity_write(w, &asset_entity, &a, NULL, &issues));
    assert_int_equal(issues.count, 0);
    x->id = a.id;
    return NULL;
}

static i64 asset(struct test *t, const char *name, const char *type, i64 value)
{
    struct adding x = {.name = name, .type = type, .value = value};

    change(t, add_asset, &x);
    return x.id;
}

static struct risk_candidates suggest(struct test *t)
{
    struct risk_candidates c;

    db_use_arena(t->w->db, t->arena);
    assert_ok(risk_suggest(t->w, 0, &c));
    return c;
}

static bool suggested(struct test *t, const char *key)
{
    struct risk_candidates c = suggest(t);

    for (size_t i = 0; i < c.count; i++)
        if (text_equal(c.list[i].key, key))
            return true;
    return false;
}

static i64 risks(struct test *t)
{
    return value(t, "select count(*) from risk where org_id = $1", num(t->org));
}

static const char *pick(struct test *t, const char *key)
{
    return arena_printf(t->arena, "pick[]=%s", text_url(t->arena, key));
}

static void post(struct test *t, const char *form)
{
    visit(t, METHOD_POST, "/o/acme/risks/suggestions", form);
}

/* --- what is proposed --- */

static void golden_company(void **state)
{
    struct test *t = test_begin();
    struct risk_candidates c;
    size_t assets_first = 0;

    (void)state;
    golden(t);
    c = suggest(t);
    assert_int_equal(c.most, 60);
    assert_true(c.shown <= 60);
    assert_true(c.shown > 30);
    assert_true(c.count >= c.shown);
    for (size_t i = 0; i < c.shown; i++) {
        const struct risk_candidate *x = &c.list[i];

        assert_true(strlen(x->reason) > 30);
        assert_true(strlen(x->controls) > 2);
        assert_true(x->properties > 0 && x->properties < 8);
        assert_contains(risk_candidate_title(t->w, x), x->asset_name);
        assert_true(x->likelihood >= 1 && x->likelihood <= 5);
        assets_first += x->first;
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(c.list[k].key, x->key);
            assert_string_not_equal(c.list[k].reason, x->reason);
        }
    }
    /* Every valuable asset gets one before the rest goes by weight. */
    assert_int_equal(assets_first,
                     value(t,
                           "select count(*) from asset where org_id = $1 and value >= 3"
                           " and in_scope = 1",
                           num(t->org)));
    assert_int_equal(risks(t), 0);
    test_end(t);
}

static void page_explains(void **state)
{
    struct test *t = test_begin();
    struct risk_candidates c;

    (void)state;
    golden(t);
    c = suggest(t);
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/risks/suggestions", NULL);
    expect_status(t, 200);
    expect_text(t, arena_printf(t->arena, "%zu of %zu suggestions", c.shown, c.count));
    expect_text(t, "Nothing becomes a risk before you accept it");
    expect_text(t, "Page 1 of 2");
    visit(t, METHOD_GET, "/o/acme/risks/suggestions?all=1&page=2", NULL);
    expect_status(t, 200);
    login(t, "internal-auditor");
    visit(t, METHOD_GET, "/o/acme/risks/suggestions", NULL);
    expect_status(t, 200);
    expect_no_text(t, "type='checkbox'");
    post(t, pick(t, c.list[0].key));
    expect_status(t, 403);
    assert_int_equal(risks(t), 0);
    test_end(t);
}

static void out_of_scope_is_left_out(void **state)
{
    struct test *t = test_begin();
    i64 id;

    (void)state;
    id = asset(t, "Customer files", "customer-data", 4);
    assert_true(suggest(t).count > 5);
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/assets/A-1", "_version=1&state=retired");
    expect_status(t, 303);
    assert_true(id > 0);
    assert_int_equal(suggest(t).count, 0);
    test_end(t);
}

/* --- accepting --- */

static void accepted_once(void **state)
{
    struct test *t = test_begin();
    struct risk_candidates c;
    const char *key;
    struct risk r;

    (void)state;
    asset(t, "Customer files", "customer-data", 4);
    c = suggest(t);
    key = c.list[0].key;
    login(t, "isms-manager");
    post(t, arena_printf(t->arena, "do=accept&%s", pick(t, key)));
    expect_status(t, 303);
    assert_int_equal(risks(t), 1);
    assert_false(suggested(t, key));
    post(t, arena_printf(t->arena, "do=accept&%s", pick(t, key)));
    expect_status(t, 303);
    assert_contains(header(t, "Location"), "created=0&merged=0&skipped=1");
    assert_int_equal(risks(t), 1);
    db_use_arena(t->w->db, t->arena);
    assert_ok(entity_load(t->w, &risk_entity,
                          value(t, "select id from risk where org_id = $1", num(t->org)), &r));
    assert_string_equal(r.origin, "suggested");
    assert_string_equal(r.seed, key);
    assert_string_equal(r.description, c.list[0].reason);
    assert_int_equal(r.inherent_likelihood, 0);
    assert_int_equal(r.inherent_impact, 0);
    assert_int_equal(r.score, 0);
    assert_string_equal(risk_suggested_controls(t->w, &r), c.list[0].controls);
    visit(t, METHOD_GET, "/o/acme/risks/R-1", NULL);
    expect_status(t, 200);
    expect_text(t, "Controls that usually help");
    test_end(t);
}

static void scores_only_when_asked(void **state)
{
    struct test *t = test_begin();
    struct risk_candidates c;

    (void)state;
    asset(t, "Customer files", "customer-data", 4);
    c = suggest(t);
    login(t, "isms-manager");
    post(t, arena_printf(t->arena, "scores=1&owner=%lld&one=%s", person_of(t, "risk-owner"),
                         text_url(t->arena, c.list[0].key)));
    expect_status(t, 303);
    expect_count(t, 1,
                 "select count(*) from risk where org_id = $1 and inherent_likelihood = $2"
                 " and inherent_impact = $3 and current_likelihood is null and owner = $4",
                 num(t->org), num(c.list[0].likelihood), num(c.list[0].impact),
                 num(person_of(t, "risk-owner")));
    post(t, arena_printf(t->arena, "owner=P-999&one=%s", text_url(t->arena, c.list[1].key)));
    expect_status(t, 422);
    expect_text(t, "There is no person");
    post(t, "do=accept");
    expect_status(t, 422);
    expect_text(t, "Nothing is ticked");
    assert_int_equal(risks(t), 1);
    test_end(t);
}

static void asset_owner_is_the_default(void **state)
{
    struct test *t = test_begin();
    struct adding x = {.name = "Owned", .type = "customer-data", .value = 3};

    (void)state;
    x.owner = person_of(t, "department-head");
    change(t, add_asset, &x);
    login(t, "isms-manager");
    post(t, arena_printf(t->arena, "owner=&one=%s", text_url(t->arena, suggest(t).list[0].key)));
    expect_status(t, 303);
    expect_count(t, 1, "select count(*) from risk where org_id = $1 and owner = $2", num(t->org),
                 num(x.owner));
    test_end(t);
}

static void one_risk_for_several(void **state)
{
    struct test *t = test_begin();
    struct risk_candidates c;
    struct buf form;
    size_t same = 0;

    (void)state;
    asset(t, "Shop", "web-app", 4);
    asset(t, "Portal", "web-app", 5);
    asset(t, "Forum", "web-app", 2);
    c = suggest(t);
    buf_init(&form, t->arena, 1024);
    buf_str(&form, "do=accept&combine=1&scores=1");
    for (size_t i = 0; i < c.count; i++) {
        if (!text_equal(c.list[i].threat, c.list[0].threat) ||
            !text_equal(c.list[i].vulnerability, c.list[0].vulnerability))
            continue;
        buf_printf(&form, "&%s", pick(t, c.list[i].key));
        same++;
    }
    assert_int_equal(same, 3);
    login(t, "isms-manager");
    post(t, form.data);
    expect_status(t, 303);
    assert_contains(header(t, "Location"), "created=1&merged=2&skipped=0");
    assert_int_equal(risks(t), 1);
    expect_count(t, 3, "select count(*) from risk_assets where org_id = $1", num(t->org));
    /* The way is the same for all three, so it is told once. */
    expect_count(t, 1, "select count(*) from risk where org_id = $1 and description = $2",
                 num(t->org), str(c.list[0].reason));
    visit(t, METHOD_GET, "/o/acme/risks/suggestions?created=1&merged=2&skipped=0", NULL);
    expect_text(t, "1 risk created from 3 suggestions");
    /* None of the three is proposed again. */
    assert_int_equal(suggest(t).count, c.count - 3);
    test_end(t);
}

static void forty_at_once(void **state)
{
    struct test *t = test_begin();
    struct risk_candidates c;
    struct buf form;
    i64 before;

    (void)state;
    golden(t);
    c = suggest(t);
    buf_init(&form, t->arena, 8192);
    buf_str(&form, "do=accept");
    for (size_t i = 0; i < 40; i++)
        buf_printf(&form, "&%s", pick(t, c.list[i].key));
    login(t, "isms-manager");
    before = value(t, "select n from audit_frontier where org_id = $1", num(t->org));
    post(t, form.data);
    expect_status(t, 303);
    assert_int_equal(risks(t), 40);
    assert_int_equal(value(t, "select n from audit_frontier where org_id = $1", num(t->org)),
                     before + 40);
    /* One transaction: one request in the log. */
    expect_count(t, 40, "select count(*) from risk where org_id = $1 and origin = 'suggested'",
                 num(t->org));
    test_end(t);
}

/* --- dismissing --- */

static void dismissed_stay_away(void **state)
{
    struct test *t = test_begin();
    const char *key;

    (void)state;
    asset(t, "Customer files", "customer-data", 4);
    key = suggest(t).list[0].key;
    login(t, "isms-manager");
    post(t, arena_printf(t->arena, "do=dismiss&%s", pick(t, key)));
    expect_status(t, 422);
    expect_text(t, "Say in a few words why");
    assert_true(suggested(t, key));
    post(t, arena_printf(t->arena, "do=dismiss&reason=Never+here&%s", pick(t, key)));
    expect_status(t, 303);
    assert_false(suggested(t, key));
    visit(t, METHOD_GET, "/o/acme/risks/suggestions", NULL);
    expect_text(t, "1 dismissed");
    expect_text(t, "Never here");
    visit(t, METHOD_POST, "/o/acme/risks/suggestions/back",
          arena_printf(t->arena, "key=%s", text_url(t->arena, key)));
    expect_status(t, 303);
    assert_true(suggested(t, key));
    visit(t, METHOD_POST, "/o/acme/risks/suggestions/back", "key=nothing");
    expect_status(t, 404);
    login(t, "risk-owner");
    post(t, arena_printf(t->arena, "do=dismiss&reason=Never+here&%s", pick(t, key)));
    expect_status(t, 403);
    assert_true(suggested(t, key));
    assert_int_equal(risks(t), 0);
    test_end(t);
}

/* --- the API --- */

static void api_does_the_same(void **state)
{
    struct test *t = test_begin();
    const char *accept, *put_aside;
    json_t *list;

    (void)state;
    asset(t, "Customer files", "customer-data", 4);
    api(t, "isms-manager", METHOD_GET, "/api/v1/suggestions/risks?asset=A-1", NULL);
    expect_status(t, 200);
    list = json_object_get(answer_json(t), "suggestions");
    assert_true(json_array_size(list) > 5);
    accept =
        arena_str(t->arena, json_string_value(json_object_get(json_array_get(list, 0), "key")));
    put_aside =
        arena_str(t->arena, json_string_value(json_object_get(json_array_get(list, 1), "key")));
    assert_non_null(json_string_value(json_object_get(json_array_get(list, 0), "reason")));
    api(t, "isms-manager", METHOD_POST, "/api/v1/suggestions/risks",
        arena_printf(t->arena, "{\"accept\": [\"%s\"], \"dismiss\": [{\"key\": \"%s\"}]}", accept,
                     put_aside));
    expect_status(t, 422);
    assert_int_equal(risks(t), 0); /* all or nothing */
    api(t, "isms-manager", METHOD_POST, "/api/v1/suggestions/risks",
        arena_printf(t->arena,
                     "{\"accept\": [\"%s\", \"1/x/y/z\"], \"scores\": true, \"dismiss\":"
                     " [{\"key\": \"%s\", \"reason\": \"not here\"}]}",
                     accept, put_aside));
    expect_status(t, 200);
    assert_int_equal(json_array_size(json_object_get(answer_json(t), "created")), 1);
    assert_int_equal(json_integer_value(json_object_get(answer_json(t), "skipped")), 1);
    assert_int_equal(risks(t), 1);
    assert_false(suggested(t, put_aside));
    api(t, "isms-manager", METHOD_POST, "/api/v1/suggestions/risks",
        arena_printf(t->arena, "{\"take_back\": [\"%s\"]}", put_aside));
    expect_status(t, 200);
    assert_true(suggested(t, put_aside));
    api(t, "isms-manager", METHOD_POST, "/api/v1/suggestions/risks", "{\"everything\": true}");
    expect_status(t, 400);
    test_end(t);
}

/* --- many --- */

static struct err *add_many(struct web *w, void *ctx)
{
    struct adding x = {.type = "customer-data", .value = 3};

    (void)ctx;
    for (int i = 0; i < 1000; i++) {
        x.name = arena_printf(w->arena, "Data set %d", i);
        TRY(add_asset(w, &x));
    }
    return NULL;
}

static void ten_thousand_pairs(void **state)
{
    struct test *t = test_begin();
    struct risk_candidates c;
    u64 few, before;

    (void)state;
    change(t, answer_golden, NULL);
    suggest(t); /* counted below: the first call reads the catalogue */
    before = db_statements(t->w->db);
    suggest(t);
    few = db_statements(t->w->db) - before;
    change(t, add_many, NULL);
    before = db_statements(t->w->db);
    c = suggest(t);
    assert_int_equal(db_statements(t->w->db) - before, few);
    assert_true(c.count >= 10000);
    assert_int_equal(c.shown, 60);
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/risks/suggestions?all=1&page=7", NULL);
    expect_status(t, 200);
    test_end(t);
}

const struct test_case risk_suggest_tests[] = {
    TEST(
        "the company of 15 gets at most 60 suggestions, each with a reason of its own and controls",
        golden_company),
    TEST("the page shows them in portions, and without the right to write only to look at",
         page_explains),
    TEST("retired assets bring no suggestions", out_of_scope_is_left_out),
    TEST("accepting twice creates one risk, unscored, with reason and origin", accepted_once),
    TEST("proposed scores are taken over only when asked for", scores_only_when_asked),
    TEST("without another owner the asset's owner owns the risk", asset_owner_is_the_default),
    TEST("one risk can be made of the same scenario on several assets", one_risk_for_several),
    TEST("forty suggestions are accepted in one go", forty_at_once),
    TEST("a dismissed suggestion stays away until it is taken back", dismissed_stay_away),
    TEST("the API lists, accepts, dismisses and takes back, all or nothing", api_does_the_same),
    TEST("ten thousand suggestions take as many statements as few, and are shown by the page",
         ten_thousand_pairs),
    TEST_END,
};
