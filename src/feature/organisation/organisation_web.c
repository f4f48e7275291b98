/* SPDX-License-Identifier: Apache-2.0 */
/* Own pages: a new organisation, its facts, the profile questionnaire, a person with invitation. */
#include "feature/organisation/organisation_web.h"

#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/content.h"
#include "core/page.h"
#include "core/permit.h"

/* --- a new organisation --- */

static struct err *draw_new(struct web *w, const char *trouble)
{
    page_begin(w, "", "New organisation");
    page_body(w);
    if (trouble)
        page_notice(w, "red", "%s", trouble);
    card_begin(w, NULL, NULL);
    html(w->html,
         "<p>{This is the company, or the part of it, that you want to bring to ISO/IEC 27001. You "
         "will answer about twenty questions next; everything can be changed later.}</p>");
    form_begin(w, "/organisations", 0);
    form_text(w, "name", "Name", web_form(w, "name"), "As people call it every day.");
    form_text(w, "slug", "Short name", web_form(w, "slug"),
              "Stands in the address of its pages: small letters, digits, hyphens. Leave it empty "
              "and we make one from the name.");
    form_text(w, "zone", "Time zone", web_form(w, "zone") ? web_form(w, "zone") : "Europe/Berlin",
              "Days begin and end in this zone.");
    form_text(w, "person", "Your name",
              web_form(w, "person") ? web_form(w, "person") : w->person_name,
              "You become its administrator and information security manager, and stand in "
              "for top management until you have named somebody.");
    form_end(w, "Create it", "/");
    card_end(w);
    page_end(w);
    return NULL;
}

struct err *organisation_new(struct web *w)
{
    return draw_new(w, NULL);
}

static const char *given_or(struct web *w, const char *name, const char *other)
{
    const char *text = web_form(w, name);

    return text_empty(text) ? other : text_trim(w->arena, text);
}

struct err *organisation_found(struct web *w)
{
    struct organisation o = {.name = given_or(w, "name", NULL),
                             .language = "en",
                             .currency = "EUR",
                             .zone = given_or(w, "zone", "UTC")};
    struct err *failed;
    i64 org;

    if (!o.name) {
        web_status(w, 422);
        return draw_new(w, "Please give the organisation a name.");
    }
    o.slug = given_or(w, "slug", text_slug(w->arena, o.name));
    failed = organisation_create(w, &o, w->account, given_or(w, "person", w->account_email),
                                 w->account_email, &org);
    if (failed && (failed->code == ERR_INVALID || failed->code == ERR_CLASH)) {
        /* nothing was written yet: both are found before the first statement */
        const char *text = arena_str(w->arena, failed->text);

        web_status(w, 422);
        return draw_new(w, text);
    }
    TRY(failed);
    web_redirect(w, arena_printf(w->arena, "/o/%s/profile", o.slug));
    return NULL;
}

/* --- its facts --- */

static struct err *load_own(struct web *w, struct organisation *o)
{
    struct rows *r;

    TRY(db_query(w->db, &r, "select id from organisation where org_id = $1", num(w->org)));
    if (!row_next(r))
        return err_new(ERR_MISSING, "The organisation is not there.");
    return entity_load(w, &organisation_entity, row_num(r, 0), o);
}

struct err *organisation_show(struct web *w)
{
    struct organisation o;

    TRY(load_own(w, &o));
    page_begin(w, "Plan", "%s", o.name);
    if (web_may(w, &organisation_write))
        page_action(w, "primary", web_url(w, "/organisation/edit"), "Edit");
    page_help(w, organisation_entity.help, organisation_entity.clause);
    page_body(w);
    card_begin(w, NULL, NULL);
    TRY(entity_details(w, &organisation_entity, &o));
    card_end(w);
    TRY(entity_history(w, &organisation_entity, o.id));
    page_end(w);
    return NULL;
}

static struct err *draw_edit(struct web *w, const struct organisation *o, const struct issues *out)
{
    page_begin(w, "Plan", "Edit %s", o->name);
    page_body(w);
    form_issues(w, out);
    card_begin(w, NULL, NULL);
    form_begin(w, web_url(w, "/organisation"), o->version);
    TRY(form_fields(w, &organisation_entity, o, out));
    form_end(w, "Save", web_url(w, "/organisation"));
    card_end(w);
    page_end(w);
    return NULL;
}

struct err *organisation_edit(struct web *w)
{
    struct issues none = {.arena = w->arena};
    struct organisation o;

    TRY(load_own(w, &o));
    return draw_edit(w, &o, &none);
}

static i64 posted_version(struct web *w, i64 otherwise)
{
    const char *text = web_form(w, "_version");
    i64 n;

    return text && text_i64(text, &n) ? n : otherwise;
}

struct err *organisation_save(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    struct organisation o;

    TRY(load_own(w, &o));
    o.version = posted_version(w, o.version);
    TRY(entity_apply(w, &organisation_entity, &o, entity_form_inputs(w, &organisation_entity),
                     false, &issues));
    if (!issues.count)
        TRY(entity_write(w, &organisation_entity, &o, w->reason, &issues));
    if (issues.count) {
        web_status(w, 422);
        return draw_edit(w, &o, &issues);
    }
    TRY(db_exec(w->db, "update directory set name = $3 where org_id = $1 and organisation = $2",
                num(0), num(w->org), str(o.name)));
    web_redirect(w, web_url(w, "/organisation?m=saved"));
    return NULL;
}

/* --- the profile --- */

static struct err *load_profile(struct web *w, struct profile *p)
{
    struct rows *r;

    TRY(db_query(w->db, &r, "select id from profile where org_id = $1", num(w->org)));
    if (!row_next(r))
        return err_new(ERR_MISSING, "The profile is not there.");
    return entity_load(w, &profile_entity, row_num(r, 0), p);
}

static void draw_progress(struct web *w, int open, size_t all)
{
    html(w->html, "<p class='text-secondary'>%s</p>",
         open ? arena_printf(w->arena,
                             tr("%d of the questions that suggestions need are open. You can "
                                "save at any time and go on later."),
                             open)
              : tr("All questions that suggestions need are answered."));
    html(w->html, "<progress class='progress' max='%zu' value='%zu'>{%d open}</progress>", all,
         all > (size_t)open ? all - (size_t)open : 0, open);
}

/* What the number of people means: time to plan with, scope, team (content/sizes.tsv). */
static void draw_size(struct web *w, const struct profile_answers *answers)
{
    const struct content_table *t = content_table(w->app->content, "sizes");
    const char *band = profile_band(answers), *low, *high;
    i64 row = band ? content_row(t, band) : -1;

    if (row < 0)
        return;
    low = content_cell(t, (size_t)row, "months_low");
    high = content_cell(t, (size_t)row, "months_high");
    card_begin(w, "What your size means", content_words(t, (size_t)row, "label"));
    html(w->html,
         "<p>{Usual time to the certificate, with a tool or a consultant: %s%s months.}</p>",
         *low ? arena_printf(w->arena, "%s to ", low) : "up to ", high);
    html(w->html, "<p>%s</p><p>%s</p><p>%s</p>", content_words(t, (size_t)row, "scope_advice"),
         content_words(t, (size_t)row, "team_advice"),
         content_words(t, (size_t)row, "classification_advice"));
    card_end(w);
}

/* The question of content as label, the reason below it. */
static struct err *draw_question(struct web *w, const struct content_table *t, size_t row,
                                 const struct profile *p, const struct issues *issues)
{
    const struct field *known = entity_field(&profile_entity, content_cell(t, row, "key"));
    struct field asked;

    if (!known)
        return NULL;
    asked = *known;
    asked.label = content_words(t, row, "question");
    asked.help = content_words(t, row, "why");
    return form_field(w, &asked, p, issues);
}

static struct err *draw_profile(struct web *w, const struct profile *p, const struct issues *issues)
{
    const struct content_table *t = content_table(w->app->content, "profile");
    struct profile_answers *answers;
    const char *section = "";

    TRY(profile_load(w, &answers));
    page_begin(w, "Plan", "Profile");
    page_help(w, profile_entity.help, profile_entity.clause);
    page_body(w);
    form_issues(w, issues);
    draw_progress(w, profile_open(answers), 16);
    draw_size(w, answers);
    form_begin(w, web_url(w, "/profile"), p->version);
    TRY(form_draft(w, &profile_entity, p, issues));
    for (size_t i = 0; i < content_rows(t); i++) {
        if (strcmp(section, content_words(t, i, "section")) != 0) {
            if (*section)
                card_end(w);
            section = content_words(t, i, "section");
            card_begin(w, section, NULL);
        }
        TRY(draw_question(w, t, i, p, issues));
    }
    card_end(w);
    if (web_may(w, &profile_write))
        form_end(w, "Save the answers", NULL);
    else
        html(w->html, "</form>");
    page_end(w);
    return NULL;
}

struct err *profile_page(struct web *w)
{
    struct issues none = {.arena = w->arena};
    struct profile p;

    TRY(load_profile(w, &p));
    return draw_profile(w, &p, &none);
}

struct err *profile_save(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    struct profile p;

    TRY(load_profile(w, &p));
    p.version = posted_version(w, p.version);
    TRY(entity_apply(w, &profile_entity, &p, entity_form_inputs(w, &profile_entity), false,
                     &issues));
    if (!issues.count)
        TRY(entity_write(w, &profile_entity, &p, w->reason, &issues));
    if (issues.count) {
        web_status(w, 422);
        return draw_profile(w, &p, &issues);
    }
    web_redirect(w, web_url(w, "/profile?m=saved"));
    return NULL;
}

/* --- a person --- */

static const char *owned_words(struct web *w, const char *plural, i64 n)
{
    if (text_equal(plural, "assets"))
        return arena_printf(w->arena, tr_n("%lld asset", "%lld assets", n), n);
    if (text_equal(plural, "risks"))
        return arena_printf(w->arena, tr_n("%lld risk", "%lld risks", n), n);
    if (text_equal(plural, "controls"))
        return arena_printf(w->arena, tr_n("%lld control", "%lld controls", n), n);
    return arena_printf(w->arena, tr_n("%lld action", "%lld actions", n), n);
}

static struct err *draw_owned(struct web *w, const struct person *p)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select 'assets', count(*) from asset where org_id = $1 and owner = $2"
                 " union all select 'risks', count(*) from risk where org_id = $1 and owner = $2"
                 " union all select 'controls', count(*) from control where org_id = $1"
                 " and owner = $2 union all select 'actions', count(*) from action"
                 " where org_id = $1 and owner = $2",
                 num(w->org), num(p->id)));
    card_begin(w, "Responsible for", NULL);
    html(w->html, "<div class='list-group list-group-flush'>");
    while (row_next(r))
        html(w->html, "<a class='list-group-item list-group-item-action' href='%s'>%s</a>",
             web_url(w, "/%s?owner=P-%lld", row_str(r, 0), p->number),
             owned_words(w, row_str(r, 0), row_num(r, 1)));
    html(w->html, "</div>");
    card_end(w);
    return NULL;
}

static struct err *draw_access(struct web *w, const struct person *p, const char *link)
{
    card_begin(w, "Access", NULL);
    if (link)
        html(w->html,
             "<p>{Give this link to %s. It works once and is shown only "
             "now:}</p><p><code>%s%s</code></p>",
             p->name, web_base(w), link);
    html(w->html, "<p>%s</p>",
         p->account ? tr("Can sign in.") : tr("Has no account yet, so cannot sign in."));
    if (web_may(w, &account_manage) && text_equal(p->state, "active") && !text_empty(p->email))
        form_button(w, web_url(w, "/people/P-%lld/invite", p->number), "default",
                    p->account ? "Make a link for a new password" : "Invite to sign in", NULL,
                    NULL);
    card_end(w);
    return NULL;
}

/* For who has left: what the law may demand. */
static void draw_erase(struct web *w, const struct person *p)
{
    const struct permission *right = feature_permission("erasure.write");

    if (text_equal(p->state, "leaver") && !w->asof && right && web_may(w, right))
        page_action(w, "default", web_url(w, "/erasures/new?subject=P-%lld", p->number),
                    "Erase personal data");
}

/* The account is told by the card beside, not by its number in the store. */
static struct err *draw_person_details(struct web *w, const struct person *p)
{
    struct person shown = *p;

    shown.account = 0;
    return entity_details(w, &person_entity, &shown);
}

static struct err *draw_person(struct web *w, const struct person *p, const char *link)
{
    bool drawn;

    page_begin(w, "People", "%s", p->name);
    if (web_may(w, &person_write)) {
        const char *handover = web_url(w, "/people/P-%lld/handover", p->number);

        if (!w->asof && page_offers(w, handover))
            page_action(w, "default", handover, "Hand over the work");
        draw_erase(w, p);
        page_action(w, "default", web_url(w, "/people/P-%lld/remove", p->number), "Remove");
        page_action(w, "primary", web_url(w, "/people/P-%lld/edit", p->number), "Edit");
    }
    page_help(w, person_entity.help, person_entity.clause);
    page_body(w);
    TRY(entity_tab(w, &person_entity, p, &drawn));
    if (drawn) {
        page_end(w);
        return NULL;
    }
    html(w->html, "<div class='row row-cards'><div class='col-lg-7'>");
    card_begin(w, NULL, NULL);
    TRY(draw_person_details(w, p));
    card_end(w);
    html(w->html, "</div><div class='col-lg-5'>");
    TRY(draw_access(w, p, link));
    TRY(roles_draw(w, p));
    TRY(draw_owned(w, p));
    html(w->html, "</div></div>");
    TRY(entity_history(w, &person_entity, p->id));
    page_end(w);
    return NULL;
}

struct err *person_show(struct web *w)
{
    struct person p;
    i64 id;

    TRY(web_record(w, &person_entity, &id));
    TRY(entity_load(w, &person_entity, id, &p));
    return draw_person(w, &p, NULL);
}

/* Who leaves has work that somebody else gets: the next page after saving that. */
struct err *person_save(struct web *w)
{
    bool leaves = *web_param(w, 0) && text_equal(web_form(w, "state"), "leaver");
    struct person before = {.state = NULL};
    const char *next;
    i64 id;

    if (leaves) {
        TRY(web_record(w, &person_entity, &id));
        TRY(entity_load(w, &person_entity, id, &before));
    }
    TRY(entity_save_page(w, &person_entity));
    if (!text_equal(before.state, "active") || w->req->response.status != 303)
        return NULL;
    next = web_url(w, "/people/P-%lld/handover", before.number);
    if (page_offers(w, next))
        web_redirect(w, arena_printf(w->arena, "%s?m=saved", next));
    return NULL;
}

struct err *person_invite(struct web *w)
{
    struct person p;
    const char *link;
    i64 id;

    TRY(web_record(w, &person_entity, &id));
    TRY(entity_load(w, &person_entity, id, &p));
    TRY(account_invite(w, id, &link));
    return draw_person(w, &p, link);
}
