/* SPDX-License-Identifier: Apache-2.0 */
/* Usage texts as declarations, near names, and files that the caller's process opens for the
 * server. What a script sees of the whole program is in tests/program/cli.py. */
#include "core/command.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"
#include "test.h"

#define USAGE                                                                               \
    "KIND [FILE] --user EMAIL [--format csv|json|xlsx] [--dry-run] [--map COLUMN=FIELD]..." \
    " [--cert FILE --key FILE]"

/* A call of the command "try" and what it says. */
struct call {
    struct arena *a;
    struct cli c;
    struct command command;
    char *said;
    size_t size;
    bool good;
};

static void make_call(struct call *x, const char *usage, const char *words)
{
    char **list;
    size_t n;

    memset(x, 0, sizeof(*x));
    x->a = arena_new(0);
    n = text_split(x->a, words, ' ', &list);
    x->command = (struct command){.name = "try", .usage = usage, .help = "Tries."};
    x->c = (struct cli){.arena = x->a,
                        .argc = (int)n,
                        .argv = list,
                        .command = &x->command,
                        .cwd = "/tmp",
                        .control = -1,
                        .forwarded = -1};
    x->c.out = stdout;
    x->c.err = open_memstream(&x->said, &x->size);
    x->good = command_parse(&x->c);
    fflush(x->c.err);
}

static void end_call(struct call *x)
{
    fclose(x->c.err);
    free(x->said);
    arena_free(x->a);
}

static void options_stand_anywhere(void **state)
{
    struct call x;

    (void)state;
    make_call(&x, USAGE, "--map a=b risks --dry-run --user=me list.csv --map=c=d --format json");
    assert_true(x.good);
    assert_string_equal(cli_argument(&x.c, 0), "risks");
    assert_string_equal(cli_argument(&x.c, 1), "list.csv");
    assert_null(cli_argument(&x.c, 2));
    assert_string_equal(cli_option(&x.c, "user"), "me");
    assert_string_equal(cli_option_nth(&x.c, "map", 0), "a=b");
    assert_string_equal(cli_option_nth(&x.c, "map", 1), "c=d");
    assert_null(cli_option_nth(&x.c, "map", 2));
    assert_true(cli_flag(&x.c, "dry-run"));
    assert_null(cli_option(&x.c, "key"));
    assert_null(cli_option(&x.c, "data"));
    end_call(&x);
}

static void mistakes_are_refused(void **state)
{
    static const struct {
        const char *words, *says;
    } calls[] = {
        {"risks",                             "needs --user EMAIL"          },
        {"--user me",                         "needs KIND"                  },
        {"risks --user me a b",               "“b” is one word too many"},
        {"risks --user me --format pdf",      "csv|json|xlsx"               },
        {"risks --user me --user you",        "twice"                       },
        {"risks --user --dry-run",            "needs a value"               },
        {"risks --user me --dry-run=no",      "takes no value"              },
        {"risks --user me --dryrun",          "Did you mean --dry-run"      },
        {"risks --user me --cart x",          "Did you mean --cert"         },
        {"risks --user me -n",                "two dashes"                  },
        {"risks --user me --data a --data b", "twice"                       },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        struct call x;

        make_call(&x, USAGE, calls[i].words);
        assert_false(x.good);
        assert_contains(x.said, calls[i].says);
        end_call(&x);
    }
}

static void words_after_two_dashes_are_arguments(void **state)
{
    struct call x;

    (void)state;
    make_call(&x, "FILE...", "-- --user -x -");
    assert_true(x.good);
    assert_string_equal(cli_argument(&x.c, 0), "--user");
    assert_string_equal(cli_argument(&x.c, 2), "-");
    end_call(&x);
}

static void help_needs_nothing_else(void **state)
{
    struct call x;

    (void)state;
    make_call(&x, USAGE, "--help");
    assert_true(x.good);
    end_call(&x);
}

static void ask_undeclared(void *arg)
{
    struct call x;

    (void)arg;
    make_call(&x, USAGE, "risks --user me");
    cli_option(&x.c, "formt");
}

static void undeclared_options_are_bugs(void **state)
{
    (void)state;
    assert_true(test_dies(ask_undeclared, NULL));
}

static void near_names_are_found(void **state)
{
    static const char *const names[] = {"serve", "verify", "token create", "check"};

    (void)state;
    assert_string_equal(command_nearest("serv", names, 4), "serve");
    assert_string_equal(command_nearest("chekc", names, 4), "check");
    assert_string_equal(command_nearest("token craete", names, 4), "token create");
    assert_null(command_nearest("backup", names, 4));
    assert_null(command_nearest("", names, 4));
}

static void usages_of_all_commands_can_be_read(void **state)
{
    struct arena *a = arena_new(0);
    const struct command *const *list;
    size_t n = command_list(a, &list);

    (void)state;
    assert_true(n > 5);
    for (size_t i = 0; i < n; i++) {
        struct call x;
        int depth = 0;

        for (const char *p = list[i]->usage; p && *p; p++)
            depth += (*p == '[') - (*p == ']');
        assert_int_equal(depth, 0);
        assert_true(list[i]->help && strlen(list[i]->help) > 10 && list[i]->run);
        make_call(&x, list[i]->usage, "--help");
        assert_true(x.good);
        end_call(&x);
    }
    arena_free(a);
}

/* --- files of the caller --- */

/* A server with one command: it reads "in.txt" and writes it to "out.txt" of the caller. */
struct peer {
    int listen_fd;
    char dir[200];
    bool copied, refused;
};

static bool skip_call(int fd)
{
    uint32_t size = 0;
    char room[4096];

    return recv(fd, &size, sizeof(size), MSG_WAITALL) == sizeof(size) && size < sizeof(room) &&
           recv(fd, room, size, MSG_WAITALL) == (ssize_t)size;
}

static bool copy_files(struct cli *c)
{
    char line[100] = "";
    FILE *in, *out;

    if (cli_file(c, "in.txt", false, &in) || cli_file(c, "out.txt", true, &out))
        return false;
    if (!fgets(line, sizeof(line), in))
        return false;
    fputs(line, out);
    fclose(in);
    return fclose(out) == 0;
}

static void *peer_main(void *arg)
{
    struct peer *p = arg;
    int fd = accept(p->listen_fd, NULL, NULL);
    struct cli c = {.arena = arena_new(0), .cwd = "/nowhere", .control = fd, .forwarded = -1};
    static const char end[] = "{\"status\":1}";
    uint32_t size = sizeof(end) - 1;
    struct err *e;
    FILE *f;

    if (skip_call(fd)) {
        p->copied = copy_files(&c);
        e = cli_file(&c, "none.txt", false, &f);
        p->refused = e && e->code == ERR_BAD && strstr(e->text, "none.txt");
        if (write(fd, &size, sizeof(size)) < 0 || write(fd, end, size) < 0)
            p->copied = false;
    }
    close(fd);
    arena_free(c.arena);
    return NULL;
}

static void listen_at(struct peer *p)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *base = getenv("CAIRN_TEST_DIR");

    snprintf(p->dir, sizeof(p->dir), "%.60s/control-%d", base ? base : "/tmp", (int)getpid());
    mkdir(p->dir, 0700);
    snprintf(address.sun_path, sizeof(address.sun_path), "%.90s/control.sock", p->dir);
    p->listen_fd = socket(AF_UNIX, SOCK_STREAM, 0);
    unlink(address.sun_path);
    assert_int_equal(bind(p->listen_fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(p->listen_fd, 1), 0);
}

static void server_gets_the_callers_files(void **state)
{
    struct peer p = {0};
    struct arena *a = arena_new(0);
    char word[] = "copy", *words[] = {word}, line[100] = "";
    struct cli c = {.arena = a,
                    .in = stdin,
                    .out = stdout,
                    .err = stderr,
                    .whole = words,
                    .nwhole = 1,
                    .os_user = "me",
                    .control = -1,
                    .forwarded = -1};
    pthread_t thread;
    bool taken;
    FILE *f;

    (void)state;
    listen_at(&p);
    c.cwd = p.dir;
    f = fopen(arena_printf(a, "%s/in.txt", p.dir), "w");
    fputs("Grüße\n", f);
    fclose(f);
    assert_int_equal(pthread_create(&thread, NULL, peer_main, &p), 0);
    assert_ok(control_forward(&c, p.dir, &taken));
    pthread_join(thread, NULL);
    assert_true(taken && p.copied && p.refused);
    assert_int_equal(c.forwarded, 1);
    f = fopen(arena_printf(a, "%s/out.txt", p.dir), "r");
    assert_true(f && fgets(line, sizeof(line), f));
    assert_string_equal(line, "Grüße\n");
    fclose(f);
    close(p.listen_fd);
    assert_ok(control_forward(&c, p.dir, &taken));
    assert_false(taken); /* the socket is still there, but nobody listens */
    arena_free(a);
}

static void broken_server_is_told(void **state)
{
    struct peer p = {0};
    struct arena *a = arena_new(0);
    char word[] = "copy", *words[] = {word};
    struct cli c = {.arena = a,
                    .in = stdin,
                    .out = stdout,
                    .err = stderr,
                    .whole = words,
                    .nwhole = 1,
                    .cwd = "/",
                    .os_user = "me",
                    .control = -1,
                    .forwarded = -1};
    bool taken;

    (void)state;
    listen_at(&p);
    shutdown(p.listen_fd, SHUT_RDWR);
    close(p.listen_fd);
    assert_ok(control_forward(&c, p.dir, &taken));
    assert_false(taken);
    assert_ok(control_forward(&c, "/nowhere", &taken));
    assert_false(taken);
    assert_false(control_running(p.dir));
    arena_free(a);
}

/* clang-format off */
const struct test_case command_tests[] = {
    TEST("options stand anywhere, in both spellings, repeated where declared",
         options_stand_anywhere),
    TEST("words that the usage text does not declare are refused", mistakes_are_refused),
    TEST("after -- everything is an argument", words_after_two_dashes_are_arguments),
    TEST("--help needs no other word", help_needs_nothing_else),
    TEST("asking for an option that the usage text lacks is a bug", undeclared_options_are_bugs),
    TEST("the nearest name to a mistyped one is found, and none that is far", near_names_are_found),
    TEST("every command has a readable usage text, help and a function",
         usages_of_all_commands_can_be_read),
    TEST("a command in the server uses files as the caller", server_gets_the_callers_files),
    TEST("a socket that nobody listens on counts as no server", broken_server_is_told),
    TEST_END,
};
/* clang-format on */
