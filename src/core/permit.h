/* SPDX-License-Identifier: Apache-2.0 */
/* Who may do what: content/rights.tsv gives each role its permissions, reviewed like content. */
#pragma once

#include "core/feature.h"

struct permits;

/* Reads content/rights.tsv; ERR_BAD when a row names an unknown permission or role, or when a
 * permission of a feature has no row. */
struct err *permit_load(struct app *app) MUST_CHECK;
/* True when the role (code of content/roles.tsv) holds the permission. */
bool permit_role_has(const struct app *app, const char *role, const struct permission *p);
/* Adds all rights of a role to `rights`. */
void permit_add_role(const struct app *app, const char *role, u64 rights[RIGHTS_WORDS]);
/* True when everything `role` may is contained in `rights`: nobody grants more than they have. */
bool permit_covers(const struct app *app, const char *role, const u64 rights[RIGHTS_WORDS]);
/* All rights: the operator's commands and jobs. */
void permit_all(u64 rights[RIGHTS_WORDS]);
/* The codes of the roles, in the order of the table. */
size_t permit_roles(const struct app *app, const char *const **out);
