/* SPDX-License-Identifier: Apache-2.0 */
/* The server as a whole: socket, libmicrohttpd's daemon, the list of connections, and the reaper, a
 * thread that closes connections past their deadline (a timeout that restarts with every byte lets
 * a thousand trickling peers live forever) and reads out those that were refused in mid-sentence.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/words.h"
#include "net/exchange.h"

#define HEAD_MEMORY (32 * KIB) /* URL and headers of one request; past it 414 or 431 */
#define TICK_MS 250
#define LINGER_SECONDS 5 /* without a byte */
#define LINGER_MOST 30
#define TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:%SERVER_PRECEDENCE"

void server_hold(struct server *s)
{
    atomic_fetch_add(&s->holders, 1);
}

void server_release(struct server *s)
{
    if (atomic_fetch_sub(&s->holders, 1) != 1)
        return;
    pthread_mutex_destroy(&s->lock);
    struct arena *a = s->arena; /* holds `s` itself */
    arena_free(a);
}

struct arena *server_arena(struct server *s)
{
    pthread_mutex_lock(&s->lock);
    struct arena *a = s->nspare ? s->spare[--s->nspare] : NULL;
    pthread_mutex_unlock(&s->lock);
    return a ? a : arena_new(REQUEST_MEMORY);
}

void server_arena_back(struct server *s, struct arena *a)
{
    arena_reset(a);
    pthread_mutex_lock(&s->lock);
    bool keep = s->nspare < SPARE_ARENAS && atomic_load(&s->stopping) < 2;
    if (keep)
        s->spare[s->nspare++] = a;
    pthread_mutex_unlock(&s->lock);
    if (!keep)
        arena_free(a);
}

/* The peer's address as text; IPv4 in IPv6 clothes is shown as IPv4. */
static void peer_text(const struct sockaddr *address, char out[INET6_ADDRSTRLEN])
{
    const void *raw = NULL;
    int family = address->sa_family;
    if (family == AF_INET) {
        raw = &((const struct sockaddr_in *)(const void *)address)->sin_addr;
    } else if (family == AF_INET6) {
        const struct in6_addr *six =
            &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
        bool mapped = IN6_IS_ADDR_V4MAPPED(six);
        raw = mapped ? six->s6_addr + 12 : six->s6_addr;
        family = mapped ? AF_INET : AF_INET6;
    }
    if (!raw || !inet_ntop(family, raw, out, INET6_ADDRSTRLEN))
        memcpy(out, "unknown", sizeof "unknown");
}

static void conn_open(struct server *s, struct MHD_Connection *http, void **context)
{
    struct conn *c = calloc(1, sizeof *c);
    if (!c)
        BUG("out of memory");
    c->fd = MHD_get_connection_info(http, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    peer_text(MHD_get_connection_info(http, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr,
              c->peer);
    atomic_init(&c->deadline, clock_ticks() + s->config.header_seconds * SECOND);
    *context = c;
    pthread_mutex_lock(&s->lock);
    c->next = s->conns;
    if (c->next)
        c->next->prev = c;
    s->conns = c;
    pthread_mutex_unlock(&s->lock);
}

static void wake_reaper(struct server *s)
{
    ssize_t n = write(s->wake[1], "", 1);
    (void)n; /* a full pipe wakes as well */
}

/* Keeps a second descriptor of a socket that libmicrohttpd is about to close: closing with unread
 * bytes would make the kernel send a reset, which overtakes the answer. Under the lock. */
static bool start_linger(struct server *s, int fd)
{
    if (s->nincoming + atomic_load(&s->nlingers) >= LINGER_MAX || atomic_load(&s->stopping))
        return false;
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (copy < 0)
        return false;
    shutdown(copy, SHUT_WR);
    i64 now = clock_ticks();
    s->incoming[s->nincoming++] =
        (struct lingering){copy, now + LINGER_SECONDS * SECOND, now + LINGER_MOST * SECOND};
    return true;
}

static void conn_close(struct server *s, void **context)
{
    struct conn *c = *context;
    if (!c)
        return;
    *context = NULL;
    pthread_mutex_lock(&s->lock);
    if (c->prev)
        c->prev->next = c->next;
    else
        s->conns = c->next;
    if (c->next)
        c->next->prev = c->prev;
    bool lingering = c->linger && start_linger(s, c->fd);
    pthread_mutex_unlock(&s->lock);
    if (lingering)
        wake_reaper(s);
    free(c);
}

static void on_connection(void *server, struct MHD_Connection *http, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        conn_open(server, http, context);
    else
        conn_close(server, context);
}

/* True when the peer has closed, or the time is over. */
static bool linger_over(struct lingering *l, i64 now)
{
    /* With MSG_TRUNC the kernel drops what has arrived without copying it here. */
    ssize_t n = recv(l->fd, NULL, 1 << 20, MSG_DONTWAIT | MSG_TRUNC);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        return true;
    i64 next = now + LINGER_SECONDS * SECOND;
    if (n > 0)
        l->until = next < l->latest ? next : l->latest;
    return now > l->until;
}

static void reap_lingers(struct server *s, i64 now)
{
    size_t count = atomic_load(&s->nlingers);
    for (size_t i = 0; i < count;) {
        if (!linger_over(&s->lingers[i], now)) {
            i++;
            continue;
        }
        close(s->lingers[i].fd);
        s->lingers[i] = s->lingers[--count];
    }
    atomic_store(&s->nlingers, count);
}

/* Closes connections past their deadline and takes over new lingering ones. The lock keeps
 * descriptors from being closed, and so from meaning another connection, while they are used. */
static void reap_conns(struct server *s, i64 now)
{
    pthread_mutex_lock(&s->lock);
    for (struct conn *c = s->conns; c; c = c->next) {
        i64 deadline = atomic_load(&c->deadline);
        if (deadline && now > deadline)
            shutdown(c->fd, SHUT_RDWR); /* libmicrohttpd sees the end and cleans up */
    }
    size_t count = atomic_load(&s->nlingers);
    for (size_t i = 0; i < s->nincoming; i++)
        s->lingers[count++] = s->incoming[i];
    s->nincoming = 0;
    atomic_store(&s->nlingers, count);
    pthread_mutex_unlock(&s->lock);
}

static void *reaper_main(void *server)
{
    struct server *s = server;
    while (atomic_load(&s->stopping) < 3) {
        struct pollfd fds[LINGER_MAX + 1] = {
            {.fd = s->wake[0], .events = POLLIN}
        };
        nfds_t count = 1;
        for (size_t i = 0; i < atomic_load(&s->nlingers); i++)
            fds[count++] = (struct pollfd){.fd = s->lingers[i].fd, .events = POLLIN};
        if (poll(fds, count, TICK_MS) > 0 && fds[0].revents) {
            char sink[64];
            ssize_t n = read(s->wake[0], sink, sizeof sink);
            (void)n;
        }
        i64 now = clock_ticks();
        reap_conns(s, now);
        reap_lingers(s, now);
    }
    return NULL;
}

static size_t keep_raw(void *ctx, struct MHD_Connection *http, char *text)
{
    (void)ctx;
    (void)http;
    return strlen(text);
}

static void library_log(void *ctx, const char *format, va_list args) PRINTF(2, 0);

static void library_log(void *ctx, const char *format, va_list args)
{
    (void)ctx;
    char text[256];
    vsnprintf(text, sizeof text, format, args);
    log_event(LOG_DEBUG, "http", "%s", text);
}

static struct err *open_socket(struct server *s)
{
    const char *address = s->config.address;
    struct sockaddr_storage storage = {0};
    struct sockaddr_in *four = (struct sockaddr_in *)(void *)&storage;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)(void *)&storage;
    bool is_six = strchr(address, ':') != NULL;
    storage.ss_family = is_six ? AF_INET6 : AF_INET;
    if (is_six)
        six->sin6_port = htons((uint16_t)s->config.port);
    else
        four->sin_port = htons((uint16_t)s->config.port);
    void *raw = is_six ? (void *)&six->sin6_addr : (void *)&four->sin_addr;
    if (inet_pton(storage.ss_family, address, raw) != 1)
        return err_new(ERR_BAD, "%s is not an IP address. Use one such as 127.0.0.1.", address);
    s->listen_fd = socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1, off = 0;
    socklen_t size = is_six ? sizeof *six : sizeof *four;
    if (s->listen_fd < 0 ||
        setsockopt(s->listen_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        (is_six && setsockopt(s->listen_fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) != 0) ||
        bind(s->listen_fd, (struct sockaddr *)(void *)&storage, size) != 0 ||
        listen(s->listen_fd, 1024) != 0 ||
        getsockname(s->listen_fd, (struct sockaddr *)(void *)&storage, &size) != 0)
        return err_new(ERR_FAULT, "Cannot listen on %s port %d: %s.", address, s->config.port,
                       strerror(errno));
    s->port = ntohs(is_six ? six->sin6_port : four->sin_port);
    return NULL;
}

static void take_config(struct server *s, const struct server_config *config)
{
    struct server_config *c = &s->config;
    *c = *config;
    c->address = arena_str(s->arena, config->address);
    c->temp_dir = arena_str(s->arena, config->temp_dir ? config->temp_dir : "/tmp");
    c->tls_cert = arena_str(s->arena, config->tls_cert);
    c->tls_key = arena_str(s->arena, config->tls_key);
    if (c->threads <= 0)
        c->threads = (int)sysconf(_SC_NPROCESSORS_ONLN);
    if (c->threads <= 0)
        c->threads = 1;
    c->body_limit = c->body_limit ? c->body_limit : 1 * MIB;
    c->upload_limit = c->upload_limit ? c->upload_limit : 1024 * MIB;
    c->header_seconds = c->header_seconds > 0 ? c->header_seconds : 10;
    c->idle_seconds = c->idle_seconds > 0 ? c->idle_seconds : 60;
    c->connections = c->connections > 0 ? c->connections : 5000;
    size_t n = 0;
    while (config->trusted_proxies && config->trusted_proxies[n])
        n++;
    const char **proxies = NEW_ARRAY(s->arena, const char *, n + 1);
    for (size_t i = 0; i < n; i++)
        proxies[i] = arena_str(s->arena, config->trusted_proxies[i]);
    c->trusted_proxies = proxies;
}

/* Room for every connection, its lingering copy and files; as far as the system allows. */
static void raise_file_limit(const struct server_config *c)
{
    struct rlimit limit;
    rlim_t wanted = (rlim_t)c->connections * 2 + 512;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        log_event(LOG_WARN, "file_limit", "wanted=%lld", (long long)wanted);
}

static struct err *start_daemon(struct server *s)
{
    struct MHD_OptionItem more[8];
    size_t n = 0;
    const struct server_config *c = &s->config;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
    /* A pool of one is refused by the library: one thread is the absence of a pool. */
    if (c->threads > 1)
        more[n++] = (struct MHD_OptionItem){MHD_OPTION_THREAD_POOL_SIZE, c->threads, NULL};
    if (c->tls_cert) {
        flags |= MHD_USE_TLS;
        more[n++] =
            (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)c->tls_cert};
        more[n++] =
            (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)c->tls_key};
        more[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_PRIORITIES, 0,
                                            (void *)(uintptr_t)TLS_PRIORITIES};
    }
    more[n] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
    unsigned idle = (unsigned)(c->idle_seconds > 30 ? c->idle_seconds : 30);
    s->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, exchange_step, s,
        /* first, so that it also gets what goes wrong with the others */
        MHD_OPTION_EXTERNAL_LOGGER, library_log, NULL, MHD_OPTION_LISTEN_SOCKET, s->listen_fd,
        MHD_OPTION_URI_LOG_CALLBACK, exchange_open, s, MHD_OPTION_NOTIFY_COMPLETED, exchange_done,
        s, MHD_OPTION_NOTIFY_CONNECTION, on_connection, s, MHD_OPTION_UNESCAPE_CALLBACK, keep_raw,
        NULL, MHD_OPTION_CONNECTION_LIMIT, (unsigned)c->connections, MHD_OPTION_CONNECTION_TIMEOUT,
        idle, MHD_OPTION_CONNECTION_MEMORY_LIMIT, HEAD_MEMORY, MHD_OPTION_ARRAY, more,
        MHD_OPTION_END);
    if (!s->daemon)
        return err_new(ERR_FAULT, "The web server does not start.%s",
                       c->tls_cert ? " Check the certificate and its key." : "");
    return NULL;
}

static struct err *start_all(struct server *s)
{
    TRY(open_socket(s));
    raise_file_limit(&s->config);
    if (pipe2(s->wake, O_CLOEXEC | O_NONBLOCK) != 0)
        return err_new(ERR_FAULT, "The web server does not start: %s.", strerror(errno));
    TRY(start_daemon(s));
    if (pthread_create(&s->reaper, NULL, reaper_main, s) != 0) {
        MHD_stop_daemon(s->daemon);
        s->listen_fd = -1;
        return err_new(ERR_FAULT, "The web server cannot start a thread.");
    }
    return NULL;
}

static void close_fds(struct server *s)
{
    int fds[] = {s->listen_fd, s->wake[0], s->wake[1]};
    for (size_t i = 0; i < COUNT_OF(fds); i++)
        if (fds[i] >= 0)
            close(fds[i]);
    for (size_t i = 0; i < s->nincoming; i++)
        close(s->incoming[i].fd);
    for (size_t i = 0; i < atomic_load(&s->nlingers); i++)
        close(s->lingers[i].fd);
}

struct err *server_start(const struct server_config *config, const struct server_calls *calls,
                         struct server **out)
{
    struct arena *a = arena_new(0);
    struct server *s = NEW(a, struct server);
    s->arena = a;
    s->calls = *calls;
    s->listen_fd = s->wake[0] = s->wake[1] = -1;
    atomic_init(&s->holders, 1);
    pthread_mutex_init(&s->lock, NULL);
    take_config(s, config);
    struct err *e = start_all(s);
    if (e) {
        close_fds(s);
        server_release(s);
        return e;
    }
    *out = s;
    return NULL;
}

int server_port(const struct server *s)
{
    return s->port;
}

static bool any_busy(struct server *s)
{
    bool busy = false;
    pthread_mutex_lock(&s->lock);
    for (struct conn *c = s->conns; c && !busy; c = c->next)
        busy = atomic_load(&c->busy);
    pthread_mutex_unlock(&s->lock);
    return busy;
}

/* Takes back what core has not answered. The library may not stop while a connection is suspended,
 * so threads in the middle of resuming one are waited for (they are about to). */
static void abandon_all(struct server *s)
{
    atomic_store(&s->stopping, 2);
    pthread_mutex_lock(&s->lock);
    for (struct conn *c = s->conns; c; c = c->next)
        if (c->exchange)
            exchange_abandon(c->exchange);
    pthread_mutex_unlock(&s->lock);
    while (atomic_load(&s->resuming) > 0)
        usleep(100);
}

void server_stop(struct server *s, int seconds)
{
    i64 until = clock_ticks() + seconds * SECOND;
    atomic_store(&s->stopping, 1);
    MHD_quiesce_daemon(s->daemon);
    shutdown(s->listen_fd, SHUT_RDWR); /* new connections are refused from here on */
    while (any_busy(s) && clock_ticks() < until)
        usleep(2000);
    abandon_all(s);
    MHD_stop_daemon(s->daemon);
    atomic_store(&s->stopping, 3);
    wake_reaper(s);
    pthread_join(s->reaper, NULL);
    close_fds(s);
    pthread_mutex_lock(&s->lock); /* late answers still bring their arenas back */
    while (s->nspare > 0)
        arena_free(s->spare[--s->nspare]);
    pthread_mutex_unlock(&s->lock);
    server_release(s);
}
