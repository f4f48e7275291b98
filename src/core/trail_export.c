/* SPDX-License-Identifier: Apache-2.0 */
/* A log as JSON lines for a checker that is not ours: tools/verify_log.py says what the lines are.
 * Nothing is left out but what was redacted, so the file is as confidential as the store. */
#include <stdio.h>

#include "base/json.h"
#include "base/words.h"
#include "core/app.h"
#include "core/entity_sql.h"
#include "core/trail_part.h"

#define PAGE 500

struct export
{
    struct web *w;
    FILE *out;
    i64 org;
    struct arena *page;
    struct signer *signer;
};

static void number(json_t *line, const char *name, i64 n)
{
    json_object_set_new(line, name, json_integer(n));
}

static void text(json_t *line, const char *name, const char *value)
{
    json_object_set_new(line, name, json_string(value));
}

static json_t *begin(struct export *x, const char *type)
{
    json_t *line = json_own(x->page, json_object());

    text(line, "type", type);
    number(line, "log", x->org);
    return line;
}

static struct err *write_line(struct export *x, const json_t *line)
{
    if (fprintf(x->out, "%s\n", json_text(x->page, line)) < 0)
        return err_new(ERR_FAULT, "The export cannot be written. Is the disk full?");
    return NULL;
}

static void fresh_page(struct export *x)
{
    arena_reset(x->page);
    x->w->arena = x->page;
    db_use_arena(x->w->db, x->page);
}

static struct err *entries(struct export *x)
{
    struct rows *r;
    i64 after = -1;

    do {
        fresh_page(x);
        TRY(db_query(
            x->w->db, &r,
            "select e.idx, e.entry, p.salt, p.body from audit_entry e left join"
            " audit_payload p on p.org_id = e.org_id and p.idx = e.idx and"
            " p.part = 'context' where e.org_id = $1 and e.idx > $2 order by e.idx limit $3",
            num(x->org), num(after), num(PAGE)));
        while (row_next(r)) {
            json_t *line = begin(x, "entry");

            after = row_num(r, 0);
            number(line, "idx", after);
            text(line, "entry", crypt_base64(x->page, row_blob(r, 1).data, row_blob(r, 1).size));
            if (!row_null(r, 3)) {
                text(line, "salt", crypt_base64(x->page, row_blob(r, 2).data, row_blob(r, 2).size));
                text(line, "body", row_str(r, 3));
            }
            TRY(write_line(x, line));
        }
    } while (row_count(r) == PAGE);
    return NULL;
}

static struct err *checkpoints(struct export *x)
{
    struct rows *r;
    i64 after = 0;

    do {
        fresh_page(x);
        TRY(db_query(x->w->db, &r,
                     "select size, note from audit_checkpoint where org_id = $1 and size > $2"
                     " order by size limit $3",
                     num(x->org), num(after), num(PAGE)));
        while (row_next(r)) {
            json_t *line = begin(x, "checkpoint");

            after = row_num(r, 0);
            number(line, "size", after);
            text(line, "note", row_text(r, 1));
            TRY(write_line(x, line));
        }
    } while (row_count(r) == PAGE);
    return NULL;
}

/* Whether the version was logged in the form of before; only kinds that have one are asked about.
 */
static struct err *is_of_before(struct export *x, const struct entity *e,
                                const struct history_row *h, bool *out)
{
    struct trail_entry entry;
    struct rows *r;

    *out = false;
    if (!entity_canonical_before(x->page, e, h->record, false))
        return NULL;
    TRY(db_query(x->w->db, &r, "select entry from audit_entry where org_id = $1 and idx = $2",
                 num(x->org), num(h->log_idx)));
    *out = row_next(r) && trail_decode(x->page, row_blob(r, 0), &entry) &&
           trail_is_of_before(x->page, e, h, &entry);
    return NULL;
}

static struct err *write_version(struct export *x, const struct entity *e,
                                 const struct history_row *h)
{
    const struct record *head = h->record;
    json_t *line = begin(x, "row");
    bool before;

    TRY(is_of_before(x, e, h, &before));

    number(line, "idx", h->log_idx);
    text(line, "kind", e->name);
    number(line, "record", head->id);
    number(line, "version", head->version);
    text(line, "salt", crypt_base64(x->page, h->salt.data, h->salt.size));
    text(line, "text",
         before ? entity_canonical_before(x->page, e, h->record, false)
                : entity_canonical(x->page, e, h->record, false));
    text(line, "personal",
         before ? entity_canonical_before(x->page, e, h->record, true)
                : entity_canonical(x->page, e, h->record, true));
    return write_line(x, line);
}

static struct err *versions(struct export *x, const struct entity *e)
{
    struct history_row *list;
    size_t count;
    i64 id = 0, version = 0;

    do {
        fresh_page(x);
        TRY(entity_history_page(x->w, e, id, version, PAGE, &list, &count));
        for (size_t i = 0; i < count; i++) {
            id = ((const struct record *)list[i].record)->id;
            version = ((const struct record *)list[i].record)->version;
            TRY(write_version(x, e, &list[i]));
        }
    } while (count == PAGE);
    return NULL;
}

static struct err *export_all(struct export *x, const struct feature *const *list)
{
    json_t *line = json_own(x->page, json_object());

    text(line, "type", "key");
    text(line, "name", signer_name(x->signer));
    text(line, "public", crypt_hex(x->page, signer_public(x->signer), 32));
    TRY(write_line(x, line));
    TRY(entries(x));
    TRY(checkpoints(x));
    for (size_t f = 0; list[f]; f++)
        for (size_t i = 0; list[f]->entities && list[f]->entities[i]; i++)
            if (list[f]->entities[i]->site == (x->org == 0))
                TRY(versions(x, list[f]->entities[i]));
    return NULL;
}

struct err *export_with(struct web *w, i64 org, const struct feature *const *list, FILE *out)
{
    struct export x = {.w = w, .out = out, .org = org, .page = arena_new((size_t)1 << 32)};
    struct arena *kept = w->arena;
    bool began = !db_in_transaction(w->db);
    i64 kept_org = w->org;
    struct err *failed;

    w->org = org;
    x.signer = w->app->signer;
    failed = x.signer ? NULL : signer_load(w->arena, w->app->config.dir, &x.signer);
    if (!failed && began)
        failed = db_begin(w->db, DB_BEGIN_READ);
    if (!failed)
        failed = export_all(&x, list);
    if (began)
        db_rollback(w->db);
    if (!failed && fflush(out) != 0)
        failed = err_new(ERR_FAULT, "The export cannot be written. Is the disk full?");
    w->org = kept_org;
    w->arena = kept;
    db_use_arena(w->db, kept);
    arena_free(x.page);
    return failed;
}

struct err *trail_export(struct web *w, i64 org, FILE *out)
{
    return export_with(w, org, features, out);
}
