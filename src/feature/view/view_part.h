/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/bulk.h"
#include "core/view.h"

/* Pages (view_web.c). */
web_handler views_page, view_create, view_change, view_drop, view_set_default;
/* REST (view_api.c). */
web_handler views_api, view_api_create, view_api_change, view_api_drop;
/* Many records in one step (bulk_web.c). */
web_handler bulk_form, bulk_plan_prepare, bulk_planned, bulk_show, bulk_steps;
web_handler bulk_run_prepare, bulk_ran, bulk_undo_prepare, bulk_undone, bulk_forget;
struct err *bulk_job(struct web *w, const char *body) MUST_CHECK;
/* ERR_MISSING for what is no kind of record with bulk changes, ERR_DENIED without the rights. */
struct err *bulk_check_kind(struct web *w, const struct entity *e) MUST_CHECK;
/* "/o/acme/risks/bulk/..." or "/api/v1/risks/bulk/..." -> the entity of "risks", or NULL. */
const struct entity *bulk_path_kind(struct web *w);
/* Runs or undoes the step of the address, when it is small enough to be waited for. */
struct err *bulk_work(struct web *w, bool undo) MUST_CHECK;
/* Leaves it to a job. */
struct err *bulk_start(struct web *w, const struct bulk_step *s, bool undo, i64 *job) MUST_CHECK;
/* The same over REST (bulk_api.c). */
web_handler bulk_api_plan_prepare, bulk_api_planned, bulk_api_list, bulk_api_show, bulk_api_drop;
web_handler bulk_api_run_prepare, bulk_api_ran, bulk_api_undo_prepare, bulk_api_undone;
