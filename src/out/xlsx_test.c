/* SPDX-License-Identifier: Apache-2.0 */
/* Workbooks, read back as the files they are made of. */
#include "out/xlsx.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>

#include "store.h"
#include "test.h"

extern const struct test_case xlsx_tests[];

static const struct xlsx_column columns[] = {
    {"Title", XLSX_TEXT  },
    {"Score", XLSX_NUMBER},
    {"Cost",  XLSX_MONEY },
    {"Due",   XLSX_DATE  },
    {"At",    XLSX_TIME  },
    {"Open",  XLSX_BOOL  }
};

static struct xlsx *begin(struct arena *a, const char **path)
{
    struct xlsx *x;

    *path = arena_printf(a, "%s/%d.xlsx", store_folder(), getpid());
    assert_ok(xlsx_begin(a, *path, &x));
    xlsx_sheet(x, "Risks [all]", columns, COUNT_OF(columns));
    return x;
}

/* A part of the workbook as text. */
static const char *part(struct arena *a, const char *path, const char *name)
{
    int problem;
    zip_t *z = zip_open(path, ZIP_RDONLY, &problem);
    zip_file_t *f;
    zip_stat_t st;
    char *text;

    assert_non_null(z);
    assert_int_equal(zip_stat(z, name, 0, &st), 0);
    f = zip_fopen(z, name, 0);
    assert_non_null(f);
    text = arena_alloc(a, st.size + 1);
    assert_int_equal(zip_fread(f, text, st.size), st.size);
    zip_fclose(f);
    zip_close(z);
    return text;
}

static void formulas_stay_text(void **state)
{
    static const char *const evil[] = {"=1+1",
                                       "+1+1",
                                       "-1+1",
                                       "@SUM(A1)",
                                       "\t=1+1",
                                       " =1+1",
                                       "＝1+1",
                                       "=cmd|' /C calc'!A0",
                                       "http://example.com"};
    struct arena *a = arena_new(0);
    const char *path, *sheet;
    struct xlsx *x = begin(a, &path);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(evil); i++) {
        xlsx_text(x, evil[i]);
        xlsx_end_row(x);
    }
    assert_ok(xlsx_end(x));
    sheet = part(a, path, "xl/worksheets/sheet1.xml");
    assert_null(strstr(sheet, "<f>"));
    assert_null(strstr(sheet, "<hyperlink"));
    assert_contains(sheet, "t=\"inlineStr\"><is><t>=1+1</t>");
    assert_contains(sheet, "@SUM(A1)");
    unlink(path);
    arena_free(a);
}

static void values_have_types(void **state)
{
    struct arena *a = arena_new(0);
    const char *path, *sheet;
    struct xlsx *x = begin(a, &path);

    (void)state;
    xlsx_text(x, "Fire <in> \"the\" & room\nsecond line");
    xlsx_number(x, 20);
    xlsx_money(x, 123456);
    xlsx_date(x, "2026-11-22");
    xlsx_time(x, "2026-11-22 12:00");
    xlsx_bool(x, true);
    xlsx_end_row(x);
    xlsx_blank(x);
    xlsx_text(x, "");
    xlsx_blank(x);
    xlsx_date(x, "1850-01-01");
    xlsx_blank(x);
    xlsx_bool(x, false);
    xlsx_end_row(x);
    xlsx_filter(x);
    assert_ok(xlsx_end(x));
    sheet = part(a, path, "xl/worksheets/sheet1.xml");
    assert_contains(sheet, "Fire &lt;in&gt; \"the\" &amp; room\nsecond line");
    assert_contains(sheet, "<v>20</v>");
    assert_contains(sheet, "<v>1234.56</v>");
    assert_contains(sheet, "<v>46348</v>");   /* days since 1899-12-30 */
    assert_contains(sheet, "<v>46348.5</v>"); /* noon */
    assert_contains(sheet, "1850-01-01");
    assert_contains(sheet, "t=\"b\"><v>1</v>");
    assert_contains(sheet, "t=\"b\"><v>0</v>");
    assert_contains(sheet, "<autoFilter ref=\"A1:F3\"");
    assert_contains(sheet, "state=\"frozen\"");
    assert_contains(part(a, path, "xl/workbook.xml"), "name=\"Risks  all\"");
    unlink(path);
    arena_free(a);
}

static void long_text_is_cut(void **state)
{
    struct arena *a = arena_new(0);
    const char *path, *sheet;
    struct xlsx *x = begin(a, &path);
    char *text = arena_alloc(a, 80001);

    (void)state;
    for (int i = 0; i < 40000; i++)
        memcpy(text + i * 2, "ä", 2);
    xlsx_text(x, text);
    xlsx_end_row(x);
    assert_ok(xlsx_end(x));
    sheet = part(a, path, "xl/worksheets/sheet1.xml");
    assert_non_null(strstr(sheet, "ä"));
    assert_true(strlen(sheet) > 65000 && strlen(sheet) < 70000);
    unlink(path);
    arena_free(a);
}

static void failures_are_told(void **state)
{
    struct arena *a = arena_new(0);
    struct xlsx *x;

    (void)state;
    assert_ok(xlsx_begin(a, "/nonexistent/folder/x.xlsx", &x));
    xlsx_sheet(x, "A", columns, 1);
    xlsx_text(x, "a");
    xlsx_end_row(x);
    assert_err(xlsx_end(x), ERR_FAULT);
    arena_free(a);
}

const struct test_case xlsx_tests[] = {
    TEST("what looks like a formula or an address stays text", formulas_stay_text),
    TEST("numbers, amounts, dates, times, yes and no are values, not text", values_have_types),
    TEST("a text that is too long for a cell is cut between characters", long_text_is_cut),
    TEST("a workbook that cannot be written is an error", failures_are_told),
    TEST_END,
};
