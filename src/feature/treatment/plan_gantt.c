/* SPDX-License-Identifier: Apache-2.0 */
/* The plan along the calendar: a bar for each action, arrows for what waits for what, a line for
 * today. Whoever does not see the picture has the same days in a table below it. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/page.h"
#include "feature/treatment/treatment_web.h"

#define WIDTH 1100
#define LABELS 330 /* width of the titles at the left */
#define ROW 26
#define HEAD 34
#define TITLE_MOST 44

struct chart {
    struct web *w;
    const struct plan_rows *rows;
    const char *from; /* first day */
    i64 days;
    int height;
};

static const char *first_day(const struct action *a)
{
    return a->start ? a->start : a->due;
}

static const char *last_day(const struct action *a)
{
    return a->due ? a->due : a->start;
}

static int x_of(const struct chart *c, const char *day)
{
    i64 at = date_days(c->from, day);

    return LABELS + (int)((WIDTH - LABELS - 20) * at / (c->days ? c->days : 1));
}

static int y_of(size_t row)
{
    return HEAD + (int)row * ROW + ROW / 2;
}

/* From the first of the month of the earliest day to the end of the last one's. */
static void measure(struct chart *c)
{
    const char *low = c->w->today, *high = c->w->today;
    char *month;

    for (size_t i = 0; i < c->rows->count; i++) {
        const struct action *a = c->rows->list[i].action;

        if (!last_day(a))
            continue;
        if (strcmp(first_day(a), low) < 0)
            low = first_day(a);
        if (strcmp(last_day(a), high) > 0)
            high = last_day(a);
    }
    month = arena_str(c->w->arena, low);
    month[8] = '0';
    month[9] = '1';
    c->from = month;
    c->days = date_days(month, high) + 14;
    c->height = HEAD + (int)c->rows->count * ROW + 8;
}

/* At most about a dozen lines: months, quarters or years. */
static void draw_months(const struct chart *c)
{
    int step = c->days > 3000 ? 24 : c->days > 1300 ? 12 : c->days > 420 ? 3 : 1;
    struct html *h = c->w->html;

    for (const char *day = c->from; date_days(c->from, day) < c->days;
         day = date_add(c->w->arena, day, step, 0)) {
        int x = x_of(c, day);

        html(h, "<line class='gantt-month' x1='%d' y1='20' x2='%d' y2='%d'/>", x, x, c->height);
        html(h, "<text class='gantt-day' x='%d' y='14'>%s</text>", x + 3,
             arena_strn(c->w->arena, day, step >= 12 ? 4 : 7));
    }
}

static const char *cut(struct web *w, const char *text)
{
    size_t n = 0;

    for (const char *p = text; *p; p++)
        if (((unsigned char)*p & 0xC0) != 0x80 && ++n > TITLE_MOST)
            return arena_printf(w->arena, "%s…", arena_strn(w->arena, text, (size_t)(p - text)));
    return text;
}

static const char *look_of(const struct plan_row *row)
{
    return text_equal(row->action->status, "done")          ? "done"
           : row->late                                      ? "late"
           : text_equal(row->action->status, "in-progress") ? "now"
                                                            : "plan";
}

static void draw_bar(const struct chart *c, size_t i)
{
    const struct plan_row *row = &c->rows->list[i];
    const struct action *a = row->action;
    struct html *h = c->w->html;
    int x, width, y = y_of(i);

    html(h, "<text class='gantt-title' x='4' y='%d'>%s</text>", y + 4,
         cut(c->w, arena_printf(c->w->arena, "AC-%lld %s", a->number, a->title)));
    html(h, "<line class='gantt-row' x1='0' y1='%d' x2='%d' y2='%d'/>", y + ROW / 2, WIDTH,
         y + ROW / 2);
    if (!last_day(a))
        return;
    x = x_of(c, first_day(a));
    width = x_of(c, last_day(a)) - x;
    if (!a->start || width < 4) { /* a day, not a span */
        x = x_of(c, last_day(a));
        html(h, "<path class='gantt-%s' d='M%d %dl7 7l-7 7l-7 -7z'/>", look_of(row), x, y - 7);
        return;
    }
    html(h, "<rect class='gantt-%s' x='%d' y='%d' width='%d' height='14' rx='3'/>", look_of(row), x,
         y - 7, width);
    if (a->progress > 0 && a->progress < 100)
        html(h, "<rect class='gantt-part' x='%d' y='%d' width='%d' height='4'/>", x, y + 3,
             (int)(width * a->progress / 100));
}

/* From the end of what comes first to the beginning of what waits. Red when the days clash. */
static void draw_arrow(const struct chart *c, size_t first, size_t then)
{
    const struct action *a = c->rows->list[first].action, *b = c->rows->list[then].action;
    int x1, x2, y1 = y_of(first), y2 = y_of(then);
    bool clash;

    if (!last_day(a) || !last_day(b))
        return;
    clash = strcmp(last_day(a), first_day(b)) > 0;
    x1 = x_of(c, last_day(a));
    x2 = x_of(c, first_day(b));
    html(c->w->html,
         "<path class='gantt-arrow%s' d='M%d %dh6V%dH%d'/><path class='gantt-tip%s' d='M%d "
         "%dl-6 -4v8z'/>",
         clash ? " clash" : "", x1, y1, y2, x2 - 4, clash ? " clash" : "", x2 - 1, y2);
}

static void draw_arrows(const struct chart *c)
{
    for (size_t i = 0; i < c->rows->count; i++) {
        const struct ids *needs = &c->rows->list[i].action->needs;

        for (size_t n = 0; n < needs->count; n++)
            for (size_t k = 0; k < c->rows->count; k++)
                if (c->rows->list[k].action->id == needs->id[n])
                    draw_arrow(c, k, i);
    }
}

static void draw_picture(const struct chart *c)
{
    struct html *h = c->w->html;
    int today = x_of(c, c->w->today);
    size_t late = 0;

    for (size_t i = 0; i < c->rows->count; i++)
        late += c->rows->list[i].late;
    html(h,
         "<div class='gantt-frame' tabindex='0' role='region' aria-label='{Plan along the "
         "calendar}'><svg class='gantt' viewBox='0 0 %d %d' width='%d' height='%d' "
         "role='img'><title>{Plan along the calendar}</title><desc>{%zu actions on this page, %zu "
         "of them late. The table below has all days.}</desc>",
         WIDTH, c->height, WIDTH, c->height, c->rows->count, late);
    draw_months(c);
    for (size_t i = 0; i < c->rows->count; i++)
        draw_bar(c, i);
    draw_arrows(c);
    html(h,
         "<line class='gantt-today' x1='%d' y1='20' x2='%d' y2='%d'/><text class='gantt-now' "
         "x='%d' y='30'>{today}</text></svg></div>",
         today, today, c->height, today + 4);
    html(h, "<ul class='gantt-legend'><li class='plan'>{Planned}</li><li class='now'>{In progress}"
            "</li><li class='late'>{Late}</li><li class='done'>{Done}</li></ul>");
}

/* --- the same as a table --- */

static const char *needed(const struct chart *c, const struct action *a)
{
    struct buf b;

    buf_init(&b, c->w->arena, 32);
    for (size_t n = 0; n < a->needs.count; n++)
        for (size_t k = 0; k < c->rows->count; k++)
            if (c->rows->list[k].action->id == a->needs.id[n])
                buf_printf(&b, "%sAC-%lld", b.size ? ", " : "", c->rows->list[k].action->number);
    return b.size ? b.data : a->needs.count ? tr("not on this page") : "—";
}

static void draw_days(const struct chart *c)
{
    struct arena *m = c->w->arena;
    struct html *h = c->w->html;

    html(h, "<div class='table-responsive'><table class='table list'><caption "
            "class='visually-hidden'>{Actions with their days}</caption><thead><tr><th "
            "scope='col'>{Action}</th><th scope='col'>{Start}</th><th scope='col'>{Due}</th><th "
            "scope='col'>{Waits for}</th><th scope='col'>{Who}</th><th scope='col' "
            "class='num'>{Done}</th></tr></thead><tbody>");
    for (size_t i = 0; i < c->rows->count; i++) {
        const struct plan_row *row = &c->rows->list[i];
        const struct action *a = row->action;

        html(h,
             "<tr><td class='list-main'><a href='%s'><span class='record-number'>AC-%lld</span> "
             "%s</a></td><td class='text-nowrap' data-label='{Start}'>%s</td>",
             web_record_url(c->w, &action_entity, a->number), a->number, a->title,
             a->start ? words_date(m, a->start) : "—");
        html(h, "<td data-label='{Due}'>");
        page_day(c->w, a->due ? words_date(m, a->due) : "—", DATED_DUE, row->late);
        html(h,
             "</td><td data-label='{Waits for}'>%s</td><td data-label='{Who}'>%s</td><td "
             "class='num' data-label='{Done}'>%lld %%</td></tr>",
             needed(c, a), *row->owner ? row->owner : "—", a->progress);
    }
    html(h, "</tbody></table></div>");
}

void plan_gantt_draw(struct web *w, const struct plan_rows *rows)
{
    struct chart c = {.w = w, .rows = rows};

    if (!rows->count)
        return;
    measure(&c);
    draw_picture(&c);
    draw_days(&c);
}
