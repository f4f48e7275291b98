/* SPDX-License-Identifier: Apache-2.0 */
/* Forms of many parts: the first byte is the size of the pieces. In pieces or at once, the same
 * form comes out, and its names and values are text. Boundary: XyZ. */
#include "net/multipart.h"

#include <stdlib.h>

#include "base/text.h"
#include "fuzz.h"

static bool multipart_read(struct request *r, const char *body, size_t size, size_t piece)
{
    const char *folder = getenv("CAIRN_TEST_DIR");
    struct multipart *m = multipart_new(r->arena, "multipart/form-data; boundary=XyZ",
                                        folder && *folder ? folder : "/dev/shm", 2000);

    CHECK(m);
    for (size_t at = 0; at < size; at += piece)
        if (multipart_feed(m, body + at, size - at < piece ? size - at : piece))
            return false;
    return !multipart_end(m, r);
}

static void multipart_same(const struct request *whole, const struct request *pieces)
{
    CHECK(whole->form.count == pieces->form.count && whole->nuploads == pieces->nuploads);
    for (size_t i = 0; i < whole->form.count; i++) {
        const struct pair *p = &whole->form.list[i];

        CHECK(text_valid(p->name, strlen(p->name)) && *p->name);
        CHECK(text_valid(p->value, strlen(p->value)));
        CHECK(strcmp(p->name, pieces->form.list[i].name) == 0);
        CHECK(strcmp(p->value, pieces->form.list[i].value) == 0);
    }
    for (size_t i = 0; i < whole->nuploads; i++) {
        const struct upload *u = &whole->uploads[i];

        CHECK(*u->filename && text_valid(u->filename, strlen(u->filename)));
        CHECK(strcmp(u->name, pieces->uploads[i].name) == 0);
        CHECK(u->size == pieces->uploads[i].size && u->size <= 1 << 20);
    }
}

static bool fuzz_multipart(struct arena *a, const char *data, size_t size)
{
    struct request whole = {.arena = a}, pieces = {.arena = a};
    bool taken;

    if (size == 0)
        return false;
    taken = multipart_read(&whole, data + 1, size - 1, size);
    CHECK(taken == multipart_read(&pieces, data + 1, size - 1,
                                  data[0] ? (size_t)(unsigned char)data[0] : 1));
    if (taken)
        multipart_same(&whole, &pieces);
    return taken;
}

FUZZ_TARGET(multipart);
