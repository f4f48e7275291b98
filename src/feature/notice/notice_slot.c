/* SPDX-License-Identifier: Apache-2.0 */
/* When mail may go: digests at their hour, nothing in quiet hours, all in the reader's time zone.
 * Time is walked hour by hour, so days with 23 or 25 hours need no rule of their own. */
#include "base/clock.h"
#include "base/text.h"
#include "feature/notice/notice_part.h"

#define HOURS_MOST (24 * 15)

struct local {
    int hour, minute, weekday; /* 0 = Monday */
};

static struct local local_of(struct arena *a, const char *zone, i64 at)
{
    const char *text = clock_text(a, at, zone); /* 2026-03-01 14:05 */
    struct local l = {.hour = (text[11] - '0') * 10 + text[12] - '0',
                      .minute = (text[14] - '0') * 10 + text[15] - '0'};
    i64 days = date_days("1970-01-05", arena_strn(a, text, 10)) % 7;

    l.weekday = (int)(days < 0 ? days + 7 : days);
    return l;
}

static bool is_quiet(const struct hours *h, const struct local *l)
{
    if (h->quiet_weekend && l->weekday >= 5)
        return true;
    if (h->quiet_from < 0 || h->quiet_from == h->quiet_until)
        return false;
    if (h->quiet_from < h->quiet_until)
        return l->hour >= h->quiet_from && l->hour < h->quiet_until;
    return l->hour >= h->quiet_from || l->hour < h->quiet_until;
}

static bool is_digest(const struct hours *h, const char *how, const struct local *l)
{
    if (l->hour != h->digest_hour)
        return false;
    return !text_equal(how, "week") || l->weekday == 0;
}

i64 notice_slot(const struct hours *h, const char *how, const char *zone, i64 at)
{
    bool digest = text_equal(how, "day") || text_equal(how, "week");
    struct arena *a = arena_new(0);

    for (int i = 0; i < HOURS_MOST; i++) {
        struct local l = local_of(a, zone, at);
        bool begins = i > 0 || l.minute == 0; /* the digest's hour, not in the middle of it */

        if (digest && begins && is_digest(h, how, &l))
            digest = false;
        if (!digest && !is_quiet(h, &l))
            break;
        at = at / MINUTE * MINUTE + (60 - l.minute) * MINUTE;
        arena_reset(a);
    }
    arena_free(a);
    return at;
}
