/* SPDX-License-Identifier: Apache-2.0 */
/* Values of assets. A primary asset has its own value; a supporting one has, per property, the
 * highest of its own and of what it carries, directly or through others; with a reason its own
 * value holds. So the value of each asset is a constant or the highest over its links, which can
 * only grow while links are followed: repeating that until nothing changes ends, also in a circle
 * that should not be there. All comes from records and none of it from stored derived columns, so
 * it is also right for a past date. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "feature/asset/asset_part.h"

enum { PROPERTIES = 3 };

struct node {
    i64 id, number;
    const char *name;
    bool primary, fixed[PROPERTIES]; /* fixed: links do not count for this property */
    i64 value[PROPERTIES], stored[PROPERTIES + 1];
    const struct node *from; /* how a search came here */
};
struct link {
    i64 record, target;
    i64 value[PROPERTIES]; /* of a target outside the graph */
};
struct graph {
    struct node *nodes; /* by id */
    size_t nnodes;
    struct link *links;
    size_t nlinks;
};

const char *asset_kind(const struct web *w, const char *type)
{
    const struct content_table *t = content_table(w->app->content, "asset_types");
    i64 row = t && type ? content_row(t, type) : -1;

    return row >= 0 ? content_cell(t, (size_t)row, "kind") : "supporting";
}

static void set_node(struct web *w, struct node *n, const char *type, const char *reason)
{
    n->primary = text_equal(asset_kind(w, type), "primary");
    for (int k = 0; k < PROPERTIES; k++)
        n->fixed[k] = n->primary || (n->value[k] && !text_empty(reason));
}

/* Columns: id, number, name, type, c, i, a, override_reason, value_c, value_i, value_a, value. */
static void read_nodes(struct web *w, struct rows *r, struct graph *g)
{
    g->nodes = NEW_ARRAY(w->arena, struct node, row_count(r) + 1);
    while (row_next(r)) {
        struct node *n = &g->nodes[g->nnodes++];

        *n = (struct node){.id = row_num(r, 0), .number = row_num(r, 1), .name = row_text(r, 2)};
        for (size_t k = 0; k < PROPERTIES; k++)
            n->value[k] = row_num(r, 4 + k);
        for (size_t k = 0; k <= PROPERTIES; k++)
            n->stored[k] = row_columns(r) > 8 ? row_num(r, 8 + k) : 0;
        set_node(w, n, row_str(r, 3), row_str(r, 7));
    }
}

/* Columns: record, target, and the target's three values where they are needed. */
static void read_links(struct web *w, struct rows *r, struct graph *g)
{
    g->links = NEW_ARRAY(w->arena, struct link, row_count(r) + 1);
    while (row_next(r)) {
        struct link *l = &g->links[g->nlinks++];

        *l = (struct link){.record = row_num(r, 0), .target = row_num(r, 1)};
        for (size_t k = 0; k < PROPERTIES && row_columns(r) > 2; k++)
            l->value[k] = row_num(r, 2 + k);
    }
}

static int compare_node(const void *key, const void *node)
{
    i64 id = *(const i64 *)key, other = ((const struct node *)node)->id;

    return (id > other) - (id < other);
}

static struct node *node_of(const struct graph *g, i64 id)
{
    return g->nnodes ? bsearch(&id, g->nodes, g->nnodes, sizeof(*g->nodes), compare_node) : NULL;
}

static bool raise_by(struct node *n, const i64 *value)
{
    bool raised = false;

    for (int k = 0; k < PROPERTIES; k++) {
        if (n->fixed[k] || value[k] <= n->value[k])
            continue;
        n->value[k] = value[k];
        raised = true;
    }
    return raised;
}

static void settle(struct graph *g)
{
    bool again = true;

    while (again) {
        again = false;
        for (size_t i = 0; i < g->nlinks; i++) {
            const struct link *l = &g->links[i];
            struct node *n = node_of(g, l->record);
            const struct node *target = node_of(g, l->target);

            if (n)
                again |= raise_by(n, target ? target->value : l->value);
        }
    }
}

static const char *ids_text(struct web *w, const i64 *id, size_t count)
{
    struct buf b;

    buf_init(&b, w->arena, 16 + count * 22);
    buf_char(&b, '[');
    for (size_t i = 0; i < count; i++)
        buf_printf(&b, "%s%lld", i ? "," : "", id[i]);
    buf_char(&b, ']');
    return b.data;
}

/* Everything that the assets of `ids` carry, and they themselves. */
static struct err *load_down(struct web *w, const struct ids *ids, struct graph *g)
{
    const char *list = ids_text(w, ids->id, ids->count);
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "with recursive down(id) as (select cast(value as bigint) from json_each($2)"
                 " union select l.target from asset_carries l join down d on d.id = l.record"
                 " where l.org_id = $1)"
                 " select t.id, t.number, t.name, t.type, t.c, t.i, t.a, t.override_reason"
                 " from asset t where t.org_id = $1 and t.id in (select id from down)"
                 " order by t.id",
                 num(w->org), str(list)));
    read_nodes(w, r, g);
    TRY(db_query(w->db, &r,
                 "with recursive down(id) as (select cast(value as bigint) from json_each($2)"
                 " union select l.target from asset_carries l join down d on d.id = l.record"
                 " where l.org_id = $1)"
                 " select l.record, l.target from asset_carries l"
                 " where l.org_id = $1 and l.record in (select id from down)",
                 num(w->org), str(list)));
    read_links(w, r, g);
    return NULL;
}

/* --- circles --- */

/* Follows the links from `start` until `goal` is met; each node notes from where it was reached. */
static bool reaches(struct web *w, struct graph *g, struct node *start, i64 goal)
{
    struct node **queue = NEW_ARRAY(w->arena, struct node *, g->nnodes + 1);
    size_t first = 0, last = 0;

    start->from = start;
    queue[last++] = start;
    while (first < last) {
        struct node *n = queue[first++];

        if (n->id == goal)
            return true;
        for (size_t i = 0; i < g->nlinks; i++) {
            struct node *next = g->links[i].record == n->id ? node_of(g, g->links[i].target) : NULL;

            if (!next || next->from)
                continue;
            next->from = n;
            queue[last++] = next;
        }
    }
    return false;
}

/* " → A-2 Mail → A-1 Laptops": from the node behind the start to the goal. */
static const char *chain_text(struct web *w, const struct node *n)
{
    const char *step = arena_printf(w->arena, " → A-%lld %.40s", n->number, n->name);

    if (n->from == n)
        return step;
    return arena_printf(w->arena, "%s%s", chain_text(w, n->from), step);
}

static void check_circle(struct web *w, const struct asset *a, struct graph *g, struct issues *out)
{
    for (size_t i = 0; i < a->carries.count; i++) {
        struct node *start = node_of(g, a->carries.id[i]);

        if (a->carries.id[i] == a->id && a->id) {
            issue(out, "carries", "An asset cannot carry itself. Take it out of the list.");
            return;
        }
        for (size_t k = 0; k < g->nnodes; k++)
            g->nodes[k].from = NULL;
        if (!start || !a->id || !reaches(w, g, start, a->id))
            continue;
        issue(out, "carries",
              "This would go in a circle: A-%lld %.40s%s. Take one of these out of what it "
              "carries.",
              a->number, a->name, chain_text(w, node_of(g, a->id)));
        return;
    }
}

/* --- the two callbacks of the entity --- */

struct err *asset_derive(struct web *w, void *record, struct issues *out)
{
    struct asset *a = record;
    struct node self = {
        .value = {a->c, a->i, a->a}
    };
    struct graph g = {0};

    a->kind = asset_kind(w, a->type);
    set_node(w, &self, a->type, a->override_reason);
    if (self.primary && a->carries.count)
        issue(out, "carries",
              "“%.80s” is a primary asset: others carry it, it carries nothing. Empty this list, "
              "or choose a supporting type.",
              a->name);
    if (!self.primary && a->carries.count) {
        TRY(load_down(w, &a->carries, &g));
        check_circle(w, a, &g, out);
        settle(&g);
        for (size_t i = 0; i < a->carries.count; i++) {
            const struct node *n = node_of(&g, a->carries.id[i]);

            if (n && n->id != a->id)
                raise_by(&self, n->value);
        }
    }
    a->value_c = self.value[0];
    a->value_i = self.value[1];
    a->value_a = self.value[2];
    a->value = 0;
    for (int k = 0; k < PROPERTIES; k++)
        if (self.value[k] > a->value)
            a->value = self.value[k];
    TRY(asset_life(w, a));
    return asset_classified(w, a, out);
}

/* Everything that carries the asset, directly or through others, with what those carry. */
static struct err *load_up(struct web *w, i64 id, struct graph *g)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "with recursive up(id) as (select l.record from asset_carries l"
                 " where l.org_id = $1 and l.target = $2"
                 " union select l.record from asset_carries l join up u on u.id = l.target"
                 " where l.org_id = $1)"
                 " select t.id, t.number, t.name, t.type, t.c, t.i, t.a, t.override_reason,"
                 " t.value_c, t.value_i, t.value_a, t.value from asset t"
                 " where t.org_id = $1 and t.id in (select id from up) order by t.id",
                 num(w->org), num(id)));
    read_nodes(w, r, g);
    if (!g->nnodes)
        return NULL;
    TRY(db_query(w->db, &r,
                 "with recursive up(id) as (select l.record from asset_carries l"
                 " where l.org_id = $1 and l.target = $2"
                 " union select l.record from asset_carries l join up u on u.id = l.target"
                 " where l.org_id = $1)"
                 " select l.record, l.target, t.value_c, t.value_i, t.value_a"
                 " from asset_carries l join asset t on t.org_id = l.org_id and t.id = l.target"
                 " where l.org_id = $1 and l.record in (select id from up)",
                 num(w->org), num(id)));
    read_links(w, r, g);
    return NULL;
}

static i64 highest(const struct node *n)
{
    i64 most = 0;

    for (int k = 0; k < PROPERTIES; k++)
        if (n->value[k] > most)
            most = n->value[k];
    return most;
}

static bool differs(const struct node *n)
{
    return memcmp(n->value, n->stored, sizeof(n->value)) != 0 || highest(n) != n->stored[3];
}

/* Stores the values of node `first` in all nodes from there on that get the same: there are only a
 * few different triples, so a value that changes under a thousand assets costs a few statements. */
static struct err *store_alike(struct web *w, struct graph *g, size_t first)
{
    const struct node *n = &g->nodes[first];
    i64 *ids = NEW_ARRAY(w->arena, i64, g->nnodes);
    size_t count = 0;

    for (size_t k = first; k < g->nnodes; k++) {
        struct node *m = &g->nodes[k];

        if (!differs(m) || memcmp(m->value, n->value, sizeof(n->value)) != 0)
            continue;
        ids[count++] = m->id;
        if (k > first) {
            memcpy(m->stored, m->value, sizeof(m->value));
            m->stored[3] = highest(m);
        }
    }
    return db_exec(w->db,
                   "update asset set value_c = $2, value_i = $3, value_a = $4, value = $5"
                   " where org_id = $1 and id in (select cast(value as bigint) from json_each($6))",
                   num(w->org), num_or_null(n->value[0]), num_or_null(n->value[1]),
                   num_or_null(n->value[2]), num_or_null(highest(n)), str(ids_text(w, ids, count)));
}

struct err *asset_spread(struct web *w, const void *record)
{
    struct graph g = {0};

    TRY(load_up(w, ((const struct record *)record)->id, &g));
    settle(&g);
    for (size_t i = 0; i < g.nnodes; i++)
        if (differs(&g.nodes[i]))
            TRY(store_alike(w, &g, i));
    return NULL;
}
