/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes in the database, for an installation on PostgreSQL that has neither a shared disk nor S3:
 * files of up to 16 MB, since a value is held in memory as a whole. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/words.h"
#include "core/blob_part.h"

struct bringing {
    const struct blob_id *id;
    const void *data;
};

static struct err *store(struct web *w, void *ctx)
{
    struct bringing *b = ctx;

    return db_exec(w->db,
                   "insert into blob_data (org_id, hash, at, data) values ($1, $2, $3, $4)"
                   " on conflict (org_id, hash) do update set at = excluded.at,"
                   " data = excluded.data",
                   num(b->id->org), str(b->id->hash), num(w->now),
                   blob(b->data, (size_t)b->id->size));
}

static bool read_whole(const char *path, void *data, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t n = fd >= 0 ? pread(fd, data, size, 0) : -1;

    if (fd >= 0)
        close(fd);
    return n >= 0 && (size_t)n == size;
}

/* In an arena of its own: the bytes must not weigh on the request. */
static struct err *rows_put(struct web *w, const struct blob_id *id, const char *path)
{
    struct arena *own;
    struct bringing b = {.id = id};
    struct err *failed;
    void *data;

    if (id->size > BLOB_ROW_MOST)
        return err_new(ERR_LIMIT, "Files are kept in the database here, and there one file may "
                                  "have 16 MB. Put the file elsewhere and give its link, or ask "
                                  "the administrator for another place for files.");
    own = arena_new(2 * (size_t)BLOB_ROW_MOST);
    data = arena_alloc(own, (size_t)id->size);
    b.data = data;
    failed = read_whole(path, data, (size_t)id->size)
                 ? app_write(w, store, &b)
                 : err_detail(err_new(ERR_FAULT, "The file could not be read."), "%s", path);
    arena_free(own);
    return failed;
}

static struct err *write_part(struct web *w, struct bytes data, struct blob_file *out)
{
    bool good;
    int fd;

    TRY(blob_temporary(w, &out->path, &fd));
    good = pwrite(fd, data.data, data.size, 0) == (ssize_t)data.size;
    close(fd);
    out->temporary = true;
    if (good)
        return NULL;
    return err_detail(err_new(ERR_FAULT, "The file could not be read."), "%s: %s", out->path,
                      strerror(errno));
}

static struct err *rows_get(struct web *w, const struct blob_id *id, i64 from, i64 size,
                            struct blob_file *out)
{
    struct arena *own = arena_new(3 * (size_t)BLOB_ROW_MOST);
    struct err *failed;
    struct rows *r;
    struct bytes all;

    *out = (struct blob_file){0};
    db_use_arena(w->db, own);
    failed = db_query(w->db, &r, "select data from blob_data where org_id = $1 and hash = $2",
                      num(id->org), str(id->hash));
    if (!failed && !row_next(r))
        failed = err_new(ERR_MISSING, "There is no such file here.");
    if (!failed) {
        all = row_blob(r, 0);
        if ((i64)all.size != id->size || from + size > id->size)
            failed = err_new(ERR_MISSING, "There is no such file here.");
        else
            failed = write_part(w, (struct bytes){all.data + from, (size_t)size}, out);
    }
    db_use_arena(w->db, w->arena);
    arena_free(own);
    return failed;
}

struct removing {
    i64 org;
    const char *hash;
};

static struct err *drop(struct web *w, void *ctx)
{
    struct removing *x = ctx;

    return db_exec(w->db, "delete from blob_data where org_id = $1 and hash = $2", num(x->org),
                   str(x->hash));
}

static struct err *rows_drop(struct web *w, const struct blob_id *id)
{
    struct removing x = {id->org, id->hash};

    return app_write(w, drop, &x);
}

static struct err *collect(struct web *w, void *ctx)
{
    (void)ctx;
    /* every organisation */
    return db_exec(
        w->db,
        "delete from blob_data where org_id >= $1 and at < $2 and not exists (select 1"
        " from stored_file b where b.org_id = blob_data.org_id and b.hash = blob_data.hash"
        " and b.erased_at = 0)",
        num(0), num(w->now - BLOB_KEPT));
}

static struct err *rows_collect(struct web *w)
{
    return app_write(w, collect, NULL);
}

const struct blob_store blob_rows = {
    .put = rows_put, .get = rows_get, .drop = rows_drop, .collect = rows_collect};
