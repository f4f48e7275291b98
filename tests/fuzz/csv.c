/* SPDX-License-Identifier: Apache-2.0 */
/* CSV: rows that were read, written and read again are the same, but for the apostrophe that
 * defuses a formula; and no cell that was written starts a formula. */
#include "base/csv.h"
#include "base/text.h"
#include "fuzz.h"

struct csv_rows {
    struct arena *arena;
    struct csv_row *list;
    size_t count, room;
};

static struct err *csv_keep(void *ctx, const struct csv_row *row)
{
    struct csv_rows *rows = ctx;
    struct csv_row copy = {.line = row->line, .count = row->count};

    /* One empty cell is written as an empty line, and those are not rows. */
    if (row->count == 1 && !*row->cell[0])
        return NULL;
    if (rows->count == rows->room) {
        struct csv_row *list;

        rows->room = rows->room ? rows->room * 2 : 16;
        list = NEW_ARRAY(rows->arena, struct csv_row, rows->room);
        if (rows->count)
            memcpy(list, rows->list, rows->count * sizeof(*list));
        rows->list = list;
    }
    copy.cell = NEW_ARRAY(rows->arena, const char *, row->count);
    for (size_t i = 0; i < row->count; i++)
        copy.cell[i] = arena_str(rows->arena, row->cell[i]);
    rows->list[rows->count++] = copy;
    return NULL;
}

static void csv_same_cell(const char *was, const char *is)
{
    if (*is == '\'' && strcmp(is + 1, was) == 0)
        return;
    CHECK(strcmp(was, is) == 0);
    CHECK(!*is || !strchr("=@", *is));
}

static bool fuzz_csv(struct arena *a, const char *data, size_t size)
{
    struct csv_rows first = {.arena = a}, second = {.arena = a};
    struct buf b;

    if (csv_read(a, data, size, 0, csv_keep, &first))
        return false;
    buf_init(&b, a, size + 16);
    buf_str(&b, "x\r\n"); /* so that a byte order mark in the first cell stays one */
    for (size_t i = 0; i < first.count; i++) {
        for (size_t k = 0; k < first.list[i].count; k++)
            csv_cell(&b, first.list[i].cell[k], k == 0);
        csv_end_row(&b);
    }
    CHECK(!csv_read(a, b.data, b.size, ',', csv_keep, &second));
    CHECK(second.count == first.count + 1);
    for (size_t i = 0; i < first.count; i++) {
        const struct csv_row *was = &first.list[i], *is = &second.list[i + 1];

        CHECK(was->line >= 1 && was->count == is->count);
        for (size_t k = 0; k < was->count; k++)
            csv_same_cell(was->cell[k], is->cell[k]);
    }
    return true;
}

FUZZ_TARGET(csv);
