/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds: a secret address with which a calendar program fetches what its owner may see at that
 * moment. Only the hash of the secret is stored; the log holds neither. */
#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypt.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/language.h"
#include "core/page.h"
#include "core/session.h"
#include "core/trail.h"
#include "feature/calendar/calendar_part.h"
#include "out/ical.h"

#define FEEDS_MOST 10 /* of a person in an organisation */
#define DAYS_BACK 90
#define DAYS_AHEAD 400
#define ALARM 15         /* hours before a day begins: nine in the morning of the day before */
#define ALARM_EXPIRY 159 /* of reviews and what ends: nine in the morning, a week before */
#define FETCHES_MOST 60  /* of one feed in an hour */
#define SLOTS 256

/* --- how often: counted in memory, so that reading stays reading --- */

static struct fetches {
    i64 feed, since;
    int count;
} fetches[SLOTS];
static pthread_mutex_t fetches_lock = PTHREAD_MUTEX_INITIALIZER;

static bool fetched_too_often(i64 feed)
{
    struct fetches *f = &fetches[(u64)feed * 0x9e3779b97f4a7c15ULL >> 56];
    i64 now = clock_ticks();
    bool often;

    pthread_mutex_lock(&fetches_lock);
    if (f->feed != feed || now - f->since > HOUR)
        *f = (struct fetches){feed, now, 0};
    often = ++f->count > FETCHES_MOST;
    pthread_mutex_unlock(&fetches_lock);
    return often;
}

/* --- the feed --- */

struct feed {
    i64 id, account, organisation;
    bool mine, todo;
};

/* The kinds of addresses. */
static const struct {
    const char *code, *title, *button;
} kinds[] = {
    {"mine", N_("Only what is mine"),           N_("Make an address for what is mine")      },
    {"all",  N_("Everything that I may see"),   N_("Make one for everything that I may see")},
    {"todo", N_("My work as a list of to-dos"), N_("Make one for my work as to-dos")        },
};

static int kind_of(const char *code)
{
    for (int i = 0; i < (int)COUNT_OF(kinds); i++)
        if (text_equal(kinds[i].code, code))
            return i;
    return -1;
}

static struct err *no_feed(void)
{
    return err_new(ERR_MISSING, "There is no calendar at this address (any more).");
}

/* "<token>.ics" or the token alone. */
static struct err *find_feed(struct web *w, struct feed *out)
{
    char *token = arena_str(w->arena, web_param(w, 0));
    size_t n = strlen(token);
    unsigned char hash[DIGEST_SIZE];
    struct rows *r;

    if (n > 4 && !strcmp(token + n - 4, ".ics"))
        token[n - 4] = '\0';
    crypt_sha256(token, strlen(token), hash);
    TRY(db_query(w->db, &r,
                 "select id, account, organisation, name from calendar_feed where org_id = $1"
                 " and token_hash = $2",
                 num(0), blob(hash, sizeof(hash))));
    if (!row_next(r))
        return no_feed();
    *out = (struct feed){row_num(r, 0), row_num(r, 1), row_num(r, 2),
                         text_equal(row_str(r, 3), "mine"), text_equal(row_str(r, 3), "todo")};
    return NULL;
}

static const char *described(struct web *w, const struct work_item *item)
{
    struct buf b;

    buf_init(&b, w->arena, 100);
    buf_str(&b, tr(item->what));
    if (!text_empty(item->person_name))
        buf_printf(&b, "\n%s", item->person_name);
    if (!text_empty(item->about_label))
        buf_printf(&b, "\n%s %s", item->about_label, item->about);
    if (item->waiting)
        buf_printf(&b, "\n%s %s", tr("Waits for:"), item->waiting);
    return b.data;
}

/* Only what somebody has to do is worth a reminder. */
static int alarm_of(const struct web *w, const struct work_item *item)
{
    if (item->person != w->person || !item->date || strcmp(item->date, w->today) < 0)
        return 0;
    return item->dated == DATED_DUE ? ALARM : ALARM_EXPIRY;
}

static struct ical_event event_of(struct web *w, const struct work_item *item)
{
    const char *number = "";
    struct ical_event e = {.category = tr(item->kind_label),
                           .date = item->date,
                           .rule = item->rule,
                           .sequence = item->version > 0 ? item->version - 1 : 0,
                           .alarm = alarm_of(w, item),
                           .priority = 1 + 2 * (item->weight > 3 ? 3 : item->weight),
                           .description = described(w, item)};

    if (item->entity)
        record_label(w->arena, item->entity, item->number, &number);
    e.uid = arena_printf(w->arena, "%s@%llx.cairn", item->uid, (u64)w->org);
    e.summary = arena_printf(w->arena, "%s%s%s", number, *number ? " " : "", item->title);
    if (item->address)
        e.address = arena_printf(w->arena, "%s%s", web_base(w), item->address);
    return e;
}

static struct err *write_feed(struct web *w, const struct feed *f, const char **out)
{
    struct work_list list;
    struct ical_event *events;
    size_t n = 0;

    if (f->todo)
        TRY(work_open(w, w->person, false, &list));
    else
        TRY(work_days(w, date_add(w->arena, w->today, 0, -DAYS_BACK),
                      date_add(w->arena, w->today, 0, DAYS_AHEAD), f->mine, &list));
    TRY(work_names(&list));
    events = NEW_ARRAY(w->arena, struct ical_event, list.count + 1);
    for (size_t i = 0; i < list.count; i++) {
        if (list.list[i].over || list.list[i].planned || (!f->todo && !list.list[i].date))
            continue;
        events[n] = event_of(w, &list.list[i]);
        events[n++].todo = f->todo;
    }
    *out = ical_write(w->arena, w->org_name, w->today, events, n);
    return NULL;
}

struct err *feed_get(struct web *w)
{
    struct feed f = {0};
    struct err *gone, *often;
    unsigned char hash[DIGEST_SIZE];
    const char *text, *tag, *seen = request_header(w->req, "If-None-Match");
    const struct words *kept;

    TRY(find_feed(w, &f));
    if (fetched_too_often(f.id)) {
        often = err_new(ERR_LIMIT, "This calendar is fetched too often. Once an hour is enough.");
        often->status = 429;
        return often;
    }
    gone = session_enter(w, f.account, f.organisation);
    if (gone)
        return gone->code == ERR_MISSING ? no_feed() : gone;
    kept = words_use(language_words(w->language));
    gone = write_feed(w, &f, &text);
    words_use(kept);
    if (gone)
        return gone;
    crypt_sha256(text, strlen(text), hash);
    tag = arena_printf(w->arena, "\"%s\"", crypt_hex(w->arena, hash, 16));
    web_header(w, "ETag", tag);
    web_header(w, "Cache-Control", "private, max-age=0");
    if (text_equal(seen, tag)) {
        web_status(w, 304);
        return NULL;
    }
    web_answer_bytes(w, "text/calendar; charset=utf-8",
                     (struct bytes){(const unsigned char *)text, strlen(text)}, NULL);
    return NULL;
}

/* --- one's own feeds --- */

static struct err *own_feeds(struct web *w, struct rows **out)
{
    return db_query(w->db, out,
                    "select id, name, created from calendar_feed where org_id = $1 and account = $2"
                    " and organisation = $3 order by created, id",
                    num(0), num(w->account), num(w->org));
}

static void draw_feed(struct web *w, const struct rows *r)
{
    int kind = kind_of(row_str(r, 1));

    html(w->html,
         "<li class='task-line'><div><strong>%s</strong><div class='mute'>{Made on %s}"
         "</div></div>",
         kind < 0 ? row_text(r, 1) : tr(kinds[kind].title),
         words_date(w->arena, clock_date(w->arena, row_num(r, 2), w->zone)));
    form_button(w, web_url(w, "/calendar/feeds/%lld/remove", row_num(r, 0)), "danger",
                "End this address", NULL, NULL);
    html(w->html, "</li>");
}

static void draw_secret(struct web *w, const char *secret)
{
    page_notice(
        w, "success",
        "Copy this address now into your calendar program (“add a calendar by address”). It "
        "is shown only this once; whoever knows it can read your calendar.");
    html(w->html,
         "<p><label class='form-label' for='f-feed'>{Address}</label><input class='form-control' "
         "id='f-feed' readonly value='%s/feeds/%s.ics'></p>",
         web_base(w), secret);
}

static struct err *draw_feeds(struct web *w, const char *secret)
{
    struct html *h = w->html;
    struct rows *r;

    TRY(own_feeds(w, &r));
    page_begin(w, "Calendar", "In my own calendar");
    page_help(w,
              "A secret address with which your calendar program fetches your days. It shows what "
              "you may see at that moment, and nothing any more when you leave.",
              NULL);
    page_action(w, "default", web_url(w, "/calendar"), "To the calendar");
    page_body(w);
    card_begin(w, NULL, NULL);
    if (secret)
        draw_secret(w, secret);
    html(h, "<ul class='task-lines'>");
    while (row_next(r))
        draw_feed(w, r);
    html(h, "</ul>");
    if (!row_count(r))
        page_empty(w, "No calendar program fetches your days yet.", NULL, NULL);
    form_begin(w, web_url(w, "/calendar/feeds"), 0);
    html(h, "<div class='form-actions'>");
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        html(h, "<button class='btn%s' name='name' value='%s'>%s</button> ",
             i ? "" : " btn-primary", kinds[i].code, tr(kinds[i].button));
    html(h, "</div></form><p class='form-hint mt-2'>{Programs that know to-dos (Thunderbird, "
            "Nextcloud, tasks.org) show the third kind as a list to work through. What has to be "
            "done by you reminds you at nine in the morning of the day before; reviews and what "
            "ends a week before.}</p>");
    card_end(w);
    page_end(w);
    return NULL;
}

struct err *feeds_page(struct web *w)
{
    return draw_feeds(w, NULL);
}

struct err *feed_create(struct web *w)
{
    const char *secret = crypt_token(w->arena, 32);
    const char *name = web_form(w, "name") ? web_form(w, "name") : "mine";
    unsigned char hash[DIGEST_SIZE];
    struct rows *r;

    if (kind_of(name) < 0)
        return err_new(ERR_INVALID, "“%.20s” is no kind of calendar. Choose one of the buttons.",
                       name);
    TRY(own_feeds(w, &r));
    if (row_count(r) >= FEEDS_MOST)
        return err_new(ERR_INVALID, "There are %d addresses already. End one of them first.",
                       FEEDS_MOST);
    crypt_sha256(secret, strlen(secret), hash);
    TRY(db_exec(w->db,
                "insert into calendar_feed (org_id, id, token_hash, name, account, organisation,"
                " person, created) values ($1, $2, $3, $4, $5, $6, $7, $8)",
                num(0), num(web_id()), blob(hash, sizeof(hash)), str(name), num(w->account),
                num(w->org), num(w->person), num(w->now)));
    trail_event(w, "feed.create", "person", w->person, name);
    return draw_feeds(w, secret);
}

struct err *feed_remove(struct web *w)
{
    i64 id, changed = 0;

    if (text_i64(web_param(w, 0), &id))
        TRY(db_change(w->db, &changed,
                      "delete from calendar_feed where org_id = $1 and id = $2 and account = $3"
                      " and organisation = $4",
                      num(0), num(id), num(w->account), num(w->org)));
    if (!changed)
        return no_feed();
    trail_event(w, "feed.end", "person", w->person, NULL);
    web_redirect(w, web_url(w, "/calendar/feeds?m=removed"));
    return NULL;
}
