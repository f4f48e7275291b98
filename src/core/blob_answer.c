/* SPDX-License-Identifier: Apache-2.0 */
/* A file as an answer. Whatever it holds, it is delivered so that no browser runs it: under
 * `sandbox`, with nosniff (core/refuse.c adds it to all answers), and as a download unless it is a
 * picture. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/blob.h"

struct range {
    i64 from, size;
    bool part;
};

/* One range of bytes as RFC 9110 has it. Several, other units and malformed ones are ignored, as
 * the RFC allows: the whole file goes out. False when the range lies outside of the file. */
static bool read_range(struct arena *a, const char *text, i64 size, struct range *out)
{
    const char *dash;
    i64 first, last = size - 1, n;

    *out = (struct range){0, size, false};
    if (!text || !text_starts(text, "bytes=") || strchr(text, ','))
        return true;
    text += strlen("bytes=");
    dash = strchr(text, '-');
    if (!dash)
        return true;
    if (dash == text) { /* the last n bytes */
        if (!text_i64(dash + 1, &n) || n < 0 || strchr(dash + 1, '-'))
            return true;
        if (!n)
            return false;
        first = n < size ? size - n : 0;
    } else {
        if (!text_i64(arena_strn(a, text, (size_t)(dash - text)), &first) ||
            (dash[1] && (!text_i64(dash + 1, &last) || last < first)))
            return true;
        if (first >= size)
            return false;
        last = last < size ? last : size - 1;
    }
    *out = (struct range){first, last - first + 1, true};
    return true;
}

/* What a browser might take for a page is not called by its name. */
static const char *sent_type(const char *type, bool show)
{
    static const char *const active[] = {"html", "xml", "svg", "script", "flash", "java"};

    for (size_t i = 0; i < COUNT_OF(active); i++)
        if (!type || strstr(type, active[i]))
            return "application/octet-stream";
    return !show && text_starts(type, "text/") ? "application/octet-stream" : type;
}

static void send_nothing(struct web *w, int status)
{
    w->req->response.status = status;
    w->req->response.type = NULL;
    w->req->response.body = (struct bytes){(const unsigned char *)"", 0};
}

static struct err *send_part(struct web *w, const struct blob *b, const struct range *range)
{
    struct response *a = &w->req->response;
    struct blob_file f;

    TRY(blob_read(w, b, range->from, range->size, &f));
    a->status = range->part ? 206 : 200;
    if (range->part)
        web_header(w, "Content-Range",
                   arena_printf(w->arena, "bytes %lld-%lld/%lld", range->from,
                                range->from + range->size - 1, b->size));
    a->file = f.path;
    a->file_part = true;
    a->file_offset = f.offset;
    a->file_size = range->size;
    a->file_temporary = f.temporary;
    return NULL;
}

struct err *blob_answer(struct web *w, const struct blob *b, const char *type, const char *filename,
                        bool show)
{
    const char *etag = arena_printf(w->arena, "\"%s\"", b->hash);
    const char *known, *unless;
    struct range range;

    if (!w->req)
        return NULL;
    known = request_header(w->req, "If-None-Match");
    unless = request_header(w->req, "If-Range");
    web_header(w, "ETag", etag);
    web_header(w, "Accept-Ranges", "bytes");
    web_header(w, "Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'");
    if (known && (text_equal(known, "*") || strstr(known, etag))) {
        send_nothing(w, 304);
        return NULL;
    }
    if (!read_range(w->arena, request_header(w->req, "Range"), b->size, &range)) {
        web_header(w, "Content-Range", arena_printf(w->arena, "bytes */%lld", b->size));
        send_nothing(w, 416);
        return NULL;
    }
    if (unless && !text_equal(unless, etag))
        range = (struct range){0, b->size, false};
    web_answer_bytes(w, sent_type(type, show), (struct bytes){0},
                     show && blob_shown(type) ? NULL : filename);
    return send_part(w, b, &range);
}
