/* SPDX-License-Identifier: Apache-2.0 */
/* Forms of a risk: levels are chosen by the words of the method, not by bare numbers. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/page.h"
#include "feature/asset/asset.h"
#include "feature/risk/risk_part.h"

/* The scales of the method in use. */
struct scales {
    struct method method;
    struct method_level *likelihood, *impact;
    size_t nlikelihood, nimpact;
};

static struct err *load_scales(struct web *w, struct scales *s)
{
    TRY(method_current(w, &s->method));
    TRY(method_levels(w, s->method.id, "likelihood", &s->likelihood, &s->nlikelihood));
    return method_levels(w, s->method.id, "impact", &s->impact, &s->nimpact);
}

/* --- level inputs --- */

static void level_option(struct web *w, const struct method_level *l, const char *chosen)
{
    const char *value = arena_printf(w->arena, "%lld", l->level);

    html(w->html, "<option value='%s'%s>%s</option>", value,
         text_equal(value, chosen) ? " selected" : "", method_level_words(w->arena, l));
}

static void level_input(struct web *w, const char *name, const struct method_level *levels,
                        size_t n, const struct risk *r, const struct issues *issues)
{
    const struct field *f = entity_field(&risk_entity, name);
    const char *error = issues ? issue_of(issues, name) : NULL;
    const char *sent = form_sent(w, issues, name);
    i64 now = field_num(f, r);
    const char *chosen = sent ? sent : now ? arena_printf(w->arena, "%lld", now) : "";
    struct html *h = w->html;

    html(h,
         "<div class='field'><label class='form-label' for='f-%s'>%s</label>"
         "<select class='form-select%s' id='f-%s' name='%s' aria-describedby='f-%s-hint%s%s%s'",
         name, strstr(name, "likelihood") ? tr("Likelihood") : tr("Impact"),
         error ? " is-invalid" : "", name, name, name, error ? " f-" : "", error ? name : "",
         error ? "-error" : "");
    if (error)
        html(h, " aria-invalid='true'");
    html(h, "><option value=''%s>%s</option>", *chosen ? "" : " selected",
         strstr(name, "likelihood") ? tr("Not scored") : tr("Not scored, or by its axes"));
    for (size_t i = 0; i < n; i++)
        level_option(w, &levels[i], chosen);
    html(h, "</select><div class='form-hint' id='f-%s-hint'>%s</div>", name, tr(f->help));
    if (error)
        html(h, "<div class='field-error' id='f-%s-error'>%s</div>", name, error);
    html(h, "</div>");
}

static void scale_table(struct web *w, const char *title, const struct method_level *levels,
                        size_t n)
{
    struct html *h = w->html;

    html(h,
         "<details class='mb-3'><summary>{What the levels of %s mean}</summary><div "
         "class='table-responsive'><table class='table'><caption class='visually-hidden'>{Levels "
         "of %s}</caption><thead><tr><th scope='col'>{Level}</th><th "
         "scope='col'>{Meaning}</th></tr></thead><tbody>",
         title, title);
    for (size_t i = 0; i < n; i++) {
        html(h, "<tr><th scope='row' class='text-nowrap'>%lld %s</th><td>", levels[i].level,
             tr(levels[i].label));
        html_lines(h, tr(levels[i].descriptor));
        html(h, "</td></tr>");
    }
    html(h, "</tbody></table></div></details>");
}

struct err *risk_scales_draw(struct web *w)
{
    struct scales s;

    TRY(load_scales(w, &s));
    html(w->html, "<div class='mt-3'>");
    scale_table(w, "likelihood", s.likelihood, s.nlikelihood);
    scale_table(w, "impact", s.impact, s.nimpact);
    html(w->html, "</div>");
    return NULL;
}

/* Folded away while one number says it all. */
static struct err *axes_inputs(struct web *w, enum risk_kind k, const struct risk *r,
                               const struct issues *issues, bool open)
{
    const struct risk_level *l = &risk_levels[k];
    const struct field *f = entity_field(&risk_entity, l->axes);
    const char *error = issues ? issue_of(issues, l->axes) : NULL;
    struct html *h = w->html;

    html(h,
         "<details class='mb-3'%s><summary>{Impact per axis}</summary><p class='form-hint' "
         "id='f-%s-hint'>%s</p>",
         open || error || !text_empty(risk_axes(r, k)) ? " open" : "", f->name, tr(f->help));
    if (error)
        html(h, "<div class='field-error' id='f-%s-error'>%s</div>", f->name, error);
    TRY(risk_axes_input(w, f, r));
    html(h, "</details>");
    return NULL;
}

/* With `open` the axes of what is not scored yet are asked for at once. */
static struct err *level_inputs(struct web *w, const struct scales *s, const struct risk *r,
                                const struct issues *issues, bool open)
{
    struct html *h = w->html;

    for (enum risk_kind k = RISK_INHERENT; k < RISK_KINDS; k++) {
        const struct risk_level *l = &risk_levels[k];

        html(h,
             "<fieldset class='group mb-3'><legend>%s <span class='mute'>%s</span></legend>"
             "<div class='form-grid mb-3'>",
             tr(l->label), tr(l->meaning));
        level_input(w, l->likelihood, s->likelihood, s->nlikelihood, r, issues);
        level_input(w, l->impact, s->impact, s->nimpact, r, issues);
        html(h, "</div>");
        TRY(axes_inputs(w, k, r, issues, open && k == RISK_INHERENT && !risk_impact(r, k)));
        html(h, "</fieldset>");
    }
    scale_table(w, "likelihood", s->likelihood, s->nlikelihood);
    scale_table(w, "impact", s->impact, s->nimpact);
    html(h,
         "<p class='mute'>{The level is looked up in the matrix of “%s”. What is left empty stays "
         "“not scored”; it never counts as low.}</p>",
         s->method.title);
    return NULL;
}

/* --- the whole form --- */

static const char *const groups[] = {N_("What"), N_("Who"), N_("How bad"),
                                     N_("Existing controls and reasons")};

static struct err *draw_group(struct web *w, const char *group, const struct scales *s,
                              const struct risk *r, const struct issues *issues)
{
    struct html *h = w->html;
    bool levels = text_equal(group, "How bad");

    html(h, "<fieldset class='group mb-4'><legend>%s</legend>", tr(group));
    if (levels)
        TRY(level_inputs(w, s, r, issues, false));
    else
        html(h, "<div class='form-grid mb-3'>");
    for (size_t i = 0; !levels && i < risk_entity.nfields; i++) {
        const struct field *f = &risk_entity.fields[i];

        /* Closing and opening again are steps of their own, with a reason. */
        if (!f->internal && !f->derived && text_equal(f->group, group) &&
            !text_equal(f->name, "state"))
            TRY(form_field(w, f, r, issues));
    }
    if (!levels)
        html(h, "</div>");
    html(h, "</fieldset>");
    return NULL;
}

static struct err *form_page(struct web *w, const struct risk *r, const struct issues *issues)
{
    const char *address = r->id ? web_record_url(w, &risk_entity, r->number) : web_url(w, "/risks");
    struct scales s;

    TRY(load_scales(w, &s));
    if (r->id)
        page_begin(w, arena_printf(w->arena, "%s · R-%lld", tr("Risk"), r->number), "Edit “%s”",
                   r->title);
    else
        page_begin(w, "Plan · Risks", "New risk");
    page_help(w, risk_entity.help, risk_entity.clause);
    page_body(w);
    form_issues(w, issues);
    html(w->html, "<section class='card'><div class='card-body'>");
    form_begin(w, address, r->version);
    TRY(form_draft(w, &risk_entity, r, issues));
    for (size_t i = 0; i < COUNT_OF(groups); i++)
        TRY(draw_group(w, groups[i], &s, r, issues));
    if (r->id)
        form_text(w, "_reason", "Reason for the change", web_form(w, "_reason"),
                  "Kept with the history of the record. You may leave it empty.");
    form_end(w, r->id ? "Save" : "Create risk", address);
    html(w->html, "</div></section>");
    page_end(w);
    return NULL;
}

/* Values of the address start the form: links from assets and threats. */
static struct err *from_address(struct web *w, struct risk *r)
{
    for (size_t i = 0; w->req && i < w->req->query.count; i++) {
        struct input one = {w->req->query.list[i].name, w->req->query.list[i].value};
        struct issues ignored = {.arena = w->arena};

        TRY(entity_apply(w, &risk_entity, r, (struct inputs){&one, 1}, false, &ignored));
    }
    return NULL;
}

struct err *risk_new(struct web *w)
{
    struct risk r = {.state = NULL};

    TRY(from_address(w, &r));
    return form_page(w, &r, NULL);
}

/* What and who, but no levels: each score is a judgement of its own. */
struct err *risk_copy(struct web *w)
{
    struct risk r, copy;

    TRY(risk_asked(w, &r));
    copy = (struct risk){.title = r.title,
                         .description = r.description,
                         .threat = r.threat,
                         .vulnerability = r.vulnerability,
                         .properties = r.properties,
                         .owner = r.owner,
                         .existing_controls = r.existing_controls,
                         .assets = r.assets};
    return form_page(w, &copy, NULL);
}

struct err *risk_edit(struct web *w)
{
    struct risk r;

    TRY(risk_asked(w, &r));
    return form_page(w, &r, NULL);
}

/* --- saving --- */

static struct err *posted_version(struct web *w, i64 *out)
{
    const char *text = web_form(w, "_version");

    if (!text || !text_i64(text, out) || *out < 1)
        return err_new(ERR_BAD, "The form does not say which version it changes. Open the risk "
                                "again and save from there.");
    return NULL;
}

static void go_to(struct web *w, const struct risk *r, const char *message)
{
    web_redirect(
        w, arena_printf(w->arena, "%s?m=%s", web_record_url(w, &risk_entity, r->number), message));
}

struct err *risk_save(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    bool fresh = text_empty(web_param(w, 0));
    struct risk r = {.state = NULL};
    i64 version = 0;

    if (!fresh) {
        TRY(posted_version(w, &version));
        TRY(risk_asked(w, &r));
        if (r.version != version)
            return entity_save_page(w, &risk_entity); /* shows both versions */
    }
    TRY(entity_apply(w, &risk_entity, &r, entity_form_inputs(w, &risk_entity), false, &issues));
    if (!issues.count)
        TRY(entity_write(w, &risk_entity, &r, w->reason, &issues));
    if (issues.count) {
        if (fresh)
            r.id = r.version = 0;
        web_status(w, 422);
        return form_page(w, &r, &issues);
    }
    go_to(w, &r, fresh ? "created" : r.version == version ? "unchanged" : "saved");
    return NULL;
}

/* --- scoring alone --- */

static struct err *score_page(struct web *w, const struct risk *r, const struct issues *issues)
{
    const char *address = web_record_url(w, &risk_entity, r->number);
    struct scales s;

    TRY(load_scales(w, &s));
    page_begin(w, arena_printf(w->arena, "%s · R-%lld", tr("Risk"), r->number), "Score “%s”",
               r->title);
    page_help(
        w,
        "Start with the inherent level: how often and how bad, as if no control existed. Then "
        "write down what works today and score the current level. The expected residual level "
        "follows from the treatment. Give the facts behind each, so that somebody else comes "
        "to the same result.",
        "6.1.2 d");
    page_action(w, "default", arena_printf(w->arena, "%s/likelihood", address),
                "Help with the likelihood");
    page_body(w);
    form_issues(w, issues);
    html(w->html, "<section class='card'><div class='card-body'>");
    if (!text_empty(r->description)) {
        html(w->html, "<p>");
        html_lines(w->html, r->description);
        html(w->html, "</p>");
    }
    form_begin(w, arena_printf(w->arena, "%s/score", address), r->version);
    TRY(level_inputs(w, &s, r, issues, true));
    html(w->html, "<div class='form-grid mb-3'>");
    TRY(form_field(w, entity_field(&risk_entity, "rationale"), r, issues));
    TRY(form_field(w, entity_field(&risk_entity, "residual_reason"), r, issues));
    html(w->html, "</div>");
    form_end(w, "Save the scores", address);
    html(w->html, "</div></section>");
    page_end(w);
    return NULL;
}

struct err *risk_score_form(struct web *w)
{
    struct risk r;

    TRY(risk_asked(w, &r));
    TRY(from_address(w, &r)); /* the likelihood helper proposes */
    return score_page(w, &r, NULL);
}

/* The posted form with what only the score form may change. */
static struct inputs score_inputs(struct web *w)
{
    struct inputs all = entity_form_inputs(w, &risk_entity);
    struct inputs in = {.list = NEW_ARRAY(w->arena, struct input, all.count + 1)};

    for (size_t i = 0; i < all.count; i++) {
        const struct field *f = entity_field(&risk_entity, all.list[i].name);

        if (f && (f->kind == FIELD_LEVEL || f->input == risk_axes_input ||
                  text_equal(f->name, "rationale") || text_equal(f->name, "residual_reason")))
            in.list[in.count++] = all.list[i];
    }
    return in;
}

struct err *risk_score_save(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    i64 version, before;
    struct method m;
    struct risk r;

    TRY(posted_version(w, &version));
    TRY(risk_asked(w, &r));
    before = r.version;
    r.version = version; /* the kernel refuses when somebody else saved meanwhile */
    TRY(entity_apply(w, &risk_entity, &r, score_inputs(w), false, &issues));
    TRY(method_current(w, &m));
    r.method = m.id; /* scored again with the method in use, even when the levels stay */
    if (!issues.count)
        TRY(entity_write(w, &risk_entity, &r, w->reason, &issues));
    if (issues.count) {
        web_status(w, 422);
        return score_page(w, &r, &issues);
    }
    go_to(w, &r, r.version == before ? "unchanged" : "saved");
    return NULL;
}

/* --- state --- */

static struct err *set_state(struct web *w, const char *state, const char *message)
{
    struct issues issues = {.arena = w->arena};
    struct risk r;
    i64 version;

    TRY(posted_version(w, &version));
    TRY(risk_asked(w, &r));
    if (text_equal(r.state, state))
        return err_new(ERR_CLASH, "This risk is %s already.", state);
    if (text_empty(w->reason))
        return err_new(ERR_INVALID,
                       "Say in a few words why the risk is %s. Go back and fill it in.",
                       text_equal(state, "closed") ? "closed" : "opened again");
    r.version = version;
    r.state = state;
    TRY(entity_write(w, &risk_entity, &r, w->reason, &issues));
    if (issues.count)
        return err_new(ERR_INVALID, "%s", issues.list[0].text);
    go_to(w, &r, message);
    return NULL;
}

struct err *risk_close(struct web *w)
{
    return set_state(w, "closed", "closed");
}

struct err *risk_reopen(struct web *w)
{
    return set_state(w, "open", "saved");
}
