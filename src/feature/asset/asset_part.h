/* SPDX-License-Identifier: Apache-2.0 */
/* Inside feature/asset only. */
#pragma once

#include "core/content.h"
#include "feature/asset/asset.h"

/* --- asset_derive.c --- */
struct err *asset_derive(struct web *w, void *record, struct issues *out);
struct err *asset_spread(struct web *w, const void *record);

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
