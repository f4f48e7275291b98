/* SPDX-License-Identifier: Apache-2.0 */
/* The log as people see it: pages, proofs to take home, the check, backup and restore. */
#pragma once

#include "core/feature.h"

extern const struct feature log_feature;
extern const struct permission log_read, log_verify;
