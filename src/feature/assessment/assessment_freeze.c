/* SPDX-License-Identifier: Apache-2.0 */
/* What stands in the way of closing a round, and the text that closing freezes. */
#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/content.h"
#include "core/decision.h"
#include "feature/assessment/assessment_part.h"
#include "feature/method/method.h"

/* --- blockers --- */

static const char *reason_of(struct web *w, const struct rows *r, i64 method)
{
    if (row_null(r, 2) || !row_num(r, 2))
        return tr("It has no score. Choose likelihood and impact.");
    if (row_null(r, 3))
        return tr("It has no owner. Name one person.");
    if (row_num(r, 4) != method)
        return arena_printf(w->arena,
                            tr("It was scored with another version of the method (M-%lld). Score "
                               "it again."),
                            row_num(r, 5));
    return NULL;
}

struct err *assessment_blockers(struct web *w, int limit, struct blocker **out, size_t *count,
                                i64 *open)
{
    struct method m;
    struct rows *r;
    size_t n = 0;

    TRY(method_current(w, &m));
    TRY(db_query(w->db, &r, "select count(*) from risk where org_id = $1 and state = 'open'",
                 num(w->org)));
    *open = row_next(r) ? row_num(r, 0) : 0;
    TRY(db_query(w->db, &r,
                 "select r.number, r.title, r.score, r.owner, r.method, m.number from risk r"
                 " join method m on m.org_id = r.org_id and m.id = r.method"
                 " where r.org_id = $1 and r.state = 'open' and (r.score is null or r.owner is null"
                 " or r.method <> $2) order by r.number limit $3",
                 num(w->org), num(m.id), num(limit)));
    *out = NEW_ARRAY(w->arena, struct blocker, (size_t)limit + 3);
    if (!text_equal(m.state, "approved"))
        (*out)[n++] = (struct blocker){
            .title = m.title,
            .reason = "The risk method is not approved. Scores made with a draft cannot be "
                      "compared."};
    if (!*open)
        (*out)[n++] = (struct blocker){.title = "The register",
                                       .reason = "There is no open risk, so nothing was assessed."};
    while (row_next(r) && n < (size_t)limit) {
        const char *reason = reason_of(w, r, m.id);

        if (reason)
            (*out)[n++] = (struct blocker){row_num(r, 0), row_text(r, 1), reason};
    }
    *count = n;
    return NULL;
}

/* --- the text --- */

/* A query ordered by the risk's number whose rows are handed out risk by risk. */
struct beside {
    struct rows *rows; /* column 0 is the number of the risk */
    bool any;
};

static void begin(struct beside *b)
{
    b->any = row_next(b->rows);
}

static bool next_for(struct beside *b, i64 number, bool *first)
{
    if (!*first)
        b->any = row_next(b->rows);
    *first = false;
    while (b->any && row_num(b->rows, 0) < number)
        b->any = row_next(b->rows);
    return b->any && row_num(b->rows, 0) == number;
}

struct sources {
    struct beside assets, treatments, decisions;
};

static struct err *open_sources(struct web *w, struct sources *s)
{
    TRY(db_query(w->db, &s->assets.rows,
                 "select r.number, a.number, a.name from risk r join risk_assets l on l.org_id ="
                 " r.org_id and l.record = r.id join asset a on a.org_id = r.org_id and a.id ="
                 " l.target where r.org_id = $1 and r.state = 'open'"
                 " and r.id in (select t.id from risk t where t.org_id = $1"
                 " and t.state = 'open' order by t.score desc, t.number limit $2)"
                 " order by r.number, a.number",
                 num(w->org), num(BODY_MOST)));
    TRY(db_query(w->db, &s->treatments.rows,
                 "select r.number, t.number, t.title, t.option, t.state from risk r"
                 " join treatment t on t.org_id = r.org_id and t.risk = r.id"
                 " where r.org_id = $1 and r.state = 'open' and t.state <> 'cancelled'"
                 " and r.id in (select k.id from risk k where k.org_id = $1"
                 " and k.state = 'open' order by k.score desc, k.number limit $2)"
                 " order by r.number, t.number",
                 num(w->org), num(BODY_MOST)));
    TRY(db_query(w->db, &s->decisions.rows,
                 "select r.number, d.kind, d.outcome, d.decided_at, p.number, d.expires"
                 " from risk r join decision d on d.org_id = r.org_id and d.subject = r.id"
                 " left join person p on p.org_id = d.org_id and p.id = d.decided_by"
                 " where r.org_id = $1 and r.state = 'open' and d.subject_kind = 'risk'"
                 " and r.id in (select t.id from risk t where t.org_id = $1"
                 " and t.state = 'open' order by t.score desc, t.number limit $2)"
                 " order by r.number, d.decided_at, d.id",
                 num(w->org), num(BODY_MOST)));
    begin(&s->assets);
    begin(&s->treatments);
    begin(&s->decisions);
    return NULL;
}

static void put(json_t *o, const char *name, const char *text)
{
    if (!text_empty(text))
        json_object_set_new(o, name, json_string(text));
}

static void put_level(json_t *o, const char *name, const struct rows *r, size_t at, size_t axes)
{
    json_t *level;

    if (row_null(r, at + 2) || !row_num(r, at + 2))
        return;
    level = json_pack("{s:I,s:I,s:I,s:s}", "likelihood", row_num(r, at), "impact",
                      row_num(r, at + 1), "score", row_num(r, at + 2), "band", row_text(r, at + 3));
    put(level, "axes", row_str(r, axes));
    json_object_set_new(o, name, level);
}

static json_t *assets_of(struct beside *b, i64 number)
{
    json_t *list = json_array();
    bool first = true;

    while (next_for(b, number, &first))
        json_array_append_new(list, json_pack("{s:I,s:s}", "number", row_num(b->rows, 1), "name",
                                              row_text(b->rows, 2)));
    return list;
}

static json_t *treatments_of(struct beside *b, i64 number)
{
    json_t *list = json_array();
    bool first = true;

    while (next_for(b, number, &first))
        json_array_append_new(list, json_pack("{s:I,s:s,s:s,s:s}", "number", row_num(b->rows, 1),
                                              "title", row_text(b->rows, 2), "option",
                                              row_text(b->rows, 3), "state", row_text(b->rows, 4)));
    return list;
}

static json_t *decisions_of(struct web *w, struct beside *b, i64 number)
{
    json_t *list = json_array();
    bool first = true;

    while (next_for(b, number, &first)) {
        json_t *one = json_pack(
            "{s:s,s:s,s:s,s:I}", "kind", row_text(b->rows, 1), "outcome", row_text(b->rows, 2),
            "on", clock_date(w->arena, row_num(b->rows, 3), w->zone), "by", row_num(b->rows, 4));

        put(one, "until", row_str(b->rows, 5));
        json_array_append_new(list, one);
    }
    return list;
}

/* Columns of the register: 0 number, 1 title, 2 threat, 3 vulnerability, 4 owner's number, then
 * likelihood, impact, score, band for inherent, current and residual, 17 score, 18 band, 19 to 21
 * their axes. */
static json_t *risk_json(struct web *w, const struct rows *r, struct sources *s)
{
    const struct content *c = w->app->content;
    json_t *o = json_object();
    i64 number = row_num(r, 0);

    json_object_set_new(o, "number", json_integer(number));
    put(o, "title", row_str(r, 1));
    json_object_set_new(o, "assets", assets_of(&s->assets, number));
    if (!row_null(r, 2))
        put(o, "threat", content_label(c, "threats", row_str(r, 2)));
    if (!row_null(r, 3))
        put(o, "weakness", content_label(c, "vulnerabilities", row_str(r, 3)));
    json_object_set_new(o, "owner", json_integer(row_num(r, 4)));
    put_level(o, "inherent", r, 5, 19);
    put_level(o, "current", r, 9, 20);
    put_level(o, "residual", r, 13, 21);
    json_object_set_new(o, "score", json_integer(row_num(r, 17)));
    put(o, "band", row_str(r, 18));
    json_object_set_new(o, "treatments", treatments_of(&s->treatments, number));
    json_object_set_new(o, "decisions", decisions_of(w, &s->decisions, number));
    return o;
}

static struct err *risks_json(struct web *w, json_t *list)
{
    struct sources s;
    struct rows *r;

    TRY(open_sources(w, &s));
    TRY(db_query(w->db, &r,
                 "select r.number, r.title, r.threat, r.vulnerability, p.number,"
                 " r.inherent_likelihood, r.inherent_impact, r.inherent_score, r.inherent_band,"
                 " r.current_likelihood, r.current_impact, r.current_score, r.current_band,"
                 " r.residual_likelihood, r.residual_impact, r.residual_score, r.residual_band,"
                 " r.score, r.band, r.inherent_axes, r.current_axes, r.residual_axes"
                 " from risk r left join person p on p.org_id = r.org_id and p.id = r.owner where "
                 "r.org_id = $1 and r.state = 'open'"
                 " and r.id in (select t.id from risk t where t.org_id = $1"
                 " and t.state = 'open' order by t.score desc, t.number limit $2)"
                 " order by r.number",
                 num(w->org), num(BODY_MOST)));
    while (row_next(r))
        json_array_append_new(list, risk_json(w, r, &s));
    return NULL;
}

static struct err *head_json(struct web *w, const struct assessment *a, json_t *o)
{
    struct method_band *bands;
    struct method m;
    struct rows *r;
    json_t *people = json_array(), *list = json_array();
    size_t n;

    put(o, "title", a->title);
    put(o, "started", a->started);
    put(o, "closed", w->today);
    put(o, "scope", a->scope);
    put(o, "summary", a->summary);
    json_object_set_new(o, "participants", people);
    json_object_set_new(o, "bands", list);
    for (size_t i = 0; i < a->participants.count; i++) {
        TRY(db_query(w->db, &r, "select number from person where org_id = $1 and id = $2",
                     num(w->org), num(a->participants.id[i])));
        if (row_next(r))
            json_array_append_new(people, json_integer(row_num(r, 0)));
    }
    TRY(method_current(w, &m));
    json_object_set_new(o, "method",
                        json_pack("{s:I,s:I,s:s,s:I}", "number", m.number, "version", m.version,
                                  "title", m.title, "acceptance", m.acceptance));
    TRY(method_bands(w, m.id, &bands, &n));
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_pack("{s:s,s:s,s:s}", "band", bands[i].band, "label",
                                              bands[i].label, "tone", bands[i].tone));
    return NULL;
}

static struct err *gather(struct web *w, const struct assessment *a, json_t **whole)
{
    json_t *o = json_own(w->arena, json_object()), *risks = json_array();

    TRY(head_json(w, a, o));
    json_object_set_new(o, "risks", risks);
    TRY(risks_json(w, risks));
    *whole = o;
    return NULL;
}

/* The same text for every reader: what is frozen is compared by its hash. */
struct err *assessment_gather(struct web *w, const struct assessment *a, json_t **whole)
{
    const struct words *reader = words_use(NULL);
    struct err *failed = gather(w, a, whole);

    words_use(reader);
    return failed;
}

/* Risks in all, above the acceptance level and per band: the text holds only the highest ones. */
static struct err *add_figures(struct web *w, i64 id, json_t *whole, i64 acceptance)
{
    json_t *bands = json_object_get(whole, "bands"), *band;
    struct rows *r;
    size_t i;

    TRY(db_query(w->db, &r,
                 "select count(*), sum(case when score > $3 then 1 else 0 end) from snapshot_risk"
                 " where org_id = $1 and assessment = $2",
                 num(w->org), num(id), num(acceptance)));
    if (row_next(r))
        json_object_set_new(whole, "register",
                            json_pack("{s:I,s:I}", "risks", row_num(r, 0), "above", row_num(r, 1)));
    json_array_foreach(bands, i, band) json_object_set_new(band, "risks", json_integer(0));
    TRY(db_query(w->db, &r,
                 "select band, risks from snapshot_count where org_id = $1 and assessment = $2"
                 " and kind = 'weighs'",
                 num(w->org), num(id)));
    while (row_next(r))
        json_array_foreach(bands, i, band)
        {
            if (text_equal(report_text(band, "band"), row_text(r, 0)))
                json_object_set_new(band, "risks", json_integer(row_num(r, 1)));
        }
    return NULL;
}

struct err *assessment_freeze(struct web *w, struct assessment *a, json_t *whole)
{
    struct method m;
    const char *hex;
    i64 risks, hashed;

    TRY(method_current(w, &m));
    TRY(snapshot_write(w, a->id, &risks));
    TRY(snapshot_hash(w, a->id, &hashed, &hex));
    if (risks != hashed)
        return err_new(ERR_FAULT, "The register was not frozen whole.");
    TRY(add_figures(w, a->id, whole, m.acceptance));
    json_object_set_new(json_object_get(whole, "register"), "sha256", json_string(hex));
    a->method = m.id;
    a->state = "closed";
    a->closed = w->today;
    a->body = json_text(w->arena, whole);
    a->body_hash = decision_hash(w->arena, a->body);
    return NULL;
}
