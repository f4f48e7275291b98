/* SPDX-License-Identifier: Apache-2.0 */
/* The document itself (word/document.xml). */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "out/docx_part.h"

/* --- text --- */

void docx_escape(struct buf *b, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&':
            buf_str(b, "&amp;");
            break;
        case '<':
            buf_str(b, "&lt;");
            break;
        case '>':
            buf_str(b, "&gt;");
            break;
        case '"':
            buf_str(b, "&quot;");
            break;
        default:
            if ((unsigned char)*text >= ' ' || *text == '\t')
                buf_char(b, *text);
        }
    }
}

void docx_run(struct buf *b, const char *text, bool bold)
{
    const char *end;

    for (; text && *text; text = *end ? end + 1 : end) {
        char line[512];
        size_t size;

        end = text + strcspn(text, "\n");
        buf_printf(b, "<w:r>%s<w:t xml:space=\"preserve\">", bold ? "<w:rPr><w:b/></w:rPr>" : "");
        for (const char *p = text; p < end; p += size) {
            size = (size_t)(end - p) < sizeof(line) - 1 ? (size_t)(end - p) : sizeof(line) - 1;
            memcpy(line, p, size);
            line[size] = '\0';
            docx_escape(b, line);
        }
        buf_printf(b, "</w:t>%s</w:r>", *end ? "<w:br/>" : "");
    }
}

void docx_field(struct buf *b, const char *name, const char *shown)
{
    buf_printf(b,
               "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText "
               "xml:space=\"preserve\"> %s </w:instrText></w:r><w:r><w:fldChar "
               "w:fldCharType=\"separate\"/></w:r><w:r><w:t>%s</w:t></w:r><w:r><w:fldChar "
               "w:fldCharType=\"end\"/></w:r>",
               name, shown);
}

static void paragraph(struct docx *d, const char *style, const char *text)
{
    buf_printf(&d->body, "<w:p><w:pPr><w:pStyle w:val=\"%s\"/></w:pPr>", style);
    docx_run(&d->body, text, false);
    buf_str(&d->body, "</w:p>\n");
}

struct docx *docx_begin(struct arena *a, const struct docx_options *options)
{
    struct docx *d = NEW(a, struct docx);

    d->arena = a;
    d->options = *options;
    buf_init(&d->body, a, 65536);
    return d;
}

static void add_mark(struct docx *d, int level, const char *text)
{
    if (d->nmarks == d->room) {
        size_t room = d->room ? d->room * 2 : 64;
        struct docx_mark *more = NEW_ARRAY(d->arena, struct docx_mark, room);

        if (d->nmarks)
            memcpy(more, d->marks, d->nmarks * sizeof(*more));
        d->marks = more;
        d->room = room;
    }
    d->marks[d->nmarks++] = (struct docx_mark){arena_str(d->arena, text), level, d->expected};
    d->expected = 0;
}

void docx_expect(struct docx *d, int page)
{
    d->expected = page;
}

void docx_heading(struct docx *d, int level, const char *text)
{
    int at = level < 1 ? 1 : level > 3 ? 3 : level;

    add_mark(d, at, text);
    buf_printf(&d->body,
               "<w:p><w:pPr><w:pStyle w:val=\"Heading%d\"/></w:pPr><w:bookmarkStart w:id=\"%zu\" "
               "w:name=\"_Toc%zu\"/>",
               at, d->nmarks, d->nmarks);
    docx_run(&d->body, text, false);
    buf_printf(&d->body, "<w:bookmarkEnd w:id=\"%zu\"/></w:p>\n", d->nmarks);
}

void docx_text(struct docx *d, const char *text)
{
    if (!text_empty(text))
        paragraph(d, "BodyText", text);
}

void docx_note(struct docx *d, const char *text)
{
    if (!text_empty(text))
        paragraph(d, "Note", text);
}

void docx_page(struct docx *d)
{
    buf_str(&d->body, "<w:p><w:r><w:br w:type=\"page\"/></w:r></w:p>\n");
}

/* --- tables --- */

int docx_width(const struct docx *d)
{
    return d->options.landscape ? 16838 - 2 * 1020 : 11906 - 2 * 1020;
}

static const char *fill_of(const char *tone)
{
    static const char *const fills[][2] = {
        {"green",  "D4F0DE"},
        {"teal",   "D1F0EB"},
        {"yellow", "FFF0C2"},
        {"orange", "FFE0C4"},
        {"red",    "FAD6D6"},
        {"blue",   "D6E8FA"},
        {"purple", "EDDBF7"},
        {"head",   "E3E8F0"},
    };

    for (size_t i = 0; i < COUNT_OF(fills); i++)
        if (text_equal(fills[i][0], tone))
            return fills[i][1];
    return "E8EBF0";
}

static int width_of(const struct docx *d, size_t column)
{
    double share = d->columns[column].width > 0 ? d->columns[column].width : 1;

    return (int)lround(docx_width(d) * share / d->sum);
}

static void begin_table(struct docx *d, const struct docx_column *columns, size_t n,
                        const char *style)
{
    struct docx_column *own = NEW_ARRAY(d->arena, struct docx_column, n + 1);

    memcpy(own, columns, n * sizeof(*own));
    d->columns = own;
    d->ncolumns = n;
    d->ncells = 0;
    d->sum = 0;
    for (size_t i = 0; i < n; i++)
        d->sum += columns[i].width > 0 ? columns[i].width : 1;
    buf_printf(&d->body,
               "<w:tbl><w:tblPr><w:tblStyle w:val=\"%s\"/><w:tblW w:w=\"%d\" w:type=\"dxa\"/>"
               "<w:tblLayout w:type=\"fixed\"/><w:tblLook w:val=\"0020\" w:firstRow=\"1\"/>"
               "</w:tblPr><w:tblGrid>",
               style, docx_width(d));
    for (size_t i = 0; i < n; i++)
        buf_printf(&d->body, "<w:gridCol w:w=\"%d\"/>", width_of(d, i));
    buf_str(&d->body, "</w:tblGrid>\n");
}

static void begin_row(struct docx *d, bool header)
{
    buf_printf(&d->body, "<w:tr><w:trPr><w:cantSplit/>%s</w:trPr>", header ? "<w:tblHeader/>" : "");
}

static void write_cell(struct docx *d, const char *text, const char *tone, bool bold)
{
    struct buf *b = &d->body;

    buf_printf(b, "<w:tc><w:tcPr><w:tcW w:w=\"%d\" w:type=\"dxa\"/>", width_of(d, d->ncells));
    if (tone)
        buf_printf(b, "<w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"%s\"/>", fill_of(tone));
    buf_printf(b, "</w:tcPr><w:p><w:pPr><w:pStyle w:val=\"TableText\"/>%s%s</w:pPr>",
               d->keep ? "<w:keepNext/>" : "",
               d->columns[d->ncells].right ? "<w:jc w:val=\"right\"/>" : "");
    docx_run(b, text, bold);
    buf_str(b, "</w:p></w:tc>");
    d->ncells++;
}

void docx_cell(struct docx *d, const char *text, const char *tone)
{
    if (!d->columns || d->ncells == d->ncolumns)
        BUG("a cell outside of the table's columns");
    if (d->ncells == 0)
        begin_row(d, false);
    write_cell(d, text, text_empty(text) ? NULL : tone, tone != NULL);
}

void docx_end_row(struct docx *d)
{
    while (d->ncells < d->ncolumns)
        docx_cell(d, "", NULL);
    buf_str(&d->body, "</w:tr>\n");
    d->ncells = 0;
}

void docx_keep(struct docx *d)
{
    d->keep = true;
}

void docx_table(struct docx *d, const struct docx_column *columns, size_t n)
{
    begin_table(d, columns, n, "Grid");
    begin_row(d, true);
    for (size_t i = 0; i < n; i++)
        write_cell(d, columns[i].title, "head", true);
    docx_end_row(d);
}

/* A paragraph between, or word processors join tables that follow each other. */
void docx_end_table(struct docx *d)
{
    if (d->ncells)
        docx_end_row(d);
    d->columns = NULL;
    d->keep = false;
    buf_str(&d->body, "</w:tbl>\n");
    paragraph(d, "Note", "");
}

void docx_facts(struct docx *d, const char *const (*pairs)[2], size_t n)
{
    static const struct docx_column columns[] = {
        {"", 3, false},
        {"", 9, false}
    };

    if (!n)
        return;
    begin_table(d, columns, COUNT_OF(columns), "Facts");
    for (size_t i = 0; i < n; i++) {
        begin_row(d, false);
        write_cell(d, pairs[i][0], NULL, true);
        write_cell(d, text_empty(pairs[i][1]) ? "–" : pairs[i][1], NULL, false);
        docx_end_row(d);
    }
    docx_end_table(d);
}

/* --- the whole --- */

/* One line: the heading as a link, dots, and its page, which is a reference to the heading. */
static void write_contents_line(struct docx *d, struct buf *b, size_t mark)
{
    const struct docx_mark *m = &d->marks[mark];

    buf_printf(b, "<w:hyperlink w:anchor=\"_Toc%zu\" w:history=\"1\">", mark + 1);
    docx_run(b, m->text, false);
    buf_str(b, "<w:r><w:tab/></w:r>");
    docx_field(b, arena_printf(d->arena, "PAGEREF _Toc%zu \\h", mark + 1),
               m->page ? arena_printf(d->arena, "%d", m->page) : "");
    buf_str(b, "</w:hyperlink></w:p>\n");
}

/* A field that is marked as to be renewed: a word processor counts pages itself. Until then it
 * shows the expected ones. */
static void write_contents(struct docx *d, struct buf *b)
{
    bool first = true;

    buf_str(b, "<w:p><w:pPr><w:pStyle w:val=\"ContentsHeading\"/></w:pPr>");
    docx_run(b, d->options.contents, false);
    buf_str(b, "</w:p>\n");
    for (size_t i = 0; i < d->nmarks; i++) {
        if (d->marks[i].level > 2)
            continue;
        buf_printf(b,
                   "<w:p><w:pPr><w:pStyle w:val=\"TOC%d\"/><w:tabs><w:tab w:val=\"right\" "
                   "w:leader=\"dot\" w:pos=\"%d\"/></w:tabs></w:pPr>",
                   d->marks[i].level, docx_width(d));
        if (first)
            buf_str(b, "<w:r><w:fldChar w:fldCharType=\"begin\" w:dirty=\"true\"/></w:r><w:r>"
                       "<w:instrText xml:space=\"preserve\"> TOC \\o \"1-2\" \\h \\z \\u "
                       "</w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"separate\"/></w:r>");
        first = false;
        write_contents_line(d, b, i);
    }
    if (!first)
        buf_str(b, "<w:p><w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p>\n");
    buf_str(b, "<w:p><w:r><w:br w:type=\"page\"/></w:r></w:p>\n");
}

static void write_title(struct docx *d, struct buf *b, const char *style, const char *text)
{
    if (text_empty(text))
        return;
    buf_printf(b, "<w:p><w:pPr><w:pStyle w:val=\"%s\"/></w:pPr>", style);
    docx_run(b, text, false);
    buf_str(b, "</w:p>\n");
    (void)d;
}

struct err *docx_end(struct docx *d, struct bytes *out)
{
    bool wide = d->options.landscape;
    struct buf b;

    if (d->columns)
        docx_end_table(d);
    buf_init(&b, d->arena, d->body.size + 8192);
    buf_str(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<w:document "
                "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" "
                "xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\">"
                "<w:body>\n");
    write_title(d, &b, "Title", d->options.title);
    write_title(d, &b, "Subtitle", d->options.subtitle);
    if (d->options.contents)
        write_contents(d, &b);
    buf_str(&b, d->body.data);
    buf_printf(&b,
               "<w:sectPr><w:headerReference w:type=\"default\" r:id=\"rId1\"/><w:footerReference "
               "w:type=\"default\" r:id=\"rId2\"/><w:pgSz w:w=\"%d\" w:h=\"%d\"%s/><w:pgMar "
               "w:top=\"1300\" w:right=\"1020\" w:bottom=\"1200\" w:left=\"1020\" w:header=\"600\" "
               "w:footer=\"500\" w:gutter=\"0\"/></w:sectPr></w:body></w:document>\n",
               wide ? 16838 : 11906, wide ? 11906 : 16838, wide ? " w:orient=\"landscape\"" : "");
    return docx_pack(d, b.data, b.size, out);
}
