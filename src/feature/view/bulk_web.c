/* SPDX-License-Identifier: Apache-2.0 */
/* Many records in one step: what is to be changed, what would become of each, running, undoing. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/bulk.h"
#include "core/job.h"
#include "core/language.h"
#include "core/page.h"
#include "feature/view/view_part.h"

#define IDS_MOST 5000 /* ticked ones */
#define SHOWN 100     /* records of a preview */

/* --- the kind and the right --- */

struct err *bulk_check_kind(struct web *w, const struct entity *e)
{
    if (!e || e->no_api || e->site || !e->write)
        return err_new(ERR_MISSING, "There is no page at this address.");
    TRY(web_need(w, &bulk_run_right));
    return web_need(w, e->write);
}

static struct err *page_kind(struct web *w, const struct entity **out)
{
    *out = feature_entity_plural(web_param(w, 0));
    return bulk_check_kind(w, *out);
}

static struct err *asked_step(struct web *w, const struct entity **e, struct bulk_step *out)
{
    i64 id;

    TRY(page_kind(w, e));
    if (!text_i64(web_param(w, 1), &id))
        return err_new(ERR_MISSING, "There is no such step here. Steps are kept for a month.");
    return bulk_load(w, *e, id, out);
}

static const char *step_url(struct web *w, const struct entity *e, i64 id)
{
    return web_url(w, "/%s/bulk/%lld", e->plural, id);
}

/* --- what the form says --- */

/* The id of the import; when it misses more than a step takes also where to begin: "ID.NUMBER". */
static struct err *posted_missing(struct web *w, struct bulk_wish *wish)
{
    char *text = arena_str(w->arena, web_form(w, "missing")), *dot = strchr(text, '.');

    if (dot)
        *dot = '\0';
    if (!text_i64(text, &wish->missing) || wish->missing < 1 ||
        (dot && (!text_i64(dot + 1, &wish->missing_after) || wish->missing_after < 0)))
        return err_new(ERR_BAD, "The import is not named as it should be.");
    return NULL;
}

static struct err *posted_ids(struct web *w, struct bulk_wish *wish)
{
    const struct pairs *form = &w->req->form;
    i64 *list = NEW_ARRAY(w->arena, i64, form->count + 1);
    size_t n = 0;

    wish->query = text_equal(web_form(w, "all"), "1") ? web_form(w, "query") : NULL;
    if (text_equal(web_form(w, "all"), "1") && !wish->query)
        wish->query = "";
    if (!text_empty(web_form(w, "missing")))
        return posted_missing(w, wish);
    for (size_t i = 0; i < form->count && !wish->query; i++) {
        if (!text_equal(form->list[i].name, "id[]"))
            continue;
        if (!text_i64(form->list[i].value, &list[n]) || n == IDS_MOST)
            return err_new(ERR_BAD, "The records to change are not named as they should be.");
        n++;
    }
    wish->ids = (struct ids){list, n};
    return NULL;
}

static const char *posted_value(struct web *w, const struct field *f)
{
    const struct pairs *form = &w->req->form;
    const char *several = arena_printf(w->arena, "%s[]", f->name);
    struct buf b;

    buf_init(&b, w->arena, 64);
    for (size_t i = 0; i < form->count; i++)
        if ((text_equal(form->list[i].name, f->name) || text_equal(form->list[i].name, several)) &&
            *form->list[i].value)
            buf_printf(&b, "%s%s", b.size ? "," : "", form->list[i].value);
    return b.data;
}

static enum bulk_how posted_how(struct web *w, const struct field *f)
{
    const char *how = web_form(w, arena_printf(w->arena, "how.%s", f->name));

    return text_equal(how, "add") ? BULK_ADD : text_equal(how, "take") ? BULK_TAKE : BULK_SET;
}

static struct err *posted_wish(struct web *w, const struct entity *e, struct bulk_wish *out)
{
    *out = (struct bulk_wish){.entity = e,
                              .remove = text_equal(web_form(w, "action"), "remove"),
                              .reason = web_form(w, "_reason")};
    if (text_empty(out->reason))
        out->reason = NULL;
    for (size_t i = 0; i < e->nfields && !out->remove; i++) {
        const struct field *f = &e->fields[i];

        if (bulk_field(f) && out->nvalues < COUNT_OF(out->values) &&
            text_equal(web_form(w, arena_printf(w->arena, "do.%s", f->name)), "1"))
            out->values[out->nvalues++] =
                (struct bulk_value){f, posted_how(w, f), posted_value(w, f)};
    }
    return posted_ids(w, out);
}

/* --- the form --- */

/* The parameters of the list that the records were chosen in. */
static const char *list_of(struct web *w)
{
    const char *query = web_form(w, "query");

    return query ? query : "";
}

static void draw_chosen(struct web *w, const struct bulk_wish *wish)
{
    struct html *h = w->html;

    if (wish->query)
        html(h, "<input type='hidden' name='all' value='1'>");
    if (wish->missing)
        html(h, "<input type='hidden' name='missing' value='%lld.%lld'>", wish->missing,
             wish->missing_after);
    html(h, "<input type='hidden' name='query' value='%s'>", list_of(w));
    for (size_t i = 0; i < wish->ids.count && !wish->query; i++)
        html(h, "<input type='hidden' name='id[]' value='%lld'>", wish->ids.id[i]);
    html(h, "<input type='hidden' name='action' value='%s'>", wish->remove ? "remove" : "change");
}

static struct err *draw_field(struct web *w, const struct field *f, const void *values,
                              const struct issues *issues)
{
    bool several = f->kind == FIELD_SET || f->kind == FIELD_REFS;
    struct html *h = w->html;

    html(h,
         "<div class='bulk-field'><label class='form-check'><input class='form-check-input' "
         "type='checkbox' name='do.%s' value='1' data-do='%s'%s><span class='form-check-label'>"
         "{Change %s}</span></label>",
         f->name, f->name,
         text_equal(web_form(w, arena_printf(w->arena, "do.%s", f->name)), "1") ? " checked" : "",
         tr(f->label));
    if (several) {
        enum bulk_how how = posted_how(w, f);

        html(h,
             "<select class='form-select mb-2' name='how.%s' aria-label='{%s: how}'>"
             "<option value='set'>{Only these}</option><option value='add'%s>{Add these}</option>"
             "<option value='take'%s>{Take these out}</option></select>",
             f->name, tr(f->label), how == BULK_ADD ? " selected" : "",
             how == BULK_TAKE ? " selected" : "");
    }
    TRY(form_field(w, f, values, issues));
    html(h, "</div>");
    return NULL;
}

static struct err *draw_form(struct web *w, const struct bulk_wish *wish,
                             const struct issues *issues)
{
    const struct entity *e = wish->entity;
    void *values = arena_alloc(w->arena, e->size);
    struct html *h = w->html;

    if (wish->missing)
        page_begin(w, tr(e->labels),
                   wish->remove ? "Remove all that are missing" : "Change all that are missing");
    else if (wish->query)
        page_begin(w, tr(e->labels),
                   wish->remove ? "Remove all that match" : "Change all that match");
    else
        page_begin(w, tr(e->labels), wish->remove ? "Remove %zu records" : "Change %zu records",
                   wish->ids.count);
    page_help(w,
              "Tick what is to be changed and say the new value; what is not ticked stays as it "
              "is. Before anything is written you see what would become of each record, and "
              "afterwards the whole step can be undone.",
              NULL);
    page_body(w);
    form_issues(w, issues);
    html(h, "<section class='card'><div class='card-body'>");
    form_begin(w, web_url(w, "/%s/bulk/plan", e->plural), 0);
    draw_chosen(w, wish);
    if (!wish->remove)
        html(h, "<div class='bulk-fields'>");
    for (size_t i = 0; i < e->nfields && !wish->remove; i++)
        if (bulk_field(&e->fields[i]))
            TRY(draw_field(w, &e->fields[i], values, issues));
    if (!wish->remove)
        html(h, "</div>");
    entity_reason_field(w, e, e->reason, issues);
    html(h,
         "<div class='form-actions'><button class='btn btn-primary' type='submit' formnovalidate>"
         "{Preview}</button><a class='btn' href='%s%s%s'>{Cancel}</a></div></form></div></section>",
         web_url(w, "/%s", e->plural), *list_of(w) ? "?" : "", list_of(w));
    page_end(w);
    return NULL;
}

struct err *bulk_form(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    const struct entity *e;
    struct bulk_wish wish;

    TRY(page_kind(w, &e));
    TRY(posted_wish(w, e, &wish));
    if (!wish.query && !wish.missing && !wish.ids.count) {
        issue(&issues, "",
              "No record was chosen. Tick some in the list, or choose all that "
              "match.");
        web_status(w, 422);
    }
    return draw_form(w, &wish, &issues);
}

/* --- planning --- */

struct planned {
    struct bulk_wish wish;
    struct issues issues;
    i64 id;
};

/* A preparation has no parameters yet. */
const struct entity *bulk_path_kind(struct web *w)
{
    char **parts;
    size_t n = text_split(w->arena, w->req->path, '/', &parts);

    return n >= 3 && w->org ? feature_entity_plural(parts[2]) : NULL;
}

static struct err *plan(struct web *w, const struct entity *e, struct planned *p)
{
    TRY(bulk_check_kind(w, e));
    p->issues.arena = w->arena;
    TRY(posted_wish(w, e, &p->wish));
    return bulk_plan(w, &p->wish, &p->issues, &p->id);
}

struct err *bulk_plan_prepare(struct web *w)
{
    struct planned *p = NEW(w->arena, struct planned);

    TRY(plan(w, bulk_path_kind(w), p));
    w->prepared = p;
    return NULL;
}

struct err *bulk_planned(struct web *w)
{
    struct planned *p = w->prepared;
    const struct entity *e;

    TRY(page_kind(w, &e));
    if (!p) { /* no preparation: inside another change */
        p = NEW(w->arena, struct planned);
        TRY(plan(w, e, p));
    }
    if (p->issues.count) {
        web_status(w, 422);
        return draw_form(w, &p->wish, &p->issues);
    }
    web_redirect(w, step_url(w, e, p->id));
    return NULL;
}

/* --- the page of a step --- */

static struct err *load_title(struct web *w, const struct entity *e, i64 id, struct record **out)
{
    struct err *failed;

    *out = arena_alloc(w->arena, e->size);
    failed = entity_load(w, e, id, *out);
    if (failed && failed->code == ERR_MISSING) {
        *out = NULL;
        return NULL;
    }
    return failed;
}

static void draw_record(struct web *w, const struct entity *e, const struct record *r, i64 id)
{
    const struct field *title = entity_field(e, e->title);

    if (!r)
        html(w->html, "<td class='list-main mute'>%s %lld</td>", tr(e->label), id);
    else
        html(w->html,
             "<td class='list-main'><a href='%s'><span class='record-number'>%s-%lld</span> %s"
             "</a></td>",
             web_record_url(w, e, r->number), e->prefix, r->number, field_str(title, r));
}

static struct err *draw_changes(struct web *w, const struct bulk_resolved *values,
                                const struct record *r)
{
    const struct entity *e = values->wish->entity;
    void *after = arena_alloc(w->arena, e->size);
    struct html *h = w->html;

    memcpy(after, r, e->size);
    bulk_apply(w, values, after);
    html(h, "<td data-label='{Change}'>");
    for (size_t i = 0; i < values->wish->nvalues; i++) {
        const struct field *f = values->wish->values[i].field;
        const char *was, *now;

        TRY(field_told(w, f, r, &was));
        TRY(field_told(w, f, after, &now));
        if (text_equal(was, now))
            continue;
        html(h, "<div><span class='mute'>%s:</span> ", tr(f->label));
        if (!text_empty(was))
            html(h, "<del class='was'>%.200s</del> ", was);
        if (!text_empty(now))
            html(h, "<ins class='now'>%.200s</ins>", now);
        else
            html(h, "<ins class='now'>{empty}</ins>");
        html(h, "</div>");
    }
    html(h, "</td>");
    return NULL;
}

static void table_begin(struct web *w, const struct entity *e, const char *title, i64 count)
{
    html(w->html,
         "<section class='card mt-3'><div class='card-header'><h2 class='card-title'>%s "
         "<span class='mute'>% lld</span></h2></div><div class='table-responsive'>"
         "<table class='table list'><caption class='visually-hidden'>%s</caption><thead><tr>"
         "<th scope='col'>%s</th><th scope='col'>{What}</th></tr></thead><tbody>",
         tr(title), count, tr(title), tr(e->label));
}

static void table_end(struct web *w, i64 count)
{
    html(w->html, "</tbody></table></div>");
    if (count > SHOWN)
        html(w->html, "<p class='mute p-3 mb-0'>{The first %d are shown.}</p>", SHOWN);
    html(w->html, "</section>");
}

/* The records that something happens to, with the values before and after. */
static struct err *draw_planned(struct web *w, const struct bulk_step *s)
{
    struct issues unused = {.arena = w->arena};
    struct bulk_resolved values;
    struct rows *r;

    if (!s->planned)
        return NULL;
    TRY(bulk_resolve(w, &s->wish, &unused, &values));
    TRY(bulk_items(w, s->id, "planned", SHOWN, &r));
    table_begin(w, s->entity, s->wish.remove ? tr("Would be removed") : tr("Would be changed"),
                s->planned);
    while (row_next(r)) {
        struct record *one;

        TRY(load_title(w, s->entity, row_num(r, 0), &one));
        html(w->html, "<tr>");
        draw_record(w, s->entity, one, row_num(r, 0));
        if (one && !s->wish.remove)
            TRY(draw_changes(w, &values, one));
        else
            html(w->html, "<td data-label='{What}'>{leaves all lists, keeps its history}</td>");
        html(w->html, "</tr>");
    }
    table_end(w, s->planned);
    return NULL;
}

/* Records with the reason why nothing happened to them. */
static struct err *draw_reasons(struct web *w, const struct bulk_step *s, const char *outcome,
                                const char *title, i64 count)
{
    struct rows *r;

    if (!count)
        return NULL;
    TRY(bulk_items(w, s->id, outcome, SHOWN, &r));
    table_begin(w, s->entity, title, count);
    while (row_next(r)) {
        struct record *one;

        TRY(load_title(w, s->entity, row_num(r, 0), &one));
        html(w->html, "<tr>");
        draw_record(w, s->entity, one, row_num(r, 0));
        html(w->html, "<td data-label='{Why}'>%s</td></tr>", row_text(r, 4));
    }
    table_end(w, count);
    return NULL;
}

static void draw_button(struct web *w, const struct bulk_step *s, const char *what,
                        const char *label)
{
    form_button(w, arena_printf(w->arena, "%s/%s", step_url(w, s->entity, s->id), what),
                text_equal(what, "run") ? s->wish.remove ? "danger" : "primary" : "default", label,
                NULL, NULL);
}

static void draw_counts(struct web *w, const struct bulk_step *s)
{
    struct html *h = w->html;

    html(h, "<dl class='facts'><dt>{Chosen}</dt><dd>{%lld record|%lld records} · %s</dd>", s->total,
         s->total, s->told);
    if (s->planned)
        html(h, "<dt>{Ready}</dt><dd>% lld</dd>", s->planned);
    if (s->done)
        html(h, "<dt>%s</dt><dd>% lld</dd>", s->wish.remove ? tr("Removed") : tr("Changed"),
             s->done);
    if (s->same)
        html(h, "<dt>{Already so}</dt><dd>% lld</dd>", s->same);
    if (s->refused)
        html(h, "<dt>{Refused}</dt><dd>% lld</dd>", s->refused);
    if (s->undone)
        html(h, "<dt>{Undone}</dt><dd>% lld</dd>", s->undone);
    if (s->kept)
        html(h, "<dt>{Could not be undone}</dt><dd>% lld</dd>", s->kept);
    if (!text_empty(s->reason))
        html(h, "<dt>{Reason}</dt><dd>%s</dd>", s->reason);
    html(h, "<dt>{By}</dt><dd>%s, %s</dd></dl>", s->who,
         web_time(w, s->started ? s->started : s->created));
}

static const char *run_label(struct web *w, const struct bulk_step *s)
{
    if (s->wish.remove)
        return arena_printf(w->arena, tr_n("Remove %lld record", "Remove %lld records", s->planned),
                            s->planned);
    return arena_printf(w->arena, tr_n("Change %lld record", "Change %lld records", s->planned),
                        s->planned);
}

static void draw_actions(struct web *w, const struct bulk_step *s)
{
    html(w->html, "<div class='btn-list mt-3'>");
    if (text_equal(s->state, "planned") && s->planned)
        draw_button(w, s, "run", run_label(w, s));
    if (text_equal(s->state, "planned"))
        draw_button(w, s, "drop", tr("Do nothing"));
    if (text_equal(s->state, "running"))
        draw_button(w, s, "run", tr("Go on"));
    if (text_equal(s->state, "undoing"))
        draw_button(w, s, "undo", tr("Go on undoing"));
    if (text_equal(s->state, "done") && s->done)
        draw_button(w, s, "undo", tr("Undo all of it"));
    html(w->html, "<a class='btn' href='%s'>{To the list}</a></div>",
         web_url(w, "/%s", s->entity->plural));
}

static const char *step_title(const struct bulk_step *s)
{
    if (text_equal(s->state, "planned"))
        return tr("What would happen");
    if (text_equal(s->state, "running") || text_equal(s->state, "undoing"))
        return tr("Being done");
    return text_equal(s->state, "undone") ? tr("Undone") : tr("Done");
}

struct err *bulk_show(struct web *w)
{
    const struct entity *e;
    struct bulk_step s;

    TRY(asked_step(w, &e, &s));
    page_begin(w, tr(e->labels), "%s", step_title(&s));
    page_body(w);
    if (text_equal(s.state, "planned") && !s.planned)
        page_notice(w, "warning",
                    "There is nothing to do: every chosen record is already so, or is "
                    "refused.");
    html(w->html, "<section class='card'><div class='card-body'>");
    draw_counts(w, &s);
    draw_actions(w, &s);
    html(w->html, "</div></section>");
    TRY(draw_reasons(w, &s, "refused", "Refused", s.refused));
    TRY(draw_reasons(w, &s, "kept", "Could not be undone", s.kept));
    if (text_equal(s.state, "planned"))
        TRY(draw_planned(w, &s));
    page_end(w);
    return NULL;
}

/* --- running --- */

/* Few records at once, while the person waits; many by a job, which they can watch. */
struct err *bulk_work(struct web *w, bool undo)
{
    const struct entity *e = bulk_path_kind(w);
    struct bulk_step s;
    char **parts;
    i64 id;

    TRY(bulk_check_kind(w, e));
    if (text_split(w->arena, w->req->path, '/', &parts) < 5 || !text_i64(parts[4], &id))
        return err_new(ERR_MISSING, "There is no such step here. Steps are kept for a month.");
    TRY(bulk_load(w, e, id, &s));
    if ((undo ? s.done : s.planned) > BULK_AT_ONCE)
        return NULL;
    return undo ? bulk_undo(w, e, id) : bulk_run(w, e, id);
}

struct err *bulk_start(struct web *w, const struct bulk_step *s, bool undo, i64 *job)
{
    return job_start(
        w, "bulk", arena_printf(w->arena, "%lld", s->id),
        undo ? "Undoing a change of many records" : "Change of many records",
        arena_printf(w->arena, "%s %lld %s", s->entity->name, s->id, undo ? "undo" : "run"), job);
}

struct err *bulk_run_prepare(struct web *w)
{
    return bulk_work(w, false);
}

struct err *bulk_undo_prepare(struct web *w)
{
    return bulk_work(w, true);
}

static struct err *after_work(struct web *w, bool undo)
{
    const struct entity *e;
    struct bulk_step s;
    i64 job;

    TRY(asked_step(w, &e, &s));
    if (text_equal(s.state, undo ? "undone" : "done")) {
        web_redirect(w, step_url(w, e, s.id));
        return NULL;
    }
    TRY(bulk_start(w, &s, undo, &job));
    web_redirect(w, job_url(w, job));
    return NULL;
}

struct err *bulk_ran(struct web *w)
{
    return after_work(w, false);
}

struct err *bulk_undone(struct web *w)
{
    return after_work(w, true);
}

struct err *bulk_forget(struct web *w)
{
    const struct entity *e;
    struct bulk_step s;

    TRY(asked_step(w, &e, &s));
    TRY(bulk_drop(w, e, s.id));
    web_redirect(w, web_url(w, "/%s?m=unchanged", e->plural));
    return NULL;
}

struct err *bulk_job(struct web *w, const char *body)
{
    const struct entity *e;
    struct bulk_step s;
    char **parts;
    i64 id;

    if (text_split(w->arena, body, ' ', &parts) != 3 || !text_i64(parts[1], &id))
        return err_new(ERR_BAD, "This job does not say what is to be done.");
    e = feature_entity(parts[0]);
    TRY(bulk_check_kind(w, e));
    TRY(text_equal(parts[2], "undo") ? bulk_undo(w, e, id) : bulk_run(w, e, id));
    TRY(bulk_load(w, e, id, &s));
    return job_result(w, arena_printf(w->arena, "/%s/bulk/%lld", e->plural, id),
                      "%lld records done, %lld refused, %lld undone.", s.done, s.refused, s.undone);
}

/* --- the last steps --- */

static void draw_step(struct web *w, const struct bulk_step *s)
{
    struct html *h = w->html;

    html(h,
         "<li class='list-group-item'><a href='%s'>%s</a> <span class='mute'>%s · %s · "
         "{%lld record|%lld records}</span></li>",
         step_url(w, s->entity, s->id), s->wish.remove ? tr("Removed") : tr("Changed"), s->who,
         web_time(w, s->started), s->total, s->total);
}

struct err *bulk_steps(struct web *w)
{
    const struct entity *e;
    struct bulk_step *list;
    size_t count;

    TRY(page_kind(w, &e));
    TRY(bulk_list(w, e, &list, &count));
    page_begin(w, tr(e->labels), "Steps");
    page_help(w,
              "Changes of many records at once, from the last month. Each can be undone as long "
              "as nobody has changed its records since.",
              NULL);
    page_body(w);
    if (!count)
        page_empty(w, "Nobody has changed many of these records at once.",
                   web_url(w, "/%s", e->plural), "To the list");
    else
        html(w->html, "<section class='card' aria-label='{Steps}'><ul class='list-group "
                      "list-group-flush'>");
    for (size_t i = 0; i < count; i++)
        draw_step(w, &list[i]);
    if (count)
        html(w->html, "</ul></section>");
    page_end(w);
    return NULL;
}
