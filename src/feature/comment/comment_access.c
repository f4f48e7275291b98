/* SPDX-License-Identifier: Apache-2.0 */
/* Who sees a record and because of what: by role, by a field that names them, by having it shared
 * with them. The three parts of the one visibility formula (entity_visible_sql). */
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/content.h"
#include "core/entity_page.h"
#include "core/language.h"
#include "core/permit.h"
#include "feature/comment/comment_part.h"
#include "feature/organisation/organisation.h"

#define SHARED_MOST 200

struct err *access_panel_count(struct web *w, const struct entity *e, i64 record, i64 *out)
{
    struct rows *r;

    (void)e;
    TRY(db_query(w->db, &r,
                 "select count(*) from access_grant where org_id = $1 and record = $2"
                 " and (until is null or until >= $3)",
                 num(w->org), num(record), str(w->today)));
    *out = row_next(r) ? row_num(r, 0) : 0;
    return NULL;
}

/* --- by role --- */

static void draw_roles(struct web *w, const struct entity *e)
{
    const char *const *roles;
    size_t n = permit_roles(w->app, &roles), shown = 0;

    card_begin(w, "By their role", NULL);
    html(w->html, "<ul class='task-lines'>");
    for (size_t i = 0; i < n; i++) {
        if (!e->read || !permit_role_has(w->app, roles[i], e->read))
            continue;
        html(w->html, "<li class='task-line'>%s</li>",
             content_label(w->app->content, "roles", roles[i]));
        shown++;
    }
    html(w->html, "</ul>");
    if (!shown)
        html(w->html, "<p class='mute'>{No role shows this kind of record.}</p>");
    else if (e->about)
        html(w->html, "<p class='mute'>{They must also be able to see the kind of record that this "
                      "one is about.}</p>");
    card_end(w);
}

/* --- by the record itself --- */

static struct err *draw_concerned(struct web *w, const struct entity *e, const void *record)
{
    size_t shown = 0;

    card_begin(w, "Because the record names them", NULL);
    html(w->html, "<ul class='task-lines'>");
    for (size_t i = 0; i < e->nfields; i++) {
        const struct field *f = &e->fields[i];
        struct ids people = {.count = 0};

        if (f->concerns && f->ref == &person_entity)
            people = field_targets(f, record);
        for (size_t k = 0; k < people.count; k++) {
            const char *name;

            TRY(entity_title(w, &person_entity, people.id[k], &name, NULL));
            html(w->html, "<li class='task-line'><span>%s</span><span class='mute'>%s</span></li>",
                 name, tr(f->label));
            shown++;
        }
    }
    html(w->html, "</ul>");
    if (!shown)
        html(w->html, "<p class='mute'>{Nobody.}</p>");
    card_end(w);
    return NULL;
}

/* --- shared --- */

/* The thread for which it was shared, when there is one that names the person. */
static struct err *draw_cause(struct web *w, i64 record, i64 person)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select c.number, c.kind from comment c where c.org_id = $1 and c.about = $2"
                 " and (c.asked = $3 or exists (select 1 from comment_mentioned m"
                 " where m.org_id = $1 and m.record = c.id and m.target = $3))"
                 " order by c.number limit 1",
                 num(w->org), num(record), num(person)));
    if (!row_next(r))
        return NULL;
    html(w->html, " · <a href='%s'>", web_url(w, "/comments/CM-%lld", row_num(r, 0)));
    if (text_equal(row_str(r, 1), "question"))
        html(w->html, "{for question CM-%lld}", row_num(r, 0));
    else
        html(w->html, "{for comment CM-%lld}", row_num(r, 0));
    html(w->html, "</a>");
    return NULL;
}

static struct err *draw_grant(struct web *w, const struct rows *r, const char *own, i64 record)
{
    struct html *h = w->html;
    bool role = row_null(r, 0);

    html(h, "<li class='task-line'><div>%s<div class='list-sub'>",
         role ? content_label(w->app->content, "roles", row_text(r, 4)) : row_text(r, 2));
    if (row_num(r, 5))
        html(h, "{without an end}");
    else
        html(h, "{until %s}", words_date(w->arena, row_text(r, 3)));
    if (!role)
        TRY(draw_cause(w, record, row_num(r, 0)));
    html(h, "</div></div>");
    if (!role && !w->asof)
        form_button(w, arena_printf(w->arena, "%s/unshare", own), "default", "End it", "person",
                    arena_printf(w->arena, "P-%lld", row_num(r, 1)));
    html(h, "</li>");
    return NULL;
}

static struct err *draw_grants(struct web *w, const struct entity *e, const struct record *record)
{
    const char *own = web_record_url(w, e, record->number);
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select g.person, p.number, p.name, max(coalesce(g.until, '9999')), g.role,"
                 " max(case when g.until is null then 1 else 0 end)"
                 " from access_grant g left join person p on p.org_id = g.org_id"
                 " and p.id = g.person where g.org_id = $1 and g.record = $2"
                 " and (g.until is null or g.until >= $3)"
                 " group by g.person, p.number, p.name, g.role order by p.name, g.role limit $4",
                 num(w->org), num(record->id), str(w->today), num(SHARED_MOST)));
    card_begin(w, "Because it was shared with them", NULL);
    html(w->html, "<ul class='task-lines'>");
    while (row_next(r))
        TRY(draw_grant(w, r, own, record->id));
    html(w->html, "</ul>");
    if (!row_count(r))
        html(w->html, "<p class='mute'>{It is shared with nobody. Who is mentioned in a comment or "
                      "asked a question about it, and does not see it, can be let in there.}</p>");
    card_end(w);
    return NULL;
}

struct err *access_panel(struct web *w, const struct entity *e, const void *record)
{
    html(w->html, "<div class='stack'><h2 class='visually-hidden'>{Who sees it}</h2>");
    TRY(draw_grants(w, e, record));
    TRY(draw_concerned(w, e, record));
    draw_roles(w, e);
    html(w->html, "</div>");
    return NULL;
}

/* --- ending --- */

struct err *access_end(struct web *w)
{
    const char *text = web_form(w, "person");
    const struct entity *e;
    struct record *record;
    struct rows *r;
    i64 number;

    TRY(entity_asked_record(w, &e, &record));
    if (!text || !text_starts(text, "P-") || !text_i64(text + 2, &number))
        return err_new(ERR_BAD, "The form does not say with whom this is shared.");
    TRY(db_query(w->db, &r, "select id from person where org_id = $1 and number = $2", num(w->org),
                 num(number)));
    if (!row_next(r))
        return err_new(ERR_MISSING, "Nothing is shared with this person here (any more).");
    TRY(grant_end(w, e, record->id, row_num(r, 0)));
    web_redirect(
        w, arena_printf(w->arena, "%s?tab=access&m=saved", web_record_url(w, e, record->number)));
    return NULL;
}
