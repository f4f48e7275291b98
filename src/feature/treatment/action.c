/* SPDX-License-Identifier: Apache-2.0 */
/* Actions of the risk treatment plan (ISO/IEC 27001 6.1.3 e): fields and rules. Who does something
 * never verifies it; what was verified and then changed has to be verified again. */
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "base/words.h"
#include "feature/control/control.h"
#include "feature/organisation/organisation.h"
#include "feature/treatment/treatment_web.h"

const struct permission action_read = {"action.read", "See actions of the treatment plan"};
const struct permission action_write = {"action.write", "Plan and report actions"};

#define NEEDS_MOST 20
#define ALSO_MOST 200
#define MONEY_MOST 100000000000000LL

static const struct choice states[] = {
    {"planned",     "Planned", "grey"},
    {"in-progress",       "In progress", "blue"},
    {"done", "Done", "green"},
    {"cancelled",       "Cancelled", "red"},
    {0       }
};
static const struct choice priorities[] = {
    {"high",    "High", "red"},
    {"medium",    "Medium", "orange"},
    {"low",  "Low", "grey"},
    {0}
};

static const struct field fields[] = {
    TEXT(action, title, "What", .required = true, .listed = true, .sortable = true,
         .example = "Set up the backup of the booking system at a second provider"),
    REF(action, treatment, "For treatment", treatment_entity, .required = true, .fixed = true,
        .listed = true, .sortable = true, .filtered = true),
    REFS(action, also, "Also for treatments", treatment_entity, .filtered = true, .quiet = true,
         .help = "One piece of work can answer several risks: it is planned, paid and reported "
                 "once.",
         .example = "T-7, T-12"),
    REF(action, control, "Control", control_entity, .sortable = true, .filtered = true),
    REF(action, owner, "Who", person_entity, .listed = true, .sortable = true, .filtered = true,
        .concerns = true, .help = "One person who sees to it."),
    DATE(action, start, "Start", .sortable = true),
    DATE(action, due, "Due", .listed = true, .sortable = true, .dated = DATED_DUE),
    REFS(action, needs, "Waits for these actions", action_entity, .filtered = true, .quiet = true,
         .help = "Actions that have to be done before this one."),
    TEXT(action, resources, "With what", .help = "People, tools, outside help.",
         .example = "Two days of the IT team"),
    MONEY(action, budget, "Budget", .listed = true, .sortable = true, .least = 0,
          .most = MONEY_MOST),
    MONEY(action, spent, "Spent so far", .least = 0, .most = MONEY_MOST),
    CHOICE(action, priority, "Priority", priorities, .initial = "medium", .required = true,
           .listed = true, .sortable = true, .filtered = true),
    CHOICE(action, status, "Status", states, .initial = "planned", .required = true, .listed = true,
           .sortable = true, .filtered = true),
    INT(action, progress, "Done (%)", .least = 0, .most = 100),
    LONG(action, evidence, "Evidence", .help = "What shows that it was done.", .group = "Closing"),
    REF(action, verifier, "Verified by", person_entity, .concerns = true, .group = "Closing",
        .help = "Somebody other than the one who did it."),
    DATE(action, verified_on, "Verified on", .internal = true, .group = "Closing"),
    LONG(action, note, "Note"),
};

const struct choice *action_status(const char *code)
{
    return choice_find(states, code);
}

const struct choice *action_priority(const char *code)
{
    return choice_find(priorities, code);
}

/* --- rules --- */

static void check(const void *record, struct issues *out)
{
    const struct action *a = record;

    if (a->start && a->due && strcmp(a->due, a->start) < 0)
        issue(out, "due", "It is due before it starts (%s).", a->start);
    if (text_equal(a->status, "done") && text_empty(a->evidence))
        issue(out, "evidence", "Say what shows that it was done, then it can be closed.");
    if (a->verifier && a->verifier == a->owner)
        issue(out, "verifier", "The one who did it cannot verify it. Choose somebody else.");
    if (a->needs.count > NEEDS_MOST)
        issue(out, "needs", "An action may wait for %d others at most.", NEEDS_MOST);
    if (a->also.count > ALSO_MOST)
        issue(out, "also", "An action may carry out %d further treatments at most.", ALSO_MOST);
    for (size_t i = 0; i < a->also.count; i++)
        if (a->also.id[i] == a->treatment)
            issue(out, "also", "It is for this treatment already. Name only further ones.");
    for (size_t i = 0; i < a->needs.count; i++)
        if (a->id && a->needs.id[i] == a->id)
            issue(out, "needs", "An action cannot wait for itself.");
}

/* A circle of actions that wait for each other would never end. */
static struct err *check_circle(struct web *w, const struct action *a, struct issues *out)
{
    struct rows *r;

    for (size_t i = 0; a->id && i < a->needs.count; i++) {
        TRY(db_query(
            w->db, &r,
            "with recursive up(id) as (select l.target from action_needs l"
            " where l.org_id = $1 and l.record = $2 union select l.target from action_needs l"
            " join up on l.record = up.id where l.org_id = $1)"
            " select b.number from up join action b on b.id = $2 and b.org_id = $1"
            " where up.id = $3",
            num(w->org), num(a->needs.id[i]), num(a->id)));
        if (row_next(r))
            issue(out, "needs",
                  "AC-%lld already waits for this action, directly or through others, so they "
                  "would wait for each other for ever.",
                  row_num(r, 0));
    }
    return NULL;
}

/* What was verified holds only as long as doer, verifier and evidence are the same. */
static struct err *check_verified(struct web *w, struct action *a)
{
    struct rows *r;

    if (!a->verified_on)
        return NULL;
    if (!text_equal(a->status, "done") || !a->verifier) {
        a->verified_on = NULL;
        return NULL;
    }
    TRY(db_query(w->db, &r,
                 "select owner, verifier, evidence, verified_on from action where org_id = $1"
                 " and id = $2",
                 num(w->org), num(a->id)));
    if (row_next(r) && row_str(r, 3) &&
        (row_num(r, 0) != a->owner || row_num(r, 1) != a->verifier ||
         !text_equal(row_str(r, 2), a->evidence)))
        a->verified_on = NULL;
    return NULL;
}

static struct err *derive(struct web *w, void *record, struct issues *out)
{
    struct action *a = record;

    if (!w->writable)
        return NULL;
    if (text_equal(a->status, "done"))
        a->progress = 100;
    TRY(check_circle(w, a, out));
    return check_verified(w, a);
}

static struct err *depends(struct web *w, i64 id, struct issues *out)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select a.number, a.title from action_needs l join action a on a.org_id = l.org_id"
                 " and a.id = l.record where l.org_id = $1 and l.target = $2 order by a.number"
                 " limit 5",
                 num(w->org), num(id)));
    while (row_next(r))
        issue(out, "", "AC-%lld “%s” waits for this action.", row_num(r, 0), row_text(r, 1));
    return NULL;
}

const struct entity action_entity =
    ENTITY(action, fields, .plural = "actions", .label = "Action", .labels = "Actions",
           .prefix = "AC", .title = "title", .state = "status", .closed = "done cancelled",
           .order = "due", .read = &action_read, .write = &action_write, .check = check,
           .derive = derive, .depends = depends, .clause = "6.1.3 e",
           .help = "One step of the treatment plan: who does what, by when, with what.",
           .empty = "No actions yet. Plan them on the page of a treatment.");
