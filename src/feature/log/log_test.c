/* SPDX-License-Identifier: Apache-2.0 */
#include "feature/log/log.h"

#include <string.h>

#include "base/text.h"
#include "core/trail.h"
#include "feature/risk/risk.h"
#include "visit.h"

static struct err *add_risk(struct web *w, void *ctx)
{
    struct issues issues = {.arena = w->arena};
    struct risk r = {.title = ctx, .state = "open", .origin = "own"};

    TRY(entity_write(w, &risk_entity, &r, NULL, &issues));
    assert_int_equal(issues.count, 0);
    return NULL;
}

static struct test *filled(void)
{
    struct test *t = test_begin();

    change(t, add_risk, arena_str(t->arena, "Fire in the server room"));
    login(t, "isms-manager");
    return t;
}

static i64 newest(struct test *t)
{
    return value(t, "select max(idx) from audit_entry where org_id = $1", num(t->org));
}

static void entry_of_risk(struct test *t, const char *format)
{
    i64 idx = value(t, "select max(idx) from audit_event where org_id = $1 and kind = 'risk'",
                    num(t->org));

    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/log%s%lld", format, idx), NULL);
}

static void shows_what_happened(void **state)
{
    struct test *t = filled();

    (void)state;
    visit(t, METHOD_GET, "/o/acme/log?kind=risk", NULL);
    expect_status(t, 200);
    expect_text(t, "Fire in the server room");
    expect_text(t, "created");
    visit(t, METHOD_GET, "/o/acme/log?kind=risk&action=remove", NULL);
    expect_text(t, "No entry fits");
    visit(t, METHOD_GET, "/o/acme/log?kind=risk&until=2001-01-01", NULL);
    expect_text(t, "No entry fits");
    visit(t, METHOD_GET, "/o/acme/log?from=2001-01-01", NULL);
    expect_no_text(t, "No entry fits");
    test_end(t);
}

static void pages_end(void **state)
{
    struct test *t = filled();
    i64 last = newest(t) + 1;

    (void)state;
    visit(t, METHOD_GET, "/o/acme/log", NULL);
    expect_text(t, arena_printf(t->arena, ">%lld</span>", last - 1));
    expect_text(t, arena_printf(t->arena, "after=%lld", last - 50));
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/log?after=%lld", last - 50), NULL);
    expect_text(t, arena_printf(t->arena, ">%lld</span>", last - 51));
    expect_no_text(t, arena_printf(t->arena, ">%lld</span>", last - 50));
    visit(t, METHOD_GET, "/o/acme/log?after=3", NULL);
    expect_no_text(t, "Older entries");
    test_end(t);
}

static void wrong_filters_are_refused(void **state)
{
    struct test *t = filled();

    (void)state;
    visit(t, METHOD_GET, "/o/acme/log?from=yesterday", NULL);
    expect_status(t, 400);
    visit(t, METHOD_GET, "/o/acme/log?after=-1", NULL);
    expect_status(t, 400);
    visit(t, METHOD_GET, "/o/acme/log/999999", NULL);
    expect_status(t, 404);
    visit(t, METHOD_GET, "/o/acme/log/x", NULL);
    expect_status(t, 404);
    test_end(t);
}

static void titles_need_the_right(void **state)
{
    struct test *t = filled();

    (void)state;
    login(t, "admin");
    visit(t, METHOD_GET, "/o/acme/log?kind=risk", NULL);
    expect_status(t, 200);
    expect_text(t, "R-1");
    expect_no_text(t, "Fire in the server room");
    login(t, "risk-owner");
    visit(t, METHOD_GET, "/o/acme/log", NULL);
    expect_status(t, 403);
    login(t, "other-admin");
    visit(t, METHOD_GET, "/o/acme/log", NULL);
    expect_status(t, 404);
    test_end(t);
}

static void entry_is_proved(void **state)
{
    struct test *t = filled();

    (void)state;
    entry_of_risk(t, "/");
    expect_status(t, 200);
    expect_text(t, "the next checkpoint will sign it");
    entry_of_risk(t, "/proof/");
    expect_status(t, 503);
    tick(t);
    entry_of_risk(t, "/");
    expect_text(t, "which the checkpoint signs");
    entry_of_risk(t, "/proof/");
    expect_status(t, 200);
    expect_text(t, "c2sp.org/tlog-proof@v1\nindex ");
    test_end(t);
}

/* The text of the page alone is enough to check an entry. */
static void proof_text_holds(void **state)
{
    struct test *t = filled();
    struct checkpoint c;
    struct buf hashes;
    struct trail_proof p;
    const char *text, *note;
    i64 idx = newest(t);

    (void)state;
    tick(t);
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/log/proof/%lld", idx), NULL);
    expect_status(t, 200);
    text = strchr(strchr(body(t), '\n') + 1, '\n') + 1;
    note = strstr(text, "\n\n") + 2;
    assert_ok(checkpoint_open(t->arena, note, signer_name(t->app->signer),
                              signer_public(t->app->signer), &c));
    buf_init(&hashes, t->arena, 1000);
    while (text < note - 1) {
        struct bytes one;
        size_t n = strcspn(text, "\n");

        assert_true(crypt_unbase64(t->arena, arena_strn(t->arena, text, n), &one));
        buf_add(&hashes, one.data, one.size);
        text += n + 1;
    }
    assert_ok(trail_prove(t->w, t->org, idx, &p));
    assert_true(tlog_check_inclusion(p.leaf, idx, c.size, c.root,
                                     (struct bytes){(unsigned char *)hashes.data, hashes.size}));
    p.leaf[0] ^= 1;
    assert_false(tlog_check_inclusion(p.leaf, idx, c.size, c.root,
                                      (struct bytes){(unsigned char *)hashes.data, hashes.size}));
    test_end(t);
}

static void checkpoint_is_text(void **state)
{
    struct test *t = filled();

    (void)state;
    visit(t, METHOD_GET, "/o/acme/log/checkpoint", NULL);
    expect_status(t, 503);
    assert_non_null(header(t, "Retry-After"));
    expect_text(t, "not signed yet");
    tick(t);
    visit(t, METHOD_GET, "/o/acme/log/checkpoint", NULL);
    expect_status(t, 200);
    expect_text(t, arena_printf(t->arena, "/%lld\n", t->org));
    test_end(t);
}

static struct err *tamper(struct web *w, void *ctx)
{
    (void)ctx;
    return db_exec(w->db, "update risk set title = 'Peace' where org_id = $1", num(w->org));
}

static void check_finds_changes(void **state)
{
    struct test *t = filled();

    (void)state;
    visit(t, METHOD_POST, "/o/acme/log/verify", "");
    expect_status(t, 200);
    expect_text(t, "Nothing was found");
    change(t, tamper, NULL);
    visit(t, METHOD_POST, "/o/acme/log/verify", "");
    expect_status(t, 200);
    expect_text(t, "Something is wrong with the log");
    login(t, "risk-owner");
    visit(t, METHOD_POST, "/o/acme/log/verify", "");
    expect_status(t, 403);
    test_end(t);
}

static void signer_starts_epochs(void **state)
{
    struct test *t = filled();
    struct arena *a = t->arena;
    struct signer *s = t->app->signer, *again;
    struct trail_fork *forks;
    const char *first = signer_origin(s, a, t->org), *second, *note;
    size_t n;

    (void)state;
    tick(t);
    assert_true(signer_last(s, first) > 0);
    assert_ok(trail_forks(t->w, &forks, &n));
    assert_int_equal(n, 0);
    assert_ok(signer_end(s, a, first));
    second = signer_origin(s, a, t->org);
    assert_string_equal(second, arena_printf(a, "%s/2", first));
    assert_int_equal(signer_last(s, second), 0);
    change(t, add_risk, arena_str(a, "Later"));
    assert_ok(trail_checkpoint(t->w, t->org, &note));
    assert_contains(note, "/2\n");
    assert_ok(signer_load(a, t->app->config.dir, &again));
    assert_string_equal(signer_origin(again, a, t->org), second);
    visit(t, METHOD_POST, "/o/acme/log/verify", "");
    expect_text(t, "Nothing was found");
    test_end(t);
}

const struct test_case log_tests[] = {
    TEST("the log shows who did what, and filters", shows_what_happened),
    TEST("the log is read page by page without gaps", pages_end),
    TEST("filters and entries that make no sense are refused", wrong_filters_are_refused),
    TEST("a title is shown only to who may see the record; others see the number",
         titles_need_the_right),
    TEST("an entry shows its proof, against a checkpoint as soon as one is signed",
         entry_is_proved),
    TEST("the proof as text is enough to check an entry, and a changed entry fails",
         proof_text_holds),
    TEST("the newest checkpoint is given as text", checkpoint_is_text),
    TEST("the check finds a changed record; who may not check is refused", check_finds_changes),
    TEST("an ended log is signed on as a new epoch, also after a restart, and verifies",
         signer_starts_epochs),
    TEST_END,
};
