/* SPDX-License-Identifier: Apache-2.0 */
/* Routes of background jobs; the pages are in job_web.c. */
#include "feature/job/job.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "core/command.h"
#include "feature/job/job_part.h"

const struct permission job_manage = {"job.manage", "See and manage all background jobs"};

/* --- reading --- */

static struct job_row read_row(struct rows *r)
{
    return (struct job_row){.id = row_num(r, 0),
                            .kind = row_text(r, 1),
                            .state = row_text(r, 2),
                            .title = row_text(r, 3),
                            .person = row_num(r, 4),
                            .who = row_text(r, 5),
                            .done = row_num(r, 6),
                            .total = row_num(r, 7),
                            .note = row_text(r, 8),
                            .result = row_text(r, 9),
                            .link = row_text(r, 10),
                            .cancel = row_num(r, 11),
                            .failures = row_num(r, 12),
                            .run_at = row_num(r, 13),
                            .ended = row_num(r, 14),
                            .key = row_text(r, 15)};
}

static void take(struct web *w, struct rows *r, struct job_row **out, size_t *count)
{
    *out = NEW_ARRAY(w->arena, struct job_row, row_count(r) + 1);
    for (*count = 0; row_next(r); ++*count)
        (*out)[*count] = read_row(r);
}

struct err *job_rows(struct web *w, enum job_view view, struct job_row **out, size_t *count)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select j.id, j.kind, j.state, j.title, j.person, p.name, j.done, j.total, j.note,"
                 " j.result, j.link, j.cancel, j.failures, j.run_at, j.ended, j.key from job j"
                 " left join person p on p.org_id = j.org_id and p.id = j.person"
                 " where j.org_id = $1 and ($2 = 0 or j.person = $2)"
                 " and ($3 = 0 or j.state = 'dead') order by j.id desc limit $4",
                 num(w->org), num(view == JOBS_MINE ? w->person : 0), num(view == JOBS_DEAD),
                 num(JOBS_SHOWN)));
    take(w, r, out, count);
    return NULL;
}

static struct err *no_job(void)
{
    return err_new(ERR_MISSING, "There is no such job here. What has ended is kept for a week.");
}

struct err *job_asked(struct web *w, struct job_row *out)
{
    struct rows *r;
    i64 id;

    if (!text_i64(web_param(w, 0), &id))
        return no_job();
    TRY(db_query(w->db, &r,
                 "select j.id, j.kind, j.state, j.title, j.person, p.name, j.done, j.total, j.note,"
                 " j.result, j.link, j.cancel, j.failures, j.run_at, j.ended, j.key from job j"
                 " left join person p on p.org_id = j.org_id and p.id = j.person"
                 " where j.org_id = $1 and j.id = $2",
                 num(w->org), num(id)));
    if (!row_next(r))
        return no_job();
    *out = read_row(r);
    return (w->person && out->person == w->person) || web_may(w, &job_manage) ? NULL : no_job();
}

/* --- changing --- */

static struct err *cancel_job(struct web *w)
{
    struct job_row j;

    TRY(job_asked(w, &j));
    TRY(job_cancel(w, j.id));
    web_redirect(w, job_url(w, j.id));
    return NULL;
}

static struct err *retry_job(struct web *w)
{
    struct job_row j;

    TRY(job_asked(w, &j));
    TRY(job_retry(w, j.id));
    web_redirect(w, job_url(w, j.id));
    return NULL;
}

static struct err *discard_job(struct web *w)
{
    struct job_row j;

    TRY(job_asked(w, &j));
    TRY(job_discard(w, j.id));
    web_redirect(w, web_url(w, "/jobs?show=%s", j.person == w->person ? "mine" : "all"));
    return NULL;
}

/* The file goes to who started the job, and to nobody else: it holds what they may see. */
static struct err *job_download(struct web *w)
{
    struct job_row j;
    const char *path;

    TRY(job_asked(w, &j));
    path = job_file_path(w, j.id);
    if (!w->person || j.person != w->person || !text_equal(j.state, "done") ||
        !text_starts(j.link, "file:") || access(path, R_OK))
        return err_new(ERR_MISSING, "This job has no file for you, or it is gone: files of jobs "
                                    "are kept for a week.");
    web_answer_bytes(w, "application/octet-stream", (struct bytes){0}, j.link + 5);
    w->req->response.file = path;
    return NULL;
}

/* --- API --- */

static json_t *as_json(struct web *w, const struct job_row *j)
{
    const char *link = text_starts(j->link, "file:") ? job_url(w, j->id) : NULL;
    json_t *o = json_object();

    if (link)
        link = arena_printf(w->arena, "%s/file", link);
    else if (*j->link)
        link = web_url(w, "%s", j->link);
    json_object_set_new(o, "id", json_string(arena_printf(w->arena, "%lld", j->id)));
    json_object_set_new(o, "kind", json_string(j->kind));
    json_object_set_new(o, "state", json_string(j->state));
    json_object_set_new(o, "title", json_string(j->title));
    json_object_set_new(o, "done", json_integer(j->done));
    json_object_set_new(o, "total", json_integer(j->total));
    json_object_set_new(o, "progress", json_string(j->note));
    json_object_set_new(o, "result", json_string(j->result));
    json_object_set_new(o, "link", link ? json_string(link) : json_null());
    json_object_set_new(o, "failures", json_integer(j->failures));
    return o;
}

static struct err *api_list(struct web *w)
{
    bool all = text_equal(web_query(w, "show"), "all");
    json_t *list = json_array();
    struct job_row *rows;
    size_t n;

    json_own(w->arena, list);
    if (all)
        TRY(web_need(w, &job_manage));
    TRY(job_rows(w, all ? JOBS_ALL : JOBS_MINE, &rows, &n));
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, as_json(w, &rows[i]));
    web_answer_json(w, 200, json_pack("{s:O}", "items", list));
    return NULL;
}

static struct err *api_show(struct web *w)
{
    struct job_row j;

    TRY(job_asked(w, &j));
    web_answer_json(w, 200, as_json(w, &j));
    return NULL;
}

static struct err *api_cancel(struct web *w)
{
    struct job_row j;

    TRY(job_asked(w, &j));
    TRY(job_cancel(w, j.id));
    TRY(job_asked(w, &j));
    web_answer_json(w, 200, as_json(w, &j));
    return NULL;
}

/* --- command line --- */

static int jobs_command(struct cli *c)
{
    struct job_row *rows;
    struct err *failed;
    struct web *w;
    size_t n = 0;

    failed = cli_open(c, false, true, &w);
    if (!failed)
        failed = job_rows(w, cli_flag(c, "dead") ? JOBS_DEAD : JOBS_ALL, &rows, &n);
    for (size_t i = 0; !failed && i < n; i++)
        fprintf(c->out, "%lld\t%s\t%s\t%lld\t%s\t%s\n", rows[i].id, rows[i].state, rows[i].kind,
                rows[i].failures, rows[i].title, rows[i].result);
    if (failed)
        return cli_fail(c, failed);
    cli_close(c, w);
    return 0;
}

/* --- tables --- */

static const struct route routes[] = {
    {METHOD_GET,     "/jobs", job_list_page, &member, 0, NULL, NULL},
    {METHOD_GET, "/jobs/:job", job_show_page, &member, 0, NULL, NULL},
    {METHOD_GET,             "/jobs/:job/file", job_download, &member, 0, NULL, NULL},
    {METHOD_POST,          "/jobs/:job/cancel", cancel_job, &member, 0, NULL, NULL},
    {METHOD_POST,     "/jobs/:job/retry", retry_job, &job_manage, 0, NULL, NULL},
    {METHOD_POST, "/jobs/:job/discard", discard_job, &member, 0, NULL, NULL},
    {METHOD_GET,             "/jobs", api_list, &member, ROUTE_API, NULL,
     "Background jobs of this person; ?show=all those of the organisation"},
    {METHOD_GET,          "/jobs/:job", api_show, &member, ROUTE_API, NULL,
     "State, progress and result of a background job"},
    {METHOD_POST,     "/jobs/:job/cancel", api_cancel, &member, ROUTE_API, NULL,
     "Cancels a background job"},
    {0 },
};

static const struct nav nav[] = {
    {"System", 10, "Jobs", "/jobs", "refresh", &member, NULL},
    {0 },
};

/* clang-format off */
static const struct command commands[] = {
    {"jobs", "[--org NAME] [--dead]",
     "Lists the background jobs of an organisation: id, state, kind, failed attempts, title and "
     "what came out, separated by tabs. With --dead only those that have failed for good.",
     jobs_command},
    {0},
};
/* clang-format on */

static const struct permission *const permissions[] = {&job_manage, NULL};

const struct feature job_feature = {
    .name = "job", .permissions = permissions, .routes = routes, .commands = commands, .nav = nav};
