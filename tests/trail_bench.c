/* SPDX-License-Identifier: Apache-2.0 */
#include "trail_bench.h"

#include <string.h>
#include <sys/stat.h>

#include "store.h"

static const struct entity *const entities[] = {&test_unit, &test_person, &test_asset, NULL};
static const struct feature feature = {.name = "trial", .entities = entities};
static const struct feature *const all[] = {&feature, NULL};

void trial_open(struct trial *t)
{
    static int count;

    memset(t, 0, sizeof(*t));
    bench_open(&t->b);
    t->dir = arena_printf(t->b.a, "%s/signer-%d", store_folder(), ++count);
    assert_int_equal(mkdir(t->dir, 0700), 0);
    assert_ok(signer_open(t->b.a, t->dir, &t->app.signer));
    t->b.w.app = &t->app;
    t->b.w.actor = "person:17";
    t->b.w.person_name = "Anna Example";
    t->b.w.session = 99;
    t->random = 1;
}

void trial_close(struct trial *t)
{
    bench_close(&t->b);
}

i64 trial_random(struct trial *t, i64 limit)
{
    t->random = t->random * 6364136223846793005ULL + 1442695040888963407ULL;
    return (i64)(t->random >> 33) % limit;
}

static void add(struct trial *t)
{
    struct arena *a = t->b.a;

    if (trial_random(t, 2) && t->npeople < COUNT_OF(t->people)) {
        struct person p = {.name = arena_printf(a, "Person %zu", t->npeople), .state = "active"};

        p.email = trial_random(t, 2) ? arena_printf(a, "p%zu@example.com", t->npeople) : NULL;
        write_ok(&t->b, &test_person, &p);
        t->people[t->npeople++] = p.id;
    } else if (t->nassets < COUNT_OF(t->assets)) {
        struct asset s = {.name = arena_printf(a, "Asset %zu", t->nassets),
                          .type = "server",
                          .state = "active",
                          .c = 1 + trial_random(t, 3)};

        write_ok(&t->b, &test_asset, &s);
        t->assets[t->nassets++] = s.id;
    }
}

/* Another level, and links to the first assets that are there. */
static void change_asset(struct trial *t, size_t n)
{
    struct asset s;
    i64 *ids = NEW_ARRAY(t->b.a, i64, 4);
    size_t count = 0;

    assert_ok(entity_load_any(&t->b.w, &test_asset, t->assets[n], &s));
    s.i = s.i % 3 + 1;
    s.description = arena_printf(t->b.a, "Changed\nin step %lld", trial_random(t, 1000));
    for (size_t i = 0; i < n && count < 3; i++)
        if (t->assets[i] > 0 && trial_random(t, 2))
            ids[count++] = t->assets[i];
    s.carries = (struct ids){ids, count};
    write_ok(&t->b, &test_asset, &s);
}

static void change_person(struct trial *t, size_t n)
{
    struct person p;

    assert_ok(entity_load_any(&t->b.w, &test_person, t->people[n], &p));
    p.job = p.job ? NULL : "Nurse";
    p.email = arena_printf(t->b.a, "new%lld@example.com", trial_random(t, 1000));
    write_ok(&t->b, &test_person, &p);
}

static void remove_or_restore(struct trial *t, size_t n)
{
    struct person p;
    i64 id = t->people[n];

    if (id < 0) {
        assert_ok(entity_restore(&t->b.w, &test_person, -id));
    } else {
        assert_ok(entity_load_any(&t->b.w, &test_person, id, &p));
        assert_ok(entity_remove(&t->b.w, &test_person, id, p.version, "left the company"));
    }
    t->people[n] = -id;
}

static void step(struct trial *t)
{
    i64 what = trial_random(t, 10);
    size_t person = t->npeople ? (size_t)trial_random(t, (i64)t->npeople) : 0;

    if (what < 3 || !t->npeople || !t->nassets)
        add(t);
    else if (what < 6)
        change_asset(t, (size_t)trial_random(t, (i64)t->nassets));
    else if (what < 8 && t->people[person] > 0)
        change_person(t, person);
    else if (what < 9)
        remove_or_restore(t, person);
    else
        trail_event(&t->b.w, "export", "asset", 0, "all assets as \"csv\"");
}

void trial_grow(struct trial *t, int n)
{
    for (int i = 0; i < n; i++) {
        step(t);
        bench_commit(&t->b);
    }
}

void trial_sign(struct trial *t)
{
    struct web *w = &t->b.w;
    struct checkpoint c;
    const char *note;

    db_rollback(w->db);
    w->writable = false;
    assert_ok(trail_sign(w, 5, &c, &note));
    w->writable = true;
    assert_ok(db_begin(w->db, DB_BEGIN_WRITE));
    if (!note)
        return;
    assert_ok(trail_store(w, 5, c.size, note));
    bench_commit(&t->b);
}

size_t trial_findings(struct trial *t, struct verify_result *r)
{
    assert_ok(verify_with(&t->b.w, -1, all, r));
    return r->count;
}

void trial_clean(struct trial *t)
{
    struct verify_result r;

    if (!trial_findings(t, &r))
        return;
    for (size_t i = 0; i < r.count && i < 10; i++)
        print_error("log %lld, entry %lld: %s\n", r.findings[i].org, r.findings[i].idx,
                    r.findings[i].text);
    fail_msg("%zu findings", r.count);
}

void trial_export(struct trial *t, FILE *out)
{
    assert_ok(export_with(&t->b.w, 5, all, out));
}

i64 trial_size(struct trial *t)
{
    return bench_count(&t->b, "select n from audit_frontier where org_id = $1 and $2 = $2", 0);
}
