/* SPDX-License-Identifier: Apache-2.0 */
/* Inside feature/method only: handlers of its own pages. */
#pragma once

#include "feature/method/method.h"

struct err *method_show(struct web *w);         /* scales, matrix, bands, approval */
struct err *method_save(struct web *w);         /* a draft only; an approved version is fixed */
struct err *method_approve_post(struct web *w); /* freezes and signs */
