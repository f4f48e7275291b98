/* SPDX-License-Identifier: Apache-2.0 */
/* Suppliers and locations: fields, rules, routes. */
#include "feature/supplier/supplier.h"

#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "feature/organisation/organisation.h"
#include "feature/supplier/supplier_part.h"

const struct permission supplier_read = {"supplier.read", "See suppliers"};
const struct permission supplier_write = {"supplier.write", "Create and change suppliers"};
const struct permission location_read = {"location.read", "See locations"};
const struct permission location_write = {"location.write", "Create and change locations"};

/* --- suppliers --- */

/* clang-format off */
static const struct choice supplier_kinds[] = {
    {"cloud",       N_("Cloud service"), NULL},
    {"software",    N_("Software"), NULL},
    {"it-support",  N_("IT support and operation"), NULL},
    {"development", N_("Development"), NULL},
    {"advice",      N_("Advice and offices outside"), NULL},
    {"facility",    N_("Building, cleaning, guarding, disposal"), NULL},
    {"logistics",   N_("Transport and post"), NULL},
    {"people",      N_("Temporary workers"), NULL},
    {"other",       N_("Something else"), NULL},
    {0}
};
static const struct choice supplier_states[] = {
    {"candidate", N_("Being chosen"), "blue"},
    {"active",    N_("In use"), "green"},
    {"ending",    N_("Ending"), "yellow"},
    {"ended",     N_("Ended"), "grey"},
    {0}
};
static const struct choice personal[] = {
    {"none",       N_("None"), "grey"},
    {"processor",  N_("Processes it for us"), "purple"},
    {"joint",      N_("Jointly with us"), "purple"},
    {"controller", N_("On its own account"), "blue"},
    {0}
};
/* What an agreement says about security (A.5.20). */
static const struct choice terms[] = {
    {"scope",          N_("What is delivered and what is not"), NULL},
    {"classification", N_("How our information is classified and handled"), NULL},
    {"access",         N_("Who gets access, and how"), NULL},
    {"notice",         N_("Notice of incidents, with a time"), NULL},
    {"audit",          N_("Right to audit, or reports instead"), NULL},
    {"sub",            N_("Suppliers of the supplier"), NULL},
    {"people",         N_("Secrecy and checks of its people"), NULL},
    {"return",         N_("Return and deletion at the end"), NULL},
    {"continuity",     N_("What goes on when it fails"), NULL},
    {"change",         N_("Notice of changes"), NULL},
    {"exit",           N_("Termination and way out"), NULL},
    {0}
};
/* clang-format on */

#define RATING "How critical it is"
#define DATA "Personal data"
#define CONTRACT "Contract"
#define WATCH "Watching it"

static const struct field supplier_fields[] = {
    TEXT(supplier, name, "Name", .required = true, .listed = true, .sortable = true,
         .example = "Nordhafen Cloud GmbH"),
    CHOICE(supplier, kind, "Kind", supplier_kinds, .required = true, .listed = true,
           .filtered = true),
    LONG(supplier, service, "What it delivers", .required = true, .max = 2000,
         .help = "So that somebody else knows what stops when it stops.",
         .example = "Virtual servers and storage in two data centres; runs our product."),
    CHOICE(supplier, state, "State", supplier_states, .initial = "active", .required = true,
           .listed = true, .filtered = true,
           .help = "Ended suppliers stay in the register, with how the end went."),
    REF(supplier, owner, "Owner", person_entity, .listed = true, .filtered = true, .concerns = true,
        .help = "Who answers for it here: chooses, watches, ends."),
    TEXT(supplier, country, "Country", .sortable = true, .filtered = true,
         .help = "Where it has its seat.", .example = "Germany"),
    TEXT(supplier, contact, "Contact", .personal = true, .group = "Contact",
         .help = "Whom you call when something happens."),
    EMAIL(supplier, contact_email, "E-mail of the contact", .personal = true, .group = "Contact"),
    TEXT(supplier, contact_phone, "Telephone of the contact", .personal = true, .group = "Contact"),
    LEVEL(supplier, data, "How sensitive our information there is", .least = 1, .most = 4,
          .group = RATING,
          .help = "1 = public, 2 = internal, 3 = confidential, 4 = it could ruin us."),
    LEVEL(supplier, access, "How far it reaches", .least = 1, .most = 4, .group = RATING,
          .help = "1 = no access, 2 = sees some of it, 3 = keeps it, 4 = administers our systems."),
    LEVEL(supplier, dependence, "How much we depend on it", .least = 1, .most = 4, .group = RATING,
          .help =
              "1 = replaced in a day, 2 = in weeks, 3 = work stands still soon, 4 = our service "
              "stops."),
    LEVEL(supplier, criticality, "Criticality", .derived = true, .listed = true, .sortable = true,
          .filtered = true, .least = 1, .most = 4, .group = RATING,
          .help =
              "The higher of how much you depend on it and of what it could spill: the lower of "
              "the two figures above. From 3 on it is critical."),
    CHOICE(supplier, personal_data, "Personal data", personal, .filtered = true, .group = DATA,
           .help = "Whether it sees or keeps data of people, and for whom."),
    DATE(supplier, dpa_on, "Data processing agreement of", .group = DATA,
         .help = "The day on which it was signed; needed when it processes data for you."),
    TEXT(supplier, data_places, "Where our data is", .max = 400, .group = DATA,
         .help = "Countries and regions where it keeps our information or can see it.",
         .example = "Leipzig and Nuremberg; support from Poland"),
    LONG(supplier, sub_suppliers, "Its own suppliers", .max = 2000, .group = DATA,
         .help = "Those that reach our information too."),
    TEXT(supplier, contract, "Contract", .max = 300, .group = CONTRACT,
         .help = "Number and place of the contract."),
    DATE(supplier, contract_from, "Contract since", .group = CONTRACT),
    DATE(supplier, contract_until, "Contract until", .sortable = true, .filtered = true,
         .dated = DATED_EXPIRY, .group = CONTRACT,
         .help = "Empty when it goes on until somebody ends it."),
    DATE(supplier, notice_by, "Last day to give notice", .dated = DATED_EXPIRY, .group = CONTRACT),
    SET(supplier, terms, "Agreed about security", terms, .filtered = true, .quiet = true,
        .group = CONTRACT,
        .help =
            "Tick what the contract or its annex says. What is missing is asked for, or you say "
            "below why it may be missing."),
    LONG(supplier, gap_reason, "Why something is missing", .max = 2000, .group = CONTRACT,
         .help = "Needed when not everything is agreed and it reaches your information.",
         .example = "It refuses audits of its own customers; its SOC 2 report is read every year."),
    LONG(supplier, duties, "Who does what", .max = 4000, .group = CONTRACT,
         .help = "For cloud services: what they look after and what stays with you.",
         .example =
             "They: hardware, network, patches of the platform. We: accounts, rights, backups."),
    LONG(supplier, exit_plan, "Way out", .max = 4000, .group = CONTRACT,
         .help = "How you get your information back, who could take over, how long it takes."),
    DATE(supplier, assessed, "Last assessed", .sortable = true, .filtered = true, .quiet = true,
         .group = WATCH, .help = "The day on which somebody last looked at its security."),
    LONG(supplier, assessment, "Result", .max = 4000, .group = WATCH,
         .help = "What was looked at and what came of it. Certificates belong to the evidence."),
    DATE(supplier, next_review, "Next review", .listed = true, .sortable = true, .filtered = true,
         .dated = DATED_REVIEW, .group = WATCH,
         .help = "Once a year for critical ones; the owner is reminded."),
    TEXT(supplier, external_id, "Number elsewhere", .sortable = true, .group = WATCH,
         .help = "The number in purchasing or accounting, for imports.", .example = "70412"),
};

i64 supplier_criticality(i64 data, i64 access, i64 dependence)
{
    i64 spill = data < access ? data : access;

    if (!data || !access || !dependence)
        return 0;
    return spill > dependence ? spill : dependence;
}

static bool after(const char *left, const char *right)
{
    return left && right && strcmp(left, right) > 0;
}

static void supplier_check(const void *record, struct issues *out)
{
    const struct supplier *s = record;

    if (after(s->contract_from, s->contract_until))
        issue(out, "contract_until",
              "The contract would end before it begins. Correct one of the two days.");
    if (after(s->notice_by, s->contract_until))
        issue(out, "notice_by",
              "Notice would come after the end of the contract. Correct one of the two days.");
    if (after(s->assessed, s->next_review))
        issue(out, "next_review", "The next review lies before the last one. Choose a later day.");
}

static struct err *supplier_derive(struct web *w, void *record, struct issues *out)
{
    struct supplier *s = record;

    (void)w;
    (void)out;
    s->criticality = supplier_criticality(s->data, s->access, s->dependence);
    return NULL;
}

const struct entity supplier_entity = ENTITY(
    supplier, supplier_fields, .plural = "suppliers", .label = "Supplier", .labels = "Suppliers",
    .few = true, .prefix = "SU", .title = "name", .state = "state", .closed = "ended",
    .order = "name", .read = &supplier_read, .write = &supplier_write, .check = supplier_check,
    .derive = supplier_derive, .clause = "A.5.19",
    .help = "Who delivers what to you, how much you depend on them, what they can reach, what was "
            "agreed about security, and when somebody last looked.",
    .empty =
        "No suppliers yet. Begin with those whose failure you would notice the same day: mail, "
        "cloud, accounting, the people who look after your computers.");

/* --- locations --- */

/* clang-format off */
static const struct choice location_kinds[] = {
    {"office",      N_("Office"), NULL},
    {"home",        N_("Homes and journeys"), NULL},
    {"server-room", N_("Server room"), NULL},
    {"data-centre", N_("Data centre"), NULL},
    {"cloud",       N_("Cloud region"), NULL},
    {"factory",     N_("Factory hall or workshop"), NULL},
    {"store",       N_("Store or archive"), NULL},
    {"other",       N_("Something else"), NULL},
    {0}
};
static const struct choice location_states[] = {
    {"planned", N_("Planned"), "blue"},
    {"in-use",  N_("In use"), "green"},
    {"closed",  N_("Given up"), "grey"},
    {0}
};
/* clang-format on */

static const struct field location_fields[] = {
    TEXT(location, name, "Name", .required = true, .listed = true, .sortable = true,
         .example = "Office Leipzig, 2nd floor"),
    CHOICE(location, kind, "Kind", location_kinds, .required = true, .listed = true,
           .filtered = true),
    CHOICE(location, state, "State", location_states, .initial = "in-use", .required = true,
           .listed = true, .filtered = true),
    LONG(location, address, "Address", .max = 500),
    TEXT(location, country, "Country", .sortable = true, .filtered = true,
         .help = "Its law holds there.", .example = "Germany"),
    REF(location, provider, "Run by", supplier_entity, .listed = true, .filtered = true,
        .help =
            "The landlord or provider who looks after rooms, doors, power and cooling; empty when "
            "you do it yourself."),
    REF(location, owner, "Responsible", person_entity, .listed = true, .filtered = true,
        .concerns = true, .help = "Who decides here who may enter."),
    BOOL(location, in_scope, "In scope of the ISMS", .initial = "1", .filtered = true),
    LONG(location, access, "How it is guarded", .max = 2000,
         .help = "Who may enter, what stops everybody else, and what is seen when somebody tries.",
         .example = "Badge at the door of the floor; visitors are fetched; alarm outside of office "
                    "hours."),
    LONG(location, note, "Note", .max = 2000),
};

const struct entity location_entity = ENTITY(
    location, location_fields, .plural = "locations", .label = "Location", .labels = "Locations",
    .few = true, .prefix = "LO", .title = "name", .state = "state", .closed = "closed",
    .order = "name", .read = &location_read, .write = &location_write, .clause = "4.3",
    .help = "Where people work and where information is kept: offices, homes, server rooms, cloud "
            "regions. Controls for rooms count per place.",
    .empty = "No locations yet. Enter each office, and the region of your most important cloud "
             "service.");

/* --- routes --- */

static struct err *s_list(struct web *w)
{
    return entity_list_page(w, &supplier_entity);
}
static struct err *s_new(struct web *w)
{
    return entity_new_page(w, &supplier_entity);
}
static struct err *s_edit(struct web *w)
{
    return entity_edit_page(w, &supplier_entity);
}
static struct err *s_save(struct web *w)
{
    return entity_save_page(w, &supplier_entity);
}
static struct err *s_drop(struct web *w)
{
    return entity_remove_page(w, &supplier_entity);
}
static struct err *s_restore(struct web *w)
{
    return entity_restore_page(w, &supplier_entity);
}
static struct err *l_list(struct web *w)
{
    return entity_list_page(w, &location_entity);
}
static struct err *l_new(struct web *w)
{
    return entity_new_page(w, &location_entity);
}
static struct err *l_edit(struct web *w)
{
    return entity_edit_page(w, &location_entity);
}
static struct err *l_save(struct web *w)
{
    return entity_save_page(w, &location_entity);
}
static struct err *l_drop(struct web *w)
{
    return entity_remove_page(w, &location_entity);
}
static struct err *l_restore(struct web *w)
{
    return entity_restore_page(w, &location_entity);
}

/* clang-format off */
static const struct route routes[] = {
    {METHOD_GET, "/suppliers", s_list, &supplier_read, 0, NULL, NULL},
    {METHOD_GET, "/suppliers/new", s_new, &supplier_write, 0, NULL, NULL},
    {METHOD_POST, "/suppliers", s_save, &supplier_write, 0, NULL, NULL},
    {METHOD_GET, "/suppliers/:no", supplier_show, &supplier_read, 0, NULL, NULL},
    {METHOD_GET, "/suppliers/:no/edit", s_edit, &supplier_write, 0, NULL, NULL},
    {METHOD_POST, "/suppliers/:no", s_save, &supplier_write, 0, NULL, NULL},
    {METHOD_GET, "/suppliers/:no/remove", s_drop, &supplier_write, 0, NULL, NULL},
    {METHOD_POST, "/suppliers/:no/remove", s_drop, &supplier_write, 0, NULL, NULL},
    {METHOD_POST, "/suppliers/:no/restore", s_restore, &supplier_write, 0, NULL, NULL},
    {METHOD_GET, "/locations", l_list, &location_read, 0, NULL, NULL},
    {METHOD_GET, "/locations/new", l_new, &location_write, 0, NULL, NULL},
    {METHOD_POST, "/locations", l_save, &location_write, 0, NULL, NULL},
    {METHOD_GET, "/locations/:no", location_show, &location_read, 0, NULL, NULL},
    {METHOD_GET, "/locations/:no/edit", l_edit, &location_write, 0, NULL, NULL},
    {METHOD_POST, "/locations/:no", l_save, &location_write, 0, NULL, NULL},
    {METHOD_GET, "/locations/:no/remove", l_drop, &location_write, 0, NULL, NULL},
    {METHOD_POST, "/locations/:no/remove", l_drop, &location_write, 0, NULL, NULL},
    {METHOD_POST, "/locations/:no/restore", l_restore, &location_write, 0, NULL, NULL},
    {0},
};
static const struct nav nav[] = {
    {"Plan", 17, "Suppliers", "/suppliers", "truck", &supplier_read, &supplier_entity},
    {"Plan", 18, "Locations", "/locations", "map", &location_read, &location_entity},
    {0},
};
/* clang-format on */

static const struct entity *const entities[] = {&supplier_entity, &location_entity, NULL};
static const struct permission *const permissions[] = {&supplier_read, &supplier_write,
                                                       &location_read, &location_write, NULL};

const struct feature supplier_feature = {.name = "supplier",
                                         .entities = entities,
                                         .permissions = permissions,
                                         .routes = routes,
                                         .nav = nav};
