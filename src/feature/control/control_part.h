/* SPDX-License-Identifier: Apache-2.0 */
/* Inside feature/control only. */
#pragma once

#include "core/content.h"
#include "feature/control/control.h"

/* --- control_derive.c --- */
struct err *control_derive(struct web *w, void *record, struct issues *out);
const struct content_table *control_table(const struct web *w);
/* The row of an Annex A code in content/controls.tsv; -1 when it is none. */
i64 control_row(const struct web *w, const char *code);

/* --- control_web.c --- */
struct err *control_show(struct web *w); /* the control, what it asks, what uses it */
struct err *control_edit(struct web *w);
