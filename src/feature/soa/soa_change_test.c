/* SPDX-License-Identifier: Apache-2.0 */
/* The statement and what it rests on: decisions whose reasons change, states that the plan
 * contradicts, own controls, versions side by side, work that an approval makes; and that no
 * sequence of allowed actions leaves a contradiction unsaid. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "feature/control/control.h"
#include "feature/soa/soa.h"
#include "visit.h"

extern const struct test_case soa_change_tests[];

#define WHY "justification=The+landlord+of+our+shared+office+does+this+"

/* --- helpers --- */

static i64 control_id(struct test *t, const char *code)
{
    return value(t, "select id from control where org_id = $1 and code = $2", num(t->org),
                 str(code));
}

static int try_decide(struct test *t, const char *code, const char *form)
{
    i64 version = value(t, "select version from control where org_id = $1 and code = $2",
                        num(t->org), str(code));

    visit(t, METHOD_POST, "/o/acme/soa/decide",
          arena_printf(t->arena, "control=%s&_version=%lld&%s", code, version, form));
    return status(t);
}

static const char *answer_id(struct test *t)
{
    return arena_str(t->arena, json_string_value(json_object_get(answer_json(t), "id")));
}

static const char *risk(struct test *t)
{
    api(t, "isms-manager", METHOD_POST, "/api/v1/risks",
        arena_printf(t->arena,
                     "{\"title\":\"Break-in\",\"owner\":\"%lld\",\"properties\":\"c\","
                     "\"inherent_likelihood\":4,\"inherent_impact\":4,\"current_likelihood\":4,"
                     "\"current_impact\":4}",
                     person_of(t, "risk-owner")));
    expect_status(t, 201);
    return answer_id(t);
}

static const char *treatment(struct test *t, const char *of, const char *code)
{
    api(t, "isms-manager", METHOD_POST, "/api/v1/treatments",
        arena_printf(t->arena,
                     "{\"title\":\"Do it\",\"risk\":\"%s\",\"option\":\"modify\","
                     "\"state\":\"planned\",\"controls\":[\"%lld\"],\"expected_likelihood\":2,"
                     "\"expected_impact\":4}",
                     of, control_id(t, code)));
    expect_status(t, 201);
    return answer_id(t);
}

static int patch(struct test *t, const char *path, const char *id, const char *json)
{
    api(t, "isms-manager", METHOD_GET, arena_printf(t->arena, "/api/v1/%s/%s", path, id), NULL);
    api_header(t, "If-Match", arena_str(t->arena, header(t, "ETag")));
    api(t, "isms-manager", METHOD_PATCH, arena_printf(t->arena, "/api/v1/%s/%s", path, id), json);
    return status(t);
}

static struct soa_table *live(struct test *t)
{
    struct soa_table *table = NEW(t->arena, struct soa_table);

    db_use_arena(t->w->db, t->arena);
    assert_ok(soa_rows(t->w, table));
    return table;
}

static const struct soa_row *row(struct test *t, const char *code)
{
    struct soa_table *table = live(t);

    for (size_t i = 0; i < table->count; i++)
        if (text_equal(table->rows[i].code, code))
            return &table->rows[i];
    return NULL;
}

/* --- decisions and their reasons --- */

static void reasons_change(void **state)
{
    struct test *t = test_begin();
    const char *r, *d;

    (void)state;
    login(t, "isms-manager");
    r = risk(t);
    d = treatment(t, r, "8.24");
    assert_int_equal(try_decide(t, "8.24", "decide=yes"), 303);
    assert_string_equal(row(t, "8.24")->decided_for, "R-1");
    assert_null(row(t, "8.24")->changed);
    assert_int_equal(patch(t, "treatments", d, "{\"state\":\"cancelled\"}"), 200);
    assert_string_equal(row(t, "8.24")->changed, "Since it was decided, R-1 went.");
    assert_true(row(t, "8.24")->rejustify);
    visit(t, METHOD_GET, "/o/acme/soa?theme=all", NULL);
    expect_text(t, "Reason changed since decided.");
    expect_text(t, "1 decision rests on reasons that changed.");
    visit(t, METHOD_GET, "/o/acme/work", NULL);
    expect_text(t, "8.24 Use of cryptography");
    visit(t, METHOD_GET, "/o/acme/soa/decide?control=8.24", NULL);
    expect_text(t, "The decision stands");
    visit(t, METHOD_POST, "/o/acme/soa/confirm", "control=8.24&_version=1");
    expect_status(t, 409);
    visit(t, METHOD_POST, "/o/acme/soa/confirm",
          arena_printf(t->arena, "control=8.24&_version=%lld", row(t, "8.24")->version));
    expect_status(t, 303);
    assert_null(row(t, "8.24")->changed);
    assert_string_equal(row(t, "8.24")->decided_for, "-");
    visit(t, METHOD_GET, "/o/acme/work", NULL);
    expect_no_text(t, "8.24 Use of cryptography");
    visit(t, METHOD_POST, "/o/acme/soa/confirm",
          arena_printf(t->arena, "control=8.24&_version=%lld", row(t, "8.24")->version));
    expect_status(t, 409);
    test_end(t);
}

static void further_reasons(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    assert_int_equal(try_decide(t, "8.24", "decide=yes&business_reason=Customers+expect+it"), 303);
    treatment(t, risk(t), "8.24");
    assert_string_equal(row(t, "8.24")->changed, "Since it was decided, R-1 came.");
    assert_false(row(t, "8.24")->rejustify);
    visit(t, METHOD_GET, "/o/acme/soa?theme=all&show=changed", NULL);
    expect_text(t, "Note the further reasons");
    visit(t, METHOD_POST, "/o/acme/soa/confirm", "all=1");
    expect_status(t, 303);
    assert_null(row(t, "8.24")->changed);
    test_end(t);
}

static void excluded_then_used(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    assert_int_equal(try_decide(t, "8.30", "decide=no&" WHY "8.30"), 303);
    treatment(t, risk(t), "8.30");
    assert_true(row(t, "8.30")->rejustify);
    assert_non_null(row(t, "8.30")->conflict);
    visit(t, METHOD_POST, "/o/acme/soa/confirm",
          arena_printf(t->arena, "control=8.30&_version=%lld", row(t, "8.30")->version));
    expect_status(t, 422);
    expect_text(t, "cannot stand like this");
    visit(t, METHOD_POST, "/o/acme/soa/confirm", "all=1");
    assert_true(row(t, "8.30")->rejustify);
    test_end(t);
}

static void states_and_plan(void **state)
{
    struct test *t = test_begin();
    const char *d;

    (void)state;
    login(t, "isms-manager");
    d = treatment(t, risk(t), "8.24");
    assert_null(row(t, "8.24")->doubt);
    assert_int_equal(patch(t, "treatments", d, "{\"state\":\"done\"}"), 200);
    assert_string_equal(row(t, "8.24")->doubt,
                        "T-1 counts as done, but this control is not in place");
    visit(t, METHOD_GET, "/o/acme/soa?theme=all&show=doubts", NULL);
    expect_text(t, "T-1 counts as done");
    expect_text(t, "1 status contradicts the treatment plan.");
    assert_int_equal(patch(t, "controls", "8.24", "{\"status\":\"implemented\"}"), 200);
    assert_null(row(t, "8.24")->doubt);
    api(t, "isms-manager", METHOD_POST, "/api/v1/actions",
        arena_printf(t->arena, "{\"title\":\"Buy keys\",\"treatment\":\"%s\",\"control\":\"%lld\"}",
                     d, control_id(t, "8.24")));
    expect_status(t, 201);
    assert_string_equal(row(t, "8.24")->doubt,
                        "Said to be implemented, but AC-1 of T-1 is not done");
    test_end(t);
}

/* --- own controls --- */

static void own_controls_speak(void **state)
{
    struct test *t = test_begin();
    const struct soa_row *annex;

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/controls",
          "code=CIS-5.1&title=Accounts&maps_to=5.16+equal%3A+one+list%0A5.18+partial");
    expect_status(t, 303);
    assert_int_equal(row(t, "5.16")->nreasons, row(t, "5.17")->nreasons);
    assert_int_equal(try_decide(t, "CIS-5.1", "decide=yes&business_reason=Customers+expect+it"),
                     303);
    annex = row(t, "5.16");
    assert_string_equal(annex->reasons[0].kind, "own");
    assert_string_equal(annex->reasons[0].label, "CIS-5.1");
    assert_string_equal(annex->applicable, "open");
    assert_int_equal(try_decide(t, "5.16", "decide=no&" WHY "5.16"), 303);
    assert_contains(row(t, "5.16")->conflict, "done by your own control CIS-5.1");
    visit(t, METHOD_GET, "/o/acme/soa?theme=own", NULL);
    expect_text(t, "Own controls");
    expect_text(t, "answers a part");
    visit(t, METHOD_GET, "/o/acme/controls/5.16", NULL);
    expect_text(t, "Answered by own controls");
    expect_text(t, "Asks the same: one list");
    visit(t, METHOD_GET, "/o/acme/readiness/R056", NULL);
    expect_text(t, "an own control shows that it is used");
    test_end(t);
}

/* Nobody decided about the own control: that a treatment uses it is enough. */
static void used_controls_speak(void **state)
{
    struct test *t = test_begin();
    i64 before;

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/controls", "code=CIS-6.1&title=Accounts&maps_to=5.17+equal");
    expect_status(t, 303);
    before = (i64)row(t, "5.17")->nreasons;
    treatment(t, risk(t), "CIS-6.1");
    assert_string_equal(row(t, "CIS-6.1")->applicable, "yes");
    assert_int_equal(row(t, "5.17")->nreasons, before + 1);
    visit(t, METHOD_GET, "/o/acme/soa?q=5.17", NULL);
    expect_text(t, ">CIS-6.1</a>");
    assert_int_equal(try_decide(t, "5.17", "decide=no&" WHY "5.17"), 303);
    assert_contains(row(t, "5.17")->conflict, "done by your own control CIS-6.1");
    visit(t, METHOD_GET, "/o/acme/readiness/R056", NULL);
    expect_text(t, "an own control shows that it is used");
    test_end(t);
}

static void libraries_wait(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/control-sets", "title=Harbour+rules&purpose=library");
    expect_status(t, 303);
    visit(t, METHOD_POST, "/o/acme/controls", "code=H-1.1&title=Gates&controlset=CS-1");
    expect_status(t, 303);
    assert_null(row(t, "H-1.1"));
    assert_int_equal(live(t)->count, 93);
    treatment(t, risk(t), "H-1.1");
    assert_string_equal(row(t, "H-1.1")->applicable, "yes");
    assert_string_equal(row(t, "H-1.1")->framework, "Harbour rules");
    visit(t, METHOD_POST, "/o/acme/controls", "code=H-1.2&title=Walls&controlset=CS-1");
    expect_status(t, 303);
    assert_null(row(t, "H-1.2"));
    visit(t, METHOD_POST, "/o/acme/control-sets/CS-1", "_version=1&title=Harbour&purpose=whole");
    expect_status(t, 303);
    assert_string_equal(row(t, "H-1.2")->applicable, "open");
    test_end(t);
}

/* --- versions --- */

static struct err *decide_each(struct web *w, void *ctx)
{
    struct soa_table table;

    (void)ctx;
    TRY(soa_rows(w, &table));
    for (size_t i = 0; i < table.count; i++) {
        struct issues issues = {.arena = w->arena};
        struct control c;

        TRY(entity_load(w, &control_entity, table.rows[i].control, &c));
        c.applicable = "yes";
        c.business_reason = "Our customers expect it";
        TRY(entity_write(w, &control_entity, &c, NULL, &issues));
        assert_int_equal(issues.count, 0);
    }
    return NULL;
}

/* Every control is applicable for the business. */
static void decide_all(struct test *t)
{
    change(t, decide_each, NULL);
}

static void approve(struct test *t, i64 number, const char *more)
{
    struct rows *r;

    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/soa/submit", NULL);
    expect_status(t, 303);
    db_use_arena(t->w->db, t->arena);
    assert_ok(db_query(t->w->db, &r, "select body_hash from soa where org_id = $1 and number = $2",
                       num(t->org), num(number)));
    assert_true(row_next(r));
    login(t, "top-management");
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/soa/SOA-%lld/approve", number),
          arena_printf(t->arena, "hash=%s%s", row_text(r, 0), more));
    expect_status(t, 303);
    login(t, "isms-manager");
}

static void approval_gives_tasks(void **state)
{
    struct test *t = test_begin();
    struct rows *r;

    (void)state;
    login(t, "isms-manager");
    decide_all(t);
    assert_int_equal(patch(t, "controls", "5.1", "{\"status\":\"implemented\"}"), 200);
    assert_int_equal(patch(t, "controls", "5.2",
                           arena_printf(t->arena, "{\"status\":\"planned\",\"owner\":\"%lld\"}",
                                        person_of(t, "risk-owner"))),
                     200);
    visit(t, METHOD_POST, "/o/acme/controls/5.3/tasks",
          arena_printf(t->arena, "title=Name+two+people&assignee=%lld",
                       person_of(t, "isms-manager")));
    expect_status(t, 303);
    approve(t, 1, "&tasks=1");
    expect_count(t, 92, "select count(*) from task where org_id = $1", num(t->org));
    db_use_arena(t->w->db, t->arena);
    assert_ok(db_query(t->w->db, &r,
                       "select k.title, k.assignee, k.due from task k join control c on"
                       " c.org_id = k.org_id and c.id = k.about where k.org_id = $1"
                       " and c.code = '5.2'",
                       num(t->org)));
    assert_true(row_next(r));
    assert_contains(row_text(r, 0), "Put into practice: 5.2");
    assert_int_equal(row_num(r, 1), person_of(t, "risk-owner"));
    expect_count(t, 0,
                 "select count(*) from task k join control c on c.org_id = k.org_id and"
                 " c.id = k.about where k.org_id = $1 and c.code = '5.1'",
                 num(t->org));
    assert_int_equal(patch(t, "controls", "5.9", "{\"how\":\"A list\"}"), 200);
    approve(t, 2, "&tasks=1");
    expect_count(t, 92, "select count(*) from task where org_id = $1", num(t->org));
    test_end(t);
}

static void side_by_side(void **state)
{
    struct test *t = test_begin();
    json_t *list;

    (void)state;
    login(t, "isms-manager");
    decide_all(t);
    approve(t, 1, "");
    expect_count(t, 0, "select count(*) from task where org_id = $1", num(t->org));
    assert_int_equal(try_decide(t, "8.30", "decide=no&" WHY "8.30"), 303);
    assert_int_equal(patch(t, "controls", "5.9", "{\"how\":\"One list\"}"), 200);
    visit(t, METHOD_POST, "/o/acme/controls",
          "code=CIS-5.1&title=Accounts&maps_to=5.16&applicable=yes&business_reason=Wanted");
    expect_status(t, 303);
    approve(t, 2, "");
    visit(t, METHOD_GET, "/o/acme/soa/compare?from=1&to=2", NULL);
    expect_status(t, 200);
    expect_text(t, "controls differ: 1 new, 0 gone");
    expect_text(t, "The landlord of our shared office does this 8.30");
    visit(t, METHOD_GET, "/o/acme/soa/compare?from=1&to=2&format=csv", NULL);
    expect_text(t, "5.9,Inventory of information and other associated assets,progress,How it is "
                   "done,,One list");
    expect_text(t, "CIS-5.1,Accounts,added,Title,,Accounts");
    visit(t, METHOD_GET, "/o/acme/soa/compare?from=2&to=1&format=xlsx", NULL);
    expect_status(t, 200);
    visit(t, METHOD_GET, "/o/acme/soa/compare?from=1&to=2&format=odt", NULL);
    expect_status(t, 400);
    visit(t, METHOD_GET, "/o/acme/soa/compare?from=7", NULL);
    expect_status(t, 404);
    api(t, "isms-manager", METHOD_GET, "/api/v1/soa/compare?from=2&to=now", NULL);
    expect_status(t, 200);
    assert_int_equal(json_array_size(json_object_get(answer_json(t), "controls")), 0);
    api(t, "isms-manager", METHOD_GET, "/api/v1/soa/compare?from=2&to=1", NULL);
    list = json_object_get(answer_json(t), "controls");
    assert_int_equal(json_array_size(list), 4);
    test_end(t);
}

static void evidence_is_named(void **state)
{
    struct test *t = test_begin();
    struct soa_table back;

    (void)state;
    login(t, "isms-manager");
    api(t, "isms-manager", METHOD_POST, "/api/v1/evidence",
        arena_printf(t->arena,
                     "{\"title\":\"List of keys\",\"kind\":\"link\",\"url\":\"https://x.test/\","
                     "\"collected\":\"2026-01-01\",\"about\":[\"%lld\"]}",
                     control_id(t, "8.24")));
    expect_status(t, 201);
    visit(t, METHOD_GET, "/o/acme/soa?theme=technological", NULL);
    expect_text(t, "/o/acme/evidence/EV-1");
    assert_int_equal(row(t, "8.24")->nproofs, 1);
    assert_ok(soa_thaw(t->w, soa_freeze(t->w, live(t)), &back));
    for (size_t i = 0; i < back.count; i++)
        assert_int_equal(back.rows[i].nproofs, text_equal(back.rows[i].code, "8.24"));
    test_end(t);
}

/* --- any sequence of allowed actions --- */

#define MOVES 130
#define CODES 4
static const char *const played[CODES] = {"8.24", "8.13", "7.4", "5.7"};

struct play {
    struct test *t;
    unsigned long long seed;
    const char *risks[20], *treatments[40];
    size_t nrisks, ntreatments;
};

static unsigned chance(struct play *p, unsigned most)
{
    p->seed = p->seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (unsigned)(p->seed >> 33) % most;
}

/* One action that people may take; what is refused changes nothing. */
static void move(struct play *p)
{
    struct test *t = p->t;
    const char *code = played[chance(p, CODES)];
    static const char *const states[] = {"planned", "in-progress", "done", "cancelled"};

    switch (chance(p, 7)) {
    case 0:
        if (p->nrisks < 20)
            p->risks[p->nrisks++] = risk(t);
        break;
    case 1:
        if (p->nrisks && p->ntreatments < 40) {
            api(t, "isms-manager", METHOD_POST, "/api/v1/treatments",
                arena_printf(t->arena,
                             "{\"title\":\"Do it\",\"risk\":\"%s\",\"option\":\"modify\","
                             "\"state\":\"planned\",\"controls\":[\"%lld\"],"
                             "\"expected_likelihood\":2,\"expected_impact\":4}",
                             p->risks[chance(p, (unsigned)p->nrisks)], control_id(t, code)));
            if (status(t) == 201)
                p->treatments[p->ntreatments++] = answer_id(t);
        }
        break;
    case 2:
        if (p->ntreatments)
            patch(t, "treatments", p->treatments[chance(p, (unsigned)p->ntreatments)],
                  arena_printf(t->arena, "{\"state\":\"%s\"}", states[chance(p, 4)]));
        break;
    case 3:
        if (p->nrisks)
            patch(t, "risks", p->risks[chance(p, (unsigned)p->nrisks)],
                  chance(p, 2) ? "{\"state\":\"closed\"}" : "{\"state\":\"open\"}");
        break;
    case 4:
        try_decide(t, code, arena_printf(t->arena, "decide=no&" WHY "%s", code));
        break;
    case 5:
        try_decide(t, code, "decide=yes&business_reason=Our+customers+expect+it");
        break;
    default:
        visit(t, METHOD_POST, "/o/acme/soa/confirm",
              arena_printf(t->arena, "control=%s&_version=%lld", code, row(t, code)->version));
    }
}

/* Asked of the tables directly, not of the code that is tested. */
static bool used(struct test *t, const char *code)
{
    return value(t,
                 "select count(*) from control c join treatment_controls l on l.org_id = c.org_id"
                 " and l.target = c.id join treatment d on d.org_id = l.org_id and d.id = l.record"
                 " join risk r on r.org_id = d.org_id and r.id = d.risk where c.org_id = $1"
                 " and c.code = $2 and d.state <> 'cancelled' and r.state = 'open'",
                 num(t->org), str(code)) > 0;
}

static void check_said(struct test *t)
{
    struct soa_table *table = live(t);
    struct issues blockers = {.arena = t->arena};
    bool contradiction = false;

    soa_blockers(t->w, table, &blockers);
    for (size_t i = 0; i < table->count; i++) {
        const struct soa_row *r = &table->rows[i];
        bool risks = false, no = text_equal(r->applicable, "no");

        for (size_t k = 0; k < r->nreasons; k++)
            risks = risks || text_equal(r->reasons[k].kind, "risk");
        assert_int_equal(risks, used(t, r->code));
        if (risks && no) {
            assert_non_null(r->conflict);
            contradiction = true;
        }
        if (risks)
            assert_string_not_equal(r->applicable, "open");
    }
    assert_true(!contradiction || blockers.count > 0);
    if (contradiction) {
        visit(t, METHOD_POST, "/o/acme/soa/submit", NULL);
        expect_status(t, 422);
        visit(t, METHOD_GET, "/o/acme/readiness/R055", NULL);
        expect_text(t, "used by a treatment");
    }
}

static void nothing_unsaid(void **state)
{
    struct play p = {.t = test_begin()};

    (void)state;
    login(p.t, "isms-manager");
    for (unsigned long long seed = 1; seed <= 2; seed++) {
        p.seed = seed * 77;
        for (int i = 0; i < MOVES / 2; i++) {
            move(&p);
            if (i % 5 == 4)
                check_said(p.t);
        }
    }
    check_said(p.t);
    test_end(p.t);
}

/* The whole table must be cheap: pages, files and freezing all build it. */
static void cheap(void **state)
{
    struct test *t = test_begin();
    struct soa_table table;
    u64 before, empty;

    (void)state;
    db_use_arena(t->w->db, t->arena);
    before = db_statements(t->w->db);
    assert_ok(soa_rows(t->w, &table));
    empty = db_statements(t->w->db) - before;
    decide_all(t);
    db_use_arena(t->w->db, t->arena);
    before = db_statements(t->w->db);
    assert_ok(soa_rows(t->w, &table));
    assert_in_range(empty, 1, 30);
    assert_int_equal(db_statements(t->w->db) - before, empty);
    test_end(t);
}

const struct test_case soa_change_tests[] = {
    TEST("a control whose reason goes is to be decided again, and is work until it is",
         reasons_change),
    TEST("further reasons for what is included are noted together", further_reasons),
    TEST("what is left out and then used cannot be confirmed", excluded_then_used),
    TEST("a status that the treatment plan contradicts is told both ways", states_and_plan),
    TEST("an own control in use is a reason for what it answers, and contradicts its exclusion",
         own_controls_speak),
    TEST("an own control that a treatment uses speaks for the controls of Annex A that it answers",
         used_controls_speak),
    TEST("controls of a library stand in the statement once something uses them", libraries_wait),
    TEST("an approval gives a task for each control that nobody is at, once", approval_gives_tasks),
    TEST("two versions are compared field by field, as page, file and by the API", side_by_side),
    TEST("evidence about a control stands in its row and in the frozen text", evidence_is_named),
    TEST("no sequence of allowed actions leaves a contradiction with a treatment unsaid",
         nothing_unsaid),
    TEST("the table takes as many statements when everything is decided as when nothing is", cheap),
    TEST_END,
};
