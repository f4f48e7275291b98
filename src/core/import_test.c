/* SPDX-License-Identifier: Apache-2.0 */
/* Imports: what each row means, what is refused, and that nothing is written by halves. */
#include "core/import.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "core/app.h"
#include "core/export.h"
#include "core/import_part.h"
#include "feature/asset/asset.h"
#include "feature/organisation/organisation.h"
#include "visit.h"

extern const struct test_case import_tests[];

static FILE *file_with(const char *data, size_t size)
{
    FILE *f = tmpfile();

    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, size, f), size);
    rewind(f);
    return f;
}

static struct err *open_with(struct test *t, const struct entity *e, const char *text,
                             const char *settings, struct importing **out)
{
    FILE *f = file_with(text, strlen(text));
    struct err *failed;
    json_t *said;

    assert_ok(json_parse(t->arena, settings, strlen(settings), &said));
    db_use_arena(t->w->db, t->arena);
    t->w->arena = t->arena;
    failed = import_open(t->w, e, &(struct import_input){f, "list.csv", said, true}, out);
    fclose(f);
    return failed;
}

static struct err *open_text(struct test *t, const struct entity *e, const char *text,
                             struct importing **out)
{
    return open_with(t, e, text, "{}", out);
}

/* Checks the text; gives the import for a look. */
static struct importing *check_with(struct test *t, const struct entity *e, const char *text,
                                    const char *settings)
{
    struct importing *im;

    assert_ok(open_with(t, e, text, settings, &im));
    assert_ok(import_check(im, NULL));
    return im;
}

static struct importing *check(struct test *t, const struct entity *e, const char *text)
{
    return check_with(t, e, text, "{}");
}

static struct importing *run_with(struct test *t, const struct entity *e, const char *text,
                                  const char *settings)
{
    struct importing *im = check_with(t, e, text, settings);

    if (im->counts.wrong)
        fail_msg("row %lld, %s: %s", im->problems[0].row, im->problems[0].column,
                 im->problems[0].text);
    assert_ok(import_write(im));
    return im;
}

static struct importing *run(struct test *t, const struct entity *e, const char *text)
{
    return run_with(t, e, text, "{}");
}

static void expect_counts(const struct importing *im, i64 created, i64 changed, i64 same, i64 wrong)
{
    assert_int_equal(im->counts.created, created);
    assert_int_equal(im->counts.changed, changed);
    assert_int_equal(im->counts.same, same);
    assert_int_equal(im->counts.wrong, wrong);
}

static void expect_problem(const struct importing *im, i64 row, const char *column,
                           const char *text)
{
    for (size_t i = 0; i < im->nproblems; i++)
        if (im->problems[i].row == row && text_equal(im->problems[i].column, column) &&
            strstr(im->problems[i].text, text))
            return;
    fail_msg("row %lld, column %s: no “%s”, but e.g. row %lld, %s: %s", row, column, text,
             im->nproblems ? im->problems[0].row : 0, im->nproblems ? im->problems[0].column : "",
             im->nproblems ? im->problems[0].text : "");
}

static const char *type_of(struct test *t)
{
    struct rows *r;

    db_use_arena(t->w->db, t->arena);
    assert_ok(db_query(t->w->db, &r,
                       "select code from catalogue where kind = $1 order by position, code limit 1",
                       str("asset_types")));
    assert_true(row_next(r));
    return arena_str(t->arena, row_text(r, 0));
}

/* "^" in the text stands for a type of asset, "!" for one that carries others. */
static const char *with_type(struct test *t, const char *text)
{
    const char *type = type_of(t);
    struct buf b;

    buf_init(&b, t->arena, 256);
    for (; *text; text++) {
        if (*text == '^')
            buf_str(&b, type);
        else if (*text == '!')
            buf_str(&b, "saas-office");
        else
            buf_char(&b, *text);
    }
    return b.data;
}

#define COUNT_ASSETS(t) value((t), "select count(*) from asset where org_id = $1", num((t)->org))

static void creates_changes_and_leaves(void **state)
{
    struct test *t = test_begin();
    struct importing *im;

    (void)state;
    im = run(t, &unit_entity, "name\nSales\nIT\n");
    expect_counts(im, 2, 0, 0, 0);
    im = run(t, &asset_entity,
             with_type(t, "Name;Type;State;Department;C\r\n\"Mail; server\";^;in-use;IT;3\r\n"
                          "Wiki;^;In use;Sales;\r\n"));
    expect_counts(im, 2, 0, 0, 0);
    im = run(
        t, &asset_entity,
        with_type(t, "name,type,state,unit,c\nWiki,^,in-use,IT,2\n\"Mail; server\",^,in-use,IT,3\n"
                     "New,^,planned,,\n"));
    expect_counts(im, 1, 1, 1, 0);
    im = run(t, &asset_entity, "number\tname\nA-2\tWiki of IT\n");
    expect_counts(im, 0, 1, 0, 0);
    assert_int_equal(value(t, "select count(*) from asset where org_id = $1 and name = $2",
                           num(t->org), str("Wiki of IT")),
                     1);
    assert_int_equal(COUNT_ASSETS(t), 3);
    test_end(t);
}

static void the_log_keeps_one_entry(void **state)
{
    struct test *t = test_begin();
    struct rows *r;

    (void)state;
    run(t, &unit_entity, "name\nSales\nIT\n");
    db_use_arena(t->w->db, t->arena);
    assert_ok(
        db_query(t->w->db, &r,
                 "select p.body from audit_event e join audit_payload p on p.org_id = e.org_id"
                 " and p.idx = e.idx where e.org_id = $1 and e.action = $2 and e.kind = $3",
                 num(t->org), str("import"), str("unit")));
    assert_int_equal(row_count(r), 1);
    assert_true(row_next(r));
    assert_contains(row_text(r, 0), "list.csv");
    assert_contains(row_text(r, 0), "created\\\":2");
    test_end(t);
}

static void every_wrong_cell_is_named(void **state)
{
    struct test *t = test_begin();
    struct importing *im = check(t, &asset_entity,
                                 with_type(t, "name,type,state,owner,C,number\n"
                                              "Good,^,in-use,,,\n"
                                              "Bad owner,^,in-use,Bob,,\n"
                                              "Bad score,^,in-use,,9,\n"
                                              ",^,in-use,,,\n"
                                              "Bad state,^,broken,,,\n"
                                              "Bad number,^,in-use,,,A-99\n"
                                              "Odd number,^,in-use,,,seven\n"
                                              "Good,^,in-use,,,\n"
                                              "Too,^,in-use,,,,many\n"));

    (void)state;
    expect_counts(im, 1, 0, 0, 8);
    expect_problem(im, 3, "owner", "Bob");
    expect_problem(im, 4, "C", "from 1 to 5");
    expect_problem(im, 5, "name", "Name is missing");
    expect_problem(im, 6, "state", "State cannot be “broken”");
    expect_problem(im, 7, "number", "There is no A-99 here");
    expect_problem(im, 8, "number", "is no number of a record");
    expect_problem(im, 9, "name", "is already in row 2 of this file");
    expect_problem(im, 10, "", "more cells than the row of the column names");
    assert_err(import_write(im), ERR_INVALID);
    assert_int_equal(COUNT_ASSETS(t), 0);
    im->good_rows = true;
    assert_ok(import_write(im));
    expect_counts(im, 1, 0, 0, 8);
    assert_int_equal(COUNT_ASSETS(t), 1);
    test_end(t);
}

static void a_check_writes_nothing(void **state)
{
    struct test *t = test_begin();
    i64 before;

    (void)state;
    before = value(t, "select n from audit_frontier where org_id = $1", num(t->org));
    expect_counts(check(t, &unit_entity, "name\nSales\n"), 1, 0, 0, 0);
    assert_int_equal(value(t, "select n from audit_frontier where org_id = $1", num(t->org)),
                     before);
    assert_int_equal(value(t, "select count(*) from unit where org_id = $1", num(t->org)), 0);
    test_end(t);
}

static void rows_may_refer_to_rows(void **state)
{
    struct test *t = test_begin();
    struct importing *im;

    (void)state;
    im =
        run(t, &asset_entity,
            with_type(t, "name,type,state,carries\nDisk,!,in-use,\"Files, Mail\"\nFiles,^,in-use,\n"
                         "Mail,!,in-use,Files\n"));
    expect_counts(im, 3, 0, 0, 0);
    assert_int_equal(value(t, "select count(*) from asset_carries where org_id = $1", num(t->org)),
                     3);
    im = check(t, &asset_entity,
               with_type(t, "name,type,state,carries\nTape,!,in-use,\"Files, Nothing\"\n"));
    expect_counts(im, 0, 0, 0, 1);
    expect_problem(im, 2, "carries", "there is no Asset “Nothing”");
    test_end(t);
}

static void keys_find_the_record(void **state)
{
    struct test *t = test_begin();
    struct importing *im;

    (void)state;
    run(t, &asset_entity,
        with_type(t,
                  "name,type,state,external_id\nLaptop,^,in-use,INV-1\nLaptop,^,in-use,INV-2\n"));
    im = run(
        t, &asset_entity,
        with_type(t, "name,type,state,asset id\nNotebook,^,in-use,INV-2\nLaptop,^,in-use,INV-1\n"));
    expect_counts(im, 0, 1, 1, 0);
    run(t, &asset_entity, with_type(t, "name,type,state,external_id\nNotebook,^,in-use,INV-3\n"));
    im = check(t, &asset_entity, with_type(t, "name,type,state\nNotebook,^,retired\n"));
    expect_problem(im, 2, "name", "Add a column number");
    im =
        run(t, &person_entity, "full name,E-Mail,state\nRalph Owner,RISK-OWNER@acme.test,active\n");
    expect_counts(im, 0, 1, 0, 0);
    test_end(t);
}

static void values_are_no_names(void **state)
{
    struct test *t = test_begin();
    struct importing *im;

    (void)state;
    assert_ok(open_text(t, &asset_entity, "Ref,Outcome,Checked,Tested\nRed,x,No,No\nBlue,y,No,No\n",
                        &im));
    assert_int_equal(im->source->header, 1);
    assert_string_equal(im->columns[0].name, "Ref");
    test_end(t);
}

static void columns_are_guessed(void **state)
{
    struct test *t = test_begin();
    struct importing *im;
    struct pair map = {"Colour", "location"}, wrong = {"Shade", "location"},
                secret = {"Colour", "value"}, ignore = {"Colour", "-"};

    (void)state;
    assert_ok(open_text(t, &asset_entity,
                        "NAME,Asset type,Responsible,Colour,value,owner_title,Votes\n"
                        "Wiki,saas-office,,blue,3,,\n",
                        &im));
    assert_string_equal(im->columns[0].field->name, "name");
    assert_string_equal(im->columns[1].field->name, "type");
    assert_string_equal(im->columns[2].field->name, "owner");
    assert_int_equal(im->columns[3].use, COLUMN_UNKNOWN);
    assert_int_equal(im->columns[4].use, COLUMN_SET);
    assert_int_equal(im->columns[5].use, COLUMN_SET);
    assert_int_equal(im->columns[6].use, COLUMN_IGNORED);
    assert_false(im->columns[6].told);
    assert_int_equal(import_undecided(im), 1);
    assert_contains(assert_err(import_write(im), ERR_INVALID)->text, "every column");
    assert_contains(
        assert_err(import_assign(t->arena, im->e, im->columns, 7, &wrong), ERR_BAD)->text,
        "It has: NAME, Asset type");
    assert_contains(
        assert_err(import_assign(t->arena, im->e, im->columns, 7, &secret), ERR_BAD)->text,
        "cannot be filled by an import");
    assert_ok(import_assign(t->arena, im->e, im->columns, 7, &map));
    assert_string_equal(im->columns[3].field->name, "location");
    assert_ok(import_assign(t->arena, im->e, im->columns, 7, &ignore));
    assert_int_equal(import_undecided(im), 0);
    test_end(t);
}

static void files_that_cannot_be_read(void **state)
{
    static const struct {
        const char *text, *sentence;
    } list[] = {
        {"",                                  "is empty"                                 },
        {"name\n\"open\n",                    "is never closed"                          },
        {"name\nA\n\"b\"c\n",                 "Line 3 has a quote in the wrong place"    },
        {"PK\3\4zip",                         "It is no workbook"                        },
        {"\xD0\xCF\x11\xE0\xA1\xB1",          "is an old workbook (.xls)"                },
        {"[{\"name\":\"A\"},]",               "another object must follow"               },
        {"[{\"name\":\"A\"}",                 "A comma or the end of the list is missing"},
        {"[{\"name\":\"A\",\"name\":\"B\"}]", "not valid"                                },
        {"[1]",                               "must be an object"                        },
        {"[{\"name\":NaN}]",                  "not valid"                                },
        {"{\"rows\":[]}",                     "There are no rows"                        },
        {"[{\"name\":\"A\"}] x",              "after the end of the list"                },
        {"[]",                                "There are no rows"                        },
        {"name\n",                            "has no rows to import"                    },
    };
    struct test *t = test_begin();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(list); i++) {
        struct importing *im;
        struct err *e = open_text(t, &unit_entity, list[i].text, &im);

        if (!e)
            e = import_check(im, NULL);
        if (!e)
            fail_msg("“%s” was accepted", list[i].text);
        assert_contains(e->text, list[i].sentence);
    }
    test_end(t);
}

static void encodings_and_separators(void **state)
{
    struct test *t = test_begin();
    struct importing *im;

    (void)state;
    im = run(t, &unit_entity, "name;note\nK\xF6ln;\x80 5\n");
    assert_string_equal(im->source->encoding, "Windows-1252");
    assert_false(im->source->encoding_sure);
    assert_int_equal(value(t, "select count(*) from unit where org_id = $1 and name = $2",
                           num(t->org), str("Köln")),
                     1);
    im = run(t, &unit_entity, "\xEF\xBB\xBFname|note\r\nM\xC3\xBCnchen|\"a\nb\"\r\n");
    assert_string_equal(im->source->encoding, "UTF-8");
    assert_true(im->source->encoding_sure);
    expect_counts(im, 1, 0, 0, 0);
    test_end(t);
}

static void json_is_read_too(void **state)
{
    struct test *t = test_begin();
    struct importing *im;

    (void)state;
    im = run(t, &asset_entity,
             with_type(t, "[{\"name\":\"A\",\"type\":\"^\",\"state\":\"in-use\",\"c\":3,"
                          "\"media\":[\"paper\",\"email\"],\"in_scope\":true},\n"
                          "{\"name\":\"B\",\"type\":\"^\",\"state\":\"in-use\",\"c\":null}]"));
    expect_counts(im, 2, 0, 0, 0);
    assert_int_equal(
        value(t, "select media from asset where org_id = $1 and name = 'A'", num(t->org)), 36);
    im = run(t, &asset_entity,
             "{\"items\":[{\"number\":\"A-2\",\"location\":\"Cellar\"}],"
             "\"next\":null}");
    expect_counts(im, 0, 1, 0, 0);
    im = check(t, &asset_entity, "[{\"number\":\"A-2\",\"location\":[{\"a\":1}]}]");
    expect_problem(im, 1, "location", "must be a text");
    test_end(t);
}

/* All assets as a file in the given format, as text. */
static const char *exported(struct test *t, const struct entity *e, enum export_format format)
{
    struct list_query q = {.entity = e, .limit = 50};
    FILE *f = tmpfile();
    char *text;
    long size;

    db_use_arena(t->w->db, t->arena);
    assert_ok(export_write(t->w, &q, format, f));
    size = ftell(f);
    text = arena_alloc(t->arena, (size_t)size + 1);
    rewind(f);
    assert_int_equal(fread(text, 1, (size_t)size, f), size);
    fclose(f);
    return text;
}

static void an_export_comes_back_unchanged(void **state)
{
    struct test *t = test_begin();
    struct importing *im;

    (void)state;
    run(t, &unit_entity, "name\n=Sales\n");
    run(t, &asset_entity,
        with_type(t, "name,type,state,unit,owner,description,media,c,carries,in_scope,external_id\n"
                     "\"A, \"\"b\"\"\",^,in-use,=Sales,risk-owner@acme.test,\"two\nlines\","
                     "\"paper,email\",5,,yes,X-1\n"
                     "'@SUM(1),!,planned,,,-,,,Plain,,\n"
                     "Plain,^,in-use,,,,,,,,\n"));
    run(t, &asset_entity, "name,carries\n'@SUM(1),\"A, \"\"b\"\"\"\n");
    assert_int_equal(value(t, "select count(*) from asset_carries where org_id = $1", num(t->org)),
                     1);
    im = run(t, &asset_entity, exported(t, &asset_entity, EXPORT_CSV));
    expect_counts(im, 0, 0, 3, 0);
    im = run(t, &asset_entity, exported(t, &asset_entity, EXPORT_JSON));
    expect_counts(im, 0, 0, 3, 0);
    im = run(t, &unit_entity, exported(t, &unit_entity, EXPORT_CSV));
    expect_counts(im, 0, 0, 1, 0);
    assert_int_equal(
        value(t, "select count(*) from asset where org_id = $1 and version > 3", num(t->org)), 0);
    test_end(t);
}

static void missing_values_can_be_given_for_all(void **state)
{
    struct test *t = test_begin();
    struct importing *im;

    (void)state;
    im = check(t, &asset_entity, "name,state\nA,\nB,in-use\nC,odd\n");
    expect_counts(im, 0, 0, 0, 3);
    /* Once, for all rows; what a row has of its own beside it. */
    expect_problem(im, 0, "", "No column of the file gives “Type”, which a new record needs (3");
    expect_problem(im, 4, "state", "odd");
    assert_int_equal(im->nproblems, 2);
    assert_true(import_lacks(im, entity_field(&asset_entity, "type")));
    assert_err(import_default(im, "type", "odd"), ERR_BAD);
    im = check(t, &asset_entity, "name,state\nA,\nB,planned\n");
    assert_ok(import_default(im, "type", type_of(t)));
    assert_ok(import_default(im, "state", "retired"));
    assert_ok(import_check(im, NULL));
    expect_counts(im, 2, 0, 0, 0);
    assert_ok(import_write(im));
    assert_int_equal(
        value(t, "select count(*) from asset where org_id = $1 and state = 'retired'", num(t->org)),
        1);
    test_end(t);
}

static void many_rows_are_written_in_pieces(void **state)
{
    struct test *t = test_begin();
    struct importing *im;
    struct buf b;

    (void)state;
    buf_init(&b, t->arena, 1 << 16);
    buf_str(&b, "name\n");
    for (int i = 0; i < 1003; i++)
        buf_printf(&b, "Unit %d\n", i);
    im = run(t, &unit_entity, b.data);
    expect_counts(im, 1003, 0, 0, 0);
    assert_int_equal(im->counts.rows, 1003);
    assert_int_equal(value(t, "select count(*) from unit where org_id = $1", num(t->org)), 1003);
    im = run(t, &unit_entity, b.data);
    expect_counts(im, 0, 0, 1003, 0);
    test_end(t);
}

static struct err *drop_unit(struct web *w, void *ctx)
{
    (void)ctx;
    TRY(db_exec(w->db, "delete from record where org_id = $1 and kind = 'unit'", num(w->org)));
    return db_exec(w->db, "delete from unit where org_id = $1", num(w->org));
}

/* The department is gone when the rows are written, though the check still found it. */
static struct importing *without_its_unit(struct test *t, const char *settings)
{
    struct importing *im;
    struct buf b;

    (void)run(t, &unit_entity, "name\nSales\n");
    buf_init(&b, t->arena, 4096);
    buf_str(&b, "name,email,unit\n");
    for (int i = 0; i < 1100; i++) /* more than one piece */
        buf_printf(&b, "Someone %d,p%d@acme.test,%s\n", i, i, i == 700 ? "Sales" : "");
    im = check_with(t, &person_entity, b.data, settings);
    expect_counts(im, 1100, 0, 0, 0);
    assert_ok(app_write(t->w, drop_unit, NULL));
    return im;
}

static i64 people_called(struct test *t)
{
    return value(t,
                 "select count(*) from person where org_id = $1 and substr(name, 1, 7) = 'Someone'",
                 num(t->org));
}

static void refused_by_the_store(void **state)
{
    struct test *t = test_begin();
    struct importing *im = without_its_unit(t, "{}");
    struct err *failed = assert_err(import_write(im), ERR_CLASH);

    (void)state;
    assert_contains(failed->text, "Row 702 cannot be written.");
    assert_contains(failed->text, "So nothing was imported");
    assert_int_equal(people_called(t), 0);
    test_end(t);
    t = test_begin();
    im = without_its_unit(t, "{\"mode\":\"good\"}");
    assert_ok(import_write(im));
    expect_counts(im, 1099, 0, 0, 1);
    assert_int_equal(im->problems[0].row, 702);
    assert_int_equal(people_called(t), 1099);
    /* Each with its number, its version in the history and its entry in the log. */
    assert_int_equal(value(t,
                           "select count(*) from person_history h join audit_event e"
                           " on e.org_id = h.org_id and e.idx = h.log_idx and e.record = h.id"
                           " where h.org_id = $1 and substr(h.name, 1, 7) = 'Someone'",
                           num(t->org)),
                     1099);
    assert_int_equal(
        value(t, "select count(distinct number) from person where org_id = $1", num(t->org)),
        value(t, "select max(number) from person where org_id = $1", num(t->org)));
    test_end(t);
}

const struct test_case import_tests[] = {
    TEST("rows create, change by name or number, or leave records as they are",
         creates_changes_and_leaves),
    TEST("the log keeps one entry about an import", the_log_keeps_one_entry),
    TEST("every wrong cell is named by row and column, and then nothing is written",
         every_wrong_cell_is_named),
    TEST("a check writes nothing", a_check_writes_nothing),
    TEST("rows may refer to earlier and later rows of the file", rows_may_refer_to_rows),
    TEST("external numbers and e-mail addresses find the record; two of a name are not guessed",
         keys_find_the_record),
    TEST("a row that repeats a word is no row of names, though “No” is one of a column",
         values_are_no_names),
    TEST("columns are matched by name, label and common words; empty ones are left out; others "
         "wait for a word",
         columns_are_guessed),
    TEST("a file that cannot be read is refused with the line", files_that_cannot_be_read),
    TEST("UTF-8 and Windows-1252, commas, semicolons, tabs and bars are read",
         encodings_and_separators),
    TEST("JSON is read like CSV", json_is_read_too),
    TEST("an export that is imported again changes nothing", an_export_comes_back_unchanged),
    TEST("a value that the file lacks can be given for all new rows",
         missing_values_can_be_given_for_all),
    TEST("a thousand rows are written in pieces and counted once", many_rows_are_written_in_pieces),
    TEST("a row that the store refuses is told; all rows or none, or all the others, as was wanted",
         refused_by_the_store),
    TEST_END,
};
