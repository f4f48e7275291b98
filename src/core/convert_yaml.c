/* SPDX-License-Identifier: Apache-2.0 */
#include "core/convert_yaml.h"

#include <string.h>
#include <yaml.h>

#include "base/text.h"

struct anchor {
    const char *name;
    struct node *node; /* NULL while it is being built: it would contain itself */
};

struct level {
    struct node *node;
    size_t room;
    size_t anchor; /* that names it: index + 1 */
};

struct building {
    struct arena *arena;
    yaml_parser_t parser;
    struct level level[YAML_DEPTH];
    size_t depth, nodes, aliases;
    struct anchor *anchors;
    size_t nanchors, anchor_room;
    struct node *root;
    enum convert_why why;
    u64 line;
};

static bool stop(struct building *b, enum convert_why why, u64 line)
{
    b->why = why;
    b->line = line;
    return false;
}

/* Puts a finished or begun node where it belongs. */
static bool put(struct building *b, struct node *n)
{
    struct level *l;

    if (!b->depth) {
        b->root = n;
        return true;
    }
    l = &b->level[b->depth - 1];
    if (l->node->count == l->room) {
        size_t room = l->room ? l->room * 2 : 8;
        struct node **bigger = NEW_ARRAY(b->arena, struct node *, room);

        if (l->node->count)
            memcpy(bigger, l->node->item, l->node->count * sizeof(struct node *));
        l->node->item = bigger;
        l->room = room;
    }
    l->node->item[l->node->count++] = n;
    return true;
}

static struct node *make(struct building *b, enum node_kind kind, u64 line)
{
    struct node *n;

    if (++b->nodes > YAML_NODES) {
        stop(b, WHY_TOO_LARGE, line);
        return NULL;
    }
    n = NEW(b->arena, struct node);
    n->kind = kind;
    n->line = line;
    n->text = "";
    return n;
}

/* Remembers the node of an anchor; returns its index + 1, 0 when there is none. */
static size_t remember(struct building *b, const yaml_char_t *name, struct node *n)
{
    if (!name)
        return 0;
    if (b->nanchors == b->anchor_room) {
        size_t room = b->anchor_room ? b->anchor_room * 2 : 16;
        struct anchor *bigger = NEW_ARRAY(b->arena, struct anchor, room);

        if (b->nanchors)
            memcpy(bigger, b->anchors, b->nanchors * sizeof(*bigger));
        b->anchors = bigger;
        b->anchor_room = room;
    }
    b->anchors[b->nanchors++] = (struct anchor){arena_str(b->arena, (const char *)name), n};
    return b->nanchors;
}

static bool take_alias(struct building *b, const char *name, u64 line)
{
    if (++b->aliases > YAML_ALIASES)
        return stop(b, WHY_ALIAS, line);
    for (size_t i = b->nanchors; i-- > 0;) {
        if (!text_equal(b->anchors[i].name, name))
            continue;
        return b->anchors[i].node ? put(b, b->anchors[i].node) : stop(b, WHY_ALIAS, line);
    }
    return stop(b, WHY_ALIAS, line);
}

static bool begin(struct building *b, enum node_kind kind, const yaml_char_t *anchor, u64 line)
{
    struct node *n = make(b, kind, line);
    size_t index;

    if (!n || !put(b, n))
        return false;
    if (b->depth == YAML_DEPTH)
        return stop(b, WHY_DEPTH, line);
    index = remember(b, anchor, NULL);
    b->level[b->depth++] = (struct level){n, 0, index};
    return true;
}

#define KEYS_LOOKED_AT 100 /* objects of these files have a dozen */

/* Two readers of the same file would take different ones. */
static const struct node *key_twice(const struct node *n)
{
    for (size_t i = 2; n->kind == NODE_MAP && i + 1 < n->count && i < 2 * KEYS_LOOKED_AT; i += 2)
        for (size_t k = 0; k < i; k += 2)
            if (n->item[i]->kind == NODE_SCALAR && n->item[k]->kind == NODE_SCALAR &&
                text_equal(n->item[i]->text, n->item[k]->text))
                return n->item[i];
    return NULL;
}

static bool end(struct building *b)
{
    struct level *l = &b->level[--b->depth];
    const struct node *twice = key_twice(l->node);

    if (twice)
        return stop(b, WHY_KEY_TWICE, twice->line);
    if (l->anchor)
        b->anchors[l->anchor - 1].node = l->node;
    return true;
}

/* YAML's ways to say nothing, when they are not quoted. */
static bool says_nothing(const char *text)
{
    return !*text || text_equal(text, "~") || text_equal(text, "null") ||
           text_equal(text, "Null") || text_equal(text, "NULL");
}

static bool take_scalar(struct building *b, const yaml_event_t *e, u64 line)
{
    struct node *n = make(b, NODE_SCALAR, line);
    const char *text = (const char *)e->data.scalar.value;

    if (!n)
        return false;
    if (strlen(text) != e->data.scalar.length || !text_valid(text, e->data.scalar.length))
        return stop(b, WHY_ENCODING, line);
    if (e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE || !says_nothing(text))
        n->text = arena_strn(b->arena, text, e->data.scalar.length);
    remember(b, e->data.scalar.anchor, n);
    return put(b, n);
}

/* False at the end, or when something is wrong. */
static bool take(struct building *b, const yaml_event_t *e)
{
    u64 line = (u64)e->start_mark.line + 1;

    switch (e->type) {
    case YAML_SCALAR_EVENT:
        return take_scalar(b, e, line);
    case YAML_ALIAS_EVENT:
        return take_alias(b, (const char *)e->data.alias.anchor, line);
    case YAML_SEQUENCE_START_EVENT:
        return begin(b, NODE_LIST, e->data.sequence_start.anchor, line);
    case YAML_MAPPING_START_EVENT:
        return begin(b, NODE_MAP, e->data.mapping_start.anchor, line);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return end(b);
    case YAML_DOCUMENT_START_EVENT:
        return !b->root || stop(b, WHY_DOCUMENTS, line);
    case YAML_STREAM_END_EVENT:
        return false;
    default:
        return true;
    }
}

static void read_all(struct building *b)
{
    bool more = true;

    while (more) {
        yaml_event_t event;

        if (!yaml_parser_parse(&b->parser, &event)) {
            stop(b,
                 b->parser.error == YAML_MEMORY_ERROR   ? WHY_MEMORY
                 : b->parser.error == YAML_READER_ERROR ? WHY_ENCODING
                                                        : WHY_YAML,
                 (u64)b->parser.problem_mark.line + 1);
            return;
        }
        more = take(b, &event);
        yaml_event_delete(&event);
    }
}

enum convert_why yaml_tree(struct arena *a, const unsigned char *data, size_t size,
                           struct node **out, u64 *line)
{
    struct building *b = NEW(a, struct building);

    b->arena = a;
    if (!yaml_parser_initialize(&b->parser))
        return WHY_MEMORY;
    yaml_parser_set_input_string(&b->parser, data, size);
    read_all(b);
    yaml_parser_delete(&b->parser);
    *out = b->root;
    *line = b->line;
    if (!b->why && !b->root)
        return WHY_NOT_LIBRARY;
    return b->why;
}

const struct node *node_get(const struct node *n, const char *key)
{
    for (size_t i = 0; n && n->kind == NODE_MAP && i + 1 < n->count; i += 2)
        if (n->item[i]->kind == NODE_SCALAR && text_equal(n->item[i]->text, key))
            return n->item[i + 1];
    return NULL;
}

const char *node_text(const struct node *n, const char *key)
{
    const struct node *v = node_get(n, key);

    return v && v->kind == NODE_SCALAR ? v->text : "";
}

size_t node_items(const struct node *n, const char *key, struct node *const **items)
{
    const struct node *v = node_get(n, key);

    *items = v && v->kind == NODE_LIST ? v->item : NULL;
    return *items ? v->count : 0;
}
