/* SPDX-License-Identifier: Apache-2.0 */
/* The pages of an import: upload, and what would happen. */
#include <string.h>

#include "base/clock.h"
#include "base/crypt.h"
#include "base/text.h"
#include "base/words.h"
#include "core/entity_page.h"
#include "core/entity_sql.h"
#include "core/import_draft.h"
#include "core/import_record.h"
#include "core/job.h"
#include "core/language.h"
#include "core/list.h"
#include "core/page.h"

static void begin(struct web *w, const struct entity *e, int step)
{
    static const char *const steps[] = {N_("File"), N_("Columns and values"),
                                        N_("What would happen"), N_("Import")};

    page_begin(w, tr(e->labels), "Import %s", page_lower(w, e->labels));
    if (web_may(w, &import_read))
        page_action(w, "default", web_url(w, "/imports?kind=%s", e->name), "Past imports");
    page_help(
        w,
        "Bring a list in from a spreadsheet or another program. Nothing is stored before you "
        "have seen what every row would do. A row with a number changes that record; without "
        "one, a record of the same key or name is changed, and otherwise a new one is "
        "created. An empty cell empties the field; a column that is not in the file leaves it "
        "alone. A whole import can be undone.",
        NULL);
    page_body(w);
    html(w->html, "<ol class='step-bar mb-3' tabindex='0' aria-label='{Steps of the import}'>");
    for (int i = 0; i < 4; i++) {
        html(w->html, "<li class='%s'", i < step ? "done" : i == step ? "now" : "todo");
        if (i == step)
            html(w->html, " aria-current='step'");
        html(w->html, "><progress value='%d' max='1' aria-hidden='true'></progress>%d. %s</li>",
             i < step ? 1 : 0, i + 1, tr(steps[i]));
    }
    html(w->html, "</ol>");
}

void import_hidden_tokens(struct web *w)
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
        for (size_t i = 0; f->choices[i].code; i++)
            buf_printf(&b, "%s%s", i ? ", " : "", f->choices[i].code);
        return arena_printf(a, f->kind == FIELD_SET ? tr("any of %s") : tr("one of %s"), b.data);
    case FIELD_REF:
        return arena_printf(a, tr("number or exact name, like %s-7"), f->ref->prefix);
    case FIELD_REFS:
        if (!f->ref)
            return tr("numbers of records of any kind, separated by commas, like R-7, AS-9");
        return arena_printf(a, tr("numbers or exact names, separated by commas, like %s-7, %s-9"),
                            f->ref->prefix, f->ref->prefix);
    case FIELD_RECORD:
        return tr("number of any record, like R-7");
    case FIELD_DATE:
        return tr("date like 2026-03-01");
    case FIELD_BOOL:
        return tr("yes or no");
    case FIELD_MONEY:
        return tr("amount like 1234.50");
    case FIELD_INT:
    case FIELD_LEVEL:
        return tr("whole number");
    case FIELD_EMAIL:
        return tr("e-mail address");
    case FIELD_CODE:
        return tr("name or code of the catalogue");
    default:
        return tr("text");
    }
}

static void draw_known(struct web *w, const struct entity *e)
{
    struct html *h = w->html;

    html(
        h,
        "<section class='card mt-3'><div class='card-header'><h2 class='card-title'>{Columns that "
        "are understood}</h2></div><div class='table-responsive'><table class='table'><thead><tr>"
        "<th scope='col'>{Column}</th><th scope='col'>{What it holds}</th><th scope='col'>{Written "
        "as}</th></tr></thead><tbody><tr><th scope='row'>number</th><td>{Which record is changed; "
        "empty for a new one}</td><td>{number like %s-7}</td></tr>",
        e->prefix);
    for (size_t i = 0; i < e->nfields; i++) {
        const struct field *f = &e->fields[i];

        if (!import_may_fill(f))
            continue;
        html(h, "<tr><th scope='row'>%s</th><td>%s", f->name, tr(f->label));
        if (f->required)
            html(h, " <span class='mute'>{(needed for a new record)}</span>");
        html(h, "</td><td>%s</td></tr>", kind_text(w->arena, f));
    }
    html(h, "</tbody></table></div></section>");
}

static struct err *draw_waiting(struct web *w, const struct entity *e)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select token, file_name, at from import_draft where org_id = $1 and account = $2"
                 " and kind = $3 and state in ('checked', 'checking', 'running', 'unreadable')"
                 " order by id desc",
                 num(w->org), num(w->account), str(e->name)));
    if (!row_count(r))
        return NULL;
    card_begin(w, "Begun and not finished", NULL);
    html(w->html, "<ul class='mb-0'>");
    while (row_next(r))
        html(w->html, "<li><a href='%s'>%s</a> <span class='mute'>%s</span></li>",
             web_url(w, "/%s/import/%s", e->plural, row_text(r, 0)), row_text(r, 1),
             web_time(w, row_num(r, 2)));
    html(w->html, "</ul>");
    card_end(w);
    return NULL;
}

struct err *import_draw_upload(struct web *w, const struct entity *e)
{
    struct html *h = w->html;
    const char *base = web_url(w, "/%s/import", e->plural);

    begin(w, e, 0);
    TRY(draw_waiting(w, e));
    card_begin(w, "Choose a file", NULL);
    html(h, "<form method='post' action='%s' enctype='multipart/form-data'>", base);
    import_hidden_tokens(w);
    html(h,
         "<div class='field mb-3'><label class='form-label required' for='f-file'>{File}</label>"
         "<input class='form-control' type='file' id='f-file' name='file' required "
         "accept='.csv,.tsv,.txt,.json,.ndjson,.xlsx,text/csv,application/json'>"
         "<div class='form-hint'>{A workbook (.xlsx), CSV in any usual encoding, or JSON; up to "
         "%lld "
         "rows and %lld MB.}</div></div><p class='mb-2'><a href='%s?template=1' download>{An empty "
         "CSV with all columns}</a></p>",
         (i64)IMPORT_ROWS, (i64)(IMPORT_FILE_MOST >> 20), base);
    form_end(w, "Look at it", web_url(w, "/%s", e->plural));
    card_end(w);
    draw_known(w, e);
    page_end(w);
    return NULL;
}

/* --- who is not known --- */

static const char *item(const json_t *list, size_t i)
{
    const char *s = json_string_value(json_array_get(list, i));

    return s ? s : "";
}

/* True when a record of the kind can be made of a name alone. */
static bool by_name_alone(struct web *w, const struct entity *e)
{
    if (!e || !e->title || e->no_create || e->site || !web_may(w, e->write))
        return false;
    for (size_t i = 0; i < e->nfields; i++) {
        const struct field *f = &e->fields[i];

        if (f->required && !f->initial && !f->derived && !f->internal && f->kind != FIELD_BOOL &&
            !text_equal(f->name, e->title))
            return false;
    }
    return entity_field(e, e->title) && import_may_fill(entity_field(e, e->title));
}

static bool has_email(const struct entity *e)
{
    for (size_t i = 0; i < e->nfields; i++)
        if (e->fields[i].kind == FIELD_EMAIL)
            return true;
    return false;
}

/* The one record that the words of `text` begin the words of, like "nadia.khan" or "Nadia". */
static struct err *likely(struct web *w, const struct entity *target, const char *text,
                          const char **label, const char **title)
{
    char *words = arena_str(w->arena, text);
    struct list_query q = {.entity = target, .limit = 2};
    struct list_result r;

    for (char *p = words; *p; p++)
        if (strchr("._,;", *p))
            *p = ' ';
    q.q = words;
    *label = *title = "";
    TRY(list_run(w, &q, false, &r));
    if (r.count != 1)
        return NULL;
    record_label(w->arena, target, ((const struct record *)r.records)->number, label);
    *title = entity_title_of(target, r.records);
    return NULL;
}

/* One name of the file. `made`: a record can be made of it. */
static struct err *draw_unknown(struct web *w, const struct entity *target, const json_t *one,
                                size_t i, bool made)
{
    struct html *h = w->html;
    i64 times = json_integer_value(json_array_get(one, 2));
    const char *label, *title;

    TRY(likely(w, target, item(one, 1), &label, &title));

    html(h,
         "<tr><td><input class='form-check-input' type='checkbox' id='f-new-%zu' name='new.%zu' "
         "value='1' checked> <label for='f-new-%zu'>%s</label></td><td class='num'>% lld</td>",
         i, i, i, item(one, 1), times);
    html(h,
         "<td><input class='form-control' id='f-is-%zu' name='is.%zu' value='%s' "
         "list='f-is-%zu-list' autocomplete='off' data-find='%s' placeholder='{Number or exact "
         "title}' aria-label='{Who or what is meant by %s}'><datalist id='f-is-%zu-list'>"
         "</datalist><div class='form-hint' data-found>%s</div></td>",
         i, i, label, i, target->plural, item(one, 1), i, title);
    if (made)
        html(h,
             "<td><input class='form-control' name='name.%zu' aria-label='{Name of %s}' "
             "value='%s'></td>",
             i, item(one, 1), item(one, 3));
    if (made && has_email(target))
        html(h,
             "<td><input class='form-control' type='email' name='mail.%zu' aria-label='{E-mail of "
             "%s}' value='%s'></td>",
             i, item(one, 1), item(one, 4));
    html(h, "</tr>");
    return NULL;
}

static const struct entity *target_of(const struct import_draft *d, const json_t *one)
{
    const struct field *f = entity_field(d->e, item(one, 0));

    return f ? f->ref : NULL;
}

static void draw_unknown_head(struct web *w, const struct entity *target, bool made)
{
    struct html *h = w->html;

    if (made)
        html(h, "<p>{The file names them and the register does not. Say which record is meant, "
                "create them now, or leave these cells empty.}</p>");
    else
        html(h, "<p>{The file names them and the register does not. Say which record is meant, or "
                "leave these cells empty.}</p>");
    html(h, "<div class='table-responsive'><table class='table'><caption class='visually-hidden'>"
            "{Names that are not known}</caption><thead><tr><th scope='col'>{In the file}</th>"
            "<th scope='col' class='num'>{Rows}</th><th scope='col'>{Is here as}</th>");
    if (made)
        html(h, "<th scope='col'>{Name}</th>");
    if (made && has_email(target))
        html(h, "<th scope='col'>{E-mail}</th>");
    html(h, "</tr></thead><tbody>");
}

static struct err *draw_unknown_kind(struct web *w, const struct import_draft *d,
                                     const struct entity *target)
{
    const json_t *list = json_object_get(d->facts, "unknown");
    bool made = by_name_alone(w, target);
    struct html *h = w->html;

    card_begin(w, arena_printf(w->arena, tr("%s that are not known here"), tr(target->labels)),
               NULL);
    html(h, "<form method='post' action='%s'>",
         web_url(w, "/%s/import/%s/records", d->e->plural, d->token));
    import_hidden_tokens(w);
    html(h, "<input type='hidden' name='kind' value='%s'>", target->name);
    draw_unknown_head(w, target, made);
    for (size_t i = 0; i < json_array_size(list); i++)
        if (target_of(d, json_array_get(list, i)) == target)
            TRY(draw_unknown(w, target, json_array_get(list, i), i, made));
    html(h, "</tbody></table></div><div class='btn-list'><button class='btn btn-primary' "
            "type='submit' name='known' value='1'>{Take those that are here}</button>");
    if (made)
        html(h, "<button class='btn' type='submit'>{Create the ticked ones}</button>");
    html(h, "<button class='btn' type='submit' name='empty' value='1'>{Leave the ticked ones empty}"
            "</button></div></form>");
    card_end(w);
    return NULL;
}

static struct err *draw_unknowns(struct web *w, const struct import_draft *d)
{
    const json_t *list = json_object_get(d->facts, "unknown");

    for (size_t i = 0; i < json_array_size(list); i++) {
        const struct entity *target = target_of(d, json_array_get(list, i));
        bool before = false;

        for (size_t k = 0; k < i && !before; k++)
            before = target_of(d, json_array_get(list, k)) == target;
        if (!before && target)
            TRY(draw_unknown_kind(w, d, target));
    }
    return NULL;
}

/* --- the preview --- */

static i64 count_of(const struct import_draft *d, const char *name)
{
    return json_integer_value(json_object_get(json_object_get(d->facts, "counts"), name));
}

static const struct fate_words {
    const char *name, *word, *tone;
} fates[] = {
    {"create", "Created",   "green"},
    {"change", "Changed",   "blue" },
    {"same",   "Unchanged", ""     },
    {"wrong",  "Wrong",     "red"  },
};

static void draw_filter_link(struct web *w, const char *address, bool current, const char *label,
                             i64 count)
{
    struct html *h = w->html;

    html(h, "<a class='filter' href='%s'", address);
    if (current)
        html(h, " aria-current='true'");
    html(h, ">%s <span class='mute'>% lld</span></a>", label, count);
}

static void draw_filter(struct web *w, const struct import_draft *d, const char *show)
{
    const char *base = web_url(w, "/%s/import/%s", d->e->plural, d->token);
    struct html *h = w->html;

    html(h, "<div class='filter-bar' id='rows'>");
    draw_filter_link(w, arena_printf(w->arena, "%s#rows", base), !*show, tr("All"),
                     count_of(d, "rows"));
    for (size_t i = 0; i < COUNT_OF(fates); i++)
        draw_filter_link(w, arena_printf(w->arena, "%s?show=%s#rows", base, fates[i].name),
                         text_equal(show, fates[i].name), tr(fates[i].word),
                         count_of(d, fates[i].name));
    if (count_of(d, "wrong")) {
        html(h,
             "<span class='filter-count'>{Mend it in a copy:} <a href='%s/marked?format=xlsx' "
             "download>XLSX</a> <a href='%s/marked?format=csv' download>CSV</a>",
             base, base);
        html(h,
             " <a href='%s/marked?format=xlsx&amp;rows=wrong' download>{only the wrong rows}</a>"
             "</span>",
             base);
    }
    html(h, "</div>");
}

static void draw_changes(struct web *w, const struct import_draft *d, const struct draft_row *r)
{
    struct html *h = w->html;
    size_t n = json_array_size(r->changes);

    if (!n)
        return;
    if (text_equal(r->fate, "create"))
        html(h, "<details><summary>{%lld value|%lld values}</summary>", (i64)n, (i64)n);
    for (size_t i = 0; i < n; i++) {
        const json_t *c = json_array_get(r->changes, i);
        const struct field *f = entity_field(d->e, item(c, 0));

        html(h, "<div><span class='mute'>%s:</span> ", f ? tr(f->label) : item(c, 0));
        if (*item(c, 1))
            html(h, "<del class='was'>%s</del> ", item(c, 1));
        if (*item(c, 2))
            html(h, "<ins class='now'>%s</ins>", item(c, 2));
        else
            html(h, "<span class='mute'>{emptied}</span>");
        html(h, "</div>");
    }
    if (text_equal(r->fate, "create"))
        html(h, "</details>");
}

static void draw_problems(struct web *w, const struct draft_row *r)
{
    struct html *h = w->html;

    for (size_t i = 0; i < json_array_size(r->problems); i++) {
        const json_t *p = json_array_get(r->problems, i);

        html(h, "<div class='field-error'>");
        if (*item(p, 0))
            html(h, "<strong>%s:</strong> ", item(p, 0));
        html(h, "%s</div>", item(p, 2));
    }
}

static void draw_row(struct web *w, const struct import_draft *d, const struct draft_row *r)
{
    const struct fate_words *fate = &fates[3];
    struct html *h = w->html;

    for (size_t i = 0; i < COUNT_OF(fates); i++)
        if (text_equal(fates[i].name, r->fate))
            fate = &fates[i];
    html(h,
         "<tr><td class='num' data-label='{Row}'>%lld</td><td class='list-main' "
         "data-label='{Record}'>%s</td><td data-label='{What happens}'>",
         r->row, *r->title ? r->title : "—");
    badge(w, fate->tone, fate->word);
    draw_problems(w, r);
    draw_changes(w, d, r);
    html(h, "</td></tr>");
}

static struct err *draw_rows(struct web *w, const struct import_draft *d)
{
    const char *show = web_query(w, "show"), *after = web_query(w, "after");
    struct html *h = w->html;
    struct draft_row *rows;
    size_t n;
    i64 from = 0;

    show = show ? show : "";
    if (after && !text_i64(after, &from))
        return err_new(ERR_BAD, "The parameter “after” is the number of a row.");
    TRY(draft_rows(w, d, show, from, DRAFT_PAGE + 1, &rows, &n));
    html(h, "<section class='card'><div class='card-header'><h2 class='card-title'>{What would "
            "happen}</h2></div>");
    draw_filter(w, d, show);
    html(h,
         "<div class='table-responsive'><table class='table list'><caption "
         "class='visually-hidden'>{What happens to each row}</caption><thead><tr><th scope='col' "
         "class='num'>{Row}</th><th scope='col'>%s</th><th scope='col'>{What happens}</th></tr>"
         "</thead><tbody>",
         tr(d->e->label));
    for (size_t i = 0; i < n && i < DRAFT_PAGE; i++)
        draw_row(w, d, &rows[i]);
    html(h, "</tbody></table></div>");
    if (!n)
        html(h, "<p class='mute p-3'>{There are no such rows.}</p>");
    html(h, "<div class='pager'>");
    if (from)
        html(h, "<a class='btn btn-sm' href='%s%s%s#rows'>{First page}</a>",
             web_url(w, "/%s/import/%s", d->e->plural, d->token), *show ? "?show=" : "", show);
    if (n > DRAFT_PAGE)
        html(h, "<a class='btn btn-sm' rel='next' href='%s?after=%lld%s%s#rows'>{Next}</a>",
             web_url(w, "/%s/import/%s", d->e->plural, d->token), rows[DRAFT_PAGE - 1].row,
             *show ? "&show=" : "", show);
    html(h, "</div></section>");
    return NULL;
}

/* --- running it --- */

static size_t undecided(const struct import_draft *d)
{
    const json_t *columns = json_object_get(d->facts, "columns");
    size_t n = 0;

    for (size_t i = 0; i < json_array_size(columns); i++)
        n += text_empty(json_string_value(json_object_get(json_array_get(columns, i), "use")));
    return n;
}

static void draw_mode(struct web *w, const struct import_draft *d)
{
    i64 wrong = count_of(d, "wrong");
    struct html *h = w->html;

    html(h,
         "<fieldset class='mb-3'><legend class='form-label'>{Rows that cannot be stored}</legend>"
         "<label class='form-check'><input class='form-check-input' type='radio' name='mode' "
         "value='all'%s><span class='form-check-label'>{All rows or none}</span>",
         wrong ? " disabled" : " checked");
    if (wrong)
        html(h,
             "<span class='form-check-description'>{Not possible: %lld row is wrong.|Not possible: "
             "%lld rows are wrong.}</span>",
             wrong, wrong);
    html(h,
         "</label><label class='form-check'><input class='form-check-input' type='radio' "
         "name='mode' value='good'%s><span class='form-check-label'>{Leave them out and import "
         "the others}</span></label></fieldset>",
         wrong ? " checked" : "");
}

static void draw_run(struct web *w, const struct import_draft *d)
{
    i64 good = count_of(d, "create") + count_of(d, "change");
    i64 missing =
        json_integer_value(json_object_get(json_object_get(d->facts, "missing"), "count"));
    struct html *h = w->html;

    card_begin(w, "Import", NULL);
    if (undecided(d)) {
        html(h,
             "<p class='mb-0'>{First say for every column what it is, or leave it out, and check "
             "again.}</p>");
    } else if (!good && !missing) {
        html(h, "<p class='mb-0'>{There is nothing to import: no row would create or change a "
                "record.}</p>");
    } else {
        html(h, "<form method='post' action='%s'>",
             web_url(w, "/%s/import/%s/run", d->e->plural, d->token));
        import_hidden_tokens(w);
        draw_mode(w, d);
        if (good)
            html(h,
                 "<button class='btn btn-primary' type='submit'>{Import %lld row|Import %lld rows}"
                 "</button></form>",
                 good, good);
        else
            html(h, "<button class='btn btn-primary' type='submit'>{Go on to what is missing}"
                    "</button></form>");
    }
    html(h, "<form method='post' class='mt-3' action='%s'>",
         web_url(w, "/%s/import/%s/drop", d->e->plural, d->token));
    import_hidden_tokens(w);
    html(h, "<button class='btn btn-sm' type='submit'>{Throw this file away}</button></form>");
    card_end(w);
}

i64 import_draft_lacking(const struct import_draft *d, const struct field *f)
{
    return json_integer_value(json_object_get(json_object_get(d->facts, "lacking"), f->name));
}

/* Said once, with the way to the field; not in each row. */
static void draw_lacking(struct web *w, const struct import_draft *d)
{
    for (size_t i = 0; i < d->e->nfields; i++) {
        const struct field *f = &d->e->fields[i];
        i64 n = import_draft_lacking(d, f);

        if (n)
            html(w->html,
                 "<div class='notice notice-danger' role='alert'>{No column of the file gives "
                 "“%s”, which a new record needs (%lld row).|No column of the file gives “%s”, "
                 "which a new record needs (%lld rows).} <a href='#f-set-%s'>{Mend it}</a></div>",
                 tr(f->label), n, tr(f->label), n, f->name);
    }
}

static struct err *draw_checked(struct web *w, const struct import_draft *d)
{
    i64 wrong = count_of(d, "wrong");

    begin(w, d->e, undecided(d) || wrong ? 1 : 2);
    if (d->problem)
        page_notice(w, "danger", "%s", d->problem);
    page_notice(w, wrong ? "warning" : "info",
                "%lld rows: %lld would be created, %lld changed, %lld stay as they are, %lld are "
                "wrong. Nothing has been written yet.",
                count_of(d, "rows"), count_of(d, "create"), count_of(d, "change"),
                count_of(d, "same"), wrong);
    draw_lacking(w, d);
    html(w->html, "<div class='stack'>");
    import_draw_steps(w, d);
    TRY(draw_unknowns(w, d));
    TRY(draw_rows(w, d));
    import_draw_would_miss(w, d->e, json_object_get(d->facts, "missing"));
    draw_run(w, d);
    html(w->html, "</div>");
    page_end(w);
    return NULL;
}

/* --- the other states --- */

static struct err *draw_busy(struct web *w, const struct import_draft *d)
{
    bool run = text_equal(d->state, "running");
    struct html *h = w->html;
    struct rows *r;
    i64 done = 0, total = 0;

    TRY(db_query(w->db, &r, "select done, total from job where org_id = $1 and id = $2",
                 num(w->org), num(d->job)));
    if (row_next(r)) {
        done = row_num(r, 0);
        total = row_num(r, 1);
    }
    begin(w, d->e, run ? 3 : 1);
    card_begin(w, run ? "The rows are being imported" : "The rows are being checked", d->name);
    html(h,
         "<div data-poll='2000' aria-live='polite'><p>{%lld of %lld rows. You can leave this page; "
         "the work goes on.}</p><progress class='bar' value='%lld' max='%lld' "
         "aria-label='{Progress}'></progress></div>",
         done, total ? total : d->rows_all, done, total ? total : d->rows_all);
    html(h,
         "<p class='mt-3'><a class='btn' href='%s'>{Look again}</a> <a class='btn' href='%s'>{The "
         "job}</a></p>",
         web_url(w, "/%s/import/%s", d->e->plural, d->token), job_url(w, d->job));
    card_end(w);
    page_end(w);
    return NULL;
}

static struct err *draw_ended(struct web *w, const struct import_draft *d)
{
    struct html *h = w->html;
    i64 number = 0;
    const char *title;

    if (d->import)
        TRY(entity_title(w, &import_entity, d->import, &title, &number));
    begin(w, d->e, 4);
    if (text_equal(d->state, "done"))
        page_notice(w, "success", "The rows are imported.");
    else
        page_notice(w, "danger", "%s", d->problem ? d->problem : tr("The import broke off."));
    html(h, "<p>");
    if (number && web_may(w, &import_read))
        html(h, "<a class='btn btn-primary' href='%s'>{See the import}</a> ",
             web_record_url(w, &import_entity, number));
    html(h, "<a class='btn' href='%s'>%s</a></p>", web_url(w, "/%s", d->e->plural),
         tr(d->e->labels));
    page_end(w);
    return NULL;
}

static struct err *draw_unreadable(struct web *w, const struct import_draft *d)
{
    begin(w, d->e, 0);
    page_notice(w, "danger", "%s", d->problem ? d->problem : "");
    html(w->html, "<div class='stack'>");
    import_draw_steps(w, d);
    html(w->html, "<p><a class='btn' href='%s'>{Choose another file}</a></p></div>",
         web_url(w, "/%s/import", d->e->plural));
    page_end(w);
    return NULL;
}

struct err *import_draw_draft(struct web *w, const struct import_draft *d)
{
    if (text_equal(d->state, "checked"))
        return draw_checked(w, d);
    if (text_equal(d->state, "unreadable") || text_equal(d->state, "new"))
        return draw_unreadable(w, d);
    if (text_equal(d->state, "checking") || text_equal(d->state, "running"))
        return draw_busy(w, d);
    return draw_ended(w, d);
}
