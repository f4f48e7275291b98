/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs of fields that refer to records: a list to choose from while it is short, else a line with
 * suggestions (assets/parts/record.js). Without script a number or an exact title is typed. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/entity_sql.h"
#include "core/form_part.h"
#include "core/list_sql.h"

#define OPTIONS_MOST 50 /* longer lists are typed, with suggestions */
#define BOXES_MOST 40

static const char *label_of(struct web *w, const struct entity *e, i64 number)
{
    return arena_printf(w->arena, "%s-%lld", e->prefix, number);
}

static void draw_datalist(const struct input_field *in, const struct list_titles *t)
{
    html(in->w->html, "<datalist id='f-%s-list'>", in->f->name);
    for (size_t i = 0; i < t->count; i++)
        html(in->w->html, "<option value='%s'>%s</option>",
             label_of(in->w, in->f->ref, t->list[i].number), t->list[i].title);
    html(in->w->html, "</datalist>");
}

/* The record's reference as people write it, "P-3"; "" when empty. */
static struct err *reference_text(const struct input_field *in, const char **label,
                                  const char **title)
{
    const char *sent = in->sent;
    i64 id = field_num(in->f, in->record);
    i64 number;

    *label = sent ? sent : "";
    *title = "";
    if (sent || !id)
        return NULL;
    TRY(entity_title(in->w, in->f->ref, id, title, &number));
    *label = label_of(in->w, in->f->ref, number);
    return NULL;
}

struct err *form_reference(const struct input_field *in)
{
    struct web *w = in->w;
    struct list_titles t;
    const char *chosen;
    const char *title;
    bool found = false;

    TRY(list_options(w, in->f->ref, OPTIONS_MOST + 1, &t));
    TRY(reference_text(in, &chosen, &title));
    if (t.count > OPTIONS_MOST) {
        html(w->html,
             "<input class='form-control%s' id='f-%s' name='%s' value='%s' "
             "list='f-%s-list' placeholder='{Number or exact title}' autocomplete='off' "
             "data-find='%s'",
             in->error ? " is-invalid" : "", in->f->name, in->f->name, chosen, in->f->name,
             in->f->ref->plural);
        form_aria(in);
        html(w->html, ">");
        if (*title)
            html(w->html, "<div class='form-hint' data-found>{Now: %s}</div>", title);
        draw_datalist(in, &t);
        return NULL;
    }
    form_select_begin(in);
    if (!in->required || !*chosen)
        form_option(w, "", "—", chosen);
    for (size_t i = 0; i < t.count; i++) {
        const char *value = label_of(w, in->f->ref, t.list[i].number);
        found |= text_equal(value, chosen);
        form_option(w, value, t.list[i].title, chosen);
    }
    if (*chosen && !found) /* one that this person does not see in the list stays chosen */
        form_option(w, chosen, *title ? title : chosen, chosen);
    html(w->html, "</select>");
    return NULL;
}

/* A record of any kind, by its number. */
struct err *form_record(const struct input_field *in)
{
    struct web *w = in->w;
    const char *sent = in->sent;
    struct record_head head = {.label = ""};

    if (!field_null(in->f, in->record))
        TRY(record_head(w, field_num(in->f, in->record), &head));
    html(w->html,
         "<input class='form-control%s' id='f-%s' name='%s' value='%s' maxlength='40' "
         "list='f-%s-list' placeholder='{Number, like R-7}' autocomplete='off' data-find='*'",
         in->error ? " is-invalid" : "", in->f->name, in->f->name, sent ? sent : head.label,
         in->f->name);
    form_aria(in);
    html(w->html, "><datalist id='f-%s-list'></datalist>", in->f->name);
    if (!text_empty(head.title))
        html(w->html, "<div class='form-hint' data-found>{Now: %s}</div>", head.title);
    return NULL;
}

/* Several of them, by their numbers. */
struct err *form_records(const struct input_field *in)
{
    struct web *w = in->w;
    const char *sent = in->sent;
    const struct ids *ids = field_ids(in->f, in->record);
    struct record_head *heads;
    struct buf b;

    buf_init(&b, w->arena, 64);
    TRY(record_heads(w, *ids, &heads));
    for (size_t i = 0; i < ids->count; i++)
        if (heads[i].entity)
            buf_printf(&b, "%s%s", b.size ? ", " : "", heads[i].label);
    html(w->html,
         "<input class='form-control%s' id='f-%s' name='%s' value='%s' "
         "placeholder='{Numbers, like R-7, AS-3}' autocomplete='off'",
         in->error ? " is-invalid" : "", in->f->name, in->f->name, sent ? sent : b.data);
    form_aria(in);
    html(w->html, ">");
    for (size_t i = 0; i < ids->count; i++)
        html(w->html, "<div class='form-hint'>%s</div>", record_head_text(w, &heads[i]));
    return NULL;
}

/* --- several of one kind --- */

static bool has_id(const struct ids *ids, i64 id)
{
    for (size_t i = 0; i < ids->count; i++)
        if (ids->id[i] == id)
            return true;
    return false;
}

/* What a form that is drawn again had chosen; what names no record goes to `rest`. */
static struct err *sent_ids(const struct input_field *in, struct ids *ids, struct buf *rest)
{
    const char *name = arena_printf(in->w->arena, "%s[]", in->f->name);
    const struct pairs *form = &in->w->req->form;

    for (size_t i = 0; i < form->count; i++) {
        char **parts;
        size_t n;

        if (!text_equal(form->list[i].name, name))
            continue;
        n = text_split(in->w->arena, form->list[i].value, ',', &parts);
        for (size_t k = 0; k < n; k++) {
            struct err *failed;
            i64 id;

            if (!*parts[k])
                continue;
            failed = entity_find(in->w, in->f->ref, parts[k], &id);
            if (failed && failed->code != ERR_MISSING && failed->code != ERR_CLASH)
                return failed;
            if (failed)
                buf_printf(rest, "%s%s", rest->size ? ", " : "", parts[k]);
            else
                ids_add(in->w->arena, ids, id);
        }
    }
    return NULL;
}

struct err *form_ids(struct web *w, const struct field *f, const struct issues *issues,
                     struct ids *ids)
{
    struct input_field in = {.w = w, .f = f};
    struct buf unused;

    if (!form_sent(w, issues, arena_printf(w->arena, "%s[]", f->name)))
        return NULL;
    *ids = (struct ids){0};
    buf_init(&unused, w->arena, 64);
    return sent_ids(&in, ids, &unused);
}

/* Those that are chosen already, by title. */
static struct err *draw_chosen(const struct input_field *in, const struct ids *ids)
{
    struct field field = *in->f;
    const struct field *fields[] = {&field};
    struct ids copy = *ids;
    struct list_result one = {.records = &copy, .count = 1};
    struct input_field box = *in;
    struct list_titles t;

    field.offset = 0;
    box.sent = NULL;
    TRY(list_titles(in->w, fields, 1, &one, sizeof copy, &t));
    for (size_t i = 0; i < ids->count; i++) {
        const struct list_title *title = list_title_of(&t, in->f->ref, ids->id[i]);
        if (title)
            form_box(&box, label_of(in->w, in->f->ref, title->number), title->title, true);
    }
    return NULL;
}

struct err *form_references(const struct input_field *in)
{
    struct ids ids = *field_ids(in->f, in->record);
    struct html *h = in->w->html;
    struct list_titles t;
    struct buf rest;

    TRY(list_options(in->w, in->f->ref, OPTIONS_MOST, &t));
    if (t.count == 0)
        html(h, "<p class='mute mb-1'>{There is nothing here yet.}</p>");
    if (t.count <= BOXES_MOST) {
        html(h, "<div class='boxes'>");
        for (size_t i = 0; i < t.count; i++)
            form_box(in, label_of(in->w, in->f->ref, t.list[i].number), t.list[i].title,
                     has_id(&ids, t.list[i].id));
        html(h, "</div>");
        return NULL;
    }
    buf_init(&rest, in->w->arena, 64);
    if (in->sent) {
        ids = (struct ids){0};
        TRY(sent_ids(in, &ids, &rest));
    }
    TRY(draw_chosen(in, &ids));
    html(h,
         "<input class='form-control%s' name='%s[]' value='%s' list='f-%s-list' "
         "aria-label='{Add to %s}' placeholder='{Add numbers, separated by commas}' "
         "autocomplete='off' data-find='%s' data-find-many>",
         in->error ? " is-invalid" : "", in->f->name, rest.data, in->f->name, tr(in->f->label),
         in->f->ref->plural);
    draw_datalist(in, &t);
    return NULL;
}
