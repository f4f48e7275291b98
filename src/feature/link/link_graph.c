/* SPDX-License-Identifier: Apache-2.0 */
/* The tab "Graph": a record, what is one step away from it and what is two, as a picture and as a
 * table. What points to the record stands on the left, what it points to on the right, so that the
 * picture reads in the direction of its arrows. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "feature/link/link_part.h"

#define NODES_MOST 60
#define FIRST_MOST 30 /* one step away */
#define SECOND_MOST 8 /* of each of those */
#define EDGES_MOST 240
#define COLUMN 226 /* in units of the picture, one per pixel at full size */
#define ROW 36
#define WIDTH 176
#define HEIGHT 28
#define MARGIN 8
#define LETTERS_MOST 24 /* of number and title */

struct node {
    struct record_head head;
    int column; /* -2 to 2, 0 = the record itself */
    int x, y;   /* upper left corner */
};
struct edge {
    size_t from, to;
    const char *label;
};
struct graph {
    struct web *w;
    struct node nodes[NODES_MOST];
    struct edge edges[EDGES_MOST];
    size_t nnodes, nedges;
    int width, height;
    bool more;
};

/* --- what is there --- */

static size_t node_of(const struct graph *g, i64 id)
{
    size_t i = 0;

    while (i < g->nnodes && g->nodes[i].head.id != id)
        i++;
    return i;
}

static void add_edge(struct graph *g, size_t from, size_t to, const char *label)
{
    for (size_t i = 0; i < g->nedges; i++)
        if (g->edges[i].from == from && g->edges[i].to == to &&
            text_equal(g->edges[i].label, label))
            return;
    if (g->nedges == EDGES_MOST)
        g->more = true;
    else
        g->edges[g->nedges++] = (struct edge){from, to, label};
}

/* The other end of a relation of node `at`; a new node on the side to which the relation leads. */
static void add_neighbour(struct graph *g, size_t at, const struct neighbour *n)
{
    size_t i = node_of(g, n->head.id);
    int side = at ? (g->nodes[at].column < 0 ? -2 : 2) : n->incoming ? -1 : 1;

    if (i == NODES_MOST) {
        g->more = true;
        return;
    }
    if (i == g->nnodes)
        g->nodes[g->nnodes++] = (struct node){.head = n->head, .column = side};
    if (i == at)
        return;
    if (n->incoming)
        add_edge(g, i, at, n->label);
    else
        add_edge(g, at, i, n->label);
}

static struct err *expand(struct graph *g, size_t at, const void *record, int most)
{
    struct neighbour *list;
    size_t n;
    bool more;

    TRY(link_neighbours(g->w, g->nodes[at].head.entity, record, most, &list, &n, &more));
    g->more |= more;
    for (size_t i = 0; i < n; i++)
        add_neighbour(g, at, &list[i]);
    return NULL;
}

static struct err *gather(struct graph *g, const void *record)
{
    size_t first;

    TRY(expand(g, 0, record, FIRST_MOST));
    first = g->nnodes;
    for (size_t i = 1; i < first; i++) {
        const struct record_head *head = &g->nodes[i].head;
        void *other = arena_alloc(g->w->arena, head->entity->size);
        struct err *failed = entity_load(g->w, head->entity, head->id, other);

        if (failed && failed->code != ERR_MISSING)
            return failed;
        if (!failed)
            TRY(expand(g, i, other, SECOND_MOST));
    }
    return NULL;
}

/* --- where it stands --- */

static void place(struct graph *g)
{
    int rows[5] = {0}, low = 0, high = 0, most = 1;

    for (size_t i = 0; i < g->nnodes; i++) {
        int c = g->nodes[i].column;

        low = c < low ? c : low;
        high = c > high ? c : high;
        if (++rows[c + 2] > most)
            most = rows[c + 2];
    }
    g->width = (high - low) * COLUMN + WIDTH + 2 * MARGIN;
    g->height = most * ROW - (ROW - HEIGHT) + 2 * MARGIN;
    for (int c = low; c <= high; c++) {
        int y = MARGIN + (most - rows[c + 2]) * ROW / 2;

        for (size_t i = 0; i < g->nnodes; i++) {
            if (g->nodes[i].column != c)
                continue;
            g->nodes[i].x = MARGIN + (c - low) * COLUMN;
            g->nodes[i].y = y;
            y += ROW;
        }
    }
}

/* --- the picture --- */

static const char *short_title(struct arena *a, const struct record_head *head)
{
    const char *title = head->title;
    size_t end = 0, n = strlen(head->label) + 2; /* the number is bold */

    while (title[end] && n < LETTERS_MOST) {
        end++;
        while ((title[end] & 0xc0) == 0x80)
            end++;
        n++;
    }
    return title[end] ? arena_printf(a, "%.*s…", (int)end, title) : title;
}

static void draw_edge(struct graph *g, const struct edge *e)
{
    const struct node *from = &g->nodes[e->from], *to = &g->nodes[e->to];
    bool right = from->x < to->x, beside = from->x == to->x;
    int x1 = from->x + (right || beside ? WIDTH : 0), y1 = from->y + HEIGHT / 2;
    int x2 = to->x + (right ? 0 : WIDTH), y2 = to->y + HEIGHT / 2;
    int bend = beside ? 30 : (x2 - x1) / 2;

    html(g->w->html,
         "<path class='graph-edge' marker-end='url(#graph-arrow)' d='M%d %dC%d %d %d %d %d %d'>"
         "<title>%s %s %s</title></path>",
         x1, y1, x1 + bend, y1, beside ? x2 + bend : x2 - bend, y2, x2, y2, from->head.label,
         tr(e->label), tr(to->head.label));
}

static void draw_node(struct graph *g, size_t i)
{
    const struct node *n = &g->nodes[i];
    const char *address = i ? record_head_url(g->w, &n->head) : NULL;
    struct html *h = g->w->html;

    if (address)
        html(h, "<a class='graph-node' href='%s'>", address);
    else
        html(h, "<g class='graph-node%s'>", i ? "" : " graph-middle");
    html(h,
         "<title>%s · %s</title><rect x='%d' y='%d' width='%d' height='%d' rx='6'/>"
         "<text x='%d' y='%d'><tspan class='graph-number'>%s</tspan> %s</text>",
         tr(n->head.entity->label), record_head_text(g->w, &n->head), n->x, n->y, WIDTH, HEIGHT,
         n->x + 8, n->y + 18, n->head.label, short_title(g->w->arena, &n->head));
    if (address)
        html(h, "</a>");
    else
        html(h, "</g>");
}

static void draw_picture(struct graph *g)
{
    struct html *h = g->w->html;

    html(h,
         "<div class='table-responsive graph-box' role='region' aria-label='{Graph}' tabindex='0'>"
         "<svg class='graph' viewBox='0 0 %d %d' width='%d' height='%d' role='group' "
         "aria-labelledby='graph-title graph-desc'><title id='graph-title'>{What is near %s}"
         "</title><desc id='graph-desc'>{%lld records and %lld relations. On the left what points "
         "to it, on the right what it points to. The table below says the same.}</desc>"
         "<defs><marker id='graph-arrow' viewBox='0 0 8 8' refX='8' refY='4' markerWidth='8' "
         "markerHeight='8' orient='auto-start-reverse'><path class='graph-head' d='M0 0L8 4L0 8z'/>"
         "</marker></defs>",
         g->width, g->height, g->width, g->height, g->nodes[0].head.label, (i64)g->nnodes,
         (i64)g->nedges);
    for (size_t i = 0; i < g->nedges; i++)
        draw_edge(g, &g->edges[i]);
    for (size_t i = 0; i < g->nnodes; i++)
        draw_node(g, i);
    html(h, "</svg></div>");
}

/* --- the table --- */

static void draw_cell(struct graph *g, const struct record_head *head)
{
    const char *address = record_head_url(g->w, head);

    if (address)
        html(g->w->html, "<a href='%s'>%s</a>", address, record_head_text(g->w, head));
    else
        html(g->w->html, "%s", record_head_text(g->w, head));
}

static void draw_table(struct graph *g)
{
    struct html *h = g->w->html;

    html(h, "<div class='table-responsive'><table class='table'><caption class='visually-hidden'>"
            "{The relations of the graph}</caption><thead><tr><th scope='col'>{From}</th>"
            "<th scope='col'>{Relation}</th><th scope='col'>{To}</th></tr></thead><tbody>");
    for (size_t i = 0; i < g->nedges; i++) {
        html(h, "<tr><td data-label='%s'>", tr("From"));
        draw_cell(g, &g->nodes[g->edges[i].from].head);
        html(h, "</td><td data-label='%s'>%s</td><td data-label='%s'>", tr("Relation"),
             g->edges[i].label, tr("To"));
        draw_cell(g, &g->nodes[g->edges[i].to].head);
        html(h, "</td></tr>");
    }
    html(h, "</tbody></table></div>");
}

struct err *link_graph_tab(struct web *w, const struct entity *e, const void *record)
{
    const struct record *r = record;
    struct graph *g = NEW(w->arena, struct graph);

    g->w = w;
    TRY(record_head(w, r->id, &g->nodes[0].head));
    g->nodes[0].head.entity = e; /* also of a day when it was not there yet */
    g->nnodes = 1;
    TRY(gather(g, record));
    card_begin(w, "What is near", NULL);
    if (g->nedges) {
        place(g);
        draw_picture(g);
        if (g->more)
            html(w->html,
                 "<p class='mute mt-2 mb-0' role='status'>{There is more than fits: the %lld "
                 "nearest records are shown. The tab Links has all that is one step away.}</p>",
                 (i64)g->nnodes);
    } else {
        page_empty(w,
                   "Nothing is near yet. Link this record with another one in the tab Links, or "
                   "fill in the fields that name other records.",
                   NULL, NULL);
    }
    card_end(w);
    if (g->nedges) {
        card_begin(w, "The same as a table", NULL);
        draw_table(g);
        card_end(w);
    }
    return NULL;
}
