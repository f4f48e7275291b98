/* SPDX-License-Identifier: Apache-2.0 */
/* Inside core only: what the files of forms share. */
#pragma once

#include "core/page.h"

struct input_field {
    struct web *w;
    const struct field *f;
    const void *record;
    const char *error; /* or NULL */
    const char *sent;  /* show what was sent, even when it could not be understood; or NULL */
    bool required;
};

/* Attributes that tie a control to its hint and error, and "required". */
void form_aria(const struct input_field *in);
void form_select_begin(const struct input_field *in);
void form_option(struct web *w, const char *value, const char *label, const char *chosen);
/* One box; `checked` counts unless the form is drawn again with what was sent. */
void form_box(const struct input_field *in, const char *value, const char *label, bool checked);
/* The controls of REF, REFS, RECORD_REF and of REFS to any record. */
struct err *form_reference(const struct input_field *in) MUST_CHECK;
struct err *form_references(const struct input_field *in) MUST_CHECK;
struct err *form_record(const struct input_field *in) MUST_CHECK;
struct err *form_records(const struct input_field *in) MUST_CHECK;
