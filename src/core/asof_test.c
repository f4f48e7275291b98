/* SPDX-License-Identifier: Apache-2.0 */
/* A past day shows what was there; who may see it is judged as of now (decisions.md 1). */
#include <string.h>

#include "base/clock.h"
#include "core/entity.h"
#include "core/list.h"
#include "visit.h"

/* A risk that the employee owned on the first day and nobody owns two days later. */
struct past {
    struct test *t;
    i64 risk, employee;
    const char *day; /* the first one */
};

static const char *risk_page(const struct past *p, const char *more)
{
    return arena_printf(p->t->arena, "/o/acme/risks/%lld%s", p->risk, more);
}

/* Version 1 or 2 of the risk gets its owner; 0 = none. */
static void own(struct past *p, i64 version, i64 person)
{
    const char *owner = person ? arena_printf(p->t->arena, "\"%lld\"", person) : "null";

    api(p->t, "isms-manager", METHOD_PATCH,
        arena_printf(p->t->arena, "/api/v1/risks/%lld", p->risk),
        arena_printf(p->t->arena, "{\"version\":%lld,\"owner\":%s,\"description\":\"v%lld\"}",
                     version, owner, version));
    expect_status(p->t, 200);
}

static struct past begin(bool owned_then)
{
    struct past p = {.t = test_begin()};

    p.employee = person_of(p.t, "employee");
    p.day = clock_date(p.t->arena, clock_now(), "Europe/Berlin");
    api(p.t, "isms-manager", METHOD_POST, "/api/v1/risks", "{\"title\":\"Ladder falls\"}");
    expect_status(p.t, 201);
    p.risk = strtoll(json_string_value(json_object_get(answer_json(p.t), "id")), NULL, 10);
    own(&p, 1, owned_then ? p.employee : 0);
    clock_shift(2 * DAY);
    own(&p, 2, owned_then ? 0 : p.employee);
    login(p.t, "employee");
    return p;
}

static void end(struct past *p)
{
    clock_shift(-2 * DAY);
    test_end(p->t);
}

static void sees(struct past *p, bool wanted)
{
    const char *asof = arena_printf(p->t->arena, "?asof=%s", p->day);

    visit(p->t, METHOD_GET, risk_page(p, asof), NULL);
    expect_status(p->t, wanted ? 200 : 404);
    visit(p->t, METHOD_GET, arena_printf(p->t->arena, "/o/acme/risks%s", asof), NULL);
    expect_status(p->t, 200);
    if (wanted)
        expect_text(p->t, "Ladder falls");
    else
        expect_no_text(p->t, "Ladder falls");
    visit(p->t, METHOD_GET, arena_printf(p->t->arena, "/o/acme%s", asof), NULL);
    expect_no_text(p->t, "Ladder falls");
    visit(p->t, METHOD_GET, arena_printf(p->t->arena, "/o/acme/search%s&q=ladder", asof), NULL);
    if (!wanted)
        expect_no_text(p->t, "Ladder falls");
}

static void former_owner(void **state)
{
    struct past p = begin(true);

    (void)state;
    visit(p.t, METHOD_GET, risk_page(&p, ""), NULL);
    expect_status(p.t, 404);
    sees(&p, false);
    end(&p);
}

static void owner_of_today(void **state)
{
    struct past p = begin(false);

    (void)state;
    visit(p.t, METHOD_GET, risk_page(&p, ""), NULL);
    expect_status(p.t, 200);
    sees(&p, true);
    visit(p.t, METHOD_GET, risk_page(&p, arena_printf(p.t->arena, "?asof=%s", p.day)), NULL);
    expect_text(p.t, "This is the state at the end of");
    end(&p);
}

static void computed_is_unknown(void **state)
{
    struct past p = begin(false);

    (void)state;
    login(p.t, "isms-manager");
    visit(p.t, METHOD_GET, arena_printf(p.t->arena, "/o/acme/risks?band=high&asof=%s", p.day),
          NULL);
    expect_text(p.t, "“Band” is computed and not kept for past days");
    visit(p.t, METHOD_GET, "/o/acme/risks?band=high", NULL);
    expect_no_text(p.t, "not kept for past days");
    visit(p.t, METHOD_GET, arena_printf(p.t->arena, "/o/acme/risks?sort=-score&asof=%s", p.day),
          NULL);
    expect_text(p.t, "Ladder falls");
    expect_no_text(p.t, "is not scored and not in the map");
    end(&p);
}

static struct err *grant_role(struct web *w, void *ctx)
{
    const struct past *p = ctx;

    return db_exec(w->db,
                   "insert into access_grant (org_id, id, record, role, may) values ($1, 77, $2,"
                   " 'supplier-contact', 'read')",
                   num(w->org), num(p->risk));
}

/* A right given to a role: who holds the role today has it, who held it then does not. */
static void role_of_today(void **state)
{
    struct past p = begin(true);
    i64 holder = value(p.t,
                       "select id from role_holder where org_id = $1 and role = 'supplier-contact'"
                       " limit 1",
                       num(p.t->org));
    i64 version = value(p.t, "select version from role_holder where org_id = $1 and id = $2",
                        num(p.t->org), num(holder));

    (void)state;
    change(p.t, grant_role, &p);
    login(p.t, "supplier-contact");
    sees(&p, true);
    login(p.t, "admin");
    visit(p.t, METHOD_POST, arena_printf(p.t->arena, "/o/acme/roles/%lld/remove", holder),
          arena_printf(p.t->arena, "_version=%lld&_reason=Over", version));
    expect_status(p.t, 303);
    login(p.t, "supplier-contact");
    sees(&p, false);
    end(&p);
}

static void waiting_is_today(void **state)
{
    struct past p = begin(true);

    (void)state;
    visit(p.t, METHOD_GET, arena_printf(p.t->arena, "/o/acme/approvals?asof=%s", p.day), NULL);
    expect_status(p.t, 200);
    expect_text(p.t, "a question of today");
    end(&p);
}

/* Every kind whose records concern people: of the past they can be listed by somebody who sees only
 * what concerns them, on this engine too. */
static void every_kind(void **state)
{
    struct past p = begin(true);

    (void)state;
    for (size_t i = 0; features[i]; i++)
        for (const struct entity *const *e = features[i]->entities; e && *e; e++) {
            struct list_query q = {.entity = *e, .limit = 10};
            struct web w = *p.t->w;
            struct list_result r;

            if ((*e)->site)
                continue;
            w.person = p.employee;
            memset(w.rights, 0, sizeof(w.rights));
            assert_true(date_end(p.day, w.zone, &w.asof));
            assert_ok(db_asof(w.db, w.asof));
            assert_ok(list_run(&w, &q, true, &r));
            assert_ok(db_asof(w.db, 0));
        }
    end(&p);
}

const struct test_case asof_tests[] = {
    TEST("who owned a record in the past and does not today sees nothing of it on that day",
         former_owner),
    TEST("who owns a record today sees it on a day on which it was somebody else's",
         owner_of_today),
    TEST("a right given to a role is that of today's holders, whatever day is looked at",
         role_of_today),
    TEST("a filter by what is computed says that the past does not know it, and an order by it "
         "hides "
         "nothing",
         computed_is_unknown),
    TEST("what waits for a decision is not shown for a past day", waiting_is_today),
    TEST("the past of every kind can be listed by who sees only what concerns them", every_kind),
    TEST_END,
};
