/* SPDX-License-Identifier: Apache-2.0 */
/* Which addresses of other machines are refused, and that no text breaks out of a mail's header.
 * The real connections are in tests/program/mail.py and webhooks.py. */
#include "net/outbound.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "test.h"

static bool is_public(const char *text)
{
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};

    if (inet_pton(AF_INET, text, &four.sin_addr) == 1)
        return outbound_public((const struct sockaddr *)&four);
    assert_int_equal(inet_pton(AF_INET6, text, &six.sin6_addr), 1);
    return outbound_public((const struct sockaddr *)&six);
}

static void special_addresses(void **state)
{
    static const char *const closed[] = {
        "0.0.0.0",         "10.0.0.1",        "100.64.0.1",   "127.0.0.1",   "127.255.255.255",
        "169.254.169.254", "172.16.0.1",      "172.31.255.1", "192.0.0.1",   "192.0.2.1",
        "192.168.1.1",     "198.18.0.1",      "198.51.100.1", "203.0.113.9", "224.0.0.1",
        "239.1.1.1",       "255.255.255.255", "::",           "::1",         "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",  "64:ff9b::7f00:1", "100::1",       "fc00::1",     "fd12:3456::1",
        "fe80::1",         "fec0::1",         "ff02::1",      "2001::1",     "2001:db8::1",
        "2002:7f00:1::",   "2001:10::1",      "3fff::1",
    };
    static const char *const open[] = {"8.8.8.8",
                                       "1.1.1.1",
                                       "100.63.255.255",
                                       "100.128.0.1",
                                       "172.15.0.1",
                                       "172.32.0.1",
                                       "192.0.1.1",
                                       "223.255.255.1",
                                       "2606:4700::1111",
                                       "2a00:1450:4001::200e",
                                       "2001:4860:4860::8888"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(closed); i++)
        if (is_public(closed[i]))
            fail_msg("%s passes as public", closed[i]);
    for (size_t i = 0; i < COUNT_OF(open); i++)
        if (!is_public(open[i]))
            fail_msg("%s does not pass as public", open[i]);
}

static void refused_urls(void **state)
{
    static const char *const bad[] = {
        "",
        "hooks",
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com:80/",
        "javascript:alert(1)",
        "https://user@example.com/",
        "https://user:secret@example.com/",
        "https://example.com:22/",
        "https://example.com:6379/",
        "http://127.0.0.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://0/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.5:8080/",
        "http://localhost/",
        "http://LOCALHOST/",
        "http://api.localhost/",
        "https://exa mple.com/",
        "https://example.com\\@127.0.0.1/",
        "https://example.com/\r\nHost: x",
        "https://",
        "https://example.com:99999/",
    };
    struct arena *a = arena_new(0);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct err *e = outbound_check(a, bad[i], false);

        if (!e || e->code != ERR_INVALID)
            fail_msg("“%s” was not refused", bad[i]);
    }
    assert_ok(outbound_check(a, "https://hooks.example.com/cairn?x=1", false));
    assert_ok(outbound_check(a, "http://8.8.8.8:8080/x", false));
    assert_ok(outbound_check(a, "http://127.0.0.1:5555/x", true));
    assert_err(outbound_check(a, "ftp://127.0.0.1/", true), ERR_INVALID);
    arena_free(a);
}

static void refused_when_sent(void **state)
{
    struct arena *a = arena_new(0);
    struct outbound_answer answer;
    struct outbound o = {.url = "http://127.0.0.1:8080/"};

    (void)state;
    assert_err(outbound_post(a, &o, &answer), ERR_INVALID);
    o.url = "http://localhost:8080/";
    assert_err(outbound_post(a, &o, &answer), ERR_INVALID);
    o.url = "http://127.0.0.1:1/";
    o.inside = true;
    assert_err(outbound_post(a, &o, &answer), ERR_BUSY);
    arena_free(a);
}

/* Whatever goes in: each line of the value after the first begins with a space. */
static void no_header_breaks_out(void **state)
{
    static const char *const evil[] = {
        "Hello\r\nBcc: victim@example.com", "Hello\nX: y",   "a\rb", "Ünïcode\r\n\r\n<script>",
        "=?UTF-8?Q?=0D=0ABcc:_x?=",         "tab\there\x7f",
    };
    struct arena *a = arena_new(0);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(evil); i++) {
        const char *words = mail_words(a, evil[i]);

        for (const char *p = words; *p; p++) {
            assert_true((unsigned char)*p < 0x7f);
            if (*p == '\r')
                assert_true(p[1] == '\n' && p[2] == ' ');
            else if (*p == '\n')
                assert_true(p > words && p[-1] == '\r' && p[1] == ' ');
            else
                assert_true(*p >= ' ');
        }
        assert_null(strstr(words, "\nBcc"));
    }
    assert_string_equal(mail_words(a, "Plain words"), "Plain words");
    assert_string_equal(mail_words(a, "Ä"), "=?UTF-8?B?w4Q=?=");
    arena_free(a);
}

static void words_fit(void **state)
{
    struct arena *a = arena_new(0);
    const char *line = mail_words(
        a, "Ein sehr langer Betreff mit Umlauten äöüß, der in mehrere Stücke zerfallen muss, "
           "damit keine Zeile zu lang wird – 漢字漢字漢字漢字漢字漢字漢字漢字");

    (void)state;
    while (*line) {
        size_t n = strcspn(line, "\r");

        assert_in_range(n, 1, 76);
        line += n;
        line += strspn(line, "\r\n");
    }
    arena_free(a);
}

static void addresses(void **state)
{
    static const char *const bad[] = {
        "",        "a",     "@b",        "a@",   "a@b@c", "a b@c", "a@b c",  "a@b\r\nRCPT", "<a@b>",
        "a@b,c@d", "a@b;c", "\"a b\"@c", "-f@b", "a@-b",  "a@.b",  "ü@b.de", "a@b.de>",     "a@b\n",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (mail_address(bad[i]))
            fail_msg("“%s” passes as an address", bad[i]);
    assert_false(mail_address(NULL));
    assert_true(mail_address("anna.o'neil+isms@example.com"));
    assert_true(mail_address("root@localhost"));
}

static void settings(void **state)
{
    struct arena *a = arena_new(0);
    struct smtp_config c = {.url = "smtp://mail.example.com:587", .from = "Cairn <c@example.com>"};

    (void)state;
    assert_ok(smtp_check(a, &c));
    c.url = "smtp://user@mail.example.com";
    assert_contains(assert_err(smtp_check(a, &c), ERR_BAD)->text, "--smtp-password-file");
    c.password = "x";
    assert_ok(smtp_check(a, &c));
    c.url = "http://mail.example.com";
    assert_err(smtp_check(a, &c), ERR_BAD);
    c.url = "smtps://mail.example.com";
    c.from = "Cairn";
    assert_contains(assert_err(smtp_check(a, &c), ERR_BAD)->text, "--smtp-from");
    c.from = NULL;
    assert_err(smtp_check(a, &c), ERR_BAD);
    arena_free(a);
}

const struct test_case outbound_tests[] = {
    TEST("only addresses of the public internet pass; mapped, translated and special ones do not",
         special_addresses),
    TEST("an address of a webhook is refused for scheme, user, port, local name or any spelling of "
         "a local number",
         refused_urls),
    TEST("the guard holds when a request is sent, and the operator may lift it", refused_when_sent),
    TEST("no subject or name adds a line to a mail's header", no_header_breaks_out),
    TEST("encoded words stay within 76 columns and whole characters", words_fit),
    TEST("only a plain address goes into an envelope", addresses),
    TEST("settings of mail are checked when the server starts", settings),
    TEST_END,
};
