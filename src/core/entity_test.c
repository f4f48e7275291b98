/* SPDX-License-Identifier: Apache-2.0 */
/* Values: text to value and back, and who may see a record. */
#include "entity_bench.h"

#include <string.h>

#include "base/text.h"

extern const struct test_case entity_tests[];

static const char *json_of(struct bench *t, const struct entity *e, const void *record)
{
    json_t *object;

    assert_ok(entity_json(&t->w, e, record, &object));
    return json_sorted(t->a, object);
}

static void survives_the_round(void **state)
{
    struct bench t;
    struct asset a = {0}, again, copy = {0}, other;
    const char *before;
    json_t *object;
    struct inputs in;

    (void)state;
    bench_open(&t);
    add_type(&t, "srv", "Server", 0);
    new_person(&t, "Anna");
    new_asset(&t, "Disk", &other);
    assert_null(apply(&t, &test_asset, &a, "name", "  Mail & <files>  "));
    assert_null(apply(&t, &test_asset, &a, "type", "Server"));
    assert_null(apply(&t, &test_asset, &a, "description", "two\r\nlines \xC3\xA4"));
    assert_null(apply(&t, &test_asset, &a, "owner", "p-1"));
    assert_null(apply(&t, &test_asset, &a, "media", "paper, Spoken"));
    assert_null(apply(&t, &test_asset, &a, "c", "3"));
    assert_null(apply(&t, &test_asset, &a, "in_scope", "on"));
    assert_null(apply(&t, &test_asset, &a, "carries", "A-1; 1"));
    assert_null(apply(&t, &test_asset, &a, "state", "HAS LEFT"));
    write_ok(&t, &test_asset, &a);
    bench_commit(&t);
    assert_ok(entity_load(&t.w, &test_asset, a.id, &again));
    assert_string_equal(again.name, "Mail & <files>");
    assert_string_equal(again.type, "srv");
    assert_string_equal(again.description, "two\nlines \xC3\xA4");
    assert_int_equal(again.media, 5);
    assert_int_equal(again.i, 0);
    assert_int_equal(again.value, 3);
    assert_int_equal(again.carries.count, 1);
    assert_int_equal(again.carries.id[0], other.id);
    assert_string_equal(again.state, "left");
    before = json_of(&t, &test_asset, &again);
    assert_contains(before, "\"owner_title\":\"Anna\"");
    assert_contains(before, "\"number\":\"A-2\"");
    assert_contains(before, "\"media\":[\"paper\",\"talk\"]");
    assert_contains(before, "\"i\":null");
    assert_ok(entity_json(&t.w, &test_asset, &again, &object));
    for (size_t i = 0; i < test_asset.nfields; i++)
        if (test_asset.fields[i].derived)
            json_object_del(object, test_asset.fields[i].name);
    json_object_del(object, "id");
    json_object_del(object, "number");
    json_object_del(object, "version");
    json_object_del(object, "owner_title");
    t.out.count = 0;
    in = entity_json_inputs(&t.w, object, &t.out);
    assert_ok(entity_apply(&t.w, &test_asset, &copy, in, true, &t.out));
    assert_int_equal(t.out.count, 0);
    for (size_t i = 0; i < test_asset.nfields; i++)
        assert_true(test_asset.fields[i].derived ||
                    field_equal(&test_asset.fields[i], &copy, &again));
    bench_close(&t);
}

static void points_to_any_record(void **state)
{
    struct bench t;
    struct person p = {.name = "Pointer", .state = "active"}, again;
    const char *label, *text;
    json_t *object;
    i64 anna;

    (void)state;
    bench_open(&t);
    t.w.slug = "acme";
    memset(t.w.rights, 0xff, sizeof t.w.rights);
    anna = new_person(&t, "Anna");
    assert_ok(entity_load(&t.w, &test_person, anna, arena_alloc(t.a, test_person.size)));
    assert_non_null(apply(&t, &test_pointer, &p, "account", "R-4711"));
    assert_contains(apply(&t, &test_pointer, &p, "account", "Anna"), "no record “Anna” here");
    assert_int_equal(p.account, 0);
    assert_null(apply(&t, &test_pointer, &p, "account", " p-0001 "));
    assert_int_equal(p.account, anna);
    p.account = 0;
    assert_null(apply(&t, &test_pointer, &p, "account", arena_printf(t.a, "%lld", anna)));
    assert_int_equal(p.account, anna);
    write_ok(&t, &test_pointer, &p);
    bench_commit(&t);
    assert_ok(entity_load(&t.w, &test_pointer, p.id, &again));
    assert_ok(field_show(&t.w, entity_field(&test_pointer, "account"), &again, &text));
    assert_string_equal(text, "P-1 Anna");
    assert_ok(entity_json(&t.w, &test_pointer, &again, &object));
    assert_contains(json_sorted(t.a, object), "\"account\":\"P-1\",\"account_title\":\"Anna\"");
    /* Removed, it keeps its number; what the field holds may stay, others may not choose it. */
    assert_ok(entity_remove(&t.w, &test_person, anna, 1, NULL));
    bench_commit(&t);
    assert_ok(field_show(&t.w, entity_field(&test_pointer, "account"), &again, &text));
    assert_string_equal(text, "P-1 Anna (removed)");
    assert_null(apply(&t, &test_pointer, &again, "account", "P-1"));
    assert_int_equal(again.account, anna);
    assert_null(apply(&t, &test_pointer, &again, "account", ""));
    assert_int_equal(again.account, 0);
    assert_non_null(apply(&t, &test_pointer, &again, "account", "P-1"));
    record_label(t.a, &test_pointer, 2, &label);
    assert_null(apply(&t, &test_pointer, &again, "account", label));
    bench_close(&t);
}

static void names_nothing_hidden(void **state)
{
    struct bench t;
    struct record_head *heads;
    const struct entity *e;
    i64 ids[3], found;

    (void)state;
    bench_open(&t);
    ids[0] = new_person(&t, "Anna");
    ids[1] = new_person(&t, "Ben");
    ids[2] = ids[1] + 4096;
    bench_commit(&t);
    assert_ok(record_heads(&t.w, (struct ids){ids, 3}, &heads));
    assert_string_equal(heads[0].label, "P-1");
    assert_string_equal(heads[0].title, ""); /* no right to see people */
    assert_true(heads[0].hidden);
    assert_null(record_head_url(&t.w, &heads[0]));
    assert_null(heads[2].entity);
    assert_err(record_find(&t.w, "P-1", &e, &found), ERR_MISSING);
    memset(t.w.rights, 0xff, sizeof t.w.rights);
    assert_ok(record_heads(&t.w, (struct ids){ids, 3}, &heads));
    assert_string_equal(heads[1].title, "Ben");
    assert_ok(record_find(&t.w, "P-2", &e, &found));
    assert_int_equal(found, ids[1]);
    assert_err(record_find(&t.w, "2", &e, &found), ERR_MISSING);
    assert_err(record_find(&t.w, "P-", &e, &found), ERR_MISSING);
    assert_err(record_find(&t.w, "", &e, &found), ERR_MISSING);
    bench_close(&t);
}

static void survives_people(void **state)
{
    struct bench t;
    struct person p = {0}, again;
    struct profile f = {0}, loaded;

    (void)state;
    bench_open(&t);
    assert_null(apply(&t, &test_person, &p, "name", "Zo\xC3\xAB"));
    assert_null(apply(&t, &test_person, &p, "email", "Zoe@Example.COM"));
    assert_null(apply(&t, &test_person, &p, "state", "active"));
    assert_null(apply(&t, &test_person, &p, "joined", "2024-02-29"));
    write_ok(&t, &test_person, &p);
    assert_ok(entity_load(&t.w, &test_person, p.id, &again));
    assert_string_equal(again.email, "zoe@example.com");
    assert_string_equal(again.joined, "2024-02-29");
    assert_null(again.job);
    assert_int_equal(again.external, 0);
    assert_null(apply(&t, &test_profile, &f, "title", "Us"));
    assert_null(apply(&t, &test_profile, &f, "headcount", "42"));
    assert_null(apply(&t, &test_profile, &f, "revenue", "1,234,567.5"));
    f.practice = 1700000000123456LL;
    f.deadline = "hidden-hash";
    write_ok(&t, &test_profile, &f);
    bench_commit(&t);
    assert_ok(entity_load(&t.w, &test_profile, f.id, &loaded));
    assert_int_equal(loaded.revenue, 123456750);
    assert_int_equal(loaded.practice, 1700000000123456LL);
    assert_contains(json_of(&t, &test_profile, &loaded), "\"revenue\":\"1234567.50\"");
    assert_contains(json_of(&t, &test_profile, &loaded), "\"headcount\":42");
    assert_null(strstr(json_of(&t, &test_profile, &loaded), "hidden-hash"));
    assert_null(strstr(json_of(&t, &test_profile, &loaded), "deadline"));
    bench_close(&t);
}

static void shows_values(void **state)
{
    struct bench t;
    struct asset a = {.name = "x", .type = "srv", .state = "left", .media = 3, .in_scope = 1};
    struct profile f = {.revenue = -123456789, .headcount = 0, .deadline = "secret"};
    const char *text;

    (void)state;
    bench_open(&t);
    add_type(&t, "srv", "Server", 0);
    a.owner = new_person(&t, "Anna");
#define SHOWS(e, name, record, wanted)                                       \
    assert_ok(field_show(&t.w, entity_field(&(e), name), &(record), &text)); \
    assert_string_equal(text, wanted)
    SHOWS(test_asset, "type", a, "Server");
    SHOWS(test_asset, "state", a, "Has left");
    SHOWS(test_asset, "media", a, "On paper, In files");
    SHOWS(test_asset, "in_scope", a, "Yes");
    SHOWS(test_asset, "owner", a, "Anna");
    SHOWS(test_asset, "c", a, "");
    SHOWS(test_profile, "revenue", f, "-1,234,567.89");
    SHOWS(test_profile, "headcount", f, "");
    SHOWS(test_profile, "deadline", f, "");
#undef SHOWS
    bench_close(&t);
}

static void refuses_each_kind(void **state)
{
    static const struct {
        const struct entity *e;
        const char *name, *value, *says;
    } bad[] = {
        {&test_profile, "headcount", "abc",
         "Headcount must be a whole number from 1 to 100000, not “abc”."                     },
        {&test_profile, "headcount", "0",                     "from 1 to 100000"                 },
        {&test_profile, "headcount", "100001",                "from 1 to 100000"                 },
        {&test_profile, "headcount", "1.5",                   "whole number"                     },
        {&test_profile, "headcount", "99999999999999999999",  "whole number"                     },
        {&test_profile, "revenue",   "1,23",                  "an amount like"                   },
        {&test_profile, "revenue",   "1.234",                 "an amount like"                   },
        {&test_profile, "revenue",   "1.234,50",              "an amount like"                   },
        {&test_profile, "revenue",   "-",                     "an amount like"                   },
        {&test_profile, "revenue",   "99999999999999999999",  "an amount like"                   },
        {&test_person,  "email",     "nobody",                "an e-mail address like"           },
        {&test_person,  "joined",    "2023-02-29",            "a date like 2026-03-01"           },
        {&test_person,  "joined",    "1.3.2026",              "not “1.3.2026”"               },
        {&test_person,  "external",  "perhaps",               "yes or no"                        },
        {&test_person,  "state",     "ill",                   "Choose one of: Active, Has left." },
        {&test_person,  "name",      "",                      "may not be empty"                 },
        {&test_person,  "name",      "a\nb",                  "one line"                         },
        {&test_person,  "job",       "123456789012345678901", "21 characters, and at most 20 fit"},
        {&test_person,  "name",
         "a\x01"
         "b",                                                 "cannot be stored"                 },
        {&test_person,  "unit",      "Nowhere",               "there is no unit “Nowhere”"   },
        {&test_asset,   "type",      "ship",                  "the catalogue has no such entry"  },
        {&test_asset,   "type",      "old",                   "the catalogue has no such entry"  },
        {&test_asset,   "media",     "paper,stone",           "cannot be “stone”"            },
        {&test_asset,   "c",         "5",                     "from 1 to 4"                      },
        {&test_asset,   "carries",   "A-1,A-99",              "there is no asset “A-99”"     },
    };
    struct bench t;
    struct asset first;

    (void)state;
    bench_open(&t);
    add_type(&t, "old", "Old one", 1);
    new_asset(&t, "Disk", &first);
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        union {
            struct person p;
            struct asset a;
            struct profile f;
        } record = {0}, empty = {0};

        assert_contains(apply(&t, bad[i].e, &record, bad[i].name, bad[i].value), bad[i].says);
        assert_int_equal(t.out.count, 1);
        assert_memory_equal(&record, &empty, sizeof(empty));
    }
    bench_close(&t);
}

static void shortens_quotes(void **state)
{
    struct bench t;
    struct person p = {0};
    char long_text[500];

    (void)state;
    bench_open(&t);
    memset(long_text, 'x', sizeof(long_text));
    long_text[sizeof(long_text) - 1] = '\0';
    assert_contains(apply(&t, &test_person, &p, "joined", long_text),
                    "not “xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…”");
    bench_close(&t);
}

static void refuses_names(void **state)
{
    struct bench t;
    struct asset a = {0};
    struct person p = {0};
    struct input list[] = {
        {"account", "7"},
        {"nothing", "x"}
    };

    (void)state;
    bench_open(&t);
    assert_contains(apply(&t, &test_asset, &a, "value", "4"), "set by the program");
    assert_contains(apply(&t, &test_person, &p, "account", "4"), "set by the program");
    assert_contains(apply(&t, &test_person, &p, "id", "4"), "There is no field “id” here.");
    assert_contains(apply(&t, &test_profile, &(struct profile){0}, "deadline", "x"),
                    "set by the program");
    t.out.count = 0;
    assert_ok(entity_apply(&t.w, &test_person, &p, (struct inputs){list, 2}, false, &t.out));
    assert_int_equal(t.out.count, 0);
    assert_int_equal(p.account, 0);
    bench_close(&t);
}

static void fixed_stays(void **state)
{
    struct bench t;
    struct person p = {.name = "Anna", .state = "active", .joined = "2026-01-01"};

    (void)state;
    bench_open(&t);
    write_ok(&t, &test_person, &p);
    assert_contains(apply(&t, &test_person, &p, "joined", "2026-01-02"), "cannot be changed later");
    assert_string_equal(p.joined, "2026-01-01");
    assert_null(apply(&t, &test_person, &p, "joined", "2026-01-01"));
    bench_close(&t);
}

static void reads_forms(void **state)
{
    struct bench t;
    struct pair posted[] = {
        {"name",       "Disk" },
        {"media[]",    ""     },
        {"media[]",    "paper"},
        {"media[]",    "talk" },
        {"in_scope[]", ""     },
        {"value",      "4"    },
        {"csrf",       "abc"  }
    };
    struct request req = {
        .form = {posted, COUNT_OF(posted)}
    };
    struct inputs in;

    (void)state;
    bench_open(&t);
    t.w.req = &req;
    in = entity_form_inputs(&t.w, &test_asset);
    assert_int_equal(in.count, 3);
    assert_string_equal(in.list[0].name, "name");
    assert_string_equal(in.list[1].name, "media");
    assert_string_equal(in.list[1].value, "paper,talk");
    assert_string_equal(in.list[2].name, "in_scope");
    assert_string_equal(in.list[2].value, "");
    bench_close(&t);
}

/* --- who may see --- */

static void owner_sees_his_own(void **state)
{
    struct bench t;
    struct asset box, seen;
    struct version *versions;
    i64 owner, other, id;
    size_t n;

    (void)state;
    bench_open(&t);
    owner = new_person(&t, "Owner");
    other = new_person(&t, "Other");
    box = (struct asset){.name = "Box", .type = "srv", .state = "active", .owner = owner};
    write_ok(&t, &test_asset, &box);
    bench_commit(&t);
    t.w.face = FACE_PAGE;
    t.w.person = owner;
    assert_false(entity_sees_all(&t.w, &test_hidden_asset));
    assert_ok(entity_load(&t.w, &test_hidden_asset, box.id, &seen));
    assert_ok(entity_find(&t.w, &test_hidden_asset, "A-1", &id));
    t.w.person = other;
    assert_err(entity_load(&t.w, &test_hidden_asset, box.id, &seen), ERR_MISSING);
    assert_err(entity_find(&t.w, &test_hidden_asset, "A-1", &id), ERR_MISSING);
    assert_int_equal(id, 0);
    assert_err(entity_versions(&t.w, &test_hidden_asset, box.id, &versions, &n), ERR_MISSING);
    t.w.person = 0;
    assert_err(entity_load(&t.w, &test_hidden_asset, box.id, &seen), ERR_MISSING);
    bench_close(&t);
}

static void grant(struct bench *t, i64 record, i64 person, const char *role, const char *until)
{
    assert_ok(db_exec(t->w.db,
                      "insert into access_grant (org_id, id, record, person, role, may, until)"
                      " values ($1, $2, $3, $4, $5, 'read', $6)",
                      num(t->w.org), num(web_id()), num(record), num_or_null(person),
                      str_or_null(role), str_or_null(until)));
}

static void grants_open_one_record(void **state)
{
    struct bench t;
    struct asset box, disk, seen;
    i64 guest;

    (void)state;
    bench_open(&t);
    guest = new_person(&t, "Guest");
    new_asset(&t, "Box", &box);
    new_asset(&t, "Disk", &disk);
    t.w.person = guest;
    grant(&t, box.id, guest, NULL, "2026-02-28");
    assert_err(entity_load(&t.w, &test_hidden_asset, box.id, &seen), ERR_MISSING);
    grant(&t, box.id, guest, NULL, "2026-03-01");
    assert_ok(entity_load(&t.w, &test_hidden_asset, box.id, &seen));
    assert_err(entity_load(&t.w, &test_hidden_asset, disk.id, &seen), ERR_MISSING);
    grant(&t, disk.id, 0, "auditor", NULL);
    assert_err(entity_load(&t.w, &test_hidden_asset, disk.id, &seen), ERR_MISSING);
    assert_ok(db_exec(t.w.db,
                      "insert into role_holder (org_id, id, number, version, title, person, role,"
                      " from_date) values ($1, 1, 1, 1, 'x', $2, 'auditor', '2026-03-01')",
                      num(t.w.org), num(guest)));
    assert_ok(entity_load(&t.w, &test_hidden_asset, disk.id, &seen));
    bench_close(&t);
}

/* --- canonical text and history --- */

static void canonical_form(void **state)
{
    struct bench t;
    i64 ids[] = {3, 20};
    struct asset a = {
        .number = 7,
        .name = "a=b\nc\\d",
        .type = "srv",
        .description = "",
        .media = 0,
        .c = 2,
        .value = 4,
        .carries = {ids, 2}
    };
    struct person p = {.number = 1, .name = "Anna", .email = "a@b", .job = "Boss"};

    (void)state;
    bench_open(&t);
    assert_string_equal(entity_canonical(t.a, &test_asset, &a, false),
                        "c=2\ncarries=3,20\nin_scope=0\nmedia=0\nname=a=b\\nc\\\\d\nnumber=7\n"
                        "personal_data=0\ntype=srv\n");
    assert_string_equal(entity_canonical(t.a, &test_asset, &a, true), "");
    assert_string_equal(entity_canonical(t.a, &test_person, &p, false),
                        "external=0\njob=Boss\nnumber=1\n");
    assert_string_equal(entity_canonical(t.a, &test_person, &p, true), "email=a@b\nname=Anna\n");
    bench_close(&t);
}

static void history_reads_back(void **state)
{
    struct bench t;
    struct asset disk, box;
    struct history_row *h;
    const char *first, *second, *live;
    size_t n;
    void *list;

    (void)state;
    bench_open(&t);
    new_asset(&t, "Disk", &disk);
    new_asset(&t, "Box", &box);
    first = entity_canonical(t.a, &test_asset, &box, false);
    bench_commit(&t);
    box.carries = (struct ids){&disk.id, 1};
    box.c = 1;
    write_ok(&t, &test_asset, &box);
    second = entity_canonical(t.a, &test_asset, &box, false);
    bench_commit(&t);
    assert_ok(entity_history_page(&t.w, &test_asset, disk.id, 1, 10, &h, &n));
    assert_int_equal(n, 2);
    assert_string_equal(entity_canonical(t.a, &test_asset, h[0].record, false), first);
    assert_string_equal(entity_canonical(t.a, &test_asset, h[1].record, false), second);
    assert_int_equal(h[0].valid_to, h[1].valid_from);
    assert_int_equal(h[1].valid_to, HISTORY_OPEN);
    assert_true(h[0].log_idx < h[1].log_idx);
    assert_ok(entity_history_page(&t.w, &test_asset, 0, 0, 2, &h, &n));
    assert_int_equal(n, 2);
    assert_int_equal(((struct asset *)h[0].record)->id, disk.id);
    assert_ok(entity_live_page(&t.w, &test_asset, disk.id, 10, &list, &n));
    assert_int_equal(n, 1);
    live = entity_canonical(t.a, &test_asset, list, false);
    assert_string_equal(live, second);
    bench_close(&t);
}

static const struct change *change_of(const struct version *v, const char *field)
{
    for (size_t i = 0; i < v->nchanges; i++)
        if (text_equal(v->changes[i].field->name, field))
            return &v->changes[i];
    return NULL;
}

static void tells_versions(void **state)
{
    struct bench t;
    struct asset disk, box;
    struct version *v;
    size_t n;

    (void)state;
    bench_open(&t);
    new_asset(&t, "Disk", &disk);
    new_asset(&t, "Box", &box);
    bench_commit(&t);
    box.state = "left";
    box.carries = (struct ids){&disk.id, 1};
    write_ok(&t, &test_asset, &box);
    bench_commit(&t);
    assert_ok(entity_remove(&t.w, &test_asset, box.id, 2, "sold"));
    bench_commit(&t);
    assert_ok(entity_restore(&t.w, &test_asset, box.id));
    bench_commit(&t);
    assert_ok(entity_versions(&t.w, &test_asset, box.id, &v, &n));
    assert_int_equal(n, 4);
    assert_string_equal(v[0].action, "restore");
    assert_int_equal(v[0].version, 3);
    assert_int_equal(v[0].nchanges, 0);
    assert_string_equal(v[1].action, "remove");
    assert_string_equal(v[1].reason, "sold");
    assert_int_equal(v[1].version, 2);
    assert_string_equal(v[2].action, "change");
    assert_string_equal(v[2].reason, "because");
    assert_int_equal(v[2].nchanges, 2);
    assert_string_equal(change_of(&v[2], "state")->before, "Active");
    assert_string_equal(change_of(&v[2], "state")->after, "Has left");
    assert_string_equal(change_of(&v[2], "carries")->before, "");
    assert_string_equal(change_of(&v[2], "carries")->after, "Disk");
    assert_string_equal(v[3].action, "create");
    assert_string_equal(change_of(&v[3], "name")->after, "Box");
    assert_true(strlen(v[3].who) > 0);
    assert_true(v[0].at > v[3].at);
    bench_close(&t);
}

static void header_follows(void **state)
{
    struct bench t;
    struct person p = {.name = "Anna", .state = "active"};
    struct rows *r;

    (void)state;
    bench_open(&t);
    write_ok(&t, &test_person, &p);
    p.name = "Anne";
    p.state = "left";
    write_ok(&t, &test_person, &p);
    assert_ok(db_query(t.w.db, &r,
                       "select kind, number, title, state, version from record"
                       " where org_id = $1 and id = $2",
                       num(t.w.org), num(p.id)));
    assert_true(row_next(r));
    assert_string_equal(row_text(r, 0), "person");
    assert_int_equal(row_num(r, 1), 1);
    assert_string_equal(row_text(r, 2), "Anne");
    assert_string_equal(row_text(r, 3), "left");
    assert_int_equal(row_num(r, 4), 2);
    bench_close(&t);
}

static void as_of_computes_derived(void **state)
{
    struct bench t;
    struct asset box, then;
    struct rows *r;
    i64 at;

    (void)state;
    bench_open(&t);
    new_asset(&t, "Box", &box);
    box.c = 3;
    write_ok(&t, &test_asset, &box);
    bench_commit(&t);
    assert_ok(db_query(t.w.db, &r,
                       "select valid_from from asset_history where org_id = $1"
                       " and id = $2 order by version desc limit 1",
                       num(t.w.org), num(box.id)));
    assert_true(row_next(r));
    at = row_num(r, 0);
    box.c = 2;
    box.name = "Crate";
    write_ok(&t, &test_asset, &box);
    bench_commit(&t);
    db_rollback(t.w.db);
    assert_ok(db_asof(t.w.db, at));
    t.w.asof = at;
    assert_ok(entity_load(&t.w, &test_asset, box.id, &then));
    assert_string_equal(then.name, "Box");
    assert_int_equal(then.value, 3);
    assert_err(entity_write(&t.w, &test_asset, &then, NULL, &t.out), ERR_FAULT);
    assert_ok(db_asof(t.w.db, 0));
    assert_ok(db_begin(t.w.db, DB_BEGIN_WRITE));
    bench_close(&t);
}

/* clang-format off */
const struct test_case entity_tests[] = {
    TEST("a record survives form, save, load, JSON unchanged", survives_the_round),
    TEST("a field points to a record of any kind by its number, and keeps it when that is removed",
         points_to_any_record),
    TEST("of a record that a person may not see, only the number is told", names_nothing_hidden),
    TEST("people, numbers, amounts and times survive saving", survives_people),
    TEST("values are shown as people read them", shows_values),
    TEST("a bad value gives a sentence and changes nothing", refuses_each_kind),
    TEST("a long bad value is quoted shortened", shortens_quotes),
    TEST("internal, derived, secret and unknown names are refused", refuses_names),
    TEST("a fixed field cannot be changed later", fixed_stays),
    TEST("a form gives fields of the entity only, boxes joined", reads_forms),
    TEST("an owner may see what concerns him, another employee not", owner_sees_his_own),
    TEST("a grant opens one record to a person or role until its day", grants_open_one_record),
    TEST("the canonical text is sorted and escaped, personal data apart", canonical_form),
    TEST("history and live rows give the canonical text that was logged", history_reads_back),
    TEST("versions say who changed what, when and why, newest first", tells_versions),
    TEST("the header of a record follows it", header_follows),
    TEST("derived columns of a past day are computed", as_of_computes_derived),
    TEST_END,
};
/* clang-format on */
