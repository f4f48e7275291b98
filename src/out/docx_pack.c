/* SPDX-License-Identifier: Apache-2.0 */
/* The package around the document: styles, header, footer, properties, and the zip file. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zip.h>

#include "base/clock.h"
#include "base/text.h"
#include "out/docx_part.h"

#define XML "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
#define WORD "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
#define RELATION "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define PACKAGE "http://schemas.openxmlformats.org/package/2006"
#define TYPE "application/vnd.openxmlformats-officedocument.wordprocessingml."

static const char types[] =
    XML "<Types xmlns=\"" PACKAGE "/content-types\">"
        "<Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package."
        "relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/>"
        "<Override PartName=\"/word/document.xml\" ContentType=\"" TYPE "document.main+xml\"/>"
        "<Override PartName=\"/word/styles.xml\" ContentType=\"" TYPE "styles+xml\"/>"
        "<Override PartName=\"/word/settings.xml\" ContentType=\"" TYPE "settings+xml\"/>"
        "<Override PartName=\"/word/header1.xml\" ContentType=\"" TYPE "header+xml\"/>"
        "<Override PartName=\"/word/footer1.xml\" ContentType=\"" TYPE "footer+xml\"/>"
        "<Override PartName=\"/docProps/core.xml\" ContentType=\"application/vnd.openxmlformats-"
        "package.core-properties+xml\"/>"
        "<Override PartName=\"/docProps/app.xml\" ContentType=\"application/vnd.openxmlformats-"
        "officedocument.extended-properties+xml\"/></Types>\n";

static const char relations[] = XML
    "<Relationships xmlns=\"" PACKAGE "/relationships\">"
    "<Relationship Id=\"rId1\" Type=\"" RELATION "/officeDocument\" Target=\"word/document.xml\"/>"
    "<Relationship Id=\"rId2\" Type=\"" PACKAGE
    "/relationships/metadata/core-properties\" Target=\"docProps/core.xml\"/>"
    "<Relationship Id=\"rId3\" Type=\"" RELATION
    "/extended-properties\" Target=\"docProps/app.xml\"/></Relationships>\n";

static const char document_relations[] =
    XML "<Relationships xmlns=\"" PACKAGE "/relationships\">"
        "<Relationship Id=\"rId1\" Type=\"" RELATION "/header\" Target=\"header1.xml\"/>"
        "<Relationship Id=\"rId2\" Type=\"" RELATION "/footer\" Target=\"footer1.xml\"/>"
        "<Relationship Id=\"rId3\" Type=\"" RELATION "/styles\" Target=\"styles.xml\"/>"
        "<Relationship Id=\"rId4\" Type=\"" RELATION
        "/settings\" Target=\"settings.xml\"/></Relationships>\n";

static const char settings[] =
    XML "<w:settings xmlns:w=\"" WORD "\"><w:zoom w:percent=\"100\"/><w:defaultTabStop "
        "w:val=\"709\"/><w:compat><w:compatSetting w:name=\"compatibilityMode\" "
        "w:uri=\"http://schemas.microsoft.com/office/word\" w:val=\"15\"/></w:compat>"
        "</w:settings>\n";

static const char properties[] =
    XML "<Properties xmlns=\"http://schemas.openxmlformats.org/officeDocument/2006/"
        "extended-properties\"><Application>Cairn</Application></Properties>\n";

/* --- styles --- */

struct style {
    const char *id, *name;
    const char *next; /* style of the paragraph after it */
    const char *paragraph, *text;
};

#define KEEP "<w:keepNext/><w:keepLines/>"

/* clang-format off */
static const struct style styles[] = {
    {"BodyText", "Body Text", "BodyText",
     "<w:spacing w:after=\"120\"/>", ""},
    {"Title", "Title", "Subtitle",
     "<w:spacing w:after=\"60\"/>",
     "<w:b/><w:color w:val=\"17202B\"/><w:sz w:val=\"44\"/>"},
    {"Subtitle", "Subtitle", "BodyText",
     "<w:spacing w:after=\"240\"/>",
     "<w:color w:val=\"5F6773\"/><w:sz w:val=\"24\"/>"},
    {"Heading1", "heading 1", "BodyText",
     KEEP "<w:spacing w:before=\"360\" w:after=\"120\"/><w:outlineLvl w:val=\"0\"/>",
     "<w:b/><w:color w:val=\"0B5CAD\"/><w:sz w:val=\"32\"/>"},
    {"Heading2", "heading 2", "BodyText",
     KEEP "<w:spacing w:before=\"280\" w:after=\"100\"/><w:outlineLvl w:val=\"1\"/>",
     "<w:b/><w:color w:val=\"17202B\"/><w:sz w:val=\"26\"/>"},
    {"Heading3", "heading 3", "BodyText",
     KEEP "<w:spacing w:before=\"200\" w:after=\"80\"/><w:outlineLvl w:val=\"2\"/>",
     "<w:b/><w:color w:val=\"17202B\"/><w:sz w:val=\"22\"/>"},
    {"ContentsHeading", "Contents Heading", "BodyText",
     "<w:keepNext/><w:spacing w:before=\"240\" w:after=\"120\"/>",
     "<w:b/><w:sz w:val=\"28\"/>"},
    {"TOC1", "toc 1", "BodyText",
     "<w:spacing w:after=\"60\"/>", ""},
    {"TOC2", "toc 2", "BodyText",
     "<w:spacing w:after=\"40\"/><w:ind w:left=\"220\"/>", ""},
    {"Note", "Note", "BodyText",
     "<w:spacing w:after=\"80\"/>",
     "<w:color w:val=\"5F6773\"/><w:sz w:val=\"17\"/>"},
    {"TableText", "Table Text", "TableText",
     "<w:spacing w:before=\"30\" w:after=\"30\"/>",
     "<w:sz w:val=\"18\"/>"},
    {"Header", "header", "Header",
     "<w:pBdr><w:bottom w:val=\"single\" w:sz=\"4\" w:space=\"4\" w:color=\"CCD3DE\"/></w:pBdr>",
     "<w:color w:val=\"5F6773\"/><w:sz w:val=\"16\"/>"},
    {"Footer", "footer", "Footer",
     "<w:pBdr><w:top w:val=\"single\" w:sz=\"4\" w:space=\"4\" w:color=\"CCD3DE\"/></w:pBdr>",
     "<w:color w:val=\"5F6773\"/><w:sz w:val=\"16\"/>"},
};
/* clang-format on */

static void write_table_style(struct buf *b, const char *id, bool lines)
{
    static const char *const sides[] = {"top", "bottom", "insideH"};

    buf_printf(b,
               "<w:style w:type=\"table\" w:styleId=\"%s\"><w:name w:val=\"%s\"/><w:tblPr>"
               "<w:tblBorders>",
               id, id);
    for (size_t i = 0; i < COUNT_OF(sides); i++)
        buf_printf(b, "<w:%s w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"%s\"/>", sides[i],
                   lines ? "B9C2D0" : "E3E8F0");
    buf_str(b, "</w:tblBorders><w:tblCellMar><w:left w:w=\"80\" w:type=\"dxa\"/><w:right "
               "w:w=\"80\" w:type=\"dxa\"/></w:tblCellMar></w:tblPr></w:style>");
}

static const char *write_styles(struct docx *d)
{
    struct buf b;

    buf_init(&b, d->arena, 8192);
    buf_printf(&b,
               XML "<w:styles xmlns:w=\"" WORD "\"><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts "
                   "w:ascii=\"Calibri\" w:hAnsi=\"Calibri\" w:cs=\"Calibri\"/><w:sz w:val=\"21\"/>"
                   "<w:lang w:val=\"%s\"/></w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults>"
                   "<w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name "
                   "w:val=\"Normal\"/><w:qFormat/></w:style>",
               text_equal(d->options.language, "de") ? "de-DE" : "en-GB");
    for (size_t i = 0; i < COUNT_OF(styles); i++)
        buf_printf(
            &b,
            "<w:style w:type=\"paragraph\" w:styleId=\"%s\"><w:name w:val=\"%s\"/><w:basedOn "
            "w:val=\"Normal\"/><w:next w:val=\"%s\"/><w:qFormat/><w:pPr>%s</w:pPr><w:rPr>%s"
            "</w:rPr></w:style>",
            styles[i].id, styles[i].name, styles[i].next, styles[i].paragraph, styles[i].text);
    write_table_style(&b, "Grid", true);
    write_table_style(&b, "Facts", false);
    buf_str(&b, "</w:styles>\n");
    return b.data;
}

/* --- header and footer --- */

static const char *write_header(struct docx *d)
{
    struct buf b;

    buf_init(&b, d->arena, 1024);
    buf_str(&b, XML "<w:hdr xmlns:w=\"" WORD "\"><w:p><w:pPr><w:pStyle w:val=\"Header\"/></w:pPr>");
    docx_run(&b, d->options.header ? d->options.header : "", false);
    buf_str(&b, "</w:p></w:hdr>\n");
    return b.data;
}

/* "Page %d of %d": the two numbers are fields. */
static void write_page(struct docx *d, struct buf *b)
{
    const char *text = d->options.page ? d->options.page : "%d / %d";
    const char *first = strstr(text, "%d");
    const char *second = first ? strstr(first + 2, "%d") : NULL;

    if (!second)
        return;
    docx_run(b, arena_strn(d->arena, text, (size_t)(first - text)), false);
    docx_field(b, "PAGE", "1");
    docx_run(b, arena_strn(d->arena, first + 2, (size_t)(second - first - 2)), false);
    docx_field(b, "NUMPAGES", "1");
    docx_run(b, second + 2, false);
}

static const char *write_footer(struct docx *d)
{
    struct buf b;

    buf_init(&b, d->arena, 2048);
    buf_printf(&b,
               XML "<w:ftr xmlns:w=\"" WORD "\"><w:p><w:pPr><w:pStyle w:val=\"Footer\"/><w:tabs>"
                   "<w:tab w:val=\"right\" w:pos=\"%d\"/></w:tabs></w:pPr>",
               docx_width(d));
    docx_run(&b, d->options.footer ? d->options.footer : "", false);
    buf_str(&b, "<w:r><w:tab/></w:r>");
    write_page(d, &b);
    buf_str(&b, "</w:p></w:ftr>\n");
    return b.data;
}

static const char *write_core(struct docx *d)
{
    const char *at = arena_printf(d->arena, "%.19sZ", clock_iso(d->arena, d->options.created));
    struct buf b;

    buf_init(&b, d->arena, 1024);
    buf_str(&b, XML "<cp:coreProperties xmlns:cp=\"" PACKAGE "/metadata/core-properties\" "
                    "xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
                    "xmlns:dcterms=\"http://purl.org/dc/terms/\" "
                    "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><dc:title>");
    docx_escape(&b, d->options.title ? d->options.title : "");
    buf_str(&b, "</dc:title><dc:creator>");
    docx_escape(&b, d->options.author ? d->options.author : "");
    buf_printf(&b,
               "</dc:creator><dcterms:created xsi:type=\"dcterms:W3CDTF\">%s</dcterms:created>"
               "<dcterms:modified xsi:type=\"dcterms:W3CDTF\">%s</dcterms:modified>"
               "</cp:coreProperties>\n",
               at, at);
    return b.data;
}

/* --- packing --- */

static bool add(zip_t *zip, const char *name, const char *data, size_t size, i64 created)
{
    zip_source_t *source = zip_source_buffer(zip, data, size, 0);
    zip_int64_t at;

    if (!source)
        return false;
    at = zip_file_add(zip, name, source, ZIP_FL_ENC_UTF_8);
    if (at < 0) {
        zip_source_free(source);
        return false;
    }
    return zip_file_set_mtime(zip, (zip_uint64_t)at, (time_t)(created / SECOND), 0) == 0;
}

static bool add_all(struct docx *d, zip_t *zip, const char *document, size_t size)
{
    const char *const parts[][2] = {
        {"[Content_Types].xml",          types             },
        {"_rels/.rels",                  relations         },
        {"word/_rels/document.xml.rels", document_relations},
        {"word/settings.xml",            settings          },
        {"word/styles.xml",              write_styles(d)   },
        {"word/header1.xml",             write_header(d)   },
        {"word/footer1.xml",             write_footer(d)   },
        {"docProps/app.xml",             properties        },
        {"docProps/core.xml",            write_core(d)     },
    };
    bool good = true;

    for (size_t i = 0; good && i < COUNT_OF(parts); i++)
        good = add(zip, parts[i][0], parts[i][1], strlen(parts[i][1]), d->options.created);
    return good && add(zip, "word/document.xml", document, size, d->options.created);
}

/* The bytes of the finished archive. */
static bool take(struct docx *d, zip_source_t *source, struct bytes *out)
{
    zip_stat_t st;
    unsigned char *data;
    bool good;

    zip_stat_init(&st);
    if (zip_source_stat(source, &st) || !(st.valid & ZIP_STAT_SIZE) || zip_source_open(source))
        return false;
    data = arena_alloc(d->arena, st.size + 1);
    good = zip_source_read(source, data, st.size) == (zip_int64_t)st.size;
    zip_source_close(source);
    *out = (struct bytes){data, st.size};
    return good;
}

struct err *docx_pack(struct docx *d, const char *document, size_t size, struct bytes *out)
{
    zip_error_t failed;
    zip_source_t *source;
    zip_t *zip;
    bool good = false;

    zip_error_init(&failed);
    source = zip_source_buffer_create(NULL, 0, 0, &failed);
    zip = source ? zip_open_from_source(source, ZIP_TRUNCATE, &failed) : NULL;
    if (zip) {
        zip_source_keep(source); /* zip_close gives its own hold back */
        good = add_all(d, zip, document, size) && zip_close(zip) == 0;
        if (good)
            good = take(d, source, out);
        else
            zip_discard(zip);
    }
    if (source)
        zip_source_free(source);
    zip_error_fini(&failed);
    return good ? NULL : err_new(ERR_FAULT, "The document could not be packed.");
}
