/* SPDX-License-Identifier: Apache-2.0 */
/* Inside feature/catalogue only. */
#pragma once

#include "feature/catalogue/catalogue.h"

extern const struct choice threat_families[];

/* --- catalogue_web.c --- */
struct err *catalogue_page(struct web *w);

/* --- coverage.c --- */
struct err *coverage_page(struct web *w);
struct err *coverage_api(struct web *w);
