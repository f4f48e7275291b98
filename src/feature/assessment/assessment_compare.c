/* SPDX-License-Identifier: Apache-2.0 */
/* Two frozen registers side by side: one query says of every risk whether it is new, gone, changed
 * (in which fields) or the same; what exactly changed, and why, is read for what is shown. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/content.h"
#include "core/entity_page.h"
#include "feature/assessment/assessment_part.h"
#include "feature/method/method.h"
#include "feature/organisation/organisation.h"

/* In the order of the bits below. */
const struct change_field change_fields[CHANGE_FIELDS] = {
    {"title",     N_("Title and description")        },
    {"cause",     N_("Threat and weakness")          },
    {"assets",    N_("Assets")                       },
    {"loss",      N_("What is lost")                 },
    {"owner",     N_("Owner")                        },
    {"inherent",  N_("Inherent level")               },
    {"current",   N_("Current level")                },
    {"residual",  N_("Expected residual level")      },
    {"reasons",   N_("Existing controls and reasons")},
    {"treatment", N_("Treatment")                    },
    {"method",    N_("Risk method")                  },
    {"review",    N_("Next review")                  },
    {"matrix",    N_("Level by another matrix")      },
};

/* --- the query --- */

struct reading {
    struct comparison *c;
    size_t room;
};

static struct err *add_row(void *ctx, struct rows *r)
{
    struct comparison *c = ((struct reading *)ctx)->c;
    struct change_row *row = &c->rows[c->count];

    if (c->count == ((struct reading *)ctx)->room)
        return err_new(ERR_CLASH, "The register changed while it was read. Please try again.");
    *row = (struct change_row){.number = row_num(r, 0),
                               .what = (unsigned char)row_num(r, 1),
                               .way = (signed char)row_num(r, 3),
                               .mask = (unsigned short)row_num(r, 2)};
    c->count++;
    if (row->what != CHANGE_BOTH) {
        row->mask = 0;
        row->way = 0;
    }
    c->gone += row->what == CHANGE_GONE;
    c->fresh += row->what == CHANGE_NEW;
    c->changed += row->mask != 0;
    c->same += row->what == CHANGE_BOTH && !row->mask;
    c->higher += row->way > 0;
    c->lower += row->way < 0;
    for (size_t i = 0; i < CHANGE_FIELDS; i++)
        c->by_field[i] += row->mask >> i & 1;
    return NULL;
}

static struct err *compare_rows(struct web *w, struct comparison *c)
{
    struct reading reading = {.c = c};
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select count(*) from snapshot_risk where org_id = $1"
                 " and (assessment = $2 or assessment = $3)",
                 num(w->org), num(c->older.id), num(c->newer.id)));
    reading.room = row_next(r) ? (size_t)row_num(r, 0) : 0;
    c->rows = NEW_ARRAY(w->arena, struct change_row, reading.room + 1);
    return db_stream(
        w->db, add_row, &reading,
        "select o.number as number, case when n.number is null then 1 else 3 end as what,"
        " case when o.title is distinct from n.title"
        " or o.description is distinct from n.description then 1 else 0 end"
        " + case when o.threat is distinct from n.threat"
        " or o.vulnerability is distinct from n.vulnerability then 2 else 0 end"
        " + case when o.assets is distinct from n.assets then 4 else 0 end"
        " + case when o.properties is distinct from n.properties then 8 else 0 end"
        " + case when o.owner is distinct from n.owner then 16 else 0 end"
        " + case when o.inherent_likelihood is distinct from n.inherent_likelihood"
        " or o.inherent_impact is distinct from n.inherent_impact"
        " or o.inherent_axes is distinct from n.inherent_axes then 32 else 0 end"
        " + case when o.current_likelihood is distinct from n.current_likelihood"
        " or o.current_impact is distinct from n.current_impact"
        " or o.current_axes is distinct from n.current_axes then 64 else 0 end"
        " + case when o.residual_likelihood is distinct from n.residual_likelihood"
        " or o.residual_impact is distinct from n.residual_impact"
        " or o.residual_axes is distinct from n.residual_axes then 128 else 0 end"
        " + case when o.rationale is distinct from n.rationale"
        " or o.existing_controls is distinct from n.existing_controls"
        " or o.residual_reason is distinct from n.residual_reason then 256 else 0 end"
        " + case when o.treatments is distinct from n.treatments then 512 else 0 end"
        " + case when o.method is distinct from n.method then 1024 else 0 end"
        " + case when o.review_on is distinct from n.review_on then 2048 else 0 end"
        " + case when (o.score is distinct from n.score or o.band is distinct from n.band)"
        " and o.inherent_likelihood is not distinct from n.inherent_likelihood"
        " and o.inherent_impact is not distinct from n.inherent_impact"
        " and o.current_likelihood is not distinct from n.current_likelihood"
        " and o.current_impact is not distinct from n.current_impact then 4096 else 0 end as mask,"
        " case when n.score > o.score then 1 when n.score < o.score then -1 else 0 end as way"
        " from snapshot_risk o left join snapshot_risk n on n.org_id = o.org_id"
        " and n.assessment = $3 and n.number = o.number"
        " where o.org_id = $1 and o.assessment = $2"
        " union all select n.number, 2, 0, 0 from snapshot_risk n left join snapshot_risk o"
        " on o.org_id = n.org_id and o.assessment = $2 and o.number = n.number"
        " where n.org_id = $1 and n.assessment = $3 and o.number is null order by number",
        num(w->org), num(c->older.id), num(c->newer.id));
}

/* --- what is asked for --- */

static struct err *load_round(struct web *w, const char *text, struct assessment *a)
{
    i64 id;

    TRY(entity_find(w, &assessment_entity, text, &id));
    TRY(entity_load(w, &assessment_entity, id, a));
    if (!a->body)
        return err_new(ERR_BAD,
                       "AS-%lld is still open, so its register is not frozen. Close it first, or "
                       "choose another round.",
                       a->number);
    return NULL;
}

/* The last two closed rounds, for what the address does not name. */
static struct err *last_rounds(struct web *w, const char **older, const char **newer, bool *none)
{
    struct rows *r;

    if (!text_empty(*older) && !text_empty(*newer))
        return NULL;
    TRY(db_query(w->db, &r,
                 "select number from assessment where org_id = $1 and state = 'closed'"
                 " order by number desc limit 2",
                 num(w->org)));
    *none = row_count(r) < 2;
    if (*none)
        return NULL;
    row_next(r);
    if (text_empty(*newer))
        *newer = arena_printf(w->arena, "AS-%lld", row_num(r, 0));
    row_next(r);
    if (text_empty(*older))
        *older = arena_printf(w->arena, "AS-%lld", row_num(r, 0));
    return NULL;
}

struct err *comparison_make(struct web *w, const char *older, const char *newer,
                            struct comparison *c)
{
    *c = (struct comparison){.show = "all", .field = -1};
    TRY(last_rounds(w, &older, &newer, &c->none));
    if (c->none)
        return NULL;
    TRY(load_round(w, older, &c->older));
    TRY(load_round(w, newer, &c->newer));
    if (c->older.id == c->newer.id)
        return err_new(ERR_BAD, "Choose two different rounds to compare.");
    return compare_rows(w, c);
}

static struct err *read_filters(struct web *w, struct comparison *c)
{
    static const char *const shows[] = {"all", "new", "gone", "changed", "same", "higher", "lower"};
    const char *show = web_query(w, "show"), *field = web_query(w, "field");
    bool known = text_empty(show);

    for (size_t i = 0; i < COUNT_OF(shows) && !known; i++)
        if (text_equal(show, shows[i])) {
            c->show = shows[i];
            known = true;
        }
    if (!known)
        return err_new(ERR_BAD, "“show” is one of all, new, gone, changed, same, higher, lower.");
    if (text_empty(field))
        return NULL;
    for (int i = 0; i < CHANGE_FIELDS; i++)
        if (text_equal(field, change_fields[i].code))
            c->field = i;
    return c->field >= 0 ? NULL : err_new(ERR_BAD, "There is no field “%.30s” to look at.", field);
}

struct err *comparison_asked(struct web *w, struct comparison *c)
{
    TRY(comparison_make(w, web_query(w, "older"), web_query(w, "newer"), c));
    return read_filters(w, c);
}

bool comparison_shows(const struct comparison *c, const struct change_row *r)
{
    bool same = r->what == CHANGE_BOTH && !r->mask;

    if (c->field >= 0 && !(r->mask >> c->field & 1))
        return false;
    switch (c->show[0]) {
    case 'n':
        return r->what == CHANGE_NEW;
    case 'g':
        return r->what == CHANGE_GONE;
    case 'c':
        return r->mask != 0;
    case 's':
        return same;
    case 'h':
        return r->way > 0;
    case 'l':
        return r->way < 0;
    default:
        return !same;
    }
}

const char *comparison_word(const struct change_row *r)
{
    return r->what == CHANGE_NEW    ? N_("New")
           : r->what == CHANGE_GONE ? N_("Gone")
           : r->mask                ? N_("Changed")
                                    : N_("Unchanged");
}

/* --- in words --- */

struct err *frozen_bands(struct web *w, struct rows **out)
{
    return db_query(w->db, out,
                    "select method, band, label, tone from method_band where org_id = $1"
                    " order by method, band",
                    num(w->org));
}

const char *frozen_text(struct web *w, struct rows *bands, i64 method, const struct frozen_level *l,
                        const char **tone)
{
    const char *label = l->band, *axes;

    *tone = "grey";
    if (!l->score)
        return tr("not scored");
    row_rewind(bands);
    while (row_next(bands))
        if (row_num(bands, 0) == method && text_equal(row_text(bands, 1), l->band)) {
            label = row_text(bands, 2);
            *tone = row_text(bands, 3);
        }
    if (method_axes_told(w, method, l->axes, &axes)) /* the codes are better than nothing */
        axes = l->axes;
    return arena_printf(w->arena, "%lld %s (%lld × %lld%s%s)", l->score, tr(label), l->likelihood,
                        l->impact, text_empty(axes) ? "" : ": ", axes ? axes : "");
}

struct words_of {
    struct web *w;
    struct rows *bands;
    struct told_change *t;
};

static void tell(struct words_of *o, const char *label, const char *before, const char *after)
{
    if (o->t->count < COUNT_OF(o->t->fields) && !text_equal(before, after))
        o->t->fields[o->t->count++] = (struct told_field){label, before, after};
}

static void tell_text(struct words_of *o, const char *label, int which)
{
    tell(o, label, o->t->before->text[which], o->t->after->text[which]);
}

static void tell_code(struct words_of *o, const char *label, const char *table, int which)
{
    const struct content *c = o->w->app->content;
    const char *before = o->t->before->text[which], *after = o->t->after->text[which];

    tell(o, label, *before ? tr(content_label(c, table, before)) : "",
         *after ? tr(content_label(c, table, after)) : "");
}

static void tell_level(struct words_of *o, const char *label, int which)
{
    const struct frozen *b = o->t->before, *a = o->t->after;
    const char *tone;

    tell(o, label, frozen_text(o->w, o->bands, b->method, &b->level[which], &tone),
         frozen_text(o->w, o->bands, a->method, &a->level[which], &tone));
}

static const char *lost(struct web *w, i64 bits)
{
    return arena_printf(w->arena, "%s%s%s", bits & 1 ? "C" : "", bits & 2 ? "I" : "",
                        bits & 4 ? "A" : "");
}

static struct err *tell_reference(struct words_of *o, const struct entity *e, const char *label,
                                  const i64 ids[2])
{
    const char *names[2] = {"", ""};
    i64 number;

    for (size_t i = 0; i < 2; i++) {
        if (ids[i])
            TRY(entity_title(o->w, e, ids[i], &names[i], &number));
        if (ids[i] && e == &method_entity)
            names[i] = arena_printf(o->w->arena, "M-%lld %s", number, names[i]);
    }
    if (ids[0] != ids[1])
        tell(o, label, names[0], names[1]);
    return NULL;
}

static struct err *tell_all(struct words_of *o)
{
    const struct frozen *b = o->t->before, *a = o->t->after;

    tell(o, N_("Title"), b->title, a->title);
    tell_text(o, N_("How it could happen"), FROZEN_DESCRIPTION);
    tell_code(o, N_("Threat"), "threats", FROZEN_THREAT);
    tell_code(o, N_("Weakness"), "vulnerabilities", FROZEN_WEAKNESS);
    tell_text(o, N_("Assets"), FROZEN_ASSETS);
    tell(o, N_("What is lost"), lost(o->w, b->properties), lost(o->w, a->properties));
    TRY(tell_reference(o, &person_entity, N_("Owner"), (const i64[2]){b->owner, a->owner}));
    TRY(tell_reference(o, &method_entity, N_("Risk method"), (const i64[2]){b->method, a->method}));
    tell_level(o, N_("Inherent level"), FROZEN_INHERENT);
    tell_level(o, N_("Current level"), FROZEN_CURRENT);
    tell_level(o, N_("Expected residual level"), FROZEN_RESIDUAL);
    tell_text(o, N_("Why these levels"), FROZEN_RATIONALE);
    tell_text(o, N_("Existing controls"), FROZEN_CONTROLS);
    tell_text(o, N_("Why the residual level is not lower"), FROZEN_REASON);
    tell_text(o, N_("Treatment"), FROZEN_TREATMENTS);
    tell_text(o, N_("Next review"), FROZEN_REVIEW);
    return NULL;
}

/* --- reasons, from the log between the two closings --- */

static struct err *closed_at(struct web *w, i64 id, i64 *idx)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select min(log_idx) from assessment_history where org_id = $1 and id = $2"
                 " and state = 'closed'",
                 num(w->org), num(id)));
    *idx = row_next(r) ? row_num(r, 0) : 0;
    return NULL;
}

static const char *numbers_of(struct web *w, const struct told_change *t, size_t n, bool ids)
{
    struct buf b;

    buf_init(&b, w->arena, 24 * (n + 1));
    buf_char(&b, '[');
    for (size_t i = 0; i < n; i++)
        buf_printf(&b, "%s%lld", i ? "," : "", ids ? t[i].risk : t[i].row->number);
    buf_char(&b, ']');
    return b.data;
}

static void add_reason(struct web *w, struct told_change *t, size_t n, const struct rows *r)
{
    const char *reason = entity_reason_of(w->arena, row_text(r, 1));

    for (size_t i = 0; i < n && *reason; i++)
        if (t[i].risk == row_num(r, 0) && !strstr(t[i].reasons, reason))
            t[i].reasons =
                arena_printf(w->arena, "%s%s%s", t[i].reasons, *t[i].reasons ? "\n" : "", reason);
}

static struct err *add_reasons(struct web *w, const struct comparison *c, struct told_change *t,
                               size_t n)
{
    struct rows *r;
    i64 from, to;

    TRY(closed_at(w, c->older.id, &from));
    TRY(closed_at(w, c->newer.id, &to));
    TRY(db_query(w->db, &r,
                 "select v.record, p.body from audit_event v join audit_payload p"
                 " on p.org_id = v.org_id and p.idx = v.idx and p.part = 'context'"
                 " where v.org_id = $1 and v.record in"
                 " (select cast(value as bigint) from json_each($2))"
                 " and v.idx > $3 and v.idx < $4 and v.kind = 'risk' order by v.idx",
                 num(w->org), str(numbers_of(w, t, n, true)), num(from < to ? from : to),
                 num(from < to ? to : from)));
    while (row_next(r))
        add_reason(w, t, n, r);
    return NULL;
}

static const struct frozen *frozen_of(const struct frozen *list, size_t n, i64 number)
{
    for (size_t i = 0; i < n; i++)
        if (list[i].number == number)
            return &list[i];
    return NULL;
}

struct err *comparison_told(struct web *w, const struct comparison *c, size_t *at, size_t most,
                            struct told_change **out, size_t *count)
{
    struct words_of o = {.w = w};
    struct frozen *before, *after;
    size_t n = 0, nbefore, nafter;
    const char *numbers;

    *out = NEW_ARRAY(w->arena, struct told_change, most + 1);
    for (; *at < c->count && n < most; ++*at)
        if (comparison_shows(c, &c->rows[*at]))
            (*out)[n++] = (struct told_change){.row = &c->rows[*at], .reasons = ""};
    *count = n;
    numbers = numbers_of(w, *out, n, false);
    TRY(frozen_bands(w, &o.bands));
    TRY(frozen_load(w, c->older.id, numbers, &before, &nbefore));
    TRY(frozen_load(w, c->newer.id, numbers, &after, &nafter));
    for (size_t i = 0; i < n; i++) {
        struct told_change *t = &(*out)[i];

        o.t = t;
        t->before = frozen_of(before, nbefore, t->row->number);
        t->after = frozen_of(after, nafter, t->row->number);
        t->risk = t->after ? t->after->risk : t->before ? t->before->risk : 0;
        t->title = t->after ? t->after->title : t->before ? t->before->title : "";
        if (t->before && t->after)
            TRY(tell_all(&o));
    }
    return n ? add_reasons(w, c, *out, n) : NULL;
}
