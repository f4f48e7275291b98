/* SPDX-License-Identifier: Apache-2.0 */
#include "feature/view/view.h"

#include "base/clock.h"
#include "core/bulk.h"
#include "feature/view/view_part.h"

/* clang-format off */
/* Views are open to every member: each sees their own and the shared ones. */
static const struct route routes[] = {
    {METHOD_GET, "/views", views_page, &member, 0, NULL, NULL},
    {METHOD_POST, "/views", view_create, &member, 0, NULL, NULL},
    {METHOD_POST, "/views/:view", view_change, &member, 0, NULL, NULL},
    {METHOD_POST, "/views/:view/remove", view_drop, &member, 0, NULL, NULL},
    {METHOD_POST, "/views/:view/default", view_set_default, &member, 0, NULL, NULL},
    {METHOD_GET, "/views", views_api, &member, ROUTE_API, NULL,
     "Saved views: own ones and shared ones"},
    {METHOD_POST, "/views", view_api_create, &member, ROUTE_API, NULL,
     "Keep the parameters of a list under a name"},
    {METHOD_PATCH, "/views/:view", view_api_change, &member, ROUTE_API, NULL,
     "Change title, query, shared, own_default or all_default of a view"},
    {METHOD_DELETE, "/views/:view", view_api_drop, &member, ROUTE_API, NULL,
     "Remove a view"},
    {METHOD_POST, "/:plural/bulk", bulk_form, &bulk_run_right, ROUTE_READ, NULL, NULL},
    {METHOD_GET, "/:plural/bulk", bulk_steps, &bulk_run_right, 0, NULL, NULL},
    {METHOD_POST, "/:plural/bulk/plan", bulk_planned, &bulk_run_right, ROUTE_SLOW,
     bulk_plan_prepare, NULL},
    {METHOD_GET, "/:plural/bulk/:bulk", bulk_show, &bulk_run_right, 0, NULL, NULL},
    {METHOD_POST, "/:plural/bulk/:bulk/run", bulk_ran, &bulk_run_right, ROUTE_SLOW,
     bulk_run_prepare, NULL},
    {METHOD_POST, "/:plural/bulk/:bulk/undo", bulk_undone, &bulk_run_right, ROUTE_SLOW,
     bulk_undo_prepare, NULL},
    {METHOD_POST, "/:plural/bulk/:bulk/drop", bulk_forget, &bulk_run_right, 0, NULL, NULL},
    {METHOD_POST, "/:plural/bulk", bulk_api_planned, &bulk_run_right, ROUTE_API | ROUTE_SLOW,
     bulk_api_plan_prepare, NULL},
    {METHOD_GET, "/:plural/bulk", bulk_api_list, &bulk_run_right, ROUTE_API, NULL, NULL},
    {METHOD_GET, "/:plural/bulk/:bulk", bulk_api_show, &bulk_run_right, ROUTE_API, NULL, NULL},
    {METHOD_DELETE, "/:plural/bulk/:bulk", bulk_api_drop, &bulk_run_right, ROUTE_API, NULL, NULL},
    {METHOD_POST, "/:plural/bulk/:bulk/run", bulk_api_ran, &bulk_run_right, ROUTE_API | ROUTE_SLOW,
     bulk_api_run_prepare, NULL},
    {METHOD_POST, "/:plural/bulk/:bulk/undo", bulk_api_undone, &bulk_run_right,
     ROUTE_API | ROUTE_SLOW, bulk_api_undo_prepare, NULL},
    {0},
};
/* clang-format on */

static const struct job_kind jobs[] = {
    {.name = "bulk",       .run = bulk_job, .slow = true},
    {.name = "bulk-clean",        .every = HOUR, .run = bulk_clean},
    {.name = NULL},
};

static const struct permission *const permissions[] = {&bulk_run_right, &view_share_right, NULL};

const struct feature view_feature = {
    .name = "view", .permissions = permissions, .routes = routes, .jobs = jobs};
