/* SPDX-License-Identifier: Apache-2.0 */
/* What rules need to know and SQL cannot say: computed by the functions that draw the pages, so
 * that page and rule cannot disagree. */
#include "core/app.h"
#include "feature/control/control.h"
#include "feature/readiness/readiness_part.h"
#include "feature/soa/soa.h"

struct err *readiness_lists(struct app *app, struct db *db, struct arena *a,
                            struct rules_scope *scope)
{
    struct web w = {.app = app,
                    .arena = a,
                    .db = db,
                    .face = FACE_JOB,
                    .org = scope->org,
                    .today = scope->today,
                    .now = scope->at,
                    .asof = scope->asof ? scope->at : 0};

    TRY(control_lists(&w, &scope->lists[LIST_WANTED_CONTROLS], &scope->lists[LIST_USED_CONTROLS]));
    TRY(soa_stale(&w, &scope->lists[LIST_STALE_STATEMENTS]));
    return soa_unsettled(&w, &scope->lists[LIST_UNSETTLED_CONTROLS]);
}
