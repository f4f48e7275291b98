/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of net share for reading text that a stranger wrote. Core uses server.h. */
#pragma once

#include "net/request.h"

#define FIELDS_MAX 20000 /* names in one query, form or cookie header */

/* ERR_BAD when a name that does not end in "[]" occurs twice. Sorts a copy of long lists, so that
 * 20,000 names chosen by an attacker cost no more than 20,000 honest ones. */
struct err *pairs_unique(struct arena *a, const struct pairs *p, const char *what) MUST_CHECK;
/* Makes every CR LF and lone CR of `text` one LF, in place; returns the new size. */
size_t normalize_lines(char *text, size_t size);
/* True for a name without control characters that is valid UTF-8 and not empty. */
bool name_valid(const char *text, size_t size);
/* True for the characters of an RFC 9110 token: header names, methods, cookie names. */
bool token_valid(const char *text, size_t size);
/* True when only printable ASCII: the quick way past the UTF-8 check. */
bool ascii_plain(const char *text, size_t size);
