/* SPDX-License-Identifier: Apache-2.0 */
/* The head of a request. libmicrohttpd reads heads generously: bare LF, folded lines, spaces before
 * the colon, several lengths. Two programs that read such a head differently can be made to
 * disagree on where a request ends (request smuggling), so all of it is refused here.
 *
 * The library hands out pointers into the one buffer that holds the head as received, each text
 * ended in place. So the distances between these pointers tell exactly what stood between them: a
 * line end of two bytes, or something that should not be there. Nothing is read beyond the texts,
 * and should the library ever copy instead, every request is refused, which the tests would notice.
 */
#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "net/exchange.h"
#include "net/parse.h"

struct raw_header {
    const char *name, *value;
    size_t name_size, value_size;
};

struct raw_head {
    struct raw_header *list;
    size_t count, room;
};

static struct err *malformed(struct exchange *x, const char *why)
{
    x->close = true;
    return err_detail(err_new(ERR_BAD, "The request is malformed."), "%s", why);
}

static enum MHD_Result collect(void *ctx, enum MHD_ValueKind kind, const char *name,
                               size_t name_size, const char *value, size_t value_size)
{
    (void)kind;
    struct raw_head *head = ctx;
    if (head->count == head->room || !value)
        return MHD_NO;
    head->list[head->count++] = (struct raw_header){name, value, name_size, value_size};
    return MHD_YES;
}

/* True when the head is the sequence of CR LF lines that its texts should make, and nothing else.
 */
static bool head_contiguous(struct exchange *x, const struct raw_head *head, const char *method,
                            const char *version)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(x->http, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    if (!info || strlen(version) != 8)
        return false;
    uintptr_t expected = (uintptr_t)method + strlen(method) + 1 + x->target_size + 1;
    if ((uintptr_t)version != expected)
        return false;
    expected += 8 + 2;
    for (size_t i = 0; i < head->count; i++) {
        const struct raw_header *h = &head->list[i];
        if ((uintptr_t)h->name != expected || (uintptr_t)h->value <= expected + h->name_size)
            return false;
        expected = (uintptr_t)h->value + h->value_size + 2;
    }
    return (uintptr_t)method + info->header_size == expected + 2;
}

/* Headers that this program never reads: a strange byte in one of them is no reason to refuse. */
static bool header_ignored(const char *name)
{
    static const char *const names[] = {"User-Agent", "Referer", "From", "Via", "Warning"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (strcasecmp(names[i], name) == 0)
            return true;
    return false;
}

/* Copies the head's texts in one piece: they must outlive libmicrohttpd's buffer. */
static struct err *copy_headers(struct exchange *x, const struct raw_head *head)
{
    if (head->count == 0)
        return NULL;
    const char *from = head->list[0].name;
    const struct raw_header *last = &head->list[head->count - 1];
    size_t size = (size_t)(last->value + last->value_size - from);
    char *copy = arena_strn(x->r.arena, from, size);
    struct pairs *out = &x->r.headers;
    out->list = NEW_ARRAY(x->r.arena, struct pair, head->count);
    for (size_t i = 0; i < head->count; i++) {
        const struct raw_header *h = &head->list[i];
        char *value = copy + (h->value - from);
        size_t length = h->value_size;
        while (length > 0 && (value[length - 1] == ' ' || value[length - 1] == '\t'))
            value[--length] = '\0';
        const char *name = copy + (h->name - from);
        if (!token_valid(name, h->name_size))
            return malformed(x, "header name");
        if (ascii_plain(value, length) || (text_valid(value, length) && !strpbrk(value, "\r\n")))
            out->list[out->count++] = (struct pair){name, value};
        else if (!header_ignored(name))
            return malformed(x, "header value");
    }
    return NULL;
}

/* Headers of which a second one would be read differently by different programs. */
static struct err *check_single(struct exchange *x)
{
    static const char *const names[] = {
        "Host",          "Content-Length", "Transfer-Encoding", "Content-Type", "Cookie",
        "Authorization", "Origin",         "Idempotency-Key",   "Expect",
    };
    unsigned seen = 0;
    for (size_t i = 0; i < x->r.headers.count; i++)
        for (size_t k = 0; k < COUNT_OF(names); k++) {
            if (strcasecmp(x->r.headers.list[i].name, names[k]) != 0)
                continue;
            if (seen & 1U << k)
                return malformed(x, names[k]);
            seen |= 1U << k;
        }
    return NULL;
}

/* How the body is framed: one Content-Length, or exactly "chunked", or none. */
static struct err *read_framing(struct exchange *x, const char *version)
{
    const char *length = request_header(&x->r, "Content-Length");
    const char *encoding = request_header(&x->r, "Transfer-Encoding");
    if (encoding) {
        if (length || strcasecmp(encoding, "chunked") != 0 || strcmp(version, "HTTP/1.1") != 0)
            return malformed(x, "framing");
        /* The library reads chunk lines generously and shows us none of them, so whatever comes
         * after a chunked body is not trusted to be a request. */
        x->chunked = x->close = true;
        return NULL;
    }
    if (!length)
        return NULL;
    u64 size = 0;
    for (const char *s = length; *s; s++)
        if (*s < '0' || *s > '9' || __builtin_mul_overflow(size, 10, &size) ||
            __builtin_add_overflow(size, (u64)(*s - '0'), &size))
            return malformed(x, "Content-Length");
    if (!*length)
        return malformed(x, "Content-Length");
    x->declared = size;
    x->sized = size > 0;
    return NULL;
}

static struct err *check_host(struct exchange *x)
{
    const char *host = request_header(&x->r, "Host");
    if (!host || !*host || strlen(host) > 255)
        return malformed(x, "Host");
    for (const char *s = host; *s; s++) {
        bool letter = (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z');
        if (!letter && !(*s >= '0' && *s <= '9') && !strchr(".-_:[]", *s))
            return malformed(x, "Host");
    }
    return NULL;
}

static enum http_method method_of(const char *text)
{
    static const struct {
        const char *text;
        enum http_method method;
    } known[] = {
        {"GET",    METHOD_GET   },
        {"HEAD",   METHOD_HEAD  },
        {"POST",   METHOD_POST  },
        {"PATCH",  METHOD_PATCH },
        {"DELETE", METHOD_DELETE}
    };
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (strcmp(known[i].text, text) == 0)
            return known[i].method;
    return METHOD_OTHER;
}

/* "http://host/path" means the same as "/path" when the host is the one of the Host header. */
static struct err *strip_absolute(struct exchange *x, const char **target)
{
    const char *s = *target;
    size_t scheme = strncasecmp(s, "http://", 7) == 0    ? 7
                    : strncasecmp(s, "https://", 8) == 0 ? 8
                                                         : 0;
    if (scheme == 0)
        return NULL;
    s += scheme;
    size_t size = strcspn(s, "/?");
    const char *host = request_header(&x->r, "Host");
    if (size != strlen(host) || strncasecmp(s, host, size) != 0)
        return malformed(x, "absolute target");
    *target = s[size] == '/' ? s + size : arena_printf(x->r.arena, "/%s", s + size);
    return NULL;
}

static struct err *read_target(struct exchange *x)
{
    struct request *r = &x->r;
    if (!token_valid(r->method_text, strlen(r->method_text)))
        return malformed(x, "method");
    TRY(strip_absolute(x, &r->target));
    /* "OPTIONS *" and "CONNECT host:port": core only says that the method is not allowed. */
    if (*r->target != '/' && r->method == METHOD_OTHER)
        r->target = "/";
    size_t size = strcspn(r->target, "?");
    const char *query = r->target + size;
    TRY(parse_path(r->arena, arena_strn(r->arena, r->target, size), &r->path));
    if (*query == '?')
        TRY(parse_pairs(r->arena, query + 1, strlen(query + 1), &r->query));
    return parse_cookies(r->arena, request_header(r, "Cookie"), &r->cookies);
}

static bool trusted(const struct server *s, const char *address)
{
    for (const char **p = s->config.trusted_proxies; p && *p; p++)
        if (strcmp(*p, address) == 0)
            return true;
    return false;
}

/* `text` without spaces around it; shortens it in place. */
static char *cut_space(char *text)
{
    text += strspn(text, " \t");
    size_t size = strlen(text);
    while (size > 0 && (text[size - 1] == ' ' || text[size - 1] == '\t'))
        text[--size] = '\0';
    return text;
}

static bool address_valid(const char *text)
{
    unsigned char raw[16];
    return inet_pton(AF_INET, text, raw) == 1 || inet_pton(AF_INET6, text, raw) == 1;
}

/* Who is really there. A proxy appends the address it saw; from the right, the first one that is
 * not a proxy of ours is the client, and everything to its left is hearsay. */
static void read_forwarded(struct exchange *x)
{
    struct request *r = &x->r;
    if (!trusted(x->server, r->peer))
        return;
    struct buf hops;
    buf_init(&hops, r->arena, 0);
    const char *scheme = NULL;
    for (size_t i = 0; i < r->headers.count; i++) {
        const struct pair *h = &r->headers.list[i];
        if (strcasecmp(h->name, "X-Forwarded-For") == 0)
            buf_printf(&hops, "%s%s", hops.size ? "," : "", h->value);
        if (strcasecmp(h->name, "X-Forwarded-Proto") == 0)
            scheme = h->value;
    }
    if (scheme) {
        const char *comma = strrchr(scheme, ',');
        scheme = comma ? comma + 1 + strspn(comma + 1, " \t") : scheme;
        r->https = strcasecmp(scheme, "https") == 0;
    }
    for (char *list = hops.data;;) {
        char *comma = strrchr(list, ',');
        const char *hop = cut_space(comma ? comma + 1 : list);
        if (!address_valid(hop))
            return;
        r->peer = hop;
        if (!comma || !trusted(x->server, hop))
            return;
        *comma = '\0';
    }
}

/* The media type in lower case, and whether it is one that this program reads. */
static struct err *read_type(struct exchange *x)
{
    static const char *const types[] = {
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/json",
        "application/merge-patch+json",
        "text/csv",
        "application/partial-upload", /* resumable uploads: of the IETF's draft, and of tus */
        "application/offset+octet-stream",
    };
    struct request *r = &x->r;
    const char *header = request_header(r, "Content-Type");
    char *type = arena_strn(r->arena, header ? header : "", header ? strcspn(header, "; \t") : 0);
    for (char *s = type; *s; s++)
        if (*s >= 'A' && *s <= 'Z')
            *s = (char)(*s + ('a' - 'A'));
    r->body_type = type;
    const char *charset = header ? strcasestr(header, "charset=") : NULL;
    if (charset) {
        charset += strlen("charset=");
        charset += *charset == '"';
    }
    bool utf8 = !charset || strncasecmp(charset, "utf-8", 5) == 0;
    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (utf8 && strcmp(types[i], type) == 0)
            return NULL;
    struct err *e = err_new(ERR_BAD, "The server does not read bodies of this type.");
    e->status = 415;
    return e;
}

static struct err *prepare_body(struct exchange *x)
{
    struct request *r = &x->r;
    if (r->method == METHOD_GET || r->method == METHOD_HEAD)
        return malformed(x, "body of a GET");
    TRY(read_type(x));
    bool many = strcmp(r->body_type, "multipart/form-data") == 0;
    const struct server_config *config = &x->server->config;
    x->raw = strcmp(r->body_type, "application/partial-upload") == 0 ||
             strcmp(r->body_type, "application/offset+octet-stream") == 0;
    x->limit = many || x->raw ? config->upload_limit : config->body_limit;
    if (x->declared > x->limit)
        return err_new(ERR_LIMIT, "The request is larger than %zu bytes.", x->limit);
    if (!many)
        return NULL;
    x->multipart = multipart_new(r->arena, request_header(r, "Content-Type"), config->temp_dir,
                                 config->body_limit);
    return x->multipart ? NULL : err_new(ERR_BAD, "The form has no valid boundary.");
}

struct err *head_read(struct exchange *x, const char *url, const char *method, const char *version)
{
    (void)url;
    int count = MHD_get_connection_values_n(x->http, MHD_HEADER_KIND, NULL, NULL);
    struct raw_head head = {0};
    head.room = count > 0 ? (size_t)count : 0;
    head.list = NEW_ARRAY(x->r.arena, struct raw_header, head.room);
    MHD_get_connection_values_n(x->http, MHD_HEADER_KIND, collect, &head);
    x->r.method_text = arena_str(x->r.arena, method);
    x->r.method = method_of(method);
    x->r.peer = arena_str(x->r.arena, x->conn->peer);
    x->r.https = x->server->config.tls_cert != NULL;
    if (head.count != head.room || !head_contiguous(x, &head, method, version))
        return malformed(x, "line ends, folding or spaces of the head");
    if (strcmp(version, "HTTP/1.1") != 0 && strcmp(version, "HTTP/1.0") != 0)
        return malformed(x, "version");
    TRY(copy_headers(x, &head));
    TRY(check_single(x));
    TRY(read_framing(x, version));
    TRY(check_host(x));
    read_forwarded(x);
    TRY(read_target(x));
    /* A method that core does not know is answered without reading its body. */
    if ((x->sized || x->chunked) && x->r.method != METHOD_OTHER)
        TRY(prepare_body(x));
    return NULL;
}
