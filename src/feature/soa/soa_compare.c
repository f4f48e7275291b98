/* SPDX-License-Identifier: Apache-2.0 */
/* Two versions of the statement side by side, field by field: as a page, a file and for the API. */
#include <string.h>

#include "base/csv.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/export.h"
#include "core/page.h"
#include "feature/control/control.h"
#include "feature/organisation/organisation.h"
#include "feature/soa/soa_part.h"
#include "out/xlsx.h"

/* --- field by field --- */

static const char *applicable_word(const char *applicable)
{
    return text_equal(applicable, "yes")  ? tr("applicable")
           : text_equal(applicable, "no") ? tr("left out")
                                          : tr("not decided");
}

static const char *status_of(const struct soa_row *r)
{
    return text_equal(r->applicable, "no") ? "" : soa_status_label(r->status);
}

static const char *reasons_of(struct web *w, const struct soa_row *r)
{
    return text_equal(r->applicable, "no") ? "" : soa_reasons_text(w, r);
}

size_t soa_differences(struct web *w, const struct soa_change *c, struct soa_difference *out)
{
    static const struct soa_row nothing = {.code = "",
                                           .title = "",
                                           .theme = "",
                                           .framework = "",
                                           .maps_to = "",
                                           .applicable = "",
                                           .justification = "",
                                           .business = "",
                                           .status = "",
                                           .how = "",
                                           .evidence = "",
                                           .reviewed = "",
                                           .owner_name = ""};
    const struct soa_row *a = c->then ? c->then : &nothing, *b = c->now ? c->now : &nothing;
    /* clang-format off */
    const struct soa_difference all[SOA_FIELDS] = {
        {N_("Title"), a->title, b->title},
        {N_("Framework"), a->framework, b->framework},
        {N_("Answers to Annex A"), a->maps_to, b->maps_to},
        {N_("Applicable"), c->then ? applicable_word(a->applicable) : "",
         c->now ? applicable_word(b->applicable) : ""},
        {N_("Reasons"), reasons_of(w, a), reasons_of(w, b)},
        {N_("Business reason"), a->business, b->business},
        {N_("Reason for leaving it out"), a->justification, b->justification},
        {N_("Status"), tr(status_of(a)), tr(status_of(b))},
        {N_("How it is done"), a->how, b->how},
        {N_("Evidence"), soa_evidence_text(w, a), soa_evidence_text(w, b)},
        {N_("Owner"), a->owner_name, b->owner_name},
        {N_("Last looked at"), words_date(w->arena, a->reviewed), words_date(w->arena, b->reviewed)},
    };
    /* clang-format on */
    size_t n = 0;

    for (size_t i = 0; i < COUNT_OF(all); i++)
        if (!text_equal(all[i].then, all[i].now) &&
            !(text_empty(all[i].then) && text_empty(all[i].now)))
            out[n++] = all[i];
    return n;
}

/* --- the two sides --- */

struct comparison {
    const char *from, *to;      /* "version 2, approved", "today's draft" */
    i64 from_number, to_number; /* 0 = today */
    struct soa_changes changes;
    size_t added, removed;
};

static struct err *load_side(struct web *w, const char *text, struct soa_table *t,
                             const char **name, i64 *number)
{
    struct soa s;

    *number = 0;
    if (text_empty(text) || text_equal(text, "now")) {
        *name = tr("today’s statement");
        return soa_rows(w, t);
    }
    TRY(soa_find_version(w, text, &s));
    *number = s.number;
    *name = arena_printf(w->arena, tr("version %lld"), s.number);
    return soa_thaw(w, s.body, t);
}

static struct err *load_comparison(struct web *w, struct comparison *c)
{
    const char *from = web_query(w, "from"), *to = web_query(w, "to");
    struct soa_table a, b;
    struct rows *r;

    memset(c, 0, sizeof(*c));
    if (text_empty(from)) {
        TRY(db_query(w->db, &r,
                     "select coalesce(max(case when state = 'approved' then number end),"
                     " max(number), 0) from soa where org_id = $1",
                     num(w->org)));
        if (row_next(r) && row_num(r, 0))
            from = arena_printf(w->arena, "%lld", row_num(r, 0));
    }
    TRY(load_side(w, from, &a, &c->from, &c->from_number));
    TRY(load_side(w, to, &b, &c->to, &c->to_number));
    TRY(soa_compare(w, &a, &b, &c->changes));
    for (size_t i = 0; i < c->changes.count; i++) {
        c->added += !c->changes.list[i].then;
        c->removed += !c->changes.list[i].now;
    }
    return NULL;
}

/* --- files --- */

static const char *kind_of(const struct soa_change *c)
{
    return !c->then ? "added" : !c->now ? "removed" : c->material ? "decision" : "progress";
}

static const struct xlsx_column columns[] = {
    {"Control", XLSX_TEXT},
    {"Title",   XLSX_TEXT},
    {"Change",  XLSX_TEXT},
    {"Field",   XLSX_TEXT},
    {"Before",  XLSX_LONG},
    {"After",   XLSX_LONG}
};

struct rows_out {
    const struct comparison *c;
    void (*row)(void *ctx, const char *const cells[COUNT_OF(columns)]);
    void *ctx;
};

static void each_row(struct web *w, const struct rows_out *out)
{
    struct soa_difference d[SOA_FIELDS];

    for (size_t i = 0; i < out->c->changes.count; i++) {
        const struct soa_change *c = &out->c->changes.list[i];
        size_t n = soa_differences(w, c, d);

        for (size_t k = 0; k < n; k++) {
            const char *const cells[] = {c->code,    c->title,  kind_of(c),
                                         d[k].field, d[k].then, d[k].now};

            out->row(out->ctx, cells);
        }
    }
}

static void csv_row_out(void *ctx, const char *const cells[COUNT_OF(columns)])
{
    for (size_t i = 0; i < COUNT_OF(columns); i++)
        csv_cell(ctx, cells[i], i == 0);
    csv_end_row(ctx);
}

static void xlsx_row_out(void *ctx, const char *const cells[COUNT_OF(columns)])
{
    for (size_t i = 0; i < COUNT_OF(columns); i++)
        xlsx_text(ctx, cells[i]);
    xlsx_end_row(ctx);
}

static void fill_workbook(struct web *w, void *ctx, struct xlsx *x)
{
    xlsx_sheet(x, tr("Changes"), columns, COUNT_OF(columns));
    each_row(w, &(struct rows_out){ctx, xlsx_row_out, x});
    xlsx_filter(x);
}

static void answer_csv(struct web *w, const struct comparison *c, const char *name)
{
    struct buf b;

    buf_init(&b, w->arena, 8192);
    for (size_t i = 0; i < COUNT_OF(columns); i++)
        csv_cell(&b, columns[i].title, i == 0);
    csv_end_row(&b);
    each_row(w, &(struct rows_out){c, csv_row_out, &b});
    web_answer_bytes(w, "text/csv; charset=utf-8",
                     (struct bytes){(const unsigned char *)b.data, b.size}, name);
}

static json_t *as_json(struct web *w, const struct comparison *c)
{
    json_t *o = json_own(w->arena, json_object()), *list = json_array();
    struct soa_difference d[SOA_FIELDS];

    json_object_set_new(o, "from",
                        c->from_number ? json_integer(c->from_number) : json_string("now"));
    json_object_set_new(o, "to", c->to_number ? json_integer(c->to_number) : json_string("now"));
    for (size_t i = 0; i < c->changes.count; i++) {
        const struct soa_change *change = &c->changes.list[i];
        json_t *one = json_object(), *fields = json_array();
        size_t n = soa_differences(w, change, d);

        json_object_set_new(one, "code", json_string(change->code));
        json_object_set_new(one, "title", json_string(change->title));
        json_object_set_new(one, "change", json_string(kind_of(change)));
        for (size_t k = 0; k < n; k++) {
            json_t *f = json_object();

            json_object_set_new(f, "field", json_string(d[k].field));
            json_object_set_new(f, "before", json_string(d[k].then));
            json_object_set_new(f, "after", json_string(d[k].now));
            json_array_append_new(fields, f);
        }
        json_object_set_new(one, "fields", fields);
        json_array_append_new(list, one);
    }
    json_object_set_new(o, "controls", list);
    return o;
}

struct err *soa_compare_api(struct web *w)
{
    struct comparison c;

    TRY(load_comparison(w, &c));
    web_answer_json(w, 200, json_incref(as_json(w, &c)));
    return NULL;
}

static struct err *answer_file(struct web *w, struct comparison *c, const char *format)
{
    const char *name, *label;
    json_t *object;
    struct buf b;

    TRY(web_need(w, &export_run_right));
    name = arena_printf(w->arena, "statement-changes-%s-%s",
                        c->from_number ? arena_printf(w->arena, "v%lld", c->from_number) : "today",
                        c->to_number ? arena_printf(w->arena, "v%lld", c->to_number) : "today");
    TRY(export_name(w, name, format, &name));
    if (text_equal(format, "csv")) {
        answer_csv(w, c, name);
        return NULL;
    }
    if (text_equal(format, "xlsx"))
        return soa_answer_workbook(w, name, fill_workbook, c);
    if (!text_equal(format, "json"))
        return err_new(ERR_BAD, "There is no comparison as “%.20s”. Use xlsx, csv or json.",
                       format);
    buf_init(&b, w->arena, 16);
    object = as_json(w, c);
    TRY(classification_label(w, &label));
    if (*label)
        json_object_set_new(object, "classification", json_string(label));
    buf_str(&b, json_sorted(w->arena, object));
    web_answer_bytes(w, "application/json; charset=utf-8",
                     (struct bytes){(const unsigned char *)b.data, b.size}, name);
    return NULL;
}

/* --- page --- */

static const char *side_value(struct web *w, i64 number)
{
    return number ? arena_printf(w->arena, "%lld", number) : "now";
}

static struct err *draw_choice(struct web *w, const struct comparison *c)
{
    const char *const names[] = {"from", "to"};
    const i64 chosen[] = {c->from_number, c->to_number};
    struct rows *r;

    html(w->html, "<form method='get' action='/o/%s/soa/compare' class='filter-bar'>", w->slug);
    for (size_t i = 0; i < 2; i++) {
        TRY(db_query(w->db, &r,
                     "select number, state from soa where org_id = $1"
                     " order by number desc limit 200",
                     num(w->org)));
        html(w->html,
             "<label class='form-label mb-0' for='f-%s'>%s</label><select class='form-select "
             "form-select-sm w-auto' "
             "id='f-%s' name='%s'>",
             names[i], i ? tr("with") : tr("Compare"), names[i], names[i]);
        html(w->html, "<option value='now'%s>{today’s statement}</option>",
             chosen[i] ? "" : " selected");
        while (row_next(r)) {
            const struct choice *s =
                choice_find(entity_field(&soa_entity, "state")->choices, row_text(r, 1));

            html(w->html, "<option value='%lld'%s>{version %lld} · %s</option>", row_num(r, 0),
                 row_num(r, 0) == chosen[i] ? " selected" : "", row_num(r, 0),
                 s ? tr(s->label) : row_text(r, 1));
        }
        html(w->html, "</select>");
    }
    html(w->html, "<button class='btn' type='submit'>{Compare}</button></form>");
    return NULL;
}

static void draw_exports(struct web *w, const struct comparison *c)
{
    static const char *const formats[][2] = {
        {"xlsx", N_("Spreadsheet")},
        {"csv",  "CSV"            },
        {"json", "JSON"           }
    };

    if (!web_may(w, &export_run_right))
        return;
    html(w->html, "<details class='menu menu-end'><summary class='btn'>{Export}</summary><div "
                  "class='menu-items'>");
    for (size_t i = 0; i < COUNT_OF(formats); i++)
        html(w->html,
             "<a class='menu-item' href='/o/%s/soa/compare?from=%s&amp;to=%s&amp;format=%s'>%s</a>",
             w->slug, side_value(w, c->from_number), side_value(w, c->to_number), formats[i][0],
             tr(formats[i][1]));
    html(w->html, "</div></details>");
}

static void draw_change(struct web *w, const struct soa_change *c)
{
    static const char *const labels[][3] = {
        {"added",    N_("new"),                 "green" },
        {"removed",  N_("gone"),                "red"   },
        {"decision", N_("decision or reasons"), "orange"},
        {"progress", N_("progress"),            "blue"  }
    };
    struct soa_difference d[SOA_FIELDS];
    size_t n = soa_differences(w, c, d);

    if (!n)
        return;
    html(w->html, "<tr class='group-head'><th scope='rowgroup' colspan='3'><strong>%s</strong> %s ",
         c->code, tr(c->title));
    for (size_t i = 0; i < COUNT_OF(labels); i++)
        if (text_equal(kind_of(c), labels[i][0]))
            badge(w, labels[i][2], tr(labels[i][1]));
    html(w->html, "</th></tr>");
    for (size_t k = 0; k < n; k++)
        html(w->html,
             "<tr><td class='list-main'>%s</td><td data-label='{Before}'><div>%s</div></td><td "
             "data-label='{After}'><div>%s</div></td></tr>",
             tr(d[k].field), text_empty(d[k].then) ? "—" : d[k].then,
             text_empty(d[k].now) ? "—" : d[k].now);
}

static void draw_table(struct web *w, const struct comparison *c)
{
    html(
        w->html,
        "<table class='table list'><caption class='visually-hidden'>{What differs}</caption><thead>"
        "<tr><th scope='col'>{Field}</th><th scope='col'>%s</th><th "
        "scope='col'>%s</th></tr></thead><tbody>",
        c->from, c->to);
    for (size_t i = 0; i < c->changes.count; i++)
        draw_change(w, &c->changes.list[i]);
    html(w->html, "</tbody></table>");
}

struct err *soa_compare_page(struct web *w)
{
    const char *format = web_query(w, "format");
    struct comparison c;

    TRY(load_comparison(w, &c));
    if (!text_empty(format))
        return answer_file(w, &c, format);
    page_begin(w, tr("Statement of Applicability"), "What changed");
    draw_exports(w, &c);
    page_action(w, "default", web_url(w, "/soa"), "Today’s statement");
    page_body(w);
    html(w->html, "<section class='card'>");
    TRY(draw_choice(w, &c));
    html(w->html,
         "<div class='card-body'><p class='mb-0'>{%zu controls differ: %zu new, %zu gone; %zu with "
         "another decision or other reasons.}</p></div>",
         c.changes.count, c.added, c.removed, c.changes.material);
    if (c.changes.count)
        draw_table(w, &c);
    else
        page_empty(w, "Both say the same.", NULL, NULL);
    html(w->html, "</section>");
    page_end(w);
    return NULL;
}
