/* SPDX-License-Identifier: Apache-2.0 */
/* Making mails of notices. What is due for one person at one time becomes one mail, in their
 * language; it is stored with the notices it tells and the job that sends it, in one transaction.
 */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "base/words.h"
#include "core/job.h"
#include "core/language.h"
#include "feature/notice/notice_part.h"

#define PEOPLE_MOST 200       /* in one round */
#define NOTICES_MOST 200      /* in one mail */
#define COLLECT (30 * SECOND) /* what comes this soon after one another is one mail */
#define SUBJECT_MOST 150

struct line {
    i64 id, record, slot;
    bool read, now;
    const char *text, *link;
};

struct post {
    i64 person, mail;
    const char *name, *address, *zone, *language;
    bool reachable;
    struct hours hours;
    struct line *lines;
    size_t count, told; /* all, and those that go into the mail */
    const char *subject, *text, *html, *refs;
};

struct err *notice_hours_of(struct web *w, i64 person, struct hours *out)
{
    struct rows *r;

    *out = (struct hours){-1, -1, 0, 8};
    TRY(db_query(w->db, &r,
                 "select quiet_from, quiet_until, quiet_weekend, digest_hour from notice_hours"
                 " where org_id = $1 and person = $2",
                 num(w->org), num(person)));
    if (row_next(r))
        *out = (struct hours){row_num(r, 0), row_num(r, 1), row_num(r, 2), row_num(r, 3)};
    return NULL;
}

struct err *notice_look_again(struct web *w, i64 person)
{
    return db_exec(w->db,
                   "update notice set mail_at = $3 where org_id = $1 and person = $2 and mail = 0",
                   num(w->org), num(person), num(w->now));
}

/* --- to whom --- */

static struct err *load_person(struct web *w, struct post *p)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select p.name, p.email, p.state, a.email, a.state, a.language, a.zone"
                 " from person p left join member m on m.org_id = $3 and m.organisation = p.org_id"
                 " and m.person = p.id left join account a on a.org_id = $3 and a.id = m.account"
                 " where p.org_id = $1 and p.id = $2",
                 num(w->org), num(p->person), num(0)));
    if (!row_next(r) || !text_equal(row_str(r, 2), "active") ||
        !text_equal(row_str(r, 4), "active"))
        return NULL;
    p->reachable = true;
    p->name = row_text(r, 0);
    p->address = text_empty(row_str(r, 1)) ? row_text(r, 3) : row_str(r, 1);
    p->language = text_empty(row_str(r, 5)) ? w->language : row_str(r, 5);
    p->zone = text_empty(row_str(r, 6)) ? w->zone : row_str(r, 6);
    return notice_hours_of(w, p->person, &p->hours);
}

/* --- what and when --- */

static const char *how_of(struct rows *choices, const char *kind)
{
    const struct notice_kind *k = notice_kind_find(kind);

    row_rewind(choices);
    while (row_next(choices))
        if (text_equal(row_text(choices, 0), kind))
            return row_text(choices, 1);
    return k ? k->initial : "now";
}

static i64 slot_of(const struct post *p, struct rows *choices, struct rows *r)
{
    const char *how = how_of(choices, row_text(r, 1));
    bool urgent = row_num(r, 6) != 0;
    i64 at = row_num(r, 7);

    if (text_equal(how, "never"))
        return -1;
    if (urgent)
        how = "now";
    return notice_slot(&p->hours, how, p->zone,
                       at + (urgent || !text_equal(how, "now") ? 0 : COLLECT));
}

static void read_line(struct web *w, const struct post *p, struct rows *choices, struct rows *r,
                      struct line *l)
{
    const char *link;

    l->id = row_num(r, 0);
    l->record = row_num(r, 2);
    l->read = row_num(r, 8) != 0;
    l->slot = slot_of(p, choices, r);
    l->text = notice_text(w->arena, row_text(r, 4), row_text(r, 5));
    link = notice_link(w, row_text(r, 9), row_num(r, 10), l->record, row_text(r, 3));
    l->link = link ? link : web_url(w, "/notices");
}

static struct err *load_lines(struct web *w, struct post *p)
{
    struct rows *choices, *r;
    bool due = false;

    TRY(db_query(w->db, &choices,
                 "select kind, how from notice_choice where org_id = $1 and person = $2",
                 num(w->org), num(p->person)));
    TRY(db_query(w->db, &r,
                 "select n.id, n.kind, n.record, n.path, n.text, n.args, n.urgent, n.at, n.read_at,"
                 " r.kind, r.number from notice n left join record r on r.org_id = n.org_id"
                 " and r.id = n.record where n.org_id = $1 and n.person = $2 and n.mail = 0"
                 " order by n.id limit $3",
                 num(w->org), num(p->person), num(NOTICES_MOST)));
    p->lines = NEW_ARRAY(w->arena, struct line, row_count(r) + 1);
    for (; row_next(r); p->count++)
        read_line(w, p, choices, r, &p->lines[p->count]);
    for (size_t i = 0; i < p->count; i++)
        due = due || (!p->lines[i].read && p->lines[i].slot >= 0 && p->lines[i].slot <= w->now);
    for (size_t i = 0; i < p->count; i++) {
        struct line *l = &p->lines[i];

        l->now = due && !l->read && l->slot >= 0 && l->slot <= w->now + COLLECT;
        p->told += l->now;
    }
    return NULL;
}

/* --- the words --- */

static const char *full(struct web *w, const char *path)
{
    const char *base = w->app->config.base_url ? w->app->config.base_url : "";
    size_t n = strlen(base);

    while (n && base[n - 1] == '/')
        n--;
    return arena_printf(w->arena, "%.*s%s", (int)n, base, path);
}

static const char *cut(struct arena *a, const char *text)
{
    size_t n = strlen(text);

    if (n <= SUBJECT_MOST)
        return text;
    n = SUBJECT_MOST;
    while (n && ((unsigned char)text[n] & 0xc0) == 0x80)
        n--;
    return arena_printf(a, "%.*s…", (int)n, text);
}

static const struct line *first_told(const struct post *p)
{
    for (size_t i = 0; i < p->count; i++)
        if (p->lines[i].now)
            return &p->lines[i];
    return NULL;
}

static void make_subject(struct web *w, struct post *p)
{
    const struct line *first = first_told(p);
    bool same = first->record != 0;

    p->subject = first->text;
    if (p->told > 1)
        p->subject = arena_printf(
            w->arena, tr_n("%lld notification · %s", "%lld notifications · %s", (i64)p->told),
            (i64)p->told, w->org_name);
    p->subject = cut(w->arena, p->subject);
    for (size_t i = 0; i < p->count; i++)
        same = same && (!p->lines[i].now || p->lines[i].record == first->record);
    p->refs = same ? arena_printf(w->arena, "record.%lld.%lld", w->org, first->record) : "";
}

static void make_text(struct web *w, struct post *p)
{
    struct buf b;

    buf_init(&b, w->arena, 1000);
    buf_printf(&b, tr("Hello %s,"), p->name);
    buf_str(&b, "\n\n");
    for (size_t i = 0; i < p->count; i++)
        if (p->lines[i].now)
            buf_printf(&b, "* %s\n  %s\n\n", p->lines[i].text, full(w, p->lines[i].link));
    buf_printf(&b,
               tr("The links ask you to sign in. This comes from the security management of %s."),
               w->org_name);
    buf_str(&b, "\n");
    buf_str(&b, tr("What comes by mail, and when, is your choice:"));
    buf_printf(&b, "\n%s\n", full(w, web_url(w, "/notices/settings")));
    p->text = b.data;
}

static void make_html(struct web *w, struct post *p)
{
    struct html *h = NEW(w->arena, struct html);

    html_init(h, w->arena);
    html(h,
         "<!doctype html><html lang='%s'><head><meta charset='utf-8'><title>%s</title></head>"
         "<body><p>{Hello %s,}</p><ul>",
         p->language, p->subject, p->name);
    for (size_t i = 0; i < p->count; i++)
        if (p->lines[i].now)
            html(h, "<li><p><a href='%s'>%s</a></p></li>", full(w, p->lines[i].link),
                 p->lines[i].text);
    html(h,
         "</ul><hr><p><small>{The links ask you to sign in. This comes from the security "
         "management of %s.} <a href='%s'>{Choose what comes by mail, and when}</a>"
         "</small></p></body></html>",
         w->org_name, full(w, web_url(w, "/notices/settings")));
    p->html = h->buf.data;
}

/* --- storing --- */

static struct err *settle_line(struct web *w, const struct post *p, const struct line *l)
{
    i64 mail = l->read || l->slot < 0 || !p->reachable ? -1 : l->now ? p->mail : 0;
    i64 n;

    TRY(db_change(w->db, &n,
                  "update notice set mail = $4, mail_at = $5 where org_id = $1 and person = $2"
                  " and id = $3 and mail = 0",
                  num(w->org), num(p->person), num(l->id), num(mail),
                  num(mail ? w->now : l->slot)));
    return n ? NULL : err_new(ERR_CLASH, "Another server has done this already.");
}

static struct err *store_post(struct web *w, void *ctx)
{
    struct post *p = ctx;

    for (size_t i = 0; i < p->count; i++)
        TRY(settle_line(w, p, &p->lines[i]));
    if (!p->told || !p->reachable)
        return NULL;
    TRY(db_exec(w->db,
                "insert into mail (org_id, id, person, to_name, to_address, subject, text, html,"
                " refs, state, answer, attempts, at, sent_at) values ($1, $2, $3, $4, $5, $6, $7,"
                " $8, $9, 'waiting', '', 0, $10, 0)",
                num(w->org), num(p->mail), num(p->person), str(p->name), str(p->address),
                str(p->subject), str(p->text), str(p->html), str(p->refs), num(w->now)));
    return job_add(w, "notice.mail", arena_printf(w->arena, "%lld", p->mail), 0,
                   arena_printf(w->arena, "%lld", p->mail));
}

static struct err *make_post(struct web *w, struct post *p)
{
    TRY(load_person(w, p));
    if (!p->reachable) {
        p->zone = "";
        p->hours = (struct hours){-1, -1, 0, 8};
    }
    words_use(language_words(p->language));
    TRY(load_lines(w, p));
    if (!p->told || !p->reachable)
        return NULL;
    p->mail = web_id();
    make_subject(w, p);
    make_text(w, p);
    make_html(w, p);
    return NULL;
}

/* One person, with an arena of its own. */
static struct err *post_one(struct web *base, i64 org, i64 person)
{
    struct arena *a = arena_new(0);
    struct web w = *base;
    struct post p = {.person = person};
    struct err *failed;

    w.arena = a;
    w.now = clock_now();
    db_use_arena(base->db, a);
    failed = web_enter_org(&w, org);
    if (!failed)
        failed = make_post(&w, &p);
    words_use(NULL);
    if (!failed && p.count)
        failed = app_write(&w, store_post, &p);
    db_use_arena(base->db, base->arena);
    arena_free(a);
    return failed && failed->code == ERR_CLASH ? NULL : failed;
}

/* Without a mail server all stays in the inbox; a server that is set up later does not send what is
 * old then. */
static struct err *nobody_mails(struct web *w, void *ctx)
{
    (void)ctx;
    /* every organisation */
    return db_exec(w->db, "update notice set mail = -1 where org_id >= $1 and mail = 0", num(0));
}

struct err *notice_post(struct web *w, const char *body)
{
    struct rows *r;

    (void)body;
    /* every organisation */
    TRY(db_query(w->db, &r,
                 "select distinct org_id, person from notice where org_id >= $1 and mail = 0"
                 " and mail_at <= $2 limit $3",
                 num(0), num(clock_now()), num(PEOPLE_MOST)));
    if (!w->app->config.smtp.url)
        return row_count(r) ? app_write(w, nobody_mails, NULL) : NULL;
    while (row_next(r) && !job_cancelled(w)) {
        struct err *failed = post_one(w, row_num(r, 0), row_num(r, 1));

        if (failed)
            log_event(LOG_ERROR, "notice", "org=%lld person=%lld %s %s", row_num(r, 0),
                      row_num(r, 1), failed->text, failed->detail);
    }
    return NULL;
}
