/* SPDX-License-Identifier: Apache-2.0 */
/* Finding records by their words, on both engines alike. */
#include "core/search.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "core/app.h"
#include "core/content.h"
#include "core/search_index.h"
#include "entity_bench.h"

extern const struct test_case search_tests[];

static const struct entity *const all_kinds[] = {&test_asset, &test_unit, &test_person,
                                                 &test_profile, NULL};
static const struct entity *const hidden_kinds[] = {&test_hidden_asset, &test_unit, NULL};

static void open_bench(struct bench *t)
{
    bench_open(t);
    assert_ok(search_setup(t->w.db));
}

static void apply_all(struct bench *t)
{
    bool left = true;

    for (int i = 0; left; i++) {
        assert_true(i < 1000);
        assert_ok(search_apply(&t->w, 7, &left));
    }
}

/* The titles that are found, joined with "|". */
static const char *found_in(struct bench *t, const struct entity *const *kinds, const char *text,
                            int limit)
{
    struct hits hits;
    struct buf b;

    buf_init(&b, t->a, 200);
    assert_ok(search_among(&t->w, kinds, text, limit, &hits));
    for (size_t i = 0; i < hits.count; i++)
        buf_printf(&b, "%s%s", i ? "|" : "", hits.list[i].title);
    return b.data;
}

static const char *found(struct bench *t, const char *text)
{
    return found_in(t, all_kinds, text, 10);
}

static i64 unit(struct bench *t, const char *name, const char *note)
{
    struct unit u = {.name = name, .note = note};

    write_ok(t, &test_unit, &u);
    return u.id;
}

static void finds_words(void **state)
{
    struct bench t;

    (void)state;
    open_bench(&t);
    unit(&t, "\xC3\x84rztekammer Nord",
         "Alle Befunde und die Stra\xC3\x9F"
         "e zum Archiv");
    unit(&t, "Sales",
         "Keeps the offers, backups and \xE2\x80\x9C"
         "drafts\xE2\x80\x9D");
    unit(&t, "\xD0\x9E\xD1\x82\xD0\xB4\xD0\xB5\xD0\xBB", NULL);
    apply_all(&t);
    assert_string_equal(found(&t, "arzte"), "\xC3\x84rztekammer Nord");
    assert_string_equal(found(&t, "\xC3\x84RZTEKAMMER"), "\xC3\x84rztekammer Nord");
    assert_string_equal(found(&t, "strasse"), "\xC3\x84rztekammer Nord");
    assert_string_equal(found(&t, "stra\xC3\x9F"
                                  "e arch"),
                        "\xC3\x84rztekammer Nord");
    assert_string_equal(found(&t, "kammer"), "");
    assert_string_equal(found(&t, "offers sal"), "Sales");
    assert_string_equal(found(&t, "offers arzte"), "");
    assert_string_equal(found(&t, "backu"), "Sales");
    assert_string_equal(found(&t, "drafts"), "Sales");
    assert_string_equal(found(&t, "\xD0\xBE\xD1\x82\xD0\xB4"),
                        "\xD0\x9E\xD1\x82\xD0\xB4\xD0\xB5\xD0\xBB");
    assert_string_equal(found(&t, "b"), "Sales|\xC3\x84rztekammer Nord");
    assert_string_equal(found(&t, ""), "");
    assert_string_equal(found(&t, "  ...  "), "");
    assert_string_equal(found(&t, "\xE2\x80\x9C"), "");
    bench_close(&t);
}

static void orders_hits(void **state)
{
    struct bench t;
    i64 first;

    (void)state;
    open_bench(&t);
    first = unit(&t, "First", "server room");
    unit(&t, "Server room", "1 of them");
    unit(&t, "Third", "server room, near U-1");
    apply_all(&t);
    assert_string_equal(found(&t, "server"), "Server room|Third|First");
    assert_string_equal(found(&t, "server room"), "Server room|Third|First");
    assert_string_equal(found_in(&t, all_kinds, "server", 2), "Server room|Third");
    /* A number is first; what only contains it follows. */
    assert_string_equal(found(&t, "U-1"), "First|Third|Server room");
    assert_string_equal(found(&t, "u1"), "First");
    assert_string_equal(found(&t, " 1 "), "First|Third|Server room");
    assert_string_equal(found(&t, "A-1"), "");
    assert_string_equal(found(&t, "U-99999999999999999999"), "");
    /* Even before the index knows it. */
    assert_ok(entity_remove(&t.w, &test_unit, first, 1, "gone"));
    unit(&t, "Fourth", NULL);
    assert_string_equal(found(&t, "U-4"), "Fourth");
    assert_string_equal(found(&t, "fourth"), "");
    bench_close(&t);
}

static void keeps_organisations_apart(void **state)
{
    struct bench t;
    const char *foreign;
    i64 *ids;
    size_t count;
    bool complete;

    (void)state;
    open_bench(&t);
    unit(&t, "Ours", "common words");
    t.w.org = 6;
    unit(&t, "Theirs", "common words and a crownjewel");
    apply_all(&t);
    assert_string_equal(found(&t, "common"), "Theirs");
    t.w.org = 5;
    assert_string_equal(found(&t, "common"), "Ours");
    assert_string_equal(found(&t, "crownjewel"), "");
    assert_ok(search_ids(&t.w, &test_unit, "crownjewel", 100, &ids, &count, &complete));
    assert_true(complete);
    assert_int_equal(count, 0);
    /* The other organisation's mark, typed or written into a record, is not a word. */
    foreign = search_mark(t.a, 6);
    assert_string_equal(found(&t, foreign), "");
    assert_string_equal(found(&t, arena_printf(t.a, "%s common", foreign)), "Ours");
    assert_string_equal(found(&t, arena_printf(t.a, "%swcommon", foreign)), "");
    unit(&t, "Trap", arena_printf(t.a, "%swtrapped trapped", foreign));
    apply_all(&t);
    t.w.org = 6;
    assert_string_equal(found(&t, "trapped"), "");
    t.w.org = 5;
    assert_string_equal(found(&t, "trapped"), "Trap");
    bench_close(&t);
}

static void takes_text_literally(void **state)
{
    static const char *const tricks[] = {
        "\"quoted",       "quoted\"",   "'quoted",      "quoted'",           "quoted*",
        "(quoted)",       "quoted:*",   "title:quoted", "quoted\\",          "-quoted",
        "quoted &",       "quoted | x", "!quoted",      "^quoted",           "{quoted}",
        "NEAR(quoted x)", "quoted AND", "NOT quoted",   "quoted OR nothing", "quoted;--",
        "%quoted",        "<->quoted"};
    struct bench t;
    size_t count, matched = 0;
    struct hits hits;
    i64 *ids;
    bool complete;

    (void)state;
    open_bench(&t);
    unit(&t, "Quoted x", "title and or not near nothing");
    unit(&t, "Plain", NULL);
    apply_all(&t);
    for (size_t i = 0; i < COUNT_OF(tricks); i++) {
        assert_ok(search_among(&t.w, all_kinds, tricks[i], 5, &hits));
        if (hits.count != 1)
            fail_msg("%s finds %zu records", tricks[i], hits.count);
        matched += hits.count;
        assert_ok(search_ids(&t.w, &test_unit, tricks[i], 100, &ids, &count, &complete));
        assert_true(complete);
    }
    assert_int_equal(matched, COUNT_OF(tricks));
    /* "OR" is a word, not an operator. */
    assert_string_equal(found(&t, "plain or quoted"), "");
    bench_close(&t);
}

static void follows_changes(void **state)
{
    struct bench t;
    struct unit u = {.name = "Workshop", .note = "lathe"};

    (void)state;
    open_bench(&t);
    write_ok(&t, &test_unit, &u);
    assert_string_equal(found(&t, "lathe"), "");
    apply_all(&t);
    assert_string_equal(found(&t, "lathe"), "Workshop");
    u.note = "milling machine";
    write_ok(&t, &test_unit, &u);
    apply_all(&t);
    assert_string_equal(found(&t, "lathe"), "");
    assert_string_equal(found(&t, "milling"), "Workshop");
    assert_ok(entity_remove(&t.w, &test_unit, u.id, u.version, "sold"));
    assert_string_equal(found(&t, "milling"), "");
    assert_int_equal(
        bench_count(&t, "select count(*) from search_doc where org_id = $1 and id = $2", u.id), 1);
    apply_all(&t);
    assert_int_equal(
        bench_count(&t, "select count(*) from search_doc where org_id = $1 and id = $2", u.id), 0);
    bench_commit(&t);
    assert_ok(entity_restore(&t.w, &test_unit, u.id));
    apply_all(&t);
    assert_string_equal(found(&t, "milling"), "Workshop");
    bench_close(&t);
}

static i64 waiting(struct bench *t)
{
    return bench_count(
        t, "select count(*) from search_doc where org_id = $1 and dirty = 1 and id > $2", 0);
}

static void writes_only_changes(void **state)
{
    struct bench t;
    struct unit u = {.name = "Workshop", .note = "lathe"};
    bool left;

    (void)state;
    open_bench(&t);
    write_ok(&t, &test_unit, &u);
    for (int i = 0; i < 4; i++)
        unit(&t, "More", NULL);
    assert_int_equal(waiting(&t), 5);
    assert_ok(search_apply(&t.w, 3, &left));
    assert_true(left);
    assert_int_equal(waiting(&t), 2);
    assert_ok(search_apply(&t.w, 3, &left));
    assert_false(left);
    assert_int_equal(waiting(&t), 0);
    /* What does not change the folded text does not touch the index. */
    u.name = "WORKSHOP";
    write_ok(&t, &test_unit, &u);
    assert_int_equal(waiting(&t), 0);
    u.name = "Workshop 2";
    write_ok(&t, &test_unit, &u);
    assert_int_equal(waiting(&t), 1);
    /* A second setup changes nothing. */
    apply_all(&t);
    assert_ok(search_setup(t.w.db));
    assert_int_equal(waiting(&t), 0);
    bench_close(&t);
}

static void leaves_out_personal(void **state)
{
    struct bench t;
    struct person p = {
        .name = "Zenobia", .email = "zenobia@example.com", .job = "Buyer", .state = "active"};
    struct profile f = {.title = "Us", .deadline = "hiddenhash"};

    (void)state;
    open_bench(&t);
    write_ok(&t, &test_person, &p);
    write_ok(&t, &test_profile, &f);
    apply_all(&t);
    assert_string_equal(found(&t, "zenobia"), "");
    assert_string_equal(found(&t, "example"), "");
    assert_string_equal(found(&t, "buyer"), "Zenobia");
    assert_string_equal(found(&t, "hiddenhash"), "");
    assert_string_equal(found(&t, "us"), "Us");
    bench_close(&t);
}

static void counts_only_visible(void **state)
{
    struct bench t;
    struct asset a = {.type = "server", .state = "active"};
    i64 anna, granted = 0;

    (void)state;
    open_bench(&t);
    anna = new_person(&t, "Anna");
    for (int i = 0; i < 30; i++) {
        a.id = 0;
        a.name = arena_printf(t.a, "Vault server %d", i);
        a.owner = i == 3 ? anna : 0;
        write_ok(&t, &test_asset, &a);
        if (i == 5)
            granted = a.id;
    }
    unit(&t, "Vault team", NULL);
    apply_all(&t);
    assert_string_equal(found_in(&t, hidden_kinds, "vault", 10), "Vault team");
    assert_string_equal(found_in(&t, hidden_kinds, "A-4", 10), "");
    t.w.person = anna;
    assert_string_equal(found_in(&t, hidden_kinds, "vault server", 10), "Vault server 3");
    assert_string_equal(found_in(&t, hidden_kinds, "vault", 10), "Vault team|Vault server 3");
    assert_string_equal(found_in(&t, hidden_kinds, "A-4", 10), "Vault server 3");
    assert_string_equal(found_in(&t, hidden_kinds, "A-5", 10), "");
    assert_ok(db_exec(t.w.db,
                      "insert into access_grant (org_id, id, record, person, may, until)"
                      " values ($1, 1, $2, $3, 'read', '2026-03-01')",
                      num(t.w.org), num(granted), num(anna)));
    assert_string_equal(found_in(&t, hidden_kinds, "vault server", 10),
                        "Vault server 5|Vault server 3");
    t.w.today = "2026-03-02";
    assert_string_equal(found_in(&t, hidden_kinds, "vault server", 10), "Vault server 3");
    bench_close(&t);
}

static void shows_the_place(void **state)
{
    struct bench t;
    struct buf b;
    struct hits hits;

    (void)state;
    open_bench(&t);
    buf_init(&b, t.a, 2000);
    for (int i = 0; i < 60; i++)
        buf_str(&b, "\xC3\xA4\xC3\xB6\xC3\xBC ");
    buf_str(&b, "the Gro\xC3\x9F"
                "rechner\nis here ");
    for (int i = 0; i < 60; i++)
        buf_str(&b, "\xC3\xA4\xC3\xB6\xC3\xBC ");
    unit(&t, "Long", b.data);
    unit(&t, "Short", "only a few words");
    apply_all(&t);
    assert_ok(search_among(&t.w, all_kinds, "grossr", 5, &hits));
    assert_int_equal(hits.count, 1);
    assert_contains(hits.list[0].excerpt, "the Gro\xC3\x9F"
                                          "rechner is here");
    assert_true(text_starts(hits.list[0].excerpt, "\xE2\x80\xA6 "));
    assert_true(strlen(hits.list[0].excerpt) < 160);
    assert_true(text_valid(hits.list[0].excerpt, strlen(hits.list[0].excerpt)));
    assert_ok(search_among(&t.w, all_kinds, "short", 5, &hits));
    assert_string_equal(hits.list[0].excerpt, "only a few words");
    assert_int_equal(hits.list[0].number, 2);
    assert_ptr_equal(hits.list[0].entity, &test_unit);
    bench_close(&t);
}

static void knows_labels(void **state)
{
    struct bench t;
    struct app app = {0};
    struct asset a = {.name = "Box", .type = "customer-data", .state = "active"};

    (void)state;
    open_bench(&t);
    assert_ok(content_load(t.a, NULL, &app.content));
    write_ok(&t, &test_asset, &a);
    t.w.app = &app;
    assert_ok(search_store(&t.w, &test_asset, &a));
    apply_all(&t);
    assert_string_equal(found(&t, "customer data"), "Box");
    t.w.app = NULL;
    bench_close(&t);
}

static const char *containing(struct bench *t, const char *text, int limit)
{
    struct buf b;
    i64 *ids;
    size_t count;
    bool complete;

    buf_init(&b, t->a, 100);
    assert_ok(search_ids(&t->w, &test_unit, text, limit, &ids, &count, &complete));
    for (size_t i = 0; i < count; i++) {
        const char *title;

        assert_true(i == 0 || ids[i - 1] < ids[i]);
        assert_ok(entity_title(&t->w, &test_unit, ids[i], &title, NULL));
        buf_printf(&b, "%s%s", i ? "|" : "", title);
    }
    return complete ? b.data : "?";
}

static void waits_for_setup(void **state)
{
    struct bench t;
    struct hit *hits;
    size_t count;

    (void)state;
    bench_open(&t);
    unit(&t, "Workshop", NULL);
    assert_string_equal(found(&t, "workshop"), "");
    assert_string_equal(containing(&t, "orks", 10), "?");
    assert_ok(search_setup(t.w.db));
    apply_all(&t);
    assert_string_equal(found(&t, "workshop"), "Workshop");
    assert_string_equal(containing(&t, "orks", 10), "Workshop");
    /* All kinds of the program: nothing here is one that this command may see. */
    assert_ok(search_run(&t.w, "nothing like that", 5, &hits, &count));
    assert_int_equal(count, 0);
    bench_close(&t);
}

static void finds_contained(void **state)
{
    struct bench t;

    (void)state;
    open_bench(&t);
    unit(&t, "\xC3\x84rztekammer", "it's 100% \"safe\"");
    unit(&t, "Chamber of doctors", "kammerdiener a\\b");
    apply_all(&t);
    unit(&t, "New chamber", "not indexed yet");
    assert_string_equal(containing(&t, "kammer", 10), "\xC3\x84rztekammer|Chamber of doctors");
    assert_string_equal(containing(&t, "R\xC3\x84Z", 10), "");
    assert_string_equal(containing(&t, "\xC3\xA4rzte", 10), "\xC3\x84rztekammer");
    assert_string_equal(containing(&t, "hamber", 10), "Chamber of doctors|New chamber");
    assert_string_equal(containing(&t, "hamber", 1), "?");
    assert_string_equal(containing(&t, "hamber", 2), "Chamber of doctors|New chamber");
    assert_string_equal(containing(&t, "it's 1", 10), "\xC3\x84rztekammer");
    assert_string_equal(containing(&t, "0% \"sa", 10), "\xC3\x84rztekammer");
    assert_string_equal(containing(&t, "a\\b", 10), "Chamber of doctors");
    assert_string_equal(containing(&t, "of  DOCTORS", 10), "Chamber of doctors");
    assert_string_equal(containing(&t, "am", 10), "?");
    assert_string_equal(containing(&t, "u-1", 10), "\xC3\x84rztekammer");
    assert_string_equal(containing(&t, "doctorskammer", 10), "");
    bench_close(&t);
}

/* --- size --- */

static void fill(struct bench *t, i64 n)
{
    assert_ok(
        db_exec(t->w.db,
                "with recursive s(i) as (select $2 union all select i + 1 from s where i < $3)"
                " insert into unit (org_id, id, number, version, name, note)"
                " select $1, 1000000 + i, i, 1, 'Unit ' || i, 'keeps backup plan ' || i from s",
                num(t->w.org), num(1), num(n)));
    assert_ok(db_exec(t->w.db,
                      "insert into record (org_id, id, kind, number, title, version)"
                      " select org_id, id, 'unit', number, name, 1 from unit where org_id = $1",
                      num(t->w.org)));
    assert_ok(db_exec(t->w.db,
                      "insert into search_doc (org_id, id, kind, text, dirty)"
                      " select org_id, id, 'unit', 'u-' || number || ' unit ' || number || $2 ||"
                      " 'keeps backup plan ' || number || ' of the area' || (number % 997) ||"
                      " ' with some more words to make it a usual length', 1"
                      " from unit where org_id = $1",
                      num(t->w.org), str("\n")));
}

static i64 timed(struct bench *t, const char *text, size_t wanted)
{
    i64 start = clock_ticks();
    struct hits hits;

    assert_ok(search_among(&t->w, all_kinds, text, 20, &hits));
    assert_int_equal(hits.count, wanted);
    return clock_ticks() - start;
}

static void copes_with_many(void **state)
{
    struct bench t;
    bool left = true, complete;
    i64 start, longest = 0, *ids;
    size_t count;

    (void)state;
    open_bench(&t);
    fill(&t, 20000);
    bench_commit(&t);
    start = clock_ticks();
    while (left) {
        i64 before = clock_ticks();

        assert_ok(search_apply(&t.w, 100, &left));
        longest = clock_ticks() - before > longest ? clock_ticks() - before : longest;
        bench_commit(&t);
    }
    print_message("index of 20,000: %lld ms, longest batch of 100: %lld ms\n",
                  (clock_ticks() - start) / 1000, longest / 1000);
    assert_int_equal(waiting(&t), 0);
    print_message("search: common word %lld us,", timed(&t, "backup", 20));
    print_message(" rare %lld us,", timed(&t, "area996", 20));
    print_message(" two words %lld us,", timed(&t, "plan 777", 11));
    print_message(" none %lld us\n", timed(&t, "absent", 0));
    start = clock_ticks();
    assert_ok(search_ids(&t.w, &test_unit, "rea996 wi", 1000, &ids, &count, &complete));
    assert_true(complete);
    assert_int_equal(count, 20);
    print_message("contains: rare %lld us", clock_ticks() - start);
    start = clock_ticks();
    assert_ok(search_ids(&t.w, &test_unit, "backup", 1000, &ids, &count, &complete));
    assert_false(complete);
    print_message(", common (given up) %lld us\n", clock_ticks() - start);
    bench_close(&t);
}

const struct test_case search_tests[] = {
    TEST("words are folded prefixes and all must match", finds_words),
    TEST("numbers come first, then titles, then the newest", orders_hits),
    TEST("words of another organisation are not found, not even with its mark",
         keeps_organisations_apart),
    TEST("quotes and operators are text", takes_text_literally),
    TEST("the index follows changes, removal and restoring", follows_changes),
    TEST("only changed texts wait for the index, and batches leave the rest", writes_only_changes),
    TEST("personal and secret fields are not searched", leaves_out_personal),
    TEST("records that a person may not see are not found and not counted", counts_only_visible),
    TEST("an excerpt shows the text around the word", shows_the_place),
    TEST("labels of catalogue codes are searched", knows_labels),
    TEST("contains finds parts of words, also what waits for the index", finds_contained),
    TEST("before the setup nothing is found and no list relies on the index", waits_for_setup),
    TEST("20,000 records are indexed in batches and found", copes_with_many),
    TEST_END,
};
