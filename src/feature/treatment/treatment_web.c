/* SPDX-License-Identifier: Apache-2.0 */
/* Planning a treatment: form with control picker, page with its actions. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/page.h"
#include "feature/risk/risk.h"
#include "feature/treatment/treatment_web.h"

/* --- the form --- */

static struct err *draw_form(struct web *w, const struct treatment *t, const struct issues *issues)
{
    struct risk risk;

    TRY(entity_load(w, &risk_entity, t->risk, &risk));
    page_begin(w, "Treatments", t->id ? "Change the treatment" : "Treat the risk");
    page_body(w);
    form_issues(w, issues);
    card_begin(w, NULL, NULL);
    html(w->html, "<p><a href='%s'>R-%lld %s</a></p>", web_record_url(w, &risk_entity, risk.number),
         risk.number, risk.title);
    form_begin(w,
               t->id ? web_record_url(w, &treatment_entity, t->number) : web_url(w, "/treatments"),
               t->version);
    html(w->html, "<input type='hidden' name='risk' value='%lld'>", t->risk);
    TRY(form_draft(w, &treatment_entity, t, issues));
    TRY(treatment_fields_draw(w, t, treatment_suggested(w, &risk), issues));
    if (t->id)
        entity_reason_field(w, &treatment_entity, false, issues);
    form_end(w, "Save", web_record_url(w, &risk_entity, risk.number));
    card_end(w);
    page_end(w);
    return NULL;
}

/* A treatment belongs to a risk, and its form shows that risk's levels. */
static void draw_choose_risk(struct web *w)
{
    page_begin(w, "Plan", "New treatment");
    page_body(w);
    card_begin(w, NULL, NULL);
    page_empty(w, "A treatment answers a risk: choose the risk first, then press “Treat”.",
               web_url(w, "/risks"), "Choose a risk");
    card_end(w);
    page_end(w);
}

struct err *treatment_new(struct web *w)
{
    struct issues none = {.arena = w->arena};
    struct treatment t = {.state = "planned", .option = web_query(w, "option")};
    const char *risk = web_query(w, "risk");

    if (!risk) {
        draw_choose_risk(w);
        return NULL;
    }
    TRY(entity_find(w, &risk_entity, risk, &t.risk));
    TRY(risk_refuse_blind(w, t.risk));
    if (t.option && !choice_find(entity_field(&treatment_entity, "option")->choices, t.option))
        t.option = NULL;
    return draw_form(w, &t, &none);
}

struct err *treatment_edit(struct web *w)
{
    struct issues none = {.arena = w->arena};
    struct treatment t;
    i64 id;

    TRY(web_record(w, &treatment_entity, &id));
    TRY(entity_load(w, &treatment_entity, id, &t));
    TRY(risk_refuse_blind(w, t.risk));
    return draw_form(w, &t, &none);
}

/* `*current` is false when the form is of another version than the one that is stored. */
static struct err *load_saved(struct web *w, struct treatment *t, bool *current)
{
    const char *version = web_form(w, "_version");
    i64 id, seen;

    *current = true;
    if (!*web_param(w, 0))
        return NULL;
    TRY(web_record(w, &treatment_entity, &id));
    TRY(entity_load(w, &treatment_entity, id, t));
    *current = version && text_i64(version, &seen) && seen == t->version;
    return NULL;
}

struct err *treatment_save(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    struct treatment t = {.state = "planned"};
    bool current;

    TRY(load_saved(w, &t, &current));
    if (!current) /* shows both versions, or asks for one */
        return entity_save_page(w, &treatment_entity);
    TRY(entity_apply(w, &treatment_entity, &t, entity_form_inputs(w, &treatment_entity), false,
                     &issues));
    if (!t.risk)
        return err_new(ERR_BAD, "Choose the risk first: open it and press “Treat”.");
    TRY(risk_refuse_blind(w, t.risk));
    if (!issues.count)
        TRY(entity_write(w, &treatment_entity, &t, w->reason, &issues));
    if (issues.count) {
        web_status(w, 422);
        return draw_form(w, &t, &issues);
    }
    web_redirect(w, web_url(w, "/treatments/T-%lld?m=saved", t.number));
    return NULL;
}

/* --- its page --- */

static struct err *draw_actions(struct web *w, const struct treatment *t)
{
    const struct field *status = entity_field(&action_entity, "status");
    struct rows *r;

    TRY(db_query(
        w->db, &r,
        "select a.number, a.title, a.due, a.status, p.name from action a left join person p"
        " on p.org_id = a.org_id and p.id = a.owner where a.org_id = $1 and (a.treatment = $2"
        " or a.id in (select l.record from action_also l where l.org_id = $1 and l.target = $2))"
        " order by a.due, a.id",
        num(w->org), num(t->id)));
    card_begin(w, "Actions", NULL);
    html(w->html, "<div class='list-group list-group-flush'>");
    while (row_next(r)) {
        const struct choice *state = choice_find(status->choices, row_text(r, 3));

        html(w->html,
             "<a class='list-group-item list-group-item-action' href='%s'>{AC-%lld %s}<br><span "
             "class='text-secondary'>{%s · due %s · %s}</span></a>",
             web_record_url(w, &action_entity, row_num(r, 0)), row_num(r, 0), row_text(r, 1),
             row_null(r, 4) ? tr("nobody yet") : row_str(r, 4),
             row_null(r, 2) ? tr("not set") : words_date(w->arena, row_str(r, 2)),
             state ? tr(state->label) : row_text(r, 3));
    }
    html(w->html, "</div>");
    if (!row_count(r))
        page_empty(w, "Nothing planned yet: who does what, by when?", NULL, NULL);
    if (web_may(w, &action_write))
        html(w->html, "<p class='mt-3'><a class='btn' href='%s'>{Plan an action}</a></p>",
             web_url(w, "/actions/new?treatment=T-%lld", t->number));
    card_end(w);
    return NULL;
}

static bool field_empty(const struct field *f, const struct treatment *t)
{
    if (f->kind == FIELD_REFS)
        return field_ids(f, t)->count == 0;
    return f->kind == FIELD_LEVEL ? field_num(f, t) == 0 : text_empty(field_str(f, t));
}

/* Without the questions of options that were not chosen. */
static struct err *draw_details(struct web *w, const struct treatment *t)
{
    struct field *fields = NEW_ARRAY(w->arena, struct field, treatment_entity.nfields);
    struct entity shown = treatment_entity;

    shown.fields = fields;
    shown.nfields = 0;
    for (size_t i = 0; i < treatment_entity.nfields; i++) {
        const struct field *f = &treatment_entity.fields[i];

        if (!f->group || text_equal(treatment_group_option(f->group), t->option) ||
            !field_empty(f, t))
            fields[shown.nfields++] = *f;
    }
    return entity_details(w, &shown, t);
}

struct err *treatment_show(struct web *w)
{
    bool drawn, hidden;
    const void *shown;
    struct treatment t;
    i64 id;

    TRY(web_record(w, &treatment_entity, &id));
    TRY(entity_load(w, &treatment_entity, id, &t));
    shown = &t;
    TRY(entity_veil(w, &treatment_entity, &shown, &hidden));
    page_begin(w, "Treatments", "T-%lld %s", t.number, t.title);
    if (web_may(w, &treatment_write)) {
        page_action(w, "default", web_url(w, "/treatments/T-%lld/remove", t.number), "Remove");
        page_action(w, "primary", web_url(w, "/treatments/T-%lld/edit", t.number), "Edit");
    }
    page_help(w, treatment_entity.help, treatment_entity.clause);
    page_body(w);
    TRY(entity_tab(w, &treatment_entity, &t, &drawn));
    if (drawn) {
        page_end(w);
        return NULL;
    }
    html(w->html, "<div class='stack'>");
    if (hidden)
        page_notice(w, "info",
                    "What is expected to remain is hidden until you have given your "
                    "second score of the risk.");
    html(w->html, "<div class='split'><div class='stack'>");
    card_begin(w, NULL, NULL);
    TRY(draw_details(w, shown));
    card_end(w);
    html(w->html, "</div><div class='stack'>");
    TRY(draw_actions(w, &t));
    html(w->html, "</div></div>");
    card_begin(w, "History", NULL);
    TRY(entity_history(w, &treatment_entity, t.id));
    card_end(w);
    html(w->html, "</div>");
    page_end(w);
    return NULL;
}

struct err *treatment_action(struct web *w)
{
    struct buf also;
    i64 first = 0;

    buf_init(&also, w->arena, 200);
    for (size_t i = 0; i < w->req->form.count; i++) {
        struct treatment t;
        i64 id;

        if (!text_equal(w->req->form.list[i].name, "id[]"))
            continue;
        if (!text_i64(w->req->form.list[i].value, &id))
            return err_new(ERR_BAD, "The form is not complete. Open the page again.");
        TRY(entity_load(w, &treatment_entity, id, &t));
        if (first)
            buf_printf(&also, "%sT-%lld", also.size ? "," : "", t.number);
        else
            first = t.number;
    }
    if (!first)
        return err_new(ERR_INVALID, "Nothing is ticked. Tick the treatments that one action "
                                    "carries out.");
    web_redirect(w, web_url(w, "/actions/new?treatment=T-%lld&also=%s", first, also.data));
    return NULL;
}
