/* SPDX-License-Identifier: Apache-2.0 */
/* Reports: what a reader, a text search and a second run see. Needs pdftotext and pdfinfo. */
#include "out/pdf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/text.h"
#include "store.h"
#include "test.h"

extern const struct test_case pdf_tests[];

#define LONG_WORD                                                                                \
    "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaftsvorstand" \
    "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaftsvorstand"

static const struct pdf_options options = {.title = "Risk report Müller & Söhne",
                                           .author = "Anna Berg",
                                           .header = "Müller & Söhne · Risk report",
                                           .footer = "Confidential · log origin cairn/1, size 4711",
                                           .created = 1795000000000000LL};

static struct pdf *begin(struct arena *a, bool landscape)
{
    struct pdf_options o = options;
    struct pdf *p;

    o.landscape = landscape;
    assert_ok(pdf_begin(a, &o, &p));
    return p;
}

static const struct pdf_column columns[] = {
    {"No.",   1,   PDF_LEFT  },
    {"Risk",  4,   PDF_LEFT  },
    {"Owner", 2,   PDF_LEFT  },
    {"Score", 1,   PDF_RIGHT },
    {"Level", 1.5, PDF_CENTER}
};

static void fill_table(struct arena *a, struct pdf *p, int rows)
{
    static const char *const tones[] = {"green", "yellow", "orange", "red"};
    static const char *const words[] = {"low", "medium", "high", "critical"};

    pdf_table(p, columns, COUNT_OF(columns));
    for (int i = 1; i <= rows; i++) {
        pdf_cell(p, arena_printf(a, "R-%d", i));
        pdf_cell(p, i % 7 ? "Somebody reads mail of customers on a lost laptop"
                          : "Straße überflutet: the room with the switches stands under water, and "
                            "nobody has a plan for the time until it is dry again");
        pdf_cell(p, i == 5 ? LONG_WORD : "Jörg Österreicher");
        pdf_cell(p, arena_printf(a, "%d", i % 25 + 1));
        pdf_badge(p, tones[i % 4], words[i % 4]);
        pdf_end_row(p);
    }
    pdf_end_table(p);
}

static void fill(struct arena *a, struct pdf *p, int rows)
{
    static const char *const facts[][2] = {
        {"Organisation", "Müller & Söhne GmbH"                          },
        {"Scope",        "Development and operation of the service, in "
                  "the office in Köln and by people who work "
                  "from home, without the shop on the ground "
                  "floor, which has a network of its own"},
        {"Approved",     NULL                                             }
    };
    struct buf b;

    pdf_key_values(p, facts, COUNT_OF(facts));
    pdf_heading(p, 1, "1 Summary");
    pdf_paragraph(p, "Größe and grease: the quick text of a report.\n\nA second paragraph with "
                     "Ελληνικά, Русский and a very long word: " LONG_WORD);
    pdf_link(p, "The method is described here", "https://example.com/method?a=1&b='2'");
    pdf_note(p, "Numbers as of the day of the report.");
    pdf_heading(p, 1, "2 Risks");
    pdf_heading(p, 2, "2.1 All risks");
    fill_table(a, p, rows);
    pdf_heading(p, 2, "2.2 One very long cell");
    pdf_table(p, columns, COUNT_OF(columns));
    buf_init(&b, a, 4096);
    for (int i = 1; i <= 150; i++)
        buf_printf(&b, "Sentence %d of a long story about what happened. ", i);
    pdf_cell(p, "R-999");
    pdf_cell(p, b.data);
    pdf_end_row(p);
    pdf_end_table(p);
    pdf_heading(p, 1, "3 End");
}

static struct bytes sample(struct arena *a, int rows)
{
    struct pdf *p = begin(a, false);
    struct bytes out;

    fill(a, p, rows);
    assert_ok(pdf_end(p, &out));
    return out;
}

/* The same, made page by page: once to count, once to draw. */
static struct bytes sample_by_page(struct arena *a, int rows)
{
    FILE *f = tmpfile();
    int pages = 0;
    struct pdf *p;
    char *data;
    long size;

    for (int turn = 0; turn < 2; turn++) {
        struct pdf_options o = options;
        struct arena *own = arena_new(0);

        assert_ok(pdf_begin_pages(own, &o, turn ? f : NULL, pages, &p));
        fill(a, p, rows);
        assert_ok(pdf_end_pages(p));
        assert_true(turn == 0 || pages == pdf_pages(p));
        pages = pdf_pages(p);
        arena_free(own);
    }
    size = ftell(f);
    data = arena_alloc(a, (size_t)size);
    rewind(f);
    assert_int_equal(fread(data, 1, (size_t)size, f), size);
    fclose(f);
    return (struct bytes){(const unsigned char *)data, (size_t)size};
}

/* What a program that reads the document prints. */
static const char *read_back(struct arena *a, struct bytes pdf, const char *program)
{
    const char *path = arena_printf(a, "%s/%d.pdf", store_folder(), getpid());
    FILE *f = fopen(path, "w");
    char room[4096];
    struct buf b;
    size_t n;

    assert_non_null(f);
    assert_int_equal(fwrite(pdf.data, 1, pdf.size, f), pdf.size);
    fclose(f);
    buf_init(&b, a, 4096);
    f = popen(
        arena_printf(a, "%s %s %s 2>&1", program, path, text_equal(program, "pdfinfo") ? "" : "-"),
        "r");
    assert_non_null(f);
    while ((n = fread(room, 1, sizeof(room), f)) > 0)
        buf_add(&b, room, n);
    if (pclose(f))
        fail_msg("%s (of poppler-utils) is needed and could not read the document", program);
    unlink(path);
    assert_null(strstr(b.data, "Syntax Error"));
    return b.data;
}

static size_t count_of(const char *text, const char *part)
{
    size_t n = 0;

    for (const char *p = text; (p = strstr(p, part)); p += strlen(part))
        n++;
    return n;
}

static void text_can_be_searched(void **state)
{
    struct arena *a = arena_new((size_t)1 << 28);
    const char *text = read_back(a, sample(a, 30), "pdftotext -layout");

    (void)state;
    assert_contains(text, "Risk report Müller & Söhne");
    assert_contains(text, "Straße überflutet");
    assert_contains(text, "Jörg");
    assert_contains(text, "Größe and grease");
    assert_contains(text, "Ελληνικά");
    assert_contains(text, "Русский");
    assert_contains(text, "R-30");
    assert_contains(text, "Sentence 1 of a long story");
    assert_contains(text, "Sentence 150");
    arena_free(a);
}

static void pages_are_numbered(void **state)
{
    struct arena *a = arena_new((size_t)1 << 28);
    const char *text = read_back(a, sample(a, 120), "pdftotext -layout");
    size_t pages = count_of(text, "\f");

    (void)state;
    assert_true(pages >= 5);
    for (size_t i = 1; i <= pages; i++)
        assert_contains(text, arena_printf(a, "Page %zu of %zu", i, pages));
    assert_int_equal(count_of(text, "size 4711"), pages);
    assert_int_equal(count_of(text, "· Risk report"), pages);
    arena_free(a);
}

static void header_row_is_repeated(void **state)
{
    struct arena *a = arena_new((size_t)1 << 28);
    const char *text = read_back(a, sample(a, 120), "pdftotext -layout");
    size_t pages = count_of(text, "\f"), heads = count_of(text, "Owner");

    (void)state;
    assert_true(heads >= pages - 1 && heads <= pages + 2);
    for (int i = 1; i <= 120; i++)
        assert_contains(text, arena_printf(a, "R-%d ", i));
    arena_free(a);
}

static void same_input_same_bytes(void **state)
{
    struct arena *a = arena_new((size_t)1 << 28);
    struct bytes one = sample(a, 40), two = sample(a, 40);

    (void)state;
    assert_int_equal(one.size, two.size);
    assert_memory_equal(one.data, two.data, one.size);
    assert_contains(read_back(a, one, "pdfinfo"), "Müller");
    arena_free(a);
}

static void page_by_page_is_the_same(void **state)
{
    struct arena *a = arena_new((size_t)1 << 28);
    const char *one = read_back(a, sample(a, 120), "pdftotext -layout");
    const char *two = read_back(a, sample_by_page(a, 120), "pdftotext -layout");

    (void)state;
    assert_string_equal(one, two);
    assert_contains(two, "Sentence 150");
    arena_free(a);
}

static void what_is_drawn_is_forgotten(void **state)
{
    struct arena *a = arena_new(0), *text = arena_new(0);
    FILE *f = fopen("/dev/null", "w");
    size_t early = 0;
    struct pdf *p;

    (void)state;
    assert_ok(pdf_begin_pages(a, &options, f, 1000, &p));
    pdf_table(p, columns, COUNT_OF(columns));
    for (int i = 1; i <= 3000; i++) {
        for (size_t k = 0; k < COUNT_OF(columns); k++)
            pdf_cell(p, arena_printf(text, "Cell %d of row %d", (int)k, i));
        pdf_end_row(p);
        early = i == 1000 ? arena_used(a) : early;
    }
    assert_true(pdf_pages(p) > 60);
    assert_true(arena_used(a) < early + 4096);
    arena_free(a); /* a document that is given up halfway */
    arena_free(text);
    fclose(f);
}

static void landscape_is_wide(void **state)
{
    struct arena *a = arena_new(0);
    struct pdf *p = begin(a, true);
    struct bytes out;

    (void)state;
    pdf_paragraph(p, "x");
    assert_ok(pdf_end(p, &out));
    assert_contains(read_back(a, out, "pdfinfo"), "841.89 x 595.28");
    arena_free(a);
}

static void bad_addresses_are_text(void **state)
{
    struct arena *a = arena_new(0);
    struct pdf *p = begin(a, false);
    struct bytes out;

    (void)state;
    pdf_link(p, "Click", "javascript:alert(1)");
    pdf_link(p, NULL, "https://example.com/'rect=[0 0 1 1]'\\");
    assert_ok(pdf_end(p, &out));
    assert_null(memmem(out.data, out.size, "javascript", 10));
    assert_contains(read_back(a, out, "pdftotext"), "Click");
    arena_free(a);
}

static void empty_and_odd_input_ends_well(void **state)
{
    struct arena *a = arena_new((size_t)1 << 28);
    struct pdf *p = begin(a, false);
    struct bytes out;
    char lines[2001];

    (void)state;
    memset(lines, '\n', sizeof(lines) - 1);
    lines[2000] = '\0';
    pdf_paragraph(p, "");
    pdf_heading(p, 3, "");
    pdf_table(p, columns, 1);
    pdf_end_table(p);
    pdf_table(p, columns, 2);
    pdf_cell(p, NULL);
    pdf_badge(p, "red", NULL);
    pdf_end_row(p);
    pdf_cell(p, lines);
    pdf_end_row(p);
    assert_ok(pdf_end(p, &out));
    assert_memory_equal(out.data, "%PDF-", 5);
    arena_free(a);
}

const struct test_case pdf_tests[] = {
    TEST("text of a report can be searched and copied, with umlauts and other scripts",
         text_can_be_searched),
    TEST("every page says which of how many it is, with header and footer", pages_are_numbered),
    TEST("a table's header row stands on every page and no row is lost", header_row_is_repeated),
    TEST("the same report gives the same bytes", same_input_same_bytes),
    TEST("a document made page by page holds the same as one made at once",
         page_by_page_is_the_same),
    TEST("page by page, what is drawn takes no more memory", what_is_drawn_is_forgotten),
    TEST("a landscape report is wide", landscape_is_wide),
    TEST("an address that is no web or mail address is only text", bad_addresses_are_text),
    TEST("empty texts, missing cells and 2,000 empty lines do not stop a report",
         empty_and_odd_input_ends_well),
    TEST_END,
};
