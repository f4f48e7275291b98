/* SPDX-License-Identifier: Apache-2.0 */
/* Drawing: texts, threads, the tab on a record's page. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/language.h"
#include "feature/comment/comment_part.h"
#include "feature/notice/notice.h"
#include "feature/organisation/organisation.h"

#define THREADS_SHOWN 50

/* --- texts --- */

struct names {
    struct web *w;
    const struct named_list *list;
};

static bool ends_word(char c)
{
    return !c || strchr(" \t\n@,.;:!?()[]{}<>\"'*_`|/\\-", c);
}

/* Bytes of `text` that are this person: the number, the name, or the first name. */
static size_t is_person(struct arena *a, const struct named *p, const char *text)
{
    const char *number = arena_printf(a, "P-%lld", p->number);
    size_t first = strcspn(p->name, " "), whole = strlen(p->name);

    if (text_starts(text, number) && ends_word(text[strlen(number)]))
        return strlen(number);
    if (text_equal(text_fold(a, arena_strn(a, text, strnlen(text, whole))),
                   text_fold(a, p->name)) &&
        strnlen(text, whole) == whole && ends_word(text[whole]))
        return whole;
    if (text_equal(text_fold(a, arena_strn(a, text, strnlen(text, first))),
                   text_fold(a, arena_strn(a, p->name, first))) &&
        ends_word(text[strnlen(text, first)]))
        return strnlen(text, first);
    return 0;
}

static size_t on_name(void *ctx, const char *text, size_t size, struct markdown_link *out)
{
    const struct names *n = ctx;
    size_t best = 0;

    (void)size;
    for (size_t i = 0; i < n->list->count; i++) {
        const struct named *p = &n->list->list[i];
        size_t taken = is_person(n->w->arena, p, text);

        if (taken <= best)
            continue;
        best = taken;
        out->title = p->name;
        out->address =
            web_may(n->w, &person_read) ? web_record_url(n->w, &person_entity, p->number) : NULL;
    }
    return best;
}

void comment_draw_body(struct web *w, const char *body, const struct named_list *names)
{
    struct names n = {w, names};
    const struct markdown_words words = {.ctx = &n, .mention = on_name};

    page_markdown(w, body, names && names->count ? &words : NULL);
}

/* --- where things are --- */

const char *comment_url(struct web *w, const struct comment *c, const struct record_head *head)
{
    const char *record = head->entity ? record_head_url(w, head) : NULL;

    if (record && web_may(w, &comment_see))
        return arena_printf(w->arena, "%s%stab=comments#CM-%lld", record,
                            strchr(record, '?') ? "&" : "?", c->number);
    return arena_printf(w->arena, "%s#CM-%lld", web_url(w, "/comments/CM-%lld", c->number),
                        c->number);
}

void comment_draw_about(struct web *w, const struct comment *root, const struct record_head *head)
{
    const char *address = root->about ? record_head_url(w, head) : NULL;

    if (!root->about)
        return;
    if (address)
        html(w->html, "<a href='%s'>%s</a>", address, record_head_text(w, head));
    else
        html(w->html, "<span class='mute'>%s</span>", record_head_text(w, head));
}

/* --- one comment --- */

/* A comment, what began its thread, and the record: what decides the buttons. */
struct drawn {
    const struct said *said, *root;
    const struct record_head *head;
};

static void draw_button(struct web *w, const struct drawn *d, const char *verb, const char *label)
{
    form_button(w, web_url(w, "/comments/CM-%lld/%s", d->said->c.number, verb), "default", label,
                NULL, NULL);
}

static void draw_badges(struct web *w, const struct drawn *d)
{
    const struct comment *c = &d->said->c;
    const struct field *kind = entity_field(&comment_entity, "kind");
    const struct field *state = entity_field(&comment_entity, "state");
    const struct choice *k = choice_find(kind->choices, c->kind);
    const struct choice *s = c->state ? choice_find(state->choices, c->state) : NULL;

    if (k && text_equal(c->kind, "question"))
        badge(w, k->tone, k->label);
    if (d->root->c.answer == c->id && c->id)
        badge(w, "green", "Accepted answer");
    if (s && (text_equal(c->kind, "question") || !text_equal(c->state, "open")))
        badge(w, s->tone, s->label);
}

static void draw_head(struct web *w, const struct drawn *d)
{
    const struct comment *c = &d->said->c;
    struct html *h = w->html;

    html(h, "<header class='comment-head'><strong>%s</strong> ", d->said->author);
    if (text_equal(c->kind, "question") && c->asked)
        html(h, "<span class='mute'>{to %s}</span> ", d->said->asked);
    draw_badges(w, d);
    html(h, "<a class='mute comment-when' href='%s'>%s</a>",
         arena_printf(w->arena, "#CM-%lld", c->number), web_time(w, c->written));
    if (c->edited && !comment_removed(c))
        html(h, " <a class='mute' href='%s'>{edited}</a>",
             web_url(w, "/comments/CM-%lld/history", c->number));
    html(h, "</header>");
}

/* Who was mentioned and cannot see this: only the author is told, and may open it. */
static struct err *draw_unseen(struct web *w, const struct drawn *d)
{
    const struct comment *c = &d->said->c, *root = &d->root->c;
    const struct entity *e = root->about ? d->head->entity : &comment_entity;
    bool sees;

    if (c->author != w->person || w->asof || !e || (root->about && d->head->hidden))
        return NULL;
    for (size_t i = 0; i < d->said->names.count; i++) {
        const struct named *p = &d->said->names.list[i];

        TRY(entity_seen_by(w, e, root->about ? root->about : root->id, p->id, &sees));
        if (sees || p->id == root->author || p->id == root->asked)
            continue;
        html(w->html, "<div class='notice warning' role='status'><span>");
        if (root->about)
            html(w->html, "{%s cannot see %s, and so does not see what you wrote.}", p->name,
                 d->head->label);
        else
            html(w->html, "{%s cannot see this question, and so does not see what you wrote.}",
                 p->name);
        html(w->html, "</span> ");
        if (web_may(w, &grant_right))
            form_button(w, web_url(w, "/comments/CM-%lld/share", c->number), "default",
                        arena_printf(w->arena, tr("Share it with %s"), p->name), "person",
                        arena_printf(w->arena, "P-%lld", p->number));
        html(w->html, "</div>");
    }
    return NULL;
}

static void draw_settle(struct web *w, const struct drawn *d)
{
    const struct comment *c = &d->said->c, *root = &d->root->c;
    bool question = text_equal(root->kind, "question");

    if (!comment_may_settle(w, root, d->head))
        return;
    if (c->parent) {
        if (question && root->answer != c->id && c->author != root->author && !comment_removed(c))
            draw_button(w, d, "accept", tr("Accept as answer"));
    } else if (text_equal(c->state, "open") || text_equal(c->state, "answered")) {
        draw_button(w, d, "resolve", question ? tr("Close") : tr("Resolve"));
    } else if (c->state) {
        draw_button(w, d, "reopen", "Open again");
    }
}

static void draw_actions(struct web *w, const struct drawn *d)
{
    const struct comment *c = &d->said->c;
    struct html *h = w->html;

    html(h, "<div class='comment-actions'>");
    draw_settle(w, d);
    if (comment_may_edit(w, c))
        html(h, "<a class='btn' href='%s'>{Edit}</a> ",
             web_url(w, "/comments/CM-%lld/edit", c->number));
    if (comment_may_remove(w, c))
        html(h, "<a class='btn' href='%s'>{Take away}</a>",
             web_url(w, "/comments/CM-%lld/remove", c->number));
    html(h, "</div>");
}

static void draw_removed(struct web *w, const struct drawn *d)
{
    const struct comment *c = &d->said->c;

    html(w->html, "<p class='mute'>{Taken away by %s on %s.}", d->said->removed_by,
         web_time(w, c->removed_at));
    if (!text_empty(c->removed_why))
        html(w->html, " {Reason: %s}", c->removed_why);
    html(w->html, "</p>");
    if (!w->asof && web_may(w, &comment_write) &&
        (c->removed_by == w->person || web_may(w, &comment_moderate)))
        draw_button(w, d, "restore", tr("Put it back"));
}

static struct err *draw_comment(struct web *w, const struct drawn *d)
{
    const struct comment *c = &d->said->c;

    html(w->html, "<article class='comment%s' id='CM-%lld' aria-label='{Comment %s by %s}'>",
         c->parent ? " reply" : "", c->number, arena_printf(w->arena, "CM-%lld", c->number),
         d->said->author);
    draw_head(w, d);
    if (comment_removed(c)) {
        draw_removed(w, d);
    } else {
        if (text_equal(c->kind, "question"))
            html(w->html, "<p class='comment-subject'><strong>%s</strong></p>", c->title);
        comment_draw_body(w, c->body, &d->said->names);
        TRY(draw_unseen(w, d));
        draw_actions(w, d);
    }
    html(w->html, "</article>");
    return NULL;
}

/* --- threads --- */

static void draw_settled(struct web *w, const struct said *root)
{
    if (root->c.resolved_at && root->c.state && !text_equal(root->c.state, "open"))
        html(w->html, "<p class='mute small mb-2'>{Settled by %s on %s.}</p>", root->resolved_by,
             web_time(w, root->c.resolved_at));
}

static void draw_reply(struct web *w, const struct said *root, i64 about)
{
    struct comment_form f = {.id = arena_printf(w->arena, "reply-%lld", root->c.number),
                             .to =
                                 arena_printf(w->arena, "/comments/CM-%lld/reply", root->c.number),
                             .label = "Your reply",
                             .submit = "Reply",
                             .about = about,
                             .root = root->c.id};

    if (!web_may(w, &comment_write) || w->asof)
        return;
    html(w->html, "<details class='comment-reply'><summary class='btn'>{Reply}</summary>");
    comment_draw_form(w, &f);
    html(w->html, "</details>");
}

static struct err *draw_all(struct web *w, const struct thread *t)
{
    for (size_t i = 0; i < t->count; i++)
        TRY(draw_comment(w, &(struct drawn){&t->list[i], &t->list[0], t->head}));
    draw_settled(w, &t->list[0]);
    draw_reply(w, &t->list[0], t->list[0].c.about);
    return NULL;
}

struct err *comment_draw_thread(struct web *w, const struct thread *t)
{
    const struct said *root = &t->list[0];
    bool folded =
        !t->open && (text_equal(root->c.state, "resolved") || text_equal(root->c.state, "closed"));

    if (!folded) {
        html(w->html, "<section class='card thread'><div class='card-body'>");
        TRY(draw_all(w, t));
        html(w->html, "</div></section>");
        return NULL;
    }
    html(w->html,
         "<details class='card thread settled'><summary class='card-body'>"
         "<span class='chip green'>{Settled}</span> <span>%s</span> "
         "<span class='mute'>{%lld entry|%lld entries}</span></summary><div class='card-body'>",
         root->c.title, (i64)t->count, (i64)t->count);
    TRY(draw_all(w, t));
    html(w->html, "</div></details>");
    return NULL;
}

/* --- forms --- */

void comment_draw_field(struct web *w, const struct comment_form *f)
{
    const char *error = f->issues ? issue_of(f->issues, "body") : NULL;
    struct html *h = w->html;

    html(h,
         "<div class='field'><label class='form-label required' for='%s'>%s</label>"
         "<textarea class='form-control%s' id='%s' name='body' rows='4' maxlength='%d' required "
         "data-names='%s' aria-describedby='%s-hint%s%s'",
         f->id, tr(f->label), error ? " is-invalid" : "", f->id, COMMENT_MOST,
         web_url(w, "/comments/people?about=%lld&thread=%lld", f->about, f->root), f->id,
         error ? " " : "", error ? arena_printf(w->arena, "%s-error", f->id) : "");
    if (error)
        html(h, " aria-invalid='true'");
    html(h, ">\n%s</textarea><div class='form-hint' id='%s-hint'>", f->value, f->id);
    html(h, "{@Name tells a person, R-42 links a record, **bold**, - list, > quote, `code`.}");
    html(h, "</div>");
    if (error)
        html(h, "<div class='field-error' id='%s-error'>%s</div>", f->id, error);
    html(h,
         "<div class='comment-preview' data-preview-into hidden></div></div>"
         "<input type='hidden' name='to' value='%s'>",
         f->to);
}

void comment_draw_form(struct web *w, const struct comment_form *f)
{
    struct html *h = w->html;

    form_begin(w, web_url(w, "%s", f->to), f->version);
    comment_draw_field(w, f);
    html(h,
         "<div class='form-actions mt-2'><button class='btn btn-primary' type='submit'>%s</button>"
         "<button class='btn' type='submit' formaction='%s' formnovalidate data-preview>{Preview}"
         "</button></div></form>",
         tr(f->submit), web_url(w, "/comments/preview"));
}

/* --- the tab --- */

struct err *comment_panel_count(struct web *w, const struct entity *e, i64 record, i64 *out)
{
    struct rows *r;

    (void)e;
    TRY(db_query(w->db, &r,
                 "select count(*) from comment where org_id = $1 and about = $2"
                 " and state = 'open'",
                 num(w->org), num(record)));
    *out = row_next(r) ? row_num(r, 0) : 0;
    return NULL;
}

static struct err *draw_threads(struct web *w, const struct comment_page *page,
                                const struct record_head *head)
{
    for (size_t i = 0; i < page->count;) {
        struct thread t = {.list = &page->list[i], .count = 1, .head = head};

        while (i + t.count < page->count && page->list[i + t.count].c.parent)
            t.count++;
        TRY(comment_draw_thread(w, &t));
        i += t.count;
    }
    return NULL;
}

static void draw_new(struct web *w, const struct record_head *head)
{
    struct comment_form f = {
        .id = "f-body",
        .to = arena_printf(w->arena, "/%s/%s/comments", head->entity->plural, head->label),
        .label = "Write a comment",
        .submit = "Comment",
        .about = head->id};

    if (w->asof || !web_may(w, &comment_see) || !web_may(w, &comment_write))
        return;
    card_begin(w, NULL, NULL);
    comment_draw_form(w, &f);
    html(w->html, "<p class='mt-3 mb-0'><a href='%s'>{Ask somebody a question about this}</a></p>",
         web_url(w, "/questions/new?about=%s", head->label));
    card_end(w);
}

struct err *comment_panel(struct web *w, const struct entity *e, const void *record)
{
    const struct record *r = record;
    struct comment_page page = {.about = r->id, .limit = THREADS_SHOWN};
    struct record_head head;
    const char *before = web_query(w, "before");

    if (before && !text_i64(before, &page.before))
        page.before = 0;
    TRY(record_head(w, r->id, &head));
    TRY(comment_about(w, &page));
    html(w->html, "<div class='stack comments'><h2 class='visually-hidden'>{Comments}</h2>");
    TRY(notice_draw_watch(w, e, r->id));
    if (page.more)
        html(w->html, "<p><a href='%s'>{Older comments}</a></p>",
             arena_printf(w->arena, "%s%stab=comments&before=%lld", web_record_url(w, e, r->number),
                          w->asof_date ? "&" : "?", page.list[0].c.number));
    TRY(draw_threads(w, &page, &head));
    if (!page.count && !page.before)
        page_empty(w,
                   "Nobody has said anything about this yet. What is written here stays with the "
                   "record: why something was decided, what is still open, who was asked.",
                   NULL, NULL);
    draw_new(w, &head);
    html(w->html, "</div>");
    return NULL;
}
