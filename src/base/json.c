/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <stdlib.h>

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

static const char *number_text(struct arena *a, double n)
{
    const char *text = arena_printf(a, "%.15g", n);

    return strtod(text, NULL) == n ? text : arena_printf(a, "%.17g", n);
}

bool json_scalar_text(struct arena *a, const json_t *value, const char **out)
{
    switch (json_typeof(value)) {
    case JSON_STRING:
        *out = json_string_value(value);
        return true;
    case JSON_INTEGER:
        *out = arena_printf(a, "%lld", (i64)json_integer_value(value));
        return true;
    case JSON_REAL:
        *out = number_text(a, json_real_value(value));
        return true;
    case JSON_TRUE:
    case JSON_FALSE:
        *out = json_is_true(value) ? "true" : "false";
        return true;
    case JSON_NULL:
        *out = NULL;
        return true;
    default:
        return false;
    }
}

bool json_list_text(struct arena *a, const json_t *list, const char **out)
{
    struct buf b;
    size_t i;
    json_t *item;

    buf_init(&b, a, 64);
    json_array_foreach(list, i, item)
    {
        const char *text;

        if (!json_scalar_text(a, item, &text))
            return false;
        buf_printf(&b, "%s%s", i ? "," : "", text ? text : "");
    }
    *out = b.data;
    return true;
}
