/* SPDX-License-Identifier: Apache-2.0 */
/* The request context's small verbs. Who is asking is core/session, what is served is
 * core/dispatch. */
#include "core/web.h"

#include <stdarg.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/entity.h"
#include "core/feature.h"

const struct permission anyone = {"anyone", "No session needed"};
const struct permission signed_in = {"signed-in", "Any account that is signed in"};
const struct permission member = {"member", "Any person of the organisation"};
const struct permission operator_only = {"operator", "Operator tokens and the local command line"};

void issue(struct issues *list, const char *field, const char *format, ...)
{
    va_list args;

    if (list->count == list->room) {
        size_t room = list->room ? list->room * 2 : 8;
        struct issue *bigger = NEW_ARRAY(list->arena, struct issue, room);

        if (list->count)
            memcpy(bigger, list->list, list->count * sizeof(*bigger));
        list->list = bigger;
        list->room = room;
    }
    va_start(args, format);
    list->list[list->count].field = arena_str(list->arena, field);
    list->list[list->count].text = arena_vprintf(list->arena, tr(format), args);
    va_end(args);
    list->count++;
}

const char *issue_of(const struct issues *list, const char *field)
{
    for (size_t i = 0; list && i < list->count; i++)
        if (text_equal(list->list[i].field, field))
            return list->list[i].text;
    return NULL;
}

const char *web_query(const struct web *w, const char *name)
{
    return w->req ? pairs_get(&w->req->query, name) : NULL;
}

const char *web_form(const struct web *w, const char *name)
{
    return w->req ? pairs_get(&w->req->form, name) : NULL;
}

const char *web_param(const struct web *w, size_t i)
{
    return i < PARAM_MAX && w->params[i] ? w->params[i] : "";
}

struct err *web_record(struct web *w, const struct entity *e, i64 *id)
{
    struct err *failed = entity_find(w, e, web_param(w, 0), id);

    if (failed && failed->code != ERR_FAULT && failed->code != ERR_RETRY)
        return err_new(ERR_MISSING, "There is no %s “%.60s” here, or you may not see it.", e->label,
                       web_param(w, 0));
    return failed;
}

bool web_may(const struct web *w, const struct permission *p)
{
    int bit;

    if (p == &anyone)
        return true;
    if (p == &signed_in)
        return w->account != 0;
    if (p == &member)
        return w->org != 0 && (w->person != 0 || w->face != FACE_PAGE);
    if (p == &operator_only)
        return w->operator_token;
    bit = feature_permission_index(p);
    return bit >= 0 && (w->rights[bit / 64] >> (bit % 64) & 1);
}

struct err *web_need(const struct web *w, const struct permission *p)
{
    if (web_may(w, p))
        return NULL;
    if (!w->account && w->face != FACE_COMMAND)
        return err_new(ERR_LOGIN, "Please sign in first.");
    return err_new(ERR_DENIED,
                   "You do not have the right “%s” here. An administrator of the organisation can "
                   "give you a role that has it.",
                   p->title);
}

static void start_url(const struct web *w, struct buf *b)
{
    if (!w->slug)
        return;
    buf_str(b, "/o/");
    buf_str(b, w->slug);
}

static void end_url(const struct web *w, struct buf *b)
{
    if (!w->asof_date || strstr(b->data, "asof="))
        return;
    buf_str(b, strchr(b->data, '?') ? "&asof=" : "?asof=");
    buf_str(b, w->asof_date);
}

static const char *finish_url(struct web *w, const char *path)
{
    struct buf b;

    buf_init(&b, w->arena, 96);
    start_url(w, &b);
    buf_str(&b, path);
    end_url(w, &b);
    return b.data;
}

const char *web_base(const struct web *w)
{
    const char *host = w->req ? request_header(w->req, "Host") : NULL;

    if (w->app->config.base_url)
        return w->app->config.base_url;
    return arena_printf(w->arena, "http://%s", host ? host : "localhost");
}

const char *web_url(struct web *w, const char *format, ...)
{
    va_list args;
    const char *path;

    va_start(args, format);
    path = arena_vprintf(w->arena, format, args);
    va_end(args);
    return finish_url(w, path);
}

/* Written out: a list has a hundred of these, and printf is most of their cost. */
const char *web_record_url(struct web *w, const struct entity *e, i64 number)
{
    struct buf b;
    char digits[24];
    size_t at = sizeof digits;
    u64 n = number < 0 ? 0 : (u64)number;

    do {
        digits[--at] = (char)('0' + n % 10);
        n /= 10;
    } while (n);
    buf_init(&b, w->arena, 64);
    start_url(w, &b);
    buf_char(&b, '/');
    buf_str(&b, e->plural);
    buf_char(&b, '/');
    buf_str(&b, e->prefix);
    buf_char(&b, '-');
    buf_add(&b, digits + at, sizeof digits - at);
    end_url(w, &b);
    return b.data;
}

void web_status(struct web *w, int status)
{
    if (w->req)
        w->req->response.status = status;
}

void web_redirect(struct web *w, const char *address)
{
    struct pairs *headers;

    if (!w->req)
        return;
    headers = &w->req->response.headers;
    if (address[0] != '/' || address[1] == '/' || address[1] == '\\')
        address = "/";
    w->req->response.status = 303;
    for (size_t i = 0; i < headers->count; i++)
        if (text_equal(headers->list[i].name, "Location")) { /* the last word counts */
            headers->list[i].value = arena_str(w->arena, address);
            return;
        }
    response_header(w->req, "Location", address);
}

void web_answer_json(struct web *w, int status, json_t *value)
{
    const char *text = json_text(w->arena, json_own(w->arena, value));

    if (!w->req)
        return;
    w->req->response.status = status;
    w->req->response.type = "application/json; charset=utf-8";
    w->req->response.body = (struct bytes){(const unsigned char *)text, strlen(text)};
}

/* RFC 6266: an ASCII fallback and the exact name percent-encoded; the name is data. */
static const char *disposition(struct arena *a, const char *filename)
{
    char *plain = arena_str(a, filename);

    for (char *p = plain; *p; p++)
        if ((unsigned char)*p < 0x20 || (unsigned char)*p > 0x7e || strchr("\"\\/;%", *p))
            *p = '_';
    return arena_printf(a, "attachment; filename=\"%s\"; filename*=UTF-8''%s", plain,
                        text_url(a, filename));
}

void web_answer_bytes(struct web *w, const char *type, struct bytes body, const char *filename)
{
    if (!w->req)
        return;
    if (!w->req->response.status)
        w->req->response.status = 200;
    w->req->response.type = type;
    w->req->response.body = body;
    if (filename)
        response_header(w->req, "Content-Disposition", disposition(w->arena, filename));
}

void web_header(struct web *w, const char *name, const char *value)
{
    if (w->req)
        response_header(w->req, name, value);
}

/* 41 bits of milliseconds since 2024, 10 bits of node, 12 bits of counter. When a millisecond's
 * counter is used up, the next millisecond is borrowed. */
#define ID_EPOCH (1704067200LL * SECOND)

static i64 id_node;

void web_set_node(i64 node)
{
    id_node = node & 0x3ff;
}

i64 web_id(void)
{
    static i64 last; /* milliseconds << 12 | counter */
    i64 next = ((clock_now() - ID_EPOCH) / 1000) << 12;
    i64 seen = __atomic_load_n(&last, __ATOMIC_SEQ_CST);
    i64 take;

    do {
        take = next > seen ? next : seen + 1;
    } while (!__atomic_compare_exchange_n(&last, &seen, take, false, __ATOMIC_SEQ_CST,
                                          __ATOMIC_SEQ_CST));
    return (take >> 12) << 22 | id_node << 12 | (take & 0xfff);
}
