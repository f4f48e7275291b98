/* SPDX-License-Identifier: Apache-2.0 */
/* The hand-over of a person's work: what somebody owns or has to do is found by walking the field
 * tables, so that later registers take part by themselves; it goes to others in one transaction and
 * is kept as a record that can be taken back. */
#include "feature/task/handover.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "base/words.h"
#include "core/list.h"
#include "core/page.h"
#include "core/permit.h"
#include "feature/organisation/organisation.h"

#define EACH_MOST 2000 /* records of one kind in one step */

static const struct choice states[] = {
    {"running", "Under way", "blue"},
    {"done",   "Handed over", "green"},
    {"undoing",    "Being taken back", "orange"},
    {"undone",  "Taken back", "grey"},
    {0},
};

static const struct field fields[] = {
    TEXT(handover, title, "What", .internal = true, .listed = true),
    REF(handover, person, "Work of", person_entity, .internal = true, .listed = true,
        .filtered = true),
    TEXT(handover, reason, "Reason", .internal = true, .listed = true, .max = 500),
    CHOICE(handover, state, "State", states, .internal = true, .listed = true, .filtered = true),
    DATE(handover, handed_on, "On", .internal = true, .listed = true),
    REF(handover, handed_by, "By", person_entity, .internal = true, .listed = true),
    INT(handover, moved, "Records", .internal = true, .listed = true, .least = 0,
        .most = 100000000),
    LONG(handover, body, "What went to whom", .internal = true, .unfolded = true),
};

const struct entity handover_entity = ENTITY(
    handover, fields, .plural = "handovers", .label = "Hand-over", .labels = "Hand-overs",
    .few = true, .prefix = "HO", .title = "title", .state = "state", .closed = "done undone",
    .read = &person_read, .write = &person_write, .no_create = true, .clause = "5.3, A.5.11, A.6.5",
    .help = "What somebody owned and had to do, and who got it when they left: one step, with its "
            "reason, that can be taken back.",
    .empty = "Nobody's work was handed over yet. When somebody leaves, open their page and choose "
             "“Hand over the work”.");

/* --- what somebody has --- */

/* Fields by which a person answers for a record; who once wrote or scored it is history. */
bool handover_field(const struct field *f)
{
    if ((f->kind != FIELD_REF && f->kind != FIELD_REFS) || f->internal || f->derived || f->fixed)
        return false;
    return f->ref && text_equal(f->ref->name, "person") &&
           (f->concerns || text_equal(f->name, "owner") || text_equal(f->name, "head"));
}

static void only_open(struct web *w, const struct entity *e, struct list_query *q)
{
    static const char *const texts[] = {"@1", "@1, @2", "@1, @2, @3", "@1, @2, @3, @4"};
    char **codes;
    size_t n = e->closed && e->state ? text_split(w->arena, e->closed, ' ', &codes) : 0;

    if (e == &role_holder_entity) {
        q->extra = "t.until is null or t.until >= @1";
        q->extra_vals[q->nextra++] = str(w->today);
    }
    if (!n || n > COUNT_OF(texts))
        return;
    q->extra = arena_printf(w->arena, "t.%s is null or t.%s not in (%s)", e->state, e->state,
                            texts[n - 1]);
    for (size_t i = 0; i < n; i++)
        q->extra_vals[q->nextra++] = str(codes[i]);
}

void handover_add(const struct web *w, struct handover_kind *k, const struct record *r)
{
    const struct role_holder *role = k->entity == &role_holder_entity ? (const void *)r : NULL;
    const struct field *title = entity_field(k->entity, k->entity->title);
    const char *text = title && title->kind == FIELD_TEXT ? field_str(title, r) : NULL;

    k->items[k->count++] = (struct handover_item){
        .id = r->id, .number = r->number, .version = r->version, .title = text ? text : ""};
    if (role && !permit_covers(w->app, role->role ? role->role : "", w->rights))
        k->items[k->count - 1].locked = true;
}

void handover_query(struct web *w, const struct handover_kind *k, i64 person, struct list_query *q)
{
    *q = (struct list_query){.entity = k->entity, .limit = 200, .nfilters = 1};
    q->filters[0] = (struct list_filter){
        .field = k->field, .name = k->field->name, .how = LIST_IS, .num = person};
    only_open(w, k->entity, q);
}

static struct err *find_kind(struct web *w, i64 person, struct handover_kind *k)
{
    struct list_query q;
    struct list_result r;

    handover_query(w, k, person, &q);
    k->items = NEW_ARRAY(w->arena, struct handover_item, EACH_MOST + 200);
    do {
        TRY(list_run(w, &q, false, &r));
        for (size_t i = 0; i < r.count; i++)
            handover_add(w, k, (const void *)((const char *)r.records + i * k->entity->size));
        q.after = r.next;
    } while (r.next && k->count < EACH_MOST);
    k->more = r.next != NULL;
    k->may = web_may(w, k->entity->write);
    return NULL;
}

struct err *handover_find(struct web *w, i64 person, struct handover_list *out)
{
    *out = (struct handover_list){0};
    for (size_t i = 0; features[i]; i++) {
        const struct entity *const *list = features[i]->entities;

        for (size_t k = 0; list && list[k]; k++)
            for (size_t f = 0; f < list[k]->nfields && !list[k]->site; f++) {
                struct handover_kind one = {.entity = list[k], .field = &list[k]->fields[f]};

                if (!handover_field(one.field) || out->count == HANDOVER_KINDS)
                    continue;
                TRY(find_kind(w, person, &one));
                if (one.count)
                    out->kinds[out->count++] = one;
                out->records += one.count;
            }
    }
    return NULL;
}

/* --- giving it to others --- */

static struct err *refused(const struct handover_kind *k, const struct handover_item *item,
                           const char *why)
{
    return err_new(ERR_INVALID, "%s-%lld “%.60s”: %s Nothing was handed over.", k->entity->prefix,
                   item->number, item->title, why);
}

static void swap_ids(struct web *w, const struct field *f, void *record, i64 from, i64 to)
{
    const struct ids *old = field_ids(f, record);
    i64 *list = NEW_ARRAY(w->arena, i64, old->count + 1);
    size_t n = 0;

    for (size_t i = 0; i < old->count; i++)
        if (old->id[i] != from && old->id[i] != to)
            list[n++] = old->id[i];
    if (to)
        list[n++] = to;
    field_set_ids(f, record, (struct ids){list, n});
}

static void set_person(struct web *w, const struct field *f, void *record, i64 from, i64 to)
{
    if (f->kind == FIELD_REFS)
        swap_ids(w, f, record, from, to);
    else
        field_set_num(f, record, to);
}

static struct err *note(struct web *w, struct handing *m, const struct handed *x)
{
    json_t *o;

    m->moved++;
    if (m->handover)
        return db_exec(w->db,
                       "insert into handover_item (org_id, handover, seq, kind, field, record,"
                       " number, title, target, until, undone)"
                       " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0)",
                       num(w->org), num(m->handover), num(++m->seq), str(x->kind), str(x->field),
                       num(x->id), num(x->number), str(x->title), num(x->to),
                       str_or_null(x->until));
    o = json_object();
    json_object_set_new(o, "kind", json_string(x->kind));
    json_object_set_new(o, "field", json_string(x->field));
    json_object_set_new(o, "id", json_integer(x->id));
    json_object_set_new(o, "number", json_integer(x->number));
    json_object_set_new(o, "title", json_string(x->title));
    json_object_set_new(o, "to", json_integer(x->to));
    if (x->until)
        json_object_set_new(o, "until", json_string(x->until));
    json_array_append_new(m->body, o);
    return NULL;
}

static struct handed handed(const struct handover_kind *k, const struct handover_item *item)
{
    return (struct handed){.kind = k->entity->name,
                           .field = k->field->name,
                           .title = item->title,
                           .id = item->id,
                           .number = item->number,
                           .to = item->to};
}

/* A role is not passed on like a thing: the old one ends today and a new one begins. */
static struct err *move_role(struct web *w, struct handing *m, const struct handover_kind *k,
                             const struct handover_item *item, struct issues *out)
{
    struct handed x = handed(k, item);
    struct role_holder h, next;

    TRY(entity_load(w, &role_holder_entity, item->id, &h));
    next = h;
    x.until = h.until;
    h.until = h.from_date && strcmp(h.from_date, w->today) > 0 ? h.from_date : w->today;
    TRY(entity_write(w, k->entity, &h, m->reason, out));
    x.to = 0;
    if (item->to != m->person && !out->count) {
        next.id = next.number = next.version = 0;
        next.person = item->to;
        next.from_date = w->today;
        next.acknowledged = NULL;
        TRY(entity_write(w, k->entity, &next, m->reason, out));
        x.to = next.id;
    }
    return out->count ? NULL : note(w, m, &x);
}

struct err *handover_move(struct web *w, struct handing *m, const struct handover_kind *k,
                          const struct handover_item *item, i64 *version, struct issues *out)
{
    struct handed x = handed(k, item);
    struct record *r = arena_alloc(w->arena, k->entity->size);

    if (k->entity == &role_holder_entity)
        return move_role(w, m, k, item, out);
    TRY(entity_load(w, k->entity, item->id, r));
    if (r->version != item->version) {
        issue(out, "", "somebody changed it meanwhile. Load the page again.");
        return NULL;
    }
    set_person(w, k->field, r, m->person, item->to);
    TRY(entity_write(w, k->entity, r, m->reason, out));
    *version = r->version;
    return out->count ? NULL : note(w, m, &x);
}

struct place {
    size_t kind, item;
};

/* Somebody may own a record and verify it: the second change finds the version of the first. */
static void new_version(const struct handover_list *list, i64 id, i64 version)
{
    for (size_t i = 0; version && i < list->count; i++)
        for (size_t k = 0; k < list->kinds[i].count; k++)
            if (list->kinds[i].items[k].id == id)
                list->kinds[i].items[k].version = version;
}

static struct err *move_one(struct web *w, struct handing *m, const struct handover_list *list,
                            struct place at)
{
    const struct handover_kind *k = &list->kinds[at.kind];
    const struct handover_item *item = &k->items[at.item];
    struct issues found = {.arena = w->arena};
    i64 version = 0;

    TRY(handover_move(w, m, k, item, &version, &found));
    if (found.count)
        return refused(k, item, found.list[0].text);
    new_version(list, item->id, version);
    return NULL;
}

struct err *handover_run(struct web *w, const struct person *p, const struct handover_list *list,
                         const char *reason, i64 *number)
{
    struct handing m = {
        .person = p->id, .reason = reason, .body = json_own(w->arena, json_array())};
    struct issues found = {.arena = w->arena};
    struct handover h = {.title = arena_printf(w->arena, "Work of P-%lld", p->number),
                         .person = p->id,
                         .reason = reason,
                         .state = "done",
                         .handed_on = w->today,
                         .handed_by = w->person};

    for (size_t i = 0; i < list->count; i++)
        for (size_t k = 0; k < list->kinds[i].count; k++)
            if (list->kinds[i].items[k].to)
                TRY(move_one(w, &m, list, (struct place){i, k}));
    if (!m.moved)
        return err_new(ERR_INVALID, "Choose for at least one kind who gets it.");
    h.moved = m.moved;
    h.body = json_text(w->arena, m.body);
    TRY(entity_write(w, &handover_entity, &h, reason, &found));
    if (found.count)
        return err_new(ERR_INVALID, "%s", found.list[0].text);
    *number = h.number;
    return NULL;
}

/* --- taking it back --- */

static bool still_has(const struct field *f, const void *record, i64 person)
{
    if (f->kind != FIELD_REFS)
        return field_num(f, record) == person;
    for (size_t i = 0; i < field_ids(f, record)->count; i++)
        if (field_ids(f, record)->id[i] == person)
            return true;
    return false;
}

static struct err *back_role(struct web *w, const struct handed *x, const char *reason, bool *done)
{
    struct issues found = {.arena = w->arena};
    struct role_holder h;
    struct err *gone = entity_load(w, &role_holder_entity, x->id, &h);

    if (gone)
        return gone->code == ERR_MISSING ? NULL : gone;
    h.until = x->until;
    TRY(entity_write(w, &role_holder_entity, &h, reason, &found));
    *done = !found.count;
    if (!x->to)
        return NULL;
    gone = entity_load(w, &role_holder_entity, x->to, &h);
    if (gone)
        return gone->code == ERR_MISSING ? NULL : gone;
    return entity_remove(w, &role_holder_entity, h.id, h.version, reason);
}

/* What was changed again since then stays as it is. */
struct err *handover_back_one(struct web *w, i64 person, const struct handed *x, bool *done)
{
    const struct entity *e = x->kind ? feature_entity(x->kind) : NULL;
    const struct field *f = e && x->field ? entity_field(e, x->field) : NULL;
    const char *reason = tr("The hand-over was taken back");
    struct issues found = {.arena = w->arena};
    struct err *gone;
    void *r;

    *done = false;
    if (!f)
        return NULL;
    if (e == &role_holder_entity)
        return back_role(w, x, reason, done);
    r = arena_alloc(w->arena, e->size);
    gone = entity_load(w, e, x->id, r);
    if (gone)
        return gone->code == ERR_MISSING ? NULL : gone;
    if (!still_has(f, r, x->to))
        return NULL;
    set_person(w, f, r, x->to, person);
    TRY(entity_write(w, e, r, reason, &found));
    *done = !found.count;
    return NULL;
}

struct err *handover_back(struct web *w, struct handover *h, i64 *undone)
{
    struct issues found = {.arena = w->arena};
    json_t *body, *o;
    size_t i;

    *undone = 0;
    if (!text_equal(h->state, "done"))
        return err_new(ERR_CLASH, "This hand-over was taken back already.");
    TRY(json_parse(w->arena, h->body, strlen(h->body), &body));
    json_array_foreach(body, i, o)
    {
        struct handed x = {.kind = json_string_value(json_object_get(o, "kind")),
                           .field = json_string_value(json_object_get(o, "field")),
                           .id = json_integer_value(json_object_get(o, "id")),
                           .to = json_integer_value(json_object_get(o, "to")),
                           .until = json_string_value(json_object_get(o, "until"))};
        bool done;

        TRY(handover_back_one(w, h->person, &x, &done));
        *undone += done;
    }
    h->state = "undone";
    TRY(entity_write(w, &handover_entity, h, tr("Taken back"), &found));
    return found.count ? err_new(ERR_INVALID, "%s", found.list[0].text) : NULL;
}
