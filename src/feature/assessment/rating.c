/* SPDX-License-Identifier: Apache-2.0 */
/* Second scores: fields, the draw, submitting and agreeing. Pages are in rating_web.c. */
#include "feature/assessment/rating.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypt.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/permit.h"
#include "feature/assessment/assessment.h"
#include "feature/method/method.h"
#include "feature/notice/notice.h"
#include "feature/organisation/organisation.h"
#include "feature/risk/risk.h"

#define DRAW_MOST 500

const struct permission rating_read = {"rating.read", "See second scores of risks"};
const struct permission rating_write = {"rating.write", "Score risks a second time"};

static const struct choice states[] = {
    {"open",      "To be scored", "blue"},
    {"submitted",     "Submitted", "orange"},
    {"agreed", "Agreed", "green"},
    {0  }
};

#define BY_CODE .internal = true

static const struct field fields[] = {
    TEXT(rating, title, "Title", BY_CODE, .listed = true),
    CHOICE(rating, state, "State", states, BY_CODE, .listed = true, .filtered = true,
           .sortable = true),
    REF(rating, assessor, "Second assessor", person_entity, BY_CODE, .listed = true,
        .filtered = true, .concerns = true),
    REF(rating, assessment, "Round", assessment_entity, BY_CODE, .listed = true, .filtered = true),
    REF(rating, risk, "Risk", risk_entity, BY_CODE, .filtered = true),
    INT(rating, apart, "Levels apart", BY_CODE, .veil = true, .listed = true, .sortable = true,
        .filtered = true, .help = "The larger difference of likelihood and impact."),
    REF(rating, method, "Risk method", method_entity, BY_CODE),
    INT(rating, likelihood, "Second likelihood", BY_CODE, .veil = true),
    INT(rating, impact, "Second impact", BY_CODE, .veil = true),
    LONG(rating, rationale, "Why", BY_CODE, .veil = true, .max = 2000),
    INT(rating, first_likelihood, "First likelihood", BY_CODE, .veil = true),
    INT(rating, first_impact, "First impact", BY_CODE, .veil = true),
    LONG(rating, first_rationale, "Why at first", BY_CODE, .veil = true),
    REF(rating, first_analyst, "First assessor", person_entity, BY_CODE, .veil = true),
    INT(rating, agreed_likelihood, "Agreed likelihood", BY_CODE, .veil = true),
    INT(rating, agreed_impact, "Agreed impact", BY_CODE, .veil = true),
    LONG(rating, agreed_note, "What was agreed", BY_CODE, .veil = true, .max = 2000),
    TEXT(rating, seed, "Seed of the draw", BY_CODE, .unfolded = true),
    INT(rating, percent, "Percent drawn", BY_CODE),
};

/* Scores of others of a risk that this person is still to score. */
static struct err *veiled(struct web *w, struct ids *out)
{
    struct rows *r;
    i64 *list;

    *out = (struct ids){0};
    if (w->asof)
        TRY(db_query(
            w->db, &r,
            "select distinct s.id from now_rating m join now_rating s on s.org_id = m.org_id"
            " and s.risk = m.risk and s.assessor <> m.assessor where m.org_id = $1"
            " and m.assessor = $2 and m.state = 'open' order by s.id",
            num(w->org), num(w->person)));
    else
        TRY(db_query(w->db, &r,
                     "select distinct s.id from rating m join rating s on s.org_id = m.org_id"
                     " and s.risk = m.risk and s.assessor <> m.assessor where m.org_id = $1"
                     " and m.assessor = $2 and m.state = 'open' order by s.id",
                     num(w->org), num(w->person)));
    out->id = list = NEW_ARRAY(w->arena, i64, row_count(r) + 1);
    while (row_next(r))
        list[out->count++] = row_num(r, 0);
    return NULL;
}

const struct entity rating_entity =
    ENTITY(rating, fields, .plural = "ratings", .label = "Second score", .labels = "Second scores",
           .few = true, .prefix = "SS", .title = "title", .state = "state", .closed = "agreed",
           .read = &rating_read, .write = &rating_write, .veiled = veiled, .no_create = true,
           .clause = "6.1.2 b",
           .help = "Risks that a second person scores without seeing the first score. Where both "
                   "differ by more than one level, the descriptors of the method are not clear or "
                   "one of the two knows something that should be written down.",
           .empty = "No second scores yet. On the page of an open round you draw some risks for "
                    "a second assessor.");

/* --- pure parts --- */

i64 rating_apart(i64 likelihood, i64 impact, i64 first_likelihood, i64 first_impact)
{
    i64 l = llabs(likelihood - first_likelihood), i = llabs(impact - first_impact);

    return l > i ? l : i;
}

struct ticket {
    unsigned char hash[DIGEST_SIZE];
    i64 number;
};

static int by_hash(const void *a, const void *b)
{
    const struct ticket *x = a, *y = b;
    int order = memcmp(x->hash, y->hash, DIGEST_SIZE);

    return order ? order : x->number < y->number ? -1 : x->number > y->number;
}

static int by_number(const void *a, const void *b)
{
    i64 x = *(const i64 *)a, y = *(const i64 *)b;

    return x < y ? -1 : x > y;
}

struct err *rating_pick(struct arena *a, const char *seed, i64 percent, const i64 *numbers,
                        size_t n, const i64 **out, size_t *count)
{
    struct ticket *tickets = NEW_ARRAY(a, struct ticket, n + 1);
    i64 *taken;

    for (size_t i = 0; i < n; i++) {
        struct digest *d = digest_new(a);
        char text[32];
        int size = snprintf(text, sizeof(text), ":%lld", numbers[i]);

        digest_add(d, seed, strlen(seed));
        digest_add(d, text, (size_t)size);
        digest_end(d, tickets[i].hash);
        tickets[i].number = numbers[i];
    }
    qsort(tickets, n, sizeof(*tickets), by_hash);
    *count = (n * (size_t)percent + 99) / 100;
    taken = NEW_ARRAY(a, i64, *count + 1);
    for (size_t i = 0; i < *count; i++)
        taken[i] = tickets[i].number;
    qsort(taken, *count, sizeof(*taken), by_number);
    *out = taken;
    return arena_over(a) ? err_new(ERR_LIMIT, "There are too many risks for one draw.") : NULL;
}

/* --- the draw --- */

struct draw {
    struct assessment round;
    i64 assessor, percent;
    const char *seed;
};

/* Somebody without the right could see what was drawn for them, but not score it. */
static struct err *may_score(struct web *w, i64 person)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select h.role from role_holder h join person p on p.org_id = h.org_id"
                 " and p.id = h.person where h.org_id = $1 and h.person = $2 and p.state = 'active'"
                 " and h.from_date <= $3 and (h.until is null or h.until >= $3)",
                 num(w->org), num(person), str(w->today)));
    while (row_next(r))
        if (permit_role_has(w->app, row_text(r, 0), &rating_write))
            return NULL;
    return err_new(ERR_INVALID, "This person holds no role that scores risks a second time.");
}

static struct err *read_draw(struct web *w, struct draw *d)
{
    const char *who = web_form(w, "assessor"), *percent = web_form(w, "percent");
    const char *seed = web_form(w, "seed");
    unsigned char random[8];
    i64 id;

    TRY(web_record(w, &assessment_entity, &id));
    TRY(entity_load(w, &assessment_entity, id, &d->round));
    if (!text_equal(d->round.state, "open"))
        return err_new(ERR_CLASH, "This round is closed. Second scores belong to an open one.");
    d->percent = 10;
    if (!text_empty(percent) &&
        (!text_i64(percent, &d->percent) || d->percent < 1 || d->percent > 100))
        return err_new(ERR_INVALID, "The share to draw is a number from 1 to 100 percent.");
    if (text_empty(who))
        return err_new(ERR_INVALID, "Name who scores the drawn risks a second time.");
    TRY(entity_find(w, &person_entity, who, &d->assessor));
    TRY(may_score(w, d->assessor));
    crypt_random(random, sizeof(random));
    d->seed =
        text_empty(seed) ? crypt_hex(w->arena, random, sizeof(random)) : text_trim(w->arena, seed);
    if (strlen(d->seed) > 60)
        return err_new(ERR_INVALID, "The seed has at most 60 characters.");
    return NULL;
}

/* Scored by somebody else, and not drawn for this person in this round already. */
static struct err *population(struct web *w, const struct draw *d, i64 **numbers, size_t *n)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select r.number from risk r where r.org_id = $1 and r.state = 'open'"
                 " and r.score is not null and (r.analyst is null or r.analyst <> $2)"
                 " and not exists (select 1 from rating s where s.org_id = r.org_id"
                 " and s.risk = r.id and s.assessor = $2 and s.assessment = $3) order by r.number",
                 num(w->org), num(d->assessor), num(d->round.id)));
    *numbers = NEW_ARRAY(w->arena, i64, row_count(r) + 1);
    for (*n = 0; row_next(r); ++*n)
        (*numbers)[*n] = row_num(r, 0);
    return NULL;
}

static struct err *write_drawn(struct web *w, const struct draw *d, i64 number)
{
    struct issues issues = {.arena = w->arena};
    struct rating s = {.assessment = d->round.id,
                       .assessor = d->assessor,
                       .state = "open",
                       .seed = d->seed,
                       .percent = d->percent};
    const char *title;
    struct method m;

    TRY(method_current(w, &m));
    s.method = m.id;
    TRY(entity_find(w, &risk_entity, arena_printf(w->arena, "R-%lld", number), &s.risk));
    TRY(entity_title(w, &risk_entity, s.risk, &title, NULL));
    s.title = arena_printf(w->arena, "R-%lld %.180s", number, title);
    TRY(entity_write(w, &rating_entity, &s, "drawn", &issues));
    return issues.count ? err_new(ERR_INVALID, "%s", issues.list[0].text) : NULL;
}

struct err *rating_draw(struct web *w)
{
    const i64 *taken;
    struct draw d;
    size_t n, count;
    i64 *numbers;

    TRY(read_draw(w, &d));
    TRY(population(w, &d, &numbers, &n));
    TRY(rating_pick(w->arena, d.seed, d.percent, numbers, n, &taken, &count));
    if (!count)
        return err_new(ERR_INVALID, "No scored risk is left that this person did not score.");
    if (count > DRAW_MOST)
        return err_new(ERR_INVALID, "That would be %zu risks. Draw a smaller share: %d at most.",
                       count, DRAW_MOST);
    for (size_t i = 0; i < count; i++)
        TRY(write_drawn(w, &d, taken[i]));
    struct notice notice = {.person = d.assessor, .kind = "assigned", .path = "/ratings"};
    TRY(notice_add(w, &notice, "%s asks you to score risks a second time: %s.",
                   w->person_name ? w->person_name : w->actor, d.round.title));
    web_redirect(w, web_url(w, "/ratings?assessment=AS-%lld", d.round.number));
    return NULL;
}

/* --- submitting --- */

static struct err *load_asked(struct web *w, struct rating *s)
{
    i64 id;

    TRY(web_record(w, &rating_entity, &id));
    return entity_load(w, &rating_entity, id, s);
}

static struct err *level_of(struct web *w, const char *name, i64 most, i64 *out)
{
    const char *text = web_form(w, name);

    if (text_empty(text) || !text_i64(text, out) || *out < 1 || *out > most)
        return err_new(ERR_INVALID, "Choose likelihood and impact: numbers from 1 to %lld.", most);
    return NULL;
}

static struct err *reason_of(struct web *w, const char *name, const char **out)
{
    const char *text = web_form(w, name);

    *out = text ? text_trim(w->arena, text) : "";
    if (!**out)
        return err_new(ERR_INVALID, "Say why: a score without a reason cannot be checked by "
                                    "anybody.");
    return NULL;
}

static struct err *save(struct web *w, struct rating *s, const char *reason)
{
    const char *version = web_form(w, "_version");
    struct issues issues = {.arena = w->arena};

    if (!version || !text_i64(version, &s->version))
        return err_new(ERR_BAD, "The form does not say which version it changes. Load it again.");
    TRY(entity_write(w, &rating_entity, s, reason, &issues));
    if (issues.count)
        return err_new(ERR_INVALID, "%s", issues.list[0].text);
    web_redirect(
        w, arena_printf(w->arena, "%s?m=saved", web_record_url(w, &rating_entity, s->number)));
    return NULL;
}

struct err *rating_submit(struct web *w)
{
    struct method m;
    struct risk r;
    struct rating s;

    TRY(load_asked(w, &s));
    if (!w->person || w->person != s.assessor)
        return err_new(ERR_DENIED, "Only the second assessor gives the second score.");
    if (!text_equal(s.state, "open"))
        return err_new(ERR_CLASH, "This second score is given already and stays as it is.");
    TRY(method_load(w, s.method, &m));
    TRY(level_of(w, "likelihood", m.levels, &s.likelihood));
    TRY(level_of(w, "impact", m.levels, &s.impact));
    TRY(reason_of(w, "rationale", &s.rationale));
    TRY(entity_load_any(w, &risk_entity, s.risk, &r));
    s.first_likelihood = r.current_score ? r.current_likelihood : r.inherent_likelihood;
    s.first_impact = r.current_score ? r.current_impact : r.inherent_impact;
    s.first_rationale = r.rationale;
    s.first_analyst = r.analyst;
    s.apart = rating_apart(s.likelihood, s.impact, s.first_likelihood, s.first_impact);
    s.state = "submitted";
    return save(w, &s, "second score given");
}

/* --- agreeing --- */

/* The risk takes what was agreed, as the current level. */
static struct err *apply_agreed(struct web *w, const struct rating *s)
{
    struct issues issues = {.arena = w->arena};
    struct risk r;

    TRY(entity_load(w, &risk_entity, s->risk, &r));
    if (r.current_likelihood == s->agreed_likelihood && r.current_impact == s->agreed_impact)
        return NULL;
    r.current_likelihood = s->agreed_likelihood;
    r.current_impact = s->agreed_impact;
    TRY(entity_write(w, &risk_entity, &r,
                     arena_printf(w->arena, "SS-%lld: %s", s->number, s->agreed_note), &issues));
    return issues.count ? err_new(ERR_INVALID, "%s", issues.list[0].text) : NULL;
}

struct err *rating_agree(struct web *w)
{
    struct rating s;
    struct method m;

    TRY(load_asked(w, &s));
    TRY(web_need(w, &risk_write));
    if (text_equal(s.state, "open"))
        return err_new(ERR_CLASH, "The second score is not given yet.");
    if (text_equal(s.state, "agreed"))
        return err_new(ERR_CLASH, "It was agreed on already.");
    TRY(method_load(w, s.method, &m));
    TRY(level_of(w, "likelihood", m.levels, &s.agreed_likelihood));
    TRY(level_of(w, "impact", m.levels, &s.agreed_impact));
    TRY(reason_of(w, "note", &s.agreed_note));
    s.state = "agreed";
    TRY(save(w, &s, s.agreed_note));
    return apply_agreed(w, &s);
}
