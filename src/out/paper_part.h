/* SPDX-License-Identifier: Apache-2.0 */
/* Inside out/paper* only. */
#pragma once

#include "out/paper.h"

enum block_kind {
    BLOCK_HEADING,
    BLOCK_TEXT,
    BLOCK_NOTE,
    BLOCK_PAGE,
    BLOCK_FACTS,
    BLOCK_HEATS,
    BLOCK_TABLE
};

struct paper_cell_ {
    const char *text, *tone; /* text NULL: a number */
    i64 n;
};

struct block {
    enum block_kind kind;
    int level;
    const char *text; /* also the name of a table */
    const char *(*pairs)[2];
    struct paper_heat *heats;
    struct paper_column *columns;
    size_t n; /* pairs, maps or columns */
    struct paper_cell_ *cells;
    size_t ncells, room;
    struct block *next;
};

struct paper {
    struct arena *arena;
    struct paper_options options;
    struct block *first, *last;
    size_t rows;
    bool stacked; /* maps are laid out as in DOCX, to foresee its pages */
};

/* A cell as text: "1,234.50" for hundredths; with the digits as this language groups them. */
const char *paper_shown(struct paper *p, const struct paper_column *c,
                        const struct paper_cell_ *cell);
