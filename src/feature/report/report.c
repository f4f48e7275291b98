/* SPDX-License-Identifier: Apache-2.0 */
/* Which reports there are, and how one is made: its builder fills a paper, which comes out in the
 * format that was asked for. */
#include "feature/report/report.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/export.h"
#include "core/language.h"
#include "core/trail.h"
#include "feature/report/report_part.h"
#include "feature/risk/risk.h"
#include "feature/treatment/treatment.h"

const struct permission report_run = {"report.read", "Make reports"};

#define ROWS_PAPER 20000 /* of one table on paper */
#define ROWS_SHEET 50000 /* of one sheet */
#define ROWS_AT_ONCE 400 /* open risks and actions; more are made in the background */

const struct report_kind report_kinds[] = {
    {"risk-assessment",                                                   N_("Risk assessment report"),
     N_("Where the risks stand: heat maps, the ten highest, what is above the acceptance level. "
        "For "
        "auditors also method, rounds and every risk with its reasons."),
     "6.1.2, 8.2", report_assessment, true, false},
    {"treatment-plan", N_("Risk treatment plan"),
     N_("What is done about the risks: version, approvals, money, progress and what is late. For "
        "auditors every action with all its details."),
     "6.1.3 e, 8.3", report_plan, true, false},
    {"acceptances",                                                  N_("Accepted risks and exceptions"),
     N_("What was accepted, by whom and until when: risks above the level, retained risks and "
        "exceptions."),
     "6.1.3 f", report_acceptances, true, false},
    {"heat-maps",                                                              N_("Heat maps"),
     N_("Open risks by likelihood and impact: without controls, now, and when the plan is done."),
     "6.1.2 d", report_maps, false, false},
    {"top-ten",                                                    N_("The ten highest risks"),
     N_("What to look at first, and what is done about it."), "6.1.2 e", report_top, false, false},
    {"risks-by-owner",                   N_("Risks by owner"),
     N_("Who carries which risks, and how much of it is above the acceptance level."), "6.1.2 c",
     report_by_owner, false, false},
    {"risks-by-unit",                                                        N_("Risks by department"), N_("Risks of the owners of each department."),
     "6.1.2 c", report_by_unit, false, false},
    {"risks-by-asset",                                                              N_("Risks by asset"), N_("Which assets carry which risks."), "6.1.2 c",
     report_by_asset, false, false},
    {"register",                                                       N_("Register"), N_("All records of one kind as a table."), "7.5.3",
     report_register, true, true},
    {0                                                  },
};

/* --- which one --- */

size_t report_registers(struct web *w, const struct entity **out, size_t room)
{
    size_t n = 0;

    for (size_t i = 0; features[i]; i++)
        for (const struct entity *const *e = features[i]->entities; e && *e; e++)
            if (!(*e)->site && !(*e)->no_api && !(*e)->no_pages && !(*e)->about &&
                (web_may(w, (*e)->read)) && n < room)
                out[n++] = *e;
    return n;
}

static const char *names(struct web *w)
{
    struct buf b;

    buf_init(&b, w->arena, 200);
    for (const struct report_kind *k = report_kinds; k->name; k++)
        buf_printf(&b, "%s%s%s", b.size ? ", " : "", k->name, k->register_ ? "-risks (…)" : "");
    return b.data;
}

static struct err *may_read(struct web *w)
{
    TRY(web_need(w, &report_run));
    TRY(web_need(w, &risk_read));
    TRY(web_need(w, &treatment_read));
    TRY(web_need(w, &action_read));
    return web_need(w, &exemption_read);
}

struct err *report_find(struct web *w, const char *name, struct report *out)
{
    const struct entity *list[80];
    size_t n = report_registers(w, list, COUNT_OF(list));

    *out = (struct report){.w = w};
    if (w->asof)
        return err_new(ERR_BAD, "A report shows today. For a past day open a closed round, a "
                                "version of the plan or of the statement, or export the list.");
    for (const struct report_kind *k = report_kinds; k->name && name; k++) {
        if (!k->register_ && text_equal(k->name, name)) {
            out->kind = k;
            return may_read(w);
        }
        for (size_t i = 0; k->register_ && i < n; i++)
            if (text_starts(name, "register-") && text_equal(name + 9, list[i]->plural)) {
                out->kind = k;
                out->entity = list[i];
                return web_need(w, &report_run);
            }
    }
    return err_new(ERR_MISSING, "There is no report “%.60s”. There are: %s.", name ? name : "",
                   names(w));
}

struct err *report_asked(struct report *r, const char *format, const char *reader)
{
    static const char *const formats[] = {"pdf", "docx", "xlsx"};
    size_t i = 0;

    if (!text_empty(format))
        while (i < COUNT_OF(formats) && !text_equal(formats[i], format))
            i++;
    if (i == COUNT_OF(formats))
        return err_new(ERR_BAD, "There is no report as “%.20s”. Use pdf, docx or xlsx.", format);
    r->format = (enum report_format)i;
    r->auditor = text_equal(reader, "auditor");
    if (!text_empty(reader) && !r->auditor && !text_equal(reader, "management"))
        return err_new(ERR_BAD,
                       "A report is for “management” or for an “auditor”, not for "
                       "“%.20s”.",
                       reader);
    r->limit = r->format == REPORT_XLSX ? ROWS_SHEET : ROWS_PAPER;
    return NULL;
}

struct err *report_long(struct report *r, bool *out)
{
    struct rows *rows;

    TRY(db_query(r->w->db, &rows,
                 "select (select count(*) from (select 1 from risk k where k.org_id = $1"
                 " and k.state = 'open' limit $2) x) + (select count(*) from (select 1 from"
                 " action a where a.org_id = $1 limit $2) y)",
                 num(r->w->org), num(ROWS_AT_ONCE + 1)));
    *out = row_next(rows) && row_num(rows, 0) > ROWS_AT_ONCE && (r->auditor || r->entity);
    return NULL;
}

/* --- making it --- */

static const char *title_of(struct report *r)
{
    return r->entity ? tr(r->entity->labels) : tr(r->kind->title);
}

static struct err *log_line(struct web *w, const char **out)
{
    struct signer *signer = w->app->signer; /* a command beside a running server has none open */
    unsigned char root[TLOG_HASH];
    i64 size;

    if (!signer)
        TRY(signer_load(w->arena, w->app->config.dir, &signer));
    TRY(trail_head(w, w->org, &size, root));
    *out = arena_printf(w->arena, tr("Log %s, %lld entries, root %s"),
                        signer_origin(signer, w->arena, w->org), size,
                        crypt_base64(w->arena, root, TLOG_HASH));
    return NULL;
}

static struct err *begin(struct report *r)
{
    struct web *w = r->w;
    const char *title = title_of(r), *log, *label;
    struct err *none = method_current(w, &r->method);

    if (none && none->code != ERR_MISSING)
        return none;
    if (!none) {
        TRY(method_bands(w, r->method.id, &r->bands, &r->nbands));
        TRY(method_ruler_load(w, r->method.id, &r->ruler));
    }
    TRY(log_line(w, &log));
    TRY(classification_label(w, &label));
    r->paper = paper_new(
        w->arena, &(struct paper_options){
                      .title = title,
                      .subtitle = arena_printf(
                          w->arena, tr("%s · as of %s · %s"), w->org_name, web_time(w, w->now),
                          r->auditor ? tr("complete, for auditors") : tr("summary for management")),
                      .author = w->org_name,
                      .header = arena_printf(w->arena, "%s · %s", w->org_name, title),
                      .footer = log,
                      .label = label,
                      .page = tr("Page %d of %d"),
                      .contents = r->auditor && !r->entity ? tr("Contents") : NULL,
                      .about = tr("About"),
                      .language = words_used() ? w->language : "en",
                      .landscape = r->kind->wide && (r->auditor || r->entity),
                      .created = w->now,
                  });
    return NULL;
}

static const char *file_name(struct report *r, const char *ending)
{
    return arena_printf(r->w->arena, "%s%s%s-%s.%s", r->kind->name, r->entity ? "-" : "",
                        r->entity ? r->entity->plural : "", r->w->today, ending);
}

static struct err *make_workbook(struct report *r, struct report_file *out)
{
    FILE *own;

    TRY(transfer_file(r->w, "exports", &out->path, &own));
    fclose(own);
    out->name = file_name(r, "xlsx");
    out->type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    return paper_xlsx(r->paper, out->path);
}

struct err *report_make(struct report *r, struct report_file *out)
{
    *out = (struct report_file){0};
    if (!r->entity) /* a register hides the fields itself */
        TRY(risk_refuse_blind_whole(r->w));
    TRY(begin(r));
    TRY(r->kind->build(r));
    if (r->format == REPORT_XLSX) {
        struct err *failed = make_workbook(r, out);

        if (failed && out->path)
            unlink(out->path);
        return failed;
    }
    if (r->format == REPORT_DOCX) {
        out->name = file_name(r, "docx");
        out->type = PAPER_DOCX_TYPE;
        return paper_docx(r->paper, &out->bytes);
    }
    out->name = file_name(r, "pdf");
    out->type = "application/pdf";
    return paper_pdf(r->paper, &out->bytes, &r->pages);
}

/* --- the feature --- */

/* clang-format off */
static const struct route routes[] = {
    {METHOD_GET, "/reports", report_page, &report_run, 0, NULL, NULL},
    {METHOD_GET, "/reports/make", report_get, &report_run, ROUTE_SLOW, NULL, NULL},
    {METHOD_POST, "/reports/make", report_start, &report_run, 0, NULL, NULL},
    {METHOD_GET, "/reports", report_api, &report_run, ROUTE_API, NULL,
     "The reports that can be made"},
    {METHOD_GET, "/reports/:report", report_api_get, &report_run, ROUTE_API | ROUTE_SLOW, NULL,
     "A report as a file; ?format=pdf, docx or xlsx, ?for=management or auditor"},
    {METHOD_POST, "/reports/:report", report_api_start, &report_run, ROUTE_API, NULL,
     "Makes a report in the background; the answer names the job"},
    {0},
};

static const struct command commands[] = {
    {"report", "[NAME] [--format pdf|docx|xlsx] [--for management|auditor] [--language CODE] "
     "[--output FILE]",
     "Writes a report to a file. Without NAME it lists the reports: risk-assessment, "
     "treatment-plan, acceptances, heat-maps, top-ten, risks-by-owner, risks-by-unit, "
     "risks-by-asset, and register-risks (or any other register). For management it has two pages, "
     "for auditors everything.",
     report_command},
    {0},
};
/* clang-format on */

static const struct job_kind jobs[] = {
    {.name = "report", .run = report_job, .slow = true, .tries = 3},
    {0   },
};
static const struct nav nav[] = {
    {"Check",    40, "Reports", "/reports", "report", &report_run, NULL},
    {0},
};
static const struct permission *const permissions[] = {&report_run, NULL};

const struct feature report_feature = {.name = "report",
                                       .permissions = permissions,
                                       .routes = routes,
                                       .commands = commands,
                                       .jobs = jobs,
                                       .nav = nav};
