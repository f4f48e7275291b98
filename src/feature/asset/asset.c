/* SPDX-License-Identifier: Apache-2.0 */
/* Assets and dismissed suggestions: fields, rules, routes. Values are computed in asset_derive.c,
 * suggestions in asset_suggest.c; pages are in asset_web.c and asset_suggest_web.c. */
#include "feature/asset/asset.h"

#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "feature/asset/asset_part.h"
#include "feature/classification/classification.h"
#include "feature/organisation/organisation.h"
#include "feature/supplier/supplier.h"

const struct permission asset_read = {"asset.read", "See assets"};
const struct permission asset_write = {"asset.write", "Create and change assets"};
const struct permission asset_classify = {"asset.classify",
                                          "Confirm the classification of assets of others"};
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
    {"planned",  "Planned", "blue"},
    {"in-use",    "In use", "green"},
    {"retiring",   N_("Being retired"), "yellow"},
    {"retired",   "Retired", "grey"},
    {"disposed", N_("Disposed of"), "grey"},
    {0 }
};
static const struct choice disposals[] = {
    {"deleted",   N_("Deleted or overwritten"), NULL},
    {"wiped",       N_("Wiped and used elsewhere"), NULL},
    {"shredded",     N_("Shredded or destroyed here"), NULL},
    {"destroyed",       N_("Destroyed by a firm"), NULL},
    {"returned",  N_("Returned to its owner or the lessor"), NULL},
    {"sold",       N_("Sold or given away, wiped"), NULL},
    {"ended", N_("Contract ended, data deleted there"), NULL},
    {"nothing",       N_("Nothing to delete"), NULL},
    {0 }
};
static const struct choice legal_bases[] = {
    {"consent",  N_("Consent"), NULL},
    {"contract",      N_("Contract"), NULL},
    {"law", N_("Legal duty"), NULL},
    {"vital",      N_("Vital interests"), NULL},
    {"public",      N_("Public task"), NULL},
    {"interest",      N_("Legitimate interest"), NULL},
    {"order",    N_("On behalf of another (processor)"), NULL},
    {0     }
};
static const struct choice data_classes[] = {
    {"ordinary", N_("Ordinary"), NULL},
    {"special",      N_("Special kinds, such as health"), "red"},
    {"offences",  N_("Convictions and offences"), "red"},
    {0    }
};
static const struct choice kinds[] = {
    {"primary",    "Primary", "purple"},
    {"supporting",    "Supporting", "teal"},
    {0}
};

#define PERSONAL "Personal data"
#define LIFE "Life cycle"
#define REVIEW "Confirmation"
#define SCALE "1 = harmless, 2 = minor, 3 = serious, 4 = severe, 5 = threatens our survival."

static const struct field asset_fields[] = {
    TEXT(asset, name, "Name", .required = true, .listed = true, .sortable = true,
         .help = "As people at work call it. Put alike things on one line: “Laptops”, not each of "
                 "them.",
         .example = "Customer data in our service"),
    CODE(asset, type, "Type", "asset_types", .required = true, .listed = true, .sortable = true,
         .filtered = true,
         .help = "Decides whether the asset is valuable in itself (primary) or carries something "
                 "that is (supporting), and which risks are suggested."),
    CHOICE(asset, kind, "Kind", kinds, .derived = true, .listed = true, .sortable = true,
           .filtered = true),
    LONG(asset, description, "Description",
         .help = "What belongs to it and what does not, so that two people mean the same."),
    CHOICE(asset, state, "State", states, .initial = "in-use", .required = true, .listed = true,
           .sortable = true, .filtered = true,
           .help =
               "Retired = out of use, but still there; disposed of = gone, with the proof. Both "
               "stay in the register, so that old risks remain readable."),
    REF(asset, owner, "Owner", person_entity, .listed = true, .sortable = true, .filtered = true,
        .concerns = true, .group = "Who and where",
        .help = "The person who decides about it and answers for its protection."),
    REF(asset, unit, "Department", unit_entity, .filtered = true, .group = "Who and where",
        .help = "Where it is used most."),
    REF(asset, place, "Registered location", location_entity, .filtered = true,
        .group = "Who and where", .help = "One of your locations, when it is kept at one."),
    TEXT(asset, location, "Location", .sortable = true, .group = "Who and where",
         .help = "Room, region or provider where it is kept.", .example = "Cloud region Frankfurt"),
    REFS(asset, suppliers, "Suppliers", supplier_entity, .group = "Who and where",
         .help = "Who provides or runs it, keeps it, or looks after it."),
    SET(asset, media, "Forms", media, .filtered = true, .group = "Who and where",
        .help = "In which forms the information exists. Each form is protected differently."),
    REFS(asset, own_media, "Own forms", medium_entity, .group = "Who and where",
         .help = "Forms besides the usual ones that your organisation entered as media."),
    REF(asset, classification, "Classification", classification_entity, .listed = true,
        .sortable = true, .filtered = true, .group = "Classification",
        .help = "How sensitive the information is. It is a proposal until the owner confirms it."),
    LONG(asset, classification_reason, "Reason for a lower level", .max = 2000,
         .group = "Classification",
         .help = "Only when the level is below the one that its confidentiality suggests.",
         .example = "Only figures without names; nobody can be harmed by them."),
    REF(asset, classified_by, "Confirmed by", person_entity, .internal = true,
        .group = "Classification"),
    DATE(asset, classified_on, "Confirmed on", .internal = true, .group = "Classification"),
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
         .help =
             "Privacy law applies then, besides this standard. Say below what the data are for."),
    LONG(asset, purpose, "What the data are for", .max = 2000, .group = PERSONAL,
         .help = "The purpose for which data of people are kept; one sentence for each purpose.",
         .example = "To treat patients and to bill the treatment."),
    CHOICE(asset, legal_basis, "Legal basis", legal_bases, .filtered = true, .quiet = true,
           .group = PERSONAL,
           .help = "What allows it. With several purposes, the basis of the main one."),
    TEXT(asset, data_subjects, "Whose data", .max = 400, .group = PERSONAL,
         .example = "Patients, staff of practices"),
    TEXT(asset, data_kinds, "Which data", .max = 400, .group = PERSONAL,
         .example = "Names, contact, findings, bills"),
    CHOICE(asset, data_class, "Kind of data", data_classes, .filtered = true, .quiet = true,
           .group = PERSONAL, .help = "Special kinds and offences need more protection by law."),
    TEXT(asset, kept_for, "Kept for", .group = PERSONAL,
         .help = "How long, and what begins the time.",
         .example = "Ten years after the last treatment"),
    LONG(asset, no_risk_reason, "No relevant risk because", .max = 2000, .group = "Register",
         .help = "Fill it in when you looked and found no risk worth a line. Otherwise the asset "
                 "counts as not yet looked at."),
    TEXT(asset, external_id, "Number elsewhere", .sortable = true, .group = "Register",
         .help = "The number in another inventory, for imports.", .example = "INV-2041"),
    DATE(asset, in_use_from, "In use since", .group = LIFE),
    DATE(asset, end_planned, "Planned end of use", .sortable = true, .filtered = true,
         .quiet = true, .dated = DATED_EXPIRY, .group = LIFE,
         .help = "The owner is reminded. Needed while it is being retired."),
    DATE(asset, retired_on, "Retired on", .group = LIFE,
         .help = "Filled in with today when the state becomes Retired."),
    DATE(asset, disposed_on, "Disposed of on", .group = LIFE,
         .help = "Filled in with today when the state becomes Disposed of."),
    CHOICE(asset, disposal, "How it was disposed of", disposals, .filtered = true, .quiet = true,
           .group = LIFE, .help = "What was done with the information on it or in it."),
    TEXT(asset, disposed_by, "By whom", .max = 300, .group = LIFE,
         .help = "The person or firm who did it.", .example = "Reiss Data Destruction, Leipzig"),
    LONG(asset, disposal_proof, "Proof", .max = 2000, .group = LIFE,
         .help =
             "Certificate, log of the wiping, receipt: what shows it. The file itself belongs to "
             "the evidence of the asset.",
         .example = "Certificate 2026-118 of 11 disks by serial number."),
    INT(asset, review_months, "Confirm every (months)", .least = 1, .most = 120, .group = REVIEW,
        .help = "Empty: as often as your method repeats the risk assessment."),
    DATE(asset, review_due, "Next confirmation", .sortable = true, .filtered = true,
         .dated = DATED_REVIEW, .group = REVIEW,
         .help = "By then the owner says again that this entry is right."),
    REF(asset, reviewed_by, "Entry confirmed by", person_entity, .internal = true, .group = REVIEW),
    DATE(asset, reviewed_on, "Entry confirmed on", .internal = true, .group = REVIEW),
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
    asset_life_check(a, out);
}

const struct entity asset_entity = ENTITY(
    asset, asset_fields, .plural = "assets", .label = "Asset", .labels = "Assets", .prefix = "A",
    .title = "name", .state = "state", .closed = "retired disposed", .order = "name",
    .read = &asset_read, .write = &asset_write, .check = asset_check, .derive = asset_derive,
    .spread = asset_spread, .spreads_later = true, .clause = "A.5.9",
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
    .labels = "Dismissed suggestions", .few = true, .prefix = "DS", .title = "title",
    .read = &dismissal_read, .write = &dismissal_write, .check = dismissal_check,
    .derive = dismissal_derive, .no_pages = true, .clause = "6.1.2",
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
    {METHOD_GET, "/assets/classify", asset_classify_page, &member, 0, NULL, NULL},
    {METHOD_POST, "/assets/classify", asset_classify_post, &member, 0, NULL, NULL},
    {METHOD_GET, "/assets/reviews", asset_reviews_page, &member, 0, NULL, NULL},
    {METHOD_POST, "/assets/reviews", asset_reviews_post, &member, 0, NULL, NULL},
    {METHOD_POST, "/assets", save, &asset_write, 0, NULL, NULL},
    {METHOD_GET, "/assets/:no", asset_show, &asset_read, 0, NULL, NULL},
    {METHOD_GET, "/assets/:no/edit", edit, &asset_write, 0, NULL, NULL},
    {METHOD_POST, "/assets/:no", save, &asset_write, 0, NULL, NULL},
    {METHOD_GET, "/assets/:no/remove", drop, &asset_write, 0, NULL, NULL},
    {METHOD_POST, "/assets/:no/remove", drop, &asset_write, 0, NULL, NULL},
    {METHOD_POST, "/assets/:no/confirm", asset_confirm, &member, 0, NULL, NULL},
    {METHOD_POST, "/assets/:no/restore", restore, &asset_write, 0, NULL, NULL},
    {METHOD_POST, "/assets/:no/classification", asset_api_classify, &member, ROUTE_API, NULL,
     "Confirms the level of an asset: level (its own or the suggested one when left out), reason"},
    {METHOD_GET, "/suggestions/assets", asset_api_list, &asset_read, ROUTE_API, NULL,
     "Suggested assets, each with its reason"},
    {METHOD_POST, "/suggestions/assets", asset_api_post, &asset_write, ROUTE_API, NULL,
     "Accept and dismiss suggested assets"},
    {METHOD_GET, "/reviews/assets", asset_api_reviews, &member, ROUTE_API, NULL,
     "Assets whose entry is to be confirmed"},
    {METHOD_POST, "/reviews/assets", asset_api_confirm, &member, ROUTE_API, NULL,
     "Confirm the entries of assets"},
    {0},
};
/* clang-format on */

static const struct nav nav[] = {
    {"Plan",    20, "Assets", "/assets", "device-laptop", &asset_read, &asset_entity},
    {0},
};

static const struct entity *const entities[] = {&asset_entity, &dismissal_entity, NULL};
static const struct permission *const permissions[] = {
    &asset_read, &asset_write, &asset_classify, &dismissal_read, &dismissal_write, NULL};

const struct feature asset_feature = {.name = "asset",
                                      .entities = entities,
                                      .permissions = permissions,
                                      .routes = routes,
                                      .nav = nav,
                                      .work = asset_work};
