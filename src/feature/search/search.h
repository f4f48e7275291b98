/* SPDX-License-Identifier: Apache-2.0 */
/* Search over all records: one page and one API route. The search itself is core/search.h. */
#pragma once

#include "core/feature.h"

extern const struct feature search_feature;
extern const struct permission search_use;
