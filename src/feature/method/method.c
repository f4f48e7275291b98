/* SPDX-License-Identifier: Apache-2.0 */
/* Method versions: fields, rules, look-ups, routes. */
#include "feature/method/method.h"

#include "base/text.h"
#include "base/words.h"
#include "core/kept.h"
#include "feature/method/method_part.h"
#include "feature/organisation/organisation.h"

const struct permission method_read = {"method.read", "See the risk method"};
const struct permission method_write = {"method.write", "Change drafts of the risk method"};
const struct permission method_approve = {"method.approve", "Approve the risk method"};

static const struct choice states[] = {
    {"draft",     "Draft", "orange"},
    {"submitted",   "Submitted", "purple"},
    {"approved", "Approved", "green"},
    {"retired",   "Retired", "grey"},
    {0 }
};
static const struct choice rules[] = {
    {"max",      "The highest of the axes", NULL},
    {"weighted",      "Weighted mean, rounded half up", NULL},
    {0}
};
static const struct choice existing_rules[] = {
    {"evidence",    "Controls that are in place and proven to work", NULL},
    {"implemented",         "Controls that are in place", NULL},
    {"none", "None: only inherent and residual levels", NULL},
    {0        }
};
static const struct choice rankings[] = {
    {"impact",      "Level, then impact, then likelihood, then number", NULL},
    {"likelihood",         "Level, then likelihood, then impact, then number", NULL},
    {"veto-impact",  "What nobody may accept, then level, impact, likelihood, number", NULL},
    {"veto-likelihood",         "What nobody may accept, then level, likelihood, impact, number", NULL},
    {0}
};
static const struct choice triggers[] = {
    {"asset",    "A new or changed asset of value 4 or more", NULL},
    {"change",      "A significant change", NULL},
    {"incident",   "A serious incident", NULL},
    {"supplier",      "A new critical supplier", NULL},
    {"law", "A new law or contract", NULL},
    {"finding",      "An audit finding about the risk process", NULL},
    {"scope", "A change of the scope", NULL},
    {"threat",      "News about a threat that concerns us", NULL},
    {0     }
};

#define ACCEPT .group = "Acceptance"
#define HOW .group = "How it is used"

static const struct field fields[] = {
    TEXT(method, title, "Title", .required = true, .listed = true, .supplied = true,
         .group = "Version"),
    CHOICE(method, state, "State", states, .internal = true, .listed = true, .group = "Version"),
    INT(method, acceptance, "Acceptance level", ACCEPT, .required = true, .listed = true,
        .least = 1, .most = METHOD_SCORE_MOST,
        .help = "Risks up to this score may be accepted by their owner; above it, top management "
                "decides."),
    INT(method, never_above, "Never accepted above", ACCEPT, .least = 1, .most = METHOD_SCORE_MOST,
        .help = "Above this score nobody may accept a risk: it is treated or the activity ends. "
                "Empty: no such score."),
    INT(method, accept_months, "An acceptance ends after (months)", ACCEPT, .least = 1, .most = 60,
        .initial = "12", .help = "The longest time for an acceptance above the acceptance level."),
    LONG(method, acceptance_rule, "Rules of acceptance", ACCEPT,
         .help = "What may never be accepted, who decides, for how long.",
         .example = "A breach of law is never accepted. An acceptance ends after a year."),
    INT(method, levels, "Levels of likelihood", .internal = true, .group = "Version"),
    INT(method, impact_levels, "Levels of impact", .internal = true, .late = true,
        .group = "Version"),
    CHOICE(method, impact_rule, "Impact of a risk", rules, HOW, .required = true,
           .help = "How the levels of several axes become one."),
    CHOICE(method, existing_rule, "Credit for existing controls", existing_rules, HOW,
           .initial = "evidence", .help = "What may lower the current level."),
    CHOICE(method, ranking, "Order of risks", rankings, HOW, .initial = "impact",
           .help = "Which of two risks comes first."),
    INT(method, review_months, "Repeat every (months)", HOW, .required = true, .least = 1,
        .most = 36, .help = "How often the assessment is done again when nothing big happens."),
    SET(method, triggers, "Assess anew also after", triggers, HOW, .late = true,
        .help = "What makes you look at the risks before the interval is over."),
    REF(method, base, "Made from", method_entity, .internal = true, .group = "Version"),
    REF(method, author, "Author", person_entity, .internal = true, .group = "Version"),
    LONG(method, note, "Note", .group = "Version", .help = "Why this version was made."),
    LONG(method, scales, "Scales", .internal = true, .max = 100000, .unfolded = true,
         .group = "Version"),
};

/* --- rules --- */

/* A version that was submitted or approved: only its state and note go on. A draft belongs to
 * whoever changed it last, so that somebody else approves it. */
static struct err *check_fixed(struct web *w, struct method *m, struct issues *out)
{
    struct method old, now = *m;
    bool same;

    if (!w->writable || !m->id)
        return NULL;
    if (entity_load_any(w, &method_entity, m->id, &old))
        return NULL; /* restored: there is no row */
    now.state = old.state;
    now.note = old.note;
    same = text_equal(entity_canonical(w->arena, &method_entity, &old, false),
                      entity_canonical(w->arena, &method_entity, &now, false));
    if (!same && text_equal(old.state, "draft") && w->person)
        m->author = w->person;
    TRY(method_keeps_axes(w, &old, m, out));
    if (!same && !text_equal(old.state, "draft"))
        issue(out, "",
              "This version was submitted or approved and stays as it is, since risks were scored "
              "with it. Make a new version instead.");
    return NULL;
}

static struct err *derive(struct web *w, void *record, struct issues *out)
{
    struct method *m = record;
    struct scales s;
    i64 most;

    TRY(check_fixed(w, m, out));
    if (out->count || (text_empty(m->scales) && !m->id))
        return NULL;
    TRY(scales_load(w, m, &s));
    if (s.likelihoods < 1 || s.impacts < 1)
        return NULL;
    most = scales_highest(&s);
    if (m->acceptance >= most)
        issue(out, "acceptance",
              "With an acceptance level of %lld every risk would be acceptable. "
              "Choose less than %lld.",
              m->acceptance, most);
    if (m->never_above && (m->never_above < m->acceptance || m->never_above >= most))
        issue(out, "never_above",
              "“Never accepted above” must be at least the acceptance level %lld and less than the "
              "highest score %lld.",
              m->acceptance, most);
    return NULL;
}

/* Versions tell how earlier scores came about, so they stay. */
static struct err *depends(struct web *w, i64 id, struct issues *out)
{
    (void)w;
    (void)id;
    issue(out, "",
          "A version of the risk method stays, since it tells how risks were scored. A draft that "
          "is not wanted any more can be discarded.");
    return NULL;
}

const struct entity method_entity = ENTITY(
    method, fields, .plural = "methods", .label = "Risk method", .labels = "Risk methods",
    .few = true, .prefix = "M", .title = "title", .state = "state", .closed = "approved retired",
    .decided = "approved retired", .read = &method_read, .write = &method_write, .derive = derive,
    .depends = depends, .no_create = true, .clause = "6.1.2",
    .help = "How risks are measured: the scales, the matrix and the level up to which a risk "
            "may be accepted. Without one approved method two people score differently and "
            "results cannot be compared.");

/* --- look-ups --- */

struct err *method_load(struct web *w, i64 id, struct method *out)
{
    struct rows *r;

    TRY(kept_query(w, &r,
                   "select id, number, version, title, state, acceptance, levels, impact_rule,"
                   " review_months, acceptance_rule, author, note,"
                   " coalesce(impact_levels, levels), base, never_above, accept_months,"
                   " existing_rule, ranking, triggers, scales from method where org_id = $1"
                   " and id = $2",
                   DB_VALS(num(w->org), num(id)), 2));
    if (!row_next(r))
        return err_new(ERR_MISSING, "This version of the risk method is not there.");
    *out = (struct method){.title = row_str(r, 3),
                           .state = row_str(r, 4),
                           .acceptance = row_num(r, 5),
                           .levels = row_num(r, 6),
                           .impact_rule = row_str(r, 7),
                           .review_months = row_num(r, 8),
                           .acceptance_rule = row_str(r, 9),
                           .author = row_num(r, 10),
                           .note = row_str(r, 11),
                           .impact_levels = row_num(r, 12),
                           .base = row_num(r, 13),
                           .never_above = row_num(r, 14),
                           .accept_months = row_num(r, 15),
                           .existing_rule = row_str(r, 16),
                           .ranking = row_str(r, 17),
                           .triggers = row_num(r, 18),
                           .scales = row_str(r, 19)};
    out->id = row_num(r, 0);
    out->number = row_num(r, 1);
    out->version = row_num(r, 2);
    return NULL;
}

/* A draft that somebody makes beside the one in use changes nothing before it is approved. */
bool method_vetoes_first(const struct method *m)
{
    return m->ranking && text_starts(m->ranking, "veto-");
}

bool method_likelihood_first(const struct method *m)
{
    return text_equal(m->ranking, "likelihood") || text_equal(m->ranking, "veto-likelihood");
}

struct err *method_current(struct web *w, struct method *out)
{
    struct rows *r;

    TRY(kept_query(w, &r,
                   "select id from method where org_id = $1 and state <> 'retired'"
                   " order by case when state = 'approved' then 0 else 1 end,"
                   " case when state = 'approved' then -number else number end limit 1",
                   DB_VALS(num(w->org)), 1));
    if (!row_next(r))
        return err_new(ERR_MISSING, "There is no risk method yet.");
    return method_load(w, row_num(r, 0), out);
}

struct err *method_cell(struct web *w, i64 method, i64 likelihood, i64 impact, i64 *score,
                        const char **band)
{
    struct rows *r;

    *score = 0;
    *band = NULL;
    if (!likelihood || !impact)
        return NULL;
    TRY(db_query(w->db, &r,
                 "select score, band from method_cell where org_id = $1 and method = $2"
                 " and likelihood = $3 and impact = $4",
                 num(w->org), num(method), num(likelihood), num(impact)));
    if (!row_next(r))
        return err_new(ERR_INVALID,
                       "The risk method has no cell for likelihood %lld and impact "
                       "%lld.",
                       likelihood, impact);
    *score = row_num(r, 0);
    *band = row_str(r, 1);
    return NULL;
}

struct err *method_levels(struct web *w, i64 method, const char *axis, struct method_level **out,
                          size_t *count)
{
    struct rows *r;
    size_t n = 0;

    TRY(kept_query(w, &r,
                   "select level, label, descriptor from method_level where org_id = $1"
                   " and method = $2 and axis = $3 order by level",
                   DB_VALS(num(w->org), num(method), str(axis)), 3));
    *out = NEW_ARRAY(w->arena, struct method_level, row_count(r) + 1);
    while (row_next(r))
        (*out)[n++] = (struct method_level){row_num(r, 0), row_str(r, 1), row_str(r, 2)};
    *count = n;
    return NULL;
}

struct err *method_bands(struct web *w, i64 method, struct method_band **out, size_t *count)
{
    struct rows *r;
    size_t n = 0;

    TRY(kept_query(w, &r,
                   "select b.band, b.label, b.tone, b.meaning, b.action,"
                   " (select min(c.score) from method_cell c where c.org_id = b.org_id"
                   " and c.method = b.method and c.band = b.band),"
                   " (select max(c.score) from method_cell c where c.org_id = b.org_id"
                   " and c.method = b.method and c.band = b.band)"
                   " from method_band b where b.org_id = $1 and b.method = $2 order by b.position",
                   DB_VALS(num(w->org), num(method)), 2));
    *out = NEW_ARRAY(w->arena, struct method_band, row_count(r) + 1);
    while (row_next(r))
        (*out)[n++] = (struct method_band){.band = row_str(r, 0),
                                           .label = row_str(r, 1),
                                           .tone = row_str(r, 2),
                                           .meaning = row_str(r, 3),
                                           .action = row_str(r, 4),
                                           .lowest = row_num(r, 5),
                                           .highest = row_num(r, 6)};
    *count = n;
    return NULL;
}

struct err *method_band_of(struct web *w, i64 method, const char *band, const char **label,
                           const char **tone)
{
    struct rows *r;

    *label = "not scored";
    *tone = "grey";
    if (!band)
        return NULL;
    TRY(kept_query(w, &r,
                   "select label, tone from method_band where org_id = $1 and method = $2"
                   " and band = $3",
                   DB_VALS(num(w->org), num(method), str(band)), 3));
    if (row_next(r)) {
        *label = row_str(r, 0);
        *tone = row_str(r, 1);
    }
    return NULL;
}

/* --- what was scored with an earlier version --- */

struct err *method_worth(struct web *w, i64 method, i64 likelihood, i64 impact, i64 *score,
                         const char **band)
{
    struct rows *r;

    if (likelihood && impact) {
        TRY(db_query(w->db, &r,
                     "select v.target, v.new_likelihood, v.new_impact from method_moved v"
                     " join method m on m.org_id = v.org_id and m.id = v.target"
                     " and m.state = 'approved' where v.org_id = $1 and v.method = $2"
                     " and v.likelihood = $3 and v.impact = $4 order by m.number desc limit 1",
                     num(w->org), num(method), num(likelihood), num(impact)));
        if (row_next(r)) {
            method = row_num(r, 0);
            likelihood = row_num(r, 1);
            impact = row_num(r, 2);
        }
    }
    return method_cell(w, method, likelihood, impact, score, band);
}

struct err *method_map_load(struct web *w, i64 from, i64 target, struct method_map *out)
{
    struct rows *r;

    *out = (struct method_map){.from = from, .target = target};
    for (i64 i = 0; i <= METHOD_LEVELS_MOST; i++)
        out->likelihood[i] = out->impact[i] = i;
    TRY(method_ruler_load(w, from, &out->old));
    TRY(method_ruler_load(w, target, &out->new));
    TRY(db_query(w->db, &r,
                 "select likelihood, impact, new_likelihood, new_impact from method_moved"
                 " where org_id = $1 and target = $2 and method = $3",
                 num(w->org), num(target), num(from)));
    while (row_next(r)) {
        i64 l = row_num(r, 0), i = row_num(r, 1);

        if (l < 1 || l > METHOD_LEVELS_MOST || i < 1 || i > METHOD_LEVELS_MOST)
            continue;
        out->likelihood[l] = row_num(r, 2);
        out->impact[i] = row_num(r, 3);
    }
    return NULL;
}

/* --- routes --- */

static struct err *list(struct web *w)
{
    return entity_list_page(w, &method_entity);
}
static struct err *edit(struct web *w)
{
    struct method m;

    TRY(method_asked(w, &m));
    TRY(method_must_be_draft(&m));
    return entity_edit_page(w, &method_entity);
}
/* clang-format off */
static const struct route routes[] = {
    {METHOD_GET, "/methods", list, &method_read, 0, NULL, NULL},
    {METHOD_GET, "/methods/:no", method_show, &method_read, 0, NULL, NULL},
    {METHOD_GET, "/methods/:no/edit", edit, &method_write, 0, NULL, NULL},
    {METHOD_POST, "/methods/:no", method_save, &method_write, 0, NULL, NULL},
    {METHOD_GET, "/methods/:no/scales", method_scales_form, &method_write, 0, NULL, NULL},
    {METHOD_POST, "/methods/:no/scales", method_scales_post, &method_write, 0, NULL, NULL},
    {METHOD_GET, "/methods/:no/matrix", method_matrix_form, &method_write, 0, NULL, NULL},
    {METHOD_POST, "/methods/:no/matrix", method_matrix_post, &method_write, 0, NULL, NULL},
    {METHOD_GET, "/methods/:no/moves", method_move_page, &method_read, 0, NULL, NULL},
    {METHOD_POST, "/methods/:no/moves", method_move_post, &method_write, 0, NULL, NULL},
    {METHOD_POST, "/methods/:no/version", method_version_post, &method_write, 0, NULL, NULL},
    {METHOD_POST, "/methods/:no/preset", method_preset_post, &method_write, 0, NULL, NULL},
    {METHOD_POST, "/methods/:no/submit", method_submit_post, &method_write, 0, NULL, NULL},
    {METHOD_POST, "/methods/:no/withdraw", method_withdraw_post, &method_write, 0, NULL, NULL},
    {METHOD_POST, "/methods/:no/discard", method_discard_post, &method_write, 0, NULL, NULL},
    {METHOD_POST, "/methods/:no/approve", method_approve_post, &method_approve, 0, NULL, NULL},
    {METHOD_GET, "/methods/:no/document", method_document, &method_read, 0, NULL, NULL},
    {METHOD_GET, "/methods/:no/document.pdf", method_document_pdf, &method_read, ROUTE_SLOW, NULL,
     NULL},
    {METHOD_GET, "/methods/:no/document.docx", method_document_docx, &method_read, ROUTE_SLOW, NULL,
     NULL},
    {METHOD_GET, "/methods/:no/whole", method_api_get, &method_read, ROUTE_API, NULL,
     "A version of the risk method with its scales, matrix and bands"},
    {METHOD_GET, "/methods/:no/moves", method_api_moves, &method_read, ROUTE_API, NULL,
     "Which risks would move when this version of the risk method is approved"},
    {METHOD_POST, "/methods/whole", method_api_post, &method_write, ROUTE_API, NULL,
     "Make a draft of the risk method out of what “whole” gives"},
    {0},
};
/* clang-format on */

static const struct nav nav[] = {
    {"Plan",         25, "Risk method", "/methods", "ruler-measure", &method_read, NULL},
    {0},
};

static const struct entity *const entities[] = {&method_entity, NULL};
static const struct permission *const permissions[] = {&method_read, &method_write, &method_approve,
                                                       NULL};

const struct feature method_feature = {.name = "method",
                                       .entities = entities,
                                       .permissions = permissions,
                                       .routes = routes,
                                       .commands = method_commands,
                                       .jobs = method_jobs,
                                       .work = method_work,
                                       .nav = nav};
