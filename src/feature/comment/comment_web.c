/* SPDX-License-Identifier: Apache-2.0 */
/* Pages: the list, a thread, its history, writing, editing, preview. */
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/language.h"
#include "core/route.h"
#include "feature/comment/comment_part.h"

/* --- list --- */

struct err *comment_list(struct web *w)
{
    return entity_list_page(w, &comment_entity);
}

/* --- a thread on its own page --- */

/* Until when the asked person sees the record through what was opened to them. */
static struct err *draw_shared(struct web *w, const struct comment_place *p)
{
    const struct comment *root = &p->root.c;
    struct rows *r;

    if (!root->about || !root->asked || p->head.hidden)
        return NULL;
    TRY(db_query(w->db, &r,
                 "select g.until, p.number from access_grant g join person p"
                 " on p.org_id = g.org_id and p.id = g.person where g.org_id = $1"
                 " and g.record = $2 and g.person = $3 and (g.until is null or g.until >= $4)"
                 " limit 1",
                 num(w->org), num(root->about), num(root->asked), str(w->today)));
    if (!row_next(r))
        return NULL;
    html(w->html, "<div class='notice info' role='note'><span>");
    if (row_null(r, 0))
        html(w->html, "{%s was given the right to see %s.}", p->root.asked, p->head.label);
    else
        html(w->html, "{%s was given the right to see %s until %s.}", p->root.asked, p->head.label,
             words_date(w->arena, row_str(r, 0)));
    html(w->html, "</span> ");
    if (web_may(w, &grant_right) && !w->asof)
        form_button(w, web_url(w, "/comments/CM-%lld/unshare", root->number), "default",
                    tr("End this"), "person", arena_printf(w->arena, "P-%lld", row_num(r, 1)));
    html(w->html, "</div>");
    return NULL;
}

/* What somebody who was asked sees of the record without leaving the question. */
static struct err *draw_record(struct web *w, const struct comment_place *p)
{
    const struct entity *e = p->head.entity;
    void *record;

    if (!p->root.c.about)
        return NULL;
    html(w->html, "<p>{About:} ");
    comment_draw_about(w, &p->root.c, &p->head);
    html(w->html, "</p>");
    if (!e || p->head.hidden || p->head.removed)
        return NULL;
    record = arena_alloc(w->arena, e->size);
    TRY(entity_load(w, e, p->root.c.about, record));
    html(w->html, "<details class='card mb-3'><summary class='card-body'>{What the record says}"
                  "</summary><div class='card-body'>");
    TRY(entity_details(w, e, record));
    html(w->html, "</div></details>");
    return NULL;
}

static struct err *draw_thread(struct web *w, const struct comment_place *p)
{
    struct thread t = {.head = &p->head, .open = true};
    struct said *list;

    TRY(comment_thread(w, p->root.c.id, &list, &t.count));
    t.list = list;
    return comment_draw_thread(w, &t);
}

static void begin(struct web *w, const struct comment_place *p)
{
    page_begin(w, text_equal(p->root.c.kind, "question") ? "Questions" : "Comments", "%s",
               p->root.c.title);
    page_help(w, comment_entity.help, comment_entity.clause);
    page_body(w);
}

struct err *comment_show(struct web *w)
{
    struct comment_place p;

    TRY(comment_place(w, &p));
    begin(w, &p);
    TRY(draw_record(w, &p));
    TRY(draw_shared(w, &p));
    html(w->html, "<div class='comments'>");
    TRY(draw_thread(w, &p));
    html(w->html, "</div>");
    page_end(w);
    return NULL;
}

/* What a person may know of a taken away text: that it was there. Who moderates sees it. */
struct err *comment_history(struct web *w)
{
    struct comment_place p;

    TRY(comment_place(w, &p));
    if (comment_removed(&p.said.c) && !web_may(w, &comment_moderate) &&
        p.said.c.author != w->person)
        return err_new(ERR_DENIED, "This comment was taken away. Its history is for its author and "
                                   "for those who may take comments away.");
    begin(w, &p);
    html(w->html, "<p><a href='%s'>{Back to the comment}</a></p>",
         comment_url(w, &p.said.c, &p.head));
    card_begin(w, "Versions of this comment", NULL);
    TRY(entity_history(w, &comment_entity, p.said.c.id));
    card_end(w);
    page_end(w);
    return NULL;
}

/* --- writing --- */

/* The form again, with what is wrong with it. */
static struct err *refused(struct web *w, const char *title, const struct comment_form *f)
{
    web_status(w, 422);
    page_begin(w, "Comments", "%s", tr(title));
    page_body(w);
    card_begin(w, NULL, NULL);
    comment_draw_form(w, f);
    card_end(w);
    page_end(w);
    return NULL;
}

static struct err *record_asked(struct web *w, struct record_head *head)
{
    const struct entity *e = feature_entity_plural(web_param(w, 0));
    void *record;
    i64 id;

    if (!e || e->site || e == &comment_entity)
        return err_new(ERR_MISSING, "There is nothing at this address that could be commented.");
    TRY(entity_find(w, e, web_param(w, 1), &id));
    record = arena_alloc(w->arena, e->size);
    TRY(entity_load(w, e, id, record));
    return record_head(w, id, head);
}

struct err *comment_add(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    struct comment c = {.kind = "comment", .state = "open", .body = web_form(w, "body")};
    struct record_head head;

    TRY(record_asked(w, &head));
    c.about = head.id;
    TRY(comment_store(w, &c, &issues));
    if (issues.count)
        return refused(w, "Comment",
                       &(struct comment_form){.id = "f-body",
                                              .to = arena_printf(w->arena, "/%s/%s/comments",
                                                                 head.entity->plural, head.label),
                                              .label = "Write a comment",
                                              .submit = "Comment",
                                              .value = c.body,
                                              .about = head.id,
                                              .issues = &issues});
    TRY(comment_tell(w, &c, &c, TOLD_COMMENT));
    web_redirect(w, comment_url(w, &c, &head));
    return NULL;
}

/* A reply to a question by anybody but its author is an answer. */
static struct comment reply_to(struct web *w, const struct comment *root)
{
    bool question = text_equal(root->kind, "question");
    bool own = root->author == w->person;

    return (struct comment){.kind = question && !own ? "answer" : "comment",
                            .about = root->about,
                            .parent = root->id,
                            .asked = !question ? 0
                                     : own     ? root->asked
                                               : root->author,
                            .body = web_form(w, "body")};
}

struct err *comment_reply(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    struct comment_place p;
    struct comment c;

    TRY(comment_place(w, &p));
    c = reply_to(w, &p.root.c);
    TRY(comment_store(w, &c, &issues));
    if (issues.count)
        return refused(w, "Reply",
                       &(struct comment_form){
                           .id = "f-body",
                           .to = arena_printf(w->arena, "/comments/CM-%lld/reply", p.root.c.number),
                           .label = "Your reply",
                           .submit = "Reply",
                           .value = c.body,
                           .about = p.root.c.about,
                           .root = p.root.c.id,
                           .issues = &issues});
    TRY(comment_tell(w, &c, &p.root.c, text_equal(c.kind, "answer") ? TOLD_ANSWER : TOLD_REPLY));
    web_redirect(w, comment_url(w, &c, &p.head));
    return NULL;
}

/* --- editing --- */

static struct err *own_place(struct web *w, struct comment_place *p)
{
    TRY(comment_place(w, p));
    if (comment_may_edit(w, &p->said.c))
        return NULL;
    if (comment_removed(&p->said.c))
        return err_new(ERR_CLASH, "This comment was taken away. Put it back first.");
    return err_new(ERR_DENIED,
                   "A comment is changed by its author only. Reply to it, or ask %s to "
                   "change it.",
                   p->said.author);
}

static struct err *draw_edit(struct web *w, const struct comment_place *p, const char *body,
                             const struct issues *issues)
{
    const struct comment *c = &p->said.c;
    struct comment_form f = {.id = "f-body",
                             .to = arena_printf(w->arena, "/comments/CM-%lld", c->number),
                             .label = "Text",
                             .submit = "Save",
                             .value = body,
                             .version = c->version,
                             .about = c->about,
                             .root = p->root.c.id,
                             .issues = issues};

    page_begin(w, "Comments", tr("Edit CM-%lld"), c->number);
    page_help(w, comment_entity.help, comment_entity.clause);
    page_body(w);
    if (w->req->response.status == 409)
        page_notice(w, "warning",
                    "This comment was saved in another window meanwhile. Your text is in the form; "
                    "the saved one is below it. Put together what you need and save again.");
    card_begin(w, NULL, NULL);
    comment_draw_form(w, &f);
    html(w->html, "<p class='form-hint'>{Everybody who sees the comment sees that it was edited, "
                  "and what it said before.}</p>");
    card_end(w);
    if (!text_equal(body, c->body)) {
        card_begin(w, "What is saved", NULL);
        comment_draw_body(w, c->body, &p->said.names);
        card_end(w);
    }
    page_end(w);
    return NULL;
}

struct err *comment_edit(struct web *w)
{
    struct comment_place p;

    TRY(own_place(w, &p));
    return draw_edit(w, &p, p.said.c.body, NULL);
}

struct err *comment_save(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    const char *sent = text_trim(w->arena, web_form(w, "body") ? web_form(w, "body") : "");
    const char *version = web_form(w, "_version");
    struct comment_place p;
    struct comment c;
    i64 seen;

    TRY(own_place(w, &p));
    if (!version || !text_i64(version, &seen))
        return err_new(ERR_BAD, "The form does not say which version it changes. Open the comment "
                                "again and save from there.");
    if (seen != p.said.c.version) {
        web_status(w, 409);
        return draw_edit(w, &p, sent, NULL);
    }
    c = p.said.c;
    c.body = sent;
    if (!text_equal(c.body, p.said.c.body))
        TRY(comment_store(w, &c, &issues));
    if (issues.count) {
        web_status(w, 422);
        return draw_edit(w, &p, sent, &issues);
    }
    TRY(comment_tell(w, &c, &p.root.c, TOLD_MENTION));
    web_redirect(w, comment_url(w, &c, &p.head));
    return NULL;
}

/* --- preview --- */

/* The address that the form was for, if it is one of ours: letters, digits, "/" and "-". */
static const char *form_target(struct web *w)
{
    const char *to = web_form(w, "to");
    struct route_match m;

    if (!to || *to != '/')
        return NULL;
    for (const char *p = to; *p; p++)
        if (!isalnum((unsigned char)*p) && *p != '/' && *p != '-')
            return NULL;
    route_find(w->arena, METHOD_POST, arena_printf(w->arena, "/o/%s%s", w->slug, to), &m);
    return m.route ? to : NULL;
}

struct err *comment_preview(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    struct comment c = {.body = web_form(w, "body") ? web_form(w, "body") : ""};
    const char *to = form_target(w);
    struct named_list names;
    bool part = text_equal(web_form(w, "_part"), "1");

    if (text_length(c.body) > COMMENT_MOST)
        return err_new(ERR_INVALID, "The text is longer than %d characters.", COMMENT_MOST);
    TRY(comment_mentions(w, &c, &names, &issues));
    if (!part) {
        page_begin(w, "Comments", "%s", tr("Preview"));
        page_body(w);
        card_begin(w, NULL, NULL);
    }
    if (issues.count)
        page_notice(w, "warning", "%s", issues.list[0].text);
    if (text_empty(c.body))
        html(w->html, "<p class='mute'>{There is nothing to show yet.}</p>");
    comment_draw_body(w, c.body, &names);
    if (part)
        return NULL;
    card_end(w);
    if (to) {
        const char *version = web_form(w, "_version");
        struct comment_form f = {
            .id = "f-body", .to = to, .label = "Text", .submit = "Send", .value = c.body};

        if (version)
            text_i64(version, &f.version);
        card_begin(w, NULL, NULL);
        comment_draw_form(w, &f);
        card_end(w);
    }
    page_end(w);
    return NULL;
}

struct err *comment_preview_any(struct web *w)
{
    const char *name = web_form(w, "_preview"), *text = name ? web_form(w, name) : NULL;
    bool part = text_equal(web_form(w, "_part"), "1");

    if (!name)
        return err_new(ERR_BAD, "The form does not say which text is meant.");
    if (text && text_length(text) > COMMENT_MOST)
        return err_new(ERR_INVALID, "The text is longer than %d characters.", COMMENT_MOST);
    if (!part) {
        page_begin(w, NULL, "%s", tr("Preview"));
        page_body(w);
        card_begin(w, NULL, NULL);
    }
    if (text_empty(text))
        html(w->html, "<p class='mute'>{There is nothing to show yet.}</p>");
    else
        page_markdown(w, text, NULL);
    if (part)
        return NULL;
    card_end(w);
    page_end(w);
    return NULL;
}
