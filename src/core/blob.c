/* SPDX-License-Identifier: Apache-2.0 */
/* Rows, room and the calls that choose the store. Where bytes lie is in blob_folder.c, blob_rows.c
 * and blob_s3.c. */
#include "core/blob.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypt.h"
#include "base/text.h"
#include "base/words.h"
#include "core/blob_part.h"
#include "core/export.h"
#include "core/trail.h"

#define CHUNK ((size_t)64 * 1024)
#define KIB 1024LL
#define MIB (1024 * KIB)
#define SPARE (64 * MIB) /* bytes of the disk that stay free */
#define GIB (1024 * MIB)

/* --- configuration --- */

struct blob_limits blob_limits(const struct app *app)
{
    struct blob_limits l = app->config.limits;

    l.upload = l.upload ? l.upload : GIB;
    l.bytes = l.bytes ? l.bytes : 50 * GIB;
    l.files = l.files ? l.files : 200000;
    l.person_bytes = l.person_bytes ? l.person_bytes : 10 * GIB;
    l.person_files = l.person_files ? l.person_files : 2000;
    return l;
}

struct err *blob_open_store(struct app *app)
{
    const char *where = app->config.files;
    struct blob_store *s;

    if (text_empty(where)) {
        app->blobs = &blob_folder;
        return NULL;
    }
    if (text_equal(where, "database")) {
        app->blobs = &blob_rows;
        return NULL;
    }
    if (!text_starts(where, "s3:"))
        return err_new(ERR_BAD,
                       "--files “%.100s” is neither “database” nor an address such as "
                       "s3:https://s3.example.com/bucket?region=eu-central-1.",
                       where);
    s = NEW(app->arena, struct blob_store);
    *s = blob_s3;
    app->blobs = s;
    return blob_s3_config(app->arena, where, s);
}

const struct blob_store *blob_store_of(const struct web *w)
{
    return w->app->blobs;
}

/* --- small parts --- */

static const char *human(struct arena *a, i64 bytes)
{
    if (bytes >= GIB)
        return arena_printf(a, "%.1f GB", (double)bytes / (double)GIB);
    if (bytes >= MIB)
        return arena_printf(a, "%.1f MB", (double)bytes / (double)MIB);
    return arena_printf(a, "%lld KB", (bytes + KIB - 1) / KIB);
}

struct err *blob_digest(struct arena *a, int fd, char hex[65], i64 *size)
{
    unsigned char chunk[CHUNK];
    struct digest *d = digest_new(a);
    unsigned char hash[DIGEST_SIZE];
    ssize_t n;

    *size = 0;
    while ((n = pread(fd, chunk, sizeof(chunk), (off_t)*size)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_detail(err_new(ERR_FAULT, "The file could not be read."), "read: %s",
                              strerror(errno));
        digest_add(d, chunk, (size_t)n);
        *size += n;
    }
    digest_end(d, hash);
    memcpy(hex, crypt_hex(a, hash, sizeof(hash)), 65);
    return NULL;
}

bool blob_copy(int from, int to)
{
    char chunk[CHUNK];
    i64 at = 0;
    ssize_t n;

    while ((n = pread(from, chunk, sizeof(chunk), (off_t)at)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 || pwrite(to, chunk, (size_t)n, (off_t)at) != n)
            return false;
        at += n;
    }
    return true;
}

static void remove_temporary(void *path)
{
    unlink(path);
}

struct err *blob_temporary(struct web *w, const char **path, int *fd)
{
    FILE *f;

    TRY(transfer_file(w, "uploads", path, &f));
    *fd = fcntl(fileno(f), F_DUPFD_CLOEXEC, 0);
    fclose(f);
    if (*fd < 0)
        return err_detail(err_new(ERR_BUSY, "The server has too many files open. Try again."),
                          "dup: %s", strerror(errno));
    arena_defer(w->arena, remove_temporary, arena_str(w->arena, *path));
    return NULL;
}

/* --- room --- */

static struct err *with_status(struct err *e, int status)
{
    e->status = status;
    return e;
}

static struct err *check_disk(struct web *w, i64 bytes)
{
    struct statvfs s;

    if (statvfs(w->app->config.dir, &s) || (i64)(s.f_bavail * s.f_frsize) > bytes + SPARE)
        return NULL;
    return with_status(err_new(ERR_LIMIT, "The server's disk has not enough room for this file. "
                                          "Tell the administrator."),
                       507);
}

static struct err *check_org(struct web *w, i64 bytes, i64 files)
{
    struct blob_limits l = blob_limits(w->app);
    struct rows *r;
    i64 used = 0, count = 0;

    TRY(db_query(w->db, &r, "select bytes, files from blob_use where org_id = $1", num(w->org)));
    if (row_next(r)) {
        used = row_num(r, 0);
        count = row_num(r, 1);
    }
    if (used + bytes > l.bytes)
        return err_new(ERR_LIMIT,
                       "The organisation's files may take %s in all; %s are used, so %s more do "
                       "not fit. Remove what is not needed, or ask the administrator for more.",
                       human(w->arena, l.bytes), human(w->arena, used), human(w->arena, bytes));
    if (count + files > l.files)
        return err_new(ERR_LIMIT,
                       "The organisation may have %lld files, and has %lld. Remove what is not "
                       "needed, or ask the administrator for more.",
                       l.files, count);
    return NULL;
}

static struct err *day_over(struct web *w, i64 bytes, i64 files)
{
    struct blob_limits l = blob_limits(w->app);

    if (bytes > l.person_bytes)
        return with_status(
            err_new(ERR_LIMIT,
                    "One person may upload %s a day, and with this it would be more. "
                    "Go on tomorrow.",
                    human(w->arena, l.person_bytes)),
            429);
    if (files > l.person_files)
        return with_status(err_new(ERR_LIMIT,
                                   "One person may upload %lld files a day, and with this it would "
                                   "be more. Go on tomorrow.",
                                   l.person_files),
                           429);
    return NULL;
}

static struct err *check_day(struct web *w, i64 bytes, i64 files)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select bytes, files from upload_use where org_id = $1 and person = $2"
                 " and day = $3",
                 num(w->org), num(w->person), str(w->today)));
    if (!row_next(r))
        return day_over(w, bytes, files);
    return day_over(w, row_num(r, 0) + bytes, row_num(r, 1) + files);
}

static struct err *check_size(struct web *w, i64 bytes)
{
    struct blob_limits l = blob_limits(w->app);

    if (bytes <= l.upload)
        return NULL;
    return err_new(ERR_LIMIT,
                   "That is %s, and one upload may have %s. Make the file smaller, or put it "
                   "elsewhere and give its link.",
                   human(w->arena, bytes), human(w->arena, l.upload));
}

struct amount {
    i64 bytes, files;
};

static struct err *reserve(struct web *w, void *ctx)
{
    struct amount *n = ctx;
    struct rows *r;

    TRY(check_size(w, n->bytes));
    TRY(check_disk(w, n->bytes));
    TRY(check_org(w, n->bytes, n->files));
    if (!w->person) /* operators and commands have no day */
        return NULL;
    TRY(db_query(w->db, &r,
                 "insert into upload_use (org_id, person, day, bytes, files)"
                 " values ($1, $2, $3, $4, $5) on conflict (org_id, person, day) do update set"
                 " bytes = upload_use.bytes + excluded.bytes,"
                 " files = upload_use.files + excluded.files returning bytes, files",
                 num(w->org), num(w->person), str(w->today), num(n->bytes), num(n->files)));
    if (!row_next(r))
        BUG("the day's count gave no row");
    return day_over(w, row_num(r, 0), row_num(r, 1));
}

struct err *blob_reserve(struct web *w, i64 bytes, i64 files)
{
    struct amount n = {bytes, files};

    return app_write(w, reserve, &n);
}

struct err *blob_head(struct web *w)
{
    const char *length = request_header(w->req, "Content-Length");
    i64 bytes;

    if (!length || !text_i64(length, &bytes) || bytes < 0)
        return NULL; /* of unknown length: what comes is counted */
    TRY(check_size(w, bytes));
    TRY(check_disk(w, bytes));
    TRY(check_org(w, bytes, 1));
    return w->person ? check_day(w, bytes, 1) : NULL;
}

/* --- storing --- */

static void close_fd(void *fd)
{
    close((int)(intptr_t)fd);
}

struct err *blob_put(struct web *w, const char *path, struct blob *out)
{
    struct blob_id id = {.org = w->org};
    char *hex = arena_alloc(w->arena, 65);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

    if (fd < 0)
        return err_detail(err_new(ERR_FAULT, "The file could not be read."), "%s: %s", path,
                          strerror(errno));
    arena_defer(w->arena, close_fd, (void *)(intptr_t)fd);
    TRY(blob_digest(w->arena, fd, hex, &id.size));
    if (!id.size)
        return err_new(ERR_INVALID, "The file is empty. Choose one with something in it.");
    id.hash = hex;
    if (!w->app->config.unsafe && fsync(fd))
        return err_detail(err_new(ERR_FAULT, "The file could not be stored."), "fsync: %s",
                          strerror(errno));
    TRY(blob_store_of(w)->put(w, &id, path));
    *out = (struct blob){hex, id.size};
    return NULL;
}

static struct err *count_use(struct web *w, i64 bytes, i64 files)
{
    return db_exec(w->db,
                   "insert into blob_use (org_id, bytes, files) values ($1, $2, $3)"
                   " on conflict (org_id) do update set bytes = blob_use.bytes + excluded.bytes,"
                   " files = blob_use.files + excluded.files",
                   num(w->org), num(bytes), num(files));
}

struct err *blob_keep(struct web *w, const struct blob *b)
{
    struct rows *r;

    if (!w->writable)
        BUG("a file is kept outside the writing phase");
    TRY(db_query(w->db, &r, "select erased_at from stored_file where org_id = $1 and hash = $2",
                 num(w->org), str(b->hash)));
    if (row_next(r)) {
        if (!row_num(r, 0))
            return NULL;
        return err_new(ERR_CLASH, "This very file was erased here on purpose, so it is not taken "
                                  "again. Ask the one who erased it.");
    }
    TRY(check_org(w, b->size, 1));
    TRY(db_exec(w->db,
                "insert into stored_file (org_id, hash, size, stored_at, person)"
                " values ($1, $2, $3, $4, $5)",
                num(w->org), str(b->hash), num(b->size), num(w->now), num_or_null(w->person)));
    TRY(db_exec(w->db, "delete from blob_pending where org_id = $1 and hash = $2", num(w->org),
                str(b->hash)));
    return count_use(w, b->size, 1);
}

struct err *blob_erase(struct web *w, const char *hash, const char *reason)
{
    struct blob b;
    bool erased;

    TRY(blob_find(w, hash, &b, &erased));
    if (erased)
        return NULL;
    TRY(db_exec(w->db, "update stored_file set erased_at = $3 where org_id = $1 and hash = $2",
                num(w->org), str(hash), num(w->now)));
    TRY(count_use(w, -b.size, -1));
    trail_event(w, "file.erased", NULL, 0, arena_printf(w->arena, "%s %s", hash, reason));
    return NULL;
}

struct err *blob_find(struct web *w, const char *hash, struct blob *out, bool *erased)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select hash, size, erased_at from stored_file where org_id = $1 and hash = $2",
                 num(w->org), str(hash)));
    if (!row_next(r))
        return err_new(ERR_MISSING, "There is no such file here.");
    *out = (struct blob){row_str(r, 0), row_num(r, 1)};
    if (erased)
        *erased = row_num(r, 2) != 0;
    return NULL;
}

struct err *blob_named(struct web *w, i64 org, const char *hash, bool *out)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select 1 from stored_file where org_id = $1 and hash = $2 and erased_at = 0",
                 num(org), str(hash)));
    *out = row_next(r);
    return NULL;
}

/* --- reading --- */

struct err *blob_read(struct web *w, const struct blob *b, i64 from, i64 size,
                      struct blob_file *out)
{
    struct blob_id id = {w->org, b->hash, b->size};
    struct err *failed = blob_store_of(w)->get(w, &id, from, size, out);

    if (!failed || failed->code != ERR_MISSING)
        return failed;
    return err_detail(
        err_new(ERR_FAULT, "The file is not in its place. Tell the administrator; “cairn verify” "
                           "says which files are missing."),
        "blob %s of %lld is missing", b->hash, w->org);
}

struct err *blob_peek(struct web *w, const struct blob *b, size_t room, struct bytes *out)
{
    i64 size = b->size < (i64)room ? b->size : (i64)room;
    struct blob_file f;
    unsigned char *data = arena_alloc(w->arena, (size_t)size + 1);
    ssize_t n;
    int fd;

    TRY(blob_read(w, b, 0, size, &f));
    fd = open(f.path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    n = fd >= 0 ? pread(fd, data, (size_t)size, (off_t)f.offset) : -1;
    if (fd >= 0)
        close(fd);
    if (n < 0)
        return err_detail(err_new(ERR_FAULT, "The file could not be read."), "%s: %s", f.path,
                          strerror(errno));
    *out = (struct bytes){data, (size_t)n};
    return NULL;
}

struct err *blob_collect(struct web *w)
{
    return blob_store_of(w)->collect(w);
}

struct err *blob_drop_erased(struct web *w)
{
    struct rows *r;

    /* every organisation */
    TRY(db_query(w->db, &r,
                 "select org_id, hash, size from stored_file where org_id >= $1 and erased_at > $2",
                 num(0), num(w->now - 3 * DAY)));
    while (row_next(r)) {
        struct blob_id id = {row_num(r, 0), row_str(r, 1), row_num(r, 2)};

        TRY(blob_store_of(w)->drop(w, &id));
    }
    return NULL;
}
