/* SPDX-License-Identifier: Apache-2.0 */
/* The calendar: a month on a wide screen, a list of days on a narrow one and on paper. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/page.h"
#include "feature/calendar/calendar_part.h"

#define SHOWN 4 /* of a day in the month */
#define KINDS_MOST 32

static const char *const months[] = {
    N_("January"), N_("February"), N_("March"),     N_("April"),   N_("May"),      N_("June"),
    N_("July"),    N_("August"),   N_("September"), N_("October"), N_("November"), N_("December")};
static const char *const weekdays[] = {N_("Monday"),   N_("Tuesday"), N_("Wednesday"),
                                       N_("Thursday"), N_("Friday"),  N_("Saturday"),
                                       N_("Sunday")};

struct kind {
    const char *name, *label;
};

struct calendar {
    struct work_list list;
    const char *month;     /* first day */
    const char *from, *to; /* what is shown */
    const char *kind;      /* only these, or NULL */
    const char *day;       /* agenda of one day, or NULL */
    bool mine, agenda;
    struct kind kinds[KINDS_MOST];
    size_t nkinds;
};

/* 0 = Monday. */
static int weekday(const char *date)
{
    return (int)((date_days("1970-01-05", date) % 7 + 7) % 7);
}

/* --- what is asked for --- */

static struct err *read_month(struct web *w, struct calendar *c)
{
    const char *month = web_query(w, "month"), *day = web_query(w, "day");

    if (!text_empty(day)) {
        if (!date_valid(day) || strcmp(day, "1900-02-01") < 0 || strcmp(day, "2900-01-01") > 0)
            return err_new(ERR_BAD, "“%.20s” is not a day like 2026-03-01.", day);
        c->day = day;
        c->agenda = true;
        month = arena_strn(w->arena, day, 7);
    }
    if (text_empty(month))
        month = arena_strn(w->arena, w->today, 7);
    c->month = arena_printf(w->arena, "%s-01", month);
    if (strlen(month) != 7 || !date_valid(c->month) || strcmp(month, "1900-02") < 0 ||
        strcmp(month, "2900-01") > 0)
        return err_new(ERR_BAD, "“%.20s” is not a month like 2026-03.", month);
    return NULL;
}

static struct err *read_query(struct web *w, struct calendar *c)
{
    *c = (struct calendar){.kind = web_query(w, "kind"),
                           .mine = web_query(w, "mine") != NULL,
                           .agenda = text_equal(web_query(w, "view"), "agenda")};
    if (text_empty(c->kind))
        c->kind = NULL;
    TRY(read_month(w, c));
    c->from = c->day ? c->day : c->month;
    c->to = c->day ? c->day : date_add(w->arena, date_add(w->arena, c->month, 1, 0), 0, -1);
    return NULL;
}

static void note_kind(struct calendar *c, const struct work_item *item)
{
    for (size_t i = 0; i < c->nkinds; i++)
        if (text_equal(c->kinds[i].name, item->kind))
            return;
    if (c->nkinds < KINDS_MOST)
        c->kinds[c->nkinds++] = (struct kind){item->kind, item->kind_label};
}

static struct err *gather(struct web *w, struct calendar *c)
{
    size_t kept = 0;

    TRY(work_days(w, c->from, c->to, c->mine, &c->list));
    for (size_t i = 0; i < c->list.count; i++) {
        note_kind(c, &c->list.list[i]);
        if (!c->kind || text_equal(c->kind, c->list.list[i].kind))
            c->list.list[kept++] = c->list.list[i];
    }
    c->list.count = kept;
    return work_names(&c->list);
}

/* --- addresses --- */

static const char *month_of(struct web *w, const struct calendar *c, int move)
{
    return arena_strn(w->arena, date_add(w->arena, c->month, move, 0), 7);
}

static const char *address(struct web *w, const struct calendar *c, const char *month,
                           const char *kind, bool agenda)
{
    return web_url(w, "/calendar?month=%s%s%s%s%s", month, agenda ? "&view=agenda" : "",
                   c->mine ? "&mine=1" : "", kind ? "&kind=" : "",
                   kind ? text_url(w->arena, kind) : "");
}

static const char *day_address(struct web *w, const struct calendar *c, const char *day)
{
    return web_url(w, "/calendar?day=%s%s%s%s", day, c->mine ? "&mine=1" : "",
                   c->kind ? "&kind=" : "", c->kind ? text_url(w->arena, c->kind) : "");
}

/* --- drawing --- */

static void draw_filters(struct web *w, const struct calendar *c)
{
    const char *month = month_of(w, c, 0);
    struct calendar other = *c;
    struct html *h = w->html;

    other.mine = !c->mine;
    html(h, "<div class='filter-bar'><a class='filter' href='%s'%s>{Only mine}</a> ",
         address(w, &other, month, c->kind, c->agenda), c->mine ? " aria-current=true" : "");
    html(h, "<a class='filter' href='%s'%s>{All kinds}</a> ", address(w, c, month, NULL, c->agenda),
         c->kind ? "" : " aria-current=true");
    for (size_t i = 0; i < c->nkinds; i++)
        html(h, "<a class='filter' href='%s'%s>%s</a> ",
             address(w, c, month, c->kinds[i].name, c->agenda),
             text_equal(c->kind, c->kinds[i].name) ? " aria-current=true" : "",
             tr(c->kinds[i].label));
    html(h, "</div>");
}

static void draw_turns(struct web *w, const struct calendar *c)
{
    struct html *h = w->html;

    html(h,
         "<div class='calendar-turn'><a class='btn' href='%s' data-key='p'>{Previous month}</a> "
         "<a class='btn' href='%s' data-key='t'>{This month}</a> <a class='btn' href='%s' "
         "data-key='n'>{Next month}</a> ",
         address(w, c, month_of(w, c, -1), c->kind, c->agenda),
         address(w, c, arena_strn(w->arena, w->today, 7), c->kind, c->agenda),
         address(w, c, month_of(w, c, 1), c->kind, c->agenda));
    html(h, "<a class='btn' href='%s' data-key='v'>%s</a></div>",
         address(w, c, month_of(w, c, 0), c->kind, !c->agenda),
         c->agenda ? tr("As a month") : tr("As a list"));
}

static const char *item_class(const struct web *w, const struct work_item *item)
{
    if (item->over)
        return "over";
    if (item->planned)
        return "planned";
    if (item->dated != DATED_EVENT && item->date && strcmp(item->date, w->today) < 0)
        return "late";
    return item->dated == DATED_DUE ? "due" : "other";
}

static void draw_item(struct web *w, const struct work_item *item, bool full)
{
    struct html *h = w->html;

    html(h, "<a class='calendar-item %s' href='%s'>", item_class(w, item), item->address);
    if (item->entity)
        html(h, "<span class='record-number'>%s-%lld</span> ", item->entity->prefix, item->number);
    html(h, "%s<span class='%s'> · %s", item->title, full ? "mute" : "visually-hidden",
         tr(item->what));
    if (item->over)
        html(h, " · {done}");
    if (item->planned)
        html(h, " · {planned}");
    if (full && !text_empty(item->person_name))
        html(h, " · %s", item->person_name);
    html(h, "</span></a>");
}

/* The items of a day; the list is in order of days. */
static size_t first_of(const struct calendar *c, const char *day, size_t from)
{
    while (from < c->list.count && strcmp(c->list.list[from].date, day) < 0)
        from++;
    return from;
}

static size_t draw_day(struct web *w, const struct calendar *c, const char *day, size_t at)
{
    struct html *h = w->html;
    size_t first = first_of(c, day, at), end = first;

    while (end < c->list.count && text_equal(c->list.list[end].date, day))
        end++;
    html(h, "<td class='%s%s'><a class='calendar-day' href='%s' aria-label='%s'>%d</a>",
         text_equal(day, w->today) ? "today" : "", first == end ? " none" : "",
         day_address(w, c, day), words_date(w->arena, day), (day[8] - '0') * 10 + day[9] - '0');
    for (size_t i = first; i < end && i < first + SHOWN; i++)
        draw_item(w, &c->list.list[i], false);
    if (end - first > SHOWN)
        html(h, "<a class='calendar-more' href='%s'>{+%zu more}</a>", day_address(w, c, day),
             end - first - SHOWN);
    html(h, "</td>");
    return end;
}

static void draw_month(struct web *w, const struct calendar *c)
{
    struct html *h = w->html;
    const char *day = c->month;
    size_t at = 0;

    html(h, "<table class='calendar'><caption class='visually-hidden'>{The month}</caption><thead>"
            "<tr>");
    for (size_t i = 0; i < COUNT_OF(weekdays); i++)
        html(h, "<th scope='col'>%s</th>", tr(weekdays[i]));
    html(h, "</tr></thead><tbody><tr>");
    for (int i = 0; i < weekday(day); i++)
        html(h, "<td class='outside none'></td>");
    while (strcmp(day, c->to) <= 0) {
        if (weekday(day) == 0 && strcmp(day, c->month) != 0)
            html(h, "</tr><tr>");
        at = draw_day(w, c, day, at);
        day = date_add(w->arena, day, 0, 1);
    }
    for (int i = weekday(day); i > 0 && i < 7; i++)
        html(h, "<td class='outside none'></td>");
    html(h, "</tr></tbody></table>");
}

static void draw_agenda(struct web *w, const struct calendar *c)
{
    struct html *h = w->html;
    const char *day = "";

    html(h, "<div class='agenda'>");
    for (size_t i = 0; i < c->list.count; i++) {
        const struct work_item *item = &c->list.list[i];

        if (!text_equal(item->date, day) && *day)
            html(h, "</section>");
        if (!text_equal(item->date, day))
            html(h, "<section><h3>%s, %s</h3>", tr(weekdays[weekday(item->date)]),
                 words_date(w->arena, item->date));
        day = item->date;
        draw_item(w, item, true);
    }
    if (*day)
        html(h, "</section>");
    html(h, "</div>");
}

static void draw_body(struct web *w, const struct calendar *c)
{
    if (c->list.more)
        page_notice(w, "info", "There is more than fits here. Choose one kind to see more of it.");
    if (!c->list.count)
        page_empty(w,
                   "Nothing has its day here. Due dates of tasks and actions, reviews, and what "
                   "expires will stand here by themselves.",
                   NULL, NULL);
    else if (c->agenda)
        draw_agenda(w, c);
    else
        draw_month(w, c);
}

struct err *calendar_page(struct web *w)
{
    struct calendar c;
    int month;

    TRY(read_query(w, &c));
    TRY(gather(w, &c));
    month = (c.month[5] - '0') * 10 + c.month[6] - '0';
    page_begin(w, "", "Calendar");
    page_help(w,
              "Everything with a day that you may see: tasks and actions that are due, reviews, "
              "what expires. Choose a day to see all of it; p, n and t turn the months.",
              "9.1");
    page_action(w, "default", web_url(w, "/calendar/feeds"), "In my own calendar");
    page_body(w);
    draw_turns(w, &c);
    draw_filters(w, &c);
    card_begin(w,
               c.day ? words_date(w->arena, c.day)
                     : arena_printf(w->arena, "%s %.4s", tr(months[month - 1]), c.month),
               NULL);
    draw_body(w, &c);
    card_end(w);
    page_end(w);
    return NULL;
}

/* --- tables --- */

/* clang-format off */
static const struct route routes[] = {
    {METHOD_GET, "/calendar", calendar_page, &member, 0, NULL, NULL},
    {METHOD_GET, "/calendar/feeds", feeds_page, &member, 0, NULL, NULL},
    {METHOD_POST, "/calendar/feeds", feed_create, &member, 0, NULL, NULL},
    {METHOD_POST, "/calendar/feeds/:feed/remove", feed_remove, &member, 0, NULL, NULL},
    {METHOD_GET, "/feeds/:token", feed_get, &anyone, ROUTE_SITE, NULL, NULL},
    {0},
};
/* clang-format on */

static const struct nav nav[] = {
    {"",          4, "Calendar", "/calendar", "calendar", &member, NULL},
    {0},
};

const struct feature calendar_feature = {.name = "calendar", .routes = routes, .nav = nav};
