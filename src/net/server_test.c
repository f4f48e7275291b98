/* SPDX-License-Identifier: Apache-2.0 */
/* The server doing its work: answers, bodies, uploads, start and stop. */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "net/site_test.h"

extern const struct test_case server_tests[];

static void answers_now_and_later(void **state)
{
    (void)state;
    struct site *s = site_open(&(struct server_config){0});
    char *out = talk(s, "GET /a%20b?x=1&y=%C3%BC HTTP/1.1\r\n" HOST LAST);
    assert_contains(out, "HTTP/1.1 200 OK\r\n");
    assert_contains(out, "X-Content-Type-Options: nosniff\r\n");
    assert_contains(out, "Content-Type: text/plain; charset=utf-8\r\n");
    assert_contains(out, "GET /a b peer=127.0.0.1 https=0 body=0 type=none q:x=1 q:y=\xC3\xBC");
    assert_null(strstr(out, "Server:"));
    free(out);
    out = talk(s, "GET /later HTTP/1.1\r\n" HOST LAST);
    assert_contains(out, "GET /later peer=127.0.0.1");
    free(out);
    out = talk(s,
               "POST /later HTTP/1.1\r\n" HOST "Content-Length: 7\r\n"
               "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n" LAST "a=1&b=2");
    assert_contains(out, "body=0 type=application/x-www-form-urlencoded f:a=1 f:b=2");
    free(out);
    assert_int_equal(s->heads, 1);
    assert_int_equal(s->requests, 3);
    assert_int_equal(s->finished, 3);
    site_close(s);
}

static void refuses_scripts_in_json(void **state)
{
    (void)state;
    struct site *s = site_open(&(struct server_config){0});
    char *out = talk(s, "GET /api/v1/risks?a=1&a=2 HTTP/1.1\r\n" HOST LAST);
    assert_contains(out, "HTTP/1.1 400 Bad Request\r\n");
    assert_contains(out, "Content-Type: application/problem+json; charset=utf-8\r\n");
    assert_contains(out, "\"status\":400");
    assert_contains(out, "\"detail\":\"");
    free(out);
    out = talk(s, "GET /risks?a=1&a=2 HTTP/1.1\r\n" HOST LAST);
    assert_contains(out, "Content-Type: text/plain; charset=utf-8\r\n");
    free(out);
    site_close(s);
}

static void bodies(void **state)
{
    (void)state;
    struct site *s = site_open(&(struct server_config){0});
    char *out = talk(s, "PATCH /j HTTP/1.1\r\n" HOST "Content-Length: 2\r\n"
                        "Content-Type: application/merge-patch+json\r\n" LAST "{}");
    assert_contains(out,
                    "PATCH /j peer=127.0.0.1 https=0 body=2 type=application/merge-patch+json");
    free(out);
    out = talk(s, "POST /c HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n"
                  "Content-Type: text/csv\r\n\r\n3\r\na,b\r\n5;x=y\r\n\r\nc,d\r\n0\r\n\r\n");
    assert_contains(out, "body=8 type=text/csv");
    assert_contains(out, "Connection: close");
    free(out);
    out = talk(s, "POST /later HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 2\r\n"
                  "Content-Type: application/json\r\n" LAST "{}");
    assert_true(text_starts(out, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
    free(out);
    out = talk(s, "POST /m HTTP/1.1\r\n" HOST "Content-Length: 108\r\n"
                  "Content-Type: multipart/form-data; boundary=B\r\n" LAST
                  "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x.txt\"\r\n"
                  "Content-Type: text/plain\r\n\r\nabcdef\r\n--B--\r\n");
    assert_contains(out, " u:x.txt=6");
    free(out);
    expect(s, "POST /e HTTP/1.1\r\n" HOST "Content-Length: 0\r\n" LAST, "HTTP/1.1 200");
    expect(s, "DELETE /e HTTP/1.1\r\n" HOST LAST, "HTTP/1.1 200");
    site_close(s);
}

static void head_file_and_304(void **state)
{
    (void)state;
    struct site *s = site_open(&(struct server_config){0});
    char path[64];
    snprintf(path, sizeof path, "%s/out", s->temp_dir);
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    fputs("from a file", f);
    fclose(f);
    char *out = talk(s, "GET /file HTTP/1.1\r\n" HOST LAST);
    assert_contains(out, "Content-Length: 11\r\n");
    assert_contains(out, "\r\n\r\nfrom a file");
    free(out);
    assert_int_not_equal(access(path, F_OK), 0);
    out = talk(s, "HEAD /h HTTP/1.1\r\n" HOST LAST);
    assert_contains(out, "HTTP/1.1 200");
    assert_null(strstr(out, "Content-Length: 0\r\n"));
    assert_string_equal(strstr(out, "\r\n\r\n"), "\r\n\r\n");
    free(out);
    expect(s, "GET /unchanged HTTP/1.1\r\n" HOST LAST, "HTTP/1.1 304");
    site_close(s);
}

static void pipelined(void **state)
{
    (void)state;
    struct site *s = site_open(&(struct server_config){0});
    struct arena *a = arena_new(0);
    struct buf b;
    buf_init(&b, a, 0);
    for (int i = 0; i < 30; i++)
        buf_printf(&b,
                   i % 3 ? "GET /n%02d HTTP/1.1\r\n" HOST "\r\n"
                         : "POST /later%02d HTTP/1.1\r\n" HOST
                           "Content-Type: text/csv\r\nContent-Length: 3\r\n\r\na,b",
                   i);
    buf_printf(&b, "GET /end HTTP/1.1\r\n" HOST LAST);
    char *out = talk(s, b.data);
    assert_int_equal(answers_in(out), 31);
    const char *at = out;
    for (int i = 0; i < 30; i++) {
        at = strstr(at, arena_printf(a, i % 3 ? "GET /n%02d " : "POST /later%02d ", i));
        assert_non_null(at);
    }
    free(out);
    arena_free(a);
    site_close(s);
}

static long resident_kib(void)
{
    long pages = 0, resident = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%ld %ld", &pages, &resident), 2);
    fclose(f);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

static void large_upload(void **state)
{
    (void)state;
    enum { SIZE = 50 * 1024 * 1024, PIECE = 64 * 1024 };
    static const char open_form[] =
        "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"big\"\r\n\r\n";
    static const char close_form[] = "\r\n--B--\r\n";
    struct site *s = site_open(&(struct server_config){0});
    char *piece = malloc(PIECE), head[300];
    assert_non_null(piece);
    memset(piece, '\r', PIECE); /* every byte could start a delimiter */
    long before = resident_kib();
    int fd = site_dial(s);
    int n =
        snprintf(head, sizeof head,
                 "POST /up HTTP/1.1\r\n" HOST "Content-Type: multipart/form-data; boundary=B\r\n"
                 "Content-Length: %zu\r\n" LAST "%s",
                 sizeof open_form + SIZE + sizeof close_form - 2, open_form);
    assert_true(say(fd, head, (size_t)n));
    long most = 0;
    for (int sent = 0; sent < SIZE; sent += PIECE) {
        assert_true(say(fd, piece, PIECE));
        long now = resident_kib();
        most = now > most ? now : most;
    }
    assert_true(say(fd, close_form, sizeof close_form - 1));
    bool closed;
    char *out = hear(fd, 5000, &closed);
    assert_contains(out, " u:big=52428800");
    assert_true(most - before < 8192);
    free(out);
    free(piece);
    close(fd);
    site_close(s);
}

/* A refused upload that keeps coming: the answer arrives instead of a reset. */
static void early_refusal_arrives(void **state)
{
    (void)state;
    struct site *s = site_open(&(struct server_config){0});
    char piece[65536] = {0};
    for (int round = 0; round < 5; round++) {
        int fd = site_dial(s);
        static const char head[] = "POST /deny HTTP/1.1\r\n" HOST "Content-Type: text/csv\r\n"
                                   "Content-Length: 1000000\r\n\r\n";
        say(fd, head, sizeof head - 1);
        for (int i = 0; i < 15; i++)
            assert_true(say(fd, piece, sizeof piece));
        bool closed;
        char *out = hear(fd, 2000, &closed);
        assert_contains(out, "HTTP/1.1 403");
        free(out);
        close(fd);
    }
    site_close(s);
}

static void stops_while_core_works(void **state)
{
    (void)state;
    struct site *s = site_open(&(struct server_config){.threads = 1});
    int fd = site_dial(s);
    say(fd, "GET /never HTTP/1.1\r\n" HOST "\r\n", 40);
    while (s->requests == 0)
        usleep(1000);
    int later = site_dial(s);
    say(later, "GET /later HTTP/1.1\r\n" HOST "\r\n", 40);
    usleep(5000);
    int port = server_port(s->server);
    server_stop(s->server, 1);
    bool closed;
    char *out = hear(later, 1000, &closed); /* was running: got its answer */
    assert_contains(out, "GET /later");
    assert_contains(out, "Connection: close");
    free(out);
    out = hear(fd, 1000, &closed);
    assert_string_equal(out, "");
    assert_true(closed);
    free(out);
    int finished = s->finished;
    site_describe(s->held); /* core comes too late: harmless */
    server_answer(s->held);
    assert_int_equal(s->finished, finished);
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int again = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_not_equal(connect(again, (struct sockaddr *)(void *)&to, sizeof to), 0);
    close(again);
    close(fd);
    close(later);
    assert_int_equal(rmdir(s->temp_dir), 0);
    free(s);
}

/* A self-signed certificate and its key as PEM texts. */
static void make_certificate(struct arena *a, const char **cert, const char **key)
{
    EVP_PKEY *pair = EVP_EC_gen("P-256");
    X509 *x = X509_new();
    BIO *out = BIO_new(BIO_s_mem());
    assert_true(pair && x && out);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    X509_gmtime_adj(X509_getm_notBefore(x), -60);
    X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    X509_set_pubkey(x, pair);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                               (const unsigned char *)"localhost", -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(x));
    assert_true(X509_sign(x, pair, EVP_sha256()) > 0);
    char *data;
    PEM_write_bio_X509(out, x);
    long size = BIO_get_mem_data(out, &data);
    *cert = arena_strn(a, data, (size_t)size);
    (void)BIO_reset(out);
    PEM_write_bio_PrivateKey(out, pair, NULL, NULL, 0, NULL, NULL);
    size = BIO_get_mem_data(out, &data);
    *key = arena_strn(a, data, (size_t)size);
    BIO_free(out);
    X509_free(x);
    EVP_PKEY_free(pair);
}

static size_t collect(char *data, size_t size, size_t count, void *out)
{
    buf_add(out, data, size * count);
    return size * count;
}

static void over_tls(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    struct server_config config = {0};
    make_certificate(a, &config.tls_cert, &config.tls_key);
    struct site *s = site_open(&config);
    CURL *curl = curl_easy_init();
    struct buf b;
    buf_init(&b, a, 0);
    curl_easy_setopt(curl, CURLOPT_URL,
                     arena_printf(a, "https://127.0.0.1:%d/later", server_port(s->server)));
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, "a=1");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 5L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &b);
    assert_int_equal(curl_easy_perform(curl), CURLE_OK);
    assert_int_equal(curl_easy_perform(curl), CURLE_OK); /* on the same connection */
    assert_contains(b.data, "POST /later peer=127.0.0.1 https=1 body=0");
    curl_easy_setopt(curl, CURLOPT_SSLVERSION,
                     (long)(CURL_SSLVERSION_TLSv1_0 | CURL_SSLVERSION_MAX_TLSv1_1));
    curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(curl, CURLOPT_SSL_CIPHER_LIST, "DEFAULT@SECLEVEL=0");
    assert_int_equal(curl_easy_perform(curl), CURLE_SSL_CONNECT_ERROR);
    curl_easy_cleanup(curl);
    assert_int_equal(s->requests, 2);
    site_close(s);
    arena_free(a);
}

static void over_ipv6(void **state)
{
    (void)state;
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        skip(); /* a machine without IPv6 */
    struct site *s = site_open(&(struct server_config){.address = "::"}); /* both families */
    struct sockaddr_in6 to = {.sin6_family = AF_INET6,
                              .sin6_port = htons((uint16_t)server_port(s->server)),
                              .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    bool closed;
    if (connect(fd, (struct sockaddr *)(void *)&to, sizeof to) == 0) {
        static const char get[] = "GET / HTTP/1.1\r\n" HOST LAST;
        say(fd, get, sizeof get - 1);
        char *out = hear(fd, 2000, &closed);
        assert_contains(out, "peer=::1 ");
        free(out);
    }
    close(fd);
    char *out = talk(s, "GET / HTTP/1.1\r\n" HOST LAST);
    assert_contains(out, "peer=127.0.0.1 ");
    free(out);
    site_close(s);
}

static void start_errors(void **state)
{
    (void)state;
    struct site *s = site_open(&(struct server_config){0});
    struct server_calls calls = {0}; /* never called */
    struct server *other;
    struct server_config config = {.address = "127.0.0.1", .port = server_port(s->server)};
    struct err *e = assert_err(server_start(&config, &calls, &other), ERR_FAULT);
    assert_contains(e->text, "Cannot listen on 127.0.0.1 port");
    config.address = "localhost";
    assert_err(server_start(&config, &calls, &other), ERR_BAD);
    config = (struct server_config){.address = "127.0.0.1", .tls_cert = "no", .tls_key = "no"};
    e = assert_err(server_start(&config, &calls, &other), ERR_FAULT);
    assert_contains(e->text, "Check the certificate");
    site_close(s);
}

const struct test_case server_tests[] = {
    TEST("a request of a script that cannot be read is refused in JSON too",
         refuses_scripts_in_json),
    TEST("core answers at once, or later from another thread", answers_now_and_later),
    TEST("bodies are read: sized, chunked, expected, of many parts", bodies),
    TEST("HEAD and 304 have no body, a temporary file is sent and gone", head_file_and_304),
    TEST("pipelined requests are answered in order", pipelined),
    TEST("50 MB are uploaded in less than 8 MB of memory", large_upload),
    TEST("a refusal in mid-upload arrives", early_refusal_arrives),
    TEST("a stop finishes what runs and survives a late answer", stops_while_core_works),
    TEST("TLS 1.2 and later is spoken, older is refused", over_tls),
    TEST("IPv4 and IPv6 peers are named by their addresses", over_ipv6),
    TEST("a server that cannot start says why", start_errors),
    TEST_END,
};
