/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include "base/buf.h"

static void release(void *value)
{
    json_decref(value);
}

json_t *json_own(struct arena *a, json_t *value)
{
    if (value)
        arena_defer(a, release, value);
    return value;
}

struct err *json_parse(struct arena *a, const char *text, size_t size, json_t **out)
{
    json_error_t problem;
    *out = NULL;
    json_t *value = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &problem);
    if (!value)
        return err_new(ERR_BAD, "The JSON is not valid at line %d, column %d: %s.", problem.line,
                       problem.column, problem.text);
    *out = json_own(a, value);
    return NULL;
}

static int collect(const char *data, size_t size, void *buf)
{
    buf_add(buf, data, size);
    return 0;
}

static char *dump(struct arena *a, const json_t *value, size_t flags)
{
    struct buf b;
    buf_init(&b, a, 256);
    if (json_dump_callback(value, collect, &b, flags | JSON_COMPACT | JSON_ENCODE_ANY) != 0)
        BUG("a JSON value that cannot be written");
    return b.data;
}

char *json_text(struct arena *a, const json_t *value)
{
    return dump(a, value, 0);
}

char *json_sorted(struct arena *a, const json_t *value)
{
    return dump(a, value, JSON_SORT_KEYS);
}
