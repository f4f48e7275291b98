/* SPDX-License-Identifier: Apache-2.0 */
/* `cairn verify`, the log itself: entries in order with their readable copies and payloads, the
 * tree over them, tiles, checkpoints, frontier, and what the signer remembers. Memory does not grow
 * with the log but for one bit per entry. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "core/app.h"
#include "core/trail_part.h"

#define PAGE 1000
#define ACTORS 64
#define NO_INDEX INT64_MIN

/* --- the walk over the entries --- */

struct actor {
    char name[80];
    unsigned char pseudonym[16];
};

struct walk {
    struct verify *v;
    struct arena *page;  /* rows of this page; given up after it */
    struct arena *notes; /* the next checkpoint */
    struct frontier f;
    i64 at;      /* of the last entry */
    bool broken; /* indexes have a gap: the tree says nothing any more */
    unsigned char (*tile)[TILE_SIZE];
    i64 tiles[TILE_LEVELS]; /* full ones */
    struct err *failed;
    struct actor *actors;
    struct {
        bool any;
        i64 size, at;
        const char *note;
    } checkpoint;
    struct checkpoint known; /* what the signer remembers; size 0 = nothing */
};

static void compare_tile(struct walk *k, int level, i64 n, struct bytes stored)
{
    const unsigned char *own = k->tile[level];

    for (i64 i = 0; i < TILE_HASHES; i++)
        if (memcmp(own + i * TLOG_HASH, stored.data + i * TLOG_HASH, TLOG_HASH) != 0) {
            i64 first = n * TILE_HASHES + i;

            if (level == 0)
                verify_finding(k->v, first, "Entry %lld does not fit its hash in tile %lld.", first,
                               n);
            else
                verify_finding(k->v, first << 8 * level,
                               "Tile %lld of level %d does not fit the entries from %lld on.", n,
                               level, first << 8 * level);
            return;
        }
}

static void check_tile(struct walk *k, int level, i64 n)
{
    struct rows *r;

    k->tiles[level]++;
    if (k->failed)
        return;
    k->failed = db_query(k->v->w->db, &r,
                         "select data from audit_tile where org_id = $1 and level = $2 and n = $3",
                         num(k->v->org), num(level), num(n));
    if (k->failed)
        return;
    if (!row_next(r) || row_blob(r, 0).size != TILE_SIZE)
        verify_finding(k->v, n << 8 * (level + 1),
                       "Tile %lld of level %d is missing or has a wrong size.", n, level);
    else
        compare_tile(k, level, n, row_blob(r, 0));
}

static void node_done(void *ctx, int level, i64 index, const unsigned char *hash)
{
    struct walk *k = ctx;
    i64 within = index % TILE_HASHES;

    if (level % 8 != 0 || level / 8 >= TILE_LEVELS)
        return;
    memcpy(k->tile[level / 8] + within * TLOG_HASH, hash, TLOG_HASH);
    if (within == TILE_HASHES - 1)
        check_tile(k, level / 8, index / TILE_HASHES);
}

/* The pseudonym that belongs to an actor: remembered for the names seen last. */
static struct err *pseudonym_of(struct walk *k, const char *name, const unsigned char **out)
{
    struct actor *slot;
    struct rows *r;
    unsigned hash = 5381;

    *out = NULL;
    for (const char *p = name; *p; p++)
        hash = hash * 33 + (unsigned char)*p;
    slot = &k->actors[hash % ACTORS];
    if (strcmp(slot->name, name) != 0 || !*name) {
        TRY(db_query(k->v->w->db, &r,
                     "select pseudonym from audit_actor where org_id = $1 and actor = $2",
                     num(k->v->org), str(name)));
        if (!row_next(r) || row_blob(r, 0).size != 16 || strlen(name) >= sizeof(slot->name))
            return NULL;
        memcpy(slot->pseudonym, row_blob(r, 0).data, 16);
        memcpy(slot->name, name, strlen(name) + 1);
    }
    *out = slot->pseudonym;
    return NULL;
}

/* One row of audit_event: 0 idx, 1 at, 2 actor, 3 action, 4 kind, 5 record, 6 version. */
static struct err *check_event(struct walk *k, const struct trail_entry *e, const struct rows *r)
{
    const unsigned char *pseudonym;
    const char *wrong = NULL;

    TRY(pseudonym_of(k, row_text(r, 2), &pseudonym));
    if (row_num(r, 1) != e->at)
        wrong = "time";
    else if (!pseudonym || memcmp(pseudonym, e->actor, 16) != 0)
        wrong = "actor";
    else if (strcmp(row_text(r, 3), e->action) != 0)
        wrong = "action";
    else if (strcmp(row_text(r, 4), e->kind) != 0)
        wrong = "kind";
    else if (row_num(r, 5) != e->record)
        wrong = "record";
    else if (row_num(r, 6) != e->after)
        wrong = "version";
    if (wrong)
        verify_finding(k->v, e->idx, "The readable copy of entry %lld shows another %s.", e->idx,
                       wrong);
    return NULL;
}

/* The payload of an entry (0 idx, 1 part, 2 salt, 3 body), or none: r is NULL. */
static void check_payload(struct walk *k, const struct trail_entry *e, const struct rows *r)
{
    bool promised = !trail_is_zero(e->context, DIGEST_SIZE);
    unsigned char hash[DIGEST_SIZE];

    if (!r) {
        if (promised && !verify_redacted(k->v, e->idx, "context"))
            verify_finding(k->v, e->idx,
                           "The payload of entry %lld is missing, and no entry says "
                           "that it was redacted.",
                           e->idx);
        return;
    }
    if (!promised || row_blob(r, 2).size != SALT_SIZE) {
        verify_finding(k->v, e->idx, "Entry %lld has a payload that is not its own.", e->idx);
        return;
    }
    trail_commit(k->page, row_blob(r, 2).data, row_text(r, 3), hash);
    if (memcmp(hash, e->context, DIGEST_SIZE) != 0)
        verify_finding(k->v, e->idx, "The payload of entry %lld was changed.", e->idx);
}

/* Remembers that the history must show this entry's row, or this removal. */
static void expect_row(struct verify *v, const struct trail_entry *e)
{
    size_t byte = (size_t)e->idx / 8;
    unsigned char *wider;
    bool removal = strcmp(e->action, "remove") == 0 && e->before > 0 && e->after == 0;

    if (trail_is_zero(e->row, DIGEST_SIZE) && !removal)
        return;
    if (byte >= v->open_size) {
        wider = arena_alloc(v->bits, byte * 2 + 8192);
        if (v->open_size)
            memcpy(wider, v->open, v->open_size);
        v->open = wider;
        v->open_size = byte * 2 + 8192;
    }
    v->open[byte] |= (unsigned char)(1 << e->idx % 8);
}

static struct err *next_checkpoint(struct walk *k, i64 after)
{
    struct rows *r;

    arena_reset(k->notes);
    TRY(db_query(k->v->w->db, &r,
                 "select size, at, note from audit_checkpoint where org_id = $1 and size > $2"
                 " order by size limit 1",
                 num(k->v->org), num(after)));
    k->checkpoint.any = row_next(r);
    if (!k->checkpoint.any)
        return NULL;
    k->checkpoint.size = row_num(r, 0);
    k->checkpoint.at = row_num(r, 1);
    k->checkpoint.note = arena_str(k->notes, row_text(r, 2));
    return NULL;
}

/* Signed by the present key, or by one that a later restore names. */
static struct err *open_note(struct walk *k, struct checkpoint *c, const char **key)
{
    struct verify *v = k->v;
    struct err *bad;

    *key = signer_name(v->signer);
    bad = checkpoint_open(k->notes, k->checkpoint.note, *key, signer_public(v->signer), c);
    for (size_t i = 0; bad && i < v->nkeys; i++) {
        if (k->checkpoint.size > v->keys[i].until ||
            checkpoint_open(k->notes, k->checkpoint.note, v->keys[i].name, v->keys[i].public, c))
            continue;
        *key = v->keys[i].name;
        return NULL;
    }
    return bad;
}

/* "<key name>/<org>", with "/<epoch>" after a restore; an earlier epoch's notes stay. */
static bool own_origin(struct walk *k, const char *origin, const char *key)
{
    const char *base = arena_printf(k->notes, "%s/%lld", key, k->v->org);
    size_t n = strlen(base);

    return strncmp(origin, base, n) == 0 && (origin[n] == '\0' || origin[n] == '/');
}

static void check_note(struct walk *k, const unsigned char root[TLOG_HASH])
{
    struct verify *v = k->v;
    struct checkpoint c;
    const char *key;
    i64 size = k->checkpoint.size;
    struct err *bad = open_note(k, &c, &key);

    v->result->checkpoints++;
    if (bad)
        verify_finding(v, size - 1, "At size %lld: %s", size, bad->text);
    else if (c.size != size || !own_origin(k, c.origin, key))
        verify_finding(v, size - 1,
                       "The checkpoint stored for size %lld is of another log or size.", size);
    else if (memcmp(c.root, root, TLOG_HASH) != 0)
        verify_finding(v, size - 1, "The first %lld entries are not those that were signed.", size);
    else if (k->checkpoint.at != k->at)
        verify_finding(v, size - 1, "The checkpoint of size %lld shows another time.", size);
}

/* After each entry: is this a size that was signed? */
static struct err *check_signed(struct walk *k)
{
    unsigned char root[TLOG_HASH];
    bool stored = k->checkpoint.any && k->checkpoint.size == k->f.n;
    bool remembered = k->known.size == k->f.n;

    if (!stored && !remembered)
        return NULL;
    frontier_root(&k->f, root);
    if (remembered && memcmp(root, k->known.root, TLOG_HASH) != 0)
        verify_finding(k->v, k->f.n - 1,
                       "The first %lld entries are not those that the signer "
                       "remembers.",
                       k->f.n);
    if (!stored)
        return NULL;
    if (k->v->signer)
        check_note(k, root);
    return next_checkpoint(k, k->f.n);
}

/* Three ordered results that belong together by index. */
struct page {
    struct rows *entries, *events, *payloads;
    bool event, payload; /* a current row is there */
};

static void skip_strays(struct walk *k, struct page *p, i64 idx)
{
    while (p->event && row_num(p->events, 0) < idx) {
        verify_finding(k->v, row_num(p->events, 0), "The readable copy %lld has no entry.",
                       row_num(p->events, 0));
        p->event = row_next(p->events);
    }
    while (p->payload &&
           (row_num(p->payloads, 0) < idx ||
            (row_num(p->payloads, 0) == idx && strcmp(row_text(p->payloads, 1), "context") != 0))) {
        verify_finding(k->v, row_num(p->payloads, 0), "A payload of entry %lld belongs to nothing.",
                       row_num(p->payloads, 0));
        p->payload = row_next(p->payloads);
    }
}

static struct err *check_companions(struct walk *k, struct page *p, const struct trail_entry *e)
{
    skip_strays(k, p, e->idx);
    if (p->event && row_num(p->events, 0) == e->idx) {
        TRY(check_event(k, e, p->events));
        p->event = row_next(p->events);
    } else {
        verify_finding(k->v, e->idx, "The readable copy of entry %lld is missing.", e->idx);
    }
    if (p->payload && row_num(p->payloads, 0) == e->idx) {
        check_payload(k, e, p->payloads);
        p->payload = row_next(p->payloads);
    } else {
        check_payload(k, e, NULL);
    }
    return NULL;
}

static struct err *check_entry(struct walk *k, struct page *p)
{
    struct verify *v = k->v;
    i64 idx = row_num(p->entries, 0);
    struct bytes data = row_blob(p->entries, 1);
    unsigned char leaf[TLOG_HASH];
    struct trail_entry e;

    v->result->entries++;
    if (idx != k->f.n && !k->broken) {
        k->broken = true;
        verify_finding(v, k->f.n, "Entry %lld is missing: the next one is %lld.", k->f.n, idx);
    }
    if (!k->broken) {
        tlog_leaf(data.data, data.size > 65536 ? 65536 : data.size, leaf);
        frontier_add(&k->f, leaf, node_done, k);
        TRY(k->failed);
    }
    if (!trail_decode(k->page, data, &e) || e.log != v->org || e.idx != idx) {
        verify_finding(v, idx, "Entry %lld is malformed or of another place.", idx);
        e = (struct trail_entry){.idx = idx, .at = k->at, .action = "", .kind = ""};
    } else if (e.at <= k->at) {
        verify_finding(v, idx, "Entry %lld is not later than the one before it.", idx);
    }
    k->at = e.at;
    TRY(check_companions(k, p, &e));
    if (k->broken)
        return NULL;
    expect_row(v, &e);
    return check_signed(k);
}

static struct err *read_page(struct walk *k, i64 after, struct page *p, bool *last)
{
    struct db *db = k->v->w->db;
    i64 to = after;

    TRY(db_query(db, &p->entries,
                 "select idx, entry from audit_entry where org_id = $1 and idx > $2"
                 " order by idx limit $3",
                 num(k->v->org), num(after), num(PAGE)));
    while (row_next(p->entries))
        to = row_num(p->entries, 0);
    row_rewind(p->entries);
    *last = row_count(p->entries) < PAGE;
    if (*last)
        to = INT64_MAX;
    TRY(db_query(db, &p->events,
                 "select idx, at, actor, action, kind, record, version from audit_event"
                 " where org_id = $1 and idx > $2 and idx <= $3 order by idx",
                 num(k->v->org), num(after), num(to)));
    TRY(db_query(db, &p->payloads,
                 "select idx, part, salt, body from audit_payload"
                 " where org_id = $1 and idx > $2 and idx <= $3 order by idx, part",
                 num(k->v->org), num(after), num(to)));
    p->event = row_next(p->events);
    p->payload = row_next(p->payloads);
    return NULL;
}

static struct err *walk_entries(struct walk *k)
{
    i64 after = NO_INDEX;
    bool last = false;
    struct page p;

    while (!last) {
        arena_reset(k->page);
        TRY(read_page(k, after, &p, &last));
        while (row_next(p.entries)) {
            after = row_num(p.entries, 0);
            TRY(check_entry(k, &p));
        }
    }
    skip_strays(k, &p, INT64_MAX);
    return NULL;
}

/* --- what surrounds the entries --- */

static struct err *check_frontier(struct walk *k)
{
    struct verify *v = k->v;
    struct bytes own = frontier_store(k->page, &k->f), stored;
    struct rows *r;

    TRY(db_query(v->w->db, &r, "select n, at, hashes from audit_frontier where org_id = $1",
                 num(v->org)));
    if (!row_next(r) || row_num(r, 0) != k->f.n) {
        verify_finding(v, k->f.n, "The log should have %lld entries, but %lld are there.",
                       row_count(r) ? row_num(r, 0) : 0, k->f.n);
        return NULL;
    }
    stored = row_blob(r, 2);
    if (stored.size != own.size || (own.size && memcmp(stored.data, own.data, own.size) != 0))
        verify_finding(v, -1, "The head of the log does not fit its entries.");
    if (row_num(r, 1) != k->at)
        verify_finding(v, -1, "The head of the log shows another time than its last entry.");
    return NULL;
}

/* Full tiles were compared in the walk; here are those that should not be there. */
static struct err *stray_tile(void *ctx, struct rows *r)
{
    struct walk *k = ctx;
    i64 level = row_num(r, 0), n = row_num(r, 1);

    if (level < 0 || level >= TILE_LEVELS || n < 0 || n >= k->tiles[level])
        verify_finding(k->v, -1, "Tile %lld of level %lld should not be there.", n, level);
    return NULL;
}

static struct err *check_rest(struct walk *k)
{
    struct verify *v = k->v;

    if (!k->broken)
        TRY(check_frontier(k));
    while (k->checkpoint.any) {
        verify_finding(v, k->f.n,
                       "A checkpoint was signed at size %lld, but the log has %lld "
                       "entries.",
                       k->checkpoint.size, k->f.n);
        TRY(next_checkpoint(k, k->checkpoint.size));
    }
    if (k->known.size > k->f.n)
        verify_finding(v, k->f.n,
                       "The signer remembers %lld entries, but only %lld are there: an "
                       "older database was put back, or entries were deleted.",
                       k->known.size, k->f.n);
    return db_stream(v->w->db, stray_tile, k,
                     "select level, n from audit_tile where org_id = $1 order by level, n",
                     num(v->org));
}

static void find_known(struct walk *k)
{
    struct verify *v = k->v;
    struct checkpoint c;

    if (!v->signer)
        return;
    for (size_t i = 0; signer_known(v->signer, k->page, i, &c); i++)
        if (strcmp(c.origin, trail_origin(k->page, v->signer, v->org)) == 0)
            k->known = c;
}

static struct err *walk_log(struct verify *v, struct walk *k)
{
    verify_use(v, k->page);
    find_known(k);
    TRY(verify_load(v));
    TRY(next_checkpoint(k, NO_INDEX));
    while (k->checkpoint.any && k->checkpoint.size < 1) {
        verify_finding(v, -1, "A checkpoint has the impossible size %lld.", k->checkpoint.size);
        TRY(next_checkpoint(k, k->checkpoint.size));
    }
    TRY(walk_entries(k));
    return check_rest(k);
}

static void tell(void *ctx, const char *sentence)
{
    verify_finding(ctx, -1, "%s", sentence);
}

/* What features keep besides records. */
static struct err *verify_features(struct verify *v)
{
    struct arena *own = arena_new((size_t)1 << 40);
    struct err *failed = NULL;

    verify_use(v, own);
    for (size_t i = 0; !failed && v->features[i]; i++)
        if (v->features[i]->verify && v->org)
            failed = v->features[i]->verify(v->w, tell, v);
    verify_use(v, v->out);
    arena_free(own);
    return failed;
}

static struct err *verify_log(struct verify *v, i64 org)
{
    struct arena *own = arena_new((size_t)1 << 40), *page = arena_new((size_t)1 << 40);
    struct walk k = {.v = v, .page = page, .notes = arena_new(0)};
    struct err *failed;

    v->org = v->w->org = org;
    v->bits = own;
    v->open = NULL;
    v->open_size = 0;
    v->result->logs++;
    k.tile = arena_array(own, TILE_LEVELS, TILE_SIZE);
    k.actors = NEW_ARRAY(own, struct actor, ACTORS);
    failed = walk_log(v, &k);
    verify_use(v, v->out);
    arena_free(k.notes);
    arena_free(page);
    if (!failed)
        failed = verify_records(v);
    verify_use(v, v->out);
    arena_free(own);
    return failed ? failed : verify_features(v);
}

/* --- all logs --- */

/* Logs that the signer knows and the store does not. */
static void check_signer_logs(struct verify *v, const i64 *logs, size_t count)
{
    struct checkpoint c;

    for (size_t i = 0; v->signer && signer_known(v->signer, v->out, i, &c); i++) {
        bool found = false;
        i64 org = trail_origin_org(v->out, c.origin);

        for (size_t l = 0; l < count; l++)
            found = found || logs[l] == org;
        v->org = org;
        if (!found)
            verify_finding(v, 0, "The signer remembers %lld entries of a log that is gone: %s.",
                           c.size, c.origin);
    }
}

static void stray_log(struct verify *v, i64 org, const i64 *logs, size_t count, const char *what)
{
    for (size_t l = 0; l < count; l++)
        if (logs[l] == org)
            return;
    v->org = org;
    verify_finding(v, -1, "There are %s of a log that does not exist.", what);
}

/* Rows under an org_id that has no log. Each query jumps from organisation to organisation. */
static struct err *check_strays(struct verify *v, const i64 *logs, size_t count)
{
    static const char *const what[] = {"entries", "readable copies", "payloads", "tiles",
                                       "checkpoints"};
    struct db *db = v->w->db;
    struct rows *r;

    for (size_t i = 0; i < COUNT_OF(what); i++) {
        struct val after = num(INT64_MIN);

        for (;;) {
            if (i == 0) /* every organisation */
                TRY(db_query(db, &r, "select min(org_id) from audit_entry where org_id > $1",
                             after));
            else if (i == 1) /* every organisation */
                TRY(db_query(db, &r, "select min(org_id) from audit_event where org_id > $1",
                             after));
            else if (i == 2) /* every organisation */
                TRY(db_query(db, &r, "select min(org_id) from audit_payload where org_id > $1",
                             after));
            else if (i == 3) /* every organisation */
                TRY(db_query(db, &r, "select min(org_id) from audit_tile where org_id > $1",
                             after));
            else /* every organisation */
                TRY(db_query(db, &r, "select min(org_id) from audit_checkpoint where org_id > $1",
                             after));
            if (!row_next(r) || row_null(r, 0))
                break;
            after = num(row_num(r, 0));
            stray_log(v, after.num, logs, count, what[i]);
        }
    }
    return NULL;
}

static struct err *verify_all(struct verify *v, i64 org)
{
    struct rows *r;
    i64 *logs;
    size_t count = 0;

    /* every organisation */
    TRY(db_query(v->w->db, &r,
                 "select org_id from audit_frontier where org_id = $1 or $2 = 1 order by org_id",
                 num(org), num(org == -1)));
    logs = NEW_ARRAY(v->out, i64, row_count(r) + 1);
    while (row_next(r))
        logs[count++] = row_num(r, 0);
    if (count == 0 && org != -1)
        return err_new(ERR_MISSING, "This organisation has no log.");
    for (size_t i = 0; i < count; i++)
        TRY(verify_log(v, logs[i]));
    if (org != -1)
        return NULL;
    check_signer_logs(v, logs, count);
    return check_strays(v, logs, count);
}

struct err *verify_with(struct web *w, i64 org, const struct feature *const *list,
                        struct verify_result *out)
{
    struct verify v = {.w = w, .features = list, .out = w->arena, .result = out, .org = org};
    bool began = !db_in_transaction(w->db);
    i64 kept = w->org;
    struct err *failed = NULL;

    *out = (struct verify_result){0};
    /* Before the snapshot: what is signed was committed, so the snapshot must show it. */
    v.signer = w->app->signer;
    if (!v.signer)
        failed = signer_load(w->arena, w->app->config.dir, &v.signer);
    if (failed) {
        v.signer = NULL;
        verify_finding(&v, -1, "Checkpoints cannot be checked: %s", failed->text);
    }
    if (began)
        TRY(db_begin(w->db, DB_BEGIN_READ));
    failed = verify_all(&v, org);
    verify_use(&v, v.out);
    if (began)
        db_rollback(w->db);
    w->org = kept;
    return failed;
}

struct err *trail_verify(struct web *w, i64 org, struct verify_result *out)
{
    return verify_with(w, org, features, out);
}
