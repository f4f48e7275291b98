/* SPDX-License-Identifier: Apache-2.0 */
/* cairn serve: checks how it may listen, opens or creates the store, runs until it is told to stop.
 * Nothing slow happens before the line that says it listens. */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "app/parts.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "base/version.h"
#include "feature/account/account.h"

#define DEFAULT_LISTEN "127.0.0.1:8080"
#define PEM_MAX ((size_t)1 << 20)
#define WORKERS_MOST 64

/* --- options --- */

static bool is_loopback(const char *address)
{
    return text_starts(address, "127.") || text_equal(address, "::1");
}

static struct err *read_listen(struct cli *c, struct server_config *s)
{
    const char *text = cli_option(c, "listen"), *colon, *host;
    unsigned char raw[16];
    i64 port;
    size_t n;

    text = text ? text : DEFAULT_LISTEN;
    colon = strrchr(text, ':');
    n = colon ? (size_t)(colon - text) : 0;
    host = n > 2 && text[0] == '[' && text[n - 1] == ']' ? arena_strn(c->arena, text + 1, n - 2)
                                                         : arena_strn(c->arena, text, n);
    if (text_equal(host, "localhost"))
        host = "127.0.0.1";
    if (!colon || !text_i64(colon + 1, &port) || port < 0 || port > 65535 ||
        inet_pton(text[0] == '[' ? AF_INET6 : AF_INET, host, raw) != 1)
        return err_new(ERR_BAD,
                       "“%.100s” is no address to listen on. Write ADDRESS:PORT, for example "
                       "127.0.0.1:8080 or [::1]:8080.",
                       text);
    s->address = host;
    s->port = (int)port;
    return NULL;
}

static struct err *read_pem(struct cli *c, const char *option, const char **out)
{
    const char *path = cli_path(c, cli_option(c, option));
    char *text;
    size_t n;
    FILE *f;

    if (!path)
        return NULL;
    f = fopen(path, "re");
    if (!f)
        return err_new(ERR_BAD, "The file “%.200s” (--%s) cannot be read: %s.", path, option,
                       strerror(errno));
    text = arena_alloc(c->arena, PEM_MAX);
    n = fread(text, 1, PEM_MAX - 1, f);
    fclose(f);
    if (n == PEM_MAX - 1 || !strstr(text, "-----BEGIN "))
        return err_new(ERR_BAD, "The file “%.200s” (--%s) holds no PEM text.", path, option);
    *out = text;
    return NULL;
}

static struct err *read_proxies(struct cli *c, struct server_config *s)
{
    const char *text;
    unsigned char raw[16];
    size_t n = 0;

    while (cli_option_nth(c, "trusted-proxy", n))
        n++;
    s->trusted_proxies = NEW_ARRAY(c->arena, const char *, n + 1);
    for (size_t i = 0; i < n; i++) {
        text = cli_option_nth(c, "trusted-proxy", i);
        if (inet_pton(strchr(text, ':') ? AF_INET6 : AF_INET, text, raw) != 1)
            return err_new(ERR_BAD,
                           "--trusted-proxy “%.100s” is not an IP address. Write the address from "
                           "which your proxy connects, for example 127.0.0.1.",
                           text);
        s->trusted_proxies[i] = text;
    }
    return NULL;
}

static struct err *read_base_url(struct cli *c)
{
    const char *url = cli_option(c, "base-url"), *rest;
    size_t n;

    if (!url)
        return NULL;
    n = strlen(url);
    while (n > 0 && url[n - 1] == '/')
        n--;
    url = arena_strn(c->arena, url, n);
    rest = text_starts(url, "https://") ? url + 8 : text_starts(url, "http://") ? url + 7 : "";
    if (!*rest || strpbrk(rest, "/?#@ "))
        return err_new(ERR_BAD,
                       "--base-url “%.200s” is not of the form https://isms.example.com or "
                       "https://isms.example.com:8443.",
                       url);
    c->config.base_url = url;
    return NULL;
}

static struct err *read_numbers(struct cli *c)
{
    static const char *const levels[] = {"debug", "info", "warn", "error"};
    const char *workers = cli_option(c, "workers"), *level = cli_option(c, "log-level");
    i64 n;

    if (workers) {
        if (!text_i64(workers, &n) || n < 2 || n > WORKERS_MOST)
            return err_new(ERR_BAD, "--workers “%.40s” is not a number from 2 to %d.", workers,
                           WORKERS_MOST);
        c->config.workers = (int)n;
    }
    for (size_t i = 0; level && i < COUNT_OF(levels); i++)
        if (text_equal(level, levels[i]))
            log_set_level((enum log_level)i);
    return NULL;
}

/* Passwords and sessions never cross a network in the clear. */
static struct err *check_transport(struct cli *c, const struct server_config *s)
{
    const char *base = c->config.base_url;
    bool https = base && text_starts(base, "https://");

    if (!s->tls_cert != !s->tls_key)
        return err_new(ERR_BAD, "--tls-cert and --tls-key go together. Give both.");
    if (s->tls_cert && base && !https)
        return err_new(ERR_BAD, "With --tls-cert the --base-url begins with https://.");
    if (s->tls_cert && !base && is_loopback(s->address) && s->port)
        c->config.base_url = arena_printf(c->arena, "https://localhost:%d", s->port);
    if (s->tls_cert && !c->config.base_url)
        return err_new(ERR_BAD, "With --tls-cert say with --base-url under which address people "
                                "reach the server, for example https://isms.example.com.");
    if (s->tls_cert || is_loopback(s->address) || (https && s->trusted_proxies[0]))
        return NULL;
    return err_new(ERR_BAD,
                   "Plain http is for this machine only, and %s is not. Give --tls-cert and "
                   "--tls-key; or --base-url https://... and --trusted-proxy ADDRESS when a proxy "
                   "does TLS; or listen on 127.0.0.1.",
                   s->address);
}

static struct err *read_options(struct cli *c, struct server_config *s)
{
    TRY(read_listen(c, s));
    TRY(read_proxies(c, s));
    TRY(read_base_url(c));
    TRY(read_limits(c, s));
    TRY(read_numbers(c));
    TRY(serve_read_outbound(c));
    TRY(read_pem(c, "tls-cert", &s->tls_cert));
    TRY(read_pem(c, "tls-key", &s->tls_key));
    return check_transport(c, s);
}

/* --- start --- */

/* Uploads that a killed server left behind go. */
static struct err *empty_temp_dir(const char *dir)
{
    DIR *d;
    const struct dirent *entry;

    if (mkdir(dir, 0700) && errno != EEXIST)
        return err_new(ERR_BAD, "The directory “%.200s” cannot be made: %s.", dir, strerror(errno));
    d = opendir(dir);
    while (d && (entry = readdir(d)))
        if (entry->d_name[0] != '.' && unlinkat(dirfd(d), entry->d_name, 0))
            log_event(LOG_WARN, "temp", "file=%s %s", entry->d_name, strerror(errno));
    if (d)
        closedir(d);
    return NULL;
}

static struct err *open_store(struct cli *c, struct server_config *s)
{
    struct err *failed;

    umask(077);
    if (!command_has_store(c->arena, &c->config))
        TRY(store_create(c));
    failed = app_open(&c->config, &c->app);
    if (failed) {
        c->app = NULL;
        return failed->code == ERR_BUSY ? command_lock_holder(&c->config, failed) : failed;
    }
    c->own_app = true;
    s->temp_dir = arena_printf(c->arena, "%s/tmp", c->config.dir);
    TRY(empty_temp_dir(s->temp_dir));
    TRY(control_start(c->app));
    return app_start(c->app, s);
}

static const char *own_address(struct cli *c, const struct server_config *s)
{
    bool six = strchr(s->address, ':') != NULL;

    return arena_printf(c->arena, "%s://%s%s%s:%d", s->tls_cert ? "https" : "http", six ? "[" : "",
                        s->address, six ? "]" : "", server_port(c->app->server));
}

/* Nobody can sign in yet: whoever started the server gets a link, valid once, for an hour. */
static struct err *offer_setup(struct cli *c, const char *address)
{
    struct web *w;
    struct rows *r;
    const char *path;

    TRY(cli_open(c, true, false, &w));
    TRY(db_query(w->db, &r, "select count(*) from account where org_id = $1", num(0)));
    if (row_next(r) && row_num(r, 0) == 0) {
        TRY(account_setup_link(w, &path));
        fprintf(c->err,
                "cairn: nobody can sign in yet. Open this link within an hour; it works "
                "once:\n       %s%s\n",
                c->config.base_url ? c->config.base_url : address, path);
    }
    cli_close(c, w);
    return NULL;
}

/* Tells the service manager, when there is one that wants to know (sd_notify's protocol). */
static void notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    size_t n = path ? strlen(path) : 0;
    int fd;

    if (n == 0 || n >= sizeof(to.sun_path))
        return;
    memcpy(to.sun_path, path, n);
    if (path[0] == '@')
        to.sun_path[0] = '\0';
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    if (sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&to,
               (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) < 0)
        log_event(LOG_WARN, "notify", "%s", strerror(errno));
    close(fd);
}

/* --- run and stop --- */

static void hold_signals(sigset_t *stops)
{
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(stops);
    sigaddset(stops, SIGTERM);
    sigaddset(stops, SIGINT);
    sigaddset(stops, SIGHUP);
    pthread_sigmask(SIG_BLOCK, stops, NULL); /* before the first thread, which inherits it */
}

static void wait_for_stop(const sigset_t *stops)
{
    int got = 0;

    while (sigwait(stops, &got))
        continue;
    pthread_sigmask(SIG_UNBLOCK, stops, NULL); /* a second one ends the process at once */
    log_event(LOG_INFO, "stopping", "signal=%d", got);
    notify("STOPPING=1");
}

static void stop(struct cli *c)
{
    bool idle = control_stop(c->app);

    app_stop(c->app);
    if (idle)
        return;
    log_event(LOG_WARN, "stopped", "a command was still running and is cut off");
    _exit(0);
}

int serve_run(struct cli *c)
{
    struct server_config s = {0};
    sigset_t stops;
    const char *address;
    struct err *failed;

    if (c->control >= 0)
        return cli_usage(c, "A server is running on this data directory already.");
    failed = read_options(c, &s);
    if (failed)
        return cli_fail(c, failed);
    hold_signals(&stops);
    failed = open_store(c, &s);
    if (!failed) {
        address = own_address(c, &s);
        failed = offer_setup(c, address);
    }
    if (!failed) {
        fprintf(c->out, "cairn: listening on %s\n", address);
        fflush(c->out);
        log_event(LOG_INFO, "started", "version=%s address=%s", CAIRN_VERSION, address);
        if (c->config.unsafe)
            log_event(LOG_WARN, "unsafe", "CAIRN_TEST_UNSAFE is set: a crash loses what was saved");
        notify("READY=1");
        wait_for_stop(&stops);
    }
    if (c->app)
        stop(c);
    if (!failed)
        log_event(LOG_INFO, "stopped", "version=%s", CAIRN_VERSION);
    return failed ? cli_fail(c, failed) : 0;
}

/* --- the commands of the program itself --- */

static const char serve_usage[] =
    "[--listen ADDRESS:PORT] [--base-url URL] [--tls-cert FILE --tls-key FILE]"
    " [--trusted-proxy ADDRESS]... [--workers NUMBER] [--body-limit SIZE] [--upload-limit SIZE]"
    " [--quota SIZE] [--quota-files NUMBER] [--quota-person SIZE] [--quota-person-files NUMBER]"
    " [--clamd PLACE] [--clamd-optional] [--log-level debug|info|warn|error]"
    " [--smtp-url URL --smtp-from ADDRESS] [--smtp-password-file FILE] [--smtp-ca FILE]"
    " [--allow-private-webhooks] [--webhook-ca FILE]";
static const char serve_help[] =
    "Runs the web server. It creates the data directory when there is none, and prints a link with "
    "which the first account is made. Default address: 127.0.0.1:8080; port 0 takes a free one. "
    "Plain http is served to this machine only; else give a certificate and its key, or name the "
    "proxy that does TLS and the address people use. With --smtp-url (smtp://user@host:587 or "
    "smtps://user@host) notifications also go out as mail; TLS is required unless the host is this "
    "machine; the password is the first line of a file. Webhooks go to public addresses only, "
    "unless --allow-private-webhooks is given. One file may have --upload-limit (1G), the files of "
    "an organisation --quota (50G) and --quota-files (200000), what one person uploads in a day "
    "--quota-person (10G) and --quota-person-files (2000). With --clamd unix:/PATH or HOST:PORT "
    "every file is scanned; while the scanner does not answer none is taken, unless "
    "--clamd-optional is given. SIGTERM and SIGINT stop it after running requests have ended; a "
    "second one stops it at once.";
static const char init_usage[] =
    "[--admin EMAIL --password-stdin] [--name TEXT] [--zone ZONE] [--demo]";
static const char init_help[] =
    "Creates a store in a new or empty data directory. With --admin it creates the account that "
    "runs the installation; the password (at least 12 characters) is the first line of standard "
    "input. With --name it creates the organisation too, with that account as its administrator, "
    "in this time zone or the machine's. With --demo it adds an example company.";
static const char routes_help[] =
    "Prints every address of the server: method, pattern, right that is needed, flags. Fields are "
    "separated by tabs.";
static const char permissions_help[] = "Prints which role holds which right, as a Markdown table.";

static const char help_usage[] = "[COMMAND...]";
static const char help_help[] = "Lists the commands, or tells how one is used.";
static const char version_help[] = "Prints the version.";
static const char man_help[] = "Prints the manual page in roff.";
static const char no_words[] = "";

static const struct command app_commands[] = {
    {"serve",     serve_usage, serve_help, serve_run},
    {"init", init_usage, init_help, init_run},
    {"help",           help_usage, help_help, help_run},
    {"version", no_words, version_help, version_run},
    {"man",   no_words, man_help, man_run},
    {"routes",      no_words, routes_help, routes_run},
    {"permissions",  no_words, permissions_help, permissions_run},
    {0          },
};

const struct feature app_feature = {.name = "app", .commands = app_commands};
