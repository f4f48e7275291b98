/* SPDX-License-Identifier: Apache-2.0 */
/* The consumer of the log (decisions.md 22): no hook in the save tells anybody anything. It reads
 * the entries after the last one it has seen; notice_news.c finds whom they concern. What it tells
 * and how far it is are stored together. */
#include "base/log.h"
#include "base/text.h"
#include "core/app.h"
#include "feature/notice/notice_part.h"

#define BATCH 100
#define ROUNDS 50 /* for one organisation in one go */

/* --- the log in pieces --- */

static struct err *seen(struct web *w, const char *name, i64 *out)
{
    struct rows *r;

    *out = -1;
    TRY(db_query(w->db, &r, "select value from notice_state where org_id = $1 and name = $2",
                 num(w->org), str(name)));
    if (row_next(r) && !text_i64(row_text(r, 0), out))
        *out = -1;
    return NULL;
}

static i64 person_of_actor(const char *actor)
{
    i64 id = 0;

    return text_starts(actor, "person:") && text_i64(actor + 7, &id) ? id : 0;
}

struct err *log_news(struct web *w, const char *name, int most, struct log_entry **out,
                     size_t *count, i64 *from)
{
    struct rows *r;

    *count = 0;
    TRY(seen(w, name, from));
    TRY(db_query(w->db, &r,
                 "select idx, at, record, version, actor, action, kind from audit_event"
                 " where org_id = $1 and idx > $2 order by idx limit $3",
                 num(w->org), num(*from), num(most)));
    *out = NEW_ARRAY(w->arena, struct log_entry, row_count(r) + 1);
    for (; row_next(r); ++*count)
        (*out)[*count] = (struct log_entry){.idx = row_num(r, 0),
                                            .at = row_num(r, 1),
                                            .record = row_num(r, 2),
                                            .version = row_num(r, 3),
                                            .actor = row_text(r, 4),
                                            .action = row_text(r, 5),
                                            .kind = row_text(r, 6),
                                            .person = person_of_actor(row_text(r, 4))};
    return NULL;
}

struct err *log_seen(struct web *w, const char *name, i64 from, i64 to)
{
    const char *next = arena_printf(w->arena, "%lld", to);
    i64 n;

    TRY(db_change(w->db, &n,
                  "insert into notice_state (org_id, name, value) values ($1, $2, $3)"
                  " on conflict (org_id, name) do update set value = $3"
                  " where notice_state.value = $4",
                  num(w->org), str(name), str(next), str(arena_printf(w->arena, "%lld", from))));
    return n ? NULL : err_new(ERR_CLASH, "Another server has done this already.");
}

struct err *log_behind(struct web *w, const char *name, struct ids *out)
{
    struct rows *r;
    i64 *list;

    /* every organisation */
    TRY(db_query(w->db, &r,
                 "select f.org_id, f.n, s.value from audit_frontier f left join notice_state s"
                 " on s.org_id = f.org_id and s.name = $2 where f.org_id > $1 order by f.org_id",
                 num(0), str(name)));
    list = NEW_ARRAY(w->arena, i64, row_count(r) + 1);
    out->count = 0;
    while (row_next(r)) {
        i64 at = -1;

        if (!row_null(r, 2))
            (void)text_i64(row_text(r, 2), &at);
        if (at + 1 < row_num(r, 1))
            list[out->count++] = row_num(r, 0);
    }
    out->id = list;
    return NULL;
}

struct err *notice_seed(struct web *w)
{
    return db_exec(w->db,
                   "insert into notice_state (org_id, name, value) values ($1, 'assigned', '-1')"
                   " on conflict (org_id, name) do nothing",
                   num(w->org));
}

struct err *notice_skip(struct web *w, i64 keep)
{
    struct rows *r;
    i64 to;

    TRY(db_query(w->db, &r, "select n from audit_frontier where org_id = $1", num(w->org)));
    to = row_next(r) ? row_num(r, 0) - 1 - keep : -1;
    return db_exec(w->db,
                   "update notice_state set value = $2 where org_id = $1 and name = 'assigned'",
                   num(w->org), str(arena_printf(w->arena, "%lld", to < -1 ? -1 : to)));
}

/* --- telling --- */

static struct err *collect(struct web *w, void *ctx)
{
    struct news *out = ctx;
    struct log_entry *list;
    size_t n;

    out->count = 0;
    TRY(log_news(w, "assigned", BATCH, &list, &n, &out->from));
    out->to = n ? list[n - 1].idx : out->from;
    for (size_t i = 0; i < n; i++)
        TRY(notice_news(w, &list[i], out));
    return NULL;
}

static struct err *tell(struct web *w, void *ctx)
{
    const struct news *x = ctx;

    TRY(notice_tell_all(w, x));
    return log_seen(w, "assigned", x->from, x->to);
}

static struct err *watch_one(struct web *base, i64 org)
{
    struct web w = *base;
    struct news news = {0};
    struct err *failed;

    TRY(web_enter_org(&w, org));
    for (int i = 0; i < ROUNDS; i++) {
        TRY(app_read(&w, collect, &news));
        if (news.to == news.from)
            return NULL;
        failed = app_write(&w, tell, &news);
        if (failed)
            return failed->code == ERR_CLASH ? NULL : failed;
    }
    return NULL;
}

struct err *notice_watch(struct web *w, const char *body)
{
    struct ids orgs;

    (void)body;
    TRY(log_behind(w, "assigned", &orgs));
    for (size_t i = 0; i < orgs.count; i++) {
        struct err *failed = watch_one(w, orgs.id[i]);

        if (failed) /* one organisation's trouble is not the others' */
            log_event(LOG_ERROR, "notice", "org=%lld %s %s", orgs.id[i], failed->text,
                      failed->detail);
    }
    return NULL;
}
