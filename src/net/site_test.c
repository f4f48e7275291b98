/* SPDX-License-Identifier: Apache-2.0 */
#include "net/site_test.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

void site_describe(struct request *r)
{
    struct buf b;
    buf_init(&b, r->arena, 0);
    buf_printf(&b, "%s %s peer=%s https=%d body=%zu type=%s", r->method_text, r->path, r->peer,
               r->https, r->body.size, r->body_type ? r->body_type : "none");
    for (size_t i = 0; i < r->query.count; i++)
        buf_printf(&b, " q:%s=%s", r->query.list[i].name, r->query.list[i].value);
    for (size_t i = 0; i < r->form.count; i++)
        buf_printf(&b, " f:%s=%s", r->form.list[i].name, r->form.list[i].value);
    for (size_t i = 0; i < r->nuploads; i++)
        buf_printf(&b, " u:%s=%zu", r->uploads[i].filename, r->uploads[i].size);
    r->response.status = 200;
    r->response.type = "text/plain; charset=utf-8";
    r->response.body = (struct bytes){(const unsigned char *)b.data, b.size};
}

static void *answer_later(void *request)
{
    usleep(20000);
    site_describe(request);
    server_answer(request);
    return NULL;
}

static void *continue_later(void *request)
{
    usleep(20000);
    server_continue(request);
    return NULL;
}

static void in_thread(void *(*run)(void *), struct request *r)
{
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, run, r), 0);
    pthread_detach(thread);
}

static void on_headers(void *ctx, struct request *r)
{
    struct site *s = ctx;
    atomic_fetch_add(&s->heads, 1);
    if (text_starts(r->path, "/deny")) {
        r->response.status = 403;
        server_answer(r);
    } else if (text_starts(r->path, "/later")) {
        in_thread(continue_later, r);
    } else {
        server_continue(r);
    }
}

static void on_request(void *ctx, struct request *r)
{
    struct site *s = ctx;
    atomic_fetch_add(&s->requests, 1);
    if (strcmp(r->path, "/second") == 0)
        atomic_fetch_add(&s->seconds, 1);
    if (text_starts(r->path, "/later")) {
        in_thread(answer_later, r);
        return;
    }
    if (strcmp(r->path, "/never") == 0) {
        s->held = r;
        return;
    }
    if (strcmp(r->path, "/file") == 0) {
        r->response.status = 200;
        r->response.file = arena_printf(r->arena, "%s/out", s->temp_dir);
        r->response.file_temporary = true;
    } else if (strcmp(r->path, "/unchanged") == 0) {
        r->response.status = 304;
    } else {
        site_describe(r);
    }
    server_answer(r);
}

static void on_finish(void *ctx, struct request *r)
{
    struct site *s = ctx;
    atomic_fetch_add(&s->finished, 1);
    response_header(r, "X-Content-Type-Options", "nosniff");
}

struct site *site_open(const struct server_config *config)
{
    struct site *s = calloc(1, sizeof *s);
    assert_non_null(s);
    strcpy(s->temp_dir, "/tmp/net-test-XXXXXX");
    assert_non_null(mkdtemp(s->temp_dir));
    struct server_calls calls = {
        .ctx = s, .headers = on_headers, .request = on_request, .finish = on_finish};
    s->config = *config;
    s->config.address = config->address ? config->address : "127.0.0.1";
    s->config.temp_dir = s->temp_dir;
    assert_ok(server_start(&s->config, &calls, &s->server));
    return s;
}

void site_close(struct site *s)
{
    server_stop(s->server, 1);
    assert_int_equal(rmdir(s->temp_dir), 0);
    free(s);
}

int site_dial(const struct site *s)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)server_port(s->server)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)(void *)&to, sizeof to), 0);
    return fd;
}

bool say(int fd, const void *data, size_t size)
{
    for (const char *from = data; size > 0;) {
        ssize_t n = send(fd, from, size, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        from += n;
        size -= (size_t)n;
    }
    return true;
}

char *hear(int fd, int patience, bool *closed)
{
    size_t size = 0, room = 65536;
    char *out = malloc(room);
    assert_non_null(out);
    *closed = false;
    for (;;) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (poll(&p, 1, patience) <= 0)
            break;
        ssize_t n = recv(fd, out + size, room - size - 1, 0);
        *closed = n <= 0;
        if (n <= 0)
            break;
        size += (size_t)n;
        if (room - size < 4096)
            out = realloc(out, room *= 2);
        assert_non_null(out);
    }
    out[size] = '\0';
    return out;
}

char *talk_bytes(const struct site *s, const char *text, size_t size)
{
    bool closed;
    int fd = site_dial(s);
    say(fd, text, size);
    char *out = hear(fd, 4000, &closed);
    if (!closed)
        print_error("not closed after: %s\n", out);
    assert_true(closed);
    close(fd);
    return out;
}

char *talk(const struct site *s, const char *text)
{
    return talk_bytes(s, text, strlen(text));
}

int answers_in(const char *text)
{
    int n = 0;
    for (const char *p = text; (p = strstr(p, "HTTP/1.1 ")); p += 9)
        n++;
    return n;
}

void expect(const struct site *s, const char *text, const char *status)
{
    char *out = talk(s, text);
    if (!text_starts(out, status) || answers_in(out) != 1)
        print_error("for:\n%.300s\ngot:\n%s\n", text, out);
    assert_true(text_starts(out, status));
    assert_int_equal(answers_in(out), 1);
    free(out);
}
