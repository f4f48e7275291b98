/* SPDX-License-Identifier: Apache-2.0 */
/* The routing table: patterns are compared segment by segment, exact segments before ":x". */
#include "core/route.h"

#include <stdlib.h>
#include <string.h>

#define ROUTE_MAX 512
#define PATTERN_MAX 128

static struct route_entry entries[ROUTE_MAX];
static char patterns[ROUTE_MAX][PATTERN_MAX];
static size_t count;

const char *method_name(enum http_method m)
{
    static const char *const names[] = {"GET", "HEAD", "POST", "PATCH", "DELETE", "OTHER"};

    return names[m];
}

static const char *full_pattern(char *room, const struct route *r)
{
    const char *prefix = r->flags & ROUTE_SITE ? "" : r->flags & ROUTE_API ? "/api/v1" : "/o/:slug";
    size_t n = strlen(prefix), m = strlen(r->pattern);

    if (n + m >= PATTERN_MAX)
        BUG("route pattern too long: %s", r->pattern);
    memcpy(room, prefix, n);
    memcpy(room + n, r->pattern, m + 1);
    if (m == 1 && n > 0)
        room[n] = '\0'; /* "/o/:slug" rather than "/o/:slug/" */
    return room;
}

static int by_pattern(const void *a, const void *b)
{
    const struct route_entry *x = a, *y = b;
    int order = strcmp(x->pattern, y->pattern);

    return order ? order : (int)x->route->method - (int)y->route->method;
}

void route_init(void)
{
    count = 0;
    for (size_t f = 0; features[f]; f++) {
        for (const struct route *r = features[f]->routes; r && r->pattern; r++) {
            if (count == ROUTE_MAX)
                BUG("more than %d routes", ROUTE_MAX);
            if (!r->permission)
                BUG("route %s has no permission", r->pattern);
            entries[count] = (struct route_entry){r, features[f], full_pattern(patterns[count], r)};
            count++;
        }
    }
    qsort(entries, count, sizeof(entries[0]), by_pattern);
    for (size_t i = 1; i < count; i++)
        if (!by_pattern(&entries[i - 1], &entries[i]))
            BUG("route %s is there twice", entries[i].pattern);
}

size_t route_list(const struct route_entry **out)
{
    *out = entries;
    return count;
}

/* Compares a path with a pattern; the values of ":x" parts go to `start`/`size`. Returns how exact
 * the match is (number of exact segments + 1), 0 for none. */
static int match(const char *pattern, const char *path, const char *start[8], size_t size[8],
                 size_t *n)
{
    int exact = 1;

    *n = 0;
    while (*pattern) {
        size_t a = strcspn(pattern + 1, "/") + 1, b;

        if (*path != '/')
            return 0;
        b = strcspn(path + 1, "/") + 1;
        if (pattern[1] == ':') {
            if (b == 1 || *n == 8)
                return 0;
            start[*n] = path + 1;
            size[(*n)++] = b - 1;
        } else {
            if (a != b || memcmp(pattern, path, a) != 0)
                return 0;
            exact++;
        }
        pattern += a;
        path += b;
    }
    return *path ? 0 : exact;
}

static void keep(struct arena *a, struct route_match *out, const struct route *r,
                 const char *start[8], const size_t size[8], size_t n)
{
    size_t first = 0;

    out->route = r;
    out->slug = NULL;
    memset(out->params, 0, sizeof(out->params));
    if (!(r->flags & (ROUTE_SITE | ROUTE_API))) {
        out->slug = arena_strn(a, start[0], size[0]);
        first = 1;
    }
    for (size_t i = first; i < n && i - first < PARAM_MAX; i++)
        out->params[i - first] = arena_strn(a, start[i], size[i]);
}

void route_find(struct arena *a, enum http_method method, const char *path, struct route_match *out)
{
    const char *start[8];
    size_t size[8], n;
    int best = 0, exact;
    enum http_method wanted = method == METHOD_HEAD ? METHOD_GET : method;

    memset(out, 0, sizeof(*out));
    for (size_t i = 0; i < count; i++) {
        exact = match(entries[i].pattern, path, start, size, &n);
        if (!exact)
            continue;
        out->allowed |= 1u << entries[i].route->method;
        if (entries[i].route->method == wanted && exact > best) {
            best = exact;
            keep(a, out, entries[i].route, start, size, n);
        }
    }
}
