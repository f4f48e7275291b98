/* SPDX-License-Identifier: Apache-2.0 */
/* The command line. A command that changes things runs inside the server when one runs on the data
 * directory (over DIR/control.sock, same user only, with the caller's own stdin, stdout and stderr
 * passed along), or else in this process under the exclusive lock.
 *
 * The `usage` text of a command is its declaration, and is checked before the command runs:
 *   KIND FILE [OTHER]        positional arguments, needed or not
 *   --user EMAIL             an option with a value that must be given; [--user EMAIL] need not
 *   [--dry-run]              a flag: an option with no word after it inside its brackets
 *   [--format csv|json]      a value out of a list (all lower case)
 *   [--map COLUMN=FIELD]...  may be repeated; FILE... takes any number of arguments
 * Everywhere besides: --data DIR, --database URL, --org NAME, --content DIR, --help. */
#pragma once

#include <stdio.h>

#include "core/app.h"

struct cli {
    struct arena *arena;
    int argc;
    char **argv; /* after the command's name */
    FILE *in, *out, *err;
    const char *cwd; /* the caller's directory: relative paths are below it */
    const char *os_user;
    struct app_config config; /* from --data/CAIRN_DATA, --database, ... */
    struct app *app;          /* the running server's, or NULL until cli_open */
    const struct command *command;
    struct cli_words *words; /* options and arguments, sorted out by command.c */
    char **whole;            /* all words of the call, for the server */
    int nwhole;
    int control;            /* inside the server: connection to the caller; else -1 */
    int forwarded;          /* exit status of the server's run, or -1 */
    bool own_app;           /* app was opened here and is closed after the command */
    struct cli_web *webs;   /* contexts that are open */
    struct cli_file *files; /* files that are open */
};

/* Options: --name VALUE, --name=VALUE, flags; `name` without the dashes. cli_option returns NULL
 * when absent; repeated ones are walked with `nth`. Positional arguments by index. A name that the
 * usage text does not declare is a BUG. */
const char *cli_option(struct cli *c, const char *name);
const char *cli_option_nth(struct cli *c, const char *name, size_t nth);
bool cli_flag(struct cli *c, const char *name);
const char *cli_argument(struct cli *c, size_t index);
/* A path as the caller means it: below the caller's directory unless absolute. */
const char *cli_path(struct cli *c, const char *path);
/* Opens the caller's file to read or to write ("-" = stdin or stdout), also when the command runs
 * inside the server, which may not see that file itself: the caller's process opens it. Closed at
 * the end of the command, which fails when not everything could be written. */
struct err *cli_file(struct cli *c, const char *path, bool write, FILE **out) MUST_CHECK;
/* Opens the app (or uses the server's) and a context in the organisation of --org; the context has
 * all rights and the actor "cli:<user>". With `write` and a server running on the directory the
 * whole command runs there instead: then the error is one for which cli_fail gives the server's
 * exit status without a word. So call it before reading stdin or printing anything. */
struct err *cli_open(struct cli *c, bool write, bool in_org, struct web **out) MUST_CHECK;
void cli_close(struct cli *c, struct web *w);
/* Closes all contexts, and the app if it was opened here. Happens by itself after the command. */
void cli_end(struct cli *c);
/* For commands that replace the store (restore): ERR_BUSY when a server or another command uses the
 * data directory, else its lock, held until the command ends. */
struct err *cli_lock(struct cli *c) MUST_CHECK;
/* Prints "cairn: sentence" to err and gives the exit status (2, or the server's). */
int cli_fail(struct cli *c, const struct err *e);
/* The same for wrong input found by the command itself; adds how to get help. */
int cli_usage(struct cli *c, const char *format, ...) PRINTF(2, 3);
/* main() of the program: finds the command, runs it here or in the server. */
int command_main(int argc, char **argv);

/* All commands of all features, sorted by name. Returns how many; the list lives in the arena. */
size_t command_list(struct arena *a, const struct command *const **out);
/* The command that `words` begin with, longest name first; `*used` gets the number of words of its
 * name. NULL when there is none. */
const struct command *command_find(struct arena *a, int n, char **words, int *used);
/* The nearest of `n` names to a mistyped word, or NULL when none is near. */
const char *command_nearest(const char *word, const char *const *names, size_t n);
/* Sorts out and checks the words of a call whose `command`, `argv`, `cwd` are set; false after
 * having printed the reason. */
bool command_parse(struct cli *c);
/* Finds the command of c->whole, checks the words and runs it with the streams, directory and app
 * of `c`; closes what it opened. Returns the exit status. */
int command_run(struct cli *c);
/* Prints usage and help of one command. */
void command_help(struct arena *a, FILE *out, const struct command *command);
/* True when a store is there for this configuration: the SQLite file, or the keys of a store on
 * PostgreSQL. */
bool command_has_store(struct arena *a, const struct app_config *config);
/* ERR_BUSY of app_open with the process that holds the lock, as far as the system tells. */
struct err *command_lock_holder(const struct app_config *config, struct err *busy);

/* The control socket of a running server (core/control.c). */
struct err *control_start(struct app *app) MUST_CHECK;
/* Stops listening and waits up to ten seconds for running commands; false when one still runs (the
 * app must then not be closed). */
bool control_stop(struct app *app);
/* Caller's side: true when a server on `dir` took the command and ended it with c->forwarded. An
 * error means that it broke off. False: no server is there. */
struct err *control_forward(struct cli *c, const char *dir, bool *taken) MUST_CHECK;
/* True when a server answers on the socket of `dir`. */
bool control_running(const char *dir);
/* Server's side of cli_file: asks the caller's process for a descriptor. */
struct err *control_file(struct cli *c, const char *path, bool write, int *fd) MUST_CHECK;
