/* SPDX-License-Identifier: Apache-2.0 */
/* What the program says about itself, printed from its tables: help, manual page, routes, rights.
 * None of these needs a data directory. docs/cairn.1 and docs/permissions.md are made by them. */
#include <string.h>

#include "app/parts.h"
#include "base/crypt.h"
#include "base/text.h"
#include "base/version.h"
#include "core/content.h"
#include "core/permit.h"
#include "core/route.h"

int version_run(struct cli *c)
{
    fprintf(c->out, "cairn %s\n", CAIRN_VERSION);
    return 0;
}

/* --- help --- */

/* The first sentence of a command's help. */
static int first_sentence(const char *help)
{
    const char *end = strstr(help, ". ");

    return (int)(end ? (size_t)(end - help) : strcspn(help, ".\n"));
}

static int help_all(struct cli *c)
{
    const struct command *const *list;
    size_t n = command_list(c->arena, &list);

    fprintf(c->out, "Cairn keeps an information security management system.\n\n"
                    "usage: cairn COMMAND [options]\n\n");
    for (size_t i = 0; i < n; i++)
        fprintf(c->out, "  %-20s %.*s\n", list[i]->name, first_sentence(list[i]->help),
                list[i]->help);
    fprintf(c->out, "\n“cairn help COMMAND” tells more. To begin: cairn serve --data ./data\n");
    return 0;
}

int help_run(struct cli *c)
{
    char *words[3];
    int n = 0, used = 0;
    const struct command *found;

    while (n < 3 && cli_argument(c, (size_t)n)) {
        words[n] = arena_str(c->arena, cli_argument(c, (size_t)n));
        n++;
    }
    if (n == 0)
        return help_all(c);
    found = command_find(c->arena, n, words, &used);
    if (!found || used != n) {
        c->command = NULL;
        return cli_usage(c, "There is no command “%s%s%s”.", words[0], n > 1 ? " " : "",
                         n > 1 ? words[1] : "");
    }
    command_help(c->arena, c->out, found);
    return 0;
}

/* --- manual page --- */

/* roff: a backslash, and a dot or quote at the start of a line, would be commands; "-" is a minus.
 */
static void roff(FILE *out, const char *text)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", out);
    for (; *text; text++) {
        if (*text == '\\')
            fputs("\\e", out);
        else if (*text == '-')
            fputs("\\-", out);
        else
            fputc(*text, out);
    }
}

static void man_command(FILE *out, const struct command *command)
{
    fputs(".TP\n.B ", out);
    roff(out, command->name);
    if (command->usage && *command->usage) {
        fputs("\n.RI \"", out);
        for (const char *p = command->usage; *p; p++) {
            const char one[2] = {*p, '\0'};

            roff(out, *p == '"' ? "'" : one);
        }
        fputs("\"", out);
    }
    fputs("\n.br\n", out);
    roff(out, command->help);
    fputc('\n', out);
}

static const struct {
    const char *name, *text;
} man_options[] = {
    {"--data DIR",     "The data directory. Default: the variable CAIRN_DATA, else ./data."      },
    {"--database URL",
     "Where the store is: sqlite:PATH or postgresql://... Default: the variable CAIRN_DATABASE, "
     "else the file cairn.db in the data directory. @FILE reads the address from a file, which "
     "keeps a password out of the list of processes."                                            },
    {"--org NAME",     "The organisation, by name or short name. Needed where there are several."},
    {"--content DIR",  "A directory whose files replace those of the built-in content."          },
    {"--files PLACE",
     "Where the files that people give are kept: “database” (PostgreSQL, up to 16 MB a file) or "
     "s3:https://HOST/BUCKET?region=REGION with the key in AWS_ACCESS_KEY_ID and "
     "AWS_SECRET_ACCESS_KEY. Default: the variable CAIRN_FILES, else DIR/blobs."                 },
    {"--help",         "Shows how the command is used."                                          },
};

static const struct {
    const char *name, *text;
} man_files[] = {
    {"DIR/cairn.db",     "The store, when it is kept in SQLite."                              },
    {"DIR/signer.key",   "The key that signs the log. Guard it like the backup."              },
    {"DIR/lock",         "Locked while a process may write to the store."                     },
    {"DIR/control.sock", "The way of commands into the running server, for its own user only."},
    {"DIR/blobs",        "The files that people gave, by organisation and SHA-256."           },
    {"DIR/uploads",      "Uploads that may still be continued; removed after a day."          },
    {"DIR/tmp",          "Uploads on their way; emptied at each start."                       },
};

int man_run(struct cli *c)
{
    const struct command *const *list;
    size_t n = command_list(c->arena, &list);
    FILE *out = c->out;

    fprintf(out,
            ".\\\" SPDX-License-Identifier: Apache-2.0\n"
            ".\\\" Made by \"cairn man\" from the table of commands. Do not edit.\n"
            ".TH CAIRN 1 \"\" \"Cairn %s\" \"User Commands\"\n",
            CAIRN_VERSION);
    fputs(
        ".SH NAME\ncairn \\- keeps an information security management system\n"
        ".SH SYNOPSIS\n.B cairn\n.I COMMAND\n.RI [ options ]\n.SH DESCRIPTION\n"
        "Cairn is one program: a web server with its store, and the commands to run it. A command\n"
        "that changes something runs inside the server when one runs on the data directory, and\n"
        "in its own process otherwise. Results go to standard output, everything else to\n"
        "standard error. Options may stand anywhere after the command.\n.SH COMMANDS\n",
        out);
    for (size_t i = 0; i < n; i++)
        man_command(out, list[i]);
    fputs(".SH OPTIONS OF EVERY COMMAND\n", out);
    for (size_t i = 0; i < COUNT_OF(man_options); i++) {
        fputs(".TP\n.B ", out);
        roff(out, man_options[i].name);
        fputc('\n', out);
        roff(out, man_options[i].text);
        fputc('\n', out);
    }
    fputs(
        ".SH EXIT STATUS\n0: done, and nothing to complain about. 1: done, and a finding (see the\n"
        "command). 2: wrong use, or a failure.\n.SH FILES\n",
        out);
    for (size_t i = 0; i < COUNT_OF(man_files); i++)
        fprintf(out, ".TP\n.I %s\n%s\n", man_files[i].name, man_files[i].text);
    return 0;
}

/* --- routes --- */

static const struct {
    unsigned flag;
    const char *name;
} flag_names[] = {
    {ROUTE_SITE,   "site"  },
    {ROUTE_API,    "api"   },
    {ROUTE_SLOW,   "slow"  },
    {ROUTE_UPLOAD, "upload"},
    {ROUTE_READ,   "read"  },
    {ROUTE_NO_OP,  "no-op" },
};

int routes_run(struct cli *c)
{
    const struct route_entry *list;
    size_t n;

    route_init();
    n = route_list(&list);
    for (size_t i = 0; i < n; i++) {
        const struct route *r = list[i].route;
        struct buf flags;

        buf_init(&flags, c->arena, 40);
        for (size_t k = 0; k < COUNT_OF(flag_names); k++)
            if (r->flags & flag_names[k].flag)
                buf_printf(&flags, "%s%s", flags.size ? "," : "", flag_names[k].name);
        fprintf(c->out, "%s\t%s\t%s\t%s\n", method_name(r->method), list[i].pattern,
                r->permission->name, flags.size ? flags.data : "-");
    }
    return 0;
}

/* --- rights --- */

static void permission_row(struct cli *c, struct app *app, const struct permission *p)
{
    const char *const *roles;
    size_t n = permit_roles(app, &roles);

    fprintf(c->out, "| `%s` | %s |", p->name, p->title);
    for (size_t i = 0; i < n; i++)
        fprintf(c->out, " %s |", permit_role_has(app, roles[i], p) ? "x" : "");
    fputc('\n', c->out);
}

int permissions_run(struct cli *c)
{
    struct app *app = NEW(c->arena, struct app); /* only what the question needs */
    const struct permission *const *list;
    const char *const *roles;
    size_t n = feature_permissions(&list), nroles;
    struct err *failed;

    crypt_init();
    app->arena = c->arena;
    app->lock = -1;
    failed = content_load(app->arena, c->config.content_dir, &app->content);
    if (!failed)
        failed = permit_load(app);
    if (failed)
        return cli_fail(c, failed);
    nroles = permit_roles(app, &roles);
    fprintf(c->out, "<!-- SPDX-License-Identifier: Apache-2.0. Made by \"cairn permissions\". -->\n"
                    "# Who may do what\n\n"
                    "One row for each right, one column for each role (`content/roles.tsv`). A "
                    "person holds the\nrights of all roles they have today. Besides, people see "
                    "records that concern them: as owner,\nas the one to act, or as the one to "
                    "approve.\n\n| Right | Meaning |");
    for (size_t i = 0; i < nroles; i++)
        fprintf(c->out, " %s |", content_label(app->content, "roles", roles[i]));
    fprintf(c->out, "\n|---|---|");
    for (size_t i = 0; i < nroles; i++)
        fprintf(c->out, ":-:|");
    fputc('\n', c->out);
    for (size_t i = 0; i < n; i++)
        permission_row(c, app, list[i]);
    return 0;
}
