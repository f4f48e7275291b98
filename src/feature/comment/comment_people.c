/* SPDX-License-Identifier: Apache-2.0 */
/* Whom one may name. Who may read the register of people names anybody who is active; others name
 * those whom they meet at this place anyway: people of the record, of the thread, and the
 * information security manager. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "feature/comment/comment_part.h"
#include "feature/organisation/organisation.h"
#include "out/markdown.h"

#define NEAR_MOST 60
#define SCAN_MOST 2000 /* people looked through for a name that is not their first */
#define WORDS_MOST 4
#define PICKED 8
#define NAMED_MOST 20 /* people in one text; more names stay text */

/* --- people of the place --- */

struct people {
    struct web *w;
    struct named *list;
    size_t count, room;
};

static void add_person(struct people *p, const struct rows *r)
{
    for (size_t i = 0; i < p->count; i++)
        if (p->list[i].id == row_num(r, 0))
            return;
    if (p->count < p->room)
        p->list[p->count++] = (struct named){.id = row_num(r, 0),
                                             .number = row_num(r, 1),
                                             .name = row_text(r, 2),
                                             .job = row_text(r, 3)};
}

static void add_people(struct people *p, struct rows *r)
{
    while (row_next(r))
        add_person(p, r);
}

/* The people that the fields of the record name: owner, assignee, author. */
static struct err *add_of_record(struct people *p, i64 about)
{
    struct web *w = p->w;
    struct record_head head;
    struct rows *r;
    void *record;

    if (!about)
        return NULL;
    TRY(record_head(w, about, &head));
    if (!head.entity || head.hidden || head.removed)
        return NULL;
    record = arena_alloc(w->arena, head.entity->size);
    TRY(entity_load(w, head.entity, about, record));
    for (size_t i = 0; i < head.entity->nfields; i++) {
        const struct field *f = &head.entity->fields[i];

        if (f->kind != FIELD_REF || f->ref != &person_entity || !field_num(f, record))
            continue;
        TRY(db_query(w->db, &r,
                     "select id, number, name, job from person where org_id = $1 and id = $2"
                     " and state = 'active'",
                     num(w->org), num(field_num(f, record))));
        add_people(p, r);
    }
    return NULL;
}

static struct err *near(struct web *w, const struct naming *n, struct people *p)
{
    struct rows *r;

    *p = (struct people){
        .w = w, .room = NEAR_MOST, .list = NEW_ARRAY(w->arena, struct named, NEAR_MOST)};
    TRY(add_of_record(p, n->about));
    TRY(db_query(w->db, &r,
                 "select p.id, p.number, p.name, p.job from person p where p.org_id = $1"
                 " and p.state = 'active' and (p.id in (select c.author from comment c where"
                 " c.org_id = $1 and (c.id = $2 or c.parent = $2 or c.about = $3))"
                 " or p.id in (select c.asked from comment c where c.org_id = $1 and c.id = $2))"
                 " order by p.name, p.id limit 40",
                 num(w->org), num_or_null(n->root), num_or_null(n->about)));
    add_people(p, r);
    TRY(db_query(w->db, &r,
                 "select p.id, p.number, p.name, p.job from role_holder h join person p"
                 " on p.org_id = h.org_id and p.id = h.person where h.org_id = $1"
                 " and h.role in ('isms-manager', 'adviser') and p.state = 'active'"
                 " and h.from_date <= $2 and (h.until is null or h.until >= $2)"
                 " order by p.name, p.id limit 20",
                 num(w->org), str(w->today)));
    add_people(p, r);
    return NULL;
}

/* --- the picker --- */

/* True when the folded text begins the folded name or one of its words. */
static bool fits(struct arena *a, const char *name, const char *folded)
{
    const char *text = text_fold(a, name);

    while (text) {
        if (text_starts(text, folded))
            return true;
        text = strchr(text, ' ');
        text = text ? text + 1 : NULL;
    }
    return false;
}

static struct err *scan(struct web *w, const char *folded, struct people *p)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select id, number, name, job from person where org_id = $1"
                 " and state = 'active' order by name, id limit $2",
                 num(w->org), num(SCAN_MOST)));
    while (p->count < p->room && row_next(r))
        if (fits(w->arena, row_text(r, 2), folded))
            add_person(p, r);
    return NULL;
}

/* "anna b" as names are usually written: "Anna B". */
static const char *with_capitals(struct arena *a, const char *text)
{
    char *copy = arena_str(a, text);

    for (char *p = copy; *p; p++)
        if (*p >= 'a' && *p <= 'z' && (p == copy || p[-1] == ' '))
            *p = (char)(*p - 'a' + 'A');
    return copy;
}

static struct err *by_beginning(struct web *w, const char *text, struct people *p)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select id, number, name, job from person where org_id = $1"
                 " and state = 'active' and name >= $2 and name < $3 order by name, id limit $4",
                 num(w->org), str(text), str(arena_printf(w->arena, "%s\xF4\x8F\xBF\xBD", text)),
                 num((i64)p->room)));
    add_people(p, r);
    return NULL;
}

struct err *comment_names(struct web *w, const struct naming *n, struct named_list *out)
{
    const char *text = text_trim(w->arena, n->text ? n->text : ""),
               *folded = text_fold(w->arena, text);
    struct people place, p = {.w = w, .room = (size_t)n->limit};

    p.list = NEW_ARRAY(w->arena, struct named, p.room + 1);
    TRY(near(w, n, &place));
    for (size_t i = 0; i < place.count && p.count < p.room; i++)
        if (fits(w->arena, place.list[i].name, folded))
            p.list[p.count++] = place.list[i];
    if (web_may(w, &person_read) && *text) {
        TRY(by_beginning(w, with_capitals(w->arena, text), &p));
        if (p.count < p.room)
            TRY(scan(w, folded, &p));
    }
    *out = (struct named_list){p.list, p.count};
    return NULL;
}

struct err *comment_people_page(struct web *w)
{
    const char *about = web_query(w, "about"), *root = web_query(w, "thread");
    struct naming n = {.text = web_query(w, "q"), .limit = PICKED};
    json_t *answer = json_array();
    struct named_list found;

    json_own(w->arena, answer);
    if (about)
        text_i64(about, &n.about);
    if (root)
        text_i64(root, &n.root);
    TRY(comment_names(w, &n, &found));
    for (size_t i = 0; i < found.count; i++) {
        const struct named *p = &found.list[i];
        json_t *one = json_object();

        json_object_set_new(one, "number",
                            json_string(arena_printf(w->arena, "P-%lld", p->number)));
        json_object_set_new(one, "name", json_string(p->name));
        json_object_set_new(one, "job", json_string(p->job));
        json_array_append_new(answer, one);
    }
    web_answer_json(w, 200, json_incref(answer));
    return NULL;
}

/* --- names in a text --- */

struct mentioning {
    struct web *w;
    struct issues *issues;
    struct people place;
    struct people found;
    bool reads;
    struct err *failed;
};

/* Ends of the first words after the "@", without what closes a sentence. */
static size_t name_ends(const char *text, size_t ends[WORDS_MOST])
{
    size_t n = 0, at = 0;

    while (n < WORDS_MOST) {
        size_t start = at, end;

        while (text[at] && !strchr(" \t\n@,;:!?()[]{}<>\"*_`|/\\&=+#", text[at]))
            at++;
        end = at;
        while (end > start && strchr(".-'", text[end - 1]))
            end--;
        if (end == start)
            break;
        ends[n++] = end;
        if (text[at] != ' ' || end != at)
            break;
        at++;
    }
    return n;
}

static bool is_in(const struct people *p, i64 id)
{
    for (size_t i = 0; i < p->count; i++)
        if (p->list[i].id == id)
            return true;
    return false;
}

/* "P-12": the number of somebody who may be named. */
static struct err *by_number(struct mentioning *m, const char *text, struct people *found)
{
    struct rows *r;
    i64 number;

    if (!text_starts(text, "P-") || !text_i64(text + 2, &number))
        return NULL;
    TRY(db_query(m->w->db, &r,
                 "select id, number, name, job from person where org_id = $1 and number = $2"
                 " and state = 'active'",
                 num(m->w->org), num(number)));
    if (row_next(r) && (m->reads || is_in(&m->place, row_num(r, 0))))
        add_person(found, r);
    return NULL;
}

/* People with exactly this name. */
static struct err *by_name(struct mentioning *m, const char *name, struct people *found)
{
    const char *folded = text_fold(m->w->arena, name);
    struct rows *r;

    for (size_t i = 0; i < m->place.count; i++)
        if (text_equal(text_fold(m->w->arena, m->place.list[i].name), folded) &&
            found->count < found->room && !is_in(found, m->place.list[i].id))
            found->list[found->count++] = m->place.list[i];
    if (!m->reads)
        return NULL;
    TRY(db_query(m->w->db, &r,
                 "select id, number, name, job from person where org_id = $1"
                 " and state = 'active' and (name = $2 or name = $3) order by number limit 6",
                 num(m->w->org), str(name), str(with_capitals(m->w->arena, name))));
    add_people(found, r);
    return NULL;
}

/* People whose first name this is. */
static struct err *by_first_name(struct mentioning *m, const char *name, struct people *found)
{
    const char *begin = arena_printf(m->w->arena, "%s ", text_fold(m->w->arena, name));

    for (size_t i = 0; i < m->place.count; i++)
        if (text_starts(text_fold(m->w->arena, m->place.list[i].name), begin) &&
            found->count < found->room)
            found->list[found->count++] = m->place.list[i];
    if (!m->reads)
        return NULL;
    return by_beginning(m->w, arena_printf(m->w->arena, "%s ", with_capitals(m->w->arena, name)),
                        found);
}

static const char *names_of(struct arena *a, const struct people *p)
{
    struct buf b;

    buf_init(&b, a, 100);
    for (size_t i = 0; i < p->count && i < 5; i++)
        buf_printf(&b, "%s%s (P-%lld)", i ? ", " : "", p->list[i].name, p->list[i].number);
    return b.data;
}

/* Takes the only one found; several of that name are told to the author. */
static bool take(struct mentioning *m, const char *name, const struct people *found)
{
    struct people *all = &m->found;

    if (found->count > 1)
        issue(m->issues, "body",
              "“@%.80s” could be several people: %s. Write the whole name, or the number as in "
              "“@P-%lld”.",
              name, names_of(m->w->arena, found), found->list[0].number);
    else if (!is_in(all, found->list[0].id) && all->count < all->room)
        all->list[all->count++] = found->list[0];
    return true;
}

static struct err *find_mention(struct mentioning *m, const char *text, size_t *size)
{
    size_t ends[WORDS_MOST], n = name_ends(text, ends);
    struct named room[6];
    struct people found = {.w = m->w, .list = room, .room = COUNT_OF(room)};

    *size = 0;
    if (!n)
        return NULL;
    TRY(by_number(m, arena_strn(m->w->arena, text, ends[0]), &found));
    if (found.count)
        n = 1;
    for (size_t i = n; i-- > 0 && !found.count;) {
        n = i + 1;
        TRY(by_name(m, arena_strn(m->w->arena, text, ends[i]), &found));
    }
    if (!found.count)
        TRY(by_first_name(m, arena_strn(m->w->arena, text, ends[0]), &found));
    if (found.count && take(m, arena_strn(m->w->arena, text, ends[n - 1]), &found))
        *size = ends[n - 1];
    return NULL;
}

static size_t on_mention(void *ctx, const char *text, size_t size, struct markdown_link *out)
{
    struct mentioning *m = ctx;
    size_t taken = 0;

    (void)size;
    *out = (struct markdown_link){0};
    if (!m->failed && m->found.count < m->found.room)
        m->failed = find_mention(m, text, &taken);
    return taken;
}

struct err *comment_mentions(struct web *w, const struct comment *c, struct named_list *out,
                             struct issues *issues)
{
    struct naming n = {.about = c->about, .root = c->parent ? c->parent : c->id};
    struct mentioning m = {.w = w, .issues = issues, .reads = web_may(w, &person_read)};
    const struct markdown_words words = {.ctx = &m, .mention = on_mention};

    *out = (struct named_list){0};
    if (!strchr(c->body, '@'))
        return NULL;
    TRY(near(w, &n, &m.place));
    m.found = (struct people){
        .w = w, .room = NAMED_MOST, .list = NEW_ARRAY(w->arena, struct named, NAMED_MOST)};
    markdown_scan(w->arena, c->body, &words);
    *out = (struct named_list){m.found.list, m.found.count};
    return m.failed;
}
