/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of assets: the list with its suggestions, and one asset with where its value comes from. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/list.h"
#include "core/page.h"
#include "feature/asset/asset_part.h"

#define CARRIED                                     \
    "t.id in (select l.target from asset_carries l" \
    " where l.org_id = t.org_id and l.record = @1)"
#define STEPS_MOST 8   /* links that are followed to say where a value begins */
#define NEIGHBOURS 100 /* so many assets or risks are shown beside one asset */

void asset_value_chip(struct web *w, i64 value)
{
    static const char *const words[] = {"",           N_("harmless"), N_("minor"), N_("serious"),
                                        N_("severe"), N_("survival")};
    static const char *const tones[] = {"", "green", "green", "yellow", "orange", "red"};

    if (value < 1 || value > 5)
        level_chip(w, 0, NULL, NULL);
    else
        level_chip(w, value, tr(words[value]), tones[value]);
}

/* --- list --- */

static bool list_cell(struct web *w, const struct field *f, const void *record)
{
    const struct asset *a = record;

    if (!text_equal(f->name, "value"))
        return false;
    asset_value_chip(w, a->value);
    return true;
}

static struct err *draw_waiting(struct web *w, const struct list_result *r)
{
    struct asset_suggestions s;

    if (w->asof || !web_may(w, &asset_write))
        return NULL;
    TRY(asset_suggest(w, &s));
    if (!s.shown && !(s.nquestions && !r->count))
        return NULL;
    html(w->html, "<div class='notice info mb-3' role='status'><span>");
    if (s.shown)
        html(w->html,
             "{%lld suggestion follows from your profile. You decide whether you take it.|%lld "
             "suggestions follow from your profile. You decide which of them you take.}",
             (i64)s.shown, (i64)s.shown);
    else
        html(w->html, "{Answer the questions about your organisation, and assets are suggested.}");
    html(w->html, "</span><a class='btn' href='%s'>{Look at the suggestions}</a></div>",
         web_url(w, "/assets/suggestions"));
    return NULL;
}

struct err *asset_list(struct web *w)
{
    const struct entity *e = &asset_entity;
    struct list_query q;
    struct list_result r;

    TRY(list_parse(w, e, &q));
    list_needs(&q, NULL);
    TRY(list_run(w, &q, true, &r));
    page_begin(w, "Plan", "%s", tr(e->labels));
    page_help(w, e->help, e->clause);
    page_action(w, "default", web_url(w, "/assets/suggestions"), "Suggestions");
    if (!w->asof)
        page_action(w, "default", web_url(w, "/assets/reviews"), "Confirm entries");
    if (!w->asof && web_may(w, e->write)) {
        if (page_offers(w, arena_printf(w->arena, "/o/%s/assets/import", w->slug)))
            page_action(w, "default", web_url(w, "/assets/import"), "Import");
        page_action(w, "primary", web_url(w, "/assets/new"), "New asset");
    }
    page_body(w);
    TRY(draw_waiting(w, &r));
    TRY(list_draw(w, &q, &r, list_cell));
    page_end(w);
    return NULL;
}

/* The form of a new asset starts with what is true of most. */
struct err *asset_new(struct web *w)
{
    static const struct pair usual[] = {
        {"state",    "in-use"},
        {"in_scope", "yes"   }
    };
    struct pairs *q = &w->req->query;
    struct pair *list = NEW_ARRAY(w->arena, struct pair, q->count + COUNT_OF(usual));
    size_t count = 0;

    for (size_t i = 0; i < COUNT_OF(usual); i++)
        if (!pairs_get(q, usual[i].name))
            list[count++] = usual[i];
    for (size_t i = 0; i < q->count; i++)
        list[count++] = q->list[i];
    *q = (struct pairs){list, count};
    return entity_new_page(w, &asset_entity);
}

/* --- one asset --- */

/* Visible records of a kind for which `condition` holds with @1 = the asset. */
static struct err *neighbours(struct web *w, const struct entity *e, const char *condition,
                              i64 asset, struct list_result *out)
{
    struct list_query q = {.entity = e,
                           .limit = NEIGHBOURS,
                           .extra = condition,
                           .extra_vals = {num(asset)},
                           .nextra = 1};

    return list_run(w, &q, false, out);
}

static void draw_asset_line(struct web *w, const struct asset *a)
{
    html(w->html,
         "<li class='list-group-item d-flex flex-wrap gap-2'>"
         "<a href='%s'><span class='record-number'>A-%lld</span> %s</a>"
         "<span class='ms-auto'>",
         web_record_url(w, &asset_entity, a->number), a->number, a->name);
    asset_value_chip(w, a->value);
    html(w->html, "</span></li>");
}

/* A card around a list, or around what is said instead when it is empty. */
static void list_card_begin(struct web *w, const char *title, const struct list_result *r)
{
    html(w->html, "<section class='card'><div class='card-header'><h2 class='card-title'>%s</h2>",
         title);
    if (r->next)
        html(w->html, "<span class='mute ms-auto'>{the first %d}</span>", NEIGHBOURS);
    html(w->html, "</div>");
    if (r->count)
        html(w->html, "<ul class='list-group list-group-flush'>");
    else
        html(w->html, "<div class='card-body'>");
}

static void list_card_end(struct web *w, const struct list_result *r)
{
    if (r->count)
        html(w->html, "</ul></section>");
    else
        html(w->html, "</div></section>");
}

static void draw_assets(struct web *w, const char *title, const struct list_result *r,
                        const char *none)
{
    const struct asset *list = r->records;

    list_card_begin(w, title, r);
    for (size_t i = 0; i < r->count; i++)
        draw_asset_line(w, &list[i]);
    if (!r->count)
        html(w->html, "<p class='mute mb-0'>%s</p>", none);
    list_card_end(w, r);
}

/* --- where the value comes from --- */

struct property {
    const char *label;
    i64 own, holds;
    size_t own_offset, offset; /* of the own value and of the one that holds, in struct asset */
};

static i64 value_at(const struct asset *a, size_t offset)
{
    return *(const i64 *)((const char *)a + offset);
}

static const struct asset *highest_of(const struct list_result *r, size_t offset)
{
    const struct asset *list = r->records, *best = NULL;

    for (size_t i = 0; i < r->count; i++)
        if (value_at(&list[i], offset) &&
            (!best || value_at(&list[i], offset) > value_at(best, offset)))
            best = &list[i];
    return best;
}

/* From where an asset that is carried has a value in the end: down the links, as long as it is not
 * its own. */
static struct err *origin_of(struct web *w, const struct property *p, const struct asset *from,
                             const struct asset **out)
{
    for (int step = 0; step < STEPS_MOST; step++) {
        const struct asset *next;
        struct list_result r;

        if (value_at(from, p->own_offset) >= value_at(from, p->offset))
            break;
        TRY(neighbours(w, &asset_entity, CARRIED, from->id, &r));
        next = highest_of(&r, p->offset);
        if (!next || value_at(next, p->offset) < value_at(from, p->offset))
            break;
        from = next;
    }
    *out = from;
    return NULL;
}

/* "5 from A-3 Database, which has it from A-1 Customer data": the highest of what it carries
 * directly, and where that begins. */
static struct err *draw_inherited(struct web *w, const struct property *p,
                                  const struct list_result *r)
{
    const struct asset *best = highest_of(r, p->offset), *origin;

    if (!best) {
        html(w->html, "<span class='mute'>—</span>");
        return NULL;
    }
    TRY(origin_of(w, p, best, &origin));
    asset_value_chip(w, value_at(best, p->offset));
    html(w->html, " {from} <a href='%s'>A-%lld %s</a>",
         web_record_url(w, &asset_entity, best->number), best->number, best->name);
    if (origin != best)
        html(w->html, "{, which has it from} <a href='%s'>A-%lld %s</a>",
             web_record_url(w, &asset_entity, origin->number), origin->number, origin->name);
    return NULL;
}

static struct err *draw_property(struct web *w, const struct asset *a, const struct property *p,
                                 const struct list_result *carried)
{
    bool supporting = !text_equal(a->kind, "primary");

    html(w->html, "<tr><td class='list-main'><strong>%s</strong></td><td data-label='{Own}'>",
         tr(p->label));
    asset_value_chip(w, p->own);
    html(w->html, "</td>");
    if (supporting) {
        html(w->html, "<td data-label='{Inherits}'><div>");
        TRY(draw_inherited(w, p, carried));
        html(w->html, "</div></td>");
    }
    html(w->html, "<td data-label='{Holds}'>");
    asset_value_chip(w, p->holds);
    html(w->html, "</td></tr>");
    return NULL;
}

#define AT(member) offsetof(struct asset, member)

static struct err *draw_values(struct web *w, const struct asset *a,
                               const struct list_result *carried)
{
    /* clang-format off */
    const struct property list[] = {
        {"Confidentiality", a->c, a->value_c, AT(c), AT(value_c)},
        {"Integrity", a->i, a->value_i, AT(i), AT(value_i)},
        {"Availability", a->a, a->value_a, AT(a), AT(value_a)},
    };
    /* clang-format on */
    bool supporting = !text_equal(a->kind, "primary");

    html(w->html, "<section class='card'><div class='card-header'><h2 "
                  "class='card-title'>{Value}</h2><span class='ms-auto'>");
    asset_value_chip(w, a->value);
    html(w->html, "</span></div><table class='table list'><caption class='visually-hidden'>{Where "
                  "the value comes from}</caption><thead><tr><th scope='col'>{Property}</th><th "
                  "scope='col'>{Own}</th>");
    if (supporting)
        html(w->html, "<th scope='col'>{Inherits}</th>");
    html(w->html, "<th scope='col'>{Holds}</th></tr></thead><tbody>");
    for (size_t i = 0; i < COUNT_OF(list); i++)
        TRY(draw_property(w, a, &list[i], carried));
    html(w->html, "</tbody></table>");
    if (supporting && !text_empty(a->override_reason)) {
        html(w->html, "<div class='card-body'>{Its own values hold, even where they are lower than "
                      "the inherited ones:} ");
        html_lines(w->html, a->override_reason);
        html(w->html, "</div>");
    }
    html(w->html, "</section>");
    return NULL;
}

/* --- risks --- */

static void draw_band(struct web *w, i64 score, const char *band)
{
    const struct content_table *t = content_table(w->app->content, "bands_5x5");
    i64 row = t && band ? content_row(t, band) : -1;

    level_chip(w, score, row < 0 ? band : content_words(t, (size_t)row, "label"),
               row < 0 ? NULL : content_cell(t, (size_t)row, "tone"));
}

static void draw_risk_line(struct web *w, const struct entity *e, const struct record *r)
{
    const struct field *score = entity_field(e, "score"), *band = entity_field(e, "band");
    const struct choice *state =
        choice_find(entity_field(e, "state")->choices, field_str(entity_field(e, "state"), r));

    html(w->html,
         "<li class='list-group-item d-flex flex-wrap gap-2'><a href='%s'>"
         "<span class='record-number'>R-%lld</span> %s</a><span class='ms-auto'>",
         web_record_url(w, e, r->number), r->number, field_str(entity_field(e, "title"), r));
    if (state && text_equal(state->code, "closed"))
        badge(w, state->tone, tr(state->label));
    else if (score && band)
        draw_band(w, field_num(score, r), field_str(band, r));
    html(w->html, "</span></li>");
}

/* "No relevant risk" is a field of the asset like any other; this is its short way. */
static void draw_no_risk(struct web *w, const struct asset *a)
{
    if (!text_empty(a->no_risk_reason)) {
        html(w->html, "<p class='mb-0'><strong>{No relevant risk:}</strong> ");
        html_lines(w->html, a->no_risk_reason);
        html(w->html, "</p>");
        return;
    }
    html(w->html, "<p class='mute'>{No risk names this asset yet.}</p>");
    if (w->asof || !web_may(w, &asset_write))
        return;
    html(w->html, "<details><summary>{There is no relevant risk}</summary>");
    form_begin(w, web_record_url(w, &asset_entity, a->number), a->version);
    form_area(w, "no_risk_reason", "Why not", "",
              "Say what you looked at and why nothing is worth a line. It can be taken back by "
              "emptying the field.");
    form_end(w, "Mark it", NULL);
    html(w->html, "</details>");
}

static struct err *draw_risks(struct web *w, const struct asset *a)
{
    const struct entity *e = feature_entity("risk");
    struct list_result r = {0};

    if (e)
        TRY(neighbours(w, e,
                       "t.id in (select l.record from risk_assets l where l.org_id = t.org_id"
                       " and l.target = @1)",
                       a->id, &r));
    list_card_begin(w, tr("Risks on it"), &r);
    for (size_t i = 0; i < r.count; i++)
        draw_risk_line(
            w, e, (const struct record *)(const void *)((const char *)r.records + i * e->size));
    if (!r.count)
        draw_no_risk(w, a);
    list_card_end(w, &r);
    return NULL;
}

/* Where an accepted asset comes from. */
static void draw_origin(struct web *w, const struct asset *a)
{
    const struct content_table *t = asset_starters(w);
    i64 row = asset_starter_row(w, a->seed);

    if (text_empty(a->seed))
        return;
    html(w->html, "<p class='mute'>{Accepted from the suggestions%s%s}</p>", row >= 0 ? ": " : ".",
         row >= 0 ? content_words(t, (size_t)row, "why") : "");
}

/* The details without what stands in cards of its own. */
static struct err *draw_details(struct web *w, const struct asset *a)
{
    static const char *const elsewhere[] = {"c",       "i",       "a",       "value", "value_c",
                                            "value_i", "value_a", "carries", "seed"};
    const struct entity *e = &asset_entity;
    struct field *fields = NEW_ARRAY(w->arena, struct field, e->nfields);
    struct entity rest = *e;

    rest.fields = fields;
    rest.nfields = 0;
    for (size_t i = 0; i < e->nfields; i++) {
        bool skip =
            text_equal(a->kind, "primary") && text_equal(e->fields[i].name, "override_reason");

        for (size_t k = 0; k < COUNT_OF(elsewhere); k++)
            skip |= text_equal(e->fields[i].name, elsewhere[k]);
        if (!skip)
            fields[rest.nfields++] = e->fields[i];
    }
    return entity_details(w, &rest, a);
}

/* What is left to do with an asset that goes or went. */
static void draw_life(struct web *w, const struct asset *a)
{
    if (w->asof)
        return;
    if (text_equal(a->state, "retired"))
        page_notice(
            w, "warning",
            "It is retired but still there. Dispose of it, say how and by whom, and keep the "
            "proof.");
    else if (text_equal(a->state, "disposed") && text_empty(a->disposal_proof) &&
             (a->personal_data || a->value_c >= 3))
        page_notice(w, "warning",
                    "It held information worth protecting, and nothing shows how it was deleted. "
                    "Add the proof.");
    else if (text_equal(a->state, "retiring") && a->end_planned &&
             strcmp(a->end_planned, w->today) < 0)
        page_notice(w, "warning", "It should have gone out of use on %s.", a->end_planned);
    if (a->personal_data && !text_equal(a->state, "disposed") &&
        (text_empty(a->purpose) || text_empty(a->legal_basis)))
        page_notice(w, "info",
                    "It contains personal data. Say what they are for and what allows it.");
}

static struct err *draw_asset(struct web *w, const struct asset *a)
{
    const struct entity *e = &asset_entity;
    struct list_result carried, carriers;
    bool primary = text_equal(a->kind, "primary");

    TRY(neighbours(w, e, CARRIED, a->id, &carried));
    TRY(neighbours(w, e,
                   "t.id in (select l.record from asset_carries l"
                   " where l.org_id = t.org_id and l.target = @1)",
                   a->id, &carriers));
    draw_life(w, a);
    html(w->html, "<div class='split'><div class='stack'>");
    TRY(draw_values(w, a, &carried));
    card_begin(w, "Details", NULL);
    draw_origin(w, a);
    TRY(draw_details(w, a));
    card_end(w);
    html(w->html, "</div><div class='stack'>");
    asset_draw_review(w, a);
    TRY(draw_risks(w, a));
    if (!primary)
        draw_assets(w, tr("Carries"), &carried,
                    tr("Nothing yet. Say what it stores, processes or moves, and it inherits that "
                       "value."));
    draw_assets(w, tr("Carried by"), &carriers,
                primary
                    ? tr("Nothing yet. Open a supporting asset and enter this one under Carries.")
                    : tr("No other asset depends on it."));
    card_begin(w, "History", arena_printf(w->arena, tr("version %lld"), a->version));
    TRY(entity_history(w, e, a->id));
    card_end(w);
    html(w->html, "</div></div>");
    return NULL;
}

struct err *asset_show(struct web *w)
{
    const struct entity *e = &asset_entity;
    const char *address;
    struct asset a;
    i64 id;
    bool drawn;

    TRY(web_record(w, e, &id));
    TRY(entity_load(w, e, id, &a));
    address = web_record_url(w, e, a.number);
    page_begin(w, arena_printf(w->arena, "%s · A-%lld", tr("Asset"), a.number), "%s", a.name);
    page_help(w, e->help, e->clause);
    if (!w->asof && web_may(w, e->write)) {
        page_action(w, "default", arena_printf(w->arena, "%s/remove", address), "Remove");
        page_action(w, "primary", arena_printf(w->arena, "%s/edit", address), "Edit");
    }
    page_body(w);
    TRY(entity_tab(w, e, &a, &drawn));
    if (drawn) {
        page_end(w);
        return NULL;
    }
    TRY(draw_asset(w, &a));
    page_end(w);
    return NULL;
}
