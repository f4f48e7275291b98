/* SPDX-License-Identifier: Apache-2.0 */
/* Whoever can write to the database but not to the signer's files: every change of a bit in the
 * log, in the history and in the live rows must be found, and so must rows that are deleted,
 * copied, swapped or put back. The sample of bits is whole with CAIRN_TEST_FULL. */
#include "core/trail.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "store.h"
#include "trail_bench.h"

extern const struct test_case trail_tamper_tests[];

/* Columns of one table, the first `nkey` of which find a row again (all numbers). */
struct target {
    const char *table, *columns;
    int nkey;
};

/* What is not listed is not covered: audit_actor.name (erasable, committed nowhere). */
/* clang-format off */
static const struct target targets[] = {
    {"audit_entry", "org_id, idx, entry", 2},
    {"audit_event", "org_id, idx, at, actor, action, kind, record, version", 2},
    {"audit_payload", "org_id, idx, part, salt, body", 2},
    {"audit_frontier", "org_id, n, at, hashes", 1},
    {"audit_checkpoint", "org_id, size, at, note", 2},
    {"audit_actor", "org_id, actor, pseudonym", 1},
    {"person", "org_id, id, number, version, name, email, job, unit, external, state, note", 2},
    {"person_history", "org_id, id, version, number, name, email, job, unit, external, state, note,"
                       " valid_from, valid_to, log_idx, salt", 3},
    {"asset", "org_id, id, number, version, name, description, c, i, in_scope, value", 2},
    {"asset_history", "org_id, id, version, number, name, description, c, i, in_scope, valid_from,"
                      " valid_to, log_idx, salt", 3},
    {"asset_carries", "org_id, record, target", 3},
    {"asset_carries_history", "org_id, record, target, valid_from, valid_to, log_idx", 4},
};
/* clang-format on */

struct hunt {
    struct trial t;
    struct arena *scratch;
    int tried, refused, unseen;
    int step; /* one of so many bits is tried */
    int at;
};

static struct db *db_of(struct hunt *h)
{
    return h->t.b.w.db;
}

static void hunt_open(struct hunt *h, int changes)
{
    const char *full = getenv("CAIRN_TEST_FULL");
    memset(h, 0, sizeof *h);
    trial_open(&h->t);
    h->scratch = arena_new((size_t)1 << 30);
    while (trial_size(&h->t) < changes)
        trial_grow(&h->t, 1);
    trial_sign(&h->t);
    trial_grow(&h->t, 1);
    trial_clean(&h->t);
    h->step = full && *full ? 1 : 61;
}

static void hunt_close(struct hunt *h)
{
    arena_free(h->scratch);
    trial_close(&h->t);
}

/* Verifies the tampered store and puts it back as it was. */
static void judge(struct hunt *h, const char *what, i64 a, i64 b)
{
    struct verify_result r;
    struct arena *own = h->t.b.a;
    h->t.b.w.arena = h->scratch;
    db_use_arena(db_of(h), h->scratch);
    if (!trial_findings(&h->t, &r)) {
        h->unseen++;
        print_error("not seen: %s (%lld, %lld)\n", what, a, b);
    }
    h->tried++;
    h->t.b.w.arena = own;
    db_use_arena(db_of(h), own);
    arena_reset(h->scratch);
    db_rollback(db_of(h));
    assert_ok(db_begin(db_of(h), DB_BEGIN_WRITE));
}

/* The statement changes something, which must be found. One that constraints refuse is no attack.
 */
static void attack(struct hunt *h, const char *sql, const struct val *v, size_t n)
{
    i64 changed = 0;
    struct err *failed = db_exec_text(db_of(h), &changed, sql, v, n);
    if (failed || !changed) {
        h->refused++;
        db_rollback(db_of(h));
        assert_ok(db_begin(db_of(h), DB_BEGIN_WRITE));
        return;
    }
    judge(h, sql, n > 1 ? v[1].num : 0, n > 2 ? v[2].num : 0);
}

/* Is it this bit's turn? */
static bool turn(struct hunt *h)
{
    return h->at++ % h->step == 0;
}

/* The statement that sets the column of one row; its key's binds are $2 and on. */
static const char *update_of(struct hunt *h, const struct target *t, char **columns, size_t column)
{
    struct buf b;
    buf_init(&b, h->t.b.a, 200);
    buf_printf(&b, "update %s set %s = $1 where ", t->table, columns[column]);
    for (int i = 0; i < t->nkey; i++)
        buf_printf(&b, "%s%s = $%d", i ? " and " : "", columns[i], i + 2);
    return b.data;
}

static bool is_text(const struct rows *r, size_t column, const char *name)
{
    static const char *const texts[] = {"part", "body",  "note", "actor", "action",     "kind",
                                        "name", "email", "job",  "state", "description"};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (strcmp(texts[i], name) == 0)
            return !row_null(r, column);
    return false;
}

static bool is_blob(const char *name)
{
    return strcmp(name, "entry") == 0 || strcmp(name, "salt") == 0 || strcmp(name, "hashes") == 0 ||
           strcmp(name, "pseudonym") == 0;
}

static void flip_number(struct hunt *h, const char *sql, struct val *v, size_t n, i64 value)
{
    for (int bit = 0; bit < 64; bit++) {
        if (!turn(h))
            continue;
        v[0] = num((i64)((u64)value ^ 1ULL << bit));
        attack(h, sql, v, n);
    }
}

static void flip_bytes(struct hunt *h, const char *sql, struct val *v, size_t n, struct bytes value)
{
    bool text = v[0].kind == VAL_STR;
    for (size_t bit = 0; bit < value.size * 8; bit++) {
        char *copy;
        /* Text on which the engines agree: ASCII without NUL. */
        if ((text && (bit % 8 == 7 || (value.data[bit / 8] ^ 1 << bit % 8) == 0)) || !turn(h))
            continue;
        copy = arena_alloc(h->t.b.a, value.size + 1);
        memcpy(copy, value.data, value.size);
        copy[bit / 8] ^= (char)(1 << bit % 8);
        v[0] = text ? str(copy) : blob(copy, value.size);
        attack(h, sql, v, n);
    }
}

/* All bits of the row's cells, and NULL. */
static void flip_row(struct hunt *h, const struct target *t, char **columns, size_t count,
                     const struct rows *r)
{
    struct val v[8];
    size_t n = (size_t)t->nkey + 1;
    for (size_t c = 0; c < count; c++) {
        const char *sql = update_of(h, t, columns, c);
        for (int k = 0; k < t->nkey; k++)
            v[k + 1] = num(row_num(r, (size_t)k));
        if (is_blob(columns[c])) {
            v[0] = blob("", 0);
            flip_bytes(h, sql, v, n, row_blob(r, c));
        } else if (is_text(r, c, columns[c])) {
            v[0] = str("");
            flip_bytes(h, sql, v, n,
                       (struct bytes){(const unsigned char *)row_str(r, c), strlen(row_str(r, c))});
        } else if (!row_null(r, c)) {
            flip_number(h, sql, v, n, row_num(r, c));
        }
        /* NULL and 0 of a yes-or-no column are the same value to the whole program. */
        if (!row_null(r, c) && (is_blob(columns[c]) || row_text(r, c)[0] != '0') && turn(h)) {
            v[0].null = true;
            attack(h, sql, v, n);
        }
    }
}

static void every_bit_counts(void **state)
{
    struct hunt h;
    (void)state;
    hunt_open(&h, 64);
    for (size_t i = 0; i < COUNT_OF(targets); i++) {
        size_t count;
        char **columns;
        struct rows *r;
        count = text_split(h.t.b.a, targets[i].columns, ',', &columns);
        assert_ok(db_query_text(db_of(&h), &r,
                                arena_printf(h.t.b.a, "select %s from %s where org_id = $1",
                                             targets[i].columns, targets[i].table),
                                DB_VALS(num(5)), 1));
        assert_true(row_count(r) > 0);
        while (row_next(r))
            flip_row(&h, &targets[i], columns, count, r);
    }
    print_message("%d bits changed, %d refused by the store, %d not seen\n", h.tried, h.refused,
                  h.unseen);
    assert_int_equal(h.unseen, 0);
    assert_true(h.tried > 500);
    trial_clean(&h.t);
    hunt_close(&h);
}

static void rows_deleted_and_copied(void **state)
{
    static const char *const attacks[] = {
        "delete from audit_entry where org_id = $1 and idx = $2",
        "delete from audit_entry where org_id = $1 and idx >= $2",
        "delete from audit_event where org_id = $1 and idx = $2",
        "delete from audit_payload where org_id = $1 and idx = $2",
        "update audit_payload set idx = idx + 1000 where org_id = $1 and idx = $2",
        "insert into audit_entry (org_id, idx, entry) select org_id, $2 + 1000, entry from"
        " audit_entry where org_id = $1 and idx = $2",
        "insert into audit_entry (org_id, idx, entry) select 6, idx, entry from audit_entry"
        " where org_id = $1 and idx = $2",
        "insert into audit_payload (org_id, idx, part, salt, body) select org_id, idx, 'copy', "
        "salt,"
        " body from audit_payload where org_id = $1 and idx = $2",
        "update audit_entry set entry = (select x.entry from audit_entry x where x.org_id = $1 and"
        " x.idx = $2 + 1) where org_id = $1 and idx = $2 and $2 < 63",
        "insert into audit_checkpoint (org_id, size, at, note) select org_id, size + $2 + 1, at, "
        "note"
        " from audit_checkpoint where org_id = $1",
        "insert into audit_tile (org_id, level, n, data) values ($1, 0, $2, $3)",
        "delete from person_history where org_id = $1 and log_idx = $2",
        "delete from asset_history where org_id = $1 and log_idx = $2",
        "delete from asset_carries_history where org_id = $1 and log_idx = $2",
        "delete from person where org_id = $1 and id in"
        " (select id from person_history where org_id = $1 and log_idx = $2)",
        "delete from asset where org_id = $1 and id in"
        " (select id from asset_history where org_id = $1 and log_idx = $2)",
        "insert into person (org_id, id, number, version, name, state) values"
        " ($1, $2 + 1, 900, 1, 'Nobody', 'active')",
        "insert into person_history (org_id, id, version, number, name, state, external, "
        "valid_from,"
        " valid_to, log_idx, salt) select org_id, id + $2, version, number, name, state, external,"
        " valid_from, valid_to, log_idx, salt from person_history where org_id = $1 and log_idx = "
        "$2",
    };
    struct hunt h;
    (void)state;
    hunt_open(&h, 64);
    for (size_t i = 0; i < COUNT_OF(attacks); i++) {
        bool blob_used = strstr(attacks[i], "$3") != NULL;
        for (i64 idx = 0; idx < 64; idx += h.step == 1 ? 1 : 3)
            attack(&h, attacks[i], DB_VALS(num(5), num(idx), blob("junk", 4)), blob_used ? 3 : 2);
    }
    print_message("%d attacks, %d changed nothing, %d not seen\n", h.tried, h.refused, h.unseen);
    assert_int_equal(h.unseen, 0);
    assert_true(h.tried > 150);
    hunt_close(&h);
}

static void whole_logs(void **state)
{
    static const char *const gone[] = {"delete from audit_frontier where org_id = $1",
                                       "delete from audit_entry where org_id = $1",
                                       "delete from audit_event where org_id = $1",
                                       "delete from audit_payload where org_id = $1",
                                       "delete from audit_checkpoint where org_id = $1",
                                       "delete from audit_actor where org_id = $1"};
    struct hunt h;
    (void)state;
    hunt_open(&h, 20);
    for (size_t i = 0; i < COUNT_OF(gone); i++)
        assert_ok(db_exec_text(db_of(&h), NULL, gone[i], DB_VALS(num(5)), 1));
    judge(&h, "the whole log deleted", 0, 0);
    assert_int_equal(h.unseen, 0);
    hunt_close(&h);
}

static void tiles_count(void **state)
{
    struct hunt h;
    struct rows *r;
    (void)state;
    hunt_open(&h, 4);
    for (int i = 0; i < 600; i++)
        trail_event(&h.t.b.w, "export", NULL, 0, NULL);
    bench_commit(&h.t.b);
    h.step = h.step == 1 ? 64 : 1024;
    assert_ok(db_query(db_of(&h), &r, "select n, data from audit_tile where org_id = $1 order by n",
                       num(5)));
    assert_int_equal(row_count(r), 2);
    while (row_next(r)) {
        struct val v[3] = {blob("", 0), num(5), num(row_num(r, 0))};
        flip_bytes(&h, "update audit_tile set data = $1 where org_id = $2 and n = $3", v, 3,
                   row_blob(r, 1));
        attack(&h, "delete from audit_tile where org_id = $1 and n = $2",
               DB_VALS(num(5), num(row_num(r, 0))), 2);
        attack(&h, "update audit_tile set level = 1 where org_id = $1 and n = $2",
               DB_VALS(num(5), num(row_num(r, 0))), 2);
        attack(&h, "update audit_tile set n = n + 7 where org_id = $1 and n = $2",
               DB_VALS(num(5), num(row_num(r, 0))), 2);
    }
    assert_int_equal(h.unseen, 0);
    assert_true(h.tried > 30);
    hunt_close(&h);
}

/* An older state of everything, put back: consistent in itself, but the signer remembers more. */
static void older_store_put_back(void **state)
{
    struct trial t;
    struct verify_result r;
    struct checkpoint c;
    const char *note;
    struct web *w;
    (void)state;
    trial_open(&t);
    w = &t.b.w;
    trial_grow(&t, 10);
    trial_sign(&t);
    assert_ok(db_savepoint(w->db));
    trial_clean(&t);
    /* The signer goes on with a later state, which the store then loses. */
    trail_event(w, "export", NULL, 0, NULL);
    assert_ok(trail_tail(w));
    {
        struct tree tree;
        struct bytes proof;
        c = (struct checkpoint){.origin = trail_origin(t.b.a, t.app.signer, 5)};
        assert_ok(trail_head(w, 5, &c.size, c.root));
        tree_begin(&tree, w, 5);
        assert_true(
            tlog_consistency(&(struct tlog_nodes){tree_hash_at, &tree}, 10, 11, t.b.a, &proof));
        tree_end(&tree);
        assert_ok(signer_sign(t.app.signer, t.b.a, &c, proof, &note));
    }
    db_rollback_to(w->db);
    assert_int_equal(trial_size(&t), 10);
    assert_int_equal(trial_findings(&t, &r), 1);
    assert_contains(r.findings[0].text, "The signer remembers 11 entries, but only 10 are there");
    /* It grows again, differently: neither signed nor taken for the old one. */
    trail_event(w, "export", NULL, 0, "another");
    trail_event(w, "export", NULL, 0, "another");
    bench_commit(&t.b);
    assert_true(trial_findings(&t, &r) > 0);
    assert_contains(r.findings[0].text, "not those that the signer remembers");
    db_rollback(w->db);
    w->writable = false;
    assert_err(trail_sign(w, 5, &c, &note), ERR_CLASH);
    trial_close(&t);
}

/* The whole log is made anew with the program's own code, but another key signs it. */
static void another_key(void **state)
{
    struct trial t, other;
    struct verify_result r;
    (void)state;
    trial_open(&other);
    trial_open(&t);
    trial_grow(&t, 10);
    trial_sign(&t);
    t.app.signer = other.app.signer;
    assert_true(trial_findings(&t, &r) > 0);
    assert_contains(r.findings[0].text, "signed by another key");
    trial_close(&t);
    trial_close(&other);
}

/* A live row is changed together with its history: the entry still commits to the old one. */
static void row_and_history_together(void **state)
{
    struct hunt h;
    struct verify_result r;
    (void)state;
    hunt_open(&h, 10);
    assert_ok(db_exec(db_of(&h), "update asset set name = 'Other' where org_id = $1 and number = 1",
                      num(5)));
    assert_ok(db_exec(db_of(&h),
                      "update asset_history set name = 'Other' where org_id = $1 and number = 1",
                      num(5)));
    assert_true(trial_findings(&h.t, &r) > 0);
    assert_contains(r.findings[0].text, "is not what was logged");
    hunt_close(&h);
}

/* clang-format off */
const struct test_case trail_tamper_tests[] = {
    TEST("a changed bit in log, history or live rows is found", every_bit_counts),
    TEST("deleted, copied, swapped and made-up rows are found", rows_deleted_and_copied),
    TEST("a log that is gone as a whole is found", whole_logs),
    TEST("a changed, moved or missing tile is found", tiles_count),
    TEST("an older database that was put back is found and never signed", older_store_put_back),
    TEST("checkpoints signed with another key are found", another_key),
    TEST("a row changed together with its history is found", row_and_history_together),
    TEST_END,
};
/* clang-format on */
