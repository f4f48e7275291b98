/* SPDX-License-Identifier: Apache-2.0 */
/* Query and urlencoded form: what is taken, written again and read again, is the same. */
#include "base/text.h"
#include "fuzz.h"
#include "net/server.h"

static const char *pairs_encoded(struct arena *a, const struct pairs *p)
{
    struct buf b;

    buf_init(&b, a, 256);
    for (size_t i = 0; i < p->count; i++)
        buf_printf(&b, "%s%s=%s", i ? "&" : "", text_url(a, p->list[i].name),
                   text_url(a, p->list[i].value));
    return b.data;
}

static bool fuzz_pairs(struct arena *a, const char *data, size_t size)
{
    struct pairs first, second;
    const char *again;

    if (parse_pairs(a, data, size, &first))
        return false;
    again = pairs_encoded(a, &first);
    CHECK(!parse_pairs(a, again, strlen(again), &second));
    CHECK(first.count == second.count);
    for (size_t i = 0; i < first.count; i++) {
        const struct pair *p = &first.list[i];

        CHECK(*p->name && text_valid(p->name, strlen(p->name)));
        CHECK(text_valid(p->value, strlen(p->value)) && !strchr(p->value, '\r'));
        CHECK(strcmp(p->name, second.list[i].name) == 0);
        CHECK(strcmp(p->value, second.list[i].value) == 0);
    }
    return true;
}

FUZZ_TARGET(pairs);
