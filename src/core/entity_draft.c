/* SPDX-License-Identifier: Apache-2.0 */
/* Drafts: what somebody typed into a form and has not saved yet. They belong to the account alone,
 * are no evidence and never logged, and go away when the form is saved, when they are discarded, or
 * after a month (core/ticker.c). What is kept is the posted form as it is, so that even a value
 * that the program would refuse comes back. */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "base/words.h"
#include "core/entity_page.h"
#include "core/entity_sql.h"
#include "core/language.h"

#define BYTES_MOST ((size_t)256 * 1024)

/* --- which draft --- */

/* Record 0 stands for a new one. */
static struct err *draft_row(struct web *w, const struct entity *e, i64 record, struct rows **out)
{
    return db_query(w->db, out,
                    "select version, at, body from draft where org_id = $1 and account = $2"
                    " and kind = $3 and record = $4",
                    num(w->org), num(w->account), str(e->name), num(record));
}

static struct err *forget(struct web *w, const struct entity *e, i64 record)
{
    return db_exec(w->db,
                   "delete from draft where org_id = $1 and account = $2 and kind = $3"
                   " and record = $4",
                   num(w->org), num(w->account), str(e->name), num(record));
}

struct err *entity_draft_saved(struct web *w, const struct entity *e, i64 record, bool fresh)
{
    if (w->face != FACE_PAGE || !w->account || !w->req || !web_form(w, "_draft"))
        return NULL;
    return forget(w, e, fresh ? 0 : record);
}

/* --- keeping what was typed --- */

static bool is_kept(const struct entity *e, const char *name)
{
    size_t n = strlen(name);

    if (n > 2 && text_equal(name + n - 2, "[]"))
        n -= 2;
    for (size_t i = 0; i < e->nfields; i++) {
        const struct field *f = &e->fields[i];

        if (strlen(f->name) == n && !strncmp(f->name, name, n))
            return !f->internal && !f->derived && !f->secret;
    }
    return text_equal(name, "_reason");
}

static struct err *body_of(struct web *w, const struct entity *e, const char **out, size_t *typed)
{
    json_t *list = json_own(w->arena, json_array());
    const struct pairs *form = &w->req->form;

    *typed = 0;
    for (size_t i = 0; i < form->count; i++) {
        const struct pair *p = &form->list[i];

        if (!is_kept(e, p->name) || !text_valid(p->value, strlen(p->value)))
            continue;
        *typed += *p->value != '\0';
        json_array_append_new(list, json_pack("[s, s]", p->name, p->value));
    }
    *out = json_text(w->arena, list);
    if (strlen(*out) > BYTES_MOST)
        return err_new(ERR_LIMIT,
                       "The draft is too long to be kept. Save the form, or shorten it.");
    return NULL;
}

static struct err *keep(struct web *w, const struct entity *e, i64 record)
{
    const char *version = web_form(w, "_version"), *body;
    size_t typed;
    i64 n = 0;

    TRY(body_of(w, e, &body, &typed));
    if (!typed)
        return forget(w, e, record);
    if (version && (!text_i64(version, &n) || n < 0))
        n = 0;
    return db_exec(
        w->db,
        "insert into draft (org_id, account, kind, record, version, at, body)"
        " values ($1, $2, $3, $4, $5, $6, $7) on conflict (org_id, account, kind, record)"
        " do update set version = excluded.version, at = excluded.at,"
        " body = excluded.body",
        num(w->org), num(w->account), str(e->name), num(record), num(n), num(w->now), str(body));
}

/* "/:plural/draft" or "/:plural/:no/draft". */
static struct err *asked_draft(struct web *w, const struct entity **e, struct record **r)
{
    *r = NULL;
    if (*web_param(w, 1))
        TRY(entity_asked_record(w, e, r));
    else
        TRY(entity_asked(w, e));
    return web_need(w, (*e)->write);
}

static const char *form_url(struct web *w, const struct entity *e, const struct record *r)
{
    const char *end = r ? arena_printf(w->arena, "/%s-%lld/edit", e->prefix, r->number) : "/new";

    return web_url(w, "/%s%s", e->plural, end);
}

/* The page of the form that was sent, if it says so; only an address below this organisation. */
static const char *back_url(struct web *w, const struct entity *e, const struct record *r)
{
    const char *sent = web_form(w, "_form");

    if (sent && text_starts(sent, arena_printf(w->arena, "/o/%s/", w->slug)) &&
        !strpbrk(sent, "\\\r\n?#"))
        return sent;
    return form_url(w, e, r);
}

struct err *entity_draft_save(struct web *w)
{
    const struct entity *e;
    struct record *r;
    json_t *answer;

    TRY(asked_draft(w, &e, &r));
    TRY(keep(w, e, r ? r->id : 0));
    if (!web_form(w, "_stay")) { /* the script asks for no page */
        answer = json_pack("{s:s}", "at", web_time(w, w->now));
        web_answer_json(w, 200, answer);
        return NULL;
    }
    web_redirect(w, arena_printf(w->arena, "%s?m=drafted", back_url(w, e, r)));
    return NULL;
}

struct err *entity_draft_drop(struct web *w)
{
    const struct entity *e;
    struct record *r;

    TRY(asked_draft(w, &e, &r));
    TRY(forget(w, e, r ? r->id : 0));
    web_redirect(w, arena_printf(w->arena, "%s?m=discarded", back_url(w, e, r)));
    return NULL;
}

/* --- in the form --- */

/* Puts the draft where a posted form would be, so that the controls show it. */
static struct err *open_draft(struct web *w, const char *body)
{
    json_t *list, *one;
    size_t i;

    TRY(json_parse(w->arena, body, strlen(body), &list));
    w->req->form.list = NEW_ARRAY(w->arena, struct pair, json_array_size(list) + 1);
    w->req->form.count = 0;
    json_array_foreach(list, i, one)
    {
        const char *name = json_string_value(json_array_get(one, 0));
        const char *value = json_string_value(json_array_get(one, 1));

        if (name && value)
            w->req->form.list[w->req->form.count++] = (struct pair){name, value};
    }
    w->draft->open = true;
    return NULL;
}

/* The parameters of this page stay: a form may need them (which risk is treated). */
static const char *continue_url(struct web *w, i64 version)
{
    struct buf b;

    buf_init(&b, w->arena, 128);
    buf_printf(&b, "%s?draft=%lld", w->req->path, version);
    for (size_t i = 0; i < w->req->query.count; i++) {
        const struct pair *p = &w->req->query.list[i];

        if (!text_equal(p->name, "m") && !text_equal(p->name, "draft"))
            buf_printf(&b, "&%s=%s", text_url(w->arena, p->name), text_url(w->arena, p->value));
    }
    return b.data;
}

static void draw_offer(struct web *w, i64 version, const char *at)
{
    struct html *h = w->html;

    html(h,
         "<div class='notice info mb-3 draft-offer' role='status'><div>{You have an unsaved "
         "draft of %s.}</div><div class='d-flex gap-2'><a class='btn btn-sm btn-primary' "
         "href='%s'>{Continue with it}</a><button class='btn btn-sm' type='submit' "
         "form='draft-drop'>{Discard it}</button></div></div>",
         at, continue_url(w, version));
    w->draft->offered = true;
}

static void draw_opened(struct web *w, const char *at)
{
    html(w->html,
         "<div class='notice info mb-3' role='status'><div>{This is your draft of %s. Nothing is "
         "saved yet.}</div><div><button class='btn btn-sm' type='submit' form='draft-drop'>"
         "{Discard it}</button></div></div>",
         at);
    w->draft->offered = true;
}

struct err *form_draft(struct web *w, const struct entity *e, const void *record,
                       const struct issues *issues)
{
    const struct record *r = record;
    struct rows *rows;
    const char *at;

    if (!w->req || !w->account || w->asof || !w->slug || !web_may(w, e->write))
        return NULL;
    w->draft = NEW(w->arena, struct form_draft);
    w->draft->url = r->id ? arena_printf(w->arena, "%s/draft", web_record_url(w, e, r->number))
                          : web_url(w, "/%s/draft", e->plural);
    html(w->html,
         "<input type='hidden' name='_draft' value='1'>"
         "<input type='hidden' name='_form' value='%s' data-draft='%s' data-draft-who='%lld'%s>",
         w->req->method == METHOD_GET ? w->req->path : form_url(w, e, r->id ? r : NULL),
         w->draft->url, w->account, w->req->method == METHOD_GET ? "" : " data-draft-posted");
    if (w->req->method != METHOD_GET || (issues && issues->count))
        return NULL;
    TRY(draft_row(w, e, r->id, &rows));
    if (!row_next(rows))
        return NULL;
    at = web_time(w, row_num(rows, 1));
    if (!web_query(w, "draft")) {
        draw_offer(w, row_num(rows, 0), at);
        return NULL;
    }
    TRY(open_draft(w, row_text(rows, 2)));
    draw_opened(w, at);
    return NULL;
}

const char *form_sent(const struct web *w, const struct issues *issues, const char *name)
{
    if (!(issues && issues->count) && !(w->draft && w->draft->open))
        return NULL;
    /* In a merge, the value of the other side was chosen for this field. */
    if (text_equal(web_form(w, arena_printf(w->arena, "_take.%.*s", (int)strcspn(name, "["), name)),
                   "theirs"))
        return NULL;
    return web_form(w, name);
}

void form_draft_button(struct web *w)
{
    if (w->draft)
        html(w->html,
             "<button class='btn' type='submit' formaction='%s' formnovalidate name='_stay' "
             "value='1' data-draft-button>{Save draft}</button>"
             "<span class='mute draft-status' role='status' data-draft-status "
             "data-kept='{Draft kept.}' data-offline='{No connection. Your text is kept in this "
             "browser and sent as soon as there is one.}' data-unsent='{No connection: this was "
             "not saved yet. Your text is kept in this browser. Save again when the connection is "
             "back.}' data-offer='{Text that had not reached the server was found in this "
             "browser and is kept as a draft now.}' data-continue='{Continue with it}'></span>",
             w->draft->url);
}

void form_draft_end(struct web *w)
{
    if (w->draft && w->draft->offered)
        html(w->html,
             "<form id='draft-drop' method='post' action='%s/drop'><input type='hidden' "
             "name='_csrf' value='%s'><input type='hidden' name='_form' value='%s'></form>",
             w->draft->url, w->csrf, w->req->path);
    w->draft = NULL;
}

/* --- all of them --- */

/* What a new record belongs to is asked for by the address of its form. */
static const char *fixed_values(struct web *w, const struct entity *e, const char *body)
{
    json_t *list, *one;
    struct buf b;
    size_t i;

    buf_init(&b, w->arena, 64);
    if (json_parse(w->arena, body, strlen(body), &list))
        return "";
    json_array_foreach(list, i, one)
    {
        const char *name = json_string_value(json_array_get(one, 0));
        const char *value = json_string_value(json_array_get(one, 1));
        const struct field *f = name ? entity_field(e, name) : NULL;

        if (f && value && f->fixed && f->kind == FIELD_REF)
            buf_printf(&b, "&%s=%s", name, text_url(w->arena, value));
    }
    return b.data;
}

struct err *entity_drafts_page(struct web *w)
{
    struct html *h = w->html;
    struct rows *r;
    size_t n = 0;

    TRY(db_query(
        w->db, &r,
        "select d.kind, d.record, d.version, d.at, coalesce(k.number, 0),"
        " coalesce(k.title, ''), d.body from draft d left join record k on k.org_id = d.org_id"
        " and k.id = d.record where d.org_id = $1 and d.account = $2 order by d.at desc",
        num(w->org), num(w->account)));
    page_begin(w, "", "%s", tr("Drafts"));
    page_help(w,
              "What you typed into a form and have not saved yet. Only you see your drafts. They "
              "are deleted when the form is saved, and after thirty days.",
              NULL);
    page_body(w);
    card_begin(w, NULL, NULL);
    html(h, "<ul class='list-group list-group-flush'>");
    while (row_next(r)) {
        const struct entity *e = feature_entity(row_text(r, 0));
        struct record one = {.number = row_num(r, 4)};
        bool fresh = row_num(r, 1) == 0;

        if (!e || e->no_pages || (!fresh && !one.number))
            continue;
        n++;
        html(h, "<li class='list-group-item'><a href='%s?draft=%lld%s'>",
             form_url(w, e, fresh ? NULL : &one), row_num(r, 2),
             fresh ? fixed_values(w, e, row_text(r, 6)) : "");
        if (fresh)
            html(h, "{New: %s}", page_lower(w, tr(e->label)));
        else
            html(h, "%s-%lld %s", e->prefix, one.number, row_text(r, 5));
        html(h, "</a> <span class='mute'>%s</span></li>", web_time(w, row_num(r, 3)));
    }
    html(h, "</ul>");
    if (!n)
        page_empty(w,
                   "No drafts. While you fill in a form, it is kept here every few seconds, so "
                   "that nothing is lost when the connection is.",
                   NULL, NULL);
    card_end(w);
    page_end(w);
    return NULL;
}
