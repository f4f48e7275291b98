/* SPDX-License-Identifier: Apache-2.0 */
/* The statement cache of one connection. Nearly every text is a literal, so its address finds it;
 * composed texts live at changing addresses and are found by content. The text is always compared,
 * because an arena may put another text at the same address. */
#include "db/engine.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static size_t alias_of(const struct cache *c, const char *sql)
{
    uintptr_t p = (uintptr_t)sql;

    return (p ^ p >> 9 ^ p >> 17) % COUNT_OF(c->alias);
}

static u64 hash_of(const char *sql, const char *kinds)
{
    return text_hash(sql, strlen(sql)) ^ text_hash(kinds, strlen(kinds)) * 3;
}

static bool matches(const struct entry *e, const char *sql, const char *kinds)
{
    return strcmp(e->sql, sql) == 0 && strcmp(e->kinds, kinds) == 0;
}

static void unlink_entry(struct cache *c, struct entry *e)
{
    if (e->newer)
        e->newer->older = e->older;
    else
        c->newest = e->older;
    if (e->older)
        e->older->newer = e->newer;
    else
        c->oldest = e->newer;
}

static void link_newest(struct cache *c, struct entry *e)
{
    e->newer = NULL;
    e->older = c->newest;
    if (c->newest)
        c->newest->newer = e;
    else
        c->oldest = e;
    c->newest = e;
}

static struct entry *touched(struct cache *c, struct entry *e)
{
    if (c->newest != e) {
        unlink_entry(c, e);
        link_newest(c, e);
    }
    return e;
}

void cache_init(struct cache *c, size_t entry_size, void (*drop)(void *, struct entry *), void *ctx)
{
    *c = (struct cache){.max = CACHE_MAX, .entry_size = entry_size, .drop = drop, .ctx = ctx};
}

struct entry *cache_find(struct cache *c, const char *sql, const char *kinds)
{
    size_t alias = alias_of(c, sql);
    struct entry *e = c->alias[alias];
    u64 hash;

    if (e && matches(e, sql, kinds))
        return touched(c, e);
    hash = hash_of(sql, kinds);
    for (e = c->slot[hash % COUNT_OF(c->slot)]; e; e = e->next)
        if (e->hash == hash && matches(e, sql, kinds)) {
            c->alias[alias] = e;
            return touched(c, e);
        }
    return NULL;
}

void cache_drop(struct cache *c, struct entry *e)
{
    struct entry **link = &c->slot[e->hash % COUNT_OF(c->slot)];

    while (*link != e)
        link = &(*link)->next;
    *link = e->next;
    for (size_t i = 0; i < COUNT_OF(c->alias); i++)
        if (c->alias[i] == e)
            c->alias[i] = NULL;
    unlink_entry(c, e);
    c->count--;
    c->drop(c->ctx, e);
    free(e->sql);
    free(e->kinds);
    free(e);
}

/* Makes room for one more; when all are in use the cache grows for a while. */
static void evict(struct cache *c)
{
    struct entry *e = c->oldest;

    while (e && e->pins > 0)
        e = e->newer;
    if (e)
        cache_drop(c, e);
}

struct entry *cache_add(struct cache *c, const char *sql, const char *kinds)
{
    struct entry *e;

    while (c->count >= c->max) {
        size_t before = c->count;

        evict(c);
        if (c->count == before)
            break;
    }
    e = calloc(1, c->entry_size);
    if (!e || !(e->sql = strdup(sql)) || !(e->kinds = strdup(kinds)))
        BUG("out of memory in the statement cache");
    e->hash = hash_of(sql, kinds);
    e->next = c->slot[e->hash % COUNT_OF(c->slot)];
    c->slot[e->hash % COUNT_OF(c->slot)] = e;
    c->alias[alias_of(c, sql)] = e;
    link_newest(c, e);
    c->count++;
    return e;
}

void cache_clear(struct cache *c)
{
    while (c->newest)
        cache_drop(c, c->newest);
}
