/* SPDX-License-Identifier: Apache-2.0 */
/* The page of a control: what it asks, what the organisation does, what uses it; and its form. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/page.h"
#include "feature/control/control_part.h"

static struct err *load_shown(struct web *w, struct control *c)
{
    i64 id;

    TRY(web_record(w, &control_entity, &id));
    return entity_load(w, &control_entity, id, c);
}

/* --- what the standard asks --- */

/* "A;B_c" as "A, B c". */
static const char *words(struct web *w, const char *cell)
{
    struct buf b;
    char **parts;
    size_t n;

    buf_init(&b, w->arena, 80);
    n = text_split(w->arena, cell, ';', &parts);
    for (size_t i = 0; i < n; i++) {
        char *word = text_trim(w->arena, parts[i]);

        for (char *p = word; *p; p++)
            if (*p == '_')
                *p = ' ';
        buf_printf(&b, "%s%s", i ? ", " : "", tr(word));
    }
    return b.data;
}

static void draw_fact(struct web *w, const char *label, const char *text)
{
    if (*text)
        html(w->html, "<dt>%s</dt><dd>%s</dd>", label, text);
}

static void draw_asked(struct web *w, size_t row)
{
    static const char *const facts[][2] = {
        {N_("Kind"),                   "types"       },
        {N_("Protects"),               "properties"  },
        {N_("Concept"),                "concepts"    },
        {N_("Ability"),                "capabilities"},
        {N_("Domain"),                 "domains"     },
        {N_("In the edition of 2013"), "from2013"    },
        {N_("Usual owner"),            "owner"       },
        {N_("Documents"),              "documents"   },
        {N_("An auditor samples"),     "evidence"    }
    };
    const struct content_table *t = content_table(w->app->content, "controls");
    const char *cadence = content_cell(t, row, "cadence");

    card_begin(w, "What it asks", NULL);
    html(w->html, "<p>%s</p><p class='mute'><strong>{Why:}</strong> %s</p><dl class='facts'>",
         content_words(t, row, "plain"), content_words(t, row, "why"));
    for (size_t i = 0; i < COUNT_OF(facts); i++)
        draw_fact(w, tr(facts[i][0]), words(w, content_words(t, row, facts[i][1])));
    if (text_equal(cadence, "0"))
        draw_fact(w, tr("Proof"), tr("at each event"));
    else if (*cadence)
        draw_fact(w, tr("Proof"), arena_printf(w->arena, tr("every %s months"), cadence));
    html(w->html, "</dl>");
    card_end(w);
}

/* --- what uses it --- */

static void draw_use(struct web *w, const char *plural, const char *prefix, struct rows *r)
{
    html(w->html,
         "<li><a class='record-number' href='%s'>%s-%lld</a> %s <span class='mute'>%s"
         "</span></li>",
         web_url(w, "/%s/%s-%lld", plural, prefix, row_num(r, 0)), prefix, row_num(r, 0),
         row_text(r, 1), row_text(r, 2));
}

static struct err *draw_uses(struct web *w, const struct control *c)
{
    struct rows *t, *q, *k;

    TRY(db_query(w->db, &t,
                 "select t.number, t.title, t.state from treatment_controls l join treatment t on"
                 " t.org_id = l.org_id and t.id = l.record where l.org_id = $1 and l.target = $2"
                 " order by t.number limit 50",
                 num(w->org), num(c->id)));
    TRY(db_query(w->db, &k,
                 "select distinct r.number, r.title, r.state from treatment_controls l"
                 " join treatment t on t.org_id = l.org_id and t.id = l.record"
                 " join risk r on r.org_id = t.org_id and r.id = t.risk"
                 " where l.org_id = $1 and l.target = $2 and t.state <> 'cancelled'"
                 " order by r.number limit 50",
                 num(w->org), num(c->id)));
    TRY(db_query(w->db, &q,
                 "select q.number, q.title, q.kind from requirement_controls l join requirement q"
                 " on q.org_id = l.org_id and q.id = l.record where l.org_id = $1 and l.target = $2"
                 " order by q.number limit 50",
                 num(w->org), num(c->id)));
    card_begin(w, "Used by", NULL);
    if (!row_count(t) && !row_count(q) && !row_count(k)) {
        html(w->html,
             "<p class='mute'>{No treatment and no requirement uses this control yet.}</p>");
        card_end(w);
        return NULL;
    }
    html(w->html, "<ul class='list-unstyled mb-0'>");
    while (row_next(k))
        draw_use(w, "risks", "R", k);
    while (row_next(t))
        draw_use(w, "treatments", "T", t);
    while (row_next(q))
        draw_use(w, "requirements", "RQ", q);
    html(w->html, "</ul>");
    card_end(w);
    return NULL;
}

/* Of an own control: what it answers; of one of Annex A: what answers it. */
static struct err *draw_mapping(struct web *w, const struct control *c, bool annex)
{
    const bool may = web_may(w, &control_write) && !w->asof;
    struct control_mappings m = {0};
    struct answering *own;
    size_t n = 0;

    if (annex)
        TRY(control_answering(w, c->code, &own, &n));
    else
        control_map_read(w, c->maps_to, &m, NULL);
    if (annex && !n)
        return NULL;
    card_begin(w, annex ? "Answered by own controls" : "Answers to Annex A", NULL);
    html(w->html, "<ul class='list-unstyled mb-0'>");
    for (size_t i = 0; i < n && i < 100; i++)
        html(w->html,
             "<li class='mb-1'><a href='%s'>%s %s</a> <span class='mute'>%s%s%s</span></li>",
             web_url(w, "/controls/C-%lld", own[i].number), own[i].code, own[i].title,
             control_relation_label(own[i].how.relation), *own[i].how.why ? ": " : "",
             own[i].how.why);
    for (size_t i = 0; i < m.count; i++)
        html(w->html,
             "<li class='mb-1'><a href='%s'>%s %s</a> <span class='mute'>%s%s%s</span></li>",
             web_url(w, "/controls/%s", m.list[i].code), m.list[i].code,
             content_label(w->app->content, "controls", m.list[i].code),
             control_relation_label(m.list[i].relation), *m.list[i].why ? ": " : "", m.list[i].why);
    html(w->html, "</ul>");
    if (!annex && m.unmatched)
        html(w->html, "<p class='mute mb-0'>{Compared: no control of Annex A is like it.}</p>");
    else if (!annex && !m.count)
        html(w->html, "<p class='late mb-0'>{Not compared with Annex A yet.}</p>");
    if (!annex && may)
        html(w->html,
             "<p class='mt-2 mb-0'><a class='btn btn-sm' href='%s'>{Compare with Annex "
             "A}</a></p>",
             web_url(w, "/controls/C-%lld/mapping", c->number));
    card_end(w);
    return NULL;
}

static void draw_proposal(struct web *w, const struct control *c)
{
    const char *because = c->proposed_because;

    if (!text_equal(c->applicable, "open") || text_empty(because))
        return;
    html(w->html, "<div class='notice info' role='status'><div>");
    if (c->proposed)
        html(w->html, "<strong>%s</strong> ",
             text_equal(c->proposed, "no") ? tr("Proposed: leave it out.")
                                           : tr("Proposed: applicable."));
    html(w->html, "%s</div>", because);
    if (web_may(w, &control_write) && !w->asof)
        html(w->html, "<a class='btn btn-sm' href='%s'>{Decide}</a>",
             web_url(w, "/soa/decide?control=%s", text_url(w->arena, c->code)));
    html(w->html, "</div>");
}

/* The entity without some of its fields; names end with NULL. */
static void without(struct web *w, const char *const *names, struct entity *e)
{
    struct field *f = NEW_ARRAY(w->arena, struct field, e->nfields);
    size_t n = 0;

    for (size_t i = 0; i < e->nfields; i++) {
        bool keep = true;

        for (size_t k = 0; names[k]; k++)
            keep &= !text_equal(e->fields[i].name, names[k]);
        if (keep)
            f[n++] = e->fields[i];
    }
    e->fields = f;
    e->nfields = n;
}

/* What only own controls have. */
static const char *const own_names[] = {"title", "framework", "controlset", "chapter",
                                        "asks",  "maps_to",   NULL};

/* What the page says elsewhere. */
static struct err *draw_details(struct web *w, const struct control *c, bool annex)
{
    static const char *const names[] = {
        "name",   "code",        "title", "position", "maps_to", "proposed", "proposed_because",
        "in_use", "decided_for", NULL};
    struct entity e = control_entity;

    without(w, names, &e);
    if (annex)
        without(w, own_names, &e);
    card_begin(w, "In your organisation", NULL);
    TRY(entity_details(w, &e, c));
    card_end(w);
    return NULL;
}

struct err *control_show(struct web *w)
{
    struct control c;
    i64 row;
    bool drawn;

    TRY(load_shown(w, &c));
    row = control_row(w, c.code);
    page_begin(w, arena_printf(w->arena, "%s · C-%lld", tr("Control"), c.number), "%s",
               words_supplied(w->arena, c.name));
    page_help(w, control_entity.help, control_entity.clause);
    page_action(w, "default", web_url(w, "/soa?theme=%s", c.theme), "Statement");
    if (web_may(w, &control_write) && !w->asof) {
        if (row < 0)
            page_action(w, "default", web_url(w, "/controls/C-%lld/remove", c.number), "Remove");
        page_action(w, "primary", web_url(w, "/controls/C-%lld/edit", c.number), "Edit");
    }
    page_body(w);
    TRY(entity_tab(w, &control_entity, &c, &drawn));
    if (drawn) {
        page_end(w);
        return NULL;
    }
    draw_proposal(w, &c);
    html(w->html, "<div class='split wide-aside'><div class='stack'>");
    TRY(draw_details(w, &c, row >= 0));
    html(w->html, "</div><div class='stack'>");
    if (row >= 0)
        draw_asked(w, (size_t)row);
    TRY(draw_mapping(w, &c, row >= 0));
    TRY(draw_uses(w, &c));
    card_begin(w, "History", arena_printf(w->arena, tr("version %lld"), c.version));
    TRY(entity_history(w, &control_entity, c.id));
    card_end(w);
    html(w->html, "</div></div>");
    page_end(w);
    return NULL;
}

/* --- form --- */

struct err *control_edit(struct web *w)
{
    struct issues none = {.arena = w->arena};
    struct entity e = control_entity;
    struct control c;
    i64 row;

    TRY(load_shown(w, &c));
    row = control_row(w, c.code);
    if (row >= 0)
        without(w, own_names, &e);
    page_begin(w, arena_printf(w->arena, "%s · C-%lld", tr("Control"), c.number), "Edit %s",
               words_supplied(w->arena, c.name));
    page_body(w);
    html(w->html, "<div class='split wide-aside'>");
    card_begin(w, NULL, NULL);
    form_begin(w, web_url(w, "/controls/C-%lld", c.number), c.version);
    TRY(form_fields(w, &e, &c, &none));
    entity_reason_field(w, &e, false, NULL);
    form_end(w, "Save", web_url(w, "/controls/C-%lld", c.number));
    card_end(w);
    html(w->html, "<div class='stack'>");
    if (row >= 0)
        draw_asked(w, (size_t)row);
    if (*control_hint(w, c.code)) {
        card_begin(w, "If you leave it out", NULL);
        html(w->html,
             "<p class='mute'>{A draft. Replace what stands in brackets; look into what follows "
             "“Check:” and take it out.}</p><p>%s</p>",
             control_hint(w, c.code));
        card_end(w);
    }
    html(w->html, "</div></div>");
    page_end(w);
    return NULL;
}
