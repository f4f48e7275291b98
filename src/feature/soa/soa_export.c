/* SPDX-License-Identifier: Apache-2.0 */
/* The statement as a file: PDF, spreadsheet, CSV, JSON; of the live draft or of a version. And the
 * API's answers. */
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/csv.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/decision.h"
#include "core/export.h"
#include "core/language.h"
#include "core/trail.h"
#include "feature/control/control.h"
#include "feature/organisation/organisation.h"
#include "feature/soa/soa_part.h"
#include "out/xlsx.h"

/* --- the source of a file --- */

static struct err *load_approval(struct web *w, struct soa_source *s)
{
    struct decision d;

    s->approver = s->approved = "";
    if (!s->version.id)
        return NULL;
    TRY(decision_last(w, "soa", s->version.id, &d));
    if (!d.id || !text_equal(d.outcome, "approved"))
        return NULL;
    TRY(entity_title(w, &person_entity, d.by, &s->approver, NULL));
    s->approved = web_time(w, d.at);
    return NULL;
}

static struct err *load_source(struct web *w, const char *version, struct soa_source *s)
{
    unsigned char root[TLOG_HASH];

    *s = (struct soa_source){.approver = ""};
    if (!text_empty(version)) {
        TRY(soa_find_version(w, version, &s->version));
        TRY(soa_thaw(w, s->version.body, &s->table));
    } else {
        TRY(soa_rows(w, &s->table));
    }
    TRY(soa_next_number(w, &s->draft));
    TRY(load_approval(w, s));
    TRY(trail_head(w, w->org, &s->size, root));
    s->root = crypt_base64(w->arena, root, sizeof(root));
    s->origin = arena_printf(w->arena, "%s/%lld", signer_name(w->app->signer), w->org);
    return NULL;
}

static const char *version_text(struct web *w, const struct soa_source *s)
{
    return s->version.id ? arena_printf(w->arena, tr("version %lld, %s"), s->version.number,
                                        soa_state_told(&s->version))
                         : arena_printf(w->arena, tr("draft %lld"), s->draft);
}

/* --- rows of a sheet --- */

#define COLUMNS 14

static const struct xlsx_column columns[COLUMNS] = {
    {N_("Control"),                   XLSX_TEXT},
    {N_("Title"),                     XLSX_TEXT},
    {N_("Theme"),                     XLSX_TEXT},
    {N_("Framework"),                 XLSX_TEXT},
    {N_("Annex A"),                   XLSX_TEXT},
    {N_("Applicable"),                XLSX_TEXT},
    {N_("Reasons"),                   XLSX_LONG},
    {N_("Reason for leaving it out"), XLSX_LONG},
    {N_("Status"),                    XLSX_TEXT},
    {N_("How it is done"),            XLSX_LONG},
    {N_("Evidence"),                  XLSX_LONG},
    {N_("Owner"),                     XLSX_TEXT},
    {N_("Last looked at"),            XLSX_DATE},
    {N_("Contradiction"),             XLSX_LONG},
};

static const char *applicable_label(const char *applicable)
{
    return text_equal(applicable, "yes")  ? tr(N_("yes"))
           : text_equal(applicable, "no") ? tr(N_("no"))
                                          : tr(N_("open"));
}

static void fill_cells(struct web *w, const struct soa_row *r, const char *out[COLUMNS])
{
    bool no = text_equal(r->applicable, "no");
    const char *reasons = no ? "" : soa_reasons_text(w, r);

    if (!no && !text_empty(r->business))
        reasons = arena_printf(w->arena, "%s (%s)", reasons, r->business);
    out[0] = r->code;
    out[1] = words_supplied(w->arena, r->title);
    out[2] = tr(soa_theme_label(r->theme));
    out[3] = r->framework;
    out[4] = r->maps_to;
    out[5] = applicable_label(r->applicable);
    out[6] = reasons;
    out[7] = no ? words_supplied(w->arena, r->justification) : "";
    out[8] = no ? "" : tr(soa_status_label(r->status));
    out[9] = r->how;
    out[10] = soa_evidence_text(w, r);
    out[11] = r->owner_name;
    out[12] = r->reviewed;
    out[13] = r->conflict ? r->conflict : "";
}

static struct bytes make_csv(struct web *w, const struct soa_source *s)
{
    const char *cells[COLUMNS];
    struct buf b;

    buf_init(&b, w->arena, 65536);
    for (size_t i = 0; i < COLUMNS; i++)
        csv_cell(&b, tr(columns[i].title), i == 0);
    csv_end_row(&b);
    for (size_t k = 0; k < s->table.count; k++) {
        fill_cells(w, &s->table.rows[k], cells);
        for (size_t i = 0; i < COLUMNS; i++)
            csv_cell(&b, cells[i], i == 0);
        csv_end_row(&b);
    }
    return (struct bytes){(const unsigned char *)b.data, b.size};
}

static void about_line(struct xlsx *x, const char *name, const char *text)
{
    xlsx_text(x, tr(name));
    xlsx_text(x, text);
    xlsx_end_row(x);
}

static void fill_workbook(struct web *w, void *ctx, struct xlsx *x)
{
    const struct soa_source *s = ctx;
    const struct xlsx_column about[] = {
        {tr("About this statement"), XLSX_TEXT},
        {"",                         XLSX_LONG}
    };
    struct xlsx_column told[COLUMNS];
    const char *cells[COLUMNS];

    for (size_t i = 0; i < COLUMNS; i++)
        told[i] = (struct xlsx_column){tr(columns[i].title), columns[i].kind};
    xlsx_sheet(x, tr("Statement"), told, COLUMNS);
    for (size_t k = 0; k < s->table.count; k++) {
        fill_cells(w, &s->table.rows[k], cells);
        for (size_t i = 0; i < COLUMNS; i++) {
            if (columns[i].kind == XLSX_DATE)
                xlsx_date(x, cells[i]);
            else
                xlsx_text(x, cells[i]);
        }
        xlsx_end_row(x);
    }
    xlsx_filter(x);
    xlsx_sheet(x, tr("About"), about, COUNT_OF(about));
    about_line(x, N_("Organisation"), s->table.organisation);
    about_line(x, N_("Statement"), version_text(w, s));
    about_line(x, N_("Scope"), s->table.scope);
    about_line(x, N_("Applicable"), arena_printf(w->arena, "%lld", s->table.applicable));
    about_line(x, N_("Excluded"), arena_printf(w->arena, "%lld", s->table.excluded));
    about_line(x, N_("Implemented"), arena_printf(w->arena, "%lld", s->table.implemented));
    about_line(x, N_("Approved by"), s->approver);
    about_line(x, N_("Approved on"), s->approved);
    about_line(x, N_("Log"), s->origin);
    about_line(x, N_("Entries"), arena_printf(w->arena, "%lld", s->size));
    about_line(x, N_("Root"), s->root);
    about_line(x, N_("Taken at"), web_time(w, w->now));
}

struct err *soa_answer_workbook(struct web *w, const char *name,
                                void (*fill)(struct web *w, void *ctx, struct xlsx *x), void *ctx)
{
    const char *path;
    struct xlsx *x;
    FILE *own;
    struct err *failed;

    TRY(transfer_file(w, "exports", &path, &own));
    fclose(own);
    failed = xlsx_begin(w->arena, path, &x);
    if (!failed) {
        fill(w, ctx, x);
        failed = xlsx_end(x);
    }
    if (failed) {
        unlink(path);
        return failed;
    }
    web_answer_bytes(w, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                     (struct bytes){0}, name);
    w->req->response.file = path;
    w->req->response.file_temporary = true;
    return NULL;
}

/* --- JSON --- */

static json_t *source_json(struct web *w, const struct soa_source *s)
{
    json_t *object = soa_json(w, &s->table, !s->version.id);
    json_t *log = json_object();

    json_object_set_new(object, "statement", json_string(version_text(w, s)));
    if (s->version.id) {
        json_object_set_new(object, "version", json_integer(s->version.number));
        json_object_set_new(object, "state", json_string(s->version.state));
        json_object_set_new(object, "body_hash", json_string(s->version.body_hash));
    } else {
        json_object_set_new(object, "draft", json_integer(s->draft));
    }
    if (*s->approver) {
        json_object_set_new(object, "approved_by", json_string(s->approver));
        json_object_set_new(object, "approved_on", json_string(s->approved));
    }
    json_object_set_new(log, "origin", json_string(s->origin));
    json_object_set_new(log, "size", json_integer(s->size));
    json_object_set_new(log, "root", json_string(s->root));
    json_object_set_new(object, "log", log);
    return object;
}

struct err *soa_api(struct web *w)
{
    struct soa_source s;

    TRY(load_source(w, web_query(w, "version"), &s));
    web_answer_json(w, 200, json_incref(source_json(w, &s)));
    return NULL;
}

struct err *soa_api_versions(struct web *w)
{
    json_t *list = json_array(), *answer = json_object();
    struct rows *r;

    json_object_set_new(answer, "items", list);
    json_own(w->arena, answer);
    TRY(db_query(
        w->db, &r,
        "select number, title, state, body_hash, applicable, excluded, implemented from soa"
        " where org_id = $1 order by number desc",
        num(w->org)));
    while (row_next(r)) {
        json_t *one = json_object();

        json_object_set_new(one, "version", json_integer(row_num(r, 0)));
        json_object_set_new(one, "title", json_string(row_text(r, 1)));
        json_object_set_new(one, "state", json_string(row_text(r, 2)));
        json_object_set_new(one, "body_hash", json_string(row_text(r, 3)));
        json_object_set_new(one, "applicable", json_integer(row_num(r, 4)));
        json_object_set_new(one, "excluded", json_integer(row_num(r, 5)));
        json_object_set_new(one, "implemented", json_integer(row_num(r, 6)));
        json_array_append_new(list, one);
    }
    web_answer_json(w, 200, json_incref(answer));
    return NULL;
}

/* --- the page --- */

static void answer_text(struct web *w, const char *type, const char *text, const char *name)
{
    struct buf b;

    buf_init(&b, w->arena, 16);
    buf_str(&b, text);
    web_answer_bytes(w, type, (struct bytes){(const unsigned char *)b.data, b.size}, name);
}

struct err *soa_export(struct web *w)
{
    const char *format = web_query(w, "format"), *name, *label;
    json_t *object;
    struct soa_source s;
    struct bytes out;

    TRY(web_need(w, &export_run_right));
    if (text_empty(format))
        format = "pdf";
    if (!text_equal(format, "pdf") && !text_equal(format, "xlsx") && !text_equal(format, "csv") &&
        !text_equal(format, "json"))
        return err_new(ERR_BAD, "There is no export as “%.20s”. Use pdf, xlsx, csv or json.",
                       format);
    TRY(load_source(w, web_query(w, "version"), &s));
    name = s.version.id
               ? arena_printf(w->arena, "statement-of-applicability-v%lld", s.version.number)
               : arena_printf(w->arena, "statement-of-applicability-draft-%s",
                              w->asof_date ? w->asof_date : w->today);
    TRY(export_name(w, name, format, &name));
    if (!text_equal(format, "json"))
        soa_facts_told(w, &s.table);
    if (text_equal(format, "xlsx"))
        return soa_answer_workbook(w, name, fill_workbook, &s);
    if (text_equal(format, "csv")) {
        web_answer_bytes(w, "text/csv; charset=utf-8", make_csv(w, &s), name);
    } else if (text_equal(format, "json")) {
        object = source_json(w, &s);
        TRY(classification_label(w, &label));
        if (*label)
            json_object_set_new(object, "classification", json_string(label));
        answer_text(w, "application/json; charset=utf-8", json_sorted(w->arena, object), name);
    } else {
        TRY(soa_pdf(w, &s, &out));
        web_answer_bytes(w, "application/pdf", out, name);
    }
    return NULL;
}
