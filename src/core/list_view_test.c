/* SPDX-License-Identifier: Apache-2.0 */
/* Lists on both engines: counts, streams, drawing, speed. */
#include "core/list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "core/entity_sql.h"
#include "core/list_part.h"
#include "core/search.h"
#include "list_bench.h"
#include "maker.h"
#include "test.h"

extern const struct test_case list_view_tests[];

/* --- counts --- */

static void change_length(struct bench *t, i64 n)
{
    assert_ok(
        db_exec(t->w.db, "update audit_frontier set n = $2 where org_id = $1", num(ORG), num(n)));
}

static void keeps_counts_until_something_changes(void **state)
{
    struct bench t;
    struct risk more;
    i64 count;

    (void)state;
    list_bench_open(&t);
    t.w.org = ORG;
    assert_ok(db_commit(t.w.db));
    assert_ok(db_begin(t.w.db, DB_BEGIN_WRITE));
    change_length(&t, 900); /* not used by another test of this process */
    assert_ok(list_count(&t.w, &bench_risk_entity, &count));
    assert_int_equal(count, ROWS);
    more = t.all[0];
    more.id = 5000;
    more.number = ROWS + 1;
    insert_row(&t, &more);
    assert_ok(list_count(&t.w, &bench_risk_entity, &count));
    assert_int_equal(count, ROWS); /* no log entry, no change */
    change_length(&t, 901);
    assert_ok(list_count(&t.w, &bench_risk_entity, &count));
    assert_int_equal(count, ROWS + 1);
    t.w.writable = true; /* inside a change nothing is taken from memory */
    more.id = 5001;
    more.number = ROWS + 2;
    insert_row(&t, &more);
    assert_ok(list_count(&t.w, &bench_risk_entity, &count));
    assert_int_equal(count, ROWS + 2);
    list_bench_close(&t);
}

static void caps_the_total(void **state)
{
    struct bench t;
    struct list_result r;

    (void)state;
    list_bench_open(&t);
    insert_many(&t, LIST_MOST - ROWS);
    run(&t, &bench_risk_entity, &r);
    assert_int_equal(r.total, LIST_MOST);
    assert_false(r.capped);
    assert_ok(db_commit(t.w.db));
    assert_ok(db_begin(t.w.db, DB_BEGIN_WRITE));
    t.all[0].id = 9000;
    t.all[0].number = 9000;
    insert_row(&t, &t.all[0]);
    change_length(&t, 2);
    run(&t, &bench_risk_entity, &r);
    assert_int_equal(r.total, LIST_MOST + 1);
    assert_true(r.capped);
    list_bench_close(&t);
}

static void counts_facets(void **state)
{
    struct bench t;
    struct list_query q = {.entity = &bench_risk_entity};
    struct facet *list;
    size_t n;
    i64 sum = 0;

    (void)state;
    list_bench_open(&t);
    ask(&t, "state", "open");
    assert_ok(list_parse(&t.w, &bench_risk_entity, &q));
    assert_ok(list_facet(&t.w, &q, entity_field(&bench_risk_entity, "state"), &list, &n));
    assert_int_equal(n, 3); /* its own filter does not count */
    for (size_t i = 0; i < n; i++)
        assert_int_equal(list[i].count, ROWS / 3);
    assert_ok(list_facet(&t.w, &q, entity_field(&bench_risk_entity, "threat"), &list, &n));
    for (size_t i = 0; i < n; i++)
        sum += list[i].count;
    assert_int_equal(sum, ROWS / 3);
    ask_again(&t);
    assert_ok(list_parse(&t.w, &bench_risk_entity, &q));
    assert_ok(list_facet(&t.w, &q, entity_field(&bench_risk_entity, "assets"), &list, &n));
    assert_int_equal(n, 2);
    assert_string_equal(list[0].value, "A-1");
    assert_string_equal(list[0].label, "Mail");
    assert_int_equal(list[0].count, ROWS / 2);
    assert_int_equal(list[1].count, ROWS / 4);
    list_bench_close(&t);
}

/* --- streams and drawing --- */

static struct err *count_each(void *ctx, const void *record)
{
    const struct risk *r = record;
    i64 *seen = ctx;

    seen[0]++;
    seen[1] += r->number;
    return NULL;
}

static struct err *stop_at_three(void *ctx, const void *record)
{
    i64 *seen = ctx;

    (void)record;
    return ++seen[0] == 3 ? err_new(ERR_LIMIT, "enough") : NULL;
}

static void streams_everything(void **state)
{
    struct bench t;
    struct list_query q = {.entity = &bench_risk_entity,
                           .sort = entity_field(&bench_risk_entity, "score")};
    i64 seen[2] = {0, 0};
    size_t before;

    (void)state;
    list_bench_open(&t);
    insert_many(&t, 2000);
    before = arena_used(t.a);
    assert_ok(list_stream(&t.w, &q, count_each, seen));
    assert_int_equal(seen[0], ROWS + 2000);
    assert_int_equal(seen[1], ROWS * (ROWS + 1) / 2 + 2000 * 100000LL + 2000 * 1999 / 2);
    assert_true(arena_used(t.a) - before < 4096);
    assert_ptr_equal(t.w.arena, t.a);
    seen[0] = 0;
    assert_err(list_stream(&t.w, &q, stop_at_three, seen), ERR_LIMIT);
    assert_int_equal(seen[0], 3);
    list_bench_close(&t);
}

static bool own_cell(struct web *w, const struct field *f, const void *record)
{
    const struct risk *r = record;

    if (!text_equal(f->name, "score"))
        return false;
    html(w->html, "<b>%lld!</b>", r->score);
    return true;
}

static void draws_a_list(void **state)
{
    struct bench t;
    struct list_query q;
    struct list_result r;
    const char *page;

    (void)state;
    list_bench_open(&t);
    ask(&t, "limit", "10");
    ask(&t, "state", "closed");
    ask(&t, "sort", "-score");
    ask(&t, "q", "trouble");
    assert_ok(list_parse(&t.w, &bench_risk_entity, &q));
    assert_ok(list_run(&t.w, &q, true, &r));
    assert_ok(list_draw(&t.w, &q, &r, own_cell));
    page = t.html.buf.data;
    assert_contains(page, "<caption class='visually-hidden'>Risks</caption>");
    assert_contains(page, "aria-sort='descending'");
    assert_contains(page, " data-key=f>All filters</a>"); /* the key that opens them */
    assert_contains(page, "href='/o/acme/risks?limit=10&amp;state=closed&amp;q=trouble&amp;"
                          "sort=score'");
    assert_contains(page, "rel='next' href='/o/acme/risks?limit=10&amp;state=closed&amp;"
                          "sort=-score&amp;q=trouble&amp;after=");
    assert_contains(page, "State: Closed &lt;done&gt;");
    assert_contains(page, "Bert</a>");
    assert_contains(page, "!</b>");
    assert_contains(page, "<input type='hidden' name='state' value='closed'>");
    assert_null(strstr(page, "<done>"));
    assert_string_equal(list_url(&t.w, &q, "state", NULL),
                        "/o/acme/risks?limit=10&sort=-score&q=trouble");
    assert_string_equal(
        list_url(&t.w, &q, "owner", "a&b=c"),
        "/o/acme/risks?limit=10&state=closed&sort=-score&q=trouble&owner=a%26b%3Dc");
    list_bench_close(&t);
}

static void says_what_to_do_when_empty(void **state)
{
    struct bench t;
    struct list_query q;
    struct list_result r;

    (void)state;
    list_bench_open(&t);
    ask(&t, "q", "<nothing>");
    assert_ok(list_parse(&t.w, &bench_risk_entity, &q));
    assert_ok(list_run(&t.w, &q, true, &r));
    assert_ok(list_draw(&t.w, &q, &r, NULL));
    assert_contains(t.html.buf.data, "Nothing fits these filters");
    assert_contains(t.html.buf.data, "value='&lt;nothing&gt;'");
    t.w.org = ORG + 1;
    ask_again(&t);
    html_init(&t.html, t.a);
    assert_ok(list_parse(&t.w, &bench_risk_entity, &q));
    assert_ok(list_run(&t.w, &q, true, &r));
    assert_ok(list_draw(&t.w, &q, &r, NULL));
    assert_contains(t.html.buf.data, "href='/o/acme/risks/new'");
    list_bench_close(&t);
}

/* --- groups --- */

static i64 in_state(const struct bench *t, const char *state, i64 owner)
{
    i64 n = 0;

    for (size_t i = 0; i < ROWS; i++)
        n += text_equal(t->all[i].state, state) && (owner < 0 || t->all[i].owner == owner);
    return n;
}

static void groups_with_counts(void **state)
{
    static const char *const order[] = {"open", "treated", "closed"};
    struct bench t;
    struct list_result r;

    (void)state;
    list_bench_open(&t);
    ask(&t, "group", "state");
    ask(&t, "limit", "200");
    assert_int_equal(run(&t, &bench_risk_entity, &r), ROWS);
    assert_int_equal(r.ngroups, 3);
    assert_int_equal(r.total, ROWS);
    for (size_t g = 0; g < 3; g++) {
        assert_string_equal(r.groups[g].value, order[g]);
        assert_int_equal(r.groups[g].count, in_state(&t, order[g], -1));
        assert_int_equal(r.groups[g].rows, r.groups[g].count);
        for (size_t i = 0; i < r.groups[g].rows; i++)
            assert_string_equal(((const struct risk *)r.records)[r.groups[g].first + i].state,
                                order[g]);
    }
    assert_string_equal(r.groups[1].label, "In treatment");
    /* Under a filter the counts are those of the filter; no value is a group, the last one. */
    ask_again(&t);
    ask(&t, "group", "owner");
    ask(&t, "state", "open");
    run(&t, &bench_risk_entity, &r);
    for (size_t g = 0; g < r.ngroups; g++) {
        bool none = text_equal(r.groups[g].value, "none");

        assert_true(!none || g + 1 == r.ngroups);
        assert_int_equal(r.groups[g].count, in_state(&t, "open",
                                                     none                                ? 0
                                                     : strstr(r.groups[g].label, "Anna") ? 1
                                                                                         : 2));
    }
    list_bench_close(&t);
}

static void groups_over_pages(void **state)
{
    struct bench t;
    struct list_result r;
    size_t first, second;

    (void)state;
    list_bench_open(&t);
    ask(&t, "group", "state");
    ask(&t, "limit", "25");
    first = run(&t, &bench_risk_entity, &r);
    assert_int_equal(first, 25);
    assert_int_equal(r.ngroups, 2);
    assert_int_equal(r.groups[1].rows, 5);
    assert_int_equal(r.groups[1].count, ROWS / 3); /* of the whole group */
    ask(&t, "after", r.next);
    second = run(&t, &bench_risk_entity, &r);
    assert_int_equal(second, 25);
    assert_true(r.groups[0].goes_on);
    assert_string_equal(r.groups[0].value, "treated");
    assert_int_equal(r.groups[0].rows, 15);
    ask_again(&t);
    ask(&t, "group", "state");
    ask(&t, "fold", "open,closed");
    ask(&t, "limit", "200");
    assert_int_equal(run(&t, &bench_risk_entity, &r), ROWS / 3);
    assert_true(r.groups[0].folded && !r.groups[1].folded && r.groups[2].folded);
    assert_int_equal(r.groups[0].count, ROWS / 3);
    list_bench_close(&t);
}

static void groups_only_by_values(void **state)
{
    static const char *const wrong[] = {"description", "title", "review_on", "assets", "colour"};
    struct bench t;
    struct list_query q;

    (void)state;
    list_bench_open(&t);
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        ask_again(&t);
        ask(&t, "group", wrong[i]);
        assert_err(list_parse(&t.w, &bench_risk_entity, &q), ERR_BAD);
    }
    list_bench_close(&t);
}

/* --- long lists without an index --- */

static struct err *count_one(void *ctx, const void *record)
{
    (void)record;
    ++*(i64 *)ctx;
    return NULL;
}

static void looks_at_so_many(void **state)
{
    i64 n = LIST_SCAN + 500, streamed = 0;
    struct list_query q;
    struct list_result r;
    struct bench t;

    (void)state;
    list_bench_open(&t);
    insert_many(&t, n);
    assert_ok(db_commit(t.w.db));
    assert_ok(db_begin(t.w.db, DB_BEGIN_WRITE));
    for (i64 from = 100000; from < 100000 + n; from += 1000)
        assert_ok(db_exec(t.w.db,
                          "update risk set properties = case when number = $2 then 4 else 0 end"
                          " where org_id = $1 and number >= $3 and number < $4",
                          num(ORG), num(100000 + n - 1), num(from), num(from + 1000)));
    change_length(&t, n);
    ask(&t, "properties", "a"); /* a set has no index */
    ask(&t, "sort", "number");
    assert_int_equal(run(&t, &bench_risk_entity, &r), ROWS / 8 * 4 + ROWS % 8 / 5);
    assert_true(r.partial); /* not all were looked at, and the page says so */
    assert_non_null(r.next);
    assert_true(r.capped);
    ask(&t, "after", r.next);
    assert_int_equal(run(&t, &bench_risk_entity, &r), 1); /* it goes on where it stopped */
    assert_int_equal(((const struct risk *)r.records)->number, 100000 + n - 1);
    assert_false(r.partial);
    assert_null(r.next);
    ask_again(&t);
    ask(&t, "properties", "a");
    assert_ok(list_parse(&t.w, &bench_risk_entity, &q));
    assert_ok(list_stream(&t.w, &q, count_one, &streamed));
    assert_int_equal(streamed, ROWS / 8 * 4 + ROWS % 8 / 5 + 1); /* a file has them all */
    list_bench_close(&t);
}

/* --- speed: printed, not asserted --- */

static i64 time_of(struct bench *t, struct list_query *q, int turns)
{
    struct arena *own = t->w.arena;
    struct arena *a = arena_new(0);
    struct list_result r;
    i64 best = INT64_MAX;

    t->w.arena = a;
    for (int i = 0; i < turns; i++) {
        struct list_query one = *q;
        i64 start;

        arena_reset(a);
        db_use_arena(t->w.db, a);
        start = clock_ticks();
        assert_ok(list_run(&t->w, &one, false, &r));
        if (clock_ticks() - start < best)
            best = clock_ticks() - start;
    }
    t->w.arena = own;
    db_use_arena(t->w.db, own);
    arena_free(a);
    return best;
}

static void index_everything(struct bench *t)
{
    bool left = true;

    assert_ok(db_commit(t->w.db));
    while (left) {
        assert_ok(db_begin(t->w.db, DB_BEGIN_WRITE));
        assert_ok(search_apply(&t->w, 2000, &left));
        assert_ok(db_commit(t->w.db));
    }
    assert_ok(db_begin(t->w.db, DB_BEGIN_READ));
}

static void pages_a_long_list(void **state)
{
    i64 n = test_full() ? 100000 : 3000;
    struct bench t;
    struct list_result r;

    (void)state;
    list_bench_open(&t);
    insert_many(&t, n);
    index_everything(&t);
    print_message("list of %lld risks:", n + ROWS);
    for (size_t i = 0; i <= bench_risk_entity.nfields; i++) {
        const struct field *f = i ? &bench_risk_entity.fields[i - 1] : NULL;
        struct list_query q = {.entity = &bench_risk_entity, .sort = f, .limit = 50};

        if (f && !f->sortable)
            continue;
        print_message(" %s %lld us", f ? f->name : "number", time_of(&t, &q, 20));
        q.descending = true;
        print_message("/%lld us", time_of(&t, &q, 20));
        assert_ok(list_run(&t.w, &q, false, &r));
        for (int deep = 0; deep < 50; deep++) {
            q.after = r.next;
            assert_ok(list_run(&t.w, &q, false, &r));
            assert_int_equal(r.count, 50);
        }
        q.after = r.next;
        print_message(" (deep %lld us)", time_of(&t, &q, 20));
    }
    struct list_query common = {.entity = &bench_risk_entity, .q = "trouble", .limit = 50};
    struct list_query rare = {.entity = &bench_risk_entity, .q = "rarity", .limit = 50};
    print_message(" common text %lld us, rare text %lld us", time_of(&t, &common, 20),
                  time_of(&t, &rare, 3));
    assert_ok(list_plan(&t.w, &rare));
    print_message(" (of which the list %lld us)\n", time_of(&t, &rare, 3));
    assert_ok(list_run(&t.w, &rare, true, &r));
    assert_int_equal(r.count,
                     (99999 + n) / 211 - 99999 / 211 > 50 ? 50 : (99999 + n) / 211 - 99999 / 211);
    list_bench_close(&t);
}

const struct test_case list_view_tests[] = {
    TEST("counts are remembered until the organisation's log grows, and never inside a change",
         keeps_counts_until_something_changes),
    TEST("totals are exact to 1,000 and say when there are more", caps_the_total),
    TEST("facets count under the other filters", counts_facets),
    TEST("a stream gives every record in constant memory and stops at an error",
         streams_everything),
    TEST("a drawn list has links for sorting, filters and the next page, all escaped",
         draws_a_list),
    TEST("an empty list says what to do", says_what_to_do_when_empty),
    TEST("a grouped list has the groups in order with their counts, under its filters",
         groups_with_counts),
    TEST("a page of a grouped list goes on within a group; folded groups have counts only",
         groups_over_pages),
    TEST("a list is grouped by single values only", groups_only_by_values),
    TEST("a page without an index looks at 20,000 records, says so and goes on; a file has all",
         looks_at_so_many),
    TEST("a long list pages at any depth (times are printed)", pages_a_long_list),
    TEST_END,
};
