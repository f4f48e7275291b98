/* SPDX-License-Identifier: Apache-2.0 */
/* Workbooks: what is read, what is refused, and what the child that reads them cannot do. */
#include "core/convert.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "core/convert_fixture.h"
#include "core/convert_part.h"
#include "test.h"

extern const struct test_case convert_tests[];

/* --- the reader in this process: its frames as text --- */

struct heard {
    struct arena *arena;
    struct buf raw;
};

static void hear(void *ctx, const char *data, size_t size)
{
    buf_add(&((struct heard *)ctx)->raw, data, size);
}

static void show_row(struct arena *a, struct bytes body, struct buf *out)
{
    static const char kinds[] = "tndbe";
    struct convert_row row;

    assert_true(pipe_read_row(a, body, &row));
    buf_printf(out, "%lld%s:", row.row, row.hidden ? "h" : "");
    for (size_t i = 0; i < row.count; i++)
        buf_printf(out, " %u%c%s%s", row.cell[i].column, kinds[row.cell[i].kind],
                   row.cell[i].flags ? "=" : "'", row.cell[i].text);
    buf_char(out, '\n');
}

static void show(struct arena *a, enum convert_frame kind, struct bytes body, struct buf *out)
{
    struct convert_sheet *sheets;
    struct convert_range m;
    struct convert_end end;
    enum convert_why why;
    size_t n, chosen;
    unsigned column;
    u64 number;

    switch (kind) {
    case FRAME_SHEETS:
        assert_true(pipe_read_sheets(a, body, &sheets, &n, &chosen));
        return;
    case FRAME_ROW:
        show_row(a, body, out);
        return;
    case FRAME_MERGE:
        assert_true(pipe_read_merge(body, &m));
        buf_printf(out, "merge %lld,%u-%lld,%u\n", m.first_row, m.first_column, m.last_row,
                   m.last_column);
        return;
    case FRAME_HIDDEN:
        assert_true(pipe_read_hidden(body, &column));
        buf_printf(out, "hidden %u\n", column);
        return;
    case FRAME_END:
        assert_true(pipe_read_end(body, &end));
        buf_printf(out, "end %llu %llu %llu %d\n", end.formulas, end.without_value, end.merges,
                   end.epoch1904);
        return;
    case FRAME_REFUSE:
        assert_true(pipe_read_refuse(body, &why, &number));
        buf_printf(out, "refused %d %llu\n", (int)why, number);
        return;
    }
}

static const char *read_frames(struct arena *a, const struct buf *raw)
{
    const unsigned char *p = (const unsigned char *)raw->data, *end = p + raw->size;
    struct buf out;

    buf_init(&out, a, 256);
    while (p < end) {
        enum convert_frame kind;
        size_t size;

        assert_true((size_t)(end - p) >= PIPE_HEAD && pipe_head(p, &kind, &size));
        p += PIPE_HEAD;
        assert_true(size <= (size_t)(end - p));
        show(a, kind, (struct bytes){p, size}, &out);
        p += size;
    }
    return out.data;
}

static const char *frames_of(struct arena *a, struct bytes data)
{
    struct heard h = {.arena = a};

    buf_init(&h.raw, a, 1024);
    convert_workbook(a, data, NULL, hear, &h);
    return read_frames(a, &h.raw);
}

static const char *rows_of(struct arena *a, const struct book *b)
{
    return frames_of(a, book_make(a, b));
}

static void expect_why(struct arena *a, struct bytes data, enum convert_why why)
{
    const char *got = frames_of(a, data);
    const char *wanted = arena_printf(a, "refused %d ", (int)why);

    if (!strstr(got, wanted))
        fail_msg("wanted “%s”, got “%s”", wanted, got);
}

static void kinds_of_cells(void **state)
{
    struct arena *a = arena_new(0);
    const char *got = rows_of(
        a, &(struct book){
               .rows = "<row r='2'><c r='A2' t='s'><v>1</v></c><c r='C2'><v>0.30000000000000004</v>"
                       "</c><c r='D2' t='b'><v>1</v></c><c r='E2' t='e'><v>#REF!</v></c>"
                       "<c r='F2'><f>1+1</f><v>2</v></c><c r='G2' t='str'><f>\"a\"</f><v>a</v></c>"
                       "<c r='H2'><f>NOW()</f></c></row><row/><row hidden='1'><c t='inlineStr'><is>"
                       "<r><t>A</t></r><r><t xml:space='preserve"
                       "'> b</t></r><rPh><t>no</t></rPh></is></c>"
                       "<c t='inlineStr'><is><t>x_x000D_\ny_x0041__x00zz_</t></is></c></row>"
                       "<row r='9'><c t='s'><v>77</v></c><c><v>1e5</v></c><c><v>x</v></c></row>",
               .strings = "<sst><si><t>zero</t></si><si><r><t>o</t></r><r><t>ne</t></r></si></sst>",
               .after = "<mergeCells><mergeCell ref='A2:B3'/></mergeCells>",
               .columns = "<cols><col min='2' max='3' hidden='1'/></cols>"});

    (void)state;
    assert_string_equal(got, "hidden 1\nhidden 2\n"
                             "2: 0t'one 2n'0.3 3b'1 4e'#REF! 5n=2 6t=a\n"
                             "4h: 0t'A b 1t'x\nyA_x00zz_\n"
                             "9: 0e'#TEXT! 1n'100000 2e'#NUM!\n"
                             "merge 2,0-3,1\nend 3 1 1 0\n");
    arena_free(a);
}

static void dates_of_both_epochs(void **state)
{
    static const char styles[] =
        "<styleSheet><numFmts><numFmt numFmtId='164' formatCode='dd\\.mm\\.yyyy'/>"
        "<numFmt numFmtId='165' formatCode='0.00 \"days\"'/>"
        "<numFmt numFmtId='166' formatCode='[h]:mm'/></numFmts><cellStyleXfs><xf numFmtId='14'/>"
        "</cellStyleXfs><cellXfs><xf numFmtId='0'/><xf numFmtId='14'/><xf numFmtId='164'/>"
        "<xf numFmtId='165'/><xf numFmtId='166'/><xf numFmtId='22'/></cellXfs></styleSheet>";
    static const char rows[] =
        "<row><c s='1'><v>1</v></c><c s='2'><v>59</v></c><c s='1'><v>60</v></c><c "
        "s='1'><v>61</v></c>"
        "<c s='1'><v>46082</v></c><c s='3'><v>46082</v></c><c s='4'><v>0.25</v></c>"
        "<c s='5'><v>46082.5</v></c><c s='1'><v>-1</v></c><c s='1'><v>3000000</v></c>"
        "<c s='99'><v>46082</v></c></row>";
    struct arena *a = arena_new(0);

    (void)state;
    assert_string_equal(
        rows_of(a, &(struct book){.rows = rows, .styles = styles}),
        "1: 0d'1900-01-01 1d'1900-02-28 2e'#DATE! 3d'1900-03-01 4d'2026-03-01 5n'46082"
        " 6d'06:00:00 7d'2026-03-01 12:00:00 8e'#DATE! 9e'#DATE! 10n'46082\nend 0 0 0 0\n");
    assert_string_equal(
        rows_of(
            a,
            &(struct book){.rows = rows, .styles = styles, .book = "<workbookPr date1904='1'/>"}),
        "1: 0d'1904-01-02 1d'1904-02-29 2d'1904-03-01 3d'1904-03-02 4d'2030-03-02 5n'46082"
        " 6d'06:00:00 7d'2030-03-02 12:00:00 8e'#DATE! 9e'#DATE! 10n'46082\nend 0 0 0 1\n");
    arena_free(a);
}

static void formats_that_show_days(void **state)
{
    static const char *const yes[] = {"yyyy-mm-dd", "d. mmm",     "[$-407]dd/mm/yy;@",
                                      "[hh]:mm",    "h:mm AM/PM", "mm:ss.0"};
    static const char *const no[] = {"General", "0.00", "#,##0 \"d\"", "@", "[Red]0", "0\\d", ""};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(yes); i++)
        if (!format_is_date(yes[i]))
            fail_msg("“%s” shows a day", yes[i]);
    for (size_t i = 0; i < COUNT_OF(no); i++)
        if (format_is_date(no[i]))
            fail_msg("“%s” shows no day", no[i]);
}

/* --- refusals --- */

static void what_is_no_workbook(void **state)
{
    struct arena *a = arena_new(0);
    const struct book_part other[] = {
        {"hello.txt", "hello"},
        {NULL,        NULL   }
    };
    const struct book_part sheet[] = {
        {"mimetype",    "application/vnd.oasis.opendocument.spreadsheet"},
        {"content.xml", "<x/>"                                          },
        {NULL,          NULL                                            }
    };
    const struct book_part binary[] = {
        {"xl/workbook.bin", "x" },
        {NULL,              NULL}
    };

    (void)state;
    expect_why(a, (struct bytes){(const unsigned char *)"PK\3\4", 4}, WHY_NOT_ZIP);
    expect_why(a, (struct bytes){(const unsigned char *)"PK\3\4 and nothing that follows it", 32},
               WHY_DAMAGED);
    expect_why(a, book_zip(a, other), WHY_NOT_XLSX);
    expect_why(a, book_zip(a, sheet), WHY_OPEN_DOCUMENT);
    expect_why(a, book_zip(a, binary), WHY_BINARY);
    arena_free(a);
}

static void document_types_are_refused(void **state)
{
    static const char *const prologs[] = {
        "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]>",
        "<!DOCTYPE worksheet SYSTEM 'file:///etc/passwd'>",
        "<!-- <x --><!DOCTYPE x>",
        "<?p <x ?>\n<!DOCTYPE x>",
    };
    struct arena *a = arena_new(0);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(prologs); i++) {
        const char *got = rows_of(a, &(struct book){.prolog = prologs[i]});

        if (!strstr(got, arena_printf(a, "refused %d ", WHY_DOCTYPE)))
            fail_msg("%s: %s", prologs[i], got);
    }
    expect_why(a, book_make(a, &(struct book){.prolog = "<?xml version='1.0' encoding='UTF-7'?>"}),
               WHY_ENCODING);
    expect_why(a, book_make(a, &(struct book){.rows = "<row><c><v>&unknown;</v></c></row>"}),
               WHY_XML);
    expect_why(a, book_make(a, &(struct book){.rows = "<row>"}), WHY_XML);
    arena_free(a);
}

static void rows_out_of_order(void **state)
{
    static const char *const rows[] = {
        "<row r='5'/><row r='4'/>",     "<row r='0'/>",
        "<row r='1048577'/>",           "<row r='2'><c r='B2'/><c r='A2'/></row>",
        "<row r='2'><c r='A3'/></row>", "<row r='2'><c r='XFE2'/></row>",
        "<row r='2'><c r='2A'/></row>", "<row r='x'/>",
    };
    struct arena *a = arena_new(0);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *got = rows_of(a, &(struct book){.rows = rows[i]});

        if (!strstr(got, arena_printf(a, "refused %d ", WHY_ORDER)))
            fail_msg("%s: %s", rows[i], got);
    }
    arena_free(a);
}

static void names_of_parts(void **state)
{
    static const char *const names[] = {"../evil", "xl/../../evil", "/etc/passwd",
                                        "a\\b",    "c:x",           "XL/WORKBOOK.XML"};
    struct arena *a = arena_new(0);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const struct book_part parts[] = {
            {"_rels/.rels",     "<x/>"},
            {"xl/workbook.xml", "<x/>"},
            {names[i],          "x"   },
            {NULL,              NULL  }
        };

        expect_why(a, book_zip(a, parts), WHY_NAME);
    }
    arena_free(a);
}

/* Changes each byte of a small workbook in turn: whatever comes out is well-formed frames. */
static void damaged_everywhere(void **state)
{
    struct arena *a = arena_new(0);
    struct bytes good = book_of(a, "name|note\nA|1\nB|2");
    static const unsigned char put[] = {0x00, 0xFF, 0x3C};

    (void)state;
    for (size_t i = 0; i < good.size; i++) {
        struct arena *own = arena_new(0);
        unsigned char *copy = arena_alloc(own, good.size);

        memcpy(copy, good.data, good.size);
        copy[i] = put[i % 3];
        frames_of(own, (struct bytes){copy, good.size});
        frames_of(own, (struct bytes){good.data, i}); /* cut off here */
        arena_free(own);
    }
    arena_free(a);
}

/* --- the pipe, as a child that is taken over would use it --- */

static void the_pipe_is_not_believed(void **state)
{
    static const struct {
        const char *body;
        size_t size;
    } rows[] = {
        {"",                                                 0 },
        {"\0\0\0\0\0\1\0",                                   7 },
        {"\1\0\0\0\2\1\0\0\0\0\0\1\0\0\0x",                  16}, /* hidden is 2 */
        {"\1\0\0\0\0\2\0\0\0\0\0\1\0\0\0x",                  16}, /* one cell of two */
        {"\1\0\0\0\0\1\0\0\0\5\0\1\0\0\0x",                  16}, /* kind */
        {"\1\0\0\0\0\1\0\0\0\0\2\1\0\0\0x",                  16}, /* flags */
        {"\1\0\0\0\0\1\0\0\0\0\0\2\0\0\0x",                  16}, /* too long */
        {"\1\0\0\0\0\1\0\0\0\0\0\377\377\377\377x",          16},
        {"\1\0\0\0\0\1\0\0\0\0\0\1\0\0\0xy",                 17}, /* more behind it */
        {"\1\0\0\0\0\1\0\0\0\0\0\1\0\0\0\377",               16}, /* no UTF-8 */
        {"\1\0\0\0\0\1\0\0\0\0\0\1\0\0\0\1",                 16}, /* control character */
        {"\1\0\0\0\0\1\0\0\0\1\0\1\0\0\0x",                  16}, /* no number */
        {"\1\0\0\0\0\1\0\0\0\2\0\1\0\0\0"
         "1",                                       16}, /* no date */
        {"\1\0\0\0\0\1\0\0\0\3\0\1\0\0\0"
         "2",                                       16}, /* no truth */
        {"\1\0\0\0\0\1\0\0\100\0\0\1\0\0\0x",                16}, /* column 16,384 */
        {"\1\0\0\0\0\2\0\1\0\0\0\1\0\0\0x\1\0\0\0\1\0\0\0y", 25}, /* column twice */
        {"\1\0\40\0\0\1\0\0\0\0\0\1\0\0\0x",                 16}, /* row 2,097,153 */
    };
    struct arena *a = arena_new(0);
    struct convert_row row;
    struct convert_sheet *sheets;
    size_t n, chosen;
    enum convert_frame kind;

    (void)state;
    assert_true(pipe_read_row(
        a, (struct bytes){(const unsigned char *)"\1\0\0\0\0\1\0\0\0\0\0\1\0\0\0x", 16}, &row));
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (pipe_read_row(a, (struct bytes){(const unsigned char *)rows[i].body, rows[i].size},
                          &row))
            fail_msg("row %zu was taken", i);
    assert_false(pipe_read_sheets(a, (struct bytes){(const unsigned char *)"\1\0\1\0\0\0\0", 7},
                                  &sheets, &n, &chosen));
    assert_false(pipe_head((const unsigned char *)"\0\0\0\0?", &kind, &n));
    assert_false(pipe_head((const unsigned char *)"\377\377\377\377R", &kind, &n));
    arena_free(a);
}

/* --- the child --- */

static struct err *convert(struct arena *a, struct bytes data, const char *sheet,
                           struct convert_told *told)
{
    struct convert_ask ask = {.name = "book.xlsx", .sheet = sheet, .most = 1000};
    FILE *file = book_file(data), *rows = tmpfile();
    struct err *failed = convert_xlsx(a, file, &ask, rows, told);

    fclose(file);
    fclose(rows);
    return failed;
}

static void the_child_reads(void **state)
{
    struct arena *a = arena_new(0);
    struct bytes book = book_of(a, "name|n\nA|1\nB|2");
    struct convert_told told;
    struct buf many;

    (void)state;
    assert_ok(convert(a, book, NULL, &told));
    assert_int_equal(told.rows, 3);
    assert_int_equal(told.columns, 2);
    assert_int_equal(told.nsheets, 1);
    assert_string_equal(told.sheets[0].name, "One");
    assert_ok(convert(a, book, "one", &told));
    assert_ok(convert(a, book, "1", &told));
    assert_contains(assert_err(convert(a, book, "Two", &told), ERR_BAD)->text, "no sheet “Two”");
    assert_contains(
        assert_err(convert(a, book_make(a, &(struct book){.prolog = "<!DOCTYPE x>"}), NULL, &told),
                   ERR_BAD)
            ->text,
        "document type declaration");
    buf_init(&many, a, 4096);
    for (int i = 0; i < 1001; i++)
        buf_printf(&many, "%d\n", i);
    assert_contains(assert_err(convert(a, book_of(a, many.data), NULL, &told), ERR_LIMIT)->text,
                    "more than 1000 rows");
    arena_free(a);
}

/* What the sandbox does with a call: the signal that ended the child, 0 when it came through. */
static int try_call(const char *call)
{
    char name[20];
    FILE *file = tmpfile();
    pid_t child;
    int status = 0;

    snprintf(name, sizeof(name), "%s", call);
    fputs("x", file);
    fflush(file);
    child = fork();
    if (child == 0) {
        char verb[] = "convert", kind[] = "try", self[] = "cairn";
        char *argv[] = {self, verb, kind, name, NULL};

        dup2(fileno(file), STDIN_FILENO);
        execv("/proc/self/exe", argv);
        _exit(9);
    }
    assert_true(child > 0 && waitpid(child, &status, 0) == child);
    fclose(file);
    if (WIFEXITED(status) && WEXITSTATUS(status) != 7)
        fail_msg("“%s” ended with status %d", call, WEXITSTATUS(status));
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void the_child_can_do_nothing_else(void **state)
{
    static const char *const calls[] = {"open", "socket", "exec", "fork", "read", "code", "kill"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(calls); i++)
        if (try_call(calls[i]) != SIGSYS)
            fail_msg("“%s” did not end the child", calls[i]);
}

const struct test_case convert_tests[] = {
    TEST(
        "texts, numbers, truth values, errors, formulas and merged cells are read as what they are",
        kinds_of_cells),
    TEST("dates count from 1900 with its false leap day, or from 1904", dates_of_both_epochs),
    TEST("a number format tells whether a number is a day", formats_that_show_days),
    TEST("what is no workbook is called by its name", what_is_no_workbook),
    TEST("a document type declaration is refused before any entity is read, wherever it hides",
         document_types_are_refused),
    TEST("rows and cells that are out of order or out of range are refused", rows_out_of_order),
    TEST("part names that leave the archive or are there twice are refused", names_of_parts),
    TEST("a workbook damaged at any byte gives well-formed frames or a refusal",
         damaged_everywhere),
    TEST("nothing that comes through the pipe is believed", the_pipe_is_not_believed),
    TEST("the child reads a workbook, by number or name of the sheet, up to the limit",
         the_child_reads),
    TEST("the child ends at once when it opens, connects, starts, reads or makes code",
         the_child_can_do_nothing_else),
    TEST_END,
};
