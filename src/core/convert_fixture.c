/* SPDX-License-Identifier: Apache-2.0 */
#include "core/convert_fixture.h"

#include <string.h>
#include <zip.h>

#include "base/buf.h"
#include "base/text.h"
#include "test.h"

struct bytes book_zip(struct arena *a, const struct book_part *parts)
{
    zip_error_t failed;
    zip_source_t *room;
    zip_stat_t st;
    zip_t *z;
    unsigned char *data;

    zip_error_init(&failed);
    room = zip_source_buffer_create(NULL, 0, 0, &failed);
    assert_non_null(room);
    zip_source_keep(room);
    z = zip_open_from_source(room, ZIP_TRUNCATE, &failed);
    assert_non_null(z);
    for (const struct book_part *p = parts; p->name; p++) {
        zip_source_t *s = zip_source_buffer(z, p->text, strlen(p->text), 0);

        assert_true(zip_file_add(z, p->name, s, ZIP_FL_ENC_UTF_8) >= 0);
    }
    assert_int_equal(zip_close(z), 0);
    zip_stat_init(&st);
    assert_int_equal(zip_source_open(room), 0);
    assert_int_equal(zip_source_stat(room, &st), 0);
    data = arena_alloc(a, (size_t)st.size + 1);
    assert_int_equal(zip_source_read(room, data, st.size), st.size);
    zip_source_close(room);
    zip_source_free(room);
    zip_error_fini(&failed);
    return (struct bytes){data, (size_t)st.size};
}

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

struct bytes book_make(struct arena *a, const struct book *b)
{
    const char *head = b->prolog ? b->prolog : "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    struct book_part parts[] = {
        {"[Content_Types].xml", "<Types/>"                                                  },
        {"_rels/.rels",         "<Relationships><Relationship Id='r1' Type='x/officeDocument'"
                        " Target='xl/workbook.xml'/></Relationships>"},
        {"xl/workbook.xml",     arena_printf(a,
         "<workbook>%s<sheets><sheet name='One' id='r1'/>"
                                         "</sheets></workbook>", or_empty(b->book))},
        {"xl/_rels/workbook.xml.rels",
         "<Relationships><Relationship Id='r1' Type='x/worksheet' Target='worksheets/sheet1.xml'/>"
         "<Relationship Id='r2' Type='x/styles' Target='/xl/styles.xml'/>"
         "<Relationship Id='r3' Type='x/sharedStrings' Target='sharedStrings.xml'/>"
         "</Relationships>"                                                              },
        {"xl/worksheets/sheet1.xml",
         arena_printf(a,  "%s<worksheet>%s<sheetData>%s</sheetData>%s</worksheet>", head,
         or_empty(b->columns), or_empty(b->rows), or_empty(b->after))},
        {"xl/styles.xml",        b->styles ? b->styles : "<styleSheet/>"          },
        {"xl/sharedStrings.xml",  b->strings ? b->strings : "<sst/>"                                            },
        {NULL,                     NULL                                                                  },
    };

    return book_zip(a, parts);
}

static void add_cell(struct buf *b, const char *text)
{
    i64 n;

    if (!*text)
        buf_str(b, "<c/>");
    else if (text_i64(text, &n))
        buf_printf(b, "<c><v>%s</v></c>", text);
    else
        buf_printf(b, "<c t='inlineStr'><is><t>%s</t></is></c>", text);
}

struct bytes book_of(struct arena *a, const char *text)
{
    char *copy = arena_str(a, text), *line = copy;
    struct buf b;

    buf_init(&b, a, 1024);
    while (*line) {
        size_t n = strcspn(line, "\n");
        bool last = !line[n];
        char *cell = line;

        line[n] = '\0';
        buf_str(&b, "<row>");
        for (;;) {
            size_t k = strcspn(cell, "|");
            bool end = !cell[k];

            cell[k] = '\0';
            add_cell(&b, cell);
            if (end)
                break;
            cell += k + 1;
        }
        buf_str(&b, "</row>");
        line += n + !last;
    }
    return book_make(a, &(struct book){.rows = b.data});
}

FILE *book_file(struct bytes data)
{
    FILE *f = tmpfile();

    assert_non_null(f);
    assert_int_equal(fwrite(data.data, 1, data.size, f), data.size);
    rewind(f);
    return f;
}
