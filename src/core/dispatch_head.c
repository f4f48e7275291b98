/* SPDX-License-Identifier: Apache-2.0 */
/* What is decided by the headers of a request alone: host, address, method, origin, files of the
 * program. */
#include <string.h>

#include "base/embedded.h"
#include "base/text.h"
#include "core/dispatch_part.h"

static struct err *check_host(const struct exchange *x)
{
    const char *host = request_header(x->r, "Host");
    size_t n;

    if (!host)
        return err_new(ERR_BAD, "The request does not say which host it is for.");
    if (x->app->host) {
        if (text_equal(host, x->app->host))
            return NULL;
    } else {
        n = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
        if (n <= strlen(host) && host[n] &&
            (host[n] != ':' || host[n + 1 + strspn(host + n + 1, "0123456789")]))
            n = 0;
        if ((n == 9 && !memcmp(host, "localhost", 9)) ||
            (n == 9 && !memcmp(host, "127.0.0.1", 9)) || (n == 5 && !memcmp(host, "[::1]", 5)))
            return NULL;
    }
    return err_new(ERR_BAD, "This server does not answer for that host name.");
}

static struct err *check_route(const struct exchange *x)
{
    struct err *e;

    if (x->match.route)
        return NULL;
    if (!x->match.allowed)
        return err_new(ERR_MISSING, "There is no page at this address.");
    e = err_new(ERR_BAD, "This address does not take %.20s requests.", x->r->method_text);
    e->status = 405;
    return e;
}

static const char *allowed_methods(struct arena *a, unsigned allowed)
{
    struct buf b;

    buf_init(&b, a, 64);
    for (int m = METHOD_GET; m < METHOD_OTHER; m++) {
        bool get = allowed & 1u << METHOD_GET;

        if (allowed & 1u << m || (m == METHOD_HEAD && get))
            buf_printf(&b, "%s%s", b.size ? ", " : "", method_name((enum http_method)m));
    }
    return b.data;
}

/* A browser tells where a form came from; a foreign site is refused before the body. */
static struct err *check_origin(const struct exchange *x)
{
    const char *origin = request_header(x->r, "Origin");
    const char *site = request_header(x->r, "Sec-Fetch-Site");
    const char *host = request_header(x->r, "Host");
    const char *rest;

    if (x->w->face == FACE_API || x->r->method == METHOD_GET || x->r->method == METHOD_HEAD)
        return NULL;
    if (site && !text_equal(site, "same-origin") && !text_equal(site, "none"))
        return err_new(ERR_DENIED, "The form was sent from another site, so it was not accepted.");
    if (!origin)
        return NULL;
    rest = strstr(origin, "://");
    if (!rest || !host || strcmp(rest + 3, host) != 0)
        return err_new(ERR_DENIED, "The form was sent from another site, so it was not accepted.");
    return NULL;
}

static struct err *check_head(struct exchange *x)
{
    TRY(check_route(x));
    return check_origin(x);
}

/* Assets carry their hash in the address, so they may be kept for ever. */
bool exchange_static(struct request *r)
{
    struct response *a = &r->response;
    const struct embedded_file *f;
    const char *encodings = request_header(r, "Accept-Encoding");
    bool current, gz;

    if (r->method > METHOD_HEAD || !text_starts(r->path, "/static/"))
        return false;
    f = embedded_by_url(r->path, &current);
    if (!f)
        return false;
    gz = f->gz && encodings && strstr(encodings, "gzip");
    a->status = 200;
    a->type = f->type;
    a->body_static = true;
    a->body = gz ? (struct bytes){f->gz, f->gz_size} : (struct bytes){f->data, f->size};
    response_header(r, "Vary", "Accept-Encoding");
    if (gz)
        response_header(r, "Content-Encoding", "gzip");
    response_header(r, "Cache-Control",
                    current ? "public, max-age=31536000, immutable" : "no-cache");
    return true;
}

/* An address with a slash too many at its end leads to the page without it. */
static bool led_on(struct exchange *x)
{
    struct request *r = x->r;
    size_t path = strlen(r->path), sent = strcspn(r->target, "?");
    struct route_match without;

    if (x->match.allowed || r->method > METHOD_HEAD || path < 2 || r->path[path - 1] != '/' ||
        r->target[sent - 1] != '/')
        return false;
    route_find(r->arena, METHOD_GET, arena_strn(r->arena, r->path, path - 1), &without);
    if (!without.route)
        return false;
    r->response.status = 308;
    r->response.type = "text/plain; charset=utf-8";
    response_header(r, "Location",
                    arena_printf(r->arena, "%.*s%s", (int)(sent - 1), r->target, r->target + sent));
    return true;
}

bool exchange_refused_head(struct exchange *x)
{
    struct err *failed = check_host(x);

    if (!failed && led_on(x)) {
        exchange_finished(x);
        return true;
    }
    if (!failed)
        failed = check_head(x);
    if (!failed)
        return false;
    if (failed->status == 405)
        response_header(x->r, "Allow", allowed_methods(x->r->arena, x->match.allowed));
    exchange_speak(x, exchange_language(x));
    exchange_refuse(x, failed);
    exchange_finished(x);
    return true;
}
