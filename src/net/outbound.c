/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP to where people say, with the guard in front. libcurl does the protocol. */
#include "net/outbound.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <curl/curl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "net/outbound_part.h"

#define URL_MOST 2000
#define ANSWER_MOST 65536
#define ANSWER_KEPT 1000
#define CONNECT_SECONDS 5L

/* --- which addresses are public --- */

struct block {
    uint32_t from;
    int bits;
};

/* IANA's special-purpose blocks, and what is not unicast. */
static const struct block closed4[] = {
    {0x00000000, 8 }, /* this network */
    {0x0a000000, 8 }, /* private */
    {0x64400000, 10}, /* carrier's NAT */
    {0x7f000000, 8 }, /* loopback */
    {0xa9fe0000, 16}, /* link-local, metadata services of clouds */
    {0xac100000, 12}, /* private */
    {0xc0000000, 24}, /* protocol assignments */
    {0xc0000200, 24}, /* documentation */
    {0xc0586300, 24}, /* 6to4 relays */
    {0xc0a80000, 16}, /* private */
    {0xc6120000, 15}, /* benchmarks */
    {0xc6336400, 24}, /* documentation */
    {0xcb007100, 24}, /* documentation */
    {0xe0000000, 4 }, /* multicast */
    {0xf0000000, 4 }, /* reserved, broadcast */
};

static bool public4(uint32_t address)
{
    for (size_t i = 0; i < COUNT_OF(closed4); i++)
        if ((address ^ closed4[i].from) >> (32 - closed4[i].bits) == 0)
            return false;
    return true;
}

/* Only global unicast, without what carries another address inside (Teredo, 6to4), which a mapped
 * or translated one is not anyway, and without documentation. */
static bool public6(const unsigned char b[16])
{
    if ((b[0] & 0xe0) != 0x20)
        return false;
    if (b[0] == 0x20 && b[1] == 0x01 && (b[2] < 0x02 || (b[2] == 0x0d && b[3] == 0xb8)))
        return false;
    if (b[0] == 0x20 && b[1] == 0x02)
        return false;
    return !(b[0] == 0x3f && b[1] == 0xff && (b[2] & 0xf0) == 0);
}

bool outbound_public(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;

        memcpy(&in, address, sizeof(in));
        return public4(ntohl(in.sin_addr.s_addr));
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 in;

        memcpy(&in, address, sizeof(in));
        return public6(in.sin6_addr.s6_addr);
    }
    return false;
}

/* --- the address as text --- */

static void curl_start(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

void outbound_init(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, curl_start);
}

struct target {
    char *scheme, *host, *port; /* of the arena; the host without brackets */
};

static char *url_part(struct arena *a, CURLU *u, CURLUPart part)
{
    char *text = NULL, *copy = NULL;

    if (curl_url_get(u, part, &text, CURLU_DEFAULT_PORT) == CURLUE_OK)
        copy = arena_str(a, text);
    curl_free(text);
    return copy;
}

static struct err *bad_port(const char *port)
{
    return err_new(
        ERR_INVALID,
        "The port %.8s is not allowed. Use 443, 80, 8443 or 8080, or ask the operator of "
        "this installation.",
        port);
}

static struct err *judge_parts(const struct target *t, bool inside, bool user)
{
    static const char *const ports[] = {"443", "80", "8443", "8080"};

    if (!t->scheme || (strcmp(t->scheme, "https") != 0 && strcmp(t->scheme, "http") != 0))
        return err_new(ERR_INVALID, "The address must begin with https:// (or http://).");
    if (user)
        return err_new(ERR_INVALID, "The address must not hold a user or a password.");
    if (text_empty(t->host) || !t->port)
        return err_new(ERR_INVALID, "The address has no host. Write it like "
                                    "https://hooks.example.com/cairn.");
    for (size_t i = 0; i < COUNT_OF(ports); i++)
        if (inside || strcmp(t->port, ports[i]) == 0)
            return NULL;
    return bad_port(t->port);
}

static struct err *read_url(struct arena *a, const char *url, bool inside, struct target *out)
{
    CURLU *u = curl_url();
    bool good = strlen(url) <= URL_MOST;
    char *user, *password;
    size_t n;

    for (const char *p = url; *p; p++)
        good = good && (unsigned char)*p > ' ' && (unsigned char)*p < 0x7f && *p != '\\';
    if (!good || curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) {
        curl_url_cleanup(u);
        return err_new(ERR_INVALID,
                       "“%.100s” is not an address. Write it like "
                       "https://hooks.example.com/cairn.",
                       url);
    }
    out->scheme = url_part(a, u, CURLUPART_SCHEME);
    out->host = url_part(a, u, CURLUPART_HOST);
    out->port = url_part(a, u, CURLUPART_PORT);
    user = url_part(a, u, CURLUPART_USER);
    password = url_part(a, u, CURLUPART_PASSWORD);
    curl_url_cleanup(u);
    n = out->host ? strlen(out->host) : 0;
    if (n > 2 && out->host[0] == '[' && out->host[n - 1] == ']')
        out->host = arena_strn(a, out->host + 1, n - 2);
    return judge_parts(out, inside, user || password);
}

static struct err *not_public(const char *host)
{
    return err_new(ERR_INVALID,
                   "“%.100s” is not on the public internet. Webhooks to this machine or an own "
                   "network must be allowed by the operator.",
                   host);
}

/* The addresses of a host, all of them judged. `numeric`: only a host that is a number; others
 * pass.
 */
static struct err *resolve(const struct target *t, bool inside, bool numeric, struct addrinfo **out)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICSERV | (numeric ? AI_NUMERICHOST : 0)};
    int code = getaddrinfo(t->host, t->port, &hints, out);

    if (code) {
        *out = NULL;
        if (numeric)
            return NULL;
        return err_detail(err_new(ERR_BUSY, "The host “%.100s” is not found.", t->host), "%s",
                          gai_strerror(code));
    }
    for (const struct addrinfo *p = *out; p && !inside; p = p->ai_next)
        if (!outbound_public(p->ai_addr)) {
            freeaddrinfo(*out);
            *out = NULL;
            return not_public(t->host);
        }
    return NULL;
}

struct err *outbound_check(struct arena *a, const char *url, bool inside)
{
    struct addrinfo *list;
    struct target t;

    outbound_init();
    TRY(read_url(a, url, inside, &t));
    if (!inside &&
        (strcasecmp(t.host, "localhost") == 0 ||
         (strlen(t.host) > 10 && strcasecmp(t.host + strlen(t.host) - 10, ".localhost") == 0)))
        return not_public(t.host);
    TRY(resolve(&t, inside, true, &list));
    if (list)
        freeaddrinfo(list);
    return NULL;
}

/* --- the request --- */

struct transfer {
    const struct outbound *o;
    struct arena *a;
    CURL *curl;
    struct curl_slist *headers, *pinned;
    char kept[ANSWER_KEPT];
    size_t size, nkept;
    bool refused; /* by the check of the socket's address */
};

static size_t take_answer(char *data, size_t size, size_t count, void *ctx)
{
    struct transfer *t = ctx;
    size_t n = size * count, room = sizeof(t->kept) - t->nkept;

    memcpy(t->kept + t->nkept, data, n < room ? n : room);
    t->nkept += n < room ? n : room;
    t->size += n;
    return t->size > ANSWER_MOST ? 0 : n;
}

/* The last word: whatever libcurl was about to connect to. */
static curl_socket_t open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct transfer *t = ctx;

    (void)purpose;
    if (!t->o->inside && !outbound_public(&address->addr)) {
        t->refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static int progress(void *ctx, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const struct transfer *t = ctx;

    (void)a, (void)b, (void)c, (void)d;
    return t->o->stop && t->o->stop(t->o->ctx);
}

/* "host:port:address,address": libcurl then asks no resolver. */
static void pin(struct transfer *t, const struct target *to, const struct addrinfo *list)
{
    struct buf b;
    char text[64];

    if (strchr(to->host, ':'))
        return; /* a number needs no pin */
    buf_init(&b, t->a, 200);
    buf_printf(&b, "%s:%s:", to->host, to->port);
    for (const struct addrinfo *p = list; p; p = p->ai_next) {
        bool six = p->ai_family == AF_INET6;

        if (getnameinfo(p->ai_addr, p->ai_addrlen, text, sizeof(text), NULL, 0, NI_NUMERICHOST))
            continue;
        buf_printf(&b, "%s%s%s%s", p == list ? "" : ",", six ? "[" : "", text, six ? "]" : "");
    }
    t->pinned = curl_slist_append(NULL, b.data);
}

static void set_limits(struct transfer *t)
{
    CURL *c = t->curl;

    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(c, CURLOPT_PROXY, "");
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
    curl_easy_setopt(c, CURLOPT_TIMEOUT, t->o->seconds ? (long)t->o->seconds : 10L);
    curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (t->o->ca_file)
        curl_easy_setopt(c, CURLOPT_CAINFO, t->o->ca_file);
    curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, progress);
    curl_easy_setopt(c, CURLOPT_XFERINFODATA, t);
    curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, t);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_answer);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
}

static void set_request(struct transfer *t)
{
    const struct outbound *o = t->o;
    CURL *c = t->curl;

    t->headers = curl_slist_append(NULL, "Expect:");
    for (size_t i = 0; o->headers && o->headers[i]; i++)
        t->headers = curl_slist_append(t->headers, o->headers[i]);
    curl_easy_setopt(c, CURLOPT_URL, o->url);
    curl_easy_setopt(c, CURLOPT_RESOLVE, t->pinned);
    curl_easy_setopt(c, CURLOPT_POST, 1L);
    curl_easy_setopt(c, CURLOPT_POSTFIELDS, o->body.data ? (const char *)o->body.data : "");
    curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)o->body.size);
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, t->headers);
    curl_easy_setopt(c, CURLOPT_USERAGENT, "Cairn");
}

/* What a stranger sends is shown to people: only printable characters of it. */
static const char *printable(const struct transfer *t)
{
    char *text = arena_strn(t->a, t->kept, t->nkept);

    for (char *p = text; *p; p++)
        if (!isprint((unsigned char)*p))
            *p = isspace((unsigned char)*p) ? ' ' : '.';
    return text;
}

static struct err *run(struct transfer *t, struct outbound_answer *out)
{
    i64 began = clock_ticks();
    long status = 0;
    CURLcode code;

    set_limits(t);
    set_request(t);
    code = curl_easy_perform(t->curl);
    curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
    out->took = clock_ticks() - began;
    out->status = (int)status;
    out->text = printable(t);
    if (t->refused)
        return err_new(ERR_INVALID, "The address is not on the public internet.");
    if (code == CURLE_WRITE_ERROR && t->size > ANSWER_MOST)
        return err_new(ERR_BUSY, "The answer was longer than %d bytes.", ANSWER_MOST);
    if (code != CURLE_OK)
        return err_new(ERR_BUSY, "The other side could not be reached: %.150s.",
                       curl_easy_strerror(code));
    return NULL;
}

struct err *outbound_post(struct arena *a, const struct outbound *o, struct outbound_answer *out)
{
    struct transfer t = {.o = o, .a = a};
    struct addrinfo *list;
    struct target to;
    struct err *failed;

    memset(out, 0, sizeof(*out));
    out->text = "";
    outbound_init();
    TRY(read_url(a, o->url, o->inside, &to));
    TRY(resolve(&to, o->inside, false, &list));
    pin(&t, &to, list);
    freeaddrinfo(list);
    t.curl = curl_easy_init();
    failed = t.curl ? run(&t, out) : err_new(ERR_FAULT, "libcurl does not start.");
    curl_easy_cleanup(t.curl);
    curl_slist_free_all(t.headers);
    curl_slist_free_all(t.pinned);
    return failed;
}
