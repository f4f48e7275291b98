/* SPDX-License-Identifier: Apache-2.0 */
/* What happens to a thread: resolved, opened again, answered; texts taken away and put back; what
 * it is about shared. */
#include "base/text.h"
#include "base/words.h"
#include "feature/comment/comment_part.h"
#include "feature/organisation/organisation.h"

static struct err *settling(struct web *w, struct comment_place *p)
{
    TRY(comment_place(w, p));
    if (comment_may_settle(w, &p->root.c, &p->head))
        return NULL;
    return err_new(ERR_DENIED,
                   "A thread is settled by %s, who began it, or by somebody who may "
                   "change the record.",
                   p->root.author);
}

static struct err *back(struct web *w, const struct comment_place *p)
{
    web_redirect(w, comment_url(w, &p->said.c, &p->head));
    return NULL;
}

struct err *comment_resolve(struct web *w)
{
    struct comment_place p;
    struct comment *root = &p.root.c;

    TRY(settling(w, &p));
    if (!text_equal(root->state, "open") && !text_equal(root->state, "answered"))
        return err_new(ERR_CLASH, "This thread is settled already.");
    root->state = text_equal(root->kind, "question") ? "closed" : "resolved";
    root->resolved_by = w->person;
    root->resolved_at = w->now;
    TRY(comment_change(w, root, NULL));
    TRY(comment_tell(w, root, root, TOLD_RESOLVED));
    return back(w, &p);
}

struct err *comment_reopen(struct web *w)
{
    struct comment_place p;
    struct comment *root = &p.root.c;

    TRY(settling(w, &p));
    if (text_equal(root->state, "open"))
        return err_new(ERR_CLASH, "This thread is open.");
    root->state = "open";
    root->answer = root->resolved_by = root->resolved_at = 0;
    TRY(comment_change(w, root, NULL));
    return back(w, &p);
}

struct err *comment_accept(struct web *w)
{
    struct comment_place p;
    struct comment *root = &p.root.c;

    TRY(settling(w, &p));
    if (!text_equal(root->kind, "question") || p.said.c.parent != root->id ||
        comment_removed(&p.said.c))
        return err_new(ERR_CLASH, "Only a reply to a question can be its answer.");
    root->state = "answered";
    root->answer = p.said.c.id;
    root->resolved_by = w->person;
    root->resolved_at = w->now;
    TRY(comment_change(w, root, NULL));
    TRY(comment_tell(w, &p.said.c, root, TOLD_ACCEPTED));
    return back(w, &p);
}

struct err *comment_settle(struct web *w, i64 id, i64 answer)
{
    bool question;
    struct record_head head;
    struct said root;

    TRY(comment_load(w, id, &root));
    TRY(comment_must_see(w, &root.c, &head));
    if (!comment_may_settle(w, &root.c, &head))
        return err_new(ERR_DENIED, "This thread is settled by who began it, or by somebody who may "
                                   "change the record.");
    question = text_equal(root.c.kind, "question");
    root.c.answer = answer;
    root.c.state = answer ? "answered" : question ? "closed" : "resolved";
    root.c.resolved_by = w->person;
    root.c.resolved_at = w->now;
    return comment_change(w, &root.c, NULL);
}

/* --- saying something from code --- */

struct err *comment_say(struct web *w, struct comment *c, struct issues *out)
{
    struct record_head head;
    struct said root = {.c = *c};

    if (c->parent)
        TRY(comment_load(w, c->parent, &root));
    else
        root.c.author = w->person;
    TRY(comment_must_see(w, &root.c, &head));
    if (!c->parent)
        c->state = "open";
    else if (text_equal(c->kind, "answer"))
        c->asked = root.c.author;
    if (c->parent)
        c->about = root.c.about;
    TRY(comment_store(w, c, out));
    if (out->count)
        return NULL;
    return comment_tell(w, c, c->parent ? &root.c : c,
                        text_equal(c->kind, "question") ? TOLD_QUESTION
                        : text_equal(c->kind, "answer") ? TOLD_ANSWER
                        : c->parent                     ? TOLD_REPLY
                                                        : TOLD_COMMENT);
}

/* --- taking a text away --- */

static struct err *confirm_removal(struct web *w, const struct comment_place *p,
                                   const struct issues *issues)
{
    const struct comment *c = &p->said.c;
    bool own = c->author == w->person;

    page_begin(w, "Comments", tr("Take CM-%lld away?"), c->number);
    page_body(w);
    form_issues(w, issues);
    card_begin(w, NULL, NULL);
    html(w->html, "<p>{Its place in the thread stays, with your name and the reason. The text is "
                  "kept in the history and can be put back.}</p><blockquote>");
    comment_draw_body(w, c->body, &p->said.names);
    html(w->html, "</blockquote>");
    form_begin(w, web_url(w, "/comments/CM-%lld/remove", c->number), c->version);
    form_text(w, "why", own ? "Reason (may stay empty)" : "Reason", web_form(w, "why"),
              "Everybody who sees the thread reads it.");
    html(w->html,
         "<div class='form-actions'><button class='btn btn-danger' type='submit'>{Take it away}"
         "</button><a class='btn' href='%s'>{Keep it}</a></div></form>",
         comment_url(w, c, &p->head));
    card_end(w);
    page_end(w);
    return NULL;
}

struct err *comment_remove(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    struct comment_place p;
    struct comment *c = &p.said.c;
    const char *why = web_form(w, "why");

    TRY(comment_place(w, &p));
    if (comment_removed(c))
        return err_new(ERR_CLASH, "This comment was taken away already.");
    if (!comment_may_remove(w, c))
        return err_new(ERR_DENIED,
                       "A comment is taken away by its author, or by somebody with the "
                       "right “%s”.",
                       comment_moderate.title);
    if (w->req->method != METHOD_POST)
        return confirm_removal(w, &p, NULL);
    if (c->author != w->person && text_empty(why))
        issue(&issues, "why", "Say in a few words why this comment is taken away.");
    if (text_length(why ? why : "") > 200)
        issue(&issues, "why", "The reason has more than 200 characters.");
    if (issues.count) {
        web_status(w, 422);
        return confirm_removal(w, &p, &issues);
    }
    c->body = NULL;
    c->title = "(taken away)";
    c->state = NULL;
    c->mentioned = (struct ids){0};
    c->removed_by = w->person;
    c->removed_at = w->now;
    c->removed_why = text_empty(why) ? NULL : text_trim(w->arena, why);
    TRY(comment_change(w, c, c->removed_why));
    return back(w, &p);
}

/* The last version that had a text. */
static struct err *last_text(struct web *w, const struct comment *c, struct comment *out)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select title, body, state from comment_history where org_id = $1 and id = $2"
                 " and body is not null order by version desc limit 1",
                 num(w->org), num(c->id)));
    if (!row_next(r))
        return err_new(ERR_CLASH, "The text of this comment was erased; it cannot be put back.");
    out->title = row_text(r, 0);
    out->body = row_str(r, 1);
    out->state = row_str(r, 2);
    return NULL;
}

struct err *comment_put_back(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    struct comment_place p;
    struct comment *c = &p.said.c;

    TRY(comment_place(w, &p));
    if (!comment_removed(c))
        return err_new(ERR_CLASH, "This comment is not taken away.");
    if (c->removed_by != w->person && !web_may(w, &comment_moderate))
        return err_new(ERR_DENIED,
                       "A comment is put back by who took it away, or by somebody with "
                       "the right “%s”.",
                       comment_moderate.title);
    TRY(last_text(w, c, c));
    c->removed_by = c->removed_at = 0;
    c->removed_why = NULL;
    TRY(comment_find_mentions(w, c, &issues));
    TRY(comment_change(w, c, NULL));
    return back(w, &p);
}

/* --- sharing with who was mentioned or asked --- */

static struct err *place_and_person(struct web *w, struct comment_place *p, i64 *person)
{
    struct rows *r;
    i64 number = 0;
    const char *text = web_form(w, "person");

    TRY(comment_place(w, p));
    if (!text || !text_starts(text, "P-") || !text_i64(text + 2, &number))
        return err_new(ERR_BAD, "The form does not say with whom this is shared.");
    TRY(db_query(w->db, &r,
                 "select m.target from comment_mentioned m join person p on p.org_id = m.org_id"
                 " and p.id = m.target where m.org_id = $1 and m.record = $2 and p.number = $3",
                 num(w->org), num(p->said.c.id), num(number)));
    *person = row_next(r) ? row_num(r, 0) : 0;
    if (*person)
        return NULL;
    TRY(db_query(w->db, &r, "select id from person where org_id = $1 and number = $2", num(w->org),
                 num(number)));
    if (row_next(r) && row_num(r, 0) == p->root.c.asked)
        *person = row_num(r, 0);
    if (*person)
        return NULL;
    return err_new(ERR_CLASH, "This person is neither mentioned nor asked here.");
}

/* What is shared: the record, or a question about none. */
static struct err *subject_of(struct web *w, const struct comment_place *p, struct grant *g)
{
    const struct comment *root = &p->root.c;

    if (root->about && (!p->head.entity || p->head.hidden || p->head.removed))
        return err_new(ERR_MISSING, "The record of this comment is not there, or you may not see "
                                    "it.");
    *g = (struct grant){.entity = root->about ? p->head.entity : &comment_entity,
                        .record = root->about ? root->about : root->id,
                        .why = arena_printf(w->arena, "CM-%lld", p->said.c.number)};
    return NULL;
}

struct err *comment_share(struct web *w)
{
    struct comment_place p;
    struct grant g;
    i64 person;

    TRY(place_and_person(w, &p, &person));
    TRY(subject_of(w, &p, &g));
    g.person = person;
    TRY(grant_give(w, &g));
    return back(w, &p);
}

struct err *comment_unshare(struct web *w)
{
    struct comment_place p;
    struct grant g;
    i64 person;

    TRY(place_and_person(w, &p, &person));
    TRY(subject_of(w, &p, &g));
    TRY(grant_end(w, g.entity, g.record, person));
    return back(w, &p);
}
