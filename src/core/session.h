/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts, sessions, API tokens, throttling: who is asking. Accounts live in the system
 * organisation; a person of an organisation may have one (table member). */
#pragma once

#include "core/feature.h"

/* Resolves cookie or bearer token, then (when `slug` is given) the organisation, membership, person
 * and rights of roles held today. One round trip. Nobody signed in is not an error here. An unknown
 * slug, or one the account is no member of, is ERR_MISSING. */
struct err *session_resolve(struct web *w, const char *slug) MUST_CHECK;
/* The context of work that a person has started and that goes on without them (jobs): organisation,
 * person and the rights of the roles they hold now. ERR_DENIED when they have left or their account
 * is closed. */
struct err *session_as_person(struct web *w, i64 org, i64 person) MUST_CHECK;
/* The context of an account's person in an organisation as of now, for what is fetched without a
 * session (calendar feeds): person, rights of the roles held today, zone, language. ERR_MISSING
 * when the account is not active or no member any more, or the person has left. */
struct err *session_enter(struct web *w, i64 account, i64 org) MUST_CHECK;
/* Creates a session for the account and sets the cookie; ends an older one of this browser. */
struct err *session_start(struct web *w, i64 account) MUST_CHECK;
struct err *session_end(struct web *w) MUST_CHECK;
/* True when the posted CSRF token is this session's (or, before login, this browser's). */
bool session_csrf_valid(struct web *w, const char *token);
/* Throttle buckets, atomic and committed at once, whatever becomes of the request: takes one
 * attempt for each of `keys` (folded e-mail, address, both); ERR_LIMIT (429) with the minutes to
 * wait when one had more than `limit` in a quarter of an hour. Call it in `prepare`. */
struct err *throttle_take(struct web *w, const char *action, int limit, const char *const *keys,
                          size_t n) MUST_CHECK;
/* A success gives the attempts back. */
struct err *throttle_give(struct web *w, const char *action, const char *const *keys, size_t n)
    MUST_CHECK;
