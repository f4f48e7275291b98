/* SPDX-License-Identifier: Apache-2.0 */
/* The roles of a person, and the holder's word that they know and accept them (ISO/IEC 27001 5.3).
 */
#include "base/text.h"
#include "base/words.h"
#include "core/page.h"
#include "core/work.h"
#include "feature/organisation/organisation_web.h"

/* --- the card on the page of a person --- */

static void draw_role(struct web *w, const struct person *p, struct rows *r)
{
    const char *address = web_record_url(w, &role_holder_entity, row_num(r, 0));
    bool accepted = !row_null(r, 4);

    html(w->html, "<li class='list-group-item'><a href='%s'>%s</a> <span class='text-secondary'>",
         address, words_supplied(w->arena, row_text(r, 1)));
    if (row_null(r, 3))
        html(w->html, "{since %s}", words_date(w->arena, row_text(r, 2)));
    else
        html(w->html, "{from %s until %s}", words_date(w->arena, row_text(r, 2)),
             words_date(w->arena, row_text(r, 3)));
    html(w->html, " · %s</span>", accepted ? tr("accepted") : tr("not yet accepted"));
    if (!accepted && p->id == w->person && !w->asof)
        form_button(w, arena_printf(w->arena, "%s/accept", address), "primary",
                    "I know this role and accept it", NULL, NULL);
    html(w->html, "</li>");
}

struct err *roles_draw(struct web *w, const struct person *p)
{
    const char *give = web_may(w, &role_grant) ? web_url(w, "/roles/new?person=P-%lld&from_date=%s",
                                                         p->number, w->today)
                                               : NULL;
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select h.number, h.title, h.from_date, h.until, h.acknowledged from role_holder h"
                 " where h.org_id = $1 and h.person = $2 order by h.from_date, h.id",
                 num(w->org), num(p->id)));
    card_begin(w, "Roles", NULL);
    html(w->html, "<ul class='list-group list-group-flush'>");
    while (row_next(r))
        draw_role(w, p, r);
    html(w->html, "</ul>");
    if (!row_count(r))
        page_empty(w, "No role yet. Without one, this person sees only what concerns them.", give,
                   "Give a role");
    else if (give && !w->asof)
        html(w->html, "<p class='mt-3 mb-0'><a class='btn' href='%s'>{Give another role}</a></p>",
             give);
    card_end(w);
    return NULL;
}

/* --- accepting --- */

struct err *role_accept(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    struct role_holder h;
    struct person p;
    i64 id;

    TRY(web_record(w, &role_holder_entity, &id));
    TRY(entity_load(w, &role_holder_entity, id, &h));
    if (!w->person || h.person != w->person)
        return err_new(ERR_DENIED, "Only the holder says that they accept a role.");
    if (h.acknowledged)
        return err_new(ERR_CLASH, "This role was accepted on %s.", h.acknowledged);
    h.acknowledged = w->today;
    TRY(entity_write_lent(w, &role_holder_entity, &h, "accepted by the holder", &issues));
    if (issues.count)
        return err_new(ERR_INVALID, "%s", issues.list[0].text);
    TRY(entity_load(w, &person_entity, h.person, &p));
    web_redirect(w,
                 arena_printf(w->arena, "%s?m=saved", web_record_url(w, &person_entity, p.number)));
    return NULL;
}

/* --- my work --- */

static struct err *to_accept(struct web *w, i64 person, bool given, struct work_list *out)
{
    struct rows *r;

    if (given || w->asof)
        return NULL;
    TRY(db_query(w->db, &r,
                 "select h.id, h.number, h.title, p.number from role_holder h join person p"
                 " on p.org_id = h.org_id and p.id = h.person where h.org_id = $1 and h.person = $2"
                 " and h.acknowledged is null and h.from_date <= $3"
                 " and (h.until is null or h.until >= $3) order by h.number",
                 num(w->org), num(person), str(w->today)));
    while (row_next(r)) {
        struct work_item item = {.entity = &role_holder_entity,
                                 .id = row_num(r, 0),
                                 .number = row_num(r, 1),
                                 .kind = "role",
                                 .kind_label = "Role",
                                 .title = tr(row_text(r, 2)),
                                 .what = N_("Say that you accept it"),
                                 .person = person,
                                 .weight = 3};

        item.address = web_record_url(w, &person_entity, row_num(r, 3));
        item.uid = arena_printf(w->arena, "role-%lld", item.id);
        work_add(out, &item);
    }
    return NULL;
}

const struct work_source role_work[] = {
    {.name = "role",     .title = N_("Roles to accept"), .open = to_accept},
    {.name = NULL},
};
