/* SPDX-License-Identifier: Apache-2.0 */
/* The life of an asset from plan to disposal (A.5.9, A.7.14, A.8.10): the days that its states
 * bring, and what is left to do when it is out of use. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "feature/asset/asset_part.h"

#define USUAL_MONTHS 12 /* between two confirmations when there is no method yet */

/* --- what a state asks for --- */

static bool disposed(const struct asset *a)
{
    return text_equal(a->state, "disposed");
}

bool asset_is_out(const char *state)
{
    return text_equal(state, "retired") || text_equal(state, "disposed");
}

static void check_disposal(const struct asset *a, struct issues *out)
{
    if (text_empty(a->disposal))
        issue(out, "disposal",
              "Say what was done with the information on it before it counts as disposed of.");
    if (text_empty(a->disposed_by))
        issue(out, "disposed_by", "Say who disposed of it: a person or a firm.");
}

static bool after(const char *left, const char *right)
{
    return !text_empty(left) && !text_empty(right) && strcmp(left, right) > 0;
}

void asset_life_check(const struct asset *a, struct issues *out)
{
    if (text_equal(a->state, "retiring") && text_empty(a->end_planned))
        issue(out, "end_planned", "Say by when it goes out of use.");
    if (disposed(a))
        check_disposal(a, out);
    if (after(a->in_use_from, a->retired_on))
        issue(out, "retired_on",
              "It would be retired before it came into use. Correct one of the two days.");
    if (after(a->retired_on, a->disposed_on))
        issue(out, "disposed_on",
              "It would be disposed of before it was retired. Correct one of the two days.");
}

/* --- days that a write brings --- */

struct before {
    const char *state;
    bool there;
};

static struct err *read_before(struct web *w, i64 id, struct before *out)
{
    struct rows *r;

    *out = (struct before){0};
    if (!id)
        return NULL;
    TRY(db_query(w->db, &r, "select state from asset where org_id = $1 and id = $2", num(w->org),
                 num(id)));
    out->there = row_next(r);
    out->state = out->there ? row_text(r, 0) : NULL;
    return NULL;
}

/* What the method in force says, asked once in a transaction: an import makes many assets. */
static struct err *method_months(struct web *w, i64 *months)
{
    static _Thread_local struct {
        u64 transaction;
        i64 org, months;
    } known;
    struct rows *r;

    if (w->writable && known.transaction == db_transaction(w->db) && known.org == w->org) {
        *months = known.months;
        return NULL;
    }
    TRY(db_query(w->db, &r,
                 "select review_months from method where org_id = $1 and state = 'approved'"
                 " order by number desc limit 1",
                 num(w->org)));
    *months = row_next(r) ? row_num(r, 0) : 0;
    known.transaction = db_transaction(w->db);
    known.org = w->org;
    known.months = *months;
    return NULL;
}

/* Months between two confirmations: the asset's own, those of the method in force, or the usual. */
static struct err *interval(struct web *w, const struct asset *a, i64 *months)
{
    *months = a->review_months;
    if (!*months)
        TRY(method_months(w, months));
    if (!*months)
        *months = USUAL_MONTHS;
    return NULL;
}

static struct err *next_review(struct web *w, struct asset *a)
{
    i64 months;

    TRY(interval(w, a, &months));
    a->review_due = date_add(w->arena, w->today, (int)months, 0);
    return NULL;
}

static const char *today_unless(struct web *w, const char *given)
{
    return text_empty(given) ? w->today : given;
}

static void state_days(struct web *w, struct asset *a, const struct before *b)
{
    if (text_equal(a->state, b->state ? b->state : ""))
        return;
    if (asset_is_out(a->state))
        a->retired_on = today_unless(w, a->retired_on);
    else if (asset_is_out(b->state))
        a->retired_on = NULL; /* it came back into use */
    if (disposed(a)) {
        a->disposed_on = today_unless(w, a->disposed_on);
    } else if (text_equal(b->state, "disposed")) {
        a->disposed_on = NULL;
    }
}

struct err *asset_life(struct web *w, struct asset *a)
{
    struct before b;

    if (!w->writable)
        return NULL;
    TRY(read_before(w, a->id, &b));
    if (a->id && !b.there)
        return NULL; /* it comes back from the removed ones as it was */
    state_days(w, a, &b);
    if (a->reviews) {
        a->reviewed_by = w->person;
        a->reviewed_on = w->today;
        return next_review(w, a);
    }
    return a->id || a->review_due || asset_is_out(a->state) ? NULL : next_review(w, a);
}

/* --- work --- */

/* What stands in the store room with data on it. */
static struct err *to_dispose(struct web *w, i64 person, struct work_list *out)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select a.id, a.number, a.name, a.retired_on, a.version from asset a"
                 " where a.org_id = $1 and a.owner = $2 and a.state = 'retired'"
                 " order by a.number limit $3",
                 num(w->org), num(person), num(WORK_MOST)));
    while (row_next(r)) {
        struct work_item item = {.entity = &asset_entity,
                                 .id = row_num(r, 0),
                                 .number = row_num(r, 1),
                                 .kind = "asset",
                                 .kind_label = tr(asset_entity.label),
                                 .title = row_text(r, 2),
                                 .what = N_("Retired: to be disposed of"),
                                 .date = row_str(r, 3),
                                 .dated = DATED_REVIEW,
                                 .version = row_num(r, 4),
                                 .person = person,
                                 .weight = 6};

        item.address = web_record_url(w, &asset_entity, item.number);
        item.uid = arena_printf(w->arena, "dispose-%lld", item.id);
        work_add(out, &item);
    }
    return NULL;
}

/* A risk on something that is not used any more is closed, or belongs to what came after it. A risk
 * of what is out of use itself stays (the condition of R155). */
static struct err *risks_left(struct web *w, i64 person, struct work_list *out)
{
    const struct entity *e = feature_entity("risk");
    struct rows *r;

    if (!e)
        return NULL;
    TRY(db_query(w->db, &r,
                 "select k.id, k.number, k.title, min(a.retired_on), k.version from risk k"
                 " join risk_assets l on l.org_id = k.org_id and l.record = k.id"
                 " join asset a on a.org_id = l.org_id and a.id = l.target"
                 " where k.org_id = $1 and k.owner = $2 and k.state = 'open'"
                 " and a.state in " ASSET_OUT " and not (a.state = 'retired'"
                 " and (a.type = 'retired-equipment' or coalesce(k.threat, '') ="
                 " 'discarded-data' or coalesce(k.vulnerability, '') = 'unsafe-disposal'))"
                 " and not coalesce((select"
                 " min(h.valid_from) from risk_history h where h.org_id = k.org_id and h.id = k.id)"
                 " > (select min(x.valid_from) from asset_history x where x.org_id = a.org_id"
                 " and x.id = a.id and x.state in " ASSET_OUT "), 1 = 0)"
                 " group by k.id, k.number, k.title, k.version"
                 " order by k.number limit $3",
                 num(w->org), num(person), num(WORK_MOST)));
    while (row_next(r)) {
        struct work_item item = {.entity = e,
                                 .id = row_num(r, 0),
                                 .number = row_num(r, 1),
                                 .kind = "risk",
                                 .kind_label = tr(e->label),
                                 .title = row_text(r, 2),
                                 .what = N_("Its asset is out of use"),
                                 .date = row_str(r, 3),
                                 .dated = DATED_REVIEW,
                                 .version = row_num(r, 4),
                                 .person = person,
                                 .weight = 5};

        item.address = web_record_url(w, e, item.number);
        item.uid = arena_printf(w->arena, "left-risk-%lld", item.id);
        work_add(out, &item);
    }
    return NULL;
}

static struct err *open_work(struct web *w, i64 person, bool given, struct work_list *out)
{
    if (given || w->asof)
        return NULL;
    TRY(to_dispose(w, person, out));
    return risks_left(w, person, out);
}

const struct work_source asset_work[] = {
    {"asset-life", "Assets out of use", open_work, NULL, NULL, NULL},
    {0  },
};
