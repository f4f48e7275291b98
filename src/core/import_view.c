/* SPDX-License-Identifier: Apache-2.0 */
/* The pages of an import: upload, and what would happen. */
#include <string.h>

#include "base/crypt.h"
#include "base/text.h"
#include "core/entity_sql.h"
#include "core/import_part.h"
#include "core/page.h"

static const char *noun(struct web *w, const char *label)
{
    char *copy = arena_str(w->arena, label);

    if (copy[0] >= 'A' && copy[0] <= 'Z' && !(copy[1] >= 'A' && copy[1] <= 'Z'))
        copy[0] = (char)(copy[0] | 0x20);
    return copy;
}

static void begin(struct web *w, const struct entity *e)
{
    page_begin(w, e->labels, "Import %s", noun(w, e->labels));
    page_help(w,
              "Bring a list in from a spreadsheet or another program. Nothing is stored before you "
              "have seen what every row would do. A row with a number changes that record; without "
              "one, a record of the same name is changed, and otherwise a new one is created. An "
              "empty cell empties the field; a column that is not in the file leaves it alone.",
              NULL);
    page_body(w);
}

static void hidden_tokens(struct web *w)
{
    html(w->html,
         "<input type='hidden' name='_csrf' value='%s'><input type='hidden' name='_op' value='%s'>",
         w->csrf, crypt_token(w->arena, 16));
}

/* --- upload --- */

static const char *kind_text(struct arena *a, const struct field *f)
{
    struct buf b;

    switch (f->kind) {
    case FIELD_CHOICE:
    case FIELD_SET:
        buf_init(&b, a, 64);
        buf_str(&b, f->kind == FIELD_SET ? "any of " : "one of ");
        for (size_t i = 0; f->choices[i].code; i++)
            buf_printf(&b, "%s%s", i ? ", " : "", f->choices[i].code);
        return b.data;
    case FIELD_REF:
        return arena_printf(a, "number or exact name, like %s-7", f->ref->prefix);
    case FIELD_REFS:
        return arena_printf(a, "numbers or exact names, separated by commas, like %s-7, %s-9",
                            f->ref->prefix, f->ref->prefix);
    case FIELD_DATE:
        return "date like 2026-03-01";
    case FIELD_BOOL:
        return "yes or no";
    case FIELD_MONEY:
        return "amount like 1234.50";
    case FIELD_INT:
    case FIELD_LEVEL:
        return "whole number";
    case FIELD_EMAIL:
        return "e-mail address";
    case FIELD_CODE:
        return "name or code of the catalogue";
    default:
        return "text";
    }
}

static void draw_columns(struct web *w, const struct entity *e)
{
    struct html *h = w->html;

    html(h,
         "<div class='table-responsive'><table class='table'><caption class='visually-hidden'>"
         "Columns that are understood</caption><thead><tr><th scope='col'>Column</th>"
         "<th scope='col'>What it holds</th><th scope='col'>Written as</th></tr></thead><tbody>"
         "<tr><th scope='row'>number</th><td>Which record is changed; empty for a new one</td>"
         "<td>number like %s-7</td></tr>",
         e->prefix);
    for (size_t i = 0; i < e->nfields; i++) {
        const struct field *f = &e->fields[i];

        if (import_may_fill(f))
            html(h, "<tr><th scope='row'>%s</th><td>%s%s</td><td>%s</td></tr>", f->name, f->label,
                 f->required ? " (needed for a new record)" : "", kind_text(w->arena, f));
    }
    html(h, "</tbody></table></div>");
}

struct err *import_draw_upload(struct web *w, const struct entity *e)
{
    struct html *h = w->html;
    const char *base = web_url(w, "/%s/import", e->plural);

    begin(w, e);
    card_begin(w, "1. Choose a file", NULL);
    html(h, "<form method='post' action='%s/preview' enctype='multipart/form-data'>", base);
    hidden_tokens(w);
    html(h,
         "<div class='field mb-3'><label class='form-label required' for='f-file'>File</label>"
         "<input class='form-control' type='file' id='f-file' name='file' required "
         "accept='.csv,.tsv,.txt,.json,text/csv,application/json'><div class='form-hint'>CSV "
         "with a first row of column names (comma, semicolon, tab or | between them; UTF-8 or "
         "Windows-1252), or JSON. You can start from <a href='%s?template=1' download>an empty "
         "CSV with all columns</a>.</div></div>",
         base);
    form_end(w, "Look at it", web_url(w, "/%s", e->plural));
    card_end(w);
    html(h, "<section class='card mt-3'><div class='card-header'><h2 class='card-title'>Columns"
            "</h2></div>");
    draw_columns(w, e);
    html(h, "</section>");
    page_end(w);
    return NULL;
}

/* --- preview --- */

static void draw_option(struct html *h, const char *value, const char *label, bool selected)
{
    if (selected)
        html(h, "<option value='%s' selected>%s</option>", value, label);
    else
        html(h, "<option value='%s'>%s</option>", value, label);
}

static void draw_mapping(struct web *w, const struct import *im, size_t i)
{
    const struct column *c = &im->columns[i];
    struct html *h = w->html;

    html(h, "<tr%s><th scope='row'><label for='f-map-%zu'>%s</label></th><td>",
         c->use == COLUMN_UNKNOWN ? " class='warn'" : "", i, c->name);
    html(h, "<select class='form-select' id='f-map-%zu' name='map.%zu'>", i, i);
    draw_option(h, "", "Please choose", c->use == COLUMN_UNKNOWN);
    draw_option(h, "-", "Leave this column out", c->use == COLUMN_IGNORED || c->use == COLUMN_SET);
    draw_option(h, "number", "Number of the record", c->use == COLUMN_NUMBER);
    for (size_t k = 0; k < im->e->nfields; k++) {
        const struct field *f = &im->e->fields[k];

        if (import_may_fill(f))
            draw_option(h, f->name, f->label, c->use == COLUMN_FIELD && c->field == f);
    }
    html(h, "</select>");
    if (c->use == COLUMN_SET)
        html(h, "<div class='form-hint'>This column %s.</div>", c->note);
    html(h, "</td></tr>");
}

/* Inputs for what new records need and no column gives. */
static void draw_defaults(struct web *w, const struct import *im)
{
    struct html *h = w->html;

    for (size_t i = 0; i < im->e->nfields; i++) {
        const struct field *f = &im->e->fields[i];
        const char *value = import_default_of(im, f);

        if (!import_lacks(im, f))
            continue;
        html(h,
             "<div class='field mt-3'><label class='form-label' for='f-set-%s'>%s of all new rows"
             "</label>",
             f->name, f->label);
        if (f->kind == FIELD_CHOICE) {
            html(h, "<select class='form-select' id='f-set-%s' name='set.%s'>", f->name, f->name);
            draw_option(h, "", "Please choose", !value);
            for (size_t k = 0; f->choices[k].code; k++)
                draw_option(h, f->choices[k].code, f->choices[k].label,
                            text_equal(value, f->choices[k].code));
            html(h, "</select>");
        } else {
            html(h, "<input class='form-control' id='f-set-%s' name='set.%s' value='%s'>", f->name,
                 f->name, value);
        }
        html(h, "<div class='form-hint'>The file has no column for it. %s</div></div>",
             kind_text(w->arena, f));
    }
}

static void draw_problems(struct web *w, const struct import *im)
{
    struct html *h = w->html;

    if (!im->nproblems)
        return;
    card_begin(w, "What is wrong",
               im->nproblems == IMPORT_PROBLEMS ? "the first 200 are shown" : NULL);
    html(h, "<div class='table-responsive'><table class='table'><caption class='visually-hidden'>"
            "Problems by row</caption><thead><tr><th scope='col'>Row</th><th scope='col'>Column"
            "</th><th scope='col'>Problem</th></tr></thead><tbody>");
    for (size_t i = 0; i < im->nproblems; i++) {
        const struct problem *p = &im->problems[i];

        html(h, "<tr><th scope='row'>%lld</th><td>%s</td><td>%s</td></tr>", p->row,
             *p->column ? p->column : "—", p->text);
    }
    html(h, "</tbody></table></div>");
    card_end(w);
}

static void draw_samples(struct web *w, const struct import *im)
{
    static const char *const words[] = {[ROW_CREATE] = "Create",
                                        [ROW_CHANGE] = "Change",
                                        [ROW_SAME] = "Unchanged",
                                        [ROW_WRONG] = "Wrong"};
    static const char *const tones[] = {
        [ROW_CREATE] = "green", [ROW_CHANGE] = "blue", [ROW_SAME] = "", [ROW_WRONG] = "red"};
    struct html *h = w->html;

    card_begin(w, "The first rows", NULL);
    html(h,
         "<div class='table-responsive'><table class='table'><caption class='visually-hidden'>"
         "What happens to the first rows</caption><thead><tr><th scope='col'>Row</th>"
         "<th scope='col'>%s</th><th scope='col'>What happens</th></tr></thead><tbody>",
         im->e->label);
    for (size_t i = 0; i < im->nsamples; i++) {
        const struct sample *s = &im->samples[i];

        html(h, "<tr><th scope='row'>%lld</th><td>%s</td><td>", s->row, s->title);
        badge(w, tones[s->fate], words[s->fate]);
        html(h, " %s</td></tr>", s->what);
    }
    html(h, "</tbody></table></div>");
    card_end(w);
}

static void draw_counts(struct web *w, const struct import *im)
{
    const struct import_counts *c = &im->counts;
    size_t undecided = import_undecided(im);

    if (im->source->converted)
        page_notice(w, "warning",
                    "The file is not UTF-8. It was read as Windows-1252; check the special letters "
                    "below.");
    if (undecided)
        page_notice(
            w, "warning", "%zu %s known. Say below what %s, or that %s left out, and check again.",
            undecided, undecided == 1 ? "column is not" : "columns are not",
            undecided == 1 ? "it holds" : "they hold", undecided == 1 ? "it is" : "they are");
    page_notice(w, c->wrong ? "danger" : "info",
                "%lld rows: %lld would be created, %lld changed, %lld stay as they are, %lld are "
                "wrong. Nothing has been written yet.",
                c->rows, c->created, c->changed, c->same, c->wrong);
}

struct err *import_draw_preview(struct web *w, const struct import *im, const char *token)
{
    struct html *h = w->html;
    const char *base = web_url(w, "/%s/import", im->e->plural);
    i64 good = im->counts.created + im->counts.changed;

    begin(w, im->e);
    draw_counts(w, im);
    html(h, "<form method='post' action='%s' data-guard>", base);
    hidden_tokens(w);
    html(h,
         "<input type='hidden' name='token' value='%s'><input type='hidden' name='file_name' "
         "value='%s'>",
         token, im->source->name);
    card_begin(w, "2. Columns", im->source->name);
    html(h, "<div class='table-responsive'><table class='table'><caption class='visually-hidden'>"
            "Columns of the file and the fields they fill</caption><thead><tr><th scope='col'>"
            "Column of the file</th><th scope='col'>Field</th></tr></thead><tbody>");
    for (size_t i = 0; i < im->source->ncolumns; i++)
        draw_mapping(w, im, i);
    html(h, "</tbody></table></div>");
    draw_defaults(w, im);
    html(h, "<button class='btn mt-3' type='submit' formaction='%s/preview'>Check again</button>",
         base);
    card_end(w);
    draw_problems(w, im);
    draw_samples(w, im);
    card_begin(w, "3. Import", NULL);
    if (im->counts.wrong)
        html(h,
             "<div class='field mb-3'><label class='form-check'><input class='form-check-input' "
             "type='checkbox' name='good_rows' value='1'%s><span class='form-check-label'>Leave "
             "the %lld wrong rows out and import the others</span></label></div>",
             im->good_rows ? " checked" : "", im->counts.wrong);
    form_end(w, arena_printf(w->arena, "Import %lld rows", good), web_url(w, "/%s", im->e->plural));
    card_end(w);
    page_end(w);
    return NULL;
}
