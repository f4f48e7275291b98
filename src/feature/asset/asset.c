/* SPDX-License-Identifier: Apache-2.0 */
/* Assets and dismissed suggestions: fields, rules, routes. Values are computed in asset_derive.c,
 * suggestions in asset_suggest.c; pages are in asset_web.c and asset_suggest_web.c. */
#include "feature/asset/asset.h"

#include <string.h>

#include "base/text.h"
#include "core/app.h"
#include "feature/asset/asset_part.h"
#include "feature/organisation/organisation.h"

const struct permission asset_read = {"asset.read", "See assets"};
const struct permission asset_write = {"asset.write", "Create and change assets"};
const struct permission dismissal_read = {"dismissal.read", "See dismissed suggestions"};
const struct permission dismissal_write = {"dismissal.write", "Dismiss suggestions"};

/* --- assets --- */

static const struct choice media[] = {
    {"electronic", "Electronic documents and data", NULL},
    {"system",        "Information system or database", NULL},
    {"paper",     "Paper", NULL},
    {"media",        "Storage media", NULL},
    {"verbal",      "Spoken word", NULL},
    {"email",        "E-mail", NULL},
    {0     }
};
static const struct choice states[] = {
    {"planned", "Planned", "blue"},
    {"in-use",   "In use", "green"},
    {"retired",  "Retired", "grey"},
    {0 }
};
static const struct choice kinds[] = {
    {"primary",    "Primary", "purple"},
    {"supporting",    "Supporting", "teal"},
    {0}
};

#define SCALE "1 = harmless, 2 = minor, 3 = serious, 4 = severe, 5 = threatens our survival."

static const struct field asset_fields[] = {
    TEXT(asset, name, "Name", .required = true, .listed = true, .sortable = true,
         .help = "As people at work call it. Put alike things on one line: “Laptops”, not each of "
                 "them.",
         .example = "Customer data in our service"),
    CODE(asset, type, "Type", "asset_types", .required = true, .listed = true, .filtered = true,
         .help = "Decides whether the asset is valuable in itself (primary) or carries something "
                 "that is (supporting), and which risks are suggested."),
    CHOICE(asset, kind, "Kind", kinds, .derived = true, .listed = true, .sortable = true,
           .filtered = true),
    LONG(asset, description, "Description",
         .help = "What belongs to it and what does not, so that two people mean the same."),
    CHOICE(asset, state, "State", states, .initial = "in-use", .required = true, .listed = true,
           .filtered = true,
           .help = "Retired assets stay in the register, so that old risks remain readable."),
    REF(asset, owner, "Owner", person_entity, .listed = true, .filtered = true, .concerns = true,
        .group = "Who and where",
        .help = "The person who decides about it and answers for its protection."),
    REF(asset, unit, "Department", unit_entity, .filtered = true, .group = "Who and where",
        .help = "Where it is used most."),
    TEXT(asset, location, "Location", .sortable = true, .group = "Who and where",
         .help = "Room, region or provider where it is kept.", .example = "Cloud region Frankfurt"),
    SET(asset, media, "Forms", media, .filtered = true, .group = "Who and where",
        .help = "In which forms the information exists. Each form is protected differently."),
    LEVEL(asset, c, "Confidentiality", .least = 1, .most = 5, .group = "Own value",
          .help = "How bad is it when the wrong people learn it? " SCALE),
    LEVEL(asset, i, "Integrity", .least = 1, .most = 5, .group = "Own value",
          .help = "How bad is it when it is wrong or was changed unnoticed? " SCALE),
    LEVEL(asset, a, "Availability", .least = 1, .most = 5, .group = "Own value",
          .help = "How bad is it when it is not there when needed? " SCALE),
    REFS(asset, carries, "Carries", asset_entity, .group = "What it carries",
         .help = "Primary assets that are stored, processed or moved with it, or supporting ones "
                 "that do so for it. It inherits their highest values."),
    LONG(asset, override_reason, "Reason for a lower value", .max = 2000,
         .group = "What it carries",
         .help = "Only when its own value may stay below the inherited one. Say what keeps the "
                 "damage smaller.",
         .example = "Holds encrypted copies only; the keys are kept elsewhere."),
    BOOL(asset, in_scope, "In scope of the ISMS", .initial = "1", .filtered = true,
         .group = "Register", .help = "Tick it when the asset belongs to what you want certified."),
    BOOL(asset, personal_data, "Contains personal data", .filtered = true, .group = "Register",
         .help = "Privacy law applies then, besides this standard."),
    LONG(asset, no_risk_reason, "No relevant risk because", .max = 2000, .group = "Register",
         .help = "Fill it in when you looked and found no risk worth a line. Otherwise the asset "
                 "counts as not yet looked at."),
    TEXT(asset, external_id, "Number elsewhere", .sortable = true, .group = "Register",
         .help = "The number in another inventory, for imports.", .example = "INV-2041"),
    TEXT(asset, seed, "Suggestion", .internal = true, .unfolded = true, .group = "Register",
         .help = "The suggestion from which the asset was accepted."),
    LEVEL(asset, value, "Value", .derived = true, .listed = true, .sortable = true,
          .filtered = true, .least = 1, .most = 5, .group = "Value that holds",
          .help = "The highest of the three."),
    LEVEL(asset, value_c, "Confidentiality, with what it carries", .derived = true, .least = 1,
          .most = 5, .group = "Value that holds"),
    LEVEL(asset, value_i, "Integrity, with what it carries", .derived = true, .least = 1, .most = 5,
          .group = "Value that holds"),
    LEVEL(asset, value_a, "Availability, with what it carries", .derived = true, .least = 1,
          .most = 5, .group = "Value that holds"),
};

static void asset_check(const void *record, struct issues *out)
{
    const struct asset *a = record;

    if (!text_empty(a->override_reason) && !a->c && !a->i && !a->a)
        issue(out, "override_reason",
              "Give the asset a value of its own first: without one, the inherited value holds.");
}

const struct entity asset_entity = ENTITY(
    asset, asset_fields, .plural = "assets", .label = "Asset", .labels = "Assets", .prefix = "A",
    .title = "name", .state = "state", .order = "name", .read = &asset_read, .write = &asset_write,
    .check = asset_check, .derive = asset_derive, .spread = asset_spread, .clause = "A.5.9",
    .help = "What is worth protecting, who answers for it, and how bad it is when it leaks, is "
            "wrong or is missing. Start with information and services; then what carries them. A "
            "short list that people know is better than a complete one.",
    .empty = "No assets yet. Look at the suggestions: they follow from your profile.");

/* --- dismissed suggestions --- */

static const struct choice subjects[] = {
    {"asset", "Asset", NULL},
    {"risk",   "Risk", NULL},
    {"requirement",  "Requirement", NULL},
    {0  }
};

static const struct field dismissal_fields[] = {
    TEXT(dismissal, title, "Suggestion", .required = true, .listed = true,
         .help = "What was suggested."),
    CHOICE(dismissal, subject, "Subject", subjects, .required = true, .fixed = true, .listed = true,
           .filtered = true),
    TEXT(dismissal, key, "Key", .required = true, .fixed = true, .unfolded = true,
         .help = "Names the suggestion in the catalogue."),
    LONG(dismissal, reason, "Reason", .required = true, .listed = true, .max = 2000,
         .help = "Why it does not fit. An auditor may ask.",
         .example = "We have no office; everyone works from home."),
};

static void dismissal_check(const void *record, struct issues *out)
{
    const struct dismissal *d = record;

    if (text_length(d->reason) < 4)
        issue(out, "reason", "Say in a few words why the suggestion does not fit.");
}

/* Nothing is computed; an asset's key must be one of the catalogue, or it would hide nothing. */
static struct err *dismissal_derive(struct web *w, void *record, struct issues *out)
{
    const struct dismissal *d = record;

    if (!d->id && text_equal(d->subject, "asset") && asset_starter_row(w, d->key) < 0)
        issue(out, "key", "There is no suggested asset “%.60s”.", d->key);
    return NULL;
}

const struct entity dismissal_entity = ENTITY(
    dismissal, dismissal_fields, .plural = "dismissals", .label = "Dismissed suggestion",
    .labels = "Dismissed suggestions", .prefix = "DS", .title = "title", .read = &dismissal_read,
    .write = &dismissal_write, .check = dismissal_check, .derive = dismissal_derive,
    .no_pages = true, .clause = "6.1.2",
    .help = "Suggestions that were looked at and not taken, each with its reason. Take one back to "
            "see it again.");

/* --- routes --- */

static struct err *edit(struct web *w)
{
    return entity_edit_page(w, &asset_entity);
}
static struct err *save(struct web *w)
{
    return entity_save_page(w, &asset_entity);
}
static struct err *drop(struct web *w)
{
    return entity_remove_page(w, &asset_entity);
}
static struct err *restore(struct web *w)
{
    return entity_restore_page(w, &asset_entity);
}
/* clang-format off */
static const struct route routes[] = {
    {METHOD_GET, "/assets", asset_list, &asset_read, 0, NULL, NULL},
    {METHOD_GET, "/assets/new", asset_new, &asset_write, 0, NULL, NULL},
    {METHOD_GET, "/assets/suggestions", asset_suggestions_page, &asset_read, 0, NULL, NULL},
    {METHOD_POST, "/assets/suggestions", asset_suggestions_post, &asset_write, 0, NULL, NULL},
    {METHOD_POST, "/assets/suggestions/back", asset_take_back, &dismissal_write, 0, NULL, NULL},
    {METHOD_POST, "/assets", save, &asset_write, 0, NULL, NULL},
    {METHOD_GET, "/assets/:no", asset_show, &asset_read, 0, NULL, NULL},
    {METHOD_GET, "/assets/:no/edit", edit, &asset_write, 0, NULL, NULL},
    {METHOD_POST, "/assets/:no", save, &asset_write, 0, NULL, NULL},
    {METHOD_GET, "/assets/:no/remove", drop, &asset_write, 0, NULL, NULL},
    {METHOD_POST, "/assets/:no/remove", drop, &asset_write, 0, NULL, NULL},
    {METHOD_POST, "/assets/:no/restore", restore, &asset_write, 0, NULL, NULL},
    {METHOD_GET, "/suggestions/assets", asset_api_list, &asset_read, ROUTE_API, NULL,
     "Suggested assets, each with its reason"},
    {METHOD_POST, "/suggestions/assets", asset_api_post, &asset_write, ROUTE_API, NULL,
     "Accept and dismiss suggested assets"},
    {0},
};
/* clang-format on */

static const struct nav nav[] = {
    {"Plan",    20, "Assets", "/assets", "device-laptop", &asset_read, &asset_entity},
    {0},
};

static const struct entity *const entities[] = {&asset_entity, &dismissal_entity, NULL};
static const struct permission *const permissions[] = {&asset_read, &asset_write, &dismissal_read,
                                                       &dismissal_write, NULL};

const struct feature asset_feature = {.name = "asset",
                                      .entities = entities,
                                      .permissions = permissions,
                                      .routes = routes,
                                      .nav = nav};
