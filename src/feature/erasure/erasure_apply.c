/* SPDX-License-Identifier: Apache-2.0 */
/* The erasing itself, the same when it is decided and when a restore does it again. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/redact.h"
#include "feature/account/account.h"
#include "feature/erasure/erasure_part.h"
#include "feature/organisation/organisation.h"

/* --- what is in the way --- */

static struct err *person_blockers(struct web *w, i64 person, struct issues *out)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select p.number, p.state, (select count(*) from role_holder h where"
                 " h.org_id = p.org_id and h.person = p.id and h.from_date <= $3"
                 " and (h.until is null or h.until >= $3)) from person p where p.org_id = $1"
                 " and p.id = $2",
                 num(w->org), num(person), str(w->today)));
    if (!row_next(r))
        return NULL;
    if (!text_equal(row_text(r, 1), "leaver"))
        issue(out, "subject",
              "P-%lld still works here. Say on the page of the person that they have left, then "
              "their data can be erased.",
              row_num(r, 0));
    if (row_num(r, 2))
        issue(out, "subject", "P-%lld still holds a role. End it first.", row_num(r, 0));
    return NULL;
}

struct err *erasing_blockers(struct web *w, const struct entity *e, i64 record, struct issues *out)
{
    if (e == &person_entity)
        return person_blockers(w, record, out);
    if (e == &erasure_entity)
        issue(out, "subject", "An erasure stays as it is.");
    return NULL;
}

struct err *erasing_account(struct web *w, i64 person, i64 *account, bool *shared)
{
    struct rows *r;

    *account = 0;
    *shared = false;
    TRY(db_query(w->db, &r,
                 "select m.account, (select count(*) from member o where o.org_id = $1"
                 " and o.account = m.account) from member m where m.org_id = $1"
                 " and m.organisation = $2 and m.person = $3",
                 num(0), num(w->org), num(person)));
    if (!row_next(r))
        return NULL;
    *account = row_num(r, 0);
    *shared = row_num(r, 1) > 1;
    return NULL;
}

/* --- a person --- */

static const char *stand_in(struct web *w, const struct person *p)
{
    return arena_printf(w->arena, "Erased person %lld", p->number);
}

/* The record goes on without the data, as a version of its own. `*keep` = a version that already is
 * without, when there was nothing to write. */
static struct err *write_person(struct web *w, const struct erasing *what, struct person *was,
                                i64 *keep)
{
    struct issues issues = {.arena = w->arena};
    struct person p;
    const char *name;

    *keep = 0;
    TRY(entity_load(w, &person_entity, what->record, &p));
    *was = p;
    name = stand_in(w, &p);
    if (text_equal(p.name, name) && !p.email && !p.job && !p.note && !p.account) {
        *keep = p.version;
        return NULL;
    }
    p.name = name;
    p.email = p.job = p.note = NULL;
    p.account = 0;
    p.state = "leaver";
    TRY(entity_write(w, &person_entity, &p,
                     arena_printf(w->arena, "personal data erased (%s)", what->by), &issues));
    return issues.count ? err_new(ERR_INVALID, "%s", issues.list[0].text) : NULL;
}

/* What was sent to them, and answers that are kept for repeated requests. */
static struct err *drop_copies(struct web *w, i64 person, const struct person *was)
{
    const char *const words[] = {was->name, was->email};

    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (!text_empty(words[i]))
            TRY(db_exec(w->db,
                        "delete from operation where org_id = $1 and text_has(answer, $2) = 1",
                        num(w->org), str(words[i])));
    TRY(db_exec(w->db, "delete from mail where org_id = $1 and person = $2", num(w->org),
                num(person)));
    return db_exec(w->db, "delete from notice where org_id = $1 and person = $2", num(w->org),
                   num(person));
}

static struct err *erase_person(struct web *w, const struct erasing *what, size_t *count)
{
    const char *actor = arena_printf(w->arena, "person:%lld", what->record);
    struct redacting r;
    struct person was;
    i64 keep;

    TRY(write_person(w, what, &was, &keep));
    redact_begin(w, w->org, &r);
    TRY(redact_versions(&r, &person_entity, what->record, false, keep));
    TRY(redact_contexts(&r, actor));
    TRY(redact_actor(&r, actor, tr("Erased person")));
    redact_end(&r, "person", what->record, what->basis, what->by);
    *count += r.count;
    return drop_copies(w, what->record, &was);
}

/* --- the account --- */

static struct err *erase_account(struct web *w, const struct erasing *what, size_t *count)
{
    const char *actor = arena_printf(w->arena, "account:%lld", what->account);
    struct redacting r;
    i64 keep;

    TRY(account_erase(w, what->account, &keep));
    redact_begin(w, 0, &r);
    TRY(redact_versions(&r, &account_entity, what->account, false, keep));
    TRY(redact_contexts(&r, actor));
    TRY(redact_actor(&r, actor, tr("Erased person")));
    redact_end(&r, "account", what->account, what->basis, what->by);
    *count += r.count;
    return NULL;
}

static struct err *erase_sign_in(struct web *w, struct erasing *what, size_t *count)
{
    i64 account;
    bool shared;

    TRY(erasing_account(w, what->record, &account, &shared));
    if (account)
        TRY(account_leave(w, account, w->org));
    if (account && !shared)
        what->account = account;
    return what->account ? erase_account(w, what, count) : NULL;
}

/* --- any other record --- */

static struct err *newest_version(struct web *w, const struct erasing *what, i64 *version)
{
    struct record *head = arena_alloc(w->arena, what->entity->size);
    struct err *failed = entity_load(w, what->entity, what->record, head);

    *version = failed ? 0 : head->version;
    return failed && failed->code != ERR_MISSING ? failed : NULL;
}

static struct err *erase_versions(struct web *w, const struct erasing *what, size_t *count)
{
    struct redacting r;
    i64 keep;

    TRY(newest_version(w, what, &keep));
    redact_begin(w, w->org, &r);
    TRY(redact_versions(&r, what->entity, what->record, true, keep));
    redact_end(&r, what->entity->name, what->record, what->basis, what->by);
    *count += r.count;
    return NULL;
}

/* --- all of it --- */

static const char *line_of(struct web *w, const struct erasing *what)
{
    json_t *o = json_own(w->arena, json_object());

    json_object_set_new(o, "org", json_string(arena_printf(w->arena, "%lld", w->org)));
    json_object_set_new(o, "by", json_string(what->by));
    json_object_set_new(o, "basis", json_string(what->basis));
    json_object_set_new(o, "kind", json_string(what->entity->name));
    json_object_set_new(o, "record", json_string(arena_printf(w->arena, "%lld", what->record)));
    if (what->account)
        json_object_set_new(o, "account",
                            json_string(arena_printf(w->arena, "%lld", what->account)));
    return json_sorted(w->arena, o);
}

struct err *erasing_apply(struct web *w, struct erasing *what, size_t *count, const char **parts)
{
    *count = 0;
    if (what->entity == &person_entity) {
        TRY(erase_sign_in(w, what, count));
        TRY(erase_person(w, what, count));
    } else {
        TRY(erase_versions(w, what, count));
    }
    if (parts)
        *parts = line_of(w, what);
    return NULL;
}
