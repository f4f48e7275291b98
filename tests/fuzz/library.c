/* SPDX-License-Identifier: Apache-2.0 */
/* Libraries of controls, as the sandboxed child reads them. Whatever the bytes are, the frames it
 * sends are frames that the parent takes: one head, rows that ascend, one end; or one refusal. */
#include "core/convert_library.h"
#include "fuzz.h"

struct library_heard {
    struct arena *arena;
    i64 last;
    bool begun, ended, refused;
};

static void library_frame(struct library_heard *h, enum convert_frame kind, struct bytes frame)
{
    struct bytes body = {frame.data + PIPE_HEAD, frame.size - PIPE_HEAD};
    struct convert_sheet *sheets;
    struct convert_row row;
    struct convert_end end;
    enum convert_why why;
    size_t count, chosen;
    u64 number;

    CHECK(!h->ended);
    if (kind == FRAME_SHEETS) {
        CHECK(!h->begun && pipe_read_sheets(h->arena, body, &sheets, &count, &chosen));
        h->begun = true;
    } else if (kind == FRAME_ROW) {
        CHECK(h->begun && pipe_read_row(h->arena, body, &row) && row.row > h->last);
        h->last = row.row;
    } else if (kind == FRAME_END) {
        CHECK(h->begun && pipe_read_end(body, &end));
        h->ended = true;
    } else {
        CHECK(kind == FRAME_REFUSE && !h->begun && pipe_read_refuse(body, &why, &number));
        h->ended = h->refused = true;
    }
}

static void library_hear(void *ctx, const char *data, size_t size)
{
    const unsigned char *p = (const unsigned char *)data;

    for (size_t at = 0; at < size;) {
        enum convert_frame kind;
        size_t body;

        CHECK(size - at >= PIPE_HEAD && pipe_head(p + at, &kind, &body));
        CHECK(size - at >= PIPE_HEAD + body);
        library_frame(ctx, kind, (struct bytes){p + at, PIPE_HEAD + body});
        at += PIPE_HEAD + body;
    }
}

static bool fuzz_library(struct arena *a, const char *data, size_t size)
{
    struct bytes bytes = {(const unsigned char *)data, size};
    struct library_heard controls = {.arena = a}, set = {.arena = a};

    convert_library(a, bytes, NULL, library_hear, &controls);
    convert_library(a, bytes, "Set", library_hear, &set);
    CHECK(controls.ended && set.ended && controls.refused == set.refused);
    return !controls.refused;
}

FUZZ_TARGET(library);
