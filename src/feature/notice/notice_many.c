/* SPDX-License-Identifier: Apache-2.0 */
/* Many changes at once (an import, a change of many records, a hand-over) are told to each person
 * in one sentence, not in one notice for each record. */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "base/words.h"
#include "feature/notice/notice_part.h"

#define MANY 12                       /* of a kind, for one person, in one piece of the log */
#define TOGETHER ((i64)3600 * SECOND) /* how long a notice that is not read takes in more */

/* Those that are told together: same person, same thing, same field. */
struct bunch {
    const struct telling *first;
    size_t count;
};

static bool same(const struct telling *a, const struct telling *b)
{
    return a->what == b->what && a->person == b->person && a->entity == b->entity &&
           (a->what != NEWS_MINE || a->field == b->field);
}

static bool may_bunch(const struct telling *t)
{
    return t->entity && t->person &&
           (t->what == NEWS_MINE || t->what == NEWS_CHANGED || t->what == NEWS_REMOVED);
}

static const char *sentence_of(const struct telling *t)
{
    if (t->what == NEWS_MINE)
        return N_("Now yours: %s %s (%s).");
    return t->what == NEWS_CHANGED ? N_("Changed: %s %s.") : N_("Removed: %s %s.");
}

/* The list that shows them. */
static const char *path_of(struct web *w, const struct telling *t)
{
    const struct entity *e = t->entity;

    if (e->no_pages)
        return NULL;
    if (t->what == NEWS_MINE)
        return arena_printf(w->arena, "/%s?%s=me", e->plural, t->field->name);
    return arena_printf(w->arena, "/%s%s", e->plural, t->what == NEWS_REMOVED ? "/removed" : "");
}

/* The notice of the last hour that says the same, is not read and not mailed yet; 0 = none. */
static struct err *find_open(struct web *w, const struct notice *n, const char *sentence, i64 *id,
                             i64 *told)
{
    struct rows *r;
    json_t *list;

    *id = *told = 0;
    TRY(db_query(w->db, &r,
                 "select id, args from notice where org_id = $1 and person = $2 and record = 0"
                 " and read_at = 0 and mail <= 0 and kind = $3 and text = $4 and path = $5"
                 " and at > $6 order by id desc limit 1",
                 num(w->org), num(n->person), str(n->kind), str(sentence),
                 str(n->path ? n->path : ""), num(w->now - TOGETHER)));
    if (!row_next(r))
        return NULL;
    TRY(json_parse(w->arena, row_text(r, 1), strlen(row_text(r, 1)), &list));
    if (text_i64(json_string_value(json_array_get(list, 0)), told))
        *id = row_num(r, 0);
    return NULL;
}

/* More of the same: the notice of before counts them too. */
static struct err *add_up(struct web *w, i64 id, const char *args)
{
    return db_exec(w->db, "update notice set args = $3, at = $4 where org_id = $1 and id = $2",
                   num(w->org), num(id), str(args), num(w->now));
}

static struct err *tell_bunch(struct web *w, const struct bunch *b)
{
    const struct telling *t = b->first;
    const char *sentence = sentence_of(t);
    struct notice n = {.person = t->person,
                       .kind = t->what == NEWS_MINE ? "assigned" : "change",
                       .path = path_of(w, t),
                       .cause = arena_printf(w->arena, "log:%lld:many:%d:%s", t->idx, (int)t->what,
                                             t->what == NEWS_MINE ? t->field->name : "")};
    const char *values[] = {NULL, notice_word(w, t->entity->labels),
                            t->what == NEWS_MINE ? notice_word(w, t->field->label) : NULL, NULL};
    i64 id, told;

    TRY(find_open(w, &n, sentence, &id, &told));
    values[0] = arena_printf(w->arena, "%lld", told + (i64)b->count);
    if (id)
        return add_up(w, id, notice_values(w, values));
    return notice_add_text(w, NULL, &n, sentence, values);
}

struct err *notice_tell_all(struct web *w, const struct news *x)
{
    bool *done = NEW_ARRAY(w->arena, bool, x->count + 1);

    for (size_t i = 0; i < x->count; i++) {
        struct bunch b = {&x->list[i], 1};

        if (done[i])
            continue;
        for (size_t k = i + 1; may_bunch(b.first) && k < x->count; k++)
            b.count += same(b.first, &x->list[k]);
        if (b.count < MANY) {
            TRY(notice_news_tell(w, b.first));
            continue;
        }
        for (size_t k = i + 1; k < x->count; k++)
            done[k] = done[k] || same(b.first, &x->list[k]);
        TRY(tell_bunch(w, &b));
    }
    return NULL;
}
