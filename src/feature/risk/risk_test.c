/* SPDX-License-Identifier: Apache-2.0 */
/* The register of risks through the whole program: levels, rules, map, who sees what. Suggestions
 * are in risk_suggest_test.c. */
#include "feature/risk/risk.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/decision.h"
#include "core/trail.h"
#include "feature/asset/asset.h"
#include "feature/method/method.h"
#include "feature/treatment/treatment.h"
#include "visit.h"

/* --- writing directly --- */

struct writing {
    const struct entity *e;
    void *record;
    const char *refused; /* the first issue, or NULL */
};

static struct err *write_one(struct web *w, void *ctx)
{
    struct writing *x = ctx;
    struct issues issues = {.arena = w->arena};

    TRY(entity_write(w, x->e, x->record, NULL, &issues));
    x->refused = issues.count ? issues.list[0].text : NULL;
    return NULL;
}

static const char *put(struct test *t, const struct entity *e, void *record)
{
    struct writing x = {.e = e, .record = record};

    change(t, write_one, &x);
    return x.refused;
}

static i64 add(struct test *t, const char *title, i64 likelihood, i64 impact)
{
    struct risk r = {.title = title, .current_likelihood = likelihood, .current_impact = impact};

    assert_null(put(t, &risk_entity, &r));
    return r.id;
}

static i64 add_asset(struct test *t, const char *name)
{
    struct asset a = {.name = name,
                      .type = "customer-data",
                      .state = "in-use",
                      .in_scope = 1,
                      .c = 4,
                      .i = 3,
                      .a = 2};

    assert_null(put(t, &asset_entity, &a));
    return a.id;
}

static i64 add_treatment(struct test *t, i64 risk, const char *title)
{
    struct treatment x = {.title = title,
                          .risk = risk,
                          .option = "retain",
                          .state = "planned",
                          .justification = "Small loss, and watched every month.",
                          .expires = "2099-01-01",
                          .monitoring = "A second case"};

    assert_null(put(t, &treatment_entity, &x));
    return x.id;
}

static struct risk load(struct test *t, i64 id)
{
    struct risk r;

    db_use_arena(t->w->db, t->arena);
    assert_ok(entity_load(t->w, &risk_entity, id, &r));
    return r;
}

static struct risk newest(struct test *t)
{
    return load(t, value(t, "select id from risk where org_id = $1 order by number desc limit 1",
                         num(t->org)));
}

static const char *address(struct test *t, const struct risk *r, const char *tail)
{
    return arena_printf(t->arena, "/o/acme/risks/R-%lld%s", r->number, tail);
}

/* --- levels --- */

static void levels_are_looked_up(void **state)
{
    static const struct {
        i64 likelihood, impact, score;
        const char *band;
    } vectors[] = {
        {1, 1, 1,  "low"     },
        {1, 4, 4,  "low"     },
        {5, 1, 5,  "medium"  },
        {3, 3, 9,  "medium"  },
        {2, 5, 10, "high"    },
        {4, 4, 16, "high"    },
        {4, 5, 20, "critical"},
        {5, 5, 25, "critical"}
    };
    struct test *t = test_begin();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct risk r = load(t, add(t, "x", vectors[i].likelihood, vectors[i].impact));

        assert_int_equal(r.current_score, vectors[i].score);
        assert_string_equal(r.current_band, vectors[i].band);
        assert_int_equal(r.score, vectors[i].score);
        assert_string_equal(r.band, vectors[i].band);
        assert_int_equal(r.inherent_score, 0);
    }
    test_end(t);
}

static void the_form_saves_a_risk(void **state)
{
    struct test *t = test_begin();
    i64 asset;
    struct risk r;

    (void)state;
    asset = add_asset(t, "Customer files");
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/risks",
          arena_printf(t->arena,
                       "title=Ransomware+stops+us&threat=ransomware&vulnerability=reachable-backup"
                       "&properties[]=&properties[]=c&properties[]=a&assets[]=&assets[]=%lld"
                       "&owner=%lld&inherent_likelihood=4&inherent_impact=5&current_likelihood=3"
                       "&current_impact=5&rationale=Two+attempts",
                       asset, person_of(t, "risk-owner")));
    expect_status(t, 303);
    r = newest(t);
    assert_string_equal(r.title, "Ransomware stops us");
    assert_int_equal(r.properties, 5);
    assert_int_equal(r.assets.count, 1);
    assert_int_equal(r.assets.id[0], asset);
    assert_int_equal(r.inherent_score, 20);
    assert_int_equal(r.current_score, 15);
    assert_string_equal(r.state, "open");
    assert_string_equal(r.origin, "own");
    assert_int_equal(r.analyst, person_of(t, "isms-manager"));
    visit(t, METHOD_GET, address(t, &r, ""), NULL);
    expect_status(t, 200);
    expect_text(t, "Ransomware stops us");
    expect_text(t, "20 critical");
    expect_text(t, "15 high");
    expect_text(t, "Customer files");
    expect_text(t, "not scored");
    visit(t, METHOD_GET, "/o/acme/risks", NULL);
    expect_status(t, 200);
    expect_text(t, "Customer files · extortion by encryption");
    test_end(t);
}

static void unscored_is_not_low(void **state)
{
    struct test *t = test_begin();
    struct risk r;

    (void)state;
    r = load(t, add(t, "Nobody looked yet", 0, 0));
    assert_int_equal(r.score, 0);
    assert_null(r.band);
    expect_count(t, 1,
                 "select count(*) from risk where org_id = $1 and score is null"
                 " and band is null and current_score is null",
                 num(t->org));
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/risks?band=low", NULL);
    expect_no_text(t, "Nobody looked yet");
    visit(t, METHOD_GET, "/o/acme/risks?state=open&score=none", NULL);
    expect_text(t, "Nobody looked yet");
    expect_text(t, "1 risk is not scored");
    visit(t, METHOD_GET, address(t, &r, "/score"), NULL);
    expect_status(t, 200);
    expect_text(t, "3 — Possible: Once in 1 to 3 years");
    expect_text(t, "<option value='' selected>Not scored</option>");
    test_end(t);
}

static void half_a_score_is_refused(void **state)
{
    struct test *t = test_begin();
    struct risk r = {.title = "Half", .current_likelihood = 3};

    (void)state;
    assert_contains(put(t, &risk_entity, &r), "a likelihood without an impact gives no level");
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/risks", "title=Half&inherent_impact=4");
    expect_status(t, 422);
    expect_text(t, "an impact without a likelihood gives no level");
    visit(t, METHOD_POST, "/o/acme/risks", "title=Off&inherent_impact=9&inherent_likelihood=1");
    expect_status(t, 422);
    expect_text(t, "from 1 to 5, not");
    expect_count(t, 0, "select count(*) from risk where org_id = $1", num(t->org));
    test_end(t);
}

static void residual_is_not_above(void **state)
{
    struct test *t = test_begin();
    struct risk r = {.title = "Fire",
                     .inherent_likelihood = 3,
                     .inherent_impact = 3,
                     .residual_likelihood = 4,
                     .residual_impact = 3};

    (void)state;
    assert_contains(put(t, &risk_entity, &r),
                    "The expected residual level (12) is above the inherent level (9)");
    r.residual_likelihood = 3;
    assert_contains(put(t, &risk_entity, &r), "equals the inherent level (9). Say why");
    r.residual_reason = "Nothing can be done about the weather.";
    assert_null(put(t, &risk_entity, &r));
    assert_int_equal(load(t, r.id).residual_score, 9);
    r.residual_likelihood = 1;
    r.residual_reason = NULL;
    assert_null(put(t, &risk_entity, &r));
    assert_int_equal(load(t, r.id).residual_score, 3);
    test_end(t);
}

static void current_counts_before_inherent(void **state)
{
    struct test *t = test_begin();
    struct risk r = {.title = "Both", .inherent_likelihood = 5, .inherent_impact = 5};

    (void)state;
    assert_null(put(t, &risk_entity, &r));
    assert_int_equal(load(t, r.id).score, 25);
    r.current_likelihood = 2;
    r.current_impact = 3;
    assert_null(put(t, &risk_entity, &r));
    assert_int_equal(load(t, r.id).score, 6);
    assert_string_equal(load(t, r.id).band, "medium");
    test_end(t);
}

static void who_scores_is_the_analyst(void **state)
{
    struct test *t = test_begin();
    struct risk r;

    (void)state;
    r = load(t, add(t, "Scored by nobody", 2, 2));
    assert_int_equal(r.analyst, 0);
    login(t, "risk-owner");
    visit(t, METHOD_POST, address(t, &r, "/score"),
          "_version=1&current_likelihood=4&current_impact=2&rationale=Seen+twice");
    expect_status(t, 303);
    r = load(t, r.id);
    assert_int_equal(r.current_score, 8);
    assert_string_equal(r.rationale, "Seen twice");
    assert_int_equal(r.analyst, person_of(t, "risk-owner"));
    login(t, "isms-manager");
    visit(t, METHOD_POST, address(t, &r, ""), "_version=2&title=Renamed");
    expect_status(t, 303);
    r = load(t, r.id);
    assert_string_equal(r.title, "Renamed");
    assert_int_equal(r.analyst, person_of(t, "risk-owner"));
    api(t, "isms-manager", METHOD_PATCH, arena_printf(t->arena, "/api/v1/risks/R-%lld", r.number),
        "{\"version\": 3, \"current_impact\": 5}");
    r = load(t, r.id);
    assert_int_equal(r.current_score, 20);
    assert_int_equal(r.analyst, person_of(t, "isms-manager"));
    test_end(t);
}

static void old_version_is_not_overwritten(void **state)
{
    struct test *t = test_begin();
    struct risk r;

    (void)state;
    r = load(t, add(t, "Twice", 2, 2));
    login(t, "isms-manager");
    visit(t, METHOD_POST, address(t, &r, "/score"),
          "_version=1&current_likelihood=3&current_impact=3");
    expect_status(t, 303);
    visit(t, METHOD_POST, address(t, &r, "/score"),
          "_version=1&current_likelihood=5&current_impact=5");
    expect_status(t, 409);
    visit(t, METHOD_POST, address(t, &r, ""), "_version=1&title=Mine");
    expect_status(t, 409);
    expect_text(t, "Somebody else saved this too");
    r = load(t, r.id);
    assert_int_equal(r.current_score, 9);
    assert_string_equal(r.title, "Twice");
    test_end(t);
}

/* --- state --- */

static void closed_weighs_nothing(void **state)
{
    struct test *t = test_begin();
    struct risk r;

    (void)state;
    r = load(t, add(t, "Old office burns", 4, 5));
    login(t, "isms-manager");
    visit(t, METHOD_POST, address(t, &r, "/close"), "_version=1");
    expect_status(t, 422);
    visit(t, METHOD_POST, address(t, &r, "/close"), "_version=1&_reason=We+moved+out");
    expect_status(t, 303);
    r = load(t, r.id);
    assert_string_equal(r.state, "closed");
    assert_int_equal(r.score, 0);
    assert_int_equal(r.current_score, 20);
    visit(t, METHOD_GET, "/o/acme/risks/ranking", NULL);
    expect_no_text(t, "Old office burns");
    visit(t, METHOD_GET, "/o/acme/risks?score.min=1", NULL);
    expect_no_text(t, "Old office burns");
    visit(t, METHOD_POST, address(t, &r, "/reopen"), "_version=2&_reason=We+kept+the+cellar");
    expect_status(t, 303);
    assert_int_equal(load(t, r.id).score, 20);
    test_end(t);
}

static void treated_ones_stay(void **state)
{
    struct test *t = test_begin();
    struct risk r;
    i64 treatment;

    (void)state;
    r = load(t, add(t, "Theft", 4, 4));
    treatment = add_treatment(t, r.id, "Insure the laptops");
    assert_int_equal(load(t, r.id).treated, 1);
    login(t, "isms-manager");
    visit(t, METHOD_POST, address(t, &r, "/remove"), "_version=1&_reason=gone");
    expect_status(t, 409);
    expect_text(t, "Insure the laptops");
    visit(t, METHOD_GET, address(t, &r, ""), NULL);
    expect_text(t, "Insure the laptops");
    visit(t, METHOD_GET, "/o/acme/risks?score.min=10&treated=0", NULL);
    expect_no_text(t, "R-1</span>");
    struct treatment x;
    db_use_arena(t->w->db, t->arena);
    assert_ok(entity_load(t->w, &treatment_entity, treatment, &x));
    x.state = "cancelled";
    assert_null(put(t, &treatment_entity, &x));
    assert_int_equal(load(t, r.id).treated, 0);
    visit(t, METHOD_GET, "/o/acme/risks?score.min=10&treated=0", NULL);
    expect_text(t, "R-1</span>");
    test_end(t);
}

static void copy_has_no_scores(void **state)
{
    struct test *t = test_begin();
    struct risk r;

    (void)state;
    r = load(t, add(t, "Copied risk", 4, 4));
    login(t, "isms-manager");
    visit(t, METHOD_GET, address(t, &r, "/copy"), NULL);
    expect_status(t, 200);
    expect_text(t, "value='Copied risk'");
    expect_no_text(t, "<option value='4' selected>");
    test_end(t);
}

/* --- map, ranking --- */

/* Follows each link of the map and compares its figure with the rows of the list. */
static size_t follow_cells(struct test *t)
{
    static const char start[] = "<a href='/o/acme/risks?state=open&amp;current_likelihood=";
    const char *page = arena_str(t->arena, body(t));
    size_t cells = 0;

    for (const char *p = page; (p = strstr(p, start)); p++) {
        long long l, i, wanted, rows = 0;
        const char *figure = strstr(p, "aria-label='");

        assert_int_equal(sscanf(p + sizeof(start) - 1, "%lld&amp;current_impact=%lld", &l, &i), 2);
        assert_non_null(figure);
        assert_int_equal(sscanf(figure, "aria-label='%lld", &wanted), 1);
        visit(t, METHOD_GET,
              arena_printf(t->arena,
                           "/o/acme/risks?state=open&current_likelihood=%lld&current_impact=%lld",
                           l, i),
              NULL);
        expect_status(t, 200);
        for (const char *row = body(t); (row = strstr(row, "class='record-number'")); row++)
            rows++;
        if (rows != wanted)
            fail_msg("the map says %lld at %lld × %lld, the list %lld", wanted, l, i, rows);
        expect_text(t, "aria-current='true'><a href=");
        cells++;
    }
    return cells;
}

static void map_equals_list(void **state)
{
    struct test *t = test_begin();
    struct risk r;

    (void)state;
    for (i64 i = 0; i < 30; i++)
        add(t, "Counted", 1 + i * i % 5, 1 + i * 3 % 4);
    add(t, "Not scored", 0, 0);
    r = load(t, add(t, "Closed", 1, 1));
    r.state = "closed";
    assert_null(put(t, &risk_entity, &r));
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/risks", NULL);
    expect_status(t, 200);
    expect_text(t, "Acceptance level: <strong>9</strong>");
    assert_int_equal(follow_cells(t),
                     value(t,
                           "select count(*) from (select distinct current_likelihood,"
                           " current_impact from risk where org_id = $1 and state = 'open'"
                           " and current_likelihood is not null) as cells",
                           num(t->org)));
    test_end(t);
}

static void map_follows_changes(void **state)
{
    struct test *t = test_begin();

    (void)state;
    add(t, "One", 4, 5);
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/risks", NULL);
    expect_text(t, "1 risk above it waits for a decision");
    expect_text(t, "aria-label='1 risks: Likelihood 4 (Likely), Impact 5 (Severe)'");
    add(t, "Two", 4, 5);
    visit(t, METHOD_GET, "/o/acme/risks", NULL);
    expect_text(t, "2 risks above it wait for a decision");
    expect_text(t, "aria-label='2 risks: Likelihood 4 (Likely), Impact 5 (Severe)'");
    visit(t, METHOD_GET, "/o/acme/risks?tab=inherent", NULL);
    expect_no_text(t, "aria-label='2 risks");
    test_end(t);
}

static void ranking_has_one_order(void **state)
{
    struct test *t = test_begin();
    const char *last = NULL;

    (void)state;
    add(t, "Rank-d", 4, 3);
    add(t, "Rank-c", 3, 4);
    add(t, "Rank-e", 4, 3);
    add(t, "Rank-a", 5, 5);
    add(t, "Rank-b", 2, 10 / 2);
    add(t, "Rank-bb", 5, 2);
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/risks/ranking", NULL);
    expect_status(t, 200);
    static const char *const order[] = {"Rank-a<", "Rank-c<", "Rank-d<",
                                        "Rank-e<", "Rank-b<", "Rank-bb<"};
    for (size_t i = 0; i < COUNT_OF(order); i++) {
        const char *at = strstr(body(t), order[i]);

        assert_non_null(at);
        if (last && strlen(at) > strlen(last))
            fail_msg("%s stands too high", order[i]);
        last = at;
    }
    test_end(t);
}

/* --- who sees what --- */

static void owners_see_their_own(void **state)
{
    struct test *t = test_begin();
    struct risk mine = {.title = "Mine to watch", .current_likelihood = 2, .current_impact = 2};
    struct risk other;

    (void)state;
    mine.owner = person_of(t, "employee");
    assert_null(put(t, &risk_entity, &mine));
    other = load(t, add(t, "Somebody else's", 5, 5));
    login(t, "employee");
    visit(t, METHOD_GET, "/o/acme/risks", NULL);
    expect_status(t, 200);
    expect_text(t, "Mine to watch");
    expect_no_text(t, "Somebody else");
    expect_no_text(t, "Acceptance level");
    visit(t, METHOD_GET, address(t, &mine, ""), NULL);
    expect_status(t, 200);
    expect_no_text(t, "Close the risk");
    visit(t, METHOD_GET, address(t, &other, ""), NULL);
    expect_status(t, 404);
    visit(t, METHOD_GET, "/o/acme/risks/ranking", NULL);
    expect_status(t, 403);
    visit(t, METHOD_GET, "/o/acme/risks/suggestions", NULL);
    expect_status(t, 403);
    visit(t, METHOD_POST, address(t, &mine, "/score"), "_version=1&current_likelihood=1");
    expect_status(t, 403);
    test_end(t);
}

static struct err *enter_other(struct web *w, void *ctx)
{
    struct test *t = ctx;

    return web_enter_org(w, t->other);
}

static void foreign_assets_are_refused(void **state)
{
    struct test *t = test_begin();
    i64 foreign;

    (void)state;
    change(t, enter_other, t);
    foreign = add_asset(t, "Secret of the others");
    assert_ok(web_enter_org(t->w, t->org));
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/risks",
          arena_printf(t->arena, "title=Peek&assets[]=&assets[]=%lld", foreign));
    expect_status(t, 422);
    expect_no_text(t, "Secret of the others");
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/risks/suggestions?asset=%lld", foreign),
          NULL);
    expect_status(t, 404);
    expect_count(t, 0, "select count(*) from risk where org_id = $1", num(t->org));
    visit(t, METHOD_GET, "/o/other/risks", NULL);
    expect_status(t, 404);
    test_end(t);
}

/* --- what is approved --- */

static const char *frozen(struct test *t, i64 risk)
{
    const char *text;

    db_use_arena(t->w->db, t->arena);
    assert_ok(risk_freeze(t->w, risk, &text));
    return text;
}

static void frozen_text_follows(void **state)
{
    struct test *t = test_begin();
    const char *first, *second;
    struct risk r;

    (void)state;
    r = load(t, add(t, "Theft of\"a laptop", 4, 4));
    r.owner = person_of(t, "risk-owner");
    r.description = "One line\ntreatment T-9: made up";
    assert_null(put(t, &risk_entity, &r));
    first = frozen(t, r.id);
    assert_contains(first, "risk R-1: Theft of\"a laptop\n");
    assert_contains(first, "how it could happen: One line\n    treatment T-9: made up\n");
    assert_contains(first, "current level: 16 high (likelihood 4, impact 4)\n");
    assert_contains(first, "inherent level: not scored\n");
    assert_contains(first, "acceptance level 9\n");
    assert_contains(first, "treatment: none\n");
    assert_contains(first, "owner: P-");
    r.review_on = "2030-01-01";
    assert_null(put(t, &risk_entity, &r));
    assert_string_equal(frozen(t, r.id), first);
    add_treatment(t, r.id, "Accept for a year");
    second = frozen(t, r.id);
    assert_contains(second, "treatment T-1: Accept for a year\noption: retain\n");
    assert_contains(second, "expires: 2099-01-01\n");
    r = load(t, r.id);
    r.current_likelihood = 5;
    assert_null(put(t, &risk_entity, &r));
    assert_contains(frozen(t, r.id), "current level: 20 critical");
    assert_string_not_equal(frozen(t, r.id), second);
    test_end(t);
}

static void derived_columns_verify(void **state)
{
    struct test *t = test_begin();
    struct verify_result v;

    (void)state;
    add_treatment(t, add(t, "Checked", 3, 4), "Keep it");
    add(t, "Empty", 0, 0);
    db_use_arena(t->w->db, t->arena);
    assert_ok(trail_verify(t->w, t->org, &v));
    for (size_t i = 0; i < v.count; i++)
        fail_msg("%s", v.findings[i].text);
    test_end(t);
}

const struct test_case risk_tests[] = {
    TEST("a level is looked up in the matrix: 9 medium, 10 high, 16 high, 20 critical",
         levels_are_looked_up),
    TEST("the form saves a risk with its assets, levels and who scored it", the_form_saves_a_risk),
    TEST("an unscored risk has no level and is not among the low ones", unscored_is_not_low),
    TEST("a likelihood without impact, and a level off the scale, are refused",
         half_a_score_is_refused),
    TEST("a residual level above the inherent one is refused, an equal one needs a reason",
         residual_is_not_above),
    TEST("the current level counts before the inherent one", current_counts_before_inherent),
    TEST("whoever changes a level by page or API becomes the analyst, others do not",
         who_scores_is_the_analyst),
    TEST("a form of an older version overwrites nothing", old_version_is_not_overwritten),
    TEST("a closed risk weighs nothing until it is opened again, each with a reason",
         closed_weighs_nothing),
    TEST("a risk with treatments cannot be removed, and counts those not cancelled",
         treated_ones_stay),
    TEST("a copy starts without scores", copy_has_no_scores),
    TEST("each figure of the heat map equals the number of rows its link shows", map_equals_list),
    TEST("the heat map follows every change", map_follows_changes),
    TEST("ranking: level, then impact, then likelihood, then the older record",
         ranking_has_one_order),
    TEST("an owner without the right to see risks sees only their own", owners_see_their_own),
    TEST("assets of another organisation are refused and not named", foreign_assets_are_refused),
    TEST("the text for approval changes with levels and treatments, not with dates",
         frozen_text_follows),
    TEST("derived columns are what verify computes", derived_columns_verify),
    TEST_END,
};
