/* SPDX-License-Identifier: Apache-2.0 */
/* Arithmetic, steps, rule files of an operator, pages, the command. */
#include "feature/readiness/readiness.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/command.h"
#include "core/language.h"
#include "core/rules_part.h"
#include "feature/readiness/readiness_fixture.h"
#include "feature/readiness/readiness_part.h"

/* --- arithmetic --- */

#define MOST 20
struct sheet {
    struct rule rules[MOST];
    struct rule_result results[MOST];
    size_t n;
};

static void put(struct sheet *s, enum severity severity, enum rule_status status, int from)
{
    s->rules[s->n] = (struct rule){.severity = severity, .from = from};
    s->results[s->n] =
        (struct rule_result){.rule = &s->rules[s->n], .status = status, .severity = severity};
    s->n++;
}

/* 2 MAJ, 6 MIN, 2 OFI; one MIN and one OFI fail, and one MAJ when asked for. */
static void vector(struct sheet *s, bool major)
{
    s->n = 0;
    put(s, SEVERITY_MAJ, major ? RULE_FAIL : RULE_PASS, 1);
    put(s, SEVERITY_MAJ, RULE_PASS, 1);
    put(s, SEVERITY_MIN, RULE_FAIL, 1);
    for (int i = 0; i < 5; i++)
        put(s, SEVERITY_MIN, RULE_PASS, 1);
    put(s, SEVERITY_OFI, RULE_FAIL, 1);
    put(s, SEVERITY_OFI, RULE_PASS, 1);
}

static void weighs(void **state)
{
    struct readiness_score score;
    struct sheet s;

    (void)state;
    vector(&s, false);
    readiness_score(s.results, NULL, s.n, &score);
    assert_true(score.any);
    assert_int_equal(score.due, 10);
    assert_int_equal(score.tenths, 875);
    assert_int_equal(readiness_percent(&score), 87);
    assert_int_equal(score.passed, 8);
    assert_false(score.capped);
}

static void caps(void **state)
{
    struct readiness_score score;
    struct sheet s;

    (void)state;
    vector(&s, true);
    readiness_score(s.results, NULL, s.n, &score);
    assert_int_equal(score.raw, 667);
    assert_int_equal(score.tenths, 590);
    assert_true(score.capped);
    assert_int_equal(score.majors, 1);
}

static void cap_does_not_lift(void **state)
{
    struct readiness_score score;
    struct sheet s = {.n = 0};

    (void)state;
    put(&s, SEVERITY_MAJ, RULE_FAIL, 1);
    put(&s, SEVERITY_MIN, RULE_PASS, 1);
    readiness_score(s.results, NULL, s.n, &score);
    assert_int_equal(score.tenths, 286);
    assert_false(score.capped);
}

static void nothing_due(void **state)
{
    struct readiness_score score;
    struct sheet s = {.n = 0};

    (void)state;
    put(&s, SEVERITY_MAJ, RULE_IDLE, 1);
    put(&s, SEVERITY_MAJ, RULE_BROKEN, 1);
    readiness_score(s.results, NULL, s.n, &score);
    assert_false(score.any);
    assert_int_equal(score.due, 0);
}

static void only_due_count(void **state)
{
    struct readiness_score score;
    bool due[2] = {false, true};
    struct sheet s = {.n = 0};

    (void)state;
    put(&s, SEVERITY_MAJ, RULE_FAIL, 6);
    put(&s, SEVERITY_MIN, RULE_PASS, 1);
    readiness_score(s.results, due, s.n, &score);
    assert_int_equal(score.tenths, 1000);
    assert_int_equal(score.majors, 0);
}

/* --- steps --- */

static void steps_are_reached(void **state)
{
    struct readiness_steps steps = {.kept = 1u << 1 | 1u << 3 | 1u << 6};
    struct sheet s = {.n = 0};

    (void)state;
    put(&s, SEVERITY_MAJ, RULE_FAIL, 1);
    put(&s, SEVERITY_MIN, RULE_PASS, 3);
    readiness_steps(s.results, s.n, 0, 0, &steps);
    assert_int_equal(steps.reached, 1u << 1);
    assert_int_equal(steps.now, 1);
    assert_false(readiness_due(&steps, 3));
    readiness_steps(s.results, s.n, 1u << 6, 0, &steps);
    assert_int_equal(steps.reached, 1u << 1 | 1u << 6);
    assert_false(readiness_due(&steps, 6)); /* step 3 is not reached */
    s.results[0].status = RULE_PASS;
    readiness_steps(s.results, s.n, 0, 0, &steps);
    assert_int_equal(steps.reached, 1u << 1 | 1u << 3 | 1u << 6);
    assert_true(readiness_due(&steps, 6));
    assert_int_equal(steps.now, 6); /* nothing is there yet */
    readiness_steps(s.results, s.n, 1u << 6, 0, &steps);
    assert_int_equal(steps.now, 2); /* all that is kept is done: the first one without records */
}

static void nothing_is_not_done(void **state)
{
    struct readiness r = {.steps.kept = 1u << 1 | 1u << 2 | 1u << 3};
    struct sheet s = {.n = 0};

    (void)state;
    put(&s, SEVERITY_MAJ, RULE_IDLE, 1);
    put(&s, SEVERITY_MAJ, RULE_IDLE, 2);
    r.results = s.results;
    r.count = s.n;
    readiness_steps(s.results, s.n, 0, 0, &r.steps);
    assert_int_equal(r.steps.reached, 1u << 1); /* where everybody begins */
    assert_int_equal(r.steps.done, 0);
    assert_int_equal(r.steps.now, 1);
    assert_int_equal(readiness_step_percent(&r, 1), 0);
    readiness_steps(s.results, s.n, 1u << 1, 0, &r.steps);
    assert_int_equal(r.steps.done, 1u << 1);
    assert_int_equal(readiness_step_percent(&r, 1), 100);
    assert_int_equal(readiness_step_percent(&r, 2), 0);
}

static void reached_stays(void **state)
{
    struct readiness_steps steps = {.kept = 1u << 1 | 1u << 3};
    struct sheet s = {.n = 0};

    (void)state;
    put(&s, SEVERITY_MAJ, RULE_FAIL, 1);
    put(&s, SEVERITY_MAJ, RULE_FAIL, 3);
    readiness_steps(s.results, s.n, 0, 1u << 3, &steps);
    assert_int_equal(steps.reached, 1u << 1 | 1u << 3);
    assert_true(readiness_due(&steps, 3));
}

/* --- rule files --- */

#define HEAD                                                                            \
    "-- id: X1\n-- clause: 4.2\n-- severity: MIN\n-- from: 3\n-- title: T\n-- why: W\n" \
    "-- fix: F | /parties\n"
#define GOOD "-- population\nselect count(*) from party p where p.org_id = $1\n-- offenders\n"

static void good_file(void **state)
{
    struct arena *a = arena_new(0);
    struct rule r;

    (void)state;
    assert_ok(rule_parse(a, "content/rules/X1.sql",
                         HEAD "-- param: since = 12 months ago; older does not count\n" GOOD
                              "select 'party' as kind, p.id as id, 'x' as because from party p\n"
                              "where p.org_id = $1 and p.note < $4",
                         &r));
    assert_string_equal(r.id, "X1");
    assert_int_equal(r.params[0].kind, RULE_MONTHS);
    assert_int_equal(r.params[0].value, 12);
    assert_string_equal(r.fix_path, "/parties");
    /* The same aliases in both halves of a union. */
    assert_ok(rule_parse(a, "content/rules/X1.sql",
                         HEAD GOOD
                         "select 'risk' as kind, r.id as id, 'x' as because from risk r\n"
                         "join method m on m.org_id = r.org_id where r.org_id = $1\n"
                         "union all select 'treatment' as kind, t.id as id, 'y' as because"
                         " from treatment t\njoin risk r on r.org_id = t.org_id"
                         " where t.org_id = $1",
                         &r));
    arena_free(a);
}

/* clang-format off */
static const struct {
    const char *rest; /* of offenders: select ... */
    const char *says;
} bad[] = {
    {"'a' as kind, s.id as id, '' as because\nfrom session s where s.org_id = $1",
     ":12: a rule may not read the table “session”"},
    {"'a' as kind, a.id as id, a.password as because from account a where a.org_id = $1",
     ":11: a rule may not read the table “account”"},
    {"'a' as kind, p.id as id, '' as because\nfrom party p",
     ":12: org_id = $1 is missing for the table “party”"},
    {"p.id from party p\njoin requirement q on q.party = p.id where p.org_id = $1",
     ":12: org_id = $1 is missing for the table “requirement”"},
    {"p.id from party p where p.org_id = $1 and exists (\nselect 1 from asset a where a.id = p.id)",
     ":12: org_id = $1 is missing for the table “asset”"},
    {"p.id from party p, requirement q\nwhere p.org_id = $1 and q.org_id = $1",
     ":11: “requirement” names a table here"},
    {"p.id::text from party p where p.org_id = $1", ":11: write CAST"},
    {"p.* from party p where p.org_id = $1", ":11: name the columns"},
    {"p.id from party p where p.org_id = $1 and p.name like 'A'", ":11: a rule may not use “like”"},
    {"p.id from party p where p.org_id = $1 and p.note < $4", ":11: $4 is not declared"},
    {"p.id from partie p where p.org_id = $1", ":11: there is no table “partie”"},
    {"1; select 2", ":11: a rule is one SELECT"},
};
/* clang-format on */

static void bad_statements(void **state)
{
    struct arena *a = arena_new(0);
    struct rule r;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        const char *text = arena_printf(a, "%sselect %s", HEAD GOOD, bad[i].rest);
        struct err *e = rule_parse(a, "content/rules/X1.sql", text, &r);

        assert_contains(assert_err(e, ERR_BAD)->text,
                        arena_printf(a, "content/rules/X1.sql%s", bad[i].says));
    }
    arena_free(a);
}

static void refuses(struct arena *a, const char *text, const char *says)
{
    struct rule r;

    assert_contains(assert_err(rule_parse(a, "content/rules/X1.sql", text, &r), ERR_BAD)->text,
                    says);
}

static void bad_files(void **state)
{
    struct arena *a = arena_new(0);

    (void)state;
    refuses(a, HEAD GOOD "delete from party", ":11: the statement must start with SELECT");
    refuses(a, HEAD GOOD "with x as (\ndelete from party p where p.org_id = $1)",
            ":12: a rule may not use “delete”");
    refuses(a, HEAD "-- severity: HUGE\n" GOOD, ":8: the severity is MAJ, MIN or OFI");
    refuses(a, HEAD "-- colour: red\n" GOOD, ":8: there is no header line “colour”");
    refuses(a, "-- id: X2\n" GOOD "select 1", ":1: the header needs");
    refuses(a, HEAD "-- population\nselect 1", ":1: the file needs the marks");
    arena_free(a);
}

/* An operator's rule whose SQL fails at run time. */
static void broken_rule(void **state)
{
    struct test *t = test_begin();
    struct rules_scope scope = {.org = t->org, .today = t->w->today, .at = INT64_MAX - 1};
    struct rule list[2];
    struct rules rules = {.list = list, .count = 2};
    struct rule_result *r;
    struct db *db;

    (void)state;
    assert_ok(rule_parse(t->arena, "content/rules/X1.sql",
                         HEAD GOOD "select 'a' as kind, p.id as id, p.nonesuch as because\n"
                                   "from party p where p.org_id = $1",
                         &list[0]));
    list[1] = *rule_find(t->app->rules, "R036");
    assert_ok(rules_open(t->app, &scope, t->arena, &db));
    assert_ok(rules_run(db, &rules, &scope, t->arena, &r));
    rules_close(db);
    assert_int_equal(r[0].status, RULE_BROKEN);
    assert_non_null(r[0].error);
    assert_int_equal(r[1].status, RULE_FAIL);
    test_end(t);
}

static void only_own_rows(void **state)
{
    struct test *t = test_begin();
    struct rule_result r;

    (void)state;
    run_sql(t, "insert into party (org_id, id, number, version, name, type, external, state)"
               " values ($1, 911, 911, 1, 'Clinics', 'customers', 1, 'active')");
    r = run_rule(t, "R007");
    assert_int_equal(r.failing, 1);
    t->org = t->other;
    r = run_rule(t, "R007");
    assert_int_equal(r.population, 0);
    assert_int_equal(r.status, RULE_IDLE);
    test_end(t);
}

static void escalates(void **state)
{
    struct test *t = test_begin();
    struct rule_result r;

    (void)state;
    sound_world(t);
    run_sql(t, "insert into risk (org_id, id, number, version, title, properties, owner, method,"
               " state, origin) select $1, 7000 + k.position, 7000 + k.position, 1, 'Risk', 1, 901,"
               " (select m.id from method m where m.org_id = $1 and m.number = 1), 'open', 'own'"
               " from control k where k.org_id = $1 and k.position <= 8;"
               "update risk set owner = null where org_id = $1 and id = 951");
    r = run_rule(t, "R042");
    assert_int_equal(r.severity, SEVERITY_MIN);
    run_sql(t, "update risk set owner = null where org_id = $1");
    r = run_rule(t, "R042");
    assert_int_equal(r.severity, SEVERITY_MAJ);
    test_end(t);
}

static void counts_exactly(void **state)
{
    struct test *t = test_begin();
    struct rule_result r;

    (void)state;
    r = run_rule(t, "R050");
    assert_int_equal(r.failing, 93);
    assert_int_equal(r.listed, RULE_LISTED);
    assert_true(r.offenders[0].number > 0);
    assert_true(r.offenders[0].title[0]);
    test_end(t);
}

/* --- the whole --- */

static const struct readiness *state_now(struct test *t)
{
    const struct readiness *r;

    assert_ok(readiness_get(t->w, false, &r));
    return r;
}

static void add_party(struct test *t)
{
    api(t, "isms-manager", METHOD_POST, "/api/v1/parties",
        "{\"name\":\"Clinics\",\"type\":\"customers\",\"state\":\"active\"}");
    expect_status(t, 201);
}

static void deleting_does_not_help(void **state)
{
    struct test *t = test_begin();
    unsigned assets = 1u << 6;

    (void)state;
    assert_false(state_now(t)->steps.reached & assets);
    api(t, "isms-manager", METHOD_POST, "/api/v1/assets",
        "{\"name\":\"Server\",\"type\":\"server\",\"state\":\"in-use\"}");
    expect_status(t, 201);
    assert_true(state_now(t)->steps.reached & assets);
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/assets/A-1/remove", "_version=1&_reason=Mistake");
    expect_status(t, 303);
    expect_count(t, 0, "select count(*) from asset where org_id = $1", num(t->org));
    assert_true(state_now(t)->steps.reached & assets);
    test_end(t);
}

static void remembers(void **state)
{
    struct test *t = test_begin();
    unsigned context = 1u << 3;

    (void)state;
    /* All before step 3 is done, so it is reached, though no work of it exists. */
    expect_count(t, 0, "select count(*) from step_reached where org_id = $1", num(t->org));
    assert_true(state_now(t)->steps.reached & context);
    assert_ok(readiness_remember(t->w));
    expect_count(t, 1, "select count(*) from step_reached where org_id = $1 and step = 3",
                 num(t->org));
    run_sql(t, "update role_holder set until = '2020-01-02' where org_id = $1"
               " and role = 'top-management'");
    add_party(t);
    run_sql(t, "delete from party where org_id = $1;delete from party_history where org_id = $1");
    assert_true(state_now(t)->steps.reached & context);
    test_end(t);
}

static void kept_until_change(void **state)
{
    struct test *t = test_begin();
    const struct readiness *first, *second;

    (void)state;
    first = state_now(t);
    second = state_now(t);
    assert_ptr_equal(first, second);
    add_party(t);
    second = state_now(t);
    assert_ptr_not_equal(first, second);
    assert_true(second->changes > first->changes);
    test_end(t);
}

static void pages(void **state)
{
    struct test *t = test_begin();

    (void)state;
    sound_world(t);
    run_sql(t, "update risk set owner = null where org_id = $1 and id = 951");
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/readiness", NULL);
    expect_status(t, 200);
    expect_text(t, "Each risk has an owner who works here");
    expect_text(t, "/o/acme/risks/R-951'><span class='record-number'>R-951</span> Data is stolen");
    expect_text(t, "/o/acme/risks?owner=none");
    expect_text(t, "r.owner is null");
    visit(t, METHOD_GET, "/o/acme/readiness?show=failing&severity=OFI", NULL);
    expect_no_text(t, "R-951");
    visit(t, METHOD_GET, "/o/acme/readiness?show=all", NULL);
    expect_text(t, "Somebody expects something from you");
    visit(t, METHOD_GET, "/o/acme/readiness/R042", NULL);
    expect_status(t, 200);
    expect_text(t, "content/rules/R042.sql");
    visit(t, METHOD_GET, "/o/acme/readiness/R999", NULL);
    expect_status(t, 404);
    login(t, "employee");
    visit(t, METHOD_GET, "/o/acme/readiness", NULL);
    expect_status(t, 403);
    test_end(t);
}

static void report(void **state)
{
    struct test *t = test_begin();
    json_t *all, *rule, *record;
    bool seen = false;
    size_t i;

    (void)state;
    sound_world(t);
    run_sql(t, "update risk set owner = null where org_id = $1 and id = 951");
    api(t, "isms-manager", METHOD_GET, "/api/v1/readiness", NULL);
    expect_status(t, 200);
    all = answer_json(t);
    assert_true(json_is_real(json_object_get(all, "score")));
    assert_true(json_is_array(json_object_get(all, "reached")));
    json_array_foreach(json_object_get(all, "rules"), i, rule)
    {
        if (strcmp(json_string_value(json_object_get(rule, "id")), "R042") != 0)
            continue;
        seen = true;
        assert_string_equal(json_string_value(json_object_get(rule, "status")), "fail");
        assert_string_equal(json_string_value(json_object_get(rule, "severity")), "MAJ");
        assert_int_equal(json_integer_value(json_object_get(rule, "count")), 1);
        record = json_array_get(json_object_get(rule, "records"), 0);
        assert_string_equal(json_string_value(json_object_get(record, "number")), "R-951");
        assert_string_equal(json_string_value(json_object_get(record, "id")), "951");
    }
    assert_true(seen);
    api(t, "employee", METHOD_GET, "/api/v1/readiness", NULL);
    assert_true(status(t) == 401 || status(t) == 403 || !t->token);
    test_end(t);
}

static void past(void **state)
{
    struct test *t = test_begin();
    const char *before = clock_date(t->arena, t->w->now, "Europe/Berlin");

    (void)state;
    clock_shift(2 * DAY);
    api(t, "isms-manager", METHOD_POST, "/api/v1/parties",
        "{\"name\":\"Clinics\",\"type\":\"customers\",\"state\":\"active\"}");
    expect_status(t, 201);
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/readiness/R007", NULL);
    expect_text(t, "Clinics</a>: has no requirement");
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/readiness/R007?asof=%s", before), NULL);
    expect_status(t, 200);
    expect_no_text(t, "Clinics");
    expect_text(t, "nothing to look at");
    clock_shift(-2 * DAY);
    test_end(t);
}

/* --- cairn check --- */

static int check(struct test *t, const char *words, const char **said)
{
    char **list;
    size_t n = text_split(t->arena, words, ' ', &list), size;
    struct cli c = {.arena = arena_new(0),
                    .cwd = "/tmp",
                    .os_user = "test",
                    .control = -1,
                    .forwarded = -1,
                    .app = t->app,
                    .whole = list,
                    .nwhole = (int)n};
    char *out, *wrong;
    size_t wrong_size;
    int exit_status;

    c.out = open_memstream(&out, &size);
    c.err = open_memstream(&wrong, &wrong_size);
    exit_status = command_run(&c);
    if (c.webs)
        cli_end(&c);
    fclose(c.out);
    fclose(c.err);
    arena_free(c.arena);
    *said = arena_str(t->arena, out);
    free(out);
    free(wrong);
    return exit_status;
}

static void exit_statuses(void **state)
{
    struct test *t = test_begin();
    json_error_t wrong;
    json_t *all;
    const char *said;

    (void)state;
    sound_world(t);
    assert_int_equal(check(t, "check --org Acme --format json", &said), 0);
    all = json_loads(said, 0, &wrong);
    assert_non_null(all);
    assert_true(json_number_value(json_object_get(all, "score")) > 59);
    assert_true(json_array_size(json_object_get(all, "rules")) > 40);
    json_decref(all);
    run_sql(t, "delete from decision where org_id = $1 and kind = 'soa'");
    add_party(t); /* the log grows, so nothing kept is used */
    assert_int_equal(check(t, "check --org Acme --format text", &said), 1);
    assert_contains(said, "held down by a major");
    assert_contains(said, "MAJ R051");
    assert_int_equal(check(t, "check --org Nowhere", &said), 2);
    assert_int_equal(check(t, "check --format xml --org Acme", &said), 2);
    test_end(t);
}

static void reasons_in_german(void **state)
{
    struct test *t = test_begin();
    const struct words *kept = words_use(language_words("de"));

    (void)state;
    assert_string_equal(readiness_because(t->arena, "was due on 2026-01-05 and is still open"),
                        "war am 05.01.2026 fällig und ist noch offen");
    assert_string_equal(readiness_because(t->arena, "Ann Lee left but owns this risk"),
                        "Ann Lee ist ausgeschieden, trägt aber dieses Risiko");
    assert_string_equal(readiness_because(t->arena, "level 20, acceptance level 9, no treatment"),
                        "Stufe 20, Akzeptanzgrenze 9, keine Behandlung");
    assert_string_equal(readiness_because(t->arena, "not approved yet"), tr("not approved yet"));
    assert_string_equal(readiness_because(t->arena, "something of one's own"),
                        "something of one's own");
    words_use(NULL);
    assert_string_equal(readiness_because(t->arena, "was due on 2026-01-05"),
                        "was due on 2026-01-05");
    words_use(kept);
    test_end(t);
}

const struct test_case readiness_tests[] = {
    TEST("21 of 24 weights are 87.5 percent, and 87 is shown", weighs),
    TEST("a failing MAJ caps 66.7 percent at 59", caps),
    TEST("the cap never lifts a lower figure", cap_does_not_lift),
    TEST("with nothing due there is no figure", nothing_due),
    TEST("a rule of a later step does not count where we are", only_due_count),
    TEST("a step is reached by work or when all earlier ones are done", steps_are_reached),
    TEST("a step in which nothing was done is not done, and shows nothing as done",
         nothing_is_not_done),
    TEST("a step that was reached once stays reached", reached_stays),
    TEST("a rule file is read with its parameters", good_file),
    TEST("forbidden SQL and foreign rows are refused with file and line", bad_statements),
    TEST("a rule file of a wrong form is refused with file and line", bad_files),
    TEST("a rule whose SQL fails does not stop the others", broken_rule),
    TEST("rules see the rows of one organisation only", only_own_rows),
    TEST("many risks without owner weigh as a major", escalates),
    TEST("fifty offenders are listed with number and title, all are counted", counts_exactly),
    TEST("deleting the records of a step does not take the step back", deleting_does_not_help),
    TEST("reached steps are stored and stay when earlier steps are undone", remembers),
    TEST("a result is kept until the log grows", kept_until_change),
    TEST("the page links records, the way to mend them and the statement itself", pages),
    TEST("the API names rules, severity, status and records", report),
    TEST("readiness of a past day shows the records of that day", past),
    TEST("cairn check exits with 0 without majors, 1 with majors, 2 on error", exit_statuses),
    TEST("reasons that a rule composes are told in the reader's language, with dates as they are "
         "written there",
         reasons_in_german),
    TEST_END,
};
