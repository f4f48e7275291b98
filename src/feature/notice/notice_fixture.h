/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of notices begin with. */
#pragma once

#include "visit.h"

/* All that was told until now is read, and no mail of it waits. */
void notices_read(struct test *t);
/* The manager plans a treatment of the risk, by which its owner is asked to decide. */
void plan_treatment(struct test *t, i64 risk);
