/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts of people who sign in, API tokens, one-time links. Both kinds of record live in the
 * system organisation; which person of which organisation an account is, says the table member. */
#pragma once

#include "core/entity.h"

struct account {
    RECORD;
    const char *email, *email_key, *name, *state, *password;
    const char *language, *zone; /* own choice, or NULL: the organisation's */
    i64 epoch, operator;
};
extern const struct entity account_entity;

struct token {
    RECORD;
    const char *name, *token_hash;
    i64 account, organisation;
    const char *scope;
    i64 epoch;
    const char *expires, *state;
};
extern const struct entity token_entity;
extern const struct feature account_feature;
extern const struct permission account_manage, token_own;

/* Creates an account with the e-mail, name, password hash (from account_hash) and operator flag of
 * `given`. In a write transaction; acts with all rights. ERR_CLASH when the e-mail is taken. */
struct err *account_create(struct web *w, const struct account *given, i64 *out) MUST_CHECK;
/* Checks and hashes a password that a person chose: at least 12 characters, not the e-mail, not one
 * of the most used. ERR_INVALID with the sentence. Slow. */
struct err *account_hash(struct arena *a, const char *email, const char *password,
                         const char **hash) MUST_CHECK;
/* The hash-and-create for `cairn init --admin`; runs its own write. */
struct err *account_create_first(struct web *w, const char *email, const char *name,
                                 const char *password) MUST_CHECK;
/* A one-time link for the first start ("/setup/<token>", one hour). Runs its own write. */
struct err *account_setup_link(struct web *w, const char **path) MUST_CHECK;
/* A one-time link that lets a person of w->org sign in: "/invite/<token>", seven days, or a reset
 * of an existing account's password, one hour. In a write transaction. */
struct err *account_invite(struct web *w, i64 person, const char **path) MUST_CHECK;
/* Connects account and person of w->org: membership and the person's account field. */
struct err *account_join(struct web *w, i64 account, i64 organisation, i64 person) MUST_CHECK;
/* Ends all sessions and tokens of an account by raising its epoch, and its calendar feeds. In a
 * write transaction. */
struct err *account_revoke(struct web *w, i64 account) MUST_CHECK;
/* Ends the account's access to one organisation. In a write transaction. */
struct err *account_leave(struct web *w, i64 account, i64 organisation) MUST_CHECK;
/* Replaces e-mail and name by words that say nobody, takes the password, ends sessions, links and
 * tokens and disables the account. `*keep` = its version when it was so already, else 0. In a write
 * transaction. The earlier versions are still there: core/redact.h. */
struct err *account_erase(struct web *w, i64 account, i64 *keep) MUST_CHECK;
/* A new API token with the account, organisation (0 = operator token), scope ("read" or "write")
 * and name of `given`; the clear text is given once, only its hash is stored. In a write
 * transaction. */
struct err *token_create(struct web *w, const struct token *given, const char **clear) MUST_CHECK;
/* Ends one of the account's tokens. In a write transaction. */
struct err *token_revoke(struct web *w, i64 account, i64 id) MUST_CHECK;
/* Stores the account's own language (a code) and time zone; empty = as the organisation has it. In
 * a write transaction. */
struct err *account_set_own(struct web *w, i64 account, const char *language, const char *zone)
    MUST_CHECK;
/* Stores a new password hash and ends all sessions and tokens. In a write transaction. */
struct err *account_set_password(struct web *w, i64 account, const char *hash) MUST_CHECK;
/* Stores the same password's hash under today's parameters; sessions go on. */
struct err *account_rehash(struct web *w, i64 account, const char *hash) MUST_CHECK;
/* Notes on the person of another organisation's record which account is theirs. */
struct err *account_link_person(struct web *w, i64 organisation, i64 person, i64 account)
    MUST_CHECK;
/* True for an address inside this server that may follow a login. */
bool account_next_safe(const char *next);
