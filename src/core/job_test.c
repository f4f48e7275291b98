/* SPDX-License-Identifier: Apache-2.0 */
/* The job queue: what is promised to who queues, who waits and who administers. */
#include "core/job.h"

#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "core/job_part.h"
#include "visit.h"

/* --- kinds of these tests --- */

static atomic_int runs, quick_runs;
static atomic_bool go_on;
static i64 seen_person;

static struct err *run_count(struct web *w, const char *body)
{
    (void)body;
    seen_person = w->person;
    runs++;
    return NULL;
}

static struct err *run_quick(struct web *w, const char *body)
{
    (void)w, (void)body;
    quick_runs++;
    return NULL;
}

static struct err *run_fail(struct web *w, const char *body)
{
    (void)w, (void)body;
    runs++;
    return err_new(ERR_BUSY, "The other side does not answer.");
}

static struct err *run_hopeless(struct web *w, const char *body)
{
    (void)w, (void)body;
    return err_new(ERR_INVALID, "The file is not a workbook.");
}

static struct err *run_long(struct web *w, const char *body)
{
    (void)body;
    runs++;
    TRY(job_progress(w, 3, 10, "Reading row %d", 3));
    while (!go_on) {
        if (job_cancelled(w))
            return job_stopped();
        usleep(20000);
    }
    return job_result(w, "/risks", "All rows are in.");
}

static struct err *write_unit(struct web *w, void *ctx)
{
    (void)ctx;
    TRY(db_exec(w->db, "insert into counter (org_id, kind, next) values ($1, 'job-test', 7)",
                num(w->org)));
    return job_fence(w);
}

static struct err *take_away(struct web *w, void *ctx)
{
    (void)ctx;
    return db_exec(w->db, "update job set attempts = attempts + 1 where org_id = $1 and id = $2",
                   num(w->job->org), num(w->job->id));
}

/* Another server takes the job over in the middle. */
static struct err *run_overtaken(struct web *w, const char *body)
{
    (void)body;
    runs++;
    TRY(app_write(w, take_away, NULL));
    return app_write(w, write_unit, NULL);
}

static struct err *run_file(struct web *w, const char *body)
{
    const char *path;
    FILE *f;

    TRY(job_file(w, "Übersicht.csv", &path));
    f = fopen(path, "w");
    fputs(body, f);
    fclose(f);
    return job_result(w, NULL, "One row.");
}

static const struct job_kind kinds[] = {
    {.name = "test.count",    .run = run_count},
    {.name = "test.quick",                       .run = run_quick},
    {.name = "test.fail",.run = run_fail, .tries = 3},
    {.name = "test.hopeless",     .run = run_hopeless},
    {.name = "test.long",             .run = run_long, .slow = true},
    {.name = "test.overtaken", .run = run_overtaken},
    {.name = "test.file",                       .run = run_file, .slow = true},
    {0},
};

static struct test *begin(void)
{
    job_more_kinds = kinds;
    runs = quick_runs = 0;
    go_on = false;
    seen_person = 0;
    return test_begin();
}

static void end(struct test *t)
{
    test_end(t);
    job_more_kinds = NULL;
}

/* --- help --- */

struct queued {
    const char *kind, *key, *body;
    i64 person, id;
    bool fails;
};

static struct err *queue_it(struct web *w, void *ctx)
{
    struct queued *q = ctx;

    if (q->person) {
        w->person = q->person;
        TRY(job_start(w, q->kind, q->key, "Long work", q->body, &q->id));
        w->person = 0;
    } else {
        TRY(job_add(w, q->kind, q->key, 0, q->body));
    }
    return q->fails ? err_new(ERR_CLASH, "no") : NULL;
}

static void queue(struct test *t, const char *kind, const char *key)
{
    struct queued q = {.kind = kind, .key = key};

    change(t, queue_it, &q);
}

static i64 start(struct test *t, const char *kind, const char *role)
{
    struct queued q = {.kind = kind, .key = role, .person = person_of(t, role), .body = "a;b\n"};

    change(t, queue_it, &q);
    return q.id;
}

static void work(struct test *t)
{
    size_t slow, quick;

    assert_ok(job_work(t->w, 1, &slow));
    assert_ok(job_work(t->w, 0, &quick));
}

static const char *state_of(struct test *t, const char *kind)
{
    struct rows *r;

    db_use_arena(t->w->db, t->arena);
    assert_ok(db_query(t->w->db, &r, "select state from job where org_id = $1 and kind = $2",
                       num(t->org), str(kind)));
    return row_next(r) ? row_str(r, 0) : "gone";
}

static void wait_state(struct test *t, const char *kind, const char *state)
{
    for (int i = 0; i < 600 && !text_equal(state_of(t, kind), state); i++)
        usleep(50000);
    assert_string_equal(state_of(t, kind), state);
}

/* --- tests --- */

static void with_its_cause(void **state)
{
    struct test *t = begin();
    struct queued q = {.kind = "test.count", .key = "1", .fails = true};

    (void)state;
    assert_err(app_write(t->w, queue_it, &q), ERR_CLASH);
    work(t);
    assert_int_equal(runs, 0);
    queue(t, "test.count", "1");
    queue(t, "test.count", "1");
    queue(t, "test.count", "2");
    work(t);
    assert_int_equal(runs, 2);
    assert_string_equal(state_of(t, "test.count"), "gone");
    queue(t, "test.count", "1");
    work(t);
    assert_int_equal(runs, 3);
    end(t);
}

static void due(struct test *t)
{
    clock_shift(DAY);
    work(t);
}

static i64 wait_of(struct test *t)
{
    return value(t, "select run_at - set_at from job where org_id = $1", num(t->org));
}

static void comes_back(void **state)
{
    struct test *t = begin();

    (void)state;
    queue(t, "test.fail", "1");
    work(t);
    assert_string_equal(state_of(t, "test.fail"), "ready");
    assert_in_range(wait_of(t), 30 * SECOND, 33 * SECOND);
    work(t);
    assert_int_equal(runs, 1);
    due(t);
    assert_in_range(wait_of(t), 60 * SECOND, 66 * SECOND);
    due(t);
    assert_int_equal(runs, 3);
    assert_string_equal(state_of(t, "test.fail"), "dead");
    due(t);
    assert_int_equal(runs, 3);
    clock_shift(-3 * DAY);
    end(t);
}

static void dead_letters(void **state)
{
    struct test *t = begin();
    const char *at;
    i64 id;

    (void)state;
    id = start(t, "test.hopeless", "isms-manager");
    at = arena_printf(t->arena, "/o/acme/jobs/%lld", id);
    work(t);
    assert_string_equal(state_of(t, "test.hopeless"), "dead");
    login(t, "isms-manager");
    visit(t, METHOD_GET, at, NULL);
    expect_text(t, "The file is not a workbook.");
    visit(t, METHOD_POST, arena_printf(t->arena, "%s/retry", at), "");
    expect_status(t, 403);
    login(t, "admin");
    visit(t, METHOD_GET, "/o/acme/jobs?show=dead", NULL);
    expect_text(t, "The file is not a workbook.");
    visit(t, METHOD_POST, arena_printf(t->arena, "%s/retry", at), "");
    expect_status(t, 303);
    assert_string_equal(state_of(t, "test.hopeless"), "ready");
    work(t);
    assert_string_equal(state_of(t, "test.hopeless"), "dead");
    visit(t, METHOD_POST, arena_printf(t->arena, "%s/discard", at), "");
    expect_status(t, 303);
    assert_string_equal(state_of(t, "test.hopeless"), "gone");
    end(t);
}

static void of_a_person(void **state)
{
    struct test *t = begin();
    i64 id = start(t, "test.file", "isms-manager");
    const char *at = arena_printf(t->arena, "/o/acme/jobs/%lld", id);
    const char *file = arena_printf(t->arena, "%s/file", at);

    (void)state;
    work(t);
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/jobs", NULL);
    expect_text(t, "One row.");
    visit(t, METHOD_GET, file, NULL);
    expect_status(t, 200);
    assert_contains(header(t, "Content-Disposition"), "attachment");
    assert_non_null(t->r->response.file);
    login(t, "risk-owner");
    visit(t, METHOD_GET, at, NULL);
    expect_status(t, 404);
    visit(t, METHOD_POST, arena_printf(t->arena, "%s/cancel", at), "");
    expect_status(t, 404);
    visit(t, METHOD_GET, "/o/acme/jobs", NULL);
    expect_no_text(t, "One row.");
    login(t, "admin");
    visit(t, METHOD_GET, at, NULL);
    expect_status(t, 200);
    visit(t, METHOD_GET, file, NULL);
    expect_status(t, 404);
    api(t, "isms-manager", METHOD_GET, arena_printf(t->arena, "/api/v1/jobs/%lld", id), NULL);
    expect_status(t, 200);
    expect_text(t, "\"state\":\"done\"");
    api(t, "risk-owner", METHOD_GET, arena_printf(t->arena, "/api/v1/jobs/%lld", id), NULL);
    expect_status(t, 404);
    api(t, "risk-owner", METHOD_GET, "/api/v1/jobs?show=all", NULL);
    expect_status(t, 403);
    end(t);
}

static struct err *close_person(struct web *w, void *ctx)
{
    const i64 *person = ctx;

    return db_exec(w->db,
                   "update account set state = 'closed' where org_id = $1 and id in"
                   " (select account from member where org_id = $1 and person = $2)",
                   num(0), num(*person));
}

static void with_rights_of_now(void **state)
{
    struct test *t = begin();
    i64 person = person_of(t, "risk-owner");

    (void)state;
    start(t, "test.count", "risk-owner");
    work(t);
    assert_int_equal(seen_person, person);
    start(t, "test.count", "risk-owner");
    change(t, close_person, &person);
    work(t);
    assert_int_equal(runs, 1);
    assert_string_equal(state_of(t, "test.count"), "dead");
    end(t);
}

static void overtaken(void **state)
{
    struct test *t = begin();

    (void)state;
    queue(t, "test.overtaken", "1");
    work(t);
    assert_int_equal(runs, 1);
    expect_count(t, 0, "select count(*) from counter where org_id = $1 and kind = 'job-test'",
                 num(t->org));
    assert_string_equal(state_of(t, "test.overtaken"), "running");
    end(t);
}

static struct err *look_dead(struct web *w, void *ctx)
{
    (void)ctx;
    return db_exec(w->db,
                   "update job set state = 'running', attempts = attempts + 1 where org_id = $1",
                   num(w->org));
}

static struct err *give_all_back(struct web *w, void *ctx)
{
    (void)ctx;
    return job_give_back_all(w);
}

static void after_a_kill(void **state)
{
    struct test *t = begin();

    (void)state;
    queue(t, "test.count", "1");
    for (int i = 0; i < 7; i++) {
        change(t, look_dead, NULL);
        work(t);
        assert_int_equal(runs, 0);
        change(t, give_all_back, NULL);
        assert_string_equal(state_of(t, "test.count"), "ready");
    }
    change(t, look_dead, NULL);
    change(t, give_all_back, NULL);
    assert_string_equal(state_of(t, "test.count"), "dead");
    end(t);
}

static void clock_goes_back(void **state)
{
    struct test *t = begin();

    (void)state;
    queue(t, "test.count", "1");
    queue(t, "test.fail", "1");
    clock_shift(-DAY);
    work(t);
    assert_int_equal(runs, 0);
    t->w->now = clock_now();
    change(t, job_tidy, NULL);
    work(t);
    assert_int_equal(runs, 2);
    assert_in_range(wait_of(t), 30 * SECOND, 33 * SECOND);
    clock_shift(DAY);
    end(t);
}

static void threads(void **state)
{
    struct test *t = begin();
    i64 id = start(t, "test.long", "isms-manager");

    (void)state;
    assert_ok(jobs_start(t->app));
    wait_state(t, "test.long", "running");
    queue(t, "test.quick", "1");
    wait_state(t, "test.quick", "gone");
    assert_int_equal(quick_runs, 1);
    login(t, "isms-manager");
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/jobs/%lld", id), NULL);
    expect_text(t, "Reading row 3");
    expect_text(t, "3 of 10");
    clock_shift(DAY);
    usleep(100000);
    clock_shift(-2 * DAY);
    usleep(100000);
    clock_shift(DAY);
    go_on = true;
    wait_state(t, "test.long", "done");
    assert_int_equal(runs, 1);
    jobs_stop(t->app);
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/jobs/%lld", id), NULL);
    expect_text(t, "All rows are in.");
    expect_text(t, "href='/o/acme/risks'");
    end(t);
}

static void cancelled(void **state)
{
    struct test *t = begin();
    i64 waiting = start(t, "test.count", "isms-manager"), id;

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/jobs/%lld/cancel", waiting), "");
    expect_status(t, 303);
    assert_string_equal(state_of(t, "test.count"), "cancelled");
    id = start(t, "test.long", "isms-manager");
    assert_ok(jobs_start(t->app));
    wait_state(t, "test.long", "running");
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/jobs/%lld/cancel", id), "");
    expect_status(t, 303);
    wait_state(t, "test.long", "cancelled");
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/jobs/%lld/cancel", id), "");
    expect_status(t, 409);
    jobs_stop(t->app);
    end(t);
}

static void stopped(void **state)
{
    struct test *t = begin();

    (void)state;
    queue(t, "test.long", "1");
    assert_ok(jobs_start(t->app));
    wait_state(t, "test.long", "running");
    jobs_stop(t->app);
    assert_string_equal(state_of(t, "test.long"), "ready");
    expect_count(t, 0, "select failures from job where org_id = $1", num(t->org));
    go_on = true;
    assert_ok(jobs_start(t->app));
    wait_state(t, "test.long", "gone");
    assert_int_equal(runs, 2);
    jobs_stop(t->app);
    end(t);
}

const struct test_case job_tests[] = {
    TEST("a job is queued with its cause or not at all, and once for a key", with_its_cause),
    TEST("a failed job comes back later and later, and is dead after its last try", comes_back),
    TEST("what waiting cannot mend is dead at once; administrators retry and discard it",
         dead_letters),
    TEST("people see their own jobs, results and files; nobody else gets the file", of_a_person),
    TEST("a person's job has the rights they hold now; when they left it does not run",
         with_rights_of_now),
    TEST("a server that was overtaken writes nothing more about its job", overtaken),
    TEST("what a killed server held is tried again, but not for ever", after_a_kill),
    TEST("a clock set back by a day keeps no job waiting longer than its own delay",
         clock_goes_back),
    TEST("a long job holds up no quick one, shows how far it is, and no clock jump doubles it",
         threads),
    TEST("a waiting job is cancelled at once, a running one soon, an ended one not", cancelled),
    TEST("stopping the server gives its jobs back without counting a failure", stopped),
    TEST_END,
};
