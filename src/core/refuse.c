/* SPDX-License-Identifier: Apache-2.0 */
/* How an error looks: a plain page or application/problem+json (RFC 9457). Nothing here asks the
 * database, since it may be what failed; no path, SQL or pointer is shown, only the sentence and
 * the request id. */
#include <string.h>

#include "base/embedded.h"
#include "base/text.h"
#include "base/words.h"
#include "core/dispatch.h"

static const char *status_title(int status)
{
    switch (status) {
    case 400:
        return N_("The request cannot be used");
    case 401:
        return N_("Sign in first");
    case 403:
        return N_("Not allowed");
    case 404:
        return N_("Not found");
    case 405:
        return N_("Not possible at this address");
    case 409:
        return N_("Not possible as things are now");
    case 413:
        return N_("Too large");
    case 415:
        return N_("Unknown kind of content");
    case 422:
        return N_("Not accepted");
    case 429:
        return N_("Too many attempts");
    case 503:
        return N_("Busy");
    case 507:
        return N_("No space left");
    default:
        return status >= 500 ? N_("Something went wrong on our side") : N_("Not accepted");
    }
}

static const char *shown_text(const struct err *e)
{
    if (e->code == ERR_FAULT)
        return tr("The request could not be finished. Nothing was saved. The administrator finds "
                  "the cause in the log under the number below.");
    if (e->code == ERR_RETRY)
        return tr("Many people are saving at once. Nothing was saved; please send it again.");
    return e->text;
}

static void refuse_problem(struct web *w, const struct err *e, int status)
{
    json_t *p = request_problem(w->req, status, status_title(status), shown_text(e));

    web_answer_json(w, status, p);
    w->req->response.type = "application/problem+json; charset=utf-8";
    if (status == 401)
        web_header(w, "WWW-Authenticate", "Bearer realm=\"Cairn\"");
}

static void refuse_page(struct web *w, const struct err *e, int status)
{
    struct html *h = w->html;
    const char *home = w->slug && w->org ? arena_printf(w->arena, "/o/%s", w->slug) : "/";

    html_init(h, w->arena);
    html(h,
         "<!doctype html><html lang='%s'><head><meta charset='utf-8'>"
         "<meta name='viewport' content='width=device-width, initial-scale=1'>"
         "<title>%s · Cairn</title>",
         text_empty(w->language) ? "en" : w->language, tr(status_title(status)));
    html(h,
         "<link rel='icon' href='%s'><link rel='stylesheet' href='%s'><script src='%s'></script>",
         embedded_url("favicon.svg"), embedded_url("cairn.css"), embedded_url("cairn.js"));
    html(h,
         "</head><body class='page-plain'><main class='page-narrow'><div class='card'><div "
         "class='card-body'><p class='page-pretitle'>%d</p><h1 "
         "class='page-title'>%s</h1><p>%s</p><p><a class='btn btn-primary' href='%s'>{Go to the "
         "start page}</a></p><p class='text-secondary'>{Request "
         "%s}</p></div></div></main></body></html>",
         status, tr(status_title(status)), shown_text(e), home, w->req->id);
    w->req->response.status = status;
    w->req->response.type = "text/html; charset=utf-8";
    w->req->response.body = (struct bytes){(const unsigned char *)h->buf.data, h->buf.size};
}

/* After signing in the person comes back to the page that was asked for. */
static void to_login(struct web *w)
{
    web_redirect(w, arena_printf(w->arena, "/login?next=%s", text_url(w->arena, w->req->target)));
}

void refuse_answer(struct web *w, const struct err *e)
{
    int status = e->status ? e->status : err_status(e);
    struct response *a = &w->req->response;
    bool keep = a->close;
    struct pairs headers = a->headers;

    memset(a, 0, sizeof(*a));
    a->close = keep;
    if (status == 405 || status == 401)
        a->headers = headers;
    if (status == 503 || status == 429)
        web_header(w, "Retry-After", status == 503 ? "1" : "60");
    if (w->face == FACE_API)
        refuse_problem(w, e, status);
    else if (e->code == ERR_LOGIN && w->req->method == METHOD_GET)
        to_login(w);
    else
        refuse_page(w, e, status);
}

/* --- headers of every answer --- */

static const char csp[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

void dispatch_finish(void *ctx, struct request *r)
{
    struct app *app = ctx;
    struct response *a = &r->response;

    response_header(r, "X-Content-Type-Options", "nosniff");
    response_header(r, "Referrer-Policy", "same-origin");
    response_header(r, "Cross-Origin-Opener-Policy", "same-origin");
    response_header(r, "Cross-Origin-Resource-Policy", "same-origin");
    if (!pairs_get(&a->headers, "Content-Security-Policy"))
        response_header(r, "Content-Security-Policy", csp);
    if (!pairs_get(&a->headers, "Cache-Control"))
        response_header(r, "Cache-Control", "no-store");
    if (app && app->secure_cookies)
        response_header(r, "Strict-Transport-Security", "max-age=63072000; includeSubDomains");
}
