/* SPDX-License-Identifier: Apache-2.0 */
/* The keys in a backup: sealed with a passphrase, so that the file alone signs nothing. Inside: for
 * each file "name size\n" and its bytes. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/seal.h"
#include "base/text.h"
#include "feature/log/log_part.h"

#define KEY_MOST ((size_t)16 * 1024 * 1024)

static const char *const names[] = {"signer.state", "signer.key", "csrf.key"};

static struct err *no_access(const char *path, const char *what)
{
    return err_new(ERR_BAD, "“%.200s” cannot be %s: %s.", path, what, strerror(errno));
}

static struct err *read_file(struct arena *a, const char *path, struct bytes *out)
{
    FILE *f = fopen(path, "re");
    char chunk[8192];
    struct buf b;
    size_t n;

    if (!f)
        return no_access(path, "read");
    buf_init(&b, a, 512);
    while (b.size < KEY_MOST && (n = fread(chunk, 1, sizeof(chunk), f)) > 0)
        buf_add(&b, chunk, n);
    fclose(f);
    explicit_bzero(chunk, sizeof(chunk));
    *out = (struct bytes){(const unsigned char *)b.data, b.size};
    return NULL;
}

static struct err *write_file(const char *path, struct bytes data)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool good = fd >= 0 && write(fd, data.data, data.size) == (ssize_t)data.size && !fsync(fd);

    if (fd >= 0)
        close(fd);
    return good ? NULL : no_access(path, "written");
}

struct err *keys_seal(struct arena *a, const char *dir, const char *passphrase, const char *file)
{
    struct bytes one, sealed;
    struct buf b;

    buf_init(&b, a, 1024);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        TRY(read_file(a, arena_printf(a, "%s/%s", dir, names[i]), &one));
        buf_printf(&b, "%s %zu\n", names[i], one.size);
        buf_add(&b, one.data, one.size);
    }
    TRY(seal(a, passphrase, (struct bytes){(const unsigned char *)b.data, b.size}, &sealed));
    explicit_bzero(b.data, b.size);
    return write_file(file, sealed);
}

static bool is_name(const char *text, size_t n)
{
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (strlen(names[i]) == n && memcmp(names[i], text, n) == 0)
            return true;
    return false;
}

static struct err *write_keys(struct arena *a, struct bytes plain, const char *dir)
{
    const char *at = (const char *)plain.data, *end = at + plain.size;

    while (at < end) {
        const char *line = memchr(at, '\n', (size_t)(end - at));
        const char *space = line ? memchr(at, ' ', (size_t)(line - at)) : NULL;
        i64 size;

        if (!space || !is_name(at, (size_t)(space - at)) ||
            !text_i64(arena_strn(a, space + 1, (size_t)(line - space - 1)), &size) || size < 0 ||
            size > end - line - 1)
            return err_new(ERR_BAD, "The keys in the backup are damaged.");
        TRY(write_file(arena_printf(a, "%s/%.*s", dir, (int)(space - at), at),
                       (struct bytes){(const unsigned char *)line + 1, (size_t)size}));
        at = line + 1 + size;
    }
    return NULL;
}

struct err *keys_open(struct arena *a, const char *file, const char *passphrase, const char *dir)
{
    struct bytes sealed, plain;

    TRY(read_file(a, file, &sealed));
    TRY(seal_open(a, passphrase, sealed, &plain));
    return write_keys(a, plain, dir);
}

/* --- asking --- */

static struct err *read_line(struct cli *c, const char **out)
{
    char line[1024];

    if (!fgets(line, sizeof(line), c->in))
        return err_new(ERR_BAD, "There is no passphrase. Give it as the first line of standard "
                                "input.");
    line[strcspn(line, "\r\n")] = '\0';
    *out = arena_str(c->arena, line);
    explicit_bzero(line, sizeof(line));
    return NULL;
}

/* Reads a line that does not appear on the screen. */
static struct err *read_hidden(struct cli *c, const char *prompt, const char **out)
{
    int fd = fileno(c->in);
    struct termios before, quiet;
    bool terminal = isatty(fd) && tcgetattr(fd, &before) == 0;
    struct err *failed;

    if (terminal) {
        quiet = before;
        quiet.c_lflag &= (tcflag_t)~ECHO;
        tcsetattr(fd, TCSAFLUSH, &quiet);
        fprintf(c->err, "%s", prompt);
    }
    failed = read_line(c, out);
    if (terminal) {
        tcsetattr(fd, TCSAFLUSH, &before);
        fprintf(c->err, "\n");
    }
    return failed;
}

struct err *keys_ask(struct cli *c, bool fresh, const char **out)
{
    const char *again;

    TRY(read_hidden(c,
                    fresh ? "Passphrase for the keys in the backup: "
                          : "Passphrase of the keys in the backup: ",
                    out));
    if (!fresh || !isatty(fileno(c->in)))
        return NULL;
    TRY(read_hidden(c, "The same again: ", &again));
    if (!text_equal(*out, again))
        return err_new(ERR_INVALID, "The two passphrases differ. Nothing was written.");
    return NULL;
}
