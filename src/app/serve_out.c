/* SPDX-License-Identifier: Apache-2.0 */
/* The options of cairn serve for what goes out: mail and webhooks. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/parts.h"
#include "base/log.h"
#include "base/text.h"

#define SECRET_MOST 1000

/* The first line of a file. A secret never stands on the command line or in the environment, where
 * other processes read it. */
static struct err *read_secret(struct cli *c, const char *path, const char **out)
{
    char line[SECRET_MOST + 2];
    struct stat st;
    FILE *f = fopen(path, "re");
    bool got = f && fgets(line, sizeof(line), f);

    if (f && !fstat(fileno(f), &st) && st.st_mode & (S_IRGRP | S_IROTH))
        log_event(LOG_WARN, "secret", "file=%s others may read it: chmod 600 would mend that",
                  path);
    if (f)
        fclose(f);
    if (!got)
        return err_new(ERR_BAD,
                       "The file “%.200s” with the password of the mail server cannot be "
                       "read, or is empty.",
                       path);
    line[strcspn(line, "\r\n")] = '\0';
    *out = arena_str(c->arena, line);
    return NULL;
}

static const char *password_file(struct cli *c)
{
    const char *path = cli_path(c, cli_option(c, "smtp-password-file"));
    const char *credentials = getenv("CREDENTIALS_DIRECTORY"); /* of the service manager */

    if (path || !credentials)
        return path;
    path = arena_printf(c->arena, "%s/smtp-password", credentials);
    return access(path, F_OK) ? NULL : path;
}

static bool has_password(const char *url)
{
    const char *rest = strstr(url, "://"), *at;

    rest = rest ? rest + 3 : url;
    at = strchr(rest, '@');
    return at && memchr(rest, ':', (size_t)(at - rest));
}

static struct err *read_mail(struct cli *c)
{
    struct smtp_config *s = &c->config.smtp;
    const char *path = password_file(c);

    s->url = cli_option(c, "smtp-url");
    s->from = cli_option(c, "smtp-from");
    s->ca_file = cli_path(c, cli_option(c, "smtp-ca"));
    if (text_empty(s->url)) {
        s->url = NULL;
        return NULL;
    }
    if (has_password(s->url))
        return err_new(ERR_BAD, "Do not write the mail server's password into --smtp-url, where "
                                "other processes read it. Put it into a file and name that with "
                                "--smtp-password-file.");
    if (path)
        TRY(read_secret(c, path, &s->password));
    if (s->ca_file && access(s->ca_file, R_OK))
        return err_new(ERR_BAD, "The file “%.200s” (--smtp-ca) cannot be read: %s.", s->ca_file,
                       strerror(errno));
    if (!c->config.base_url)
        return err_new(ERR_BAD, "With --smtp-url say with --base-url under which address people "
                                "reach the server, so that the links in mails work.");
    return smtp_check(c->arena, s);
}

struct err *serve_read_outbound(struct cli *c)
{
    c->config.private_webhooks = cli_flag(c, "allow-private-webhooks");
    c->config.webhook_ca = cli_path(c, cli_option(c, "webhook-ca"));
    if (c->config.webhook_ca && access(c->config.webhook_ca, R_OK))
        return err_new(ERR_BAD, "The file “%.200s” (--webhook-ca) cannot be read: %s.",
                       c->config.webhook_ca, strerror(errno));
    return read_mail(c);
}
