/* SPDX-License-Identifier: Apache-2.0 */
/* Text of people on a page: the numbers of records in it lead to those records. */
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "core/entity_sql.h"
#include "core/page.h"

#define LINKS_MOST 30 /* more numbers in one text stay text */
#define DIGITS_MOST 12

static bool joins(char c)
{
    return isalnum((unsigned char)c) || c == '-' || c == '_' || c == '/' ||
           (unsigned char)c >= 0x80;
}

/* The length of a number like "R-42" at `p`, 0 when there is none; capital letters only, so that
 * "tls-1" and "co-2" stay words. */
static size_t number_at(const char *text, const char *p)
{
    const char *start = p;
    size_t digits = 0;

    if (p > text && joins(p[-1]))
        return 0;
    while (*p >= 'A' && *p <= 'Z')
        p++;
    if (p == start || p - start > 8 || *p != '-')
        return 0;
    for (p++; isdigit((unsigned char)*p); p++)
        digits++;
    if (!digits || digits > DIGITS_MOST || joins(*p) || (*p == '.' && isdigit((unsigned char)p[1])))
        return 0;
    return (size_t)(p - start);
}

/* The record with this number, if it is there and this person may see it. */
static struct err *find_number(struct web *w, const char *label, struct record_head *out)
{
    const char *dash = strchr(label, '-');
    const struct entity *e =
        feature_entity_prefix(arena_strn(w->arena, label, (size_t)(dash - label)));
    struct rows *r;
    i64 n;

    *out = (struct record_head){.hidden = true};
    if (!e || e->site || !text_i64(dash + 1, &n))
        return NULL;
    TRY(db_query(w->db, &r, "select id from record where org_id = $1 and kind = $2 and number = $3",
                 num(w->org), str(e->name), num(n)));
    return row_next(r) ? record_head(w, row_num(r, 0), out) : NULL;
}

static struct err *draw_number(struct web *w, const char *label)
{
    struct record_head head;
    const char *address;

    TRY(find_number(w, label, &head));
    address = record_head_url(w, &head);
    if (address)
        html(w->html, "<a href='%s' title='%s'>%s</a>", address, head.title, label);
    else
        html(w->html, "%s", label);
    return NULL;
}

struct err *html_record_text(struct web *w, const char *text)
{
    const char *from = text ? text : "";
    size_t links = 0;

    for (const char *p = from; *p;) {
        size_t n = *p >= 'A' && *p <= 'Z' && links < LINKS_MOST ? number_at(text, p) : 0;

        if (!n) {
            p++;
            continue;
        }
        html_lines(w->html, arena_strn(w->arena, from, (size_t)(p - from)));
        TRY(draw_number(w, arena_strn(w->arena, p, n)));
        links++;
        from = p += n;
    }
    html_lines(w->html, from);
    return NULL;
}
