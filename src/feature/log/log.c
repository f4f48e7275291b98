/* SPDX-License-Identifier: Apache-2.0 */
/* Permissions, routes and commands of the log. */
#include "feature/log/log.h"

#include "feature/log/log_part.h"

const struct permission log_read = {"log.read", "See the log"};
const struct permission log_verify = {"log.verify", "Verify the log"};

/* The check reads everything: a POST, so that no link starts it. */
#define CHECK (ROUTE_READ | ROUTE_SLOW)

static const struct route routes[] = {
    {METHOD_GET,      "/log", log_list, &log_read, 0, NULL, NULL},
    {METHOD_GET,       "/log/checkpoint", log_checkpoint, &log_read, 0, NULL, NULL},
    {METHOD_POST,              "/log/verify", log_verify_page, &log_verify, CHECK, NULL, NULL},
    {METHOD_GET,           "/log/proof/:idx", log_proof, &log_read, 0, NULL, NULL},
    {METHOD_GET,      "/log/:idx", log_entry, &log_read, 0, NULL, NULL},
    {0},
};

static const struct nav nav[] = {
    {"Check", 90, "Log", "/log", "history", &log_read, NULL},
    {0 },
};

static const struct permission *const permissions[] = {&log_read, &log_verify, NULL};

static const char verify_usage[] = "[--export FILE] [--format text|json] [--no-files]";
static const char verify_help[] =
    "Checks the log of every organisation, or of the one named with --org: the tree over all "
    "entries, the signed checkpoints, and every record against its newest entry, and every file "
    "against its SHA-256 "
    "(which reads all of them; --no-files leaves that out). The store is only read; a server may "
    "run. With --export it writes the log as JSON lines, for a checker that is "
    "not ours. Exit status: 0 nothing found, 1 something is wrong, 2 it could not be checked.";
static const char backup_usage[] = "FILE [--with-keys]";
static const char backup_help[] =
    "Writes the whole store to one ZIP file, also while the server runs: the database, files, and "
    "a "
    "list of hashes. It has the same form on both engines. The signing key stays out, so that the "
    "file alone signs nothing; with --with-keys the keys go in, sealed with a passphrase that is "
    "asked for, or is the first line of standard input.";
static const char restore_usage[] = "FILE [--force] [--accept-rollback] [--without-keys]";
static const char restore_help[] =
    "Puts a backup into the data directory, or into an empty PostgreSQL database (--database). The "
    "file, the database in it and the log are checked before anything is put in place. Everybody "
    "has to sign in again, API tokens and links end, and each log gets an entry about the restore. "
    "A store that is there is refused; with --force it is moved aside, never deleted. When more "
    "was "
    "signed here than the backup holds, it says what would be lost and needs --accept-rollback. "
    "When the backup holds sealed keys and this directory has none, the passphrase is asked for; "
    "with --without-keys a new key is made. What was erased since is erased again.";

static const struct command commands[] = {
    {"verify",      verify_usage, verify_help, verify_run},
    {"backup",  backup_usage, backup_help, backup_run},
    {"restore",             restore_usage, restore_help, restore_run},
    {0},
};

const struct feature log_feature = {
    .name = "log", .permissions = permissions, .routes = routes, .commands = commands, .nav = nav};
