/* SPDX-License-Identifier: Apache-2.0 */
/* Help for each page: Markdown files under content/help, one per page or kind of record, that an
 * operator may replace. "help/de/risks.md" stands for "help/risks.md" where the reader's language
 * has one. A file begins with "# Title", a line "Clause: ..." (may be left out) and a paragraph
 * that tells the page in one breath. */
#pragma once

#include "core/web.h"

struct help {
    const char *name;           /* "risks", "risks-ranking" */
    const char *title, *clause; /* clause is "" when there is none */
    const char *lead, *text;    /* first paragraph; the rest, Markdown */
};

/* False when there is no such help. */
bool help_find(struct web *w, const char *name, struct help *out);
/* The names of all, sorted; those of other languages left out. */
size_t help_names(struct web *w, const char *const **out);
/* The name for the page that is being drawn: the part of a record that is open, else the most exact
 * that exists for its address; NULL when there is none. */
const char *help_here(struct web *w);
/* The address of a help page from where this page is. */
const char *help_url(struct web *w, const char *name);
/* The sections as HTML; the first heading gets `level`. */
void help_draw(struct web *w, const struct help *h, int level);
