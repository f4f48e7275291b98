/* SPDX-License-Identifier: Apache-2.0 */
/* The help pages: all of content/help, with a search. What "?" opens is one of them. */
#pragma once

#include "core/feature.h"

extern const struct feature help_feature;
