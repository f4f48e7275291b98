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
/* What own controls answer a control of Annex A; nothing for an own one. */
struct answering {
    i64 number;
    const char *code, *title, *applicable;
    struct control_mapping how;
};
struct err *control_answering(struct web *w, const char *code, struct answering **out,
                              size_t *count) MUST_CHECK;

/* --- control_decided.c --- */
/* Notes what a decision rests on when the record that is being written decides anew. */
struct err *control_decided(struct web *w, struct control *c) MUST_CHECK;

/* --- control_map.c --- */
struct err *control_map_page(struct web *w);
struct err *control_map_post(struct web *w);

/* --- control_set.c --- */
struct err *controlset_list(struct web *w);
struct err *controlset_show(struct web *w);
struct err *controlset_new(struct web *w);
struct err *controlset_edit(struct web *w);
struct err *controlset_save(struct web *w);
struct err *controlset_drop(struct web *w);
struct err *controlset_restore(struct web *w);
