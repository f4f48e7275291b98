/* SPDX-License-Identifier: Apache-2.0 */
/* Documents for word processors: a package that opens, well-formed parts, text that stays text. */
#include "out/docx.h"

#include <libxml/parser.h>
#include <string.h>
#include <zip.h>

#include "test.h"

static struct bytes make(struct arena *a, const char *text)
{
    struct docx_options o = {.title = "Report",
                             .subtitle = text,
                             .author = text,
                             .header = text,
                             .footer = text,
                             .page = "Page %d of %d",
                             .contents = "Contents",
                             .language = "en",
                             .created = 1700000000000000LL};
    const struct docx_column columns[] = {
        {"What", 3, false},
        {text,   1, true }
    };
    const char *const pairs[][2] = {
        {"Name", text},
        {text,   ""  }
    };
    struct docx *d = docx_begin(a, &o);
    struct bytes out;

    docx_heading(d, 1, text);
    docx_text(d, text);
    docx_facts(d, pairs, COUNT_OF(pairs));
    docx_table(d, columns, COUNT_OF(columns));
    docx_cell(d, text, "red");
    docx_end_row(d);
    docx_end_table(d);
    docx_page(d);
    docx_note(d, text);
    assert_ok(docx_end(d, &out));
    return out;
}

static zip_t *open_package(struct bytes b)
{
    zip_error_t failed;
    zip_source_t *source;
    zip_t *zip;

    zip_error_init(&failed);
    source = zip_source_buffer_create(b.data, b.size, 0, &failed);
    zip = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &failed);
    assert_non_null(zip);
    zip_error_fini(&failed);
    return zip;
}

static void check_parts(struct arena *a, zip_t *zip)
{
    zip_int64_t n = zip_get_num_entries(zip, 0);

    assert_int_equal(n, 10);
    for (zip_int64_t i = 0; i < n; i++) {
        zip_stat_t st;
        zip_file_t *file = zip_fopen_index(zip, (zip_uint64_t)i, 0);
        char *text;
        xmlDoc *doc;

        zip_stat_init(&st);
        assert_int_equal(zip_stat_index(zip, (zip_uint64_t)i, 0, &st), 0);
        text = arena_alloc(a, st.size + 1);
        assert_int_equal(zip_fread(file, text, st.size), st.size);
        zip_fclose(file);
        doc = xmlReadMemory(text, (int)st.size, st.name, NULL,
                            XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
        if (!doc)
            fail_msg("%s is not well-formed", st.name);
        xmlFreeDoc(doc);
    }
}

static void well_formed(void **state)
{
    static const char *const texts[] = {
        "plain",
        "</w:t><w:instrText> DDEAUTO c:\\\\x </w:instrText>",
        "a & b < c > d \" e ' f ]]>",
        "two\nlines\n\nand\ttabs",
        "Grüße, 日本語, עברית, 👩‍🚀",
        "=cmd|' /C calc'!A0 %s %n",
        "",
    };
    struct arena *a = arena_new(0);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        zip_t *zip = open_package(make(a, texts[i]));

        check_parts(a, zip);
        zip_discard(zip);
    }
    arena_free(a);
}

static const char *part(struct arena *a, zip_t *zip, const char *name)
{
    zip_file_t *file = zip_fopen(zip, name, 0);
    zip_stat_t st;
    char *text;

    assert_non_null(file);
    zip_stat_init(&st);
    assert_int_equal(zip_stat(zip, name, 0, &st), 0);
    text = arena_alloc(a, st.size + 1);
    assert_int_equal(zip_fread(file, text, st.size), st.size);
    text[st.size] = '\0';
    zip_fclose(file);
    return text;
}

static void contents_have_pages(void **state)
{
    struct docx_options o = {
        .title = "Report", .contents = "Contents", .language = "en", .created = 1};
    struct arena *a = arena_new(0);
    struct docx *d = docx_begin(a, &o);
    struct bytes out;
    const char *text;
    zip_t *zip;

    (void)state;
    docx_expect(d, 2);
    docx_heading(d, 1, "First part");
    docx_page(d);
    docx_expect(d, 17);
    docx_heading(d, 2, "Second part");
    assert_ok(docx_end(d, &out));
    zip = open_package(out);
    text = part(a, zip, "word/document.xml");
    assert_contains(text, "w:dirty=\"true\"/></w:r><w:r><w:instrText xml:space=\"preserve\"> TOC ");
    assert_contains(text, " PAGEREF _Toc2 \\h </w:instrText></w:r><w:r><w:fldChar "
                          "w:fldCharType=\"separate\"/></w:r><w:r><w:t>17</w:t>");
    assert_contains(text, "w:name=\"_Toc2\"/><w:r><w:t xml:space=\"preserve\">Second part");
    zip_discard(zip);
    arena_free(a);
}

static void long_lines(void **state)
{
    struct arena *a = arena_new(0);
    char *text = arena_alloc(a, 200001);
    zip_t *zip;

    (void)state;
    for (size_t i = 0; i < 200000; i += 2)
        memcpy(text + i, "ü", 2);
    text[200000] = '\0';
    zip = open_package(make(a, text));
    check_parts(a, zip);
    zip_discard(zip);
    arena_free(a);
}

static void same_bytes(void **state)
{
    struct arena *a = arena_new(0);
    struct bytes x = make(a, "text"), y = make(a, "text");

    (void)state;
    assert_int_equal(x.size, y.size);
    assert_memory_equal(x.data, y.data, x.size);
    arena_free(a);
}

const struct test_case docx_tests[] = {
    TEST("whatever people wrote, the package opens and all its parts are well-formed", well_formed),
    TEST("each line of the table of contents refers to its heading and names its page",
         contents_have_pages),
    TEST("long text is not cut within a character", long_lines),
    TEST("the same calls give the same bytes", same_bytes),
    TEST_END,
};
