/* SPDX-License-Identifier: Apache-2.0 */
/* Organisations, profile, people, roles: through the whole program. */
#include "feature/organisation/organisation.h"

#include <string.h>

#include "base/text.h"
#include "core/content.h"
#include "visit.h"

static void founding(void **state)
{
    struct test *t = test_begin();

    (void)state;
    expect_count(t, 1, "select count(*) from organisation where org_id = $1", num(t->org));
    expect_count(t, 1, "select count(*) from profile where org_id = $1", num(t->org));
    expect_count(t, 1, "select count(*) from method where org_id = $1", num(t->org));
    expect_count(t, 25, "select count(*) from method_cell where org_id = $1", num(t->org));
    expect_count(t, 3,
                 "select count(*) from role_holder h join person p on p.org_id = h.org_id"
                 " and p.id = h.person where h.org_id = $1 and p.name = 'Fay Founder'",
                 num(t->org));
    test_end(t);
}

static void strangers(void **state)
{
    struct test *t = test_begin();
    const char *foreign;

    (void)state;
    login(t, "other-admin");
    visit(t, METHOD_GET, "/o/acme/people", NULL);
    expect_status(t, 404);
    foreign = arena_str(t->arena, strstr(body(t), "<h1"));
    visit(t, METHOD_GET, "/o/nonesuch/people", NULL);
    expect_status(t, 404);
    assert_memory_equal(foreign, strstr(body(t), "<h1"), 60);
    visit(t, METHOD_GET, "/o/other/people", NULL);
    expect_status(t, 200);
    expect_no_text(t, "Fay Founder");
    test_end(t);
}

static void profile_matches_content(void **state)
{
    struct test *t = test_begin();
    const struct content_table *q = content_table(t->app->content, "profile");

    (void)state;
    for (size_t i = 0; i < content_rows(q); i++) {
        const char *key = content_cell(q, i, "key");
        const struct field *f = entity_field(&profile_entity, key);
        char **parts;
        size_t n = text_split(t->arena, content_cell(q, i, "choices"), ';', &parts);

        if (!f)
            fail_msg("the question %s has no field", key);
        for (size_t k = 0; k < n; k++) {
            char *code = arena_strn(t->arena, parts[k], strcspn(parts[k], "="));
            const struct choice *c = choice_find(f->choices, code);

            if (!c || strcmp(c->label, strchr(parts[k], '=') + 1) != 0)
                fail_msg("the answer %s of %s differs between content and table", code, key);
        }
    }
    test_end(t);
}

static void profile_answers(void **state)
{
    struct test *t = test_begin();
    struct profile_answers *a;

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/profile",
          "headcount=15&sector=software&sites=shared&cloud=all&develops=yes"
          "&practice%5B%5D=backup&practice%5B%5D=training");
    expect_status(t, 303);
    assert_ok(profile_load(t->w, &a));
    assert_string_equal(profile_answer(a, "headcount"), "15");
    assert_string_equal(profile_answer(a, "cloud"), "all");
    assert_string_equal(profile_answer(a, "practice"), "backup;training");
    assert_null(profile_answer(a, "ot"));
    assert_string_equal(profile_band(a), "s20");
    visit(t, METHOD_POST, "/o/acme/profile", "headcount=lots");
    expect_status(t, 422);
    expect_text(t, "lots");
    assert_ok(profile_load(t->w, &a));
    assert_string_equal(profile_answer(a, "headcount"), "15");
    test_end(t);
}

static void bands(void **state)
{
    static const struct {
        const char *headcount, *band;
    } cases[] = {
        {"1",   "s20" },
        {"20",  "s20" },
        {"21",  "s50" },
        {"50",  "s50" },
        {"51",  "s200"},
        {"200", "s200"},
        {"201", "more"}
    };
    struct test *t = test_begin();
    struct profile_answers *a;

    (void)state;
    login(t, "isms-manager");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        visit(t, METHOD_POST, "/o/acme/profile",
              arena_printf(t->arena, "headcount=%s", cases[i].headcount));
        expect_status(t, 303);
        assert_ok(profile_load(t->w, &a));
        assert_string_equal(profile_band(a), cases[i].band);
    }
    test_end(t);
}

static void role_ladder(void **state)
{
    struct test *t = test_begin();
    char *form = arena_printf(t->arena, "person=%lld&role=admin&from_date=2026-01-01",
                              person_of(t, "employee"));
    const char *const may_not[] = {"isms-manager", "top-management",  "risk-owner",
                                   "employee",     "department-head", "external-auditor"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(may_not); i++) {
        login(t, may_not[i]);
        visit(t, METHOD_POST, "/o/acme/roles", form);
        assert_true(status(t) == 403 || status(t) == 422);
        api(t, may_not[i], METHOD_POST, "/api/v1/roles",
            arena_printf(t->arena,
                         "{\"person\":\"%lld\",\"role\":\"admin\","
                         "\"from_date\":\"2026-01-01\"}",
                         person_of(t, "employee")));
        assert_true(status(t) == 403 || status(t) == 422);
    }
    expect_count(t, 0,
                 "select count(*) from role_holder where org_id = $1 and person = $2"
                 " and role = 'admin'",
                 num(t->org), num(person_of(t, "employee")));
    test_end(t);
}

static void past_and_now(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "admin");
    visit(t, METHOD_GET, "/o/acme/people?asof=2026-01-01", NULL);
    expect_status(t, 200);
    expect_no_text(t, "Fay Founder");
    visit(t, METHOD_GET, "/o/acme/people", NULL);
    expect_text(t, "Fay Founder");
    visit(t, METHOD_GET, "/o/acme/people?asof=2026-02-30", NULL);
    expect_status(t, 400);
    expect_text(t, "is not a date");
    visit(t, METHOD_POST, "/o/acme/people?asof=2026-01-01", "name=Late&state=active");
    expect_status(t, 400);
    test_end(t);
}

static void leaver_is_out(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "employee");
    visit(t, METHOD_GET, "/o/acme/organisation", NULL);
    expect_status(t, 200);
    {
        const char *cookie = t->cookie, *csrf = t->csrf;

        login(t, "admin");
        visit(t, METHOD_POST,
              arena_printf(t->arena, "/o/acme/people/%lld", person_of(t, "employee")),
              "_version=1&state=leaver");
        expect_status(t, 303);
        t->cookie = cookie;
        t->csrf = csrf;
    }
    visit(t, METHOD_GET, "/o/acme/organisation", NULL);
    expect_status(t, 404);
    test_end(t);
}

/* --- people by name --- */

static struct test *with_people(void)
{
    struct test *t = test_begin();

    login(t, "admin");
    visit(t, METHOD_POST, "/o/acme/people", "name=Ren%C3%A9e+O%27Brien&email=renee%40acme.test");
    expect_status(t, 303);
    visit(t, METHOD_POST, "/o/acme/people", "name=Bruno+Renner&job=Plumber");
    expect_status(t, 303);
    tick(t);
    return t;
}

static void list_finds_people(void **state)
{
    struct test *t = with_people();

    (void)state;
    visit(t, METHOD_GET, "/o/acme/people?q=renee", NULL); /* without accents, any case */
    expect_text(t, "Renée O");
    expect_no_text(t, "Bruno Renner");
    visit(t, METHOD_GET, "/o/acme/people?q=REN&sort=-name", NULL);
    expect_text(t, "Renée O");
    expect_text(t, "Bruno Renner");
    visit(t, METHOD_GET, "/o/acme/people?q=plumb&state=active", NULL);
    expect_text(t, "Bruno Renner");
    visit(t, METHOD_GET, "/o/acme/people?q=nobody-like-this", NULL);
    expect_no_text(t, "Bruno Renner");
    api(t, "isms-manager", METHOD_GET, "/api/v1/people?q=o%27brien", NULL);
    expect_status(t, 200);
    expect_text(t, "renee@acme.test");
    assert_int_equal(json_array_size(json_object_get(answer_json(t), "items")), 1);
    test_end(t);
}

static void search_finds_people(void **state)
{
    struct test *t = with_people();

    (void)state;
    api(t, "isms-manager", METHOD_GET, "/api/v1/search?q=renee", NULL);
    expect_text(t, "Ren");
    assert_int_equal(json_array_size(json_object_get(answer_json(t), "items")), 1);
    api(t, "isms-manager", METHOD_GET, "/api/v1/search?q=renn+bru", NULL);
    expect_text(t, "Bruno Renner");
    api(t, "isms-manager", METHOD_GET, "/api/v1/search?q=nner",
        NULL); /* words by their beginning */
    expect_no_text(t, "Bruno Renner");
    test_end(t);
}

static void only_who_may(void **state)
{
    struct test *t = with_people();

    (void)state;
    api(t, "supplier-contact", METHOD_GET, "/api/v1/people?q=renee", NULL);
    expect_no_text(t, "renee@acme.test");
    api(t, "supplier-contact", METHOD_GET, "/api/v1/search?q=renee", NULL);
    expect_no_text(t, "Brien");
    login(t, "other-admin");
    visit(t, METHOD_GET, "/o/other/people?q=renee", NULL);
    expect_no_text(t, "Brien");
    visit(t, METHOD_GET, "/o/other/search?q=renee", NULL);
    expect_no_text(t, "Brien");
    test_end(t);
}

static void umlauts_are_written_out(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/people", "name=J%C3%BCrgen+M%C3%B6ller");
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/search?q=moeller", NULL);
    expect_text(t, "Jürgen Möller");
    visit(t, METHOD_GET, "/o/acme/search?q=Juergen+Moe", NULL);
    expect_text(t, "Jürgen Möller");
    visit(t, METHOD_GET, "/o/acme/search?q=moellers", NULL);
    expect_no_text(t, "Jürgen Möller");
    test_end(t);
}

static void names_in_no_index(void **state)
{
    struct test *t = with_people();

    (void)state;
    expect_count(
        t, 0,
        "select count(*) from search_doc where org_id = $1 and (text_has(text, 'renee') = 1"
        " or text_has(text, 'renner') = 1)",
        num(t->org));
    test_end(t);
}

static struct err *nothing_accepted(struct web *w, void *ctx)
{
    (void)ctx;
    return db_exec(w->db, "update role_holder set acknowledged = null where org_id = $1",
                   num(w->org));
}

static void role_is_given_and_accepted(void **state)
{
    struct test *t = test_begin();
    i64 holder = person_of(t, "risk-owner");
    const char *person, *role;
    struct rows *r;

    (void)state;
    db_use_arena(t->w->db, t->arena);
    change(t, nothing_accepted, NULL);
    assert_ok(db_query(t->w->db, &r,
                       "select p.number, h.number from person p join role_holder h"
                       " on h.org_id = p.org_id and h.person = p.id where p.org_id = $1"
                       " and p.id = $2",
                       num(t->org), num(holder)));
    assert_true(row_next(r));
    person = arena_printf(t->arena, "/o/acme/people/P-%lld", row_num(r, 0));
    role = arena_printf(t->arena, "/o/acme/roles/RH-%lld/accept", row_num(r, 1));
    login(t, "isms-manager");
    visit(t, METHOD_GET, person, NULL);
    expect_text(t, arena_printf(t->arena, "/roles/new?person=P-%lld&amp;from_date=%s",
                                row_num(r, 0), t->w->today));
    expect_no_text(t, "/accept'");
    visit(t, METHOD_POST, role, NULL);
    expect_status(t, 403);
    login(t, "risk-owner");
    visit(t, METHOD_GET, "/o/acme/work", NULL);
    expect_text(t, "Say that you accept it");
    visit(t, METHOD_GET, person, NULL);
    expect_text(t, "I know this role and accept it");
    visit(t, METHOD_POST, role, NULL);
    expect_status(t, 303);
    expect_count(t, 1,
                 "select count(*) from role_holder where org_id = $1 and person = $2"
                 " and acknowledged = $3",
                 num(t->org), num(holder), str(t->w->today));
    visit(t, METHOD_GET, "/o/acme/work", NULL);
    expect_no_text(t, "Say that you accept it");
    visit(t, METHOD_POST, role, NULL);
    expect_status(t, 409);
    test_end(t);
}

static void person_page_speaks_plainly(void **state)
{
    struct test *t = test_begin();
    struct rows *r;

    (void)state;
    db_use_arena(t->w->db, t->arena);
    assert_ok(db_query(t->w->db, &r,
                       "select number, account from person where org_id = $1 and id = $2",
                       num(t->org), num(person_of(t, "risk-owner"))));
    assert_true(row_next(r));
    assert_true(row_num(r, 1) != 0);
    login(t, "admin");
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/people/P-%lld", row_num(r, 0)), NULL);
    expect_status(t, 200);
    expect_no_text(t, arena_printf(t->arena, "<dd>%lld</dd>", row_num(r, 1)));
    expect_no_text(t, "<dt>Account</dt>");
    test_end(t);
}

const struct test_case organisation_tests[] = {
    TEST("a new organisation has profile, method, and its founder with three roles", founding),
    TEST("another organisation's pages look like pages that do not exist", strangers),
    TEST("the profile's questions and answers are the same in content and table",
         profile_matches_content),
    TEST("profile answers are kept, sets too; a wrong one is refused and changes nothing",
         profile_answers),
    TEST("size bands are inclusive at the top", bands),
    TEST("nobody gives a role that may do more than they may, by page or API", role_ladder),
    TEST("a list as of a day shows that day; the past cannot be changed", past_and_now),
    TEST("a role is given on the page of the person, and accepted by its holder and nobody else",
         role_is_given_and_accepted),
    TEST("the page of a person shows no numbers of the store", person_page_speaks_plainly),
    TEST("a person who has left gets in nowhere", leaver_is_out),
    TEST("the list of people finds them by name, e-mail and job title", list_finds_people),
    TEST("the search finds people by the beginnings of their names", search_finds_people),
    TEST("who writes “oe” for “ö” finds it too", umlauts_are_written_out),
    TEST("people are found only by who may see them, and only in their organisation", only_who_may),
    TEST("names of people are in no search index, so erasing them in their row is enough",
         names_in_no_index),
    TEST_END,
};
