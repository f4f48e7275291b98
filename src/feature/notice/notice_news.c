/* SPDX-License-Identifier: Apache-2.0 */
/* Whom an entry of the log concerns: who newly stands in a field that gives work or responsibility,
 * who may approve what was submitted, who owns or watches what was changed or removed. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/entity_sql.h"
#include "core/permit.h"
#include "core/work.h"
#include "feature/notice/notice_part.h"
#include "feature/organisation/organisation.h"

#define WATCHERS_MOST 1000

/* An entry, the record after it and the version before it (NULL: none). */
struct event {
    const struct log_entry *x;
    const struct entity *entity;
    const struct record *before, *after;
    const char *label, *title;
};

static void add_news(struct web *w, struct news *n, struct telling t)
{
    if (n->count == n->room) {
        struct telling *more = NEW_ARRAY(w->arena, struct telling, n->room * 2 + 16);

        if (n->count)
            memcpy(more, n->list, n->count * sizeof(*more));
        n->list = more;
        n->room = n->room * 2 + 16;
    }
    n->list[n->count++] = t;
}

static struct telling telling_of(const struct event *v)
{
    return (struct telling){.record = v->x->record,
                            .idx = v->x->idx,
                            .actor = v->x->person,
                            .entity = v->entity,
                            .label = v->label,
                            .title = v->title};
}

/* --- who is new in a field --- */

static bool gives_work(const struct field *f)
{
    return f->kind == FIELD_REF && f->concerns && !f->internal && f->ref == &person_entity;
}

static void look_at_people(struct web *w, const struct event *v, struct news *out)
{
    for (size_t i = 0; i < v->entity->nfields; i++) {
        const struct field *f = &v->entity->fields[i];
        i64 now = gives_work(f) ? field_num(f, v->after) : 0;
        struct telling t = telling_of(v);

        if (!now || now == v->x->person || (v->before && field_num(f, v->before) == now))
            continue;
        t.person = now;
        t.words[0] = f->label;
        t.field = f;
        t.what = NEWS_MINE;
        add_news(w, out, t);
    }
}

/* --- what waits for a decision --- */

/* "soa.approve", when the state that the kind has now waits for it. */
static const struct permission *approval_of(struct web *w, const struct entity *e,
                                            const struct record *r)
{
    const struct field *f = e->state ? entity_field(e, e->state) : NULL;
    const char *state = f ? field_str(f, r) : NULL;

    if (!text_equal(state, "submitted"))
        return NULL;
    return feature_permission(arena_printf(w->arena, "%s.approve", e->name));
}

static struct err *look_at_approval(struct web *w, const struct event *v, struct news *out)
{
    struct telling t = telling_of(v);
    struct work_ask ask = {0};

    t.what = NEWS_APPROVAL;
    t.approve = approval_of(w, v->entity, v->after);
    if (t.approve && !(v->before && approval_of(w, v->entity, v->before)))
        add_news(w, out, t);
    for (size_t f = 0; features[f]; f++)
        for (const struct work_source *s = features[f]->work; s && s->name; s++) {
            if (!s->asks)
                continue;
            TRY(s->asks(w, v->entity, v->before, v->after, &ask));
            if (!ask.record || (ask.person && ask.person == v->x->person))
                continue;
            t = (struct telling){.what = NEWS_APPROVAL,
                                 .person = ask.person,
                                 .approve = ask.right,
                                 .record = ask.record,
                                 .label = ask.label,
                                 .title = ask.title,
                                 .path = ask.path,
                                 .cause = ask.cause,
                                 .actor = v->x->person};
            add_news(w, out, t);
            ask = (struct work_ask){0};
        }
    return NULL;
}

/* --- what was changed or removed --- */

/* What people type and states; the rest is set by code, and their features tell about it. */
static bool is_told(const struct entity *e, const struct field *f)
{
    if (f->derived || f->secret)
        return false;
    return !f->internal || (e->state && text_equal(f->name, e->state));
}

/* A kind without any field that people type (comments) is told by its feature. */
static bool is_typed(const struct entity *e)
{
    for (size_t i = 0; i < e->nfields; i++)
        if (!e->fields[i].internal && !e->fields[i].derived)
            return true;
    return false;
}

static size_t changed_fields(const struct event *v, struct telling *t)
{
    size_t n = 0;

    for (size_t i = 0; i < v->entity->nfields; i++) {
        const struct field *f = &v->entity->fields[i];

        if (!is_told(v->entity, f) || field_equal(f, v->before, v->after))
            continue;
        if (n < COUNT_OF(t->words))
            t->words[n] = f->label;
        n++;
    }
    return n;
}

static void add_reader(struct web *w, const struct telling *t, i64 person, i64 actor,
                       struct news *out)
{
    struct telling one = *t;

    if (!person || person == actor)
        return;
    for (size_t i = 0; i < out->count; i++)
        if (out->list[i].idx == t->idx && out->list[i].person == person)
            return;
    one.person = person;
    add_news(w, out, one);
}

/* Who stands in its fields. */
static void add_concerned(struct web *w, const struct event *v, const struct telling *t,
                          struct news *out)
{
    const struct entity *e = v->entity;

    for (size_t i = 0; i < e->nfields; i++) {
        struct ids people = {.count = 0};

        if (!e->fields[i].concerns || e->fields[i].ref != &person_entity)
            continue;
        people = field_targets(&e->fields[i], v->after);
        for (size_t k = 0; k < people.count; k++)
            add_reader(w, t, people.id[k], v->x->person, out);
    }
}

static struct err *add_watchers(struct web *w, const struct event *v, const struct telling *t,
                                struct news *out)
{
    struct ids people;

    TRY(notice_watchers(w, v->x->record, WATCHERS_MOST, &people));
    for (size_t i = 0; i < people.count; i++) {
        bool sees = true;

        if (t->what == NEWS_CHANGED)
            TRY(entity_seen_by(w, v->entity, v->x->record, people.id[i], &sees));
        if (sees)
            add_reader(w, t, people.id[i], v->x->person, out);
    }
    return NULL;
}

static struct err *look_at_change(struct web *w, const struct event *v, struct news *out)
{
    struct telling t = telling_of(v);

    if (!is_typed(v->entity))
        return NULL;
    t.what = text_equal(v->x->action, "remove") ? NEWS_REMOVED : NEWS_CHANGED;
    if (t.what == NEWS_CHANGED && (!v->before || !changed_fields(v, &t)))
        return NULL;
    t.path = t.what == NEWS_CHANGED && !v->entity->no_pages ? "?tab=history" : NULL;
    add_concerned(w, v, &t, out);
    return add_watchers(w, v, &t, out);
}

/* --- one entry --- */

/* The record of the entry as it was then, and the version before it. */
static struct err *load(struct web *w, struct event *v)
{
    const struct log_entry *x = v->x;
    i64 version = x->version;
    struct history_row *rows;
    struct version *last;
    size_t n;

    if (!version) {
        TRY(entity_versions_below(w, v->entity, x->record, 0, 1, &last, &n));
        for (size_t i = 0; i < n; i++)
            version = last[i].version > version ? last[i].version : version;
    }
    TRY(entity_history_page(w, v->entity, x->record, version - 2, 2, &rows, &n));
    for (size_t i = 0; i < n; i++) {
        const struct record *head = rows[i].record;

        if (head->id == x->record && head->version == version)
            v->after = head;
        else if (head->id == x->record && head->version < version)
            v->before = head;
    }
    return NULL;
}

struct err *notice_news(struct web *w, const struct log_entry *x, struct news *out)
{
    struct event v = {.x = x, .entity = x->kind[0] ? feature_entity(x->kind) : NULL};
    bool removed = text_equal(x->action, "remove");

    if (!v.entity || v.entity->site || !x->record ||
        !(removed || text_equal(x->action, "create") || text_equal(x->action, "change")))
        return NULL;
    TRY(load(w, &v));
    if (!v.after)
        return NULL;
    v.title = field_str(entity_field(v.entity, v.entity->title), v.after);
    record_label(w->arena, v.entity, v.after->number, &v.label);
    if (!removed) {
        look_at_people(w, &v, out);
        TRY(look_at_approval(w, &v, out));
    }
    return look_at_change(w, &v, out);
}

/* --- telling --- */

static struct err *tell_role(struct web *w, const struct telling *t, const struct notice *n)
{
    const char *const *roles;
    size_t count = permit_roles(w->app, &roles);

    for (size_t i = 0; i < count; i++)
        if (permit_role_has(w->app, roles[i], t->approve))
            TRY(notice_add_role(w, roles[i], n, "%s “%s” waits for your decision.", t->label,
                                t->title));
    return NULL;
}

static struct err *tell_approval(struct web *w, const struct telling *t)
{
    struct notice n = {
        .person = t->person, .kind = "approval", .record = t->record, .path = t->path};
    i64 me = w->person;
    struct err *failed;

    n.cause = t->cause ? t->cause : arena_printf(w->arena, "log:%lld:submitted", t->idx);
    if (t->person)
        return notice_add(w, &n, "%s “%s” waits for your decision.", t->label, t->title);
    w->person = t->actor; /* who wrote the plan knows */
    failed = tell_role(w, t, &n);
    w->person = me;
    return failed;
}

static struct err *tell_changed(struct web *w, const struct telling *t)
{
    struct notice n = {.person = t->person,
                       .kind = "change",
                       .record = t->record,
                       .path = t->path,
                       .cause = arena_printf(w->arena, "log:%lld:changed", t->idx)};

    if (t->what == NEWS_REMOVED)
        return notice_add(w, &n, "%s “%s” was removed.", t->label, t->title);
    if (t->words[2])
        return notice_add(w, &n, "%s “%s” was changed: %s, %s and others.", t->label, t->title,
                          notice_word(w, t->words[0]), notice_word(w, t->words[1]));
    if (t->words[1])
        return notice_add(w, &n, "%s “%s” was changed: %s and %s.", t->label, t->title,
                          notice_word(w, t->words[0]), notice_word(w, t->words[1]));
    return notice_add(w, &n, "%s “%s” was changed: %s.", t->label, t->title,
                      notice_word(w, t->words[0]));
}

struct err *notice_news_tell(struct web *w, const struct telling *t)
{
    struct notice n = {.person = t->person, .kind = "assigned", .record = t->record};

    if (t->what == NEWS_APPROVAL)
        return tell_approval(w, t);
    if (t->what != NEWS_MINE)
        return tell_changed(w, t);
    n.cause = arena_printf(w->arena, "log:%lld:%s", t->idx, t->words[0]);
    return notice_add(w, &n, "%s “%s” is yours now (%s).", t->label, t->title,
                      notice_word(w, t->words[0]));
}
