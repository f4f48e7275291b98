/* SPDX-License-Identifier: Apache-2.0 */
/* One value of a record, as pages show it. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/entity_sql.h"
#include "core/list_part.h"
#include "core/page.h"
#include "core/work.h"

#define SHORT_TEXT 140 /* characters of a long text in a list */
#define SHORT_REFS 3   /* references of a record in a list */

static void draw_dash(struct web *w)
{
    html(w->html, "<span class='mute'>—</span>");
}

static void draw_reference(struct web *w, const struct entity *e, const struct list_title *t)
{
    if (!t) {
        html(w->html, "<span class='mute'>{unknown %s}</span>", page_lower(w, tr(e->label)));
        return;
    }
    if (e->no_pages || e->site || !web_may(w, e->read))
        html(w->html, "%s", t->title);
    else
        html(w->html, "<a href='%s'>%s</a>", web_record_url(w, e, t->number), t->title);
}

/* Number and title of a record of any kind. */
static void draw_any(struct web *w, const struct list_title *title)
{
    const struct record_head *head = title ? title->head : NULL;
    const char *address = head ? record_head_url(w, head) : NULL;

    if (!head)
        draw_dash(w);
    else if (address)
        html(w->html, "<a href='%s'>%s %s</a>", address, head->label, head->title);
    else
        html(w->html, "%s", record_head_text(w, head));
}

static void draw_references(struct web *w, const struct field *f, const void *record,
                            const struct list_titles *titles, bool full)
{
    const struct ids *ids = (const struct ids *)(const void *)((const char *)record + f->offset);
    size_t shown = full || ids->count <= SHORT_REFS ? ids->count : SHORT_REFS;

    if (ids->count == 0)
        draw_dash(w);
    for (size_t i = 0; i < shown; i++) {
        if (i > 0 && full)
            html(w->html, "<br>");
        else if (i > 0)
            html(w->html, ", ");
        if (f->ref)
            draw_reference(w, f->ref, list_title_of(titles, f->ref, ids->id[i]));
        else
            draw_any(w, list_title_of(titles, NULL, ids->id[i]));
    }
    if (shown < ids->count)
        html(w->html, " <span class='mute'>+%zu</span>", ids->count - shown);
}

static void draw_text(struct web *w, const char *text, bool full)
{
    size_t end = 0;
    size_t length = 0;

    if (full) {
        html_lines(w->html, text);
        return;
    }
    while (text[end] && length < SHORT_TEXT) {
        end++;
        while ((text[end] & 0xc0) == 0x80)
            end++;
        length++;
    }
    html(w->html, "%.*s%s", (int)end, text, text[end] ? "…" : "");
}

static struct err *draw_plain(struct web *w, const struct field *f, const void *record, bool full)
{
    const char *text;

    TRY(field_told(w, f, record, &text));
    if (!text || !*text)
        draw_dash(w);
    else if (f->markdown && full)
        page_markdown(w, text, NULL);
    else if (full && f->kind == FIELD_LONG)
        return html_record_text(w, text);
    else
        draw_text(w, text, full);
    return NULL;
}

/* A day that is over is told in a word, not by its colour alone. */
static struct err *draw_over(struct web *w, const struct field *f, const void *record)
{
    const char *text;

    TRY(field_show(w, f, record, &text));
    page_day(w, text, f->dated, true);
    return NULL;
}

struct err *list_draw_value(struct web *w, const struct entity *e, const struct field *f,
                            const void *record, const struct list_titles *titles, bool full)
{
    const struct choice *c;

    if (f->kind == FIELD_REFS) {
        draw_references(w, f, record, titles, full);
    } else if (f->kind == FIELD_REF) {
        i64 id = field_num(f, record);
        if (id)
            draw_reference(w, f->ref, list_title_of(titles, f->ref, id));
        else
            draw_dash(w);
    } else if (f->kind == FIELD_RECORD) {
        draw_any(w, list_title_of(titles, NULL, field_num(f, record)));
    } else if (f->kind == FIELD_CHOICE &&
               (c = choice_find(f->choices, field_str(f, record))) != NULL && c->tone) {
        badge(w, c->tone, tr(c->label));
    } else if (work_over(w, e, f, record)) {
        return draw_over(w, f, record);
    } else {
        return draw_plain(w, f, record, full);
    }
    return NULL;
}
