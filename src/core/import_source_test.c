/* SPDX-License-Identifier: Apache-2.0 */
/* Files to import: encodings, separators, headings, JSON of several shapes, workbooks. */
#include "core/import_source.h"

#include <string.h>

#include "base/csv.h"
#include "base/text.h"
#include "core/convert_fixture.h"
#include "test.h"

extern const struct test_case import_source_tests[];

static struct err *try_bytes(struct arena *a, struct bytes data, const struct source_ask *ask,
                             struct source **out)
{
    FILE *f = book_file(data);
    struct err *failed = source_open(a, f, "list", ask, out);

    fclose(f);
    return failed;
}

static struct source *open_bytes(struct arena *a, const char *data, size_t size,
                                 const struct source_ask *ask)
{
    struct source *s;

    assert_ok(try_bytes(a, (struct bytes){(const unsigned char *)data, size}, ask, &s));
    return s;
}

static struct source *open_text(struct arena *a, const char *text)
{
    return open_bytes(a, text, strlen(text), NULL);
}

struct shown {
    struct source *source;
    struct buf text;
};

static struct err *show_row(void *ctx, const struct source_row *row)
{
    struct shown *s = ctx;

    buf_printf(&s->text, "%lld:", row->row);
    for (size_t i = 0; i < s->source->ncolumns; i++)
        buf_printf(&s->text, " %s%s", row->cell[i] ? row->cell[i] : "-",
                   row->bad[i] ? "(bad)" : "");
    buf_printf(&s->text, "%s\n", row->wrong ? " wrong" : "");
    return NULL;
}

/* "a,b" of the columns, then the rows. */
static const char *all_of(struct arena *a, struct source *s)
{
    struct shown x = {.source = s};

    buf_init(&x.text, a, 256);
    for (size_t i = 0; i < s->ncolumns; i++)
        buf_printf(&x.text, "%s%s", i ? "," : "", s->columns[i]);
    buf_char(&x.text, '\n');
    assert_ok(source_each(s, show_row, &x));
    return x.text.data;
}

static bool told(const struct source *s, const char *part)
{
    for (size_t i = 0; i < s->nnotes; i++)
        if (strstr(s->notes[i], part))
            return true;
    return false;
}

#define BYTES(text) (text), sizeof(text) - 1

static void encodings_are_found_out(void **state)
{
    static const struct {
        const char *data;
        size_t size;
        const char *encoding;
        bool sure;
        const char *shown;
    } list[] = {
        {BYTES("n\nK\xC3\xB6ln\n"),             "UTF-8",        true,  "n\n2: Köln\n"                },
        {BYTES("\xEF\xBB\xBFn\nK\xC3\xB6ln\n"), "UTF-8",        true,  "n\n2: Köln\n"                },
        {BYTES("n\nK\xF6ln\n"),                 "Windows-1252", false, "n\n2: Köln\n"                },
        {BYTES("n\n\x80 5\n"),                  "Windows-1252", false, "n\n2: € 5\n"                },
        {BYTES("n\n5 \xA4\n"),                  "ISO-8859-15",  false, "n\n2: 5 €\n"                },
        {BYTES("\xFF\xFEn\0\n\0\xF6\0\n\0"),    "UTF-16LE",     true,  "n\n2: ö\n"                   },
        {BYTES("\xFE\xFF\0n\0\n\0\xF6\0\n"),    "UTF-16BE",     true,  "n\n2: ö\n"                   },
        {BYTES("n\0a\0m\0e\0\n\0a\0\n\0"),      "UTF-16LE",     true,  "name\n2: a\n"                 },
        {BYTES("\0n\0a\0m\0e\0\n\0a\0\n"),      "UTF-16BE",     true,  "name\n2: a\n"                 },
        {BYTES("n\nK\xC3\xB6ln\nK\xF6ln\n"),    "UTF-8",        false, "n\n2: Köln\n3: K�ln(bad)\n"},
        {BYTES("n\na\x07z\n"),                  "UTF-8",        true,  "n\n2: a�z(bad)\n"           },
    };
    struct arena *a = arena_new(0);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(list); i++) {
        struct source *s = open_bytes(a, list[i].data, list[i].size, NULL);

        assert_string_equal(s->encoding, list[i].encoding);
        assert_int_equal(s->encoding_sure, list[i].sure);
        assert_string_equal(all_of(a, s), list[i].shown);
    }
    arena_free(a);
}

static void encodings_may_be_said(void **state)
{
    struct arena *a = arena_new(0);
    struct source *s;
    struct source_ask ask = {.encoding = "iso-8859-15"};

    (void)state;
    s = open_bytes(a, BYTES("n\n\xA4\n"), &ask);
    assert_string_equal(all_of(a, s), "n\n2: €\n");
    ask.encoding = "utf-8";
    s = open_bytes(a, BYTES("n\n\xA4\n"), &ask);
    assert_string_equal(all_of(a, s), "n\n2: �(bad)\n");
    assert_true(told(s, "1 character is not UTF-8"));
    ask.encoding = "EBCDIC";
    assert_contains(
        assert_err(try_bytes(a, (struct bytes){(const unsigned char *)"n\n", 2}, &ask, &s), ERR_BAD)
            ->text,
        "Use one of: UTF-8, UTF-16LE");
    assert_contains(
        assert_err(
            try_bytes(a, (struct bytes){(const unsigned char *)"\x89PNG\0\0\0", 7}, NULL, &s),
            ERR_BAD)
            ->text,
        "zero bytes");
    arena_free(a);
}

static void separators_are_found_out(void **state)
{
    static const struct {
        const char *text;
        char delimiter;
    } list[] = {
        {"a,b\n1,2\n",                                    ',' },
        {"a;b\n\"1,5\";\"2,5\"\n",                        ';' },
        {"a;b\n1,5;2,5\n1,5;2,5\n",                       ';' },
        {"a\tb\n1,5\t2,5\n",                              '\t'},
        {"a|b\n1;5|2\n",                                  '|' },
        {"List of things, as of today\n\na;b;c\n1;2;3\n", ';' },
        {"sep=|\na|b\n1,2|3\n",                           '|' },
        {"a\n1\n",                                        ',' },
    };
    struct arena *a = arena_new(0);
    struct source *s;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(list); i++)
        if (csv_guess(list[i].text, strlen(list[i].text)) != list[i].delimiter)
            fail_msg("“%s”: %c", list[i].text, csv_guess(list[i].text, strlen(list[i].text)));
    s = open_text(a, "sep=|\na|b\n1,2|3\n");
    assert_string_equal(all_of(a, s), "a,b\n2: 1,2 3\n");
    s = open_bytes(a, BYTES("a;b\n1;2\n"), &(struct source_ask){.delimiter = ','});
    assert_string_equal(all_of(a, s), "a;b\n2: 1;2\n");
    arena_free(a);
}

static bool is_known(void *ctx, const char *heading)
{
    (void)ctx;
    return text_equal(heading, "name") || text_equal(heading, "owner");
}

static void headings_may_stand_below_titles(void **state)
{
    struct arena *a = arena_new(0);
    struct source *s;
    struct source_ask ask = {.known = is_known};

    (void)state;
    s = open_text(a, "Assets of Acme\nas of 2026-03-01\nName;Owner;Value\nA;B;1\n");
    assert_int_equal(s->header, 3);
    assert_true(told(s, "found in row 3"));
    assert_string_equal(all_of(a, s), "Name,Owner,Value\n4: A B 1\n");
    s = open_bytes(a, BYTES("x,y,z\nname,owner,\nA,B,C\n"), &ask);
    assert_int_equal(s->header, 2);
    ask.header = 1;
    s = open_bytes(a, BYTES("x,y,z\nname,owner,\nA,B,C\n"), &ask);
    assert_int_equal(s->header, 1);
    ask.header = 9;
    assert_contains(
        assert_err(try_bytes(a, (struct bytes){(const unsigned char *)"x\n1\n", 4}, &ask, &s),
                   ERR_BAD)
            ->text,
        "Row 9");
    arena_free(a);
}

static void headings_that_are_not_distinct(void **state)
{
    struct arena *a = arena_new(0);
    struct source *s = open_text(a, "Label,Label,,x,\n1,2,3,4,\n1,2,3,4,5\n");

    (void)state;
    assert_string_equal(all_of(a, s), "Label,Label (2),Column C,x\n2: 1 2 3 4\n3: 1 2 3 4 wrong\n");
    assert_true(told(s, "“Label” is there several times; this one is called “Label (2)”"));
    arena_free(a);
}

static void columns_are_surveyed(void **state)
{
    struct arena *a = arena_new(0);
    struct source *s = open_text(a, "n,level\n1,High\n2,High\n3,\n4,low\n");

    (void)state;
    assert_int_equal(s->rows, 4);
    assert_int_equal(s->facts[0].filled, 4);
    assert_int_equal(s->facts[1].filled, 3);
    assert_int_equal(s->facts[1].nvalues, 2);
    assert_string_equal(s->facts[1].value[0], "High");
    assert_int_equal(s->facts[1].times[0], 2);
    arena_free(a);
}

/* --- JSON --- */

static void json_has_many_shapes(void **state)
{
    static const struct {
        const char *text, *shown;
    } list[] = {
        {"[{\"a\":1,\"b\":\"x\"},{\"b\":\"y\",\"c\":true}]",      "a,b,c\n1: 1 x -\n2: - y yes\n"},
        {"{\"total\":2,\"issues\":[{\"a\":1}],\"next\":null}",    "a\n1: 1\n"                    },
        {"{\"a\":1}\n{\"a\":2}\n",                                "a\n1: 1\n2: 2\n"              },
        {"{\"a\":\"]}\"}\n",                                      "a\n1: ]}\n"                   },
        {"[{\"a\":{\"b\":{\"c\":1}},\"d\":[1,\"x\"],\"e\":0.1}]", "a.b.c,d,e\n1: 1 1,x 0.1\n"    },
        {"[{\"a\":[{\"b\":1}]}]",                                 "a\n1: (bad)\n"                },
        {"[{\"a\":\"\\u0007\"}]",                                 "a\n1: �(bad)\n"             },
        {"[{\"a\":null}]",                                        "a\n1: \n"                     },
    };
    struct arena *a = arena_new(0);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(list); i++) {
        struct source *s = open_text(a, list[i].text);

        assert_int_equal(s->kind, SOURCE_JSON);
        assert_string_equal(all_of(a, s), list[i].shown);
    }
    assert_true(told(open_text(a, "[{\"a\":{\"b\":1}}]"), "“a.b” stands inside another object"));
    arena_free(a);
}

static void json_bombs_are_refused(void **state)
{
    struct arena *a = arena_new(0);
    struct source *s;
    struct buf b;
    static const struct {
        const char *start, *again;
        int times;
        const char *sentence;
    } list[] = {
        {"[",           "[",       100000,  "must be an object"},
        {"",            "{\"a\":", 100000,  "40 levels deep"   },
        {"[{\"a\":",    "[",       100000,  "40 levels deep"   },
        {"[{\"a\":",    "9",       2000000, "larger than 1 MB" },
        {"[{\"a\":\"",  "x",       2000000, "never closed"     },
        {"[{\"a\":1},", " ",       2000000, "another object"   },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(list); i++) {
        struct err *failed;

        buf_init(&b, a, 1024);
        buf_str(&b, list[i].start);
        for (int k = 0; k < list[i].times; k++)
            buf_str(&b, list[i].again);
        if (strchr(list[i].again, '9'))
            buf_str(&b, "}]");
        failed = try_bytes(a, (struct bytes){(const unsigned char *)b.data, b.size}, NULL, &s);
        if (!failed)
            fail_msg("%s%s... was taken", list[i].start, list[i].again);
        assert_contains(failed->text, list[i].sentence);
    }
    arena_free(a);
}

/* --- workbooks --- */

static void workbooks_are_sources(void **state)
{
    struct arena *a = arena_new(0);
    struct source *s;
    struct bytes book = book_make(
        a,
        &(struct book){
            .rows = "<row r='1'><c t='str'><v>Our list</v></c></row><row r='3'><c t='str'><v>Name"
                    "</v></c><c t='str'><v>Count</v></c><c t='str'><v>On</v></c></row>"
                    "<row r='4'><c t='str'><v>A</v></c><c><f>1+1</f><v>2</v></c><c t='b'><v>1</v>"
                    "</c><c><v>7</v></c></row><row r='6' hidden='1'><c t='e'><v>#N/A</v></c></row>",
            .after = "<mergeCells><mergeCell ref='A1:C1'/></mergeCells>"});

    (void)state;
    assert_ok(try_bytes(a, book, NULL, &s));
    assert_int_equal(s->kind, SOURCE_XLSX);
    assert_string_equal(all_of(a, s), "Name,Count,On,Column D\n4: A 2 yes 7\n6: #N/A(bad)   \n");
    assert_true(told(s, "1 cell is a formula"));
    assert_true(told(s, "1 row is hidden"));
    assert_true(told(s, "A1 to C1 are one merged cell"));
    assert_true(told(s, "found in row 3"));
    assert_contains(assert_err(try_bytes(a, book_of(a, ""), NULL, &s), ERR_BAD)->text, "is empty");
    arena_free(a);
}

static void wide_sheets_have_an_end(void **state)
{
    struct arena *a = arena_new(0);
    struct source *s;
    struct buf b;

    (void)state;
    buf_init(&b, a, 1 << 18);
    for (int i = 0; i < 16384; i++)
        buf_printf(&b, "%sc%d", i ? "|" : "", i);
    buf_str(&b, "\nA|B\n");
    assert_contains(assert_err(try_bytes(a, book_of(a, b.data), NULL, &s), ERR_LIMIT)->text,
                    "more than 500 columns");
    arena_free(a);
}

const struct test_case import_source_tests[] = {
    TEST("the encoding is found out, and characters it does not have are told cell by cell",
         encodings_are_found_out),
    TEST("another encoding may be said", encodings_may_be_said),
    TEST("the separator is what splits the rows most evenly", separators_are_found_out),
    TEST("headings may stand below titles", headings_may_stand_below_titles),
    TEST("headings that are there twice or missing get a name", headings_that_are_not_distinct),
    TEST("what stands in a column is counted", columns_are_surveyed),
    TEST("JSON may be a list, a list in an object or lines, with objects inside",
         json_has_many_shapes),
    TEST("JSON that is nested, long or never closed is refused at once", json_bombs_are_refused),
    TEST("a workbook is read like any other list", workbooks_are_sources),
    TEST("sixteen thousand columns are refused with the limit", wide_sheets_have_an_end),
    TEST_END,
};
