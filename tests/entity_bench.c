/* SPDX-License-Identifier: Apache-2.0 */
#include "entity_bench.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "store.h"

/* --- entities of the test --- */

static const struct permission see_assets = {"test.see", "See test assets"}; /* nobody holds it */

static const struct field unit_fields[] = {
    TEXT(unit, name, "Name", .required = true),
    REF(unit, parent, "Part of", test_unit),
    REF(unit, head, "Head", test_person),
    LONG(unit, note, "Note"),
};
const struct entity test_unit =
    ENTITY(unit, unit_fields, .plural = "units", .label = "Unit", .labels = "Units", .prefix = "U",
           .title = "name", .read = &member, .write = &member);

static const struct choice states[] = {
    {"active", "Active", "green"},
    {"left", "Has left", "grey"},
    {.code = NULL  }
};

static const struct field person_fields[] = {
    TEXT(person, name, "Name", .required = true, .personal = true),
    EMAIL(person, email, "E-mail", .personal = true),
    TEXT(person, job, "Job", .max = 20),
    REF(person, unit, "Unit", test_unit),
    BOOL(person, external, "External"),
    CHOICE(person, state, "State", states, .required = true),
    DATE(person, joined, "Joined", .fixed = true),
    DATE(person, left_on, "Left on"),
    INT(person, account, "Account", .internal = true, .least = 1, .most = 1LL << 62),
    LONG(person, note, "Note", .max = 100),
};
const struct entity test_person =
    ENTITY(person, person_fields, .plural = "people", .label = "Person", .labels = "People",
           .prefix = "P", .title = "name", .state = "state", .read = &member, .write = &member);

static const struct field pointer_fields[] = {
    TEXT(person, name, "Name", .required = true),
    CHOICE(person, state, "State", states, .required = true),
    RECORD_REF(person, account, "About"),
};
const struct entity test_pointer =
    ENTITY(person, pointer_fields, .plural = "people", .label = "Pointer", .labels = "Pointers",
           .prefix = "P", .title = "name", .read = &member, .write = &member);

static const struct choice media[] = {
    {"paper", "On paper", NULL},
    {"file",   "In files", NULL},
    {"talk",  "Spoken", NULL},
    {.code = NULL  }
};

static const struct field asset_fields[] = {
    TEXT(asset, name, "Name", .required = true),
    CODE(asset, type, "Type", "asset_types", .required = true),
    LONG(asset, description, "Description"),
    REF(asset, owner, "Owner", test_person, .concerns = true),
    SET(asset, media, "Media", media),
    LEVEL(asset, c, "Confidentiality", .least = 1, .most = 4),
    LEVEL(asset, i, "Integrity", .least = 1, .most = 4),
    LEVEL(asset, a, "Availability", .least = 1, .most = 4),
    BOOL(asset, in_scope, "In scope"),
    BOOL(asset, personal_data, "Personal data"),
    REFS(asset, carries, "Carries", test_asset),
    CHOICE(asset, state, "State", states, .required = true),
    LEVEL(asset, value, "Value", .derived = true),
};

static void asset_check(const void *record, struct issues *out)
{
    const struct asset *a = record;

    if (a->c == 4 && text_empty(a->description))
        issue(out, "description", "Say why this is so secret.");
}

/* The highest of its own levels and of the values of what it carries. */
static struct err *asset_derive(struct web *w, void *record, struct issues *out)
{
    struct asset *a = record;
    struct rows *r;

    (void)out;
    a->value = a->c > a->i ? a->c : a->i;
    a->value = a->a > a->value ? a->a : a->value;
    for (size_t k = 0; k < a->carries.count; k++) {
        TRY(db_query(w->db, &r, "select value from asset where org_id = $1 and id = $2",
                     num(w->org), num(a->carries.id[k])));
        if (row_next(r) && row_num(r, 0) > a->value)
            a->value = row_num(r, 0);
    }
    return NULL;
}

static struct err *asset_spread(struct web *w, const void *record)
{
    const struct asset *a = record;
    struct rows *r;

    TRY(db_query(w->db, &r, "select record from asset_carries where org_id = $1 and target = $2",
                 num(w->org), num(a->id)));
    while (row_next(r))
        TRY(entity_rederive(w, &test_asset, row_num(r, 0)));
    return NULL;
}

const struct entity test_asset =
    ENTITY(asset, asset_fields, .plural = "assets", .label = "Asset", .labels = "Assets",
           .prefix = "A", .title = "name", .state = "state", .read = &member, .write = &member,
           .check = asset_check, .derive = asset_derive, .spread = asset_spread);
/* The same for somebody who may not see all assets. */
const struct entity test_hidden_asset =
    ENTITY(asset, asset_fields, .plural = "assets", .label = "Asset", .labels = "Assets",
           .prefix = "A", .title = "name", .state = "state", .read = &see_assets, .write = &member);

static const struct field profile_fields[] = {
    TEXT(profile, title, "Title", .required = true),
    INT(profile, headcount, "Headcount", .least = 1, .most = 100000),
    MONEY(profile, revenue, "Revenue"),
    TIME(profile, practice, "Practice", .internal = true),
    TEXT(profile, deadline, "Deadline", .secret = true),
};

static struct err *profile_depends(struct web *w, i64 id, struct issues *out)
{
    (void)w;
    (void)id;
    issue(out, "", "The suggestions come from it.");
    return NULL;
}

const struct entity test_profile =
    ENTITY(profile, profile_fields, .plural = "profiles", .label = "Profile", .labels = "Profiles",
           .prefix = "Q", .title = "title", .read = &member, .write = &member, .reason = true,
           .depends = profile_depends);

/* --- the bench --- */

void bench_open(struct bench *t)
{
    const char *url;

    memset(t, 0, sizeof(*t));
    t->a = arena_new(0);
    assert_ok(store_ready(t->a, &url));
    assert_ok(db_open(&(struct db_config){.url = url, .mode = DB_WRITE}, &t->w.db));
    db_use_arena(t->w.db, t->a);
    t->w.arena = t->out.arena = t->a;
    t->w.face = FACE_COMMAND;
    t->w.actor = "cli:test";
    t->w.today = "2026-03-01";
    t->w.now = clock_now();
    t->w.writable = true;
    for (t->w.org = 6; t->w.org >= 5; t->w.org--) {
        assert_ok(db_begin(t->w.db, DB_BEGIN_WRITE));
        assert_ok(trail_create(&t->w, t->w.org));
        assert_ok(db_commit(t->w.db));
    }
    t->w.org = 5;
    assert_ok(db_begin(t->w.db, DB_BEGIN_WRITE));
}

void bench_commit(struct bench *t)
{
    assert_ok(trail_tail(&t->w));
    t->w.trail = NULL;
    assert_ok(db_commit(t->w.db));
    assert_ok(db_begin(t->w.db, DB_BEGIN_WRITE));
}

void bench_undo(struct bench *t)
{
    t->w.trail = NULL;
    db_rollback(t->w.db);
    assert_ok(db_begin(t->w.db, DB_BEGIN_WRITE));
}

void bench_close(struct bench *t)
{
    db_rollback(t->w.db);
    db_close(t->w.db);
    arena_free(t->a);
}

i64 bench_count(struct bench *t, const char *sql, i64 id)
{
    struct rows *r;

    assert_ok(db_query_text(t->w.db, &r, sql, DB_VALS(num(t->w.org), num(id)), 2));
    assert_true(row_next(r));
    return row_num(r, 0);
}

/* Applies one value and gives the sentence about it, or NULL. */
const char *apply(struct bench *t, const struct entity *e, void *record, const char *name,
                  const char *value)
{
    struct input one = {name, value};

    t->out.count = 0;
    assert_ok(entity_apply(&t->w, e, record, (struct inputs){&one, 1}, true, &t->out));
    return issue_of(&t->out, name);
}

void write_ok(struct bench *t, const struct entity *e, void *record)
{
    t->out.count = 0;
    assert_ok(entity_write(&t->w, e, record, "because", &t->out));
    if (t->out.count)
        fail_msg("%s: %s", t->out.list[0].field, t->out.list[0].text);
}

i64 new_person(struct bench *t, const char *name)
{
    struct person p = {.name = name, .state = "active"};

    write_ok(t, &test_person, &p);
    return p.id;
}

void new_asset(struct bench *t, const char *name, struct asset *a)
{
    *a = (struct asset){.name = name, .type = "server", .state = "active"};
    write_ok(t, &test_asset, a);
}

void add_type(struct bench *t, const char *code, const char *label, i64 retired)
{
    assert_ok(db_exec(t->w.db,
                      "insert into catalogue (kind, code, position, label, data, retired)"
                      " values ('asset_types', $1, 1, $2, '{}', $3)",
                      str(code), str(label), num(retired)));
}
