/* SPDX-License-Identifier: Apache-2.0 */
/* The page of suggested assets: look, correct, accept or dismiss; and what was dismissed. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/page.h"
#include "feature/asset/asset_part.h"
#include "feature/organisation/organisation.h"

static const char *const levels[] = {"1 harmless", "2 minor", "3 serious", "4 severe",
                                     "5 survival"};

/* --- drawing --- */

/* What was sent for a row, or the proposal. */
static const char *sent(struct web *w, const char *name, const char *code, const char *proposed)
{
    const char *text = web_form(w, arena_printf(w->arena, "%s.%s", name, code));

    return text ? text : proposed;
}

static bool ticked(struct web *w, const char *code)
{
    for (size_t i = 0; w->req && i < w->req->form.count; i++)
        if (text_equal(w->req->form.list[i].name, "pick[]") &&
            text_equal(w->req->form.list[i].value, code))
            return true;
    return false;
}

static const char *error_of(struct web *w, const char *name, const char *code,
                            const struct issues *issues)
{
    return issues ? issue_of(issues, arena_printf(w->arena, "%s.%s", name, code)) : NULL;
}

static void draw_error(struct web *w, const char *name, const char *code,
                       const struct issues *issues)
{
    const char *text = error_of(w, name, code, issues);

    if (text)
        html(w->html, "<div class='field-error'>%s</div>", text);
}

static void draw_option(struct web *w, const char *value, const char *label, const char *chosen)
{
    html(w->html, "<option value='%s'%s>%s</option>", value,
         text_equal(value, chosen) ? " selected" : "", label);
}

/* The types of the same group as the proposed one; others can be chosen after accepting. */
static void draw_types(struct web *w, const struct asset_suggestion *s)
{
    const struct content_table *t = content_table(w->app->content, "asset_types");
    const char *chosen = sent(w, "type", s->code, s->type);
    i64 row = content_row(t, s->type);

    html(w->html,
         "<select class='form-select form-select-sm' id='f-type.%s' name='type.%s' "
         "aria-label='{Type of %s}'>",
         s->code, s->code, s->name);
    for (size_t i = 0; row >= 0 && i < content_rows(t); i++)
        if (text_equal(content_cell(t, i, "group"), content_cell(t, (size_t)row, "group")))
            draw_option(w, content_cell(t, i, "code"), content_words(t, i, "name"), chosen);
    html(w->html, "</select>");
}

static void draw_level(struct web *w, const struct asset_suggestion *s, const char *name,
                       const char *label, i64 value)
{
    const char *chosen = sent(w, name, s->code, arena_printf(w->arena, "%lld", value));

    html(w->html,
         "<td data-label='%s'><select class='form-select form-select-sm w-auto' id='f-%s.%s' "
         "name='%s.%s' aria-label='{%s of %s}'>",
         label, name, s->code, name, s->code, label, s->name);
    for (size_t i = 0; i < COUNT_OF(levels); i++)
        draw_option(w, arena_printf(w->arena, "%zu", i + 1), levels[i], chosen);
    html(w->html, "</select></td>");
}

/* Below the reason of the suggestion: the counter-reason. */
static void draw_dismiss(struct web *w, const struct asset_suggestion *s,
                         const struct issues *issues)
{
    struct html *h = w->html;

    if (!web_may(w, &dismissal_write))
        return;
    html(h,
         "<details class='mt-1'%s><summary class='mute'>{It does not fit}<span "
         "class='visually-hidden'>: %s</span></summary><label class='form-label mt-1' "
         "for='f-reason.%s'>{Why not}</label><div class='d-flex gap-1'><input class='form-control "
         "form-control-sm' id='f-reason.%s' name='reason.%s' maxlength='500' value='%s'><button "
         "class='btn btn-sm' type='submit' name='dismiss' value='%s' aria-label='{Dismiss "
         "%s}'>{Dismiss}</button></div>",
         text_empty(sent(w, "reason", s->code, "")) && !error_of(w, "reason", s->code, issues)
             ? ""
             : " open",
         s->name, s->code, s->code, s->code, sent(w, "reason", s->code, ""), s->code, s->name);
    draw_error(w, "reason", s->code, issues);
    html(h, "</details>");
}

/* For those who may look but not decide. */
static void draw_plain_row(struct web *w, const struct asset_suggestion *s)
{
    struct html *h = w->html;

    html(h,
         "<tr><td class='list-main'>%s<div class='list-sub'>%s</div></td><td "
         "data-label='{Type}'>%s</td><td data-label='{Confidentiality}'>",
         s->name, s->why, content_label(w->app->content, "asset_types", s->type));
    asset_value_chip(w, s->c);
    html(h, "</td><td data-label='{Integrity}'>");
    asset_value_chip(w, s->i);
    html(h, "</td><td data-label='{Availability}'>");
    asset_value_chip(w, s->a);
    html(h, "</td></tr>");
}

static void draw_row(struct web *w, const struct asset_suggestion *s, const struct issues *issues)
{
    struct html *h = w->html;
    const char *kind = asset_kind(w, s->type);

    html(h,
         "<tr><td class='pick'><input class='form-check-input' type='checkbox' name='pick[]' "
         "value='%s' data-pick aria-label='{Choose %s}'%s></td>",
         s->code, s->name, ticked(w, s->code) ? " checked" : "");
    html(h,
         "<td class='list-main'><input class='form-control form-control-sm' id='f-name.%s' "
         "name='name.%s' value='%s' maxlength='200' aria-label='{Name of %s}'>",
         s->code, s->code, sent(w, "name", s->code, s->name), s->name);
    draw_error(w, "name", s->code, issues);
    html(h, "<div class='list-sub'>%s</div>", s->why);
    draw_dismiss(w, s, issues);
    html(h, "</td><td data-label='{Type}'><div>");
    draw_types(w, s);
    html(h, "<div class='list-sub'>%s</div>",
         text_equal(kind, "primary") ? tr("Primary: valuable in itself")
                                     : tr("Supporting: carries others"));
    draw_error(w, "type", s->code, issues);
    html(h, "</div></td>");
    draw_level(w, s, "c", "Confidentiality", s->c);
    draw_level(w, s, "i", "Integrity", s->i);
    draw_level(w, s, "a", "Availability", s->a);
    html(h,
         "<td><button class='btn btn-sm' type='submit' name='accept' value='%s' "
         "aria-label='{Accept %s}'>{Accept}</button></td></tr>",
         s->code, s->name);
}

static void draw_head(struct web *w, bool edit)
{
    html(w->html, "<div class='table-responsive'><table class='table list'><caption "
                  "class='visually-hidden'>{Suggested assets}</caption><thead><tr>");
    if (edit)
        html(w->html, "<th scope='col' class='pick'><input class='form-check-input' "
                      "type='checkbox' data-pick-all aria-label='{Choose all}'></th>");
    html(w->html, "<th scope='col'>{Asset and why}</th><th scope='col'>{Type}</th><th "
                  "scope='col'>{Confidentiality}</th><th scope='col'>{Integrity}</th><th "
                  "scope='col'>{Availability}</th>");
    if (edit)
        html(w->html, "<th scope='col'><span class='visually-hidden'>{Decide}</span></th>");
    html(w->html, "</tr></thead><tbody>");
}

static struct err *draw_bulk(struct web *w, const struct issues *issues)
{
    struct field owner = *entity_field(&asset_entity, "owner");
    struct asset blank = {0};
    struct html *h = w->html;

    owner.label = "Owner of the ticked ones";
    owner.help = NULL;
    html(h, "<div class='bulk-bar align-items-end' data-bulk>");
    TRY(form_field(w, &owner, &blank, issues));
    html(h, "<button class='btn btn-primary' type='submit' name='do' value='accept'>{Accept the "
            "ticked ones} <span class='js-only ms-1'>(<span data-picked>0</span>)</span></button>");
    if (web_may(w, &dismissal_write)) {
        html(h,
             "<details class='ms-lg-auto'%s><summary>{They do not fit}</summary><label "
             "class='form-label mt-1' for='f-reason'>{Why not}</label><div class='d-flex "
             "gap-1'><input class='form-control' id='f-reason' name='reason' maxlength='500' "
             "value='%s'><button class='btn' type='submit' name='do' value='dismiss'>{Dismiss the "
             "ticked ones}</button></div>",
             issues && issue_of(issues, "reason") ? " open" : "", web_form(w, "reason"));
        if (issues && issue_of(issues, "reason"))
            html(h, "<div class='field-error'>%s</div>", issue_of(issues, "reason"));
        html(h, "</details>");
    }
    html(h, "</div>");
    return NULL;
}

static void draw_more(struct web *w, const struct asset_suggestions *s, bool all)
{
    if (s->shown == s->count)
        return;
    html(w->html,
         "<div class='card-body'><p class='mb-2'>{For an organisation of your size about %lld "
         "assets are enough; you have %lld. Suggestions of a type that you entered yourself come "
         "last.} ",
         s->most, s->assets);
    if (all)
        html(w->html, "{All %zu remaining suggestions are shown.}</p>", s->count);
    else
        html(w->html, "{%zu more would fit.}</p><a class='btn' href='%s'>{Show more}</a>",
             s->count - s->shown, web_url(w, "/assets/suggestions?more=1"));
    html(w->html, "</div>");
}

static struct err *draw_suggestions(struct web *w, const struct asset_suggestions *s,
                                    const struct issues *issues)
{
    bool all = web_query(w, "more") || web_form(w, "more");
    bool edit = !w->asof && web_may(w, &asset_write);
    size_t n = all ? s->count : s->shown;

    html(w->html, "<section class='card'>");
    if (edit) {
        form_begin(w, web_url(w, "/assets/suggestions"), 0);
        /* The Enter key works the first button of a form: let that be the harmless one, which does
         * nothing while no row is ticked. */
        html(w->html, "<button class='visually-hidden' type='submit' name='do' value='accept' "
                      "tabindex='-1'>{Accept the ticked ones}</button>");
        if (all)
            html(w->html, "<input type='hidden' name='more' value='1'>");
    }
    if (n) {
        draw_head(w, edit);
        for (size_t i = 0; i < n; i++)
            if (edit)
                draw_row(w, &s->list[i], issues);
            else
                draw_plain_row(w, &s->list[i]);
        html(w->html, "</tbody></table></div>");
    } else if (!s->count && !s->nquestions) {
        page_empty(w,
                   "Every suggestion is accepted or dismissed. Add what is special about your "
                   "organisation by hand.",
                   edit ? web_url(w, "/assets/new") : NULL, "New asset");
    } else if (!s->count) {
        page_empty(w, "Nothing follows from the answers that are there so far.", NULL, NULL);
    }
    draw_more(w, s, all);
    if (edit) {
        if (n)
            TRY(draw_bulk(w, issues));
        html(w->html, "</form>");
    }
    html(w->html, "</section>");
    return NULL;
}

/* Which answers are missing, since silence would look as if nothing more could be suggested. */
static void draw_questions(struct web *w, const struct asset_suggestions *s)
{
    if (!s->nquestions)
        return;
    html(w->html,
         "<section class='card accent'><div class='card-header'><h2 class='card-title'>{%zu answer "
         "could bring more suggestions|%zu answers could "
         "bring more suggestions}</h2></div><div class='card-body'><p>{Suggestions follow "
         "from your profile. These questions are still open:}</p><ul>",
         s->nquestions, s->nquestions);
    for (size_t i = 0; i < s->nquestions; i++)
        html(w->html, "<li>%s</li>", s->questions[i].text);
    html(w->html, "</ul>");
    if (web_may(w, &profile_read))
        html(w->html, "<a class='btn btn-primary' href='%s'>{Answer them in the profile}</a>",
             web_url(w, "/profile"));
    html(w->html, "</div></section>");
}

static struct err *draw_dismissed(struct web *w)
{
    bool back = !w->asof && web_may(w, &dismissal_write);
    struct rows *r;

    if (!web_may(w, &dismissal_read))
        return NULL;
    TRY(db_query(w->db, &r,
                 "select id, version, title, reason from dismissal where org_id = $1"
                 " and subject = 'asset' order by title, id",
                 num(w->org)));
    if (!row_count(r))
        return NULL;
    html(w->html, "<section class='card'><div class='card-header'><h2 "
                  "class='card-title'>{Dismissed}</h2></div><div class='table-responsive'><table "
                  "class='table list'><caption class='visually-hidden'>{Dismissed "
                  "suggestions}</caption><thead><tr><th scope='col'>{Suggestion}</th><th "
                  "scope='col'>{Why it does not fit}</th><th scope='col'><span "
                  "class='visually-hidden'>{Take back}</span></th></tr></thead><tbody>");
    while (row_next(r)) {
        html(w->html, "<tr><td class='list-main'>%s</td><td data-label='{Reason}'>",
             row_text(r, 2));
        html_lines(w->html, row_text(r, 3));
        html(w->html, "</td><td>");
        if (back) {
            form_begin(w, web_url(w, "/assets/suggestions/back"), row_num(r, 1));
            html(w->html,
                 "<input type='hidden' name='id' value='%lld'><button class='btn btn-sm' "
                 "type='submit' aria-label='{Take back %s}'>{Take back}</button></form>",
                 row_num(r, 0), row_text(r, 2));
        }
        html(w->html, "</td></tr>");
    }
    html(w->html, "</tbody></table></div></section>");
    return NULL;
}

/* "?accepted=27&linked=2" of the page after accepting. */
static void draw_result(struct web *w)
{
    const char *text = web_query(w, "accepted");
    const char *more = web_query(w, "linked");
    i64 accepted, linked = 0;

    if (!text || !text_i64(text, &accepted) || accepted < 0)
        return;
    if (more && !text_i64(more, &linked))
        linked = 0;
    html(w->html,
         "<div class='notice success' role='status'><span>{%lld asset was added to the "
         "register.|%lld assets were "
         "added to the register.}",
         accepted, accepted);
    if (linked > 0)
        html(w->html,
             " {%lld that was there already now carries a new one.|%lld that were there "
             "already now carry a new one.}",
             linked, linked);
    html(w->html, "</span><a class='btn' href='%s'>{See the assets}</a></div>",
         web_url(w, "/assets"));
}

static struct err *draw_page(struct web *w, const struct issues *issues)
{
    struct asset_suggestions s;

    TRY(asset_suggest(w, &s));
    page_begin(w, "Plan · Assets", "Suggested assets");
    page_help(w,
              "Assets that organisations with answers like yours usually have. Correct name, type "
              "and values before you accept; what does not fit is dismissed with a reason. Nothing "
              "gets into the register unless you accept it.",
              asset_entity.clause);
    page_action(w, "default", web_url(w, "/assets"), "Assets");
    page_body(w);
    draw_result(w);
    form_issues(w, issues);
    html(w->html, "<div class='stack'>");
    draw_questions(w, &s);
    TRY(draw_suggestions(w, &s, issues));
    TRY(draw_dismissed(w));
    html(w->html, "</div>");
    page_end(w);
    return NULL;
}

struct err *asset_suggestions_page(struct web *w)
{
    return draw_page(w, NULL);
}

/* --- deciding --- */

static struct err *refused(struct web *w, const struct issues *issues)
{
    web_status(w, 422);
    return draw_page(w, issues);
}

static struct asset_pick read_row(struct web *w, const char *code)
{
    return (struct asset_pick){.code = code,
                               .name = sent(w, "name", code, NULL),
                               .type = sent(w, "type", code, NULL),
                               .c = sent(w, "c", code, NULL),
                               .i = sent(w, "i", code, NULL),
                               .a = sent(w, "a", code, NULL)};
}

/* The ticked rows, or the one whose own button was used. */
static size_t picked(struct web *w, const char *only, const char ***out)
{
    const struct pairs *form = &w->req->form;
    const char **list = NEW_ARRAY(w->arena, const char *, form->count + 1);
    size_t n = 0;

    *out = list;
    if (only) {
        list[n++] = only;
        return n;
    }
    for (size_t i = 0; i < form->count; i++)
        if (text_equal(form->list[i].name, "pick[]"))
            list[n++] = form->list[i].value;
    return n;
}

static const char *back_url(struct web *w, const char *query)
{
    return web_url(w, "/assets/suggestions?%s%s", query, web_form(w, "more") ? "&more=1" : "");
}

static struct err *accept(struct web *w, const char *const *codes, size_t n)
{
    struct asset_pick *picks = NEW_ARRAY(w->arena, struct asset_pick, n + 1);
    struct issues issues = {.arena = w->arena};
    struct asset_accepted done;

    for (size_t i = 0; i < n; i++)
        picks[i] = read_row(w, codes[i]);
    TRY(asset_accept(w, picks, n, web_form(w, "owner"), &issues, &done));
    if (issues.count)
        return refused(w, &issues);
    web_redirect(w, back_url(w, arena_printf(w->arena, "accepted=%zu&linked=%zu", done.created,
                                             done.linked)));
    return NULL;
}

static struct err *dismiss(struct web *w, const char *const *codes, size_t n, const char *only)
{
    struct issues issues = {.arena = w->arena};
    const char *reason = only ? sent(w, "reason", only, "") : web_form(w, "reason");
    const char *name = only ? arena_printf(w->arena, "reason.%s", only) : "reason";

    TRY(web_need(w, &dismissal_write));
    if (text_length(text_trim(w->arena, reason ? reason : "")) < 4)
        issue(&issues, name, "Say in a few words why it does not fit. The reason is kept.");
    for (size_t i = 0; i < n; i++)
        if (asset_starter_row(w, codes[i]) < 0)
            issue(&issues, "", "There is no suggested asset “%.60s”.", codes[i]);
    if (issues.count)
        return refused(w, &issues);
    for (size_t i = 0; i < n; i++) {
        TRY(asset_dismiss(w, codes[i], reason, &issues));
        if (issues.count) /* undo those before */
            return err_new(ERR_INVALID, "%s", issues.list[0].text);
    }
    web_redirect(w, back_url(w, "m=dismissed"));
    return NULL;
}

struct err *asset_suggestions_post(struct web *w)
{
    const char *one = web_form(w, "accept"), *away = web_form(w, "dismiss");
    struct issues issues = {.arena = w->arena};
    const char **codes;
    size_t n = picked(w, one ? one : away, &codes);

    if (!n) {
        issue(&issues, "", "Tick at least one suggestion first.");
        return refused(w, &issues);
    }
    if (away || (!one && text_equal(web_form(w, "do"), "dismiss")))
        return dismiss(w, codes, n, away);
    return accept(w, codes, n);
}

struct err *asset_take_back(struct web *w)
{
    const char *id = web_form(w, "id"), *version = web_form(w, "_version");
    struct dismissal d;
    i64 n, v;

    if (!id || !version || !text_i64(id, &n) || !text_i64(version, &v))
        return err_new(ERR_BAD, "The form does not say which suggestion to take back. Open the "
                                "suggestions again.");
    TRY(entity_load(w, &dismissal_entity, n, &d));
    if (!text_equal(d.subject, "asset"))
        return err_new(ERR_BAD, "This is no suggested asset.");
    TRY(entity_remove(w, &dismissal_entity, n, v, w->reason));
    web_redirect(w, web_url(w, "/assets/suggestions?m=restored"));
    return NULL;
}
