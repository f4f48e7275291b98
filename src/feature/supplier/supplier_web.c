/* SPDX-License-Identifier: Apache-2.0 */
/* A supplier with what is missing about it and what rests on it; a location with what is there. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/entity_page.h"
#include "core/list.h"
#include "core/page.h"
#include "core/work.h"
#include "feature/supplier/supplier_part.h"

#define NEIGHBOURS 100 /* so many records are shown beside one */
#define CRITICAL 3     /* from this criticality on a supplier is critical */

/* --- records beside it --- */

struct beside {
    const char *title, *kind; /* of the card; name of the entity */
    const char *condition;    /* with @1 = the record */
    const char *none;
};

static void draw_line(struct web *w, const struct entity *e, const struct record *r)
{
    const struct field *title = entity_field(e, e->title), *state = entity_field(e, e->state);
    const struct choice *c = state ? choice_find(state->choices, field_str(state, r)) : NULL;

    html(w->html,
         "<li class='list-group-item d-flex flex-wrap gap-2'><a href='%s'>"
         "<span class='record-number'>%s-%lld</span> %s</a><span class='ms-auto'>",
         web_record_url(w, e, r->number), e->prefix, r->number, field_str(title, r));
    if (c)
        badge(w, c->tone, tr(c->label));
    html(w->html, "</span></li>");
}

static struct err *draw_beside(struct web *w, const struct beside *b, i64 id)
{
    const struct entity *e = feature_entity(b->kind);
    struct list_query q = {.entity = e,
                           .limit = NEIGHBOURS,
                           .extra = b->condition,
                           .extra_vals = {num(id)},
                           .nextra = 1};
    struct list_result r = {0};

    if (!e)
        return NULL;
    TRY(list_run(w, &q, false, &r));
    html(w->html, "<section class='card'><div class='card-header'><h2 class='card-title'>%s</h2>",
         tr(b->title));
    if (r.next)
        html(w->html, "<span class='mute ms-auto'>{the first %d}</span>", NEIGHBOURS);
    html(w->html, "</div>");
    if (r.count)
        html(w->html, "<ul class='list-group list-group-flush'>");
    else
        html(w->html, "<div class='card-body'><p class='mute mb-0'>%s</p></div>", tr(b->none));
    for (size_t i = 0; i < r.count; i++)
        draw_line(w, e,
                  (const struct record *)(const void *)((const char *)r.records + i * e->size));
    if (r.count)
        html(w->html, "</ul>");
    html(w->html, "</section>");
    return NULL;
}

/* --- a supplier --- */

i64 supplier_all_terms(void)
{
    const struct choice *c = entity_field(&supplier_entity, "terms")->choices;
    i64 all = 0;

    for (i64 bit = 1; c->code; c++, bit *= 2)
        all |= bit;
    return all;
}

/* What readiness would say about it, where it can be mended. */
static void draw_missing(struct web *w, const struct supplier *s)
{
    bool reaches = s->access > 1;

    if (text_equal(s->state, "ended"))
        return;
    if (!s->criticality)
        page_notice(w, "info",
                    "Nobody has judged yet how critical this supplier is. Three figures "
                    "are enough.");
    if (s->criticality >= CRITICAL && !s->assessed)
        page_notice(w, "warning", "It is critical, and nobody has assessed its security yet.");
    if (reaches && s->terms != supplier_all_terms() && text_empty(s->gap_reason))
        page_notice(w, "warning",
                    "It reaches your information, and the contract leaves something open about "
                    "security. Agree on it, or say why it may be missing.");
    if (text_equal(s->personal_data, "processor") && !s->dpa_on)
        page_notice(w, "warning",
                    "It processes personal data for you, and there is no agreement about it.");
    if (work_over(w, &supplier_entity, entity_field(&supplier_entity, "next_review"), s))
        page_notice(w, "warning", "Its review was due on %s.",
                    words_date(w->arena, s->next_review));
}

static void draw_head(struct web *w, const struct entity *e, const struct record *r)
{
    page_begin(w, arena_printf(w->arena, "%s · %s-%lld", tr(e->label), e->prefix, r->number), "%s",
               entity_title_of(e, r));
    page_help(w, e->help, e->clause);
    if (!w->asof && web_may(w, e->write)) {
        const char *address = web_record_url(w, e, r->number);

        page_action(w, "default", arena_printf(w->arena, "%s/remove", address), "Remove");
        page_action(w, "primary", arena_printf(w->arena, "%s/edit", address), "Edit");
    }
    page_body(w);
}

static struct err *draw_body(struct web *w, const struct entity *e, const struct record *r,
                             const struct beside *beside)
{
    html(w->html, "<div class='split'><div class='stack'>");
    card_begin(w, "Details", NULL);
    TRY(entity_details(w, e, r));
    card_end(w);
    html(w->html, "</div><div class='stack'>");
    for (; beside->title; beside++)
        TRY(draw_beside(w, beside, r->id));
    card_begin(w, "History", arena_printf(w->arena, tr("version %lld"), r->version));
    TRY(entity_history(w, e, r->id));
    card_end(w);
    html(w->html, "</div></div>");
    return NULL;
}

static struct err *show(struct web *w, const struct entity *e, const struct beside *beside)
{
    struct record *r = arena_alloc(w->arena, e->size);
    bool drawn;
    i64 id;

    TRY(web_record(w, e, &id));
    TRY(entity_load(w, e, id, r));
    draw_head(w, e, r);
    TRY(entity_tab(w, e, r, &drawn));
    if (!drawn) {
        if (e == &supplier_entity && !w->asof)
            draw_missing(w, (const struct supplier *)(const void *)r);
        TRY(draw_body(w, e, r, beside));
    }
    page_end(w);
    return NULL;
}

struct err *supplier_show(struct web *w)
{
    static const struct beside beside[] = {
        {N_("Assets that rest on it"), "asset",
         "t.id in (select l.record from asset_suppliers l where l.org_id = t.org_id"
         " and l.target = @1)", N_("No asset names this supplier yet.")},
        {N_("Locations that it runs"),        "location", "t.provider = @1", N_("It runs no location.")},
        {0                           }
    };

    return show(w, &supplier_entity, beside);
}

struct err *location_show(struct web *w)
{
    static const struct beside beside[] = {
        {N_("Assets there"), "asset", "t.place = @1", N_("No asset is there.")},
        {0   }
    };

    return show(w, &location_entity, beside);
}
