/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of a hand-over: what somebody has, to whom it goes, a preview, the record of it. */
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "base/words.h"
#include "core/job.h"
#include "core/page.h"
#include "feature/task/handover.h"

#define SHOWN 50      /* records of a kind on the page */
#define PREVIEWED 500 /* in the table of what will change */

static struct err *load_person(struct web *w, struct person *p)
{
    i64 id;

    TRY(web_record(w, &person_entity, &id));
    return entity_load(w, &person_entity, id, p);
}

/* "task.assignee": the choice for a kind; "task.assignee.123": that for one record. */
static const char *kind_name(struct web *w, const struct handover_kind *k)
{
    return arena_printf(w->arena, "%s.%s", k->entity->name, k->field->name);
}

static struct err *chosen(struct web *w, const char *name, const struct person *p, i64 *out)
{
    const char *text = web_form(w, name);
    struct person to;

    *out = 0;
    if (text_empty(text))
        return NULL;
    if (text_equal(text, "end")) {
        *out = p->id;
        return NULL;
    }
    TRY(entity_find(w, &person_entity, text, out));
    TRY(entity_load(w, &person_entity, *out, &to));
    if (*out == p->id || !text_equal(to.state, "active"))
        return err_new(ERR_INVALID, "%s cannot take it over: choose somebody else who is here.",
                       to.name);
    return NULL;
}

/* The choices of the form, record by record. */
static struct err *read_choices(struct web *w, const struct person *p, struct handover_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        struct handover_kind *k = &list->kinds[i];
        const char *name = kind_name(w, k);

        TRY(chosen(w, name, p, &k->all));
        if (k->all && !k->may)
            return err_new(ERR_DENIED,
                           "You may not change %s. Leave them, and let somebody hand them over who "
                           "has the right “%s”.",
                           page_lower(w, tr(k->entity->labels)), tr(k->entity->write->title));
        for (size_t n = 0; n < k->count; n++) {
            i64 one = 0;

            if (n < SHOWN)
                TRY(chosen(w, arena_printf(w->arena, "%s.%lld", name, k->items[n].id), p, &one));
            k->items[n].to = one ? one : k->all;
            if (k->items[n].to && !k->may)
                return err_new(ERR_DENIED, "You may not change %s.",
                               page_lower(w, tr(k->entity->labels)));
            if (k->items[n].locked || (k->items[n].to == p->id && k->entity != &role_holder_entity))
                k->items[n].to = 0;
        }
    }
    return NULL;
}

/* --- the form --- */

static void draw_people(struct web *w, struct rows *people, const char *name, const char *label,
                        const char *first, bool role)
{
    struct html *h = w->html;

    html(h, "<select class='form-select' name='%s' aria-label='%s'><option value=''>%s</option>",
         name, label, tr(first));
    if (role)
        html(h, "<option value='end'>{The role ends}</option>");
    row_rewind(people);
    while (row_next(people))
        html(h, "<option value='%lld'>%s</option>", row_num(people, 0), row_text(people, 1));
    html(h, "</select>");
}

static void draw_items(struct web *w, const struct handover_kind *k, struct rows *people)
{
    struct html *h = w->html;
    bool role = k->entity == &role_holder_entity;

    html(h, "<details%s><summary>{%zu record|%zu records}</summary><ul class='task-lines'>",
         k->count <= 5 ? " open" : "", k->count, k->count);
    for (size_t i = 0; i < k->count && i < SHOWN; i++) {
        const struct handover_item *item = &k->items[i];

        html(h,
             "<li class='task-line'><div><a href='%s'><span class='record-number'>%s-%lld</span> "
             "%s</a></div>",
             web_record_url(w, k->entity, item->number), k->entity->prefix, item->number,
             item->title);
        if (item->locked)
            html(h, "<span class='mute'>{Only who may do as much can end this role}</span>");
        else if (k->may)
            draw_people(w, people, arena_printf(w->arena, "%s.%lld", kind_name(w, k), item->id),
                        arena_printf(w->arena, tr("%s goes to"), item->title), tr("As above"),
                        role);
        html(h, "</li>");
    }
    html(h, "</ul>");
    if (k->count > SHOWN)
        html(h, "<p class='mute'>{%zu more go where the choice above says.}</p>", k->count - SHOWN);
    html(h, "</details>");
}

static void draw_kind(struct web *w, const struct handover_kind *k, struct rows *people)
{
    card_begin(w, arena_printf(w->arena, "%s: %s", tr(k->entity->labels), tr(k->field->label)),
               NULL);
    if (k->may) {
        html(w->html, "<label class='form-label'>{All of them go to}");
        draw_people(w, people, kind_name(w, k), tr(k->entity->labels), tr("They stay"),
                    k->entity == &role_holder_entity);
        html(w->html, "</label>");
    } else {
        page_notice(w, "info", "You may not change these. Ask somebody who has the right “%s”.",
                    tr(k->entity->write->title));
    }
    draw_items(w, k, people);
    if (k->more)
        page_notice(w, "info",
                    "There are more than %zu. All of them go where the choice above says, in the "
                    "background.",
                    k->count);
    card_end(w);
}

static struct err *draw_form(struct web *w, const struct person *p,
                             const struct handover_list *list)
{
    struct rows *people;

    TRY(db_query(w->db, &people,
                 "select id, name from person where org_id = $1 and state = 'active' and id <> $2"
                 " order by name, id limit 1000",
                 num(w->org), num(p->id)));
    form_begin(w, web_url(w, "/people/P-%lld/handover/preview", p->number), 0);
    html(w->html, "<div class='stack'>");
    for (size_t i = 0; i < list->count; i++)
        draw_kind(w, &list->kinds[i], people);
    card_begin(w, "Reason", NULL);
    html(w->html, "<label class='form-label required' for='f-reason'>{Why the work goes to others}"
                  "</label><input class='form-control' id='f-reason' name='reason' maxlength='500' "
                  "required><div class='form-hint'>{Kept with every record that changes.}</div>");
    html(w->html,
         "<div class='form-actions'><button class='btn btn-primary' type='submit'>{Look at "
         "it first}</button></div>");
    card_end(w);
    html(w->html, "</div></form>");
    return NULL;
}

struct err *handover_page(struct web *w)
{
    struct handover_list list;
    struct person p;

    TRY(load_person(w, &p));
    TRY(handover_find(w, p.id, &list));
    page_begin(w, arena_printf(w->arena, "P-%lld", p.number), "Hand over the work of %s", p.name);
    page_action(w, "default", web_url(w, "/handovers"), "Earlier hand-overs");
    page_help(w,
              "Everything that this person owns or has to do and that is still open, in all "
              "registers. Choose who gets it; nothing changes before you have seen it once more.",
              "5.3, A.6.5");
    page_body(w);
    if (list.count) {
        TRY(draw_form(w, &p, &list));
    } else {
        card_begin(w, NULL, NULL);
        page_empty(w, "This person owns nothing and has nothing to do.",
                   web_record_url(w, &person_entity, p.number), "Back to the person");
        card_end(w);
    }
    page_end(w);
    return NULL;
}

/* --- the preview --- */

static struct err *draw_target(struct web *w, const struct person *p, i64 to)
{
    const char *name;

    if (to == p->id) {
        html(w->html, "{ends}");
        return NULL;
    }
    TRY(entity_title(w, &person_entity, to, &name, NULL));
    html(w->html, "%s", name);
    return NULL;
}

static struct err *draw_moves(struct web *w, const struct person *p,
                              const struct handover_list *list, size_t *moves)
{
    struct html *h = w->html;

    *moves = 0;
    html(h,
         "<div class='table-responsive'><table class='table list'><caption "
         "class='visually-hidden'>{What goes to whom}</caption><thead><tr><th scope='col'>{Record}"
         "</th><th scope='col'>{As}</th><th scope='col'>{Goes to}</th></tr></thead><tbody>");
    for (size_t i = 0; i < list->count; i++)
        for (size_t n = 0; n < list->kinds[i].count; n++) {
            const struct handover_kind *k = &list->kinds[i];

            if (!k->items[n].to)
                continue;
            if (++*moves > PREVIEWED)
                continue;
            html(h,
                 "<tr><td class='list-main'><span class='record-number'>%s-%lld</span> %s</td>"
                 "<td data-label='{As}'>%s</td><td data-label='{Goes to}'>",
                 k->entity->prefix, k->items[n].number, k->items[n].title, tr(k->field->label));
            TRY(draw_target(w, p, k->items[n].to));
            html(h, "</td></tr>");
        }
    html(h, "</tbody></table></div>");
    for (size_t i = 0; i < list->count; i++)
        if (list->kinds[i].more && list->kinds[i].all)
            page_notice(w, "info", "%s: there are more than these %zu; the others go the same way.",
                        tr(list->kinds[i].entity->labels), list->kinds[i].count);
    return NULL;
}

/* The choices again, for the second form. */
static void keep_choices(struct web *w)
{
    const struct pairs *form = &w->req->form;

    for (size_t i = 0; i < form->count; i++)
        if (form->list[i].name[0] != '_' && *form->list[i].value)
            html(w->html, "<input type='hidden' name='%s' value='%s'>", form->list[i].name,
                 form->list[i].value);
}

static struct err *need_reason(struct web *w, const char **out)
{
    const char *reason = web_form(w, "reason");

    if (text_empty(reason) || text_length(reason) > 500)
        return err_new(ERR_INVALID, "Say in a few words, 500 characters at most, why the work goes "
                                    "to others.");
    *out = text_trim(w->arena, reason);
    return NULL;
}

struct err *handover_preview(struct web *w)
{
    struct handover_list list;
    const char *reason;
    struct person p;
    size_t moves;

    TRY(load_person(w, &p));
    TRY(need_reason(w, &reason));
    TRY(handover_find(w, p.id, &list));
    TRY(read_choices(w, &p, &list));
    page_begin(w, arena_printf(w->arena, "P-%lld", p.number), "Hand over the work of %s", p.name);
    page_body(w);
    card_begin(w, "This will change", NULL);
    html(w->html, "<p>{Reason: %s}</p>", reason);
    TRY(draw_moves(w, &p, &list, &moves));
    if (!moves)
        page_empty(w, "Nothing was chosen, so nothing would change.", NULL, NULL);
    form_begin(w, web_url(w, "/people/P-%lld/handover", p.number), 0);
    keep_choices(w);
    html(w->html, "<div class='form-actions'>");
    if (moves)
        html(w->html,
             "<button class='btn btn-primary' type='submit'>{Hand over %zu record|Hand "
             "over %zu records}</button> ",
             moves, moves);
    html(w->html, "<a class='btn' href='%s'>{Choose again}</a></div></form>",
         web_url(w, "/people/P-%lld/handover", p.number));
    card_end(w);
    page_end(w);
    return NULL;
}

/* More than somebody should wait for. */
static bool needs_job(const struct handover_list *list)
{
    size_t moves = 0;

    for (size_t i = 0; i < list->count; i++) {
        if (list->kinds[i].more && list->kinds[i].all)
            return true;
        for (size_t n = 0; n < list->kinds[i].count; n++)
            moves += list->kinds[i].items[n].to != 0;
    }
    return moves > HANDOVER_AT_ONCE;
}

struct err *handover_post(struct web *w)
{
    struct handover_list list;
    const char *reason;
    struct person p;
    i64 number;

    TRY(load_person(w, &p));
    TRY(need_reason(w, &reason));
    TRY(handover_find(w, p.id, &list));
    TRY(read_choices(w, &p, &list));
    if (needs_job(&list)) {
        TRY(handover_start(w, &p, &list, reason, &number));
        web_redirect(w, job_url(w, number));
        return NULL;
    }
    TRY(handover_run(w, &p, &list, reason, &number));
    web_redirect(w, web_url(w, "/handovers/HO-%lld?m=saved", number));
    return NULL;
}

/* --- the record --- */

static struct err *draw_row(struct web *w, const struct handed *x)
{
    const struct entity *e = x->kind ? feature_entity(x->kind) : NULL;
    const char *name = "";

    if (!e)
        return NULL;
    if (e != &role_holder_entity)
        TRY(entity_title(w, &person_entity, x->to, &name, NULL));
    html(w->html,
         "<li class='task-line'><div><a href='%s'><span class='record-number'>%s-%lld</span> "
         "%s</a></div><span>%s</span></li>",
         web_record_url(w, e, x->number), e->prefix, x->number, x->title, name);
    return NULL;
}

/* What a job has handed over. */
static struct err *draw_many(struct web *w, struct rows *r, i64 count)
{
    html(w->html, "<p>{%lld record|%lld records}</p><ul class='task-lines'>", count, count);
    while (row_next(r))
        TRY(draw_row(w, &(struct handed){.kind = row_text(r, 0),
                                         .number = row_num(r, 1),
                                         .title = row_text(r, 2),
                                         .to = row_num(r, 3)}));
    html(w->html, "</ul>");
    if (count > (i64)row_count(r))
        html(w->html, "<p class='mute'>{The first %zu are shown.}</p>", row_count(r));
    return NULL;
}

static struct err *draw_body(struct web *w, const struct handover *h)
{
    struct rows *r;
    i64 count;
    json_t *body, *o;
    size_t i;

    TRY(handover_items(w, h->id, SHOWN * 4, &r, &count));
    if (count)
        return draw_many(w, r, count);
    TRY(json_parse(w->arena, h->body, strlen(h->body), &body));
    html(w->html, "<ul class='task-lines'>");
    json_array_foreach(body, i, o)
    {
        TRY(draw_row(w, &(struct handed){.kind = json_string_value(json_object_get(o, "kind")),
                                         .number = json_integer_value(json_object_get(o, "number")),
                                         .title = json_string_value(json_object_get(o, "title")),
                                         .to = json_integer_value(json_object_get(o, "to"))}));
    }
    html(w->html, "</ul>");
    return NULL;
}

static struct err *load_handover(struct web *w, struct handover *h)
{
    i64 id;

    TRY(web_record(w, &handover_entity, &id));
    return entity_load(w, &handover_entity, id, h);
}

struct err *handover_show(struct web *w)
{
    struct handover h;
    const char *name;
    bool drawn;

    TRY(load_handover(w, &h));
    TRY(entity_title(w, &person_entity, h.person, &name, NULL));
    page_begin(w, arena_printf(w->arena, "HO-%lld", h.number), "Work of %s", name);
    page_help(w, handover_entity.help, handover_entity.clause);
    page_body(w);
    TRY(entity_tab(w, &handover_entity, &h, &drawn));
    if (drawn) {
        page_end(w);
        return NULL;
    }
    html(w->html, "<div class='split'>");
    card_begin(w, "What went to whom", NULL);
    html(w->html, "<p>{Reason: %s}</p>", h.reason);
    TRY(draw_body(w, &h));
    card_end(w);
    card_begin(w, "Take it back", NULL);
    if (text_equal(h.state, "undone")) {
        html(w->html, "<p>{This hand-over was taken back.}</p>");
    } else if (!text_equal(h.state, "done")) {
        html(w->html, "<p>{It is under way in the background.} <a href='%s'>{Jobs}</a></p>",
             web_url(w, "/jobs"));
    } else {
        html(w->html, "<p>{Records that changed again since then stay as they are.}</p>");
        if (web_may(w, &person_write) && !w->asof)
            form_button(w, web_url(w, "/handovers/HO-%lld/undo", h.number), "", "Take it back",
                        NULL, NULL);
    }
    card_end(w);
    html(w->html, "</div>");
    page_end(w);
    return NULL;
}

struct err *handover_undo(struct web *w)
{
    struct handover h;
    struct rows *r;
    i64 undone;

    TRY(load_handover(w, &h));
    TRY(handover_items(w, h.id, 1, &r, &undone));
    if (undone) {
        TRY(handover_start_back(w, &h, &undone));
        web_redirect(w, job_url(w, undone));
        return NULL;
    }
    TRY(handover_back(w, &h, &undone));
    web_redirect(w, web_url(w, "/handovers/HO-%lld?m=saved", h.number));
    return NULL;
}
