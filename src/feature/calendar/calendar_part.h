/* SPDX-License-Identifier: Apache-2.0 */
/* Inside feature/calendar only. */
#pragma once

#include "feature/calendar/calendar.h"

struct err *calendar_page(struct web *w);
struct err *feeds_page(struct web *w);
struct err *feed_create(struct web *w);
struct err *feed_remove(struct web *w);
struct err *feed_get(struct web *w); /* /feeds/<token>.ics, without a session */
