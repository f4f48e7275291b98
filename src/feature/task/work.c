/* SPDX-License-Identifier: Apache-2.0 */
/* My work: everything that waits for this person, and what they gave to others, by urgency. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/page.h"
#include "feature/organisation/organisation.h"
#include "feature/task/task_part.h"

#define BULK_MOST 200
#define KINDS_MOST 32

enum group { LATE, TODAY, WEEK, LATER, WAITING, UNDATED, GROUPS };
static const char *const group_titles[] = {N_("Late"),  N_("Today"),   N_("In the next seven days"),
                                           N_("Later"), N_("Waiting"), N_("Without a day")};

struct kind {
    const char *name, *label;
    i64 count;
};

struct page {
    struct work_list list;
    struct kind kinds[KINDS_MOST];
    size_t nkinds;
    const char *kind; /* only these, or NULL */
    bool given;
    i64 counts[GROUPS];
    i64 other; /* how many there are on the other tab */
};

static enum group group_of(const struct web *w, const struct work_item *item)
{
    if (item->waiting)
        return WAITING;
    if (!item->date)
        return UNDATED;
    if (strcmp(item->date, w->today) < 0)
        return LATE;
    if (text_equal(item->date, w->today))
        return TODAY;
    return date_days(w->today, item->date) <= 7 ? WEEK : LATER;
}

static void count_kind(struct page *p, const struct work_item *item)
{
    size_t i = 0;

    while (i < p->nkinds && !text_equal(p->kinds[i].name, item->kind))
        i++;
    if (i == KINDS_MOST)
        return;
    if (i == p->nkinds)
        p->kinds[p->nkinds++] = (struct kind){item->kind, item->kind_label, 0};
    p->kinds[i].count++;
}

static struct err *gather(struct web *w, struct page *p)
{
    struct work_list other;

    p->kind = web_query(w, "kind");
    p->given = web_query(w, "given") != NULL;
    if (text_empty(p->kind))
        p->kind = NULL;
    TRY(work_open(w, w->person, !p->given, &other));
    p->other = (i64)other.count;
    TRY(work_open(w, w->person, p->given, &p->list));
    for (size_t i = 0; i < p->list.count; i++) {
        const struct work_item *item = &p->list.list[i];

        count_kind(p, item);
        if (!p->kind || text_equal(p->kind, item->kind))
            p->counts[group_of(w, item)]++;
    }
    return work_names(&p->list);
}

/* --- drawing --- */

static const char *page_url(struct web *w, const struct page *p, const char *kind)
{
    return web_url(w, "/work%s%s%s", p->given ? "?given=1" : "",
                   !kind      ? ""
                   : p->given ? "&kind="
                              : "?kind=",
                   kind ? text_url(w->arena, kind) : "");
}

static void draw_tab(struct web *w, const char *address, const char *title, i64 count, bool now)
{
    html(w->html,
         "<li class='nav-item'><a class='nav-link%s' href='%s'%s>%s <span class='badge "
         "ms-1'>% lld</span></a></li>",
         now ? " active" : "", address, now ? " aria-current=page" : "", tr(title), count);
}

static void draw_tabs(struct web *w, const struct page *p)
{
    i64 own = (i64)p->list.count;

    html(w->html, "<nav class='mb-3' aria-label='{Parts}'><ul class='nav nav-tabs'>");
    draw_tab(w, web_url(w, "/work"), tr("Given to me"), p->given ? p->other : own, !p->given);
    draw_tab(w, web_url(w, "/work?given=1"), tr("Given by me"), p->given ? own : p->other,
             p->given);
    html(w->html, "</ul></nav>");
}

static void draw_kinds(struct web *w, const struct page *p)
{
    struct html *h = w->html;

    if (p->nkinds < 2 && !p->kind)
        return;
    html(h, "<div class='filter-bar'><a class='filter' href='%s'%s>{All}</a> ",
         page_url(w, p, NULL), p->kind ? "" : " aria-current=true");
    for (size_t i = 0; i < p->nkinds; i++)
        html(h, "<a class='filter' href='%s'%s>%s <span class='mute'>% lld</span></a> ",
             page_url(w, p, p->kinds[i].name),
             text_equal(p->kind, p->kinds[i].name) ? " aria-current=true" : "",
             tr(p->kinds[i].label), p->kinds[i].count);
    html(h, "</div>");
}

static void draw_pick(struct web *w, const struct work_item *item)
{
    if (item->task)
        html(w->html,
             "<input class='form-check-input' type='checkbox' name='ids[]' value='%lld' data-pick "
             "aria-label='{Choose “%s”}'>",
             item->id, item->title);
}

static void draw_record_of(struct web *w, const struct work_item *item)
{
    struct html *h = w->html;

    if (text_empty(item->about_label))
        return;
    if (item->about_address)
        html(h, "<a href='%s'>%s %s</a> ", item->about_address, item->about_label, item->about);
    else
        html(h, "<span>%s %s</span> ", item->about_label, item->about);
}

static void draw_item(struct web *w, const struct page *p, const struct work_item *item)
{
    struct html *h = w->html;
    const char *who = p->given ? item->person_name : item->giver_name;
    bool late = item->date && strcmp(item->date, w->today) < 0;

    html(h, "<tr><td class='pick'>");
    draw_pick(w, item);
    html(h, "</td><td class='list-main'><a href='%s'>", item->address);
    if (item->entity)
        html(h, "<span class='record-number'>%s-%lld</span> ", item->entity->prefix, item->number);
    html(h, "%s</a><div class='list-sub'>", item->title);
    draw_record_of(w, item);
    if (item->waiting)
        html(h, "<span>{waits for: %s}</span>", item->waiting);
    html(h, "</div></td><td data-label='{Kind}'>%s</td><td data-label='", tr(item->kind_label));
    html(h, "%s'>%s</td>", p->given ? tr("With") : tr("From"), text_empty(who) ? "—" : who);
    html(h, "<td data-label='%s'>", tr(item->what));
    page_day(w, item->date ? words_date(w->arena, item->date) : "—", item->dated, late);
    html(h, "</td></tr>");
}

static void draw_group(struct web *w, const struct page *p, enum group group)
{
    struct html *h = w->html;

    if (!p->counts[group])
        return;
    html(h,
         "<section class='card mb-3'><div class='card-header'><h2 class='card-title%s'>%s</h2>"
         "<span class='mute'>% lld</span></div><div class='table-responsive'><table class='table "
         "list work'><caption class='visually-hidden'>%s</caption><thead class='visually-hidden'>"
         "<tr><th scope='col'>{Choose}</th><th scope='col'>{What}</th><th scope='col'>{Kind}</th>"
         "<th scope='col'>{Who}</th><th scope='col'>{Day}</th></tr></thead><tbody>",
         group == LATE ? " late" : "", tr(group_titles[group]), p->counts[group],
         tr(group_titles[group]));
    for (size_t i = 0; i < p->list.count; i++) {
        const struct work_item *item = &p->list.list[i];

        if (group_of(w, item) == group && (!p->kind || text_equal(p->kind, item->kind)))
            draw_item(w, p, item);
    }
    html(h, "</tbody></table></div></section>");
}

static struct err *draw_bulk(struct web *w)
{
    struct html *h = w->html;

    html(h, "<div class='bulk-bar work-bulk' data-bulk><span class='js-only'><strong data-picked>0"
            "</strong> {chosen}</span><button class='btn btn-primary' type='submit' "
            "name='verb' value='done'>{Mark as done}</button>");
    TRY(people_draw(w, &(struct people_choice){.name = "assignee",
                                               .label = "Hand over to",
                                               .nobody = tr("Choose somebody")}));
    html(h,
         "<div><label class='form-label' for='f-note'>{A word with it}</label><input "
         "class='form-control' id='f-note' name='note' maxlength='300'></div><button class='btn' "
         "type='submit' name='verb' value='give'>{Hand over}</button></div>");
    return NULL;
}

static void draw_empty(struct web *w, const struct page *p)
{
    card_begin(w, NULL, NULL);
    if (p->kind)
        page_empty(w, "Nothing of this kind waits.", page_url(w, p, NULL), "Show everything");
    else if (p->given)
        page_empty(
            w,
            "Nothing that you gave to others is open. Give a task on the page of any record, "
            "or here.",
            web_may(w, &task_write) ? web_url(w, "/tasks/new") : NULL, "New task");
    else
        page_empty(w,
                   "Nothing waits for you. Tasks that others give you, decisions, reviews and "
                   "actions of the treatment plan will stand here by themselves.",
                   NULL, NULL);
    card_end(w);
}

struct err *work_page(struct web *w)
{
    struct page p = {0};
    i64 shown = 0;

    TRY(gather(w, &p));
    page_begin(w, "", "My work");
    page_help(
        w,
        "What waits for you, whatever register it belongs to: the most urgent first. Given by "
        "me is what you asked of others and what they have not finished.",
        "5.3");
    page_action(w, "default", web_url(w, "/drafts"), "Drafts");
    if (page_offers(w, web_url(w, "/calendar")))
        page_action(w, "default", web_url(w, "/calendar?mine=1"), "Calendar");
    if (web_may(w, &task_write))
        page_action(w, "primary", web_url(w, "/tasks/new"), "New task");
    page_body(w);
    draw_tabs(w, &p);
    draw_kinds(w, &p);
    if (p.list.more)
        page_notice(w, "info",
                    "There is more than fits on this page. The lists of the registers "
                    "show everything.");
    for (int g = 0; g < GROUPS; g++)
        shown += p.counts[g];
    if (shown) {
        form_begin(w, web_url(w, "/work"), 0);
        html(w->html, "<input type='hidden' name='back' value='%s'>", page_url(w, &p, p.kind));
        for (int g = 0; g < GROUPS; g++)
            draw_group(w, &p, (enum group)g);
        TRY(draw_bulk(w));
        html(w->html, "</form>");
    } else {
        draw_empty(w, &p);
    }
    page_end(w);
    return NULL;
}

/* --- several at once: all or none --- */

struct bulk {
    i64 person; /* who gets them; 0 = they are done */
    const char *note;
};

static struct err *bulk_one(struct web *w, const struct bulk *b, i64 id)
{
    struct issues found = {.arena = w->arena};
    struct task t;

    TRY(entity_load(w, &task_entity, id, &t));
    if (b->person)
        TRY(task_give(w, &t, b->person, b->note, &found));
    else
        TRY(task_finish(w, &t, &found));
    if (found.count)
        return err_new(ERR_INVALID, "TA-%lld “%.60s”: %s Nothing was changed.", t.number, t.title,
                       found.list[0].text);
    return NULL;
}

static struct err *bulk_run(struct web *w, const struct bulk *b)
{
    const struct pairs *form = &w->req->form;
    const char *back = task_back(w, web_url(w, "/work"));
    size_t n = 0;

    for (size_t i = 0; i < form->count; i++) {
        i64 id;

        if (!text_equal(form->list[i].name, "ids[]") || !text_i64(form->list[i].value, &id))
            continue;
        if (++n > BULK_MOST)
            return err_new(ERR_INVALID, "Choose %d at most at once.", BULK_MOST);
        TRY(bulk_one(w, b, id));
    }
    if (!n)
        return err_new(ERR_INVALID, "Nothing was chosen. Tick the tasks first.");
    web_redirect(w, arena_printf(w->arena, "%s%cm=saved", back, strchr(back, '?') ? '&' : '?'));
    return NULL;
}

struct err *work_post(struct web *w)
{
    struct bulk b = {.note = web_form(w, "note")};

    if (text_equal(web_form(w, "verb"), "give")) {
        if (text_empty(web_form(w, "assignee")))
            return err_new(ERR_INVALID, "Choose who gets the tasks.");
        TRY(person_named(w, web_form(w, "assignee"), 0, &b.person));
    }
    return bulk_run(w, &b);
}
