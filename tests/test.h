/* SPDX-License-Identifier: Apache-2.0 */
/* The contract of every C test. A test file x_test.c holds `static void name(void **state)`
 * functions and one table:
 *
 *     const struct test_case x_tests[] = {
 *         TEST("a number with trailing letters is refused", refuses_letters),
 *         TEST_END,
 *     };
 *
 * The build finds the table by its name (tools/test_tables.py). The sentence is the specification:
 * say what holds, for the reader who does not open the function. Tests share nothing; each makes
 * what it needs. */
#pragma once

/* cmocka needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"

struct test_case {
    const char *sentence;
    void (*run)(void **state);
};

/* All tables in alphabetical order, ended by a NULL name; generated. */
struct test_table {
    const char *name;
    const struct test_case *cases;
};
extern const struct test_table test_tables[];

/* clang-format off */
#define TEST(sentence, function) { (sentence), (function) }
#define TEST_END { NULL, NULL }
/* clang-format on */

/* Fails the test, showing the error's sentence and detail, unless `call` succeeds. */
#define assert_ok(call) test_ok((call), #call, __FILE__, __LINE__)
/* Fails the test unless `call` returns an error of `code`; gives that error. */
#define assert_err(call, code) test_err((call), (code), #call, __FILE__, __LINE__)
/* Fails the test unless `part` occurs in `text`; shows both. */
#define assert_contains(text, part) test_contains((text), (part), __FILE__, __LINE__)

void test_ok(struct err *e, const char *call, const char *file, int line);
struct err *test_err(struct err *e, enum err_code code, const char *call, const char *file,
                     int line);
void test_contains(const char *text, const char *part, const char *file, int line);
/* True when fn(arg) ends its process (run in a child, its messages dropped). */
bool test_dies(void (*fn)(void *arg), void *arg);
