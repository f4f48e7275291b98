/* SPDX-License-Identifier: Apache-2.0 */
/* Inside core/rules only. */
#pragma once

#include "core/rules.h"

/* A statement of a rule file and where it starts. */
struct rule_text {
    const char *file, *sql;
    int line;
    int params; /* highest $n that is bound */
};
/* The tenant lint: ERR_BAD "file:line: ..." for what a rule may not contain. */
struct err *rule_lint(struct arena *a, const struct rule_text *text) MUST_CHECK;
