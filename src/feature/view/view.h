/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of every kind: saved views and changes of many records in one step, as pages and API. */
#pragma once

#include "core/feature.h"

extern const struct feature view_feature;
