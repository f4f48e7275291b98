/* SPDX-License-Identifier: Apache-2.0 */
/* Turns a response into what libmicrohttpd sends. Runs in the thread that answers, so the epoll
 * threads are not kept from moving bytes. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "net/exchange.h"

static const char *title(int status)
{
    switch (status) {
    case 400:
        return "Bad request";
    case 404:
        return "Not found";
    case 413:
        return "Too large";
    case 415:
        return "Type not supported";
    case 507:
        return "No space left";
    default:
        return "Server error";
    }
}

json_t *request_problem(const struct request *r, int status, const char *name, const char *detail)
{
    json_t *p = json_object();

    json_object_set_new(p, "type", json_string("about:blank"));
    json_object_set_new(p, "title", json_string(name));
    json_object_set_new(p, "status", json_integer(status));
    json_object_set_new(p, "detail", json_string(detail));
    json_object_set_new(p, "request", json_string(r->id));
    return p;
}

static const char *problem(struct request *r, int status, const char *detail)
{
    return json_text(r->arena,
                     json_own(r->arena, request_problem(r, status, title(status), detail)));
}

void answer_refuse(struct exchange *x, const struct err *e)
{
    struct request *r = &x->r;
    int status = err_status(e);
    log_event(LOG_INFO, "refused", "status=%d request=%s peer=%s reason=%s", status, r->id,
              r->peer ? r->peer : "-", *e->detail ? e->detail : e->text);
    bool script = r->target && text_starts(r->target, "/api/");
    const char *text =
        script ? problem(r, status, e->text)
               : arena_printf(r->arena, "%s\n\n%s\n\nRequest %s\n", title(status), e->text, r->id);
    r->response = (struct response){
        .status = status,
        .type = script ? "application/problem+json; charset=utf-8" : "text/plain; charset=utf-8",
        .body = {(const unsigned char *)text, strlen(text)}
    };
}

static struct MHD_Response *from_file(struct exchange *x)
{
    const struct response *p = &x->r.response;
    struct stat st;
    int fd = open(p->file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd >= 0 && p->file_temporary)
        unlink(p->file);
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
        (!p->file_part || p->file_offset + p->file_size <= st.st_size)) {
        i64 size = p->file_part ? p->file_size : st.st_size;
        struct MHD_Response *m = MHD_create_response_from_fd_at_offset64(
            (uint64_t)size, fd, p->file_part ? (uint64_t)p->file_offset : 0);
        x->answer_size = size;
        if (m)
            return m;
    }
    log_event(LOG_ERROR, "answer_file", "file=%s error=%s", p->file, strerror(errno));
    if (fd >= 0)
        close(fd);
    return NULL;
}

static struct MHD_Response *from_body(struct exchange *x)
{
    static char nothing[1];
    const struct bytes *body = &x->r.response.body;
    /* "Persistent" to libmicrohttpd: the arena lives until the request is completed. It takes a
     * void pointer, but never writes there. */
    x->answer_size = (i64)body->size;
    void *data = body->size ? (void *)(uintptr_t)body->data : nothing;
    return MHD_create_response_from_buffer(body->size, data, MHD_RESPMEM_PERSISTENT);
}

static void add_header(struct exchange *x, struct MHD_Response *m, const char *name,
                       const char *value)
{
    if (MHD_add_response_header(m, name, value) != MHD_YES)
        log_event(LOG_WARN, "answer_header", "request=%s name=%s", x->r.id, name);
}

struct MHD_Response *answer_make(struct exchange *x)
{
    struct response *p = &x->r.response;
    if (p->status < 200 || p->status > 599)
        answer_refuse(x, err_new(ERR_FAULT, "The server gave no answer."));
    x->server->calls.finish(x->server->calls.ctx, &x->r);
    struct MHD_Response *m = p->file ? from_file(x) : from_body(x);
    if (!m)
        return NULL;
    if (p->type)
        add_header(x, m, "Content-Type", p->type);
    for (size_t i = 0; i < p->headers.count; i++)
        add_header(x, m, p->headers.list[i].name, p->headers.list[i].value);
    if (p->close || x->close || atomic_load(&x->server->stopping))
        add_header(x, m, "Connection", "close");
    return m;
}
