/* SPDX-License-Identifier: Apache-2.0 */
/* The parts pages are made of, so that look and accessibility are decided once. Class vocabulary:
 * assets/cairn.css. No inline style or script: widths and angles go through SVG attributes,
 * <progress> and classes. */
#pragma once

#include "core/entity.h"
#include "out/markdown.h"

/* Opens a page: head, side bar, title, search box. `actions` are drawn by the caller between
 * page_begin and page_body. Tenant pages get the side bar; site pages a plain frame. */
void page_begin(struct web *w, const char *section, const char *format, ...) PRINTF(3, 4);
/* A button in the page's head: kind "primary", "default" or "danger". */
void page_action(struct web *w, const char *kind, const char *address, const char *label);
void page_body(struct web *w); /* ends the head of the page; content follows */
void page_end(struct web *w);
/* A short help behind "?" for a page without a file of its own in content/help (core/help.h, which
 * page_begin looks for). */
void page_help(struct web *w, const char *text, const char *clause);
void page_notice(struct web *w, const char *tone, const char *format, ...) PRINTF(3, 4);
void card_begin(struct web *w, const char *title, const char *aside); /* either may be NULL */
void card_end(struct web *w);
void badge(struct web *w, const char *tone, const char *text);
/* Coloured square, score and band: "20 critical"; a dash when not scored. */
void level_chip(struct web *w, i64 score, const char *band, const char *tone);
/* A day by which something had to be done, as text; one that is over is told in a word. */
void page_day(struct web *w, const char *text, enum field_dated dated, bool over);
void icon(struct web *w, const char *name);
/* An empty state that teaches: why, and the next step. */
void page_empty(struct web *w, const char *text, const char *address, const char *label);
/* What people wrote as Markdown; numbers of records that this person sees become links. `names`
 * (may be NULL) finds the names after an "@". Opens a div of its own. */
void page_markdown(struct web *w, const char *text, const struct markdown_words *names);
/* Tabs: pairs of address and label ended by NULL; `current` is the index of the open one. */
void tabs(struct web *w, int current, const char *const *pairs);

/* A label inside a sentence: "Risk" becomes "risk", "ISMS role" stays. */
const char *page_lower(struct web *w, const char *label);
/* True when the address (without query) is a page of its own, not the page of some record, and this
 * person may open it: for links to what not every entity has. */
bool page_offers(struct web *w, const char *address);

/* --- forms --- */
/* <form method=post> with CSRF field, operation token and, when `version` > 0, the version. */
void form_begin(struct web *w, const char *address, i64 version);
/* The same for a form with files; script sends them piece by piece and shows how far it is
 * (assets/parts/evidence.js). */
void form_begin_files(struct web *w, const char *address, i64 version);
void form_end(struct web *w, const char *submit, const char *cancel);
/* The draft of a record's form: right after form_begin, before any field. What is typed is kept
 * every few seconds, or by a button without script; a draft that is there is offered, and with
 * "?draft=" the fields show it. form_fields calls it. */
struct err *form_draft(struct web *w, const struct entity *e, const void *record,
                       const struct issues *issues) MUST_CHECK;
/* What was sent for a field, of a form that was refused or of a draft; NULL = show the record's. */
const char *form_sent(const struct web *w, const struct issues *issues, const char *name);
/* A small form that is one button: posts `name`=`value` (may be NULL) to `address`. `kind` is that
 * of page_action, or "link" for one that looks like a link. */
void form_button(struct web *w, const char *address, const char *kind, const char *label,
                 const char *name, const char *value);
/* The input of a field with label, help, example, error; `text` overrides the record's value. */
struct err *form_field(struct web *w, const struct field *f, const void *record,
                       const struct issues *issues) MUST_CHECK;
/* All input fields of the entity, in order, by group. */
struct err *form_fields(struct web *w, const struct entity *e, const void *record,
                        const struct issues *issues) MUST_CHECK;
/* The references of a REFS field that a form which is drawn again had chosen, a draft's too; left
 * alone when nothing was sent. */
struct err *form_ids(struct web *w, const struct field *f, const struct issues *issues,
                     struct ids *ids) MUST_CHECK;
/* Free inputs for forms that are not an entity's. */
void form_text(struct web *w, const char *name, const char *label, const char *value,
               const char *help);
void form_area(struct web *w, const char *name, const char *label, const char *value,
               const char *help);
void form_select(struct web *w, const char *name, const char *label, const struct choice *choices,
                 const char *value);
void form_issues(struct web *w, const struct issues *issues); /* summary at the top, linked */
/* The details of a record as a definition list, by group. */
struct err *entity_details(struct web *w, const struct entity *e, const void *record) MUST_CHECK;
/* A text of several lines as people wrote it; numbers of records ("R-42") that this person may see
 * become links. */
struct err *html_record_text(struct web *w, const char *text) MUST_CHECK;
/* "Who changed what, when, why": the history panel. */
struct err *entity_history(struct web *w, const struct entity *e, i64 id) MUST_CHECK;
