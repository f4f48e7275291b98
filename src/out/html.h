/* SPDX-License-Identifier: Apache-2.0 */
/* The HTML writer: printf whose %s escapes `<>&"'`. Formats are literals, attributes are quoted
 * with '. There is no raw conversion; trusted markup enters only by html_trusted (listed in
 * tools/trusted-markup.txt) and addresses with user text are made with text_url. Conversions:
 * %s (escaped; NULL prints nothing), %d %lld %zu %c %.1f, %%; % lld and % .1f write numbers as the
 * reader's language does.
 *
 * Words that people read stand in braces and are translated (base/words.h): "<h2>{Open
 * tasks}</h2>",
 * "{Due on %s}", "{%lld task|%lld tasks}" (the first number chooses the form; give the arguments
 * for both). Inside braces is plain text with conversions, no markup; it is escaped. */
#pragma once

#include "base/buf.h"

struct html {
    struct buf buf;
};

void html_init(struct html *h, struct arena *a);
#define html(h, ...) html_printf((h), "" __VA_ARGS__)
void html_printf(struct html *h, const char *format, ...) PRINTF(2, 3);
/* Text, escaped; new lines become <br>. */
void html_lines(struct html *h, const char *text);
/* Markup made by our own code from trusted parts. */
void html_trusted(struct html *h, const char *markup);
