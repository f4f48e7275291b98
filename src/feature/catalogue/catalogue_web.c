/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue as a whole: supplied and own threats and weaknesses, by heading, with how many
 * risks name each. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/catalogue.h"
#include "core/page.h"
#include "feature/catalogue/catalogue_part.h"

struct entry {
    const char *code, *group, *name, *plain;
    i64 number; /* of an own one, else 0 */
    bool retired;
};

struct listing {
    struct entry *list;
    size_t count;
    struct rows *used; /* code, count */
    bool threats;
};

static struct err *load_own(struct web *w, struct listing *l)
{
    struct rows *r;

    if (l->threats)
        TRY(db_query(w->db, &r,
                     "select number, code, family, title, plain, state from threat"
                     " where org_id = $1 order by title, id limit 2000",
                     num(w->org)));
    else
        TRY(db_query(w->db, &r,
                     "select number, code, area, title, plain, state from weakness"
                     " where org_id = $1 order by title, id limit 2000",
                     num(w->org)));
    while (row_next(r))
        l->list[l->count++] =
            (struct entry){row_text(r, 1), row_text(r, 2), row_text(r, 3),
                           row_text(r, 4), row_num(r, 0),  text_equal(row_text(r, 5), "retired")};
    return NULL;
}

static struct err *load(struct web *w, struct listing *l)
{
    const char *name = l->threats ? "threats" : "vulnerabilities";
    const struct content_table *t = content_table(w->app->content, name);

    l->list = NEW_ARRAY(w->arena, struct entry, content_rows(t) + 2001);
    TRY(load_own(w, l));
    for (size_t i = 0; i < content_rows(t); i++)
        l->list[l->count++] = (struct entry){content_cell(t, i, "code"),
                                             content_cell(t, i, l->threats ? "family" : "group"),
                                             content_words(t, i, "name"),
                                             content_words(t, i, "plain"),
                                             0,
                                             false};
    if (l->threats)
        return db_query(w->db, &l->used,
                        "select threat, count(*) from risk where org_id = $1 and state = 'open'"
                        " and threat is not null group by threat",
                        num(w->org));
    return db_query(w->db, &l->used,
                    "select vulnerability, count(*) from risk where org_id = $1 and state = 'open'"
                    " and vulnerability is not null group by vulnerability",
                    num(w->org));
}

static i64 risks_of(const struct listing *l, const char *code)
{
    struct rows *r = l->used;

    row_rewind(r);
    while (row_next(r))
        if (text_equal(row_text(r, 0), code))
            return row_num(r, 1);
    return 0;
}

static void draw_entry(struct web *w, const struct listing *l, const struct entry *e)
{
    i64 n = risks_of(l, e->code);

    html(w->html, "<tr><td class='list-main'>");
    if (e->number)
        html(w->html, "<a href='%s'><strong>%s</strong></a> ",
             web_url(w, l->threats ? "/threats/TH-%lld" : "/weaknesses/WK-%lld", e->number),
             e->name);
    else
        html(w->html, "<strong>%s</strong> ", e->name);
    if (e->number)
        badge(w, e->retired ? "grey" : "teal", e->retired ? tr("own, retired") : tr("own"));
    html(w->html, "<div class='list-sub'>%s</div></td><td data-label='{Risks}'><div>", e->plain);
    if (n)
        html(w->html, "<a href='%s'>%lld</a>",
             web_url(w, "/risks?%s=%s", l->threats ? "threat" : "vulnerability",
                     text_url(w->arena, e->code)),
             n);
    else
        html(w->html, "<span class='mute'>—</span>");
    html(w->html, "</div></td></tr>");
}

static bool matches(struct web *w, const struct entry *e, const char *folded)
{
    return !*folded || strstr(text_fold(w->arena, e->name), folded) ||
           strstr(text_fold(w->arena, e->plain), folded);
}

static const char *group_label(const struct listing *l, const char *group)
{
    const struct field *f = l->threats ? entity_field(&threat_entity, "family")
                                       : entity_field(&weakness_entity, "area");
    const struct choice *c = choice_find(f->choices, group);

    return c ? tr(c->label) : group;
}

static size_t draw_group(struct web *w, const struct listing *l, const char *group,
                         const char *folded)
{
    size_t n = 0;

    for (size_t i = 0; i < l->count; i++) {
        const struct entry *e = &l->list[i];

        if (!text_equal(e->group, group) || !matches(w, e, folded))
            continue;
        if (!n++)
            html(w->html, "<tr class='group-head'><th scope='rowgroup' colspan='2'>%s</th></tr>",
                 group_label(l, group));
        draw_entry(w, l, e);
    }
    return n;
}

static void draw_bar(struct web *w, bool threats, const char *q)
{
    const char *const pairs[] = {web_url(w, "/catalogue"), N_("Threats"),
                                 web_url(w, "/catalogue?show=weaknesses"), N_("Weaknesses"), NULL};

    tabs(w, threats ? 0 : 1, pairs);
    html(w->html,
         "<div class='filter-bar'><form method='get' action='/o/%s/catalogue'><input "
         "type='hidden' name='show' value='%s'><input class='form-control form-control-sm' "
         "type='search' name='q' value='%s' placeholder='{Filter…}' aria-label='{Filter}'></form>"
         "<a class='filter' href='%s'>{Own threats}</a><a class='filter' href='%s'>{Own "
         "weaknesses}</a><a class='filter' href='%s'>{Own chains}</a></div>",
         w->slug, threats ? "threats" : "weaknesses", q, web_url(w, "/threats"),
         web_url(w, "/weaknesses"), web_url(w, "/chains"));
}

struct err *catalogue_page(struct web *w)
{
    struct listing l = {.threats = !text_equal(web_query(w, "show"), "weaknesses")};
    const char *q = web_query(w, "q"), *folded = text_fold(w->arena, q ? q : "");
    const struct field *f =
        l.threats ? entity_field(&threat_entity, "family") : entity_field(&weakness_entity, "area");
    size_t drawn = 0;

    TRY(load(w, &l));
    page_begin(w, tr("Plan"), "Threats and weaknesses");
    page_help(w,
              "What can go wrong and what lets it happen: the supplied entries and your own. "
              "Together they are offered at each risk and feed the suggestions.",
              "6.1.2 c");
    if (!w->asof && web_may(w, &catalogue_write)) {
        page_action(w, "default", web_url(w, "/chains/new"), "New chain");
        page_action(w, "primary", web_url(w, l.threats ? "/threats/new" : "/weaknesses/new"),
                    l.threats ? "New threat" : "New weakness");
    }
    page_body(w);
    html(w->html, "<section class='card'>");
    draw_bar(w, l.threats, q ? q : "");
    html(w->html,
         "<table class='table list'><thead><tr><th scope='col'>%s</th><th "
         "scope='col'>{Risks}</th></tr></thead><tbody>",
         l.threats ? tr("Threat") : tr("Weakness"));
    for (const struct choice *c = f->choices; c->code; c++)
        drawn += draw_group(w, &l, c->code, folded);
    html(w->html, "</tbody></table>");
    if (!drawn)
        page_empty(w, "Nothing fits this filter.", web_url(w, "/catalogue"), "Show all");
    html(w->html, "</section>");
    page_end(w);
    return NULL;
}
