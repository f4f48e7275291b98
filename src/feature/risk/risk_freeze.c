/* SPDX-License-Identifier: Apache-2.0 */
/* The text that an owner approves. Its hash decides whether an approval still holds, so the order
 * is fixed, nothing depends on who reads it, and nothing is cut. */
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/catalogue.h"
#include "core/content.h"
#include "feature/asset/asset.h"
#include "feature/risk/risk_part.h"

/* "key: value"; empty values are left out. Further lines of the value are indented, so that no text
 * can look like another key. */
static void line(struct buf *b, const char *key, const char *value)
{
    if (text_empty(value))
        return;
    buf_printf(b, "%s: ", key);
    for (const char *p = value; *p; p++) {
        buf_char(b, *p);
        if (*p == '\n')
            buf_str(b, "    ");
    }
    buf_char(b, '\n');
}

static void level_line(struct buf *b, const struct risk *r, enum risk_kind kind)
{
    if (!risk_score(r, kind))
        buf_printf(b, "%s level: not scored\n", risk_levels[kind].code);
    else
        buf_printf(b, "%s level: %lld %s (likelihood %lld, impact %lld)\n", risk_levels[kind].code,
                   risk_score(r, kind), risk_band(r, kind), risk_likelihood(r, kind),
                   risk_impact(r, kind));
    line(b, "    impact per axis", risk_axes(r, kind));
}

static struct err *person_line(struct web *w, struct buf *b, const char *key, i64 person)
{
    struct rows *r;

    if (!person)
        return NULL;
    TRY(db_query(w->db, &r, "select number from person where org_id = $1 and id = $2", num(w->org),
                 num(person)));
    if (row_next(r))
        buf_printf(b, "%s: P-%lld\n", key, row_num(r, 0));
    return NULL;
}

static struct err *risk_lines(struct web *w, struct buf *b, const struct risk *r)
{
    static const char *const words[] = {"confidentiality", "integrity", "availability"};
    const char *before = "loss of: ";
    struct rows *rows;

    line(b, "how it could happen", r->description);
    TRY(db_query(w->db, &rows,
                 "select a.number, a.name from risk_assets l join asset a on a.org_id = l.org_id"
                 " and a.id = l.target where l.org_id = $1 and l.record = $2 order by a.number",
                 num(w->org), num(r->id)));
    while (row_next(rows))
        line(b, arena_printf(w->arena, "asset A-%lld", row_num(rows, 0)), row_text(rows, 1));
    if (r->threat)
        buf_printf(b, "threat: %s (%s)\n", catalogue_label(w, "threats", r->threat), r->threat);
    if (r->vulnerability)
        buf_printf(b, "weakness: %s (%s)\n",
                   catalogue_label(w, "vulnerabilities", r->vulnerability), r->vulnerability);
    for (int i = 0; i < 3; i++) {
        if (!(r->properties >> i & 1))
            continue;
        buf_printf(b, "%s%s", before, words[i]);
        before = ", ";
    }
    if (r->properties)
        buf_char(b, '\n');
    return person_line(w, b, "owner", r->owner);
}

static struct err *score_lines(struct web *w, struct buf *b, const struct risk *r)
{
    struct method m;

    TRY(method_load(w, r->method, &m));
    buf_printf(b, "method: M-%lld version %lld, acceptance level %lld\n", m.number, m.version,
               m.acceptance);
    line(b, "method title", m.title);
    for (enum risk_kind k = RISK_INHERENT; k < RISK_KINDS; k++)
        level_line(b, r, k);
    line(b, "existing controls", r->existing_controls);
    line(b, "why these levels", r->rationale);
    line(b, "why the residual level is not lower", r->residual_reason);
    return NULL;
}

static struct err *control_lines(struct web *w, struct buf *b, i64 treatment)
{
    const char *before = "controls: ";
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select c.code from treatment_controls k join control c on c.org_id = k.org_id"
                 " and c.id = k.target where k.org_id = $1 and k.record = $2"
                 " order by c.position, c.code",
                 num(w->org), num(treatment)));
    while (row_next(r)) {
        buf_printf(b, "%s%s", before, row_text(r, 0));
        before = ", ";
    }
    if (row_count(r))
        buf_char(b, '\n');
    return NULL;
}

static struct err *action_lines(struct web *w, struct buf *b, i64 treatment)
{
    struct rows *r;

    TRY(db_query(
        w->db, &r,
        "select x.number, x.title, p.number, x.due, x.budget from action x left join person p"
        " on p.org_id = x.org_id and p.id = x.owner where x.org_id = $1"
        " and x.status <> 'cancelled' and (x.treatment = $2 or x.id in (select l.record from"
        " action_also l where l.org_id = $1 and l.target = $2)) order by x.number",
        num(w->org), num(treatment)));
    while (row_next(r)) {
        line(b, arena_printf(w->arena, "action %lld", row_num(r, 0)), row_text(r, 1));
        if (row_num(r, 2))
            buf_printf(b, "    by: P-%lld\n", row_num(r, 2));
        line(b, "    due", row_str(r, 3));
        if (!row_null(r, 4))
            buf_printf(b, "    budget: %lld.%02lld\n", row_num(r, 4) / 100, row_num(r, 4) % 100);
    }
    return NULL;
}

static struct err *treatment_lines(struct web *w, struct buf *b, i64 risk)
{
    static const char *const names[] = {"description",   "counterparty",  "contract or insurance",
                                        "share covered", "what remains",  "activity that ends",
                                        "ends on",       "justification", "expires",
                                        "watched by"};
    struct rows *r;

    TRY(db_query(
        w->db, &r,
        "select id, number, title, option, expected_likelihood, expected_impact,"
        " expected_axes, description, counterparty, contract, share_covered, remaining, activity,"
        " ended_on, justification, expires, monitoring from treatment where org_id = $1"
        " and risk = $2 and state <> 'cancelled' order by number",
        num(w->org), num(risk)));
    if (row_count(r) == 0)
        buf_str(b, "treatment: none\n");
    while (row_next(r)) {
        line(b, arena_printf(w->arena, "treatment T-%lld", row_num(r, 1)), row_text(r, 2));
        line(b, "option", row_text(r, 3));
        if (row_num(r, 4) || row_num(r, 5))
            buf_printf(b, "expected: likelihood %lld, impact %lld\n", row_num(r, 4), row_num(r, 5));
        line(b, "    impact per axis", row_str(r, 6));
        for (size_t i = 0; i < COUNT_OF(names); i++)
            line(b, names[i], row_str(r, 7 + i));
        TRY(control_lines(w, b, row_num(r, 0)));
        TRY(action_lines(w, b, row_num(r, 0)));
    }
    return NULL;
}

static struct err *freeze(struct web *w, i64 risk, const char **body)
{
    struct risk r;
    struct buf b;

    TRY(entity_load(w, &risk_entity, risk, &r));
    buf_init(&b, w->arena, 4096);
    line(&b, arena_printf(w->arena, "risk R-%lld", r.number), r.title);
    TRY(risk_lines(w, &b, &r));
    TRY(score_lines(w, &b, &r));
    TRY(treatment_lines(w, &b, risk));
    *body = b.data;
    return NULL;
}

/* The same text for every reader: what is frozen is compared by its hash. */
struct err *risk_freeze(struct web *w, i64 risk, const char **body)
{
    const struct words *reader = words_use(NULL);
    struct err *failed = freeze(w, risk, body);

    words_use(reader);
    return failed;
}
