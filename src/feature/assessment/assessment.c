/* SPDX-License-Identifier: Apache-2.0 */
/* Rounds of assessment: fields, rules, tables. Closing and approving are in assessment_web.c. */
#include "feature/assessment/assessment.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/work.h"
#include "feature/assessment/assessment_part.h"
#include "feature/assessment/cause.h"
#include "feature/assessment/rating.h"
#include "feature/method/method.h"
#include "feature/organisation/organisation.h"
#include "feature/risk/risk.h"

const struct permission assessment_read = {"assessment.read", "See risk assessments"};
const struct permission assessment_write = {"assessment.write", "Prepare risk assessments"};
const struct permission assessment_approve = {"assessment.approve", "Approve risk assessments"};

static const struct choice states[] = {
    {"open",   "Open", "blue"},
    {"closed",  "Closed", "green"},
    {0}
};

static const struct field fields[] = {
    TEXT(assessment, title, "Title", .required = true, .listed = true,
         .example = "First assessment, spring 2026"),
    CHOICE(assessment, state, "State", states, .internal = true, .listed = true),
    DATE(assessment, started, "Started", .required = true, .listed = true),
    DATE(assessment, closed, "Closed", .internal = true, .listed = true),
    REFS(assessment, participants, "Took part", person_entity, .listed = true,
         .help = "Everybody who scored risks or sat in the workshops."),
    LONG(assessment, scope, "What was looked at",
         .help = "Departments, sites, processes or assets of this round.",
         .example = "All assets in scope, with the new clinic tablets for the first time."),
    LONG(assessment, summary, "What we found",
         .help = "A few sentences for top management. Write them when the scores are done."),
    REF(assessment, method, "Risk method", method_entity, .internal = true,
        .help = "The version in use; it is fixed when the round is closed."),
    REF(assessment, author, "Prepared by", person_entity, .internal = true),
    LONG(assessment, body, "Frozen register", .internal = true, .unfolded = true, .veil = true),
    TEXT(assessment, body_hash, "Hash of the register", .internal = true, .unfolded = true),
};

static void check(const void *record, struct issues *out)
{
    const struct assessment *a = record;

    if (a->started && a->closed && strcmp(a->closed, a->started) < 0)
        issue(out, "started", "It was closed on %s, before this day.", a->closed);
}

/* A frozen register tells first scores to those who are to score a second time: of today, or of the
 * round before. */
static struct err *veiled(struct web *w, struct ids *out)
{
    const struct ids *blind;
    struct rows *r;
    i64 *list;

    *out = (struct ids){0};
    TRY(entity_veiled_ids(w, &risk_entity, &blind));
    if (!blind || !blind->count)
        return NULL;
    TRY(db_query(w->db, &r,
                 "select id from assessment where org_id = $1 and state = 'closed' order by id",
                 num(w->org)));
    out->id = list = NEW_ARRAY(w->arena, i64, row_count(r) + 1);
    while (row_next(r))
        list[out->count++] = row_num(r, 0);
    return NULL;
}

/* What code sets on a new round; and a closed one stays as it is. Every write comes through here.
 */
static struct err *derive(struct web *w, void *record, struct issues *out)
{
    struct assessment *a = record;
    struct method m;
    struct rows *r;

    if (!w->writable)
        return NULL;
    TRY(db_query(w->db, &r, "select state from assessment where org_id = $1 and id = $2",
                 num(w->org), num(a->id)));
    if (row_next(r) && text_equal(row_str(r, 0), "closed"))
        issue(out, "",
              "This round is closed and its report stays as it was approved. Start a new "
              "round.");
    if (!a->state)
        a->state = "open";
    if (!a->author && !a->id)
        a->author = w->person;
    if (a->method)
        return NULL;
    TRY(method_current(w, &m));
    a->method = m.id;
    return NULL;
}

static struct err *depends(struct web *w, i64 id, struct issues *out)
{
    struct rows *r;

    TRY(db_query(w->db, &r, "select state from assessment where org_id = $1 and id = $2",
                 num(w->org), num(id)));
    if (row_next(r) && text_equal(row_str(r, 0), "closed"))
        issue(out, "", "A closed round is evidence and stays.");
    return NULL;
}

const struct entity assessment_entity =
    ENTITY(assessment, fields, .plural = "assessments", .label = "Risk assessment",
           .labels = "Risk assessments", .few = true, .prefix = "AS", .title = "title",
           .state = "state", .read = &assessment_read, .write = &assessment_write, .check = check,
           .derive = derive, .depends = depends, .veiled = veiled, .clause = "8.2",
           .help = "One round of looking at all risks: who took part, what was looked at, what was "
                   "found. Closing it freezes the register as it is that day; top management "
                   "approves the report. Repeat it at the interval of your method and after big "
                   "changes.",
           .empty = "No assessment yet. Start the first round, score your risks, then close it: "
                    "an auditor asks for the report (clause 8.2).");

/* --- routes --- */

static struct err *new_page(struct web *w)
{
    return entity_new_page(w, &assessment_entity);
}
static struct err *edit(struct web *w)
{
    return entity_edit_page(w, &assessment_entity);
}
static struct err *save(struct web *w)
{
    return entity_save_page(w, &assessment_entity);
}
static struct err *remove_page(struct web *w)
{
    return entity_remove_page(w, &assessment_entity);
}
static struct err *restore(struct web *w)
{
    return entity_restore_page(w, &assessment_entity);
}
/* clang-format off */
static const struct route routes[] = {
    {METHOD_GET, "/assessments", assessment_list, &assessment_read, 0, NULL, NULL},
    {METHOD_GET, "/assessments/new", new_page, &assessment_write, 0, NULL, NULL},
    {METHOD_POST, "/assessments", save, &assessment_write, 0, NULL, NULL},
    {METHOD_GET, "/assessments/:no", assessment_show, &assessment_read, 0, NULL, NULL},
    {METHOD_GET, "/assessments/compare", compare_page, &assessment_read, ROUTE_SLOW, NULL, NULL},
    {METHOD_GET, "/assessments/compare/export", compare_export, &assessment_read, ROUTE_SLOW,
     NULL, NULL},
    {METHOD_GET, "/assessments/compare", compare_api, &assessment_read, ROUTE_API | ROUTE_SLOW,
     NULL, "Two frozen registers compared: new, gone, changed in which fields, unchanged"},
    {METHOD_GET, "/assessments/trend", trend_page, &assessment_read, 0, NULL, NULL},
    {METHOD_GET, "/assessments/trend", trend_api, &assessment_read, ROUTE_API, NULL,
     "Risks per band in each frozen register"},
    {METHOD_GET, "/assessments/:no/register", register_page, &assessment_read, 0, NULL, NULL},
    {METHOD_GET, "/assessments/:no/register", register_api, &assessment_read, ROUTE_API, NULL,
     "The risks of a round as they were frozen"},
    {METHOD_POST, "/assessments/:no/second", rating_draw, &assessment_write, 0, NULL, NULL},
    {METHOD_GET, "/assessments/:no/calibration", calibration_page, &assessment_read, 0, NULL, NULL},
    {METHOD_GET, "/assessments/:no/calibration", calibration_api, &assessment_read, ROUTE_API,
     NULL, "How assessors use the scales, and how far second scores are from first ones"},
    {METHOD_GET, "/ratings", rating_list, &rating_read, 0, NULL, NULL},
    {METHOD_GET, "/ratings/:no", rating_show, &rating_read, 0, NULL, NULL},
    {METHOD_POST, "/ratings/:no", rating_submit, &rating_write, 0, NULL, NULL},
    {METHOD_POST, "/ratings/:no/agree", rating_agree, &rating_write, 0, NULL, NULL},
    {METHOD_GET, "/causes", cause_list, &assessment_read, 0, NULL, NULL},
    {METHOD_GET, "/causes/new", cause_new, &assessment_write, 0, NULL, NULL},
    {METHOD_POST, "/causes", cause_save, &assessment_write, 0, NULL, NULL},
    {METHOD_GET, "/causes/:no", cause_show, &assessment_read, 0, NULL, NULL},
    {METHOD_GET, "/causes/:no/edit", cause_edit, &assessment_write, 0, NULL, NULL},
    {METHOD_POST, "/causes/:no", cause_save, &assessment_write, 0, NULL, NULL},
    {METHOD_GET, "/causes/:no/remove", cause_remove, &assessment_write, 0, NULL, NULL},
    {METHOD_POST, "/causes/:no/remove", cause_remove, &assessment_write, 0, NULL, NULL},
    {METHOD_POST, "/causes/:no/restore", cause_restore, &assessment_write, 0, NULL, NULL},
    {METHOD_GET, "/assessments/:no/report", assessment_pdf, &assessment_read, ROUTE_SLOW, NULL,
     NULL},
    {METHOD_GET, "/assessments/:no/edit", edit, &assessment_write, 0, NULL, NULL},
    {METHOD_POST, "/assessments/:no", save, &assessment_write, 0, NULL, NULL},
    {METHOD_GET, "/assessments/:no/remove", remove_page, &assessment_write, 0, NULL, NULL},
    {METHOD_POST, "/assessments/:no/remove", remove_page, &assessment_write, 0, NULL, NULL},
    {METHOD_POST, "/assessments/:no/restore", restore, &assessment_write, 0, NULL, NULL},
    {METHOD_POST, "/assessments/:no/close", assessment_close, &assessment_write, ROUTE_SLOW,
     assessment_close_prepare, NULL},
    {METHOD_POST, "/assessments/:no/approve", assessment_decide, &assessment_approve, 0, NULL,
     NULL},
    {0},
};
/* clang-format on */

static const struct nav nav[] = {
    {"Plan",         32, "Assessments", "/assessments", "clipboard-check", &assessment_read,
     &assessment_entity},
    {0},
};

static const struct job_kind jobs[] = {
    {.name = "assessment.causes", .every = 5 * MINUTE, .run = cause_job},
    {0          },
};

static const struct command commands[] = {
    {"assessment compare", "[OLDER] [NEWER] [--format text|csv]",
     "Compares the frozen registers of two rounds, of the last two when none is named: how many "
     "risks are new, gone, changed, unchanged; with --format csv each difference with the reasons "
     "that were given.", compare_command},
    {"assessment rerun",   "",
     "Computes all levels of all frozen registers again from likelihood, impact and method "
     "version. "
     "Ends with 1 when a number differs.", rerun_command},
    {0                   },
};

static const struct entity *const entities[] = {&assessment_entity, &rating_entity, &cause_entity,
                                                NULL};
static const struct permission *const permissions[] = {
    &assessment_read, &assessment_write, &assessment_approve, &rating_read, &rating_write, NULL};

/* A round that was closed waits for top management (core/work.h). */
static struct err *asks(struct web *w, const struct entity *e, const void *before,
                        const void *after, struct work_ask *out)
{
    const struct assessment *a = after, *old = before;

    if (e != &assessment_entity || !text_equal(a->state, "closed") ||
        (old && text_equal(old->state, "closed")))
        return NULL;
    *out = (struct work_ask){.record = a->id,
                             .right = &assessment_approve,
                             .label = arena_printf(w->arena, "AS-%lld", a->number),
                             .title = a->title,
                             .path = "",
                             .cause = arena_printf(w->arena, "report:%lld", a->id)};
    return NULL;
}

static struct err *to_approve(struct web *w, i64 person, bool given, struct work_list *out)
{
    struct rows *r;

    if (given || person != w->person || w->asof || !web_may(w, &assessment_approve))
        return NULL;
    TRY(db_query(w->db, &r,
                 "select a.id, a.number, a.title, a.author from assessment a where a.org_id = $1"
                 " and a.state = 'closed' and not exists (select 1 from decision d"
                 " where d.org_id = a.org_id and d.subject = a.id and d.kind = 'assessment')"
                 " order by a.number",
                 num(w->org)));
    return work_add_decisions(out, &assessment_entity, &assessment_approve, r);
}

static const struct work_source work[] = {
    {.name = "assessment", .title = "Assessments", .open = to_approve, .asks = asks},
    {0 },
};

static const char *const sentences[] = {N_("Look at the risks again: %s"), NULL};

const struct feature assessment_feature = {.name = "assessment",
                                           .sentences = sentences,
                                           .entities = entities,
                                           .permissions = permissions,
                                           .routes = routes,
                                           .commands = commands,
                                           .jobs = jobs,
                                           .nav = nav,
                                           .work = work,
                                           .verify = assessment_verify};
