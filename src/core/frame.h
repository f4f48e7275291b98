/* SPDX-License-Identifier: Apache-2.0 */
/* Inside core only: what surrounds the content of a page. Used by page.c. */
#pragma once

#include "core/feature.h"

/* Document type to </head>. */
void page_head(struct web *w, const char *title);
/* Pages of an organisation: skip link, side bar, <main>. */
void frame_begin(struct web *w);
/* What the features put into the page's head: the bell. */
void frame_bar(struct web *w);
/* The search field at the end of the page's head. */
void frame_search(struct web *w);
void frame_end(struct web *w);
/* Pages outside organisations: sign-in, list of organisations. */
void frame_plain_begin(struct web *w);
void frame_plain_end(struct web *w);
/* "low", "medium", "high" or "critical" for the tone of a band; "" when it has none. */
const char *level_class(const char *tone);
