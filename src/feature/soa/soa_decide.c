/* SPDX-License-Identifier: Apache-2.0 */
/* Deciding quickly: the undecided controls one by one, with proposal and reasons; or all proposals
 * that rest on something at once. Nothing is ever excluded in bulk. The controls of a library stand
 * in the statement only when they are used: its undecided ones are gone through for themselves. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/content.h"
#include "core/page.h"
#include "feature/control/control.h"
#include "feature/soa/soa_part.h"

/* What is gone through: the statement, or one set. */
struct walk {
    struct soa_table t;
    struct controlset set; /* .id = 0: the statement */
    size_t count;
    i64 open; /* of the walk */
};

static bool undecided(const struct soa_row *r)
{
    return text_equal(r->applicable, "open");
}

/* Applicable, and something speaks for it that an auditor accepts. */
static bool plain_yes(const struct soa_row *r)
{
    return undecided(r) && text_equal(r->proposed, "yes") && (r->nreasons || r->reasoned);
}

static bool walked(const struct walk *k, const struct soa_row *r)
{
    return !k->set.id || r->set == k->set.number;
}

/* `set` = "CS-3", or nothing for the statement. */
static struct err *open_walk(struct web *w, const char *set, struct walk *k)
{
    i64 id;

    *k = (struct walk){.count = 0};
    if (!text_empty(set)) {
        TRY(entity_find(w, &controlset_entity, set, &id));
        TRY(entity_load(w, &controlset_entity, id, &k->set));
    }
    TRY(soa_rows_with(w, k->set.id, &k->t));
    for (size_t i = 0; i < k->t.count; i++) {
        k->count += walked(k, &k->t.rows[i]);
        k->open += walked(k, &k->t.rows[i]) && undecided(&k->t.rows[i]);
    }
    return NULL;
}

/* The address of a step, which stays in the walk. */
static const char *step_url(struct web *w, const struct walk *k, const char *name, const char *code)
{
    const char *set = k->set.id ? arena_printf(w->arena, "&set=CS-%lld", k->set.number) : "";

    return web_url(w, "/soa/decide?%s=%s%s", name, text_url(w->arena, code), set);
}

static void hidden_set(struct web *w, const struct walk *k)
{
    if (k->set.id)
        html(w->html, "<input type='hidden' name='set' value='CS-%lld'>", k->set.number);
}

static const struct soa_row *row_named(const struct soa_table *t, const char *code)
{
    for (size_t i = 0; code && i < t->count; i++)
        if (text_equal(t->rows[i].code, code))
            return &t->rows[i];
    return NULL;
}

/* The control asked for, or the first undecided one after another, or the first one. */
static const struct soa_row *next_row(const struct walk *k, const char *asked, const char *after)
{
    const struct soa_table *t = &k->t;
    const struct soa_row *r = row_named(t, asked), *from = row_named(t, after);

    if (r)
        return r;
    for (size_t i = from ? (size_t)(from - t->rows) + 1 : 0; i < t->count; i++)
        if (walked(k, &t->rows[i]) && undecided(&t->rows[i]))
            return &t->rows[i];
    return NULL;
}

/* --- drawing --- */

static void draw_told(struct web *w, const struct soa_row *r)
{
    const struct content_table *t = content_table(w->app->content, "controls");
    i64 row = content_row(t, r->code);

    if (row >= 0)
        html(w->html, "<p>%s</p><p class='mute'>%s</p>", content_words(t, (size_t)row, "plain"),
             content_words(t, (size_t)row, "why"));
    if (r->set)
        html(w->html, "<p class='mute'>{From the set} <a href='%s'>%s</a></p>",
             web_url(w, "/control-sets/CS-%lld", r->set), r->set_name);
    if (!text_empty(r->asks))
        html(w->html, "<p>%s</p>", r->asks);
    html(w->html, "<div class='notice info mb-3'><div>");
    if (r->proposed)
        html(w->html, "<strong>%s</strong> ",
             text_equal(r->proposed, "no") ? tr("Proposed: leave it out.")
                                           : tr("Proposed: applicable."));
    html(w->html, "%s</div></div>", tr(r->proposed_because));
    if (r->nreasons) {
        html(w->html, "<p>{It is wanted by:} ");
        soa_draw_reasons(w, r, 20);
        html(w->html, "</p>");
    }
    if (r->conflict)
        html(w->html, "<p class='late'>%s.</p>", r->conflict);
}

/* It was decided already; its reasons changed. */
static void draw_stands(struct web *w, const struct soa_row *r)
{
    if (!r->changed)
        return;
    html(w->html,
         "<section class='card'><div class='card-body'><h2 class='card-title mb-2'>{Decided "
         "for other reasons}</h2><p>%s %s</p>",
         r->changed,
         text_empty(r->decided_on)
             ? ""
             : arena_printf(w->arena, tr("It was decided on %s."), r->decided_on));
    if (r->conflict) {
        html(w->html, "<p class='mb-0'>{It cannot stay left out while it is used. Include it, or "
                      "take it out where it is used.}</p></div></section>");
        return;
    }
    form_begin(w, web_url(w, "/soa/confirm"), r->version);
    html(w->html,
         "<input type='hidden' name='control' value='%s'><div class='form-actions'><button "
         "class='btn' type='submit'>{The decision stands}</button></div></form></div></section>",
         r->code);
}

static const char *sent_or(struct web *w, const char *name, const char *otherwise)
{
    const char *text = web_form(w, name);

    return text ? text : otherwise;
}

static void draw_error(struct web *w, const struct issues *issues, const char *field)
{
    const char *text = issues ? issue_of(issues, field) : NULL;

    if (text)
        html(w->html, "<div class='field-error'>%s</div>", text);
}

static void draw_yes(struct web *w, const struct walk *k, const struct soa_row *r,
                     const struct issues *issues)
{
    html(w->html, "<section class='card'><div class='card-body'><h2 class='card-title mb-2'>{We "
                  "need it}</h2>");
    form_begin(w, web_url(w, "/soa/decide"), r->version);
    html(w->html,
         "<input type='hidden' name='control' value='%s'><input type='hidden' "
         "name='decide' value='yes'>",
         r->code);
    hidden_set(w, k);
    form_area(w, "business_reason", "Business reason",
              sent_or(w, "business_reason",
                      !r->nreasons && plain_yes(r) ? r->proposed_because : r->business),
              r->nreasons ? "Only if there is more to say than the reasons above."
                          : "Nothing asks for it so far: say why you want it.");
    draw_error(w, issues, "business_reason");
    html(w->html,
         "<div class='form-actions'><button class='btn%s' "
         "type='submit'>{Applicable}</button></div></form></div></section>",
         text_equal(r->proposed, "no") ? "" : " btn-primary");
}

static void draw_no(struct web *w, const struct walk *k, const struct soa_row *r,
                    const struct issues *issues)
{
    const char *draft = text_empty(r->justification) ? control_hint(w, r->code) : r->justification;

    html(w->html, "<section class='card'><div class='card-body'><h2 class='card-title mb-2'>{We "
                  "leave it out}</h2>");
    form_begin(w, web_url(w, "/soa/decide"), r->version);
    html(w->html,
         "<input type='hidden' name='control' value='%s'><input type='hidden' "
         "name='decide' value='no'>",
         r->code);
    hidden_set(w, k);
    form_area(w, "justification", "Reason for leaving it out", sent_or(w, "justification", draft),
              "Facts about your organisation that somebody can check. Replace what stands in "
              "[brackets], look into what follows “Check:” and take it out.");
    draw_error(w, issues, "justification");
    html(w->html,
         "<div class='form-actions'><button class='btn%s' type='submit'>{Not "
         "applicable}</button></div></form></div></section>",
         text_equal(r->proposed, "no") ? " btn-primary" : "");
}

static void draw_accept(struct web *w, i64 n)
{
    html(w->html,
         "<p>{%lld of them are proposed as applicable for a reason: the baseline, the profile, "
         "a risk or a requirement. You can accept these together. What is left out is always "
         "decided one by one.}</p>",
         n);
    form_button(w, web_url(w, "/soa/decide/all"), "default",
                arena_printf(w->arena, tr("Accept all %lld"), n), NULL, NULL);
}

static void draw_open(struct web *w, const struct walk *k)
{
    const struct soa_table *t = &k->t;
    i64 n = 0;

    for (size_t i = 0; i < t->count; i++)
        n += plain_yes(&t->rows[i]);
    html(w->html,
         "<section class='card'><div class='card-header'><h2 class='card-title'>{Still "
         "open}</h2><span class='mute'>{%lld of %zu}</span></div><div class='card-body'>",
         k->open, k->count);
    html(w->html, "<progress class='bar mb-3' max='%zu' value='%lld'>{%lld decided}</progress>",
         k->count, (i64)k->count - k->open, (i64)k->count - k->open);
    if (n && !k->set.id)
        draw_accept(w, n);
    html(w->html, "<ul class='list-unstyled mt-3 mb-0'>");
    for (size_t i = 0, shown = 0; i < t->count && shown < 12; i++) {
        const struct soa_row *r = &t->rows[i];

        if (!walked(k, r) || !undecided(r))
            continue;
        shown++;
        html(w->html,
             "<li><a href='%s'><strong>%s</strong> %s</a> <span class='mute'>%s</span> <span "
             "class='mute'>%s</span></li>",
             step_url(w, k, "control", r->code), r->code, tr(r->title),
             k->set.id ? "" : r->set_name, text_equal(r->proposed, "no") ? tr("leave out?") : "");
    }
    html(w->html, "</ul></div></section>");
}

/* Undecided controls that do not stand in the statement: libraries to pick from. */
static struct err *draw_libraries(struct web *w, const struct walk *k)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select s.number, s.title, count(*) from controlset s join control c on"
                 " c.org_id = s.org_id and c.controlset = s.id where s.org_id = $1"
                 " and s.purpose = 'library' and c.applicable = 'open' and s.id <> $2"
                 " and not exists (select 1 from treatment_controls l where l.org_id = c.org_id"
                 " and l.target = c.id) and not exists (select 1 from requirement_controls q"
                 " where q.org_id = c.org_id and q.target = c.id)"
                 " group by s.number, s.title order by s.title, s.number limit 100",
                 num(w->org), num(k->set.id)));
    if (!row_count(r) && !k->set.id)
        return NULL;
    card_begin(w, "Undecided in libraries", NULL);
    html(w->html, "<p class='mute'>{They stand in the statement once they are used or decided: go "
                  "through a set when you want to pick from it.}</p><ul class='list-unstyled "
                  "mb-0'>");
    if (k->set.id)
        html(w->html, "<li><a href='%s'>{Back to the statement}</a></li>",
             web_url(w, "/soa/decide"));
    while (row_next(r))
        html(w->html, "<li><a href='%s'>%s</a> <span class='mute'>{%lld open}</span></li>",
             web_url(w, "/soa/decide?set=CS-%lld", row_num(r, 0)), row_text(r, 1), row_num(r, 2));
    html(w->html, "</ul>");
    card_end(w);
    return NULL;
}

static struct err *draw_end(struct web *w, const struct walk *k)
{
    const char *again = k->set.id ? web_url(w, "/soa/decide?set=CS-%lld", k->set.number)
                                  : web_url(w, "/soa/decide");

    page_begin(w, "Statement of Applicability", "All controls are decided");
    page_body(w);
    card_begin(w, k->set.title, NULL);
    page_empty(w,
               k->open ? "These were the last ones in the list; those you skipped are still "
                         "open."
                       : "Nothing is open. Look at the statement once more, then send it for "
                         "approval.",
               k->open ? again : web_url(w, "/soa?theme=all"),
               k->open ? "Back to the first open one" : "To the statement");
    card_end(w);
    TRY(draw_libraries(w, k));
    page_end(w);
    return NULL;
}

static struct err *draw_page(struct web *w, const struct walk *k, const struct soa_row *r,
                             const struct issues *issues)
{
    if (!r)
        return draw_end(w, k);
    page_begin(w, "Do we need this control?", "%s %s", r->code, tr(r->title));
    page_action(w, "default", step_url(w, k, "after", r->code), "Skip");
    page_action(w, "default", web_url(w, "/soa?theme=%s", r->theme), "To the statement");
    page_body(w);
    form_issues(w, issues);
    html(w->html, "<div class='split wide-aside'><div class='stack'>");
    card_begin(w, NULL, NULL);
    draw_told(w, r);
    card_end(w);
    draw_stands(w, r);
    draw_yes(w, k, r, issues);
    draw_no(w, k, r, issues);
    html(w->html, "</div><div class='stack'>");
    draw_open(w, k);
    TRY(draw_libraries(w, k));
    html(w->html, "</div></div>");
    page_end(w);
    return NULL;
}

/* The walk through the library of a control that is asked for by its code alone. */
static struct err *walk_of(struct web *w, const char *code, struct walk *k)
{
    struct rows *r;

    if (text_empty(code) || row_named(&k->t, code))
        return NULL;
    TRY(db_query(w->db, &r,
                 "select s.number from control c join controlset s on s.org_id = c.org_id"
                 " and s.id = c.controlset where c.org_id = $1 and c.code = $2",
                 num(w->org), str(code)));
    return row_next(r) ? open_walk(w, arena_printf(w->arena, "CS-%lld", row_num(r, 0)), k) : NULL;
}

struct err *soa_decide_page(struct web *w)
{
    const char *asked = web_query(w, "control");
    struct walk k;

    TRY(open_walk(w, web_query(w, "set"), &k));
    TRY(walk_of(w, asked, &k));
    return draw_page(w, &k, next_row(&k, asked, web_query(w, "after")), NULL);
}

/* --- deciding --- */

static struct err *load_posted(struct web *w, struct control *c)
{
    const char *code = web_form(w, "control"), *version = web_form(w, "_version");
    i64 id, shown;

    TRY(entity_find(w, &control_entity, code ? code : "", &id));
    TRY(entity_load(w, &control_entity, id, c));
    if (!version || !text_i64(version, &shown))
        return err_new(ERR_BAD, "The form is not complete. Open the page again.");
    if (shown != c->version)
        return err_new(ERR_CLASH, "Somebody else changed this control since you opened the page. "
                                  "Look at it again and decide then.");
    return NULL;
}

static struct err *refuse_decision(struct web *w, const char *code, const struct issues *issues)
{
    struct walk k;

    TRY(open_walk(w, web_form(w, "set"), &k));
    TRY(walk_of(w, code, &k));
    web_status(w, 422);
    return draw_page(w, &k, row_named(&k.t, code), issues);
}

static const char *trimmed(struct web *w, const char *name)
{
    const char *text = web_form(w, name);

    return text_empty(text) ? NULL : text_trim(w->arena, text);
}

struct err *soa_decide_post(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    const char *decision = web_form(w, "decide"), *set = web_form(w, "set");
    struct control c;

    TRY(load_posted(w, &c));
    if (text_equal(decision, "yes")) {
        c.applicable = "yes";
        c.business_reason = trimmed(w, "business_reason");
    } else if (text_equal(decision, "no")) {
        c.applicable = "no";
        c.justification = trimmed(w, "justification");
    } else {
        return err_new(ERR_BAD, "Say whether the control is applicable or not.");
    }
    if (text_length(c.business_reason ? c.business_reason : "") > 2000 ||
        text_length(c.justification ? c.justification : "") > 2000)
        return err_new(ERR_INVALID, "The reason is too long: at most 2,000 characters fit.");
    TRY(entity_write(w, &control_entity, &c, "decided in the statement", &issues));
    if (issues.count)
        return refuse_decision(w, c.code, &issues);
    web_redirect(
        w, web_url(w, "/soa/decide?after=%s&m=saved%s%s", text_url(w->arena, c.code),
                   text_empty(set) ? "" : "&set=", text_empty(set) ? "" : text_url(w->arena, set)));
    return NULL;
}

struct err *soa_decide_all(struct web *w)
{
    struct soa_table t;

    TRY(soa_rows(w, &t));
    for (size_t i = 0; i < t.count; i++) {
        struct issues issues = {.arena = w->arena};
        struct control c;

        if (!plain_yes(&t.rows[i]))
            continue;
        TRY(entity_load(w, &control_entity, t.rows[i].control, &c));
        c.applicable = "yes";
        if (!t.rows[i].nreasons) /* the proposal is then all that speaks for it */
            c.business_reason = t.rows[i].proposed_because;
        TRY(entity_write(
            w, &control_entity, &c,
            arena_printf(w->arena, "proposal accepted: %s", t.rows[i].proposed_because), &issues));
        if (issues.count)
            return err_new(ERR_INVALID, "%s: %s", c.name, issues.list[0].text);
    }
    web_redirect(w, web_url(w, "/soa/decide?m=accepted"));
    return NULL;
}
