/* SPDX-License-Identifier: Apache-2.0 */
/* What the child that reads workbooks says: a run of frames. A row that is taken is written again
 * as the same bytes; nothing that is taken lies outside its limits. */
#include "base/text.h"
#include "core/convert_pipe.h"
#include "fuzz.h"

static bool frames_row(struct arena *a, const char *frame, struct bytes body)
{
    struct convert_row row;
    struct buf again;

    if (!pipe_read_row(a, body, &row))
        return false;
    CHECK(row.row >= 1 && row.row <= CONVERT_ROWS);
    for (size_t i = 0; i < row.count; i++) {
        CHECK(row.cell[i].column < CONVERT_COLUMNS && row.cell[i].kind < CELL_KINDS);
        CHECK(strlen(row.cell[i].text) == row.cell[i].size);
        CHECK(text_valid(row.cell[i].text, row.cell[i].size));
        CHECK(!i || row.cell[i].column > row.cell[i - 1].column);
    }
    buf_init(&again, a, body.size + 64);
    pipe_row(&again, &row);
    CHECK(again.size == body.size + PIPE_HEAD && !memcmp(again.data, frame, again.size));
    return true;
}

static bool frames_sheets(struct arena *a, struct bytes body)
{
    struct convert_sheet *list;
    size_t count, chosen;

    if (!pipe_read_sheets(a, body, &list, &count, &chosen))
        return false;
    CHECK(count >= 1 && count <= CONVERT_SHEETS && chosen < count);
    for (size_t i = 0; i < count; i++)
        CHECK(text_valid(list[i].name, strlen(list[i].name)));
    return true;
}

static bool frames_other(enum convert_frame kind, struct bytes body)
{
    struct convert_range range;
    struct convert_end end;
    enum convert_why why;
    unsigned column;
    u64 number;

    switch (kind) {
    case FRAME_MERGE:
        return pipe_read_merge(body, &range);
    case FRAME_HIDDEN:
        return pipe_read_hidden(body, &column);
    case FRAME_END:
        return pipe_read_end(body, &end);
    case FRAME_REFUSE:
        return pipe_read_refuse(body, &why, &number) && why >= 1 && why <= WHY_LAST;
    default:
        return false;
    }
}

static bool fuzz_frames(struct arena *a, const char *data, size_t size)
{
    bool taken = false;

    while (size >= PIPE_HEAD) {
        enum convert_frame kind;
        struct bytes body;
        size_t n;

        if (!pipe_head((const unsigned char *)data, &kind, &n) || n > size - PIPE_HEAD)
            return false;
        body = (struct bytes){(const unsigned char *)data + PIPE_HEAD, n};
        taken = kind == FRAME_ROW      ? frames_row(a, data, body)
                : kind == FRAME_SHEETS ? frames_sheets(a, body)
                                       : frames_other(kind, body);
        if (!taken)
            return false;
        data += PIPE_HEAD + n;
        size -= PIPE_HEAD + n;
    }
    return taken && size == 0;
}

FUZZ_TARGET(frames);
