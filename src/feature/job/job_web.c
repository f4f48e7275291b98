/* SPDX-License-Identifier: Apache-2.0 */
/* The pages of background jobs. What still runs looks again every two seconds (htmx); without
 * script a link does it. */
#include "base/text.h"
#include "base/words.h"
#include "core/language.h"
#include "core/page.h"
#include "feature/job/job_part.h"

static const char help[] =
    "Work that takes longer than a page may take runs in the background: imports, exports, reports,"
    " mail. You need not wait for it and may close the page. What you started is listed here with "
    "how far it is and what came out; results are kept for a week. What has failed for good waits "
    "for an administrator, who tries it again or discards it.";

static const struct choice states[] = {
    {"ready",   "Waiting", "grey"},
    {"running",   "Running", "blue"},
    {"done", "Done", "green"},
    {"cancelled",   "Cancelled", "grey"},
    {"dead",    "Failed", "red"},
    {0 }
};

static bool is_open(const struct job_row *j)
{
    return text_equal(j->state, "ready") || text_equal(j->state, "running");
}

static const char *title_of(struct web *w, const struct job_row *j)
{
    return *j->title ? tr(j->title) : arena_printf(w->arena, "%s", j->kind);
}

static void draw_state(struct web *w, const struct job_row *j)
{
    const struct choice *c = choice_find(states, j->state);

    if (text_equal(j->state, "running") && j->cancel)
        badge(w, "orange", "Stopping");
    else if (text_equal(j->state, "ready") && j->failures)
        badge(w, "orange", "Will be tried again");
    else
        badge(w, c ? c->tone : "grey", c ? c->label : j->state);
}

static void draw_progress(struct web *w, const struct job_row *j)
{
    struct html *h = w->html;

    if (!text_equal(j->state, "running"))
        return;
    if (j->total > 0)
        html(h, "<progress class='bar' max='%lld' value='%lld' aria-label='%s'></progress>",
             j->total, j->done, title_of(w, j));
    else
        html(h, "<progress class='bar' aria-label='%s'></progress>", title_of(w, j));
    if (j->total > 0)
        html(h, "<div class='list-sub'>{% lld of % lld}</div>", j->done, j->total);
    if (*j->note)
        html(h, "<div class='list-sub'>%s</div>", j->note);
}

static void draw_result(struct web *w, const struct job_row *j)
{
    struct html *h = w->html;

    if (text_equal(j->state, "ready") && j->failures)
        html(h, "<div class='list-sub'>{Failed %lld times. Next try: %s}</div>", j->failures,
             web_time(w, j->run_at));
    if (*j->result)
        html(h, "<div>%s</div>", j->result);
    if (!text_equal(j->state, "done") || !*j->link)
        return;
    if (!text_starts(j->link, "file:"))
        html(h, "<a href='%s'>{Open the result}</a>", web_url(w, "%s", j->link));
    else if (j->person == w->person)
        html(h, "<a href='%s/file' download>{Download “%s”}</a>", job_url(w, j->id), j->link + 5);
}

static void draw_buttons(struct web *w, const struct job_row *j)
{
    const char *url = job_url(w, j->id);

    if (is_open(j) && !j->cancel)
        form_button(w, arena_printf(w->arena, "%s/cancel", url), "default", "Cancel", NULL, NULL);
    if (text_equal(j->state, "dead") && web_may(w, &job_manage))
        form_button(w, arena_printf(w->arena, "%s/retry", url), "primary", "Try again", NULL, NULL);
    if (!is_open(j))
        form_button(w, arena_printf(w->arena, "%s/discard", url), "default", "Discard", NULL, NULL);
}

/* --- list --- */

static void draw_row(struct web *w, const struct job_row *j, bool who)
{
    struct html *h = w->html;

    html(h,
         "<tr><td class='list-main'><a href='%s'>%s</a><div class='list-sub'>%s</div></td>"
         "<td data-label='{State}'>",
         job_url(w, j->id), title_of(w, j), j->ended ? web_time(w, j->ended) : "");
    draw_state(w, j);
    html(h, "</td><td data-label='{Progress and result}'>");
    draw_progress(w, j);
    draw_result(w, j);
    if (who)
        html(h, "</td><td data-label='{Started by}'>%s", *j->who ? j->who : tr("the program"));
    html(h, "</td><td data-label='{What to do}'><div class='btn-list'>");
    draw_buttons(w, j);
    html(h, "</div></td></tr>\n");
}

static void draw_table(struct web *w, const struct job_row *rows, size_t n, bool who)
{
    struct html *h = w->html;

    html(h, "<div class='table-responsive'><table class='table list'><caption "
            "class='visually-hidden'>{Jobs}</caption><thead><tr><th scope='col'>{Job}</th>"
            "<th scope='col'>{State}</th><th scope='col'>{Progress and result}</th>");
    if (who)
        html(h, "<th scope='col'>{Started by}</th>");
    html(h, "<th scope='col'>{What to do}</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < n; i++)
        draw_row(w, &rows[i], who);
    html(h, "</tbody></table></div>");
    if (n == JOBS_SHOWN)
        html(h, "<p class='mute p-3'>{Only the newest %d are shown.}</p>", JOBS_SHOWN);
}

static void draw_tabs(struct web *w, enum job_view view)
{
    const char *pairs[] = {web_url(w, "/jobs"),
                           tr("Mine"),
                           web_url(w, "/jobs?show=all"),
                           tr("All of the organisation"),
                           web_url(w, "/jobs?show=dead"),
                           tr("Failed for good"),
                           NULL};

    if (web_may(w, &job_manage))
        tabs(w, (int)view, pairs);
}

/* The part that looks again by itself while something runs. */
static void live_begin(struct web *w, const char *address, bool live)
{
    html(w->html, "<div id='jobs' aria-live='polite'");
    if (live)
        html(w->html,
             " hx-get='%s' hx-trigger='every 2s' hx-select='#jobs' hx-target='#jobs'"
             " hx-swap='outerHTML'",
             address);
    html(w->html, ">");
}

struct err *job_list_page(struct web *w)
{
    static const char *const names[] = {"mine", "all", "dead"};
    const char *show = web_query(w, "show");
    enum job_view view = JOBS_MINE;
    struct job_row *rows;
    bool live = false;
    size_t n;

    if (show && web_may(w, &job_manage))
        view = text_equal(show, "all") ? JOBS_ALL : text_equal(show, "dead") ? JOBS_DEAD : view;
    TRY(job_rows(w, view, &rows, &n));
    for (size_t i = 0; i < n; i++)
        live = live || is_open(&rows[i]);
    page_begin(w, NULL, "%s", tr("Jobs"));
    page_help(w, tr(help), NULL);
    page_body(w);
    draw_tabs(w, view);
    live_begin(w, web_url(w, "/jobs?show=%s", names[view]), live);
    html(w->html, "<section class='card' aria-label='{Jobs}'>");
    if (n)
        draw_table(w, rows, n, view != JOBS_MINE);
    else
        page_empty(w,
                   view == JOBS_DEAD
                       ? "Nothing has failed for good."
                       : "Nothing runs in the background. An import or export that takes long is "
                         "listed here with how far it is, and its result is kept for a week.",
                   NULL, NULL);
    html(w->html, "</section></div>");
    page_end(w);
    return NULL;
}

/* --- one job --- */

static void draw_facts(struct web *w, const struct job_row *j)
{
    struct html *h = w->html;

    html(h, "<dl class='facts mt-3'><dt>{Kind}</dt><dd><code>%s</code></dd>", j->kind);
    if (*j->who)
        html(h, "<dt>{Started by}</dt><dd>%s</dd>", j->who);
    if (j->failures)
        html(h, "<dt>{Failed attempts}</dt><dd>%lld</dd>", j->failures);
    if (j->ended)
        html(h, "<dt>{Ended}</dt><dd>%s</dd>", web_time(w, j->ended));
    html(h, "</dl>");
}

struct err *job_show_page(struct web *w)
{
    struct job_row j;

    TRY(job_asked(w, &j));
    page_begin(w, tr("Jobs"), "%s", title_of(w, &j));
    page_action(w, "default", web_url(w, "/jobs"), "All jobs");
    page_help(w, tr(help), NULL);
    page_body(w);
    live_begin(w, job_url(w, j.id), is_open(&j));
    card_begin(w, NULL, NULL);
    html(w->html, "<p>");
    draw_state(w, &j);
    html(w->html, "</p>");
    draw_progress(w, &j);
    draw_result(w, &j);
    draw_facts(w, &j);
    html(w->html, "<div class='btn-list'>");
    draw_buttons(w, &j);
    if (is_open(&j))
        html(w->html, "<a class='btn no-js-only' href='%s'>{Look again}</a>", job_url(w, j.id));
    html(w->html, "</div>");
    card_end(w);
    html(w->html, "</div>");
    page_end(w);
    return NULL;
}
