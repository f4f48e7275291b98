/* SPDX-License-Identifier: Apache-2.0 */
/* Reasons that a rule composes in SQL ("was due on 2026-01-05") in the reader's language: the text
 * is held against the sentences below, and what stands at their gaps is put into the translated
 * one. A reason without gaps is translated as it is; one that fits nothing stays English. */
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "base/words.h"
#include "feature/readiness/readiness_part.h"

/* Of those that begin alike, the longer one first. */
static const char *const sentences[] = {
    N_("%s: neither recorded nor put aside with a reason"),
    N_("%s left but holds this role"),
    N_("%s left but owns this risk"),
    N_("%s left but owns this asset"),
    N_("%s left but owns this control"),
    N_("%s left but owns this requirement"),
    N_("%s left but has this task"),
    N_("%s level %s has no usable description"),
    N_("likelihood %s, elsewhere from %s to %s, and no reason is given"),
    N_("no threat of the family “%s” is used or put aside"),
    N_("nobody may accept it, says an axis of the risk method; level %s, acceptance level %s, no "
       "treatment"),
    N_("level %s, acceptance level %s, no treatment"),
    N_("accepted until %s"),
    N_("retained until %s"),
    N_("was due on %s and is still open"),
    N_("was due on %s"),
    N_("its level was last confirmed on %s"),
    N_("last reviewed on %s"),
    N_("no handling rule for %s"),
    N_("no labelling rule for %s"),
    N_("what remains is above %s, which nobody may accept, says the risk method"),
    N_("the newest one, begun on %s, is older than the %s months of the risk method"),
    N_("and by more than %s months"),
    N_("waits since %s"),
    N_("critical, and last assessed on %s"),
    N_("its entry was to be confirmed by %s"),
    N_("retired on %s and still there"),
    N_("it names an asset that is out of use: A-%s"),
};

const char *readiness_because(struct arena *a, const char *text)
{
    const char *whole = words_used() ? tr_find(text, strlen(text)) : text;

    return whole ? whole : words_composed(a, text, sentences, COUNT_OF(sentences));
}
