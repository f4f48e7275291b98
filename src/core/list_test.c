/* SPDX-License-Identifier: Apache-2.0 */
/* Lists on both engines: order, filters, refusals, who sees what. */
#include "core/list.h"

#include <string.h>

#include "base/text.h"
#include "core/entity_sql.h"
#include "core/list_part.h"
#include "core/search.h"
#include "list_bench.h"
#include "test.h"

extern const struct test_case list_tests[];

static void pages_through_every_sort(void **state)
{
    struct bench t;

    (void)state;
    list_bench_open(&t);
    for (size_t i = 0; i <= bench_risk_entity.nfields; i++) {
        const struct field *f = i ? &bench_risk_entity.fields[i - 1] : NULL;

        if (f && !f->sortable)
            continue;
        for (int down = 0; down < 2; down++) {
            struct list_query q = {
                .entity = &bench_risk_entity, .sort = f, .descending = down == 1};

            assert_int_equal(walk(&t, &q, 7), ROWS);
            assert_int_equal(walk(&t, &q, 1), ROWS);
            assert_int_equal(walk(&t, &q, ROWS), ROWS);
        }
    }
    list_bench_close(&t);
}

static void reads_whole_records(void **state)
{
    struct bench t;
    struct list_result r;

    (void)state;
    list_bench_open(&t);
    ask(&t, "sort", "number");
    ask(&t, "limit", "200");
    assert_int_equal(run(&t, &bench_risk_entity, &r), ROWS);
    assert_int_equal(r.total, ROWS);
    assert_null(r.next);
    for (size_t i = 0; i < ROWS; i++) {
        const struct risk *one = &((const struct risk *)r.records)[i];
        size_t links = one->number % 4 == 0 ? 2 : one->number % 2 == 0;

        for (size_t k = 0; k < bench_risk_entity.nfields; k++)
            if (bench_risk_entity.fields[k].kind != FIELD_REFS)
                assert_true(field_equal(&bench_risk_entity.fields[k], one, &t.all[i]));
        assert_int_equal(one->id, t.all[i].id);
        assert_int_equal(one->assets.count, links);
        for (size_t k = 0; k < links; k++)
            assert_int_equal(one->assets.id[k], k + 1);
    }
    list_bench_close(&t);
}

/* --- filters --- */

struct filter_case {
    const char *name, *value;
    bool (*fits)(const struct risk *r);
};

static bool is_open(const struct risk *r)
{
    return text_equal(r->state, "open");
}
static bool no_threat(const struct risk *r)
{
    return !r->threat;
}
static bool is_fire(const struct risk *r)
{
    return text_equal(r->threat, "fire");
}
static bool berts(const struct risk *r)
{
    return r->owner == 2;
}
static bool no_owner(const struct risk *r)
{
    return !r->owner;
}
static bool integrity(const struct risk *r)
{
    return r->properties & 2;
}
static bool no_property(const struct risk *r)
{
    return !r->properties;
}
static bool is_treated(const struct risk *r)
{
    return r->treated == 1;
}
static bool on_disk(const struct risk *r)
{
    return r->number % 4 == 0;
}
static bool on_nothing(const struct risk *r)
{
    return r->number % 2 != 0;
}
static bool likely(const struct risk *r)
{
    return r->current_likelihood >= 4;
}
static bool low_score(const struct risk *r)
{
    return r->score && r->score <= 6;
}
static bool due_late(const struct risk *r)
{
    return r->review_on && strcmp(r->review_on, "2026-02-28") >= 0;
}
static bool due_by_today(const struct risk *r)
{
    return r->review_on && strcmp(r->review_on, "2026-03-01") <= 0;
}

static bool open_or_closed(const struct risk *r)
{
    return !text_equal(r->state, "treated");
}
static bool fire_or_none(const struct risk *r)
{
    return !r->threat || text_equal(r->threat, "fire");
}
static bool has_threat(const struct risk *r)
{
    return r->threat != NULL;
}
static bool trouble(const struct risk *r)
{
    return text_starts(r->title, "Trouble");
}
static bool in_february(const struct risk *r)
{
    return text_equal(r->review_on, "2026-02-28");
}
static bool before_today(const struct risk *r)
{
    return r->review_on && strcmp(r->review_on, "2026-03-01") < 0;
}
static bool c_and_i(const struct risk *r)
{
    return (r->properties & 3) == 3;
}

static void filters_by_every_kind(void **state)
{
    static const struct filter_case cases[] = {
        {"state",                  "open",        is_open       },
        {"threat",                 "none",        no_threat     },
        {"threat",                 "fire",        is_fire       },
        {"owner",                  "P-2",         berts         },
        {"owner",                  "2",           berts         },
        {"owner",                  "me",          berts         },
        {"owner",                  "none",        no_owner      },
        {"properties",             "i",           integrity     },
        {"properties",             "none",        no_property   },
        {"treated",                "1",           is_treated    },
        {"assets",                 "A-2",         on_disk       },
        {"assets",                 "none",        on_nothing    },
        {"current_likelihood.min", "4",           likely        },
        {"score.max",              "6",           low_score     },
        {"review_on.min",          "2026-02-28",  due_late      },
        {"review_on.max",          "today",       due_by_today  },
        {"state",                  "",            NULL          },
        {"state",                  "open,closed", open_or_closed},
        {"state.not",              "treated",     open_or_closed},
        {"state",                  "not,treated", open_or_closed},
        {"threat",                 "fire,none",   fire_or_none  },
        {"threat",                 "any",         has_threat    },
        {"threat.empty",           "yes",         no_threat     },
        {"threat.empty",           "no",          has_threat    },
        {"title.has",              "TROUBLE",     trouble       },
        {"properties.all",         "c,i",         c_and_i       },
        {"review_on",              "last-month",  in_february   },
        {"review_on",              "last-2-days", in_february   },
        {"review_on",              "overdue",     before_today  },
        {"assets.not",             "A-1",         on_nothing    },
        {"assets.all",             "A-1,A-2",     on_disk       },
        {"mine",                   "1",           berts         },
    };
    struct bench t;
    struct list_result r;

    (void)state;
    list_bench_open(&t);
    t.w.person = 2;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t want = 0;

        for (size_t k = 0; k < ROWS; k++)
            want += !cases[i].fits || cases[i].fits(&t.all[k]);
        ask_again(&t);
        ask(&t, cases[i].name, cases[i].value);
        ask(&t, "limit", "200");
        if (run(&t, &bench_risk_entity, &r) != want || r.total != (i64)want)
            fail_msg("%s=%s: %zu of %zu rows", cases[i].name, cases[i].value, r.count, want);
        for (size_t k = 0; k < r.count && cases[i].fits; k++)
            assert_true(cases[i].fits(&((const struct risk *)r.records)[k]));
    }
    list_bench_close(&t);
}

static void joins_filters(void **state)
{
    struct bench t;
    struct list_query q;
    struct list_result r;
    size_t want = 0;

    (void)state;
    list_bench_open(&t);
    for (size_t i = 0; i < ROWS; i++)
        want += is_open(&t.all[i]) && is_treated(&t.all[i]) && t.all[i].current_impact == 3;
    ask(&t, "state", "open");
    ask(&t, "treated", "1");
    assert_ok(list_parse(&t.w, &bench_risk_entity, &q));
    q.extra = "t.current_impact = @1 or t.title = @2";
    q.extra_vals[0] = num(3);
    q.extra_vals[1] = str("no such");
    q.nextra = 2;
    assert_ok(list_run(&t.w, &q, true, &r));
    assert_true(want > 0);
    assert_int_equal(r.count, want);
    list_bench_close(&t);
}

static void finds_umlauts(void **state)
{
    static const char *const ways[] = {"\xC3\x84rger", "arger", "RGER IM B", "im b\xC3\xBCro"};
    struct bench t;
    struct list_result r;
    struct list_query q;

    (void)state;
    list_bench_open(&t);
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        ask_again(&t);
        ask(&t, "q", ways[i]);
        ask(&t, "limit", "200");
        assert_int_equal(run(&t, &bench_risk_entity, &r), ROWS / 4);
        for (size_t k = 0; k < r.count; k++)
            assert_contains(((const struct risk *)r.records)[k].title, "rger");
    }
    ask_again(&t);
    ask(&t, "q", "arger");
    assert_ok(list_parse(&t.w, &bench_risk_entity, &q));
    assert_int_equal(walk(&t, &q, 4), ROWS / 4);
    ask_again(&t);
    ask(&t, "q", "100%_'\"");
    assert_int_equal(run(&t, &bench_risk_entity, &r), 0);
    assert_int_equal(r.total, 0);
    list_bench_close(&t);
}

/* The same answers when the index knows the text and when the rows are looked at. */
static void finds_by_index_too(void **state)
{
    struct bench t;
    struct list_result r;
    struct list_query q;
    bool left;

    (void)state;
    list_bench_open(&t);
    assert_ok(db_commit(t.w.db));
    assert_ok(db_begin(t.w.db, DB_BEGIN_WRITE));
    assert_ok(search_apply(&t.w, 1000, &left));
    assert_ok(db_commit(t.w.db));
    assert_ok(db_begin(t.w.db, DB_BEGIN_READ));
    ask(&t, "q", "rger im");
    assert_ok(list_parse(&t.w, &bench_risk_entity, &q));
    assert_ok(list_plan(&t.w, &q));
    assert_non_null(q.ids);
    assert_int_equal(walk(&t, &q, 4), ROWS / 4);
    assert_ok(list_run(&t.w, &q, true, &r));
    assert_int_equal(r.total, ROWS / 4);
    list_bench_close(&t);
}

/* --- refusals --- */

static void refuses(struct bench *t, const char *name, const char *value, const char *says)
{
    struct list_query q;
    struct err *e;

    ask_again(t);
    ask(t, name, value);
    e = assert_err(list_parse(&t->w, &bench_risk_entity, &q), ERR_BAD);
    assert_contains(e->text, says);
}

static void refuses_what_it_does_not_know(void **state)
{
    struct bench t;
    struct list_query q;
    struct list_result r;

    (void)state;
    list_bench_open(&t);
    refuses(&t, "sort", "password", "number, title, threat, owner, state");
    refuses(&t, "sort", "properties", "cannot be sorted");
    refuses(&t, "colour", "red", "state, review_on");
    refuses(&t, "state.min", "open", "does not know");
    refuses(&t, "score.most", "3", "does not know");
    refuses(&t, "state", "x' or 1=1", "open, treated, closed, none");
    refuses(&t, "owner", "P-99", "no Person");
    refuses(&t, "review_on", "someday", "2026-03-01");
    refuses(&t, "current_likelihood", "high", "number");
    refuses(&t, "treated", "maybe", "1 for yes");
    refuses(&t, "limit", "0", "1 to 200");
    refuses(&t, "limit", "201", "1 to 200");
    refuses(&t, "after", "%%%", "first page");
    refuses(&t, "after", "bnVtYmVyICsgMSBpMQ", "first page"); /* of another order */
    ask_again(&t);
    ask(&t, "m", "saved");
    ask(&t, "asof", "2026-01-01");
    ask(&t, "q", "  ");
    assert_ok(list_parse(&t.w, &bench_risk_entity, &q));
    assert_null(q.q);
    /* A cursor made for one order is refused in another. */
    q = (struct list_query){.entity = &bench_risk_entity, .sort = NULL, .limit = 5};
    assert_ok(list_run(&t.w, &q, false, &r));
    refuses(&t, "after", r.next, "another order");
    list_bench_close(&t);
}

/* --- who sees what --- */

static void grant(struct bench *t, i64 record, i64 person, const char *role, const char *until)
{
    assert_ok(db_exec(t->w.db,
                      "insert into access_grant (org_id, id, record, person, role, may, until) "
                      "values ($1, $2, $3, $4, $5, 'read', $6)",
                      num(t->w.org), num(record + 1), num(record), num_or_null(person), str(role),
                      str(until)));
}

static void hides_what_one_may_not_see(void **state)
{
    struct bench t;
    struct list_result r;
    struct list_query q = {.entity = &own_risk_entity};
    struct facet *facets;
    size_t nfacets;
    i64 count;
    size_t own = 0;

    (void)state;
    list_bench_open(&t);
    t.w.person = 2;
    for (size_t i = 0; i < ROWS; i++)
        own += berts(&t.all[i]);
    ask(&t, "limit", "200");
    assert_int_equal(run(&t, &own_risk_entity, &r), own);
    assert_int_equal(r.total, own);
    for (size_t i = 0; i < r.count; i++)
        assert_int_equal(((const struct risk *)r.records)[i].owner, 2);
    assert_ok(list_count(&t.w, &own_risk_entity, &count));
    assert_int_equal(count, own);
    assert_int_equal(walk(&t, &q, 3), own);
    assert_ok(list_facet(&t.w, &q, entity_field(&own_risk_entity, "owner"), &facets, &nfacets));
    assert_int_equal(nfacets, 1);
    assert_int_equal(facets[0].count, own);
    assert_string_equal(facets[0].value, "P-2");
    /* Row 0 and 3 belong to nobody; a grant shows one, an ended grant and another's do not. */
    assert_ok(db_commit(t.w.db));
    assert_ok(db_begin(t.w.db, DB_BEGIN_WRITE));
    grant(&t, t.all[0].id, 2, NULL, "2026-03-01");
    grant(&t, t.all[3].id, 2, NULL, "2026-02-28");
    grant(&t, t.all[6].id, 1, NULL, NULL);
    grant(&t, t.all[9].id, 0, "auditor", NULL);
    assert_int_equal(run(&t, &own_risk_entity, &r), own + 1);
    assert_ok(db_exec(t.w.db,
                      "insert into role_holder (org_id, id, number, version, title, person, role, "
                      "duties, from_date) values ($1, 1, 1, 1, 'x', 2, 'auditor', 0, '2026-01-01')",
                      num(ORG)));
    assert_int_equal(run(&t, &own_risk_entity, &r), own + 2);
    t.w.person = 0;
    assert_int_equal(run(&t, &own_risk_entity, &r), 0);
    list_bench_close(&t);
}

static void stays_in_the_organisation(void **state)
{
    struct bench t;
    struct list_result r;
    i64 count;

    (void)state;
    list_bench_open(&t);
    t.w.org = ORG + 1;
    assert_int_equal(run(&t, &bench_risk_entity, &r), 0);
    assert_ok(list_count(&t.w, &bench_risk_entity, &count));
    assert_int_equal(count, 0);
    ask(&t, "q", "trouble");
    assert_int_equal(run(&t, &bench_risk_entity, &r), 0);
    list_bench_close(&t);
}

/* Filters of text compare in the database what was folded by the program. */
static void folds_alike(void **state)
{
    static const char *const texts[] = {
        "",
        "Trouble",
        "ÄRGER im Büro",
        "Straße STRASSE",
        "Smørrebrød",
        "Łódź Đakovo",
        "Æther Œuvre",
        "ﬁle ²",
        "  two   spaces\t\n",
        "É\xCC\x81 e\xCC\x81",
        "ÀÉÎÕÜ ñç",
        "Ελληνικά",
        "Русский Ё",
        "a'b\\c%_",
        "漢字 カナ",
    };
    struct bench t;

    (void)state;
    list_bench_open(&t);
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct rows *r;

        assert_ok(db_query(t.w.db, &r, "select text_fold($1)", str(texts[i])));
        assert_true(row_next(r));
        assert_string_equal(row_text(r, 0), text_fold(t.a, texts[i]));
    }
    list_bench_close(&t);
}

const struct test_case list_tests[] = {
    TEST("every sort, both ways, shows each record exactly once over its pages, with ties and "
         "empty values",
         pages_through_every_sort),
    TEST("a list gives whole records with their links", reads_whole_records),
    TEST("each kind of filter leaves exactly the records that fit", filters_by_every_kind),
    TEST("filters and the page's own condition hold together", joins_filters),
    TEST("contains ignores case and accents and takes signs as text", finds_umlauts),
    TEST("contains gives the same list when the search index answers", finds_by_index_too),
    TEST("both databases fold text as the program does", folds_alike),
    TEST("unknown parameters, values, sorts and cursors are refused with what is allowed",
         refuses_what_it_does_not_know),
    TEST("records that one may not see are neither listed nor counted; grants show single ones",
         hides_what_one_may_not_see),
    TEST("another organisation's records are never in a list", stays_in_the_organisation),
    TEST_END,
};
