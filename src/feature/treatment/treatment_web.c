/* SPDX-License-Identifier: Apache-2.0 */
/* Planning a treatment: form with control picker, page with its actions. */
#include <string.h>

#include "base/text.h"
#include "core/app.h"
#include "core/content.h"
#include "core/page.h"
#include "feature/control/control.h"
#include "feature/risk/risk.h"
#include "feature/treatment/treatment_web.h"

/* --- the control picker: suggested ones first, then all by theme --- */

static bool has(const struct ids *ids, i64 id)
{
    for (size_t i = 0; i < ids->count; i++)
        if (ids->id[i] == id)
            return true;
    return false;
}

/* The controls that the catalogue names for the risk's threat and weakness, as ";5.1;8.13;". */
static const char *suggested(struct web *w, const struct risk *r)
{
    const struct content_table *t = content_table(w->app->content, "links");
    struct buf b;

    buf_init(&b, w->arena, 200);
    buf_char(&b, ';');
    for (size_t i = 0; t && i < content_rows(t); i++)
        if (text_equal(content_cell(t, i, "threat"), r->threat) &&
            text_equal(content_cell(t, i, "vulnerability"), r->vulnerability))
            buf_printf(&b, "%s;", content_cell(t, i, "controls"));
    return b.data;
}

static bool is_suggested(struct web *w, const char *list, const char *code)
{
    return strstr(list, arena_printf(w->arena, ";%s;", code)) != NULL;
}

static void draw_box(struct web *w, const struct rows *r, const struct ids *chosen)
{
    html(w->html,
         "<label class='form-check'><input class='form-check-input' type='checkbox' "
         "name='controls[]' value='%lld'%s><span class='form-check-label'>%s %s</span></label>",
         row_num(r, 0), has(chosen, row_num(r, 0)) ? " checked" : "", row_text(r, 1),
         row_text(r, 2));
}

/* Those of a theme that are not among the suggested ones, folded away. */
static void draw_theme(struct web *w, struct rows *r, const struct choice *theme, const char *list,
                       const struct ids *chosen)
{
    bool open = false;

    row_rewind(r);
    while (row_next(r))
        open |= text_equal(row_str(r, 3), theme->code) && has(chosen, row_num(r, 0));
    html(w->html, "<details%s><summary>%s</summary>", open ? " open" : "", theme->label);
    row_rewind(r);
    while (row_next(r))
        if (text_equal(row_str(r, 3), theme->code) && !is_suggested(w, list, row_text(r, 1)))
            draw_box(w, r, chosen);
    html(w->html, "</details>");
}

static struct err *draw_controls(struct web *w, const struct treatment *t, const struct risk *risk,
                                 const struct issues *issues)
{
    static const struct choice themes[] = {
        {"organizational", "Organizational", NULL},
        {"people",            "People", NULL},
        {"physical",         "Physical", NULL},
        {"technological",            "Technological", NULL},
        {"own",       "Own controls", NULL},
        {0           }
    };
    const char *list = suggested(w, risk), *trouble = issue_of(issues, "controls");
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select id, code, title, theme from control where org_id = $1"
                 " order by position, code",
                 num(w->org)));
    html(w->html,
         "<fieldset class='mb-3' id='controls'><legend class='form-label'>Controls</legend>"
         "<input type='hidden' name='controls[]' value=''>");
    if (trouble)
        html(w->html, "<div class='invalid-feedback d-block'>%s</div>", trouble);
    if (list[1])
        html(w->html, "<p class='form-hint'>Suggested because they work against this threat and "
                      "weakness:</p>");
    while (row_next(r))
        if (is_suggested(w, list, row_text(r, 1)))
            draw_box(w, r, &t->controls);
    for (size_t i = 0; themes[i].code; i++)
        draw_theme(w, r, &themes[i], list, &t->controls);
    html(w->html, "</fieldset>");
    return NULL;
}

/* --- the form --- */

static struct err *draw_fields(struct web *w, const struct treatment *t, const struct risk *risk,
                               const struct issues *issues)
{
    const char *group = "";

    for (size_t i = 0; i < treatment_entity.nfields; i++) {
        const struct field *f = &treatment_entity.fields[i];

        if (!strcmp(f->name, "risk"))
            continue;
        if (f->group && strcmp(f->group, group) != 0) {
            group = f->group;
            html(w->html, "<h2 class='h3 mt-4'>%s</h2>", group);
        }
        if (f->kind == FIELD_REFS)
            TRY(draw_controls(w, t, risk, issues));
        else
            TRY(form_field(w, f, t, issues));
    }
    return NULL;
}

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
    TRY(draw_fields(w, t, &risk, issues));
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
    return draw_form(w, &t, &none);
}

/* The expected levels of the risk's open treatments, taken together, are its residual: the lowest
 * likelihood and the lowest impact that any of them reaches. */
static struct err *carry_over(struct web *w, i64 risk_id, struct issues *issues)
{
    struct risk risk;
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select min(expected_likelihood), min(expected_impact) from treatment"
                 " where org_id = $1 and risk = $2 and state <> 'cancelled' and option = 'modify'",
                 num(w->org), num(risk_id)));
    if (!row_next(r) || row_null(r, 0) || row_null(r, 1))
        return NULL;
    TRY(entity_load(w, &risk_entity, risk_id, &risk));
    if (risk.residual_likelihood == row_num(r, 0) && risk.residual_impact == row_num(r, 1))
        return NULL;
    risk.residual_likelihood = row_num(r, 0);
    risk.residual_impact = row_num(r, 1);
    return entity_write(w, &risk_entity, &risk, "expected after treatment", issues);
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
    if (!issues.count)
        TRY(entity_write(w, &treatment_entity, &t, w->reason, &issues));
    if (!issues.count)
        TRY(carry_over(w, t.risk, &issues));
    if (issues.count) {
        if (t.id && !*web_param(w, 0))
            return err_new(ERR_INVALID, "%s", issues.list[0].text);
        web_status(w, 422);
        return draw_form(w, &t, &issues);
    }
    web_redirect(w, web_url(w, "/treatments/T-%lld?m=saved", t.number));
    return NULL;
}

/* --- its page --- */

static struct err *draw_actions(struct web *w, const struct treatment *t)
{
    struct rows *r;

    TRY(db_query(
        w->db, &r,
        "select a.number, a.title, a.due, a.status, p.name from action a left join person p"
        " on p.org_id = a.org_id and p.id = a.owner where a.org_id = $1 and a.treatment = $2"
        " order by a.due, a.id",
        num(w->org), num(t->id)));
    card_begin(w, "Actions", NULL);
    html(w->html, "<div class='list-group list-group-flush'>");
    while (row_next(r))
        html(w->html,
             "<a class='list-group-item list-group-item-action' href='%s'>AC-%lld %s<br>"
             "<span class='text-secondary'>%s · due %s · %s</span></a>",
             web_record_url(w, &action_entity, row_num(r, 0)), row_num(r, 0), row_text(r, 1),
             row_null(r, 4) ? "nobody yet" : row_str(r, 4),
             row_null(r, 2) ? "not set" : row_str(r, 2), row_text(r, 3));
    html(w->html, "</div>");
    if (!row_count(r))
        page_empty(w, "Nothing planned yet: who does what, by when?", NULL, NULL);
    if (web_may(w, &action_write))
        html(w->html, "<p class='mt-3'><a class='btn' href='%s'>Plan an action</a></p>",
             web_url(w, "/actions/new?treatment=T-%lld", t->number));
    card_end(w);
    return NULL;
}

struct err *treatment_show(struct web *w)
{
    struct treatment t;
    i64 id;

    TRY(web_record(w, &treatment_entity, &id));
    TRY(entity_load(w, &treatment_entity, id, &t));
    page_begin(w, "Treatments", "T-%lld %s", t.number, t.title);
    if (web_may(w, &treatment_write)) {
        page_action(w, "default", web_url(w, "/treatments/T-%lld/remove", t.number), "Remove");
        page_action(w, "primary", web_url(w, "/treatments/T-%lld/edit", t.number), "Edit");
    }
    page_help(w, treatment_entity.help, treatment_entity.clause);
    page_body(w);
    html(w->html, "<div class='row row-cards'><div class='col-lg-8'>");
    card_begin(w, NULL, NULL);
    TRY(entity_details(w, &treatment_entity, &t));
    card_end(w);
    html(w->html, "</div><div class='col-lg-4'>");
    TRY(draw_actions(w, &t));
    html(w->html, "</div></div>");
    TRY(entity_history(w, &treatment_entity, t.id));
    page_end(w);
    return NULL;
}
