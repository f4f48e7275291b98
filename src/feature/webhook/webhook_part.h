/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of the feature. */
#pragma once

#include "feature/webhook/webhook.h"

/* The signing secret: 43 characters, derived from the installation's key, the organisation, the
 * webhook and its generation, so that it is stored nowhere. */
const char *webhook_secret(struct web *w, const struct webhook *h);
/* Ties a secret to the address it was made for. */
const char *webhook_fingerprint(struct web *w, const struct webhook *h);
/* False when the key of the installation or the address has changed since the secret was made. */
bool webhook_secret_holds(struct web *w, const struct webhook *h);
/* "t=1700000000,v1=<hex>": HMAC-SHA256 of "1700000000.<body>" with the secret. */
const char *webhook_signature(struct arena *a, const char *secret, i64 at, const char *body);
/* True when the webhook wants entries with this action and kind. */
bool webhook_wants(const struct webhook *h, const char *action, const char *kind);
/* Switches off with a sentence (shown and logged) and tells the owner and the administrators. */
struct err *webhook_switch_off(struct web *w, i64 id, const char *why) MUST_CHECK;

struct err *webhook_watch(struct web *w, const char *body) MUST_CHECK; /* periodic: the log */
struct err *webhook_due(struct web *w, const char *body) MUST_CHECK;   /* periodic: queues */
struct err *webhook_send(struct web *w, const char *body) MUST_CHECK;  /* one webhook's */
struct err *webhook_tidy(struct web *w, const char *body) MUST_CHECK;

/* The page of one webhook, and what is done there. */
struct err *webhook_show(struct web *w) MUST_CHECK;
struct err *webhook_new_secret(struct web *w) MUST_CHECK;
struct err *webhook_on(struct web *w) MUST_CHECK;
struct err *webhook_off(struct web *w) MUST_CHECK;
struct err *webhook_test(struct web *w) MUST_CHECK;
struct err *webhook_again(struct web *w) MUST_CHECK;
struct err *webhook_api_deliveries(struct web *w) MUST_CHECK;
struct err *webhook_api_secret(struct web *w) MUST_CHECK;
