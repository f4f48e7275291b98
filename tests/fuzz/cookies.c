/* SPDX-License-Identifier: Apache-2.0 */
/* The cookie header: names are tokens, no name twice, values are text and found by name. */
#include "base/text.h"
#include "fuzz.h"
#include "net/parse.h"
#include "net/server.h"

static bool fuzz_cookies(struct arena *a, const char *data, size_t size)
{
    const char *header = arena_strn(a, data, size);
    struct pairs cookies;

    if (parse_cookies(a, header, &cookies))
        return false;
    for (size_t i = 0; i < cookies.count; i++) {
        const struct pair *p = &cookies.list[i];

        CHECK(token_valid(p->name, strlen(p->name)));
        CHECK(text_valid(p->value, strlen(p->value)) && !strchr(p->value, ';'));
        CHECK(strcmp(pairs_get(&cookies, p->name), p->value) == 0);
    }
    return true;
}

FUZZ_TARGET(cookies);
