/* SPDX-License-Identifier: Apache-2.0 */
/* Catalogues as an organisation sees them: the supplied entries (core/content.h) and its own ones,
 * which lie in registers with the columns code, title and state. Own codes begin with "own-", so
 * that no supplied one is ever meant. Only "threats" and "vulnerabilities" have own entries. */
#pragma once

#include "core/content.h"
#include "core/web.h"

#define CATALOGUE_OWN "own-"

/* The label of a code: supplied, own, or the code itself when it is neither. */
const char *catalogue_label(struct web *w, const char *catalogue, const char *code);
/* Own entries in use, by title. Empty for catalogues without own ones. */
struct catalogue_entry {
    const char *code, *label;
};
struct err *catalogue_own(struct web *w, const char *catalogue, struct catalogue_entry **out,
                          size_t *count) MUST_CHECK;
/* The code of an own entry in use, by its code or title; NULL when there is none. */
struct err *catalogue_find_own(struct web *w, const char *catalogue, const char *text,
                               const char **code) MUST_CHECK;
