/* SPDX-License-Identifier: Apache-2.0 */
/* The languages of the interface: English, and each gettext file po/CODE.po that travels inside the
 * program or lies in the operator's folder as po/CODE.po (which wins). The header names the
 * language ("X-Name: Deutsch"). A file is parsed when somebody first needs it.
 *
 * Whose language: the account's own choice, else the organisation's; before login what the browser
 * asks for. The API and the command line speak English. */
#pragma once

#include "core/entity.h"

#define LANGUAGES_MOST 40

/* Code and own name of each language, English first, ended by {.code = NULL}. */
extern struct choice language_choices[LANGUAGES_MOST + 1];
/* Looks which languages there are. `folder` is the operator's content folder, or NULL. */
struct err *language_load(struct arena *a, const char *folder) MUST_CHECK;
/* NULL for English and for what is not known. Safe from any thread. */
const struct words *language_words(const char *code);
/* The known language that an Accept-Language header likes best; "en" when there is none. */
const char *language_accepted(const char *header);
/* An instant and a date as this person reads them: own time zone, own language. */
const char *web_time(struct web *w, i64 at);
/* The same in the organisation's time zone: for documents, which several people read. */
const char *web_org_time(struct web *w, i64 at);
