/* SPDX-License-Identifier: Apache-2.0 */
/* The routing table: patterns are compared segment by segment, exact segments before ":x". Only
 * those are compared that have as many segments and the same key segment, or a parameter in its
 * place. */
#include "core/route.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define ROUTE_MAX 1024
#define PATTERN_MAX 128
#define BUCKETS 1024 /* a power of two */

static struct route_entry entries[ROUTE_MAX];
static char patterns[ROUTE_MAX][PATTERN_MAX];
static size_t count;
static int buckets[BUCKETS], following[ROUTE_MAX]; /* position + 1 of an entry, 0 = none */

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
    int by_text = strcmp(x->pattern, y->pattern);

    return by_text ? by_text : (int)x->route->method - (int)y->route->method;
}

static void append(const struct feature *f)
{
    for (const struct route *r = f->routes; r && r->pattern; r++) {
        if (count == ROUTE_MAX)
            BUG("more than %d routes", ROUTE_MAX);
        if (!r->permission)
            BUG("route %s has no permission", r->pattern);
        entries[count] = (struct route_entry){r, f, full_pattern(patterns[count], r)};
        count++;
    }
}

/* Where the segment that begins at `s` ("/x...") ends. */
static const char *segment_end(const char *s)
{
    return strchrnul(s + 1, '/');
}

/* The bucket of a path or pattern: by its number of segments and one of them, which is what comes
 * after "/o/:slug" and "/api/v1", else the first. `parameter` asks for the bucket of the patterns
 * with a parameter there. */
static size_t bucket(const char *path, bool parameter)
{
    const char *key = path, *third = NULL;
    u64 h = 0;
    size_t n = 0;

    for (const char *s = path; *s == '/'; s = segment_end(s))
        if (++n == 3)
            third = s;
    if (third && (!strncmp(path, "/o/", 3) || !strncmp(path, "/api/v1/", 8)))
        key = third;
    if (!parameter && key[0] == '/' && key[1] != ':')
        h = text_hash(key, (size_t)(segment_end(key) - key));
    return (h + n) & (BUCKETS - 1);
}

static void fill_buckets(void)
{
    memset(buckets, 0, sizeof(buckets));
    for (size_t i = count; i-- > 0;) {
        size_t b = bucket(entries[i].pattern, false);

        following[i] = buckets[b];
        buckets[b] = (int)i + 1;
    }
}

static void order(void)
{
    qsort(entries, count, sizeof(entries[0]), by_pattern);
    for (size_t i = 1; i < count; i++)
        if (!by_pattern(&entries[i - 1], &entries[i]))
            BUG("route %s is there twice", entries[i].pattern);
    fill_buckets();
}

void route_init(void)
{
    count = 0;
    for (size_t f = 0; features[f]; f++)
        append(features[f]);
    order();
}

void route_add(const struct feature *f)
{
    append(f);
    order();
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
        size_t a = (size_t)(segment_end(pattern) - pattern), b;

        if (*path != '/')
            return 0;
        b = (size_t)(segment_end(path) - path);
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

/* What is known while the entries of a bucket are looked at. */
struct finding {
    struct arena *arena;
    enum http_method wanted;
    const char *path;
    struct route_match *out;
    int best; /* how exact the match so far is */
};

static void look(struct finding *f, size_t b)
{
    const char *start[8];
    size_t size[8], n;

    for (int i = buckets[b]; i; i = following[i - 1]) {
        const struct route_entry *e = &entries[i - 1];
        int exact = match(e->pattern, f->path, start, size, &n);

        if (!exact)
            continue;
        f->out->allowed |= 1u << e->route->method;
        if (e->route->method == f->wanted && exact > f->best) {
            f->best = exact;
            keep(f->arena, f->out, e->route, start, size, n);
        }
    }
}

void route_find(struct arena *a, enum http_method method, const char *path, struct route_match *out)
{
    struct finding f = {a, method == METHOD_HEAD ? METHOD_GET : method, path, out, 0};
    size_t exact = bucket(path, false), open = bucket(path, true);

    memset(out, 0, sizeof(*out));
    look(&f, open); /* of two that fit as exactly, /:plural/export goes before /risks/:no */
    if (open != exact)
        look(&f, exact);
}
