/* SPDX-License-Identifier: Apache-2.0 */
/* Inside feature/treatment only: handlers of its own pages. */
#pragma once

#include "feature/treatment/treatment.h"

struct err *treatment_new(struct web *w); /* ?risk=R-1&option=modify */
struct err *treatment_edit(struct web *w);
struct err *treatment_save(struct web *w); /* creates or changes; carries expected levels over */
struct err *treatment_show(struct web *w);
struct err *approval_page(struct web *w); /* /risks/:no/approval: what the owner signs */
struct err *approval_post(struct web *w);
struct err *approvals_page(struct web *w); /* what waits for this person's decision */
struct err *plan_page(struct web *w);      /* the risk treatment plan */
