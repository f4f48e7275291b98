/* SPDX-License-Identifier: Apache-2.0 */
/* Exceptions: a control that somebody need not follow for a time, with what protects meanwhile. The
 * owner of the risk agrees; above the acceptance level, or where no risk is named, top management
 * does. A later change asks for a new decision, and every exception ends by itself. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/decision.h"
#include "core/language.h"
#include "core/page.h"
#include "core/work.h"
#include "feature/control/control.h"
#include "feature/organisation/organisation.h"
#include "feature/risk/risk.h"
#include "feature/treatment/treatment_web.h"

#define DAYS_MOST 366

const struct permission exemption_read = {"exemption.read", "See exceptions"};
const struct permission exemption_write = {"exemption.write", "Ask for exceptions"};

static const struct choice states[] = {
    {"requested", "Waits for a decision", "blue"},
    {"approved",     "Approved", "green"},
    {"refused",  "Refused", "red"},
    {0   }
};

static const struct field fields[] = {
    TEXT(exemption, title, "What is not followed", .required = true, .listed = true,
         .sortable = true, .example = "The old laboratory computer keeps Windows 7"),
    REF(exemption, control, "Control", control_entity, .listed = true, .sortable = true,
        .filtered = true, .help = "From which control or rule this departs."),
    REF(exemption, risk, "Risk", risk_entity, .listed = true, .sortable = true, .filtered = true,
        .help = "The risk that grows by it. Its owner decides, or top management when the risk is "
                "above the acceptance level."),
    LONG(exemption, reason, "Why it is needed", .required = true,
         .help = "What would happen without it."),
    LONG(exemption, instead, "What protects meanwhile", .required = true,
         .example = "No network, used by two people, images go over a checked stick"),
    REF(exemption, owner, "Who answers for it", person_entity, .required = true, .listed = true,
        .filtered = true, .concerns = true, .help = "Sees to it that it ends in time."),
    DATE(exemption, start, "From", .required = true),
    DATE(exemption, until, "Until", .required = true, .listed = true, .sortable = true,
         .dated = DATED_EXPIRY, .help = "A year after the beginning at most."),
    CHOICE(exemption, state, "State", states, .internal = true, .listed = true, .filtered = true),
    REF(exemption, author, "Asked for by", person_entity, .internal = true),
    TEXT(exemption, agreed, "Hash of what was decided", .internal = true, .unfolded = true),
};

static void check(const void *record, struct issues *out)
{
    const struct exemption *e = record;

    if (!e->control && !e->risk)
        issue(out, "control", "Name the control it departs from, or the risk that grows by it.");
    if (!e->start || !e->until)
        return;
    if (strcmp(e->until, e->start) < 0)
        issue(out, "until", "It ends before it begins (%s).", e->start);
    else if (date_days(e->start, e->until) > DAYS_MOST)
        issue(out, "until", "An exception ends after a year at most. Then it is asked for anew.");
}

/* What is decided on: everything that people typed, by id. */
static const char *freeze(struct web *w, const struct exemption *e)
{
    struct exemption plain = *e;

    plain.state = NULL;
    plain.agreed = NULL;
    plain.author = 0;
    return entity_canonical(w->arena, &exemption_entity, &plain, false);
}

/* A change after the decision asks for a new one. */
static struct err *derive(struct web *w, void *record, struct issues *out)
{
    struct exemption *e = record;

    (void)out;
    if (!w->writable)
        return NULL;
    if (!e->id && !e->author)
        e->author = w->person;
    if (!e->agreed || !text_equal(e->agreed, decision_hash(w->arena, freeze(w, e)))) {
        e->state = "requested";
        e->agreed = NULL;
    }
    return NULL;
}

const struct entity exemption_entity = ENTITY(
    exemption, fields, .plural = "exceptions", .label = "Exception", .labels = "Exceptions",
    .few = true, .prefix = "EX", .title = "title", .state = "state", .closed = "refused",
    .decided = "approved", .order = "until", .read = &exemption_read, .write = &exemption_write,
    .check = check, .derive = derive, .clause = "6.1.3, 8.1",
    .help = "What somebody need not follow for a time, why, and what protects meanwhile. It is "
            "approved by who carries the risk, and it ends by itself.",
    .empty = "No exceptions. When somebody cannot follow a control for a time, ask for one here "
             "instead of looking away.");

/* --- deciding --- */

struct asked {
    struct exemption e;
    bool above;  /* top management decides */
    i64 decider; /* the owner of the risk, when not */
    bool may;    /* this person */
};

static struct err *find_decider(struct web *w, struct asked *out)
{
    struct rows *r;

    out->above = true;
    out->decider = 0;
    TRY(db_query(w->db, &r,
                 "select r.owner, case when r.score > m.acceptance then 1 else 0 end from risk r"
                 " join method m on m.org_id = r.org_id and m.id = r.method where r.org_id = $1"
                 " and r.id = $2",
                 num(w->org), num(out->e.risk)));
    if (row_next(r) && row_num(r, 0)) {
        out->above = row_num(r, 1) != 0;
        out->decider = row_num(r, 0);
    }
    return NULL;
}

static struct err *load_asked(struct web *w, struct asked *out)
{
    i64 id;

    TRY(web_record(w, &exemption_entity, &id));
    TRY(entity_load(w, &exemption_entity, id, &out->e));
    TRY(find_decider(w, out));
    if (out->above)
        out->may = w->person && web_may(w, &risk_accept);
    else
        out->may = w->person && out->decider == w->person && web_may(w, &risk_approve);
    return NULL;
}

static struct err *draw_decided(struct web *w, const struct asked *a)
{
    struct decision d;
    const char *who;
    bool approved;

    TRY(decision_last(w, "exception", a->e.id, &d));
    if (!d.id)
        return NULL;
    approved = text_equal(d.outcome, "approved");
    TRY(entity_title(w, &person_entity, d.by, &who, NULL));
    html(w->html, "<p>");
    badge(w, approved ? "green" : "red", approved ? "approved" : "refused");
    html(w->html, " {by %s on %s}</p>", who, web_time(w, d.at));
    if (d.comment)
        html(w->html, "<blockquote>%s</blockquote>", d.comment);
    if (d.exception)
        html(w->html, "<p>{No second person was there to decide: %s}</p>", d.exception);
    if (text_equal(a->e.state, "requested"))
        page_notice(w, "warning", "Something changed since this decision. A new one is needed.");
    else if (approved && strcmp(a->e.until, w->today) < 0)
        page_notice(w, "warning",
                    "The time of this exception is over. Follow the control again, "
                    "or ask for a new one.");
    return NULL;
}

static struct err *draw_decide(struct web *w, const struct asked *a)
{
    card_begin(w, "Decision", NULL);
    TRY(draw_decided(w, a));
    if (!text_equal(a->e.state, "requested") || w->asof) {
        card_end(w);
        return NULL;
    }
    if (!a->may) {
        html(w->html, "<p class='mb-0'>%s</p>",
             a->above ? tr("Top management decides here: the risk is above the acceptance level, "
                           "or no risk with an owner is named.")
                      : tr("The owner of the risk decides here."));
        card_end(w);
        return NULL;
    }
    form_begin(w, web_url(w, "/exceptions/EX-%lld/decide", a->e.number), 0);
    html(w->html, "<input type='hidden' name='hash' value='%s'>",
         decision_hash(w->arena, freeze(w, &a->e)));
    form_area(w, "comment", "Comment", NULL, "Kept with the decision. Needed when you refuse.");
    form_text(w, "exception", "If nobody else can decide: why you do it yourself", NULL, NULL);
    html(w->html, "<div class='form-actions'><button class='btn btn-primary' name='outcome' "
                  "value='approved'>{Approve}</button> <button class='btn' name='outcome' "
                  "value='refused'>{Refuse}</button></div></form>");
    card_end(w);
    return NULL;
}

/* --- as work of who decides --- */

/* Those of risks below the level wait for the owner; all others for top management. */
struct err *exemption_to_decide(struct web *w, i64 person, bool given, struct work_list *out)
{
    bool top = web_may(w, &risk_accept), owner = web_may(w, &risk_approve);
    struct rows *r;

    if (given || person != w->person || w->asof || !(top || owner))
        return NULL;
    TRY(db_query(w->db, &r,
                 "select x.id, x.number, x.title, x.author from exemption x left join risk r"
                 " on r.org_id = x.org_id and r.id = x.risk left join method m"
                 " on m.org_id = r.org_id and m.id = r.method where x.org_id = $1"
                 " and x.state = 'requested' and (($2 = 1 and (r.owner is null"
                 " or r.score > m.acceptance)) or ($3 = 1 and r.owner = $4"
                 " and not coalesce(r.score, 0) > m.acceptance)) order by x.number",
                 num(w->org), num(top), num(owner), num(person)));
    return work_add_decisions(out, &exemption_entity, top ? &risk_accept : &risk_approve, r);
}

struct err *exemption_asks(struct web *w, const struct entity *e, const void *before,
                           const void *after, struct work_ask *out)
{
    const struct exemption *x = after, *old = before;
    struct asked a = {0};

    if (e != &exemption_entity || !text_equal(x->state, "requested") ||
        (old && text_equal(old->state, "requested")))
        return NULL;
    a.e = *x;
    TRY(find_decider(w, &a));
    *out = (struct work_ask){.record = x->id,
                             .person = a.above ? 0 : a.decider,
                             .right = a.above ? &risk_accept : NULL,
                             .label = arena_printf(w->arena, "EX-%lld", x->number),
                             .title = x->title,
                             .path = "",
                             .cause =
                                 arena_printf(w->arena, "exception:%lld:%lld", x->id, x->version)};
    return NULL;
}

struct err *exemption_show(struct web *w)
{
    struct asked a;
    bool drawn;

    TRY(load_asked(w, &a));
    page_begin(w, arena_printf(w->arena, "%s · EX-%lld", tr(exemption_entity.label), a.e.number),
               "%s", a.e.title);
    page_help(w, exemption_entity.help, exemption_entity.clause);
    if (!w->asof && web_may(w, &exemption_write)) {
        const char *address = web_record_url(w, &exemption_entity, a.e.number);

        page_action(w, "default", arena_printf(w->arena, "%s/remove", address), "Remove");
        page_action(w, "primary", arena_printf(w->arena, "%s/edit", address), "Edit");
    }
    page_body(w);
    TRY(entity_tab(w, &exemption_entity, &a.e, &drawn));
    if (!drawn) {
        html(w->html, "<div class='split'><div class='stack'>");
        card_begin(w, "Details", NULL);
        TRY(entity_details(w, &exemption_entity, &a.e));
        card_end(w);
        html(w->html, "</div><div class='stack'>");
        TRY(draw_decide(w, &a));
        card_begin(w, "History", NULL);
        TRY(entity_history(w, &exemption_entity, a.e.id));
        card_end(w);
        html(w->html, "</div></div>");
    }
    page_end(w);
    return NULL;
}

static struct err *check_decision(struct web *w, const struct asked *a, bool refused)
{
    if (!a->may)
        return err_new(ERR_DENIED, a->above ? "Only top management may decide on this exception."
                                            : "Only the owner of the risk may decide on this "
                                              "exception.");
    if (!text_equal(a->e.state, "requested"))
        return err_new(ERR_CLASH, "This exception was decided on already, and nothing changed "
                                  "since.");
    if (!text_equal(web_form(w, "hash"), decision_hash(w->arena, freeze(w, &a->e))))
        return err_new(ERR_CLASH, "The exception changed while you were reading. Look at it again "
                                  "and decide then.");
    if (refused && text_empty(web_form(w, "comment")))
        return err_new(ERR_INVALID, "Say in the comment why you refuse.");
    if (!refused && strcmp(a->e.until, w->today) < 0)
        return err_new(ERR_INVALID, "This exception would have ended already. Let its dates be "
                                    "changed first.");
    return NULL;
}

static struct err *write_state(struct web *w, struct exemption *e)
{
    struct issues issues = {.arena = w->arena};
    int bit = feature_permission_index(&exemption_write);
    u64 kept = w->rights[bit / 64];
    struct err *failed;

    w->rights[bit / 64] |= 1ULL << (bit % 64);
    failed = entity_write(w, &exemption_entity, e, NULL, &issues);
    w->rights[bit / 64] = kept;
    if (failed)
        return failed;
    return issues.count ? err_new(ERR_INVALID, "%s", issues.list[0].text) : NULL;
}

struct err *exemption_decide(struct web *w)
{
    const char *why = web_form(w, "exception"), *comment = web_form(w, "comment"), *body;
    bool refused = text_equal(web_form(w, "outcome"), "refused"), alone;
    struct decision d = {.kind = "exception", .outcome = refused ? "refused" : "approved"};
    struct asked a;
    i64 id;

    TRY(load_asked(w, &a));
    TRY(check_decision(w, &a, refused));
    TRY(decision_four_eyes(w, a.e.author, a.above ? &risk_accept : &risk_approve, &alone));
    if (alone && text_empty(why))
        return err_new(ERR_INVALID, "You asked for this yourself and nobody else can decide. Say "
                                    "why you decide all the same.");
    body = freeze(w, &a.e);
    d.exception = alone ? text_trim(w->arena, why) : NULL;
    d.comment = text_empty(comment) ? NULL : text_trim(w->arena, comment);
    d.role = a.above ? "top management" : "risk owner";
    d.expires = refused ? NULL : a.e.until;
    a.e.state = d.outcome;
    a.e.agreed = decision_hash(w->arena, body);
    TRY(write_state(w, &a.e));
    TRY(decision_record(w, &exemption_entity, a.e.id, body, &d, &id));
    web_redirect(w, web_url(w, "/exceptions/EX-%lld?m=saved", a.e.number));
    return NULL;
}
