/* SPDX-License-Identifier: Apache-2.0 */
/* The file of a backup: a ZIP with manifest.json, cairn.db, blobs/, the list of erasures and, when
 * asked for, the keys, sealed (keys/ in old ones). The manifest names every member with size and
 * SHA-256. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#include "base/buf.h"
#include "base/crypt.h"
#include "base/text.h"
#include "base/words.h"
#include "feature/erasure/erasure.h"
#include "feature/log/log_part.h"

#define CHUNK ((size_t)64 * 1024)
#define MANIFEST "manifest.json"
#define MANIFEST_MOST ((zip_uint64_t)256 * 1024 * 1024)
#define DEPTH_MOST 8

static struct err *no_access(const char *path, const char *what)
{
    return err_new(ERR_BAD, "“%.200s” cannot be %s: %s.", path, what, strerror(errno));
}

static const char *hex_of(struct arena *a, struct digest *d)
{
    unsigned char hash[DIGEST_SIZE];

    digest_end(d, hash);
    return crypt_hex(a, hash, sizeof(hash));
}

struct err *file_digest(struct arena *a, const char *path, const char **hex, i64 *size)
{
    struct digest *d = digest_new(a);
    FILE *f = fopen(path, "re");
    char chunk[CHUNK];
    size_t n;
    bool bad;

    if (!f)
        return no_access(path, "read");
    *size = 0;
    while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0) {
        digest_add(d, chunk, n);
        *size += (i64)n;
    }
    bad = ferror(f) != 0;
    fclose(f);
    *hex = hex_of(a, d);
    return bad ? no_access(path, "read") : NULL;
}

/* --- members --- */

void members_put(struct arena *a, struct members *m, const struct member *one)
{
    if (m->count == m->room) {
        struct member *more = NEW_ARRAY(a, struct member, m->room * 2 + 16);

        if (m->count)
            memcpy(more, m->list, m->count * sizeof(*more));
        m->list = more;
        m->room = m->room * 2 + 16;
    }
    m->list[m->count++] = *one;
}

static struct err *add_file(struct arena *a, struct members *m, const char *name, const char *path)
{
    struct member one = {.name = arena_str(a, name), .path = arena_str(a, path)};

    TRY(file_digest(a, path, &one.sha256, &one.size));
    members_put(a, m, &one);
    return NULL;
}

static int by_name(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

size_t names_in(struct arena *a, const char *path, const char ***out)
{
    DIR *d = opendir(path);
    const struct dirent *entry;
    size_t n = 0, room = 64;

    *out = NEW_ARRAY(a, const char *, room);
    while (d && (entry = readdir(d))) {
        if (entry->d_name[0] == '.')
            continue;
        if (n == room) {
            const char **more = NEW_ARRAY(a, const char *, room * 2);

            memcpy(more, *out, n * sizeof(*more));
            *out = more;
            room *= 2;
        }
        (*out)[n++] = arena_str(a, entry->d_name);
    }
    if (d)
        closedir(d);
    qsort(*out, n, sizeof(**out), by_name);
    return n;
}

struct err *members_add(struct arena *a, struct members *m, const char *name, const char *path)
{
    struct stat st;
    const char **names;
    size_t n;

    if (lstat(path, &st))
        return no_access(path, "read");
    if (S_ISREG(st.st_mode))
        return add_file(a, m, name, path);
    if (!S_ISDIR(st.st_mode))
        return NULL;
    n = names_in(a, path, &names);
    for (size_t i = 0; i < n; i++)
        TRY(members_add(a, m, arena_printf(a, "%s/%s", name, names[i]),
                        arena_printf(a, "%s/%s", path, names[i])));
    return NULL;
}

/* --- writing --- */

static struct err *zip_problem(zip_t *z)
{
    return err_detail(err_new(ERR_FAULT, "The backup could not be written. Check the free space."),
                      "zip: %s", zip_strerror(z));
}

/* Files are mostly compressed already: packing them again costs much and brings nothing. */
static bool is_packed(const char *name)
{
    return text_starts(name, "blobs/");
}

static struct err *put(zip_t *z, const char *name, zip_source_t *source)
{
    zip_int64_t at;

    if (!source)
        return zip_problem(z);
    at = zip_file_add(z, name, source, ZIP_FL_ENC_UTF_8);
    if (at < 0) {
        zip_source_free(source);
        return zip_problem(z);
    }
    if (zip_set_file_compression(z, (zip_uint64_t)at,
                                 is_packed(name) ? ZIP_CM_STORE : ZIP_CM_DEFLATE, 1))
        return zip_problem(z);
    return NULL;
}

static struct err *fill(zip_t *z, const char *manifest, const struct members *m)
{
    TRY(put(z, MANIFEST, zip_source_buffer(z, manifest, strlen(manifest), 0)));
    for (size_t i = 0; i < m->count; i++)
        TRY(put(z, m->list[i].name, zip_source_file(z, m->list[i].path, 0, -1)));
    return NULL;
}

static struct err *make_durable(const char *part, const char *path)
{
    int fd = open(part, O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && fchmod(fd, 0600) == 0 && fsync(fd) == 0;

    if (fd >= 0)
        close(fd);
    if (!good)
        return no_access(part, "written");
    /* A file that came meanwhile is not overwritten. */
    if (link(part, path))
        return no_access(path, "written");
    unlink(part);
    return NULL;
}

struct err *archive_write(struct arena *a, const char *path, const json_t *manifest,
                          const struct members *m)
{
    const char *part = arena_printf(a, "%s.part", path);
    json_t *whole = json_own(a, json_deep_copy(manifest)), *list = json_array();
    struct err *failed;
    int code = 0;
    zip_t *z;

    json_object_set_new(whole, "members", list);
    for (size_t i = 0; i < m->count; i++)
        json_array_append_new(list, json_pack("{s:s,s:I,s:s}", "name", m->list[i].name, "size",
                                              m->list[i].size, "sha256", m->list[i].sha256));
    unlink(part);
    z = zip_open(part, ZIP_CREATE | ZIP_EXCL, &code);
    if (!z)
        return no_access(part, "written");
    failed = fill(z, json_text(a, whole), m);
    if (failed)
        zip_discard(z);
    else if (zip_close(z)) {
        failed = zip_problem(z);
        zip_discard(z);
    }
    if (!failed)
        failed = make_durable(part, path);
    if (failed)
        unlink(part);
    return failed;
}

/* --- reading --- */

struct archive {
    struct arena *arena;
    zip_t *zip;
    const char *path;
};

static void close_archive(void *arg)
{
    zip_discard(((struct archive *)arg)->zip);
}

static struct err *not_whole(const struct archive *z, const char *why)
{
    return err_new(ERR_BAD, "“%.150s” is not a whole backup: %.200s Nothing was changed.", z->path,
                   why);
}

static struct err *read_manifest(struct archive *z, json_t **out)
{
    zip_stat_t st;
    zip_file_t *f;
    struct buf b;
    zip_int64_t n;

    if (zip_stat(z->zip, MANIFEST, 0, &st) || !(st.valid & ZIP_STAT_SIZE) ||
        st.size > MANIFEST_MOST)
        return not_whole(z, "it has no list of its parts.");
    f = zip_fopen(z->zip, MANIFEST, 0);
    buf_init(&b, z->arena, (size_t)st.size + 1);
    n = f ? zip_fread(f, buf_room(&b, (size_t)st.size + 1), st.size) : -1;
    if (f && zip_fclose(f))
        n = -1;
    if (n < 0 || (zip_uint64_t)n != st.size || json_parse(z->arena, b.data, (size_t)n, out))
        return not_whole(z, "the list of its parts is damaged.");
    return NULL;
}

static struct err *check_manifest(const struct archive *z, const json_t *m)
{
    json_int_t version = json_integer_value(json_object_get(m, "version"));

    if (!text_equal(json_string_value(json_object_get(m, "format")), BACKUP_FORMAT))
        return not_whole(z, "it was not made by “cairn backup”.");
    if (version > BACKUP_VERSION)
        return err_new(ERR_BAD,
                       "“%.200s” was made by a newer Cairn. Install that version, then restore.",
                       z->path);
    if (version < 1 || !json_is_array(json_object_get(m, "members")) ||
        !json_is_array(json_object_get(m, "logs")) || !json_is_object(json_object_get(m, "key")))
        return not_whole(z, "the list of its parts is damaged.");
    return NULL;
}

struct err *archive_open(struct arena *a, const char *path, struct archive **out, json_t **manifest)
{
    struct archive *z = NEW(a, struct archive);
    int code = 0;

    z->arena = a;
    z->path = path;
    if (access(path, R_OK))
        return no_access(path, "read");
    z->zip = zip_open(path, ZIP_RDONLY | ZIP_CHECKCONS, &code);
    if (!z->zip)
        return not_whole(z, "it is cut off, damaged, or no ZIP file.");
    arena_defer(a, close_archive, z);
    TRY(read_manifest(z, manifest));
    TRY(check_manifest(z, *manifest));
    *out = z;
    return NULL;
}

/* Only names that we write: no way out of the directory. */
static bool name_safe(const char *name)
{
    int depth = 0;

    if (!*name || *name == '/' || strstr(name, "..") || strchr(name, '\\'))
        return false;
    for (const char *p = name; *p; p++)
        depth += *p == '/';
    return depth <= DEPTH_MOST &&
           (text_equal(name, "cairn.db") || text_starts(name, "blobs/") ||
            text_equal(name, ERASURE_FILE) || text_equal(name, KEYS_SEALED) ||
            text_equal(name, "keys/signer.key") || text_equal(name, "keys/signer.state") ||
            text_equal(name, "keys/csrf.key"));
}

static struct err *make_parents(struct arena *a, const char *path, size_t from)
{
    for (const char *slash = strchr(path + from, '/'); slash; slash = strchr(slash + 1, '/')) {
        const char *dir = arena_strn(a, path, (size_t)(slash - path));

        if (mkdir(dir, 0700) && errno != EEXIST)
            return no_access(dir, "made");
    }
    return NULL;
}

/* Copies the member to `out`; at most one byte more than promised is read. */
static bool copy_member(zip_file_t *f, FILE *out, i64 most, struct digest *d, i64 *size)
{
    char chunk[CHUNK];
    zip_int64_t n;

    *size = 0;
    while ((n = zip_fread(f, chunk, sizeof(chunk))) > 0) {
        *size += n;
        if (*size > most || fwrite(chunk, 1, (size_t)n, out) != (size_t)n)
            return false;
        digest_add(d, chunk, (size_t)n);
    }
    return n == 0;
}

static struct err *extract_one(struct archive *z, const json_t *part, const char *dir)
{
    const char *name = json_string_value(json_object_get(part, "name"));
    const char *wanted = json_string_value(json_object_get(part, "sha256")), *path;
    i64 promised = json_integer_value(json_object_get(part, "size")), size;
    struct digest *d = digest_new(z->arena);
    zip_file_t *f;
    FILE *out;
    bool good;

    if (!name || !wanted || !name_safe(name))
        return not_whole(z, "the list of its parts is damaged.");
    path = arena_printf(z->arena, "%s/%s", dir, name);
    TRY(make_parents(z->arena, path, strlen(dir) + 1));
    f = zip_fopen(z->zip, name, 0);
    if (!f)
        return not_whole(z, arena_printf(z->arena, "the part %.60s is missing.", name));
    out = fopen(path, "wxe");
    good = out && copy_member(f, out, promised, d, &size);
    if (out && (fflush(out) || fsync(fileno(out))))
        good = false;
    if (out)
        fclose(out);
    zip_fclose(f);
    if (!out)
        return no_access(path, "written");
    if (!good || size != promised || !text_equal(hex_of(z->arena, d), wanted))
        return not_whole(z, arena_printf(z->arena,
                                         "the part %.60s is not what the list says, or the disk is "
                                         "full.",
                                         name));
    return NULL;
}

struct err *archive_extract(struct archive *z, const json_t *manifest, const char *dir)
{
    const json_t *list = json_object_get(manifest, "members");
    zip_int64_t inside = zip_get_num_entries(z->zip, 0);

    if (inside != (zip_int64_t)json_array_size(list) + 1)
        return not_whole(z, "it holds other parts than its list says.");
    for (size_t i = 0; i < json_array_size(list); i++)
        TRY(extract_one(z, json_array_get(list, i), dir));
    return NULL;
}

/* --- our own directories --- */

static void remove_below(int parent, const char *name, int depth)
{
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;

    while (d && depth < DEPTH_MOST * 2 && (entry = readdir(d))) {
        if (text_equal(entry->d_name, ".") || text_equal(entry->d_name, ".."))
            continue;
        if (unlinkat(fd, entry->d_name, 0))
            remove_below(fd, entry->d_name, depth + 1);
    }
    if (d)
        closedir(d);
    else if (fd >= 0)
        close(fd);
    unlinkat(parent, name, AT_REMOVEDIR);
}

void remove_tree(const char *dir)
{
    remove_below(AT_FDCWD, dir, 0);
}
