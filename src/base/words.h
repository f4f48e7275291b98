/* SPDX-License-Identifier: Apache-2.0 */
/* The words of the interface in the reader's language. English is what the sources say; another
 * language is a gettext po file (po/de.po): msgid is the English text, msgstr what stands for it.
 * A thread works in one language at a time, like a C locale: the dispatcher sets it per request,
 * the mailer per reader. What has no translation is shown in English.
 *
 * Besides the fields that gettext knows, the po header tells how numbers and dates look:
 *     X-Thousands: .      X-Decimal: ,      X-Date: %d.%m.%Y */
#pragma once

#include <stdarg.h>

#include "base/arena.h"

struct words;

/* Reads a po text. A message marked c-format is left out, with one call of `wrong` (may be NULL)
 * that tells the line and why, when its conversions are not those of its msgid. Fuzzy and obsolete
 * messages are left out in silence. Never NULL; free with words_free. */
struct words *words_read(const char *po, size_t size, void (*wrong)(int line, const char *why));
void words_free(struct words *w);
size_t words_count(const struct words *w);

/* The language of this thread from now on; NULL = English. Returns what was used before. */
const struct words *words_use(const struct words *w);
const struct words *words_used(void);

/* The text in this thread's language; the text itself when there is none. Lives as long as the
 * words do. */
const char *tr(const char *english) __attribute__((format_arg(1)));
/* The form for `n` of a text with plural forms. */
const char *tr_n(const char *one, const char *many, i64 n)
    __attribute__((format_arg(1), format_arg(2)));
/* A stored text that may be one which the program supplied, also behind a code ("5.1 Policies for
 * information security"): in this thread's language then, else as it is. */
const char *words_supplied(struct arena *a, const char *text);
/* A stored text that was composed in English from one of `sentences` ("was due on %s"): the
 * sentence in this thread's language, with what stood at its gaps, dates and supplied texts there
 * as this language writes them. A text that fits none comes back as it is. Of sentences that begin
 * alike, the longer one first; at most four gaps, each %s. */
const char *words_composed(struct arena *a, const char *text, const char *const *sentences,
                           size_t n);
/* Makes a sentence known with which texts are composed ("Put into practice: %s"): words_supplied
 * finds it. Once each, while the program starts; it must live as long. */
void words_compose(const char *sentence);
/* Marks a text that is translated later, where it is shown: in tables and for `return`. */
#define N_(text) (text)
/* Like tr, but NULL when this language has nothing for it. For texts that are not NUL-terminated.
 */
const char *tr_find(const char *english, size_t size);

/* "1,234,567" as this language groups digits. */
const char *words_number(struct arena *a, i64 n);
/* Hundredths, grouped: "1,250.00". */
const char *words_money(struct arena *a, i64 hundredths);
/* An ISO date as this language writes it (English: as it is); what is no date comes back as is. */
const char *words_date(struct arena *a, const char *iso);
char words_thousands(void);
char words_decimal(void);
