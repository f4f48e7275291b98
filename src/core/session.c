/* SPDX-License-Identifier: Apache-2.0 */
/* Who is asking: sessions by cookie, API tokens by header, then organisation, person and rights. */
#include "core/session.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypt.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/permit.h"
#include "core/seen.h"
#include "core/trail.h"

#define IDLE (60 * MINUTE)
#define ABSOLUTE (12 * HOUR)

static const char *cookie_name(const struct app *app)
{
    return app->secure_cookies ? "__Host-cairn" : "cairn";
}

static const char *pre_name(const struct app *app)
{
    return app->secure_cookies ? "__Host-cairn-pre" : "cairn-pre";
}

static void set_cookie(struct web *w, const char *name, const char *value, bool end)
{
    web_header(w, "Set-Cookie",
               arena_printf(w->arena, "%s=%s; Path=/; HttpOnly; SameSite=Lax%s%s", name, value,
                            w->app->secure_cookies ? "; Secure" : "", end ? "; Max-Age=0" : ""));
}

static void hash_token(const char *token, unsigned char out[DIGEST_SIZE])
{
    crypt_sha256(token, strlen(token), out);
}

/* Before login the token binds the form to this browser: a keyed digest of a random cookie. */
static const char *pre_csrf(struct web *w, const char *cookie)
{
    char *text = arena_printf(
        w->arena, "%s|%s", crypt_hex(w->arena, w->app->csrf_key, sizeof(w->app->csrf_key)), cookie);
    unsigned char d[DIGEST_SIZE];

    hash_token(text, d);
    return crypt_hex(w->arena, d, 16);
}

static void resolve_nobody(struct web *w)
{
    const char *cookie = w->req ? pairs_get(&w->req->cookies, pre_name(w->app)) : NULL;

    if (!cookie || strlen(cookie) < 20) {
        cookie = crypt_token(w->arena, 16);
        if (w->req && w->req->method == METHOD_GET)
            set_cookie(w, pre_name(w->app), cookie, false);
    }
    w->csrf = pre_csrf(w, cookie);
}

static bool session_alive(struct web *w, const struct rows *r)
{
    i64 id = row_num(r, 0), seen = row_num(r, 8), expires = row_num(r, 9);
    i64 latest = seen_get(w->app, id);

    if (latest > seen)
        seen = latest;
    return row_num(r, 2) == row_num(r, 3) && text_equal(row_str(r, 6), "active") &&
           w->now < expires && w->now - seen < IDLE;
}

/* Cookie -> session, account, and (for a slug) organisation and membership. */
static struct err *resolve_cookie(struct web *w, const char *token, const char *slug, i64 *org)
{
    unsigned char hash[DIGEST_SIZE];
    struct rows *r;

    hash_token(token, hash);
    TRY(db_query(w->db, &r,
                 "select s.id, s.account, s.epoch, a.epoch, a.email, a.name, a.state, s.csrf,"
                 " s.seen, s.expires, a.operator, d.organisation, m.person,"
                 " a.language, a.zone"
                 " from session s join account a on a.org_id = s.org_id and a.id = s.account"
                 " left join directory d on d.org_id = s.org_id and d.slug = $3"
                 " left join member m on m.org_id = s.org_id and m.account = s.account"
                 " and m.organisation = d.organisation"
                 " where s.org_id = $1 and s.token_hash = $2",
                 num(0), blob(hash, sizeof(hash)), str(slug ? slug : "")));
    if (!row_next(r) || !session_alive(w, r)) {
        resolve_nobody(w);
        return NULL;
    }
    w->session = row_num(r, 0);
    w->account = row_num(r, 1);
    w->epoch = row_num(r, 3);
    w->account_email = row_str(r, 4);
    w->person_name = row_str(r, 5);
    w->csrf = row_str(r, 7);
    w->language = row_str(r, 13);
    w->own_zone = row_str(r, 14);
    w->operator_token = row_num(r, 10) != 0;
    w->actor = arena_printf(w->arena, "account:%lld", w->account);
    seen_set(w->app, w->session, w->now);
    if (!row_null(r, 12)) {
        *org = row_num(r, 11);
        w->person = row_num(r, 12);
    }
    return NULL;
}

static const char *bearer(const struct web *w)
{
    const char *text = request_header(w->req, "Authorization");

    return text && text_starts(text, "Bearer ") ? text + 7 : NULL;
}

static struct err *token_refused(void)
{
    return err_new(ERR_LOGIN, "The API needs a valid bearer token. Make one with `cairn token "
                              "create` or on your account page.");
}

static struct err *resolve_bearer(struct web *w, const char *token, i64 *org, const char **scope)
{
    unsigned char hash[DIGEST_SIZE];
    struct rows *r;

    hash_token(token, hash);
    TRY(db_query(w->db, &r,
                 "select t.id, t.account, t.epoch, a.epoch, a.email, a.name, a.state,"
                 " t.organisation, t.scope, t.expires, t.state, a.operator, m.person, d.slug"
                 " from token t join account a on a.org_id = t.org_id and a.id = t.account"
                 " left join member m on m.org_id = t.org_id and m.account = t.account"
                 " and m.organisation = t.organisation"
                 " left join directory d on d.org_id = t.org_id and d.organisation = t.organisation"
                 " where t.org_id = $1 and t.token_hash = $2",
                 num(0), str(crypt_hex(w->arena, hash, sizeof(hash)))));
    if (!row_next(r) || row_num(r, 2) != row_num(r, 3) || !text_equal(row_str(r, 6), "active") ||
        !text_equal(row_str(r, 10), "active") ||
        (!row_null(r, 9) && strcmp(row_str(r, 9), clock_date(w->arena, w->now, NULL)) < 0))
        return token_refused();
    w->session = row_num(r, 0);
    w->account = row_num(r, 1);
    w->epoch = row_num(r, 3);
    w->account_email = row_str(r, 4);
    w->person_name = row_str(r, 5);
    w->actor = arena_printf(w->arena, "account:%lld", w->account);
    *scope = row_str(r, 8);
    *org = row_num(r, 7);
    w->operator_token = *org == 0 && row_num(r, 11) != 0;
    if (*org && row_null(r, 12))
        return token_refused();
    w->person = row_num(r, 12);
    w->slug = row_str(r, 13);
    return NULL;
}

static bool holds_today(const struct web *w, const struct rows *r)
{
    const char *from = row_str(r, 7), *until = row_str(r, 8);

    return from && strcmp(from, w->today) <= 0 && (!until || strcmp(until, w->today) >= 0);
}

/* Organisation, person and the rights of the roles held today. */
static struct err *resolve_org(struct web *w, i64 org)
{
    struct rows *r;

    memset(w->rights, 0, sizeof(w->rights));
    TRY(db_query(w->db, &r,
                 "select o.name, o.zone, o.language, o.slug, p.name, p.state, h.role, h.from_date,"
                 " h.until, f.n, o.currency from organisation o"
                 " left join audit_frontier f on f.org_id = o.org_id"
                 " left join person p on p.org_id = o.org_id and p.id = $2"
                 " left join role_holder h on h.org_id = o.org_id and h.person = p.id"
                 " where o.org_id = $1",
                 num(org), num(w->person)));
    if (!row_next(r) || (w->person && !text_equal(row_str(r, 5), "active")))
        return err_new(ERR_MISSING, "There is no page at this address.");
    w->org = org;
    w->changes = w->writable || row_null(r, 9) ? 0 : row_num(r, 9) + 1;
    w->org_name = row_str(r, 0);
    w->zone = row_str(r, 1);
    if (text_empty(w->language))
        w->language = row_str(r, 2);
    w->slug = row_str(r, 3);
    w->currency = row_str(r, 10);
    w->today = clock_date(w->arena, w->now, w->zone);
    if (w->person) {
        w->person_name = row_str(r, 4);
        w->actor = arena_printf(w->arena, "person:%lld", w->person);
    }
    do {
        if (!row_null(r, 6) && holds_today(w, r))
            permit_add_role(w->app, row_str(r, 6), w->rights);
    } while (row_next(r));
    return NULL;
}

static struct err *resolve_api(struct web *w)
{
    const char *token = bearer(w), *scope = NULL;
    i64 org = 0;

    if (!token)
        return token_refused();
    TRY(resolve_bearer(w, token, &org, &scope));
    if (org)
        TRY(resolve_org(w, org));
    else
        w->today = clock_date(w->arena, w->now, NULL);
    if (w->req->method != METHOD_GET && w->req->method != METHOD_HEAD &&
        !text_equal(scope, "write"))
        return err_new(ERR_DENIED, "This token may only read. Make one with the scope “write”.");
    return NULL;
}

struct err *session_resolve(struct web *w, const char *slug)
{
    const char *token;
    i64 org = 0;

    w->account = w->session = w->person = w->org = w->changes = 0;
    w->language = w->own_zone = NULL;
    w->operator_token = false;
    if (w->face == FACE_API)
        return w->route && w->route->permission == &anyone ? NULL : resolve_api(w);
    token = pairs_get(&w->req->cookies, cookie_name(w->app));
    if (token && *token)
        TRY(resolve_cookie(w, token, slug, &org));
    else
        resolve_nobody(w);
    if (!slug) {
        w->slug = NULL;
        w->today = clock_date(w->arena, w->now, NULL);
        return NULL;
    }
    if (!w->account)
        return err_new(ERR_LOGIN, "Please sign in first.");
    if (!org)
        return err_new(ERR_MISSING, "There is no page at this address.");
    return resolve_org(w, org);
}

struct err *session_as_person(struct web *w, i64 org, i64 person)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select a.id, a.epoch, a.email, a.language, a.zone from member m join account a"
                 " on a.org_id = m.org_id and a.id = m.account where m.org_id = $1"
                 " and m.organisation = $2 and m.person = $3 and a.state = 'active'",
                 num(0), num(org), num(person)));
    w->person = person;
    w->operator_token = false;
    if (!row_next(r) || resolve_org(w, org))
        return err_new(ERR_DENIED, "The person who started this has no access any more.");
    w->account = row_num(r, 0);
    w->epoch = row_num(r, 1);
    w->account_email = row_str(r, 2);
    if (!row_null(r, 3))
        w->language = row_str(r, 3);
    w->own_zone = row_str(r, 4);
    return NULL;
}

struct err *session_enter(struct web *w, i64 account, i64 org)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select m.person, a.email, a.epoch, a.language, a.zone from member m"
                 " join account a on a.org_id = m.org_id and a.id = m.account where m.org_id = $1"
                 " and m.account = $2 and m.organisation = $3 and a.state = 'active'",
                 num(0), num(account), num(org)));
    if (!row_next(r))
        return err_new(ERR_MISSING, "There is no page at this address.");
    w->account = account;
    w->person = row_num(r, 0);
    w->account_email = row_str(r, 1);
    w->epoch = row_num(r, 2);
    TRY(resolve_org(w, org));
    if (!row_null(r, 3))
        w->language = row_str(r, 3);
    w->own_zone = row_str(r, 4);
    return NULL;
}

bool session_csrf_valid(struct web *w, const char *token)
{
    const char *mine = w->csrf;

    if (!mine || !token || strlen(mine) != strlen(token))
        return false;
    return crypt_equal(mine, token, strlen(mine));
}

struct err *session_end(struct web *w)
{
    const char *token = w->req ? pairs_get(&w->req->cookies, cookie_name(w->app)) : NULL;
    unsigned char hash[DIGEST_SIZE];

    if (!token || !*token)
        return NULL;
    hash_token(token, hash);
    set_cookie(w, cookie_name(w->app), "", true);
    return db_exec(w->db, "delete from session where org_id = $1 and token_hash = $2", num(0),
                   blob(hash, sizeof(hash)));
}

struct err *session_start(struct web *w, i64 account)
{
    const char *token = crypt_token(w->arena, 32);
    unsigned char hash[DIGEST_SIZE];
    struct rows *r;
    i64 id = web_id();

    TRY(session_end(w));
    hash_token(token, hash);
    TRY(db_query(w->db, &r, "select epoch from account where org_id = $1 and id = $2", num(0),
                 num(account)));
    if (!row_next(r))
        return err_new(ERR_MISSING, "There is no such account.");
    TRY(db_exec(w->db,
                "insert into session (org_id, id, token_hash, account, epoch, csrf, created, seen,"
                " expires, address, agent) values ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9, $10)",
                num(0), num(id), blob(hash, sizeof(hash)), num(account), num(row_num(r, 0)),
                str(crypt_token(w->arena, 16)), num(w->now), num(w->now + ABSOLUTE),
                str(w->req->peer), str(request_header(w->req, "User-Agent"))));
    w->account = account;
    w->session = id;
    w->actor = arena_printf(w->arena, "account:%lld", account);
    set_cookie(w, cookie_name(w->app), token, false);
    return NULL;
}

/* --- throttling: buckets that refill after a quarter of an hour --- */

#define WINDOW (15 * MINUTE)

struct taking {
    const char *action;
    const char *const *keys;
    size_t n;
    int limit;
    i64 wait; /* microseconds until the fullest bucket is open again; 0 = go on */
};

static struct err *take_one(struct web *w, struct taking *t, const char *key)
{
    const char *bucket = arena_printf(w->arena, "%s/%s", t->action, key);
    i64 from = w->now - WINDOW, wait;
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "insert into throttle (org_id, bucket, attempts, since) values ($1, $2, 1, $3)"
                 " on conflict (org_id, bucket) do update set"
                 " attempts = case when throttle.since < $4 then 1 else throttle.attempts + 1 end,"
                 " since = case when throttle.since < $4 then $3 else throttle.since end"
                 " returning attempts, since",
                 num(0), str(bucket), num(w->now), num(from)));
    if (row_next(r) && row_num(r, 0) > t->limit) {
        wait = row_num(r, 1) + WINDOW - w->now;
        t->wait = wait > t->wait ? wait : t->wait;
    }
    return NULL;
}

static struct err *take_all(struct web *w, void *ctx)
{
    struct taking *t = ctx;

    t->wait = 0;
    for (size_t i = 0; i < t->n; i++)
        TRY(take_one(w, t, t->keys[i]));
    return NULL;
}

struct err *throttle_take(struct web *w, const char *action, int limit, const char *const *keys,
                          size_t n)
{
    struct taking t = {.action = action, .keys = keys, .n = n, .limit = limit};
    struct err *e;

    TRY(app_write(w, take_all, &t));
    if (!t.wait)
        return NULL;
    e = err_new(ERR_LIMIT, "Too many attempts. Please wait %lld minutes and try again.",
                t.wait / MINUTE + 1);
    e->status = 429;
    return e;
}

static struct err *give_all(struct web *w, void *ctx)
{
    struct taking *t = ctx;

    for (size_t i = 0; i < t->n; i++)
        TRY(db_exec(w->db, "delete from throttle where org_id = $1 and bucket = $2", num(0),
                    str(arena_printf(w->arena, "%s/%s", t->action, t->keys[i]))));
    return NULL;
}

struct err *throttle_give(struct web *w, const char *action, const char *const *keys, size_t n)
{
    struct taking t = {.action = action, .keys = keys, .n = n};

    return w->writable ? give_all(w, &t) : app_write(w, give_all, &t);
}
