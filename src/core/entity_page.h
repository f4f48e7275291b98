/* SPDX-License-Identifier: Apache-2.0 */
/* Inside core only: the pages that every kind of record has, beside its list, its details and its
 * form. */
#pragma once

#include "core/page.h"

/* Routes and tabs that serve every kind: history, drafts, copy, removed records, short addresses,
 * search for a record to refer to. */
extern const struct feature record_feature;

/* The kind named by the first parameter of "/:plural/..."; ERR_MISSING when there is none that has
 * pages here. */
struct err *entity_asked(struct web *w, const struct entity **out) MUST_CHECK;
/* The kind and the record of "/:plural/:no/...", when this person may see it. */
struct err *entity_asked_record(struct web *w, const struct entity **e, struct record **out)
    MUST_CHECK;
/* The text that titles a record, "" without one. */
const char *entity_title_of(const struct entity *e, const void *record);
/* The section of the side bar that leads to the kind, as overline of its pages. */
const char *entity_section(const struct entity *e);
/* The form of a new record with values to start with, or of an existing one. `issues` may be NULL.
 */
struct err *entity_form_page(struct web *w, const struct entity *e, const struct record *r,
                             const struct issues *issues) MUST_CHECK;

/* 409: field by field what was saved meanwhile and what this person sent. */
struct err *entity_merge_page(struct web *w, const struct entity *e, const struct record *theirs,
                              i64 version) MUST_CHECK;

/* The tab "History". */
struct err *entity_history_tab(struct web *w, const struct entity *e, const void *record)
    MUST_CHECK;
/* True when this person may start a new record from one of the kind. */
bool entity_copies(struct web *w, const struct entity *e);
/* True when this person may look at the removed records of the kind. */
bool entity_lists_removed(const struct web *w, const struct entity *e);
/* The reason out of the context of a log entry; "" when there is none. */
const char *entity_reason_of(struct arena *a, const char *context);
/* Parts of form_end. */
void form_draft_button(struct web *w);
void form_draft_end(struct web *w);
/* Pages of record_feature. */
struct err *entity_copy_page(struct web *w) MUST_CHECK;
struct err *entity_removed_page(struct web *w) MUST_CHECK;
struct err *entity_short_page(struct web *w) MUST_CHECK;
struct err *entity_pick(struct web *w) MUST_CHECK;
struct err *entity_draft_save(struct web *w) MUST_CHECK;
struct err *entity_draft_drop(struct web *w) MUST_CHECK;
struct err *entity_drafts_page(struct web *w) MUST_CHECK;
/* Deletes the draft that a form brought along (its hidden "_draft"), once it was saved. */
struct err *entity_draft_saved(struct web *w, const struct entity *e, i64 record, bool fresh)
    MUST_CHECK;
