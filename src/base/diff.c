/* SPDX-License-Identifier: Apache-2.0 */
#include "base/diff.h"

#include <string.h>

#define STEPS_MOST 500 /* more changed words than this: the rest is told as replaced */

struct token {
    const char *text;
    size_t size;
};
struct tokens {
    struct token *list;
    size_t count;
};
struct pieces {
    struct diff_piece *list;
    size_t count;
};

static bool space(char c)
{
    return c == ' ' || c == '\n' || c == '\t';
}

/* Words, and what is between them. */
static struct tokens cut(struct arena *a, const char *text)
{
    struct tokens t = {.list = NEW_ARRAY(a, struct token, strlen(text) + 1)};

    for (const char *p = text; *p;) {
        const char *start = p;
        bool gap = space(*p);

        while (*p && space(*p) == gap && !(*start == '\n' && p > start))
            p++;
        t.list[t.count++] = (struct token){start, (size_t)(p - start)};
    }
    return t;
}

static bool same(const struct token *x, const struct token *y)
{
    return x->size == y->size && memcmp(x->text, y->text, x->size) == 0;
}

static void add(struct pieces *out, enum diff_kind kind, const struct token *t)
{
    struct diff_piece *last = out->count ? &out->list[out->count - 1] : NULL;

    if (last && last->kind == kind && last->text + last->size == t->text)
        last->size += t->size;
    else
        out->list[out->count++] = (struct diff_piece){kind, t->text, t->size};
}

/* How far a walk with `d` changes gets on each diagonal k = x - y: reach[d][k + d]. Returns the
 * number of changes that lead to the end, or -1. */
static int walk(struct arena *a, struct tokens x, struct tokens y, int **reach)
{
    for (int d = 0; d <= STEPS_MOST; d++) {
        reach[d] = NEW_ARRAY(a, int, (size_t)d * 2 + 1);
        for (int k = -d; k <= d; k += 2) {
            int i = 0;

            if (d && (k == -d || (k != d && reach[d - 1][k - 1 + d - 1] < reach[d - 1][k + d])))
                i = reach[d - 1][k + d];
            else if (d)
                i = reach[d - 1][k - 1 + d - 1] + 1;
            while (i < (int)x.count && i - k >= 0 && i - k < (int)y.count &&
                   same(&x.list[i], &y.list[i - k]))
                i++;
            reach[d][k + d] = i;
            if (i >= (int)x.count && i - k >= (int)y.count)
                return d;
        }
    }
    return -1;
}

/* The changes from the end to the start: kind per token, in reverse. */
static void trace(struct tokens x, struct tokens y, int **reach, int steps, enum diff_kind *kinds,
                  size_t *n)
{
    int i = (int)x.count, j = (int)y.count;

    for (int d = steps; d > 0; d--) {
        int k = i - j;
        bool down = k == -d || (k != d && reach[d - 1][k - 1 + d - 1] < reach[d - 1][k + d]);
        int before = down ? reach[d - 1][k + d] : reach[d - 1][k - 1 + d - 1];
        int start = down ? before : before + 1; /* where the run of equal words began */

        for (; i > start; i--, j--)
            kinds[(*n)++] = DIFF_SAME;
        kinds[(*n)++] = down ? DIFF_NEW : DIFF_GONE;
        if (down)
            j--;
        else
            i--;
    }
    for (; i > 0; i--)
        kinds[(*n)++] = DIFF_SAME;
}

/* A run of changes tells first what is gone, then what is new. */
static void put_changes(struct pieces *out, const struct token **x, size_t gone,
                        const struct token **y, size_t added)
{
    for (; gone; gone--)
        add(out, DIFF_GONE, (*x)++);
    for (; added; added--)
        add(out, DIFF_NEW, (*y)++);
}

static void middle(struct arena *a, struct tokens x, struct tokens y, struct pieces *out)
{
    int **reach = NEW_ARRAY(a, int *, STEPS_MOST + 1);
    enum diff_kind *kinds = NEW_ARRAY(a, enum diff_kind, x.count + y.count + 1);
    const struct token *left = x.list, *right = y.list;
    size_t n = 0, gone = 0, added = 0;
    int steps = walk(a, x, y, reach);

    if (steps < 0) {
        put_changes(out, &left, x.count, &right, y.count);
        return;
    }
    trace(x, y, reach, steps, kinds, &n);
    while (n) {
        enum diff_kind kind = kinds[--n];

        gone += kind == DIFF_GONE;
        added += kind == DIFF_NEW;
        if (kind != DIFF_SAME)
            continue;
        put_changes(out, &left, gone, &right, added);
        gone = added = 0;
        add(out, DIFF_SAME, left++);
        right++;
    }
    put_changes(out, &left, gone, &right, added);
}

struct diff_piece *diff_words(struct arena *a, const char *before, const char *after, size_t *count)
{
    struct tokens x = cut(a, before), y = cut(a, after);
    struct pieces out = {.list = NEW_ARRAY(a, struct diff_piece, x.count + y.count + 1)};
    size_t first = 0, last = 0, least = x.count < y.count ? x.count : y.count;

    while (first < least && same(&x.list[first], &y.list[first]))
        add(&out, DIFF_SAME, &x.list[first++]);
    while (last < least - first && same(&x.list[x.count - 1 - last], &y.list[y.count - 1 - last]))
        last++;
    middle(a, (struct tokens){x.list + first, x.count - first - last},
           (struct tokens){y.list + first, y.count - first - last}, &out);
    for (; last; last--)
        add(&out, DIFF_SAME, &x.list[x.count - last]);
    *count = out.count;
    return out.list;
}
