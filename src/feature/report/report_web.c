/* SPDX-License-Identifier: Apache-2.0 */
/* The page “Reports”, the files, making them in the background, and the API. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/job.h"
#include "core/language.h"
#include "core/page.h"
#include "feature/report/report_part.h"

/* --- the page --- */

static void draw_register_choice(struct web *w)
{
    const struct entity *list[80];
    size_t n = report_registers(w, list, COUNT_OF(list));

    html(w->html, "<div class='mb-2'><label class='form-label' for='register'>{Kind of record}"
                  "</label><select class='form-select' id='register' name='report'>");
    for (size_t i = 0; i < n; i++)
        html(w->html, "<option value='register-%s'%s>%s</option>", list[i]->plural,
             text_equal(list[i]->plural, "risks") ? " selected" : "", tr(list[i]->labels));
    html(w->html, "</select></div>");
}

static void draw_choice(struct web *w, const char *id, const char *name, const char *label,
                        const char *const (*choices)[2], size_t n)
{
    html(w->html,
         "<div><label class='form-label' for='%s-%s'>%s</label><select class='form-select' "
         "id='%s-%s' name='%s'>",
         name, id, tr(label), name, id, name);
    for (size_t i = 0; i < n; i++)
        html(w->html, "<option value='%s'>%s</option>", choices[i][0], tr(choices[i][1]));
    html(w->html, "</select></div>");
}

static void draw_kind(struct web *w, const struct report_kind *k)
{
    static const char *const readers[][2] = {
        {"management", N_("Management")},
        {"auditor",    N_("Auditor")   }
    };
    static const char *const formats[][2] = {
        {"pdf",  "PDF"                   },
        {"docx", N_("Word (DOCX)")       },
        {"xlsx", N_("Spreadsheet (XLSX)")}
    };

    card_begin(w, k->title, NULL);
    html(w->html, "<p>%s</p><form class='report-form' method='get' action='%s'>", tr(k->text),
         web_url(w, "/reports/make"));
    if (k->register_)
        draw_register_choice(w);
    else
        html(w->html, "<input type='hidden' name='report' value='%s'>", k->name);
    html(w->html, "<div class='report-choices'>");
    draw_choice(w, k->name, "for", N_("For whom"), readers, COUNT_OF(readers));
    draw_choice(w, k->name, "format", N_("As"), formats, COUNT_OF(formats));
    html(w->html,
         "<button class='btn btn-primary' aria-label='%s: {Make}'>{Make}</button></div></form>",
         tr(k->title));
    card_end(w);
}

static void draw_statement(struct web *w)
{
    static const char *const formats[][2] = {
        {"pdf",  "PDF"            },
        {"xlsx", N_("Spreadsheet")},
        {"csv",  "CSV"            },
        {"json", "JSON"           }
    };

    if (!page_offers(w, web_url(w, "/soa/export")))
        return;
    card_begin(w, "Statement of Applicability", NULL);
    html(w->html, "<p>{All controls with their reasons, as they are today or in a frozen version.}"
                  "</p><div class='btn-list'>");
    for (size_t i = 0; i < COUNT_OF(formats); i++)
        html(w->html,
             "<a class='btn' href='%s' aria-label='{Statement of Applicability}: %s'>%s</a>",
             web_url(w, "/soa/export?format=%s", formats[i][0]), tr(formats[i][1]),
             tr(formats[i][1]));
    html(w->html, "</div>");
    card_end(w);
}

struct err *report_page(struct web *w)
{
    page_begin(w, "Check", "Reports");
    page_action(w, "default", web_url(w, "/jobs"), "Reports in the making");
    page_body(w);
    html(w->html, "<div class='grid-2'>");
    for (const struct report_kind *k = report_kinds; k->name; k++)
        draw_kind(w, k);
    draw_statement(w);
    html(w->html, "</div>");
    page_end(w);
    return NULL;
}

/* --- the file --- */

static void answer(struct web *w, const struct report_file *f)
{
    web_answer_bytes(w, f->type, f->bytes, f->name);
    if (f->path) {
        w->req->response.file = f->path;
        w->req->response.file_temporary = true;
    }
}

/* Without a name: the first one. */
static const char *named(const char *name)
{
    return text_empty(name) ? report_kinds[0].name : name;
}

static struct err *asked(struct web *w, struct report *r)
{
    TRY(report_find(w, named(web_query(w, "report")), r));
    return report_asked(r, web_query(w, "format"), web_query(w, "for"));
}

/* Instead of a page that does not come for a minute: what happens, and the button for it. */
static void offer_job(struct report *r)
{
    struct web *w = r->w;

    page_begin(w, "Check", "%s", r->entity ? tr(r->entity->labels) : tr(r->kind->title));
    page_body(w);
    card_begin(w, NULL, NULL);
    html(w->html,
         "<p>{There is much to write, so this report is made in the background. You can "
         "go on meanwhile; the file waits for you on the page of the job for a week.}</p>");
    form_begin(w, web_url(w, "/reports/make"), 0);
    html(w->html,
         "<input type='hidden' name='report' value='%s'><input type='hidden' name='format' "
         "value='%s'><input type='hidden' name='for' value='%s'>",
         named(web_query(w, "report")), web_query(w, "format"), web_query(w, "for"));
    html(w->html, "<div class='form-actions'><button class='btn btn-primary'>{Make it in the "
                  "background}</button></div></form>");
    card_end(w);
    page_end(w);
}

struct err *report_get(struct web *w)
{
    struct report_file file;
    struct report r;
    bool late;

    TRY(asked(w, &r));
    TRY(report_long(&r, &late));
    if (late) {
        offer_job(&r);
        return NULL;
    }
    TRY(report_make(&r, &file));
    answer(w, &file);
    return NULL;
}

/* --- in the background --- */

static const char *const formats[] = {"pdf", "docx", "xlsx"};

static struct err *start(struct web *w, const struct report *r, i64 *job)
{
    const char *name =
        r->entity ? arena_printf(w->arena, "register-%s", r->entity->plural) : r->kind->name;
    const char *body =
        arena_printf(w->arena, "%s %s %s %s", name, formats[r->format],
                     r->auditor ? "auditor" : "management", words_used() ? w->language : "en");

    return job_start(w, "report", arena_printf(w->arena, "%lld %s", w->person, body),
                     r->entity ? r->entity->labels : r->kind->title, body, job);
}

struct err *report_start(struct web *w)
{
    struct report r;
    i64 job;

    TRY(report_find(w, named(web_form(w, "report")), &r));
    TRY(report_asked(&r, web_form(w, "format"), web_form(w, "for")));
    TRY(start(w, &r, &job));
    web_redirect(w, job_url(w, job));
    return NULL;
}

struct making {
    struct report r;
    struct report_file file;
};

static struct err *make(struct web *w, void *ctx)
{
    struct making *m = ctx;

    m->r.w = w;
    return report_make(&m->r, &m->file);
}

static struct err *copy(const char *from, FILE *to)
{
    FILE *in = fopen(from, "rb");
    char chunk[65536];
    bool good = in != NULL;
    size_t n;

    while (good && (n = fread(chunk, 1, sizeof(chunk), in)) > 0)
        good = fwrite(chunk, 1, n, to) == n;
    if (in) {
        good = good && !ferror(in);
        fclose(in);
    }
    return good ? NULL : err_new(ERR_FAULT, "The report could not be written.");
}

static struct err *store(struct web *w, const struct report_file *f)
{
    struct err *failed = NULL;
    const char *path;
    FILE *out;

    TRY(job_file(w, f->name, &path));
    out = fopen(path, "wb");
    if (!out)
        return err_new(ERR_FAULT, "The report could not be written.");
    if (f->path)
        failed = copy(f->path, out);
    else if (fwrite(f->bytes.data, 1, f->bytes.size, out) != f->bytes.size)
        failed = err_new(ERR_FAULT, "The report could not be written.");
    if (fclose(out) && !failed)
        failed = err_new(ERR_FAULT, "The report could not be written. Is the disk full?");
    return failed;
}

static struct err *run(struct web *w, char **parts)
{
    struct making m = {.file = {.path = NULL}};
    struct err *failed;

    TRY(report_find(w, parts[0], &m.r));
    TRY(report_asked(&m.r, parts[1], parts[2]));
    TRY(job_progress(w, 0, 0, "Reading and writing"));
    TRY(app_read(w, make, &m));
    failed = store(w, &m.file);
    if (m.file.path)
        unlink(m.file.path);
    if (failed)
        return failed;
    return job_result(w, NULL, "The report is ready.");
}

struct err *report_job(struct web *w, const char *body)
{
    const struct words *kept;
    struct err *failed;
    char **parts;

    if (text_split(w->arena, body, ' ', &parts) != 4)
        return err_new(ERR_BAD, "This is no order for a report.");
    w->language = parts[3];
    kept = words_use(language_words(parts[3]));
    failed = run(w, parts);
    words_use(kept);
    return failed;
}

/* --- the API --- */

struct err *report_api(struct web *w)
{
    json_t *list = json_own(w->arena, json_array()), *answer_ = json_object();
    const struct entity *kinds[80];
    size_t n = report_registers(w, kinds, COUNT_OF(kinds));

    for (const struct report_kind *k = report_kinds; k->name; k++) {
        for (size_t i = 0; i < (k->register_ ? n : 1); i++) {
            json_t *one = json_object();
            const char *name =
                k->register_ ? arena_printf(w->arena, "register-%s", kinds[i]->plural) : k->name;

            json_object_set_new(one, "name", json_string(name));
            json_object_set_new(one, "title",
                                json_string(k->register_ ? kinds[i]->labels : k->title));
            json_object_set_new(one, "text", json_string(k->text));
            json_object_set_new(one, "clause", json_string(k->clause));
            json_array_append_new(list, one);
        }
    }
    json_object_set(answer_, "reports", list);
    web_answer_json(w, 200, answer_);
    return NULL;
}

struct err *report_api_get(struct web *w)
{
    struct report_file file;
    struct report r;

    TRY(report_find(w, web_param(w, 0), &r));
    TRY(report_asked(&r, web_query(w, "format"), web_query(w, "for")));
    TRY(report_make(&r, &file));
    answer(w, &file);
    return NULL;
}

struct err *report_api_start(struct web *w)
{
    json_t *answer_;
    struct report r;
    i64 job;

    TRY(report_find(w, web_param(w, 0), &r));
    TRY(report_asked(&r, web_query(w, "format"), web_query(w, "for")));
    TRY(start(w, &r, &job));
    answer_ = json_object();
    json_object_set_new(answer_, "job", json_string(arena_printf(w->arena, "%lld", job)));
    json_object_set_new(answer_, "state", json_string("ready"));
    web_answer_json(w, 202, answer_);
    return NULL;
}
