/* SPDX-License-Identifier: Apache-2.0 */
/* Signing in and out, first start, invitations, one's own account. */
#include "feature/account/account.h"
#include "feature/account/account_part.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypt.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/command.h"
#include "core/page.h"
#include "core/session.h"
#include "core/trail.h"

/* --- hashing is slow and takes 64 MiB: no more at once than cores --- */

static pthread_mutex_t hash_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t hash_free = PTHREAD_COND_INITIALIZER;
static int hashing;

static void hash_begin(void)
{
    int most = (int)sysconf(_SC_NPROCESSORS_ONLN);

    pthread_mutex_lock(&hash_lock);
    while (hashing >= most)
        pthread_cond_wait(&hash_free, &hash_lock);
    hashing++;
    pthread_mutex_unlock(&hash_lock);
}

static void hash_end(void)
{
    pthread_mutex_lock(&hash_lock);
    hashing--;
    pthread_cond_signal(&hash_free);
    pthread_mutex_unlock(&hash_lock);
}

/* --- login --- */

struct attempt {
    i64 account, epoch;
    bool good;
    const char *rehash; /* a new hash when the stored one's parameters are old */
    const char *keys[3];
};

/* What an unknown e-mail is checked against, so that it takes as long as a known one. */
static const char *nobody_hash(void)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static char hash[200];
    struct arena *a;
    char *made;

    pthread_mutex_lock(&lock);
    if (!hash[0]) {
        a = arena_new(0);
        if (!password_hash(a, "nobody has this password", &made))
            strncpy(hash, made, sizeof(hash) - 1);
        arena_free(a);
    }
    pthread_mutex_unlock(&lock);
    return hash;
}

/* Ten attempts for an account from one address, sixty from one address; across addresses three
 * hundred for an account, except from where its owner is signed in already. */
static struct err *take_attempt(struct web *w, const char *key, struct attempt *out)
{
    const char *peer = w->req->peer;
    struct rows *r;

    out->keys[0] = arena_printf(w->arena, "%s|%s", key, peer);
    out->keys[1] = peer;
    out->keys[2] = key;
    TRY(throttle_take(w, "login", 10, &out->keys[0], 1));
    TRY(throttle_take(w, "login-address", 60, &out->keys[1], 1));
    TRY(db_query(w->db, &r,
                 "select s.id from session s join account a on a.org_id = s.org_id"
                 " and a.id = s.account where s.org_id = $1 and a.email_key = $2"
                 " and s.address = $3 limit 1",
                 num(0), str(key), str(peer)));
    return row_next(r) ? NULL : throttle_take(w, "login-account", 300, &out->keys[2], 1);
}

static struct err *login_prepare(struct web *w)
{
    struct attempt *at = NEW(w->arena, struct attempt);
    const char *email = web_form(w, "email"), *password = web_form(w, "password");
    const char *key = text_fold(w->arena, email ? email : "");
    const char *hash = NULL;
    struct rows *r;
    char *made;

    w->prepared = at;
    if (!password || strlen(password) > 1000)
        password = "";
    TRY(take_attempt(w, key, at));
    TRY(db_query(w->db, &r,
                 "select id, epoch, password, state from account where org_id = $1"
                 " and email_key = $2",
                 num(0), str(key)));
    if (row_next(r) && text_equal(row_str(r, 3), "active") && !row_null(r, 2)) {
        at->account = row_num(r, 0);
        at->epoch = row_num(r, 1);
        hash = row_str(r, 2);
    }
    hash_begin();
    at->good = password_verify(hash ? hash : nobody_hash(), password) && hash;
    if (at->good && password_stale(hash) && !password_hash(w->arena, password, &made))
        at->rehash = made;
    hash_end();
    return NULL;
}

static struct err *draw_login(struct web *w, const char *trouble)
{
    const char *next = web_form(w, "next");

    if (!next)
        next = web_query(w, "next");
    page_begin(w, "", "Sign in");
    page_body(w);
    if (trouble)
        page_notice(w, "red", "%s", trouble);
    card_begin(w, NULL, NULL);
    form_begin(w, "/login", 0);
    html(w->html, "<input type='hidden' name='next' value='%s'>",
         account_next_safe(next) ? next : "/");
    html(w->html,
         "<div class='mb-3'><label class='form-label' for='email'>{E-mail}</label><input "
         "class='form-control' id='email' name='email' type='email' required "
         "autocomplete='username' value='%s' autofocus></div><div class='mb-3'><label "
         "class='form-label' for='password'>{Password}</label><input class='form-control' "
         "id='password' name='password' type='password' required "
         "autocomplete='current-password'></div>",
         web_form(w, "email"));
    form_end(w, "Sign in", NULL);
    html(w->html, "<p class='text-secondary'>{Forgotten your password? Ask an administrator of "
                  "your organisation for a new link.}</p>");
    card_end(w);
    page_end(w);
    return NULL;
}

static struct err *login_page(struct web *w)
{
    if (w->account) {
        web_redirect(w, "/");
        return NULL;
    }
    return draw_login(w, NULL);
}

static struct err *login_post(struct web *w)
{
    struct attempt *at = w->prepared;
    const char *next = web_form(w, "next");
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select epoch from account where org_id = $1 and id = $2 and state = 'active'",
                 num(0), num(at->account)));
    if (!at->good || !row_next(r) || row_num(r, 0) != at->epoch) {
        trail_event(w, "login.failed", at->account ? "account" : NULL, at->account, NULL);
        web_status(w, 401);
        return draw_login(w, "E-mail or password is not right.");
    }
    if (at->rehash)
        TRY(account_rehash(w, at->account, at->rehash));
    TRY(throttle_give(w, "login", &at->keys[0], 1));
    TRY(throttle_give(w, "login-address", &at->keys[1], 1));
    TRY(throttle_give(w, "login-account", &at->keys[2], 1));
    TRY(session_start(w, at->account));
    trail_event(w, "login", "account", at->account, NULL);
    web_redirect(w, account_next_safe(next) ? next : "/");
    return NULL;
}

static struct err *logout_post(struct web *w)
{
    if (w->account)
        trail_event(w, "logout", "account", w->account, NULL);
    TRY(session_end(w));
    web_redirect(w, "/login");
    return NULL;
}

/* --- the start page: choose an organisation --- */

static struct err *my_organisations(struct web *w, struct rows **out)
{
    return db_query(w->db, out,
                    "select d.slug, d.name from member m join directory d on d.org_id = m.org_id"
                    " and d.organisation = m.organisation where m.org_id = $1 and m.account = $2"
                    " order by d.name",
                    num(0), num(w->account));
}

static struct err *start_page(struct web *w)
{
    struct rows *r;

    TRY(my_organisations(w, &r));
    if (row_count(r) == 1 && row_next(r) && !web_query(w, "all")) {
        web_redirect(w, arena_printf(w->arena, "/o/%s", row_str(r, 0)));
        return NULL;
    }
    if (!row_count(r) && w->operator_token) {
        web_redirect(w, "/organisations/new");
        return NULL;
    }
    row_rewind(r);
    page_begin(w, "", "Your organisations");
    if (w->operator_token)
        page_action(w, "primary", "/organisations/new", "New organisation");
    page_body(w);
    card_begin(w, NULL, NULL);
    html(w->html, "<div class='list-group list-group-flush'>");
    while (row_next(r))
        html(w->html, "<a class='list-group-item list-group-item-action' href='/o/%s'>%s</a>",
             row_str(r, 0), row_str(r, 1));
    html(w->html, "</div>");
    if (!row_count(r))
        page_empty(w,
                   "You do not belong to an organisation yet. Ask its administrator to invite "
                   "you.",
                   NULL, NULL);
    card_end(w);
    page_end(w);
    return NULL;
}

/* --- one-time links: first start, invitation, reset --- */

struct claim {
    i64 id, account, organisation, person;
    const char *hash; /* of the password that was chosen */
    const char *email, *name;
    i64 existing; /* account of that e-mail */
};

static struct err *find_link(struct web *w, const char *purpose, struct claim *out)
{
    const char *token = web_param(w, 0);
    unsigned char hash[DIGEST_SIZE];
    struct rows *r;

    crypt_sha256(token, strlen(token), hash);
    TRY(db_query(w->db, &r,
                 "select id, account, organisation, person from one_time_link where org_id = $1"
                 " and token_hash = $2 and purpose = $3 and used = 0 and expires > $4",
                 num(0), blob(hash, sizeof(hash)), str(purpose), num(w->now)));
    if (!row_next(r))
        return err_new(ERR_MISSING,
                       "This link was used already or has expired. Ask for a new one.");
    *out = (struct claim){.id = row_num(r, 0),
                          .account = row_num(r, 1),
                          .organisation = row_num(r, 2),
                          .person = row_num(r, 3)};
    return NULL;
}

/* The person the link is for, with the account that has the same e-mail already. */
static struct err *find_invited(struct web *w, struct claim *c)
{
    struct rows *r;

    if (c->account) {
        TRY(db_query(w->db, &r, "select email, name from account where org_id = $1 and id = $2",
                     num(0), num(c->account)));
    } else {
        TRY(db_query(w->db, &r,
                     "select email, name from person where org_id = $1 and id = $2"
                     " and state = 'active'",
                     num(c->organisation), num(c->person)));
    }
    if (!row_next(r))
        return err_new(ERR_MISSING, "This link is no longer valid. Ask for a new one.");
    c->email = row_text(r, 0);
    c->name = row_text(r, 1);
    TRY(db_query(w->db, &r, "select id from account where org_id = $1 and email_key = $2", num(0),
                 str(text_fold(w->arena, c->email))));
    c->existing = row_next(r) ? row_num(r, 0) : 0;
    return NULL;
}

/* Marks the link used; ERR_MISSING when another request was quicker. */
static struct err *use_link(struct web *w, const struct claim *c)
{
    i64 changed;

    TRY(db_change(w->db, &changed,
                  "update one_time_link set used = $3 where org_id = $1 and id = $2 and used = 0",
                  num(0), num(c->id), num(w->now)));
    return changed ? NULL : err_new(ERR_MISSING, "This link was used already. Ask for a new one.");
}

static void password_input(struct web *w, const char *label)
{
    html(w->html,
         "<div class='mb-3'><label class='form-label required' for='password'>%s</label><input "
         "class='form-control' id='password' name='password' type='password' required "
         "minlength='12' autocomplete='new-password' aria-describedby='password-help'><small "
         "class='form-hint' id='password-help'>{At least 12 characters. A sentence that only you "
         "know works well.}</small></div>",
         label);
}

/* The first start ends with the first account: older links open nothing any more. */
static struct err *find_setup(struct web *w, struct claim *out)
{
    struct rows *r;

    TRY(find_link(w, "setup", out));
    TRY(db_query(w->db, &r, "select id from account where org_id = $1 limit 1", num(0)));
    if (row_next(r))
        return err_new(ERR_MISSING,
                       "This installation is set up already. Ask its administrator for "
                       "an invitation.");
    return NULL;
}

static struct err *setup_page(struct web *w)
{
    struct claim c;

    TRY(find_setup(w, &c));
    page_begin(w, "", "Welcome to Cairn");
    page_body(w);
    card_begin(w, "Your account", NULL);
    html(w->html, "<p>{You are the first to come here. Create the account that runs this "
                  "installation; you can invite others later.}</p>");
    form_begin(w, arena_printf(w->arena, "/setup/%s", web_param(w, 0)), 0);
    form_text(w, "name", "Your name", web_form(w, "name"), NULL);
    form_text(w, "email", "E-mail", web_form(w, "email"), "You sign in with it.");
    password_input(w, "Password");
    form_end(w, "Create the account", NULL);
    card_end(w);
    page_end(w);
    return NULL;
}

static struct err *setup_prepare(struct web *w)
{
    struct claim *c = NEW(w->arena, struct claim);
    struct err *failed;

    w->prepared = c;
    TRY(find_setup(w, c));
    c->email = web_form(w, "email");
    c->name = web_form(w, "name");
    if (text_empty(c->name))
        return err_new(ERR_INVALID, "Please give your name.");
    hash_begin();
    failed = account_hash(w->arena, c->email, web_form(w, "password"), &c->hash);
    hash_end();
    return failed;
}

static struct err *setup_post(struct web *w)
{
    struct claim *c = w->prepared, again;
    i64 id;

    TRY(find_setup(w, &again));
    TRY(use_link(w, c));
    TRY(account_create(w,
                       &(struct account){.email = c->email ? c->email : "", .name = c->name,
                                         .password = c->hash, .operator = 1},
                       &id));
    TRY(session_start(w, id));
    trail_event(w, "setup", "account", id, NULL);
    web_redirect(w, "/organisations/new");
    return NULL;
}

static struct err *claim_page(struct web *w, const char *purpose)
{
    struct claim c;
    bool invite = text_equal(purpose, "invite");

    TRY(find_link(w, purpose, &c));
    TRY(find_invited(w, &c));
    page_begin(w, "", invite ? "You are invited" : "Choose a new password");
    page_body(w);
    card_begin(w, NULL, NULL);
    html(w->html, "<p>%s · %s</p>", c.name, c.email);
    form_begin(w, arena_printf(w->arena, "/%s/%s", purpose, web_param(w, 0)), 0);
    if (invite && c.existing)
        html(w->html,
             "<p>{You have an account already: enter its password to join.}</p><div "
             "class='mb-3'><label class='form-label' for='password'>{Password}</label><input "
             "class='form-control' id='password' name='password' type='password' required "
             "autocomplete='current-password'></div>");
    else
        password_input(w, tr("Choose a password"));
    form_end(w, invite ? "Join" : "Set the password", NULL);
    card_end(w);
    page_end(w);
    return NULL;
}

static struct err *invite_page(struct web *w)
{
    return claim_page(w, "invite");
}

static struct err *reset_page(struct web *w)
{
    return claim_page(w, "reset");
}

/* An invited person who has an account proves it with its password; all others choose one. */
static struct err *claim_prepare(struct web *w, const char *purpose)
{
    struct claim *c = NEW(w->arena, struct claim);
    const char *password = web_form(w, "password");
    struct err *failed = NULL;
    struct rows *r;
    bool good;

    w->prepared = c;
    TRY(find_link(w, purpose, c));
    TRY(find_invited(w, c));
    if (c->existing && !c->account) {
        TRY(throttle_take(w, "login", 10, &c->email, 1));
        TRY(db_query(w->db, &r, "select password from account where org_id = $1 and id = $2",
                     num(0), num(c->existing)));
        hash_begin();
        good = row_next(r) && !row_null(r, 0) &&
               password_verify(row_str(r, 0), password ? password : "");
        hash_end();
        return good ? NULL : err_new(ERR_INVALID, "The password is not right.");
    }
    hash_begin();
    failed = account_hash(w->arena, c->email, password, &c->hash);
    hash_end();
    return failed;
}

static struct err *invite_prepare(struct web *w)
{
    return claim_prepare(w, "invite");
}

static struct err *reset_prepare(struct web *w)
{
    return claim_prepare(w, "reset");
}

static struct err *invite_post(struct web *w)
{
    struct claim *c = w->prepared;
    i64 account = c->existing;
    struct rows *r;

    TRY(use_link(w, c));
    if (!account)
        TRY(account_create(
            w, &(struct account){.email = c->email, .name = c->name, .password = c->hash},
            &account));
    TRY(account_join(w, account, c->organisation, c->person));
    TRY(account_link_person(w, c->organisation, c->person, account));
    TRY(session_start(w, account));
    trail_event(w, "account.joined", "account", account, NULL);
    TRY(db_query(w->db, &r, "select slug from directory where org_id = $1 and organisation = $2",
                 num(0), num(c->organisation)));
    web_redirect(w, row_next(r) ? arena_printf(w->arena, "/o/%s", row_str(r, 0)) : "/");
    return NULL;
}

static struct err *reset_post(struct web *w)
{
    struct claim *c = w->prepared;

    TRY(use_link(w, c));
    TRY(account_set_password(w, c->account, c->hash));
    trail_event(w, "password.reset", "account", c->account, NULL);
    web_redirect(w, "/login");
    return NULL;
}

/* --- one's own account --- */

static struct err *draw_tokens(struct web *w)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select t.id, t.name, t.scope, d.name, t.state from token t left join directory d"
                 " on d.org_id = t.org_id and d.organisation = t.organisation"
                 " where t.org_id = $1 and t.account = $2 and t.state = 'active' order by t.id",
                 num(0), num(w->account)));
    html(w->html,
         "<div class='table-responsive'><table class='table card-table'><caption "
         "class='visually-hidden'>{Your API tokens}</caption><thead><tr><th "
         "scope='col'>{Name}</th><th scope='col'>{Organisation}</th><th scope='col'>{May}</th><th "
         "scope='col'><span class='visually-hidden'>{Actions}</span></th></tr></thead><tbody>");
    while (row_next(r)) {
        html(w->html, "<tr><td>%s</td><td>%s</td><td>%s</td><td>", row_text(r, 1),
             row_null(r, 3) ? tr("Operator") : row_str(r, 3), row_text(r, 2));
        form_button(w, "/account/tokens/revoke", "danger", "Revoke", "id", row_str(r, 0));
        html(w->html, "</td></tr>");
    }
    if (!row_count(r))
        html(w->html, "<tr><td colspan='4' class='text-secondary'>{No tokens. Programs need one to "
                      "use the API for you.}</td></tr>");
    html(w->html, "</tbody></table></div>");
    return NULL;
}

static struct err *draw_account(struct web *w, const char *tone, const char *note)
{
    struct rows *r;

    TRY(my_organisations(w, &r));
    page_begin(w, "", "Your account");
    page_body(w);
    if (note)
        page_notice(w, tone, "%s", note);
    TRY(account_settings_card(w));
    card_begin(w, "Password", w->account_email);
    form_begin(w, "/account/password", 0);
    html(w->html, "<div class='mb-3'><label class='form-label' for='current'>{Present "
                  "password}</label><input class='form-control' id='current' name='current' "
                  "type='password' required autocomplete='current-password'></div>");
    password_input(w, tr("New password"));
    form_end(w, "Change the password", NULL);
    html(w->html, "<p class='text-secondary'>{This signs you out everywhere else.}</p>");
    card_end(w);
    card_begin(w, "API tokens", NULL);
    TRY(draw_tokens(w));
    if (row_count(r)) {
        form_begin(w, "/account/tokens", 0);
        form_text(w, "name", "Name of a new token", NULL, "What it is for.");
        html(w->html,
             "<div class='mb-3'><label class='form-label' for='org'>{Organisation}</label><select "
             "class='form-select' id='org' name='org'>");
        while (row_next(r))
            html(w->html, "<option value='%s'>%s</option>", row_str(r, 0), row_str(r, 1));
        html(w->html, "</select></div><div class='mb-3'><label class='form-label' for='scope'>{It "
                      "may}</label><select class='form-select' id='scope' name='scope'><option "
                      "value='read'>{read}</option><option value='write'>{read and "
                      "write}</option></select></div>");
        form_end(w, "Make a token", NULL);
    }
    card_end(w);
    page_end(w);
    return NULL;
}

static struct err *account_page(struct web *w)
{
    return draw_account(w, NULL, NULL);
}

static struct err *password_prepare(struct web *w)
{
    struct claim *c = NEW(w->arena, struct claim);
    const char *key = arena_printf(w->arena, "%lld", w->account);
    const char *current = web_form(w, "current");
    struct err *failed = NULL;
    struct rows *r;

    w->prepared = c;
    TRY(throttle_take(w, "password", 10, &key, 1));
    TRY(db_query(w->db, &r, "select password, email from account where org_id = $1 and id = $2",
                 num(0), num(w->account)));
    if (!row_next(r))
        return err_new(ERR_LOGIN, "Please sign in first.");
    hash_begin();
    if (!current || !password_verify(row_text(r, 0), current))
        failed = err_new(ERR_INVALID, "The present password is not right.");
    else
        failed = account_hash(w->arena, row_str(r, 1), web_form(w, "password"), &c->hash);
    hash_end();
    return failed;
}

static struct err *password_post(struct web *w)
{
    struct claim *c = w->prepared;
    i64 account = w->account;

    TRY(account_set_password(w, account, c->hash));
    trail_event(w, "password.changed", "account", account, NULL);
    TRY(session_start(w, account));
    web_redirect(w, "/account?m=saved");
    return NULL;
}

static struct err *token_post(struct web *w)
{
    const char *slug = web_form(w, "org"), *name = web_form(w, "name"), *clear;
    const char *scope = text_equal(web_form(w, "scope"), "write") ? "write" : "read";
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select m.organisation from member m join directory d on d.org_id = m.org_id"
                 " and d.organisation = m.organisation where m.org_id = $1 and m.account = $2"
                 " and d.slug = $3",
                 num(0), num(w->account), str(slug ? slug : "")));
    if (!row_next(r))
        return err_new(ERR_MISSING, "You are no member of that organisation.");
    TRY(token_create(
        w,
        &(struct token){.account = w->account,
                        .organisation = row_num(r, 0),
                        .scope = scope,
                        .name = text_empty(name) ? "API token" : text_trim(w->arena, name)},
        &clear));
    return draw_account(
        w, "green",
        arena_printf(w->arena, tr("This is the token. It is shown only now: %s"), clear));
}

static struct err *revoke_post(struct web *w)
{
    i64 id = 0;

    if (!text_i64(web_form(w, "id") ? web_form(w, "id") : "", &id))
        return err_new(ERR_BAD, "Which token?");
    TRY(token_revoke(w, w->account, id));
    web_redirect(w, "/account?m=saved");
    return NULL;
}

static struct err *health(struct web *w)
{
    struct rows *r;

    TRY(db_query(w->db, &r, "select max(n) from schema_migration"));
    web_answer_bytes(w, "text/plain; charset=utf-8", (struct bytes){(const void *)"ok\n", 3}, NULL);
    return NULL;
}

/* --- command: token create --- */

struct make_token {
    const char *email, *scope, *clear;
    bool operator;
};

static struct err *make_token(struct web *w, void *ctx)
{
    struct make_token *m = ctx;
    struct rows *r;
    i64 account;

    TRY(db_query(w->db, &r, "select id from account where org_id = $1 and email_key = $2", num(0),
                 str(text_fold(w->arena, m->email))));
    if (!row_next(r))
        return err_new(ERR_BAD, "There is no account with the e-mail “%.80s”.", m->email);
    account = row_num(r, 0);
    if (!m->operator) {
        TRY(db_query(w->db, &r,
                     "select person from member where org_id = $1 and account = $2"
                     " and organisation = $3",
                     num(0), num(account), num(w->org)));
        if (!row_next(r))
            return err_new(ERR_BAD, "“%.80s” is no member of %.80s.", m->email, w->org_name);
    }
    return token_create(w,
                        &(struct token){.account = account,
                                        .organisation = m->operator? 0 : w->org,
                                        .scope = m->scope,
                                        .name = "Made at the command line"},
                        &m->clear);
}

static int token_create_command(struct cli *c)
{
    struct make_token m = {.email = cli_option(c, "user"), .operator= cli_flag(c, "operator")};
    bool read = cli_flag(c, "read-only");
    struct web *w;
    struct err *failed;

    if (!m.email)
        return cli_usage(c, "Say whose token it is with --user EMAIL.");
    m.scope = read ? "read" : "write";
    failed = cli_open(c, true, !m.operator, & w);
    if (!failed) {
        failed = app_write(w, make_token, &m);
        if (!failed)
            fprintf(c->out, "%s\n", m.clear);
        cli_close(c, w);
    }
    return failed ? cli_fail(c, failed) : 0;
}

static const char token_help[] =
    "Makes an API token for a person's account and prints it; it is shown only once. It belongs to "
    "one organisation. An operator token (--operator) may list and create organisations instead.";

static const struct command commands[] = {
    {"token create", "--user EMAIL [--org NAME] [--read-only] [--operator]", token_help,
     token_create_command},
    {0   },
};

static const struct route routes[] = {
    {METHOD_GET,                "/healthz", health, &anyone, ROUTE_SITE, NULL, NULL},
    {METHOD_GET,                   "/", start_page, &signed_in, ROUTE_SITE, NULL, NULL},
    {METHOD_GET,               "/login", login_page, &anyone, ROUTE_SITE, NULL, NULL},
    {METHOD_POST,                     "/login", login_post, &anyone, ROUTE_SITE | ROUTE_NO_OP, login_prepare, NULL},
    {METHOD_POST,                "/logout", logout_post, &anyone, ROUTE_SITE | ROUTE_NO_OP, NULL, NULL},
    {METHOD_GET,               "/setup/:token", setup_page, &anyone, ROUTE_SITE, NULL, NULL},
    {METHOD_POST,               "/setup/:token", setup_post, &anyone, ROUTE_SITE | ROUTE_NO_OP, setup_prepare,
     NULL},
    {METHOD_GET,                     "/invite/:token", invite_page, &anyone, ROUTE_SITE, NULL, NULL},
    {METHOD_POST,                "/invite/:token", invite_post, &anyone, ROUTE_SITE | ROUTE_NO_OP, invite_prepare,
     NULL},
    {METHOD_GET,               "/reset/:token", reset_page, &anyone, ROUTE_SITE, NULL, NULL},
    {METHOD_POST,               "/reset/:token", reset_post, &anyone, ROUTE_SITE | ROUTE_NO_OP, reset_prepare,
     NULL},
    {METHOD_GET,                     "/account", account_page, &signed_in, ROUTE_SITE, NULL, NULL},
    {METHOD_POST,               "/account/settings", account_settings_post, &signed_in, ROUTE_SITE, NULL, NULL},
    {METHOD_POST,               "/account/password", password_post, &signed_in, ROUTE_SITE | ROUTE_NO_OP,
     password_prepare, NULL},
    {METHOD_POST, "/account/tokens", token_post, &signed_in, ROUTE_SITE | ROUTE_NO_OP, NULL, NULL},
    {METHOD_POST,                     "/account/tokens/revoke", revoke_post, &signed_in, ROUTE_SITE | ROUTE_NO_OP, NULL,
     NULL},
    {0              },
};

static const struct entity *const entities[] = {&account_entity, &token_entity, NULL};
static const struct permission *const permissions[] = {&account_manage, &token_own, NULL};

const struct feature account_feature = {.name = "account",
                                        .entities = entities,
                                        .permissions = permissions,
                                        .routes = routes,
                                        .commands = commands};
