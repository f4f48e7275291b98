/* SPDX-License-Identifier: Apache-2.0 */
/* `cairn verify`, the rows: each version in the history against the entry that commits to it, each
 * live row against its open version, and the other way round: entries whose version is gone, live
 * rows that nothing vouches for, derived values that do not follow from their inputs. */
#include <string.h>

#include "base/words.h"
#include "core/entity_sql.h"
#include "core/trail_part.h"

#define PAGE 500

/* Pages of history or live rows, each in an arena of its own. */
struct history {
    struct arena *arena;
    struct history_row *rows;
    size_t count, next;
    i64 id, version;
};
struct live {
    struct arena *arena;
    char *rows;
    size_t count, next;
    i64 id;
    bool end;
};

struct pass {
    struct verify *v;
    const struct entity *e;
    struct history history;
    struct live live;
    struct arena *work; /* of one row */
    /* The version before this one. */
    i64 id, version, valid_to;
};

static struct err *next_version(struct pass *p, struct history_row **out)
{
    struct history *h = &p->history;

    if (h->next == h->count) {
        arena_reset(h->arena);
        verify_use(p->v, h->arena);
        h->next = 0;
        TRY(entity_history_page(p->v->w, p->e, h->id, h->version, PAGE, &h->rows, &h->count));
    }
    *out = h->next < h->count ? &h->rows[h->next++] : NULL;
    if (*out) {
        const struct record *head = (*out)->record;

        h->id = head->id;
        h->version = head->version;
    }
    return NULL;
}

/* The live row to look at next; it stays until live_taken. */
static struct err *live_row(struct pass *p, const void **out)
{
    struct live *l = &p->live;
    void *rows;

    *out = NULL;
    if (l->next == l->count && !l->end) {
        arena_reset(l->arena);
        verify_use(p->v, l->arena);
        l->next = 0;
        TRY(entity_live_page(p->v->w, p->e, l->id, PAGE, &rows, &l->count));
        l->rows = rows;
        l->end = l->count == 0;
    }
    if (l->next < l->count)
        *out = l->rows + l->next * p->e->size;
    return NULL;
}

static void live_taken(struct pass *p)
{
    const struct record *head = (const void *)(p->live.rows + p->live.next * p->e->size);

    p->live.id = head->id;
    p->live.next++;
}

static const char *label(struct pass *p, i64 number)
{
    const char *text;

    record_label(p->work, p->e, number, &text);
    return text;
}

/* The entry `idx`; false (and a finding) when it cannot be read. */
static struct err *read_entry(struct pass *p, i64 idx, struct trail_entry *out, bool *found)
{
    struct rows *r;

    verify_use(p->v, p->work);
    TRY(db_query(p->v->w->db, &r, "select entry from audit_entry where org_id = $1 and idx = $2",
                 num(p->v->org), num(idx)));
    *found = row_next(r) && trail_decode(p->work, row_blob(r, 0), out);
    return NULL;
}

static void seen(struct verify *v, i64 idx)
{
    if (idx >= 0 && (size_t)idx / 8 < v->open_size)
        v->open[idx / 8] &= (unsigned char)~(1 << idx % 8);
}

/* --- a version against its entry --- */

static bool commits(struct pass *p, const unsigned char *salt, const char *body,
                    const unsigned char expected[DIGEST_SIZE])
{
    unsigned char hash[DIGEST_SIZE];

    trail_commit(p->work, salt, body, hash);
    return memcmp(hash, expected, DIGEST_SIZE) == 0;
}

bool trail_is_of_before(struct arena *a, const struct entity *e, const struct history_row *h,
                        const struct trail_entry *entry)
{
    const char *open = entity_canonical_before(a, e, h->record, false);
    unsigned char hash[DIGEST_SIZE];

    if (!open || h->salt.size < SALT_SIZE)
        return false;
    trail_commit(a, h->salt.data, open, hash);
    return memcmp(hash, entry->row, DIGEST_SIZE) == 0;
}

/* Where the personal part of a row of before was redacted, its open text cannot be made any more,
 * and the row cannot be told from one that was altered: the redaction, which the log has, speaks
 * for it. */
static bool is_redacted_before(struct pass *p, const struct history_row *h, i64 idx)
{
    return entity_canonical_before(p->work, p->e, h->record, false) && h->salt.size == SALT_SIZE &&
           verify_redacted(p->v, idx, "personal");
}

/* What is wrong with the content of the version, or NULL. */
static const char *wrong_content(struct pass *p, const struct history_row *h,
                                 const struct trail_entry *e)
{
    const char *personal = entity_canonical(p->work, p->e, h->record, true);
    bool promised = !trail_is_zero(e->personal, DIGEST_SIZE);

    if (h->salt.size == 0 && verify_redacted(p->v, e->idx, "row"))
        return NULL;
    if (h->salt.size != SALT_SIZE && h->salt.size != 2 * SALT_SIZE)
        return "has lost its salt, and no entry says that it was redacted";
    if (!commits(p, h->salt.data, entity_canonical(p->work, p->e, h->record, false), e->row)) {
        if (!trail_is_of_before(p->work, p->e, h, e) && !is_redacted_before(p, h, e->idx))
            return "is not what was logged";
        personal = entity_canonical_before(p->work, p->e, h->record, true);
    }
    if (h->salt.size == 2 * SALT_SIZE)
        return promised && commits(p, h->salt.data + SALT_SIZE, personal, e->personal)
                   ? NULL
                   : "has personal data that is not what was logged";
    if (!promised && !*personal)
        return NULL;
    if (*personal || !verify_redacted(p->v, e->idx, "personal"))
        return "has lost its personal data, and no entry says that it was redacted";
    return NULL;
}

static struct err *check_version(struct pass *p, const struct history_row *h)
{
    const struct record *head = h->record;
    const char *name = label(p, head->number), *wrong = NULL;
    struct trail_entry e;
    bool found;

    TRY(read_entry(p, h->log_idx, &e, &found));
    if (!found) {
        verify_finding(p->v, h->log_idx, "Version %lld of %s %s has no entry in the log.",
                       head->version, p->e->name, name);
        return NULL;
    }
    if (strcmp(e.kind, p->e->name) != 0 || e.record != head->id || e.after != head->version)
        wrong = "points to an entry of something else";
    else if (e.before != head->version - 1)
        wrong = "does not follow the version that its entry names";
    else if (e.at != h->valid_from)
        wrong = "begins at another time than its entry";
    else
        wrong = wrong_content(p, h, &e);
    if (wrong)
        verify_finding(p->v, h->log_idx, "Version %lld of %s %s %s.", head->version, p->e->name,
                       name, wrong);
    else
        seen(p->v, h->log_idx);
    return NULL;
}

/* --- how a version ends --- */

/* An entry that says the version was removed at that time; its bit is cleared. */
static struct err *find_removal(struct pass *p, i64 id, i64 version, i64 at, bool *found)
{
    struct rows *r;
    struct trail_entry e;
    bool good;

    *found = false;
    verify_use(p->v, p->work);
    TRY(db_query(p->v->w->db, &r,
                 "select idx from audit_event where org_id = $1 and record = $2 and at = $3",
                 num(p->v->org), num(id), num(at)));
    while (!*found && row_next(r)) {
        TRY(read_entry(p, row_num(r, 0), &e, &good));
        *found = good && strcmp(e.action, "remove") == 0 && strcmp(e.kind, p->e->name) == 0 &&
                 e.record == id && e.before == version && e.after == 0 && e.at == at;
        if (*found)
            seen(p->v, row_num(r, 0));
    }
    return NULL;
}

/* The end of the version before, now that the next one (or none: next is NULL) is known. */
static struct err *check_end(struct pass *p, const struct history_row *next)
{
    bool removed;

    if (!p->id || (!next && p->valid_to == HISTORY_OPEN))
        return NULL;
    if (next && p->valid_to == next->valid_from)
        return NULL;
    if (p->valid_to != HISTORY_OPEN) {
        TRY(find_removal(p, p->id, p->version, p->valid_to, &removed));
        if (removed && (!next || next->valid_from > p->valid_to))
            return NULL;
    }
    verify_finding(p->v, -1,
                   "Version %lld of %s with id %lld ends at a time that the log does not "
                   "know.",
                   p->version, p->e->name, p->id);
    return NULL;
}

/* --- live rows --- */

static struct err *compare_live(struct pass *p, const struct history_row *h, const void *live)
{
    const struct record *a = h->record, *b = live;
    const char *name = label(p, b->number);
    const struct field *wrong;
    struct arena *w = p->work;

    if (a->version != b->version || a->number != b->number)
        verify_finding(p->v, h->log_idx,
                       "The %s %s has another version or number than its newest "
                       "logged version.",
                       p->e->name, name);
    else if (strcmp(entity_canonical(w, p->e, a, false), entity_canonical(w, p->e, b, false)) !=
                 0 ||
             strcmp(entity_canonical(w, p->e, a, true), entity_canonical(w, p->e, b, true)) != 0)
        verify_finding(p->v, h->log_idx, "The %s %s was changed without the log.", p->e->name,
                       name);
    verify_use(p->v, w);
    TRY(entity_derived_wrong(p->v->w, p->e, live, &wrong));
    if (wrong)
        verify_finding(p->v, h->log_idx,
                       "The value “%s” of %s %s does not follow from its other "
                       "values.",
                       wrong->label, p->e->name, name);
    return NULL;
}

/* Live rows before `id` have no open version. */
static struct err *skip_unknown(struct pass *p, i64 id, const void **at)
{
    for (;;) {
        const struct record *head;

        TRY(live_row(p, at));
        head = *at;
        if (!head || head->id >= id)
            return NULL;
        verify_finding(p->v, -1, "The %s %s is not in the log.", p->e->name,
                       label(p, head->number));
        live_taken(p);
    }
}

static struct err *check_live(struct pass *p, const struct history_row *h)
{
    const struct record *head = h->record, *live;
    const void *at;

    TRY(skip_unknown(p, head->id, &at));
    live = at;
    if (!live || live->id != head->id) {
        verify_finding(p->v, h->log_idx,
                       "The %s %s is gone, but the log does not say that it was "
                       "removed.",
                       p->e->name, label(p, head->number));
        return NULL;
    }
    TRY(compare_live(p, h, live));
    live_taken(p);
    return NULL;
}

/* --- links --- */

/* True when the log has an entry about the record at that time. */
static struct err *entry_at(struct pass *p, i64 record, i64 at, i64 *idx)
{
    struct rows *r;

    TRY(db_query(p->v->w->db, &r,
                 "select idx from audit_event where org_id = $1 and record = $2 and at = $3"
                 " and kind = $4",
                 num(p->v->org), num(record), num(at), str(p->e->name)));
    *idx = row_next(r) ? row_num(r, 0) : -1;
    return NULL;
}

/* Which links held when a version began is in its commitment; here is that they begin and end with
 * versions only. */
static struct err *check_link(struct pass *p, const struct field *f, const struct link_row *l)
{
    i64 began, ended = 0;

    TRY(entry_at(p, l->record, l->valid_from, &began));
    if (l->valid_to != HISTORY_OPEN)
        TRY(entry_at(p, l->record, l->valid_to, &ended));
    if (began != l->log_idx || began < 0 || ended < 0 || l->valid_to <= l->valid_from)
        verify_finding(p->v, l->log_idx,
                       "A link “%s” of %s with id %lld begins or ends at a time "
                       "that the log does not know.",
                       f->label, p->e->name, l->record);
    return NULL;
}

static struct err *check_links(struct pass *p, const struct field *f)
{
    struct link_row l = {INT64_MIN, INT64_MIN, INT64_MIN, 0, 0};
    struct rows *r;

    for (;;) {
        arena_reset(p->history.arena);
        verify_use(p->v, p->history.arena);
        TRY(entity_link_page(p->v->w, p->e, f, &l, &r));
        if (!row_count(r))
            return NULL;
        while (row_next(r)) {
            l = (struct link_row){row_num(r, 0), row_num(r, 1), row_num(r, 2), row_num(r, 3),
                                  row_num(r, 4)};
            arena_reset(p->work);
            verify_use(p->v, p->work);
            TRY(check_link(p, f, &l));
        }
    }
}

/* --- an entity --- */

static struct err *check_row(struct pass *p, const struct history_row *h)
{
    const struct record *head = h->record;
    bool same = p->id == head->id;

    p->v->result->rows++;
    TRY(check_end(p, same ? h : NULL));
    if (head->version != (same ? p->version + 1 : 1))
        verify_finding(p->v, h->log_idx, "A version of %s %s before version %lld is missing.",
                       p->e->name, label(p, head->number), head->version);
    TRY(check_version(p, h));
    if (h->valid_to == HISTORY_OPEN)
        TRY(check_live(p, h));
    p->id = head->id;
    p->version = head->version;
    p->valid_to = h->valid_to;
    arena_reset(p->work);
    return NULL;
}

static struct err *check_rows(struct pass *p)
{
    struct history_row *h;
    const void *rest;

    for (;;) {
        TRY(next_version(p, &h));
        if (!h)
            break;
        TRY(check_row(p, h));
    }
    TRY(check_end(p, NULL));
    TRY(skip_unknown(p, INT64_MAX, &rest));
    if (rest)
        verify_finding(p->v, -1, "A row of %s with an impossible id is not in the log.",
                       p->e->name);
    return NULL;
}

static struct err *check_entity(struct verify *v, const struct entity *e)
{
    struct pass p = {.v = v, .e = e, .work = arena_new((size_t)1 << 40)};
    struct err *failed;

    /* Ids are positive; a row with another one must not hide before the first page. */
    p.history.id = p.live.id = INT64_MIN;
    p.history.arena = arena_new((size_t)1 << 40);
    p.live.arena = arena_new((size_t)1 << 40);
    failed = check_rows(&p);
    for (size_t i = 0; !failed && i < e->nfields; i++)
        if (e->fields[i].kind == FIELD_REFS)
            failed = check_links(&p, &e->fields[i]);
    verify_use(v, v->out);
    arena_free(p.work);
    arena_free(p.history.arena);
    arena_free(p.live.arena);
    return failed;
}

/* Entries whose row or removal did not turn up. */
static void check_unmet(struct verify *v)
{
    for (size_t byte = 0; byte < v->open_size; byte++)
        for (int bit = 0; v->open[byte] && bit < 8; bit++)
            if (v->open[byte] >> bit & 1) {
                i64 idx = (i64)byte * 8 + bit;

                verify_finding(v, idx, "What entry %lld says about a record is not in its history.",
                               idx);
            }
}

struct err *verify_records(struct verify *v)
{
    for (size_t f = 0; v->features[f]; f++)
        for (size_t i = 0; v->features[f]->entities && v->features[f]->entities[i]; i++) {
            const struct entity *e = v->features[f]->entities[i];

            if (e->site == (v->org == 0))
                TRY(check_entity(v, e));
        }
    check_unmet(v);
    return NULL;
}
