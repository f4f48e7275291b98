/* SPDX-License-Identifier: Apache-2.0 */
/* Everything with a day: by month, as an agenda, and as a feed for one's own calendar. What stands
 * there comes from core/work.h. */
#pragma once

#include "core/work.h"

extern const struct feature calendar_feature;
