/* SPDX-License-Identifier: Apache-2.0 */
/* Writing, removing and restoring records. */
#include "entity_bench.h"

#include <string.h>

#include "base/text.h"

extern const struct test_case entity_write_tests[];

static void stale_is_a_clash(void **state)
{
    struct bench t;
    struct person first, second, now;
    i64 id;

    (void)state;
    bench_open(&t);
    id = new_person(&t, "Anna");
    bench_commit(&t);
    assert_ok(entity_load(&t.w, &test_person, id, &first));
    assert_ok(entity_load(&t.w, &test_person, id, &second));
    first.job = "Nurse";
    write_ok(&t, &test_person, &first);
    bench_commit(&t);
    assert_int_equal(first.version, 2);
    second.job = "Doctor";
    t.out.count = 0;
    assert_contains(
        assert_err(entity_write(&t.w, &test_person, &second, NULL, &t.out), ERR_CLASH)->text,
        "Somebody else saved this person since you opened it.");
    bench_undo(&t);
    assert_ok(entity_load(&t.w, &test_person, id, &now));
    assert_string_equal(now.job, "Nurse");
    assert_int_equal(
        bench_count(&t, "select count(*) from person_history where org_id = $1 and id = $2", id),
        2);
    bench_close(&t);
}

static void unchanged_writes_nothing(void **state)
{
    struct bench t;
    struct person p;
    i64 id;

    (void)state;
    bench_open(&t);
    id = new_person(&t, "Anna");
    bench_commit(&t);
    assert_ok(entity_load(&t.w, &test_person, id, &p));
    p.job = "";
    write_ok(&t, &test_person, &p);
    assert_int_equal(p.version, 1);
    assert_null(t.w.trail);
    bench_close(&t);
}

static void sets_only_what_changed(void **state)
{
    struct bench t;
    struct person p, now;
    i64 id;

    (void)state;
    bench_open(&t);
    id = new_person(&t, "Anna");
    assert_ok(entity_load(&t.w, &test_person, id, &p));
    /* An empty text would be written as NULL if the column were named. */
    assert_ok(db_exec(t.w.db, "update person set job = '' where org_id = $1 and id = $2",
                      num(t.w.org), num(id)));
    p.note = "new";
    write_ok(&t, &test_person, &p);
    assert_ok(entity_load(&t.w, &test_person, id, &now));
    assert_string_equal(now.note, "new");
    assert_int_equal(now.version, 2);
    assert_int_equal(bench_count(&t,
                                 "select count(*) from person where org_id = $1 and id = $2"
                                 " and job = ''",
                                 id),
                     1);
    bench_commit(&t);
    bench_close(&t);
}

static void numbers_are_never_reused(void **state)
{
    struct bench t;
    struct person p = {.name = "Next", .state = "active"};
    i64 id;

    (void)state;
    bench_open(&t);
    new_person(&t, "Anna");
    id = new_person(&t, "Bert");
    bench_commit(&t);
    assert_ok(entity_remove(&t.w, &test_person, id, 1, NULL));
    bench_commit(&t);
    write_ok(&t, &test_person, &p);
    assert_int_equal(p.number, 3);
    t.w.org = 6;
    p = (struct person){.name = "Elsewhere", .state = "active"};
    write_ok(&t, &test_person, &p);
    assert_int_equal(p.number, 1);
    bench_close(&t);
}

static void rules_write_nothing(void **state)
{
    struct bench t;
    struct asset a = {.name = "Vault", .type = "srv", .state = "active", .c = 4};

    (void)state;
    bench_open(&t);
    assert_ok(entity_write(&t.w, &test_asset, &a, NULL, &t.out));
    assert_string_equal(issue_of(&t.out, "description"), "Say why this is so secret.");
    assert_int_equal(a.id, 0);
    t.out.count = 0;
    a = (struct asset){.state = "active"};
    assert_ok(entity_write(&t.w, &test_asset, &a, NULL, &t.out));
    assert_string_equal(issue_of(&t.out, "name"), "Name is missing. Fill it in.");
    assert_string_equal(issue_of(&t.out, "type"), "Type is missing. Choose a value.");
    assert_int_equal(
        bench_count(&t, "select count(*) from asset where org_id = $1 and id <> $2", 0), 0);
    bench_close(&t);
}

static void needs_writable_and_right(void **state)
{
    struct bench t;
    struct person p = {.name = "Anna", .state = "active"};

    (void)state;
    bench_open(&t);
    t.w.writable = false;
    assert_err(entity_write(&t.w, &test_person, &p, NULL, &t.out), ERR_FAULT);
    t.w.writable = true;
    t.w.face = FACE_PAGE; /* nobody of the organisation */
    t.w.account = 1;
    assert_err(entity_write(&t.w, &test_person, &p, NULL, &t.out), ERR_DENIED);
    bench_close(&t);
}

static void change_needs_a_reason(void **state)
{
    struct bench t;
    struct profile f = {.title = "Us"};

    (void)state;
    bench_open(&t);
    assert_ok(entity_write(&t.w, &test_profile, &f, NULL, &t.out));
    assert_int_equal(t.out.count, 0);
    f.headcount = 3;
    assert_ok(entity_write(&t.w, &test_profile, &f, " ", &t.out));
    assert_contains(issue_of(&t.out, "_reason"), "why this is changed");
    assert_int_equal(f.version, 1);
    write_ok(&t, &test_profile, &f);
    assert_int_equal(f.version, 2);
    bench_close(&t);
}

static void other_organisations_are_unknown(void **state)
{
    struct bench t;
    struct person p = {.name = "Anna", .state = "active"}, loaded;
    struct unit u = {.name = "Sales"};
    const char *unknown, *foreign, *id;

    (void)state;
    bench_open(&t);
    t.w.org = 6;
    write_ok(&t, &test_unit, &u);
    t.w.org = 5;
    assert_err(entity_load(&t.w, &test_unit, u.id, &loaded), ERR_MISSING);
    id = arena_printf(t.a, "%lld", u.id);
    foreign = apply(&t, &test_person, &p, "unit", id);
    assert_contains(foreign, "there is no unit");
    unknown = apply(&t, &test_person, &p, "unit", "1234567890123456789");
    assert_contains(unknown, "there is no unit");
    assert_non_null(apply(&t, &test_person, &p, "unit", "U-1"));
    assert_non_null(apply(&t, &test_person, &p, "unit", "Sales"));
    p.unit = u.id; /* by code that forgot to look it up: the key refuses it */
    t.out.count = 0;
    assert_err(entity_write(&t.w, &test_person, &p, NULL, &t.out), ERR_CLASH);
    bench_close(&t);
}

static void finds_what_people_write(void **state)
{
    struct bench t;
    struct person p = {.name = "Anna", .state = "active", .email = "anna@example.com"};
    const char *ways[] = {"P-1", "p-1", "1", " Anna ", "ANNA@example.com", NULL, NULL};
    i64 id;

    (void)state;
    bench_open(&t);
    write_ok(&t, &test_person, &p);
    ways[5] = arena_printf(t.a, "%lld", p.id);
    for (size_t i = 0; ways[i]; i++) {
        assert_ok(entity_find(&t.w, &test_person, ways[i], &id));
        assert_int_equal(id, p.id);
    }
    assert_contains(assert_err(entity_find(&t.w, &test_person, "Berta", &id), ERR_MISSING)->text,
                    "“Berta”");
    assert_err(entity_find(&t.w, &test_person, "", &id), ERR_MISSING);
    assert_err(entity_find(&t.w, &test_person, "P-2", &id), ERR_MISSING);
    new_person(&t, "Anna");
    assert_err(entity_find(&t.w, &test_person, "Anna", &id), ERR_CLASH);
    bench_close(&t);
}

static void links_follow(void **state)
{
    struct bench t;
    struct asset disk, tape, box, now;
    i64 twice[3];

    (void)state;
    bench_open(&t);
    new_asset(&t, "Disk", &disk);
    new_asset(&t, "Tape", &tape);
    new_asset(&t, "Box", &box);
    twice[0] = tape.id;
    twice[1] = disk.id;
    twice[2] = tape.id;
    box.carries = (struct ids){twice, 3};
    write_ok(&t, &test_asset, &box);
    bench_commit(&t);
    assert_ok(entity_load(&t.w, &test_asset, box.id, &now));
    assert_int_equal(now.carries.count, 2);
    assert_true(now.carries.id[0] < now.carries.id[1]);
    now.carries = (struct ids){&tape.id, 1};
    write_ok(&t, &test_asset, &now);
    bench_commit(&t);
    assert_int_equal(now.version, 3);
    assert_int_equal(bench_count(&t,
                                 "select count(*) from asset_carries where org_id = $1"
                                 " and record = $2",
                                 box.id),
                     1);
    assert_int_equal(bench_count(&t,
                                 "select count(*) from asset_carries_history where org_id = $1"
                                 " and record = $2",
                                 box.id),
                     2);
    assert_int_equal(bench_count(&t,
                                 "select count(*) from asset_carries_history where org_id = $1"
                                 " and record = $2 and valid_to = 9223372036854775807",
                                 box.id),
                     1);
    bench_close(&t);
}

static void derived_spread(void **state)
{
    struct bench t;
    struct asset disk, box, room, now;
    const struct field *wrong;

    (void)state;
    bench_open(&t);
    new_asset(&t, "Disk", &disk);
    new_asset(&t, "Box", &box);
    new_asset(&t, "Room", &room);
    box.carries = (struct ids){&disk.id, 1};
    write_ok(&t, &test_asset, &box);
    room.carries = (struct ids){&box.id, 1};
    write_ok(&t, &test_asset, &room);
    disk.i = 3;
    write_ok(&t, &test_asset, &disk);
    bench_commit(&t);
    assert_ok(entity_load(&t.w, &test_asset, room.id, &now));
    assert_int_equal(now.value, 3);
    assert_int_equal(now.version, 2); /* no version, no history for derived columns */
    assert_ok(entity_derived_wrong(&t.w, &test_asset, &now, &wrong));
    assert_null(wrong);
    now.value = 1;
    assert_ok(entity_derived_wrong(&t.w, &test_asset, &now, &wrong));
    assert_string_equal(wrong->name, "value");
    bench_close(&t);
}

/* --- removing --- */

static void refuses_removal(void **state)
{
    struct bench t;
    struct unit u = {.name = "Sales"};
    struct profile f = {.title = "Us"};
    struct asset disk, box;

    (void)state;
    bench_open(&t);
    write_ok(&t, &test_profile, &f);
    assert_contains(
        assert_err(entity_remove(&t.w, &test_profile, f.id, 1, "why not"), ERR_CLASH)->text,
        "The suggestions come from it.");
    assert_err(entity_remove(&t.w, &test_profile, f.id, 1, NULL), ERR_INVALID);
    assert_err(entity_remove(&t.w, &test_profile, f.id, 2, "why not"), ERR_CLASH);
    write_ok(&t, &test_unit, &u);
    write_ok(&t, &test_person, &(struct person){.name = "A", .state = "active", .unit = u.id});
    write_ok(&t, &test_person, &(struct person){.name = "B", .state = "active", .unit = u.id});
    assert_contains(assert_err(entity_remove(&t.w, &test_unit, u.id, 1, NULL), ERR_CLASH)->text,
                    "P-1, P-2 refer to it.");
    new_asset(&t, "Disk", &disk);
    new_asset(&t, "Box", &box);
    box.carries = (struct ids){&disk.id, 1};
    write_ok(&t, &test_asset, &box);
    assert_contains(assert_err(entity_remove(&t.w, &test_asset, disk.id, 1, NULL), ERR_CLASH)->text,
                    "A-2 refers to it.");
    bench_close(&t);
}

static void comes_back(void **state)
{
    struct bench t;
    struct asset disk, box, again;
    const char *json;
    i64 number;

    (void)state;
    bench_open(&t);
    new_asset(&t, "Disk", &disk);
    new_asset(&t, "Box", &box);
    box.carries = (struct ids){&disk.id, 1};
    write_ok(&t, &test_asset, &box);
    number = box.number;
    bench_commit(&t);
    json = entity_canonical(t.a, &test_asset, &box, false);
    assert_ok(entity_remove(&t.w, &test_asset, box.id, box.version, "not ours"));
    bench_commit(&t);
    assert_err(entity_load(&t.w, &test_asset, box.id, &again), ERR_MISSING);
    assert_int_equal(
        bench_count(&t, "select count(*) from record where org_id = $1 and id = $2", box.id), 0);
    assert_int_equal(bench_count(&t,
                                 "select count(*) from asset_carries where org_id = $1"
                                 " and record = $2",
                                 box.id),
                     0);
    assert_ok(entity_restore(&t.w, &test_asset, box.id));
    bench_commit(&t);
    assert_ok(entity_load(&t.w, &test_asset, box.id, &again));
    assert_int_equal(again.number, number);
    assert_int_equal(again.version, 3);
    assert_string_equal(entity_canonical(t.a, &test_asset, &again, false), json);
    assert_int_equal(
        bench_count(&t, "select count(*) from record where org_id = $1 and id = $2", box.id), 1);
    assert_err(entity_restore(&t.w, &test_asset, box.id), ERR_CLASH);
    assert_err(entity_restore(&t.w, &test_asset, 77), ERR_MISSING);
    bench_close(&t);
}

static void restore_names_what_is_gone(void **state)
{
    struct bench t;
    struct asset box;
    i64 anna;

    (void)state;
    bench_open(&t);
    anna = new_person(&t, "Anna");
    box = (struct asset){.name = "Box", .type = "srv", .state = "active", .owner = anna};
    write_ok(&t, &test_asset, &box);
    bench_commit(&t);
    assert_ok(entity_remove(&t.w, &test_asset, box.id, 1, NULL));
    bench_commit(&t);
    assert_ok(entity_remove(&t.w, &test_person, anna, 1, NULL));
    bench_commit(&t);
    assert_contains(assert_err(entity_restore(&t.w, &test_asset, box.id), ERR_CLASH)->text,
                    "the person under “Owner” was removed too");
    bench_close(&t);
}

/* clang-format off */
const struct test_case entity_write_tests[] = {
    TEST("a stale version is a clash and writes nothing", stale_is_a_clash),
    TEST("an unchanged record is not written", unchanged_writes_nothing),
    TEST("only changed columns are set", sets_only_what_changed),
    TEST("numbers are never reused and start at 1 in each organisation", numbers_are_never_reused),
    TEST("a record that breaks a rule is not written", rules_write_nothing),
    TEST("writing needs the writing phase and the right", needs_writable_and_right),
    TEST("a change needs a reason where the entity says so", change_needs_a_reason),
    TEST("another organisation's record is refused like an unknown one", other_organisations_are_unknown),
    TEST("a record is found by number, id, title or e-mail", finds_what_people_write),
    TEST("links are distinct and the history keeps the old ones", links_follow),
    TEST("derived columns of dependent records follow without a version", derived_spread),
    TEST("a removal is refused with the names of what depends", refuses_removal),
    TEST("a removed record comes back with its number and links", comes_back),
    TEST("a restore names what is gone", restore_names_what_is_gone),
    TEST_END,
};
/* clang-format on */
