/* SPDX-License-Identifier: Apache-2.0 */
/* The tab "Tasks" on the page of every record: what is open, what was done, one line to add. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/list.h"
#include "core/page.h"
#include "feature/organisation/organisation.h"
#include "feature/task/task_part.h"

#define SHOWN 50

static void about_query(struct list_query *q, const char *condition, i64 record)
{
    *q = (struct list_query){.entity = &task_entity,
                             .limit = SHOWN,
                             .sort = entity_field(&task_entity, "due"),
                             .extra = condition,
                             .extra_vals = {num(record)},
                             .nextra = 1};
}

static const char open_ones[] = "t.about = @1 and t.status in ('open', 'waiting')";
static const char closed_ones[] = "t.about = @1 and t.status in ('done', 'cancelled')";

static struct err *count(struct web *w, const struct entity *e, i64 record, i64 *out)
{
    struct list_query q;
    struct list_result r;

    (void)e;
    about_query(&q, open_ones, record);
    q.limit = 1;
    TRY(list_run(w, &q, true, &r));
    *out = r.total;
    return NULL;
}

static struct err *draw_ones(struct web *w, const struct list_result *r, const char *back)
{
    struct html *h = w->html;

    html(h, "<ul class='task-lines'>");
    for (size_t i = 0; i < r->count; i++) {
        const struct task *t = (const struct task *)r->records + i;
        const char *who = "";

        if (t->assignee)
            TRY(entity_title(w, &person_entity, t->assignee, &who, NULL));
        task_draw_line(w,
                       &(struct task_line){.number = t->number,
                                           .title = t->title,
                                           .due = t->due,
                                           .status = t->status,
                                           .waiting_for = t->waiting_for,
                                           .who = who,
                                           .steps_total = t->steps_total,
                                           .steps_done = t->steps_done,
                                           .blocked = t->blocked,
                                           .repeats = t->repeat != NULL,
                                           .may_work = !w->asof && task_may_work(w, t)},
                       back);
    }
    html(h, "</ul>");
    return NULL;
}

static struct err *draw_add(struct web *w, const struct entity *e, i64 number)
{
    struct html *h = w->html;

    form_begin(w, arena_printf(w->arena, "%s/tasks", web_record_url(w, e, number)), 0);
    html(h, "<div class='task-add'><div><label class='form-label' for='f-title'>{New task}</label>"
            "<input class='form-control' id='f-title' name='title' maxlength='200' required "
            "placeholder='{What is to be done}'></div>");
    TRY(people_draw(
        w, &(struct people_choice){
               .name = "assignee", .label = "Who", .nobody = "Nobody yet", .chosen = w->person}));
    html(h, "<div><label class='form-label' for='f-due'>{Due}</label><input class='form-control' "
            "type='date' id='f-due' name='due'></div><div><button class='btn btn-primary' "
            "type='submit'>{Add}</button></div></div></form>");
    return NULL;
}

static struct err *draw(struct web *w, const struct entity *e, const void *record)
{
    const struct record *r = record;
    const char *back = arena_printf(w->arena, "%s?tab=tasks", web_record_url(w, e, r->number));
    struct list_query q;
    struct list_result open, closed;

    about_query(&q, open_ones, r->id);
    TRY(list_run(w, &q, true, &open));
    about_query(&q, closed_ones, r->id);
    q.descending = true;
    TRY(list_run(w, &q, true, &closed));
    card_begin(w, "Tasks", NULL);
    if (!w->asof && web_may(w, &task_write))
        TRY(draw_add(w, e, r->number));
    TRY(draw_ones(w, &open, back));
    if (!open.count)
        page_empty(w, "Nothing is to be done here. What should somebody do about it, by when?",
                   NULL, NULL);
    if (open.next)
        html(w->html, "<p><a href='%s'>{All tasks of this record}</a></p>",
             web_url(w, "/tasks?about=%s-%lld", e->prefix, r->number));
    if (closed.count) {
        html(w->html,
             "<details class='mt-3'><summary>{%lld closed task|%lld closed tasks}</summary>",
             closed.total, closed.total);
        TRY(draw_ones(w, &closed, back));
        html(w->html, "</details>");
    }
    card_end(w);
    return NULL;
}

const struct panel task_panels[] = {
    {"tasks", "Tasks", 30, &member, count, draw},
    {0    },
};

/* --- adding --- */

struct err *panel_add_post(struct web *w)
{
    const struct entity *e = feature_entity_plural(web_param(w, 0));
    struct issues found = {.arena = w->arena};
    struct task t = {0};
    struct record *about;
    i64 id;

    if (!e || e->site || e->no_api)
        return err_new(ERR_MISSING, "There is no page at this address.");
    about = arena_alloc(w->arena, e->size);
    TRY(entity_find(w, e, web_param(w, 1), &id));
    TRY(entity_load(w, e, id, about));
    TRY(entity_apply(w, &task_entity, &t, entity_form_inputs(w, &task_entity), false, &found));
    t.about = id;
    if (!found.count)
        TRY(entity_write(w, &task_entity, &t, NULL, &found));
    if (found.count)
        return err_new(ERR_INVALID, "%s", found.list[0].text);
    web_redirect(
        w, arena_printf(w->arena, "%s?tab=tasks&m=created", web_record_url(w, e, about->number)));
    return NULL;
}
