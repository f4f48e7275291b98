/* SPDX-License-Identifier: Apache-2.0 */
/* Why a record is changed: which changes have to say it, and the field in which people do. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/entity_page.h"
#include "core/entity_sql.h"
#include "core/work.h"

/* What is empty, or as every new record has it, says nothing yet. */
static bool says(const struct field *f, const void *record)
{
    return !field_null(f, record) &&
           !(f->kind == FIELD_CHOICE && text_equal(field_str(f, record), f->initial));
}

static bool people_enter(const struct field *f)
{
    return !f->internal && !f->derived && !f->secret;
}

static bool is_decided(const struct entity *e, const void *record)
{
    const struct field *state = e->state ? entity_field(e, e->state) : NULL;

    return state && text_word_in(field_str(state, record), e->decided);
}

/* The first changed field that asks: one that was settled, what people enter of a decided record,
 * or any of a kind that always asks. `*settled` = the first of these. */
static const struct field *cause(const struct entity *e, const void *before, const void *after,
                                 bool *settled)
{
    bool decided = is_decided(e, before), may = *settled;

    for (size_t i = 0; i < e->nfields; i++) {
        const struct field *f = &e->fields[i];

        if (f->derived || field_equal(f, before, after))
            continue;
        *settled = may && f->reasoned && says(f, before);
        if (*settled || (decided && people_enter(f)) || e->reason)
            return f;
    }
    return NULL;
}

struct err *entity_reason_asked(struct web *w, const struct entity *e, const void *before,
                                const void *after, struct reason_asked *out)
{
    bool settled = true;

    *out = (struct reason_asked){.cause = cause(e, before, after, &settled)};
    if (out->cause && settled && e->settled) {
        TRY(e->settled(w, before, &settled));
        if (!settled)
            out->cause = cause(e, before, after, &settled);
    }
    if (out->cause && settled)
        out->text = arena_printf(
            w->arena, tr("“%s” was settled before. Say in a few words why it is changed."),
            tr(out->cause->label));
    else if (out->cause && is_decided(e, before))
        out->text = tr("This was decided already. Say in a few words why it is changed.");
    else if (out->cause)
        out->text = tr("Say in a few words why this is changed.");
    return NULL;
}

bool entity_reason_always(const struct entity *e, const void *record)
{
    return e->reason || is_decided(e, record);
}

bool entity_reason_known(const struct entity *e)
{
    bool any = e->reason || e->decided;

    for (size_t i = 0; i < e->nfields && !any; i++)
        any = e->fields[i].reasoned;
    return any;
}

/* Which fields ask, for the hint: “Option”, “Until”. */
static const char *reasoned_labels(struct arena *a, const struct entity *e)
{
    struct buf b;

    buf_init(&b, a, 64);
    for (size_t i = 0; i < e->nfields; i++)
        if (e->fields[i].reasoned && people_enter(&e->fields[i]))
            buf_printf(&b, "%s“%s”", b.size ? ", " : "", tr(e->fields[i].label));
    return b.data;
}

static void draw_hint(struct web *w, const struct entity *e, bool needed)
{
    const char *labels = reasoned_labels(w->arena, e);
    struct html *h = w->html;

    html(h, "<div class='form-hint' id='f-_reason-hint'>{Kept with the history of the record.} ");
    if (needed)
        html(h, "{It is needed here.}");
    else if (*labels)
        html(h, "{Needed when one of these is changed that was settled before: %s.}", labels);
    else if (e->decided)
        html(h, "{Needed for what was decided already.}");
    else
        html(h, "{You may leave it empty.}");
    html(h, "</div>");
}

void entity_reason_field(struct web *w, const struct entity *e, bool needed,
                         const struct issues *issues)
{
    const char *error = issue_of(issues, "_reason");
    struct html *h = w->html;

    html(h,
         "<div class='field mb-3'><label class='form-label%s' for='f-_reason'>{Reason for the "
         "change}</label><input class='form-control' id='f-_reason' name='_reason' maxlength='500' "
         "value='%s' aria-describedby='f-_reason-hint%s'",
         needed ? " required" : "", web_form(w, "_reason"), error ? " f-_reason-error" : "");
    if (error)
        html(h, " aria-invalid='true'");
    if (needed)
        html(h, " required");
    html(h, ">");
    draw_hint(w, e, needed);
    if (error)
        html(h, "<div class='field-error' id='f-_reason-error'>%s</div>", error);
    html(h, "</div>");
}
