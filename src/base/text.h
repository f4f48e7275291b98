/* SPDX-License-Identifier: Apache-2.0 */
/* Text: UTF-8 checks, folding for search and unique keys, numbers, small string helpers. All text
 * inside the program is valid UTF-8 without NUL and without control characters but \n and \t. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"

/* True when `size` bytes are valid UTF-8 without NUL and forbidden control characters. */
bool text_valid(const char *text, size_t size);
/* Lower case, no accents, compatibility forms joined, spaces squeezed: the one folding of names and
 * search text (scale.md S4). "Ärzte  GmbH" -> "arzte gmbh", "Straße" -> "strasse". */
char *text_fold(struct arena *a, const char *text);
/* Whitespace at both ends removed; line ends become \n. */
char *text_trim(struct arena *a, const char *text);
/* A copy with the letters A to Z made small: for e-mail addresses. */
char *text_lower(struct arena *a, const char *text);
/* Number of code points. */
size_t text_length(const char *text);
/* A whole decimal number with optional sign, nothing before or after it. */
bool text_i64(const char *text, i64 *out);
bool text_equal(const char *a, const char *b); /* both NULL counts as equal */
bool text_empty(const char *text);             /* NULL, "" or only white space */
/* True when `list`, words joined by blanks, has the word. NULL has none and is none. */
bool text_word_in(const char *word, const char *list);
bool text_starts(const char *text, const char *prefix);
/* Splits at `separator`; parts are trimmed, empty ones left out. Returns how many. */
size_t text_split(struct arena *a, const char *text, char separator, char ***parts);
/* A looks-like-an-e-mail check: one @, no spaces or control characters, a dot-free local is fine.
 */
bool text_email(const char *text);
/* "how-to" from "How to": [a-z0-9-], at most 60 bytes, never empty ("x" if nothing is left). */
char *text_slug(struct arena *a, const char *text);
/* FNV-1a of the bytes, folded so that its low bits may choose a slot of a table. No secret. */
u64 text_hash(const char *text, size_t size);
/* Hundredths as programs write them: "-1250.00", never grouped. */
char *text_money(struct arena *a, i64 hundredths);
/* Percent-encodes for a query value or path segment. */
char *text_url(struct arena *a, const char *text);
