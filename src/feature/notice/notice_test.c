/* SPDX-License-Identifier: Apache-2.0 */
/* Who is told what, when, and how. Mail that really goes out is in tests/program/mail.py. */
#include "feature/notice/notice.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "core/app.h"
#include "feature/notice/notice_fixture.h"
#include "feature/notice/notice_part.h"
#include "feature/organisation/organisation.h"
#include "feature/soa/soa.h"
#include "maker.h"

/* --- help --- */

static struct err *told(struct web *w, void *ctx)
{
    const struct notice *n = ctx;

    return notice_add(w, n, "%s mentioned you on %s.", "Ada", "100% <b>%s%n</b>");
}

static void tell_person(struct test *t, struct notice n)
{
    t->w->now = clock_now();
    change(t, told, &n);
}

static i64 unread(struct test *t, const char *role)
{
    return value(t, "select count(*) from notice where org_id = $1 and person = $2 and read_at = 0",
                 num(t->org), num(person_of(t, role)));
}

static i64 count_kind(struct test *t, const char *role, const char *kind)
{
    return value(t, "select count(*) from notice where org_id = $1 and person = $2 and kind = $3",
                 num(t->org), num(person_of(t, role)), str(kind));
}

static const char *text_of(struct test *t, const char *sql, const struct val *v, size_t n)
{
    struct rows *r;

    db_use_arena(t->w->db, t->arena);
    assert_ok(db_query_text(t->w->db, &r, sql, v, n));
    assert_true(row_next(r));
    return row_text(r, 0);
}

/* What founding the organisations has told is out of the way. */
static struct test *begin(void)
{
    struct test *t = test_begin();

    tick(t);
    notices_read(t);
    return t;
}

/* --- work that is given --- */

static i64 make_asset(struct test *t)
{
    static struct input in[] = {
        {"name",  "Booking system"},
        {"owner", NULL            }
    };
    struct making m = {
        .org = t->org, .entity = feature_entity("asset"), .set = {in, 2}
    };

    make_record(t, &m);
    return m.id;
}

static void give(struct test *t, const char *by, i64 asset, const char *to)
{
    api_header(t, "If-Match", "*");
    api(t, by, METHOD_PATCH, arena_printf(t->arena, "/api/v1/assets/%lld", asset),
        arena_printf(t->arena, "{\"owner\":\"%lld\"}", person_of(t, to)));
    expect_status(t, 200);
}

static void given_work(void **state)
{
    struct test *t = begin();
    i64 asset = make_asset(t);

    (void)state;
    give(t, "isms-manager", asset, "risk-owner");
    assert_int_equal(unread(t, "risk-owner"), 0);
    tick(t);
    assert_int_equal(unread(t, "risk-owner"), 1);
    assert_int_equal(unread(t, "isms-manager"), 0);
    tick(t);
    assert_int_equal(unread(t, "risk-owner"), 1);
    login(t, "risk-owner");
    visit(t, METHOD_GET, "/o/acme", NULL);
    expect_text(t, "Notifications: 1 not read");
    visit(t, METHOD_GET, "/o/acme/notices", NULL);
    expect_text(t, "“Booking system” is yours now (Owner).");
    test_end(t);
}

static void own_doing(void **state)
{
    struct test *t = begin();

    (void)state;
    give(t, "isms-manager", make_asset(t), "isms-manager");
    tick(t);
    assert_int_equal(unread(t, "isms-manager"), 0);
    test_end(t);
}

static void unchanged_owner(void **state)
{
    struct test *t = begin();
    i64 asset = make_asset(t);

    (void)state;
    give(t, "isms-manager", asset, "risk-owner");
    api_header(t, "If-Match", "*");
    api(t, "isms-manager", METHOD_PATCH, arena_printf(t->arena, "/api/v1/assets/%lld", asset),
        "{\"name\":\"Laptops\"}");
    expect_status(t, 200);
    tick(t);
    assert_int_equal(count_kind(t, "risk-owner", "assigned"), 1);
    test_end(t);
}

static void make_many(struct test *t, int n)
{
    for (int i = 0; i < n; i++) {
        api(t, "isms-manager", METHOD_POST, "/api/v1/assets",
            arena_printf(t->arena,
                         "{\"name\":\"Tablet %d\",\"type\":\"laptop\",\"owner\":\"%lld\"}", i,
                         person_of(t, "risk-owner")));
        expect_status(t, 201);
    }
}

static void told_together(void **state)
{
    struct test *t = begin();

    (void)state;
    make_many(t, 32);
    tick(t);
    assert_int_equal(count_kind(t, "risk-owner", "assigned"), 1);
    make_many(t, 20);
    tick(t);
    assert_int_equal(count_kind(t, "risk-owner", "assigned"), 1);
    login(t, "risk-owner");
    visit(t, METHOD_GET, "/o/acme/notices", NULL);
    expect_text(t, "Now yours: 52 Assets (Owner).");
    expect_no_text(t, "Tablet 3");
    api(t, "risk-owner", METHOD_POST, "/api/v1/notices/read", "{\"all\":true}");
    expect_status(t, 200);
    make_many(t, 20);
    tick(t);
    assert_int_equal(unread(t, "risk-owner"), 1);
    make_many(t, 3);
    tick(t);
    assert_int_equal(unread(t, "risk-owner"), 4);
    test_end(t);
}

/* --- changes --- */

static void rename_asset(struct test *t, const char *by, i64 asset, const char *json)
{
    api_header(t, "If-Match", "*");
    api(t, by, METHOD_PATCH, arena_printf(t->arena, "/api/v1/assets/%lld", asset), json);
    expect_status(t, 200);
    tick(t);
}

static void changed(void **state)
{
    struct test *t = begin();
    i64 asset = make_asset(t);

    (void)state;
    give(t, "isms-manager", asset, "risk-owner");
    tick(t);
    rename_asset(t, "isms-manager", asset, "{\"name\":\"Laptops\"}");
    rename_asset(t, "isms-manager", asset, "{\"name\":\"Notebooks\"}");
    assert_int_equal(count_kind(t, "risk-owner", "change"), 1);
    assert_int_equal(count_kind(t, "isms-manager", "change"), 0);
    login(t, "risk-owner");
    visit(t, METHOD_GET, "/o/acme/notices", NULL);
    expect_text(t, "“Laptops” was changed: Name.");
    visit(t, METHOD_POST, "/o/acme/notices", "all=1");
    rename_asset(t, "isms-manager", asset,
                 "{\"name\":\"Computers\",\"description\":\"All\",\"location\":\"Kiel\"}");
    assert_int_equal(count_kind(t, "risk-owner", "change"), 2);
    visit(t, METHOD_GET, "/o/acme/notices", NULL);
    expect_text(t, "was changed: Name, Description and others.");
    test_end(t);
}

static void removed(void **state)
{
    struct test *t = begin();
    i64 asset = make_asset(t);

    (void)state;
    give(t, "isms-manager", asset, "risk-owner");
    tick(t);
    api_header(t, "If-Match", "*");
    api(t, "isms-manager", METHOD_DELETE, arena_printf(t->arena, "/api/v1/assets/%lld", asset),
        NULL);
    expect_status(t, 204);
    tick(t);
    login(t, "risk-owner");
    visit(t, METHOD_GET, "/o/acme/notices", NULL);
    expect_text(t, "“Booking system” was removed.");
    test_end(t);
}

static void watched(void **state)
{
    struct test *t = begin();
    i64 asset = make_asset(t);
    const char *form = arena_printf(t->arena, "record=%lld", asset);

    (void)state;
    login(t, "internal-auditor");
    visit(t, METHOD_POST, "/o/acme/notices/unwatch", form);
    expect_status(t, 404);
    visit(t, METHOD_POST, "/o/acme/notices/watch", "record=x");
    expect_status(t, 400);
    visit(t, METHOD_POST, "/o/acme/notices/watch", form);
    expect_status(t, 303);
    visit(t, METHOD_GET, arena_str(t->arena, header(t, "Location")), NULL);
    expect_text(t, "Stop watching");
    visit(t, METHOD_GET, "/o/acme/notices/settings", NULL);
    expect_text(t, "Watched records");
    rename_asset(t, "isms-manager", asset, "{\"name\":\"Laptops\"}");
    assert_int_equal(count_kind(t, "internal-auditor", "change"), 1);
    visit(t, METHOD_POST, "/o/acme/notices", "all=1");
    visit(t, METHOD_POST, "/o/acme/notices/unwatch", form);
    expect_status(t, 303);
    rename_asset(t, "isms-manager", asset, "{\"name\":\"Notebooks\"}");
    assert_int_equal(count_kind(t, "internal-auditor", "change"), 1);
    test_end(t);
}

static struct err *watch_unseen(struct web *w, void *ctx)
{
    const i64 *pair = ctx; /* person, record */

    return db_exec(w->db, "insert into notice_watch (org_id, person, record) values ($1, $2, $3)",
                   num(w->org), num(pair[0]), num(pair[1]));
}

static void unseen(void **state)
{
    struct test *t = begin();
    i64 asset = make_asset(t), pair[2] = {person_of(t, "supplier-contact"), asset};

    (void)state;
    login(t, "supplier-contact");
    visit(t, METHOD_POST, "/o/acme/notices/watch", arena_printf(t->arena, "record=%lld", asset));
    expect_status(t, 404);
    change(t, watch_unseen, pair);
    rename_asset(t, "isms-manager", asset, "{\"name\":\"Laptops\"}");
    assert_int_equal(count_kind(t, "supplier-contact", "change"), 0);
    test_end(t);
}

/* --- decisions --- */

static struct input risk_in[] = {
    {"title",     "Ransomware"},
    {"state",     "open"      },
    {"owner",     NULL        },
    {"review_on", NULL        }
};

static i64 make_risk(struct test *t, const char *role, int days)
{
    struct making m = {.org = t->org, .entity = feature_entity("risk")};
    const char *today = clock_date(t->arena, clock_now(), t->w->zone);

    risk_in[2].value = arena_printf(t->arena, "%lld", person_of(t, role));
    risk_in[3].value = date_add(t->arena, today, 0, days);
    m.set = (struct inputs){risk_in, COUNT_OF(risk_in)};
    make_record(t, &m);
    return m.id;
}

static struct err *submit(struct web *w, void *ctx)
{
    struct issues found = {.arena = w->arena};
    struct soa s = {.title = "Statement", .state = "submitted", .body = "x", .body_hash = "x"};

    (void)ctx;
    return entity_write(w, &soa_entity, &s, NULL, &found);
}

static void submitted(void **state)
{
    struct test *t = begin();

    (void)state;
    change(t, submit, NULL);
    tick(t);
    tick(t);
    assert_int_equal(count_kind(t, "top-management", "approval"), 1);
    assert_int_equal(count_kind(t, "isms-manager", "approval"), 0);
    login(t, "top-management");
    visit(t, METHOD_GET, "/o/acme/notices", NULL);
    expect_text(t, "“Statement” waits for your decision.");
    test_end(t);
}

static void plan_waits(void **state)
{
    struct test *t = begin();
    i64 risk;

    (void)state;
    risk = make_risk(t, "risk-owner", 100);
    tick(t);
    assert_int_equal(count_kind(t, "risk-owner", "approval"), 0);
    plan_treatment(t, risk);
    tick(t);
    assert_int_equal(count_kind(t, "risk-owner", "approval"), 1);
    plan_treatment(t, risk);
    tick(t);
    assert_int_equal(count_kind(t, "risk-owner", "approval"), 1);
    test_end(t);
}

/* --- the inbox --- */

static void inbox(void **state)
{
    struct test *t = begin();
    struct notice n = {.person = person_of(t, "employee"), .kind = "mention", .path = "/guide"};
    i64 id;

    (void)state;
    tell_person(t, n);
    tell_person(t, n);
    login(t, "employee");
    visit(t, METHOD_GET, "/o/acme/notices", NULL);
    expect_text(t, "Ada mentioned you on 100% &lt;b&gt;%s%n&lt;/b&gt;.");
    id = value(t, "select min(id) from notice where org_id = $1 and person = $2 and read_at = 0",
               num(t->org), num(n.person));
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/notices/%lld/open", id), "");
    expect_status(t, 303);
    assert_string_equal(header(t, "Location"), "/o/acme/guide");
    assert_int_equal(unread(t, "employee"), 1);
    login(t, "isms-manager");
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/notices/%lld/open", id), "");
    expect_status(t, 404);
    visit(t, METHOD_POST, "/o/acme/notices", "all=1");
    assert_int_equal(unread(t, "employee"), 1);
    login(t, "employee");
    visit(t, METHOD_POST, "/o/acme/notices", "");
    expect_status(t, 400);
    visit(t, METHOD_POST, "/o/acme/notices", "all=1");
    expect_status(t, 303);
    assert_int_equal(unread(t, "employee"), 0);
    visit(t, METHOD_GET, "/o/acme/notices", NULL);
    expect_text(t, "You have read everything.");
    visit(t, METHOD_GET, "/o/acme/notices?show=all", NULL);
    expect_text(t, "Ada mentioned you");
    visit(t, METHOD_GET, "/o/acme/notices?after=x", NULL);
    expect_status(t, 400);
    test_end(t);
}

static void once_for_a_cause(void **state)
{
    struct test *t = begin();
    struct notice n = {.person = person_of(t, "employee"), .kind = "mention", .cause = "comment:7"};

    (void)state;
    tell_person(t, n);
    tell_person(t, n);
    assert_int_equal(unread(t, "employee"), 1);
    test_end(t);
}

static void muted(void **state)
{
    struct test *t = begin();
    i64 record = some_record(t, t->org, &unit_entity, NULL), before;
    struct notice n = {.person = person_of(t, "employee"), .kind = "comment", .record = record};
    const char *form = arena_printf(t->arena, "record=%lld", record);

    (void)state;
    login(t, "employee");
    visit(t, METHOD_POST, "/o/acme/notices/mute", form);
    expect_status(t, 404);
    tell_person(t, n);
    visit(t, METHOD_POST, "/o/acme/notices/mute", form);
    expect_status(t, 303);
    before = unread(t, "employee");
    tell_person(t, n);
    assert_int_equal(unread(t, "employee"), before);
    n.kind = "reminder";
    tell_person(t, n);
    assert_int_equal(unread(t, "employee"), before + 1);
    visit(t, METHOD_GET, "/o/acme/notices/settings", NULL);
    expect_text(t, "Muted records");
    visit(t, METHOD_POST, "/o/acme/notices/unmute", form);
    n.kind = "comment";
    tell_person(t, n);
    assert_int_equal(unread(t, "employee"), before + 2);
    test_end(t);
}

static void by_api(void **state)
{
    struct test *t = begin();
    struct notice n = {.person = person_of(t, "isms-manager"), .kind = "system", .path = "/jobs"};
    const char *id;

    (void)state;
    tell_person(t, n);
    api(t, "isms-manager", METHOD_GET, "/api/v1/notices?unread=1", NULL);
    expect_status(t, 200);
    expect_text(t, "\"link\":\"/o/acme/jobs\"");
    id = json_string_value(
        json_object_get(json_array_get(json_object_get(answer_json(t), "items"), 0), "id"));
    id = arena_str(t->arena, id);
    api(t, "isms-manager", METHOD_POST, "/api/v1/notices/read", "{\"ids\":[7]}");
    expect_status(t, 400);
    api(t, "isms-manager", METHOD_POST, "/api/v1/notices/read",
        arena_printf(t->arena, "{\"ids\":[\"%s\"]}", id));
    expect_status(t, 200);
    assert_int_equal(unread(t, "isms-manager"), 0);
    test_end(t);
}

/* --- choices --- */

static const char all_now[] = "assigned=now&mention=now&digest_hour=8&quiet_from=18&quiet_until=7";

static void choices(void **state)
{
    struct test *t = begin();

    (void)state;
    login(t, "employee");
    visit(t, METHOD_GET, "/o/acme/notices/settings", NULL);
    expect_text(t, "This installation has no mail server");
    visit(t, METHOD_POST, "/o/acme/notices/settings",
          "mention=week&quiet=1&quiet_weekend=1&quiet_from=20&quiet_until=6&digest_hour=9");
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/notices/settings", NULL);
    expect_text(t, "<option value='week' selected>By mail on Mondays</option>");
    expect_text(t, "<option value='20' selected>20:00</option>");
    visit(t, METHOD_POST, "/o/acme/notices/settings", "mention=hourly&digest_hour=9");
    expect_status(t, 422);
    visit(t, METHOD_POST, "/o/acme/notices/settings", "mention=now&digest_hour=24");
    expect_status(t, 422);
    visit(t, METHOD_GET, "/o/acme/notices/settings", NULL);
    expect_text(t, "<option value='week' selected>");
    visit(t, METHOD_POST, "/o/acme/notices/settings", all_now);
    expect_status(t, 303);
    test_end(t);
}

static i64 at(const char *iso_hour, const char *zone)
{
    struct arena *a = arena_new(0);
    i64 end;

    assert_true(date_end(date_add(a, arena_strn(a, iso_hour, 10), 0, -1), zone, &end));
    end += 1 + HOUR * ((iso_hour[11] - '0') * 10 + iso_hour[12] - '0') +
           MINUTE * ((iso_hour[14] - '0') * 10 + iso_hour[15] - '0');
    arena_free(a);
    return end;
}

static void slot_is(const struct hours *h, const char *how, const char *from, const char *wanted)
{
    static const char zone[] = "Europe/Berlin";
    struct arena *a = arena_new(0);
    const char *got = clock_text(a, notice_slot(h, how, zone, at(from, zone)), zone);

    if (strcmp(got, wanted) != 0)
        fail_msg("%s from %s: %s instead of %s", how, from, got, wanted);
    arena_free(a);
}

/* 2026-03-02 is a Monday; on Sunday 2026-03-29 the clocks go forward. */
static void slots(void **state)
{
    const struct hours open = {-1, -1, 0, 8}, night = {18, 7, 0, 8}, weekend = {18, 7, 1, 8};
    const struct hours noon = {12, 14, 0, 13};

    (void)state;
    slot_is(&open, "now", "2026-03-02 03:17", "2026-03-02 03:17");
    slot_is(&open, "day", "2026-03-02 03:17", "2026-03-02 08:00");
    slot_is(&open, "day", "2026-03-02 08:00", "2026-03-02 08:00");
    slot_is(&open, "day", "2026-03-02 08:01", "2026-03-03 08:00");
    slot_is(&open, "week", "2026-03-02 08:01", "2026-03-09 08:00");
    slot_is(&open, "week", "2026-03-08 23:59", "2026-03-09 08:00");
    slot_is(&open, "day", "2026-03-28 09:00", "2026-03-29 08:00");
    slot_is(&night, "now", "2026-03-02 17:59", "2026-03-02 17:59");
    slot_is(&night, "now", "2026-03-02 18:00", "2026-03-03 07:00");
    slot_is(&night, "now", "2026-03-03 06:59", "2026-03-03 07:00");
    slot_is(&weekend, "now", "2026-03-06 18:30", "2026-03-09 07:00");
    slot_is(&weekend, "day", "2026-03-06 09:00", "2026-03-09 07:00");
    slot_is(&noon, "day", "2026-03-02 09:00", "2026-03-02 14:00");
}

/* --- mail --- */

static void without_server(void **state)
{
    struct test *t = begin();
    struct notice n = {.person = person_of(t, "employee"), .kind = "mention"};

    (void)state;
    tell_person(t, n);
    tick(t);
    expect_count(t, -1, "select mail from notice where org_id = $1 and read_at = 0", num(t->org));
    t->app->config.smtp.url = "smtp://127.0.0.1:1";
    t->app->config.smtp.from = "cairn@acme.test";
    tick(t);
    expect_count(t, 0, "select count(*) from mail where org_id = $1", num(t->org));
    test_end(t);
}

static void one_mail(void **state)
{
    struct test *t = begin();
    struct notice n = {.person = person_of(t, "employee"), .kind = "mention", .path = "/guide"};

    (void)state;
    t->app->config.smtp.url = "smtp://127.0.0.1:1";
    t->app->config.smtp.from = "cairn@acme.test";
    t->app->config.base_url = "https://isms.acme.test";
    tell_person(t, n);
    tell_person(t, n);
    tick(t);
    expect_count(t, 0, "select count(*) from mail where org_id = $1", num(t->org));
    clock_shift(MINUTE);
    tick(t);
    clock_shift(-MINUTE);
    expect_count(t, 1, "select count(*) from mail where org_id = $1", num(t->org));
    assert_string_equal(
        text_of(t, "select subject from mail where org_id = $1", DB_VALS(num(t->org)), 1),
        "2 notifications · Acme");
    assert_contains(
        text_of(t, "select text from mail where org_id = $1", DB_VALS(num(t->org)), 1),
        "* Ada mentioned you on 100% <b>%s%n</b>.\n  https://isms.acme.test/o/acme/guide");
    assert_contains(text_of(t, "select html from mail where org_id = $1", DB_VALS(num(t->org)), 1),
                    "100% &lt;b&gt;%s%n&lt;/b&gt;.");
    expect_count(t, 1, "select count(*) from job where org_id = $1 and kind = 'notice.mail'",
                 num(t->org));
    test_end(t);
}

static void no_mail_for(struct test *t, const char *why)
{
    clock_shift(MINUTE);
    tick(t);
    clock_shift(-MINUTE);
    if (value(t, "select count(*) from mail where org_id = $1", num(t->org)))
        fail_msg("there is a mail %s", why);
}

static void no_mail(void **state)
{
    struct test *t = begin();
    struct notice n = {.person = person_of(t, "employee"), .kind = "mention"};

    (void)state;
    t->app->config.smtp.url = "smtp://127.0.0.1:1";
    t->app->config.smtp.from = "cairn@acme.test";
    login(t, "employee");
    tell_person(t, n);
    visit(t, METHOD_POST, "/o/acme/notices", "all=1");
    no_mail_for(t, "about what was read before");
    visit(t, METHOD_POST, "/o/acme/notices/settings", "mention=never&digest_hour=8");
    tell_person(t, n);
    no_mail_for(t, "that the person does not want");
    expect_count(t, 0, "select count(*) from notice where org_id = $1 and mail = 0", num(t->org));
    visit(t, METHOD_POST, "/o/acme/notices/settings", "mention=week&digest_hour=8");
    tell_person(t, n);
    no_mail_for(t, "before its day");
    expect_count(t, 1, "select count(*) from notice where org_id = $1 and mail = 0", num(t->org));
    clock_shift(8 * DAY);
    tick(t);
    clock_shift(-8 * DAY);
    expect_count(t, 1, "select count(*) from mail where org_id = $1", num(t->org));
    test_end(t);
}

/* --- reminders --- */

static void remind(struct test *t)
{
    struct web *w;
    struct arena *a = arena_new(0);

    assert_ok(app_web(t->app, a, FACE_JOB, "job:test", &w));
    assert_ok(web_enter_org(w, t->org));
    assert_ok(notice_remind(w, ""));
    app_web_end(w);
    arena_free(a);
}

static void days_pass(struct test *t, int days)
{
    clock_shift(days * DAY);
    remind(t);
    remind(t);
    clock_shift(-days * DAY);
}

static void reminders(void **state)
{
    struct test *t = begin();

    (void)state;
    make_risk(t, "risk-owner", 30);
    days_pass(t, 0);
    assert_int_equal(count_kind(t, "risk-owner", "reminder"), 0);
    days_pass(t, 17);
    assert_int_equal(count_kind(t, "risk-owner", "reminder"), 1);
    days_pass(t, 29);
    assert_int_equal(count_kind(t, "risk-owner", "reminder"), 1);
    days_pass(t, 31);
    assert_int_equal(count_kind(t, "risk-owner", "reminder"), 2);
    assert_int_equal(count_kind(t, "isms-manager", "escalation"), 0);
    days_pass(t, 45);
    assert_int_equal(count_kind(t, "risk-owner", "reminder"), 3);
    assert_int_equal(count_kind(t, "isms-manager", "escalation"), 1);
    days_pass(t, 50);
    assert_int_equal(count_kind(t, "risk-owner", "reminder"), 3);
    days_pass(t, 200);
    assert_int_equal(count_kind(t, "risk-owner", "reminder"), 3);
    test_end(t);
}

static void after_a_pause(void **state)
{
    struct test *t = begin();

    (void)state;
    make_risk(t, "risk-owner", 10);
    days_pass(t, 25);
    assert_int_equal(count_kind(t, "risk-owner", "reminder"), 1);
    test_end(t);
}

static struct err *head_of_unit(struct web *w, void *ctx)
{
    const i64 *p = ctx; /* employee, head */

    TRY(db_exec(w->db,
                "insert into unit (org_id, id, number, version, name, head) values ($1, 77, 77, 1,"
                " 'Sales', $2)",
                num(w->org), num(p[1])));
    return db_exec(w->db, "update person set unit = 77 where org_id = $1 and id = $2", num(w->org),
                   num(p[0]));
}

static void to_the_head(void **state)
{
    struct test *t = begin();
    i64 pair[2] = {person_of(t, "risk-owner"), person_of(t, "department-head")};

    (void)state;
    change(t, head_of_unit, pair);
    make_risk(t, "risk-owner", -14);
    days_pass(t, 0);
    assert_int_equal(count_kind(t, "department-head", "escalation"), 1);
    test_end(t);
}

static struct err *leave(struct web *w, void *ctx)
{
    const i64 *person = ctx;

    return db_exec(w->db, "update person set state = 'left' where org_id = $1 and id = $2",
                   num(w->org), num(*person));
}

static void leaver(void **state)
{
    struct test *t = begin();
    i64 person = person_of(t, "risk-owner");

    (void)state;
    make_risk(t, "risk-owner", 5);
    change(t, leave, &person);
    days_pass(t, 0);
    assert_int_equal(count_kind(t, "risk-owner", "reminder"), 0);
    assert_int_equal(count_kind(t, "isms-manager", "reminder"), 1);
    test_end(t);
}

/* At noon: the reminders of a day are made in its morning. */
static void once_a_day(void **state)
{
    struct test *t = begin();
    const char *today = clock_date(t->arena, clock_now(), t->w->zone);
    const char *noon = arena_printf(t->arena, "%s 12:00", today);
    i64 shift = at(noon, t->w->zone) - clock_now();

    (void)state;
    make_risk(t, "risk-owner", 5);
    clock_shift(shift);
    tick(t);
    clock_shift(DAY);
    tick(t);
    tick(t);
    clock_shift(-DAY - shift);
    assert_int_equal(count_kind(t, "risk-owner", "reminder"), 1);
    expect_count(t, 0, "select count(*) from job where org_id = $1 and kind = 'notice.remind'",
                 num(t->org));
    test_end(t);
}

const struct test_case notice_tests[] = {
    TEST("who newly owns something is told once, and the bell shows it", given_work),
    TEST("nobody is told of their own doing", own_doing),
    TEST("many records given at once are told in one sentence, which counts on until it is read",
         told_together),
    TEST("a change that leaves the owner as it was gives nobody work", unchanged_owner),
    TEST("an owner is told what somebody changed, and again only after reading it", changed),
    TEST("an owner is told what somebody removed", removed),
    TEST("who watches a record is told of its changes until they stop", watched),
    TEST("nobody watches, or is told about, what they may not see", unseen),
    TEST("what is submitted is told to who may approve it, and to nobody else", submitted),
    TEST("the owner is told once that the plan of a risk waits for approval", plan_waits),
    TEST("the inbox shows only one's own, marks as read, and leads to what it is about", inbox),
    TEST("the same cause is told once", once_for_a_cause),
    TEST("a muted record keeps quiet about talk, not about dates", muted),
    TEST("the API lists and marks one's own notifications", by_api),
    TEST("choices are stored whole or not at all", choices),
    TEST("digests come at their hour, nothing comes in quiet hours, in the reader's zone", slots),
    TEST("without a mail server all stays in the inbox, also when one is set up later",
         without_server),
    TEST("what comes soon after one another is one mail with links, text and escaped HTML",
         one_mail),
    TEST("no mail about what was read, is not wanted, or waits for its day", no_mail),
    TEST("reminders come before and after a date, once each, and go up when nothing happens",
         reminders),
    TEST("after a pause of the server the one that is right now is sent, not all", after_a_pause),
    TEST("the head of the department is told of what stays undone", to_the_head),
    TEST("a leaver's dates are told to the information security manager", leaver),
    TEST("reminders are made once a day", once_a_day),
    TEST_END,
};
