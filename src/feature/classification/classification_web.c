/* SPDX-License-Identifier: Apache-2.0 */
/* Schemes on pages: list, proposals, one scheme with its matrix, approval. */
#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/content.h"
#include "core/language.h"
#include "core/list.h"
#include "core/page.h"
#include "feature/classification/classification_part.h"
#include "feature/organisation/organisation.h"

struct err *scheme_asked(struct web *w, struct scheme *out)
{
    i64 id;

    TRY(web_record(w, &scheme_entity, &id));
    return entity_load(w, &scheme_entity, id, out);
}

struct err *classification_approved(struct web *w, i64 scheme, struct approved *out)
{
    struct rows *r;

    *out = (struct approved){.who = ""};
    TRY(decision_last(w, "scheme", scheme, &out->last));
    if (!out->last.id)
        return NULL;
    TRY(entity_title(w, &person_entity, out->last.by, &out->who, NULL));
    TRY(db_query(w->db, &r,
                 "select count(*) from decision where org_id = $1 and kind = 'scheme'"
                 " and subject = $2 and outcome = 'approved'",
                 num(w->org), num(scheme)));
    out->count = row_next(r) ? row_num(r, 0) : 0;
    return NULL;
}

/* --- list --- */

struct err *scheme_list(struct web *w)
{
    const struct entity *e = &scheme_entity;
    struct list_query q;
    struct list_result r;

    TRY(list_parse(w, e, &q));
    TRY(list_run(w, &q, true, &r));
    page_begin(w, "Plan", "%s", tr(e->labels));
    page_help(w, e->help, e->clause);
    if (page_offers(w, arena_printf(w->arena, "/o/%s/assets/classify", w->slug)) && !w->asof)
        page_action(w, "default", web_url(w, "/assets/classify"), "Classify assets");
    if (!w->asof && web_may(w, e->write)) {
        page_action(w, "default", web_url(w, "/schemes/new"), "New scheme");
        page_action(w, "primary", web_url(w, "/schemes/presets"), "Take a proposal");
    }
    page_body(w);
    html(w->html,
         "<nav class='mb-3 d-flex flex-wrap gap-3' aria-label='{Parts of schemes}'>"
         "<a href='%s'>{Levels}</a>",
         web_url(w, "/classifications"));
    html(w->html, "<a href='%s'>{Labelling rules}</a>", web_url(w, "/markings"));
    html(w->html, "<a href='%s'>{Handling rules}</a>", web_url(w, "/handlings"));
    html(w->html, "<a href='%s'>{Own media}</a></nav>", web_url(w, "/media"));
    TRY(list_draw(w, &q, &r, NULL));
    page_end(w);
    return NULL;
}

/* --- proposals --- */

/* How many people work here, 0 = not known. */
static struct err *headcount(struct web *w, i64 *out)
{
    struct rows *r;

    TRY(db_query(w->db, &r, "select headcount from profile where org_id = $1 limit 1",
                 num(w->org)));
    *out = row_next(r) ? row_num(r, 0) : 0;
    return NULL;
}

static bool fits(const struct content_table *t, size_t row, i64 people)
{
    i64 from = 0, to = 0;
    bool has_from = text_i64(content_cell(t, row, "from"), &from);
    bool has_to = text_i64(content_cell(t, row, "to"), &to);

    return people && has_from && people >= from && (!has_to || people <= to);
}

static void draw_preset_levels(struct web *w, const char *preset)
{
    const struct content_table *t = content_table(w->app->content, "scheme_levels");

    html(w->html, "<ul class='list-unstyled'>");
    for (size_t row = content_rows(t); row-- > 0;) {
        if (!text_equal(content_cell(t, row, "scheme"), preset))
            continue;
        html(w->html, "<li class='mb-2'>");
        badge(w, content_cell(t, row, "tone"), content_words(t, row, "name"));
        html(w->html, " %s</li>", content_words(t, row, "meaning"));
    }
    html(w->html, "</ul>");
}

static void draw_preset(struct web *w, const struct content_table *t, size_t row, i64 people)
{
    const char *code = content_cell(t, row, "code");

    card_begin(w, content_cell(t, row, "title"),
               fits(t, row, people) ? tr("fits your size") : NULL);
    html(w->html, "<p>%s</p>", content_words(t, row, "plain"));
    draw_preset_levels(w, code);
    html(w->html, "<p class='mute'>%s</p>", content_words(t, row, "why"));
    if (web_may(w, &classification_write) && !w->asof) {
        form_begin(w, web_url(w, "/schemes/presets"), 0);
        html(w->html,
             "<input type='hidden' name='preset' value='%s'>"
             "<label class='form-label' for='title-%s'>{Title}</label>"
             "<input class='form-control mb-2' id='title-%s' name='title' maxlength='200' "
             "value='%s'>",
             code, code, code, content_words(t, row, "title"));
        form_end(w, "Take this scheme", NULL);
    }
    card_end(w);
}

struct err *scheme_presets(struct web *w)
{
    const struct content_table *t = content_table(w->app->content, "scheme_presets");
    i64 people;

    TRY(headcount(w, &people));
    page_begin(w, "Classification", "Proposals for a scheme");
    page_help(w,
              "A proposal brings levels, labelling rules and a handling rule for each level and "
              "form. All of it is yours afterwards and can be changed.",
              "A.5.12");
    page_body(w);
    if (people)
        html(w->html, "<p>{Your profile says %lld people.}</p>", people);
    html(w->html, "<div class='grid-2'>");
    for (size_t row = 0; row < content_rows(t); row++)
        draw_preset(w, t, row, people);
    html(w->html, "</div>");
    page_end(w);
    return NULL;
}

static struct err *show_taken(struct web *w, i64 id)
{
    struct scheme s;

    TRY(entity_load(w, &scheme_entity, id, &s));
    web_redirect(w,
                 arena_printf(w->arena, "%s?m=saved", web_record_url(w, &scheme_entity, s.number)));
    return NULL;
}

struct err *scheme_take(struct web *w)
{
    i64 id;

    TRY(classification_take(w, web_form(w, "preset"), web_form(w, "title"), &id));
    return show_taken(w, id);
}

/* --- one scheme: levels --- */

static void draw_range(struct web *w, const struct policy_level *l)
{
    if (!l->lowest)
        html(w->html, "<span class='mute'>—</span>");
    else if (l->highest && l->highest != l->lowest)
        html(w->html, "{%lld to %lld}", l->lowest, l->highest);
    else
        html(w->html, "%lld", l->lowest);
}

static void draw_level(struct web *w, const struct policy_level *l)
{
    html(w->html, "<tr><td class='list-main'><a href='%s'>",
         web_record_url(w, &classification_entity, l->number));
    badge(w, l->tone, l->name);
    html(w->html, "</a>");
    if (l->printed)
        html(w->html, "<div class='list-sub'>{on documents}</div>");
    html(w->html, "</td><td data-label='{Meaning}'>%s", l->meaning);
    if (!text_empty(l->equal))
        html(w->html, "<div class='list-sub'>{Equal to %s}</div>", l->equal);
    html(w->html, "</td><td data-label='{Who may know it}'>%s</td><td data-label='{Suggested at}'>",
         text_empty(l->access) ? "—" : l->access);
    draw_range(w, l);
    html(w->html, "</td></tr>");
}

static void draw_levels(struct web *w, const struct policy *p)
{
    html(w->html, "<section class='card'><div class='card-header'><h2 class='card-title'>{Levels}"
                  "</h2>");
    if (!w->asof && web_may(w, &classification_write))
        html(w->html, "<a class='btn ms-auto' href='%s'>{New level}</a>",
             web_url(w, "/classifications/new?scheme=SC-%lld&rank=%zu", p->number,
                     p->nlevels < 9 ? p->nlevels + 1 : 9));
    html(w->html, "</div><table class='table list'><caption class='visually-hidden'>{Levels of the "
                  "scheme, from the most sensitive one}</caption><thead><tr><th scope='col'>{Level}"
                  "</th><th scope='col'>{Meaning}</th><th scope='col'>{Who may know it}</th>"
                  "<th scope='col'>{Suggested at}</th></tr></thead><tbody>");
    for (size_t i = p->nlevels; i-- > 0;)
        draw_level(w, &p->levels[i]);
    html(w->html, "</tbody></table></section>");
}

/* --- the matrix in small --- */

static void draw_small_cell(struct web *w, const struct policy *p, size_t l, size_t f)
{
    const struct policy_cell *c = policy_cell(p, l, f);
    int rules = 0;

    for (size_t i = 0; i < HANDLING_ACTIONS; i++)
        rules += !text_empty(c->text[i]);
    html(w->html, "<td data-label='%s'><a href='%s'>", p->levels[l].name,
         web_url(w, "/classifications/CL-%lld/handling", p->levels[l].number));
    if (policy_said(p, l, f))
        html(w->html, "<span class='chip green'>{%d rules}</span>", rules);
    else if (rules)
        html(w->html, "<span class='chip yellow'>{%d, not complete}</span>", rules);
    else
        html(w->html, "<span class='chip red'>{missing}</span>");
    html(w->html, "</a></td>");
}

static void draw_matrix(struct web *w, const struct policy *p)
{
    size_t said, all;

    policy_complete(p, &said, &all);
    html(w->html,
         "<section class='card'><div class='card-header'><h2 class='card-title'>{Handling}</h2>"
         "<span class='mute ms-auto'>{%zu of %zu filled in}</span></div>"
         "<table class='table list'><caption class='visually-hidden'>{Number of handling rules for "
         "each form and level}</caption><thead><tr><th scope='col'>{Form}</th>",
         said, all);
    for (size_t l = p->nlevels; l-- > 0;)
        html(w->html, "<th scope='col'><a href='%s'>%s</a></th>",
             web_url(w, "/classifications/CL-%lld/handling", p->levels[l].number),
             p->levels[l].name);
    html(w->html, "</tr></thead><tbody>");
    for (size_t f = 0; f < p->nforms; f++) {
        html(w->html, "<tr><td class='list-main'>%s</td>", p->forms[f].label);
        for (size_t l = p->nlevels; l-- > 0;)
            draw_small_cell(w, p, l, f);
        html(w->html, "</tr>");
    }
    html(w->html, "</tbody></table></section>");
}

/* --- labelling --- */

static void draw_marking(struct web *w, const struct policy *p, const struct policy_form *f)
{
    html(w->html, "<tr><td class='list-main'>%s</td><td data-label='{Where}'>", f->label);
    if (f->place)
        html(w->html, "<a href='%s'>%s</a>", web_record_url(w, &marking_entity, f->marking),
             f->place);
    else if (!w->asof && web_may(w, &classification_write))
        html(w->html, "<a href='%s'>{Write the rule}</a>",
             f->own ? web_url(w, "/markings/new?scheme=SC-%lld&medium=own&own_medium=%lld",
                              p->number, f->own)
                    : web_url(w, "/markings/new?scheme=SC-%lld&medium=%s", p->number, f->code));
    else
        html(w->html, "<span class='mute'>—</span>");
    html(w->html, "</td><td data-label='{Who}'>%s</td></tr>", text_empty(f->who) ? "—" : f->who);
}

static void draw_markings(struct web *w, const struct policy *p)
{
    html(w->html,
         "<section class='card'><div class='card-header'><h2 class='card-title'>{Labelling}</h2>"
         "<span class='mute ms-auto'>%s</span></div><table class='table list'><caption "
         "class='visually-hidden'>{Where the label stands, by form}</caption><thead><tr>"
         "<th scope='col'>{Form}</th><th scope='col'>{Where}</th><th scope='col'>{Who}</th></tr>"
         "</thead><tbody>",
         p->labelling ? tr("a duty") : tr("not a duty"));
    for (size_t i = 0; i < p->nforms; i++)
        draw_marking(w, p, &p->forms[i]);
    html(w->html, "</tbody></table></section>");
}

/* --- use --- */

static struct err *draw_use(struct web *w, const struct policy *p)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select c.id, count(a.id), count(case when a.classified_on is null then 1 end)"
                 " from classification c join asset a on a.org_id = c.org_id"
                 " and a.classification = c.id and a.state not in ('retired', 'disposed')"
                 " where c.org_id = $1 and c.scheme = $2 group by c.id",
                 num(w->org), num(p->id)));
    card_begin(w, "Assets", NULL);
    if (!row_count(r))
        html(w->html, "<p class='mute mb-0'>{No asset has a level of this scheme yet.}</p>");
    else
        html(w->html, "<dl class='facts'>");
    while (row_next(r))
        for (size_t i = 0; i < p->nlevels; i++)
            if (p->levels[i].id == row_num(r, 0)) {
                html(w->html, "<dt>%s</dt><dd><a href='%s'>{%lld asset|%lld assets}</a>",
                     p->levels[i].name,
                     web_url(w, "/assets?classification=CL-%lld", p->levels[i].number),
                     row_num(r, 1), row_num(r, 1));
                if (row_num(r, 2))
                    html(w->html, " <span class='mute'>{%lld not confirmed}</span>", row_num(r, 2));
                html(w->html, "</dd>");
            }
    if (row_count(r))
        html(w->html, "</dl>");
    card_end(w);
    return NULL;
}

/* --- approval --- */

static void draw_approve_form(struct web *w, const struct scheme *s, const char *hash)
{
    form_begin(w, web_url(w, "/schemes/SC-%lld/approve", s->number), s->version);
    html(w->html,
         "<input type='hidden' name='hash' value='%s'><p>{You approve the policy as it is drawn "
         "from this scheme now. Read it first:} <a href='%s'>{the policy}</a></p>",
         hash, web_url(w, "/schemes/SC-%lld/policy?of=draft", s->number));
    form_area(w, "comment", "Comment", NULL, NULL);
    form_text(w, "exception", "If nobody else can approve: why you do it yourself", NULL, NULL);
    form_end(w, "Approve", NULL);
}

static struct err *draw_approval(struct web *w, const struct scheme *s, const struct policy *p)
{
    struct approved a;
    const char *hash = decision_hash(w->arena, policy_freeze(w, p));
    bool holds;

    TRY(classification_approved(w, s->id, &a));
    holds = text_equal(a.last.subject_hash, hash);
    card_begin(w, "Approval", NULL);
    if (!a.last.id) {
        html(w->html, "<p>{Not approved yet. People need not follow a draft.}</p>");
    } else {
        html(w->html, "<p>{Version %lld of the policy, approved by %s on %s.}</p>", a.count, a.who,
             web_time(w, a.last.at));
        if (a.last.comment)
            html(w->html, "<blockquote>%s</blockquote>", a.last.comment);
        if (a.last.exception)
            html(w->html, "<p>{No second person was there to decide: %s}</p>", a.last.exception);
        if (!holds)
            page_notice(w, "warning",
                        "The scheme changed since. The approved policy stays as it "
                        "was until the changes are approved.");
    }
    if (!holds && web_may(w, &classification_approve) && !w->asof && p->nlevels &&
        !text_equal(s->state, "retired"))
        draw_approve_form(w, s, hash);
    if (text_equal(s->state, "active") && web_may(w, &classification_approve) && !w->asof)
        form_button(w, web_url(w, "/schemes/SC-%lld/retire", s->number), "link",
                    "Retire this scheme", NULL, NULL);
    card_end(w);
    return NULL;
}

static struct err *draw_scheme(struct web *w, const struct scheme *s)
{
    struct policy p;

    TRY(policy_load(w, s, &p));
    html(w->html, "<div class='split'><div class='stack'>");
    draw_levels(w, &p);
    draw_matrix(w, &p);
    draw_markings(w, &p);
    html(w->html, "</div><div class='stack'>");
    TRY(draw_approval(w, s, &p));
    TRY(draw_use(w, &p));
    card_begin(w, "Details", NULL);
    TRY(entity_details(w, &scheme_entity, s));
    card_end(w);
    card_begin(w, "History", arena_printf(w->arena, tr("version %lld"), s->version));
    TRY(entity_history(w, &scheme_entity, s->id));
    card_end(w);
    html(w->html, "</div></div>");
    return NULL;
}

struct err *scheme_show(struct web *w)
{
    const struct entity *e = &scheme_entity;
    const char *address;
    struct scheme s;
    bool drawn;

    TRY(scheme_asked(w, &s));
    address = web_record_url(w, e, s.number);
    page_begin(w, "Classification scheme", "%s", s.title);
    page_help(w, e->help, e->clause);
    if (!w->asof && web_may(w, e->write)) {
        page_action(w, "default", arena_printf(w->arena, "%s/remove", address), "Remove");
        page_action(w, "default", arena_printf(w->arena, "%s/edit", address), "Edit");
    }
    page_action(w, "primary", web_url(w, "/schemes/SC-%lld/policy", s.number), "Read the policy");
    page_body(w);
    TRY(entity_tab(w, e, &s, &drawn));
    if (!drawn)
        TRY(draw_scheme(w, &s));
    page_end(w);
    return NULL;
}

/* --- deciding --- */

static struct err *set_state(struct web *w, struct scheme *s, const char *state, const char *why)
{
    struct issues issues = {.arena = w->arena};

    s->state = state;
    TRY(entity_write(w, &scheme_entity, s, why, &issues));
    return issues.count ? err_new(ERR_INVALID, "%s", issues.list[0].text) : NULL;
}

/* Who approves need not be one of those who write schemes. */
static struct err *with_write(struct web *w, struct scheme *s, const char *state, const char *why)
{
    int bit = feature_permission_index(&classification_write);
    u64 kept = w->rights[bit / 64];
    struct err *failed;

    w->rights[bit / 64] |= 1ULL << (bit % 64);
    failed = set_state(w, s, state, why);
    w->rights[bit / 64] = kept;
    return failed;
}

static struct err *check_approval(struct web *w, const struct scheme *s, const struct policy *p,
                                  const char *hash)
{
    struct approved a;

    if (text_equal(s->state, "retired"))
        return err_new(ERR_CLASH, "This scheme is retired.");
    if (!p->nlevels)
        return err_new(ERR_INVALID, "The scheme has no level yet.");
    if (!text_equal(web_form(w, "hash"), hash))
        return err_new(ERR_CLASH, "The scheme changed while you were reading it. Look at it again "
                                  "and approve it then.");
    TRY(classification_approved(w, s->id, &a));
    if (text_equal(a.last.subject_hash, hash))
        return err_new(ERR_CLASH, "This is approved already, and nothing changed since.");
    return NULL;
}

struct err *scheme_approve(struct web *w)
{
    struct decision given = {
        .kind = "scheme", .outcome = "approved", .role = N_("approver of the classification")};
    const char *body, *why = web_form(w, "exception"), *comment = web_form(w, "comment");
    struct scheme s;
    struct policy p;
    bool alone;
    i64 id;

    TRY(scheme_asked(w, &s));
    TRY(policy_load(w, &s, &p));
    body = policy_freeze(w, &p);
    TRY(check_approval(w, &s, &p, decision_hash(w->arena, body)));
    TRY(decision_four_eyes(w, s.author, &classification_approve, &alone));
    if (alone && text_empty(why))
        return err_new(ERR_INVALID, "You made this scheme yourself and nobody else can approve it. "
                                    "Say why you approve it all the same.");
    given.exception = alone ? text_trim(w->arena, why) : NULL;
    given.comment = text_empty(comment) ? NULL : text_trim(w->arena, comment);
    if (!text_equal(s.state, "active"))
        TRY(with_write(w, &s, "active", "approved"));
    TRY(decision_record(w, &scheme_entity, s.id, body, &given, &id));
    web_redirect(w, web_url(w, "/schemes/SC-%lld?m=saved", s.number));
    return NULL;
}

struct err *scheme_retire(struct web *w)
{
    struct scheme s;

    TRY(scheme_asked(w, &s));
    if (!text_equal(s.state, "active"))
        return err_new(ERR_CLASH, "Only a scheme that is in force can be retired. Remove a draft.");
    TRY(with_write(w, &s, "retired", "retired"));
    web_redirect(w, web_url(w, "/schemes/SC-%lld?m=saved", s.number));
    return NULL;
}
