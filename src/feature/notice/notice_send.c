/* SPDX-License-Identifier: Apache-2.0 */
/* Sending one mail of the outbox.
 *
 * SMTP cannot do exactly once: between the moment in which the server takes a mail and the moment
 * in which we have stored that it did, a crash leaves us not knowing. What is done about it: the
 * row is marked "sending" just before the last byte leaves, so a crash before that is known to be
 * harmless, and the window is the answer to that byte and one commit. A mail caught in the window
 * is sent again with the same Message-ID, by which mail programs and servers know it as the same; a
 * reminder that comes twice is better than one that is lost. */
#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "core/job.h"
#include "feature/notice/notice_part.h"

struct row {
    i64 id, person, at;
    const char *name, *address, *subject, *text, *html, *refs, *state;
    bool there, reachable;
};

static struct err *load(struct web *w, i64 id, struct row *out)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select l.person, l.to_name, l.to_address, l.subject, l.text, l.html, l.refs,"
                 " l.state, l.at, p.state, a.state from mail l left join person p"
                 " on p.org_id = l.org_id and p.id = l.person left join member m on m.org_id = $3"
                 " and m.organisation = l.org_id and m.person = l.person left join account a"
                 " on a.org_id = $3 and a.id = m.account where l.org_id = $1 and l.id = $2",
                 num(w->org), num(id), num(0)));
    out->there = row_next(r);
    if (!out->there)
        return NULL;
    out->id = id;
    out->person = row_num(r, 0);
    out->name = row_text(r, 1);
    out->address = row_text(r, 2);
    out->subject = row_text(r, 3);
    out->text = row_text(r, 4);
    out->html = row_text(r, 5);
    out->refs = row_text(r, 6);
    out->state = row_text(r, 7);
    out->at = row_num(r, 8);
    out->reachable = text_equal(row_str(r, 9), "active") && text_equal(row_str(r, 10), "active");
    return NULL;
}

/* --- what is stored on the way --- */

struct step {
    struct web *w;
    i64 id;
    const char *state, *answer;
    bool ends; /* nothing more will be sent: the words go, who was told when stays */
};

static struct err *store_step(struct web *w, void *ctx)
{
    const struct step *s = ctx;

    TRY(job_fence(w));
    if (!s->ends)
        return db_exec(w->db,
                       "update mail set state = $3, attempts = attempts + 1 where org_id = $1"
                       " and id = $2",
                       num(w->org), num(s->id), str(s->state));
    return db_exec(w->db,
                   "update mail set state = $3, answer = $4, sent_at = $5, text = '', html = ''"
                   " where org_id = $1 and id = $2",
                   num(w->org), num(s->id), str(s->state), str(s->answer), num(w->now));
}

static struct err *store_answer(struct web *w, void *ctx)
{
    const struct step *s = ctx;

    return db_exec(w->db, "update mail set state = $3, answer = $4 where org_id = $1 and id = $2",
                   num(w->org), num(s->id), str(s->state), str(s->answer));
}

static struct err *end_as(struct web *w, i64 id, const char *state, const char *answer)
{
    struct step s = {.id = id, .state = state, .answer = answer, .ends = true};

    w->now = clock_now();
    return app_write(w, store_step, &s);
}

static struct err *before_end(void *ctx)
{
    struct step *s = ctx;

    return app_write(s->w, store_step, s);
}

static bool stop(void *ctx)
{
    const struct step *s = ctx;

    return job_cancelled(s->w);
}

/* --- one connection for a thread, as long as mails follow one another --- */

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void close_smtp(void *smtp)
{
    smtp_close(smtp);
}

static void make_key(void)
{
    if (pthread_key_create(&key, close_smtp))
        BUG("no room for a thread's mail connection");
}

static struct smtp *connection(const struct app *app)
{
    struct smtp *s;

    pthread_once(&once, make_key);
    s = pthread_getspecific(key);
    if (s && smtp_config_of(s) == &app->config.smtp)
        return s;
    smtp_close(s);
    s = smtp_open(&app->config.smtp);
    pthread_setspecific(key, s);
    return s;
}

/* --- the mail --- */

static const char *from_host(struct web *w)
{
    const char *from = w->app->config.smtp.from, *at = from ? strrchr(from, '@') : NULL;

    return at ? arena_strn(w->arena, at + 1, strcspn(at + 1, ">")) : "localhost";
}

static const char *settings_url(struct web *w)
{
    const char *base = w->app->config.base_url;

    return base ? arena_printf(w->arena, "%s%s", base, web_url(w, "/notices/settings")) : NULL;
}

static struct err *send_row(struct web *w, const struct row *m)
{
    const char *host = from_host(w);
    struct step step = {.w = w, .id = m->id, .state = "sending"};
    struct mail mail = {
        .to_name = m->name,
        .to = m->address,
        .subject = m->subject,
        .text = m->text,
        .html = m->html,
        .message_id = arena_printf(w->arena, "<mail.%lld.%lld@%s>", w->org, m->id, host),
        .references = *m->refs ? arena_printf(w->arena, "<%s@%s>", m->refs, host) : NULL,
        .list_id = arena_printf(w->arena, "notices.%s.%s", w->slug, host),
        .list_name = w->org_name,
        .settings_url = settings_url(w),
        .at = m->at,
        .before_end = before_end,
        .stop = stop,
        .ctx = &step,
    };
    struct err *failed, *stored;
    bool unsure;

    failed = smtp_send(connection(w->app), &mail, &unsure);
    if (!failed)
        return end_as(w, m->id, "sent", "");
    step.state = failed->code == ERR_INVALID ? "refused" : unsure ? "unsure" : "waiting";
    step.answer = arena_str(w->arena, failed->text);
    stored = app_write(w, store_answer, &step);
    if (stored)
        log_event(LOG_ERROR, "mail", "id=%lld %s %s", m->id, stored->text, stored->detail);
    return failed;
}

struct err *notice_send(struct web *w, const char *body)
{
    struct row m = {0};
    i64 id;

    if (!text_i64(body, &id))
        return err_new(ERR_BAD, "The job does not say which mail is meant.");
    TRY(load(w, id, &m));
    if (!m.there || text_equal(m.state, "sent") || text_equal(m.state, "dropped"))
        return NULL;
    if (!m.reachable)
        return end_as(w, id, "dropped", "The person has no access any more.");
    if (!w->app->config.smtp.url)
        return err_new(ERR_BUSY, "No mail server is set (--smtp-url).");
    if (text_equal(m.state, "sending") || text_equal(m.state, "unsure"))
        log_event(LOG_WARN, "mail",
                  "id=%lld may have arrived before the last stop; it is sent again under the same "
                  "Message-ID",
                  id);
    return send_row(w, &m);
}
