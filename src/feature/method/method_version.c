/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a version: made from the one before, submitted, approved or sent back, in force,
 * retired by the next. Nothing that was scored moves before the approval. */
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/decision.h"
#include "core/job.h"
#include "core/page.h"
#include "core/permit.h"
#include "core/work.h"
#include "feature/method/method_part.h"
#include "feature/organisation/organisation.h"

#define AT_ONCE 200 /* so many records move in the transaction of the approval */
#define CHUNK 200   /* and so many in each transaction of the job that moves the rest */

struct err *method_asked(struct web *w, struct method *m)
{
    i64 id;

    TRY(web_record(w, &method_entity, &id));
    TRY(entity_load(w, &method_entity, id, m));
    if (!m->impact_levels)
        m->impact_levels = m->levels; /* as method_load does for old versions */
    return NULL;
}

struct err *method_must_be_draft(const struct method *m)
{
    if (text_equal(m->state, "draft"))
        return NULL;
    if (text_equal(m->state, "submitted"))
        return err_new(ERR_CLASH, "This version waits for approval and stays as it is. Take it "
                                  "back to change it.");
    return err_new(ERR_CLASH, "This version was approved and stays as it is, since risks were "
                              "scored with it. Make a new version.");
}

static void go_to(struct web *w, const struct method *m, const char *message)
{
    web_redirect(w, web_url(w, "/methods/M-%lld?m=%s", m->number, message));
}

static struct err *save(struct web *w, struct method *m, const char *state, const char *reason)
{
    struct issues issues = {.arena = w->arena};

    m->state = state;
    TRY(entity_write(w, &method_entity, m, reason, &issues));
    return issues.count ? err_new(ERR_INVALID, "%s", issues.list[0].text) : NULL;
}

/* The form's version is the one that was shown. */
static struct err *asked_version(struct web *w, struct method *m)
{
    i64 version;

    TRY(method_asked(w, m));
    if (!text_i64(web_form(w, "_version") ? web_form(w, "_version") : "", &version) ||
        version != m->version)
        return err_new(ERR_CLASH, "The method changed while you were reading it. Look at it again "
                                  "and go on from there.");
    return NULL;
}

/* --- a new version --- */

static struct err *refuse_second(struct web *w)
{
    struct method in_use;
    struct rows *r;

    TRY(method_current(w, &in_use));
    TRY(db_query(w->db, &r,
                 "select number from method where org_id = $1 and id <> $2"
                 " and state in ('draft', 'submitted') order by number limit 1",
                 num(w->org), num(in_use.id)));
    if (row_next(r))
        return err_new(ERR_CLASH,
                       "M-%lld is a draft already. Work on that one, or discard it first.",
                       row_num(r, 0));
    return NULL;
}

struct err *method_new_version(struct web *w, const struct method *from, struct method *out)
{
    struct issues issues = {.arena = w->arena};
    struct method in_use;
    struct scales s;

    TRY(refuse_second(w));
    TRY(method_current(w, &in_use));
    TRY(scales_load(w, from, &s));
    *out = *from;
    out->id = out->number = out->version = 0;
    out->state = "draft";
    out->base = in_use.id;
    out->author = w->person;
    out->note = NULL;
    if (!out->existing_rule)
        out->existing_rule = "evidence";
    if (!out->ranking)
        out->ranking = "impact";
    if (!out->accept_months)
        out->accept_months = 12;
    if (!out->triggers)
        out->triggers = METHOD_TRIGGERS_ALL;
    scales_even_map(&s, in_use.levels, in_use.impact_levels);
    TRY(method_store(w, out, &s, arena_printf(w->arena, "made from M-%lld", from->number),
                     &issues));
    return issues.count ? err_new(ERR_INVALID, "%s", issues.list[0].text) : NULL;
}

struct err *method_version_post(struct web *w)
{
    struct method from, m;

    TRY(method_asked(w, &from));
    TRY(method_new_version(w, &from, &m));
    go_to(w, &m, "created");
    return NULL;
}

struct err *method_preset_post(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    struct method m, in_use;
    struct scales s;

    TRY(asked_version(w, &m));
    TRY(method_must_be_draft(&m));
    TRY(scales_preset(w, web_form(w, "preset"), &m, &s));
    if (m.base) {
        TRY(method_load(w, m.base, &in_use));
        scales_even_map(&s, in_use.levels, in_use.impact_levels);
    }
    m.author = w->person;
    TRY(method_store(w, &m, &s, "ready-made scales", &issues));
    if (issues.count)
        return err_new(ERR_INVALID, "%s", issues.list[0].text);
    go_to(w, &m, "saved");
    return NULL;
}

struct err *method_discard_post(struct web *w)
{
    struct method m, in_use;

    TRY(asked_version(w, &m));
    TRY(method_must_be_draft(&m));
    TRY(method_current(w, &in_use));
    if (in_use.id == m.id)
        return err_new(ERR_CLASH, "There is no other version yet, so this draft is needed.");
    TRY(save(w, &m, "retired", "discarded"));
    go_to(w, &m, "saved");
    return NULL;
}

/* --- submitting --- */

/* The map must start from what risks are scored with now. */
static struct err *check_base(struct web *w, const struct method *m, const struct scales *s,
                              struct issues *out)
{
    struct method in_use;

    TRY(method_current(w, &in_use));
    if (in_use.id == m->id)
        return NULL;
    if (m->base != in_use.id)
        issue(out, "",
              "This draft was made before M-%lld came into use. Open “What moves” and let it start "
              "from there.",
              in_use.number);
    else if (s->before_likelihoods != in_use.levels || s->before_impacts != in_use.impact_levels)
        issue(out, "", "M-%lld has other levels by now. Open “What moves” and map them.",
              in_use.number);
    return NULL;
}

struct err *method_ready(struct web *w, const struct method *m, struct issues *out)
{
    struct scales s;

    TRY(scales_load(w, m, &s));
    scales_check(&s, out);
    return check_base(w, m, &s, out);
}

struct err *method_submit_post(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    struct method m;

    TRY(asked_version(w, &m));
    TRY(method_must_be_draft(&m));
    TRY(method_ready(w, &m, &issues));
    if (issues.count)
        return err_new(ERR_INVALID, "%s", issues.list[0].text);
    m.author = w->person;
    TRY(save(w, &m, "submitted", w->reason ? w->reason : "submitted for approval"));
    go_to(w, &m, "sent");
    return NULL;
}

struct err *method_withdraw_post(struct web *w)
{
    struct method m;

    TRY(asked_version(w, &m));
    if (!text_equal(m.state, "submitted"))
        return err_new(ERR_CLASH, "This version does not wait for approval.");
    TRY(save(w, &m, "draft", "taken back"));
    go_to(w, &m, "saved");
    return NULL;
}

/* --- in force --- */

static struct err *retire_others(struct web *w, const struct method *m)
{
    struct rows *r;
    struct method old;

    TRY(db_query(w->db, &r,
                 "select id from method where org_id = $1 and id <> $2 and (state = 'approved'"
                 " or (id = $3 and state <> 'retired')) order by id",
                 num(w->org), num(m->id), num(m->base)));
    while (row_next(r)) {
        TRY(entity_load_any(w, &method_entity, row_num(r, 0), &old));
        TRY(save(w, &old, "retired", arena_printf(w->arena, "replaced by M-%lld", m->number)));
    }
    return NULL;
}

struct moving {
    i64 target, after;
    size_t mover, moved;
    bool done;
};

/* The next chunk of the mover at hand. */
static struct err *move_chunk(struct web *w, void *ctx)
{
    struct moving *g = ctx;
    i64 after = g->after; /* kept when the transaction is tried again */

    if (w->job)
        TRY(job_fence(w));
    TRY(method_movers[g->mover]->move(w, g->target, &after, CHUNK, &g->moved));
    g->after = after;
    return NULL;
}

/* In memory of its own, which a hundred thousand records would fill otherwise. */
static struct err *move_piece(struct web *base, struct moving *g)
{
    struct arena *a = arena_new(0);
    struct web w = *base;
    struct err *failed;

    w.arena = a;
    db_use_arena(base->db, a);
    failed = app_write(&w, move_chunk, g);
    db_use_arena(base->db, base->arena);
    arena_free(a);
    return failed;
}

static struct err *move_all(struct web *w, const char *body)
{
    struct moving g = {.target = 0};

    if (!text_i64(body ? body : "", &g.target))
        return err_new(ERR_BAD, "The job does not say which version.");
    for (; method_movers[g.mover]; g.mover++) {
        g.after = 0;
        do {
            if (job_cancelled(w))
                return job_stopped();
            TRY(move_piece(w, &g));
        } while (g.moved == CHUNK);
    }
    return NULL;
}

const struct job_kind method_jobs[] = {
    {.name = "method.move", .run = move_all, .slow = true},
    {0        },
};

/* A few move in the transaction of the approval; more by a job, while their levels are those of the
 * new version already. */
static struct err *move_some(struct web *w, const struct method *m)
{
    bool more = false;

    for (size_t i = 0; method_movers[i]; i++) {
        size_t moved;
        i64 after = 0;

        TRY(method_movers[i]->reevaluate(w, m->id));
        TRY(method_movers[i]->move(w, m->id, &after, AT_ONCE, &moved));
        more |= moved == AT_ONCE;
    }
    if (!more)
        return NULL;
    return job_add(w, "method.move", arena_printf(w->arena, "%lld", m->id), 0,
                   arena_printf(w->arena, "%lld", m->id));
}

/* Records move by the decision, whoever may change them otherwise. */
static struct err *move(struct web *w, const struct method *m)
{
    u64 before[RIGHTS_WORDS];
    struct scales s;
    struct err *failed;

    TRY(scales_load(w, m, &s));
    if (!m->base || !s.before_likelihoods)
        return NULL;
    TRY(method_moved_rows(w, m, &s));
    for (size_t i = 0; i < RIGHTS_WORDS; i++)
        before[i] = w->rights[i];
    permit_all(w->rights);
    failed = move_some(w, m);
    for (size_t i = 0; i < RIGHTS_WORDS; i++)
        w->rights[i] = before[i];
    return failed;
}

struct err *method_put_in_force(struct web *w, struct method *m, const struct decision *given)
{
    struct issues issues = {.arena = w->arena};
    struct decision d = *given;
    const char *body;
    i64 id;

    TRY(method_ready(w, m, &issues));
    if (issues.count)
        return err_new(ERR_INVALID, "%s", issues.list[0].text);
    TRY(save(w, m, "approved", "approved"));
    TRY(method_freeze(w, m, &body));
    d.kind = "method";
    d.outcome = "approved";
    TRY(decision_record(w, &method_entity, m->id, body, &d, &id));
    TRY(retire_others(w, m));
    return move(w, m);
}

/* --- the decision --- */

static struct err *refuse(struct web *w, struct method *m, const char *body, struct decision *given)
{
    i64 id;

    if (text_empty(given->comment))
        return err_new(ERR_INVALID, "Say what has to be changed. Go back and fill in the comment.");
    if (!text_equal(m->state, "submitted"))
        return err_new(ERR_CLASH, "This version was not submitted.");
    given->kind = "method";
    TRY(decision_record(w, &method_entity, m->id, body, given, &id));
    TRY(save(w, m, "draft", "sent back"));
    go_to(w, m, "saved");
    return NULL;
}

struct err *method_approve_post(struct web *w)
{
    const char *body, *comment = web_form(w, "comment"), *why = web_form(w, "exception");
    bool no = text_equal(web_form(w, "outcome"), "refused"), alone;
    struct decision given = {.outcome = no ? "refused" : "approved",
                             .role = N_("approver of the risk method")};
    struct method m;

    TRY(method_asked(w, &m));
    if (!text_equal(m.state, "draft") && !text_equal(m.state, "submitted"))
        return err_new(ERR_CLASH, "This version was decided on already.");
    TRY(method_freeze(w, &m, &body));
    if (!text_equal(web_form(w, "hash"), decision_hash(w->arena, body)))
        return err_new(ERR_CLASH, "The method changed while you were reading it. Look at it again "
                                  "and approve it then.");
    given.comment = text_empty(comment) ? NULL : text_trim(w->arena, comment);
    TRY(decision_four_eyes(w, m.author, &method_approve, &alone));
    if (no)
        return refuse(w, &m, body, &given);
    if (alone && text_empty(why))
        return err_new(ERR_INVALID,
                       "You wrote this method yourself and nobody else can approve it. "
                       "Say why you approve it all the same.");
    given.exception = alone ? text_trim(w->arena, why) : NULL;
    TRY(method_put_in_force(w, &m, &given));
    go_to(w, &m, "saved");
    return NULL;
}

/* --- my work --- */

static struct err *waiting(struct web *w, i64 person, bool given, struct work_list *out)
{
    struct rows *r;

    if (given || person != w->person || w->asof || !web_may(w, &method_approve))
        return NULL;
    TRY(db_query(w->db, &r,
                 "select m.id, m.number, m.title, m.author from method m where m.org_id = $1"
                 " and (m.state = 'submitted' or (m.state = 'draft' and not exists (select 1"
                 " from method g where g.org_id = m.org_id and g.state = 'approved')))"
                 " order by m.number",
                 num(w->org)));
    return work_add_decisions(out, &method_entity, &method_approve, r);
}

const struct work_source method_work[] = {
    {"method", "Risk method", waiting, NULL, NULL, NULL},
    {0},
};
