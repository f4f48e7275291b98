/* SPDX-License-Identifier: Apache-2.0 */
/* The client's side of clamd's INSTREAM: "zINSTREAM\0", then pieces with their length as four bytes
 * in network order, then a length of zero; one line comes back: "stream: OK", "stream: Eicar FOUND"
 * or something that ends in ERROR. */
#include "core/scan.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "core/trail.h"

#define PIECE ((size_t)64 * 1024)
#define ANSWER 1024
#define PATIENCE_SECONDS 120

/* Host and port of "HOST:PORT" or "[HOST]:PORT"; false when it is neither. */
static bool split(struct arena *a, const char *text, const char **host, const char **port)
{
    const char *colon = strrchr(text, ':');
    size_t n = colon ? (size_t)(colon - text) : 0;
    i64 number;

    if (!n || !text_i64(colon + 1, &number) || number < 1 || number > 65535)
        return false;
    *port = colon + 1;
    *host = text[0] == '[' && n > 2 ? arena_strn(a, text + 1, n - 2) : arena_strn(a, text, n);
    return true;
}

struct err *scan_check(const char *scanner)
{
    struct arena *a = arena_new(0);
    const char *host, *port;
    bool good = text_starts(scanner, "unix:/") &&
                strlen(scanner) - 5 < sizeof(((struct sockaddr_un *)0)->sun_path);

    good = good || split(a, scanner, &host, &port);
    arena_free(a);
    if (good)
        return NULL;
    return err_new(ERR_BAD,
                   "--clamd “%.100s” is neither unix:/path/of/the/socket nor HOST:PORT, like "
                   "unix:/run/clamav/clamd.ctl or 127.0.0.1:3310.",
                   scanner);
}

static int dial_unix(const char *path)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    memcpy(to.sun_path, path, strnlen(path, sizeof(to.sun_path) - 1));
    if (fd >= 0 && connect(fd, (struct sockaddr *)(void *)&to, sizeof(to)) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

static int dial_tcp(struct arena *a, const char *text)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    const char *host, *port;
    int fd = -1;

    if (!split(a, text, &host, &port) || getaddrinfo(host, port, &hints, &list))
        return -1;
    for (struct addrinfo *i = list; i && fd < 0; i = i->ai_next) {
        fd = socket(i->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd >= 0 && connect(fd, i->ai_addr, i->ai_addrlen)) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(list);
    return fd;
}

static int dial(struct web *w)
{
    const char *scanner = w->app->config.scanner;
    struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
    int fd = text_starts(scanner, "unix:") ? dial_unix(scanner + 5) : dial_tcp(w->arena, scanner);

    if (fd >= 0) {
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    }
    return fd;
}

static bool put(int fd, const void *data, size_t size)
{
    const char *from = data;

    while (size > 0) {
        ssize_t n = send(fd, from, size, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        from += n;
        size -= (size_t)n;
    }
    return true;
}

static bool put_file(int fd, const char *path)
{
    char piece[PIECE];
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    bool good = file >= 0 && put(fd, "zINSTREAM", sizeof("zINSTREAM"));
    uint32_t length = 0;
    ssize_t n = 1;

    while (good && (n = read(file, piece, sizeof(piece))) > 0) {
        length = htonl((uint32_t)n);
        good = put(fd, &length, sizeof(length)) && put(fd, piece, (size_t)n);
    }
    length = 0;
    good = good && n == 0 && put(fd, &length, sizeof(length));
    if (file >= 0)
        close(file);
    return good;
}

/* One answer, up to its end; "" when none came. */
static const char *hear(struct arena *a, int fd)
{
    char *text = arena_alloc(a, ANSWER);
    size_t size = 0;

    while (size < ANSWER - 1) {
        ssize_t n = recv(fd, text + size, ANSWER - 1 - size, 0);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        size += (size_t)n;
        if (!text[size - 1])
            break;
    }
    return text_valid(text, strlen(text)) ? text : "";
}

/* "ClamAV 1.4.3/27812/Fri Nov 27" */
static const char *version(struct web *w)
{
    int fd = dial(w);
    const char *text = "";

    if (fd >= 0 && put(fd, "zVERSION", sizeof("zVERSION")))
        text = hear(w->arena, fd);
    if (fd >= 0)
        close(fd);
    return text;
}

struct refusal {
    const char *body;
};

static struct err *log_refusal(struct web *w, void *ctx)
{
    trail_event(w, "file.refused", NULL, 0, ((struct refusal *)ctx)->body);
    return NULL;
}

static bool ends(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);

    return n >= m && strcmp(text + n - m, end) == 0;
}

static struct err *infected(struct web *w, const char *answer, const char *name)
{
    const char *from = text_starts(answer, "stream: ") ? answer + 8 : answer;
    const char *finding = arena_strn(w->arena, from, strlen(from) - strlen(" FOUND"));
    struct refusal r = {arena_printf(w->arena, "%s: %s", name, finding)};

    TRY(app_write(w, log_refusal, &r));
    return err_new(ERR_INVALID,
                   "“%.100s” was refused: the virus scanner found %.150s in it. Nothing was "
                   "stored. Tell whoever looks after security.",
                   name, finding);
}

struct err *scan_file(struct web *w, const char *path, const char *name, const char **result)
{
    const char *answer = "";
    bool sent = false;
    int fd;

    *result = NULL;
    if (text_empty(w->app->config.scanner))
        return NULL;
    fd = dial(w);
    if (fd >= 0) {
        /* A scanner that has found something may stop reading: its answer counts all the same. */
        sent = put_file(fd, path);
        answer = hear(w->arena, fd);
        close(fd);
    }
    if (ends(answer, " FOUND"))
        return infected(w, answer, name);
    if (sent && ends(answer, ": OK")) {
        *result = arena_printf(w->arena, "clean, %.150s", version(w));
        return NULL;
    }
    log_event(LOG_ERROR, "scanner", "connected=%d answer=%s", fd >= 0, answer);
    if (w->app->config.scanner_optional) {
        *result = "not scanned: the scanner did not answer";
        return NULL;
    }
    return err_new(ERR_BUSY, "The virus scanner does not answer, so no file is taken just now. "
                             "Nothing was stored. Please try again later.");
}
