/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of the statement: controls, and from risks, requirements and the profile the reasons for
 * each; contradictions and missing justifications. Batched: the number of queries is fixed. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/content.h"
#include "feature/control/control.h"
#include "feature/organisation/organisation.h"
#include "feature/soa/soa_part.h"

#define SAME_TEXT_MOST 12 /* one justification may serve this many controls (rule R053) */

/* --- small parts --- */

bool soa_has(const struct soa_row *r, const char *kind)
{
    for (size_t i = 0; i < r->nreasons; i++)
        if (text_equal(r->reasons[i].kind, kind))
            return true;
    return false;
}

const char *soa_reasons_text(struct web *w, const struct soa_row *r)
{
    struct buf b;

    buf_init(&b, w->arena, 64);
    for (size_t i = 0; i < r->nreasons; i++)
        buf_printf(&b, "%s%s", i ? ", " : "", soa_reason_told(w, &r->reasons[i]));
    return b.data;
}

const char *soa_evidence_text(struct web *w, const struct soa_row *r)
{
    struct buf b;

    buf_init(&b, w->arena, 64);
    for (size_t i = 0; i < r->nproofs; i++)
        buf_printf(&b, "%sEV-%lld", i ? ", " : "", r->proofs[i].number);
    if (!text_empty(r->evidence))
        buf_printf(&b, "%s%s", b.size ? "; " : "", r->evidence);
    return b.data;
}

const char *soa_theme_label(const char *theme)
{
    const struct choice *c = choice_find(control_themes, theme);

    return c ? c->label : theme;
}

const char *soa_status_label(const char *status)
{
    const struct choice *c = choice_find(entity_field(&control_entity, "status")->choices, status);

    return c ? c->label : status;
}

static bool is_requirement(const char *kind)
{
    return !text_equal(kind, "risk") && !text_equal(kind, "baseline") &&
           !text_equal(kind, "business") && !text_equal(kind, "profile") &&
           !text_equal(kind, "own");
}

/* --- gathering --- */

struct gathering {
    struct web *w;
    struct soa_table *out;
    struct profile_answers *answers;
    struct soa_reason **lists; /* by row */
    size_t *room;
    bool *baseline, *in_use;
    const char **use; /* what of the profile shows the use */
};

static void add_reason(struct gathering *g, size_t row, const char *kind, const char *label,
                       i64 number)
{
    struct soa_row *r = &g->out->rows[row];

    if (r->nreasons == g->room[row]) {
        size_t room = g->room[row] ? g->room[row] * 2 : 4;
        struct soa_reason *bigger = NEW_ARRAY(g->w->arena, struct soa_reason, room);

        if (r->nreasons)
            memcpy(bigger, g->lists[row], r->nreasons * sizeof(*bigger));
        g->lists[row] = bigger;
        g->room[row] = room;
        r->reasons = bigger;
    }
    g->lists[row][r->nreasons++] = (struct soa_reason){kind, label, number};
}

/* Rows are in the order of the query, which is that of ids, while links are looked up. */
static i64 find_row(const struct gathering *g, i64 control)
{
    size_t low = 0, high = g->out->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        i64 id = g->out->rows[middle].control;

        if (id == control)
            return (i64)middle;
        if (id < control)
            low = middle + 1;
        else
            high = middle;
    }
    return -1;
}

static struct err *load_controls(struct gathering *g, i64 library)
{
    struct web *w = g->w;
    struct rows *r;
    size_t n;

    TRY(db_query(w->db, &r,
                 "select c.id, c.number, c.version, c.code, c.title, c.theme, c.framework,"
                 " c.maps_to, c.applicable, c.justification, c.business_reason, c.baseline,"
                 " c.status, c.how, c.evidence, c.reviewed, p.number, p.name, c.decided_for,"
                 " c.decided_on, s.number, s.title, c.asks from control c"
                 " left join person p on p.org_id = c.org_id and p.id = c.owner"
                 " left join controlset s on s.org_id = c.org_id and s.id = c.controlset"
                 " where c.org_id = $1 and (c.controlset is null or c.applicable <> 'open'"
                 " or s.purpose <> 'library' or s.id = $2"
                 " or exists (select 1 from treatment_controls l where l.org_id = c.org_id"
                 " and l.target = c.id) or exists (select 1 from requirement_controls q"
                 " where q.org_id = c.org_id and q.target = c.id)) order by c.id",
                 num(w->org), num(library)));
    n = row_count(r);
    g->out->rows = NEW_ARRAY(w->arena, struct soa_row, n + 1);
    g->lists = NEW_ARRAY(w->arena, struct soa_reason *, n + 1);
    g->room = NEW_ARRAY(w->arena, size_t, n + 1);
    g->baseline = NEW_ARRAY(w->arena, bool, n + 1);
    g->in_use = NEW_ARRAY(w->arena, bool, n + 1);
    g->use = NEW_ARRAY(w->arena, const char *, n + 1);
    while (row_next(r)) {
        size_t i = g->out->count++;

        g->out->rows[i] = (struct soa_row){.control = row_num(r, 0),
                                           .number = row_num(r, 1),
                                           .version = row_num(r, 2),
                                           .code = row_text(r, 3),
                                           .title = row_text(r, 4),
                                           .theme = row_text(r, 5),
                                           .framework = row_text(r, 6),
                                           .maps_to = row_text(r, 7),
                                           .applicable = row_text(r, 8),
                                           .justification = row_text(r, 9),
                                           .business = row_text(r, 10),
                                           .status = row_text(r, 12),
                                           .how = row_text(r, 13),
                                           .evidence = row_text(r, 14),
                                           .reviewed = row_text(r, 15),
                                           .owner = row_num(r, 16),
                                           .owner_name = row_text(r, 17),
                                           .decided_for = row_text(r, 18),
                                           .decided_on = row_text(r, 19),
                                           .set = row_num(r, 20),
                                           .set_name = row_text(r, 21),
                                           .asks = row_text(r, 22)};
        g->baseline[i] = row_num(r, 11) != 0;
    }
    return NULL;
}

static struct err *load_risks(struct gathering *g)
{
    struct web *w = g->w;
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select distinct l.target, k.number from treatment_controls l join treatment t on"
                 " t.org_id = l.org_id and t.id = l.record join risk k on k.org_id = t.org_id"
                 " and k.id = t.risk where l.org_id = $1 and t.state <> 'cancelled'"
                 " and k.state = 'open'"
                 " order by l.target, k.number",
                 num(w->org)));
    while (row_next(r)) {
        i64 row = find_row(g, row_num(r, 0));

        if (row >= 0)
            add_reason(g, (size_t)row, "risk", arena_printf(w->arena, "R-%lld", row_num(r, 1)),
                       row_num(r, 1));
    }
    return NULL;
}

static const char *requirement_label(struct web *w, const char *kind, const char *title)
{
    if (text_equal(kind, "contract"))
        return arena_printf(w->arena, "Contract: %s", title);
    if (text_equal(kind, "expectation"))
        return arena_printf(w->arena, "Expectation: %s", title);
    return title;
}

static struct err *load_requirements(struct gathering *g)
{
    struct web *w = g->w;
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select l.target, q.number, q.kind, q.title from requirement_controls l"
                 " join requirement q on q.org_id = l.org_id and q.id = l.record"
                 " where l.org_id = $1 and q.addressed <> 'no' order by l.target, q.number",
                 num(w->org)));
    while (row_next(r)) {
        i64 row = find_row(g, row_num(r, 0));

        if (row >= 0)
            add_reason(g, (size_t)row, row_text(r, 2),
                       requirement_label(w, row_text(r, 2), row_text(r, 3)), row_num(r, 1));
    }
    return NULL;
}

/* Decided so, or used by a treatment or a requirement while nobody decided (CONTROL_HOLDS). */
static bool holds(const struct soa_row *r)
{
    bool used = false;

    for (size_t i = 0; i < r->nreasons; i++)
        used |= text_equal(r->reasons[i].kind, "risk") || is_requirement(r->reasons[i].kind);
    return text_equal(r->applicable, "yes") || (text_equal(r->applicable, "open") && used);
}

/* Own controls in use are a reason for the controls of Annex A that they answer. */
static void load_own(struct gathering *g)
{
    const struct content_table *t = content_table(g->w->app->content, "controls");
    size_t *at = NEW_ARRAY(g->w->arena, size_t, content_rows(t) + 1); /* row + 1, 0 = none */

    for (size_t i = 0; i < g->out->count; i++) {
        i64 row = content_row(t, g->out->rows[i].code);

        if (row >= 0)
            at[row] = i + 1;
    }
    for (size_t i = 0; i < g->out->count; i++) {
        const struct soa_row *own = &g->out->rows[i];
        struct control_mappings m;

        if (text_empty(own->maps_to) || !holds(own))
            continue;
        control_map_read(g->w, own->maps_to, &m, NULL);
        for (size_t k = 0; k < m.count; k++) {
            i64 row = content_row(t, m.list[k].code);

            if (row >= 0 && at[row])
                add_reason(g, at[row] - 1, "own", own->code, own->number);
        }
    }
}

/* What shows that controls work. */
static struct err *load_proofs(struct gathering *g)
{
    struct web *w = g->w;
    struct soa_proof *list;
    struct rows *r;
    size_t n = 0;

    TRY(db_query(w->db, &r,
                 "select l.target, e.number, e.title from control c join evidence_about l on"
                 " l.org_id = c.org_id and l.target = c.id join evidence e on"
                 " e.org_id = l.org_id and e.id = l.record where c.org_id = $1"
                 " order by l.target, e.number limit 20000",
                 num(w->org)));
    list = NEW_ARRAY(w->arena, struct soa_proof, row_count(r) + 1);
    while (row_next(r)) {
        i64 row = find_row(g, row_num(r, 0));

        if (row < 0)
            continue;
        list[n] = (struct soa_proof){row_num(r, 1), row_text(r, 2)};
        if (!g->out->rows[row].nproofs)
            g->out->rows[row].proofs = &list[n];
        g->out->rows[row].nproofs++;
        n++;
    }
    return NULL;
}

/* --- what follows --- */

static void add_profile(struct gathering *g, size_t i)
{
    struct soa_row *r = &g->out->rows[i];
    struct control_proposal p;

    control_propose(g->w, g->answers, r->code, &p);
    r->proposed = p.proposed;
    r->proposed_because = p.because ? p.because : "";
    r->reasoned = p.reasoned;
    if (r->set) { /* nobody wished for each control of a set */
        r->proposed = NULL;
        r->proposed_because = N_("It came with its set. Decide whether you need it.");
    }
    if (g->baseline[i])
        add_reason(g, i, "baseline", "Baseline", 0);
    if (!text_empty(r->business))
        add_reason(g, i, "business", "Business reason", 0);
    g->in_use[i] = p.in_use;
    g->use[i] = p.in_use_because;
    if (p.in_use || p.wanted)
        add_reason(g, i, "profile", "Profile", 0);
}

/* What nobody decided, but a treatment or a requirement uses, holds as applicable. */
static void settle_automatic(struct soa_row *r)
{
    if (!text_equal(r->applicable, "open"))
        return;
    for (size_t i = 0; i < r->nreasons && !r->automatic; i++)
        r->automatic = text_equal(r->reasons[i].kind, "risk") || is_requirement(r->reasons[i].kind);
    if (r->automatic)
        r->applicable = "yes";
}

/* What is behind "Excluded, but": the first of its kind, and how many more there are. */
static void say(struct buf *b, const char *first, const char *more, i64 n)
{
    buf_printf(b, "%s%s", b->size ? "; " : "", first);
    if (n > 0)
        buf_str(b, more);
}

static void find_conflict(struct gathering *g, size_t row)
{
    struct soa_row *r = &g->out->rows[row];
    const struct soa_reason *risk = NULL, *duty = NULL, *own = NULL;
    i64 risks = 0, duties = 0, owns = 0;
    struct arena *a = g->w->arena;
    struct buf b;

    for (size_t i = r->nreasons; i-- > 0;) {
        if (text_equal(r->reasons[i].kind, "risk"))
            risk = &r->reasons[i], risks++;
        else if (is_requirement(r->reasons[i].kind))
            duty = &r->reasons[i], duties++;
        else if (text_equal(r->reasons[i].kind, "own"))
            own = &r->reasons[i], owns++;
    }
    if (!risk && !duty && !own && !g->in_use[row])
        return;
    buf_init(&b, a, 120);
    if (risk)
        say(&b, arena_printf(a, tr("used in the treatment of %s"), risk->label),
            arena_printf(a, tr_n(" and %lld more risk", " and %lld more risks", risks - 1),
                         risks - 1),
            risks - 1);
    if (duty)
        say(&b, arena_printf(a, tr("asked for by “%s”"), soa_reason_told(g->w, duty)),
            arena_printf(
                a, tr_n(" and %lld more requirement", " and %lld more requirements", duties - 1),
                duties - 1),
            duties - 1);
    if (own)
        say(&b, arena_printf(a, tr("done by your own control %s"), own->label),
            arena_printf(a, tr_n(" and %lld more control", " and %lld more controls", owns - 1),
                         owns - 1),
            owns - 1);
    if (g->in_use[row])
        say(&b, arena_printf(a, tr("in use by the profile (%s)"), words_supplied(a, g->use[row])),
            "", 0);
    r->conflict = arena_printf(a, tr("Excluded, but %s"), b.data);
}

static void find_unjustified(struct gathering *g, struct soa_row *r)
{
    i64 same = 0;

    r->unjustified =
        control_unjustified(g->w->arena, r->justification, control_hint(g->w, r->code));
    if (r->unjustified)
        return;
    for (size_t i = 0; i < g->out->count; i++)
        same += text_equal(g->out->rows[i].applicable, "no") &&
                text_equal(g->out->rows[i].justification, r->justification);
    if (same > SAME_TEXT_MOST)
        r->unjustified = arena_printf(
            g->w->arena,
            "The same reason stands at %lld controls. Write what is true for this one.", same);
}

void soa_count(struct soa_table *t)
{
    t->applicable = t->excluded = t->open = t->implemented = t->conflicts = t->unjustified = 0;
    t->rejustify = t->doubts = 0;
    memset(t->themes, 0, sizeof(t->themes));
    for (size_t i = 0; i < t->count; i++) {
        const struct soa_row *r = &t->rows[i];
        bool yes = text_equal(r->applicable, "yes");

        t->applicable += yes;
        t->excluded += text_equal(r->applicable, "no");
        t->open += text_equal(r->applicable, "open");
        t->implemented += yes && text_equal(r->status, "implemented");
        t->conflicts += r->conflict != NULL;
        t->unjustified += r->unjustified != NULL;
        t->rejustify += r->rejustify;
        t->doubts += r->doubt != NULL;
        for (size_t k = 0; k < SOA_THEMES; k++)
            t->themes[k] += text_equal(r->theme, control_themes[k].code);
    }
}

/* --- order: as in the catalogue, then own ones by code --- */

struct place {
    i64 position;
    struct soa_row row;
};

static int by_place(const void *a, const void *b)
{
    const struct place *x = a, *y = b;

    if (x->position != y->position)
        return x->position < y->position ? -1 : 1;
    if (strcmp(x->row.framework, y->row.framework) != 0)
        return strcmp(x->row.framework, y->row.framework);
    return strcmp(x->row.code, y->row.code);
}

static void sort_rows(struct gathering *g)
{
    const struct content_table *t = content_table(g->w->app->content, "controls");
    struct place *places = NEW_ARRAY(g->w->arena, struct place, g->out->count + 1);

    for (size_t i = 0; i < g->out->count; i++) {
        i64 at = content_row(t, g->out->rows[i].code);

        places[i] = (struct place){at < 0 ? INT64_MAX : at, g->out->rows[i]};
    }
    qsort(places, g->out->count, sizeof(*places), by_place);
    for (size_t i = 0; i < g->out->count; i++)
        g->out->rows[i] = places[i].row;
}

/* --- head --- */

static struct err *load_head(struct gathering *g)
{
    struct web *w = g->w;
    struct soa_table *out = g->out;
    struct rows *r;

    TRY(db_query(
        w->db, &r,
        "select o.name, o.legal_name, (select count(*) from asset a where"
        " a.org_id = o.org_id and a.in_scope = 1 and a.state not in ('retired', 'disposed')),"
        " (select max(m.number) from method m where m.org_id = o.org_id"
        " and m.state = 'approved'),"
        " (select max(s.title) from assessment s where s.org_id = o.org_id"
        " and s.state = 'closed' and s.closed = (select max(z.closed) from assessment z"
        " where z.org_id = o.org_id and z.state = 'closed'))"
        " from organisation o where o.org_id = $1",
        num(w->org)));
    if (!row_next(r))
        return NULL;
    out->organisation = row_text(r, 0);
    out->legal_name = row_text(r, 1);
    out->scope =
        row_num(r, 2)
            ? arena_printf(w->arena, tr("%s, %lld assets in scope"), row_text(r, 0), row_num(r, 2))
            : arena_printf(w->arena, tr("%s, no assets registered yet"), row_text(r, 0));
    out->method = row_num(r, 3) ? arena_printf(w->arena, "M-%lld", row_num(r, 3)) : "not approved";
    out->assessment = row_null(r, 4) ? "none closed" : row_text(r, 4);
    return NULL;
}

struct err *soa_rows_with(struct web *w, i64 library, struct soa_table *out)
{
    struct gathering g = {.w = w, .out = out};

    *out = (struct soa_table){
        .organisation = "", .legal_name = "", .scope = "", .method = "", .assessment = ""};
    TRY(load_controls(&g, library));
    TRY(load_risks(&g));
    TRY(load_requirements(&g));
    load_own(&g);
    TRY(load_proofs(&g));
    TRY(load_head(&g));
    TRY(profile_load(w, &g.answers));
    for (size_t i = 0; i < out->count; i++) {
        add_profile(&g, i);
        soa_find_changed(w, &out->rows[i]);
        settle_automatic(&out->rows[i]);
        if (text_equal(out->rows[i].applicable, "no"))
            find_conflict(&g, i);
    }
    for (size_t i = 0; i < out->count; i++)
        if (text_equal(out->rows[i].applicable, "no"))
            find_unjustified(&g, &out->rows[i]);
    TRY(soa_find_doubts(w, out));
    sort_rows(&g);
    soa_count(out);
    return NULL;
}

struct err *soa_rows(struct web *w, struct soa_table *out)
{
    return soa_rows_with(w, 0, out);
}

void soa_blockers(struct web *w, const struct soa_table *t, struct issues *out)
{
    (void)w;
    for (size_t i = 0; i < t->count; i++) {
        const struct soa_row *r = &t->rows[i];

        if (text_equal(r->applicable, "open"))
            issue(out, "", "%s %s: not decided yet.", r->code, r->title);
        if (r->conflict)
            issue(out, "", "%s %s: %s.", r->code, r->title, r->conflict);
        if (r->unjustified)
            issue(out, "", "%s %s: %s", r->code, r->title, r->unjustified);
    }
}
