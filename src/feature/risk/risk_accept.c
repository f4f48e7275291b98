/* SPDX-License-Identifier: Apache-2.0 */
/* Suggestions become risks, or are put aside, because somebody says so. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/content.h"
#include "feature/asset/asset.h"
#include "feature/organisation/organisation.h"
#include "feature/risk/risk_part.h"

/* The candidates of one future risk. */
struct group {
    const struct risk_candidate **list;
    size_t count;
};

static const struct risk_candidate *find_candidate(const struct risk_candidates *c, const char *key)
{
    for (size_t i = 0; i < c->count; i++)
        if (strcmp(c->list[i].key, key) == 0)
            return &c->list[i];
    return NULL;
}

static bool in_groups(const struct group *groups, size_t n, const struct risk_candidate *c)
{
    for (size_t g = 0; g < n; g++)
        for (size_t i = 0; i < groups[g].count; i++)
            if (groups[g].list[i] == c)
                return true;
    return false;
}

/* The group of the same threat and weakness; a new one when there is none or none is wanted. */
static struct group *group_for(struct web *w, struct group *groups, size_t *n, bool combine,
                               const struct risk_candidate *c, size_t room)
{
    struct group *new;

    for (size_t g = 0; combine && g < *n; g++)
        if (strcmp(groups[g].list[0]->threat, c->threat) == 0 &&
            strcmp(groups[g].list[0]->vulnerability, c->vulnerability) == 0)
            return &groups[g];
    new = &groups[(*n)++];
    new->list = NEW_ARRAY(w->arena, const struct risk_candidate *, combine ? room : 1);
    return new;
}

static const char *title_of(struct web *w, const struct group *g)
{
    struct risk_candidate c = *g->list[0];

    if (g->count > 1)
        c.asset_name = arena_printf(w->arena, tr("%s and %zu more"), risk_cut(w, c.asset_name, 120),
                                    g->count - 1);
    return risk_candidate_title(w, &c);
}

static bool said_before(const struct group *g, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (text_equal(g->list[k]->reason, g->list[i]->reason))
            return true;
    return false;
}

/* One way there: the reason. Several: one line for each, with the assets that it is about. */
static const char *description_of(struct web *w, const struct group *g)
{
    size_t ways = 0;
    struct buf b;

    for (size_t i = 0; i < g->count; i++)
        ways += !said_before(g, i);
    if (ways == 1)
        return g->list[0]->reason;
    buf_init(&b, w->arena, 1024);
    for (size_t i = 0; i < g->count && b.size < 8000; i++) {
        if (said_before(g, i))
            continue;
        buf_printf(&b, "%s%s", i ? "\n" : "", g->list[i]->asset_name);
        for (size_t k = i + 1; k < g->count; k++)
            if (text_equal(g->list[k]->reason, g->list[i]->reason))
                buf_printf(&b, ", %s", g->list[k]->asset_name);
        buf_printf(&b, ": %s", g->list[i]->reason);
    }
    return b.data;
}

static void propose_levels(struct web *w, const struct group *g, struct risk *r)
{
    i64 likelihood = 0, impact = 0;

    for (size_t i = 0; i < g->count; i++) {
        likelihood = g->list[i]->likelihood > likelihood ? g->list[i]->likelihood : likelihood;
        impact = g->list[i]->impact > impact ? g->list[i]->impact : impact;
    }
    if (!likelihood || !impact)
        return; /* an asset without value gives no impact: the risk stays unscored */
    r->inherent_likelihood = likelihood;
    r->inherent_impact = impact;
    r->rationale = arena_printf(
        w->arena,
        tr_n("Taken over from the catalogue: likelihood %lld is typical without controls, impact "
             "%lld follows from the value of the asset. To be confirmed by the owner.",
             "Taken over from the catalogue: likelihood %lld is typical without controls, impact "
             "%lld follows from the value of the assets. To be confirmed by the owner.",
             (i64)g->count),
        likelihood, impact);
}

static struct err *create(struct web *w, const struct group *g, const struct risk_acceptance *given,
                          i64 owner, struct issues *out, struct risk_accepted *done)
{
    const struct risk_candidate *c = g->list[0];
    i64 *assets = NEW_ARRAY(w->arena, i64, g->count);
    struct risk r = {.title = title_of(w, g),
                     .description = description_of(w, g),
                     .threat = c->threat,
                     .vulnerability = c->vulnerability,
                     .owner = owner ? owner : c->asset_owner,
                     .origin = "suggested",
                     .seed = c->key};

    for (size_t i = 0; i < g->count; i++) {
        assets[i] = g->list[i]->asset;
        r.properties |= g->list[i]->properties;
    }
    r.assets = (struct ids){assets, g->count};
    if (given->scores)
        propose_levels(w, g, &r);
    TRY(entity_write(w, &risk_entity, &r, "accepted from the suggestions", out));
    if (out->count)
        return err_new(ERR_INVALID, "“%s” cannot be accepted: %s", risk_cut(w, r.title, 80),
                       out->list[0].text);
    done->ids[done->created] = r.id;
    done->numbers[done->created++] = r.number;
    done->merged += g->count - 1;
    return NULL;
}

static struct err *owner_of(struct web *w, const char *text, i64 *owner, struct issues *out)
{
    struct err *e;

    *owner = 0;
    if (text_empty(text))
        return NULL;
    e = entity_find(w, &person_entity, text, owner);
    if (!e || (e->code != ERR_MISSING && e->code != ERR_CLASH))
        return e;
    issue(out, "owner", "There is no person “%.60s” here. Choose the owner again.", text);
    return NULL;
}

struct err *risk_accept_suggestions(struct web *w, const struct risk_acceptance *given,
                                    struct issues *out, struct risk_accepted *done)
{
    struct group *groups = NEW_ARRAY(w->arena, struct group, given->count + 1);
    struct risk_candidates all;
    size_t n = 0;
    i64 owner;

    *done = (struct risk_accepted){.ids = NEW_ARRAY(w->arena, i64, given->count + 1),
                                   .numbers = NEW_ARRAY(w->arena, i64, given->count + 1)};
    TRY(web_need(w, &risk_write));
    TRY(owner_of(w, given->owner, &owner, out));
    if (out->count)
        return NULL;
    TRY(risk_suggest(w, 0, &all));
    for (size_t i = 0; i < given->count; i++) {
        const struct risk_candidate *c = find_candidate(&all, given->keys[i]);
        struct group *g;

        if (!c || in_groups(groups, n, c)) {
            done->skipped++;
            continue;
        }
        g = group_for(w, groups, &n, given->combine, c, given->count);
        g->list[g->count++] = c;
    }
    for (size_t i = 0; i < n; i++)
        TRY(create(w, &groups[i], given, owner, out, done));
    return NULL;
}

/* --- dismissing --- */

struct err *risk_dismiss(struct web *w, const char *const *keys, size_t n, const char *reason,
                         struct issues *out, size_t *done)
{
    struct risk_candidates all;

    *done = 0;
    TRY(web_need(w, &dismissal_write));
    if (text_length(text_trim(w->arena, reason ? reason : "")) < 4) {
        issue(out, "reason", "Say in a few words why the suggestions do not fit.");
        return NULL;
    }
    TRY(risk_suggest(w, 0, &all));
    for (size_t i = 0; i < n; i++) {
        const struct risk_candidate *c = find_candidate(&all, keys[i]);
        struct dismissal d = {
            .subject = "risk", .key = keys[i], .reason = text_trim(w->arena, reason)};
        bool again = false;

        for (size_t k = 0; k < i; k++)
            again |= strcmp(keys[k], keys[i]) == 0;
        if (!c || again)
            continue;
        d.title = risk_candidate_title(w, c);
        TRY(entity_write(w, &dismissal_entity, &d, NULL, out));
        if (out->count)
            return err_new(ERR_INVALID, "“%s” cannot be dismissed: %s", risk_cut(w, d.title, 80),
                           out->list[0].text);
        (*done)++;
    }
    return NULL;
}

struct err *risk_take_back(struct web *w, const char *key)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select id, version from dismissal where org_id = $1 and subject = 'risk'"
                 " and key = $2",
                 num(w->org), str(key ? key : "")));
    if (!row_next(r))
        return err_new(ERR_MISSING, "This suggestion is not dismissed.");
    return entity_remove(w, &dismissal_entity, row_num(r, 0), row_num(r, 1), "taken back");
}
