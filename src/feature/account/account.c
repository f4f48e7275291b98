/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts, tokens and one-time links: rules and storage. The pages are in account_web.c. */
#include "feature/account/account.h"

#include <string.h>

#include "base/clock.h"
#include "base/crypt.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/language.h"
#include "core/permit.h"
#include "core/trail.h"

const struct permission account_manage = {"account.manage", "Invite people and manage accounts"};
const struct permission token_own = {"token.own", "Have API tokens of one's own"};

static const struct choice states[] = {
    {"active",   "Active", "green"},
    {"disabled",   "Disabled", "grey"},
    {0}
};

static const struct field account_fields[] = {
    EMAIL(account, email, "E-mail", .required = true, .personal = true, .unfolded = true),
    TEXT(account, email_key, "E-mail, folded", .internal = true, .personal = true,
         .unfolded = true),
    TEXT(account, name, "Name", .required = true, .personal = true, .unfolded = true),
    CHOICE(account, state, "State", states, .internal = true),
    TEXT(account, password, "Password", .internal = true, .secret = true, .max = 400),
    INT(account, epoch, "Epoch", .internal = true),
    BOOL(account, operator, "Operator", .internal = true),
    CHOICE(account, language, "Language", language_choices, .internal = true, .unfolded = true),
    TEXT(account, zone, "Time zone", .internal = true, .unfolded = true, .max = 60),
};

const struct entity account_entity =
    ENTITY(account, account_fields, .plural = "accounts", .label = "Account", .labels = "Accounts",
           .prefix = "ACC", .title = "name", .state = "state", .read = &account_manage,
           .write = &account_manage, .no_api = true, .no_pages = true, .site = true);

static const struct choice scopes[] = {
    {"read",  "Read", "grey"},
    {"write", "Read and write", "blue"},
    {0}
};
static const struct choice token_states[] = {
    {"active",  "Active", "green"},
    {"revoked",  "Revoked", "grey"},
    {0}
};

static const struct field token_fields[] = {
    TEXT(token, name, "Name", .required = true, .unfolded = true),
    TEXT(token, token_hash, "Hash", .internal = true, .secret = true, .unfolded = true),
    REF(token, account, "Account", account_entity, .internal = true),
    INT(token, organisation, "Organisation", .internal = true),
    CHOICE(token, scope, "Scope", scopes, .internal = true),
    INT(token, epoch, "Epoch", .internal = true),
    DATE(token, expires, "Expires"),
    CHOICE(token, state, "State", token_states, .internal = true),
};

const struct entity token_entity =
    ENTITY(token, token_fields, .plural = "tokens", .label = "API token", .labels = "API tokens",
           .prefix = "TOK", .title = "name", .state = "state", .read = &token_own,
           .write = &token_own, .no_api = true, .no_pages = true, .site = true);

/* The handler itself has checked a one-time link or a password: for this write it acts with all
 * rights. */
static struct err *write_as_system(struct web *w, const struct entity *e, void *record)
{
    u64 before[RIGHTS_WORDS];
    struct issues issues = {.arena = w->arena};
    struct err *failed;

    memcpy(before, w->rights, sizeof(before));
    permit_all(w->rights);
    failed = entity_write(w, e, record, NULL, &issues);
    memcpy(w->rights, before, sizeof(before));
    if (!failed && issues.count)
        failed = err_new(ERR_INVALID, "%s", issues.list[0].text);
    return failed;
}

static struct err *load_account(struct web *w, i64 id, struct account *out)
{
    u64 before[RIGHTS_WORDS];
    struct err *failed;

    memcpy(before, w->rights, sizeof(before));
    permit_all(w->rights);
    failed = entity_load(w, &account_entity, id, out);
    memcpy(w->rights, before, sizeof(before));
    return failed;
}

struct err *account_create(struct web *w, const struct account *given, i64 *out)
{
    struct account a = {.email = text_trim(w->arena, given->email),
                        .name = text_trim(w->arena, given->name),
                        .state = "active",
                        .password = given->password,
                        .epoch = 1,
                        .operator= given->operator};
    struct rows *r;

    if (!text_email(a.email))
        return err_new(ERR_INVALID, "“%.80s” is not an e-mail address.", a.email);
    a.email_key = text_fold(w->arena, a.email);
    TRY(db_query(w->db, &r, "select id from account where org_id = $1 and email_key = $2", num(0),
                 str(a.email_key)));
    if (row_next(r))
        return err_new(ERR_CLASH, "There is already an account for “%.80s”.", a.email);
    TRY(write_as_system(w, &account_entity, &a));
    *out = a.id;
    return NULL;
}

/* --- passwords --- */

static const char *const worn[] = {
    "123456789012",    "1234567890123",  "password1234", "passwordpassword", "qwertyuiop12",
    "administrator",   "letmeinletmein", "iloveyou1234", "welcome12345",     "changeme1234",
    "adminadminadmin", "qwerty123456",   "000000000000", "111111111111",     "aaaaaaaaaaaa",
};

struct err *account_hash(struct arena *a, const char *email, const char *password,
                         const char **hash)
{
    char *made;
    const char *folded;

    if (!password || text_length(password) < 12)
        return err_new(ERR_INVALID, "The password needs at least 12 characters. A sentence that "
                                    "only you know works well.");
    if (strlen(password) > 1000)
        return err_new(ERR_INVALID, "The password may have 1,000 characters at most.");
    folded = text_fold(a, password);
    if (email && text_equal(folded, text_fold(a, email)))
        return err_new(ERR_INVALID, "The password may not be the e-mail address.");
    for (size_t i = 0; i < COUNT_OF(worn); i++)
        if (text_equal(folded, worn[i]))
            return err_new(ERR_INVALID, "This password is one of the first that attackers try. "
                                        "Please choose another.");
    TRY(password_hash(a, password, &made));
    *hash = made;
    return NULL;
}

static struct err *create_first(struct web *w, void *ctx)
{
    i64 id;

    return account_create(w, ctx, &id);
}

struct err *account_create_first(struct web *w, const char *email, const char *name,
                                 const char *password)
{
    struct account first = {.email = email, .name = name, .operator= 1 };

    TRY(account_hash(w->arena, email, password, &first.password));
    return app_write(w, create_first, &first);
}

/* --- one-time links --- */

struct link {
    const char *purpose, *token;
    i64 account, organisation, person, life;
};

static struct err *insert_link(struct web *w, void *ctx)
{
    struct link *l = ctx;
    unsigned char hash[DIGEST_SIZE];

    l->token = crypt_token(w->arena, 24);
    crypt_sha256(l->token, strlen(l->token), hash);
    return db_exec(w->db,
                   "insert into one_time_link (org_id, id, token_hash, purpose, account,"
                   " organisation, person, created, expires, used)"
                   " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)",
                   num(0), num(web_id()), blob(hash, sizeof(hash)), str(l->purpose),
                   num(l->account), num(l->organisation), num(l->person), num(w->now),
                   num(w->now + l->life));
}

struct err *account_setup_link(struct web *w, const char **path)
{
    struct link l = {.purpose = "setup", .life = HOUR};

    TRY(app_write(w, insert_link, &l));
    *path = arena_printf(w->arena, "/setup/%s", l.token);
    return NULL;
}

struct err *account_invite(struct web *w, i64 person, const char **path)
{
    struct link l = {
        .purpose = "invite", .organisation = w->org, .person = person, .life = 7 * DAY};
    struct rows *r;

    TRY(db_query(w->db, &r, "select account, email, name from person where org_id = $1 and id = $2",
                 num(w->org), num(person)));
    if (!row_next(r))
        return err_new(ERR_MISSING, "There is no such person.");
    if (row_null(r, 1))
        return err_new(ERR_INVALID,
                       "Give %.60s an e-mail address first: it is the name to sign in "
                       "with.",
                       row_text(r, 2));
    if (row_num(r, 0)) {
        l.purpose = "reset";
        l.account = row_num(r, 0);
        l.life = HOUR;
    }
    TRY(insert_link(w, &l));
    trail_event(w, l.account ? "account.reset-link" : "account.invite", "person", person, NULL);
    *path = arena_printf(w->arena, "/%s/%s", l.purpose, l.token);
    return NULL;
}

struct err *account_join(struct web *w, i64 account, i64 organisation, i64 person)
{
    return db_exec(w->db,
                   "insert into member (org_id, account, organisation, person)"
                   " values ($1, $2, $3, $4) on conflict (org_id, account, organisation)"
                   " do update set person = excluded.person",
                   num(0), num(account), num(organisation), num(person));
}

/* The secret addresses of calendars are as good as a session. */
static struct err *end_feeds(struct web *w, i64 account)
{
    return db_exec(w->db, "delete from calendar_feed where org_id = $1 and account = $2", num(0),
                   num(account));
}

struct err *account_revoke(struct web *w, i64 account)
{
    struct account a;

    TRY(load_account(w, account, &a));
    a.epoch++;
    TRY(end_feeds(w, account));
    return write_as_system(w, &account_entity, &a);
}

struct err *account_leave(struct web *w, i64 account, i64 organisation)
{
    return db_exec(w->db,
                   "delete from member where org_id = $1 and account = $2 and organisation = $3",
                   num(0), num(account), num(organisation));
}

struct err *account_erase(struct web *w, i64 account, i64 *keep)
{
    struct account a;
    const char *email;

    *keep = 0;
    TRY(load_account(w, account, &a));
    email = arena_printf(w->arena, "erased-%lld@account.invalid", a.number);
    if (text_equal(a.email, email)) {
        *keep = a.version;
        return NULL;
    }
    TRY(db_exec(w->db, "delete from session where org_id = $1 and account = $2", num(0),
                num(account)));
    TRY(db_exec(w->db, "delete from one_time_link where org_id = $1 and account = $2", num(0),
                num(account)));
    a.email = a.email_key = email;
    a.name = "Erased person";
    a.password = NULL;
    a.state = "disabled";
    a.epoch++;
    return write_as_system(w, &account_entity, &a);
}

/* --- tokens --- */

struct err *token_create(struct web *w, const struct token *given, const char **clear)
{
    const char *secret = arena_printf(w->arena, "cairn_%s", crypt_token(w->arena, 32));
    struct account a;
    struct token t = {.name = given->name,
                      .account = given->account,
                      .organisation = given->organisation,
                      .scope = given->scope,
                      .state = "active"};
    unsigned char hash[DIGEST_SIZE];

    TRY(load_account(w, given->account, &a));
    crypt_sha256(secret, strlen(secret), hash);
    t.token_hash = crypt_hex(w->arena, hash, sizeof(hash));
    t.epoch = a.epoch;
    TRY(write_as_system(w, &token_entity, &t));
    *clear = secret;
    return NULL;
}

struct err *token_revoke(struct web *w, i64 account, i64 id)
{
    u64 before[RIGHTS_WORDS];
    struct token t;
    struct err *failed;

    memcpy(before, w->rights, sizeof(before));
    permit_all(w->rights);
    failed = entity_load(w, &token_entity, id, &t);
    memcpy(w->rights, before, sizeof(before));
    TRY(failed);
    if (t.account != account)
        return err_new(ERR_MISSING, "There is no such token.");
    t.state = "revoked";
    return write_as_system(w, &token_entity, &t);
}

struct err *account_set_password(struct web *w, i64 account, const char *hash)
{
    struct account a;

    TRY(load_account(w, account, &a));
    a.password = hash;
    a.epoch++;
    TRY(end_feeds(w, account));
    return write_as_system(w, &account_entity, &a);
}

struct err *account_set_own(struct web *w, i64 account, const char *language, const char *zone)
{
    struct account a;

    TRY(load_account(w, account, &a));
    a.language = text_empty(language) ? NULL : language;
    a.zone = text_empty(zone) ? NULL : zone;
    return write_as_system(w, &account_entity, &a);
}

struct err *account_rehash(struct web *w, i64 account, const char *hash)
{
    struct account a;

    TRY(load_account(w, account, &a));
    a.password = hash;
    return write_as_system(w, &account_entity, &a);
}

struct err *account_link_person(struct web *w, i64 organisation, i64 person, i64 account)
{
    const struct entity *e = feature_entity("person");
    struct web other = *w;
    struct err *failed;
    void *record = arena_alloc(w->arena, e->size);

    other.trail = NULL;
    permit_all(other.rights);
    TRY(web_enter_org(&other, organisation));
    TRY(entity_load(&other, e, person, record));
    field_set_num(entity_field(e, "account"), record, account);
    failed = write_as_system(&other, e, record);
    return failed ? failed : trail_tail(&other);
}

bool account_next_safe(const char *next)
{
    if (!next || next[0] != '/' || next[1] == '/' || strstr(next, "..") || strlen(next) > 2000)
        return false;
    for (const char *p = next; *p; p++)
        if (*p == '\\' || (unsigned char)*p <= 0x20 || *p == 0x7f)
            return false;
    return true;
}
