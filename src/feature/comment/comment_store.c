/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing comments. Who may see a comment is decided by its thread and its record and
 * not by the rights to the kind, so they are read here and not by entity_load. */
#include "base/clock.h"
#include "base/text.h"
#include "feature/comment/comment_part.h"
#include "out/markdown.h"

#define TITLE_MOST 120

bool comment_removed(const struct comment *c)
{
    return c->removed_at != 0;
}

/* --- reading --- */

static void take_row(const struct rows *r, struct said *s)
{
    s->c = (struct comment){.title = row_text(r, 3),
                            .kind = row_text(r, 4),
                            .state = row_str(r, 5),
                            .about = row_num(r, 6),
                            .parent = row_num(r, 7),
                            .body = row_str(r, 8),
                            .author = row_num(r, 9),
                            .asked = row_num(r, 10),
                            .answer = row_num(r, 11),
                            .written = row_num(r, 12),
                            .edited = row_num(r, 13),
                            .resolved_by = row_num(r, 14),
                            .resolved_at = row_num(r, 15),
                            .removed_by = row_num(r, 16),
                            .removed_at = row_num(r, 17),
                            .removed_why = row_str(r, 18)};
    s->c.id = row_num(r, 0);
    s->c.number = row_num(r, 1);
    s->c.version = row_num(r, 2);
    s->author = row_text(r, 19);
    s->asked = row_text(r, 20);
    s->resolved_by = row_text(r, 21);
    s->removed_by = row_text(r, 22);
}

static struct said *find_said(struct said *list, size_t count, i64 id)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].c.id == id)
            return &list[i];
    return NULL;
}

static void add_mention(struct web *w, struct said *s, const struct rows *r)
{
    size_t n = s->names.count;
    struct named *list = NEW_ARRAY(w->arena, struct named, n + 1);
    i64 *ids = NEW_ARRAY(w->arena, i64, n + 1);

    for (size_t i = 0; i < n; i++) {
        list[i] = s->names.list[i];
        ids[i] = list[i].id;
    }
    list[n] = (struct named){row_num(r, 1), row_num(r, 2), row_text(r, 3), row_text(r, 4)};
    ids[n] = list[n].id;
    s->names = (struct named_list){list, n + 1};
    s->c.mentioned = (struct ids){ids, n + 1};
}

/* The mentions of all of them with one query. */
static struct err *load_mentions(struct web *w, struct said *list, size_t count)
{
    struct buf ids;
    struct rows *r;

    if (!count)
        return NULL;
    buf_init(&ids, w->arena, 64);
    for (size_t i = 0; i < count; i++)
        buf_printf(&ids, "%s%lld", i ? "," : "[", list[i].c.id);
    buf_char(&ids, ']');
    TRY(db_query(w->db, &r,
                 "select m.record, m.target, p.number, p.name, p.job from comment_mentioned m"
                 " join person p on p.org_id = m.org_id and p.id = m.target where m.org_id = $1"
                 " and m.record in (select cast(value as bigint) from json_each($2))"
                 " order by m.record, m.target",
                 num(w->org), str(ids.data)));
    while (row_next(r)) {
        struct said *s = find_said(list, count, row_num(r, 0));

        if (s)
            add_mention(w, s, r);
    }
    return NULL;
}

static struct err *take_rows(struct web *w, struct rows *r, struct said **out, size_t *count)
{
    *count = 0;
    *out = NEW_ARRAY(w->arena, struct said, row_count(r) + 1);
    while (row_next(r))
        take_row(r, &(*out)[(*count)++]);
    return load_mentions(w, *out, *count);
}

/* Columns in the order of take_row, and the people of a comment. */
#define COLUMNS                                                                                 \
    "select c.id, c.number, c.version, c.title, c.kind, c.state, c.about, c.parent, c.body,"    \
    " c.author, c.asked, c.answer, c.written, c.edited, c.resolved_by, c.resolved_at,"          \
    " c.removed_by, c.removed_at, c.removed_why, a.name, q.name, s.name, m.name from comment c" \
    " left join person a on a.org_id = c.org_id and a.id = c.author"                            \
    " left join person q on q.org_id = c.org_id and q.id = c.asked"                             \
    " left join person s on s.org_id = c.org_id and s.id = c.resolved_by"                       \
    " left join person m on m.org_id = c.org_id and m.id = c.removed_by where c.org_id = $1"

static struct err *missing(struct web *w)
{
    (void)w;
    return err_new(ERR_MISSING, "There is no such comment here, or you may not see it.");
}

static struct err *take_one(struct web *w, struct rows *r, struct said *out)
{
    struct said *list;
    size_t count;

    TRY(take_rows(w, r, &list, &count));
    if (!count)
        return missing(w);
    *out = list[0];
    return NULL;
}

struct err *comment_load(struct web *w, i64 id, struct said *out)
{
    struct rows *r;

    TRY(db_query(w->db, &r, COLUMNS " and c.id = $2", num(w->org), num(id)));
    return take_one(w, r, out);
}

struct err *comment_asked(struct web *w, struct said *out)
{
    const char *text = web_param(w, 0);
    struct rows *r;
    i64 n;

    if (text_starts(text, "CM-") || text_starts(text, "cm-"))
        text += 3;
    if (!text_i64(text, &n))
        return missing(w);
    TRY(db_query(w->db, &r, COLUMNS " and (c.number = $2 or c.id = $2) order by c.number limit 1",
                 num(w->org), num(n)));
    return take_one(w, r, out);
}

struct err *comment_thread(struct web *w, i64 root, struct said **out, size_t *count)
{
    struct rows *r;

    TRY(db_query(w->db, &r, COLUMNS " and (c.id = $2 or c.parent = $2) order by c.number",
                 num(w->org), num(root)));
    return take_rows(w, r, out, count);
}

/* The replies of the threads in `page`, put behind what they reply to. */
static struct err *add_replies(struct web *w, struct comment_page *page, const struct said *roots,
                               size_t nroots)
{
    struct said *replies;
    struct buf ids;
    struct rows *r;
    size_t n;

    buf_init(&ids, w->arena, 64);
    for (size_t i = 0; i < nroots; i++)
        buf_printf(&ids, "%s%lld", i ? "," : "[", roots[i].c.id);
    buf_str(&ids, nroots ? "]" : "[]");
    TRY(db_query(w->db, &r,
                 COLUMNS " and c.parent in (select cast(value as bigint) from json_each($2))"
                         " order by c.number",
                 num(w->org), str(ids.data)));
    TRY(take_rows(w, r, &replies, &n));
    page->list = NEW_ARRAY(w->arena, struct said, nroots + n + 1);
    page->count = 0;
    for (size_t i = 0; i < nroots; i++) {
        page->list[page->count++] = roots[i];
        for (size_t k = 0; k < n; k++)
            if (replies[k].c.parent == roots[i].c.id)
                page->list[page->count++] = replies[k];
    }
    return NULL;
}

struct err *comment_about(struct web *w, struct comment_page *page)
{
    struct said *newest, *roots;
    struct rows *r;
    size_t n;

    TRY(db_query(w->db, &r,
                 COLUMNS " and c.about = $2 and c.parent is null and c.number < $3"
                         " order by c.number desc limit $4",
                 num(w->org), num(page->about), num(page->before ? page->before : INT64_MAX),
                 num(page->limit + 1)));
    TRY(take_rows(w, r, &newest, &n));
    page->more = n > (size_t)page->limit;
    n -= page->more;
    roots = NEW_ARRAY(w->arena, struct said, n + 1);
    for (size_t i = 0; i < n; i++)
        roots[i] = newest[n - 1 - i];
    return add_replies(w, page, roots, n);
}

/* --- who may --- */

/* The thread was opened to this person as such (a question about no record). */
static struct err *is_granted(struct web *w, i64 root, bool *granted)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select id from access_grant where org_id = $1 and record = $2 and person = $3"
                 " and (until is null or until >= $4)",
                 num(w->org), num(root), num(w->person), str(w->today)));
    *granted = row_next(r);
    return NULL;
}

struct err *comment_must_see(struct web *w, const struct comment *root, struct record_head *head)
{
    bool sees = w->person && (root->author == w->person || root->asked == w->person);

    *head = (struct record_head){.label = "", .title = "", .hidden = true};
    if (root->about)
        TRY(record_head(w, root->about, head));
    if (!sees && root->about)
        sees = web_may(w, &comment_see) && !head->hidden && !head->removed;
    else if (!sees)
        sees = web_may(w, &comment_read);
    if (!sees && w->person && !root->about)
        TRY(is_granted(w, root->id, &sees));
    return sees ? NULL : missing(w);
}

struct err *comment_place(struct web *w, struct comment_place *out)
{
    TRY(comment_asked(w, &out->said));
    out->root = out->said;
    if (out->said.c.parent)
        TRY(comment_load(w, out->said.c.parent, &out->root));
    return comment_must_see(w, &out->root.c, &out->head);
}

static bool is_own(struct web *w, const struct comment *c)
{
    return w->person && c->author == w->person && web_may(w, &comment_write) && !w->asof;
}

bool comment_may_settle(struct web *w, const struct comment *root, const struct record_head *head)
{
    if (!web_may(w, &comment_write) || w->asof || comment_removed(root))
        return false;
    return is_own(w, root) || (head->entity && !head->hidden && head->entity->write &&
                               web_may(w, head->entity->write));
}

bool comment_may_edit(struct web *w, const struct comment *c)
{
    return is_own(w, c) && !comment_removed(c);
}

bool comment_may_remove(struct web *w, const struct comment *c)
{
    if (comment_removed(c) || w->asof)
        return false;
    return is_own(w, c) || (web_may(w, &comment_write) && web_may(w, &comment_moderate));
}

/* --- writing --- */

struct err *comment_find_mentions(struct web *w, struct comment *c, struct issues *issues)
{
    struct named_list names;
    i64 *ids;

    TRY(comment_mentions(w, c, &names, issues));
    ids = NEW_ARRAY(w->arena, i64, names.count + 1);
    for (size_t i = 0; i < names.count; i++)
        ids[i] = names.list[i].id;
    c->mentioned = (struct ids){ids, names.count};
    return NULL;
}

static struct err *check_body(struct web *w, struct comment *c, struct issues *issues)
{
    c->body = text_trim(w->arena, c->body ? c->body : "");
    if (text_empty(c->body))
        issue(issues, "body", "Write something first.");
    else if (text_length(c->body) > COMMENT_MOST)
        issue(issues, "body",
              "The text has %lld characters; at most %d are possible. Put the rest into a document "
              "or a second comment.",
              (i64)text_length(c->body), COMMENT_MOST);
    return issues->count ? NULL : comment_find_mentions(w, c, issues);
}

struct err *comment_store(struct web *w, struct comment *c, struct issues *issues)
{
    if (!w->person)
        return err_new(ERR_DENIED, "Comments are written by people: sign in as a person of this "
                                   "organisation.");
    TRY(check_body(w, c, issues));
    if (issues->count)
        return NULL;
    if (!text_equal(c->kind, "question"))
        c->title = markdown_excerpt(w->arena, c->body, TITLE_MOST);
    if (text_empty(c->title)) /* nothing but signs */
        c->title = "…";
    if (c->id) {
        c->edited = w->now;
    } else {
        c->author = w->person;
        c->written = w->now;
    }
    return entity_write(w, &comment_entity, c, NULL, issues);
}

struct err *comment_change(struct web *w, struct comment *c, const char *reason)
{
    struct issues issues = {.arena = w->arena};

    TRY(entity_write(w, &comment_entity, c, reason, &issues));
    if (issues.count)
        return err_new(ERR_INVALID, "%s", issues.list[0].text);
    return NULL;
}
