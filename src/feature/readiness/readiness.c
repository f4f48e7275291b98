/* SPDX-License-Identifier: Apache-2.0 */
/* Arithmetic and steps: pure functions over the results of the rules. */
#include "feature/readiness/readiness.h"

#include <stddef.h>

#include "base/text.h"

static int weight(enum severity s)
{
    return s == SEVERITY_MAJ ? 5 : s == SEVERITY_MIN ? 2 : 1;
}

static void count_failing(struct readiness_score *s, enum severity severity)
{
    s->majors += severity == SEVERITY_MAJ;
    s->minors += severity == SEVERITY_MIN;
    s->improvements += severity == SEVERITY_OFI;
}

void readiness_score(const struct rule_result *results, const bool *counts, size_t n,
                     struct readiness_score *out)
{
    int all = 0, passed = 0;

    *out = (struct readiness_score){.any = false};
    for (size_t i = 0; i < n; i++) {
        const struct rule_result *r = &results[i];

        if ((counts && !counts[i]) || (r->status != RULE_PASS && r->status != RULE_FAIL))
            continue;
        out->due++;
        all += weight(r->severity);
        if (r->status == RULE_PASS) {
            passed += weight(r->severity);
            out->passed++;
        } else {
            count_failing(out, r->severity);
        }
    }
    if (!all)
        return;
    out->any = true;
    out->raw = (passed * 1000 * 2 + all) / (all * 2); /* rounded to a tenth */
    out->capped = out->majors > 0 && out->raw > 590;
    out->tenths = out->capped ? 590 : out->raw;
}

int readiness_percent(const struct readiness_score *s)
{
    return s->tenths / 10;
}

/* A rule of the step that is at least so severe does not hold. */
static bool step_fails(const struct rule_result *results, size_t n, int step, enum severity least)
{
    for (size_t i = 0; i < n; i++)
        if (results[i].rule->from == step && results[i].status == RULE_FAIL &&
            results[i].severity >= least)
            return true;
    return false;
}

/* True when work of the step exists, or a rule of it found something: where nothing was done,
 * nothing fails. */
static bool step_begun(const struct rule_result *results, size_t n, int step, unsigned worked)
{
    for (size_t i = 0; i < n; i++)
        if (results[i].rule->from == step &&
            (results[i].status == RULE_PASS || results[i].status == RULE_FAIL))
            return true;
    return worked & 1u << step;
}

/* Where the organisation is: the first step not reached, not begun or with a major; else the first
 * that is not done; else the first that people do without records here. */
static int step_now(const struct rule_result *results, size_t n,
                    const struct readiness_steps *steps, unsigned worked)
{
    for (int s = 1; s <= RULE_STEPS; s++)
        if (steps->kept & 1u << s &&
            (!(steps->reached & 1u << s) || !step_begun(results, n, s, worked) ||
             step_fails(results, n, s, SEVERITY_MAJ)))
            return s;
    for (int s = 1; s <= RULE_STEPS; s++)
        if (steps->kept & 1u << s && !(steps->done & 1u << s))
            return s;
    for (int s = 1; s <= RULE_STEPS; s++)
        if (!(steps->kept & 1u << s))
            return s;
    return RULE_STEPS;
}

void readiness_steps(const struct rule_result *results, size_t n, unsigned work, unsigned stored,
                     struct readiness_steps *steps)
{
    bool all_done = true;

    steps->reached = steps->done = 0;
    for (int s = 1; s <= RULE_STEPS; s++) {
        unsigned bit = 1u << s;

        if (!(steps->kept & bit))
            continue;
        if ((work | stored) & bit || all_done)
            steps->reached |= bit;
        if (steps->reached & bit && !step_fails(results, n, s, SEVERITY_MIN) &&
            step_begun(results, n, s, work | stored))
            steps->done |= bit;
        all_done = all_done && steps->done & bit;
    }
    steps->now = step_now(results, n, steps, work | stored);
}

bool readiness_due(const struct readiness_steps *steps, int from)
{
    for (int s = 1; s <= from && s <= RULE_STEPS; s++)
        if (steps->kept & 1u << s && !(steps->reached & 1u << s))
            return false;
    return true;
}

const struct rule_result *readiness_result(const struct readiness *r, const char *id)
{
    for (size_t i = 0; i < r->count; i++)
        if (text_equal(r->results[i].rule->id, id))
            return &r->results[i];
    return NULL;
}

int readiness_step_percent(const struct readiness *r, int step)
{
    int all = 0, passed = 0;

    if (!(r->steps.reached & 1u << step))
        return 0;
    for (size_t i = 0; i < r->count; i++) {
        const struct rule_result *x = &r->results[i];

        if (x->rule->from != step || (x->status != RULE_PASS && x->status != RULE_FAIL))
            continue;
        all += weight(x->severity);
        passed += x->status == RULE_PASS ? weight(x->severity) : 0;
    }
    if (!all)
        return r->steps.done & 1u << step ? 100 : 0;
    return passed * 100 / all;
}

const struct rule_result *readiness_next(const struct readiness *r)
{
    const struct rule_result *best = NULL;

    for (size_t i = 0; i < r->count; i++) {
        const struct rule_result *x = &r->results[i];

        if (!r->due[i] || x->status != RULE_FAIL)
            continue;
        if (!best || x->severity > best->severity ||
            (x->severity == best->severity && x->rule->from < best->rule->from))
            best = x;
    }
    return best;
}
