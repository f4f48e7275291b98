/* SPDX-License-Identifier: Apache-2.0 */
/* One page of a PDF as a picture, so that no browser has to open a foreign PDF, with its scripts,
 * inside a page of ours. The work is done by poppler's pdftoppm, a program of its own, in a child
 * that may read fonts and libraries and its standard input, write to its standard output, and
 * nothing else: no other file, no network, no new process, little time and memory. Where the
 * kernel cannot promise that (no Landlock) or the program is not installed, there is no picture. */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "core/convert.h"

#define PROGRAM "/usr/bin/pdftoppm"
#define LOOK_MS 50
#define MEMORY ((rlim_t)1 << 30)
#define PIXELS "1400" /* the longer side */
#define PICTURE_MOST ((size_t)32 << 20)
#define NO_PAGE 99 /* pdftoppm: the document has fewer pages */
#define CHUNK ((size_t)64 * 1024)

/* --- the child --- */

static bool limit(int what, rlim_t most)
{
    const struct rlimit l = {most, most};

    return setrlimit(what, &l) == 0;
}

static bool may(int set, const char *path, u64 what)
{
    struct landlock_path_beneath_attr rule = {.allowed_access = what};
    int fd = open(path, O_PATH | O_CLOEXEC);
    bool good;

    if (fd < 0)
        return errno == ENOENT; /* what is not there need not be allowed */
    rule.parent_fd = fd;
    good = syscall(SYS_landlock_add_rule, set, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
    close(fd);
    return good;
}

static bool close_files(void)
{
    static const char *const readable[] = {"/usr", "/lib", "/lib64", "/etc/fonts",
                                           "/var/cache/fontconfig"};
    static const char *const run[] = {PROGRAM, "/lib64/ld-linux-x86-64.so.2",
                                      "/lib/ld-linux-aarch64.so.1"};
    /* Everything of the first version of Landlock. */
    const struct landlock_ruleset_attr rules = {.handled_access_fs =
                                                    (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1};
    const u64 read = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
    int set = (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof(rules), 0);
    bool good = set >= 0;

    for (size_t i = 0; good && i < COUNT_OF(readable); i++)
        good = may(set, readable[i], read);
    good = good && may(set, "/etc/ld.so.cache", LANDLOCK_ACCESS_FS_READ_FILE);
    for (size_t i = 0; good && i < COUNT_OF(run); i++)
        good = may(set, run[i], LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_EXECUTE);
    return good && syscall(SYS_landlock_restrict_self, set, 0) == 0;
}

/* What a program needs to start, read and compute; everything else fails for it. */
static bool close_calls(void)
{
    static const int calls[] = {
        SCMP_SYS(read),         SCMP_SYS(write),           SCMP_SYS(readv),
        SCMP_SYS(writev),       SCMP_SYS(pread64),         SCMP_SYS(close),
        SCMP_SYS(fstat),        SCMP_SYS(newfstatat),      SCMP_SYS(stat),
        SCMP_SYS(lstat),        SCMP_SYS(statx),           SCMP_SYS(lseek),
        SCMP_SYS(open),         SCMP_SYS(openat),          SCMP_SYS(access),
        SCMP_SYS(faccessat),    SCMP_SYS(faccessat2),      SCMP_SYS(readlink),
        SCMP_SYS(readlinkat),   SCMP_SYS(getdents64),      SCMP_SYS(statfs),
        SCMP_SYS(fstatfs),      SCMP_SYS(fcntl),           SCMP_SYS(fadvise64),
        SCMP_SYS(mmap),         SCMP_SYS(munmap),          SCMP_SYS(mprotect),
        SCMP_SYS(mremap),       SCMP_SYS(madvise),         SCMP_SYS(brk),
        SCMP_SYS(futex),        SCMP_SYS(clock_gettime),   SCMP_SYS(gettimeofday),
        SCMP_SYS(time),         SCMP_SYS(getrandom),       SCMP_SYS(exit),
        SCMP_SYS(exit_group),   SCMP_SYS(rt_sigaction),    SCMP_SYS(rt_sigprocmask),
        SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack),     SCMP_SYS(execve),
        SCMP_SYS(arch_prctl),   SCMP_SYS(set_tid_address), SCMP_SYS(set_robust_list),
        SCMP_SYS(rseq),         SCMP_SYS(prlimit64),       SCMP_SYS(getpid),
        SCMP_SYS(gettid),       SCMP_SYS(getuid),          SCMP_SYS(geteuid),
        SCMP_SYS(getgid),       SCMP_SYS(getegid),         SCMP_SYS(uname),
        SCMP_SYS(sysinfo),      SCMP_SYS(getcwd),          SCMP_SYS(sched_getaffinity),
        SCMP_SYS(sched_yield),
    };
    scmp_filter_ctx c = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    int bad = c ? 0 : -1;

    for (size_t i = 0; !bad && i < COUNT_OF(calls); i++)
        bad = seccomp_rule_add(c, SCMP_ACT_ALLOW, calls[i], 0);
    if (!bad)
        bad = seccomp_load(c);
    seccomp_release(c);
    return !bad;
}

static void become_renderer(char *page)
{
    static char name[] = "pdftoppm", first[] = "-f", last[] = "-l", png[] = "-png";
    static char scale[] = "-scale-to", pixels[] = PIXELS, input[] = "-";
    static char locale[] = "LC_ALL=C.UTF-8", home[] = "HOME=/nonexistent";
    char *argv[] = {name, first, page, last, page, png, scale, pixels, input, NULL};
    char *envp[] = {locale, home, NULL};

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && limit(RLIMIT_CPU, CONVERT_CPU) &&
        limit(RLIMIT_CORE, 0) && limit(RLIMIT_FSIZE, 0) && limit(RLIMIT_NOFILE, 64) &&
        close_files() && close_calls() && limit(RLIMIT_AS, MEMORY)) /* last: sanitizers need more */
        execve(PROGRAM, argv, envp);
    _exit(3);
}

bool convert_pdf_child(int argc, char **argv)
{
    if (argc != 4 || strcmp(argv[1], "convert") != 0 || strcmp(argv[2], "pdf") != 0)
        return false;
    become_renderer(argv[3]);
    return true;
}

/* --- the parent --- */

bool convert_pdf_there(void)
{
    /* Asks for the version of Landlock only. */
    return access(PROGRAM, X_OK) == 0 &&
           syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) >= 1;
}

struct rendering {
    pid_t child;
    int pipe, out;
    size_t size;
    i64 deadline;
};

static struct err *start(struct rendering *r, int file, const char *page)
{
    static char program[] = "/proc/self/exe", name[] = "cairn", verb[] = "convert", kind[] = "pdf";
    static char options[] = "ASAN_OPTIONS=detect_leaks=0";
    char digits[16] = "";
    char *argv[] = {name, verb, kind, digits, NULL}, *envp[] = {options, NULL};
    posix_spawn_file_actions_t files;
    int ends[2], bad;

    memcpy(digits, page, strnlen(page, sizeof(digits) - 1));
    if (pipe2(ends, O_CLOEXEC))
        return err_detail(err_new(ERR_BUSY, "The server is short of memory. Try again later."),
                          "pipe: %s", strerror(errno));
    posix_spawn_file_actions_init(&files);
    bad = posix_spawn_file_actions_adddup2(&files, file, STDIN_FILENO) ||
          posix_spawn_file_actions_adddup2(&files, ends[1], STDOUT_FILENO) ||
          posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0) ||
          posix_spawn_file_actions_addclosefrom_np(&files, 3);
    if (!bad)
        bad = posix_spawn(&r->child, program, &files, NULL, argv, envp);
    posix_spawn_file_actions_destroy(&files);
    close(ends[1]);
    r->pipe = ends[0];
    if (!bad)
        return NULL;
    close(r->pipe);
    return err_detail(err_new(ERR_BUSY, "The page cannot be drawn just now. Try again later."),
                      "posix_spawn: %s", strerror(bad));
}

/* All that the child says goes to the file; false when it is too much or takes too long. */
static bool listen(struct rendering *r)
{
    char chunk[CHUNK];
    struct pollfd p = {.fd = r->pipe, .events = POLLIN};

    for (;;) {
        ssize_t n;

        while (poll(&p, 1, LOOK_MS) <= 0)
            if (clock_ticks() > r->deadline)
                return false;
        n = read(r->pipe, chunk, sizeof(chunk));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0;
        r->size += (size_t)n;
        if (r->size > PICTURE_MOST || clock_ticks() > r->deadline ||
            write(r->out, chunk, (size_t)n) != n)
            return false;
    }
}

static struct err *no_picture(const char *why, int status)
{
    return err_detail(err_new(ERR_INVALID, "This page cannot be drawn. Download the document to "
                                           "open it."),
                      "pdftoppm: %s, status %d", why, status);
}

struct err *convert_pdf_page(int file, i64 page, int out)
{
    struct rendering r = {.out = out, .deadline = clock_ticks() + CONVERT_WALL * SECOND};
    struct arena *a;
    struct err *failed;
    int status = 0;
    bool whole;

    if (page < 1 || page > 100000)
        return err_new(ERR_MISSING, "The document has no such page.");
    a = arena_new(0);
    failed = start(&r, file, arena_printf(a, "%lld", page));
    arena_free(a);
    if (failed)
        return failed;
    whole = listen(&r);
    close(r.pipe);
    if (!whole)
        kill(r.child, SIGKILL);
    while (waitpid(r.child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (!whole)
        return no_picture("too much or too long", status);
    if (WIFEXITED(status) && WEXITSTATUS(status) == NO_PAGE)
        return err_new(ERR_MISSING, "The document has no page %lld.", page);
    if (!WIFEXITED(status) || WEXITSTATUS(status) || !r.size)
        return no_picture("failed", status);
    return NULL;
}
