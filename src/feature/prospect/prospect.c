/* SPDX-License-Identifier: Apache-2.0 */
#include "feature/prospect/prospect.h"

#include "base/text.h"
#include "base/words.h"
#include "core/entity_page.h"
#include "feature/organisation/organisation.h"

const struct permission prospect_read = {"prospect.read",
                                         "See risks and opportunities of the ISMS"};
const struct permission prospect_write = {"prospect.write",
                                          "Create and change risks and opportunities of the ISMS"};

/* clang-format off */
static const struct choice kinds[] = {
    {"risk",        N_("Risk"), "red"},
    {"opportunity", N_("Opportunity"), "green"},
    {0}
};
static const struct choice states[] = {
    {"open",    N_("Open"), "orange"},
    {"acting",  N_("Something is being done"), "blue"},
    {"done",    N_("Done"), "green"},
    {"dropped", N_("Dropped"), "grey"},
    {0}
};
/* clang-format on */

static const struct field fields[] = {
    TEXT(prospect, title, "Title", .required = true, .listed = true, .sortable = true,
         .example = "The only person who knows the ISMS may leave"),
    CHOICE(prospect, kind, "Kind", kinds, .required = true, .listed = true, .filtered = true,
           .initial = "risk"),
    CHOICE(prospect, state, "State", states, .required = true, .listed = true, .filtered = true,
           .initial = "open"),
    LONG(prospect, effect, "What it would do", .max = 2000,
         .help = "To the aims of the ISMS: what would fail, or go better.",
         .example = "Reviews and tasks would stop for months; the certificate would be at stake."),
    LONG(prospect, action, "What is done about it", .max = 2000,
         .example = "A deputy is named and takes part in every audit from now on."),
    REF(prospect, owner, "Owner", person_entity, .listed = true, .filtered = true,
        .concerns = true),
    DATE(prospect, due, "By when", .listed = true, .sortable = true),
    LONG(prospect, measure, "How one sees whether it worked", .max = 2000,
         .example = "The deputy runs one internal audit alone."),
    DATE(prospect, evaluated, "Looked at the effect on", .help = "Needed when it is done."),
    LONG(prospect, evaluation, "What came of it", .max = 2000, .help = "Needed when it is done."),
};

/* What is done was looked at afterwards, or nobody knows whether it helped (6.1.1 e). */
static void check(const void *record, struct issues *out)
{
    const struct prospect *p = record;

    if (text_equal(p->state, "done") && text_empty(p->evaluation))
        issue(out, "evaluation",
              "Say what came of it. Until somebody has looked, it is not done (6.1.1 e).");
    if (text_equal(p->state, "done") && text_empty(p->evaluated))
        issue(out, "evaluated", "Say when somebody looked at the effect.");
    if (text_equal(p->state, "acting") && text_empty(p->action))
        issue(out, "action", "Say what is being done.");
}

const struct entity prospect_entity = ENTITY(
    prospect, fields, .plural = "prospects", .few = true,
    .label = "Risk or opportunity of the ISMS", .labels = "Risks and opportunities of the ISMS",
    .prefix = "RO", .title = "title", .state = "state", .closed = "done", .order = "number",
    .read = &prospect_read, .write = &prospect_write, .check = check, .clause = "6.1.1",
    .help = "What could keep the management system from its results, or help it to them: money, "
            "people, attention, a merger, a new law. Risks to information are in the register of "
            "risks.",
    .empty = "Nothing is written down yet. Begin with what came up in context and interested "
             "parties: who could leave, what could be cut, what would make everything easier.");

/* --- routes --- */

static struct err *list(struct web *w)
{
    return entity_list_page(w, &prospect_entity);
}
static struct err *new_page(struct web *w)
{
    return entity_new_page(w, &prospect_entity);
}
static struct err *show(struct web *w)
{
    return entity_show_page(w, &prospect_entity);
}
static struct err *edit(struct web *w)
{
    return entity_edit_page(w, &prospect_entity);
}
static struct err *save(struct web *w)
{
    return entity_save_page(w, &prospect_entity);
}
static struct err *drop(struct web *w)
{
    return entity_remove_page(w, &prospect_entity);
}
static struct err *restore(struct web *w)
{
    return entity_restore_page(w, &prospect_entity);
}

/* clang-format off */
static const struct route routes[] = {
    {METHOD_GET, "/prospects", list, &prospect_read, 0, NULL, NULL},
    {METHOD_GET, "/prospects/new", new_page, &prospect_write, 0, NULL, NULL},
    {METHOD_POST, "/prospects", save, &prospect_write, 0, NULL, NULL},
    {METHOD_GET, "/prospects/:no", show, &prospect_read, 0, NULL, NULL},
    {METHOD_GET, "/prospects/:no/edit", edit, &prospect_write, 0, NULL, NULL},
    {METHOD_POST, "/prospects/:no", save, &prospect_write, 0, NULL, NULL},
    {METHOD_GET, "/prospects/:no/remove", drop, &prospect_write, 0, NULL, NULL},
    {METHOD_POST, "/prospects/:no/remove", drop, &prospect_write, 0, NULL, NULL},
    {METHOD_POST, "/prospects/:no/restore", restore, &prospect_write, 0, NULL, NULL},
    {0},
};
static const struct nav nav[] = {
    {"Plan", 33, "Risks of the ISMS", "/prospects", "target", &prospect_read, &prospect_entity},
    {0},
};
/* clang-format on */

static const struct entity *const entities[] = {&prospect_entity, NULL};
static const struct permission *const permissions[] = {&prospect_read, &prospect_write, NULL};

const struct feature prospect_feature = {.name = "prospect",
                                         .entities = entities,
                                         .permissions = permissions,
                                         .routes = routes,
                                         .nav = nav};
