/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the feature: what is near a record, its tab and its graph. */
#pragma once

#include "core/page.h"
#include "feature/link/link.h"

/* A link as seen from one of its ends. */
struct link_end {
    i64 id, number, version;
    const char *type, *label; /* "depends on", or "is needed by" from the other end */
    const char *why;
    bool waits; /* the other record waits on this one */
    struct record_head other;
};
/* The links of a record, at most `most`, oldest first. */
struct err *link_ends(struct web *w, i64 record, int most, struct link_end **out, size_t *count)
    MUST_CHECK;
struct err *link_count(struct web *w, const struct entity *e, i64 record, i64 *out) MUST_CHECK;

/* Something that is one step away from a record. */
struct neighbour {
    const char *label; /* of the field or of the link */
    bool incoming;     /* it points to the record; else the record points to it */
    struct record_head head;
};
/* What fields of the record point to, what points to it, and its links: at most `most` in all, each
 * record once for each relation. `*more` when something was left out. Hidden ones are left out. */
struct err *link_neighbours(struct web *w, const struct entity *e, const void *record, int most,
                            struct neighbour **out, size_t *count, bool *more) MUST_CHECK;

struct err *link_tab(struct web *w, const struct entity *e, const void *record) MUST_CHECK;
struct err *link_brief(struct web *w, const struct entity *e, const void *record) MUST_CHECK;
struct err *link_graph_tab(struct web *w, const struct entity *e, const void *record) MUST_CHECK;
struct err *link_add_post(struct web *w) MUST_CHECK;
struct err *link_drop_post(struct web *w) MUST_CHECK;
