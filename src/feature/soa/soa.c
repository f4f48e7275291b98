/* SPDX-License-Identifier: Apache-2.0 */
/* Versions of the statement: fields and routes. */
#include "feature/soa/soa.h"
#include "base/words.h"

#include "feature/control/control.h"
#include "feature/organisation/organisation.h"
#include "feature/soa/soa_part.h"

const struct permission soa_read = {"soa.read", "See the Statement of Applicability"};
const struct permission soa_write = {"soa.write",
                                     "Send the Statement of Applicability for approval"};
const struct permission soa_approve = {"soa.approve", "Approve the Statement of Applicability"};

static const struct choice states[] = {
    {"submitted", "Waiting for approval", "orange"},
    {"approved",   "In force", "green"},
    {"refused",  "Refused", "red"},
    {"superseded",    "Replaced", "grey"},
    {0  }
};

static const struct field fields[] = {
    TEXT(soa, title, "Title", .internal = true, .listed = true),
    CHOICE(soa, state, "State", states, .internal = true, .listed = true, .filtered = true),
    REF(soa, author, "Prepared by", person_entity, .internal = true, .listed = true),
    INT(soa, applicable, "Applicable", .internal = true, .least = 0, .most = 100000),
    INT(soa, excluded, "Excluded", .internal = true, .least = 0, .most = 100000),
    INT(soa, implemented, "Implemented", .internal = true, .least = 0, .most = 100000),
    TEXT(soa, body_hash, "Fingerprint", .internal = true, .unfolded = true,
         .help = "SHA-256 of the frozen text."),
    LONG(soa, body, "Frozen text", .internal = true, .unfolded = true),
    LONG(soa, note, "Note", .internal = true),
};

const struct entity soa_entity =
    ENTITY(soa, fields, .plural = "soa", .label = "Statement of Applicability",
           .labels = "Versions of the Statement of Applicability", .few = true, .prefix = "SOA",
           .title = "title", .state = "state", .order = NULL, .read = &soa_read,
           .write = &soa_write, .no_create = true, .no_api = true, .clause = "6.1.3 d",
           .help = "Frozen versions of the statement, each as it was approved.");

/* clang-format off */
static const struct route routes[] = {
    {METHOD_GET, "/soa", soa_page, &soa_read, 0, NULL, NULL},
    {METHOD_GET, "/soa/export", soa_export, &soa_read, ROUTE_SLOW, NULL, NULL},
    {METHOD_GET, "/soa/decide", soa_decide_page, &control_write, 0, NULL, NULL},
    {METHOD_POST, "/soa/decide", soa_decide_post, &control_write, 0, NULL, NULL},
    {METHOD_POST, "/soa/decide/all", soa_decide_all, &control_write, 0, NULL, NULL},
    {METHOD_POST, "/soa/confirm", soa_confirm_post, &control_write, 0, NULL, NULL},
    {METHOD_GET, "/soa/compare", soa_compare_page, &soa_read, ROUTE_SLOW, NULL, NULL},
    {METHOD_POST, "/soa/submit", soa_submit, &soa_write, 0, soa_submit_prepare, NULL},
    {METHOD_GET, "/soa/:no", soa_version_page, &soa_read, 0, NULL, NULL},
    {METHOD_POST, "/soa/:no/approve", soa_approve_post, &soa_approve, 0, NULL, NULL},
    {METHOD_POST, "/soa/:no/refuse", soa_refuse_post, &soa_approve, 0, NULL, NULL},
    {METHOD_GET, "/soa", soa_api, &soa_read, ROUTE_API, NULL,
     "The Statement of Applicability with all reasons; ?version=N for a frozen one"},
    {METHOD_GET, "/soa/versions", soa_api_versions, &soa_read, ROUTE_API, NULL,
     "Versions of the Statement of Applicability"},
    {METHOD_GET, "/soa/compare", soa_compare_api, &soa_read, ROUTE_API, NULL,
     "What differs between two versions, field by field: ?from=1&to=2, or to=now"},
    {0},
};
/* clang-format on */

static const struct nav nav[] = {
    {"Plan",           40, "Applicability", "/soa", "shield-check", &soa_read, &control_entity},
    {0},
};

static const struct entity *const entities[] = {&soa_entity, NULL};
static const struct permission *const permissions[] = {&soa_read, &soa_write, &soa_approve, NULL};

static const char *const sentences[] = {N_("Put into practice: %s"), NULL};

const struct feature soa_feature = {.name = "soa",
                                    .sentences = sentences,
                                    .entities = entities,
                                    .permissions = permissions,
                                    .routes = routes,
                                    .nav = nav,
                                    .work = soa_work};
