/* SPDX-License-Identifier: Apache-2.0 */
/* What a whole list does not name: records that are in the register and not in a file which says
 * that it is the complete list. They are told before and after the import; nothing is done to them
 * until somebody says so, and then as one step of core/bulk.h, which can be undone. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/bulk.h"
#include "core/entity_sql.h"
#include "core/import_past.h"
#include "core/import_rows.h"
#include "core/page.h"

#define ROOM 256
#define SHOWN 100 /* records on a page of those that are missing */

void import_met(struct importing *im, i64 record)
{
    struct import_state *s = im->state;

    if (!im->complete || !record)
        return;
    if (s->nmet == s->met_room) {
        size_t room = s->met_room ? s->met_room * 2 : ROOM;
        i64 *list = NEW_ARRAY(s->pending_arena, i64, room);

        if (s->nmet)
            memcpy(list, s->met, s->nmet * sizeof(*list));
        s->met = list;
        s->met_room = room;
    }
    s->met[s->nmet++] = record;
}

/* The ids that the check met, as a JSON list. */
static const char *met_text(struct arena *a, const struct import_state *s)
{
    struct buf b;

    buf_init(&b, a, 16 + s->nmet * 22);
    buf_char(&b, '[');
    for (size_t i = 0; i < s->nmet; i++)
        buf_printf(&b, "%s%lld", i ? "," : "", s->met[i]);
    buf_char(&b, ']');
    return b.data;
}

/* The states in which nothing has to be done any more: such records need not be in a list. */
static const char *closed_text(struct arena *a, const struct entity *e)
{
    char **codes;
    size_t n = e->closed ? text_split(a, e->closed, ' ', &codes) : 0;
    struct buf b;

    buf_init(&b, a, 64);
    buf_char(&b, '[');
    for (size_t i = 0; i < n; i++)
        buf_printf(&b, "%s\"%s\"", i ? "," : "", codes[i]);
    buf_char(&b, ']');
    return b.data;
}

/* --- before: what would be missing --- */

static struct err *find(struct importing *im)
{
    struct web *w = im->w;
    const char *met = met_text(w->arena, im->state), *closed = closed_text(w->arena, im->e);
    json_t *first = json_own(im->arena, json_array());
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select count(*) from record r where r.org_id = $1 and r.kind = $2"
                 " and r.id not in (select cast(value as bigint) from json_each($3))"
                 " and coalesce(r.state, '') not in (select value from json_each($4))",
                 num(w->org), str(im->e->name), str(met), str(closed)));
    im->missing = row_next(r) ? row_num(r, 0) : 0;
    TRY(db_query(w->db, &r,
                 "select r.number, r.title from record r where r.org_id = $1 and r.kind = $2"
                 " and r.id not in (select cast(value as bigint) from json_each($3))"
                 " and coalesce(r.state, '') not in (select value from json_each($4))"
                 " order by r.number limit $5",
                 num(w->org), str(im->e->name), str(met), str(closed), num(IMPORT_MISSING_TOLD)));
    while (row_next(r) && entity_sees_all(w, im->e)) {
        json_t *one = json_array();

        json_array_append_new(one, json_integer(row_num(r, 0)));
        json_array_append_new(one, json_string(row_text(r, 1)));
        json_array_append_new(first, one);
    }
    im->missing_first = first;
    return NULL;
}

struct err *import_missing_find(struct importing *im)
{
    struct err *failed;

    im->missing = 0;
    im->missing_first = NULL;
    if (!im->complete)
        return NULL;
    TRY(db_begin(im->w->db, DB_BEGIN_READ));
    failed = find(im);
    db_rollback(im->w->db);
    return failed;
}

void import_draw_would_miss(struct web *w, const struct entity *e, const json_t *missing)
{
    i64 n = json_integer_value(json_object_get(missing, "count"));
    const json_t *first = json_object_get(missing, "first");
    struct html *h = w->html;

    if (!n)
        return;
    card_begin(w, "In the register, but not in this file", NULL);
    html(h,
         "<p>{%lld record is missing in the file. It stays as it is; after the import you say what "
         "becomes of it.|%lld records are missing in the file. They stay as they are; after the "
         "import you say what becomes of them.}</p><ul class='mb-0'>",
         n, n);
    for (size_t i = 0; i < json_array_size(first); i++) {
        const json_t *one = json_array_get(first, i);
        i64 number = json_integer_value(json_array_get(one, 0));

        html(h, "<li><a href='%s'><span class='record-number'>%s-%lld</span> %s</a></li>",
             web_record_url(w, e, number), e->prefix, number,
             json_string_value(json_array_get(one, 1)));
    }
    html(h, "</ul>");
    if (n > (i64)json_array_size(first))
        html(h, "<p class='mute mb-0'>{The first %zu are shown.}</p>", json_array_size(first));
    card_end(w);
}

/* --- after: what is missing --- */

struct missing {
    const struct entity *e;
    i64 import, number; /* id and number of the import */
    i64 all, open;      /* how many were missing, and how many are still not settled */
    i64 after;          /* number of the last record of the page before, 0 = none */
};

struct err *import_missing_write(struct web *w, struct importing *im)
{
    if (!im->complete)
        return NULL;
    return db_exec(w->db,
                   "insert into import_missing (org_id, import, record)"
                   " select $1, $2, r.id from record r where r.org_id = $1 and r.kind = $3"
                   " and r.id not in (select cast(value as bigint) from json_each($4))"
                   " and coalesce(r.state, '') not in (select value from json_each($5))"
                   " and r.id not in (select e.record from import_effect e where e.org_id = $1"
                   " and e.import = $2)",
                   num(w->org), num(im->record), str(im->e->name),
                   str(met_text(w->arena, im->state)), str(closed_text(w->arena, im->e)));
}

/* The date on which somebody is asked to look at a record of the kind; NULL when it has none. */
static const struct field *review_field(const struct entity *e)
{
    for (size_t i = 0; i < e->nfields; i++)
        if (e->fields[i].dated == DATED_REVIEW && bulk_field(&e->fields[i]))
            return &e->fields[i];
    return NULL;
}

/* The first state that closes a record, when people may set it. */
static const struct choice *closing(struct web *w, const struct entity *e)
{
    const struct field *state = e->state ? entity_field(e, e->state) : NULL;
    char **codes;

    if (!state || !bulk_field(state) || !e->closed || !text_split(w->arena, e->closed, ' ', &codes))
        return NULL;
    return choice_find(state->choices, codes[0]);
}

static void draw_buttons(struct web *w, const struct entity *e)
{
    const struct field *review = review_field(e);
    const struct choice *closed = closing(w, e);
    struct html *h = w->html;

    if (closed)
        html(h, "<input type='hidden' name='%s' value='%s'>", e->state, closed->code);
    if (review)
        html(h, "<input type='hidden' name='%s' value='%s'>", review->name, w->today);
    html(h, "<div class='form-actions'>");
    if (review)
        html(h,
             "<button class='btn btn-primary' name='do.%s' value='1'>{Let the owners check "
             "them}</button>",
             review->name);
    if (closed)
        html(h, "<button class='btn' name='do.%s' value='1'>{Set to “%s”}</button>", e->state,
             tr(closed->label));
    html(h,
         "<button class='btn' formaction='%s'>{Change something else}</button></div>"
         "<p class='form-hint mb-0'>{You see what would become of each record before anything is "
         "written, and the step can be undone as a whole.}</p>",
         web_url(w, "/%s/bulk", e->plural));
}

/* One more than a page holds tells whether there is a next one. Each record is looked up among the
 * missing: an engine that knows nothing of the table yet joins the two row by row otherwise. */
static struct err *read_missing(struct web *w, const struct missing *m, struct rows **out)
{
    return db_query(w->db, out,
                    "select r.id, r.number, r.title,"
                    " case when coalesce(r.state, '') in (select value from json_each($3))"
                    " then 1 else 0 end from record r where r.org_id = $1 and r.kind = $6"
                    " and r.number > $4 and (select m.record from import_missing m"
                    " where m.org_id = r.org_id and m.import = $2 and m.record = r.id) is not null"
                    " order by r.number limit $5",
                    num(w->org), num(m->import), str(closed_text(w->arena, m->e)), num(m->after),
                    num(SHOWN + 1), str(m->e->name));
}

struct err *import_missing_open(struct web *w, i64 import, i64 after, const struct entity *e,
                                struct ids *out)
{
    struct rows *r;
    i64 *list;

    *out = (struct ids){0};
    if (!entity_sees_all(w, e))
        return NULL;
    TRY(db_query(w->db, &r,
                 "select r.id from record r where r.org_id = $1 and r.kind = $3"
                 " and coalesce(r.state, '') not in (select value from json_each($4))"
                 " and r.number > $5 and (select m.record from import_missing m"
                 " where m.org_id = r.org_id and m.import = $2 and m.record = r.id) is not null"
                 " order by r.number limit $6",
                 num(w->org), num(import), str(e->name), str(closed_text(w->arena, e)), num(after),
                 num(BULK_MOST)));
    list = NEW_ARRAY(w->arena, i64, row_count(r) + 1);
    while (row_next(r))
        list[out->count++] = row_num(r, 0);
    out->id = list;
    return NULL;
}

static void draw_one(struct web *w, const struct entity *e, const struct rows *r)
{
    bool over = row_num(r, 3) != 0;
    struct html *h = w->html;

    html(h,
         "<li><label class='form-check'><input class='form-check-input' type='checkbox' "
         "name='id[]' value='%lld'%s><span class='form-check-label'><a href='%s'>"
         "<span class='record-number'>%s-%lld</span> %s</a>",
         row_num(r, 0), over ? "" : " checked", web_record_url(w, e, row_num(r, 1)), e->prefix,
         row_num(r, 1), row_text(r, 2));
    if (over)
        html(h, " <span class='mute'>{settled since}</span>");
    html(h, "</span></label></li>");
}

static void draw_list(struct web *w, const struct missing *m, struct rows *r)
{
    const char *page = web_url(w, "/imports/IM-%lld", m->number);
    struct html *h = w->html;
    i64 last = 0;

    html(h, "<ul class='list-unstyled'>");
    for (int i = 0; i < SHOWN && row_next(r); i++) {
        draw_one(w, m->e, r);
        last = row_num(r, 1);
    }
    html(h, "</ul>");
    if (!m->after && row_count(r) <= SHOWN)
        return;
    html(h, "<nav class='btn-list mb-3' aria-label='{Pages}'>");
    if (m->after)
        html(h, "<a class='btn btn-sm' href='%s#missing'>{First page}</a>", page);
    if (row_count(r) > SHOWN)
        html(h, "<a class='btn btn-sm' rel='next' href='%s?missing=%lld#missing'>{Next %d}</a>",
             page, last, SHOWN);
    html(h, "</nav>");
}

/* More than one step takes: the next ones, and the way to those behind them. */
static struct err *draw_next(struct web *w, const struct missing *m)
{
    struct rows *r;

    html(w->html,
         "<label class='form-check'><input class='form-check-input' type='checkbox' "
         "name='missing' value='%lld.%lld'><span class='form-check-label'>{the next % lld that are "
         "not settled, of this page and those behind it, instead of the ticked ones}</span></label>"
         "<p class='form-hint'>{% lld records are not settled, and one step takes % lld.}",
         m->import, m->after, (i64)BULK_MOST, m->open, (i64)BULK_MOST);
    TRY(db_query(w->db, &r,
                 "select r.number from record r where r.org_id = $1 and r.kind = $6"
                 " and r.number > $4 and coalesce(r.state, '') not in"
                 " (select value from json_each($3)) and (select m.record from import_missing m"
                 " where m.org_id = r.org_id and m.import = $2 and m.record = r.id) is not null"
                 " order by r.number limit 1 offset $5",
                 num(w->org), num(m->import), str(closed_text(w->arena, m->e)), num(m->after),
                 num(BULK_MOST - 1), str(m->e->name)));
    if (row_next(r))
        html(w->html, " <a href='%s?missing=%lld#missing'>{Go to those behind them}</a>",
             web_url(w, "/imports/IM-%lld", m->number), row_num(r, 0));
    html(w->html, "</p>");
    return NULL;
}

/* Ticks hold for one page, so with several there is a box for all of them. */
static struct err *draw_all(struct web *w, const struct missing *m, const struct rows *r)
{
    if (m->open > BULK_MOST)
        return draw_next(w, m);
    if (m->open && (m->after || row_count(r) > SHOWN))
        html(w->html,
             "<label class='form-check mb-3'><input class='form-check-input' type='checkbox' "
             "name='missing' value='%lld'><span class='form-check-label'>{all %lld that are not "
             "settled, of all pages, instead of the ticked ones}</span></label>",
             m->import, m->open);
    return NULL;
}

static struct err *count_missing(struct web *w, struct missing *m)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select count(*), count(case when r.id is not null and coalesce(r.state, '')"
                 " not in (select value from json_each($3)) then 1 end) from import_missing m"
                 " left join record r on r.org_id = m.org_id and r.id = m.record"
                 " where m.org_id = $1 and m.import = $2",
                 num(w->org), num(m->import), str(closed_text(w->arena, m->e))));
    if (row_next(r)) {
        m->all = row_num(r, 0);
        m->open = row_num(r, 1);
    }
    return NULL;
}

struct err *import_draw_missing(struct web *w, i64 import, i64 number, const struct entity *e)
{
    struct missing m = {.e = e, .import = import, .number = number};
    const char *after = web_query(w, "missing");
    struct rows *r;

    if (after && (!text_i64(after, &m.after) || m.after < 0))
        return err_new(ERR_BAD, "“missing” is the number of the last record of a page.");
    TRY(count_missing(w, &m));
    if (!m.all || w->asof || !entity_sees_all(w, e))
        return NULL;
    TRY(read_missing(w, &m, &r));
    html(w->html, "<div id='missing'>");
    card_begin(w, "In the register, but not in the file", NULL);
    html(w->html,
         "<p>{The file was the whole list, and %lld record was not in it.|The file was the whole "
         "list, and %lld records were not in it.}</p>",
         m.all, m.all);
    if (!bulk_may(w, e)) {
        draw_list(w, &m, r);
    } else {
        form_begin(w, web_url(w, "/%s/bulk/plan", e->plural), 0);
        html(w->html, "<input type='hidden' name='_reason' value='%s'>",
             arena_printf(w->arena, tr("Not in the list that was imported as IM-%lld"), number));
        draw_list(w, &m, r);
        TRY(draw_all(w, &m, r));
        draw_buttons(w, e);
        html(w->html, "</form>");
    }
    card_end(w);
    html(w->html, "</div>");
    return NULL;
}
