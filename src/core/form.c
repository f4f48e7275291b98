/* SPDX-License-Identifier: Apache-2.0 */
/* Forms: the inputs of an entity's fields, drawn from the field table. */
#include <stdio.h>
#include <string.h>

#include "base/crypt.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/catalogue.h"
#include "core/content.h"
#include "core/entity_page.h"
#include "core/entity_sql.h"
#include "core/form_part.h"
#include "core/list_sql.h"

#define GROUPS_MOST 16

/* --- frame of a form --- */

static void draw_tokens(struct web *w, i64 version)
{
    struct html *h = w->html;

    html(h,
         "<input type='hidden' name='_csrf' value='%s'>"
         "<input type='hidden' name='_op' value='%s'>",
         w->csrf, crypt_token(w->arena, 16));
    if (version > 0)
        html(h, "<input type='hidden' name='_version' value='%lld'>", version);
}

/* A draft was made of the version that its writer saw: what was saved since is for the merge. */
static i64 version_of_draft(const struct web *w, i64 version)
{
    const char *draft = web_query(w, "draft");
    i64 n;

    return draft && text_i64(draft, &n) && n > 0 && n < version ? n : version;
}

void form_begin(struct web *w, const char *address, i64 version)
{
    html(w->html, "<form method='post' action='%s' data-guard>", address);
    draw_tokens(w, version_of_draft(w, version));
}

void form_begin_files(struct web *w, const char *address, i64 version)
{
    html(w->html,
         "<form method='post' action='%s' enctype='multipart/form-data' data-guard "
         "data-uploads='%s' data-most='%lld'>",
         address, web_url(w, "/uploads"), blob_limits(w->app).upload);
    draw_tokens(w, version);
}

void form_end(struct web *w, const char *submit, const char *cancel)
{
    html(w->html,
         "<div class='form-actions mt-3'><button class='btn btn-primary' type='submit'>%s"
         "</button>",
         tr(submit ? submit : "Save"));
    form_draft_button(w);
    if (cancel)
        html(w->html, "<a class='btn' href='%s'>{Cancel}</a>", cancel);
    html(w->html, "</div></form>");
    form_draft_end(w);
}

static const char *button_class(const char *kind)
{
    if (text_equal(kind, "primary"))
        return " btn-primary";
    if (text_equal(kind, "link"))
        return " btn-link";
    return text_equal(kind, "danger") ? " btn-outline-danger" : "";
}

void form_button(struct web *w, const char *address, const char *kind, const char *label,
                 const char *name, const char *value)
{
    struct html *h = w->html;

    html(h, "<form class='d-inline-block' method='post' action='%s'>", address);
    draw_tokens(w, 0);
    if (name)
        html(h, "<input type='hidden' name='%s' value='%s'>", name, value);
    html(h, "<button class='btn%s' type='submit'>%s</button></form>", button_class(kind),
         tr(label));
}

void form_issues(struct web *w, const struct issues *issues)
{
    struct html *h = w->html;

    if (!issues || issues->count == 0)
        return;
    html(h, "<div class='notice danger mb-3' role='alert'><div><strong>{This could not be saved "
            "yet.}</strong><ul class='mb-0'>");
    for (size_t i = 0; i < issues->count; i++) {
        const struct issue *one = &issues->list[i];
        if (text_empty(one->field))
            html(h, "<li>%s</li>", one->text);
        else
            html(h, "<li><a href='#f-%s'>%s</a></li>", one->field, one->text);
    }
    html(h, "</ul></div></div>");
}

/* --- one field --- */

static bool is_group(const struct field *f)
{
    return f->kind == FIELD_SET || (f->kind == FIELD_REFS && f->ref) || f->kind == FIELD_BOOL;
}

static const char *number_text(struct web *w, const struct field *f, const void *record)
{
    i64 n = field_num(f, record);

    if (field_null(f, record))
        return "";
    if (f->kind == FIELD_MONEY)
        return text_money(w->arena, n);
    return arena_printf(w->arena, "%lld", n);
}

/* What stands in the input: the sent text of a refused form, else the record's value. */
static const char *input_text(const struct input_field *in)
{
    const char *sent = in->sent;
    const char *text;

    if (sent)
        return sent;
    if (field_is_text(in->f)) {
        text = field_str(in->f, in->record);
        return text ? text : "";
    }
    return number_text(in->w, in->f, in->record);
}

/* Attributes that tie the control to its hint and error. */
void form_aria(const struct input_field *in)
{
    struct html *h = in->w->html;
    bool hint = in->f->help || in->f->example;

    if (in->error)
        html(h, " aria-invalid='true'");
    if (hint && in->error)
        html(h, " aria-describedby='f-%s-hint f-%s-error'", in->f->name, in->f->name);
    else if (hint)
        html(h, " aria-describedby='f-%s-hint'", in->f->name);
    else if (in->error)
        html(h, " aria-describedby='f-%s-error'", in->f->name);
    if (in->required && !is_group(in->f))
        html(h, " required");
}

static void draw_hint(const struct input_field *in)
{
    struct html *h = in->w->html;

    if (in->f->help || in->f->example) {
        html(h, "<div class='form-hint' id='f-%s-hint'>%s", in->f->name,
             in->f->help ? tr(in->f->help) : NULL);
        if (in->f->example)
            html(h, "%s{Example: %s}", in->f->help ? " " : "", tr(in->f->example));
        html(h, "</div>");
    }
    if (in->error)
        html(h, "<div class='field-error' id='f-%s-error'>%s</div>", in->f->name, in->error);
}

static void draw_line(const struct input_field *in, const char *type)
{
    struct html *h = in->w->html;
    const struct field *f = in->f;
    bool money = f->kind == FIELD_MONEY && !text_empty(in->w->currency);

    if (money)
        html(h, "<div class='input-group'>");
    html(h, "<input class='form-control%s' id='f-%s' name='%s' type='%s' value='%s'",
         in->error ? " is-invalid" : "", f->name, f->name, type, input_text(in));
    if (f->kind == FIELD_TEXT || f->kind == FIELD_EMAIL)
        html(h, " maxlength='%d'", f->max > 0 ? f->max : 200);
    if (f->kind == FIELD_INT && f->most > f->least)
        html(h, " min='%lld' max='%lld'", f->least, f->most);
    if (f->kind == FIELD_MONEY)
        html(h, " inputmode='decimal'");
    form_aria(in);
    html(h, " autocomplete='off'>");
    if (money)
        html(h, "<span class='input-group-text'>%s</span></div>", in->w->currency);
}

static void draw_area(const struct input_field *in)
{
    html(in->w->html,
         "<textarea class='form-control%s' id='f-%s' name='%s' rows='4' maxlength='%d'",
         in->error ? " is-invalid" : "", in->f->name, in->f->name,
         in->f->max > 0 ? in->f->max : 10000);
    form_aria(in);
    /* The browser drops one new line after the tag. */
    html(in->w->html, ">\n%s</textarea>", input_text(in));
    if (in->f->markdown && in->w->slug)
        html(in->w->html,
             "<div class='comment-preview' data-preview-into hidden></div><div class='mt-2'>"
             "<button class='btn btn-sm' type='submit' formaction='%s' formtarget='_blank' "
             "formnovalidate name='_preview' value='%s' data-preview>{Preview}</button></div>",
             web_url(in->w, "/preview"), in->f->name);
}

void form_select_begin(const struct input_field *in)
{
    html(in->w->html, "<select class='form-select%s' id='f-%s' name='%s'",
         in->error ? " is-invalid" : "", in->f->name, in->f->name);
    form_aria(in);
    html(in->w->html, ">");
}

void form_option(struct web *w, const char *value, const char *label, const char *chosen)
{
    html(w->html, "<option value='%s'", value);
    if (text_equal(value, chosen))
        html(w->html, " selected");
    html(w->html, ">%s</option>", label);
}

static void draw_choice(const struct input_field *in)
{
    const char *chosen = input_text(in);

    form_select_begin(in);
    if (!in->required || !*chosen)
        form_option(in->w, "", "—", chosen);
    for (const struct choice *c = in->f->choices; c && c->code; c++)
        form_option(in->w, c->code, tr(c->label), chosen);
    html(in->w->html, "</select>");
}

static void draw_level(const struct input_field *in)
{
    const char *chosen = input_text(in);
    i64 most = in->f->most > in->f->least ? in->f->most : 5;
    i64 least = in->f->most > in->f->least && in->f->least > 0 ? in->f->least : 1;

    form_select_begin(in);
    form_option(in->w, "", "—", chosen);
    for (i64 n = least; n <= most; n++) {
        const char *text = arena_printf(in->w->arena, "%lld", n);
        form_option(in->w, text, text, chosen);
    }
    html(in->w->html, "</select>");
}

/* --- catalogue codes --- */

static const struct content_table *catalogue(struct web *w, const char *name)
{
    const struct content *c = w->app ? w->app->content : NULL;
    const struct content_table *t = c ? content_table(c, name) : NULL;

    if (!t && c)
        t = content_table(c, arena_printf(w->arena, "catalogue/%s", name));
    return t;
}

/* The column by which the codes of a catalogue are put under headings. */
static const char *group_column(const struct content_table *t)
{
    static const char *const names[] = {"group", "family", "theme"};

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (content_has_column(t, names[i]))
            return names[i];
    return NULL;
}

static const char *code_label(struct web *w, const struct field *f, const char *code)
{
    return catalogue_label(w, f->catalogue, code);
}

/* All rows of the heading that starts in row `first`; a heading starts where no earlier row has
 * it. */
static void draw_code_group(const struct input_field *in, const struct content_table *t,
                            const char *column, size_t first, const char *chosen)
{
    const char *group = column ? content_cell(t, first, column) : "";

    for (size_t i = 0; column && i < first; i++)
        if (text_equal(content_cell(t, i, column), group))
            return;
    if (*group)
        html(in->w->html, "<optgroup label='%s'>", tr(group));
    for (size_t i = first; i < content_rows(t); i++) {
        const char *code = content_cell(t, i, "code");
        if (!column || text_equal(content_cell(t, i, column), group))
            form_option(in->w, code, code_label(in->w, in->f, code), chosen);
    }
    if (*group)
        html(in->w->html, "</optgroup>");
}

/* The organisation's own entries come first. */
static struct err *draw_own_codes(const struct input_field *in, const char *chosen)
{
    struct catalogue_entry *own;
    size_t n;

    TRY(catalogue_own(in->w, in->f->catalogue, &own, &n));
    if (!n)
        return NULL;
    html(in->w->html, "<optgroup label='{Own}'>");
    for (size_t i = 0; i < n; i++)
        form_option(in->w, own[i].code, own[i].label, chosen);
    html(in->w->html, "</optgroup>");
    return NULL;
}

/* What the record has may be retired by now. */
static struct err *draw_odd_code(const struct input_field *in, const struct content_table *t,
                                 const char *chosen)
{
    const char *own = NULL;

    if (!*chosen || content_row(t, chosen) >= 0)
        return NULL;
    if (text_starts(chosen, CATALOGUE_OWN))
        TRY(catalogue_find_own(in->w, in->f->catalogue, chosen, &own));
    if (!own)
        form_option(in->w, chosen, code_label(in->w, in->f, chosen), chosen);
    return NULL;
}

static struct err *draw_code(const struct input_field *in)
{
    const struct content_table *t = catalogue(in->w, in->f->catalogue);
    const char *chosen = input_text(in);
    const char *column = t ? group_column(t) : NULL;

    if (!t) {
        draw_line(in, "text");
        return NULL;
    }
    form_select_begin(in);
    if (!in->required || !*chosen)
        form_option(in->w, "", "—", chosen);
    TRY(draw_odd_code(in, t, chosen));
    TRY(draw_own_codes(in, chosen));
    for (size_t i = 0; i < content_rows(t); i++) {
        draw_code_group(in, t, column, i, chosen);
        if (!column)
            break;
    }
    html(in->w->html, "</select>");
    return NULL;
}

/* --- boxes: SET, BOOL, REFS --- */

static bool was_sent(const struct web *w, const char *name, const char *value)
{
    for (size_t i = 0; w->req && i < w->req->form.count; i++)
        if (text_equal(w->req->form.list[i].name, name) &&
            text_equal(w->req->form.list[i].value, value))
            return true;
    return false;
}

/* One box; `checked` counts unless the form is drawn again with what was sent. */
void form_box(const struct input_field *in, const char *value, const char *label, bool checked)
{
    struct html *h = in->w->html;
    const char *name = arena_printf(in->w->arena, "%s[]", in->f->name);

    if (in->sent)
        checked = was_sent(in->w, name, value);
    html(h,
         "<label class='form-check'><input class='form-check-input' type='checkbox' name='%s' "
         "value='%s'",
         name, value);
    if (checked)
        html(h, " checked");
    html(h, "><span class='form-check-label'>%s</span></label>", label);
}

static void draw_set(const struct input_field *in)
{
    i64 bits = field_num(in->f, in->record);

    for (size_t i = 0; in->f->choices[i].code; i++)
        form_box(in, in->f->choices[i].code, tr(in->f->choices[i].label), bits >> i & 1);
}

static struct err *draw_boxes(const struct input_field *in)
{
    struct html *h = in->w->html;
    struct err *e = NULL;

    html(h,
         "<fieldset class='field group' id='f-%s'><legend class='%s'>%s</legend>"
         "<input type='hidden' name='%s[]' value=''>",
         in->f->name, in->required ? "required" : "", tr(in->f->label), in->f->name);
    if (in->f->kind == FIELD_SET)
        draw_set(in);
    else if (in->f->kind == FIELD_BOOL)
        form_box(in, "1", tr("Yes"), field_num(in->f, in->record) != 0);
    else
        e = form_references(in);
    draw_hint(in);
    html(h, "</fieldset>");
    return e;
}

/* --- fields --- */

static struct err *draw_control(const struct input_field *in)
{
    if (in->f->input)
        return in->f->input(in->w, in->f, in->record);
    switch (in->f->kind) {
    case FIELD_LONG:
        draw_area(in);
        break;
    case FIELD_EMAIL:
        draw_line(in, "email");
        break;
    case FIELD_INT:
        draw_line(in, "number");
        break;
    case FIELD_DATE:
        draw_line(in, "date");
        break;
    case FIELD_CHOICE:
        draw_choice(in);
        break;
    case FIELD_CODE:
        return draw_code(in);
    case FIELD_LEVEL:
        draw_level(in);
        break;
    case FIELD_REF:
        return form_reference(in);
    case FIELD_RECORD:
        return form_record(in);
    case FIELD_REFS:
        return form_records(in);
    case FIELD_TEXT:
    case FIELD_MONEY:
        draw_line(in, "text");
        break;
    case FIELD_TIME:
    case FIELD_BOOL:
    case FIELD_SET:
        BUG("%s has no control of its own", in->f->name);
    }
    return NULL;
}

static struct err *draw_field(struct web *w, const struct field *f, const void *record,
                              const struct issues *issues, bool wide)
{
    struct input_field in = {.w = w,
                             .f = f,
                             .record = record,
                             .error = issue_of(issues, f->name),
                             .sent = form_sent(w, issues, f->name),
                             .required = f->required};

    if (is_group(f)) {
        in.sent = form_sent(w, issues, arena_printf(w->arena, "%s[]", f->name));
        return draw_boxes(&in);
    }
    html(w->html, "<div class='field%s'><label class='form-label%s' for='f-%s'>%s</label>",
         wide ? " wide" : "", in.required ? " required" : "", f->name, tr(f->label));
    TRY(draw_control(&in));
    draw_hint(&in);
    html(w->html, "</div>");
    return NULL;
}

struct err *form_field(struct web *w, const struct field *f, const void *record,
                       const struct issues *issues)
{
    return draw_field(w, f, record, issues, f->kind == FIELD_LONG);
}

static bool is_input(const struct field *f, bool fresh)
{
    return !f->internal && !f->derived && !f->secret && f->kind != FIELD_TIME &&
           (fresh || !f->fixed);
}

/* The headings in the order in which the fields name them; "" for fields without one. */
static size_t groups_of(const struct entity *e, const char *groups[GROUPS_MOST])
{
    size_t count = 0;

    for (size_t i = 0; i < e->nfields; i++) {
        const char *group = e->fields[i].group ? e->fields[i].group : "";
        bool known = false;

        for (size_t k = 0; k < count; k++)
            known |= text_equal(groups[k], group);
        if (!known && count == GROUPS_MOST)
            BUG("%s has more than %d groups of fields", e->name, GROUPS_MOST);
        if (!known)
            groups[count++] = group;
    }
    return count;
}

static bool in_group(const struct field *f, const char *group)
{
    return text_equal(f->group ? f->group : "", group);
}

struct err *form_fields(struct web *w, const struct entity *e, const void *record,
                        const struct issues *issues)
{
    bool fresh = ((const struct record *)record)->id == 0;
    const char *groups[GROUPS_MOST];
    size_t count = groups_of(e, groups);
    struct html *h = w->html;

    TRY(form_draft(w, e, record, issues));
    for (size_t g = 0; g < count; g++) {
        bool begun = false;
        for (size_t i = 0; i < e->nfields; i++) {
            const struct field *f = &e->fields[i];
            if (!in_group(f, groups[g]) || !is_input(f, fresh))
                continue;
            if (!begun && *groups[g])
                html(h, "<fieldset class='mb-4'><legend class='h3 mb-3'>%s</legend>",
                     tr(groups[g]));
            if (!begun)
                html(h, "<div class='form-grid mb-3'>");
            begun = true;
            TRY(draw_field(w, f, record, issues,
                           f->kind == FIELD_LONG || text_equal(f->name, e->title)));
        }
        if (begun)
            html(h, "</div>");
        if (begun && *groups[g])
            html(h, "</fieldset>");
    }
    return NULL;
}

/* --- free inputs --- */

static void free_begin(struct web *w, const char *name, const char *label)
{
    html(w->html, "<div class='field mb-3'><label class='form-label' for='f-%s'>%s</label>", name,
         tr(label));
}

static void free_end(struct web *w, const char *name, const char *help)
{
    if (help)
        html(w->html, "<div class='form-hint' id='f-%s-hint'>%s</div>", name, tr(help));
    html(w->html, "</div>");
}

static void described(struct web *w, const char *name, const char *help)
{
    if (help)
        html(w->html, " aria-describedby='f-%s-hint'", name);
    html(w->html, ">");
}

void form_text(struct web *w, const char *name, const char *label, const char *value,
               const char *help)
{
    free_begin(w, name, label);
    html(w->html, "<input class='form-control' id='f-%s' name='%s' value='%s' maxlength='200'",
         name, name, value);
    described(w, name, help);
    free_end(w, name, help);
}

void form_area(struct web *w, const char *name, const char *label, const char *value,
               const char *help)
{
    free_begin(w, name, label);
    html(w->html, "<textarea class='form-control' id='f-%s' name='%s' rows='4' maxlength='10000'",
         name, name);
    described(w, name, help);
    html(w->html, "\n%s</textarea>", value);
    free_end(w, name, help);
}

void form_select(struct web *w, const char *name, const char *label, const struct choice *choices,
                 const char *value)
{
    free_begin(w, name, label);
    html(w->html, "<select class='form-select' id='f-%s' name='%s'>", name, name);
    for (const struct choice *c = choices; c->code; c++)
        form_option(w, c->code, tr(c->label), value ? value : "");
    html(w->html, "</select>");
    free_end(w, name, NULL);
}

/* --- details --- */

static bool is_shown(const struct field *f, const void *record)
{
    bool quiet = f->internal || f->derived;

    if (f->secret)
        return false;
    return !quiet || f->kind == FIELD_REFS || !field_null(f, record);
}

struct err *entity_details(struct web *w, const struct entity *e, const void *record)
{
    const struct field **fields = NEW_ARRAY(w->arena, const struct field *, e->nfields + 1);
    struct list_result one = {.records = (void *)(uintptr_t)record, .count = 1};
    const char *groups[GROUPS_MOST];
    size_t count = groups_of(e, groups);
    struct list_titles titles;

    for (size_t i = 0; i < e->nfields; i++)
        fields[i] = &e->fields[i];
    TRY(list_titles(w, fields, e->nfields, &one, e->size, &titles));
    for (size_t g = 0; g < count; g++) {
        bool begun = false;
        for (size_t i = 0; i < e->nfields; i++) {
            if (!in_group(fields[i], groups[g]) || !is_shown(fields[i], record))
                continue;
            if (!begun && *groups[g])
                html(w->html, "<h3 class='%s'>%s</h3>", g ? "mt-4" : "", tr(groups[g]));
            if (!begun)
                html(w->html, "<dl class='facts'>");
            begun = true;
            html(w->html, "<dt>%s</dt><dd>", tr(fields[i]->label));
            TRY(list_draw_value(w, e, fields[i], record, &titles, true));
            html(w->html, "</dd>");
        }
        if (begun)
            html(w->html, "</dl>");
    }
    return NULL;
}
