/* SPDX-License-Identifier: Apache-2.0 */
/* Inside core/convert* only: YAML 1.1 (and so JSON) as a tree, in the sandboxed child. Depth,
 * number and size of nodes are limited; an alias is the node itself, so nothing is ever multiplied.
 */
#pragma once

#include "core/convert_pipe.h"

#define YAML_DEPTH 64
#define YAML_NODES 1500000
#define YAML_ALIASES 20000

enum node_kind { NODE_SCALAR, NODE_LIST, NODE_MAP };
struct node {
    enum node_kind kind;
    u64 line;           /* from 1 */
    const char *text;   /* of a scalar; "" for the others */
    struct node **item; /* of a list its items; of a map key, value, key, value ... */
    size_t count;
};

/* Reads the first document. 0 = good; else why, and `*line` where. */
enum convert_why yaml_tree(struct arena *a, const unsigned char *data, size_t size,
                           struct node **out, u64 *line);
/* The value of a key, or NULL when `n` is no map, NULL or has no such key. */
const struct node *node_get(const struct node *n, const char *key);
/* The text of a scalar value of a key; "" when there is none, or it is null. */
const char *node_text(const struct node *n, const char *key);
/* Items of a list below a key; 0 when there is none. */
size_t node_items(const struct node *n, const char *key, struct node *const **items);
