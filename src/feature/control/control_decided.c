/* SPDX-License-Identifier: Apache-2.0 */
/* What a decision about a control rested on: kept when somebody decides, so that a later change of
 * its reasons can be told. */
#include "base/text.h"
#include "feature/control/control_part.h"
#include "feature/organisation/organisation.h"

static void add_all(struct buf *b, const char *prefix, struct rows *r)
{
    while (row_next(r))
        buf_printf(b, "%s%s-%lld", b->size ? " " : "", prefix, row_num(r, 0));
}

static void add_word(struct buf *b, const char *word)
{
    buf_printf(b, "%s%s", b->size ? " " : "", word);
}

static struct err *add_sources(struct web *w, i64 id, struct buf *b)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select distinct k.number from treatment_controls l join treatment t on"
                 " t.org_id = l.org_id and t.id = l.record join risk k on k.org_id = t.org_id"
                 " and k.id = t.risk where l.org_id = $1 and l.target = $2"
                 " and t.state <> 'cancelled' and k.state = 'open' order by k.number limit 200",
                 num(w->org), num(id)));
    add_all(b, "R", r);
    TRY(db_query(w->db, &r,
                 "select q.number from requirement_controls l join requirement q on"
                 " q.org_id = l.org_id and q.id = l.record where l.org_id = $1 and l.target = $2"
                 " and q.addressed <> 'no' order by q.number limit 200",
                 num(w->org), num(id)));
    add_all(b, "RQ", r);
    return NULL;
}

struct err *control_grounds(struct web *w, const struct control *c, const char **out)
{
    struct profile_answers *answers;
    struct control_proposal p;
    struct answering *own;
    size_t nown = 0;
    struct buf b;

    buf_init(&b, w->arena, 80);
    if (c->id)
        TRY(add_sources(w, c->id, &b));
    if (control_row(w, c->code) >= 0)
        TRY(control_answering(w, c->code, &own, &nown));
    for (size_t i = 0; i < nown; i++)
        if (text_equal(own[i].applicable, "yes"))
            add_word(&b, arena_printf(w->arena, "C-%lld", own[i].number));
    if (c->baseline)
        add_word(&b, "baseline");
    TRY(profile_load(w, &answers));
    control_propose(w, answers, c->code, &p);
    if (p.in_use || p.wanted)
        add_word(&b, "profile");
    *out = b.size ? b.data : "-";
    return NULL;
}

/* True when the record says other than what is stored about whether and why. */
static struct err *differs(struct web *w, const struct control *c, bool *out)
{
    struct rows *r;

    *out = true;
    if (!c->id || text_empty(c->decided_for))
        return NULL;
    TRY(db_query(w->db, &r,
                 "select applicable, justification, business_reason, baseline from control"
                 " where org_id = $1 and id = $2",
                 num(w->org), num(c->id)));
    if (row_next(r))
        *out = !text_equal(row_str(r, 0), c->applicable) ||
               !text_equal(row_str(r, 1), c->justification) ||
               !text_equal(row_str(r, 2), c->business_reason) || row_num(r, 3) != c->baseline;
    return NULL;
}

struct err *control_decided(struct web *w, struct control *c)
{
    bool anew;

    if (text_equal(c->applicable, "open")) {
        c->decided_for = c->decided_on = NULL;
        c->decided_by = 0;
        return NULL;
    }
    TRY(differs(w, c, &anew));
    if (!anew)
        return NULL;
    c->decided_by = w->person;
    c->decided_on = w->today;
    return control_grounds(w, c, &c->decided_for);
}
