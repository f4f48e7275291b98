/* SPDX-License-Identifier: Apache-2.0 */
/* What no risk touches yet. Risks are found in two ways: from assets (what threatens this, through
 * which weakness?) and from events (what could happen to us?); what neither reached is shown. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/catalogue.h"
#include "core/page.h"
#include "feature/catalogue/catalogue_part.h"

#define ASSETS_SHOWN 200
#define VALUABLE 3

struct touched {
    const char *code, *family, *name;
    i64 assets, events, dismissed; /* open risks by way; suggestions that were dismissed */
};
struct coverage {
    struct touched *threats;
    size_t count;
    i64 unnamed;                     /* open risks that name no threat */
    i64 assets, untouched, valuable; /* in scope; without an open risk; of those worth 3 and more */
    struct rows *list;
};

/* --- finding out --- */

static struct err *load_threats(struct web *w, struct coverage *c)
{
    const struct content_table *t = content_table(w->app->content, "threats");
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select code, family, title from threat where org_id = $1 and state = 'used'"
                 " order by title, id limit 2000",
                 num(w->org)));
    c->threats = NEW_ARRAY(w->arena, struct touched, content_rows(t) + row_count(r) + 1);
    for (size_t i = 0; i < content_rows(t); i++)
        c->threats[c->count++] = (struct touched){.code = content_cell(t, i, "code"),
                                                  .family = content_cell(t, i, "family"),
                                                  .name = content_words(t, i, "name")};
    while (row_next(r))
        c->threats[c->count++] = (struct touched){
            .code = row_text(r, 0), .family = row_text(r, 1), .name = row_text(r, 2)};
    return NULL;
}

static struct touched *threat_of(struct coverage *c, const char *code)
{
    for (size_t i = 0; i < c->count; i++)
        if (text_equal(c->threats[i].code, code))
            return &c->threats[i];
    return NULL;
}

static struct err *load_risks(struct web *w, struct coverage *c)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select k.threat, count(*), sum(case when k.vulnerability is not null"
                 " and exists (select 1 from risk_assets l where l.org_id = k.org_id"
                 " and l.record = k.id) then 1 else 0 end) from risk k where k.org_id = $1"
                 " and k.state = 'open' group by k.threat",
                 num(w->org)));
    while (row_next(r)) {
        struct touched *t = row_null(r, 0) ? NULL : threat_of(c, row_text(r, 0));

        if (!t)
            c->unnamed += row_num(r, 1);
        else
            t->assets = row_num(r, 2), t->events = row_num(r, 1) - row_num(r, 2);
    }
    return NULL;
}

/* The key of a dismissed suggestion is "asset/type/threat/weakness". */
static struct err *load_dismissed(struct web *w, struct coverage *c)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select key from dismissal where org_id = $1 and subject = 'risk' limit 50000",
                 num(w->org)));
    while (row_next(r)) {
        struct touched *t;
        char **parts;

        if (text_split(w->arena, row_text(r, 0), '/', &parts) != 4)
            continue;
        t = threat_of(c, parts[2]);
        if (t)
            t->dismissed++;
    }
    return NULL;
}

static struct err *load_assets(struct web *w, struct coverage *c)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select count(*), sum(case when u = 1 then 1 else 0 end),"
                 " sum(case when u = 1 and value >= $2 then 1 else 0 end) from"
                 " (select a.value as value, case when exists (select 1 from risk_assets l"
                 " join risk k on k.org_id = l.org_id and k.id = l.record and k.state = 'open'"
                 " where l.org_id = a.org_id and l.target = a.id) then 0 else 1 end as u"
                 " from asset a where a.org_id = $1 and a.in_scope = 1"
                 " and a.state not in ('retired', 'disposed')) t",
                 num(w->org), num(VALUABLE)));
    if (row_next(r)) {
        c->assets = row_num(r, 0);
        c->untouched = row_num(r, 1);
        c->valuable = row_num(r, 2);
    }
    return db_query(
        w->db, &c->list,
        "select a.number, a.name, a.type, coalesce(a.value, 0) from asset a"
        " where a.org_id = $1 and a.in_scope = 1 and a.state not in ('retired', 'disposed')"
        " and not exists (select 1 from risk_assets l join risk k on"
        " k.org_id = l.org_id and k.id = l.record and k.state = 'open'"
        " where l.org_id = a.org_id and l.target = a.id)"
        " order by coalesce(a.value, 0) desc, a.number limit $2",
        num(w->org), num(ASSETS_SHOWN));
}

static struct err *load(struct web *w, struct coverage *c)
{
    memset(c, 0, sizeof(*c));
    TRY(load_threats(w, c));
    TRY(load_risks(w, c));
    TRY(load_dismissed(w, c));
    return load_assets(w, c);
}

static bool is_untouched(const struct touched *t)
{
    return !t->assets && !t->events && !t->dismissed;
}

/* --- by family --- */

struct family {
    i64 assets, events, dismissed;
    size_t threats, untouched;
};

static struct family family_of(const struct coverage *c, const char *code)
{
    struct family f = {0};

    for (size_t i = 0; i < c->count; i++) {
        const struct touched *t = &c->threats[i];

        if (!text_equal(t->family, code))
            continue;
        f.threats++;
        f.untouched += is_untouched(t);
        f.assets += t->assets;
        f.events += t->events;
        f.dismissed += t->dismissed;
    }
    return f;
}

static void draw_untouched(struct web *w, const struct coverage *c, const char *family)
{
    bool any = false;

    for (size_t i = 0; i < c->count; i++) {
        const struct touched *t = &c->threats[i];

        if (!text_equal(t->family, family) || !is_untouched(t))
            continue;
        if (!any)
            html(w->html, "<details><summary>{Untouched threats}</summary><ul "
                          "class='list-unstyled mb-0'>");
        any = true;
        html(w->html, "<li>%s</li>", t->name);
    }
    if (any)
        html(w->html, "</ul></details>");
}

static void draw_family(struct web *w, const struct coverage *c, const struct choice *choice)
{
    struct family f = family_of(c, choice->code);
    bool open = !f.assets && !f.events && !f.dismissed;

    html(w->html,
         "<tr%s><td class='list-main'><strong>%s</strong> <span class='list-sub'>{%zu of %zu "
         "threats untouched}</span>",
         open ? " class=warn" : "", tr(choice->label), f.untouched, f.threats);
    draw_untouched(w, c, choice->code);
    html(w->html,
         "</td><td data-label='{From assets}'>%lld</td><td data-label='{From events}'>%lld</td><td "
         "data-label='{Dismissed}'>%lld</td></tr>",
         f.assets, f.events, f.dismissed);
}

static void draw_families(struct web *w, const struct coverage *c)
{
    html(w->html, "<section class='card'><div class='card-header'><h2 class='card-title'>{Families "
                  "of threats}</h2></div><table class='table list'><thead><tr><th "
                  "scope='col'>{Family}</th><th scope='col'>{From assets}</th><th "
                  "scope='col'>{From events}</th><th scope='col'>{Dismissed}</th></tr></thead>"
                  "<tbody>");
    for (const struct choice *f = threat_families; f->code; f++)
        draw_family(w, c, f);
    html(w->html, "</tbody></table>");
    if (c->unnamed)
        html(w->html,
             "<div class='card-body'><p class='mute mb-0'>{%lld open risk names no threat; it "
             "counts for no family.|%lld open risks name no threat; they count for no "
             "family.}</p></div>",
             c->unnamed, c->unnamed);
    html(w->html, "</section>");
}

static void draw_assets(struct web *w, const struct coverage *c)
{
    const struct permission *right = feature_permission("asset.read");
    struct rows *r = c->list;

    html(w->html,
         "<section class='card'><div class='card-header'><h2 class='card-title'>{Assets without an "
         "open risk}</h2><span class='mute'>{%lld of %lld}</span></div>",
         c->untouched, c->assets);
    if (!row_count(r) || !right || !web_may(w, right)) {
        page_empty(w,
                   row_count(r) ? "You may not see the assets."
                                : "Every asset in scope has at least one open risk.",
                   NULL, NULL);
        html(w->html, "</section>");
        return;
    }
    html(w->html, "<table class='table list'><thead><tr><th scope='col'>{Asset}</th><th "
                  "scope='col'>{Value}</th><th scope='col'>{Next step}</th></tr></thead><tbody>");
    while (row_next(r))
        html(w->html,
             "<tr%s><td class='list-main'><a href='%s'>%s</a><div class='list-sub'>%s</div></td>"
             "<td data-label='{Value}'>%s</td><td data-label='{Next step}'><a "
             "href='%s'>{Suggestions}<span class='visually-hidden'> %s</span></a></td></tr>",
             row_num(r, 3) >= VALUABLE ? " class=warn" : "",
             web_url(w, "/assets/A-%lld", row_num(r, 0)), row_text(r, 1),
             catalogue_label(w, "asset_types", row_text(r, 2)),
             row_num(r, 3) ? arena_printf(w->arena, "%lld", row_num(r, 3)) : "—",
             web_url(w, "/risks/suggestions?asset=A-%lld", row_num(r, 0)), row_text(r, 1));
    html(w->html, "</tbody></table></section>");
}

struct err *coverage_page(struct web *w)
{
    struct coverage c;

    TRY(load(w, &c));
    page_begin(w, tr("Plan"), "Coverage");
    page_help(w,
              "Risks are found from assets and from events. What neither reached is shown here: "
              "families of threats without a risk, and assets that no open risk names.",
              "6.1.2 c");
    page_action(w, "default", web_url(w, "/risks/suggestions"), "Suggestions");
    page_body(w);
    if (c.valuable)
        page_notice(w, "warning",
                    tr_n("%lld asset worth 3 or more has no open risk. Look at it, or say why "
                         "nothing threatens it.",
                         "%lld assets worth 3 or more have no open risk. Look at them, or say why "
                         "nothing threatens them.",
                         c.valuable),
                    c.valuable);
    draw_families(w, &c);
    draw_assets(w, &c);
    page_end(w);
    return NULL;
}

struct err *coverage_api(struct web *w)
{
    json_t *o = json_object(), *families = json_array(), *threats = json_array();
    struct coverage c;

    json_own(w->arena, o);
    json_object_set_new(o, "families", families);
    json_object_set_new(o, "untouched_threats", threats);
    TRY(load(w, &c));
    for (const struct choice *f = threat_families; f->code; f++) {
        struct family sum = family_of(&c, f->code);
        json_t *one = json_object();

        json_object_set_new(one, "family", json_string(f->code));
        json_object_set_new(one, "from_assets", json_integer(sum.assets));
        json_object_set_new(one, "from_events", json_integer(sum.events));
        json_object_set_new(one, "dismissed", json_integer(sum.dismissed));
        json_array_append_new(families, one);
    }
    for (size_t i = 0; i < c.count; i++)
        if (is_untouched(&c.threats[i]))
            json_array_append_new(threats, json_string(c.threats[i].code));
    json_object_set_new(o, "assets", json_integer(c.assets));
    json_object_set_new(o, "untouched_assets", json_integer(c.untouched));
    web_answer_json(w, 200, json_incref(o));
    return NULL;
}
