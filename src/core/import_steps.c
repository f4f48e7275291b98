/* SPDX-License-Identifier: Apache-2.0 */
/* The cards of an import above its preview: how the file is read, which column is which field, what
 * values mean, what is missing, by what records are matched; and the settings that the form of
 * these cards posts. Everything comes from what the last check kept. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/content.h"
#include "core/entity_sql.h"
#include "core/import_draft.h"
#include "core/language.h"
#include "core/page.h"

static const char *text(const json_t *o, const char *name)
{
    const char *s = json_string_value(json_object_get(o, name));

    return s ? s : "";
}

static bool flag(const json_t *o, const char *name)
{
    return json_is_true(json_object_get(o, name));
}

static const char *item(const json_t *list, size_t i)
{
    const char *s = json_string_value(json_array_get(list, i));

    return s ? s : "";
}

static void draw_option(struct html *h, const char *value, const char *label, bool selected)
{
    html(h, "<option value='%s'", value);
    if (selected)
        html(h, " selected");
    html(h, ">%s</option>", label);
}

/* --- the file --- */

static void draw_encodings(struct web *w, const json_t *facts)
{
    struct html *h = w->html;
    const char *now = text(facts, "encoding");

    html(h, "<div class='field'><label class='form-label' for='f-encoding'>{Encoding}</label>"
            "<select class='form-select' id='f-encoding' name='encoding'>");
    draw_option(h, "", tr("Find out"), false);
    for (const char *const *e = source_encodings(); *e; e++)
        draw_option(h, *e, *e, text_equal(*e, now));
    html(h, "</select><div class='form-hint'>{Choose another one when special letters look "
            "wrong.}</div></div>");
}

static void draw_delimiters(struct web *w, const json_t *facts)
{
    static const struct choice list[] = {
        {";",   "Semicolon ;", NULL},
        {",", "Comma ,", NULL},
        {"tab",   "Tab", NULL},
        {"|", "Bar |", NULL},
        {0}
    };
    struct html *h = w->html;
    const char *now = text(facts, "delimiter");

    html(h, "<div class='field'><label class='form-label' for='f-delimiter'>{Separator}</label>"
            "<select class='form-select' id='f-delimiter' name='delimiter'>");
    draw_option(h, "", tr("Find out"), false);
    for (const struct choice *c = list; c->code; c++)
        draw_option(h, c->code, tr(c->label),
                    text_equal(c->code, text_equal(now, "\t") ? "tab" : now));
    html(h, "</select></div>");
}

static void draw_sheets(struct web *w, const json_t *facts)
{
    const json_t *sheets = json_object_get(facts, "sheets");
    i64 chosen = json_integer_value(json_object_get(facts, "sheet"));
    struct html *h = w->html;

    html(h, "<div class='field'><label class='form-label' for='f-sheet'>{Sheet}</label>"
            "<select class='form-select' id='f-sheet' name='sheet'>");
    for (size_t i = 0; i < json_array_size(sheets); i++) {
        const json_t *s = json_array_get(sheets, i);
        bool hidden = json_is_true(json_array_get(s, 1));
        const char *name = item(s, 0);

        if (hidden)
            name = arena_printf(w->arena, tr("%s (hidden)"), name);
        draw_option(h, arena_printf(w->arena, "%zu", i + 1), name, (i64)i == chosen);
    }
    html(h, "</select></div>");
}

static const char *separator_word(const char *delimiter)
{
    return text_equal(delimiter, "\t")  ? tr("tab")
           : text_equal(delimiter, ";") ? tr("semicolon")
           : text_equal(delimiter, ",") ? tr("comma")
           : text_equal(delimiter, "|") ? tr("bar")
                                        : delimiter;
}

/* One line: what the file was taken for. */
static void draw_reading(struct web *w, const json_t *facts)
{
    struct html *h = w->html;
    const char *kind = text(facts, "kind");
    i64 header = json_integer_value(json_object_get(facts, "header"));

    html(h, "<p class='mb-2'>");
    if (text_equal(kind, "CSV"))
        html(h, "{Read as CSV in %s, cells separated by %s, column names in row %lld.}",
             text(facts, "encoding"), separator_word(text(facts, "delimiter")), header);
    else if (text_equal(kind, "XLSX"))
        html(h, "{Read as a workbook: sheet “%s”, column names in row %lld.}",
             item(json_array_get(json_object_get(facts, "sheets"),
                                 (size_t)json_integer_value(json_object_get(facts, "sheet"))),
                  0),
             header);
    else if (*kind)
        html(h, "{Read as JSON in %s.}", text(facts, "encoding"));
    html(h, "</p>");
    if (*kind && *text(facts, "encoding") && !flag(facts, "sure"))
        page_notice(w, "warning",
                    "The encoding is a guess. Look at the special letters in the samples below.");
}

static void draw_file(struct web *w, const struct import_draft *d)
{
    const json_t *facts = d->facts, *notes = json_object_get(facts, "notes");
    const char *kind = text(facts, "kind");
    bool open = text_equal(d->state, "unreadable");
    struct html *h = w->html;

    card_begin(w, "File", d->name);
    draw_reading(w, facts);
    if (json_array_size(notes)) {
        html(h, "<ul class='import-notes'>");
        for (size_t i = 0; i < json_array_size(notes); i++)
            html(h, "<li>%s</li>", item(notes, i));
        html(h, "</ul>");
    }
    html(h, "<details%s><summary>{Read it differently}</summary><div class='form-grid mt-2'>",
         open ? " open" : "");
    if (json_array_size(json_object_get(facts, "sheets")))
        draw_sheets(w, facts);
    if (!text_equal(kind, "XLSX"))
        draw_encodings(w, facts);
    if (!*kind || text_equal(kind, "CSV"))
        draw_delimiters(w, facts);
    if (!text_equal(kind, "JSON"))
        html(h,
             "<div class='field'><label class='form-label' for='f-header'>{Row of the column "
             "names}</label><input class='form-control' id='f-header' name='header' type='number' "
             "min='1' max='1048576' value='%s'></div>",
             json_integer_value(json_object_get(facts, "header"))
                 ? arena_printf(w->arena, "%lld",
                                (i64)json_integer_value(json_object_get(facts, "header")))
                 : "");
    html(h, "</div></details>");
    card_end(w);
}

/* --- columns --- */

static void draw_field_options(struct web *w, const struct import_draft *d, const json_t *column)
{
    const char *use = text(column, "use"), *field = text(column, "field");
    struct html *h = w->html;

    draw_option(h, "", tr("Please choose"), !*use && !*field);
    draw_option(h, "-", tr("Leave this column out"),
                text_equal(use, "-") || text_equal(use, "set"));
    draw_option(h, "number", tr("Number of the record"), text_equal(use, "number"));
    draw_option(h, "key", tr("Key in the other program"), text_equal(use, "key"));
    for (size_t k = 0; k < d->e->nfields; k++) {
        const struct field *f = &d->e->fields[k];

        if (import_may_fill(f))
            draw_option(h, f->name, tr(f->label),
                        !text_equal(use, "set") && text_equal(field, f->name));
    }
}

static void draw_column(struct web *w, const struct import_draft *d, size_t i, const json_t *column)
{
    const json_t *samples = json_object_get(column, "samples");
    bool open = !*text(column, "use");
    struct html *h = w->html;

    html(h,
         "<tr class='%s'><th scope='row'><label for='f-map-%zu'>%s</label></th><td "
         "class='import-samples'>",
         open ? "warn" : "", i, text(column, "name"));
    for (size_t k = 0; k < json_array_size(samples); k++)
        html(h, "<div>%.60s</div>", item(samples, k));
    if (!json_array_size(samples))
        html(h, "<span class='mute'>{nothing}</span>");
    html(h, "</td><td><select class='form-select' id='f-map-%zu' name='map.%zu'>", i, i);
    draw_field_options(w, d, column);
    html(h, "</select>");
    if (open && *text(column, "field"))
        html(h, "<div class='form-hint'>{This is a guess. Is it right?}</div>");
    else if (text_equal(text(column, "use"), "set"))
        html(h, "<div class='form-hint'>{This column %s.}</div>", text(column, "note"));
    html(h, "</td></tr>");
}

/* Left out because nothing stands in it. */
static bool is_empty(const json_t *column)
{
    return text_equal(text(column, "use"), "-") && !flag(column, "told");
}

static void draw_empty_columns(struct web *w, const json_t *columns)
{
    struct html *h = w->html;
    bool any = false;

    for (size_t i = 0; i < json_array_size(columns); i++) {
        const json_t *c = json_array_get(columns, i);

        if (!is_empty(c))
            continue;
        if (!any)
            html(h, "<details class='mt-2'><summary>{Columns with nothing in them are left out}"
                    "</summary><ul class='import-notes'>");
        any = true;
        html(h, "<li>%s</li>", text(c, "name"));
    }
    if (any)
        html(h, "</ul></details>");
}

static size_t undecided(const json_t *columns)
{
    size_t n = 0;

    for (size_t i = 0; i < json_array_size(columns); i++)
        n += !*text(json_array_get(columns, i), "use");
    return n;
}

/* Columns that wait come first: they are what has to be done. */
static void draw_columns(struct web *w, const struct import_draft *d)
{
    const json_t *columns = json_object_get(d->facts, "columns");
    i64 at = json_integer_value(json_object_get(d->facts, "remembered"));
    size_t open = undecided(columns), n = json_array_size(columns);
    struct html *h = w->html;

    card_begin(w, "Columns", NULL);
    if (at)
        html(h, "<p>{Matched as in the import of %s with the same columns.}</p>", web_time(w, at));
    if (open) {
        html(h,
             "<p class='mb-2'>{%lld column is not known. Say what it holds, or that it is left out."
             "|%lld columns are not known. Say what they hold, or that they are left out.}</p>",
             (i64)open, (i64)open);
        html(h, "<p><button class='btn btn-sm' type='submit' name='rest' value='-'>{Leave all "
                "unknown columns out}</button></p>");
    }
    html(h, "<div class='table-responsive'><table class='table import-columns'><caption "
            "class='visually-hidden'>{Columns of the file and the fields they fill}</caption>"
            "<thead><tr><th scope='col'>{Column of the file}</th><th scope='col'>{Holds}</th>"
            "<th scope='col'>{Field}</th></tr></thead><tbody>");
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < n; i++)
            if ((*text(json_array_get(columns, i), "use") != '\0') == round &&
                !is_empty(json_array_get(columns, i)))
                draw_column(w, d, i, json_array_get(columns, i));
    html(h, "</tbody></table></div>");
    draw_empty_columns(w, columns);
    card_end(w);
}

/* --- values --- */

static void draw_codes(struct web *w, const struct field *f, const char *now)
{
    const struct content *c = w->app->content;
    const struct content_table *t = content_table(c, f->catalogue);
    const char *column = t && content_has_column(t, "code")  ? "code"
                         : t && content_has_column(t, "key") ? "key"
                                                             : "id";

    for (size_t i = 0; t && i < content_rows(t); i++) {
        const char *code = content_cell(t, i, column);

        draw_option(w->html, code, tr(content_label(c, f->catalogue, code)), text_equal(code, now));
    }
}

static void draw_meanings(struct web *w, const struct field *f, const char *now)
{
    struct html *h = w->html;

    draw_option(h, "", tr("Please choose"), !*now);
    draw_option(h, "-", tr("Leave it empty"), text_equal(now, "-"));
    if (f->kind == FIELD_BOOL) {
        draw_option(h, "yes", tr("Yes"), text_equal(now, "yes"));
        draw_option(h, "no", tr("No"), text_equal(now, "no"));
    }
    for (size_t i = 0; f->choices && f->choices[i].code; i++)
        draw_option(h, f->choices[i].code, tr(f->choices[i].label),
                    text_equal(f->choices[i].code, now));
    for (i64 n = f->least > 0 ? f->least : 1;
         f->kind == FIELD_LEVEL && n <= (f->most > f->least ? f->most : 5); n++) {
        const char *level = arena_printf(w->arena, "%lld", n);

        draw_option(h, level, level, text_equal(level, now));
    }
    if (f->kind == FIELD_CODE)
        draw_codes(w, f, now);
}

static void draw_value(struct web *w, const struct field *f, const json_t *value, const char *id)
{
    struct html *h = w->html;
    const char *now = item(value, 2);
    i64 times = json_integer_value(json_array_get(value, 1));

    html(h,
         "<tr class='%s'><td>%s</td><th scope='row'><label for='f-%s'>%s</label></th><td "
         "class='num'>",
         *now ? "" : "warn", tr(f->label), id, item(value, 0));
    if (times)
        html(h, "% lld", times);
    html(h, "</td><td><select class='form-select' id='f-%s' name='%s'>", id, id);
    draw_meanings(w, f, now);
    html(h, "</select></td></tr>");
}

static bool any_values(const json_t *columns)
{
    for (size_t i = 0; i < json_array_size(columns); i++)
        if (json_array_size(json_object_get(json_array_get(columns, i), "values")))
            return true;
    return false;
}

static void draw_values(struct web *w, const struct import_draft *d)
{
    const json_t *columns = json_object_get(d->facts, "columns");
    struct html *h = w->html;

    if (!any_values(columns))
        return;
    card_begin(w, "Values", "what the words of the file mean here");
    html(h, "<div class='table-responsive'><table class='table'><caption class='visually-hidden'>"
            "{Values of the file and what they mean}</caption><thead><tr><th scope='col'>{Field}"
            "</th><th scope='col'>{In the file}</th><th scope='col' class='num'>{Rows}</th>"
            "<th scope='col'>{Means}</th></tr></thead><tbody>");
    for (size_t i = 0; i < json_array_size(columns); i++) {
        const json_t *c = json_array_get(columns, i), *values = json_object_get(c, "values");
        const struct field *f = entity_field(d->e, text(c, "field"));

        for (size_t k = 0; f && k < json_array_size(values); k++)
            draw_value(w, f, json_array_get(values, k),
                       arena_printf(w->arena, "val.%zu.%zu", i, k));
    }
    html(h, "</tbody></table></div>");
    card_end(w);
}

/* --- what is missing, and how records are matched --- */

static void draw_lack(struct web *w, const struct import_draft *d, const struct field *f)
{
    const char *now = text(json_object_get(d->facts, "defaults"), f->name);
    i64 lacking = import_draft_lacking(d, f);
    struct html *h = w->html;

    if (!*now && f->initial)
        now = f->initial;

    html(h,
         "<div class='field'><label class='form-label' for='f-set-%s'>{%s of all new rows}</label>",
         f->name, tr(f->label));
    if (f->choices || f->kind == FIELD_CODE || f->kind == FIELD_LEVEL) {
        html(h, "<select class='form-select' id='f-set-%s' name='set.%s'%s>", f->name, f->name,
             lacking ? " aria-invalid=true" : "");
        draw_meanings(w, f, now);
        html(h, "</select>");
    } else {
        html(h, "<input class='form-control' id='f-set-%s' name='set.%s' value='%s'%s>", f->name,
             f->name, now, lacking ? " aria-invalid=true" : "");
    }
    if (lacking)
        html(h,
             "<div class='field-error'>{%lld row is wrong without it. Say which column it is, or "
             "give one value for all new rows here.|%lld rows are wrong without it. Say which "
             "column it is, or give one value for all new rows here.}</div>",
             lacking, lacking);
    html(h, "<div class='form-hint'>{The file has no column for it, and a new record needs it.}"
            "</div></div>");
}

/* A choice that new records have anyway, but perhaps not as it is meant here. */
static bool is_usual(const struct import_draft *d, const struct field *f)
{
    const json_t *columns = json_object_get(d->facts, "columns");

    if (f->kind != FIELD_CHOICE || !f->required || !f->initial || !import_may_fill(f))
        return false;
    for (size_t i = 0; i < json_array_size(columns); i++) {
        const json_t *c = json_array_get(columns, i);

        if (text_equal(text(c, "use"), "field") && text_equal(text(c, "field"), f->name))
            return false;
    }
    return true;
}

static void draw_match(struct web *w, const json_t *facts)
{
    static const struct choice list[] = {
        {"auto",     "Whatever the row has: number, key, e-mail, name", NULL},
        {"number",      "Number of the record only", NULL},
        {"key",   "Key in the other program only", NULL},
        {"external",      "External number only", NULL},
        {"email",      "E-mail only", NULL},
        {"title",      "Name only", NULL},
        {"none", "Not at all: every row is a new record", NULL},
        {0     }
    };
    struct html *h = w->html;

    form_select(w, "match", "Find the record of a row by", list, text(facts, "match"));
    if (flag(facts, "keys"))
        html(
            h,
            "<div class='field'><label class='form-label' for='f-origin'>{The keys come from}"
            "</label><input class='form-control' id='f-origin' name='origin' maxlength='100' "
            "value='%s'><div class='form-hint'>{Name of the other program. A list that comes again "
            "from there changes the same records.}</div></div>",
            text(facts, "origin"));
}

static void draw_dates(struct web *w, const json_t *facts)
{
    static const struct choice list[] = {
        {"dmy", "Day first: 1/3 is the first of March", NULL},
        {"mdy", "Month first: 3/1 is the first of March", NULL},
        {0}
    };

    if (flag(facts, "dates_open") || flag(facts, "dates_told"))
        form_select(w, "dates", "Dates like 1/3/2026", list, text(facts, "dates"));
}

static void draw_complete(struct web *w, const json_t *facts)
{
    static const struct choice list[] = {
        {"no",  "A part of it: what is not in the file is left alone", NULL},
        {"yes", "The whole list: tell me which records are missing in it", NULL},
        {0}
    };

    form_select(w, "complete", "This file is", list, flag(facts, "complete") ? "yes" : "no");
}

/* Kinds in which some changes have to say why: once for the whole file. */
static void draw_why(struct web *w, const struct import_draft *d)
{
    if (entity_reason_known(d->e))
        form_text(w, "reason", "Reason for the change", text(d->settings, "reason"),
                  "Needed when rows change what was settled before. Kept with the history of each "
                  "record.");
}

static void draw_rest(struct web *w, const struct import_draft *d)
{
    const json_t *lacks = json_object_get(d->facts, "lacks");

    card_begin(w, "Records", NULL);
    html(w->html, "<div class='form-grid'>");
    for (size_t i = 0; i < json_array_size(lacks); i++) {
        const struct field *f = entity_field(d->e, item(lacks, i));

        if (f)
            draw_lack(w, d, f);
    }
    for (size_t i = 0; i < d->e->nfields; i++)
        if (is_usual(d, &d->e->fields[i]))
            draw_lack(w, d, &d->e->fields[i]);
    draw_match(w, d->facts);
    draw_complete(w, d->facts);
    draw_why(w, d);
    draw_dates(w, d->facts);
    html(w->html, "</div>");
    card_end(w);
}

void import_draw_steps(struct web *w, const struct import_draft *d)
{
    const char *base = web_url(w, "/%s/import/%s", d->e->plural, d->token);
    bool read = !text_equal(d->state, "unreadable");

    html(w->html, "<form method='post' action='%s' class='stack'>", base);
    import_hidden_tokens(w);
    html(w->html, "<input type='hidden' name='columns' value='%zu'>",
         json_array_size(json_object_get(d->facts, "columns")));
    draw_file(w, d);
    if (read) {
        draw_columns(w, d);
        draw_values(w, d);
        draw_rest(w, d);
    }
    html(w->html,
         "<div class='form-actions'><button class='btn%s' type='submit'>{Check again}"
         "</button></div></form>",
         read && !undecided(json_object_get(d->facts, "columns")) ? "" : " btn-primary");
}

/* --- what the form says --- */

static void set_text(json_t *o, const char *name, const char *value)
{
    if (!text_empty(value))
        json_object_set_new(o, name, json_string(value));
}

static void form_values(struct web *w, const json_t *column, size_t i, json_t *out)
{
    const json_t *values = json_object_get(column, "values");
    json_t *list = json_object();

    for (size_t k = 0; k < json_array_size(values); k++)
        set_text(list, item(json_array_get(values, k), 0),
                 web_form(w, arena_printf(w->arena, "val.%zu.%zu", i, k)));
    if (json_object_size(list))
        json_object_set(out, text(column, "name"), list);
    json_decref(list);
}

static void form_columns(struct web *w, const struct import_draft *d, json_t *out)
{
    const json_t *list = json_object_get(d->facts, "columns");
    json_t *columns = json_object(), *values = json_object();
    bool rest = text_equal(web_form(w, "rest"), "-");

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *c = json_array_get(list, i);
        const char *use = web_form(w, arena_printf(w->arena, "map.%zu", i));
        bool waits = !*text(c, "use") && (text_empty(use) || text_equal(use, text(c, "field")));

        if (rest && waits)
            use = "-";
        json_object_set_new(columns, text(c, "name"), json_string(use ? use : ""));
        form_values(w, c, i, values);
    }
    json_object_set_new(out, "columns", columns);
    json_object_set_new(out, "values", values);
}

/* Values that were told before and are not on the page now stay told. */
static void keep_told_values(const struct import_draft *d, json_t *out)
{
    json_t *before = json_object_get(d->settings, "values"), *now = json_object_get(out, "values"),
           *list, *to;
    const char *heading, *from;

    json_object_foreach(before, heading, list)
    {
        if (!json_object_get(now, heading))
            json_object_set_new(now, heading, json_object());
        json_object_foreach(list, from, to)
        {
            json_t *there = json_object_get(now, heading);

            if (!json_object_get(there, from))
                json_object_set(there, from, to);
        }
    }
}

static void form_defaults(struct web *w, const struct import_draft *d, json_t *out)
{
    json_t *defaults = json_object();

    for (size_t i = 0; i < d->e->nfields; i++) {
        const struct field *f = &d->e->fields[i];
        const char *value = web_form(w, arena_printf(w->arena, "set.%s", f->name));

        if (import_may_fill(f) && !text_equal(value, "-"))
            set_text(defaults, f->name, value);
    }
    json_object_set_new(out, "defaults", defaults);
}

struct err *import_form_settings(struct web *w, const struct import_draft *d, json_t **out)
{
    static const char *const names[] = {"encoding", "delimiter", "sheet",  "header",  "match",
                                        "origin",   "dates",     "reason", "complete"};
    const json_t *columns = json_object_get(d->facts, "columns");
    const char *shown = web_form(w, "columns");
    i64 n;

    *out = json_own(w->arena, json_object());
    for (size_t i = 0; i < COUNT_OF(names); i++)
        set_text(*out, names[i], web_form(w, names[i]));
    /* Another sheet or encoding has other columns: what was said about these says nothing. */
    if (!text_i64(shown ? shown : "", &n) || n != (i64)json_array_size(columns) || n == 0)
        return NULL;
    for (size_t i = 0; i < 2; i++) {
        static const char *const other[] = {"sheet", "header"};
        const char *was = text(d->settings, other[i]), *now = web_form(w, other[i]);

        if (now && *was && !text_equal(was, now))
            return NULL;
        if (now && !*was &&
            !text_equal(now,
                        arena_printf(w->arena, "%lld",
                                     (i64)json_integer_value(json_object_get(d->facts, other[i])) +
                                         (i == 0))))
            return NULL;
    }
    form_columns(w, d, *out);
    keep_told_values(d, *out);
    form_defaults(w, d, *out);
    return NULL;
}
