/* SPDX-License-Identifier: Apache-2.0 */
/* Look-ups in the table of embedded files. The table itself is generated: see tools/embed.py. */
#include "base/embedded.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/embedded_table.h"

/* Index of the first file whose first n bytes of name are not less than those of key. */
static size_t lower_bound(const char *key, size_t n)
{
    size_t low = 0, high = embedded_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strncmp(embedded_files[middle].name, key, n) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct embedded_file *embedded_find(const char *name)
{
    size_t i = lower_bound(name, strlen(name) + 1);
    if (i < embedded_count && strcmp(embedded_files[i].name, name) == 0)
        return &embedded_files[i];
    return NULL;
}

size_t embedded_list(const char *prefix, const struct embedded_file **first)
{
    size_t n = strlen(prefix);
    size_t start = lower_bound(prefix, n), end = start;
    while (end < embedded_count && strncmp(embedded_files[end].name, prefix, n) == 0)
        end++;
    *first = end > start ? &embedded_files[start] : NULL;
    return end - start;
}

/* The file "static/<asset>", or NULL; asset is not trusted. */
static const struct embedded_file *find_asset(const char *asset)
{
    char name[128];
    int n = snprintf(name, sizeof name, "static/%s", asset);
    if (n < 0 || (size_t)n >= sizeof name)
        return NULL;
    return embedded_find(name);
}

const char *embedded_url(const char *asset)
{
    const struct embedded_file *file = find_asset(asset);
    if (file == NULL) {
        fprintf(stderr, "cairn: no embedded asset named %s\n", asset);
        abort();
    }
    return file->url;
}

const struct embedded_file *embedded_by_url(const char *url, bool *current)
{
    static const char start[] = "/static/";
    if (strncmp(url, start, sizeof start - 1) != 0)
        return NULL;
    const char *slash = strchr(url + sizeof start - 1, '/');
    const struct embedded_file *file = slash != NULL ? find_asset(slash + 1) : NULL;
    if (file != NULL && current != NULL)
        *current = strcmp(file->url, url) == 0;
    return file;
}
