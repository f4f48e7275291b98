/* SPDX-License-Identifier: Apache-2.0 */
/* Look-ups over the table of features. The table is constant, so the sorted permissions are made
 * once, at the first question. */
#include "core/feature.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/text.h"
#include "core/entity.h"

#define PERMISSIONS_MAX (RIGHTS_WORDS * 64)

static pthread_once_t once = PTHREAD_ONCE_INIT;
static const struct permission *by_name[PERMISSIONS_MAX];
static struct place {
    const struct permission *permission;
    int index;
} by_address[PERMISSIONS_MAX];
static size_t count;

static int compare_names(const void *a, const void *b)
{
    return strcmp((*(const struct permission *const *)a)->name,
                  (*(const struct permission *const *)b)->name);
}

static int compare_addresses(const void *a, const void *b)
{
    uintptr_t left = (uintptr_t)((const struct place *)a)->permission;
    uintptr_t right = (uintptr_t)((const struct place *)b)->permission;

    return left < right ? -1 : left > right;
}

static void add(const struct permission *p)
{
    for (size_t i = 0; i < count; i++)
        if (by_name[i] == p)
            return;
    if (count == PERMISSIONS_MAX)
        BUG("more than %d permissions", PERMISSIONS_MAX);
    by_name[count++] = p;
}

static void collect(void)
{
    for (size_t i = 0; features[i]; i++)
        for (size_t k = 0; features[i]->permissions && features[i]->permissions[k]; k++)
            add(features[i]->permissions[k]);
    qsort(by_name, count, sizeof(by_name[0]), compare_names);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && text_equal(by_name[i - 1]->name, by_name[i]->name))
            BUG("two permissions are called %s", by_name[i]->name);
        by_address[i] = (struct place){by_name[i], (int)i};
    }
    qsort(by_address, count, sizeof(by_address[0]), compare_addresses);
}

size_t feature_permissions(const struct permission *const **out)
{
    pthread_once(&once, collect);
    *out = by_name;
    return count;
}

int feature_permission_index(const struct permission *p)
{
    struct place key = {p, 0};
    const struct place *found;

    pthread_once(&once, collect);
    found = bsearch(&key, by_address, count, sizeof(by_address[0]), compare_addresses);
    return found ? found->index : -1;
}

const struct permission *feature_permission(const char *name)
{
    struct permission key = {.name = name};
    const struct permission *wanted = &key;
    const struct permission **found;

    pthread_once(&once, collect);
    found = bsearch(&wanted, by_name, count, sizeof(by_name[0]), compare_names);
    return found ? *found : NULL;
}

/* The first entity for which the text at `offset` of its struct is `text`. */
static const struct entity *find(size_t offset, const char *text)
{
    for (size_t i = 0; features[i]; i++) {
        const struct entity *const *list = features[i]->entities;

        for (size_t k = 0; list && list[k]; k++) {
            const char *const *text_of = (const void *)((const char *)list[k] + offset);

            if (text_equal(*text_of, text))
                return list[k];
        }
    }
    return NULL;
}

const struct entity *feature_entity(const char *name)
{
    return name ? find(offsetof(struct entity, name), name) : NULL;
}

const struct entity *feature_entity_plural(const char *name)
{
    return name ? find(offsetof(struct entity, plural), name) : NULL;
}

const struct entity *feature_entity_typed(const char *name)
{
    const struct entity *e = feature_entity_plural(name);

    if (!e)
        e = feature_entity(name);
    for (size_t i = 0; name && !e && features[i]; i++)
        for (const struct entity *const *one = features[i]->entities; one && *one && !e; one++)
            if (strcasecmp((*one)->labels, name) == 0)
                e = *one;
    return e;
}

const struct entity *feature_entity_prefix(const char *prefix)
{
    return prefix ? find(offsetof(struct entity, prefix), prefix) : NULL;
}

struct err *classification_label(struct web *w, const char **out)
{
    *out = "";
    for (size_t i = 0; features[i] && w->org; i++)
        if (features[i]->label)
            return features[i]->label(w, out);
    return NULL;
}
