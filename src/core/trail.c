/* SPDX-License-Identifier: Apache-2.0 */
/* Queueing and the tail. Nothing of a log is kept in memory between transactions: the frontier is
 * read from its row under its lock each time, so a rollback needs no undoing (decisions.md 42).
 *
 * What can be done without the lock is done before it: actors, salts, commitments. A history row
 * holds one salt of 32 bytes, or two (64 bytes) when the record has personal data: the first salts
 * the row, the second the personal part. Redaction cuts the second off with the personal columns,
 * and the rest of the row stays provable. */
#include "core/trail.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/entity_sql.h"
#include "core/trail_part.h"

struct trail_item {
    struct trail_item *next, *last; /* `last` counts in the first item only */
    i64 log;
    const struct entity *entity; /* NULL for events */
    const void *record;
    const char *context; /* JSON, or NULL */
    struct bytes salt;   /* of the history row */
    unsigned char context_salt[SALT_SIZE];
    struct trail_entry entry;
};

/* --- queueing --- */

static void add_string(struct buf *b, const char *name, const char *text)
{
    bool valid;

    if (!text || !*text)
        return;
    valid = text_valid(text, strlen(text));
    buf_str(b, b->size ? ",\"" : "{\"");
    buf_str(b, name);
    buf_str(b, "\":\"");
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if (c < 0x20 || c == 0x7F)
            buf_printf(b, "\\u%04x", c);
        else if (c == '"' || c == '\\')
            buf_printf(b, "\\%c", c);
        else
            buf_char(b, !valid && c >= 0x80 ? '?' : (char)c);
    }
    buf_char(b, '"');
}

/* The JSON payload. Address and user agent are kept for events and for the first entry of a
 * request: the others of it have the same request id. */
static const char *context_of(struct web *w, bool sender, const char *reason, const char *body)
{
    struct buf b;

    buf_init(&b, w->arena, 200);
    add_string(&b, "reason", reason);
    if (sender && w->req) {
        add_string(&b, "address", w->req->peer);
        add_string(&b, "agent", request_header(w->req, "User-Agent"));
    }
    add_string(&b, "body", body);
    if (!b.size)
        return NULL;
    buf_char(&b, '}');
    return b.data;
}

static struct trail_item *queue(struct web *w, i64 log, const char *action)
{
    struct trail_item *item = NEW(w->arena, struct trail_item);

    item->log = log;
    item->entry.log = log;
    item->entry.action = action;
    item->entry.request = w->req ? w->req->id : "";
    if (w->trail) {
        w->trail->last->next = item;
        w->trail->last = item;
    } else {
        w->trail = item;
        item->last = item;
    }
    return item;
}

void trail_record(struct web *w, const struct entity *e, const void *record,
                  const struct trail_change *change)
{
    struct trail_item *item = queue(w, entity_org(w, e), change->action);

    item->entity = e;
    item->record = record;
    item->entry.kind = e->name;
    item->entry.record = ((const struct record *)record)->id;
    item->entry.before = change->before;
    item->entry.after = change->after;
    item->context = context_of(w, item == w->trail, change->reason, NULL);
}

void trail_event(struct web *w, const char *action, const char *kind, i64 record, const char *body)
{
    struct trail_item *item = queue(w, w->org, action);

    item->entry.kind = kind ? kind : "";
    item->entry.record = record;
    item->context = context_of(w, true, NULL, body);
}

struct trail_item *trail_mark(const struct web *w)
{
    return w->trail ? w->trail->last : NULL;
}

void trail_back(struct web *w, struct trail_item *mark)
{
    if (!mark) {
        w->trail = NULL;
        return;
    }
    mark->next = NULL;
    w->trail->last = mark;
}

/* --- before the lock --- */

static void commit_row(struct arena *a, struct trail_item *item)
{
    const char *personal = entity_canonical(a, item->entity, item->record, true);
    unsigned char *salt;
    size_t size = *personal ? 2 * SALT_SIZE : SALT_SIZE;

    salt = arena_alloc(a, size);
    crypt_random(salt, size);
    item->salt = (struct bytes){salt, size};
    trail_commit(a, salt, entity_canonical(a, item->entity, item->record, false), item->entry.row);
    if (*personal)
        trail_commit(a, salt + SALT_SIZE, personal, item->entry.personal);
}

/* On the system's log the account acts: ids of people mean nothing outside their organisation. */
static const char *actor_name(struct web *w, i64 log)
{
    if (log == 0 && w->org != 0 && w->account)
        return arena_printf(w->arena, "account:%lld", w->account);
    return w->actor && *w->actor ? w->actor : "system";
}

static struct err *find_actor(struct web *w, i64 log, const char *actor, unsigned char out[16],
                              bool *found)
{
    struct rows *r;

    TRY(db_query(w->db, &r, "select pseudonym from audit_actor where org_id = $1 and actor = $2",
                 num(log), str(actor)));
    *found = row_next(r);
    if (!*found)
        return NULL;
    if (row_blob(r, 0).size != 16)
        return err_detail(err_new(ERR_FAULT, "The log is damaged. Nothing was changed."),
                          "pseudonym of %s in log %lld", actor, log);
    memcpy(out, row_blob(r, 0).data, 16);
    return NULL;
}

/* The pseudonym under which the log knows the actor; made at first use. */
static struct err *load_actor(struct web *w, i64 log, const char *actor, unsigned char out[16])
{
    const char *name = w->person_name ? w->person_name : w->account_email;
    unsigned char made[16];
    bool found;

    TRY(find_actor(w, log, actor, out, &found));
    if (found)
        return NULL;
    crypt_random(made, sizeof made);
    TRY(db_exec(w->db,
                "insert into audit_actor (org_id, actor, pseudonym, name) values ($1, $2, $3, $4)"
                " on conflict (org_id, actor) do nothing",
                num(log), str(actor), blob(made, sizeof made), str(name ? name : actor)));
    TRY(find_actor(w, log, actor, out, &found));
    return found ? NULL : err_new(ERR_RETRY, "Somebody else was faster. Please try again.");
}

static void session_hash(const struct web *w, unsigned char out[8])
{
    unsigned char hash[DIGEST_SIZE];
    const char *text;

    memset(out, 0, 8);
    if (!w->session)
        return;
    text = arena_printf(w->arena, "%lld", w->session);
    crypt_sha256(text, strlen(text), hash);
    memcpy(out, hash, 8);
}

/* A log's share of the queued items. */
struct share {
    i64 log, count, first; /* index of the first new entry */
    i64 at;                /* its time */
    const char *actor;
    struct frontier frontier;
    unsigned char *leaves;
    struct batch_item *batch;
    size_t nbatch;
};

static struct err *prepare_share(struct web *w, struct trail_item *items, struct share *s)
{
    unsigned char pseudonym[16], session[8];

    for (struct trail_item *i = items; i; i = i->next)
        s->count += i->log == s->log;
    if (!s->count)
        return NULL;
    s->actor = actor_name(w, s->log);
    TRY(load_actor(w, s->log, s->actor, pseudonym));
    session_hash(w, session);
    for (struct trail_item *i = items; i; i = i->next) {
        if (i->log != s->log)
            continue;
        memcpy(i->entry.actor, pseudonym, sizeof pseudonym);
        memcpy(i->entry.session, session, sizeof session);
        if (i->entity && i->entry.after)
            commit_row(w->arena, i);
        if (i->context) {
            crypt_random(i->context_salt, SALT_SIZE);
            trail_commit(w->arena, i->context_salt, i->context, i->entry.context);
        }
    }
    return NULL;
}

/* --- under the lock --- */

static struct err *damaged(i64 log, const char *what)
{
    return err_detail(err_new(ERR_FAULT, "The log is damaged, so nothing can be changed. Run the "
                                         "check of the log and tell the administrator."),
                      "log %lld: %s", log, what);
}

/* Takes the indexes and with them the lock of the log's row, until the transaction ends. */
static struct err *lock_share(struct web *w, struct share *s)
{
    struct rows *r;
    i64 now = clock_now();

    TRY(db_query(w->db, &r,
                 "update audit_frontier set n = n + $2 where org_id = $1 returning n, at, hashes",
                 num(s->log), num(s->count)));
    if (!row_next(r))
        return damaged(s->log, "it does not exist");
    s->first = row_num(r, 0) - s->count;
    s->at = row_num(r, 1) >= now ? row_num(r, 1) + 1 : now;
    if (!frontier_load(&s->frontier, s->first, row_blob(r, 2)))
        return damaged(s->log, "its frontier does not fit its size");
    return NULL;
}

static void batch(struct share *s, const char *sql, const struct val *vals, size_t n)
{
    s->batch[s->nbatch++] = (struct batch_item){.sql = sql, .vals = vals, .nvals = n};
}

/* Binds of a statement that runs at the end of the tail. */
#define KEEP(a, ...)                                                                \
    memcpy(NEW_ARRAY((a), struct val, DB_NVALS(__VA_ARGS__)), DB_VALS(__VA_ARGS__), \
           sizeof(struct val) * DB_NVALS(__VA_ARGS__)),                             \
        DB_NVALS(__VA_ARGS__)

static void write_entry(struct web *w, struct share *s, struct trail_item *item)
{
    struct arena *a = w->arena;
    const struct trail_entry *e = &item->entry;
    struct bytes data = trail_encode(a, e);
    unsigned char *leaf = s->leaves + (e->idx - s->first) * TLOG_HASH;

    tlog_leaf(data.data, data.size, leaf);
    frontier_add(&s->frontier, leaf, NULL, NULL);
    batch(s, "insert into audit_entry (org_id, idx, entry) values ($1, $2, $3)",
          KEEP(a, num(s->log), num(e->idx), blob(data.data, data.size)));
    batch(s,
          "insert into audit_event (org_id, idx, at, actor, action, kind, record, version)"
          " values ($1, $2, $3, $4, $5, $6, $7, $8)",
          KEEP(a, num(s->log), num(e->idx), num(e->at), str(s->actor), str(e->action), str(e->kind),
               num(e->record), num(e->after)));
    if (item->context)
        batch(s,
              "insert into audit_payload (org_id, idx, part, salt, body)"
              " values ($1, $2, 'context', $3, $4)",
              KEEP(a, num(s->log), num(e->idx), blob(item->context_salt, SALT_SIZE),
                   str(item->context)));
}

static struct err *write_history(struct web *w, struct trail_item *item)
{
    const struct trail_entry *e = &item->entry;

    if (!item->entity)
        return NULL;
    if (!e->after)
        return entity_history_end(w, item->entity, e->record, e->before, e->at);
    /* The row of the last version before a restore was closed by the removal. */
    if (e->before && strcmp(e->action, "restore") != 0)
        TRY(entity_history_close(w, item->entity, e->record, e->before, e->at));
    return entity_history_insert(w, item->entity, item->record, e->at, e->idx, item->salt);
}

static struct err *write_share(struct web *w, struct trail_item *items, struct share *s)
{
    i64 n = 0;
    struct bytes hashes;

    if (!s->count)
        return NULL;
    TRY(lock_share(w, s));
    s->leaves = arena_array(w->arena, (size_t)s->count, TLOG_HASH);
    s->batch = NEW_ARRAY(w->arena, struct batch_item, (size_t)s->count * 3 + 1);
    w->org = s->log; /* where the history goes, also when the handler has moved on since */
    for (struct trail_item *i = items; i; i = i->next) {
        if (i->log != s->log)
            continue;
        i->entry.idx = s->first + n;
        i->entry.at = s->at + n++;
        write_entry(w, s, i);
        TRY(write_history(w, i));
    }
    hashes = frontier_store(w->arena, &s->frontier);
    batch(s, "update audit_frontier set at = $2, hashes = $3 where org_id = $1",
          KEEP(w->arena, num(s->log), num(s->at + n - 1), blob(hashes.data, hashes.size)));
    TRY(db_batch(w->db, s->batch, s->nbatch));
    return tree_store_tiles(w, s->log, s->first, s->leaves, s->count);
}

struct err *trail_tail(struct web *w)
{
    struct trail_item *items = w->trail;
    struct share tenant = {.log = 0}, site = {.log = 0};
    i64 org = w->org;
    struct err *failed;

    /* Forgotten first: what fails here is rolled back and must not come again with the next. */
    w->trail = NULL;
    if (!items)
        return NULL;
    for (struct trail_item *i = items; i; i = i->next) {
        if (i->log && tenant.log && i->log != tenant.log)
            return err_detail(err_new(ERR_FAULT, "This would change two organisations at once."),
                              "logs %lld and %lld", tenant.log, i->log);
        if (i->log)
            tenant.log = i->log;
    }
    if (tenant.log)
        TRY(prepare_share(w, items, &tenant));
    TRY(prepare_share(w, items, &site));
    failed = write_share(w, items, &tenant); /* nothing when there is no tenant: its count is 0 */
    if (!failed)
        failed = write_share(w, items, &site);
    w->org = org;
    return failed;
}

struct err *trail_create(struct web *w, i64 org)
{
    return db_exec(w->db,
                   "insert into audit_frontier (org_id, n, at, hashes) values ($1, $2, $3, $4)",
                   num(org), num(0), num(0), blob("", 0));
}
