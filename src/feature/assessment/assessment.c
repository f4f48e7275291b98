/* SPDX-License-Identifier: Apache-2.0 */
/* Rounds of assessment: fields, rules, tables. Closing and approving are in assessment_web.c. */
#include "feature/assessment/assessment.h"

#include <string.h>

#include "base/text.h"
#include "feature/assessment/assessment_part.h"
#include "feature/method/method.h"
#include "feature/organisation/organisation.h"

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
    LONG(assessment, body, "Frozen register", .internal = true, .unfolded = true),
    TEXT(assessment, body_hash, "Hash of the register", .internal = true, .unfolded = true),
};

static void check(const void *record, struct issues *out)
{
    const struct assessment *a = record;

    if (a->started && a->closed && strcmp(a->closed, a->started) < 0)
        issue(out, "started", "It was closed on %s, before this day.", a->closed);
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
           .labels = "Risk assessments", .prefix = "AS", .title = "title", .state = "state",
           .read = &assessment_read, .write = &assessment_write, .check = check, .derive = derive,
           .depends = depends, .clause = "8.2",
           .help = "One round of looking at all risks: who took part, what was looked at, what was "
                   "found. Closing it freezes the register as it is that day; top management "
                   "approves the report. Repeat it at the interval of your method and after big "
                   "changes.",
           .empty = "No assessment yet. Start the first round, score your risks, then close it: "
                    "an auditor asks for the report (clause 8.2).");

/* --- routes --- */

static struct err *list(struct web *w)
{
    return entity_list_page(w, &assessment_entity);
}
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
static const struct route routes[] = {
    {METHOD_GET,  "/assessments", list, &assessment_read, 0, NULL, NULL},
    {METHOD_GET,       "/assessments/new", new_page, &assessment_write, 0, NULL, NULL},
    {METHOD_POST,          "/assessments", save, &assessment_write, 0, NULL, NULL},
    {METHOD_GET,       "/assessments/:no", assessment_show, &assessment_read, 0, NULL, NULL},
    {METHOD_GET,  "/assessments/:no/report", assessment_pdf, &assessment_read, ROUTE_SLOW, NULL,
     NULL},
    {METHOD_GET,   "/assessments/:no/edit", edit, &assessment_write, 0, NULL, NULL},
    {METHOD_POST,          "/assessments/:no", save, &assessment_write, 0, NULL, NULL},
    {METHOD_GET,       "/assessments/:no/remove", remove_page, &assessment_write, 0, NULL, NULL},
    {METHOD_POST, "/assessments/:no/remove", remove_page, &assessment_write, 0, NULL, NULL},
    {METHOD_POST,       "/assessments/:no/restore", restore, &assessment_write, 0, NULL, NULL},
    {METHOD_POST,          "/assessments/:no/close", assessment_close, &assessment_write, ROUTE_SLOW,
     assessment_close_prepare, NULL},
    {METHOD_POST,       "/assessments/:no/approve", assessment_decide, &assessment_approve, 0, NULL,
     NULL},
    {0 },
};

static const struct nav nav[] = {
    {"Plan",         32, "Assessments", "/assessments", "clipboard-check", &assessment_read,
     &assessment_entity},
    {0},
};

static const struct entity *const entities[] = {&assessment_entity, NULL};
static const struct permission *const permissions[] = {&assessment_read, &assessment_write,
                                                       &assessment_approve, NULL};

const struct feature assessment_feature = {.name = "assessment",
                                           .entities = entities,
                                           .permissions = permissions,
                                           .routes = routes,
                                           .nav = nav};
