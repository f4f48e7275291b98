/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of controls from elsewhere: their record, and the page that lays a set beside Annex A. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/import.h"
#include "core/page.h"
#include "feature/control/control_part.h"
#include "feature/organisation/organisation.h"

#define SHOWN 300 /* controls on the page of a set; the list has the others */

static const struct choice purposes[] = {
    {"library", "A library to pick from", "blue"},
    {"whole",   "Each control is decided", "green"},
    {0  }
};

static const struct field fields[] = {
    TEXT(controlset, title, "Name", .required = true, .listed = true, .sortable = true,
         .help = "As its publisher calls it.", .example = "CIS Controls"),
    TEXT(controlset, source, "Published by", .listed = true,
         .example = "Center for Internet Security"),
    TEXT(controlset, edition, "Version", .listed = true, .max = 60,
         .help = "As its publisher calls it.", .example = "8.1"),
    TEXT(controlset, language, "Language", .listed = true, .max = 35,
         .help = "Of the texts, as a code.", .example = "en"),
    TEXT(controlset, reference, "Reference", .max = 400,
         .help = "The address or name under which the publisher keeps it.",
         .example = "https://www.cisecurity.org/controls"),
    CHOICE(controlset, purpose, "Use", purposes, .initial = "library", .required = true,
           .listed = true, .filtered = true,
           .help = "Controls of a library stand in the statement only once a treatment or a "
                   "requirement uses them or somebody decided them. Of the other sets all do."),
    REF(controlset, owner, "Owner", person_entity, .listed = true, .filtered = true,
        .concerns = true, .help = "Who watches for new versions."),
    LONG(controlset, description, "Description",
         .help = "What it is for, and why you use it beside Annex A."),
    LONG(controlset, terms, "Terms of use",
         .help = "What its publisher allows: many sets may be used inside, but not passed on."),
};

static struct err *depends(struct web *w, i64 id, struct issues *out)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select count(*) from (select 1 as one from control where org_id = $1"
                 " and controlset = $2 limit 10001) t",
                 num(w->org), num(id)));
    if (row_next(r) && row_num(r, 0))
        issue(out, "", "%lld of its controls are here. Remove them first, or undo their import.",
              row_num(r, 0));
    return NULL;
}

const struct entity controlset_entity = ENTITY(
    controlset, fields, .plural = "control-sets", .label = "Control set", .labels = "Control sets",
    .few = true, .prefix = "CS", .title = "title", .order = "title", .read = &control_read,
    .write = &control_write, .depends = depends, .clause = "6.1.3 b",
    .help = "Controls may come from any source: a framework, a customer's list, the rules of "
            "a group. A set keeps those of one source together and says what they answer "
            "of Annex A.",
    .empty = "No set yet. Bring in a framework as a file, or write down your own.");

/* --- what own controls answer --- */

struct err *control_answering(struct web *w, const char *code, struct answering **out,
                              size_t *count)
{
    struct rows *r;

    *count = 0;
    TRY(db_query(w->db, &r,
                 "select c.number, c.code, c.title, " CONTROL_HOLDS ", c.maps_to from control c"
                 " where c.org_id = $1 and c.theme = 'own' and c.maps_to is not null"
                 " order by c.code, c.id limit 20000",
                 num(w->org)));
    *out = NEW_ARRAY(w->arena, struct answering, row_count(r) + 1);
    while (row_next(r)) {
        struct control_mappings m;

        if (!strstr(row_text(r, 4), code))
            continue;
        control_map_read(w, row_text(r, 4), &m, NULL);
        for (size_t i = 0; i < m.count; i++)
            if (text_equal(m.list[i].code, code))
                (*out)[(*count)++] = (struct answering){row_num(r, 0), row_text(r, 1),
                                                        row_text(r, 2), row_text(r, 3), m.list[i]};
    }
    return NULL;
}

/* --- the page of a set --- */

/* By row of Annex A: how many controls of the set answer it, and how. */
struct cover {
    i64 n, relation[4]; /* as in control_relations */
};

static size_t relation_index(const char *relation)
{
    size_t i = 0;

    while (i < 3 && !text_equal(control_relations[i].code, relation))
        i++;
    return i;
}

static void draw_mapping(struct web *w, const char *maps_to)
{
    struct control_mappings m;

    control_map_read(w, maps_to, &m, NULL);
    if (m.unmatched)
        html(w->html, "<span class='mute'>{none is like it}</span>");
    else if (!m.count)
        html(w->html, "<span class='late'>{not compared yet}</span>");
    for (size_t i = 0; i < m.count; i++)
        html(w->html, "<a class='chip long' href='%s' title='%s'>%s %s</a> ",
             web_url(w, "/controls/%s", m.list[i].code), m.list[i].why, m.list[i].code,
             *m.list[i].relation ? page_lower(w, control_relation_label(m.list[i].relation)) : "");
}

static void add_cover(struct web *w, struct cover *covers, const char *maps_to)
{
    struct control_mappings m;

    control_map_read(w, maps_to, &m, NULL);
    for (size_t i = 0; i < m.count; i++) {
        i64 row = control_row(w, m.list[i].code);

        covers[row].n++;
        covers[row].relation[relation_index(m.list[i].relation)]++;
    }
}

static const char *applicable_word(const char *applicable)
{
    return text_equal(applicable, "yes")  ? tr("applicable")
           : text_equal(applicable, "no") ? tr("left out")
                                          : tr("open");
}

static struct err *draw_controls(struct web *w, const struct controlset *s, struct cover *covers)
{
    const char *chapter = "";
    struct rows *r;
    i64 n = 0;

    TRY(db_query(w->db, &r,
                 "select number, code, title, chapter, maps_to, applicable from control"
                 " where org_id = $1 and controlset = $2 order by position, id limit 5000",
                 num(w->org), num(s->id)));
    html(w->html,
         "<section class='card' id='controls'><div class='card-header'><h2 "
         "class='card-title'>{Controls}</h2><a class='mute' href='%s'>{Open as a "
         "list}</a></div>",
         web_url(w, "/controls?controlset=CS-%lld", s->number));
    if (!row_count(r))
        html(w->html, "<div class='card-body'><p class='mute mb-0'>{No controls yet. Bring them in "
                      "as a file, or add them one by one.}</p></div>");
    else
        html(w->html, "<table class='table list'><thead><tr><th scope='col'>{Control}</th><th "
                      "scope='col'>{Answers to Annex A}</th><th "
                      "scope='col'>{Applicable}</th></tr></thead><tbody>");
    while (row_next(r)) {
        add_cover(w, covers, row_str(r, 4));
        if (++n > SHOWN)
            continue;
        if (!text_equal(row_text(r, 3), chapter))
            html(w->html, "<tr class='group-head'><th colspan='3' scope='colgroup'>%s</th></tr>",
                 chapter = row_text(r, 3));
        html(w->html,
             "<tr><td class='list-main'><a href='%s'><strong>%s</strong> %s</a></td><td "
             "data-label='{Answers to Annex A}'><div>",
             web_url(w, "/controls/C-%lld", row_num(r, 0)), row_text(r, 1), tr(row_text(r, 2)));
        draw_mapping(w, row_str(r, 4));
        html(w->html, "</div></td><td data-label='{Applicable}'><div>%s</div></td></tr>",
             applicable_word(row_text(r, 5)));
    }
    if (row_count(r))
        html(w->html, "</tbody></table>");
    if (n > SHOWN)
        html(w->html,
             "<div class='card-body'><p class='mute mb-0'>{The first %d of %lld are "
             "shown; the list has all.}</p></div>",
             SHOWN, n);
    html(w->html, "</section>");
    return NULL;
}

static void draw_cover(struct web *w, const struct cover *covers)
{
    const struct content_table *t = control_table(w);
    size_t answered = 0;

    for (size_t i = 0; i < content_rows(t); i++)
        answered += covers[i].n > 0;
    card_begin(w, "Beside Annex A", NULL);
    html(w->html,
         "<p>{It answers %zu of the %zu controls of Annex A.}</p><progress class='bar mb-3' "
         "max='%zu' value='%zu'>%zu</progress><details><summary>{Which ones}</summary><ul "
         "class='list-unstyled mb-2'>",
         answered, content_rows(t), content_rows(t), answered, answered);
    for (size_t i = 0; i < content_rows(t); i++)
        if (covers[i].n)
            html(w->html, "<li><a href='%s'>%s %s</a> <span class='mute'>%lld</span></li>",
                 web_url(w, "/controls/%s", content_cell(t, i, "code")), content_cell(t, i, "code"),
                 content_words(t, i, "title"), covers[i].n);
    html(w->html, "</ul></details><details><summary>{Which not}</summary><ul class='list-unstyled "
                  "mb-0'>");
    for (size_t i = 0; i < content_rows(t); i++)
        if (!covers[i].n)
            html(w->html, "<li><a href='%s'>%s %s</a></li>",
                 web_url(w, "/controls/%s", content_cell(t, i, "code")), content_cell(t, i, "code"),
                 content_words(t, i, "title"));
    html(w->html, "</ul></details>");
    card_end(w);
}

static struct err *draw_actions(struct web *w, const struct controlset *s)
{
    if (!web_may(w, &control_write) || w->asof)
        return NULL;
    page_action(w, "default", web_url(w, "/controls/new?controlset=CS-%lld", s->number),
                "New control");
    page_action(w, "default", web_url(w, "/control-sets/CS-%lld/remove", s->number), "Remove");
    page_action(w, "primary", web_url(w, "/control-sets/CS-%lld/edit", s->number), "Edit");
    return NULL;
}

struct err *controlset_show(struct web *w)
{
    struct cover *covers = NEW_ARRAY(w->arena, struct cover, content_rows(control_table(w)) + 1);
    struct controlset s;
    bool drawn;
    i64 id;

    TRY(web_record(w, &controlset_entity, &id));
    TRY(entity_load(w, &controlset_entity, id, &s));
    page_begin(w, arena_printf(w->arena, "%s · CS-%lld", tr("Control set"), s.number), "%s",
               s.title);
    page_help(w, controlset_entity.help, controlset_entity.clause);
    TRY(draw_actions(w, &s));
    page_body(w);
    TRY(entity_tab(w, &controlset_entity, &s, &drawn));
    if (drawn) {
        page_end(w);
        return NULL;
    }
    html(w->html, "<div class='split wide-aside'><div class='stack'>");
    TRY(draw_controls(w, &s, covers));
    html(w->html, "</div><div class='stack'>");
    card_begin(w, NULL, NULL);
    TRY(entity_details(w, &controlset_entity, &s));
    card_end(w);
    draw_cover(w, covers);
    card_begin(w, "History", arena_printf(w->arena, tr("version %lld"), s.version));
    TRY(entity_history(w, &controlset_entity, s.id));
    card_end(w);
    html(w->html, "</div></div>");
    page_end(w);
    return NULL;
}

struct err *controlset_list(struct web *w)
{
    return entity_list_page(w, &controlset_entity);
}
struct err *controlset_new(struct web *w)
{
    return entity_new_page(w, &controlset_entity);
}
struct err *controlset_edit(struct web *w)
{
    return entity_edit_page(w, &controlset_entity);
}
struct err *controlset_save(struct web *w)
{
    return entity_save_page(w, &controlset_entity);
}
struct err *controlset_drop(struct web *w)
{
    return entity_remove_page(w, &controlset_entity);
}
struct err *controlset_restore(struct web *w)
{
    return entity_restore_page(w, &controlset_entity);
}
