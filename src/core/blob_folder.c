/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes in DIR/blobs/<organisation>/<aa>/<sha256>. A file gets its name by rename only after its
 * bytes are on the disk, and the folder is synced before the row is written. One lock keeps the
 * removal of unnamed files and the storing of the same bytes apart. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypt.h"
#include "base/log.h"
#include "base/text.h"
#include "core/blob_part.h"

static const char *root_of(struct web *w)
{
    return arena_printf(w->arena, "%s/blobs", w->app->config.dir);
}

static const char *path_of(struct web *w, const struct blob_id *id)
{
    return arena_printf(w->arena, "%s/%lld/%.2s/%s", root_of(w), id->org, id->hash, id->hash);
}

static struct err *no_place(const char *what, const char *path)
{
    int code = errno;
    struct err *e = err_new(code == ENOSPC || code == EDQUOT ? ERR_LIMIT : ERR_FAULT,
                            "The file could not be stored.%s",
                            code == ENOSPC ? " The server's disk is full." : "");

    if (code == ENOSPC || code == EDQUOT)
        e->status = 507;
    return err_detail(e, "%s %s: %s", what, path, strerror(code));
}

static struct err *sync_folder(struct web *w, const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && (w->app->config.unsafe || fsync(fd) == 0);

    if (fd >= 0)
        close(fd);
    return good ? NULL : no_place("sync", path);
}

/* A new folder is on the disk before anything in it is. */
static struct err *make_folder(struct web *w, const char *path, const char *parent)
{
    if (!mkdir(path, 0700))
        return sync_folder(w, parent);
    return errno == EEXIST ? NULL : no_place("mkdir", path);
}

static void close_fd(void *fd)
{
    close((int)(intptr_t)fd);
}

static struct err *lock(struct web *w, int *fd)
{
    const char *path = arena_printf(w->arena, "%s/.lock", root_of(w));

    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*fd < 0 || flock(*fd, LOCK_EX)) {
        struct err *e = no_place("lock", path);

        if (*fd >= 0)
            close(*fd);
        return e;
    }
    return NULL;
}

/* Another name for the same bytes where the disk can do that, else a copy. */
static struct err *second_name(struct web *w, const char *from, const char *to)
{
    int in, out;
    bool good;

    if (!link(from, to))
        return NULL;
    in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (in < 0)
        return no_place("open", from);
    arena_defer(w->arena, close_fd, (void *)(intptr_t)in);
    out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (out < 0)
        return no_place("create", to);
    good = blob_copy(in, out) && (w->app->config.unsafe || !fsync(out));
    return (close(out) || !good) ? no_place("copy", to) : NULL;
}

/* Fresh again, whatever was there before: what lies under this name now is not too old to stay. */
static struct err *name_it(struct web *w, const char *fresh, const char *path)
{
    struct err *failed = NULL;
    int held;

    TRY(lock(w, &held));
    if (chmod(fresh, 0400) || utimensat(AT_FDCWD, fresh, NULL, 0) || rename(fresh, path))
        failed = no_place("rename", path);
    /* Two names of the same file are left alone by rename. */
    if (!failed)
        unlink(fresh);
    close(held);
    return failed;
}

static struct err *folder_put(struct web *w, const struct blob_id *id, const char *path)
{
    const char *root = root_of(w), *target = path_of(w, id);
    const char *org = arena_printf(w->arena, "%s/%lld", root, id->org);
    const char *part = arena_printf(w->arena, "%s/%.2s", org, id->hash);
    const char *fresh = arena_printf(w->arena, "%s/.new-%s", part, crypt_token(w->arena, 12));
    struct err *failed;

    TRY(make_folder(w, root, w->app->config.dir));
    TRY(make_folder(w, org, root));
    TRY(make_folder(w, part, org));
    failed = second_name(w, path, fresh);
    if (!failed)
        failed = name_it(w, fresh, target);
    if (failed)
        unlink(fresh);
    return failed ? failed : sync_folder(w, part);
}

static struct err *folder_get(struct web *w, const struct blob_id *id, i64 from, i64 size,
                              struct blob_file *out)
{
    struct stat st;

    (void)size;
    *out = (struct blob_file){.path = path_of(w, id), .offset = from};
    if (lstat(out->path, &st) || !S_ISREG(st.st_mode) || st.st_size != id->size)
        return err_new(ERR_MISSING, "There is no such file here.");
    return NULL;
}

static struct err *folder_drop(struct web *w, const struct blob_id *id)
{
    const char *path = path_of(w, id);

    if (unlink(path) && errno != ENOENT)
        return err_detail(err_new(ERR_FAULT, "A file could not be removed."), "%s: %s", path,
                          strerror(errno));
    return NULL;
}

/* --- what nothing names --- */

struct sweep {
    struct web *w;
    i64 org, before; /* seconds */
    i64 removed;
};

static bool is_hash(const char *name)
{
    return strlen(name) == 64 && strspn(name, "0123456789abcdef") == 64;
}

/* The file is looked at again under the lock: the same bytes may just have been stored anew. */
static struct err *sweep_file(struct sweep *s, const char *folder, const char *name)
{
    const char *path = arena_printf(s->w->arena, "%s/%s", folder, name);
    struct err *failed = NULL;
    struct stat st;
    bool named = false;
    int held;

    if (lstat(path, &st) || !S_ISREG(st.st_mode) || st.st_mtime >= s->before)
        return NULL;
    TRY(lock(s->w, &held));
    if (!lstat(path, &st) && st.st_mtime < s->before) {
        failed = is_hash(name) ? blob_named(s->w, s->org, name, &named) : NULL;
        if (!failed && !named && !unlink(path))
            s->removed++;
    }
    close(held);
    return failed;
}

static struct err *sweep_folder(struct sweep *s, const char *folder)
{
    DIR *d = opendir(folder);
    struct err *failed = NULL;
    const struct dirent *entry;

    while (d && !failed && (entry = readdir(d)))
        if (is_hash(entry->d_name) || text_starts(entry->d_name, ".new-"))
            failed = sweep_file(s, folder, entry->d_name);
    if (d)
        closedir(d);
    return failed;
}

static struct err *sweep_org(struct sweep *s, const char *folder)
{
    struct web *w = s->w;
    struct arena *kept = w->arena, *own = arena_new(0);
    struct err *failed = NULL;

    w->arena = own;
    db_use_arena(w->db, own);
    for (int i = 0; i < 256 && !failed; i++) {
        failed = sweep_folder(s, arena_printf(own, "%s/%02x", folder, (unsigned)i));
        arena_reset(own);
    }
    w->arena = kept;
    db_use_arena(w->db, kept);
    arena_free(own);
    return failed;
}

static struct err *folder_collect(struct web *w)
{
    struct sweep s = {.w = w, .before = (clock_now() - BLOB_KEPT) / SECOND};
    const char *root = root_of(w);
    DIR *d = opendir(root);
    struct err *failed = NULL;
    const struct dirent *entry;

    while (d && !failed && (entry = readdir(d)))
        if (text_i64(entry->d_name, &s.org))
            failed = sweep_org(&s, arena_printf(w->arena, "%s/%s", root, entry->d_name));
    if (d)
        closedir(d);
    if (s.removed)
        log_event(LOG_INFO, "files", "removed=%lld", s.removed);
    return failed;
}

const struct blob_store blob_folder = {
    .put = folder_put, .get = folder_get, .drop = folder_drop, .collect = folder_collect};
