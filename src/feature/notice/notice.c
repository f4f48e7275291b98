/* SPDX-License-Identifier: Apache-2.0 */
/* Adding notices, their kinds, and the feature's tables. */
#include "feature/notice/notice.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "feature/notice/notice_part.h"

#define WORD '\t' /* marks a value that is translated: no text of a user begins with it */

/* clang-format off */
const struct notice_kind notice_kinds[] = {
    {"assigned", "Work that is mine now",
     "You were made owner, assignee or verifier of something.", "now", false, false},
    {"mention", "Somebody names me", "A comment mentions you with @.", "now", false, false},
    {"approval", "Something waits for my decision",
     "A plan, a report or a document was sent to you for approval.", "now", false, false},
    {"reminder", "Dates of mine", "A due date comes near or has passed.", "now", false, false},
    {"escalation", "Late work of others",
     "Something you answer for as head of the department or security manager is late.", "now",
     false, false},
    {"comment", "Talk on my records", "Comments on what you own or watch.", "day", true, false},
    {"change", "Changes of my records", "Somebody changed or removed what you own or watch.",
     "day", true, true},
    {"system", "The installation needs a hand",
     "Background work has failed for good, or a webhook was switched off.", "now", false, false},
    {0},
};
/* clang-format on */

const struct notice_kind *notice_kind_find(const char *code)
{
    for (const struct notice_kind *k = notice_kinds; k->code; k++)
        if (text_equal(k->code, code))
            return k;
    return NULL;
}

/* --- sentences --- */

const char *notice_word(struct web *w, const char *text)
{
    return arena_printf(w->arena, "%c%s", WORD, text);
}

const char *notice_args(struct web *w, const char *sentence, va_list values)
{
    json_t *list = json_own(w->arena, json_array());
    const char *value;

    for (const char *p = sentence; (p = strchr(p, '%')); p += 2) {
        if (p[1] == '%')
            continue;
        if (p[1] != 's')
            BUG("a notice knows only %%s: %s", sentence);
        value = va_arg(values, const char *);
        json_array_append_new(list, json_string(value ? value : ""));
    }
    return json_text(w->arena, list);
}

/* A word of the program, a date, or what somebody wrote. */
static const char *value_of(struct arena *a, struct json_t *list, size_t i)
{
    const char *value = json_string_value(json_array_get(list, i));

    if (!value)
        return "";
    return value[0] == WORD ? tr(value + 1) : words_date(a, words_supplied(a, value));
}

/* Never a printf: the text comes from the store. "%2$s" lets a translation turn the order round. */
const char *notice_text(struct arena *a, const char *text, const char *args)
{
    const char *format = tr(text);
    json_t *list = NULL;
    size_t next = 0;
    struct buf b;

    if (json_parse(a, args, strlen(args), &list))
        list = NULL;
    buf_init(&b, a, strlen(format) + 100);
    for (const char *p = format; *p; p++) {
        if (*p != '%') {
            buf_char(&b, *p);
        } else if (p[1] == 's') {
            buf_str(&b, value_of(a, list, next++));
            p++;
        } else if (p[1] >= '1' && p[1] <= '9' && p[2] == '$' && p[3] == 's') {
            buf_str(&b, value_of(a, list, (size_t)(p[1] - '1')));
            p += 3;
        } else {
            buf_char(&b, '%');
            p += p[1] == '%';
        }
    }
    return b.data;
}

const char *notice_link(struct web *w, const char *kind, i64 number, i64 record, const char *path)
{
    const struct entity *e = kind && *kind ? feature_entity(kind) : NULL;

    if (record && !e)
        return NULL;
    if (e)
        return arena_printf(w->arena, "%s%s", web_record_url(w, e, number), path);
    return *path ? web_url(w, "%s", path) : NULL;
}

/* --- adding --- */

static struct err *add(struct web *w, const struct notice *n, const char *sentence,
                       const char *args)
{
    const struct notice_kind *k = notice_kind_find(n->kind);
    i64 id = web_id();

    if (!k)
        BUG("there is no kind of notices %s", n->kind);
    if (!n->person || n->person == w->person)
        return NULL;
    return db_exec(w->db,
                   "insert into notice (org_id, id, person, kind, cause, record, path, text, args,"
                   " urgent, at, read_at, mail, mail_at) select $1, $2, $3, $4, $5, $6, $7, $8, $9,"
                   " $10, $11, 0, 0, $12 where not exists (select 1 from notice_mute m"
                   " where m.org_id = $1 and m.person = $3 and m.record = $6 and $13 = 1)"
                   " and not exists (select 1 from notice u where u.org_id = $1 and u.person = $3"
                   " and u.record = $6 and u.read_at = 0 and u.kind = $4 and $14 = 1)"
                   " on conflict (org_id, person, cause) do nothing",
                   num(w->org), num(id), num(n->person), str(n->kind),
                   str(n->cause ? n->cause : arena_printf(w->arena, "id:%lld", id)), num(n->record),
                   str(n->path ? n->path : ""), str(sentence), str(args), num(n->urgent),
                   num(w->now), num(w->now), num(k->chatter), num(k->gathered));
}

struct err *notice_add(struct web *w, const struct notice *n, const char *sentence, ...)
{
    va_list values;
    const char *args;

    va_start(values, sentence);
    args = notice_args(w, sentence, values);
    va_end(values);
    return add(w, n, sentence, args);
}

static struct err *add_role(struct web *w, const char *role, const struct notice *n,
                            const char *sentence, const char *args)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select distinct h.person from role_holder h join person p on p.org_id = h.org_id"
                 " and p.id = h.person where h.org_id = $1 and h.role = $2 and p.state = 'active'"
                 " and h.from_date <= $3 and (h.until is null or h.until >= $3)",
                 num(w->org), str(role), str(w->today)));
    while (row_next(r)) {
        struct notice one = *n;

        one.person = row_num(r, 0);
        TRY(add(w, &one, sentence, args));
    }
    return NULL;
}

struct err *notice_add_role(struct web *w, const char *role, const struct notice *n,
                            const char *sentence, ...)
{
    va_list values;
    const char *args;

    va_start(values, sentence);
    args = notice_args(w, sentence, values);
    va_end(values);
    return add_role(w, role, n, sentence, args);
}

const char *notice_values(struct web *w, const char *const *values)
{
    json_t *list = json_own(w->arena, json_array());

    for (; *values; values++)
        json_array_append_new(list, json_string(*values));
    return json_text(w->arena, list);
}

struct err *notice_add_text(struct web *w, const char *role, const struct notice *n,
                            const char *sentence, const char *const *values)
{
    const char *args = notice_values(w, values);

    return role ? add_role(w, role, n, sentence, args) : add(w, n, sentence, args);
}

/* --- housekeeping --- */

#define KEEP_READ (180 * DAY)
#define KEEP_ALL (400 * DAY)
#define KEEP_MAIL (90 * DAY)

static struct err *forget(struct web *w, void *ctx)
{
    (void)ctx;
    /* every organisation: old notices and mails go */
    TRY(db_exec(w->db,
                "delete from notice where org_id >= $1 and ((read_at > 0 and read_at < $2)"
                " or at < $3) and mail <> 0",
                num(0), num(w->now - KEEP_READ), num(w->now - KEEP_ALL)));
    /* every organisation */
    TRY(db_exec(w->db,
                "delete from mail where org_id >= $1 and at < $2 and state in ('sent', 'refused',"
                " 'dropped')",
                num(0), num(w->now - KEEP_MAIL)));
    /* every organisation: a clock that was set back keeps no notice waiting */
    return db_exec(w->db,
                   "update notice set mail_at = $2, at = $2 where org_id >= $1 and mail = 0"
                   " and at > $3",
                   num(0), num(w->now), num(w->now + MINUTE));
}

struct dead {
    i64 id;
    const char *title, *result;
};

static struct err *tell_dead(struct web *w, void *ctx)
{
    const struct dead *d = ctx;
    struct notice n = {.kind = "system",
                       .path = arena_printf(w->arena, "/jobs/%lld", d->id),
                       .cause = arena_printf(w->arena, "dead:%lld", d->id)};

    return notice_add_role(w, "admin", &n, "The background job “%s” has failed for good: %s",
                           d->title, d->result);
}

/* The dead-letter list finds its readers. */
static struct err *tell_dead_jobs(struct web *base)
{
    struct rows *r;

    /* every organisation */
    TRY(db_query(base->db, &r,
                 "select org_id, id, kind, title, result from job where org_id > $1"
                 " and state = 'dead' order by org_id, id limit 200",
                 num(0)));
    while (row_next(r)) {
        struct web w = *base;
        struct dead d = {row_num(r, 1), *row_text(r, 3) ? row_text(r, 3) : row_text(r, 2),
                         row_text(r, 4)};

        TRY(web_enter_org(&w, row_num(r, 0)));
        TRY(app_write(&w, tell_dead, &d));
    }
    return NULL;
}

struct err *notice_tidy(struct web *w, const char *body)
{
    (void)body;
    TRY(tell_dead_jobs(w));
    return app_write(w, forget, NULL);
}

/* --- tables --- */

static const struct route routes[] = {
    {METHOD_GET,    "/notices", notice_inbox, &member, 0, NULL, NULL},
    {METHOD_POST, "/notices", notice_read, &member, 0, NULL, NULL},
    {METHOD_POST,            "/notices/:notice/open", notice_open, &member, 0, NULL, NULL},
    {METHOD_POST,         "/notices/mute", notice_mute, &member, 0, NULL, NULL},
    {METHOD_POST,   "/notices/unmute", notice_unmute, &member, 0, NULL, NULL},
    {METHOD_POST,  "/notices/watch", notice_watch_record, &member, 0, NULL, NULL},
    {METHOD_POST,            "/notices/unwatch", notice_unwatch_record, &member, 0, NULL, NULL},
    {METHOD_GET,         "/notices/settings", notice_settings_page, &member, 0, NULL, NULL},
    {METHOD_POST,   "/notices/settings", notice_settings_save, &member, 0, NULL, NULL},
    {METHOD_GET,  "/notices", notice_api_list, &member, ROUTE_API, NULL,
     "Notifications of this person, newest first; ?unread=1 only those not read"},
    {METHOD_POST,            "/notices/read", notice_api_read, &member, ROUTE_API, NULL,
     "Marks notifications as read: {\"ids\": [...]} or {\"all\": true}"},
    {0        },
};

static const struct job_kind jobs[] = {
    {.name = "notice.watch",     .every = 2 * SECOND, .run = notice_watch},
    {.name = "notice.settle",       .every = 20 * SECOND, .run = notice_settle},
    {.name = "notice.post",    .every = 5 * SECOND, .run = notice_post},
    {.name = "notice.days",      .every = 10 * MINUTE, .run = notice_remind_days},
    {.name = "notice.tidy",      .every = 10 * MINUTE, .run = notice_tidy},
    {.name = "notice.remind",        .run = notice_remind, .slow = true},
    {.name = "notice.mail",      .run = notice_send, .tries = 20},
    {0},
};

const struct feature notice_feature = {
    .name = "notice", .routes = routes, .jobs = jobs, .bar = notice_bell};
