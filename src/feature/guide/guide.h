/* SPDX-License-Identifier: Apache-2.0 */
/* The way to the certificate: nine phases, sixteen steps (content/phases.tsv, steps.tsv), each done
 * when its rules hold. */
#pragma once

#include "feature/readiness/readiness.h"

#define GUIDE_PHASES 9

/* A cell of a step (content/steps.tsv), 1..16. */
const char *guide_step(const struct web *w, int step, const char *column);
/* The phase (1..9) that a step belongs to, and its title. */
int guide_phase(const struct web *w, int step);
const char *guide_phase_title(const struct web *w, int phase);
/* The bar of the nine phases. */
void guide_bar(struct web *w, const struct readiness *r);

extern const struct feature guide_feature;
