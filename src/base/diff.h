/* SPDX-License-Identifier: Apache-2.0 */
/* What two texts have in common, word by word: for the comparison of two versions of a record. */
#pragma once

#include "base/arena.h"

enum diff_kind { DIFF_SAME, DIFF_GONE, DIFF_NEW };
struct diff_piece {
    enum diff_kind kind;
    const char *text; /* in `a` or `b`, not terminated */
    size_t size;
};
/* The pieces that give `before` when the new ones are left out, and `after` when those that are
 * gone are. Neighbours differ in kind; a gone piece stands before a new one. The least number of
 * changed words (Myers 1986), except in texts that have little in common: there the middle is told
 * as replaced. */
struct diff_piece *diff_words(struct arena *a, const char *before, const char *after,
                              size_t *count);
