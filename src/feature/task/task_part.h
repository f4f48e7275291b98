/* SPDX-License-Identifier: Apache-2.0 */
/* Inside feature/task only. */
#pragma once

#include "core/work.h"
#include "feature/task/task.h"

/* --- the checklist (task_steps.c) --- */
struct task_step {
    const char *text;
    bool done;
};
/* The steps of a text: "- [ ] x", "- [x] x", "* x", or a line by itself. Empty lines are left out.
 */
size_t steps_read(struct arena *a, const char *text, struct task_step **out);
/* The text that is stored; NULL when there are none. */
const char *steps_write(struct arena *a, const struct task_step *list, size_t count);

/* --- writing for those who may work on a task without the right to change all (task_verbs.c) ---
 */
struct err *task_store(struct web *w, struct task *t, const char *reason, struct issues *out)
    MUST_CHECK;
struct err *task_load_asked(struct web *w, struct task *t) MUST_CHECK; /* by the address */
/* Where the page that posted wants to be afterwards: "back" of the form when it is a page of this
 * organisation, else `other`. */
const char *task_back(struct web *w, const char *other);

/* --- routes --- */
struct err *task_list(struct web *w);
struct err *task_show(struct web *w);
struct err *task_new(struct web *w);
struct err *task_edit(struct web *w);
struct err *task_save(struct web *w);
struct err *task_done_post(struct web *w);
struct err *task_reopen_post(struct web *w);
struct err *task_wait_post(struct web *w);
struct err *task_cancel_post(struct web *w);
struct err *task_give_post(struct web *w);
struct err *task_step_post(struct web *w);
struct err *task_step_add_post(struct web *w);
struct err *panel_add_post(struct web *w);
struct err *work_page(struct web *w);
struct err *work_post(struct web *w);
struct err *handover_page(struct web *w);
struct err *handover_preview(struct web *w);
struct err *handover_post(struct web *w);
struct err *handover_show(struct web *w);
struct err *handover_undo(struct web *w);

/* --- tables of the feature --- */
extern const struct panel task_panels[];
extern const struct work_source task_work[];
struct err *task_repeat_job(struct web *w, const char *body);
/* The friendly form of a rule instead of its text; and what it sent, put into the form's `repeat`.
 */
struct err *repeat_input(struct web *w, const struct field *f, const void *record);
void repeat_take(struct web *w);

/* --- drawing --- */
/* One line of a task in lists of all kinds. `back` = address of the page that shows it. */
struct task_line {
    i64 number;
    const char *title, *due, *status, *waiting_for, *who;
    i64 steps_total, steps_done, blocked;
    bool may_work, repeats;
};
void task_draw_line(struct web *w, const struct task_line *l, const char *back);
/* The choice of a person among those who are here and whom this person may see, and `known`, whom
 * they know from the task (0 = nobody). Many people: a field with suggestions. */
struct people_choice {
    const char *name, *label;
    const char *nobody; /* text of the empty line */
    i64 known, chosen;
};
struct err *people_draw(struct web *w, const struct people_choice *c) MUST_CHECK;
/* The id of what such a field sent; ERR_MISSING with a sentence. */
struct err *person_named(struct web *w, const char *text, i64 known, i64 *out) MUST_CHECK;
extern const struct choice task_priorities[], task_statuses[];
