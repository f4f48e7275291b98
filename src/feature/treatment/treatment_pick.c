/* SPDX-License-Identifier: Apache-2.0 */
/* The inputs of a treatment: controls to pick, and the fields of each option. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/content.h"
#include "core/page.h"
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

const char *treatment_suggested(struct web *w, const struct risk *r)
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
         words_supplied(w->arena, row_text(r, 2)));
}

/* Those of a theme that are not among the suggested ones, folded away. */
static void draw_theme(struct web *w, struct rows *r, const struct choice *theme, const char *list,
                       const struct ids *chosen)
{
    bool open = false;

    row_rewind(r);
    while (row_next(r))
        open |= text_equal(row_str(r, 3), theme->code) && has(chosen, row_num(r, 0)) &&
                !is_suggested(w, list, row_text(r, 1));
    html(w->html, "<details%s><summary>%s</summary><div class='form-grid my-2'>",
         open ? " open" : "", tr(theme->label));
    row_rewind(r);
    while (row_next(r))
        if (text_equal(row_str(r, 3), theme->code) && !is_suggested(w, list, row_text(r, 1)))
            draw_box(w, r, chosen);
    html(w->html, "</div></details>");
}

static struct err *draw_controls(struct web *w, const struct treatment *t, const char *list,
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
    const char *trouble = issue_of(issues, "controls");
    struct ids chosen = t->controls;
    struct rows *r;

    TRY(form_ids(w, entity_field(&treatment_entity, "controls"), issues, &chosen));
    TRY(db_query(w->db, &r,
                 "select id, code, title, theme from control where org_id = $1"
                 " order by position, code",
                 num(w->org)));
    html(w->html,
         "<fieldset class='mb-3' id='controls'><legend class='form-label'>{Controls}</legend>"
         "<input type='hidden' name='controls[]' value=''>");
    if (trouble)
        html(w->html, "<div class='invalid-feedback d-block'>%s</div>", trouble);
    if (list[1])
        html(w->html, "<p class='form-hint'>{Suggested because they work against this threat and "
                      "weakness:}</p>");
    html(w->html, "<div class='form-grid mb-2'>");
    while (row_next(r))
        if (is_suggested(w, list, row_text(r, 1)))
            draw_box(w, r, &chosen);
    html(w->html, "</div>");
    for (size_t i = 0; themes[i].code; i++)
        draw_theme(w, r, &themes[i], list, &chosen);
    html(w->html, "</fieldset>");
    return NULL;
}

/* --- levels, in the words of the method --- */

struct err *treatment_method(struct web *w, const struct treatment *t, i64 *out)
{
    struct rows *r;

    TRY(db_query(w->db, &r, "select method from risk where org_id = $1 and id = $2", num(w->org),
                 num(t->risk)));
    *out = row_next(r) ? row_num(r, 0) : 0;
    return NULL;
}

/* What the form sent for the field, else what the record has. */
static const char *level_chosen(struct web *w, const struct field *f, const void *record)
{
    const struct issues some = {.count = 1};
    const char *sent = w->req ? form_sent(w, w->req->form.count ? &some : NULL, f->name) : NULL;
    i64 now = field_num(f, record);

    return sent ? sent : now ? arena_printf(w->arena, "%lld", now) : "";
}

struct err *treatment_level_input(struct web *w, const struct field *f, const void *record)
{
    const char *axis = text_equal(f->name, "expected_impact") ? "impact" : "likelihood";
    const char *chosen = level_chosen(w, f, record);
    struct method_level *levels;
    i64 method;
    size_t n;

    TRY(treatment_method(w, record, &method));
    TRY(method_levels(w, method, axis, &levels, &n));
    html(w->html, "<select class='form-select' id='f-%s' name='%s'", f->name, f->name);
    if (f->help)
        html(w->html, " aria-describedby='f-%s-hint'", f->name);
    html(w->html, "><option value=''>%s</option>",
         text_equal(axis, "impact") ? tr("Not said, or by its axes") : "—");
    for (size_t i = 0; i < n; i++) {
        const char *value = arena_printf(w->arena, "%lld", levels[i].level);

        html(w->html, "<option value='%s'%s>%s</option>", value,
             text_equal(value, chosen) ? " selected" : "",
             method_level_words(w->arena, &levels[i]));
    }
    html(w->html, "</select>");
    return NULL;
}

/* --- all inputs --- */

const char *treatment_group_option(const char *group)
{
    static const char *const words[][2] = {
        {"modify",  "modify" },
        {"share",   "share"  },
        {"avoid",   "avoid"  },
        {"retain",  "retain" },
        {"is done", "outcome"}
    };

    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (strstr(group, words[i][0]))
            return words[i][1];
    return "";
}

static struct err *draw_all(struct web *w, const struct treatment *t, const char *suggested,
                            const struct issues *issues, bool levels)
{
    const char *group = "";

    html(w->html, "<fieldset>");
    for (size_t i = 0; i < treatment_entity.nfields; i++) {
        const struct field *f = &treatment_entity.fields[i];

        if (!strcmp(f->name, "risk") || (!levels && text_starts(f->name, "expected_")) ||
            (!levels && !strcmp(f->name, "state")))
            continue;
        if (f->group && !text_equal(f->group, group)) {
            group = f->group;
            html(w->html,
                 "</fieldset><fieldset class='option-%s'><legend class='h3 mt-3'>%s"
                 "</legend>",
                 treatment_group_option(group), tr(group));
        }
        if (f->kind == FIELD_REFS)
            TRY(draw_controls(w, t, suggested, issues));
        else
            TRY(form_field(w, f, t, issues));
    }
    html(w->html, "</fieldset>");
    return NULL;
}

struct err *treatment_fields_draw(struct web *w, const struct treatment *t, const char *suggested,
                                  const struct issues *issues)
{
    return draw_all(w, t, suggested, issues, true);
}

struct err *treatment_plan_draw(struct web *w, const struct treatment *t, const char *suggested,
                                const struct issues *issues)
{
    return draw_all(w, t, suggested, issues, false);
}
