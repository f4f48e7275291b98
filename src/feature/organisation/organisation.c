/* SPDX-License-Identifier: Apache-2.0 */
/* The organisation, its units, people and roles: fields and rules. The profile is in profile.c,
 * founding an organisation in organisation_store.c, own pages in organisation_web.c. */
#include "feature/organisation/organisation.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/content.h"
#include "core/language.h"
#include "core/permit.h"
#include "feature/organisation/organisation_web.h"

const struct permission organisation_read = {"organisation.read", "See the organisation"};
const struct permission organisation_write = {"organisation.write", "Change the organisation"};
const struct permission profile_read = {"profile.read", "See the profile"};
const struct permission profile_write = {"profile.write", "Answer the profile questions"};
const struct permission person_read = {"person.read", "See people"};
const struct permission person_write = {"person.write", "Add and change people"};
const struct permission unit_read = {"unit.read", "See departments"};
const struct permission unit_write = {"unit.write", "Add and change departments"};
const struct permission role_read = {"role.read", "See who has which role"};
const struct permission role_grant = {"role.grant", "Give roles, up to one's own"};

/* --- organisation --- */

static const struct choice currencies[] = {
    {"EUR", "Euro", NULL},
    {"USD", "US dollar", NULL},
    {"GBP", "Pound sterling", NULL},
    {"CHF", "Swiss franc", NULL},
    {"SEK", "Swedish krona", NULL},
    {"NOK", "Norwegian krone", NULL},
    {"DKK", "Danish krone", NULL},
    {"PLN", "Polish zloty", NULL},
    {"CZK", "Czech koruna", NULL},
    {"JPY", "Yen", NULL},
    {"AUD", "Australian dollar", NULL},
    {"CAD", "Canadian dollar", NULL},
    {0}
};

static const struct field organisation_fields[] = {
    TEXT(organisation, name, "Name", .required = true, .listed = true,
         .help = "As people call it every day.", .example = "Northwind Clinics"),
    TEXT(organisation, slug, "Short name", .internal = true,
         .help = "Stands in the address of every page."),
    TEXT(organisation, legal_name, "Legal name", .help = "As it will stand on the certificate.",
         .example = "Northwind Clinics Ltd."),
    TEXT(organisation, zone, "Time zone", .required = true, .max = 60,
         .help = "Days begin and end in this zone.", .example = "Europe/Berlin"),
    CHOICE(organisation, language, "Language", language_choices, .required = true,
           .help = "What people see who have not chosen another one."),
    CHOICE(organisation, currency, "Currency", currencies, .required = true,
           .help = "For budgets and money bands."),
    TEXT(organisation, sector, "Line of business", .help = "In your own words.",
         .example = "Outpatient care in three cities"),
    LONG(organisation, note, "Note"),
};

static void organisation_check(const void *record, struct issues *out)
{
    const struct organisation *o = record;

    if (o->zone && !zone_valid(o->zone))
        issue(out, "zone", "“%.60s” is not a known time zone. Write it like Europe/Berlin.",
              o->zone);
}

const struct entity organisation_entity =
    ENTITY(organisation, organisation_fields, .plural = "organisations", .label = "Organisation",
           .labels = "Organisations", .few = true, .prefix = "O", .title = "name",
           .read = &organisation_read, .write = &organisation_write, .check = organisation_check,
           .no_create = true, .no_pages = true, .clause = "4.1",
           .help = "Who you are: name, time zone and currency that every page and report uses.");

/* --- units --- */

static const struct field unit_fields[] = {
    TEXT(unit, name, "Name", .required = true, .listed = true, .sortable = true,
         .help = "A department or team.", .example = "Customer support"),
    REF(unit, parent, "Part of", unit_entity, .listed = true, .filtered = true),
    INT(unit, head, "Head", .internal = true, .least = 1, .most = 9000000000000000000LL),
    LONG(unit, note, "Note"),
};

static void unit_check(const void *record, struct issues *out)
{
    const struct unit *u = record;

    if (u->id && u->parent == u->id)
        issue(out, "parent", "A department cannot be part of itself. Choose another, or none.");
}

const struct entity unit_entity =
    ENTITY(unit, unit_fields, .plural = "units", .label = "Department", .labels = "Departments",
           .few = true, .prefix = "U", .title = "name", .order = "name", .read = &unit_read,
           .write = &unit_write, .check = unit_check, .clause = "5.3",
           .help = "Departments and teams. Owners, assets and training are looked at per "
                   "department.",
           .empty = "No departments yet. A company of 15 often has three.");

/* --- people --- */

static const struct choice person_states[] = {
    {"active", "Active", "green"},
    {"leaver", "Has left", "grey"},
    {0}
};

static const struct field person_fields[] = {
    TEXT(person, name, "Name", .required = true, .listed = true, .sortable = true, .personal = true,
         .example = "Amira Khan"),
    EMAIL(person, email, "E-mail", .listed = true, .sortable = true, .personal = true,
          .help = "The name to sign in with. May be empty for people who never sign in."),
    TEXT(person, job, "Job title", .listed = true, .sortable = true, .personal = true,
         .was_open = true, .example = "Head of IT"),
    REF(person, unit, "Department", unit_entity, .listed = true, .sortable = true,
        .filtered = true),
    BOOL(person, external, "External", .filtered = true,
         .help = "Contractors, advisers and auditors from outside."),
    CHOICE(person, state, "State", person_states, .initial = "active", .required = true,
           .listed = true, .sortable = true, .filtered = true),
    DATE(person, joined, "Joined on"),
    DATE(person, left_on, "Left on"),
    INT(person, account, "Account", .internal = true, .least = 1, .most = 9000000000000000000LL),
    LONG(person, note, "Note", .personal = true, .was_open = true),
};

static void person_check(const void *record, struct issues *out)
{
    const struct person *p = record;

    if (p->joined && p->left_on && strcmp(p->left_on, p->joined) < 0)
        issue(out, "left_on", "The last day is before the first one (%s).", p->joined);
}

const struct entity person_entity =
    ENTITY(person, person_fields, .plural = "people", .label = "Person", .labels = "People",
           .prefix = "P", .title = "name", .state = "state", .order = "name", .read = &person_read,
           .write = &person_write, .check = person_check, .clause = "5.3",
           .help = "Everyone who owns, decides, does or signs something, whether they sign in or "
                   "not. People who left stay here, so that the past stays readable.",
           .empty = "Nobody yet. Add the people who will own assets and risks, or import a list.");

/* --- roles --- */

static const struct choice duties[] = {
    {"conformity", "Sees to it that the ISMS conforms to the standard", NULL},
    {"reporting",        "Reports on its performance to top management", NULL},
    {0 }
};

static const struct field role_holder_fields[] = {
    TEXT(role_holder, title, "Role", .derived = true, .listed = true, .supplied = true),
    REF(role_holder, person, "Person", person_entity, .required = true, .listed = true,
        .sortable = true, .filtered = true, .concerns = true),
    CODE(role_holder, role, "Role", "roles", .required = true, .sortable = true, .filtered = true,
         .help = "What the person may see and do follows from the role."),
    REF(role_holder, unit, "For department", unit_entity, .filtered = true,
        .help = "Empty means the whole organisation."),
    SET(role_holder, duties, "Duties of the standard", duties, .listed = true,
        .help = "Clause 5.3 asks that these two are assigned. One person may have both."),
    DATE(role_holder, from_date, "From", .required = true, .listed = true),
    DATE(role_holder, until, "Until", .help = "The last day. Empty means until further notice."),
    DATE(role_holder, acknowledged, "Accepted on", .listed = true,
         .help = "The day on which the person said that they know and accept the role."),
    LONG(role_holder, note, "Note"),
};

static void role_holder_check(const void *record, struct issues *out)
{
    const struct role_holder *h = record;

    if (h->from_date && h->until && strcmp(h->until, h->from_date) < 0)
        issue(out, "until", "The last day is before the first one (%s).", h->from_date);
}

/* The title is the role's, in English: each reader sees it in their language. And nobody gives a
 * role that may do more than they may themselves, whichever way the change comes in (trust.md check
 * 46). */
static struct err *role_holder_derive(struct web *w, void *record, struct issues *out)
{
    const struct content_table *roles = content_table(w->app->content, "roles");
    struct role_holder *h = record;
    i64 row;

    row = content_row(roles, h->role ? h->role : "");
    h->title = row < 0 ? (h->role ? h->role : "") : content_cell(roles, (size_t)row, "title");
    if (w->writable && h->role && !permit_covers(w->app, h->role, w->rights))
        issue(out, "role", "You cannot give the role “%s”: it may do things that you may not.",
              words_supplied(w->arena, h->title));
    return NULL;
}

const struct entity role_holder_entity = ENTITY(
    role_holder, role_holder_fields, .plural = "roles", .label = "Role of a person",
    .labels = "Roles", .few = true, .prefix = "RH", .title = "title", .read = &role_read,
    .write = &role_grant, .check = role_holder_check, .derive = role_holder_derive, .clause = "5.3",
    .help = "Who holds which role, since when, and whether they accepted it. Rights in this "
            "program follow from it.",
    .empty = "No roles yet. Start with top management and the information security manager.");

/* --- routes --- */

static struct err *units(struct web *w)
{
    return entity_list_page(w, &unit_entity);
}
static struct err *unit_new(struct web *w)
{
    return entity_new_page(w, &unit_entity);
}
static struct err *unit_show(struct web *w)
{
    return entity_show_page(w, &unit_entity);
}
static struct err *unit_edit(struct web *w)
{
    return entity_edit_page(w, &unit_entity);
}
static struct err *unit_save(struct web *w)
{
    return entity_save_page(w, &unit_entity);
}
static struct err *unit_remove(struct web *w)
{
    return entity_remove_page(w, &unit_entity);
}
static struct err *unit_restore(struct web *w)
{
    return entity_restore_page(w, &unit_entity);
}
static struct err *people(struct web *w)
{
    return entity_list_page(w, &person_entity);
}
static struct err *person_new(struct web *w)
{
    return entity_new_page(w, &person_entity);
}
static struct err *person_edit(struct web *w)
{
    return entity_edit_page(w, &person_entity);
}
static struct err *person_remove(struct web *w)
{
    return entity_remove_page(w, &person_entity);
}
static struct err *person_restore(struct web *w)
{
    return entity_restore_page(w, &person_entity);
}
static struct err *roles(struct web *w)
{
    return entity_list_page(w, &role_holder_entity);
}
static struct err *role_new(struct web *w)
{
    return entity_new_page(w, &role_holder_entity);
}
static struct err *role_show(struct web *w)
{
    return entity_show_page(w, &role_holder_entity);
}
static struct err *role_edit(struct web *w)
{
    return entity_edit_page(w, &role_holder_entity);
}
static struct err *role_save(struct web *w)
{
    return entity_save_page(w, &role_holder_entity);
}
static struct err *role_remove(struct web *w)
{
    return entity_remove_page(w, &role_holder_entity);
}
static struct err *role_restore(struct web *w)
{
    return entity_restore_page(w, &role_holder_entity);
}
static const struct route routes[] = {
    {METHOD_GET,          "/organisations/new", organisation_new, &operator_only, ROUTE_SITE, NULL, NULL},
    {METHOD_POST,   "/organisations", organisation_found, &operator_only, ROUTE_SITE, NULL, NULL},
    {METHOD_GET,         "/organisation", organisation_show, &organisation_read, 0, NULL, NULL},
    {METHOD_GET,               "/organisation/edit", organisation_edit, &organisation_write, 0, NULL, NULL},
    {METHOD_POST,         "/organisation", organisation_save, &organisation_write, 0, NULL, NULL},
    {METHOD_GET, "/profile", profile_page, &profile_read, 0, NULL, NULL},
    {METHOD_POST,         "/profile", profile_save, &profile_write, 0, NULL, NULL},
    {METHOD_GET,               "/units", units, &unit_read, 0, NULL, NULL},
    {METHOD_GET,          "/units/new", unit_new, &unit_write, 0, NULL, NULL},
    {METHOD_POST,  "/units", unit_save, &unit_write, 0, NULL, NULL},
    {METHOD_GET,                  "/units/:no", unit_show, &unit_read, 0, NULL, NULL},
    {METHOD_GET,               "/units/:no/edit", unit_edit, &unit_write, 0, NULL, NULL},
    {METHOD_POST,          "/units/:no", unit_save, &unit_write, 0, NULL, NULL},
    {METHOD_GET,  "/units/:no/remove", unit_remove, &unit_write, 0, NULL, NULL},
    {METHOD_POST,                  "/units/:no/remove", unit_remove, &unit_write, 0, NULL, NULL},
    {METHOD_POST,               "/units/:no/restore", unit_restore, &unit_write, 0, NULL, NULL},
    {METHOD_GET,         "/people", people, &person_read, 0, NULL, NULL},
    {METHOD_GET,  "/people/new", person_new, &person_write, 0, NULL, NULL},
    {METHOD_POST,                  "/people", person_save, &person_write, 0, NULL, NULL},
    {METHOD_GET,               "/people/:no", person_show, &person_read, 0, NULL, NULL},
    {METHOD_GET,          "/people/:no/edit", person_edit, &person_write, 0, NULL, NULL},
    {METHOD_POST,       "/people/:no", person_save, &person_write, 0, NULL, NULL},
    {METHOD_GET,                  "/people/:no/remove", person_remove, &person_write, 0, NULL, NULL},
    {METHOD_POST,               "/people/:no/remove", person_remove, &person_write, 0, NULL, NULL},
    {METHOD_POST,         "/people/:no/restore", person_restore, &person_write, 0, NULL, NULL},
    {METHOD_POST,       "/people/:no/invite", person_invite, &account_manage, 0, NULL, NULL},
    {METHOD_GET,                  "/roles", roles, &role_read, 0, NULL, NULL},
    {METHOD_GET,               "/roles/new", role_new, &role_grant, 0, NULL, NULL},
    {METHOD_POST,          "/roles", role_save, &role_grant, 0, NULL, NULL},
    {METHOD_GET,              "/roles/:no", role_show, &role_read, 0, NULL, NULL},
    {METHOD_GET,                  "/roles/:no/edit", role_edit, &role_grant, 0, NULL, NULL},
    {METHOD_POST,               "/roles/:no", role_save, &role_grant, 0, NULL, NULL},
    {METHOD_POST,          "/roles/:no/accept", role_accept, &member, 0, NULL, NULL},
    {METHOD_GET,           "/roles/:no/remove", role_remove, &role_grant, 0, NULL, NULL},
    {METHOD_POST,                  "/roles/:no/remove", role_remove, &role_grant, 0, NULL, NULL},
    {METHOD_POST,               "/roles/:no/restore", role_restore, &role_grant, 0, NULL, NULL},
    {0        },
};

static const struct nav nav[] = {
    {"Plan",          10, "Organisation", "/organisation", "building", &organisation_read, NULL},
    {"Plan", 11, "Profile", "/profile", "clipboard-list", &profile_read, NULL},
    {"Plan",     12, "People", "/people", "users", &person_read, &person_entity},
    {"Plan",           13, "Departments", "/units", "hierarchy", &unit_read, &unit_entity},
    {"Plan",          14, "Roles", "/roles", "id-badge", &role_read, &role_holder_entity},
    {0     },
};

static const struct entity *const entities[] = {
    &organisation_entity, &unit_entity, &person_entity, &role_holder_entity, &profile_entity, NULL};
static const struct permission *const permissions[] = {
    &organisation_read, &organisation_write, &profile_read, &profile_write,
    &person_read,       &person_write,       &unit_read,    &unit_write,
    &role_read,         &role_grant,         NULL};

const struct feature organisation_feature = {.name = "organisation",
                                             .entities = entities,
                                             .permissions = permissions,
                                             .routes = routes,
                                             .nav = nav,
                                             .work = role_work};
