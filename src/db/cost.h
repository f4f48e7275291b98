/* SPDX-License-Identifier: Apache-2.0 */
/* What this process has asked of its databases: for tests that bound the cost of a page. */
#pragma once

#include "base/types.h"

/* Statements over all connections since the process began. */
u64 db_statements_all(void);
