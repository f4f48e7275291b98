/* SPDX-License-Identifier: Apache-2.0 */
/* Inside feature/assessment only. */
#pragma once

#include "feature/assessment/assessment.h"

/* Draws a frozen register: figures per band, the ten highest risks, all of them. */
struct err *assessment_report(struct web *w, const char *body) MUST_CHECK;

/* Pages. */
struct err *assessment_show(struct web *w);
struct err *assessment_close_prepare(struct web *w);
struct err *assessment_close(struct web *w);
struct err *assessment_decide(struct web *w);
