/* SPDX-License-Identifier: Apache-2.0 */
/* The one funnel of all requests: route, person, organisation, permission, origin, CSRF token,
 * operation token, transaction, log, errors. Handlers cannot forget any of these. */
#pragma once

#include "core/app.h"

/* net's calls; ctx is the app. */
void dispatch_headers(void *ctx, struct request *r);
void dispatch_request(void *ctx, struct request *r);
void dispatch_finish(void *ctx, struct request *r); /* security headers */

/* Turns an error into the answer of the request: page or problem+json (core/refuse.c). */
void refuse_answer(struct web *w, const struct err *e);
