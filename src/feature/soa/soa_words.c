/* SPDX-License-Identifier: Apache-2.0 */
/* The statement in the reader's language. What is frozen is English, one text for all readers: it
 * is translated where it is shown, and so are names that the program supplied. What people wrote
 * stays as they wrote it. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "feature/soa/soa_part.h"

/* What stands for the one %s of `english` when `text` was made of it; NULL when it was not. */
static const char *gap_of(struct arena *a, const char *english, const char *text)
{
    const char *gap = strstr(english, "%s");
    size_t before = (size_t)(gap - english), after = strlen(gap + 2), size = strlen(text);

    if (size < before + after || strncmp(text, english, before) != 0 ||
        strcmp(text + size - after, gap + 2) != 0)
        return NULL;
    return arena_strn(a, text + before, size - before - after);
}

const char *soa_reason_told(struct web *w, const struct soa_reason *r)
{
    const char *rest;

    if (text_equal(r->kind, "contract") && (rest = gap_of(w->arena, "Contract: %s", r->label)))
        return arena_printf(w->arena, tr("Contract: %s"), words_supplied(w->arena, rest));
    if (text_equal(r->kind, "expectation") &&
        (rest = gap_of(w->arena, "Expectation: %s", r->label)))
        return arena_printf(w->arena, tr("Expectation: %s"), words_supplied(w->arena, rest));
    return words_supplied(w->arena, r->label);
}

/* "Acme, 12 assets in scope" */
static const char *scope_told(struct web *w, const char *text)
{
    const char *front = gap_of(w->arena, "%s assets in scope", text), *rest, *comma;
    i64 n;

    if (front && (comma = strrchr(front, ',')) && text_i64(comma + 2, &n))
        return arena_printf(w->arena,
                            tr_n("%s, %lld asset in scope", "%s, %lld assets in scope", n),
                            arena_strn(w->arena, front, (size_t)(comma - front)), n);
    rest = gap_of(w->arena, "%s, no assets registered yet", text);
    return rest ? arena_printf(w->arena, tr("%s, no assets registered yet"), rest) : text;
}

void soa_facts_told(struct web *w, struct soa_table *t)
{
    t->scope = scope_told(w, t->scope);
    t->method = text_equal(t->method, "not approved") ? tr("not approved") : t->method;
    t->assessment = text_equal(t->assessment, "none closed") ? tr("none closed") : t->assessment;
}

const char *soa_state_told(const struct soa *s)
{
    const struct choice *c = choice_find(entity_field(&soa_entity, "state")->choices, s->state);

    return c ? tr(c->label) : s->state;
}
