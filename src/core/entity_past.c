/* SPDX-License-Identifier: Apache-2.0 */
/* What a record was: its latest changes beside the details, and the tab with all versions, any two
 * of which can be compared field by field. */
#include <string.h>

#include "base/clock.h"
#include "base/diff.h"
#include "base/text.h"
#include "base/words.h"
#include "core/entity_page.h"
#include "core/entity_sql.h"
#include "core/language.h"
#include "core/list_sql.h"

#define LATEST 3     /* beside the details */
#define ON_A_PAGE 20 /* in the tab */

/* --- one version --- */

static void draw_change(struct web *w, const struct change *c)
{
    struct html *h = w->html;

    html(h, "<div><span class='mute'>%s:</span> ", tr(c->field->label));
    if (!text_empty(c->before))
        html(h, "<del class='was'>%.200s</del> ", c->before);
    if (!text_empty(c->after))
        html(h, "<ins class='now'>%.200s</ins>", c->after);
    html(h, "</div>");
}

static void draw_who(struct web *w, const struct version *v)
{
    struct html *h = w->html;
    const char *who = arena_printf(w->arena, "%s", v->who);

    html(h, "<div>");
    if (text_equal(v->action, "create"))
        html(h, "{%s created it}", who);
    else if (text_equal(v->action, "remove"))
        html(h, "{%s removed it}", who);
    else if (text_equal(v->action, "restore"))
        html(h, "{%s restored it}", who);
    else
        html(h, "{%s changed it}", who);
    html(h, "</div>");
    if (!text_empty(v->reason))
        html(h, "<div>{Reason: %s}</div>", words_supplied(w->arena, v->reason));
}

static void draw_version(struct web *w, const struct version *v)
{
    struct html *h = w->html;
    i64 n = (i64)v->nchanges;

    html(h, "<div class='timeline-when'>{Version %lld} · %s</div>", v->version, web_time(w, v->at));
    draw_who(w, v);
    if (!n)
        return;
    html(h, "<details><summary>");
    if (text_equal(v->action, "create"))
        html(h, "{%lld value set|%lld values set}", n, n);
    else
        html(h, "{%lld value changed|%lld values changed}", n, n);
    html(h, "</summary>");
    for (size_t i = 0; i < v->nchanges; i++)
        draw_change(w, &v->changes[i]);
    html(h, "</details>");
}

/* The address of the tab, with the parameters it has in `more`. */
static const char *tab_url(struct web *w, const char *more)
{
    return arena_printf(w->arena, "%s?tab=history%s%s%s", w->req ? w->req->path : "", more,
                        w->asof_date ? "&asof=" : "", w->asof_date ? w->asof_date : "");
}

struct err *entity_history(struct web *w, const struct entity *e, i64 id)
{
    struct version *list;
    size_t count;

    TRY(entity_versions_below(w, e, id, 0, LATEST, &list, &count));
    html(w->html, "<ol class='timeline'>");
    for (size_t i = 0; i < count; i++) {
        html(w->html, "<li>");
        draw_version(w, &list[i]);
        html(w->html, "</li>");
    }
    html(w->html, "</ol>");
    if (count && list[0].version > 1 && !e->no_pages)
        html(w->html, "<p class='mb-0'><a href='%s'>{Compare versions}</a></p>", tab_url(w, ""));
    return NULL;
}

/* --- two versions side by side --- */

struct two {
    i64 from, to;
    const void *before, *after;
};

static void draw_marked(struct web *w, const char *text, enum diff_kind kind)
{
    if (kind == DIFF_GONE)
        html(w->html, "<del class='was'>");
    else
        html(w->html, "<ins class='now'>");
    html_lines(w->html, text);
    if (kind == DIFF_GONE)
        html(w->html, "</del>");
    else
        html(w->html, "</ins>");
}

static void draw_pieces(struct web *w, const char *before, const char *after, enum diff_kind side)
{
    size_t n;
    struct diff_piece *list = diff_words(w->arena, before, after, &n);
    struct html *h = w->html;

    for (size_t i = 0; i < n; i++) {
        const char *text = arena_strn(w->arena, list[i].text, list[i].size);

        if (list[i].kind == DIFF_SAME) {
            html_lines(h, text);
        } else if (list[i].kind == side) {
            draw_marked(w, text, side);
        }
    }
    if (side == DIFF_GONE ? !*before : !*after)
        html(h, "<span class='mute'>{empty}</span>");
}

static struct err *draw_field(struct web *w, const struct field *f, const struct two *t)
{
    const char *before = "", *after = "";
    struct html *h = w->html;

    if (f->secret) {
        before = after = "";
    } else {
        TRY(field_told(w, f, t->before, &before));
        TRY(field_told(w, f, t->after, &after));
    }
    html(h, "<tr><th scope='row'>%s</th><td data-label='%s'>", tr(f->label),
         arena_printf(w->arena, tr("Version %lld"), t->from));
    if (f->secret)
        html(h, "{not shown}");
    else
        draw_pieces(w, before, after, DIFF_GONE);
    html(h, "</td><td data-label='%s'>", arena_printf(w->arena, tr("Version %lld"), t->to));
    if (f->secret)
        html(h, "{not shown}");
    else
        draw_pieces(w, before, after, DIFF_NEW);
    html(h, "</td></tr>");
    return NULL;
}

/* Who made a version, when and why, in the head of its column. */
static struct err *draw_head(struct web *w, const struct entity *e, i64 id, i64 version)
{
    struct version *list;
    size_t count;

    html(w->html, "<th scope='col'>{Version %lld}", version);
    TRY(entity_versions_below(w, e, id, version + 1, 1, &list, &count));
    for (size_t i = 0; i < count; i++) {
        if (list[i].version != version || text_equal(list[i].action, "remove"))
            continue;
        html(w->html, "<div class='mute fw-normal'>%s</div><div class='fw-normal'>",
             web_time(w, list[i].at));
        draw_who(w, &list[i]);
        html(w->html, "</div>");
    }
    html(w->html, "</th>");
    return NULL;
}

static struct err *load_version(struct web *w, const struct entity *e, i64 id, i64 version,
                                const void **out)
{
    void *record = arena_alloc(w->arena, e->size);

    *out = record;
    return list_old_version(w, e, id, version, record);
}

static struct err *draw_table(struct web *w, const struct entity *e, i64 id, const struct two *t)
{
    struct html *h = w->html;
    size_t n = 0;

    html(h, "<div class='table-responsive'><table class='table compare'>"
            "<caption class='visually-hidden'>{What differs between two versions}</caption>"
            "<thead><tr><th scope='col'>{Field}</th>");
    TRY(draw_head(w, e, id, t->from));
    TRY(draw_head(w, e, id, t->to));
    html(h, "</tr></thead><tbody>");
    for (size_t i = 0; i < e->nfields; i++) {
        const struct field *f = &e->fields[i];

        if (f->derived || field_equal(f, t->before, t->after))
            continue;
        TRY(draw_field(w, f, t));
        n++;
    }
    html(h, "</tbody></table></div>");
    if (!n)
        html(h, "<p class='mute' role='status'>{These two versions say the same.}</p>");
    return NULL;
}

static struct err *draw_comparison(struct web *w, const struct entity *e, i64 id)
{
    const char *from = web_query(w, "from"), *to = web_query(w, "to");
    struct two t = {0};
    bool hidden;

    if (!from || !to)
        return NULL;
    if (!text_i64(from, &t.from) || !text_i64(to, &t.to))
        return err_new(ERR_BAD, "Choose two versions by their numbers.");
    if (t.from > t.to)
        t = (struct two){.from = t.to, .to = t.from};
    TRY(load_version(w, e, id, t.from, &t.before));
    TRY(load_version(w, e, id, t.to, &t.after));
    TRY(entity_veil(w, e, &t.before, &hidden));
    TRY(entity_veil(w, e, &t.after, &hidden));
    card_begin(w, arena_printf(w->arena, tr("Version %lld and version %lld"), t.from, t.to), NULL);
    TRY(draw_table(w, e, id, &t));
    card_end(w);
    return NULL;
}

/* --- the tab --- */

static void draw_choice(struct web *w, const char *name, i64 version, bool chosen)
{
    html(w->html,
         "<label class='form-check form-check-inline'><input class='form-check-input' "
         "type='radio' name='%s' value='%lld'",
         name, version);
    if (chosen)
        html(w->html, " checked");
    html(w->html, "><span class='form-check-label'>%s</span></label>",
         text_equal(name, "from") ? tr("from") : tr("to"));
}

static i64 number_asked(struct web *w, const char *name)
{
    const char *text = web_query(w, name);
    i64 n;

    return text && text_i64(text, &n) && n > 0 ? n : 0;
}

static void draw_list(struct web *w, const struct version *list, size_t count)
{
    i64 from = number_asked(w, "from"), to = number_asked(w, "to");
    size_t versions = 0;

    for (size_t i = 0; i < count; i++) {
        bool row = !text_equal(list[i].action, "remove");
        i64 n = list[i].version;

        versions += row;
        html(w->html, "<li>");
        if (row) {
            html(w->html,
                 "<fieldset class='float-end'><legend class='visually-hidden'>{Compare "
                 "version %lld}</legend>",
                 n);
            draw_choice(w, "from", n, from ? n == from : versions == 2);
            draw_choice(w, "to", n, to ? n == to : versions == 1);
            html(w->html, "</fieldset>");
        }
        draw_version(w, &list[i]);
        html(w->html, "</li>");
    }
}

struct err *entity_history_tab(struct web *w, const struct entity *e, const void *record)
{
    const struct record *r = record;
    i64 below = number_asked(w, "below"), oldest = 0;
    struct version *list = NULL;
    struct html *h = w->html;
    size_t count;

    TRY(draw_comparison(w, e, r->id));
    TRY(entity_versions_below(w, e, r->id, below, ON_A_PAGE, &list, &count));
    card_begin(w, "Versions", NULL);
    html(h, "<form method='get' action='%s'><input type='hidden' name='tab' value='history'>",
         w->req ? w->req->path : "");
    if (w->asof_date)
        html(h, "<input type='hidden' name='asof' value='%s'>", w->asof_date);
    if (below)
        html(h, "<input type='hidden' name='below' value='%lld'>", below);
    html(h, "<ol class='timeline'>");
    draw_list(w, list, count);
    html(h, "</ol>");
    if (r->version > 1)
        html(h, "<button class='btn btn-primary' type='submit'>{Compare}</button>");
    html(h, "</form>");
    for (size_t i = 0; i < count; i++)
        oldest = list[i].version;
    html(h, "<p class='mt-3 mb-0 d-flex gap-2'>");
    if (below)
        html(h, "<a class='btn' href='%s'>{Newest versions}</a>", tab_url(w, ""));
    if (oldest > 1)
        html(h, "<a class='btn' rel='next' href='%s'>{Older versions}</a>",
             tab_url(w, arena_printf(w->arena, "&below=%lld", oldest)));
    html(h, "</p>");
    card_end(w);
    return NULL;
}
