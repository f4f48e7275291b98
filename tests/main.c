/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the C tests: `cairn-tests [-v] [PATTERN]`. PATTERN picks the cases whose table or sentence
 * contains it. The last line counts test cases: `unit: N passed, N failed`. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/crypt.h"
#include "base/log.h"
#include "core/convert.h"
#include "test.h"

#define CASES_MAX 2000

void test_ok(struct err *e, const char *call, const char *file, int line)
{
    if (!e)
        return;
    for (const struct err *c = e; c; c = c->cause)
        print_error("%s: %s [%s] (made at %s:%d)\n", call, c->text, c->detail, c->file, c->line);
    _fail(file, line);
}

struct err *test_err(struct err *e, enum err_code code, const char *call, const char *file,
                     int line)
{
    if (e && e->code == code)
        return e;
    if (e)
        print_error("%s: wanted error %d, got %d: %s\n", call, (int)code, (int)e->code, e->text);
    else
        print_error("%s: wanted error %d, but it succeeded\n", call, (int)code);
    _fail(file, line);
    return e;
}

void test_contains(const char *text, const char *part, const char *file, int line)
{
    if (text && strstr(text, part))
        return;
    print_error("\"%s\" is not in \"%s\"\n", part, text ? text : "(null)");
    _fail(file, line);
}

bool test_dies(void (*fn)(void *arg), void *arg)
{
    int status = 0;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
        dup2(nowhere, STDERR_FILENO);
        fn(arg);
        _exit(0);
    }
    return child > 0 && waitpid(child, &status, 0) == child &&
           !(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* By sentence, table ("entity") or file ("entity_test"). */
static bool wanted(const char *table, const char *sentence, const char *pattern)
{
    char file[128];

    snprintf(file, sizeof file, "%s_test", table);
    return !pattern || strstr(file, pattern) || strstr(sentence, pattern);
}

/* Collects the wanted cases of one table. */
static size_t collect(size_t table, const char *pattern, struct CMUnitTest *out, size_t room)
{
    size_t count = 0;
    for (const struct test_case *c = test_tables[table].cases; c->run; c++) {
        if (!wanted(test_tables[table].name, c->sentence, pattern))
            continue;
        if (count == room)
            BUG("more than %zu test cases in one table", room);
        out[count++] = (struct CMUnitTest){.name = c->sentence, .test_func = c->run};
    }
    return count;
}

/* Seconds of processor time of this process and its ended children. */
static double cpu_seconds(void)
{
    struct rusage own, children;

    getrusage(RUSAGE_SELF, &own);
    getrusage(RUSAGE_CHILDREN, &children);
    return (double)(own.ru_utime.tv_sec + own.ru_stime.tv_sec + children.ru_utime.tv_sec +
                    children.ru_stime.tv_sec) +
           1e-6 * (double)(own.ru_utime.tv_usec + own.ru_stime.tv_usec + children.ru_utime.tv_usec +
                           children.ru_stime.tv_usec);
}

/* cmocka tells every start and end on standard output and failures on standard error. */
static int run_table(size_t table, const struct CMUnitTest *cases, size_t count, bool verbose)
{
    int saved = dup(STDOUT_FILENO);
    fflush(stdout);
    if (!verbose) {
        int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
        dup2(nowhere, STDOUT_FILENO);
        close(nowhere);
    }
    int failed = _cmocka_run_group_tests(test_tables[table].name, cases, count, NULL, NULL);
    fflush(stdout);
    dup2(saved, STDOUT_FILENO);
    close(saved);
    return failed;
}

int main(int argc, char **argv)
{
    static struct CMUnitTest cases[CASES_MAX];
    bool verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
    const char *pattern = argc > 1 + verbose ? argv[1 + verbose] : NULL;
    size_t total = 0;
    size_t failed = 0;

    if (convert_child(argc, argv)) /* the program under test starts itself to read workbooks */
        return 0;
    setenv("CAIRN_TEST_CHEAP_HASH", "1", 1);
    crypt_init();
    log_set_level(LOG_ERROR);
    for (size_t i = 0; test_tables[i].name; i++) {
        size_t count = collect(i, pattern, cases, CASES_MAX);
        if (count == 0)
            continue;
        double before = cpu_seconds();
        int bad = run_table(i, cases, count, verbose);
        printf("%s: %.1f s\n", test_tables[i].name, cpu_seconds() - before);
        fflush(stdout);
        total += count;
        /* A negative answer means that the group itself broke: then nothing counts as passed. */
        failed += bad < 0 ? count : (size_t)bad;
    }
    if (total == 0)
        printf("no test case contains \"%s\"\n", pattern ? pattern : "");
    /* Flushed by hand: a leak report at exit would come before the last line, or instead of it. */
    printf("unit: %zu passed, %zu failed\n", total - failed, failed);
    fflush(stdout);
    return failed > 0 || total == 0;
}
