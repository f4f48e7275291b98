/* SPDX-License-Identifier: Apache-2.0 */
/* Finding and running commands, here or in the server, and what commands use. The words of a call
 * are read in command_words.c; the talk with a running server is in control.c. */
#include "core/command.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "base/words.h"

#define COMMAND_MEMORY ((size_t)1 << 30)
#define LOCK_TRIES 50 /* of a tenth of a second: another command may be about to end */
#define NAME_WORDS 3  /* words that a command's name may have */

struct cli_web {
    struct web *w;
    struct cli_web *next;
};

struct cli_file {
    FILE *file;
    const char *path;
    struct cli_file *next;
};

/* --- the table --- */

static int by_name(const void *a, const void *b)
{
    const struct command *const *x = a, *const *y = b;

    return strcmp((*x)->name, (*y)->name);
}

size_t command_list(struct arena *a, const struct command *const **out)
{
    const struct command **list;
    size_t n = 0;

    for (size_t f = 0; features[f]; f++)
        for (const struct command *k = features[f]->commands; k && k->name; k++)
            n++;
    list = NEW_ARRAY(a, const struct command *, n + 1);
    n = 0;
    for (size_t f = 0; features[f]; f++)
        for (const struct command *k = features[f]->commands; k && k->name; k++)
            list[n++] = k;
    qsort(list, n, sizeof(list[0]), by_name);
    for (size_t i = 1; i < n; i++)
        if (text_equal(list[i - 1]->name, list[i]->name))
            BUG("two commands are called “%s”", list[i]->name);
    *out = list;
    return n;
}

static const char *join(struct arena *a, int n, char **words)
{
    struct buf b;

    buf_init(&b, a, 64);
    for (int i = 0; i < n; i++)
        buf_printf(&b, "%s%s", i ? " " : "", words[i]);
    return b.data;
}

const struct command *command_find(struct arena *a, int n, char **words, int *used)
{
    const struct command *const *list;
    size_t count = command_list(a, &list);

    for (int k = n < NAME_WORDS ? n : NAME_WORDS; k > 0; k--) {
        const char *name = join(a, k, words);

        for (size_t i = 0; i < count; i++) {
            if (text_equal(list[i]->name, name)) {
                *used = k;
                return list[i];
            }
        }
    }
    return NULL;
}

/* --- messages --- */

static void say(struct cli *c, const char *text)
{
    fflush(c->out);
    fprintf(c->err, "cairn: %s\n", text);
}

int cli_fail(struct cli *c, const struct err *e)
{
    if (c->forwarded >= 0)
        return c->forwarded;
    say(c, e->text);
    if (e->code == ERR_FAULT && e->detail[0])
        fprintf(c->err, "       (%s)\n", e->detail);
    return 2;
}

int cli_usage(struct cli *c, const char *format, ...)
{
    va_list args;
    const char *text;

    va_start(args, format);
    text = arena_vprintf(c->arena, format, args);
    va_end(args);
    say(c, text);
    if (c->command)
        fprintf(c->err, "       See: cairn help %s\n", c->command->name);
    else
        fprintf(c->err, "       See: cairn help\n");
    return 2;
}

/* Words of `text` in lines of at most 78 columns, indented. */
static void print_wrapped(struct arena *a, FILE *out, const char *text)
{
    char **words;
    size_t n = text_split(a, text, ' ', &words), column = 0;

    for (size_t i = 0; i < n; i++) {
        size_t length = text_length(words[i]);

        if (column && column + 1 + length > 78) {
            fputc('\n', out);
            column = 0;
        }
        fprintf(out, "%s%s", column ? " " : "", words[i]);
        column += length + (column ? 1 : 0);
    }
    fputc('\n', out);
}

void command_help(struct arena *a, FILE *out, const struct command *command)
{
    const char *usage = command->usage ? command->usage : "";

    fprintf(out, "usage: cairn %s%s%s\n\n", command->name, *usage ? " " : "", usage);
    print_wrapped(a, out, command->help);
    fprintf(out, "\nEvery command takes --data DIR (or CAIRN_DATA; ./data is the default),\n"
                 "--database URL (or CAIRN_DATABASE), --files PLACE (or CAIRN_FILES: “database”\n"
                 "or s3:https://HOST/BUCKET?region=REGION; DIR/blobs is the default),\n"
                 "--content DIR, and --org NAME where there is more than one organisation.\n");
}

static int no_command(struct cli *c, int n)
{
    const struct command *const *list;
    size_t count = command_list(c->arena, &list);
    const char **names = NEW_ARRAY(c->arena, const char *, count + 1), *near;
    const char *prefix = arena_printf(c->arena, "%s ", c->whole[0]);
    struct buf more;

    if (c->whole[0][0] == '-')
        return cli_usage(c, "The command comes first, then its options: cairn COMMAND %s ...",
                         c->whole[0]);
    buf_init(&more, c->arena, 200);
    for (size_t i = 0; i < count; i++) {
        names[i] = list[i]->name;
        if (text_starts(list[i]->name, prefix))
            buf_printf(&more, "%s%s", more.size ? ", " : "", list[i]->name);
    }
    near = command_nearest(join(c->arena, n < 2 ? n : 2, c->whole), names, count);
    if (!near)
        near = command_nearest(c->whole[0], names, count);
    if (more.size && !near)
        return cli_usage(c, "“%s” needs a second word. There are: %s.", c->whole[0], more.data);
    if (near)
        return cli_usage(c, "There is no command “%s”. Did you mean “%s”?",
                         join(c->arena, n < 2 ? n : 2, c->whole), near);
    return cli_usage(c, "There is no command “%s”.", c->whole[0]);
}

/* --- configuration --- */

const char *cli_path(struct cli *c, const char *path)
{
    if (!path || path[0] == '/')
        return path;
    if (text_starts(path, "./"))
        path += 2;
    return arena_printf(c->arena, "%s/%s", text_equal(c->cwd, "/") ? "" : c->cwd, path);
}

static const char *option_or(struct cli *c, const char *name, const char *variable)
{
    const char *value = cli_option(c, name);

    return value ? value : getenv(variable);
}

/* "@FILE" keeps a password out of the command line and the environment. */
static struct err *read_database(struct cli *c, const char *text, const char **out)
{
    const char *path;
    char line[2000];
    FILE *f;
    bool got;

    *out = text;
    if (text && text_starts(text, "sqlite:") && text[7] != '/')
        *out = arena_printf(c->arena, "sqlite:%s", cli_path(c, text + 7));
    if (!text || text[0] != '@')
        return NULL;
    path = cli_path(c, text + 1);
    f = fopen(path, "re");
    got = f && fgets(line, sizeof(line), f);
    if (f)
        fclose(f);
    if (!got)
        return err_new(ERR_BAD, "The file “%.200s” with the database's address cannot be read.",
                       path);
    *out = text_trim(c->arena, line);
    return NULL;
}

static struct err *read_config(struct cli *c)
{
    const char *dir = option_or(c, "data", "CAIRN_DATA");

    c->config.dir = cli_path(c, dir && *dir ? dir : "data");
    c->config.content_dir = cli_path(c, cli_option(c, "content"));
    c->config.unsafe = getenv("CAIRN_TEST_UNSAFE") != NULL; /* the crash test's control run */
    c->config.files = option_or(c, "files", "CAIRN_FILES");
    return read_database(c, option_or(c, "database", "CAIRN_DATABASE"), &c->config.database);
}

static bool in_file(const struct app_config *config)
{
    return text_empty(config->database) || text_starts(config->database, "sqlite:");
}

bool command_has_store(struct arena *a, const struct app_config *config)
{
    const char *file = arena_printf(a, "%s/signer.key", config->dir);

    if (text_empty(config->database))
        file = arena_printf(a, "%s/cairn.db", config->dir);
    else if (in_file(config))
        file = config->database + strlen("sqlite:");
    return access(file, F_OK) == 0;
}

/* --- the lock --- */

/* The process that holds a lock on the file, from the kernel's list; 0 when it does not tell. */
static long lock_owner(const struct stat *file)
{
    char line[256], *colon;
    FILE *f = fopen("/proc/locks", "re");
    long pid, found = 0;
    unsigned long inode;

    while (f && !found && fgets(line, sizeof(line), f)) {
        colon = strchr(line, ':');
        if (colon && sscanf(colon, ": FLOCK %*s %*s %ld %*x:%*x:%lu", &pid, &inode) == 2 &&
            inode == file->st_ino && pid > 0)
            found = pid;
    }
    if (f)
        fclose(f);
    return found;
}

struct err *command_lock_holder(const struct app_config *config, struct err *busy)
{
    char path[4200], name[64] = "";
    struct stat st;
    long pid = 0;
    FILE *f;

    snprintf(path, sizeof(path), "%s/lock", config->dir);
    if (!stat(path, &st))
        pid = lock_owner(&st);
    if (!pid)
        return busy;
    snprintf(path, sizeof(path), "/proc/%ld/comm", pid);
    f = fopen(path, "re");
    if (f && fgets(name, sizeof(name), f))
        name[strcspn(name, "\n")] = '\0';
    if (f)
        fclose(f);
    return err_wrap(busy,
                    "Another Cairn is using the data directory “%.200s”: process %ld (%s). Stop it "
                    "first, or wait until it is done.",
                    config->dir, pid, name[0] ? name : "unknown");
}

/* --- the app --- */

static struct err *went_to_server(void)
{
    return err_new(ERR_BUSY, "The command ran in the server.");
}

static struct err *no_store(struct cli *c)
{
    return err_new(ERR_MISSING,
                   "There is no Cairn store in “%.200s”. Create one with “cairn init --data DIR”, "
                   "or name the right directory with --data.",
                   c->config.dir);
}

/* The running server, if there is one on this directory, takes the command. */
static struct err *try_server(struct cli *c)
{
    bool taken;

    TRY(control_forward(c, c->config.dir, &taken));
    return taken ? went_to_server() : NULL;
}

static struct err *open_app(struct cli *c, bool write)
{
    struct err *failed;
    bool file = in_file(&c->config);

    if (file && write)
        TRY(try_server(c));
    if (!command_has_store(c->arena, &c->config) && (file || write)) {
        if (!write) /* the server may keep its store elsewhere */
            TRY(try_server(c));
        return no_store(c);
    }
    c->config.read_only = !write;
    failed = app_open(&c->config, &c->app);
    for (int i = 0; i < LOCK_TRIES && failed && failed->code == ERR_BUSY && file && write; i++) {
        usleep(100 * 1000);
        TRY(try_server(c));
        failed = app_open(&c->config, &c->app);
    }
    if (failed) {
        c->app = NULL;
        return failed->code == ERR_BUSY ? command_lock_holder(&c->config, failed) : failed;
    }
    c->own_app = true;
    return NULL;
}

struct err *cli_open(struct cli *c, bool write, bool in_org, struct web **out)
{
    const char *actor = arena_printf(c->arena, "cli:%s", c->os_user);
    struct cli_web *kept;

    if (!c->app)
        TRY(open_app(c, write));
    else if (c->own_app && write && c->app->config.read_only)
        BUG("“%s” opened the store for reading and now wants to write", c->command->name);
    TRY(app_web(c->app, c->arena, FACE_COMMAND, actor, out));
    kept = NEW(c->arena, struct cli_web);
    *kept = (struct cli_web){*out, c->webs};
    c->webs = kept;
    return in_org ? web_enter_org_named(*out, cli_option(c, "org")) : NULL;
}

void cli_close(struct cli *c, struct web *w)
{
    for (struct cli_web **at = &c->webs; *at; at = &(*at)->next) {
        if ((*at)->w == w) {
            *at = (*at)->next;
            app_web_end(w);
            return;
        }
    }
}

void cli_end(struct cli *c)
{
    while (c->webs)
        cli_close(c, c->webs->w);
    if (!c->own_app)
        return;
    app_close(c->app);
    c->app = NULL;
    c->own_app = false;
}

static void close_lock(void *arg)
{
    close((int)(intptr_t)arg);
}

struct err *cli_lock(struct cli *c)
{
    const char *path = arena_printf(c->arena, "%s/lock", c->config.dir);
    struct err *busy;
    int fd;

    if (c->control >= 0 || control_running(c->config.dir))
        return err_new(ERR_BUSY,
                       "A server is running on the data directory “%.200s”. Stop it first.",
                       c->config.dir);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_new(ERR_BAD, "The data directory “%.200s” cannot be written: %s.", c->config.dir,
                       strerror(errno));
    arena_defer(c->arena, close_lock, (void *)(intptr_t)fd);
    if (!flock(fd, LOCK_EX | LOCK_NB))
        return NULL;
    busy = err_new(ERR_BUSY, "Another Cairn is using the data directory “%.200s”.", c->config.dir);
    return command_lock_holder(&c->config, busy);
}

/* --- files --- */

static struct err *open_file(struct cli *c, const char *path, bool write, FILE **out)
{
    const char *full = cli_path(c, path);
    int fd, flags = write ? O_WRONLY | O_CREAT | O_TRUNC : O_RDONLY;

    if (c->control >= 0) {
        TRY(control_file(c, path, write, &fd));
    } else {
        fd = open(full, flags | O_CLOEXEC, 0666);
        if (fd < 0)
            return err_new(ERR_BAD, "The file “%.200s” cannot be %s: %s.", path,
                           write ? "written" : "read", strerror(errno));
    }
    *out = fdopen(fd, write ? "w" : "r");
    if (!*out) {
        close(fd);
        return err_new(ERR_FAULT, "The file “%.200s” cannot be opened.", path);
    }
    return NULL;
}

struct err *cli_file(struct cli *c, const char *path, bool write, FILE **out)
{
    struct cli_file *kept;

    if (text_equal(path, "-")) {
        *out = write ? c->out : c->in;
        return NULL;
    }
    TRY(open_file(c, path, write, out));
    kept = NEW(c->arena, struct cli_file);
    *kept = (struct cli_file){*out, path, c->files};
    c->files = kept;
    return NULL;
}

/* --- running --- */

/* Closes what the command left open. A result that could not be written is a failure. */
static int finish(struct cli *c, int status)
{
    bool failed;

    for (struct cli_file *f = c->files; f; f = f->next) {
        failed = ferror(f->file) != 0;
        if (fclose(f->file) || failed) {
            say(c, arena_printf(c->arena, "“%s” could not be written as a whole: %s.", f->path,
                                strerror(errno)));
            status = 2;
        }
    }
    cli_end(c);
    failed = ferror(c->out) != 0;
    if (fflush(c->out) || failed) {
        if (errno != EPIPE)
            say(c, "The output could not be written as a whole.");
        status = 2;
    }
    fflush(c->err);
    return status;
}

static bool all_valid(struct cli *c)
{
    for (int i = 0; i < c->nwhole; i++)
        if (!text_valid(c->whole[i], strlen(c->whole[i])))
            return false;
    return text_valid(c->cwd, strlen(c->cwd));
}

int command_run(struct cli *c)
{
    struct err *failed = NULL;
    int plain = 0, used = 0;

    if (!all_valid(c))
        return cli_usage(c,
                         "Arguments and directory names must be UTF-8 without control characters.");
    while (plain < c->nwhole && c->whole[plain][0] != '-')
        plain++;
    c->command = command_find(c->arena, plain, c->whole, &used);
    if (!c->command)
        return no_command(c, plain);
    c->argc = c->nwhole - used;
    c->argv = c->whole + used;
    if (!command_parse(c))
        return 2;
    if (cli_flag(c, "help")) {
        command_help(c->arena, c->out, c->command);
        return finish(c, 0);
    }
    if (!c->app)
        failed = read_config(c);
    return finish(c, failed ? cli_fail(c, failed) : c->command->run(c));
}

/* A descriptor below 3 that is closed would be given to the next file, say the database. */
static void fill_standard_streams(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd < 3);
    if (fd > 2)
        close(fd);
}

static const char *os_user(struct arena *a)
{
    struct passwd *p = getpwuid(getuid());

    return p ? arena_str(a, p->pw_name) : arena_printf(a, "%u", (unsigned)getuid());
}

int command_main(int argc, char **argv)
{
    static char help[] = "help";
    struct cli c = {.in = stdin, .out = stdout, .err = stderr, .control = -1, .forwarded = -1};
    char cwd[4096];
    int status;

    fill_standard_streams();
    c.arena = arena_new(COMMAND_MEMORY);
    c.cwd = getcwd(cwd, sizeof(cwd)) ? cwd : "/";
    c.os_user = os_user(c.arena);
    c.whole = argv + 1;
    c.nwhole = argc - 1;
    if (argc > 1 && text_equal(argv[1], "-h"))
        argv[1] = help;
    else if (argc > 1 && (text_equal(argv[1], "--help") || text_equal(argv[1], "--version")))
        argv[1] += 2;
    if (argc < 2)
        status = cli_usage(&c, "Say what to do, for example: cairn serve --data ./data");
    else
        status = command_run(&c);
    arena_free(c.arena);
    return status;
}
