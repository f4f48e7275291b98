/* SPDX-License-Identifier: Apache-2.0 */
/* Two people saved the same record. Nothing is overwritten and nothing is lost: for each field that
 * both changed, the second one chooses; what only one of them changed is taken over. The choice is
 * posted as "_take.<field>" beside the values of the form as they were sent (entity_form_inputs).
 */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/entity_page.h"
#include "core/entity_sql.h"
#include "core/list_sql.h"

/* Three states of a record: as this person opened it, as it is now, and as this person wants it. */
struct three {
    const void *base, *theirs, *mine;
};

enum side { NOBODY, THEIRS, MINE, BOTH };

/* Who changed the field; the same change by both is nobody's. */
static enum side changed_by(const struct field *f, const struct three *t)
{
    bool mine = !field_equal(f, t->mine, t->base), theirs = !field_equal(f, t->theirs, t->base);

    if (mine && theirs)
        return field_equal(f, t->mine, t->theirs) ? NOBODY : BOTH;
    return mine ? MINE : theirs ? THEIRS : NOBODY;
}

static bool may_differ(const struct field *f)
{
    return !f->derived && !f->internal && !f->fixed && !f->secret && f->kind != FIELD_TIME;
}

static void draw_text(struct web *w, const char *text)
{
    if (text_empty(text))
        html(w->html, "<span class='mute'>{empty}</span>");
    else
        html_lines(w->html, text);
}

static void draw_side(struct web *w, const struct field *f, const char *value, const char *text)
{
    bool mine = text_equal(value, "mine");

    html(w->html,
         "<td data-label='%s'><label class='form-check'><input class='form-check-input' "
         "type='radio' name='_take.%s' value='%s'%s><span class='form-check-label'>",
         mine ? tr("Yours") : tr("Saved meanwhile"), f->name, value, mine ? " checked" : "");
    draw_text(w, text);
    html(w->html, "</span></label></td>");
}

static struct err *draw_conflict(struct web *w, const struct field *f, const struct three *t)
{
    const char *base, *theirs, *mine;
    struct html *h = w->html;

    TRY(field_told(w, f, t->base, &base));
    TRY(field_told(w, f, t->theirs, &theirs));
    TRY(field_told(w, f, t->mine, &mine));
    html(h, "<tr><th scope='row'>%s</th><td data-label='%s'>", tr(f->label), tr("Before"));
    draw_text(w, base);
    html(h, "</td>");
    draw_side(w, f, "theirs", theirs);
    draw_side(w, f, "mine", mine);
    html(h, "</tr>");
    return NULL;
}

static struct err *draw_conflicts(struct web *w, const struct entity *e, const struct three *t,
                                  size_t *count)
{
    struct html *h = w->html;

    *count = 0;
    for (size_t i = 0; i < e->nfields; i++)
        *count += may_differ(&e->fields[i]) && changed_by(&e->fields[i], t) == BOTH;
    if (!*count)
        return NULL;
    html(h, "<fieldset><legend class='h3'>{Both of you changed this: choose}</legend>"
            "<div class='table-responsive'><table class='table compare'>"
            "<caption class='visually-hidden'>{Fields that both changed}</caption><thead><tr>"
            "<th scope='col'>{Field}</th><th scope='col'>{Before}</th>"
            "<th scope='col'>{Saved meanwhile}</th><th scope='col'>{Yours}</th></tr></thead>"
            "<tbody>");
    for (size_t i = 0; i < e->nfields; i++)
        if (may_differ(&e->fields[i]) && changed_by(&e->fields[i], t) == BOTH)
            TRY(draw_conflict(w, &e->fields[i], t));
    html(h, "</tbody></table></div></fieldset>");
    return NULL;
}

/* What one side alone changed: no choice is needed, but people want to see it. */
static struct err *draw_one_sided(struct web *w, const struct entity *e, const struct three *t,
                                  enum side side)
{
    const char *title = side == MINE ? tr("Only you changed: will be saved")
                                     : tr("Only the other changed: stays as it is now");
    struct html *h = w->html;
    size_t n = 0;

    for (size_t i = 0; i < e->nfields; i++) {
        const struct field *f = &e->fields[i];
        const char *text;

        if (!may_differ(f) || changed_by(f, t) != side)
            continue;
        if (!n++)
            html(h, "<h2 class='h3 mt-3'>%s</h2><dl class='facts'>", title);
        TRY(field_told(w, f, side == MINE ? t->mine : t->theirs, &text));
        html(h, "<dt>%s</dt><dd>", tr(f->label));
        draw_text(w, text);
        html(h, "</dd>");
    }
    if (n)
        html(h, "</dl>");
    return NULL;
}

/* The values as they were sent, and for what this person did not touch the other side's. */
static void draw_values(struct web *w, const struct entity *e, const struct three *t)
{
    const struct pairs *form = &w->req->form;

    for (size_t i = 0; i < form->count; i++)
        if (form->list[i].name[0] != '_' || text_equal(form->list[i].name, "_draft"))
            html(w->html, "<input type='hidden' name='%s' value='%s'>", form->list[i].name,
                 form->list[i].value);
    for (size_t i = 0; i < e->nfields; i++)
        if (may_differ(&e->fields[i]) && changed_by(&e->fields[i], t) != MINE &&
            changed_by(&e->fields[i], t) != BOTH)
            html(w->html, "<input type='hidden' name='_take.%s' value='theirs'>",
                 e->fields[i].name);
}

static struct err *draw_choice(struct web *w, const struct entity *e, const struct record *theirs,
                               const struct three *t)
{
    const char *address = web_record_url(w, e, theirs->number);
    struct reason_asked asked;
    size_t conflicts;

    card_begin(w, NULL, NULL);
    form_begin(w, address, theirs->version);
    draw_values(w, e, t);
    TRY(draw_conflicts(w, e, t, &conflicts));
    TRY(draw_one_sided(w, e, t, MINE));
    TRY(draw_one_sided(w, e, t, THEIRS));
    TRY(entity_reason_asked(w, e, t->theirs, t->mine, &asked));
    entity_reason_field(w, e, asked.text != NULL, NULL);
    form_end(w, "Save this", address);
    card_end(w);
    return NULL;
}

struct err *entity_merge_page(struct web *w, const struct entity *e, const struct record *theirs,
                              i64 version)
{
    struct record *base = arena_alloc(w->arena, e->size), *mine = arena_alloc(w->arena, e->size);
    struct issues issues = {.arena = w->arena};

    TRY(list_old_version(w, e, theirs->id, version, base));
    memcpy(mine, base, e->size);
    TRY(entity_apply(w, e, mine, entity_form_inputs(w, e), false, &issues));
    web_status(w, 409);
    page_begin(w, arena_printf(w->arena, "%s · %s-%lld", tr(e->label), e->prefix, theirs->number),
               "%s", tr("Somebody else saved this too"));
    page_body(w);
    page_notice(w, "warning",
                "You opened version %lld, but version %lld was saved meanwhile. Nothing is lost: "
                "look at what differs and choose. You can correct the text afterwards.",
                version, theirs->version);
    form_issues(w, &issues);
    TRY(draw_choice(w, e, theirs, &(struct three){base, theirs, mine}));
    page_end(w);
    return NULL;
}
