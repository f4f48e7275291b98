/* SPDX-License-Identifier: Apache-2.0 */
/* The page of a record for somebody whose roles do not open its kind, but who may see this one
 * record: it concerns them, or it was shared with them. Pages of features are written for readers
 * of the whole kind; these people get the general page, with fields, history and tabs, which asks
 * for each thing whether they see it. */
#include "core/shared.h"

#include <string.h>

#include "base/text.h"
#include "core/entity.h"

/* The kind whose page this route is: "/risks/:no" with the kind's own right to read. */
static const struct entity *kind_of(const struct route *r)
{
    const struct entity *e;
    char plural[64];
    size_t n;

    if (r->method != METHOD_GET || r->flags & (ROUTE_API | ROUTE_SITE) || r->pattern[0] != '/')
        return NULL;
    n = strcspn(r->pattern + 1, "/");
    if (n == 0 || n >= sizeof plural || strcmp(r->pattern + 1 + n, "/:no") != 0)
        return NULL;
    memcpy(plural, r->pattern + 1, n);
    plural[n] = '\0';
    e = feature_entity_plural(plural);
    return e && !e->site && e->read == r->permission ? e : NULL;
}

struct err *shared_page(struct web *w, const struct route *r, struct err *denied,
                        const struct entity **out)
{
    const struct entity *e = kind_of(r);
    struct err *failed;
    i64 id;

    *out = NULL;
    if (!e || !w->person || denied->code != ERR_DENIED)
        return denied;
    failed = entity_find(w, e, web_param(w, 0), &id);
    if (failed)
        return failed->code == ERR_MISSING || failed->code == ERR_CLASH ? denied : failed;
    *out = e;
    return NULL;
}
