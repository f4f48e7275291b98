/* SPDX-License-Identifier: Apache-2.0 */
/* JSON: a document that was read, written and read again is equal, in both orders of keys. */
#include "base/json.h"
#include "fuzz.h"

static void json_comes_back(struct arena *a, const json_t *value, const char *text)
{
    json_t *again = NULL;

    CHECK(!json_parse(a, text, strlen(text), &again));
    CHECK(json_equal(value, again));
}

static bool fuzz_json(struct arena *a, const char *data, size_t size)
{
    json_t *value = NULL, *sorted = NULL;
    const char *text;

    if (json_parse(a, data, size, &value))
        return false;
    json_comes_back(a, value, json_text(a, value));
    text = json_sorted(a, value);
    json_comes_back(a, value, text);
    CHECK(!json_parse(a, text, strlen(text), &sorted));
    CHECK(strcmp(json_text(a, sorted), text) == 0);
    return true;
}

FUZZ_TARGET(json);
