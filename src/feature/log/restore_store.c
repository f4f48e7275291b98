/* SPDX-License-Identifier: Apache-2.0 */
/* The part of a restore that happens inside the store, while it still lies beside its later place:
 * the signer's memory is asked, everybody is signed out, the logs say what happened, the check
 * runs. */
#include <string.h>

#include "base/text.h"
#include "core/trail.h"
#include "feature/account/account.h"
#include "feature/erasure/erasure.h"
#include "feature/log/log_part.h"

struct state {
    struct restoring *r;
    struct trail_fork *forks;
    size_t nforks;
    i64 *logs;
    size_t nlogs;
    i64 log; /* at hand */
};

static const struct trail_fork *fork_of(const struct state *s, i64 org)
{
    for (size_t i = 0; i < s->nforks; i++)
        if (s->forks[i].org == org)
            return &s->forks[i];
    return NULL;
}

static struct err *refuse_rollback(const struct state *s)
{
    const struct trail_fork *f = &s->forks[0];

    if (f->size < 0)
        return err_new(ERR_CLASH,
                       "A log with %lld signed entries (%s) is not in the backup at all. Restore a "
                       "newer backup, or say --accept-rollback if it is to be given up.",
                       f->remembered, f->origin);
    return err_new(ERR_CLASH,
                   "The backup is older than what was signed here: the log %s has %lld entries in "
                   "the backup, and %lld were signed. What came after the backup would be gone. "
                   "Restore a newer backup, or say --accept-rollback; the logs will show it.",
                   f->origin, f->size, f->remembered);
}

/* --- who was signed in --- */

static struct err *end_access(struct web *w)
{
    struct rows *r;

    TRY(db_exec(w->db, "delete from session where org_id = $1", num(0)));
    TRY(db_exec(w->db, "delete from one_time_link where org_id = $1", num(0)));
    TRY(db_query(w->db, &r, "select id from account where org_id = $1 order by id", num(0)));
    while (row_next(r))
        TRY(account_revoke(w, row_num(r, 0)));
    return NULL;
}

/* --- entries --- */

/* {"backup": {created, size, root}, "before": {origin, size, root}, "key": {name, public}} */
static struct err *body_of(struct web *w, const struct state *s, const char **body)
{
    const struct trail_fork *fork = fork_of(s, s->log);
    const json_t *m = s->r->manifest;
    json_t *o = json_own(w->arena, json_object()), *backup = json_object();
    unsigned char root[TLOG_HASH];
    i64 size;

    TRY(trail_head(w, s->log, &size, root));
    json_object_set(backup, "created", json_object_get(m, "created"));
    json_object_set_new(backup, "size", json_integer(size));
    json_object_set_new(backup, "root", json_string(crypt_base64(w->arena, root, TLOG_HASH)));
    json_object_set_new(o, "backup", backup);
    if (fork)
        json_object_set_new(o, "before",
                            json_pack("{s:s,s:I,s:s}", "origin", fork->origin, "size",
                                      fork->remembered, "root", fork->root));
    json_object_set(o, "key", json_object_get(m, "key"));
    json_object_set_new(o, "origin", json_string(signer_origin(w->app->signer, w->arena, s->log)));
    *body = json_text(w->arena, o);
    return NULL;
}

static struct err *write_entry(struct web *w, void *ctx)
{
    struct state *s = ctx;
    const char *body;

    TRY(body_of(w, s, &body));
    if (s->log == 0)
        TRY(end_access(w));
    trail_event(w, "restored", NULL, 0, body);
    return NULL;
}

static struct err *write_entries(struct web *w, struct state *s)
{
    struct err *failed;
    const char *note;

    for (size_t i = 0; i < s->nforks; i++)
        TRY(signer_end(w->app->signer, w->arena, s->forks[i].origin));
    for (size_t i = 0; i < s->nlogs; i++) {
        s->log = w->org = s->logs[i];
        TRY(app_write(w, write_entry, s));
        failed = trail_checkpoint(w, s->log, &note);
        if (failed)
            return err_wrap(failed, "The check of the restored log failed: %s", failed->text);
    }
    w->org = 0;
    return NULL;
}

static struct err *list_logs(struct web *w, struct state *s)
{
    struct rows *r;

    /* every organisation */
    TRY(db_query(w->db, &r, "select org_id from audit_frontier order by org_id"));
    s->logs = NEW_ARRAY(w->arena, i64, row_count(r) + 1);
    while (row_next(r))
        s->logs[s->nlogs++] = row_num(r, 0);
    s->r->logs = s->nlogs;
    if (!s->nlogs || s->logs[0] != 0)
        return err_new(ERR_INVALID,
                       "The backup holds no log of the system, so it is not complete.");
    return NULL;
}

/* The backup as it came is checked first: our own entries must not cover anything up. */
static struct err *check_heads(struct web *w, const struct state *s)
{
    const json_t *logs = json_object_get(s->r->manifest, "logs");
    unsigned char root[TLOG_HASH];
    i64 size, org;

    if (json_array_size(logs) != s->nlogs)
        return err_new(ERR_INVALID, "The backup holds other logs than its list says.");
    for (size_t i = 0; i < s->nlogs; i++) {
        const json_t *one = json_array_get(logs, i);
        const char *name = json_string_value(json_object_get(one, "org"));

        TRY(trail_head(w, s->logs[i], &size, root));
        if (!name || !text_i64(name, &org) || org != s->logs[i] ||
            json_integer_value(json_object_get(one, "size")) != size ||
            !text_equal(json_string_value(json_object_get(one, "root")),
                        crypt_base64(w->arena, root, TLOG_HASH)))
            return err_new(ERR_INVALID, "The log %lld of the backup is not what its list says.",
                           s->logs[i]);
    }
    return NULL;
}

static struct err *check_result(struct web *w, struct restoring *r)
{
    struct verify_result v;

    TRY(trail_verify(w, -1, &v));
    if (!v.count) {
        TRY(trail_verify_files(w, -1, &v));
        r->files = v.files;
        r->lost = v.count;
        /* What was lost already when the backup was made is not held against it. */
        if (v.count <= json_array_size(json_object_get(r->manifest, "missing")))
            return NULL;
    }
    r->findings = v.count;
    r->finding = v.findings[0].text;
    return err_new(ERR_INVALID,
                   "The check of the restored log found %zu %s, so nothing was put in place. The "
                   "first: %.200s",
                   v.count, v.count == 1 ? "problem" : "problems", v.findings[0].text);
}

struct err *restore_store(struct web *w, struct restoring *r)
{
    struct state s = {.r = r};

    TRY(list_logs(w, &s));
    TRY(check_heads(w, &s));
    TRY(trail_forks(w, &s.forks, &s.nforks));
    r->forks = s.nforks;
    if (s.nforks && !r->accept_rollback)
        return refuse_rollback(&s);
    TRY(write_entries(w, &s));
    TRY(erasure_again(w, r->erasures, &r->erased));
    return check_result(w, r);
}
