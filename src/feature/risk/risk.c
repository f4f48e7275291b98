/* SPDX-License-Identifier: Apache-2.0 */
/* Risks: fields, rules, levels, routes. */
#include "feature/risk/risk.h"

#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/content.h"
#include "feature/asset/asset.h"
#include "feature/organisation/organisation.h"
#include "feature/risk/risk_part.h"

const struct permission risk_read = {"risk.read", "See risks"};
const struct permission risk_write = {"risk.write", "Create and change risks"};
const struct permission risk_approve = {
    "risk.approve", "Approve the treatment plan and accept the residual risk of own risks"};
const struct permission risk_accept = {"risk.accept", "Accept risks above the acceptance level"};

const struct risk_level risk_levels[RISK_KINDS] = {
    {"inherent", N_("Inherent"),          N_("without credit for any control"),    "inherent_likelihood",
     "inherent_impact", "inherent_axes"},
    {"current",  N_("Current"),           N_("with the controls that work today"), "current_likelihood",
     "current_impact",  "current_axes" },
    {"residual", N_("Expected residual"), N_("after the planned treatment"),       "residual_likelihood",
     "residual_impact", "residual_axes"},
};

/* --- fields --- */

static const struct choice properties[] = {
    {"c",   "Confidentiality", NULL},
    {"i", "Integrity", NULL},
    {"a",   "Availability", NULL},
    {0}
};
static const struct choice states[] = {
    {"open",   "Open", "blue"},
    {"closed",  "Closed", "grey"},
    {0}
};
static const struct choice origins[] = {
    {"own",       "Own idea", NULL},
    {"suggested",       "Suggestion of the catalogue", NULL},
    {"import", "Import", NULL},
    {0      }
};
static const struct choice bands[] = {
    {"low",     "Low", "green"},
    {"medium",  "Medium", "yellow"},
    {"high",  "High", "orange"},
    {"critical", "Critical", "red"},
    {0   }
};

#define WHAT .group = "What"
#define WHO .group = "Who"
#define BAD .group = "How bad"
#define WHY .group = "Existing controls and reasons"
/* 0 is stored as NULL, which is "not scored". */
#define SCORE(m, l, ...)                                                                      \
    LEVEL(risk, m, l, BAD, .derived = true, .veil = true, .sortable = true, .filtered = true, \
          .least = 1, .most = 1000000, ##__VA_ARGS__)
#define AXES_IN(m, l, h)                                                                        \
    TEXT(risk, m, l, BAD, .veil = true, .max = 300, .unfolded = true, .input = risk_axes_input, \
         .told = axes_told, .help = (h), .example = "c=2,a=4")
#define LEVEL_IN(m, l, h)                                                                          \
    LEVEL(risk, m, l, BAD, .veil = true, .least = 1, .most = METHOD_LEVELS_MOST, .filtered = true, \
          .quiet = true, .help = (h), .highest = highest)

/* By the method in use, or by the one that the risk still has. */
static struct err *highest(struct web *w, const struct field *f, const void *record, i64 *out)
{
    bool impact = strstr(f->name, "impact") != NULL;
    const struct risk *r = record;
    struct method m;

    TRY(method_current(w, &m));
    *out = impact ? m.impact_levels : m.levels;
    if (!r->method || r->method == m.id)
        return NULL;
    TRY(method_load(w, r->method, &m));
    if (*out < (impact ? m.impact_levels : m.levels))
        *out = impact ? m.impact_levels : m.levels;
    return NULL;
}

static struct err *axes_told(struct web *w, const struct field *f, const void *record,
                             const char **out)
{
    return method_axes_told(w, ((const struct risk *)record)->method, field_str(f, record), out);
}

static const struct field fields[] = {
    TEXT(risk, title, "Title", WHAT, .required = true, .listed = true, .sortable = true,
         .help = "One sentence that says what happens to what.",
         .example = "Ransomware encrypts the customer database"),
    CHOICE(risk, state, "State", states, WHAT,
           .help = "Closed when it cannot happen any more; open when nothing is given."),
    LONG(risk, description, "How it could happen", WHAT,
         .help = "The way from the cause to the damage, in words that everybody here understands.",
         .example = "An attacker signs in with a stolen password, since nothing else is asked."),
    CODE(risk, threat, "Threat", "threats", WHAT, .filtered = true, .help = "What can go wrong."),
    CODE(risk, vulnerability, "Weakness", "vulnerabilities", WHAT, .filtered = true, .quiet = true,
         .help = "What lets it happen."),
    SET(risk, properties, "What is lost", properties, WHAT,
        .help = "Confidentiality: the wrong people learn it. Integrity: it is wrong or was "
                "changed. Availability: it is not there when needed."),
    REFS(risk, assets, "Assets", asset_entity, WHAT, .filtered = true,
         .help = "What would be hit. Several assets may share one risk."),
    SCORE(current_score, N_("Current"), .listed = true, .quiet = true),
    INT(risk, treated, "Treatment", BAD, .derived = true, .listed = true, .filtered = true,
        .quiet = true, .most = 1000000,
        .help = "How many treatments it has that are not cancelled."),
    SCORE(residual_score, N_("Expected residual"), .listed = true, .quiet = true),
    REF(risk, owner, "Owner", person_entity, WHO, .listed = true, .sortable = true,
        .filtered = true, .concerns = true,
        .help = "The person who can decide about the risk and answers for it; not the one who "
                "writes it down."),
    REF(risk, analyst, "Scored by", person_entity, WHO, .internal = true),
    DATE(risk, review_on, "Next review", WHO, .listed = true, .sortable = true, .filtered = true,
         .dated = DATED_REVIEW, .quiet = true,
         .help = "The day on which the score is looked at again.", .example = "2027-03-01"),
    REF(risk, method, "Scored with", method_entity, BAD, .internal = true),
    LEVEL_IN(inherent_likelihood, N_("Inherent likelihood"),
             N_("How often, as if no control existed.")),
    LEVEL_IN(inherent_impact, N_("Inherent impact"), N_("How bad, as if no control existed.")),
    AXES_IN(
        inherent_axes, N_("Inherent impact per axis"),
        N_("How bad on each axis of the risk method, as if no control existed; the impact follows "
           "from it.")),
    LEVEL_IN(current_likelihood, N_("Current likelihood"), N_("How often, with what works today.")),
    LEVEL_IN(current_impact, N_("Current impact"), N_("How bad, with what works today.")),
    AXES_IN(current_axes, N_("Current impact per axis"),
            N_("How bad on each axis of the risk method, with what works today; the impact follows "
               "from it.")),
    LEVEL_IN(residual_likelihood, N_("Expected residual likelihood"),
             N_("How often, once the treatment is done.")),
    LEVEL_IN(residual_impact, N_("Expected residual impact"),
             N_("How bad, once the treatment is done.")),
    AXES_IN(residual_axes, N_("Expected residual impact per axis"),
            N_("How bad on each axis of the risk method, once the treatment is done; the impact "
               "follows from it.")),
    LONG(risk, existing_controls, "Existing controls", WHY,
         .help = "What works today against it. The current level takes credit only for this.",
         .example = "Daily backups, restored once a quarter; the copies cannot be deleted."),
    LONG(risk, rationale, "Why these levels", WHY, .veil = true,
         .help = "Facts behind likelihood and impact, so that somebody else comes to the same "
                 "result.",
         .example = "Two attempts last year; the database earns 80 % of our revenue."),
    LONG(risk, residual_reason, "Why the residual level is not lower", WHY, .max = 2000,
         .veil = true, .help = "Needed when the expected residual level equals the inherent one.",
         .example = "The supplier is the only one; we watch it and accept the rest."),
    CHOICE(risk, origin, "Origin", origins, WHO, .internal = true),
    TEXT(risk, seed, "Suggestion", WHO, .internal = true, .unfolded = true),
    SCORE(score, N_("Level"), .quiet = true),
    BOOL(risk, vetoed, "Nobody may accept it", BAD, .derived = true, .veil = true, .filtered = true,
         .quiet = true,
         .help = "An axis is at a level that the risk method calls never acceptable."),
    BOOL(risk, residual_vetoed, "Nobody may accept what remains", BAD, .derived = true,
         .veil = true, .filtered = true, .quiet = true),
    CHOICE(risk, band, "Band", bands, BAD, .derived = true, .veil = true, .filtered = true),
    SCORE(inherent_score, N_("Inherent level"), .quiet = true),
    TEXT(risk, inherent_band, "Inherent band", BAD, .derived = true, .veil = true,
         .unfolded = true),
    TEXT(risk, current_band, "Current band", BAD, .derived = true, .veil = true, .unfolded = true),
    TEXT(risk, residual_band, "Residual band", BAD, .derived = true, .veil = true,
         .unfolded = true),
};

i64 risk_likelihood(const struct risk *r, enum risk_kind kind)
{
    return kind == RISK_INHERENT  ? r->inherent_likelihood
           : kind == RISK_CURRENT ? r->current_likelihood
                                  : r->residual_likelihood;
}

i64 risk_impact(const struct risk *r, enum risk_kind kind)
{
    return kind == RISK_INHERENT  ? r->inherent_impact
           : kind == RISK_CURRENT ? r->current_impact
                                  : r->residual_impact;
}

const char *risk_axes(const struct risk *r, enum risk_kind kind)
{
    return kind == RISK_INHERENT  ? r->inherent_axes
           : kind == RISK_CURRENT ? r->current_axes
                                  : r->residual_axes;
}

i64 risk_score(const struct risk *r, enum risk_kind kind)
{
    return kind == RISK_INHERENT  ? r->inherent_score
           : kind == RISK_CURRENT ? r->current_score
                                  : r->residual_score;
}

const char *risk_band(const struct risk *r, enum risk_kind kind)
{
    return kind == RISK_INHERENT  ? r->inherent_band
           : kind == RISK_CURRENT ? r->current_band
                                  : r->residual_band;
}

/* --- rules --- */

static void check(const void *record, struct issues *out)
{
    const struct risk *r = record;

    for (enum risk_kind k = RISK_INHERENT; k < RISK_KINDS; k++) {
        const struct risk_level *l = &risk_levels[k];
        bool axes = !text_empty(risk_axes(r, k));
        i64 likelihood = risk_likelihood(r, k), impact = risk_impact(r, k);

        if (likelihood && !impact && !axes)
            issue(out, l->impact,
                  "%s level: a likelihood without an impact gives no level. Choose the impact "
                  "too, or leave both empty.",
                  l->label);
        if ((impact || axes) && !likelihood)
            issue(out, l->likelihood,
                  "%s level: an impact without a likelihood gives no level. Choose the "
                  "likelihood too, or leave both empty.",
                  l->label);
    }
}

/* The levels of the stored row; those of the record itself where there is none, as when a removed
 * one is restored: it keeps what it had. */
static struct err *levels_before(struct web *w, const struct risk *r, struct risk_before *out)
{
    struct rows *rows;

    *out = (struct risk_before){.likelihood = {0}};
    if (!r->id)
        return NULL;
    for (enum risk_kind k = RISK_INHERENT; k < RISK_KINDS; k++) {
        out->likelihood[k] = risk_likelihood(r, k);
        out->impact[k] = risk_impact(r, k);
        out->axes[k] = risk_axes(r, k);
    }
    TRY(db_query(w->db, &rows,
                 "select inherent_likelihood, inherent_impact, inherent_axes, current_likelihood,"
                 " current_impact, current_axes, residual_likelihood, residual_impact,"
                 " residual_axes from risk where org_id = $1 and id = $2",
                 num(w->org), num(r->id)));
    if (!row_next(rows))
        return NULL;
    for (enum risk_kind k = RISK_INHERENT; k < RISK_KINDS; k++) {
        out->likelihood[k] = row_num(rows, 3 * k);
        out->impact[k] = row_num(rows, 3 * k + 1);
        out->axes[k] = row_str(rows, 3 * k + 2);
    }
    return NULL;
}

static bool levels_changed(const struct risk *r, const struct risk_before *before)
{
    for (enum risk_kind k = RISK_INHERENT; k < RISK_KINDS; k++) {
        const char *axes = risk_axes(r, k);

        if (risk_likelihood(r, k) != before->likelihood[k] ||
            risk_impact(r, k) != before->impact[k] ||
            !text_equal(axes ? axes : "", before->axes[k] ? before->axes[k] : ""))
            return true;
    }
    return false;
}

/* The fields that code sets. They are stored and part of the history, but every way of writing a
 * risk (page, API, import) comes through derive, and the kernel compares with the stored row only
 * afterwards; so this is the one place. Nothing here is touched when levels stay as they are, which
 * is what a recomputation or `cairn verify` meets. */
static struct err *set_author(struct web *w, struct risk *r, const struct risk_before *before)
{
    struct method m;
    bool changed;

    if (r->moved || (!w->writable && (r->id || r->method)))
        return NULL;
    if (text_empty(r->state))
        r->state = "open";
    if (text_empty(r->origin))
        r->origin = "own";
    changed = levels_changed(r, before);
    if (changed)
        r->analyst = w->person; /* 0 = a command or an import: nobody is named */
    if (r->method && !changed)
        return NULL;
    TRY(method_current(w, &m));
    r->method = m.id;
    return NULL;
}

static struct err *look_up(struct web *w, const struct risk *r, enum risk_kind kind, i64 *score,
                           const char **band, struct issues *out)
{
    struct err *e =
        method_worth(w, r->method, risk_likelihood(r, kind), risk_impact(r, kind), score, band);

    if (!e || e->code != ERR_INVALID)
        return e;
    *score = 0;
    *band = NULL;
    issue(out, risk_levels[kind].likelihood, "%s level: %s Choose levels of the scale.",
          risk_levels[kind].label, e->text);
    return NULL;
}

/* R061: the residual level is not above the inherent one; equal only with a reason. */
static void check_residual(const struct risk *r, struct issues *out)
{
    bool inherent = r->inherent_score != 0;
    i64 base = inherent ? r->inherent_score : r->current_score;
    const char *name = inherent ? "inherent" : "current";

    if (!r->residual_score || !base || r->moved)
        return;
    if (r->residual_score > base)
        issue(out, "residual_likelihood",
              "The expected residual level (%lld) is above the %s level (%lld): a treatment does "
              "not make a risk worse. Lower the residual level, or correct the %s one.",
              r->residual_score, name, base, name);
    else if (r->residual_score == base && text_empty(r->residual_reason))
        issue(out, "residual_reason",
              "The expected residual level equals the %s level (%lld). Say why nothing lowers it.",
              name, base);
}

static struct err *count_treatments(struct web *w, i64 risk, i64 *out)
{
    struct rows *rows;

    *out = 0;
    if (!risk)
        return NULL;
    TRY(db_query(w->db, &rows,
                 "select count(*) from treatment where org_id = $1 and risk = $2"
                 " and state <> 'cancelled'",
                 num(w->org), num(risk)));
    if (row_next(rows))
        *out = row_num(rows, 0);
    return NULL;
}

static struct err *derive(struct web *w, void *record, struct issues *out)
{
    struct risk *r = record;
    struct risk_before before = {.likelihood = {0}};
    struct method_ruler ruler;
    bool open, given = w->writable && !r->moved;

    if (given)
        TRY(levels_before(w, r, &before));
    TRY(set_author(w, r, &before));
    TRY(risk_judge(w, r, &ruler, given ? &before : NULL, out));
    TRY(look_up(w, r, RISK_INHERENT, &r->inherent_score, &r->inherent_band, out));
    TRY(look_up(w, r, RISK_CURRENT, &r->current_score, &r->current_band, out));
    TRY(look_up(w, r, RISK_RESIDUAL, &r->residual_score, &r->residual_band, out));
    open = !text_equal(r->state, "closed");
    r->score = !open ? 0 : r->current_score ? r->current_score : r->inherent_score;
    r->band = !open ? NULL : r->current_score ? r->current_band : r->inherent_band;
    check_residual(r, out);
    risk_set_vetoes(w, r, &ruler);
    return count_treatments(w, r->id, &r->treated);
}

static struct err *depends(struct web *w, i64 id, struct issues *out)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select number, title from treatment where org_id = $1 and risk = $2"
                 " order by number limit 5",
                 num(w->org), num(id)));
    while (row_next(r))
        issue(out, "",
              "The treatment T-%lld “%s” belongs to it. Remove the treatment first, or "
              "close the risk instead.",
              row_num(r, 0), row_text(r, 1));
    return NULL;
}

const struct entity risk_entity =
    ENTITY(risk, fields, .plural = "risks", .label = "Risk", .labels = "Risks", .prefix = "R",
           .title = "title", .state = "state", .closed = "closed", .order = "-score",
           .read = &risk_read, .write = &risk_write, .check = check, .derive = derive,
           .depends = depends, .veiled = risk_blind, .clause = "6.1.2",
           .help = "What could go wrong, who answers for it, and how bad it would be: without "
                   "controls (inherent), with those of today (current) and after the planned "
                   "treatment (expected residual). Score only what you can give a reason for; what "
                   "is not scored stays open and never counts as low.",
           .empty = "No risks yet. Look at the suggestions: they follow from your assets and your "
                    "profile.");

struct err *risk_asked(struct web *w, struct risk *r)
{
    i64 id;

    TRY(web_record(w, &risk_entity, &id));
    TRY(risk_refuse_blind(w, id));
    return entity_load(w, &risk_entity, id, r);
}

/* --- routes --- */

static struct err *drop(struct web *w)
{
    return entity_remove_page(w, &risk_entity);
}
static struct err *restore(struct web *w)
{
    return entity_restore_page(w, &risk_entity);
}
/* clang-format off */
/* List and record are open to every member: who lacks risk.read sees the risks they own. */
static const struct route routes[] = {
    {METHOD_GET, "/risks", risk_list, &member, 0, NULL, NULL},
    {METHOD_GET, "/risks/new", risk_new, &risk_write, 0, NULL, NULL},
    {METHOD_GET, "/risks/ranking", risk_ranking, &risk_read, 0, NULL, NULL},
    {METHOD_GET, "/risks/suggestions", risk_suggestions_page, &risk_read, 0, NULL, NULL},
    {METHOD_POST, "/risks/suggestions", risk_suggestions_post, &risk_write, 0, NULL, NULL},
    {METHOD_POST, "/risks/suggestions/back", risk_suggestions_back, &dismissal_write, 0, NULL,
     NULL},
    {METHOD_POST, "/risks", risk_save, &risk_write, 0, NULL, NULL},
    {METHOD_GET, "/risks/:no", risk_show, &member, 0, NULL, NULL},
    {METHOD_GET, "/risks/:no/edit", risk_edit, &risk_write, 0, NULL, NULL},
    {METHOD_POST, "/risks/:no", risk_save, &risk_write, 0, NULL, NULL},
    {METHOD_GET, "/risks/:no/score", risk_score_form, &risk_write, 0, NULL, NULL},
    {METHOD_POST, "/risks/:no/score", risk_score_save, &risk_write, 0, NULL, NULL},
    {METHOD_GET, "/risks/grid", risk_grid, &risk_write, 0, NULL, NULL},
    {METHOD_POST, "/risks/grid", risk_grid_save, &risk_write, 0, NULL, NULL},
    {METHOD_GET, "/risks/:no/likelihood", risk_likelihood_page, &risk_read, 0, NULL, NULL},
    {METHOD_GET, "/risks/:no/likelihood", risk_likelihood_api, &risk_read, ROUTE_API, NULL,
     "A likelihood proposed out of history, exposure and controls, with reasons"},
    {METHOD_GET, "/risks/:no/copy", risk_copy, &risk_write, 0, NULL, NULL},
    {METHOD_POST, "/risks/:no/close", risk_close, &risk_write, 0, NULL, NULL},
    {METHOD_POST, "/risks/:no/reopen", risk_reopen, &risk_write, 0, NULL, NULL},
    {METHOD_GET, "/risks/:no/remove", drop, &risk_write, 0, NULL, NULL},
    {METHOD_POST, "/risks/:no/remove", drop, &risk_write, 0, NULL, NULL},
    {METHOD_POST, "/risks/:no/restore", restore, &risk_write, 0, NULL, NULL},
    {METHOD_GET, "/ranking/risks", risk_api_ranking, &risk_read, ROUTE_API, NULL,
     "Open risks in the order in which to decide, by the method or along one of its axes"},
    {METHOD_GET, "/suggestions/risks", risk_api_list, &risk_read, ROUTE_API, NULL,
     "Suggested risks, each with its reason"},
    {METHOD_POST, "/suggestions/risks", risk_api_post, &risk_write, ROUTE_API, NULL,
     "Accept, dismiss and take back suggested risks"},
    {0},
};
/* clang-format on */

static const struct nav nav[] = {
    {"Plan",   30, "Risks", "/risks", "alert-triangle", &risk_read, &risk_entity},
    {0},
};

static const struct entity *const entities[] = {&risk_entity, NULL};
static const struct permission *const permissions[] = {&risk_read, &risk_write, &risk_approve,
                                                       &risk_accept, NULL};

const struct feature risk_feature = {
    .name = "risk", .entities = entities, .permissions = permissions, .routes = routes, .nav = nav};
