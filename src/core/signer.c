/* SPDX-License-Identifier: Apache-2.0 */
/* The signer: a key and a memory. The memory (DIR/signer.state) is written before a signature is
 * given out, so a signed size is never forgotten, and an older database that is put back or a log
 * that was rewritten is noticed. Safe from any thread. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "base/words.h"
#include "core/trail_part.h"

#define FILE_LIMIT ((size_t)64 * 1024 * 1024)
#define SEED_SIZE 32

struct signed_log {
    struct signed_log *next;
    const char *origin;
    i64 size;
    unsigned char root[TLOG_HASH];
    bool ended; /* a restore put an older state in its place: never signed again */
};

struct signer {
    struct arena *arena; /* of the logs' names */
    const char *dir;
    const char *name;
    unsigned char public_key[32], secret_key[64];
    pthread_mutex_t lock;
    struct signed_log *logs;
};

static struct err *file_problem(const char *what, const char *path)
{
    return err_detail(
        err_new(ERR_FAULT, "The file %.200s cannot be %s: %s.", path, what, strerror(errno)),
        "errno %d", errno);
}

static bool write_all(int fd, const char *text)
{
    size_t left = strlen(text);

    while (left) {
        ssize_t n = write(fd, text, left);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        text += n;
        left -= (size_t)n;
    }
    return fsync(fd) == 0;
}

static struct err *sync_dir(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;
    struct err *e = good ? NULL : file_problem("written", dir);

    if (fd >= 0)
        close(fd);
    return e;
}

/* Replaces DIR/name as a whole: after a crash there is the old file or the new one. */
static struct err *write_file(struct arena *a, const char *dir, const char *name, const char *text)
{
    const char *path = arena_printf(a, "%s/%s", dir, name);
    const char *fresh = arena_printf(a, "%s.new", path);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    struct err *e = NULL;

    if (fd < 0)
        return file_problem("written", fresh);
    if (!write_all(fd, text))
        e = file_problem("written", fresh);
    if (close(fd) != 0 && !e)
        e = file_problem("written", fresh);
    if (!e && rename(fresh, path) != 0)
        e = file_problem("written", path);
    return e ? e : sync_dir(dir);
}

/* The file's text, or NULL in *out when it does not exist. */
static struct err *read_file(struct arena *a, const char *path, const char **out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct err *e = NULL;
    struct buf b;
    ssize_t n = 1;

    *out = NULL;
    if (fd < 0)
        return errno == ENOENT ? NULL : file_problem("read", path);
    buf_init(&b, a, 4096);
    while (!e && n != 0) {
        n = read(fd, buf_room(&b, 4096), 4096);
        if (n > 0)
            b.size += (size_t)n;
        else if (n < 0 && errno != EINTR)
            e = file_problem("read", path);
        if (b.size > FILE_LIMIT)
            e = err_new(ERR_FAULT, "The file %.200s is too large.", path);
    }
    close(fd);
    buf_char(&b, '\0');
    *out = b.data;
    return e;
}

static int digit(char c)
{
    const char *at = c ? strchr("0123456789abcdef", c) : NULL;

    return at ? (int)(at - "0123456789abcdef") : -1;
}

/* --- the key --- */

static void name_key(struct signer *s)
{
    unsigned char hash[DIGEST_SIZE];

    crypt_sha256(s->public_key, sizeof(s->public_key), hash);
    s->name = arena_printf(s->arena, "cairn-%s", crypt_hex(s->arena, hash, 4));
}

/* "name\nseed in hex\n" */
static struct err *parse_key(struct signer *s, const char *path, const char *text)
{
    const char *end = strchr(text, '\n');
    unsigned char seed[SEED_SIZE];
    bool good = end && strlen(end + 1) == 2 * SEED_SIZE + 1 && end[1 + 2 * SEED_SIZE] == '\n';

    for (size_t i = 0; good && i < SEED_SIZE; i++) {
        int high = digit(end[1 + 2 * i]), low = digit(end[2 + 2 * i]);

        good = high >= 0 && low >= 0;
        seed[i] = (unsigned char)(high << 4 | low);
    }
    if (good) {
        sign_seed(seed, s->public_key, s->secret_key);
        name_key(s);
        good = strncmp(text, s->name, (size_t)(end - text)) == 0 &&
               strlen(s->name) == (size_t)(end - text);
    }
    if (!good)
        return err_new(ERR_FAULT,
                       "The signing key %.200s is damaged. Put it back from your own copy.", path);
    return NULL;
}

static struct err *make_key(struct signer *s, struct arena *a)
{
    unsigned char seed[SEED_SIZE];

    crypt_random(seed, sizeof seed);
    sign_seed(seed, s->public_key, s->secret_key);
    name_key(s);
    return write_file(a, s->dir, "signer.key",
                      arena_printf(a, "%s\n%s\n", s->name, crypt_hex(a, seed, sizeof seed)));
}

/* --- the memory --- */

static struct signed_log *find(struct signer *s, const char *origin)
{
    struct signed_log *l = s->logs;

    while (l && strcmp(l->origin, origin) != 0)
        l = l->next;
    return l;
}

static struct err *damaged_state(const char *path)
{
    return err_new(ERR_FAULT,
                   "The signer's memory %.200s is damaged. Put it back from your "
                   "own copy, and run the check of the log.",
                   path);
}

/* "origin size root", or "origin size root ended", per line. */
static struct err *parse_state(struct signer *s, struct arena *a, const char *path,
                               const char *text)
{
    while (*text) {
        struct signed_log *l = NEW(s->arena, struct signed_log);
        size_t length = strcspn(text, "\n"), n;
        struct bytes root;
        char **words;

        if (text[length] != '\n' || text[0] == ' ')
            return damaged_state(path);
        n = text_split(a, arena_strn(a, text, length), ' ', &words);
        if ((n != 3 && n != 4) || !text_i64(words[1], &l->size) || l->size < 1 ||
            !crypt_unbase64(a, words[2], &root) || root.size != TLOG_HASH ||
            (n == 4 && strcmp(words[3], "ended") != 0))
            return damaged_state(path);
        memcpy(l->root, root.data, TLOG_HASH);
        l->origin = arena_str(s->arena, words[0]);
        l->ended = n == 4;
        l->next = s->logs;
        s->logs = l;
        text += length + 1;
    }
    return NULL;
}

static struct err *save_state(struct signer *s, struct arena *a)
{
    struct buf b;

    buf_init(&b, a, 1000);
    for (struct signed_log *l = s->logs; l; l = l->next)
        if (l->size > 0)
            buf_printf(&b, "%s %lld %s%s\n", l->origin, l->size,
                       crypt_base64(a, l->root, TLOG_HASH), l->ended ? " ended" : "");
    return write_file(a, s->dir, "signer.state", b.data);
}

static void release(void *arg)
{
    struct signer *s = arg;

    memset(s->secret_key, 0, sizeof(s->secret_key));
    pthread_mutex_destroy(&s->lock);
    arena_free(s->arena);
}

/* Opens; with `create`, makes what a new directory lacks. */
static struct err *open_signer(struct arena *a, const char *dir, bool create, struct signer **out)
{
    struct signer *s = NEW(a, struct signer);
    const char *key_path = arena_printf(a, "%s/signer.key", dir);
    const char *state_path = arena_printf(a, "%s/signer.state", dir);
    const char *key, *state;

    s->arena = arena_new(0);
    s->dir = arena_str(a, dir);
    pthread_mutex_init(&s->lock, NULL);
    arena_defer(a, release, s);
    TRY(read_file(a, key_path, &key));
    TRY(read_file(a, state_path, &state));
    if (!key && !create)
        return err_new(ERR_MISSING, "There is no signing key %.200s.", key_path);
    if ((key && !state) || (!key && state && *state))
        return err_new(ERR_FAULT, "The file %.200s is missing. Put it back from your own copy.",
                       key ? state_path : key_path);
    if (!state)
        TRY(write_file(a, dir, "signer.state", ""));
    if (key)
        TRY(parse_key(s, key_path, key));
    else
        TRY(make_key(s, a));
    if (state)
        TRY(parse_state(s, a, state_path, state));
    *out = s;
    return NULL;
}

struct err *signer_open(struct arena *a, const char *dir, struct signer **out)
{
    return open_signer(a, dir, true, out);
}

struct err *signer_load(struct arena *a, const char *dir, struct signer **out)
{
    return open_signer(a, dir, false, out);
}

const unsigned char *signer_public(const struct signer *s)
{
    return s->public_key;
}

const char *signer_name(const struct signer *s)
{
    return s->name;
}

i64 signer_last(struct signer *s, const char *origin)
{
    struct signed_log *l;
    i64 size;

    pthread_mutex_lock(&s->lock);
    l = find(s, origin);
    size = l ? l->size : 0;
    pthread_mutex_unlock(&s->lock);
    return size;
}

bool signer_known(struct signer *s, struct arena *a, size_t i, struct checkpoint *out)
{
    struct signed_log *l;

    pthread_mutex_lock(&s->lock);
    l = s->logs;
    while (l && (l->ended || i--))
        l = l->next;
    if (l) {
        *out = (struct checkpoint){.origin = arena_str(a, l->origin), .size = l->size};
        memcpy(out->root, l->root, TLOG_HASH);
    }
    pthread_mutex_unlock(&s->lock);
    return l != NULL;
}

const char *signer_origin(struct signer *s, struct arena *a, i64 org)
{
    const char *base = arena_printf(a, "%s/%lld", s->name, org);
    size_t n = strlen(base);
    int epoch = 1;

    pthread_mutex_lock(&s->lock);
    for (struct signed_log *l = s->logs; l; l = l->next)
        if (l->ended && strncmp(l->origin, base, n) == 0 &&
            (l->origin[n] == '\0' || l->origin[n] == '/'))
            epoch++;
    pthread_mutex_unlock(&s->lock);
    return epoch == 1 ? base : arena_printf(a, "%s/%d", base, epoch);
}

struct err *signer_end(struct signer *s, struct arena *a, const char *origin)
{
    struct signed_log *l;
    struct err *e = NULL;

    pthread_mutex_lock(&s->lock);
    l = find(s, origin);
    if (l && !l->ended) {
        l->ended = true;
        e = save_state(s, a);
        l->ended = !e;
    }
    pthread_mutex_unlock(&s->lock);
    return e;
}

/* Takes the new size and root into the memory, on disk first. Called under the lock. */
static struct err *remember(struct signer *s, struct arena *a, const struct checkpoint *c,
                            struct bytes proof)
{
    struct signed_log *l = find(s, c->origin), before;
    struct err *e;

    if (!l) {
        l = NEW(s->arena, struct signed_log);
        l->origin = arena_str(s->arena, c->origin);
        crypt_sha256("", 0, l->root);
        l->next = s->logs;
        s->logs = l;
    }
    if (l->ended)
        return err_new(ERR_CLASH, "This log was ended by a restore, so it is not signed.");
    if (!tlog_check_consistency(l->size, l->root, c->size, c->root, proof))
        return err_detail(err_new(ERR_CLASH, "The log is not a continuation of what was signed "
                                             "before, so it is not signed."),
                          "%s: signed %lld, asked for %lld", c->origin, l->size, c->size);
    if (l->size == c->size)
        return NULL;
    before = *l;
    l->size = c->size;
    memcpy(l->root, c->root, TLOG_HASH);
    e = save_state(s, a);
    if (e)
        *l = before;
    return e;
}

static bool own_origin(const struct signer *s, const char *origin)
{
    size_t n = strlen(s->name);

    return strncmp(origin, s->name, n) == 0 && origin[n] == '/' && !strpbrk(origin, " \n");
}

struct err *signer_sign(struct signer *s, struct arena *a, const struct checkpoint *c,
                        struct bytes proof, const char **note)
{
    struct err *e;

    *note = NULL;
    if (!own_origin(s, c->origin) || c->size < 1)
        return err_new(ERR_BAD, "This is not a log of this signer.");
    pthread_mutex_lock(&s->lock);
    e = remember(s, a, c, proof);
    pthread_mutex_unlock(&s->lock);
    if (!e)
        *note = checkpoint_sign(a, c, s->name, s->public_key, s->secret_key);
    return e;
}
