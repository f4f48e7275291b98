/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of evidence: list, form, page, new version, legal hold, erasing. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/language.h"
#include "core/list.h"
#include "core/page.h"
#include "feature/evidence/evidence_part.h"

#define SOON_DAYS 30

/* --- list --- */

static bool draw_cell(struct web *w, const struct field *f, const void *record)
{
    const struct evidence *e = record;

    if (!text_equal(f->name, "title"))
        return false;
    if (e->file_name)
        html(w->html, "<div class='list-sub'>%s · %s</div>", e->file_name,
             evidence_size(w->arena, e->file_size));
    else if (e->url)
        html(w->html, "<div class='list-sub'>%.80s</div>", e->url);
    return false;
}

/* "Out of date", "In the next 30 days": links to the same list with a filter. */
static void draw_shortcuts(struct web *w)
{
    const char *yesterday = date_add(w->arena, w->today, 0, -1);
    const char *soon = date_add(w->arena, w->today, 0, SOON_DAYS);
    const char *list = web_url(w, "/evidence");
    const char *joint = strchr(list, '?') ? "&" : "?";

    html(w->html,
         "<p class='mb-2'><a href='%s%svalid_until.max=%s&sort=valid_until'>{Out of date}</a> · "
         "<a href='%s%svalid_until.min=%s&valid_until.max=%s&sort=valid_until'>{Out of date within "
         "30 days}</a></p>",
         list, joint, yesterday, list, joint, w->today, soon);
}

struct err *evidence_list(struct web *w)
{
    struct list_query q;
    struct list_result r;

    TRY(list_parse(w, &evidence_entity, &q));
    TRY(list_run(w, &q, true, &r));
    page_begin(w, "Do", "Evidence");
    page_help(w, evidence_entity.help, evidence_entity.clause);
    if (!w->asof && web_may(w, &evidence_write))
        page_action(w, "primary", web_url(w, "/evidence/new"), "New evidence");
    page_body(w);
    draw_shortcuts(w);
    TRY(list_draw(w, &q, &r, draw_cell));
    page_end(w);
    return NULL;
}

/* --- form of a new one --- */

void evidence_file_input(struct web *w, bool many)
{
    struct html *h = w->html;

    html(h,
         "<div class='field mb-3 drop' data-drop><label class='form-label' for='f-file'>%s"
         "</label>",
         many ? tr("Files") : tr("File"));
    html(h, "<input class='form-control' type='file' id='f-file' name='file[]'%s>",
         many ? " multiple" : "");
    html(h,
         "<div class='form-hint'><span class='js-only'>{Or drop them here.} </span>"
         "{At most %s. What it is, is told by its content, not by its name.}</div>"
         "<ul class='upload-list' data-upload-list aria-live='polite'",
         evidence_size(w->arena, blob_limits(w->app).upload));
    /* The words that the script shows. */
    html(h,
         " data-cancel='{Cancel}' data-done='{Ready}' data-empty='{The file is empty.}' "
         "data-large='{The file is too large.}' data-waiting='{The form is sent when the files are "
         "here.}' data-interrupted='{The connection broke. It goes on by itself.}' "
         "data-failed='{The upload did not work. Choose the file again: it goes on where it "
         "stopped.}'></ul></div>");
    /* Uploads that are here already, when the form is drawn again. */
    for (size_t i = 0; w->req && i < w->req->form.count; i++)
        if (text_equal(w->req->form.list[i].name, "upload[]"))
            html(h, "<input type='hidden' name='upload[]' value='%s'>", w->req->form.list[i].value);
}

struct err *evidence_field(struct web *w, const char *name, const struct evidence *e,
                           const struct issues *issues)
{
    struct field f = *entity_field(&evidence_entity, name);

    if (text_equal(name, "title") && text_equal(e->kind, "file")) {
        f.required = false;
        f.help = "What somebody sees when they open it. Empty: the name of the file.";
    }
    return form_field(w, &f, e, issues);
}

/* All of them, by group. */
static struct err *draw_fields(struct web *w, const struct evidence *e, const struct issues *issues)
{
    const char *group = "";

    html(w->html, "<div class='form-grid'>");
    for (size_t i = 0; i < evidence_entity.nfields; i++) {
        const struct field *f = &evidence_entity.fields[i];

        if (f->internal)
            continue;
        if (f->group && strcmp(f->group, group) != 0) {
            group = f->group;
            html(w->html, "</div><h2 class='h3 mt-4'>%s</h2><div class='form-grid'>", tr(group));
        }
        TRY(evidence_field(w, f->name, e, issues));
    }
    html(w->html, "</div>");
    return NULL;
}

static struct err *draw_new(struct web *w, const struct evidence *e, const struct issues *issues)
{
    page_begin(w, "Evidence", "New evidence");
    page_help(w, evidence_entity.help, evidence_entity.clause);
    page_body(w);
    form_issues(w, issues);
    card_begin(w, NULL, NULL);
    form_begin_files(w, web_url(w, "/evidence"), 0);
    evidence_file_input(w, true);
    TRY(draw_fields(w, e, issues));
    form_end(w, "Add", web_url(w, "/evidence"));
    card_end(w);
    page_end(w);
    return NULL;
}

struct err *evidence_new(struct web *w)
{
    struct issues none = {.arena = w->arena};
    struct evidence e = {0};

    TRY(entity_initial(w, &evidence_entity, &e, (struct inputs){0}, &none));
    evidence_defaults(w, &e, NULL);
    for (size_t i = 0; i < w->req->query.count; i++) {
        struct input one = {w->req->query.list[i].name, w->req->query.list[i].value};
        struct issues ignored = {.arena = w->arena};

        TRY(entity_apply(w, &evidence_entity, &e, (struct inputs){&one, 1}, false, &ignored));
    }
    return draw_new(w, &e, NULL);
}

struct err *evidence_create(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    const struct taken *t = w->prepared;
    struct evidence e;

    TRY(evidence_make(w, 0, &issues, &e));
    if (issues.count) {
        e.id = e.version = 0;
        web_status(w, 422);
        return draw_new(w, &e, &issues);
    }
    if (t && t->count > 1)
        web_redirect(w, web_url(w, "/evidence?m=added&sort=-number"));
    else
        web_redirect(w, arena_printf(w->arena, "%s?m=created",
                                     web_record_url(w, &evidence_entity, e.number)));
    return NULL;
}

/* --- page --- */

static void draw_version(struct web *w, const struct evidence *e, const struct file_version *v)
{
    struct html *h = w->html;

    html(h,
         "<tr><td class='list-main'><a href='%s' download>%s</a><div class='list-sub'>%s</div>"
         "<div class='list-sub hash'>%s</div></td>",
         web_url(w, "/evidence/EV-%lld/file?version=%lld", e->number, v->number), v->name, v->type,
         v->hash);
    html(h,
         "<td data-label='{Version}' class='num'>%lld</td><td data-label='{Size}' class='num'>%s"
         "</td><td data-label='{Added}'>%s<div class='list-sub'>%s</div></td></tr>",
         v->number, evidence_size(w->arena, v->size), web_time(w, v->at), v->who);
}

static struct err *draw_versions(struct web *w, const struct evidence *e)
{
    struct file_version *list;
    size_t count;
    struct html *h = w->html;

    if (text_empty(e->file_hash))
        return NULL;
    TRY(evidence_versions(w, e->id, &list, &count));
    card_begin(w, "Versions of the file", NULL);
    html(h, "<div class='table-responsive'><table class='table list'><caption class='"
            "visually-hidden'>{Versions of the file}</caption><thead><tr><th scope='col'>{File}"
            "</th><th scope='col' class='num'>{Version}</th><th scope='col' class='num'>{Size}</th>"
            "<th scope='col'>{Added}</th></tr></thead><tbody>");
    for (size_t i = 0; i < count; i++)
        draw_version(w, e, &list[i]);
    html(h, "</tbody></table></div>");
    if (!w->asof && web_may(w, &evidence_write)) {
        html(h, "<details class='mt-3'><summary>{Add a new version}</summary>");
        form_begin_files(
            w, arena_printf(w->arena, "%s/file", web_record_url(w, &evidence_entity, e->number)),
            e->version);
        evidence_file_input(w, false);
        form_text(w, "_reason", "What is new", "", "Kept with the history.");
        form_end(w, "Add version", NULL);
        html(h, "</details>");
    }
    card_end(w);
    return NULL;
}

/* What is wrong with what was sent, below its field. */
static void draw_wrong(struct web *w, const struct issues *issues, const char *name)
{
    if (issue_of(issues, name))
        html(w->html, "<div class='field-error' id='f-%s-error'>%s</div>", name,
             issue_of(issues, name));
}

static void draw_hold(struct web *w, const struct evidence *e, const struct issues *issues)
{
    const char *address =
        arena_printf(w->arena, "%s/hold", web_record_url(w, &evidence_entity, e->number));

    if (w->asof || !web_may(w, &evidence_hold))
        return;
    card_begin(w, "Legal hold", NULL);
    form_begin(w, address, e->version);
    if (text_empty(e->hold)) {
        form_text(w, "hold", "Why it must not be removed", web_form(w, "hold"),
                  "A dispute, an inquiry, a claim: nobody can remove it until this is lifted.");
        draw_wrong(w, issues, "hold");
        form_end(w, "Put under legal hold", NULL);
    } else {
        html(w->html, "<p>%s</p>", e->hold);
        /* Not "_reason": the form of a new version beside it has one. */
        form_text(w, "lifted", "Why it is lifted", web_form(w, "lifted"), "Kept with the history.");
        draw_wrong(w, issues, "lifted");
        form_end(w, "Lift the hold", NULL);
    }
    card_end(w);
}

static void draw_actions(struct web *w, const struct evidence *e)
{
    if (!w->asof && web_may(w, &evidence_write)) {
        page_action(w, "default", web_url(w, "/evidence/EV-%lld/remove", e->number), "Remove");
        page_action(w, "default", web_url(w, "/evidence/EV-%lld/edit", e->number), "Edit");
    }
    if (!text_empty(e->file_hash))
        page_action(w, "primary", web_url(w, "/evidence/EV-%lld/file", e->number), "Download");
    else if (text_equal(e->kind, "link"))
        html(w->html,
             "<a class='btn btn-primary' href='%s' rel='noopener noreferrer'>{Open the link}</a>",
             e->url);
}

/* Without what does not belong to its kind. */
static struct err *draw_details(struct web *w, const struct evidence *e)
{
    struct entity part = evidence_entity;
    struct field *fields = NEW_ARRAY(w->arena, struct field, part.nfields);

    part.nfields = 0;
    for (size_t i = 0; i < evidence_entity.nfields; i++) {
        const struct field *f = &evidence_entity.fields[i];

        if ((text_equal(f->name, "url") && !text_equal(e->kind, "link")) ||
            (text_equal(f->name, "reason") && !text_equal(e->kind, "note")))
            continue;
        fields[part.nfields++] = *f;
    }
    part.fields = fields;
    return entity_details(w, &part, e);
}

static struct err *draw_body(struct web *w, const struct evidence *e, const struct issues *issues)
{
    const char *odd = e->file_name ? blob_odd_name(w->arena, e->file_name, e->file_type) : NULL;

    if (odd)
        page_notice(w, "warning", "%s", odd);
    if (!text_empty(e->hold))
        page_notice(w, "warning", "Legal hold: %s. Until it is lifted this cannot be removed.",
                    e->hold);
    html(w->html, "<div class='split'><div class='stack'>");
    TRY(evidence_preview(w, e));
    TRY(draw_versions(w, e));
    draw_hold(w, e, issues);
    html(w->html, "</div><div class='stack'>");
    card_begin(w, "Details", NULL);
    TRY(draw_details(w, e));
    if (!w->asof && web_may(w, &evidence_erase) && !text_empty(e->file_hash))
        html(w->html, "<p class='mt-3 mb-0'><a href='%s/erase'>{Erase the file for good}</a></p>",
             web_record_url(w, &evidence_entity, e->number));
    card_end(w);
    /* Who sees it by one of its records only is not told about the others. */
    if (web_may(w, &evidence_read) || e->owner == w->person) {
        card_begin(w, "History", NULL);
        TRY(entity_history(w, &evidence_entity, e->id));
        card_end(w);
    }
    html(w->html, "</div></div>");
    return NULL;
}

static struct err *draw_page(struct web *w, const struct evidence *e, const struct issues *issues)
{
    bool drawn;

    page_begin(w, arena_printf(w->arena, "%s · EV-%lld", tr("Evidence"), e->number), "%s",
               e->title);
    page_help(w, evidence_entity.help, evidence_entity.clause);
    draw_actions(w, e);
    page_body(w);
    form_issues(w, issues);
    TRY(entity_tab(w, &evidence_entity, e, &drawn));
    if (!drawn)
        TRY(draw_body(w, e, issues));
    page_end(w);
    return NULL;
}

struct err *evidence_show(struct web *w)
{
    struct evidence e;

    TRY(evidence_asked(w, &e));
    return draw_page(w, &e, NULL);
}

/* --- what is done to one --- */

static struct err *back_to(struct web *w, const struct evidence *e, const char *message)
{
    web_redirect(w, arena_printf(w->arena, "%s?m=%s",
                                 web_record_url(w, &evidence_entity, e->number), message));
    return NULL;
}

static struct err *must_be_newest(struct web *w, struct evidence *e)
{
    const char *text = web_form(w, "_version");
    i64 version;

    if (text && text_i64(text, &version) && version != e->version)
        return err_new(ERR_CLASH, "Somebody else changed this evidence since you opened it. Open "
                                  "it again, look, and send yours then.");
    return NULL;
}

/* Own evidence and what one may read: who sees it by its record only does not change it. */
static struct err *asked_to_change(struct web *w, struct evidence *e)
{
    i64 id;

    TRY(web_record(w, &evidence_entity, &id));
    return entity_load(w, &evidence_entity, id, e);
}

static struct err *write_now(struct web *w, struct evidence *e, const char *reason)
{
    struct issues issues = {.arena = w->arena};

    TRY(entity_write(w, &evidence_entity, e, reason, &issues));
    return issues.count ? err_new(ERR_INVALID, "%s", issues.list[0].text) : NULL;
}

struct err *evidence_new_version(struct web *w)
{
    const struct taken *t = w->prepared;
    struct evidence e;

    TRY(asked_to_change(w, &e));
    TRY(must_be_newest(w, &e));
    if (!t || t->count != 1)
        return err_new(ERR_INVALID, "Choose one file: it becomes the next version.");
    if (!text_equal(e.kind, "file"))
        return err_new(ERR_INVALID, "Only evidence that is a file has versions. Add the file as "
                                    "evidence of its own.");
    if (text_equal(e.file_hash, t->list[0].blob.hash))
        return back_to(w, &e, "unchanged");
    evidence_put(&e, &t->list[0]);
    TRY(write_now(w, &e, w->reason));
    TRY(evidence_kept(w, &t->list[0]));
    return back_to(w, &e, "added");
}

static bool too_long(const char *text)
{
    return text_length(text) > 500 || strpbrk(text, "\n\t");
}

/* Putting it under hold says why, and so does lifting the hold. */
static void check_hold(const struct evidence *e, const char *text, const char *why,
                       struct issues *out)
{
    if (text_empty(e->hold) && text_empty(text))
        issue(out, "hold", "Say why it must not be removed.");
    if (!text_empty(text) && too_long(text))
        issue(out, "hold", "Say it in one line of at most 500 characters.");
    if (!text_empty(e->hold) && text_empty(why))
        issue(out, "lifted", "Say in a few words why the hold is lifted.");
    if (!text_empty(why) && too_long(why))
        issue(out, "lifted", "Say it in one line of at most 500 characters.");
}

struct err *evidence_change_hold(struct web *w)
{
    const char *text = web_form(w, "hold"), *why = web_form(w, "lifted");
    struct issues issues = {.arena = w->arena};
    struct evidence e;

    TRY(asked_to_change(w, &e));
    TRY(must_be_newest(w, &e));
    check_hold(&e, text, why, &issues);
    if (issues.count) {
        web_status(w, 422);
        return draw_page(w, &e, &issues);
    }
    text = text ? text_trim(w->arena, text) : NULL;
    e.hold = text_empty(text) ? NULL : text;
    TRY(write_now(w, &e, text_empty(why) ? w->reason : why));
    return back_to(w, &e, "saved");
}

/* --- erasing --- */

static void draw_erase(struct web *w, const struct evidence *e)
{
    const char *address = web_record_url(w, &evidence_entity, e->number);

    page_begin(w, arena_printf(w->arena, "%s · EV-%lld", tr("Evidence"), e->number),
               "Erase the file of “%s”?", e->title);
    page_body(w);
    card_begin(w, NULL, NULL);
    html(w->html,
         "<p>{All versions of this file are destroyed, here and wherever else the very same file "
         "is used. Name, size and SHA-256 stay, so that it can be proved what was there. This "
         "cannot be undone; older backups still hold it.}</p>");
    form_begin(w, arena_printf(w->arena, "%s/erase", address), e->version);
    form_text(w, "_reason", "Why", "",
              "For example: a person asked for the removal of their data.");
    html(w->html,
         "<div class='form-actions'><button class='btn btn-danger' type='submit'>{Erase for good}"
         "</button><a class='btn' href='%s'>{Keep it}</a></div></form>",
         address);
    card_end(w);
    page_end(w);
}

static struct err *may_be_erased(struct web *w, const struct evidence *e)
{
    struct rows *r;

    if (text_empty(e->file_hash))
        return err_new(ERR_INVALID, "This evidence has no file.");
    TRY(db_query(w->db, &r,
                 "select o.number, o.hold, o.retention from evidence o where o.org_id = $1"
                 " and (o.hold is not null or o.retention >= $3) and exists (select 1 from"
                 " evidence_history h join evidence_history m on m.org_id = h.org_id"
                 " and m.file_hash = h.file_hash where h.org_id = o.org_id and h.id = o.id"
                 " and m.id = $2) order by o.number limit 1",
                 num(w->org), num(e->id), str(w->today)));
    if (!row_next(r))
        return NULL;
    if (!row_null(r, 1))
        return err_new(ERR_CLASH, "EV-%lld with this file is under legal hold: %.200s",
                       row_num(r, 0), row_text(r, 1));
    return err_new(ERR_CLASH, "EV-%lld with this file has to be kept until %s.", row_num(r, 0),
                   row_text(r, 2));
}

struct err *evidence_erase_page(struct web *w)
{
    struct file_version *list;
    struct evidence e;
    size_t count;

    TRY(asked_to_change(w, &e));
    TRY(may_be_erased(w, &e));
    if (w->req->method != METHOD_POST) {
        draw_erase(w, &e);
        return NULL;
    }
    TRY(must_be_newest(w, &e));
    if (text_empty(w->reason))
        return err_new(ERR_INVALID, "Say why the file is erased.");
    TRY(evidence_versions(w, e.id, &list, &count));
    for (size_t i = 0; i < count; i++)
        TRY(blob_erase(w, list[i].hash, arena_printf(w->arena, "EV-%lld %s", e.number, w->reason)));
    return back_to(w, &e, "removed");
}
