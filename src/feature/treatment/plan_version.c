/* SPDX-License-Identifier: Apache-2.0 */
/* Versions of the treatment plan: the whole plan as text, frozen, approved by top management. Work
 * goes on in the live plan; a version shows for ever what was agreed. */
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/decision.h"
#include "core/language.h"
#include "core/list.h"
#include "core/page.h"
#include "core/trail.h"
#include "feature/organisation/organisation.h"
#include "feature/risk/risk.h"
#include "feature/treatment/treatment_web.h"

#define ACTIONS_MOST 5000

static const struct choice states[] = {
    {"submitted", "Waits for approval", "blue"},
    {"approved",     "Approved", "green"},
    {"refused",  "Refused", "red"},
    {"superseded",    "Replaced", "grey"},
    {0  }
};

static const struct field fields[] = {
    TEXT(plan_version, title, "Title", .internal = true, .listed = true),
    CHOICE(plan_version, state, "State", states, .internal = true, .listed = true),
    INT(plan_version, actions, "Actions", .internal = true, .listed = true, .most = 1000000),
    INT(plan_version, done, "Done", .internal = true, .listed = true, .most = 1000000),
    INT(plan_version, late, "Overdue", .internal = true, .listed = true, .most = 1000000),
    MONEY(plan_version, budget, "Budget", .internal = true, .listed = true, .most = INT64_MAX),
    REF(plan_version, author, "Prepared by", person_entity, .internal = true),
    LONG(plan_version, body, "Frozen plan", .internal = true, .unfolded = true, .veil = true),
    TEXT(plan_version, body_hash, "Hash of the plan", .internal = true, .unfolded = true,
         .veil = true),
    LONG(plan_version, note, "Note", .internal = true),
};

static struct err *depends(struct web *w, i64 id, struct issues *out)
{
    (void)w, (void)id;
    issue(out, "", "A frozen version of the plan is evidence and stays.");
    return NULL;
}

/* It tells what is expected to remain of all risks. */
static struct err *veiled(struct web *w, struct ids *out)
{
    const char *blind;
    struct rows *r;

    TRY(risk_blind_list(w, &blind));
    TRY(db_query(w->db, &r,
                 "select id from plan_version where org_id = $1 and $2 <> '[]'"
                 " order by id",
                 num(w->org), str(blind)));
    return risk_blind_ids(w, r, out);
}

const struct entity plan_version_entity = ENTITY(
    plan_version, fields, .plural = "plan-versions", .label = "Version of the treatment plan",
    .labels = "Versions of the treatment plan", .few = true, .prefix = "TP", .title = "title",
    .state = "state", .closed = "approved refused superseded", .order = "-number",
    .read = &action_read, .write = &treatment_write, .no_create = true, .no_api = true,
    .depends = depends, .veiled = veiled, .clause = "6.1.3 e",
    .help = "The whole treatment plan as it was on a day, with people, days and money. Top "
            "management approves exactly that text.",
    .empty = "The plan was never frozen. Open it and press “Freeze as version 1”.");

/* --- the text --- */

/* "key: value"; further lines are indented, so that no text can look like another key. */
static void line(struct buf *b, const char *key, const char *value)
{
    if (text_empty(value))
        return;
    buf_printf(b, "%s: ", key);
    for (const char *p = value; *p; p++) {
        buf_char(b, *p);
        if (*p == '\n')
            buf_str(b, "        ");
    }
    buf_char(b, '\n');
}

static void person(struct buf *b, const char *key, i64 number)
{
    if (number)
        buf_printf(b, "    %s: P-%lld\n", key, number);
}

static void money(struct buf *b, const char *key, i64 n)
{
    if (n)
        buf_printf(b, "    %s: %lld.%02lld\n", key, n / 100, n % 100);
}

static struct err *action_lines(struct web *w, struct buf *b, const struct rows *r)
{
    struct arena *a = w->arena;
    const char *also;

    TRY(plan_also(w, row_num(r, 21), &also));
    line(b, arena_printf(a, "action AC-%lld", row_num(r, 0)), row_text(r, 1));
    buf_printf(b, "    treatment: T-%lld (%s)\n", row_num(r, 2), row_text(r, 3));
    line(b, arena_printf(a, "    risk R-%lld", row_num(r, 4)), row_text(r, 5));
    line(b, "    also for risks", also);
    if (row_num(r, 6))
        buf_printf(b, "    expected afterwards: %lld %s\n", row_num(r, 6), row_text(r, 7));
    line(b, "    control", row_str(r, 8));
    person(b, "who", row_num(r, 9));
    line(b, "    start", row_str(r, 10));
    line(b, "    due", row_str(r, 11));
    line(b, "    resources", row_str(r, 12));
    money(b, "budget", row_num(r, 13));
    money(b, "spent", row_num(r, 14));
    buf_printf(b, "    priority: %s\n    status: %s, %lld %%\n", row_text(r, 15), row_text(r, 16),
               row_num(r, 17));
    line(b, "    evidence", row_str(r, 18));
    person(b, "verifier", row_num(r, 19));
    line(b, "    verified on", row_str(r, 20));
    return NULL;
}

static struct err *freeze(struct web *w, const struct plan_totals *t, const char **body)
{
    struct rows *r;
    struct buf b;

    if (t->actions > ACTIONS_MOST)
        return err_new(ERR_LIMIT, "A plan of more than %d actions cannot be frozen in one piece.",
                       ACTIONS_MOST);
    TRY(db_query(w->db, &r,
                 "select a.number, a.title, t.number, t.option, k.number, k.title,"
                 " k.residual_score, k.residual_band, c.code, p.number, a.start, a.due,"
                 " a.resources, a.budget, a.spent, a.priority, a.status, a.progress, a.evidence,"
                 " v.number, a.verified_on, a.id from action a"
                 " join treatment t on t.org_id = a.org_id and t.id = a.treatment"
                 " join risk k on k.org_id = t.org_id and k.id = t.risk"
                 " left join control c on c.org_id = a.org_id and c.id = a.control"
                 " left join person p on p.org_id = a.org_id and p.id = a.owner"
                 " left join person v on v.org_id = a.org_id and v.id = a.verifier"
                 " where a.org_id = $1 and a.status <> 'cancelled' order by a.number",
                 num(w->org)));
    buf_init(&b, w->arena, 65536);
    buf_printf(&b, "risk treatment plan, version %lld\nday: %s\n", t->version + 1, w->today);
    buf_printf(&b, "actions: %lld, done: %lld, overdue: %lld\n", t->actions, t->done, t->late);
    money(&b, "total budget", t->budget);
    money(&b, "total spent", t->spent);
    buf_printf(&b, "risks with a treatment: %lld, approved by their owners: %lld\n", t->risks,
               t->approved);
    while (row_next(r))
        TRY(action_lines(w, &b, r));
    *body = b.data;
    return NULL;
}

/* --- freezing --- */

struct frozen {
    struct plan_totals totals;
    const char *body;
    i64 size; /* of the log before the rows were read */
};

static struct err *log_size(struct web *w, i64 *size)
{
    unsigned char root[TLOG_HASH];

    return trail_head(w, w->org, size, root);
}

struct err *plan_freeze_prepare(struct web *w)
{
    struct frozen *f = NEW(w->arena, struct frozen);

    TRY(log_size(w, &f->size));
    TRY(plan_totals_load(w, &f->totals));
    TRY(freeze(w, &f->totals, &f->body));
    w->prepared = f;
    return NULL;
}

static struct err *set_state(struct web *w, i64 id, const char *state, const char *reason)
{
    struct issues issues = {.arena = w->arena};
    struct plan_version v;

    TRY(entity_load(w, &plan_version_entity, id, &v));
    v.state = state;
    TRY(entity_write(w, &plan_version_entity, &v, reason, &issues));
    return issues.count ? err_new(ERR_INVALID, "%s", issues.list[0].text) : NULL;
}

static struct err *supersede(struct web *w, const char *state, i64 but, const char *reason)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select id from plan_version where org_id = $1 and state = $2 and id <> $3"
                 " order by id",
                 num(w->org), str(state), num(but)));
    while (row_next(r))
        TRY(set_state(w, row_num(r, 0), "superseded", reason));
    return NULL;
}

struct err *plan_freeze(struct web *w, struct plan_version *v)
{
    struct issues issues = {.arena = w->arena};
    const struct frozen *f = w->prepared;
    i64 size;

    *v = (struct plan_version){.state = "submitted", .author = w->person};
    TRY(log_size(w, &size));
    if (!f || size != f->size)
        TRY(plan_freeze_prepare(w));
    f = w->prepared;
    if (!f->totals.actions)
        return err_new(ERR_INVALID, "There is no action yet, so there is nothing to freeze. Plan "
                                    "who does what first.");
    TRY(supersede(w, "submitted", 0, "replaced by a newer version"));
    v->title = arena_printf(w->arena, "Risk treatment plan of %s", w->today);
    v->body = f->body;
    v->body_hash = decision_hash(w->arena, f->body);
    v->actions = f->totals.actions;
    v->done = f->totals.done;
    v->late = f->totals.late;
    v->budget = f->totals.budget;
    TRY(entity_write(w, &plan_version_entity, v, NULL, &issues));
    return issues.count ? err_new(ERR_INVALID, "%s", issues.list[0].text) : NULL;
}

struct err *plan_freeze_post(struct web *w)
{
    struct plan_version v;

    TRY(plan_freeze(w, &v));
    web_redirect(w, web_url(w, "/plan-versions/TP-%lld?m=saved", v.number));
    return NULL;
}

/* --- its page --- */

static struct err *draw_decision(struct web *w, const struct plan_version *v)
{
    struct decision d;
    const char *who;

    card_begin(w, "Approval", NULL);
    TRY(decision_last(w, "plan", v->id, &d));
    if (d.id) {
        bool approved = text_equal(d.outcome, "approved");

        TRY(entity_title(w, &person_entity, d.by, &who, NULL));
        html(w->html, "<p>");
        badge(w, approved ? "green" : "red", approved ? "approved" : "refused");
        html(w->html, " {by %s on %s}</p>", who, web_time(w, d.at));
        if (d.comment)
            html(w->html, "<blockquote>%s</blockquote>", d.comment);
        if (d.exception)
            html(w->html, "<p>{No second person was there to decide: %s}</p>", d.exception);
    } else if (text_equal(v->state, "submitted") && web_may(w, &risk_accept) && !w->asof) {
        html(w->html, "<p>{You approve the people, days and money that are written here.}</p>");
        form_begin(w, web_url(w, "/plan-versions/TP-%lld/decide", v->number), 0);
        html(w->html, "<input type='hidden' name='hash' value='%s'>", v->body_hash);
        form_area(w, "comment", "Comment", NULL, "Kept with the decision. Needed when you refuse.");
        form_text(w, "exception", "If nobody else can decide: why you do it yourself", NULL, NULL);
        html(w->html, "<div class='form-actions'><button class='btn btn-primary' name='outcome' "
                      "value='approved'>{Approve}</button> <button class='btn' name='outcome' "
                      "value='refused'>{Refuse}</button></div></form>");
    } else {
        html(w->html, "<p class='mb-0'>{Nothing was decided yet. Top management decides.}</p>");
    }
    card_end(w);
    return NULL;
}

struct err *plan_version_page(struct web *w)
{
    struct plan_version v;
    const char *named;
    i64 id;
    bool drawn;

    TRY(risk_refuse_blind_whole(w));
    TRY(web_record(w, &plan_version_entity, &id));
    TRY(entity_load(w, &plan_version_entity, id, &v));
    page_begin(w, arena_printf(w->arena, "%s · TP-%lld", tr("Treatment plan"), v.number), "%s",
               v.title);
    page_action(w, "default", web_url(w, "/plan"), "Today’s plan");
    page_help(w, plan_version_entity.help, plan_version_entity.clause);
    page_body(w);
    TRY(entity_tab(w, &plan_version_entity, &v, &drawn));
    if (drawn) {
        page_end(w);
        return NULL;
    }
    html(w->html, "<div class='split'><div class='stack'>");
    card_begin(w, "What it says", NULL);
    TRY(people_named(w, v.body, &named));
    html(w->html, "<pre class='frozen'>%s</pre><p class='text-secondary frozen'>{SHA-256 %s}</p>",
         named, v.body_hash);
    card_end(w);
    html(w->html, "</div><div class='stack'>");
    TRY(draw_decision(w, &v));
    card_begin(w, "History", NULL);
    TRY(entity_history(w, &plan_version_entity, v.id));
    card_end(w);
    html(w->html, "</div></div>");
    page_end(w);
    return NULL;
}

/* --- deciding --- */

static struct err *check_decision(struct web *w, const struct plan_version *v, bool refused)
{
    if (!text_equal(v->state, "submitted"))
        return err_new(ERR_CLASH, "This version was decided on or replaced already.");
    if (!text_equal(web_form(w, "hash"), v->body_hash) ||
        !text_equal(v->body_hash, decision_hash(w->arena, v->body)))
        return err_new(ERR_CLASH,
                       "This is not the text that you were shown. Open the version again, "
                       "read it and decide then.");
    if (refused && text_empty(web_form(w, "comment")))
        return err_new(ERR_INVALID,
                       "Say in the comment why you refuse, so that the next version can be "
                       "better.");
    return NULL;
}

/* Top management need not be able to plan: the right to change is lent for the state alone. */
static struct err *write_state(struct web *w, const struct plan_version *v, const char *outcome,
                               const char *comment)
{
    int bit = feature_permission_index(&treatment_write);
    u64 kept = w->rights[bit / 64];
    struct err *failed;

    w->rights[bit / 64] |= 1ULL << (bit % 64);
    failed = set_state(w, v->id, outcome, comment);
    if (!failed && text_equal(outcome, "approved"))
        failed = supersede(w, "approved", v->id, "a newer version was approved");
    w->rights[bit / 64] = kept;
    return failed;
}

struct err *plan_version_decide(struct web *w)
{
    const char *why = web_form(w, "exception"), *comment = web_form(w, "comment");
    bool refused = text_equal(web_form(w, "outcome"), "refused"), alone;
    struct decision d = {.kind = "plan", .outcome = refused ? "refused" : "approved"};
    struct plan_version v;
    i64 id, decision;

    TRY(risk_refuse_blind_whole(w));
    TRY(web_record(w, &plan_version_entity, &id));
    TRY(entity_load(w, &plan_version_entity, id, &v));
    TRY(check_decision(w, &v, refused));
    TRY(decision_four_eyes(w, v.author, &risk_accept, &alone));
    if (alone && text_empty(why))
        return err_new(ERR_INVALID,
                       "You prepared this version yourself and nobody else can approve it. Say "
                       "why you decide all the same.");
    d.exception = alone ? text_trim(w->arena, why) : NULL;
    d.comment = text_empty(comment) ? NULL : text_trim(w->arena, comment);
    TRY(write_state(w, &v, d.outcome, d.comment));
    TRY(decision_record(w, &plan_version_entity, v.id, v.body, &d, &decision));
    web_redirect(w, web_url(w, "/plan-versions/TP-%lld?m=saved", v.number));
    return NULL;
}
