/* SPDX-License-Identifier: Apache-2.0 */
/* The comparison of two rounds as a page and over the API; the frozen register as a list. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/page.h"
#include "feature/assessment/assessment_part.h"
#include "feature/method/method.h"
#include "feature/organisation/organisation.h"
#include "feature/risk/risk.h"

#define PAGE 50
#define SHORT 280 /* bytes of a text that a cell shows */

/* --- addresses --- */

static const char *address(struct web *w, const struct comparison *c, const char *path,
                           const char *show, int field)
{
    return web_url(w, "%s?older=AS-%lld&newer=AS-%lld&show=%s%s%s", path, c->older.number,
                   c->newer.number, show, field >= 0 ? "&field=" : "",
                   field >= 0 ? change_fields[field].code : "");
}

/* --- choosing --- */

static struct err *draw_choice(struct web *w, const char *name, const char *label, i64 chosen)
{
    struct html *h = w->html;
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select number, title, closed from assessment where org_id = $1"
                 " and state = 'closed' order by number desc limit 200",
                 num(w->org)));
    html(h,
         "<div class='field'><label class='form-label' for='f-%s'>%s</label><select "
         "class='form-select' id='f-%s' name='%s'>",
         name, tr(label), name, name);
    while (row_next(r))
        html(h, "<option value='AS-%lld'%s>AS-%lld %s, %s</option>", row_num(r, 0),
             row_num(r, 0) == chosen ? " selected" : "", row_num(r, 0), row_text(r, 1),
             words_date(w->arena, row_text(r, 2)));
    html(h, "</select></div>");
    return NULL;
}

static struct err *draw_chooser(struct web *w, const struct comparison *c)
{
    html(w->html, "<form class='mb-3' method='get' action='%s'><div class='form-grid mb-2'>",
         web_url(w, "/assessments/compare"));
    TRY(draw_choice(w, "older", N_("Earlier round"), c->older.number));
    TRY(draw_choice(w, "newer", N_("Later round"), c->newer.number));
    html(w->html, "</div><button class='btn'>{Compare}</button></form>");
    return NULL;
}

/* --- figures --- */

static void draw_count(struct web *w, const struct comparison *c, const char *show,
                       const char *label, size_t n)
{
    bool now = text_equal(c->show, show);

    html(w->html, "<a class='filter'%s href='%s'>%s <strong>% lld</strong></a>",
         now ? " aria-current=true" : "", address(w, c, "/assessments/compare", show, -1),
         tr(label), (i64)n);
}

static void draw_figures(struct web *w, const struct comparison *c)
{
    struct html *h = w->html;

    html(h, "<nav class='btn-list mb-3' aria-label='{What differs}'>");
    draw_count(w, c, "all", N_("All differences"), c->fresh + c->gone + c->changed);
    draw_count(w, c, "new", N_("New"), c->fresh);
    draw_count(w, c, "gone", N_("Gone"), c->gone);
    draw_count(w, c, "changed", N_("Changed"), c->changed);
    draw_count(w, c, "higher", N_("Higher"), c->higher);
    draw_count(w, c, "lower", N_("Lower"), c->lower);
    draw_count(w, c, "same", N_("Unchanged"), c->same);
    html(h, "</nav>");
    if (!c->changed)
        return;
    html(h, "<nav class='btn-list mb-3' aria-label='{Changed fields}'><span class='mute'>{Changed "
            "in:}</span>");
    for (int i = 0; i < CHANGE_FIELDS; i++)
        if (c->by_field[i])
            html(h, "<a class='filter'%s href='%s'>%s <strong>% lld</strong></a>",
                 c->field == i ? " aria-current=true" : "",
                 address(w, c, "/assessments/compare", "changed", i), tr(change_fields[i].label),
                 (i64)c->by_field[i]);
    html(h, "</nav>");
}

/* --- rows --- */

static const char *cut(struct web *w, const char *text)
{
    size_t n = strlen(text);

    if (n <= SHORT)
        return *text ? text : "—";
    n = SHORT;
    while (n && ((unsigned char)text[n] & 0xc0) == 0x80)
        n--;
    return arena_printf(w->arena, "%s…", arena_strn(w->arena, text, n));
}

static void draw_side(struct web *w, struct rows *bands, const struct frozen *f)
{
    const char *tone, *text;

    if (!f) {
        html(w->html, "—");
        return;
    }
    text = frozen_text(w, bands, f->method,
                       &f->level[f->level[FROZEN_CURRENT].score ? FROZEN_CURRENT : FROZEN_INHERENT],
                       &tone);
    badge(w, tone, text);
}

static void draw_change(struct web *w, struct rows *bands, const struct told_change *t)
{
    struct html *h = w->html;
    const char *tone = t->row->what == CHANGE_NEW    ? "blue"
                       : t->row->what == CHANGE_GONE ? "grey"
                       : t->row->mask                ? "orange"
                                                     : "green";

    html(h,
         "<tr><td class='list-main'><a href='%s'><span class='record-number'>R-%lld</span> "
         "%s</a></td><td data-label='{What}'><div>",
         web_record_url(w, &risk_entity, t->row->number), t->row->number, t->title);
    badge(w, tone, tr(comparison_word(t->row)));
    html(h, "</div></td><td data-label='{Before}'><div>");
    draw_side(w, bands, t->before);
    html(h, "</div></td><td data-label='{After}'><div>");
    draw_side(w, bands, t->after);
    html(h, "</div></td><td data-label='{Differences}'><div>");
    for (size_t i = 0; i < t->count; i++)
        html(h, "<div><strong>%s</strong>: <span class='mute'>%s</span> → %s</div>",
             tr(t->fields[i].label), cut(w, t->fields[i].before), cut(w, t->fields[i].after));
    if (*t->reasons) {
        html(h, "<div class='list-sub'>{Reason:} ");
        html_lines(h, t->reasons);
        html(h, "</div>");
    }
    html(h, "</div></td></tr>");
}

static void draw_pager(struct web *w, const struct comparison *c, size_t from, size_t at, bool more)
{
    struct html *h = w->html;
    const char *here = address(w, c, "/assessments/compare", c->show, c->field);
    const char *file = address(w, c, "/assessments/compare/export", c->show, c->field);

    html(h, "<div class='pager'><nav class='btn-list' aria-label='{Pages}'>");
    if (from)
        html(h, "<a class='btn btn-sm' href='%s'>{First page}</a>", here);
    if (more)
        html(h, "<a class='btn btn-sm' rel='next' href='%s&amp;from=%lld'>{Next}</a>", here,
             c->rows[at - 1].number);
    html(h,
         "</nav><span class='mute'>{Export what is shown:} <a href='%s&amp;format=csv' "
         "download>CSV</a> · <a href='%s&amp;format=xlsx' download>Excel</a> · <a "
         "href='%s&amp;format=pdf' download>PDF</a></span></div>",
         file, file, file);
}

/* Index of the first row after the number that the address names. */
static struct err *start_of(struct web *w, const struct comparison *c, size_t *at)
{
    const char *asked = web_query(w, "from");
    i64 number = 0;

    if (asked && (!text_i64(asked, &number) || number < 0))
        return err_new(ERR_BAD, "The parameter “from” is the number of a risk.");
    for (*at = 0; *at < c->count && c->rows[*at].number <= number;)
        ++*at;
    return NULL;
}

static bool any_after(const struct comparison *c, size_t at)
{
    for (; at < c->count; at++)
        if (comparison_shows(c, &c->rows[at]))
            return true;
    return false;
}

static struct err *draw_rows(struct web *w, const struct comparison *c)
{
    struct told_change *told;
    struct rows *bands;
    size_t from, at, n;

    TRY(start_of(w, c, &from));
    at = from;
    TRY(comparison_told(w, c, &at, PAGE, &told, &n));
    TRY(frozen_bands(w, &bands));
    if (!n) {
        page_empty(w, "No risk differs in this way.", NULL, NULL);
        return NULL;
    }
    html(w->html,
         "<div class='table-responsive'><table class='table list'><caption "
         "class='visually-hidden'>{Risks that differ}</caption><thead><tr><th scope='col'>{Risk}"
         "</th><th scope='col'>{What}</th><th scope='col'>{Before}</th><th scope='col'>{After}</th>"
         "<th scope='col'>{Differences}</th></tr></thead><tbody>");
    for (size_t i = 0; i < n; i++)
        draw_change(w, bands, &told[i]);
    html(w->html, "</tbody></table></div>");
    draw_pager(w, c, from, at, any_after(c, at));
    return NULL;
}

static void warn_method(struct web *w, const struct comparison *c)
{
    if (c->older.method != c->newer.method)
        page_notice(w, "warning",
                    "These rounds used different versions of the risk method. Compare likelihood "
                    "and impact rather than levels.");
}

struct err *compare_page(struct web *w)
{
    struct comparison c;

    TRY(risk_refuse_blind_whole(w));
    TRY(comparison_asked(w, &c));
    page_begin(w, "Plan · Risk assessments", "What changed");
    page_help(w,
              "Every risk of both frozen registers: new, gone, changed or the same, with the "
              "fields that differ and the reasons that were given. Repeated assessments have to "
              "give results that can be compared.",
              "6.1.2 b");
    page_action(w, "default", web_url(w, "/assessments/trend"), "Trend");
    page_body(w);
    if (c.none) {
        page_empty(w, "There are no two closed rounds to compare yet.", web_url(w, "/assessments"),
                   "To the rounds");
        page_end(w);
        return NULL;
    }
    TRY(draw_chooser(w, &c));
    warn_method(w, &c);
    draw_figures(w, &c);
    html(w->html, "<section class='card' aria-label='{Differences}'>");
    TRY(draw_rows(w, &c));
    html(w->html, "</section>");
    page_end(w);
    return NULL;
}

/* --- API --- */

static json_t *change_json(const struct told_change *t)
{
    static const char *const words[] = {"", "gone", "new", "changed"};
    json_t *o = json_object(), *list = json_array();
    bool same = t->row->what == CHANGE_BOTH && !t->row->mask;

    json_object_set_new(o, "number", json_sprintf("R-%lld", t->row->number));
    json_object_set_new(o, "title", json_string(t->title));
    json_object_set_new(o, "what", json_string(same ? "same" : words[t->row->what]));
    json_object_set_new(o, "way", json_integer(t->row->way));
    for (size_t i = 0; i < t->count; i++)
        json_array_append_new(list,
                              json_pack("{s:s,s:s,s:s}", "field", t->fields[i].label, "before",
                                        t->fields[i].before, "after", t->fields[i].after));
    json_object_set_new(o, "changes", list);
    json_object_set_new(o, "reasons", json_string(t->reasons));
    return o;
}

struct err *compare_api(struct web *w)
{
    json_t *o = json_own(w->arena, json_object()), *list = json_array();
    struct told_change *told;
    struct comparison c;
    size_t at, n;

    json_object_set_new(o, "items", list);
    TRY(risk_refuse_blind_whole(w));
    TRY(comparison_asked(w, &c));
    TRY(start_of(w, &c, &at));
    TRY(comparison_told(w, &c, &at, PAGE, &told, &n));
    json_object_set_new(o, "older", c.none ? json_null() : json_sprintf("AS-%lld", c.older.number));
    json_object_set_new(o, "newer", c.none ? json_null() : json_sprintf("AS-%lld", c.newer.number));
    json_object_set_new(o, "new", json_integer((json_int_t)c.fresh));
    json_object_set_new(o, "gone", json_integer((i64)c.gone));
    json_object_set_new(o, "changed", json_integer((i64)c.changed));
    json_object_set_new(o, "same", json_integer((i64)c.same));
    json_object_set_new(o, "higher", json_integer((i64)c.higher));
    json_object_set_new(o, "lower", json_integer((i64)c.lower));
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, change_json(&told[i]));
    json_object_set_new(o, "next",
                        any_after(&c, at) ? json_integer(c.rows[at - 1].number) : json_null());
    web_answer_json(w, 200, json_incref(o));
    return NULL;
}

/* --- the frozen register --- */

struct leaf {
    struct assessment a;
    struct frozen *list;
    size_t count;
    i64 from, next; /* 0 = no further page */
};

/* The page of frozen risks after the number "from". */
static struct err *leaf_asked(struct web *w, struct leaf *l)
{
    const char *asked = web_query(w, "from");
    struct rows *r;
    struct buf b;
    i64 id, n = 0;

    TRY(web_record(w, &assessment_entity, &id));
    TRY(entity_load(w, &assessment_entity, id, &l->a));
    if (!l->a.body)
        return err_new(ERR_CLASH, "This round is still open. Close it first, then its register is "
                                  "frozen.");
    l->from = l->next = 0;
    if (asked && (!text_i64(asked, &l->from) || l->from < 0))
        return err_new(ERR_BAD, "The parameter “from” is the number of a risk.");
    TRY(db_query(w->db, &r,
                 "select number from snapshot_risk where org_id = $1 and assessment = $2"
                 " and number > $3 order by number limit $4",
                 num(w->org), num(id), num(l->from), num(PAGE + 1)));
    buf_init(&b, w->arena, 1024);
    buf_char(&b, '[');
    for (; row_next(r) && n < PAGE; n++) {
        buf_printf(&b, "%s%lld", n ? "," : "", row_num(r, 0));
        l->next = row_num(r, 0);
    }
    buf_char(&b, ']');
    if (row_count(r) <= PAGE)
        l->next = 0;
    return frozen_load(w, id, b.data, &l->list, &l->count);
}

static void draw_frozen(struct web *w, struct rows *bands, const struct frozen *f)
{
    static const char *const labels[] = {N_("Inherent"), N_("Current"), N_("Expected residual")};
    struct html *h = w->html;
    const char *tone, *text;

    html(h,
         "<tr><td class='list-main'><a href='%s'><span class='record-number'>R-%lld</span> "
         "%s</a><div class='list-sub'>%s</div></td>",
         web_record_url(w, &risk_entity, f->number), f->number, f->title, f->text[FROZEN_ASSETS]);
    for (size_t k = 0; k < FROZEN_LEVELS; k++) {
        html(h, "<td data-label='%s'><div>", tr(labels[k]));
        text = frozen_text(w, bands, f->method, &f->level[k], &tone);
        badge(w, tone, text);
        html(h, "</div></td>");
    }
    html(h, "<td data-label='{Treatment}'>%s</td></tr>",
         *f->text[FROZEN_TREATMENTS] ? f->text[FROZEN_TREATMENTS] : "—");
}

struct err *register_page(struct web *w)
{
    struct rows *bands;
    struct leaf l;

    TRY(risk_refuse_blind_whole(w));
    TRY(leaf_asked(w, &l));
    TRY(frozen_bands(w, &bands));
    page_begin(w, arena_printf(w->arena, "%s · AS-%lld", tr("Risk assessment"), l.a.number),
               "Frozen register of “%s”", l.a.title);
    page_action(w, "default", web_record_url(w, &assessment_entity, l.a.number), "To the round");
    page_body(w);
    html(w->html, "<section class='card' aria-label='{Frozen register}'>");
    if (!l.count)
        page_empty(w, "There is nothing here yet.", NULL, NULL);
    else {
        html(w->html,
             "<div class='table-responsive'><table class='table list'><caption "
             "class='visually-hidden'>{Frozen risks}</caption><thead><tr><th scope='col'>{Risk}"
             "</th><th scope='col'>{Inherent}</th><th scope='col'>{Current}</th><th scope='col'>"
             "{Expected residual}</th><th scope='col'>{Treatment}</th></tr></thead><tbody>");
        for (size_t i = 0; i < l.count; i++)
            draw_frozen(w, bands, &l.list[i]);
        html(w->html, "</tbody></table></div>");
    }
    if (l.next)
        html(w->html,
             "<div class='pager'><a class='btn btn-sm' rel='next' href='%s/register?from=%lld'>"
             "{Next}</a></div>",
             web_record_url(w, &assessment_entity, l.a.number), l.next);
    html(w->html, "</section>");
    page_end(w);
    return NULL;
}

static json_t *level_json(const struct frozen_level *l)
{
    if (!l->score)
        return json_null();
    return json_pack("{s:I,s:I,s:I,s:s,s:s?}", "likelihood", l->likelihood, "impact", l->impact,
                     "score", l->score, "band", l->band ? l->band : "", "axes", l->axes);
}

struct err *register_api(struct web *w)
{
    json_t *o = json_own(w->arena, json_object()), *list = json_array(), *one;
    struct leaf l;

    json_object_set_new(o, "items", list);
    TRY(risk_refuse_blind_whole(w));
    TRY(leaf_asked(w, &l));
    for (size_t i = 0; i < l.count; i++) {
        const struct frozen *f = &l.list[i];

        one = json_object();
        json_object_set_new(one, "number", json_sprintf("R-%lld", f->number));
        json_object_set_new(one, "title", json_string(f->title));
        json_object_set_new(one, "threat", json_string(f->text[FROZEN_THREAT]));
        json_object_set_new(one, "vulnerability", json_string(f->text[FROZEN_WEAKNESS]));
        json_object_set_new(one, "rationale", json_string(f->text[FROZEN_RATIONALE]));
        json_object_set_new(one, "assets", json_string(f->text[FROZEN_ASSETS]));
        json_object_set_new(one, "treatments", json_string(f->text[FROZEN_TREATMENTS]));
        json_object_set_new(one, "inherent", level_json(&f->level[FROZEN_INHERENT]));
        json_object_set_new(one, "current", level_json(&f->level[FROZEN_CURRENT]));
        json_object_set_new(one, "residual", level_json(&f->level[FROZEN_RESIDUAL]));
        json_array_append_new(list, one);
    }
    json_object_set_new(o, "next", l.next ? json_integer(l.next) : json_null());
    web_answer_json(w, 200, json_incref(o));
    return NULL;
}
