/* SPDX-License-Identifier: Apache-2.0 */
/* Questions to a person: who was asked what, and what they are shown for it. Asking never opens a
 * record in silence: the page shows what the other person will see, and waits for a word. */
#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/language.h"
#include "feature/comment/comment_part.h"
#include "feature/organisation/organisation.h"

#define PEOPLE_MOST 200
#define LISTED 50
#define SHARED_DAYS 90

/* --- the page of questions --- */

static void draw_row(struct web *w, const struct rows *r, bool mine)
{
    const struct choice *s =
        choice_find(entity_field(&comment_entity, "state")->choices, row_text(r, 2));

    html(w->html, "<a class='list-group-item list-group-item-action' href='%s'>",
         web_url(w, "/comments/CM-%lld", row_num(r, 0)));
    html(w->html, "<strong>%s</strong> ", row_text(r, 1));
    if (s)
        badge(w, s->tone, s->label);
    html(w->html, "<br><span class='mute'>");
    if (mine)
        html(w->html, "{to %s}", row_text(r, 5));
    else
        html(w->html, "{from %s}", row_text(r, 4));
    html(w->html, " · %s", web_time(w, row_num(r, 3)));
    if (row_num(r, 6))
        html(w->html, " · {%lld reply|%lld replies}", row_num(r, 6), row_num(r, 6));
    html(w->html, "</span></a>");
}

static void draw_rows(struct web *w, struct rows *r, const char *title, const char *none, bool mine)
{
    card_begin(w, title, NULL);
    if (row_count(r))
        html(w->html, "<div class='list-group list-group-flush'>");
    while (row_next(r))
        draw_row(w, r, mine);
    if (row_count(r))
        html(w->html, "</div>");
    else
        page_empty(w, none, NULL, NULL);
    card_end(w);
}

static struct err *draw_lists(struct web *w)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select c.number, c.title, c.state, c.written, a.name, q.name,"
                 " (select count(*) from comment x where x.org_id = c.org_id and x.parent = c.id)"
                 " from comment c left join person a on a.org_id = c.org_id and a.id = c.author"
                 " left join person q on q.org_id = c.org_id and q.id = c.asked"
                 " where c.org_id = $1 and c.asked = $2 and c.kind = 'question'"
                 " and c.removed_at is null"
                 " order by case when c.state = 'open' then 0 else 1 end, c.number desc limit $3",
                 num(w->org), num(w->person), num(LISTED)));
    draw_rows(w, r, tr("Asked of you"), tr("Nobody has asked you anything."), false);
    TRY(db_query(w->db, &r,
                 "select c.number, c.title, c.state, c.written, a.name, q.name,"
                 " (select count(*) from comment x where x.org_id = c.org_id and x.parent = c.id)"
                 " from comment c left join person a on a.org_id = c.org_id and a.id = c.author"
                 " left join person q on q.org_id = c.org_id and q.id = c.asked"
                 " where c.org_id = $1 and c.author = $2 and c.kind = 'question'"
                 " and c.removed_at is null"
                 " order by case when c.state = 'closed' then 1 else 0 end, c.number desc limit $3",
                 num(w->org), num(w->person), num(LISTED)));
    draw_rows(
        w, r, tr("Asked by you"),
        tr("You have not asked anything yet. Ask your adviser, the information security manager "
           "or the owner of a record; question and answer stay where they belong."),
        true);
    return NULL;
}

struct err *question_list(struct web *w)
{
    page_begin(w, "", "%s", tr("Questions"));
    if (!w->asof && web_may(w, &comment_see))
        page_action(w, "primary", web_url(w, "/questions/new"), "Ask a question");
    page_help(w, comment_entity.help, comment_entity.clause);
    page_body(w);
    html(w->html, "<div class='stack'>");
    TRY(draw_lists(w));
    if (web_may(w, &comment_read))
        html(w->html, "<p><a href='%s'>{All questions of the organisation}</a></p>",
             web_url(w, "/comments?kind=question"));
    html(w->html, "</div>");
    page_end(w);
    return NULL;
}

/* --- asking --- */

struct asking {
    struct comment c;
    const char *to, *about; /* as sent */
    const char *share;      /* NULL, "yes", "no" */
    const char *until;
    struct record_head head;
    struct issues issues;
};

static void option(struct web *w, const struct rows *r, const char *chosen)
{
    const char *number = arena_printf(w->arena, "P-%lld", row_num(r, 1));

    html(w->html, "<option value='%s'", number);
    if (text_equal(number, chosen))
        html(w->html, " selected");
    html(w->html, ">%s", row_text(r, 2));
    if (!row_null(r, 3))
        html(w->html, ", %s", row_text(r, 3));
    html(w->html, "</option>");
}

static struct err *draw_role(struct web *w, const char *role, const char *title, const char *chosen)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select distinct p.id, p.number, p.name, p.job from role_holder h join person p"
                 " on p.org_id = h.org_id and p.id = h.person where h.org_id = $1 and h.role = $2"
                 " and p.state = 'active' and h.from_date <= $3"
                 " and (h.until is null or h.until >= $3) and p.id <> $4"
                 " order by p.name, p.id limit $5",
                 num(w->org), str(role), str(w->today), num(w->person), num(PEOPLE_MOST)));
    if (row_count(r))
        html(w->html, "<optgroup label='%s'>", tr(title));
    while (row_next(r))
        option(w, r, chosen);
    if (row_count(r))
        html(w->html, "</optgroup>");
    return NULL;
}

/* Others than advisers and managers, for who may read the register of people. */
static struct err *draw_others(struct web *w, const char *chosen)
{
    struct rows *r;

    if (!web_may(w, &person_read))
        return NULL;
    TRY(db_query(w->db, &r,
                 "select p.id, p.number, p.name, p.job from person p where p.org_id = $1"
                 " and p.state = 'active' and p.id <> $2 and not exists (select 1"
                 " from role_holder h where h.org_id = p.org_id and h.person = p.id"
                 " and h.role in ('adviser', 'isms-manager')) order by p.name, p.id limit $3",
                 num(w->org), num(w->person), num(PEOPLE_MOST)));
    if (row_count(r))
        html(w->html, "<optgroup label='%s'>", tr("Others"));
    while (row_next(r))
        option(w, r, chosen);
    if (row_count(r))
        html(w->html, "</optgroup>");
    return NULL;
}

static void draw_trouble(struct web *w, const struct asking *a, const char *name)
{
    const char *trouble = issue_of(&a->issues, name);

    if (trouble)
        html(w->html, "<div class='field-error' id='f-%s-error'>%s</div>", name, trouble);
}

static struct err *draw_fields(struct web *w, const struct asking *a)
{
    struct html *h = w->html;

    html(h,
         "<div class='field mb-3'><label class='form-label required' for='f-person'>{Whom do you "
         "ask?}</label><select class='form-select' id='f-person' name='person' required>"
         "<option value=''>—</option>");
    TRY(draw_role(w, "adviser", tr("Advisers"), a->to));
    TRY(draw_role(w, "isms-manager", tr("Information security managers"), a->to));
    TRY(draw_others(w, a->to));
    html(h, "</select>");
    draw_trouble(w, a, "person");
    html(h, "</div>");
    form_text(w, "about", "About which record?", a->about,
              "Its number, as in R-42. Leave it empty for a question about nothing in particular.");
    draw_trouble(w, a, "about");
    form_text(w, "title", "In one line", a->c.title,
              "So that the other person sees at once what it is about. Example: May we leave out "
              "control 7.4?");
    draw_trouble(w, a, "title");
    comment_draw_field(w, &(struct comment_form){.id = "f-body",
                                                 .to = "/questions",
                                                 .label = "Your question",
                                                 .value = a->c.body,
                                                 .about = a->c.about,
                                                 .issues = &a->issues});
    return NULL;
}

static struct err *draw_form(struct web *w, const struct asking *a)
{
    page_begin(w, "Questions", "%s", tr("Ask a question"));
    page_help(w, comment_entity.help, comment_entity.clause);
    page_body(w);
    form_issues(w, &a->issues);
    card_begin(w, NULL, NULL);
    form_begin(w, web_url(w, "/questions"), 0);
    TRY(draw_fields(w, a));
    html(w->html,
         "<div class='form-actions mt-3'><button class='btn btn-primary' type='submit'>{Ask}"
         "</button><button class='btn' type='submit' formaction='%s' formtarget='_blank' "
         "formnovalidate name='_preview' value='body' data-preview>{Preview}</button>"
         "<a class='btn' href='%s'>{Cancel}</a></div></form>",
         web_url(w, "/preview"), web_url(w, "/questions"));
    card_end(w);
    page_end(w);
    return NULL;
}

struct err *question_new(struct web *w)
{
    struct asking a = {
        .issues = {.arena = w->arena}, .about = web_query(w, "about"), .to = web_query(w, "to")};

    return draw_form(w, &a);
}

/* --- what will be shared --- */

/* What stands on the tabs of the record, for the person who will see it. */
static void draw_tabs_shared(struct web *w)
{
    const char *separator = "";

    html(w->html, "<p>{Besides the fields, the other person sees the history of the record and "
                  "these parts of its page:} ");
    for (size_t f = 0; features[f]; f++)
        for (const struct panel *p = features[f]->panels; p && p->name; p++) {
            html(w->html, "%s%s", separator, tr(p->title));
            separator = ", ";
        }
    html(w->html, ".</p>");
}

static void draw_kept(struct web *w, const struct asking *a)
{
    struct html *h = w->html;

    html(h, "<input type='hidden' name='person' value='%s'>", a->to);
    html(h, "<input type='hidden' name='about' value='%s'>", a->about);
    html(h, "<input type='hidden' name='title' value='%s'>", a->c.title);
    html(h, "<textarea class='d-none' name='body' aria-hidden='true' tabindex='-1'>\n%s</textarea>",
         a->c.body);
}

static void draw_decision(struct web *w, const struct asking *a, const char *name)
{
    struct html *h = w->html;

    form_begin(w, web_url(w, "/questions"), 0);
    draw_kept(w, a);
    if (web_may(w, &grant_right)) {
        html(h,
             "<div class='field mb-3'><label class='form-label' for='f-until'>{Shared up to and "
             "with}</label><input class='form-control' id='f-until' type='date' name='until' "
             "value='%s'><div class='form-hint'>{After that day %s does not see the record any "
             "more. You can end it sooner on the page of the question.}</div></div>",
             a->until, name);
        html(h, "<div class='form-actions'><button class='btn btn-primary' type='submit' "
                "name='share' value='yes'>{Ask and share the record}</button>");
    } else {
        page_notice(w, "warning",
                    "You may not share records. Ask without the record, or ask somebody who may: "
                    "its owner or the information security manager.");
        html(h, "<div class='form-actions mt-3'>");
    }
    html(h,
         "<button class='btn' type='submit' name='share' value='no'>{Ask without the record}"
         "</button><a class='btn' href='%s'>{Cancel}</a></div></form>",
         web_url(w, "/questions/new"));
}

static struct err *draw_sharing(struct web *w, const struct asking *a)
{
    const struct entity *e = a->head.entity;
    void *record = arena_alloc(w->arena, e->size);
    const char *name;

    TRY(entity_title(w, &person_entity, a->c.asked, &name, NULL));
    TRY(entity_load(w, e, a->head.id, record));
    page_begin(w, "Questions", tr("Share %s with %s?"), a->head.label, name);
    page_body(w);
    page_notice(w, "info",
                "%s cannot see %s now. This is what you would share; nothing can be "
                "changed by it.",
                name, a->head.label);
    card_begin(w, record_head_text(w, &a->head), NULL);
    TRY(entity_details(w, e, record));
    html(w->html, "<hr>");
    draw_tabs_shared(w);
    card_end(w);
    card_begin(w, NULL, NULL);
    draw_decision(w, a, name);
    card_end(w);
    page_end(w);
    return NULL;
}

/* --- storing --- */

/* The person that was chosen, if this person may choose them. */
static struct err *find_person(struct web *w, struct asking *a)
{
    struct rows *r;
    i64 number = 0;

    if (text_empty(a->to)) {
        issue(&a->issues, "person", "Choose whom you ask.");
        return NULL;
    }
    if (text_starts(a->to, "P-"))
        text_i64(a->to + 2, &number);
    TRY(db_query(w->db, &r,
                 "select p.id from person p where p.org_id = $1 and p.number = $2"
                 " and p.state = 'active' and ($3 = 1 or exists (select 1 from role_holder h"
                 " where h.org_id = p.org_id and h.person = p.id"
                 " and h.role in ('adviser', 'isms-manager') and h.from_date <= $4"
                 " and (h.until is null or h.until >= $4)))",
                 num(w->org), num(number), num(web_may(w, &person_read)), str(w->today)));
    a->c.asked = row_next(r) ? row_num(r, 0) : 0;
    if (!a->c.asked)
        issue(&a->issues, "person", "“%.40s” is nobody whom you can ask. Choose from the list.",
              a->to);
    else if (a->c.asked == w->person)
        issue(&a->issues, "person", "That is you. Choose somebody else.");
    return NULL;
}

static struct err *find_record(struct web *w, struct asking *a)
{
    const struct entity *e;
    struct err *failed;
    i64 id;

    if (text_empty(a->about))
        return NULL;
    failed = record_find(w, a->about, &e, &id);
    if (failed && failed->code != ERR_MISSING)
        return failed;
    if (failed || e == &comment_entity) {
        issue(&a->issues, "about",
              "There is no record “%.40s” here, or you may not see it. Write its number, as in "
              "R-42, or leave this empty.",
              a->about);
        return NULL;
    }
    a->c.about = id;
    return record_head(w, id, &a->head);
}

static void check_title(struct web *w, struct asking *a)
{
    a->c.title = text_trim(w->arena, a->c.title ? a->c.title : "");
    if (text_empty(a->c.title))
        issue(&a->issues, "title", "Say in one line what you ask.");
    else if (text_length(a->c.title) > 200)
        issue(&a->issues, "title", "The line has more than 200 characters.");
}

/* `*asks` when the page has to ask whether the record is shared. */
static struct err *must_ask(struct web *w, const struct asking *a, bool *asks)
{
    bool sees = true;

    *asks = false;
    if (a->c.about)
        TRY(entity_seen_by(w, a->head.entity, a->c.about, a->c.asked, &sees));
    *asks = !sees && !text_equal(a->share, "yes") && !text_equal(a->share, "no");
    return NULL;
}

static struct err *store(struct web *w, struct asking *a)
{
    if (text_equal(a->share, "no")) {
        a->c.about = 0;
        a->head = (struct record_head){.label = "", .title = "", .hidden = true};
    }
    TRY(comment_store(w, &a->c, &a->issues));
    if (a->issues.count)
        return NULL;
    if (a->c.about && text_equal(a->share, "yes"))
        TRY(grant_give(w, &(struct grant){.entity = a->head.entity,
                                          .record = a->c.about,
                                          .person = a->c.asked,
                                          .until = text_empty(a->until) ? NULL : a->until,
                                          .why = arena_printf(w->arena, "CM-%lld", a->c.number)}));
    return comment_tell(w, &a->c, &a->c, TOLD_QUESTION);
}

struct err *question_add(struct web *w)
{
    struct asking a = {
        .issues = {.arena = w->arena},
        .c = { .kind = "question",
                   .state = "open",
                   .title = web_form(w, "title"),
                   .body = web_form(w, "body")},
        .to = web_form(w, "person"),
        .about = web_form(w, "about"),
        .share = web_form(w, "share"),
        .until = web_form(w, "until")
    };
    bool asks = false;

    if (!a.until)
        a.until = date_add(w->arena, w->today, 0, SHARED_DAYS);
    TRY(find_person(w, &a));
    TRY(find_record(w, &a));
    check_title(w, &a);
    if (text_empty(a.c.body))
        issue(&a.issues, "body", "Write something first.");
    if (!a.issues.count)
        TRY(must_ask(w, &a, &asks));
    if (asks)
        return draw_sharing(w, &a);
    if (!a.issues.count)
        TRY(store(w, &a));
    if (a.issues.count) {
        web_status(w, 422);
        return draw_form(w, &a);
    }
    web_redirect(w, web_url(w, "/comments/CM-%lld?m=sent", a.c.number));
    return NULL;
}
