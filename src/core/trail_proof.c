/* SPDX-License-Identifier: Apache-2.0 */
/* Proofs for people who keep a checkpoint of their own, and the comparison of a restored store with
 * what the signer remembers. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/trail_part.h"

struct err *trail_last_note(struct web *w, i64 org, const char **note)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select note from audit_checkpoint where org_id = $1 order by size desc limit 1",
                 num(org)));
    *note = row_next(r) ? row_str(r, 0) : NULL;
    return NULL;
}

/* The size to prove against: of the newest checkpoint, or of the head when that is older than the
 * entry. */
static struct err *choose_size(struct web *w, i64 org, i64 idx, struct trail_proof *out)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select size, note from audit_checkpoint where org_id = $1 order by size desc"
                 " limit 1",
                 num(org)));
    if (row_next(r) && row_num(r, 0) > idx) {
        out->size = row_num(r, 0);
        out->note = row_str(r, 1);
        return NULL;
    }
    return trail_head(w, org, &out->size, out->root);
}

/* The root of the first out->size entries follows from leaf and proof when the head is meant;
 * a checkpoint says it itself. */
static struct err *read_root(struct web *w, struct trail_proof *out)
{
    const char *at = out->note;
    struct bytes root;

    for (int i = 0; at && i < 2; i++) {
        at = strchr(at, '\n');
        at = at ? at + 1 : NULL;
    }
    if (!out->note)
        return NULL;
    if (!at || !crypt_unbase64(w->arena, arena_strn(w->arena, at, strcspn(at, "\n")), &root) ||
        root.size != TLOG_HASH)
        return err_new(ERR_FAULT, "A checkpoint of the log is damaged. Run the check of the log.");
    memcpy(out->root, root.data, TLOG_HASH);
    return NULL;
}

struct err *trail_prove(struct web *w, i64 org, i64 idx, struct trail_proof *out)
{
    struct tree t;
    struct rows *r;
    bool good;

    memset(out, 0, sizeof(*out));
    TRY(db_query(w->db, &r, "select entry from audit_entry where org_id = $1 and idx = $2",
                 num(org), num(idx)));
    if (!row_next(r))
        return err_new(ERR_MISSING, "The log has no entry %lld.", idx);
    if (!trail_decode(w->arena, row_blob(r, 0), &out->entry))
        return err_new(ERR_FAULT, "Entry %lld is damaged. Run the check of the log.", idx);
    tlog_leaf(row_blob(r, 0).data, row_blob(r, 0).size, out->leaf);
    TRY(choose_size(w, org, idx, out));
    TRY(read_root(w, out));
    tree_begin(&t, w, org);
    good = tlog_inclusion(&(struct tlog_nodes){tree_hash_at, &t}, idx, out->size, w->arena,
                          &out->hashes);
    tree_end(&t);
    if (!good)
        return t.failed ? t.failed : err_new(ERR_FAULT, "The log is damaged. Run its check.");
    return NULL;
}

/* --- after a restore --- */

i64 trail_origin_org(struct arena *a, const char *origin)
{
    const char *slash = strchr(origin, '/');
    i64 org = -1;

    if (!slash || !text_i64(arena_strn(a, slash + 1, strcspn(slash + 1, "/")), &org))
        return -1;
    return org;
}

/* True when the tree of the store begins with what was signed. */
static struct err *continues(struct web *w, i64 org, const struct checkpoint *known, i64 size,
                             bool *out)
{
    unsigned char root[TLOG_HASH];
    struct bytes proof = {NULL, 0};
    struct tree t;
    i64 now;

    *out = false;
    if (known->size > size)
        return NULL;
    TRY(trail_head(w, org, &now, root));
    tree_begin(&t, w, org);
    if (tlog_consistency(&(struct tlog_nodes){tree_hash_at, &t}, known->size, now, w->arena,
                         &proof))
        *out = tlog_check_consistency(known->size, known->root, now, root, proof);
    tree_end(&t);
    return t.failed;
}

static struct err *log_size(struct web *w, i64 org, i64 *size)
{
    struct rows *r;

    TRY(db_query(w->db, &r, "select n from audit_frontier where org_id = $1", num(org)));
    *size = row_next(r) ? row_num(r, 0) : -1;
    return NULL;
}

struct err *trail_forks(struct web *w, struct trail_fork **out, size_t *count)
{
    struct checkpoint c;
    size_t n = 0, known = 0;
    bool good;

    while (signer_known(w->app->signer, w->arena, known, &c))
        known++;
    *out = NEW_ARRAY(w->arena, struct trail_fork, known + 1);
    for (size_t i = 0; i < known && signer_known(w->app->signer, w->arena, i, &c); i++) {
        i64 org = trail_origin_org(w->arena, c.origin), size;

        TRY(log_size(w, org, &size));
        TRY(continues(w, org, &c, size, &good));
        if (!good)
            (*out)[n++] = (struct trail_fork){c.origin, org, c.size, size,
                                              crypt_base64(w->arena, c.root, TLOG_HASH)};
    }
    *count = n;
    return NULL;
}
