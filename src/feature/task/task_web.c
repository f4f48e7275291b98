/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of tasks: the list, one task with its checklist and what one can do with it, the form. */
#include <string.h>

#include "base/rrule.h"
#include "base/text.h"
#include "base/words.h"
#include "core/page.h"
#include "feature/organisation/organisation.h"
#include "feature/task/task_part.h"

#define PEOPLE_SELECT 200 /* more people are a field with suggestions */
#define PEOPLE_MOST 500

const char *task_minutes(struct web *w, i64 minutes)
{
    i64 hours = minutes / 60, rest = minutes % 60;

    if (!minutes)
        return "";
    if (!hours)
        return arena_printf(w->arena, tr("%lld min"), rest);
    if (!rest)
        return arena_printf(w->arena, tr("%lld h"), hours);
    return arena_printf(w->arena, tr("%lld h %lld min"), hours, rest);
}

/* --- choosing a person --- */

static struct err *find_people(struct web *w, const struct people_choice *c, struct rows **out)
{
    if (web_may(w, &person_read))
        return db_query(w->db, out,
                        "select id, number, name from person where org_id = $1 and"
                        " (state = 'active' or id = $2) order by name, id limit $3",
                        num(w->org), num(c->chosen), num(PEOPLE_MOST));
    return db_query(w->db, out,
                    "select id, number, name from person where org_id = $1 and (id in ($2, $3) or"
                    " (id = $4 and state = 'active')) order by name, id",
                    num(w->org), num(w->person), num(c->chosen), num(c->known));
}

static void draw_options(struct web *w, struct rows *r, const struct people_choice *c)
{
    struct html *h = w->html;

    html(h, "<select class='form-select' id='f-%s' name='%s'>", c->name, c->name);
    if (c->nobody)
        html(h, "<option value=''>%s</option>", tr(c->nobody));
    while (row_next(r))
        html(h, "<option value='%lld'%s>%s</option>", row_num(r, 0),
             row_num(r, 0) == c->chosen ? " selected" : "", row_text(r, 2));
    html(h, "</select>");
}

static void draw_suggestions(struct web *w, struct rows *r, const struct people_choice *c)
{
    struct html *h = w->html;
    i64 number = 0;

    while (row_next(r))
        if (row_num(r, 0) == c->chosen)
            number = row_num(r, 1);
    row_rewind(r);
    html(h, "<input class='form-control' id='f-%s' name='%s' list='f-%s-list' autocomplete='off'",
         c->name, c->name, c->name);
    if (number)
        html(h, " value='P-%lld'", number);
    html(h, "><datalist id='f-%s-list'>", c->name);
    while (row_next(r))
        html(h, "<option value='P-%lld'>%s</option>", row_num(r, 1), row_text(r, 2));
    html(h, "</datalist>");
}

struct err *people_draw(struct web *w, const struct people_choice *c)
{
    struct rows *r;

    TRY(find_people(w, c, &r));
    html(w->html, "<div><label class='form-label' for='f-%s'>%s</label>", c->name, tr(c->label));
    if (row_count(r) <= PEOPLE_SELECT)
        draw_options(w, r, c);
    else
        draw_suggestions(w, r, c);
    html(w->html, "</div>");
    return NULL;
}

/* --- one line --- */

static void draw_tick(struct web *w, const struct task_line *l, const char *back)
{
    struct html *h = w->html;
    bool open = text_equal(l->status, "open") || text_equal(l->status, "waiting");

    if (!l->may_work) {
        html(h, "<span class='task-tick%s' aria-hidden='true'></span>", open ? "" : " on");
        return;
    }
    form_begin(w, web_url(w, "/tasks/TA-%lld/%s", l->number, open ? "done" : "reopen"), 0);
    html(h,
         "<input type='hidden' name='back' value='%s'><button class='task-tick%s' type='submit' "
         "aria-label='",
         back, open ? "" : " on");
    if (open)
        html(h, "{Mark “%s” as done}", l->title);
    else
        html(h, "{Open “%s” again}", l->title);
    html(h, "'></button></form>");
}

void task_draw_line(struct web *w, const struct task_line *l, const char *back)
{
    const struct choice *c = choice_find(task_statuses, l->status ? l->status : "");
    struct html *h = w->html;
    bool open = text_equal(l->status, "open") || text_equal(l->status, "waiting");

    html(h, "<li class='task-line'>");
    draw_tick(w, l, back);
    html(h, "<div><a href='%s'><span class='record-number'>TA-%lld</span> %s</a><div class='mute'>",
         web_url(w, "/tasks/TA-%lld", l->number), l->number, l->title);
    if (!text_empty(l->who))
        html(h, "<span>%s</span> ", l->who);
    if (l->due && open && w->today && strcmp(l->due, w->today) < 0)
        html(h, "<span class='late'>{late since %s}</span> ", words_date(w->arena, l->due));
    else if (l->due)
        html(h, "<span>{due %s}</span> ", words_date(w->arena, l->due));
    if (l->steps_total)
        html(h, "<span>{%lld of %lld steps}</span> ", l->steps_done, l->steps_total);
    if (l->repeats)
        html(h, "<span>{repeats}</span> ");
    if (l->blocked && open)
        html(h, "<span>{waits for %lld other task|waits for %lld other tasks}</span> ", l->blocked,
             l->blocked);
    if (text_equal(l->status, "waiting"))
        html(h, "<span>{waiting: %s}</span> ", l->waiting_for);
    if (c && !open)
        badge(w, c->tone, c->label);
    html(h, "</div></div></li>");
}

/* --- the page of a task --- */

static struct err *draw_about(struct web *w, const struct task *t)
{
    struct record_head head;
    struct rows *r;
    const char *address;

    if (!t->about)
        return NULL;
    TRY(record_head(w, t->about, &head));
    if (!head.entity)
        return NULL;
    /* Who is given a task sees what the record is called, even when they may not open it. */
    if (head.hidden && !head.removed) {
        TRY(db_query(w->db, &r, "select title from record where org_id = $1 and id = $2",
                     num(w->org), num(t->about)));
        head.title = row_next(r) ? row_text(r, 0) : "";
    }
    address = record_head_url(w, &head);
    html(w->html, "<p class='task-about'>{About} ");
    if (address)
        html(w->html, "<a href='%s'>%s</a></p>", address, record_head_text(w, &head));
    else
        html(w->html, "%s</p>", record_head_text(w, &head));
    return NULL;
}

static void draw_state(struct web *w, const struct task *t)
{
    const struct choice *c = choice_find(task_statuses, t->status);
    const struct choice *p = choice_find(task_priorities, t->priority);
    struct html *h = w->html;

    html(h, "<p class='task-state'>");
    badge(w, c ? c->tone : NULL, c ? c->label : t->status);
    badge(w, p ? p->tone : NULL, p ? p->label : t->priority);
    if (t->due && task_is_open(t) && strcmp(t->due, w->today) < 0)
        html(h, "<strong class='late'>{late since %s}</strong> ", words_date(w->arena, t->due));
    else if (t->due)
        html(h, "<span>{due %s}</span> ", words_date(w->arena, t->due));
    if (t->repeat)
        html(h, "<span class='mute'>{repeats: %s}</span> ", rrule_words(w->arena, t->repeat));
    if (t->next_on && !text_equal(t->repeat_from, "done"))
        html(h, "<span class='mute'>{the next one on %s}</span>", words_date(w->arena, t->next_on));
    html(h, "</p>");
    if (text_equal(t->status, "waiting"))
        page_notice(w, "yellow", "Waiting for: %s", t->waiting_for);
    if (text_equal(t->status, "cancelled"))
        page_notice(w, "grey", "Cancelled: %s", t->cancel_reason);
}

static void draw_step(struct web *w, const struct task *t, const struct task_step *s, bool may)
{
    struct html *h = w->html;

    html(h, "<li class='task-line'>");
    if (may) {
        form_begin(w, web_url(w, "/tasks/TA-%lld/step", t->number), 0);
        html(h,
             "<input type='hidden' name='step' value='%s'><button class='task-tick%s' name='done' "
             "value='%d' aria-pressed='%s' aria-label='%s'></button></form>",
             s->text, s->done ? " on" : "", !s->done, s->done ? "true" : "false", s->text);
    } else {
        html(h, "<span class='task-tick%s' aria-hidden='true'></span>", s->done ? " on" : "");
    }
    if (s->done)
        html(h, "<s class='mute'>%s</s></li>", s->text);
    else
        html(h, "<span>%s</span></li>", s->text);
}

static void draw_steps(struct web *w, const struct task *t, bool may)
{
    struct task_step *list;
    size_t n = steps_read(w->arena, t->steps ? t->steps : "", &list);
    struct html *h = w->html;

    if (!n && !may)
        return;
    html(h, "<h2 class='h3 mt-4'>{Checklist}</h2>");
    if (n)
        html(h, "<progress class='bar' max='%zu' value='%lld'>{%lld of %zu}</progress>", n,
             t->steps_done, t->steps_done, n);
    html(h, "<ul class='task-lines'>");
    for (size_t i = 0; i < n; i++)
        draw_step(w, t, &list[i], may);
    html(h, "</ul>");
    if (!may)
        return;
    form_begin(w, web_url(w, "/tasks/TA-%lld/steps", t->number), 0);
    html(h,
         "<div class='task-add'><input class='form-control' name='step' maxlength='300' required "
         "aria-label='{Next step}' placeholder='{Next step}'><button class='btn' type='submit'>"
         "{Add}</button></div></form>");
}

static struct err *draw_needs(struct web *w, const struct task *t)
{
    const char *back = web_url(w, "/tasks/TA-%lld", t->number);
    struct rows *r;

    if (!t->needs.count)
        return NULL;
    TRY(db_query(w->db, &r,
                 "select b.number, b.title, b.due, b.status, b.waiting_for, p.name, b.assignee,"
                 " b.given_by from task_needs l join task b on b.org_id = l.org_id and"
                 " b.id = l.target left join person p on p.org_id = b.org_id and p.id = b.assignee"
                 " where l.org_id = $1 and l.record = $2 order by b.due, b.id",
                 num(w->org), num(t->id)));
    html(w->html, "<h2 class='h3 mt-4'>{Waits for these tasks}</h2><ul class='task-lines'>");
    while (row_next(r)) {
        struct task other = {.assignee = row_num(r, 6), .given_by = row_num(r, 7)};

        task_draw_line(w,
                       &(struct task_line){.number = row_num(r, 0),
                                           .title = row_text(r, 1),
                                           .due = row_str(r, 2),
                                           .status = row_str(r, 3),
                                           .waiting_for = row_str(r, 4),
                                           .who = row_str(r, 5),
                                           .may_work = !w->asof && task_may_work(w, &other)},
                       back);
    }
    html(w->html, "</ul>");
    return NULL;
}

/* --- what one can do --- */

static void folded_begin(struct web *w, const char *label, const char *address)
{
    html(w->html, "<details class='task-verb'><summary class='btn'>%s</summary>", tr(label));
    form_begin(w, address, 0);
}

static void folded_end(struct web *w, const char *button)
{
    html(w->html, "<button class='btn btn-primary' type='submit'>%s</button></form></details>",
         tr(button));
}

static struct err *draw_verbs(struct web *w, const struct task *t)
{
    const char *own = web_url(w, "/tasks/TA-%lld", t->number);
    struct html *h = w->html;

    card_begin(w, "What now?", NULL);
    html(h, "<div class='task-verbs'>");
    if (!task_is_open(t)) {
        form_button(w, arena_printf(w->arena, "%s/reopen", own), "", "Open it again", NULL, NULL);
        html(h, "</div>");
        card_end(w);
        return NULL;
    }
    form_button(w, arena_printf(w->arena, "%s/done", own), "primary", "Done", NULL, NULL);
    if (text_equal(t->status, "waiting"))
        form_button(w, arena_printf(w->arena, "%s/reopen", own), "", "It waits no longer", NULL,
                    NULL);
    folded_begin(w, tr("Wait for …"), arena_printf(w->arena, "%s/wait", own));
    form_text(w, "waiting_for", "Waiting for", t->waiting_for, "Who or what.");
    folded_end(w, tr("Wait"));
    folded_begin(w, tr("Hand over …"), arena_printf(w->arena, "%s/give", own));
    TRY(people_draw(w, &(struct people_choice){.name = "assignee",
                                               .label = "To",
                                               .nobody = tr("Choose somebody"),
                                               .known = t->given_by}));
    form_text(w, "note", "A word with it", NULL, "Kept with the history of the task.");
    folded_end(w, "Hand over");
    folded_begin(w, tr("Cancel …"), arena_printf(w->arena, "%s/cancel", own));
    form_text(w, "cancel_reason", "Why it will not be done", NULL, NULL);
    if (t->repeat)
        html(h, "<label class='form-check mb-3'><input class='form-check-input' type='checkbox' "
                "name='series' value='1'><span class='form-check-label'>{End the whole series}"
                "</span></label>");
    folded_end(w, tr("Cancel the task"));
    html(h, "</div>");
    card_end(w);
    return NULL;
}

static struct err *draw_body(struct web *w, const struct task *t, bool may)
{
    html(w->html, "<div class='split'><div class='stack'>");
    card_begin(w, NULL, NULL);
    draw_state(w, t);
    TRY(draw_about(w, t));
    if (t->description) {
        html(w->html, "<div class='task-text'>");
        page_markdown(w, t->description, NULL);
        html(w->html, "</div>");
    }
    draw_steps(w, t, may && task_is_open(t));
    TRY(draw_needs(w, t));
    card_end(w);
    card_begin(w, "Details", NULL);
    TRY(entity_details(w, &task_entity, t));
    card_end(w);
    html(w->html, "</div><div class='stack'>");
    if (may)
        TRY(draw_verbs(w, t));
    card_begin(w, "History", arena_printf(w->arena, tr("version %lld"), t->version));
    TRY(entity_history(w, &task_entity, t->id));
    card_end(w);
    html(w->html, "</div></div>");
    return NULL;
}

struct err *task_show(struct web *w)
{
    struct task t;
    bool may, drawn;

    TRY(task_load_asked(w, &t));
    may = !w->asof && task_may_work(w, &t);
    page_begin(w, arena_printf(w->arena, tr("Task TA-%lld"), t.number), "%s", t.title);
    page_help(w, task_entity.help, task_entity.clause);
    if (may && web_may(w, &task_write)) {
        const char *own = web_url(w, "/tasks/TA-%lld", t.number);
        page_action(w, "default", arena_printf(w->arena, "%s/remove", own), "Remove");
        page_action(w, "primary", arena_printf(w->arena, "%s/edit", own), "Edit");
    }
    page_body(w);
    TRY(entity_tab(w, &task_entity, &t, &drawn));
    if (!drawn)
        TRY(draw_body(w, &t, may));
    page_end(w);
    return NULL;
}

/* --- list and form --- */

struct err *task_list(struct web *w)
{
    return entity_list_page(w, &task_entity);
}

struct err *task_new(struct web *w)
{
    return entity_new_page(w, &task_entity);
}

struct err *task_edit(struct web *w)
{
    struct task t;

    TRY(web_need(w, &task_write));
    TRY(task_load_asked(w, &t));
    if (!task_may_work(w, &t))
        return err_new(ERR_DENIED, "Only who has a task, who gave it or who sees to all tasks may "
                                   "change it.");
    return entity_edit_page(w, &task_entity);
}

struct err *task_save(struct web *w)
{
    repeat_take(w);
    return entity_save_page(w, &task_entity);
}
