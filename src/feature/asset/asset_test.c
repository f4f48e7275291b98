/* SPDX-License-Identifier: Apache-2.0 */
/* Assets: inheritance of values, circles, suggestions; through the whole program. */
#include "feature/asset/asset.h"

#include <string.h>

#include "base/text.h"
#include "feature/organisation/organisation.h"
#include "visit.h"

/* The company of 15 in a shared office that lives in the cloud, and the factory of 300. */
#define GOLDEN                                                                                   \
    "headcount=15&sites=shared&remote_work=mostly&cloud=all&develops=yes&personal_data=ordinary" \
    "&critical_suppliers=yes&downtime=day&countries=DE&sector=software&certificate_demand=yes"   \
    "&budget=low&own_devices=no&own_servers=no&own_network=no&outsourced_development=no"         \
    "&card_payment=no&government=no&ot=no&experienced=no"
#define FACTORY                                                                                \
    "headcount=300&sites=owned&remote_work=some&cloud=some&develops=no&personal_data=ordinary" \
    "&critical_suppliers=yes&downtime=days&countries=DE&sector=manufacturing&own_servers=yes"  \
    "&own_network=yes&ot=yes&own_devices=no&outsourced_development=no&card_payment=no"         \
    "&government=no&experienced=no&certificate_demand=yes&budget=medium"

/* --- writing directly --- */

struct writing {
    struct asset *a;
    bool remove;
    const char *refused; /* the first issue, or NULL */
};

static struct err *write_asset(struct web *w, void *ctx)
{
    struct writing *x = ctx;
    struct issues issues = {.arena = w->arena};

    x->refused = NULL;
    if (x->remove)
        return entity_remove(w, &asset_entity, x->a->id, x->a->version, NULL);
    TRY(entity_write(w, &asset_entity, x->a, NULL, &issues));
    if (issues.count)
        x->refused = issues.list[0].text;
    return NULL;
}

/* `own` holds the three digits of confidentiality, integrity, availability: "521". */
static i64 add(struct test *t, const char *name, const char *type, const char *own)
{
    struct asset x = {.name = name,
                      .type = type,
                      .state = "in-use",
                      .c = own[0] - '0',
                      .i = own[1] - '0',
                      .a = own[2] - '0'};
    struct writing w = {.a = &x};

    change(t, write_asset, &w);
    if (w.refused)
        fail_msg("%s", w.refused);
    return x.id;
}

static struct asset load(struct test *t, i64 id)
{
    struct asset a;

    db_use_arena(t->w->db, t->arena);
    assert_ok(entity_load(t->w, &asset_entity, id, &a));
    return a;
}

/* Sets what an asset carries; the sentence of the refusal, or NULL. */
static const char *carry(struct test *t, i64 id, const i64 *targets, size_t n)
{
    struct asset a = load(t, id);
    struct writing w = {.a = &a};
    i64 *list = NEW_ARRAY(t->arena, i64, n + 1);

    if (n)
        memcpy(list, targets, n * sizeof(*list));
    a.carries = (struct ids){list, n};
    change(t, write_asset, &w);
    return w.refused;
}
#define CARRY(t, id, ...) \
    carry((t), (id), (const i64[]){__VA_ARGS__}, sizeof((const i64[]){__VA_ARGS__}) / sizeof(i64))

static void set_own(struct test *t, i64 id, i64 c, const char *reason)
{
    struct asset a = load(t, id);
    struct writing w = {.a = &a};

    a.c = c;
    a.override_reason = reason;
    change(t, write_asset, &w);
    assert_null(w.refused);
}

static void expect_values(struct test *t, i64 id, i64 c, i64 i, i64 a)
{
    struct asset x = load(t, id);
    i64 most = c > i ? c : i;

    if (x.value_c != c || x.value_i != i || x.value_a != a || x.value != (most > a ? most : a))
        fail_msg("%s has %lld %lld %lld (%lld) instead of %lld %lld %lld", x.name, x.value_c,
                 x.value_i, x.value_a, x.value, c, i, a);
}

/* --- inheritance --- */

static void highest_counts(void **state)
{
    struct test *t = test_begin();
    i64 data = add(t, "Data", "customer-data", "521");
    i64 books = add(t, "Books", "financial-records", "341");
    i64 laptop = add(t, "Laptops", "laptop", "113");

    (void)state;
    expect_values(t, laptop, 1, 1, 3);
    assert_null(CARRY(t, laptop, data, books));
    expect_values(t, laptop, 5, 4, 3);
    assert_string_equal(load(t, laptop).kind, "supporting");
    assert_string_equal(load(t, data).kind, "primary");
    expect_values(t, data, 5, 2, 1);
    test_end(t);
}

static void without_values(void **state)
{
    struct test *t = test_begin();
    i64 data = add(t, "Data", "customer-data", "000");
    i64 laptop = add(t, "Laptops", "laptop", "020");

    (void)state;
    assert_null(CARRY(t, laptop, data));
    expect_values(t, laptop, 0, 2, 0);
    expect_count(t, 1,
                 "select count(*) from asset where org_id = $1 and value_c is null and value = 2",
                 num(t->org));
    test_end(t);
}

static void three_levels(void **state)
{
    struct test *t = test_begin();
    /* from the outside inwards, so that no order of ids helps */
    i64 room = add(t, "Server room", "server-room", "211");
    i64 server = add(t, "Servers", "server", "114");
    i64 base = add(t, "Database", "database", "111");
    i64 data = add(t, "Data", "customer-data", "333");

    (void)state;
    assert_null(CARRY(t, base, data));
    assert_null(CARRY(t, server, base));
    assert_null(CARRY(t, room, server));
    expect_values(t, room, 3, 3, 4);
    set_own(t, data, 5, NULL);
    expect_values(t, base, 5, 3, 3);
    expect_values(t, server, 5, 3, 4);
    expect_values(t, room, 5, 3, 4);
    set_own(t, data, 1, NULL);
    expect_values(t, room, 2, 3, 4);
    /* what others inherit is no change of theirs: no version, no history, no log entry */
    expect_count(t, 2, "select version from asset where org_id = $1 and id = $2", num(t->org),
                 num(room));
    test_end(t);
}

static void reason_lowers(void **state)
{
    struct test *t = test_begin();
    i64 data = add(t, "Data", "customer-data", "544");
    i64 copies = add(t, "Backup copies", "backup-copies", "200");
    i64 room = add(t, "Archive", "server-room", "111");

    (void)state;
    assert_null(CARRY(t, copies, data));
    assert_null(CARRY(t, room, copies));
    expect_values(t, copies, 5, 4, 4);
    expect_values(t, room, 5, 4, 4);
    set_own(t, copies, 2, "The copies are encrypted.");
    /* only where it has a value of its own */
    expect_values(t, copies, 2, 4, 4);
    expect_values(t, room, 2, 4, 4);
    set_own(t, copies, 2, NULL);
    expect_values(t, room, 5, 4, 4);
    test_end(t);
}

static void reason_needs_value(void **state)
{
    struct test *t = test_begin();
    struct asset a = {.name = "Copies",
                      .type = "backup-copies",
                      .state = "in-use",
                      .override_reason = "They are encrypted."};
    struct writing w = {.a = &a};

    (void)state;
    change(t, write_asset, &w);
    assert_contains(w.refused, "value of its own first");
    test_end(t);
}

static void taken_out(void **state)
{
    struct test *t = test_begin();
    i64 data = add(t, "Data", "customer-data", "555");
    i64 books = add(t, "Books", "financial-records", "322");
    i64 server = add(t, "Servers", "server", "111");
    i64 room = add(t, "Room", "server-room", "111");
    struct asset a;
    struct writing w = {.a = &a, .remove = true};
    struct err *refused;

    (void)state;
    assert_null(CARRY(t, server, data, books));
    assert_null(CARRY(t, room, server));
    a = load(t, data);
    refused = assert_err(app_write(t->w, write_asset, &w), ERR_CLASH);
    assert_contains(refused->text, "A-3");
    assert_null(CARRY(t, server, books));
    expect_values(t, server, 3, 2, 2);
    expect_values(t, room, 3, 2, 2);
    a = load(t, data);
    change(t, write_asset, &w);
    expect_count(t, 0, "select count(*) from asset where org_id = $1 and id = $2", num(t->org),
                 num(data));
    expect_values(t, room, 3, 2, 2);
    test_end(t);
}

/* A fixed sequence that looks like chance. */
static u64 dice(u64 *state, u64 sides)
{
    *state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (*state >> 33) % sides;
}

static const char *digits(struct test *t, u64 *seed)
{
    u64 c = dice(seed, 6), i = dice(seed, 6), a = dice(seed, 6);

    return arena_printf(t->arena, "%llu%llu%llu", c, i, a);
}

static void compare_with_derive(struct test *t, const i64 *ids, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct asset stored = load(t, ids[i]), fresh = stored;
        struct issues issues = {.arena = t->arena};

        assert_ok(asset_entity.derive(t->w, &fresh, &issues));
        if (stored.value_c != fresh.value_c || stored.value_i != fresh.value_i ||
            stored.value_a != fresh.value_a || stored.value != fresh.value)
            fail_msg("%s has %lld %lld %lld stored, but %lld %lld %lld follow from the records",
                     stored.name, stored.value_c, stored.value_i, stored.value_a, fresh.value_c,
                     fresh.value_i, fresh.value_a);
    }
}

/* One change at random: links of an asset to earlier ones, or its own value. */
static void disturb(struct test *t, const i64 *ids, size_t n, u64 *seed)
{
    size_t one = (size_t)dice(seed, n);
    i64 targets[3];
    size_t count = 0;

    if (one < 6 || dice(seed, 2)) {
        set_own(t, ids[one], (i64)dice(seed, 5) + 1,
                one >= 6 && dice(seed, 3) == 0 ? "A reason." : NULL);
        return;
    }
    while (count < 3 && dice(seed, 4))
        targets[count++] = ids[dice(seed, one)];
    assert_null(carry(t, ids[one], targets, count));
}

static void spread_agrees(void **state)
{
    struct test *t = test_begin();
    i64 ids[24];
    u64 seed = 7;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(ids); i++)
        ids[i] = add(t, arena_printf(t->arena, "Asset %zu", i), i < 6 ? "customer-data" : "server",
                     digits(t, &seed));
    for (int round = 0; round < 60; round++) {
        disturb(t, ids, COUNT_OF(ids), &seed);
        compare_with_derive(t, ids, COUNT_OF(ids));
    }
    test_end(t);
}

/* --- refusals --- */

static void circles(void **state)
{
    struct test *t = test_begin();
    i64 mail = add(t, "Mail", "saas-office", "333");
    i64 entry = add(t, "Sign-in", "identity-service", "333");
    i64 laptop = add(t, "Laptops", "laptop", "333");
    const char *text;

    (void)state;
    assert_null(CARRY(t, mail, entry));
    assert_null(CARRY(t, laptop, mail));
    text = CARRY(t, entry, laptop);
    assert_contains(text, "A-2 Sign-in → A-3 Laptops → A-1 Mail → A-2 Sign-in");
    assert_int_equal(load(t, entry).carries.count, 0);
    text = CARRY(t, mail, mail);
    assert_contains(text, "cannot carry itself");
    test_end(t);
}

static void primary_carries_nothing(void **state)
{
    struct test *t = test_begin();
    i64 data = add(t, "Data", "customer-data", "333");
    i64 books = add(t, "Books", "financial-records", "333");

    (void)state;
    assert_contains(CARRY(t, data, books), "primary asset");
    assert_int_equal(load(t, data).carries.count, 0);
    test_end(t);
}

static struct err *write_foreign(struct web *w, void *ctx)
{
    i64 *id = ctx;
    struct asset a = {.name = "Foreign data", .type = "customer-data", .c = 5, .state = "in-use"};
    struct issues issues = {.arena = w->arena};

    TRY(entity_write(w, &asset_entity, &a, NULL, &issues));
    *id = a.id;
    return NULL;
}

static void foreign_assets(void **state)
{
    struct test *t = test_begin();
    i64 laptop = add(t, "Laptops", "laptop", "111"), foreign;

    (void)state;
    assert_ok(web_enter_org(t->w, t->other));
    change(t, write_foreign, &foreign);
    assert_ok(web_enter_org(t->w, t->org));
    login(t, "isms-manager");
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/assets/%lld", laptop),
          arena_printf(t->arena, "_version=1&carries%%5B%%5D=%lld", foreign));
    expect_status(t, 422);
    expect_no_text(t, "Foreign data");
    api(t, "isms-manager", METHOD_PATCH, arena_printf(t->arena, "/api/v1/assets/%lld", laptop),
        arena_printf(t->arena, "{\"version\":1,\"carries\":[\"%lld\"]}", foreign));
    expect_status(t, 422);
    expect_no_text(t, "Foreign data");
    expect_count(t, 0, "select count(*) from asset_carries where org_id = $1", num(t->org));
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/assets/%lld", foreign), NULL);
    expect_status(t, 404);
    test_end(t);
}

/* --- pages --- */

static void page_of_one(void **state)
{
    struct test *t = test_begin();
    i64 data = add(t, "Customer data", "customer-data", "521");
    i64 laptop = add(t, "Laptops", "laptop", "233");
    const char *address = arena_printf(t->arena, "/o/acme/assets/%lld", laptop);

    (void)state;
    assert_null(CARRY(t, laptop, data));
    login(t, "isms-manager");
    visit(t, METHOD_GET, address, NULL);
    expect_status(t, 200);
    expect_text(t, "5 survival");
    expect_text(t, "from <a href='/o/acme/assets/A-1'>A-1 Customer data</a>");
    expect_text(t, "No risk names this asset yet");
    /* the history has no derived values: for a past day they follow from what was known then */
    visit(t, METHOD_GET, arena_printf(t->arena, "%s?asof=%s", address, t->w->today), NULL);
    expect_status(t, 200);
    expect_text(t, "5 survival");
    expect_text(t, "</span> from <a");
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/assets?asof=%s", t->w->today), NULL);
    expect_text(t, "5 survival");
    visit(t, METHOD_POST, address, "_version=2&no_risk_reason=Looked+at+it%2C+nothing+there.");
    expect_status(t, 303);
    visit(t, METHOD_GET, address, NULL);
    expect_text(t, "Looked at it, nothing there.");
    visit(t, METHOD_GET, "/o/acme/assets/A-1", NULL);
    expect_text(t, "Carried by");
    expect_text(t, "Laptops");
    visit(t, METHOD_GET, "/o/acme/assets/new", NULL);
    expect_text(t, "<option value='in-use' selected>");
    visit(t, METHOD_GET, "/o/acme/assets", NULL);
    expect_status(t, 200);
    expect_text(t, "Customer data");
    test_end(t);
}

static void risks_on_it(void **state)
{
    struct test *t = test_begin();
    i64 data = add(t, "Customer data", "customer-data", "521");

    (void)state;
    api(t, "isms-manager", METHOD_POST, "/api/v1/risks",
        arena_printf(t->arena,
                     "{\"title\":\"Data leaks from a lost laptop\",\"assets\":[\"%lld\"],"
                     "\"owner\":\"%lld\",\"threat\":\"theft\",\"properties\":[\"c\"]}",
                     data, person_of(t, "risk-owner")));
    expect_status(t, 201);
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/assets/A-1", NULL);
    expect_text(t, "Data leaks from a lost laptop");
    expect_no_text(t, "No risk names this asset yet");
    /* Told before anybody tries, with the way to what stands against it. */
    visit(t, METHOD_GET, "/o/acme/assets/A-1/remove", NULL);
    expect_status(t, 200);
    expect_text(t, "This asset cannot be removed: ");
    expect_text(t, "href='/o/acme/risks/R-1'");
    expect_no_text(t, "btn-danger");
    visit(t, METHOD_POST, "/o/acme/assets/A-1/remove", "_version=1");
    expect_status(t, 409);
    expect_text(t, "href='/o/acme/risks/R-1'");
    expect_text(t, "Back to the record");
    expect_count(t, 1, "select count(*) from asset where org_id = $1 and id = $2", num(t->org),
                 num(data));
    test_end(t);
}

static void who_may(void **state)
{
    struct test *t = test_begin();

    (void)state;
    add(t, "Customer data", "customer-data", "521");
    login(t, "employee");
    visit(t, METHOD_GET, "/o/acme/assets/A-1", NULL);
    assert_true(status(t) == 403 || status(t) == 404);
    login(t, "internal-auditor");
    visit(t, METHOD_GET, "/o/acme/assets/A-1", NULL);
    expect_status(t, 200);
    expect_no_text(t, "/assets/A-1/edit");
    visit(t, METHOD_POST, "/o/acme/assets/suggestions", "accept=secrets");
    expect_status(t, 403);
    login(t, "department-head");
    visit(t, METHOD_POST, "/o/acme/assets/suggestions",
          "dismiss=secrets&reason.secrets=Not+for+us");
    expect_status(t, 403);
    expect_count(t, 0, "select count(*) from dismissal where org_id = $1", num(t->org));
    test_end(t);
}

/* --- suggestions --- */

static void answer_profile(struct test *t, const char *answers)
{
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/profile", answers);
    expect_status(t, 303);
}

static size_t suggested(struct test *t, struct asset_suggestions *s)
{
    db_use_arena(t->w->db, t->arena);
    assert_ok(asset_suggest(t->w, s));
    return s->count;
}

static bool proposes(const struct asset_suggestions *s, const char *code)
{
    for (size_t i = 0; i < s->count; i++)
        if (text_equal(s->list[i].code, code))
            return true;
    return false;
}

static void golden_company(void **state)
{
    static const char *const wrong[] = {
        "own-servers",        "server-room", "utilities",      "offices",        "factory-hall",
        "firewall",           "wifi",        "plant-network",  "server-systems", "business-system",
        "outside-developers", "card-data",   "office-network", "laptops-office", "desktops"};
    struct test *t = test_begin();
    struct asset_suggestions s;

    (void)state;
    answer_profile(t, GOLDEN);
    assert_in_range(suggested(t, &s), 18, 28);
    assert_true(s.shown == s.count && s.shown <= 30);
    assert_int_equal(s.nquestions, 0);
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        if (proposes(&s, wrong[i]))
            fail_msg("%s contradicts the profile", wrong[i]);
    assert_true(proposes(&s, "customer-data-service") && proposes(&s, "shared-office"));
    for (size_t i = 0; i < s.count; i++)
        assert_true(strlen(s.list[i].why) > 20);
    expect_count(t, 0, "select count(*) from asset where org_id = $1", num(t->org));
    visit(t, METHOD_GET, "/o/acme/assets/suggestions", NULL);
    expect_status(t, 200);
    expect_text(t, "Customer data in our service");
    expect_count(t, 0, "select count(*) from asset where org_id = $1", num(t->org));
    test_end(t);
}

static void entered_types_come_last(void **state)
{
    struct test *t = test_begin();
    struct asset_suggestions s;
    size_t at = 0;

    (void)state;
    answer_profile(t, GOLDEN);
    add(t, "Our repositories", "source-code", "453");
    suggested(t, &s);
    while (at < s.count && !text_equal(s.list[at].code, "source-code"))
        at++;
    assert_true(at < s.count && at >= s.shown);
    assert_contains(s.list[at].why, "You have “Our repositories” of this type already.");
    test_end(t);
}

static void factory(void **state)
{
    struct test *t = test_begin();
    struct asset_suggestions s;

    (void)state;
    answer_profile(t, FACTORY);
    assert_in_range(suggested(t, &s), 30, 60);
    assert_true(proposes(&s, "own-servers") && proposes(&s, "machine-controllers"));
    assert_false(proposes(&s, "source-code") || proposes(&s, "shared-office"));
    test_end(t);
}

static void not_too_many(void **state)
{
    struct test *t = test_begin();
    struct asset_suggestions s;

    (void)state;
    answer_profile(t, GOLDEN);
    suggested(t, &s);
    for (int i = 0; i < 12; i++)
        add(t, arena_printf(t->arena, "Own %d", i), "laptop", "111");
    suggested(t, &s);
    assert_int_equal(s.most, 30);
    assert_int_equal(s.shown, 18);
    visit(t, METHOD_GET, "/o/acme/assets/suggestions", NULL);
    expect_text(t, "Show more");
    expect_no_text(t, s.list[s.count - 1].name);
    visit(t, METHOD_GET, "/o/acme/assets/suggestions?more=1", NULL);
    expect_text(t, s.list[s.count - 1].name);
    test_end(t);
}

static void unanswered(void **state)
{
    struct test *t = test_begin();
    struct asset_suggestions s;

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/assets/suggestions", NULL);
    expect_status(t, 200);
    expect_text(t, "How many people work in the part you want certified?");
    expect_text(t, "href='/o/acme/profile'");
    suggested(t, &s);
    assert_true(s.nquestions > 8);
    assert_false(proposes(&s, "source-code") || proposes(&s, "own-servers"));
    test_end(t);
}

static void accepted(void **state)
{
    struct test *t = test_begin();
    struct asset_suggestions s;
    i64 person = person_of(t, "isms-manager");

    (void)state;
    answer_profile(t, GOLDEN);
    visit(t, METHOD_POST, "/o/acme/assets/suggestions",
          arena_printf(t->arena,
                       "do=accept&pick%%5B%%5D=cloud-platform&pick%%5B%%5D=sold-service"
                       "&name.sold-service=Parcel+tracking&c.sold-service=3&owner=%lld",
                       person));
    expect_status(t, 303);
    assert_contains(header(t, "Location"), "accepted=2");
    expect_count(t, 2, "select count(*) from asset where org_id = $1 and owner = $2", num(t->org),
                 num(person));
    expect_count(t, 1,
                 "select count(*) from asset a join asset_carries l on l.org_id = a.org_id"
                 " and l.target = a.id join asset s on s.org_id = l.org_id and s.id = l.record"
                 " where a.org_id = $1 and a.name = 'Parcel tracking' and a.c = 3"
                 " and a.seed = 'sold-service' and s.seed = 'cloud-platform'",
                 num(t->org));
    suggested(t, &s);
    assert_false(proposes(&s, "sold-service") || proposes(&s, "cloud-platform"));
    /* twice makes one */
    visit(t, METHOD_POST, "/o/acme/assets/suggestions", "accept=sold-service");
    expect_status(t, 303);
    expect_count(t, 2, "select count(*) from asset where org_id = $1", num(t->org));
    /* a primary asset that comes later is linked to what carries it */
    visit(t, METHOD_POST, "/o/acme/assets/suggestions", "accept=customer-data-service");
    assert_contains(header(t, "Location"), "accepted=1&linked=1");
    expect_count(t, 2, "select count(*) from asset_carries where org_id = $1", num(t->org));
    visit(t, METHOD_GET, "/o/acme/assets?q=tracking", NULL);
    expect_text(t, "Parcel tracking");
    test_end(t);
}

static void all_at_once(void **state)
{
    struct test *t = test_begin();
    struct asset_suggestions s;
    struct buf form;

    (void)state;
    answer_profile(t, GOLDEN);
    suggested(t, &s);
    buf_init(&form, t->arena, 1000);
    buf_str(&form, "do=accept");
    for (size_t i = 0; i < s.count; i++)
        buf_printf(&form, "&pick%%5B%%5D=%s", s.list[i].code);
    visit(t, METHOD_POST, "/o/acme/assets/suggestions", form.data);
    expect_status(t, 303);
    expect_count(t, (i64)s.count, "select count(*) from asset where org_id = $1 and in_scope = 1",
                 num(t->org));
    expect_count(t, 0,
                 "select count(*) from asset_carries l join asset a on a.org_id = l.org_id"
                 " and a.id = l.record where l.org_id = $1 and a.kind = 'primary'",
                 num(t->org));
    assert_true(value(t, "select count(*) from asset_carries where org_id = $1", num(t->org)) > 15);
    visit(t, METHOD_GET, "/o/acme/assets/suggestions", NULL);
    expect_text(t, "Every suggestion is accepted or dismissed");
    test_end(t);
}

static void wrong_edit(void **state)
{
    struct test *t = test_begin();

    (void)state;
    answer_profile(t, GOLDEN);
    visit(t, METHOD_POST, "/o/acme/assets/suggestions",
          "do=accept&pick%5B%5D=secrets&pick%5B%5D=staff-records&name.secrets=&c.staff-records=9");
    expect_status(t, 422);
    expect_text(t, "Name may not be empty");
    expect_text(t, "href='#f-c.staff-records'");
    expect_count(t, 0, "select count(*) from asset where org_id = $1", num(t->org));
    visit(t, METHOD_POST, "/o/acme/assets/suggestions", "do=accept");
    expect_status(t, 422);
    expect_text(t, "Tick at least one");
    visit(t, METHOD_POST, "/o/acme/assets/suggestions", "accept=nonesuch");
    expect_status(t, 422);
    visit(t, METHOD_POST, "/o/acme/assets/suggestions", "accept=secrets&owner=P-999");
    expect_status(t, 422);
    expect_count(t, 0, "select count(*) from asset where org_id = $1", num(t->org));
    test_end(t);
}

static void dismissed(void **state)
{
    struct test *t = test_begin();
    struct asset_suggestions s;

    (void)state;
    answer_profile(t, GOLDEN);
    visit(t, METHOD_POST, "/o/acme/assets/suggestions",
          "dismiss=shared-office&reason.shared-office=");
    expect_status(t, 422);
    expect_text(t, "why it does not fit");
    visit(t, METHOD_POST, "/o/acme/assets/suggestions",
          "dismiss=shared-office&reason.shared-office=We+left+the+office");
    expect_status(t, 303);
    visit(t, METHOD_POST, "/o/acme/assets/suggestions",
          "do=dismiss&pick%5B%5D=phones&pick%5B%5D=shared-office&reason=No+such+thing");
    expect_status(t, 303);
    suggested(t, &s);
    assert_false(proposes(&s, "shared-office") || proposes(&s, "phones"));
    expect_count(t, 2, "select count(*) from dismissal where org_id = $1", num(t->org));
    expect_count(t, 1,
                 "select count(*) from dismissal where org_id = $1 and key = 'shared-office'"
                 " and reason = 'We left the office'",
                 num(t->org));
    visit(t, METHOD_GET, "/o/acme/assets/suggestions", NULL);
    expect_text(t, "We left the office");
    answer_profile(t, "_version=2&headcount=16");
    suggested(t, &s);
    assert_false(proposes(&s, "shared-office"));
    visit(t, METHOD_POST, "/o/acme/assets/suggestions/back",
          arena_printf(t->arena, "_version=1&id=%lld",
                       value(t,
                             "select id from dismissal where org_id = $1"
                             " and key = 'shared-office'",
                             num(t->org))));
    expect_status(t, 303);
    suggested(t, &s);
    assert_true(proposes(&s, "shared-office"));
    assert_false(proposes(&s, "phones"));
    test_end(t);
}

/* --- API --- */

static void over_the_api(void **state)
{
    struct test *t = test_begin();
    json_t *list;

    (void)state;
    answer_profile(t, GOLDEN);
    api(t, "isms-manager", METHOD_GET, "/api/v1/suggestions/assets", NULL);
    expect_status(t, 200);
    list = json_object_get(answer_json(t), "suggestions");
    assert_in_range(json_array_size(list), 18, 28);
    assert_true(strlen(json_string_value(json_object_get(json_array_get(list, 0), "why"))) > 20);
    api(t, "isms-manager", METHOD_POST, "/api/v1/suggestions/assets",
        "{\"accept\":[\"sold-service\",\"web-app\"],"
        "\"dismiss\":[{\"key\":\"phones\",\"reason\":\"No phones at work\"}]}");
    expect_status(t, 200);
    assert_int_equal(json_array_size(json_object_get(answer_json(t), "accepted")), 2);
    expect_count(t, 1, "select count(*) from asset_carries where org_id = $1", num(t->org));
    expect_count(t, 1, "select count(*) from dismissal where org_id = $1", num(t->org));
    /* all or nothing */
    api(t, "isms-manager", METHOD_POST, "/api/v1/suggestions/assets",
        "{\"accept\":[\"secrets\"],\"dismiss\":[{\"key\":\"contracts\",\"reason\":\"\"}]}");
    expect_status(t, 422);
    expect_count(t, 2, "select count(*) from asset where org_id = $1", num(t->org));
    api(t, "isms-manager", METHOD_POST, "/api/v1/suggestions/assets", "{\"take\":[\"secrets\"]}");
    expect_status(t, 400);
    api(t, "internal-auditor", METHOD_POST, "/api/v1/suggestions/assets",
        "{\"accept\":[\"secrets\"]}");
    assert_true(status(t) == 403 || status(t) == 401);
    expect_count(t, 2, "select count(*) from asset where org_id = $1", num(t->org));
    test_end(t);
}

const struct test_case asset_tests[] = {
    TEST("a supporting asset has the highest value of its own and of all it carries",
         highest_counts),
    TEST("what has no value yet adds none", without_values),
    TEST("a changed primary asset reaches three levels up, and makes no versions there",
         three_levels),
    TEST("with a reason the own value holds, for that asset and for what carries it",
         reason_lowers),
    TEST("a reason without a value of one's own is refused", reason_needs_value),
    TEST("an asset that is carried cannot be removed; taken out of the list, values fall",
         taken_out),
    TEST("after any change all stored values are those that follow from the records",
         spread_agrees),
    TEST("a circle is refused and the assets in it are named", circles),
    TEST("a primary asset carries nothing", primary_carries_nothing),
    TEST("an asset of another organisation can neither be carried nor seen", foreign_assets),
    TEST("the page of an asset says from where it inherits; no risk can be noted there",
         page_of_one),
    TEST("an asset shows the risks on it, and cannot be removed while there are any", risks_on_it),
    TEST("who may only read cannot accept, who may not dismiss cannot dismiss", who_may),
    TEST("a software company of 15 gets 18 to 28 suggestions and none that contradicts",
         golden_company),
    TEST("suggestions of a type that was entered by hand come last and say so",
         entered_types_come_last),
    TEST("a factory of 300 gets 30 to 60 suggestions", factory),
    TEST("more assets than sensible for the size are behind “show more”", not_too_many),
    TEST("without profile answers the open questions are named", unanswered),
    TEST("accepting creates assets with owner and links, once", accepted),
    TEST("all suggestions can be accepted in one go", all_at_once),
    TEST("a wrong correction is refused and nothing is created", wrong_edit),
    TEST("a dismissed suggestion stays away until it is taken back", dismissed),
    TEST("the API lists suggestions with reasons and decides all or nothing", over_the_api),
    TEST_END,
};
