/* SPDX-License-Identifier: Apache-2.0 */
/* What of a file is shown inside a page: pictures (from an address of their own that lets nothing
 * run), text and tables (escaped). Everything else is only offered for download. */
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/csv.h"
#include "base/text.h"
#include "base/words.h"
#include "core/convert.h"
#include "core/page.h"
#include "core/work.h"
#include "feature/evidence/evidence_part.h"

#define HEAD ((size_t)256 * 1024)
#define PICTURE_BYTES (20LL * 1024 * 1024)
#define PIXELS 8000
#define PDF_BYTES (64LL * 1024 * 1024)
#define ROWS 200
#define COLUMNS 40

const char *evidence_size(struct arena *a, i64 bytes)
{
    double n = (double)bytes;

    if (bytes < 1024)
        return arena_printf(a, tr_n("%lld byte", "%lld bytes", bytes), bytes);
    if (bytes < 1024 * 1024)
        return arena_printf(a, "%.0f KB", n / 1024);
    if (bytes < 1024LL * 1024 * 1024)
        return arena_printf(a, "%.1f MB", n / (1024 * 1024));
    return arena_printf(a, "%.2f GB", n / (1024.0 * 1024 * 1024));
}

void evidence_draw_validity(struct web *w, const struct evidence *e)
{
    if (text_empty(e->valid_until))
        return;
    page_day(w, words_date(w->arena, e->valid_until), DATED_EXPIRY,
             work_over(w, &evidence_entity, entity_field(&evidence_entity, "valid_until"), e));
}

/* --- text --- */

/* Text that is no UTF-8 is taken for Latin-1; NULL when it holds what no text has. */
static const char *as_text(struct arena *a, struct bytes data, bool cut)
{
    const char *raw = (const char *)data.data;
    size_t n = data.size;
    struct buf b;

    /* A character that the cut went through is left out. */
    for (int i = 0; cut && i < 4 && n > 0 && (data.data[n - 1] & 0x80); i++)
        n--;
    if (n >= 3 && memcmp(raw, "\xef\xbb\xbf", 3) == 0) {
        raw += 3;
        n -= 3;
    }
    buf_init(&b, a, n + 1);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)raw[i];

        if (c == '\r' || c == '\f')
            continue;
        if (c == 0 || (c < 0x20 && c != '\n' && c != '\t'))
            return NULL;
        buf_char(&b, (char)c);
    }
    if (text_valid(b.data, b.size))
        return b.data;
    raw = b.data;
    n = b.size;
    buf_init(&b, a, 2 * n + 1);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)raw[i];

        if (c >= 0x80 && c < 0xa0)
            c = '?';
        if (c < 0x80) {
            buf_char(&b, (char)c);
        } else {
            buf_char(&b, (char)(0xc0 | c >> 6));
            buf_char(&b, (char)(0x80 | (c & 0x3f)));
        }
    }
    return text_valid(b.data, b.size) ? b.data : NULL;
}

static size_t end_of_lines(const char *text, int most, bool *cut)
{
    const char *p = text;

    for (int i = 0; i < most; i++) {
        p = strchr(p, '\n');
        if (!p)
            return strlen(text);
        p++;
    }
    *cut = *cut || *p;
    return (size_t)(p - text);
}

static void draw_text(struct web *w, const char *text, bool cut)
{
    size_t n = end_of_lines(text, ROWS, &cut);

    html(w->html, "<pre class='file-text' aria-label='{Text of the file}'>%.*s</pre>", (int)n,
         text);
    if (cut)
        html(w->html, "<p class='mute mb-0'>{The file goes on; download it to see all of it.}</p>");
}

/* --- tables --- */

struct table {
    struct web *w;
    i64 rows;
    bool more;
};

static struct err *draw_row(void *ctx, const struct csv_row *row)
{
    struct table *t = ctx;
    struct html *h = t->w->html;
    bool head = t->rows == 0;

    if (t->rows > ROWS) {
        t->more = true;
        return NULL;
    }
    t->rows++;
    if (head)
        html(h, "<thead>");
    html(h, "<tr>");
    for (size_t i = 0; i < row->count && i < COLUMNS; i++)
        if (head)
            html(h, "<th scope='col'>%.300s</th>", row->cell[i]);
        else
            html(h, "<td>%.300s</td>", row->cell[i]);
    html(h, "</tr>");
    if (head)
        html(h, "</thead><tbody>");
    return NULL;
}

/* Up to the last whole line, so that no row is shown in part. */
static size_t whole_lines(const char *text, bool cut)
{
    const char *last = cut ? strrchr(text, '\n') : NULL;

    return last ? (size_t)(last - text) + 1 : strlen(text);
}

static struct err *draw_table(struct web *w, const char *text, bool cut)
{
    struct table t = {.w = w};
    struct buf kept = w->html->buf;
    struct err *failed;

    html(w->html, "<div class='table-responsive file-table'><table class='table table-sm'>"
                  "<caption class='visually-hidden'>{First rows of the table}</caption>");
    failed = csv_read(w->arena, text, whole_lines(text, cut), 0, draw_row, &t);
    if (failed && failed->code != ERR_BAD && failed->code != ERR_INVALID)
        return failed;
    if (failed || t.rows < 2) {
        w->html->buf.size = kept.size; /* no table after all */
        w->html->buf.data[kept.size] = '\0';
        draw_text(w, text, cut);
        return NULL;
    }
    html(w->html, "</tbody></table></div>");
    if (t.more || cut)
        html(w->html,
             "<p class='mute mb-0'>{The first %d rows. Download the file to see all of it.}</p>",
             ROWS);
    return NULL;
}

static bool is_table(const struct evidence *e)
{
    const char *dot = e->file_name ? strrchr(e->file_name, '.') : NULL;

    return text_equal(e->file_type, "text/csv") || text_equal(e->file_type, "application/csv") ||
           (text_equal(e->file_type, "text/plain") && dot &&
            (!strcasecmp(dot, ".csv") || !strcasecmp(dot, ".tsv")));
}

/* --- the preview --- */

static void draw_none(struct web *w, const char *why)
{
    html(w->html, "<p class='mute mb-0'>%s</p>", tr(why));
}

static struct err *draw_picture(struct web *w, const struct evidence *e, struct bytes head)
{
    i64 pixels = blob_pixels(w->arena, head);

    if (e->file_size > PICTURE_BYTES || !pixels || pixels > PIXELS) {
        draw_none(w, tr("This picture is too large to be shown here. Download it to see it."));
        return NULL;
    }
    html(w->html, "<img class='file-picture' src='%s' alt='%s'>",
         web_url(w, "/evidence/EV-%lld/view?version=%lld", e->number, e->file_version), e->title);
    return NULL;
}

/* Drawn on the server: a PDF can hold scripts, a picture of its page cannot. */
static struct err *draw_pdf(struct web *w, const struct evidence *e)
{
    const char *asked = web_query(w, "page");
    i64 page = 1;

    if (e->file_size > PDF_BYTES || !convert_pdf_there()) {
        draw_none(w, tr("This document is not drawn here. Download it to open it."));
        return NULL;
    }
    if (asked && (!text_i64(asked, &page) || page < 1))
        page = 1;
    html(w->html,
         "<img class='file-picture' src='%s' alt='{Page %lld of the document. If nothing is "
         "seen, there is no such page.}'>",
         web_url(w, "/evidence/EV-%lld/page?n=%lld&version=%lld", e->number, page, e->file_version),
         page);
    html(w->html, "<nav class='pager' aria-label='{Pages of the document}'>");
    if (page > 1)
        html(w->html, "<a class='btn' href='%s'>{Page %lld}</a> ",
             web_url(w, "/evidence/EV-%lld?page=%lld", e->number, page - 1), page - 1);
    html(w->html, "<a class='btn' href='%s'>{Page %lld}</a></nav>",
         web_url(w, "/evidence/EV-%lld?page=%lld", e->number, page + 1), page + 1);
    return NULL;
}

static struct err *draw_content(struct web *w, const struct evidence *e)
{
    struct blob b = {e->file_hash, e->file_size};
    bool table = is_table(e), text = table || text_equal(e->file_type, "text/plain");
    bool cut = e->file_size > (i64)HEAD;
    struct bytes head;
    const char *words;

    if (text_equal(e->file_type, "application/pdf"))
        return draw_pdf(w, e);
    if (!text && !blob_shown(e->file_type)) {
        draw_none(w,
                  tr("Files of this kind are not shown inside the page. Download it to open it."));
        return NULL;
    }
    TRY(blob_peek(w, &b, HEAD, &head));
    if (!text)
        return draw_picture(w, e, head);
    words = as_text(w->arena, head, cut);
    if (!words) {
        draw_none(w, tr("This is no readable text. Download it to open it."));
        return NULL;
    }
    if (table)
        return draw_table(w, words, cut);
    draw_text(w, words, cut);
    return NULL;
}

static struct err *draw_file(struct web *w, const struct evidence *e)
{
    struct blob b;
    bool erased;

    TRY(blob_find(w, e->file_hash, &b, &erased));
    if (erased) {
        draw_none(w, tr("The file was erased on purpose; the log says when and why. Its name, size "
                        "and SHA-256 are kept."));
        return NULL;
    }
    return draw_content(w, e);
}

struct err *evidence_preview(struct web *w, const struct evidence *e)
{
    struct err *failed = NULL;

    card_begin(w, text_equal(e->kind, "file") ? "Preview" : "What it is", NULL);
    if (text_equal(e->kind, "link"))
        html(w->html,
             "<p class='mb-0'><a class='break' href='%s' rel='noopener noreferrer'>%s</a></p>"
             "<p class='mute mb-0'>{A link shows what is there now, not what was there on %s. Keep "
             "a copy of what has to be proved.}</p>",
             e->url, e->url, words_date(w->arena, e->collected ? e->collected : w->today));
    else if (text_equal(e->kind, "note"))
        html_lines(w->html, e->reason);
    else
        failed = draw_file(w, e);
    if (failed && failed->code == ERR_FAULT) { /* the rest of the page is of use all the same */
        page_notice(w, "danger", "%s", failed->text);
        failed = NULL;
    }
    card_end(w);
    return failed;
}

/* --- downloads --- */

/* The version that the address asks for, and its file. */
static struct err *file_asked(struct web *w, struct file_version *v, struct blob *b)
{
    struct evidence e;
    struct err *gone;
    bool erased;

    TRY(evidence_asked(w, &e));
    TRY(evidence_version(w, &e, v));
    TRY(blob_find(w, v->hash, b, &erased));
    if (!erased)
        return NULL;
    gone = err_new(ERR_MISSING, "This file was erased on purpose.");
    gone->status = 410;
    return gone;
}

static struct err *answer(struct web *w, bool show)
{
    struct file_version v;
    struct blob b;

    TRY(file_asked(w, &v, &b));
    if (show && !blob_shown(v.type))
        return err_new(ERR_MISSING, "Only pictures are shown. Download the file instead.");
    return blob_answer(w, &b, v.type, v.name, show);
}

static struct err *draw_page(struct web *w, const struct blob *b, i64 page, const char **path)
{
    struct blob_file f;
    struct err *failed;
    int in, out;

    TRY(blob_read(w, b, 0, b->size, &f));
    TRY(blob_temporary(w, path, &out));
    in = open(f.path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    failed = in >= 0 ? convert_pdf_page(in, page, out)
                     : err_new(ERR_FAULT, "The file could not be read.");
    if (in >= 0)
        close(in);
    close(out);
    return failed;
}

struct err *evidence_page(struct web *w)
{
    const char *n = web_query(w, "n"), *path;
    struct file_version v;
    struct blob b;
    i64 page = 1;

    TRY(file_asked(w, &v, &b));
    if (!text_equal(v.type, "application/pdf") || v.size > PDF_BYTES || !convert_pdf_there())
        return err_new(ERR_MISSING, "Only PDF documents are drawn. Download the file instead.");
    if (n && !text_i64(n, &page))
        page = 0;
    TRY(draw_page(w, &b, page, &path));
    web_answer_bytes(w, "image/png", (struct bytes){0}, NULL);
    web_header(w, "Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'");
    w->req->response.file = path;
    return NULL;
}

struct err *evidence_download(struct web *w)
{
    return answer(w, false);
}

struct err *evidence_picture(struct web *w)
{
    return answer(w, true);
}

struct err *evidence_api_content(struct web *w)
{
    return answer(w, false);
}
