/* SPDX-License-Identifier: Apache-2.0 */
/* Which indexes there are, read once from the migrations: lists decide by it how they walk. */
#include "db/engine.h"

#include <ctype.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 6 /* of an index that are remembered */

struct index_def {
    const char *name, *table;
    const char *column[COLUMNS]; /* after org_id */
    size_t count;
};

static struct {
    pthread_once_t once;
    struct arena *arena;
    struct index_def *list;
    size_t count, room;
} indexes = {.once = PTHREAD_ONCE_INIT};

static void forget(void)
{
    arena_free(indexes.arena);
}

/* The next name of `*p`, after whatever is none. */
static char *next_name(const char **p)
{
    size_t n = 0;
    char *name;

    while (**p && !isalpha((unsigned char)**p) && **p != '\n' && **p != ')')
        ++*p;
    while (isalnum((unsigned char)(*p)[n]) || (*p)[n] == '_')
        n++;
    name = arena_strn(indexes.arena, *p, n);
    *p += n;
    return name;
}

static void add_index(const struct index_def *d)
{
    if (indexes.count == indexes.room) {
        size_t room = indexes.room ? indexes.room * 2 : 256;
        struct index_def *more = NEW_ARRAY(indexes.arena, struct index_def, room);

        if (indexes.count)
            memcpy(more, indexes.list, indexes.count * sizeof *more);
        indexes.list = more;
        indexes.room = room;
    }
    indexes.list[indexes.count++] = *d;
}

/* "risk_owner on risk (org_id, owner, id);" A partial index does not have every row. */
static void read_index(const char *p)
{
    struct index_def d = {.name = next_name(&p)};
    const char *end = strchr(p, '\n');
    bool first = true;

    if (strcmp(next_name(&p), "on") != 0)
        return;
    d.table = next_name(&p);
    while (*p && *p != ')' && *p != '\n' && d.count < COLUMNS) {
        char *column = next_name(&p);

        if (first && strcmp(column, "org_id") != 0)
            return;
        if (!first && *column)
            d.column[d.count++] = column;
        first = false;
    }
    if (d.count && !(end && memmem(p, (size_t)(end - p), " where ", 7)))
        add_index(&d);
}

static void drop_index(const char *p)
{
    const char *name = next_name(&p);

    for (size_t i = 0; i < indexes.count; i++)
        if (strcmp(indexes.list[i].name, name) == 0)
            indexes.list[i] = indexes.list[--indexes.count];
}

static void read_line(const char *p)
{
    if (strncasecmp(p, "create index ", 13) == 0)
        read_index(p + 13);
    else if (strncasecmp(p, "create unique index ", 20) == 0)
        read_index(p + 20);
    else if (strncasecmp(p, "drop index ", 11) == 0)
        drop_index(p + 11);
}

static void load(void)
{
    const struct migration *list;
    size_t n = migrations_embedded(&list);

    indexes.arena = arena_new(0);
    for (size_t i = 0; i < n; i++)
        for (const char *p = list[i].text; p && *p; p = strchr(p, '\n'), p += p != NULL)
            read_line(p);
    atexit(forget);
}

bool db_indexed(const char *table, const char *first, const char *second)
{
    pthread_once(&indexes.once, load);
    for (size_t i = 0; i < indexes.count; i++) {
        const struct index_def *d = &indexes.list[i];

        if (strcmp(d->column[0], first) == 0 && strcmp(d->table, table) == 0 &&
            (!second || (d->count > 1 && strcmp(d->column[1], second) == 0)))
            return true;
    }
    return false;
}
