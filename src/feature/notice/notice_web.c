/* SPDX-License-Identifier: Apache-2.0 */
/* The bell, the inbox and its API. */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "base/words.h"
#include "core/language.h"
#include "core/page.h"
#include "feature/notice/notice_part.h"

#define SHOWN 50
#define COUNTED 100

static const char help[] =
    "What you have been told: work that is yours now, dates that come near, people who name you. "
    "Opening a line marks it as read. You choose in the settings what also comes by mail, and "
    "when. "
    "Muting a record silences comments and changes on it; work and dates of yours still reach you.";

/* --- the bell --- */

static struct err *count_unread(struct web *w, i64 *out)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select count(*) from (select n.id from notice n where n.org_id = $1"
                 " and n.person = $2 and n.read_at = 0 limit $3) as unread",
                 num(w->org), num(w->person), num(COUNTED)));
    *out = row_next(r) ? row_num(r, 0) : 0;
    return NULL;
}

struct err *notice_bell(struct web *w)
{
    struct html *h = w->html;
    i64 n;

    if (!w->person)
        return NULL;
    TRY(count_unread(w, &n));
    html(h, "<a class='btn btn-icon bell' href='%s' ", web_url(w, "/notices"));
    if (n >= COUNTED)
        html(h, "aria-label='{Notifications: 99 or more not read}'>");
    else
        html(h, "aria-label='{Notifications: %lld not read}'>", n);
    icon(w, "bell");
    if (n > 0)
        html(h, "<span class='bell-count' aria-hidden='true'>%s</span>",
             n >= COUNTED ? "99+" : arena_printf(w->arena, "%lld", n));
    html(h, "</a>");
    return NULL;
}

/* --- rows --- */

struct shown {
    i64 id, record, at, read_at, mail;
    const char *kind, *text, *link, *path;
    const char *record_kind, *label, *title;
    bool muted, settled;
};

static void read_shown(struct web *w, struct rows *r, struct shown *s)
{
    *s = (struct shown){.id = row_num(r, 0),
                        .kind = row_text(r, 1),
                        .record = row_num(r, 2),
                        .path = row_text(r, 3),
                        .text = notice_text(w->arena, row_text(r, 4), row_text(r, 5)),
                        .at = row_num(r, 6),
                        .read_at = row_num(r, 7),
                        .mail = row_num(r, 8),
                        .record_kind = row_text(r, 9),
                        .title = row_text(r, 11),
                        .muted = !row_null(r, 12),
                        .settled = row_num(r, 13) != 0};
    s->link = notice_link(w, s->record_kind, row_num(r, 10), s->record, s->path);
}

/* The newest of the person, before the cursor; one more than is shown tells whether there are more.
 */
static struct err *load(struct web *w, bool unread, struct shown **out, size_t *count)
{
    const char *after = web_query(w, "after");
    struct rows *r;
    i64 before = 0;

    if (after && !text_i64(after, &before))
        return err_new(ERR_BAD, "“%.40s” is no place in this list. Start at its beginning.", after);
    TRY(db_query(w->db, &r,
                 "select n.id, n.kind, n.record, n.path, n.text, n.args, n.at, n.read_at, n.mail,"
                 " r.kind, r.number, r.title, m.record, n.settled from notice n left join record r"
                 " on r.org_id = n.org_id and r.id = n.record left join notice_mute m"
                 " on m.org_id = n.org_id and m.person = n.person and m.record = n.record"
                 " where n.org_id = $1 and n.person = $2 and ($3 = 0 or n.id < $3)"
                 " and ($4 = 0 or n.read_at = 0) order by n.id desc limit $5",
                 num(w->org), num(w->person), num(before), num(unread), num(SHOWN + 1)));
    *out = NEW_ARRAY(w->arena, struct shown, row_count(r) + 1);
    for (*count = 0; row_next(r); ++*count)
        read_shown(w, r, &(*out)[*count]);
    return NULL;
}

/* --- the page --- */

static void draw_text(struct web *w, const struct shown *s)
{
    struct html *h = w->html;

    if (s->link && !s->read_at) {
        form_button(w, web_url(w, "/notices/%lld/open", s->id), "link", s->text, NULL, NULL);
        return;
    }
    if (s->link)
        html(h, "<a href='%s'>%s</a>", s->link, s->text);
    else
        html(h, "%s", s->text);
}

static void draw_one(struct web *w, const struct shown *s)
{
    const struct notice_kind *k = notice_kind_find(s->kind);
    struct html *h = w->html;

    html(h, "<li class='notice-row%s'><div class='notice-main'>", s->read_at ? "" : " unread");
    if (!s->read_at)
        html(h, "<span class='visually-hidden'>{Not read:} </span>");
    draw_text(w, s);
    html(h, "<div class='list-sub'>%s · %s ", web_time(w, s->at), k ? tr(k->label) : s->kind);
    if (s->settled)
        badge(w, "grey", "No longer needed");
    html(h, "</div></div><div class='btn-list'>");
    if (!s->read_at)
        form_button(w, web_url(w, "/notices"), "default", "Mark as read", "id",
                    arena_printf(w->arena, "%lld", s->id));
    if (s->record && *s->record_kind && k && k->chatter)
        form_button(w, web_url(w, s->muted ? "/notices/unmute" : "/notices/mute"), "default",
                    s->muted ? "Unmute the record" : "Mute the record", "record",
                    arena_printf(w->arena, "%lld", s->record));
    html(h, "</div></li>\n");
}

static void draw_list(struct web *w, const struct shown *list, size_t n, bool unread)
{
    struct html *h = w->html;
    size_t shown = n > SHOWN ? SHOWN : n;

    html(h, "<section class='card' aria-label='{Notifications}'>");
    if (n == 0)
        page_empty(w,
                   unread
                       ? "You have read everything."
                       : "Nobody has told you anything yet. When work is given to you, a date of "
                         "yours comes near or somebody names you, it is listed here.",
                   NULL, NULL);
    else
        html(h, "<ul class='notice-list'>");
    for (size_t i = 0; i < shown; i++)
        draw_one(w, &list[i]);
    if (n > 0)
        html(h, "</ul>");
    if (n > SHOWN)
        html(h, "<div class='pager'><a class='btn btn-sm' rel='next' href='%s'>{Older}</a></div>",
             web_url(w, "/notices?show=%s&after=%lld", unread ? "unread" : "all",
                     list[SHOWN - 1].id));
    html(h, "</section>");
}

struct err *notice_inbox(struct web *w)
{
    bool unread = !text_equal(web_query(w, "show"), "all");
    const char *pairs[] = {web_url(w, "/notices"), tr("Not read"), web_url(w, "/notices?show=all"),
                           "All", NULL};
    struct shown *list;
    size_t n;

    TRY(load(w, unread, &list, &n));
    page_begin(w, NULL, "%s", tr("Notifications"));
    page_action(w, "default", web_url(w, "/notices/settings"), "Settings");
    page_help(w, tr(help), NULL);
    page_body(w);
    tabs(w, unread ? 0 : 1, pairs);
    draw_list(w, list, n, unread);
    if (unread && n > 0) {
        html(w->html, "<div class='mt-3'>");
        form_button(w, web_url(w, "/notices"), "default", "Mark all as read", "all", "1");
        html(w->html, "</div>");
    }
    page_end(w);
    return NULL;
}

/* --- changing --- */

static struct err *mark(struct web *w, i64 id)
{
    return db_exec(w->db,
                   "update notice set read_at = $4 where org_id = $1 and person = $2"
                   " and ($3 = 0 or id = $3) and read_at = 0",
                   num(w->org), num(w->person), num(id), num(w->now));
}

struct err *notice_read(struct web *w)
{
    const char *text = web_form(w, "id");
    i64 id = 0;

    if (!web_form(w, "all") && (!text_i64(text, &id) || id <= 0))
        return err_new(ERR_BAD, "The form does not say which notification has been read.");
    TRY(mark(w, id));
    web_redirect(w, web_url(w, "/notices"));
    return NULL;
}

/* Marks as read and leads to what it is about: one click, also without script. */
struct err *notice_open(struct web *w)
{
    const char *link = NULL;
    struct rows *r;
    i64 id;

    if (!text_i64(web_param(w, 0), &id))
        id = 0;
    TRY(db_query(w->db, &r,
                 "select n.record, n.path, r.kind, r.number from notice n left join record r"
                 " on r.org_id = n.org_id and r.id = n.record where n.org_id = $1"
                 " and n.person = $2 and n.id = $3",
                 num(w->org), num(w->person), num(id)));
    if (!row_next(r))
        return err_new(ERR_MISSING, "There is no such notification of yours.");
    link = notice_link(w, row_text(r, 2), row_num(r, 3), row_num(r, 0), row_text(r, 1));
    TRY(mark(w, id));
    web_redirect(w, link ? link : web_url(w, "/notices?show=all"));
    return NULL;
}

static struct err *form_record(struct web *w, i64 *out)
{
    const char *text = web_form(w, "record");
    struct rows *r;

    if (!text_i64(text, out))
        return err_new(ERR_BAD, "The form does not say which record is meant.");
    TRY(db_query(w->db, &r,
                 "select 1 from notice where org_id = $1 and person = $2 and record = $3"
                 " union select 1 from notice_mute where org_id = $1 and person = $2"
                 " and record = $3",
                 num(w->org), num(w->person), num(*out)));
    return row_next(r) ? NULL : err_new(ERR_MISSING, "You were told nothing about that record.");
}

struct err *notice_mute(struct web *w)
{
    i64 record;

    TRY(form_record(w, &record));
    TRY(db_exec(w->db,
                "insert into notice_mute (org_id, person, record) values ($1, $2, $3)"
                " on conflict (org_id, person, record) do nothing",
                num(w->org), num(w->person), num(record)));
    web_redirect(w, web_url(w, "/notices?show=all"));
    return NULL;
}

struct err *notice_unmute(struct web *w)
{
    i64 record;

    TRY(form_record(w, &record));
    TRY(db_exec(w->db, "delete from notice_mute where org_id = $1 and person = $2 and record = $3",
                num(w->org), num(w->person), num(record)));
    web_redirect(w, web_url(w, "/notices/settings"));
    return NULL;
}

/* --- watching a record --- */

/* A record of any kind that this person sees. */
static struct err *watched_record(struct web *w, struct record_head *out)
{
    const char *text = web_form(w, "record");
    i64 id;

    if (!text_i64(text, &id))
        return err_new(ERR_BAD, "The form does not say which record is meant.");
    TRY(record_head(w, id, out));
    if (!out->entity || out->hidden || out->removed)
        return err_new(ERR_MISSING, "There is no such record, or you may not see it.");
    return NULL;
}

static struct err *to_talk(struct web *w, const struct record_head *head)
{
    const char *address = record_head_url(w, head);

    web_redirect(w, address ? arena_printf(w->arena, "%s?tab=comments", address)
                            : web_url(w, "/notices/settings"));
    return NULL;
}

struct err *notice_watch_record(struct web *w)
{
    struct record_head head;

    TRY(watched_record(w, &head));
    TRY(db_exec(w->db,
                "insert into notice_watch (org_id, person, record) values ($1, $2, $3)"
                " on conflict (org_id, person, record) do nothing",
                num(w->org), num(w->person), num(head.id)));
    TRY(db_exec(w->db, "delete from notice_mute where org_id = $1 and person = $2 and record = $3",
                num(w->org), num(w->person), num(head.id)));
    return to_talk(w, &head);
}

struct err *notice_unwatch_record(struct web *w)
{
    const char *text = web_form(w, "record");
    struct record_head head;
    i64 id, n;

    if (!text_i64(text, &id))
        return err_new(ERR_BAD, "The form does not say which record is meant.");
    TRY(db_change(w->db, &n,
                  "delete from notice_watch where org_id = $1 and person = $2 and record = $3",
                  num(w->org), num(w->person), num(id)));
    if (!n)
        return err_new(ERR_MISSING, "You do not watch that record.");
    TRY(record_head(w, id, &head));
    return to_talk(w, &head);
}

struct err *notice_watchers(struct web *w, i64 record, int most, struct ids *out)
{
    struct rows *r;
    i64 *list;

    TRY(db_query(w->db, &r,
                 "select person from notice_watch where org_id = $1 and record = $2"
                 " order by person limit $3",
                 num(w->org), num(record), num(most)));
    list = NEW_ARRAY(w->arena, i64, row_count(r) + 1);
    for (out->count = 0; row_next(r); out->count++)
        list[out->count] = row_num(r, 0);
    out->id = list;
    return NULL;
}

struct err *notice_draw_watch(struct web *w, const struct entity *e, i64 record)
{
    struct rows *r;
    bool watches;

    if (w->asof || !w->person || e->site)
        return NULL;
    TRY(db_query(w->db, &r,
                 "select 1 from notice_watch where org_id = $1 and person = $2 and record = $3",
                 num(w->org), num(w->person), num(record)));
    watches = row_next(r);
    html(w->html, "<div class='comment-watch'>");
    form_button(w, web_url(w, watches ? "/notices/unwatch" : "/notices/watch"), "default",
                watches ? "Stop watching" : "Watch", "record",
                arena_printf(w->arena, "%lld", record));
    if (watches)
        html(w->html, "<span class='mute'>{You are told of comments and changes here.}</span>");
    else
        html(w->html, "<span class='mute'>{Be told of comments and changes here.}</span>");
    html(w->html, "</div>");
    return NULL;
}

/* --- API --- */

struct err *notice_api_list(struct web *w)
{
    json_t *items = json_own(w->arena, json_array()), *o;
    struct shown *list;
    size_t n;

    TRY(load(w, web_query(w, "unread") != NULL, &list, &n));
    for (size_t i = 0; i < n && i < SHOWN; i++) {
        o = json_object();
        json_object_set_new(o, "id", json_string(arena_printf(w->arena, "%lld", list[i].id)));
        json_object_set_new(o, "kind", json_string(list[i].kind));
        json_object_set_new(o, "text", json_string(list[i].text));
        json_object_set_new(o, "link", list[i].link ? json_string(list[i].link) : json_null());
        json_object_set_new(o, "at", json_string(clock_iso(w->arena, list[i].at)));
        json_object_set_new(o, "read", json_boolean(list[i].read_at != 0));
        json_object_set_new(o, "settled", json_boolean(list[i].settled));
        json_array_append_new(items, o);
    }
    o = json_pack("{s:O}", "items", items);
    json_object_set_new(o, "next",
                        n > SHOWN ? json_string(arena_printf(w->arena, "%lld", list[SHOWN - 1].id))
                                  : json_null());
    web_answer_json(w, 200, o);
    return NULL;
}

struct err *notice_api_read(struct web *w)
{
    const char *text = (const char *)w->req->body.data;
    json_t *in, *one;
    size_t i;
    i64 id;

    TRY(json_parse(w->arena, text ? text : "", w->req->body.size, &in));
    if (json_is_true(json_object_get(in, "all")))
        TRY(mark(w, 0));
    json_array_foreach(json_object_get(in, "ids"), i, one)
    {
        if (!json_is_string(one) || !text_i64(json_string_value(one), &id) || id <= 0)
            return err_new(ERR_BAD, "“ids” must be an array of ids as texts.");
        TRY(mark(w, id));
    }
    web_answer_json(w, 200, json_pack("{s:b}", "ok", 1));
    return NULL;
}
