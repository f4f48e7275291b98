/* SPDX-License-Identifier: Apache-2.0 */
/* Inside feature/assessment only. */
#pragma once

#include "feature/assessment/assessment.h"

/* A frozen register, read back. */
struct report {
    struct web *w;
    const json_t *whole, *bands;
    const json_t **risks; /* highest first */
    size_t count;
    struct rows *people; /* number, name */
};
#define TOP 10
struct err *report_open(struct web *w, const char *body, struct report *out) MUST_CHECK;
/* A member of an object; "" or 0 when it is not there. */
const char *report_text(const json_t *o, const char *name);
i64 report_num(const json_t *o, const char *name);
/* The name of a person today, by number. */
const char *report_person(const struct report *p, i64 number);
/* Label and tone of a band, as they were. */
void report_band(const struct report *p, const char *code, const char **label, const char **tone);
size_t report_count(const struct report *p, const char *band); /* risks in a band */

/* Draws a frozen register: figures per band, the ten highest risks, all of them. */
struct err *assessment_report(struct web *w, const char *body) MUST_CHECK;

/* Pages. */
struct err *assessment_show(struct web *w);
struct err *assessment_close_prepare(struct web *w);
struct err *assessment_close(struct web *w);
struct err *assessment_decide(struct web *w);
struct err *assessment_pdf(struct web *w); /* the report as a file */
