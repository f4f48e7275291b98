/* SPDX-License-Identifier: Apache-2.0 */
/* The example company of `cairn init --demo`: Tarnbeck Health, 48 people, all made up. Its story is
 * told by content/demo/: each row is something that a person of the company does on a day, written
 * through the same functions and with the same rights as on the pages. */
#pragma once

#include "core/web.h"

/* A person of the example company who can be tried out, with a one-time link for the account. */
struct demo_guest {
    const char *name, *job, *path;
};
#define DEMO_GUESTS 3

/* Creates the example company in an empty store, outside a transaction, in a context that may do
 * anything. The account that runs the installation, if there is one, becomes its information
 * security manager; everybody else gets no account but by the links in `guests`, of which `*count`
 * are filled. The story is dated back over seven months by moving this process's clock, so nothing
 * else may run meanwhile. ERR_CLASH when the company is there already. */
struct err *demo_create(struct web *w, struct demo_guest guests[DEMO_GUESTS], size_t *count)
    MUST_CHECK;
