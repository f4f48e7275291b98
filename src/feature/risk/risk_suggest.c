/* SPDX-License-Identifier: Apache-2.0 */
/* Which risks the catalogue suggests: asset type -> threat -> weakness, with a reason. The order is
 * the same for everybody: first the best chain of each valuable asset without a risk, so that none
 * is forgotten, then by weight, value of the asset and place in the catalogue. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/app.h"
#include "core/catalogue.h"
#include "core/content.h"
#include "feature/asset/asset.h"
#include "feature/organisation/organisation.h"
#include "feature/risk/risk_part.h"

#define VALUE_MEDIUM 3  /* R043 looks at assets from here on */
#define MOST_UNKNOWN 60 /* while the size of the organisation is not known */

/* --- a set of texts: what is a risk or dismissed already --- */

struct texts {
    const char **slots;
    size_t size; /* a power of two, at least twice the number of texts */
};

static size_t slot_of(const struct texts *t, const char *text)
{
    u64 h = 0xcbf29ce484222325ULL;
    size_t i;

    for (const char *p = text; *p; p++)
        h = (h ^ (unsigned char)*p) * 0x100000001b3ULL;
    i = (size_t)(h ^ h >> 29) & (t->size - 1);
    while (t->slots[i] && strcmp(t->slots[i], text) != 0)
        i = (i + 1) & (t->size - 1);
    return i;
}

static void texts_init(struct texts *t, struct arena *a, size_t count)
{
    t->size = 16;
    while (t->size < 2 * count)
        t->size *= 2;
    t->slots = NEW_ARRAY(a, const char *, t->size);
}

static void texts_add(struct texts *t, const char *text)
{
    t->slots[slot_of(t, text)] = text;
}

static bool texts_have(const struct texts *t, const char *text)
{
    return t->slots[slot_of(t, text)] != NULL;
}

static const char *pair_key(struct arena *a, i64 asset, const char *threat,
                            const char *vulnerability)
{
    return arena_printf(a, "%lld/%s/%s", asset, threat, vulnerability);
}

/* Seeds of risks, dismissed keys, and threat and weakness of every risk with each of its assets: a
 * risk that somebody wrote by hand, or that covers several assets, is not suggested again. The id
 * of an asset alone says that it has a risk. */
static struct err *load_taken(struct web *w, struct texts *out)
{
    struct rows *pairs, *covered, *seeds, *dismissed;

    TRY(db_query(w->db, &pairs,
                 "select l.target, r.threat, r.vulnerability from risk r join risk_assets l"
                 " on l.org_id = r.org_id and l.record = r.id where r.org_id = $1"
                 " and r.threat is not null and r.vulnerability is not null",
                 num(w->org)));
    TRY(db_query(w->db, &covered, "select distinct target from risk_assets where org_id = $1",
                 num(w->org)));
    TRY(db_query(w->db, &seeds, "select seed from risk where org_id = $1 and seed is not null",
                 num(w->org)));
    TRY(db_query(w->db, &dismissed,
                 "select key from dismissal where org_id = $1 and subject = 'risk'", num(w->org)));
    texts_init(out, w->arena,
               row_count(pairs) + row_count(covered) + row_count(seeds) + row_count(dismissed));
    while (row_next(pairs))
        texts_add(out,
                  pair_key(w->arena, row_num(pairs, 0), row_text(pairs, 1), row_text(pairs, 2)));
    while (row_next(covered))
        texts_add(out, arena_printf(w->arena, "%lld", row_num(covered, 0)));
    while (row_next(seeds))
        texts_add(out, row_text(seeds, 0));
    while (row_next(dismissed))
        texts_add(out, row_text(dismissed, 0));
    return NULL;
}

/* --- the catalogue against the profile --- */

struct link {
    const char *type, *threat, *vulnerability, *controls, *reason;
    i64 weight, likelihood, offset;
    unsigned properties; /* of the threat, those that matter for the type first */
};
struct links {
    struct link *list;
    size_t count, open;
};

static unsigned property_bits(const char *list)
{
    return (strchr(list, 'C') ? 1u : 0u) | (strchr(list, 'I') ? 2u : 0u) |
           (strchr(list, 'A') ? 4u : 0u);
}

static unsigned properties_of(const struct content *c, const char *threat, const char *type)
{
    const struct content_table *threats = content_table(c, "threats");
    const struct content_table *types = content_table(c, "asset_types");
    i64 threat_row = content_row(threats, threat);
    i64 type_row = content_row(types, type);
    unsigned of_threat =
        threat_row < 0 ? 7u
                       : property_bits(content_cell(threats, (size_t)threat_row, "properties"));
    unsigned of_type =
        type_row < 0 ? 7u : property_bits(content_cell(types, (size_t)type_row, "properties"));

    return of_threat & of_type ? of_threat & of_type : of_threat;
}

static i64 cell_num(const struct content_table *t, size_t row, const char *column)
{
    i64 n = 0;

    (void)text_i64(content_cell(t, row, column), &n);
    return n;
}

/* The organisation's own chains in use. */
static struct err *query_own_links(struct web *w, struct rows **out)
{
    return db_query(
        w->db, out,
        "select c.id, c.asset_type, c.threat, c.weakness, c.weight, c.likelihood,"
        " c.impact, c.reason, coalesce(t.properties, 0) from chain c"
        " left join threat t on t.org_id = c.org_id and t.code = c.threat"
        " where c.org_id = $1 and c.state = 'used' and not exists (select 1 from chain d"
        " where d.org_id = c.org_id and d.asset_type = c.asset_type"
        " and d.threat = c.threat and d.weakness = c.weakness and d.state = 'used'"
        " and d.id < c.id) order by c.id limit 2000",
        num(w->org));
}

/* "8.5;5.17", as the supplied chains name them. */
static struct err *own_controls(struct web *w, i64 chain, const char **out)
{
    struct rows *r;
    struct buf b;

    buf_init(&b, w->arena, 40);
    TRY(db_query(w->db, &r,
                 "select c.code from chain_controls l join control c on c.org_id = l.org_id"
                 " and c.id = l.target where l.org_id = $1 and l.record = $2 order by c.position,"
                 " c.id",
                 num(w->org), num(chain)));
    while (row_next(r))
        buf_printf(&b, "%s%s", b.size ? ";" : "", row_text(r, 0));
    *out = b.data;
    return NULL;
}

/* An own chain of the same three takes the place of a supplied one. */
static bool replaced(const struct content_table *t, size_t i, struct rows *own)
{
    row_rewind(own);
    while (row_next(own))
        if (text_equal(row_text(own, 1), content_cell(t, i, "asset_type")) &&
            text_equal(row_text(own, 2), content_cell(t, i, "threat")) &&
            text_equal(row_text(own, 3), content_cell(t, i, "vulnerability")))
            return true;
    return false;
}

static struct err *add_own_links(struct web *w, struct rows *own, struct links *out)
{
    row_rewind(own);
    while (row_next(own)) {
        struct link *l = &out->list[out->count++];

        *l = (struct link){.type = row_text(own, 1),
                           .threat = row_text(own, 2),
                           .vulnerability = row_text(own, 3),
                           .reason = row_text(own, 7),
                           .weight = row_num(own, 4),
                           .likelihood = row_num(own, 5),
                           .offset = row_num(own, 6)};
        TRY(own_controls(w, row_num(own, 0), &l->controls));
        l->properties = row_num(own, 8) ? (unsigned)row_num(own, 8)
                                        : properties_of(w->app->content, l->threat, l->type);
    }
    return NULL;
}

/* The chains whose condition holds; how many wait for an answer. */
static struct err *load_links(struct web *w, struct links *out)
{
    const struct content *c = w->app->content;
    const struct content_table *t = content_table(c, "links");
    struct profile_answers *answers;
    struct rows *own;

    TRY(profile_load(w, &answers));
    TRY(query_own_links(w, &own));
    *out = (struct links){
        .list = NEW_ARRAY(w->arena, struct link, content_rows(t) + row_count(own) + 1)};
    for (size_t i = 0; i < content_rows(t); i++) {
        const char *condition = content_cell(t, i, "if");
        struct link *l = &out->list[out->count];
        bool open = false;

        if (!content_holds(condition, profile_answer, answers, &open)) {
            out->open += open;
            continue;
        }
        if (replaced(t, i, own))
            continue;
        *l = (struct link){.type = content_cell(t, i, "asset_type"),
                           .threat = content_cell(t, i, "threat"),
                           .vulnerability = content_cell(t, i, "vulnerability"),
                           .controls = content_cell(t, i, "controls"),
                           .reason = content_words(t, i, "reason"),
                           .weight = cell_num(t, i, "weight") + (*condition ? 1 : 0),
                           .likelihood = cell_num(t, i, "likelihood"),
                           .offset = cell_num(t, i, "impact")};
        l->properties = properties_of(c, l->threat, l->type);
        out->count++;
    }
    return add_own_links(w, own, out);
}

/* --- candidates --- */

struct find {
    struct web *w;
    struct links links;
    struct texts taken;
    struct risk_candidates *out;
    size_t room;
    i64 levels, impacts; /* of the method: proposals are fitted to its scales */
};

/* A level of the catalogue's five, evenly on a scale of `most` levels. */
static i64 fit(i64 n, i64 most)
{
    n = n < 1 ? 1 : n > 5 ? 5 : n;
    return (2 * (n - 1) * (most - 1) + 4) / 8 + 1;
}

/* The highest value among the properties that the threat would hit; columns 6-8 are C, I, A. */
static i64 value_hit(const struct rows *asset, unsigned properties)
{
    i64 most = 0;

    for (size_t i = 0; i < 3; i++)
        if (properties >> i & 1 && row_num(asset, 6 + i) > most)
            most = row_num(asset, 6 + i);
    return most ? most : row_num(asset, 5);
}

static void add_candidate(struct find *f, const struct rows *asset, size_t order)
{
    const struct link *l = &f->links.list[order];
    struct arena *a = f->w->arena;
    i64 id = row_num(asset, 0);
    const char *key = arena_printf(a, "%lld/%s/%s/%s", id, l->type, l->threat, l->vulnerability);
    struct risk_candidates *out = f->out;
    i64 value = value_hit(asset, l->properties);

    if (texts_have(&f->taken, key) ||
        texts_have(&f->taken, pair_key(a, id, l->threat, l->vulnerability)))
        return;
    if (out->count == f->room) {
        struct risk_candidate *bigger = NEW_ARRAY(a, struct risk_candidate, 2 * f->room + 256);

        if (out->count)
            memcpy(bigger, out->list, out->count * sizeof(*bigger));
        out->list = bigger;
        f->room = 2 * f->room + 256;
    }
    out->list[out->count++] = (struct risk_candidate){
        .asset = id,
        .asset_number = row_num(asset, 1),
        .asset_name = row_text(asset, 2),
        .asset_type = l->type,
        .asset_owner = row_num(asset, 4),
        .asset_value = row_num(asset, 5),
        .threat = l->threat,
        .vulnerability = l->vulnerability,
        .controls = l->controls,
        .reason = l->reason,
        .likelihood = l->likelihood ? fit(l->likelihood, f->levels) : 0,
        .impact = value ? fit(value + l->offset, f->impacts) : 0,
        .properties = l->properties,
        .key = key,
        .weight = l->weight,
        .order = order,
    };
}

static struct err *add_candidates(struct find *f, i64 only)
{
    struct web *w = f->w;
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select id, number, name, type, owner, value, value_c, value_i, value_a from asset"
                 " where org_id = $1 and in_scope = 1"
                 " and state not in ('retired', 'disposed')"
                 " and ($2 = 0 or id = $2) order by number",
                 num(w->org), num(only)));
    while (row_next(r)) {
        const char *type = row_text(r, 3);

        for (size_t i = 0; i < f->links.count; i++)
            if (strcmp(f->links.list[i].type, type) == 0)
                add_candidate(f, r, i);
    }
    return NULL;
}

/* --- order --- */

static int by_weight(const void *a, const void *b)
{
    const struct risk_candidate *x = a, *y = b;

    if (x->first != y->first)
        return x->first ? -1 : 1;
    if (x->weight != y->weight)
        return x->weight > y->weight ? -1 : 1;
    if (x->asset_value != y->asset_value)
        return x->asset_value > y->asset_value ? -1 : 1;
    if (x->asset_number != y->asset_number)
        return x->asset_number < y->asset_number ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static int by_asset(const void *a, const void *b)
{
    const struct risk_candidate *x = a, *y = b;

    if (x->asset != y->asset)
        return x->asset < y->asset ? -1 : 1;
    return by_weight(a, b);
}

/* Marks the best chain of each valuable asset that has no risk yet. */
static void rank(struct find *f)
{
    struct risk_candidates *out = f->out;
    struct risk_candidate *c = out->list;

    if (out->count == 0)
        return;
    qsort(c, out->count, sizeof(*c), by_asset);
    for (size_t i = 0; i < out->count; i++)
        c[i].first = c[i].asset_value >= VALUE_MEDIUM && (i == 0 || c[i].asset != c[i - 1].asset) &&
                     !texts_have(&f->taken, arena_printf(f->w->arena, "%lld", c[i].asset));
    qsort(c, out->count, sizeof(*c), by_weight);
}

static i64 most_for(struct web *w, const char *band)
{
    const struct content_table *t = content_table(w->app->content, "sizes");
    i64 row = band ? content_row(t, band) : -1;

    return row < 0 ? MOST_UNKNOWN : cell_num(t, (size_t)row, "risks_max");
}

static struct err *cap(struct web *w, struct risk_candidates *out)
{
    struct profile_answers *answers;
    struct rows *r;
    i64 left;

    TRY(profile_load(w, &answers));
    out->most = most_for(w, profile_band(answers));
    TRY(db_query(w->db, &r, "select count(*) from risk where org_id = $1", num(w->org)));
    out->risks = row_next(r) ? row_num(r, 0) : 0;
    left = out->most > out->risks ? out->most - out->risks : 0;
    out->shown = !out->most || (size_t)left > out->count ? out->count : (size_t)left;
    return NULL;
}

struct err *risk_suggest(struct web *w, i64 asset, struct risk_candidates *out)
{
    struct find f = {.w = w, .out = out};
    struct method m;

    *out = (struct risk_candidates){0};
    TRY(method_current(w, &m));
    f.levels = m.levels;
    f.impacts = m.impact_levels;
    TRY(load_links(w, &f.links));
    out->open = f.links.open;
    TRY(load_taken(w, &f.taken));
    TRY(add_candidates(&f, asset));
    rank(&f);
    return cap(w, out);
}

const char *risk_cut(struct web *w, const char *text, size_t most)
{
    size_t end = 0;

    for (size_t n = 0; text[end] && n < most - 1; n++) {
        end++;
        while ((text[end] & 0xc0) == 0x80)
            end++;
    }
    return text[end] ? arena_printf(w->arena, "%s…", arena_strn(w->arena, text, end)) : text;
}

const char *risk_candidate_title(struct web *w, const struct risk_candidate *c)
{
    const char *threat = catalogue_label(w, "threats", c->threat);

    return risk_cut(w, arena_printf(w->arena, "%s: %s", threat, c->asset_name), 200);
}

/* --- what the catalogue says about a risk --- */

static bool seed_parts(struct web *w, const char *seed, char ***parts)
{
    return !text_empty(seed) && text_split(w->arena, seed, '/', parts) == 4;
}

i64 risk_link_row(struct web *w, const struct risk *r)
{
    const struct content_table *t = content_table(w->app->content, "links");
    char **p;

    if (text_empty(r->threat) || text_empty(r->vulnerability))
        return -1;
    if (seed_parts(w, r->seed, &p)) {
        i64 row =
            content_row(t, arena_printf(w->arena, "%s/%s/%s", p[1], r->threat, r->vulnerability));
        if (row >= 0)
            return row;
    }
    for (size_t i = 0; i < content_rows(t); i++)
        if (text_equal(content_cell(t, i, "threat"), r->threat) &&
            text_equal(content_cell(t, i, "vulnerability"), r->vulnerability))
            return (i64)i;
    return -1;
}

/* What an own chain of this threat and weakness names. */
static const char *own_suggested(struct web *w, const struct risk *r)
{
    const char *controls = "";
    struct err *failed;
    struct rows *found;

    if (text_empty(r->threat) || text_empty(r->vulnerability))
        return "";
    failed = db_query(w->db, &found,
                      "select id from chain where org_id = $1 and threat = $2 and weakness = $3"
                      " order by weight desc, id limit 1",
                      num(w->org), str(r->threat), str(r->vulnerability));
    if (!failed && row_next(found))
        failed = own_controls(w, row_num(found, 0), &controls);
    return failed ? "" : controls;
}

const char *risk_suggested_controls(struct web *w, const struct risk *r)
{
    i64 row = risk_link_row(w, r);

    return row < 0 ? own_suggested(w, r)
                   : content_cell(content_table(w->app->content, "links"), (size_t)row, "controls");
}
