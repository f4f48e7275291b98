/* SPDX-License-Identifier: Apache-2.0 */
/* The control socket DIR/control.sock: how a command of the command line runs inside the server.
 *
 * Both sides send messages of four bytes length and a JSON object. The caller opens with {argv,
 * cwd, user, database} and its stdin, stdout and stderr (SCM_RIGHTS). The server runs the command
 * on a thread of its own over these descriptors. It may ask {open, write}, which the caller answers
 * with {error} and a descriptor, and ends with {status}. Who may call is decided by the kernel's
 * word about the peer (same user, or root), not by what the message says. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "base/words.h"
#include "core/command.h"

#define MESSAGE_MAX ((size_t)4 << 20)
#define CALLS_MAX 16
#define STREAMS 3
#define WAIT_SECONDS 10
#define FULL_WAIT_MS 20
#define SOCKET_NAME "control.sock"

struct control {
    struct app *app;
    int listen_fd, wake;
    const char *path;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t ended;
    int running;
};

struct call {
    struct control *control;
    struct arena *arena;
    int fd;
    const char *user;
};

/* --- messages --- */

static bool write_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = send(fd, data, size, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        data += n;
        size -= (size_t)n;
    }
    return true;
}

/* Sends the length with up to three descriptors, then the text. */
static bool send_message(int fd, const char *text, const int *fds, size_t nfds)
{
    uint32_t size = (uint32_t)strlen(text);
    struct iovec part = {&size, sizeof(size)};
    union {
        char room[CMSG_SPACE(STREAMS * sizeof(int))];
        struct cmsghdr align;
    } control = {0};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};

    if (nfds) {
        m.msg_control = control.room;
        m.msg_controllen = CMSG_SPACE(nfds * sizeof(int));
        *CMSG_FIRSTHDR(&m) = (struct cmsghdr){.cmsg_level = SOL_SOCKET,
                                              .cmsg_type = SCM_RIGHTS,
                                              .cmsg_len = CMSG_LEN(nfds * sizeof(int))};
        memcpy(CMSG_DATA(CMSG_FIRSTHDR(&m)), fds, nfds * sizeof(int));
    }
    return sendmsg(fd, &m, MSG_NOSIGNAL) == (ssize_t)sizeof(size) && write_all(fd, text, size);
}

static bool send_json(struct arena *a, int fd, json_t *value)
{
    return send_message(fd, json_text(a, json_own(a, value)), NULL, 0);
}

/* Descriptors that came with a message; what is more than `room` is closed. */
static size_t take_descriptors(struct msghdr *m, int *fds, size_t room)
{
    size_t n = 0;

    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
        size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        for (size_t i = 0; i < count; i++) {
            int fd;

            memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
            if (n < room)
                fds[n++] = fd;
            else
                close(fd);
        }
    }
    return n;
}

/* Reads one message. False when the other side is gone, slow, or talks nonsense; descriptors that
 * came along are then closed. */
static bool receive(struct arena *a, int fd, json_t **out, int *fds, size_t *nfds)
{
    uint32_t size = 0;
    struct iovec part = {&size, sizeof(size)};
    union {
        char room[CMSG_SPACE(STREAMS * sizeof(int))];
        struct cmsghdr align;
    } control;
    struct msghdr m = {.msg_iov = &part,
                       .msg_iovlen = 1,
                       .msg_control = control.room,
                       .msg_controllen = sizeof(control.room)};
    size_t room = *nfds;
    char *text;
    bool whole;

    *nfds = 0;
    if (recvmsg(fd, &m, MSG_CMSG_CLOEXEC | MSG_WAITALL) != (ssize_t)sizeof(size))
        return false;
    *nfds = take_descriptors(&m, fds, room);
    whole = size <= MESSAGE_MAX;
    text = arena_alloc(a, whole ? size + 1 : 1);
    whole = whole && recv(fd, text, size, MSG_WAITALL) == (ssize_t)size;
    if (whole && !json_parse(a, text, size, out) && json_is_object(*out))
        return true;
    for (size_t i = 0; i < *nfds; i++)
        close(fds[i]);
    *nfds = 0;
    return false;
}

/* The socket's address. Long directory names are reached through a descriptor of the directory,
 * because the kernel takes 107 bytes; it stays open in `*dir_fd` until the call is done. */
static bool set_address(struct sockaddr_un *address, const char *dir, const char *name, int *dir_fd)
{
    size_t room = sizeof(address->sun_path);

    *dir_fd = -1;
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if ((size_t)snprintf(address->sun_path, room, "%s/%s", dir, name) < room)
        return true;
    *dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return *dir_fd >= 0 &&
           (size_t)snprintf(address->sun_path, room, "/proc/self/fd/%d/%s", *dir_fd, name) < room;
}

static void set_timeout(int fd, int seconds)
{
    struct timeval t = {.tv_sec = seconds};

    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t)))
        log_event(LOG_DEBUG, "control", "no timeout: %s", strerror(errno));
}

/* --- the caller's side --- */

/* A connection to the server of `dir`, or -1 with `errno`. */
static int connect_to(const char *dir)
{
    struct sockaddr_un address;
    int dir_fd, fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), saved;

    if (fd < 0 || !set_address(&address, dir, SOCKET_NAME, &dir_fd) ||
        connect(fd, (struct sockaddr *)&address, sizeof(address))) {
        saved = errno;
        if (fd >= 0)
            close(fd);
        fd = -1;
        errno = saved;
    }
    saved = errno;
    if (dir_fd >= 0)
        close(dir_fd);
    errno = saved;
    return fd;
}

bool control_running(const char *dir)
{
    int fd = connect_to(dir);

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static bool send_call(struct cli *c, int fd)
{
    json_t *argv = json_array();
    json_t *call = json_object();
    const int fds[STREAMS] = {fileno(c->in), fileno(c->out), fileno(c->err)};

    for (int i = 0; i < c->nwhole; i++)
        json_array_append_new(argv, json_string(c->whole[i]));
    json_object_set_new(call, "argv", argv);
    json_object_set_new(call, "cwd", json_string(c->cwd));
    json_object_set_new(call, "user", json_string(c->os_user));
    if (!text_empty(c->config.database))
        json_object_set_new(call, "database", json_string(c->config.database));
    fflush(c->out);
    return send_message(fd, json_text(c->arena, json_own(c->arena, call)), fds, STREAMS);
}

/* Opens a file for the server, as this user and below this directory. */
static bool answer_open(struct cli *c, int fd, json_t *asked)
{
    const char *path = json_string_value(json_object_get(asked, "open"));
    bool write = json_is_true(json_object_get(asked, "write"));
    int flags = write ? O_WRONLY | O_CREAT | O_TRUNC : O_RDONLY;
    int file = path ? open(cli_path(c, path), flags | O_CLOEXEC, 0666) : -1;
    json_t *answer = json_object();
    bool sent;

    json_object_set_new(answer, "error", json_string(file < 0 ? strerror(errno) : ""));
    sent = send_message(fd, json_text(c->arena, json_own(c->arena, answer)), &file, file >= 0);
    if (file >= 0)
        close(file);
    return sent;
}

struct err *control_forward(struct cli *c, const char *dir, bool *taken)
{
    int fd = connect_to(dir);
    json_t *m;
    size_t none = 0;
    bool going;

    *taken = false;
    if (fd < 0 && (errno == EACCES || errno == EPERM))
        return err_new(ERR_DENIED,
                       "The data directory “%.200s” belongs to another user. Run the command as "
                       "that user or as root.",
                       dir);
    if (fd < 0)
        return NULL;
    going = send_call(c, fd);
    while (going && receive(c->arena, fd, &m, NULL, &none)) {
        json_t *status = json_object_get(m, "status");

        if (status) {
            *taken = true;
            c->forwarded = (int)json_integer_value(status);
            close(fd);
            return NULL;
        }
        going = answer_open(c, fd, m);
    }
    close(fd);
    return err_new(ERR_FAULT,
                   "The server on “%.200s” broke off before the command was done. Look at "
                   "the server's log, then see what the command changed.",
                   dir);
}

/* --- the server's side --- */

struct err *control_file(struct cli *c, const char *path, bool write, int *fd)
{
    json_t *ask = json_object(), *answer = NULL;
    size_t n = 1;
    const char *reason;

    json_object_set_new(ask, "open", json_string(path));
    json_object_set_new(ask, "write", json_boolean(write));
    if (!send_json(c->arena, c->control, ask) || !receive(c->arena, c->control, &answer, fd, &n))
        return err_new(ERR_BAD, "The caller is gone; “%.200s” cannot be opened.", path);
    if (n == 1)
        return NULL;
    reason = json_string_value(json_object_get(answer, "error"));
    return err_new(ERR_BAD, "The file “%.200s” cannot be %s: %s.", path, write ? "written" : "read",
                   reason ? reason : "unknown");
}

static bool other_database(const struct app *app, json_t *m)
{
    const char *named = json_string_value(json_object_get(m, "database"));

    return named && !text_equal(named, app->config.database);
}

/* Runs the command over the caller's streams, which are closed at the end. */
static int run_call(struct call *call, json_t *m, const int fds[STREAMS])
{
    json_t *argv = json_object_get(m, "argv"), *word;
    const char *cwd = json_string_value(json_object_get(m, "cwd"));
    struct app *app = call->control->app;
    struct cli c = {.arena = call->arena,
                    .cwd = cwd ? cwd : "/",
                    .os_user = call->user,
                    .app = app,
                    .config = app->config,
                    .control = call->fd,
                    .forwarded = -1};
    i64 started = clock_ticks();
    size_t i;
    int status = 2;

    c.whole = NEW_ARRAY(call->arena, char *, json_array_size(argv) + 1);
    json_array_foreach(argv, i, word) if (json_is_string(word)) c.whole[c.nwhole++] =
        arena_str(call->arena, json_string_value(word));
    c.in = fdopen(fds[0], "r");
    c.out = fdopen(fds[1], "w");
    c.err = fdopen(fds[2], "w");
    if (c.nwhole > 0 && c.in && c.out && c.err)
        status = other_database(app, m) ? cli_usage(&c, "The server on this data directory uses "
                                                        "another database. Leave out --database.")
                                        : command_run(&c);
    log_event(LOG_INFO, "command", "name=%s user=%s status=%d ms=%lld",
              c.command ? c.command->name : "", call->user, status,
              (clock_ticks() - started) / 1000);
    if (c.in)
        fclose(c.in);
    if (c.out && fclose(c.out))
        status = 2;
    if (c.err)
        fclose(c.err);
    return status;
}

static void end_call(struct call *call)
{
    struct control *control = call->control;

    close(call->fd);
    arena_free(call->arena); /* holds `call` itself */
    pthread_mutex_lock(&control->lock);
    control->running--;
    pthread_cond_broadcast(&control->ended);
    pthread_mutex_unlock(&control->lock);
}

static void *call_main(void *arg)
{
    struct call *call = arg;
    json_t *m, *answer;
    int fds[STREAMS], status = 2;
    size_t n = STREAMS;

    set_timeout(call->fd, WAIT_SECONDS);
    if (receive(call->arena, call->fd, &m, fds, &n)) {
        if (n == STREAMS)
            status = run_call(call, m, fds);
        else
            for (size_t i = 0; i < n; i++)
                close(fds[i]);
        answer = json_object();
        json_object_set_new(answer, "status", json_integer(status));
        if (!send_json(call->arena, call->fd, answer))
            log_event(LOG_DEBUG, "command", "the caller was gone before the end");
    }
    end_call(call);
    return NULL;
}

/* The peer's user, as the kernel knows it; NULL when it may not give commands. */
static const char *peer_user(struct arena *a, int fd)
{
    struct ucred peer;
    socklen_t size = sizeof(peer);
    struct passwd entry, *found = NULL;
    char room[2048];

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size))
        return NULL;
    if (peer.uid != geteuid() && peer.uid != 0) {
        log_event(LOG_WARN, "command-refused", "uid=%u", (unsigned)peer.uid);
        return NULL;
    }
    if (!getpwuid_r(peer.uid, &entry, room, sizeof(room), &found) && found)
        return arena_str(a, entry.pw_name);
    return arena_printf(a, "%u", (unsigned)peer.uid);
}

static void count_in(struct control *control)
{
    pthread_mutex_lock(&control->lock);
    control->running++;
    pthread_mutex_unlock(&control->lock);
}

static bool has_room(struct control *control)
{
    bool room;

    pthread_mutex_lock(&control->lock);
    room = control->running < CALLS_MAX;
    pthread_mutex_unlock(&control->lock);
    return room;
}

static void accept_one(struct control *control)
{
    int fd = accept4(control->listen_fd, NULL, NULL, SOCK_CLOEXEC);
    struct arena *a;
    struct call *call;
    pthread_t thread;

    if (fd < 0) {
        usleep(10 * 1000); /* no descriptor left: do not spin */
        return;
    }
    a = arena_new((size_t)1 << 30);
    call = NEW(a, struct call);
    *call = (struct call){control, a, fd, peer_user(a, fd)};
    if (!call->user) {
        close(fd);
        arena_free(a);
        return;
    }
    count_in(control);
    if (pthread_create(&thread, NULL, call_main, call))
        end_call(call);
    else
        pthread_detach(thread);
}

/* More callers than may run at once wait in the kernel's queue; none is sent away. */
static void *accept_main(void *arg)
{
    struct control *control = arg;
    struct pollfd fds[] = {
        {.fd = control->wake,      .events = POLLIN},
        {.fd = control->listen_fd, .events = POLLIN}
    };

    for (;;) {
        bool room = has_room(control);

        fds[1].revents = 0;
        if (poll(fds, room ? 2 : 1, room ? -1 : FULL_WAIT_MS) < 0 && errno != EINTR)
            return NULL;
        if (fds[0].revents)
            return NULL;
        if (fds[1].revents)
            accept_one(control);
    }
}

/* Listens under another name first: whoever sees the final name can connect to it. */
static struct err *listen_in(struct control *control, const char *dir)
{
    struct app *app = control->app;
    const char *fresh = arena_printf(app->arena, "%s/%s.new", dir, SOCKET_NAME);
    struct sockaddr_un address;
    int dir_fd;
    bool good;
    int reason;

    unlink(fresh);
    good = set_address(&address, dir, SOCKET_NAME ".new", &dir_fd) &&
           !bind(control->listen_fd, (struct sockaddr *)&address, sizeof(address)) &&
           !chmod(fresh, 0600) && !listen(control->listen_fd, 64) && !rename(fresh, control->path);
    reason = errno;
    if (dir_fd >= 0)
        close(dir_fd);
    if (!good)
        return err_new(ERR_FAULT, "The control socket “%.200s” cannot be made: %s.", control->path,
                       strerror(reason));
    return NULL;
}

struct err *control_start(struct app *app)
{
    struct control *control = NEW(app->arena, struct control);

    if (control_running(app->config.dir)) /* on PostgreSQL there is no lock that tells */
        return err_new(ERR_BUSY, "Another Cairn server runs on the data directory “%.200s”.",
                       app->config.dir);
    control->app = app;
    control->path = arena_printf(app->arena, "%s/%s", app->config.dir, SOCKET_NAME);
    pthread_mutex_init(&control->lock, NULL);
    pthread_cond_init(&control->ended, NULL);
    control->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    control->wake = eventfd(0, EFD_CLOEXEC);
    if (control->listen_fd < 0 || control->wake < 0)
        return err_new(ERR_FAULT, "The control socket cannot be made: %s.", strerror(errno));
    TRY(listen_in(control, app->config.dir));
    if (pthread_create(&control->thread, NULL, accept_main, control))
        return err_new(ERR_FAULT, "The thread of the control socket cannot be started.");
    app->control = control;
    return NULL;
}

bool control_stop(struct app *app)
{
    struct control *control = app->control;
    struct timespec until;
    bool idle;

    if (!control)
        return true;
    if (eventfd_write(control->wake, 1) == 0)
        pthread_join(control->thread, NULL);
    unlink(control->path);
    close(control->listen_fd);
    close(control->wake);
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += WAIT_SECONDS;
    pthread_mutex_lock(&control->lock);
    while (control->running > 0)
        if (pthread_cond_timedwait(&control->ended, &control->lock, &until) == ETIMEDOUT)
            break;
    idle = control->running == 0;
    pthread_mutex_unlock(&control->lock);
    app->control = NULL;
    return idle;
}
