/* SPDX-License-Identifier: Apache-2.0 */
/* Versions: sending the statement for approval freezes it; top management approves or refuses what
 * they were shown, recognised by its hash. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/decision.h"
#include "core/export.h"
#include "core/language.h"
#include "core/page.h"
#include "core/trail.h"
#include "feature/control/control.h"
#include "feature/organisation/organisation.h"
#include "feature/soa/soa_part.h"

/* --- looking up --- */

static struct soa from_row(const struct rows *r)
{
    struct soa s = {.title = row_text(r, 3),
                    .state = row_text(r, 4),
                    .body = row_text(r, 5),
                    .body_hash = row_text(r, 6),
                    .author = row_num(r, 7),
                    .applicable = row_num(r, 8),
                    .excluded = row_num(r, 9),
                    .implemented = row_num(r, 10),
                    .note = row_str(r, 11)};

    s.id = row_num(r, 0);
    s.number = row_num(r, 1);
    s.version = row_num(r, 2);
    return s;
}

struct err *soa_in_force(struct web *w, struct soa *out)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select id, number, version, title, state, body, body_hash, author, applicable,"
                 " excluded, implemented, note from soa where org_id = $1 and state = 'approved'"
                 " order by number desc limit 1",
                 num(w->org)));
    *out = row_next(r) ? from_row(r) : (struct soa){.title = NULL};
    return NULL;
}

struct err *soa_waiting(struct web *w, struct soa *out)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select id, number, version, title, state, body, body_hash, author, applicable,"
                 " excluded, implemented, note from soa where org_id = $1 and state = 'submitted'"
                 " order by number desc limit 1",
                 num(w->org)));
    *out = row_next(r) ? from_row(r) : (struct soa){.title = NULL};
    return NULL;
}

struct err *soa_find_version(struct web *w, const char *text, struct soa *out)
{
    i64 id;

    TRY(entity_find(w, &soa_entity, text, &id));
    return entity_load(w, &soa_entity, id, out);
}

struct err *soa_next_number(struct web *w, i64 *out)
{
    struct rows *r;

    TRY(db_query(w->db, &r, "select coalesce(max(number), 0) + 1 from soa where org_id = $1",
                 num(w->org)));
    *out = row_next(r) ? row_num(r, 0) : 1;
    return NULL;
}

/* --- submitting --- */

struct frozen {
    struct soa_table table;
    const char *body;
    i64 size; /* of the log before the rows were read: no change came in between when it is the same
               */
};

static struct err *log_size(struct web *w, i64 *size)
{
    unsigned char root[TLOG_HASH];

    return trail_head(w, w->org, size, root);
}

struct err *soa_submit_prepare(struct web *w)
{
    struct frozen *f = NEW(w->arena, struct frozen);

    TRY(log_size(w, &f->size));
    TRY(soa_rows(w, &f->table));
    f->body = soa_freeze(w, &f->table);
    w->prepared = f;
    return NULL;
}

/* Writes down as decided what so far held by its reasons only. */
static struct err *settle_row(struct web *w, const struct soa_row *r)
{
    struct issues issues = {.arena = w->arena};
    struct control c;

    if (!r->automatic)
        return NULL;
    TRY(entity_load(w, &control_entity, r->control, &c));
    c.applicable = "yes";
    TRY(entity_write(w, &control_entity, &c,
                     arena_printf(w->arena, "follows from %s", r->reasons[0].label), &issues));
    if (issues.count)
        return err_new(ERR_INVALID, "%s: %s", c.name, issues.list[0].text);
    return NULL;
}

static struct err *set_state(struct web *w, i64 id, const char *state, const char *reason)
{
    struct issues issues = {.arena = w->arena};
    struct soa s;

    TRY(entity_load(w, &soa_entity, id, &s));
    s.state = state;
    TRY(entity_write(w, &soa_entity, &s, reason, &issues));
    return issues.count ? err_new(ERR_INVALID, "%s", issues.list[0].text) : NULL;
}

/* Versions in one state are replaced by another one. */
static struct err *supersede(struct web *w, const char *state, i64 but, const char *reason)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select id from soa where org_id = $1 and state = $2 and id <> $3 order by id",
                 num(w->org), str(state), num(but)));
    while (row_next(r))
        TRY(set_state(w, row_num(r, 0), "superseded", reason));
    return NULL;
}

struct err *soa_submit(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    struct frozen *f = w->prepared;
    struct soa s = {.state = "submitted", .author = w->person};
    i64 size, number;

    TRY(log_size(w, &size));
    if (!f || size != f->size)
        TRY(soa_submit_prepare(w));
    f = w->prepared;
    soa_blockers(w, &f->table, &issues);
    if (issues.count)
        return soa_refuse_submit(w, &f->table, &issues);
    TRY(supersede(w, "submitted", 0, "replaced by a newer draft"));
    for (size_t i = 0; i < f->table.count; i++)
        TRY(settle_row(w, &f->table.rows[i]));
    TRY(soa_next_number(w, &number));
    s.title = arena_printf(w->arena, "Statement of Applicability, version %lld", number);
    s.body = f->body;
    s.body_hash = decision_hash(w->arena, f->body);
    s.applicable = f->table.applicable;
    s.excluded = f->table.excluded;
    s.implemented = f->table.implemented;
    TRY(entity_write(w, &soa_entity, &s, NULL, &issues));
    if (issues.count)
        return err_new(ERR_INVALID, "%s", issues.list[0].text);
    web_redirect(w, web_url(w, "/soa/SOA-%lld?m=sent", s.number));
    return NULL;
}

/* --- the page of a version --- */

static struct err *draw_decided(struct web *w, const struct soa *s, const struct decision *d)
{
    const char *who;

    TRY(entity_title(w, &person_entity, d->by, &who, NULL));
    html(w->html, "<p class='mt-3'>%s</p>",
         arena_printf(w->arena,
                      text_equal(d->outcome, "approved")
                          ? tr("Approved, and its implementation authorised, by %s (%s) on %s.")
                          : tr("Refused by %s (%s) on %s."),
                      who, tr(d->role), web_time(w, d->at)));
    if (d->comment)
        html(w->html, "<p>“%s”</p>", d->comment);
    if (d->exception)
        html(w->html, "<p>{No second person was there to decide: %s}</p>", d->exception);
    if (!text_equal(d->subject_hash, decision_hash(w->arena, s->body)))
        page_notice(w, "danger", "The text differs from what was decided on. Verify the log.");
    return NULL;
}

static struct err *draw_tasks(struct web *w, const struct soa_table *t)
{
    i64 n;

    TRY(soa_count_tasks(w, t, &n));
    if (!n)
        return NULL;
    html(
        w->html,
        "<div class='form-check mb-3'><input class='form-check-input' type='checkbox' id='f-tasks' "
        "name='tasks' value='1' checked><label class='form-check-label' for='f-tasks'>{Give a task "
        "for each control that is to be put into practice and that nobody is at yet: "
        "%lld}</label></div>",
        n);
    return NULL;
}

static struct err *draw_form(struct web *w, const struct soa *s, const struct soa_table *t)
{
    if (!web_may(w, &soa_approve) || w->asof || !text_equal(s->state, "submitted"))
        return NULL;
    html(w->html, "<p class='mt-3'>{You are shown all controls of this version below. Approving it "
                  "means: the selection is right, and what is planned may be implemented with the "
                  "people and money it needs.}</p>");
    form_begin(w, web_url(w, "/soa/SOA-%lld/approve", s->number), 0);
    html(w->html, "<input type='hidden' name='hash' value='%s'>", s->body_hash);
    form_area(w, "comment", "Comment", NULL, "Kept with the decision. Needed when you refuse.");
    if (s->author == w->person)
        form_text(w, "exception", "If nobody else can decide: why you do it yourself", NULL, NULL);
    TRY(draw_tasks(w, t));
    html(w->html,
         "<div class='form-actions'><button class='btn btn-primary' type='submit'>{Approve this "
         "version}</button><button class='btn' type='submit' "
         "formaction='%s'>{Refuse}</button></div></form>",
         web_url(w, "/soa/SOA-%lld/refuse", s->number));
    return NULL;
}

static struct err *draw_approval(struct web *w, const struct soa *s, const struct soa_table *t)
{
    const char *who = "";
    struct decision d;

    TRY(decision_last(w, "soa", s->id, &d));
    TRY(entity_title(w, &person_entity, s->author, &who, NULL));
    card_begin(w, "Approval", NULL);
    html(w->html,
         "<dl class='facts'><dt>{Prepared by}</dt><dd>%s</dd><dt>{Controls}</dt><dd>{%lld "
         "applicable, %lld excluded, %lld implemented}</dd><dt>{Fingerprint}</dt><dd "
         "class='text-break'><code>%s</code></dd></dl>",
         text_empty(who) ? "—" : who, s->applicable, s->excluded, s->implemented, s->body_hash);
    if (d.id)
        TRY(draw_decided(w, s, &d));
    TRY(draw_form(w, s, t));
    card_end(w);
    return NULL;
}

static void draw_changes(struct web *w, const struct soa_changes *c, i64 number)
{
    html(w->html,
         "<section class='card' id='changes'><div class='card-header'><h2 "
         "class='card-title'>{Changed since}</h2><span class='mute'>{%zu "
         "controls}</span></div><div class='card-body'>",
         c->count);
    if (!c->count)
        html(w->html, "<p class='mute mb-0'>{Nothing: the statement of today is the same.}</p>");
    html(w->html, "<ul class='list-unstyled mb-0'>");
    for (size_t i = 0; i < c->count; i++)
        html(w->html, "<li class='mb-1'><strong>%s</strong> %s: %s</li>", c->list[i].code,
             words_supplied(w->arena, c->list[i].title), c->list[i].text);
    html(w->html, "</ul>");
    if (c->count)
        html(w->html, "<p class='mt-2 mb-0'><a href='%s'>{Field by field}</a></p>",
             web_url(w, "/soa/compare?from=%lld&to=now", number));
    html(w->html, "</div></section>");
}

static void draw_notice(struct web *w, const struct soa *s, const struct soa_changes *c)
{
    if (text_equal(s->state, "approved") && c->material)
        page_notice(w, "warning",
                    tr_n("A new version is needed: %zu control has another decision or other "
                         "reasons since this one was approved.",
                         "A new version is needed: %zu controls have another decision or other "
                         "reasons since this one was approved.",
                         (i64)c->material),
                    c->material);
    if (text_equal(s->state, "submitted") && c->count)
        page_notice(
            w, "warning",
            tr_n(
                "Since this was sent, %zu control was changed. What you approve is the text below.",
                "Since this was sent, %zu controls were changed. What you approve is the text "
                "below.",
                (i64)c->count),
            c->count);
}

static void draw_downloads(struct web *w, const struct soa *s)
{
    static const char *const formats[][2] = {
        {"pdf",  "PDF"            },
        {"xlsx", N_("Spreadsheet")},
        {"csv",  "CSV"            },
        {"json", "JSON"           }
    };

    if (!web_may(w, &export_run_right))
        return;
    html(w->html, "<details class='menu menu-end'><summary class='btn'>{Export}</summary><div "
                  "class='menu-items'>");
    for (size_t i = 0; i < COUNT_OF(formats); i++)
        html(w->html,
             "<a class='menu-item' href='/o/%s/soa/export?version=%lld&amp;format=%s'>%s"
             "</a>",
             w->slug, s->number, formats[i][0], tr(formats[i][1]));
    html(w->html, "</div></details>");
}

struct err *soa_version_page(struct web *w)
{
    struct soa_filter all = {.theme = "all"};
    struct soa_table then, now;
    struct soa_changes changes;
    const struct choice *state;
    struct soa s;
    bool drawn;

    TRY(soa_find_version(w, web_param(w, 0), &s));
    TRY(soa_thaw(w, s.body, &then));
    TRY(soa_rows(w, &now));
    TRY(soa_compare(w, &then, &now, &changes));
    state = choice_find(entity_field(&soa_entity, "state")->choices, s.state);
    page_begin(w,
               arena_printf(w->arena, "%s · SOA-%lld", tr("Statement of Applicability"), s.number),
               "Version %lld", s.number);
    html(w->html, "<span class='align-self-center me-1'>");
    badge(w, state ? state->tone : NULL, state ? page_lower(w, state->label) : s.state);
    html(w->html, "</span>");
    draw_downloads(w, &s);
    page_action(w, "default", web_url(w, "/soa"), "Today’s statement");
    page_body(w);
    TRY(entity_tab(w, &soa_entity, &s, &drawn));
    if (drawn) {
        page_end(w);
        return NULL;
    }
    draw_notice(w, &s, &changes);
    html(w->html, "<div class='split wide-aside'>");
    TRY(draw_approval(w, &s, &then));
    draw_changes(w, &changes, s.number);
    html(w->html,
         "</div><section class='card'><div class='card-header'><h2 class='card-title'>{What it "
         "says}</h2><span class='mute'>{Scope: %s · method %s · assessment: %s}</span></div>",
         then.scope, then.method, then.assessment);
    soa_draw_table(w, &then, &all, false);
    html(w->html, "</section>");
    card_begin(w, "History", NULL);
    TRY(entity_history(w, &soa_entity, s.id));
    card_end(w);
    page_end(w);
    return NULL;
}

/* --- deciding --- */

static struct err *load_decidable(struct web *w, struct soa *s)
{
    const char *shown = web_form(w, "hash");

    TRY(soa_find_version(w, web_param(w, 0), s));
    if (!text_equal(s->state, "submitted"))
        return err_new(ERR_CLASH, "This version was decided on or replaced already.");
    if (!text_equal(shown, s->body_hash) ||
        !text_equal(s->body_hash, decision_hash(w->arena, s->body)))
        return err_new(ERR_CLASH,
                       "This is not the text that you were shown. Open the version again, "
                       "read it and decide then.");
    return NULL;
}

static struct err *decide(struct web *w, struct soa *s, const char *outcome)
{
    struct decision given = {.outcome = outcome};
    const char *why = web_form(w, "exception"), *comment = web_form(w, "comment");
    bool alone;
    i64 id;

    TRY(decision_four_eyes(w, s->author, &soa_approve, &alone));
    if (alone && text_empty(why))
        return err_new(ERR_INVALID,
                       "You prepared this version yourself and nobody else can approve "
                       "it. Say why you decide all the same.");
    given.exception = alone ? text_trim(w->arena, why) : NULL;
    given.comment = text_empty(comment) ? NULL : text_trim(w->arena, comment);
    TRY(set_state(w, s->id, outcome, given.comment));
    given.kind = "soa";
    return decision_record(w, &soa_entity, s->id, s->body, &given, &id);
}

struct err *soa_approve_post(struct web *w)
{
    struct soa s;
    i64 made;

    TRY(load_decidable(w, &s));
    TRY(decide(w, &s, "approved"));
    TRY(supersede(w, "approved", s.id, arena_printf(w->arena, "version %lld approved", s.number)));
    if (text_equal(web_form(w, "tasks"), "1"))
        TRY(soa_make_tasks(w, &s, &made));
    web_redirect(w, web_url(w, "/soa/SOA-%lld?m=approved", s.number));
    return NULL;
}

struct err *soa_refuse_post(struct web *w)
{
    struct soa s;

    TRY(load_decidable(w, &s));
    if (text_empty(web_form(w, "comment")))
        return err_new(ERR_INVALID,
                       "Say in the comment why you refuse, so that the next draft can be "
                       "better.");
    TRY(decide(w, &s, "refused"));
    web_redirect(w, web_url(w, "/soa/SOA-%lld?m=refused", s.number));
    return NULL;
}
