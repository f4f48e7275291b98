/* SPDX-License-Identifier: Apache-2.0 */
/* The risk method: matrix, approval, fixed versions. */
#include "feature/method/method.h"

#include <string.h>

#include "base/text.h"
#include "visit.h"

static void matrix_vectors(void **state)
{
    static const struct {
        i64 likelihood, impact, score;
        const char *band;
    } cases[] = {
        {1, 1, 1,  "low"     },
        {1, 4, 4,  "low"     },
        {1, 5, 5,  "medium"  },
        {3, 3, 9,  "medium"  },
        {2, 5, 10, "high"    },
        {4, 4, 16, "high"    },
        {4, 5, 20, "critical"},
        {5, 5, 25, "critical"}
    };
    struct test *t = test_begin();
    struct method m;
    const char *band;
    i64 score;

    (void)state;
    assert_ok(method_current(t->w, &m));
    assert_int_equal(m.acceptance, 9);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_ok(method_cell(t->w, m.id, cases[i].likelihood, cases[i].impact, &score, &band));
        assert_int_equal(score, cases[i].score);
        assert_string_equal(band, cases[i].band);
    }
    assert_ok(method_cell(t->w, m.id, 0, 5, &score, &band));
    assert_int_equal(score, 0);
    assert_null(band);
    assert_err(method_cell(t->w, m.id, 6, 1, &score, &band), ERR_INVALID);
    test_end(t);
}

static const char *shown_hash(struct test *t)
{
    const char *at;

    visit(t, METHOD_GET, "/o/acme/methods/M-1", NULL);
    expect_status(t, 200);
    at = strstr(body(t), "name='hash' value='");
    return at ? arena_strn(t->arena, at + 19, 64) : NULL;
}

static void approval(void **state)
{
    struct test *t = test_begin();
    const char *hash;

    (void)state;
    login(t, "employee");
    visit(t, METHOD_POST, "/o/acme/methods/M-1/approve", "hash=x");
    expect_status(t, 403);
    login(t, "top-management");
    hash = shown_hash(t);
    assert_non_null(hash);
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/methods/M-1",
          "_version=1&acceptance=6&title=Ours&impact_rule=max&review_months=12&_reason=stricter");
    expect_status(t, 303);
    login(t, "top-management");
    visit(t, METHOD_POST, "/o/acme/methods/M-1/approve", arena_printf(t->arena, "hash=%s", hash));
    expect_status(t, 409);
    visit(t, METHOD_POST, "/o/acme/methods/M-1/approve",
          arena_printf(t->arena, "hash=%s", shown_hash(t)));
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/methods/M-1", NULL);
    expect_text(t, "Approved by Person top-management");
    expect_no_text(t, "A new decision is needed");
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/methods/M-1", "_version=3&acceptance=12&_reason=softer");
    expect_status(t, 409);
    expect_count(t, 6, "select acceptance from method where org_id = $1", num(t->org));
    test_end(t);
}

static void silly_acceptance(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/methods/M-1", "_version=1&acceptance=25&_reason=all");
    expect_status(t, 422);
    expect_text(t, "every risk would be acceptable");
    test_end(t);
}

const struct test_case method_tests[] = {
    TEST("scores and bands come from the matrix; unscored has none; a cell outside is refused",
         matrix_vectors),
    TEST("top management approves exactly what was shown, and then the version is fixed", approval),
    TEST("an acceptance level that accepts everything is refused", silly_acceptance),
    TEST_END,
};
