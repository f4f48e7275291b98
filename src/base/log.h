/* SPDX-License-Identifier: Apache-2.0 */
/* The operator's log on standard error: one event, one line, `time level event key=value ...`;
 * control characters, quotes and line separators in values are escaped, so no value can forge a
 * line (trust.md check 61). Not the tamper-evident log, which is core/trail. */
#pragma once

#include "base/types.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

void log_set_level(enum log_level level);
/* log_event(LOG_INFO, "request", "status=%d path=%s", ...): values with spaces are quoted. The
 * formatted text is escaped as a whole; do not pass secrets. */
void log_event(enum log_level level, const char *event, const char *format, ...) PRINTF(3, 4);
