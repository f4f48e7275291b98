/* SPDX-License-Identifier: Apache-2.0 */
/* `cairn verify`, the files: each one that is kept is there and still has the bytes of its SHA-256,
 * and each hash that a version of a record names is one that is kept. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/words.h"
#include "core/blob_part.h"
#include "core/entity_sql.h"
#include "core/trail_part.h"

#define PAGE 200

/* "EV-3" for a file that a record names; "no record" when only the row is left. */
static struct err *owner_of(struct verify *v, const char *hash, const char **out)
{
    *out = "no record";
    for (size_t f = 0; v->features[f]; f++)
        for (size_t i = 0; v->features[f]->entities && v->features[f]->entities[i]; i++) {
            const struct entity *e = v->features[f]->entities[i];
            i64 number;

            TRY(entity_file_owner(v->w, e, hash, &number));
            if (number) {
                record_label(v->w->arena, e, number, out);
                return NULL;
            }
        }
    return NULL;
}

static struct err *read_again(struct verify *v, const struct blob *b, bool *whole)
{
    struct blob_id id = {v->org, b->hash, b->size};
    struct blob_file f;
    char hex[65] = "";
    i64 size = 0;
    int fd;

    *whole = false;
    TRY(blob_store_of(v->w)->get(v->w, &id, 0, b->size, &f));
    fd = open(f.path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return NULL;
    *whole =
        !blob_digest(v->w->arena, fd, hex, &size) && size == b->size && strcmp(hex, b->hash) == 0;
    close(fd);
    return NULL;
}

static struct err *check_file(struct verify *v, const struct blob *b)
{
    const char *owner;
    bool whole;
    struct err *failed = read_again(v, b, &whole);

    v->result->files++;
    if (failed && failed->code != ERR_MISSING)
        return failed;
    if (!failed && whole)
        return NULL;
    TRY(owner_of(v, b->hash, &owner));
    if (failed)
        verify_finding(v, -1, "The file %s of %s (%lld bytes) is missing or has another size.",
                       b->hash, owner, b->size);
    else
        verify_finding(v, -1, "The file %s of %s was altered: its bytes have another SHA-256.",
                       b->hash, owner);
    return NULL;
}

/* One page; `after` moves on to its last hash. */
static struct err *check_page(struct verify *v, char after[65], bool *more)
{
    struct rows *r;

    TRY(db_query(v->w->db, &r,
                 "select hash, size from stored_file where org_id = $1 and hash > $2"
                 " and erased_at = 0 order by hash limit $3",
                 num(v->org), str(after), num(PAGE)));
    *more = row_count(r) == PAGE;
    while (row_next(r)) {
        struct blob b = {row_str(r, 0), row_num(r, 1)};

        TRY(check_file(v, &b));
        memcpy(after, b.hash, strnlen(b.hash, 64) + 1);
    }
    return NULL;
}

static struct err *check_unnamed(struct verify *v)
{
    for (size_t f = 0; v->features[f]; f++)
        for (size_t i = 0; v->features[f]->entities && v->features[f]->entities[i]; i++) {
            const struct entity *e = v->features[f]->entities[i];
            struct rows *r;

            TRY(entity_lost_files(v->w, e, &r));
            while (r && row_next(r))
                verify_finding(v, -1, "%s-%lld names the file %s, which is not kept at all.",
                               e->prefix, row_num(r, 0), row_text(r, 1));
        }
    return NULL;
}

static struct err *check_org(struct verify *v)
{
    struct arena *a = arena_new((size_t)1 << 40);
    struct err *failed = NULL;
    char after[65] = "";
    bool more = true;

    verify_use(v, a);
    v->w->org = v->org;
    while (more && !failed) {
        failed = check_page(v, after, &more);
        arena_reset(a);
    }
    if (!failed)
        failed = check_unnamed(v);
    verify_use(v, v->out);
    arena_free(a);
    return failed;
}

struct err *trail_verify_files(struct web *w, i64 org, struct verify_result *out)
{
    struct verify v = {.w = w, .features = features, .out = w->arena, .result = out};
    struct err *failed = NULL;
    i64 kept = w->org;
    struct rows *r;

    /* every organisation, or the one that was asked for */
    TRY(db_query(w->db, &r,
                 "select org_id from audit_frontier where org_id > 0 and (org_id = $1 or $2 = 1)"
                 " order by org_id",
                 num(org), num(org == -1)));
    while (!failed && row_next(r)) {
        v.org = row_num(r, 0);
        failed = check_org(&v);
    }
    w->org = kept;
    return failed;
}
