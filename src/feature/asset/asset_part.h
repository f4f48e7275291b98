/* SPDX-License-Identifier: Apache-2.0 */
/* Inside feature/asset only. */
#pragma once

#include "core/content.h"
#include "core/work.h"
#include "feature/asset/asset.h"

/* --- asset_derive.c --- */
struct err *asset_derive(struct web *w, void *record, struct issues *out);
struct err *asset_spread(struct web *w, const void *record);

/* --- asset_classify.c --- */
/* Who confirmed the level of an asset that is about to be written, and whether a lower one than
 * suggested has a reason. Only in the writing phase. */
struct err *asset_classified(struct web *w, struct asset *a, struct issues *out);
struct err *asset_classify_page(struct web *w);
struct err *asset_classify_post(struct web *w);
struct err *asset_api_classify(struct web *w);

/* Writes an asset that its owner confirms, who may do that with no other right over assets. */
struct err *asset_write_lent(struct web *w, struct asset *a) MUST_CHECK;

/* --- asset_life.c --- */
/* What the state asks of dates and of the way of disposal. */
void asset_life_check(const struct asset *a, struct issues *out);
/* Days that a change of state or a confirmation brings. Only in the writing phase. */
struct err *asset_life(struct web *w, struct asset *a);
/* Retired assets that still have to be disposed of, and risks on assets that are out of use. */
extern const struct work_source asset_work[];

/* --- asset_review.c --- */
struct err *asset_reviews_page(struct web *w);
struct err *asset_reviews_post(struct web *w);
struct err *asset_confirm(struct web *w);
struct err *asset_api_reviews(struct web *w);
struct err *asset_api_confirm(struct web *w);
/* The card of the asset's page: until when the entry is confirmed, and the button. */
void asset_draw_review(struct web *w, const struct asset *a);

/* --- asset_suggest.c --- */
/* The row of a starter asset; -1 when there is none. */
i64 asset_starter_row(const struct web *w, const char *code);
const struct content_table *asset_starters(const struct web *w);

/* --- pages and API --- */
struct err *asset_list(struct web *w);
struct err *asset_new(struct web *w);
struct err *asset_show(struct web *w);
struct err *asset_suggestions_page(struct web *w);
struct err *asset_suggestions_post(struct web *w);
struct err *asset_take_back(struct web *w);
struct err *asset_api_list(struct web *w);
struct err *asset_api_post(struct web *w);
