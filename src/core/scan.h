/* SPDX-License-Identifier: Apache-2.0 */
/* Virus scan by clamd, when app_config.scanner names one: its INSTREAM protocol over a Unix socket
 * ("unix:/run/clamav/clamd.ctl") or TCP ("127.0.0.1:3310"). */
#pragma once

#include "core/app.h"

/* Scans the file at `path`. `*result` says what came out ("clean, ClamAV 1.4.3/27..."), NULL
 * without a scanner. ERR_INVALID names the finding in a sentence about the file `name`; the refusal
 * is logged as "file.refused". When the scanner does not answer: ERR_BUSY, or, if it is optional, a
 * result that says so. In `prepare`. */
struct err *scan_file(struct web *w, const char *path, const char *name, const char **result)
    MUST_CHECK;
/* ERR_BAD when the text names no scanner. */
struct err *scan_check(const char *scanner) MUST_CHECK;
