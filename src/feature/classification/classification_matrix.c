/* SPDX-License-Identifier: Apache-2.0 */
/* The handling rules of one level as a table: actions down, forms across; to read and to write. */
#include "base/text.h"
#include "base/words.h"
#include "core/page.h"
#include "feature/classification/classification_part.h"

#define CELL_MOST 2000

struct matrix {
    struct classification level;
    struct scheme scheme;
    struct policy policy;
    size_t at; /* of the level */
    bool edit, past;
    struct issues issues;
};

static struct err *read_asked(struct web *w, struct matrix *m)
{
    i64 id;

    *m = (struct matrix){.issues = {.arena = w->arena}};
    TRY(web_record(w, &classification_entity, &id));
    TRY(entity_load(w, &classification_entity, id, &m->level));
    TRY(entity_load(w, &scheme_entity, m->level.scheme, &m->scheme));
    TRY(policy_load(w, &m->scheme, &m->policy));
    while (m->policy.levels[m->at].id != id)
        m->at++;
    return NULL;
}

/* "paper", or "own-<id>". */
static const char *form_key(struct web *w, const struct policy_form *f)
{
    return f->own ? arena_printf(w->arena, "own-%lld", f->own) : f->code;
}

static const char *cell_name(struct web *w, const struct policy_form *f, size_t action)
{
    return arena_printf(w->arena, "%s.%s", class_actions[action].name, form_key(w, f));
}

/* --- drawing --- */

static void draw_input(struct web *w, const struct matrix *m, size_t form, size_t action)
{
    const struct policy_form *f = &m->policy.forms[form];
    const char *name = cell_name(w, f, action), *now, *wrong = issue_of(&m->issues, name);

    now = m->issues.count ? web_form(w, name) : policy_cell(&m->policy, m->at, form)->text[action];
    html(w->html,
         "<textarea class='form-control form-control-sm%s' id='f-%s' name='%s' rows='3' "
         "aria-label='%s: %s' placeholder='%s'>%s</textarea>",
         wrong ? " is-invalid" : "", name, name, tr(class_actions[action].label), f->label,
         policy_suggested(w, m->level.tier, f->code, action), now ? now : "");
    if (wrong)
        html(w->html, "<div class='field-error'>%s</div>", wrong);
}

static void draw_cell(struct web *w, const struct matrix *m, size_t form, size_t action)
{
    const char *text = policy_cell(&m->policy, m->at, form)->text[action];

    html(w->html, "<td data-label='%s'>", m->policy.forms[form].label);
    if (m->edit)
        draw_input(w, m, form, action);
    else if (text_empty(text))
        html(w->html, "<span class='mute'>—</span>");
    else
        html_lines(w->html, text);
    html(w->html, "</td>");
}

static void draw_table(struct web *w, const struct matrix *m)
{
    const struct policy *p = &m->policy;

    html(w->html, "<div class='table-responsive'><table class='table list handling'><caption "
                  "class='visually-hidden'>{What may be done, by form}</caption><thead><tr>"
                  "<th scope='col'>{What}</th>");
    for (size_t f = 0; f < p->nforms; f++)
        html(w->html, "<th scope='col'>%s</th>", p->forms[f].label);
    html(w->html, "</tr></thead><tbody>");
    for (size_t a = 0; a < HANDLING_ACTIONS; a++) {
        html(w->html, "<tr><th scope='row' class='list-main'>%s<div class='list-sub'>%s</div></th>",
             tr(class_actions[a].label), tr(class_actions[a].help));
        for (size_t f = 0; f < p->nforms; f++)
            draw_cell(w, m, f, a);
        html(w->html, "</tr>");
    }
    html(w->html, "</tbody></table></div>");
}

static void draw_tabs(struct web *w, const struct matrix *m)
{
    const struct policy *p = &m->policy;
    const char **pairs = NEW_ARRAY(w->arena, const char *, 2 * p->nlevels + 2);

    for (size_t i = 0; i < p->nlevels; i++) {
        pairs[2 * i] = web_url(w, "/classifications/CL-%lld/handling%s", p->levels[i].number,
                               m->edit ? "?edit=1" : "");
        pairs[2 * i + 1] = p->levels[i].name;
    }
    tabs(w, (int)m->at, pairs);
}

static void draw_form(struct web *w, const struct matrix *m)
{
    const struct policy *p = &m->policy;

    form_begin(w, web_url(w, "/classifications/CL-%lld/handling", m->level.number), 0);
    for (size_t f = 0; f < p->nforms; f++)
        html(w->html, "<input type='hidden' name='version.%s' value='%lld'>",
             form_key(w, &p->forms[f]), policy_cell(p, m->at, f)->version);
    html(w->html, "<section class='card'>");
    draw_table(w, m);
    html(w->html,
         "</section><p class='form-hint mt-3'>{In grey stands what we suggest for an empty "
         "cell.}</p><div class='form-actions'><button class='btn btn-primary'>{Save}</button>"
         "<button class='btn' name='fill' value='1'>{Save, and fill empty cells with the "
         "suggestions}</button><a class='btn' href='%s'>{Cancel}</a></div></form>",
         web_url(w, "/classifications/CL-%lld/handling", m->level.number));
}

static struct err *draw(struct web *w, const struct matrix *m)
{
    const char *label = m->level.name;

    page_begin(w, m->scheme.title, "Handling: %s", label);
    page_help(w, handling_entity.help, handling_entity.clause);
    if (!m->edit && !w->asof && web_may(w, &classification_write))
        page_action(w, "primary",
                    web_url(w, "/classifications/CL-%lld/handling?edit=1", m->level.number),
                    "Edit");
    page_action(w, "default", web_record_url(w, &scheme_entity, m->scheme.number), "The scheme");
    page_body(w);
    form_issues(w, &m->issues);
    draw_tabs(w, m);
    html(w->html, "<p>%s</p>", m->level.meaning);
    if (m->edit) {
        draw_form(w, m);
    } else {
        html(w->html, "<section class='card'>");
        draw_table(w, m);
        html(w->html, "</section>");
    }
    page_end(w);
    return NULL;
}

struct err *handling_matrix(struct web *w)
{
    struct matrix m;

    TRY(read_asked(w, &m));
    m.edit = !w->asof && web_query(w, "edit") && web_may(w, &classification_write);
    return draw(w, &m);
}

/* --- saving --- */

/* What was sent for a cell; without it what stands there; empty ones are filled when asked. */
static const char *wanted(struct web *w, const struct matrix *m, size_t form, size_t action)
{
    const struct policy_form *f = &m->policy.forms[form];
    const char *text = web_form(w, cell_name(w, f, action));

    if (!text)
        text = policy_cell(&m->policy, m->at, form)->text[action];
    if (text_empty(text) && web_form(w, "fill"))
        text = policy_suggested(w, m->level.tier, f->code, action);
    return text_empty(text) ? NULL : text_trim(w->arena, text);
}

static struct err *check_form(struct web *w, struct matrix *m, size_t form)
{
    const struct policy_form *f = &m->policy.forms[form];
    const char *version = web_form(w, arena_printf(w->arena, "version.%s", form_key(w, f)));
    i64 n;

    if (version && text_i64(version, &n) && n != policy_cell(&m->policy, m->at, form)->version)
        return err_new(ERR_CLASH,
                       "Somebody changed the rules for “%s” meanwhile. Load the page "
                       "again and enter your changes once more.",
                       f->label);
    for (size_t a = 0; a < HANDLING_ACTIONS; a++)
        if (text_length(wanted(w, m, form, a) ? wanted(w, m, form, a) : "") > CELL_MOST)
            issue(&m->issues, cell_name(w, f, a),
                  "This is longer than %d characters. Say it shorter.", CELL_MOST);
    return NULL;
}

static struct err *save_form(struct web *w, struct matrix *m, size_t form)
{
    const struct policy_cell *c = policy_cell(&m->policy, m->at, form);
    struct handling h = {.level = m->level.id,
                         .medium = m->policy.forms[form].code,
                         .own_medium = m->policy.forms[form].own};
    struct issues issues = {.arena = w->arena};
    bool any = false;

    if (c->id)
        TRY(entity_load(w, &handling_entity, c->id, &h));
    for (size_t a = 0; a < HANDLING_ACTIONS; a++) {
        const char *text = wanted(w, m, form, a);

        any |= text != NULL;
        field_set_str(entity_field(&handling_entity, class_actions[a].name), &h, text);
    }
    if (!any)
        return c->id ? entity_remove(w, &handling_entity, c->id, c->version, w->reason) : NULL;
    TRY(entity_write(w, &handling_entity, &h, w->reason, &issues));
    return issues.count ? err_new(ERR_INVALID, "%s", issues.list[0].text) : NULL;
}

struct err *handling_matrix_save(struct web *w)
{
    struct matrix m;

    TRY(read_asked(w, &m));
    m.edit = true;
    for (size_t f = 0; f < m.policy.nforms; f++)
        TRY(check_form(w, &m, f));
    if (m.issues.count) {
        web_status(w, 422);
        return draw(w, &m);
    }
    for (size_t f = 0; f < m.policy.nforms; f++)
        TRY(save_form(w, &m, f));
    web_redirect(w, web_url(w, "/classifications/CL-%lld/handling?m=saved", m.level.number));
    return NULL;
}
