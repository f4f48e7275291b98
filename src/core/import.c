/* SPDX-License-Identifier: Apache-2.0 */
/* The routes of imports: pages of one file between upload and import. */
#include "core/import.h"

#include <string.h>

#include "base/csv.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/import_cli.h"
#include "core/import_draft.h"
#include "core/import_part.h"
#include "core/import_past.h"
#include "core/import_record.h"
#include "core/page.h"

const struct permission import_run_right = {"import.run", "Import records"};

/* --- what is asked for --- */

/* The kind of record of the address, when it can be imported and this person may. */
static struct err *kind_of(struct web *w, const struct entity **out)
{
    const struct entity *e = feature_entity_plural(web_param(w, 0));

    if (!e || e->no_api || e->site || !w->org)
        return err_new(ERR_MISSING, "There is no page at this address.");
    TRY(web_need(w, &import_run_right));
    TRY(web_need(w, e->write));
    if (!import_possible(e))
        return err_new(ERR_CLASH, "%s cannot be imported: the program makes them.", tr(e->labels));
    *out = e;
    return NULL;
}

static struct err *asked(struct web *w, struct import_draft *out)
{
    const struct entity *e;

    TRY(kind_of(w, &e));
    return draft_load(w, e, web_param(w, 1), out);
}

static struct err *load_asked(struct web *w, void *ctx)
{
    return asked(w, ctx);
}

struct err *import_was_done(struct web *w, void *ctx)
{
    bool *done = ctx;
    struct rows *r;

    *done = false;
    if (text_empty(w->op))
        return NULL;
    TRY(db_query(w->db, &r, "select 1 from operation where org_id = $1 and op = $2", num(w->org),
                 str(w->op)));
    *done = row_next(r);
    return NULL;
}

/* The slow part of a change of a draft. */
static struct err *prepare(struct web *w, struct err *(*fn)(struct web *w, struct import_draft *d))
{
    struct import_draft *d = NEW(w->arena, struct import_draft);
    bool done;

    TRY(app_read(w, load_asked, d));
    TRY(app_read(w, import_was_done, &done));
    if (!done)
        TRY(fn(w, d));
    w->prepared = d;
    return NULL;
}

static struct err *to_draft(struct web *w)
{
    struct import_draft *d = w->prepared;

    if (!d)
        return err_new(ERR_BUSY, "The server is busy. Please try again in a moment.");
    web_redirect(w, web_url(w, "/%s/import/%s", d->e->plural, d->token));
    return NULL;
}

/* --- upload --- */

static const struct upload *uploaded(const struct web *w)
{
    for (size_t i = 0; i < w->req->nuploads; i++)
        if (text_starts(w->req->uploads[i].name, "file") && w->req->uploads[i].size > 0)
            return &w->req->uploads[i];
    return NULL;
}

static struct err *template_file(struct web *w, const struct entity *e)
{
    struct buf b;

    buf_init(&b, w->arena, 512);
    csv_cell(&b, "number", true);
    for (size_t i = 0; i < e->nfields; i++)
        if (import_may_fill(&e->fields[i]))
            csv_cell(&b, e->fields[i].name, false);
    csv_end_row(&b);
    web_answer_bytes(w, "text/csv; charset=utf-8",
                     (struct bytes){(const unsigned char *)b.data, b.size},
                     arena_printf(w->arena, "%s-template.csv", e->plural));
    return NULL;
}

static struct err *upload_page(struct web *w)
{
    const struct entity *e;

    TRY(kind_of(w, &e));
    if (text_equal(web_query(w, "template"), "1"))
        return template_file(w, e);
    return import_draw_upload(w, e);
}

static struct err *upload_prepare(struct web *w)
{
    const struct upload *u = uploaded(w);
    struct import_draft *d = NEW(w->arena, struct import_draft);
    const struct entity *e;
    bool done;

    TRY(kind_of(w, &e));
    TRY(app_read(w, import_was_done, &done));
    if (done)
        return NULL;
    if (!u)
        return err_new(ERR_INVALID, "Choose a file that is not empty, then send the form again.");
    TRY(draft_new(w, e, u, d));
    TRY(draft_study(w, d));
    w->prepared = d;
    return NULL;
}

/* --- one file --- */

static struct err *draft_page(struct web *w)
{
    struct import_draft d;

    TRY(asked(w, &d));
    return import_draw_draft(w, &d);
}

static struct err *change_settings(struct web *w, struct import_draft *d)
{
    if (!text_equal(d->state, "checked") && !text_equal(d->state, "unreadable") &&
        !text_equal(d->state, "new"))
        return NULL; /* it is busy or done: the page says so */
    TRY(import_form_settings(w, d, &d->settings));
    return draft_study(w, d);
}

static struct err *settings_prepare(struct web *w)
{
    return prepare(w, change_settings);
}

static struct err *run_draft(struct web *w, struct import_draft *d)
{
    return draft_run(w, d, text_equal(web_form(w, "mode"), "good"));
}

static struct err *run_prepare(struct web *w)
{
    return prepare(w, run_draft);
}

static struct err *run_done(struct web *w)
{
    struct import_draft *d = w->prepared, now;
    const char *title;
    i64 number;

    if (!d)
        return to_draft(w);
    TRY(draft_load(w, d->e, d->token, &now));
    if (!text_equal(now.state, "done") || !now.import || !web_may(w, &import_read))
        return to_draft(w);
    TRY(entity_title(w, &import_entity, now.import, &title, &number));
    web_redirect(w, web_record_url(w, &import_entity, number));
    return NULL;
}

static struct err *drop_draft(struct web *w, struct import_draft *d)
{
    if (text_equal(d->state, "running"))
        return err_new(ERR_CLASH, "The file is being imported. Cancel the job first.");
    return draft_drop(w, d);
}

static struct err *drop_prepare(struct web *w)
{
    return prepare(w, drop_draft);
}

static struct err *dropped(struct web *w)
{
    const struct entity *e;

    TRY(kind_of(w, &e));
    web_redirect(w, web_url(w, "/%s/import", e->plural));
    return NULL;
}

static struct err *marked_copy(struct web *w)
{
    const char *format = web_query(w, "format");
    struct import_draft d;

    TRY(asked(w, &d));
    if (format && !text_equal(format, "csv") && !text_equal(format, "xlsx"))
        return err_new(ERR_BAD, "There is no copy as “%.20s”. Use csv or xlsx.", format);
    if (!text_equal(d.state, "checked"))
        return err_new(ERR_CLASH, "The file must be checked before there is a copy of it.");
    return import_marked(w, &d, !text_equal(format, "csv"),
                         text_equal(web_query(w, "rows"), "wrong"));
}

/* --- records that the file names and that are not there --- */

struct creating {
    struct import_draft *d;
    const struct entity *target;
};

static const char *item(const json_t *list, size_t i)
{
    const char *s = json_string_value(json_array_get(list, i));

    return s ? s : "";
}

static const char *email_field(const struct entity *e)
{
    for (size_t i = 0; i < e->nfields; i++)
        if (e->fields[i].kind == FIELD_EMAIL)
            return e->fields[i].name;
    return NULL;
}

/* What the file calls the record stands for its number from now on. */
static void map_to(struct web *w, struct import_draft *d, const json_t *one, const char *label)
{
    const json_t *columns = json_object_get(d->facts, "columns");
    json_t *values = json_object_get(d->settings, "values");

    if (!values) {
        json_object_set_new(d->settings, "values", json_object());
        values = json_object_get(d->settings, "values");
    }
    for (size_t i = 0; i < json_array_size(columns); i++) {
        const json_t *c = json_array_get(columns, i);
        const char *name = json_string_value(json_object_get(c, "name"));

        if (!name || !text_equal(json_string_value(json_object_get(c, "field")), item(one, 0)))
            continue;
        if (!json_object_get(values, name))
            json_object_set_new(values, name, json_object());
        json_object_set_new(json_object_get(values, name), item(one, 1), json_string(label));
    }
    (void)w;
}

static struct err *create_one(struct web *w, struct creating *c, const json_t *one, size_t i)
{
    const char *mail = web_form(w, arena_printf(w->arena, "mail.%zu", i)), *label;
    struct issues issues = {.arena = w->arena};
    struct record *r = arena_alloc(w->arena, c->target->size);
    struct input in[2] = {
        {c->target->title, web_form(w, arena_printf(w->arena, "name.%zu", i))}
    };
    struct inputs list = {in, 1};

    if (!text_empty(mail) && email_field(c->target))
        in[list.count++] = (struct input){email_field(c->target), mail};
    TRY(entity_apply(w, c->target, r, list, true, &issues));
    if (!issues.count)
        TRY(entity_write(w, c->target, r, "Named in a file to import", &issues));
    if (issues.count)
        return err_new(ERR_INVALID, "“%.60s” cannot be created. %.250s", item(one, 1),
                       issues.list[0].text);
    record_label(w->arena, c->target, r->number, &label);
    map_to(w, c->d, one, label);
    return NULL;
}

/* What stands under “Is here as”, or "". */
static const char *said(struct web *w, size_t i)
{
    const char *text = web_form(w, arena_printf(w->arena, "is.%zu", i));

    return text_trim(w->arena, text ? text : "");
}

/* Maps the names of which somebody said which record they mean; one that is not there is told. */
static struct err *take_known(struct web *w, void *ctx)
{
    struct creating *c = ctx;
    const json_t *list = json_object_get(c->d->facts, "unknown");

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        const struct field *f = entity_field(c->d->e, item(one, 0));
        struct input in = {item(one, 0), said(w, i)};
        struct issues issues = {.arena = w->arena};

        if (!f || f->ref != c->target || !*in.value)
            continue;
        TRY(entity_apply(w, c->d->e, arena_alloc(w->arena, c->d->e->size), (struct inputs){&in, 1},
                         true, &issues));
        if (issues.count)
            return err_new(ERR_INVALID, "“%.60s”: %.250s", item(one, 1), issues.list[0].text);
        map_to(w, c->d, one, in.value);
    }
    return NULL;
}

/* Calls `each` for what is ticked. */
static struct err *each_ticked(struct web *w, struct creating *c,
                               struct err *(*each)(struct web *w, struct creating *c,
                                                   const json_t *one, size_t i))
{
    const json_t *list = json_object_get(c->d->facts, "unknown");

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        const struct field *f = entity_field(c->d->e, item(one, 0));

        if (f && f->ref == c->target &&
            text_equal(web_form(w, arena_printf(w->arena, "new.%zu", i)), "1"))
            TRY(each(w, c, one, i));
    }
    return NULL;
}

static struct err *create_all(struct web *w, void *ctx)
{
    return each_ticked(w, ctx, create_one);
}

static struct err *leave_empty(struct web *w, struct creating *c, const json_t *one, size_t i)
{
    (void)i;
    map_to(w, c->d, one, "-");
    return NULL;
}

static struct err *create_records(struct web *w, struct import_draft *d)
{
    struct creating c = {d, feature_entity(web_form(w, "kind") ? web_form(w, "kind") : "")};

    if (!text_equal(d->state, "checked"))
        return NULL;
    if (c.target && text_equal(web_form(w, "known"), "1")) {
        TRY(app_read(w, take_known, &c));
        return draft_study(w, d);
    }
    if (c.target && text_equal(web_form(w, "empty"), "1")) {
        TRY(each_ticked(w, &c, leave_empty));
        return draft_study(w, d);
    }
    if (!c.target || c.target->no_create || c.target->site)
        return err_new(ERR_INVALID, "Records of this kind cannot be made here.");
    TRY(web_need(w, c.target->write));
    TRY(app_write(w, create_all, &c));
    return draft_study(w, d);
}

static struct err *records_prepare(struct web *w)
{
    return prepare(w, create_records);
}

/* --- tables --- */

/* clang-format off */
static const struct route routes[] = {
    {METHOD_GET, "/:plural/import", upload_page, &import_run_right, 0, NULL, NULL},
    {METHOD_POST, "/:plural/import", to_draft, &import_run_right, ROUTE_UPLOAD | ROUTE_SLOW,
     upload_prepare, NULL},
    {METHOD_GET, "/:plural/import/:token", draft_page, &import_run_right, 0, NULL, NULL},
    {METHOD_POST, "/:plural/import/:token", to_draft, &import_run_right, ROUTE_SLOW,
     settings_prepare, NULL},
    {METHOD_POST, "/:plural/import/:token/run", run_done, &import_run_right, ROUTE_SLOW,
     run_prepare, NULL},
    {METHOD_POST, "/:plural/import/:token/drop", dropped, &import_run_right, 0, drop_prepare, NULL},
    {METHOD_POST, "/:plural/import/:token/records", to_draft, &import_run_right, ROUTE_SLOW,
     records_prepare, NULL},
    {METHOD_GET, "/:plural/import/:token/marked", marked_copy, &import_run_right, ROUTE_SLOW, NULL,
     NULL},
    {METHOD_POST, "/:plural/import", import_api_done, &import_run_right,
     ROUTE_API | ROUTE_UPLOAD | ROUTE_SLOW, import_api_prepare,
     "Imports a file: CSV, XLSX or JSON as multipart field “file”, or CSV or JSON as body"},
    {METHOD_GET, "/imports", import_list_page, &import_read, 0, NULL, NULL},
    {METHOD_GET, "/imports/:no", import_show_page, &import_read, 0, NULL, NULL},
    {METHOD_POST, "/imports/:no/undo", import_undone, &import_run_right, ROUTE_SLOW,
     import_undo_prepare, NULL},
    {0},
};

static const struct command commands[] = {
    {"import",
     "KIND FILE [--dry-run] [--good-rows] [--sheet NAME] [--encoding NAME] [--delimiter CHAR] "
     "[--header ROW] [--complete] [--match auto|number|key|title|email|external|none] "
     "[--origin NAME] "
     "[--dates dmy|mdy] [--reason TEXT] [--map COLUMN=FIELD]... [--value COLUMN:VALUE=OTHER]... "
     "[--set FIELD=VALUE]...",
     "Reads CSV, XLSX or JSON into a register; “-” is standard input. Every row is checked "
     "first, and nothing is written when one is wrong, unless --good-rows leaves the wrong "
     "ones out. A row with a number changes that record; otherwise one of the same key of "
     "another program (--map COLUMN=key, --origin its name), external number, e-mail or name; "
     "otherwise a new one is created; --match says which of these. --map COLUMN=- leaves a "
     "column out, --set gives every new record a value, --value says what a word of the file "
     "means. Encoding, separator, sheet and the row of the column names are found out unless "
     "they are said. --reason says why records are changed, where the kind asks for it. "
     "--complete says that the file is the whole list: records that are missing "
     "in it are told. --dry-run only tells. Exit status: 0 done; 1 done, but wrong rows were left "
     "out, or --dry-run found some; 2 nothing was written, because rows are wrong or the file or "
     "the call cannot be used.",
     import_command},
    {"import undo", "NUMBER",
     "Takes an import back: records that it changed get their values of before, those it made are "
     "removed. What somebody changed since, or what something else refers to, stays and is told.",
     import_undo_command},
    {0},
};
/* clang-format on */

static struct err *job_check(struct web *w, const char *body)
{
    return draft_job_check(w, body);
}

static struct err *job_run(struct web *w, const char *body)
{
    return draft_job_run(w, body);
}

static const struct job_kind jobs[] = {
    {.name = "import.check", .run = job_check, .slow = true},
    {.name = "import.run",          .run = job_run, .slow = true},
    {.name = "import.undo",   .run = import_undo_job, .slow = true},
    {.name = "import.clean",          .every = 3600000000LL, .run = draft_clean},
    {.name = NULL }
};

static const struct nav nav[] = {
    {"System",   15, "Imports", "/imports", "file-import", &import_read, NULL},
    {0},
};

static const struct entity *const entities[] = {&import_entity, NULL};
static const struct permission *const permissions[] = {&import_run_right, &import_read, NULL};

const struct feature import_feature = {.name = "import",
                                       .entities = entities,
                                       .permissions = permissions,
                                       .routes = routes,
                                       .commands = commands,
                                       .jobs = jobs,
                                       .nav = nav};
