/* SPDX-License-Identifier: Apache-2.0 */
/* Inside feature/supplier only. */
#pragma once

#include "feature/supplier/supplier.h"

/* Everything that can be agreed about security, as the set `terms` holds it; R136 says it too. */
i64 supplier_all_terms(void);
/* The page of a supplier: what is missing, what rests on it, where it works. */
struct err *supplier_show(struct web *w);
/* The page of a location: the assets there. */
struct err *location_show(struct web *w);
