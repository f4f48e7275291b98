/* SPDX-License-Identifier: Apache-2.0 */
/* A decision rests on reasons. When they change, somebody has to look at it again: a reason for
 * which a control was included is gone, or one came for a control that is left out. And a status
 * that the treatment plan contradicts. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "feature/control/control.h"
#include "feature/soa/soa_part.h"

/* --- reasons then and now --- */

static const char *ground_of(struct web *w, const struct soa_reason *r)
{
    if (text_equal(r->kind, "baseline") || text_equal(r->kind, "profile"))
        return r->kind;
    if (text_equal(r->kind, "business"))
        return NULL; /* it is part of the decision itself */
    return arena_printf(w->arena, "%s-%lld",
                        text_equal(r->kind, "risk")  ? "R"
                        : text_equal(r->kind, "own") ? "C"
                                                     : "RQ",
                        r->number);
}

static bool has_word(const char *list, const char *word)
{
    size_t n = strlen(word);

    for (const char *p = list; (p = strstr(p, word)); p += n)
        if ((p == list || p[-1] == ' ') && (p[n] == ' ' || !p[n]))
            return true;
    return false;
}

/* The words of one list that the other has not, as "R-7, RQ-2". */
static const char *missing(struct web *w, const char *from, const char *in)
{
    char **words;
    size_t n = text_split(w->arena, from, ' ', &words);
    struct buf b;

    buf_init(&b, w->arena, 40);
    for (size_t i = 0; i < n; i++)
        if (!has_word(in, words[i]))
            buf_printf(&b, "%s%s", b.size ? ", " : "", words[i]);
    return b.data;
}

void soa_find_changed(struct web *w, struct soa_row *r)
{
    const char *came, *gone;
    struct buf b;

    buf_init(&b, w->arena, 60);
    for (size_t i = 0; i < r->nreasons; i++) {
        const char *ground = ground_of(w, &r->reasons[i]);

        if (ground)
            buf_printf(&b, "%s%s", b.size ? " " : "", ground);
    }
    r->grounds = b.data;
    if (text_empty(r->decided_for) || text_equal(r->applicable, "open"))
        return;
    came = missing(w, r->grounds, r->decided_for);
    gone = missing(w, text_equal(r->decided_for, "-") ? "" : r->decided_for, r->grounds);
    if (*came && *gone)
        r->changed =
            arena_printf(w->arena, tr("Since it was decided, %s came and %s went."), came, gone);
    else if (*came)
        r->changed = arena_printf(w->arena, tr("Since it was decided, %s came."), came);
    else if (*gone)
        r->changed = arena_printf(w->arena, tr("Since it was decided, %s went."), gone);
    r->rejustify = text_equal(r->applicable, "no") ? *came != '\0' : *gone != '\0';
}

struct err *soa_unsettled(struct web *w, const char **json)
{
    struct soa_table t;
    struct buf b;

    TRY(soa_rows(w, &t));
    buf_init(&b, w->arena, 60);
    for (size_t i = 0; i < t.count; i++)
        if (t.rows[i].rejustify)
            buf_printf(&b, "%c%lld", b.size ? ',' : '[', t.rows[i].control);
    *json = b.size ? arena_printf(w->arena, "%s]", b.data) : "[]";
    return NULL;
}

/* --- status and plan --- */

struct err *soa_find_doubts(struct web *w, struct soa_table *t)
{
    struct rows *r;
    size_t at = 0;

    TRY(db_query(w->db, &r,
                 "select c.id, min(t.number), min(a.number) from control c"
                 " join action a on a.org_id = c.org_id and a.control = c.id"
                 " join treatment t on t.org_id = a.org_id and t.id = a.treatment"
                 " where c.org_id = $1 and c.applicable <> 'no' and c.status = 'implemented'"
                 " and a.status not in ('done', 'cancelled') and t.state <> 'cancelled'"
                 " group by c.id union all"
                 " select c.id, min(t.number), 0 from control c"
                 " join treatment_controls l on l.org_id = c.org_id and l.target = c.id"
                 " join treatment t on t.org_id = l.org_id and t.id = l.record"
                 " where c.org_id = $1 and c.applicable <> 'no'"
                 " and c.status in ('not-started', 'planned') and t.state = 'done'"
                 " group by c.id order by 1",
                 num(w->org)));
    while (row_next(r)) {
        while (at < t->count && t->rows[at].control < row_num(r, 0))
            at++;
        if (at == t->count || t->rows[at].control != row_num(r, 0))
            continue;
        t->rows[at].doubt =
            row_num(r, 2)
                ? arena_printf(w->arena,
                               tr("Said to be implemented, but AC-%lld of T-%lld is not done"),
                               row_num(r, 2), row_num(r, 1))
                : arena_printf(w->arena,
                               tr("T-%lld counts as done, but this control is not in place"),
                               row_num(r, 1));
    }
    return NULL;
}

/* --- looking at it again --- */

static struct err *confirm(struct web *w, i64 id, const char *why)
{
    struct issues issues = {.arena = w->arena};
    struct control c;

    TRY(entity_load(w, &control_entity, id, &c));
    c.decided_for = NULL; /* the reasons of today are put there */
    TRY(entity_write(w, &control_entity, &c, why, &issues));
    return issues.count ? err_new(ERR_INVALID, "%s: %s", c.name, issues.list[0].text) : NULL;
}

static struct err *confirm_one(struct web *w, const struct soa_table *t, const char *code)
{
    const char *version = web_form(w, "_version");
    i64 shown;

    for (size_t i = 0; i < t->count; i++) {
        const struct soa_row *r = &t->rows[i];

        if (!text_equal(r->code, code))
            continue;
        if (!version || !text_i64(version, &shown) || shown != r->version)
            return err_new(ERR_CLASH, "Somebody else changed this control since you opened the "
                                      "page. Look at it again and decide then.");
        if (!r->changed)
            return err_new(ERR_CLASH, "The reasons of %s are those it was decided for.", r->code);
        if (r->conflict)
            return err_new(ERR_INVALID,
                           "%s cannot stand like this: %s. Include it, or take it out there.",
                           r->code, r->conflict);
        return confirm(w, r->control,
                       arena_printf(w->arena, "decision stands; reasons now: %s", r->grounds));
    }
    return err_new(ERR_MISSING, "There is no control “%.60s” in the statement.", code ? code : "");
}

/* Further reasons for what is included anyway need no thought: all at once. */
static struct err *confirm_gained(struct web *w, const struct soa_table *t)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->rows[i].changed && !t->rows[i].rejustify && !t->rows[i].conflict)
            TRY(confirm(
                w, t->rows[i].control,
                arena_printf(w->arena, "decision stands; reasons now: %s", t->rows[i].grounds)));
    return NULL;
}

struct err *soa_confirm_post(struct web *w)
{
    struct soa_table t;

    TRY(soa_rows(w, &t));
    if (text_equal(web_form(w, "all"), "1")) {
        TRY(confirm_gained(w, &t));
        web_redirect(w, web_url(w, "/soa?theme=all&m=saved"));
        return NULL;
    }
    if (text_empty(web_form(w, "control")))
        return err_new(ERR_BAD, "The form is not complete. Open the page again.");
    TRY(confirm_one(w, &t, web_form(w, "control")));
    web_redirect(w, web_url(w, "/soa?theme=all&show=changed&m=saved"));
    return NULL;
}
