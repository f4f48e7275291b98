/* SPDX-License-Identifier: Apache-2.0 */
/* The page "Jobs": what runs in the background, how far it is, what came out, what has failed for
 * good. Everybody sees their own; who may manage jobs sees those of the organisation. */
#pragma once

#include "core/feature.h"

extern const struct feature job_feature;
