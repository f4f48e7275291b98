/* SPDX-License-Identifier: Apache-2.0 */
/* The child that reads foreign files. Standard input is the file, standard output the pipe. The
 * file is mapped first; from then on the process owns two descriptors that it may write to and a
 * few calls that give it memory, and whatever a malicious file makes of it can do no more. */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "core/convert.h"
#include "core/convert_library.h"
#include "core/convert_part.h"

static bool limit(int what, rlim_t most)
{
    const struct rlimit l = {most, most};

    return setrlimit(what, &l) == 0;
}

static bool set_limits(void)
{
    bool good = limit(RLIMIT_CPU, CONVERT_CPU) && limit(RLIMIT_CORE, 0) && limit(RLIMIT_FSIZE, 0) &&
                limit(RLIMIT_NOFILE, 3);

#ifndef SANITIZED
    /* Sanitizers map terabytes of address space; there the parent watches what is in use. */
    good = good && limit(RLIMIT_AS, CONVERT_MEMORY);
#endif
    return good;
}

/* No path can be opened any more. Kernels without Landlock have the list of calls to rely on. */
static bool close_files(void)
{
    const struct landlock_ruleset_attr rules = {
        .handled_access_fs = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |
                             LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
                             LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                             LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |
                             LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
                             LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
                             LANDLOCK_ACCESS_FS_MAKE_SYM};
    long set = syscall(SYS_landlock_create_ruleset, &rules, sizeof(rules), 0);
    bool good;

    if (set < 0)
        return errno == ENOSYS || errno == EOPNOTSUPP;
    good = syscall(SYS_landlock_restrict_self, set, 0) == 0;
    close((int)set);
    return good;
}

static int allow(scmp_filter_ctx c, int call)
{
    return seccomp_rule_add(c, SCMP_ACT_ALLOW, call, 0);
}

/* Writing to the pipe and standard error, memory that is never executable, and the end. */
static bool close_calls(void)
{
    static const int calls[] = {
        SCMP_SYS(munmap),
        SCMP_SYS(brk),
        SCMP_SYS(madvise),
        SCMP_SYS(mremap),
        SCMP_SYS(futex),
        SCMP_SYS(clock_gettime),
        SCMP_SYS(gettimeofday),
        SCMP_SYS(time),
        SCMP_SYS(getrandom),
        SCMP_SYS(exit_group),
        SCMP_SYS(exit),
        SCMP_SYS(rt_sigreturn),
        /* for abort(), when there is no memory left */
        SCMP_SYS(rt_sigprocmask),
        SCMP_SYS(gettid),
        SCMP_SYS(getpid),
#ifdef SANITIZED
        SCMP_SYS(sched_yield),
        SCMP_SYS(sigaltstack),
#endif
    };
    scmp_filter_ctx c = seccomp_init(SCMP_ACT_KILL_PROCESS);
    int bad = c ? 0 : -1;

    for (size_t i = 0; !bad && i < COUNT_OF(calls); i++)
        bad = allow(c, calls[i]);
    if (!bad)
        bad = seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(write), 1,
                               SCMP_A0(SCMP_CMP_EQ, STDOUT_FILENO));
    if (!bad)
        bad = seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(write), 1,
                               SCMP_A0(SCMP_CMP_EQ, STDERR_FILENO));
    if (!bad)
        bad = seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                               SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
    if (!bad)
        bad = seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2,
                               SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
                               SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS));
    if (!bad)
        bad = seccomp_load(c);
    seccomp_release(c);
    return !bad;
}

static bool map_input(struct bytes *out)
{
    struct stat st;
    void *data;

    if (fstat(STDIN_FILENO, &st) || !S_ISREG(st.st_mode) || st.st_size <= 0 ||
        (u64)st.st_size > CONVERT_FILE_MOST)
        return false;
    data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, STDIN_FILENO, 0);
    *out = (struct bytes){data, (size_t)st.st_size};
    close(STDIN_FILENO);
    return data != MAP_FAILED;
}

static void send_out(void *ctx, const char *data, size_t size)
{
    (void)ctx;
    while (size > 0) {
        ssize_t n = write(STDOUT_FILENO, data, size);

        if (n < 0 && errno != EINTR)
            _exit(1); /* the parent has heard enough */
        if (n > 0) {
            data += n;
            size -= (size_t)n;
        }
    }
}

/* Tests see with their own eyes what the sandbox refuses: `convert try CALL`. */
static void try_call(const char *name)
{
    static const char path[] = "/etc/passwd";
    long got = -1;

    if (strcmp(name, "open") == 0)
        got = syscall(SYS_openat, AT_FDCWD, path, 0);
    else if (strcmp(name, "socket") == 0)
        got = syscall(SYS_socket, 2, 1, 0);
    else if (strcmp(name, "exec") == 0)
        got = syscall(SYS_execve, path, NULL, NULL);
    else if (strcmp(name, "fork") == 0)
        got = syscall(SYS_fork);
    else if (strcmp(name, "read") == 0)
        got = syscall(SYS_read, 0, &got, sizeof(got));
    else if (strcmp(name, "code") == 0)
        got = syscall(SYS_mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    else if (strcmp(name, "kill") == 0)
        got = syscall(SYS_kill, 1, 0);
    else if (strcmp(name, "spin") == 0)
        for (volatile u64 i = 0;; i++)
            got = (long)i;
    else if (strcmp(name, "memory") == 0)
        for (int i = 0; i < 4096; i++)
            memset(arena_alloc(arena_new(0), (size_t)1 << 20), 1, (size_t)1 << 20);
    _exit(got >= 0 ? 7 : 0);
}

bool convert_child(int argc, char **argv)
{
    struct bytes data;
    struct arena *a;

    if (convert_pdf_child(argc, argv))
        _exit(3);
    if (argc < 3 || argc > 4 || strcmp(argv[1], "convert") != 0 ||
        (strcmp(argv[2], "xlsx") != 0 && strcmp(argv[2], "library") != 0 &&
         strcmp(argv[2], "try") != 0))
        return false;
    /* What libraries would look up later: libxml2's tables, and the time zone for libzip, which
     * turns the archive's times into numbers. */
    xmlInitParser();
    setenv("TZ", "UTC0", 1);
    tzset();
    if (!map_input(&data) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || !close_files() ||
        !set_limits() || !close_calls())
        _exit(3);
    if (strcmp(argv[2], "try") == 0)
        try_call(argc == 4 ? argv[3] : "");
    a = arena_new((size_t)1 << 30);
    if (strcmp(argv[2], "library") == 0)
        convert_library(a, data, argc == 4 ? argv[3] : NULL, send_out, NULL);
    else
        convert_workbook(a, data, argc == 4 ? argv[3] : NULL, send_out, NULL);
    _exit(0); /* nothing is tidied up: the process is the tidying up */
}
