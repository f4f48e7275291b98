/* SPDX-License-Identifier: Apache-2.0 */
/* Parties and requirements: fields, rules, routes. Suggestions are in context_suggest.c, pages in
 * context_web.c. */
#include "feature/context/context.h"

#include "base/text.h"
#include "core/app.h"
#include "feature/context/context_web.h"
#include "feature/control/control.h"
#include "feature/organisation/organisation.h"

const struct permission party_read = {"party.read", "See interested parties"};
const struct permission party_write = {"party.write", "Create and change interested parties"};
const struct permission requirement_read = {"requirement.read", "See requirements"};
const struct permission requirement_write = {"requirement.write", "Create and change requirements"};

#define REASON_LEAST 10 /* characters of a reason why not */

/* --- parties --- */

/* clang-format off */
static const struct choice party_states[] = {
    {"active",  "Active", "green"},
    {"retired",  "Retired", "grey"},
    {"not-relevant", "Not relevant", "grey"},
    {0  }
};
/* clang-format on */

static const struct field party_fields[] = {
    TEXT(party, name, "Name", .required = true, .listed = true, .sortable = true,
         .help = "A group or a single party.", .example = "St. Anna Hospital"),
    CODE(party, type, "Kind", "party_types", .required = true, .listed = true, .filtered = true,
         .help = "Decides which expectations are typical."),
    BOOL(party, external, "Outside the organisation", .filtered = true),
    CHOICE(party, state, "State", party_states, .initial = "active", .required = true,
           .listed = true, .filtered = true,
           .help = "“Not relevant” keeps the answer to the question why the party is missing."),
    LONG(party, why_not, "Why it is not relevant", .max = 2000,
         .help = "Needed for a party that is not relevant.",
         .example = "We have no owners besides the two managing partners, who are staff."),
    LONG(party, note, "Note"),
};

static void party_check(const void *record, struct issues *out)
{
    const struct party *p = record;

    if (text_equal(p->state, "not-relevant") &&
        text_length(text_trim(out->arena, p->why_not ? p->why_not : "")) < REASON_LEAST)
        issue(out, "why_not",
              "Say in a sentence why this party does not matter. An auditor may ask.");
}

static struct err *party_depends(struct web *w, i64 id, struct issues *out)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select number from requirement where org_id = $1 and party = $2 order by number"
                 " limit 20",
                 num(w->org), num(id)));
    while (row_next(r))
        issue(out, "",
              "The requirement RQ-%lld is theirs. Remove it or give it to another party "
              "first.",
              row_num(r, 0));
    return NULL;
}

const struct entity party_entity = ENTITY(
    party, party_fields, .plural = "parties", .label = "Interested party",
    .labels = "Interested parties", .few = true, .prefix = "IP", .title = "name", .state = "state",
    .order = "name", .read = &party_read, .write = &party_write, .check = party_check,
    .depends = party_depends, .clause = "4.2",
    .help = "Who is touched by your information security, or can touch it: customers, staff, "
            "authorities, suppliers, owners. Each has expectations; those are the "
            "requirements.",
    .empty = "Nobody yet. Look at the suggestions: they follow from your profile.");

/* --- requirements --- */

/* clang-format off */
const struct choice requirement_kinds[] = {
    {"law",        "Law", "blue"},
    {"regulation",      "Regulation", "blue"},
    {"contract", "Contract", "purple"},
    {"standard",      "Standard", "teal"},
    {"expectation",   "Expectation", "grey"},
    {0   }
};
static const struct choice addresseds[] = {
    {"open",    "Not decided", "orange"},
    {"yes", "Yes", "green"},
    {"no",     "No", "grey"},
    {0 }
};
static const struct choice statuses[] = {
    {"open",   "Not assessed", "grey"},
    {"met",  "Met", "green"},
    {"partly",    "Partly met", "yellow"},
    {"not-met", "Not met", "red"},
    {0}
};
/* clang-format on */

static const struct field requirement_fields[] = {
    TEXT(requirement, title, "Title", .required = true, .listed = true, .sortable = true,
         .help = "The law, clause or expectation as people call it.",
         .example = "Encryption at rest, contract with St. Anna Hospital"),
    CHOICE(requirement, kind, "Kind", requirement_kinds, .required = true, .listed = true,
           .filtered = true),
    REF(requirement, party, "Party", party_entity, .listed = true, .filtered = true,
        .help = "Who asks for it."),
    TEXT(requirement, source, "Source", .max = 300, .help = "Articles, clause, letter.",
         .example = "Art. 32; contract 2026-04, annex 2"),
    TEXT(requirement, jurisdiction, "Jurisdiction", .help = "Where it holds.", .example = "EU"),
    LONG(requirement, summary, "What it asks", .max = 4000,
         .help = "In your own words, so that the owner knows what to do."),
    CHOICE(requirement, addressed, "Addressed by the ISMS", addresseds, .initial = "open",
           .required = true, .listed = true, .filtered = true, .group = "How it is met",
           .help = "Yes when controls, processes or documents of the ISMS answer it."),
    LONG(requirement, why_not, "Why it is not addressed", .max = 2000, .group = "How it is met",
         .help = "Needed when the ISMS does not address it.",
         .example = "It concerns product safety only and is handled by quality management."),
    REFS(requirement, controls, "Controls", control_entity, .group = "How it is met",
         .help = "The controls that answer it. They become applicable for this reason."),
    BOOL(requirement, needs_document, "Asks for a document", .filtered = true,
         .group = "How it is met", .help = "It says that something must be written down."),
    LONG(requirement, how_met, "How it is met", .max = 4000, .group = "How it is met",
         .example = "All disks and backups are encrypted; yearly check of keys by IT."),
    CHOICE(requirement, status, "Compliance", statuses, .initial = "open", .required = true,
           .listed = true, .filtered = true, .group = "Review"),
    REF(requirement, owner, "Owner", person_entity, .listed = true, .filtered = true,
        .concerns = true, .group = "Review",
        .help = "Watches for changes and sees that it is met."),
    DATE(requirement, reviewed, "Last reviewed", .listed = true, .sortable = true,
         .group = "Review", .help = "The day on which somebody last looked at it."),
    TEXT(requirement, seed, "Suggestion", .internal = true, .unfolded = true, .group = "Review",
         .help = "The suggestion from which it was accepted."),
};

static void requirement_check(const void *record, struct issues *out)
{
    const struct requirement *q = record;

    if (text_equal(q->addressed, "no") &&
        text_length(text_trim(out->arena, q->why_not ? q->why_not : "")) < REASON_LEAST)
        issue(out, "why_not", "Say in a sentence why the ISMS does not address this.");
}

const struct entity requirement_entity =
    ENTITY(requirement, requirement_fields, .plural = "requirements", .label = "Requirement",
           .labels = "Requirements", .few = true, .prefix = "RQ", .title = "title",
           .state = "status", .order = "title", .read = &requirement_read,
           .write = &requirement_write, .check = requirement_check, .clause = "4.2",
           .help = "What laws, contracts and interested parties ask of your information security, "
                   "who watches it, and which controls answer it. It is the legal register as well "
                   "(A.5.31).",
           .empty = "No requirements yet. Look at the suggestions: they follow from your profile.");

/* --- routes --- */

static struct err *p_new(struct web *w)
{
    return entity_new_page(w, &party_entity);
}
static struct err *p_edit(struct web *w)
{
    return entity_edit_page(w, &party_entity);
}
static struct err *p_save(struct web *w)
{
    return entity_save_page(w, &party_entity);
}
static struct err *p_drop(struct web *w)
{
    return entity_remove_page(w, &party_entity);
}
static struct err *p_restore(struct web *w)
{
    return entity_restore_page(w, &party_entity);
}
static struct err *q_new(struct web *w)
{
    return entity_new_page(w, &requirement_entity);
}
static struct err *q_show(struct web *w)
{
    return entity_show_page(w, &requirement_entity);
}
static struct err *q_edit(struct web *w)
{
    return entity_edit_page(w, &requirement_entity);
}
static struct err *q_save(struct web *w)
{
    return entity_save_page(w, &requirement_entity);
}
static struct err *q_drop(struct web *w)
{
    return entity_remove_page(w, &requirement_entity);
}
static struct err *q_restore(struct web *w)
{
    return entity_restore_page(w, &requirement_entity);
}
#define UPLOAD (ROUTE_READ | ROUTE_UPLOAD | ROUTE_SLOW)

/* clang-format off */
static const struct route routes[] = {
    {METHOD_GET, "/parties", party_list, &party_read, 0, NULL, NULL},
    {METHOD_GET, "/parties/new", p_new, &party_write, 0, NULL, NULL},
    {METHOD_GET, "/parties/suggestions", party_suggestions_page, &party_read, 0, NULL, NULL},
    {METHOD_POST, "/parties/suggestions", party_suggestions_post, &party_write, 0, NULL, NULL},
    {METHOD_POST, "/parties", p_save, &party_write, 0, NULL, NULL},
    {METHOD_GET, "/parties/:no", party_show, &party_read, 0, NULL, NULL},
    {METHOD_GET, "/parties/:no/edit", p_edit, &party_write, 0, NULL, NULL},
    {METHOD_POST, "/parties/:no", p_save, &party_write, 0, NULL, NULL},
    {METHOD_GET, "/parties/:no/remove", p_drop, &party_write, 0, NULL, NULL},
    {METHOD_POST, "/parties/:no/remove", p_drop, &party_write, 0, NULL, NULL},
    {METHOD_POST, "/parties/:no/restore", p_restore, &party_write, 0, NULL, NULL},
    {METHOD_GET, "/requirements", requirement_list, &requirement_read, 0, NULL, NULL},
    {METHOD_GET, "/requirements/new", q_new, &requirement_write, 0, NULL, NULL},
    {METHOD_GET, "/requirements/suggestions", requirement_suggestions_page, &requirement_read, 0,
     NULL, NULL},
    {METHOD_POST, "/requirements/suggestions", requirement_suggestions_post, &requirement_write, 0,
     NULL, NULL},
    {METHOD_POST, "/requirements/suggestions/back", requirement_take_back, &requirement_write, 0,
     NULL, NULL},
    {METHOD_POST, "/requirements", q_save, &requirement_write, 0, NULL, NULL},
    {METHOD_GET, "/requirements/:no", q_show, &requirement_read, 0, NULL, NULL},
    {METHOD_GET, "/requirements/:no/edit", q_edit, &requirement_write, 0, NULL, NULL},
    {METHOD_POST, "/requirements/:no", q_save, &requirement_write, 0, NULL, NULL},
    {METHOD_GET, "/requirements/:no/remove", q_drop, &requirement_write, 0, NULL, NULL},
    {METHOD_POST, "/requirements/:no/remove", q_drop, &requirement_write, 0, NULL, NULL},
    {METHOD_POST, "/requirements/:no/restore", q_restore, &requirement_write, 0, NULL, NULL},
    {0},
};
/* clang-format on */

/* clang-format off */
static const struct nav nav[] = {
    {"Plan", 15, "Interested parties", "/parties", "users", &party_read, &party_entity},
    {"Plan", 16, "Requirements", "/requirements", "gavel", &requirement_read, &requirement_entity},
    {0},
};
/* clang-format on */

static const struct entity *const entities[] = {&party_entity, &requirement_entity, NULL};
static const struct permission *const permissions[] = {&party_read, &party_write, &requirement_read,
                                                       &requirement_write, NULL};

const struct feature context_feature = {.name = "context",
                                        .entities = entities,
                                        .permissions = permissions,
                                        .routes = routes,
                                        .nav = nav};
