/* SPDX-License-Identifier: Apache-2.0 */
/* Past imports: what each of them did to which record, and its undo. */
#include "core/import_past.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/entity_sql.h"
#include "core/import_part.h"
#include "core/import_record.h"
#include "core/job.h"
#include "core/language.h"
#include "core/page.h"

#define SHOWN 50
#define LEFT_AFTER 3600000000LL

struct err *import_list_page(struct web *w)
{
    return entity_list_page(w, &import_entity);
}

/* --- the page of one --- */

/* True when an import that says it is running does not run any more: its job is over, or without a
 * job (command line) it began long ago. */
static struct err *is_left(struct web *w, const struct import *r, bool *out)
{
    struct rows *job;

    *out = false;
    if (!text_equal(r->state, "running"))
        return NULL;
    TRY(db_query(w->db, &job,
                 "select case when j.id is null then 0 else 1 end from import_draft d"
                 " left join job j on j.org_id = d.org_id and j.id = d.job"
                 " and j.state in ('ready', 'running')"
                 " where d.org_id = $1 and d.import = $2",
                 num(w->org), num(r->id)));
    *out = row_next(job) ? !row_num(job, 0) : r->started < w->now - LEFT_AFTER;
    return NULL;
}

static struct err *may_undo(struct web *w, const struct import *r, const struct entity *e,
                            bool *out)
{
    bool left;

    TRY(is_left(w, r, &left));
    *out = !w->asof && e &&
           (left || ((text_equal(r->state, "done") || text_equal(r->state, "stopped")) &&
                     r->created + r->changed > 0)) &&
           web_may(w, &import_run_right) && web_may(w, e->write);
    return NULL;
}

static void draw_figures(struct web *w, const struct import *r, const struct entity *e)
{
    struct html *h = w->html;

    card_begin(w, "What it did", e ? tr(e->labels) : r->kind);
    html(h,
         "<dl class='facts'><dt>{Rows}</dt><dd>% lld</dd><dt>{Created}</dt><dd>% lld</dd>"
         "<dt>{Changed}</dt><dd>% lld</dd><dt>{Unchanged}</dt><dd>% lld</dd><dt>{Left out because "
         "they were wrong}</dt><dd>% lld</dd></dl>",
         r->rows_read, r->created, r->changed, r->same, r->wrong);
    if (!text_empty(r->note))
        html(h, "<p class='mb-0'>%s</p>", r->note);
    card_end(w);
}

static void draw_file(struct web *w, const struct import *r)
{
    struct html *h = w->html;

    card_begin(w, "File", NULL);
    html(h,
         "<dl class='facts'><dt>{Name}</dt><dd>%s</dd><dt>{Bytes}</dt><dd>% lld</dd>"
         "<dt>{SHA-256}</dt><dd class='import-hash'>%s</dd><dt>{Imported by}</dt><dd>%s</dd>"
         "<dt>{Started}</dt><dd>%s</dd>",
         r->file_name, r->file_size, r->file_hash, r->who, web_time(w, r->started));
    if (r->ended)
        html(h, "<dt>{Ended}</dt><dd>%s</dd>", web_time(w, r->ended));
    if (!text_empty(r->source))
        html(h, "<dt>{Keys of}</dt><dd>%s</dd>", r->source);
    html(h, "</dl>");
    card_end(w);
}

static struct err *draw_undo(struct web *w, const struct import *r, const struct entity *e)
{
    struct import_standing s;
    struct html *h = w->html;
    bool may;

    TRY(may_undo(w, r, e, &may));
    if (!may)
        return NULL;
    TRY(import_standing_of(w, r, &s));
    card_begin(w, "Undo this import", NULL);
    html(h,
         "<p>{%lld record is as the import left it: it is taken back, or removed when the import "
         "made "
         "it.|%lld records are as the import left them: they are taken back, or removed when the "
         "import made them.}</p>",
         s.untouched, s.untouched);
    if (s.since)
        html(
            h,
            "<p>{%lld record was changed since and stays as it is.|%lld records were changed since "
            "and stay as they are.}</p>",
            s.since, s.since);
    html(h,
         "<p class='mute'>{What something else refers to stays too. Afterwards this page says what "
         "could not be taken back.}</p>");
    form_button(w, web_url(w, "/imports/IM-%lld/undo", r->number), "danger", "Undo the import",
                NULL, NULL);
    card_end(w);
    return NULL;
}

/* Address and name of a record that may be gone. */
static struct err *draw_record(struct web *w, const struct entity *e, i64 id)
{
    const char *title, *label;
    i64 number;

    TRY(entity_title(w, e, id, &title, &number));
    record_label(w->arena, e, number, &label);
    if (number)
        html(w->html, "<a href='%s'><span class='record-number'>%s</span> %s</a>",
             web_record_url(w, e, number), label, title);
    else
        html(w->html, "<span class='mute'>{removed}</span>");
    return NULL;
}

static struct err *draw_effects(struct web *w, const struct import *r, const struct entity *e)
{
    const char *after = web_query(w, "after");
    struct html *h = w->html;
    struct rows *rows;
    i64 from = 0, last = 0;
    int n = 0;

    if (!entity_sees_all(w, e))
        return NULL;
    if (after && !text_i64(after, &from))
        return err_new(ERR_BAD, "The parameter “after” is a number.");
    TRY(db_query(w->db, &rows,
                 "select step, row_no, record, was from import_effect where org_id = $1"
                 " and import = $2 and step > $3 order by step limit $4",
                 num(w->org), num(r->id), num(from), num(SHOWN + 1)));
    if (!row_count(rows))
        return NULL;
    html(h, "<section class='card'><div class='card-header'><h2 class='card-title'>{Records}</h2>"
            "</div><div class='table-responsive'><table class='table list'><caption "
            "class='visually-hidden'>{Records that the import wrote}</caption><thead><tr><th "
            "scope='col' class='num'>{Row}</th><th scope='col'>{Record}</th><th scope='col'>{What "
            "happened}</th></tr></thead><tbody>");
    for (; n < SHOWN && row_next(rows); n++) {
        last = row_num(rows, 0);
        html(h,
             "<tr><td class='num' data-label='{Row}'>%lld</td><td class='list-main' "
             "data-label='{Record}'>",
             row_num(rows, 1));
        TRY(draw_record(w, e, row_num(rows, 2)));
        html(h, "</td><td data-label='{What happened}'>");
        badge(w, row_num(rows, 3) ? "blue" : "green", row_num(rows, 3) ? "Changed" : "Created");
        html(h, "</td></tr>");
    }
    html(h, "</tbody></table></div><div class='pager'>");
    if (row_count(rows) > SHOWN)
        html(h, "<a class='btn btn-sm' rel='next' href='%s?after=%lld'>{Next}</a>",
             web_url(w, "/imports/IM-%lld", r->number), last);
    html(h, "</div></section>");
    return NULL;
}

static struct err *draw_left(struct web *w, const struct import *r, const struct entity *e)
{
    struct html *h = w->html;
    struct rows *rows;

    if (!entity_sees_all(w, e))
        return NULL;
    TRY(db_query(w->db, &rows,
                 "select record, why from import_left where org_id = $1 and import = $2"
                 " order by record limit 200",
                 num(w->org), num(r->id)));
    if (!row_count(rows))
        return NULL;
    card_begin(w, "Not taken back", NULL);
    html(h, "<ul class='mb-0'>");
    while (row_next(rows)) {
        html(h, "<li>");
        TRY(draw_record(w, e, row_num(rows, 0)));
        html(h, ": %s</li>", row_text(rows, 1));
    }
    html(h, "</ul>");
    card_end(w);
    return NULL;
}

static struct err *load_asked(struct web *w, struct import *out)
{
    i64 id;

    TRY(web_record(w, &import_entity, &id));
    return entity_load(w, &import_entity, id, out);
}

static struct err *draw_state(struct web *w, const struct import *r)
{
    bool left;

    TRY(is_left(w, r, &left));
    if (text_equal(r->state, "running") && !left)
        page_notice(w, "info", "This import is running.");
    else if (text_equal(r->state, "stopped") || left)
        page_notice(w, "warning", "This import broke off. What it had written until then is here.");
    else if (text_equal(r->state, "undone"))
        page_notice(w, "info", "This import was undone.");
    else if (text_equal(r->state, "taken-back"))
        page_notice(w, "info", "This import broke off and was taken back as a whole.");
    return NULL;
}

struct err *import_show_page(struct web *w)
{
    const struct entity *e;
    struct import r;
    bool drawn;

    TRY(load_asked(w, &r));
    e = feature_entity(r.kind);
    page_begin(w, "Imports", "IM-%lld · %s", r.number, r.file_name);
    page_help(w, import_entity.help, import_entity.clause);
    page_body(w);
    TRY(entity_tab(w, &import_entity, &r, &drawn));
    if (drawn) {
        page_end(w);
        return NULL;
    }
    TRY(draw_state(w, &r));
    html(w->html, "<div class='stack'><div class='grid-2'>");
    draw_figures(w, &r, e);
    draw_file(w, &r);
    html(w->html, "</div>");
    if (e) {
        TRY(draw_left(w, &r, e));
        TRY(import_draw_missing(w, r.id, r.number, e));
        TRY(draw_effects(w, &r, e));
        TRY(draw_undo(w, &r, e));
    }
    card_begin(w, "History", NULL);
    TRY(entity_history(w, &import_entity, r.id));
    card_end(w);
    html(w->html, "</div>");
    page_end(w);
    return NULL;
}

/* --- undo --- */

struct asked {
    struct import r;
    const struct entity *e;
    i64 job;
    bool done;
};

static struct err *read_asked(struct web *w, void *ctx)
{
    struct asked *x = ctx;
    struct rows *r;
    bool may;

    TRY(load_asked(w, &x->r));
    x->e = feature_entity(x->r.kind);
    if (x->e)
        TRY(web_need(w, x->e->write));
    TRY(db_query(w->db, &r, "select 1 from operation where org_id = $1 and op = $2", num(w->org),
                 str(w->op ? w->op : "")));
    x->done = row_next(r);
    TRY(may_undo(w, &x->r, x->e, &may));
    if (!x->done && !may)
        return err_new(ERR_CLASH, "This import cannot be undone: it is not finished, was undone "
                                  "already, or wrote nothing.");
    return NULL;
}

static struct err *start_undo(struct web *w, void *ctx)
{
    struct asked *x = ctx;

    return job_start(w, "import.undo", arena_printf(w->arena, "%lld", x->r.id),
                     arena_printf(w->arena, tr("Undo of the import IM-%lld"), x->r.number),
                     arena_printf(w->arena, "%lld", x->r.id), &x->job);
}

struct err *import_undo_prepare(struct web *w)
{
    struct asked *x = NEW(w->arena, struct asked);

    TRY(web_need(w, &import_run_right));
    TRY(app_read(w, read_asked, x));
    w->prepared = x;
    if (x->done)
        return NULL;
    if (x->r.created + x->r.changed <= IMPORT_INLINE || !w->person)
        return import_undo(w, x->r.id, "undone");
    return app_write(w, start_undo, x);
}

struct err *import_undone(struct web *w)
{
    struct asked *x = w->prepared;

    if (!x)
        return err_new(ERR_BUSY, "The server is busy. Please try again in a moment.");
    web_redirect(w, x->job ? job_url(w, x->job) : web_url(w, "/imports/IM-%lld", x->r.number));
    return NULL;
}

static struct err *load_for_job(struct web *w, void *ctx)
{
    struct import *r = ctx;

    return entity_load(w, &import_entity, r->id, r);
}

struct err *import_undo_job(struct web *w, const char *body)
{
    struct import r = {.id = 0};

    if (!text_i64(body, &r.id))
        return err_new(ERR_BAD, "The job does not say which import is meant.");
    TRY(app_read(w, load_for_job, &r));
    if (!text_equal(r.state, "undone")) /* an attempt before may have done it */
        TRY(import_undo(w, r.id, "undone"));
    return job_result(w, arena_printf(w->arena, "/imports/IM-%lld", r.number),
                      "The import is undone.");
}
