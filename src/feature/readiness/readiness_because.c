/* SPDX-License-Identifier: Apache-2.0 */
/* Reasons that a rule composes in SQL ("was due on 2026-01-05") in the reader's language: the text
 * is held against the sentences below, and what stands at their gaps is put into the translated
 * one. A reason without gaps is translated as it is; one that fits nothing stays English. */
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "base/words.h"
#include "feature/readiness/readiness_part.h"

#define GAPS 4

/* Of those that begin alike, the longer one first. */
static const char *const sentences[] = {
    N_("%s: neither recorded nor put aside with a reason"),
    N_("%s left but holds this role"),
    N_("%s left but owns this risk"),
    N_("%s left but owns this asset"),
    N_("%s left but owns this control"),
    N_("%s left but owns this requirement"),
    N_("%s left but has this task"),
    N_("%s level %s has no usable description"),
    N_("likelihood %s, elsewhere from %s to %s, and no reason is given"),
    N_("no threat of the family “%s” is used or put aside"),
    N_("level %s, acceptance level %s, no treatment"),
    N_("accepted until %s"),
    N_("retained until %s"),
    N_("was due on %s and is still open"),
    N_("was due on %s"),
    N_("the newest one, begun on %s, is older than a year"),
    N_("its level was last confirmed on %s"),
    N_("last reviewed on %s"),
    N_("no handling rule for %s"),
    N_("no labelling rule for %s"),
};

/* What stands at the gaps of `sentence` in `text`; false when it does not fit. */
static bool fits(struct arena *a, const char *sentence, const char *text, const char *gaps[GAPS])
{
    const char *gap = strstr(sentence, "%s"), *end;

    for (size_t n = 0; gap; n++) {
        size_t before = (size_t)(gap - sentence), size;
        const char *rest = gap + 2, *next = strstr(rest, "%s");
        const char *until = arena_strn(a, rest, next ? (size_t)(next - rest) : strlen(rest));

        if (n == GAPS || strncmp(text, sentence, before) != 0)
            return false;
        text += before;
        size = strlen(text);
        if (next)
            end = strstr(text, until);
        else
            end = size >= strlen(until) ? text + size - strlen(until) : NULL;
        if (!end || end == text || (!next && strcmp(end, until) != 0))
            return false;
        gaps[n] = arena_strn(a, text, (size_t)(end - text));
        text = end;
        sentence = rest;
        gap = next;
    }
    return true;
}

static const char *filled(struct arena *a, const char *sentence, const char *const gaps[GAPS])
{
    const char *gap;
    struct buf b;

    buf_init(&b, a, 120);
    for (size_t n = 0; (gap = strstr(sentence, "%s")) && n < GAPS; n++) {
        buf_add(&b, sentence, (size_t)(gap - sentence));
        buf_str(&b, words_date(a, tr(gaps[n])));
        sentence = gap + 2;
    }
    buf_str(&b, sentence);
    return b.data;
}

const char *readiness_because(struct arena *a, const char *text)
{
    const char *gaps[GAPS] = {NULL};
    const char *whole;

    if (!words_used())
        return text;
    whole = tr_find(text, strlen(text));
    for (size_t i = 0; !whole && i < COUNT_OF(sentences); i++)
        if (fits(a, sentences[i], text, gaps))
            return filled(a, tr(sentences[i]), gaps);
    return whole ? whole : text;
}
