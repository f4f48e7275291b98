/* SPDX-License-Identifier: Apache-2.0 */
/* The path of a request: what is taken cannot leave the tree of addresses, also when read twice. */
#include "base/text.h"
#include "fuzz.h"
#include "net/server.h"

static bool fuzz_path(struct arena *a, const char *data, size_t size)
{
    const char *sent = arena_strn(a, data, size), *path = NULL;

    if (parse_path(a, sent, &path))
        return false;
    CHECK(path[0] == '/' && !strstr(path, "//"));
    CHECK(text_valid(path, strlen(path)) && !strpbrk(path, "\r\n\t"));
    for (const char *s = path; s; s = strchr(s + 1, '/')) {
        size_t length = strcspn(s + 1, "/");

        CHECK(!(length == 1 && s[1] == '.'));
        CHECK(!(length == 2 && s[1] == '.' && s[2] == '.'));
    }
    return true;
}

FUZZ_TARGET(path);
