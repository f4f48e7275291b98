/* SPDX-License-Identifier: Apache-2.0 */
/* Who is told about a comment: who is named, asked or answered, and who owns the record. Nobody is
 * told who cannot see it, and nobody twice about the same text. */
#include "base/text.h"
#include "feature/comment/comment_part.h"
#include "feature/notice/notice.h"
#include "feature/organisation/organisation.h"

#define TOLD_MOST 40

struct telling {
    struct web *w;
    const struct comment *c, *root;
    const char *title; /* of the record or the question */
    i64 told[TOLD_MOST];
    size_t count;
};

static bool was_told(const struct telling *t, i64 person)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->told[i] == person)
            return true;
    return false;
}

/* By the record, or as part of the thread (`*record` is then false). */
static struct err *sees(struct telling *t, i64 person, bool *yes, bool *record)
{
    const struct comment *root = t->root;
    struct record_head head;

    *record = *yes = false;
    if (root->about) {
        TRY(record_head(t->w, root->about, &head));
        if (head.entity)
            TRY(entity_seen_by(t->w, head.entity, root->about, person, record));
    } else {
        TRY(entity_seen_by(t->w, &comment_entity, root->id, person, yes));
    }
    *yes |= *record || person == root->author || person == root->asked;
    return NULL;
}

struct told {
    i64 person;
    const char *kind, *cause;
};

/* False in `*tell` when this person is not to be told (again). */
static struct err *begin(struct telling *t, const struct told *who, struct notice *n, bool *tell)
{
    struct web *w = t->w;
    bool record = false;

    *tell = who->person && who->person != w->person && t->count < TOLD_MOST &&
            !was_told(t, who->person);
    if (*tell)
        TRY(sees(t, who->person, tell, &record));
    if (!*tell)
        return NULL;
    t->told[t->count++] = who->person;
    *n = (struct notice){.person = who->person,
                         .kind = who->kind,
                         .record = record ? t->root->about : 0,
                         .path = record
                                     ? arena_printf(w->arena, "?tab=comments#CM-%lld", t->c->number)
                                     : arena_printf(w->arena, "/comments/CM-%lld#CM-%lld",
                                                    t->c->number, t->c->number),
                         .cause = arena_printf(w->arena, "%s:%lld", who->cause, t->c->id)};
    return NULL;
}

#define TELL(t, p, k, why, ...)                                        \
    do {                                                               \
        struct notice n_;                                              \
        bool tell_;                                                    \
        TRY(begin((t), &(struct told){(p), (k), (why)}, &n_, &tell_)); \
        if (tell_)                                                     \
            TRY(notice_add((t)->w, &n_, __VA_ARGS__));                 \
    } while (0)

static struct err *tell_mentioned(struct telling *t)
{
    for (size_t i = 0; i < t->c->mentioned.count; i++)
        TELL(t, t->c->mentioned.id[i], "mention", "mention", "%s mentioned you: %s",
             t->w->person_name, t->c->title);
    return NULL;
}

/* Who has written in the thread. */
static struct err *tell_thread(struct telling *t)
{
    struct web *w = t->w;
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select distinct author from comment where org_id = $1"
                 " and (id = $2 or parent = $2) and removed_at is null limit 40",
                 num(w->org), num(t->root->id)));
    while (row_next(r))
        TELL(t, row_num(r, 0), "comment", "reply", "%s replied on %s.", w->person_name, t->title);
    return NULL;
}

/* Who watches the record. */
static struct err *tell_watchers(struct telling *t)
{
    struct ids people;

    if (!t->root->about)
        return NULL;
    TRY(notice_watchers(t->w, t->root->about, TOLD_MOST, &people));
    for (size_t i = 0; i < people.count; i++)
        TELL(t, people.id[i], "comment", "comment", "%s wrote about %s.", t->w->person_name,
             t->title);
    return NULL;
}

/* The people whom the record's fields name as concerned: its owner, its assignee. */
static struct err *tell_owners(struct telling *t)
{
    struct web *w = t->w;
    struct record_head head;
    void *record;

    if (!t->root->about)
        return NULL;
    TRY(record_head(w, t->root->about, &head));
    if (!head.entity || head.hidden || head.removed)
        return NULL;
    record = arena_alloc(w->arena, head.entity->size);
    TRY(entity_load(w, head.entity, head.id, record));
    for (size_t i = 0; i < head.entity->nfields; i++) {
        const struct field *f = &head.entity->fields[i];

        if (f->kind == FIELD_REF && f->ref == &person_entity && f->concerns)
            TELL(t, field_num(f, record), "comment", "comment", "%s wrote about %s.",
                 w->person_name, t->title);
    }
    return NULL;
}

static struct err *title_of(struct web *w, const struct comment *root, const char **out)
{
    struct record_head head;

    *out = root->title;
    if (!root->about)
        return NULL;
    TRY(record_head(w, root->about, &head));
    *out = record_head_text(w, &head);
    return NULL;
}

struct err *comment_tell(struct web *w, const struct comment *c, const struct comment *root,
                         enum comment_event event)
{
    struct telling t = {.w = w, .c = c, .root = root};

    TRY(title_of(w, root, &t.title));
    if (event == TOLD_QUESTION)
        TELL(&t, c->asked, "mention", "question", "%s asks you: %s", w->person_name, c->title);
    if (event == TOLD_ANSWER)
        TELL(&t, root->author, "mention", "answer", "%s answered your question: %s", w->person_name,
             root->title);
    if (event == TOLD_ACCEPTED)
        TELL(&t, c->author, "comment", "accepted", "%s accepted your answer to: %s", w->person_name,
             root->title);
    if (event == TOLD_RESOLVED)
        TELL(&t, root->author, "comment", "resolved", "%s settled your thread: %s", w->person_name,
             root->title);
    if (event == TOLD_ACCEPTED || event == TOLD_RESOLVED)
        return NULL;
    TRY(tell_mentioned(&t));
    if (event == TOLD_MENTION)
        return NULL;
    if (c->parent)
        TRY(tell_thread(&t));
    else if (event == TOLD_COMMENT)
        TRY(tell_owners(&t));
    return tell_watchers(&t);
}
