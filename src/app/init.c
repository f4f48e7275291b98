/* SPDX-License-Identifier: Apache-2.0 */
/* cairn init: a new data directory, with the first account when asked. There is no default account
 * and no default password: without --admin the first start prints a one-time link. */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/parts.h"
#include "base/clock.h"
#include "base/text.h"
#include "feature/account/account.h"
#include "feature/demo/demo.h"
#include "feature/organisation/organisation.h"

/* Names that do not make a directory somebody else's. */
static const char *const harmless[] = {".",   "..",       "lost+found",   "lock",
                                       "tmp", "csrf.key", "control.sock", "control.sock.new"};

static bool is_harmless(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(harmless); i++)
        if (text_equal(name, harmless[i]))
            return true;
    return false;
}

/* A file in the directory that is not ours, or NULL. */
static const char *foreign_file(struct cli *c)
{
    DIR *d = opendir(c->config.dir);
    const struct dirent *entry;
    const char *found = NULL;

    while (d && !found && (entry = readdir(d)))
        if (!is_harmless(entry->d_name))
            found = arena_str(c->arena, entry->d_name);
    if (d)
        closedir(d);
    return found;
}

void store_undo(struct cli *c)
{
    const char *file = c->config.database;
    const struct dirent *entry;
    DIR *d = opendir(c->config.dir);

    while (d && (entry = readdir(d)))
        if (entry->d_name[0] != '.')
            unlinkat(dirfd(d), entry->d_name, 0); /* leaves directories */
    if (d)
        closedir(d);
    if (!file || !text_starts(file, "sqlite:"))
        return;
    unlink(file + strlen("sqlite:"));
    unlink(arena_printf(c->arena, "%s-wal", file + strlen("sqlite:")));
    unlink(arena_printf(c->arena, "%s-shm", file + strlen("sqlite:")));
}

static struct err *check_directory(struct cli *c)
{
    const char *dir = c->config.dir, *other;
    struct stat st;

    if (command_has_store(c->arena, &c->config))
        return err_new(
            ERR_CLASH,
            "There is a Cairn store in “%.200s” already. Start it with “cairn serve”, or "
            "choose another directory.",
            dir);
    if (stat(dir, &st))
        return NULL;
    if (!S_ISDIR(st.st_mode))
        return err_new(ERR_BAD, "“%.200s” is not a directory. Choose another name.", dir);
    other = foreign_file(c);
    if (other)
        return err_new(ERR_BAD,
                       "The directory “%.200s” is not empty (it holds “%.80s”) and holds no Cairn "
                       "store. Choose an empty or a new directory.",
                       dir, other);
    if (chmod(dir, 0700))
        return err_new(ERR_BAD, "The directory “%.200s” cannot be made private: %s.", dir,
                       strerror(errno));
    return NULL;
}

struct err *store_create(struct cli *c)
{
    struct err *failed;

    TRY(check_directory(c));
    umask(077);
    failed = app_create(&c->config);
    if (failed)
        store_undo(c);
    return failed;
}

/* --- the first account --- */

struct first {
    const char *email, *name, *password;
    struct organisation organisation; /* name NULL: none yet */
    bool demo;
    struct demo_guest guests[DEMO_GUESTS]; /* of the example company */
    size_t nguests;
};

static struct err *read_password(struct cli *c, const char **out)
{
    char line[1024];

    if (!fgets(line, sizeof(line), c->in))
        return err_new(ERR_BAD,
                       "There is no password on standard input. Give it as the first line.");
    line[strcspn(line, "\r\n")] = '\0';
    if (!text_valid(line, strlen(line)))
        return err_new(ERR_BAD, "The password is not valid UTF-8 text.");
    *out = arena_str(c->arena, line);
    explicit_bzero(line, sizeof(line));
    return NULL;
}

/* The machine's own time zone, as far as it tells. */
static const char *own_zone(struct cli *c)
{
    char path[256];
    ssize_t n = readlink("/etc/localtime", path, sizeof(path) - 1);
    const char *name;

    path[n > 0 ? n : 0] = '\0';
    name = strstr(path, "zoneinfo/");
    return name && zone_valid(name + 9) ? arena_str(c->arena, name + 9) : "UTC";
}

static struct err *read_organisation(struct cli *c, struct organisation *o)
{
    const char *zone = cli_option(c, "zone");

    o->name = cli_option(c, "name");
    if (!o->name && zone)
        return err_new(ERR_BAD, "--zone is the time zone of the organisation: give its --name.");
    if (!o->name)
        return NULL;
    if (!cli_option(c, "admin"))
        return err_new(ERR_BAD, "--name needs --admin EMAIL: who runs the organisation?");
    if (text_empty(o->name))
        return err_new(ERR_BAD, "The name of the organisation is empty.");
    if (zone && !zone_valid(zone))
        return err_new(ERR_BAD, "“%.60s” is no time zone. Write one such as Europe/Berlin.", zone);
    o->slug = text_slug(c->arena, o->name);
    o->zone = zone ? zone : own_zone(c);
    o->language = "en";
    o->currency = "EUR";
    return NULL;
}

static struct err *read_first(struct cli *c, struct first *f)
{
    const char *hash;

    f->demo = cli_flag(c, "demo");
    f->email = cli_option(c, "admin");
    TRY(read_organisation(c, &f->organisation));
    if (!f->email && cli_flag(c, "password-stdin"))
        return err_new(ERR_BAD, "--password-stdin needs --admin EMAIL: whose password is it?");
    if (!f->email)
        return NULL;
    if (!text_email(f->email))
        return err_new(ERR_BAD, "“%.80s” is not an e-mail address.", f->email);
    if (!cli_flag(c, "password-stdin"))
        return err_new(ERR_BAD, "--admin needs --password-stdin: the password is the first line of "
                                "standard input, so that it stands in no command line.");
    f->name = arena_strn(c->arena, f->email, strcspn(f->email, "@"));
    TRY(read_password(c, &f->password));
    /* Refused before anything is made; account_create_first hashes again. */
    return account_hash(c->arena, f->email, f->password, &hash);
}

static struct err *found_organisation(struct web *w, void *ctx)
{
    const struct first *f = ctx;
    struct rows *r;
    i64 org;

    TRY(db_query(w->db, &r, "select id from account where org_id = $1 and email_key = $2", num(0),
                 str(text_fold(w->arena, f->email))));
    if (!row_next(r))
        return err_new(ERR_FAULT, "The account was not stored.");
    return organisation_create(w, &f->organisation, row_num(r, 0), f->name, f->email, &org);
}

static struct err *fill(struct cli *c, struct first *f)
{
    struct web *w;

    TRY(cli_open(c, true, false, &w));
    if (f->email)
        TRY(account_create_first(w, f->email, f->name, f->password));
    if (f->organisation.name)
        TRY(app_write(w, found_organisation, f));
    if (f->demo)
        TRY(demo_create(w, f->guests, &f->nguests));
    cli_close(c, w);
    return NULL;
}

/* The last part of the link follows the address under which people reach the server. */
static void tell_demo(struct cli *c, const struct first *f)
{
    fprintf(c->out, "Created the example company Tarnbeck Health (tarnbeck).\n");
    if (f->email)
        fprintf(c->out, "%s is its information security manager.\n", f->email);
    fprintf(c->out, "To look at it as somebody else, open one of these within seven days, behind "
                    "the address of your server; each works once:\n");
    for (size_t i = 0; i < f->nguests; i++)
        fprintf(c->out, "  %s, %s:\n    %s\n", f->guests[i].name, f->guests[i].job,
                f->guests[i].path);
}

int init_run(struct cli *c)
{
    struct first f = {0};
    struct err *failed;

    if (c->app)
        return cli_usage(c, "A server is running on this data directory already.");
    failed = read_first(c, &f);
    if (!failed)
        failed = store_create(c);
    if (failed)
        return cli_fail(c, failed);
    if (f.email || f.demo)
        failed = fill(c, &f);
    if (failed) {
        int status = cli_fail(c, failed);

        cli_end(c);
        if (text_empty(c->config.database) || text_starts(c->config.database, "sqlite:"))
            store_undo(c); /* elsewhere the tables stay, and with them their keys */
        return status;
    }
    fprintf(c->out, "Created a Cairn store in %s\n", c->config.dir);
    if (f.email)
        fprintf(c->out, "Created the account %s, which runs this installation.\n", f.email);
    if (f.organisation.name)
        fprintf(c->out, "Created the organisation %s (%s).\n", f.organisation.name,
                f.organisation.slug);
    if (f.demo)
        tell_demo(c, &f);
    fprintf(c->out, "Start it with: cairn serve --data %s\n", c->config.dir);
    if (!f.email)
        fprintf(c->out, "The start prints a link, valid once, with which you make the first "
                        "account.\n");
    return 0;
}
