/* SPDX-License-Identifier: Apache-2.0 */
/* The frozen register as rows: written by one statement when a round is closed, never changed, with
 * a hash over all of them that the round's body, and so the log, commits to. */
#include <stdio.h>
#include <string.h>

#include "base/crypt.h"
#include "base/json.h"
#include "base/text.h"
#include "base/words.h"
#include "feature/assessment/assessment_part.h"
#include "feature/method/method.h"

#define MANY 1000 /* rows after which the planner should know of them before they are compared */

/* --- writing --- */

static struct err *count_bands(struct web *w, i64 id)
{
    return db_exec(
        w->db,
        "insert into snapshot_count (org_id, assessment, kind, band, risks)"
        " select s.org_id, s.assessment, 'weighs', coalesce(s.band, ''), count(*)"
        " from snapshot_risk s where s.org_id = $1 and s.assessment = $2"
        " group by s.org_id, s.assessment, coalesce(s.band, '')"
        " union all select s.org_id, s.assessment, 'inherent', coalesce(s.inherent_band, ''),"
        " count(*) from snapshot_risk s where s.org_id = $1 and s.assessment = $2"
        " group by s.org_id, s.assessment, coalesce(s.inherent_band, '')"
        " union all select s.org_id, s.assessment, 'current', coalesce(s.current_band, ''),"
        " count(*) from snapshot_risk s where s.org_id = $1 and s.assessment = $2"
        " group by s.org_id, s.assessment, coalesce(s.current_band, '')"
        " union all select s.org_id, s.assessment, 'residual', coalesce(s.residual_band, ''),"
        " count(*) from snapshot_risk s where s.org_id = $1 and s.assessment = $2"
        " group by s.org_id, s.assessment, coalesce(s.residual_band, '')",
        num(w->org), num(id));
}

struct err *snapshot_write(struct web *w, i64 id, i64 *risks)
{
    TRY(db_change(
        w->db, risks,
        "insert into snapshot_risk (org_id, assessment, number, risk, properties, owner, analyst,"
        " method, inherent_likelihood, inherent_impact, inherent_score, current_likelihood,"
        " current_impact, current_score, residual_likelihood, residual_impact, residual_score,"
        " score, inherent_band, current_band, residual_band, band, title, description, threat,"
        " vulnerability, rationale, existing_controls, residual_reason, review_on, origin, assets,"
        " treatments, inherent_axes, current_axes, residual_axes)"
        " select r.org_id, $2, r.number, r.id, r.properties, r.owner, r.analyst, r.method,"
        " r.inherent_likelihood, r.inherent_impact, r.inherent_score, r.current_likelihood,"
        " r.current_impact, r.current_score, r.residual_likelihood, r.residual_impact,"
        " r.residual_score, r.score, r.inherent_band, r.current_band, r.residual_band, r.band,"
        " r.title, r.description, r.threat, r.vulnerability, r.rationale, r.existing_controls,"
        " r.residual_reason, r.review_on, r.origin,"
        " (select string_agg(k.word, ', ') from (select 'A-' || a.number as word"
        " from risk_assets l join asset a on a.org_id = l.org_id and a.id = l.target"
        " where l.org_id = r.org_id and l.record = r.id order by a.number) k),"
        " (select string_agg(k.word, ', ') from (select 'T-' || t.number || ' ' || t.option || ' '"
        " || t.state as word from treatment t where t.org_id = r.org_id and t.risk = r.id"
        " and t.state <> 'cancelled' order by t.number) k),"
        " r.inherent_axes, r.current_axes, r.residual_axes from risk r where r.org_id = $1"
        " and r.state = 'open' order by r.number",
        num(w->org), num(id)));
    if (*risks > MANY)
        TRY(db_analyze(w->db, "snapshot_risk"));
    return count_bands(w, id);
}

/* --- the hash --- */

#define NUMBERS 17 /* the first columns of the statement below */
#define COLUMNS                                                                          \
    32 /* after them come those that may be missing: then they add nothing, so that what \
        * was frozen before they were there keeps its hash */

struct hashing {
    struct digest *digest;
    i64 rows;
    size_t columns;
};

static struct err *add_row(void *ctx, struct rows *r)
{
    struct hashing *h = ctx;
    char head[32];

    for (size_t i = 0; i < h->columns; i++) {
        const char *text = i < NUMBERS ? NULL : row_str(r, i);
        int n;

        if (i >= COLUMNS && row_null(r, i))
            continue;
        if (i >= COLUMNS)
            n = snprintf(head, sizeof(head), "%zu=%zu:", i, strlen(text));
        else if (row_null(r, i))
            n = snprintf(head, sizeof(head), "-,");
        else if (i < NUMBERS)
            n = snprintf(head, sizeof(head), "%lld,", row_num(r, i));
        else
            n = snprintf(head, sizeof(head), "%zu:", strlen(text));
        digest_add(h->digest, head, (size_t)n);
        if (text)
            digest_add(h->digest, text, strlen(text));
    }
    digest_add(h->digest, "\n", 1);
    h->rows++;
    return NULL;
}

struct err *snapshot_hash(struct web *w, i64 id, i64 *risks, const char **hex)
{
    struct hashing h = {.digest = digest_new(w->arena), .columns = COLUMNS + 3};
    unsigned char out[DIGEST_SIZE];

    TRY(db_stream(w->db, add_row, &h,
                  "select number, risk, properties, owner, analyst, method, inherent_likelihood,"
                  " inherent_impact, inherent_score, current_likelihood, current_impact,"
                  " current_score, residual_likelihood, residual_impact, residual_score, score,"
                  " assessment, inherent_band, current_band, residual_band, band, title,"
                  " description, threat, vulnerability, rationale, existing_controls,"
                  " residual_reason, review_on, origin, assets, treatments,"
                  " inherent_axes, current_axes, residual_axes"
                  " from snapshot_risk where org_id = $1 and assessment = $2 order by number",
                  num(w->org), num(id)));
    digest_end(h.digest, out);
    *risks = h.rows;
    *hex = crypt_hex(w->arena, out, DIGEST_SIZE);
    return NULL;
}

/* --- the same numbers again --- */

/* Impacts along axes: the rule of their method version over the axes. */
struct judging {
    struct arena *arena;
    struct method_ruler *rulers;
    size_t count;
    i64 differ;
};

static struct err *judge_row(void *ctx, struct rows *r)
{
    struct judging *j = ctx;
    bool differs = false;

    for (size_t m = 0; m < j->count; m++)
        for (size_t k = 0; k < FROZEN_LEVELS && j->rulers[m].method == row_num(r, 0); k++) {
            struct method_judged one;

            method_judge(j->arena, &j->rulers[m], row_str(r, 1 + 2 * k), &one);
            differs |= one.wrong || (one.text && one.impact != row_num(r, 2 + 2 * k));
        }
    j->differ += differs;
    return NULL;
}

static struct err *judge_again(struct web *w, i64 id, i64 *differ)
{
    struct judging j = {.arena = w->arena};
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select distinct method from snapshot_risk where org_id = $1 and assessment = $2"
                 " and (inherent_axes is not null or current_axes is not null or residual_axes is"
                 " not null)",
                 num(w->org), num(id)));
    j.rulers = NEW_ARRAY(w->arena, struct method_ruler, row_count(r) + 1);
    while (row_next(r))
        TRY(method_ruler_load(w, row_num(r, 0), &j.rulers[j.count++]));
    if (j.count)
        TRY(db_stream(w->db, judge_row, &j,
                      "select method, inherent_axes, inherent_impact, current_axes, current_impact,"
                      " residual_axes, residual_impact from snapshot_risk where org_id = $1"
                      " and assessment = $2 and (inherent_axes is not null or current_axes is not"
                      " null or residual_axes is not null)",
                      num(w->org), num(id)));
    *differ = j.differ;
    return NULL;
}

/* A level is a pure function of likelihood, impact and method version: the cell of the matrix. */
struct err *snapshot_rerun(struct web *w, i64 id, struct rerun *out)
{
    struct rows *r;
    i64 judged;

    TRY(db_query(
        w->db, &r,
        "select count(*), sum(case when s.inherent_score is distinct from i.score"
        " or s.inherent_band is distinct from i.band or s.current_score is distinct from c.score"
        " or s.current_band is distinct from c.band or s.residual_score is distinct from e.score"
        " or s.residual_band is distinct from e.band"
        " or s.score is distinct from coalesce(c.score, i.score)"
        " or s.band is distinct from coalesce(c.band, i.band) then 1 else 0 end)"
        " from snapshot_risk s"
        " left join method_cell i on i.org_id = s.org_id and i.method = s.method"
        " and i.likelihood = s.inherent_likelihood and i.impact = s.inherent_impact"
        " left join method_cell c on c.org_id = s.org_id and c.method = s.method"
        " and c.likelihood = s.current_likelihood and c.impact = s.current_impact"
        " left join method_cell e on e.org_id = s.org_id and e.method = s.method"
        " and e.likelihood = s.residual_likelihood and e.impact = s.residual_impact"
        " where s.org_id = $1 and s.assessment = $2",
        num(w->org), num(id)));
    *out = (struct rerun){0};
    if (row_next(r)) {
        out->risks = row_num(r, 0);
        out->differ = row_num(r, 1);
    }
    TRY(judge_again(w, id, &judged));
    out->differ += judged;
    return NULL;
}

/* --- verification --- */

/* Counts that are stored against counts of the rows. */
static struct err *wrong_counts(struct web *w, i64 id, i64 *wrong)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select count(*) from snapshot_count n where n.org_id = $1 and n.assessment = $2"
                 " and n.risks <> (select count(*) from snapshot_risk s where s.org_id = n.org_id"
                 " and s.assessment = n.assessment and n.band = case n.kind"
                 " when 'weighs' then coalesce(s.band, '')"
                 " when 'inherent' then coalesce(s.inherent_band, '')"
                 " when 'current' then coalesce(s.current_band, '')"
                 " else coalesce(s.residual_band, '') end)",
                 num(w->org), num(id)));
    *wrong = row_next(r) ? row_num(r, 0) : 0;
    return NULL;
}

struct err *snapshot_check(struct web *w, i64 id, const char *body, const char **wrong)
{
    const json_t *promised;
    struct rerun again;
    const char *hex;
    json_t *whole;
    i64 risks, counts;

    *wrong = NULL;
    TRY(json_parse(w->arena, body, strlen(body), &whole));
    promised = json_object_get(whole, "register");
    if (!promised) /* closed before registers were kept as rows */
        return NULL;
    TRY(snapshot_hash(w, id, &risks, &hex));
    if (!text_equal(report_text(promised, "sha256"), hex)) {
        *wrong = arena_printf(w->arena,
                              tr("its frozen register was changed: %lld risks are there, %lld were "
                                 "frozen, and their hash is another one"),
                              risks, report_num(promised, "risks"));
        return NULL;
    }
    TRY(snapshot_rerun(w, id, &again));
    TRY(wrong_counts(w, id, &counts));
    if (again.differ)
        *wrong = arena_printf(w->arena,
                              tr("%lld of its %lld frozen risks have another level than their "
                                 "method version gives"),
                              again.differ, again.risks);
    else if (counts)
        *wrong = tr("its figures per band are not those of its risks");
    return NULL;
}

struct err *assessment_verify(struct web *w, feature_tell *tell, void *ctx)
{
    const char *wrong;
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select id, number, body from assessment where org_id = $1 and body is not null"
                 " order by number",
                 num(w->org)));
    while (row_next(r)) {
        TRY(snapshot_check(w, row_num(r, 0), row_text(r, 2), &wrong));
        if (wrong)
            tell(ctx, arena_printf(w->arena, "AS-%lld: %s.", row_num(r, 1), wrong));
    }
    return NULL;
}

/* --- reading --- */

struct err *frozen_load(struct web *w, i64 assessment, const char *numbers, struct frozen **out,
                        size_t *count)
{
    struct rows *r;
    size_t n = 0;

    TRY(db_query(w->db, &r,
                 "select number, risk, properties, owner, method, inherent_likelihood,"
                 " inherent_impact, inherent_score, current_likelihood, current_impact,"
                 " current_score, residual_likelihood, residual_impact, residual_score,"
                 " inherent_band, current_band, residual_band, title, description, threat,"
                 " vulnerability, rationale, existing_controls, residual_reason, review_on,"
                 " assets, treatments, inherent_axes, current_axes, residual_axes"
                 " from snapshot_risk where org_id = $1 and assessment = $2 and number in (select "
                 "cast(value as bigint) from json_each($3))"
                 " order by number",
                 num(w->org), num(assessment), str(numbers)));
    *out = NEW_ARRAY(w->arena, struct frozen, row_count(r) + 1);
    while (row_next(r)) {
        struct frozen *f = &(*out)[n++];

        f->number = row_num(r, 0);
        f->risk = row_num(r, 1);
        f->properties = row_num(r, 2);
        f->owner = row_num(r, 3);
        f->method = row_num(r, 4);
        for (size_t k = 0; k < FROZEN_LEVELS; k++)
            f->level[k] = (struct frozen_level){row_num(r, 5 + 3 * k), row_num(r, 6 + 3 * k),
                                                row_num(r, 7 + 3 * k), row_str(r, 14 + k),
                                                row_str(r, 18 + FROZEN_TEXTS + k)};
        f->title = row_text(r, 17);
        for (size_t k = 0; k < FROZEN_TEXTS; k++)
            f->text[k] = row_text(r, 18 + k);
    }
    *count = n;
    return NULL;
}
