/* SPDX-License-Identifier: Apache-2.0 */
/* Decisions are facts: inserted once, with what was shown, never changed. The log entry commits to
 * all of it but the body, and to the body's hash. */
#include "core/decision.h"

#include <string.h>

#include "base/clock.h"
#include "base/crypt.h"
#include "base/text.h"
#include "base/words.h"
#include "core/permit.h"
#include "core/trail.h"

const char *decision_hash(struct arena *a, const char *body)
{
    unsigned char digest[DIGEST_SIZE];

    crypt_sha256(body, strlen(body), digest);
    return crypt_hex(a, digest, sizeof(digest));
}

/* The roles that the person holds today, as "isms-manager, risk-owner". */
static struct err *roles_today(struct web *w, const char **out)
{
    struct rows *r;
    struct buf b;

    buf_init(&b, w->arena, 64);
    TRY(db_query(w->db, &r,
                 "select distinct role from role_holder where org_id = $1 and person = $2"
                 " and from_date <= $3 and (until is null or until >= $3) order by role",
                 num(w->org), num(w->person), str(w->today)));
    while (row_next(r))
        buf_printf(&b, "%s%s", b.size ? ", " : "", row_text(r, 0));
    *out = b.data;
    return NULL;
}

static void put(json_t *object, const char *key, const char *value)
{
    if (value && *value)
        json_object_set_new(object, key, json_string(value));
}

/* What the log commits to: sorted JSON of everything but the body. */
static const char *entry_body(struct web *w, const struct decision *d)
{
    json_t *object = json_own(w->arena, json_object());

    put(object, "id", arena_printf(w->arena, "%lld", d->id));
    put(object, "decision", d->kind);
    put(object, "subject_hash", d->subject_hash);
    put(object, "outcome", d->outcome);
    put(object, "decided_by", arena_printf(w->arena, "%lld", d->by));
    put(object, "decided_at", arena_printf(w->arena, "%lld", d->at));
    put(object, "role", d->role);
    put(object, "comment", d->comment);
    put(object, "exception", d->exception);
    put(object, "expires", d->expires);
    return json_sorted(w->arena, object);
}

static struct err *refuse(struct web *w, const struct decision *given)
{
    if (!w->writable || w->asof)
        return err_new(ERR_FAULT, "This page cannot change anything.");
    if (!w->person)
        return err_new(ERR_DENIED, "Only a person of this organisation can decide. Sign in with an "
                                   "account that belongs to a person here.");
    if (!text_equal(given->outcome, "approved") && !text_equal(given->outcome, "refused"))
        return err_new(ERR_INVALID, "A decision is “approved” or “refused”.");
    if (!text_empty(given->expires) && !date_valid(given->expires))
        return err_new(ERR_INVALID, "The last day of the decision must be a date like 2026-03-01.");
    return NULL;
}

struct err *decision_record(struct web *w, const struct entity *subject, i64 id, const char *body,
                            const struct decision *given, i64 *out)
{
    struct decision d = *given;

    TRY(refuse(w, given));
    d.id = web_id();
    d.subject_kind = subject->name;
    d.subject = id;
    d.at = w->now;
    d.by = w->person;
    d.body = body;
    d.subject_hash = decision_hash(w->arena, body);
    if (text_empty(d.role))
        TRY(roles_today(w, &d.role));
    TRY(db_exec(w->db,
                "insert into decision (org_id, id, kind, subject_kind, subject, subject_hash, body,"
                " outcome, decided_by, role, decided_at, comment, exception, expires)"
                " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
                num(w->org), num(d.id), str(d.kind), str(d.subject_kind), num(d.subject),
                str(d.subject_hash), str(d.body), str(d.outcome), num(d.by), str(d.role), num(d.at),
                str_or_null(d.comment), str_or_null(d.exception), str_or_null(d.expires)));
    trail_event(w, "decision", subject->name, id, entry_body(w, &d));
    *out = d.id;
    return NULL;
}

struct err *decision_last(struct web *w, const char *kind, i64 subject, struct decision *out)
{
    struct rows *r;

    memset(out, 0, sizeof(*out));
    TRY(db_query(w->db, &r,
                 "select id, subject, decided_at, decided_by, kind, subject_kind, outcome, role,"
                 " comment, exception, expires, subject_hash, body from decision"
                 " where org_id = $1 and subject = $2 and kind = $3 and decided_at <= $4"
                 " order by decided_at desc, id desc limit 1",
                 num(w->org), num(subject), str(kind), num(w->asof ? w->asof : INT64_MAX)));
    if (!row_next(r))
        return NULL;
    out->id = row_num(r, 0);
    out->subject = row_num(r, 1);
    out->at = row_num(r, 2);
    out->by = row_num(r, 3);
    out->kind = row_text(r, 4);
    out->subject_kind = row_text(r, 5);
    out->outcome = row_text(r, 6);
    out->role = row_text(r, 7);
    out->comment = row_str(r, 8);
    out->exception = row_str(r, 9);
    out->expires = row_str(r, 10);
    out->subject_hash = row_text(r, 11);
    out->body = row_text(r, 12);
    return NULL;
}

/* Another person who may decide: active, with an account, holding a role with the right today. */
static struct err *somebody_else(struct web *w, const struct permission *right, const char **name)
{
    struct rows *r;

    *name = NULL;
    TRY(db_query(w->db, &r,
                 "select p.name, h.role from role_holder h join person p on p.org_id = h.org_id"
                 " and p.id = h.person join member m on m.org_id = 0 and m.organisation = h.org_id"
                 " and m.person = h.person where h.org_id = $1 and h.person <> $2"
                 " and h.from_date <= $3 and (h.until is null or h.until >= $3)"
                 " and p.state = 'active' order by p.name, p.id",
                 num(w->org), num(w->person), str(w->today)));
    while (!*name && row_next(r))
        if (permit_role_has(w->app, row_text(r, 1), right))
            *name = row_text(r, 0);
    return NULL;
}

struct err *decision_open_to(struct web *w, i64 author, const struct permission *right, bool *out)
{
    const char *other = NULL;

    if (w->person && w->person == author)
        TRY(somebody_else(w, right, &other));
    *out = !other;
    return NULL;
}

struct err *decision_four_eyes(struct web *w, i64 author, const struct permission *right,
                               bool *exception_needed)
{
    const char *name;

    *exception_needed = false;
    if (!w->person || w->person != author)
        return NULL;
    TRY(somebody_else(w, right, &name));
    if (name)
        return err_new(ERR_DENIED,
                       "You prepared this yourself, so somebody else must decide on it. "
                       "%s may.",
                       name);
    *exception_needed = true;
    return NULL;
}
