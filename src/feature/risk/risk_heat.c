/* SPDX-License-Identifier: Apache-2.0 */
/* How many open risks stand in each cell of the matrix, and the map that shows it. */
#include <pthread.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/kept.h"
#include "core/list.h"
#include "core/page.h"
#include "core/svg.h"
#include "feature/risk/risk_part.h"

/* --- bands --- */

struct err *risk_bands_load(struct web *w, struct risk_bands *out)
{
    const struct ids *blind;
    struct rows *r;

    TRY(kept_query(w, &r,
                   "select method, band, label, tone from method_band where org_id = $1"
                   " order by method, position",
                   DB_VALS(num(w->org)), 1));
    out->list = NEW_ARRAY(w->arena, struct risk_band_row, row_count(r) + 1);
    out->count = 0;
    while (row_next(r))
        out->list[out->count++] = (struct risk_band_row){.method = row_num(r, 0),
                                                         .band = row_text(r, 1),
                                                         .label = row_text(r, 2),
                                                         .tone = row_text(r, 3)};
    TRY(entity_veiled_ids(w, &risk_entity, &blind)); /* asked once for a request */
    out->blind = blind ? *blind : (struct ids){0};
    return NULL;
}

bool risk_is_blind(const struct risk_bands *bands, i64 risk)
{
    for (size_t i = 0; i < bands->blind.count; i++)
        if (bands->blind.id[i] == risk)
            return true;
    return false;
}

static const struct risk_band_row *band_row(const struct risk_bands *bands, i64 method,
                                            const char *band)
{
    for (size_t i = 0; band && i < bands->count; i++)
        if (bands->list[i].method == method && text_equal(bands->list[i].band, band))
            return &bands->list[i];
    return NULL;
}

const char *risk_tone(const struct risk_bands *bands, i64 method, const char *band)
{
    const struct risk_band_row *row = band_row(bands, method, band);

    return row ? row->tone : "";
}

void risk_chip(struct web *w, const struct risk_bands *bands, const struct risk *r,
               enum risk_kind kind)
{
    const struct risk_band_row *row = band_row(bands, r->method, risk_band(r, kind));

    if (r->id && risk_is_blind(bands, r->id))
        html(w->html, "<span class='mute'>{hidden until you have scored}</span>");
    else if (!risk_score(r, kind))
        html(w->html, "<span class='mute'>{not scored}</span>");
    else
        level_chip(w, risk_score(r, kind), row ? page_lower(w, row->label) : risk_band(r, kind),
                   row ? row->tone : "");
}

/* --- counts --- */

#define SLOTS 64

/* A value read in a snapshot is kept under the log's length in that snapshot, so it can never be
 * wrong for a reader of the same length. */
struct kept {
    i64 org, changes, acceptance;
    enum risk_kind kind;
    struct risk_heat heat;
};
static struct kept kept[SLOTS];
static pthread_mutex_t kept_lock = PTHREAD_MUTEX_INITIALIZER;

static struct kept *slot_of(i64 org, enum risk_kind kind)
{
    u64 h = (u64)org * 0x9e3779b97f4a7c15ULL + (u64)kind * 0xc2b2ae3d27d4eb4fULL;

    return &kept[(h ^ h >> 32) % SLOTS];
}

static bool kept_find(const struct kept *key, struct risk_heat *out)
{
    struct kept *slot = slot_of(key->org, key->kind);
    bool hit;

    pthread_mutex_lock(&kept_lock);
    hit = slot->org == key->org && slot->changes == key->changes && slot->kind == key->kind &&
          slot->acceptance == key->acceptance;
    if (hit)
        *out = slot->heat;
    pthread_mutex_unlock(&kept_lock);
    return hit;
}

static void kept_store(const struct kept *value)
{
    pthread_mutex_lock(&kept_lock);
    *slot_of(value->org, value->kind) = *value;
    pthread_mutex_unlock(&kept_lock);
}

/* The length of the log; 0 = nothing may be kept: outside a transaction, or in one that writes, the
 * figures and the length need not belong together. */
static struct err *changes_now(struct web *w, i64 *out)
{
    struct rows *r;

    *out = 0;
    if (w->writable || !db_in_transaction(w->db))
        return NULL;
    if (w->asof) { /* the past does not change; an instant is no length of a log */
        *out = w->asof;
        return NULL;
    }
    if (w->changes) {
        *out = w->changes - 1;
        return NULL;
    }
    TRY(db_query(w->db, &r, "select n from audit_frontier where org_id = $1", num(w->org)));
    if (row_next(r))
        *out = row_num(r, 0);
    return NULL;
}

/* Those without a score come too, in no cell. */
static struct err *count_cells(struct web *w, enum risk_kind kind, struct rows **r)
{
    if (kind == RISK_INHERENT)
        return db_query(w->db, r,
                        "select inherent_likelihood, inherent_impact, count(*) from risk"
                        " where org_id = $1 and state = 'open'"
                        " group by inherent_likelihood, inherent_impact",
                        num(w->org));
    if (kind == RISK_RESIDUAL)
        return db_query(w->db, r,
                        "select residual_likelihood, residual_impact, count(*) from risk"
                        " where org_id = $1 and state = 'open'"
                        " group by residual_likelihood, residual_impact",
                        num(w->org));
    return db_query(w->db, r,
                    "select current_likelihood, current_impact, count(*) from risk"
                    " where org_id = $1 and state = 'open'"
                    " group by current_likelihood, current_impact",
                    num(w->org));
}

/* While risks move to a new version of the method, each is counted where it comes to stand: those
 * that have the version before by its map. */
static struct err *count_moving(struct web *w, enum risk_kind kind, i64 method, struct rows **r)
{
    return db_query(
        w->db, r,
        "select coalesce(v.new_likelihood, k.l), coalesce(v.new_impact, k.i), count(*) from"
        " (select org_id, method, case when $3 = 0 then inherent_likelihood when $3 = 1 then"
        " current_likelihood else residual_likelihood end as l, case when $3 = 0 then"
        " inherent_impact when $3 = 1 then current_impact else residual_impact end as i from risk"
        " where org_id = $1 and state = 'open') k left join method_moved v on v.org_id = k.org_id"
        " and v.target = $2 and v.method = k.method and v.likelihood = k.l and v.impact = k.i"
        " where k.org_id = $1 and k.l is not null group by 1, 2",
        num(w->org), num(method), num(kind));
}

struct err *risk_moving(struct web *w, const struct method *m, i64 *left, i64 *open)
{
    struct rows *r;

    *left = *open = 0;
    /* Asked for each page: answered by an index as long as nothing moves. */
    TRY(db_query(w->db, &r,
                 "select v.method from method_moved v where v.org_id = $1 and v.target = $2"
                 " and exists (select 1 from risk k where k.org_id = v.org_id"
                 " and k.method = v.method) limit 1",
                 num(w->org), num(m->id)));
    if (!row_next(r))
        return NULL;
    TRY(db_query(w->db, &r,
                 "select count(*) from risk k where k.org_id = $1 and k.state = 'open'"
                 " and k.method in (select distinct v.method from method_moved v"
                 " where v.org_id = $1 and v.target = $2)",
                 num(w->org), num(m->id)));
    *left = row_next(r) ? row_num(r, 0) : 0;
    if (!*left)
        return NULL;
    TRY(db_query(w->db, &r, "select count(*) from risk where org_id = $1 and state = 'open'",
                 num(w->org)));
    *open = row_next(r) ? row_num(r, 0) : 0;
    return NULL;
}

static struct err *count_all(struct web *w, enum risk_kind kind, const struct method *m,
                             struct risk_heat *out)
{
    struct rows *r;
    i64 open;

    memset(out, 0, sizeof(*out));
    TRY(risk_moving(w, m, &out->moving, &open));
    TRY(out->moving ? count_moving(w, kind, m->id, &r) : count_cells(w, kind, &r));
    while (row_next(r)) {
        i64 l = row_num(r, 0), i = row_num(r, 1);

        out->open += row_num(r, 2);
        if (l > 0 && l <= RISK_LEVELS_MOST && i > 0 && i <= RISK_LEVELS_MOST)
            out->cells[l][i] = row_num(r, 2);
    }
    if (w->asof) { /* scores are not kept for the past: only the cells are known */
        out->open = 0;
        return NULL;
    }
    TRY(db_query(w->db, &r,
                 "select count(*) from risk where org_id = $1 and treated = 0 and score > $2",
                 num(w->org), num(m->acceptance)));
    out->waiting = row_next(r) ? row_num(r, 0) : 0;
    TRY(db_query(w->db, &r,
                 "select count(*) from risk where org_id = $1 and state = 'open' and score is null",
                 num(w->org)));
    out->unscored = row_next(r) ? row_num(r, 0) : 0;
    if (!out->moving) /* else the rows were those with a score only */
        return NULL;
    TRY(db_query(w->db, &r, "select count(*) from risk where org_id = $1 and state = 'open'",
                 num(w->org)));
    out->open = row_next(r) ? row_num(r, 0) : 0;
    return NULL;
}

/* One risk, where it stands in the map. */
static struct err *place_one(struct web *w, enum risk_kind kind, const struct method *m, i64 id,
                             struct rows **r)
{
    return db_query(
        w->db, r,
        "select coalesce(v.new_likelihood, k.l), coalesce(v.new_impact, k.i) from"
        " (select org_id, method, case when $4 = 0 then inherent_likelihood when $4 = 1 then"
        " current_likelihood else residual_likelihood end as l, case when $4 = 0 then"
        " inherent_impact when $4 = 1 then current_impact else residual_impact end as i from risk"
        " where org_id = $1 and id = $3 and state = 'open') k left join method_moved v"
        " on v.org_id = k.org_id and v.target = $2 and v.method = k.method"
        " and v.likelihood = k.l and v.impact = k.i where k.org_id = $1",
        num(w->org), num(m->id), num(id), num(kind));
}

/* What this person may not see yet is not counted for them, wherever it stands. */
static struct err *take_hidden(struct web *w, enum risk_kind kind, const struct method *m,
                               struct risk_heat *heat)
{
    const struct ids *blind;
    struct risk one;
    struct rows *r;

    TRY(entity_veiled_ids(w, &risk_entity, &blind));
    for (size_t k = 0; blind && k < blind->count; k++) {
        TRY(place_one(w, kind, m, blind->id[k], &r));
        if (!row_next(r)) /* closed */
            continue;
        heat->hidden++;
        if (row_num(r, 0) > 0 && row_num(r, 0) <= RISK_LEVELS_MOST && row_num(r, 1) > 0 &&
            row_num(r, 1) <= RISK_LEVELS_MOST)
            heat->cells[row_num(r, 0)][row_num(r, 1)]--;
        if (w->asof)
            continue;
        TRY(entity_load_any(w, &risk_entity, blind->id[k], &one));
        heat->open--;
        heat->unscored -= !one.score;
        heat->waiting -= !one.treated && one.score > m->acceptance;
    }
    return NULL;
}

static struct err *load_all(struct web *w, enum risk_kind kind, const struct method *m,
                            struct risk_heat *out)
{
    struct kept key = {.org = w->org, .kind = kind, .acceptance = m->acceptance};

    TRY(changes_now(w, &key.changes));
    if (key.changes && kept_find(&key, out))
        return NULL;
    TRY(count_all(w, kind, m, out));
    key.heat = *out;
    if (key.changes)
        kept_store(&key);
    return NULL;
}

struct err *risk_heat_load(struct web *w, enum risk_kind kind, const struct method *m,
                           struct risk_heat *out)
{
    TRY(load_all(w, kind, m, out));
    return take_hidden(w, kind, m, out);
}

/* --- the map --- */

/* The value of a filter "field = n" of the list; 0 = none. */
static i64 filtered_by(const struct list_query *q, const char *name)
{
    for (size_t i = 0; q && i < q->nfilters; i++)
        if (q->filters[i].field && q->filters[i].how == LIST_IS &&
            text_equal(q->filters[i].field->name, name))
            return q->filters[i].num;
    return 0;
}

static const char *cell_address(struct web *w, enum risk_kind kind, i64 likelihood, i64 impact)
{
    const struct risk_level *l = &risk_levels[kind];

    return web_url(w, "/risks?state=open&%s=%lld&%s=%lld%s%s", l->likelihood, likelihood, l->impact,
                   impact,
                   kind == RISK_CURRENT ? "" : "&tab=", kind == RISK_CURRENT ? "" : l->code);
}

static struct err *axis_labels(struct web *w, const struct method *m, const char *axis,
                               const char ***out)
{
    struct method_level *levels;
    size_t n;

    TRY(method_levels(w, m->id, axis, &levels, &n));
    *out = NEW_ARRAY(w->arena, const char *, RISK_LEVELS_MOST + 1);
    for (size_t i = 0; i < n; i++)
        if (levels[i].level >= 1 && levels[i].level <= RISK_LEVELS_MOST)
            (*out)[levels[i].level - 1] =
                arena_printf(w->arena, "%lld (%s)", levels[i].level, tr(levels[i].label));
    return NULL;
}

static struct err *fill_cells(struct web *w, enum risk_kind kind, const struct method *m,
                              const struct list_query *q, const struct risk_heat *heat,
                              struct heat_cell *cells)
{
    i64 at_likelihood = filtered_by(q, risk_levels[kind].likelihood);
    i64 at_impact = filtered_by(q, risk_levels[kind].impact);
    struct rows *r;

    TRY(kept_query(w, &r,
                   "select c.likelihood, c.impact, b.tone from method_cell c join method_band b"
                   " on b.org_id = c.org_id and b.method = c.method and b.band = c.band"
                   " where c.org_id = $1 and c.method = $2",
                   DB_VALS(num(w->org), num(m->id)), 2));
    while (row_next(r)) {
        i64 l = row_num(r, 0), i = row_num(r, 1);

        if (l < 1 || l > m->levels || i < 1 || i > m->impact_levels)
            continue;
        cells[(l - 1) * m->impact_levels + i - 1] = (struct heat_cell){
            .count = heat->cells[l][i],
            .tone = row_text(r, 2),
            .address = heat->cells[l][i] ? cell_address(w, kind, l, i) : NULL,
            .current = l == at_likelihood && i == at_impact,
        };
    }
    return NULL;
}

static void draw_sentence(struct web *w, const struct method *m, const struct risk_heat *heat)
{
    struct html *h = w->html;

    html(h, "<p class='mt-3 mb-0 mute'>{Acceptance level:} <strong>%lld</strong>. ", m->acceptance);
    if (heat->hidden)
        html(h,
             "{%lld risk is not in the map for you until you have scored it. |%lld risks are not "
             "in the map for you until you have scored them. }",
             heat->hidden, heat->hidden);
    if (w->asof) {
        html(h, "</p>");
        return;
    }
    if (heat->waiting)
        html(h,
             "<a href='%s'>{%lld risk above it waits for a decision|%lld risks above it wait for a "
             "decision}</a>. ",
             web_url(w, "/risks?score.min=%lld&treated=0", m->acceptance + 1), heat->waiting,
             heat->waiting);
    else
        html(h, "{No risk above it waits for a decision.} ");
    if (heat->unscored)
        html(h,
             "<a href='%s'>{%lld risk is not scored and not in the map|%lld risks are not scored "
             "and not "
             "in the map}</a>. ",
             web_url(w, "/risks?state=open&score=none"), heat->unscored, heat->unscored);
    html(h, "{Choose a cell to see its risks.}</p>");
}

struct err *risk_heat_draw(struct web *w, enum risk_kind kind, const struct list_query *q)
{
    const char **likelihoods, **impacts;
    struct heat_cell *cells;
    struct risk_heat heat;
    struct method m;

    TRY(method_current(w, &m));
    if (m.levels < 1 || m.levels > RISK_LEVELS_MOST || m.impact_levels < 1 ||
        m.impact_levels > RISK_LEVELS_MOST)
        return NULL;
    TRY(risk_heat_load(w, kind, &m, &heat));
    cells = NEW_ARRAY(w->arena, struct heat_cell, (size_t)(m.levels * m.impact_levels));
    TRY(fill_cells(w, kind, &m, q, &heat, cells));
    TRY(axis_labels(w, &m, "likelihood", &likelihoods));
    TRY(axis_labels(w, &m, "impact", &impacts));
    card_begin(w, "Likelihood × impact", NULL);
    html(w->html, "<nav class='btn-list mb-3' aria-label='{Kind of level}'>");
    for (enum risk_kind k = RISK_INHERENT; k < RISK_KINDS; k++)
        html(w->html, "<a class='filter'%s href='%s'>%s</a>", k == kind ? " aria-current=true" : "",
             web_url(w, "/risks?tab=%s", risk_levels[k].code), tr(risk_levels[k].label));
    html(w->html, "</nav>");
    heat_map(w, &(struct heat){
                    .title = arena_printf(w->arena, tr("Open risks by likelihood and impact: %s"),
                                          tr(risk_levels[kind].label)),
                    .row_axis = "Likelihood",
                    .column_axis = "Impact",
                    .row_labels = likelihoods,
                    .column_labels = impacts,
                    .noun = "risks",
                    .rows = (size_t)m.levels,
                    .columns = (size_t)m.impact_levels,
                    .cells = cells,
                });
    draw_sentence(w, &m, &heat);
    if (heat.moving)
        page_notice(w, "info",
                    "A new version of the risk method was put in force: %lld of %lld open risks "
                    "are moved to its scales. The map shows all of them by the new version "
                    "already; lists by levels follow when the move is done.",
                    heat.open - heat.moving, heat.open);
    card_end(w);
    return NULL;
}
