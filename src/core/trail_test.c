/* SPDX-License-Identifier: Apache-2.0 */
/* The tail, the signer and what verify says of honest stores. What it says of dishonest ones is in
 * trail_tamper_test.c. */
#include "core/trail.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "trail_bench.h"

extern const struct test_case trail_tests[];

/* --- entries --- */

static struct trail_entry sample(void)
{
    struct trail_entry e = {.log = 5,
                            .idx = 77,
                            .at = 1800000000000000LL,
                            .request = "0123abcd",
                            .action = "change",
                            .kind = "risk",
                            .record = 4711,
                            .before = 2,
                            .after = 3};
    memset(e.actor, 1, sizeof e.actor);
    memset(e.session, 2, sizeof e.session);
    memset(e.row, 3, sizeof e.row);
    memset(e.context, 4, sizeof e.context);
    return e;
}

static void entry_comes_back(void **state)
{
    struct arena *a = arena_new(0);
    struct trail_entry e = sample(), d;
    struct bytes data = trail_encode(a, &e), again;
    (void)state;
    assert_true(trail_decode(a, data, &d));
    assert_int_equal(d.log, 5);
    assert_int_equal(d.idx, 77);
    assert_int_equal(d.at, e.at);
    assert_string_equal(d.request, "0123abcd");
    assert_string_equal(d.action, "change");
    assert_string_equal(d.kind, "risk");
    assert_int_equal(d.record, 4711);
    assert_int_equal(d.before, 2);
    assert_int_equal(d.after, 3);
    assert_memory_equal(d.row, e.row, DIGEST_SIZE);
    assert_true(trail_is_zero(d.personal, DIGEST_SIZE));
    again = trail_encode(a, &d);
    assert_int_equal(again.size, data.size);
    assert_memory_equal(again.data, data.data, data.size);
    arena_free(a);
}

static void decoding_is_strict(void **state)
{
    struct arena *a = arena_new(0);
    struct trail_entry e = sample(), d;
    struct bytes data = trail_encode(a, &e), again;
    unsigned char *copy = arena_alloc(a, data.size + 1);
    (void)state;
    memcpy(copy, data.data, data.size);
    for (size_t n = 0; n <= data.size + 1; n++)
        assert_int_equal(trail_decode(a, (struct bytes){copy, n}, &d), n == data.size);
    for (size_t bit = 0; bit < data.size * 8; bit++) {
        copy[bit / 8] ^= (unsigned char)(1 << bit % 8);
        if (trail_decode(a, (struct bytes){copy, data.size}, &d)) {
            again = trail_encode(a, &d);
            assert_int_equal(again.size, data.size);
            assert_memory_equal(again.data, copy, data.size);
        }
        copy[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    arena_free(a);
}

/* --- the tail --- */

static void change_has_entry_and_history(void **state)
{
    struct trial t;
    struct rows *r;
    struct trail_entry e;
    i64 id;
    (void)state;
    trial_open(&t);
    id = new_person(&t.b, "Anna");
    bench_commit(&t.b);
    assert_int_equal(trial_size(&t), 1);
    assert_ok(db_query(t.b.w.db, &r,
                       "select e.entry, v.actor, v.action, v.kind, v.record, v.version, p.body,"
                       " h.log_idx, h.valid_from, v.at from audit_entry e"
                       " join audit_event v on v.org_id = e.org_id and v.idx = e.idx"
                       " join audit_payload p on p.org_id = e.org_id and p.idx = e.idx"
                       " join person_history h on h.org_id = e.org_id and h.id = v.record"
                       " where e.org_id = $1",
                       num(5)));
    assert_true(row_next(r));
    assert_true(trail_decode(t.b.a, row_blob(r, 0), &e));
    assert_string_equal(row_text(r, 1), "person:17");
    assert_string_equal(row_text(r, 2), "create");
    assert_string_equal(row_text(r, 3), "person");
    assert_int_equal(row_num(r, 4), id);
    assert_int_equal(row_num(r, 5), 1);
    assert_string_equal(row_text(r, 6), "{\"reason\":\"because\"}");
    assert_int_equal(row_num(r, 7), 0);
    assert_int_equal(row_num(r, 8), e.at);
    assert_int_equal(row_num(r, 9), e.at);
    assert_false(trail_is_zero(e.row, DIGEST_SIZE));
    assert_false(trail_is_zero(e.personal, DIGEST_SIZE));
    assert_false(trail_is_zero(e.session, sizeof e.session));
    trial_clean(&t);
    trial_close(&t);
}

static void rollback_leaves_nothing(void **state)
{
    struct trial t;
    (void)state;
    trial_open(&t);
    for (int i = 0; i < 20; i++) {
        new_person(&t.b, "Lost");
        if (i % 2)
            assert_ok(trail_tail(&t.b.w));
        bench_undo(&t.b);
        new_person(&t.b, "Kept");
        bench_commit(&t.b);
    }
    assert_int_equal(trial_size(&t), 20);
    trial_clean(&t);
    trial_close(&t);
}

static void savepoint_leaves_nothing(void **state)
{
    struct trial t;
    (void)state;
    trial_open(&t);
    for (int i = 0; i < 10; i++) {
        assert_ok(db_savepoint(t.b.w.db));
        new_person(&t.b, "Lost");
        assert_ok(trail_tail(&t.b.w));
        db_rollback_to(t.b.w.db);
        assert_ok(db_savepoint(t.b.w.db));
        new_person(&t.b, "Kept");
        assert_ok(trail_tail(&t.b.w));
        assert_ok(db_release(t.b.w.db));
    }
    bench_commit(&t.b);
    assert_int_equal(trial_size(&t), 10);
    trial_clean(&t);
    trial_close(&t);
}

static void nothing_queued_writes_nothing(void **state)
{
    struct trial t;
    (void)state;
    trial_open(&t);
    new_person(&t.b, "Anna");
    bench_commit(&t.b);
    bench_commit(&t.b);
    bench_commit(&t.b);
    assert_int_equal(trial_size(&t), 1);
    trial_close(&t);
}

static void time_never_goes_back(void **state)
{
    struct trial t;
    struct rows *r;
    i64 last = 0;
    (void)state;
    trial_open(&t);
    for (int i = 0; i < 10; i++) {
        new_person(&t.b, "One");
        new_person(&t.b, "Two");
        bench_commit(&t.b);
        clock_shift(-HOUR);
    }
    clock_shift(10 * HOUR);
    assert_ok(db_query(t.b.w.db, &r, "select at from audit_event where org_id = $1 order by idx",
                       num(5)));
    assert_int_equal(row_count(r), 20);
    while (row_next(r)) {
        assert_true(row_num(r, 0) > last);
        last = row_num(r, 0);
    }
    trial_clean(&t);
    trial_close(&t);
}

static void organisations_have_their_own_logs(void **state)
{
    struct trial t;
    i64 size;
    unsigned char root[TLOG_HASH], other[TLOG_HASH];
    (void)state;
    trial_open(&t);
    new_person(&t.b, "Anna");
    bench_commit(&t.b);
    t.b.w.org = 6;
    new_person(&t.b, "Anna");
    new_person(&t.b, "Bert");
    bench_commit(&t.b);
    assert_int_equal(trial_size(&t), 2);
    assert_ok(trail_head(&t.b.w, 6, &size, other));
    assert_ok(trail_head(&t.b.w, 5, &size, root));
    assert_int_equal(size, 1);
    assert_memory_not_equal(root, other, TLOG_HASH);
    assert_err(trail_head(&t.b.w, 7, &size, root), ERR_MISSING);
    trial_clean(&t);
    trial_close(&t);
}

static void system_log_has_the_account(void **state)
{
    struct trial t;
    struct rows *r;
    (void)state;
    trial_open(&t);
    assert_ok(trail_create(&t.b.w, 0));
    t.b.w.account = 44;
    new_person(&t.b, "Anna");
    t.b.w.org = 0;
    trail_event(&t.b.w, "token.create", NULL, 0, "for a script");
    t.b.w.org = 5;
    bench_commit(&t.b);
    assert_ok(
        db_query(t.b.w.db, &r, "select actor, action from audit_event where org_id = $1", num(0)));
    assert_true(row_next(r));
    assert_string_equal(row_text(r, 0), "account:44");
    assert_string_equal(row_text(r, 1), "token.create");
    assert_int_equal(trial_size(&t), 1);
    trial_clean(&t);
    trial_close(&t);
}

static void one_transaction_one_organisation(void **state)
{
    struct trial t;
    (void)state;
    trial_open(&t);
    trail_event(&t.b.w, "export", NULL, 0, NULL);
    t.b.w.org = 6;
    trail_event(&t.b.w, "export", NULL, 0, NULL);
    assert_err(trail_tail(&t.b.w), ERR_FAULT);
    bench_undo(&t.b);
    t.b.w.org = 5;
    assert_int_equal(trial_size(&t), 0);
    trial_close(&t);
}

/* The tail writes into the log that the change was queued for, wherever the context is by then. */
static void queue_remembers_the_organisation(void **state)
{
    struct trial t;
    (void)state;
    trial_open(&t);
    new_person(&t.b, "Anna");
    t.b.w.org = 0;
    assert_ok(trail_tail(&t.b.w));
    assert_int_equal(t.b.w.org, 0);
    t.b.w.org = 5;
    bench_commit(&t.b);
    assert_int_equal(trial_size(&t), 1);
    trial_clean(&t);
    trial_close(&t);
}

static void no_entry_no_write(void **state)
{
    static const char *const blocks[] = {
        "insert into audit_entry (org_id, idx, entry) values ($1, $2, $3)",
        "insert into audit_event (org_id, idx, at, actor, action, kind, record, version)"
        " values ($1, $2, 1, 'x', 'x', 'x', 1, 1)",
        "insert into audit_payload (org_id, idx, part, salt, body)"
        " values ($1, $2, 'context', $3, 'x')",
        "update audit_frontier set hashes = $3 where org_id = $1 and n = $2",
        "delete from audit_frontier where org_id = $1 and n = $2",
    };
    struct trial t;
    (void)state;
    trial_open(&t);
    for (size_t i = 0; i < COUNT_OF(blocks); i++) {
        i64 before, size;
        new_person(&t.b, "Kept");
        bench_commit(&t.b);
        size = trial_size(&t);
        before = bench_count(&t.b, "select count(*) from person where org_id = $1 and $2 = $2", 0);
        assert_ok(db_exec_text(t.b.w.db, NULL, blocks[i],
                               DB_VALS(num(5), num(size), blob("junk", 4)),
                               i == 1 || i == 4 ? 2 : 3));
        new_person(&t.b, "Lost");
        assert_non_null(trail_tail(&t.b.w));
        bench_undo(&t.b);
        assert_int_equal(
            bench_count(&t.b, "select count(*) from person where org_id = $1 and $2 = $2", 0),
            before);
        assert_int_equal(trial_size(&t), size);
    }
    trial_clean(&t);
    trial_close(&t);
}

static void context_is_whole(void **state)
{
    struct trial t;
    struct pair agent = {"User-Agent", "Browser \"\xff\" 1\n"};
    struct request req = {.id = "00ff00ff00ff00ff", .peer = "192.0.2.7"};
    struct rows *r;
    (void)state;
    trial_open(&t);
    req.headers = (struct pairs){&agent, 1};
    t.b.w.req = &req;
    trail_event(&t.b.w, "login.failed", NULL, 0, "anna@example.com \"\\\" \xc3\xa4");
    bench_commit(&t.b);
    t.b.w.req = NULL;
    assert_ok(db_query(t.b.w.db, &r, "select body from audit_payload where org_id = $1", num(5)));
    assert_true(row_next(r));
    assert_string_equal(row_text(r, 0),
                        "{\"address\":\"192.0.2.7\",\"agent\":\"Browser \\\"?\\\" 1\\u000a\","
                        "\"body\":\"anna@example.com \\\"\\\\\\\" \xc3\xa4\"}");
    trial_clean(&t);
    trial_close(&t);
}

/* --- tiles and checkpoints --- */

static void tiles_fill_in_any_portion(void **state)
{
    struct trial t;
    static const int portions[] = {1, 254, 1, 1, 700, 66, 1, 300};
    i64 size = 0;
    (void)state;
    trial_open(&t);
    for (size_t i = 0; i < COUNT_OF(portions); i++) {
        for (int k = 0; k < portions[i]; k++)
            trail_event(&t.b.w, "export", NULL, 0, NULL);
        bench_commit(&t.b);
        size += portions[i];
        assert_int_equal(
            bench_count(&t.b, "select count(*) from audit_tile where org_id = $1 and $2 = $2", 0),
            size / 256);
        trial_sign(&t);
        trial_clean(&t);
    }
    assert_int_equal(
        bench_count(&t.b, "select count(*) from audit_checkpoint where org_id = $1 and $2 = $2", 0),
        COUNT_OF(portions));
    trial_close(&t);
}

static void proofs_come_from_the_store(void **state)
{
    struct trial t;
    struct tree tree;
    struct bytes proof;
    unsigned char root[TLOG_HASH], leaf[TLOG_HASH];
    i64 size;
    (void)state;
    trial_open(&t);
    for (int k = 0; k < 600; k++)
        trail_event(&t.b.w, "export", NULL, 0, NULL);
    bench_commit(&t.b);
    assert_ok(trail_head(&t.b.w, 5, &size, root));
    tree_begin(&tree, &t.b.w, 5);
    for (i64 i = 0; i < size; i += 37) {
        assert_true(tree_hash_at(&tree, 0, i, leaf));
        assert_true(
            tlog_inclusion(&(struct tlog_nodes){tree_hash_at, &tree}, i, size, t.b.a, &proof));
        assert_true(tlog_check_inclusion(leaf, i, size, root, proof));
    }
    assert_false(tree_hash_at(&tree, 0, 600, leaf));
    assert_err(tree.failed, ERR_FAULT);
    tree_end(&tree);
    trial_close(&t);
}

static void checkpoint_needs_something_new(void **state)
{
    struct trial t;
    (void)state;
    trial_open(&t);
    trial_sign(&t);
    trial_grow(&t, 3);
    trial_sign(&t);
    trial_sign(&t);
    assert_int_equal(
        bench_count(&t.b, "select count(*) from audit_checkpoint where org_id = $1 and $2 = $2", 0),
        1);
    trial_clean(&t);
    trial_close(&t);
}

static void uncommitted_is_never_signed(void **state)
{
    struct trial t;
    struct checkpoint c;
    const char *note;
    (void)state;
    trial_open(&t);
    trail_event(&t.b.w, "export", NULL, 0, NULL);
    assert_ok(trail_tail(&t.b.w));
    assert_err(trail_sign(&t.b.w, 5, &c, &note), ERR_FAULT);
    t.b.w.writable = false;
    assert_err(trail_sign(&t.b.w, 5, &c, &note), ERR_FAULT);
    trial_close(&t);
}

static void damaged_log_is_not_signed(void **state)
{
    struct trial t;
    struct checkpoint c;
    const char *note;
    (void)state;
    trial_open(&t);
    trial_grow(&t, 12);
    assert_ok(db_exec(t.b.w.db, "update audit_entry set entry = $2 where org_id = $1 and idx = 3",
                      num(5), blob("x", 1)));
    bench_commit(&t.b);
    db_rollback(t.b.w.db);
    t.b.w.writable = false;
    assert_err(trail_sign(&t.b.w, 5, &c, &note), ERR_FAULT);
    trial_close(&t);
}

/* --- the signer --- */

struct forks {
    struct arena *a;
    struct signer *s;
    const char *dir, *origin;
    unsigned char hash[16][16][TLOG_HASH]; /* complete nodes: level, index */
};

static void keep(void *ctx, int level, i64 index, const unsigned char *hash)
{
    struct forks *f = ctx;
    memcpy(f->hash[level][index], hash, TLOG_HASH);
}

static bool node(void *ctx, int level, i64 index, unsigned char out[TLOG_HASH])
{
    struct forks *f = ctx;
    memcpy(out, f->hash[level][index], TLOG_HASH);
    return true;
}

/* Asks for a signature of `size` entries, of which those from `fork` on are others. */
static struct err *ask(struct forks *f, i64 size, i64 fork)
{
    struct checkpoint c = {.origin = f->origin, .size = size};
    struct frontier t = {0};
    struct bytes proof;
    const char *note;
    i64 last = signer_last(f->s, f->origin);
    for (i64 i = 0; i < size; i++) {
        unsigned char leaf[TLOG_HASH];
        tlog_leaf(i < fork ? "true" : "false", i < fork ? 4 : 5, leaf);
        frontier_add(&t, leaf, keep, f);
    }
    frontier_root(&t, c.root);
    if (!tlog_consistency(&(struct tlog_nodes){node, f}, last, size, f->a, &proof))
        proof = (struct bytes){NULL, 0};
    TRY(signer_sign(f->s, f->a, &c, proof, &note));
    return checkpoint_open(f->a, note, signer_name(f->s), signer_public(f->s), &c);
}

static struct forks forks_open(void)
{
    struct trial t;
    struct forks f;
    memset(&f, 0, sizeof f);
    trial_open(&t); /* for the folder only */
    f.a = arena_new(0);
    f.dir = arena_str(f.a, t.dir);
    trial_close(&t);
    assert_ok(signer_open(f.a, f.dir, &f.s));
    f.origin = arena_printf(f.a, "%s/5", signer_name(f.s));
    return f;
}

static void signer_refuses_forks(void **state)
{
    struct forks f = forks_open();
    (void)state;
    assert_ok(ask(&f, 5, 16));
    assert_ok(ask(&f, 5, 16));
    assert_ok(ask(&f, 9, 16));
    assert_int_equal(signer_last(f.s, f.origin), 9);
    assert_err(ask(&f, 8, 16), ERR_CLASH);
    for (i64 fork = 0; fork < 9; fork++) {
        assert_err(ask(&f, 9, fork), ERR_CLASH);
        assert_err(ask(&f, 12, fork), ERR_CLASH);
    }
    assert_int_equal(signer_last(f.s, f.origin), 9);
    assert_ok(ask(&f, 12, 9));
    f.origin = "cairn-00000000/5";
    assert_err(ask(&f, 12, 9), ERR_BAD);
    arena_free(f.a);
}

static void signer_remembers(void **state)
{
    struct forks f = forks_open();
    struct signer *again;
    struct checkpoint c;
    struct stat st;
    (void)state;
    assert_ok(ask(&f, 5, 16));
    f.origin = arena_printf(f.a, "%s/6", signer_name(f.s));
    assert_ok(ask(&f, 7, 16));
    assert_ok(signer_load(f.a, f.dir, &again));
    assert_string_equal(signer_name(again), signer_name(f.s));
    assert_int_equal(signer_last(again, f.origin), 7);
    assert_int_equal(signer_last(again, arena_printf(f.a, "%s/5", signer_name(f.s))), 5);
    assert_true(signer_known(again, f.a, 1, &c));
    assert_false(signer_known(again, f.a, 2, &c));
    f.s = again;
    assert_err(ask(&f, 8, 3), ERR_CLASH);
    assert_ok(ask(&f, 8, 7));
    assert_int_equal(stat(arena_printf(f.a, "%s/signer.key", f.dir), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    arena_free(f.a);
}

static void change_file(struct forks *f, const char *name, const char *text)
{
    int fd = open(arena_printf(f->a, "%s/%s", f->dir, name), O_WRONLY | O_TRUNC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static void signer_files_are_checked(void **state)
{
    struct forks f = forks_open();
    struct signer *s;
    (void)state;
    assert_ok(ask(&f, 5, 16));
    change_file(&f, "signer.state", "cairn-00000000/5 5\n");
    assert_err(signer_open(f.a, f.dir, &s), ERR_FAULT);
    change_file(&f, "signer.state", "x 5 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\n");
    assert_err(signer_open(f.a, f.dir, &s), ERR_FAULT);
    assert_int_equal(unlink(arena_printf(f.a, "%s/signer.state", f.dir)), 0);
    assert_err(signer_open(f.a, f.dir, &s), ERR_FAULT);
    arena_free(f.a);
    f = forks_open();
    change_file(&f, "signer.key", "cairn-00000000\n00\n");
    assert_err(signer_open(f.a, f.dir, &s), ERR_FAULT);
    arena_free(f.a);
    f = forks_open();
    assert_ok(ask(&f, 5, 16));
    assert_int_equal(unlink(arena_printf(f.a, "%s/signer.key", f.dir)), 0);
    assert_err(signer_load(f.a, f.dir, &s), ERR_MISSING);
    assert_err(signer_open(f.a, f.dir, &s), ERR_FAULT);
    arena_free(f.a);
}

/* --- verify --- */

static void honest_store_is_clean(void **state)
{
    struct trial t;
    struct verify_result r;
    (void)state;
    trial_open(&t);
    trial_clean(&t);
    for (int i = 0; i < 6; i++) {
        trial_grow(&t, 60);
        if (i % 2)
            trial_sign(&t);
        trial_clean(&t);
    }
    trial_findings(&t, &r);
    assert_int_equal(r.logs, 2);
    assert_int_equal(r.checkpoints, 3);
    assert_int_equal(r.entries, trial_size(&t));
    assert_true(r.rows > 200);
    trial_close(&t);
}

static void verify_needs_a_log(void **state)
{
    struct trial t;
    struct verify_result r;
    const struct feature *const none[] = {NULL};
    (void)state;
    trial_open(&t);
    assert_err(verify_with(&t.b.w, 99, none, &r), ERR_MISSING);
    db_rollback(t.b.w.db);
    assert_ok(verify_with(&t.b.w, 6, none, &r));
    assert_false(db_in_transaction(t.b.w.db));
    assert_int_equal(r.logs, 1);
    trial_close(&t);
}

/* Redaction: personal data and payload go, an entry says so. */
static void redact(struct trial *t, i64 idx, const char *part)
{
    trail_event(&t->b.w, "redact", NULL, 0,
                arena_printf(t->b.a, "{\"idx\":%lld,\"part\":\"%s\"}", idx, part));
}

static void redaction_is_no_finding(void **state)
{
    struct trial t;
    struct verify_result r;
    struct db *db;
    (void)state;
    trial_open(&t);
    db = t.b.w.db;
    new_person(&t.b, "Anna");
    bench_commit(&t.b);
    assert_ok(db_exec(db,
                      "update person_history set name = null, email = null,"
                      " salt = substr(salt, 1, 32) where org_id = $1",
                      num(5)));
    assert_ok(db_exec(db, "update person set name = '' where org_id = $1", num(5)));
    assert_true(trial_findings(&t, &r) > 0);
    redact(&t, 0, "personal");
    bench_commit(&t.b);
    trial_clean(&t);
    assert_ok(db_exec(db, "delete from audit_payload where org_id = $1 and idx = 0", num(5)));
    assert_int_equal(trial_findings(&t, &r), 1);
    assert_int_equal(r.findings[0].idx, 0);
    assert_contains(r.findings[0].text, "missing");
    redact(&t, 0, "context");
    bench_commit(&t.b);
    assert_int_equal(trial_findings(&t, &r), 0);
    assert_int_equal(r.redacted, 2);
    /* A redaction that is itself made up does not help. */
    assert_ok(db_exec(db, "delete from audit_payload where org_id = $1 and idx = 1", num(5)));
    assert_true(trial_findings(&t, &r) > 0);
    trial_close(&t);
}

static void redacted_row_is_no_finding(void **state)
{
    struct trial t;
    struct verify_result r;
    (void)state;
    trial_open(&t);
    trial_grow(&t, 1);
    new_person(&t.b, "Anna");
    bench_commit(&t.b);
    assert_ok(db_exec(t.b.w.db,
                      "update person_history set salt = null where org_id = $1 and id = "
                      "(select max(id) from person where org_id = $1)",
                      num(5)));
    assert_true(trial_findings(&t, &r) > 0);
    redact(&t, trial_size(&t) - 1, "row");
    bench_commit(&t.b);
    assert_int_equal(trial_findings(&t, &r), 0);
    assert_int_equal(r.redacted, 1);
    trial_close(&t);
}

/* --- the checker that is not ours --- */

/* Runs tools/verify_log.py on the file; its exit status. What it prints is in *said. */
static int check_outside(struct trial *t, const char *path, const char *more, const char **said)
{
    const char *here = strstr(__FILE__, "src/core/"), *source = getenv("CAIRN_SOURCE");
    const char *root = source ? source : arena_strn(t->b.a, __FILE__, (size_t)(here - __FILE__));
    char *text = arena_alloc(t->b.a, 20000);
    FILE *out = popen(arena_printf(t->b.a, "python3 '%s%stools/verify_log.py' '%s' %s 2>&1", root,
                                   source ? "/" : "", path, more),
                      "r");
    assert_non_null(out);
    text[fread(text, 1, 19999, out)] = '\0';
    *said = text;
    return WEXITSTATUS(pclose(out));
}

static const char *export_file(struct trial *t)
{
    const char *path = arena_printf(t->b.a, "%s/export.jsonl", t->dir);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    trial_export(t, out);
    assert_int_equal(fclose(out), 0);
    return path;
}

/* Changes the first "from" after "place" in the file into "to" of the same length. */
static void patch(const char *path, const char *place, const char *from, const char *to)
{
    static char text[1000000];
    FILE *f = fopen(path, "r+");
    char *at;
    assert_non_null(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    at = strstr(text, place);
    at = at ? strstr(at, from) : NULL;
    assert_non_null(at);
    assert_int_equal(fseek(f, at - text, SEEK_SET), 0);
    assert_int_equal(fwrite(to, 1, strlen(to), f), strlen(to));
    assert_int_equal(fclose(f), 0);
}

static void others_can_check_an_export(void **state)
{
    struct trial t;
    const char *path, *said;
    (void)state;
    trial_open(&t);
    trial_grow(&t, 50);
    trial_sign(&t);
    trial_grow(&t, 10);
    trial_sign(&t);
    path = export_file(&t);
    if (check_outside(&t, path, "", &said) != 0)
        fail_msg("%s", said);
    assert_contains(said, " 2 checkpoints, 0 redacted, 0 findings");
    assert_int_equal(check_outside(&t, path, "--key 00", &said), 1);
    assert_contains(said, "another key");
    patch(path, "\"type\":\"row\"", "active", "absent");
    assert_int_equal(check_outside(&t, path, "", &said), 1);
    assert_contains(said, "it is not what was logged");
    path = export_file(&t);
    patch(path, "\"idx\":7,", "because", "nothing");
    assert_int_equal(check_outside(&t, path, "", &said), 1);
    assert_contains(said, "entry 7: its payload is not what was logged");
    path = export_file(&t);
    patch(path, "\"idx\":7,", "\"entry\":\"AQ", "\"entry\":\"AA");
    assert_int_equal(check_outside(&t, path, "", &said), 1);
    path = export_file(&t);
    patch(path, "\"type\":\"checkpoint\"", "\u2014 cairn-", "\u2014 cairN-");
    assert_int_equal(check_outside(&t, path, "", &said), 1);
    trial_close(&t);
}

/* clang-format off */
const struct test_case trail_tests[] = {
    TEST("a log entry that was encoded is decoded unchanged", entry_comes_back),
    TEST("bytes that decode as an entry are the only ones that do", decoding_is_strict),
    TEST("a change has its entry, readable copy, payload and history row",
         change_has_entry_and_history),
    TEST("a change that is rolled back leaves nothing, and the next one works",
         rollback_leaves_nothing),
    TEST("a savepoint that is rolled back leaves nothing, and the next one works",
         savepoint_leaves_nothing),
    TEST("a tail with nothing queued writes nothing", nothing_queued_writes_nothing),
    TEST("times of entries grow, also when the clock goes back", time_never_goes_back),
    TEST("organisations have separate logs", organisations_have_their_own_logs),
    TEST("the system's log names the account, not the person", system_log_has_the_account),
    TEST("one transaction cannot change two organisations", one_transaction_one_organisation),
    TEST("an entry goes to the log it was queued for", queue_remembers_the_organisation),
    TEST("where the log cannot be written, nothing is written", no_entry_no_write),
    TEST("the payload keeps reason, address, user agent and body", context_is_whole),
    TEST("full tiles are stored, whatever portions fill them", tiles_fill_in_any_portion),
    TEST("inclusion proofs are made from tiles and entries", proofs_come_from_the_store),
    TEST("a checkpoint is signed only when the log has grown", checkpoint_needs_something_new),
    TEST("what is not committed is never signed", uncommitted_is_never_signed),
    TEST("a damaged log is not signed", damaged_log_is_not_signed),
    TEST("the signer refuses a shorter or another log", signer_refuses_forks),
    TEST("the signer remembers after a restart what it signed", signer_remembers),
    TEST("missing or damaged files of the signer are refused", signer_files_are_checked),
    TEST("an honest store has no findings", honest_store_is_clean),
    TEST("verify of a log that is not there says so", verify_needs_a_log),
    TEST("a redaction with its entry is no finding, one without is", redaction_is_no_finding),
    TEST("a row whose salt was redacted is no finding, one without entry is",
         redacted_row_is_no_finding),
    TEST("an exported log is checked by a program that shares no code with ours",
         others_can_check_an_export),
    TEST_END,
};
/* clang-format on */
