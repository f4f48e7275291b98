/* SPDX-License-Identifier: Apache-2.0 */
/* Housekeeping: one thread that every second brings the search index up to date, stores last-use
 * times, signs checkpoints, forgets expired sessions and operations, and runs due jobs. */
#pragma once

#include "core/app.h"

struct err *ticker_start(struct app *app) MUST_CHECK;
/* Runs everything once more and joins the thread. */
void ticker_stop(struct app *app);
/* One round on the caller's thread: tests, and the command line before it ends. */
void ticker_round(struct app *app, bool last);
