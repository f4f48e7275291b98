/* SPDX-License-Identifier: Apache-2.0 */
/* The first page of an organisation: where it stands, what comes next, what waits for this person.
 * What has no data is absent. */
#pragma once

#include "core/feature.h"

extern const struct feature home_feature;
