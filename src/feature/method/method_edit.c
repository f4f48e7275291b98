/* SPDX-License-Identifier: Apache-2.0 */
/* The scales of a draft as one form: levels of likelihood, levels and axes of impact. Buttons that
 * add or take out a level draw the form again with what was typed; only "Save" stores. */
#include <stdarg.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/page.h"
#include "feature/method/method_part.h"

/* --- inputs --- */

const char *scale_sent(struct web *w, const char *otherwise, const char *format, ...)
{
    char name[64];
    const char *sent;
    va_list args;

    va_start(args, format);
    vsnprintf(name, sizeof name, format, args);
    va_end(args);
    sent = web_form(w, name);
    return sent ? text_trim(w->arena, sent) : otherwise;
}

void scale_input(struct web *w, const struct scale_input *in, const struct issues *issues)
{
    const char *error = issues ? issue_of(issues, in->name) : NULL;
    struct html *h = w->html;

    html(h, "<div class='field'><label class='form-label' for='f-%s'>%s</label>", in->name,
         in->label);
    if (in->lines)
        html(h, "<textarea class='form-control%s' id='f-%s' name='%s' rows='2' maxlength='1000'",
             error ? " is-invalid" : "", in->name, in->name);
    else
        html(h, "<input class='form-control%s' id='f-%s' name='%s' value='%s'%s",
             error ? " is-invalid" : "", in->name, in->name, in->value ? in->value : "",
             in->number ? " inputmode=decimal" : " maxlength=60");
    if (in->focus)
        html(h, " autofocus");
    if (error)
        html(h, " aria-invalid='true' aria-describedby='f-%s-error'", in->name);
    html(h, ">");
    if (in->lines)
        html(h, "%s</textarea>", in->value ? in->value : "");
    if (in->hint)
        html(h, "<div class='form-hint'>%s</div>", in->hint);
    if (error)
        html(h, "<div class='field-error' id='f-%s-error'>%s</div>", in->name, error);
    html(h, "</div>");
}

static void drop_button(struct web *w, const char *what, i64 n, const char *label)
{
    html(w->html,
         "<button class='btn btn-link' type='submit' name='do' value='drop-%s-%lld' "
         "formnovalidate>%s</button>",
         what, n, label);
}

static void add_button(struct web *w, const char *what, const char *label)
{
    html(w->html,
         "<p><button class='btn' type='submit' name='do' value='add-%s' "
         "formnovalidate>%s</button></p>",
         what, tr(label));
}

/* --- the form --- */

struct page {
    struct web *w;
    const struct method *m;
    const struct scales *s;
    const struct issues *issues;
    const char *added; /* the field to type in next, or NULL */
};

static const char *name_of(struct page *p, const char *format, ...) PRINTF(2, 3);
static const char *name_of(struct page *p, const char *format, ...)
{
    char text[64];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return arena_str(p->w->arena, text);
}

static void input(struct page *p, struct scale_input in)
{
    in.focus = text_equal(in.name, p->added);
    scale_input(p->w, &in, p->issues);
}

static void draw_likelihood(struct page *p)
{
    const struct scales *s = p->s;
    struct web *w = p->w;

    card_begin(w, "Likelihood", NULL);
    html(w->html, "<p class='mute'>{How often it happens, from the rarest to the most frequent. A "
                  "second person must come to the same level.}</p>");
    for (i64 l = 1; l <= s->likelihoods; l++) {
        html(w->html,
             "<fieldset class='group mb-3'><legend>{Level %lld}</legend><div "
             "class='form-grid'>",
             l);
        input(p, (struct scale_input){.name = name_of(p, "l.%lld.label", l),
                                      .label = tr("Name"),
                                      .value = s->likelihood[l - 1]});
        if (l < s->likelihoods)
            input(p, (struct scale_input){.name = name_of(p, "l.%lld.upto", l),
                                          .label = tr("Up to so many times a year"),
                                          .value = s->likelihood_upto[l - 1],
                                          .number = true});
        html(w->html, "</div>");
        input(p, (struct scale_input){.name = name_of(p, "l.%lld.text", l),
                                      .label = tr("How one recognises it"),
                                      .value = s->likelihood_text[l - 1],
                                      .lines = true});
        if (s->likelihoods > 2)
            drop_button(w, "l", l, arena_printf(w->arena, tr("Take out level %lld"), l));
        html(w->html, "</fieldset>");
    }
    if (s->likelihoods < METHOD_LEVELS_MOST)
        add_button(w, "l", tr("Add a level of likelihood"));
    card_end(w);
}

static void draw_impact(struct page *p)
{
    const struct scales *s = p->s;
    struct web *w = p->w;

    card_begin(w, "Levels of impact", NULL);
    html(w->html, "<p class='mute'>{From the smallest to the worst; all axes share them.}</p><div "
                  "class='form-grid mb-3'>");
    for (i64 i = 1; i <= s->impacts; i++) {
        html(w->html, "<div>");
        input(p, (struct scale_input){.name = name_of(p, "i.%lld.label", i),
                                      .label = arena_printf(w->arena, tr("Name of level %lld"), i),
                                      .value = s->impact[i - 1]});
        if (s->impacts > 2)
            drop_button(w, "i", i, arena_printf(w->arena, tr("Take out level %lld"), i));
        html(w->html, "</div>");
    }
    html(w->html, "</div>");
    if (s->impacts < METHOD_LEVELS_MOST)
        add_button(w, "i", tr("Add a level of impact"));
    card_end(w);
}

static void draw_unit(struct page *p, size_t k)
{
    struct html *h = p->w->html;

    html(h,
         "<div class='field'><label class='form-label' for='f-a.%zu.unit'>{Measured "
         "in}</label><select class='form-select' id='f-a.%zu.unit' name='a.%zu.unit'>",
         k, k, k);
    for (const struct choice *c = scale_units; c->code; c++)
        html(h, "<option value='%s'%s>%s</option>", c->code,
             text_equal(c->code, p->s->axes[k].unit) ? " selected" : "", tr(c->label));
    html(h, "</select></div>");
}

static void draw_never(struct page *p, size_t k)
{
    const struct scale_axis *x = &p->s->axes[k];
    struct html *h = p->w->html;

    html(h,
         "<div class='field'><label class='form-label' for='f-a.%zu.never'>{Never acceptable "
         "from}</label><select class='form-select' id='f-a.%zu.never' name='a.%zu.never'><option "
         "value='0'>{no level}</option>",
         k, k, k);
    for (i64 i = 1; i <= p->s->impacts; i++)
        html(h, "<option value='%lld'%s>{level %lld}</option>", i, i == x->never ? " selected" : "",
             i);
    html(h, "</select></div>");
}

static void draw_axis_levels(struct page *p, size_t k)
{
    const struct scale_axis *x = &p->s->axes[k];
    bool numbers = !text_equal(x->unit, "words");
    struct web *w = p->w;

    for (i64 i = 1; i <= p->s->impacts; i++) {
        if (numbers)
            html(w->html, "<div class='form-grid'>");
        input(p, (struct scale_input){
                     .name = name_of(p, "a.%zu.%lld.text", k, i),
                     .label = arena_printf(w->arena, tr("Level %lld %s"), i, p->s->impact[i - 1]),
                     .value = x->text[i - 1],
                     .lines = true});
        if (numbers && i < p->s->impacts)
            input(p, (struct scale_input){
                         .name = name_of(p, "a.%zu.%lld.upto", k, i),
                         .label = arena_printf(w->arena, tr("Level %lld goes up to"), i),
                         .value = x->upto[i - 1],
                         .number = true,
                         .hint = text_equal(x->unit, "percent_revenue")
                                     ? tr("percent of yearly revenue")
                                     : NULL});
        if (numbers)
            html(w->html, "</div>");
    }
}

static bool axis_wrong(struct page *p, size_t k)
{
    const char *prefix = name_of(p, "a.%zu.", k);

    for (size_t i = 0; p->issues && i < p->issues->count; i++)
        if (text_starts(p->issues->list[i].field, prefix))
            return true;
    return false;
}

static void draw_axis(struct page *p, size_t k)
{
    const struct scale_axis *x = &p->s->axes[k];
    bool open = axis_wrong(p, k) || text_starts(p->added ? p->added : "", name_of(p, "a.%zu.", k));
    struct web *w = p->w;

    html(w->html,
         "<details class='axis'%s><summary>%s</summary><input type='hidden' name='a.%zu.code' "
         "value='%s'><div class='form-grid'>",
         open ? " open" : "", text_empty(x->label) ? tr("New axis") : x->label, k, x->code);
    input(p, (struct scale_input){.name = name_of(p, "a.%zu.label", k),
                                  .label = tr("Name of the axis"),
                                  .value = x->label});
    input(p, (struct scale_input){.name = name_of(p, "a.%zu.weight", k),
                                  .label = tr("Weight"),
                                  .value = arena_printf(w->arena, "%lld", x->weight),
                                  .hint = tr("Counts for the weighted mean only."),
                                  .number = true});
    draw_unit(p, k);
    draw_never(p, k);
    html(w->html, "</div>");
    draw_axis_levels(p, k);
    if (p->s->naxes > 1)
        drop_button(w, "a", (i64)k, arena_printf(w->arena, tr("Take out “%s”"), x->label));
    html(w->html, "</details>");
}

static void draw_hidden(struct page *p)
{
    const struct scales *s = p->s;
    struct html *h = p->w->html;

    html(h,
         "<input type='hidden' name='likelihoods' value='%lld'><input type='hidden' name='impacts' "
         "value='%lld'><input type='hidden' name='axes' value='%zu'><input type='hidden' "
         "name='cells' value='",
         s->likelihoods, s->impacts, s->naxes);
    for (i64 l = 0; l < s->likelihoods; l++)
        for (i64 i = 0; i < s->impacts; i++)
            html(h, "%lld ", s->cells[l][i]);
    /* What the return key presses: the first button of a form. */
    html(h, "'><button class='visually-hidden' type='submit' name='do' value='save' "
            "tabindex='-1'>{Save}</button>");
}

static struct err *draw_form(struct page *p)
{
    struct web *w = p->w;
    const char *address = web_url(w, "/methods/M-%lld", p->m->number);

    page_begin(w, arena_printf(w->arena, "%s · M-%lld", tr("Risk method"), p->m->number),
               "Scales of “%s”", p->m->title);
    page_body(w);
    form_issues(w, p->issues);
    form_begin(w, arena_printf(w->arena, "%s/scales", address), p->m->version);
    draw_hidden(p);
    html(w->html, "<div class='stack'>");
    draw_likelihood(p);
    draw_impact(p);
    card_begin(w, "Axes of impact", NULL);
    html(w->html, "<p class='mute'>{What can be hurt. Each axis says for each level how one "
                  "recognises it. Add your own, for example authenticity.}</p>");
    for (size_t k = 0; k < p->s->naxes; k++)
        draw_axis(p, k);
    if (p->s->naxes < METHOD_AXES_MOST)
        add_button(w, "a", tr("Add an axis"));
    card_end(w);
    html(w->html, "</div>");
    form_text(w, "_reason", "Reason for the change", web_form(w, "_reason"), NULL);
    html(
        w->html,
        "<div class='form-actions'><button class='btn btn-primary' type='submit' name='do' "
        "value='save'>{Save the scales}</button><a class='btn' href='%s'>{Cancel}</a></div></form>",
        address);
    page_end(w);
    return NULL;
}

struct err *method_scales_form(struct web *w)
{
    struct method m;
    struct scales s;

    TRY(method_asked(w, &m));
    TRY(method_must_be_draft(&m));
    TRY(scales_load(w, &m, &s));
    return draw_form(&(struct page){.w = w, .m = &m, .s = &s});
}

/* --- what was typed --- */

static i64 sent_num(struct web *w, const char *name, i64 most)
{
    i64 n = 0;

    if (!text_i64(scale_sent(w, "", "%s", name), &n) || n < 0 || n > most)
        return 0;
    return n;
}

static void read_cells(struct web *w, struct scales *s)
{
    char **parts;
    size_t n = text_split(w->arena, scale_sent(w, "", "cells"), ' ', &parts), k = 0;

    for (i64 l = 0; l < s->likelihoods; l++)
        for (i64 i = 0; i < s->impacts; i++, k++) {
            s->cells[l][i] = (l + 1) * (i + 1);
            if (k < n && !text_i64(parts[k], &s->cells[l][i]))
                s->cells[l][i] = 0;
        }
}

static void read_axis(struct web *w, struct scales *s, size_t k, struct issues *issues)
{
    struct scale_axis *x = &s->axes[k];
    const char *weight = scale_sent(w, "1", "a.%zu.weight", k);

    x->label = scale_sent(w, "", "a.%zu.label", k);
    x->code = scale_sent(w, "", "a.%zu.code", k);
    if (text_empty(x->code))
        x->code = text_slug(w->arena, x->label);
    x->unit = scale_sent(w, "words", "a.%zu.unit", k);
    if (!text_i64(scale_sent(w, "0", "a.%zu.never", k), &x->never))
        x->never = -1;
    if (!text_i64(weight, &x->weight))
        issue(issues, arena_printf(w->arena, "a.%zu.weight", k),
              "A weight is a number from 0 to "
              "100.");
    for (i64 i = 1; i <= s->impacts; i++) {
        x->text[i - 1] = scale_sent(w, "", "a.%zu.%lld.text", k, i);
        x->upto[i - 1] = scale_sent(w, "", "a.%zu.%lld.upto", k, i);
    }
}

/* Bands and map stay those of the draft. */
static void read_form(struct web *w, struct scales *s, struct issues *issues)
{
    s->likelihoods = sent_num(w, "likelihoods", METHOD_LEVELS_MOST);
    s->impacts = sent_num(w, "impacts", METHOD_LEVELS_MOST);
    s->naxes = (size_t)sent_num(w, "axes", METHOD_AXES_MOST);
    for (i64 l = 1; l <= s->likelihoods; l++) {
        s->likelihood[l - 1] = scale_sent(w, "", "l.%lld.label", l);
        s->likelihood_text[l - 1] = scale_sent(w, "", "l.%lld.text", l);
        s->likelihood_upto[l - 1] = scale_sent(w, "", "l.%lld.upto", l);
    }
    for (i64 i = 1; i <= s->impacts; i++)
        s->impact[i - 1] = scale_sent(w, "", "i.%lld.label", i);
    for (size_t k = 0; k < s->naxes; k++)
        read_axis(w, s, k, issues);
    read_cells(w, s);
}

/* --- adding and taking out --- */

static void add_level(struct scales *s, bool impact)
{
    i64 l = s->likelihoods, i = s->impacts;

    if (impact && i < METHOD_LEVELS_MOST) {
        s->impact[i] = "";
        for (size_t k = 0; k < s->naxes; k++)
            s->axes[k].text[i] = s->axes[k].upto[i] = "";
        for (i64 r = 0; r < l; r++)
            s->cells[r][i] = (i ? s->cells[r][i - 1] : 0) + r + 1;
        s->impacts++;
    }
    if (!impact && l < METHOD_LEVELS_MOST) {
        s->likelihood[l] = s->likelihood_text[l] = s->likelihood_upto[l] = "";
        for (i64 c = 0; c < i; c++)
            s->cells[l][c] = (l ? s->cells[l - 1][c] : 0) + c + 1;
        s->likelihoods++;
    }
}

static void close_gap(const char **list, i64 at, i64 count)
{
    for (i64 i = at; i + 1 < count; i++)
        list[i] = list[i + 1];
}

static void drop_likelihood(struct scales *s, i64 at)
{
    i64 n = s->likelihoods;

    if (at < 0 || at >= n || n <= 2)
        return;
    close_gap(s->likelihood, at, n);
    close_gap(s->likelihood_text, at, n);
    close_gap(s->likelihood_upto, at, n);
    for (i64 l = at; l + 1 < n; l++)
        memcpy(s->cells[l], s->cells[l + 1], sizeof(s->cells[l]));
    s->likelihoods--;
}

static void drop_impact(struct scales *s, i64 at)
{
    i64 n = s->impacts;

    if (at < 0 || at >= n || n <= 2)
        return;
    close_gap(s->impact, at, n);
    for (size_t k = 0; k < s->naxes; k++) {
        close_gap(s->axes[k].text, at, n);
        close_gap(s->axes[k].upto, at, n);
        if (s->axes[k].never > at)
            s->axes[k].never--;
    }
    for (i64 l = 0; l < s->likelihoods; l++)
        for (i64 i = at; i + 1 < n; i++)
            s->cells[l][i] = s->cells[l][i + 1];
    s->impacts--;
}

static void add_axis(struct scales *s)
{
    struct scale_axis *x = &s->axes[s->naxes];

    if (s->naxes >= METHOD_AXES_MOST)
        return;
    *x = (struct scale_axis){.code = "", .label = "", .unit = "words", .weight = 1};
    for (i64 i = 0; i < METHOD_LEVELS_MOST; i++)
        x->text[i] = x->upto[i] = "";
    s->naxes++;
}

static void drop_axis(struct scales *s, i64 at)
{
    if (at < 0 || at >= (i64)s->naxes || s->naxes <= 1)
        return;
    for (size_t k = (size_t)at; k + 1 < s->naxes; k++)
        s->axes[k] = s->axes[k + 1];
    s->naxes--;
}

/* Does what the button says; false when it is the one that saves. */
static bool change_shape(struct page *p, struct scales *s, const char *what)
{
    i64 at = 0;

    if (text_starts(what, "drop-") && strlen(what) > 7 && text_i64(what + 7, &at)) {
        if (what[5] == 'l')
            drop_likelihood(s, at - 1);
        else if (what[5] == 'i')
            drop_impact(s, at - 1);
        else
            drop_axis(s, at);
        return true;
    }
    if (text_equal(what, "add-l") || text_equal(what, "add-i")) {
        bool impact = text_equal(what, "add-i");

        add_level(s, impact);
        p->added = impact ? name_of(p, "i.%lld.label", s->impacts)
                          : name_of(p, "l.%lld.label", s->likelihoods);
        return true;
    }
    if (!text_equal(what, "add-a"))
        return false;
    add_axis(s);
    p->added = name_of(p, "a.%zu.label", s->naxes - 1);
    return true;
}

/* An axis of no name gets its code when it is saved. */
static void fit_map(struct scales *s, const struct scales *before)
{
    if (s->before_likelihoods &&
        (s->likelihoods != before->likelihoods || s->impacts != before->impacts))
        scales_even_map(s, s->before_likelihoods, s->before_impacts);
}

struct err *method_scales_post(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    struct page p = {.w = w};
    struct scales s, before;
    struct method m;
    i64 version = 0;

    TRY(method_asked(w, &m));
    TRY(method_must_be_draft(&m));
    TRY(scales_load(w, &m, &before));
    s = before;
    p.m = &m;
    p.s = &s;
    read_form(w, &s, &issues);
    if (!text_i64(scale_sent(w, "", "_version"), &version) || version < 1)
        return err_new(ERR_BAD, "The form does not say which version it changes. Open it again.");
    if (change_shape(&p, &s, scale_sent(w, "", "do"))) {
        m.version = version; /* a clash is told when it is saved */
        return draw_form(&p);
    }
    fit_map(&s, &before);
    m.version = version;
    m.author = w->person;
    if (!issues.count)
        TRY(method_store(w, &m, &s, w->reason, &issues));
    if (issues.count) {
        m.version = version;
        p.issues = &issues;
        web_status(w, 422);
        return draw_form(&p);
    }
    web_redirect(w, web_url(w, "/methods/M-%lld?m=saved", m.number));
    return NULL;
}
