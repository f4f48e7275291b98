/* SPDX-License-Identifier: Apache-2.0 */
/* The tab "Evidence" on the page of every record: what is there, and adding to it. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/page.h"
#include "feature/evidence/evidence_part.h"

#define SHOWN 200

static struct err *count(struct web *w, const struct entity *e, i64 record, i64 *out)
{
    struct rows *r;

    (void)e;
    TRY(db_query(w->db, &r, "select count(*) from evidence_about where org_id = $1 and target = $2",
                 num(w->org), num(record)));
    *out = row_next(r) ? row_num(r, 0) : 0;
    return NULL;
}

/* --- what is there --- */

static const char *kind_label(const char *code)
{
    const struct choice *c = choice_find(entity_field(&evidence_entity, "kind")->choices, code);

    return c ? c->label : code;
}

static const char *kind_tone(const char *code)
{
    const struct choice *c = choice_find(entity_field(&evidence_entity, "kind")->choices, code);

    return c ? c->tone : "grey";
}

struct shown {
    const struct entity *entity;
    i64 record;
    bool change;
};

static void draw_row(struct web *w, const struct shown *s, const struct rows *r)
{
    struct html *h = w->html;
    struct evidence e = {.valid_until = row_str(r, 7)};
    i64 number = row_num(r, 0);

    html(h,
         "<tr><td class='list-main'><a href='%s'><span class='record-number'>EV-%lld</span> %s</a>",
         web_record_url(w, &evidence_entity, number), number, row_text(r, 1));
    if (!row_null(r, 3))
        html(h, "<div class='list-sub'><a href='%s' download>%s</a> · %s</div>",
             web_url(w, "/evidence/EV-%lld/file", number), row_text(r, 3),
             evidence_size(w->arena, row_num(r, 4)));
    if (!row_null(r, 5))
        html(h, "<div class='list-sub'>%.100s</div>", row_text(r, 5));
    html(h, "</td><td data-label='{Kind}'>");
    badge(w, kind_tone(row_text(r, 2)), kind_label(row_text(r, 2)));
    html(h, "</td><td data-label='{Collected on}'>%s</td><td data-label='{Valid until}'>",
         words_date(w->arena, row_text(r, 6)));
    evidence_draw_validity(w, &e);
    html(h, "</td><td data-label='{Owner}'>%s</td>", row_text(r, 8));
    if (s->change) {
        html(h, "<td>");
        form_button(w, web_url(w, "/%s/%lld/evidence/detach", s->entity->plural, s->record),
                    "default", "Detach", "evidence", arena_printf(w->arena, "EV-%lld", number));
        html(h, "</td>");
    }
    html(h, "</tr>");
}

static struct err *draw_list(struct web *w, const struct shown *s)
{
    struct html *h = w->html;
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select e.number, e.title, e.kind, e.file_name, e.file_size, e.url, e.collected,"
                 " e.valid_until, p.name from evidence_about l join evidence e"
                 " on e.org_id = l.org_id and e.id = l.record left join person p"
                 " on p.org_id = e.org_id and p.id = e.owner where l.org_id = $1 and l.target = $2"
                 " order by e.number desc limit $3",
                 num(w->org), num(s->record), num(SHOWN)));
    if (!row_count(r)) {
        page_empty(w,
                   "No evidence here yet. An auditor asks “show me”: add the file, the link, or "
                   "say why no document is needed.",
                   NULL, NULL);
        return NULL;
    }
    html(h, "<div class='table-responsive'><table class='table list'><caption class='"
            "visually-hidden'>{Evidence}</caption><thead><tr><th scope='col'>{Title}</th>"
            "<th scope='col'>{Kind}</th><th scope='col'>{Collected on}</th><th scope='col'>{Valid "
            "until}</th><th scope='col'>{Owner}</th>");
    if (s->change)
        html(h, "<th scope='col'><span class='visually-hidden'>{Action}</span></th>");
    html(h, "</tr></thead><tbody>");
    while (row_next(r))
        draw_row(w, s, r);
    html(h, "</tbody></table></div>");
    if (row_count(r) == SHOWN)
        html(h, "<p><a href='%s'>{All of it}</a></p>",
             web_url(w, "/evidence?about=%lld", s->record));
    return NULL;
}

/* --- adding --- */

static struct err *fields(struct web *w, const char *const *names, const struct evidence *e,
                          const struct issues *issues)
{
    html(w->html, "<div class='form-grid'>");
    for (size_t i = 0; names[i]; i++)
        TRY(evidence_field(w, names[i], e, issues));
    html(w->html, "</div>");
    return NULL;
}

static void kind_input(struct web *w, const char *kind)
{
    html(w->html, "<input type='hidden' name='kind' value='%s'>", kind);
}

/* One way of adding, folded unless it is the one that was refused. */
static void fold(struct web *w, const char *title, bool open)
{
    html(w->html, "<details class='evidence-add'%s><summary>%s</summary>", open ? " open" : "",
         tr(title));
}

/* The forms of the three kinds share names, so their ids must differ: each stands on a page of its
 * own, and the panel holds the one for files and links to the others. */
static struct err *draw_form(struct web *w, const struct shown *s, const char *kind,
                             const struct issues *issues)
{
    static const char *const file[] = {"title", "valid_until", "description", NULL};
    static const char *const link[] = {"title", "url", "valid_until", "description", NULL};
    static const char *const note[] = {"title", "reason", "valid_until", NULL};
    const char *const *names = text_equal(kind, "link")   ? link
                               : text_equal(kind, "note") ? note
                                                          : file;
    struct evidence e = {.kind = kind};
    struct issues unused = {.arena = w->arena};

    if (issues)
        TRY(entity_apply(w, &evidence_entity, &e, entity_form_inputs(w, &evidence_entity), false,
                         &unused));
    form_begin_files(w, web_url(w, "/%s/%lld/evidence", s->entity->plural, s->record), 0);
    kind_input(w, kind);
    if (text_equal(kind, "file"))
        evidence_file_input(w, true);
    TRY(fields(w, names, &e, issues));
    form_end(w, "Add", NULL);
    return NULL;
}

static void draw_use(struct web *w, const struct shown *s)
{
    fold(w, tr("Use evidence that is here already"), false);
    form_begin(w, web_url(w, "/%s/%lld/evidence", s->entity->plural, s->record), 0);
    form_text(w, "existing", "Its number", "",
              "Like EV-12. One file often proves several things: it is not uploaded again.");
    form_end(w, "Use it here too", NULL);
    html(w->html, "</details>");
}

static struct err *draw_adding(struct web *w, const struct shown *s)
{
    const char *asked = web_query(w, "add");
    const char *kind = text_equal(asked, "link") || text_equal(asked, "note") ? asked : "file";
    const char *tab = web_url(w, "/%s/%lld?tab=evidence", s->entity->plural, s->record);
    static const char *const labels[][2] = {
        {"file", "File"              },
        {"link", "Link"              },
        {"note", "No document needed"},
    };

    card_begin(w, "Add evidence", NULL);
    html(w->html, "<div class='btn-group mb-3' role='group' aria-label='{Kind of evidence}'>");
    for (size_t i = 0; i < COUNT_OF(labels); i++) {
        bool open = text_equal(kind, labels[i][0]);

        html(w->html, "<a class='btn%s' href='%s&add=%s'%s>%s</a>", open ? " active" : "", tab,
             labels[i][0], open ? " aria-current=true" : "", tr(labels[i][1]));
    }
    html(w->html, "</div>");
    TRY(draw_form(w, s, kind, NULL));
    draw_use(w, s);
    card_end(w);
    return NULL;
}

static struct err *draw(struct web *w, const struct entity *e, const void *record)
{
    struct shown s = {.entity = e,
                      .record = ((const struct record *)record)->id,
                      .change = !w->asof && web_may(w, &evidence_write)};

    card_begin(w, "Evidence", NULL);
    TRY(draw_list(w, &s));
    card_end(w);
    return s.change ? draw_adding(w, &s) : NULL;
}

const struct panel evidence_panels[] = {
    {"evidence", "Evidence", 20, &member, count, draw},
    {0       }
};

/* --- what the forms post --- */

/* The record of "/:plural/:no", if this person sees it. */
static struct err *about_asked(struct web *w, struct shown *s, i64 *number)
{
    struct record *r;

    s->entity = feature_entity_plural(web_param(w, 0));
    if (!s->entity || s->entity->site)
        return err_new(ERR_MISSING, "There is no page at this address.");
    if (s->entity == &evidence_entity) {
        struct evidence own;

        TRY(evidence_called(w, web_param(w, 1), &own));
        s->record = own.id;
        *number = own.number;
        return NULL;
    }
    TRY(entity_find(w, s->entity, web_param(w, 1), &s->record));
    r = arena_alloc(w->arena, s->entity->size);
    TRY(entity_load(w, s->entity, s->record, r));
    *number = r->number;
    return NULL;
}

static struct err *back(struct web *w, const struct shown *s, i64 number, const char *message)
{
    web_redirect(w, arena_printf(w->arena, "%s?tab=evidence&m=%s",
                                 web_record_url(w, s->entity, number), message));
    return NULL;
}

static struct err *refuse_page(struct web *w, const struct shown *s, i64 number,
                               const struct issues *issues)
{
    const char *kind = web_form(w, "kind"), *label;

    record_label(w->arena, s->entity, number, &label);
    web_status(w, 422);
    page_begin(w, label, "Add evidence");
    page_body(w);
    form_issues(w, issues);
    card_begin(w, NULL, NULL);
    TRY(draw_form(w, s, kind ? kind : "file", issues));
    card_end(w);
    page_end(w);
    return NULL;
}

/* Adds the record to what the evidence is about, or takes it out; unchanged when it is so. */
static struct err *set_about(struct web *w, const char *text, i64 record, bool with)
{
    struct issues issues = {.arena = w->arena};
    struct evidence e;
    struct ids ids = {0};
    i64 id, *list;

    TRY(entity_find(w, &evidence_entity, text, &id));
    TRY(entity_load(w, &evidence_entity, id, &e));
    list = NEW_ARRAY(w->arena, i64, e.about.count + 1);
    for (size_t i = 0; i < e.about.count; i++)
        if (e.about.id[i] != record)
            list[ids.count++] = e.about.id[i];
    if (with)
        list[ids.count++] = record;
    ids.id = list;
    e.about = ids;
    TRY(entity_write(w, &evidence_entity, &e, w->reason, &issues));
    return issues.count ? err_new(ERR_INVALID, "%s", issues.list[0].text) : NULL;
}

struct err *evidence_add(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    const char *existing = web_form(w, "existing");
    struct evidence first;
    struct shown s = {0};
    i64 number;

    TRY(about_asked(w, &s, &number));
    if (!text_empty(existing)) {
        TRY(set_about(w, existing, s.record, true));
        return back(w, &s, number, "added");
    }
    TRY(evidence_make(w, s.record, &issues, &first));
    if (issues.count)
        return refuse_page(w, &s, number, &issues);
    return back(w, &s, number, "added");
}

struct err *evidence_detach(struct web *w)
{
    const char *evidence = web_form(w, "evidence");
    struct shown s = {0};
    i64 number;

    TRY(about_asked(w, &s, &number));
    if (text_empty(evidence))
        return err_new(ERR_INVALID, "Say which evidence is meant.");
    TRY(set_about(w, evidence, s.record, false));
    return back(w, &s, number, "saved");
}
