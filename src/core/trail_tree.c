/* SPDX-License-Identifier: Apache-2.0 */
/* The stored form of the tree: full tiles of 256 hashes, tile level k holding nodes of tree level
 * 8k. What no full tile covers is computed from entries and lower tiles. Also the way to a signed
 * checkpoint, which trusts neither the frontier nor memory: it reads committed rows again. */
#include <string.h>

#include "base/words.h"
#include "core/app.h"
#include "core/trail_part.h"

/* --- reading --- */

void tree_begin(struct tree *t, struct web *w, i64 org)
{
    *t = (struct tree){.w = w, .org = org, .scratch = arena_new(0)};
}

void tree_end(struct tree *t)
{
    arena_free(t->scratch);
    t->scratch = NULL;
}

/* The root of 2^levels neighbouring hashes. */
static void fold(const unsigned char *hashes, int levels, unsigned char out[TLOG_HASH])
{
    unsigned char work[TILE_SIZE / 2];
    size_t n = (size_t)1 << levels;

    if (levels == 0) {
        memcpy(out, hashes, TLOG_HASH);
        return;
    }
    for (size_t i = 0; i < n / 2; i++)
        tlog_node(hashes + 2 * i * TLOG_HASH, hashes + (2 * i + 1) * TLOG_HASH,
                  work + i * TLOG_HASH);
    for (n /= 2; n > 1; n /= 2)
        for (size_t i = 0; i < n / 2; i++)
            tlog_node(work + 2 * i * TLOG_HASH, work + (2 * i + 1) * TLOG_HASH,
                      work + i * TLOG_HASH);
    memcpy(out, work, TLOG_HASH);
}

/* Collects hashes from streamed rows: leaves of entries, or roots of full tiles. */
struct collect {
    unsigned char *out;
    int count;
    int level; /* of the tile; at 0 the rows are entries, above that they are tiles */
};

static struct err *collect_row(void *ctx, struct rows *r)
{
    struct collect *c = ctx;
    struct bytes data = row_blob(r, 0);
    unsigned char *out = c->out + c->count * TLOG_HASH;

    if (c->count == TILE_HASHES)
        return err_new(ERR_FAULT, "The log has too many rows.");
    if (c->level == 0)
        tlog_leaf(data.data, data.size, out);
    else if (data.size == TILE_SIZE)
        fold(data.data, 8, out);
    else
        return err_new(ERR_FAULT, "A tile of the log has a wrong size.");
    c->count++;
    return NULL;
}

/* Hashes of a tile from what lies below it: indexes from `from` to before `to`. */
static struct err *collect_below(struct web *w, i64 org, i64 from, i64 to, struct collect *c)
{
    if (c->level == 0)
        return db_stream(w->db, collect_row, c,
                         "select entry from audit_entry where org_id = $1 and idx >= $2"
                         " and idx < $3 order by idx",
                         num(org), num(from), num(to));
    return db_stream(w->db, collect_row, c,
                     "select data from audit_tile where org_id = $1 and level = $2 and n >= $3"
                     " and n < $4 order by n",
                     num(org), num(c->level - 1), num(from), num(to));
}

static struct err *read_tile(struct tree *t, int level, i64 n, struct tree_tile *out)
{
    struct web *w = t->w;
    unsigned char *hashes = arena_alloc(t->scratch, TILE_SIZE);
    struct collect c = {.out = hashes, .level = level};
    struct rows *r;

    *out = (struct tree_tile){.level = level, .n = n, .hashes = hashes};
    TRY(db_query(w->db, &r,
                 "select data from audit_tile where org_id = $1 and level = $2 and n = $3",
                 num(t->org), num(level), num(n)));
    if (row_next(r)) {
        if (row_blob(r, 0).size != TILE_SIZE)
            return err_new(ERR_FAULT, "A tile of the log has a wrong size.");
        memcpy(hashes, row_blob(r, 0).data, TILE_SIZE);
        out->count = TILE_HASHES;
        return NULL;
    }
    TRY(collect_below(w, t->org, n * TILE_HASHES, (n + 1) * TILE_HASHES, &c));
    out->count = c.count;
    return NULL;
}

static struct tree_tile *find_tile(struct tree *t, int level, i64 n)
{
    struct tree_tile *slot;

    for (int i = 0; i < (int)COUNT_OF(t->tiles) && i < t->ntiles; i++)
        if (t->tiles[i].level == level && t->tiles[i].n == n)
            return &t->tiles[i];
    slot = &t->tiles[t->ntiles % (int)COUNT_OF(t->tiles)];
    t->failed = read_tile(t, level, n, slot);
    if (t->failed)
        return NULL;
    t->ntiles++;
    return slot;
}

bool tree_hash_at(void *ctx, int level, i64 index, unsigned char out[TLOG_HASH])
{
    struct tree *t = ctx;
    int within = level % 8;
    i64 start = index << within;
    int offset = (int)(start & (TILE_HASHES - 1));
    struct tree_tile *tile = find_tile(t, level / 8, start / TILE_HASHES);

    if (!tile)
        return false;
    if (offset + (1 << within) > tile->count) {
        t->failed = err_detail(err_new(ERR_FAULT, "The log is damaged: a part of it is missing."),
                               "log %lld, node %lld of level %d", t->org, index, level);
        return false;
    }
    fold(tile->hashes + offset * TLOG_HASH, within, out);
    return true;
}

/* --- writing --- */

static struct err *store_tile(struct web *w, i64 org, int level, i64 n, const unsigned char *hashes)
{
    return db_exec(w->db, "insert into audit_tile (org_id, level, n, data) values ($1, $2, $3, $4)",
                   num(org), num(level), num(n), blob(hashes, TILE_SIZE));
}

/* After tile (0, n): the tiles above that it fills. */
static struct err *store_above(struct web *w, i64 org, i64 n, unsigned char *hashes)
{
    for (int level = 1; level < TILE_LEVELS && (n + 1) % TILE_HASHES == 0; level++) {
        struct collect c = {.out = hashes, .level = level};

        n /= TILE_HASHES;
        TRY(collect_below(w, org, n * TILE_HASHES, (n + 1) * TILE_HASHES, &c));
        if (c.count != TILE_HASHES)
            return err_new(ERR_FAULT, "The log is damaged: a tile is missing.");
        TRY(store_tile(w, org, level, n, hashes));
    }
    return NULL;
}

struct err *tree_store_tiles(struct web *w, i64 org, i64 first, const unsigned char *leaves,
                             i64 count)
{
    i64 end = first + count;
    unsigned char *hashes = NULL;

    for (i64 n = first / TILE_HASHES; (n + 1) * TILE_HASHES <= end; n++) {
        i64 from = n * TILE_HASHES, known = from < first ? first : from;
        struct collect c = {0};

        if (!hashes)
            hashes = arena_alloc(w->arena, TILE_SIZE);
        c.out = hashes;
        if (from < first)
            TRY(collect_below(w, org, from, first, &c));
        if (from + c.count != known)
            return err_new(ERR_FAULT, "The log is damaged: an entry is missing.");
        memcpy(hashes + c.count * TLOG_HASH, leaves + (known - first) * TLOG_HASH,
               (size_t)(TILE_HASHES - c.count) * TLOG_HASH);
        TRY(store_tile(w, org, 0, n, hashes));
        TRY(store_above(w, org, n, hashes));
    }
    return NULL;
}

/* --- head and checkpoints --- */

static struct err *read_head(struct web *w, i64 org, struct frontier *f)
{
    struct rows *r;

    TRY(db_query(w->db, &r, "select n, hashes from audit_frontier where org_id = $1", num(org)));
    if (!row_next(r))
        return err_detail(err_new(ERR_MISSING, "There is no such log."), "log %lld", org);
    if (!frontier_load(f, row_num(r, 0), row_blob(r, 1)))
        return err_detail(err_new(ERR_FAULT, "The log is damaged: its head does not fit its size."),
                          "log %lld", org);
    return NULL;
}

struct err *trail_head(struct web *w, i64 org, i64 *size, unsigned char root[TLOG_HASH])
{
    struct frontier f;

    TRY(read_head(w, org, &f));
    *size = f.n;
    frontier_root(&f, root);
    return NULL;
}

const char *trail_origin(struct arena *a, struct signer *s, i64 org)
{
    return signer_origin(s, a, org);
}

/* Compares every subtree of the frontier with what tiles and entries say. */
static struct err *recompute(struct tree *t, const struct frontier *f)
{
    unsigned char hash[TLOG_HASH];
    i64 start = 0;
    int i = 0;

    for (int level = TLOG_LEVELS - 1; level >= 0; level--) {
        if (!(f->n >> level & 1))
            continue;
        if (!tree_hash_at(t, level, start >> level, hash))
            return t->failed;
        if (memcmp(hash, f->hash[i++], TLOG_HASH) != 0)
            return err_detail(err_new(ERR_FAULT, "The log is damaged, so it is not signed. Run the "
                                                 "check of the log."),
                              "log %lld: entries from %lld on do not fit", t->org, start);
        start += 1LL << level;
    }
    return NULL;
}

/* The note stored for this size, or NULL. */
static struct err *stored_note(struct web *w, i64 org, i64 size, const char **note)
{
    struct rows *r;

    TRY(db_query(w->db, &r, "select note from audit_checkpoint where org_id = $1 and size = $2",
                 num(org), num(size)));
    *note = row_next(r) ? row_str(r, 0) : NULL;
    return NULL;
}

/* What is to be signed and its proof, read in one snapshot. */
static struct err *propose(struct web *w, struct tree *t, struct checkpoint *out,
                           struct bytes *proof, const char **stored)
{
    struct frontier f;
    i64 last = signer_last(w->app->signer, out->origin);

    TRY(read_head(w, t->org, &f));
    out->size = f.n;
    frontier_root(&f, out->root);
    TRY(stored_note(w, t->org, f.n, stored));
    if (*stored || f.n == 0)
        return NULL;
    if (last > f.n)
        return err_detail(err_new(ERR_CLASH, "The log is shorter than when it was last signed. Was "
                                             "an older database put back?"),
                          "log %lld has %lld entries, signed were %lld", t->org, f.n, last);
    TRY(recompute(t, &f));
    if (!tlog_consistency(&(struct tlog_nodes){tree_hash_at, t}, last, f.n, w->arena, proof))
        return t->failed;
    return NULL;
}

struct err *trail_sign(struct web *w, i64 org, struct checkpoint *out, const char **note)
{
    struct bytes proof = {NULL, 0};
    const char *stored = NULL;
    struct err *failed;
    struct tree t;

    *note = NULL;
    /* A group of changes may still be lost. The signer would then remember what never was, and
     * refuse for ever: so only what other connections see is signed. */
    if (w->writable || db_in_transaction(w->db))
        return err_detail(err_new(ERR_FAULT, "The log cannot be signed just now."),
                          "trail_checkpoint was called inside a transaction");
    *out = (struct checkpoint){.origin = trail_origin(w->arena, w->app->signer, org)};
    TRY(db_begin(w->db, DB_BEGIN_READ));
    tree_begin(&t, w, org);
    failed = propose(w, &t, out, &proof, &stored);
    tree_end(&t);
    db_rollback(w->db);
    if (failed || stored || out->size == 0)
        return failed;
    return signer_sign(w->app->signer, w->arena, out, proof, note);
}

struct err *trail_store(struct web *w, i64 org, i64 size, const char *note)
{
    /* `at` is the time of the last entry: a time of its own could be changed unseen. */
    return db_exec(w->db,
                   "insert into audit_checkpoint (org_id, size, at, note)"
                   " select v.org_id, v.idx + 1, v.at, $3 from audit_event v"
                   " where v.org_id = $1 and v.idx = $2 - 1"
                   " on conflict (org_id, size) do nothing",
                   num(org), num(size), str(note));
}

struct storing {
    i64 org, size;
    const char *note;
};

static struct err *store_signed(struct web *w, void *ctx)
{
    const struct storing *s = ctx;

    return trail_store(w, s->org, s->size, s->note);
}

struct err *trail_checkpoint(struct web *w, i64 org, const char **note)
{
    struct checkpoint c;
    struct storing s = {.org = org};

    TRY(trail_sign(w, org, &c, note));
    if (!*note)
        return stored_note(w, org, c.size, note);
    s.size = c.size;
    s.note = *note;
    return app_write(w, store_signed, &s);
}
