/* SPDX-License-Identifier: Apache-2.0 */
/* The one encoder and the one decoder of log entries. Every byte string has at most one decoding
 * and every decoded entry encodes to the bytes it came from. Integers are big-endian, texts have a
 * length of two bytes before them. tools/verify_log.py reads the same format. */
#include <string.h>

#include "core/trail_part.h"

#define ENTRY_VERSION 1
#define COMMIT_PREFIX 2
#define TEXT_LIMIT 255 /* of request, action and kind: so an entry stays far below 64 KiB */

bool trail_is_zero(const void *data, size_t size)
{
    const unsigned char *p = data;
    unsigned char any = 0;

    for (size_t i = 0; i < size; i++)
        any |= p[i];
    return any == 0;
}

void trail_commit(struct arena *a, const unsigned char salt[SALT_SIZE], const char *body,
                  unsigned char out[DIGEST_SIZE])
{
    size_t size = strlen(body);
    unsigned char *data = arena_alloc(a, 1 + SALT_SIZE + size);

    data[0] = COMMIT_PREFIX;
    memcpy(data + 1, salt, SALT_SIZE);
    memcpy(data + 1 + SALT_SIZE, body, size);
    crypt_sha256(data, 1 + SALT_SIZE + size, out);
}

static void put_num(struct buf *b, i64 n, int bytes)
{
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
        buf_char(b, (char)((u64)n >> shift & 0xFF));
}

static void put_text(struct buf *b, const char *text)
{
    size_t size = text ? strlen(text) : 0;

    if (size > TEXT_LIMIT)
        size = TEXT_LIMIT;
    put_num(b, (i64)size, 2);
    if (size)
        buf_add(b, text, size);
}

struct bytes trail_encode(struct arena *a, const struct trail_entry *e)
{
    struct buf b;

    buf_init(&b, a, 320);
    buf_char(&b, ENTRY_VERSION);
    put_num(&b, e->log, 8);
    put_num(&b, e->idx, 8);
    put_num(&b, e->at, 8);
    buf_add(&b, e->actor, sizeof(e->actor));
    buf_add(&b, e->session, sizeof(e->session));
    put_text(&b, e->request);
    put_text(&b, e->action);
    put_text(&b, e->kind);
    put_num(&b, e->record, 8);
    put_num(&b, e->before, 8);
    put_num(&b, e->after, 8);
    buf_add(&b, e->row, DIGEST_SIZE);
    buf_add(&b, e->personal, DIGEST_SIZE);
    buf_add(&b, e->context, DIGEST_SIZE);
    return (struct bytes){(const unsigned char *)b.data, b.size};
}

struct reader {
    const unsigned char *p;
    size_t left;
    bool bad;
};

static void take(struct reader *r, void *out, size_t size)
{
    if (r->bad || r->left < size) {
        r->bad = true;
        memset(out, 0, size);
        return;
    }
    memcpy(out, r->p, size);
    r->p += size;
    r->left -= size;
}

static i64 take_num(struct reader *r, size_t bytes)
{
    unsigned char data[8];
    u64 n = 0;

    take(r, data, bytes);
    for (size_t i = 0; i < bytes; i++)
        n = n << 8 | data[i];
    if (n > 0x7FFFFFFFFFFFFFFFULL)
        r->bad = true;
    return (i64)n;
}

static const char *take_text(struct reader *r, struct arena *a)
{
    size_t size = (size_t)take_num(r, 2);
    char *text;

    if (r->bad || size > TEXT_LIMIT || size > r->left) {
        r->bad = true;
        return "";
    }
    text = arena_alloc(a, size + 1);
    take(r, text, size);
    if (strlen(text) != size)
        r->bad = true;
    return text;
}

bool trail_decode(struct arena *a, struct bytes data, struct trail_entry *out)
{
    struct reader r = {.p = data.data, .left = data.size};
    unsigned char version;

    memset(out, 0, sizeof(*out));
    take(&r, &version, 1);
    out->log = take_num(&r, 8);
    out->idx = take_num(&r, 8);
    out->at = take_num(&r, 8);
    take(&r, out->actor, sizeof(out->actor));
    take(&r, out->session, sizeof(out->session));
    out->request = take_text(&r, a);
    out->action = take_text(&r, a);
    out->kind = take_text(&r, a);
    out->record = take_num(&r, 8);
    out->before = take_num(&r, 8);
    out->after = take_num(&r, 8);
    take(&r, out->row, DIGEST_SIZE);
    take(&r, out->personal, DIGEST_SIZE);
    take(&r, out->context, DIGEST_SIZE);
    return version == ENTRY_VERSION && !r.bad && r.left == 0;
}
