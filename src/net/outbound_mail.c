/* SPDX-License-Identifier: Apache-2.0 */
/* Mail: headers that no text can break out of, two bodies, and libcurl for SMTP and MIME. */
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/crypt.h"
#include "base/text.h"
#include "net/outbound_part.h"

#define WORD_BYTES 42 /* of text in one encoded word: 56 base64 digits and 12 of frame */
#define CONNECT_SECONDS 10L
#define MAIL_SECONDS 60L
#define IDLE_SECONDS 15L /* servers hang up on who stays silent */
#define SMTP_LINE_MOST 200
#define PATIENCE (10 * SECOND) /* for the last answer when all is to stop */

/* --- addresses and words --- */

bool mail_address(const char *text)
{
    static const char local[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                ".!#$%&'*+/=?^_`{|}~-";
    size_t n = text ? strspn(text, local) : 0, m;

    if (n == 0 || n > 64 || text[0] == '-' || text[n] != '@')
        return false;
    text += n + 1;
    m = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-");
    return m > 0 && m <= 255 && text[m] == '\0' && text[0] != '.' && text[0] != '-';
}

static bool plain(const char *text)
{
    for (const char *p = text; *p; p++)
        if ((unsigned char)*p < ' ' || (unsigned char)*p > '~')
            return false;
    return !strstr(text, "=?") && strlen(text) <= 60;
}

/* No more bytes than fit, never in the middle of a character. */
static size_t piece(const char *text, size_t n)
{
    size_t take = n > WORD_BYTES ? WORD_BYTES : n;

    while (take < n && take > 1 && ((unsigned char)text[take] & 0xc0) == 0x80)
        take--;
    return take;
}

/* Line ends and other control characters are spaces, in encoded words too: what a mail program
 * decodes must not hold them either. */
static char *one_line(struct arena *a, const char *text)
{
    char *copy = arena_str(a, text ? text : "");

    for (char *p = copy; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            *p = ' ';
    return copy;
}

char *mail_words(struct arena *a, const char *text)
{
    const char *from = one_line(a, text);
    size_t n = strlen(from), take;
    struct buf b;

    if (plain(from))
        return arena_str(a, from);
    buf_init(&b, a, n * 2 + 100);
    for (; n; from += take, n -= take) {
        take = piece(from, n);
        buf_printf(&b, "%s=?UTF-8?B?%s?=", b.size ? "\r\n " : "", crypt_base64(a, from, take));
    }
    return b.data;
}

/* "Name" <address>; without a name the address alone. */
static const char *mailbox(struct arena *a, const char *name, const char *address)
{
    const char *line = one_line(a, name);
    struct buf b;

    if (text_empty(line))
        return address;
    if (!plain(line))
        return arena_printf(a, "%s\r\n <%s>", mail_words(a, line), address);
    buf_init(&b, a, strlen(line) + 10);
    for (const char *p = line; *p; p++)
        buf_printf(&b, "%s%c", *p == '"' || *p == '\\' ? "\\" : "", *p);
    return arena_printf(a, "\"%s\" <%s>", b.data, address);
}

/* --- settings --- */

static bool is_loopback(const char *host)
{
    return strcmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0 ||
           strcmp(host, "[::1]") == 0 || strcmp(host, "::1") == 0;
}

struct sender {
    const char *name, *address, *host; /* of --smtp-from */
};

static bool read_from(struct arena *a, const char *from, struct sender *out)
{
    const char *open = from ? strchr(from, '<') : NULL, *at;

    out->name = "";
    out->address = from;
    if (open) {
        out->name = text_trim(a, arena_strn(a, from, (size_t)(open - from)));
        out->address = arena_strn(a, open + 1, strcspn(open + 1, ">"));
    }
    if (!mail_address(out->address))
        return false;
    at = strchr(out->address, '@');
    out->host = at + 1;
    return true;
}

struct smtp_parts {
    char *scheme, *user, *password, *host, *port;
};

static char *part_of(struct arena *a, CURLU *u, CURLUPart part)
{
    char *text = NULL, *copy = NULL;

    if (curl_url_get(u, part, &text, CURLU_URLDECODE) == CURLUE_OK)
        copy = arena_str(a, text);
    curl_free(text);
    return copy;
}

static bool read_server(struct arena *a, const char *url, struct smtp_parts *out)
{
    CURLU *u = curl_url();
    bool good = url && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK;

    memset(out, 0, sizeof(*out));
    if (good) {
        out->scheme = part_of(a, u, CURLUPART_SCHEME);
        out->user = part_of(a, u, CURLUPART_USER);
        out->password = part_of(a, u, CURLUPART_PASSWORD);
        out->host = part_of(a, u, CURLUPART_HOST);
        out->port = part_of(a, u, CURLUPART_PORT);
    }
    curl_url_cleanup(u);
    return good && out->scheme && out->host &&
           (strcmp(out->scheme, "smtp") == 0 || strcmp(out->scheme, "smtps") == 0);
}

struct err *smtp_check(struct arena *a, const struct smtp_config *config)
{
    struct smtp_parts p;
    struct sender from;

    outbound_init();
    if (!read_server(a, config->url, &p))
        return err_new(ERR_BAD, "--smtp-url must be like smtp://user@mail.example.com:587 or "
                                "smtps://user@mail.example.com.");
    if (p.user && !p.password && !config->password)
        return err_new(ERR_BAD, "--smtp-url names a user, so --smtp-password-file must name the "
                                "file that holds the password.");
    if (!read_from(a, config->from, &from))
        return err_new(ERR_BAD, "--smtp-from must be an address that mail may come from, like "
                                "cairn@example.com or \"Cairn <cairn@example.com>\".");
    return NULL;
}

/* --- a connection --- */

struct smtp {
    const struct smtp_config *config;
    CURL *curl;
};

struct smtp *smtp_open(const struct smtp_config *config)
{
    struct smtp *s = calloc(1, sizeof(*s));

    outbound_init();
    s->config = config;
    s->curl = curl_easy_init();
    return s;
}

const struct smtp_config *smtp_config_of(const struct smtp *s)
{
    return s->config;
}

void smtp_close(struct smtp *s)
{
    if (!s)
        return;
    curl_easy_cleanup(s->curl);
    free(s);
}

/* --- one mail --- */

struct sending {
    struct arena *a;
    const struct mail *m;
    struct sender from;
    struct curl_slist *headers, *to;
    curl_mime *mime;
    const char *at; /* what is left of the last part */
    bool ended;     /* before_end was called: the server may take it from now on */
    i64 stopped_at; /* when it was first asked to stop */
    struct err *refused;
    char line[SMTP_LINE_MOST]; /* the server's last line */
};

static void header(struct sending *s, const char *name, const char *value)
{
    s->headers = curl_slist_append(s->headers, arena_printf(s->a, "%s: %s", name, value));
}

/* RFC 5322: always English, always UTC. */
static const char *date_of(struct arena *a, i64 at)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = (time_t)(at / SECOND);
    struct tm t;

    gmtime_r(&seconds, &t);
    return arena_printf(a, "%s, %02d %s %d %02d:%02d:%02d +0000", days[t.tm_wday], t.tm_mday,
                        months[t.tm_mon], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

static void set_headers(struct sending *s)
{
    const struct mail *m = s->m;

    header(s, "Date", date_of(s->a, m->at));
    header(s, "From", mailbox(s->a, s->from.name, s->from.address));
    header(s, "To", mailbox(s->a, m->to_name, m->to));
    header(s, "Subject", mail_words(s->a, m->subject));
    header(s, "Message-ID", m->message_id);
    if (m->references) {
        header(s, "In-Reply-To", m->references);
        header(s, "References", m->references);
    }
    header(s, "Content-Type", "multipart/alternative"); /* libcurl adds the boundary */
    /* No robot answers, and a mail program offers the way to fewer of these. */
    header(s, "Auto-Submitted", "auto-generated");
    header(s, "X-Auto-Response-Suppress", "All");
    if (m->list_id)
        header(s, "List-Id",
               text_empty(m->list_name) ? arena_printf(s->a, "<%s>", m->list_id)
                                        : mailbox(s->a, m->list_name, m->list_id));
    if (m->settings_url)
        header(s, "List-Unsubscribe", arena_printf(s->a, "<%s>", m->settings_url));
}

static size_t read_last(char *out, size_t size, size_t count, void *ctx)
{
    struct sending *s = ctx;
    size_t n = strlen(s->at);

    n = n < size * count ? n : size * count;
    memcpy(out, s->at, n);
    s->at += n;
    if (n == 0 && !s->ended) {
        if (s->m->before_end)
            s->refused = s->m->before_end(s->m->ctx);
        if (s->refused)
            return CURL_READFUNC_ABORT;
        s->ended = true;
    }
    return n;
}

/* The last part is read by a function of ours, which so knows when all has left. */
static void set_body(struct sending *s, CURL *c)
{
    curl_mimepart *part;

    s->mime = curl_mime_init(c);
    part = curl_mime_addpart(s->mime);
    curl_mime_data(part, s->m->text, CURL_ZERO_TERMINATED);
    curl_mime_type(part, "text/plain; charset=utf-8");
    curl_mime_encoder(part, "quoted-printable");
    part = curl_mime_addpart(s->mime);
    s->at = s->m->html;
    curl_mime_data_cb(part, -1, read_last, NULL, NULL, s); /* -1: it asks until there is no more */
    curl_mime_type(part, "text/html; charset=utf-8");
    curl_mime_encoder(part, "base64");
}

static size_t take_line(char *data, size_t size, size_t count, void *ctx)
{
    struct sending *s = ctx;
    size_t n = size * count, keep = n < sizeof(s->line) - 1 ? n : sizeof(s->line) - 1;

    memcpy(s->line, data, keep);
    s->line[keep] = '\0';
    for (char *p = s->line; *p; p++)
        if ((unsigned char)*p < ' ' || (unsigned char)*p > '~')
            *p = ' ';
    return n;
}

static int progress(void *ctx, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    struct sending *s = ctx;

    (void)a, (void)b, (void)c, (void)d;
    if (!s->m->stop || !s->m->stop(s->m->ctx))
        return 0;
    if (!s->stopped_at)
        s->stopped_at = clock_ticks();
    return !s->ended || clock_ticks() - s->stopped_at > PATIENCE;
}

static void set_server(struct sending *s, const struct smtp_config *config, CURL *c)
{
    struct smtp_parts p;

    (void)read_server(s->a, config->url, &p);
    curl_easy_setopt(c, CURLOPT_URL,
                     arena_printf(s->a, "%s://%s%s%s/%s", p.scheme, p.host, p.port ? ":" : "",
                                  p.port ? p.port : "", s->from.host));
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(c, CURLOPT_PROXY, "");
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
    curl_easy_setopt(c, CURLOPT_TIMEOUT, MAIL_SECONDS);
    curl_easy_setopt(c, CURLOPT_MAXAGE_CONN, IDLE_SECONDS);
    if (p.user) {
        curl_easy_setopt(c, CURLOPT_USERNAME, p.user);
        curl_easy_setopt(c, CURLOPT_PASSWORD, config->password ? config->password : p.password);
    }
    curl_easy_setopt(
        c, CURLOPT_USE_SSL,
        (long)(is_loopback(p.host) && !config->ca_file ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (config->ca_file)
        curl_easy_setopt(c, CURLOPT_CAINFO, config->ca_file);
}

static void set_mail(struct sending *s, CURL *c)
{
    s->to = curl_slist_append(NULL, arena_printf(s->a, "<%s>", s->m->to));
    set_headers(s);
    set_body(s, c);
    curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, progress);
    curl_easy_setopt(c, CURLOPT_XFERINFODATA, s);
    curl_easy_setopt(c, CURLOPT_MAIL_FROM, arena_printf(s->a, "<%s>", s->from.address));
    curl_easy_setopt(c, CURLOPT_MAIL_RCPT, s->to);
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, s->headers);
    curl_easy_setopt(c, CURLOPT_MIMEPOST, s->mime);
    curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, take_line);
    curl_easy_setopt(c, CURLOPT_HEADERDATA, s);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_line);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, s);
}

static struct err *judge(const struct sending *s, CURL *c, CURLcode code, bool *unsure)
{
    long status = 0;

    curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
    if (code == CURLE_OK)
        return NULL;
    if (s->refused)
        return s->refused;
    /* An answer of 4xx or 5xx says that the server has not taken it. */
    *unsure = s->ended && (status < 400 || status > 599);
    if (status >= 500 && status <= 599 && code != CURLE_LOGIN_DENIED)
        return err_new(ERR_INVALID, "The mail server refused the mail: %.150s", s->line);
    return err_new(ERR_BUSY, "The mail could not be handed over: %.100s (%.150s).",
                   curl_easy_strerror(code), s->line);
}

struct err *smtp_send(struct smtp *smtp, const struct mail *m, bool *unsure)
{
    struct arena *a = arena_new(0);
    struct sending s = {.a = a, .m = m};
    struct err *failed;

    *unsure = false;
    if (!mail_address(m->to) || !read_from(a, smtp->config->from, &s.from)) {
        arena_free(a);
        return err_new(ERR_INVALID, "“%.100s” is not an address that mail can be sent to.", m->to);
    }
    curl_easy_reset(smtp->curl);
    set_server(&s, smtp->config, smtp->curl);
    set_mail(&s, smtp->curl);
    failed = judge(&s, smtp->curl, curl_easy_perform(smtp->curl), unsure);
    curl_mime_free(s.mime);
    curl_slist_free_all(s.headers);
    curl_slist_free_all(s.to);
    arena_free(a);
    return failed;
}
